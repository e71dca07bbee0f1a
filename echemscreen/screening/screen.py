"""Many molecules: streamed in, assessed by an executor, stored by the parent, handed out in order.

Only the parent writes the store, in batches. What is in flight is bounded, so the input may be
endless; within the window that is read ahead the largest molecules start first. A row whose ladders
are already being computed, for an earlier row or by another run of the same store, waits for them
instead of computing them twice. A worker that dies costs its molecule at most: rows that were in
flight are tried once more, alone, and what kills its worker again becomes a ``Failure``.
"""

from __future__ import annotations

import time
from bisect import insort
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, WorkerDiedError
from echemscreen.levels.redox import Theory, theory_of
from echemscreen.records.dots import QuantumDot
from echemscreen.records.rows import Failure, InputRow
from echemscreen.screening.plan import Plan, plan_of
from echemscreen.screening.workbench import Settings
from echemscreen.screening.workers.cluster import SchedulerGoneError, killed_workers
from echemscreen.screening.workers.limits import Limits
from echemscreen.screening.workers.work import (
    Done,
    OnDot,
    Result,
    failure_of,
    internal_failure,
    work,
    work_on,
)
from echemscreen.store import Piece

if TYPE_CHECKING:
    from echemscreen.store.database import Store

#: Rows in flight for each worker: enough that none waits for the parent.
ROWS_PER_WORKER = 3
#: Rows read ahead of those in flight, for each of these; the largest of them start first.
ROWS_AHEAD = 2
#: Finished rows that may wait for an earlier one before no new row is started.
MAX_WAITING_ROWS = 500
#: What is computed is stored after this many pieces or seconds: all that a kill can lose.
BATCH_PIECES, BATCH_S = 100, 0.25
#: Rows whose ladders are stored go to a worker so many at a time: each is a matter of milliseconds.
STORED_ROWS = 16
#: How often a row may be in flight when a worker dies: once with others, once alone.
ATTEMPTS = 2
#: No wait is longer: Ctrl-C that comes just before Python begins to wait is heard only when it ends.
LOOK_UP_S = 1.0
#: How often a row asks whether another run has finished what it waits for.
POLL_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """Everything known about one input row."""

    row: InputRow
    on_dots: tuple[OnDot, ...]
    """In the order of the dots."""
    plan: Plan | None = None
    """Of a molecule that could be planned."""

    @property
    def results(self) -> tuple[Result, ...]:
        """Those on the first dot, which most runs have alone."""
        return self.on_dots[0].results

    @property
    def n_computed(self) -> int:
        """Ladder parts that were not found in the store."""
        return sum(item.n_computed for item in self.on_dots)


@dataclass(slots=True)
class _Job:
    row: InputRow
    plan: Plan
    attempts: int = 0
    claimed: bool = False
    not_before: float = 0.0


@dataclass(slots=True)
class _Run:
    """State of one screen."""

    dots: tuple[QuantumDot, ...]
    settings: Settings
    store: Store
    limits: Limits
    make_executor: Callable[[], Executor]
    capacity: Callable[[], int]
    executor: Executor
    theory: Theory
    flying: dict[Future[list[Done]], list[_Job]] = field(default_factory=dict)
    busy: set[str] = field(default_factory=set)
    """Keys of the jobs in flight."""
    suspects: deque[_Job] = field(default_factory=deque)
    held: list[_Job] = field(default_factory=list)
    """Jobs not started, the largest molecule first."""
    stored: deque[_Job] = field(default_factory=deque)
    """Jobs not started whose vertical ladders are stored: hardly anything of them is to be computed."""
    finished: dict[int, RowResult] = field(default_factory=dict)
    pending: dict[str, Piece] = field(default_factory=dict)
    """Computed, not stored yet."""
    ending: list[_Job] = field(default_factory=list)
    """Jobs whose claims end when what is pending is stored."""
    pending_since: float = 0.0

    def room(self) -> int:
        """Calls that may be in flight: of a row, or of several that are stored."""
        return self.capacity() * ROWS_PER_WORKER

    def failed(self, row: InputRow, failure: Failure, plan: Plan | None = None) -> RowResult:
        """A row that has the same failure on every dot."""
        return RowResult(row=row, on_dots=(OnDot(results=(failure,)),) * len(self.dots), plan=plan)


