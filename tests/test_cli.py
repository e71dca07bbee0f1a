"""The command line: exit statuses, standard output, and one clear sentence for what cannot be used."""

import gzip
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from gated import HELD, command_behind_a_gate, lines_of, wait_for
from served import is_gone
from typer.main import get_command
from typer.testing import CliRunner

from echemscreen import cli
from echemscreen.commands.endings import Ended, end_in_words
from echemscreen.screening.runs.run_folder import RunFolder


def run(*arguments, cwd, **more):
    return subprocess.run(
        [sys.executable, "-m", "echemscreen", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        timeout=300,
        **more,
    )


def refused(done, *words):
    """One sentence on standard error, status 2, nothing else."""
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") <= 2
    for word in words:
        assert word in done.stderr


@pytest.fixture
def source(tmp_path):
    (tmp_path / "in.smi").write_text("O water\n")
    return tmp_path / "in.smi"


def test_screen_prints_a_table_and_json(tmp_path, source):
    done = run("screen", source, "--qd", "CdSe", "--out", tmp_path / "a", "--workers", 1, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "V vs SHE" in done.stdout
    assert "water" in done.stdout
    done = run(
        "screen", source, "--qd", "CdSe", "--out", tmp_path / "a", "--workers", 1, "--json", cwd=tmp_path
    )
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert row["name"] == "water"
    assert row["status"] == "ok"


def test_standard_input_and_gzip(tmp_path):
    options = ("--qd", "CdSe", "--workers", 1, "--quiet", "--level", "fast")
    done = run("screen", "-", *options, "--out", tmp_path / "a", cwd=tmp_path, input="O water\nN ammonia\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    with gzip.open(tmp_path / "in.csv.gz", "wt") as handle:
        handle.write("name,smiles\nwater,O\n")
    done = run("screen", tmp_path / "in.csv.gz", *options, "--out", tmp_path / "b", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "a/results.csv").read_text().splitlines()) == 3
    assert len((tmp_path / "b/results.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("missing.smi", None, "missing.smi"),
        ("empty.smi", b"", "empty"),
        ("binary.smi", bytes(range(256)) * 20, "binary.smi"),
        ("columns.csv", b"name,formula\na,CH4\n", "smiles"),
        ("list.docx", b"O water\n", "list.docx"),
        ("broken.smi.gz", b"not gzip at all", "broken.smi.gz"),
    ],
)
def test_files_that_cannot_be_used(tmp_path, name, content, words):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    refused(run("screen", tmp_path / name, "--qd", "CdSe", "--out", tmp_path / "o", cwd=tmp_path), words)


def test_a_directory_an_unknown_dot_solvent_and_engine(tmp_path, source):
    refused(run("screen", tmp_path, "--qd", "CdSe", cwd=tmp_path), "directory")
    refused(run("screen", source, "--qd", "Kryptonite:3", cwd=tmp_path), "Kryptonite", "echemscreen qd")
    refused(
        run("screen", source, "--qd", "CdSe", "--solvent", "treacle", cwd=tmp_path), "treacle", "acetonitrile"
    )
    refused(run("screen", source, "--qd", "CdSe", "--engine", "orca", cwd=tmp_path), "orca", "tblite")
    refused(run("screen", "library:nothing", "--qd", "CdSe", cwd=tmp_path), "nothing", "pu2020-table1")
    refused(run("qd", "CdSe:0.1", cwd=tmp_path), "0.1 nm is outside")
    refused(run("diagram", tmp_path, cwd=tmp_path), "holds no finished screen")


def test_an_output_folder_that_cannot_be_written(tmp_path, source):
    refused(run("screen", source, "--qd", "CdSe", "--out", source / "o", cwd=tmp_path), "cannot be written")
    # No user, root included, may make a folder there.
    refused(
        run("screen", source, "--qd", "CdSe", "--out", "/proc/echemscreen", cwd=tmp_path), "cannot be written"
    )


def test_a_locked_database(tmp_path, source):
    out = tmp_path / "o"
    assert run("screen", source, "--qd", "CdSe", "--out", out, "--quiet", cwd=tmp_path).returncode == 0
    other = sqlite3.connect(out / "calculations.db")
    other.execute("BEGIN EXCLUSIVE")
    # Another dot: a finished run of the same command needs no store.
    refused(run("screen", source, "--qd", "CdS", "--out", out, "--replace", cwd=tmp_path), "locked")
    other.rollback()
    other.close()


def test_a_full_disk_keeps_what_is_stored(tmp_path):
    (tmp_path / "in.smi").write_text("\n".join(f"{'C' * n}O alcohol {n}" for n in range(1, 8)) + "\n")
    code = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "from echemscreen.cli import main\nmain()\n"
    )
    command = [sys.executable, "-c", code, "screen", "in.smi", "--qd", "CdSe", "--out", "o", "--workers", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=300)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "free some space" in done.stderr.lower()
    done = run("screen", "in.smi", "--qd", "CdSe", "--out", "o", "--workers", 1, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "o/run.json").read_text())["ladders_computed"] < 7 * 3


