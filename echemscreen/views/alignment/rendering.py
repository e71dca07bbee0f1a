"""The drawing rendered by matplotlib: SVG with editable text, PNG and PDF."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.legend_handler import HandlerTuple
from matplotlib.patches import Rectangle

from echemscreen.scales import electrode, from_she, she_from
from echemscreen.views.alignment.drawing import Drawing, axis_label, exciton_words
from echemscreen.views.alignment.level_marks import (
    draw_guides,
    draw_levels,
    draw_names,
    guide_label,
    legend_handles,
)
from echemscreen.views.palette import BAND_COLOUR, EDGE_COLOUR, GAP_COLOUR, SIGMA_ALPHA, SIGMA_COLOUR
from echemscreen.views.sheets import FREE, Sheet
from echemscreen.views.typeset import filled, fitted, length_in

#: Inches: between the slanted names and the caption, the least width of the axes of a figure that is as wide
#: as it needs to be, and a line of type in units of its size.
_NAME_GAP_IN, _LEAST_BODY_IN, LINE = 0.12, 4.2, 1.25
#: Distance of species where there is room, inches; from how many on they stand closer.
_WIDE_IN, _MANY = 0.36, 20
POINTS_IN = 72.0
_UPRIGHT_DEG = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Inches of everything on the sheet."""

    unit: float
    left: float
    body: float
    right: float
    top: float
    bottom: float
    height: float

    @property
    def width(self) -> float:
        return self.left + self.body + self.right


def render(drawing: Drawing, sheet: Sheet = FREE) -> Figure:
    """The drawing as a matplotlib figure."""
    unit, left, body, right = _across(drawing, sheet)
    slant = math.radians(sheet.slant_deg)
    rooms = [sheet.longest_in] * len(drawing.columns)
    if sheet.width_in is not None and sheet.slant_deg < _UPRIGHT_DEG:
        # A slanted name runs down and to the left, and must not leave the sheet.
        rooms = [
            min(room, (left + (column.x + 0.6) * unit - 0.08) / math.cos(slant))
            for room, column in zip(rooms, drawing.columns, strict=True)
        ]
    names = [
        length_in(fitted(column.label, sheet.name_pt, room), sheet.name_pt)
        for column, room in zip(drawing.columns, rooms, strict=True)
    ]
    width = left + body + right
    caption, caption_in = caption_of(drawing.caption, sheet, width)
    below = max(names, default=0.0) * math.sin(slant) + sheet.name_pt / POINTS_IN
    handles, words = legend_handles(drawing, sheet)
    columns, legend_in = legend_size(words, sheet, width)
    plan = _Plan(
        unit=unit,
        left=left,
        body=body,
        right=right,
        top=legend_in + 0.16,
        bottom=caption_in + below + _NAME_GAP_IN,
        height=sheet.height_in,
    )
    figure, axes = _axes(drawing, sheet, plan)
    draw_bands(axes, drawing, sheet)
    draw_levels(axes, drawing, sheet)
    draw_names(axes, drawing, rooms, sheet)
    draw_guides(axes, drawing, sheet, unit)
    draw_legend(figure, (handles, words), columns, sheet)
    draw_caption(figure, caption, sheet)
    return figure


def caption_of(words: str, sheet: Sheet, width_in: float) -> tuple[str, float]:
    """A caption in lines, and the height that it takes, inches; nothing where none is wanted."""
    if not sheet.has_caption or not words:
        return "", 0.0
    text = filled(words, sheet.small_pt, width_in - 0.24)
    return text, (text.count("\n") + 1) * LINE * sheet.small_pt / POINTS_IN + 0.08


def draw_caption(figure: Figure, text: str, sheet: Sheet = FREE) -> None:
    """A caption at the foot of the sheet."""
    width, height = figure.get_size_inches()
    if text:
        figure.text(
            0.12 / width, 0.06 / height, text, fontsize=sheet.small_pt, color=EDGE_COLOUR, va="bottom"
        )


def legend_size(words: list[str], sheet: Sheet, width_in: float) -> tuple[int, float]:
    """In how many columns a legend stands, and its height, inches."""
    widest = max(length_in(text, sheet.name_pt) for text in words) + 0.42
    columns = max(int((width_in - 0.2) / widest), 1)
    rows = math.ceil(len(words) / columns)
    return columns, rows * 1.5 * sheet.name_pt / POINTS_IN


def draw_legend(
    figure: Figure, entries: tuple[list[Any], list[str]], columns: int, sheet: Sheet = FREE
) -> None:
    """What the signs mean, at the top of the sheet."""
    width, height = figure.get_size_inches()
    figure.legend(
        handles=entries[0],
        labels=entries[1],
        handler_map={tuple: HandlerTuple(ndivide=1, pad=0)},
        loc="upper left",
        bbox_to_anchor=(0.1 / width, 1 - 0.05 / height),
        ncols=columns,
        frameon=False,
        fontsize=sheet.name_pt,
        handlelength=2.0,
        columnspacing=1.2,
        borderaxespad=0.0,
        labelspacing=0.25,
    )


