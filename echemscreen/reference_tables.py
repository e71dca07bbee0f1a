"""The one reader of ``band_data/`` and ``ligand_library/``.

A table is a CSV file with a header. Its rows are read into a dataclass whose field names are the
columns and whose types are checked: ``str``, ``float``, ``int``, ``bool`` and each of them
``| None`` (a blank cell: unknown, never zero). An error names file, line and column. A field with a
default may lack its column. A ``citation`` column must not have blank cells.

In the shipped tables a citation names works by their keys in ``ligand_library/citations.csv``, the one place
of a reference and its DOI, and reading puts the reference in the key's stead::

    pu2020                                  a work
    hahm2022 in pan2023, ref. 29            a work that was seen only as cited by another one, and where
    zhang2025; yield: brunner1980           several, the second for what stands before the colon
    computed by workflows/compute_x.py      what a command writes (or: fitted by)
"""

from __future__ import annotations

import csv
import math
import re
import types
import typing
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from echemscreen.errors import TableError

if TYPE_CHECKING:
    from collections.abc import Iterator

RowT = TypeVar("RowT")

#: How a number of a shipped table is known, from the best: read where it was published; in a critically
#: evaluated compilation; in another, or quoted; of something alike; computed from what was read; not read.
QUALITIES = ("verified", "critical", "secondary", "analogue", "derived", "unverified")
FOLDERS = ("band_data", "ligand_library")
_WRITTEN = ("computed by ", "fitted by ")
_KEY = r"[a-z0-9][a-z0-9.-]*"
_CITED = re.compile(
    rf"(?:(?P<use>[^:;]+): )?(?P<key>{_KEY})(?: in (?P<seen>{_KEY}))?(?:, (?P<detail>[^;]+))?", re.ASCII
)


_CELLS: dict[str, str] = {}
#: Rows of shipped tables by path and type, and when the file had changed last.
_READ: dict[tuple[Path, object], tuple[int, tuple[Any, ...]]] = {}


@dataclass(frozen=True, slots=True)
class Work:
    """A row of ``citations.csv``: what a citation may name."""

    key: str
    reference: str
    """Blank where only the DOI is known."""
    doi: str
    """Without the resolver's address; blank where there is none, or none was seen."""
    kind: str
    """One of article, book, thesis, patent, database, code, page, or none: unpublished."""

    def __str__(self) -> str:
        return ", ".join(part for part in (self.reference, self.doi) if part)


@lru_cache(maxsize=1)
def works() -> dict[str, Work]:
    """The works of ``citations.csv`` by their keys."""
    return {work.key: work for work in read_rows("ligand_library", "citations.csv", Work)}


@cache
def cited(cell: str) -> str:
    """A citation of a shipped table in full.

    Raises
    ------
    KeyError
        of a key that ``citations.csv`` lacks, or of a cell that is none.
    """
    if cell.startswith(_WRITTEN):
        return cell
    parts = []
    for text in cell.split("; "):
        found = _CITED.fullmatch(text)
        if found is None:
            raise KeyError(text)
        said = f"{found['use']}: " if found["use"] else ""
        said += str(works()[found["key"]])
        if found["seen"]:
            said += f", as cited by {works()[found['seen']]}"
        parts.append(f"{said}, {found['detail']}" if found["detail"] else said)
    full = "; ".join(parts)
    _CELLS[full] = cell
    return full


def cell_of(citation: str) -> str:
    """The cell that a citation was read from, for who writes a shipped table again."""
    return _CELLS.get(citation, citation)


@cache
def table_path(folder: str, name: str) -> Path:
    """Where a shipped table lies: inside the installed package, or beside it in a checkout.

    Raises
    ------
    TableError
        if the file is in neither place.
    """
    package = Path(__file__).resolve().parent
    for root in (package, package.parent):
        path = root / folder / name
        if path.is_file():
            return path
    raise TableError(
        f"The table {folder}/{name} is not installed.", "Install echemscreen again from its clone."
    )


def read_rows(folder: str, name: str, row_type: type[RowT]) -> tuple[RowT, ...]:
    """Read a shipped table into typed rows, in file order."""
    return read_file(table_path(folder, name), row_type)


def read_file(path: Path, row_type: type[RowT]) -> tuple[RowT, ...]:
    """Read a table into typed rows, in file order; a shipped one once, as long as its file is the same."""
    if path.parent not in _shipped_folders() or not path.is_file():
        return tuple(row for _, row in iterate_file(path, row_type))
    state, key = path.stat().st_mtime_ns, (path, row_type)
    if key not in _READ or _READ[key][0] != state:
        _READ[key] = state, tuple(row for _, row in iterate_file(path, row_type))
    return _READ[key][1]


