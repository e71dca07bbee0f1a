"""Molecules and files read, bad ones refused in one sentence."""

import pickle
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import StructureError
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import MetalIon

DRAWINGS = {
    "CC(=O)[O-].CC(=O)[O-].[Cd+2]": ("CC(=O)O[Cd]OC(C)=O", "[Cd+2].[O-]C(C)=O.CC([O-])=O"),
    "CC(=O)[O-].[Na+]": ("CC(=O)O[Na]", "[Na+].CC(=O)[O-]"),
    "[Br-].[Br-].[Pb+2]": ("Br[Pb]Br", "[Br-].[Pb+2].[Br-]"),
    "CCCCCCCCP(=O)([O-])[O-].[Cd+2]": ("CCCCCCCCP1(=O)O[Cd]O1", "CCCCCCCCP(=O)([O-])O[Cd+]"),
    "CN=[N+]=[N-]": ("CN=N#N", "C[N-][N+]#N", "[N-]=[N+]=NC"),
    "C[N+](=O)[O-]": ("CN(=O)=O",),
    "CS(C)=O": ("C[S+](C)[O-]",),
    "CP(C)(C)=O": ("C[P+](C)(C)[O-]",),
    "CCN": ("[CH3:1][CH2:2][NH2:3]", "[H]N([H])CC", "CCN |$;;$|", "CCN |(0,0,;1,0,;2,0,)|", "[2H]N([2H])CC"),
    # A zwitterion is its neutral tautomer; a betaine has none.
    "NCC(=O)O": ("[NH3+]CC(=O)[O-]",),
    "NCCS(=O)(=O)O": ("[NH3+]CCS(=O)(=O)[O-]",),
    "NC(CS)C(=O)O": ("[NH3+]C(CS)C(=O)[O-]", "[NH3+]C(C[S-])C(=O)O"),
    "Oc1ccccn1": ("[O-]c1cccc[nH+]1",),
    "C[N+](C)(C)CC(=O)[O-]": (),
    "CCP(=[Se])(CC)CC": ("CC[P+](CC)(CC)[Se-]",),
    "CCP(=[Te])(CC)CC": ("CC[P+](CC)(CC)[Te-]",),
    "CC[PH](=[Se])CC": ("CC[PH+](CC)[Se-]", "CCP(CC)[SeH]"),
    "CC[PH](=S)CC": ("CCP(CC)S",),
    "CC[PH](=O)CC": ("CCP(CC)O",),
    "CCP([Se-])CC": ("CC[P-](CC)=[Se]",),
    "C[Se](C)=O": ("C[Se+](C)[O-]",),
}


@pytest.mark.parametrize(("canonical", "drawings"), DRAWINGS.items())
def test_every_drawing_of_a_compound_is_one_molecule(canonical, drawings):
    for drawing in (canonical, *drawings):
        assert parse_smiles(drawing, "x").canonical_smiles == canonical


@pytest.mark.parametrize(
    ("smiles", "kind"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("C1CC", "unparsable"),
        ("CC(C", "unparsable"),
        ("not a smiles", "unparsable"),
        ("CC octylamine", "unparsable"),
        ("Ä", "unparsable"),
        ("C~C", "unparsable"),
        ("[CH3]", "radical"),
        ("[O][O]", "radical"),
        ("[N]=O", "radical"),
        ("CC(C)(C)(C)C", "valence"),
        ("c1cccn1", "valence"),
        ("CCO.CCN", "mixture"),
        ("O.[Zn+2].CC(=O)[O-].CC(=O)[O-]", "mixture"),
        ("CCN.Cl", "mixture"),
        ("C[13CH3]", "isotope"),
        ("[15NH2]C", "isotope"),
        ("[U+4]", "element"),
        ("C" * 300, "too_large"),
        ("C" * 100_000, "too_large"),
        ("*CC*", "polymer"),
        ("[Zn]", "metal"),
        ("[Zn+2].[Cl-]", "charge"),
        ("[Zn+3].[Cl-].[Cl-].[Cl-]", "charge"),
        ("[NH4+].[NH4+].[Cl-]", "charge"),
        ("[H+]", "charge"),
        ("C[H+]", "charge"),
        ("C:S", "unparsable"),
        ("c1ccccc~1", "unparsable"),
    ],
)
def test_what_cannot_be_screened_is_refused_with_its_cause(smiles, kind, capfd):
    with pytest.raises(StructureError) as caught:
        parse_smiles(smiles, "x")
    assert caught.value.kind == kind
    assert caught.value.message.endswith(".")
    assert caught.value.remedy
    assert pickle.loads(pickle.dumps(caught.value)).kind == kind
    assert capfd.readouterr().err == ""


