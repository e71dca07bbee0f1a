"""What kind of bond holds a ligand on a site, and how far each of its atoms is from it.

A bond class (``bond_classes.csv``) is what reference calculations of bound forms and cited constants speak
about: finer than an anchor where the chemistry differs (an alkane- from an arenethiolate, a xanthate from a
dithiocarbamate), coarser where it does not (an acid and its anion, the three kinds of amine).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from rdkit import Chem

from echemscreen.ligands.atoms import atoms_of
from echemscreen.ligands.binding.sites import protonated
from echemscreen.records.molecules import Species
from echemscreen.reference_tables import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class BondClassRow:
    """A row of ``bond_classes.csv``; the first atom of the pattern is the donor."""

    name: str
    smarts: str
    binding: str
    note: str


@lru_cache(maxsize=1)
def bond_classes() -> dict[str, BondClassRow]:
    """The classes by name; the first that fits a donor is its class."""
    return {row.name: row for row in read_rows("ligand_library", "bond_classes.csv", BondClassRow)}


@lru_cache(maxsize=1)
def _patterns() -> dict[str, Chem.Mol]:
    return {name: Chem.MolFromSmarts(row.smarts) for name, row in bond_classes().items()}


def bond_class(mol: Chem.Mol, donor: int) -> str:
    """The class of the bond that an atom of a free ligand makes; blank if there is none."""
    for name, pattern in _patterns().items():
        if any(match[0] == donor for match in mol.GetSubstructMatches(pattern)):
            return name
    return ""


def class_of(smiles: str) -> str:
    """The class of the strongest bond of a free ligand or its anion: the first of the table that it has."""
    mol = Chem.MolFromSmiles(smiles)
    return next((name for name, pattern in _patterns().items() if mol.HasSubstructMatch(pattern)), "")


def donor_distances(species: Species, classes: tuple[str, ...]) -> tuple[int, ...]:
    """Bonds from the nearest donor to each atom of a free ligand, hydrogens last as in its geometry.

    ``classes`` are those of the bonds that hold it; the first atom that fits each is its donor.
    """
    mol = Chem.MolFromSmiles(species.smiles)
    donors = []
    for name in classes:
        matches = mol.GetSubstructMatches(_patterns()[name]) if name in _patterns() else ()
        if matches:
            donors.append(matches[0][0])
    if not donors:
        return ()
    near = [int(distance) for distance in np.min(Chem.GetDistanceMatrix(mol)[donors], axis=0)]
    hydrogens = atoms_of(Chem.AddHs(mol))[len(near) :]
    # The matrix of all atoms would take ten times as long.
    return (*near, *(1 + near[hydrogen.GetNeighbors()[0].GetIdx()] for hydrogen in hydrogens))


def acid_of(smiles: str) -> str:
    """Canonical SMILES of the acid of an anion; of anything else itself."""
    return str(Chem.MolToSmiles(protonated(Chem.MolFromSmiles(smiles)).mol))
