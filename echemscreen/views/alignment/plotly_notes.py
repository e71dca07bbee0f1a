"""The dot, the names of lines, and arrows: what surrounds plotly's traces."""

from __future__ import annotations

import math
from typing import Any

from echemscreen.records.processes import Process
from echemscreen.views.alignment.drawing import Drawing, exciton_words, outwards, shortened, signed
from echemscreen.views.alignment.plotly_traces import Trace, escaped
from echemscreen.views.palette import (
    BAND_COLOUR,
    CORE_FILL,
    COUPLE_TEXT_COLOUR,
    DOT_FILL,
    EDGE_COLOUR,
    GAP_COLOUR,
    GREY,
    SIGMA_ALPHA,
    SIGMA_COLOUR,
    STYLES,
    TEXT_COLOURS,
    UNJUDGED,
    severest,
)

_SMALL_PX = 11


def dot_parts(drawing: Drawing, *, whole: bool) -> tuple[list[Trace], list[Trace]]:
    """Layers, gap and uncertainty of the edges; ``whole`` if bands reach to the ends of the axis."""
    end_x = drawing.last_x + 0.2
    shapes: list[Trace] = [
        _box(-0.5, end_x, drawing.cbm, drawing.vbm, fillcolor=GAP_COLOUR),
        *(
            _box(-0.5, end_x, edge - sigma, edge + sigma, fillcolor=SIGMA_COLOUR, opacity=SIGMA_ALPHA)
            for edge, sigma in ((drawing.cbm, drawing.cbm_sigma), (drawing.vbm, drawing.vbm_sigma))
        ),
    ]
    notes = []
    for index, block in enumerate(drawing.blocks):
        line = {"color": EDGE_COLOUR, "width": 0.8}
        ends = ((block.cbm, drawing.top), (block.vbm, drawing.bottom)) if whole else ((block.cbm, block.vbm),)
        fill = BAND_COLOUR if whole else CORE_FILL if index == len(drawing.blocks) // 2 else DOT_FILL
        shapes += [_box(block.x - 0.5, block.x + 0.5, *pair, fillcolor=fill, line=line) for pair in ends]
        notes.append(_note(block.x, 0.5 * (block.cbm + block.vbm), block.label, angle=-90, bgcolor="white"))
    if whole and drawing.exciton_ev > 0:
        x = len(drawing.blocks) - 0.25
        words = f"exciton {exciton_words(drawing.exciton_ev)}"
        notes += [
            _arrow(x, drawing.vbm, drawing.exciton_value, EDGE_COLOUR),
            _note(x + 0.5, 0.5 * (drawing.vbm + drawing.exciton_value), words, angle=-90),
        ]
    return shapes, notes


def guide_notes(drawing: Drawing) -> list[Trace]:
    """The names of edges and couples."""
    return [
        _note(
            drawing.last_x + 0.35,
            guide.label_value,
            guide.label,
            xanchor="left",
            font={"size": _SMALL_PX, "color": COUPLE_TEXT_COLOUR if guide.kind == "couple" else EDGE_COLOUR},
        )
        for guide in drawing.guides
    ]


def arrow_notes(drawing: Drawing) -> list[Trace]:
    """Bounds point outwards; levels beyond the axis show their values at its end."""
    notes = []
    for column in drawing.columns:
        for level in column.levels:
            colour = STYLES.get(level.verdict, UNJUDGED)[0]
            if level.bound and not level.clipped:
                out = outwards(drawing, level)
                tip = level.value + 0.05 * out + math.copysign(level.sigma or 0.0, out)
                notes.append(_arrow(column.x, level.value, tip, colour))
        for end in (-1, 1):
            beyond = [level for level in column.levels if level.clipped == end]
            if not beyond:
                continue
            verdict = severest(level.verdict for level in beyond)
            colour = STYLES.get(verdict, UNJUDGED)[0]
            frame = drawing.top if end < 0 else drawing.bottom
            inwards = -drawing.upwards if end < 0 else drawing.upwards
            values = sorted(beyond, key=lambda level: level.kind == Process.OXIDATION)
            notes += [
                _arrow(column.x, frame + 0.04 * inwards, frame, colour),
                _note(
                    column.x,
                    frame + 0.055 * inwards,
                    ", ".join(signed(level.value, 1) for level in values),
                    angle=-90,
                    yanchor="top" if end < 0 else "bottom",
                    font={"size": _SMALL_PX - 1, "color": TEXT_COLOURS.get(verdict, GREY)},
                ),
            ]
    return notes


def group_notes(drawing: Drawing) -> list[Trace]:
    """The name and the verdict of each ledger below its members."""
    notes = []
    for group in drawing.groups:
        lines = [f"<b>{escaped(shortened(group.label, 24))}</b>", escaped(group.verdict)]
        lines += [escaped(group.note)] if group.note else []
        notes.append(
            {
                **_note(0.5 * (group.start + group.end), 0.0, ""),
                "text": "<br>".join(lines),
                "yref": "paper",
                "yanchor": "top",
                "yshift": -6,
            }
        )
    return notes


def _box(x0: float, x1: float, y0: float, y1: float, **style: Any) -> Trace:  # noqa: ANN401
    shape: Trace = {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "layer": "below"}
    return shape | {"line": {"width": 0}} | style


def _note(x: float, y: float, text: str, *, angle: float = 0.0, **style: Any) -> Trace:  # noqa: ANN401
    note: Trace = {"x": x, "y": y, "text": escaped(text), "showarrow": False, "textangle": angle}
    return note | {"font": {"size": _SMALL_PX}} | style


def _arrow(x: float, start: float, tip: float, colour: str) -> Trace:
    return {
        "x": x,
        "y": tip,
        "ax": x,
        "ay": start,
        "axref": "x",
        "ayref": "y",
        "text": "",
        "showarrow": True,
        "arrowhead": 2,
        "arrowsize": 0.9,
        "arrowwidth": 1.2,
        "arrowcolor": colour,
    }
