"""Formulas as they are written, and what stands in the compounds of the table.

``CdSe``, ``Cd0.5Zn0.5S``, ``CsPb(Br0.5I0.5)3``, ``CsPbBr2I``, ``FAPbI3``, ``Zn0.5Ag0.25In0.25S1``,
``(AgInS2)0.5(ZnS)0.5``. FA stands for formamidinium, CH(NH2)2+, MA for methylammonium. What a formula is
made of, and whether it is one, says :mod:`echemscreen.dots.mixtures`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product

from pymatgen.core import Composition, Element

from echemscreen.dots.materials import compound_of, semiconductors
from echemscreen.errors import DotError, TableError

#: Organic cations by their usual abbreviations; one of them stands like an element of charge +1.
_ORGANIC_CATIONS = {"FA": "CH5N2", "MA": "CH6N"}
_SPELLINGS = {"CH3NH3": "MA", "HC(NH2)2": "FA", "CH(NH2)2": "FA", "CH5N2": "FA", "CH6N": "MA"}
_HALIDES = frozenset({"Cl", "Br", "I"})
#: Charge per formula that is rounding.
_NEUTRAL = 1e-9
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
# Atomic: text that is no formula is refused in one pass.
_TERM = rf"(?>((?:FA|MA)(?![a-z])|[A-Z][a-z]?)({_NUMBER})?)"
_TERMS = re.compile(_TERM)
_FORMULA = re.compile(rf"(?>\((?:{_TERM})+\)(?:{_NUMBER})?|{_TERM})+")
_STRETCHES = re.compile(rf"\(([^()]+)\)({_NUMBER})?|([^()]+)")
_COMPOUNDS = re.compile(rf"\(([A-Za-z0-9]+)\)({_NUMBER})")
_MIXTURE = re.compile(rf"(?>{_COMPOUNDS.pattern})+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A formula as it was written."""

    amounts: Mapping[str, float]
    """Atoms of each element (or organic cation), in the order of writing."""
    shared: frozenset[str]
    """Elements that are written with a share."""
    whole_compounds: bool = False
    """``(AgInS2)0.5(ZnS)0.5``: the compounds have the shares."""
    repeats: bool = False
    """An element stands twice, as in two compounds side by side: no formula of one crystal."""


def formula_of(name: str) -> Formula | None:
    """The elements of a formula with their amounts; ``None`` if it is none.

    Raises
    ------
    DotError
        if an element has a share of zero.
    """
    for spelling, abbreviation in _SPELLINGS.items():
        name = name.replace(f"({spelling})", abbreviation).replace(spelling, abbreviation)
    if _MIXTURE.fullmatch(name):
        return _mixture_of_compounds(name)
    if not _FORMULA.fullmatch(name):
        return None
    written = []
    for inside, times, outside in _STRETCHES.findall(name):
        for symbol, share in _TERMS.findall(inside or outside):
            written.append((symbol, float(share or 1) * float(times or 1), bool(share or times)))
    amounts = {symbol: amount for symbol, amount, _ in written}
    if not all(symbol in _ORGANIC_CATIONS or Element.is_valid_symbol(symbol) for symbol in amounts):
        return None
    if not all(amounts.values()):
        raise DotError(
            f"The formula '{name}' names an element with a share of zero.", "Leave the element out."
        )
    if not all(math.isfinite(amount) for amount in amounts.values()):
        return None
    shared = frozenset(symbol for symbol, _, has_share in written if has_share)
    return Formula(amounts=amounts, shared=shared, repeats=len(amounts) < len(written))


def _mixture_of_compounds(name: str) -> Formula | None:
    """``(AgInS2)0.5(ZnS)0.5``: the sum of its compounds."""
    parts = [(compound, float(share)) for compound, share in _COMPOUNDS.findall(name)]
    if not all(compound in semiconductors() and 0 < share < math.inf for compound, share in parts):
        return None
    amounts: dict[str, float] = {}
    for compound, share in parts:
        for element, count in amounts_of(compound).items():
            amounts[element] = amounts.get(element, 0.0) + count * share
    # Whole numbers alone may as well count monolayers.
    layers = not any(share < 1 for _, share in parts)
    return Formula(amounts=amounts, shared=frozenset(amounts), whole_compounds=True, repeats=layers)


def named_in(text: str) -> list[str]:
    """Compounds of the table that stand in a text, in its order."""
    names = sorted({compound_of(name) for name in semiconductors()}, key=len, reverse=True)
    return re.findall("|".join(map(re.escape, names)), text)


def elements_of(material: str) -> frozenset[str]:
    """Elements of a compound of the table."""
    return frozenset(amounts_of(material))


@cache
def amounts_of(material: str) -> Mapping[str, float]:
    """Atoms of each element in a compound of the table."""
    formula = formula_of(compound_of(material))
    if formula is None:
        raise TableError(f"band_data/semiconductors.csv: '{material}' is no formula.", "Correct the row.")
    return formula.amounts


@cache
def charges_of(material: str) -> Mapping[str, float]:
    """Oxidation states of the elements in a compound of the table."""
    symbols = elements_of(material)
    organic = symbols & set(_ORGANIC_CATIONS)
    if organic:
        halides = symbols & _HALIDES
        metals = dict.fromkeys(symbols - organic - halides, 2.0)
        return dict.fromkeys(organic, 1.0) | metals | dict.fromkeys(halides, -1.0)
    amounts = amounts_of(material)
    common = product(*(Element(symbol).common_oxidation_states for symbol in amounts))
    neutral = [
        states
        for states in common
        if abs(sum(state * amount for state, amount in zip(states, amounts.values(), strict=True))) < _NEUTRAL
    ]
    if len(neutral) == 1:
        return {symbol: float(state) for symbol, state in zip(amounts, neutral[0], strict=True)}
    # Which of several is the likelier, pymatgen tells by a table that takes a fifth of a second to read.
    states: Mapping[str, float] = Composition(amounts).oxi_state_guesses()[0]
    return states


def charges_in(materials: Iterable[str]) -> dict[str, float]:
    """Oxidation states of the elements in several compounds of the table."""
    return {symbol: state for material in materials for symbol, state in charges_of(material).items()}


def chemical_formula(amounts: Mapping[str, float]) -> str:
    """Amounts in elements alone, in the usual order."""
    atoms = (f"({_ORGANIC_CATIONS.get(symbol, symbol)}){amount:g}" for symbol, amount in amounts.items())
    formula: str = Composition("".join(atoms)).reduced_formula
    return formula


def is_metal(symbol: str) -> bool:
    """Whether an element is a metal; an organic cation is none."""
    return symbol not in _ORGANIC_CATIONS and bool(Element(symbol).is_metal)
