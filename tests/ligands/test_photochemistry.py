"""What light makes of crosslinkers and light-sensitive ligands: published examples, balances, refusals."""

import csv
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from echemscreen.errors import StructureError, TableError
from echemscreen.ligands.crosslinking.crosslinkers import crosslinker_profile
from echemscreen.ligands.crosslinking.photochemistry import (
    photoproducts,
    photoreaction_rows,
)
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.reference_tables import table_path

TABLE = table_path("ligand_library", "photoreactions.csv")
ROWS = photoreaction_rows()

PHENYL_AZIDE = "[N-]=[N+]=Nc1ccccc1"
PERFLUORO_AZIDE = "COC(=O)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F"
# Crosslinkers 2 and 4 of Lu et al. (2022), drawn from their names.
BISAZIDE = "O=C(OCCOC(=O)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F"
BISDIAZIRINE = "FC(F)(F)C1(N=N1)c1ccc(cc1)C(F)(F)C(F)(F)C(F)(F)C(F)(F)c1ccc(cc1)C1(N=N1)C(F)(F)F"
DIAZIRINE = "FC(F)(F)C1(c2ccccc2)N=N1"
BENZOPHENONE = "O=C(c1ccccc1)c1ccccc1"
TRIFLATE = "O=S(=O)([O-])C(F)(F)F"


def canonical(smiles):
    return Chem.MolToSmiles(Chem.MolFromSmiles(smiles))


def content(*parts):
    """Atoms and charge, from the molecular formulas."""
    total = Counter()
    for part in parts:
        body, sign, number = re.fullmatch(
            r"((?:[A-Z][a-z]?\d*)+)(?:([+-])(\d*))?", CalcMolFormula(Chem.MolFromSmiles(part))
        ).groups()
        for symbol, count in re.findall(r"([A-Z][a-z]?)(\d*)", body):
            total[symbol] += int(count or 1)
        if sign:
            total["charge"] += int(f"{sign}{number or 1}")
    return {key: value for key, value in total.items() if value}


def balances(product):
    return content(product.parent, *product.reactants) == content(product.smiles, *product.released)


def n_radical_electrons(smiles):
    return sum(atom.GetNumRadicalElectrons() for atom in Chem.MolFromSmiles(smiles).GetAtoms())


def by_reaction(smiles, **more):
    """Products by row; the tests of this file ask only for rows with one product."""
    return {product.reaction: product for product in photoproducts(smiles, **more)}


# --- the table ----------------------------------------------------------------------------


def test_the_balance_of_this_file_can_fail():
    assert content("CC(=O)[O-]") == {"C": 2, "H": 3, "O": 2, "charge": -1}
    assert content("[NH4+]", "[Cl-]") == {"N": 1, "H": 4, "Cl": 1}
    assert content("[S-2]")["charge"] == -2


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.code)
def test_every_row_balances_on_its_published_example(row):
    atmosphere = "air" if row.atmosphere == "air" else "n2"
    products = [
        item for item in photoproducts(row.example, atmosphere=atmosphere) if item.reaction == row.code
    ]
    assert products
    for product in products:
        assert balances(product)
        assert product.charge == Chem.GetFormalCharge(Chem.MolFromSmiles(product.smiles))
        assert canonical(product.smiles) == product.smiles
        assert row.citation in str(product.citation)
        if product.role == "intermediate":
            assert product.n_unpaired % 2 == n_radical_electrons(product.smiles) % 2
        else:
            assert product.n_unpaired == n_radical_electrons(product.smiles) == 0


