"""The map as a page for the browser that needs no network: ``map.js`` draws it, as in the report."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from echemscreen.files import written_whole
from echemscreen.scales import electrode
from echemscreen.views.map.map_layout import MapDrawing
from echemscreen.views.report import document
from echemscreen.views.report.drawings import structure
from echemscreen.views.report.packing import in_portions, packed_json

_SCRIPT = ("unpack.js", "scales.js", "diagram.js", "map.js", "download.js", "map_alone.js")
_PORTION = 100


def frame_of(drawing: MapDrawing) -> dict[str, Any]:
    """Axes and edges of which pages draw, V vs SHE."""
    return {
        "x": drawing.x,
        "y": drawing.y,
        "cbm": drawing.cbm,
        "cbm_sigma": drawing.cbm_sigma,
        "vbm": drawing.vbm,
        "vbm_sigma": drawing.vbm_sigma,
    }


def page_of(drawing: MapDrawing, *, scale: str = "she") -> str:
    """The whole page; the same drawing gives the same page.

    Parameters
    ----------
    drawing
        In V vs SHE.
    scale
        The axes that the page begins with.

    Raises
    ------
    InputError
        if the scale is unknown.
    """
    drawn = {smiles: place for place, smiles in enumerate(dict.fromkeys(m.smiles for m in drawing.marks))}
    marks = [
        {
            "name": mark.name,
            "smiles": mark.smiles,
            "place": drawn[mark.smiles],
            "verdict": mark.verdict,
            "red": mark.e_red,
            "redSigma": mark.e_red_sigma,
            "redBound": mark.e_red_bound,
            "ox": mark.e_ox,
            "oxSigma": mark.e_ox_sigma,
            "oxBound": mark.e_ox_bound,
            "byCouple": mark.by_couple,
        }
        for mark in drawing.marks
    ]
    return document.made(
        "map.html.j2",
        document.script_of(*_SCRIPT),
        page=document.facts()
        | {
            "dot": drawing.title,
            "frame": frame_of(drawing),
            "first": electrode(scale).scale,
            "portions": {"structures": _PORTION},
        },
        blocks=[
            packed_json("marks", marks),
            *in_portions("structures", [structure(smiles) for smiles in drawn], _PORTION),
        ],
        title=drawing.title,
        caption=drawing.words,
    )


def write_page(drawing: MapDrawing, path: Path, *, scale: str) -> None:
    """Write the page, whole or not at all; see :func:`page_of`.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    with written_whole(path, "The page") as place:
        place.write_text(page_of(drawing, scale=scale), encoding="utf-8", errors="replace")
