"""From a formula to a :class:`~echemscreen.dots.materials.Material`: a compound, or compounds that mix.

An alloy is what is written as one: cations before anions, each element once, and a share on every
sublattice that is mixed. So no core with a shell whose separator was forgotten (``CdSeZnS``, ``CdSe(CdS)``)
is ever read as a homogeneous crystal. Its compounds must mix, too: rows of ``alloys.csv`` lead from each of
them to every other through compounds of the same elements.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pymatgen.core import Element

from echemscreen.dots.formulas import (
    Formula,
    amounts_of,
    charges_in,
    charges_of,
    elements_of,
    formula_of,
    is_metal,
    named_in,
)
from echemscreen.dots.materials import (
    DEFAULT_BOWING_EV,
    Material,
    SemiconductorRow,
    alloys,
    compound_of,
    nearest,
    semiconductors,
)
from echemscreen.errors import DotError

#: How much of a formula may stay unexplained by the compounds of the table, in atoms; and the share
#: of a compound that is none.
_BALANCE = 2e-3
_NO_SHARE = 1e-6
#: Elements of a compound of one cation and one anion.
_BINARY = 2
_WITHOUT_MODEL = (
    "A material without a model is named alone, with edges of your own: --cbm-v-she with --vbm-v-she or "
    "--gap-ev."
)

Shares = tuple[tuple[SemiconductorRow, float], ...]


def material_of(name: str, spec: str) -> Material:
    """A material of the table, or an alloy of materials of the table.

    Parameters
    ----------
    spec
        The whole specification, for the error message.

    Raises
    ------
    DotError
        if the formula is unknown or not balanced, names an element with a share of zero, could be a core
        with a shell as well as an alloy, or mixes what is not known to mix.
    """
    if name in semiconductors():
        return _material(name, ((semiconductors()[name], 1.0),))
    formula = formula_of(name)
    shares = shares_of(name, formula, spec)
    if shares is None:
        where = f" in '{spec}'." if name != spec else "."
        remedy = nearest(name) if formula is None else f"{nearest(name)} {_WITHOUT_MODEL}"
        raise DotError(f"Unknown dot or material '{name}'{where}", remedy)
    return _material(shares[0][0].material if len(shares) == 1 else name, shares)


def shares_of(name: str, formula: Formula | None, spec: str) -> Shares | None:
    """Shares of the compounds of the table that a formula is made of; ``None`` if none are.

    Raises
    ------
    DotError
        as :func:`material_of`, but for an unknown material.
    """
    if formula is None or formula.repeats:
        if formula is not None or len(named_in(name)) > 1:
            raise _ambiguous(name, spec)
        return None
    shares = _sublattices(name, formula.amounts) or _mixture(formula.amounts)
    if shares is None or len(shares) == 1:
        return shares
    if not formula.whole_compounds and not _is_written_as_alloy(formula, shares):
        raise _ambiguous(name, spec, [row.material for row, _ in shares], formula.amounts)
    check_mix(name, [row for row, _ in shares], spec)
    return shares


def check_mix(name: str, rows: Iterable[SemiconductorRow], spec: str) -> None:
    """Refuse one crystal of compounds that are not known to mix.

    Raises
    ------
    DotError
        naming the compounds, and the alloys that are known of them.
    """
    compounds = list(dict.fromkeys(compound_of(row.material) for row in rows))
    if _mix(compounds):
        return
    known = sorted(" with ".join(sorted(pair)) for pair in alloys() if pair & set(compounds))
    named = named_in(name)
    layered = "/".join(f"{compound}:NM" for compound in (named if len(named) > 1 else compounds))
    raise DotError(
        f"In the dot '{spec}' '{name}' would be one crystal of {' and '.join(compounds)}, "
        "of which no alloy is known here.",
        f"Write {layered} for a core with shells; known alloys of them: {', '.join(known) or 'none'}.",
    )


def blend(first: Material, second: Material, share: float, name: str) -> Material:
    """A material between two others, ``share`` of the way; for graded layers."""
    total: dict[str, float] = {}
    for material, weight in ((first, 1.0 - share), (second, share)):
        for row, x in material.binaries:
            total[row.material] = total.get(row.material, 0.0) + weight * x
    rows = semiconductors()
    return _material(name, tuple((rows[key], x) for key, x in total.items()))


def _mix(compounds: Sequence[str]) -> bool:
    """Whether rows of ``alloys.csv`` join all compounds, through compounds of the same elements."""
    symbols = frozenset[str]().union(*map(elements_of, compounds))
    lines = [pair for pair in alloys() if all(elements_of(end) <= symbols for end in pair)]
    reached, n_before = {compounds[0]}, 0
    while len(reached) > n_before:
        n_before = len(reached)
        reached |= {end for pair in lines if pair & reached for end in pair}
    return reached >= set(compounds)


# --- what is written as an alloy ------------------------------------------------------------------


def _is_written_as_alloy(formula: Formula, shares: Shares) -> bool:
    """Whether cations stand before anions and every mixed sublattice has a share."""
    charges = charges_in(row.material for row, _ in shares)
    is_anion = [charges[symbol] < 0 for symbol in formula.amounts]
    if is_anion != sorted(is_anion):
        return False
    everywhere = frozenset[str].intersection(*(elements_of(row.material) for row, _ in shares))
    mixed = set(formula.amounts) - everywhere
    anions = {symbol for symbol in mixed if charges[symbol] < 0}
    return all(formula.shared & sublattice for sublattice in (anions, mixed - anions) if sublattice)


def _ambiguous(
    name: str, spec: str, compounds: Sequence[str] = (), amounts: Mapping[str, float] | None = None
) -> DotError:
    """What could be a core with a shell as well as an alloy of those compounds."""
    named = named_in(name)
    compounds = list(dict.fromkeys(compounds or named))
    alloy = "an alloy has cations first and a share of each element that is mixed"
    if len(compounds) > 1:
        if amounts is None:
            symbols = dict.fromkeys(symbol for compound in compounds for symbol in amounts_of(compound))
            amounts = {s: sum(amounts_of(compound).get(s, 0.0) for compound in compounds) for s in symbols}
        alloy = f"{alloy}, as {_as_alloy(compounds, amounts)}"
        alloy = alloy if _mix(compounds) else "no alloy of them is known here"
    layered = "/".join(f"{compound}:NM" for compound in named) if len(named) > 1 else "CdSe:NM/CdS:NM"
    return DotError(
        f"In the dot '{spec}' '{name}' could be a core with a shell or an alloy.",
        f"Write {layered} for layers, with sizes in nm; {alloy}.",
    )


def _as_alloy(compounds: Sequence[str], amounts: Mapping[str, float]) -> str:
    """How an alloy of those amounts is written; of compounds AB the shares of a sublattice sum to one."""
    charges = charges_in(compounds)
    everywhere = frozenset[str].intersection(*map(elements_of, compounds))
    are_binary = all(len(elements_of(compound)) == _BINARY for compound in compounds)
    scale = sum(amount for symbol, amount in amounts.items() if charges[symbol] < 0) if are_binary else 1.0
    shares = {symbol: amount / scale for symbol, amount in amounts.items()}
    return "".join(
        symbol if symbol in everywhere and shares[symbol] == 1 else f"{symbol}{shares[symbol]:.3g}"
        for symbol in sorted(shares, key=lambda symbol: charges[symbol] < 0)
    )


# --- shares and what follows from them ------------------------------------------------------------


def _sublattices(name: str, amounts: Mapping[str, float]) -> Shares | None:
    """Shares of the binaries of an AB alloy, mixed independently on both sublattices."""
    rows = semiconductors()
    states: dict[str, float] = {}
    for binary in rows:
        symbols = elements_of(binary)
        if len(symbols) == _BINARY and symbols <= set(amounts):
            states.update(charges_of(binary))
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


def _mixture(amounts: Mapping[str, float]) -> Shares | None:
    """Shares of compounds that add up to the formula; ``None`` if none do."""
    symbols = list(amounts)
    rows = [
        row for row in semiconductors().values() if row.default and elements_of(row.material) <= set(symbols)
    ]
    if not rows:
        return None
    from scipy.optimize import nnls  # noqa: PLC0415 - scipy.optimize loads for half a second

    matrix = np.zeros((len(symbols), len(rows)))
    for column, row in enumerate(rows):
        for symbol, amount in amounts_of(row.material).items():
            matrix[symbols.index(symbol), column] = amount
    wanted = np.array([amounts[symbol] for symbol in symbols])
    counts, residual = nnls(matrix, wanted)
    if residual > _BALANCE * wanted.sum():
        return None
    # Shares count cation sites: a formula unit of AgInS2 replaces two of ZnS.
    sites = counts * np.array([_cations(row.material) for row in rows])
    found = zip(rows, sites / sites.sum(), strict=True)
    return tuple((row, float(share)) for row, share in found if share > _NO_SHARE)


def _cations(material: str) -> float:
    charges = charges_of(material)
    return float(sum(amount for element, amount in amounts_of(material).items() if charges[element] > 0))


def _material(name: str, shares: Shares) -> Material:
    bowing, sigma = _bowing(shares)
    metals: dict[str, float] = {}
    charges: dict[str, float] = {}
    for row, share in shares:
        states = charges_of(row.material)
        cations = {e: x for e, x in amounts_of(row.material).items() if states[e] > 0 and is_metal(e)}
        # The lattice of a perovskite is the lead halide; the A site is a spectator.
        strongest = max(states[e] for e in cations)
        for element, amount in cations.items():
            if row.system == "perovskite" and states[element] < strongest:
                continue
            metals[element] = metals.get(element, 0.0) + amount * share
            charges[element] = states[element]
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


def _bowing(shares: Shares) -> tuple[float, float]:
    """Narrowing of the gap by verified bowing, and what unverified or unknown bowing could be, eV."""
    applied = uncertain = 0.0
    for index, (first, x) in enumerate(shares):
        for second, y in shares[index + 1 :]:
            if not elements_of(first.material) & elements_of(second.material):
                continue  # CdSe and ZnS: their mixing is counted with CdS and ZnSe
            row = alloys().get(frozenset((first.material, second.material)))
            bowing_ev = DEFAULT_BOWING_EV if row is None or row.bowing_ev is None else row.bowing_ev
            if row is not None and row.quality == "verified":
                applied += bowing_ev * x * y
            else:
                uncertain += bowing_ev * x * y
    return applied, uncertain
