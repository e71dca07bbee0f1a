"""Semiconductors and their alloys, and the named dots: the tables of ``band_data/``.

pymatgen parses every formula and gives oxidation states; an alloy is interpolated linearly between
its binaries on both sublattices.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pymatgen.core import Composition, Element

from echemscreen.errors import DotError
from echemscreen.reference_tables import read_rows
from echemscreen.scales import she_from


@dataclass(frozen=True, slots=True, kw_only=True)
class SemiconductorRow:
    """A row of ``semiconductors.csv``; the natural scale has the valence band of ZnS near zero."""

    material: str
    phase: str
    gap_ev: float
    natural_vbm_ev: float
    natural_vbm_sigma_ev: float
    electron_mass: float
    hole_mass: float
    permittivity: float
    lattice_ang: float
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantumDotRow:
    """A preset (a row of ``quantum_dots.csv``)."""

    name: str
    spec: str
    emission_nm: float | None
    sizes: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlloyRow:
    """Bowing between two binaries (a row of ``alloys.csv``); it enters the uncertainty."""

    first: str
    second: str
    bowing_ev: float
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BandEdgeRow:
    """A published band edge (a row of ``band_edges.csv``): evidence beside the anchor.

    ``value`` is as printed, on ``scale``: a potential in V, or on ``vacuum`` an electron energy in
    eV. The sources span more than an electronvolt for one material, so none but the anchor of
    ``edge_anchors.csv`` sets an edge.
    """

    material: str
    sample: str
    edge: str
    value: float
    scale: str
    sigma_v: float | None
    kind: str
    quality: str
    citation: str
    locator: str
    note: str

    @property
    def value_v_she(self) -> float:
        """The edge in V vs SHE."""
        return she_from(self.value, self.scale)


@lru_cache(maxsize=1)
def published_edges() -> tuple[BandEdgeRow, ...]:
    """What the literature says about band edges, in table order."""
    return read_rows("band_data", "band_edges.csv", BandEdgeRow)


@lru_cache(maxsize=1)
def semiconductors() -> Mapping[str, SemiconductorRow]:
    """The default row of each material."""
    return {row.material: row for row in read_rows("band_data", "semiconductors.csv", SemiconductorRow)}


@lru_cache(maxsize=1)
def presets() -> Mapping[str, QuantumDotRow]:
    """The named dots."""
    return {row.name: row for row in read_rows("band_data", "quantum_dots.csv", QuantumDotRow)}


@lru_cache(maxsize=1)
def _alloys() -> Mapping[frozenset[str], AlloyRow]:
    rows = read_rows("band_data", "alloys.csv", AlloyRow)
    return {frozenset((row.first, row.second)): row for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A binary or an alloy of binaries, interpolated linearly."""

    name: str
    binaries: tuple[tuple[SemiconductorRow, float], ...]
    bowing_sigma_ev: float
    site_metal: str
    site_charge: int

    def mean(self, field: str) -> float:
        """A column of the binaries, weighted by their shares."""
        return float(sum(getattr(row, field) * share for row, share in self.binaries))

    @property
    def valence_ev(self) -> float:
        """Valence-band maximum on the natural scale."""
        return self.mean("natural_vbm_ev")

    @property
    def conduction_ev(self) -> float:
        """Conduction-band minimum on the natural scale."""
        return self.mean("natural_vbm_ev") + self.mean("gap_ev")


def known_names() -> str:
    """What can be named as a dot, for error messages."""
    return (
        f"Known presets: {', '.join(presets())}; materials: {', '.join(semiconductors())} and their alloys; "
        "or CORE:NM/SHELL:NM, as CdSe:3.0/CdS:3.5."
    )


def material_of(name: str, spec: str) -> Material:
    """A material of the table, or an alloy of materials of the table.

    Parameters
    ----------
    spec
        The whole specification, for the error message.

    Raises
    ------
    DotError
        if the formula is unknown or not balanced.
    """
    unknown = DotError(
        f"Unknown dot or material '{name}'" + (f" in '{spec}'." if name != spec else "."), known_names()
    )
    try:
        composition = Composition(name, strict=True)
    except ValueError:
        raise unknown from None
    amounts = composition.get_el_amt_dict()
    guesses = (
        composition.reduced_composition.oxi_state_guesses(max_sites=-1) if name in semiconductors() else ()
    )
    states = _oxidation_states(amounts, guesses[0] if guesses else {})
    if states is None:
        raise unknown
    cations = {element: amount for element, amount in amounts.items() if states[element] > 0}
    anions = {element: amount for element, amount in amounts.items() if states[element] < 0}
    total_cation, total_anion = sum(cations.values()), sum(anions.values())
    if not cations or not anions or not math.isclose(total_cation, total_anion, rel_tol=1e-3):
        raise DotError(
            f"The alloy '{name}' is not balanced: {total_cation:g} cations to {total_anion:g} anions.",
            "Write the shares so that each sublattice sums to one, as Cd0.5Zn0.5S.",
        )
    rows = semiconductors()
    binaries = []
    for cation, a in cations.items():
        for anion, b in anions.items():
            row = rows.get(cation + anion)
            if row is None:
                raise unknown
            binaries.append((row, a * b / (total_cation * total_anion)))
    # Of cations in equal shares the less electronegative one makes the more ionic site.
    majority = max(cations, key=lambda element: (cations[element], -Element(element).X))
    return Material(
        name=name,
        binaries=tuple(binaries),
        bowing_sigma_ev=_bowing_sigma(binaries),
        site_metal=majority,
        site_charge=round(states[majority]),
    )


def _oxidation_states(amounts: Mapping[str, float], guess: Mapping[str, float]) -> dict[str, float] | None:
    """Oxidation states from those of the binaries that the elements form."""
    if guess:
        return dict(guess)
    states: dict[str, float] = {}
    for binary in semiconductors():
        composition = Composition(binary)
        if {element.symbol for element in composition.elements} <= set(amounts):
            states.update(composition.oxi_state_guesses()[0])
    return states if set(states) == set(amounts) else None


def _bowing_sigma(binaries: Sequence[tuple[SemiconductorRow, float]]) -> float:
    """Gap deviation that bowing could cause: b x (1 - x), summed over the pairs of binaries."""
    total = 0.0
    for index, (first, x) in enumerate(binaries):
        for second, y in binaries[index + 1 :]:
            row = _alloys().get(frozenset((first.material, second.material)))
            total += (row.bowing_ev if row else 0.0) * x * y
    return total
