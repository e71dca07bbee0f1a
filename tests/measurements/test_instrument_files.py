"""Files of instruments: the same curve from each of them, and one sentence for what is none."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from instrument_exports import EXPORTS, ec_lab, gamry, mpr, plain
from nicholson_shain import triangle, voltammogram

from echemscreen.errors import EchemscreenError, InputError
from echemscreen.measurements.instrument_files import read_voltammogram
from echemscreen.measurements.voltammetry import analysed

DATA = Path(__file__).parents[1] / "data" / "measurements"
POTENTIALS = triangle(0.0, 0.8, 0.002)
CURRENTS = 1e-5 * voltammogram(POTENTIALS, 0.4)


def kept(tmp_path, content, name="one.txt"):
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("instrument", EXPORTS)
def test_every_instrument_gives_the_same_curve(tmp_path, instrument):
    write, suffix, words = EXPORTS[instrument]
    found = read_voltammogram(kept(tmp_path, write(POTENTIALS, CURRENTS), f"one{suffix}"))
    assert found.instrument == words
    times = 2 if instrument == "palmsens" else 1
    sign = -1 if instrument == "ch_instruments" else 1
    assert found.potentials_v == pytest.approx(np.tile(POTENTIALS, times), abs=1e-6)
    assert found.currents_a == pytest.approx(sign * np.tile(CURRENTS, times), abs=1e-11)
    if instrument not in {"plain", "palmsens"}:
        assert found.scan_rate_v_s == pytest.approx(0.1, rel=0.01)
    (wave,) = analysed(found).waves
    assert wave.half_wave_v == pytest.approx(0.4, abs=0.002)


@pytest.mark.parametrize("comma", [True, False])
@pytest.mark.parametrize("write", [ec_lab, gamry])
def test_decimal_commas_and_points_are_read_alike(tmp_path, write, comma):
    found = read_voltammogram(kept(tmp_path, write(POTENTIALS, CURRENTS, comma=comma)))
    assert found.potentials_v == pytest.approx(POTENTIALS, abs=1e-6)


def test_the_reference_is_what_the_file_says(tmp_path):
    assert read_voltammogram(kept(tmp_path, plain(POTENTIALS, CURRENTS))).reference == "Ag/AgCl"
    said = read_voltammogram(kept(tmp_path, ec_lab(POTENTIALS, CURRENTS))).reference
    assert said.startswith("SCE")
    assert read_voltammogram(kept(tmp_path, gamry(POTENTIALS, CURRENTS))).reference == ""


def test_current_densities_are_told(tmp_path):
    rows = "\n".join(f"{e:.5f}\t{1e3 * i:.9f}" for e, i in zip(POTENTIALS, CURRENTS, strict=True))
    found = read_voltammogram(kept(tmp_path, f"E/V\tj/mA cm-2\n{rows}\n".encode()))
    assert found.is_density
    assert found.currents_a == pytest.approx(CURRENTS, abs=1e-9)


# --- published files ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "half_wave_v"),
    [
        # D3TaLES/d3tales_api, tests/calculator_tests/fecn.csv: mean of E_anode and E_cathode.
        ("ferricyanide_20_mv_s.csv", (0.093 - 0.053) / 2),
        ("ferricyanide_50_mv_s.csv", (0.105 - 0.080) / 2),
        ("ferricyanide_200_mv_s.csv", (0.139 - 0.133) / 2),
        # The same, tests/raw_data/robotic_data/old/summary.txt: e_half.
        ("robot_exp01.csv", 0.915),
        ("robot_exp05.csv", 0.910),
    ],
)
def test_half_waves_are_those_of_the_authors(name, half_wave_v):
    (wave,) = analysed(read_voltammogram(DATA / name)).waves
    assert wave.half_wave_v == pytest.approx(half_wave_v, abs=0.010)


def test_published_files_of_other_instruments_are_read():
    gamry_file = read_voltammogram(DATA / "gamry.dta")
    # Five tables of ten points; the first row of the first one is 0.49 V and 7.80498 nA.
    assert len(gamry_file.potentials_v) == 50
    assert (gamry_file.potentials_v[0], gamry_file.currents_a[0]) == (0.49, 7.80498e-9)
    assert gamry_file.scan_rate_v_s == pytest.approx(1.23456e-3)
    platinum = read_voltammogram(DATA / "platinum.mpt")
    assert platinum.instrument == "BioLogic EC-Lab"
    assert platinum.scan_rate_v_s == pytest.approx(0.1)


# --- what is wrong --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\0\1\2\3" * 400, "is binary and of no known instrument"),
        (b"name,smiles\nbenzene,c1ccccc1\n", "is no voltammogram: its columns are name, smiles"),
        (b"Just a letter.\nNothing to see.\n", "is no voltammogram"),
        (b"E,I\n0.1,0.2\n", "line 1: the column E has no unit"),
        (b"E (V),I (bananas)\n0.1,0.2\n", "the column I has the unit 'bananas'"),
        (b"E (V),I (A)\n0.1,0.2\n", "has only 1 points"),
        (b"Freq/Hz,Z'/ohm\n" + b"1,2\n" * 30, "is no voltammogram"),
        (b"E (V),I (A)\n" + b"0.1,0.2\n" * 30, "does not change"),
    ],
)
def test_what_is_no_voltammogram_is_one_sentence(tmp_path, content, sentence):
    with pytest.raises(InputError, match=sentence):
        read_voltammogram(kept(tmp_path, content))


def test_a_cell_that_is_no_number_names_line_and_column(tmp_path):
    lines = plain(POTENTIALS, CURRENTS).decode().splitlines()
    lines[40] = "12.0,overload"
    with pytest.raises(InputError, match=r"one\.txt, line 41, column I: 'overload' is no number"):
        read_voltammogram(kept(tmp_path, "\n".join([*lines, ""]).encode()))


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    for path in (tmp_path / "nothing.mpt", tmp_path):
        with pytest.raises(InputError, match="There is no file"):
            read_voltammogram(path)


def test_a_file_of_another_technique_names_its_columns(tmp_path):
    text = ec_lab(POTENTIALS, CURRENTS).decode("latin-1").replace("<I>/mA", "|Z|/Ohm")
    with pytest.raises(InputError, match=r"EC-Lab file one\.txt is no voltammogram: its columns are mode"):
        read_voltammogram(kept(tmp_path, text.encode("latin-1")))


@pytest.mark.parametrize("instrument", EXPORTS)
def test_a_truncated_file_is_a_value_with_a_note_or_one_sentence(tmp_path, instrument):
    """Cut anywhere, also inside a number: never another value, never a traceback."""
    content = EXPORTS[instrument][0](POTENTIALS, CURRENTS)
    known = points_of(read_voltammogram(kept(tmp_path, content)))
    for part in (0.4, 0.61, 0.83, 0.99):
        cut = content[: int(part * len(content))]
        assert points_of(read_voltammogram(kept(tmp_path, cut))) <= known
    # Nothing but a part of the header.
    with pytest.raises(InputError):
        read_voltammogram(kept(tmp_path, content[: int(0.005 * len(content))]))


def points_of(found):
    pairs = zip(found.potentials_v, found.currents_a, strict=True)
    return {(round(potential, 6), round(current, 13)) for potential, current in pairs}


def test_a_gamry_table_that_ends_early_is_told(tmp_path):
    content = gamry(POTENTIALS, CURRENTS)
    found = read_voltammogram(kept(tmp_path, content[: int(0.8 * len(content))]))
    assert any("it announces 401 points and has" in note for note in found.notes)


def test_a_binary_file_that_breaks_off_is_one_sentence(tmp_path):
    pytest.importorskip("galvani")
    with pytest.raises(InputError, match="cannot be read: it is cut off or of an unknown version"):
        read_voltammogram(kept(tmp_path, mpr(), "one.mpr"))


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_at_all_raise_anything_else(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "one.dat"
    path.write_bytes(content)
    with pytest.raises(EchemscreenError):
        read_voltammogram(path)
