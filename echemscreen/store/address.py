"""Where a store is, as a user writes it and as it may be shown."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

_SCHEMES = ("postgresql://", "postgres://")


def is_server(where: str | Path) -> bool:
    """Whether the address is that of a PostgreSQL server."""
    return str(where).startswith(_SCHEMES)


def shown_address(where: str) -> str:
    """The address of a store as it may be shown: without a password."""
    parts = urlsplit(where)
    user, colon, _ = parts.netloc.rpartition("@")[0].partition(":")
    at, host = parts.netloc.rpartition("@")[1:]
    # Parameters may hold a password too.
    pairs = [(name, "***" if "pass" in name.lower() else value) for name, value in parse_qsl(parts.query)]
    query = urlencode(pairs, safe="*/")
    return urlunsplit((parts.scheme, f"{user}{colon and ':***'}{at}{host}", parts.path, query, ""))
