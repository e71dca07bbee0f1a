"""The figure of a ranking: candidates with their structures against the criteria, score and rank.

Cells are coloured by desirability from orange (worst) over white to blue (best), readable without
colour by their numbers; a criterion that is unknown is hatched. Names are drawn as they are.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from echemscreen.views.figure_file import write
from echemscreen.views.palette import GREY, INK, STYLES
from echemscreen.views.structure import structure_image

#: Candidates drawn at most.
MAX_CANDIDATES = 20
#: Sizes, inches.
_ROW, _STRUCTURE, _NAME, _CELL, _SCORE, _RANK = 0.86, 1.75, 1.3, 0.66, 1.25, 1.0
_TOP, _BOTTOM, _SIDE = 0.95, 0.72, 0.15
_COLOURS = LinearSegmentedColormap.from_list("desirability", ["#E8996B", "#FFFFFF", "#7FB4DA"])
_NAME_CHARACTERS, _NAME_LINES = 18, 3
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


def draw(matrix: RankingMatrix, path: Path) -> None:
    """Draw the best candidates into a file (.svg, .png or .pdf), whole or not at all.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    write(lambda: render(matrix), path)


def render(matrix: RankingMatrix) -> Figure:
    """The matrix as a matplotlib figure."""
    rows = matrix.rows[:MAX_CANDIDATES]
    cells_in = _CELL * len(matrix.columns)
    widths = (_STRUCTURE, _NAME, cells_in, _SCORE, _RANK)
    width = sum(widths) + 4 * _SIDE + 0.35
    body = _ROW * max(len(rows), 1)
    caption = textwrap.fill(matrix.caption, int(width * 17))
    bottom = _BOTTOM + 0.14 * caption.count("\n")
    height = _TOP + body + bottom
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    lefts = np.cumsum([_SIDE, *(part + _SIDE for part in widths[:-1])])
    panels = [
        figure.add_axes((left / width, bottom / height, part / width, body / height))
        for left, part in zip(lefts, widths, strict=True)
    ]
    for axes in panels:
        axes.set_ylim(max(len(rows), 1), 0)
        axes.set_yticks([])
    _structures(panels[0], rows)
    _names(panels[1], rows)
    _cells(panels[2], matrix.columns, rows)
    _scores(panels[3], rows)
    _ranks(panels[4], rows, matrix.n_ranked)
    _dividers(panels, rows)
    figure.text(0.12 / width, 0.08 / height, caption, fontsize=6.5, va="bottom", color=INK)
    return figure


def _dividers(panels: Sequence[Axes], rows: Sequence[CandidateRow]) -> None:
    """Lines between rows; a strong one with its words where another group begins."""
    for index, row in enumerate(rows):
        begins = row.group and (index == 0 or rows[index - 1].group != row.group)
        colour, width = (INK, 1.1) if begins else ("#DDDDDD", 0.5)
        for axes in panels:
            if index or begins:
                axes.axhline(index, color=colour, lw=width, zorder=0.2, clip_on=False)
        if begins:
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.2}
            panels[0].text(0.02, index, row.group, fontsize=6.5, va="center", color=INK, bbox=box, zorder=5)


# --- panels -------------------------------------------------------------------------------


def _bare(axes: Axes) -> None:
    axes.set_xlim(0, 1)
    axes.set_xticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)


def _structures(axes: Axes, rows: Sequence[CandidateRow]) -> None:
    _bare(axes)
    for index, row in enumerate(rows):
        image = structure_image(row.smiles, _STRUCTURE, _ROW * 0.94)
        axes.imshow(image, extent=(0, 1, index + 0.97, index + 0.03), aspect="auto", interpolation="lanczos")
    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(rows), 1), 0)


def _names(axes: Axes, rows: Sequence[CandidateRow]) -> None:
    _bare(axes)
    for index, row in enumerate(rows):
        colour, marker = STYLES.get(row.verdict, (GREY, "s"))
        lines = _lines(row.name)
        axes.text(0.0, index + 0.10, "\n".join(lines), fontsize=7.5, va="top", weight="bold", color=INK)
        y = index + 0.10 + 0.165 * len(lines) + 0.10
        axes.plot([0.04], [y], marker=marker, color=colour, ms=5, clip_on=False)
        axes.text(0.12, y, row.verdict, fontsize=7, va="center", color=INK)
        axes.text(0.0, y + 0.11, "\n".join(_lines(row.note, 24)), fontsize=6, va="top", color="#555555")


def _lines(text: str, width: int = _NAME_CHARACTERS) -> list[str]:
    """A name in a few lines; what does not fit is cut with an ellipsis."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    lines = textwrap.wrap(clean, width, break_long_words=True)
    limit = _NAME_LINES if width == _NAME_CHARACTERS else 2
    if len(lines) > limit:
        lines = [*lines[: limit - 1], f"{lines[limit - 1][: width - 1]}…"]
    return lines


def _cells(axes: Axes, columns: Sequence[CriterionColumn], rows: Sequence[CandidateRow]) -> None:
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
            axes.text(x + 0.5, y + 0.5, cell.text, ha="center", va="center", fontsize=7, color=INK, bbox=box)
    axes.set_xticks([x + 0.5 for x in range(len(columns))])
    axes.xaxis.tick_top()
    headings = [f"{item.title} / {item.unit}" if item.unit else item.title for item in columns]
    axes.set_xticklabels(
        headings, rotation=45, ha="left", rotation_mode="anchor", fontsize=7, linespacing=1.0
    )
    axes.tick_params(axis="x", length=2, pad=2)
    for x, item in enumerate(columns):
        weight = f"{item.weight:g}" if item.weight else "shown"
        axes.text(x + 0.5, len(rows) + 0.12, weight, ha="center", va="top", fontsize=6.5, color="#555555")
    axes.text(-0.1, len(rows) + 0.12, "weight", ha="right", va="top", fontsize=6.5, color="#555555")


def _scores(axes: Axes, rows: Sequence[CandidateRow]) -> None:
    _framed(axes)
    axes.set_xlim(0, 1)
    for index, row in enumerate(rows):
        colour, _ = STYLES.get(row.verdict, (GREY, "s"))
        axes.barh(index + 0.5, row.score, height=0.42, color=colour, alpha=0.85)
        inside = row.score > 0.6  # noqa: PLR2004 - room for the number beyond the bar
        axes.text(
            row.score + (-0.03 if inside else 0.03),
            index + 0.5,
            f"{row.score:.2f}",
            ha="right" if inside else "left",
            va="center",
            fontsize=7,
            color="white" if inside else INK,
        )
    axes.set_xticks([0, 0.5, 1])
    axes.set_xticklabels(["0", "0.5", "1"], fontsize=6.5)
    axes.set_xlabel("score (0 to 1)", fontsize=7)


def _ranks(axes: Axes, rows: Sequence[CandidateRow], n_ranked: int) -> None:
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
    axes.tick_params(axis="x", labelsize=6.5)
    axes.set_xlabel("rank, 90 % interval", fontsize=7)


def _framed(axes: Axes) -> None:
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="x", length=2)
