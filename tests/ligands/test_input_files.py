"""Lists read row by row: what is in them is a molecule or one sentence that says where and what to do."""

import gzip
import io
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import InputError
from echemscreen.ligands.reading.input_files import FORMATS, read_input
from echemscreen.ligands.reading.input_lines import MAX_LINE_BYTES
from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import Failure

WORKFLOW = Path(__file__).parents[2] / "workflows" / "mixed_200.smi"
BLOCK = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO"))


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
        ("random.smi", bytes(range(256)) * 20, "not a text file"),
        ("broken.smi.gz", b"no gzip", "cannot be read"),
        ("some.xyz", b"CC", "unknown format"),
        ("old.xls", b"CC", "Save it in Excel as .xlsx"),
        ("drawing.cdx", b"CC", "as .cdxml"),
        ("two.csv", b"SMILES,smiles\nC,CC\n", "2 columns of smiles"),
        ("no.xlsx", b"CC", "cannot be read as an Excel workbook"),
        ("no.cdxml", b"CC", "cannot be read as a ChemDraw document"),
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


# --- CSV and TSV --------------------------------------------------------------------------


def written(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return entries(path)


def shown(found):
    """Names and SMILES of what was read, the sentence of what was not."""
    return [
        (entry.name, entry.canonical_smiles) if isinstance(entry, Molecule) else entry.message
        for entry in found
    ]


UNCLOSED = "A quote opens a cell that no quote closes."


@pytest.mark.parametrize(
    "text",
    [
        'name,smiles\na,C\n"b,CC\nc,CCC\nd,CCCC\n',
        # A second stray quote, which would close the cell two rows on.
        'name,smiles\na,C\n"b,CC\nc,CCC\nd",CCCC\n',
        'name;smiles\na;C\n"b;CC\nc;CCC\nd;CCCC\n',
        'smiles,name\nC,a\nCC,"b\nCCC,c\nCCCC,d\n',
    ],
)
def test_a_stray_quote_costs_its_own_row(tmp_path, text):
    first, bad, third, fourth = shown(written(tmp_path, "a.csv", text))
    assert bad == f"line 3: {UNCLOSED}"
    assert (first[1], third[1], fourth[1]) == ("C", "CCC", "CCCC")


def test_two_stray_quotes_in_neighbouring_rows(tmp_path):
    found = shown(written(tmp_path, "a.csv", 'name,smiles\n"a,C\nb",CC\nc,CCC\n'))
    assert found == [f"line 2: {UNCLOSED}", ('b"', "CC"), ("c", "CCC")]


def test_a_quoted_cell_may_span_lines(tmp_path):
    text = 'name,smiles,remark\n"oleic\nacid",CCO,x\nb,CC,"one\ntwo, and\nthree"\nc,C,\n'
    assert shown(written(tmp_path, "a.csv", text)) == [("oleic acid", "CCO"), ("b", "CC"), ("c", "C")]


def test_text_behind_a_closing_quote_is_refused(tmp_path):
    (bad, good) = written(tmp_path, "a.csv", 'name,smiles\n"a" b,C\nc,CC\n')
    assert bad.kind == "columns"
    assert "line 2: The row is not CSV" in bad.message
    assert bad.smiles == "C"
    assert good.name == "c"


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('5" tube', '5" tube'),
        ('"quoted" ligand', '"quoted" ligand'),
        ('"quoted"', '"quoted"'),
        ('"', '"'),
        # As a spreadsheet writes them.
        ('"2,3-butanediol"', "2,3-butanediol"),
        ('"the ""best"" one"', 'the "best" one'),
    ],
)
def test_quotes_stay_in_the_names_of_tab_separated_text(tmp_path, cell, name):
    found = written(tmp_path, "a.tsv", f"name\tsmiles\n{cell}\tCCO\nb\tC\n")
    assert [entry.name for entry in found] == [name, "b"]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Name", "a"),
        ("code_name", "a"),
        ("Compound", "a"),
        ("ID", "a"),
        ("CAS", "a"),
        ("IUPAC Name", "a"),
        ("Compound_Name", "a"),
        ("CAS No.", "a"),
        ("price", "CCO"),
    ],
)
def test_columns_of_names(tmp_path, title, name):
    assert written(tmp_path, "a.csv", f"x,{title},SMILES\n1,a,CCO\n")[0].name == name


