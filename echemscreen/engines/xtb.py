"""xtb-python: GFN2-xTB by the xtb program's own library, with GBSA solvation.

The wheel (Python up to 3.11) carries no IPEA1 parameters, so this engine offers GFN2-xTB alone and
has a calibration of its own. ``Calculator.set_solvent`` is the GBSA model: it agrees with tblite's
``gbsa-solvation`` and not with ALPB (shown by the conformance tests).

Reference: C. Bannwarth et al., WIREs Comput. Mol. Sci. 11, e1493 (2021).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
from ase.data import atomic_numbers
from ase.units import Bohr, Debye, Hartree

from echemscreen.engines.base import check_parity, frontier_ev, missing_engine
from echemscreen.errors import ConvergenceError, EngineError, InputError
from echemscreen.records.levels import Method, SinglePoint
from echemscreen.records.molecules import FloatArray, Geometry

try:
    from xtb.interface import Calculator, Param, XTBException
    from xtb.utils import get_solvent
except ImportError as error:
    raise missing_engine(error, "xtb", "xtb") from error

_LOG = logging.getLogger("echemscreen.engines")

#: Our solvent names, and the library's where they differ.
SOLVENTS = {
    "acetone": "acetone",
    "acetonitrile": "acetonitrile",
    "benzene": "benzene",
    "chloroform": "chcl3",
    "dichloromethane": "ch2cl2",
    "diethylether": "ether",
    "dmso": "dmso",
    "hexane": "nhexane",
    "methanol": "methanol",
    "thf": "thf",
    "toluene": "toluene",
    "water": "water",
}

#: Heaviest element with GFN2-xTB parameters, radon (Bannwarth et al. 2019). The library does not
#: report a heavier one, it ends the process.
HEAVIEST_ELEMENT = "Rn"

#: Name, electronic temperature in K, iterations: tried in order until one converges. The library
#: remembers every iteration of the mixing, so a step's cost grows with their square: 1.1 s for four
#: atoms at 500 iterations, 17 s at 1000.
RETRIES = (
    ("plain", 300.0, 250),
    ("500 iterations", 300.0, 500),
    ("electronic temperature 1000 K", 1000.0, 500),
    ("electronic temperature 3000 K", 3000.0, 500),
)


class XtbEngine:
    """Single points by xtb-python; see the module docstring."""

    name = "xtb"
    hamiltonians = frozenset({"GFN2-xTB"})

    solvents = frozenset(SOLVENTS)

    @property
    def version(self) -> str:
        """Version of the installed xtb-python."""
        return version("xtb")

    def method(self, hamiltonian: str, solvent: str) -> Method:
        """GBSA for a solvent name, vacuum for an empty one."""
        solvent = solvent.strip().lower()
        return Method(hamiltonian=hamiltonian, solvent=solvent, solvation="gbsa" if solvent else "")

    def check(self, method: Method) -> None:
        """Refuse unknown Hamiltonians, solvents and solvation models."""
        if method.hamiltonian not in self.hamiltonians:
            raise InputError(
                f"The engine xtb has no Hamiltonian '{method.hamiltonian}'.", "It offers GFN2-xTB."
            )
        if method.solvent and method.solvent not in SOLVENTS:
            raise InputError(
                f"Unknown solvent '{method.solvent}'.", f"Known solvents: {', '.join(sorted(SOLVENTS))}."
            )
        if method.solvent and method.solvation != "gbsa":
            raise InputError(f"Unknown solvation model '{method.solvation}'.", "xtb-python offers gbsa.")

    def single_point(
        self, geometry: Geometry, *, charge: int, n_unpaired: int, method: Method
    ) -> SinglePoint:
        """One self-consistent field from the library's own start density."""
        result, retries = _converge(
            geometry.symbols, geometry.positions_ang, charge, n_unpaired, method=method, start=None
        )
        return _point(result, charge, n_unpaired, method, retries)

    def surface(self, symbols: Sequence[str], *, charge: int, n_unpaired: int, method: Method) -> _XtbSurface:
        """A surface whose density is carried from step to step."""
        return _XtbSurface(tuple(symbols), charge, n_unpaired, method)


