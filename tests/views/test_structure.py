"""Drawings of molecules: what has electrons to spare is not drawn as if it had hydrogens."""

import re

import pytest

from echemscreen.views.report.drawings import structure
from echemscreen.views.structure import drawable, structure_image, structure_svg

CARBENES = ("FC(F)(F)[C]c1ccccc1", "C[C]C", "[C](c1ccccc1)c1ccccc1")


def labels(smiles, n_unpaired=None):
    mol = drawable(smiles, n_unpaired)
    return [atom.GetProp("_displayLabel") for atom in mol.GetAtoms() if atom.HasProp("_displayLabel")]


@pytest.mark.parametrize("smiles", CARBENES)
def test_the_carbon_of_a_carbene_has_its_letter(smiles):
    assert labels(smiles) == ["C"]
    # Beside the corners of the CH2 that it was taken for, one more atom is drawn.
    filled = smiles.replace("[C]", "C")
    assert structure_svg(smiles).count("class='atom-") > structure_svg(filled).count("class='atom-")


@pytest.mark.parametrize(
    ("smiles", "label"), [("[CH]C", "CH"), ("C[CH2]", "CH<sub>2</sub>"), ("[CH2]", "CH<sub>2</sub>")]
)
def test_its_hydrogens_are_told(smiles, label):
    assert labels(smiles) == [label]


@pytest.mark.parametrize("smiles", [*CARBENES, "[N]c1ccccc1", "CC[N]"])
def test_singlet_and_triplet_are_told_apart(smiles):
    drawings = {spin: structure(smiles, spin) for spin in (0, 2, None)}
    assert len(set(drawings.values())) == 3
    notes = {
        spin: [
            atom.GetProp("atomNote") for atom in drawable(smiles, spin).GetAtoms() if atom.HasProp("atomNote")
        ]
        for spin in (0, 2)
    }
    assert notes == {0: ["singlet"], 2: ["triplet"]}
    assert structure_svg(smiles, n_unpaired=0) != structure_svg(smiles, n_unpaired=2)


@pytest.mark.parametrize("smiles", ["CCO", "c1ccccc1", "CCN=[N+]=[N-]", "C[O]", "[Zn+2].[Cl-].[Cl-]"])
def test_what_has_no_pair_to_spare_is_drawn_as_before(smiles):
    assert labels(smiles, 0) == []
    assert structure(smiles, 0) == structure(smiles)


def test_what_cannot_be_read_is_not_drawn():
    assert drawable("X!") is None
    assert drawable("") is None
    assert structure("X!") == ""
    assert structure_image("C[C]C", 1.0, 0.7).shape == (210, 300, 4)
    assert re.match(r"<\?xml", structure_svg("C[C]C"))
