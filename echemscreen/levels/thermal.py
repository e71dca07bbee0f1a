"""Free energy of a molecule above its electronic energy: harmonic vibrations, rotation, translation.

The Hessian is a difference of analytical forces. Vibrations below ``LEAST_WAVENUMBER_CM`` count as that
(R. F. Ribeiro, A. V. Marenich, C. J. Cramer and D. G. Truhlar, J. Phys. Chem. B 115, 14556 (2011)), as
the harmonic entropy of a soft one is without bound. The standard state is 1 mol/L.
"""

from __future__ import annotations

import math

import numpy as np
from ase import Atoms
from ase.thermochemistry import IdealGasThermo
from ase.units import kB
from ase.vibrations import VibrationsData
from scipy import constants

from echemscreen.engines.base import Engine
from echemscreen.records.levels import Method
from echemscreen.records.molecules import FloatArray, Geometry

TEMPERATURE_K = 298.15
#: Lowest wavenumber that a vibration counts with, 1/cm.
LEAST_WAVENUMBER_CM = 100.0
#: Displacement of the difference quotient, angstrom.
_STEP_ANG = 0.01
_EV_PER_CM = constants.h * constants.c * 100.0 / constants.e
#: Three rotations; a linear molecule has two.
_N_RIGID, _N_RIGID_LINEAR = 6, 5
#: Largest moment ratio below which a molecule counts as linear.
_LINEAR = 1e-4


def free_energy_above_ev(
    engine: Engine, geometry: Geometry, *, charge: int, n_unpaired: int, method: Method
) -> float:
    """Gibbs energy less electronic energy of a relaxed species at 298.15 K and 1 mol/L, eV.

    Raises
    ------
    EngineError
        if a self-consistent field fails.
    """
    atoms = Atoms(geometry.symbols, np.array(geometry.positions_ang))
    ideal_gas_bar = 1e5
    to_molar_ev: float = kB * TEMPERATURE_K * math.log(constants.R * TEMPERATURE_K * 1e3 / ideal_gas_bar)
    if len(atoms) == 1:
        thermo = IdealGasThermo([], "monatomic", atoms=atoms, symmetrynumber=1, spin=n_unpaired / 2)
        alone: float = thermo.get_gibbs_energy(TEMPERATURE_K, ideal_gas_bar, verbose=False)
        return alone + to_molar_ev
    hessian = _hessian(engine, geometry, charge=charge, n_unpaired=n_unpaired, method=method)
    moments = atoms.get_moments_of_inertia()
    is_linear = bool(moments.min() < _LINEAR * moments.max())
    energies = VibrationsData.from_2d(atoms, hessian).get_energies()
    n_rigid = _N_RIGID_LINEAR if is_linear else _N_RIGID
    # Imaginary ones come first, and are soft ones of a flat minimum: they count as the least.
    vibrations = np.sort(np.where(energies.imag > 0.0, 0.0, energies.real))[n_rigid:]
    thermo = IdealGasThermo(
        np.maximum(vibrations, LEAST_WAVENUMBER_CM * _EV_PER_CM),
        "linear" if is_linear else "nonlinear",
        atoms=atoms,
        symmetrynumber=1,
        spin=n_unpaired / 2,
    )
    gibbs: float = thermo.get_gibbs_energy(TEMPERATURE_K, ideal_gas_bar, verbose=False)
    return gibbs + to_molar_ev


def _hessian(
    engine: Engine, geometry: Geometry, *, charge: int, n_unpaired: int, method: Method
) -> FloatArray:
    """Second derivatives in eV/angstrom^2, shape (3 n_atoms, 3 n_atoms)."""
    surface = engine.surface(geometry.symbols, charge=charge, n_unpaired=n_unpaired, method=method)
    positions = np.array(geometry.positions_ang)
    rows = []
    for index in range(positions.size):
        forces = []
        for step in (-_STEP_ANG, _STEP_ANG):
            moved = positions.copy()
            moved.ravel()[index] += step
            forces.append(surface.energy_and_forces(moved)[1].ravel())
        rows.append((forces[0] - forces[1]) / (2.0 * _STEP_ANG))
    hessian = np.array(rows)
    return np.asarray((hessian + hessian.T) / 2.0, dtype=np.float64)
