"""The library: cited, complete, and readable by family or name."""

import csv

import pytest

from echemscreen.errors import InputError
from echemscreen.ligands.forms import forms_of, judged_units
from echemscreen.ligands.groups import anchor_rows
from echemscreen.ligands.library import families, library_rows, show
from echemscreen.records import Molecule
from echemscreen.reference_tables import table_path

TABLES = ("anchors", "functional_groups", "ligands", "families", "site_models")


@pytest.mark.parametrize("name", TABLES)
def test_every_row_is_cited_and_unique(name):
    with table_path("ligand_library", f"{name}.csv").open(newline="", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    assert rows
    assert all(row["citation"].strip() for row in rows)
    assert len({tuple(row.items()) for row in rows}) == len(rows)


def test_donor_atoms_stand_first_in_every_anchor():
    donors = {"N", "n", "O", "S", "P", "Se", "F", "Cl", "Br", "I", "C"}
    for row in anchor_rows().values():
        head = row.smarts.lstrip("[").split(";")[0].split(",")[0]
        assert any(head.startswith(donor) for donor in donors), row.code
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
    for row in library_rows("pu2020-table1"):
        assert isinstance(row.entry, Molecule)
        assert row.entry.family == "pu2020-table1"
        units = judged_units(row.entry)
        seen[row.entry.name] = {f.role for u in units for f in forms_of(u, site_metal="Cd", site_charge=2)}
    assert seen == expected


def test_all_holds_every_family_in_order():
    listed = [member for family in families() for member in family["members"]]
    rows = list(library_rows("all"))
    assert [row.entry.name for row in rows] == listed
    assert [row.index for row in rows] == list(range(len(listed)))


def test_families_have_the_keys_of_the_command_line():
    for family in families():
        assert set(family) == {"family", "role", "members", "binding", "mechanism", "stimulus", "sources"}
        assert set(family["binding"]) <= {"L", "X", "Z"}
        assert family["sources"][0]


def test_show_trioctylphosphine():
    entry = show("TOP")
    assert entry["formula"] == "C24H51P"
    # 24 C, 51 H, 1 P with IUPAC abridged atomic weights
    assert entry["mass_da"] == pytest.approx(24 * 12.011 + 51 * 1.008 + 30.974, abs=0.02)
    assert (entry["anchors"], entry["binding"], entry["charge"]) == (["phosphine"], ["L"], 0)
    assert entry["families"] == ["pu2020-ligands", "pu2020-table1"]
    assert show("top") == entry
    assert show("zinc oleate")["binding"] == ["Z"]


def test_unknown_names_are_named():
    with pytest.raises(InputError, match=r"no family 'nothing'.*pu2020-table1"):
        library_rows("nothing")
    with pytest.raises(InputError, match="no entry 'unobtainium'"):
        show("unobtainium")
