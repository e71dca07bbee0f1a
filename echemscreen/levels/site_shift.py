r"""What a site does to the level of a ligand: the shift, fitted to calculations of bound forms.

The shift of the calibrated level of the free, neutral parent is a Bayesian linear regression on reference
calculations (``bound_calculations.csv``, same density-functional protocol for parent and complex):

.. math:: \Delta E = w\,[a + a_c + (b + b_c)(E_\mathrm{free} - \bar E) + m_M]

with terms for all ligands (:math:`a, b`), for a bond class :math:`c` (``bond_classes.csv``), and for each
metal :math:`M` other than that of most sites. The weight :math:`w` makes the shift follow the charge. It is
made of the share :math:`s` of the ion's charge near the donor in the free parent (GFN2-xTB, vertical),

.. math:: s = \sum_i \Delta q_i \, e^{-\max(0, d_i - 1)/\ell} / \sum_i \Delta q_i

with :math:`d_i` bonds from the donor. An added electron feels the field of the site as far as it is near,
:math:`w = s`; a hole of which a share :math:`s_c` is near is the bond's own, and the site acts on it in full:
:math:`w = \min(1, s/s_c)`. What was compared by cross-validated errors stands in
``docs/science/on_the_dot.md``.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from echemscreen.levels.bound_references import (
    COMPARED_SITES,
    BoundCalculation,
    read_bound_calculations,
)
from echemscreen.levels.fit.calibration import Z90
from echemscreen.levels.fit.references import level_of, reference_calculations
from echemscreen.levels.redox import GEOMETRY_HAMILTONIAN
from echemscreen.levels.refined import anchoring
from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_rows

#: Bonds over which the effect of a site falls to 1/e: about that of a methylene on an inductive effect.
DECAY_BONDS = 1.0
#: Share near the donor from which a hole is centred on the bond itself.
CENTRED = 0.4
#: Share of its spin on the ligand from which an ion's calculated level is the ligand's own.
_ON_LIGAND = 0.5
#: Ligands from which a class has evidence, and from which the level of the bond itself is a mean.
MIN_MEMBERS, MIN_CENTRED = 1, 2
#: Prior standard deviations of the terms of a shift, V: common and of a class. A hole goes to the bond
#: itself; an added electron feels the field of the site only.
_PRIOR_V: dict[Process, float] = {Process.OXIDATION: 0.6, Process.REDUCTION: 0.25}
#: The same per volt of the parent's level: common, and of a class.
_PRIOR_SLOPE = 0.3
_PRIOR_CLASS_SLOPE: dict[Process, float] = {Process.OXIDATION: 0.3, Process.REDUCTION: 0.0}
#: The same of another metal, V.
_PRIOR_METAL_V = 0.15


# --- where the charge sits ------------------------------------------------------------------


def charge_by_distance(ladder: Ladder, process: Process, distances: Sequence[int]) -> tuple[float, ...]:
    """Share of the vertical ion's charge at 0, 1, 2 ... bonds from the donor.

    Charge that flows the other way counts as none.
    """
    parent, ion = ladder.state(0), ladder.state(process.electrons)
    if parent is None or ion is None or not distances:
        return ()
    before, after = (
        next((p.atomic_charges for p in state.vertical if p.method.hamiltonian == GEOMETRY_HAMILTONIAN), ())
        for state in (parent, ion)
    )
    if len(before) != len(distances) or len(after) != len(distances):
        return ()
    sign = -process.sign
    moved = np.maximum(sign * (np.array(after) - np.array(before)), 0.0)
    total = float(moved.sum())
    by_bonds = np.bincount(np.array(distances), weights=moved)
    return tuple(float(share) / total for share in by_bonds) if total > 0.0 else ()


def near_share(shares: Sequence[float], decay_bonds: float = DECAY_BONDS) -> float:
    """The share of the ion's charge that is near the donor, 0 to 1."""
    return sum(share * math.exp(-max(0, bonds - 1) / decay_bonds) for bonds, share in enumerate(shares))


def site_weight(process: Process, near: float) -> float:
    """The weight ``w`` of a site's effect, 0 to 1, from the share near the donor."""
    return near if process is Process.REDUCTION else min(1.0, near / CENTRED)


