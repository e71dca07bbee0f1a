"""One folder, one run: a lock that names its owner.

The lock is the system's, on the file ``run.lock``: it ends with its process, however that ends, so that a
killed run keeps nobody out. The file tells who holds it and what that run was asked; it goes when the run
has come to its end, and stays, unlocked, where it has not. On a disk without locks the file itself is the
lock, and what it says of its owner decides.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from echemscreen.errors import StoreError
from echemscreen.files import partials_in

try:
    import fcntl
except ImportError:  # Windows: the file itself is the lock
    fcntl = None  # type: ignore[assignment]

LOCK = "run.lock"
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
#: Who has the lock writes who it is at once; this long is waited for that.
_TOLD_WITHIN_S = 1.0


class RunFolder:
    """The output folder of one run; a context manager that releases what :meth:`take` took.

    Parameters
    ----------
    path
        The folder; it is made when it is taken.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.asked: Mapping[str, Any] = {}
        """What the last run here was asked, where that run has not come to its end."""
        self._owner: dict[str, object] = {}
        self._handle: IO[str] | None = None
        self._is_systems = True

    def take(self, what: str) -> None:
        """Lock the folder for this process until it is released; nothing if it is locked already.

        Parameters
        ----------
        what
            The run in words, told to whom it keeps out.

        Raises
        ------
        StoreError
            if another run holds the folder, or it cannot be written.
        """
        if self._handle is not None:
            return
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._handle, self._is_systems = _locked(self.path)
        except (OSError, ValueError) as error:
            raise unwritable(self.path, error) from error
        self._owner = {
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started": datetime.now().astimezone().isoformat(" ", "seconds"),
            "command": what,
        }
        self._clear()
        self.begin(_said(self._handle).get("asked") or {})

    def _clear(self) -> None:
        """Remove what a killed run was just writing."""
        for path, pid in partials_in(self.path):
            if _has_ended(pid):
                with suppress(OSError):
                    path.unlink()

    def begin(self, asked: Mapping[str, Any]) -> None:
        """Write down what the run is asked, for the next one to read if this one is cut short."""
        assert self._handle is not None, "taken before"
        self.asked = asked
        try:
            self._handle.seek(0)
            self._handle.truncate()
            json.dump(self._owner | {"asked": asked}, self._handle, ensure_ascii=False)
            self._handle.flush()
        except OSError as error:
            raise unwritable(self.path, error) from error

    def finish(self) -> None:
        """The run has come to its end: its files tell what it was asked."""
        self.asked = {}

    def release(self) -> None:
        """Let other runs into the folder."""
        if self._handle is None:
            return
        with suppress(OSError):
            if not self.asked or not self._is_systems:
                # Before the lock goes: who opens the file from now on makes a new one.
                (self.path / LOCK).unlink()
        with suppress(OSError):
            self._handle.close()
        self._handle = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def unwritable(out: Path, error: OSError | ValueError) -> StoreError:
    """What is raised when an output folder cannot be made, entered or written."""
    reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
    is_full = isinstance(error, OSError) and error.errno in _FULL
    remedy = "Free some space or name another --out" if is_full else "Name another --out"
    return StoreError(
        f"The output folder {out} cannot be written: {reason}.", f"{remedy}; what is stored is kept."
    )


def _locked(folder: Path) -> tuple[IO[str], bool]:
    """The lock file, which is ours now, and whether the system has locked it.

    Raises
    ------
    StoreError
        if it is another run's.
    """
    path = folder / LOCK
    while True:
        handle, is_new = _opened(path)
        if handle is None:
            continue
        is_systems = True
        try:
            is_ours = _flock(handle)
        except OSError:
            # A disk without locks: who makes the file has it, and a run of this machine that is gone has not.
            is_systems = False
            is_ours = is_new or _is_gone(_said(handle))
        if not is_ours:
            refusal = _in_use(folder, handle, is_systems=is_systems)
            handle.close()
            raise refusal
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle.fileno()), path.stat()):
                return handle, is_systems
        # Its owner removed it between the two steps: what is locked is no longer in the folder.
        handle.close()


def _opened(path: Path) -> tuple[IO[str] | None, bool]:
    """The file, and whether it is new; ``None`` if it came or went meanwhile."""
    with suppress(FileExistsError):
        return path.open("x+", encoding="utf-8", errors="replace"), True
    with suppress(FileNotFoundError):
        return path.open("r+", encoding="utf-8", errors="replace"), False
    return None, False


def _flock(handle: IO[str]) -> bool:
    """Lock a file; False if another process has."""
    if fcntl is None:
        raise OSError("no locks")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _said(handle: IO[str]) -> Mapping[str, Any]:
    """What the file says of its owner; nothing if it is not written yet."""
    handle.seek(0)
    try:
        content = json.loads(handle.read())
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _is_gone(owner: Mapping[str, Any]) -> bool:
    """Whether the owner was a process of this machine that has ended."""
    pid = owner.get("pid")
    return owner.get("host") == socket.gethostname() and isinstance(pid, int) and _has_ended(pid)


def _has_ended(pid: int) -> bool:
    """Whether this machine has no such process; False where that cannot be known."""
    if os.name != "posix" or pid < 1:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False


def _in_use(folder: Path, handle: IO[str], *, is_systems: bool) -> StoreError:
    until = time.monotonic() + _TOLD_WITHIN_S
    while not (owner := _said(handle)) and time.monotonic() < until:
        time.sleep(_TOLD_WITHIN_S / 50)
    who = "another run"
    if owner:
        who = "{command} (process {pid} on {host}, since {started})".format_map(defaultdict(str, owner))
    by_hand = "" if is_systems else f" If that process is gone, delete {folder / LOCK}."
    return StoreError(
        f"The folder {folder} is in use by {who}.",
        f"Wait until it has ended, or name another --out.{by_hand}",
    )
