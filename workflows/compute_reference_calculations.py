#!/usr/bin/env python
"""Compute what is missing of ligand_library/reference_calculations.csv, row by row.

    python workflows/compute_reference_calculations.py [--workers N] [--only CLASS] [--limit N]
    python workflows/compute_reference_calculations.py --check

It may be stopped and started again at any time: rows that are there are not computed again.
``--check`` computes nothing and prints the error of the protocol against measured potentials.
"""

import argparse
import sys

from echemscreen.errors import EchemscreenError
from echemscreen.evidence.protocol_errors import protocol_text
from echemscreen.evidence.references.reference_calculations import (
    compute_missing,
    missing,
    read_results,
    results_path,
    training_couples,
)
from echemscreen.screening.workers.executors import WorkerPool


def say(line: str) -> None:
    """One line, at once: the output is usually a log file."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run; 0 if everything asked for is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--workers", type=int, default=1, help="processes, one core each")
    parser.add_argument("--only", metavar="CLASS", help="a chem_class of dft_molecules.csv")
    parser.add_argument("--limit", type=int, metavar="N", help="compute at most N rows")
    parser.add_argument("--check", action="store_true", help="print the protocol's error and stop")
    asked = parser.parse_args()
    path = results_path()
    if asked.check:
        say(protocol_text(read_results(path)))
        return 0
    couples = training_couples()
    classes = sorted({couple.molecule.chem_class for couple in couples})
    if asked.only and asked.only not in classes:
        parser.error(f"no class '{asked.only}'; there are {', '.join(classes)}")
    wanted = [c for c in missing(couples, path) if asked.only in {None, c.molecule.chem_class}][: asked.limit]
    say(f"{len(wanted)} rows to compute, {len(read_results(path))} are there")
    with WorkerPool(max(1, asked.workers)) as pool:
        failed = compute_missing(wanted, path, executor=pool, report=say)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except EchemscreenError as error:
        sys.exit(str(error))
