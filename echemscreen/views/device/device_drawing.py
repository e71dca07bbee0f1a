"""The whole device: electrodes, transport layers and, in the middle, the dot with its ligands.

Left to right from the anode to the cathode. An electrode is a bar at its work function, a transport
layer a box from HOMO to LUMO, the dot a well of boxes from shell to core and out again; flat levels,
no bending. A layer whose numbers nobody has read at their source is hatched and says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from echemscreen.errors import InputError
from echemscreen.views.alignment.drawing import Drawing, signed
from echemscreen.views.alignment.level_marks import (
    draw_guides,
    draw_levels,
    draw_names,
    guide_label,
    legend_handles,
)
from echemscreen.views.alignment.rendering import (
    caption_of,
    draw_block_names,
    draw_caption,
    draw_edges,
    draw_legend,
    frame_axes,
    legend_size,
)
from echemscreen.views.device.device_layout import Device, DeviceLevel, Slot
from echemscreen.views.palette import CORE_FILL, DOT_FILL, EDGE_COLOUR, FILLS, PALE_FILLS
from echemscreen.views.sheets import FREE, MM_PER_IN, Sheet
from echemscreen.views.typeset import fitted, length_in

#: Widths, inches: the least of a layer of the device, room around its name, the names of couples, gaps.
_SLOT_IN, _ROOM_IN, _LABELS_IN, _GAP_IN = 0.42, 0.08, 0.95, 0.1
_SPECIES_IN, _MARGIN_IN, _HEIGHT_IN = 0.25, 0.6, 4.0
#: Names of the species in a column of a journal are no longer; they are slanted.
_LONGEST_IN, _SLANT_DEG = 1.6, 60.0


def species_in_device(n_layers: int, layers: Sequence[str], sheet: Sheet) -> int | None:
    """How many species fit into a device; ``None``: any number.

    Parameters
    ----------
    n_layers
        Of the dot, each counted as often as it is drawn.
    layers
        Names of the layers of the device.

    Raises
    ------
    InputError
        if the sheet is too narrow for a single one.
    """
    if sheet.width_in is None:
        return None
    fixed = 2 * _MARGIN_IN + 4 * _GAP_IN + sheet.guides_in + _slot_in(layers, sheet) * len(layers)
    room = math.floor((sheet.width_in - fixed) / _least_in(sheet) - n_layers - 2.0)
    if room < 1:
        need_mm = MM_PER_IN * (sheet.width_in + (1 - room) * _least_in(sheet))
        raise InputError(
            f"A device of {len(layers)} layers has no room in {sheet.width_in * MM_PER_IN:.4g} mm.",
            f"Give --width double, or at least {math.ceil(need_mm)}.",
        )
    return room


def _least_in(sheet: Sheet) -> float:
    """Distance of species."""
    return _SPECIES_IN if sheet.width_in is None else 0.15


def _slot_in(layers: Sequence[str], sheet: Sheet) -> float:
    """Width of a layer: its name stands above it."""
    longest = max((length_in(name, sheet.name_pt) for name in layers), default=0.0)
    return max(_SLOT_IN, longest + _ROOM_IN)


def render_device(drawing: Drawing, device: Device, sheet: Sheet = FREE) -> Figure:
    """The device and the dot's diagram as a matplotlib figure."""
    labels = [length_in(guide_label(guide, sheet), sheet.small_pt) for guide in drawing.guides]
    labels_in = max(_LABELS_IN if sheet.width_in is None else 0.0, max(labels, default=0.0) + 0.25)
    layers = [item.name for item in (*device.before, *device.after)]
    slot_in, unit = _slot_in(layers, sheet), _SPECIES_IN
    if sheet.width_in is not None:
        # What the layers leave is shared by the dot and its species.
        taken = 2 * _MARGIN_IN + 4 * _GAP_IN + slot_in * len(layers) + labels_in
        unit = min((sheet.width_in - taken) / (drawing.last_x + 0.7), _SPECIES_IN)
    slot, gap = slot_in / unit, _GAP_IN / unit
    end = drawing.last_x + 0.2 + labels_in / unit
    first = -0.5 - gap - slot * len(device.before)
    last = end + gap + slot * len(device.after)
    left_in = right_in = _MARGIN_IN
    body_in = (last - first + 2 * gap) * unit
    width_in = left_in + body_in + right_in
    handles, words = _legend(drawing, device, sheet)
    columns, legend_in = legend_size(words, sheet, width_in)
    top_in = 0.42 + legend_in
    caption, caption_in = caption_of(f"{drawing.caption} {device.caption}", sheet, width_in)
    slant = FREE.slant_deg if sheet.width_in is None else _SLANT_DEG
    longest = math.inf if sheet.width_in is None else _LONGEST_IN
    sheet = replace(sheet, slant_deg=slant)
    names = [length_in(fitted(c.label, sheet.name_pt, longest), sheet.name_pt) for c in drawing.columns]
    bottom_in = caption_in + 0.2 + max(names, default=0.0) * math.sin(math.radians(slant))
    height_in = bottom_in + _HEIGHT_IN + top_in
    figure = Figure(figsize=(width_in, height_in))
    FigureCanvasAgg(figure)
    axes = figure.add_axes(
        (left_in / width_in, bottom_in / height_in, body_in / width_in, _HEIGHT_IN / height_in)
    )
    axes.set_xlim(first - gap, last + gap)
    frame_axes(axes, drawing, sheet)
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
    _dot(axes, drawing, sheet)
    draw_edges(axes, drawing)
    draw_levels(axes, drawing, sheet)
    draw_names(axes, drawing, [longest] * len(drawing.columns), sheet)
    draw_guides(axes, drawing, sheet, unit)
    for start, slots in ((first, device.before), (end + gap, device.after)):
        for index, item in enumerate(slots):
            _slot(axes, drawing, item, (start + slot * index, slot), sheet)
    _header(axes, 0.5 * (end - 0.5), "dots with their ligands", device.dots_nm, sheet)
    draw_legend(figure, (handles, words), columns, sheet)
    draw_caption(figure, caption, sheet)
    return figure


