"""The local page without a browser: what it takes, what it refuses, and how screens begin and end."""

import gzip
import io
import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
import zipfile
from contextlib import ExitStack, contextmanager

import pytest
from flask.testing import FlaskClient
from report_folder import HOSTILE, finished_screen, result
from served import GATED, is_gone, wait_for

from echemscreen.campaign import base
from echemscreen.dots.materials import presets
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.errors import MissingEngineError, StoreError
from echemscreen.screening.runs.run_folder import RunFolder
from echemscreen.screening.workers.progress import STAGES, StageFile
from echemscreen.server import counts, forms, jobs, orders, page, submission
from echemscreen.views.tables.table import COLUMNS

ORIGIN = {"Origin": "http://localhost"}
TWO = "O water\nC methane\n"


@contextmanager
def opened(out, program=jobs.PROGRAM):
    with jobs.JobQueue(out, program=program) as queue:
        yield queue, client_of(queue)


@pytest.fixture
def idle(tmp_path):
    """A queue whose thread was never started: what is handed in waits."""
    (tmp_path / "served").mkdir()
    queue = jobs.JobQueue(tmp_path / "served")
    return queue, client_of(queue)


@pytest.fixture
def gate(tmp_path, monkeypatch):
    folder = tmp_path / "gate"
    folder.mkdir()
    monkeypatch.setenv("GATE", str(folder))
    return folder


class Client(FlaskClient):
    """Reads every answer to its end, as a browser does."""

    def open(self, *args, **more):
        return super().open(*args, **{"buffered": True, **more})


def client_of(queue):
    app = page.create_app(queue)
    app.test_client_class = Client
    return app.test_client()


def hand_in(client, molecules="", *, file=None, **more):
    form = {"molecules": molecules, "preset": "pu2020-red", "level": "fast", "forms": "bound", **more}
    if file is not None:
        form["file"] = (io.BytesIO(file[1]), file[0])
    return client.post("/jobs", data=form, headers=ORIGIN, content_type="multipart/form-data")


def refused(answer, *words, status=400):
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    said = answer.text.partition('role="alert"')[2].partition("</div>")[0]
    for word in words:
        assert word in said
    return said


# --- a real screen ----------------------------------------------------------------------------


def test_a_screen_from_pasted_lines_to_its_files(tmp_path):
    with opened(tmp_path / "served") as (queue, client):
        answer = hand_in(client, f"{TWO}nonsense <script>alert(1)</script>\n")
        assert answer.status_code == 303
        job = wait_for(lambda: next((job for job in queue.jobs() if not job.is_open), None))
        assert job.state == "done", job.message
        assert job.counts() == counts.Counts(n_rows=3, verdicts={"undetermined": 2}, failed=1)
        assert 'href="/jobs/1/"' in client.get("/jobs").text
        # One view of the result: the report, in a frame.
        result = client.get("/jobs/1/").text
        assert '<iframe src="/jobs/1/report"' in result
        assert 'href="/screen#runs"' in result
        table = client.get("/jobs/1/results.csv?download=")
        assert table.headers["Content-Disposition"] == "attachment; filename=run-1-results.csv"
        assert len(table.text.splitlines()) == 4
        figure = client.get("/jobs/1/alignment.svg")
        assert figure.content_type.startswith("image/svg+xml")
        assert "sandbox" in figure.headers["Content-Security-Policy"]
        report = client.get("/jobs/1/report")
        assert report.status_code == 200
        assert "connect-src" not in (policy := report.headers["Content-Security-Policy"])
        assert "default-src 'none'" in policy
        assert "allow-same-origin" not in policy
        assert "No geometries are shown" not in report.text
        run = client.get("/jobs/1/run.json").json
        assert run["settings"]["input"] == "input.smi"
        assert run["ladders_computed"] > 0
        # Another dot asks for the same levels: they are in the store.
        hand_in(client, TWO, preset="", own="InP:3.2/ZnSe:1.5/ZnS:0.6")
        wait_for(lambda: all(not job.is_open for job in queue.jobs()))
        again = client.get("/jobs/2/run.json").json
        assert again["rows"] == 2
        assert again["ladders_computed"] == 0
    # The next session finds both.
    with opened(tmp_path / "served") as (queue, client):
        assert [(job.number, job.state) for job in queue.jobs()] == [(2, "done"), (1, "done")]
        assert queue.jobs()[1].counts().failed == 1
        assert client.get("/jobs/1/").status_code == 200


