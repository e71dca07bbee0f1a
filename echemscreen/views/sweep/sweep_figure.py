"""The figure of a sweep: edges against one size, or the drive over two sizes, with the critical sizes.

Potentials run downwards, so that electrons rise. Colours and markers of the verdicts are those of
the alignment diagram.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from echemscreen.errors import InputError
from echemscreen.quantities import MINUS, Bound, quantity
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment.drawing import axis_label, spread
from echemscreen.views.figure_file import svg_text, write
from echemscreen.views.palette import COUPLE_COLOUR, COUPLE_TEXT_COLOUR, EDGE_COLOUR, STYLES, TEXT_COLOURS
from echemscreen.views.sweep.sweep_map import map_figure
from echemscreen.views.sweep.sweep_words import Content, caption_of, column_of, swept, title_of
from echemscreen.views.tables.cells import side

_CBM_COLOUR, _VBM_COLOUR, _RED_COLOUR, _OX_COLOUR = "#0072B2", "#009E73", "#A04000", "#7D5BA6"
#: Part of the width of a line plot that is kept for the names of the lines.
_LABEL_PART = 0.35
#: As many as a sheet of paper has.
_MAX_DIMENSIONS = 2
_POINT_PT, _SMALL_PT = 7.0, 6.5
#: A stretch of one verdict shorter than this part of the axis is not named.
_NAMED_PART = 0.12


def draw_sweep(content: Content, path: Path, *, inert: float = 0.10, active: float = 0.75) -> None:
    """Draw a sweep over one or two sizes into a file; its suffix decides the format.

    Parameters
    ----------
    content
        The objects of ``sweep --json``.
    inert, active
        Probabilities at which a verdict is given.

    Raises
    ------
    InputError
        if the sweep has no range, or more than two.
    StoreError
        if the file cannot be written.
    """
    dimensions = swept(content)
    check_dimensions(len(dimensions))
    draw_figure = line_figure if len(dimensions) == 1 else map_figure
    write(lambda: draw_figure(content, inert=inert, active=active), path)


def svg_of_sweep(content: Content, *, inert: float, active: float) -> str | None:
    """The same figure as the text of an SVG; ``None`` if the sweep has no range, or more than two."""
    count = len(swept(content))
    if not 1 <= count <= _MAX_DIMENSIONS:
        return None
    draw_figure = line_figure if count == 1 else map_figure
    return svg_text(lambda: draw_figure(content, inert=inert, active=active))


def check_dimensions(count: int) -> None:
    """Refuse what a sheet of paper cannot show.

    Raises
    ------
    InputError
        for a sweep over no size, or over more than two.
    """
    if not 1 <= count <= _MAX_DIMENSIONS:
        raise InputError(
            f"A sweep over {count} sizes cannot be drawn.",
            "Give one or two layers a range, or write a .csv file.",
        )


# --- one size -------------------------------------------------------------------------------


def line_figure(content: Content, *, inert: float, active: float) -> Figure:
    """Edges, levels and couples against one size; below, the probabilities or the exciton."""
    (dimension,) = swept(content)
    sizes = np.array([item["sizes_nm"][dimension] for item in content])
    figure = Figure(figsize=(5.6, 5.2))
    FigureCanvasAgg(figure)
    upper = figure.add_axes((0.125, 0.435, 0.755, 0.465))
    lower = figure.add_axes((0.125, 0.17, 0.755, 0.2), sharex=upper)
    room = (sizes[-1] - sizes[0]) * _LABEL_PART / (1 - _LABEL_PART)
    upper.set_xlim(sizes[0], sizes[-1] + room)
    lines = _lines(content, sizes)
    _potentials(upper, lines, sizes)
    ligand = "verdict" in content[0]
    if ligand:
        _critical_lines(content, (upper, lower), sizes)
        _probabilities(lower, content, sizes, inert=inert, active=active)
    else:
        _exciton(lower, content, sizes)
    upper.tick_params(labelbottom=False)
    figure.align_ylabels((upper, lower))
    lower.set_xlabel(f"{dimension} / nm")
    ticks = [tick for tick in lower.get_xticks() if sizes[0] <= tick <= sizes[-1] + 1e-9]
    lower.set_xticks(ticks)
    rows = min(len(content[0].get("critical_sizes", ())), 2)
    figure.text(0.125, 0.917 + 0.025 * rows, title_of(content), fontsize=8.5, fontweight="bold")
    figure.text(
        0.02, 0.015, textwrap.fill(caption_of(content), 104), fontsize=6.5, color=EDGE_COLOUR, va="bottom"
    )
    return figure


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A line of the upper panel with its uncertainty."""

    label: str
    values: FloatArray
    sigma: FloatArray
    colour: str
    style: str
    bound: Bound = ""
    is_edge: bool = False