def screen(
    rows: Iterable[InputRow],
    dots: QuantumDot | Sequence[QuantumDot],
    settings: Settings,
    *,
    store: Store,
    make_executor: Callable[[], Executor],
    workers: int | Callable[[], int] = 1,
    limits: Limits | None = None,
) -> Generator[RowResult, None, None]:
    """Assess every row; yield the results in input order, one :class:`RowResult` per row.

    Parameters
    ----------
    dots
        One dot or several: the levels of a molecule are computed once for all of them.
    make_executor
        Makes the executor; called again if it breaks because a worker died or a scheduler went away.
    workers
        How many molecules the executor works on at a time, or what tells it.
    limits
        Time and memory of one molecule.

    Raises
    ------
    InputError
        if the engine does not know the solvent, before any row is read.
    StoreError
        if a result cannot be stored; what was stored before stays.
    ClusterError
        if a scheduler went away and did not come back; what was stored before stays.
    """
    theory = theory_of(get_engine(settings.engine), settings.solvent)
    limits = limits or Limits()
    capacity = workers if callable(workers) else lambda: workers
    on = (dots,) if isinstance(dots, QuantumDot) else tuple(dots)
    run = _Run(on, settings, store, limits, make_executor, capacity, make_executor(), theory)
    source = iter(enumerate(rows))
    exhausted = False
    next_out = 0
    try:
        while True:
            _release(run)
            exhausted = exhausted or _read_ahead(run, source)
            _release(run)
            while next_out in run.finished:
                yield run.finished.pop(next_out)
                next_out += 1
            if not run.flying:
                _flush(run)
                if exhausted and not (run.held or run.stored or run.suspects or run.finished):
                    return
                if run.held and not run.suspects:
                    # Every one of them waits for another run of this store.
                    time.sleep(POLL_S / 5)
            else:
                _wait(run)
    finally:
        try:
            _flush(run)
        finally:
            # What is in flight nobody waits for: interrupted or failed, or no row needed a worker. The end of
            # the executor is: Python's own trips over a pool that is just ending (cpython issue 84176).
            run.executor.shutdown(wait=True, cancel_futures=True)


def _read_ahead(run: _Run, source: Iterator[tuple[int, InputRow]]) -> bool:
    """Fill the window of rows that have not started; True when there are no more."""
    while not run.suspects and len(run.finished) < MAX_WAITING_ROWS:
        if len(run.held) >= ROWS_AHEAD * run.room() or len(run.stored) >= ROWS_AHEAD * STORED_ROWS:
            break
        item = next(source, None)
        if item is None:
            return True
        _admit(run, *item)
        if not run.flying:
            # The first row starts at once: the input may be slow.
            _release(run)
    return False


def _wait(run: _Run) -> None:
    """Wait for a row in flight, and store what is due."""
    waiting = run.pending or run.ending or any(job.not_before for job in run.held)
    done, _ = wait(run.flying, timeout=BATCH_S if waiting else LOOK_UP_S, return_when=FIRST_COMPLETED)
    _collect(run, done)
    if len(run.pending) >= BATCH_PIECES or time.monotonic() - run.pending_since > BATCH_S:
        _flush(run)


def _admit(run: _Run, index: int, row: InputRow) -> None:
    """Take a new row: a failure is finished at once, a molecule becomes a job."""
    row = InputRow(index=index, location=row.location, entry=row.entry)
    if isinstance(row.entry, Failure):
        run.finished[index] = run.failed(row, row.entry)
        return
    molecule = row.entry
    engine = get_engine(run.settings.engine)
    try:
        plan = plan_of(molecule, run.dots, engine, run.theory, run.settings)
    except EchemscreenError as error:
        run.finished[index] = run.failed(row, failure_of(molecule, "forms", error))
        return
    if run.store.knows(plan.claims):
        run.stored.append(_Job(row, plan))
    else:
        _hold(run, _Job(row, plan))


def _hold(run: _Run, job: _Job) -> None:
    # Ties keep the input order.
    insort(run.held, job, key=lambda job: (-job.plan.molecule.n_heavy, job.row.index))


def _release(run: _Run) -> None:
    """Start the held jobs whose ladders nobody else is computing; suspects go alone."""
    if run.suspects:
        if not run.flying:
            _start(run, [run.suspects.popleft()])
        return
    room = run.room() - len(run.flying)
    while room > 0 and run.stored:
        room -= _start_stored(run)
    if room <= 0 or not run.held:
        return
    now = time.monotonic()
    # A broken executor puts jobs back into ``held`` while this goes on.
    waiting, run.held = run.held, []
    for job in waiting:
        if room > 0 and now >= job.not_before and run.busy.isdisjoint(job.plan.keys):
            if not _claim(run, job):
                job.not_before = now + POLL_S
                run.held.append(job)
                continue
            job.not_before = 0.0
            _start(run, [job])
            room -= 1
        else:
            run.held.append(job)


def _claim(run: _Run, job: _Job) -> bool:
    if not job.claimed:
        job.claimed = run.store.claim(job.plan.claims)
    return job.claimed