def test_stop_continue_and_end_while_a_molecule_is_in_the_middle(tmp_path, gate):
    with opened(tmp_path / "served", GATED) as (queue, client):
        hand_in(client, "O water\nC gate\nN ammonia\n")
        hand_in(client, TWO)
        hand_in(client, TWO)
        wait_for((gate / "holder").exists)
        running = wait_for(lambda: (job := queue.job(1)) and job.counts().n_rows == 1 and job)
        assert running.state == "running"
        assert running.left_s(running.counts()) > 0
        assert [queue.job(number).position for number in (2, 3)] == [1, 2]
        shown = client.get("/jobs").text
        assert "1 of 3 rows" in shown
        assert "waiting, place 2" in shown
        # A waiting one is taken out of the queue, the next moves up.
        assert client.post("/jobs/2/stop", headers=ORIGIN).status_code == 303
        assert queue.job(2).state == "stopped"
        assert queue.job(3).position == 1
        # A running one ends with its workers; what is finished is stored; the next one starts.
        holder = int((gate / "holder").read_text())
        client.post("/jobs/1/stop", headers=ORIGIN)
        stopped = wait_for(lambda: not (job := queue.job(1)).is_open and job)
        assert stopped.state == "stopped"
        assert "Stopped after 1 of 3 rows" in stopped.message
        wait_for(lambda: is_gone(holder))
        wait_for(lambda: queue.job(3).state == "done")
        # It goes on, to the same molecule.
        (gate / "holder").unlink()
        client.post("/jobs/1/resume", headers=ORIGIN)
        wait_for((gate / "holder").exists)
        holder = int((gate / "holder").read_text())
    # The page was ended: so is the screen.
    wait_for(lambda: is_gone(holder))
    (gate / "open").touch()
    with opened(tmp_path / "served", GATED) as (queue, client):
        assert {job.number: job.state for job in queue.jobs()} == {1: "stopped", 2: "stopped", 3: "done"}
        client.post("/jobs/1/resume", headers=ORIGIN)
        wait_for(lambda: queue.job(1).state == "done")
        assert queue.job(1).counts().n_rows == 3
        # Water and ammonia are those of the screen that was stopped, or of the one beside it.
        assert client.get("/jobs/1/run.json").json["ladders_computed"] <= 2 * 3


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("import sys; sys.exit('echemscreen: The store is locked.')", "The store is locked."),
        ("import os; os._exit(7)", "It ended with exit status 7."),
    ],
)
def test_a_screen_that_ends_by_itself_says_why(tmp_path, code, message):
    with opened(tmp_path / "served", (sys.executable, "-c", code)) as (queue, client):
        hand_in(client, TWO)
        wait_for(lambda: queue.job(1).state == "failed")
        assert queue.job(1).message == message
        assert message in client.get("/jobs").text
        assert client.get("/jobs/1/").status_code == 404


