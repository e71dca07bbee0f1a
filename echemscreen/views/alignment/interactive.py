"""The drawing as a page for the browser that needs no network: ``diagram.js`` draws it, as in every page."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from echemscreen.files import written_whole
from echemscreen.scales import electrode
from echemscreen.views.alignment.drawing import Drawing
from echemscreen.views.device.device_layout import Device
from echemscreen.views.report import document
from echemscreen.views.report.drawings import structure
from echemscreen.views.report.packing import in_portions

_SCRIPT = ("unpack.js", "scales.js", "diagram.js", "download.js", "alone.js")
_PORTION = 100


def as_json(drawing: Drawing, device: Device | None = None) -> dict[str, Any]:
    """The one object of which pages draw: the fields of a drawing in V vs SHE."""
    sigmas = {"CBM": drawing.cbm_sigma, "VBM": drawing.vbm_sigma}
    content = asdict(drawing)
    return content | {
        "first_x": drawing.first_x,
        "last_x": drawing.last_x,
        "device": None if device is None else asdict(device),
        "guides": [guide | {"sigma": sigmas.get(guide["name"])} for guide in content["guides"]],
    }


def page_of(drawing: Drawing, device: Device | None = None, *, scale: str = "she") -> str:
    """The whole page; the same drawing gives the same page.

    Parameters
    ----------
    drawing, device
        In V vs SHE.
    scale
        The axis that the page begins with.

    Raises
    ------
    InputError
        if the scale is unknown.
    """
    title, _, rest = drawing.caption.partition(". ")
    content = as_json(drawing, device)
    for place, column in enumerate(content["columns"]):
        column["place"] = place
    images = [structure(column.smiles, column.n_unpaired) for column in drawing.columns]
    return document.made(
        "diagram.html.j2",
        document.script_of(*_SCRIPT),
        page=document.facts()
        | {
            "dot": title,
            "drawing": content,
            "first": electrode(scale).scale,
            "portions": {"structures": _PORTION},
        },
        blocks=list(in_portions("structures", images, _PORTION)),
        title=title,
        caption=f"{rest}{'' if device is None else f' {device.caption}'}",
    )


def write_page(drawing: Drawing, path: Path, *, device: Device | None = None, scale: str) -> None:
    """Write the page, whole or not at all; see :func:`page_of`.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    with written_whole(path, "The page") as place:
        place.write_text(page_of(drawing, device, scale=scale), encoding="utf-8", errors="replace")
