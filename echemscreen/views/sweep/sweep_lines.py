"""A sweep over one size: edges, levels and couples against it, and below them the probabilities.

Potentials run downwards, so that electrons rise. Colours and markers of the verdicts are those of
the alignment diagram.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from echemscreen.quantities import MINUS, Bound, quantity
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment.drawing import axis_label, spread
from echemscreen.views.alignment.rendering import caption_of, draw_caption
from echemscreen.views.palette import COUPLE_COLOUR, COUPLE_TEXT_COLOUR, EDGE_COLOUR
from echemscreen.views.sheets import FREE, Sheet
from echemscreen.views.sweep.sweep_words import Content, column_of, swept, title_of, words_of
from echemscreen.views.tables.cells import side
from echemscreen.views.typeset import SYMBOLS, filled, ions, length_in

_CBM_COLOUR, _VBM_COLOUR, _RED_COLOUR, _OX_COLOUR = "#0072B2", "#009E73", "#A04000", "#7D5BA6"
#: Width of a figure that is as wide as it needs to be; heights of both panels, of the gap between them, of
#: what stands below them and of a line above them, inches: there, and in a column of a journal.
_WIDTH_IN, _WIDE_IN, _NARROW_IN = 5.6, (2.42, 1.04, 0.34, 0.48, 0.15), (1.75, 0.8, 0.3, 0.42, 0.13)


def line_figure(content: Content, *, inert: float, active: float, sheet: Sheet = FREE) -> Figure:
    """Edges, levels and couples against one size; below, the probabilities or the exciton."""
    (dimension,) = swept(content)
    sizes = np.array([item["sizes_nm"][dimension] for item in content])
    lines = _lines(content, sizes)
    width = sheet.width_in or _WIDTH_IN
    upper_in, lower_in, gap_in, below_in, line_in = (
        _WIDE_IN if sheet.has_other_axis and sheet.width_in is None else _NARROW_IN
    )
    left = 0.7 if sheet.width_in is None else 0.52
    right = left if sheet.has_other_axis else 0.06
    body = width - left - right
    labels_in = 0.32 + max(
        length_in(text, sheet.small_pt, is_mathematics=True) for text in _labels(lines, inert, active)
    )
    caption, caption_in = caption_of(words_of(content), sheet, width)
    title_pt = 1.06 * sheet.axis_pt
    # Bold letters are wider than those that are measured.
    title = filled(title_of(content), 1.12 * title_pt, body)
    rows = min(len(content[0].get("critical_sizes", ())), 2)
    above = 0.12 + line_in * (rows + 1.3 * (title.count("\n") + 1))
    bottom = caption_in + below_in
    height = bottom + lower_in + gap_in + upper_in + above
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)

    def panel(start_in: float, height_in: float, over: Axes | None = None) -> Axes:
        place = (left / width, start_in / height, body / width, height_in / height)
        axes = figure.add_axes(place, sharex=over)
        axes.tick_params(labelsize=sheet.axis_pt)
        return axes

    upper = panel(bottom + lower_in + gap_in, upper_in)
    lower = panel(bottom, lower_in, upper)
    part = min(labels_in / body, 0.6)
    upper.set_xlim(sizes[0], sizes[-1] + (sizes[-1] - sizes[0]) * part / (1 - part))
    _potentials(upper, lines, sizes, sheet)
    if "verdict" in content[0]:
        _critical_lines(content, (upper, lower), sizes, sheet, left)
        _probabilities(lower, content, sizes, limits=(inert, active), sheet=sheet)
    else:
        _exciton(lower, content, sizes, sheet)
    upper.tick_params(labelbottom=False)
    figure.align_ylabels((upper, lower))
    # The axis ends where the sizes do; names of lines stand behind them.
    lower.set_xlabel(f"{dimension} / nm", fontsize=sheet.axis_pt, x=0.5 * (1 - part))
    ticks = [tick for tick in lower.get_xticks() if sizes[0] <= tick <= sizes[-1] + 1e-9]
    lower.set_xticks(ticks)
    top = (height - above + line_in * rows + 0.06) / height
    figure.text(left / width, top, title, fontsize=title_pt, fontweight="bold", va="bottom")
    draw_caption(figure, caption, sheet)
    return figure


def _labels(lines: Sequence[_Line], inert: float, active: float) -> list[str]:
    """What stands at the right of the lines."""
    return [
        *(_potential_label(line, _end(line)) for line in lines),
        f"active from {active:g}",
        f"inert up to {inert:g}",
    ]


def _end(line: _Line) -> float:
    return float(line.values[np.isfinite(line.values)][-1])


def _potential_label(line: _Line, value: float) -> str:
    sigma = float(line.sigma[-1]) or None
    return f"{line.label} {quantity(value, sigma, 'V', bound=line.bound, minus=MINUS)}"


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
            line(SYMBOLS[Process.REDUCTION], "e_red", _RED_COLOUR, "--"),
            line(SYMBOLS[Process.OXIDATION], "e_ox", _OX_COLOUR, "--"),
        ]
    for couple, e0, sigma in _couples(content):
        found.append(
            _Line(
                label=ions(couple),
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


def _potentials(axes: Axes, lines: Sequence[_Line], sizes: FloatArray, sheet: Sheet) -> None:
    low = min(float(np.nanmin(line.values - np.nan_to_num(line.sigma))) for line in lines)
    high = max(float(np.nanmax(line.values + np.nan_to_num(line.sigma))) for line in lines)
    margin = 0.06 * (high - low)
    axes.set_ylim(high + margin, low - margin)
    axes.set_ylabel(axis_label(electrode("she").label), fontsize=sheet.axis_pt)
    if sheet.has_other_axis:
        right = axes.twinx()
        right.set_ylim(from_she(high + margin, "vacuum"), from_she(low - margin, "vacuum"))
        right.set_ylabel(axis_label(electrode("vacuum").label), fontsize=sheet.axis_pt)
        right.tick_params(labelsize=sheet.axis_pt)
    for line in lines:
        axes.fill_between(
            sizes, line.values - line.sigma, line.values + line.sigma, color=line.colour, alpha=0.16, lw=0
        )
        # The edges were computed at each size, the levels once.
        marker, width = ("o", 1.8) if line.is_edge else ("", 1.4)
        axes.plot(sizes, line.values, color=line.colour, lw=width, ls=line.style, marker=marker, ms=2.4)
    ends = [_end(line) for line in lines]
    figure = axes.get_figure(root=True)
    height_in = axes.get_position().height * (figure.get_size_inches()[1] if figure is not None else 1.0)
    line_v = 1.25 * sheet.small_pt / 72.0 / height_in * (high - low + 2 * margin)
    places = spread(ends, line_v, low - margin, high + margin)
    reach = float(axes.get_xlim()[1]) - sizes[-1]
    for line, end, place in zip(lines, ends, places, strict=True):
        colour = COUPLE_TEXT_COLOUR if line.colour == COUPLE_COLOUR else line.colour
        axes.plot(
            [sizes[-1] + 0.02 * reach, sizes[-1] + 0.12 * reach], [end, place], color=line.colour, lw=0.6
        )
        axes.text(
            sizes[-1] + 0.15 * reach,
            place,
            _potential_label(line, end),
            color=colour,
            fontsize=sheet.small_pt,
            va="center",
            # Symbols and numbers of ours; a couple's name is one of a table.
            parse_math=True,
        )


def _critical_lines(
    content: Content, panels: Sequence[Axes], sizes: FloatArray, sheet: Sheet, left_in: float
) -> None:
    """A line at each critical size; its words begin at the line, on the side where they hold."""
    items = sorted(content[0]["critical_sizes"], key=lambda item: float(item["size_nm"]))
    figure = panels[0].get_figure(root=True)
    width_in = figure.get_size_inches()[0] if figure is not None else _WIDTH_IN
    low, high = panels[0].get_xlim()
    inch = panels[0].get_position().width * width_in / (high - low)
    for row, item in enumerate(items):
        colour, _ = sheet.mark(item["verdict"])
        for axes in panels:
            axes.axvline(item["size_nm"], color=colour, lw=1.0, ls=(0, (3, 1.5)), zorder=1)
        is_above = item["side"] == "above"
        word = item["side"] if item["is_root"] else "from"
        words = f"{item['verdict']} {word} {item['size_nm']:.2f} nm"
        text = f"{words} →" if is_above else f"← {words}"
        # Where the words would leave the sheet they stand at the line all the same, as far as they go.
        length = length_in(text, sheet.name_pt) + 0.08
        at_line = (float(item["size_nm"]) - sizes[0]) * inch
        room = width_in - left_in - at_line - 0.1 if is_above else left_in + at_line - 0.05
        shift = 3.0 + 72.0 * max(length - room, 0.0) * -1.0
        panels[0].annotate(
            text,
            xy=(item["size_nm"], 1.0),
            xycoords=("data", "axes fraction"),
            # Two critical sizes may lie close to each other: their words stand in two rows.
            xytext=(shift if is_above else -shift, 3 + 9 * (row % 2)),
            textcoords="offset points",
            ha="left" if is_above else "right",
            fontsize=sheet.name_pt,
            color=sheet.text_colour(item["verdict"]),
        )


def _probabilities(
    axes: Axes, content: Content, sizes: FloatArray, *, limits: tuple[float, float], sheet: Sheet
) -> None:
    inert, active = limits
    figure = axes.get_figure(root=True)
    width_in = figure.get_size_inches()[0] if figure is not None else _WIDTH_IN
    low, high = axes.get_xlim()
    inch = axes.get_position().width * width_in / (high - low)
    for start, end, verdict in _stretches(content, sizes):
        axes.axvspan(start, end, color=sheet.mark(verdict)[0], alpha=0.13, lw=0)
        if length_in(verdict, sheet.name_pt) + 0.06 < (end - start) * inch:
            # The first begins at the axis, whose numbers a centred name may meet.
            is_first = start == sizes[0]
            axes.annotate(
                verdict,
                xy=(start if is_first else 0.5 * (start + end), 1.0),
                xytext=(2.5 if is_first else 0, 2.5),
                textcoords="offset points",
                ha="left" if is_first else "center",
                fontsize=sheet.name_pt,
                color=sheet.text_colour(verdict),
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
            fontsize=sheet.small_pt,
            va="center",
            color=EDGE_COLOUR,
        )
    axes.set_ylim(0, 1)
    axes.set_yticks([0, 0.5, 1])
    axes.set_ylabel("P(drive > 0)", fontsize=sheet.axis_pt)
    axes.legend(
        loc="center right",
        bbox_to_anchor=(1.0, 0.42),
        frameon=False,
        fontsize=sheet.small_pt,
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


def _exciton(axes: Axes, content: Content, sizes: FloatArray, sheet: Sheet) -> None:
    values = column_of(content, "exciton_nm")
    axes.plot(sizes, values, color=EDGE_COLOUR, lw=1.4, marker="o", ms=2.4)
    axes.set_ylabel("Exciton / nm", fontsize=sheet.axis_pt)
    axes.margins(y=0.2)
    reach = float(axes.get_xlim()[1]) - sizes[-1]
    axes.text(
        sizes[-1] + 0.06 * reach,
        values[-1],
        f"{values[-1]:.0f} nm",
        fontsize=sheet.small_pt,
        va="center",
        color=EDGE_COLOUR,
    )