def test_a_folder_has_one_page_and_a_screen_that_a_killed_page_left_running_is_not_started_twice(tmp_path):
    with opened(tmp_path / "served") as (queue, client):
        with pytest.raises(StoreError, match="in use by a local page"), jobs.JobQueue(tmp_path / "served"):
            pass
        hand_in(client, TWO)
        wait_for(lambda: queue.job(1).state == "done")
        (tmp_path / "served/0001/run.json").unlink()
        (tmp_path / "served/0001/results.csv").rename(tmp_path / "served/0001" / counts.PARTIAL)
    with opened(tmp_path / "served") as (queue, client):
        with RunFolder(tmp_path / "served/0001") as left:
            left.take("a screen")
            client.post("/jobs/1/resume", headers=ORIGIN)
            wait_for(lambda: queue.job(1).state == "failed")
            assert "0001 is in use by a screen (process " in queue.job(1).message
            assert (tmp_path / "served/0001" / counts.PARTIAL).exists()
        client.post("/jobs/1/resume", headers=ORIGIN)
        wait_for(lambda: queue.job(1).state == "done")


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": "ask", "molecules": TWO}, ["2 molecules are given, where one is meant"]),
        ({"kind": "ask", "molecules": "nonsense"}, ["nonsense"]),
        ({"kind": "sweep", "molecules": "", "sizes": "CdSe:2"}, ["over 0 sizes"]),
        ({"kind": "sweep", "molecules": "", "sizes": "--help"}, ["--help"]),
        ({"kind": "rank", "lamp_nm": "blue"}, ["lamp_nm"]),
        ({"medium": "/etc/passwd"}, ["Medium", "water-free"]),
        ({"measured": "/etc/passwd"}, ["no option measured"]),
        ({"temperature_k": "5"}, ["temperature_k"]),
        ({"cbm_v_she": "-0.9", "cbm_ev": "-3.5"}, ["cbm"]),
        ({"molecules": " \n"}, ["holds no molecule"]),
        ({"molecules": "smiles,name\n"}, ["holds no molecule"]),
        ({"preset": "", "own": ""}, ["No dot is given"]),
        ({"preset": "", "own": "Kryptonite:3"}, ["Kryptonite", "CdSe:3.0/CdS:3.5"]),
        ({"preset": "", "own": "<img src=x>"}, ["&lt;img src=x&gt;"]),
        ({"preset": "", "own": "CdSe:0.1"}, ["0.1 nm is outside"]),
        ({"preset": "", "own": "C" * 300}, ["at most 200"]),
        ({"level": "extreme"}, ["level"]),
        ({"forms": "--out"}, ["forms"]),
        ({"file": ("a.docx", b"O water")}, ["a.docx", "unknown format"]),
        ({"file": ("a.smi", bytes(range(256)) * 20)}, ["a.smi", "not a text file"]),
        ({"file": ("a.csv", b"name,formula\na,CH4\n")}, ["a.csv", "no column", "smiles"]),
        ({"file": ("a.smi", b"")}, ["a.smi", "holds no molecule"]),
        ({"file": ("a.smi.gz", b"no gzip at all")}, ["a.smi.gz", "cannot be unpacked"]),
        ({"file": ("a.smi.gz", gzip.compress(b"C\n" * 11_000_000))}, ["more than 20 MB"]),
        ({"file": ("a.smi", b"C\n" * 6000)}, ["6,000 rows", "5,000"]),
    ],
)
def test_a_sentence_for_what_cannot_be_used(idle, tmp_path, more, words):
    _, client = idle
    said = refused(hand_in(client, **{"molecules": TWO, **more}), *words)
    assert str(tmp_path) not in said
    assert not list((tmp_path / "served").iterdir())


def test_what_was_entered_is_kept_beside_the_sentence(idle):
    _, client = idle
    answer = hand_in(
        client, "O </textarea><script>alert(1)</script>", preset="", own="Kryptonite:3", level="full"
    )
    refused(answer, "Kryptonite")
    assert "O &lt;/textarea&gt;&lt;script&gt;" in answer.text
    assert 'value="Kryptonite:3"' in answer.text
    assert 'value="full" checked' in answer.text