@pytest.mark.parametrize(
    "command",
    [*get_command(cli.app).commands, "library list", "library show", "store export", "measure cv"],
)
def test_every_command_tells_its_options(command):
    done = CliRunner().invoke(cli.app, [*command.split(), "--help"])
    assert done.exit_code == 0, done.output
    assert "Usage:" in done.output


@pytest.mark.parametrize(
    ("number", "word", "status"),
    [
        (signal.SIGINT, "interrupted", 130),
        (signal.SIGTERM, "ended by SIGTERM", 143),
        (signal.SIGHUP, "ended by SIGHUP", 129),
    ],
)
def test_who_ends_a_run_is_told_how_to_go_on(tmp_path, number, word, status):
    lines = [*(f"{'C' * n}O alcohol {n}" for n in range(1, 5)), HELD]
    (tmp_path / "in.smi").write_text("\n".join(lines) + "\n")
    gate = tmp_path / "gate"
    with (tmp_path / "told").open("w") as told:
        process = subprocess.Popen(
            command_behind_a_gate(gate, "screen", "in.smi", "--qd", "CdSe", "--out", "o"),
            cwd=tmp_path,
            stderr=told,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
            # Whoever runs the tests may have them ignore a signal, as nohup does.
            preexec_fn=lambda: signal.signal(number, signal.SIG_DFL),  # noqa: PLW1509
        )
    wait_for(lambda: lines_of(tmp_path / "o/results.csv.partial") > 2 and (gate / "holder").exists())
    # As a terminal, Slurm and ``timeout`` do it: the whole process group hears it, its leader twice.
    if number != signal.SIGINT:
        os.kill(process.pid, number)
    os.killpg(process.pid, number)
    assert process.wait(timeout=120) == status
    assert (tmp_path / "told").read_text() == (
        f"echemscreen: {word}; what is finished is stored, the same command goes on from there.\n"
    )
    holder = int((gate / "holder").read_text())
    wait_for(lambda: is_gone(holder))
    assert lines_of(tmp_path / "o/results.csv.partial") > 2
    (gate / "open").touch()
    done = run("screen", "in.smi", "--qd", "CdSe", "--out", "o", "--quiet", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "o/run.json").read_text())["rows"] == len(lines)


def test_an_end_that_is_ignored_stays_ignored():
    # Under nohup a closed terminal ends nothing.
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    term = signal.getsignal(signal.SIGTERM)
    try:
        end_in_words()
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        with pytest.raises(Ended):
            signal.raise_signal(signal.SIGTERM)
        # Told again, it ends no sooner.
        signal.raise_signal(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGHUP, before)
        signal.signal(signal.SIGTERM, term)


LONG = "x" * 300


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize("path", [LONG, "file/below"])
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("screen", "in.smi", "--qd", "CdSe", "--out", "{}"), "output folder"),
        (("screen", "in.smi", "--qd", "CdSe", "--store", "{}"), "store"),
        (("screen", "in.smi", "--qd", "CdSe", "--medium", "{}"), "medium"),
        (("screen", "in.smi", "--qd", "CdSe", "--library", "{}"), "cannot be read"),
        (("screen", "{}.smi", "--qd", "CdSe"), ".smi"),
        (("rank", "in.smi", "--qd", "CdSe", "--out", "{}"), "output folder"),
        (("diagram", "{}"), "no finished screen"),
        (("report", "{}"), "no finished run"),
        (("sweep", "CdSe:2-3", "-o", "{}.csv"), "table"),
        (("sweep", "CdSe:2-3", "-o", "{}.svg"), "figure"),
        (("library", "show", "oleate", "-o", "{}.svg"), ".svg"),
        (("serve", "--port", "0", "--out", "{}"), "output folder"),
    ],
)
def test_a_path_that_cannot_be_is_one_sentence(tmp_path, monkeypatch, path, arguments, word):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(cli.app, [text.format(path) for text in arguments])
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert word in done.stderr
    if arguments[-2] in {"--out", "--store"}:
        # What is at fault is named, and not what is beside it.
        assert path in done.stderr.partition("cannot be")[0]


