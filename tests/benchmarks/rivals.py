"""The two plain ways to adiabatic potentials: a shell loop over ``xtb``, and ASE's BFGS with tblite.

Both are given the start geometry for nothing, and relax N, N+1 and N-1 with GFN2-xTB in acetonitrile.
``xtb`` relaxes each state from the start geometry, at its own default thresholds; BFGS relaxes the ions
from the relaxed parent, which is the cheaper way, to the largest force that echemscreen asks for.
"""

import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from ase import Atoms
from ase.io import write
from ase.optimize import BFGS
from ase.units import Hartree
from tblite.ase import TBLite

from echemscreen.engines.relax import FMAX_EV_PER_ANG

#: Charge and unpaired electrons of N, N+1 and N-1.
STATES = ((0, 0), (-1, 1), (1, 1))
MAX_STEPS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """What one way gave for one molecule; energies in eV are ``None`` where a state failed."""

    cpu_s: float
    wall_s: float
    n_gradients: int
    energies_ev: tuple


def has_xtb():
    """Whether the command line of xtb is installed."""
    return shutil.which("xtb") is not None


def by_xtb(geometry):
    """One call of ``xtb`` for each state, on one thread."""
    one_thread = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_STACKSIZE": "1G"}
    before, started = _children_s(), time.perf_counter()
    energies, gradients = [], 0
    for charge, n_unpaired in STATES:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder) / "start.xyz", Atoms(geometry.symbols, geometry.positions_ang))
            command = ["xtb", "start.xyz", "--opt", "--alpb", "acetonitrile"]
            command += ["--chrg", str(charge), "--uhf", str(n_unpaired)]
            done = subprocess.run(
                command, cwd=folder, env=os.environ | one_thread, capture_output=True, text=True, check=False
            )
        found = re.findall(r"TOTAL ENERGY\s+(-?[\d.]+) Eh", done.stdout)
        cycles = re.search(r"CONVERGED AFTER\s+(\d+) ITERATIONS", done.stdout)
        energies.append(float(found[-1]) * Hartree if found and cycles and not done.returncode else None)
        gradients += int(cycles.group(1)) if cycles else 0
    wall_s = time.perf_counter() - started
    return Rival(
        cpu_s=_children_s() - before, wall_s=wall_s, n_gradients=gradients, energies_ev=tuple(energies)
    )


def by_bfgs(geometry):
    """ASE's BFGS on tblite's own calculator, in this process."""
    before, started = time.process_time(), time.perf_counter()
    energies, gradients, start = [], 0, np.array(geometry.positions_ang)
    for charge, n_unpaired in STATES:
        atoms = Atoms(geometry.symbols, start.copy())
        atoms.calc = TBLite(
            method="GFN2-xTB",
            charge=charge,
            multiplicity=n_unpaired + 1,
            solvation=("alpb", "acetonitrile"),
            verbosity=0,
        )
        optimiser = BFGS(atoms, logfile=None)
        try:
            converged = optimiser.run(fmax=FMAX_EV_PER_ANG, steps=MAX_STEPS)
            energies.append(float(atoms.get_potential_energy()) if converged else None)
        except Exception:  # noqa: BLE001 - of a library that raises what it likes; the state failed
            energies.append(None)
        gradients += optimiser.nsteps + 1
        if charge == 0:
            start = atoms.get_positions()
    return Rival(
        cpu_s=time.process_time() - before,
        wall_s=time.perf_counter() - started,
        n_gradients=gradients,
        energies_ev=tuple(energies),
    )


def _children_s():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
