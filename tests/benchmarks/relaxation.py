"""Gradients and CPU seconds of relaxations: the package's, and plain ASE LBFGS in Cartesian coordinates.

Run from the root of the repository; two minutes on one core:

    python tests/benchmarks/relaxation.py

Parent, reduced and oxidised state of each molecule are relaxed with GFN2-xTB in acetonitrile to the
same largest force from the same start geometry; ions start from their own optimiser's parent. ``dE``
is the energy against LBFGS in meV, ``dU`` the change of the raw adiabatic potential in mV. Nothing is
asserted.
"""

import os
import statistics
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.optimize import LBFGS

from echemscreen.engines.base import get_engine
from echemscreen.engines.relax import FMAX_EV_PER_ANG, MAX_STEPS, changed_bonds, relax
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Geometry

#: Name, SMILES, and whether it is relaxed on a zinc acetate.
MOLECULES = (
    ("hexylamine", "CCCCCCN", False),
    ("octanethiol", "CCCCCCCCS", False),
    ("octanoic acid", "CCCCCCCC(=O)O", False),
    ("octylphosphonic acid", "CCCCCCCCP(=O)(O)O", False),
    ("benzophenone", "O=C(c1ccccc1)c1ccccc1", False),
    (
        "crosslinker-1",
        "O=C(/C=C/c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F)/C=C/c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F",
        False,
    ),
    (
        "crosslinker-2",
        "O=C(OCCOC(=O)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F",
        False,
    ),
    (
        "crosslinker-4",
        "FC(F)(F)C1(c2ccc(C(F)(F)C(F)(F)C(F)(F)C(F)(F)c3ccc(C4(C(F)(F)F)N=N4)cc3)cc2)N=N1",
        False,
    ),
    ("an ether acid (MEEAA)", "COCCOCCOCC(=O)O", False),
    ("oleic acid", "CCCCCCCC/C=C\\CCCCCCCC(=O)O", False),
    ("tributylphosphine", "CCCCP(CCCC)CCCC", False),
    ("butylamine on Zn(OAc)2", "CCCCN", True),
    ("hexyl bromide", "CCCCCCBr", False),
    ("4-mercaptobenzoic acid", "O=C(O)c1ccc(S)cc1", False),
    ("phenyl azide", "[N-]=[N+]=Nc1ccccc1", False),
)
STATES = ((0, 0), (-1, 1), (1, 1))


class SurfaceCalculator(Calculator):
    """ASE's view of an engine's surface, as plain as a user would write it."""

    implemented_properties = ("energy", "forces")

    def __init__(self, surface):
        super().__init__()
        self.surface, self.n_gradients = surface, 0

    def calculate(self, atoms=None, properties=("energy",), system_changes=all_changes):
        """One gradient."""
        super().calculate(atoms, properties, system_changes)
        energy, forces = self.surface.energy_and_forces(np.array(self.atoms.positions))
        self.n_gradients += 1
        self.results = {"energy": energy, "forces": forces}


def by_lbfgs(engine, geometry, charge, n_unpaired, method):
    """Geometry and number of gradients of ASE's LBFGS."""
    surface = engine.surface(geometry.symbols, charge=charge, n_unpaired=n_unpaired, method=method)
    calculator = SurfaceCalculator(surface)
    atoms = Atoms(geometry.symbols, np.array(geometry.positions_ang), calculator=calculator)
    LBFGS(atoms, logfile=None).run(fmax=FMAX_EV_PER_ANG, steps=MAX_STEPS)
    return Geometry(symbols=geometry.symbols, positions_ang=atoms.positions), calculator.n_gradients


def by_package(engine, geometry, charge, n_unpaired, method):
    """Geometry and number of gradients of the package's relaxation."""
    found = relax(engine, geometry, charge=charge, n_unpaired=n_unpaired, method=method)
    return found.geometry, found.n_gradients


def ladder(optimise, engine, start, method):
    """Gradients, CPU seconds, energy in eV and intactness of each state."""
    rows, parent = [], start
    for charge, n_unpaired in STATES:
        clock = time.process_time()
        geometry, gradients = optimise(engine, parent, charge, n_unpaired, method)
        seconds = time.process_time() - clock
        point = engine.single_point(geometry, charge=charge, n_unpaired=n_unpaired, method=method)
        rows.append((gradients, seconds, point.energy_ev, not changed_bonds(parent, geometry)))
        if charge == 0:
            parent = geometry
    return rows


def main():
    """Print the table and the totals."""
    engine = get_engine("tblite")
    method = engine.method("GFN2-xTB", "acetonitrile")
    totals = np.zeros(4)
    shifts = []
    print("gradients and CPU s: package (LBFGS); dE meV; dU mV of ions")
    for name, smiles, bound in MOLECULES:
        which = "bound" if bound else "free"
        form = forms_of(parse_smiles(smiles, name), site_metal="Zn", site_charge=2, which=which)[0]
        start = embed(form.bound, ligand=form.free)[0] if bound else embed(form.free)[0]
        plain, ours = ladder(by_lbfgs, engine, start, method), ladder(by_package, engine, start, method)
        line = f"{name[:24]:24s} {len(start.symbols):3d}"
        for index, (label, sign) in enumerate((("N", 0), ("N+1", -1), ("N-1", 1))):
            old, new = plain[index], ours[index]
            totals += (new[0], new[1], old[0], old[1])
            change = new[2] - old[2]
            line += (
                f" | {label} {new[0]:3d} ({old[0]:3d}) {new[1]:5.2f} ({old[1]:5.2f}) {1000 * change:+7.1f}"
            )
            if sign:
                shift = sign * (change - (ours[0][2] - plain[0][2]))
                line += f" {1000 * shift:+6.1f}{'' if new[3] and old[3] else ' broken'}"
                if new[3] and old[3]:
                    shifts.append(abs(1000 * shift))
        print(line, flush=True)
    ours_n, ours_s, plain_n, plain_s = totals
    print(f"gradients {ours_n:.0f} of {plain_n:.0f}, ratio {ours_n / plain_n:.2f}")
    print(f"CPU s {ours_s:.1f} of {plain_s:.1f}, ratio {ours_s / plain_s:.2f}")
    print(
        f"raw adiabatic potentials of intact ions: change mean {statistics.mean(shifts):.1f}, "
        f"median {statistics.median(shifts):.1f}, largest {max(shifts):.1f} mV"
    )


if __name__ == "__main__":
    main()
