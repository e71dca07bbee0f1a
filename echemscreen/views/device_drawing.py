"""The whole device: electrodes, transport layers and, in the middle, the dot with its ligands.

Left to right from the anode to the cathode. An electrode is a bar at its work function, a transport
layer a box from HOMO to LUMO, the dot a well of boxes from shell to core and out again; flat levels,
no bending. A layer whose numbers nobody has read at their source is hatched and says so.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from echemscreen.scales import from_she, she_from
from echemscreen.views.drawing import Drawing, signed
from echemscreen.views.rendering import (
    EDGE_COLOUR,
    SLANT_DEG,
    draw_edges,
    draw_guides,
    draw_right_axis,
    draw_species,
    legend_handles,
    name_length_in,
)

#: Energies against vacuum, eV, between which layers are drawn; an insulator reaches beyond.
_HIGHEST_EV, _LOWEST_EV = -1.3, -8.9
#: Widths on the sheet, inches: a layer, a species or a layer of the dot, the names of couples.
_SLOT_IN, _SPECIES_IN, _LABELS_IN, _GAP_IN = 0.54, 0.25, 0.95, 0.1
_HEIGHT_IN = 4.0
#: Width of a column of the legend, the widest, inches.
_LEGEND_IN = 1.35
_FILLS = {
    "electrode": "#8C8C8C",
    "conductor": "#B8B8B8",
    "hole_injection": "#F6DDB8",
    "hole_transport": "#F3CFA2",
    "electron_transport": "#BFD9EE",
    "insulator": "#E4E4E4",
}
#: The same, under the hatching of what is unverified.
_PALE = dict.fromkeys(("hole_injection", "hole_transport"), "#FCF1E4") | {"electron_transport": "#EDF5FB"}
_DOT_FILL, _CORE_FILL = "#F4D9DF", "#E6AEBB"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLevel:
    """A level of a layer in axis units; ``drawn`` ends at the axis where ``value`` lies beyond."""

    value: float
    drawn: float
    sigma: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A layer of the device. An electrode has only its ``lower`` level, the work function."""

    name: str
    role: str
    thickness_nm: float | None
    upper: DeviceLevel | None
    lower: DeviceLevel | None
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device as numbers on the chosen axis."""

    before: tuple[Slot, ...]
    after: tuple[Slot, ...]
    dots_nm: float | None
    window_v: tuple[float, float]
    """Potentials, V vs SHE, that its layers need."""
    caption: str


def place_device(stack: Mapping[str, Any], scale: str) -> Device:
    """Put the layers of a device on an axis.

    Parameters
    ----------
    stack
        The JSON object of a device: energies in eV against vacuum.
    scale
        ``she``, ``vacuum``, ``fc`` or ``sce``.
    """
    layers = [*stack["before"], *stack["after"]]
    # Error bars are drawn whole, too.
    energies = [
        min(max(level["energy_ev"] + sign * (level["sigma_ev"] or 0.0), _LOWEST_EV - 1.0), _HIGHEST_EV)
        for layer in layers
        for level in layer["levels"].values()
        for sign in (-1.0, 1.0)
    ]

    def slot(layer: Mapping[str, Any]) -> Slot:
        levels = layer["levels"]
        return Slot(
            name=str(layer["name"]),
            role=str(layer["role"]),
            thickness_nm=layer["thickness_nm"],
            upper=_level(levels.get("lumo"), scale),
            lower=_level(levels.get("work_function") or levels.get("homo"), scale),
            verified=all(level["verified"] for level in levels.values()),
        )

    return Device(
        before=tuple(slot(layer) for layer in stack["before"]),
        after=tuple(slot(layer) for layer in stack["after"]),
        dots_nm=stack["dots_nm"],
        window_v=(she_from(max(energies), "vacuum"), she_from(min(energies), "vacuum")),
        caption=_caption(stack),
    )


def render_device(drawing: Drawing, device: Device) -> Figure:
    """The device and the dot's diagram as a matplotlib figure."""
    slot = _SLOT_IN / _SPECIES_IN
    gap = _GAP_IN / _SPECIES_IN
    labels = max(
        _LABELS_IN, max((name_length_in(guide.label, 6.5) for guide in drawing.guides), default=0.0) + 0.25
    )
    end = drawing.last_x + 0.2 + labels / _SPECIES_IN
    first = -0.5 - gap - slot * len(device.before)
    last = end + gap + slot * len(device.after)
    left_in, right_in = 0.6, 0.6
    body_in = (last - first + 2 * gap) * _SPECIES_IN
    width_in = left_in + body_in + right_in
    handles = _legend(device)
    columns = min(6, max(2, int((body_in + right_in) / _LEGEND_IN)))
    top_in = 0.42 + 0.165 * math.ceil(len(handles) / columns)
    lines = textwrap.wrap(f"{drawing.caption} {device.caption}", int(width_in * 19.5))
    names_in = max((name_length_in(column.label) for column in drawing.columns), default=0.0)
    caption_in = 0.115 * len(lines) + 0.1
    bottom_in = caption_in + 0.2 + names_in * math.sin(math.radians(SLANT_DEG))
    height_in = bottom_in + _HEIGHT_IN + top_in
    figure = Figure(figsize=(width_in, height_in))
    FigureCanvasAgg(figure)
    axes = figure.add_axes(
        (left_in / width_in, bottom_in / height_in, body_in / width_in, _HEIGHT_IN / height_in)
    )
    axes.set_xlim(first - gap, last + gap)
    axes.set_ylim(drawing.bottom, drawing.top)
    axes.set_ylabel(drawing.axis_label)
    draw_right_axis(axes, drawing)
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
    draw_species(axes, drawing)
    draw_guides(axes, drawing)
    for start, slots in ((first, device.before), (end + gap, device.after)):
        for index, item in enumerate(slots):
            _slot(axes, drawing, item, start + slot * index, slot)
    _header(axes, 0.5 * (end - 0.5), "dots with their ligands", device.dots_nm)
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(left_in / width_in, 0.998),
        ncols=columns,
        frameon=False,
        fontsize=7,
        handlelength=2.0,
        columnspacing=1.3,
        borderaxespad=0.0,
    )
    figure.text(
        0.1 / width_in, 0.06 / height_in, "\n".join(lines), fontsize=6.5, color=EDGE_COLOUR, va="bottom"
    )
    return figure


