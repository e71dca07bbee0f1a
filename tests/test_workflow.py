"""Workflow files: what is refused and how, what is run, and that the shipped ones can be read."""

import csv
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import echemscreen as es
from echemscreen import cli
from echemscreen.campaign.workflow.file import WorkflowFile
from echemscreen.campaign.yaml_file import MAX_BYTES, read_yaml
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.errors import InputError, StoreError
from echemscreen.screening.runs.run_folder import RunFolder
from echemscreen.screening.runs.run_record import file_digest
from echemscreen.views import edges_figure

SHIPPED = sorted((Path(__file__).parents[1] / "workflows").glob("*.yaml"))
NAMES = {"pu2020", "lu2022", "pan2023", "zhang2025", "design_crosslinkers", "size_sweep"}
SCREEN = "  - screen: {input: in.smi, qd: CdSe, level: fast}\n"


def write(folder, text, name="flow.yaml"):
    (folder / "in.smi").write_text("O water\nN ammonia\n")
    (folder / name).write_text(text)
    return folder / name


def refused(folder, text, *words):
    """One sentence that names the file; nothing is written."""
    path = write(folder, text)
    with pytest.raises(InputError) as caught:
        es.run(path, out=folder / "out")
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    for word in words:
        assert word in message
    assert not (folder / "out").exists()


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("steps: []\n", ["steps", "at least 1"]),
        ("title: x\n", ["line 1, steps: it is missing"]),
        ("steps:\n" + SCREEN + "stesp: 1\n", ["line 3, stesp: there is no such key; did you mean steps"]),
        ("steps:\n  - scren: {}\n", ["line 2, steps.1.scren", "did you mean screen"]),
        ("steps:\n  - name: a\n", ["line 2, steps.1: a step does one thing, and this one does nothing"]),
        ("steps:\n  - screen: {}\n    rank: {}\n", ["screen and rank"]),
        ("steps:\n  - screen: CdSe\n", ["steps.1.screen: it has no keys"]),
        (
            "steps:\n" + SCREEN + "  - name: b\n    screen:\n      input: in.smi\n      qd_: CdSe\n",
            ["line 6, steps.2.screen.qd_", "did you mean", "qd"],
        ),
        ("steps:\n  - screen: {input: in.smi}\n", ["line 2, steps.1.screen.qd: it is missing"]),
        ("steps:\n  - screen: {qd: CdSe}\n", ["steps.1.screen.input: it is missing"]),
        (
            "steps:\n  - screen:\n      input: in.smi\n      qd: CdSe\n      level: slow\n",
            ["line 5, steps.1.screen.level", "'fast'"],
        ),
        ("steps:\n  - screen: {input: in.smi, qd: CdSe, out: /tmp}\n", ["steps.1.screen.out", "no such key"]),
        ("steps:\n  - screen: {input: in.smi, qd: CdSe, store: x.db}\n", ["screen.store", "no such key"]),
        ("steps:\n  - screen: {input: '-', qd: CdSe}\n", ["steps.1.screen.input", "standard input"]),
        ("steps:\n  - screen: {input: no.smi, qd: CdSe}\n", ["steps.1.screen.input", "no.smi"]),
        ("steps:\n  - screen: {input: library:no, qd: CdSe}\n", ["steps.1.screen.input", "no family"]),
        ("steps:\n  - screen: {input: in.smi, qd: Kryptonite}\n", ["steps.1.screen.qd", "Kryptonite"]),
        ("steps:\n  - screen: {input: in.smi, qd: CdSe, engine: orca}\n", ["steps.1.screen", "orca"]),
        ("steps:\n  - screen: {input: in.smi, qd: CdSe, only: [wine]}\n", ["screen.only", "called 'wine'"]),
        ("defaults: {qd: CdSe}\nsteps:\n" + SCREEN, ["line 1, defaults.qd"]),
        ("defaults: {level: slow}\nsteps:\n  - screen: {input: in.smi, qd: CdSe}\n", ["level", "'fast'"]),
        ("steps:\n" + SCREEN + SCREEN, ["steps.2.name: there is another step 'screen'"]),
        ("steps:\n  - name: ../up\n    dots: {specs: [CdSe]}\n", ["line 2, steps.1.name", "'../up'"]),
        ("steps:\n  - name: [a]\n    dots: {specs: [CdSe]}\n", ["steps.1.name"]),
        ("steps:\n  - diagram: {of: a}\n", ["steps.1.diagram.of: no earlier step is called 'a'"]),
        (
            "steps:\n  - diagram: {of: later}\n  - name: later\n    dots: {specs: [CdSe]}\n",
            ["no earlier step is called 'later'"],
        ),
        (
            "steps:\n  - name: a\n    dots: {specs: [CdSe]}\n  - diagram: {of: a}\n",
            ["steps.2.diagram.of: the step 'a' is a dots", "screen"],
        ),
        ("steps:\n" + SCREEN + "  - diagram: {of: screen, stack: sofa}\n", ["steps.2.diagram.stack", "sofa"]),
        ("steps:\n" + SCREEN + "  - diagram: {of: screen, scale: ph}\n", ["steps.2.diagram.scale", "ph"]),
        ("steps:\n  - dots: {specs: [CdSe, Nope]}\n", ["steps.1.dots.specs", "Nope"]),
        ("steps:\n  - sweep: {sizes: CdSe:2}\n", ["steps.1.sweep.sizes", "cannot be drawn"]),
        ("steps:\n  - sweep: {sizes: CdSe:2-4, ligand: C1CC}\n", ["steps.1.sweep.ligand", "C1CC"]),
        ("steps:\n  - sweep: {sizes: CdSe:2-4, level: slow}\n", ["steps.1.sweep.level", "'fast'"]),
        ("steps:\n  - sweep: {sizes: CdSe:2-4, qd: CdSe}\n", ["steps.1.sweep.qd", "no such key"]),
        ("steps:\n  - build: {what: crosslinkers, mass: heavy}\n", ["steps.1.build", "heavy"]),
        ("steps:\n  - build: {what: crosslinkers, blocks: [pfba]}\n", ["steps.1.build", "pfba", "pfpa"]),
        ("steps:\n  - build: {what: cakes}\n", ["steps.1.build.what", "crosslinkers"]),
    ],
)
def test_a_wrong_value_is_one_sentence_with_its_line_and_key(tmp_path, text, words):
    refused(tmp_path, text, *words)


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "C:\\x", "..", " "])
def test_no_path_leads_out_of_the_output_folder(tmp_path, path):
    quoted = json.dumps(path)
    refused(tmp_path, f"out: {quoted}\nsteps:\n" + SCREEN, "line 1, out", "no path below")
    source = f"steps:\n{SCREEN}publish:\n  a.csv: {quoted}\n"
    refused(tmp_path, source, "publish", "no path below")
    target = f"steps:\n{SCREEN}publish:\n  {quoted}: screen/results.csv\n"
    refused(tmp_path, target, "publish", "no path below")


