"""The store: lossless, exported for ASE, and clear when the file cannot be used."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import ase.db
import numpy as np
import pytest
from ase import Atoms
from ase.db.row import AtomsRow

from echemscreen.errors import StoreError
from echemscreen.records.levels import ChargeState, Ladder, Method, SinglePoint
from echemscreen.records.molecules import Geometry, Species
from echemscreen.store import ladder_from_json, ladder_to_json, open_store, task_id
from echemscreen.store.ase_database import convert_from_ase, export_to_ase

GFN2 = Method(hamiltonian="GFN2-xTB", solvent="acetonitrile", solvation="alpb")


def point(charge, energy_ev):
    return SinglePoint(
        method=GFN2,
        charge=charge,
        n_unpaired=abs(charge),
        energy_ev=energy_ev,
        homo_ev=-10.123456789012345,
        lumo_ev=None,
        dipole_debye=(0.0, 0.1, -0.2),
        atomic_charges=(-0.5, 0.25, 0.25),
        retries=("damped",),
    )


@pytest.fixture
def ladder():
    geometry = Geometry(
        symbols=("O", "H", "H"),
        positions_ang=np.array(
            [[0.0, 0.0, 0.119262], [0.0, 0.763239, -0.477047], [0.0, -0.763239, -0.477047]]
        ),
        site_atoms=(1,),
    )
    states = (
        ChargeState(
            added_electrons=0,
            charge=0,
            n_unpaired=0,
            vertical=(point(0, -137.9),),
            relaxed=(point(0, -137.9),),
            geometry=geometry,
            intact=True,
        ),
        ChargeState(added_electrons=-1, charge=1, n_unpaired=1, vertical=(point(1, -120.1),)),
    )
    return Ladder(
        species=Species(smiles="O", charge=0),
        engine="tblite",
        engine_version="0",
        protocol="p",
        states=states,
    )


def test_round_trip_is_lossless(tmp_path, ladder):
    key = task_id(ladder.species, engine="tblite", protocol="p")
    with open_store(tmp_path / "c.db") as store:
        store.put(key, ladder, inchikey="XLYOFNOQVPJJNP-UHFFFAOYSA-N", name="=cmd|' /C'!A0 \"<b>\"")
        assert ladder_to_json(store.get(key)) == ladder_to_json(ladder)
    with open_store(tmp_path / "c.db") as store:
        assert ladder_to_json(store.get(key)) == ladder_to_json(ladder)
        assert store.keys() == {key}
        assert store.get("0" * 32) is None


def test_ase_opens_what_is_exported(tmp_path, ladder):
    with open_store(tmp_path / "c.db") as store:
        store.put("a" * 32, ladder, inchikey="K")
        store.put_document(
            "b" * 32, {"x": 1}, ladder.states[0].geometry, species=ladder.species, protocol="p"
        )
        assert export_to_ase(store, tmp_path / "ase.db") == 2
        with pytest.raises(StoreError, match=r"ase\.db exists"):
            export_to_ase(store, tmp_path / "ase.db")
        with pytest.raises(StoreError, match="cannot be written"):
            export_to_ase(store, tmp_path / "nowhere" / "ase.db")
    with ase.db.connect(tmp_path / "ase.db") as database:
        first, second = database.select(species="O")
    assert (first.formula, first.energy, first.inchikey) == ("H2O", -137.9, "K")
    assert ladder_to_json(ladder_from_json(first.data["ladder"])) == ladder_to_json(ladder)
    assert second.data["document"]["document"] == {"x": 1}
    assert second.positions == pytest.approx(ladder.states[0].geometry.positions_ang, abs=0)


def ase_store(path, ladder):
    """A store as version 0.1 wrote it: a ladder, numbers, and a row of somebody else."""
    atoms = Atoms(ladder.states[0].geometry.symbols, np.array(ladder.states[0].geometry.positions_ang))
    ladder_keys = {"species": "O", "engine": "tblite", "protocol": "p", "inchikey": "unknown"}
    document_keys = {"species": "O", "protocol": "numbers v1"}
    with ase.db.connect(path) as database:
        database.write(Atoms("H2"))
        for key, pairs, data in (
            ("a" * 32, ladder_keys, {"ladder": ladder_to_json(ladder), "name": "water"}),
            ("b" * 32, document_keys, {"document": {"x": 1}}),
        ):
            row = AtomsRow(atoms)
            row.unique_id, row.ctime, row.user = key, 0.0, ""
            database.write(row, key_value_pairs=pairs, data=data)


def test_a_store_of_version_0_1_is_converted_and_never_written(tmp_path, ladder):
    old = tmp_path / "old.db"
    ase_store(old, ladder)
    before = old.read_bytes()
    with pytest.raises(StoreError, match=r"database of ASE.*echemscreen store convert .*old.db NEW"):
        open_store(old)
    with open_store(tmp_path / "new.db") as store:
        assert convert_from_ase(old, store) == 2
        assert convert_from_ase(old, store) == 2
        assert store.keys() == {"a" * 32, "b" * 32}
        assert ladder_to_json(store.get("a" * 32)) == ladder_to_json(ladder)
        assert store.get_document("b" * 32) == {"x": 1}
        (row, _) = store.rows()
        assert (row["name"], row["inchikey"]) == ("water", "")
        for other, words in (
            (tmp_path / "new.db", "no store of version 0.1"),
            (tmp_path / "x", "cannot be read"),
        ):
            with pytest.raises(StoreError, match=words):
                convert_from_ase(other, store)
    assert old.read_bytes() == before


def test_a_key_is_stored_once(tmp_path, ladder):
    with open_store(tmp_path / "c.db") as store:
        store.put("a" * 32, ladder)
        store.put("a" * 32, ladder)
        assert len(store) == 1
        assert len(list(store)) == 1


def test_the_task_id_is_what_was_asked_and_nothing_else():
    species = Species(smiles="CCO", charge=0)
    key = task_id(species, engine="tblite", protocol="p")
    assert len(key) == 32
    assert key == task_id(Species(smiles="CCO", charge=0), engine="tblite", protocol="p")
    others = [
        task_id(Species(smiles="OCC", charge=0), engine="tblite", protocol="p"),
        task_id(Species(smiles="CCO", charge=1, n_unpaired=1), engine="tblite", protocol="p"),
        task_id(species, engine="xtb", protocol="p"),
        task_id(species, engine="tblite", protocol="q"),
    ]
    assert len({key, *others}) == 5


def test_the_data_is_plain_json(tmp_path, ladder):
    assert json.loads(json.dumps(ladder_to_json(ladder))) == json.loads(json.dumps(ladder_to_json(ladder)))
    with open_store(tmp_path / "c.db") as store:
        store.put("a" * 32, ladder)
    assert b"pickle" not in (tmp_path / "c.db").read_bytes()


def test_a_locked_store_is_one_sentence(tmp_path, ladder):
    with open_store(tmp_path / "c.db") as store:
        store.put("a" * 32, ladder)
        other = sqlite3.connect(tmp_path / "c.db", timeout=0.1)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreError, match=r"locked.*Another program holds it"):
            store.put("b" * 32, ladder)
        other.rollback()
        other.close()
        store.put("b" * 32, ladder)
        assert len(store) == 2


def test_a_file_that_is_no_database(tmp_path):
    (tmp_path / "c.db").write_bytes(b"this is no database at all, not in the least" * 100)
    with pytest.raises(StoreError, match="no SQLite database or is damaged"):
        open_store(tmp_path / "c.db")


def test_a_directory_and_a_missing_folder(tmp_path):
    with pytest.raises(StoreError, match="is a directory"):
        open_store(tmp_path)
    with pytest.raises(StoreError, match=r"cannot be used|unable to open"):
        open_store(tmp_path / "missing" / "c.db")


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from echemscreen.errors import StoreError
from echemscreen.store import ladder_from_json, open_store
import json
ladder = ladder_from_json(json.loads(Path(sys.argv[2]).read_text()))
store = open_store(sys.argv[1])
store.put("a" * 32, ladder)
# No file may grow any more: what a full disk does to the database.
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    for index in range(200):
        store.put(f"{index:032x}", ladder)
except StoreError as error:
    print("StoreError", error)
"""


