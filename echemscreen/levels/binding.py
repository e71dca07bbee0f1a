r"""The level of a ligand on the metal of a dot: it stays, or it leaves.

A bound ligand is not its free parent moved by what xTB makes of a model site: both Hamiltonians let the
hole of a thiolate leak onto the spectators and miss its drop by half a volt and more. Two channels bound the
answer, and the easier of them is the level.

*Staying.* The calibrated level of the free, neutral parent (the acid, the thiol, the amine) and the shift
that a site causes (:mod:`~echemscreen.levels.site_shift`), fitted to reference calculations of bound forms. A
class without a calculation has no evidence: its level is ``uncalibrated`` when bound, however well the free
parent is known. Where the parent's hole sits elsewhere, the bond itself is a second centre, at the mean level
of its class; the easier one counts.

*Leaving* (oxidation only; the reduced ion is held more firmly than the parent).

.. math:: E(\mathrm{M{-}X \to M^+ + X^\bullet}) = E^0(\mathrm{X^\bullet/X^-}) + (RT \ln 10/F) \log K_1 ,
.. math:: E(\mathrm{M{-}L \to M + L^{\bullet +}}) = E_\mathrm{ox}(\mathrm{L}) + (RT \ln 10/F) \log K_1 .

Couples are the one-electron ones of ``leaving_couples.csv``. Where an anion has no couple or no constant, the
strength of its bond against that of a methanethiolate (``leaving_calculations.csv``) leads to the same level.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from scipy import constants

from echemscreen.levels.redox import TEMPERATURE_K
from echemscreen.levels.site_shift import CENTRED, bound_fit, near_share
from echemscreen.records.levels import Correction, EnergyLevel, Reorganisation, SiteBinding
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

#: Volts for each power of ten of a constant, one electron.
NERNST_V = constants.k * TEMPERATURE_K * math.log(10.0) / constants.e
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


# --- what leaves ----------------------------------------------------------------------------


def leaving_couples() -> tuple[LeavingCoupleRow, ...]:
    """The cited one-electron couples; those of a dimer, and what was not read in a source, lead nowhere."""
    rows = read_rows("ligand_library", "leaving_couples.csv", LeavingCoupleRow)
    return tuple(row for row in rows if row.quality != "unverified" and row.kind == "monomer")


def couple_in_film(row: LeavingCoupleRow) -> tuple[float, float]:
    """A couple X./X- and its standard deviation, with what a film may differ from water, V vs SHE."""
    return row.e0_v_she, math.hypot(row.sigma_v, MEDIUM_SIGMA_V if row.medium == "water" else 0.0)


@lru_cache(maxsize=1)
def acetonitrile_shift_v() -> float:
    """Mean shift of a couple X./X- from water to acetonitrile, V, of anions measured in both."""
    rows = leaving_couples()
    there = {row.smiles: row.e0_v_she for row in rows if row.medium == "acetonitrile"}
    return statistics.fmean(
        there[row.smiles] - row.e0_v_she for row in rows if row.medium == "water" and row.smiles in there
    )


def couple_in_acetonitrile(name: str) -> tuple[float, float]:
    """A couple X./X- in acetonitrile and its standard deviation, V vs SHE.

    One of another aprotic solvent is taken as it is: its sigma says so.

    Raises
    ------
    KeyError
        if ``leaving_couples.csv`` has no such row.
    """
    row: LeavingCoupleRow = {row.name: row for row in leaving_couples()}[name]
    if row.medium != "water":
        return row.e0_v_she, row.sigma_v
    return row.e0_v_she + acetonitrile_shift_v(), math.hypot(row.sigma_v, MEDIUM_SIGMA_V)


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
    return replace(leaves, leaving=_reorganisation(stays, leaves, free))


def _reorganisation(stays: EnergyLevel, leaves: EnergyLevel, free: EnergyLevel) -> Reorganisation | None:
    """How far the oxidised ligand on its site lies above the one that has left."""
    if stays.sigma_v is None or leaves.sigma_v is None:
        return None
    moved = [level.corrections[len(free.corrections) :] for level in (stays, leaves)]
    # Where both are moved from the free level, its own error cancels.
    sigmas = [term.sigma_v for terms in moved for term in terms]
    return Reorganisation(
        value_ev=stays.value_v_she - leaves.value_v_she,
        sigma_ev=math.hypot(*(sigmas if all(moved) else (stays.sigma_v, leaves.sigma_v))),
    )


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