def test_only_what_a_step_makes_is_published(tmp_path):
    refused(tmp_path, f"steps:\n{SCREEN}publish: {{a.csv: other.csv}}\n", "publish.a.csv", "no step makes")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("steps: !!python/object/apply:os.mkdir [owned]\n", "line 1"),
        ("steps: !env HOME\n", "line 1"),
        ("a: &a [x, x]\nb: &b [*a, *a]\nsteps: [*b, *b]\n", "line 2 cannot be read: an alias"),
        ("out: a\nout: b\nsteps: []\n", "the key out stands twice"),
        ("? [a, b]\n: c\n", "a key is a list"),
        ("steps:\n\t- screen\n", "line 2"),
        ("[" * 20_000, "cannot be read"),
        ("- a\n- b\n", "holds no keys"),
        ("", "holds no keys"),
        ("title: " + "x" * MAX_BYTES, "at most"),
    ],
)
def test_hostile_yaml(tmp_path, text, word, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(tmp_path, text, word)
    assert not (tmp_path / "owned").exists()


def test_what_is_no_file_of_text(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(bytes(range(256)))
    for path in (tmp_path / "binary.yaml", tmp_path / "missing.yaml", tmp_path, Path("/dev/zero")):
        with pytest.raises(InputError, match=path.name):
            read_yaml(path)


def test_links_are_not_followed_when_publishing(tmp_path):
    path = write(tmp_path, "steps:\n  - dots: {specs: [CdSe]}\npublish: {sub/dots.csv: dots.csv}\n")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "public").mkdir()
    (tmp_path / "public/sub").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="leads out"):
        es.run(path, out=tmp_path / "out", publish=tmp_path / "public")
    assert not list((tmp_path / "elsewhere").iterdir())


