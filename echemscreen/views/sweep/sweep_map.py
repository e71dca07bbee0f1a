"""The map of a sweep over two sizes: the largest drive with the critical contours."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from scipy.special import ndtri

from echemscreen.records.molecules import FloatArray
from echemscreen.views.alignment.rendering import caption_of, draw_caption
from echemscreen.views.palette import EDGE_COLOUR, STYLES
from echemscreen.views.sheets import FREE, Sheet
from echemscreen.views.sweep.sweep_words import Content, column_of, swept, title_of, words_of
from echemscreen.views.typeset import filled, length_in

#: Widths of figures that are as wide as they need to be, with and without a ligand, inches.
_WIDTH_IN, _PAIR_IN = 5.6, 7.2
#: Inches left of a map for its axis, right of it for the bar of colours, and below it.
_LEFT_IN, _BAR_IN, _BELOW_IN = 0.62, 0.95, 0.45


def map_figure(content: Content, *, inert: float, active: float, sheet: Sheet = FREE) -> Figure:
    """The largest drive over two sizes with the critical contours; without a ligand the edges."""
    has_ligand = "verdict" in content[0]
    width = sheet.width_in or (_WIDTH_IN if has_ligand else _PAIR_IN)
    # Two maps stand beside each other, or in a narrow column one above the other.
    is_pair = not has_ligand and sheet.has_other_axis
    count = 1 if has_ligand else 2
    caption, caption_in = caption_of(words_of(content), sheet, width)
    title_pt = 1.06 * sheet.axis_pt
    title = filled(title_of(content), 1.12 * title_pt, width - 0.3)
    line_in = 1.3 * title_pt / 72.0
    body = (width / (2 if is_pair else 1)) - _LEFT_IN - _BAR_IN
    map_in = min(max(0.8 * body, 1.4), 3.1)
    handles_in = 0.0
    entries: list[Line2D] = []
    columns = 3
    if has_ligand:
        entries = _entries(content, inert=inert, active=active, sheet=sheet)
        widest = max(length_in(str(item.get_label()), sheet.name_pt) for item in entries) + 0.42
        columns = max(int((width - _LEFT_IN) / widest), 1)
        handles_in = math.ceil(len(entries) / columns) * 1.5 * sheet.name_pt / 72.0
    above = 0.1 + line_in * (title.count("\n") + 1) + handles_in + 0.06
    rows = 1 if has_ligand or is_pair else 2
    height = caption_in + rows * (map_in + _BELOW_IN) + above
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)

    def placed(index: int) -> Axes:
        column, row = (index, 0) if is_pair else (0, rows - 1 - index)
        left = _LEFT_IN + column * width / 2
        bottom = caption_in + _BELOW_IN + row * (map_in + _BELOW_IN)
        axes = figure.add_axes((left / width, bottom / height, body / width, map_in / height))
        axes.tick_params(labelsize=sheet.axis_pt)
        return axes

    figure.text(0.1 / width, 1 - 0.08 / height, title, fontsize=title_pt, va="top", fontweight="bold")
    if has_ligand:
        axes = placed(0)
        _drive_map(figure, axes, content, limits=(inert, active), sheet=sheet)
        axes.legend(
            handles=entries,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.005),
            ncols=columns,
            frameon=False,
            fontsize=sheet.name_pt,
            borderaxespad=0.1,
            columnspacing=1.4,
        )
    else:
        for index, (name, label, colours) in enumerate(
            (("cbm_v_she", "CBM / V vs SHE", "viridis"), ("exciton_nm", "Exciton / nm", "plasma"))[:count]
        ):
            _plain_map(placed(index), content, column_of(content, name), (label, colours), sheet)
    draw_caption(figure, caption, sheet)
    return figure


def _bar_axes(figure: Figure, axes: Axes) -> Axes:
    box, width = axes.get_position(), figure.get_size_inches()[0]
    return figure.add_axes((box.x1 + 0.1 / width, box.y0, 0.12 / width, box.height))


def _sizes_on(axes: Axes, content: Content, sheet: Sheet) -> None:
    """Names of both axes; one that is longer than its axis is broken into lines."""
    figure = axes.get_figure(root=True)
    width, height = figure.get_size_inches() if figure is not None else (1.0, 1.0)
    box = axes.get_position()
    first, second = swept(content)
    axes.set_xlabel(filled(f"{first} / nm", sheet.axis_pt, box.width * width + 0.4), fontsize=sheet.axis_pt)
    axes.set_ylabel(filled(f"{second} / nm", sheet.axis_pt, box.height * height), fontsize=sheet.axis_pt)


def _entries(content: Content, *, inert: float, active: float, sheet: Sheet) -> list[Line2D]:
    """What the lines and the marks of a map mean."""
    found = [
        Line2D([], [], color=EDGE_COLOUR, lw=1.6, ls=style, label=f"critical: {word} P = {value:g}")
        for _, value, word, style in _contours(content, inert, active)
    ]
    said = {item["verdict"] for item in content}
    for verdict in STYLES:
        if verdict in said:
            colour, marker = sheet.mark(verdict)
            found.append(Line2D([], [], ls="", marker=marker, ms=4.5, color=colour, label=verdict))
    return found


def _contours(content: Content, inert: float, active: float) -> list[tuple[float, float, str, str]]:
    """Thresholds that the map crosses: as standard deviations and as they are, words and kind of line."""
    z = _margins(content)
    said = {item["verdict"] for item in content}
    found = []
    for verdict, value, word, style in (
        ("inert", inert, "inert up to", "-"),
        ("active", active, "active from", "--"),
    ):
        limit = float(ndtri(value))
        if np.nanmin(z) < limit < np.nanmax(z) and verdict in said:
            found.append((limit, value, word, style))
    return found


def _margins(content: Content) -> FloatArray:
    """The larger probability of each dot in standard deviations."""
    p = np.fmax(column_of(content, "p_reduction"), column_of(content, "p_oxidation"))
    # Probabilities are rounded to four digits: their ends are no infinities.
    return np.asarray(ndtri(np.clip(p, 1e-4, 1 - 1e-4)), dtype=np.float64)


def _grid(content: Content, values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sizes along both axes and the values as ``[y, x]``."""
    first, second = swept(content)
    x = np.unique([item["sizes_nm"][first] for item in content])
    y = np.unique([item["sizes_nm"][second] for item in content])
    # The sweep runs fastest over the last layer.
    return x, y, values.reshape(len(x), len(y)).T