# --- the fit of what a site does ----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundDescriptors:
    """A row of ``bound_descriptors.csv``: where the charge of a free parent sits, and its bond class."""

    smiles: str
    process: Process
    bond_class: str
    charge_by_distance: str
    """Shares at 0, 1, 2 ... bonds from the donor, joined by ``;``."""
    citation: str

    @property
    def shares(self) -> tuple[float, ...]:
        """The shares as numbers."""
        return tuple(float(part) for part in self.charge_by_distance.split(";") if part)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRow:
    """One shift that is fitted: that of a ligand on a site, V."""

    smiles: str
    bond_class: str
    metal: str
    spectator: str
    near: float
    parent_v_she: float
    """Level of the free parent on the measured scale."""
    shift_v: float

    @property
    def bound_v_she(self) -> float:
        """Level of the bound form on the measured scale."""
        return self.parent_v_she + self.shift_v


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftTerms:
    """The terms of the regression, in the order of its coefficients; see the module docstring."""

    process: Process
    classes: tuple[str, ...]
    """Bond classes with terms of their own."""
    metals: tuple[str, ...]
    """Metals with a term of their own; that of most sites has none."""
    centre_v: float
    """Level of the parent at which the terms of the slopes are zero, V vs SHE."""

    def of(self, site_class: str, metal: str, near: float, parent_v_she: float) -> FloatArray:
        """What each coefficient counts for one ligand on one site."""
        own = np.array([1.0 if name == site_class else 0.0 for name in self.classes])
        where = [1.0 if name == metal else 0.0 for name in self.metals]
        above_v = parent_v_she - self.centre_v
        return site_weight(self.process, near) * np.array([1.0, *own, above_v, *(own * above_v), *where])

    @property
    def prior_v(self) -> FloatArray:
        """Standard deviations of the coefficients before anything is fitted, V."""
        own, slope = _PRIOR_V[self.process], _PRIOR_CLASS_SLOPE[self.process]
        of_class, n = [own, *[own] * len(self.classes)], len(self.classes)
        return np.array([*of_class, _PRIOR_SLOPE, *[slope] * n, *[_PRIOR_METAL_V] * len(self.metals)])


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundFit:
    """The shifts of bound forms of one process; see the module docstring."""

    process: Process
    binding: Literal["L", "X"]
    rows: tuple[BoundRow, ...]
    members: Mapping[str, int]
    """Ligands calculated on a site, by bond class; those too whose added electron went to the site."""
    terms: ShiftTerms
    mean: FloatArray
    covariance: FloatArray
    scatter_v: float
    widened: float
    """Conformal factor on the standard deviation: with it 90 % intervals hold for ligands left out."""
    metal: str
    """That of most sites."""

    @property
    def names(self) -> tuple[str, ...]:
        """Bond classes with a term of their own."""
        return self.terms.classes

    def shift(self, site_class: str, metal: str, near: float, parent_v_she: float) -> tuple[float, float]:
        """The shift of a level by its site and its standard deviation, V.

        A class or metal that was not fitted has the common shift, and the deviation of what it may add.
        """
        x = self.terms.of(site_class, metal, near, parent_v_she)
        weight = site_weight(self.process, near)
        variance = float(x @ self.covariance @ x) + (weight * self.scatter_v) ** 2
        if site_class not in self.names:
            slope = _PRIOR_CLASS_SLOPE[self.process] * (parent_v_she - self.terms.centre_v)
            variance += weight**2 * (_PRIOR_V[self.process] ** 2 + slope**2)
        if metal not in {self.metal, *self.terms.metals}:
            variance += (weight * _PRIOR_METAL_V) ** 2
        # What no other of its class has tested is not narrowed.
        others = {row.smiles for row in self.rows if row.bond_class == site_class}
        factor = self.widened if len(others) >= MIN_CENTRED else max(1.0, self.widened)
        return float(x @ self.mean), factor * math.sqrt(variance)

    def knows(self, site_class: str) -> bool:
        """Whether bound forms of a class were calculated."""
        return self.members.get(site_class, 0) >= MIN_MEMBERS

    def centred(self, site_class: str) -> tuple[float, float] | None:
        """Mean level of the bond itself in a class, V vs SHE, and its scatter; ``None`` if unknown."""
        found = [row.bound_v_she for row in self.rows if row.bond_class == site_class and row.near >= CENTRED]
        if len(found) < MIN_CENTRED:
            return None
        return statistics.fmean(found), math.hypot(statistics.pstdev(found), anchoring(self.process).sigma_v)