# --- what is run ------------------------------------------------------------------------------

TWO_STEPS = """
title: two steps
steps:
  - name: small
    screen: {input: in.smi, qd: CdSe, level: fast, figure: false}
  - name: figure
    diagram: {of: small}
  - name: rows
    table: {of: small, columns: [name, verdict]}
publish:
  figures/two.svg: figure.svg
  tables/two.csv: rows.csv
"""


def rows_of(path):
    with path.open(newline="", encoding="utf-8-sig") as handle:
        return list(csv.DictReader(handle))


def test_a_workflow_runs_and_runs_again(tmp_path):
    path = write(tmp_path, TWO_STEPS)
    said = []
    first = es.run(path, out=tmp_path / "out", workers=1, publish=tmp_path / "public", say=said.append)
    assert first.exit_status == 0
    assert [name for name, _ in first.steps] == ["small", "figure", "rows"]
    assert len(said) == 3
    assert [row["name"] for row in rows_of(tmp_path / "public/tables/two.csv")] == ["water", "ammonia"]
    assert all(row["step"] == "small" for row in rows_of(tmp_path / "out/rows.csv"))
    drawn = (tmp_path / "public/figures/two.svg").read_bytes()
    again = es.run(path, out=tmp_path / "out", workers=1, publish=tmp_path / "public")
    assert "0 ladder parts computed" in again.steps[0][1].summary
    assert (tmp_path / "public/figures/two.svg").read_bytes() == drawn


def test_a_workflow_that_was_cut_short_goes_on_from_its_store(tmp_path):
    path = write(tmp_path, TWO_STEPS)
    es.run(path, out=tmp_path / "out", workers=1)
    (tmp_path / "out/small/results.csv").unlink()
    (tmp_path / "out/figure.svg").unlink()
    again = es.run(path, out=tmp_path / "out", workers=1)
    assert "2 rows" in again.steps[0][1].summary
    assert "0 ladder parts computed" in again.steps[0][1].summary
    assert (tmp_path / "out/figure.svg").is_file()


def test_later_steps_read_earlier_ones(tmp_path):
    path = write(
        tmp_path,
        """
defaults: {level: fast}
steps:
  - name: built
    build: {what: ligands, heavy_atoms: -4, limit: 3}
  - name: all
    screen: {input: [step:built, in.smi], only: [water, carboxylic-acid-C1], qd: CdSe}
  - name: chosen
    screen: {input: step:all, keep: [active], qd: CdSe}
""",
    )
    outcome = es.run(path, out=tmp_path / "out", workers=1)
    assert len((tmp_path / "out/built.smi").read_text().splitlines()) == 3
    screened = rows_of(tmp_path / "out/all/results.csv")
    assert [row["name"] for row in screened] == ["carboxylic-acid-C1", "water"]
    active = [row["name"] for row in screened if row["verdict"] == "active"]
    assert [row["name"] for row in rows_of(tmp_path / "out/chosen/results.csv")] == active
    assert outcome.steps[2][1].summary.startswith(f"{len(active)} rows")
    again = es.run(path, out=tmp_path / "out", workers=1)
    assert again.steps[0][1].summary.endswith("is there")


def test_a_build_is_sampled_evenly_and_an_empty_one_is_refused(tmp_path):
    path = write(
        tmp_path,
        "steps:\n"
        "  - name: some\n    build: {what: ligands, heavy_atoms: -6, limit: 9, sample: 3}\n"
        "  - name: nine\n    build: {what: ligands, heavy_atoms: -6, limit: 9}\n",
    )
    es.run(path, out=tmp_path / "out")
    nine = (tmp_path / "out/nine.smi").read_text().splitlines()
    assert (tmp_path / "out/some.smi").read_text().splitlines() == nine[::3]
    path = write(tmp_path, "steps:\n  - build: {what: ligands, blocks: [carboxylic-acid], heavy_atoms: -2}\n")
    with pytest.raises(InputError, match=r"steps\.1\.build: The step 'build' builds no molecule"):
        es.run(path, out=tmp_path / "out")


