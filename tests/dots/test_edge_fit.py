"""The joint fit of band edges: what it recovers, what moves it, and that the shipped axis is its own."""

import math
from dataclasses import replace

import numpy as np
import pytest

from echemscreen.dots.edges.band_edges import model_of, placed_edges
from echemscreen.dots.edges.edge_axis import AXIS, compounds, edge_axis, place_of
from echemscreen.dots.edges.edge_evidence import edge_kinds, published_edges
from echemscreen.dots.edges.edge_fit import (
    edge_observation,
    fit_edges,
    left_out,
    observations,
    parameters,
)
from echemscreen.dots.edges.edge_support import halved_by_v, support_of, support_summary
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.specification import parse
from echemscreen.errors import TableError
from echemscreen.evidence.edge_errors import shipped_agrees


@pytest.fixture(scope="module")
def fit():
    return fit_edges()


def mean(fit, name):
    return float(fit.mean[fit.names.index(name)])


def test_the_shipped_axis_is_what_its_rows_give(fit):
    assert shipped_agrees(fit)
    assert set(edge_axis().names) <= set(fit.names)


def test_order_of_rows_does_not_matter(fit):
    back = fit_edges(observations()[::-1], fit.scatter)
    assert np.allclose(back.mean, fit.mean, atol=1e-9)


def test_made_up_rows_give_back_the_parameters_they_were_made_from(fit):
    rng = np.random.default_rng(7)
    truth = {name: float(rng.normal(0.0, min(sigma, 0.2))) for name, sigma in parameters().items()}
    truth[AXIS] = 1.5
    made = [
        replace(
            one,
            observed_v=one.natural_v
            + sum(share * truth.get(name, 0.0) for name, share in one.coefficients.items()),
        )
        for one in observations()
    ]
    again = fit_edges(made, fit.scatter)
    for one in made:
        value, sigma = again.predicted(one)
        assert abs(value - one.observed_v) < sigma


def test_moving_every_row_moves_the_axis_and_nothing_else(fit):
    """A shift of the electrode scale: edges move, steps do not."""
    moved = [
        replace(one, observed_v=one.observed_v + 0.3) if AXIS in one.coefficients else one
        for one in observations()
    ]
    again = fit_edges(moved, fit.scatter)
    assert mean(again, AXIS) - mean(fit, AXIS) == pytest.approx(0.3, abs=0.005)
    assert mean(again, place_of("CdSe")) == pytest.approx(mean(fit, place_of("CdSe")), abs=0.005)


def test_one_row_moved_moves_its_material_most(fit):
    chosen = next(one for one in observations() if one.material == "InP" and one.edge == "cbm")
    moved = [
        replace(one, observed_v=one.observed_v - 0.5) if one is chosen else one for one in observations()
    ]
    again = fit_edges(moved, fit.scatter)
    places = [name for name in edge_axis().names if name != AXIS]
    shifts = {name: mean(again, name) - mean(fit, name) for name in places}
    assert max(shifts, key=lambda name: abs(shifts[name])) == place_of("InP")
    assert shifts[place_of("InP")] > 0


def test_one_more_measurement_never_widens(fit):
    added = fit_edges([*observations(), observations()[0]], fit.scatter)
    assert np.all(np.diag(added.covariance) <= np.diag(fit.covariance) + 1e-12)


def test_the_natural_order_of_the_collated_affinities_is_kept():
    cbm = {name: quantum_dot(name).edges.cbm.value_v_she for name in ("CdSe", "InP", "ZnSe", "CuInS2")}
    # More negative is nearer to the vacuum.
    assert cbm["InP"] < cbm["CdSe"]
    assert cbm["ZnSe"] < cbm["InP"]
    assert cbm["CuInS2"] < cbm["CdSe"]


