"""How a command ends: exit statuses, errors as one clear sentence, and output whose reader has left."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

EXIT_INTERNAL, EXIT_INPUT = 1, 2
#: A shell adds this to the number of the signal that ended a command.
_EXIT_SIGNAL = 128


@contextmanager
def clear_errors() -> Iterator[None]:
    """One clear sentence and exit status 2 instead of a traceback; nothing if the reader has left."""
    from echemscreen.errors import EchemscreenError  # noqa: PLC0415 - nothing is loaded for --help

    try:
        with for_a_reader():
            yield
    except EchemscreenError as error:
        typer.echo(f"echemscreen: {error}", err=True)
        raise typer.Exit(EXIT_INPUT) from error
    except OSError as error:
        if error.filename is None:
            raise
        path = os.fsdecode(error.filename)
        typer.echo(f"echemscreen: {path} cannot be used: {error.strerror}. Name another path.", err=True)
        raise typer.Exit(EXIT_INPUT) from error
    except KeyboardInterrupt as error:
        number = error.number if isinstance(error, Ended) else signal.SIGINT
        typer.echo(
            f"echemscreen: {'interrupted' if number == signal.SIGINT else f'ended by {number.name}'}; "
            "what is finished is stored, the same command goes on from there.",
            err=True,
        )
        raise typer.Exit(_EXIT_SIGNAL + number) from None


class Ended(KeyboardInterrupt):
    """The process was told to end: by a queue of jobs, ``timeout``, a service or a closed terminal."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number)
        self.number = number


def end_in_words() -> None:
    """Let this process end as after Ctrl-C when it is told to, unless somebody has it ignore that."""
    told: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        # ``timeout`` tells twice: the process, and its group.
        if not told:
            told.append(number)
            raise Ended(signal.Signals(number))

    for name in ("SIGTERM", "SIGHUP"):
        if (number := getattr(signal, name, None)) and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)


# --- output whose reader has left, as with ``| head``: it ends quietly, and a run goes on to its end -----


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