def test_a_sweep_is_not_done_twice(tmp_path):
    path = write(tmp_path, "steps:\n  - sweep: {sizes: CdSe:3-4}\n")
    first = es.run(path, out=tmp_path / "out")
    assert first.steps[0][1].summary.startswith("3 dots")
    assert es.run(path, out=tmp_path / "out").steps[0][1].summary.startswith("swept already")
    (tmp_path / "out/sweep.csv").write_text("changed\n")
    assert es.run(path, out=tmp_path / "out").steps[0][1].summary.startswith("3 dots")


def test_a_material_without_a_model_is_screened_by_its_edges(tmp_path):
    (tmp_path / "two.smi").write_text("CCCCN amine\nO=C1C=CC(=O)C=C1 quinone\n")
    path = write(
        tmp_path,
        "steps:\n"
        "  - name: oxide\n    screen: {input: two.smi, qd: HfO2, cbm_ev: -2.5, gap_ev: 5.8, level: fast}\n"
        "  - name: metal\n    screen: {input: two.smi, qd: Au, cbm_ev: -5.1, gap_ev: 0, level: fast}\n",
    )
    es.run(path, out=tmp_path / "out")
    amine, quinone = rows_of(tmp_path / "out/oxide/results.csv")
    assert (amine["qd"], amine["site_metal"], quinone["verdict"]) == ("HfO2", "Hf", "active")
    # Nobody knows what the amine is on gold: nothing says that it is inert.
    amine, _ = rows_of(tmp_path / "out/metal/results.csv")
    assert (amine["site_metal"], amine["verdict"], amine["domain"]) == ("", "undetermined", "uncalibrated")
    wrong = write(tmp_path, "steps:\n  - screen: {input: two.smi, qd: HfO2, cbm_v_she: -2.5, cbm_ev: -2.5}\n")
    with pytest.raises(InputError, match="given twice"):
        es.run(wrong, out=tmp_path / "wrong")


def test_edges_of_dots_beside_couples(tmp_path):
    path = write(tmp_path, "steps:\n  - dots: {specs: [CdSe, pu2020-red], couples: [Cd2+/Cd, Mg2+/Mg]}\n")
    es.run(path, out=tmp_path / "out")
    bulk, dot = rows_of(tmp_path / "out/dots.csv")
    assert dot["name"] == "pu2020-red"
    assert float(dot["cbm_v_she"]) == pytest.approx(quantum_dot("pu2020-red").edges.cbm.value_v_she, abs=1e-3)
    assert float(dot["drive_Cd2+/Cd_ev"]) == pytest.approx(-0.403 - float(dot["cbm_v_she"]), abs=0.01)
    assert float(dot["drive_Mg2+/Mg_ev"]) < 0
    assert float(bulk["cbm_v_she"]) > float(dot["cbm_v_she"])
    drawn = (tmp_path / "out/dots.svg").read_text()
    assert "Cd²⁺/Cd \N{MINUS SIGN}0.40" in drawn
    assert "Potential / V vs SHE" in drawn


def test_an_unknown_couple_is_told(tmp_path):
    described = [{"couples": [{"couple": "Cd2+/Cd", "kind": "aqueous", "e0_v_she": -0.4}]}]
    with pytest.raises(InputError, match=r"There is no couple 'Xx2\+/Xx'. Known: Cd2\+/Cd"):
        edges_figure.write_edges(described, ["Xx2+/Xx"], tmp_path / "a.csv")
    refused(
        tmp_path, "steps:\n  - dots: {specs: [CdSe], couples: [Xx2+/Xx]}\n", "steps.1.dots.couples", "Xx2+/Xx"
    )


def test_a_column_that_no_table_has_is_told(tmp_path):
    path = write(tmp_path, "steps:\n" + SCREEN + "  - table: {of: screen, columns: [colour]}\n")
    with pytest.raises(InputError, match=r"steps\.2\.table: .* no column 'colour'"):
        es.run(path, out=tmp_path / "out", workers=1)


