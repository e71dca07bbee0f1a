"""The workers of a screen, which start while the rest of it is still being loaded and read.

Nothing here loads chemistry: the command line starts the workers first.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from echemscreen.screening.executors import Pools

_LINE_BY_LINE = frozenset({".smi", ".csv", ".tsv"})


def pools_for(source: str, *, engine: str, workers: int | None) -> Pools:
    """The worker processes of a screen on this machine, not started.

    Parameters
    ----------
    source
        The input: a short list gets no more workers than it has lines.
    workers
        Worker processes; all cores by default.
    """
    return Pools(_needed(source, max(1, workers or os.cpu_count() or 1)), engine)


def start_ahead(pools: Pools, out: Path) -> None:
    """Start the workers now, unless the folder may hold the finished screen already."""
    if not (out / "run.json").exists():
        pools.start()


def _needed(source: str, workers: int) -> int:
    path = Path(source)
    if path.suffix not in _LINE_BY_LINE:
        return workers
    try:
        with path.open("rb") as handle:
            return max(1, sum(1 for _ in islice((line for line in handle if line.strip()), workers)))
    except (OSError, ValueError):
        # Told where the input is read.
        return workers