def test_a_full_disk_is_one_sentence_and_keeps_what_is_stored(tmp_path, ladder):
    (tmp_path / "ladder.json").write_text(json.dumps(ladder_to_json(ladder)))
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path / "c.db"), str(tmp_path / "ladder.json")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("StoreError The store")
    with open_store(tmp_path / "c.db") as store:
        assert store.get("a" * 32) is not None


def test_two_runs_may_put_the_same_key(tmp_path, ladder):
    with open_store(tmp_path / "c.db") as first, open_store(tmp_path / "c.db") as second:
        first.put("a" * 32, ladder)
        second.put("a" * 32, ladder)
        second.put("b" * 32, ladder)
        assert second.keys() == {"a" * 32, "b" * 32}
        assert ladder_to_json(second.get("a" * 32)) == ladder_to_json(ladder)
    with open_store(tmp_path / "c.db") as store:
        assert len(store) == 2


WRITER = """
import json, sys, time
from pathlib import Path
from echemscreen.store import ladder_from_json, open_store
ladder = ladder_from_json(json.loads(Path(sys.argv[2]).read_text()))
print("ready", flush=True)
sys.stdin.readline()
with open_store(sys.argv[1]) as store:
    for index in range(20):
        store.put(f"{index:032x}", ladder)
"""


def test_runs_that_start_together_share_a_new_store(tmp_path, ladder):
    (tmp_path / "ladder.json").write_text(json.dumps(ladder_to_json(ladder)))
    command = [sys.executable, "-c", WRITER, str(tmp_path / "c.db"), str(tmp_path / "ladder.json")]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    writers = [subprocess.Popen(command, text=True, **pipes) for _ in range(3)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, complaint = writer.communicate(timeout=60)
        assert (writer.returncode, complaint) == (0, "")
    with open_store(tmp_path / "c.db") as store:
        assert len(store) == len(list(store)) == 20


def test_the_database_of_another_program_is_not_touched(tmp_path):
    path = tmp_path / "c.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="database of another program"):
        open_store(path)
    assert path.read_bytes() == before


def test_numbers_are_kept_beside_ladders(tmp_path, ladder):
    geometry = ladder.states[0].geometry
    document = {"triplet_ev": 2.5, "kind": "other", "missing": None}
    with open_store(tmp_path / "a.db") as store:
        store.put("1" * 32, ladder)
        store.put_document("2" * 32, document, geometry, species=ladder.species, protocol="numbers v1")
        store.put_document("2" * 32, {"other": 1}, geometry, species=ladder.species, protocol="numbers v1")
    with open_store(tmp_path / "a.db") as store:
        assert store.get_document("2" * 32) == document
        assert store.get("2" * 32) is None
        assert store.get_document("1" * 32) is None
        assert store.get_document("3" * 32) is None
        assert len(list(store)) == 1
