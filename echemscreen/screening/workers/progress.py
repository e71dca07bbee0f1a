"""Progress on standard error: a bar with rate and time left on a terminal, a line a minute else."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from echemscreen.quantities import counted

if TYPE_CHECKING:
    from echemscreen.screening.workers.telling import RowResult

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


#: Where a run of several stages tells how far it is, until it has come to its end.
STAGES = "progress.jsonl"


class StageFile:
    """How far a run of several stages is, a line of JSON a step, for who watches its folder.

    A context manager: the file goes with the run. A stage is ``{"stage", "total"}``, a step is
    ``{"name", "smiles", "verdict"}`` of the molecule that was finished, blank of a step that is none.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / STAGES
        self._file: TextIO | None = None

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many steps begins."""
        self._write({"stage": stage, "total": total})

    def step(self, *, name: str = "", smiles: str = "", verdict: str = "") -> None:
        """A step is done."""
        self._write({"name": name, "smiles": smiles, "verdict": verdict})

    def _write(self, content: dict[str, object]) -> None:
        assert self._file is not None, "written while the run goes on"
        self._file.write(json.dumps(content, ensure_ascii=False) + "\n")
        self._file.flush()

    def __enter__(self) -> Self:
        self._file = self._path.open("w", encoding="utf-8", errors="replace")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._file is not None
        self._file.close()
        self._path.unlink(missing_ok=True)


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