def _start_stored(run: _Run) -> int:
    """Start rows whose ladders are stored, several in one call; the number of calls, 0 or 1.

    What somebody else is computing something of waits as other rows do.
    """
    jobs: list[_Job] = []
    while run.stored and len(jobs) < STORED_ROWS:
        job = run.stored.popleft()
        if run.busy.isdisjoint(job.plan.keys) and _claim(run, job):
            jobs.append(job)
            run.busy.update(job.plan.keys)
        else:
            _hold(run, job)
    if jobs:
        _start(run, jobs)
    return bool(jobs)


def _start(run: _Run, jobs: list[_Job]) -> None:
    # Asked after the claims: another run may have stored something since this one began.
    stored = run.store.get_many([key for job in jobs for key in job.plan.keys], fresh=True)
    rows = []
    for job in jobs:
        computed = {key: run.pending[key].ladder for key in job.plan.keys if key in run.pending}
        rows.append((job.plan, stored.part(job.plan.keys, computed)))
    try:
        future = run.executor.submit(work_on, rows, work, run.dots, run.settings, run.limits)
    except BrokenExecutor as error:
        # A worker died, or the scheduler went away, between two rows.
        _rebuild(run, is_innocent=isinstance(error, SchedulerGoneError))
        future = run.executor.submit(work_on, rows, work, run.dots, run.settings, run.limits)
    run.flying[future] = jobs
    for job in jobs:
        job.attempts += 1
        run.busy.update(job.plan.keys)


def _collect(run: _Run, done: set[Future[list[Done]]]) -> None:
    lost = broken = False
    for future in done:
        if future.cancelled():
            # Nobody here cancels: a scheduler went away with all that it held.
            lost = True
            continue
        if isinstance(future.exception(), BrokenExecutor):
            broken = True
            continue
        jobs = run.flying.pop(future)
        for job in jobs:
            run.busy.difference_update(job.plan.keys)
        error = future.exception()
        found = future.result() if error is None else []
        for job, one in zip(jobs, found, strict=False):
            _take(run, job, one)
        for job in jobs[len(found) :]:
            if error is not None and (len(jobs) == 1 or killed_workers(error)):
                _fail(run, job, error)
            else:
                # A row before it took long, or one of them all has met a bug of ours: each by itself.
                job.attempts -= 1
                _hold(run, job)
    if lost or broken:
        _rebuild(run, is_innocent=lost)


def _fail(run: _Run, job: _Job, error: BaseException) -> None:
    if killed_workers(error) and job.attempts < ATTEMPTS:
        # A scheduler suspects all that waited at a worker that died: this one may be innocent.
        run.suspects.append(job)
        return
    failure = _died(job) if killed_workers(error) else internal_failure(job.plan.molecule, error)
    _finish(run, job, run.failed(job.row, failure, job.plan))


def _take(run: _Run, job: _Job, found: Done) -> None:
    on_dots, computed = found
    if computed and not run.pending:
        run.pending_since = time.monotonic()
    for key, ladder in computed.items():
        run.pending[key] = Piece(
            key=key, ladder=ladder, inchikey=job.plan.molecule.inchikey, name=job.plan.molecule.name
        )
    _finish(run, job, RowResult(row=job.row, on_dots=on_dots, plan=job.plan))


def _finish(run: _Run, job: _Job, result: RowResult) -> None:
    run.finished[job.row.index] = result
    if job.claimed:
        run.ending.append(job)


def _flush(run: _Run) -> None:
    """Store what is pending, then let other runs have its keys."""
    pieces, jobs = list(run.pending.values()), run.ending
    # Cleared first: what cannot be stored is not tried again on the way out.
    run.pending, run.ending = {}, []
    run.pending_since = time.monotonic()
    if pieces:
        run.store.put_many(pieces)
    if jobs:
        run.store.release([key for job in jobs for key in job.plan.claims])


def _rebuild(run: _Run, *, is_innocent: bool) -> None:
    """A worker of the pool died, or the scheduler went away: a new executor, and what was in flight again.

    Rows of a pool go one by one, since one of them killed the worker. A scheduler tells which rows
    were at workers that died; rows that it lost are not suspected of anything.
    """
    run.executor.shutdown(wait=False, cancel_futures=True)
    jobs = sorted(chain.from_iterable(run.flying.values()), key=lambda job: job.row.index)
    run.flying.clear()
    run.busy.clear()
    run.executor = run.make_executor()
    for job in jobs:
        if is_innocent:
            job.attempts -= 1
            run.held.append(job)
        elif job.attempts < ATTEMPTS:
            run.suspects.append(job)
        else:
            _finish(run, job, run.failed(job.row, _died(job), job.plan))


def _died(job: _Job) -> Failure:
    return failure_of(job.plan.molecule, "calculation", WorkerDiedError())
