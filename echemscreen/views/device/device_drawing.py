"""The whole device: electrodes, transport layers and, in the middle, the dot with its ligands.

Left to right from the anode to the cathode. An electrode is a bar at its work function, a transport
layer a box from HOMO to LUMO, the dot a well of boxes from shell to core and out again; flat levels,
no bending. A layer whose numbers nobody has read at their source is hatched and says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from echemscreen.views.alignment.drawing import Drawing, signed
from echemscreen.views.alignment.level_marks import (
    draw_guides,
    draw_levels,
    draw_names,
    guide_label,
    legend_handles,
)
from echemscreen.views.alignment.rendering import (
    draw_block_names,
    draw_edges,
    draw_legend,
    frame_axes,
    legend_size,
)
from echemscreen.views.device.device_layout import Device, DeviceLevel, Slot
from echemscreen.views.figure_file import FREE, filled, length_in
from echemscreen.views.palette import CORE_FILL, DOT_FILL, EDGE_COLOUR, FILLS, PALE_FILLS

#: Widths on the sheet, inches: a layer, a species or a layer of the dot, the names of couples.
_SLOT_IN, _SPECIES_IN, _LABELS_IN, _GAP_IN = 0.54, 0.25, 0.95, 0.1
_HEIGHT_IN = 4.0


def render_device(drawing: Drawing, device: Device) -> Figure:
    """The device and the dot's diagram as a matplotlib figure."""
    slot = _SLOT_IN / _SPECIES_IN
    gap = _GAP_IN / _SPECIES_IN
    labels = max(
        _LABELS_IN,
        max((length_in(guide_label(guide, FREE), FREE.small_pt) for guide in drawing.guides), default=0.0)
        + 0.25,
    )
    end = drawing.last_x + 0.2 + labels / _SPECIES_IN
    first = -0.5 - gap - slot * len(device.before)
    last = end + gap + slot * len(device.after)
    left_in, right_in = 0.6, 0.6
    body_in = (last - first + 2 * gap) * _SPECIES_IN
    width_in = left_in + body_in + right_in
    handles, words = _legend(drawing, device)
    columns, legend_in = legend_size(words, FREE, width_in)
    top_in = 0.42 + legend_in
    caption = filled(f"{drawing.caption} {device.caption}", FREE.small_pt, width_in - 0.2)
    names_in = max((length_in(column.label, FREE.name_pt) for column in drawing.columns), default=0.0)
    caption_in = 0.115 * (caption.count("\n") + 1) + 0.1
    bottom_in = caption_in + 0.2 + names_in * math.sin(math.radians(FREE.slant_deg))
    height_in = bottom_in + _HEIGHT_IN + top_in
    figure = Figure(figsize=(width_in, height_in))
    FigureCanvasAgg(figure)
    axes = figure.add_axes(
        (left_in / width_in, bottom_in / height_in, body_in / width_in, _HEIGHT_IN / height_in)
    )
    axes.set_xlim(first - gap, last + gap)
    frame_axes(axes, drawing)
    axes.add_patch(
        Rectangle(
            (-0.5 - 0.5 * gap, 0),
            end + 0.5 + gap,
            1,
            transform=axes.get_xaxis_transform(),
            facecolor="#FAFAFA",
            edgecolor="#CCCCCC",
            lw=0.5,
            zorder=0.1,
        )
    )
    _dot(axes, drawing)
    draw_edges(axes, drawing)
    draw_levels(axes, drawing)
    draw_names(axes, drawing, [math.inf] * len(drawing.columns))
    draw_guides(axes, drawing, unit_in=_SPECIES_IN)
    for start, slots in ((first, device.before), (end + gap, device.after)):
        for index, item in enumerate(slots):
            _slot(axes, drawing, item, start + slot * index, slot)
    _header(axes, 0.5 * (end - 0.5), "dots with their ligands", device.dots_nm)
    draw_legend(figure, (handles, words), columns)
    figure.text(
        0.1 / width_in, 0.06 / height_in, caption, fontsize=FREE.small_pt, color=EDGE_COLOUR, va="bottom"
    )
    return figure


