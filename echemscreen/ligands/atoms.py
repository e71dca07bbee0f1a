"""The atoms of a molecule object, and which of them are metals."""

from __future__ import annotations

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
