"""What is known of the bond between a ligand and the metal of a site: constants, couples, exchange.

Stability constants are rows of ``band_data/stability_constants.csv``: those of the very ligand come first,
then the mean of its bond class (rows that may stand for others) with the same metal, then that with the
other divalent ions of dots. A class without any has what reference calculations say, put on the scale of the
constants by the classes that have both (:func:`computed_constant`).
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from echemscreen.dots.complexation import StabilityConstantRow, stability_constants
from echemscreen.errors import TableError
from echemscreen.levels.binding import (
    NERNST_V,
    Leaving,
    Site,
    couple_in_film,
    leaving_couples,
)
from echemscreen.levels.bound_references import read_binding_calculations, read_leaving_calculations
from echemscreen.ligands.binding.bonds import acid_of, bond_classes, class_of, donor_distances
from echemscreen.records.levels import Exchange, SiteBinding
from echemscreen.records.molecules import Form
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

#: What the ions of ``stand_in_metals.csv`` may err in log10 K where they stand for another.
_STAND_IN_SIGMA = 1.5
#: Spectator of the calculated sites of two ions, whose energies have another zero.
_TWO_IONS = "bridge"
#: Least error of a class mean that stands for one of its members, in log10 K.
_CLASS_SIGMA = 0.7


def site_of(form: Form) -> Site | None:
    """The bond that holds a form on its site; ``None`` for what sits on none."""
    if form.bound is None or not form.bond_classes:
        return None
    name = form.bond_classes[0]
    row = bond_classes().get(name)
    binding = "X" if row is None and form.role != "bound_L" else "L" if row is None else row.binding
    held = bond_constant(name, form.free.smiles, form.site_metal, form.site_charge)
    return Site(
        bond_class=name,
        binding="L" if binding == "L" else "X",
        metal=form.site_metal,
        distances=donor_distances(form.free, form.bond_classes),
        held=held,
        leaving=leaving_of(name, form.free.smiles, held) if binding == "X" else None,
    )


# --- constants ------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def bond_constant(name: str, smiles: str, metal: str, charge: int) -> SiteBinding | None:
    """How firmly an ion holds one ligand: its own constant, its class's, a computed one, or ``None``."""
    own = [row for row in _first_constants() if row.ligand_smiles == smiles and _is_of(row, metal, charge)]
    if own:
        return _binding(own, "cited", 0.0)
    if not name:
        return None
    kin = [row for row in _first_constants() if row.anchor and _class(row.ligand_smiles) == name]
    here = [row for row in kin if _is_of(row, metal, charge)]
    if here:
        return _binding(here, "class", _CLASS_SIGMA)
    elsewhere = [row for row in kin if row.metal in _stand_ins()]
    if elsewhere and metal:
        return _binding(elsewhere, "class", _STAND_IN_SIGMA)
    return computed_constant(name, metal)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInRow:
    """A row of ``stand_in_metals.csv``: an ion whose constants stand for those of another."""

    metal: str
    charge: int
    citation: str
    note: str


@lru_cache(maxsize=1)
def _stand_ins() -> frozenset[str]:
    return frozenset(row.metal for row in read_rows("ligand_library", "stand_in_metals.csv", StandInRow))


@lru_cache(maxsize=1)
def _calculated_metal() -> str:
    """The ion on which most energies of binding were calculated."""
    return Counter(row.metal for row in read_binding_calculations()).most_common(1)[0][0]


@lru_cache(maxsize=1)
def _first_constants() -> tuple[StabilityConstantRow, ...]:
    return tuple(row for row in stability_constants() if row.n == 1)


@lru_cache(maxsize=2048)
def _class(smiles: str) -> str:
    return class_of(smiles)


def _is_of(row: StabilityConstantRow, metal: str, charge: int) -> bool:
    return (row.metal, row.oxidation_state) == (metal, charge)


