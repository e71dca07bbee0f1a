"""Levels, couples and named lines drawn by matplotlib, and what they mean.

The marker and the colour tell what each level says by itself (of a ledger's member the marker its role), the
filling reduction from oxidation, and the line how the level was found.
"""

from __future__ import annotations

import math
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from echemscreen.records.processes import Process
from echemscreen.views.alignment.drawing import Column, Drawing, Guide, Level, outwards, signed
from echemscreen.views.palette import (
    COUPLE_COLOUR,
    COUPLE_TEXT_COLOUR,
    EDGE_COLOUR,
    GREY,
    PALE,
    ROLES,
    SIGMA_ALPHA,
    SIGMA_COLOUR,
    STYLES,
    severest,
)
from echemscreen.views.sheets import FREE, Sheet
from echemscreen.views.typeset import fitted, ions

_LINES: dict[str, Any] = {"vertical": (0, (0.8, 0.5)), "estimated": (0, (0.25, 0.35))}
#: Length of a bound's arrow and of one at the frame, parts of the axis.
_BOUND, _FRAME, _GAP = 0.05, 0.04, 0.006


def draw_levels(axes: Axes, drawing: Drawing, sheet: Sheet = FREE) -> None:
    """Every level with its error bar, and the couples."""
    for column in drawing.columns:
        alpha = 1.0 if column.decides else PALE
        for level in column.levels:
            colour, marker = sheet.mark(level.verdict)
            if column.role:
                marker = ROLES[column.role][0]
            if not level.clipped:
                _level(axes, drawing, column, level, style=(colour, marker, alpha), sheet=sheet)
        for end in (-1, 1):
            beyond = [level for level in column.levels if level.clipped == end]
            if beyond or column.couple_clipped == end:
                _beyond(axes, drawing, column, end, sheet)
        if column.couple_value is not None:
            axes.plot(
                column.x,
                column.couple_value,
                marker="*",
                ms=2.3 * sheet.marker_pt,
                color=sheet.mark(column.couple_verdict)[0],
                mec=EDGE_COLOUR,
                mew=0.5,
                zorder=6,
                clip_on=False,
            )


def _level(
    axes: Axes,
    drawing: Drawing,
    column: Column,
    level: Level,
    *,
    style: tuple[str, str, float],
    sheet: Sheet,
) -> None:
    colour, marker, alpha = style
    x, width = column.x, sheet.line_pt if column.decides else 0.65 * sheet.line_pt
    ends = [x - sheet.half, x + sheet.half]
    line = _LINES.get(level.basis, "-")
    if level.basis == "measured":
        # Two thin lines.
        axes.plot(ends, [level.value] * 2, color=colour, lw=1.5 * width, alpha=alpha, zorder=4)
        axes.plot(ends, [level.value] * 2, color="white", lw=0.5 * width, zorder=4.1)
    else:
        axes.plot(ends, [level.value] * 2, color=colour, lw=width, ls=line, alpha=alpha, zorder=4)
    out = outwards(drawing, level)
    arms: Any = level.sigma
    if level.bound and level.sigma is not None:
        # An arrow stands in place of the outer arm.
        arms = [[level.sigma], [0.0]] if out > 0 else [[0.0], [level.sigma]]
    axes.errorbar(
        x,
        level.value,
        yerr=arms,
        color=colour,
        lw=0.8,
        capsize=2 if column.decides else 0,
        marker=marker,
        ms=sheet.marker_pt,
        mfc="white" if level.kind == Process.OXIDATION else colour,
        alpha=alpha,
        zorder=5,
    )
    if level.bound:
        length = math.copysign(level.sigma or 0.0, out) + _BOUND * out
        axes.annotate(
            "",
            xy=(x, level.value + length),
            xytext=(x, level.value),
            arrowprops={
                "arrowstyle": "-|>,head_length=0.28,head_width=0.14",
                "color": colour,
                "lw": 0.8,
                "alpha": alpha,
                "shrinkA": 0,
                "shrinkB": 0,
            },
            zorder=5,
        )


def _beyond(axes: Axes, drawing: Drawing, column: Column, side: int, sheet: Sheet) -> None:
    """An arrow at the frame with the values of what lies behind it: reduction, oxidation, couple (a star)."""
    upper = side < 0
    levels = [level for level in column.levels if level.clipped == side]
    has_couple = column.couple_clipped == side and column.couple_beyond is not None
    end = drawing.top if upper else drawing.bottom
    inwards = -drawing.upwards if upper else drawing.upwards
    verdict = severest(
        [*(level.verdict for level in levels), *([column.couple_verdict] if has_couple else [])]
    )
    colour, alpha = sheet.mark(verdict)[0], 1.0 if column.decides else PALE
    axes.annotate(
        "",
        xy=(column.x, end),
        xytext=(column.x, end + inwards * _FRAME),
        arrowprops={
            "arrowstyle": "->",
            "color": colour,
            "lw": 1.0,
            "alpha": alpha,
            "shrinkA": 0,
            "shrinkB": 0,
        },
    )
    ordered = sorted(levels, key=lambda level: level.kind == Process.OXIDATION)
    values = [signed(level.value, 1) for level in ordered]
    if has_couple and column.couple_beyond is not None:
        values.append(f"{signed(column.couple_beyond, 1)} ★")
    axes.text(
        column.x,
        end + inwards * (_FRAME + _GAP),
        ", ".join(values),
        rotation=90,
        ha="center",
        va="top" if upper else "bottom",
        fontsize=sheet.number_pt,
        color=sheet.text_colour(verdict),
        alpha=alpha,
    )