def solve(
    process: Process,
    binding: Literal["L", "X"],
    rows: Sequence[BoundRow],
    members: Mapping[str, int],
    *,
    widened: float = 1.0,
) -> BoundFit:
    """The regression of shifts; its scatter is that of the largest marginal likelihood on a small grid."""
    common = Counter(row.metal for row in rows).most_common(1)[0][0] if rows else ""
    terms = ShiftTerms(
        process=process,
        classes=tuple(sorted({row.bond_class for row in rows})),
        metals=tuple(sorted({row.metal for row in rows} - {common})),
        centre_v=statistics.fmean(row.parent_v_she for row in rows) if rows else 0.0,
    )
    prior = np.diag(np.square(terms.prior_v))
    x = np.array([terms.of(r.bond_class, r.metal, r.near, r.parent_v_she) for r in rows]).reshape(
        len(rows), len(prior)
    )
    y = np.array([row.shift_v for row in rows])
    best: tuple[float, float] | None = None
    for scatter in (0.05, 0.08, 0.12, 0.18, 0.25, 0.35):
        total = x @ prior @ x.T + scatter**2 * np.eye(len(y))
        likelihood = -0.5 * (y @ np.linalg.solve(total, y) + np.linalg.slogdet(total)[1])
        if best is None or likelihood > best[0]:
            best = (float(likelihood), scatter)
    scatter = best[1] if best else _PRIOR_V[process]
    # A term without a prior deviation is none: the prior has no inverse.
    gain = np.linalg.solve(x @ prior @ x.T + scatter**2 * np.eye(len(y)), x @ prior).T
    return BoundFit(
        process=process,
        binding=binding,
        rows=tuple(rows),
        members=dict(members),
        widened=widened,
        metal=common,
        terms=terms,
        mean=gain @ y,
        covariance=prior - gain @ x @ prior,
        scatter_v=scatter,
    )


@lru_cache(maxsize=4)
def bound_fit(process: Process, binding: Literal["L", "X"]) -> BoundFit:
    """The fit of the shipped rows."""
    rows, members = bound_rows(process, binding)
    ratios = sorted(
        abs(item.row.shift_v - item.shift_v) / item.sigma_v for item in left_out(process, binding)
    )
    # The quantile of split conformal prediction: one more than there are.
    place = math.ceil(0.9 * (len(ratios) + 1)) - 1
    widened = ratios[place] / Z90 if place < len(ratios) else max(1.0, *(r / Z90 for r in ratios), 1.0)
    return solve(process, binding, rows, members, widened=widened)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutShift:
    """A calculated shift, and what a fit without its ligand says, V."""

    row: BoundRow
    shift_v: float
    sigma_v: float
    """Not widened."""


@lru_cache(maxsize=4)
def left_out(process: Process, binding: Literal["L", "X"]) -> tuple[LeftOutShift, ...]:
    """Every ligand predicted by the others; what has no other of its class is left out."""
    rows, members = bound_rows(process, binding)
    found = []
    for smiles in dict.fromkeys(row.smiles for row in rows):
        others = [row for row in rows if row.smiles != smiles]
        fit = solve(process, binding, others, members)
        for row in (row for row in rows if row.smiles == smiles):
            if row.bond_class in fit.names:
                shift, sigma = fit.shift(row.bond_class, row.metal, row.near, row.parent_v_she)
                found.append(LeftOutShift(row=row, shift_v=shift, sigma_v=sigma))
    return tuple(found)


def bound_rows(process: Process, binding: Literal["L", "X"]) -> tuple[tuple[BoundRow, ...], dict[str, int]]:
    """The shifts that are fitted, and how many ligands of each class were calculated on a site.

    An ion whose electron or hole went to the metal or to the spectators says that the ligand's own level
    lies further out and nothing of its shift: it counts as a member and is not fitted.
    """
    descriptors = {
        row.smiles: row
        for row in read_rows("ligand_library", "bound_descriptors.csv", BoundDescriptors)
        if row.process == process
    }
    calculated = [
        row for row in read_bound_calculations() if row.process == process and row.binding in {"", binding}
    ]
    free = {row.smiles: level_of(row) for row in calculated if not row.metal}
    free |= {row.smiles: level_of(row) for row in reference_calculations() if row.process == process}
    to_measured = anchoring(process).shift_v
    found: list[BoundRow] = []
    members: dict[str, set[str]] = {}
    for row in calculated:
        described = descriptors.get(row.smiles)
        if not row.metal or described is None or row.parent_broke or row.spectator in COMPARED_SITES:
            continue
        members.setdefault(described.bond_class, set()).add(row.smiles)
        level_v_she = _on_ligand_v_she(row)
        if row.smiles not in free or level_v_she is None:
            continue
        found.append(
            BoundRow(
                smiles=row.smiles,
                bond_class=described.bond_class,
                metal=row.metal,
                spectator=row.spectator,
                near=near_share(described.shares),
                parent_v_she=free[row.smiles] + to_measured,
                shift_v=level_v_she - free[row.smiles],
            )
        )
    return tuple(found), {name: len(smiles) for name, smiles in members.items()}


def _on_ligand_v_she(row: BoundCalculation) -> float | None:
    """The level that decides among those whose ion sits on the ligand, V vs SHE; as ``level_of`` else."""
    states: list[tuple[float | None, float | None]] = [(row.spin_on_ligand, row.vertical_v_she)]
    if row.intact:
        states.append((row.spin_on_ligand_relaxed, row.adiabatic_v_she))
    found = [value for spin, value in states if value is not None and spin is not None and spin >= _ON_LIGAND]
    return row.process.innermost(*found) if found else None
