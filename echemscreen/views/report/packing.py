"""Data in a page: gzip in base64, which no browser runs and the page unpacks when it is needed."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """A ``<script>`` of data: its id and its text."""

    key: str
    text: str


def packed(key: str, content: str) -> Block:
    """A block of text; the same text gives the same block."""
    return Block(key, base64.b64encode(gzip.compress(content.encode(), compresslevel=9, mtime=0)).decode())


def already_packed(key: str, content: bytes) -> Block:
    """A block of bytes that are a gzip file."""
    return Block(key, base64.b64encode(content).decode())


def packed_json(key: str, value: object) -> Block:
    """A block of plain JSON values."""
    return packed(key, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def in_portions(key: str, items: Sequence[object], size: int) -> Iterator[Block]:
    """Blocks ``key-0``, ``key-1`` ... of ``size`` items each, so that a page unpacks only what it shows."""
    for start in range(0, len(items), size):
        yield packed_json(f"{key}-{start // size}", items[start : start + size])
