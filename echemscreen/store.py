"""What was computed, kept in an ASE database.

One row per piece of a charge-state ladder. Its ``task_id``, a hash of what was asked, stands in the
row's ``unique_id``; the whole piece is JSON in the row's ``data``; atoms and energy are the
parent's, so that ``ase db calculations.db`` shows something useful. One process writes. ASE's own
lock file is not used: it would outlive a killed process and block the next one for ever; SQLite
locks by itself.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
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

from echemscreen.errors import StoreError
from echemscreen.records import ChargeState, Geometry, Ladder, Method, SinglePoint, Species

#: Raised when the JSON form changes.
SCHEMA_VERSION = 1


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
            _discard_unfinished(path)
            self._db = connect(str(path), type="db", use_lock_file=False)
            # The context holds one connection and closes it; ASE leaves it open otherwise.
            with self._db:
                rows = self._db.select(include_data=False)
                self._known: dict[str, int] = {row.unique_id: row.id for row in rows}

    def get(self, key: str) -> Ladder | None:
        """The stored piece of a ``task_id``, or ``None``."""
        if key not in self._known:
            return None
        with self._translated(), self._db:
            row = self._db.get(id=self._known[key])
        return ladder_from_json(row.data["ladder"])

    def put(self, key: str, ladder: Ladder, *, inchikey: str = "", name: str = "") -> None:
        """Store a piece; a key that is there already keeps its first value.

        Raises
        ------
        StoreError
            if the database is locked, full, read-only or damaged.
        """
        if key in self._known:
            return
        row = AtomsRow(_atoms(ladder))
        row.unique_id, row.ctime, row.user = key, now(), ""
        pairs = {
            "species": ladder.species.smiles,
            "engine": ladder.engine,
            "protocol": ladder.protocol,
            "inchikey": inchikey or "unknown",
        }
        with self._translated(), self._db:
            number = self._db.write(
                row, key_value_pairs=pairs, data={"ladder": ladder_to_json(ladder), "name": name}
            )
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


def _discard_unfinished(path: Path) -> None:
    """Remove a file that a killed process or a full disk left before its first row.

    ASE cannot open a database whose tables were made but whose version was not yet written; there
    is nothing in it to be lost.
    """
    if not path.is_file() or path.stat().st_size == 0:
        return
    connection = sqlite3.connect(path)
    try:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")}
        if "information" not in tables or "systems" not in tables:
            unfinished = tables <= {"systems", "sqlite_sequence"} and bool(tables)
        else:
            (versions,) = connection.execute(
                "SELECT COUNT(*) FROM information WHERE name='version'"
            ).fetchone()
            unfinished = versions == 0
        if unfinished and "systems" in tables:
            (rows,) = connection.execute("SELECT COUNT(*) FROM systems").fetchone()
            if rows:
                raise StoreError(
                    f"The store {path} has {rows} rows but is no longer an ASE database.",
                    "Restore it from a copy, or name another --store.",
                )
    finally:
        connection.close()
    if unfinished:
        path.unlink()


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
