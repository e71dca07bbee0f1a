"""Many molecules: streamed in, read and assessed by an executor, stored by the parent, handed out in order.

Only the parent writes the store, in batches, and it does little else: lines are read and planned by the
workers, and what is told of a finished row is made there too. What is in flight is bounded, so the input may
be endless; which row starts next, :mod:`~echemscreen.screening.workers.jobs` decides. A worker that dies
costs its molecule at most: rows that were in flight are tried once more, alone, and what kills its worker
again becomes a ``Failure``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from echemscreen.engines.base import get_engine
from echemscreen.errors import WorkerDiedError
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.reading.input_files import Row, UnreadRow
from echemscreen.records.dots import QuantumDot
from echemscreen.records.rows import Failure, InputRow
from echemscreen.screening.plan import Plan
from echemscreen.screening.workbench import Settings
from echemscreen.screening.workers.cluster import SchedulerGoneError, killed_workers
from echemscreen.screening.workers.jobs import ATTEMPTS, POLL_S, ROWS_AHEAD, ROWS_PER_CALL, Job, Waiting
from echemscreen.screening.workers.limits import Limits
from echemscreen.screening.workers.telling import Kept, OnDot, RowResult, Tell, everything
from echemscreen.screening.workers.work import (
    StoreRows,
    Worked,
    failed_row,
    failure_of,
    internal_failure,
    plan_rows,
    work,
    work_on,
)
from echemscreen.store import finished_row

if TYPE_CHECKING:
    from echemscreen.store.database import Store

T = TypeVar("T")

#: Calls in flight for each worker: enough that none waits for the parent.
CALLS_PER_WORKER = 3
#: Finished rows that may wait for an earlier one before no new row is started.
MAX_WAITING_ROWS = 500
#: What is computed is stored after this many pieces or seconds: all that a kill can lose.
BATCH_PIECES, BATCH_S = 100, 0.25
#: No wait is longer: Ctrl-C that comes just before Python begins to wait is heard only when it ends.
LOOK_UP_S = 1.0


def screen(
    rows: Iterable[Row],
    dots: QuantumDot | Sequence[QuantumDot],
    settings: Settings,
    *,
    store: Store,
    make_executor: Callable[[], Executor],
    workers: int | Callable[[], int] = 1,
    limits: Limits | None = None,
) -> Generator[RowResult, None, None]:
    """Assess every row; yield the results in input order, one :class:`RowResult` per row.

    See :func:`stream` for parameters and errors.
    """
    return stream(
        rows,
        dots,
        settings,
        tell=everything,
        store=store,
        make_executor=make_executor,
        workers=workers,
        limits=limits,
    )


def stream(
    rows: Iterable[Row],
    dots: QuantumDot | Sequence[QuantumDot],
    settings: Settings,
    *,
    tell: Tell[T],
    store: Store,
    make_executor: Callable[[], Executor],
    workers: int | Callable[[], int] = 1,
    limits: Limits | None = None,
    kept: Kept[T] | None = None,
) -> Generator[T, None, None]:
    """Assess every row; yield what is told of each, in input order.

    Parameters
    ----------
    dots
        One dot or several: the levels of a molecule are computed once for all of them.
    tell
        Makes of a finished row what is yielded, in its worker: a function of a module.
    make_executor
        Makes the executor; called again if it breaks because a worker died or a scheduler went away.
    workers
        How many molecules the executor works on at a time, or what tells it.
    limits
        Time and memory of one molecule.
    kept
        How rows are kept that were finished, if they are: one that is there is not read again.

    Raises
    ------
    InputError
        if the engine does not know the solvent, before any row is read.
    StoreError
        if a result cannot be stored; what was stored before stays.
    ClusterError
        if a scheduler went away and did not come back; what was stored before stays.
    """
    theory_of(get_engine(settings.engine), settings.solvent)
    run = _Run(
        (dots,) if isinstance(dots, QuantumDot) else tuple(dots),
        settings,
        limits or Limits(),
        tell,
        kept,
        store=store,
        make_executor=make_executor,
        capacity=workers if callable(workers) else lambda: workers,
    )
    try:
        yield from run.told(iter(rows))
    finally:
        run.end()


@dataclass(frozen=True, slots=True)
class _Call:
    """Rows in flight, and what is done with what comes back of each."""

    jobs: list[Job]
    take: Callable[[Job, Any], None]
    is_reading: bool


class _Run(Generic[T]):
    """One screen while it runs."""

    def __init__(
        self,
        dots: tuple[QuantumDot, ...],
        settings: Settings,
        limits: Limits,
        tell: Tell[T],
        kept: Kept[T] | None,
        *,
        store: Store,
        make_executor: Callable[[], Executor],
        capacity: Callable[[], int],
    ) -> None:
        self._n_dots = len(dots)
        self._asked: dict[str, Any] = {"dots": dots, "settings": settings, "limits": limits}
        self._tell, self._kept, self._store = tell, kept, store
        self._make_executor, self._capacity = make_executor, capacity
        self._executor = make_executor()
        self._waiting = Waiting(store)
        self._flying: dict[Future[list[Any]], _Call] = {}
        self._finished: dict[int, T] = {}
        self._n_taken = 0
        self._portion = 1
        self._pending: StoreRows = {}
        """Computed or finished, not stored yet."""
        self._pending_since = 0.0
        self._ending: list[Job] = []
        """Jobs whose claims end when what is pending is stored."""

    def told(self, rows: Iterator[Row]) -> Iterator[T]:
        """What is told of every row, in their order."""
        exhausted = False
        next_out = 0
        while True:
            self._start()
            exhausted = exhausted or self._read_ahead(rows)
            self._start()
            while next_out in self._finished:
                yield self._finished.pop(next_out)
                next_out += 1
            if self._flying:
                self._wait()
                continue
            self._flush()
            if exhausted and not (len(self._waiting) or self._finished):
                return
            if self._waiting.waits_for_others:
                time.sleep(POLL_S / 5)

    def end(self) -> None:
        """Store what is computed, and end the executor."""
        try:
            self._flush()
        finally:
            # What is in flight nobody waits for: interrupted or failed, or no row needed a worker. The end of
            # the executor is: Python's own trips over a pool that is just ending (cpython issue 84176).
            self._executor.shutdown(wait=True, cancel_futures=True)

    # --- rows that come in --------------------------------------------------------------------

    def _read_ahead(self, rows: Iterator[Row]) -> bool:
        """Take the rows that are next, as many as may wait; True when there are no more."""
        while not self._waiting.suspects and len(self._finished) < MAX_WAITING_ROWS:
            n_ahead = len(self._waiting) + sum(len(call.jobs) for call in self._flying.values())
            if n_ahead >= ROWS_AHEAD * self._capacity():
                return False
            portion = list(islice(rows, self._portion))
            if not portion:
                return True
            self._take(portion)
            if not self._flying:
                # The first row starts at once: the input may be slow.
                self._start()
        return False

    def _take(self, portion: Sequence[Row]) -> None:
        jobs = [Job(index, replace(row, index=index)) for index, row in enumerate(portion, self._n_taken)]
        self._n_taken += len(jobs)
        kept = self._kept_of(jobs)
        # Where rows are found as they were finished, hardly anything costs as much as to ask for few.
        self._portion = min(2 * self._portion, MAX_WAITING_ROWS) if len(kept) == len(jobs) else ROWS_PER_CALL
        for job in jobs:
            if job.index in kept:
                self._finished[job.index] = kept[job.index]
            elif isinstance(job.row, InputRow) and isinstance(job.row.entry, Failure):
                self._fail(job, job.row.entry)
            else:
                self._waiting.unread.append(job)

    def _kept_of(self, jobs: Sequence[Job]) -> dict[int, T]:
        if self._kept is None:
            return {}
        for job in jobs:
            job.kept_as = self._kept.key(job.row) if isinstance(job.row, UnreadRow) else ""
        texts = self._store.finished_rows([job.kept_as for job in jobs])
        return {job.index: self._kept.told(texts[job.kept_as]) for job in jobs if job.kept_as in texts}

    # --- what starts --------------------------------------------------------------------------

    def _start(self) -> None:
        """Start what may start; a suspect goes alone."""
        if self._waiting.suspects:
            if not self._flying:
                job = self._waiting.suspects.popleft()
                (self._start_reading if job.plan is None else self._start_work)([job])
            return
        room = self._capacity() * CALLS_PER_WORKER - len(self._flying)
        n_reading = sum(call.is_reading for call in self._flying.values())
        while min(room, self._capacity() - n_reading) > 0 and (jobs := self._waiting.reading()):
            self._start_reading(jobs)
            room, n_reading = room - 1, n_reading + 1
        if n_reading:
            # The more rows are read, the better is known which is largest; but no worker waits for that.
            room = self._capacity() + n_reading - len(self._flying)
        if room > 0:
            for jobs in self._waiting.starting():
                self._start_work(jobs)
                room -= 1
                if room <= 0:
                    break

    def _start_reading(self, jobs: list[Job]) -> None:
        call = partial(plan_rows, [job.row for job in jobs], **self._asked)
        self._submit(call, _Call(jobs, self._take_plan, is_reading=True))

    def _start_work(self, jobs: list[Job]) -> None:
        # Asked after the claims: another run may have stored something since this one began.
        stored = self._store.get_many([key for job in jobs for key in job.keys], fresh=True)
        rows = []
        for job in jobs:
            computed = {key: self._pending[key]["content"] for key in job.keys if key in self._pending}
            rows.append((*job.read, stored.part(job.keys, computed)))
        call = partial(work_on, rows, work=work, tell=self._tell, **self._asked)
        self._submit(call, _Call(jobs, self._take_done, is_reading=False))

    def _submit(self, function: Callable[[], list[Any]], call: _Call) -> None:
        try:
            future = self._executor.submit(function)
        except BrokenExecutor as error:
            # A worker died, or the scheduler went away, between two calls.
            self._rebuild(is_innocent=isinstance(error, SchedulerGoneError))
            future = self._executor.submit(function)
        self._flying[future] = call
        self._waiting.started(call.jobs)

    # --- what comes back ----------------------------------------------------------------------

    def _wait(self) -> None:
        """Wait for a call in flight, and store what is due."""
        is_due = self._pending or self._ending or self._waiting.waits_for_others
        done, _ = wait(self._flying, timeout=BATCH_S if is_due else LOOK_UP_S, return_when=FIRST_COMPLETED)
        self._collect(done)
        if len(self._pending) >= BATCH_PIECES or time.monotonic() - self._pending_since > BATCH_S:
            self._flush()

    def _collect(self, done: set[Future[list[Any]]]) -> None:
        lost = broken = False
        for future in done:
            if future.cancelled():
                # Nobody here cancels: a scheduler went away with all that it held.
                lost = True
                continue
            error = future.exception()
            if isinstance(error, BrokenExecutor):
                broken = True
                continue
            call = self._flying.pop(future)
            self._waiting.landed(call.jobs)
            found = future.result() if error is None else []
            for job, one in zip(call.jobs, found, strict=False):
                call.take(job, one)
            for job in reversed(call.jobs[len(found) :]):
                if error is not None and (len(call.jobs) == 1 or killed_workers(error)):
                    self._blame(job, error)
                else:
                    # A row before it took long, or one of them all has met a bug of ours: each by itself.
                    job.attempts -= 1
                    self._waiting.again(job, alone=error is not None)
        if lost or broken:
            self._rebuild(is_innocent=lost)

    def _take_plan(self, job: Job, found: tuple[InputRow, Plan | Failure]) -> None:
        job.row, plan = found
        if isinstance(plan, Failure):
            self._fail(job, plan)
        else:
            job.plan, job.attempts = plan, 0
            self._waiting.planned(job)

    def _take_done(self, job: Job, found: Worked[T]) -> None:
        self._waiting.took(job, found.seconds)
        self._put(found.computed)
        self._finish(job, found.told)

    def _blame(self, job: Job, error: BaseException) -> None:
        if not killed_workers(error):
            self._fail(job, internal_failure(job.row, error))
        elif job.attempts < ATTEMPTS:
            # A scheduler suspects all that waited at a worker that died: this one may be innocent.
            self._waiting.suspects.append(job)
        else:
            self._fail(job, failure_of(job.row, "calculation", WorkerDiedError()))

    def _fail(self, job: Job, failure: Failure) -> None:
        """Finish a row that has the same failure on every dot."""
        on_dots = (OnDot(results=(failure,)),) * self._n_dots
        self._finish(job, self._tell(failed_row(job.row, failure), on_dots, job.plan))

    def _finish(self, job: Job, told: T) -> None:
        self._finished[job.index] = told
        if job.claimed:
            self._ending.append(job)
        if self._kept is not None and job.kept_as and (text := self._kept.text(told)):
            self._put({job.kept_as: finished_row(job.kept_as, text)})

    def _put(self, rows: StoreRows) -> None:
        if rows and not self._pending:
            self._pending_since = time.monotonic()
        self._pending |= rows

    def _flush(self) -> None:
        """Store what is pending, then let other runs have its keys."""
        rows, jobs = list(self._pending.values()), self._ending
        # Cleared first: what cannot be stored is not tried again on the way out.
        self._pending, self._ending = {}, []
        self._pending_since = time.monotonic()
        self._store.put_rows(rows)
        if jobs:
            self._store.release([key for job in jobs for key in job.claims])

    def _rebuild(self, *, is_innocent: bool) -> None:
        """A worker of the pool died, or the scheduler went away: a new executor; what was in flight again.

        Rows of a pool go one by one, since one of them killed the worker. A scheduler tells which rows
        were at workers that died; rows that it lost are not suspected of anything.
        """
        self._executor.shutdown(wait=False, cancel_futures=True)
        flying = chain.from_iterable(call.jobs for call in self._flying.values())
        jobs = sorted(flying, key=lambda job: job.index)
        self._flying.clear()
        self._waiting.landed(jobs)
        self._executor = self._make_executor()
        for job in reversed(jobs) if is_innocent else jobs:
            if is_innocent:
                job.attempts -= 1
                self._waiting.again(job)
            elif job.attempts < ATTEMPTS:
                self._waiting.suspects.append(job)
            else:
                self._fail(job, failure_of(job.row, "calculation", WorkerDiedError()))
