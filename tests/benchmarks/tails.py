"""What leaving out spectator tails changes: calibrated potentials of free ligands, whole and shortened.

Run from the root of the repository; some minutes on one core:

    python tests/benchmarks/tails.py [KEPT ...]

For each length in ``KEPT`` (default: the one that is shipped) every tailed ligand of the library and
every tailed quinone of the calibration is computed whole and shortened, all ions relaxed. Printed are
the changes of the calibrated E_red and E_ox in mV: ``same`` of the shortened ligand started from the
whole one's relaxed geometry, which is what the tail does; ``own`` of the shortened ligand from its own
embedding, which is what a screen sees; and once per row ``other``, the whole ligand from another
conformer, which is the scatter that any start geometry brings. Nothing is asserted.
"""

import os
import sys
import time

from echemscreen.records.processes import PROCESSES

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from rdkit import Chem

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError
from echemscreen.levels.fit.prediction import calibrated_level
from echemscreen.levels.fit.references import reference_potentials
from echemscreen.levels.redox import raw_potentials, relaxed_state, theory_of, vertical_ladder, with_state
from echemscreen.ligands.binding.forms import judged_units, protonated, species_of
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.groups import groups_in
from echemscreen.ligands.library import library
from echemscreen.ligands.tails import KEPT_CARBONS, spare_atoms, without_tails
from echemscreen.records.molecules import Geometry, Molecule

#: Largest molecule taken, heavy atoms: the whole tail must be computed too.
LARGEST = 26
C_H_ANG = 1.09


def tailed(kept):
    """Free species that the rule changes, with their names."""
    units = [
        u for row in library().rows("all") if isinstance(row.entry, Molecule) for u in units_of(row.entry)
    ]
    units += [(row.entry, row.smiles) for row in reference_potentials()]
    found = {}
    for name, smiles in units:
        mol = protonated(Chem.MolFromSmiles(smiles)).mol
        if mol.GetNumHeavyAtoms() <= LARGEST and any(spare_atoms(mol, k) for k in kept):
            found.setdefault(species_of(mol), name)
    return found


def units_of(molecule):
    """Ligands of a molecule, of a salt its anions: name and SMILES."""
    ligands = [m for unit in judged_units(molecule) for m in (unit.members or (unit,))]
    return [(ligand.name or molecule.name, ligand.canonical_smiles) for ligand in ligands]


def cut_geometry(species, geometry, kept):
    """The whole ligand's geometry with hydrogen where the tail was."""
    mol = Chem.MolFromSmiles(species.smiles)
    spare = spare_atoms(mol, kept)
    mol = Chem.AddHs(mol)
    gone = spare | {a.GetIdx() for a in mol.GetAtoms() if a.GetDegree() == 1 and neighbours(a) & spare}
    positions = np.array(geometry.positions_ang)
    symbols = [s for i, s in enumerate(geometry.symbols) if i not in gone]
    kept_positions = [x for i, x in enumerate(positions) if i not in gone]
    for atom in mol.GetAtoms():
        if atom.GetIdx() not in gone:
            for other in neighbours(atom) & gone:
                along = positions[other] - positions[atom.GetIdx()]
                symbols.append("H")
                kept_positions.append(positions[atom.GetIdx()] + C_H_ANG * along / np.linalg.norm(along))
    return Geometry(symbols=tuple(symbols), positions_ang=np.array(kept_positions))


def neighbours(atom):
    """Indices of the bonded atoms."""
    return {other.GetIdx() for other in atom.GetNeighbors()}


def levels(species, start, groups, engine, theory):
    """Both calibrated adiabatic levels, and the parent's geometry."""
    ladder = vertical_ladder(engine, species, (start,), theory)
    found = []
    for process in PROCESSES:
        relaxed = with_state(ladder, relaxed_state(engine, ladder, process, theory))
        raw = raw_potentials(relaxed, process)
        found.append(calibrated_level(raw, groups, engine=engine.name, solvent="acetonitrile"))
    return found, ladder.state(0).geometry


def changes(new, old):
    """Changes in mV of the levels that are not bounds before and after."""
    pairs = zip(new, old, strict=True)
    return [
        None if a.basis == b.basis == "bounded" else 1000 * (a.value_v_she - b.value_v_she) for a, b in pairs
    ]


def words(found):
    """Two changes in columns, ``=`` for a level that is a bound."""
    return " ".join("   =" if item is None else f"{item:+4.0f}" for item in found)


def main(*lengths):
    """Print the table and, per length, the mean and the largest change."""
    kept = tuple(int(item) for item in lengths) or (KEPT_CARBONS,)
    engine = get_engine("tblite")
    theory = theory_of(engine, "acetonitrile")
    seen = {}
    seconds = dict.fromkeys(("whole", *kept), 0.0)
    print("mV: E_red E_ox")
    for species, name in tailed(kept).items():
        groups = groups_in(Chem.MolFromSmiles(species.smiles))
        line = f"{name[:30]:30s}"
        try:
            starts = embed(species, n_conformers=3)
            clock = time.process_time()
            whole, geometry = levels(species, embed(species)[0], groups, engine, theory)
            seconds["whole"] += time.process_time() - clock
            row = {"other": changes(levels(species, starts[-1], groups, engine, theory)[0], whole)}
            for k in kept:
                short = without_tails(species, kept=k)
                if short == species:
                    continue
                clock = time.process_time()
                row[f"{k} own"] = changes(levels(short, embed(short)[0], groups, engine, theory)[0], whole)
                seconds[k] += time.process_time() - clock
                start = cut_geometry(species, geometry, k)
                row[f"{k} same"] = changes(levels(short, start, groups, engine, theory)[0], whole)
        except EchemscreenError as error:
            print(f"{line} {error.message[:70]}")
            continue
        for key, found in row.items():
            line += f" | {key} {words(found)}"
            seen.setdefault(key, []).extend(abs(item) for item in found if item is not None)
        print(line, flush=True)
    for key, sizes in seen.items():
        mean = sum(sizes) / max(1, len(sizes))
        print(
            f"{key:8s} {len(sizes):3d} levels, mean {mean:5.1f} mV, largest {max(sizes, default=0.0):5.1f} mV"
        )
    print("CPU s:", ", ".join(f"{key} {value:.1f}" for key, value in seconds.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
