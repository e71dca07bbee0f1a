"""A ladder as plain JSON values, without loss."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from pydantic_core import from_json

from echemscreen.records.levels import ChargeState, Ladder, Method, SinglePoint
from echemscreen.records.molecules import Geometry, Species

#: What a ladder is made of, with the names of their fields.
_FIELDS = {
    record: tuple(field.name for field in fields(record))
    for record in (Ladder, ChargeState, Geometry, SinglePoint, Method, Species)
}


def ladder_to_json(ladder: Ladder) -> dict[str, Any]:
    """A ladder as plain JSON values, without loss."""
    plain: dict[str, Any] = _plain(ladder)
    return plain


def geometry_to_json(geometry: Geometry) -> dict[str, Any]:
    """A geometry as plain JSON values."""
    plain: dict[str, Any] = _plain(geometry)
    return plain


def geometry_from_json(plain: dict[str, Any]) -> Geometry:
    """The inverse of :func:`geometry_to_json`."""
    return Geometry(
        symbols=tuple(plain["symbols"]),
        positions_ang=np.array(plain["positions_ang"]),
        site_atoms=tuple(plain["site_atoms"]),
    )


def _plain(value: Any) -> Any:  # noqa: ANN401
    # dataclasses.asdict copies every number by itself: many times the time.
    names = _FIELDS.get(type(value))
    if names is not None:
        return {name: _plain(getattr(value, name)) for name in names}
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, tuple):
        return [_plain(item) for item in value] if value and type(value[0]) in _FIELDS else list(value)
    return value


class StoredLadders(Mapping[str, Ladder]):
    """Ladders by ``task_id``, of which a stored one is its JSON text until it is asked for."""

    def __init__(self, found: Mapping[str, str | Ladder]) -> None:
        self._found = dict(found)

    def part(self, keys: Iterable[str], computed: Mapping[str, str | Ladder]) -> StoredLadders:
        """Those of some keys, with what was computed meanwhile."""
        return StoredLadders({**{key: self._found[key] for key in keys if key in self._found}, **computed})

    def __getitem__(self, key: str) -> Ladder:
        found = self._found[key]
        if isinstance(found, str):
            found = self._found[key] = ladder_from_json(from_json(found))
        return found

    def __contains__(self, key: object) -> bool:
        return key in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def ladder_from_json(plain: dict[str, Any]) -> Ladder:
    """The inverse of :func:`ladder_to_json`."""
    return Ladder(
        **{
            **plain,
            "species": Species(**plain["species"]),
            "states": tuple(_state(item) for item in plain["states"]),
            "warnings": tuple(plain["warnings"]),
        }
    )


def _state(plain: dict[str, Any]) -> ChargeState:
    geometry = plain["geometry"]
    return ChargeState(
        **{
            **plain,
            "vertical": tuple(_point(item) for item in plain["vertical"]),
            "relaxed": tuple(_point(item) for item in plain["relaxed"]),
            "changed_bonds": tuple(plain["changed_bonds"]),
            "geometry": None if geometry is None else geometry_from_json(geometry),
        }
    )


def _point(plain: dict[str, Any]) -> SinglePoint:
    dipole = plain["dipole_debye"]
    return SinglePoint(
        **{
            **plain,
            "method": Method(**plain["method"]),
            "dipole_debye": None if dipole is None else tuple(dipole),
            "atomic_charges": tuple(plain["atomic_charges"]),
            # Not in what was stored before 0.2.
            "atomic_spins": tuple(plain.get("atomic_spins", ())),
            "retries": tuple(plain["retries"]),
        }
    )
