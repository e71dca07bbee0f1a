"""From a formula to a :class:`~echemscreen.dots.materials.Material`.

``CdSe``, ``Cd0.5Zn0.5S``, ``CsPb(Br0.5I0.5)3``, ``CsPbBr1.5I1.5``, ``FAPbI3``, ``Zn0.5Ag0.25In0.25S1``.
FA stands for formamidinium, CH(NH2)2+, and is written so before pymatgen parses the formula. A share of
zero is refused: ``Cd0Zn1S`` is ``ZnS``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np
from pymatgen.core import Composition, Element
from scipy.optimize import nnls

from echemscreen.dots.materials import (
    DEFAULT_BOWING_EV,
    Material,
    SemiconductorRow,
    alloys,
    known_names,
    refuse_unsupported,
    semiconductors,
)
from echemscreen.errors import DotError

#: Organic cations by their usual abbreviations: formamidinium and methylammonium.
_ORGANIC_CATIONS = ((re.compile(r"FA(?![a-z])"), "(CH5N2)"), (re.compile(r"MA(?![a-z])"), "(CH6N)"))
_ZERO_SHARE = re.compile(r"(?:[A-Z][a-z]?|\))(?:0+\.?0*|\.0+)(?=[^0-9.]|$)")
#: How much of a formula may stay unexplained by the compounds of the table, in atoms.
_BALANCE = 2e-3
#: Elements of a compound of one cation and one anion.
_BINARY = 2
#: Elements of the organic cations, no part of a lattice of their own.
_ORGANIC = frozenset("CHN")
_HALIDES = frozenset({"Cl", "Br", "I"})


def material_of(name: str, spec: str) -> Material:
    """A material of the table, or an alloy of materials of the table.

    Parameters
    ----------
    spec
        The whole specification, for the error message.

    Raises
    ------
    DotError
        if the formula is unknown, not balanced or names an element with a share of zero.
    """
    refuse_unsupported(name)
    unknown = DotError(
        f"Unknown dot or material '{name}'" + (f" in '{spec}'." if name != spec else "."), known_names()
    )
    if name in semiconductors():
        return _material(name, ((semiconductors()[name], 1.0),))
    composition = _composition(name)
    if composition is None:
        raise unknown
    if _ZERO_SHARE.search(name):
        raise DotError(
            f"The formula '{name}' names an element with a share of zero.", "Leave the element out."
        )
    amounts = composition.get_el_amt_dict()
    shares = _sublattices(name, amounts) or _mixture(amounts)
    if shares is None:
        raise unknown
    return _material(name, shares)


def blend(first: Material, second: Material, share: float, name: str) -> Material:
    """A material between two others, ``share`` of the way; for graded layers."""
    total: dict[str, float] = {}
    for material, weight in ((first, 1.0 - share), (second, share)):
        for row, x in material.binaries:
            total[row.material] = total.get(row.material, 0.0) + weight * x
    rows = semiconductors()
    return _material(name, tuple((rows[key], x) for key, x in total.items()))


def elements_of(material: str) -> frozenset[str]:
    """Elements of a compound of the table."""
    composition = _composition(material)
    return frozenset(composition.get_el_amt_dict()) if composition else frozenset()


def chemical_formula(material: str) -> str:
    """A compound of the table in elements alone, without its phase."""
    composition = _composition(material)
    return composition.reduced_formula if composition else material


def _composition(name: str) -> Composition | None:
    formula = name.removeprefix("wz-")
    for abbreviation, cation in _ORGANIC_CATIONS:
        formula = abbreviation.sub(cation, formula)
    try:
        return Composition(formula, strict=True)
    except ValueError:
        return None


@cache
def _states(name: str) -> Mapping[str, float]:
    """Oxidation states of the elements in a compound of the table."""
    composition = _composition(name)
    if composition is None:
        raise DotError(f"band_data/semiconductors.csv: '{name}' is no formula.", "Correct the row.")
    symbols = {element.symbol for element in composition.elements}
    if symbols >= _ORGANIC:
        # The organic cation as a whole has the charge: its carbon is given it.
        halides = dict.fromkeys(symbols & _HALIDES, -1.0)
        return {"C": 1.0, "H": 0.0, "N": 0.0} | dict.fromkeys(symbols - _ORGANIC - _HALIDES, 2.0) | halides
    states: Mapping[str, float] = composition.oxi_state_guesses()[0]
    return states


def _sublattices(
    name: str, amounts: Mapping[str, float]
) -> tuple[tuple[SemiconductorRow, float], ...] | None:
    """Shares of the binaries of an AB alloy, mixed independently on both sublattices."""
    rows = semiconductors()
    states: dict[str, float] = {}
    for binary in rows:
        symbols = elements_of(binary)
        if len(symbols) == _BINARY and symbols <= set(amounts):
            states.update(_states(binary))
    if set(states) != set(amounts):
        return None
    cations = {element: amount for element, amount in amounts.items() if states[element] > 0}
    anions = {element: amount for element, amount in amounts.items() if states[element] < 0}
    binaries = {(c, a): rows.get(c + a) for c in cations for a in anions}
    if any(row is None for row in binaries.values()):
        return None
    total_cation, total_anion = sum(cations.values()), sum(anions.values())
    if not math.isclose(total_cation, total_anion, rel_tol=1e-3):
        if len({round(abs(state)) for state in states.values()}) > 1:
            return None
        raise DotError(
            f"The alloy '{name}' is not balanced: {total_cation:g} cations to {total_anion:g} anions.",
            "Write the shares so that each sublattice sums to one, as Cd0.5Zn0.5S.",
        )
    return tuple(
        (row, cations[c] * anions[a] / (total_cation * total_anion))
        for (c, a), row in binaries.items()
        if row is not None
    )


def _mixture(amounts: Mapping[str, float]) -> tuple[tuple[SemiconductorRow, float], ...] | None:
    """Shares of compounds that add up to the formula; ``None`` if none do."""
    symbols = list(amounts)
    rows = [
        row for row in semiconductors().values() if row.default and elements_of(row.material) <= set(symbols)
    ]
    if not rows or not all(0.0 < amount < math.inf for amount in amounts.values()):
        return None
    matrix = np.zeros((len(symbols), len(rows)))
    for column, row in enumerate(rows):
        composition = _composition(row.material)
        for symbol, amount in (composition.get_el_amt_dict() if composition else {}).items():
            matrix[symbols.index(symbol), column] = amount
    wanted = np.array([amounts[symbol] for symbol in symbols])
    counts, residual = nnls(matrix, wanted)
    if residual > _BALANCE * wanted.sum():
        return None
    # Shares count cation sites: a formula unit of AgInS2 replaces two of ZnS.
    sites = counts * np.array([_cations(row.material) for row in rows])
    return tuple((row, float(x / sites.sum())) for row, x in zip(rows, sites, strict=True) if x > 0)


def _cations(material: str) -> float:
    composition = _composition(material)
    states = _states(material)
    amounts = composition.get_el_amt_dict() if composition else {}
    return float(sum(amount for element, amount in amounts.items() if states[element] > 0))


def _material(name: str, shares: Sequence[tuple[SemiconductorRow, float]]) -> Material:
    bowing, sigma = _bowing(shares)
    metals: dict[str, float] = {}
    charges: dict[str, float] = {}
    for row, share in shares:
        composition = _composition(row.material)
        amounts = composition.get_el_amt_dict() if composition else {}
        cations = {e: x for e, x in amounts.items() if _states(row.material)[e] > 0 and Element(e).is_metal}
        # The lattice of a perovskite is the lead halide; the A site is a spectator.
        strongest = max(_states(row.material)[e] for e in cations)
        for element, amount in cations.items():
            if row.system == "perovskite" and _states(row.material)[element] < strongest:
                continue
            metals[element] = metals.get(element, 0.0) + amount * share
            charges[element] = _states(row.material)[element]
    # Of cations in equal shares the less electronegative one makes the more ionic site.
    majority = max(metals, key=lambda element: (round(metals[element], 6), -Element(element).X))
    return Material(
        name=name,
        binaries=tuple(shares),
        bowing_ev=bowing,
        bowing_sigma_ev=sigma,
        site_metal=majority,
        site_charge=round(charges[majority]),
    )


def _bowing(shares: Sequence[tuple[SemiconductorRow, float]]) -> tuple[float, float]:
    """Narrowing of the gap by verified bowing, and what unverified or unknown bowing could be, eV."""
    applied = uncertain = 0.0
    for index, (first, x) in enumerate(shares):
        for second, y in shares[index + 1 :]:
            if not elements_of(first.material) & elements_of(second.material):
                continue  # CdSe and ZnS: their mixing is counted with CdS and ZnSe
            row = alloys().get(frozenset((first.material, second.material)))
            if row is not None and row.quality == "verified":
                applied += row.bowing_ev * x * y
            else:
                uncertain += (DEFAULT_BOWING_EV if row is None else row.bowing_ev) * x * y
    return applied, uncertain
