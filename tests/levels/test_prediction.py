"""What a calibrated level says of its evidence, by a fit whose numbers are given."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from echemscreen.levels.fit import prediction
from echemscreen.levels.fit.calibration import UNKNOWN_CLASS, Prediction
from echemscreen.levels.fit.gaussian import DISSOCIATIVE
from echemscreen.levels.fit.own_measurements import OwnPotential, OwnPotentials
from echemscreen.levels.fit.prediction import (
    EDGES_V_SHE,
    calibrated_level,
    shipped_bounds,
    without_evidence,
)
from echemscreen.levels.fit.references import PotentialBound
from echemscreen.levels.redox import RawPotentials
from echemscreen.records.levels import Correction
from echemscreen.records.processes import PROCESSES, Process

RED, OX = Process.REDUCTION, Process.OXIDATION


def fit(value=-0.5, sigma=0.2, *, in_range=True, covered=("quinone", "alkene", DISSOCIATIVE)):
    """A calibration that says what it is told; whole classes err by 0.3 V, uncalibrated values by 0.4 V."""
    return SimpleNamespace(
        predict=lambda *_: Prediction(value_v_she=value, sigma_v=sigma, in_range=in_range),
        uncovered=lambda groups: tuple(name for name in groups or (UNKNOWN_CLASS,) if name not in covered),
        shipped=SimpleNamespace(class_rmse_v=0.3, raw_mae_v=0.4),
    )


def raw(process=RED, *, intact=True, **more):
    values = {
        "gfn2_vertical_v_she": -1.1,
        "gfn2_adiabatic_v_she": -0.9,
        "ipea1_vertical_v_she": -1.0,
        "ipea1_adiabatic_v_she": -0.8,
        "homo_ev": -10.0,
        "lumo_ev": -8.0,
    }
    return RawPotentials(process=process, intact=intact, **{**values, **more})


def bound(group, limit, process=RED):
    return PotentialBound(
        group=group,
        process=process,
        limit_v_she=limit,
        sigma_v=0.25,
        citation="a book",
        locator="p. 3",
        note="",
    )


def level(groups=("quinone",), *, ladder=None, model=None, bounds=(), **more):
    return calibrated_level(
        ladder or raw(), groups, engine="tblite", model=model or fit(), bounds=bounds, **more
    )


def test_with_all_evidence_the_prediction_stands():
    found = level()
    assert (found.value_v_she, found.sigma_v) == (-0.5, 0.2)
    assert (found.basis, found.domain, found.one_sided) == ("calibrated", "calibrated", False)
    assert (found.vertical, found.raw_v_she, found.intact) == (False, -0.9, True)
    assert (found.note, found.citation, found.by_own, found.changed_bonds) == ("", None, None, ())


@pytest.mark.parametrize(
    "ladder",
    [raw(intact=False, changed_bonds=("C1-Br2 broken",)), raw(intact=None, gfn2_adiabatic_v_she=None)],
)
def test_without_a_whole_relaxed_ion_the_vertical_value_is_told(ladder):
    found = level(ladder=ladder)
    assert (found.vertical, found.raw_v_she) == (True, -1.1)
    assert (found.intact, found.changed_bonds) == (ladder.intact, ladder.changed_bonds)


def test_a_broken_ion_needs_evidence_of_its_own():
    assert level(ladder=raw(intact=False)).domain == "calibrated"
    assert level(ladder=raw(intact=False), model=fit(covered=("quinone",))).domain == "uncalibrated"
    # Of a molecule without any known group that is what is said.
    assert level((), ladder=raw(intact=False)).note == without_evidence([UNKNOWN_CLASS], ())


@pytest.mark.parametrize(("sigma", "kept"), [(0.2, 0.3), (0.35, 0.35)])
def test_outside_the_fitted_range_the_error_of_classes_counts_at_least(sigma, kept):
    strange = level(model=fit(sigma=sigma, in_range=False))
    elsewhere = level(model=fit(sigma=sigma), solvent="dmf")
    for found in (strange, elsewhere):
        assert (found.domain, found.basis, found.value_v_she) == ("extrapolated", "calibrated", -0.5)
        assert found.sigma_v == kept


@pytest.mark.parametrize(("sigma", "kept"), [(0.2, 0.5), (0.6, 0.6)])
def test_without_evidence_the_raw_error_counts_too(sigma, kept):
    # 0.3 and 0.4 V in quadrature.
    for found in (
        level(["quinone", "nitro"], model=fit(sigma=sigma)),
        level(left_out=["nitro"], model=fit(sigma=sigma)),
        level(unknown=["a Sn-C bond"], model=fit(sigma=sigma)),
    ):
        assert (found.domain, found.value_v_she) == ("uncalibrated", -0.5)
        assert found.sigma_v == pytest.approx(kept)


def test_what_has_no_evidence_is_named():
    assert without_evidence((), ()) == ""
    found = level(["nitro", "quinone", "azide"], unknown=["a Sn-C bond", "a Sn atom"])
    assert found.note == (
        "no reference potential of: nitro, azide; no reference molecule has a Sn-C bond or a Sn atom"
    )


@pytest.mark.parametrize("process", PROCESSES)
def test_a_limit_further_out_than_the_others_leaves_the_prediction(process):
    sign = process.sign
    far = bound("carboxylic_acid", -2.1 * sign, process)
    model = fit(-0.5 * sign)
    found = level(["quinone", "carboxylic_acid"], ladder=raw(process), model=model, bounds=[far])
    assert (found.domain, found.value_v_she, found.sigma_v, found.note) == (
        "calibrated",
        -0.5 * sign,
        0.2,
        "",
    )
    # A limit of the other process is none.
    turned = replace(far, process=process.opposite)
    found = level(["quinone", "carboxylic_acid"], ladder=raw(process), model=model, bounds=[turned])
    assert found.domain == "uncalibrated"


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("value", [-2.2, -2.1])
def test_a_limit_as_near_as_the_others_holds(process, value):
    sign = process.sign
    limits = [bound("carboxylic_acid", -2.1 * sign, process), bound("alkane_chain", -2.3 * sign, process)]
    found = level(
        ["carboxylic_acid", "alkane_chain"], ladder=raw(process), model=fit(value * sign), bounds=limits
    )
    assert (found.value_v_she, found.sigma_v) == (-2.1 * sign, 0.25)
    assert (found.basis, found.domain, found.one_sided) == ("bounded", "bounded", True)
    assert (found.citation.source, found.citation.locator) == ("a book", "p. 3")
    assert found.note == "bound by its carboxylic acid"


def test_a_limit_nearer_than_the_others_holds_beside_covered_groups():
    found = level(["quinone", "carboxylic_acid"], model=fit(-0.5), bounds=[bound("carboxylic_acid", -0.3)])
    assert (found.value_v_she, found.domain, found.one_sided) == (-0.3, "bounded", True)


def test_a_group_without_a_limit_undoes_the_others():
    found = level(["carboxylic_acid", "nitro"], model=fit(-2.4), bounds=[bound("carboxylic_acid", -2.1)])
    assert (found.domain, found.one_sided) == ("uncalibrated", False)


def test_an_atom_that_nothing_has_is_beyond_every_limit():
    found = level(
        ["carboxylic_acid"],
        model=fit(-2.4),
        bounds=[bound("carboxylic_acid", -2.1)],
        unknown=["a Sn-C bond"],
    )
    assert (found.domain, found.value_v_she, found.one_sided) == ("uncalibrated", -2.4, False)


def test_what_is_extrapolated_takes_the_limits_of_all_its_groups():
    strange = fit(in_range=False)
    limits = [bound("quinone", -0.4), bound("nitro", -0.2)]
    assert level(model=strange, bounds=limits).value_v_she == -0.4
    assert level(model=strange, bounds=limits).domain == "bounded"
    assert level(["quinone", "alkene"], model=strange, bounds=limits).domain == "extrapolated"
    # What was left out limits only where it has no evidence of its own.
    assert level(left_out=["alkene"], model=strange, bounds=limits).value_v_she == -0.4
    assert level(left_out=["nitro"], model=strange, bounds=limits).value_v_she == -0.2
    # With all evidence no limit is asked.
    assert level(bounds=limits).domain == "calibrated"


@pytest.mark.parametrize(("process", "edge"), [(RED, -2.5), (OX, 2.8)])
def test_at_the_edge_of_voltammetry_only_a_bound_is_known(process, edge):
    assert EDGES_V_SHE[process] == pytest.approx(edge)
    edge = EDGES_V_SHE[process]
    ladder = raw(process)
    for value in (edge, edge - process.sign):
        found = level(ladder=ladder, model=fit(value))
        assert (found.value_v_she, found.sigma_v, found.one_sided) == (edge, 0.2, True)
        assert (found.basis, found.domain, found.citation) == ("bounded", "bounded", None)
        assert found.note == "at the edge of the window of voltammetry or beyond"
    inside = level(ladder=ladder, model=fit(edge + 0.01 * process.sign))
    assert (inside.domain, inside.one_sided) == ("calibrated", False)
    strange = level(ladder=ladder, model=fit(edge, in_range=False))
    assert (strange.domain, strange.sigma_v) == ("bounded", 0.3)
    assert level(ladder=ladder, model=fit(edge), solvent="dmf").domain == "extrapolated"
    assert level(["nitro"], ladder=ladder, model=fit(edge)).domain == "uncalibrated"


def test_corrections_add_and_so_do_their_variances():
    terms = (
        Correction(name="film", value_v=0.3, sigma_v=0.1),
        Correction(name="site", value_v=-0.1, sigma_v=0.2),
    )
    found = level(corrections=terms)
    assert found.value_v_she == pytest.approx(-0.3)
    assert found.sigma_v == pytest.approx(0.3)  # 0.04 + 0.01 + 0.04
    assert found.corrections == terms


def test_own_measurements_move_what_is_predicted_and_no_bound(monkeypatch):
    said = Correction(name="your own", value_v=0.1, sigma_v=0.0)
    monkeypatch.setattr(
        prediction, "moved", lambda found, *_: (replace(found, value_v_she=found.value_v_she + 0.1), said)
    )
    row = OwnPotential(name="a", smiles="C", process=RED, value_v_she=0.0, sigma_v=0.1, source="p. 1")
    own = OwnPotentials((row,))
    assert (level(own=own).value_v_she, level(own=own).by_own) == (-0.4, said)
    assert (level(own=OwnPotentials()).value_v_she, level(own=OwnPotentials()).by_own) == (-0.5, None)
    assert level(model=fit(-3.0), own=own).by_own is None


@pytest.mark.parametrize(
    ("in_range", "expected"),
    [
        ({"adiabatic": True, "vertical": True}, (-0.5, False, "calibrated", "")),
        (
            {"adiabatic": False, "vertical": True},
            (-0.7, True, "calibrated", "the relaxed ion lies outside what the calibration knows"),
        ),
        ({"adiabatic": False, "vertical": False}, (-0.5, False, "extrapolated", "")),
    ],
)
def test_which_shipped_fit_is_asked(monkeypatch, in_range, expected):
    def shipped(process, engine, descriptor_set):
        assert (process, engine) == (RED, "tblite")
        value = {"adiabatic": -0.5, "vertical": -0.7}[descriptor_set]
        return fit(value, in_range=in_range[descriptor_set])

    monkeypatch.setattr(prediction, "shipped_fit", shipped)
    found = calibrated_level(raw(), ["quinone"], engine="tblite", bounds=())
    assert (found.value_v_she, found.vertical, found.domain, found.note) == expected
    broken = calibrated_level(raw(intact=False), ["quinone"], engine="tblite", bounds=())
    assert (broken.value_v_she, broken.vertical) == (-0.7, True)
    assert not broken.note


def test_the_shipped_limits_hold_unasked():
    row = shipped_bounds()[0]
    model = fit(row.limit_v_she - row.process.sign, covered=())
    found = calibrated_level(raw(row.process), [row.group], engine="tblite", model=model)
    assert (found.domain, found.value_v_she) == ("bounded", row.limit_v_she)