def test_a_report_is_written(tmp_path):
    path = write(tmp_path, "steps:\n" + SCREEN + "  - report: {of: screen}\n")
    es.run(path, out=tmp_path / "out", workers=1)
    assert "water" in (tmp_path / "out/report.html").read_text(encoding="utf-8")


def test_what_another_workflow_or_another_dot_made_is_not_written_over(tmp_path):
    path = write(tmp_path, "steps:\n" + SCREEN)
    es.run(path, out=tmp_path / "out", workers=1)
    table = (tmp_path / "out/screen/results.csv").read_bytes()
    other = write(tmp_path, "steps:\n  - dots: {specs: [CdSe]}\n", "other.yaml")
    with pytest.raises(
        InputError, match=r"holds the results of another workflow, flow.yaml\. Name .*--replace"
    ):
        es.run(other, out=tmp_path / "out")
    write(tmp_path, "steps:\n" + SCREEN.replace("CdSe", "CdS"))
    with pytest.raises(InputError, match=r"steps\.1\.screen: The folder .* \(its qd is CdSe, not CdS\)"):
        es.run(path, out=tmp_path / "out", workers=1)
    write(tmp_path, "steps:\n" + SCREEN)
    (tmp_path / "in.smi").write_text("O water\n")
    with pytest.raises(InputError, match="the list has changed"):
        es.run(path, out=tmp_path / "out", workers=1)
    assert (tmp_path / "out/screen/results.csv").read_bytes() == table
    # A step more is no other workflow.
    write(tmp_path, "steps:\n" + SCREEN + "  - diagram: {of: screen}\n")
    assert len(es.run(path, out=tmp_path / "out", workers=1).steps) == 2
    assert (tmp_path / "out/screen/results.csv").read_bytes() == table
    es.run(other, out=tmp_path / "out", replace=True)
    assert (tmp_path / "out/dots.csv").is_file()


@pytest.mark.parametrize(
    ("step", "other", "words"),
    [
        ("dots: {specs: [CdSe]}", "dots: {specs: [InP, CdS]}", "its specs is CdSe, not InP,CdS"),
        ("sweep: {sizes: CdSe:3-4}", "sweep: {sizes: CdS:3-4}", "its sizes is CdSe:3-4, not CdS:3-4"),
        (
            "build: {what: ligands, blocks: [phosphonic-acid], limit: 3}",
            "build: {what: ligands, blocks: [phosphonic-acid], limit: 5}",
            "its limit is 3, not 5",
        ),
        ("dots: {specs: [CdSe]}", "sweep: {sizes: CdSe:3-4}", "its kind is dots, not sweep"),
    ],
)
def test_no_step_writes_over_what_another_one_made(tmp_path, step, other, words):
    path, out = write(tmp_path, f"steps:\n  - name: a\n    {step}\n"), tmp_path / "out"
    es.run(path, out=out)
    there = {file.name: file.read_bytes() for file in out.iterdir()}
    # A first step that is new is not done either: the folder is left alone.
    text = f"steps:\n  - name: new\n    dots: {{specs: [ZnSe]}}\n  - name: a\n    {other}\n"
    write(tmp_path, text)
    with pytest.raises(InputError, match=r"another step 'a' .*Name another --out, or .* --replace") as caught:
        es.run(path, out=out)
    assert words in str(caught.value)
    assert {file.name: file.read_bytes() for file in out.iterdir()} == there
    es.run(path, out=out, replace=True)
    assert es.run(path, out=out).exit_status == 0


def test_views_follow_their_step_and_may_look_different(tmp_path):
    two = "steps:\n" + SCREEN + SCREEN.replace("  - ", "  - name: b\n    ").replace("CdSe", "CdS")
    path, out = write(tmp_path, two + "  - diagram: {of: screen}\n"), tmp_path / "out"
    es.run(path, out=out, workers=1)
    write(tmp_path, two + "  - diagram: {of: screen, scale: fc}\n")
    es.run(path, out=out, workers=1)
    assert "Fc" in (out / "diagram.svg").read_text(encoding="utf-8")
    write(tmp_path, two + "  - diagram: {of: b}\n")
    with pytest.raises(InputError, match=r"steps\.3\.diagram: .*its of is screen, not b"):
        es.run(path, out=out, workers=1)


