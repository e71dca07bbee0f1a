"""What moves a potential that was measured in one medium into another.

Molecules that were measured in both tell it. Their shifts lie on a line in the charge of the oxidised form:
an electron changes the square of that charge by an amount linear in it, and with that the energy in a
continuum (M. Born, Z. Phys. 1, 45 (1920)). Water holds an anion better than acetonitrile does, and so moves
the reduction of a neutral molecule one way and that of a dication the other.
"""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

#: Molecules measured in two media from which one is moved into the other, and the least scatter of that, V.
_LEAST_PAIRS, _LEAST_SCATTER_V = 3, 0.03
#: The charge at the end of a bracket atom of a SMILES (OpenSMILES specification, section 3.1).
_CHARGE = re.compile(r"\[[^\]]*?([+-]+)(\d*)(?::\d+)?\]")


class MeasuredIn(Protocol):
    """A measured potential and the medium it was measured in."""

    @property
    def smiles(self) -> str:
        """Canonical structure."""
        ...

    @property
    def process(self) -> str:
        """``reduction`` or ``oxidation``."""
        ...

    @property
    def solvent(self) -> str:
        """Medium."""
        ...

    @property
    def value_v_she(self) -> float:
        """Against the hydrogen electrode, V."""
        ...

    @property
    def noise_v(self) -> float:
        """Its standard deviation, V."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumTerm:
    """What is added to a potential of one medium, V: a line in the charge of the oxidised form."""

    mean_shift_v: float
    """Of the pairs."""
    slope_v: float
    """For each elementary charge; 0 where all pairs have one charge."""
    mean_charge: float
    scatter_v: float
    """Of the pairs about the line."""
    slope_sigma_v: float
    charges: tuple[int, int]
    """Lowest and highest of the pairs: nothing is known of others."""
    n_pairs: int

    def knows(self, charge: int) -> bool:
        """Whether a couple of that charge lies between those that were measured in both media."""
        return self.charges[0] <= charge <= self.charges[1]

    def shift_v(self, charge: int) -> float:
        """What is added for a couple whose oxidised form has that charge, V."""
        return self.mean_shift_v + self.slope_v * (charge - self.mean_charge)

    def sigma_v(self, charge: int) -> float:
        """Its standard deviation, V."""
        return math.hypot(self.scatter_v, self.slope_sigma_v * (charge - self.mean_charge))


def media_terms(rows: Sequence[MeasuredIn], into: str) -> dict[str, MediumTerm]:
    """The media that can be moved into another: those that share molecules and processes with it."""
    there = {(row.smiles, row.process): row for row in rows if row.solvent == into}
    found = {}
    for solvent in sorted({row.solvent for row in rows} - {into}):
        pairs = [
            (row, there[row.smiles, row.process])
            for row in rows
            if row.solvent == solvent and (row.smiles, row.process) in there
        ]
        if len(pairs) >= _LEAST_PAIRS:
            found[solvent] = _term(pairs)
    return found


def _term(pairs: Sequence[tuple[MeasuredIn, MeasuredIn]]) -> MediumTerm:
    charges = np.array([oxidised_charge(row.smiles, row.process) for row, _ in pairs], dtype=np.float64)
    shifts = np.array([other.value_v_she - row.value_v_she for row, other in pairs])
    away = charges - charges.mean()
    spread = float(away @ away)
    slope = float(away @ shifts) / spread if spread else 0.0
    left = shifts - shifts.mean() - slope * away
    noise = statistics.fmean(math.hypot(row.noise_v, other.noise_v) for row, other in pairs)
    return MediumTerm(
        mean_shift_v=float(shifts.mean()),
        slope_v=slope,
        mean_charge=float(charges.mean()),
        scatter_v=max(math.sqrt(float(left @ left) / (len(pairs) - (2 if spread else 1))), _LEAST_SCATTER_V),
        slope_sigma_v=noise / math.sqrt(spread) if spread else 0.0,
        charges=(int(charges.min()), int(charges.max())),
        n_pairs=len(pairs),
    )


def oxidised_charge(smiles: str, process: str) -> int:
    """The charge of the oxidised form of a molecule's couple: its own, one more where it is oxidised."""
    return net_charge(smiles) + (process == "oxidation")


def net_charge(smiles: str) -> int:
    """The sum of the charges that a SMILES writes."""
    return sum(
        (1 if signs[0] == "+" else -1) * (int(number) if number else len(signs))
        for signs, number in _CHARGE.findall(smiles)
    )
