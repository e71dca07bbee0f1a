"""Patterns asked by their elements first, and SMILES that hold no metal."""

import pytest
from rdkit import Chem

from echemscreen.levels.fit.references import references
from echemscreen.ligands.atoms import Pattern, elements_of, is_metal
from echemscreen.ligands.groups import GroupRow, anchor_rows
from echemscreen.ligands.organometallics import _PLAIN
from echemscreen.ligands.scissile import scissile_kinds
from echemscreen.reference_tables import read_rows


def test_a_pattern_finds_what_rdkit_finds():
    groups = read_rows("ligand_library", "functional_groups.csv", GroupRow)
    smarts = [row.smarts for row in (*groups, *anchor_rows().values(), *scissile_kinds())]
    molecules = {Chem.MolFromSmiles(row.smiles) for row in references()[::6]}
    n_left_out = 0
    for text in smarts:
        pattern, query = Pattern(text), Chem.MolFromSmarts(text)
        for mol in molecules:
            elements = elements_of(mol)
            assert pattern.is_in(mol, elements) == mol.HasSubstructMatch(query), text
            assert tuple(pattern.matches(mol, elements)) == mol.GetSubstructMatches(query), text
            n_left_out += not pattern._needs <= elements
    # Else nothing is gained by it.
    assert n_left_out > 0.4 * len(smarts) * len(molecules)


@pytest.mark.parametrize("number", range(1, 87))
def test_no_smiles_of_a_metal_is_plain(number):
    symbol = Chem.Atom(number).GetSymbol()
    for text in (
        f"[{symbol}]",
        f"[{symbol}+2]",
        f"[{symbol}H]",
        f"C[{symbol}-](C)[nH]",
        f"c1ccccc1[{symbol}@@]",
    ):
        mol = Chem.MolFromSmiles(text, sanitize=False)
        if mol is not None and any(map(is_metal, mol.GetAtoms())):
            assert not _PLAIN.fullmatch(text), text


@pytest.mark.parametrize(
    "text", ["CCO", "O=[N+]([O-])c1ccccc1", "C[C@@H](O)[nH]", "CN=[N+]=[N-]", "Clc1cc[nH]c1"]
)
def test_organic_molecules_are_plain(text):
    assert _PLAIN.fullmatch(text)
