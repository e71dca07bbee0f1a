"""The table: contract columns, lossless text, no formulas for spreadsheets."""

import math

import pandas as pd  # what reads a table; loaded here, not inside a timed example
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import couple, edges, level, levels

from echemscreen.records import Assessment, Failure, Form, InputRow, Molecule, Species
from echemscreen.verdicts.rules import judge
from echemscreen.views.table import (
    COLUMNS,
    ResultsWriter,
    guarded,
    print_summary,
    read_results,
    records_of,
    row_of,
    stream_results,
    unguarded,
)

CONTRACT = [
    "name",
    "smiles",
    "canonical_smiles",
    "inchikey",
    "family",
    "anchor",
    "binding",
    "form",
    "status",
    "verdict",
    "flags",
    "e_red_v_she",
    "e_red_sigma_v",
    "e_ox_v_she",
    "e_ox_sigma_v",
    "homo_ev",
    "lumo_ev",
    "electron_affinity_ev",
    "ionization_energy_ev",
    "reduction_drive_ev",
    "oxidation_drive_ev",
    "p_reduction",
    "p_oxidation",
    "limiting_couple",
    "couple_drive_ev",
    "domain",
    "reason",
    "error",
    "engine",
    "method",
    "solvent",
    "qd",
]


def assessment(name="a"):
    molecule = Molecule(
        name=name, smiles="C", canonical_smiles="C", inchikey="K", formula="CH4", charge=0, family="f"
    )
    found = levels(level("reduction", -3.0, raw_v_she=-4.0), level("oxidation", 3.0))
    judgement = judge(found, edges(), [couple(-0.403)])
    return Assessment(
        form=Form(
            molecule=molecule, role="salt_Z", free=Species(smiles="C", charge=0), binding="Z", anchor="x"
        ),
        qd="dot",
        levels=found,
        alignments=judgement.alignments,
        flags=judgement.flags,
        verdict=judgement.verdict,
        domain=judgement.domain,
        reason=judgement.reason,
        engine="tblite",
        solvent="acetonitrile",
        limiting_couple=judgement.limiting_couple,
    )


def failure(name="bad"):
    return Failure(name=name, smiles="X", stage="parse", kind="unparsable", message="No.", remedy="Fix it.")


def test_the_contract_comes_first_and_in_order():
    assert list(COLUMNS[: len(CONTRACT)]) == CONTRACT


def test_an_assessment_as_a_row():
    row = row_of(assessment())
    assert row["status"] == "ok"
    assert row["verdict"] == "active"
    assert row["flags"] == "metal_reduction"
    # The largest reduction drive is the couple's, not the molecule's.
    assert row["reduction_drive_ev"] == pytest.approx(0.487)
    assert row["couple_drive_ev"] == pytest.approx(0.487)
    assert row["limiting_couple"] == "Q2+/Q"
    assert row["p_reduction"] == pytest.approx(1.0, abs=1e-3)
    assert row["e_red_raw_v_she"] == -4.0
    assert row["error"] is None


def test_a_failure_as_a_row():
    entry = InputRow(index=4, location="line 5", entry=failure())
    row = row_of(failure(), row=entry)
    assert (row["status"], row["verdict"]) == ("failed", None)
    assert row["error"] == "line 5: No. Fix it."
    assert all(row[name] is None for name in ("e_red_v_she", "p_oxidation", "domain"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=1", "'"])
def test_formulas_are_guarded(text):
    assert guarded(text).startswith("'")
    assert unguarded(guarded(text)) == text


texts = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))


@settings(deadline=None)
@given(name=texts)
def test_text_survives_the_file(tmp_path_factory, name):
    folder = tmp_path_factory.mktemp("t")
    with ResultsWriter(folder) as writer:
        writer.write(row_of(assessment(name)))
    frame = read_results(folder / "results.csv")
    assert isinstance(frame, pd.DataFrame)
    (row,) = records_of(frame)
    # Line ends inside a cell are read as the CSV reader reads them.
    assert row["name"].replace("\r\n", "\n").replace("\r", "\n") == name.replace("\r\n", "\n").replace(
        "\r", "\n"
    )
    raw = (folder / "results.csv").read_text(encoding="utf-8").splitlines()[1]
    assert not raw.lstrip('"').startswith(("=", "+", "-", "@"))


def test_numbers_round_trip_and_blanks_stay_unknown(tmp_path):
    with ResultsWriter(tmp_path) as writer:
        writer.write(row_of(assessment()))
        writer.write(row_of(failure()))
    good, bad = records_of(read_results(tmp_path / "results.csv"))
    assert good["e_red_v_she"] == -3.0
    assert math.isnan(bad["e_red_v_she"])
    assert good["homo_ev"] != good["homo_ev"]
    assert "-3.000" in (tmp_path / "results.csv").read_text()


def test_a_number_is_never_nan_nor_minus_zero(tmp_path):
    with ResultsWriter(tmp_path) as writer:
        writer.write(row_of(assessment()) | {"homo_ev": math.nan, "lumo_ev": -0.0001})
    line = (tmp_path / "results.csv").read_text().splitlines()[1]
    assert "nan" not in line
    assert "-0.000" not in line
    (again,) = records_of(read_results(tmp_path / "results.csv"))
    assert math.isnan(again["homo_ev"])
    assert again["lumo_ev"] == 0.0


def test_a_lone_surrogate_does_not_end_the_run(tmp_path):
    with ResultsWriter(tmp_path) as writer:
        writer.write(row_of(failure("\ud800")))
    assert records_of(read_results(tmp_path / "results.csv"))[0]["name"] == "?"


def test_a_spreadsheet_knows_the_encoding(tmp_path):
    with ResultsWriter(tmp_path) as writer:
        writer.write(row_of(assessment("β-Öl")))
    content = (tmp_path / "results.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfname,")
    assert "β-Öl".encode() in content
    # Every reader of ours takes the mark off, and a table of an earlier version has none.
    assert records_of(read_results(tmp_path / "results.csv"))[0]["name"] == "β-Öl"
    assert next(stream_results(tmp_path / "results.csv"))["name"] == "β-Öl"
    (tmp_path / "results.csv").write_bytes(content.removeprefix(b"\xef\xbb\xbf"))
    assert next(stream_results(tmp_path / "results.csv"))["name"] == "β-Öl"


def test_an_interrupted_run_leaves_no_finished_table(tmp_path):
    def interrupted():
        with ResultsWriter(tmp_path) as writer:
            writer.write(row_of(assessment()))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not (tmp_path / "results.csv").exists()
    assert (tmp_path / "results.csv.partial").exists()


def test_the_summary_prints_names_as_they_are(capsys):
    print_summary([row_of(assessment("[red]x[/red]")), row_of(failure())])
    out = capsys.readouterr().out
    assert "[red]x[/red]" in out
    assert "V vs SHE" in out
    assert "failed" in out


def test_the_summary_commands_no_terminal(capsys):
    print_summary([row_of(failure("a\x1b[2Jb\nc"))])
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "a [2Jb c" in out
