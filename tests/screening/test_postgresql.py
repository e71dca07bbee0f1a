"""The store on a real PostgreSQL server: shared, killed in mid-run, and silent about its password."""

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import postgres_server
import pytest
import sqlalchemy as sa
from gated import HELD, command_behind_a_gate, lines_of, wait_for

import echemscreen as es
from echemscreen.errors import InputError, StoreError
from echemscreen.records.levels import ChargeState, Ladder, Method, SinglePoint
from echemscreen.records.molecules import Geometry, Species
from echemscreen.store import Piece, ladder_to_json, open_store, shown_address

SMILES = ["CCN", "CC(=O)O", "O=[N+]([O-])c1ccccc1", "O=C1C=CC(=O)C=C1", "CS", "CC(C)=O", "CCO", "C#N"]


@pytest.fixture(scope="module")
def server():
    if os.environ.get("ECHEMSCREEN_POSTGRESQL") != "required":
        pytest.importorskip("psycopg2")
        if postgres_server.binaries() is None:
            pytest.skip("no PostgreSQL server is installed")
    made = postgres_server.Server()
    yield made
    made.end()


def point(charge):
    return SinglePoint(
        method=Method(hamiltonian="GFN2-xTB", solvent="acetonitrile", solvation="alpb"),
        charge=charge,
        n_unpaired=abs(charge),
        energy_ev=-137.9123456789012345,
        homo_ev=-0.1 - 0.2,
        lumo_ev=None,
        dipole_debye=(0.0, 1e-300, -0.2),
    )


LADDER = Ladder(
    species=Species(smiles="O", charge=0),
    engine="tblite",
    engine_version="0",
    protocol="p",
    states=(
        ChargeState(
            added_electrons=0,
            charge=0,
            n_unpaired=0,
            vertical=(point(0),),
            relaxed=(point(0),),
            geometry=Geometry(symbols=("O", "H", "H"), positions_ang=np.random.default_rng(0).random((3, 3))),
        ),
    ),
)


def test_a_ladder_comes_back_as_it_was(server):
    url = server.database("lossless")
    with open_store(url) as store:
        store.put("a" * 32, LADDER, name="odd \x00 name \udce4")
        store.put("a" * 32, replace(LADDER, engine="xtb"))
    with open_store(url) as store:
        assert store.keys() == {"a" * 32}
        assert ladder_to_json(store.get("a" * 32)) == ladder_to_json(LADDER)
        assert store.get("b" * 32) is None
        (row,) = store.rows()
        assert row["name"] == "odd  name ?"


def test_writers_at_once_lose_nothing(server):
    url = server.database("writers")
    failed = []

    def write(number):
        try:
            with open_store(url) as store:
                for start in range(0, 60, 10):
                    # Half of the keys are everybody's.
                    store.put_many(
                        [
                            Piece(key=f"{(number if i % 2 else 9):016d}{i:016d}", ladder=LADDER)
                            for i in range(start, start + 10)
                        ]
                    )
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with open_store(url) as store:
        assert len(store) == 30 + 4 * 30
        assert [ladder_to_json(ladder) for ladder in store] == 150 * [ladder_to_json(LADDER)]


def test_a_claim_is_seen_by_others_and_ends_with_its_session(server):
    url = server.database("claims")
    one, two = open_store(url), open_store(url)
    assert one.claim(["a" * 32, "b" * 32])
    assert one.claim(["a" * 32])
    assert not two.claim(["c" * 32, "b" * 32])
    assert open_store(url).claim(["c" * 32])
    one.release(["a" * 32, "b" * 32])
    assert two.claim(["b" * 32])
    assert not two.claim(["a" * 32])
    one.close()
    time.sleep(0.2)
    assert two.claim(["a" * 32])
    two.close()


