"""What every run ends with: where its results lie, what they count, and what becomes of them."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from echemscreen.records.rows import Failure
from echemscreen.screening.workers.telling import Result


class Scratch:
    """A folder that goes with this object, or with the program."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="echemscreen-"))
        self._end = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def unkept(options: dict[str, Any]) -> tuple[Scratch | None, dict[str, Any]]:
    """Where a run works that was told no ``out``, and its options; it draws nothing unless told to."""
    if options.get("out") is not None:
        return None, options
    scratch = Scratch()
    return scratch, {"figure": False, **options, "out": scratch.path}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Where the results of a run lie, and what they count."""

    out: Path
    n_rows: int
    failures: Mapping[str, int]
    """Failed rows by cause."""
    n_computed: int
    internal_errors: int
    wall_s: float
    own: tuple[str, ...] = ()
    """What was taken from the user's measurement file, in words."""
    scratch: Scratch | None = field(default=None, repr=False, compare=False)
    """Where the files are of a run that keeps none: they go with it."""

    @property
    def exit_status(self) -> int:
        """0 all rows done, bad rows included; 1 an internal error was recorded."""
        return 1 if self.internal_errors else 0

    def place(self) -> str:
        """Where the results are, in words."""
        return f"results in {self.out}" if self.scratch is None else "nothing is kept (no folder was named)"


def folder_of(run: str | Path | Outcome) -> Path:
    """The folder of a run: as it is named, or that of its outcome."""
    return run.out if isinstance(run, Outcome) else Path(run)


def count_results(results: Iterable[Result], verdicts: Counter[str], failures: Counter[str]) -> None:
    """Count results by verdict, or by cause of failure."""
    for result in results:
        if isinstance(result, Failure):
            failures[result.kind] += 1
        else:
            verdicts[result.verdict] += 1
