"""Bands of spectra, by theory and against what authors read off their own files."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from echemscreen.cli import app
from echemscreen.dots.sizes.sizing_curves import sizes_at, sizing_curves
from echemscreen.errors import EchemscreenError, InputError
from echemscreen.measurements.curve_files import EV_NM, MeasuredCurve, read_curve
from echemscreen.measurements.spectra import emission_band, first_exciton

DATA = Path(__file__).parents[1] / "data" / "measurements"
WAVELENGTHS = np.arange(380.0, 800.0, 1.0)


def dots(position_ev, spread_ev=0.06, continuum=2.0):
    """Absorption of dots: bands at equal distances, each higher, under a rising continuum."""
    energy = EV_NM / WAVELENGTHS
    bands = sum(
        (1 + 0.3 * k) * np.exp(-0.5 * ((energy - position_ev - 0.22 * k) / (spread_ev * (1 + 0.5 * k))) ** 2)
        for k in range(5)
    )
    return 0.2 * (bands + continuum * np.clip(energy - position_ev, 0, None) ** 1.5)


def curve(signal, wavelengths=WAVELENGTHS):
    order = np.argsort(EV_NM / wavelengths)
    return MeasuredCurve(
        path=Path("dots.csv"),
        axis="wavelength",
        energies_ev=(EV_NM / wavelengths)[order],
        signal=signal[order],
        signal_name="absorbance",
    )


@given(st.floats(1.9, 2.6), st.floats(0.045, 0.075), st.floats(0.0, 3.0), st.floats(0.0, 0.002))
@settings(max_examples=25, deadline=None)
def test_a_first_exciton_is_found_on_any_continuum(position_ev, spread_ev, continuum, noise):
    scatter = np.random.default_rng(3).normal(0, noise, len(WAVELENGTHS))
    band = first_exciton(curve(dots(position_ev, spread_ev, continuum) + scatter))
    assert band.energy_ev == pytest.approx(position_ev, abs=0.02)
    assert abs(band.energy_ev - position_ev) < 3 * band.sigma_ev
    assert band.spread_ev == pytest.approx(spread_ev, rel=0.35)


@pytest.mark.parametrize(
    ("run", "published_nm"),
    [
        # Data/UV-Vis Peak Values.csv of the same repository, at 60, 150, 300 and 600 s.
        (2, (503.0, 515.0, 522.0, 534.0)),
        (3, (504.0, 515.0, 527.0, 536.0)),
        (6, (504.0, 512.0, 522.0, 530.0)),
    ],
)
def test_excitons_are_those_of_the_authors(run, published_nm):
    path = DATA / f"cdse_absorption_run_{run}.csv"
    for seconds, published in zip((60, 150, 300, 600), published_nm, strict=True):
        band = first_exciton(read_curve(path, ["wavelength"], column=f"{seconds} s"))
        assert band.wavelength_nm == pytest.approx(published, abs=5.0)
        # What that makes of the size, on the curve of Yu et al.
        (ours, theirs) = (
            next(item.size_nm for item in sizes_at("CdSe", energy) if item.curve.name == "yu2003-cdse")
            for energy in (band.energy_ev, EV_NM / published)
        )
        assert ours == pytest.approx(theirs, abs=0.15)


def test_emissions_are_those_of_the_authors():
    # Data/Peak Data Gathering.txt, run 3, emission, at 60, 150, 300 and 600 s.
    for seconds, published in zip((60, 150, 300, 600), (521.68, 534.33, 544.40, 552.96), strict=True):
        band = emission_band(
            read_curve(DATA / "cdse_emission_run_3.csv", ["wavelength"], column=f"{seconds} s")
        )
        assert band.wavelength_nm == pytest.approx(published, abs=2.0)


def test_a_wavelength_scale_of_emission_is_turned_into_energies():
    energy = EV_NM / WAVELENGTHS
    per_ev = np.exp(-0.5 * ((energy - 2.0) / 0.08) ** 2)
    per_nm = per_ev * energy**2
    band = emission_band(curve(per_nm))
    assert band.energy_ev == pytest.approx(2.0, abs=0.001)
    assert band.spread_ev == pytest.approx(0.08, rel=0.02)


@pytest.mark.parametrize("row", [row for row in sizing_curves() if row.material in {"CdSe", "CdTe", "PbS"}])
def test_a_curve_is_read_backwards(row):
    sizes, energies = row.points(9)
    for size, energy in list(zip(sizes, energies, strict=True))[1:-1]:
        found = next(item for item in sizes_at(row.material, float(energy)) if item.curve.name == row.name)
        assert found.size_nm == pytest.approx(size, abs=0.005)
        assert found.per_ev_nm < 0
    assert not [item for item in sizes_at(row.material, 9.0) if item.curve.name == row.name]


# --- files ----------------------------------------------------------------------------------


def as_jcamp(signal, points=None):
    head = [
        "##TITLE=CdSe",
        "##JCAMP-DX=4.24",
        "##DATA TYPE=UV/VIS SPECTRUM",
        "##XUNITS=NANOMETERS",
        "##YUNITS=ABSORBANCE",
        f"##FIRSTX={WAVELENGTHS[0]}",
        f"##LASTX={WAVELENGTHS[-1]}",
        "##XFACTOR=1.0",
        "##YFACTOR=0.000001",
        f"##NPOINTS={points or len(WAVELENGTHS)}",
        "##XYDATA=(X++(Y..Y))",
    ]
    rows = [f"{x:.1f} {round(1e6 * y)}" for x, y in zip(WAVELENGTHS, signal, strict=True)]
    return "\n".join([*head, *rows, "##END=", ""]).encode()


def as_spc(signal):
    spc_io = pytest.importorskip("spc_io")
    made = spc_io.SPC(xarray=WAVELENGTHS, xtype="XNMETR", ytype="YABSRB")
    made.add_subfile(yarray=signal)
    raw = bytearray(made.to_spc_raw().to_bytes())
    # The writer leaves the kind of the axis out of the header: 3 is nanometres.
    raw[28] = 3
    return bytes(raw)


def as_csv(signal):
    rows = [f"{x:.1f},{y:.8f}" for x, y in zip(WAVELENGTHS, signal, strict=True)]
    return "\n".join(["Wavelength (nm),Abs", *rows, ""]).encode()


def as_energies(signal):
    rows = [f"{EV_NM / x:.6f}\t{y:.8f}".replace(".", ",") for x, y in zip(WAVELENGTHS, signal, strict=True)]
    return "\n".join(["Sample 7", "Energy (eV)\tAbsorbance", *rows, ""]).encode()


@pytest.mark.parametrize(
    ("write", "name"),
    [(as_csv, "a.csv"), (as_energies, "a.txt"), (as_jcamp, "a.jdx"), (as_spc, "a.spc")],
)
def test_every_format_gives_the_same_band(tmp_path, write, name):
    (tmp_path / name).write_bytes(write(dots(2.25)))
    found = read_curve(tmp_path / name, ["wavelength", "photon"])
    assert len(found.signal) == len(WAVELENGTHS)
    assert first_exciton(found).energy_ev == pytest.approx(2.25, abs=0.01)


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"Wavelength,Abs\n500,0.1\n", "a.csv", "names a spectrum's axis with its unit"),
        (as_csv(dots(2.25))[:120], "a.csv", "has only"),
        (b"Wavelength (nm),Abs\n" + b"500,0.1\n" * 40, "a.csv", "does not change"),
        (b"##TITLE=x\n##XUNITS=SECONDS\n##XYDATA=(X++(Y..Y))\n1 2 3\n##END=\n", "a.jdx", "JCAMP|axis"),
        (b"\0\x4b" + b"\0" * 600, "a.spc", "cannot be read|points|axis"),
        (b"E (V),I (A)\n" + b"0.1,0.2\n" * 40, "cv.csv", "names a spectrum's axis"),
    ],
)
def test_what_is_no_spectrum_is_one_sentence(tmp_path, content, name, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        read_curve(tmp_path / name, ["wavelength"])


@pytest.mark.parametrize(("write", "suffix"), [(as_csv, ".csv"), (as_jcamp, ".jdx"), (as_spc, ".spc")])
@pytest.mark.parametrize("part", [0.02, 0.3, 0.7, 0.97])
def test_a_truncated_file_is_its_part_or_one_sentence(tmp_path, write, suffix, part):
    path = tmp_path / f"a{suffix}"
    content = write(dots(2.25))
    path.write_bytes(content[: int(part * len(content))])
    try:
        found = read_curve(path, ["wavelength"])
    except EchemscreenError:
        return
    kept = np.interp(found.energies_ev, (EV_NM / WAVELENGTHS)[::-1], dots(2.25)[::-1])
    assert found.signal == pytest.approx(kept, abs=1e-5)


def test_spectra_without_a_band_say_so():
    with pytest.raises(InputError, match="No band stands out"):
        first_exciton(curve(1e-3 * WAVELENGTHS))
    with pytest.raises(InputError, match="begins inside its first band"):
        first_exciton(curve(dots(1.9, continuum=0.3)[:262], WAVELENGTHS[:262]))
    with pytest.raises(InputError, match="not whole"):
        emission_band(curve(np.exp(-0.5 * ((EV_NM / WAVELENGTHS - 1.56) / 0.05) ** 2)))


# --- the commands ---------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(app, ["measure", *map(str, arguments)])


def test_absorption_gives_a_size_and_a_figure(tmp_path):
    figure = tmp_path / "a.svg"
    path = DATA / "cdse_absorption_run_3.csv"
    done = run("absorption", path, "--qd", "CdSe:?", "--column", "600 s", "-o", figure, "--json")
    assert done.exit_code == 0, done.output
    content = json.loads(done.output)
    # Yu, Jasieniak and Li at 536 nm.
    assert content["size_nm"] == pytest.approx(2.8, abs=0.15)
    assert len(content["curves"]) == 3
    assert content["size_spread_nm"] == pytest.approx(0.2, abs=0.1)
    assert "wavelength (nm)" in figure.read_text(encoding="utf-8")
    shell = run("absorption", path, "--qd", "CdSe:?/ZnS:0.6", "--column", "600 s", "--json")
    assert json.loads(shell.output)["curves"] == []
    assert json.loads(shell.output)["spec"].startswith("CdSe:")


def test_emission_and_wrong_columns_are_told():
    path = DATA / "cdse_emission_run_3.csv"
    done = run("emission", path, "--qd", "CdSe:?", "--column", "600 s")
    assert done.exit_code == 0, done.output
    assert "emission  553" in done.output
    done = run("emission", path, "--column", "700 s")
    assert done.exit_code == 2
    assert "there is no column '700 s'. The columns are 60 s, 150 s, 300 s, 600 s." in done.output


def test_a_dot_that_cannot_absorb_there_is_told():
    done = run("absorption", DATA / "cdse_absorption_run_3.csv", "--qd", "ZnO:?", "--column", "600 s")
    assert done.exit_code == 2
    assert "No core size makes the dot" in done.output


def test_the_distribution_is_of_the_width_of_the_band():
    sizes = sizes_at("CdSe", 2.25)
    spread = 0.06 * abs(sizes[0].per_ev_nm)
    step = [item.size_nm for item in (sizes_at("CdSe", 2.22)[0], sizes_at("CdSe", 2.28)[0])]
    assert spread == pytest.approx(abs(step[0] - step[1]), rel=0.05)
    assert math.isfinite(spread)
