"""What oxygen leaves of the links of a crosslinker in air.

An intermediate that has equilibrated its spin states meets oxygen as a triplet before it inserts into C-H:
of one arm

.. math:: s = k / (k + x_T k_{O_2} [O_2])

of the intermediates still link, with the rate of linking :math:`k` of ``oxygen_competition.csv`` and the
share :math:`x_T` of the triplet, which follows from the spin gap. A bridge needs two arms. An intermediate
whose singlet links before it crosses over keeps its links. A class without a row is unknown.

The rows scatter over decades, and so does the answer: ``sigma_decades`` is the standard deviation of
``log10(k_{O2} [O2] / k)``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import constants

from echemscreen.errors import TableError
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

_KT_KCAL_MOL = constants.R * 298.15 / constants.calorie / 1000.0
#: In the table: a value that holds for every intermediate.
_ANY = "any"


@dataclass(frozen=True, slots=True, kw_only=True)
class OxygenRow:
    """A row of ``oxygen_competition.csv``."""

    intermediate: str
    quantity: str
    """``links_from``, ``link_lifetime``, ``oxygen_rate`` or ``oxygen_concentration``."""
    value: float | None
    sigma_decades: float | None
    unit: str
    """Of ``links_from`` the state: ``singlet`` or ``triplet reservoir``."""
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OxygenCompetition:
    """Oxygen against the link of one kind of intermediate."""

    ratio: float
    """Rate of the reaction with oxygen over that of linking; zero if they do not compete."""
    sigma_decades: float
    n_arms: int
    citations: tuple[Citation, ...]

    def bridges_left(self, shift_sigmas: float = 0.0) -> float:
        """Share of the crosslinkers that still link by two arms or more.

        Parameters
        ----------
        shift_sigmas
            Standard deviations by which the ratio is larger than thought.

        Examples
        --------
        >>> OxygenCompetition(ratio=1.0, sigma_decades=1.0, n_arms=2, citations=()).bridges_left()
        0.25
        """
        arm = 1.0 / (1.0 + self.ratio * 10.0 ** (self.sigma_decades * shift_sigmas))
        lost = 1.0 - arm
        return float(1.0 - lost**self.n_arms - self.n_arms * arm * lost ** (self.n_arms - 1))


def oxygen_competition(
    intermediate: str, n_arms: int, spin_gap_kcal_mol: float | None = None
) -> OxygenCompetition | None:
    """What oxygen does to the links of an intermediate; ``None`` if no row tells.

    Parameters
    ----------
    intermediate
        Its class, as of its spin gap: ``arylcarbene``, ``arylnitrene``.
    n_arms
        Arms of the crosslinker that form it, at least two.
    spin_gap_kcal_mol
        ``E(singlet) - E(triplet)``; without it all are triplets.

    Raises
    ------
    TableError
        if a row of the class is missing or has no number.
    """
    rows = [row for row in oxygen_rows() if row.intermediate in {intermediate, _ANY}]
    state = next((row for row in rows if row.quantity == "links_from"), None)
    if state is None:
        return None
    cited = tuple(
        dict.fromkeys(Citation(source=row.citation, locator=row.locator) for row in rows if row.citation)
    )
    if state.unit == "singlet":
        return OxygenCompetition(ratio=0.0, sigma_decades=0.0, n_arms=n_arms, citations=cited)
    lifetime, lifetime_sigma = _log10(rows, "link_lifetime", intermediate)
    rate, rate_sigma = _log10(rows, "oxygen_rate", intermediate)
    oxygen, oxygen_sigma = _log10(rows, "oxygen_concentration", intermediate)
    return OxygenCompetition(
        ratio=triplet_share(spin_gap_kcal_mol) * 10.0 ** (lifetime + rate + oxygen),
        sigma_decades=math.sqrt(lifetime_sigma**2 + rate_sigma**2 + oxygen_sigma**2),
        n_arms=n_arms,
        citations=cited,
    )


def triplet_share(spin_gap_kcal_mol: float | None) -> float:
    """Share of the triplet in equilibrium at 298 K, its three sublevels included; 1 without a gap.

    Examples
    --------
    >>> triplet_share(0.0)
    0.75
    """
    if spin_gap_kcal_mol is None:
        return 1.0
    return float(1.0 / (1.0 + math.exp(-spin_gap_kcal_mol / _KT_KCAL_MOL) / 3.0))


@lru_cache(maxsize=1)
def oxygen_rows() -> tuple[OxygenRow, ...]:
    """Every row of ``oxygen_competition.csv``."""
    return read_rows("ligand_library", "oxygen_competition.csv", OxygenRow)


def _log10(rows: list[OxygenRow], quantity: str, intermediate: str) -> tuple[float, float]:
    """Mean of the decadic logarithms of some rows, and its uncertainty: their scatter and their own."""
    found = [row for row in rows if row.quantity == quantity]
    logs = [math.log10(row.value) for row in found if row.value]
    sigmas = [row.sigma_decades for row in found if row.sigma_decades is not None]
    if not logs or len(logs) != len(found) or len(sigmas) != len(found):
        raise TableError(
            f"oxygen_competition.csv: '{quantity}' of '{intermediate}' has no number.", "Complete its rows."
        )
    return float(np.mean(logs)), math.hypot(float(np.std(logs)), max(sigmas))
