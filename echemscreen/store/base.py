"""What both kinds of store share: identity of a piece, the set of known keys, reading and writing."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import numpy as np
import numpy.typing as npt
from ase import Atoms
from ase.db.core import now
from ase.db.row import AtomsRow

from echemscreen.records import Geometry, Ladder, Species
from echemscreen.store.ladder_json import atoms_of, ladder_from_json, ladder_to_json

#: Raised when the JSON form changes.
SCHEMA_VERSION = 1

#: ``task_id`` of our rows; a user's own rows of the same database are left alone.
OUR_KEYS = """
    SELECT systems.unique_id FROM systems
    JOIN text_key_values ON text_key_values.id = systems.id
    WHERE text_key_values.key = 'protocol'
"""

#: Keys of one query, below the number of variables that any SQLite allows (999).
_KEYS_PER_QUERY = 500
#: New keys are merged into the sorted array when there are this many.
_MERGE_EVERY = 50_000


def task_id(species: Species, *, engine: str, protocol: str) -> str:
    """The identity of a piece of work: 32 hexadecimal digits of a hash of what is asked.

    It is known before anything is embedded. Structure names and InChIKeys are no part of it: the
    InChIKey merges tautomers.
    """
    asked = {
        "schema": SCHEMA_VERSION,
        "smiles": species.smiles,
        "charge": species.charge,
        "n_unpaired": species.n_unpaired,
        "engine": engine,
        "protocol": protocol,
    }
    text = json.dumps(asked, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a ladder on its way into the store."""

    key: str
    ladder: Ladder
    inchikey: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Plain JSON values on their way into the store, beside the geometry that they belong to."""

    key: str
    document: dict[str, Any]
    geometry: Geometry
    species: Species
    protocol: str


class KnownKeys:
    """Which keys are probably stored: 8 bytes each, so that ten million fit into a laptop.

    A hash of each key is kept. A false hit (1e-5 for ten million keys) costs a query that finds nothing, or
    a piece that is not stored and computed again in the next run.
    """

    def __init__(self, keys: Iterable[str] = ()) -> None:
        self._sorted: npt.NDArray[np.uint64] = np.unique(np.fromiter(map(_code, keys), dtype=np.uint64))
        self._new: set[int] = set()

    def __contains__(self, key: str) -> bool:
        code = _code(key)
        if code in self._new:
            return True
        place = int(np.searchsorted(self._sorted, np.uint64(code)))
        return place < len(self._sorted) and int(self._sorted[place]) == code

    def add(self, key: str) -> None:
        """Remember a key."""
        self._new.add(_code(key))
        if len(self._new) >= _MERGE_EVERY:
            self._sorted = np.union1d(self._sorted, np.fromiter(self._new, dtype=np.uint64))
            self._new.clear()


def _code(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big")


class Store(ABC):
    """Pieces of ladders by ``task_id``; a context manager."""

    #: ASE's database object, through which rows are written.
    _db: Any
    _known: KnownKeys

    def get(self, key: str) -> Ladder | None:
        """The stored piece of a ``task_id``, or ``None``."""
        return self.get_many([key]).get(key)

    def get_many(self, keys: Sequence[str], *, fresh: bool = False) -> dict[str, Ladder]:
        """Those of the pieces that are stored.

        Parameters
        ----------
        fresh
            Ask the database for keys too that were not known when the store was opened: another run
            of the same store may have computed them since.
        """
        wanted = list(dict.fromkeys(keys if fresh else (key for key in keys if key in self._known)))
        found: dict[str, Ladder] = {}
        for start in range(0, len(wanted), _KEYS_PER_QUERY):
            for key, text in self._rows(wanted[start : start + _KEYS_PER_QUERY]):
                data = self._db.decode(text)
                if "ladder" in data:
                    found[key] = ladder_from_json(data["ladder"])
                if fresh and key not in self._known:
                    self._known.add(key)
        return found

    def get_document(self, key: str) -> dict[str, Any] | None:
        """The stored numbers of a ``task_id``, or ``None``."""
        if key not in self._known:
            return None
        found = [self._db.decode(data).get("document") for _, data in self._rows([key])]
        return found[0] if found else None

    def put_document(
        self, key: str, document: dict[str, Any], geometry: Geometry, *, species: Species, protocol: str
    ) -> None:
        """Store plain JSON values beside the geometry that they belong to; see :meth:`put`."""
        self.put_many(
            [Document(key=key, document=document, geometry=geometry, species=species, protocol=protocol)]
        )

    def put(self, key: str, ladder: Ladder, *, inchikey: str = "", name: str = "") -> None:
        """Store a piece; a key that is there already keeps its first value.

        Raises
        ------
        StoreError
            if the database is locked, full, read-only, damaged or gone.
        """
        self.put_many([Piece(key=key, ladder=ladder, inchikey=inchikey, name=name)])

    def put_many(self, pieces: Sequence[Piece | Document]) -> None:
        """Store pieces in one transaction: all of them or none; see :meth:`put`."""
        new = {piece.key: piece for piece in reversed(pieces) if piece.key not in self._known}
        if not new:
            return
        self._write(list(reversed(new.values())))
        for key in new:
            self._known.add(key)

    def claim(self, keys: Sequence[str]) -> bool:  # noqa: ARG002 - what a store without claims does
        """Tell other runs of this store that these keys are being computed here.

        Returns
        -------
        bool
            False if another run is computing one of them; nothing is claimed then. A claim ends with
            :meth:`release`, or with its process, however that ends.
        """
        return True

    def release(self, keys: Sequence[str]) -> None:  # noqa: B027 - a store without claims does nothing
        """End a claim."""

    @abstractmethod
    def keys(self) -> frozenset[str]:
        """Every ``task_id`` that is stored."""

    def __iter__(self) -> Iterator[Ladder]:
        for key in sorted(self.keys()):
            ladder = self.get(key)
            if ladder is not None:
                yield ladder

    def __len__(self) -> int:
        return len(self.keys())

    @abstractmethod
    def close(self) -> None:
        """Close what is open; nothing is lost, every write was committed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _rows(self, keys: list[str]) -> list[tuple[str, Any]]:
        """``unique_id`` and ``data`` of the rows of some keys."""

    @abstractmethod
    def _write(self, pieces: list[Piece | Document]) -> None:
        """Write pieces in one transaction; keys that another run wrote meanwhile keep their value."""

    @abstractmethod
    def _translated(self) -> AbstractContextManager[None]:
        """Turn the database's errors into ours."""

    def _insert(self, pieces: Iterable[Piece | Document]) -> None:
        """Write pieces through ASE; to be called in a transaction of ``_db``."""
        for piece in pieces:
            atoms, pairs, data = _parts(piece)
            row = AtomsRow(atoms)
            row.unique_id, row.ctime, row.user = piece.key, now(), ""
            self._db.write(row, key_value_pairs=pairs, data=data)


