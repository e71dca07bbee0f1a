"""Structure of crosslinkers: arms, reach, safety, and what the cited rows say of their groups."""

import csv
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import EmbeddingError, StructureError
from echemscreen.ligands.crosslinking.crosslinker_rows import (
    dose_rows,
    insertion_rows,
    photoactive_group_rows,
    rules,
    thermal_rows,
)
from echemscreen.ligands.crosslinking.crosslinkers import OLEIC_ACID, crosslinker_profile
from echemscreen.ligands.crosslinking.reach import ligand_length_nm, stretched_distance_nm
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.reference_tables import table_path

BISAZIDE = "O=C(OCCOC(=O)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F"
BISDIAZIRINE = "FC(F)(F)C1(N=N1)c1ccc(cc1)C(F)(F)C(F)(F)C(F)(F)C(F)(F)c1ccc(cc1)C1(N=N1)C(F)(F)F"
CANDIDATES = {row.entry.name: row.entry for row in library().rows("crosslinkers")}
TABLES = (
    "photoactive_groups",
    "insertion_classes",
    "thermal_stability",
    "crosslinking_doses",
    "crosslinker_rules",
)

#: A published or textbook member of each group, and how many of the group it carries.
MEMBERS = {
    "perfluoroaryl azide": ("COC(=O)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F", 1),
    "aryl azide": ("[N-]=[N+]=Nc1ccc(Oc2ccc(N=[N+]=[N-])cc2)cc1", 2),
    "sulfonyl azide": ("Cc1ccc(S(=O)(=O)N=[N+]=[N-])cc1", 1),
    "alkyl azide": ("[N-]=[N+]=NCCCCCCN=[N+]=[N-]", 2),
    "aryl diazirine": ("FC(F)(F)C1(c2ccccc2)N=N1", 1),
    "alkyl diazirine": ("CC1(CCC2(C)N=N2)N=N1", 2),
    "diaryl ketone": ("O=C(c1ccccc1)c1ccc(C(=O)c2ccccc2)cc1", 2),
    "cinnamate": ("O=C(/C=C/c1ccccc1)OCCOC(=O)/C=C/c1ccccc1", 2),
    "diacetylene": ("CCCCCCCCCCCCC#CC#CCCCCCCCCC(=O)O", 1),
    "methacrylate or acrylate": ("C=CC(=O)OCCCCCCOC(=O)C=C", 2),
    "vinylarene": ("C=Cc1ccc(C=C)cc1", 2),
    "terminal alkene": ("C=CCN1C(=O)N(CC=C)C(=O)N(CC=C)C1=O", 3),
    "thiol": ("SCCCCCCS", 2),
    "trichloromethyl triazine": ("COc1ccc(/C=C/c2nc(C(Cl)(Cl)Cl)nc(C(Cl)(Cl)Cl)n2)cc1", 2),
    "triarylsulfonium": ("c1ccc([S+](c2ccccc2)c2ccccc2)cc1.O=S(=O)([O-])C(F)(F)F", 1),
    "diaryliodonium": ("c1ccc([I+]c2ccccc2)cc1.O=S(=O)([O-])C(F)(F)F", 1),
    "N-sulfonyloxyimide": ("O=C1c2cccc3cccc(c23)C(=O)N1OS(=O)(=O)C(F)(F)F", 1),
    "oxime sulfonate": ("CC(=NOS(=O)(=O)c1ccc(C)cc1)c1ccccc1", 1),
    "oxime ester": ("CCCCCCC(=NOC(=O)c1ccccc1)C(=O)c1ccc(Sc2ccccc2)cc1", 1),
    "acylphosphine oxide": ("Cc1cc(C)c(c(C)c1)C(=O)P(=O)(c1ccccc1)c1ccccc1", 1),
    "alpha-cleaving aryl ketone": ("CC(C)(O)C(=O)c1ccccc1", 1),
    "2-diazo-1-naphthoquinone": ("[N-]=[N+]=C1C=Cc2c(cccc2S(=O)(=O)O)C1=O", 1),
    "o-nitrobenzyl": ("O=C(NC1CCCCC1)OCc1ccccc1[N+](=O)[O-]", 1),
    "trityl halide": ("ClC(c1ccccc1)(c1ccccc1)c1ccccc1", 1),
}