def _lines(content: Content, sizes: FloatArray) -> list[_Line]:
    def line(label: str, name: str, colour: str, style: str, *, is_edge: bool = False) -> _Line:
        return _Line(
            label=label,
            values=column_of(content, f"{name}_v_she"),
            sigma=column_of(content, f"{name}_sigma_v"),
            colour=colour,
            style=style,
            bound=side(content[-1], f"{name}_v_she"),
            is_edge=is_edge,
        )

    found = [
        line("CBM", "cbm", _CBM_COLOUR, "-", is_edge=True),
        line("VBM", "vbm", _VBM_COLOUR, "-", is_edge=True),
    ]
    if "verdict" in content[0]:
        found += [
            line("E_red", "e_red", _RED_COLOUR, "--"),
            line("E_ox", "e_ox", _OX_COLOUR, "--"),
        ]
    for couple, e0, sigma in _couples(content):
        found.append(
            _Line(
                label=couple,
                values=np.full(sizes.shape, e0),
                sigma=np.full(sizes.shape, sigma),
                colour=COUPLE_COLOUR,
                style=":",
                bound=side(content[-1], "couple"),
            )
        )
    return [item for item in found if np.isfinite(item.values).any()]


def _couples(content: Content) -> list[tuple[str, float, float]]:
    """The ligand's couple; without a ligand the free couples of the dot's own metals."""
    if "verdict" in content[0]:
        found = {
            str(item["limiting_couple"]): (
                float(item["couple_e0_v_she"]),
                float(item["couple_sigma_v"] or 0.0),
            )
            for item in content
            if item["limiting_couple"]
        }
        return [(name, *values) for name, values in found.items()]
    elements = {
        element
        for layer in content[-1]["layers"]
        for element in re.findall(r"[A-Z][a-z]?", str(layer["material"]))
    }
    found = {}
    for item in content[0]["couples"]:
        # Ion and metal, such as Cd2+/Cd; Fe3+/Fe2+ deposits nothing.
        ion, _, metal = str(item["couple"]).partition("/")
        if item["kind"] == "aqueous" and metal in elements and ion.startswith(metal):
            found[str(item["couple"])] = (float(item["e0_v_she"]), 0.0)
    return [(name, *values) for name, values in found.items()]


def _potentials(axes: Axes, lines: Sequence[_Line], sizes: FloatArray) -> None:
    low = min(float(np.nanmin(line.values - np.nan_to_num(line.sigma))) for line in lines)
    high = max(float(np.nanmax(line.values + np.nan_to_num(line.sigma))) for line in lines)
    margin = 0.06 * (high - low)
    axes.set_ylim(high + margin, low - margin)
    axes.set_ylabel(axis_label(electrode("she").label))
    right = axes.twinx()
    right.set_ylim(from_she(high + margin, "vacuum"), from_she(low - margin, "vacuum"))
    right.set_ylabel(axis_label(electrode("vacuum").label))
    for line in lines:
        axes.fill_between(
            sizes, line.values - line.sigma, line.values + line.sigma, color=line.colour, alpha=0.16, lw=0
        )
        # The edges were computed at each size, the levels once.
        marker, width = ("o", 1.8) if line.is_edge else ("", 1.4)
        axes.plot(sizes, line.values, color=line.colour, lw=width, ls=line.style, marker=marker, ms=2.4)
    ends = [float(line.values[np.isfinite(line.values)][-1]) for line in lines]
    places = spread(ends, 0.055 * (high - low + 2 * margin), low - margin, high + margin)
    reach = float(axes.get_xlim()[1]) - sizes[-1]
    for line, end, place in zip(lines, ends, places, strict=True):
        colour = COUPLE_TEXT_COLOUR if line.colour == COUPLE_COLOUR else line.colour
        axes.plot(
            [sizes[-1] + 0.02 * reach, sizes[-1] + 0.12 * reach], [end, place], color=line.colour, lw=0.6
        )
        sigma = float(line.sigma[-1]) or None
        potential = quantity(end, sigma, "V", bound=line.bound, minus=MINUS)
        axes.text(
            sizes[-1] + 0.15 * reach,
            place,
            f"{line.label} {potential}",
            color=colour,
            fontsize=_SMALL_PT,
            va="center",
        )


