"""Drawings inside a report: structures as small SVG, and figures with all that could act taken out."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from functools import lru_cache
from typing import Any

from rdkit import rdBase
from rdkit.Chem.Draw import rdMolDraw2D

from echemscreen.views.structure import drawable

WIDTH, HEIGHT = 200, 130
#: A share that is drawn; the disc of all of it, in units of a bond of 1.5; its colour.
_LEAST_SHADED, _WHOLE_RADIUS, _SHADE = 0.01, 1.3, (0.94, 0.78, 0.25)
_DISC = re.compile(r"<ellipse cx='([^']*)' cy='([^']*)' rx='([^']*)' [^>]*style='fill:([^;]*);[^>]*/>")
_SVG = "http://www.w3.org/2000/svg"
_PATH = re.compile(r"<path (?:class='[^']*' )?d='([^']*)' (?:style='([^']*)'|fill='([^']*)') ?/>")
#: Elements of a figure that draw; everything else is left out.
_DRAWN = frozenset(
    {
        "svg",
        "g",
        "defs",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "use",
        "clipPath",
        "style",
        "title",
        "desc",
        "linearGradient",
        "radialGradient",
        "stop",
        "marker",
        "pattern",
        "symbol",
    }
)
#: What a stylesheet must not do in a figure: ask for something outside it.
_OUTSIDE = re.compile(r"@import|url\(\s*['\"]?(?!#)", re.IGNORECASE)


@lru_cache(maxsize=4096)
def structure(smiles: str, n_unpaired: int | None = None, shares: tuple[float, ...] = ()) -> str:
    """A small SVG of a SMILES, paths of one style joined; blank if it cannot be drawn.

    Parameters
    ----------
    shares
        Of something that sits on the atoms: discs whose areas are as the shares, behind the drawing.
    """
    mol = drawable(smiles, n_unpaired)
    if mol is None:
        return ""
    with rdBase.BlockLogs():
        drawer = rdMolDraw2D.MolDraw2DSVG(WIDTH, HEIGHT)
        options: Any = drawer.drawOptions()
        options.clearBackground = False
        options.bondLineWidth = 1.2
        options.minFontSize = 9
        options.fixedBondLength = 22
        options.padding = 0.04
        shaded = {atom: share for atom, share in enumerate(shares) if share >= _LEAST_SHADED}
        options.fillHighlights = True
        options.atomHighlightsAreCircles = True
        try:
            rdMolDraw2D.PrepareAndDrawMolecule(
                drawer,
                mol,
                highlightAtoms=list(shaded),
                highlightAtomColors=dict.fromkeys(shaded, _SHADE),
                highlightAtomRadii={atom: _WHOLE_RADIUS * share**0.5 for atom, share in shaded.items()},
                highlightBonds=[],
            )
        except (RuntimeError, ValueError):
            return ""
        drawer.FinishDrawing()
        return _joined(str(drawer.GetDrawingText()))


def _joined(drawn: str) -> str:
    """RDKit writes a style with each bond: a path for each style takes less than half of the room."""
    discs = [f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"/>' for x, y, r, fill in _DISC.findall(drawn)]
    drawn = _DISC.sub("", drawn)
    if "<" in _PATH.sub("", drawn.partition("<!-- END OF HEADER -->")[2]).replace("</svg>", ""):
        return drawn  # something else than paths
    paths: dict[str, list[str]] = {}
    for found in _PATH.finditer(drawn):
        style = found[2] or f"fill:{found[3]}"
        paths.setdefault(style, []).append(found[1])
    body = "".join(discs) + "".join(
        f'<path style="{style}" d="{" ".join(parts)}"/>' for style, parts in paths.items()
    )
    return f'<svg xmlns="{_SVG}" viewBox="0 0 {WIDTH} {HEIGHT}">{body}</svg>'


def inert(svg: str) -> str:
    """A figure with nothing that acts or asks for a file; blank if it is no SVG.

    A browser runs no script of an image, but a reader may save the image and open it by itself.
    """
    try:
        root = ET.fromstring(svg)  # noqa: S314 - expat refuses expanding entities since 2.4.1
    except ET.ParseError:
        return ""
    if root.tag != f"{{{_SVG}}}svg":
        return ""
    _clean(root)
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    return ET.tostring(root, encoding="unicode")


def _clean(element: ET.Element) -> None:
    for name, value in list(element.attrib.items()):
        local = name.rpartition("}")[2].lower()
        leaves = local in {"href", "src"} and not value.startswith("#")
        if local.startswith("on") or leaves or _OUTSIDE.search(value):
            del element.attrib[name]
    if element.text and element.tag == f"{{{_SVG}}}style" and _OUTSIDE.search(element.text):
        element.text = ""
    for child in list(element):
        namespace, _, local = str(child.tag).removeprefix("{").rpartition("}")
        if namespace == _SVG and local in _DRAWN:
            _clean(child)
        else:
            element.remove(child)
