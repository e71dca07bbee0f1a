"""Molecules given in Python: rows in order, or one sentence; never a TypeError."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import InputError, StructureError
from echemscreen.ligands.reading.given_rows import given_rows, given_structure
from echemscreen.ligands.reading.input_files import read_row
from echemscreen.records.rows import Failure


def read(source):
    """Name and canonical SMILES of each row, or the failure's sentence."""
    found = [read_row(row).entry for row in given_rows(source)]
    return [
        (entry.name, f"{entry.message}" if isinstance(entry, Failure) else entry.canonical_smiles)
        for entry in found
    ]


def test_smiles_and_pairs_with_odd_types():
    ethanol = Chem.MolFromSmiles("CCO")
    named = Chem.MolFromSmiles("CCS")
    named.SetProp("_Name", "ethanethiol")
    source = ["CCN", ("CCO", 7), ["CCO", None], (ethanol, "alcohol"), ethanol, named, ("CCO", float("nan"))]
    source.append(("CCO", "M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller".encode()))
    assert read(source) == [
        ("CCN", "CCN"),
        ("7", "CCO"),
        ("CCO", "CCO"),
        ("alcohol", "CCO"),
        ("CCO", "CCO"),
        ("ethanethiol", "CCS"),
        ("CCO", "CCO"),
        ("M\N{LATIN SMALL LETTER U WITH DIAERESIS}ller", "CCO"),
    ]


def test_what_is_no_molecule_is_a_failed_row():
    source = [
        None,
        float("nan"),
        pd.NA,
        np.nan,
        ("", "blank"),
        3,
        ("CCO", "a", "b"),
        b"CCO",
        (None, "x"),
        "CCO",
    ]
    found = read(source)
    assert len(found) == len(source)
    for number, shown in enumerate(("None", "nan", "<NA>", "nan"), start=1):
        assert found[number - 1] == (f"row {number}", f"item {number}: There is no molecule here ({shown}).")
    assert found[4] == ("blank", "item 5: The SMILES is empty.")
    for number, kind in ((6, "int"), (7, "tuple"), (8, "bytes")):
        words = f"item {number}: It is of the type {kind}: neither a SMILES nor an RDKit molecule."
        assert found[number - 1][1] == words
    assert found[8] == ("x", "item 9: There is no molecule here (None).")
    assert found[9] == ("CCO", "CCO")


def test_an_rdkit_molecule_is_what_its_smiles_says():
    with_hydrogens = Chem.AddHs(Chem.MolFromSmiles("C[C@H](O)N"))
    salt = Chem.MolFromSmiles("CC(=O)[O-].CC(=O)[O-].[Zn+2]")
    unsanitised = Chem.MolFromSmiles("c1ccccc1O", sanitize=False)
    assert [words for _, words in read([with_hydrogens, salt, unsanitised])] == [
        Chem.CanonSmiles("C[C@H](O)N"),
        "CC(=O)[O-].CC(=O)[O-].[Zn+2]",
        "Oc1ccccc1",
    ]
    # A pattern is no molecule, though RDKit writes one for it.
    assert read([Chem.MolFromSmarts("[#6;!R]")])[0][1] == "item 1: It is a pattern (SMARTS), not a molecule."


def test_series_and_frames():
    assert read(pd.Series(["CCO", float("nan")], index=["alcohol", "gap"])) == [
        ("alcohol", "CCO"),
        ("gap", "item 2: There is no molecule here (nan)."),
    ]
    assert read(pd.Series(["CCO"])) == [("CCO", "CCO")]
    frame = pd.DataFrame({"ID": [1, 2], "Canonical_SMILES": ["CCO", float("nan")], "yield": [0.1, 0.2]})
    assert read(frame) == [("1", "CCO"), ("2", "item 2: There is no molecule here (nan).")]
    # A gap makes pandas write whole numbers with a point.
    assert read(pd.DataFrame({"smiles": ["C", "N"], "ID": [7, None]})) == [("7", "C"), ("N", "N")]
    assert read(pd.DataFrame({"smiles": ["C"]}, index=["methane"])) == [("methane", "C")]
    drawn = pd.DataFrame({"ROMol": [Chem.MolFromSmiles("CCO"), None], "ID": ["a", "b"]})
    assert read(drawn) == [("a", "CCO"), ("b", "item 2: There is no molecule here (None).")]
    assert read(pd.DataFrame({"InChI": ["InChI=1S/CH4/h1H4"], "name": ["methane"]})) == [("methane", "C")]
    assert read(pd.DataFrame({"smiles": ["CCN"]})) == [("CCN", "CCN")]
    with pytest.raises(InputError, match="no column 'smiles'; its columns are a, b"):
        given_rows(pd.DataFrame({"a": ["CCO"], "b": [1]}))
    with pytest.raises(InputError, match="has 2 columns of smiles"):
        given_rows(pd.DataFrame([["C", "CC"]], columns=["smiles", "smiles"]))


def test_mappings_arrays_and_rows_of_other_readers():
    assert read({"water": "O", "gap": None}) == [
        ("water", "O"),
        ("gap", "item 2: There is no molecule here (None)."),
    ]
    assert read({"smiles": ["O", "N"], "name": ["water", "ammonia"]}) == [("water", "O"), ("ammonia", "N")]
    frame = pd.DataFrame({"Smiles": ["O"], "Name": ["water"]})
    assert read(frame.to_dict("records")) == [("water", "O")]
    assert read(np.array([["O", "water"], ["N", "ammonia"]])) == [("water", "O"), ("ammonia", "N")]
    assert read(iter(pd.Index(["O"]))) == [("O", "O")]
    assert read(pd.Categorical(["O", "O"])) == [("O", "O"), ("O", "O")]
    with pytest.raises(InputError, match="not of one length"):
        given_rows({"smiles": ["O", "N"], "name": ["water"]})


@pytest.mark.parametrize("source", [42, None, 1.5, 1j, object(), np.array("CCO"), b"CCO", bytearray(b"C")])
def test_what_is_no_list_is_one_sentence(source):
    with pytest.raises(InputError, match=f"cannot be read from the type {type(source).__name__}"):
        given_rows(source)


def test_a_molecule_by_itself():
    assert given_structure(("CCO", 3)) == ("CCO", "3")
    assert given_structure(Chem.MolFromSmiles("OCC")) == ("CCO", "CCO")
    for odd in (None, float("nan"), 5, b"CCO", Chem.MolFromSmarts("[#6]"), ("a", "b", "c"), object()):
        with pytest.raises(StructureError):
            given_structure(odd)


def test_one_molecule_is_a_list_of_one():
    assert read(Chem.MolFromSmiles("CCO")) == [("CCO", "CCO")]
    assert read([]) == []


ODD = st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=3) | st.booleans()


@settings(max_examples=200, deadline=None)
@given(st.lists(ODD | st.tuples(ODD, ODD) | st.lists(ODD, max_size=3), max_size=4))
def test_anything_in_a_list_is_a_row_each(source):
    assert len(read(source)) == len(source)
