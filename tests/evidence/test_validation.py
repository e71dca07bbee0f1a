"""The validation: facts are judged as written, errors are those of values left out."""

from dataclasses import replace

import pytest

from echemscreen.campaign import validation
from echemscreen.campaign.validation import ValidationReport
from echemscreen.crosslinkers.photophysics import Photophysics
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.errors import TableError
from echemscreen.evidence.facts.published_facts import (
    LIGHT,
    CheckedFact,
    PublishedFact,
    expected_numbers,
    judged,
    judged_light,
    published_facts,
)
from echemscreen.evidence.left_out import error_lines, left_out, worst
from echemscreen.levels.fit.cross_validation import learning_curve
from echemscreen.levels.fit.gaussian import paired
from echemscreen.levels.fit.references import reference_descriptors, references
from echemscreen.ligands.library import library
from echemscreen.records.processes import Process

FACT = PublishedFact(
    dot="d",
    system="a",
    quantity="verdict",
    expected="active",
    quick=True,
    citation="x",
    locator="y",
    note="",
    revised="",
    revised_by="",
)


def row(verdict="active", flags="", drive=float("nan")):
    return {
        "verdict": verdict,
        "status": "ok",
        "flags": flags,
        "couple_drive_ev": drive,
        "p_reduction": 0.9,
        "p_oxidation": 0.0,
    }


@pytest.mark.parametrize(
    ("expected", "verdict", "ok"),
    [
        ("active", "active", True),
        ("active", "undetermined", False),
        ("inert", "undetermined", False),
        ("not active", "undetermined", True),
        ("not active", "inert", True),
        ("not active", "active", False),
        ("not active", "", False),
    ],
)
def test_verdicts(expected, verdict, ok):
    assert judged(replace(FACT, expected=expected), {"a": row(verdict)}).ok is ok


def test_flags_and_orders():
    flag = replace(FACT, quantity="flag", expected="electron_trap")
    assert judged(flag, {"a": row(flags="electron_trap;x")}).ok
    assert not judged(flag, {"a": row(flags="x")}).ok
    order = replace(FACT, quantity="order", system="a > b > c")
    rows = {"a": row(drive=0.5), "b": row(drive=-0.1), "c": row()}
    assert judged(order, rows).ok
    assert not judged(order, {**rows, "b": row(drive=0.7)}).ok
    with pytest.raises(TableError, match="'spoon' is no quantity"):
        judged(replace(FACT, quantity="spoon"), rows)


def lit(gap=None, sigma=None, epsilon=None):
    return Photophysics(
        spin_gap_kcal_mol=gap, spin_gap_sigma_kcal_mol=sigma, epsilon_at_lamp_per_m_cm=epsilon, failure="why"
    )


@pytest.mark.parametrize(
    ("gap", "sigma", "ok"),
    [(2.5, 0.0, True), (1.0, 0.0, False), (1.0, 1.0, True), (0.0, 1.0, False), (5.0, 1.0, False)],
)
def test_an_energy_meets_a_range_with_its_90_percent_interval(gap, sigma, ok):
    fact = replace(FACT, quantity="spin gap", expected="2 to 3 kcal/mol")
    assert judged_light(fact, {"a": lit(gap, sigma)}).ok is ok


@pytest.mark.parametrize(
    ("gap", "ok", "by_revision"),
    [(2.5, True, False), (7.0, True, True), (4.0, False, False), (9.0, False, False)],
)
def test_a_revised_number_counts_where_the_papers_own_does_not(gap, ok, by_revision):
    fact = replace(
        FACT,
        quantity="spin gap",
        expected="2 to 3 kcal/mol",
        revised="6 to 8 kcal/mol",
        revised_by="later work",
    )
    item = judged_light(fact, {"a": lit(gap, 0.1)})
    assert (item.ok, item.by_revision) == (ok, by_revision)
    report = ValidationReport(values=(), facts=(item,))
    (line,) = (line for line in report.text().splitlines() if "as revised" in line)
    assert line.startswith("revised" if by_revision else "ok" if ok else "BROKEN")
    assert "expected 2 to 3 kcal/mol by the paper, 6 to 8 kcal/mol as revised" in line
    assert ("agrees with the revised number only" in line) is by_revision
    assert ("1 of them by a revised number" in report.text()) is by_revision
    assert report.n_broken == (not ok)
    assert not judged_light(replace(fact, revised=""), {"a": lit(7.0, 0.1)}).ok


