"""Carbon at metals: sigma bonds are drawn as bonds, rings that a metal holds by their faces as ions.

A metal between carbanions is one compound, however it is drawn: alkyl, aryl and alkynyl groups are bound to
it, cyclopentadienyl rings are ions that stay together with it (:func:`held_together`). Carbanions beside
acyl groups and the like keep their charge for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from pymatgen.core.periodic_table import Element
from rdkit import Chem

from echemscreen.errors import StructureError
from echemscreen.ligands.atoms import atoms_of, is_metal, is_metal_ion

_CARBON = 6
_CYCLOPENTADIENYL, _ARENE = 5, 6
#: Groups of metals that hold a cyclopentadienyl ring by its face; later ones may bind one carbon of it.
_FACE_GROUPS = range(2, 11)
#: Substituents of the rings beyond which a sandwich is no longer judged by the couple of the bare one.
_MOST_SUBSTITUENTS = 2
#: Carbon beside these takes its charge into them, and is an ion rather than a ligand of a metal.
_STABILISED = Chem.MolFromSmarts("[#6-][$(C=[O,S,N]),$(C#N),$([N+]),$(S=O),$(P=O),$([P+]),$([S+])]")
_RING_ANION = Chem.MolFromSmarts("[c-]1cccc1")
#: The same with a hydrogen in the wrong place, as some databases draw it.
_SHIFTED_ANION = Chem.MolFromSmarts("[CX4;!H0;r5]1[#6]=,-[#6]-,=[#6]=,-[#6]1")
#: SMILES that holds no metal: outside of brackets, or in them, stand main-group elements with small symbols.
_PLAIN = re.compile(r"(?:[^[]|\[(?:[BCNOPSFI]|[cnops])(?:@{0,2})H?\d?[+-]?\d?\])*")
_ACETYLIDE = Chem.MolFromSmarts("[C-]#C")
_TRIPLE_ANION = Chem.MolFromSmarts("[C-]#[*]")


def without_ring_bonds(mol: Chem.Mol, shown: str) -> Chem.Mol:
    """An unsanitised molecule whose metal-bound rings are ions and molecules beside the metal.

    A metal with a line to every atom of a ring of five is bound to a cyclopentadienyl anion, with one to
    every atom of six to an arene. A single line to a cyclopentadiene means its face, too, but for metals
    that bind one carbon of it.

    Raises
    ------
    StructureError
        if lines run to some atoms of a ring only.
    """
    if not any(is_metal(atom) for atom in atoms_of(mol)):
        return mol
    editable = Chem.RWMol(mol)
    for metal in filter(is_metal, atoms_of(mol)):
        carbons = {n.GetIdx() for n in metal.GetNeighbors() if n.GetAtomicNum() == _CARBON}
        for group in _joined(mol, carbons):
            ring = _cyclopentadiene(mol, *group) if len(group) == 1 and _binds_faces(metal) else None
            if len(group) > 1 or ring:
                _free_ring(editable, mol, metal.GetIdx(), ring or sorted(group), shown)
    return editable.GetMol()


def _binds_faces(metal: Chem.Atom) -> bool:
    element = Element(metal.GetSymbol())
    return element.group in _FACE_GROUPS or element.is_lanthanoid


def _cyclopentadiene(mol: Chem.Mol, index: int) -> list[int] | None:
    """The ring of five carbon atoms with two double bonds that an atom is in; ``None`` if there is none."""
    Chem.FastFindRings(mol)
    for ring in mol.GetRingInfo().AtomRings():
        if index not in ring or len(ring) != _CYCLOPENTADIENYL:
            continue
        atoms = [mol.GetAtomWithIdx(member) for member in ring]
        bonds = [mol.GetBondBetweenAtoms(a, b) for a, b in zip(ring, (*ring[1:], ring[0]), strict=True)]
        n_double = sum(bond.GetBondType() == Chem.BondType.DOUBLE for bond in bonds)
        if n_double == 2 and all(a.GetAtomicNum() == _CARBON and not a.GetFormalCharge() for a in atoms):  # noqa: PLR2004 - a diene
            return list(ring)
    return None


def _joined(mol: Chem.Mol, atoms: set[int]) -> Iterator[set[int]]:
    """Groups of atoms that are bonded to each other."""
    left = set(atoms)
    while left:
        group, front = set(), {left.pop()}
        while front:
            index = front.pop()
            group.add(index)
            near = {n.GetIdx() for n in mol.GetAtomWithIdx(index).GetNeighbors()} & left
            left -= near
            front |= near
        yield group


def _free_ring(editable: Chem.RWMol, mol: Chem.Mol, metal: int, group: list[int], shown: str) -> None:
    bonds = [bond for index in group if (bond := mol.GetBondBetweenAtoms(index, metal)) is not None]
    in_ring = [bond for a, b in combinations(group, 2) if (bond := mol.GetBondBetweenAtoms(a, b)) is not None]
    symbol = mol.GetAtomWithIdx(metal).GetSymbol()
    if len(in_ring) != len(group) or len(group) not in {_CYCLOPENTADIENYL, _ARENE}:
        raise StructureError(
            f"{symbol} in '{shown}' has lines to {len(group)} carbon atoms in a row, a pi complex that no "
            "model here holds.",
            "Screen the ligand by itself.",
            "metal",
        )
    bound = {bond.GetOtherAtomIdx(metal) for bond in bonds}
    n_hydrogens = _hydrogens(mol, group, bound)
    for index in bound:
        editable.RemoveBond(index, metal)
    if all(bond.GetBondType() == Chem.BondType.DATIVE for bond in bonds):
        # The ring was drawn with its own charge and double bonds.
        return
    for bond in in_ring:
        joined = editable.GetBondBetweenAtoms(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
        joined.SetBondType(Chem.BondType.AROMATIC)
        joined.SetIsAromatic(True)
    for index in group:
        atom = editable.GetAtomWithIdx(index)
        atom.SetIsAromatic(True)
        atom.SetNoImplicit(True)
        atom.SetNumExplicitHs(n_hydrogens[index])
        atom.SetFormalCharge(0)
    if len(group) == _CYCLOPENTADIENYL:
        drawn = sum(mol.GetAtomWithIdx(index).GetFormalCharge() for index in group)
        editable.GetAtomWithIdx(group[0]).SetFormalCharge(-1)
        centre = editable.GetAtomWithIdx(metal)
        centre.SetFormalCharge(centre.GetFormalCharge() + 1 + drawn)
        centre.SetNoImplicit(True)


def _hydrogens(mol: Chem.Mol, ring: Sequence[int], bound: set[int]) -> dict[int, int]:
    """Hydrogens of the carbons of an unsanitised ring at a metal, by index: one where nothing else is bound.

    A ring carbon has two neighbours in the ring; whatever else it has leaves no room for a hydrogen. What a
    drawing writes itself stands, but a saturated carbon of a ring with one line shares its hydrogens.
    """
    found = {}
    for index in ring:
        atom = mol.GetAtomWithIdx(index)
        explicit = sum(n.GetAtomicNum() == 1 for n in atom.GetNeighbors())
        n_others = atom.GetDegree() - _IN_RING - explicit - (index in bound)
        if atom.GetNoImplicit() and len(bound) > 1:
            found[index] = int(atom.GetNumExplicitHs())
        else:
            found[index] = int(n_others == 0 and not explicit)
    return found


_IN_RING = 2


def is_ring_anion(fragment: Chem.Mol) -> bool:
    """Whether a fragment is a cyclopentadienyl anion, which a metal holds by its face."""
    return bool(fragment.HasSubstructMatch(_RING_ANION)) and Chem.GetFormalCharge(fragment) < 0


def with_carbon_bonds(ions: Chem.Mol, shown: str) -> Chem.Mol:
    """Ions with the carbanions of alkyl, aryl and alkynyl groups bound to their metal.

    Raises
    ------
    StructureError
        if it is left open which of several metal atoms binds them.
    """
    ions = _with_ring_anions(ions)
    metals = [atom.GetIdx() for atom in atoms_of(ions) if is_metal(atom) and not atom.GetDegree()]
    carbanions = [
        atom.GetIdx()
        for atom in atoms_of(ions)
        if atom.GetAtomicNum() == _CARBON and atom.GetFormalCharge() == -1
    ]
    if not metals or not carbanions:
        return ions
    kept = {match[0] for match in ions.GetSubstructMatches(_STABILISED, uniquify=False)}
    kept |= {index for match in ions.GetSubstructMatches(_RING_ANION) for index in match}
    acetylides = {match[0] for match in ions.GetSubstructMatches(_ACETYLIDE)}
    kept |= {match[0] for match in ions.GetSubstructMatches(_TRIPLE_ANION)} - acetylides
    carbanions = [index for index in carbanions if index not in kept]
    if not carbanions:
        return ions
    charge = ions.GetAtomWithIdx(metals[0]).GetFormalCharge()
    if len(metals) > 1 or len(carbanions) > charge:
        raise StructureError(
            f"'{shown}' holds carbanions beside {len(metals)} metal ions, an organometallic compound whose "
            "bonds are not drawn.",
            "Draw the bonds between metal and carbon, and one formula unit.",
            "metal",
        )
    editable = Chem.RWMol(ions)
    for index in carbanions:
        editable.AddBond(index, metals[0], Chem.BondType.SINGLE)
        atom = editable.GetAtomWithIdx(index)
        n_hydrogens = atom.GetTotalNumHs()
        atom.SetFormalCharge(0)
        atom.SetNoImplicit(True)
        atom.SetNumExplicitHs(n_hydrogens)
    editable.GetAtomWithIdx(metals[0]).SetFormalCharge(charge - len(carbanions))
    result = editable.GetMol()
    Chem.SanitizeMol(result)
    return result


def _with_ring_anions(ions: Chem.Mol) -> Chem.Mol:
    """Ions with vinyl anions of a cyclopentadiene as the aromatic anions that they are."""
    editable = Chem.RWMol(ions)
    moved = False
    for match in ions.GetSubstructMatches(_SHIFTED_ANION):
        charged = [index for index in match if ions.GetAtomWithIdx(index).GetFormalCharge() == -1]
        if len(charged) != 1 or charged[0] == match[0]:
            continue
        for index, charge, change in ((match[0], -1, -1), (charged[0], 0, 1)):
            atom = editable.GetAtomWithIdx(index)
            n_hydrogens = ions.GetAtomWithIdx(index).GetTotalNumHs() + change
            atom.SetFormalCharge(charge)
            atom.SetNoImplicit(True)
            atom.SetNumExplicitHs(n_hydrogens)
        moved = True
    if not moved:
        return ions
    result = editable.GetMol()
    Chem.SanitizeMol(result)
    return result


_BARE_RING = "c1cc[cH-]c1"
#: Two aromatic nitrogens that one metal atom reaches.
_ARYLPYRIDINE = Chem.MolFromSmarts("*~[c]:[c]-[c]:[n]")
_DIIMINE = Chem.MolFromSmarts("[n;X2]:[c]~[c]:[n;X2]")


@lru_cache(maxsize=256)
def bare_sandwich(smiles: str) -> str | None:
    """The sandwich complex of cyclopentadienides without its substituents, as canonical SMILES.

    ``None`` for anything else: each part must be a metal ion or hold one ring, fused to no other, and the
    rings may carry two substituents at most beside alkyl groups.
    """
    if _PLAIN.fullmatch(smiles):
        return None
    bare, counts = [], RingSubstituents(n_alkyl=0, n_other=0)
    for part in map(Chem.MolFromSmiles, smiles.split(".")):
        if part is None:
            return None
        rings = part.GetSubstructMatches(_RING_ANION)
        if is_metal_ion(part):
            bare.append(Chem.MolToSmiles(part))
        elif len(rings) == 1:
            bare.append(_BARE_RING)
            if any(part.GetRingInfo().NumAtomRings(index) > 1 for index in rings[0]):
                return None
            counts = counts.with_ring(part, rings[0])
        else:
            return None
    if bare.count(_BARE_RING) == len(bare) or _BARE_RING not in bare or counts.n_other > _MOST_SUBSTITUENTS:
        return None
    return str(Chem.MolToSmiles(Chem.MolFromSmiles(".".join(bare))))


@dataclass(frozen=True, slots=True, kw_only=True)
class RingSubstituents:
    """What the rings of a sandwich complex carry."""

    n_alkyl: int
    """Saturated carbon that bears no other element."""
    n_other: int

    def with_ring(self, part: Chem.Mol, ring: Sequence[int]) -> RingSubstituents:
        """Counted on with another ring."""
        carried = [
            neighbour
            for index in ring
            for neighbour in part.GetAtomWithIdx(index).GetNeighbors()
            if neighbour.GetIdx() not in ring
        ]
        n_alkyl = sum(_is_alkyl(atom) for atom in carried)
        return RingSubstituents(n_alkyl=self.n_alkyl + n_alkyl, n_other=self.n_other + len(carried) - n_alkyl)


def _is_alkyl(atom: Chem.Atom) -> bool:
    saturated = atom.GetAtomicNum() == _CARBON and atom.GetHybridization() == Chem.HybridizationType.SP3
    return saturated and all(near.GetAtomicNum() in {1, _CARBON} for near in atom.GetNeighbors())


def ring_substituents(smiles: str) -> RingSubstituents:
    """The substituents on the rings of a sandwich complex."""
    found = RingSubstituents(n_alkyl=0, n_other=0)
    for part in map(Chem.MolFromSmiles, smiles.split(".")):
        for ring in part.GetSubstructMatches(_RING_ANION):
            found = found.with_ring(part, ring)
    return found


def is_chelate(fragment: Chem.Mol) -> bool:
    """Whether a neutral molecule holds a metal by two aromatic nitrogens, as bipyridine does."""
    return Chem.GetFormalCharge(fragment) == 0 and bool(fragment.HasSubstructMatch(_DIIMINE))


def is_cyclometalated(mol: Chem.Mol) -> bool:
    """Whether a metal holds arylpyridines by carbon and nitrogen, as in tris(2-phenylpyridine)iridium.

    Whichever bonds to nitrogen a drawing has, its lines are not those of the complex.
    """
    return any(is_metal(mol.GetAtomWithIdx(found[0])) for found in mol.GetSubstructMatches(_ARYLPYRIDINE))


def polypyridyl_parts(smiles: str) -> str | None:
    """A polypyridyl complex as its metal ion and its ligands, canonical; ``None`` for anything else.

    Drawn with arrows or as parts, it is one compound.
    """
    if _PLAIN.fullmatch(smiles):
        return None
    mol = Chem.RWMol(Chem.MolFromSmiles(smiles))
    for bond in [b for b in mol.GetBonds() if b.GetBondType() == Chem.BondType.DATIVE]:
        mol.RemoveBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
    parts = [Chem.MolFromSmiles(item) for item in Chem.MolToSmiles(mol).split(".")]
    if any(part is None for part in parts):
        return None
    metals = [part for part in parts if is_metal_ion(part)]
    if (
        len(metals) != 1
        or len(parts) == 1
        or not all(part is metals[0] or is_chelate(part) for part in parts)
    ):
        return None
    return str(Chem.MolToSmiles(Chem.MolFromSmiles(".".join(map(Chem.MolToSmiles, parts)))))


@lru_cache(maxsize=256)
def sandwich_with(smiles: str, added_electrons: int) -> str | None:
    """A sandwich complex with electrons added to its metal; ``None`` for anything else."""
    if _PLAIN.fullmatch(smiles):
        return None
    mol = Chem.RWMol(Chem.MolFromSmiles(smiles))
    ions = [atom for atom in atoms_of(mol) if is_metal(atom) and not atom.GetDegree()]
    if len(ions) != 1 or not mol.HasSubstructMatch(_RING_ANION):
        return None
    ions[0].SetFormalCharge(ions[0].GetFormalCharge() - added_electrons)
    return str(Chem.MolToSmiles(mol))
