"""Published band edges: every source kept, and the model held against what was measured."""

from dataclasses import replace

import pytest

from echemscreen.dots.edges import edge_evidence
from echemscreen.dots.edges.band_edges import model_of
from echemscreen.dots.edges.edge_evidence import (
    band_offsets,
    edge_kinds,
    electrochemical_gaps,
    published_edges,
    reference_dot,
)
from echemscreen.dots.edges.given_edges import TOO_WIDE_EV
from echemscreen.dots.materials import semiconductors
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.sizes.emission import core_for_absorption
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.specification import parse
from echemscreen.errors import TableError
from echemscreen.evidence.edge_errors import gap_table


def edges_v_she(material, edge, kind):
    found = [
        row.value_v_she
        for row in published_edges()
        if (row.material, row.edge, row.kind) == (material, edge, kind)
    ]
    assert found
    return found


def test_every_edge_is_an_edge_and_unread_sources_say_so():
    for row in published_edges():
        assert row.edge in {"cbm", "vbm"}
        assert row.quality in {"verified", "secondary", "unverified"}
        assert ("recalled" in row.note) == (row.quality == "unverified")
        assert row.sigma_v is None or row.sigma_v > 0
        assert row.kind in edge_kinds()
        if row.dot:
            assert set(row.material.split("/")) <= set(semiconductors())


def test_there_are_as_many_edges_as_a_reviewer_would_ask_for():
    rows = [*published_edges(), *band_offsets()]
    assert len(rows) >= 150
    for material in ("InP", "CsPbBr3", "PbS", "CuInS2", "ZnO"):
        told = [row for row in published_edges() if material in row.material.split("/")]
        told += [row for row in band_offsets() if material in (row.first, row.second)]
        assert len(told) >= 5, material


def test_scales_are_converted_by_hand():
    # E(vacuum) = -(U + 4.44); Ag/AgCl lies 0.199 V above SHE.
    assert edges_v_she("CdSe", "cbm", "collated") == [pytest.approx(4.56 - 4.44)]
    assert edges_v_she("CdSe/CdS/ZnS", "cbm", "electron_injection") == [pytest.approx(-1.04 + 0.199)]


def test_valence_edges_of_crystals_in_one_table_lie_a_gap_below_conduction_edges():
    edges = {
        (row.material, row.sample, row.citation, row.edge): row.value_v_she
        for row in published_edges()
        if row.kind in {"collated", "uhv"} and row.material in semiconductors()
    }
    pairs = 0
    for (material, sample, citation, edge), cbm in edges.items():
        vbm = edges.get((material, sample, citation, "vbm"))
        if edge == "cbm" and vbm is not None:
            pairs += 1
            assert vbm - cbm == pytest.approx(semiconductors()[material].gap_ev, abs=0.15)
    assert pairs >= 10


def test_the_sources_disagree_by_more_than_an_electronvolt():
    # Why a joint fit sets the axis instead of an average.
    values = [row.value_v_she for row in published_edges() if (row.material, row.edge) == ("CdSe", "cbm")]
    assert max(values) - min(values) > 1.0


def test_the_reference_dot_is_the_one_whose_voltammetry_was_published():
    assert reference_dot() == "CdSe:3.0/CdS:3.5"
    edge = quantum_dot(reference_dot()).edges.cbm
    assert edge.value_v_she == pytest.approx(-0.89, abs=0.10)
    assert edge.sigma_v <= 0.10


def test_the_model_meets_electron_injection_into_cdse_cds_zns():
    (row,) = (row for row in published_edges() if row.kind == "electron_injection")
    edge = quantum_dot("pu2020-red-zns").edges.cbm
    assert abs(edge.value_v_she - row.value_v_she) < 1.645 * (edge.sigma_v**2 + row.sigma_v**2) ** 0.5


@pytest.mark.parametrize(("column", "word"), [("kind", "foot"), ("edge", "fermi")])
def test_a_row_of_an_unknown_kind_is_refused_with_its_place(monkeypatch, column, word):
    rows = (published_edges()[0], replace(published_edges()[1], **{column: word}))
    edge_kinds()  # read before the reader is replaced, and kept
    monkeypatch.setattr(edge_evidence, "read_rows", lambda *_: rows)
    with pytest.raises(TableError, match=f"line 3, column {column}: '{word}' is unknown"):
        published_edges.__wrapped__()


def test_every_kind_of_reading_has_a_row():
    assert {row.kind for row in published_edges()} == set(edge_kinds())


def test_the_binding_of_the_pair_is_the_excess_that_peaks_read_and_feet_read_more():
    excess = {kind: [] for kind in edge_kinds()}
    for row in electrochemical_gaps():
        assert row.excess_ev < TOO_WIDE_EV
        assert row.exciton_nm is None or EV_NM / row.exciton_nm > row.optical_gap_ev
        excess[row.kind].append(row.excess_ev)
    (peaks,) = excess["cv"]
    # One pair of peaks (2.1 against 2 eV, CdTe): the model's binding is that, to the last digit printed.
    sized = core_for_absorption(parse("CdTe:?"), EV_NM / 2.0)
    model = model_of(sized)
    assert model.electron_ev - model.hole_ev - model.exciton_ev == pytest.approx(peaks, abs=0.05)
    assert min(excess["cv_onset"]) > 5 * peaks
    # As many rows as the series has, each in the table for a reader.
    text = gap_table()
    assert text.count("electrochemical ") == len(electrochemical_gaps()) + 1
    assert "mean of 12 by cv_onset: +0.91" in text