def test_what_may_not_be_entered_is_one_sentence_whoever_meets_it(tmp_path, source, monkeypatch):
    """Root enters every folder: the system's refusal is put in its place."""

    def refuse(path, *_, **__):
        raise PermissionError(13, "Permission denied", str(path))

    for name in ("mkdir", "is_file", "is_dir"):
        with monkeypatch.context() as patch:
            real = getattr(Path, name)
            patch.setattr(
                Path,
                name,
                lambda path, *more, real=real, **options: (refuse if "closed" in str(path) else real)(
                    path, *more, **options
                ),
            )
            for option in ("--out", "--store"):
                out = [] if option == "--out" else ["--out", str(tmp_path / "o")]
                place = str(tmp_path / f"closed/{name}{option}")
                asked = ["screen", str(source), "--qd", "CdSe", option, place, *out]
                done = CliRunner().invoke(cli.app, [*asked, "--quiet", "--workers", "1", "--level", "fast"])
                if done.exit_code == 2:
                    assert "closed/" in done.stderr
                    assert "Permission denied" in done.stderr or "unable to open" in done.stderr
                    assert done.stderr.count("\n") == 1
                else:
                    assert done.exit_code == 0, (name, option, done.output)


def test_qd_prints_one_json_object(tmp_path):
    content = json.loads(run("qd", "pu2020-red", "--json", cwd=tmp_path).stdout)
    for key in [
        "spec",
        "cbm_v_she",
        "cbm_sigma_v",
        "cbm_kind",
        "vbm_v_she",
        "vbm_sigma_v",
        "vbm_kind",
        "exciton_ev",
        "exciton_nm",
        "band_alignment",
        "p_electron_surface",
        "p_hole_surface",
        "couples",
        "citations",
    ]:
        assert key in content
    assert content["cbm_v_she"] == pytest.approx(-0.89, abs=content["cbm_sigma_v"])
    assert content["evidence"]["cbm"]["rows"]
    assert {"couple", "kind", "e0_v_she", "reduction_drive_ev"} <= set(content["couples"][0])
    text = run("qd", "CdSe:3.0", "--cbm-v-she", "-1.0", "--cbm-sigma-v", "0.2", cwd=tmp_path).stdout
    assert "-1.00 ± 0.20 V vs SHE  (given by the user)" in text


def test_qd_alone_lists_what_has_a_name_within_eighty_columns(tmp_path):
    text = run("qd", cwd=tmp_path).stdout
    assert "  pu2020-red             CdSe:3/CdS:3.5, " in text
    assert "FAPbI3" in text
    assert "CdS-ZnS" in text
    named = [line for line in text.splitlines() if line.startswith(" ")]
    assert max(map(len, named)) <= 80
    listed = json.loads(run("qd", "--json", cwd=tmp_path).stdout)
    assert {"name", "spec", "sizes", "emission_nm", "citation"} == set(listed["dots"][0])
    refused(run("qd", "--cbm-ev", "-3.5", cwd=tmp_path), "needs its dot")


def test_qd_tells_an_alloy_and_takes_edges_on_either_scale(tmp_path):
    alloy = run("qd", "Cd0.5Zn0.5S:4", cwd=tmp_path).stdout
    assert "core  Cd0.5Zn0.5S, 4 nm, an alloy of CdS 50%, ZnS 50%" in alloy
    metal = run("qd", "Au", "--cbm-ev", "-5.1", "--gap-ev", "0", cwd=tmp_path).stdout
    assert "CBM  +0.66 ± 0.10 V vs SHE  (given by the user)" in metal
    assert "exciton  none (a metal)" in metal
    refused(run("qd", "CdSe:3", "--cbm-v-she", "-4.2", cwd=tmp_path), "--cbm-ev -4.2")
    refused(run("qd", "InPZnS:4", cwd=tmp_path), "InP:NM/ZnS:NM")


