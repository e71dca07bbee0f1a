r"""The energy of a bond: spin-polarised GFN2-xTB, corrected by bonds whose energy is known.

xTB errs by its pair of elements, by the groups on either end (it likes hydrogen on nitrogen and oxygen too
well) and by acyl groups beside a nitrogen or oxygen radical, whichever end they are on. A Bayesian linear
regression on the rows of ``bond_energies.csv`` (heats of formation, measurements and composite calculations
at 298 K, gas phase) takes that off:

.. math:: D = D_\mathrm{xTB} - a_\mathrm{pair} - \sum_\mathrm{ends} b_\mathrm{element} n_\mathrm{heavy}
          - \sum_\mathrm{ends} c_\mathrm{element} n_\mathrm{acyl} - d_\mathrm{element} n_\mathrm{oxo}

What a term has no row for keeps its prior, and its uncertainty.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

import numpy as np
from scipy import constants

from echemscreen.levels.fit.calibration import Z90
from echemscreen.records.molecules import FloatArray
from echemscreen.reference_tables import read_rows

#: eV for each kJ/mol.
EV_PER_KJ_MOL = 1e3 / (constants.N_A * constants.e)
#: Prior standard deviations, eV: of a pair, of each heavy neighbour, acyl group and oxygen.
_PRIOR_EV = {"pair": 1.0, "heavy": 0.2, "acyl": 0.5, "oxo": 0.9}
_SCATTERS_EV = (0.03, 0.05, 0.08, 0.12, 0.18, 0.25, 0.35)


class Ends(Protocol):
    """What stands on either end of a bond."""

    @property
    def pair(self) -> str:
        """Its elements, that of the radical first."""
        ...

    @property
    def n_heavy(self) -> tuple[int, int]:
        """Other heavy atoms on either end."""
        ...

    @property
    def n_acyl(self) -> int:
        """Acyl groups on the radical's atom."""
        ...

    @property
    def n_acyl_leaving(self) -> int:
        """Acyl groups on the atom that leaves."""
        ...

    @property
    def n_oxo(self) -> int:
        """Doubly bonded oxygen there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BondEnergyRow:
    """A row of ``bond_energies.csv``: a bond by its pieces, its energy and what xTB says, kJ/mol."""

    smiles: str
    radical: str
    leaving: str
    d298_kj_mol: float
    sigma_kj_mol: float
    computed_kj_mol: float
    """Uncorrected: spin-polarised GFN2-xTB in vacuum on geometries of GFN2-xTB in acetonitrile."""
    pair: str
    n_heavy_radical: int
    n_heavy_leaving: int
    n_acyl: int
    n_acyl_leaving: int
    n_oxo: int
    citation: str
    locator: str
    note: str

    @property
    def n_heavy(self) -> tuple[int, int]:
        """Other heavy atoms on either end."""
        return self.n_heavy_radical, self.n_heavy_leaving

    @property
    def error_ev(self) -> float:
        """Computed less known."""
        return (self.computed_kj_mol - self.d298_kj_mol) * EV_PER_KJ_MOL


@dataclass(frozen=True, slots=True, kw_only=True)
class BondEnergyFit:
    """The errors of xTB by their terms; see the module docstring."""

    names: tuple[str, ...]
    mean: FloatArray
    covariance: FloatArray
    scatter_ev: float
    widened: float = 1.0
    """Conformal factor on the standard deviation: with it 90 % intervals hold for bonds left out."""

    def knows(self, ends: Ends) -> bool:
        """Whether rows have tested every term of a bond."""
        return _terms(ends).keys() <= set(self.names)

    def corrected(self, computed_ev: float, ends: Ends) -> tuple[float, float]:
        """The energy of a bond and its standard deviation, eV."""
        known = {name: number for name, number in _terms(ends).items() if name in self.names}
        x = np.array([known.get(name, 0.0) for name in self.names])
        variance = float(x @ self.covariance @ x) + self.scatter_ev**2
        for name, number in _terms(ends).items():
            if name not in self.names:
                variance += (number * _PRIOR_EV[name.partition(":")[0]]) ** 2
        return computed_ev - float(x @ self.mean), self.widened * float(np.sqrt(variance))


def _terms(ends: Ends) -> dict[str, float]:
    """What multiplies each term of the error."""
    first, second = ends.pair.split("-")
    found = {f"pair:{'-'.join(sorted((first, second)))}": 1.0}
    for element, number in ((first, ends.n_heavy[0]), (second, ends.n_heavy[1])):
        if number:
            name = f"heavy:{element}"
            found[name] = found.get(name, 0.0) + number
    for element, number in ((first, ends.n_acyl), (second, ends.n_acyl_leaving)):
        if number:
            name = f"acyl:{element}"
            found[name] = found.get(name, 0.0) + number
    if ends.n_oxo:
        found[f"oxo:{first}"] = float(ends.n_oxo)
    return found


def solve(rows: Sequence[BondEnergyRow]) -> BondEnergyFit:
    """The regression; its scatter is that of the largest marginal likelihood on a small grid."""
    names = tuple(sorted({name for row in rows for name in _terms(row)}))
    x = np.array([[_terms(row).get(name, 0.0) for name in names] for row in rows])
    y = np.array([row.error_ev for row in rows])
    own = np.square([row.sigma_kj_mol * EV_PER_KJ_MOL for row in rows])
    prior = np.diag(np.square([_PRIOR_EV[name.partition(":")[0]] for name in names]))
    best: tuple[float, float] | None = None
    for scatter in _SCATTERS_EV:
        total = x @ prior @ x.T + np.diag(own + scatter**2)
        likelihood = -0.5 * (y @ np.linalg.solve(total, y) + np.linalg.slogdet(total)[1])
        if best is None or likelihood > best[0]:
            best = (float(likelihood), scatter)
    scatter = best[1] if best else _SCATTERS_EV[-1]
    weights = 1.0 / (own + scatter**2)
    covariance = np.linalg.inv(np.linalg.inv(prior) + (x.T * weights) @ x)
    return BondEnergyFit(
        names=names, mean=covariance @ (x.T * weights) @ y, covariance=covariance, scatter_ev=scatter
    )


@lru_cache(maxsize=1)
def bond_energies() -> tuple[BondEnergyRow, ...]:
    """The bonds of known energy, in file order."""
    return read_rows("ligand_library", "bond_energies.csv", BondEnergyRow)


@lru_cache(maxsize=1)
def bond_energy_fit() -> BondEnergyFit:
    """The fit of the shipped rows."""
    ratios = sorted(abs(item.error_ev) / item.sigma_ev for item in left_out_bonds())
    place = math.ceil(0.9 * (len(ratios) + 1)) - 1
    return replace(solve(bond_energies()), widened=max(1.0, ratios[place] / Z90))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutBond:
    """A bond, and what a fit without its molecule says, eV."""

    row: BondEnergyRow
    energy_ev: float
    sigma_ev: float
    """Not widened."""

    @property
    def error_ev(self) -> float:
        """Predicted less known."""
        return self.energy_ev - self.row.d298_kj_mol * EV_PER_KJ_MOL


@lru_cache(maxsize=1)
def left_out_bonds() -> tuple[LeftOutBond, ...]:
    """Every bond predicted by the others; a pair of elements that no other row has is left out."""
    rows = bond_energies()
    found = []
    for row in rows:
        fit = solve([other for other in rows if other is not row])
        if fit.knows(row):
            energy, sigma = fit.corrected(row.computed_kj_mol * EV_PER_KJ_MOL, row)
            found.append(LeftOutBond(row=row, energy_ev=energy, sigma_ev=sigma))
    return tuple(found)
