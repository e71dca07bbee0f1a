"""Published band edges: every source kept, and the model held against those that were measured."""

import pytest

from echemscreen.dots.materials import published_edges, semiconductors
from echemscreen.dots.quantum_dot import quantum_dot


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
        assert row.quality in {"verified", "unverified"}
        assert ("recalled" in row.note) == (row.quality == "unverified")
        assert row.sigma_v is None or row.sigma_v > 0
        assert set(row.material.split("/")) <= set(semiconductors())


def test_scales_are_converted_by_hand():
    # E(vacuum) = -(U + 4.44); Ag/AgCl lies 0.199 V above SHE.
    assert edges_v_she("CdSe", "cbm", "collated") == [pytest.approx(4.56 - 4.44)]
    assert edges_v_she("CdSe/CdS/ZnS", "cbm", "electron_injection") == [pytest.approx(-1.04 + 0.199)]


def test_valence_edges_lie_a_gap_below_conduction_edges():
    edges = {(row.material, row.sample, row.citation, row.edge): row.value_v_she for row in published_edges()}
    pairs = 0
    for (material, sample, citation, edge), cbm in edges.items():
        vbm = edges.get((material, sample, citation, "vbm"))
        if edge == "cbm" and vbm is not None:
            pairs += 1
            assert vbm - cbm == pytest.approx(semiconductors()[material].gap_ev, abs=0.15)
    assert pairs >= 10


def test_the_sources_disagree_by_more_than_an_electronvolt():
    # Why one anchor sets the scale instead of an average.
    values = [row.value_v_she for row in published_edges() if (row.material, row.edge) == ("CdSe", "cbm")]
    assert max(values) - min(values) > 1.0


def test_the_model_meets_electron_injection_into_cdse_cds_zns():
    # Independent of the anchor: another method, another solvent, a ZnS-shelled dot.
    (row,) = (row for row in published_edges() if row.kind == "electron_injection")
    edge = quantum_dot("pu2020-red-zns").edges.cbm
    assert abs(edge.value_v_she - row.value_v_she) < 1.645 * (edge.sigma_v**2 + row.sigma_v**2) ** 0.5
