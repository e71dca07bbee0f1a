"""One molecule asked about: the lines, and analogues that are what they are said to be."""

import pytest

import echemscreen as es
from echemscreen.campaign.asking import TRIED, WANTED
from echemscreen.errors import InputError
from echemscreen.ligands.building.analogues import analogues
from echemscreen.ligands.crosslinking.crosslinkers import photoactive_groups
from echemscreen.ligands.parse import parse_smiles

NITRO = "OC(=O)c1ccc(cc1)[N+](=O)[O-]"


def test_a_nitrobenzoic_acid_is_answered_with_inert_acids():
    answer = es.ask(NITRO, "pu2020-red", name="nitro")
    assert answer.assessment.verdict == "active"
    assert answer.limit.process == "reduction"
    assert 0 < len(answer.alternatives) <= WANTED
    assert answer.n_tried <= TRIED
    for item in answer.alternatives:
        # Computed, inert, and an acid as the molecule is.
        assert item.assessment.verdict == "inert"
        again = es.assess(item.analogue.molecule.canonical_smiles, "pu2020-red", level="fast")
        assert again.verdict == "inert"
        assert item.analogue.molecule.anchors[0].code == "carboxylic_acid"
    lines = answer.lines()
    assert len(lines) <= 10
    assert lines[0] == "nitro on pu2020-red: active"
    assert answer.describe()["result"]["verdict"] == "active"
    assert answer.figure().get_size_inches()[0] == pytest.approx(89 / 25.4)


def test_what_is_inert_needs_no_analogue():
    answer = es.ask("CCCCN", "pu2020-red")
    assert answer.assessment.verdict == "inert"
    assert (answer.alternatives, answer.n_tried) == ((), 0)
    assert len(answer.lines()) == 6
    assert " sits on the " in answer.lines()[-1]


@pytest.mark.parametrize("smiles", [NITRO, "Cc1ccc(N=[N+]=[N-])cc1"])
def test_analogues_have_the_anchor_and_the_function_and_differ_in_their_groups(smiles):
    molecule = parse_smiles(smiles, "")
    found = analogues(molecule, limit=10)
    assert len(found) > 3
    assert [item.similarity for item in found] == sorted((item.similarity for item in found), reverse=True)
    for item in found:
        assert bool(photoactive_groups(item.molecule)) == bool(photoactive_groups(molecule))
        assert item.molecule.canonical_smiles != molecule.canonical_smiles
        assert [a.code for a in item.molecule.anchors[:1]] == [a.code for a in molecule.anchors[:1]]


def test_what_has_nothing_in_common_is_no_analogue():
    found = analogues(parse_smiles("[Zn+2]", ""), limit=10)
    assert all(item.similarity > 0.0 for item in found)
    assert "sodium" not in {item.molecule.name for item in found}


def test_what_cannot_be_read_is_one_sentence():
    with pytest.raises(InputError):
        es.ask("C1CC", "pu2020-red")
