"""tblite in process: GFN2-xTB and IPEA1-xTB with ALPB or GBSA solvation. The default engine.

References: tblite, A. Katbashev et al., J. Phys. Chem. A 129, 2667 (2025); GFN2-xTB, C. Bannwarth
et al., J. Chem. Theory Comput. 15, 1652 (2019); IPEA1-xTB, V. Asgeirsson et al., Chem. Sci. 8, 4879
(2017); ALPB, S. Ehlert et al., J. Chem. Theory Comput. 17, 4250 (2021).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
from ase.data import atomic_numbers
from ase.units import Bohr, Debye, Hartree, kB

from echemscreen.engines.base import check_parity, frontier_ev, missing_engine
from echemscreen.engines.blas import load_openblas
from echemscreen.errors import ConvergenceError, EngineError, InputError
from echemscreen.records.levels import Method, SinglePoint
from echemscreen.records.molecules import FloatArray, Geometry

OPENBLAS = load_openblas()
"""Where the linear algebra is from; blank for tblite's own."""
try:
    from tblite.exceptions import TBLiteRuntimeError, TBLiteTypeError, TBLiteValueError
    from tblite.interface import Calculator, Result
except ImportError as error:
    raise missing_engine(error, "tblite", "tblite") from error

_LOG = logging.getLogger("echemscreen.engines")

#: The Hamiltonian with spin polarisation (H. Neugebauer, B. Baedorf, S. Ehlert, A. Hansen and
#: S. Grimme, J. Comput. Chem. 44, 2120 (2023)): the energies of different spin states may be compared.
SPIN_POLARISED = "GFN2-xTB/spin"

HAMILTONIANS = frozenset({"GFN2-xTB", "IPEA1-xTB", SPIN_POLARISED})

#: Solvents parametrised for ALPB and GBSA with GFN2-xTB, by the name we use.
SOLVENTS = frozenset(
    {
        "acetone",
        "acetonitrile",
        "benzene",
        "chloroform",
        "dichloromethane",
        "diethylether",
        "dmf",
        "dmso",
        "hexane",
        "methanol",
        "thf",
        "toluene",
        "water",
    }
)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """One step of the retry ladder: its name and the settings that differ from the default."""

    name: str
    settings: tuple[tuple[str, float], ...]


def _kelvin(temperature_k: float) -> float:
    """Electronic temperature in hartree, as the library wants it."""
    return float(temperature_k * kB / Hartree)


#: Factor on the library's thresholds of convergence (1e-6 hartree). At ten times the default, potentials
#: of the benchmark's molecules move by less than 0.0001 V, and a field takes a sixth less time.
ACCURACY = 10.0

#: Little weight on the new density and a short memory. The library remembers as many densities as
#: there may be iterations, which lets the cost of a step grow with their square (27 s for four atoms
#: at 1000 iterations, 0.1 s with this memory) and converges less often.
_DAMPED = (("max-iter", 1000), ("mixer-memory", 20), ("mixer-damping", 0.1))

#: Tried in order until one converges. A hotter electron gas changes the energy a little, so it
#: comes last and is named in the result. Settings add up from step to step.
RETRIES = (
    _Attempt("plain", ()),
    _Attempt("damped mixing, 1000 iterations", _DAMPED),
    _Attempt("electronic temperature 1000 K, damped mixing", (("temperature", _kelvin(1000.0)),)),
    _Attempt(
        "electronic temperature 3000 K, damped mixing",
        (("temperature", _kelvin(3000.0)), ("mixer-damping", 0.05)),
    ),
)