def test_the_better_of_two_columns_of_names(tmp_path):
    assert written(tmp_path, "a.csv", "ID,CAS,name,smiles\n1,64-17-5,ethanol,CCO\n")[0].name == "ethanol"


@pytest.mark.parametrize(
    "header",
    [
        "sep=;\nname;smiles",
        '"sep=;"\nname;smiles',
        '"Name\n(as sold)";smiles;ID',
        '"SMILES\n(canonical)";name',
        "name;canonical_smiles",
        "name\tsmiles",
        "\n\nname|smiles".replace("|", ";"),
    ],
)
def test_headers_as_spreadsheets_write_them(tmp_path, header):
    mark = "\t" if "\t" in header else ";"
    last = header.rsplit("\n", 1)[-1]
    order = ["CCO", "a"] if header.startswith('"SMILES') else ["a", "CCO"]
    text = f"{header}\n{mark.join([*order, 'a'] if 'ID' in last else order)}\n"
    assert shown(written(tmp_path, "a.csv", text)) == [("a", "CCO")]


def test_cells_of_blanks_behind_the_last_column_do_no_harm(tmp_path):
    assert shown(written(tmp_path, "a.csv", "name,smiles,,\na,CCO,,,,\n")) == [("a", "CCO")]


def test_a_row_without_smiles_keeps_its_name(tmp_path):
    empty, good = written(tmp_path, "a.csv", "name,smiles\na,\nb,C\n")
    assert (empty.name, empty.kind, empty.message) == ("a", "empty", "line 2: The SMILES is empty.")
    assert good.name == "b"


# --- .smi and standard input --------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "name", "smiles"),
    [
        ("CCO ethanol", "ethanol", "CCO"),
        ("CCO,ethanol", "ethanol", "CCO"),
        ("CCO;ethanol", "ethanol", "CCO"),
        ("CCO, ethanol", "ethanol", "CCO"),
        ('CCO,"2,3-x"', "2,3-x", "CCO"),
        ("CCO 2,3-x; and y", "2,3-x; and y", "CCO"),
        ("CCO |$;;$| ethanol", "ethanol", "CCO"),
        ("C[C@H](O)N |&1:1| a racemate", "a racemate", "C[C@@H](N)O"),
        ("CCO\t|$;;$|", "CCO", "CCO"),
        ("CCO a|b", "a|b", "CCO"),
    ],
)
def test_lines_of_a_smi(tmp_path, line, name, smiles):
    assert shown(written(tmp_path, "a.smi", f"{line}\nC b\n"))[0] == (name, smiles)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("ethanol,CCO", "line 1: 'ethanol' is not a SMILES that can be read."),
        ("CCO |Sg:n:1:n:ht| PEG", "line 1: 'CCO |Sg:n:1:n:ht|' has the brackets of a polymer"),
        ("CCO |$;;$ cut", "line 1: "),
        ("[C,N]C b", "line 1: '[C,N]C' "),
    ],
)
def test_lines_of_a_smi_that_are_refused(tmp_path, line, sentence):
    bad, good = written(tmp_path, "a.smi", f"{line}\nC b\n")
    assert bad.message.startswith(sentence)
    assert bad.remedy
    assert good.name == "b"


@pytest.mark.parametrize("header", ["name;smiles", "smiles,name", "code_name;SMILES", "ID,x,smiles"])
def test_a_smi_with_a_table_in_it_is_a_table(tmp_path, header):
    mark = ";" if ";" in header else ","
    cells = {"name": "a", "code_name": "a", "ID": "a", "x": "1"}
    line = mark.join(cells.get(title, "CCO") for title in header.split(mark))
    assert shown(written(tmp_path, "a.smi", f"{header}\n{line}\n")) == [("a", "CCO")]


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbfCCN \xc3\xa4thylamin\n",
        b"\xef\xbb\xbfname;smiles\n\xc3\xa4thylamin;CCN\n",
        b"name;smiles\n\xe4thylamin;CCN\n",
        b"sep=,\nCompound,SMILES\n\xc3\xa4thylamin,CCN\n",
        "name\tsmiles\näthylamin\tCCN\n".encode("utf-16"),
    ],
)
def test_bytes_on_standard_input(monkeypatch, text):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert shown(entries("-")) == [("äthylamin", "CCN")]


