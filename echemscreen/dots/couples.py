"""Metal couples: the potential at which a free metal ion is reduced to its metal.

All of them are cited rows of ``band_data/redox_couples.csv``. The tabulated aqueous couple decides
about free salts; in a medium that binds the ion (:mod:`~echemscreen.dots.complexation`) the couple
of its complex does. The couple of a metal inside a lattice (``CdS + 2 e- -> Cd + S2-``) is shown
and never flagged: it stands for the dot itself, not for a ligand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from pymatgen.core import Composition

from echemscreen.dots.complexation import (
    STANDARD_TEMPERATURE_K,
    Complex,
    Ion,
    Medium,
    complex_in,
    mean_complexes,
    media,
    nernst_shift_v,
)
from echemscreen.quantities import magnitude
from echemscreen.records.levels import RedoxCouple
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoxCoupleRow:
    """A row of ``redox_couples.csv``."""

    couple: str
    metal: str
    oxidation_state: int
    n_electrons: int
    kind: Literal["aqueous", "lattice"]
    e0_v_she: float
    sigma_v: float
    medium: str
    lattice_formula: str
    citation: str
    locator: str
    note: str

    def record(self) -> RedoxCouple:
        """The row as the package's noun."""
        return RedoxCouple(
            couple=self.couple,
            metal=self.metal,
            oxidation_state=self.oxidation_state,
            kind=self.kind,
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


def couple_in(
    ion: Ion, medium: Medium, *, temperature_k: float = STANDARD_TEMPERATURE_K
) -> RedoxCouple | None:
    """The couple of an ion in a medium; of several the most positive, the first to be reduced.

    Parameters
    ----------
    ion
        The metal ion and the anion of its salt.
    medium
        Where it does not bind the ion, the free couple decides and the complex with the ion's own
        anion is only named; where a binding medium has no constant of the ion, the free couple is
        an upper bound, for a ligand makes an ion harder to reduce.
    temperature_k
        Temperature of the Nernst term, K; E0 and log beta stay those of their tables.

    Returns
    -------
    RedoxCouple or None
        Potential in V vs SHE; ``None`` if the ion has no row.
    """
    rows = [
        row
        for row in _rows()
        if row.kind == "aqueous" and (row.metal, row.oxidation_state) == (ion.metal, ion.charge)
    ]
    found = [
        (_complexed(row, ion, medium, temperature_k) if medium.moves_couples else row.record())
        for row in rows
    ]
    decisive = max(zip(found, rows, strict=True), key=lambda item: item[0].e0_v_she, default=None)
    if decisive is None:
        return None
    couple, row = decisive
    if medium.moves_couples:
        return couple
    held = _complexed(row, ion, _own_anion_medium(), temperature_k)
    if held.kind == "complexed":
        couple = replace(couple, other_form=held.form, other_e0_v_she=held.e0_v_she)
    return couple


def complexed_couples(
    *, medium: Medium | None = None, temperature_k: float = STANDARD_TEMPERATURE_K
) -> tuple[RedoxCouple, ...]:
    """Couples of every metal and ligand class with a cited constant, in the order of the table.

    ``Cd(carboxylate)2/Cd`` stands for the mean over the carboxylates; of a metal and class with
    constants below the neutral salt alone, the largest complex is given.
    """
    reduced_to_metal = [row for row in _rows() if row.kind == "aqueous" and _product_charge(row) == 0]
    by_ion = {(row.metal, row.oxidation_state): row for row in reduced_to_metal}
    return tuple(
        _with_complex(by_ion[ion.metal, ion.charge], held, None, temperature_k)
        for ion, held in mean_complexes(medium or _own_anion_medium())
        if (ion.metal, ion.charge) in by_ion
    )


def _own_anion_medium() -> Medium:
    return media()["complexed"]


def _product_charge(row: RedoxCoupleRow) -> int:
    """Charge of the metal after reduction: 1 in Cu2+/Cu+."""
    return row.oxidation_state - row.n_electrons


def _complexed(row: RedoxCoupleRow, ion: Ion, medium: Medium, temperature_k: float) -> RedoxCouple:
    """The couple of a row in a medium that binds its ion."""
    held = complex_in(medium, ion)
    left = _product_charge(row)
    product = complex_in(medium, replace(ion, charge=left)) if left else None
    if held is not None and (left == 0 or product is not None):
        return _with_complex(row, held, product, temperature_k)
    if medium.is_complete:
        return replace(row.record(), note=f"{medium.name} has no constant of it")
    return replace(
        row.record(), one_sided=True, note="no cited stability constant: the complex is harder to reduce"
    )


def _with_complex(
    row: RedoxCoupleRow, held: Complex, product: Complex | None, temperature_k: float
) -> RedoxCouple:
    """M(X)n + n e- -> M + n X; of a product that is an ion too, its complex counts against it."""
    free = row.record()
    log_beta = held.log_beta - (product.log_beta if product else 0.0)
    sigma = math.hypot(held.sigma_log_beta, product.sigma_log_beta if product else 0.0)
    reduced = product.formula if product else free.couple.partition("/")[2]
    return replace(
        free,
        couple=f"{held.formula}/{reduced}",
        kind="complexed",
        e0_v_she=free.e0_v_she + nernst_shift_v(log_beta, row.n_electrons, temperature_k),
        sigma_v=math.hypot(free.sigma_v, nernst_shift_v(sigma, row.n_electrons, temperature_k)),
        citation=Citation(
            source=f"{free.citation.source} and {held.citation.source}",
            locator=f"{free.citation.locator}; {held.citation.locator}",
        ),
        form=held.formula,
        other_form=f"free {free.couple.partition('/')[0]}",
        other_e0_v_she=free.e0_v_she,
        note=f"by analogy, log beta {magnitude(log_beta, sigma, decimals=1)}" if held.is_analogue else "",
    )


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
