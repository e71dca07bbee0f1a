"""The criteria that crosslinkers are compared by, and what a user prefers of each.

A criterion is turned into a desirability between 0 (at its ``worst`` value or beyond) and 1 (at its
``best`` or beyond).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from echemscreen.records.processes import Process

#: Criteria that follow from carriers and levels: sampled, not spread by a sigma of their own.
CARRIER_CRITERIA: dict[Process, str] = {Process.REDUCTION: "p_reduction", Process.OXIDATION: "p_oxidation"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A property that candidates are compared by."""

    name: str
    unit: str
    """Blank for a number without a unit."""
    better: Literal["lower", "higher"]
    title: str
    source: str
    """How the number is known."""


_LEVELS, _STRUCTURE, _CLASS, _COMPUTED = (
    "levels of the deciding members",
    "structure",
    "cited rows of the arms' class",
    "computed, corrected by class",
)
#: Name, unit, better end, title and source of each criterion.
_TABLE: tuple[tuple[str, str, Literal["lower", "higher"], str, str], ...] = (
    ("p_reduction", "", "lower", "P(electron)", _LEVELS),
    ("p_oxidation", "", "lower", "P(hole)", _LEVELS),
    ("p_exciton_trap", "", "lower", "P(exciton)", "triplet energy against the dot's exciton"),
    ("epsilon_at_lamp_per_m_cm", "1/(M cm)", "higher", "absorption", "computed spectrum"),
    ("dose_class", "", "lower", "dose class", _CLASS),
    ("insertion_class", "", "lower", "C-H insertion", _CLASS),
    ("o2_reaction_kcal_mol", "kcal/mol", "higher", "O2 reaction", _COMPUTED),
    ("bridges_in_air", "", "higher", "links in air", "cited rates of the intermediate's class"),
    ("spin_gap_kcal_mol", "kcal/mol", "lower", "spin gap", _COMPUTED),
    ("n2_release_kcal_mol", "kcal/mol", "lower", "N2 release", _COMPUTED),
    ("reach_ratio", "", "higher", "reach/ligand", "stretched geometry, against the native ligand"),
    ("n_arms", "", "higher", "arms", _STRUCTURE),
    ("thermal_class", "", "lower", "heat class", _CLASS),
    ("nitrogen_rich", "", "lower", "N-rich", "ratio rule and rule of six for azides"),
    ("molar_mass_da", "Da", "lower", "mass", _STRUCTURE),
    ("log_p", "", "higher", "log P", "Crippen's estimate"),
    ("synthetic_accessibility", "", "lower", "synthesis", "Ertl and Schuffenhauer's score"),
)
CRITERIA: tuple[Criterion, ...] = tuple(
    Criterion(name=name, unit=unit, better=better, title=title, source=source)
    for name, unit, better, title, source in _TABLE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """How much a criterion counts, and between which values."""

    weight: float
    worst: float
    best: float
    log: bool = False

    def desirability(self, value: float) -> float:
        """0 at ``worst`` or beyond, 1 at ``best`` or beyond."""
        if self.log:
            # Nothing at all is as bad as the worst.
            value = max(value, 0.0)
            position = -math.inf if value == 0.0 else math.log10(value)
            low, high = math.log10(self.worst), math.log10(self.best)
        else:
            position, low, high = value, self.worst, self.best
        return min(1.0, max(0.0, (position - low) / (high - low)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What a ranking is asked for."""

    criteria: Mapping[str, Preference]
    pareto: tuple[str, ...]
    samples: int = 1000