def test_every_kind_of_ligand_that_the_reviews_name_has_a_row():
    groups = {row.group for row in ROWS}
    assert groups >= {
        "aryl azide",
        "alkyl azide",
        "aryl diazirine",
        "alkyl diazirine",
        "diaryl ketone",
        "tert-butyl carbamate",
        "ammonium carbamate",
        "o-nitrobenzyl ester",
        "o-nitrobenzyl carbamate",
        "trichloromethyl triazine",
        "triarylsulfonium",
        "diaryliodonium",
        "N-sulfonyloxynaphthalimide",
        "oxime sulfonate",
        "thiatriazolethiolate",
        "tetrazolethiol",
        "thiadiazole dithiol",
        "mercaptocarboxylic acid",
        "xanthate",
        "dithiocarbamate",
        "dithiooxalate",
        "thiostannate",
        "2-diazo-1-naphthoquinone",
        "thiol",
        "alkene",
        "methacrylate or acrylate",
        "cinnamate",
        "diacetylene",
        "vinylarene",
        "terminal alkene",
        "acylphosphine oxide",
        "alpha-cleaving aryl ketone",
        "oxime ester",
        "trityl halide",
    }


@pytest.mark.parametrize("row", tuple(library().rows("crosslinkers")), ids=lambda row: row.entry.name)
def test_every_candidate_of_the_library_has_a_ledger(row):
    """What links has a wanted link; what only helps, an intermediate or a residue."""
    roles = {product.role for product in photoproducts(row.entry)}
    assert roles
    if crosslinker_profile(row.entry).function in {"crosslinker", "initiated crosslinker"}:
        assert "wanted_link" in roles


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"role": "wish"}, "column role: 'wish'"),
        ({"atmosphere": "argon"}, "column atmosphere: 'argon'"),
        ({"arms": "all"}, "arms 'all'"),
        ({"follows": "aryl_nitrene_quintet"}, "no intermediate of an earlier row"),
        ({"smirks": "[c:1][N:2]>>("}, "cannot be read"),
        ({"smirks": "[c:1][N;X2:2]=[N+:3]=[N-:4]>>[c:1][N;+0;H0:2]"}, "do not balance"),
        ({"smirks": "[c:1][N;X2:2]=[N+:3]=[N-:4]>>[c:1][N;+0;H2:2].[N;+0:3]#[N;+0:4]"}, "do not balance"),
        ({"n_unpaired": "1"}, "1 unpaired electrons"),
        ({"reactants": "CCC"}, "other reactants"),
        ({"reactants": "C1CC"}, "'C1CC' cannot be read"),
        ({"example": "CCCC"}, "does not react"),
        ({"example": "not a smiles"}, "cannot be read"),
        ({"citation": ""}, "no source"),
    ],
)
def test_a_broken_row_is_named(tmp_path, changes, complaint):
    with TABLE.open(newline="", encoding="utf-8") as handle:
        first = next(csv.DictReader(handle))
    assert first["code"] == "aryl_nitrene_singlet"
    path = tmp_path / "mine.csv"
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(first))
        writer.writeheader()
        writer.writerow(first | changes)
    with pytest.raises(TableError, match=r"mine\.csv, line 2") as caught:
        photoreaction_rows(path)
    assert complaint in caught.value.message
    assert caught.value.remedy


