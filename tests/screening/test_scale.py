"""Out of one machine: a real local Dask cluster with killed workers and schedulers, limits, many rows."""

import json
import math
import os
import re
import resource
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from dask_cluster import Cluster, end, free_port
from gated import HELD, close_gate, command_behind_a_gate, lines_of, wait_for

import echemscreen as es
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.errors import ClusterError
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.rows import InputRow
from echemscreen.screening import screen as screening
from echemscreen.screening.screen import screen
from echemscreen.screening.workbench import Settings
from echemscreen.screening.workers import work as working
from echemscreen.screening.workers.cluster import Cluster as ClusterWorkers
from echemscreen.screening.workers.cluster import SchedulerGoneError
from echemscreen.screening.workers.executors import WorkerPool
from echemscreen.screening.workers.limits import Limits, OutOfTimeError, limited
from echemscreen.store import open_store
from echemscreen.views.tables.columns import table_of

SMILES = [
    "CCN",
    "CC(=O)O",
    "O=[N+]([O-])c1ccccc1",
    "O=C1C=CC(=O)C=C1",
    "CS",
    "CC(C)=O",
    "CCO",
    "C#N",
    "CCCCN",
    "CCOC",
]
SCREEN = [sys.executable, "-m", "echemscreen", "screen"]


@pytest.fixture
def cluster(tmp_path):
    pytest.importorskip("distributed")
    made = Cluster(tmp_path)
    made.start_worker()
    made.start_worker()
    yield made
    made.end()


def cells(outcome):
    return outcome.table().astype(str).to_numpy().tolist()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    return es.screen([*SMILES, ("O", "held")], qd="pu2020-red", out=out, workers=1, figure=False)


def in_background(out, **options):
    pool = ThreadPoolExecutor(1)
    return pool.submit(es.screen, [*SMILES, ("O", "held")], qd="pu2020-red", out=out, figure=False, **options)


@pytest.fixture
def gate(tmp_path, monkeypatch):
    close_gate(monkeypatch, tmp_path / "gate")
    return tmp_path / "gate"


def test_a_cluster_gives_the_same_rows_when_a_worker_is_killed(cluster, gate, undisturbed, tmp_path):
    running = in_background(tmp_path / "out", dask=cluster.address)
    wait_for((gate / "holder").exists)
    holder = int((gate / "holder").read_text())
    end(next(worker for worker in cluster.workers if worker.pid == holder))
    (gate / "open").touch()
    cluster.start_worker()
    assert cells(running.result(timeout=240)) == cells(undisturbed)


def test_a_scheduler_that_is_started_again_is_found_again(cluster, gate, undisturbed, tmp_path):
    running = in_background(tmp_path / "out", dask=cluster.address)
    wait_for(lambda: lines_of(tmp_path / "out/results.csv.partial") > 2 and (gate / "holder").exists())
    end(cluster.scheduler)
    for worker in cluster.workers:
        end(worker)
    (gate / "open").touch()
    cluster.start_scheduler()
    cluster.start_worker()
    assert cells(running.result(timeout=240)) == cells(undisturbed)


@pytest.mark.parametrize("moment", ["while rows are computed", "between rows"])
def test_a_lost_scheduler_prints_no_traceback(cluster, tmp_path, moment):
    lines = [*(f"{'C' * n}O alcohol {n}" for n in range(1, 6)), HELD]
    (tmp_path / "in.smi").write_text("\n".join(lines) + "\n")
    gate = tmp_path / "gate"
    asked = ["screen", "in.smi", "--qd", "CdSe", "--level", "fast", "--dask", cluster.address, "--out", "o"]
    with (tmp_path / "told").open("w") as told:
        process = subprocess.Popen(
            command_behind_a_gate(gate, *asked), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=told
        )
    rows = 6 if moment == "between rows" else 2
    wait_for(lambda: (gate / "holder").exists() and lines_of(tmp_path / "o/results.csv.partial") >= rows)
    end(cluster.scheduler)
    if moment == "between rows":
        for worker in cluster.workers:
            end(worker)
    cluster.start_scheduler()
    cluster.start_worker()
    (gate / "open").touch()
    assert process.wait(timeout=240) == 0
    assert (tmp_path / "told").read_text() == ""


def test_a_client_that_has_given_up_is_a_scheduler_that_is_gone(cluster):
    executor = ClusterWorkers(cluster.address)()
    assert executor.submit(abs, -2).result() == 2
    executor.shutdown()
    executor._counted = 0.0
    assert executor.capacity() >= 1
    with pytest.raises(SchedulerGoneError):
        executor.submit(abs, -2)