def test_library_commands(tmp_path):
    listed = json.loads(run("library", "list", "--json", cwd=tmp_path).stdout)
    assert {"family", "role", "members", "binding", "mechanism", "stimulus", "sources"} <= set(listed[0])
    assert "Cd(RCOO)2" in run("library", "list", "--members", cwd=tmp_path).stdout
    entry = json.loads(run("library", "show", "octylamine", "--json", cwd=tmp_path).stdout)
    assert entry["formula"] == "C8H19N"
    assert entry["mass_da"] == pytest.approx(129.24, abs=0.01)
    refused(run("library", "show", "unobtainium", cwd=tmp_path), "unobtainium")


def test_library_list_tells_count_binding_mechanism_and_stimulus(tmp_path):
    text = run("library", "list", cwd=tmp_path).stdout
    assert re.search(r"^bisazide: [1-9]\d* members?, crosslinker, does not bind$", text, re.MULTILINE)
    assert "  stimulus: " in text
    assert "  mechanism: " in text
    assert "  rule of use: " in text


def test_library_show_draws_the_structure(tmp_path):
    done = run("library", "show", "crosslinker-4", "-o", "x.svg", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "formula: " in done.stdout
    assert "source: " in done.stdout
    assert "<svg" in (tmp_path / "x.svg").read_text()
    refused(run("library", "show", "crosslinker-4", "-o", "x.docx", cwd=tmp_path), ".svg or .png")


def test_a_library_of_ones_own(tmp_path):
    (tmp_path / "mine.csv").write_text("family,name,smiles\nhouse,ammonia,N\nhouse,water,O\n")
    done = run(
        *("screen", "library:house", "--library", "mine.csv", "--qd", "CdSe", "--level", "fast"),
        *("--out", "o", "--workers", 1, "--json"),
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["ammonia", "water"]
    (tmp_path / "mine.csv").write_text("family,name,smiles\nhouse,ammonia,N\nhouse,thing,C1CC\n")
    done = run("screen", "library:house", "--library", "mine.csv", "--qd", "CdSe", cwd=tmp_path)
    refused(done, "mine.csv, line 3, column smiles")


def test_library_build(tmp_path):
    done = run("library", "build", "crosslinkers", "--limit", 5, "-o", "x.smi", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "5 crosslinkers written to x.smi" in done.stdout
    lines = (tmp_path / "x.smi").read_text().splitlines()
    assert len({line.split()[0] for line in lines}) == len(lines) == 5
    light = run("library", "build", "ligands", "--limit", 20, "--mass", "-150", cwd=tmp_path).stdout
    assert len(light.splitlines()) == 20
    refused(run("library", "build", "ligands", "--mass", "heavy", cwd=tmp_path), "heavy", "MIN-MAX")
    refused(run("library", "build", "ligands", "--limit", 1, "-o", "no/such/x.smi", cwd=tmp_path), "x.smi")


def test_diagram_in_every_format_and_scale(tmp_path, source):
    run("screen", source, "--qd", "CdSe", "--out", "o", "--quiet", cwd=tmp_path)
    for suffix in ("svg", "png", "pdf"):
        done = run("diagram", "o", "-o", f"x.{suffix}", "--scale", "vacuum", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        assert (tmp_path / f"x.{suffix}").stat().st_size > 5000
    refused(run("diagram", "o", "-o", "x.docx", cwd=tmp_path), ".svg, .png, .pdf, .html")


def test_calibrate_reproduces_the_shipped_fits(tmp_path):
    done = run("calibrate", cwd=tmp_path)
    assert done.returncode == 0
    assert "reproduced to the last digit" in done.stdout
    assert "CV MAE" in done.stdout


def test_rank_says_what_is_no_crosslinker_without_computing_anything(tmp_path):
    (tmp_path / "in.smi").write_text("CCCCCCCC/C=C\\CCCCCCCC(=O)O oleic acid\nC1CC broken\nC[N-] odd\n")
    done = run("rank", "in.smi", "--qd", "lu2022-red", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "oleic acid: no photoactive group: not a crosslinker" in done.stdout
    assert "0 crosslinkers of 3 rows ranked" in done.stdout
    header, *rows = (tmp_path / "out" / "ranking.csv").read_text(encoding="utf-8-sig").splitlines()
    assert header.startswith(
        "rank,name,smiles,status,verdict,worst_member,worst_member_role,score,pareto_front,lamp_nm,"
    )
    assert len(rows) == 3
    assert rows[0].startswith(",oleic acid,")
    assert (tmp_path / "out" / "run.json").is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--lamp-nm", "0"), ("lamp_nm",)),
        (("--lamp-nm", "nan"), ("lamp_nm",)),
        (("--full-for", "0"), ("full_for",)),
        (("--weights", "none.yaml"), ("none.yaml",)),
        (("--dask", "tcp://127.0.0.1:9", "--workers", "2"), ("--dask brings its own workers",)),
        (("--counter-ion", "Xx"), ("Xx",)),
        (("--medium", "none.csv"), ("none.csv",)),
        (("--temperature-k", "20"), ("temperature_k",)),
        (("--memory-limit-mib", "0"), ("memory_limit_mib",)),
        (("--emission-nm", "5"), ("5",)),
        (("--weights", "bad.yaml"), ("bad.yaml", "beauty")),
    ],
)
def test_rank_refuses_what_it_cannot_use(source, arguments, words):
    (source.parent / "bad.yaml").write_text("criteria: {beauty: {weight: 1, worst: 0, best: 1}}\n")
    refused(run("rank", source, "--qd", "lu2022-red", *arguments, cwd=source.parent), *words)
    assert not (source.parent / "ranking").exists()


def test_sweep_as_table_json_csv_and_figure(tmp_path):
    done = run("sweep", "CdSe:2-3/CdS:1", "-o", "x.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "V vs SHE" in done.stdout
    assert "written to x.csv" in done.stdout
    assert len((tmp_path / "x.csv").read_text().splitlines()) == 4
    done = run("sweep", "CdSe:2-3:1", "--ligand", "O=C1C=CC(=O)C=C1", "--json", "-o", "x.svg", cwd=tmp_path)
    items = json.loads(done.stdout)
    assert [item["spec"] for item in items] == ["CdSe:2", "CdSe:3"]
    # The objects are those of qd --json, with the ligand's fields.
    alone = json.loads(run("qd", "CdSe:3", "--json", cwd=tmp_path).stdout)
    # What the edges rest on is told for one dot, not for each of a sweep.
    del alone["evidence"]
    assert {key: items[1][key] for key in alone} == alone
    assert {item["verdict"] for item in items} == {"active"}
    assert (tmp_path / "x.svg").stat().st_size > 5000


def test_fits_that_cannot_be_written_or_joined(tmp_path):
    (tmp_path / "taken").write_text("a file\n")
    refused(run("calibrate", "--edges", "--out", "taken", cwd=tmp_path), "taken", "--out")
    refused(run("calibrate", "--out", "taken/below", cwd=tmp_path), "taken/below", "--out")
    refused(run("validate", "--quick", "--out", "taken", cwd=tmp_path), "taken", "--out")
    refused(run("calibrate", "--edges", "--binding", cwd=tmp_path), "--binding and --edges")
    for name, options in (("edge_model.csv", ["--edges"]), ("calibration.csv", [])):
        (tmp_path / "fit").mkdir(exist_ok=True)
        (tmp_path / "fit" / name).write_text("of another fit\n")
        refused(run("calibrate", *options, "--out", "fit", cwd=tmp_path), name, "--out", "--replace")
        assert (tmp_path / "fit" / name).read_text() == "of another fit\n"
    with RunFolder(tmp_path / "fit") as folder:
        folder.take("a test")
        refused(run("calibrate", "--out", "fit", "--replace", cwd=tmp_path), "in use by a test")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("CdSe:6-2",), "larger to the smaller"),
        (("CdSe:2-6:0",), "step of zero"),
        (("CdSe:a-b",), "neither a number nor a range"),
        (("CdSe:2-6:0.01/CdS:0-6:0.1",), "dots, more than"),
        (("Kryptonite:2-6",), "Kryptonite"),
        (("CdSe:2-3", "--ligand", "C1CC"), "C1CC"),
        (("CdSe:2-3", "-o", "x.docx"), ".csv, .svg, .png, .pdf"),
        (("CdSe:2-3/CdS:0-1/ZnS:0-1", "-o", "x.svg"), "3 sizes cannot be drawn"),
    ],
)
def test_sweeps_that_cannot_be_run(tmp_path, arguments, word):
    refused(run("sweep", *arguments, cwd=tmp_path), word)


def test_the_diagram_in_its_device_and_edges_of_the_user(tmp_path, source):
    done = run("screen", source, "--qd", "pu2020-red", "--cbm-v-she", -0.8, "--out", "o", cwd=tmp_path)
    assert "CBM -0.80 ± 0.10 V vs SHE: given by the user" in done.stdout
    done = run("diagram", "o", "--stack", "pu2020", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    svg = (tmp_path / "o/pu2020.svg").read_text(encoding="utf-8")
    assert "given by the user" in svg
    assert "PEDOT:PSS" in svg
    refused(run("diagram", "o", "--stack", "nothing", cwd=tmp_path), "nothing", "pu2020, lu2022")
    done = run("qd", "pu2020-red", "--cbm-v-she", -0.8, cwd=tmp_path)
    assert "-0.80 ± 0.10 V vs SHE  (given by the user)" in done.stdout


def without_reader(*arguments, cwd, merged=False):
    """A command whose output nobody reads, as behind ``| head`` that has left."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [sys.executable, "-m", "echemscreen", *map(str, arguments)],
            stdout=writing,
            stderr=writing if merged else subprocess.PIPE,
            text=True,
            check=False,
            cwd=cwd,
            timeout=300,
        )
    finally:
        os.close(writing)


@pytest.mark.parametrize(
    "arguments",
    [
        ("library", "list", "--members"),
        ("library", "build", "ligands"),
        ("qd", "pu2020-red", "--json"),
        ("sweep", "CdSe:2-3"),
    ],
)
def test_a_reader_that_leaves_ends_a_command_quietly(arguments, tmp_path):
    done = without_reader(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_reader_that_leaves_changes_no_status_of_a_run(more, tmp_path, source):
    asked = ("screen", source, "--qd", "CdSe", "--out", tmp_path / "a", "--workers", 1, *more)
    # Standard error too: the run goes on although nobody sees its progress.
    assert without_reader(*asked, cwd=tmp_path, merged=True).returncode == 0
    assert (tmp_path / "a" / "results.csv").is_file()
    done = without_reader(*asked, cwd=tmp_path)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


def test_a_ranking_whose_progress_nobody_sees_comes_to_its_end(tmp_path):
    (tmp_path / "in.smi").write_text("CCCCCCCC octane\n")
    asked = ("rank", "in.smi", "--qd", "CdSe", "--out", "a", "--workers", 1)
    assert without_reader(*asked, cwd=tmp_path, merged=True).returncode == 0
    assert (tmp_path / "a" / "ranking.csv").is_file()


def test_one_row_is_one_row_and_a_failed_one_says_why(tmp_path):
    (tmp_path / "in.smi").write_text("C1CC open\n")
    done = run("screen", "in.smi", "--qd", "CdSe", "--workers", 1, cwd=tmp_path)
    assert done.stdout.splitlines()[-1].startswith("1 row in ")
    assert "failed: open: line 1: " in done.stdout
    (tmp_path / "in.smi").write_text("C1CC open\nC1CC open\n")
    done = run("screen", "in.smi", "--qd", "CdSe", "--workers", 1, "--out", "b", cwd=tmp_path)
    assert done.stdout.splitlines()[-1].startswith("2 rows in ")


def test_the_list_of_commands_says_what_each_says_of_itself_and_loads_none():
    commands = get_command(cli.app).commands
    for name in commands:
        assert cli._said(name).split() == (commands[name].help or "").split(), name
    code = (
        "import sys\nfrom echemscreen import cli\nsys.argv = ['echemscreen', '--help']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "print('loaded:', *{'pydantic', 'echemscreen.commands.screening'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "loaded:"
    assert all(f"\n  {name} " in done.stdout for name in commands)
