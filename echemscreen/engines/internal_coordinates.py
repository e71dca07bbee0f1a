"""Redundant internal coordinates: bonds, angles, linear bends and torsions, and a guess of their stiffness.

In these coordinates the surface of a molecule is nearly a sum of independent springs, so that a
relaxation needs a third of the gradients that it needs in Cartesian ones (P. Pulay and G. Fogarasi,
J. Chem. Phys. 96, 2856 (1992)). Stiffness is the model of T. H. Fischer and J. Almloef, J. Phys.
Chem. 96, 9768 (1992): it needs distances and covalent radii (B. Cordero et al., Dalton Trans. 2832
(2008), as in ASE) and no parameters for an element. Everything is an array operation: of a molecule
of 50 atoms the algebra must stay far below the 0.03 s of a tight-binding gradient.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, product

import numpy as np
import numpy.typing as npt
from ase.data import atomic_numbers, covalent_radii
from ase.units import Bohr, Hartree

from echemscreen.records.molecules import FloatArray

IndexArray = npt.NDArray[np.int64]

#: Atoms nearer than this times the sum of their covalent radii are bonded here.
CONTACT_FACTOR = 1.30
#: Angles above this have no torsion and bend in two directions, rad.
LINEAR_RAD = np.radians(170.0)
#: Where a bend becomes too straight for its coordinate, and a linear bend too bent for its own.
_STRAIGHTENED_RAD, _BENT_RAD = np.radians(176.0), np.radians(150.0)
_PLANAR_NEIGHBOURS = 3


class InternalCoordinates:
    """The internal coordinates of one connectivity; lengths in angstrom, angles in rad."""

    def __init__(self, symbols: Sequence[str], positions_ang: FloatArray) -> None:
        self._n_atoms = len(symbols)
        self._radii = covalent_radii[[atomic_numbers[symbol] for symbol in symbols]]
        bonds = _bonds(positions_ang, self._radii)
        neighbours: list[list[int]] = [[] for _ in symbols]
        for a, b in bonds:
            neighbours[a].append(b)
            neighbours[b].append(a)
        angles, linear = _angles(positions_ang, neighbours)
        torsions = [
            *_torsions(positions_ang, bonds, neighbours, linear),
            *_out_of_plane(positions_ang, neighbours),
        ]
        self._bonds = np.array(bonds, dtype=np.int64).reshape(-1, 2)
        self._angles = np.array(angles, dtype=np.int64).reshape(-1, 3)
        # Each linear bend twice, along two directions across the axis.
        self._linear = np.array([item for item in linear for _ in range(2)], dtype=np.int64).reshape(-1, 3)
        self._across = _directions(positions_ang, linear)
        self._torsions = np.array(torsions, dtype=np.int64).reshape(-1, 4)
        sizes = np.cumsum([len(self._bonds), len(self._angles), len(self._linear), len(self._torsions)])
        self._first_torsion = int(sizes[2])
        self._size = int(sizes[3])
        self._degree = np.array([len(found) for found in neighbours])

    def __len__(self) -> int:
        return self._size

    def values(self, positions_ang: FloatArray) -> FloatArray:
        """Coordinates of a geometry."""
        x = positions_ang
        a, b = self._bonds.T
        lengths = np.linalg.norm(x[a] - x[b], axis=1)
        u, _, v, _ = _arms(x, self._angles)
        bends = np.arccos(np.clip((u * v).sum(axis=1), -1.0, 1.0))
        u, _, v, _ = _arms(x, self._linear)
        straight = ((u + v) * self._across).sum(axis=1)
        f, g, _, cross_a, cross_b = _torsion_frames(x, self._torsions)
        sine = -(f * cross_b).sum(axis=1) * np.linalg.norm(g, axis=1)
        turns = np.arctan2(sine, (cross_a * cross_b).sum(axis=1))
        return np.concatenate([lengths, bends, straight, turns])

    def difference(self, new: FloatArray, old: FloatArray) -> FloatArray:
        """``new - old`` with torsions the short way round."""
        change: FloatArray = new - old
        turn = change[self._first_torsion :]
        turn -= 2.0 * np.pi * np.round(turn / (2.0 * np.pi))
        return change

    def derivatives(self, positions_ang: FloatArray) -> FloatArray:
        """Wilson's B matrix, shape (n_coordinates, 3 n_atoms)."""
        x = positions_ang
        matrix = np.zeros((self._size, self._n_atoms, 3))
        row = 0

        def put(indices: IndexArray, *blocks: FloatArray) -> None:
            nonlocal row
            rows = np.arange(row, row + len(indices))
            for atom, block in zip(indices.T, blocks, strict=True):
                matrix[rows, atom] += block
            row += len(indices)

        a, b = self._bonds.T
        between = x[a] - x[b]
        between /= np.linalg.norm(between, axis=1, keepdims=True)
        put(self._bonds, between, -between)

        u, length_u, v, length_v = _arms(x, self._angles)
        cosine = np.clip((u * v).sum(axis=1, keepdims=True), -1.0, 1.0)
        sine = np.maximum(np.sqrt(1.0 - cosine**2), 1e-6)
        first, last = (cosine * u - v) / (length_u * sine), (cosine * v - u) / (length_v * sine)
        put(self._angles, first, -first - last, last)

        u, length_u, v, length_v = _arms(x, self._linear)
        first = (self._across - (self._across * u).sum(axis=1, keepdims=True) * u) / length_u
        last = (self._across - (self._across * v).sum(axis=1, keepdims=True) * v) / length_v
        put(self._linear, first, -first - last, last)

        f, g, h, cross_a, cross_b = _torsion_frames(x, self._torsions)
        norm_g = np.linalg.norm(g, axis=1, keepdims=True)
        over_a = cross_a / np.maximum((cross_a**2).sum(axis=1, keepdims=True), 1e-8)
        over_b = cross_b / np.maximum((cross_b**2).sum(axis=1, keepdims=True), 1e-8)
        along_f = (f * g).sum(axis=1, keepdims=True) / norm_g * over_a
        along_h = (h * g).sum(axis=1, keepdims=True) / norm_g * over_b
        # A. Blondel and M. Karplus, J. Comput. Chem. 17, 1132 (1996), eq. 27.
        first, last = -norm_g * over_a, norm_g * over_b
        put(self._torsions, first, -first + along_f - along_h, -last - along_f + along_h, last)
        return matrix.reshape(self._size, 3 * self._n_atoms)

    def stiffness(self, positions_ang: FloatArray) -> FloatArray:
        """Diagonal of the model Hessian, eV/angstrom^2 or eV/rad^2, always positive."""
        x, radii = positions_ang / Bohr, self._radii / Bohr

        def stretched(i: IndexArray, j: IndexArray) -> tuple[FloatArray, FloatArray]:
            together = radii[i] + radii[j]
            return np.linalg.norm(x[i] - x[j], axis=1), together

        def bend(atoms: IndexArray) -> FloatArray:
            r_ab, c_ab = stretched(atoms[:, 0], atoms[:, 1])
            r_bc, c_bc = stretched(atoms[:, 1], atoms[:, 2])
            far = np.exp(-0.44 * (r_ab + r_bc - c_ab - c_bc))
            found: FloatArray = 0.089 + 0.11 * (c_ab * c_bc) ** 0.42 * far
            return found

        r, c = stretched(self._bonds[:, 0], self._bonds[:, 1])
        stretches = 0.3601 * np.exp(-1.944 * (r - c)) * Hartree / Bohr**2
        r, c = stretched(self._torsions[:, 1], self._torsions[:, 2])
        # Bonds besides the one turned about, shared among the torsions about it.
        others = np.maximum(self._degree[self._torsions[:, 1]] + self._degree[self._torsions[:, 2]] - 2, 1)
        turns = 0.0015 + 14.0 * others**0.57 / (r * c) ** 4 * np.exp(-2.85 * (r - c))
        bends = np.concatenate([bend(self._angles), bend(self._linear)])
        found: FloatArray = np.concatenate([stretches, bends * Hartree, turns * Hartree])
        return np.maximum(found, 1e-3)

    def degenerate(self, positions_ang: FloatArray) -> bool:
        """Whether an angle was straightened, or a straight one bent, so far that a new choice is due."""
        u, _, v, _ = _arms(positions_ang, self._angles)
        if ((u * v).sum(axis=1) < np.cos(_STRAIGHTENED_RAD)).any():
            return True
        u, _, v, _ = _arms(positions_ang, self._linear)
        if ((u * v).sum(axis=1) > np.cos(_BENT_RAD)).any():
            return True
        for triple in (self._torsions[:, :3], self._torsions[:, 1:]):
            u, _, v, _ = _arms(positions_ang, triple)
            if (np.abs((u * v).sum(axis=1)) > -np.cos(_STRAIGHTENED_RAD)).any():
                return True
        return False


