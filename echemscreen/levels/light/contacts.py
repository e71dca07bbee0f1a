"""Who is bonded to whom, read from a geometry: what levels need where no SMILES is at hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from ase.data import atomic_numbers, covalent_radii

from echemscreen.records.molecules import Geometry

#: Two atoms are bonded below this multiple of the sum of their covalent radii.
BOND_FACTOR = 1.2


def neighbours(geometry: Geometry) -> dict[int, set[int]]:
    """Bonded atoms by covalent radii (B. Cordero et al., Dalton Trans. 2832 (2008), as in ASE)."""
    positions = np.asarray(geometry.positions_ang)
    radii = [covalent_radii[atomic_numbers[symbol]] for symbol in geometry.symbols]
    near: dict[int, set[int]] = {index: set() for index in range(len(radii))}
    for a, b in combinations(range(len(radii)), 2):
        if np.linalg.norm(positions[a] - positions[b]) < BOND_FACTOR * (radii[a] + radii[b]):
            near[a].add(b)
            near[b].add(a)
    return near