def _dot(axes: Axes, drawing: Drawing, sheet: Sheet) -> None:
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
    draw_block_names(axes, drawing, sheet)


def _slot(axes: Axes, drawing: Drawing, item: Slot, place: tuple[float, float], sheet: Sheet) -> None:
    """A layer at its left end and of its width: its box or bar, its numbers inside, its error bars."""
    x, width = place
    sign, span = math.copysign(1.0, drawing.upwards), abs(drawing.upwards)
    middle, bar_x = x + 0.5 * width, x + 0.86 * width
    _header(axes, middle, item.name, item.thickness_nm, sheet)
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
        _numbers(axes, ((level, -1.0, depth),), (middle, bar_x), sign * span, sheet)
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
            fontsize=sheet.small_pt,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        )
    ends = ((item.upper, -1.0, 0.0), (item.lower, 1.0, 0.0))
    _numbers(axes, ends, (middle, bar_x), sign * span, sheet)


def _numbers(
    axes: Axes,
    levels: Sequence[tuple[DeviceLevel, float, float]],
    places: tuple[float, float],
    upwards: float,
    sheet: Sheet,
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
            fontsize=sheet.small_pt,
            zorder=4,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
        )
        if level.sigma is not None and level.drawn == level.value:
            axes.errorbar(
                bar_x, level.drawn, yerr=level.sigma, color=EDGE_COLOUR, lw=0.8, capsize=1.6, zorder=5
            )


def _header(axes: Axes, x: float, name: str, thickness_nm: float | None, sheet: Sheet) -> None:
    """The name of a layer above the frame, its thickness below the name."""
    axes.annotate(
        f"{name}\n{' ' if thickness_nm is None else f'{thickness_nm:g} nm'}",
        xy=(x, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 3),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=sheet.name_pt,
        linespacing=1.15,
    )


def _legend(drawing: Drawing, device: Device, sheet: Sheet) -> tuple[list[Any], list[str]]:
    handles, words = legend_handles(drawing, sheet)
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
