"""The table: contract columns, lossless text, no formulas for spreadsheets."""

import io
import math

import pandas as pd  # what reads a table; loaded here, not inside a timed example
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from strategies import couple, edges, level, levels

from echemscreen.records.molecules import Form, Molecule, Species
from echemscreen.records.processes import Process
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure, InputRow
from echemscreen.verdicts.rules import judge
from echemscreen.views.alignment.drawing import text_width
from echemscreen.views.tables.table import (
    COLUMNS,
    ResultsWriter,
    guarded,
    print_summary,
    read_table,
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
    found = levels(level(Process.REDUCTION, -3.0, raw_v_she=-4.0), level(Process.OXIDATION, 3.0))
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
    frame = read_table(folder / "results.csv")
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
    good, bad = records_of(read_table(tmp_path / "results.csv"))
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
    (again,) = records_of(read_table(tmp_path / "results.csv"))
    assert math.isnan(again["homo_ev"])
    assert again["lumo_ev"] == 0.0


def test_a_lone_surrogate_does_not_end_the_run(tmp_path):
    with ResultsWriter(tmp_path) as writer:
        writer.write(row_of(failure("\ud800")))
    assert records_of(read_table(tmp_path / "results.csv"))[0]["name"] == "?"


def test_a_spreadsheet_knows_the_encoding(tmp_path):
    with ResultsWriter(tmp_path) as writer:
        writer.write(row_of(assessment("β-Öl")))
    content = (tmp_path / "results.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfname,")
    assert "β-Öl".encode() in content
    # Every reader of ours takes the mark off, and a table of an earlier version has none.
    assert records_of(read_table(tmp_path / "results.csv"))[0]["name"] == "β-Öl"
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


def printed(rows, width):
    out = io.StringIO()
    print_summary(rows, Console(file=out, width=width, force_terminal=True, color_system=None))
    return out.getvalue()


NAMES = ("RSH", "lattice-bound carboxylate", "x" * 300, "硫醇配体的名称很长很长很长很长", "a\tb")


@settings(deadline=None, max_examples=30)
@given(width=st.integers(80, 400), names=st.lists(texts | st.sampled_from(NAMES), max_size=6))
def test_the_summary_fits_every_terminal(width, names):
    rows = [row_of(assessment(name)) for name in names]
    for row in rows:
        row |= {
            "flags": "metal_reduction;reductive_cleavage",
            "e_red_bound": "at most",
            "p_reduction_bound": "at most",
        }
    text = printed(rows, width)
    assert all(text_width(line.rstrip()) <= width for line in text.splitlines())
    for word in ("verdict", "E_red", "P red") if rows else ():
        assert word in text


def test_what_has_no_room_is_named():
    rows = [row_of(assessment("lattice-bound carboxylate"))]
    wide, narrow = printed(rows, 200), printed(rows, 80)
    assert "domain" in wide.splitlines()[1]
    assert "Too wide" not in wide
    assert "domain" not in narrow.splitlines()[1]
    assert (
        "Too wide for this terminal, in results.csv: form, drive red eV, drive ox eV, P ox, domain."
        in " ".join(narrow.split())
    )
    assert "lattice-bou…carboxylate" in narrow or "lattice-bound carboxylate" in narrow


@pytest.mark.parametrize("width", [80, 120, 300])
@pytest.mark.parametrize(
    "said", ["No.", "valence of C 5 in a very long sentence " * 5, "[bold]no markup[/bold]"]
)
def test_a_failed_row_shows_its_reason(width, said):
    bad = Failure(name="bad", smiles="X", stage="parse", kind="unparsable", message=said, remedy="Fix it.")
    row = row_of(bad, row=InputRow(index=4, location="line 5", entry=bad))
    text = " ".join(printed([row, row_of(assessment())], width).split())
    assert f"failed: bad: line 5: {' '.join(said.split())} Fix it." in text


def test_one_more_row_is_one_row():
    rows = [row_of(failure(str(index))) for index in range(61)]
    assert "and 1 row more in results.csv" in printed(rows, 80)
    assert "and 2 rows more" in printed([*rows, rows[0]], 80)
