"""The store on a PostgreSQL server, through ASE's backend (package ``ase-db-backends``, psycopg2).

Many runs on many machines may write at once. ASE's backend reads the number of its last row from a
sequence that all sessions share; here it is asked of the own session, so that rows of two runs never
mix. What a run computes is told to others by advisory locks, which the server takes back with the
connection. A lost connection is opened again once; the password is in no message.
"""

from __future__ import annotations

import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Never, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from echemscreen.errors import MissingPackageError, StoreError
from echemscreen.store.base import OUR_KEYS, Document, KnownKeys, Piece, Store, shown_address

try:
    import psycopg2
    from ase_db_backends import postgresql as backend
except ImportError as error:
    raise MissingPackageError(
        f"A store at postgresql:// needs the package '{error.name}', which is not installed.",
        "Install it: pip install 'echemscreen[postgresql]'.",
    ) from error

CONNECT_TIMEOUT_S = 10
#: A server that was killed needs some seconds to recover before it takes connections again.
RECONNECT_WITHIN_S = 20.0
#: Advisory locks held at once: the server has room for 6400 by default, for all its sessions.
MAX_CLAIMS = 2000
#: Namespaces of our advisory locks: ``es`` and a number.
_CLAIMS, _TABLES = 0x6573_0001, 0x6573_0002
_TRIES = 3
_LOST = (psycopg2.OperationalError, psycopg2.InterfaceError)

T = TypeVar("T")


