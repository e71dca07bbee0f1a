"""Many molecules: streamed in, assessed by an executor, stored by the parent, handed out in order.

Only the parent writes the store. What is in flight is bounded, so the input may be endless. A row
whose ladders are already being computed for an earlier row waits for it instead of computing them
twice. A worker that dies costs its molecule at most: rows that were in flight are tried once more,
alone, and what kills its worker again becomes a ``Failure``.
"""

from __future__ import annotations

import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import lru_cache

from echemscreen.engines.base import Engine, get_engine
from echemscreen.errors import EchemscreenError, WorkerDiedError
from echemscreen.levels.redox import Theory, theory_of
from echemscreen.records import Assessment, Failure, InputRow, Ladder, Molecule, QuantumDot
from echemscreen.screening.assess import assess, keys_of
from echemscreen.screening.executors import WorkerPool
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.store import Store

Result = Assessment | Failure

#: Rows in flight for each worker: enough that none waits for the parent.
ROWS_PER_WORKER = 3
#: Finished rows that may wait for an earlier one before no new row is started.
MAX_WAITING_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """Everything known about one input row; ``n_computed`` counts ladder parts not found in the store."""

    row: InputRow
    results: tuple[Result, ...]
    n_computed: int = 0


@dataclass(slots=True)
class _Job:
    row: InputRow
    molecule: Molecule
    keys: tuple[str, ...]
    attempts: int = 0


@dataclass(slots=True)
class _Run:
    """State of one screen."""

    dot: QuantumDot
    settings: Settings
    store: Store
    make_executor: Callable[[], Executor]
    theory: Theory
    executor: Executor
    flying: dict[Future[tuple[tuple[Result, ...], dict[str, Ladder]]], _Job] = field(default_factory=dict)
    suspects: deque[_Job] = field(default_factory=deque)
    held: deque[_Job] = field(default_factory=deque)
    finished: dict[int, RowResult] = field(default_factory=dict)


def screen(
    rows: Iterable[InputRow],
    dot: QuantumDot,
    settings: Settings,
    *,
    store: Store,
    make_executor: Callable[[], Executor],
    workers: int = 1,
) -> Iterator[RowResult]:
    """Assess every row; yield the results in input order, one :class:`RowResult` per row.

    Parameters
    ----------
    make_executor
        Makes the executor; called again if it breaks because a worker died.
    workers
        How many molecules the executor works on at a time.

    Raises
    ------
    InputError
        if the engine does not know the solvent, before any row is read.
    StoreError
        if a result cannot be stored; what was stored before stays.
    """
    engine = get_engine(settings.engine)
    theory = theory_of(engine, settings.solvent)
    run = _Run(dot, settings, store, make_executor, theory, make_executor())
    source = iter(enumerate(rows))
    exhausted = False
    next_out = 0
    try:
        while True:
            _release(run)
            room = len(run.flying) + len(run.held) < workers * ROWS_PER_WORKER
            while not exhausted and room and not run.suspects and len(run.finished) < MAX_WAITING_ROWS:
                item = next(source, None)
                if item is None:
                    exhausted = True
                    break
                _admit(run, *item)
                room = len(run.flying) + len(run.held) < workers * ROWS_PER_WORKER
            while next_out in run.finished:
                yield run.finished.pop(next_out)
                next_out += 1
            if not run.flying:
                if exhausted and not run.held and not run.suspects:
                    return
                continue
            done, _ = wait(run.flying, return_when=FIRST_COMPLETED)
            _collect(run, done)
    finally:
        if run.flying and isinstance(run.executor, WorkerPool):
            # Interrupted or failed: nobody waits for what is in flight.
            run.executor.stop()
        run.executor.shutdown(wait=False, cancel_futures=True)


def _admit(run: _Run, index: int, row: InputRow) -> None:
    """Take a new row: a failure is finished at once, a molecule becomes a job."""
    row = InputRow(index=index, location=row.location, entry=row.entry)
    if isinstance(row.entry, Failure):
        run.finished[index] = RowResult(row=row, results=(row.entry,))
        return
    molecule = row.entry
    engine = get_engine(run.settings.engine)
    try:
        keys = tuple(dict.fromkeys(keys_of(molecule, run.dot, engine, run.theory, run.settings)))
    except EchemscreenError as error:
        run.finished[index] = RowResult(row=row, results=(_failure(molecule, "forms", error),))
        return
    run.held.append(_Job(row, molecule, keys))


