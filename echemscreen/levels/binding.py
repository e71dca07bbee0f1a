r"""The level of a ligand on the metal of a dot: it stays, or it leaves.

A bound ligand is not its free parent moved by what xTB makes of a model site: both Hamiltonians let the
hole of a thiolate leak onto the spectators and miss its drop by half a volt and more. Two channels bound the
answer, and the easier of them is the level.

*Staying.* The calibrated level of the free, neutral parent (the acid, the thiol, the amine) and the shift
that a site causes. The shift is fitted to reference calculations of bound forms (``bound_calculations.csv``,
same density-functional protocol for parent and complex): a Bayesian linear regression with a term for
each bond class (``bond_classes.csv``), one for all classes, one for the parent's own level, and one for
metals other than that of most sites. Every term is multiplied by :math:`w`, the share of the ion's charge
that sits near the donor in the free parent (GFN2-xTB, vertical), so that the shift follows the charge and
dies out along a chain:

.. math:: w = \sum_i \Delta q_i \, e^{-\max(0, d_i - 1)/\ell} / \sum_i \Delta q_i

with :math:`d_i` bonds from the donor. A class without a calculation has no evidence: its level is
``uncalibrated`` when bound, however well the free parent is known. Where the parent's hole sits elsewhere,
the bond itself is a second centre, at the mean level of its class; the easier one counts.

*Leaving* (oxidation only; the reduced ion is held more firmly than the parent).

.. math:: E(\mathrm{M{-}X \to M^+ + X^\bullet}) = E^0(\mathrm{X^\bullet/X^-}) + (RT \ln 10/F) \log K_1 ,
.. math:: E(\mathrm{M{-}L \to M + L^{\bullet +}}) = E_\mathrm{ox}(\mathrm{L}) + (RT \ln 10/F) \log K_1 .

Couples are the one-electron ones of ``leaving_couples.csv``. Where an anion has no couple or no constant, the
strength of its bond against that of a methanethiolate (``leaving_calculations.csv``) leads to the same level.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy import constants

from echemscreen.levels.bound_references import (
    COMPARED_SITES,
    BoundCalculation,
    read_bound_calculations,
)
from echemscreen.levels.fit.calibration import Z90
from echemscreen.levels.fit.references import level_of, reference_calculations
from echemscreen.levels.redox import GEOMETRY_HAMILTONIAN, TEMPERATURE_K
from echemscreen.levels.refined import anchoring
from echemscreen.records.levels import Correction, EnergyLevel, Ladder, SiteBinding
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

#: Volts for each power of ten of a constant, one electron.
NERNST_V = constants.k * TEMPERATURE_K * math.log(10.0) / constants.e
#: Bonds over which the effect of a site falls to 1/e.
DECAY_BONDS = 2.0
#: Share near the donor from which the ion is centred on the bond itself.
CENTRED = 0.5
#: Ligands from which a class has evidence, and from which the level of the bond itself is a mean.
MIN_MEMBERS, MIN_CENTRED = 1, 2
#: Prior standard deviations of the terms of a shift, V: common and of a class. A hole goes to the bond
#: itself; an added electron feels the field of the site only.
_PRIOR_V: dict[Process, float] = {Process.OXIDATION: 0.6, Process.REDUCTION: 0.25}
#: The same per volt of the parent's level, and of another metal.
_PRIOR_SLOPE, _PRIOR_METAL_V = 0.3, 0.15
#: What is not in the rows: the spread between water and a film of what leaves an anion, V.
MEDIUM_SIGMA_V = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class LeavingCoupleRow:
    """A row of ``leaving_couples.csv``: the couple of an anion that a bond sets free."""

    name: str
    smiles: str
    anchor: str
    couple: str
    e0_v_she: float
    sigma_v: float
    kind: str
    """``monomer``: X./X-; ``dimer``: X2 / 2 X-; ``peak`` of an irreversible wave."""
    dimer_couple: str
    dimer_e0_v_she: float | None
    medium: str
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """The oxidation of a bond by which its anion leaves as a radical, V vs SHE."""

    value_v_she: float
    sigma_v: float
    note: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The bond that holds a ligand, as far as evidence knows it."""

    bond_class: str
    binding: Literal["L", "X"]
    metal: str
    distances: tuple[int, ...]
    """Bonds from the donor to each atom of the free parent."""
    held: SiteBinding | None
    """How firmly it is held."""
    leaving: Leaving | None
    """What it costs an anion to leave as its radical; ``None`` for a donor and where it is unknown."""


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
    """The weight ``w`` of a site's effect, 0 to 1."""
    return sum(share * math.exp(-max(0, bonds - 1) / decay_bonds) for bonds, share in enumerate(shares))


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
class BoundFit:
    """The shifts of bound forms of one process; see the module docstring."""

    process: Process
    binding: Literal["L", "X"]
    rows: tuple[BoundRow, ...]
    members: Mapping[str, int]
    """Ligands calculated on a site, by bond class; those too whose added electron went to the site."""
    names: tuple[str, ...]
    """Bond classes with a term of their own."""
    mean: FloatArray
    covariance: FloatArray
    scatter_v: float
    widened: float
    """Conformal factor on the standard deviation: with it 90 % intervals hold for ligands left out."""
    centre_v: float
    """Level of the parent at which the slope's term is zero, V vs SHE."""
    metal: str
    """That of most sites; another has a term of its own."""

    def shift(self, site_class: str, metal: str, near: float, parent_v_she: float) -> tuple[float, float]:
        """The shift of a level by its site and its standard deviation, V."""
        x = _terms(site_class, metal != self.metal, near, parent_v_she - self.centre_v, self.names)
        variance = float(x @ self.covariance @ x) + (near * self.scatter_v) ** 2
        if site_class not in self.names:
            variance += (near * _PRIOR_V[self.process]) ** 2
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