def test_deuterium_is_hydrogen_and_the_molecule_says_so():
    heavy = parse_smiles("[2H]C([2H])([2H])S(C)=O", "x")
    assert (heavy.canonical_smiles, heavy.formula) == ("CS(C)=O", "C2H6OS")
    assert "computed as hydrogen" in heavy.note
    assert "computed as hydrogen" in parse_smiles("[3H]OC", "x").note
    # A centre that is one only by its isotope is none any more.
    assert parse_smiles("C[C@]([2H])(O)[H]", "x").canonical_smiles == "CCO"
    assert parse_smiles("CS(C)=O", "x").note == ""


@pytest.mark.parametrize(
    ("smiles", "kind", "sentence"),
    [
        ("CCO |Sg:n:1:n:ht|", "polymer", "brackets of a polymer"),
        ("CCOC |Sg:co:1,2:n:ht|", "polymer", "brackets of a polymer"),
        ("C*C |$;A_p;$|", "polymer", "open position"),
        ("CCN |^1:2|", "radical", "unpaired electrons"),
        ("CCO |LN:1:1.3|", "polymer", "brackets of a polymer"),
        ("CCO |nonsense|", "unparsable", "no CXSMILES that can be read"),
    ],
)
def test_what_a_cxsmiles_block_says_is_not_dropped(smiles, kind, sentence):
    with pytest.raises(StructureError, match=sentence) as caught:
        parse_smiles(smiles, "x")
    assert caught.value.kind == kind


def test_the_valence_sentence_names_the_atom():
    with pytest.raises(StructureError, match=r"Atom 2 \(C\) of 'CC\(C\)\(C\)\(C\)C' has 5 bonds"):
        parse_smiles("CC(C)(C)(C)C", "x")


def test_a_mixture_names_its_parts():
    with pytest.raises(StructureError, match="mixture of CCN, CCO"):
        parse_smiles("CCO.CCN", "x")


def test_two_hundred_heavy_atoms_are_still_read():
    assert parse_smiles("C" * 200, "x").n_heavy == 200


@pytest.mark.parametrize(
    ("smiles", "kind", "metals", "members"),
    [
        ("CCN", "molecule", (), ()),
        ("CC(=O)[O-]", "molecule", (), ()),
        ("C[Zn]C", "molecule", (), ()),
        ("[Cu+2]", "salt", (("Cu", 2),), ()),
        ("[Zn+2].CC(=O)[O-].CCC(=O)[O-]", "salt", (("Zn", 2),), ("CC(=O)[O-]", "CCC(=O)[O-]")),
        ("CC(=O)[O-].[Na+]", "salt", (("Na", 1),), ("CC(=O)[O-]",)),
        ("Cl[Zn-2](Cl)(Cl)Cl.[K+].[K+]", "salt", (("K", 1),), ("[Cl][Zn-2]([Cl])([Cl])[Cl]",)),
        ("C[N+](C)(C)C.[Br-]", "ion_pair", (), ("C[N+](C)(C)C", "[Br-]")),
    ],
)
def test_kinds(smiles, kind, metals, members):
    molecule = parse_smiles(smiles, "x")
    assert molecule.kind == kind
    assert molecule.metals == tuple(MetalIon(symbol=symbol, charge=charge) for symbol, charge in metals)
    assert tuple(member.canonical_smiles for member in molecule.members) == members


def test_a_named_system_keeps_its_members_apart():
    system = parse_smiles("CCN.CCS.[Zn+2].[Cl-].[Cl-]", "shell", allow_system=True)
    assert system.kind == "system"
    assert [member.kind for member in system.members] == ["molecule", "molecule", "salt"]
    assert parse_smiles("CCN", "one", allow_system=True).kind == "molecule"