def _dot(axes: Axes, drawing: Drawing) -> None:
    """The bulk gaps of shell and core as boxes; the confined edges run across them."""
    middle = len(drawing.blocks) // 2
    for index, block in enumerate(drawing.blocks):
        axes.add_patch(
            Rectangle(
                (block.x - 0.5, min(block.cbm, block.vbm)),
                1.0,
                abs(block.cbm - block.vbm),
                facecolor=CORE_FILL if index == middle else DOT_FILL,
                edgecolor=EDGE_COLOUR,
                lw=0.6,
                zorder=1,
            )
        )
    draw_block_names(axes, drawing)


def _slot(axes: Axes, drawing: Drawing, item: Slot, x: float, width: float) -> None:
    """A layer: its box or bar, its numbers inside, its error bars at the right."""
    sign, span = math.copysign(1.0, drawing.upwards), abs(drawing.upwards)
    middle, bar_x = x + 0.5 * width, x + 0.86 * width
    _header(axes, middle, item.name, item.thickness_nm)
    if item.lower is None or item.upper is None:
        level = item.lower or item.upper
        if level is None:
            return
        # A metal is filled with electrons up to its work function.
        depth = 0.05 * span
        axes.add_patch(
            Rectangle(
                (x + 0.04 * width, level.drawn),
                0.92 * width,
                -sign * depth,
                facecolor=FILLS[item.role],
                edgecolor="none",
                alpha=0.55,
                zorder=2,
            )
        )
        axes.plot(
            [x + 0.04 * width, x + 0.96 * width],
            [level.drawn] * 2,
            color=EDGE_COLOUR,
            lw=1.8,
            solid_capstyle="butt",
            zorder=3,
        )
        _numbers(axes, ((level, -1.0, depth),), (middle, bar_x), sign * span)
        return
    axes.add_patch(
        Rectangle(
            (x + 0.04 * width, min(item.upper.drawn, item.lower.drawn)),
            0.92 * width,
            abs(item.upper.drawn - item.lower.drawn),
            facecolor=FILLS[item.role] if item.verified else PALE_FILLS.get(item.role, "white"),
            edgecolor=EDGE_COLOUR if item.verified else "#9A9A9A",
            hatch=None if item.verified else "////",
            lw=0.7,
            ls="-" if item.verified else "--",
            zorder=2,
        )
    )
    if not item.verified:
        axes.text(
            middle,
            0.5 * (item.upper.drawn + item.lower.drawn),
            "unverified",
            rotation=90,
            ha="center",
            va="center",
            fontsize=6.5,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )
    _numbers(axes, ((item.upper, -1.0, 0.0), (item.lower, 1.0, 0.0)), (middle, bar_x), sign * span)


def _numbers(
    axes: Axes,
    levels: Sequence[tuple[DeviceLevel, float, float]],
    places: tuple[float, float],
    upwards: float,
) -> None:
    """The value of each level beside it: -1 below the level, +1 above; and its error bar.

    ``upwards`` is the length of the axis, negative where it runs downwards.
    """
    x, bar_x = places
    for level, side, extra in levels:
        axes.text(
            x - 0.12 * (bar_x - x),
            level.drawn + side * (0.012 * upwards + math.copysign(extra, upwards)),
            signed(level.value, 2),
            ha="center",
            va="top" if side < 0 else "bottom",
            fontsize=6.5,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
        )
        if level.sigma is not None and level.drawn == level.value:
            axes.errorbar(
                bar_x, level.drawn, yerr=level.sigma, color=EDGE_COLOUR, lw=0.8, capsize=1.6, zorder=5
            )


def _header(axes: Axes, x: float, name: str, thickness_nm: float | None) -> None:
    """The name of a layer above the frame, its thickness below the name."""
    axes.annotate(
        f"{name}\n{' ' if thickness_nm is None else f'{thickness_nm:g} nm'}",
        xy=(x, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=6.8,
        linespacing=1.15,
    )


def _legend(drawing: Drawing, device: Device) -> tuple[list[Any], list[str]]:
    handles, words = legend_handles(drawing)
    roles = {slot.role for slot in (*device.before, *device.after)}
    for role, label in (
        ("hole_transport", "HOMO to LUMO, hole layer"),
        ("electron_transport", "electron layer"),
    ):
        if role in roles:
            handles.append(Patch(facecolor=FILLS[role], edgecolor=EDGE_COLOUR, lw=0.6))
            words.append(label)
    if not all(slot.verified for slot in (*device.before, *device.after)):
        handles.append(Patch(facecolor="white", edgecolor="#888888", hatch="////", lw=0.6, ls="--"))
        words.append("unverified numbers")
    return handles, words
