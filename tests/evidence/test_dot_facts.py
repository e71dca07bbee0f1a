"""Observations on dots: every row can be read and asked, and is judged as its row says."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from echemscreen.campaign.screening import ScreenCampaign
from echemscreen.campaign.validation import ValidationReport
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.errors import TableError
from echemscreen.evidence.facts import dot_facts as module
from echemscreen.evidence.facts.dot_facts import (
    CheckedDotFact,
    DotFact,
    called,
    check_rows,
    checked_dot_facts,
    dot_facts,
    judged,
    summary,
    told,
)
from echemscreen.evidence.facts.published_facts import CheckedFact, PublishedFact
from echemscreen.records.processes import Process
from echemscreen.records.rows import Failure
from echemscreen.screening.workbench import Settings

FACT = DotFact(
    entry="dot-001",
    system="a",
    smiles="CCS",
    dot="CdSe:3.5",
    process="either",
    expected="active",
    chem_class="thiol",
    use="check",
    quality="verified",
    citation="x",
    locator="y",
    note="",
)


def row(reduction=None, oxidation=None, reacts=None, verdict="undetermined"):
    return {"p_reduction": reduction, "p_oxidation": oxidation, "p_hole_reacts": reacts, "verdict": verdict}


def checked(what="active", **changes):
    return CheckedDotFact(fact=replace(FACT, **changes), called=what, got=f"{what}")


# --- rows ---------------------------------------------------------------------------------


def test_the_table_is_large_and_has_both_halves():
    facts = dot_facts()
    verified = [fact for fact in facts if fact.quality == "verified"]
    assert len(verified) >= 40
    assert {fact.use for fact in verified} == {"build", "check"}
    assert all(fact.citation and fact.locator for fact in facts)


def test_the_halves_alternate_within_a_class_as_entered():
    uses = {}
    for fact in dot_facts():
        uses.setdefault(fact.chem_class, []).append(fact.use)
    for name, found in uses.items():
        assert found == [("build", "check")[index % 2] for index in range(len(found))], name


def test_every_dot_means_something():
    for spec in {fact.dot for fact in dot_facts()}:
        assert quantum_dot(spec).site_metal


def test_every_molecule_parses_but_for_radicals_which_are_told():
    for fact in dot_facts():
        entry = module._row(0, fact).entry
        if isinstance(entry, Failure):
            assert entry.kind == "radical", fact.entry
            answer = judged(fact, entry)
            assert answer.outcome == "not answered"
            assert "unpaired electrons" in answer.got


@pytest.mark.parametrize("column", ["process", "expected", "use", "quality"])
def test_a_cell_that_means_nothing_names_its_row(column):
    with pytest.raises(TableError, match=f"dot-001: 'spoon' is no {column}"):
        check_rows([replace(FACT, **{column: "spoon"})])
    with pytest.raises(TableError, match="'dot-001' comes twice"):
        check_rows([FACT, FACT])


# --- judging ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "active", "undetermined", "inert"),
    [
        ("active", "right", "open", "wrong"),
        ("not inert", "right", "right", "wrong"),
        ("not active", "wrong", "right", "right"),
        ("inert", "wrong", "open", "right"),
    ],
)
def test_the_rule(expected, active, undetermined, inert):
    found = [checked(what, expected=expected).outcome for what in ("active", "undetermined", "inert", None)]
    assert found == [active, undetermined, inert, "not answered"]


@pytest.mark.parametrize(
    ("process", "values", "what"),
    [
        (Process.REDUCTION, {"reduction": 0.75, "oxidation": 0.0}, "active"),
        (Process.REDUCTION, {"reduction": 0.10, "oxidation": 1.0, "verdict": "active"}, "inert"),
        (Process.REDUCTION, {"reduction": 0.11}, "undetermined"),
        (Process.REDUCTION, {"oxidation": 1.0, "verdict": "active"}, "undetermined"),
        (Process.OXIDATION, {"oxidation": 0.8}, "active"),
        (Process.OXIDATION, {"oxidation": 0.8, "reacts": 0.02}, "inert"),
        (Process.OXIDATION, {"oxidation": 0.8, "reacts": 0.0}, "inert"),
        (Process.OXIDATION, {"oxidation": 0.9, "reacts": 0.74}, "undetermined"),
        ("either", {"reduction": 0.0, "oxidation": 0.0, "verdict": "active"}, "active"),
    ],
)
def test_a_fact_of_one_process_is_judged_by_it_alone(process, values, what):
    assert called(row(**values), process) == what


def test_a_trap_called_inert_is_missed_and_what_failed_is_not():
    assert checked("inert", expected="not inert").is_missed_trap
    assert checked("inert", expected="active").is_missed_trap
    assert not checked("inert", expected="not active").is_missed_trap
    assert not checked("undetermined").is_missed_trap
    assert not checked(None).is_missed_trap


def test_a_probability_that_no_verdict_goes_by_is_told():
    bound = SimpleNamespace(process=Process.OXIDATION, deciding=0.9, one_sided=True)
    level = SimpleNamespace(domain="extrapolated")
    result = SimpleNamespace(
        alignments=(bound,), levels=SimpleNamespace(reduction=level, oxidation=SimpleNamespace(domain="x"))
    )
    assert "a bound only" in module._doubt(result, "active", Process.OXIDATION)
    assert "extrapolated" in module._doubt(result, "inert", Process.REDUCTION)
    assert not module._doubt(result, "undetermined", Process.REDUCTION)


# --- telling ------------------------------------------------------------------------------


def test_the_halves_are_told_apart_and_the_unverified_are_not_counted():
    lines = list(
        told(
            [
                checked("active", entry="dot-005", use="build"),
                checked("inert", entry="dot-004"),
                checked("inert", entry="dot-003", quality="unverified"),
                checked(None, entry="dot-002"),
                checked("active", entry="dot-001"),
            ]
        )
    )
    assert [line.split()[0] for line in lines[1:5]] == ["ok", "failed", "WRONG", "WRONG"]
    assert "(unverified, not counted)" in lines[3]
    assert "no evidence" in lines[5]
    assert lines[-2] == (
        "use=check: 1 right (0 of them undetermined), 0 open, 1 wrong of 2 answered (50% right), "
        "1 not answered; traps called inert: 1"
    )
    assert lines[-1].startswith("use=build: 1 right (0 of them undetermined), 0 open, 0 wrong of 1 answered")
    assert list(told([])) == []
    assert "0 wrong of 0 answered, 0 not answered" in summary("check", [])
    left = [checked("undetermined", expected=expected) for expected in ("active", "not inert", "not active")]
    assert "2 right (2 of them undetermined), 1 open" in summary("check", left)


def test_a_share_is_told_twice_where_the_carrier_does_not_arrive():
    assert module._share(row(oxidation=0.9, reacts=0.9), Process.OXIDATION) == "P(oxidation) 0.90"
    told_twice = module._share(row(oxidation=0.9, reacts=0.4), Process.OXIDATION)
    assert told_twice == "P(oxidation) 0.90, arrives and reacts 0.40"
    assert module._share(row(), Process.REDUCTION) == "P(reduction) unknown"


def test_observations_break_nothing_in_the_report():
    wrong = checked("inert", expected="active")
    published = PublishedFact(
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
    report = ValidationReport(
        values=(),
        facts=(CheckedFact(fact=published, got="active", ok=True),),
        observations=(
            wrong,
            replace(wrong, fact=replace(FACT, use="build")),
            replace(wrong, fact=replace(FACT, quality="unverified")),
        ),
    )
    assert (report.n_broken, report.n_wrong_observations) == (0, 1)
    assert "Observations on dots" in report.text()
    assert "Observations on dots" not in replace(report, observations=()).text()


# --- live ---------------------------------------------------------------------------------


def test_the_settings_are_those_of_a_screen():
    campaign = ScreenCampaign.validated(input="x", qd=FACT.dot)
    assert Settings(level="standard") == campaign.settings()
    assert campaign.limits().time_s == Settings().time_limit_s


def test_live_observations_a_radical_and_no_dot():
    facts = [
        replace(FACT, smiles="O=C1C=CC(=O)C=C1", process=Process.REDUCTION),
        replace(FACT, entry="dot-002", smiles="CC[O]"),
        replace(FACT, entry="dot-003", dot="Unobtainium:3.5"),
    ]
    quinone, radical, nowhere = checked_dot_facts(facts, level="fast", workers=1)
    assert quinone.fact == facts[0]
    assert quinone.called is not None
    assert "P(reduction) " in quinone.got
    assert "P(oxidation)" not in quinone.got
    assert (radical.called, nowhere.called) == (None, None)
    assert "unpaired electrons" in radical.got
    assert "Unobtainium" in nowhere.got


def test_a_failure_is_not_answered():
    failure = Failure(name="a", smiles="C", stage="calculation", kind="x", message="It stopped.", remedy="")
    answer = judged(FACT, failure)
    assert (answer.called, answer.outcome, answer.got) == (None, "not answered", "no answer: It stopped.")