def test_a_code_stands_once(tmp_path):
    header, row = TABLE.read_text(encoding="utf-8").splitlines()[:2]
    path = tmp_path / "mine.csv"
    path.write_text(f"{header}\n{row}\n{row}\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"line 3, aryl_nitrene_singlet: the code stands twice"):
        photoreaction_rows(path)


# --- azides -------------------------------------------------------------------------------


def test_phenyl_azide_expands_its_ring():
    found = by_reaction(PHENYL_AZIDE)
    assert found["aryl_didehydroazepine"].smiles == canonical("C1=CC=CC=C=N1")
    assert found["aryl_azepine_amine"].smiles == canonical("CCN(CC)C1=NC=CC=CC1")
    assert found["aryl_nitrene_amine"].smiles == canonical("Nc1ccccc1")
    assert found["aryl_azo_dimer"].smiles == canonical("c1ccccc1N=Nc1ccccc1")


def test_two_ortho_fluorine_atoms_keep_the_ring():
    found = by_reaction(PERFLUORO_AZIDE)
    assert not {"aryl_didehydroazepine", "aryl_azepine_amine"} & set(found)
    assert found["aryl_nitrene_insertion"].smiles == canonical("COC(=O)c1c(F)c(F)c(NC(C)C)c(F)c1F")
    assert "aryl_didehydroazepine" in by_reaction("[N-]=[N+]=Nc1ccccc1F")


def test_singlet_and_triplet_nitrene_differ_in_spin_alone():
    found = by_reaction(PHENYL_AZIDE)
    singlet, triplet = found["aryl_nitrene_singlet"], found["aryl_nitrene_triplet"]
    assert singlet.smiles == triplet.smiles == canonical("[N]c1ccccc1")
    assert (singlet.n_unpaired, triplet.n_unpaired) == (0, 2)
    assert n_radical_electrons(triplet.smiles) == 2


def test_oxygen_meets_the_nitrene_in_air_alone():
    assert "aryl_nitroso_oxide" not in by_reaction(PHENYL_AZIDE)
    found = by_reaction(PHENYL_AZIDE, atmosphere="air")["aryl_nitroso_oxide"]
    assert found.reactants == ("O=O",)
    assert found.atmosphere == "air"


def test_both_arms_of_a_bisazide_link_and_one_makes_the_nitrene():
    found = by_reaction(BISAZIDE)
    # C16H4F8N6O4, two N2 lost, two C3H8 taken up.
    assert CalcMolFormula(Chem.MolFromSmiles(BISAZIDE)) == "C16H4F8N6O4"
    link = found["aryl_nitrene_insertion"]
    assert CalcMolFormula(Chem.MolFromSmiles(link.smiles)) == "C22H20F8N2O4"
    assert link.reactants == ("CCC", "CCC")
    assert link.released == ("N#N", "N#N")
    assert link.yield_fraction is None
    nitrene = found["aryl_nitrene_triplet"]
    assert CalcMolFormula(Chem.MolFromSmiles(nitrene.smiles)) == "C16H4F8N4O4"
    assert CalcMolFormula(Chem.MolFromSmiles(found["aryl_azo_dimer"].smiles)) == "C32H8F16N8O8"


def test_each_different_arm_makes_its_own_nitrene():
    uneven = "[N-]=[N+]=Nc1ccc(CC(=O)Oc2ccc(N=[N+]=[N-])cc2)cc1"
    nitrenes = [item.smiles for item in photoproducts(uneven) if item.reaction == "aryl_nitrene_triplet"]
    assert len(set(nitrenes)) == len(nitrenes) == 2
    links = [item for item in photoproducts(uneven) if item.reaction == "aryl_nitrene_insertion"]
    assert len(links) == 1


def test_a_yield_is_given_for_the_measured_compound_alone():
    measured = by_reaction("N#Cc1c(F)c(F)c(N=[N+]=[N-])c(F)c1F")["aryl_nitrene_insertion"]
    assert measured.yield_fraction == pytest.approx(0.775)
    assert by_reaction(PHENYL_AZIDE)["aryl_nitrene_insertion"].yield_fraction is None


def test_alkyl_azides_make_imines_and_no_insertion():
    found = by_reaction("[N-]=[N+]=NCc1ccccc1")
    assert found["alkyl_imine"].smiles == canonical("N=Cc1ccccc1")
    assert "wanted_link" not in {item.role for item in found.values()}
    assert "alkyl_imine" not in by_reaction("[N-]=[N+]=NC12CC3CC(CC(C3)C1)C2")
    # The stereocentre gives its hydrogen.
    assert by_reaction("CC[C@H](C)N=[N+]=[N-]")["alkyl_imine"].smiles == canonical("CCC(C)=N")


# --- diazirines and ketones ---------------------------------------------------------------


def test_trifluoromethyl_phenyl_diazirine():
    inert, air = by_reaction(DIAZIRINE), by_reaction(DIAZIRINE, atmosphere="air")
    assert inert["aryl_carbene_singlet"].smiles == canonical("[C](C(F)(F)F)c1ccccc1")
    assert [inert[f"aryl_carbene_{spin}"].n_unpaired for spin in ("singlet", "triplet")] == [0, 2]
    assert inert["aryl_diazo"].smiles == canonical("[N-]=[N+]=C(c1ccccc1)C(F)(F)F")
    assert inert["aryl_diazo"].released == ()
    assert inert["aryl_diazo"].yield_fraction == pytest.approx(0.35)
    assert inert["aryl_carbene_insertion"].smiles == canonical("CC(C)C(c1ccccc1)C(F)(F)F")
    assert CalcMolFormula(Chem.MolFromSmiles(inert["aryl_azine"].smiles)) == "C16H10F6N2"
    assert set(air) - set(inert) == {"aryl_carbonyl_oxide", "aryl_carbene_ketone"}
    assert air["aryl_carbene_ketone"].smiles == canonical("O=C(c1ccccc1)C(F)(F)F")


def test_bisdiazirine_links_with_both_arms():
    # C20H8F14N4, two N2 lost, two C3H8 taken up.
    assert CalcMolFormula(Chem.MolFromSmiles(BISDIAZIRINE)) == "C20H8F14N4"
    link = by_reaction(BISDIAZIRINE)["aryl_carbene_insertion"]
    assert CalcMolFormula(Chem.MolFromSmiles(link.smiles)) == "C26H24F14"


def test_a_diazirine_with_alpha_hydrogen_makes_an_alkene():
    found = by_reaction("CC1(c2ccccc2)N=N1")
    assert found["alkyl_diazirine_alkene"].smiles == canonical("C=Cc1ccccc1")
    assert not any(code.startswith("aryl") for code in found)


def test_an_alkyl_carbene_mostly_moves_its_hydrogen():
    """81 % of 3-heptene from dipropyldiazirine; the link is drawn, but no yield of it is known."""
    found = by_reaction("CCCC1(CCC)N=N1")
    assert found["alkyl_diazirine_alkene"].smiles == canonical("CCCC=CCC")
    assert found["alkyl_diazirine_alkene"].yield_fraction == pytest.approx(0.81)
    assert found["alkyl_carbene_insertion"].smiles == canonical("CCCC(CCC)C(C)C")
    assert found["alkyl_carbene_insertion"].yield_fraction is None
    assert found["alkyl_diazo_ester"].smiles == canonical("CCCC(CCC)OC(C)=O")
    assert found["alkyl_azine"].smiles == canonical("CCCC(CCC)=NN=C(CCC)CCC")
    # Without hydrogen beside it there is no alkene; on an aryl group it is the other class.
    assert "alkyl_diazirine_alkene" not in by_reaction("FC(F)(F)C1(C(F)(F)F)N=N1")
    assert "alkyl_carbene_insertion" not in by_reaction(DIAZIRINE)


@pytest.mark.parametrize(
    ("smiles", "code", "product"),
    [
        (
            "O=C(O)/C=C/c1ccccc1",
            "cinnamate_dimer",
            "O=C(O)C1C(c2ccccc2)C(C(=O)O)C1c1ccccc1",
        ),
        ("O=C(O)/C=C/c1ccccc1", "cinnamate_isomer", "O=C(O)/C=C\\c1ccccc1"),
        ("CCC#CC#CCC", "diacetylene_coupling", "CCCC#CC(CC)=C(CC)C#CCCC"),
        ("C=Cc1ccccc1", "vinylarene_coupling", "CC(c1ccccc1)CCc1ccccc1"),
        ("C=CCCCC", "terminal_alkene_coupling", "CCCCC(C)CCCCCC"),
        ("C=CCOCC", "thiol_ene_terminal", "CSCCCOCC"),
    ],
)
def test_links_between_double_and_triple_bonds(smiles, code, product):
    found = by_reaction(smiles)[code]
    assert found.smiles == canonical(product)
    assert balances(found)


def test_allyl_monomers_do_not_grow_by_themselves():
    assert "terminal_alkene_coupling" not in by_reaction("C=CCOCC")


def test_benzophenone():
    found = by_reaction(BENZOPHENONE)
    assert found["diaryl_ketone_triplet"].smiles == canonical(BENZOPHENONE)
    assert found["diaryl_ketone_triplet"].n_unpaired == 2
    assert found["diaryl_ketyl"].smiles == canonical("O[C](c1ccccc1)c1ccccc1")
    assert (found["diaryl_ketyl"].n_unpaired, found["diaryl_ketyl"].released) == (1, ("C[CH]C",))
    assert found["diaryl_ketone_insertion"].smiles == canonical("CC(C)C(O)(c1ccccc1)c1ccccc1")
    assert found["diaryl_pinacol"].smiles == canonical("OC(c1ccccc1)(c1ccccc1)C(O)(c1ccccc1)c1ccccc1")


# --- ligands that decompose ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("smiles", "code", "product", "released"),
    [
        ("CCCCCCNC(=O)OC(C)(C)C", "boc_amine", "CCCCCCN", ["O=C=O", "C=C(C)C"]),
        ("CCCCCCNC(=O)[O-].CCCCCC[NH3+]", "ammonium_carbamate_amine", "CCCCCCN", ["CCCCCCN", "O=C=O"]),
        ("CC(=O)OCc1ccccc1[N+](=O)[O-]", "nitrobenzyl_acid", "CC(=O)O", ["O=Cc1ccccc1N=O"]),
        ("CC(=O)OCc1ccccc1[N+](=O)[O-]", "nitrobenzyl_nitroso", "O=Cc1ccccc1N=O", ["CC(=O)O"]),
        ("CC(=O)O[C@@H](C)c1ccccc1[N+](=O)[O-]", "nitrobenzyl_nitroso", "CC(=O)c1ccccc1N=O", ["CC(=O)O"]),
        ("[S-]c1nnns1.[NH4+]", "thiatriazole_thiocyanate", "[S-]C#N", ["N#N", "[S]"]),
        (
            "[N-]=[N+]=C1C=Cc2c(cccc2S(=O)(=O)O)C1=O",
            "dnq_acid",
            "O=C(O)C1=CCc2c1cccc2S(=O)(=O)O",
            ["N#N"],
        ),
        ("Cn1nnnc1S", "tetrazolethiol_carbodiimide", "CN=C=N", ["N#N", "[S]"]),
        ("Cn1nnnc1S", "tetrazolethiol_isothiocyanate", "CN=C=S", ["[N-]=[N+]=N"]),
        ("Sc1nnc(S)s1", "thiadiazole_disulfide", "Sc1nnc(SSc2nnc(S)s2)s1", ["[H][H]"]),
        ("OC(=O)CCS", "mercaptoacid_disulfide", "O=C(O)CCSSCCC(=O)O", ["[H][H]"]),
        ("CCOC(=S)[S-].[K+]", "xanthate_hydrosulfide", "[SH-]", ["C=C", "O=C=S"]),
        ("CCOC(=S)[S-]", "xanthate_alcohol", "CCO", ["S=C=S", "O"]),
        ("CNC(=S)[S-]", "dithiocarbamate_isothiocyanate", "CN=C=S", ["[SH-]"]),
        ("CCN(CC)C(=S)[S-]", "dithiocarbamate_amine", "CCNCC", ["S=C=S", "O"]),
        ("O=C([S-])C(=O)[S-]", "dithiooxalate_sulfide", "[S-2]", ["O=C=S", "[C-]#[O+]"]),
        (
            "[S-][Sn]1([S-])S[Sn]([S-])([S-])S1",
            "thiostannate_sulfide",
            "S=[Sn]=S",
            ["S=[Sn]=S", "[S-2]", "[S-2]"],
        ),
    ],
)
def test_published_decompositions(smiles, code, product, released):
    found = by_reaction(smiles)[code]
    assert found.smiles == canonical(product)
    assert sorted(found.released) == sorted(map(canonical, released))
    assert balances(found)


