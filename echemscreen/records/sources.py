"""Where a number is from."""

from __future__ import annotations

import html
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a number is from: the publication, and the place in it."""

    source: str
    locator: str = ""

    def __str__(self) -> str:
        return f"{self.source}, {self.locator}" if self.locator else self.source


def printable(text: str) -> str:
    """Text from outside in one line; nothing in it is a command to the terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def as_html(text: str) -> str:
    """Text for a notebook, as it is."""
    return f"<pre>{html.escape(text)}</pre>"
