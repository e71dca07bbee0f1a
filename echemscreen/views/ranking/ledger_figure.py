"""The ledgers of the best crosslinkers as small levels beside the dot, by matplotlib or a page's script.

Members that decide are drawn strong, those that are only shown pale; the marker tells the role, the
colour the verdict. Electrons rise upwards: the potential axis runs downwards.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
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
    POINTS_IN,
    caption_of,
    draw_bands,
    draw_caption,
    draw_legend,
    frame_axes,
    legend_size,
)
from echemscreen.views.figure_file import made, write
from echemscreen.views.palette import INK
from echemscreen.views.ranking.ledger_layout import (
    UNIT_IN,
    LedgerGroup,
    MemberLevels,
    layout,
    read_groups,
)
from echemscreen.views.sheets import FREE, PLAIN, FigureStyle, Sheet, is_page_for_browser
from echemscreen.views.structure import structure_image
from echemscreen.views.typeset import fitted, legible, length_in

__all__ = ["LedgerGroup", "MemberLevels", "draw", "draw_folder", "render"]

_STRUCTURE_IN, _PLOT_IN = 0.85, 3.8


def draw(
    groups: Sequence[LedgerGroup],
    dot: DescribedDot,
    path: Path,
    *,
    scale: str = "she",
    top: int | None = None,
    style: FigureStyle = PLAIN,
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
    is_page = is_page_for_browser(path, style)
    drawing = layout(groups, dot, scale="she" if is_page else scale, top=top, style=style)
    if is_page:
        interactive.write_page(drawing, path, scale=scale)
        return drawing
    if path.suffix.lower() != ".svg":
        drawing = _legible(drawing)
    write(lambda: render(drawing, style.sheet), path, style.sheet)
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
    style: FigureStyle = PLAIN,
) -> Figure:
    """The ledgers of a finished ranking as a matplotlib figure, written nowhere; see :func:`draw`."""
    drawing = _legible(layout(read_groups(folder), dot, scale=scale, top=top, style=style))
    return made(lambda: render(drawing, style.sheet), style.sheet)


def _legible(drawing: Drawing) -> Drawing:
    """The drawing with a SMILES where no installed font has the letters of a name."""
    labels, words = legible(
        [group.label for group in drawing.groups], [group.smiles for group in drawing.groups]
    )
    groups = tuple(replace(group, label=label) for group, label in zip(drawing.groups, labels, strict=True))
    return replace(drawing, groups=groups, caption=drawing.caption + words)


def render(drawing: Drawing, sheet: Sheet = FREE) -> Figure:
    """The ledgers as a matplotlib figure."""
    labels = [length_in(guide_label(guide, sheet), sheet.small_pt) for guide in drawing.guides]
    guides_in = max(labels, default=0.0) + 0.25
    units = drawing.last_x + 0.8
    left = sheet.margin_in
    right = sheet.margin_in
    if sheet.width_in is None:
        unit = UNIT_IN
        body = max(units * unit + guides_in, 4.2)
    elif sheet.has_other_axis:
        body = sheet.width_in - 2 * left
        unit = min((body - guides_in) / units, UNIT_IN)
    else:
        unit = min((sheet.width_in - left - guides_in) / units, UNIT_IN)
        body, right = units * unit, sheet.width_in - left - units * unit
    width = left + body + right
    handles, words = legend_handles(drawing, sheet)
    columns, legend_in = legend_size(words, sheet, width)
    caption, caption_in = caption_of(drawing.caption, sheet, width)
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
    draw_caption(figure, caption, sheet)
    return figure


def _names(axes: Axes, group: Group, room_in: float, line_in: float, sheet: Sheet) -> None:
    """Rank and name of a crosslinker, its verdict and its triplet energy below the axis."""
    lines = [(group.label, INK, "bold"), (group.verdict, sheet.text_colour(group.verdict), "normal")]
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