def test_a_file_that_no_workflow_made_is_kept(tmp_path):
    path, out = write(tmp_path, "steps:\n  - dots: {specs: [CdSe]}\n"), tmp_path / "out"
    out.mkdir()
    (out / "dots.csv").write_text("my own table\n")
    with pytest.raises(InputError, match=r"dots\.csv is not of this workflow.*--replace"):
        es.run(path, out=out)
    assert (out / "dots.csv").read_text() == "my own table\n"
    # A folder of a version that did not tell is gone on with.
    (out / "workflow.json").write_text('{"workflow": "flow.yaml", "steps": {}}')
    assert es.run(path, out=out).exit_status == 0


def test_what_an_earlier_step_makes_is_the_same_list_whatever_it_is(tmp_path):
    text = "steps:\n" + SCREEN + "  - name: chosen\n    screen: {input: step:screen, qd: CdSe, level: fast}\n"
    path = write(tmp_path, text)
    es.run(path, out=tmp_path / "out", workers=1)
    results = tmp_path / "out/screen/results.csv"
    assert len(rows_of(tmp_path / "out/chosen/results.csv")) == 2
    # As a later version might judge: only what that version computes anew counts.
    lines = results.read_text(encoding="utf-8").splitlines(keepends=True)
    results.write_text("".join(lines[:2]), encoding="utf-8")
    record = json.loads((tmp_path / "out/screen/run.json").read_text())
    record["finished"]["results_sha256"] = file_digest(results)
    (tmp_path / "out/screen/run.json").write_text(json.dumps(record))
    es.run(path, out=tmp_path / "out", workers=1)
    assert len(rows_of(tmp_path / "out/chosen/results.csv")) == 1


def test_a_workflow_is_alone_in_its_folder(tmp_path):
    path = write(tmp_path, "steps:\n  - dots: {specs: [CdSe]}\n")
    with RunFolder(tmp_path / "out") as folder:
        folder.take("a test")
        with pytest.raises(StoreError, match="in use by a test"):
            es.run(path, out=tmp_path / "out")
    assert es.run(path, out=tmp_path / "out").steps


# --- the command ------------------------------------------------------------------------------


def test_the_command_says_what_each_step_did(tmp_path):
    path = write(tmp_path, "steps:\n  - dots: {specs: [CdSe]}\npublish: {dots.svg: dots.svg}\n")
    options = ["--out", str(tmp_path / "out"), "--publish", str(tmp_path / "public")]
    done = CliRunner().invoke(cli.app, ["run", str(path), *options])
    assert done.exit_code == 0
    assert done.stdout.splitlines()[0].startswith("dots: 1 dot in")
    assert done.stdout.splitlines()[1] == f"published {tmp_path / 'public/dots.svg'}"
    quiet = CliRunner().invoke(cli.app, ["run", str(path), *options, "--quiet"])
    assert quiet.stdout == ""


def test_the_command_refuses_in_one_sentence(tmp_path):
    path = write(tmp_path, "steps:\n  - dots: {spec: [CdSe]}\n")
    done = CliRunner().invoke(cli.app, ["run", str(path)])
    assert done.exit_code == 2
    assert "steps.1.dots.spec: there is no such key; did you mean specs" in done.stderr
    done = CliRunner().invoke(cli.app, ["run", str(path), str(path), "--out", str(tmp_path / "o")])
    assert done.exit_code == 2
    done = CliRunner().invoke(cli.app, ["run", str(path), "--workers", "0"])
    assert done.exit_code == 2


# --- the shipped files ------------------------------------------------------------------------


def test_the_shipped_workflows_are_there():
    assert {path.stem for path in SHIPPED} == NAMES


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_a_shipped_workflow_can_be_read(path):
    file = WorkflowFile(path)
    assert file.title
    assert file.out == Path("results") / path.stem
    assert file.publish
    assert path.read_text(encoding="utf-8").startswith("# ")
    for target in file.publish:
        assert target.startswith(("figures/", "tables/"))
        assert Path(target).stem.startswith(path.stem)