def _critical_lines(content: Content, panels: Sequence[Axes], sizes: FloatArray) -> None:
    items = content[0]["critical_sizes"]
    span = float(sizes[-1] - sizes[0])
    for item in items:
        colour, _ = STYLES[item["verdict"]]
        for axes in panels:
            axes.axvline(item["size_nm"], color=colour, lw=1.0, ls=(0, (3, 1.5)), zorder=1)
    # Two critical sizes may lie close to each other: their labels stand in two rows.
    for row, item in enumerate(sorted(items, key=lambda item: item["size_nm"])):
        colour, _ = STYLES[item["verdict"]]
        near_end = item["size_nm"] > sizes[0] + 0.6 * span
        panels[0].annotate(
            f"{item['verdict']} {item['side']} {item['size_nm']:.2f} nm",
            xy=(item["size_nm"], 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(-3 if near_end else 3, 3 + 9 * (row % 2)),
            textcoords="offset points",
            ha="right" if near_end else "left",
            fontsize=_POINT_PT,
            color=colour,
        )


def _probabilities(axes: Axes, content: Content, sizes: FloatArray, *, inert: float, active: float) -> None:
    for start, end, verdict in _stretches(content, sizes):
        axes.axvspan(start, end, color=STYLES[verdict][0], alpha=0.13, lw=0)
        if end - start > _NAMED_PART * (sizes[-1] - sizes[0]):
            # The first begins at the axis, whose numbers a centred name may meet.
            is_first = start == sizes[0]
            axes.annotate(
                verdict,
                xy=(start if is_first else 0.5 * (start + end), 1.0),
                xytext=(2.5 if is_first else 0, 2.5),
                textcoords="offset points",
                ha="left" if is_first else "center",
                fontsize=_POINT_PT,
                color=TEXT_COLOURS[verdict],
                annotation_clip=False,
            )
    for name, label, colour in (
        ("p_reduction", "reduction", _RED_COLOUR),
        ("p_oxidation", Process.OXIDATION, _OX_COLOUR),
    ):
        axes.plot(
            sizes,
            column_of(content, name),
            color=colour,
            lw=1.4,
            marker="o",
            ms=2.4,
            label=label,
            clip_on=False,
        )
    reach = float(axes.get_xlim()[1]) - sizes[-1]
    for value, word in ((inert, "inert up to"), (active, "active from")):
        axes.plot([sizes[0], sizes[-1]], [value, value], color=EDGE_COLOUR, lw=0.6, ls="--")
        axes.text(
            sizes[-1] + 0.06 * reach,
            value,
            f"{word} {value:g}",
            fontsize=_SMALL_PT,
            va="center",
            color=EDGE_COLOUR,
        )
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1])
    axes.set_ylabel("P(drive > 0)")
    axes.legend(
        loc="center right",
        bbox_to_anchor=(1.0, 0.42),
        frameon=False,
        fontsize=_SMALL_PT,
        handlelength=1.4,
        borderaxespad=0.2,
    )


def _stretches(content: Content, sizes: FloatArray) -> list[tuple[float, float, str]]:
    """Where each verdict holds: between neighbouring sizes the critical ones divide."""
    critical = sorted(float(item["size_nm"]) for item in content[0]["critical_sizes"])
    bounds: list[tuple[float, str]] = [(float(sizes[0]), content[0]["verdict"])]
    for (a, here), (b, there) in zip(
        zip(sizes[:-1], content[:-1], strict=True), zip(sizes[1:], content[1:], strict=True), strict=True
    ):
        if here["verdict"] == there["verdict"]:
            continue
        inside = [size for size in critical if a < size <= b] or [0.5 * float(a + b)]
        bounds += [(size, "undetermined") for size in inside[:-1]]
        bounds.append((inside[-1], there["verdict"]))
    ends = [start for start, _ in bounds[1:]] + [float(sizes[-1])]
    return [(start, end, verdict) for (start, verdict), end in zip(bounds, ends, strict=True)]


def _exciton(axes: Axes, content: Content, sizes: FloatArray) -> None:
    values = column_of(content, "exciton_nm")
    axes.plot(sizes, values, color=EDGE_COLOUR, lw=1.4, marker="o", ms=2.4)
    axes.set_ylabel("Exciton / nm")
    axes.margins(y=0.2)
    reach = float(axes.get_xlim()[1]) - sizes[-1]
    axes.text(
        sizes[-1] + 0.06 * reach,
        values[-1],
        f"{values[-1]:.0f} nm",
        fontsize=_SMALL_PT,
        va="center",
        color=EDGE_COLOUR,
    )
