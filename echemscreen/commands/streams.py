"""Output whose reader has left, as with ``| head``: it ends quietly, and a run goes on to its end."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@contextmanager
def for_a_reader() -> Iterator[None]:
    """Standard output for as long as somebody reads it; what follows in the block is left away then."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still buffered must go somewhere at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


class _Heedless(io.FileIO):
    """A file that drops what nobody reads."""

    def write(self, data: ReadableBuffer, /) -> int:
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            return memoryview(data).nbytes


def heedless_progress() -> None:
    """Let standard error lose its reader: a run is not stopped because nobody sees its progress."""
    if sys.stderr is None or sys.stderr.isatty():
        return
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(_Heedless(sys.stderr.fileno(), "w", closefd=False)),
        encoding=sys.stderr.encoding,
        errors=sys.stderr.errors,
        line_buffering=True,
    )
