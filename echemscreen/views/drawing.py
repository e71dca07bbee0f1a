"""The drawing model of the alignment diagram: plain numbers in the units of the chosen axis."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Level:
    """A level of a species in axis units; ``clipped`` is -1 above the axis, +1 below it, else 0."""

    kind: str
    value: float
    sigma: float
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
    """The alignment diagram as numbers; ``top`` and ``bottom`` are the ends of the axis."""

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


def axis_label(label: str) -> str:
    """``Potential / V vs SHE`` from the label of a scale: never an unlabelled volt."""
    unit, _, against = label.partition(" ")
    quantity = "Electron energy" if unit == "eV" else "Potential"
    return f"{quantity} / {unit} {against}"
