"""Band edges of several dots and materials beside the couples of metals: the figure and its table.

Electrons rise upwards, so that a couple below a conduction band is reduced by its electrons.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from echemscreen.errors import InputError, StoreError
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment.drawing import axis_label, signed, spread
from echemscreen.views.alignment.rendering import caption_of, draw_caption
from echemscreen.views.figure_file import made, write
from echemscreen.views.palette import COUPLE_COLOUR, COUPLE_TEXT_COLOUR, EDGE_COLOUR
from echemscreen.views.sheets import PLAIN, FigureStyle, Sheet
from echemscreen.views.typeset import fitted, ions, length_in

#: Columns of the table; potentials in V vs SHE, drives in eV.
_COLUMNS = ("name", "spec", "cbm_v_she", "cbm_sigma_v", "cbm_kind", "vbm_v_she", "vbm_sigma_v", "vbm_kind")
#: How far the axis runs beyond what is drawn, V.
_MARGIN_V = 0.4
_WIDTH, _SPACING_IN = 0.62, 0.52
#: Dots stand no closer, and their names are no longer, inches.
_LEAST_IN, _LONGEST_IN = 0.3, 2.2
_BAND_COLOUR = "#BFC8D0"


def write_edges(dots: Sequence[Mapping[str, Any]], couples: Sequence[str], path: Path) -> None:
    """Write the edges, and the drive of each dot's electrons to reduce each couple, into a CSV file.

    Parameters
    ----------
    dots
        JSON objects of dots.
    couples
        Free aqueous couples such as ``Cd2+/Cd``.

    Raises
    ------
    InputError
        if a couple is unknown.
    StoreError
        if the file cannot be written.
    """
    potentials = potentials_of(dots, couples)
    try:
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow([*_COLUMNS, *(f"drive_{couple}_ev" for couple in potentials)])
            for dot in dots:
                drives = [round(e0 - float(dot["cbm_v_she"]), 3) for e0 in potentials.values()]
                writer.writerow([*(_cell(dot[name]) for name in _COLUMNS), *drives])
    except OSError as error:
        raise StoreError(
            f"The table {path} cannot be written: {error.strerror or error}.", "Free some space."
        ) from error


def _cell(value: object) -> object:
    return round(value, 3) if isinstance(value, float) else value


def draw_edges(
    dots: Sequence[Mapping[str, Any]],
    couples: Sequence[str],
    path: Path,
    *,
    scale: str = "she",
    style: FigureStyle = PLAIN,
) -> None:
    """Draw conduction and valence bands side by side, with a line for each couple.

    Parameters
    ----------
    dots
        JSON objects of dots.
    couples
        Free aqueous couples such as ``Cd2+/Cd``.
    scale
        ``she``, ``vacuum``, ``fc`` or ``sce``.

    Raises
    ------
    InputError
        if a couple or the scale is unknown.
    StoreError
        if the file cannot be written.
    """
    potentials = potentials_of(dots, couples)
    electrode(scale)
    write(lambda: _figure(dots, potentials, scale, style), path, style.sheet)


def figure(
    dots: Sequence[Mapping[str, Any]],
    couples: Sequence[str],
    *,
    scale: str = "she",
    style: FigureStyle = PLAIN,
) -> Figure:
    """The same as a matplotlib figure, written nowhere; see :func:`draw_edges`."""
    potentials = potentials_of(dots, couples)
    return made(lambda: _figure(dots, potentials, scale, style), style.sheet)


def potentials_of(dots: Sequence[Mapping[str, Any]], couples: Sequence[str]) -> dict[str, float]:
    """The free aqueous couples, V vs SHE; they are the same for every dot.

    Raises
    ------
    InputError
        if a couple is unknown.
    """
    known = {
        str(item["couple"]): float(item["e0_v_she"])
        for item in dots[0]["couples"]
        if item["kind"] == "aqueous"
    }
    for couple in couples:
        if couple not in known:
            raise InputError(f"There is no couple '{couple}'.", f"Known: {', '.join(known)}.")
    return {couple: known[couple] for couple in couples}


def _figure(
    dots: Sequence[Mapping[str, Any]], potentials: Mapping[str, float], scale: str, style: FigureStyle
) -> Figure:
    sheet, unit = style.sheet, electrode(scale).label.partition(" ")[0]
    names = [fitted(style.named(str(dot["name"] or dot["spec"])), sheet.name_pt, _LONGEST_IN) for dot in dots]
    slant = math.radians(sheet.slant_deg)
    longest_in = max(length_in(name, sheet.name_pt) for name in names)
    words = (
        f"Edges with one standard deviation; absolute SHE {-electrode('vacuum').offset_v_she:.2f} eV. "
        "Dotted: free aqueous couples."
    )
    labels = {
        name: f"{ions(name)} {signed(from_she(e0, scale), 2)} {unit}" for name, e0 in potentials.items()
    }
    labels_in = max((length_in(text, sheet.small_pt) for text in labels.values()), default=0.0) + 0.3
    height_in, top_in, left_in = sheet.height_in - 0.8, 0.12, 0.8 if sheet.width_in is None else 0.52
    right_in = left_in if sheet.has_other_axis else 0.06
    spacing = _SPACING_IN
    body_in = len(dots) * spacing + max(labels_in, 0.3)
    if sheet.width_in is not None:
        body_in = sheet.width_in - left_in - right_in
        spacing = min((body_in - labels_in) / len(dots), _SPACING_IN)
        if spacing < _LEAST_IN:
            fitting = int((body_in - labels_in) / _LEAST_IN)
            raise InputError(
                f"{style.width_words.capitalize()} has no room for {len(dots)} dots; {fitting} have.",
                "Take fewer dots or a wider figure.",
            )
    width_in = left_in + body_in + right_in
    caption, caption_in = caption_of(words, sheet, width_in)
    bottom_in = caption_in + 0.15 + longest_in * math.sin(slant) + sheet.name_pt / 72.0 * math.cos(slant)
    full_in = bottom_in + height_in + top_in
    found = Figure(figsize=(width_in, full_in))
    FigureCanvasAgg(found)
    axes = found.add_axes((left_in / width_in, bottom_in / full_in, body_in / width_in, height_in / full_in))
    upper = [float(dot["cbm_v_she"]) - float(dot["cbm_sigma_v"]) for dot in dots]
    lower = [float(dot["vbm_v_she"]) + float(dot["vbm_sigma_v"]) for dot in dots]
    top_v = min([*upper, *potentials.values()]) - _MARGIN_V
    bottom_v = max([*lower, *potentials.values()]) + _MARGIN_V
    axes.set_ylim(from_she(bottom_v, scale), from_she(top_v, scale))
    axes.set_xlim(-0.5, body_in / spacing - 0.5)
    axes.set_ylabel(axis_label(electrode(scale).label), fontsize=sheet.axis_pt)
    axes.tick_params(axis="y", labelsize=sheet.axis_pt)
    if sheet.has_other_axis:
        other = "she" if scale == "vacuum" else "vacuum"
        right = axes.twinx()
        right.set_ylim(from_she(bottom_v, other), from_she(top_v, other))
        right.set_ylabel(axis_label(electrode(other).label), fontsize=sheet.axis_pt)
        right.tick_params(axis="y", labelsize=sheet.axis_pt)
    _bands(axes, dots, (top_v, bottom_v), scale, sheet)
    ordered = sorted(potentials.items(), key=lambda item: item[1])
    room = 1.25 * sheet.small_pt / 72.0 / height_in * (bottom_v - top_v)
    places = spread([value for _, value in ordered], room, top_v, bottom_v)
    last = len(dots) - 0.5
    for (name, value), place in zip(ordered, places, strict=True):
        y = from_she(value, scale)
        axes.plot((-0.5, last), (y, y), color=COUPLE_COLOUR, ls=":", lw=1.3, zorder=4)
        axes.plot((last, last + 0.15), (y, from_she(place, scale)), color=COUPLE_COLOUR, lw=0.7)
        axes.text(
            last + 0.2,
            from_she(place, scale),
            labels[name],
            color=COUPLE_TEXT_COLOUR,
            fontsize=sheet.small_pt,
            va="center",
        )
    axes.set_xticks(range(len(dots)), names, rotation=sheet.slant_deg, ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", labelsize=sheet.name_pt, length=2.0)
    draw_caption(found, caption, sheet)
    return found


def _bands(
    axes: Axes, dots: Sequence[Mapping[str, Any]], ends_v: tuple[float, float], scale: str, sheet: Sheet
) -> None:
    """Both bands of each dot to the ends of the axis, with error bars and numbers."""
    top_v, bottom_v = ends_v
    for x, dot in enumerate(dots):
        for edge, end in (("cbm", top_v), ("vbm", bottom_v)):
            value, sigma = float(dot[f"{edge}_v_she"]), float(dot[f"{edge}_sigma_v"])
            low, high = from_she(value, scale), from_she(end, scale)
            axes.add_patch(
                Rectangle(
                    (x - _WIDTH / 2, low),
                    _WIDTH,
                    high - low,
                    facecolor=_BAND_COLOUR,
                    edgecolor=EDGE_COLOUR,
                    lw=0.8,
                )
            )
            axes.errorbar(x, low, yerr=sigma, color=EDGE_COLOUR, capsize=2.5, lw=0.9)
            # Beyond the error bar, inside the band.
            axes.annotate(
                signed(low, 2),
                (x, from_she(value + (-sigma if edge == "cbm" else sigma), scale)),
                xytext=(0, 2.5 if edge == "cbm" else -2.5),
                textcoords="offset points",
                ha="center",
                va="bottom" if edge == "cbm" else "top",
                fontsize=sheet.small_pt,
                bbox={"facecolor": _BAND_COLOUR, "edgecolor": "none", "pad": 0.6},
                zorder=5,
            )
