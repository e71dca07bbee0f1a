"""The table of results: rows, the CSV file that they are streamed into, and a terminal summary.

Columns are those of ``columns.csv``: the command line's contract, then what explains them. Potentials
are in V vs SHE, energies and drives in eV; unknown is blank. Text that a spreadsheet would take for a
formula carries a leading apostrophe in the file, which :func:`read_table` takes off again.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from rich.console import Console
from rich.text import Text

from echemscreen.errors import TableError
from echemscreen.files import partial_of, put_in_place, written_whole
from echemscreen.quantities import TABLE_DECIMALS, counted, tabled
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure, InputRow
from echemscreen.views.tables import cells
from echemscreen.views.tables.columns import (
    OutputColumn,
    names_of,
    numbers_of,
    on_terminal,
    table_of,
    values_of,
)
from echemscreen.views.tables.terminal import (
    STYLES,
    Column,
    console_for_table,
    names,
    print_sentence,
    print_table,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: tuple[str, ...] = names_of("results.csv")
#: UTF-8 with a byte order mark, without which Excel takes Greek letters and umlauts for something else.
#: Reading with it takes the mark off, where there is one.
TABLE_ENCODING = "utf-8-sig"

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_GUARD = "'"
#: Rows that a terminal summary shows.
_SUMMARY_ROWS = 60


def row_of(result: Assessment | Failure, *, row: InputRow | None = None) -> dict[str, object]:
    """A result as a flat row with every column; ``None`` where nothing is known.

    Parameters
    ----------
    row
        The input row: its position is put into the error of a failed row.
    """
    values = values_of("results.csv", result)
    if isinstance(result, Failure) and row is not None and row.location not in result.message:
        values["error"] = f"{row.location}: {result.told}"
    return values


class RowWriter(Protocol):
    """What takes rows: a context manager."""

    def __enter__(self) -> Self:
        """Open the file."""
        ...

    def write(self, row: Mapping[str, object]) -> None:
        """Take one row with every column."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        ...


class ResultsWriter:
    """Streams rows into ``DIR/results.csv``; the file appears whole when the run has ended.

    Until then, and after an interruption, the rows so far stand in ``results.csv.partial``.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "results.csv"

    def __enter__(self) -> Self:
        # A lone surrogate, which no file can hold, must not end a run: it becomes a question mark.
        self._handle = partial_of(self._file).open("w", newline="", encoding=TABLE_ENCODING, errors="replace")
        self.write_line(_line(COLUMNS))
        return self

    def write(self, row: Mapping[str, object]) -> None:
        """Write one row; a column that the table does not have is an error of the program."""
        self.write_line(line_of(row))

    def write_line(self, line: str) -> None:
        """Write one row as :func:`line_of` makes it."""
        self._handle.write(line)
        self._handle.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.close()
        if kind is None:
            put_in_place(self._file, "The table")


def line_of(row: Mapping[str, object]) -> str:
    """A row of ``results.csv`` as its line of the file; a column that it lacks is an error of ours."""
    columns = table_of("results.csv").items()
    # Most cells are blank: no call for them.
    return _line(["" if (value := row[name]) is None else cell_of(column, value) for name, column in columns])


def _line(cells: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def write_table(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows with the columns that a file of this name has, whole or not at all; unknown is blank.

    Raises
    ------
    TableError
        if a row has a column that ``columns.csv`` has not, or lacks one.
    StoreError
        if the file cannot be written.
    """
    table = table_of(path.name)
    with (
        written_whole(path, "The table") as place,
        place.open("w", newline="", encoding=TABLE_ENCODING, errors="replace") as handle,
    ):
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(table)
        for row in rows:
            if differing := set(row) ^ set(table):
                raise TableError(
                    f"{path.name} and columns.csv differ in {', '.join(sorted(differing))}.",
                    "Give every column of the file its row there, and every row its value.",
                )
            writer.writerow(cell_of(column, row[name]) for name, column in table.items())


