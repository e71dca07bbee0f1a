"""What one molecule may take: wall time and memory, kept inside the worker that computes it.

The time limit is an exception raised in the working thread by a timer; it arrives between two steps
of a calculation. What does not come back to Python within as long again ends its process, which the
parent sees as a dead worker. The memory limit is the system's, for what a molecule adds to what the
worker has (``RLIMIT_DATA``, which counts every private writable page on Linux since 4.7).
"""

from __future__ import annotations

import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from echemscreen.errors import InputError

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_MIB = 1024 * 1024
#: A process that ignores the timer ends after this many limits and seconds.
_HARD_FACTOR, _GRACE_S = 2.0, 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Of one molecule; ``None`` is no limit."""

    time_s: float | None = None
    memory_mib: float | None = None

    def __post_init__(self) -> None:
        if self.memory_mib is not None and not sys.platform.startswith("linux"):
            raise InputError("A memory limit is known on Linux only.", "Leave --memory-limit-mib away.")


class OutOfTimeError(BaseException):
    """Raised in the working thread; nothing between here and there catches it."""


@contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """Keep what runs inside within the limits.

    Raises
    ------
    OutOfTimeError
        after the time.
    MemoryError
        where an allocation was refused; a library that does not report that ends the process.
    """
    with _time_limited(limits.time_s), _memory_limited(limits.memory_mib):
        yield


@contextmanager
def _time_limited(time_s: float | None) -> Iterator[None]:
    if time_s is None:
        yield
        return
    thread, lock, fired, over = threading.get_ident(), threading.Lock(), False, False

    def fire() -> None:
        nonlocal fired
        with lock:
            if not over:
                fired = True
                ctypes.pythonapi.PyThreadState_SetAsyncExc(
                    ctypes.c_ulong(thread), ctypes.py_object(OutOfTimeError)
                )

    ended = threading.Event()

    def watch() -> None:
        if not ended.wait(time_s):
            fire()
            if not ended.wait((_HARD_FACTOR - 1.0) * time_s + _GRACE_S):
                os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        with lock:
            over = True
        ended.set()
    if fired:
        # Set, but not delivered yet: it must not reach the next molecule.
        with suppress(OutOfTimeError):
            time.sleep(1.0)
        raise OutOfTimeError


@contextmanager
def _memory_limited(memory_mib: float | None) -> Iterator[None]:
    if memory_mib is None or resource is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _data_bytes() + int(memory_mib * _MIB)
    if before[1] != resource.RLIM_INFINITY:
        limit = min(limit, before[1])
    resource.setrlimit(resource.RLIMIT_DATA, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, before)


def _data_bytes() -> int:
    """Private writable memory of this process."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0