def counts(smiles):
    profile = crosslinker_profile(smiles)
    return dict((*profile.arms, *profile.additives))


# --- the tables ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_every_row_says_where_it_is_from(name):
    with table_path("ligand_library", f"{name}.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert rows
    assert all(row["citation"].strip() and row["locator"].strip() for row in rows)
    assert len({tuple(row.items()) for row in rows}) == len(rows)


def test_rows_speak_of_groups_that_exist():
    groups = {row.group for row in photoactive_group_rows()}
    assert len(groups) == len(photoactive_group_rows())
    for row in (*insertion_rows(), *thermal_rows(), *dose_rows()):
        assert row.group in groups
        assert row.quality in {"verified", "secondary", "analogue", "unverified"}
    assert {row.insertion_class for row in insertion_rows()} <= {"fast", "moderate", "slow", "rearranges"}
    assert all(0 < row.insertion_yield <= 1 for row in insertion_rows() if row.insertion_yield is not None)
    assert {row.kind for row in thermal_rows()} <= {"decomposes", "stable_to"}
    assert all(row.dose_mj_cm2 > 0 for row in dose_rows())
    assert all(100 < row.wavelength_nm < 1000 for row in dose_rows() if row.wavelength_nm is not None)
    assert rules()["dose_low"].value < rules()["dose_medium"].value
    assert rules()["thermal_fragile"].value < rules()["thermal_robust"].value


def test_every_group_has_a_member_here():
    assert set(MEMBERS) == {row.group for row in photoactive_group_rows()}


@pytest.mark.parametrize("group", MEMBERS)
def test_a_member_has_its_group_and_no_other(group):
    smiles, number = MEMBERS[group]
    assert counts(smiles) == {group: number}


# --- arms and functions -------------------------------------------------------------------


def test_the_library_has_forty_candidates_and_they_are_told_apart():
    assert len(CANDIDATES) >= 40
    functions = {name: crosslinker_profile(entry).function for name, entry in CANDIDATES.items()}
    assert "none" not in functions.values()
    assert {name for name, function in functions.items() if function == "crosslinker"} >= {
        "crosslinker-1",
        "crosslinker-2",
        "crosslinker-3",
        "crosslinker-4",
        "pentaerythritol tetrakis(4-azido-2,3,5,6-tetrafluorobenzoate)",
    }


def test_the_crosslinkers_of_lu_2022():
    profiles = [crosslinker_profile(CANDIDATES[f"crosslinker-{number}"]) for number in (1, 2, 3, 4)]
    assert [profile.arms for profile in profiles] == [
        (("perfluoroaryl azide", 2),),
        (("perfluoroaryl azide", 2),),
        (("perfluoroaryl azide", 2),),
        (("aryl diazirine", 2),),
    ]
    assert all(profile.function == "crosslinker" and profile.n_light_arms == 2 for profile in profiles)
    # (C + O)/N by hand: (17 + 1)/6, (16 + 4)/6, (20 + 1)/7, 20/4.
    assert [profile.nitrogen_ratio for profile in profiles] == pytest.approx([3.0, 20 / 6, 3.0, 5.0])
    assert not any(profile.nitrogen_rich for profile in profiles)
    assert [profile.insertion_class for profile in profiles] == ["moderate"] * 3 + ["fast"]
    assert [profile.intermediate for profile in profiles] == ["singlet nitrene"] * 3 + ["singlet carbene"]
    assert [profile.dose_class for profile in profiles] == ["low"] * 3 + ["high"]
    assert {row.compound for row in profiles[3].doses} == {"crosslinker-4"}
    assert profiles[3].thermal_class == "bounded"
    assert profiles[3].thermal_temperature_c == 75


@pytest.mark.parametrize(
    ("smiles", "function", "reason"),
    [
        (OLEIC_ACID, "none", "no photoactive group: not a crosslinker"),
        ("CCCCCCCCN", "none", "no photoactive group: not a crosslinker"),
        ("NCCCCCCCN", "none", "no photoactive group: not a crosslinker"),
        ("O=C(c1ccccc1)c1ccccc1", "mono-functional", "not a crosslinker by itself"),
        ("O=C(c1ccccc1)c1ccc(CS)cc1", "mono-functional", "bound to a dot by its thiol"),
        ("O=C(O)c1ccc(C(=O)c2ccccc2)cc1", "mono-functional", "bound to a dot by its carboxylic acid"),
        ("CCCCCCCCS", "mono-functional", "1 thiol arm"),
        ("C=CC(=O)OCCCCCCOC(=O)C=C", "initiated crosslinker", "with a radical initiator: 2 methacrylate"),
        ("CC(C)(O)C(=O)c1ccccc1", "additive", "without a linking arm: not a crosslinker"),
    ],
)
def test_what_is_no_crosslinker_gets_a_plain_sentence(smiles, function, reason):
    profile = crosslinker_profile(smiles)
    assert profile.function == function
    assert reason in profile.reason
    assert (profile.reach_nm is None) == (function != "initiated crosslinker")


@pytest.mark.parametrize(
    ("smiles", "words"),
    [
        ("CCN(CC)C(=S)S", "dithiocarbamate: decomposition by light of 254 nm"),
        ("[NH4+].CN(C)C(=S)[S-]", "dithiocarbamate: decomposition by light of 254 nm"),
        ("CCOC(=S)S", "xanthate: decomposition by light of 254 nm"),
        ("Sc1nnc(S)s1", "thiadiazole dithiol: cross-linking by light of 365 nm"),
        ("[S-]c1nnns1", "azole thiol: decomposition by light of 254 or 365 nm"),
        ("CCCCCCNC(=O)OC(C)(C)C", "BOC-protected amine: decomposition by heat or acid"),
        ("C=C(C)C(=O)O", "methacrylate anion: ligand desorption by light of 254 nm"),
        ("OC(=O)CCS", "mercaptocarboxylic acid: ligand desorption by light of 780 nm"),
        ("CN(C)C=O", "formamide: ligand desorption by light of 254, 365 or 405 nm"),
        ("O=C1c2cccc3cccc(c23)C(=O)N1OS(=O)(=O)C(F)(F)F", "increased ionic strength by light of 254, 365"),
    ],
)
def test_what_pan_2023_patterns_with_is_told_by_mechanism_and_stimulus(smiles, words):
    profile = crosslinker_profile(smiles)
    assert profile.function == "patterning ligand"
    assert words in profile.reason
    assert profile.n_light_arms < 2


@pytest.mark.parametrize(
    "smiles", ["CCN(CC)C(=O)C", "CCOC(=O)S", "Sc1ccccn1", "C=C(C)C(=O)OC", "OCCS", OLEIC_ACID]
)
def test_their_like_do_not_pattern_so(smiles):
    assert not crosslinker_profile(smiles).patterning


def test_a_crosslinker_stays_one_whatever_else_it_has():
    both = "FC(F)(F)C1(N=N1)c1ccc(cc1)C(NC(=O)OC(C)(C)C)c1ccc(cc1)C1(N=N1)C(F)(F)F"
    assert crosslinker_profile(both).function == "crosslinker"


def test_a_bound_thiol_is_no_second_anchor_of_its_own_arm():
    assert crosslinker_profile("CCCCCCCCS").anchors == ()
    assert crosslinker_profile("O=C(O)CCS").anchors == ("carboxylic_acid",)


def test_the_arm_of_a_salt_is_found_beside_its_counter_ions():
    salt = crosslinker_profile(CANDIDATES["4,4'-diazidostilbene-2,2'-disulfonate disodium"])
    assert salt.arms == (("aryl azide", 2),)
    assert "Na" not in salt.smiles


def test_one_ortho_fluorine_is_not_enough():
    assert counts("[N-]=[N+]=Nc1ccccc1F") == {"aryl azide": 1}
    assert counts("[N-]=[N+]=Nc1c(F)cccc1F") == {"perfluoroaryl azide": 1}


def test_hydrogen_beside_the_carbene_makes_an_alkyl_diazirine():
    assert counts("CC1(c2ccccc2)N=N1") == {"alkyl diazirine": 1}
    assert crosslinker_profile("CC1(c2ccccc2)N=N1").insertion_class == "rearranges"


# --- safety and heat ----------------------------------------------------------------------


def test_small_polyazides_are_flagged():
    profile = crosslinker_profile("[N-]=[N+]=NCCN=[N+]=[N-]")
    # C2H4N6: 2/6; one carbon for each azide.
    assert profile.nitrogen_ratio == pytest.approx(2 / 6)
    assert profile.atoms_per_energetic_group == 1
    assert profile.nitrogen_rich


def test_the_published_limit_of_the_ratio_is_nonyl_azide():
    # C/N = 3 for n-nonyl azide, the smallest that is isolated; octyl azide is below.
    assert not crosslinker_profile("CCCCCCCCCN=[N+]=[N-]").nitrogen_rich
    assert crosslinker_profile("CCCCCCCCN=[N+]=[N-]").nitrogen_rich


def test_nitrogen_without_stored_energy_is_not_flagged():
    profile = crosslinker_profile("Sc1nnc(S)s1")
    assert profile.nitrogen_ratio == 1
    assert not profile.nitrogen_rich
    assert profile.thermal_class == "not energetic"


def test_fluorine_does_not_dilute_an_azide():
    bare = crosslinker_profile("[N-]=[N+]=Nc1ccccc1")
    fluorinated = crosslinker_profile("[N-]=[N+]=Nc1c(F)c(F)c(F)c(F)c1F")
    assert bare.atoms_per_energetic_group == fluorinated.atoms_per_energetic_group == 6


def test_the_least_stable_published_member_sets_the_class():
    profile = crosslinker_profile("[N-]=[N+]=NCCCCCCCCCCCCN=[N+]=[N-]")
    assert (profile.thermal_class, profile.thermal_temperature_c) == ("moderate", 130)
    unknown = crosslinker_profile("CC1(CCC2(C)N=N2)N=N1")
    assert (unknown.thermal_class, unknown.thermal_temperature_c) == ("unknown", None)


# --- reach --------------------------------------------------------------------------------


def test_reach_of_rigid_and_flexible_molecules_by_hand():
    # para-C...C of benzene 0.280 nm and two C-N bonds of 0.142 nm on one line.
    rigid = stretched_distance_nm("[N-]=[N+]=Nc1ccc(N=[N+]=[N-])cc1", (2, 7))
    assert rigid == pytest.approx(0.564, abs=0.02)
    # Anti butane: C1...C4 of 0.153 nm bonds at 112 degrees is 0.39 nm.
    assert stretched_distance_nm("CCCC", (0, 3)) == pytest.approx(0.39, abs=0.01)
    # All-anti C18: 17 bonds, each 0.153 nm x sin(112/2 degrees) along the axis.
    chain = stretched_distance_nm("CCCCCCCCCCCCCCCCCC", (0, 17))
    assert chain == pytest.approx(17 * 0.153 * math.sin(math.radians(56)), rel=0.03)


def test_reach_of_crosslinkers_2_and_4_by_hand():
    # An arm N-C6F4-C is 0.142 + 0.280 + 0.149 nm long; between the carbonyls stand five bonds, at most
    # 2 x 0.135 + 2 x 0.144 + 0.151 nm, of which a zigzag keeps two thirds or more.
    arm, bridge = 0.571, 0.709
    assert 2 * arm + bridge * 2 / 3 < crosslinker_profile(BISAZIDE).reach_nm < 2 * arm + bridge
    # C(diazirine)-C6H4-CF2 is 0.150 + 0.280 + 0.151 nm, C1...C4 of the perfluorobutane 0.39 nm.
    arm, bridge = 0.581, 0.39
    reach = crosslinker_profile(BISDIAZIRINE).reach_nm
    assert 2 * arm < reach < 2 * arm + bridge


def test_length_of_oleate():
    length = ligand_length_nm(OLEIC_ACID)
    # About 2.0 nm is usual for oleate; it is shorter than stearate, whose chain has no cis bond.
    assert 1.9 < length < ligand_length_nm("CCCCCCCCCCCCCCCCCC(=O)O") < 2.3
    profile = crosslinker_profile(BISAZIDE)
    assert profile.ligand_length_nm == length
    assert profile.reach_ratio == pytest.approx(profile.reach_nm / length)
    shorter = crosslinker_profile(BISAZIDE, ligand="CCCCCCCCS")
    assert shorter.reach_ratio > profile.reach_ratio
    assert shorter.reach_nm == profile.reach_nm


def test_no_pair_no_reach_and_no_metal():
    assert stretched_distance_nm("CCCC", (0,)) is None
    assert stretched_distance_nm("CCCC", ()) is None
    with pytest.raises(EmbeddingError, match="has a metal"):
        stretched_distance_nm("C[Hg]C", (0, 2))
    with pytest.raises(StructureError):
        stretched_distance_nm("C1CC", (0, 1))


# --- invariants ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["crosslinker-1", "crosslinker-2", "crosslinker-4", "triallyl isocyanurate"])
def test_atom_order_and_name_change_nothing(name):
    entry = CANDIDATES[name]
    expected = crosslinker_profile(entry)
    shuffled = Chem.MolFromSmiles(entry.canonical_smiles)
    for smiles in Chem.MolToRandomSmilesVect(shuffled, 3, randomSeed=7):
        assert crosslinker_profile(smiles) == expected
        assert crosslinker_profile(parse_smiles(smiles, "another name")) == expected


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(CANDIDATES)), st.integers(min_value=1, max_value=10_000))
def test_counts_do_not_depend_on_the_order_of_atoms(name, seed):
    entry = CANDIDATES[name]
    if "." in entry.canonical_smiles:
        return
    mol = Chem.MolFromSmiles(entry.canonical_smiles)
    (smiles,) = Chem.MolToRandomSmilesVect(mol, 1, randomSeed=seed)
    shuffled, expected = crosslinker_profile(smiles), crosslinker_profile(entry)
    assert (shuffled.arms, shuffled.additives, shuffled.reason) == (
        expected.arms,
        expected.additives,
        expected.reason,
    )


@settings(max_examples=30, deadline=None)
@given(st.integers(min_value=2, max_value=8), st.integers(min_value=0, max_value=4))
def test_longer_bridges_reach_further_and_arms_add_up(n_carbon, n_alcohol):
    smiles = f"SC{'C(O)' * n_alcohol}{'C' * n_carbon}S"
    longer = f"SC{'C(O)' * n_alcohol}{'C' * (n_carbon + 2)}S"
    short, long = crosslinker_profile(smiles), crosslinker_profile(longer)
    assert short.n_initiated_arms == long.n_initiated_arms == 2
    assert short.reach_nm < long.reach_nm
    # No chain is longer than its bonds.
    assert long.reach_nm < 0.16 * (n_carbon + 2 + n_alcohol) + 2 * 0.185
