"""The store in an SQLite file.

ASE's own lock file is not used: it would outlive a killed process and block the next one for ever;
SQLite locks by itself. What a run is computing is told to other runs of the same file by locks on
bytes of a file beside it, which the system takes back from a process that ends, however it ends.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from ase.db import connect
from ase.db.sqlite import VERSION, all_tables, index_statements, init_statements

from echemscreen.errors import StoreError
from echemscreen.store.base import OUR_KEYS, Document, KnownKeys, Piece, Store

try:
    import fcntl
except ImportError:  # Windows has no locks on bytes: two runs may then compute a piece twice
    fcntl = None  # type: ignore[assignment]

#: Seconds to wait for another process's write, as long as ASE waits.
LOCK_TIMEOUT_S = 20.0

_TRIES = 3


class SqliteStore(Store):
    """Ladders by ``task_id`` in an SQLite file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._claims: IO[bytes] | None = None
        self._claimed: Counter[int] = Counter()
        if path.is_dir():
            raise StoreError(f"The store {path} is a directory.", "Name a file.")
        with self._translated():
            _make_tables(path)
            self._db = connect(str(path), type="db", use_lock_file=False)
            self._reader = sqlite3.connect(path, timeout=LOCK_TIMEOUT_S, isolation_level=None)
            self._known = KnownKeys(key for (key,) in self._reader.execute(OUR_KEYS))

    def keys(self) -> frozenset[str]:
        """Every ``task_id`` that is stored."""
        with self._translated():
            return frozenset(key for (key,) in self._reader.execute(OUR_KEYS))

    def claim(self, keys: Sequence[str]) -> bool:
        """See :meth:`Store.claim`."""
        if fcntl is None:
            return True
        if self._claims is None:
            try:
                self._claims = self._path.with_name(f"{self._path.name}.claims").open("ab")
            except OSError:
                # A folder that cannot be written to fails where it matters: when something is stored.
                return True
        places = [zlib.crc32(key.encode()) for key in keys]
        taken: list[int] = []
        for place in places:
            try:
                if not self._claimed[place]:
                    fcntl.lockf(self._claims, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except (BlockingIOError, PermissionError):
                self._give_back(taken)
                return False
            except OSError:
                # A network disk without locks: better twice than not at all.
                self._give_back(taken)
                return True
            self._claimed[place] += 1
            taken.append(place)
        return True

    def release(self, keys: Sequence[str]) -> None:
        """See :meth:`Store.release`."""
        self._give_back([place for key in keys if self._claimed[place := zlib.crc32(key.encode())]])

    def close(self) -> None:
        """Close the files; nothing is lost, every write was committed."""
        self._reader.close()
        if self._claims is not None:
            self._claims.close()
            self._claims = None
            self._claimed.clear()

    def _give_back(self, places: list[int]) -> None:
        for place in places:
            self._claimed[place] -= 1
            if not self._claimed[place]:
                del self._claimed[place]
                if self._claims is not None:
                    with suppress(OSError):
                        fcntl.lockf(self._claims, fcntl.LOCK_UN, 1, place)

    def _rows(self, keys: list[str]) -> list[tuple[str, Any]]:
        marks = ",".join("?" * len(keys))
        with self._translated():
            return self._reader.execute(
                f"SELECT unique_id, data FROM systems WHERE unique_id IN ({marks})",  # noqa: S608 - marks only
                keys,
            ).fetchall()

    def _write(self, pieces: list[Piece | Document]) -> None:
        with self._translated():
            for attempt in range(_TRIES):
                try:
                    # The context holds one connection, one transaction, and closes it.
                    with self._db:
                        self._insert(pieces)
                except sqlite3.IntegrityError:
                    # Another run of the same store was faster; ``unique_id`` is unique.
                    there = {key for key, _ in self._rows([piece.key for piece in pieces])}
                    if not there or attempt == _TRIES - 1:
                        raise
                    pieces = [piece for piece in pieces if piece.key not in there]
                else:
                    return

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
        except OSError as error:
            raise StoreError(
                f"The store {self._path} cannot be reached: {error.strerror or error}.",
                "Wait until its disk is back, then run the same command again; what is stored is kept.",
            ) from error


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
