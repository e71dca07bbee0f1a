"""What a worker does with one row, and how a row that could not be worked on is told."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from echemscreen.engines.base import Engine, get_engine
from echemscreen.errors import EchemscreenError, MemoryLimitError, TimeLimitError
from echemscreen.levels.fit.calibration import shipped_fit
from echemscreen.levels.redox import Theory, theory_of
from echemscreen.records.dots import QuantumDot
from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import Molecule
from echemscreen.records.processes import PROCESSES
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure
from echemscreen.screening.assess import Judge
from echemscreen.screening.plan import Plan
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.screening.workers.executors import THREAD_VARIABLES
from echemscreen.screening.workers.limits import Limits, OutOfTimeError, limited

Result = Assessment | Failure
#: After that long a worker hands back what it has done of several rows, and the rows that are left.
LONGEST_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDot:
    """What one dot makes of a row."""

    results: tuple[Result, ...]
    n_computed: int = 0
    """Pieces of ladders that were neither stored nor computed for a dot before it."""


#: Of a row: what each dot makes of it, and what was computed.
Done = tuple[tuple[OnDot, ...], dict[str, Ladder]]


def work(
    plan: Plan,
    dots: Sequence[QuantumDot],
    settings: Settings,
    stored: Mapping[str, Ladder],
    limits: Limits,
) -> Done:
    """What a worker does with one row: results on every dot, and the ladders that were not in the store."""
    for variable in THREAD_VARIABLES:
        # A worker of a cluster was not started by us.
        os.environ.setdefault(variable, "1")
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
        error = TimeLimitError(f"it took longer than {limits.time_s:g} s.", "Raise --time-limit-s.")
    except MemoryError:
        error = MemoryLimitError(
            "it needs more memory than it may have.", "Raise --memory-limit-mib, or use fewer --workers."
        )
    # What was computed before the limit is kept, and what was judged.
    n_new = len(bench.computed) - sum(item.n_computed for item in found)
    found.append(OnDot(results=(failure_of(plan.molecule, "calculation", error),), n_computed=n_new))
    found += [replace(found[-1], n_computed=0)] * (len(dots) - len(found))
    return tuple(found), bench.computed


def work_on(
    rows: Sequence[tuple[Plan, Mapping[str, Ladder]]],
    work: Callable[..., Done],
    dots: Sequence[QuantumDot],
    settings: Settings,
    limits: Limits,
) -> list[Done]:
    """Work on rows one after the other, each a plan and what is stored for it, as long as they are quick.

    Returns
    -------
    list
        What was done of the first rows; the others are left as they were.
    """
    started = time.monotonic()
    found: list[Done] = []
    for plan, stored in rows:
        found.append(work(plan, dots, settings, stored, limits))
        if time.monotonic() - started > LONGEST_S:
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


def failure_of(molecule: Molecule, stage: str, error: EchemscreenError) -> Failure:
    """The row of a molecule that met one of our errors."""
    return Failure(
        name=molecule.name,
        smiles=molecule.smiles,
        stage=stage,
        kind=error.kind,
        message=f"{molecule.name}: {error.message}",
        remedy=error.remedy,
        canonical_smiles=molecule.canonical_smiles,
        inchikey=molecule.inchikey,
        family=molecule.family,
    )


def internal_failure(molecule: Molecule, error: BaseException) -> Failure:
    """A bug of ours, recorded with its row: counted, and the exit status is 1."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({last[0].name})" if last else ""
    return Failure(
        name=molecule.name,
        smiles=molecule.smiles,
        stage="internal",
        kind=type(error).__name__,
        message=f"{molecule.name}: internal error {type(error).__name__}: {error}{where}.",
        remedy="This is a bug of echemscreen: please report it with this row.",
        internal=True,
        canonical_smiles=molecule.canonical_smiles,
        inchikey=molecule.inchikey,
        family=molecule.family,
    )