@pytest.mark.parametrize("dot", ["InP:3.2/ZnS:1.0", "InP:2.6/ZnSe:1.8/ZnS:0.6", "PbS:4"])
def test_edges_of_dots_are_known_to_a_fifth_of_a_volt(dot):
    assert quantum_dot(dot).edges.cbm.sigma_v <= 0.20


def test_the_conduction_edge_of_the_bromide_is_as_uncertain_as_its_two_rows_leave_it():
    # Asked for was 0.20 V: photoemission of films of one publication is all that could be read.
    assert 0.15 < quantum_dot("CsPbBr3:8").edges.cbm.sigma_v < 0.30


def test_transfers_that_were_seen_agree_with_the_edges(fit):
    """An electron seen to reach a couple started above it; within 1.645 sigma of the fit."""
    seen = [row for row in published_edges() if row.kind.startswith("transfer_bracket") and row.dot]
    assert len(seen) >= 20
    for row in seen:
        value, sigma = fit.predicted(edge_observation(row))
        side = -1.0 if row.kind.endswith("above") else 1.0
        assert side * (value - row.value_v_she) > -1.645 * sigma, row


def test_intervals_cover_what_was_left_out(fit):
    rows = left_out(fit, lambda one: one.row.citation)
    covered = np.mean([abs(one.observed_v - value) < 1.645 * sigma for one, value, sigma in rows])
    assert covered >= 0.85


def test_a_material_without_a_row_of_its_own_is_less_certain():
    assert not [row for row in published_edges() if row.material == "AgInS2"]
    assert quantum_dot("AgInS2").edges.cbm.sigma_v > 2 * quantum_dot("CdSe").edges.cbm.sigma_v


def test_both_edges_of_a_dot_share_the_error_of_the_axis():
    placed = placed_edges(model_of(parse("CdSe:3.5")))
    assert 0 < placed.covariance_v2 < placed.cbm_sigma_v * placed.vbm_sigma_v
    given = quantum_dot("CdSe:3.5", cbm_v_she=-1.0)
    assert given.edges.covariance_v2 == 0.0


def test_phases_of_a_compound_have_one_place():
    assert compounds({"wz-CdSe": 0.25, "CdSe": 0.5, "CdS": 0.25}) == {"CdSe": 0.75, "CdS": 0.25}


def test_a_dot_names_what_its_edges_rest_on():
    support = support_of(model_of(parse("InP:3.2/ZnS:1.0")))
    assert {one.material for one in support if one.edge == "vbm"} == {"InP"}
    # The electron leaks into the shell, the hole does not.
    assert {one.material for one in support if one.edge == "cbm"} == {"InP", "ZnS"}
    used = [one for one in support if one.implied_v_she is not None]
    edge = quantum_dot("InP:3.2/ZnS:1.0").edges.cbm
    implied = [one.implied_v_she for one in used if one.edge == "cbm"]
    assert min(implied) - 0.4 < edge.value_v_she < max(implied) + 0.4
    assert "published edges" in support_summary(support, "cbm")
    assert "no published edge" in support_summary(support_of(model_of(parse("AgInS2:3"))), "cbm")


def test_a_sigma_is_halved_by_a_measurement_this_good():
    # 1/s^2 + 1/m^2 = 4/s^2
    sigma, other = 0.2, halved_by_v(0.2)
    assert 1 / math.sqrt(1 / sigma**2 + 1 / other**2) == pytest.approx(sigma / 2)


def test_estimates_are_not_fitted():
    assert not edge_kinds()["electronegativity"].fitted
    assert not edge_kinds()["model_input"].fitted
    assert {one.row.kind for one in observations() if hasattr(one.row, "kind")}.isdisjoint(
        {"electronegativity", "model_input", "hybrid_dft", "quoted"}
    )


def test_a_material_that_the_fit_has_not_seen_says_which_command_fits_it():
    with pytest.raises(TableError, match=r"without the place of Nobelium.*calibrate --edges"):
        edge_axis().offset_v({"Nobelium": 1.0})
