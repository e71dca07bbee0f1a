"""Progress on standard error: a bar with rate and time left on a terminal, a line a minute else."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from echemscreen.quantities import counted

if TYPE_CHECKING:
    from echemscreen.screening.screen import RowResult

LINE_EVERY_S = 60.0


class Watch(Protocol):
    """Who is told how far a run of several stages is."""

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many steps begins."""

    def row(self, item: RowResult) -> None:
        """A molecule is assessed: one step."""

    def step(self, n_computed: int = 0) -> None:
        """Another step is done, for which so many pieces were computed."""


class Unwatched:
    """Tells nobody."""

    def begin(self, stage: str, total: int) -> None:
        """Nothing."""

    def row(self, item: RowResult) -> None:
        """Nothing."""

    def step(self, n_computed: int = 0) -> None:
        """Nothing."""


class Progress:
    """Counts rows, from nought in each stage; a context manager."""

    def __init__(self, total: int | None, *, quiet: bool = False) -> None:
        self._total = total
        self._stage = ""
        self._done = 0
        self._started = self._last = time.monotonic()
        self._bar: Bar | None = None
        self._quiet = quiet
        console = Console(file=sys.stderr)
        if not quiet and console.is_terminal:
            self._bar = Bar(
                SpinnerColumn(),
                TextColumn("{task.fields[stage]}"),
                MofNCompleteColumn(),
                BarColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                TextColumn("{task.fields[counts]}"),
                console=console,
            )
            self._task = self._bar.add_task("screen", total=total, stage="", rate="", counts="")

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many rows begins; without a terminal that is a line of its own."""
        self._stage, self._total, self._done = stage, total, 0
        self._started = self._last = time.monotonic()
        if self._bar is not None:
            self._bar.reset(self._task, total=total, stage=stage, rate="", counts="")
        elif not self._quiet:
            sys.stderr.write(f"{stage}: {total}\n")
            sys.stderr.flush()

    def advance(self, verdicts: Mapping[str, int], failures: Mapping[str, int]) -> None:
        """One row more; the counts so far are shown beside."""
        self._done += 1
        now = time.monotonic()
        rate = f"{60.0 * self._done / max(now - self._started, 1e-9):.0f} rows/min"
        counts = " ".join(f"{name} {count}" for name, count in sorted(verdicts.items()))
        if failures:
            counts += f" failed {sum(failures.values())}"
        if self._bar is not None:
            self._bar.update(self._task, advance=1, rate=rate, counts=counts)
        elif not self._quiet and now - self._last >= LINE_EVERY_S:
            self._last = now
            of = f" of {counted(self._total, 'row')}" if self._total else " rows"
            stage = f"{self._stage}: " if self._stage else ""
            said = f": {counts}" if counts else ""
            sys.stderr.write(f"{stage}{self._done}{of}, {rate}{said}\n")
            sys.stderr.flush()

    def __enter__(self) -> Self:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()
