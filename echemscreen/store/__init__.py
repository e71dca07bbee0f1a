"""What was computed, kept in an ASE database: an SQLite file, or a PostgreSQL server for many machines.

One row per piece of a charge-state ladder. Its ``task_id``, a hash of what was asked, stands in the
row's ``unique_id``; the whole piece is JSON in the row's ``data``; atoms and energy are the
parent's, so that ``ase db calculations.db`` shows something useful. One process of a run writes;
several runs may share a store: a piece is there once, and a run can tell the others what it computes.
"""

from __future__ import annotations

from pathlib import Path

from echemscreen.errors import StoreError
from echemscreen.store.base import Document, Piece, Store, shown_address, task_id
from echemscreen.store.ladder_json import ladder_from_json, ladder_to_json

__all__ = [
    "Document",
    "Piece",
    "Store",
    "is_server",
    "ladder_from_json",
    "ladder_to_json",
    "open_store",
    "shown_address",
    "task_id",
]

_SCHEMES = ("postgresql://", "postgres://")


def open_store(where: str | Path) -> Store:
    """Open a store: the path of an SQLite file, made if it is not there, or ``postgresql://...``.

    Raises
    ------
    StoreError
        if it cannot be opened.
    MissingPackageError
        if the driver of PostgreSQL is not installed.
    """
    if is_server(where):
        # Its driver is an extra: loaded only when it is asked for.
        from echemscreen.store.postgresql import PostgresqlStore  # noqa: PLC0415

        return PostgresqlStore(str(where))
    if "://" in str(where):
        scheme = str(where).partition("://")[0]
        raise StoreError(
            f"A store cannot be opened at {scheme}://.", "Name an SQLite file or postgresql://USER@HOST/NAME."
        )
    from echemscreen.store.sqlite import SqliteStore  # noqa: PLC0415

    return SqliteStore(Path(where))


def is_server(where: str | Path) -> bool:
    """Whether the address is that of a PostgreSQL server."""
    return str(where).startswith(_SCHEMES)
