"""The levels of a drawing as plotly's traces, with what a reader sees who points at them.

Plotly reads a subset of HTML in every text that it draws; names, SMILES and sentences are data and go
through :func:`escaped`, the only way into a trace.
"""

from __future__ import annotations

import html
import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from echemscreen.records.processes import Process
from echemscreen.views.alignment.drawing import (
    Column,
    Drawing,
    Level,
    level_words,
    one_line,
    outwards,
    shortened,
    signed,
)
from echemscreen.views.palette import (
    COUPLE_COLOUR,
    EDGE_COLOUR,
    GREY,
    MARKERS,
    PALE,
    ROLES,
    SIGMA_ALPHA,
    SIGMA_COLOUR,
    STYLES,
    UNJUDGED,
)

_HALF = 0.32
_DASHES = {"adiabatic": "solid", "vertical": "2px,2px", "measured": "solid", "": "solid"}
_HOVER_WIDTH, _HOVER_LINES, _SMILES_WIDTH = 72, 20, 140

Trace = dict[str, Any]


def escaped(text: str, width: int | None = None) -> str:
    """Text for plotly: nothing in it is markup; broken into lines of ``width`` characters."""
    lines = [one_line(text)]
    if width is not None:
        lines = textwrap.wrap(shortened(text, _HOVER_LINES * width), width) or [""]
    return "<br>".join(html.escape(line, quote=False) for line in lines)


def level_traces(drawing: Drawing) -> list[Trace]:
    """Edges and couples, levels with their error bars, and the legend."""
    return [*_lines(drawing), *_bars(drawing), *_markers(drawing), *_couples(drawing), *_legend(drawing)]


def _lines(drawing: Drawing) -> list[Trace]:
    """Edges across the drawing, couples across the species; each tells its number."""
    traces = []
    for guide in drawing.guides:
        is_couple = guide.kind == "couple"
        sigma = {"CBM": drawing.cbm_sigma, "VBM": drawing.vbm_sigma}.get(guide.name)
        start = drawing.first_x if is_couple else -0.5
        against = drawing.axis_label.rpartition(" / ")[2]
        words = f"{guide.name} {signed(guide.value, 2)}" + ("" if sigma is None else f" ± {sigma:.2f}")
        count = max(math.ceil(drawing.last_x - start), 1)
        xs = [start + (drawing.last_x + 0.2 - start) * index / count for index in range(count + 1)]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": xs,
                "y": [guide.value] * len(xs),
                "line": {
                    "color": COUPLE_COLOUR if is_couple else EDGE_COLOUR,
                    "width": 1.2,
                    "dash": "dot" if is_couple else "solid" if guide.kind == "user edge" else "dash",
                },
                "hoverinfo": "text",
                "hovertext": escaped(f"{words} {against}"),
                "showlegend": False,
            }
        )
    return traces


def _bars(drawing: Drawing) -> list[Trace]:
    """The levels' lines: solid, dotted or double, as they were found."""
    pieces: dict[tuple[str, str, bool], tuple[list[float | None], list[float | None]]] = {}
    for column, level in _inside(drawing):
        xs, ys = pieces.setdefault((level.verdict, level.basis, column.decides), ([], []))
        xs += [column.x - _HALF, column.x + _HALF, None]
        ys += [level.value, level.value, None]
    traces = []
    for (verdict, basis, decides), (xs, ys) in pieces.items():
        colour = STYLES.get(verdict, UNJUDGED)[0]
        for line, width in ((colour, 4.5), ("white", 1.5)) if basis == "measured" else ((colour, 3),):
            traces.append(
                {
                    "type": "scatter",
                    "mode": "lines",
                    "x": xs,
                    "y": ys,
                    "line": {"color": line, "width": width, "dash": _DASHES[basis]},
                    "opacity": 1.0 if decides else PALE,
                    "hoverinfo": "skip",
                    "showlegend": False,
                }
            )
    return traces


def _markers(drawing: Drawing) -> list[Trace]:
    """A marker with its error bar for each level; those beyond the axis can be pointed at, too."""
    traces = []
    places = {id(column): index for index, column in enumerate(drawing.columns)}
    verdicts = dict.fromkeys(level.verdict for column in drawing.columns for level in column.levels)
    for verdict in verdicts:
        for decides in (True, False):
            points = [
                (column, level)
                for column in drawing.columns
                for level in column.levels
                if level.verdict == verdict and column.decides == decides
            ]
            if not points:
                continue
            colour = STYLES.get(verdict, UNJUDGED)[0]
            known = [(c, level) for c, level in points if level.sigma is not None and not level.clipped]
            traces.append(_error_bars(drawing, known, colour) | {"opacity": 1.0 if decides else PALE})
            traces.append(
                {
                    "type": "scatter",
                    "meta": "levels",
                    "mode": "markers",
                    "x": [column.x for column, _ in points],
                    "y": [_shown_value(drawing, level) for _, level in points],
                    "customdata": [places[id(column)] for column, _ in points],
                    "marker": {
                        # Filled: reduction; open: oxidation, which hides the line behind it.
                        "color": [
                            colour if level.kind == Process.REDUCTION else "white" for _, level in points
                        ],
                        "size": 9,
                        "symbol": [_symbol(column, level) for column, level in points],
                        "opacity": [0.0 if level.clipped else 1.0 for _, level in points],
                        "line": {"color": colour, "width": 1.5},
                    },
                    "opacity": 1.0 if decides else PALE,
                    "hoverinfo": "text",
                    "hovertext": [_hover(drawing, column, level) for column, level in points],
                    "showlegend": False,
                }
            )
    return traces


