"""What ``standard`` leaves out: ions on which the verdict cannot hang any more."""

import pytest

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.screening.assess import assess
from echemscreen.screening.workbench import Settings, Workbench

CADMIUM_SALT = "[Cd+2].CP(=O)(O)[O-].CP(=O)(O)[O-]"
QUINONE = "O=C1C=CC(=O)C=C1"


@pytest.fixture(scope="module")
def judged():
    """A function that assesses a free molecule; what one call computed is there for the next."""
    engine, dot = get_engine("tblite"), quantum_dot("pu2020-red")
    stored = {}

    def judge(smiles, level, forms="free"):
        settings = Settings(level=level, forms=forms)
        bench = Workbench(engine, theory_of(engine, "acetonitrile"), settings, stored)
        (assessment,) = assess(parse_smiles(smiles, smiles), dot, bench)
        stored.update(bench.computed)
        return assessment, bench.computed

    return judge


def relaxed_ions(computed):
    return sorted(
        state.added_electrons
        for ladder in computed.values()
        if len(ladder.states) == 1
        for state in ladder.states
        if state.relaxed
    )


def test_what_its_metal_makes_active_needs_no_relaxed_ion(judged):
    assessment, computed = judged(CADMIUM_SALT, "standard", "bound")
    assert assessment.verdict == "active"
    assert assessment.limiting_couple.couple == "Cd2+/Cd"
    assert relaxed_ions(computed) == []
    full, computed = judged(CADMIUM_SALT, "full", "bound")
    assert full.verdict == "active"
    assert relaxed_ions(computed) == [-1, 1]


def test_once_one_process_is_shown_the_other_stays_vertical(judged):
    assessment, computed = judged(QUINONE, "standard")
    assert assessment.verdict == "active"
    assert "electron_trap" in {flag.code for flag in assessment.flags}
    assert -1 not in relaxed_ions(computed)
    assert assessment.levels.oxidation.vertical
    full, computed = judged(QUINONE, "full")
    assert -1 in relaxed_ions(computed)
    assert not full.levels.oxidation.vertical
    assert full.verdict == "active"


def test_fast_relaxes_no_ion_and_says_so(judged):
    assessment, computed = judged("CCS", "fast")
    assert relaxed_ions(computed) == []
    assert "E_red vertical, E_ox vertical" in assessment.levels.method


def test_a_geometry_is_the_same_at_every_level(judged):
    (fast, _), (full, _) = judged("CCN", "fast"), judged("CCN", "full")
    assert fast.levels.homo_ev == full.levels.homo_ev
    assert fast.levels.ionization_energy_ev == full.levels.ionization_energy_ev
