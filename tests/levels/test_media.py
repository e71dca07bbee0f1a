"""Media and readings of measured potentials: moved where molecules were measured in both, else left out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echemscreen.errors import TableError
from echemscreen.levels.fit import references as refs


def row(entry, smiles, value_v, solvent="acetonitrile", **changes):
    given_values = {
        "process": "reduction",
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


def test_an_unknown_reading_is_refused_with_its_place():
    with pytest.raises(TableError, match="line 2, a, column kind: 'foot' is unknown"):
        refs.check_potentials([row("a", "C", -1.0, kind="foot")])


def test_the_shipped_quinones_are_moved_by_what_three_of_them_show():
    terms = refs.media_terms(refs.reference_potentials())
    assert terms["dmf"].n_pairs == 3
    assert terms["dmf"].shift_v == pytest.approx(-0.08, abs=0.01)
    # Water stabilises an anion by a third of a volt more.
    assert terms["water"].shift_v == pytest.approx(-0.33, abs=0.01)