def _couples(drawing: Drawing) -> list[Trace]:
    points = [column for column in drawing.columns if column.couple_value is not None]
    if not points:
        return []
    against = drawing.axis_label.rpartition(" / ")[2]
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "meta": "couples",
            "showlegend": False,
            "x": [column.x for column in points],
            "y": [column.couple_value for column in points],
            "customdata": [drawing.columns.index(column) for column in points],
            "marker": {
                "symbol": "star",
                "size": 13,
                "color": [STYLES.get(column.couple_verdict, UNJUDGED)[0] for column in points],
                "line": {"color": EDGE_COLOUR, "width": 0.7},
            },
            "hoverinfo": "text",
            "hovertext": [
                escaped(f"{column.couple} {signed(column.couple_value or 0.0, 2)} {against}")
                for column in points
            ],
        }
    ]


def _legend(drawing: Drawing) -> list[Trace]:
    """What verdicts, roles, filling and lines mean: traces without a point."""

    def sign(name: str, mode: str, **style: Any) -> Trace:  # noqa: ANN401
        empty: Trace = {"type": "scatter", "x": [None], "y": [None], "hoverinfo": "skip"}
        return empty | {"mode": mode, "name": name} | style

    columns = drawing.columns
    said = {level.verdict for column in columns for level in column.levels}
    said |= {column.couple_verdict for column in columns}
    found = []
    for verdict, (colour, marker) in STYLES.items():
        if verdict in said:
            symbol = "square" if drawing.groups else MARKERS[marker]
            found.append(sign(verdict, "markers", marker={"color": colour, "size": 9, "symbol": symbol}))
    for role, (marker, words) in ROLES.items():
        if any(column.role == role for column in columns):
            style = {
                "color": GREY,
                "size": 9,
                "symbol": MARKERS[marker],
                "line": {"color": GREY, "width": 1.5},
            }
            found.append(sign(words, "markers", marker=style))
    for words, symbol in (("reduction", "square"), ("oxidation", "square-open")):
        found.append(sign(words, "markers", marker={"color": GREY, "size": 8, "symbol": symbol}))
    bases = {level.basis for _, level in _inside(drawing)}
    for basis in ("adiabatic", "vertical", "measured"):
        if basis in bases:
            words = "measured (double line)" if basis == "measured" else basis
            line = {"color": GREY, "width": 3, "dash": _DASHES[basis]}
            found.append(sign(words, "lines", line=line))
    if any(column.couple_value is not None for column in columns):
        star = {"color": GREY, "size": 12, "symbol": "star", "line": {"color": EDGE_COLOUR, "width": 0.7}}
        found.append(sign("metal couple", "markers", marker=star))
    band = {"color": SIGMA_COLOUR, "size": 12, "symbol": "square", "opacity": 2 * SIGMA_ALPHA}
    return [*found, sign("1S edges ± one sd", "markers", marker=band)]


def _inside(drawing: Drawing) -> Iterable[tuple[Column, Level]]:
    return ((column, level) for column in drawing.columns for level in column.levels if not level.clipped)


def _shown_value(drawing: Drawing, level: Level) -> float:
    """A level's own value, or where its number stands if it lies beyond the axis."""
    if not level.clipped:
        return level.value
    end = drawing.top if level.clipped < 0 else drawing.bottom
    return end - math.copysign(0.06, level.clipped * -1.0) * drawing.upwards


def _symbol(column: Column, level: Level) -> str:
    return MARKERS[ROLES[column.role][0] if column.role else STYLES.get(level.verdict, UNJUDGED)[1]]


def _error_bars(drawing: Drawing, points: Sequence[tuple[Column, Level]], colour: str) -> Trace:
    """The error bars of levels whose uncertainty is known; a bound has an arrow in place of the outer arm."""
    arms: dict[bool, list[float | None]] = {True: [], False: []}
    for _, level in points:
        for towards_larger in (True, False):
            outer = level.bound and towards_larger == (outwards(drawing, level) > 0)
            arms[towards_larger].append(None if outer else level.sigma)
    return {
        "type": "scatter",
        "meta": "error bars",
        "mode": "markers",
        "x": [column.x for column, _ in points],
        "y": [level.value for _, level in points],
        "marker": {"opacity": 0.0, "color": colour},
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": arms[True],
            "arrayminus": arms[False],
            "color": colour,
            "thickness": 1.2,
            "width": 3,
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _hover(drawing: Drawing, column: Column, level: Level) -> str:
    """What a reader sees who points at a level."""
    lines: Sequence[str] = (
        level_words(drawing, level)
        + (f", {level.basis}" if level.basis else "")
        + (" (a bound: the true value lies further out)" if level.bound else ""),
        *([f"role: {ROLES[column.role][1]}"] if column.role else []),
        *([f"this level: {level.verdict}"] if level.verdict else []),
        f"verdict: {column.verdict}",
        *column.facts,
        *([f"SMILES {shortened(column.smiles, _SMILES_WIDTH)}"] if column.smiles else []),
    )
    title = f"<b>{escaped(column.name or column.label, _HOVER_WIDTH)}</b>"
    return "<br>".join([title, *(escaped(line, _HOVER_WIDTH) for line in lines)])