def cell_of(column: OutputColumn, value: object) -> str:
    """A value as a cell of a CSV file; unknown is blank."""
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        if column.is_number:
            return f"{value:.2e}" if column.kind == "rate" else f"{tabled(value):.{TABLE_DECIMALS}f}"
    text = text_of(value)
    if column.is_number:
        return text
    # A bare carriage return would end the row for some readers.
    return guarded(text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text)


def text_of(value: object) -> str:
    """A value in words, in every kind of file."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def guarded(text: str) -> str:
    """Text that no spreadsheet runs: a formula's start, or our own guard, gets an apostrophe."""
    return _GUARD + text if text.startswith((*_FORMULA_STARTS, _GUARD)) else text


def unguarded(text: str) -> str:
    """The inverse of :func:`guarded`."""
    return text.removeprefix(_GUARD)


def read_table(path: Path) -> pd.DataFrame:
    """Read a table again: numbers as floats (NaN if blank), text as it was before guarding."""
    import pandas as pd  # noqa: PLC0415 - a screen writes its table without it

    frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, encoding=TABLE_ENCODING)
    numbers = numbers_of(path.name)
    for name in frame.columns:
        if name in numbers:
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
        else:
            frame[name] = frame[name].map(unguarded)
    return frame


def stream_results(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of ``results.csv`` one by one, for tables that do not fit into memory."""
    numbers = numbers_of("results.csv")
    with path.open(newline="", encoding=TABLE_ENCODING) as handle:
        for record in csv.DictReader(handle):
            yield {
                name: (float(text) if text else math.nan) if name in numbers else unguarded(text)
                for name, text in record.items()
            }


def json_line(row: Mapping[str, Any]) -> str:
    """A row as one line of JSON; unknown is null."""
    plain = {
        key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()
    }
    return json.dumps(plain, ensure_ascii=False)


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a data frame as dictionaries."""
    return [{str(key): value for key, value in record.items()} for record in frame.to_dict(orient="records")]


def print_summary(rows: Iterable[Mapping[str, Any]], console: Console | None = None) -> None:
    """A table that fits the terminal, what its signs mean, and why rows failed."""
    console = console or console_for_table()
    coming = iter(rows)
    shown = list(islice(coming, _SUMMARY_ROWS))
    hidden = sum(1 for _ in coming)
    columns = [_summary_column(item, shown) for item in on_terminal("results.csv")]
    left_out = print_table(columns, console)
    if any(cells.side(row, column) for row in shown for column in ("e_red_v_she", "e_ox_v_she")):
        print_sentence("≤, ≥: a one-sided bound; the true value lies further out.", console)
    if left_out:
        print_sentence(f"Too wide for this terminal, in results.csv: {', '.join(left_out)}.", console)
    if hidden:
        print_sentence(f"and {counted(hidden, 'row')} more in results.csv", console)
    for row in shown:
        if row["status"] == "failed":
            print_sentence(f"failed: {row['name'] or row['smiles']}: {row['error']}", console)


def _summary_column(column: OutputColumn, rows: Sequence[Mapping[str, Any]]) -> Column:
    name, header, leaves = column.column, column.lines, column.leaves
    if column.is_number:
        numbers = tuple(Text(cells.shown(row, name)) for row in rows)
        return Column(header=header, cells=numbers, right=True, leaves=leaves)
    if name == "name":
        return Column(header=header, cells=names(row["name"] for row in rows), is_name=True)
    if name == "form":
        texts = [_form(row) for row in rows]
    elif name == "verdict":
        texts = [str(row["verdict"] or row["status"]) for row in rows]
    else:
        texts = [str(row[name] or "").replace(";", "\n") for row in rows]
    shown = tuple(Text(text, style=STYLES.get(text, "")) for text in texts)
    return Column(header=header, cells=shown, leaves=leaves, folds=name == "flags")


def _form(row: Mapping[str, Any]) -> str:
    """The form, with the way of binding where it is not by a single donor."""
    mode = str(row["mode"] or "")
    return f"{row['form'] or ''}{f' {mode}' if mode not in {'', 'monodentate'} else ''}"
