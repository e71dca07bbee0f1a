"""Triplet energies, the exciton trap, and potentials of excited sensitisers.

T1 is a difference of two relaxed states by spin-polarised GFN2-xTB (:mod:`echemscreen.levels.light.spin`),
corrected by the mean deviation from the measured energies of ``ligand_library/triplet_energies.csv``:
one mean for ketones and aldehydes (whose n,pi* triplet comes out too low by half an eV, and that of
1,2-diketones by a whole one), another for all other molecules. The rows hold no nitrogen or halogen:
molecules that do get the error of all rows as their uncertainty. S1 comes from the absorption spectrum
(:mod:`echemscreen.levels.light.absorption`). Vertical T1 is the triplet at the ground state's geometry: what
an exciton sees before the molecule can follow.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import hypot

import numpy as np
from scipy.special import ndtr

from echemscreen.engines.base import Engine
from echemscreen.errors import InputError
from echemscreen.levels.light.contacts import neighbours
from echemscreen.levels.light.spin import EV_PER_KCAL_MOL, relaxed_state, spin_method
from echemscreen.records.molecules import Geometry
from echemscreen.reference_tables import read_rows

_LEAST_SIGMA_EV = 0.10

#: Elements of the molecules whose measured T1 the correction rests on.
_COVERED = frozenset({"H", "C", "O", "S"})

#: Standard deviation over mean absolute deviation of a normal distribution.
_SIGMA_PER_MAE = 1.2533


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedTriplet:
    """A row of ``triplet_energies.csv``: relaxed T1 above S0, kcal/mol, and the computed one, eV."""

    name: str
    smiles: str
    kind: str
    energy_kcal_mol: float
    quality: str
    citation: str
    locator: str
    note: str
    computed_ev: float

    @property
    def measured_ev(self) -> float:
        """The measured energy in eV."""
        return self.energy_kcal_mol * EV_PER_KCAL_MOL


@dataclass(frozen=True, slots=True, kw_only=True)
class TripletEnergy:
    """T1 of a molecule, eV: relaxed (corrected), vertical (corrected alike) and as computed."""

    relaxed_ev: float
    vertical_ev: float
    sigma_ev: float
    raw_relaxed_ev: float
    kind: str
    """Class of the correction, ``ketone`` or ``other``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TripletErrors:
    """Leave-one-out error of the verified rows, and the error on the rows that were never used, eV."""

    n_fitted: int
    mae_ev: float
    raw_mae_ev: float
    n_unseen: int
    unseen_mae_ev: float

    def __str__(self) -> str:
        return (
            f"T1: leave-one-out MAE {self.mae_ev:.2f} eV ({self.n_fitted} rows, raw "
            f"{self.raw_mae_ev:.2f} eV); "
            f"MAE {self.unseen_mae_ev:.2f} eV on {self.n_unseen} recalled values that were not fitted"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcitonTrap:
    """Energy transfer from a dot's exciton to a molecule's T1; a positive drive is downhill."""

    drive_ev: float
    sigma_ev: float
    probability: float
    """P(exciton energy > T1)."""


def triplet_energy(engine: Engine, ground: Geometry, *, charge: int = 0) -> TripletEnergy:
    """T1 above S0 of a closed-shell molecule.

    Parameters
    ----------
    engine
        One that offers ``GFN2-xTB/spin``.
    ground
        A geometry of the ground state; it is relaxed.
    charge
        Charge of the molecule.
    """
    singlet = relaxed_state(engine, [ground], charge=charge, n_unpaired=0)
    triplet = relaxed_state(engine, [singlet.geometry], charge=charge, n_unpaired=2)
    vertical = engine.single_point(singlet.geometry, charge=charge, n_unpaired=2, method=spin_method(engine))
    kind = triplet_kind(singlet.geometry)
    shift_ev, sigma_ev = triplet_correction_ev(kind)
    if set(singlet.geometry.symbols) - _COVERED:
        sigma_ev = max(sigma_ev, _SIGMA_PER_MAE * triplet_errors().mae_ev)
    raw_ev = triplet.energy_ev - singlet.energy_ev
    return TripletEnergy(
        relaxed_ev=raw_ev + shift_ev,
        vertical_ev=vertical.energy_ev - singlet.energy_ev + shift_ev,
        sigma_ev=sigma_ev,
        raw_relaxed_ev=raw_ev,
        kind=kind,
    )


def triplet_kind(geometry: Geometry) -> str:
    """``ketone`` if a carbonyl carbon has only carbon and hydrogen beside its oxygen, else ``other``."""
    near, symbols = neighbours(geometry), geometry.symbols
    for atom, bonded in near.items():
        if symbols[atom] == "O" and len(bonded) == 1:
            (carbon,) = bonded
            others = {symbols[b] for b in near[carbon] - {atom}}
            if symbols[carbon] == "C" and others <= {"C", "H"}:
                return "ketone"
    return "other"


def triplet_correction_ev(kind: str) -> tuple[float, float]:
    """The mean of measured minus computed T1 of the verified rows of a class, and the spread about it."""
    deviations = [row.measured_ev - row.computed_ev for row in _verified() if row.kind == kind]
    return float(np.mean(deviations)), max(float(np.std(deviations, ddof=1)), _LEAST_SIGMA_EV)


def triplet_errors() -> TripletErrors:
    """How far the corrected T1 misses rows that it has not seen."""
    rows = _verified()
    misses = []
    for row in rows:
        rest = [r.measured_ev - r.computed_ev for r in rows if r.kind == row.kind and r is not row]
        misses.append(abs(row.computed_ev + float(np.mean(rest)) - row.measured_ev))
    unseen = [row for row in published_triplets() if row.quality == "unverified"]
    blind = [abs(r.computed_ev + triplet_correction_ev(r.kind)[0] - r.measured_ev) for r in unseen]
    return TripletErrors(
        n_fitted=len(rows),
        mae_ev=float(np.mean(misses)),
        raw_mae_ev=float(np.mean([abs(row.measured_ev - row.computed_ev) for row in rows])),
        n_unseen=len(unseen),
        unseen_mae_ev=float(np.mean(blind)) if blind else 0.0,
    )


@lru_cache(maxsize=1)
def published_triplets() -> tuple[PublishedTriplet, ...]:
    """Every row of ``triplet_energies.csv``."""
    return tuple(read_rows("ligand_library", "triplet_energies.csv", PublishedTriplet))


def exciton_trap(exciton_ev: float, triplet: TripletEnergy, *, exciton_sigma_ev: float = 0.05) -> ExcitonTrap:
    """Whether a dot can hand its exciton to the molecule's relaxed triplet.

    Parameters
    ----------
    exciton_ev
        Energy of the dot's exciton, eV.
    triplet
        T1 of the molecule with its uncertainty.
    exciton_sigma_ev
        Standard deviation of the exciton energy, eV; the default is that of the sizes of a batch.

    Examples
    --------
    >>> t1 = TripletEnergy(relaxed_ev=2.0, vertical_ev=2.2, sigma_ev=0.12, raw_relaxed_ev=2.0, kind="other")
    >>> round(exciton_trap(2.0, t1, exciton_sigma_ev=0.05).probability, 2)
    0.5
    """
    if not exciton_ev > 0:
        raise InputError(f"An exciton cannot have {exciton_ev} eV.", "Give its energy in eV, above zero.")
    drive_ev = exciton_ev - triplet.relaxed_ev
    sigma_ev = hypot(exciton_sigma_ev, triplet.sigma_ev)
    return ExcitonTrap(drive_ev=drive_ev, sigma_ev=sigma_ev, probability=float(ndtr(drive_ev / sigma_ev)))


def excited_reduction_v_she(e_red_v_she: float, e00_ev: float) -> float:
    """Potential of the excited state as an oxidant: E*(M*/M-) = E(M/M-) + E00/e.

    D. Rehm and A. Weller, Isr. J. Chem. 8, 259 (1970), without the Coulomb term of the ion pair.

    Examples
    --------
    >>> round(excited_reduction_v_she(-1.59, 2.98), 2)
    1.39
    """
    return e_red_v_she + e00_ev


def _verified() -> tuple[PublishedTriplet, ...]:
    return tuple(row for row in published_triplets() if row.quality != "unverified")