class TbliteEngine:
    """Single points by tblite; see the module docstring."""

    name = "tblite"
    hamiltonians = HAMILTONIANS

    solvents = SOLVENTS

    @property
    def version(self) -> str:
        """Version of the installed tblite."""
        return version("tblite")

    def method(self, hamiltonian: str, solvent: str) -> Method:
        """ALPB for a solvent name, vacuum for an empty one."""
        solvent = solvent.strip().lower()
        return Method(hamiltonian=hamiltonian, solvent=solvent, solvation="alpb" if solvent else "")

    def check(self, method: Method) -> None:
        """Refuse unknown Hamiltonians, solvents and solvation models."""
        if method.hamiltonian not in HAMILTONIANS:
            raise InputError(
                f"The engine tblite has no Hamiltonian '{method.hamiltonian}'.",
                f"Known: {', '.join(sorted(HAMILTONIANS))}.",
            )
        if method.solvent and method.solvent not in SOLVENTS:
            raise InputError(
                f"Unknown solvent '{method.solvent}'.", f"Known solvents: {', '.join(sorted(SOLVENTS))}."
            )
        if method.solvent and method.solvation not in {"alpb", "gbsa"}:
            raise InputError(f"Unknown solvation model '{method.solvation}'.", "Known: alpb, gbsa.")

    def single_point(
        self, geometry: Geometry, *, charge: int, n_unpaired: int, method: Method
    ) -> SinglePoint:
        """One self-consistent field from the library's own start density."""
        calculator = _calculator(geometry.symbols, geometry.positions_ang, charge, n_unpaired, method)
        tells_spins = n_unpaired > 0 and method.hamiltonian != SPIN_POLARISED
        if tells_spins:
            calculator.set("save-integrals", 1)
        result, retries = _converge(calculator, None)
        point = _point(result, charge, n_unpaired, method, retries)
        return replace(point, atomic_spins=_spins(calculator, result, n_unpaired)) if tells_spins else point

    def surface(
        self, symbols: Sequence[str], *, charge: int, n_unpaired: int, method: Method
    ) -> _TbliteSurface:
        """A surface whose density is carried from step to step."""
        return _TbliteSurface(tuple(symbols), charge, n_unpaired, method)


class _TbliteSurface:
    def __init__(self, symbols: tuple[str, ...], charge: int, n_unpaired: int, method: Method) -> None:
        self._symbols, self._charge, self._n_unpaired, self._method = symbols, charge, n_unpaired, method
        self._calculator: Any = None
        self._result: Any = None
        self._retries: tuple[str, ...] = ()

    def energy_and_forces(self, positions_ang: FloatArray) -> tuple[float, FloatArray]:
        """Energy in eV and forces in eV/angstrom at new positions."""
        if self._calculator is None:
            self._calculator = _calculator(
                self._symbols, positions_ang, self._charge, self._n_unpaired, self._method
            )
        else:
            self._calculator.update(positions_ang / Bohr)
        self._result, self._retries = _converge(self._calculator, self._result)
        energy_ev = float(self._result.get("energy")) * Hartree
        forces = -np.asarray(self._result.get("gradient")) * Hartree / Bohr
        if not (np.isfinite(energy_ev) and np.isfinite(forces).all()):
            raise EngineError("tblite returned forces that are no numbers.", "Try another start geometry.")
        return energy_ev, forces

    def last_point(self) -> SinglePoint:
        """The last point of the surface in full."""
        return _point(self._result, self._charge, self._n_unpaired, self._method, self._retries)


def _point(
    result: Any,  # noqa: ANN401 - tblite ships no types
    charge: int,
    n_unpaired: int,
    method: Method,
    retries: tuple[str, ...],
) -> SinglePoint:
    """A converged field as the other rooms know it."""
    energy_ev = float(result.get("energy")) * Hartree
    orbital_ev = np.asarray(result.get("orbital-energies")) * Hartree
    if not np.isfinite(energy_ev):
        raise EngineError("tblite returned an energy that is no number.", "Try another start geometry.")
    homo_ev, lumo_ev, somo_ev = frontier_ev(orbital_ev, np.asarray(result.get("orbital-occupations")))
    dipole = np.asarray(result.get("dipole")) * Bohr / Debye
    return SinglePoint(
        method=method,
        charge=charge,
        n_unpaired=n_unpaired,
        energy_ev=energy_ev,
        homo_ev=homo_ev,
        lumo_ev=lumo_ev,
        somo_ev=somo_ev,
        dipole_debye=(float(dipole[0]), float(dipole[1]), float(dipole[2])),
        atomic_charges=tuple(float(q) for q in result.get("charges")),
        retries=retries,
    )