class PostgresqlStore(Store):
    """Ladders by ``task_id`` in a PostgreSQL database."""

    def __init__(self, url: str) -> None:
        self._secrets = _secrets(url)
        self.shown = shown_address(url)
        self._url = _with_timeout(url)
        self._claimed: Counter[int] = Counter()
        self._session: Any = None
        with self._translated():
            self._db = _Database(self._url)
            self._open()
            self._make_tables()
            self._known = KnownKeys(self._every_key())

    def keys(self) -> frozenset[str]:
        """Every ``task_id`` that is stored."""
        with self._translated():
            return self._again(lambda: frozenset(self._every_key()))

    def claim(self, keys: Sequence[str]) -> bool:
        """See :meth:`Store.claim`."""
        with self._translated():
            return self._again(lambda: self._claim(keys))

    def release(self, keys: Sequence[str]) -> None:
        """See :meth:`Store.release`."""
        places = [place for key in keys if self._claimed[place := _place(key)]]
        with self._translated():
            self._again(lambda: self._give_back(places))

    def close(self) -> None:
        """Close the connection; nothing is lost, every write was committed."""
        if self._session is not None:
            with suppress(psycopg2.Error):
                self._session.close()

    def _open(self) -> None:
        self._session = psycopg2.connect(self._url, application_name="echemscreen")
        self._session.autocommit = True

    def _again(self, action: Callable[[], T]) -> T:
        """Do something; if the connection is lost, open a new one and do it once more."""
        try:
            return action()
        except _LOST:
            if not self._session.closed and self._alive():
                raise
        self.close()
        # Claims ended with the connection; what is in flight may now be computed by another run too.
        self._claimed.clear()
        deadline = time.monotonic() + RECONNECT_WITHIN_S
        while True:
            try:
                self._open()
                break
            except psycopg2.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
        return action()

    def _alive(self) -> bool:
        try:
            self._ask("SELECT 1")
        except _LOST:
            return False
        return True

    def _ask(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._session.cursor() as cursor:
            cursor.execute(statement, values)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

    def _every_key(self) -> Iterator[str]:
        # A named cursor sends the rows in portions; it needs a transaction.
        self._session.autocommit = False
        try:
            with self._session.cursor("keys") as cursor:
                cursor.itersize = 100_000
                cursor.execute(OUR_KEYS)
                for (key,) in cursor:
                    yield key
        finally:
            if not self._session.closed:
                self._session.rollback()
                self._session.autocommit = True

    def _claim(self, keys: Sequence[str]) -> bool:
        taken: list[int] = []
        for place in map(_place, keys):
            if not self._claimed[place]:
                if len(self._claimed) > MAX_CLAIMS:
                    break
                ((mine,),) = self._ask("SELECT pg_try_advisory_lock(%s, %s)", (_CLAIMS, place))
                if not mine:
                    del self._claimed[place]
                    self._give_back(taken)
                    return False
            self._claimed[place] += 1
            taken.append(place)
        return True

    def _give_back(self, places: list[int]) -> None:
        for place in places:
            self._claimed[place] -= 1
            if self._claimed[place] <= 0:
                del self._claimed[place]
                self._ask("SELECT pg_advisory_unlock(%s, %s)", (_CLAIMS, place))

    def _make_tables(self) -> None:
        """Let ASE make its tables, one run at a time."""
        self._ask("SELECT pg_advisory_lock(%s, 0)", (_TABLES,))
        try:
            with self._db as database, database.managed_connection():
                pass
        except AssertionError as error:
            raise StoreError(
                f"The store {self.shown} was written by another version of ASE.",
                "Update ASE and ase-db-backends, or name another database.",
            ) from error
        finally:
            self._ask("SELECT pg_advisory_unlock(%s, 0)", (_TABLES,))

    def _rows(self, keys: list[str]) -> list[tuple[str, Any]]:
        with self._translated():
            found = self._again(
                lambda: self._ask("SELECT unique_id, data FROM systems WHERE unique_id = ANY(%s)", (keys,))
            )
        return [(key, data) for key, data in found]

    def _write(self, pieces: list[Piece | Document]) -> None:
        with self._translated():
            for attempt in range(_TRIES):
                try:
                    self._again(lambda rest=tuple(pieces): self._in_transaction(rest))  # type: ignore[misc]
                except psycopg2.IntegrityError:
                    # Another run of the same store was faster; ``unique_id`` is unique.
                    there = {key for key, _ in self._rows([piece.key for piece in pieces])}
                    if not there or attempt == _TRIES - 1:
                        raise
                    pieces = [piece for piece in pieces if piece.key not in there]
                else:
                    return

    def _in_transaction(self, pieces: Sequence[Piece | Document]) -> None:
        # A commit whose answer got lost with the connection has stored everything: asked before.
        there = {
            key
            for (key,) in self._ask(
                "SELECT unique_id FROM systems WHERE unique_id = ANY(%s)", ([piece.key for piece in pieces],)
            )
        }
        with self._db:
            self._insert(piece for piece in pieces if piece.key not in there)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn the database's errors into ours, without the password."""
        try:
            yield
        except psycopg2.Error as error:
            self._refuse(error)

    def _refuse(self, error: psycopg2.Error) -> Never:
        words = " ".join(str(error).split()) or type(error).__name__
        for secret in self._secrets:
            words = words.replace(secret, "***")
        lower = words.lower()
        if "password" in lower or "role" in lower or "authentication" in lower:
            remedy = "Check user and password; the password may also stand in ~/.pgpass or PGPASSWORD."
        elif "does not exist" in lower:
            remedy = "Make the database first: createdb NAME."
        elif isinstance(error, psycopg2.errors.DiskFull) or "no space" in lower:
            remedy = "Free some space on the server and run the same command again."
        elif isinstance(
            error, psycopg2.errors.InsufficientPrivilege | psycopg2.errors.ReadOnlySqlTransaction
        ):
            remedy = "Ask for the right to write there, or name another --store."
        elif isinstance(error, _LOST):
            remedy = "Check host and port; what is stored is kept: run the same command again."
        else:
            remedy = "Name another --store."
        # Without its cause, whose text may hold the password.
        words = words.rstrip(".")
        raise StoreError(f"The store {self.shown} cannot be used: {words}.", remedy) from None


class _Connection(backend.Connection):  # type: ignore[misc]
    """What ASE's backend leaves out: the context of its database rolls back after an error."""

    def rollback(self) -> None:
        """Undo the transaction, if there is still a connection."""
        if not self.con.closed:
            self.con.rollback()


class _Database(backend.PostgreSQLDatabase):  # type: ignore[misc]
    """ASE's database, safe for several writers."""

    def _connect(self) -> _Connection:
        return _Connection(psycopg2.connect(self.filename, application_name="echemscreen"))

    def get_last_id(self, cur: Any) -> int:  # noqa: ANN401
        """The row that this session wrote last; the sequence itself counts every session's."""
        cur.execute("SELECT currval('systems_id_seq')")
        return int(cur.fetchone()[0])


def _secrets(url: str) -> list[str]:
    parts = urlsplit(url)
    written = [parts.netloc.rpartition("@")[0].partition(":")[2]]
    written += [value for key, value in parse_qsl(parts.query) if "pass" in key.lower()]
    found = {form for text in written if text for form in (text, unquote(text))}
    return sorted(found, key=len, reverse=True)


def _with_timeout(url: str) -> str:
    if "connect_timeout" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}connect_timeout={CONNECT_TIMEOUT_S}"


def _place(key: str) -> int:
    # A signed 32-bit integer is what the server takes.
    return zlib.crc32(key.encode()) - 2**31