def _level(level: Mapping[str, Any] | None, scale: str) -> DeviceLevel | None:
    if level is None:
        return None

    def axis(energy_ev: float) -> float:
        return from_she(she_from(energy_ev, "vacuum"), scale)

    energy_ev = float(level["energy_ev"])
    return DeviceLevel(
        value=axis(energy_ev),
        drawn=axis(min(max(energy_ev, _LOWEST_EV), _HIGHEST_EV)),
        sigma=level["sigma_ev"],
    )


def _dot(axes: Axes, drawing: Drawing) -> None:
    """The bulk gaps of shell and core as boxes; the confined edges run across them."""
    middle = len(drawing.blocks) // 2
    for index, block in enumerate(drawing.blocks):
        axes.add_patch(
            Rectangle(
                (block.x - 0.5, min(block.cbm, block.vbm)),
                1.0,
                abs(block.cbm - block.vbm),
                facecolor=_CORE_FILL if index == middle else _DOT_FILL,
                edgecolor=EDGE_COLOUR,
                lw=0.6,
                zorder=1,
            )
        )
        axes.text(
            block.x,
            0.5 * (block.cbm + block.vbm),
            block.label,
            rotation=90,
            ha="center",
            va="center",
            fontsize=6.5,
            zorder=3,
        )


def _slot(axes: Axes, drawing: Drawing, item: Slot, x: float, width: float) -> None:
    """A layer: its box or bar, its numbers inside, its error bars at the right."""
    sign = 1.0 if drawing.top > drawing.bottom else -1.0
    span = abs(drawing.top - drawing.bottom)
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
                facecolor=_FILLS[item.role],
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
            facecolor=_FILLS[item.role] if item.verified else _PALE.get(item.role, "white"),
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


def _legend(device: Device) -> list[Any]:
    handles = legend_handles()
    roles = {slot.role for slot in (*device.before, *device.after)}
    for role, words in (
        ("hole_transport", "HOMO to LUMO, hole layer"),
        ("electron_transport", "electron layer"),
    ):
        if role in roles:
            handles.append(Patch(facecolor=_FILLS[role], edgecolor=EDGE_COLOUR, lw=0.6, label=words))
    if not all(slot.verified for slot in (*device.before, *device.after)):
        handles.append(
            Patch(
                facecolor="white",
                edgecolor="#888888",
                hatch="////",
                lw=0.6,
                ls="--",
                label="unverified numbers",
            )
        )
    return handles


def _caption(stack: Mapping[str, Any]) -> str:
    """Barriers and sources in words."""
    words = []
    for carrier in ("hole", "electron"):
        steps = [
            f"{item['source']} to {item['target']} {signed(item['barrier_ev'], 2)}"
            + ("" if item["sigma_ev"] is None else f" ± {item['sigma_ev']:.2f}")
            + ("" if item["verified"] else " (unverified)")
            for item in stack["barriers"]
            if item["carrier"] == carrier
        ]
        if steps:
            words.append(f"{carrier}s {', '.join(steps)}")
    text = (
        f"Device {stack['name']}: {stack['label']} ({stack['citation']}). "
        f"Barriers between flat levels, eV, positive is uphill: {'; '.join(words)}."
    )
    layers = [*stack["before"], *stack["after"]]
    if not all(level["verified"] for layer in layers for level in layer["levels"].values()):
        text += " Unverified: no source of the layer's numbers was read."
    return text
