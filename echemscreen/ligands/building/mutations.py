"""Blocks beyond those of the table: each with one hydrogen of its rings put out by a substituent.

Substituents are the cited rows of ``building_substituents.csv``. What two candidates have in common needs no
step of its own: a space holds every centre with every bridge and every end, so each crossing of two
candidates is in it already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from rdkit import Chem

from echemscreen.ligands.building.blocks import Block
from echemscreen.reference_tables import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SubstituentRow:
    """A row of ``building_substituents.csv``; ``smiles`` begins with the atom that is bonded."""

    code: str
    name: str
    smiles: str
    citation: str
    locator: str


@lru_cache(maxsize=1)
def substituents() -> dict[str, SubstituentRow]:
    """The substituents by code, in file order."""
    rows = read_rows("ligand_library", "building_substituents.csv", SubstituentRow)
    return {row.code: row for row in rows}


def with_mutants(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The blocks, then every mutant that is none of them, each drawing once.

    A mutant joins as its parent does, and is called after it: ``azidophenyl-p+F2`` bears fluorine at the
    second of two different places.
    """
    given = tuple(blocks)
    seen = {Chem.MolToSmiles(block.mol) for block in given}
    mutants = []
    for block in given:
        for mutant in _mutants(block):
            drawing = Chem.MolToSmiles(mutant.mol)
            if drawing not in seen:
                seen.add(drawing)
                mutants.append(mutant)
    return (*given, *mutants)


def _mutants(block: Block) -> Iterator[Block]:
    places = _places(block.mol)
    for row in substituents().values():
        for number, place in enumerate(places, start=1):
            mol = _substituted(block.mol, place, row.smiles)
            # The salt of a centre is drawn apart; no search looks at salts.
            yield replace(
                block,
                code=f"{block.code}+{row.code}{number if len(places) > 1 else ''}",
                mol=mol,
                salt=None,
                parent=block.code,
                substituent=row.code,
            )


def _places(mol: Chem.Mol) -> list[int]:
    """One hydrogen-bearing ring atom of each kind, in the order of the drawing."""
    kinds = list(Chem.CanonicalRankAtoms(mol, breakTies=False))
    found: dict[int, int] = {}
    for atom in mol.GetAtoms():
        if atom.GetIsAromatic() and atom.GetAtomicNum() == _CARBON and atom.GetTotalNumHs():
            found.setdefault(kinds[atom.GetIdx()], atom.GetIdx())
    return list(found.values())


_CARBON = 6


def _substituted(mol: Chem.Mol, place: int, smiles: str) -> Chem.Mol:
    joined = Chem.RWMol(Chem.CombineMols(mol, Chem.MolFromSmiles(smiles)))
    for atom in (joined.GetAtomWithIdx(place), joined.GetAtomWithIdx(mol.GetNumAtoms())):
        atom.SetNumExplicitHs(max(atom.GetNumExplicitHs() - 1, 0))
        atom.SetNoImplicit(False)
    joined.AddBond(place, mol.GetNumAtoms(), Chem.BondType.SINGLE)
    found = joined.GetMol()
    Chem.SanitizeMol(found)
    return found
