"""Whether a cheaper level gives the verdicts of ``--level full``, and how many relaxations it saves.

Run from the root of the repository; a quarter of an hour on one core:

    python tests/benchmarks/cascade.py [DOT,...] [NUMBER] [LEVEL] [FORMS]

``NUMBER`` molecules (default 40) are taken evenly from the library, or from the list of SMILES that is given
in its place, and judged on each ``DOT`` (default ``pu2020-red``) at ``LEVEL`` (default ``standard``) and at
``full``, as ``FORMS`` (default as a screen: on the dot). What ``full`` computes is kept for the next dot,
of which relaxations and seconds are then those that come on top.
Nothing is asserted.
"""

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import Failure
from echemscreen.screening.assess import assess
from echemscreen.screening.workbench import Settings, Workbench

#: Largest molecule taken, heavy atoms.
LARGEST = 40


def sample(number):
    """Molecules of a list, or of the library without a metal, evenly over its order, each once."""
    if Path(number).is_file():
        lines = Path(number).read_text(encoding="utf-8").splitlines()
        return [parse_smiles(smiles, name) for smiles, _, name in (line.partition(" ") for line in lines)]
    number = int(number)
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


def main(specs="pu2020-red", number="40", level="standard", forms=None):
    """Print one line per molecule and the totals, dot by dot."""
    molecules, known = sample(number), {}
    for spec in specs.split(","):
        compare(molecules, spec, level, {} if forms is None else {"forms": forms}, known)


def compare(molecules, spec, level, options, known):
    """One dot; ``known`` keeps what ``full`` computed."""
    dot, engine = quantum_dot(spec), get_engine("tblite")
    theory = theory_of(engine, "acetonitrile")
    equal = judged = missed = done = by_structure = 0
    all_of_them = 0
    cpu = {level: 0.0, "full": 0.0}
    for molecule in molecules:
        started = time.process_time()
        first = Workbench(engine, theory, Settings(level=level, **options), {})
        (cheaper,) = assess(molecule, dot, first)
        between = time.process_time()
        second = Workbench(engine, theory, Settings(level="full", **options), known | first.computed)
        (full,) = assess(molecule, dot, second)
        known |= first.computed | second.computed
        cpu[level] += between - started
        cpu["full"] += time.process_time() - started
        if isinstance(cheaper, Failure) or isinstance(full, Failure):
            print(f"{molecule.name[:40]:40s} failed")
            continue
        judged += 1
        equal += cheaper.verdict == full.verdict
        by_structure += cheaper.levels.method == "structure"
        missed += cheaper.verdict == "inert" and full.verdict == "active"
        done += relaxations(first.computed)
        all_of_them += relaxations(first.computed) + relaxations(second.computed)
        mark = "" if cheaper.verdict == full.verdict else "  <- differs"
        print(f"{molecule.name[:40]:40s} {cheaper.verdict:12s} {full.verdict:12s}{mark}", flush=True)
    print(f"dot {dot.spec}: {judged} molecules, {equal} equal verdicts")
    print(f"{missed} inert that full calls active; {by_structure} verdicts by structure alone")
    skipped = 1 - done / max(1, all_of_them)
    print(f"relaxations of ions: {level} {done}, full {all_of_them}, skipped {skipped:.2f}")
    print(f"CPU s: {level} {cpu[level]:.1f}, full {cpu['full']:.1f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
