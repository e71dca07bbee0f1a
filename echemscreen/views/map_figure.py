"""The map of many molecules: E_red against E_ox, one mark a molecule, the dot's edges as lines and bands.

Up are levels that an electron of the dot does not reach, to the right those that a hole does not reach: what
is inert for both carriers stands in the upper right corner. A map is placed first (:func:`layout`), as plain
numbers in the units of its axes, and then drawn (:func:`render`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from echemscreen.errors import InputError
from echemscreen.quantities import counted
from echemscreen.records.dots import DescribedDot
from echemscreen.records.processes import Process
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment.drawing import axis_label, shortened, unit_of
from echemscreen.views.alignment.placing import caption_of_dot
from echemscreen.views.alignment.rendering import caption_of, draw_caption, draw_legend, legend_size
from echemscreen.views.alignment.selection import largest_drive
from echemscreen.views.figure_file import made, write
from echemscreen.views.palette import (
    EDGE_COLOUR,
    GAP_COLOUR,
    GREY,
    INK,
    SIGMA_ALPHA,
    SIGMA_COLOUR,
    STYLES,
    severest,
)
from echemscreen.views.sheets import PLAIN, SUFFIXES, FigureStyle, Sheet
from echemscreen.views.tables.cells import known, side
from echemscreen.views.typeset import SYMBOLS, is_written, length_in

#: From so many molecules on the map says more than levels side by side.
MANY_SPECIES = 40
#: The axes show this share of the molecules at least, and what lies around the edges, V.
_SHARE, _AROUND_V, _ROOM_V = 0.96, 0.8, 0.3
#: Size of a map that is as wide as it needs to be, and what stands beside it, inches.
_WIDTH_IN, _TALLEST_IN, _BELOW_IN, _RIGHT_IN = 6.2, 4.6, 0.42, 0.12
#: Molecules that are named unasked, in inches of width each; and the length of a name, characters.
_NAMED_PER_IN, _NAME_WIDTH = 2.6, 30
_POINTS_IN = 72.0
#: What the corners of a map mean, by their places.
_CORNERS: Mapping[tuple[Literal["left", "right"], Literal["bottom", "top"]], str] = {
    ("right", "top"): "neither can",
    ("right", "bottom"): "an electron can reduce it",
    ("left", "top"): "a hole can oxidise it",
    ("left", "bottom"): "both can",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMark:
    """One molecule: its potentials in axis units, ``None`` where one is not known."""

    name: str
    smiles: str
    verdict: str
    e_red: float | None
    e_ox: float | None
    is_bound: bool = False
    """Whether a level is a one-sided bound: the true one lies further up, or further to the right."""
    by_couple: bool = False
    """Whether its metal couple says more than both of its levels."""
    drive_ev: float = -math.inf
    """The larger drive: what is nearest to a reaction is named first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapDrawing:
    """A map as numbers; the ends of an axis as (least reactive carrier's end last)."""

    axis_labels: tuple[str, str]
    """Of E_ox and of E_red."""
    x: tuple[float, float]
    y: tuple[float, float]
    cbm: float
    cbm_sigma: float
    vbm: float
    vbm_sigma: float
    marks: tuple[MapMark, ...]
    sigma: tuple[float | None, float | None]
    """Median standard deviation of E_ox and of E_red, V."""
    caption: str
    named: tuple[str, ...] = ()
    """Names that the user asked for."""


