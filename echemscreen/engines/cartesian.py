"""Descents in Cartesian coordinates by ASE, for where internal ones break down.

Loaded there only: ASE's optimisers take longer to load than most molecules take to relax. LBFGS is tried
first (D. C. Liu and J. Nocedal, Math. Program. 45, 503 (1989)), then FIRE (E. Bitzek et al., Phys. Rev.
Lett. 97, 170201 (2006)).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from ase import Atoms
from ase.calculators.calculator import Calculator, all_changes
from ase.optimize import FIRE, LBFGS

from echemscreen.engines.descent import Descent, EnergyAndForces
from echemscreen.records.molecules import FloatArray


class _SurfaceCalculator(Calculator):  # type: ignore[misc]  # ASE ships no types
    """ASE's view of a surface."""

    implemented_properties: ClassVar[list[str]] = ["energy", "forces"]

    def __init__(self, energy_and_forces: EnergyAndForces) -> None:
        super().__init__()
        self._surface = energy_and_forces

    def calculate(
        self,
        atoms: Any = None,  # noqa: ANN401
        properties: Sequence[str] = (),
        system_changes: Sequence[str] = all_changes,
    ) -> None:
        """One energy and gradient."""
        super().calculate(atoms, properties, system_changes)
        energy_ev, forces = self._surface(np.array(self.atoms.positions))
        self.results = {"energy": energy_ev, "forces": forces}


def descend_by_ase(
    symbols: Sequence[str],
    positions_ang: FloatArray,
    energy_and_forces: EnergyAndForces,
    *,
    fmax_ev_per_ang: float,
    max_steps: int,
) -> Descent:
    """Follow the surface downhill; each optimiser may take ``max_steps``."""
    atoms = Atoms(symbols, positions_ang, calculator=_SurfaceCalculator(energy_and_forces))
    converged = any(
        optimiser(atoms, logfile=None).run(fmax=fmax_ev_per_ang, steps=max_steps)
        for optimiser in (LBFGS, FIRE)
    )
    return Descent(positions_ang=np.array(atoms.positions), converged=converged)
