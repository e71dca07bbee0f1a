"""Ends of photoelectron spectra and thresholds of yields, from curves whose answer is known."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d
from typer.testing import CliRunner

from echemscreen.cli import app
from echemscreen.errors import InputError
from echemscreen.measurements.curve_files import MeasuredCurve
from echemscreen.measurements.own_rows import read_own
from echemscreen.measurements.photoemission import pesa_threshold, ups_levels
from echemscreen.options.measuring import HE_I_EV

STEP_EV = 0.02


def spectrum(cut_off_ev=17.0, onset_ev=1.2, resolution_ev=0.1, noise=0.0, start_ev=20.0):
    """Counts over the binding energy: secondaries above the cut-off, a linear valence edge, a background."""
    binding = np.arange(-1.0, start_ev, STEP_EV)
    secondaries = np.where(binding < cut_off_ev, 60.0 * np.exp(-(cut_off_ev - binding) / 1.2) + 2.0, 0.0)
    valence = np.clip(binding - onset_ev, 0.0, 1.5) * (binding < cut_off_ev)
    counts = gaussian_filter1d(secondaries + valence, resolution_ev / 2.355 / STEP_EV) + 0.02
    return binding, 1e4 * counts + np.random.default_rng(4).normal(0, noise, len(binding))


def curve(x, y, axis="binding"):
    order = np.argsort(x)
    return MeasuredCurve(
        path=Path("ups.csv"), axis=axis, energies_ev=x[order], signal=y[order], signal_name="counts"
    )


@pytest.mark.parametrize(("cut_off_ev", "onset_ev"), [(17.0, 1.2), (16.4, 0.6), (17.4, 2.0)])
@pytest.mark.parametrize("noise", [0.0, 30.0])
def test_the_width_of_a_spectrum_gives_the_ionisation_energy(cut_off_ev, onset_ev, noise):
    both = curve(*spectrum(cut_off_ev, onset_ev, noise=noise))
    found = ups_levels(both, both, photon_ev=HE_I_EV)
    assert found.work_function_ev == pytest.approx(HE_I_EV - cut_off_ev, abs=0.08)
    assert found.ionisation_ev == pytest.approx(HE_I_EV - cut_off_ev + onset_ev, abs=0.12)
    assert abs(found.ionisation_ev - (HE_I_EV - cut_off_ev + onset_ev)) < 2 * found.sigma_ev


def test_kinetic_energies_and_a_bias_give_the_same():
    binding, counts = spectrum()
    expected = ups_levels(curve(binding, counts), curve(binding, counts), photon_ev=HE_I_EV).ionisation_ev
    for bias in (0.0, 5.0):
        kinetic = curve(HE_I_EV - binding + bias, counts, "kinetic")
        found = ups_levels(kinetic, kinetic, photon_ev=HE_I_EV)
        assert found.ionisation_ev == pytest.approx(expected, abs=1e-6)
        assert found.work_function_ev is None
    negative = curve(-binding, counts)
    assert ups_levels(negative, negative, photon_ev=HE_I_EV).ionisation_ev == pytest.approx(
        expected, abs=1e-6
    )


def test_two_files_hold_one_end_each():
    binding, counts = spectrum()
    slow, fast = binding > 14, binding < 6
    found = ups_levels(
        curve(binding[slow], counts[slow]), curve(binding[fast], counts[fast]), photon_ev=HE_I_EV
    )
    assert found.ionisation_ev == pytest.approx(HE_I_EV - 17.0 + 1.2, abs=0.12)


def test_an_end_that_is_missing_is_one_sentence():
    binding, counts = spectrum()
    fast = binding < 6
    valence = curve(binding[fast], counts[fast])
    with pytest.raises(InputError, match="shows no secondary cut-off"):
        ups_levels(valence, valence, photon_ev=HE_I_EV)
    flat = curve(binding[fast], np.full(fast.sum(), 3.0) + 1e-6 * binding[fast])
    with pytest.raises(InputError, match="has no valence edge"):
        ups_levels(curve(binding, counts), flat, photon_ev=HE_I_EV)


@pytest.mark.parametrize("power", [2.0, 3.0])
@pytest.mark.parametrize("threshold_ev", [5.1, 5.62])
def test_a_yield_gives_its_threshold(threshold_ev, power):
    photon = np.arange(4.2, 6.8, 0.05)
    noise = np.random.default_rng(5).normal(0, 0.02, len(photon))
    root = 0.8 + noise + 9.0 * np.clip(photon - threshold_ev, 0, None)
    found = pesa_threshold(curve(photon, root**power, "photon"), power=power)
    assert found.ionisation_ev == pytest.approx(threshold_ev, abs=0.03)
    assert found.sigma_ev < 0.06


def test_a_yield_without_a_threshold_is_one_sentence():
    photon = np.arange(4.2, 6.8, 0.05)
    with pytest.raises(InputError, match="does not rise from a background"):
        pesa_threshold(curve(photon, 10.0 + 0.0 * photon + 1e-6 * np.cos(40 * photon), "photon"))


# --- the commands ---------------------------------------------------------------------------


def written(tmp_path, x, y, head):
    path = tmp_path / "film.csv"
    rows = [f"{a:.4f},{b:.4f}" for a, b in zip(x, y, strict=True)]
    path.write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    return path


def test_ups_writes_a_valence_edge(tmp_path):
    path = written(tmp_path, *spectrum(noise=20.0), "Binding Energy (eV),Counts")
    rows, figure = tmp_path / "own.csv", tmp_path / "ups.png"
    done = CliRunner().invoke(
        app,
        ["measure", "ups", str(path), "--qd", "CdSe:3.0", "--measured", str(rows), "-o", str(figure)],
    )
    assert done.exit_code == 0, done.output
    assert "work function  4." in done.output
    (row,) = read_own(rows)
    assert (row.quantity, row.scale, row.kind, row.dot) == ("vbm", "vacuum", "ups_dots", "CdSe:3")
    assert row.value == pytest.approx(-(HE_I_EV - 17.0 + 1.2), abs=0.12)
    assert figure.stat().st_size > 10_000


def test_pesa_writes_a_valence_edge(tmp_path):
    photon = np.arange(4.2, 6.8, 0.05)
    path = written(
        tmp_path, photon, (1 + 9 * np.clip(photon - 5.4, 0, None)) ** 2, "Photon energy (eV),Yield (cps)"
    )
    rows = tmp_path / "own.csv"
    call = ["measure", "pesa", str(path), "--qd", "CdSe:3.0", "--measured", str(rows), "--json"]
    done = CliRunner().invoke(app, call)
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["ionisation_ev"] == pytest.approx(5.4, abs=0.03)
    assert read_own(rows)[0].kind == "pesa"


@pytest.mark.parametrize(
    ("command", "arguments", "sentence"),
    [
        ("ups", ["--photon-ev", "-1"], "The option photon_ev is wrong"),
        ("pesa", ["--power", "9"], "The option power is wrong"),
        ("pesa", [], "names a spectrum's axis with its unit"),
    ],
)
def test_wrong_options_and_files_are_one_sentence(tmp_path, command, arguments, sentence):
    path = written(tmp_path, *spectrum(), "Binding Energy (eV),Counts")
    done = CliRunner().invoke(app, ["measure", command, str(path), *arguments])
    assert done.exit_code == 2
    assert sentence in done.output
    assert "Traceback" not in done.output
