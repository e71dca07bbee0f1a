"""What goes into the store and how it is found again: pieces, their identity, the set of known keys."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import Geometry, Species
from echemscreen.store.ladder_json import geometry_to_json, ladder_to_json

#: Raised when the JSON form changes.
SCHEMA_VERSION = 1
#: Kind of a finished row of a run: nothing that was calculated, but what was told of it.
FINISHED = "row"
#: New keys are merged into the sorted array when there are this many.
_MERGE_EVERY = 50_000
#: ``json.dumps`` would make an encoder for each key.
_IDENTITY = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


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
    text = _IDENTITY.encode(asked)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of a ladder on its way into the store."""

    key: str
    ladder: Ladder
    inchikey: str = ""
    name: str = ""

    def row(self) -> dict[str, str]:
        """The columns of the store."""
        return {
            "task_id": self.key,
            "kind": "ladder",
            "species": self.ladder.species.smiles,
            "engine": self.ladder.engine,
            "protocol": self.ladder.protocol,
            "inchikey": self.inchikey,
            "name": _storable(self.name),
            "content": json.dumps(ladder_to_json(self.ladder), separators=(",", ":")),
        }


def finished_row(key: str, text: str) -> dict[str, str]:
    """The columns of the store for what is kept of a finished row of a run."""
    unnamed = dict.fromkeys(("species", "engine", "protocol", "inchikey", "name"), "")
    return {"task_id": key, "kind": FINISHED, **unnamed, "content": text}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Plain JSON values on their way into the store, beside the geometry that they belong to."""

    key: str
    document: dict[str, Any]
    geometry: Geometry
    species: Species
    protocol: str

    def row(self) -> dict[str, str]:
        """The columns of the store."""
        content = {"document": self.document, "geometry": geometry_to_json(self.geometry)}
        return {
            "task_id": self.key,
            "kind": "document",
            "species": self.species.smiles,
            "engine": "",
            "protocol": self.protocol,
            "inchikey": "",
            "name": "",
            "content": json.dumps(content, separators=(",", ":")),
        }


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


def _storable(text: str) -> str:
    """Text that every database takes: PostgreSQL refuses NUL, and no database a lone surrogate."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
