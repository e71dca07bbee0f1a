"""Descriptors against hand-counted molecules, and the ranges that bound them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import InputError, StructureError
from echemscreen.ligands.building.descriptors import MEASURES, BuildFilter, describe

OLEIC_ACID = "CCCCCCCC/C=C\\CCCCCCCC(=O)O"
FIELDS = ("molar_mass_da", "n_heavy", "n_rotatable", "log_p", "n_anchors")
WHOLE = ("n_heavy", "n_rotatable", "n_anchors")


def bounds_of(field, text):
    limits = BuildFilter.from_ranges(**{field: text})
    return getattr(limits, f"min_{field}"), getattr(limits, f"max_{field}")


@pytest.mark.parametrize(
    ("smiles", "mass", "heavy", "rotatable"),
    [
        # 18 x 12.011 + 34 x 1.008 + 2 x 15.999; 17 C-C bonds less C=C and the methyl's.
        (OLEIC_ACID, 282.468, 20, 15),
        ("CCCCCCCCN", 129.247, 9, 6),
        ("CCCCCCCCP(CCCCCCCC)CCCCCCCC", 370.646, 25, 21),
        # Two octyl chains as carboxylates: cadmium is a heavy atom without bonds.
        ("[Cd+2].CC(=O)[O-].CC(=O)[O-]", 230.502, 9, 0),
    ],
)
def test_size_and_flexibility_are_as_counted_by_hand(smiles, mass, heavy, rotatable):
    found = describe(smiles)
    assert found.molar_mass_da == pytest.approx(mass, abs=0.01)
    assert found.n_heavy == heavy
    assert found.n_rotatable == rotatable


def test_log_p_follows_polarity():
    assert describe("CCCCCCCCN").log_p > 0 > describe("OCCO").log_p
    assert describe(OLEIC_ACID).log_p > describe("CCCCCCCCN").log_p


def test_anchors_count_the_binding_groups():
    assert describe("CCCCCCCC").n_anchors == 0
    assert describe("CCCCCCCCN").n_anchors == 1
    assert describe("SCCCCS").n_anchors == 2 * describe("CCCS").n_anchors


def test_synthetic_accessibility_is_the_published_score():
    """Ertl and Schuffenhauer: 1 is easy, 10 is hard; a cage is harder than a chain."""
    chain, cage = (describe(smiles).synthetic_accessibility for smiles in ("CCCCCCCCN", "C12C3C4C1C5C4C3C25"))
    assert 1 <= chain < 3 < cage <= 10


def test_a_molecule_and_its_smiles_are_described_alike():
    mol = Chem.MolFromSmiles(OLEIC_ACID)
    found = describe(mol)
    assert found == describe(OLEIC_ACID)
    assert {name: measure(mol) for name, measure in MEASURES.items()} == {
        name: getattr(found, name) for name in MEASURES
    }


@pytest.mark.parametrize("text", ["", "C(", "not a molecule"])
def test_what_is_no_molecule_is_refused(text):
    with pytest.raises(StructureError, match="described"):
        describe(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("100-500", (100, 500)),
        ("-500", (None, 500)),
        ("200-", (200, None)),
        ("300", (300, 300)),
        (" 1.5 - 2.5 ", (1.5, 2.5)),
        ("-1-5", (-1, 5)),
        ("-3--1", (-3, -1)),
        ("--1", (None, -1)),
        ("-1-", (-1, None)),
        ("5-5", (5, 5)),
        ("", (None, None)),
        (None, (None, None)),
    ],
)
def test_a_range_is_read_as_written(text, expected):
    assert bounds_of("log_p", text) == expected


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("text", ["-", "abc", "1-2-3", "500-200", "1,5-2", "nan-5", "5-inf", "1e400", "--"])
def test_a_bad_range_is_named_with_the_remedy(field, text):
    with pytest.raises(InputError, match="MIN-MAX") as caught:
        bounds_of(field, text)
    assert text in str(caught.value)


@pytest.mark.parametrize("field", WHOLE)
def test_a_count_has_whole_bounds(field):
    assert bounds_of(field, "3-7") == (3, 7)
    with pytest.raises(InputError, match="whole numbers MIN-MAX"):
        bounds_of(field, "3.5-7")


@given(
    st.none() | st.floats(-1e6, 1e6).map(lambda value: round(value, 3)),
    st.none() | st.floats(-1e6, 1e6).map(lambda value: round(value, 3)),
)
def test_any_range_survives_being_written(low, high):
    text = "-".join("" if end is None else f"{end:.3f}" for end in (low, high))
    if (low is None and high is None) or (None not in {low, high} and low > high):
        with pytest.raises(InputError):
            bounds_of("log_p", text)
    else:
        assert bounds_of("log_p", text) == (low, high)


@given(st.text(max_size=20))
def test_any_text_is_a_range_or_an_input_error(text):
    try:
        low, high = bounds_of("molar_mass_da", text)
    except InputError as error:
        assert "MIN-MAX" in str(error)  # noqa: PT017 - both outcomes are right, each in its own way
    else:
        assert low is None or high is None or low <= high


def test_bounds_that_exclude_everything_are_refused():
    with pytest.raises(InputError, match="n_heavy"):
        BuildFilter(min_n_heavy=5, max_n_heavy=4)
    with pytest.raises(InputError, match="finite"):
        BuildFilter(max_log_p=math.nan)


def test_the_quick_measures_come_first():
    limits = BuildFilter.from_ranges(n_heavy="5-", max_synthetic_accessibility=3.0)
    assert list(limits.bounds().items()) == [
        ("n_heavy", (5, None)),
        ("synthetic_accessibility", (None, 3.0)),
    ]