class _XtbSurface:
    def __init__(self, symbols: tuple[str, ...], charge: int, n_unpaired: int, method: Method) -> None:
        self._symbols, self._charge, self._n_unpaired, self._method = symbols, charge, n_unpaired, method
        self._result: Any = None
        self._retries: tuple[str, ...] = ()

    def energy_and_forces(self, positions_ang: FloatArray) -> tuple[float, FloatArray]:
        """Energy in eV and forces in eV/angstrom at new positions."""
        self._result, self._retries = _converge(
            self._symbols,
            positions_ang,
            self._charge,
            self._n_unpaired,
            method=self._method,
            start=self._result,
        )
        forces = -np.asarray(self._result.get_gradient()) * Hartree / Bohr
        if not np.isfinite(forces).all():
            raise EngineError("xtb returned forces that are no numbers.", "Try another start geometry.")
        return float(self._result.get_energy()) * Hartree, forces

    def last_point(self) -> SinglePoint:
        """The last point of the surface in full."""
        return _point(self._result, self._charge, self._n_unpaired, self._method, self._retries)


def _point(
    result: Any,  # noqa: ANN401 - xtb-python ships no types
    charge: int,
    n_unpaired: int,
    method: Method,
    retries: tuple[str, ...],
) -> SinglePoint:
    """A converged field as the other rooms know it."""
    homo_ev, lumo_ev, somo_ev = frontier_ev(
        np.asarray(result.get_orbital_eigenvalues()) * Hartree,
        np.asarray(result.get_orbital_occupations()),
    )
    dipole = np.asarray(result.get_dipole()) * Bohr / Debye
    return SinglePoint(
        method=method,
        charge=charge,
        n_unpaired=n_unpaired,
        energy_ev=float(result.get_energy()) * Hartree,
        homo_ev=homo_ev,
        lumo_ev=lumo_ev,
        somo_ev=somo_ev,
        dipole_debye=(float(dipole[0]), float(dipole[1]), float(dipole[2])),
        atomic_charges=tuple(float(q) for q in result.get_charges()),
        retries=retries,
    )


def _calculator(
    symbols: Sequence[str], positions_ang: FloatArray, charge: int, n_unpaired: int, method: Method
) -> Any:  # noqa: ANN401 - xtb-python ships no types
    check_parity(symbols, charge, n_unpaired)
    numbers = np.array([atomic_numbers[symbol] for symbol in symbols])
    if numbers.max() > atomic_numbers[HEAVIEST_ELEMENT]:
        heaviest = symbols[int(numbers.argmax())]
        raise EngineError(
            f"The engine xtb has no parameters for {heaviest}.", f"GFN2-xTB ends at {HEAVIEST_ELEMENT}."
        )
    try:
        calculator = Calculator(
            Param.GFN2xTB, numbers, np.asarray(positions_ang) / Bohr, float(charge), n_unpaired
        )
        calculator.set_verbosity(0)
        if method.solvent:
            calculator.set_solvent(get_solvent(SOLVENTS[method.solvent]))
    except (XTBException, ValueError) as error:
        raise EngineError(f"xtb refuses the calculation: {_words(error)}.") from error
    return calculator


def _converge(
    symbols: Sequence[str],
    positions_ang: FloatArray,
    charge: int,
    n_unpaired: int,
    *,
    method: Method,
    start: Any,  # noqa: ANN401 - xtb-python ships no types
) -> tuple[Any, tuple[str, ...]]:
    """Climb the retry ladder until the field converges; name the step that was needed."""
    calculator = _calculator(symbols, positions_ang, charge, n_unpaired, method)
    message = ""
    for index, (name, temperature_k, iterations) in enumerate(RETRIES):
        calculator.set_electronic_temperature(temperature_k)
        calculator.set_max_iterations(iterations)
        try:
            result = calculator.singlepoint(
                start if index == 0 else None, copy=index == 0 and start is not None
            )
            energy = float(result.get_energy())
        except XTBException as error:
            message = _words(error)
            energy = float("nan")
        # The library has been seen to return a NaN energy as a success (xtb-python issue 97).
        if np.isfinite(energy):
            return result, (name,) if index else ()
        _LOG.info("SCF attempt '%s' did not converge", name)
    raise ConvergenceError(
        f"The self-consistent field did not converge after {len(RETRIES)} attempts ({message}).",
        "Check the charge and the structure; the engine tblite may work.",
    )


def _words(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
