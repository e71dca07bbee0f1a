"""The drawing as a plotly figure, and as a page for the browser that needs no network."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from echemscreen.files import written_whole
from echemscreen.scales import electrode, reference_electrodes
from echemscreen.views.alignment.drawing import Column, Drawing, on_scale, one_line, signed
from echemscreen.views.alignment.interactive_page import FRAGMENT, PAGE, SCRIPT, STYLE
from echemscreen.views.alignment.plotly_device import device_parts
from echemscreen.views.alignment.plotly_notes import (
    arrow_notes,
    dot_parts,
    group_notes,
    guide_notes,
)
from echemscreen.views.alignment.plotly_traces import escaped, level_traces
from echemscreen.views.device.device_layout import Device, device_on_scale
from echemscreen.views.palette import EDGE_COLOUR, INK
from echemscreen.views.structure import structure_svg

#: Pixels: one species, the least plot, its height, and the names of edges and couples.
_UNIT_PX, _LEAST_PX, _HEIGHT_PX, _NAMES_PX = 18, 620, 720, 125


def figure(drawing: Drawing, device: Device | None = None) -> dict[str, Any]:
    """The drawing as ``{"data": ..., "layout": ...}``, as ``plotly.graph_objects.Figure`` takes it."""
    traces = level_traces(drawing)
    shapes, notes = dot_parts(drawing, whole=device is None)
    notes += [*guide_notes(drawing), *arrow_notes(drawing), *group_notes(drawing)]
    left, right = -0.7, drawing.last_x + _name_units(drawing)
    if device is not None:
        more, boxes, words, left, right = device_parts(drawing, device)
        traces, shapes, notes = [*traces, *more], [*boxes, *shapes], [*notes, *words]
    ticks = [] if drawing.groups else drawing.columns
    layout = {
        "template": None,
        "font": {"family": "Arial, Helvetica, sans-serif", "size": 12, "color": INK},
        "paper_bgcolor": "white",
        "plot_bgcolor": "white",
        "height": _HEIGHT_PX,
        "margin": {"l": 70, "r": 20, "t": 85 if device is None else 120, "b": 100},
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "bgcolor": "white", "font": {"size": 12}},
        "legend": {"orientation": "h", "x": 0, "y": 1.02 if device is None else 1.09, "yanchor": "bottom"},
        "shapes": shapes,
        "annotations": notes,
        "xaxis": {
            "range": [left, right],
            "tickmode": "array",
            "tickvals": [column.x for column in ticks],
            "ticktext": [escaped(column.label) for column in ticks],
            "tickangle": -50,
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "mirror": True,
            "linecolor": EDGE_COLOUR,
        },
        "yaxis": {
            "range": [drawing.bottom, drawing.top],
            "title": {"text": escaped(drawing.axis_label)},
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "mirror": True,
            "ticks": "outside",
            "linecolor": EDGE_COLOUR,
        },
    }
    return {"data": traces, "layout": layout}


def fragment(drawing: Drawing, *, element_id: str = "alignment", device: Device | None = None) -> str:
    """HTML to put into a page that has loaded plotly.js: buttons, plot, details, and the numbers as JSON.

    Parameters
    ----------
    element_id
        Letters, digits and hyphens; another one for each fragment of a page.
    device
        The layers around the dot, on the drawing's scale.

    Notes
    -----
    The page needs :data:`~echemscreen.views.alignment.interactive_page.STYLE` once in its style sheet and
    :data:`~echemscreen.views.alignment.interactive_page.SCRIPT` once in a script, before the fragment.
    """
    if not element_id.replace("-", "").isalnum():
        message = f"an element cannot be called {element_id!r}"
        raise ValueError(message)
    buttons = "".join(
        f'<button type="button" data-scale="{scale}">{html.escape(electrode(scale).label)}</button>'
        for scale in reference_electrodes()
    )
    width = _least_width_px(drawing) + (500 if device is not None else 0)
    return FRAGMENT.format(
        id=element_id,
        buttons=buttons,
        width=width,
        height=_HEIGHT_PX,
        caption=html.escape(f"{drawing.caption}{'' if device is None else f' {device.caption}'}"),
        spec=embedded_json(_spec(drawing, device)),
    )


def _least_width_px(drawing: Drawing) -> int:
    return round(_LEAST_PX + _UNIT_PX * max(drawing.last_x - 8, 0))


def _name_units(drawing: Drawing) -> float:
    """Room for the names of edges and couples where the page is narrowest, in units of the axis."""
    inner = _least_width_px(drawing) - 90
    return max(4.2, _NAMES_PX * (drawing.last_x + 0.7) / (inner - _NAMES_PX))


def write_page(drawing: Drawing, path: Path, *, device: Device | None = None) -> None:
    """Write a page with the drawing, plotly.js inside it, whole or not at all.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    text = PAGE.format(
        title=html.escape(drawing.caption.partition(". ")[0]),
        style=STYLE,
        plotly=plotly_js(),
        script=SCRIPT,
        body=fragment(drawing, device=device),
    )
    with written_whole(path, "The page") as place:
        place.write_text(text, encoding="utf-8", errors="replace")


def plotly_js() -> str:
    """The library that draws the traces, for a page without network."""
    from plotly.offline import get_plotlyjs  # noqa: PLC0415 - megabytes, needed by pages alone

    return str(get_plotlyjs())


def embedded_json(content: object) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _spec(drawing: Drawing, device: Device | None) -> dict[str, Any]:
    """Everything that the script of a page needs."""
    scales = {}
    for scale in reference_electrodes():
        moved = None if device is None else device_on_scale(device, drawing.scale, scale)
        scales[scale] = {"constant": _constant(scale), "figure": figure(on_scale(drawing, scale), moved)}
    species = [
        {
            "name": one_line(column.name or column.label),
            "verdict": column.verdict,
            "facts": [one_line(fact) for fact in column.facts],
            "smiles": column.smiles,
            "image": _image(column),
        }
        for column in drawing.columns
    ]
    return {"first": drawing.scale, "scales": scales, "species": species}


def _constant(scale: str) -> str:
    """By which constant a scale differs from SHE, and who says so."""
    row = reference_electrodes()[scale]
    if scale == "she":
        return "Potentials against the standard hydrogen electrode, as in the table."
    if scale == "vacuum":
        return (
            f"Electron energies: E = \N{MINUS SIGN}(U + {-row.offset_v_she:.2f} V) with U vs SHE; "
            f"± {row.uncertainty_v:.2f} V. {row.source}."
        )
    return (
        f"{row.label.partition(' ')[2]} lies at {signed(row.offset_v_she, 3)} V vs SHE in {row.solvent}; "
        f"± {row.uncertainty_v:.3f} V. {row.source}."
    )


def _image(column: Column) -> str:
    """A drawing of the molecule as an image that the page holds itself; blank if there is none."""
    svg = structure_svg(column.smiles, n_unpaired=column.n_unpaired) if column.smiles else ""
    return f"data:image/svg+xml,{quote(svg)}" if svg else ""