def iterate_file(path: Path, row_type: type[RowT]) -> Iterator[tuple[int, RowT]]:
    """Yield ``(line number, row)`` of a CSV table.

    Raises
    ------
    TableError
        naming file, line and column, for a missing or unknown column, a cell of the wrong type, a
        number that is not finite or a row without its citation.
    """
    columns = _columns(row_type)
    shipped = path.parent in _shipped_folders()
    where = f"{path.parent.name}/{path.name}" if shipped else str(path)
    try:
        # A spreadsheet may begin a file with a byte order mark.
        handle = path.open(newline="", encoding="utf-8-sig")
    except OSError as error:
        raise TableError(f"{where} cannot be read: {error.strerror}.", "Check the path.") from error
    with handle:
        reader = csv.DictReader(handle, strict=True)
        try:
            header = list(reader.fieldnames or ())
            optional = _optional(row_type)
            missing = [column for column in columns if column not in header and column not in optional]
            unknown = [column for column in header if column not in columns]
            if missing or unknown:
                raise TableError(
                    f"{where}, line 1: "
                    + "; ".join(
                        part
                        for part in (
                            f"missing column {', '.join(missing)}" if missing else "",
                            f"unknown column {', '.join(map(str, unknown))}" if unknown else "",
                        )
                        if part
                    )
                    + ".",
                    f"The columns are {', '.join(columns)}.",
                )
            for record in reader:
                line = f"{where}, line {reader.line_num}"
                if shipped:
                    _put_references(record, line)
                    _check_quality(record.get("quality"), line)
                yield reader.line_num, _row(record, columns, row_type, line)
        except (csv.Error, UnicodeDecodeError) as error:
            raise TableError(
                f"{where}, line {reader.line_num + 1}: {error}.", "Save it as UTF-8 CSV."
            ) from error


@lru_cache(maxsize=1)
def _shipped_folders() -> frozenset[Path]:
    package = Path(__file__).resolve().parent
    return frozenset(root / folder for root in (package, package.parent) for folder in FOLDERS)


def _put_references(record: dict[str | Any, Any], where: str) -> None:
    for name, cell in record.items():
        if cell and isinstance(name, str) and name.endswith("citation"):
            try:
                record[name] = cited(cell.strip())
            except KeyError as error:
                raise TableError(
                    f"{where}, column {name}: '{error.args[0]}' is no key of ligand_library/citations.csv.",
                    "Write a key of that table, or add the work to it.",
                ) from error


def _check_quality(cell: str | None, where: str) -> None:
    if cell and cell.strip() not in QUALITIES:
        raise TableError(
            f"{where}, column quality: '{cell}' is none.", f"Write one of {', '.join(QUALITIES)}."
        )


def _columns(row_type: type[Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(row_type)
    return {item.name: hints[item.name] for item in fields(row_type)}


def _optional(row_type: type[Any]) -> set[str]:
    return {
        item.name
        for item in fields(row_type)
        if item.default is not MISSING or item.default_factory is not MISSING
    }


def _row(record: dict[str | Any, Any], columns: dict[str, Any], row_type: type[RowT], where: str) -> RowT:
    if None in record or None in record.values():
        raise TableError(f"{where}: the row has another number of cells than the header.", "Quote commas.")
    values = {
        name: _cell(record[name], kind, f"{where}, column {name}")
        for name, kind in columns.items()
        if name in record
    }
    if "citation" in values and not values["citation"]:
        raise TableError(f"{where}, column citation: the row has no source.", "Give its publication.")
    return row_type(**values)


def _cell(text: str, kind: Any, where: str) -> Any:  # noqa: ANN401 - any column type
    text = text.strip()
    if isinstance(kind, types.UnionType):
        if text == "":
            return None
        kind = next(item for item in typing.get_args(kind) if item is not type(None))
    if kind is str:
        return text
    literal = typing.get_origin(kind) is typing.Literal
    if literal or issubclass(kind, StrEnum):
        words = typing.get_args(kind) if literal else tuple(kind)
        if text not in words:
            raise TableError(f"{where}: '{text}' is none of its words.", f"Write {' or '.join(words)}.")
        return text if literal else kind(text)
    if kind is bool:
        if text not in {"yes", "no"}:
            raise TableError(f"{where}: '{text}' is neither yes nor no.", "Write yes or no.")
        return text == "yes"
    try:
        number = kind(text)
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise TableError(f"{where}: '{text}' is not {wanted}.", "Correct the cell.") from None
    if not math.isfinite(number):
        raise TableError(f"{where}: '{text}' is not finite.", "Correct the cell.")
    return number