def test_a_mark_of_byte_order_in_text_on_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("\ufeffname;smiles\na;CCO\n"))
    assert shown(entries("-")) == [("a", "CCO")]


# --- encodings, NUL and size --------------------------------------------------------------


def test_windows_1252_is_read_wherever_it_begins(tmp_path):
    early = written(tmp_path, "a.smi", b"CC \xe4thane\nC b\n")
    assert [entry.name for entry in early] == ["äthane", "b"]
    late = written(tmp_path, "b.csv", b"name,smiles\n" + b"x,C\n" * 20_000 + b"\xd6l\x80,CCO\n")
    assert late[-1].name == "Öl€"


def test_a_stray_byte_in_utf8_costs_its_row_and_says_where(tmp_path):
    good, bad, last = written(tmp_path, "a.csv", "name,smiles\nÖl,C\n".encode() + b"\xd6l,CC\nc,CCC\n")
    assert (good.name, last.name) == ("Öl", "c")
    assert bad.message == "line 3: Its byte 0xD6 in column 1 is no UTF-8, unlike the lines before it."
    assert bad.smiles == "CC"
    assert "UTF-8" in bad.remedy


@pytest.mark.parametrize("name", ["a.smi", "a.csv", "a.tsv", "a.inchi", "a.sdf"])
@pytest.mark.parametrize("before", [0, 20_000])
def test_a_nul_costs_its_row_wherever_it_stands(tmp_path, name, before):
    good = {
        "a.csv": "C,x\n",
        "a.tsv": "C\tx\n",
        "a.inchi": "InChI=1S/CH4/h1H4 x\n",
        "a.sdf": BLOCK + "$$$$\n",
    }
    line = good.get(name, "C x\n")
    before //= len(line)
    header = {"a.csv": "smiles,name\n", "a.tsv": "smiles\tname\n"}.get(name, "")
    found = written(tmp_path, name, header + line * before + line[:1] + "\0" + line[1:] + line)
    assert len(found) == before + 2
    assert "holds a NUL character" in found[before].message
    assert all(isinstance(entry, Molecule) for entry in found[:before] + found[before + 1 :])


def test_an_endless_line_is_not_held(tmp_path):
    path = tmp_path / "bomb.smi.gz"
    with gzip.open(path, "wb") as handle:
        handle.write(b"CCO a\n")
        for _ in range(40):
            handle.write(b"C" * MAX_LINE_BYTES)
        handle.write(b"\nCCN b\n")
    first, bad, last = shown(entries(path))
    assert (first, last) == (("a", "CCO"), ("b", "CCN"))
    assert bad == "line 2: The line is longer than 1,000,000 characters."


def test_an_endless_record_is_not_held(tmp_path):
    bad, good = written(tmp_path, "a.sdf", f"x{BLOCK}" + "> <a>\n" * 30_000 + f"$$$$\ny{BLOCK}$$$$\n")
    assert "longer than 20,000 lines" in bad.message
    assert good.name == "y"


# --- other formats ------------------------------------------------------------------------


def test_mixtures_in_a_file_are_systems(tmp_path):
    (system, salt) = written(tmp_path, "a.smi", "CCN.CCO.[Zn+2].[Cl-].[Cl-] shell\nCC(=O)O[Na] b\n")
    assert (system.kind, system.name) == ("system", "shell")
    assert [member.canonical_smiles for member in system.members] == ["CCN", "CCO", "[Cl-].[Cl-].[Zn+2]"]
    assert salt.kind == "salt"


def test_a_workbook(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Ligands of 2024"],
        [],
        ["ID", "Structure SMILES", "Price"],
        [12, "CCO", 3.5],
        [],
        ["β-keto", "CC(=O)CC(C)=O", None],
        [None, None, "remark"],
        ["=1+1", "C1C", None],
    ):
        sheet.append(row)
    other = book.create_sheet("more")
    other.append(["name", "smiles"])
    other.append(["x", "CCN"])
    book.create_sheet("notes").append(["nothing here"])
    path = tmp_path / "a.xlsx"
    book.save(path)
    rows = list(read_input(str(path)))
    assert [row.location for row in rows] == [
        "sheet 'Sheet', row 4",
        "sheet 'Sheet', row 5",
        "sheet 'Sheet', row 6",
        "sheet 'Sheet', row 7",
        "sheet 'Sheet', row 8",
        "sheet 'more', row 2",
    ]
    assert [row.entry.name for row in rows] == ["12", "row 2", "β-keto", "row 4", "row 5", "x"]
    assert rows[2].entry.canonical_smiles == "CC(=O)CC(C)=O"
    assert [row.entry.kind for row in rows if isinstance(row.entry, Failure)] == [
        "empty",
        "empty",
        "unparsable",
    ]


