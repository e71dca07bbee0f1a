"""Edges of the user's own: the two scales, what cannot be, and materials that have nothing else."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echemscreen.dots.device_stack import DeviceLayerRow
from echemscreen.dots.edges.band_edges import valence_scatter_v
from echemscreen.dots.edges.edge_evidence import published_edges
from echemscreen.dots.edges.given_edges import (
    BINDING_SIGMA_EV,
    MEASURED_SIGMA_V,
    TOO_NARROW_EV,
    WINDOWS_EV,
    GivenEdges,
)
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import DotError, InputError
from echemscreen.reference_tables import read_rows
from echemscreen.scales import from_she, she_from


@pytest.mark.parametrize(
    ("edges", "right"),
    [
        # The issue's: an energy against vacuum where a potential is asked for.
        ({"cbm_v_she": -4.2}, "--cbm-ev -4.2"),
        # Its neighbours.
        ({"cbm_v_she": -3.6}, "--cbm-ev -3.6"),
        ({"cbm_v_she": 4.2}, "--cbm-ev -4.2"),
        ({"vbm_v_she": -5.9}, "--vbm-ev -5.9"),
        ({"cbm_ev": -0.9}, "--cbm-v-she -0.9"),
        ({"cbm_ev": 3.6}, "--cbm-ev -3.6"),
        ({"vbm_ev": 1.2}, "--vbm-v-she 1.2"),
        ({"vbm_ev": 6.1}, "--vbm-ev -6.1"),
        ({"cbm_v_she": -890.0}, "Check sign, scale and electrode"),
        # One scale for each edge.
        ({"cbm_v_she": -0.9, "cbm_ev": -3.54}, "given twice, by --cbm-v-she and --cbm-ev"),
        ({"vbm_v_she": 1.2, "vbm_ev": -5.64}, "given twice, by --vbm-v-she and --vbm-ev"),
        # A gap far from the exciton (2.28 eV).
        ({"cbm_v_she": -0.9, "vbm_v_she": 0.2}, "leave a gap of 1.10 eV"),
        ({"cbm_v_she": -0.9, "vbm_ev": -9.0}, "leave a gap of 5.46 eV"),
        ({"cbm_ev": -4.6, "vbm_ev": -6.0}, "leave a gap of 1.40 eV"),
        ({"cbm_v_she": -0.9, "vbm_v_she": 1.4, "gap_ev": 1.2}, None),
        ({"cbm_v_she": -0.9, "vbm_v_she": 1.4, "gap_ev": 3.2}, "leave a gap of 2.30 eV"),
        ({"cbm_v_she": 1.0, "vbm_v_she": -1.0}, "lies above the conduction edge"),
        ({"gap_ev": 2.0}, "--gap-ev is given without an edge"),
        ({"cbm_v_she": -0.9, "gap_ev": -2.0}, "gap_ev is wrong: input should be greater than or equal to 0"),
        ({"cbm_v_she": math.nan}, "cbm_v_she is wrong: input should be a finite number"),
        ({"cbm_v_she": -0.9, "cbm_sigma_v": -0.1}, "cbm_sigma_v is wrong"),
        ({"cbm_sigma_v": 0.1}, "--cbm-sigma-v is given without --cbm-v-she or --cbm-ev"),
    ],
)
def test_edges_that_cannot_be_are_refused_with_the_right_spelling(edges, right):
    if right is None:
        quantum_dot("CdSe:3.0", **edges)
        return
    with pytest.raises(InputError) as refused:
        quantum_dot("CdSe:3.0", **edges)
    assert right in str(refused.value)


def test_the_windows_hold_every_edge_that_was_published():
    energies = {edge: [] for edge in WINDOWS_EV}
    for row in published_edges():
        energies[row.edge].append(from_she(row.value_v_she, "vacuum"))
    for layer in read_rows("band_data", "device_layers.csv", DeviceLayerRow):
        if layer.role != "insulator":
            energies["cbm"].append(layer.lumo_ev)
            energies["vbm"] += [
                layer.homo_ev,
                None if layer.work_function_ev is None else -layer.work_function_ev,
            ]
    for edge, (low, high) in WINDOWS_EV.items():
        known = [energy for energy in energies[edge] if energy is not None]
        assert len(known) > 40
        assert low < min(known)
        assert max(known) < high
    # What is usual for a dot against vacuum is none of them on the electrode scale.
    assert she_from(WINDOWS_EV["cbm"][1], "vacuum") > -3.0


def test_a_gap_may_miss_the_exciton_by_what_edges_scatter_by():
    assert 2 * valence_scatter_v() < TOO_NARROW_EV
    # Its own sigma excuses more.
    quantum_dot("CdSe:3.0", cbm_v_she=-0.9, vbm_v_she=0.6, cbm_sigma_v=0.3, vbm_sigma_ev=0.3)


@given(energy=st.floats(min_value=-6.5, max_value=-4.2))
@settings(max_examples=25, deadline=None)
def test_both_scales_say_the_same(energy):
    spec = "CdSe:3.0"
    assert quantum_dot(spec, cbm_ev=energy) == quantum_dot(spec, cbm_v_she=she_from(energy, "vacuum"))
    by_ev, by_v = quantum_dot(spec, vbm_ev=energy), quantum_dot(spec, vbm_v_she=she_from(energy, "vacuum"))
    assert by_ev == by_v
    # The other edge follows by the gap of the dot.
    table = quantum_dot(spec).edges
    gap = table.vbm.value_v_she - table.cbm.value_v_she
    assert by_ev.edges.vbm.value_v_she - by_ev.edges.cbm.value_v_she == pytest.approx(gap)


def test_an_optical_gap_of_ones_own_moves_the_other_edge():
    plain = quantum_dot("CdSe:3.0", cbm_v_she=-0.9)
    wider = quantum_dot("CdSe:3.0", cbm_v_she=-0.9, gap_ev=plain.exciton_ev + 0.2)
    assert wider.exciton_ev == pytest.approx(plain.exciton_ev + 0.2)
    assert wider.edges.vbm.value_v_she == pytest.approx(plain.edges.vbm.value_v_she + 0.2)
    from_below = quantum_dot("CdSe:3.0", vbm_v_she=1.4, gap_ev=plain.exciton_ev + 0.2)
    assert from_below.edges.cbm.value_v_she == pytest.approx(1.4 - (wider.edges.vbm.value_v_she + 0.9))


def test_an_edge_far_from_the_modelled_one_is_told():
    (note,) = [note for note in quantum_dot("CdSe:3.0", cbm_v_she=0.9).caveats if "check sign" in note]
    assert "lies 2.0 V below the modelled one" in note
    assert not any("check sign" in note for note in quantum_dot("CdSe:3.0", cbm_v_she=-0.9).caveats)


# --- materials without a model --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "edges", "cbm", "vbm", "site"),
    [
        ("HfO2", {"cbm_ev": -2.5, "gap_ev": 5.8}, -1.94, 3.86, ("Hf", 4)),
        ("ZrO2:4", {"cbm_v_she": -1.0, "vbm_v_she": 4.0}, -1.0, 4.0, ("Zr", 4)),
        ("Fe2O3:5.0", {"vbm_v_she": 2.4, "gap_ev": 2.1}, 0.3, 2.4, ("Fe", 3)),
        ("Au", {"cbm_ev": -5.1, "gap_ev": 0.0}, 0.66, 0.66, ("", 0)),
        ("Ag:10 nm", {"vbm_ev": -4.3, "gap_ev": 0.0}, -0.14, -0.14, ("", 0)),
        ("HgTe", {"cbm_v_she": -0.2, "vbm_ev": -4.6}, -0.2, 0.16, ("Hg", 2)),
        ("WO3", {"cbm_v_she": 0.4, "gap_ev": 2.7}, 0.4, 3.1, ("W", 6)),
        ("Zn0.9Mg0.1O:3", {"cbm_ev": -3.9, "vbm_ev": -7.5}, -0.54, 3.06, ("Zn", 2)),
        ("Si:4", {"cbm_ev": -3.5, "gap_ev": 2.0}, -0.94, 1.06, ("", 0)),
    ],
)
def test_a_material_without_a_model_is_a_dot_of_the_users_edges(spec, edges, cbm, vbm, site):
    dot = quantum_dot(spec, **edges)
    assert dot.edges.cbm.value_v_she == pytest.approx(cbm, abs=0.005)
    assert dot.edges.vbm.value_v_she == pytest.approx(vbm, abs=0.005)
    assert (dot.site_metal, dot.site_charge) == site
    assert dot.edges.cbm.kind == "user"
    content = describe(dot)
    assert (content["exciton_nm"] is None) == (cbm == vbm)
    assert content["exciton_ev"] == pytest.approx(edges.get("gap_ev", vbm - cbm), abs=0.005)
    if spec != "HgTe":
        assert any("has no model" in note for note in dot.caveats)


def test_the_edge_that_a_gap_gives_is_less_certain():
    dot = quantum_dot("HfO2", cbm_ev=-2.5, gap_ev=5.8)
    assert dot.edges.cbm.sigma_v == MEASURED_SIGMA_V
    assert dot.edges.vbm.sigma_v == pytest.approx(math.hypot(MEASURED_SIGMA_V, BINDING_SIGMA_EV))
    metal = quantum_dot("Au", cbm_ev=-5.1, gap_ev=0.0)
    assert metal.edges.vbm.sigma_v == metal.edges.cbm.sigma_v
    assert metal.band_alignment == ""
    assert str(metal).endswith("a metal")


@pytest.mark.parametrize(
    ("spec", "edges", "words"),
    [
        ("Au", {}, "named alone, with edges of your own"),
        ("Au", {"vbm_ev": -5.1, "gap_ev": 4.0}, "conduction edge would be at -3.34 V"),
        ("Au", {"cbm_ev": -5.1}, "one edge does not tell the other"),
        ("HfO2", {"gap_ev": 5.8}, "one edge does not tell the other"),
        ("HfO2", {"cbm_ev": -2.5, "vbm_ev": -8.3, "gap_ev": 2.0}, "leave a gap of 5.80 eV"),
        ("Au:3", {"cbm_ev": -5.1, "gap_ev": 0.0, "emission_nm": 500.0}, "no emission gives its size"),
        ("Au:-3", {"cbm_ev": -5.1, "gap_ev": 0.0}, "a size of -3 nm is none"),
        ("Au:big", {"cbm_ev": -5.1, "gap_ev": 0.0}, "'big' of Au is no number"),
        ("CdSe:3/HfO2:1", {"cbm_ev": -3.5, "gap_ev": 2.0}, "named alone"),
        ("InPZnS:4", {"cbm_ev": -3.5, "gap_ev": 2.0}, "InP:NM/ZnS:NM"),
        ("Kryptonite", {"cbm_ev": -3.5, "gap_ev": 2.0}, "Unknown dot or material"),
        ("HgTe", {"cbm_ev": -4.6}, "Write it with a size, as HgTe:8"),
    ],
)
def test_what_is_missing_is_told(spec, edges, words):
    with pytest.raises(DotError) as refused:
        quantum_dot(spec, **edges)
    assert words in str(refused.value)


def test_an_edge_of_a_campaign_is_that_of_its_dot():
    from echemscreen.campaign.base import Campaign  # noqa: PLC0415

    edges = {"cbm_ev": -2.5, "gap_ev": 5.8, "cbm_sigma_v": 0.2}
    assert Campaign.validated(qd="HfO2", **edges).dot() == quantum_dot("HfO2", **edges)
    assert GivenEdges(**edges).cbm == pytest.approx(-1.94)
