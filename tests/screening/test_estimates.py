"""A verdict from the structure alone: only where it is clear, and never ``inert`` without evidence."""

from dataclasses import replace

import pytest

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.levels.fit.prediction import estimated_level
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.levels import EnergyLevel
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.screening.assess import assess
from echemscreen.screening.estimates import is_doubtful
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.verdicts.rules import Thresholds

DOT = quantum_dot("pu2020-red")


def judged(smiles, **settings):
    engine = get_engine("tblite")
    bench = Workbench(
        engine, theory_of(engine, "acetonitrile"), Settings(level="triage", forms="free", **settings), {}
    )
    (assessment,) = assess(parse_smiles(smiles, smiles), DOT, bench)
    return assessment, bench.computed


def test_a_clear_molecule_needs_no_calculation_and_its_row_says_so():
    # Far out on both sides of the gap: amide and alcohols.
    assessment, computed = judged("CN(C)C=O")
    assert assessment.verdict == "inert"
    assert computed == {}
    assert assessment.levels.method == "structure"
    for level in (assessment.levels.reduction, assessment.levels.oxidation):
        assert level.estimated
        assert level.found == "estimated"
        # The conformal error is the level's own: wider than any calculation's.
        assert level.sigma_v > 0.15
    assert "estimated from the structure" in assessment.reason


@pytest.mark.parametrize(
    "smiles",
    [
        "[N-]=[N+]=Nc1c(F)c(F)c(C=O)c(F)c1F",  # its level is near the edge
        "CCI",  # the electron breaks a bond
        "C[Te]C",  # no reference molecule has its atoms
    ],
)
def test_what_is_not_clear_is_computed(smiles):
    assessment, computed = judged(smiles)
    assert computed
    assert not assessment.levels.reduction.estimated


def test_a_class_that_was_never_seen_is_not_calibrated():
    for process in PROCESSES:
        level, _ = estimated_level(process, "CCN", ("a_group_of_nobody",))
        assert level.domain == "uncalibrated"
        assert "a_group_of_nobody" in level.note
        known, _ = estimated_level(process, "CCN", parse_smiles("CCN", "").groups)
        assert known.sigma_v < level.sigma_v


@pytest.mark.parametrize(("value", "doubtful"), [(-2.4, False), (-1.2, True), (0.2, False)])
def test_a_level_is_doubtful_if_one_sigma_would_change_what_it_says(value, doubtful):
    level = EnergyLevel(
        process=Process.REDUCTION, value_v_she=value, sigma_v=0.3, basis="calibrated", domain="calibrated"
    )
    limits = Thresholds()
    assert is_doubtful(level, DOT, limits, may_be_inert=True) is doubtful
    # Where the form cannot be inert any more it only matters whether the process may be shown.
    assert is_doubtful(level, DOT, limits, may_be_inert=False) is False
    assert is_doubtful(replace(level, domain="extrapolated"), DOT, limits, may_be_inert=False)
