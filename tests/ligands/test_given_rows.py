"""Molecules given in Python: rows in order, or one sentence; never a TypeError."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import InputError
from echemscreen.ligands.given_rows import given_rows
from echemscreen.records import Failure


def read(source):
    """Name and canonical SMILES of each row, or the failure's sentence."""
    found = [row.entry for row in given_rows(source)]
    return [
        (entry.name, f"{entry.message}" if isinstance(entry, Failure) else entry.canonical_smiles)
        for entry in found
    ]


def test_smiles_and_pairs_with_odd_types():
    ethanol = Chem.MolFromSmiles("CCO")
    named = Chem.MolFromSmiles("CCS")
    named.SetProp("_Name", "ethanethiol")
    source = ["CCN", ("CCO", 7), ["CCO", None], (ethanol, "alcohol"), ethanol, named, ("CCO", float("nan"))]
    assert read(source) == [
        ("CCN", "CCN"),
        ("7", "CCO"),
        ("CCO", "CCO"),
        ("alcohol", "CCO"),
        ("CCO", "CCO"),
        ("ethanethiol", "CCS"),
        ("CCO", "CCO"),
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
    assert [words for _, words in found[:4]] == [f"Item {n} has no SMILES." for n in (1, 2, 3, 4)]
    assert found[5][1] == "Item 6 is of type int, no SMILES."
    assert found[6][1] == "Item 7 is of type tuple, no SMILES."
    assert found[7][1] == "Item 8 is of type bytes, no SMILES."
    assert found[8] == ("x", "Item 9 has no SMILES.")
    assert found[9] == ("CCO", "CCO")


def test_series_and_frames():
    assert read(pd.Series(["CCO", None], index=["alcohol", "gap"])) == [
        ("alcohol", "CCO"),
        ("gap", "Item 2 has no SMILES."),
    ]
    assert read(pd.Series(["CCO"])) == [("CCO", "CCO")]
    frame = pd.DataFrame({"ID": [1, 2], "Canonical_SMILES": ["CCO", float("nan")], "yield": [0.1, 0.2]})
    assert read(frame) == [("1", "CCO"), ("2", "Item 2 has no SMILES.")]
    assert read(pd.DataFrame({"smiles": ["CCN"]})) == [("CCN", "CCN")]
    with pytest.raises(InputError, match="no column 'smiles' among a, b"):
        given_rows(pd.DataFrame({"a": ["CCO"], "b": [1]}))
    with pytest.raises(InputError, match="has 2 columns of smiles"):
        given_rows(pd.DataFrame([["C", "CC"]], columns=["smiles", "smiles"]))


@pytest.mark.parametrize("source", [42, None, 1.5, b"CCO", {"smiles": "CCO"}])
def test_what_is_no_list_is_one_sentence(source):
    with pytest.raises(InputError, match="is no list of molecules"):
        given_rows(source)


def test_one_molecule_is_a_list_of_one():
    assert read(Chem.MolFromSmiles("CCO")) == [("CCO", "CCO")]
    assert read([]) == []


ODD = st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.binary(max_size=3) | st.booleans()


@settings(max_examples=200, deadline=None)
@given(st.lists(ODD | st.tuples(ODD, ODD) | st.lists(ODD, max_size=3), max_size=4))
def test_anything_in_a_list_is_a_row_each(source):
    assert len(read(source)) == len(source)
