"""What was computed, kept in an ASE database.

One row per piece of a charge-state ladder. Its ``task_id``, a hash of what was asked, stands in the
row's ``unique_id``; the whole piece is JSON in the row's ``data``; atoms and energy are the
parent's, so that ``ase db calculations.db`` shows something useful. One process of a run writes;
two runs may share a store. ASE's own lock file is not used: it would outlive a killed process and
block the next one for ever; SQLite locks by itself.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db import connect
from ase.db.core import now
from ase.db.row import AtomsRow
from ase.db.sqlite import VERSION, all_tables, index_statements, init_statements

from echemscreen.errors import StoreError
from echemscreen.records import ChargeState, Geometry, Ladder, Method, SinglePoint, Species

#: Raised when the JSON form changes.
SCHEMA_VERSION = 1

#: Seconds to wait for another process's write, as long as ASE waits.
LOCK_TIMEOUT_S = 20.0

#: ``task_id`` and row number of our rows; a user's own rows of the same database are left alone.
_OUR_ROWS = """
    SELECT systems.unique_id, systems.id FROM systems
    JOIN text_key_values ON text_key_values.id = systems.id
    WHERE text_key_values.key = 'protocol'
"""


def task_id(species: Species, *, engine: str, protocol: str) -> str:
    """The identity of a piece of work: 32 hexadecimal digits of a hash of what is asked.

    It is known before anything is embedded. Structure names and InChIKeys are no part of it: the
    InChIKey merges tautomers.
    """
    asked = {
        "schema": SCHEMA_VERSION,
        "smiles": species.smiles,
        "charge": species.charge,
        "n_unpaired": species.n_unpaired,
        "engine": engine,
        "protocol": protocol,
    }
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class Store:
    """Ladders by ``task_id`` in an SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        if path.is_dir():
            raise StoreError(f"The store {path} is a directory.", "Name a file.")
        with self._translated():
            _make_tables(path)
            self._db = connect(str(path), type="db", use_lock_file=False)
            self._known = self._stored()

    def get(self, key: str) -> Ladder | None:
        """The stored piece of a ``task_id``, or ``None``."""
        if key not in self._known:
            return None
        with self._translated(), self._db:
            row = self._db.get(id=self._known[key])
        return ladder_from_json(row.data["ladder"]) if "ladder" in row.data else None

    def get_document(self, key: str) -> dict[str, Any] | None:
        """The stored numbers of a ``task_id``, or ``None``."""
        if key not in self._known:
            return None
        with self._translated(), self._db:
            row = self._db.get(id=self._known[key])
        found: dict[str, Any] | None = row.data.get("document")
        return found

    def put_document(
        self, key: str, document: dict[str, Any], geometry: Geometry, *, species: Species, protocol: str
    ) -> None:
        """Store plain JSON values beside the geometry that they belong to.

        Raises
        ------
        StoreError
            if the database is locked, full, read-only or damaged.
        """
        atoms = Atoms(geometry.symbols, np.array(geometry.positions_ang))
        pairs = {"species": species.smiles, "protocol": protocol}
        self._write(key, atoms, pairs, {"document": document})

    def put(self, key: str, ladder: Ladder, *, inchikey: str = "", name: str = "") -> None:
        """Store a piece; a key that is there already keeps its first value.

        Raises
        ------
        StoreError
            if the database is locked, full, read-only or damaged.
        """
        pairs = {
            "species": ladder.species.smiles,
            "engine": ladder.engine,
            "protocol": ladder.protocol,
            "inchikey": inchikey or "unknown",
        }
        if key not in self._known:
            self._write(key, _atoms(ladder), pairs, {"ladder": ladder_to_json(ladder), "name": name})

    def _write(self, key: str, atoms: Atoms, pairs: dict[str, str], data: dict[str, Any]) -> None:
        if key in self._known:
            return
        row = AtomsRow(atoms)
        row.unique_id, row.ctime, row.user = key, now(), ""
        with self._translated():
            try:
                # The context holds one connection and closes it; ASE leaves it open otherwise.
                with self._db:
                    number = self._db.write(row, key_value_pairs=pairs, data=data)
            except sqlite3.IntegrityError:
                # Another run of the same store was faster; ``unique_id`` is unique.
                self._known = self._stored()
                if key not in self._known:
                    raise
            else:
                self._known[key] = number

    def keys(self) -> frozenset[str]:
        """Every ``task_id`` that is stored."""
        return frozenset(self._known)

    def __iter__(self) -> Iterator[Ladder]:
        for key in self._known:
            ladder = self.get(key)
            if ladder is not None:
                yield ladder

    def __len__(self) -> int:
        return len(self._known)

    def close(self) -> None:
        """Nothing is kept open between calls; provided for symmetry with other stores."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _stored(self) -> dict[str, int]:
        with closing(sqlite3.connect(self._path, timeout=LOCK_TIMEOUT_S)) as connection:
            return dict(connection.execute(_OUR_ROWS).fetchall())

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the database's errors into ours."""
        try:
            yield
        except sqlite3.OperationalError as error:
            words = str(error)
            if "locked" in words:
                remedy = "Another program holds it; wait for it or name another --store."
            elif "full" in words or "disk I/O" in words:
                remedy = "The disk is full or failing: free some space and run the same command again."
            elif "readonly" in words or "unable to open" in words:
                remedy = "Name a --store in a folder that you may write to."
            else:
                remedy = "Name another --store."
            raise StoreError(f"The store {self._path} cannot be used: {words}.", remedy) from error
        except sqlite3.DatabaseError as error:
            raise StoreError(
                f"The store {self._path} is no ASE database or is damaged: {error}.",
                "Name another --store, or move the file away.",
            ) from error