def test_too_large_and_too_many(idle):
    _, client = idle
    text = b"C\n" * (submission.MAX_BYTES // 2 + 10_000)
    for field in (b'name="molecules"', b'name="file"; filename="a.smi"'):
        answer = client.post(
            "/jobs",
            data=b"--b\r\nContent-Disposition: form-data; " + field + b"\r\n\r\n" + text + b"\r\n--b--\r\n",
            headers=ORIGIN,
            content_type="multipart/form-data; boundary=b",
        )
        refused(answer, "larger than 5 MB", status=413)
    for _ in range(jobs.MAX_WAITING):
        assert hand_in(client, TWO).status_code == 303
    refused(hand_in(client, TWO), "20 runs wait already")


def test_names_of_files_never_become_paths(idle, tmp_path):
    queue, client = idle
    for name in ("../../evil.smi", "..\\..\\evil.smi", "/etc/evil.smi", "a<b>.smi"):
        assert hand_in(client, file=(name, b"O water\n")).status_code == 303
    folders = sorted((tmp_path / "served").iterdir())
    assert [folder.name for folder in folders] == ["0001", "0002", "0003", "0004"]
    for folder in folders:
        assert sorted(path.name for path in folder.iterdir()) == ["input.smi", "order.json"]
    assert queue.job(1).order.label == "evil.smi"
    assert "<b>" not in client.get("/jobs").text
    assert not list(tmp_path.rglob("evil*"))


def test_only_the_files_of_a_finished_screen_are_given(idle, tmp_path):
    _, client = idle
    hand_in(client, TWO)
    assert client.get("/jobs/1/results.csv").status_code == 404
    assert client.get("/jobs/2/").status_code == 404
    assert client.post("/jobs/2/stop", headers=ORIGIN).status_code == 404
    folder = tmp_path / "served/0001"
    (folder / "results.csv").write_text("name\n")
    (folder / "run.json").write_text('{"rows": 0, "verdicts": {}, "failures": {}}')
    with jobs.JobQueue(tmp_path / "served") as found:
        client = client_of(found)
        assert client.get("/jobs/1/results.csv").status_code == 200
        for path in ("order.json", "input.smi", "../0001/order.json", "..%2f..%2fsecret", "alignment.svg"):
            assert client.get(f"/jobs/1/{path}").status_code == 404


def test_other_web_sites_are_kept_out(idle):
    queue, client = idle
    for host in ("evil.example", "evil.example:8765", "127.0.0.1.evil.example"):
        assert client.get("/", headers={"Host": host}).status_code == 400
        assert client.get("/static/page.js", headers={"Host": host}).status_code == 400
    for headers in (
        {},
        {"Origin": "null"},
        {"Origin": "http://evil.example"},
        {"Origin": "http://localhost:1"},
        {"Origin": "http://evil.example", "Host": "evil.example"},
    ):
        answer = client.post("/jobs", data={"molecules": TWO}, headers=headers)
        assert answer.status_code in {400, 403}
    assert queue.jobs() == []
    assert client.get("/", headers={"Host": "127.0.0.1:8765"}).status_code == 200
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


# --- every kind of run ------------------------------------------------------------------------


def test_the_forms_are_those_of_the_commands():
    for kind in forms.KINDS.values():
        wanted = {
            name
            for name in kind.model.where(lambda option: option.changes_rows and not option.is_argument)
            if name not in {"kind", "qd", "library", "name", "ligand", "ligand_name"}
        }
        assert set(forms.fields_of(kind.model)) == wanted
        assert {"film", "medium", "temperature_k", "measured", "solvent", "level"} <= wanted


@pytest.mark.parametrize(
    ("form", "arguments"),
    [
        (
            {
                "kind": "rank",
                "molecules": "phenyl azide",
                "lamp_nm": "254",
                "atmosphere": "air",
                "film": "yes",
            },
            ["rank", "--lamp-nm=254", "--atmosphere=air", "--film", "--level=fast", "--qd=pu2020-red"],
        ),
        (
            {"kind": "sweep", "molecules": "CCCCS butanethiol", "sizes": "CdSe:2-4:0.5"},
            ["sweep", "--ligand=CCCCS", "--ligand-name=butanethiol", "CdSe:2-4:0.5", "--level=fast"],
        ),
        ({"kind": "sweep", "sizes": "CdSe:2-4:0.5"}, ["sweep", "CdSe:2-4:0.5"]),
        (
            {"kind": "ask", "molecules": "112-55-0", "preset": "", "own": "CdSe:?", "emission_nm": "600"},
            ["ask", "--qd=CdSe:?", "--emission-nm=600", "--name=1-dodecanethiol", "CCCCCCCCCCCCS", "--json"],
        ),
        (
            {"molecules": TWO, "forms": "all", "counter_ion": "Cd, Zn", "p_inert": "0.05", "medium": "amine"},
            ["screen", "--forms=all", "--counter-ion=Cd, Zn", "--p-inert=0.05", "--medium=amine"],
        ),
    ],
)
def test_an_order_is_the_command_with_its_options(idle, tmp_path, form, arguments):
    queue, client = idle
    assert hand_in(client, **form).status_code == 303
    made = list(queue.job(1).order.arguments(tmp_path / "calculations.db"))
    assert set(arguments) <= set(made)
    with jobs.JobQueue(tmp_path / "served") as found:
        # What was stored is the same order.
        assert list(found.job(1).order.arguments(tmp_path / "calculations.db")) == made


def test_an_order_of_before_there_were_kinds_is_read(tmp_path):
    folder = tmp_path / "served/0001"
    folder.mkdir(parents=True)
    old = {
        "label": "water",
        "suffix": ".smi",
        "n_rows": 1,
        "qd": "pu2020-red",
        "level": "full",
        "forms": "free",
    }
    (folder / "order.json").write_text(json.dumps(old))
    with jobs.JobQueue(tmp_path / "served") as found:
        order = found.job(1).order
    assert (order.kind, order.options) == ("screen", {"level": "full", "forms": "free"})


def test_files_for_options_lie_beside_the_list_under_the_names_of_the_options(idle, tmp_path):
    queue, client = idle
    own = b"smiles,name,quantity,value,sigma,unit,electrode\n"
    form = {
        "molecules": TWO,
        "measured-file": (io.BytesIO(own + b"C,methane,e_red,-2.9,0.1,V,she\n"), "../x.csv"),
    }
    refusal = hand_in(client, **form)
    form["measured-file"] = (io.BytesIO(b"nonsense"), "../x.csv")
    said = refused(hand_in(client, **form), "measured.csv")
    assert str(tmp_path) not in said
    assert "/tmp" not in said
    if refusal.status_code == 303:
        assert (queue.job(1).folder / "measured.csv").read_bytes().startswith(own)
    assert not list(tmp_path.rglob("x.csv"))


def test_several_dots_are_a_run_each(idle):
    queue, client = idle
    answer = hand_in(client, TWO, preset=["pu2020-red", "", "lu2022-red"], own=["", "CdSe:3.0", ""])
    assert answer.status_code == 303
    assert [job.order.qd for job in reversed(queue.jobs())] == ["pu2020-red", "CdSe:3.0", "lu2022-red"]
    assert len({job.order.digest for job in queue.jobs()}) == 1
    refused(hand_in(client, TWO, preset=["pu2020-red"] * 9, own=[""] * 9), "9 dots are given")
    refused(hand_in(client, TWO, preset=["pu2020-red", ""], own=["", "Kryptonite:3"]), "Kryptonite")
    two = {"preset": ["pu2020-red", ""], "own": ["", "CdSe:3.0"]}
    refused(hand_in(client, TWO, cbm_v_she="-0.9", **two), "CBM (V vs SHE) belongs to one dot")


def test_names_and_numbers_stand_for_structures(idle, tmp_path):
    queue, client = idle
    own = b"family,name,smiles,cas\nthiol,my <b>thiol</b>,CCCS,107-03-9\n"
    sent = {"own_library": (io.BytesIO(own), "mine.csv")}
    assert client.post("/library", data=sent, headers=ORIGIN).status_code == 303
    assert hand_in(client, "oleic acid\n107-03-9\nCCO ethanol\n").status_code == 303
    assert [name for name, _ in queue.job(1).order.first] == ["oleic acid", "my <b>thiol</b>", "ethanol"]
    found = client.get("/library", query_string={"q": "107-03-9", "part": "1"}).text
    assert "my &lt;b&gt;thiol&lt;/b&gt;" in found
    # A bad list does not take a good one's place.
    sent = {"own_library": (io.BytesIO(own.replace(b"107-03-9", b"107-03-8")), "mine.csv")}
    refused(client.post("/library", data=sent, headers=ORIGIN), "107-03-8", "no CAS number")
    assert (tmp_path / "served/own_library.csv").read_bytes() == own


def test_what_cannot_work_is_refused_before_it_starts(idle, monkeypatch):
    queue, client = idle

    def missing(name):
        if name == "pyscf":
            raise MissingEngineError("The engine pyscf needs the package pyscf.", "Install it.")
        return get_engine(name)

    monkeypatch.setattr(orders, "get_engine", missing)
    monkeypatch.setattr(base, "get_engine", missing)
    monkeypatch.setattr(forms, "get_engine", missing)
    forms.unusable.cache_clear()
    for kind in ("screen", "rank", "ask"):
        refused(hand_in(client, "CCO ethanol", kind=kind, level="refined"), "needs the package pyscf")
    assert queue.jobs() == []
    # It cannot even be chosen.
    assert 'value="refined" disabled' in client.get("/").text
    monkeypatch.undo()
    forms.unusable.cache_clear()


def test_a_run_is_deleted_with_its_folder(idle, tmp_path):
    queue, client = idle
    hand_in(client, TWO)
    assert client.post("/jobs/1/delete", headers=ORIGIN).status_code == 303
    assert queue.job(1) is not None, "it waits"
    client.post("/jobs/1/stop", headers=ORIGIN)
    assert client.post("/jobs/1/delete").status_code == 403
    assert client.post("/jobs/1/delete", headers=ORIGIN).status_code == 303
    assert queue.jobs() == []
    assert not (tmp_path / "served/0001").exists()
    assert client.get("/jobs/1/").status_code == 404


def test_runs_stand_side_by_side(tmp_path):
    (tmp_path / "served").mkdir()
    ethylamine, hostile = result("ethylamine"), result(HOSTILE[0], "CCS")
    finished_screen(tmp_path / "served", 1, [ethylamine, hostile])
    changed = [ethylamine, result(HOSTILE[0], "CCS", verdict="active", reduction_drive_ev=0.25)]
    finished_screen(tmp_path / "served", 2, changed, qd="CdSe:3.0")
    finished_screen(tmp_path / "served", 3, [ethylamine], digest="another")
    with opened(tmp_path / "served") as (_, client):
        assert 'href="/compare?run=1&amp;run=2"' in client.get("/jobs").text
        page = client.get("/compare?run=1&run=2").text
        assert "1 molecule of 2 changes the verdict" in page
        assert page.index("&lt;script&gt;alert(1)") < page.index("ethylamine")
        assert "reduction +0.25" in page
        assert "CdSe:3.0" in page
        assert "not in this run" in client.get("/compare?run=1&run=3").text
        for query in ("", "run=1", "run=1&run=x", "&".join(f"run={n}" for n in (1, 1))):
            assert client.get(f"/compare?{query}").status_code == 400
        with zipfile.ZipFile(io.BytesIO(client.get("/jobs/1/run.zip").data)) as archive:
            assert {"run-1/results.csv", "run-1/run.json", "run-1/order.json"} <= set(archive.namelist())


def test_an_exchange_is_answered_at_once(idle):
    _, client = idle
    for new in ("1-dodecanethiol", "112-55-0"):
        said = client.get("/exchange", query_string={"new": new, "qd": "CdSe:3.0"}).text
        assert "1-dodecanethiol in the place of oleate on Cd2+" in said
    said = client.get("/exchange", query_string={"new": "<script>alert(1)</script>", "qd": "CdSe:3.0"}).text
    assert 'role="alert"' in said
    assert "<script>alert" not in said


def test_structures_are_drawn_and_what_is_none_is_said_to_be_none(idle):
    _, client = idle
    for smiles in ("CCO", "nonsense", "", "C" * 5000, "</svg><script>alert(1)</script>"):
        drawn = client.get("/structure.svg", query_string={"smiles": smiles})
        assert drawn.status_code == 200
        assert "script" not in drawn.text
        assert "sandbox" in drawn.headers["Content-Security-Policy"]
        assert ("not readable" in drawn.text) is (smiles != "CCO")
    tiles = client.get("/drawn", query_string={"line": ["oleic acid", "CCO <b>x</b>"]}).text
    assert "<figcaption>oleic acid</figcaption>" in tiles
    assert "&lt;b&gt;x&lt;/b&gt;" in tiles


# --- the parts --------------------------------------------------------------------------------


def test_the_dot_is_told_with_its_edges(idle):
    _, client = idle
    told = client.get("/dot", query_string={"qd": "pu2020-red"}).text
    edge = quantum_dot("pu2020-red").edges.cbm
    assert f"\N{MINUS SIGN}{-edge.value_v_she:.2f} ± {edge.sigma_v:.2f} V vs SHE" in told
    assert "3 nm core" in told
    assert "Unknown dot" in client.get("/dot", query_string={"qd": "Kryptonite:3"}).text
    assert "No dot is given" in client.get("/dot").text
    for row in presets():
        assert "V vs SHE" in client.get("/dot", query_string={"qd": row}).text


@pytest.mark.parametrize(
    ("text", "suffix", "n_rows", "label"),
    [
        ("O water\n\nC methane\n", ".smi", 3, "water and 2 more"),
        ("smiles name\nO water\n", ".smi", 1, "name"),
        ("CCO", ".smi", 1, "CCO"),
        ("Name\tSMILES\nwater\tO\nmethane\tC\n", ".csv", 2, "a pasted table"),
        ('name;smiles\n"two\nlines";O\n', ".csv", 1, "a pasted table"),
    ],
)
def test_pasted_lists(text, suffix, n_rows, label):
    found = submission.pasted(text)
    assert (found.suffix, found.n_rows, found.label) == (suffix, n_rows, label)


def test_dropped_files():
    assert submission.dropped("A.SMILES", b"O water\n").suffix == ".smi"
    found = submission.dropped("x.CSV.gz", gzip.compress(b"smiles\nO\nC\n"))
    assert (found.suffix, found.n_rows, found.label) == (".csv", 2, "x.CSV.gz")
    block = "water\n\n\n  1  0  0  0  0  0  0  0  0  0999 V2000\n    0.0 0.0 0.0 O 0 0\nM  END\n"
    assert submission.dropped("x.sdf", f"{block}$$$$\n{block}$$$$\n".encode()).n_rows == 2
    assert submission.dropped("x.sdf", block.encode()).n_rows == 1


def test_rows_are_counted_while_the_table_is_being_written(tmp_path):
    def line(name, verdict):
        cells = dict.fromkeys(COLUMNS, "") | {"name": name, "smiles": "C", "verdict": verdict}
        return ",".join((cells | {"status": "ok" if verdict else "failed"}).values()) + "\n"

    table = tmp_path / counts.PARTIAL
    assert counts.counts_so_far(tmp_path, forms="bound") == counts.Counts()
    whole = ",".join(COLUMNS) + "\n" + line("a", "inert") + line("a", "active") + line("b", "")
    table.write_text(whole + line("c", "inert")[:20])
    found = counts.counts_so_far(tmp_path, forms="bound")
    assert found == counts.Counts(n_rows=3, verdicts={"inert": 1, "active": 1}, failed=1, last=found.last)
    assert [(item.name, item.verdict) for item in found.last] == [("a", "inert"), ("a", "active"), ("b", "")]
    assert counts.counts_so_far(tmp_path, forms="all").n_rows == 2
    assert counts.final_counts(tmp_path, "results.csv") is None


def test_a_ranking_tells_its_stage(tmp_path, gate):
    azides = "[N-]=[N+]=Nc1ccc(N=[N+]=[N-])cc1 gate\n"
    with opened(tmp_path / "served", GATED) as (queue, client):
        hand_in(client, azides, kind="rank", forms="free")
        wait_for((gate / "holder").exists)
        stage = queue.job(1).stage()
        assert (stage.n_done, stage.total, stage.last) == (0, 1, ())
        assert f"{stage.name}: 0 of 1" in client.get("/jobs").text


def test_stages_and_their_molecules_are_read_while_they_are_written(tmp_path):
    assert counts.stage_so_far(tmp_path) is None
    with StageFile(tmp_path) as stages:
        assert counts.stage_so_far(tmp_path) is None
        stages.begin("structures", 2)
        stages.step()
        assert counts.stage_so_far(tmp_path) == counts.Stage(name="structures", total=2, n_done=1, last=())
        stages.begin("precursors", 3)
        stages.step(name=HOSTILE[0], smiles="C", verdict="inert")
        with (tmp_path / STAGES).open("a") as handle:
            handle.write('{"name": "half')
        found = counts.stage_so_far(tmp_path)
        done = counts.Done(name=HOSTILE[0], smiles="C", verdict="inert")
        assert found == counts.Stage(name="precursors", total=3, n_done=1, last=(done,))
    assert not list(tmp_path.iterdir())


# --- the command ------------------------------------------------------------------------------


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "echemscreen", "serve", "--port", port],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"echemscreen: Port {port} of this computer cannot be used")
    assert done.stderr.count("\n") == 1
    assert not list(tmp_path.iterdir())


