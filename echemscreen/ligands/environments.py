"""The atoms and bonds of a molecule by kind: what a reference molecule must share to be evidence for them.

A functional group says what reacts; a molecule may hold atoms of no group beside it. Its kinds are read
from the structure alone. A *bond* is two atoms, each with its element, charge, coordination number and
aromaticity, and the order between them; bonds to hydrogen count. A *centre* is an atom that is
unsaturated or no carbon, with its multiple bonds and its bonds to other elements than carbon and hydrogen:
a carbodiimide has no bond that imines and isocyanates lack, but its carbon is none of theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pymatgen.core.periodic_table import Element
from rdkit import Chem

from echemscreen.ligands.atoms import atoms_of

_HYDROGEN, _CARBON = 1, 6
#: Neighbours of a saturated carbon, which is known by its bonds.
_SATURATED = 4
_SIGNS = {
    Chem.BondType.SINGLE: "-",
    Chem.BondType.AROMATIC: "-",
    Chem.BondType.DOUBLE: "=",
    Chem.BondType.TRIPLE: "#",
    Chem.BondType.DATIVE: "->",
}
_COUNTS = ("lone", "one", "two", "three", "four", "five", "six", "seven", "eight")
#: In a formula, hydrogen comes behind everything else.
_LAST = 10.0


class AtomKind(NamedTuple):
    """An atom, its neighbours left aside; in the order of formulas, the most electropositive first."""

    electronegativity: float
    """Pauling's."""
    symbol: str
    is_aromatic: bool
    charge: int
    coordination: int
    """Number of neighbours, hydrogens among them."""

    def words(self) -> str:
        """Such as ``two-coordinate cationic I``."""
        count = _COUNTS[min(self.coordination, len(_COUNTS) - 1)]
        parts = [f"{count}-coordinate" if self.coordination else count]
        parts += ["aromatic"] * self.is_aromatic
        parts += ["cationic" if self.charge > 0 else "anionic"] * bool(self.charge)
        return " ".join([*parts, self.symbol])


class BondKind(NamedTuple):
    """A bond between two kinds of atoms."""

    first: AtomKind
    sign: str
    second: AtomKind

    @property
    def formula(self) -> str:
        """Such as ``S=O``."""
        return f"{self.first.symbol}{self.sign}{self.second.symbol}"

    @property
    def ends(self) -> tuple[AtomKind, AtomKind]:
        """Both atoms."""
        return self.first, self.second

    def words(self, ends: Iterable[AtomKind] = ()) -> str:
        """Such as ``a Sn-C bond``, or ``a S=O bond of three-coordinate S``."""
        text = f"{_article(self.first.symbol)} {self.formula} bond"
        told = dict.fromkeys(end.words() for end in ends)
        return f"{text} of {' and '.join(told)}" if told else text


class CentreKind(NamedTuple):
    """An atom with its multiple bonds and those to other elements than carbon and hydrogen."""

    atom: AtomKind
    bonds: tuple[str, ...]
    """Such as ``=N``."""

    def words(self) -> str:
        """Such as ``two-coordinate C bound as =N, =N``."""
        return self.atom.words() + (f" bound as {', '.join(self.bonds)}" if self.bonds else "")


class Environments(NamedTuple):
    """The kinds of bonds and centres of a molecule, or of many."""

    bonds: frozenset[BondKind]
    centres: frozenset[CentreKind]

    @property
    def elements(self) -> frozenset[str]:
        """Symbols of all their atoms."""
        ends = {end.symbol for bond in self.bonds for end in bond.ends}
        return frozenset(ends | {centre.atom.symbol for centre in self.centres})

    def missing_from(self, known: Environments) -> tuple[str, ...]:
        """What of these is not among the known ones, in words; an atom that one bond tells is told once."""
        if self.bonds <= known.bonds and self.centres <= known.centres:
            # So it is of most molecules.
            return ()
        formulas = {bond.formula for bond in known.bonds}
        kinds = {end for bond in known.bonds for end in bond.ends}
        words: list[str] = []
        told: set[AtomKind] = set()
        # Bonds between elements that no known molecule joins come first.
        for bond in sorted(self.bonds - known.bonds, key=lambda bond: (bond.formula in formulas, bond)):
            ends = _strange_ends(bond, kinds) if bond.formula in formulas else []
            if not ends or not told.issuperset(ends):
                words.append(bond.words(ends))
                told.update(bond.ends)
        words += [item.words() for item in sorted(self.centres - known.centres) if item.atom not in told]
        return tuple(dict.fromkeys(words))


