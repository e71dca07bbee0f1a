"""Progress on standard error: a bar with rate and time left on a terminal, a line a minute else."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

LINE_EVERY_S = 60.0


class Progress:
    """Counts rows; a context manager."""

    def __init__(self, total: int | None, *, quiet: bool = False) -> None:
        self._total = total
        self._done = 0
        self._started = self._last = time.monotonic()
        self._bar: Bar | None = None
        self._quiet = quiet
        console = Console(file=sys.stderr)
        if not quiet and console.is_terminal:
            self._bar = Bar(
                SpinnerColumn(),
                MofNCompleteColumn(),
                BarColumn(),
                TextColumn("{task.fields[rate]}"),
                TimeRemainingColumn(),
                TextColumn("{task.fields[counts]}"),
                console=console,
            )
            self._task = self._bar.add_task("screen", total=total, rate="", counts="")

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
            of = f" of {self._total}" if self._total else ""
            sys.stderr.write(f"{self._done}{of} rows, {rate}: {counts}\n")
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
