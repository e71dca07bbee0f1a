"""What a report shows: the cells of the tables as they stand in their files, and what explains them."""

from __future__ import annotations

import csv
import heapq
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from echemscreen.errors import InputError
from echemscreen.records.levels import CarrierDensity, RedoxCouple
from echemscreen.records.molecules import Geometry
from echemscreen.views.tables.table import TABLE_ENCODING, guarded, unguarded

#: Rows that one page holds; of a longer table those with the largest drives are shown.
MAX_ROWS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A table as it stands in its file: text, formulas guarded by an apostrophe."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    n_in_file: int
    """Rows of the file, of which ``rows`` may be a part."""

    def plain(self, index: int) -> dict[str, str]:
        """A row by column, text as it was before guarding."""
        return dict(zip(self.columns, map(unguarded, self.rows[index]), strict=True))


EMPTY = Cells(columns=(), rows=(), n_in_file=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """All that a report is made of."""

    kind: Literal["screen", "rank"]
    run: Mapping[str, Any]
    """The object of ``run.json``."""
    table: Cells
    """``results.csv`` of a screen, ``ranking.csv`` of a ranking."""
    ledger: Cells = EMPTY
    """``ledger.csv`` of a ranking."""
    geometries: Mapping[int, Sequence[tuple[str, Geometry]]] = field(default_factory=dict)
    """By the row of ``table``: each stored geometry with its title."""
    densities: Mapping[int, Sequence[CarrierDensity]] = field(default_factory=dict)
    """By the row of ``table``: where an added electron and a hole sit."""
    figures: Mapping[str, str] = field(default_factory=dict)
    """SVG by title."""
    couples: Mapping[str, RedoxCouple] = field(default_factory=dict)
    """Couples named by the rows, for their uncertainty and source."""
    notes: tuple[str, ...] = ()
    """What the report does not show, and why."""

    @property
    def file(self) -> str:
        """The file of ``table``."""
        return "ranking.csv" if self.kind == "rank" else "results.csv"


def read_cells(path: Path, *, limit: int = MAX_ROWS) -> Cells:
    """The cells of a CSV table of ours.

    Parameters
    ----------
    limit
        Of more rows than this, those with the largest drives are kept, in the order of the file.

    Raises
    ------
    InputError
        if it is no table of ours: a header without ``name`` or ``member``, or a ragged row.
    """
    with path.open(newline="", encoding=TABLE_ENCODING) as handle:
        reader = csv.reader(handle, strict=True)
        try:
            columns = tuple(next(reader, ()))
            if not {"name", "member"} & set(columns):
                raise InputError(f"{path.name} is not a table of a finished run.", "Run the command again.")
            count = 0

            def rows() -> Iterator[tuple[float, int, tuple[str, ...]]]:
                nonlocal count
                for record in reader:
                    if len(record) != len(columns):
                        raise InputError(
                            f"{path.name}, line {reader.line_num}: {len(record)} cells under "
                            f"{len(columns)} columns.",
                            "Run the command again.",
                        )
                    cells = tuple(map(_safe, record))
                    count += 1
                    yield _drive(columns, cells), -count, cells

            kept = heapq.nlargest(limit, rows(), key=lambda item: item[:2])
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(
                f"{path.name}, line {reader.line_num + 1}: {error}.", "Run the command again."
            ) from error
    ordered = tuple(cells for _, _, cells in sorted(kept, key=lambda item: -item[1]))
    return Cells(columns=columns, rows=ordered, n_in_file=count)


def _safe(cell: str) -> str:
    """A cell that no spreadsheet runs, whoever wrote the file; ours are so already."""
    return cell if _number(cell) is not None else guarded(unguarded(cell))


def _number(cell: str) -> float | None:
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _drive(columns: Sequence[str], cells: Sequence[str]) -> float:
    """The larger drive of a row, eV; minus infinity where none is known."""
    found = (
        _number(cell)
        for name, cell in zip(columns, cells, strict=True)
        if name in {"reduction_drive_ev", "oxidation_drive_ev"}
    )
    return max((value for value in found if value is not None), default=-math.inf)
