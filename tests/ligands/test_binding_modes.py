"""Every way of holding on to a metal: which anchors, which rings, which bridges, which never."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.ligands.binding.forms import binding_modes, forms_of, site_models
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.groups import anchor_rows, binds
from echemscreen.ligands.parse import parse_smiles

CD = {"site_metal": "Cd", "site_charge": 2}
CYSTEINE = "NC(CS)C(=O)O"


def modes(smiles):
    return {(m.anchor, m.binding, m.mode) for m in binding_modes(parse_smiles(smiles, "x"))}


def chelates(smiles):
    return {anchor for anchor, _, mode in modes(smiles) if mode == "chelating"}


def forms(smiles, **choices):
    return forms_of(parse_smiles(smiles, "x"), **{**CD, "which": "all", **choices})


def bound(smiles, **choices):
    return [form for form in forms(smiles, **choices) if form.bound is not None]


def test_cysteine_lists_each_anchor_and_each_pair():
    assert modes(CYSTEINE) == {
        ("thiol", "X", "monodentate"),
        ("carboxylic_acid", "X", "monodentate"),
        ("primary_amine", "L", "monodentate"),
        ("thiol+primary_amine", "X", "chelating"),
        ("thiol+carboxylic_acid", "X", "chelating"),
        ("carboxylic_acid+primary_amine", "X", "chelating"),
        ("carboxylic_acid", "X", "bridging"),
    }


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        # Glycinate and ethylenediamine close five-rings, 3-mercaptopropionate a six-ring.
        ("NCC(=O)O", {"carboxylic_acid+primary_amine"}),
        ("NCCN", {"primary_amine+primary_amine"}),
        ("OC(=O)CS", {"thiol+carboxylic_acid"}),
        ("OC(=O)CCS", {"thiol+carboxylic_acid"}),
        ("OC(=O)CCCS", {"thiol+carboxylic_acid"}),
        ("OC(=O)CCCCS", set()),
        # Dihydrolipoic acid holds on by its dithiol; its acid is too far away.
        ("OC(=O)CCCCC(S)CCS", {"thiol+thiol"}),
        ("c1ccnc(c1)-c1ccccn1", {"pyridine+pyridine"}),
        ("Oc1cccc2cccnc12", {"pyridine+phenol"}),
        ("Oc1ccccc1O", {"phenol+phenol"}),
        ("Nc1ccccc1C(=O)O", {"carboxylic_acid+aniline"}),
        # Rigid molecules whose donors point apart.
        ("Nc1cccc(C(=O)O)c1", set()),
        ("Nc1ccc(C(=O)O)cc1", set()),
        ("c1cc(-c2ccncc2)ccn1", set()),
        ("OC(=O)/C=C/C(=O)O", set()),
        ("OC(=O)/C=C\\C(=O)O", {"carboxylic_acid+carboxylic_acid"}),
        ("NCC#CCN", set()),
        # Dithiooxalate, by both sulfurs.
        ("[S-]C(=O)C(=O)[S-]", {"thiocarboxylic_acid+thiocarboxylic_acid"}),
        # Citric acid: alpha- and beta-hydroxyacid rings, and two acids of which one is central.
        ("OC(=O)CC(O)(C(=O)O)CC(=O)O", {"carboxylic_acid+carboxylic_acid", "carboxylic_acid+alcohol"}),
        # Weak neutral donors make no chelate by themselves.
        ("COCCOC", set()),
        # The four-ring of a carboxylate or a phosphonate is left to the relaxation.
        ("CC(=O)O", set()),
        ("CCP(=O)(O)O", set()),
    ],
)
def test_chelates_close_rings_of_five_to_seven(smiles, expected):
    assert chelates(smiles) == expected


def test_equivalent_donors_count_once():
    assert len(bound("OC(=O)CCCCC(=O)O")) == 3  # monodentate, mu-carboxylate, one site at each end
    assert [form.mode for form in bound("NCCN")] == ["monodentate", "chelating", "bridging"]
    two = [form for form in bound("OC(=O)CC(O)(C(=O)O)CC(=O)O") if form.anchor == "carboxylic_acid"]
    assert len([form for form in two if form.mode == "monodentate"]) == 2


@pytest.mark.parametrize(
    ("smiles", "mode", "anchor", "expected"),
    [
        ("NCC(=O)O", "chelating", "carboxylic_acid+primary_amine", "O=C1C[NH2]->[Cd](OC(C)=O)O1"),
        ("OC(=O)CS", "chelating", "thiol+carboxylic_acid", "O=C1CS[Cd]O1"),
        ("NCCN", "chelating", "primary_amine+primary_amine", "C1C[NH2]->[Cd](OC(C)=O)(OC(C)=O)<-[NH2]1"),
        (
            "CC(=O)O",
            "bridging",
            "carboxylic_acid",
            "CC(=O)O[Cd]OC(C)=O->[Cd](OC(C)=O)OC(C)=O",
        ),
        ("SCCS", "bridging", "thiol+thiol", "CC(=O)O[Cd]SCCS[Cd]OC(C)=O"),
    ],
)
def test_complexes_are_those_drawn_by_hand(smiles, mode, anchor, expected):
    found = [form for form in bound(smiles) if (form.mode, form.anchor) == (mode, anchor)]
    assert [form.bound.smiles for form in found] == [Chem.MolToSmiles(Chem.MolFromSmiles(expected))]


def test_thiocyanate_binds_by_either_end():
    found = {form.anchor: form.bound.smiles for form in bound("[S-]C#N") if form.mode == "monodentate"}
    assert found == {
        "thiocyanate": Chem.CanonSmiles("N#CS[Cd]OC(C)=O"),
        "thiocyanate_n": Chem.CanonSmiles("S=C=N[Cd]OC(C)=O"),
    }
    assert bound("[S-]C#N")[0].anchor == "thiocyanate"
    assert bound("[N-]=C=S")[0].anchor == "thiocyanate_n"


def test_tetrazolate_binds_by_either_kind_of_nitrogen():
    found = [form for form in bound("c1nnn[n-]1") if form.binding == "X"]
    assert len({form.bound.smiles for form in found}) == len(found) == 2
    assert {form.anchor for form in found} == {"azolate"}


def test_a_zwitterion_binds_as_the_neutral_amino_acid():
    neutral = modes("NCC(=O)O")
    assert neutral == modes("[NH3+]CC(=O)[O-]")
    # A betaine has no proton to move.
    assert modes("C[N+](C)(C)CC(=O)[O-]") == {("carboxylate", "L", "monodentate")}


def test_the_dianion_binds_by_the_anchor_that_is_named():
    default = forms("[O-]C(=O)CC[S-]", which="bound")[0]
    assert default.anchor == "thiolate"
    assert default.bound.smiles == Chem.CanonSmiles("OC(=O)CCS[Cd]OC(C)=O")


@pytest.mark.parametrize(
    ("smiles", "anchor"),
    [
        ("CCO", "alcohol"),
        ("Oc1ccccc1", "phenol"),
        ("C1CCOC1", "ether"),
        ("CC#N", "nitrile"),
        ("CSC", "thioether"),
        ("CN(C)C=O", "amide_oxygen"),
        ("CS(C)=O", "sulfoxide"),
        ("CSSC", "disulfide"),
        ("NC(N)=S", "thione"),
        ("[O-]Cl(=O)(=O)=O", "perchlorate"),
    ],
)
def test_weak_donors_are_listed_and_never_the_default(smiles, anchor):
    assert not binds(anchor)
    assert forms(smiles, which="bound")[0].role == "as_given"
    first, *others = forms(smiles)
    assert first.role == "as_given"
    assert [(form.anchor, form.mode) for form in others] == [(anchor, "monodentate")]


@pytest.mark.parametrize(
    "smiles",
    [
        "CCOC(=O)c1ccc(N=[N+]=[N-])cc1",
        "[N-]=[N+]=Nc1c(F)c(F)c(C(=O)OCC)c(F)c1F",
        "FC(F)(F)C1(c2ccccc2)N=N1",
        "O=C(c1ccccc1)c1ccccc1",
        "CC(=O)OC",
        "CC(C)=O",
        "C[N+](C)(C)C",
    ],
)
def test_crosslinkers_esters_and_ketones_bind_by_nothing(smiles):
    assert binding_modes(parse_smiles(smiles, "x")) == ()
    assert [form.role for form in forms(smiles)] == ["as_given"]


@pytest.mark.parametrize(
    ("smiles", "anchor", "free"),
    [
        ("[O-]P(=O)([O-])[O-]", "phosphoric_acid", "OP(=O)(O)O"),
        ("CN(C)C(=O)[O-]", "carbamate_ion", "CN(C)C(=O)O"),
        ("[O-]C(=O)[O-]", "carbonate_ion", "OC(=O)O"),
        ("[O-]N=O", "nitrite", "ON=O"),
    ],
)
def test_inorganic_anions_bind_as_x(smiles, anchor, free):
    default = forms(smiles, which="bound")[0]
    assert (default.role, default.anchor, default.mode) == ("bound_X", anchor, "monodentate")
    hydrogens = Chem.AddHs(Chem.MolFromSmiles(default.free.smiles))
    expected = Chem.AddHs(Chem.MolFromSmiles(free))
    assert Chem.MolToSmiles(hydrogens) == Chem.MolToSmiles(expected)


@pytest.mark.parametrize(
    ("smiles", "anchor", "metals"),
    [
        ("[S-][Sn]([S-])([S-])[S-]", "chalcogenidometalate", 2),
        ("[S-][Sn]1([S-])S[Sn]([S-])([S-])S1", "chalcogenidometalate", 2),
        ("[S-][As]([S-])[S-]", "chalcogenidometalate", 2),
        ("[Se-][In]1[Se][In]([Se-])[Se]1", "chalcogenidometalate", 1),
        ("[O-][Mo](=O)(=O)[O-]", "oxometalate", 1),
        ("[O-]S(=O)(=O)[O-]", "sulfate", 1),
    ],
)
def test_inorganic_polyanions_have_metal_ions_and_no_protons(smiles, anchor, metals):
    (default,) = forms(smiles, which="bound")
    assert (default.role, default.anchor, default.bound) == ("bound_X", anchor, None)
    assert default.free.charge == 0
    complex_ = Chem.MolFromSmiles(default.free.smiles)
    assert [atom.GetSymbol() for atom in complex_.GetAtoms()].count("Cd") == metals
    # Three charges on two ions of two leave one valence, which an acetate takes.
    n_hydrogens = 3 if smiles.count("-]") == 3 else 0
    assert [atom.GetSymbol() for atom in Chem.AddHs(complex_).GetAtoms()].count("H") == n_hydrogens
    assert [form.role for form in forms(smiles)] == ["bound_X", "free"]


@pytest.mark.parametrize("smiles", ["CC(=O)O", "CCN(CC)C(=S)[S-]", "SCCS", "NCCN", CYSTEINE])
def test_two_sites_embed_and_are_both_the_site(smiles):
    for form in bound(smiles):
        (geometry,) = embed(form.bound, ligand=form.free)
        n_sites = 2 if form.mode == "bridging" else 1
        assert [geometry.symbols[i] for i in geometry.site_atoms].count("Cd") == n_sites


def test_a_site_of_one_valence_takes_no_dianion():
    silver = bound(CYSTEINE, site_metal="Ag", site_charge=1)
    assert "thiol+carboxylic_acid" not in {form.anchor for form in silver}
    assert "thiol+primary_amine" in {form.anchor for form in silver}


def test_salts_and_mixtures_list_their_parts():
    salt = parse_smiles("[Zn+2].NCC(=O)[O-].NCC(=O)[O-]", "x")
    assert binding_modes(salt) == binding_modes(parse_smiles("NCC(=O)[O-]", "x"))
    pair = parse_smiles("C[N+](C)(C)C.CC(=O)[O-]", "x")
    assert [mode.anchor for mode in binding_modes(pair)] == ["carboxylate", "carboxylate"]
    assert forms_of(salt, **CD)[0].mode == "monodentate"


def test_every_row_says_how_hard_it_is_and_new_ones_stand_last():
    rows = anchor_rows()
    assert {row.hard_soft for row in rows.values()} == {"hard", "borderline", "soft"}
    assert all(row.hard_soft_base and row.hard_soft_citation for row in rows.values())
    assert max(row.priority for row in rows.values() if row.default is False) < min(
        rows[code].priority for code in ("nitrate", "aniline", "carboxylate")
    )
    # Pearson's own examples.
    expected = {"thiol": "soft", "phosphine": "soft", "primary_amine": "hard", "pyridine": "borderline"}
    assert {code: rows[code].hard_soft for code in expected} == expected
    assert all(Chem.MolFromSmarts(row.smarts) is not None for row in rows.values())


def test_every_row_is_met_by_some_molecule_of_this_file():
    """A pattern that matches nothing would go unseen."""
    examples = [
        CYSTEINE,
        "CCP(=O)(O)O",
        "[S-]S(=O)(=O)[O-]",
        "[S-]P([S-])([S-])=S",
        "CS(=O)[O-]",
        "c1nnn[nH]1",
    ]
    found = {mode.anchor for smiles in examples for mode in binding_modes(parse_smiles(smiles, "x"))}
    assert {"thiosulfate", "thiophosphate", "sulfite", "tetrazole_nh"} <= found


HEADS = ["C(=O)O", "S", "N", "P(=O)(O)O", "O", "C#N", "C(=S)[S-]", "P(C)C"]


@settings(max_examples=60, deadline=None)
@given(
    head=st.sampled_from(HEADS),
    tail=st.sampled_from(HEADS),
    length=st.integers(1, 6),
    site=st.sampled_from(list(site_models())),
)
def test_all_forms_are_neutral_unlike_and_lose_no_atom(head, tail, length, site):
    reversed_head = {"C(=O)O": "OC(=O)", "P(=O)(O)O": "OP(=O)(O)", "C#N": "N#C", "C(=S)[S-]": "[S-]C(=S)"}
    smiles = f"{reversed_head.get(head, 'CP(C)' if head == 'P(C)C' else head)}{'C' * length}{tail}"
    unit = parse_smiles(smiles, "x")
    choices = {"site_metal": site.symbol, "site_charge": site.charge}
    found = forms_of(unit, **choices, which="all")
    default = forms_of(unit, **choices)
    assert found[0] == default[0]
    complexes = [form.bound.smiles for form in found if form.bound is not None]
    assert len(set(complexes)) == len(complexes)
    for form in found:
        if form.bound is None:
            continue
        mol = Chem.MolFromSmiles(form.bound.smiles)
        assert form.bound.charge == Chem.GetFormalCharge(mol) == 0
        n_sites = sum(atom.GetSymbol() == site.symbol for atom in mol.GetAtoms())
        assert n_sites == (2 if form.mode == "bridging" else 1)
        free = Chem.MolFromSmiles(form.free.smiles)
        # Spectators complete the valence that the lost protons leave: site and ligand balance.
        hydrogens = [sum(a.GetTotalNumHs() for a in m.GetAtoms()) for m in (free, mol)]
        n_spectators = (mol.GetNumHeavyAtoms() - n_sites - free.GetNumHeavyAtoms()) / 4
        n_lost = n_sites * site.charge - n_spectators
        assert hydrogens[1] == hydrogens[0] - n_lost + 3 * n_spectators
        assert n_lost in ((0,) if form.binding == "L" else (1, 2))
