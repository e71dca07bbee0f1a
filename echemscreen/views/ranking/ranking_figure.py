"""The figure of a ranking: candidates with their structures against the criteria, score and rank.

Cells are coloured by desirability from orange (worst) over white to blue (best), readable without
colour by their numbers; a criterion that is unknown is hatched. Names are drawn as they are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from echemscreen.views.alignment.rendering import caption_of, draw_caption
from echemscreen.views.figure_file import made, write
from echemscreen.views.palette import INK
from echemscreen.views.sheets import FREE, PLAIN, FigureStyle, Sheet
from echemscreen.views.structure import structure_image
from echemscreen.views.typeset import in_lines, is_written, length_in

#: Candidates drawn at most.
MAX_CANDIDATES = 20
_COLOURS = LinearSegmentedColormap.from_list("desirability", ["#E8996B", "#FFFFFF", "#7FB4DA"])
#: Lines of a name and of its note, and their heights in sizes of their type.
_NAME_LINES, _NOTE_LINES, _LINE = 3, 2, 1.2
_POINTS_IN = 72.0
#: Ranks up to which every one has its tick.
_ALL_TICKS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One criterion of one candidate; ``desirability`` is ``None`` if the value is unknown."""

    text: str
    desirability: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionColumn:
    """A criterion as a heading."""

    title: str
    unit: str
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CandidateRow:
    """One candidate."""

    name: str
    smiles: str
    rank: int
    rank_low: int
    rank_high: int
    score: float
    verdict: str
    note: str
    """A few words under the name, such as its flags."""
    cells: tuple[Cell, ...]
    group: str = ""
    """What it has in common with the rows with which it is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingMatrix:
    """Everything that the figure shows."""

    columns: tuple[CriterionColumn, ...]
    rows: tuple[CandidateRow, ...]
    n_ranked: int
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """Inches of everything on the sheet; a column of a journal has no room for every part."""

    row: float = 0.86
    structure: float = 1.75
    name: float = 1.3
    cell: float = 0.66
    score: float = 1.25
    rank: float = 1.0
    side: float = 0.15
    top: float = 0.95
    foot: float = 0.5

    @property
    def fixed(self) -> float:
        """Everything but the cells."""
        parts = (self.structure, self.name, self.score, self.rank)
        return sum(parts) + self.side * (1 + sum(part > 0 for part in parts)) + self.end

    @property
    def end(self) -> float:
        """Right of the last panel."""
        return 0.35 if self.rank > 0.6 else 0.12  # noqa: PLR2004 - a narrow sheet


#: A double column; a single one, which has the rank in front of the name.
_DOUBLE = _Plan(
    row=0.62, structure=1.0, name=1.0, cell=0.27, score=0.6, rank=0.5, side=0.07, top=1.0, foot=0.45
)
_SINGLE = _Plan(
    row=0.62, structure=0.72, name=0.86, cell=0.27, score=0.42, rank=0.0, side=0.05, top=1.0, foot=0.45
)


def draw(matrix: RankingMatrix, path: Path, *, style: FigureStyle = PLAIN) -> None:
    """Draw the best candidates into a file (.svg, .png or .pdf), whole or not at all.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    write(lambda: render(_styled(matrix, style), style.sheet), path, style.sheet)


def figure(matrix: RankingMatrix, *, style: FigureStyle = PLAIN) -> Figure:
    """The matrix as a matplotlib figure, written nowhere."""
    return made(lambda: render(_styled(matrix, style), style.sheet), style.sheet)


def _styled(matrix: RankingMatrix, style: FigureStyle) -> RankingMatrix:
    rows = [replace(row, name=style.named(row.name)) for row in matrix.rows]
    return replace(matrix, rows=tuple(rows))