@pytest.mark.parametrize(
    ("smiles", "codes"),
    [
        ("CCCCCCCCN", ["primary_amine"]),
        ("CNC", ["secondary_amine"]),
        ("CN(C)C", ["tertiary_amine"]),
        ("Nc1ccccc1", []),
        ("c1ccc(N(c2ccccc2)c2ccccc2)cc1", []),
        ("CC(N)=O", []),
        ("C[N+](=O)[O-]", []),
        ("CC#N", []),
        ("NS(=O)(=O)c1ccccc1", []),
        ("CN=[N+]=[N-]", []),
        ("CC1(c2ccccc2)N=N1", []),
        ("CCO", []),
        ("O=CO", ["carboxylic_acid"]),
        ("CC(=O)[O-]", ["carboxylate"]),
        ("CC(=O)OC", []),
        ("CCCP(=O)(O)O", ["phosphonic_acid"]),
        ("CCOP(C)(=O)OCC", []),
        ("CCS", ["thiol"]),
        ("CCP(CC)CC", ["phosphine"]),
        ("CCCP", ["phosphine"]),
        ("CP(C)(C)=O", ["phosphine_oxide"]),
        ("c1ccncc1", ["pyridine"]),
        ("Cn1ccnc1", ["imidazole"]),
        ("c1cc[nH]c1", []),
        ("CN(C)C(=S)[S-]", ["dithiocarboxylate"]),
        ("CCOC(=S)[S-]", ["dithiocarboxylate"]),
        ("[N-]=[N+]=[N-]", ["azide_ion"]),
        ("[S-]C#N", ["thiocyanate"]),
        ("[Cl-]", ["halide"]),
        ("CCCl", []),
        ("NCCS", ["thiol", "primary_amine"]),
        ("NCC(=O)O", ["carboxylic_acid", "primary_amine"]),
    ],
)
def test_anchors(smiles, codes):
    assert [anchor.code for anchor in parse_smiles(smiles, "x").anchors] == codes


@pytest.mark.parametrize(
    ("smiles", "groups"),
    [
        ("CC(C)=O", ("ketone",)),
        ("CC(=O)c1ccccc1", ("arene", "aryl_ketone")),
        ("O=C1C=CC(=O)C=C1", ("alkene", "quinone")),
        ("O=C1c2ccccc2C(=O)c2ccccc21", ("arene", "quinone")),
        ("C=CC(C)=O", ("alkene", "enone")),
        ("O=Cc1ccccc1", ("arene", "aryl_aldehyde")),
        ("CN(C)C=O", ("amide",)),
        ("CC(=O)OC", ("ester",)),
        ("CC1(c2ccccc2)N=N1", ("arene", "diazirine")),
        ("c1ccc(N=Nc2ccccc2)cc1", ("arene", "azo")),
        ("[N-]=[N+]=Nc1ccccc1", ("arene", "aryl_azide", "azide")),
        ("CCCl", ("alkyl_halide",)),
        ("Clc1ccccc1", ("arene", "aryl_halide")),
        ("FC(F)(F)C(F)(F)F", ("perfluoroalkyl",)),
        ("CCOCC", ("ether",)),
        ("COc1ccccc1", ("arene", "aryl_ether")),
        ("CCCN", ("aliphatic_amine",)),
        ("CCCCN", ("aliphatic_amine", "alkane_chain")),
        ("CSSC", ("disulfide",)),
        ("CS(C)(=O)=O", ("sulfone",)),
        # Aromatic cations by the size of their ring.
        ("C[n+]1ccccc1", ("azinium", "cation", "heteroarene")),
        ("C[n+]1cccc2ccccc21", ("arene", "azinium", "cation", "heteroarene")),
        ("Cn1cc[n+](C)c1", ("azolium", "cation", "heteroarene")),
        ("C[n+]1ccsc1", ("azolium", "cation", "heteroarene")),
        ("C[N+](C)(C)C", ("cation", "quaternary_ammonium")),
        # A charge beside its counter charge is none.
        ("C[N+](=O)[O-]", ("nitro",)),
        ("C[N+]#[C-]", ()),
    ],
)
def test_functional_groups(smiles, groups):
    assert parse_smiles(smiles, "x").groups == groups


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(alphabet="CNOPS[]()=#+-123.cnos*@/\\%HZnd:~$>|"))
def test_any_text_is_a_molecule_or_a_structure_error(text):
    try:
        molecule = parse_smiles(text, "x")
    except StructureError:
        return
    again = parse_smiles(molecule.canonical_smiles, "x", allow_system=True)
    assert (again.inchikey, again.canonical_smiles) == (molecule.inchikey, molecule.canonical_smiles)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [
            r"CCCCCCCC/C=C\CCCCCCCC(=O)O",
            "N[C@@H](CS)C(=O)O",
            "CC1(c2ccc(C(=O)O)cc2)N=N1",
            "CC(=O)O[Cd]OC(C)=O",
        ]
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_atoms_changes_nothing(smiles, randomness: random.Random):
    mol = Chem.MolFromSmiles(smiles)
    order = list(range(mol.GetNumAtoms()))
    randomness.shuffle(order)
    shuffled = Chem.MolToSmiles(Chem.RenumberAtoms(mol, order), canonical=False)
    first, second = parse_smiles(smiles, "x"), parse_smiles(shuffled, "x")
    assert (first.canonical_smiles, first.anchors) == (second.canonical_smiles, second.anchors)