def test_a_workbook_without_molecules(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["name", "structure"])
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(InputError, match="no column 'smiles' in any sheet"):
        read_input(str(tmp_path / "a.xlsx"))


def test_a_mol_file_is_named_after_itself(tmp_path):
    assert shown(written(tmp_path, "my acid.mol", BLOCK)) == [("my acid", "CCO")]
    assert shown(written(tmp_path, "b.mol", f"ethanol{BLOCK}")) == [("ethanol", "CCO")]


MOL2 = """# made by hand
@<TRIPOS>MOLECULE
water
 3 2 0 0 0
SMALL
NO_CHARGES

@<TRIPOS>ATOM
 1 O1 0.0 0.0 0.0 O.3
 2 H1 0.9 0.0 0.0 H
 3 H2 0.0 0.9 0.0 H
@<TRIPOS>BOND
 1 1 2 1
 2 1 3 1
"""


def test_mol2_records(tmp_path, capfd):
    broken = MOL2.replace("water", "broken").replace(" 2 1 3 1", " 2 1 7 1")
    bare = MOL2.replace(" H\n", " C.3\n")
    unknown = MOL2.replace("O.3", "Zz")
    good, bad, odd, without, last = written(tmp_path, "a.mol2", MOL2 + broken + unknown + bare + MOL2)
    assert shown([good, last]) == [("water", "O")] * 2
    assert (bad.name, bad.kind) == ("broken", "unparsable")
    assert bad.message == "record 2 (line 16): The record is not a mol2 record with all its hydrogens."
    assert odd.kind == "unparsable"
    assert without.message.endswith("with all its hydrogens.")
    assert capfd.readouterr().err == ""


def test_a_chemdraw_document(tmp_path):
    text = Chem.MolToCDXMLBlock(Chem.MolFromSmiles("CC(=O)O"))
    assert shown(written(tmp_path, "acid.cdxml", text)) == [("acid", "CC(=O)O")]


CDXML = '<?xml version="1.0" encoding="UTF-8"?><CDXML><page>{}</page></CDXML>'
CHAIN = (
    '<fragment id="1"><n id="2" p="10 10"/><n id="3" p="30 10"/><n id="4" p="50 10" {}/>'
    '<b id="5" B="2" E="3"/><b id="6" B="3" E="4"/></fragment>'
)


def test_ions_that_are_grouped_in_a_drawing_are_one_salt(tmp_path):
    ions = "".join(
        f'<fragment id="{at}0"><n id="{at}1" p="{at}0 10" Element="{element}" Charge="{charge}"/></fragment>'
        for at, element, charge in ((1, 30, 2), (2, 17, -1), (3, 17, -1))
    )
    text = CDXML.format(f'<group id="9">{ions}</group>' + CHAIN.format('Element="8"'))
    assert shown(written(tmp_path, "a.cdxml", text)) == [("a 1", "[Cl-].[Cl-].[Zn+2]"), ("a 2", "CCO")]


@pytest.mark.parametrize("usage", ["SRU", "MultipleGroup"])
def test_the_brackets_of_a_chemdraw_document_are_refused(tmp_path, usage):
    brackets = f'<bracketedgroup id="11" BracketedObjectIDs="2 3" BracketUsage="{usage}"/>'
    (bad,) = written(tmp_path, "a.cdxml", CDXML.format(CHAIN.format("") + brackets))
    assert (bad.kind, bad.message) == (
        "polymer",
        "structure 1: The drawing has the brackets of a polymer or of a mixture.",
    )
    plain_brackets = brackets.replace(usage, "Unspecified")
    assert shown(written(tmp_path, "b.cdxml", CDXML.format(CHAIN.format("") + plain_brackets))) == [
        ("b", "CCC")
    ]