def _failure(molecule: Molecule, stage: str, error: EchemscreenError) -> Failure:
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


def _release(run: _Run) -> None:
    """Start the held jobs whose ladders nobody else is computing; suspects go alone."""
    if run.suspects:
        if not run.flying:
            _submit(run, run.suspects.popleft())
        return
    busy = {key for job in run.flying.values() for key in job.keys}
    for _ in range(len(run.held)):
        job = run.held.popleft()
        if busy.isdisjoint(job.keys):
            _submit(run, job)
            busy.update(job.keys)
        else:
            run.held.append(job)


def _submit(run: _Run, job: _Job) -> None:
    stored = {key: found for key in job.keys if (found := run.store.get(key)) is not None}
    try:
        future = run.executor.submit(_work, job.molecule, run.dot, run.settings, stored)
    except BrokenProcessPool:
        # A worker died between two rows.
        _rebuild(run)
        future = run.executor.submit(_work, job.molecule, run.dot, run.settings, stored)
    job.attempts += 1
    run.flying[future] = job


def _collect(run: _Run, done: set[Future[tuple[tuple[Result, ...], dict[str, Ladder]]]]) -> None:
    broken = False
    for future in done:
        error = future.exception()
        if isinstance(error, BrokenProcessPool):
            broken = True
            continue
        job = run.flying.pop(future)
        if error is not None:
            run.finished[job.row.index] = RowResult(row=job.row, results=(_internal(job, error),))
            continue
        results, computed = future.result()
        for key, ladder in computed.items():
            run.store.put(key, ladder, inchikey=job.molecule.inchikey, name=job.molecule.name)
        run.finished[job.row.index] = RowResult(row=job.row, results=results, n_computed=len(computed))
    if broken:
        _rebuild(run)


def _rebuild(run: _Run) -> None:
    """A worker died: make a new executor, and try the rows that were in flight one by one."""
    run.executor.shutdown(wait=False, cancel_futures=True)
    run.executor = run.make_executor()
    jobs = sorted(run.flying.values(), key=lambda job: job.row.index)
    run.flying.clear()
    for job in jobs:
        if job.attempts < 2:  # noqa: PLR2004 - once with others, once alone
            run.suspects.append(job)
            continue
        failure = _failure(job.molecule, "calculation", WorkerDiedError())
        run.finished[job.row.index] = RowResult(row=job.row, results=(failure,))


def _internal(job: _Job, error: BaseException) -> Failure:
    """A bug of ours, recorded with its row: counted, and the exit status is 1."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({last[0].name})" if last else ""
    return Failure(
        name=job.molecule.name,
        smiles=job.molecule.smiles,
        stage="internal",
        kind=type(error).__name__,
        message=f"{job.molecule.name}: internal error {type(error).__name__}: {error}{where}.",
        remedy="This is a bug of echemscreen: please report it with this row.",
        internal=True,
        canonical_smiles=job.molecule.canonical_smiles,
        inchikey=job.molecule.inchikey,
        family=job.molecule.family,
    )


def _work(
    molecule: Molecule, dot: QuantumDot, settings: Settings, stored: dict[str, Ladder]
) -> tuple[tuple[Result, ...], dict[str, Ladder]]:
    """What a worker does with one row: results, and the ladders that were not in the store."""
    bench = _bench(settings, stored)
    results = assess(molecule, dot, bench)
    return results, bench.computed


def _bench(settings: Settings, stored: dict[str, Ladder]) -> Workbench:
    engine, theory = _tools(settings.engine, settings.solvent)
    return Workbench(engine, theory, settings, stored)


@lru_cache(maxsize=4)
def _tools(engine: str, solvent: str) -> tuple[Engine, Theory]:
    found = get_engine(engine)
    return found, theory_of(found, solvent)
