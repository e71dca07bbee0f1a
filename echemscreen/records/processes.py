"""What a carrier does to a molecule: it is reduced by an electron, or oxidised by a hole.

Every sign that follows from it is said here, once.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from echemscreen.quantities import Bound


class Process(StrEnum):
    """One electron to or from a species; in tables it is written ``reduction`` or ``oxidation``.

    >>> Process.REDUCTION.symbol, Process.REDUCTION.edge, Process.OXIDATION.electrons
    ('E_red', 'cbm', -1)
    """

    REDUCTION = "reduction"
    OXIDATION = "oxidation"

    @property
    def opposite(self) -> Process:
        """What undoes it."""
        return Process.OXIDATION if self is Process.REDUCTION else Process.REDUCTION

    @property
    def electrons(self) -> int:
        """The electrons that are added: 1 or -1."""
        return 1 if self is Process.REDUCTION else -1

    @property
    def sign(self) -> float:
        """Of ``level - edge``, in V, so that the drive comes out positive where the carrier goes."""
        return float(self.electrons)

    @property
    def symbol(self) -> str:
        """Of its potential: ``E_red`` or ``E_ox``."""
        return "E_red" if self is Process.REDUCTION else "E_ox"

    @property
    def edge(self) -> Literal["cbm", "vbm"]:
        """The band edge that its carrier comes from."""
        return "cbm" if self is Process.REDUCTION else "vbm"

    @property
    def carrier(self) -> Literal["electron", "hole"]:
        """What the dot gives."""
        return "electron" if self is Process.REDUCTION else "hole"

    @property
    def participle(self) -> str:
        """What the molecule is afterwards."""
        return "reduced" if self is Process.REDUCTION else "oxidised"

    @property
    def outwards(self) -> Bound:
        """Where a one-sided level lies: a reduction at most at its value, an oxidation at least."""
        return "at most" if self is Process.REDUCTION else "at least"

    def innermost(self, *levels_v_she: float) -> float:
        """The level that lies nearest to the gap, which is the one that its carrier reaches first."""
        return (max if self is Process.REDUCTION else min)(levels_v_she)


PROCESSES = (Process.REDUCTION, Process.OXIDATION)
