"""One folder, one run: two runs started together, killed ones, other lists and dots, disks without locks."""

import csv
import errno
import fcntl
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import echemscreen as es
from echemscreen.errors import InputError, StoreError
from echemscreen.files import written_whole
from echemscreen.screening.runs import run_folder
from echemscreen.screening.runs.run_folder import LOCK, RunFolder

TESTS = Path(__file__).parents[1]
OPTIONS = {"qd": "CdSe", "level": "fast", "workers": 1, "figure": False}


def rows_of(path):
    with path.open(newline="", encoding="utf-8-sig") as handle:
        return [(row["name"], row["error"].partition(" on ")[2].split()[0]) for row in csv.DictReader(handle)]


def command(source, dot, out, *more):
    return ["screen", source, "--qd", dot, "--out", out, "--json", "--quiet", *more]


def test_two_runs_started_together_in_one_folder_twenty_times(tmp_path):
    for name in "ab":
        lines = [f"{'C' * n}O {name}{n}" for n in range(1, 13)]
        (tmp_path / f"{name}.smi").write_text("\n".join(lines) + "\n")
    rounds = []
    for index in range(20):
        out = f"out{index}"
        other = [
            command("b.smi", "CdSe", out),
            command("a.smi", "CdS", out),
            command("a.smi", "CdSe", out),
            command("b.smi", "CdS", out, "--replace"),
        ][index % 4]
        rounds.append([command("a.smi", "CdSe", out), other])
    done = subprocess.run(
        [sys.executable, str(TESTS / "started_together.py")],
        input=json.dumps(rounds),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    met = 0
    for index, (commands, statuses) in enumerate(zip(rounds, json.loads(done.stdout), strict=True)):
        out = tmp_path / f"out{index}"
        assert 0 in statuses, (commands, statuses)
        finished = []
        for number, (asked, status) in enumerate(zip(commands, statuses, strict=True)):
            text, told = ((tmp_path / f"round{index}.{number}.{kind}").read_text() for kind in ("out", "err"))
            wanted = [(f"{asked[1][0]}{n}", asked[3]) for n in range(1, 13)]
            assert "Traceback" not in told
            if status == 0:
                rows = [json.loads(line) for line in text.splitlines()]
                assert [(row["name"], row["error"].split()[-1]) for row in rows] == wanted
                finished.append((asked, wanted))
            else:
                assert status == 2
                assert text == ""
                assert told.count("\n") == 1
                met += "is in use by a screen of" in told
                assert "is in use by" in told or "holds the results of another run" in told
        found = rows_of(out / "results.csv")
        assert found in [wanted for _, wanted in finished]
        settings = json.loads((out / "run.json").read_text())["settings"]
        assert (settings["input"][0], settings["qd"]) == (found[0][0][0], found[0][1])
        assert {path.name for path in out.iterdir()} <= {
            "results.csv",
            "run.json",
            "calculations.db",
            "calculations.db.claims",
        }
    # They did meet: nothing is shown by runs that follow each other.
    assert met >= 5


def hold(folder, ready):
    with RunFolder(folder) as taken:
        taken.take("a test")
        taken.begin({"settings": {}})
        ready.set()
        signal.pause()


def held_by_another(folder):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=hold, args=(folder, ready))
    process.start()
    assert ready.wait(60)
    return process


@pytest.mark.parametrize("has_locks", [True, False])
def test_a_folder_in_use_names_who_uses_it_and_a_killed_run_keeps_nobody_out(
    tmp_path, monkeypatch, has_locks
):
    if not has_locks:

        def refuse(*_):
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", refuse)
    process = held_by_another(tmp_path / "o")
    with RunFolder(tmp_path / "o") as folder, pytest.raises(StoreError) as caught:
        folder.take("another test")
    message = str(caught.value)
    assert f"o is in use by a test (process {process.pid} on " in message
    assert "since 20" in message
    assert ("delete" in message) != has_locks
    process.kill()
    process.join()
    assert (tmp_path / "o" / LOCK).exists()
    with RunFolder(tmp_path / "o") as folder:
        folder.take("another test")
        assert folder.asked == {"settings": {}}
        folder.finish()
    assert not (tmp_path / "o" / LOCK).exists()