def _across(drawing: Drawing, sheet: Sheet) -> tuple[float, float, float, float]:
    """Width of a species, left margin, axes and right margin, inches."""
    labels = [length_in(guide_label(guide, sheet), sheet.small_pt) for guide in drawing.guides]
    guides_in = max(sheet.guides_in if sheet.width_in is None else 0.0, max(labels, default=0.0) + 0.2)
    units = drawing.last_x + 0.8
    if sheet.width_in is not None and not sheet.has_other_axis:
        unit = min((sheet.width_in - sheet.margin_in - guides_in) / units, _WIDE_IN)
        return unit, sheet.margin_in, unit * units, sheet.width_in - sheet.margin_in - unit * units
    if sheet.width_in is not None:
        body = sheet.width_in - 2 * sheet.margin_in
        return min((body - guides_in) / units, _WIDE_IN), sheet.margin_in, body, sheet.margin_in
    unit = _WIDE_IN if len(drawing.columns) <= _MANY else sheet.least_in
    left = sheet.margin_in
    for column in drawing.columns:
        reach = length_in(column.label, sheet.name_pt) * math.cos(math.radians(sheet.slant_deg)) + 0.15
        left = max(left, reach - (column.x + 0.6) * unit)
    return unit, left, max(units * unit + guides_in, _LEAST_BODY_IN), sheet.margin_in


def _axes(drawing: Drawing, sheet: Sheet, plan: _Plan) -> tuple[Figure, Axes]:
    height = plan.bottom + plan.height + plan.top
    figure = Figure(figsize=(plan.width, height))
    FigureCanvasAgg(figure)
    axes = figure.add_axes(
        (plan.left / plan.width, plan.bottom / height, plan.body / plan.width, plan.height / height)
    )
    axes.set_xlim(-0.6, plan.body / plan.unit - 0.6)
    frame_axes(axes, drawing, sheet)
    return figure, axes


def frame_axes(axes: Axes, drawing: Drawing, sheet: Sheet = FREE) -> None:
    """The axis at the left, and at the right the other reference: vacuum, or SHE where that is vacuum."""
    axes.set_ylim(drawing.bottom, drawing.top)
    axes.set_ylabel(drawing.axis_label, fontsize=sheet.axis_pt)
    axes.tick_params(axis="y", labelsize=sheet.axis_pt, pad=2)
    if not sheet.has_other_axis:
        return
    other = "she" if drawing.scale == "vacuum" else "vacuum"
    right = axes.twinx()
    right.set_ylim(*(from_she(she_from(end, drawing.scale), other) for end in (drawing.bottom, drawing.top)))
    right.set_ylabel(axis_label(electrode(other).label), fontsize=sheet.axis_pt)
    right.tick_params(axis="y", labelsize=sheet.axis_pt, pad=2)


def draw_bands(axes: Axes, drawing: Drawing, sheet: Sheet = FREE) -> None:
    """The dot: its layers, the edges across the drawing, and the exciton."""
    for block in drawing.blocks:
        for edge, end in ((block.cbm, drawing.top), (block.vbm, drawing.bottom)):
            axes.add_patch(
                Rectangle(
                    (block.x - 0.5, edge),
                    1.0,
                    end - edge,
                    facecolor=BAND_COLOUR,
                    edgecolor=EDGE_COLOUR,
                    lw=0.6,
                )
            )
    draw_block_names(axes, drawing, sheet)
    draw_edges(axes, drawing)
    if drawing.exciton_ev > 0:
        _exciton(axes, drawing, sheet)


def draw_block_names(axes: Axes, drawing: Drawing, sheet: Sheet = FREE) -> None:
    """The material and the size of each layer, upright in its gap."""
    for block in drawing.blocks:
        axes.text(
            block.x,
            0.5 * (block.cbm + block.vbm),
            block.label,
            rotation=90,
            ha="center",
            va="center",
            fontsize=sheet.small_pt,
            zorder=3,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.85},
        )


def _exciton(axes: Axes, drawing: Drawing, sheet: Sheet) -> None:
    """The first exciton as an arrow that begins at the valence-band edge."""
    x = len(drawing.blocks) - 0.2
    axes.annotate(
        "",
        xy=(x, drawing.exciton_value),
        xytext=(x, drawing.vbm),
        arrowprops={
            "arrowstyle": "->,head_length=0.3,head_width=0.15",
            "color": EDGE_COLOUR,
            "lw": 0.8,
            "shrinkA": 0,
            "shrinkB": 0,
        },
        zorder=3,
    )
    axes.annotate(
        f"exciton {exciton_words(drawing.exciton_ev)}",
        xy=(x, 0.5 * (drawing.vbm + drawing.exciton_value)),
        xytext=(0.9 * sheet.small_pt, 0),
        textcoords="offset points",
        rotation=90,
        ha="center",
        va="center",
        fontsize=sheet.small_pt,
        color=EDGE_COLOUR,
        zorder=3,
    )


def draw_edges(axes: Axes, drawing: Drawing) -> None:
    """The gap between the confined edges, and each edge with its uncertainty."""
    end_x = drawing.last_x + 0.2
    axes.add_patch(
        Rectangle(
            (-0.5, drawing.cbm),
            end_x + 0.5,
            drawing.vbm - drawing.cbm,
            facecolor=GAP_COLOUR,
            lw=0,
            zorder=0.5,
        )
    )
    for edge, sigma in ((drawing.cbm, drawing.cbm_sigma), (drawing.vbm, drawing.vbm_sigma)):
        axes.add_patch(
            Rectangle(
                (-0.5, edge - sigma),
                end_x + 0.5,
                2 * sigma,
                facecolor=SIGMA_COLOUR,
                alpha=SIGMA_ALPHA,
                lw=0,
                zorder=1.5,
            )
        )
        given = any(guide.kind == "user edge" and guide.value == edge for guide in drawing.guides)
        axes.plot([-0.5, end_x], [edge, edge], color=EDGE_COLOUR, lw=0.9, ls="-" if given else "--", zorder=2)
