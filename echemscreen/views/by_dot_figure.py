"""Verdicts of one list on several dots: a mark for each molecule and dot; of a long list, bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from echemscreen.views.figure_file import made, write
from echemscreen.views.palette import GREY, STYLES, UNJUDGED
from echemscreen.views.sheets import PLAIN, FigureStyle, Sheet

#: Rows that have a line each.
MAX_LINES = 40
_FAILED = "failed"
#: Inches of a line, of a column and of the words beside them.
_LINE_IN, _COLUMN_IN, _WORDS_IN = 0.2, 0.34, 2.2
#: Letters of a name that are shown.
_LETTERS = 30


def draw(
    names: Sequence[str], verdicts: Mapping[str, Sequence[str]], path: Path, *, style: FigureStyle = PLAIN
) -> None:
    """Write the figure.

    Parameters
    ----------
    names
        Of the rows.
    verdicts
        By dot, one for each row; ``failed`` of a row without one.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    write(lambda: _figure(names, verdicts, style.sheet), path, style.sheet)


def figure(
    names: Sequence[str], verdicts: Mapping[str, Sequence[str]], *, style: FigureStyle = PLAIN
) -> Figure:
    """The same as a matplotlib figure, written nowhere; see :func:`draw`."""
    return made(lambda: _figure(names, verdicts, style.sheet), style.sheet)


def _figure(names: Sequence[str], verdicts: Mapping[str, Sequence[str]], sheet: Sheet) -> Figure:
    is_long = len(names) > MAX_LINES
    if is_long:
        size = (sheet.width_in or 5.0, 0.9 + 0.3 * len(verdicts))
    else:
        natural = _WORDS_IN + _COLUMN_IN * len(verdicts) + 1.1
        size = (sheet.width_in or natural, 1.7 + _LINE_IN * len(names))
    found = Figure(figsize=size)
    FigureCanvasAgg(found)
    found.set_layout_engine("constrained")
    axes = found.subplots()
    if is_long:
        _bars(axes, verdicts, sheet)
    else:
        _matrix(axes, names, verdicts, sheet)
    shown = [verdict for verdict in (*STYLES, _FAILED) if any(verdict in row for row in verdicts.values())]
    handles = [
        Line2D([], [], ls="", marker=_mark(verdict, sheet)[1], color=_mark(verdict, sheet)[0], label=verdict)
        for verdict in shown
    ]
    found.legend(
        handles=handles, loc="outside lower center", ncols=len(shown), frameon=False, fontsize=sheet.small_pt
    )
    return found


def _mark(verdict: str, sheet: Sheet) -> tuple[str, str]:
    return sheet.mark(verdict) if verdict in STYLES else UNJUDGED


def _matrix(axes: Axes, names: Sequence[str], verdicts: Mapping[str, Sequence[str]], sheet: Sheet) -> None:
    for column, said in enumerate(verdicts.values()):
        for row, verdict in enumerate(said):
            colour, marker = _mark(verdict, sheet)
            axes.plot(column, row, marker, color=colour, ms=6.5)
    axes.set_xlim(-0.6, len(verdicts) - 0.4)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.set_xticks(range(len(verdicts)), list(verdicts), rotation=50, ha="left", fontsize=sheet.axis_pt)
    short = [name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…" for name in names]
    axes.set_yticks(range(len(names)), short, fontsize=sheet.axis_pt)
    axes.xaxis.tick_top()
    axes.tick_params(length=0)
    axes.grid(axis="y", color=GREY, lw=0.3, alpha=0.5)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)


def _bars(axes: Axes, verdicts: Mapping[str, Sequence[str]], sheet: Sheet) -> None:
    for row, said in enumerate(verdicts.values()):
        counts, start = Counter(said), 0
        for verdict in (*STYLES, _FAILED):
            if counts[verdict]:
                axes.barh(row, counts[verdict], left=start, color=_mark(verdict, sheet)[0], height=0.7)
                start += counts[verdict]
    axes.set_yticks(range(len(verdicts)), list(verdicts), fontsize=sheet.axis_pt)
    axes.invert_yaxis()
    axes.set_xlabel("molecules", fontsize=sheet.axis_pt)
    axes.tick_params(labelsize=sheet.axis_pt)
    axes.spines[["top", "right"]].set_visible(False)
