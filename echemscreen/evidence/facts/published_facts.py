"""The facts of ``published_facts.csv``: what a paper found, and whether a computed result agrees.

Verdicts, flags and orders of drives are compared with the rows of a screen, the order of absorption,
spin gaps and the reaction with oxygen with what light does to the molecules.

A fact whose number was measured anew since carries that number
and its source. It comes out if it agrees with what the paper found, or else with the revision; which of
the two it was is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from echemscreen.crosslinkers.photophysics import Photophysics
from echemscreen.errors import TableError
from echemscreen.quantities import magnitude
from echemscreen.reference_tables import read_rows

#: Quantities of light and spin, judged without a screen.
ABSORPTION, SPIN_GAP, OXYGEN = "absorption order", "spin gap", "reaction with O2"
LIGHT = (ABSORPTION, SPIN_GAP, OXYGEN)
#: A range is met if the 90 % interval of the value reaches it.
INTERVAL_SIGMAS = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFact:
    """A row of ``published_facts.csv``."""

    dot: str
    system: str
    """An entry of the library; of an order, entries joined by ``>``."""
    quantity: str
    """``verdict``, ``flag``, ``order``, or one of ``LIGHT``."""
    expected: str
    """Of an absorption order the wavelength, ``365 nm``; of an energy a range, ``2 to 3 kcal/mol``."""
    quick: bool
    citation: str
    locator: str
    note: str
    revised: str
    """Of an energy the range of later work, in the form of ``expected``; empty if there is none."""
    revised_by: str
    """The source of that range."""

    @property
    def systems(self) -> tuple[str, ...]:
        """The entries that must be judged."""
        return tuple(part.strip() for part in self.system.split(">"))


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedFact:
    """A fact and what came out."""

    fact: PublishedFact
    got: str
    ok: bool
    by_revision: bool = False
    """It agrees with the revised number, not with the one that the paper gives."""


def published_facts() -> tuple[PublishedFact, ...]:
    """The facts in file order."""
    return read_rows("ligand_library", "published_facts.csv", PublishedFact)


def judged(fact: PublishedFact, results: Mapping[str, Mapping[str, Any]]) -> CheckedFact:
    """Compare a fact with the result rows of its dot, by name.

    Raises
    ------
    TableError
        if the fact's quantity is unknown.
    """
    row = results[fact.systems[0]]
    if fact.quantity == "verdict":
        got = str(row["verdict"] or row["status"])
        ok = got in {"inert", "undetermined"} if fact.expected == "not active" else got == fact.expected
        levels = (
            f"{got} (P(reduction) {_share(row['p_reduction'])}, P(oxidation) {_share(row['p_oxidation'])})"
        )
        return CheckedFact(fact=fact, got=levels, ok=ok)
    if fact.quantity == "flag":
        flags = str(row["flags"]).split(";")
        return CheckedFact(fact=fact, got=", ".join(flags) or "no flag", ok=fact.expected in flags)
    if fact.quantity == "order":
        drives = [_drive(results[name]) for name in fact.systems]
        ok = all(first > second for first, second in pairwise(drives))
        shown = ", ".join("none" if drive == -np.inf else f"{drive:+.2f} eV" for drive in drives)
        return CheckedFact(fact=fact, got=shown, ok=ok)
    raise TableError(
        f"published_facts.csv, {fact.system}: '{fact.quantity}' is no quantity.",
        f"Write verdict, flag, order, {', '.join(LIGHT)}.",
    )


def _drive(row: Mapping[str, Any]) -> float:
    """Drive of the row's couple, eV; a ligand without a couple comes last."""
    drive = float(row["couple_drive_ev"])
    return -np.inf if np.isnan(drive) else drive


def _share(probability: float) -> str:
    """A probability; that of a level which the row does not have is unknown."""
    return "unknown" if np.isnan(probability) else f"{probability:.2f}"


def judged_light(fact: PublishedFact, lit: Mapping[str, Photophysics]) -> CheckedFact:
    """Compare a fact of ``LIGHT`` with what light does to its systems, by name."""
    if fact.quantity == ABSORPTION:
        found = [lit[name].epsilon_at_lamp_per_m_cm for name in fact.systems]
        known = [value for value in found if value is not None]
        ok = len(known) == len(found) and all(first > second for first, second in pairwise(known))
        shown = ", ".join("unknown" if value is None else f"{value:.0f}" for value in found)
        return CheckedFact(fact=fact, got=f"{shown} 1/(M cm)", ok=ok)
    light = lit[fact.system]
    value, sigma = {
        SPIN_GAP: (light.spin_gap_kcal_mol, light.spin_gap_sigma_kcal_mol),
        OXYGEN: (light.o2_reaction_kcal_mol, light.o2_reaction_sigma_kcal_mol),
    }[fact.quantity]
    if value is None or sigma is None:
        return CheckedFact(fact=fact, got=light.failure or "unknown", ok=False)
    low, high = value - INTERVAL_SIGMAS * sigma, value + INTERVAL_SIGMAS * sigma

    def meets(numbers: tuple[float, ...]) -> bool:
        return low <= numbers[1] and high >= numbers[0]

    by_paper = meets(expected_numbers(fact))
    by_revision = not by_paper and bool(fact.revised) and meets(_numbers(fact, fact.revised))
    return CheckedFact(
        fact=fact,
        got=f"{magnitude(value, sigma, decimals=1)} kcal/mol",
        ok=by_paper or by_revision,
        by_revision=by_revision,
    )


def expected_numbers(fact: PublishedFact) -> tuple[float, ...]:
    """The numbers of an expectation: ``365 nm``, or ``2 to 3 kcal/mol``.

    Raises
    ------
    TableError
        if it is neither.
    """
    return _numbers(fact, fact.expected)


def _numbers(fact: PublishedFact, text: str) -> tuple[float, ...]:
    numbers, _, unit = text.rpartition(" ")
    try:
        found = tuple(float(part) for part in numbers.split(" to "))
    except ValueError:
        found = ()
    if (len(found), unit) != ((1, "nm") if fact.quantity == ABSORPTION else (2, "kcal/mol")):
        raise TableError(
            f"published_facts.csv, {fact.system}: '{text}' is no expectation of '{fact.quantity}'.",
            "Write '365 nm' for an absorption order, '2 to 3 kcal/mol' for an energy.",
        )
    return found
