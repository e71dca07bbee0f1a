"""The ledgers of the best crosslinkers as small levels beside the dot, by matplotlib or a page's script.

Members that decide are drawn strong, those that are only shown pale; the marker tells the role, the
colour the verdict. Electrons rise upwards: the potential axis runs downwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from echemscreen.records.dots import DescribedDot
from echemscreen.views.alignment import interactive
from echemscreen.views.alignment.drawing import Drawing, Group
from echemscreen.views.alignment.level_marks import (
    draw_guides,
    draw_levels,
    guide_label,
    legend_handles,
)
from echemscreen.views.alignment.rendering import (
    LINE,
    POINTS_IN,
    draw_bands,
    draw_legend,
    frame_axes,
    legend_size,
)
from echemscreen.views.figure_file import (
    FREE,
    PageWidth,
    Sheet,
    filled,
    fitted,
    is_page_for_browser,
    length_in,
    made,
    sheet_of,
    write,
)
from echemscreen.views.palette import EDGE_COLOUR, GREY, INK, TEXT_COLOURS
from echemscreen.views.ranking.ledger_layout import (
    UNIT_IN,
    LedgerGroup,
    MemberLevels,
    layout,
    read_groups,
)
from echemscreen.views.structure import structure_image

__all__ = ["LedgerGroup", "MemberLevels", "draw", "draw_folder", "render"]

_STRUCTURE_IN, _PLOT_IN = 0.85, 3.8


def draw(
    groups: Sequence[LedgerGroup],
    dot: DescribedDot,
    path: Path,
    *,
    scale: str = "she",
    top: int | None = None,
    width: PageWidth | None = None,
) -> Drawing:
    """Draw the ledgers into a file (.svg, .png, .pdf or .html), whole or not at all.

    Parameters
    ----------
    groups
        The best crosslinkers, best first.
    dot
        The JSON object of a dot.

    Raises
    ------
    InputError
        if the scale or the suffix is unknown, or a width is asked of a page.
    StoreError
        if the file cannot be written.
    """
    is_page = is_page_for_browser(path, width)
    drawing = layout(groups, dot, scale="she" if is_page else scale, top=top, width=width)
    if is_page:
        interactive.write_page(drawing, path, scale=scale)
    else:
        sheet = sheet_of(width)
        write(lambda: render(drawing, sheet), path, dpi=sheet.dpi)
    return drawing


def draw_folder(folder: Path, dot: DescribedDot, path: Path, **options: Any) -> Drawing:  # noqa: ANN401
    """Draw the ledgers of a finished ranking; see :func:`draw` for the options.

    Raises
    ------
    InputError
        if the tables of the folder cannot be read, or as :func:`draw` says.
    """
    return draw(read_groups(folder), dot, path, **options)


def folder_figure(
    folder: Path,
    dot: DescribedDot,
    *,
    scale: str = "she",
    top: int | None = None,
    width: PageWidth | None = None,
) -> Figure:
    """The ledgers of a finished ranking as a matplotlib figure, written nowhere; see :func:`draw`."""
    drawing = layout(read_groups(folder), dot, scale=scale, top=top, width=width)
    return made(lambda: render(drawing, sheet_of(width)))


def render(drawing: Drawing, sheet: Sheet = FREE) -> Figure:
    """The ledgers as a matplotlib figure."""
    labels = [length_in(guide_label(guide, sheet), sheet.small_pt) for guide in drawing.guides]
    guides_in = max(labels, default=0.0) + 0.25
    units = drawing.last_x + 0.8
    left = sheet.margin_in
    if sheet.width_in is None:
        unit = UNIT_IN
        body = max(units * unit + guides_in, 4.2)
    else:
        body = sheet.width_in - 2 * left
        unit = min((body - guides_in) / units, UNIT_IN)
    width = left + body + sheet.margin_in
    handles, words = legend_handles(drawing)
    columns, legend_in = legend_size(words, sheet, width)
    caption = filled(drawing.caption, sheet.small_pt, width - 0.24)
    caption_in = (caption.count("\n") + 1) * LINE * sheet.small_pt / POINTS_IN + 0.08
    line_in = 1.45 * sheet.name_pt / POINTS_IN
    names_in = 0.1 + line_in * (2 + any(group.note for group in drawing.groups))
    bottom = caption_in + 0.06 + _STRUCTURE_IN + names_in
    top = legend_in + 0.16
    height = bottom + _PLOT_IN + top
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((left / width, bottom / height, body / width, _PLOT_IN / height))
    axes.set_xlim(-0.6, body / unit - 0.6)
    axes.set_xticks([])
    frame_axes(axes, drawing, sheet)
    draw_bands(axes, drawing, sheet)
    draw_levels(axes, drawing, sheet)
    draw_guides(axes, drawing, sheet, unit)
    for group in drawing.groups:
        axes.axvspan(group.start - 0.3, group.end + 0.3, facecolor="white", alpha=0.55, lw=0, zorder=0.6)
        _names(axes, group, (group.end - group.start + 0.8) * unit, line_in, sheet)
        start = left + (group.start + 0.6) * unit
        size = ((group.end - group.start) * unit, _STRUCTURE_IN)
        inset = figure.add_axes(
            (start / width, (caption_in + 0.06) / height, size[0] / width, size[1] / height)
        )
        inset.imshow(structure_image(group.smiles, *size), aspect="auto", interpolation="lanczos")
        inset.set(xticks=[], yticks=[])
        inset.axis("off")
    draw_legend(figure, (handles, words), columns, sheet)
    figure.text(0.12 / width, 0.06 / height, caption, fontsize=sheet.small_pt, va="bottom", color=EDGE_COLOUR)
    return figure


def _names(axes: Axes, group: Group, room_in: float, line_in: float, sheet: Sheet) -> None:
    """Rank and name of a crosslinker, its verdict and its triplet energy below the axis."""
    lines = [(group.label, INK, "bold"), (group.verdict, TEXT_COLOURS.get(group.verdict, GREY), "normal")]
    lines += [(group.note, INK, "normal")] if group.note else []
    for index, (text, colour, weight) in enumerate(lines):
        axes.annotate(
            # Bold letters are wider than those that are measured.
            fitted(text, sheet.name_pt * (1.15 if weight == "bold" else 1.0), room_in),
            xy=(0.5 * (group.start + group.end), 0),
            xycoords=("data", "axes fraction"),
            xytext=(0, -5 - math.floor(index * line_in * POINTS_IN)),
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=sheet.name_pt,
            weight=weight,
            color=colour,
        )