def open_store(path: str | Path) -> Store:
    """Open a store, making the file if it is not there.

    Raises
    ------
    StoreError
        if it cannot be opened.
    """
    return Store(Path(path))


def _make_tables(path: Path) -> None:
    """Make ASE's tables in one transaction, so that no process ever sees half of them.

    ASE makes them one by one: two runs that open a new store together then trip over each other,
    and a run killed in between leaves a file that ASE cannot open. Such a file has no rows, so
    nothing is lost when its tables are made anew.
    """
    connection = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, isolation_level=None)
    with closing(connection):
        if _is_complete(connection, path):
            return
        connection.execute("BEGIN IMMEDIATE")
        # Another process may have made them while this one waited for the lock.
        if not _is_complete(connection, path):
            for table in (*reversed(all_tables), "information"):
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in (*init_statements, *index_statements):
                connection.execute(statement)
        connection.execute("COMMIT")


def _is_complete(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the database has all that ASE needs.

    Raises
    ------
    StoreError
        if it holds something else, which must not be touched.
    """
    tables = {
        name
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
        if not name.startswith("sqlite_")
    }
    if tables and "systems" not in tables:
        raise StoreError(f"The store {path} is the database of another program.", "Name another --store.")
    versions = []
    if "information" in tables:
        versions = connection.execute("SELECT value FROM information WHERE name='version'").fetchall()
    if versions:
        if int(versions[0][0]) > VERSION:
            raise StoreError(
                f"The store {path} was written by a newer ASE.", "Update ASE, or name another --store."
            )
        return True
    if "systems" in tables:
        (rows,) = connection.execute("SELECT COUNT(*) FROM systems").fetchone()
        if rows:
            raise StoreError(
                f"The store {path} has {rows} rows but is no longer an ASE database.",
                "Restore it from a copy, or name another --store.",
            )
    return False


def _atoms(ladder: Ladder) -> Atoms:
    state = next((item for item in ladder.states if item.geometry is not None), None)
    if state is None or state.geometry is None:
        raise StoreError(f"The ladder of {ladder.species.smiles} has no geometry to be stored.")
    atoms = Atoms(state.geometry.symbols, np.array(state.geometry.positions_ang))
    if state.relaxed:
        atoms.calc = SinglePointCalculator(atoms, energy=state.relaxed[0].energy_ev)
    return atoms


def ladder_to_json(ladder: Ladder) -> dict[str, Any]:
    """A ladder as plain JSON values, without loss."""
    plain = asdict(ladder)
    for state in plain["states"]:
        geometry = state["geometry"]
        if geometry is not None:
            geometry["positions_ang"] = np.asarray(geometry["positions_ang"]).tolist()
    return plain


def ladder_from_json(plain: dict[str, Any]) -> Ladder:
    """The inverse of :func:`ladder_to_json`."""
    return Ladder(
        **{
            **plain,
            "species": Species(**plain["species"]),
            "states": tuple(_state(item) for item in plain["states"]),
            "warnings": tuple(plain["warnings"]),
        }
    )


def _state(plain: dict[str, Any]) -> ChargeState:
    geometry = plain["geometry"]
    return ChargeState(
        **{
            **plain,
            "vertical": tuple(_point(item) for item in plain["vertical"]),
            "relaxed": tuple(_point(item) for item in plain["relaxed"]),
            "changed_bonds": tuple(plain["changed_bonds"]),
            "geometry": None
            if geometry is None
            else Geometry(
                symbols=tuple(geometry["symbols"]),
                positions_ang=np.array(geometry["positions_ang"]),
                site_atoms=tuple(geometry["site_atoms"]),
            ),
        }
    )


def _point(plain: dict[str, Any]) -> SinglePoint:
    dipole = plain["dipole_debye"]
    return SinglePoint(
        **{
            **plain,
            "method": Method(**plain["method"]),
            "dipole_debye": None if dipole is None else tuple(dipole),
            "atomic_charges": tuple(plain["atomic_charges"]),
            "retries": tuple(plain["retries"]),
        }
    )
