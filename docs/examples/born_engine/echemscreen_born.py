"""An engine of your own: GFN2-xTB with a plain generalised Born solvent instead of ALPB."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from ase.data import atomic_numbers
from ase.units import Bohr, Hartree
from tblite.exceptions import TBLiteRuntimeError
from tblite.interface import Calculator

from echemscreen.engines.base import check_parity, frontier_ev
from echemscreen.errors import ConvergenceError, InputError
from echemscreen.records.levels import Method, SinglePoint
from echemscreen.records.molecules import FloatArray, Geometry

#: Relative permittivities of the Minnesota solvent descriptors (A. V. Marenich, C. J. Cramer and
#: D. G. Truhlar, J. Phys. Chem. B 113, 6378 (2009)), as tabulated in PySCF.
PERMITTIVITIES = {"acetonitrile": 35.688, "thf": 7.4257, "toluene": 2.3741}


class BornEngine:
    """Single points for the ladder of charge states; satisfies ``echemscreen.engines.base.Engine``."""

    name = "tblite-born"
    hamiltonians = frozenset({"GFN2-xTB"})
    solvents = frozenset(PERMITTIVITIES)

    @property
    def version(self) -> str:
        """It enters ``run.json`` and the store."""
        return version("tblite")

    def method(self, hamiltonian: str, solvent: str) -> Method:
        """How this engine treats a solvent; an empty name is vacuum."""
        return Method(hamiltonian=hamiltonian, solvent=solvent, solvation="gb" if solvent else "")

    def check(self, method: Method) -> None:
        """Refuse at once what cannot be computed, and say what can."""
        if method.hamiltonian not in self.hamiltonians:
            raise InputError(f"{self.name} has no Hamiltonian '{method.hamiltonian}'.", "Known: GFN2-xTB.")
        if method.solvent and method.solvent not in self.solvents:
            known = ", ".join(sorted(self.solvents))
            raise InputError(f"Unknown solvent '{method.solvent}'.", f"Known solvents: {known}.")

    def single_point(
        self, geometry: Geometry, *, charge: int, n_unpaired: int, method: Method
    ) -> SinglePoint:
        """One converged field, started afresh: a stored number never depends on what ran before."""
        field = _Field(geometry.symbols, charge, n_unpaired, method)
        result = field.solve(geometry.positions_ang)
        homo_ev, lumo_ev, somo_ev = frontier_ev(
            np.asarray(result.get("orbital-energies")) * Hartree,
            np.asarray(result.get("orbital-occupations")),
        )
        return SinglePoint(
            method=method,
            charge=charge,
            n_unpaired=n_unpaired,
            energy_ev=float(result.get("energy")) * Hartree,
            homo_ev=homo_ev,
            lumo_ev=lumo_ev,
            somo_ev=somo_ev,
            atomic_charges=tuple(float(q) for q in result.get("charges")),
        )

    def surface(self, symbols: Sequence[str], *, charge: int, n_unpaired: int, method: Method) -> _Field:
        """What a relaxation walks on."""
        return _Field(symbols, charge, n_unpaired, method)


class _Field:
    def __init__(self, symbols: Sequence[str], charge: int, n_unpaired: int, method: Method) -> None:
        check_parity(symbols, charge, n_unpaired)
        self._numbers = np.array([atomic_numbers[symbol] for symbol in symbols])
        self._charge, self._n_unpaired, self._method = charge, n_unpaired, method

    def energy_and_forces(self, positions_ang: FloatArray) -> tuple[float, FloatArray]:
        """Energy in eV, forces in eV/angstrom."""
        result = self.solve(positions_ang)
        return float(result.get("energy")) * Hartree, -np.asarray(result.get("gradient")) * Hartree / Bohr

    def solve(self, positions_ang: FloatArray) -> Any:
        calculator = Calculator(
            "GFN2-xTB",
            self._numbers,
            np.asarray(positions_ang) / Bohr,
            float(self._charge),
            self._n_unpaired,
        )
        calculator.set("verbosity", 0)
        if self._method.solvent:
            calculator.add("gb-solvation", PERMITTIVITIES[self._method.solvent], "p16")
        try:
            return calculator.singlepoint()
        except TBLiteRuntimeError as error:
            raise ConvergenceError(f"{self._method}: {error}.", "Try another start geometry.") from error
