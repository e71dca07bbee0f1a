"""Verdicts: hand-checked numbers, and what must not change them."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SOURCE, couple, edges, level, levels, sigmas, volts

from echemscreen.errors import InputError
from echemscreen.records.levels import Correction, Reach
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


def flags_of(judgement):
    return {flag.code: flag for flag in judgement.flags}


def test_flags_carry_the_numbers_and_the_source_of_what_they_tell():
    # -0.40 + 0.89 = 0.49; sqrt(0.05**2 + 0.10**2) = 0.1118. 1.10 - 0.60 = 0.50; sqrt(0.05) = 0.2236.
    taken = levels(
        level(Process.REDUCTION, -3.0),
        level(Process.OXIDATION, 0.60, citation=SOURCE, intact=False, changed_bonds=("C1-S2 broken", "x")),
    )
    flags = flags_of(judge(taken, edges(), [couple(-0.40)]))
    assert set(flags) == {"metal_reduction", "hole_trap", "oxidative_cleavage"}
    for code, drive_ev, sigma_ev, citation in (
        ("metal_reduction", 0.49, 0.1118, SOURCE),
        ("hole_trap", 0.50, 0.2236, SOURCE),
        ("oxidative_cleavage", 0.50, 0.2236, None),
    ):
        flag = flags[code]
        assert (flag.drive_ev, flag.sigma_ev) == pytest.approx((drive_ev, sigma_ev), abs=1e-4)
        assert flag.probability == pytest.approx(probability_positive(drive_ev, sigma_ev), abs=1e-3)
        assert flag.citation is citation
    assert flags["metal_reduction"].reason == (
        "an electron at the CBM (-0.89 ± 0.10 V vs SHE) reduces free Q2+ (Q2+/Q, aqueous, -0.40 ± 0.05 V vs "
        "SHE): drive +0.49 ± 0.11 eV, P = 1.00"
    )
    assert flags["hole_trap"].reason == (
        "the hole at the VBM (+1.10 ± 0.10 V vs SHE) is taken by the molecule (E_ox +0.60 ± 0.20 V vs SHE, "
        "calibrated, adiabatic): drive +0.50 ± 0.22 eV, P = 0.99"
    )
    assert flags["oxidative_cleavage"].reason == (
        "the oxidised molecule does not stay whole: C1-S2 broken, x"
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, "E_red -0.20 ± 0.20 V vs SHE, calibrated, adiabatic"),
        ({"vertical": True}, "E_red -0.20 ± 0.20 V vs SHE, calibrated, vertical"),
        (
            {"channel": "breaks", "note": "it breaks C-Br"},
            "E_red -0.20 ± 0.20 V vs SHE, calibrated, it breaks C-Br",
        ),
        ({"channel": "stays", "note": "not told"}, "E_red -0.20 ± 0.20 V vs SHE, calibrated, adiabatic"),
        (
            {"by_own": Correction(name="two of yours", value_v=-0.10, sigma_v=0.1)},
            "E_red -0.20 ± 0.20 V vs SHE, calibrated, adiabatic, moved by -0.10 V by two of yours",
        ),
    ],
)
def test_a_level_says_how_it_was_found(more, words):
    found = levels(level(Process.REDUCTION, -0.20, **more), level(Process.OXIDATION, 3.0))
    assert f"({words}): drive" in judge(found, edges()).reason


def test_a_measured_level_says_its_couple():
    measured = replace(
        level(Process.REDUCTION, -0.20, domain="measured"), basis="measured", note="Q/Q- (water)"
    )
    reason = judge(levels(measured, level(Process.OXIDATION, 3.0)), edges()).reason
    assert "measured, Q/Q- (water))" in reason


def test_an_active_reason_tells_only_what_is_shown():
    # The cleavage by the hole cannot be excluded (P = 0.33), but the electron decides.
    found = levels(
        level(Process.REDUCTION, -0.20),
        level(Process.OXIDATION, 1.20, intact=False, changed_bonds=("C1-S2 broken",)),
    )
    judgement = judge(found, edges())
    assert set(flags_of(judgement)) == {"electron_trap", "oxidative_cleavage"}
    assert judgement.reason.startswith("Active: the electron at the CBM")
    assert "broken" not in judgement.reason
    assert judgement.reason.endswith(".")


def test_a_reason_ends_with_its_doubts():
    lone = judge(levels(level(Process.REDUCTION, -3.0)), edges())
    assert lone.verdict == "undetermined"
    assert lone.domain == "calibrated"
    assert lone.reason == (
        "Undetermined: E_red -3.00 ± 0.20 V vs SHE, calibrated, adiabatic against the CBM "
        "(-0.89 ± 0.10 V vs SHE): drive -2.11 ± 0.22 eV, P = 0.00; its oxidation is not known: nothing says "
        "inert."
    )
    other = judge(levels(None, level(Process.OXIDATION, 3.0)), edges())
    assert other.reason.endswith("; its reduction is not known: nothing says inert.")
    strange = level(Process.OXIDATION, 3.0, domain="uncalibrated", note="no such class")
    judgement = judge(levels(level(Process.REDUCTION, -3.0), strange), edges())
    assert judgement.reason.endswith("P = 0.00; oxidation: no such class.")
    (flag,) = judgement.flags
    assert (flag.code, flag.drive_ev, flag.probability) == (
        "uncalibrated_class",
        pytest.approx(-1.9),
        pytest.approx(0.0, abs=1e-9),
    )


def test_inert_says_so_and_what_was_compared():
    reason = judge(
        levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0)), edges(), [couple(-2.372)]
    ).reason
    assert reason == (
        "Inert: E_red -3.00 ± 0.20 V vs SHE, calibrated, adiabatic against the CBM (-0.89 ± 0.10 V vs SHE): "
        "drive -2.11 ± 0.22 eV, P = 0.00; E_ox +3.00 ± 0.20 V vs SHE, calibrated, adiabatic against the VBM "
        "(+1.10 ± 0.10 V vs SHE): drive -1.90 ± 0.22 eV, P = 0.00; free Q2+ (Q2+/Q, aqueous, -2.37 ± 0.05 V "
        "vs SHE) against the CBM (-0.89 ± 0.10 V vs SHE): drive -1.48 ± 0.11 eV, P = 0.00."
    )


def test_a_level_without_a_sigma_has_a_drive_and_no_probability():
    unsure = levels(level(Process.REDUCTION, -3.0, sigma=None), level(Process.OXIDATION, 3.0))
    reason = judge(unsure, edges()).reason
    assert reason.startswith("Undetermined: E_red -3.00 V vs SHE")
    assert "drive -2.11 eV; E_ox" in reason


def test_a_hole_tells_how_it_arrives_where_its_drive_excludes_nothing():
    def told(value, **more):
        found = levels(level(Process.REDUCTION, -0.30), level(Process.OXIDATION, value, **more))
        judgement = judge(found, edges(), reach=Reach(electron=1.0, hole=1.0))
        return judgement, judgement.alignments[1]

    judgement, item = told(0.60)
    rate = item.rate
    assert rate.regime == "competes with emission"
    # The electron's rate decides nothing and is not told.
    assert judgement.reason.count("per second") == 1
    assert (
        f"P = 0.99; the hole goes there at {rate.per_s:.0e} ({rate.low_per_s:.0e} to {rate.high_per_s:.0e}) "
        f"per second: competes with emission, arrives and reacts with P = {rate.p_reacts:.2f}."
    ) in judgement.reason
    quiet = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 1.20))
    open_ = judge(quiet, edges(), reach=Reach(electron=1.0, hole=1.0))
    # -0.10 +- 0.2236 eV: P = 0.33, not driven; its regime would say the same again.
    assert "per second, arrives and reacts with P = " in open_.reason
    far = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0))
    assert "per second" not in judge(far, edges(), reach=Reach(electron=1.0, hole=1.0)).reason
    assert "per second" not in judge(quiet, edges()).reason


def test_the_couple_that_limits_is_the_one_that_is_reduced_first():
    quiet = levels(level(Process.REDUCTION, -3.0), level(Process.OXIDATION, 3.0))
    pair = [couple(-2.37, name="A2+/A"), couple(-0.40, name="B2+/B")]
    assert judge(quiet, edges(), pair).limiting_couple.couple == "B2+/B"
    assert judge(quiet, edges()).limiting_couple is None


def test_the_domain_is_the_weakest_evidence():
    order = ("measured", "calibrated", "bounded", "extrapolated", "uncalibrated")
    for i, first in enumerate(order):
        for j, second in enumerate(order):
            found = levels(
                level(Process.REDUCTION, -3.0, domain=first), level(Process.OXIDATION, 3.0, domain=second)
            )
            assert judge(found, edges()).domain == order[max(i, j)]
    assert judge(levels(), edges(), [couple(-0.40)]).domain == "measured"
    assert judge(levels(), edges()).domain == "uncalibrated"


def test_severity_by_hand():
    item = align_couple(couple(-0.40), edges())
    far = align_couple(couple(-2.0), edges())
    assert severity("active", [far, item]) == (2, pytest.approx(0.49))
    assert severity("undetermined", [far]) == (1, pytest.approx(-1.11))
    assert severity("inert", []) == (0, -math.inf)


@pytest.mark.parametrize(("inert", "active"), [(0.0, 0.5), (0.5, 0.5), (0.5, 1.0), (-0.1, 0.5), (0.5, 1.5)])
def test_thresholds_lie_between_nothing_and_certainty(inert, active):
    with pytest.raises(InputError, match=f"{inert} \\(inert\\) and {active} \\(active\\)"):
        Thresholds(inert=inert, active=active)


def test_the_thresholds_that_are_not_given():
    assert (Thresholds().active, Thresholds().inert) == (0.75, 0.10)
    # On a threshold a reaction is shown, or excluded: P = 0.5 of an even one.
    even = levels(level(Process.REDUCTION, -0.89), level(Process.OXIDATION, 3.0))
    assert judge(even, edges(), thresholds=Thresholds(active=0.5, inert=0.1)).verdict == "active"
    assert judge(even, edges(), thresholds=Thresholds(active=0.75, inert=0.5)).verdict == "inert"


def test_a_broken_ion_is_told_unless_the_carrier_is_excluded_from_making_it():
    for intact, told in ((False, True), (True, False), (None, False)):
        found = levels(
            level(Process.REDUCTION, -1.0, intact=intact, changed_bonds=("C3-Br4 broken",)),
            level(Process.OXIDATION, 3.0),
        )
        assert ("reductive_cleavage" in flags_of(judge(found, edges()))) == told
