"""Where the relaxation of an ion starts.

The geometry of the parent is near the ion's in all but one class: the extra electron bends an azide at its
middle nitrogen, and the straight azide is a minimum of its own for GFN2-xTB, up to 0.15 eV above the bent
one. Density-functional theory sets them further apart.
"""

from __future__ import annotations

import numpy as np
from ase import Atoms

from echemscreen.engines.relax import BONDED_FACTOR, reduced_distances
from echemscreen.records.molecules import FloatArray, Geometry
from echemscreen.records.processes import Process

#: Angle at the middle nitrogen from which a reduced azide is relaxed, degrees.
_BENT_DEG = 130.0
#: Its outer bond, between the double and the triple one of the parent, angstrom.
_OUTER_BOND_ANG = 1.20


def ion_start(parent: Geometry, process: Process) -> Geometry:
    """The start geometry of an ion: the parent's, with azides bent for a reduction."""
    azides = _azides(parent) if process == Process.REDUCTION else []
    if not azides:
        return parent
    positions = np.array(parent.positions_ang)
    for neighbour, first, middle, last in azides:
        positions[last] = _bent(positions, neighbour, first, middle)
    return Geometry(symbols=parent.symbols, positions_ang=positions, site_atoms=parent.site_atoms)


def _azides(geometry: Geometry) -> list[tuple[int, int, int, int]]:
    """What carries each azide, and its three nitrogens from there."""
    symbols = geometry.symbols
    bonded = reduced_distances(geometry) < BONDED_FACTOR
    np.fill_diagonal(bonded, val=False)
    neighbours = [np.flatnonzero(row).tolist() for row in bonded]
    found = []
    for last, around in enumerate(neighbours):
        if symbols[last] != "N" or len(around) != 1:
            continue
        middle = around[0]
        if symbols[middle] != "N" or len(neighbours[middle]) != 2:  # noqa: PLR2004 - a chain
            continue
        first = next(item for item in neighbours[middle] if item != last)
        carriers = [item for item in neighbours[first] if item != middle]
        if symbols[first] == "N" and len(carriers) == 1:
            found.append((carriers[0], first, middle, last))
    return found


def _bent(positions: FloatArray, neighbour: int, first: int, middle: int) -> FloatArray:
    """Where the last nitrogen lies: in the plane of what carries the azide, away from it."""
    chain = Atoms("CNNN", [*positions[[neighbour, first, middle]], positions[middle] + (0.1, 0.2, 0.3)])
    chain.set_distance(2, 3, _OUTER_BOND_ANG, fix=0)
    chain.set_angle(1, 2, 3, _BENT_DEG, mask=[0, 0, 0, 1])
    chain.set_dihedral(0, 1, 2, 3, 180.0, mask=[0, 0, 0, 1])
    found: FloatArray = chain.positions[3]
    return found