def _terms(
    site_class: str, is_other: bool, near: float, from_centre_v: float, names: Sequence[str]
) -> FloatArray:
    own = [1.0 if name == site_class else 0.0 for name in names]
    return near * np.array([1.0, *own, from_centre_v, float(is_other)])


def solve(
    process: Process,
    binding: Literal["L", "X"],
    rows: Sequence[BoundRow],
    members: Mapping[str, int],
    *,
    widened: float = 1.0,
) -> BoundFit:
    """The regression of shifts; its scatter is that of the largest marginal likelihood on a small grid."""
    names = tuple(sorted({row.bond_class for row in rows}))
    centre = statistics.fmean(row.parent_v_she for row in rows) if rows else 0.0
    common = Counter(row.metal for row in rows).most_common(1)[0][0] if rows else ""
    x = np.array(
        [_terms(r.bond_class, r.metal != common, r.near, r.parent_v_she - centre, names) for r in rows]
    ).reshape(len(rows), len(names) + 3)
    y = np.array([row.shift_v for row in rows])
    own = _PRIOR_V[process]
    prior = np.diag(np.square([own, *[own] * len(names), _PRIOR_SLOPE, _PRIOR_METAL_V]))
    best: tuple[float, float] | None = None
    for scatter in (0.05, 0.08, 0.12, 0.18, 0.25, 0.35):
        total = x @ prior @ x.T + scatter**2 * np.eye(len(y))
        likelihood = -0.5 * (y @ np.linalg.solve(total, y) + np.linalg.slogdet(total)[1])
        if best is None or likelihood > best[0]:
            best = (float(likelihood), scatter)
    scatter = best[1] if best else own
    precision = np.linalg.inv(prior) + x.T @ x / scatter**2
    covariance = np.linalg.inv(precision)
    return BoundFit(
        process=process,
        binding=binding,
        rows=tuple(rows),
        members=dict(members),
        widened=widened,
        names=names,
        mean=covariance @ x.T @ y / scatter**2,
        covariance=covariance,
        scatter_v=scatter,
        centre_v=centre,
        metal=common,
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
    found = [value for spin, value in states if value is not None and spin is not None and spin >= CENTRED]
    return row.process.innermost(*found) if found else None


# --- what leaves ----------------------------------------------------------------------------


def leaving_couples() -> tuple[LeavingCoupleRow, ...]:
    """The cited one-electron couples; those of a dimer, and what was not read in a source, lead nowhere."""
    rows = read_rows("ligand_library", "leaving_couples.csv", LeavingCoupleRow)
    return tuple(row for row in rows if row.quality != "unverified" and row.kind == "monomer")


def couple_in_film(row: LeavingCoupleRow) -> tuple[float, float]:
    """A couple X./X- and its standard deviation, with what a film may differ from water, V vs SHE."""
    return row.e0_v_she, math.hypot(row.sigma_v, MEDIUM_SIGMA_V if row.medium == "water" else 0.0)


# --- the level ------------------------------------------------------------------------------


def bound_level(free: EnergyLevel, shares: Sequence[float], site: Site) -> EnergyLevel:
    """The level of a ligand on a site from that of its free parent: the easier of staying and leaving.

    Parameters
    ----------
    free
        Calibrated level of the neutral parent.
    shares
        :func:`charge_by_distance` of its ion.
    """
    stays = _staying(free, near_share(shares), site)
    leaves = _leaving(free, site) if free.process == Process.OXIDATION else None
    if leaves is None or leaves.value_v_she >= stays.value_v_she:
        return stays
    # What stays is not known to be easier: without evidence of it the level of the bond is open.
    if stays.domain == "uncalibrated":
        return replace(leaves, domain="uncalibrated", note=stays.note)
    return leaves


def _staying(free: EnergyLevel, near: float, site: Site) -> EnergyLevel:
    fit = bound_fit(free.process, site.binding)
    shift, sigma = fit.shift(site.bond_class, site.metal, near, free.value_v_she)
    level = _moved(free, Correction(name="site", value_v=shift, sigma_v=sigma), "stays")
    bond = fit.centred(site.bond_class) if free.process == Process.OXIDATION and near < CENTRED else None
    if bond is not None and bond[0] < level.value_v_she:
        level = replace(
            level,
            value_v_she=bond[0],
            sigma_v=bond[1],
            corrections=(),
            one_sided=False,
            basis="calibrated",
            domain=level.domain if level.domain != "bounded" else "calibrated",
            note=f"level of the {_words(site.bond_class)} bond itself",
        )
    if not fit.knows(site.bond_class):
        missing = f"no reference calculation of a bound {_words(site.bond_class) or 'ligand of this kind'}"
        level = replace(level, domain="uncalibrated", note="; ".join(filter(None, (missing, level.note))))
    return level


def _leaving(free: EnergyLevel, site: Site) -> EnergyLevel | None:
    if site.binding == "L":
        if site.held is None:
            return None
        held = Correction(
            name="bond to the site", value_v=-site.held.free_energy_ev, sigma_v=site.held.sigma_ev
        )
        return _moved(free, held, "leaves")
    if site.leaving is None:
        return None
    return replace(
        free,
        value_v_she=site.leaving.value_v_she,
        sigma_v=site.leaving.sigma_v,
        basis="calibrated",
        domain="calibrated",
        vertical=False,
        raw_v_she=None,
        corrections=(),
        intact=True,
        changed_bonds=(),
        one_sided=False,
        channel="leaves",
        citation=site.leaving.citation,
        note=site.leaving.note,
    )


def _moved(free: EnergyLevel, by: Correction, channel: Literal["stays", "leaves"]) -> EnergyLevel:
    sigma = None if free.sigma_v is None else math.hypot(free.sigma_v, by.sigma_v)
    return replace(
        free,
        value_v_she=free.value_v_she + by.value_v,
        sigma_v=sigma,
        corrections=(*free.corrections, by),
        channel=channel,
    )


def _words(name: str) -> str:
    return name.replace("_", " ")
