"""The table of results as Parquet: written in row groups as a run goes, for tables too large for a CSV.

The columns are those of ``results.csv``, unrounded; unknown numbers are null. Text is as it was, without
the guard against spreadsheets, which do not open Parquet.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from echemscreen.errors import MissingPackageError
from echemscreen.files import partial_of, put_in_place
from echemscreen.views.tables.columns import numbers_of, table_of
from echemscreen.views.tables.table import text_of

try:
    import pyarrow as pa
    from pyarrow import parquet
except ImportError as error:
    raise MissingPackageError(
        f"--parquet needs the package '{error.name}', which is not installed.",
        "Install it: pip install 'echemscreen[parquet]'.",
    ) from error

#: Rows of a group: some ten megabytes in memory.
GROUP_ROWS = 10_000

_NUMBERS = numbers_of("results.csv")
_SCHEMA = pa.schema(
    [(name, pa.float64() if name in _NUMBERS else pa.string()) for name in table_of("results.csv")]
)


class ParquetWriter:
    """Streams rows into ``DIR/results.parquet``; the file appears whole when the run has ended."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "results.parquet"
        self._rows: list[Mapping[str, object]] = []

    def __enter__(self) -> Self:
        self._writer = parquet.ParquetWriter(partial_of(self._file), _SCHEMA, compression="zstd")
        return self

    def write(self, row: Mapping[str, object]) -> None:
        """Take one row; a group is written when it is full."""
        self._rows.append(row)
        if len(self._rows) >= GROUP_ROWS:
            self._write_group()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write_group()
        finally:
            # Closing writes the footer, without which nobody can read the groups so far.
            self._writer.close()
        if kind is None:
            put_in_place(self._file, "The table")

    def _write_group(self) -> None:
        columns = [[_cell(name, row[name]) for row in self._rows] for name in _SCHEMA.names]
        arrays = [pa.array(cells, type=field.type) for cells, field in zip(columns, _SCHEMA, strict=True)]
        self._rows.clear()
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=_SCHEMA))


def _cell(name: str, value: object) -> object:
    if name in _NUMBERS:
        number = math.nan if value is None else float(str(value))
        return number if math.isfinite(number) else None
    # A lone surrogate, which no file can hold, becomes a question mark.
    return text_of(value).encode("utf-8", "replace").decode()