def test_a_methyl_xanthate_has_no_hydrogen_to_eliminate():
    assert "xanthate_hydrosulfide" not in by_reaction("COC(=S)[S-]")
    assert "dithiocarbamate_isothiocyanate" not in by_reaction("CCN(CC)C(=S)[S-]")


def test_triphenylsulfonium_triflate_makes_triflic_acid():
    found = by_reaction(f"c1ccc([S+](c2ccccc2)c2ccccc2)cc1.{TRIFLATE}")
    acid = found["sulfonium_acid"]
    assert acid.smiles == canonical("O=S(=O)(O)C(F)(F)F")
    assert sorted(acid.released) == sorted(
        map(canonical, ("c1ccc(Sc2ccccc2)cc1", "c1ccccc1", *2 * ["C[CH]C"]))
    )
    # The cation by itself leaves a proton.
    assert "[H+]" in found["sulfonium_sulfide"].released
    assert found["sulfonium_thiobiaryl"].role == "side_product"


@pytest.mark.parametrize(
    "smiles",
    [
        "CCCCCCCC",
        "CCCCCCCCN",
        "CC(=O)O",
        "c1ccccc1",
        "CC(C)=O",
        "O=C1c2ccccc2-c2ccccc12",
        "Cc1ccc(O)cc1",
        "[Cl-]",
    ],
)
def test_what_light_leaves_alone(smiles):
    assert photoproducts(smiles) == ()
    assert photoproducts(smiles, atmosphere="air") == ()


