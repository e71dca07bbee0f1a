"""The map of many molecules drawn by matplotlib."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from echemscreen.records.dots import DescribedDot
from echemscreen.scales import electrode
from echemscreen.views.alignment.drawing import shortened
from echemscreen.views.alignment.rendering import caption_of, draw_caption, draw_legend, legend_size
from echemscreen.views.figure_file import made, write
from echemscreen.views.map import map_page
from echemscreen.views.map.map_layout import MANY_SPECIES, MapDrawing, MapMark, layout
from echemscreen.views.palette import (
    EDGE_COLOUR,
    GAP_COLOUR,
    GREY,
    INK,
    SIGMA_ALPHA,
    SIGMA_COLOUR,
    STYLES,
)
from echemscreen.views.sheets import PLAIN, FigureStyle, Sheet, is_page_for_browser
from echemscreen.views.typeset import is_written, length_in

#: Size of a map that is as wide as it needs to be, and what stands beside it, inches.
_WIDTH_IN, _TALLEST_IN, _BELOW_IN, _RIGHT_IN = 6.2, 4.6, 0.42, 0.12
#: Molecules that are named unasked, in inches of width each; and the length of a name, characters.
_NAMED_PER_IN, _NAME_WIDTH = 2.6, 60
_POINTS_IN = 72.0
#: Between words, points.
_CLEAR_PT = 1.5
#: What the corners of a map mean, by their places.
_CORNERS: Mapping[tuple[Literal["left", "right"], Literal["bottom", "top"]], str] = {
    ("right", "top"): "neither can",
    ("right", "bottom"): "an electron can reduce it",
    ("left", "top"): "a hole can oxidise it",
    ("left", "bottom"): "both can",
}


def draw(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    path: Path,
    *,
    scale: str = "she",
    style: FigureStyle = PLAIN,
) -> MapDrawing:
    """Draw the map into a file (.svg, .png, .pdf, or .html for the browser), whole or not at all.

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
    if is_page_for_browser(path, style):
        # A page has the switch of the axes itself: it is written in V vs SHE.
        electrode(scale)
        drawing = layout(rows, dot, style=style)
        map_page.write_page(drawing, path, scale=scale)
        return drawing
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
    taken = [*_written(axes), *_edge_lines(drawing, size_in)]
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


_Box = tuple[float, float, float, float]


def _written(axes: Axes) -> Iterator[_Box]:
    """Where words stand already, points from the lower left corner of the axes."""
    figure = axes.get_figure(root=True)
    if figure is None:
        return
    origin, per_dot = axes.bbox, _POINTS_IN / figure.dpi
    for text in axes.texts:
        box = text.get_window_extent()
        yield (
            per_dot * (box.x0 - origin.x0) - _CLEAR_PT,
            per_dot * (box.y0 - origin.y0) - _CLEAR_PT,
            per_dot * (box.x1 - origin.x0) + _CLEAR_PT,
            per_dot * (box.y1 - origin.y0) + _CLEAR_PT,
        )


def _edge_lines(drawing: MapDrawing, size_in: tuple[float, float]) -> tuple[_Box, _Box]:
    """Where the lines of both edges run, points."""
    (left, right), (bottom, top) = drawing.x, drawing.y
    width, height = (_POINTS_IN * inches for inches in size_in)
    x = width * (drawing.vbm - left) / (right - left)
    y = height * (drawing.cbm - bottom) / (top - bottom)
    return (0.0, y - 1.0, width, y + 1.0), (x - 1.0, 0.0, x + 1.0, height)


#: Side of the squares in which marks are looked up, points.
_CELL_PT = 12.0
_Cells = dict[tuple[int, int], list[tuple[int, float, float]]]


def _cells(points: Sequence[tuple[float, float]]) -> _Cells:
    found: _Cells = {}
    for index, (x, y) in enumerate(points):
        found.setdefault((int(x // _CELL_PT), int(y // _CELL_PT)), []).append((index, x, y))
    return found


def _covers(box: _Box, cells: _Cells, own: int, radius: float) -> bool:
    """Whether a name would lie on another molecule's mark."""
    x0, y0, x1, y1 = box[0] - radius, box[1] - radius, box[2] + radius, box[3] + radius
    for column in range(int(x0 // _CELL_PT), int(x1 // _CELL_PT) + 1):
        for row in range(int(y0 // _CELL_PT), int(y1 // _CELL_PT) + 1):
            for index, x, y in cells.get((column, row), ()):
                if index != own and x0 < x < x1 and y0 < y < y1:
                    return True
    return False


def _meets(box: _Box, taken: Sequence[_Box]) -> bool:
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
