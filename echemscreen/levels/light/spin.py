"""Spin states of intermediates: gaps and oxygen uptake.

Spin-polarised GFN2-xTB (``GFN2-xTB/spin`` of the engine tblite) compares states of different spin; the
plain Hamiltonian does not know spin and must not be used for that. Every state is relaxed; the singlet
of a carbene or nitrene also from starts in which its centre is bent to 105 degrees, because a linear
start is a saddle that no relaxation leaves. The gap is ``E(singlet) - E(triplet)``: positive when the
triplet is the ground state.

Known limits. The lowest singlet of a nitrene (and of some carbenes) has two singly occupied orbitals:
one determinant cannot describe it, and the electronic temperature of xTB (300 K) lets it share them
instead. The error is much the same within a class and is what the class correction removes; it is
not meant for diradicals of other kinds. Gaps hold for the gas phase: acetonitrile stabilises the
singlet of an arylcarbene by 1 to 3 kcal/mol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from ase.units import kcal, mol
from scipy import stats

from echemscreen.engines.base import Engine
from echemscreen.engines.relax import relax
from echemscreen.errors import ConvergenceError, InputError
from echemscreen.levels.light.contacts import neighbours
from echemscreen.records.levels import Method
from echemscreen.records.molecules import FloatArray, Geometry
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

#: Classes of intermediates with published gaps: the centre sits on an aromatic ring, or not.
Intermediate = Literal["arylcarbene", "carbene", "arylnitrene", "nitrene"]

#: The Hamiltonian that knows spin.
SPIN_HAMILTONIAN = "GFN2-xTB/spin"

#: eV per kcal/mol.
EV_PER_KCAL_MOL = float(kcal / mol)

#: Uncertainty of an uptake of O2 relative to the reference of its class, eV: an estimate.
O2_UPTAKE_SIGMA_EV = 0.3

_BENT_DEGREES = 105.0
_LEAST_SIGMA_EV = 0.05
#: Of a 90 % interval, the share that lies below its upper end.
_UPPER = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSpinGap:
    """A row of ``spin_gaps.csv``: positive if the triplet is the ground state."""

    name: str
    smiles: str
    intermediate: str
    gap_kcal_mol: float
    quality: str
    citation: str
    locator: str
    note: str
    computed_kcal_mol: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OxygenUptake:
    """A row of ``oxygen_uptake.csv``: published and computed uptake of O2 by a reference triplet."""

    intermediate: str
    energy_kcal_mol: float
    reference_smiles: str
    oxide_smiles: str
    computed_kcal_mol: float
    citation: str
    locator: str

    @property
    def source(self) -> Citation:
        """Where the published value is from."""
        return Citation(source=self.citation, locator=self.locator)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpinState:
    """One relaxed spin state."""

    n_unpaired: int
    energy_ev: float
    geometry: Geometry


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SpinGap:
    """The gap of an intermediate; ``value_ev`` is corrected for its class, ``raw_ev`` is not."""

    value_ev: float
    sigma_ev: float
    raw_ev: float
    intermediate: str
    singlet: SpinState
    triplet: SpinState

    @property
    def value_kcal_mol(self) -> float:
        """The corrected gap in kcal/mol."""
        return self.value_ev / EV_PER_KCAL_MOL

    @property
    def singlet_ev(self) -> float:
        """Energy of the singlet, eV: that of the triplet plus the corrected gap."""
        return self.triplet.energy_ev + self.value_ev


@dataclass(frozen=True, slots=True, kw_only=True)
class SpinGapErrors:
    """Leave-one-out errors of corrected gaps, kcal/mol."""

    by_class: tuple[tuple[str, int, float, float], ...]
    """Class, rows, mean absolute error after and before the correction."""

    def __str__(self) -> str:
        return "; ".join(
            f"{name}: leave-one-out MAE {after:.1f} kcal/mol ({n} rows, raw {before:.1f})"
            for name, n, after, before in self.by_class
        )


def spin_gap_ev(engine: Engine, start: Geometry, *, intermediate: Intermediate, charge: int = 0) -> SpinGap:
    """E(singlet) - E(triplet) of a carbene or nitrene, both relaxed, corrected for its class.

    Parameters
    ----------
    engine
        One that offers ``GFN2-xTB/spin``.
    start
        Any sensible geometry of the intermediate.
    intermediate
        Which class correction applies.
    charge
        Its charge.

    Raises
    ------
    InputError
        for another class, or an engine without spin polarisation.
    ConvergenceError
        if a state does not converge.
    """
    correction_ev, sigma_ev = gap_correction_ev(intermediate)
    triplet = relaxed_state(engine, [start, *_bent(start)], charge=charge, n_unpaired=2)
    starts = [triplet.geometry, *_bent(triplet.geometry)]
    singlet = relaxed_state(engine, starts, charge=charge, n_unpaired=0)
    raw_ev = singlet.energy_ev - triplet.energy_ev
    return SpinGap(
        value_ev=raw_ev + correction_ev,
        sigma_ev=sigma_ev,
        raw_ev=raw_ev,
        intermediate=intermediate,
        singlet=singlet,
        triplet=triplet,
    )


def gap_correction_ev(intermediate: str) -> tuple[float, float]:
    """The mean of published minus computed gaps of a class, and the uncertainty of a gap corrected so, eV.

    The uncertainty is that of one more member: of ``n`` rows with the standard deviation ``s``, the 90 %
    interval of Student's distribution, ``t s sqrt(1 + 1/n)``, told as the standard deviation of a normal one
    that is as wide. A class of one row has the spread of all classes about their means.

    Raises
    ------
    InputError
        for a class without a row.
    """
    deviations = _deviations_ev(intermediate)
    if not deviations:
        known = ", ".join(sorted({row.intermediate for row in published_spin_gaps()}))
        raise InputError(f"No published spin gap of a '{intermediate}'.", f"Known classes: {known}.")
    spread, freedom = _spread_ev([deviations])
    if not freedom:
        spread, freedom = _spread_ev(
            [_deviations_ev(name) for name in sorted({row.intermediate for row in published_spin_gaps()})]
        )
    student = float(stats.t.ppf(_UPPER, freedom) / stats.norm.ppf(_UPPER))
    sigma_ev = student * spread * np.sqrt(1.0 + 1.0 / len(deviations))
    return float(np.mean(deviations)), max(float(sigma_ev), _LEAST_SIGMA_EV)


def _spread_ev(classes: Sequence[Sequence[float]]) -> tuple[float, int]:
    """The standard deviation of numbers about the means of their classes, and its degrees of freedom."""
    freedom = sum(len(numbers) - 1 for numbers in classes if numbers)
    squares = sum(
        float(((np.array(numbers) - np.mean(numbers)) ** 2).sum()) for numbers in classes if numbers
    )
    return (float(np.sqrt(squares / freedom)) if freedom else 0.0), freedom


def spin_gap_errors() -> SpinGapErrors:
    """How far a class correction misses the row that it has not seen."""
    result = []
    for name in sorted({row.intermediate for row in published_spin_gaps()}):
        deviations = np.array(_deviations_ev(name)) / EV_PER_KCAL_MOL
        n = len(deviations)
        if n > 1:
            left_out = (deviations.sum() - deviations) / (n - 1)
            after = float(np.abs(deviations - left_out).mean())
            result.append((name, n, after, float(np.abs(deviations).mean())))
    return SpinGapErrors(by_class=tuple(result))


@lru_cache(maxsize=1)
def published_spin_gaps() -> tuple[PublishedSpinGap, ...]:
    """Every row of ``spin_gaps.csv``."""
    return tuple(read_rows("ligand_library", "spin_gaps.csv", PublishedSpinGap))


def o2_uptake_ev(
    engine: Engine, triplet: SpinState, oxide: Geometry, *, intermediate: Intermediate, charge: int = 0
) -> tuple[float, float]:
    """Energy of triplet + triplet O2 -> carbonyl oxide or nitroso oxide (singlet), and its sigma, eV.

    xTB alone is wrong by about 3 eV here, alike for all members of a class; the value is therefore the
    published one of the class's reference plus the computed difference from that reference. The more
    negative, the more air competes with the wanted link.

    Raises
    ------
    InputError
        for a class without a published reference.
    """
    rows = published_oxygen_uptake()
    if intermediate not in rows:
        raise InputError(
            f"No published uptake of O2 by a '{intermediate}'.", f"Known classes: {', '.join(rows)}."
        )
    row = rows[intermediate]
    product = relaxed_state(engine, [oxide], charge=charge, n_unpaired=0)
    oxygen = diatomic(engine, "O", 1.21, n_unpaired=2)
    raw_ev = product.energy_ev - triplet.energy_ev - oxygen.energy_ev
    return raw_ev + (row.energy_kcal_mol - row.computed_kcal_mol) * EV_PER_KCAL_MOL, O2_UPTAKE_SIGMA_EV


@lru_cache(maxsize=1)
def published_oxygen_uptake() -> dict[str, OxygenUptake]:
    """Published uptake of O2 by the triplet, by class of intermediate."""
    rows = read_rows("ligand_library", "oxygen_uptake.csv", OxygenUptake)
    return {row.intermediate: row for row in rows}


def relaxed_state(engine: Engine, starts: Sequence[Geometry], *, charge: int, n_unpaired: int) -> SpinState:
    """The lowest state of a spin that relaxations from several starts find.

    Raises
    ------
    ConvergenceError
        if none converges.
    """
    method = spin_method(engine)
    found: list[SpinState] = []
    failures: list[ConvergenceError] = []
    for start in starts:
        try:
            geometry = relax(engine, start, charge=charge, n_unpaired=n_unpaired, method=method).geometry
            point = engine.single_point(geometry, charge=charge, n_unpaired=n_unpaired, method=method)
        except ConvergenceError as error:
            failures.append(error)
            continue
        found.append(SpinState(n_unpaired=n_unpaired, energy_ev=point.energy_ev, geometry=geometry))
    if not found:
        raise failures[-1]
    return min(found, key=lambda state: state.energy_ev)


def spin_method(engine: Engine) -> Method:
    """The spin-polarised level of theory of an engine, in vacuum.

    Raises
    ------
    InputError
        if the engine has none.
    """
    if SPIN_HAMILTONIAN not in engine.hamiltonians:
        raise InputError(f"The engine {engine.name} cannot compare spin states.", "Use --engine tblite.")
    return engine.method(SPIN_HAMILTONIAN, "")


def _deviations_ev(intermediate: str) -> list[float]:
    return [
        (row.gap_kcal_mol - row.computed_kcal_mol) * EV_PER_KCAL_MOL
        for row in published_spin_gaps()
        if row.intermediate == intermediate and row.quality != "unverified"
    ]


def diatomic(engine: Engine, symbol: str, length_ang: float, *, n_unpaired: int) -> SpinState:
    """A relaxed molecule of two equal atoms."""
    geometry = Geometry(symbols=(symbol, symbol), positions_ang=np.array([[0.0, 0, 0], [0, 0, length_ang]]))
    return relaxed_state(engine, [geometry], charge=0, n_unpaired=n_unpaired)


def _bent(geometry: Geometry) -> list[Geometry]:
    """Starts with each two-coordinate carbon bent to 105 degrees, one in either perpendicular plane."""
    positions = np.array(geometry.positions_ang)
    near = _near(geometry)
    starts = []
    for centre, (first, second) in near.items():
        ends = positions[first], positions[second]
        axis = ends[1] - ends[0]
        length = float(np.linalg.norm(axis))
        height = 0.5 * length / np.tan(np.radians(0.5 * _BENT_DEGREES))
        middle = 0.5 * (ends[0] + ends[1])
        for direction in _perpendicular(axis / length, positions[centre] - middle):
            moved = positions.copy()
            moved[centre] = middle + height * direction
            starts.append(Geometry(symbols=geometry.symbols, positions_ang=moved))
    return starts


def _perpendicular(axis: FloatArray, bend: FloatArray) -> list[FloatArray]:
    """Two directions across an axis: along the bend that is there (or any), and across that too."""
    along = bend - (bend @ axis) * axis
    if np.linalg.norm(along) < 0.05:  # noqa: PLR2004 - angstrom: as good as linear
        along = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
    along = along / np.linalg.norm(along)
    return [along, np.cross(axis, along)]


def _near(geometry: Geometry) -> dict[int, tuple[int, int]]:
    """Carbons with exactly two neighbours, and these."""
    return {
        index: (min(found), max(found))
        for index, found in neighbours(geometry).items()
        if len(found) == 2 and geometry.symbols[index] == "C"  # noqa: PLR2004 - two neighbours
    }
