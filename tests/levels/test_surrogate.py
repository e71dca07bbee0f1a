"""What the fit of structures learns: the levels of full, and no evidence from what was only computed."""

from pathlib import Path

import pytest

from echemscreen.errors import TableError
from echemscreen.levels.fit import surrogate
from echemscreen.levels.fit.calibration import shipped_fit, shipped_pairs
from echemscreen.levels.fit.prediction import calibrated_level
from echemscreen.levels.redox import RawPotentials
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.tails import without_tails
from echemscreen.records.processes import PROCESSES, Process

SIXTY = Path(__file__).parent.parent / "benchmarks" / "sixty.smi"


def learnt(process):
    fits = (shipped_fit(process, "tblite", kind) for kind in ("adiabatic", "vertical"))
    return surrogate.levels_of_full(process, *fits, shipped_pairs())


@pytest.mark.parametrize("process", PROCESSES)
def test_the_levels_are_those_of_full(process):
    pairs, sigmas = learnt(process)
    compared = 0
    for (reference, row), sigma in list(zip(pairs, sigmas, strict=True))[::20]:
        raw = RawPotentials(
            process=process,
            gfn2_vertical_v_she=row.gfn2_vertical_v_she,
            gfn2_adiabatic_v_she=row.gfn2_adiabatic_v_she,
            ipea1_vertical_v_she=row.ipea1_vertical_v_she,
            ipea1_adiabatic_v_she=row.ipea1_adiabatic_v_she,
            homo_ev=row.homo_ev,
            lumo_ev=row.lumo_ev,
            intact=row.intact,
        )
        level = calibrated_level(raw, row.group_names, engine="tblite")
        if level.domain == "calibrated":
            compared += 1
            assert reference.value_v_she == pytest.approx(level.value_v_she, abs=1e-9)
            assert sigma == pytest.approx(level.sigma_v, abs=1e-9)
    assert compared > 10


@pytest.mark.parametrize("process", PROCESSES)
def test_each_molecule_is_learnt_once_and_the_computed_ones_are_among_them(process):
    smiles = [reference.smiles for reference, _ in learnt(process)[0]]
    assert len(smiles) == len(set(smiles))
    computed = {row.entry for row in surrogate.computed_descriptors() if row.process == process}
    assert computed
    assert computed <= set(smiles)


def test_what_is_known_is_estimated_more_closely_than_what_is_like_nothing():
    found = surrogate.shipped_surrogate(Process.REDUCTION)
    known = next(row for row in surrogate.computed_descriptors() if row.process is Process.REDUCTION)
    near = found.estimate(known.entry, known.group_names)
    far = found.estimate("C1=CC2=CC=CC3=C2C(=C1)SS3", ("arene",))
    assert near.error_v < far.error_v
    for estimate in (near, far):
        assert estimate.sigma_v**2 == pytest.approx(estimate.error_v**2 + found.full_sigma_v**2)


def test_a_computed_molecule_is_no_evidence_of_its_class():
    for process in PROCESSES:
        found = surrogate.shipped_surrogate(process)
        assert found.evidence is shipped_fit(process, "tblite", "vertical")


def test_the_molecules_of_the_benchmark_are_not_learnt():
    computed = {row.entry for row in surrogate.computed_descriptors()}
    for line in SIXTY.read_text(encoding="utf-8").splitlines():
        smiles, _, name = line.partition(" ")
        form = forms_of(parse_smiles(smiles, name), site_metal="Cd", site_charge=2, which="free")[0]
        assert without_tails(form.free).smiles not in computed


def test_other_molecules_than_those_of_the_fit_are_told(monkeypatch):
    fewer = surrogate.computed_descriptors()[:-1]
    monkeypatch.setattr(surrogate, "computed_descriptors", lambda: fewer)
    surrogate.shipped_surrogate.cache_clear()
    try:
        with pytest.raises(TableError, match="oxidation by structure: it was fitted on other molecules"):
            surrogate.shipped_surrogate(Process.OXIDATION)
    finally:
        surrogate.shipped_surrogate.cache_clear()
