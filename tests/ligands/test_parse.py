"""Molecules and files read, bad ones refused in one sentence."""

import gzip
import io
import pickle
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import InputError, StructureError
from echemscreen.ligands.parse import parse_smiles, read_input
from echemscreen.records import Failure, MetalIon, Molecule

WORKFLOW = Path(__file__).parents[2] / "workflows" / "mixed_200.smi"

DRAWINGS = {
    "CC(=O)[O-].CC(=O)[O-].[Cd+2]": ("CC(=O)O[Cd]OC(C)=O", "[Cd+2].[O-]C(C)=O.CC([O-])=O"),
    "CC(=O)[O-].[Na+]": ("CC(=O)O[Na]", "[Na+].CC(=O)[O-]"),
    "[Br-].[Br-].[Pb+2]": ("Br[Pb]Br", "[Br-].[Pb+2].[Br-]"),
    "CCCCCCCCP(=O)([O-])[O-].[Cd+2]": ("CCCCCCCCP1(=O)O[Cd]O1", "CCCCCCCCP(=O)([O-])O[Cd+]"),
    "CN=[N+]=[N-]": ("CN=N#N", "C[N-][N+]#N", "[N-]=[N+]=NC"),
    "C[N+](=O)[O-]": ("CN(=O)=O",),
    "CS(C)=O": ("C[S+](C)[O-]",),
    "CP(C)(C)=O": ("C[P+](C)(C)[O-]",),
    "CCN": ("[CH3:1][CH2:2][NH2:3]", "[H]N([H])CC"),
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
        ("[2H]C", "isotope"),
        ("[U+4]", "element"),
        ("C" * 300, "too_large"),
        ("C" * 100_000, "too_large"),
        ("*CC*", "polymer"),
        ("[Zn]", "metal"),
        ("[Zn+2].[Cl-]", "charge"),
        ("[Zn+3].[Cl-].[Cl-].[Cl-]", "charge"),
        ("[NH4+].[NH4+].[Cl-]", "charge"),
        ("[H+]", "charge"),
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
    assert parse_smiles(molecule.canonical_smiles, "x").inchikey == molecule.inchikey


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


# --- files --------------------------------------------------------------------------------


def entries(source):
    return [row.entry for row in read_input(str(source))]


def test_smi_keeps_order_names_and_failures(tmp_path):
    path = tmp_path / "a.smi"
    path.write_text("SMILES Name\nCCN ethyl amine\n\nC1C\nCCN ethyl amine\nCCO\n\n\n")
    rows = list(read_input(str(path)))
    assert [row.index for row in rows] == [0, 1, 2, 3, 4]
    assert [row.location for row in rows] == ["line 2", "line 3", "line 4", "line 5", "line 6"]
    assert [row.entry.name for row in rows] == ["ethyl amine", "row 2", "row 3", "ethyl amine", "CCO"]
    empty, broken = rows[1].entry, rows[2].entry
    assert isinstance(empty, Failure)
    assert (empty.kind, empty.stage) == ("empty", "parse")
    assert empty.message == "line 3: The SMILES is empty."
    assert isinstance(broken, Failure)
    assert (broken.kind, broken.smiles) == ("unparsable", "C1C")


def test_csv_tsv_and_gzip(tmp_path):
    table = tmp_path / "a.csv"
    table.write_text('Name,x,SMILES\n"2,3-butanedione",1,CC(=O)C(C)=O\n,2,CCO\na,b,c,d,CCO\n')
    first, second, third = entries(table)
    assert isinstance(first, Molecule)
    assert first.name == "2,3-butanedione"
    assert second.name == "CCO"
    assert isinstance(third, Failure)
    assert third.kind == "columns"
    tabs = tmp_path / "a.tsv.gz"
    with gzip.open(tabs, "wt") as handle:
        handle.write("smiles\tname\nCCN\tethylamine\n")
    assert [entry.name for entry in entries(tabs)] == ["ethylamine"]


def test_sdf_reads_each_record_and_reports_the_bad_one(tmp_path):
    good = Chem.MolToMolBlock(Chem.MolFromSmiles("C[C@H](N)C(=O)O"))
    bad = Chem.MolToMolBlock(Chem.MolFromSmiles("CC(C)(C)(C)C", sanitize=False), kekulize=False)
    path = tmp_path / "a.sdf"
    path.write_text(f"alanine{good}$$$$\nneo{bad}$$$$\nnonsense\n$$$$\n")
    first, second, third = entries(path)
    assert (first.name, first.canonical_smiles) == ("alanine", "C[C@H](N)C(=O)O")
    assert (second.name, second.kind) == ("neo", "valence")
    assert third.kind == "unparsable"


@pytest.mark.parametrize("text", ["CCN ethylamine\nCCO\n", "name,smiles\nethylamine,CCN\nCCO,CCO\n"])
def test_standard_input(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert [entry.name for entry in entries("-")] == ["ethylamine", "CCO"]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.smi", b"", "holds no molecule"),
        ("blank.smi", b"\n\n  \n", "holds no molecule"),
        ("empty.csv", b"", "holds no molecule"),
        ("header.csv", b"name,smiles\n", "holds no molecule"),
        ("wrong.csv", b"name,structure\na,CC\n", "no column 'smiles'; its columns are name, structure"),
        ("binary.smi", b"\x00\x01\x02CC", "not a text file"),
        ("latin.smi", b"CC \xe4thane and more\n", "not a text file"),
        ("broken.smi.gz", b"no gzip", "cannot be read"),
        ("some.xyz", b"CC", "unknown format"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path, name, content, sentence):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=sentence) as caught:
        read_input(str(path))
    assert "\n" not in str(caught.value)


def test_missing_file_and_directory(tmp_path):
    with pytest.raises(InputError, match="no file"):
        read_input(str(tmp_path / "none.smi"))
    with pytest.raises(InputError, match="is a directory"):
        read_input(str(tmp_path))


def test_rows_are_read_as_they_are_asked_for(tmp_path):
    path = tmp_path / "long.smi"
    path.write_text("CCN\n" * 100_000)
    assert next(read_input(str(path))).location == "line 1"


def test_the_shipped_mixed_set_is_two_hundred_distinct_molecules():
    molecules = entries(WORKFLOW)
    assert all(isinstance(molecule, Molecule) for molecule in molecules)
    assert len(molecules) == len({molecule.canonical_smiles for molecule in molecules}) == 200
    assert len({molecule.name for molecule in molecules}) == 200