def render(matrix: RankingMatrix, sheet: Sheet = FREE) -> Figure:
    """The matrix as a matplotlib figure; a narrow sheet has the criteria of the largest weights."""
    rows = matrix.rows[:MAX_CANDIDATES]
    plan = _Plan()
    if sheet.width_in is not None:
        plan = _DOUBLE if sheet.has_other_axis else _SINGLE
        matrix = _with_room(matrix, sheet, plan)
        rows = matrix.rows[:MAX_CANDIDATES]
    count = max(len(matrix.columns), 1)
    cell = plan.cell if sheet.width_in is None else (sheet.width_in - plan.fixed) / count
    parts = {
        "structure": plan.structure,
        "name": plan.name,
        "cells": cell * count,
        "score": plan.score,
        "rank": plan.rank,
    }
    widths = {key: value for key, value in parts.items() if value}
    width = sum(widths.values()) + plan.side * len(widths) + plan.end
    body = plan.row * max(len(rows), 1)
    caption, caption_in = caption_of(matrix.caption, sheet, width)
    bottom = plan.foot + caption_in
    height = plan.top + body + bottom
    found = Figure(figsize=(width, height))
    FigureCanvasAgg(found)
    lefts = np.cumsum([plan.side, *(part + plan.side for part in list(widths.values())[:-1])])
    panels = {
        key: found.add_axes((left / width, bottom / height, part / width, body / height))
        for left, (key, part) in zip(lefts, widths.items(), strict=True)
    }
    for axes in panels.values():
        axes.set_ylim(max(len(rows), 1), 0)
        axes.set_yticks([])
    _structures(panels["structure"], rows, plan)
    _names(panels["name"], rows, plan, sheet)
    _cells(panels["cells"], matrix.columns, rows, cell, sheet)
    _scores(panels["score"], rows, sheet)
    if "rank" in panels:
        _ranks(panels["rank"], rows, matrix.n_ranked, sheet)
    _dividers(list(panels.values()), rows, sheet)
    draw_caption(found, caption, sheet)
    return found


def _with_room(matrix: RankingMatrix, sheet: Sheet, plan: _Plan) -> RankingMatrix:
    """The criteria that a sheet takes, those of the largest weights, in the order of the table."""
    room = max(math.floor(((sheet.width_in or 0.0) - plan.fixed) / plan.cell), 1)
    count = len(matrix.columns)
    if count <= room:
        return matrix
    heaviest = sorted(range(count), key=lambda index: -matrix.columns[index].weight)[:room]
    kept = sorted(heaviest)
    return replace(
        matrix,
        columns=tuple(matrix.columns[index] for index in kept),
        rows=tuple(replace(row, cells=tuple(row.cells[index] for index in kept)) for row in matrix.rows),
        caption=f"{matrix.caption} Shown: {room} of {count} criteria, those of the largest weights.",
    )


def _dividers(panels: Sequence[Axes], rows: Sequence[CandidateRow], sheet: Sheet) -> None:
    """Lines between rows; a strong one with its words where another group begins."""
    for index, row in enumerate(rows):
        begins = row.group and (index == 0 or rows[index - 1].group != row.group)
        colour, width = (INK, 1.1) if begins else ("#DDDDDD", 0.5)
        for axes in panels:
            if index or begins:
                axes.axhline(index, color=colour, lw=width, zorder=0.2, clip_on=False)
        if begins:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
            panels[0].text(
                0.02, index, row.group, fontsize=sheet.small_pt, va="center", color=INK, bbox=box, zorder=5
            )


# --- panels -------------------------------------------------------------------------------


def _bare(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _structures(axes: Axes, rows: Sequence[CandidateRow], plan: _Plan) -> None:
    _bare(axes)
    for index, row in enumerate(rows):
        image = structure_image(row.smiles, plan.structure, plan.row * 0.94)
        axes.imshow(image, extent=(0, 1, index + 0.97, index + 0.03), aspect="auto", interpolation="lanczos")
    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(rows), 1), 0)


def _names(axes: Axes, rows: Sequence[CandidateRow], plan: _Plan, sheet: Sheet) -> None:
    _bare(axes)

    def lines_in(size_pt: float, count: int = 1) -> float:
        """Heights of lines in rows."""
        return count * _LINE * size_pt / _POINTS_IN / plan.row

    for index, row in enumerate(rows):
        colour, marker = sheet.mark(row.verdict)
        name = row.name if is_written(row.name) else row.smiles
        # Without a panel of ranks the rank stands before the name; bold letters are wider.
        text = name if plan.rank else f"{row.rank}  {name}"
        lines = in_lines(text, 1.12 * sheet.name_pt, plan.name, _NAME_LINES)
        y = index + 0.06
        style: dict[str, Any] = {"va": "top", "linespacing": 1.05}
        axes.text(0.0, y, "\n".join(lines), fontsize=sheet.name_pt, weight="bold", color=INK, **style)
        y += lines_in(sheet.name_pt, len(lines)) + 0.5 * lines_in(sheet.small_pt) + 0.02
        axes.plot([0.03], [y], marker=marker, color=colour, ms=sheet.marker_pt, clip_on=False)
        axes.text(0.1, y, row.verdict, fontsize=sheet.small_pt, va="center", color=INK)
        y += 0.55 * lines_in(sheet.small_pt)
        left = index + 1 - y
        room = min(int(left / lines_in(sheet.number_pt)), _NOTE_LINES)
        if room > 0:
            note = in_lines(row.note, sheet.number_pt, plan.name, room)
            axes.text(0.0, y, "\n".join(note), fontsize=sheet.number_pt, color="#555555", **style)


