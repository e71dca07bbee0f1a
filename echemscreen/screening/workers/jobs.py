"""The rows of a run that are not finished, by what they wait for: which of them starts next.

A row is read and planned by a worker; then it starts. What is stored goes first, of the others the largest
among rows that stand together in the list; rows that take milliseconds go several together. What somebody
else is computing something of waits: an earlier row, or another run of the same store.
"""

from __future__ import annotations

import time
from bisect import insort
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from echemscreen.ligands.reading.input_files import Row
from echemscreen.records.rows import InputRow
from echemscreen.screening.plan import Plan
from echemscreen.screening.workers.work import LONGEST_S

if TYPE_CHECKING:
    from echemscreen.store.database import Store

#: Rows that are read in one call, and stored ones that are judged in one: each is a matter of milliseconds.
ROWS_PER_CALL = 16
#: Rows that are computed in one call, if they are quicker still.
_MOST_PER_CALL = 64
#: Rows read ahead for each worker.
ROWS_AHEAD = 4 * ROWS_PER_CALL
#: Of so many rows that stand together the largest start first: no row waits for all that is larger.
_BLOCK_ROWS = 64
#: How often a row may be in flight when a worker dies: once with others, once alone.
ATTEMPTS = 2
#: What a row takes is the mean over about so many.
_REMEMBERED_ROWS = 8
#: How often a row asks whether another run has finished what it waits for.
POLL_S = 0.5


@dataclass(slots=True, eq=False)
class Job:
    """A row on its way."""

    index: int
    """Its place in the input."""
    row: Row
    plan: Plan | None = None
    """Known when it is read."""
    kept_as: str = ""
    """The key of its finished row in the store; blank if that is not kept."""
    attempts: int = 0
    is_stored: bool = False
    """Its vertical ladders were there when it was planned."""
    claimed: bool = False
    not_before: float = 0.0

    @property
    def read(self) -> tuple[InputRow, Plan]:
        """Row and plan of a job that has them."""
        assert isinstance(self.row, InputRow)
        assert self.plan is not None
        return self.row, self.plan

    @property
    def keys(self) -> tuple[str, ...]:
        """Of the pieces that it may need."""
        return () if self.plan is None else self.plan.keys

    @property
    def claims(self) -> tuple[str, ...]:
        """Of the pieces that only it computes."""
        return () if self.plan is None else self.plan.claims


class Waiting:
    """Jobs that are not in flight."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.unread: deque[Job] = deque()
        self.suspects: deque[Job] = deque()
        """In flight when a worker died, or with one that met a bug of ours: each goes alone."""
        self._stored: deque[Job] = deque()
        """Their vertical ladders are stored: hardly anything of them is to be computed."""
        self._held: list[Job] = []
        """The others, in the order in which they start."""
        self._busy: set[str] = set()
        self._row_s = LONGEST_S
        """What a row that is not stored takes, about."""

    def __len__(self) -> int:
        return len(self.unread) + len(self.suspects) + len(self._stored) + len(self._held)

    @property
    def waits_for_others(self) -> bool:
        """Whether another run computes what a job needs."""
        return any(job.not_before for job in self._held)

    def planned(self, job: Job) -> None:
        """A job whose row has been read, and has a molecule."""
        job.is_stored = self._store.knows(job.claims)
        if job.is_stored:
            self._stored.append(job)
        else:
            self._hold(job)

    def again(self, job: Job, *, alone: bool = False) -> None:
        """A job that was in flight and has to go once more, by itself if its call failed as a whole."""
        if alone:
            self.suspects.append(job)
        elif job.plan is not None:
            self._hold(job)
        else:
            self.unread.appendleft(job)

    def starting(self) -> Iterator[list[Job]]:
        """Planned jobs that may start now, those of one call together, as long as more are asked for."""
        while self._stored:
            if together := self._stored_together():
                yield together
        while together := self._held_together():
            yield together

    def reading(self, most: int = ROWS_PER_CALL) -> list[Job]:
        """Rows to be read in one call; none if there are none."""
        return [self.unread.popleft() for _ in range(min(most, len(self.unread)))]

    def started(self, jobs: Iterable[Job]) -> None:
        """Jobs are in flight: what they may compute nobody else computes."""
        for job in jobs:
            job.attempts += 1
            self._busy.update(job.keys)

    def landed(self, jobs: Iterable[Job]) -> None:
        """Jobs are not in flight any more."""
        for job in jobs:
            self._busy.difference_update(job.keys)

    def took(self, job: Job, seconds: float) -> None:
        """A row was worked on for so long: the next ones go together if they are quick."""
        if not job.is_stored:
            self._row_s += (seconds - self._row_s) / _REMEMBERED_ROWS

    def _held_together(self) -> list[Job]:
        """The largest jobs that nobody else is computing, as many as take half the time of a call."""
        most = max(1, min(_MOST_PER_CALL, int(LONGEST_S / 2 / self._row_s)))
        now = time.monotonic()
        jobs: list[Job] = []
        others: list[Job] = []
        for at, job in enumerate(self._held):
            if len(jobs) == most:
                others += self._held[at:]
                break
            if now >= job.not_before and self._busy.isdisjoint(job.keys):
                if self._claim(job):
                    job.not_before = 0.0
                    jobs.append(job)
                    self._busy.update(job.keys)
                    continue
                job.not_before = now + POLL_S
            others.append(job)
        self._held = others
        return jobs

    def _stored_together(self) -> list[Job]:
        jobs: list[Job] = []
        while self._stored and len(jobs) < ROWS_PER_CALL:
            job = self._stored.popleft()
            if self._busy.isdisjoint(job.keys) and self._claim(job):
                jobs.append(job)
                self._busy.update(job.keys)
            else:
                self._hold(job)
        return jobs

    def _claim(self, job: Job) -> bool:
        if not job.claimed:
            job.claimed = self._store.claim(job.claims)
        return job.claimed

    def _hold(self, job: Job) -> None:
        # Ties keep the input order.
        insort(self._held, job, key=_largest_first)


def _largest_first(job: Job) -> tuple[int, int, int]:
    _, plan = job.read
    return job.index // _BLOCK_ROWS, -plan.molecule.n_heavy, job.index
