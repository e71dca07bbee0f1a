"""Compute molecules that the estimates of ``--level triage`` learn from (``computed_descriptors.csv``).

    python workflows/compute_structures.py LIST.smi ligand_library/computed_descriptors.csv
    echemscreen calibrate --out DIR      # then the fit of structures is made anew

Of each molecule the free species is computed, its far tail cut as in a screen; what has a reference value, a
row already, or is a molecule of the benchmark is passed over. About a second of a core each.
"""

import argparse
import os
import sys
from pathlib import Path

from echemscreen.errors import EchemscreenError
from echemscreen.evidence.references.reference_runs import (
    DescribedMolecule,
    compute_molecules,
    write_descriptors,
)
from echemscreen.levels.fit.references import references
from echemscreen.levels.fit.surrogate import ComputedDescriptors
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.tails import without_tails
from echemscreen.records.processes import PROCESSES
from echemscreen.reference_tables import read_file

BENCHMARK = Path(__file__).parent.parent / "tests" / "benchmarks" / "sixty.smi"


def species(path: Path) -> dict[str, None]:
    """SMILES of the free species that a screen of a list computes, in order."""
    found: dict[str, None] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        smiles, _, name = line.strip().partition(" ")
        try:
            form = forms_of(parse_smiles(smiles, name), site_metal="Cd", site_charge=2, which="free")[0]
        except EchemscreenError as error:
            sys.stderr.write(f"{name or smiles}: {error.message}\n")
            continue
        found[without_tails(form.free).smiles] = None
    return found


def main() -> None:
    """Append what is missing, and write the table in order."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("list", type=Path, help="SMILES and name, one molecule a line")
    parser.add_argument("table", type=Path, help="computed_descriptors.csv: read and written")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    rows = read_file(given.table, ComputedDescriptors) if given.table.is_file() else ()
    known = {row.entry for row in rows} | {row.smiles for row in references()} | set(species(BENCHMARK))
    new = [smiles for smiles in species(given.list) if smiles not in known]
    tasks = [
        DescribedMolecule(entry=smiles, smiles=smiles, process=process)
        for smiles in new
        for process in PROCESSES
    ]
    made, failures = compute_molecules(tasks, workers=given.workers)
    sys.stderr.writelines(f"{failure}\n" for failure in failures)
    every = sorted((*rows, *made), key=lambda row: (PROCESSES.index(row.process), row.entry))
    write_descriptors(every, given.table, ComputedDescriptors)
    sys.stdout.write(f"{len(new)} molecules more, {len(every)} rows in {given.table}\n")


if __name__ == "__main__":
    main()
