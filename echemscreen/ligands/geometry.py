"""Start geometries: conformers of molecules, raw embeddings of metal compounds.

Distance geometry is ETKDGv3 (S. Wang, J. Witte, G. A. Landrum and S. Riniker, J. Chem. Inf. Model.
60, 2044 (2020)) with a fixed seed. Molecules without a metal are relaxed and ranked with MMFF94s.
A metal compound is never given to a force field: those of RDKit have no parameters for it and leave
structures on which the self-consistent field fails. Its metal-ligand distances are set to sums of
covalent radii (B. Cordero et al., Dalton Trans. 2832 (2008), as tabulated in ASE) in the embedding.
Saturated chains are stretched: distance geometry curls each of them differently, so that homologues
would differ by their folds instead of by their length.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import combinations

import numpy as np
from ase.data import covalent_radii
from rdkit import Chem, DistanceGeometry, rdBase
from rdkit.Chem import rdDistGeom, rdForceFieldHelpers, rdMolAlign, rdMolTransforms

from echemscreen.errors import EmbeddingError
from echemscreen.ligands.atoms import is_metal
from echemscreen.ligands.organometallics import is_cyclometalated
from echemscreen.ligands.reading.smiles import shorten
from echemscreen.records.molecules import FloatArray, Geometry, Species

_SEED = 20200218
#: Embeddings tried for each conformer asked for, so that the lowest ones can be chosen.
_TRIES_PER_CONFORMER = 4
#: Conformers closer than this (heavy atoms, angstrom) are one.
_PRUNE_RMSD_ANG = 0.3
_MMFF_STEPS = 1000
_CARBON = 6
_SP3 = Chem.HybridizationType.SP3
#: Conjugated atoms in three rings each; coronene, which is flat, has six of them, and C60 sixty.
_RINGS_OF_INNER_ATOM = 3
_INNER_ATOMS_OF_CAGE = 12
#: Half-width of the window around a metal-donor distance, angstrom.
_BOND_WINDOW_ANG = 0.05
#: Closest approach of an atom not bound to the metal, as a multiple of the sum of covalent radii.
_UNBOUND_FACTOR = 1.15
#: Least angle metal-donor-neighbour; below it the neighbour would sit on the metal.
_LEAST_ANGLE = np.radians(95.0)
#: A chain, and its four atoms: a bond between two CH2, at most one end a heteroatom (O-C-C-O is gauche).
_CHAIN = "[!#1]-[CX4;D2;!R]-[CX4;D2;!R]-[!#1]"
_ANTI_DEG = 180.0
#: Atoms more than three bonds apart that come closer than this clash, angstrom.
_CLASH_ANG = 1.6
_NEAR_BONDS = 3


def embed(
    species: Species,
    *,
    n_conformers: int = 1,
    time_limit_s: float = 60.0,
    ligand: Species | None = None,
) -> tuple[Geometry, ...]:
    """Build start geometries, the lowest in MMFF energy first.

    Parameters
    ----------
    species
        What to build; atoms follow its SMILES, hydrogens last.
    n_conformers
        How many different conformers at most; fewer are returned if fewer are found.
    time_limit_s
        Time after which an embedding attempt ends and no other is made, in seconds.
    ligand
        The free ligand of a bound species; the atoms that are not its are the model site.

    Returns
    -------
    tuple of Geometry
        Positions in angstrom; of a metal species as embedded, unrelaxed and unranked.

    Raises
    ------
    EmbeddingError
        if no conformer is found.
    """
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(species.smiles)
        if mol is None:
            raise EmbeddingError(f"'{shorten(species.smiles)}' cannot be read.", "Report this species.")
        _refuse_parts(mol, species)
        site = _site_atoms(mol, ligand)
        mol = Chem.AddHs(mol)
        site += tuple(
            atom.GetIdx()
            for atom in mol.GetAtoms()
            if atom.GetAtomicNum() == 1 and any(n.GetIdx() in site for n in atom.GetNeighbors())
        )
        with_metal = any(is_metal(atom) for atom in mol.GetAtoms())
        conformers = _conformers(mol, n_conformers, time_limit_s, with_metal=with_metal)
        if n_conformers > 1:
            conformers.append(_copy(mol, conformers[0]))
        _stretch(mol, conformers if n_conformers == 1 else conformers[-1:])
        if not with_metal:
            conformers = _relaxed(mol, conformers)
        chosen = _distinct(mol, conformers, n_conformers)
        symbols = tuple(atom.GetSymbol() for atom in mol.GetAtoms())
        return tuple(
            Geometry(
                symbols=symbols,
                positions_ang=np.asarray(mol.GetConformer(index).GetPositions(), dtype=np.float64),
                site_atoms=tuple(sorted(set(site))),
            )
            for index in chosen
        )


def _refuse_parts(mol: Chem.Mol, species: Species) -> None:
    """A complex drawn as its parts, or without its bonds to nitrogen, would be another compound."""
    if len(Chem.GetMolFrags(mol)) == 1 and not is_cyclometalated(mol):
        return
    metals = ", ".join(sorted({atom.GetSymbol() for atom in mol.GetAtoms() if is_metal(atom)}))
    raise EmbeddingError(
        f"'{shorten(species.smiles)}' is one complex of {metals or 'several parts'} whose bonds are not "
        "drawn, and for it there is neither a measured couple nor a model.",
        "Add its couples to ligand_library/measured_potentials.csv.",
    )


def _conformers(mol: Chem.Mol, n_conformers: int, time_limit_s: float, *, with_metal: bool) -> list[int]:
    # A single atom and a diatomic have no second conformer to choose from.
    flexible = mol.GetNumHeavyAtoms() > 1
    tries = n_conformers * _TRIES_PER_CONFORMER if flexible else 1
    started = time.monotonic()
    bounds = _metal_bounds(mol) if with_metal else None
    # Start coordinates from the distance matrix fail on very long chains, where random ones succeed; a
    # cramped complex may need to give up the metal's distances, and what is known of torsions and flat rings
    # contradicts some cumulated double bonds.
    attempts = [(True, False, True), (True, True, True)]
    attempts += [(True, True, False)] * (bounds is not None) + [(False, True, False)]
    for knows_torsions, random_coordinates, use_bounds in attempts:
        plain = not knows_torsions or _is_cage(mol)
        settings = rdDistGeom.EmbedParameters() if plain else rdDistGeom.ETKDGv3()
        choices = {
            "randomSeed": _SEED,
            "useRandomCoords": random_coordinates,
            "timeout": max(1, round(time_limit_s)),
        }
        for name, value in choices.items():
            setattr(settings, name, value)
        if bounds is not None and use_bounds:
            settings.SetBoundsMat(bounds)
        rdDistGeom.EmbedMultipleConfs(mol, tries, settings)
        # A timed-out attempt reports ids that have no conformer: ask the molecule.
        found = [conformer.GetId() for conformer in mol.GetConformers()]
        if found:
            return found
        if time.monotonic() - started > time_limit_s:
            raise EmbeddingError(
                f"No three-dimensional geometry was found for '{_shown(mol)}' within {time_limit_s:g} s.",
                "Check its stereo centres and rings, raise the time limit, or screen a smaller model.",
            )
    raise EmbeddingError(
        f"No three-dimensional geometry was found for '{_shown(mol)}'.",
        "Check its stereo centres and rings, or screen a smaller model.",
    )


def _shown(mol: Chem.Mol) -> str:
    return shorten(str(Chem.MolToSmiles(Chem.RemoveHs(mol))))


def _is_cage(mol: Chem.Mol) -> bool:
    """Whether conjugated atoms close into a curved surface, as those of a fullerene do.

    What is known of torsions and flat rings contradicts such a shape, and distance geometry that is told
    of it searches until its time is over.
    """
    rings = mol.GetRingInfo()
    inner = sum(
        rings.NumAtomRings(atom.GetIdx()) >= _RINGS_OF_INNER_ATOM and atom.GetHybridization() != _SP3
        for atom in mol.GetAtoms()
    )
    return inner >= _INNER_ATOMS_OF_CAGE


def _metal_bounds(mol: Chem.Mol) -> FloatArray | None:
    """RDKit's distance bounds with those around metals replaced; ``None`` if they contradict."""
    bounds = rdDistGeom.GetMoleculeBoundsMatrix(mol, set15bounds=True, useMacrocycle14config=True)
    for metal in filter(is_metal, mol.GetAtoms()):
        i = metal.GetIdx()
        donors = {neighbour.GetIdx() for neighbour in metal.GetNeighbors()}
        # Second neighbours, each with the donor between: a bent M-D-A angle, as lone pairs have it.
        between = {n.GetIdx(): donor for donor in metal.GetNeighbors() for n in donor.GetNeighbors()}
        for other in mol.GetAtoms():
            j = other.GetIdx()
            if j == i:
                continue
            radii = _radii_sum(metal, other)
            upper, lower = (min(i, j), max(i, j)), (max(i, j), min(i, j))
            if j in donors:
                bounds[upper] = radii + _BOND_WINDOW_ANG
                bounds[lower] = radii - _BOND_WINDOW_ANG
            elif j in between:
                first, second = _radii_sum(metal, between[j]), _radii_sum(between[j], other)
                bounds[lower] = np.sqrt(first**2 + second**2 - 2 * first * second * np.cos(_LEAST_ANGLE))
                bounds[upper] = first + second
            else:
                bounds[lower] = max(bounds[lower], radii * _UNBOUND_FACTOR)
                bounds[upper] = max(bounds[upper], bounds[lower] + _BOND_WINDOW_ANG)
    return bounds if DistanceGeometry.DoTriangleSmoothing(bounds) else None