def die_or_sleep(plan, dot, settings, stored, limits):
    if plan.molecule.name == "killer":
        os._exit(9)
    if plan.molecule.name == "slow":
        time.sleep(4)
    return working.work(plan, dot, settings, stored, limits)


def rows_of(*named):
    for index, (smiles, name) in enumerate(named):
        yield InputRow(index=index, location=f"item {index}", entry=parse_smiles(smiles, name))


def test_who_kills_workers_fails_alone(tmp_path, monkeypatch):
    # Once more alone, then a failure; the others are as ever.
    monkeypatch.setattr(screening, "work", die_or_sleep)
    made = []

    def pool():
        made.append(WorkerPool(2))
        return made[-1]

    with open_store(tmp_path / "c.db") as store:
        found = list(
            screen(
                rows_of(("CCN", "a"), ("CO", "killer"), ("CCO", "slow"), ("N", "d")),
                quantum_dot("pu2020-red"),
                Settings(level="fast"),
                store=store,
                make_executor=pool,
                workers=2,
            )
        )
    kinds = [getattr(item.results[0], "kind", "ok") for item in found]
    assert kinds == ["ok", "worker_died", "ok", "ok"]
    assert len(made) == 3


def test_no_scheduler_is_one_sentence(tmp_path):
    for address, words in ((f"127.0.0.1:{free_port()}", "No Dask scheduler answers"), ("ftp://x", "ftp://x")):
        with pytest.raises(ClusterError, match=words) as caught:
            es.screen(["C"], qd="CdSe", out=tmp_path / "out", dask=address)
        assert "\n" not in str(caught.value)


class Counted(ThreadPoolExecutor):
    """Counts the rows of each call that judges some."""

    calls = ()

    def submit(self, fn, /):
        if fn.func is working.work_on:
            Counted.calls += (len(fn.args[0]),)
        return super().submit(fn)


def test_stored_rows_go_together_and_a_bug_stays_with_its_own(tmp_path, monkeypatch):
    def work(plan, *arguments):
        if plan.molecule.name == "bug":
            raise RuntimeError("of ours")
        return working.work(plan, *arguments)

    named = [("CO", "a"), ("CCO", "b"), ("CO", "again"), ("CN", "bug"), ("CS", "c"), ("C(F)O", "d")]
    options = {"make_executor": partial(Counted, 1), "workers": 1}
    with open_store(tmp_path / "c.db") as store:
        asked = quantum_dot("pu2020-red"), Settings(level="fast")
        fresh = list(screen(rows_of(*named), *asked, store=store, **options))
        assert set(Counted.calls) == {1}
        Counted.calls = ()
        monkeypatch.setattr(screening, "work", work)
        found = list(screen(rows_of(*named), *asked, store=store, **options))
    # Those of a call that fails go again, one by one.
    assert max(Counted.calls) > 1
    assert sum(Counted.calls) == len(named) + max(Counted.calls)
    assert [item.n_computed for item in found] == [0] * len(named)
    assert [getattr(item.results[0], "kind", "ok") for item in found] == [
        "RuntimeError" if name == "bug" else "ok" for _, name in named
    ]
    for one, two in zip(fresh, found, strict=True):
        assert one.row.entry.name == "bug" or one.results[0].reason == two.results[0].reason


def test_largest_first_within_the_window(tmp_path, monkeypatch):
    started = []

    def note(plan, dot, settings, stored, limits):
        started.append(plan.molecule.n_heavy)
        return working.work(plan, dot, settings, stored, limits)

    monkeypatch.setattr(screening, "work", note)
    named = [("C" * n + "N", f"m{n}") for n in (1, 2, 4, 3, 6, 5)]
    with open_store(tmp_path / "c.db") as store:
        found = list(
            screen(
                rows_of(*named),
                quantum_dot("pu2020-red"),
                Settings(level="fast"),
                store=store,
                make_executor=partial(ThreadPoolExecutor, 1),
                workers=1,
            )
        )
    assert [item.results[0].form.molecule.name for item in found] == [name for _, name in named]
    # The first starts at once, the input may be slow.
    assert started == [2, *sorted(started[1:], reverse=True)]