@contextmanager
def serving(folder):
    """The command in a process of its own: its address and the process."""
    # A test runner in the background hands an ignored Ctrl-C down; a terminal does not.
    code = (
        "import signal\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from echemscreen.cli import main\n"
        "main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, "serve", "--port", "0", "--out", "here"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            address = process.stdout.readline().split()[0]
            assert address.startswith("http://127.0.0.1:")
            yield address, process
        finally:
            process.terminate()


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"POST /jobs HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4000000\r\n\r\nmolecules=",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ],
    ids=["silent", "half a request", "half a list", "an answer not read"],
)
def test_slow_connections_keep_nobody_else_out(tmp_path, sent):
    with serving(tmp_path) as (address, _), ExitStack() as stack:
        host, port = address.removeprefix("http://").rstrip("/").split(":")
        for _ in range(200):
            slow = stack.enter_context(socket.create_connection((host, int(port)), timeout=60))
            slow.sendall(sent)
        with urllib.request.urlopen(address, timeout=60) as answer:
            assert "Molecules" in answer.read().decode()


def test_stop_is_heard_where_ctrl_c_is_ignored(tmp_path, gate, monkeypatch):
    # As of a page that a script has started in the background; nobody waits for its grace to end.
    monkeypatch.setattr(jobs, "GRACE_S", 3600.0)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with opened(tmp_path / "served", GATED) as (queue, client):
            hand_in(client, "O water\nC gate\n")
            wait_for((gate / "holder").exists)
            holder = int((gate / "holder").read_text())
            client.post("/jobs/1/stop", headers=ORIGIN)
            stopped = wait_for(lambda: not (job := queue.job(1)).is_open and job, seconds=120)
            assert stopped.message.startswith("Stopped after")
            wait_for(lambda: is_gone(holder))
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_serves_this_computer_and_ends_when_told(tmp_path, number):
    with serving(tmp_path) as (address, process):
        with urllib.request.urlopen(address) as answer:
            assert "Molecules" in answer.read().decode()
        request = urllib.request.Request(
            f"{address}jobs",
            data=b"molecules=O+water&preset=pu2020-red&level=fast&forms=bound",
            headers={"Origin": address.rstrip("/")},
        )
        with urllib.request.urlopen(request) as answer:
            assert "run 1" in answer.read().decode()
        os.kill(process.pid, number)
        out, err = process.communicate()
    assert process.returncode == 0, err
    assert err == ""
    assert "Ending" in out
    assert json.loads((tmp_path / "here/0001/order.json").read_text())["qd"] == "pu2020-red"