def _parts(piece: Piece | Document) -> tuple[Atoms, dict[str, str], dict[str, Any]]:
    """Atoms, key-value pairs and data of a row."""
    if isinstance(piece, Document):
        atoms = Atoms(piece.geometry.symbols, np.array(piece.geometry.positions_ang))
        pairs = {"species": piece.species.smiles, "protocol": piece.protocol}
        return atoms, pairs, {"document": piece.document}
    ladder = piece.ladder
    pairs = {
        "species": ladder.species.smiles,
        "engine": ladder.engine,
        "protocol": ladder.protocol,
        "inchikey": piece.inchikey or "unknown",
    }
    return atoms_of(ladder), pairs, {"ladder": ladder_to_json(ladder), "name": _storable(piece.name)}


def _storable(text: str) -> str:
    """Text that every database takes: PostgreSQL refuses NUL, and no database a lone surrogate."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def shown_address(where: str) -> str:
    """The address of a store as it may be shown: without a password."""
    parts = urlsplit(where)
    user, colon, _ = parts.netloc.rpartition("@")[0].partition(":")
    at, host = parts.netloc.rpartition("@")[1:]
    # Parameters may hold a password too.
    pairs = [(name, "***" if "pass" in name.lower() else value) for name, value in parse_qsl(parts.query)]
    query = urlencode(pairs, safe="*/")
    return urlunsplit((parts.scheme, f"{user}{colon and ':***'}{at}{host}", parts.path, query, ""))
