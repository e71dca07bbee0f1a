"""Bonds that an added electron breaks, and their pieces."""

import pytest

from echemscreen.ligands.scissile import bond_between, scissile_bonds, scissile_kinds
from echemscreen.records.molecules import Species


def pieces(smiles, charge=0):
    return {
        (bond.kind, bond.radical.smiles, bond.left.smiles)
        for bond in scissile_bonds(Species(smiles=smiles, charge=charge))
    }


@pytest.mark.parametrize(
    ("smiles", "charge", "expected"),
    [
        ("O=C1CCC(=O)N1Cl", 0, ("nitrogen_chlorine", "O=C1CCC(=O)[N]1", "[Cl-]")),
        ("Brn1cccc1", 0, ("nitrogen_bromine", "C1=C[N]C=C1", "[Br-]")),
        ("Cc1ccc(S(=O)(=O)Cl)cc1", 0, ("sulfonyl_chlorine", "Cc1ccc([S](=O)=O)cc1", "[Cl-]")),
        (
            "ClC(c1ccccc1)(c1ccccc1)c1ccccc1",
            0,
            ("carbon_chlorine", "c1ccc([C](c2ccccc2)c2ccccc2)cc1", "[Cl-]"),
        ),
        ("CC(=NOC(C)=O)c1ccccc1", 0, ("oxime_ester", "CC(=[N])c1ccccc1", "CC(=O)[O-]")),
        ("CC(C)(C)OOC(C)(C)C", 0, ("dialkyl_peroxide", "CC(C)(C)[O]", "CC(C)(C)[O-]")),
        ("CC(=O)OOC(C)(C)C", 0, ("perester", "CC(C)(C)[O]", "CC(=O)[O-]")),
        ("c1ccc([I+]c2ccccc2)cc1", 1, ("iodonium", "[c]1ccccc1", "Ic1ccccc1")),
        ("C[S+](C)C", 1, ("sulfonium", "[CH3]", "CSC")),
    ],
)
def test_pieces_of_a_bond(smiles, charge, expected):
    assert expected in pieces(smiles, charge)


def test_equal_bonds_are_one_with_all_their_places():
    (bond,) = scissile_bonds(Species(smiles="ClC(Cl)(Cl)Cl", charge=0))
    assert len(bond.places) == 4


def test_pieces_have_the_charge_and_the_electrons_of_the_molecule():
    for smiles, charge in (("CCBr", 0), ("c1ccc([I+]c2ccccc2)cc1", 1)):
        for bond in scissile_bonds(Species(smiles=smiles, charge=charge)):
            assert bond.radical.charge + bond.leaving.charge == charge
            assert bond.radical.n_unpaired == bond.leaving.n_unpaired == 1
            assert bond.left.charge == bond.leaving.charge - 1


@pytest.mark.parametrize("smiles", ["CCCCCC", "CCO", "c1ccccc1", "CCN", "CS(C)(=O)=O", "C1CSSC1", "CCF"])
def test_a_molecule_without_such_a_bond_has_none(smiles):
    assert scissile_bonds(Species(smiles=smiles, charge=0)) == ()


def test_anions_and_radicals_are_not_asked():
    assert scissile_bonds(Species(smiles="[O-]C(=O)CCl", charge=-1)) == ()
    assert scissile_bonds(Species(smiles="Cl[C](Cl)Cl", charge=0, n_unpaired=1)) == ()


def test_a_bond_is_found_by_its_pieces():
    bond = bond_between(Species(smiles="COO", charge=0), "C[O]", "[OH]")
    assert bond is not None
    assert bond.ends.n_heavy == (1, 0)
    assert bond_between(Species(smiles="CCO", charge=0), "[CH3]", "[Cl]") is None


def test_every_kind_is_a_pattern_with_two_numbered_atoms():
    for row in scissile_kinds():
        assert ":1]" in row.smarts, row.kind
        assert ":2]" in row.smarts, row.kind
