"""Band edges of several dots and materials beside the couples of metals: the figure and its table.

Electrons rise upwards, so that a couple below a conduction band is reduced by its electrons.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from echemscreen.errors import InputError, StoreError
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment.drawing import axis_label, signed, spread
from echemscreen.views.figure_file import FREE, length_in, write
from echemscreen.views.palette import COUPLE_COLOUR, COUPLE_TEXT_COLOUR, EDGE_COLOUR

#: Columns of the table; potentials in V vs SHE, drives in eV.
_COLUMNS = ("name", "spec", "cbm_v_she", "cbm_sigma_v", "cbm_kind", "vbm_v_she", "vbm_sigma_v", "vbm_kind")
#: How far the axis runs beyond what is drawn, V.
_MARGIN_V = 0.4
_WIDTH, _SPACING_IN = 0.62, 0.52
_BAND_COLOUR = "#BFC8D0"
_SMALL_PT, _NAME_PT = 6.5, 7.0


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
    dots: Sequence[Mapping[str, Any]], couples: Sequence[str], path: Path, *, scale: str = "she"
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
    reference = electrode(scale)
    write(lambda: _figure(dots, potentials, scale, reference.label), path)


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
    dots: Sequence[Mapping[str, Any]], potentials: Mapping[str, float], scale: str, label: str
) -> Figure:
    names = [str(dot["name"] or dot["spec"]) for dot in dots]
    bottom_in = 0.6 + max(length_in(name, _NAME_PT) for name in names) * math.sin(
        math.radians(FREE.slant_deg)
    )
    height_in, top_in, left_in, right_in = 3.4, 0.25, 0.8, 0.75
    body_in = len(dots) * _SPACING_IN + 1.3
    width_in, full_in = left_in + body_in + right_in, bottom_in + height_in + top_in
    figure = Figure(figsize=(width_in, full_in))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((left_in / width_in, bottom_in / full_in, body_in / width_in, height_in / full_in))
    upper = [float(dot["cbm_v_she"]) - float(dot["cbm_sigma_v"]) for dot in dots]
    lower = [float(dot["vbm_v_she"]) + float(dot["vbm_sigma_v"]) for dot in dots]
    top_v = min([*upper, *potentials.values()]) - _MARGIN_V
    bottom_v = max([*lower, *potentials.values()]) + _MARGIN_V
    axes.set_ylim(from_she(bottom_v, scale), from_she(top_v, scale))
    axes.set_xlim(-0.5, body_in / _SPACING_IN - 0.5)
    axes.set_ylabel(axis_label(label))
    other = "she" if scale == "vacuum" else "vacuum"
    right = axes.twinx()
    right.set_ylim(from_she(bottom_v, other), from_she(top_v, other))
    right.set_ylabel(axis_label(electrode(other).label))
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
                fontsize=_SMALL_PT,
                bbox={"facecolor": _BAND_COLOUR, "edgecolor": "none", "pad": 0.6},
                zorder=5,
            )
    ordered = sorted(potentials.items(), key=lambda item: item[1])
    room = 0.045 * (bottom_v - top_v)
    places = spread([value for _, value in ordered], room, top_v, bottom_v)
    last, unit = len(dots) - 0.5, electrode(scale).label.partition(" ")[0]
    for (name, value), place in zip(ordered, places, strict=True):
        y = from_she(value, scale)
        axes.plot((-0.5, last), (y, y), color=COUPLE_COLOUR, ls=":", lw=1.3, zorder=4)
        axes.plot((last, last + 0.15), (y, from_she(place, scale)), color=COUPLE_COLOUR, lw=0.7)
        axes.text(
            last + 0.2,
            from_she(place, scale),
            f"{name} {signed(y, 2)} {unit}",
            color=COUPLE_TEXT_COLOUR,
            fontsize=_SMALL_PT,
            va="center",
        )
    axes.set_xticks(range(len(dots)), names, rotation=FREE.slant_deg, ha="right", rotation_mode="anchor")
    axes.tick_params(axis="x", labelsize=_NAME_PT, length=2.0)
    figure.text(
        0.1 / width_in,
        0.08 / full_in,
        f"Edges with one standard deviation;\nabsolute SHE {-electrode('vacuum').offset_v_she:.2f} eV. "
        "Dotted: free aqueous couples.",
        fontsize=_SMALL_PT,
        color=EDGE_COLOUR,
    )
    return figure
