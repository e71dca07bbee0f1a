"""How far a molecule reaches when it is stretched.

Conformers are embedded with ETKDGv3 (S. Wang, J. Witte, G. A. Landrum and S. Riniker, J. Chem. Inf.
Model. 60, 2044 (2020)) and a fixed seed. In the longest of them, as it is and with its chain anti, every
rotatable bond between the two atoms is then turned to the angle that takes them furthest apart without a
clash, until nothing is gained: random conformers of a chain are coiled, and their maximum alone would
depend on their number. Bonds of conjugated systems (esters, amides, enones) are left as embedded.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations, product

import numpy as np
from rdkit import Chem, rdBase
from rdkit.Chem import rdDistGeom, rdMolTransforms

from echemscreen.errors import EmbeddingError, StructureError
from echemscreen.ligands.atoms import is_metal
from echemscreen.ligands.groups import anchors_in
from echemscreen.ligands.reading.smiles import shorten
from echemscreen.records.molecules import FloatArray

_SEED = 20200218
_CONFORMERS = 6
#: Attempts of one embedding; a bound on the time of a molecule that has no geometry.
_ATTEMPTS = 30
#: Pairs of reactive atoms that are stretched, the furthest along the bonds first.
_PAIRS = 6
_ANGLES_DEG = tuple(range(-180, 180, 20))
_SWEEPS = 4
#: Atoms four or more bonds apart closer than this part of their van der Waals distance clash.
_CLASH = 0.75
_BONDED = 3
_GAIN_ANG = 0.01
_ANG_PER_NM = 10.0


def stretched_distance_nm(smiles: str, atoms: tuple[int, ...], others: tuple[int, ...] = ()) -> float | None:
    """The longest distance that a stretched molecule can put between two of some atoms.

    Parameters
    ----------
    smiles
        One connected molecule or ion.
    atoms
        Indices, in the order of the SMILES, of the atoms to take apart.
    others
        If given, each of ``atoms`` is taken from each of these, and not from one another.

    Returns
    -------
    float or None
        In nm; the same for every order of the atoms of one canonical SMILES. ``None`` if there are
        fewer than two different atoms.

    Raises
    ------
    EmbeddingError
        if no three-dimensional geometry is found.
    """
    with rdBase.BlockLogs():
        bare = Chem.MolFromSmiles(smiles)
        if bare is None:
            raise StructureError(f"'{shorten(smiles)}' cannot be read.", "Check the SMILES.", "unparsable")
        pairs = _distinct_pairs(bare, atoms, others)
        if not pairs:
            return None
        mol = Chem.AddHs(bare)
        conformers = _embedded(mol, smiles)
        return max(_stretched_ang(mol, conformers, *pair) for pair in pairs) / _ANG_PER_NM


@lru_cache(maxsize=64)
def ligand_length_nm(smiles: str) -> float:
    """Length of a stretched ligand, from its strongest donor atom to the heavy atom furthest from it.

    Parameters
    ----------
    smiles
        A ligand with an anchor; without one, the two heavy atoms furthest apart along the bonds count.

    Returns
    -------
    float
        In nm, between the nuclei; 0 for a single heavy atom.
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(smiles)
        if mol is None or not mol.GetNumAtoms():
            raise StructureError(f"'{shorten(smiles)}' cannot be read.", "Check the SMILES.", "unparsable")
        anchors = anchors_in(mol, weak=True)
        steps = Chem.GetDistanceMatrix(mol)
        start = int(anchors[0].atoms[0]) if anchors else int(np.unravel_index(steps.argmax(), steps.shape)[0])
        ends = tuple(int(index) for index in np.flatnonzero(steps[start] == steps[start].max()))
    return stretched_distance_nm(smiles, (start,), ends) or 0.0


def _distinct_pairs(
    mol: Chem.Mol, atoms: tuple[int, ...], others: tuple[int, ...]
) -> tuple[tuple[int, int], ...]:
    """One pair of each symmetry class, the furthest along the bonds first."""
    ranks = list(Chem.CanonicalRankAtoms(mol, breakTies=False))
    steps = Chem.GetDistanceMatrix(mol)
    chosen: dict[tuple[float, int, int], tuple[int, int]] = {}
    pairs = product(atoms, others) if others else combinations(atoms, 2)
    for i, j in pairs:
        if i != j:
            low, high = sorted((ranks[i], ranks[j]))
            chosen.setdefault((-float(steps[i, j]), low, high), (i, j))
    return tuple(chosen[key] for key in sorted(chosen))[:_PAIRS]


