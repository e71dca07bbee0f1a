"""Workers that start before they are needed: what they cost, and what goes wrong with them."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys

import pytest

import echemscreen as es
from echemscreen.campaign.screening import ScreenCampaign
from echemscreen.engines import THREAD_VARIABLES
from echemscreen.options.runs import ListOptions
from echemscreen.screening.workers.executors import Pools
from echemscreen.screening.workers.starting import start_ahead, workers_of

QD = "CdSe:3.0/CdS:3.5"
#: Of a worker that does not end.
LONG_S = 120


@pytest.fixture
def started():
    """Worker processes that a test has started, asked for by a call."""
    before = set(multiprocessing.active_children())
    return lambda: [child for child in multiprocessing.active_children() if child not in before]


def loaded_by(code):
    """The libraries that a fresh Python holds after some code."""
    code = f"import sys\n{code}\nprint(*sorted({{name.split('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def modules_here(_):
    """The libraries that this worker holds."""
    return {name.split(".")[0] for name in sys.modules}


def test_what_starts_workers_loads_no_chemistry():
    loaded = loaded_by("import echemscreen.screening.workers.starting")
    assert "echemscreen" in loaded
    assert not loaded & {"numpy", "rdkit", "ase", "tblite", "pymatgen", "pydantic"}


def test_a_screen_loads_no_drawing_before_its_rows_are_written():
    loaded = loaded_by("import echemscreen.campaign.screening, echemscreen.views.tables.table")
    assert "rdkit" in loaded
    assert not loaded & {"matplotlib", "pandas", "sklearn", "jinja2"}


def test_a_worker_loads_what_a_row_needs_and_no_drawing():
    with Pools(1, "tblite") as pools:
        pools.start()
        pool = pools()
        loaded = pool.submit(modules_here, None).result()
        pool.shutdown(cancel_futures=True)
    assert {"rdkit", "tblite", "scipy"} <= loaded
    assert not loaded & {"matplotlib", "jinja2", "pandas", "sklearn"}


def test_the_pool_that_was_started_is_handed_out_once(started):
    with Pools(1, "tblite") as pools:
        pools.start()
        (first,) = started()
        pools.start()
        assert started() == [first]
        ahead, other = pools(), pools()
        assert ahead is not other
        assert ahead.submit(os.getpid).result() == first.pid
        ahead.shutdown(cancel_futures=True)
        other.shutdown(cancel_futures=True)


def test_workers_that_nobody_asked_for_end(started):
    with Pools(2, "tblite", ahead=2) as pools:
        pools.start()
        workers = started()
        assert len(workers) == 2
    assert all(worker.exitcode is not None for worker in workers)


def test_an_engine_that_cannot_be_loaded_leaves_the_workers_to_the_rows():
    with Pools(1, "nonsense") as pools:
        pools.start()
        pool = pools()
        assert pool.submit(abs, -2).result() == 2
        assert not pool._futures
        pool.shutdown(cancel_futures=True)


def test_a_worker_that_dies_before_the_first_row_costs_none(tmp_path, started):
    campaign = ScreenCampaign.validated(
        input="two", qd=QD, level="fast", out=tmp_path / "out", figure=False, workers=1
    )
    _, rows = ScreenCampaign.over(["CN", "CO"], QD)
    pools = Pools(1, "tblite")
    pools.start()
    (worker,) = started()
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(LONG_S)
    outcome = campaign.run(rows=rows, workers=pools)
    assert outcome.n_rows == 2
    assert not outcome.failures


def test_a_finished_screen_starts_no_worker(tmp_path, monkeypatch):
    source = tmp_path / "one.smi"
    source.write_text("CN methylamine\n")
    options = {"qd": QD, "level": "fast", "out": tmp_path / "out", "figure": False, "workers": 1}
    first = es.screen(str(source), **options)
    assert first.n_computed

    def refuse(_):
        raise AssertionError("a worker was started")

    monkeypatch.setattr(Pools, "start", refuse)
    assert es.screen(str(source), **options).n_computed == 0
    # Another level is another screen.
    with pytest.raises(AssertionError, match="was started"):
        es.screen(str(source), **(options | {"level": "full", "replace": True}))


def test_no_more_workers_start_ahead_than_there_are_rows(tmp_path):
    short = tmp_path / "short.smi"
    asked = {"kind": "screen", "qd": QD, "workers": 5}
    for text, lines in (("CN a\n\nCO b\n", 2), ("CN\n" * 9, 5)):
        short.write_text(text)
        pools = workers_of(ListOptions(input=str(short), **asked))
        assert (pools.workers, pools.ahead) == (lines, lines)
    for unknown in ("-", "library:all", str(tmp_path / "absent.smi"), "x" * 5000 + ".smi"):
        pools = workers_of(ListOptions(input=unknown, **asked))
        assert (pools.workers, pools.ahead) == (5, 1)


def test_a_folder_with_results_may_be_finished(tmp_path, started):
    with Pools(1, "tblite") as pools:
        (tmp_path / "run.json").write_text(json.dumps({}))
        start_ahead(pools, tmp_path)
        assert started() == []
        start_ahead(pools, tmp_path / "new")
        assert len(started()) == 1


def test_what_is_loaded_is_collected_no_more_and_the_rest_is():
    code = (
        "import gc\nfrom echemscreen.screening.workers.executors import uncollected\n"
        "before = gc.get_freeze_count()\n"
        "with uncollected():\n    assert not gc.isenabled()\n    kept = [[] for _ in range(100)]\n"
        "assert gc.isenabled() and gc.get_freeze_count() >= before + 100"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_worker_that_was_not_started_by_us_has_one_thread_before_its_engine_is_loaded():
    code = (
        "import os, sys\nimport echemscreen.engines\n"
        "assert 'tblite' not in sys.modules\n"
        "found = [os.environ.get(name) for name in echemscreen.engines.THREAD_VARIABLES]\n"
        "import echemscreen.screening.workers.work\n"
        "assert 'tblite' in sys.modules\nprint(*found)"
    )
    environment = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.split() == ["1"] * len(THREAD_VARIABLES)