def _radii_sum(first: Chem.Atom, second: Chem.Atom) -> float:
    return float(covalent_radii[first.GetAtomicNum()] + covalent_radii[second.GetAtomicNum()])


def _copy(mol: Chem.Mol, index: int) -> int:
    return int(mol.AddConformer(Chem.Conformer(mol.GetConformer(index)), assignId=True))


def _stretch(mol: Chem.Mol, conformers: Sequence[int]) -> None:
    """Turn every bond of a saturated chain to the anti conformation, unless atoms would clash."""
    heavy = Chem.RemoveHs(mol)  # its atoms keep their indices: hydrogens come last
    chains: dict[tuple[int, int], tuple[int, int, int, int]] = {}
    for a, b, c, d in heavy.GetSubstructMatches(Chem.MolFromSmarts(_CHAIN), uniquify=False):
        ends = (heavy.GetAtomWithIdx(a).GetAtomicNum(), heavy.GetAtomWithIdx(d).GetAtomicNum())
        if _CARBON in ends:
            chains.setdefault((min(b, c), max(b, c)), (a, b, c, d))
    if not chains:
        return
    far = Chem.GetDistanceMatrix(mol) > _NEAR_BONDS
    for index in conformers:
        conformer = mol.GetConformer(index)
        before = Chem.Conformer(conformer)
        for atoms in chains.values():
            rdMolTransforms.SetDihedralDeg(conformer, *atoms, _ANTI_DEG)
        positions = conformer.GetPositions()
        distances = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
        if distances[far].min(initial=np.inf) < _CLASH_ANG:
            conformer.SetPositions(before.GetPositions())


