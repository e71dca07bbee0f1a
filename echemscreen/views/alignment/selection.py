"""Which species of a long table are drawn: those with the largest drives, or one page of the table."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from echemscreen.errors import InputError
from echemscreen.views.tables.cells import known

MAX_SPECIES = 40

#: Stand for rows of a long table that are counted, not drawn.
_UNDRAWN: Mapping[str, Any] = {
    "status": "ok",
    "reduction_drive_ev": -math.inf,
    "oxidation_drive_ev": -math.inf,
}
_FAILED: Mapping[str, Any] = {"status": "failed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows that are drawn, in the order of the table, and what is said of the others."""

    rows: tuple[Mapping[str, Any], ...]
    words: str


def select(
    rows: Sequence[Mapping[str, Any]], *, size: int = MAX_SPECIES, page: int | None = None
) -> Selection:
    """Choose the species of a figure.

    Parameters
    ----------
    rows
        Rows with the columns of ``results.csv``; failed rows are not drawn.
    size
        As many at most: those with the largest drives or, with ``page``, one page of the table.
    page
        Which page, the first is 1.

    Raises
    ------
    InputError
        if the table has no such page.
    """
    usable = [row for row in rows if row["status"] == "ok"]
    failed = len(rows) - len(usable)
    words = f" {failed} failed row{'' if failed == 1 else 's'} {_verb(failed)} not drawn." if failed else ""
    if page is not None:
        pages = max(math.ceil(len(usable) / size), 1)
        if not 1 <= page <= pages:
            raise InputError(
                f"There is no page {page}: {len(usable)} species make {pages} of {size} each.",
                f"Give --page a number from 1 to {pages}.",
            )
        first = (page - 1) * size
        shown = usable[first : first + size]
        if pages > 1:
            words = (
                f" Page {page} of {pages}: species {first + 1} to {first + len(shown)} of {len(usable)} "
                f"in the order of the table.{words}"
            )
        return Selection(rows=tuple(shown), words=words)
    if len(usable) <= size:
        return Selection(rows=tuple(usable), words=words)
    ranked = sorted(range(len(usable)), key=lambda index: -largest_drive(usable[index]))
    shown = [usable[index] for index in sorted(ranked[:size])]
    missing = len(usable) - len(shown)
    return Selection(
        rows=tuple(shown), words=f" {missing} species with smaller drives {_verb(missing)} not drawn.{words}"
    )


def condensed(
    rows: Iterable[Mapping[str, Any]], *, page: int | None = None, size: int = MAX_SPECIES
) -> list[Mapping[str, Any]]:
    """A stream of rows with no more of it than a figure can show.

    Rows with the largest drives, or those of a page, are kept; of the others only whether they were
    judged, which is counted.

    Parameters
    ----------
    size
        How many species are drawn.
    """
    judged: list[bool] = []

    def usable() -> Iterator[tuple[int, Mapping[str, Any]]]:
        for index, row in enumerate(rows):
            judged.append(row["status"] == "ok")
            if judged[-1]:
                yield index, row

    if page is None:
        ranked = ((largest_drive(row), -index, row) for index, row in usable())
        found = heapq.nlargest(size, ranked, key=lambda item: (item[0], item[1]))
        kept = {-index: row for _, index, row in found}
    else:
        first = max(page - 1, 0) * size
        kept = {index: row for place, (index, row) in enumerate(usable()) if first <= place < first + size}
    blank = {True: _UNDRAWN, False: _FAILED}
    return [kept.get(index, blank[ok]) for index, ok in enumerate(judged)]


def largest_drive(row: Mapping[str, Any]) -> float:
    """The larger drive of a row, eV; minus infinity if neither is known."""
    drives = [known(row[name]) for name in ("reduction_drive_ev", "oxidation_drive_ev")]
    return max((drive for drive in drives if drive is not None), default=-math.inf)


def _verb(number: int) -> str:
    return "is" if number == 1 else "are"
