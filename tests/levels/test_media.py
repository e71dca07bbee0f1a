"""Media and readings of measured potentials: moved where molecules were measured in both, else left out."""

from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echemscreen.errors import TableError
from echemscreen.levels.fit import references as refs
from echemscreen.levels.fit.media import media_terms, net_charge, oxidised_charge
from echemscreen.reference_tables import read_file


def row(entry, smiles, value_v, solvent="acetonitrile", **changes):
    given_values = {
        "process": "reduction",
        "name": "",
        "electrode": "sce",
        "kind": "",
        "salt": "",
        "grade": "A",
        "citation": "made up",
        "locator": "",
        "note": "",
    } | changes
    return refs.ReferencePotential(
        entry=entry, smiles=smiles, value_v=value_v, solvent=solvent, **given_values
    )


PAIRS = [row(f"a{i}", s, -1.0 - 0.1 * i) for i, s in enumerate("CNO")]


@settings(max_examples=20, deadline=None)
@given(shift=st.floats(-0.5, 0.5))
def test_a_medium_is_moved_by_the_molecules_that_it_shares(shift):
    others = [row(f"d{i}", s, -1.0 - 0.1 * i - shift, "dmf") for i, s in enumerate("CNO")]
    alone = row("d9", "S", -2.0, "dmf")
    found = {one.entry: one for one in refs.references([*PAIRS, *others, alone], calculated=())}
    assert found["d9"].value_v_she == pytest.approx(alone.value_v_she + shift)
    assert found["d9"].noise_v > found["a0"].noise_v
    assert {one.series for one in found.values()} == {refs.PREDICTION_SERIES}


def test_a_medium_with_too_few_shared_molecules_teaches_nothing():
    others = [row(f"d{i}", s, -1.1, "dmf") for i, s in enumerate("CN")]
    found = refs.references([*PAIRS, *others], calculated=())
    assert {one.entry for one in found} == {"a0", "a1", "a2"}


def test_peaks_and_onsets_are_known_less_well():
    noises = [row("a", "C", -1.0, kind=kind).noise_v for kind in ("E1/2", "half_peak", "peak", "onset")]
    assert noises == sorted(noises)
    assert noises[0] < noises[1]
    assert row("a", "C", -1.0, electrode="ag_agcl").noise_v > noises[0]


@pytest.mark.parametrize(("column", "cell"), [("kind", "foot"), ("grade", "Z")])
def test_an_unknown_reading_or_grade_is_refused_with_its_place(column, cell, tmp_path):
    path = tmp_path / "rows.csv"
    cells = {
        item.name: str(getattr(row("a", "C", -1.0), item.name)) for item in fields(refs.ReferencePotential)
    }
    cells[column] = cell
    path.write_text(f"{','.join(cells)}\n{','.join(cells.values())}\n", encoding="utf-8")
    with pytest.raises(TableError, match=f"line 2.*column {column}.*'{cell}'"):
        read_file(path, refs.ReferencePotential)


def test_the_shipped_quinones_are_moved_by_what_three_of_them_show():
    terms = media_terms(refs.reference_potentials(), refs.PREDICTION_SOLVENT)
    assert terms["dmf"].n_pairs == 3
    assert terms["dmf"].shift_v(0) == pytest.approx(-0.08, abs=0.01)
    # Water stabilises an anion by a third of a volt more.
    assert terms["water"].shift_v(0) == pytest.approx(-0.33, abs=0.01)
    # Methyl viologen: -0.45 V in water, -0.84 V vs Fc+/Fc in acetonitrile.
    assert terms["water"].shift_v(2) == pytest.approx(0.63 - 0.841 + 0.45, abs=0.01)
    assert terms["water"].sigma_v(2) > terms["water"].sigma_v(0)


@settings(max_examples=30, deadline=None)
@given(shift=st.floats(-0.5, 0.5), slope=st.floats(-0.3, 0.3))
def test_the_shift_of_a_medium_is_a_line_in_the_charge(shift, slope):
    structures = {"C": 0, "N": 0, "[NH4+]": 1, "[Ca+2]": 2}
    here = [row(f"a{i}", s, -1.0) for i, s in enumerate(structures)]
    there = [
        row(f"w{i}", s, -1.0 - shift - slope * charge, "water")
        for i, (s, charge) in enumerate(structures.items())
    ]
    term = media_terms([*here, *there], "acetonitrile")["water"]
    for charge in (0, 1, 2):
        assert term.shift_v(charge) == pytest.approx(shift + slope * charge)
    assert term.knows(1)
    assert not term.knows(-1)


def test_a_charge_beyond_those_measured_in_both_media_teaches_nothing():
    others = [row(f"w{i}", s, -1.0, "water") for i, s in enumerate("CNO")]
    ion = row("w9", "C[N+](C)(C)C", -2.0, "water")
    found = {one.entry for one in refs.references([*PAIRS, *others, ion], calculated=())}
    assert "w0" in found
    assert "w9" not in found


@pytest.mark.parametrize(
    ("smiles", "charge"),
    [
        ("CCO", 0),
        ("C[N+](=O)[O-]", 0),
        ("C[n+]1ccc(-c2cc[n+](C)cc2)cc1", 2),
        ("[Ca+2]", 2),
        ("[Ca++]", 2),
        ("[O-2]", -2),
        ("[CH3:1][O-:2]", -1),
        ("C[C@@H](N)C(=O)[O-]", -1),
        ("[13CH3+]", 1),
    ],
)
def test_the_charge_that_a_smiles_writes(smiles, charge):
    assert net_charge(smiles) == charge


def test_an_oxidation_is_the_couple_of_its_cation():
    assert oxidised_charge("CCO", "reduction") == 0
    assert oxidised_charge("CCO", "oxidation") == 1
    assert oxidised_charge("CC[S-]", "oxidation") == 0
