"""Semiconductors and their alloys, and the named dots: the tables of ``band_data/``.

pymatgen parses every formula and gives oxidation states. A formula is written as shares of the
compounds of ``semiconductors.csv``; an alloy is interpolated linearly between them, and its gap
bows where a verified row of ``alloys.csv`` says so.

The default rule. Where sources disagree every value is kept (``material_values.csv``). The default of
``semiconductors.csv`` is, in this order: a value read in its source (``quality`` verified) before one
read second-hand (secondary) and one that is only remembered (unverified); 300 K and the named
phase before others; of several cited masses the one whose excitons lie closer to the sizing curves
(``sizing_curves.csv``). Half the range of the gaps that were read enters the sigma. A material that
rests on numbers not read in a source can be asked for by name, and says which they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Literal

from echemscreen.reference_tables import read_rows

#: Bowing of a pair of compounds of which none was read, eV: middle of the rows of ``alloys.csv``. It
#: enters the uncertainty, like that of every row that is not verified.
DEFAULT_BOWING_EV = 0.5
#: Names that are suggested for one that is unknown, and how alike they must be.
_N_SUGGESTED = 3
_ALIKE = 0.6
HOW_TO_LIST = "'echemscreen qd' lists named dots and materials; layers are written as CdSe:3.0/CdS:3.5."

Quantity = Literal["electron_mass", "hole_mass", "permittivity", "lattice_ang", "gap_ev", "natural_vbm_ev"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SemiconductorRow:
    """A row of ``semiconductors.csv``; the natural scale has the valence band of ZnS near zero."""

    material: str
    phase: str
    system: str
    """Family of materials: ``II-VI``, ``III-V``, ``IV-VI``, ``perovskite`` ..."""
    shape: str
    """``sphere`` or ``cube``: what the size of a dot of it means, a diameter or an edge length."""
    default: bool
    gap_ev: float
    gap_sigma_ev: float
    natural_vbm_ev: float
    natural_vbm_sigma_ev: float
    electron_mass: float
    hole_mass: float
    core_hole_mass: float | None
    """Hole mass where this is the core; a fitted residual correction, stated as such in the note."""
    hole_nonparabolic: bool
    """The valence band mirrors the conduction band (lead salts, halide perovskites)."""
    permittivity: float
    optical_permittivity: float | None
    lattice_ang: float
    quality: str
    not_read_again: str
    """Which numbers are only remembered; empty if every one was read in its source."""
    citation: str
    locator: str
    note: str

    @property
    def screening(self) -> float:
        """Permittivity between electron and hole: the optical one where it is known.

        In a dot both move faster than the lattice follows.
        """
        return self.permittivity if self.optical_permittivity is None else self.optical_permittivity


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantumDotRow:
    """A preset (a row of ``quantum_dots.csv``)."""

    name: str
    spec: str
    emission_nm: float | None
    absorption_nm: float | None
    sizes: str
    """``measured``, ``assumed``, ``from emission`` or ``from absorption``."""
    size_sigma: float | None
    """Relative standard deviation of sizes that the source does not give."""
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlloyRow:
    """Two compounds that mix (a row of ``alloys.csv``)."""

    first: str
    second: str
    bowing_ev: float | None
    """By how much the gap bows between them; applied if verified, blank if it was not read."""
    quality: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def semiconductors() -> Mapping[str, SemiconductorRow]:
    """Every material that can be modelled, by its name; ``wz-CdSe`` is not the default phase."""
    return {row.material: row for row in read_rows("band_data", "semiconductors.csv", SemiconductorRow)}


def compound_of(material: str) -> str:
    """The compound of a material, whatever its phase: ``CdSe`` of ``wz-CdSe``."""
    return material.rpartition("-")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialValueRow:
    """One value of one source (a row of ``material_values.csv``): what the defaults were chosen from."""

    material: str
    phase: str
    property: str
    value: float
    unit: str
    temperature_k: float | None
    quality: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def material_values() -> tuple[MaterialValueRow, ...]:
    """Every value that the sources give, in table order."""
    return read_rows("band_data", "material_values.csv", MaterialValueRow)


@lru_cache(maxsize=1)
def presets() -> Mapping[str, QuantumDotRow]:
    """The named dots."""
    return {row.name: row for row in read_rows("band_data", "quantum_dots.csv", QuantumDotRow)}


@lru_cache(maxsize=1)
def alloys() -> Mapping[frozenset[str], AlloyRow]:
    """The compounds that mix, by their pair."""
    rows = read_rows("band_data", "alloys.csv", AlloyRow)
    return {frozenset((row.first, row.second)): row for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A compound or an alloy of compounds, interpolated linearly; the gap bows."""

    name: str
    binaries: tuple[tuple[SemiconductorRow, float], ...]
    bowing_ev: float
    """By how much verified bowing narrows the gap."""
    bowing_sigma_ev: float
    site_metal: str
    site_charge: int

    def mean(self, field: Quantity) -> float:
        """A column of the compounds, weighted by their shares."""
        return float(sum(getattr(row, field) * share for row, share in self.binaries))

    @property
    def row(self) -> SemiconductorRow:
        """The compound with the largest share."""
        return max(self.binaries, key=lambda item: item[1])[0]

    @property
    def core_hole_mass(self) -> float:
        """Hole mass where the material is the core."""
        return sum(
            (row.hole_mass if row.core_hole_mass is None else row.core_hole_mass) * share
            for row, share in self.binaries
        )

    @property
    def screening(self) -> float:
        """Permittivity between electron and hole."""
        return sum(row.screening * share for row, share in self.binaries)

    @property
    def gap_ev(self) -> float:
        """Gap of the bulk material, bowing applied."""
        return self.mean("gap_ev") - self.bowing_ev

    @property
    def gap_sigma_ev(self) -> float:
        """How far the sources of the gap disagree."""
        return sum(row.gap_sigma_ev * share for row, share in self.binaries)

    @property
    def valence_ev(self) -> float:
        """Valence-band maximum on the natural scale."""
        return self.mean("natural_vbm_ev")

    @property
    def conduction_ev(self) -> float:
        """Conduction-band minimum on the natural scale; bowing is taken up here."""
        return self.valence_ev + self.gap_ev

    @property
    def caveats(self) -> tuple[str, ...]:
        """Sentences about numbers that were not read in their source."""
        return tuple(
            f"{row.material}: not read in the source: {row.not_read_again}."
            for row, _ in self.binaries
            if row.not_read_again
        )


def nearest(name: str) -> str:
    """The named dots and materials that are written most alike, for error messages."""
    known = {text.lower(): text for text in (*presets(), *semiconductors())}
    alike = get_close_matches(name.strip().lower(), known, n=_N_SUGGESTED, cutoff=_ALIKE)
    return (f"Did you mean {' or '.join(known[text] for text in alike)}? " if alike else "") + HOW_TO_LIST
