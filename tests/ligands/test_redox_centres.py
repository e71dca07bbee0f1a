"""Equal redox centres: what is one, how it is cut out, and that bonds of other kinds keep it whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.ligands.binding.sites import species_of
from echemscreen.ligands.redox_centres import equal_centres
from echemscreen.records.molecules import Species


def centres(smiles):
    found = equal_centres(species_of(Chem.MolFromSmiles(smiles)))
    return {centre.species.smiles: centre.count for centre in found}


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        pytest.param(
            "O=[N+]([O-])c1ccc(CCc2ccc([N+](=O)[O-])cc2)cc1", {"CCc1ccc([N+](=O)[O-])cc1": 2}, id="bibenzyl"
        ),
        pytest.param(
            "FC(F)(F)C1(c2ccc(C(F)(F)C(F)(F)C(F)(F)c3ccc(C4(C(F)(F)F)N=N4)cc3)cc2)N=N1",
            {"FC(F)(F)C(F)(F)c1ccc(C2(C(F)(F)F)N=N2)cc1": 2},
            id="perfluorinated link leaves fluorine",
        ),
        pytest.param("[N-]=[N+]=NCCOCCOCCN=[N+]=[N-]", {"[N-]=[N+]=NCCOC": 2}, id="an ether stays an ether"),
        pytest.param(
            "C=CC(=O)OCCOC(=O)c1ccccc1",
            {},
            id="different ends are not equal",
        ),
        pytest.param(
            "O=C(CCC(=O)c1ccccc1)OCCOC(=O)CCC(=O)c1ccccc1",
            {"CCC(=O)c1ccccc1": 2, "CCOC(=O)CC": 2},
            id="every kind of centre is named",
        ),
    ],
)
def test_centres_are_cut_at_saturated_carbon(smiles, expected):
    assert centres(smiles) == {Chem.CanonSmiles(key): count for key, count in expected.items()}


@pytest.mark.parametrize(
    "smiles",
    [
        pytest.param("O=C(c1ccccc1)c1ccccc1", id="a carbonyl joins its rings"),
        pytest.param("c1ccc(Oc2ccccc2)cc1", id="so does an oxygen"),
        pytest.param("c1ccc(P(c2ccccc2)c2ccccc2)cc1", id="and a phosphorus"),
        pytest.param("ClCc1ccc(CCl)cc1", id="benzylic halides belong to their ring"),
        pytest.param("CC1(c2ccccc2)N=N1", id="a diazirine and its aryl are one"),
        pytest.param("CC(C)(OOC(C)(C)c1ccccc1)c1ccccc1", id="a peroxide is not cut at its oxygens"),
        pytest.param("C1=CCC=CC1", id="a ring with its double bonds is one"),
        pytest.param("CCOCCOCC", id="ethers are no centres"),
        pytest.param("CCCCCCCC", id="alkanes have none"),
        pytest.param("[O-]C(=O)CCC(=O)[O-]", id="charges sit somewhere"),
    ],
)
def test_what_has_no_equal_centres(smiles):
    assert centres(smiles) == {}


#: The same arm written towards a link and away from it.
ARMS = [
    ("COC(=O)c1ccccc1", "c1ccccc1C(=O)OC"),
    ("[N-]=[N+]=N", "N=[N+]=[N-]"),
    ("O=C(c1ccccc1)", "C(=O)c1ccccc1"),
    ("O=[N+]([O-])c1ccc(cc1)", "c1ccc([N+](=O)[O-])cc1"),
    ("C=C", "C=C"),
]


@settings(deadline=None, max_examples=40)
@given(arm=st.sampled_from(ARMS), n_carbons=st.integers(2, 12), seed=st.integers(0, 50))
def test_two_equal_arms_give_one_centre_counted_twice(arm, n_carbons, seed):
    mol = Chem.MolFromSmiles(arm[0] + "C" * n_carbons + arm[1])
    found = equal_centres(species_of(mol))
    assert [centre.count for centre in found] == [2]
    # A centre has no equal centres itself; neither atom order nor the length of the link matters.
    assert equal_centres(found[0].species) == ()
    shuffled = Chem.MolFromSmiles(Chem.MolToRandomSmilesVect(mol, 1, randomSeed=seed)[0])
    assert equal_centres(species_of(shuffled)) == found
    assert centres(arm[0] + "CC" + arm[1]) == centres(arm[0] + "C" * n_carbons + arm[1])


def test_radicals_and_ions_are_left_whole():
    assert equal_centres(Species(smiles="C=CCCC=C", charge=-1, n_unpaired=1)) == ()
