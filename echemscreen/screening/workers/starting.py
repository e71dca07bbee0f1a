"""The workers of a run: the one place where they are made, and where those of a screen start ahead of it.

Nothing here loads chemistry: the command line starts the workers while the rest of a screen is still being
loaded and read.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from echemscreen.files import is_file
from echemscreen.screening.workers.cluster import Cluster
from echemscreen.screening.workers.executors import Pools, Workers

if TYPE_CHECKING:
    from echemscreen.options.runs import ListOptions

_LINE_BY_LINE = frozenset({".smi", ".csv", ".tsv"})


def workers_of(asked: ListOptions) -> Workers:
    """What makes the workers of a run, none started.

    The lines of a screen's list get no more processes than they are, and all of them start ahead; of anything
    else one does.
    """
    if asked.dask is not None:
        return Cluster(asked.dask)
    workers = asked.workers or os.cpu_count() or 1
    lines = _lines(asked.input, workers) if asked.kind == "screen" else 0
    return Pools(lines or workers, asked.engine, ahead=lines or 1)


def start_ahead(workers: Workers, out: Path) -> None:
    """Start the workers now, unless the folder may hold the finished screen already."""
    if not is_file(out / "run.json"):
        workers.start()


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
