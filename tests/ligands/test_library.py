"""The library: cited, complete, true to its claims, and open to a user's own rows."""

import csv
from dataclasses import replace

import pytest
from rdkit import Chem, rdBase

from echemscreen.errors import InputError, TableError
from echemscreen.ligands.binding.forms import forms_of, judged_units
from echemscreen.ligands.groups import anchor_rows
from echemscreen.ligands.library import families, library, show
from echemscreen.ligands.reading.library_rows import LigandRow, broken_rules
from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import Failure
from echemscreen.reference_tables import read_rows, table_path

TABLES = ("anchors", "functional_groups", "ligands", "families", "site_models")
ROWS = read_rows("ligand_library", "ligands.csv", LigandRow)


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_cited_and_unique(name):
    with table_path("ligand_library", f"{name}.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert rows
    assert all(row["citation"].strip() for row in rows)
    assert len({tuple(row.items()) for row in rows}) == len(rows)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_entry_is_what_it_states(row):
    assert broken_rules(row) == {}
    assert row.citation
    assert row.locator
    if row.kind == "ligand":
        assert row.formula
        assert row.charge is not None


def test_names_are_unique_and_structures_stand_once():
    names = [row.name.casefold() for row in ROWS]
    assert len(set(names)) == len(names)
    seen = {}
    for row, entry in zip(ROWS, library().rows("all"), strict=True):
        if row.kind == "undrawn":
            continue
        seen.setdefault(entry.entry.canonical_smiles, []).append(row)
    # Only the ligand shells of a paper repeat a compound, under the name that the paper gives the shell.
    for rows in seen.values():
        assert sum("pu2020-table1" not in row.groups for row in rows) <= 1, [row.name for row in rows]


def test_every_family_is_described_and_has_members():
    described = families()
    assert all(family["members"] and family["role"] for family in described)
    assert {group for row in ROWS for group in row.groups} == {family["family"] for family in described}


def test_donor_atoms_stand_first_in_every_anchor():
    for row in anchor_rows().values():
        assert row.binding in {"L", "X"}


def test_table_one_has_every_ligand_system_in_its_form():
    expected = {
        "Cd(RCOO)2": {"salt_Z"},
        "Cd(RPO3)": {"salt_Z"},
        "Cd(SR)2": {"salt_Z"},
        "Zn(RCOO)2": {"salt_Z"},
        "Mg(RCOO)2": {"salt_Z"},
        "RNH2": {"bound_L"},
        "RNH2 + RSH": {"bound_L", "bound_X"},
        "TOP": {"bound_L"},
        "RNH2 + TOP": {"bound_L"},
        "lattice-bound carboxylate": {"bound_X"},
        "RSH": {"bound_X"},
    }
    seen = {}
    for row in library().rows("pu2020-table1"):
        assert isinstance(row.entry, Molecule)
        units = judged_units(row.entry)
        seen[row.entry.name] = {f.role for u in units for f in forms_of(u, site_metal="Cd", site_charge=2)}
    assert {name: seen[name] for name in expected} == expected


def test_all_holds_every_row_once_and_in_order():
    rows = list(library().rows("all"))
    assert [row.entry.name for row in rows] == [row.name for row in ROWS]
    assert [row.index for row in rows] == list(range(len(ROWS)))


def test_families_have_the_keys_of_the_command_line():
    for family in families():
        assert {"family", "role", "members", "binding", "mechanism", "stimulus", "sources"} <= set(family)
        assert set(family["binding"]) <= {"L", "X", "Z"}
        assert family["sources"][0]


def test_show_trioctylphosphine():
    entry = show("TOP")
    assert entry["formula"] == "C24H51P"
    # 24 C, 51 H, 1 P with IUPAC abridged atomic weights
    assert entry["mass_da"] == pytest.approx(24 * 12.011 + 51 * 1.008 + 30.974, abs=0.02)
    assert (entry["anchors"], entry["binding"], entry["charge"]) == (["phosphine"], ["L"], 0)
    assert {"pu2020-table1"} <= set(entry["families"])
    assert show("top") == entry
    assert show("zinc oleate")["binding"] == ["Z"]


def test_unknown_names_are_named():
    with pytest.raises(InputError, match=r"no family 'nothing'.*pu2020-table1"):
        library().rows("nothing")
    with pytest.raises(InputError, match="no entry 'unobtainium'"):
        show("unobtainium")


# --- a user's own file --------------------------------------------------------------------


def _own(tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_users_rows_join_the_library(tmp_path):
    path = _own(
        tmp_path,
        "family,name,smiles,charge,anchor,wavelength_nm\n"
        "house,hexanethiol,CCCCCCS,0,thiol,254;365\n"
        "house,nonylamine,CCCCCCCCCN,,,\n",
    )
    rows = list(library(path).rows("house"))
    assert [row.entry.name for row in rows] == ["hexanethiol", "nonylamine"]
    assert rows[0].location == "mine.csv, line 2"
    entry = show("Nonylamine", path)
    assert (entry["source"], entry["anchors"]) == ("mine.csv, line 3", ["primary_amine"])
    assert families(path)[-1]["members"] == ["hexanethiol", "nonylamine"]
    assert len(list(library(path).rows("all"))) == len(ROWS) + 2
    assert "house" not in {family["family"] for family in families()}


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("house,thing,C1CC,,,,", "smiles", "ring"),
        ("house,thing,CCS,C2H6O,,,", "formula", "C2H6S, not C2H6O"),
        ("house,thing,CCS,,1,,", "charge", r"\+0, not \+1"),
        ("house,thing,CCS,,,primary_amine,", "anchor", "no primary_amine; it has thiol"),
        ("house,thing,CCS,,,spoon,", "anchor", "'spoon' is no anchor"),
        ("house,thing,CCS,,,,254 nm", "wavelength_nm", "'254 nm'"),
        (",thing,CCS,,,,", "family", "no family"),
        ("house,,CCS,,,,", "name", "no name"),
        ("house,TOP,CCS,,,,", "name", "has an entry 'TOP' already"),
    ],
)
def test_a_bad_row_names_file_line_column_and_rule(tmp_path, row, column, rule):
    path = _own(
        tmp_path,
        f"family,name,smiles,formula,charge,anchor,wavelength_nm\nhouse,good,CCCCN,,,,\n{row}\n",
    )
    with pytest.raises(TableError, match=rf"mine\.csv, line 3, column {column}: .*{rule}"):
        library(path)


