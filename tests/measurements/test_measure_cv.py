"""``echemscreen measure cv`` from the command line: a value, a row, a figure, or one sentence."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest
from instrument_exports import ec_lab, plain
from nicholson_shain import triangle, voltammogram
from typer.testing import CliRunner

from echemscreen.cli import app
from echemscreen.measurements.own_rows import OwnMeasurement, append_own, read_own
from echemscreen.records.processes import Process

DATA = Path(__file__).parents[1] / "data" / "measurements"
#: Ferrocene at 0.45 V and an amine at 0.90 V on a silver wire.
SWEEP = triangle(-0.2, 1.3, 0.002)
FERROCENE_V, AMINE_V = 0.45, 0.90


def run(*arguments):
    return CliRunner().invoke(app, ["measure", "cv", *map(str, arguments)])


@pytest.fixture
def with_ferrocene(tmp_path):
    currents = voltammogram(SWEEP, FERROCENE_V) + voltammogram(SWEEP, AMINE_V, decay=5.0)
    path = tmp_path / "with_ferrocene.mpt"
    path.write_bytes(ec_lab(SWEEP, 1e-5 * currents))
    return path


@pytest.fixture
def without_ferrocene(tmp_path):
    path = tmp_path / "without.csv"
    path.write_bytes(plain(SWEEP, 1e-5 * voltammogram(SWEEP, AMINE_V), reference="Ag"))
    return path


def test_a_file_with_ferrocene_counts_from_it(with_ferrocene, tmp_path):
    rows, figure = tmp_path / "own.csv", tmp_path / "one.png"
    done = run(
        *(with_ferrocene, "--ferrocene", "found", "--smiles", "CN(C)c1ccccc1"),
        *("--name", "dimethylaniline", "--measured", rows, "-o", figure),
    )
    assert done.exit_code == 0, done.output
    assert "ferrocene found at +0.45" in done.output
    assert figure.stat().st_size > 10_000
    (row,) = read_own(rows)
    assert (row.name, row.quantity, row.kind) == ("dimethylaniline", Process.OXIDATION, "half_peak")
    assert row.smiles == "CN(C)c1ccccc1"
    # Ferrocene is 0.63 V vs SHE; the amine is lost, so its half-peak lies somewhat before its E1/2.
    assert row.value_v_she == pytest.approx(0.63 + AMINE_V - FERROCENE_V, abs=0.06)
    assert row.value_v_she < 0.63 + AMINE_V - FERROCENE_V
    # A half-peak is known to 0.06 V only, however well it is read.
    assert row.sigma_v > 0.06


def test_without_ferrocene_and_electrode_the_call_asks_for_one(without_ferrocene):
    done = run(without_ferrocene)
    assert done.exit_code == 2
    assert "measured against is not said" in done.output
    assert "--ferrocene" in done.output
    done = run(without_ferrocene, "--ferrocene", "found", "--reference", "sce")
    assert done.exit_code == 2
    assert "can be ferrocene near +0.39 V" in done.output


def test_ferrocene_of_another_file_or_given_is_used(without_ferrocene, with_ferrocene, tmp_path):
    standard = tmp_path / "ferrocene.csv"
    standard.write_bytes(plain(SWEEP, 1e-5 * voltammogram(SWEEP, FERROCENE_V), reference="Ag"))
    for ferrocene in (standard, FERROCENE_V):
        done = run(without_ferrocene, "--ferrocene", ferrocene, "--json")
        assert done.exit_code == 0, done.output
        (wave,) = json.loads(done.output)["waves"]
        assert wave["value_v_she"] == pytest.approx(0.63 + AMINE_V - FERROCENE_V, abs=0.002)
        assert wave["behaviour"] == "reversible"
    done = run(with_ferrocene, "--ferrocene", "somewhere")
    assert "neither 'found', a potential nor a file" in done.output


def test_scan_rates_of_one_couple_are_a_series():
    files = [DATA / f"ferricyanide_{rate}_mv_s.csv" for rate in (20, 50, 200)]
    done = run(*files, "--reference", "ag_agcl", "--solvent", "water", "--json")
    assert done.exit_code == 0, done.output
    (wave,) = json.loads(done.output)["waves"]
    assert wave["scan_rates_v_s"] == [0.02, 0.05, 0.2]
    assert wave["control"] == "diffusion"
    assert wave["is_slow"]
    # The authors' half-wave of the slowest scan is 0.020 V on their electrode.
    assert wave["value_v_vs_file"] == pytest.approx(0.020, abs=0.010)


def test_a_dot_gets_edges_from_onsets(tmp_path):
    # A film of dots: both currents rise to the ends of the window.
    sweep = np.concatenate([triangle(0.0, 1.2, 0.002), triangle(0.0, -1.5, 0.002)[1:]])
    wall = np.exp((sweep - 1.2) / 0.06) - np.exp((-1.5 - sweep) / 0.06)
    path, rows = tmp_path / "film.csv", tmp_path / "own.csv"
    path.write_bytes(plain(sweep, 1e-5 * (wall + 0.02 * np.sign(np.gradient(sweep))), reference="Ag/AgCl"))
    done = run(path, "--reference", "ag_agcl", "--qd", "CdSe:3.0/CdS:3.5", "--measured", rows)
    assert done.exit_code == 0, done.output
    edges = {row.quantity: row for row in read_own(rows)}
    assert set(edges) == {"cbm", "vbm"}
    assert edges["cbm"].dot == "CdSe:3/CdS:3.5"
    assert edges["cbm"].value_v_she == pytest.approx(-1.44 + 0.199, abs=0.03)
    assert edges["vbm"].value_v_she == pytest.approx(1.14 + 0.199, abs=0.03)
    assert {row.kind for row in edges.values()} == {"cv_onset"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--smiles", "C", "--qd", "CdSe:3.0"], "not both"),
        (["--measured", "own.csv"], "a row needs what was measured"),
        (["--smiles", "C1CC", "--ferrocene", "0.4"], "C1CC"),
        (["--qd", "nonsense", "--ferrocene", "0.4"], "nonsense"),
        (["--ferrocene", "0.4", "-o", "figure.doc"], "cannot be written as 'figure.doc'"),
        (["--reference", "copper"], "Unknown reference scale 'copper'"),
        (["--reference", "vacuum"], "no vacuum scale"),
        (["--ferrocene", "0.4", "--process", Process.REDUCTION], "shows no reduction"),
    ],
)
def test_a_wrong_option_is_one_sentence_before_anything_is_written(with_ferrocene, arguments, sentence):
    done = run(with_ferrocene, *arguments)
    assert done.exit_code == 2
    assert sentence in done.output
    assert "Traceback" not in done.output


def test_a_second_row_of_one_quantity_is_refused_and_the_file_stays(with_ferrocene, tmp_path):
    rows = tmp_path / "own.csv"
    call = (with_ferrocene, "--ferrocene", "0.45", "--smiles", "CN(C)c1ccccc1", "--measured", rows)
    assert run(*call).exit_code == 0
    before = rows.read_bytes()
    done = run(*call)
    assert done.exit_code == 2
    assert "holds the oxidation of CN(C)c1ccccc1 already" in done.output
    assert rows.read_bytes() == before


# --- the measurement file -------------------------------------------------------------------


def written(tmp_path, **cells):
    path = tmp_path / "own.csv"
    row = {"name": "a", "smiles": "CCO", "quantity": Process.OXIDATION, "value": 1.0, "scale": "she"}
    row |= {"sigma_v": 0.05, "citation": "p. 3", **cells}
    with path.open("w", newline="", encoding="utf-8-sig") as handle:
        writer = csv.DictWriter(handle, list(row))
        writer.writeheader()
        writer.writerow(row)
    return path


def test_rows_come_back_as_they_were_written(tmp_path):
    row = OwnMeasurement(
        name='a "house" ligand, pure', smiles="CCO", quantity=Process.OXIDATION, value=1.25, scale="fc",
        sigma_v=0.03, kind="peak", solvent="dichloromethane", citation="page 12", note="two\nlines",
    )  # fmt: skip
    append_own(tmp_path / "own.csv", [row])
    assert read_own(tmp_path / "own.csv") == (row,)
    assert row.value_v_she == pytest.approx(1.88)


def test_a_file_that_a_spreadsheet_saved_is_read(tmp_path):
    assert read_own(written(tmp_path))[0].value == 1.0


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"quantity": "cbm"}, "line 2, column quantity: 'cbm' is unknown"),
        ({"dot": "CdSe:3.0"}, "line 2: a row is of a ligand or of a dot, and this one of both"),
        ({"smiles": ""}, "this one of neither"),
        ({"scale": "nhe"}, "line 2, column scale: Unknown reference scale 'nhe'"),
        ({"value": "one"}, "line 2, column value: 'one' is not a number"),
        ({"value": 6.1, "scale": "vacuum"}, "An energy against vacuum is negative"),
        ({"sigma_v": 0}, "line 2, column sigma_v: 0 is no uncertainty"),
        ({"citation": ""}, "column citation: the row has no source"),
        ({"colour": "red"}, "line 1: unknown column colour"),
    ],
)
def test_a_wrong_cell_names_its_place(tmp_path, cells, sentence):
    from echemscreen.errors import TableError  # noqa: PLC0415

    with pytest.raises(TableError) as told:
        read_own(written(tmp_path, **cells))
    assert sentence in str(told.value)


def test_the_figure_is_as_wide_as_a_column_of_a_journal(with_ferrocene, tmp_path):
    figure = tmp_path / "one.svg"
    asked = (with_ferrocene, "--ferrocene", "found", "-o", figure)
    assert run(*asked, "--width", "single", "--journal", "rsc").exit_code == 0
    width_pt = float(re.search(r'width="([\d.]+)pt"', figure.read_text())[1])
    assert width_pt / 72 * 25.4 == pytest.approx(83, abs=0.1)
    refused = run(*asked, "--width", "wide")
    assert refused.exit_code == 2
    assert "wide" in refused.output