def _arms(x: FloatArray, atoms: IndexArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Unit vectors from the middle atom to both ends, each with its length as a column."""
    u, v = x[atoms[:, 0]] - x[atoms[:, 1]], x[atoms[:, 2]] - x[atoms[:, 1]]
    length_u, length_v = np.linalg.norm(u, axis=1, keepdims=True), np.linalg.norm(v, axis=1, keepdims=True)
    return u / length_u, length_u, v / length_v, length_v


def _torsion_frames(
    x: FloatArray, atoms: IndexArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    a, b, c, d = (x[atoms[:, k]] for k in range(4))
    f, g, h = a - b, b - c, d - c
    return f, g, h, np.cross(f, g), np.cross(h, g)


def _bonds(positions_ang: FloatArray, radii: FloatArray) -> list[tuple[int, int]]:
    """Contacts within ``CONTACT_FACTOR``, and the shortest ones that join what they leave apart."""
    distances = np.linalg.norm(positions_ang[:, None] - positions_ang[None], axis=-1)
    reduced = distances / (radii[:, None] + radii[None])
    bonds = [(int(i), int(j)) for i, j in np.argwhere(np.triu(reduced < CONTACT_FACTOR, k=1))]
    part = list(range(len(radii)))

    def join(i: int, j: int) -> None:
        old, new = part[j], part[i]
        part[:] = [new if item == old else item for item in part]

    for i, j in bonds:
        join(i, j)
    while len(set(part)) > 1:
        apart = np.array(part)[:, None] != np.array(part)[None]
        i, j = divmod(int(np.argmin(np.where(apart, reduced, np.inf))), len(radii))
        bonds.append((min(i, j), max(i, j)))
        join(i, j)
    return bonds


def _angle(x: FloatArray, a: int, b: int, c: int) -> float:
    u, v = x[a] - x[b], x[c] - x[b]
    cosine = float(u @ v) / float(np.linalg.norm(u) * np.linalg.norm(v))
    return float(np.arccos(min(1.0, max(-1.0, cosine))))


def _angles(
    x: FloatArray, neighbours: Sequence[Sequence[int]]
) -> tuple[list[tuple[int, int, int]], list[tuple[int, int, int]]]:
    bent: list[tuple[int, int, int]] = []
    linear: list[tuple[int, int, int]] = []
    for b, around in enumerate(neighbours):
        for a, c in combinations(sorted(around), 2):
            (linear if _angle(x, a, b, c) > LINEAR_RAD else bent).append((a, b, c))
    return bent, linear


def _directions(x: FloatArray, linear: Sequence[tuple[int, int, int]]) -> FloatArray:
    """Two unit vectors across the axis of each linear bend."""
    found = []
    for a, _, c in linear:
        axis = (x[c] - x[a]) / np.linalg.norm(x[c] - x[a])
        first = np.cross(axis, np.eye(3)[int(np.argmin(np.abs(axis)))])
        first /= np.linalg.norm(first)
        found += [first, np.cross(axis, first)]
    return np.array(found).reshape(-1, 3)


def _torsions(
    x: FloatArray,
    bonds: Sequence[tuple[int, int]],
    neighbours: Sequence[Sequence[int]],
    linear: Sequence[tuple[int, int, int]],
) -> list[tuple[int, int, int, int]]:
    """Torsions about every bond and across linear chains."""
    straight = {b for _, b, _ in linear if len(neighbours[b]) == 2}  # noqa: PLR2004 - two neighbours, one line

    def end(start: int, away_from: int) -> tuple[int, int]:
        """Follow a linear chain to its first bent atom; that atom and the one before it."""
        before, here = away_from, start
        while here in straight:
            before, here = here, next(n for n in neighbours[here] if n != before)
            if here == start:
                break
        return here, before

    found: dict[tuple[int, int, int, int], None] = {}
    for i, j in bonds:
        (b, before_b), (c, before_c) = end(i, j), end(j, i)
        # Along a linear chain every bond leads to the same pair.
        b, before_b, c, before_c = min((b, before_b, c, before_c), (c, before_c, b, before_b))
        for a, d in product(neighbours[b], neighbours[c]):
            if a in {before_b, c, d} or d in {before_c, b}:
                continue
            if max(_angle(x, a, b, c), _angle(x, b, c, d)) < LINEAR_RAD:
                found[a, b, c, d] = None
    return list(found)


def _out_of_plane(x: FloatArray, neighbours: Sequence[Sequence[int]]) -> list[tuple[int, int, int, int]]:
    """One torsion across every centre of three neighbours: no bend of such a centre leaves its plane."""
    found = []
    for centre, around in enumerate(neighbours):
        if len(around) == _PLANAR_NEIGHBOURS:
            a, b, c = sorted(around)
            if max(_angle(x, a, centre, b), _angle(x, centre, b, c)) < LINEAR_RAD:
                found.append((a, centre, b, c))
    return found
