"""Every column that is written or shown, from the one table ``columns.csv`` beside this module.

A row of it says of a column its file, kind, unit and meaning, how its value is got from a typed result, and
where people see it: the files, the terminal, a notebook, the report and the reference of the site are all
made from it. Nothing else names the columns of ``results.csv``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from echemscreen.errors import TableError
from echemscreen.records.rows import Failure
from echemscreen.reference_tables import read_file

_KINDS = frozenset({"text", "number", "rate"})
#: In the place of a value: it stands in the row that ``results.csv`` has of the same result.
AS_SCREENED = "results.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputColumn:
    """A column of a file, or a key of an object."""

    file: str
    column: str
    kind: str
    """``text``, ``number`` (few decimals) or ``rate`` (a number that spans many powers of ten)."""
    unit: str
    value: str
    """Attributes of the result (an :class:`Assessment`, a ranked row) that lead to it, with dots between;
    blank: of another source."""
    failed: str
    """The same of a :class:`Failure`."""
    shown: str
    """Of ``list`` (the report's list), ``card`` (of a crosslinker in the report), ``notebook``."""
    place: int
    """On a terminal, from the left; 0: not shown there."""
    header: str
    """On a terminal, its lines divided by ``|``."""
    leaves: int
    """The larger, the sooner a narrow terminal leaves it out; 0 stays."""
    title: str
    """For a reader of a notebook or a card."""
    meaning: str

    @property
    def lines(self) -> str:
        """The header on a terminal."""
        return self.header.replace("|", "\n")

    @property
    def is_number(self) -> bool:
        """Whether its cells are numbers, a blank one unknown."""
        return self.kind != "text"


@cache
def table_of(file: str) -> Mapping[str, OutputColumn]:
    """The columns of a file by their names, in the order of the file.

    Raises
    ------
    TableError
        if the program has no such file, or a row of ``columns.csv`` has an unknown kind.
    """
    found: dict[str, OutputColumn] = {}
    for row in read_file(Path(__file__).with_name("columns.csv"), OutputColumn):
        if row.kind not in _KINDS or (row.file == file and row.column in found):
            raise TableError(
                f"columns.csv, {row.file}, {row.column}: given twice, or no kind '{row.kind}'.",
                f"Name it once, its kind one of {', '.join(sorted(_KINDS))}.",
            )
        if row.file == file:
            found[row.column] = row
    if not found:
        raise TableError(f"columns.csv has no file '{file}'.", "Add its columns.")
    return MappingProxyType(found)


@cache
def names_of(file: str, shown: str = "") -> tuple[str, ...]:
    """The columns of a file, or those of them that are shown in one place."""
    return tuple(row.column for row in table_of(file).values() if not shown or shown in row.shown.split())


def on_terminal(file: str) -> list[OutputColumn]:
    """The columns that a terminal shows, from the left."""
    return sorted((item for item in table_of(file).values() if item.place), key=lambda item: item.place)


@cache
def numbers_of(file: str) -> frozenset[str]:
    """The columns of a file that hold numbers."""
    return frozenset(name for name, row in table_of(file).items() if row.is_number)


def values_of(file: str, result: object) -> dict[str, object]:
    """A result by the columns of a file; ``None`` where nothing is known."""
    paths = _paths(file, failed=isinstance(result, Failure))
    return {name: _at(result, path) for name, path in paths}


@cache
def _paths(file: str, *, failed: bool) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """For each column the names that lead to its value; none if nothing does."""
    found = ((name, row.failed if failed else row.value) for name, row in table_of(file).items())
    return tuple((name, tuple(path.split(".") if path else ())) for name, path in found)


def _at(result: object, path: tuple[str, ...]) -> object:
    if not path:
        return None
    for name in path:
        if result is None:
            return None
        result = getattr(result, name)
    return ";".join(result) if isinstance(result, tuple) else result