def _cells(
    axes: Axes, columns: Sequence[CriterionColumn], rows: Sequence[CandidateRow], cell_in: float, sheet: Sheet
) -> None:
    axes.set_xlim(0, max(len(columns), 1))
    for spine in axes.spines.values():
        spine.set_visible(False)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row.cells):
            unknown = cell.desirability is None
            # What does not count has no colour.
            colour: Any = "#F4F4F4"
            if cell.desirability is not None and columns[x].weight:
                colour = _COLOURS(cell.desirability)
            axes.add_patch(
                Rectangle(
                    (x + 0.03, y + 0.04),
                    0.94,
                    0.92,
                    facecolor=colour,
                    edgecolor="#BBBBBB" if unknown else "none",
                    hatch="////" if unknown else None,
                    lw=0,
                )
            )
            box = {"facecolor": "#F4F4F4", "edgecolor": "none", "pad": 1.0} if unknown else None
            # A narrow cell has no room for the word, and its hatching says the same.
            fits = length_in(cell.text, sheet.name_pt) < cell_in
            axes.text(
                x + 0.5,
                y + 0.5,
                cell.text if fits or cell.text != "unknown" else "?",
                ha="center",
                va="center",
                fontsize=sheet.name_pt if fits else sheet.number_pt,
                color=INK,
                bbox=box,
            )
    is_narrow = cell_in < length_in("unknown", sheet.name_pt)
    axes.set_xticks([x + 0.5 for x in range(len(columns))])
    axes.xaxis.tick_top()
    headings = [f"{item.title} / {item.unit}" if item.unit else item.title for item in columns]
    axes.set_xticklabels(
        headings,
        rotation=60 if is_narrow else 45,
        ha="left",
        rotation_mode="anchor",
        fontsize=sheet.name_pt,
    )
    axes.tick_params(axis="x", length=2, pad=2)
    for x, item in enumerate(columns):
        weight = f"{item.weight:g}" if item.weight else "0" if is_narrow else "shown"
        axes.text(
            x + 0.5, len(rows) + 0.12, weight, ha="center", va="top", fontsize=sheet.small_pt, color="#555555"
        )
    axes.text(
        -0.1, len(rows) + 0.12, "weight", ha="right", va="top", fontsize=sheet.small_pt, color="#555555"
    )


def _scores(axes: Axes, rows: Sequence[CandidateRow], sheet: Sheet) -> None:
    _framed(axes)
    axes.set_xlim(0, 1)
    for index, row in enumerate(rows):
        colour, _ = sheet.mark(row.verdict)
        axes.barh(index + 0.5, row.score, height=0.42, color=colour, alpha=0.85)
        inside = row.score > 0.6  # noqa: PLR2004 - room for the number beyond the bar
        axes.text(
            row.score + (-0.03 if inside else 0.03),
            index + 0.5,
            f"{row.score:.2f}",
            ha="right" if inside else "left",
            va="center",
            fontsize=sheet.name_pt,
            color="white" if inside else INK,
        )
    axes.set_xticks([0, 0.5, 1])
    axes.set_xticklabels(["0", "0.5", "1"], fontsize=sheet.small_pt)
    axes.set_xlabel("score (0 to 1)" if sheet.width_in is None else "score", fontsize=sheet.name_pt)


def _ranks(axes: Axes, rows: Sequence[CandidateRow], n_ranked: int, sheet: Sheet) -> None:
    _framed(axes)
    last = max([n_ranked, 2] if n_ranked <= MAX_CANDIDATES else [row.rank_high for row in rows])
    axes.set_xlim(0.4, last + 0.6)
    for index, row in enumerate(rows):
        axes.plot([row.rank_low, row.rank_high], [index + 0.5] * 2, color=INK, lw=1.4, solid_capstyle="butt")
        axes.plot([row.rank], [index + 0.5], marker="o", color=INK, ms=4.5)
    if last <= _ALL_TICKS:
        axes.set_xticks(range(1, last + 1))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.tick_params(axis="x", labelsize=sheet.small_pt)
    label = "rank, 90 % interval" if sheet.width_in is None else "rank, 90 %"
    axes.set_xlabel(label, fontsize=sheet.name_pt)


def _framed(axes: Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="x", length=2)
