"""Runs side by side, such as one list on several dots: a line a molecule, a column a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from echemscreen.errors import InputError
from echemscreen.server.jobs import Job
from echemscreen.views.tables.table import stream_results

#: Runs that stand side by side, and molecules that are shown of them.
MAX_COMPARED, MAX_LINES = 6, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One molecule in every run."""

    name: str
    smiles: str
    form: str
    """Where runs have several forms of a molecule."""
    rows: tuple[Mapping[str, Any] | None, ...]
    """By run; ``None`` of one that does not have the molecule."""

    @property
    def is_changed(self) -> bool:
        """Whether the runs that have it disagree on its verdict."""
        return len({row["verdict"] for row in self.rows if row is not None}) > 1


def lines_of(jobs: Sequence[Job]) -> list[Line]:
    """The molecules of all runs, those whose verdict changes first, else in the order of the lists.

    Raises
    ------
    InputError
        if there is nothing to compare.
    """
    if not 1 < len(jobs) <= MAX_COMPARED:
        raise InputError(f"{len(jobs)} runs are chosen.", f"Choose two to {MAX_COMPARED} runs that are done.")
    for job in jobs:
        if job.state != "done" or not job.order.of.is_list:
            raise InputError(
                f"Run {job.number} has no rows to compare.", "Choose screens or rankings that are done."
            )
    tables = [_rows(job) for job in jobs]
    keys = dict.fromkeys(key for table in tables for key in table)
    lines = []
    for key in keys:
        rows = tuple(table.get(key) for table in tables)
        first = next(row for row in rows if row is not None)
        lines.append(Line(name=first["name"], smiles=first["canonical_smiles"] or "", form=key[1], rows=rows))
    return sorted(lines, key=lambda line: not line.is_changed)


def _rows(job: Job) -> dict[tuple[str, str, int], dict[str, Any]]:
    """By structure (or what was written, of one that cannot be read), form, and how often it came before."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    has_forms = job.order.options.get("forms") == "all"
    for row in stream_results(job.folder / job.order.of.table):
        structure = row["canonical_smiles"] or row["smiles"] or row["name"]
        form = row.get("form", "") if has_forms else ""
        again = 0
        while (structure, form, again) in found:
            again += 1
        found[structure, form, again] = row
    return found
