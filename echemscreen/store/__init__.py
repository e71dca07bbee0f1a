"""What was computed, kept in one table: an SQLite file, or a PostgreSQL server for many machines.

One row per piece of a charge-state ladder, under its ``task_id``, a hash of what was asked; the whole piece
is JSON. One process of a run writes; several runs may share a store: a piece is there once, and a run can
tell the others what it computes. ``echemscreen store export`` writes a database for ASE.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from echemscreen.errors import StoreError
from echemscreen.store.address import is_server, shown_address
from echemscreen.store.ladder_json import ladder_from_json, ladder_to_json
from echemscreen.store.pieces import Document, Piece, finished_row, task_id

if TYPE_CHECKING:
    from echemscreen.store.database import Store

__all__ = [
    "Document",
    "Piece",
    "finished_row",
    "is_server",
    "ladder_from_json",
    "ladder_to_json",
    "open_store",
    "shown_address",
    "task_id",
]


def open_store(where: str | Path) -> Store:
    """Open a store: the path of an SQLite file, made if it is not there, or ``postgresql://...``.

    Raises
    ------
    StoreError
        if it cannot be opened.
    MissingPackageError
        if the driver of PostgreSQL is not installed.
    """
    if "://" in str(where) and not is_server(where):
        scheme = str(where).partition("://")[0]
        raise StoreError(
            f"A store cannot be opened at {scheme}://.", "Name an SQLite file or postgresql://USER@HOST/NAME."
        )
    # SQLAlchemy is loaded where something is computed, not where an address is read.
    from echemscreen.store.database import Store  # noqa: PLC0415

    return Store(where)
