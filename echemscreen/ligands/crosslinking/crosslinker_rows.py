"""The cited rows that describe crosslinkers: groups, intermediates, heat, light, safety.

A row whose quality is ``unverified`` decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rdkit import Chem

from echemscreen.errors import TableError
from echemscreen.reference_tables import read_rows

Role = Literal["light", "initiated", "additive"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoactiveGroupRow:
    """A row of ``photoactive_groups.csv``; the pattern's first atom is the one that forms the link."""

    group: str
    smarts: str
    role: Role
    """``light`` makes the reactive species by itself, ``initiated`` needs a radical from elsewhere,
    ``additive`` frees something else and links nothing."""
    energetic: bool
    """Whether it stores nitrogen that heat can free."""
    intermediate: str
    citation: str
    locator: str
    note: str


#: The mechanism of ``patterning_groups.csv`` whose product is a link.
BY_LINKS = "cross-linking"


@dataclass(frozen=True, slots=True, kw_only=True)
class PatterningRow:
    """A row of ``patterning_groups.csv``: what patterns dots otherwise than by links of its arms."""

    group: str
    smarts: str
    """Blank for a group of ``photoactive_groups.csv``, whose pattern it has."""
    mechanism: str
    stimulus: str
    """``light``, ``heat``, ``acid``, ``electron beam``, joined by ``;``."""
    wavelength_nm: str
    citation: str
    locator: str
    note: str

    @property
    def words(self) -> str:
        """Such as ``dithiocarbamate: decomposition by light of 254 nm``."""
        waves = " or ".join(", ".join(self.wavelength_nm.split(";")).rsplit(", ", 1))
        light = f"light of {waves} nm" if waves else "light"
        stimulus = " or ".join(part.strip() for part in self.stimulus.split(";"))
        return f"{self.group}: {self.mechanism} by {stimulus.replace('light', light)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class InsertionRow:
    """A row of ``insertion_classes.csv``: how well the intermediate enters a C-H bond."""

    group: str
    insertion_class: str
    """``fast``, ``moderate``, ``slow``, or ``rearranges`` where something else is faster."""
    insertion_yield: float | None
    """Fraction of the C-H insertion product in cyclohexane."""
    arms_of_yield: int | None
    """How many arms had to insert for that product."""
    evidence: str
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThermalRow:
    """A row of ``thermal_stability.csv``; ``kind`` is ``decomposes`` (from there on) or ``stable_to``."""

    group: str
    temperature_c: float
    kind: str
    compound: str
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DoseRow:
    """A row of ``crosslinking_doses.csv``: a dose that made a film insoluble, in mJ/cm2."""

    group: str
    compound: str
    wavelength_nm: int | None
    dose_mj_cm2: float
    atmosphere: str
    film: str
    dots: bool
    """Whether nanocrystals were in the film; doses of polymers are shown and do not count."""
    qd: str
    """The dots by the name of a preset; blank if none is theirs."""
    loading_percent: float | None
    """Crosslinker in the film, % of the mass of the dots."""
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """A row of ``crosslinker_rules.csv``."""

    code: str
    value: float
    unit: str
    meaning: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def photoactive_group_rows() -> tuple[PhotoactiveGroupRow, ...]:
    """The photoactive groups.

    Raises
    ------
    TableError
        if a pattern cannot be read.
    """
    rows = read_rows("ligand_library", "photoactive_groups.csv", PhotoactiveGroupRow)
    for row in rows:
        if Chem.MolFromSmarts(row.smarts) is None:
            raise TableError(
                f"ligand_library/photoactive_groups.csv, {row.group}: unreadable SMARTS.", "Correct it."
            )
    return rows


@lru_cache(maxsize=1)
def patterning_rows() -> tuple[PatterningRow, ...]:
    """What patterns dots by another mechanism.

    Raises
    ------
    TableError
        if a pattern cannot be read, or a group without one is no photoactive group.
    """
    rows = read_rows("ligand_library", "patterning_groups.csv", PatterningRow)
    known = {row.group for row in photoactive_group_rows()}
    for row in rows:
        if (row.group not in known) if not row.smarts else Chem.MolFromSmarts(row.smarts) is None:
            raise TableError(
                f"ligand_library/patterning_groups.csv, {row.group}: unreadable SMARTS, or no known group.",
                "Write a SMARTS, or the name of a group of photoactive_groups.csv.",
            )
    return rows


@lru_cache(maxsize=1)
def insertion_rows() -> tuple[InsertionRow, ...]:
    """How well each intermediate enters a C-H bond."""
    return read_rows("ligand_library", "insertion_classes.csv", InsertionRow)


@lru_cache(maxsize=1)
def thermal_rows() -> tuple[ThermalRow, ...]:
    """Published thermal stabilities."""
    return read_rows("ligand_library", "thermal_stability.csv", ThermalRow)


@lru_cache(maxsize=1)
def dose_rows() -> tuple[DoseRow, ...]:
    """Published doses."""
    return read_rows("ligand_library", "crosslinking_doses.csv", DoseRow)


@lru_cache(maxsize=1)
def rules() -> dict[str, RuleRow]:
    """Safety rules and bounds of classes, by code."""
    return {row.code: row for row in read_rows("ligand_library", "crosslinker_rules.csv", RuleRow)}
