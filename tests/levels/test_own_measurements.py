"""A user's measurements move relatives exactly as a fit with them would, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct

from echemscreen.levels.fit import references as refs
from echemscreen.levels.fit.calibration import shipped_fit
from echemscreen.levels.fit.own_measurements import OwnPotential, OwnPotentials, moved, own_level
from echemscreen.levels.fit.prediction import calibrated_level
from echemscreen.levels.redox import RawPotentials
from echemscreen.records.levels import Correction
from echemscreen.records.processes import Process

MODEL = shipped_fit(Process.OXIDATION, "tblite", "adiabatic")


def described(entry):
    return next(row for row in refs.reference_descriptors() if row.entry == entry and row.engine == "tblite")


def entries(process=Process.OXIDATION):
    """Reference molecules of a process whose ion stays intact."""
    known = {row.entry: row for row in refs.references() if row.process == process}
    return [
        (known[row.entry], row)
        for row in refs.reference_descriptors()
        if row.entry in known
        and row.engine == "tblite"
        and row.intact
        and row.gfn2_adiabatic_v_she is not None
    ]


def own(entry, value, sigma=0.02, **more):
    row = OwnPotential(
        name=entry,
        smiles="C",
        process=Process.OXIDATION,
        value_v_she=value,
        sigma_v=sigma,
        source="page 1",
        descriptors=described(entry),
    )
    return replace(row, **more)


def predicted(row):
    return MODEL.predict(row, row.group_names)


def by_library(choice, features, values, variances):
    """The same process by scikit-learn."""
    line = ConstantKernel(choice.linear, "fixed") * DotProduct(0.3, "fixed")
    neighbours = ConstantKernel(choice.amplitude, "fixed") * RBF(choice.length, "fixed")
    return GaussianProcessRegressor(line + neighbours, alpha=variances, optimizer=None).fit(features, values)


def test_the_process_is_that_of_scikit_learn():
    ours = MODEL.model.process
    theirs = by_library(MODEL.model.choice, ours.x, ours.y, ours.variances)
    at = np.vstack([ours.x[::40], ours.x[:3] + 5.0])
    means, spreads = theirs.predict(at, return_std=True)
    covariances = theirs.predict(at, return_cov=True)[1]
    np.testing.assert_allclose(ours.predict(at), (means, spreads), atol=1e-9)
    np.testing.assert_allclose(ours.together(at)[0], means, atol=1e-9)
    np.testing.assert_allclose(ours.together(at)[1], covariances, atol=1e-9)
    assert ours.log_likelihood == pytest.approx(theirs.log_marginal_likelihood_value_, rel=1e-9)


@pytest.mark.parametrize("n_rows", [1, 3])
def test_it_is_the_process_that_a_fit_with_these_rows_gives(n_rows):
    chosen = [row for _, row in entries()[5 : 5 + n_rows]]
    rows = [own(row.entry, predicted(row).value_v_she + 0.3 - 0.2 * k) for k, row in enumerate(chosen)]
    process = MODEL.model.process
    features = np.vstack(
        [process.x, *(MODEL.features(row.descriptors, row.descriptors.group_names) for row in rows)]
    )
    values = [*process.y, *(row.value_v_she - MODEL.model.intercept_v_she for row in rows)]
    noise = (MODEL.model.choice.noise * np.hypot(0.02, refs.MEASURED_NOISE_V["A"])) ** 2
    again = by_library(MODEL.model.choice, features, values, np.append(process.variances, [noise] * n_rows))
    for _, row in entries()[:40]:
        found, _ = moved(predicted(row), row, row.group_names, MODEL, OwnPotentials(tuple(rows)))
        mean, spread = again.predict(MODEL.features(row, row.group_names)[None, :], return_std=True)
        assert found.value_v_she == pytest.approx(MODEL.model.intercept_v_she + mean[0], abs=1e-6)
        scatter = MODEL.model.choice.noise * refs.MEASURED_NOISE_V["A"]
        factor = MODEL.factor(row.group_names)
        assert found.sigma_v == pytest.approx(factor * np.hypot(spread[0], scatter), rel=1e-5)


def test_the_nearest_is_moved_most_and_named():
    (_, row), *others = entries()
    miss = OwnPotentials((own(row.entry, predicted(row).value_v_she + 0.5),))
    (itself, said) = moved(predicted(row), row, row.group_names, MODEL, miss)
    assert 0 < itself.value_v_she - predicted(row).value_v_she < 0.5
    assert itself.sigma_v < predicted(row).sigma_v
    assert said is not None
    assert row.entry in said.name
    shifts = [
        moved(predicted(other), other, other.group_names, MODEL, miss)[0].value_v_she
        - predicted(other).value_v_she
        for _, other in others
    ]
    assert max(map(abs, shifts)) < itself.value_v_she - predicted(row).value_v_she


def test_what_agrees_moves_nothing_and_is_not_said():
    _, row = entries()[0]
    agreed = OwnPotentials((own(row.entry, predicted(row).value_v_she),))
    found, said = moved(predicted(row), row, row.group_names, MODEL, agreed)
    assert found.value_v_she == pytest.approx(predicted(row).value_v_she)
    assert found.sigma_v < predicted(row).sigma_v
    assert said is None


@pytest.mark.parametrize("other", [{"process": "reduction"}, {"descriptors": None}])
def test_rows_of_another_kind_move_nothing(other):
    _, row = entries()[0]
    rows = OwnPotentials((own(row.entry, 9.0, **other),))
    assert moved(predicted(row), row, row.group_names, MODEL, rows) == (predicted(row), None)
    elsewhere = replace(described(row.entry), engine="xtb")
    rows = OwnPotentials((own(row.entry, 9.0, descriptors=elsewhere),))
    assert moved(predicted(row), row, row.group_names, MODEL, rows) == (predicted(row), None)


@given(st.floats(-1.0, 1.0), st.floats(0.01, 0.3), st.integers(0, 30))
@settings(max_examples=30, deadline=None)
def test_a_measurement_never_widens_and_never_overshoots(miss, sigma, index):
    _, row = entries()[index]
    before = predicted(row)
    rows = OwnPotentials((own(row.entry, before.value_v_she + miss, sigma),))
    found, _ = moved(before, row, row.group_names, MODEL, rows)
    assert found.sigma_v <= before.sigma_v + 1e-12
    shift = found.value_v_she - before.value_v_she
    assert shift * miss >= -1e-9
    assert abs(shift) <= abs(miss) + 1e-9


def raw(entry):
    row = described(entry)
    names = ("gfn2_vertical_v_she", "gfn2_adiabatic_v_she", "ipea1_vertical_v_she", "ipea1_adiabatic_v_she")
    values = {name: getattr(row, name) for name in (*names, "homo_ev", "lumo_ev", "intact")}
    return RawPotentials(process=Process.OXIDATION, **values)


def test_a_level_says_by_what_it_was_moved():
    _, row = entries()[0]
    plain = calibrated_level(raw(row.entry), row.group_names, engine="tblite")
    rows = OwnPotentials((own(row.entry, plain.value_v_she - 0.4),))
    found = calibrated_level(raw(row.entry), row.group_names, engine="tblite", own=rows)
    assert plain.by_own is None
    assert found.by_own.value_v == pytest.approx(found.value_v_she - plain.value_v_she)
    assert found.domain == plain.domain


def test_the_measured_molecule_has_its_measured_level():
    row = own(entries()[0][1].entry, 1.23, 0.04)
    film = Correction(name="film", value_v=0.10, sigma_v=0.03)
    level = own_level(row, [film], raw(row.name))
    assert level.value_v_she == pytest.approx(1.33)
    assert level.sigma_v == pytest.approx(0.05)
    assert (level.basis, level.domain, str(level.citation)) == ("measured", "measured", "page 1")
