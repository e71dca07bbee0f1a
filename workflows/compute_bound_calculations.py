#!/usr/bin/env python
"""Compute what is missing of ligand_library/bound_calculations.csv and binding_calculations.csv.

    python workflows/compute_bound_calculations.py [--workers N] [--only CLASS] [--limit N] [--minutes M]
    python workflows/compute_bound_calculations.py --describe

It may be stopped and started again at any time: rows that are there are not computed again. With
``--minutes`` no row is begun after that time; with a graphics card and gpu4pyscf the single points run there.
"""

import argparse
import sys
import time

from echemscreen.errors import EchemscreenError
from echemscreen.evidence.references.bound_calculations import (
    bound_tasks,
    compute_missing_bound,
    missing_tasks,
)
from echemscreen.evidence.references.bound_descriptors import describe_all, write_bound_descriptors
from echemscreen.screening.workers.executors import WorkerPool


def say(line: str) -> None:
    """One line, at once: the output is usually a log file."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run; 0 if everything asked for is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--workers", type=int, default=1, help="processes, one core each")
    parser.add_argument("--only", metavar="CLASS", help="a chem_class of bound_molecules.csv")
    parser.add_argument("--limit", type=int, metavar="N", help="compute at most N rows")
    parser.add_argument("--minutes", type=float, metavar="M", help="begin no row after that time")
    parser.add_argument("--describe", action="store_true", help="write bound_descriptors.csv and stop")
    asked = parser.parse_args()
    if asked.describe:
        with WorkerPool(max(1, asked.workers)) as pool:
            write_bound_descriptors(describe_all(executor=pool))
        return 0
    tasks = bound_tasks()
    classes = sorted({task.molecule.chem_class for task in tasks})
    if asked.only and asked.only not in classes:
        parser.error(f"no class '{asked.only}'; there are {', '.join(classes)}")
    wanted = [t for t in missing_tasks(tasks) if asked.only in {None, t.molecule.chem_class}][: asked.limit]
    say(f"{len(wanted)} of {len(tasks)} rows to compute")
    ends = time.monotonic() + 60.0 * asked.minutes if asked.minutes else float("inf")
    failed = 0
    workers = max(1, asked.workers)
    with WorkerPool(workers) as pool:
        if asked.minutes is None:
            failed = compute_missing_bound(wanted, executor=pool, report=say)
        else:
            for first in range(0, len(wanted), workers):
                if time.monotonic() > ends:
                    say(f"time is over, {len(wanted) - first} rows are left")
                    break
                failed += compute_missing_bound(wanted[first : first + workers], executor=pool, report=say)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EchemscreenError as error:
        sys.exit(str(error))
