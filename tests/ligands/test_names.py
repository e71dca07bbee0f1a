"""Molecules by name and CAS number: of the shipped library, and of a user's own list."""

import pytest
from rdkit import Chem

from echemscreen.errors import TableError
from echemscreen.ligands.library import LigandLibrary, library
from echemscreen.ligands.reading.library_rows import is_registry_number
from echemscreen.ligands.reading.names import MAX_FOUND, found, named, registry


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("oleic acid", "oleic acid"),
        ("  Oleic ACID ", "oleic acid"),
        ("112-80-1", "oleic acid"),
        ("112-55-0", "1-dodecanethiol"),
        ("78-50-2", "tri-n-octylphosphine oxide"),
        ("trioctylphosphine oxide", "tri-n-octylphosphine oxide"),
    ],
)
def test_names_and_numbers_of_the_library(text, name):
    assert named(text).name == name


@pytest.mark.parametrize("text", ["", "CCO", "oleic", "112-80-2", "no such thing"])
def test_what_is_no_name(text):
    assert named(text) is None


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("7732-18-5", True),  # water
        ("58-08-2", True),  # caffeine
        ("58-08-3", False),
        ("058-08-2", False),
        ("5808-2", False),
        ("", False),
    ],
)
def test_the_check_digit(text, right):
    assert is_registry_number(text) is right


def test_every_number_belongs_to_a_structure_of_the_library():
    structures = {molecule.canonical_smiles for _, molecule in library().entries()}
    assert len(registry()) > 100
    assert set(registry()) <= structures
    assert len({row.cas for row in registry().values()}) == len(registry())


def test_no_name_is_a_smiles():
    for row, molecule in library().entries():
        read = Chem.MolFromSmiles(row.name, sanitize=False)
        assert read is None or Chem.MolToSmiles(read) == molecule.canonical_smiles, row.name


def test_a_search_gives_what_begins_with_the_text_first():
    thiols = [item.name for item in found("1-dodecane")]
    assert thiols[0] == "1-dodecanethiol"
    assert {item.family for item in found("", family="thiol")} <= {"thiol"}
    assert "C18H34O2" in {item.formula for item in found("C18H34O2")}
    assert len(found("")) == MAX_FOUND
    assert found("nothing is called so") == ()


def test_a_list_of_ones_own_comes_first_and_is_read_anew(tmp_path):
    path = tmp_path / "own.csv"
    assert named("mine", path) is None
    path.write_text("family,name,smiles,cas\nthiol,mine,CCCS,107-03-9\n")
    assert named("107-03-9", path).name == "mine"
    assert named("mine", path).is_own
    assert found("mine", path)[0].smiles == "CCCS"
    path.write_text("family,name,smiles,cas\nthiol,another,CCCCS,109-79-5\n")
    assert named("another", path).smiles == "CCCCS"


def test_a_wrong_number_of_ones_own_is_named(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("family,name,smiles,cas\nthiol,mine,CCCS,107-03-8\n")
    with pytest.raises(TableError, match=r"own.csv, line 2, column cas: '107-03-8' is no CAS number"):
        LigandLibrary(path)