def _binding(rows: list[StabilityConstantRow], basis: str, further: float) -> SiteBinding:
    logs = [row.log_beta for row in rows]
    scatter = statistics.pstdev(logs)
    sigma = math.hypot(max(row.sigma_log_beta for row in rows), scatter, further)
    names = ", ".join(dict.fromkeys(row.ligand for row in rows[:3]))
    return SiteBinding(
        free_energy_ev=-NERNST_V * statistics.fmean(logs),
        sigma_ev=NERNST_V * sigma,
        basis="cited" if basis == "cited" else "class",
        citation=Citation(source=rows[0].citation, locator=f"log K1 of {names} with {rows[0].metal}"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyLine:
    """What leads from calculated energies of binding to log10 K1, for donors or for anions."""

    slope: float
    """Per eV."""
    intercept: float
    scatter: float
    """Root mean square of what is left, in log10 K."""
    n_classes: int


@lru_cache(maxsize=2)
def energy_line(binding: str) -> EnergyLine | None:
    """The line through the classes that have both; ``None`` if there are fewer than three."""
    pairs = []
    for name, energies in calculated_energies(binding).items():
        kin = [
            row.log_beta
            for row in _first_constants()
            if row.anchor and row.metal == _calculated_metal() and _class(row.ligand_smiles) == name
        ]
        if kin:
            pairs.append((statistics.fmean(energies), statistics.fmean(kin)))
    if len(pairs) < 3:  # noqa: PLR2004 - a line and what is left of it
        return None
    x, y = np.array(pairs).T
    slope, intercept = np.polyfit(x, y, 1)
    left = y - (slope * x + intercept)
    return EnergyLine(
        slope=float(slope),
        intercept=float(intercept),
        scatter=float(np.sqrt((left**2).sum() / (len(y) - 2))),
        n_classes=len(y),
    )


def calculated_energies(binding: str) -> dict[str, tuple[float, ...]]:
    """Calculated Gibbs energies of binding to one ion by bond class, eV; of anions against formate."""
    found: dict[str, list[float]] = {}
    for row in read_binding_calculations():
        if row.binding == binding and row.metal == _calculated_metal() and row.spectator != _TWO_IONS:
            found.setdefault(_class(row.smiles), []).append(row.free_energy_ev)
    return {name: tuple(values) for name, values in found.items()}


def computed_constant(name: str, metal: str) -> SiteBinding | None:
    """The constant of a class without a cited one, from the mean of its calculated energies of binding.

    Its members' energies scatter, and on another ion than theirs it is a stand-in.
    """
    for binding in ("L", "X"):
        energies, line = calculated_energies(binding).get(name), energy_line(binding)
        if energies is not None and line is not None:
            members = line.slope * statistics.pstdev(energies)
            elsewhere = 0.0 if metal == _calculated_metal() else _STAND_IN_SIGMA
            sigma = math.hypot(line.scatter, members, max(_CLASS_SIGMA, elsewhere))
            return SiteBinding(
                free_energy_ev=-NERNST_V * (line.intercept + line.slope * statistics.fmean(energies)),
                sigma_ev=NERNST_V * sigma,
                basis="computed",
                citation=Citation(
                    source="density-functional energies of binding, on the scale of the cited constants",
                    locator=f"binding_calculations.csv, {name.replace('_', ' ')}",
                ),
            )
    return None


# --- what leaves ----------------------------------------------------------------------------


def leaving_of(name: str, smiles: str, held: SiteBinding | None) -> Leaving | None:
    """The level at which an anion leaves as its radical: by cited numbers, else by a calculated bond.

    Parameters
    ----------
    name, smiles
        Bond class and SMILES of the acid.
    held
        How firmly the anion is held.
    """
    couple = _couple(name, smiles)
    if couple is not None and held is not None:
        return Leaving(
            value_v_she=couple.value_v_she - held.free_energy_ev,
            sigma_v=math.hypot(couple.sigma_v, held.sigma_ev),
            note=f"leaves as its radical: {couple.name} {couple.value_v_she:+.2f} V vs SHE, "
            f"log K1 {-held.free_energy_ev / NERNST_V:.1f}",
            citation=couple.citation,
        )
    return _computed_leaving(name, smiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Couple:
    value_v_she: float
    sigma_v: float
    name: str
    citation: Citation


@lru_cache(maxsize=4096)
def _couple(name: str, acid_smiles: str) -> _Couple | None:
    """The one-electron couple of the anion of an acid: its own, or the mean of its class."""
    own = [row for row in leaving_couples() if _acid(row.smiles) == acid_smiles]
    # A row without an anchor stands for itself alone.
    kin = own or [row for row in leaving_couples() if row.anchor and _class(row.smiles) == name]
    if not kin:
        return None
    values, sigmas = zip(*(couple_in_film(row) for row in kin), strict=True)
    return _Couple(
        value_v_she=statistics.fmean(values),
        sigma_v=math.hypot(max(sigmas), statistics.pstdev(values)),
        name=kin[0].couple if own else f"{kin[0].couple} of {name.replace('_', ' ')}s",
        citation=Citation(source=kin[0].citation, locator=kin[0].locator),
    )


@lru_cache(maxsize=1)
def leaving_scale() -> tuple[float, float, int] | None:
    """What leads from calculated bonds to levels, V: the mean, its scatter, and how many ligands tell it.

    The ligands are those with a calculated bond, a cited couple and a cited constant.
    """
    found = []
    for row in read_leaving_calculations():
        name = _class(row.smiles)
        couple, held = _couple(name, row.smiles), bond_constant(name, row.smiles, row.metal, 2)
        if couple is not None and held is not None and held.basis != "computed":
            found.append(couple.value_v_she - held.free_energy_ev - row.free_energy_ev)
    if len(found) < 3:  # noqa: PLR2004 - a mean and its scatter
        return None
    return statistics.fmean(found), statistics.stdev(found), len(found)


@lru_cache(maxsize=4096)
def _computed_leaving(name: str, smiles: str) -> Leaving | None:
    rows = read_leaving_calculations()
    own = [row for row in rows if row.smiles == smiles]
    kin = own or [row for row in rows if _class(row.smiles) == name]
    scale = leaving_scale()
    if not kin or scale is None:
        return None
    bonds = [row.free_energy_ev for row in kin]
    mean, scatter, count = scale
    return Leaving(
        value_v_she=mean + statistics.fmean(bonds),
        sigma_v=math.hypot(scatter, statistics.pstdev(bonds), 0.0 if own else _CLASS_BOND_SIGMA_V),
        note=f"leaves as its radical: calculated bond, on the scale of {count} ligands with cited numbers",
        citation=Citation(
            source="density-functional strengths of bonds, on the scale of cited couples and constants",
            locator=f"leaving_calculations.csv, {name.replace('_', ' ')}",
        ),
    )


#: What the bond of one ligand may differ by from the mean of its class, V.
_CLASS_BOND_SIGMA_V = 0.10


@lru_cache(maxsize=512)
def _acid(smiles: str) -> str:
    return acid_of(smiles)


# --- exchange -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NativeLigandRow:
    """A row of ``native_ligands.csv``: a name by which a native ligand may be called.

    ``role`` is ``X`` or ``L`` for the one that is meant unasked, ``Z reference`` for the donor against
    which the pulling off of ``M(X)n`` is told, and blank for all others.
    """

    name: str
    smiles: str
    role: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def native_ligands() -> tuple[NativeLigandRow, ...]:
    """The named native ligands, in file order."""
    return read_rows("ligand_library", "native_ligands.csv", NativeLigandRow)


def native_ligand(role: str) -> NativeLigandRow:
    """The native ligand of a role.

    Raises
    ------
    TableError
        if no row has it.
    """
    row = next((row for row in native_ligands() if row.role == role), None)
    if row is None:
        raise TableError(
            f"ligand_library/native_ligands.csv has no row of the role '{role}'.", "Give one ligand the role."
        )
    return row


def exchange_of(site: Site, charge: int) -> Exchange | None:
    """What it gains to put a ligand in the place of the native one of its kind on the same metal.

    An anion replaces an anion, a donor a donor (``native_ligands.csv``); both bind by one bond, so the
    difference of their bonds to the ion is the energy of the exchange.
    """
    native = native_ligand(site.binding)
    held = bond_constant(_class(native.smiles), native.smiles, site.metal, charge)
    if site.held is None or held is None:
        return None
    return Exchange(
        native=native.name,
        free_energy_ev=site.held.free_energy_ev - held.free_energy_ev,
        sigma_ev=math.hypot(site.held.sigma_ev, held.sigma_ev),
    )