def test_what_a_killed_process_was_writing_goes_with_the_next_run(tmp_path):
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from echemscreen.files import written_whole\n"
        "with written_whole(Path(sys.argv[1]) / 'report.html', 'The report') as place:\n"
        "    place.write_text('half')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    (left,) = tmp_path.iterdir()
    mine = tmp_path / ".mine.partial"
    with written_whole(tmp_path / "other.html", "The report") as place, RunFolder(tmp_path) as folder:
        for path in (place, mine):
            path.write_text("half")
        folder.take("a test")
        assert not left.exists()
        assert place.exists()
        assert mine.exists()


def test_an_owner_of_another_machine_is_believed_where_there_are_no_locks(tmp_path, monkeypatch):
    monkeypatch.setattr(run_folder, "fcntl", None)
    owner = {"host": "elsewhere", "pid": 2, "started": "today", "command": "a screen"}
    (tmp_path / LOCK).write_text(json.dumps(owner))
    with RunFolder(tmp_path) as folder, pytest.raises(StoreError, match=r"process 2 on elsewhere.*delete"):
        folder.take("a test")
    for damaged in ("", "[]", "{"):
        (tmp_path / LOCK).write_text(damaged)
        with RunFolder(tmp_path) as folder, pytest.raises(StoreError, match="in use by another run"):
            folder.take("a test")


def test_two_threads_of_one_process_are_two_runs(tmp_path):
    with RunFolder(tmp_path) as one, RunFolder(tmp_path) as two:
        one.take("one")
        one.take("one")
        with pytest.raises(StoreError, match=f"in use by one \\(process {os.getpid()} "):
            two.take("two")
    with RunFolder(tmp_path) as three:
        three.take("three")


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "file/below", "file"])
def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path, name):
    (tmp_path / "file").write_text("")
    with RunFolder(tmp_path / name) as folder, pytest.raises(StoreError, match="cannot be written"):
        folder.take("a test")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("finished")
    (folder / "in.smi").write_text("O water\nN ammonia\n")
    (folder / "medium.csv").write_text(
        (TESTS.parent / "band_data/stability_constants.csv").read_text(encoding="utf-8")
    )
    es.screen(str(folder / "in.smi"), out=folder / "o", **OPTIONS)
    return folder


def table_of(folder):
    return (folder / "o/results.csv").read_bytes()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"qd": "CdS"}, "its qd is CdSe, not CdS"),
        ({"level": "full"}, "its level is fast, not full"),
        ({"cbm_v_she": -0.9}, "its cbm_v_she is none, not -0.9"),
        ({"counter_ion": ("Cd", "Zn")}, "its counter_ion is none, not Cd,Zn"),
        ({"source": ["O", "N"]}, "its list is .*in.smi, not molecules given in Python"),
        ({"source": "library:pu2020-table1"}, "its list is .*in.smi, not library:pu2020-table1"),
        ({"source": [("O", "water"), ("C", "ammonia")]}, "its list is"),
        ({"kind": "rank"}, "its kind is screen, not rank"),
    ],
)
def test_another_run_is_refused_with_both_ways_out(finished, change, words):
    change = dict(change)
    call = es.rank if change.pop("kind", "") else es.screen
    source = change.pop("source", str(finished / "in.smi"))
    before = table_of(finished)
    with pytest.raises(InputError, match=words) as caught:
        call(source, out=finished / "o", **(OPTIONS | change))
    assert caught.value.remedy == "Name another --out, or overwrite them with --replace."
    assert table_of(finished) == before
    assert not (finished / "o" / LOCK).exists()