def _relaxed(mol: Chem.Mol, conformers: list[int]) -> list[int]:
    """Relax with MMFF94s and order by energy; as embedded where MMFF lacks parameters."""
    if not rdForceFieldHelpers.MMFFHasAllMoleculeParams(mol):
        return conformers
    results = rdForceFieldHelpers.MMFFOptimizeMoleculeConfs(
        mol, numThreads=1, maxIters=_MMFF_STEPS, mmffVariant="MMFF94s"
    )
    energies = dict(zip(conformers, (energy for _, energy in results), strict=True))
    return sorted(conformers, key=lambda index: (energies[index], index))


def _distinct(mol: Chem.Mol, conformers: list[int], n_conformers: int) -> list[int]:
    if n_conformers == 1:
        return conformers[:1]
    heavy = Chem.RemoveHs(mol)
    chosen: list[int] = []
    for index in conformers:
        if len(chosen) == n_conformers:
            break
        if all(rdMolAlign.AlignMol(heavy, heavy, index, other) > _PRUNE_RMSD_ANG for other in chosen):
            chosen.append(index)
    return chosen


# --- the model site -----------------------------------------------------------------------


def _site_atoms(mol: Chem.Mol, ligand: Species | None) -> tuple[int, ...]:
    """Heavy atoms of the site's metal and of every fragment that is not the ligand.

    A ligand may have metal atoms of its own: the site's are those without which it is left whole.
    """
    metals = [atom.GetIdx() for atom in mol.GetAtoms() if is_metal(atom)]
    if ligand is None or not metals:
        return ()
    free = Chem.MolFromSmiles(ligand.smiles)
    wanted = _skeleton(free)
    n_site_metals = len(metals) - sum(is_metal(atom) for atom in free.GetAtoms())
    for chosen in combinations(metals, n_site_metals):
        site, found = list(chosen), False
        for part in _parts_without(mol, chosen):
            if _skeleton(part) == wanted:
                found = True
            else:
                site += [atom.GetIntProp("at") for atom in part.GetAtoms()]
        if found:
            return tuple(site)
    return ()


def _parts_without(mol: Chem.Mol, atoms: Sequence[int]) -> tuple[Chem.Mol, ...]:
    """The fragments left without some atoms; each atom's property ``at`` is its index in ``mol``."""
    editable = Chem.RWMol(mol)
    for atom in editable.GetAtoms():
        atom.SetIntProp("at", atom.GetIdx())
    for index in sorted(atoms, reverse=True):
        editable.RemoveAtom(index)
    return tuple(Chem.GetMolFrags(editable, asMols=True, sanitizeFrags=False))


def _skeleton(mol: Chem.Mol) -> str:
    """Elements and connectivity alone: the same for a ligand bound, free, or protonated."""
    bare = Chem.RWMol()
    for atom in mol.GetAtoms():
        bare.AddAtom(Chem.Atom(atom.GetAtomicNum()))
    for bond in mol.GetBonds():
        bare.AddBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), Chem.BondType.SINGLE)
    for atom in bare.GetAtoms():
        atom.SetNoImplicit(True)
    return str(Chem.MolToSmiles(bare))
