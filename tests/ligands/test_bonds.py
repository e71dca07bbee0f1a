"""Bond classes and distances from the donor; what sits on a dot by its strength."""

import pytest
from rdkit import Chem

from echemscreen.ligands.binding.bonds import acid_of, bond_classes, class_of, donor_distances
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.groups import anchor_rows, binds, donor_strengths
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Species


def bound(smiles):
    return forms_of(parse_smiles(smiles, "x"), site_metal="Cd", site_charge=2)[0]


@pytest.mark.parametrize(
    ("smiles", "name"),
    [
        ("CCCCCS", "alkanethiolate"),
        ("CCCCC[S-]", "alkanethiolate"),
        ("Sc1ccc(Br)cc1", "arenethiolate"),
        ("Sc1nccs1", "azole_thiolate"),
        ("CCCN(C)C(=S)[S-]", "dithiocarbamate"),
        ("CCCCOC(=S)S", "xanthate"),
        ("CC(C)C(=O)S", "thiocarboxylate"),
        ("OC(=O)CCCl", "carboxylate"),
        ("CCCCP(=O)(O)O", "phosphonate"),
        ("CCCN", "amine"),
        ("c1ccncc1C", "pyridine"),
        ("CCCP(C)C", "phosphine"),
    ],
)
def test_classes(smiles, name):
    assert class_of(smiles) == name
    assert bound(smiles).bond_classes == (name,)


def test_every_pattern_is_one_and_names_are_unique():
    assert all(Chem.MolFromSmarts(row.smarts) is not None for row in bond_classes().values())
    assert {row.binding for row in bond_classes().values()} == {"L", "X"}


def test_distances_by_hand():
    # S of butanethiol last: C4 C3 C2 C1 S, then hydrogens one further than what carries them
    assert donor_distances(Species(smiles="CCCCS", charge=0), ("alkanethiolate",))[:5] == (4, 3, 2, 1, 0)
    assert max(donor_distances(Species(smiles="CCCCS", charge=0), ("alkanethiolate",))) == 5
    assert donor_distances(Species(smiles="CCCC", charge=0), ("alkanethiolate",)) == ()


def test_acids():
    assert acid_of("CC(=O)[O-]") == "CC(=O)O"
    assert acid_of("[S-]c1ccccc1") == "Sc1ccccc1"


@pytest.mark.parametrize(
    "smiles",
    [
        "CN(C)c1ccc(C(=O)c2ccc(N(C)C)cc2)cc1",
        "CCNc1ccccc1",
        "Nc1ccc(C)cc1",
        "CCOCC",
        "CCC(=O)N(C)C",
        "Cc1ccc([N+](=O)[O-])cc1",
        "CCSCC",
        "CCCC#N",
    ],
)
def test_what_does_not_coordinate_is_judged_as_given(smiles):
    assert bound(smiles).role == "as_given"


@pytest.mark.parametrize("smiles", ["CCCCCCN", "CCNCC", "CCN(CC)CC", "c1ccncc1", "Cn1ccnc1", "CCP(CC)CC"])
def test_what_is_held_sits_on_the_dot(smiles):
    assert bound(smiles).role == "bound_L"


def test_every_donor_has_cited_strengths():
    donors = [row.code for row in anchor_rows().values() if row.binding == "L" and row.default is None]
    assert set(donor_strengths()) <= set(anchor_rows())
    for code in donors:
        assert binds(code) == any(row.binds for row in donor_strengths().get(code, ()))
    for code in ("primary_amine", "pyridine", "imidazole"):
        assert any((row.log_k1 or 0.0) >= 1.0 for row in donor_strengths()[code])


@pytest.mark.parametrize(
    ("smiles", "complex_"),
    [
        ("[S-][Ge]([S-])([S-])[S-]", "[S]1[Cd][S][Ge]12[S][Cd][S]2"),
        ("O=[W](=O)([O-])[O-]", "[O]=[W]1(=[O])[O][Cd][O]1"),
    ],
)
def test_a_thiometalate_keeps_its_charge_and_gets_metal_ions(smiles, complex_):
    form = bound(smiles)
    assert form.with_counter_ions
    assert form.free.charge == 0
    assert Chem.CanonSmiles(form.free.smiles) == Chem.CanonSmiles(complex_)
    assert "H" not in form.free.smiles


def test_a_phosphate_binds_as_its_acid_does():
    form = bound("[O-]P(=O)([O-])OCC")
    assert not form.with_counter_ions
    assert form.bond_classes == ("phosphonate",)