def test_the_same_run_goes_on(finished, monkeypatch):
    before = table_of(finished)
    source = finished / "renamed.smi"
    source.write_text("O water\nN ammonia\n")
    again = es.screen(str(source), out=finished / "o", **OPTIONS)
    assert (again.n_rows, again.n_computed) == (2, 0)
    # What no row depends on is no other run.
    for option in ({"workers": 2}, {"time_limit_s": 60.0}, {"xlsx": True}):
        assert es.screen(str(source), out=finished / "o", **(OPTIONS | option)).n_computed == 0
    monkeypatch.chdir(finished)
    assert es.screen("in.smi", out="o", **OPTIONS).n_computed == 0
    assert table_of(finished) == before


def test_a_list_that_has_changed_is_another_one(tmp_path):
    source = tmp_path / "in.smi"
    source.write_text("O water\n")
    es.screen(str(source), out=tmp_path / "o", **OPTIONS)
    source.write_text("N ammonia\n")
    with pytest.raises(InputError, match=f"the list has changed: {source}"):
        es.screen(str(source), out=tmp_path / "o", **OPTIONS)
    for name in ("report.html", "results.xlsx"):
        (tmp_path / "o" / name).write_text("of the other run")
    (tmp_path / "o/notes.txt").write_text("mine")
    es.screen(str(source), out=tmp_path / "o", replace=True, **OPTIONS)
    assert "ammonia" in (tmp_path / "o/results.csv").read_text(encoding="utf-8-sig")
    assert {"notes.txt", "results.csv", "run.json"} <= {path.name for path in (tmp_path / "o").iterdir()}
    assert not {"report.html", "results.xlsx"} & {path.name for path in (tmp_path / "o").iterdir()}


def test_a_list_given_in_python_is_known_again(tmp_path):
    pairs = [("O", "water"), ("N", "ammonia")]
    es.screen(pairs, out=tmp_path / "o", **OPTIONS)
    assert es.screen(iter(pairs), out=tmp_path / "o", **OPTIONS).n_rows == 2
    with pytest.raises(InputError, match="the list has changed"):
        es.screen(pairs[:1], out=tmp_path / "o", **OPTIONS)


def test_a_table_of_unknown_origin_is_kept(tmp_path):
    (tmp_path / "results.csv").write_text("name,price\n")
    for record in (None, "[]", "{}", '{"settings": {}}', "no json"):
        if record is not None:
            (tmp_path / "run.json").write_text(record)
        with pytest.raises(InputError, match="of another run"):
            es.screen(["O"], out=tmp_path, **OPTIONS)
    assert (tmp_path / "results.csv").read_text() == "name,price\n"


def test_a_run_cut_short_after_its_table_goes_on(tmp_path, monkeypatch):
    from echemscreen.campaign import screening  # noqa: PLC0415 - loads chemistry

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(screening, "write_run", full)
        with pytest.raises(StoreError, match=r"No space left on device.*Free some space"):
            es.screen([("O", "water")], out=tmp_path / "o", **OPTIONS)
    assert (tmp_path / "o/results.csv").exists()
    # Another one is still another one.
    with pytest.raises(InputError, match="the list has changed"):
        es.screen([("N", "ammonia")], out=tmp_path / "o", **OPTIONS)
    assert es.screen([("O", "water")], out=tmp_path / "o", **OPTIONS).n_rows == 1
    assert not (tmp_path / "o" / LOCK).exists()


def test_a_medium_file_that_has_changed_makes_another_run(finished):
    medium = finished / "own.csv"
    medium.write_text((finished / "medium.csv").read_text(encoding="utf-8"), encoding="utf-8")
    options = OPTIONS | {"medium": str(medium)}
    es.screen([("O", "water")], out=finished / "m", **options)
    assert es.screen([("O", "water")], out=finished / "m", **options).n_computed == 0
    lines = medium.read_text(encoding="utf-8").splitlines(keepends=True)
    medium.write_text("".join(lines[:-1]), encoding="utf-8")
    with pytest.raises(InputError, match=r"its medium is .*own.csv, which has changed"):
        es.screen([("O", "water")], out=finished / "m", **options)
