"""What may go wrong far away: molecules that kill workers of a cluster, slow workers, a lost disk.

Each run is in the middle because an event says so, never because of the speed of the machine; a restart
gives the table of the run that nothing disturbed.
"""

import errno
import os
from functools import partial
from pathlib import Path

import pytest
from dask_cluster import Cluster, start
from gated import lines_of, wait_for
from test_scale import SMILES, cells

import echemscreen as es
from echemscreen.errors import StoreError
from echemscreen.screening import screen as screening
from echemscreen.screening.workers import work as working
from echemscreen.store import open_store
from echemscreen.store.database import Store

KILLER = "CCCO"


@pytest.fixture
def cluster(tmp_path):
    """Two workers whose nannies start them again."""
    pytest.importorskip("distributed")
    made = Cluster(tmp_path)
    options = ("--nworkers", 1, "--nthreads", 1, "--no-dashboard", "--local-directory", tmp_path)
    for _ in range(2):
        made.workers.append(start("dask_worker", made.address, *options, "--death-timeout", 60))
    yield made
    made.end()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    out = tmp_path_factory.mktemp("undisturbed")
    return es.screen(SMILES, qd="pu2020-red", out=out, workers=1, figure=False)


def work_or_die(plan, *arguments):
    if plan.molecule.name == KILLER:
        os._exit(9)
    return working.work(plan, *arguments)


def test_who_kills_every_worker_of_a_cluster_fails_alone(cluster, undisturbed, tmp_path, monkeypatch):
    monkeypatch.setattr(screening, "work", work_or_die)
    smiles = [*SMILES[:4], KILLER, *SMILES[4:]]
    outcome = es.screen(smiles, qd="pu2020-red", out=tmp_path / "out", dask=cluster.address, figure=False)
    assert outcome.failures == {"worker_died": 1}
    assert outcome.exit_status == 0
    table = outcome.table()
    (failed,) = table.index[table["status"] == "failed"]
    assert table["name"][failed] == KILLER
    rest = table.drop(index=failed).astype(str).to_numpy().tolist()
    assert rest == cells(undisturbed)


def wait_for_the_rest(partial_table, plan, *arguments):
    """The last row is done by a worker that is slower than all other rows together."""
    if plan.molecule.name == SMILES[-1]:
        wait_for(lambda: lines_of(partial_table) >= len(SMILES), seconds=200)
    return working.work(plan, *arguments)


def test_a_slow_worker_holds_up_its_own_row_alone(cluster, undisturbed, tmp_path, monkeypatch):
    slow = partial(wait_for_the_rest, tmp_path / "out/results.csv.partial")
    monkeypatch.setattr(screening, "work", slow)
    outcome = es.screen(SMILES, qd="pu2020-red", out=tmp_path / "out", dask=cluster.address, figure=False)
    assert cells(outcome) == cells(undisturbed)


def stale(write, store, *pieces):
    if len(store):
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
    write(store, *pieces)


def gone(write, store, *pieces):
    if len(store):
        Path(store.shown).unlink()
    write(store, *pieces)


@pytest.mark.parametrize("lost", [stale, gone])
def test_a_store_that_is_lost_in_mid_run(lost, undisturbed, tmp_path, monkeypatch):
    options = {"qd": "pu2020-red", "out": tmp_path / "out", "workers": 1, "figure": False}
    store = tmp_path / "share" / "c.db"
    store.parent.mkdir()
    with monkeypatch.context() as patch:
        # One worker has three rows in flight: ten rows cannot be stored at once.
        patch.setattr(screening, "BATCH_PIECES", 1)
        patch.setattr(Store, "_write", partial_method(lost, Store._write))
        with pytest.raises(StoreError) as caught:
            es.screen(SMILES, store=str(store), **options)
        assert str(store) in str(caught.value)
        assert "\n" not in str(caught.value)
    with open_store(str(store)) as opened:
        kept = len(opened)
    outcome = es.screen(SMILES, store=str(store), **options)
    assert cells(outcome) == cells(undisturbed)
    with open_store(str(store)) as opened:
        assert outcome.n_computed == len(opened) - kept
    assert (kept > 0) == (lost is stale)


def partial_method(function, write):
    def method(store, *pieces):
        function(write, store, *pieces)

    return method
