r"""How the lattice screens electron and hole of a dot: between the optical and the static permittivity.

In a small dot both carriers move faster than the lattice follows and only electrons screen; in a large one
the lattice screens as well. H. Haken, Nuovo Cimento 3, 1230 (1956), gives the potential of a pair at the
distance :math:`r` whose carriers each drag a cloud of longitudinal optical phonons of the energy
:math:`E_{LO}`,

.. math:: \frac{1}{\epsilon(r)} = \frac{1}{\epsilon_s} + \frac{1}{2}\left(\frac{1}{\epsilon_\infty}
          - \frac{1}{\epsilon_s}\right) \left(e^{-r/\rho_e} + e^{-r/\rho_h}\right), \qquad
          \rho = \sqrt{\hbar^2 / (2 m E_{LO})} .

The distance is that of the two 1S densities of a deep well, :math:`\langle 1/r \rangle = 1.786 / R` (L. E.
Brus, J. Chem. Phys. 80, 4403 (1984)). No number is fitted. A compound without a row in ``phonons.csv`` keeps
the permittivity of ``semiconductors.csv``: lead salts and perovskites, whose effective values were derived
from dots, and compounds of which only one permittivity is known.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from echemscreen.dots.materials import Material, SemiconductorRow
from echemscreen.dots.sizes.confinement import KINETIC_EV_NM2
from echemscreen.reference_tables import read_rows

#: Radius of a deep well over the mean distance of its 1S electron and hole (Brus 1984).
RADIUS_TO_DISTANCE = 1 / 1.786


@dataclass(frozen=True, slots=True, kw_only=True)
class PhononRow:
    """A row of ``phonons.csv``: the longitudinal optical phonon at the zone centre."""

    material: str
    phonon_ev: float
    quality: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def phonons() -> Mapping[str, PhononRow]:
    """The phonons by their compound."""
    return {row.material: row for row in read_rows("band_data", "phonons.csv", PhononRow)}


def pair_permittivity(row: SemiconductorRow, distance_nm: float) -> float:
    """Relative permittivity between an electron and a hole of a compound at a distance."""
    phonon = phonons().get(row.material)
    if phonon is None or row.optical_permittivity is None:
        return row.screening
    hole_mass = row.hole_mass if row.core_hole_mass is None else row.core_hole_mass
    clouds = sum(
        math.exp(-distance_nm / math.sqrt(KINETIC_EV_NM2 / (mass * phonon.phonon_ev)))
        for mass in (row.electron_mass, hole_mass)
    )
    lattice = 1 / row.optical_permittivity - 1 / row.permittivity
    return 1 / (1 / row.permittivity + 0.5 * lattice * clouds)


@lru_cache(maxsize=4096)
def screened(material: Material, diameter_nm: float) -> Material:
    """The material of a core with the permittivity that a pair meets in a dot of that diameter."""
    distance_nm = 0.5 * diameter_nm * RADIUS_TO_DISTANCE
    return replace(
        material,
        binaries=tuple(
            (replace(row, optical_permittivity=pair_permittivity(row, distance_nm)), share)
            for row, share in material.binaries
        ),
    )
