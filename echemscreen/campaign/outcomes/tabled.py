"""A finished row of a screen as its tables have it: made where it was judged, and kept in the store.

The parent of a screen that is handed the values of the columns, instead of all that they were got from, has
hardly anything left to do for a row. A row that is found in the store as it was finished needs no reading,
planning or judging.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pydantic_core import from_json

from echemscreen.campaign.outcomes.refined_rows import refined_rows
from echemscreen.ligands.reading.input_files import UnreadRow
from echemscreen.measurements.own_rows import OwnMeasurement
from echemscreen.records.rows import Failure, InputRow
from echemscreen.screening.plan import Plan
from echemscreen.screening.runs.run_record import identity_of
from echemscreen.screening.workers.telling import OnDot, Result
from echemscreen.views.tables.columns import failed_at, names_of, values_of

#: Stages whose failures may not come again: a run with one of them is not finished.
TRIED_AGAIN = ("calculation", "internal")


@dataclass(frozen=True, slots=True, kw_only=True)
class TabledResult:
    """One result: its row of the tables, and what is counted."""

    values: Mapping[str, object]
    """By the columns of ``results.csv``."""
    verdict: str = ""
    """Blank if it failed."""
    failure: str = ""
    """The cause, if it failed."""
    is_internal: bool = False
    is_tried_again: bool = False
    calculated: tuple[OwnMeasurement, ...] = ()
    """Potentials by density-functional theory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TabledRow:
    """What one dot made of a row."""

    results: tuple[TabledResult, ...]
    n_computed: int = 0


def tabled(row: InputRow, on_dots: tuple[OnDot, ...], plan: Plan | None) -> tuple[TabledRow, ...]:  # noqa: ARG001
    """Tell of a row what its tables need, for each dot."""
    return tuple(
        TabledRow(
            results=tuple(_tabled(result, row) for result in on_dot.results), n_computed=on_dot.n_computed
        )
        for on_dot in on_dots
    )


def _tabled(result: Result, row: InputRow) -> TabledResult:
    values = values_of("results.csv", result)
    if isinstance(result, Failure):
        return TabledResult(
            values=values | failed_at(result, row),
            failure=result.kind,
            is_internal=result.internal,
            is_tried_again=result.stage in TRIED_AGAIN,
        )
    return TabledResult(values=values, verdict=result.verdict, calculated=refined_rows(result))


class KeptRows:
    """Finished rows of a screen as the store keeps them.

    Kept is what was answered: a failure may be mended, and tells where its row stands.

    Parameters
    ----------
    parts
        All that the rows of every dot depend on, beside what stands in them; their ``repr`` counts.
    """

    def __init__(self, parts: Sequence[Mapping[str, object]]) -> None:
        self._parts = parts

    @cached_property
    def _identity(self) -> str:
        return "".join(identity_of(parts, ()) for parts in self._parts)

    def key(self, row: UnreadRow) -> str:
        """Of everything that the row depends on; blank of one that cannot be read."""
        entry = row.entry
        if entry.problem:
            return ""
        written = repr((self._identity, entry.notation, entry.smiles, entry.name))
        return hashlib.sha256(written.encode("utf-8", "backslashreplace")).hexdigest()[:32]

    def text(self, told: tuple[TabledRow, ...]) -> str:
        """Its values, by dot and result; blank of what is not kept."""
        if any(result.failure or result.calculated for row in told for result in row.results):
            return ""
        return json.dumps(
            [[list(result.values.values()) for result in row.results] for row in told], separators=(",", ":")
        )

    def told(self, text: str) -> tuple[TabledRow, ...]:
        """The inverse of :meth:`text`; nothing was computed for it now."""
        return tuple(TabledRow(results=tuple(map(_again, on_dot))) for on_dot in from_json(text))


def _again(cells: Sequence[object]) -> TabledResult:
    values = dict(zip(names_of("results.csv"), cells, strict=True))
    return TabledResult(values=values, verdict=str(values["verdict"]))
