"""What a run tells the others of its store: these keys are being computed here.

A claim is a lock and not a row of a table: the system, or the server, takes it back from a process that
ends, however it ends, so that a killed run blocks nobody and no time limit has to be guessed.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

try:
    import fcntl
except ImportError:  # Windows has no locks on bytes: two runs may then compute a piece twice
    fcntl = None  # type: ignore[assignment]

#: Advisory locks held at once: a PostgreSQL server has room for 6400 by default, for all its sessions.
MAX_CLAIMS = 2000
#: Namespace of our advisory locks: ``es`` and a number.
_NAMESPACE = 0x6573_0001


class Claims(ABC):
    """Claims of keys, counted, so that two rows of a run may hold the same."""

    def __init__(self) -> None:
        self._held: Counter[int] = Counter()

    def claim(self, keys: Sequence[str]) -> bool:
        """Claim all of the keys, or none and return False if another run holds one."""
        taken: list[int] = []
        for place in (zlib.crc32(key.encode()) for key in keys):
            if not self._held[place] and not self._lock(place):
                del self._held[place]
                self._give_back(taken)
                return False
            self._held[place] += 1
            taken.append(place)
        return True

    def release(self, keys: Sequence[str]) -> None:
        """End claims; a key that is not claimed is left alone."""
        self._give_back([place for key in keys if self._held[place := zlib.crc32(key.encode())]])

    def forget(self) -> None:
        """What was held is gone, with its connection or its file."""
        self._held.clear()

    def _give_back(self, places: Sequence[int]) -> None:
        for place in places:
            self._held[place] -= 1
            if self._held[place] <= 0:
                del self._held[place]
                self._unlock(place)

    @abstractmethod
    def _lock(self, place: int) -> bool: ...

    @abstractmethod
    def _unlock(self, place: int) -> None: ...


class FileClaims(Claims):
    """Locks on bytes of a file beside the store."""

    def __init__(self, store: Path) -> None:
        super().__init__()
        self._path = store.with_name(f"{store.name}.claims")
        self._file: IO[bytes] | None = None

    def forget(self) -> None:
        """Close the file, and with it every lock."""
        super().forget()
        if self._file is not None:
            self._file.close()
            self._file = None

    def _lock(self, place: int) -> bool:
        if fcntl is None:
            return True
        try:
            if self._file is None:
                self._file = self._path.open("ab")
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except (BlockingIOError, PermissionError):
            # A folder that cannot be written to fails where it matters: when something is stored.
            return self._file is None
        except OSError:
            # A network disk without locks: better twice than not at all.
            return True
        return True

    def _unlock(self, place: int) -> None:
        if fcntl is not None and self._file is not None:
            with suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)


class ServerClaims(Claims):
    """Advisory locks of a PostgreSQL session."""

    def __init__(self, ask: Callable[[str, dict[str, int]], Any]) -> None:
        super().__init__()
        self._ask = ask

    def _lock(self, place: int) -> bool:
        # Beyond what the server has room for, a piece may be computed twice.
        return len(self._held) > MAX_CLAIMS or bool(self._ask(_try_lock, _numbers(place)))

    def _unlock(self, place: int) -> None:
        self._ask(_unlock, _numbers(place))


_try_lock = "SELECT pg_try_advisory_lock(:namespace, :place)"
_unlock = "SELECT pg_advisory_unlock(:namespace, :place)"


def _numbers(place: int) -> dict[str, int]:
    # A signed 32-bit integer is what the server takes.
    return {"namespace": _NAMESPACE, "place": place - 2**31}