def _embedded(mol: Chem.Mol, smiles: str) -> tuple[int, ...]:
    if any(is_metal(atom) for atom in mol.GetAtoms()):
        raise EmbeddingError(
            f"'{shorten(smiles)}' has a metal, and its reach is not measured.", "Give the ligand without it."
        )
    for random_coordinates in (False, True):
        settings = rdDistGeom.ETKDGv3()
        choices = {
            "randomSeed": _SEED,
            "useRandomCoords": random_coordinates,
            "maxIterations": _ATTEMPTS,
            "numThreads": 1,
        }
        for name, value in choices.items():
            setattr(settings, name, value)
        rdDistGeom.EmbedMultipleConfs(mol, _CONFORMERS, settings)
        found = tuple(conformer.GetId() for conformer in mol.GetConformers())
        if found:
            return found
    raise EmbeddingError(
        f"No three-dimensional geometry was found for '{shorten(smiles)}'.",
        "Check its stereo centres and rings.",
    )


def _stretched_ang(mol: Chem.Mol, conformers: tuple[int, ...], first: int, second: int) -> float:
    """The better of two climbs: from the longest conformer, and from it with every torsion anti."""
    best = max(conformers, key=lambda index: (_apart_ang(mol.GetConformer(index), first, second), -index))
    torsions, closest = _torsions(mol, first, second), _closest_ang(mol)
    embedded, anti = (Chem.Conformer(mol.GetConformer(best)) for _ in range(2))
    for torsion in torsions:
        rdMolTransforms.SetDihedralDeg(anti, *torsion, 180.0)
    allowed = _clashes(embedded, closest)
    starts = [embedded] if _clashes(anti, closest) > allowed else [embedded, anti]
    return max(_climb(start, torsions, closest, allowed, (first, second)) for start in starts)


def _climb(
    conformer: Chem.Conformer,
    torsions: list[tuple[int, int, int, int]],
    closest_ang: FloatArray,
    allowed: int,
    pair: tuple[int, int],
) -> float:
    """Turn one torsion after the other to where the pair is furthest apart; changes the conformer."""
    reached = _apart_ang(conformer, *pair)
    for _ in range(_SWEEPS):
        before = reached
        for torsion in torsions:
            kept = rdMolTransforms.GetDihedralDeg(conformer, *torsion)
            for angle in _ANGLES_DEG:
                rdMolTransforms.SetDihedralDeg(conformer, *torsion, float(angle))
                now = _apart_ang(conformer, *pair)
                if now > reached + _GAIN_ANG and _clashes(conformer, closest_ang) <= allowed:
                    reached, kept = now, float(angle)
            rdMolTransforms.SetDihedralDeg(conformer, *torsion, kept)
        if reached - before < _GAIN_ANG:
            break
    return reached


def _apart_ang(conformer: Chem.Conformer, first: int, second: int) -> float:
    return float(rdMolTransforms.GetBondLength(conformer, first, second))


def _torsions(mol: Chem.Mol, first: int, second: int) -> list[tuple[int, int, int, int]]:
    """Torsions around the rotatable bonds on the shortest path between two atoms."""
    path = Chem.GetShortestPath(mol, first, second) if first != second else ()
    found = []
    for a, b, c, d in zip(path, path[1:], path[2:], path[3:], strict=False):
        bond = mol.GetBondBetweenAtoms(b, c)
        single = bond.GetBondType() == Chem.BondType.SINGLE
        if single and not bond.IsInRing() and not bond.GetIsConjugated():
            found.append((a, b, c, d))
    return found


def _closest_ang(mol: Chem.Mol) -> FloatArray:
    """Least distances of atoms that are four or more bonds apart; zero for nearer ones."""
    table = Chem.GetPeriodicTable()
    radii = np.array([table.GetRvdw(atom.GetAtomicNum()) for atom in mol.GetAtoms()])
    least: FloatArray = np.where(
        Chem.GetDistanceMatrix(mol) > _BONDED, _CLASH * (radii[:, None] + radii[None, :]), 0.0
    )
    return least


def _clashes(conformer: Chem.Conformer, closest_ang: FloatArray) -> int:
    positions = conformer.GetPositions()
    apart = np.sqrt(((positions[:, None, :] - positions[None, :, :]) ** 2).sum(axis=2))
    return int(np.count_nonzero(apart < closest_ang))
