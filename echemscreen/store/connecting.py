"""How a store is reached: engines of SQLAlchemy for a file and for a server, and what of it is secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import sqlalchemy as sa

from echemscreen.errors import MissingPackageError

#: Seconds to wait for another process's write to an SQLite file.
LOCK_TIMEOUT_S = 20.0
CONNECT_TIMEOUT_S = 10


def file_engine(path: Path) -> sa.Engine:
    """Of an SQLite file."""
    # Opened anew each time: a file that was removed under an open connection would be written in vain.
    return sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        connect_args={"timeout": LOCK_TIMEOUT_S},
        poolclass=sa.NullPool,
    )


def server_engine(url: str) -> sa.Engine:
    """Of a PostgreSQL server.

    Raises
    ------
    MissingPackageError
        if its driver is not installed.
    """
    try:
        return sa.create_engine(
            "postgresql+psycopg2://",
            # libpq reads its own addresses, with every parameter that they may have.
            creator=_connector(url),
            pool_pre_ping=True,
        )
    except ImportError as error:
        raise MissingPackageError(
            f"A store at postgresql:// needs the package '{error.name}', which is not installed.",
            "Install it: pip install 'echemscreen[postgresql]'.",
        ) from error


def _connector(url: str) -> Callable[[], Any]:
    import psycopg2  # noqa: PLC0415 - an extra, needed by servers only

    timeout = {} if "connect_timeout" in url else {"connect_timeout": CONNECT_TIMEOUT_S}
    return lambda: psycopg2.connect(url, application_name="echemscreen", **timeout)


def secrets_of(url: str) -> list[str]:
    """What of an address no message may hold, the longest first."""
    parts = urlsplit(url)
    written = [parts.netloc.rpartition("@")[0].partition(":")[2]]
    written += [value for key, value in parse_qsl(parts.query) if "pass" in key.lower()]
    found = {form for text in written if text for form in (text, unquote(text))}
    return sorted(found, key=len, reverse=True)