def test_cells_and_columns_of_the_wrong_kind_are_named(tmp_path):
    path = _own(tmp_path, "family,name,smiles,charge\nhouse,good,CCCCN,one\n")
    with pytest.raises(TableError, match=r"mine\.csv, line 2, column charge: 'one' is not a whole number"):
        library(path)
    with pytest.raises(TableError, match=r"line 1: missing column smiles; unknown column smile"):
        library(_own(tmp_path, "family,name,smile\nhouse,good,CCCCN\n"))
    with pytest.raises(TableError, match="no row below its header"):
        library(_own(tmp_path, "family,name,smiles\n"))
    with pytest.raises(TableError, match="cannot be read"):
        library(tmp_path / "absent.csv")


def test_every_bad_row_is_told_at_once(tmp_path):
    path = _own(tmp_path, "family,name,smiles\nhouse,a,C1CC\nhouse,b,CCN\nhouse,b,CCC\n")
    with pytest.raises(TableError) as caught:
        library(path)
    assert "line 2, column smiles" in str(caught.value)
    assert "line 4, column name" in str(caught.value)


def test_every_structure_can_be_drawn():
    with rdBase.BlockLogs():
        for row, molecule in library().entries():
            assert Chem.MolFromSmiles(molecule.canonical_smiles), row.name


def test_what_has_no_structure_is_a_failed_row_with_its_reason():
    undrawn = [row for row in ROWS if row.kind == "undrawn"]
    assert {"dodecamolybdophosphate", "hexasulfidonickelate"} <= {row.name for row in undrawn}
    failed = {row.entry.name: row.entry for row in library().rows("all") if isinstance(row.entry, Failure)}
    assert set(failed) == {row.name for row in undrawn}
    for row in undrawn:
        assert row.note in failed[row.name].told
        with pytest.raises(InputError, match="no structure"):
            show(row.name)
    assert broken_rules(replace(undrawn[0], note="")) == {"note": "it says why there is no structure"}
    assert broken_rules(replace(undrawn[0], smiles="C")) == {"smiles": "an undrawn row has none"}
