"""Bonds that an added electron breaks, and what is left of the molecule.

``scissile_bonds.csv`` names the kinds: an atom that keeps its electron and becomes a radical, and one that
leaves with the added one. Of several bonds of a kind those that leave the same pieces are one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rdkit import Chem

from echemscreen.ligands.atoms import Pattern, elements_of
from echemscreen.records.molecules import Species
from echemscreen.reference_tables import read_rows

_KEEPS, _LEAVES = 1, 2
_CARBON, _OXYGEN = 6, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class ScissileBondRow:
    """A row of ``scissile_bonds.csv``; atom 1 of the pattern keeps the radical, atom 2 leaves."""

    kind: str
    smarts: str
    couple: str
    """Row of ``leaving_couples.csv``; blank where what leaves is a molecule with a couple of its own."""
    attracted: bool
    """Whether radical and anion hold each other in solution."""
    slower_decades: float
    """Powers of ten by which the transfer is slower than the adiabatic one."""
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BondEnds:
    """What of a bond's surroundings its computed energy errs by."""

    pair: str
    """Such as ``C-Cl``: the elements, that of the radical first."""
    n_heavy: tuple[int, int]
    """Other heavy atoms on either end."""
    n_acyl: int
    """Acyl groups on the radical's atom."""
    n_acyl_leaving: int
    """Acyl groups on the atom that leaves."""
    n_oxo: int
    """Doubly bonded oxygen on the radical's atom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScissileBond:
    """One bond of a molecule, and the pieces that its cleavage leaves."""

    kind: str
    couple: str
    attracted: bool
    """Whether radical and anion hold each other in solution."""
    slower_decades: float
    """Powers of ten by which the transfer is slower than the adiabatic one."""
    parent: Species
    places: tuple[tuple[int, int], ...]
    """Where it is in the parent, for each equal one: the radical's atom, and that which leaves."""
    radical: Species
    leaving: Species
    """By homolysis: with one unpaired electron."""
    left: Species
    """The same with the added electron: an anion, or the molecule that an onium ion sets free."""
    ends: BondEnds


@lru_cache(maxsize=1)
def scissile_kinds() -> tuple[ScissileBondRow, ...]:
    """Every kind of bond that is looked for, in file order."""
    return read_rows("ligand_library", "scissile_bonds.csv", ScissileBondRow)


@lru_cache(maxsize=256)
def scissile_bonds(parent: Species) -> tuple[ScissileBond, ...]:
    """The bonds of a closed-shell species that an added electron may break, one for each pair of pieces."""
    if parent.n_unpaired or parent.charge < 0:
        return ()
    mol = Chem.MolFromSmiles(parent.smiles)
    if mol is None:
        return ()
    elements = elements_of(mol)
    found: dict[tuple[str, str], ScissileBond] = {}
    for row in scissile_kinds():
        for keeps, leaves in _matches(mol, elements, row.smarts):
            bond = _cut(mol, parent, row, keeps, leaves)
            if bond is None:
                continue
            pieces = (bond.radical.smiles, bond.leaving.smiles)
            same = found.get(pieces)
            found[pieces] = (
                bond if same is None else replace(same, places=tuple({*same.places, *bond.places}))
            )
    return tuple(found.values())


