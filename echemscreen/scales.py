"""Electrode scales: the only place that knows a reference constant or a sign.

Potentials are kept in volt against the standard hydrogen electrode (SHE). Every other scale is a
row of ``band_data/reference_electrodes.csv`` with its citation: ``offset_v_she`` is what must be
*added* to a potential on that scale to have it against SHE. The vacuum scale counts electron
energies in eV, ``E(vacuum) = -(U(SHE) + 4.44)`` with the absolute electrode potential of
S. Trasatti, Pure Appl. Chem. 58, 955 (1986).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from echemscreen.errors import InputError
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceElectrode:
    """A row of ``reference_electrodes.csv``."""

    scale: str
    label: str
    solvent: str
    offset_v_she: float
    uncertainty_v: float
    junction_sigma_v: float
    """What its junction adds to a potential in an organic solvent; zero where there is none, or where so many
    of its potentials in organic solvents are known that it is absorbed."""
    citation: str
    locator: str
    note: str

    @property
    def source(self) -> Citation:
        """Where the offset is from."""
        return Citation(source=self.citation, locator=self.locator)


@lru_cache(maxsize=1)
def reference_electrodes() -> dict[str, ReferenceElectrode]:
    """All scales by their short name (``she``, ``vacuum``, ``sce`` ...): what an axis may be against."""
    rows = read_rows("band_data", "reference_electrodes.csv", ReferenceElectrode)
    return {row.scale: row for row in rows}


def electrode(scale: str) -> ReferenceElectrode:
    """The row of one scale.

    Raises
    ------
    InputError
        if the scale has no row.
    """
    rows = reference_electrodes()
    if scale not in rows:
        raise InputError(f"Unknown reference scale '{scale}'.", f"Known scales: {', '.join(rows)}.")
    return rows[scale]


def she_from(value: float, scale: str) -> float:
    """Convert to volt vs SHE.

    Parameters
    ----------
    value
        A potential in V on ``scale``; for ``vacuum`` an electron energy in eV (negative for a
        bound electron).
    scale
        A name of ``reference_electrodes.csv``.

    Examples
    --------
    >>> round(she_from(-0.9, "sce"), 3)
    -0.659
    >>> round(she_from(-4.44, "vacuum"), 3)
    0.0
    """
    offset = electrode(scale).offset_v_she
    return -value + offset if scale == "vacuum" else value + offset


def from_she(value_v_she: float, scale: str) -> float:
    """Convert from volt vs SHE to another scale; the inverse of :func:`she_from`.

    Examples
    --------
    >>> round(from_she(-0.89, "vacuum"), 2)
    -3.55
    """
    offset = electrode(scale).offset_v_she
    return -(value_v_she - offset) if scale == "vacuum" else value_v_she - offset