def draw(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    path: Path,
    *,
    scale: str = "she",
    style: FigureStyle = PLAIN,
) -> MapDrawing:
    """Draw the map into a file (.svg, .png or .pdf), whole or not at all.

    Parameters
    ----------
    rows
        Rows with the columns of ``results.csv``; failed rows are counted.
    dot
        The JSON object of a dot.

    Raises
    ------
    InputError
        if the suffix or the scale is unknown, or no row has a level.
    StoreError
        if the file cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"A map cannot be written as '{path.name}'.", f"Use {', '.join(SUFFIXES)}.")
    drawing = layout(rows, dot, scale=scale, style=style)
    write(lambda: render(drawing, style.sheet), path, style.sheet)
    return drawing


def figure(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    *,
    scale: str = "she",
    style: FigureStyle = PLAIN,
) -> Figure:
    """The same as a matplotlib figure, written nowhere; see :func:`draw`."""
    drawing = layout(rows, dot, scale=scale, style=style)
    return made(lambda: render(drawing, style.sheet), style.sheet)


def layout(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    *,
    scale: str = "she",
    style: FigureStyle = PLAIN,
) -> MapDrawing:
    """Place every molecule in the units of the axes; see :func:`draw`."""
    reference = electrode(scale)
    usable = [row for row in rows if row["status"] == "ok"]
    marks = [_mark(row, scale, style) for row in usable]
    marks = [mark for mark in marks if mark.e_red is not None or mark.e_ox is not None]
    if not marks:
        raise InputError("No row has a level that a map could show.", "Draw the diagram of the levels.")
    cbm_v, vbm_v = float(dot["cbm_v_she"]), float(dot["vbm_v_she"])
    spans = {}
    for name, edge_v, lower, upper in (("e_red", cbm_v, 2.6, 1.2), ("e_ox", vbm_v, 1.6, 2.2)):
        values = [value for row in usable if (value := known(row[f"{name}_v_she"])) is not None]
        spans[name] = _span(values, edge_v, (edge_v - lower, edge_v + upper))
    x = (from_she(spans["e_ox"][0], scale), from_she(spans["e_ox"][1], scale))
    # Electrons rise: the more negative potential stands above.
    y = (from_she(spans["e_red"][1], scale), from_she(spans["e_red"][0], scale))
    sigmas = [
        [value for row in usable if (value := known(row[f"{name}_sigma_v"])) is not None]
        for name in ("e_ox", "e_red")
    ]
    unit = f"{unit_of(reference.label)} {reference.label.partition(' ')[2]}"
    words = {process: SYMBOLS[process] for process in SYMBOLS}
    if scale == "vacuum":
        labels = tuple(
            f"{words[process]}, {axis_label(reference.label)}"
            for process in (Process.OXIDATION, Process.REDUCTION)
        )
    else:
        labels = tuple(f"{words[process]} / {unit}" for process in (Process.OXIDATION, Process.REDUCTION))
    return MapDrawing(
        axis_labels=(labels[0], labels[1]),
        x=x,
        y=y,
        cbm=from_she(cbm_v, scale),
        cbm_sigma=float(dot["cbm_sigma_v"]),
        vbm=from_she(vbm_v, scale),
        vbm_sigma=float(dot["vbm_sigma_v"]),
        marks=tuple(marks),
        sigma=(median(sigmas[0]) if sigmas[0] else None, median(sigmas[1]) if sigmas[1] else None),
        caption=_caption(marks, usable, len(rows), dot, (x, y)),
        named=tuple(style.named(name) for name in style.order),
    )


def _mark(row: Mapping[str, Any], scale: str, style: FigureStyle) -> MapMark:
    values = {name: known(row[f"{name}_v_she"]) for name in ("e_red", "e_ox")}
    says = [str(row.get(f"{name}_verdict") or "") for name in ("e_red", "e_ox")]
    verdict = str(row["verdict"])
    placed = {name: None if v is None else from_she(v, scale) for name, v in values.items()}
    return MapMark(
        name=style.named(str(row["name"])),
        smiles=str(row.get("canonical_smiles") or row.get("smiles") or ""),
        verdict=verdict,
        e_red=placed["e_red"],
        e_ox=placed["e_ox"],
        is_bound=bool(side(row, "e_red_v_she") or side(row, "e_ox_v_she")),
        by_couple=severest([verdict, *says]) == verdict
        and verdict not in says
        and str(row.get("couple_verdict") or "") == verdict,
        drive_ev=largest_drive(row),
    )


def _span(values: Sequence[float], edge_v: float, widest: tuple[float, float]) -> tuple[float, float]:
    """Ends of an axis, V vs SHE: nearly all of the values, and what lies around the edge."""
    low, high = edge_v - _AROUND_V, edge_v + _AROUND_V
    if values:
        tail = 0.5 * (1.0 - _SHARE)
        found = np.quantile(values, [tail, 1.0 - tail])
        low, high = min(low, float(found[0]) - _ROOM_V), max(high, float(found[1]) + _ROOM_V)
    return max(low, widest[0]), min(high, widest[1])


def _caption(
    marks: Sequence[MapMark],
    usable: Sequence[Mapping[str, Any]],
    n_rows: int,
    dot: DescribedDot,
    ends: tuple[tuple[float, float], tuple[float, float]],
) -> str:
    words = f"{caption_of_dot(dot)} {counted(len(marks), 'molecule')}, coloured by verdict."
    words += " Up: out of an electron's reach; right: out of a hole's."
    if any(mark.is_bound for mark in marks):
        words += " Open: a level is a one-sided bound; the true one lies further up or right."
    words += " Verdicts also count whether a carrier reaches the surface of the dot."
    if any(mark.by_couple for mark in marks):
        words += " Ringed: the verdict is its metal couple's."
    beyond = sum(_is_beyond(mark, ends) for mark in marks)
    if beyond:
        words += f" At the frame: {counted(beyond, 'molecule')} with a level beyond the axes, or unknown."
    left_out = len(usable) - len(marks)
    if left_out:
        words += f" Without any level: {left_out}."
    failed = n_rows - len(usable)
    if failed:
        words += f" {counted(failed, 'failed row')} {'is' if failed == 1 else 'are'} not drawn."
    return words


def _is_beyond(mark: MapMark, ends: tuple[tuple[float, float], tuple[float, float]]) -> bool:
    return any(
        value is None or not min(axis) <= value <= max(axis)
        for value, axis in zip((mark.e_ox, mark.e_red), ends, strict=True)
    )


# --- drawn by matplotlib ----------------------------------------------------------------------


def render(drawing: MapDrawing, sheet: Sheet = PLAIN.sheet) -> Figure:
    """The map as a matplotlib figure."""
    width = sheet.width_in or _WIDTH_IN
    left = 0.62 if sheet.width_in is None else 0.5
    body = width - left - _RIGHT_IN
    height = min(0.82 * body, _TALLEST_IN)
    handles, words = _legend(drawing, sheet)
    columns, legend_in = legend_size(words, sheet, width)
    caption, caption_in = caption_of(drawing.caption, sheet, width)
    bottom = caption_in + _BELOW_IN
    full = bottom + height + legend_in + 0.16
    found = Figure(figsize=(width, full))
    FigureCanvasAgg(found)
    axes = found.add_axes((left / width, bottom / full, body / width, height / full))
    axes.set_xlim(*drawing.x)
    axes.set_ylim(*drawing.y)
    # Symbols and units of ours.
    axes.set_xlabel(drawing.axis_labels[0], fontsize=sheet.axis_pt, parse_math=True)
    axes.set_ylabel(drawing.axis_labels[1], fontsize=sheet.axis_pt, parse_math=True)
    axes.tick_params(labelsize=sheet.axis_pt, pad=2)
    _edges(axes, drawing, sheet)
    size = sheet.marker_pt * (1.0 if len(drawing.marks) <= 10 * MANY_SPECIES else 0.6)
    places = [_place(mark, drawing) for mark in drawing.marks]
    _marks(axes, drawing, places, sheet, size)
    _typical_error(axes, drawing, sheet)
    _names(axes, drawing, places, sheet=sheet, size_in=(body, height), mark_pt=size)
    draw_legend(found, (handles, words), columns, sheet)
    draw_caption(found, caption, sheet)
    return found


def _edges(axes: Axes, drawing: MapDrawing, sheet: Sheet) -> None:
    """Both edges with their uncertainty, the corner out of reach, and what the others mean."""
    (left, right), (bottom, top) = drawing.x, drawing.y
    corner = Rectangle(
        (drawing.vbm, drawing.cbm),
        right - drawing.vbm,
        top - drawing.cbm,
        facecolor=GAP_COLOUR,
        lw=0,
        zorder=0.2,
    )
    axes.add_patch(corner)
    for value, sigma, draw_line, draw_band in (
        (drawing.cbm, drawing.cbm_sigma, axes.axhline, axes.axhspan),
        (drawing.vbm, drawing.vbm_sigma, axes.axvline, axes.axvspan),
    ):
        draw_band(value - sigma, value + sigma, facecolor=SIGMA_COLOUR, alpha=SIGMA_ALPHA, lw=0, zorder=0.5)
        draw_line(value, color=EDGE_COLOUR, lw=0.9, ls="--", zorder=1)
    for place, words in _CORNERS.items():
        ha, va = place
        axes.annotate(
            words,
            xy=(right if ha == "right" else left, top if va == "top" else bottom),
            xytext=(-4 if ha == "right" else 4, -4 if va == "top" else 4),
            textcoords="offset points",
            ha=ha,
            va=va,
            fontsize=sheet.small_pt,
            color=GREY,
            zorder=1.5,
        )
    small: dict[str, Any] = {
        "fontsize": sheet.small_pt,
        "color": EDGE_COLOUR,
        "textcoords": "offset points",
        "zorder": 1.5,
    }
    axes.annotate("CBM", xy=(left, drawing.cbm), xytext=(3, 2), va="bottom", **small)
    axes.annotate("VBM", xy=(drawing.vbm, bottom), xytext=(3, 3), va="bottom", rotation=90, **small)


def _place(mark: MapMark, drawing: MapDrawing) -> tuple[float, float]:
    """Where a mark stands: what is unknown, or beyond an axis, stands at the frame."""

    def inside(value: float | None, ends: tuple[float, float]) -> float:
        # An unknown level was not found within reach: it stands at the far end.
        return ends[1] if value is None else min(max(value, min(ends)), max(ends))

    return inside(mark.e_ox, drawing.x), inside(mark.e_red, drawing.y)


def _marks(
    axes: Axes, drawing: MapDrawing, places: Sequence[tuple[float, float]], sheet: Sheet, size_pt: float
) -> None:
    """The severest on top; open where a level is a bound."""
    for order, verdict in enumerate(reversed([*STYLES, ""])):
        colour, marker = sheet.mark(verdict)
        for is_bound in (True, False):
            chosen = [
                place
                for mark, place in zip(drawing.marks, places, strict=True)
                if mark.is_bound == is_bound and (mark.verdict if mark.verdict in STYLES else "") == verdict
            ]
            if chosen:
                x, y = zip(*chosen, strict=True)
                axes.plot(
                    x,
                    y,
                    ls="",
                    marker=marker,
                    ms=size_pt,
                    color=colour,
                    mfc="white" if is_bound else colour,
                    mec=colour if is_bound else "white",
                    mew=0.8 if is_bound else 0.3,
                    alpha=0.9,
                    clip_on=False,
                    zorder=3 + order,
                )
    ringed = [place for mark, place in zip(drawing.marks, places, strict=True) if mark.by_couple]
    if ringed:
        x, y = zip(*ringed, strict=True)
        ring: dict[str, Any] = {"ms": 2.1 * size_pt, "mfc": "none", "mec": EDGE_COLOUR, "mew": 0.7}
        axes.plot(x, y, ls="", marker="o", clip_on=False, zorder=2.9, **ring)


def _typical_error(axes: Axes, drawing: MapDrawing, sheet: Sheet) -> None:
    """The median standard deviation as a cross, in the corner where both carriers react."""
    sigma_x, sigma_y = drawing.sigma
    if sigma_x is None or sigma_y is None:
        return
    (left, right), (bottom, top) = drawing.x, drawing.y
    # Beside the words of the corner, wherever the cross has room.
    x = left + math.copysign(sigma_x, right - left) + 0.03 * (right - left)
    y = bottom + math.copysign(sigma_y, top - bottom) + 0.06 * (top - bottom)
    axes.errorbar(x, y, xerr=sigma_x, yerr=sigma_y, color=GREY, lw=0.8, capsize=1.5, zorder=1.4)
    axes.annotate(
        "median error",
        xy=(x, y),
        xytext=(3, -3),
        textcoords="offset points",
        va="top",
        fontsize=sheet.small_pt,
        color=GREY,
        zorder=1.4,
    )


def _names(
    axes: Axes,
    drawing: MapDrawing,
    places: Sequence[tuple[float, float]],
    *,
    sheet: Sheet,
    size_in: tuple[float, float],
    mark_pt: float,
) -> None:
    """Names beside their marks where they cover neither a mark nor each other; the most reactive first."""
    body, height = size_in
    (left, right), (bottom, top) = drawing.x, drawing.y
    points = [
        (_POINTS_IN * body * (x - left) / (right - left), _POINTS_IN * height * (y - bottom) / (top - bottom))
        for x, y in places
    ]
    cells = _cells(points)
    wanted = set(drawing.named)

    def rank(index: int) -> tuple[bool, float]:
        mark = drawing.marks[index]
        return mark.name not in wanted, -mark.drive_ev

    order = sorted(range(len(points)), key=rank)
    left_to_name = max(int(_NAMED_PER_IN * body), len(wanted))
    size = sheet.number_pt
    taken = [_corner(place, words, sheet, size_in) for place, words in _CORNERS.items()]
    for index in order:
        if left_to_name == 0:
            break
        mark, (x, y) = drawing.marks[index], points[index]
        text = shortened(mark.name if is_written(mark.name) else mark.smiles, _NAME_WIDTH)
        long, high, gap = (
            _POINTS_IN * length_in(text, size),
            1.1 * size,
            (1.15 if mark.by_couple else 0.6) * mark_pt + 1.2,
        )
        for dx, dy, ha, va in (
            (gap, 0, "left", "center"),
            (-gap, 0, "right", "center"),
            (0, gap, "center", "bottom"),
            (0, -gap, "center", "top"),
        ):
            x0 = x + dx - {"left": 0.0, "right": long, "center": 0.5 * long}[ha]
            y0 = y + dy - {"bottom": 0.0, "top": high, "center": 0.5 * high}[va]
            box = (x0, y0, x0 + long, y0 + high)
            inside = (
                x0 >= 1 and box[2] <= _POINTS_IN * body - 1 and y0 >= 1 and box[3] <= _POINTS_IN * height - 1
            )
            if inside and not _meets(box, taken) and not _covers(box, cells, index, 0.6 * mark_pt):
                axes.annotate(
                    text,
                    xy=places[index],
                    xytext=(dx, dy),
                    textcoords="offset points",
                    ha=ha,
                    va=va,
                    fontsize=size,
                    color=INK,
                    zorder=8,
                )
                taken.append(box)
                left_to_name -= 1
                break


def _corner(
    place: tuple[str, str], words: str, sheet: Sheet, size_in: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Where the words of a corner stand, points."""
    long, high = _POINTS_IN * length_in(words, sheet.small_pt) + 6.0, 1.2 * sheet.small_pt + 6.0
    x = _POINTS_IN * size_in[0] - long if place[0] == "right" else 0.0
    y = _POINTS_IN * size_in[1] - high if place[1] == "top" else 0.0
    return x, y, x + long, y + high


