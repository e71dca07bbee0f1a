"""A reference molecule without its own rows: its level, how sure that is, and what teaches it."""

import numpy as np
import pytest
from typer.testing import CliRunner

from echemscreen.cli import app
from echemscreen.evidence.left_out import left_out, left_out_molecule
from echemscreen.levels.fit.calibration import Z90, shipped_fit
from echemscreen.levels.fit.gaussian import paired
from echemscreen.levels.fit.references import reference_descriptors, references
from echemscreen.records.processes import Process

VIOLOGEN = "C[n+]1ccc(-c2cc[n+](C)cc2)cc1"


@pytest.fixture(scope="module")
def oxidations():
    return left_out(Process.OXIDATION, "tblite", "adiabatic", paired(references(), reference_descriptors()))


def test_a_name_an_entry_and_a_smiles_are_one_molecule():
    by_name = left_out_molecule("Methyl viologen", "tblite")
    assert by_name == left_out_molecule("win-W009", "tblite")
    assert by_name == left_out_molecule("C[n+]1ccc(cc1)c1cc[n+](C)cc1", "tblite")
    assert {item.value.reference.smiles for item in by_name} == {VIOLOGEN}


def test_nothing_of_the_molecule_teaches_it_and_the_weights_are_those_of_the_fit():
    for item in left_out_molecule(VIOLOGEN, "tblite"):
        assert all(teacher.reference.smiles != VIOLOGEN for teacher in item.teachers)
        assert abs(item.teachers[0].weight) >= abs(item.teachers[-1].weight) > 0.0
    # The prediction is linear in the fitted values.
    fit = shipped_fit(Process.OXIDATION, "tblite", "adiabatic")
    process = fit.model.process
    some = process.x[:3]
    by_weights = process.shares(some) @ process.y
    np.testing.assert_allclose(by_weights, process.predict(some)[0], atol=1e-6)


def test_what_is_measured_and_left_out_of_its_class_is_told_as_screen_would_tell_it(oxidations):
    domains = {item.domain for item in oxidations}
    assert "calibrated" in domains
    shipped = shipped_fit(Process.OXIDATION, "tblite", "adiabatic").shipped
    for item in oxidations:
        if item.domain == "uncalibrated":
            # The error before the calibration counts too.
            assert item.sigma_v >= shipped.raw_mae_v
        if item.bound_v_she is not None:
            # A bound says nothing of how far out.
            assert item.covered is (item.reference.value_v_she + Z90 * item.sigma_v >= item.bound_v_she)


def test_the_command_names_value_error_domain_and_teachers():
    result = CliRunner().invoke(app, ["calibrate", "--left-out", VIOLOGEN, "--left-out", "benzene"])
    assert result.exit_code == 0, result.output
    assert "methyl viologen, reduction: -0.21 V vs SHE (measured, win-W009); without it " in result.output
    assert "benzene, oxidation: +2.72 V" in result.output
    assert "weight " in result.output


@pytest.mark.parametrize(
    ("wanted", "says"),
    [("C1CCCCC1CCCCCCCC", "No reference row with tblite is of"), ("noname)", "'noname)'")],
)
def test_what_is_no_reference_molecule_is_one_sentence(wanted, says):
    result = CliRunner().invoke(app, ["calibrate", "--left-out", wanted])
    assert result.exit_code == 2
    assert says in result.output


def test_one_thing_is_asked_for_at_a_time():
    result = CliRunner().invoke(app, ["calibrate", "--left-out", "all", "--edges"])
    assert result.exit_code == 2
    assert "fits of their own" in result.output
