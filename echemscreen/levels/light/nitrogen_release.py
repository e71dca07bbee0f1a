"""Energy of precursor -> intermediate + N2, corrected for the class of the intermediate.

Spin-polarised GFN2-xTB puts N2 and a divalent centre together some 3 to 4 eV too high, much the same within
a class. The rows of ``nitrogen_release.csv`` hold the same reaction by a density functional at the
same geometries; their mean deviation is the correction of the class and the spread about it, together with
the error of the reference itself, the uncertainty. Energies are electronic ones in vacuum, without zero-point
and thermal terms: no heats of reaction, and no measured value enters. For diazirine the heat of reaction
by the same functional stands beside a published one, which corrects nothing: ``echemscreen validate``
prints both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import hypot

import numpy as np

from echemscreen.engines.base import Engine
from echemscreen.errors import InputError
from echemscreen.levels.light.spin import EV_PER_KCAL_MOL, SpinGap, diatomic, relaxed_state
from echemscreen.records.molecules import Geometry
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

#: Uncertainty of the reference calculations themselves, eV: an estimate. For diazirine and methyl azide the
#: smaller basis of the table lies 4 to 5 kcal/mol above the larger one and CCSD(T)/cc-pVDZ 12 to 18 below
#: it. A published heat (of diazirine, by composite methods; no measured one was read) lies between, nearer
#: to the functional. The order within a class is worth more than the value.
REFERENCE_SIGMA_EV = 0.50
#: Rows from which a spread is known; one row of a class is trusted to twice the error of its reference.
_SPREAD_FROM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NitrogenRelease:
    """A row of ``nitrogen_release.csv``: energy to the triplet and N2, by reference and by xTB, kcal/mol."""

    name: str
    precursor_smiles: str
    intermediate_smiles: str
    intermediate: str
    energy_kcal_mol: float
    method: str
    computed_kcal_mol: float
    heat_kcal_mol: float | None
    """Heat of the reaction at 298 K by the reference, where there is a published one."""
    published_heat_kcal_mol: float | None
    published_by: str
    citation: str
    locator: str

    @property
    def source(self) -> Citation:
        """Where the reference value is from."""
        return Citation(source=self.citation, locator=self.locator)

    @property
    def heat_error_kcal_mol(self) -> float | None:
        """Heat of reaction by the reference less the published one."""
        if self.heat_kcal_mol is None or self.published_heat_kcal_mol is None:
            return None
        return self.heat_kcal_mol - self.published_heat_kcal_mol


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedNitrogen:
    """Energies of precursor -> intermediate + N2, eV; positive is uphill."""

    singlet_ev: float
    triplet_ev: float
    sigma_ev: float
    raw_triplet_ev: float
    """Without the correction of the class."""

    @property
    def lowest_ev(self) -> float:
        """To the ground state of the intermediate."""
        return min(self.singlet_ev, self.triplet_ev)


@dataclass(frozen=True, slots=True, kw_only=True)
class NitrogenReleaseErrors:
    """Leave-one-out errors by class against the reference calculations, kcal/mol."""

    by_class: tuple[tuple[str, int, float, float], ...]
    """Class, rows, mean absolute error after and before the correction."""

    def __str__(self) -> str:
        return "; ".join(
            f"{name}: leave-one-out MAE {after:.1f} kcal/mol ({n} rows, raw {before:.0f})"
            for name, n, after, before in self.by_class
        )


def n2_release(engine: Engine, precursor: Geometry, gap: SpinGap, *, charge: int = 0) -> ReleasedNitrogen:
    """Energy that it takes (positive) to set N2 free from an azide or a diazirine.

    Parameters
    ----------
    engine
        One that offers ``GFN2-xTB/spin``.
    precursor
        A geometry of the precursor; it is relaxed.
    gap
        Of the intermediate: its relaxed triplet, its corrected singlet and its class.
    charge
        Of the precursor.

    Raises
    ------
    InputError
        for a class without a reference.
    """
    shift_ev, sigma_ev = release_correction_ev(gap.intermediate)
    parent = relaxed_state(engine, [precursor], charge=charge, n_unpaired=0)
    nitrogen = diatomic(engine, "N", 1.10, n_unpaired=0)
    raw_ev = nitrogen.energy_ev - parent.energy_ev + gap.triplet.energy_ev
    triplet_ev = raw_ev + shift_ev
    return ReleasedNitrogen(
        singlet_ev=triplet_ev + gap.value_ev, triplet_ev=triplet_ev, sigma_ev=sigma_ev, raw_triplet_ev=raw_ev
    )


def release_correction_ev(intermediate: str) -> tuple[float, float]:
    """The mean of reference minus computed energies of a class, and its uncertainty, eV.

    Raises
    ------
    InputError
        for a class without a reference.
    """
    deviations = _deviations(intermediate)
    if not deviations:
        known = ", ".join(sorted({row.intermediate for row in published_nitrogen_release()}))
        raise InputError(f"No reference for the loss of N2 to a '{intermediate}'.", f"Known: {known}.")
    spread = np.std(deviations, ddof=1) * EV_PER_KCAL_MOL if len(deviations) >= _SPREAD_FROM else None
    sigma = 2 * REFERENCE_SIGMA_EV if spread is None else hypot(float(spread), REFERENCE_SIGMA_EV)
    return float(np.mean(deviations)) * EV_PER_KCAL_MOL, sigma


def nitrogen_release_errors() -> NitrogenReleaseErrors:
    """How far a class correction misses the row that it has not seen."""
    result = []
    for name in sorted({row.intermediate for row in published_nitrogen_release()}):
        deviations = np.array(_deviations(name))
        n = len(deviations)
        if n > 1:
            left_out = (deviations.sum() - deviations) / (n - 1)
            after = float(np.abs(deviations - left_out).mean())
            result.append((name, n, after, float(np.abs(deviations).mean())))
    return NitrogenReleaseErrors(by_class=tuple(result))


def has_reference(intermediate: str) -> bool:
    """Whether a class has a reference calculation."""
    return bool(_deviations(intermediate))


@lru_cache(maxsize=1)
def published_nitrogen_release() -> Sequence[NitrogenRelease]:
    """Every row of ``nitrogen_release.csv``."""
    return tuple(read_rows("ligand_library", "nitrogen_release.csv", NitrogenRelease))


def _deviations(intermediate: str) -> list[float]:
    """Reference minus computed, kcal/mol."""
    return [
        row.energy_kcal_mol - row.computed_kcal_mol
        for row in published_nitrogen_release()
        if row.intermediate == intermediate
    ]