def draw_names(axes: Axes, drawing: Drawing, rooms_in: list[float], sheet: Sheet = FREE) -> None:
    """The species' names below the axis, each no longer than its room (inches)."""
    axes.set_xticks([column.x for column in drawing.columns])
    names = [
        fitted(column.label, sheet.name_pt, room)
        for column, room in zip(drawing.columns, rooms_in, strict=True)
    ]
    axes.set_xticklabels(
        names, rotation=sheet.slant_deg, ha="right", rotation_mode="anchor", fontsize=sheet.name_pt
    )
    axes.tick_params(axis="x", length=2)


def draw_guides(axes: Axes, drawing: Drawing, sheet: Sheet = FREE, unit_in: float = FREE.least_in) -> None:
    """Lines of the couples, and the names of couples and edges at their right."""
    start, end = drawing.first_x, drawing.last_x + 0.2
    for guide in drawing.guides:
        colour = COUPLE_COLOUR if guide.kind == "couple" else EDGE_COLOUR
        if guide.kind == "couple":
            axes.plot([start, end], [guide.value] * 2, color=colour, lw=0.9, ls=":", zorder=2)
        bend = end + 0.09 / unit_in
        axes.plot([end, bend], [guide.value, guide.label_value], color=colour, lw=0.5, clip_on=False)
        axes.text(
            bend + 0.02 / unit_in,
            guide.label_value,
            guide_label(guide, sheet),
            color=COUPLE_TEXT_COLOUR if guide.kind == "couple" else colour,
            fontsize=sheet.small_pt,
            va="center",
            clip_on=False,
        )


def guide_label(guide: Guide, sheet: Sheet) -> str:
    """The name of a line; in a journal's column that the user gave it is left to the caption.

    Where the names stand beyond the frame, the axis tells their unit.
    """
    if not sheet.has_other_axis:
        return ions(f"{guide.name} {signed(guide.value, 2)}")
    return ions(guide.label if sheet.width_in is None else guide.short_label)


def legend_handles(drawing: Drawing, sheet: Sheet = FREE) -> tuple[list[Any], list[str]]:
    """What the signs of a drawing mean, and the words: only what is drawn."""
    levels = [level for column in drawing.columns for level in column.levels]
    bases = {level.basis for level in levels}
    roles = {column.role for column in drawing.columns}
    verdicts = {level.verdict for level in levels} | {column.couple_verdict for column in drawing.columns}
    entries: list[tuple[Any, str]] = [
        (Line2D([], [], color=GREY, lw=0, marker="s", ms=4.0), "reduction (filled)"),
        (Line2D([], [], color=GREY, lw=0, marker="s", ms=4.0, mfc="white"), "oxidation (open)"),
    ]
    if "adiabatic" in bases:
        entries.append((Line2D([], [], color=GREY, lw=2.0), "adiabatic"))
    drawn = [basis for basis in _LINES if basis in bases]
    entries += [(Line2D([], [], color=GREY, lw=2.0, ls=_LINES[basis]), basis) for basis in drawn]
    if "measured" in bases:
        pair = (Line2D([], [], color=GREY, lw=3.0), Line2D([], [], color="white", lw=1.0))
        entries.append((pair, "measured"))
    for role, (marker, words) in ROLES.items():
        if role in roles:
            entries.append((Line2D([], [], color=GREY, lw=0, marker=marker, ms=4.5), words))
    for verdict in STYLES:
        colour, marker = sheet.mark(verdict)
        if verdict in verdicts and roles - {""}:
            entries.append((Patch(facecolor=colour), verdict))
        elif verdict in verdicts:
            entries.append((Line2D([], [], color=colour, lw=0, marker=marker, ms=4.5), verdict))
    if any(column.couple_value is not None or column.couple_clipped for column in drawing.columns):
        star = Line2D([], [], color=GREY, lw=0, marker="*", ms=8, mec=EDGE_COLOUR, mew=0.5)
        entries.append((star, "metal couple"))
    entries.append((Patch(facecolor=SIGMA_COLOUR, alpha=SIGMA_ALPHA), "1S edges ± one sd"))
    return [handle for handle, _ in entries], [words for _, words in entries]
