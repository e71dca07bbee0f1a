"""The workers of a screen, which start while the rest of it is still being loaded and read.

Nothing here loads chemistry: the command line starts the workers first.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

from echemscreen.files import is_file
from echemscreen.screening.workers.executors import Pools

_LINE_BY_LINE = frozenset({".smi", ".csv", ".tsv"})


def pools_for(source: str, *, engine: str, workers: int | None) -> Pools:
    """The worker processes of a screen on this machine, not started.

    Parameters
    ----------
    source
        The input: a list of lines gets no more workers than it has, and all of them start ahead; of
        anything else one does.
    workers
        Worker processes; all cores by default.
    """
    workers = max(1, workers or os.cpu_count() or 1)
    lines = _lines(source, workers)
    return Pools(lines or workers, engine, ahead=lines or 1)


def start_ahead(pools: Pools, out: Path) -> None:
    """Start the workers now, unless the folder may hold the finished screen already."""
    if not is_file(out / "run.json"):
        pools.start()


def _lines(source: str, most: int) -> int:
    """Lines of a plain list, counted no further than ``most``; 0 of anything else."""
    path = Path(source)
    if path.suffix not in _LINE_BY_LINE:
        return 0
    try:
        with path.open("rb") as handle:
            return sum(1 for _ in islice((line for line in handle if line.strip()), most))
    except (OSError, ValueError):
        # Told where the input is read.
        return 0