def _spins(calculator: Any, result: Any, n_unpaired: int) -> tuple[float, ...]:  # noqa: ANN401
    """Unpaired electrons on each atom: Mulliken populations of the singly occupied orbitals.

    An orbital with occupation ``f`` has ``min(f, 2 - f)`` unpaired electrons: orbitals of one energy, among
    which the electron gas divides the electrons, count alike.
    """
    occupations = np.asarray(result.get("orbital-occupations"))
    coefficients = np.asarray(result.get("orbital-coefficients"))
    single = np.clip(np.minimum(occupations, 2.0 - occupations), 0.0, None)
    held = (coefficients * (np.asarray(result.get("overlap-matrix")) @ coefficients)) @ single
    atoms = np.asarray(calculator.get("shell-map"))[np.asarray(calculator.get("orbital-map"))]
    spins = n_unpaired * np.bincount(atoms, weights=held) / single.sum()
    return tuple(float(spin) for spin in spins)


def _calculator(
    symbols: Sequence[str], positions_ang: FloatArray, charge: int, n_unpaired: int, method: Method
) -> Any:  # noqa: ANN401 - tblite ships no types
    check_parity(symbols, charge, n_unpaired)
    numbers = np.array([atomic_numbers[symbol] for symbol in symbols])
    try:
        calculator = Calculator(
            method.hamiltonian.removesuffix("/spin"),
            numbers,
            np.asarray(positions_ang) / Bohr,
            float(charge),
            n_unpaired,
        )
        calculator.set("verbosity", 0)
        calculator.set("accuracy", ACCURACY)
        if method.hamiltonian == SPIN_POLARISED:
            calculator.add("spin-polarization", 1.0)
        if method.solvent:
            calculator.add(f"{method.solvation}-solvation", method.solvent)
    except (TBLiteRuntimeError, TBLiteTypeError, TBLiteValueError) as error:
        raise EngineError(f"tblite refuses the calculation: {_words(error)}.") from error
    return calculator


def _converge(
    calculator: Any,  # noqa: ANN401
    start: Result | None,
    attempts: Sequence[_Attempt] = RETRIES,
) -> tuple[Any, tuple[str, ...]]:
    """Climb the retry ladder until the field converges; name the steps that were needed."""
    failed: list[str] = []
    message = ""
    for attempt in attempts:
        for key, value in attempt.settings:
            _set(calculator, key, value)
        try:
            # Only the first attempt may start from an earlier density.
            result = calculator.singlepoint(start if not failed else None)
        except TBLiteRuntimeError as error:
            message = _words(error)
            # tblite tells an unconverged field from other failures only by its message.
            if "converge" not in message.lower():
                raise EngineError(f"tblite failed: {message}.") from error
            _LOG.info("SCF attempt '%s' did not converge", attempt.name)
            failed.append(attempt.name)
            continue
        if failed:
            _restore(calculator)
            return result, (attempt.name,)
        return result, ()
    _restore(calculator)
    raise ConvergenceError(
        f"The self-consistent field did not converge after {len(failed)} attempts ({message}).",
        "Check the charge and the structure; a smaller model of the molecule may work.",
    )


def _restore(calculator: Any) -> None:  # noqa: ANN401
    """The library's defaults (its documentation of ``Calculator.set``)."""
    defaults = (("max-iter", 250), ("mixer-memory", 250), ("mixer-damping", 0.4), ("temperature", 9.5e-4))
    for key, value in defaults:
        _set(calculator, key, value)


def _set(calculator: Any, key: str, value: float) -> None:  # noqa: ANN401
    """Set what this version of the library has: before 0.7 the mixer remembers every iteration."""
    with suppress(TBLiteValueError) if key == "mixer-memory" else nullcontext():
        calculator.set(key, value)


def _words(error: Exception) -> str:
    return " ".join(str(error).split()).rstrip(".")