#: Side of the squares in which marks are looked up, points.
_CELL_PT = 12.0
_Cells = dict[tuple[int, int], list[tuple[int, float, float]]]


def _cells(points: Sequence[tuple[float, float]]) -> _Cells:
    found: _Cells = {}
    for index, (x, y) in enumerate(points):
        found.setdefault((int(x // _CELL_PT), int(y // _CELL_PT)), []).append((index, x, y))
    return found


def _covers(box: tuple[float, float, float, float], cells: _Cells, own: int, radius: float) -> bool:
    """Whether a name would lie on another molecule's mark."""
    x0, y0, x1, y1 = box[0] - radius, box[1] - radius, box[2] + radius, box[3] + radius
    for column in range(int(x0 // _CELL_PT), int(x1 // _CELL_PT) + 1):
        for row in range(int(y0 // _CELL_PT), int(y1 // _CELL_PT) + 1):
            for index, x, y in cells.get((column, row), ()):
                if index != own and x0 < x < x1 and y0 < y < y1:
                    return True
    return False


def _meets(
    box: tuple[float, float, float, float], taken: Sequence[tuple[float, float, float, float]]
) -> bool:
    x0, y0, x1, y1 = box
    return any(x0 < b[2] and b[0] < x1 and y0 < b[3] and b[1] < y1 for b in taken)


def _legend(drawing: MapDrawing, sheet: Sheet) -> tuple[list[Any], list[str]]:
    handles: list[Any] = []
    words: list[str] = []
    for verdict in STYLES:
        count = sum(mark.verdict == verdict for mark in drawing.marks)
        if count:
            colour, marker = sheet.mark(verdict)
            handles.append(Line2D([], [], ls="", marker=marker, ms=4.5, color=colour))
            words.append(f"{verdict}, {count}")
    if any(mark.is_bound for mark in drawing.marks):
        handles.append(Line2D([], [], ls="", marker="o", ms=4.5, mfc="white", color=GREY))
        words.append("one-sided bound")
    if any(mark.by_couple for mark in drawing.marks):
        handles.append(Line2D([], [], ls="", marker="o", ms=7, mfc="none", color=EDGE_COLOUR, mew=0.7))
        words.append("by its metal couple")
    handles.append(Patch(facecolor=SIGMA_COLOUR, alpha=SIGMA_ALPHA))
    words.append("1S edges ± one sd")
    return handles, words