def test_a_ring_holds_together_what_a_row_would_set_free():
    cyclic = "O=C1OCc2cccc([N+](=O)[O-])c2C1"
    assert photoproducts(cyclic) == ()


# --- any molecule -------------------------------------------------------------------------

ARMS = (
    "[N-]=[N+]=Nc1ccc(cc1)",
    "[N-]=[N+]=Nc1c(F)c(F)c(c(F)c1F)",
    "[N-]=[N+]=NC",
    "FC(F)(F)C1(N=N1)c1ccc(cc1)",
    "CC1(N=N1)C",
    "O=C(c1ccccc1)c1ccc(cc1)",
    "CC(C)(C)OC(=O)N",
    "O=[N+]([O-])c1ccccc1COC(=O)",
    "O=[N+]([O-])c1ccccc1[C@H](C)OC(=O)",
    "C=C(C)C(=O)O",
    "C/C=C\\C",
    "SC",
    "[S-]C(=S)OC",
    "[S-]C(=S)N",
    "OC(=O)",
    "C",
)
crosslinkers = st.builds(
    lambda left, middle, right, branch: f"{left}{middle}C({branch}C){right}",
    st.sampled_from(ARMS),
    st.sampled_from(("C", "CCC", "COCC")),
    st.sampled_from(("N=[N+]=[N-]", "C(=O)c1ccccc1", "/C=C/C", "S", "C(=O)O", "OC(=S)[S-]")),
    st.sampled_from(("", "O", "C")),
)


