"""The store: one table of pieces, in an SQLite file or on a PostgreSQL server, by SQLAlchemy's core.

A transaction holds all pieces of a batch or none. A key that is there keeps its first value, whoever wrote
it. A connection to a server that is lost is opened again; no message holds a password.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Never, Self, TypeVar

import sqlalchemy as sa
from pydantic_core import from_json
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable

from echemscreen.errors import StoreError
from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import Geometry, Species
from echemscreen.store.address import is_server, shown_address
from echemscreen.store.claims import Claims, FileClaims, ServerClaims
from echemscreen.store.connecting import file_engine, secrets_of, server_engine
from echemscreen.store.ladder_json import StoredLadders, ladder_from_json
from echemscreen.store.pieces import FINISHED, Document, KnownKeys, Piece

#: A server that was killed recovers in some seconds; its host is started again in a minute.
RECONNECT_WITHIN_S = 120.0

PIECES = sa.Table(
    "echemscreen_pieces",
    sa.MetaData(),
    sa.Column("task_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("species", sa.Text, nullable=False),
    sa.Column("engine", sa.Text, nullable=False),
    sa.Column("protocol", sa.Text, nullable=False),
    sa.Column("inchikey", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
)
#: Table of ASE's database, in which version 0.1 kept its pieces.
ASE_TABLE = "systems"

#: Keys of one query, below the number of variables that any SQLite allows (999).
_KEYS_PER_QUERY = 500
_KEYS_PER_PORTION = 100_000
#: Lock under which one run at a time makes the table on a server.
_TABLE_LOCK = "SELECT pg_advisory_xact_lock(1702035458, 0)"

T = TypeVar("T")


class Store:
    """Pieces of ladders by ``task_id``; a context manager.

    Parameters
    ----------
    where
        The path of an SQLite file, made if it is not there, or ``postgresql://...``.
    """

    def __init__(self, where: str | Path) -> None:
        self._server = is_server(where)
        self.shown = shown_address(str(where)) if self._server else str(where)
        self._secrets = secrets_of(str(where)) if self._server else []
        self._session: sa.Connection | None = None
        self._was_open = False
        self._claims: Claims = ServerClaims(self._lock) if self._server else FileClaims(Path(where))
        with self._translated():
            if not self._server and Path(where).is_dir():
                raise StoreError(f"The store {where} is a directory.", "Name a file.")
            self._engine = server_engine(str(where)) if self._server else file_engine(Path(where))
            self._again(self._make_table)
            self._known = self._again(lambda: KnownKeys(self._every_key()))
            self._was_open = True

    # --- reading ------------------------------------------------------------------------------

    def get(self, key: str) -> Ladder | None:
        """The stored piece of a ``task_id``, or ``None``."""
        return self.get_many([key]).get(key)

    def get_many(self, keys: Sequence[str], *, fresh: bool = False) -> StoredLadders:
        """Those of the pieces that are stored, each read when it is asked for.

        Parameters
        ----------
        fresh
            Ask the database for keys too that were not known when the store was opened: another run
            of the same store may have computed them since.
        """
        wanted = list(dict.fromkeys(keys if fresh else (key for key in keys if key in self._known)))
        found = self._contents(wanted, "ladder")
        for key in found:
            if fresh and key not in self._known:
                self._known.add(key)
        return StoredLadders(found)

    def knows(self, keys: Iterable[str]) -> bool:
        """Whether all of them are stored, as far as is known without asking the database; see ``fresh``."""
        return all(key in self._known for key in keys)

    def get_document(self, key: str) -> dict[str, Any] | None:
        """The stored numbers of a ``task_id``, or ``None``."""
        found = self._contents([key] if key in self._known else [], "document")
        document: dict[str, Any] | None = from_json(found[key])["document"] if found else None
        return document

    def finished_rows(self, keys: Iterable[str]) -> dict[str, str]:
        """What was kept of finished rows, by those of the keys under which something was."""
        return self._contents([key for key in keys if key and key in self._known], FINISHED)

    def keys(self) -> frozenset[str]:
        """Every ``task_id`` under which something calculated is stored."""
        with self._translated():
            return self._again(lambda: frozenset(self._every_key(PIECES.c.kind != FINISHED)))

    def rows(self) -> Iterator[sa.RowMapping]:
        """Everything calculated, its content as JSON text, in the order of ``task_id``."""
        keys = sorted(self.keys())
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            portion = keys[start : start + _KEYS_PER_QUERY]
            query = sa.select(PIECES).where(PIECES.c.task_id.in_(portion)).order_by(PIECES.c.task_id)
            yield from self._ask(query)

    def __iter__(self) -> Iterator[Ladder]:
        for row in self.rows():
            if row["kind"] == "ladder":
                yield ladder_from_json(from_json(row["content"]))

    def __len__(self) -> int:
        return len(self.keys())

    # --- writing ------------------------------------------------------------------------------

    def put(self, key: str, ladder: Ladder, *, inchikey: str = "", name: str = "") -> None:
        """Store a piece; a key that is there already keeps its first value.

        Raises
        ------
        StoreError
            if the database is locked, full, read-only, damaged or gone.
        """
        self.put_many([Piece(key=key, ladder=ladder, inchikey=inchikey, name=name)])

    def put_document(
        self, key: str, document: dict[str, Any], geometry: Geometry, *, species: Species, protocol: str
    ) -> None:
        """Store plain JSON values beside the geometry that they belong to; see :meth:`put`."""
        self.put_many(
            [Document(key=key, document=document, geometry=geometry, species=species, protocol=protocol)]
        )

    def put_many(self, pieces: Sequence[Piece | Document]) -> None:
        """Store pieces in one transaction: all of them or none; see :meth:`put`."""
        self.put_rows([piece.row() for piece in pieces if piece.key not in self._known])

    def put_rows(self, rows: Sequence[dict[str, str]]) -> None:
        """Store rows as :meth:`rows` gives them, in one transaction; see :meth:`put`."""
        if not rows:
            return
        dialect = postgresql if self._server else sqlite
        with self._translated():
            # Another run of the same store may have been faster, or a commit whose answer got lost with the
            # connection may have stored everything.
            self._again(lambda: self._write(dialect.insert(PIECES).on_conflict_do_nothing(), rows))
        for row in rows:
            self._known.add(row["task_id"])

    def claim(self, keys: Sequence[str]) -> bool:
        """Tell other runs of this store that these keys are being computed here.

        Returns
        -------
        bool
            False if another run is computing one of them; nothing is claimed then. A claim ends with
            :meth:`release`, or with its process, however that ends.
        """
        with self._translated():
            return self._again(lambda: self._claims.claim(keys))

    def release(self, keys: Sequence[str]) -> None:
        """End a claim."""
        with self._translated():
            self._again(lambda: self._claims.release(keys))

    def close(self) -> None:
        """Close what is open; nothing is lost, every write was committed."""
        self._claims.forget()
        with suppress(sa.exc.SQLAlchemyError):
            if self._session is not None:
                self._session.close()
            self._engine.dispose()
        self._session = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- the connection -----------------------------------------------------------------------

    def _contents(self, keys: Sequence[str], kind: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(keys), _KEYS_PER_QUERY):
            portion = keys[start : start + _KEYS_PER_QUERY]
            query = sa.select(PIECES.c.task_id, PIECES.c.content).where(
                PIECES.c.task_id.in_(portion), PIECES.c.kind == kind
            )
            found |= {row["task_id"]: row["content"] for row in self._ask(query)}
        return found

    def _ask(self, query: sa.Select[Any]) -> Sequence[sa.RowMapping]:
        def answer() -> Sequence[sa.RowMapping]:
            with self._engine.connect() as connection:
                return connection.execute(query).mappings().all()

        with self._translated():
            return self._again(answer)

    def _every_key(self, *which: sa.ColumnElement[bool]) -> Iterator[str]:
        with self._engine.connect().execution_options(yield_per=_KEYS_PER_PORTION) as connection:
            yield from connection.execute(sa.select(PIECES.c.task_id).where(*which)).scalars()

    def _write(self, statement: sa.Executable, rows: Sequence[dict[str, str]]) -> None:
        with self._engine.begin() as connection:
            connection.execute(statement, rows)

    def _lock(self, query: str, values: dict[str, int]) -> bool:
        """Ask for a lock in a session of its own: it lasts as long as that."""
        if self._session is None:
            self._session = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        return bool(self._session.execute(sa.text(query), values).scalar())

    def _again(self, action: Callable[[], T]) -> T:
        """Do something; as often as the server is lost, wait until it is back and do it once more.

        A server that ends a session may take new ones for a moment before it goes down with all of them.
        """
        deadline = float("inf")
        while True:
            try:
                return action()
            except sa.exc.DBAPIError as error:
                if not self._is_lost(error) or time.monotonic() > deadline:
                    raise
            deadline = min(deadline, time.monotonic() + RECONNECT_WITHIN_S)
            # Claims ended with their session; what is in flight may now be computed by another run too.
            self.close()
            while self._is_away() and time.monotonic() < deadline:
                time.sleep(0.5)

    def _is_lost(self, error: sa.exc.DBAPIError) -> bool:
        """Whether the server went away, which answered before, or is just coming back."""
        if not self._server:
            return False
        if not self._was_open:
            words = str(error.orig).lower()
            return any(sign in words for sign in _COMING_BACK)
        return error.connection_invalidated or self._is_away()

    def _is_away(self) -> bool:
        try:
            with self._engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
        except sa.exc.SQLAlchemyError:
            return True
        return False

    def _make_table(self) -> None:
        """Make the table where there is nothing yet.

        Raises
        ------
        StoreError
            if the database holds something else, which must not be touched.
        """
        with self._engine.begin() as connection:
            if self._server:
                connection.execute(sa.text(_TABLE_LOCK))
            tables = set(sa.inspect(connection).get_table_names())
            if PIECES.name in tables:
                return
            if ASE_TABLE in tables:
                raise StoreError(
                    f"The store {self.shown} is a database of ASE, as version 0.1 wrote it.",
                    f"Convert it: echemscreen store convert {self.shown} NEW; or name another --store.",
                )
            if tables and not self._server:
                raise StoreError(
                    f"The store {self.shown} is the database of another program.", "Name another --store."
                )
            connection.execute(CreateTable(PIECES, if_not_exists=True))

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the database's errors into ours, without a password."""
        try:
            yield
        except sa.exc.DBAPIError as error:
            if self._server:
                self._refuse_server(error)
            self._refuse_file(error)
        except OSError as error:
            remedy = "Name a --store in a folder that you may write to."
            if self._was_open:
                remedy = "Wait until its disk is back, then run the command again; what is stored is kept."
            raise StoreError(
                f"The store {self.shown} cannot be reached: {error.strerror or error}.", remedy
            ) from error

    def _refuse_file(self, error: sa.exc.DBAPIError) -> Never:
        words = str(error.orig)
        if not isinstance(error.orig, sqlite3.OperationalError):
            raise StoreError(
                f"The store {self.shown} is no SQLite database or is damaged: {words}.",
                "Name another --store, or move the file away.",
            ) from error
        remedy = "Name another --store."
        for sign, what in _FILE_REMEDIES.items():
            if sign in words:
                remedy = what
        raise StoreError(f"The store {self.shown} cannot be used: {words}.", remedy) from error

    def _refuse_server(self, error: sa.exc.DBAPIError) -> Never:
        words = " ".join(str(error.orig).split()).rstrip(".") or type(error.orig).__name__
        for secret in self._secrets:
            words = words.replace(secret, "***")
        lower = words.lower()
        remedy = "Name another --store."
        if isinstance(error, sa.exc.OperationalError):
            remedy = "Check host and port; what is stored is kept: run the same command again."
        for sign, what in _SERVER_REMEDIES.items():
            if sign in lower:
                remedy = what
        # Without its cause, whose text may hold the password.
        raise StoreError(f"The store {self.shown} cannot be used: {words}.", remedy) from None


#: What a server says that has crashed and recovers, or is being started again.
_COMING_BACK = ("recovery mode", "starting up", "shutting down", "closed the connection unexpectedly")
#: What to do, by a word of the database's message; the last that fits.
_FILE_REMEDIES = {
    "unable to open": "Name a --store in a folder that you may write to.",
    "readonly": "Name a --store in a folder that you may write to.",
    "full": "The disk is full or failing: free some space and run the same command again.",
    "disk I/O": "The disk is full or failing: free some space and run the same command again.",
    "locked": "Another program holds it; wait for it or name another --store.",
}
_SERVER_REMEDIES = {
    "permission denied": "Ask for the right to write there, or name another --store.",
    "read-only": "Ask for the right to write there, or name another --store.",
    "no space": "Free some space on the server and run the same command again.",
    "disk full": "Free some space on the server and run the same command again.",
    "does not exist": "Make the database first: createdb NAME.",
    "role": "Check user and password; the password may also stand in ~/.pgpass or PGPASSWORD.",
    "password": "Check user and password; the password may also stand in ~/.pgpass or PGPASSWORD.",
    "authentication": "Check user and password; the password may also stand in ~/.pgpass or PGPASSWORD.",
}