def bond_between(parent: Species, radical_smiles: str, leaving_smiles: str) -> ScissileBond | None:
    """The bond of a molecule whose pieces are these, whatever its kind."""
    mol = Chem.MolFromSmiles(parent.smiles)
    wanted = tuple(Chem.MolToSmiles(Chem.MolFromSmiles(item)) for item in (radical_smiles, leaving_smiles))
    row = ScissileBondRow(
        kind="", smarts="", couple="", attracted=True, slower_decades=0.0, citation="any", locator="", note=""
    )
    for bond in mol.GetBonds():
        if bond.GetBondType() != Chem.BondType.SINGLE:
            continue
        ends = (bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
        for keeps, leaves in (ends, ends[::-1]):
            cut = _cut(mol, parent, row, keeps, leaves)
            if cut is not None and (cut.radical.smiles, cut.leaving.smiles) == wanted:
                return cut
    return None


def _matches(mol: Chem.Mol, elements: frozenset[int], smarts: str) -> Iterator[tuple[int, int]]:
    """Pairs of atoms, that of the radical first."""
    pattern, keeps, leaves = _pattern(smarts)
    for match in pattern.matches(mol, elements, uniquify=False):
        yield match[keeps], match[leaves]


@lru_cache(maxsize=64)
def _pattern(smarts: str) -> tuple[Pattern, int, int]:
    """A pattern, and where in it the radical's atom is and the one that leaves."""
    pattern = Pattern(smarts)
    places = {atom.GetAtomMapNum(): atom.GetIdx() for atom in pattern.query.GetAtoms()}
    return pattern, places[_KEEPS], places[_LEAVES]


def _cut(
    mol: Chem.Mol, parent: Species, row: ScissileBondRow, keeps: int, leaves: int
) -> ScissileBond | None:
    """The pieces of one bond; ``None`` for a bond in a ring, whose pieces stay together."""
    bond = mol.GetBondBetweenAtoms(keeps, leaves)
    if bond is None or bond.IsInRing():
        return None
    editable = Chem.RWMol(mol)
    Chem.Kekulize(editable, clearAromaticFlags=True)
    editable.RemoveBond(keeps, leaves)
    for index in (keeps, leaves):
        atom = editable.GetAtomWithIdx(index)
        atom.SetNumExplicitHs(mol.GetAtomWithIdx(index).GetTotalNumHs())
        atom.SetNoImplicit(True)
        atom.SetNumRadicalElectrons(1)
    # An onium ion sets free a molecule: homolysis leaves its radical cation.
    pieces = Chem.GetMolFrags(editable, asMols=True, sanitizeFrags=False)
    indices = Chem.GetMolFrags(editable)
    radical, leaving = (
        next(piece for piece, atoms in zip(pieces, indices, strict=True) if index in atoms)
        for index in (keeps, leaves)
    )
    atom = leaving.GetAtomWithIdx(next(a.GetIdx() for a in leaving.GetAtoms() if a.GetNumRadicalElectrons()))
    left = Chem.RWMol(leaving)
    own = left.GetAtomWithIdx(atom.GetIdx())
    own.SetNumRadicalElectrons(0)
    own.SetFormalCharge(own.GetFormalCharge() - 1)
    species = []
    for piece, unpaired in ((radical, 1), (leaving, 1), (left.GetMol(), 0)):
        if Chem.SanitizeMol(piece, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
            return None
        smiles = Chem.MolToSmiles(Chem.MolFromSmiles(Chem.MolToSmiles(piece)))
        species.append(Species(smiles=smiles, charge=Chem.GetFormalCharge(piece), n_unpaired=unpaired))
    return ScissileBond(
        kind=row.kind,
        couple=row.couple,
        attracted=row.attracted,
        slower_decades=row.slower_decades,
        parent=parent,
        places=((keeps, leaves),),
        radical=species[0],
        leaving=species[1],
        left=species[2],
        ends=_ends(mol, keeps, leaves),
    )


def _ends(mol: Chem.Mol, keeps: int, leaves: int) -> BondEnds:
    first, second = mol.GetAtomWithIdx(keeps), mol.GetAtomWithIdx(leaves)
    near = [atom for atom in first.GetNeighbors() if atom.GetIdx() != leaves]
    return BondEnds(
        pair=f"{first.GetSymbol()}-{second.GetSymbol()}",
        n_heavy=(len(near), second.GetDegree() - 1),
        n_acyl=_acyls(near),
        n_acyl_leaving=_acyls([atom for atom in second.GetNeighbors() if atom.GetIdx() != keeps]),
        n_oxo=_oxygens(first),
    )


def _acyls(atoms: Sequence[Chem.Atom]) -> int:
    """How many of these carry doubly bonded oxygen on carbon."""
    return sum(atom.GetAtomicNum() == _CARBON and _oxygens(atom) > 0 for atom in atoms)


def _oxygens(atom: Chem.Atom) -> int:
    """Doubly bonded oxygen on an atom."""
    return sum(
        bond.GetBondType() == Chem.BondType.DOUBLE and bond.GetOtherAtom(atom).GetAtomicNum() == _OXYGEN
        for bond in atom.GetBonds()
    )
