"""The atoms of a molecule object, which of them are metals, and patterns of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

from pymatgen.core.periodic_table import Element
from rdkit import Chem

#: What ``.mol`` of a result is.
Mol: TypeAlias = Chem.Mol


def mol_of(smiles: str) -> Mol:
    """The molecule object of a canonical SMILES."""
    return Chem.MolFromSmiles(smiles)


def atoms_of(mol: Chem.Mol) -> list[Chem.Atom]:
    """All atoms, in order; RDKit's own iterator counts them anew at each step, in three times the time."""
    return [mol.GetAtomWithIdx(index) for index in range(mol.GetNumAtoms())]


def elements_of(mol: Chem.Mol) -> frozenset[int]:
    """Atomic numbers of the atoms that are drawn."""
    return frozenset(atom.GetAtomicNum() for atom in atoms_of(mol))


class Pattern:
    """A SMARTS pattern that asks a molecule for its elements before it is matched.

    RDKit works out the recursive parts of a pattern, ``$(...)``, for every atom before it looks for the first
    one: of most patterns that is most of their time.
    """

    def __init__(self, smarts: str) -> None:
        self.query = Chem.MolFromSmarts(smarts)
        # Of an atom that may be one of several elements RDKit tells the number 0.
        self._needs = frozenset(atom.GetAtomicNum() for atom in atoms_of(self.query)) - {0}

    def is_in(self, mol: Chem.Mol, elements: frozenset[int]) -> bool:
        """Whether a molecule of these elements has it."""
        return self._needs <= elements and bool(mol.HasSubstructMatch(self.query))

    def matches(
        self, mol: Chem.Mol, elements: frozenset[int], *, uniquify: bool = True
    ) -> Sequence[Sequence[int]]:
        """The atoms of each place where a molecule of these elements has it."""
        if not self._needs <= elements:
            return ()
        found: Sequence[Sequence[int]] = mol.GetSubstructMatches(self.query, uniquify=uniquify)
        return found


def is_metal(atom: Chem.Atom) -> bool:
    """Whether an atom is a metal (pymatgen's classification; metalloids are not)."""
    return _is_metal(atom.GetAtomicNum())


def is_metal_ion(mol: Chem.Mol) -> bool:
    """Whether a molecule object is one metal atom with nothing bound to it, hydrogen neither."""
    if mol.GetNumAtoms() != 1:
        return False
    atom = mol.GetAtomWithIdx(0)
    return is_metal(atom) and not atom.GetTotalNumHs()


@cache
def _is_metal(number: int) -> bool:
    return number > 0 and bool(Element.from_Z(number).is_metal)


@cache
def oxidation_states(symbol: str) -> tuple[int, ...]:
    """The known oxidation states of an element, as pymatgen lists them."""
    return tuple(Element(symbol).oxidation_states)
