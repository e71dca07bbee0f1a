"""Databases of ASE: what others read of a store, and what version 0.1 kept its pieces in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

import ase.db
import numpy as np
from ase import Atoms
from ase.calculators.singlepoint import SinglePointCalculator
from ase.db.row import AtomsRow

from echemscreen.errors import MissingPackageError, StoreError
from echemscreen.records.molecules import Geometry, Species
from echemscreen.store.address import is_server, shown_address
from echemscreen.store.database import ASE_TABLE, Store
from echemscreen.store.ladder_json import geometry_from_json, ladder_from_json
from echemscreen.store.pieces import Document, Piece

_ROWS_PER_WRITE = 500


def export_to_ase(store: Store, path: Path) -> int:
    """Write the parents of all ladders, and the geometries of documents, into a new ASE database.

    The atoms carry the parent's energy in eV; ``species``, ``engine``, ``protocol`` and ``inchikey`` are keys
    to select by; everything else is in the row's ``data``. Returns the number of rows.

    Raises
    ------
    StoreError
        if the file exists or cannot be written.
    """
    written = 0
    rows = store.rows()
    try:
        if path.exists():
            raise StoreError(f"The file {path} exists.", "Name a new one.")
        with ase.db.connect(str(path), type="db", use_lock_file=False) as database:
            while portion := list(islice(rows, _ROWS_PER_WRITE)):
                for row in portion:
                    content = json.loads(row["content"])
                    keys = {name: row[name] for name in ("species", "engine", "protocol", "inchikey")}
                    database.write(
                        _atoms(row["kind"], content),
                        key_value_pairs={name: value for name, value in keys.items() if value},
                        data={row["kind"]: content, "name": row["name"], "task_id": row["task_id"]},
                    )
                written += len(portion)
    except (OSError, sqlite3.Error) as error:
        words = getattr(error, "strerror", None) or error
        raise StoreError(f"The file {path} cannot be written: {words}.", "Name another file.") from error
    return written


def convert_from_ase(old: str | Path, store: Store) -> int:
    """Copy the pieces that version 0.1 kept in an ASE database; the number of those that were there.

    Rows of others in the same database are left alone. What the store has already keeps its value.

    Raises
    ------
    StoreError
        if the old database cannot be read.
    MissingPackageError
        if it is on a server and ASE's package for servers is not installed.
    """
    refuse_others(old)
    copied = 0
    pieces = _old_pieces(old)
    while portion := list(islice(pieces, _ROWS_PER_WRITE)):
        store.put_many(portion)
        copied += len(portion)
    return copied


def refuse_others(old: str | Path) -> None:
    """Refuse a file that is no store of version 0.1: ASE would make its tables in whatever it opens.

    Raises
    ------
    StoreError
        if it is none.
    """
    if is_server(old):
        return
    path = Path(old)
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{path} cannot be read: {error}.", "Name a store of version 0.1.") from error
    if ASE_TABLE not in tables:
        raise StoreError(f"{path} is no store of version 0.1.", "Name such a database.")


def _old_pieces(old: str | Path) -> Iterator[Piece | Document]:
    shown = shown_address(str(old))
    try:
        with ase.db.connect(str(old), use_lock_file=False) as database:
            for row in database.select("protocol"):
                yield from _old_piece(row)
    except ImportError as error:
        raise MissingPackageError(
            f"To read {shown} the package '{error.name}' is needed.",
            "Install it: pip install ase-db-backends.",
        ) from error
    except (OSError, sqlite3.Error, KeyError, TypeError, AssertionError) as error:
        raise StoreError(
            f"{shown} cannot be read as a store of version 0.1: {error}.", "Name such a database."
        ) from error


def _old_piece(row: AtomsRow) -> Iterator[Piece | Document]:
    data = row.data
    if "ladder" in data:
        inchikey = row.get("inchikey", "")
        yield Piece(
            key=row.unique_id,
            ladder=ladder_from_json(data["ladder"]),
            inchikey="" if inchikey == "unknown" else inchikey,
            name=data.get("name", ""),
        )
    elif "document" in data:
        yield Document(
            key=row.unique_id,
            document=data["document"],
            geometry=Geometry(symbols=tuple(row.symbols), positions_ang=row.positions),
            species=Species(smiles=row.species, charge=0),
            protocol=row.protocol,
        )


def _atoms(kind: str, content: dict[str, Any]) -> Atoms:
    if kind == "document":
        return _drawn(geometry_from_json(content["geometry"]))
    ladder = ladder_from_json(content)
    state = next((item for item in ladder.states if item.geometry is not None), None)
    if state is None or state.geometry is None:
        return Atoms()
    atoms = _drawn(state.geometry)
    if state.relaxed:
        atoms.calc = SinglePointCalculator(atoms, energy=state.relaxed[0].energy_ev)
    return atoms


def _drawn(geometry: Geometry) -> Atoms:
    return Atoms(geometry.symbols, np.array(geometry.positions_ang))
