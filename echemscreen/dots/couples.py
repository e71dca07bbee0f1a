"""Metal couples: the potential at which a free metal ion is reduced to its metal.

All of them are cited rows of ``band_data/redox_couples.csv``. The tabulated aqueous couple decides
about free salts; the couple of a metal inside a lattice (``CdS + 2 e- -> Cd + S2-``) is shown and
never flagged: it stands for the dot itself, not for a ligand.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pymatgen.core import Composition

from echemscreen.records import Citation, RedoxCouple
from echemscreen.reference_tables import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoxCoupleRow:
    """A row of ``redox_couples.csv``."""

    couple: str
    metal: str
    oxidation_state: int
    n_electrons: int
    kind: str
    e0_v_she: float
    sigma_v: float
    medium: str
    lattice_formula: str
    citation: str
    locator: str
    note: str

    def record(self) -> RedoxCouple:
        """The row as the package's noun."""
        kind: Literal["aqueous", "lattice"] = "lattice" if self.kind == "lattice" else "aqueous"
        return RedoxCouple(
            couple=self.couple,
            metal=self.metal,
            oxidation_state=self.oxidation_state,
            kind=kind,
            e0_v_she=self.e0_v_she,
            sigma_v=self.sigma_v,
            citation=Citation(source=self.citation, locator=self.locator),
        )


@lru_cache(maxsize=1)
def _rows() -> tuple[RedoxCoupleRow, ...]:
    return read_rows("band_data", "redox_couples.csv", RedoxCoupleRow)


def aqueous_couples() -> tuple[RedoxCouple, ...]:
    """Every tabulated couple of a free metal ion, in table order."""
    return tuple(row.record() for row in _rows() if row.kind == "aqueous")


def free_couple(metal: str, oxidation_state: int) -> RedoxCouple | None:
    """The couple of a free ion such as (``Cd``, 2), or ``None`` if no row has it.

    Where an ion has several rows (Cu2+/Cu and Cu2+/Cu+), the most positive one, the first to be
    reduced, is returned.
    """
    found = [c for c in aqueous_couples() if (c.metal, c.oxidation_state) == (metal, oxidation_state)]
    return max(found, key=lambda couple: couple.e0_v_she, default=None)


def lattice_couples(materials: Iterable[str]) -> tuple[RedoxCouple, ...]:
    """Couples of the compounds that the layers of a dot are made of (alloys: of their binaries)."""
    elements = [{element.symbol for element in Composition(material).elements} for material in materials]
    found = []
    for row in _rows():
        if row.kind != "lattice":
            continue
        compound = {element.symbol for element in Composition(row.lattice_formula).elements}
        if any(compound <= layer for layer in elements):
            found.append(row.record())
    return tuple(found)
