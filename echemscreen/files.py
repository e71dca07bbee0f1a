"""Files of the user: whether one is there, and how one is written whole or not at all."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from echemscreen.errors import StoreError


def is_file(path: str | Path) -> bool:
    """Whether there is such a file; False also of what no file can be called, or nobody may look for.

    ``Path.is_file`` raises for a name that is too long and below a folder that may not be entered.
    """
    with suppress(OSError, ValueError):
        return Path(path).is_file()
    return False


@contextmanager
def written_whole(path: Path, what: str) -> Iterator[Path]:
    """Where to write a file that appears at ``path`` when the block has ended without an error.

    Until then it lies beside it, under a name that no other process and no other thread uses.

    Parameters
    ----------
    what
        What it is, as a sentence begins: ``The figure``.

    Raises
    ------
    StoreError
        if it cannot be written.
    """
    partial = path.with_name(f".{os.getpid()}-{threading.get_ident()}.partial")
    try:
        try:
            yield partial
            partial.replace(path)
        finally:
            with suppress(OSError):
                partial.unlink()
    except OSError as error:
        raise StoreError(
            f"{what} {path} cannot be written: {error.strerror or error}.",
            "Free some space or name another file.",
        ) from error


def partials_in(folder: Path) -> Iterator[tuple[Path, int]]:
    """What is being written whole in a folder, and the process that does; one that is killed leaves it."""
    for path in folder.glob(".*-*.partial"):
        pid, _, thread = path.name.removeprefix(".").removesuffix(".partial").partition("-")
        if pid.isdecimal() and thread.isdecimal():
            yield path, int(pid)


def partial_of(path: Path) -> Path:
    """Where a file grows while a run goes on; it stays there if the run is interrupted."""
    return path.with_name(f"{path.name}.partial")


def put_in_place(path: Path, what: str) -> None:
    """Let a file that has grown beside it appear at ``path``.

    Raises
    ------
    StoreError
        if it cannot.
    """
    with written_whole(path, what) as place:
        partial_of(path).replace(place)