def _strange_ends(bond: BondKind, known: set[AtomKind]) -> list[AtomKind]:
    """What tells a bond from known ones between the same elements: new kinds of atoms, else the pair."""
    new = [end for end in bond.ends if end not in known]
    # A terminal atom tells little, and of a bond to carbon the other atom says more.
    ends = new or [end for end in bond.ends if end.coordination > 1] or list(bond.ends)
    return [end for end in ends if end.symbol != "C"] or ends


def joined(parts: Iterable[Environments]) -> Environments:
    """All kinds of several molecules."""
    parts = tuple(parts)
    return Environments(
        bonds=frozenset().union(*(part.bonds for part in parts)),
        centres=frozenset().union(*(part.centres for part in parts)),
    )


@lru_cache(maxsize=4096)
def environments(smiles: str) -> Environments:
    """The kinds of bonds and centres of a molecule.

    Parameters
    ----------
    smiles
        A SMILES that RDKit reads, such as a canonical one.
    """
    mol = Chem.MolFromSmiles(smiles)
    atoms = atoms_of(mol)
    kinds = [
        _kind(atom.GetAtomicNum(), atom.GetIsAromatic(), atom.GetFormalCharge(), int(atom.GetTotalDegree()))
        for atom in atoms
    ]
    bonds = {
        _bond(kinds[bond.GetBeginAtomIdx()], bond.GetBondType(), kinds[bond.GetEndAtomIdx()])
        for bond in mol.GetBonds()
    }
    hydrogen = _kind(_HYDROGEN, False, 0, 1)
    carriers = {kind for kind, atom in zip(kinds, atoms, strict=True) if atom.GetTotalNumHs()}
    bonds |= {_bond(kind, Chem.BondType.SINGLE, hydrogen) for kind in carriers}
    centres = {
        CentreKind(kind, tuple(sorted(_telling_bonds(atom))))
        for kind, atom in zip(kinds, atoms, strict=True)
        if (kind.symbol, kind.coordination) != ("C", _SATURATED)
    }
    return Environments(bonds=frozenset(bonds), centres=frozenset(centres))


@lru_cache(maxsize=1024)
def _kind(number: int, is_aromatic: bool, charge: int, coordination: int) -> AtomKind:
    element = Element.from_Z(number)
    # Of noble gases there is no value to look up.
    rank = _LAST if number == _HYDROGEN or element.is_noble_gas else float(element.X)
    return AtomKind(rank, element.symbol, is_aromatic, charge, coordination)


def _bond(one: AtomKind, order: Chem.BondType, other: AtomKind) -> BondKind:
    first, second = sorted((one, other))
    return BondKind(first, _SIGNS[order], second)


def _telling_bonds(atom: Chem.Atom) -> Iterator[str]:
    """The bonds that tell a centre from others of its kind; those of an aromatic ring do not."""
    for bond in atom.GetBonds():
        other, order = bond.GetOtherAtom(atom), bond.GetBondType()
        is_plain = order == Chem.BondType.SINGLE and other.GetAtomicNum() == _CARBON
        if not is_plain and order != Chem.BondType.AROMATIC:
            yield f"{_SIGNS[order]}{other.GetSymbol()}"


def _article(symbol: str) -> str:
    """As the name of the element is read."""
    return "an" if Element(symbol).long_name[0] in "AIO" else "a"
