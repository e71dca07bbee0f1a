"""Whether ``--level standard`` gives the verdicts of ``--level full``, and how many relaxations it saves.

Run from the root of the repository; a quarter of an hour on one core:

    python tests/benchmarks/cascade.py [DOT] [NUMBER]

``NUMBER`` molecules (default 40) are taken evenly from the library and judged on ``DOT`` (default
``pu2020-red``) at both levels. Nothing is asserted.
"""

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.library import library
from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import Failure
from echemscreen.screening.assess import assess
from echemscreen.screening.workbench import Settings, Workbench

#: Largest molecule taken, heavy atoms.
LARGEST = 40


def sample(number):
    """Molecules of the library without a metal, evenly over its order, each once."""
    found = {}
    for row in library().rows("all"):
        if isinstance(row.entry, Molecule) and row.entry.kind == "molecule" and row.entry.n_heavy <= LARGEST:
            found.setdefault(row.entry.canonical_smiles, row.entry)
    molecules = list(found.values())
    step = max(1, len(molecules) // number)
    return molecules[::step][:number]


def relaxations(computed):
    """Ions relaxed among newly computed pieces."""
    return sum(1 for ladder in computed.values() if len(ladder.states) == 1 and ladder.states[0].relaxed)


def main(spec="pu2020-red", number="40"):
    """Print one line per molecule and the totals."""
    dot, engine = quantum_dot(spec), get_engine("tblite")
    theory = theory_of(engine, "acetonitrile")
    equal = judged = missed = done = 0
    all_of_them = 0
    cpu = {"standard": 0.0, "full": 0.0}
    for molecule in sample(int(number)):
        started = time.process_time()
        first = Workbench(engine, theory, Settings(level="standard"), {})
        (standard,) = assess(molecule, dot, first)
        between = time.process_time()
        second = Workbench(engine, theory, Settings(level="full"), first.computed)
        (full,) = assess(molecule, dot, second)
        cpu["standard"] += between - started
        cpu["full"] += time.process_time() - started
        if isinstance(standard, Failure) or isinstance(full, Failure):
            print(f"{molecule.name[:40]:40s} failed")
            continue
        judged += 1
        equal += standard.verdict == full.verdict
        missed += standard.verdict == "inert" and full.verdict == "active"
        done += relaxations(first.computed)
        all_of_them += relaxations(first.computed) + relaxations(second.computed)
        mark = "" if standard.verdict == full.verdict else "  <- differs"
        print(f"{molecule.name[:40]:40s} {standard.verdict:12s} {full.verdict:12s}{mark}", flush=True)
    print(f"dot {dot.spec}: {judged} molecules, {equal} equal verdicts")
    print(f"{missed} inert that full calls active")
    skipped = 1 - done / max(1, all_of_them)
    print(f"relaxations of ions: standard {done}, full {all_of_them}, skipped {skipped:.2f}")
    print(f"CPU s: standard {cpu['standard']:.1f}, full {cpu['full']:.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
