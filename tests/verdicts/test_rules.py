"""Verdicts: hand-checked numbers, and what must not change them."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import couple, edges, level, levels, sigmas, volts

from echemscreen.errors import InputError
from echemscreen.records.processes import Process
from echemscreen.records.results import Flag
from echemscreen.verdicts.alignment import align_couple, align_level, probability_positive
from echemscreen.verdicts.rules import DEFAULT_RULES, Thresholds, judge, severity


def test_drives_by_hand():
    band = edges(cbm=-0.89, vbm=1.10, sigma=0.10)
    reduced = align_level(level(Process.REDUCTION, -0.60, sigma=0.20), band)
    assert reduced.drive_ev == pytest.approx(0.29)
    assert reduced.sigma_ev == pytest.approx(math.sqrt(0.05))
    oxidised = align_level(level(Process.OXIDATION, 1.40), band)
    assert oxidised.drive_ev == pytest.approx(-0.30)
    assert align_couple(couple(-0.403), band).drive_ev == pytest.approx(0.487)


@pytest.mark.parametrize(
    ("e0", "verdict"), [(-0.403, "active"), (-0.7618, "active"), (-2.372, "inert"), (-0.93, "undetermined")]
)
def test_a_verdict_follows_the_couple_and_not_its_name(e0, verdict):
    quiet = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0))
    for name in ("Cd2+/Cd", "Mg2+/Mg", "Xx2+/Xx"):
        judgement = judge(quiet, edges(), [couple(e0, name=name)])
        assert judgement.verdict == verdict
        flagged = "metal_reduction" in {flag.code for flag in judgement.flags}
        assert flagged == (verdict == "active")


def test_a_verdict_follows_the_edge_and_the_level():
    ion = [couple(-0.40)]
    quiet = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0))
    assert judge(quiet, edges(cbm=-0.89), ion).verdict == "active"
    assert judge(quiet, edges(cbm=-0.10), ion).verdict == "inert"
    assert (
        judge(levels(level(Process.REDUCTION, -0.3), level(Process.OXIDATION, 3.0)), edges()).verdict
        == "active"
    )
    assert (
        judge(levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 0.5)), edges()).verdict
        == "active"
    )


def test_inert_needs_evidence():
    far = {"reduction": -3.0, "oxidation": 3.0}
    for domain, verdict in (
        ("calibrated", "inert"),
        ("bounded", "inert"),
        ("measured", "inert"),
        ("extrapolated", "undetermined"),
        ("uncalibrated", "undetermined"),
    ):
        given_levels = levels(
            level(Process.REDUCTION, far[Process.REDUCTION], domain=domain), level(Process.OXIDATION, 3.0)
        )
        judgement = judge(given_levels, edges())
        assert judgement.verdict == verdict
        assert judgement.domain == (domain if verdict != "inert" or domain == "bounded" else "calibrated")


def test_unknown_is_not_zero():
    judgement = judge(
        levels(level(Process.REDUCTION, -9.0, sigma=None), level(Process.OXIDATION, 9.0)), edges()
    )
    assert judgement.verdict == "undetermined"
    assert judge(levels(), edges()).verdict == "undetermined"


def test_a_row_left_open_says_what_keeps_it_open():
    # erf by hand: a drive of -0.20 +- 0.22361 eV has P = 0.186
    close = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 1.30, sigma=0.20))
    reason = judge(close, edges(vbm=1.10, sigma=0.10)).reason
    assert reason.startswith("Undetermined (oxidation, P = 0.186: neither excluded at 0.1 nor shown at 0.75)")
    assert (
        "neither"
        not in judge(levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0)), edges()).reason
    )


def test_flags_name_what_happens():
    broken = level(Process.REDUCTION, -0.2, intact=False, changed_bonds=("C3-Br4 broken",))
    judgement = judge(levels(broken, level(Process.OXIDATION, 0.2)), edges())
    assert {flag.code for flag in judgement.flags} == {"electron_trap", "hole_trap", "reductive_cleavage"}
    assert "C3-Br4 broken" in {f.code: f for f in judgement.flags}["reductive_cleavage"].reason
    unreachable = level(Process.REDUCTION, -3.0, intact=False, changed_bonds=("C3-Br4 broken",))
    assert judge(levels(unreachable, level(Process.OXIDATION, 3.0)), edges()).flags == ()


def test_the_reason_has_the_numbers_and_the_reference():
    reason = judge(
        levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0)), edges(), [couple(-0.403)]
    ).reason
    for words in (
        "Q2+/Q",
        "-0.40 ± 0.05 V vs SHE",
        "-0.89 ± 0.10 V vs SHE",
        "+0.49 ± 0.11 eV",
        "P = 1.00",
    ):
        assert words in reason


def test_the_reason_names_metal_form_and_both_potentials():
    quiet = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0))
    free = replace(couple(-0.40), other_form="Q(acetate)2", other_e0_v_she=-0.49)
    reason = judge(quiet, edges(), [free]).flags[0].reason
    assert "free Q2+ (Q2+/Q, aqueous, -0.40 ± 0.05 V vs SHE; Q(acetate)2: -0.49 V vs SHE)" in reason
    held = replace(
        couple(-0.49, name="Q(acetate)2/Q"),
        kind="complexed",
        form="Q(acetate)2",
        other_form="free Q2+",
        other_e0_v_she=-0.40,
    )
    reason = judge(quiet, edges(), [held]).flags[0].reason
    assert "Q(acetate)2 (Q(acetate)2/Q, complexed, -0.49 ± 0.05 V vs SHE; free Q2+: -0.40 V vs SHE)" in reason


def test_a_couple_that_is_only_bounded_excludes_and_never_asserts():
    quiet = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0))
    for e0, verdict in ((-0.40, "undetermined"), (-2.37, "inert")):
        judgement = judge(quiet, edges(), [replace(couple(e0), one_sided=True)])
        assert judgement.verdict == verdict
        assert judgement.flags == ()
        assert f"(Q2+/Q, aqueous, ≤ {e0:+.2f} ± 0.05 V vs SHE)" in judgement.reason
        assert f"drive ≤ {e0 + 0.89:+.2f}" in judgement.reason


@given(red=volts, ox=volts, e0=volts, cbm=volts, vbm=volts, shift=volts, sigma=sigmas)
def test_shifting_everything_changes_no_verdict(red, ox, e0, cbm, vbm, shift, sigma):
    one = judge(
        levels(level(Process.REDUCTION, red, sigma), level(Process.OXIDATION, ox, sigma)),
        edges(cbm, vbm),
        [couple(e0)],
    )
    two = judge(
        levels(level(Process.REDUCTION, red + shift, sigma), level(Process.OXIDATION, ox + shift, sigma)),
        edges(cbm + shift, vbm + shift),
        [couple(e0 + shift)],
    )
    for a, b in zip(one.alignments, two.alignments, strict=True):
        assert a.drive_ev == pytest.approx(b.drive_ev, abs=1e-9)
        assert a.probability == pytest.approx(b.probability, abs=1e-6)
    # Probabilities within rounding of a threshold may fall on either side of it.
    if all(abs(a.probability - p) > 1e-6 for a in one.alignments for p in (0.10, 0.75)):
        assert one.verdict == two.verdict
        assert [f.code for f in one.flags] == [f.code for f in two.flags]


@given(low=volts, rise=st.floats(min_value=0.0, max_value=3.0), sigma=sigmas)
def test_raising_a_level_raises_the_reduction_drive_and_lowers_the_oxidation_drive(low, rise, sigma):
    for process, sign in ((Process.REDUCTION, 1), (Process.OXIDATION, -1)):
        first = align_level(level(process, low, sigma), edges())
        second = align_level(level(process, low + rise, sigma), edges())
        assert sign * (second.drive_ev - first.drive_ev) >= 0
        assert sign * (second.probability - first.probability) >= 0


@given(drive=volts, sigma=sigmas)
def test_probabilities_mirror(drive, sigma):
    p, q = probability_positive(drive, sigma), probability_positive(-drive, sigma)
    assert 0.0 <= p <= 1.0
    assert p + q == pytest.approx(1.0)


def test_thresholds_are_options_and_must_make_sense():
    weak = [couple(-0.82)]
    quiet = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0))
    assert judge(quiet, edges(), weak).verdict == "undetermined"
    assert judge(quiet, edges(), weak, thresholds=Thresholds(active=0.7, inert=0.1)).verdict == "active"
    with pytest.raises(InputError, match="0 < inert < active < 1"):
        Thresholds(active=0.1, inert=0.75)


def test_rules_are_open():
    def mine(evidence):
        count = len(evidence.alignments)
        return (Flag(code="mine", drive_ev=0.0, sigma_ev=None, probability=None, reason=f"{count} levels"),)

    judgement = judge(levels(), edges(), rules=(*DEFAULT_RULES, mine))
    assert [flag.code for flag in judgement.flags] == ["mine"]


def test_severity_orders_by_verdict_then_drive():
    quiet = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0))
    ranked = []
    for e0 in (-2.372, -0.403, -0.7618):
        judgement = judge(quiet, edges(), [couple(e0)])
        ranked.append((severity(judgement.verdict, judgement.alignments), e0))
    assert [e0 for _, e0 in sorted(ranked, reverse=True)] == [-0.403, -0.7618, -2.372]


@given(volts, sigmas, volts, sigmas, st.lists(volts, max_size=2))
def test_a_row_has_the_worst_of_what_its_levels_and_couples_say(red, red_sigma, ox, ox_sigma, couples):
    found = levels(level(Process.REDUCTION, red, red_sigma), level(Process.OXIDATION, ox, ox_sigma))
    judgement = judge(found, edges(), [couple(e0) for e0 in couples])
    said = [item.verdict for item in judgement.alignments]
    order = ["inert", "undetermined", "active"]
    assert judgement.verdict == max(said, key=order.index)


@pytest.mark.parametrize("domain", ["uncalibrated", "extrapolated"])
def test_a_level_without_evidence_says_nothing_inert(domain):
    found = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0, domain=domain))
    red, ox = judge(found, edges()).alignments
    assert (red.verdict, ox.verdict) == ("inert", "undetermined")
