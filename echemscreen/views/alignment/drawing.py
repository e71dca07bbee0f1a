"""The drawing model of the alignment diagram: plain numbers in the units of the chosen axis."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from echemscreen.quantities import MINUS, Bound, written
from echemscreen.records.levels import Found
from echemscreen.records.processes import Process

Basis = Found | Literal[""]


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a species in axis units; ``clipped`` is -1 above the axis, +1 below it, else 0.

    ``sigma`` is ``None`` if it is unknown: then no error bar is drawn, not one of length zero.
    """

    kind: Process
    value: float
    sigma: float | None
    clipped: int = 0
    basis: Basis = ""
    """How it was found; blank if the table does not say."""
    bound: Bound = ""
    """The side on which the true potential lies: a reduction further up, an oxidation further down."""
    verdict: str = ""
    """What the level says by itself; blank if the table does not tell."""


@dataclass(frozen=True, slots=True)
class Column:
    """One species."""

    x: float
    label: str
    verdict: str
    levels: tuple[Level, ...]
    couple: str = ""
    couple_value: float | None = None
    couple_verdict: str = ""
    couple_clipped: int = 0
    """-1 if the couple lies above the axis, +1 below it."""
    couple_beyond: float | None = None
    """Where it lies then, in axis units."""
    name: str = ""
    """As it was given, not shortened."""
    smiles: str = ""
    n_unpaired: int | None = None
    """Unpaired electrons of the species; ``None`` if nobody told."""
    facts: tuple[str, ...] = ()
    """Sentences for a reader who points at the species; potentials in them name their electrode."""
    role: str = ""
    """Of a member of a ledger."""
    decides: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that belong together: the members of one ledger."""

    start: float
    end: float
    label: str
    verdict: str
    smiles: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A layer of the dot: its band edges in axis units."""

    x: float
    label: str
    cbm: float
    vbm: float


@dataclass(frozen=True, slots=True)
class Guide:
    """A named horizontal line."""

    name: str
    value: float
    kind: Literal["edge", "user edge", "couple"]
    label_value: float
    """Where the label stands, moved so that labels do not overlap."""
    unit: str

    @property
    def short_label(self) -> str:
        """Name, value and unit."""
        return f"{self.name} {signed(self.value, 2)} {self.unit}"

    @property
    def label(self) -> str:
        """The same, and whether the user gave it."""
        return self.short_label + (f", {kind_words('user')}" if self.kind == "user edge" else "")


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
    exciton_ev: float
    """Energy of the dot's first exciton; 0 for a metal, which has none."""
    blocks: tuple[Block, ...]
    columns: tuple[Column, ...]
    guides: tuple[Guide, ...]
    caption: str
    selection: str = ""
    """Which of the species are drawn, where not all of them are."""
    groups: tuple[Group, ...] = ()

    @property
    def first_x(self) -> float:
        """Where the species begin."""
        return len(self.blocks) + 0.9

    @property
    def last_x(self) -> float:
        """Where the species end."""
        ends = [*(column.x + 0.5 for column in self.columns), *(group.end for group in self.groups)]
        return max(ends, default=self.first_x + 1.0)

    @property
    def upwards(self) -> float:
        """Length of the axis from bottom to top, negative where it runs downwards."""
        return self.top - self.bottom

    @property
    def exciton_value(self) -> float:
        """Where an exciton's energy ends that begins at the valence-band edge, in axis units."""
        return self.vbm + math.copysign(self.exciton_ev, self.upwards)


def outwards(drawing: Drawing, level: Level) -> float:
    """Length of the axis in the direction away from the gap: up for a reduction, down for an oxidation."""
    return drawing.upwards if level.kind == Process.REDUCTION else -drawing.upwards


#: How an edge is known, in words where its short name says too little.
_KINDS = {"user": "given by the user"}


def kind_words(kind: str) -> str:
    """How an edge is known, for a reader: ``user`` is ``given by the user``."""
    return _KINDS.get(kind, kind)


def exciton_words(exciton_ev: float, exciton_nm: float | None = None) -> str:
    """Energy of the first exciton and, where it is given, its wavelength; a metal has no exciton."""
    if exciton_ev <= 0:
        return "none (a metal)"
    return f"{exciton_ev:.2f} eV" + (f", {exciton_nm:.0f} nm" if exciton_nm else "")


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
    unit, against = unit_of(label), label.partition(" ")[2]
    quantity = "Electron energy" if unit == "eV" else "Potential"
    return f"{quantity} / {unit} {against}"


def signed(value: float, decimals: int) -> str:
    """A number with its sign; the minus is as long as on the axis."""
    return written(value, decimals, sign=True, minus=MINUS)


def text_width(text: str) -> int:
    """Width in narrow characters: an ideograph takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def unit_of(label: str) -> str:
    """``V`` or ``eV``, from the label of a scale."""
    return label.partition(" ")[0]


def one_line(name: str) -> str:
    """A name in one line of printable characters: control characters would break an SVG."""
    return " ".join("".join(c if c.isprintable() else " " for c in name).split())


def shortened(name: str, width: int) -> str:
    """A name in one line of at most ``width`` narrow characters, cut in its middle.

    Series differ at either end of their names: both are kept.
    """
    clean = one_line(name)
    if text_width(clean) <= width:
        return clean
    # No more characters than narrow ones have room.
    half = len(clean) // 2
    head, tail = clean[: min(half, width)], clean[max(half, len(clean) - width) :]
    widths = [text_width(head), text_width(tail)]
    while (head or tail) and sum(widths) >= width:
        if widths[0] > widths[1]:
            widths[0] -= text_width(head[-1])
            head = head[:-1]
        else:
            widths[1] -= text_width(tail[0])
            tail = tail[1:]
    return f"{head}…{tail}"


def labels_of(names: Sequence[str], width: int) -> list[str]:
    """Names of at most ``width`` characters; different names that shorten to one keep what differs."""
    lines = [one_line(name) for name in names]
    found = [shortened(line, width) for line in lines]
    for label in {label for label in found if found.count(label) > 1}:
        places = [index for index, item in enumerate(found) if item == label]
        alike = [lines[index] for index in places]
        head = _common_start(alike)
        tail = _common_start([line[len(head) :][::-1] for line in alike])[::-1]
        for index in places:
            own = shortened(lines[index][len(head) : len(lines[index]) - len(tail)], width - 4)
            room = (width - 2 - text_width(own)) // 2
            if own:
                found[index] = f"{_cut(head, room)}{own}{_cut(tail[::-1], room)[::-1]}"
    return found


def _cut(text: str, width: int) -> str:
    """The beginning of a text, with an ellipsis if there is more."""
    if text_width(text) <= width:
        return text
    text = text[: max(width, 0)]
    while text and text_width(text) > width:
        text = text[:-1]
    return f"{text}…"


def _common_start(texts: Sequence[str]) -> str:
    """What all texts begin with."""
    first, last = min(texts), max(texts)
    differ = (index for index, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1])
    return first[: next(differ, len(first))]