def _drive_map(
    figure: Figure, axes: Axes, content: Content, *, limits: tuple[float, float], sheet: Sheet
) -> None:
    drives = np.fmax(column_of(content, "reduction_drive_ev"), column_of(content, "oxidation_drive_ev"))
    x, y, grid = _grid(content, drives)
    low, high = float(np.nanmin(drives)), float(np.nanmax(drives))
    reach = max(abs(low), abs(high), 0.05)
    ticks = MaxNLocator(nbins=24, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    # White is a drive of zero wherever the range of drives lies; the ends stay light enough for marks.
    norm = TwoSlopeNorm(0.0, -1.25 * reach, 1.25 * reach)
    coloured = axes.contourf(x, y, grid, levels=ticks, cmap="RdBu_r", norm=norm)
    coloured.set_edgecolor("face")
    bar = figure.colorbar(coloured, cax=_bar_axes(figure, axes))
    bar.set_label("Largest drive / eV (positive: allowed)", fontsize=sheet.small_pt)
    bar.locator = MaxNLocator(nbins=8, steps=[1, 2, 5, 10])
    bar.update_ticks()
    bar.ax.tick_params(labelsize=sheet.axis_pt)
    _, _, z = _grid(content, _margins(content))
    for limit, _, _, style in _contours(content, *limits):
        axes.contour(x, y, z, levels=[limit], colors=[EDGE_COLOUR], linewidths=1.6, linestyles=style)
    first, second = swept(content)
    for verdict in STYLES:
        colour, marker = sheet.mark(verdict)
        shown = [item["sizes_nm"] for item in content if item["verdict"] == verdict]
        axes.plot(
            [size[first] for size in shown],
            [size[second] for size in shown],
            ls="",
            marker=marker,
            ms=sheet.marker_pt,
            color=colour,
            mec="white",
            mew=0.4,
            clip_on=False,
            zorder=4,
        )
    _sizes_on(axes, content, sheet)


def _plain_map(
    axes: Axes, content: Content, values: FloatArray, shown_as: tuple[str, str], sheet: Sheet
) -> None:
    """A quantity with the label of its bar and the name of its colours."""
    label, colours = shown_as
    x, y, grid = _grid(content, values)
    coloured = axes.contourf(x, y, grid, levels=20, cmap=colours)
    coloured.set_edgecolor("face")
    figure = axes.get_figure(root=True)
    if figure is not None:
        bar = figure.colorbar(coloured, cax=_bar_axes(figure, axes))
        bar.set_label(label, fontsize=sheet.axis_pt)
        bar.ax.tick_params(labelsize=sheet.axis_pt)
    _sizes_on(axes, content, sheet)
