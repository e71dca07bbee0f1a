"""A sandwich complex is judged whole: by measured couples, or not at all."""

import pytest

import echemscreen as es
from echemscreen.levels import measured
from echemscreen.records.processes import Process
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure

FERROCENE = "[Fe+2].c1cc[cH-]c1.c1cc[cH-]c1"
COUPLES = ((Process.OXIDATION, "Fc+/Fc", 0.64), (Process.REDUCTION, "Fc/Fc-", -2.7))


@pytest.fixture
def with_couples(monkeypatch):
    rows = dict(measured.measured_potentials())
    for process, couple, value in COUPLES:
        rows[FERROCENE, process] = measured.MeasuredPotential(
            name="ferrocene",
            smiles=FERROCENE,
            process=process,
            couple=couple,
            value_v_she=value,
            sigma_v=0.05,
            one_sided=False,
            log_k_site=None,
            medium="acetonitrile",
            intact=True,
            quality="unverified",
            citation="made up for a test",
            locator="",
            note="",
        )
    monkeypatch.setattr(measured, "measured_potentials", lambda: rows)


@pytest.mark.usefixtures("with_couples")
@pytest.mark.parametrize("drawing", [FERROCENE, "C1=CC=C[CH-]1.[CH-]1C=CC=C1.[Fe+2]"])
def test_a_sandwich_is_judged_by_its_couples(drawing):
    found = es.assess(drawing, "CdSe:3.0/CdS:3.5", name="ferrocene")
    assert isinstance(found, Assessment)
    assert (found.levels.oxidation.value_v_she, found.levels.reduction.value_v_she) == (0.64, -2.7)
    # No free iron ion takes part.
    assert found.limiting_couple is None
    assert not any(item.couple for item in found.alignments)


def test_ferrocene_gives_a_hole_and_is_never_called_inert():
    taken = es.assess(FERROCENE, "CdSe:3.5", name="ferrocene")
    assert taken.verdict == "active"
    assert taken.levels.reduction is None
    # Where the hole is too weak the reduction is still unknown.
    assert es.assess(FERROCENE, "PbS:6", name="ferrocene").verdict == "undetermined"


def oxidation(smiles):
    return es.assess(smiles, "CdSe:3.5", name="probe").levels.oxidation


def test_alkyl_groups_move_the_couple_and_others_widen_it():
    bare = oxidation(FERROCENE)
    methyl = oxidation("C[c-]1cccc1.[Fe+2].c1cc[cH-]c1")
    # Ten methyl groups move ferrocene's couple by -0.59 V, cobaltocene's by -0.61 V.
    assert methyl.value_v_she == pytest.approx(bare.value_v_she - 0.060, abs=0.002)
    assert bare.sigma_v < methyl.sigma_v < 0.06
    acetyl = oxidation("CC(=O)[c-]1cccc1.[Fe+2].c1cc[cH-]c1")
    assert acetyl.value_v_she == bare.value_v_she
    assert acetyl.sigma_v > 0.15
    chain = oxidation("SCCCCCC[c-]1cccc1.[Fe+2].c1cc[cH-]c1")
    assert chain.value_v_she == pytest.approx(methyl.value_v_she)


def test_the_sum_of_alkyl_groups_agrees_with_a_measured_couple():
    """Ten alkyl groups take ferrocene from +0.403 to -0.096 V vs SCE (A. Paul et al., ACS Omega (2019))."""
    octamethyl = oxidation("Cc1c(C)c(C)[c-](C)c1.Cc1c(C)c(C)[c-](C)c1.[Fe+2]")
    assert octamethyl.corrections[0].value_v / 8 == pytest.approx((-0.096 - 0.403) / 10, abs=0.015)


RUTHENIUM = "[Ru+2].c1ccc(-c2ccccn2)nc1.c1ccc(-c2ccccn2)nc1.c1ccc(-c2ccccn2)nc1"


@pytest.mark.parametrize(
    "drawing",
    [RUTHENIUM, "c1cccc2[n]1->[Ru+2]13(<-[n]4ccccc4-c4cccc[n]->14)(<-[n]1ccccc12)<-[n]1ccccc1-c1cccc[n]->31"],
)
def test_a_polypyridyl_complex_is_judged_by_its_couples(drawing):
    found = es.assess(drawing, "CdSe:3.5", name="Ru(bpy)3")
    assert isinstance(found, Assessment)
    assert found.domain == "measured"
    assert found.levels.oxidation.value_v_she == pytest.approx(1.55)
    assert found.levels.reduction.value_v_she == pytest.approx(-1.06)
    assert found.limiting_couple is None


def test_a_polypyridyl_complex_without_couples_is_refused():
    found = es.assess(RUTHENIUM.replace("Ru", "Co"), "CdSe:3.5", name="Co(bpy)3")
    assert isinstance(found, Failure)
    assert "one complex of Co" in found.message


@pytest.mark.parametrize(
    "drawing",
    [
        "c1ccc(-c2ccccn2)[c-]c1.c1ccc(-c2ccccn2)[c-]c1.c1ccc(-c2ccccn2)[c-]c1.[Ir+3]",
        "[Ir]123(c4ccccc4-c4cccc[n]14)(c1ccccc1-c1cccc[n]21)c1ccccc1-c1cccc[n]31",
    ],
)
def test_a_cyclometalated_complex_without_couples_is_refused(drawing):
    found = es.assess(drawing, "CdSe:3.5", name="Ir(ppy)3")
    assert isinstance(found, Failure)
    assert "one complex of Ir" in found.message


def test_a_couple_is_one_level_seen_from_both_sides():
    ferrocene = es.assess(FERROCENE, "CdSe:3.5", name="ferrocene").levels.oxidation
    ferrocenium = es.assess(
        "[Fe+3].c1cc[cH-]c1.c1cc[cH-]c1.F[P-](F)(F)(F)(F)F", "CdSe:3.5", name="ferrocenium"
    )
    assert ferrocenium.levels.reduction.value_v_she == ferrocene.value_v_she
    assert ferrocenium.levels.reduction.process == "reduction"
    assert ferrocenium.verdict == "active"


def test_a_fused_ring_is_no_substituent():
    """Bis(indenyl)iron is oxidised far more easily than ferrocene: its couple is not that of ferrocene."""
    found = es.assess("c1ccc2[cH-]ccc2c1.c1ccc2[cH-]ccc2c1.[Fe+2]", "CdSe:3.5", name="bis(indenyl)iron")
    assert isinstance(found, Failure)
    many = "CC(=O)[c-]1c(C(C)=O)c(C(C)=O)cc1.[Fe+2].c1cc[cH-]c1"
    assert isinstance(es.assess(many, "CdSe:3.5", name="triacetylferrocene"), Failure)


def test_a_sandwich_without_couples_is_refused_with_the_reason():
    found = es.assess("[Ni+2].c1cc[cH-]c1.c1cc[cH-]c1", "CdSe:3.0/CdS:3.5", name="nickelocene")
    assert isinstance(found, Failure)
    assert "is one complex of Ni" in found.message
    assert "neither a measured couple" in found.message
