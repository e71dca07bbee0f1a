"""Rates of charge transfer by hand, and what a shell may and may not do to a verdict."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import edges, level, levels

from echemscreen.records.levels import Reach, Reorganisation
from echemscreen.records.processes import Process
from echemscreen.verdicts.alignment import align_level, margin, probability_positive
from echemscreen.verdicts.exposure import TransferModel, transfer_model, transfer_rate
from echemscreen.verdicts.rules import judge

MODEL = TransferModel(
    log10_k0=12.0,
    reorganisation_ev=0.5,
    scatter_decades=1.0,
    tail_exponent=1.0,
    tail_decades=0.1,
    emission_lifetime_s=2e-8,
    visible_share=0.1,
    holes_per_dot_per_s=1e4,
    device_time_s=3600.0,
    ligands_per_dot=1000.0,
    reaction_yield=1e-3,
)
drives = st.floats(-2.0, 2.0)
shares = st.floats(1e-12, 1.0)


def test_a_rate_by_hand():
    # (0.5 - 0.1)^2 / (4 0.5 0.02569) = 3.114, over ln 10: 1.352 decades
    rate = transfer_rate(0.1, 1e-6, 0.1, model=MODEL)
    assert math.log10(rate.per_s) == pytest.approx(12.0 - 1.0 - 1.352, abs=0.01)
    assert math.log10(rate.high_per_s / rate.low_per_s) == pytest.approx(2 * 1.645 * math.hypot(1.0, 0.1))


def test_what_leaves_pays_for_its_bond_by_hand():
    # whole: 0.5 + 0.7 = 1.2 eV; (1.2 - 0.1)^2 / (4 1.2 0.02569) = 9.812, over ln 10: 4.261 decades
    bond = Reorganisation(value_ev=0.7, sigma_ev=0.2)
    rate = transfer_rate(0.1, 1e-6, 0.1, leaving=bond, model=MODEL)
    assert math.log10(rate.per_s) == pytest.approx(12.0 - 1.0 - 4.261, abs=0.01)
    # 0.2 / (4 0.02569 ln 10) = 0.845 decades of the bond, beside 1 and 0.1
    width = 2 * 1.645 * math.hypot(1.0, 0.1, 0.845)
    assert math.log10(rate.high_per_s / rate.low_per_s) == pytest.approx(width, abs=0.01)


@given(st.floats(0.0, 0.4), st.floats(0.0, 2.0), st.floats(0.0, 1.0), shares)
def test_a_firmer_bond_never_hastens_its_breaking(drive, bond, more, share):
    weak, firm = (
        transfer_rate(drive, 0.0, share, leaving=Reorganisation(value_ev=value, sigma_ev=0.1))
        for value in (bond, bond + more)
    )
    assert firm.per_s <= weak.per_s * (1 + 1e-9)


def test_limits_by_hand():
    assert MODEL.quenches_per_s == pytest.approx(0.1 / 0.9 / 2e-8)
    assert MODEL.reacts_per_s == pytest.approx(100.0 / (1e4 * 2e-8 * 3600.0 * 1e-3))


def test_shares_by_hand():
    # A hole that is there 1e-5 of the time, at a drive of the reorganisation energy: 10**7 per second, within
    # hypot(1, 0.5) = 1.118 decades; quenching begins at 10**6.745, the loss of ligands at 10**5.143.
    rate = transfer_rate(0.5, 0.0, 1e-5, model=MODEL)
    assert rate.p_quenches == pytest.approx(0.5903, abs=1e-3)  # Phi(0.255 / 1.118)
    assert rate.p_reacts == pytest.approx(0.9516, abs=1e-3)  # Phi(1.857 / 1.118)
    # At the surface all that is allowed reacts: Phi(1).
    assert transfer_rate(0.1, 0.1, 1.0, model=MODEL).p_reacts == pytest.approx(0.8413, abs=1e-3)


def test_an_uncertain_drive_by_hand():
    # The mean of the squares, ((0.5 + 0.5)^2 + 0.1^2) / (4 0.5 0.02569), over ln 10: 8.537 decades
    rate = transfer_rate(-0.5, 0.1, 1.0, model=MODEL)
    assert math.log10(rate.per_s) == pytest.approx(12.0 - 8.537, abs=0.01)


@pytest.mark.parametrize(
    ("drive", "share", "regime"),
    [
        (0.0, 1.0, "not driven"),
        (0.5, 1.0, "competes with emission"),
        (0.5, 1e-6, "reacts slowly"),
        (0.5, 1e-8, "cannot reach the carrier"),
    ],
)
def test_regimes_by_hand(drive, share, regime):
    assert transfer_rate(drive, 0.0, share, model=MODEL).regime == regime


def test_there_is_no_inverted_region():
    assert transfer_rate(0.5, 0.0, 1.0, model=MODEL).per_s == transfer_rate(1.5, 0.0, 1.0, model=MODEL).per_s


@given(drives, st.floats(0.01, 1.0), shares)
def test_what_reacts_is_allowed_and_what_quenches_reacts(drive, sigma, share):
    rate = transfer_rate(drive, sigma, share)
    assert 0.0 <= rate.p_quenches <= rate.p_reacts + 1e-12
    assert rate.p_reacts <= probability_positive(drive, sigma) + 1e-9
    assert rate.low_per_s <= rate.per_s <= rate.high_per_s


@given(drives, st.floats(0.01, 1.0), shares, st.floats(0.0, 1.0), st.floats(1.0, 1e4))
def test_a_drive_and_a_surface_never_slow_a_transfer(drive, sigma, share, more, nearer):
    here = transfer_rate(drive, sigma, share)
    assert transfer_rate(drive + more, sigma, share).per_s >= here.per_s * (1 - 1e-9)
    assert transfer_rate(drive, sigma, min(1.0, share * nearer)).per_s >= here.per_s * (1 - 1e-9)


def test_an_unknown_sigma_has_no_rate():
    assert transfer_rate(0.3, None, 0.1) is None


BARE, HIDDEN = Reach(electron=0.3, hole=0.1), Reach(electron=0.02, hole=1e-10)


def test_a_thick_shell_takes_a_hole_away_and_says_so():
    taken = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 0.7, sigma=0.1))
    band = edges(vbm=1.1)
    bare, hidden = judge(taken, band, reach=BARE), judge(taken, band, reach=HIDDEN)
    assert bare.verdict == "active"
    assert "hole_trap" in {flag.code for flag in bare.flags}
    assert "competes with emission" in bare.reason
    assert hidden.verdict == "inert"
    assert "cannot reach the carrier" in hidden.reason
    # The thermodynamic drive and its probability keep their numbers.
    both = [
        next(item for item in judged.alignments if item.process == Process.OXIDATION)
        for judged in (bare, hidden)
    ]
    assert both[0].probability == both[1].probability
    assert both[0].drive_ev == both[1].drive_ev
    assert both[1].deciding < both[0].deciding


def test_a_shell_never_takes_an_electron_or_a_couple_away():
    reduced = levels(level(Process.REDUCTION, -0.3), level(Process.OXIDATION, 3.0))
    assert judge(reduced, edges(), reach=HIDDEN).verdict == "active"


def test_a_shell_is_no_evidence():
    unknown = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 0.7, domain="uncalibrated"))
    assert judge(unknown, edges(), reach=HIDDEN).verdict == "undetermined"


def test_without_a_dot_every_carrier_arrives():
    item = align_level(level(Process.OXIDATION, 0.9), edges())
    assert item.rate is None
    assert item.deciding == item.probability
    assert margin(item) == pytest.approx(item.drive_ev / item.sigma_ev)


@given(st.floats(0.3, 1.8), st.floats(1e-12, 1.0))
def test_a_margin_has_the_sign_of_its_probability(value, share):
    item = align_level(level(Process.OXIDATION, value), edges(), Reach(electron=share, hole=share))
    assert (margin(item) > 0.0) == (item.deciding > 0.5)


def test_the_shipped_constants_are_physical():
    model = transfer_model()
    assert 9.0 < model.log10_k0 < 14.0
    assert 0.0 < model.reacts_per_s < model.quenches_per_s
    assert replace(model, tail_exponent=1.0).spread_decades(1.0) == model.scatter_decades