def test_two_runs_of_one_store_compute_each_piece_once(tmp_path):
    shared = str(tmp_path / "shared.db")
    command = [
        sys.executable,
        "-m",
        "echemscreen",
        "screen",
        "in.smi",
        "--qd",
        "CdSe",
        "--quiet",
        "--workers",
        "1",
    ]
    (tmp_path / "in.smi").write_text("\n".join(f"{text} {text}" for text in SMILES))
    runs = [
        subprocess.Popen([*command, "--store", shared, "--out", name], cwd=tmp_path, stderr=subprocess.PIPE)
        for name in ("a", "b")
    ]
    for run in runs:
        _, complaint = run.communicate(timeout=300)
        assert run.returncode == 0, complaint
    computed = [json.loads((tmp_path / name / "run.json").read_text())["ladders_computed"] for name in "ab"]
    with open_store(shared) as store:
        assert sum(computed) == len(store)
    assert (tmp_path / "a/results.csv").read_text() == (tmp_path / "b/results.csv").read_text()


def busy_for(seconds):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sum(range(1000))


def test_the_time_of_a_molecule_ends_it_and_nothing_after_it():
    with pytest.raises(OutOfTimeError), limited(Limits(time_s=0.2)):
        busy_for(60)
    with limited(Limits(time_s=0.2)):
        pass
    time.sleep(0.4)


def test_the_memory_of_a_molecule_is_limited_and_given_back():
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(MemoryError), limited(Limits(memory_mib=64)):
        bytearray(256 * 1024 * 1024)
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert bytearray(256 * 1024 * 1024)


def test_limits_are_failed_rows(tmp_path):
    outcome = es.screen(
        ["CCCCCCCCCCCCCCCCCC(=O)O"], qd="pu2020-red", out=tmp_path, workers=1, time_limit_s=0.01, figure=False
    )
    assert outcome.failures == {"time_limit": 1}
    assert outcome.exit_status == 0


def test_a_finished_run_is_known_and_a_change_makes_it_run(tmp_path):
    source = tmp_path / "in.smi"
    source.write_text("CCN ethylamine\nC1CC bad\n")
    options = {"qd": "pu2020-red", "out": tmp_path / "out", "workers": 1, "level": "fast", "figure": False}
    first = es.screen(str(source), **options)
    stamp = (tmp_path / "out/results.csv").stat().st_mtime_ns
    again = es.screen(str(source), **options)
    assert (tmp_path / "out/results.csv").stat().st_mtime_ns == stamp
    assert (again.n_computed, again.verdicts, again.failures) == (0, first.verdicts, first.failures)
    es.screen(str(source), **{**options, "p_inert": 0.0001, "replace": True})
    assert (tmp_path / "out/results.csv").stat().st_mtime_ns != stamp
    changed = (tmp_path / "out/results.csv").read_text().replace("ethylamine", "spoiled")
    (tmp_path / "out/results.csv").write_text(changed)
    again = es.screen(str(source), **{**options, "p_inert": 0.0001})
    assert "spoiled" not in set(again.table()["name"])
    source.write_text("CCN ethylamine\nC1CC bad\nCO methanol\n")
    assert es.screen(str(source), **options, replace=True).n_rows == 3


def test_parquet_holds_the_table(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    outcome = es.screen(
        ["CCN", ("X!", "=bad")], qd="CdSe", out=tmp_path, workers=1, parquet=True, figure=False
    )
    table = parquet.read_table(tmp_path / "results.parquet")
    assert table.column_names == list(table_of("results.csv"))
    frame = outcome.table()
    for name, described in table_of("results.csv").items():
        column = table[name].to_pylist()
        if described.kind == "rate":
            # Three digits in the CSV.
            assert [0.0 if v is None else v for v in column] == [
                0.0 if math.isnan(v) else pytest.approx(v, rel=1e-2) for v in frame[name]
            ]
        elif described.is_number:
            # The third digit of the CSV may be the lower one, so that two digits round as the number does.
            assert column == [None if math.isnan(v) else pytest.approx(v, abs=1e-3) for v in frame[name]]
        else:
            assert column == list(frame[name])
    assert not list(tmp_path.glob("*.partial"))


def test_a_full_disk_keeps_what_is_computed(tmp_path):
    (tmp_path / "in.smi").write_text("\n".join(f"{text} {text}" for text in SMILES))
    limit = 200_000

    def full():
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    command = [
        sys.executable,
        "-m",
        "echemscreen",
        "screen",
        "in.smi",
        "--qd",
        "CdSe",
        "--quiet",
        "--workers",
        "1",
    ]
    done = subprocess.run(
        [*command, "--out", "out"], cwd=tmp_path, preexec_fn=full, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert re.search(r"disk|space|too large", done.stderr)
    with open_store(tmp_path / "out/calculations.db") as store:
        kept = len(store)
    assert kept > 0
    outcome = es.screen(str(tmp_path / "in.smi"), qd="CdSe", out=tmp_path / "out", workers=1, figure=False)
    with open_store(tmp_path / "out/calculations.db") as store:
        assert outcome.n_computed == len(store) - kept