def test_two_runs_share_a_server_and_compute_each_piece_once(server, tmp_path):
    url = server.database("shared")
    (tmp_path / "in.smi").write_text("\n".join(f"{text} {text}" for text in SMILES))
    command = [sys.executable, "-m", "echemscreen", "screen", "in.smi", "--qd", "CdSe", "--workers", "1"]
    runs = [
        subprocess.Popen(
            [*command, "--store", url, "--out", name],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name in "ab"
    ]
    for run in runs:
        words, _ = run.communicate(timeout=300)
        assert run.returncode == 0, words
        assert "s3cret" not in words
    told = [(tmp_path / name / "run.json").read_text() for name in "ab"]
    assert not any("s3cret" in text for text in told)
    with open_store(url) as store:
        assert sum(json.loads(text)["ladders_computed"] for text in told) == len(store)
    assert (tmp_path / "a/results.csv").read_text() == (tmp_path / "b/results.csv").read_text()
    plain = es.screen(str(tmp_path / "in.smi"), qd="CdSe", out=tmp_path / "c", workers=1)
    assert (tmp_path / "c/results.csv").read_text() == (tmp_path / "a/results.csv").read_text()
    assert plain.n_computed > 0


@pytest.mark.parametrize("comes_back", [True, False])
def test_a_server_that_is_killed_in_mid_run(server, tmp_path, comes_back):
    url = server.database(f"killed_{comes_back}".lower())
    (tmp_path / "in.smi").write_text("\n".join([*(f"{text} {text}" for text in SMILES), HELD]))
    asked = ["screen", "in.smi", "--qd", "CdSe", "--workers", "1", "--store", url, "--out", "out", "--quiet"]
    command = [sys.executable, "-m", "echemscreen", *asked]
    gate = tmp_path / "gate"
    gated = command_behind_a_gate(gate, *asked, patience_s=120 if comes_back else 2)
    run = subprocess.Popen(gated, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    wait_for(lambda: lines_of(tmp_path / "out/results.csv.partial") > 2 and (gate / "holder").exists())
    server.kill()
    if comes_back:
        server.start()
    (gate / "open").touch()
    _, words = run.communicate(timeout=200)
    if not comes_back:
        server.start()
        assert run.returncode == 2, words
        assert words.count("\n") == 1
        assert "Traceback" not in words
        with open_store(url) as store:
            kept = len(store)
        assert kept > 0
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        words = run.stderr
        with open_store(url) as store:
            told = json.loads((tmp_path / "out/run.json").read_text())
            assert told["ladders_computed"] == len(store) - kept
    assert run.returncode == 0, words
    assert "s3cret" not in words
    es.screen(str(tmp_path / "in.smi"), qd="CdSe", out=tmp_path / "whole", workers=1)
    assert (tmp_path / "out/results.csv").read_text() == (tmp_path / "whole/results.csv").read_text()


def test_a_session_that_is_lost_again_and_again_loses_nothing(server, monkeypatch):
    # A server on its way down takes a new session, and ends that too.
    with open_store(server.database("lost")) as store:
        write, ended = store._write, []

        def end_and_write(statement, rows):
            if len(ended) < 2:
                ended.append(rows)
                with store._engine.begin() as connection:
                    connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
            write(statement, rows)

        monkeypatch.setattr(store, "_write", end_and_write)
        assert store.claim(["a" * 32])
        store.put("a" * 32, LADDER)
        assert len(ended) == 2
        store.release(["a" * 32])
        assert store.keys() == {"a" * 32}


@pytest.mark.parametrize(("words", "waits"), [("is in recovery mode", True), ("does not like you", False)])
def test_a_store_is_opened_on_a_server_that_just_recovers(server, monkeypatch, words, waits):
    psycopg2 = pytest.importorskip("psycopg2")
    connect, refused = psycopg2.connect, []

    def recovering(*arguments, **options):
        if len(refused) < 3:
            refused.append(arguments)
            raise psycopg2.OperationalError(f"FATAL:  the database system {words}")
        return connect(*arguments, **options)

    url = server.database(f"recovers_{waits}".lower())
    monkeypatch.setattr(psycopg2, "connect", recovering)
    if not waits:
        with pytest.raises(StoreError, match=words):
            open_store(url)
        return
    with open_store(url) as store:
        assert len(refused) == 3
        assert len(store) == 0


def test_what_cannot_be_opened_is_one_sentence_without_the_password(server):
    url = server.database("there")
    bad = {
        url.replace("s3cret", "wr0ng"): "password authentication failed",
        url.replace("/there", "/absent"): "does not exist",
        url.replace(str(server.port), "1"): "refused",
        url.replace(f":{server.port}", ":port"): "port",
        url.replace("127.0.0.1", "no.such.host.invalid"): "no.such.host.invalid",
    }
    for address, words in bad.items():
        with pytest.raises(StoreError, match=words) as caught:
            open_store(address)
        text = str(caught.value)
        assert "\n" not in text
        assert "s3cret" not in text
        assert "wr0ng" not in text
        assert "p@ss" not in text
        assert "p%40ss" not in text
        assert caught.value.__cause__ is None


def test_addresses_are_shown_without_secrets():
    assert shown_address("postgresql://u:pw@h:1/d") == "postgresql://u:***@h:1/d"
    assert shown_address("postgresql://u@h/d?password=pw&x=1") == "postgresql://u@h/d?password=***&x=1"
    with pytest.raises(InputError, match="store") as caught:
        es.screen(["C"], qd="CdSe", store="mysql://u:pw@h/d")
    assert "pw" not in str(caught.value)
