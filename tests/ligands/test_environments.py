"""What a molecule is made of, atom by atom and bond by bond."""

import pytest

from echemscreen.ligands.environments import environments, joined

BUTANE_AND_THIOETHER = joined(
    environments(smiles) for smiles in ("CCCC", "CSC", "CS(=O)(=O)C", "CS(=O)(=O)Cl")
)


@pytest.mark.parametrize(
    ("smiles", "words"),
    [
        ("CCC", ()),
        ("CCSCC", ()),
        # A new element is told by its bonds, those to hydrogen too.
        ("CC[SnH](CC)CC", ("a Sn-C bond", "a Sn-H bond")),
        ("CCOC", ("a C-O bond",)),
        ("C[As](C)C", ("an As-C bond",)),
        # The same elements, another kind of atom.
        ("CCSCl", ("a S-Cl bond of two-coordinate S",)),
        ("C=C", ("a C=C bond",)),
        ("C[S+](C)C", ("a C-S bond of three-coordinate cationic S",)),
        # Every bond known, the atom between them not.
        ("CSSC", ("a S-S bond",)),
    ],
)
def test_what_is_missing_is_named(smiles, words):
    assert environments(smiles).missing_from(BUTANE_AND_THIOETHER) == words


def test_a_centre_is_more_than_its_bonds():
    known = joined(environments(smiles) for smiles in ("CN=C=O", "CN=C=S", "CC=NC", "C=C=C"))
    assert environments("CN=C=NC").missing_from(known) == ("two-coordinate C bound as =N, =N",)
    disulfide = environments("CSSC")
    assert environments("CSSSC").missing_from(disulfide) == ("two-coordinate S bound as -S, -S",)


@pytest.mark.parametrize("smiles", ["CCCC", "c1ccccc1", "[Ar]", "CN=[N+]=[N-]", "C[n+]1ccccc1", "[C-]#N"])
def test_nothing_is_missing_from_itself(smiles):
    assert environments(smiles).missing_from(environments(smiles)) == ()


def test_the_order_of_atoms_does_not_matter():
    assert environments("CCOC(=O)c1ccncc1") == environments("c1cnccc1C(=O)OCC")