def test_what_was_not_computed_breaks_a_fact():
    fact = replace(FACT, quantity="reaction with O2", expected="-65 to -55 kcal/mol")
    assert judged_light(fact, {"a": lit()}) == CheckedFact(fact=fact, got="why", ok=False)
    order = replace(FACT, quantity="absorption order", system="a > b", expected="365 nm")
    assert not judged_light(order, {"a": lit(epsilon=9.0), "b": lit()}).ok


def test_an_absorption_order_is_strict():
    order = replace(FACT, quantity="absorption order", system="a > b", expected="365 nm")
    assert judged_light(order, {"a": lit(epsilon=9.0), "b": lit(epsilon=8.0)}).ok
    assert not judged_light(order, {"a": lit(epsilon=8.0), "b": lit(epsilon=8.0)}).ok


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [("spin gap", "about 3 kcal/mol"), ("spin gap", "365 nm"), ("absorption order", "2 to 3 kcal/mol")],
)
def test_an_expectation_that_is_none_is_named(quantity, expected):
    with pytest.raises(TableError, match="is no expectation"):
        expected_numbers(replace(FACT, quantity=quantity, expected=expected))


def test_every_fact_is_cited_and_names_what_exists():
    facts = published_facts()
    names = {item.entry.name for item in library().rows("all")}
    for fact in facts:
        assert fact.citation
        assert fact.locator
        assert set(fact.systems) <= names
        quantum_dot(fact.dot)
        if fact.quantity in LIGHT:
            assert expected_numbers(fact)
        assert bool(fact.revised) == bool(fact.revised_by)
        if fact.revised:
            assert len(expected_numbers(replace(fact, expected=fact.revised))) == 2
    assert any(not fact.quick for fact in facts)


def test_live_facts_and_an_unknown_entry():
    potassium = replace(FACT, dot="pu2020-red", system="potassium", expected="not active")
    copper = replace(FACT, dot="pu2020-red", system="copper(II)", quantity="flag", expected="metal_reduction")
    assert [item.ok for item in validation._checked([potassium, copper], quick=True, workers=1)] == [
        True,
        True,
    ]
    with pytest.raises(TableError, match="no entry 'unobtainium'"):
        list(validation._checked([replace(FACT, system="unobtainium")], quick=True, workers=1))


def test_the_report_counts_what_breaks():
    report = ValidationReport(
        values=(),
        facts=(CheckedFact(fact=FACT, got="active", ok=True), CheckedFact(fact=FACT, got="inert", ok=False)),
    )
    assert report.n_broken == 1
    assert "1 of 2 facts come out" in report.text()
    assert "BROKEN" in report.text()


def test_published_heats_are_told_beside_those_of_the_reference():
    title, *lines, sigma, _ = validation._heats()
    assert "298 K" in title
    assert any(line.startswith("diazirine: ") and "published 18.2" in line for line in lines)
    assert sigma.endswith("± 11.5")


def test_errors_are_told_by_process_and_class():
    pairs = paired(references(), reference_descriptors())
    values = left_out(Process.OXIDATION, "tblite", "adiabatic", pairs)
    lines = list(error_lines(values))
    everything = next(line for line in lines if line.quantity == "E_ox" and line.chem_class == "all")
    assert everything.n == len(values)
    assert everything.mae_v < everything.raw_mae_v
    assert {line.chem_class for line in lines} >= {
        "measured",
        "domain calibrated",
        "with alkene",
        "with arene",
    }
    most = list(worst(values, count=3))
    assert len(most) == 3
    assert float(most[0].split()[0]) == pytest.approx(max((v.error_v for v in values), key=abs), abs=0.01)
    curve = learning_curve(Process.OXIDATION, "tblite", "adiabatic", pairs)
    assert curve[""][1.0] < curve[""][0.25]
    assert curve["arene"][1.0] < curve["arene"][0.25]
