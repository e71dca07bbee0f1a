r"""What a free acid gains in the place of a bound anion whose proton it hands over.

For HX + M-A = M-X + HA the proton counts as much as the bonds: with cited acidities

.. math:: \Delta G = \Delta G(\mathrm{X^- + M{-}A = M{-}X + A^-})
    + RT \ln 10\, (\mathrm{p}K_a(\mathrm{HX}) - \mathrm{p}K_a(\mathrm{HA})) .

Constants and acidities hold for water, but all four species are neutral, so that a film changes little of
their difference. Within one kind of bond acids differ by many powers of ten (methanesulfonic and triflic
acid by thirteen), so that the acidity of the very acid comes first, then the mean of the rows that may stand
for its kind. Without either, energies that were calculated for the two kinds on a model site are told.

A donor loses its place to an acid by taking the proton, HX + M-L = M + HL+ + X-; what the ions gain as a
pair, and the anion on the metal, comes on top of that.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from functools import lru_cache

from echemscreen.levels.binding import MEDIUM_SIGMA_V, NERNST_V
from echemscreen.levels.bound_references import read_binding_calculations
from echemscreen.ligands.binding.bonds import class_of
from echemscreen.ligands.groups import donor_strengths
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

#: What a calculated energy of one acid may differ by from the mean of its class, eV.
_MEMBER_SIGMA_EV = 0.10


@dataclass(frozen=True, slots=True, kw_only=True)
class AcidityRow:
    """A row of ``acidities.csv``."""

    name: str
    smiles: str
    """Canonical SMILES of the acid."""
    anchor: str
    """Row of ``anchors.csv`` for whose other acids this one may stand; blank for itself alone."""
    pka: float
    sigma_pka: float
    medium: str
    quality: str
    """``critical``, or ``secondary``: as quoted by another."""
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acidity:
    """How readily an acid hands over its proton."""

    pka: float
    sigma_pka: float
    acids: str
    """Whose it is."""
    citation: Citation

    def __str__(self) -> str:
        """A line for a reader."""
        return f"pKa {self.pka:.1f} ± {self.sigma_pka:.1f} of {self.acids}: {self.citation}"


@lru_cache(maxsize=1)
def acidities() -> tuple[AcidityRow, ...]:
    """Every row of ``acidities.csv``."""
    return read_rows("ligand_library", "acidities.csv", AcidityRow)


def acidity(smiles: str, bond_class: str) -> Acidity | None:
    """The cited acidity of an acid, or the mean of those that may stand for its kind; ``None`` if neither."""
    own = [row for row in acidities() if row.smiles == smiles]
    kin = own or [row for row in acidities() if row.anchor and class_of(row.smiles) == bond_class]
    if not kin:
        return None
    values = [row.pka for row in kin]
    return Acidity(
        pka=statistics.fmean(values),
        sigma_pka=math.hypot(max(row.sigma_pka for row in kin), statistics.pstdev(values)),
        acids=", ".join(row.name for row in kin),
        citation=Citation(source=kin[0].citation, locator=kin[0].locator),
    )


def base_strength(bond_class: str) -> Acidity | None:
    """The acidity of the conjugate acids of a kind of donor; ``None`` if no row of it has one."""
    kin = [
        row
        for rows in donor_strengths().values()
        for row in rows
        if row.pkah is not None and class_of(row.example_smiles) == bond_class
    ]
    if not kin:
        return None
    values = [row.pkah for row in kin if row.pkah is not None]
    return Acidity(
        pka=statistics.fmean(values),
        sigma_pka=statistics.pstdev(values),
        acids=f"{bond_class.replace('_', ' ')}s with a proton",
        citation=Citation(source=kin[0].citation, locator=kin[0].locator),
    )


def proton_energy(guest: Acidity, host: Acidity) -> tuple[float, float]:
    """What handing the proton of one acid to the anion of another gains, and its sigma, eV."""
    sigma = NERNST_V * math.hypot(guest.sigma_pka, host.sigma_pka)
    return NERNST_V * (guest.pka - host.pka), math.hypot(sigma, MEDIUM_SIGMA_V)


def calculated_exchange(mine: str, theirs: str, site_metal: str) -> tuple[str, float, float] | None:
    """The calculated energy of an acid of one bond class in the place of one of another, and its sigma, eV.

    Only energies from the same site are subtracted; the mean over the sites that have both is taken, and
    their spread is part of the error. The metal of these sites, which is ``site_metal`` if it has both,
    stands first.
    """
    here, there = (_calculated_acids().get(name, {}) for name in (mine, theirs))
    shared = [site for site in here if site in there]
    if not shared:
        return None
    metals = [metal for metal, _ in shared]
    metal = site_metal if site_metal in metals else max(sorted(set(metals)), key=metals.count)
    gains = [here[site] - there[site] for site in shared if site[0] == metal]
    sigma = math.hypot(statistics.pstdev(gains), _MEMBER_SIGMA_EV, _MEMBER_SIGMA_EV)
    return metal, statistics.fmean(gains), sigma


@lru_cache(maxsize=1)
def _calculated_acids() -> dict[str, dict[tuple[str, str], float]]:
    """Mean energy of putting acids of a class on a site, eV, by class and by metal and spectator."""
    found: dict[str, dict[tuple[str, str], list[float]]] = {}
    for row in read_binding_calculations():
        if row.binding == "X":
            sites = found.setdefault(class_of(row.smiles), {})
            sites.setdefault((row.metal, row.spectator), []).append(row.free_energy_ev)
    return {
        name: {site: statistics.fmean(energies) for site, energies in sites.items()}
        for name, sites in found.items()
    }
