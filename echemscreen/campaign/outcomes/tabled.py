"""A finished row of a screen as its tables have it: made where it was judged, and kept in the store.

The parent of a screen that is handed the text of the row, instead of all that it was got from, has hardly
anything left to do for it. A row that is found in the store as it was finished needs no reading,
planning or judging.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from echemscreen.campaign.outcomes.refined_rows import refined_rows
from echemscreen.ligands.reading.input_files import UnreadRow
from echemscreen.measurements.own_rows import OwnMeasurement
from echemscreen.records.rows import Failure, InputRow
from echemscreen.screening.plan import Plan
from echemscreen.screening.runs.run_record import identity_of
from echemscreen.screening.workers.telling import OnDot, Result
from echemscreen.views.tables import table
from echemscreen.views.tables.columns import names_of

#: Stages whose failures may not come again: a run with one of them is not finished.
TRIED_AGAIN = ("calculation", "internal")


@dataclass(frozen=True, slots=True, kw_only=True)
class TabledResult:
    """One result: its row of the tables as text, and what is counted."""

    line: str
    """Of ``results.csv``."""
    text: str
    """The values of its columns in JSON."""
    verdict: str = ""
    """Blank if it failed."""
    failure: str = ""
    """The cause, if it failed."""
    is_internal: bool = False
    is_tried_again: bool = False
    calculated: tuple[OwnMeasurement, ...] = ()
    """Potentials by density-functional theory."""

    @property
    def values(self) -> dict[str, object]:
        """The unrounded values by the columns of ``results.csv``."""
        return _values_of(self.text)


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
    values = table.row_of(result, row=row)
    line, text = table.line_of(values), json.dumps(list(values.values()), separators=(",", ":"))
    if isinstance(result, Failure):
        return TabledResult(
            line=line,
            text=text,
            failure=result.kind,
            is_internal=result.internal,
            is_tried_again=result.stage in TRIED_AGAIN,
        )
    return TabledResult(line=line, text=text, verdict=result.verdict, calculated=refined_rows(result))


def _values_of(text: str) -> dict[str, object]:
    return dict(zip(names_of("results.csv"), json.loads(text), strict=True))


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
        """Its values, a line for each result and a blank one between dots; blank of what is not kept."""
        if any(result.failure or result.calculated for row in told for result in row.results):
            return ""
        return "\n\n".join("\n".join(result.text for result in row.results) for row in told)

    def told(self, text: str) -> tuple[TabledRow, ...]:
        """The inverse of :meth:`text`; nothing was computed for it now."""
        return tuple(
            TabledRow(results=tuple(map(_again, on_dot.splitlines()))) for on_dot in text.split("\n\n")
        )


def _again(text: str) -> TabledResult:
    values = _values_of(text)
    return TabledResult(line=table.line_of(values), text=text, verdict=str(values["verdict"]))
