"""What a worker does with rows, and how a row that could not be worked on is told."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Generic, TypeVar

from echemscreen.engines.base import Engine, get_engine
from echemscreen.errors import EchemscreenError, MemoryLimitError, TimeLimitError
from echemscreen.levels.fit.calibration import shipped_fit
from echemscreen.levels.redox import Theory, theory_of
from echemscreen.ligands.reading.input_files import Row, read_row
from echemscreen.records.dots import QuantumDot
from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import Molecule
from echemscreen.records.processes import PROCESSES
from echemscreen.records.rows import Failure, InputRow
from echemscreen.screening.assess import Judge
from echemscreen.screening.plan import Plan, plan_of
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.screening.workers.limits import Limits, OutOfTimeError, limited
from echemscreen.screening.workers.telling import OnDot, Tell
from echemscreen.store import Piece

T = TypeVar("T")

#: After that long a worker hands back what it has done of several rows, and the rows that are left.
LONGEST_S = 0.25


#: Of a row: what each dot makes of it, and what was computed.
Done = tuple[tuple[OnDot, ...], dict[str, Ladder]]
#: Rows of the store by their ``task_id``, as the database takes them.
StoreRows = dict[str, dict[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked(Generic[T]):
    """What a worker hands back of a row."""

    told: T
    computed: StoreRows
    seconds: float
    """How long that took."""


def plan_rows(
    rows: Sequence[Row], dots: Sequence[QuantumDot], settings: Settings, limits: Limits
) -> list[tuple[InputRow, Plan | Failure]]:
    """Read rows and plan what is computed for them, as long as that is quick; the others stay as they are."""
    started = time.monotonic()
    found: list[tuple[InputRow, Plan | Failure]] = []
    for row in rows:
        found.append(_planned(row, dots, settings, limits))
        if time.monotonic() - started > LONGEST_S:
            break
    return found


def _planned(
    row: Row, dots: Sequence[QuantumDot], settings: Settings, limits: Limits
) -> tuple[InputRow, Plan | Failure]:
    what: Molecule | Row = row
    error: EchemscreenError
    try:
        with limited(limits):
            row = read_row(row)
            if isinstance(row.entry, Failure):
                return row, row.entry
            what = row.entry
            return row, plan_of(row.entry, dots, *_tools(settings.engine, settings.solvent), settings)
    except OutOfTimeError:
        error = _out_of_time(limits)
    except MemoryError:
        error = _out_of_memory()
    except EchemscreenError as refused:
        error = refused
    failure = failure_of(what, "forms", error)
    return failed_row(row, failure), failure


def work(
    plan: Plan,
    dots: Sequence[QuantumDot],
    settings: Settings,
    stored: Mapping[str, Ladder],
    limits: Limits,
) -> Done:
    """What a worker does with one row: results on every dot, and the ladders that were not in the store."""
    bench = _bench(settings, stored)
    judge = Judge(plan, bench)
    found: list[OnDot] = []
    error: EchemscreenError
    try:
        with limited(limits):
            for dot in dots:
                before = len(bench.computed)
                results = judge.on(dot)
                found.append(OnDot(results=results, n_computed=len(bench.computed) - before))
        return tuple(found), bench.computed
    except OutOfTimeError:
        error = _out_of_time(limits)
    except MemoryError:
        error = _out_of_memory()
    # What was computed before the limit is kept, and what was judged.
    n_new = len(bench.computed) - sum(item.n_computed for item in found)
    found.append(OnDot(results=(failure_of(plan.molecule, "calculation", error),), n_computed=n_new))
    found += [replace(found[-1], n_computed=0)] * (len(dots) - len(found))
    return tuple(found), bench.computed


def _out_of_time(limits: Limits) -> TimeLimitError:
    return TimeLimitError(f"it took longer than {limits.time_s:g} s.", "Raise --time-limit-s.")


def _out_of_memory() -> MemoryLimitError:
    return MemoryLimitError(
        "it needs more memory than it may have.", "Raise --memory-limit-mib, or use fewer --workers."
    )


def work_on(
    rows: Sequence[tuple[InputRow, Plan, Mapping[str, Ladder]]],
    *,
    work: Callable[..., Done],
    tell: Tell[T],
    dots: Sequence[QuantumDot],
    settings: Settings,
    limits: Limits,
) -> list[Worked[T]]:
    """Work on rows one after the other, each with its plan and what is stored for it, while they are quick.

    Returns
    -------
    list
        What was done of the first rows; the others are left as they were.
    """
    started = before = time.monotonic()
    found: list[Worked[T]] = []
    for row, plan, stored in rows:
        on_dots, computed = work(plan, dots, settings, stored, limits)
        molecule = plan.molecule
        pieces = {
            key: Piece(key=key, ladder=ladder, inchikey=molecule.inchikey, name=molecule.name).row()
            for key, ladder in computed.items()
        }
        now = time.monotonic()
        found.append(Worked(told=tell(row, on_dots, plan), computed=pieces, seconds=now - before))
        before = now
        if now - started > LONGEST_S:
            break
    return found


def load(engine: str) -> None:
    """Load an engine and its calibrations of vertical levels, which the first row would load otherwise.

    Raises
    ------
    EchemscreenError
        if the engine is not installed, or has no calibration.
    """
    get_engine(engine)
    for process in PROCESSES:
        shipped_fit(process, engine, "vertical")


def _bench(settings: Settings, stored: Mapping[str, Ladder]) -> Workbench:
    engine, theory = _tools(settings.engine, settings.solvent)
    return Workbench(engine, theory, settings, stored)


@lru_cache(maxsize=4)
def _tools(engine: str, solvent: str) -> tuple[Engine, Theory]:
    found = get_engine(engine)
    return found, theory_of(found, solvent)


def failure_of(what: Molecule | Row, stage: str, error: EchemscreenError) -> Failure:
    """The row of a molecule, or of a row that was not read, that met one of our errors."""
    return _failure(what, stage, error.kind, error.message, error.remedy)


def internal_failure(what: Molecule | Row, error: BaseException) -> Failure:
    """A bug of ours, recorded with its row: counted, and the exit status is 1."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({last[0].name})" if last else ""
    return replace(
        _failure(
            what,
            "internal",
            type(error).__name__,
            f"internal error {type(error).__name__}: {error}{where}.",
            "This is a bug of echemscreen: please report it with this row.",
        ),
        internal=True,
    )


def failed_row(row: Row, failure: Failure) -> InputRow:
    """A row that failed before it was read, as one that was."""
    return (
        row if isinstance(row, InputRow) else InputRow(index=row.index, location=row.location, entry=failure)
    )


def _failure(what: Molecule | Row, stage: str, kind: str, message: str, remedy: str) -> Failure:
    entry = what if isinstance(what, Molecule) else what.entry
    name = entry.name.strip()
    if not (name or isinstance(what, Molecule)):
        name = f"row {what.index + 1}"
    failure = Failure(
        name=name,
        smiles=entry.smiles,
        stage=stage,
        kind=kind,
        message=f"{name}: {message}",
        remedy=remedy,
    )
    if not isinstance(entry, Molecule):
        return failure
    return replace(
        failure, canonical_smiles=entry.canonical_smiles, inchikey=entry.inchikey, family=entry.family
    )