def test_a_place_holder_of_a_chemdraw_document_is_refused(tmp_path):
    chain = CHAIN.format('NodeType="GenericNickname" GenericNickname="R"')
    assert written(tmp_path, "a.cdxml", CDXML.format(chain))[0].kind == "polymer"


def test_a_list_of_inchis(tmp_path):
    text = (
        "InChI=1S/C2H6O/c1-2-3/h3H,2H2,1H3\tethanol\nAuxInfo=1/0/N:1,2,3\n"
        "LFQSCWFLJHTTHZ-UHFFFAOYSA-N key\nInChI=1S/nonsense x\n"
    )
    good, key, bad = written(tmp_path, "a.inchi", text)
    assert (good.name, good.canonical_smiles) == ("ethanol", "CCO")
    assert "is an InChIKey, from which no structure follows" in key.message
    assert "line 4: 'InChI=1S/nonsense' is no InChI" in bad.message
    assert written(tmp_path, "b.csv", "name,InChI\ne,InChI=1S/CH4/h1H4\n")[0].canonical_smiles == "C"


# --- drawings -----------------------------------------------------------------------------


def test_names_of_an_sdf(tmp_path):
    tagged = f"{BLOCK}> <MW>\n46\n\n>  <Name> (2)\nethyl alcohol\n\n$$$$\n"
    by_line, by_tag, cas = written(tmp_path, "a.sdf", f"e{tagged}{tagged}{tagged.replace('Name', 'CAS')}")
    assert [by_line.name, by_tag.name, cas.name] == ["e", "ethyl alcohol", "ethyl alcohol"]


@pytest.mark.parametrize(
    ("change", "kind", "sentence"),
    [
        (
            lambda b: b.replace("M  END", "M  STY  1   1 SRU\nM  SAL   1  1   2\nM  SMT   1 n\nM  END"),
            "polymer",
            "brackets of a polymer",
        ),
        (
            lambda b: b.replace("M  END", "M  STY  1   1 COP\nM  SAL   1  1   2\nM  END"),
            "polymer",
            "brackets of a polymer",
        ),
        (lambda b: b.replace("M  END", "M  APO  1   1   1\nM  END"), "polymer", "open attachment point"),
        (lambda b: b.replace("M  END", "M  ALS   1  2 F N   O   \nM  END"), "polymer", "open position"),
        (lambda b: b.replace(" O  ", " R# "), "polymer", "open position"),
        (lambda b: b.replace("  1  2  1  0", "  1  2  5  0"), "unparsable", "of any kind"),
    ],
)
def test_what_a_drawing_says_beyond_a_molecule_is_refused(tmp_path, change, kind, sentence):
    bad, good = written(tmp_path, "a.sdf", f"a{change(BLOCK)}$$$$\nb{BLOCK}$$$$\n")
    assert (bad.kind, bad.name) == (kind, "a")
    assert sentence in bad.message
    assert good.canonical_smiles == "CCO"


def test_brackets_of_an_abbreviation_do_no_harm(tmp_path):
    block = BLOCK.replace("M  END", "M  STY  1   1 SUP\nM  SAL   1  1   3\nM  SMT   1 OH\nM  END")
    assert shown(written(tmp_path, "a.sdf", block)) == [("CCO", "CCO")]


def test_deuterium_drawn_as_d(tmp_path):
    (heavy,) = written(tmp_path, "a.mol", BLOCK.replace(" O  ", " D  "))
    assert heavy.canonical_smiles == "CC"
    assert "hydrogen" in heavy.note


def test_formats_are_those_of_the_page():
    assert set(FORMATS) == {
        ".smi",
        ".smiles",
        ".csv",
        ".tsv",
        ".sdf",
        ".mol",
        ".mol2",
        ".cdxml",
        ".inchi",
        ".xlsx",
    }


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(FORMATS))
def test_any_bytes_are_rows_or_one_sentence(tmp_path_factory, content, suffix):
    path = tmp_path_factory.mktemp("bytes") / f"a{suffix}"
    path.write_bytes(content)
    found, sentence = [], ""
    try:
        found = list(read_input(str(path)))
    except InputError as error:
        sentence = str(error).replace(str(path), "")
    assert "\n" not in sentence
    assert bool(found) != bool(sentence)
    assert [row.index for row in found] == list(range(len(found)))
