"""Tables for the terminal that fit it: what has no room is folded, left out and named.

A name is never markup, nor a command to the terminal.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from echemscreen.views.alignment.drawing import shortened

#: Colours of the verdicts, as terminals have them.
STYLES = {"active": "red", "undetermined": "yellow", "inert": "green", "failed": "dim"}
#: Columns of a file or a pipe, which hold every column; what a name is cut to there, and at least.
_WIDE, _NAME_WIDTH, _LEAST_NAME = 400, 40, 16
#: Between columns, and where there is little room.
_GAP, _NARROW_GAP = 2, 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a terminal's table: its header (lines by line breaks) and a cell for each row."""

    header: str
    cells: tuple[Text, ...]
    right: bool = False
    is_name: bool = False
    """Shortened where there is no room."""
    leaves: int = 0
    """The larger, the sooner it is left out; 0 stays."""
    folds: bool = False
    """Set below the cells of the column before it where there is no room beside."""

    @property
    def width(self) -> int:
        """Of its longest line."""
        lines = [*self.header.split("\n"), *(line for cell in self.cells for line in cell.plain.split("\n"))]
        return max(map(cell_len, lines), default=0)


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """Leave it to the command; called where the error is handled."""
        raise  # noqa: PLE0704


def console_for_table() -> Console:
    """Standard output: as wide as the terminal (or COLUMNS), without one as wide as the columns."""
    console = _Console(file=sys.stdout)
    if not console.is_terminal and not os.environ.get("COLUMNS"):
        console.width = _WIDE
    return console


def plain(text: object) -> str:
    """One line of printable characters."""
    return "".join(c if c.isprintable() else " " for c in str(text))


def names(texts: Iterable[object]) -> tuple[Text, ...]:
    """The cells of a column of names."""
    return tuple(Text(shortened(plain(text), _NAME_WIDTH)) for text in texts)


def print_table(
    columns: Sequence[Column], console: Console, *, sections: Mapping[int, str] | None = None
) -> list[str]:
    """Print the columns that fit; the headers of those that do not are returned.

    Parameters
    ----------
    sections
        Headings between the rows, each by the row above which it stands.
    """
    shown, gap = list(columns), _GAP
    if _needed(shown, gap) > console.width:
        shown, gap = _folded(shown), _NARROW_GAP
    left_out = []
    while _needed(shown, gap) > console.width and any(column.leaves for column in shown):
        first = max(shown, key=lambda column: column.leaves)
        shown.remove(first)
        left_out.append(first)
    spare = (
        console.width - sum(column.width for column in shown if not column.is_name) - gap * (len(shown) - 1)
    )
    shown = [_cut(column, max(spare, _LEAST_NAME)) if column.is_name else column for column in shown]
    rows = list(zip(*(column.cells for column in shown), strict=True))
    headings = sections or {}
    starts = sorted({0, *headings})
    if 0 in headings:
        console.print(_part(shown, (), gap, has_header=True))
    for start, end in zip(starts, [*starts[1:], len(rows)], strict=True):
        if start in headings:
            console.print(Text(f"-- {plain(headings[start])}", style="dim"))
        console.print(_part(shown, rows[start:end], gap, has_header=not start and 0 not in headings))
    return [" ".join(column.header.split("\n")) for column in columns if column in left_out]


def _part(columns: Sequence[Column], rows: Iterable[Sequence[Text]], gap: int, *, has_header: bool) -> Table:
    """Some rows of a table; every part has the widths of the whole."""
    view = Table(box=None, pad_edge=False, padding=(0, gap, 0, 0), show_header=has_header)
    for column in columns:
        side: JustifyMethod = "right" if column.right else "left"
        view.add_column(column.header, justify=side, width=column.width, no_wrap=True, overflow="ellipsis")
    for row in rows:
        view.add_row(*row)
    return view


def print_sentence(text: str, console: Console) -> None:
    """A sentence below a table; only a terminal breaks its lines."""
    console.print(Text(plain(text)), soft_wrap=not console.is_terminal)


def _needed(columns: Sequence[Column], gap: int) -> int:
    widths = (min(column.width, _LEAST_NAME) if column.is_name else column.width for column in columns)
    return sum(widths) + gap * (len(columns) - 1)


def _folded(columns: Sequence[Column]) -> list[Column]:
    """Those columns that fold, below the cells of the one before them."""
    found: list[Column] = []
    for column in columns:
        if column.folds and found:
            cells = (
                Text("\n").join([upper, lower]) if lower.plain else upper
                for upper, lower in zip(found[-1].cells, column.cells, strict=True)
            )
            found[-1] = replace(found[-1], header=f"{found[-1].header}\n{column.header}", cells=tuple(cells))
        else:
            found.append(column)
    return found


def _cut(column: Column, width: int) -> Column:
    return replace(column, cells=tuple(Text(shortened(cell.plain, width)) for cell in column.cells))
