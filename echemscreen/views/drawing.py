"""The drawing model of the alignment diagram: plain numbers in the units of the chosen axis."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a species in axis units; ``clipped`` is -1 above the axis, +1 below it, else 0.

    ``sigma`` is ``None`` if it is unknown: then no error bar is drawn, not one of length zero.
    """

    kind: str
    value: float
    sigma: float | None
    clipped: int


@dataclass(frozen=True, slots=True)
class Column:
    """One species."""

    x: float
    label: str
    verdict: str
    levels: tuple[Level, ...]
    couple: str
    couple_value: float | None


@dataclass(frozen=True, slots=True)
class Block:
    """A layer of the dot: its band edges in axis units."""

    x: float
    label: str
    cbm: float
    vbm: float


@dataclass(frozen=True, slots=True)
class Guide:
    """A labelled horizontal line."""

    label: str
    value: float
    kind: str
    label_value: float
    """Where the label stands, moved so that labels do not overlap."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """The alignment diagram as numbers.

    ``top`` and ``bottom`` are the ends of the axis; what lies beyond is told by arrow and number
    in a strip at each end, which no level enters.
    """

    scale: str
    axis_label: str
    top: float
    bottom: float
    cbm: float
    cbm_sigma: float
    vbm: float
    vbm_sigma: float
    blocks: tuple[Block, ...]
    columns: tuple[Column, ...]
    guides: tuple[Guide, ...]
    caption: str

    @property
    def first_x(self) -> float:
        """Where the species begin."""
        return len(self.blocks) + 0.9

    @property
    def last_x(self) -> float:
        """Where the species end."""
        return self.first_x + max(len(self.columns), 1)


#: How an edge is known, in words where its short name says too little.
_KINDS = {"user": "given by the user"}


def kind_words(kind: str) -> str:
    """How an edge is known, for a reader: ``user`` is ``given by the user``."""
    return _KINDS.get(kind, kind)


def spread(values: Sequence[float], room: float, low: float, high: float) -> list[float]:
    """Places for the labels of values, each at its own unless that is nearer than ``room`` to another.

    Parameters
    ----------
    values
        In any order; the places come back in the same.
    low, high
        The ends of the axis, ``low < high``.
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    places: list[float] = []
    for index in order:
        value = max(values[index], low + 0.5 * room)
        places.append(max(value, places[-1] + room) if places else value)
    limit = high - 0.5 * room
    for index in range(len(places) - 1, -1, -1):
        places[index] = min(places[index], limit)
        limit = places[index] - room
    found = [0.0] * len(values)
    for place, index in zip(places, order, strict=True):
        found[index] = place
    return found


def axis_label(label: str) -> str:
    """``Potential / V vs SHE`` from the label of a scale: never an unlabelled volt."""
    unit, _, against = label.partition(" ")
    quantity = "Electron energy" if unit == "eV" else "Potential"
    return f"{quantity} / {unit} {against}"


def signed(value: float, decimals: int) -> str:
    """A number with its sign; the minus is as long as on the axis."""
    return f"{value:+z.{decimals}f}".replace("-", "\N{MINUS SIGN}")


def text_width(text: str) -> int:
    """Width in narrow characters: an ideograph takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