@settings(max_examples=50, deadline=None)
@given(smiles=crosslinkers, atmosphere=st.sampled_from(("n2", "air")), seed=st.integers(1, 2**31 - 1))
def test_products_balance_and_do_not_depend_on_the_drawing(smiles, atmosphere, seed):
    molecule = parse_smiles(smiles, "x")
    products = photoproducts(molecule, atmosphere=atmosphere)
    assert len(set(products)) == len(products)
    for product in products:
        assert balances(product)
        assert product.parent == molecule.canonical_smiles
        assert canonical(product.smiles) == product.smiles
    mol = Chem.MolFromSmiles(smiles)
    shuffled = Chem.MolToRandomSmilesVect(mol, 1, randomSeed=seed)[0]
    assert photoproducts(shuffled, atmosphere=atmosphere) == products


@settings(max_examples=50, deadline=None)
@given(text=st.text(alphabet="CNOSFcnos123()[]=#+-@/\\.", max_size=14))
def test_no_text_breaks_it(text):
    try:
        products = photoproducts(text)
    except StructureError:
        return
    assert all(map(balances, products))


@pytest.mark.parametrize("row", ROWS[::5], ids=lambda row: row.code)
def test_examples_drawn_otherwise_give_the_same(row):
    expected = photoproducts(row.example)
    for drawing in Chem.MolToRandomSmilesVect(Chem.MolFromSmiles(row.example), 3, randomSeed=7):
        assert photoproducts(drawing) == expected


def test_many_different_arms_cost_a_bounded_time():
    arms = "".join(f"C(C{'C' * size}N=[N+]=[N-])" for size in range(8))
    products = photoproducts(f"C{arms}C")
    assert sum(item.reaction == "alkyl_nitrene_triplet" for item in products) == 8
    assert all(map(balances, products))
