"""The map of many molecules: E_red against E_ox, one mark a molecule, the dot's edges as lines and bands.

Up are levels that an electron of the dot does not reach, to the right those that a hole does not reach: what
is inert for both carriers stands in the upper right corner. Here it is placed, as plain numbers in the units
of its axes; :mod:`~echemscreen.views.map.map_figure` draws it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from echemscreen.errors import InputError
from echemscreen.quantities import Bound, counted
from echemscreen.records.dots import DescribedDot
from echemscreen.records.processes import Process
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment.drawing import axis_label, unit_of
from echemscreen.views.alignment.placing import caption_of_dot, title_of_dot
from echemscreen.views.alignment.selection import largest_drive
from echemscreen.views.palette import (
    severest,
)
from echemscreen.views.sheets import PLAIN, FigureStyle
from echemscreen.views.tables.cells import known, side
from echemscreen.views.typeset import SYMBOLS

#: From so many molecules on the map says more than levels side by side.
MANY_SPECIES = 40
#: The axes show this share of the molecules at least, and what lies around the edges, V.
_SHARE, _AROUND_V, _ROOM_V = 0.96, 0.8, 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMark:
    """One molecule: its potentials in axis units, ``None`` where one is not known."""

    name: str
    smiles: str
    verdict: str
    e_red: float | None
    e_ox: float | None
    e_red_sigma: float | None = None
    e_ox_sigma: float | None = None
    e_red_bound: Bound = ""
    e_ox_bound: Bound = ""
    by_couple: bool = False
    """Whether its metal couple says more than both of its levels."""
    drive_ev: float = -math.inf
    """The larger drive: what is nearest to a reaction is named first."""
    row: int = 0
    """Of the table, from 0."""

    @property
    def is_bound(self) -> bool:
        """Whether a level is a one-sided bound: the true one lies further up, or further to the right."""
        return bool(self.e_red_bound or self.e_ox_bound)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapDrawing:
    """A map as numbers; the ends of an axis as (least reactive carrier's end last)."""

    axis_labels: tuple[str, str]
    """Of E_ox and of E_red."""
    x: tuple[float, float]
    y: tuple[float, float]
    cbm: float
    cbm_sigma: float
    vbm: float
    vbm_sigma: float
    marks: tuple[MapMark, ...]
    sigma: tuple[float | None, float | None]
    """Median standard deviation of E_ox and of E_red, V."""
    title: str
    """The dot."""
    words: str
    """What is drawn, without numbers of an axis."""
    caption: str
    """Of a printed map: edges and constant on its axes, and ``words``."""
    named: tuple[str, ...] = ()
    """Names that the user asked for."""


def layout(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    *,
    scale: str = "she",
    style: FigureStyle = PLAIN,
) -> MapDrawing:
    """Place every molecule in the units of the axes; see :func:`draw`."""
    reference = electrode(scale)
    judged = [(place, row) for place, row in enumerate(rows) if row["status"] == "ok"]
    usable = [row for _, row in judged]
    marks = [_mark(row, place, scale, style) for place, row in judged]
    marks = [mark for mark in marks if mark.e_red is not None or mark.e_ox is not None]
    if not marks:
        raise InputError("No row has a level that a map could show.", "Draw the diagram of the levels.")
    cbm_v, vbm_v = float(dot["cbm_v_she"]), float(dot["vbm_v_she"])
    spans = {}
    for name, edge_v, lower, upper in (("e_red", cbm_v, 2.6, 1.2), ("e_ox", vbm_v, 1.6, 2.2)):
        values = [value for row in usable if (value := known(row[f"{name}_v_she"])) is not None]
        spans[name] = _span(values, edge_v, (edge_v - lower, edge_v + upper))
    x = (from_she(spans["e_ox"][0], scale), from_she(spans["e_ox"][1], scale))
    # Electrons rise: the more negative potential stands above.
    y = (from_she(spans["e_red"][1], scale), from_she(spans["e_red"][0], scale))
    sigmas = [
        [value for row in usable if (value := known(row[f"{name}_sigma_v"])) is not None]
        for name in ("e_ox", "e_red")
    ]
    unit = f"{unit_of(reference.label)} {reference.label.partition(' ')[2]}"
    words = _words(marks, usable, len(rows), (x, y))
    if scale == "vacuum":
        labels = tuple(
            f"{SYMBOLS[process]}, {axis_label(reference.label)}"
            for process in (Process.OXIDATION, Process.REDUCTION)
        )
    else:
        labels = tuple(f"{SYMBOLS[process]} / {unit}" for process in (Process.OXIDATION, Process.REDUCTION))
    return MapDrawing(
        axis_labels=(labels[0], labels[1]),
        x=x,
        y=y,
        cbm=from_she(cbm_v, scale),
        cbm_sigma=float(dot["cbm_sigma_v"]),
        vbm=from_she(vbm_v, scale),
        vbm_sigma=float(dot["vbm_sigma_v"]),
        marks=tuple(marks),
        sigma=(median(sigmas[0]) if sigmas[0] else None, median(sigmas[1]) if sigmas[1] else None),
        title=title_of_dot(dot),
        words=words,
        caption=f"{caption_of_dot(dot, scale)} {words}",
        named=tuple(style.named(name) for name in style.order),
    )


def _mark(row: Mapping[str, Any], place: int, scale: str, style: FigureStyle) -> MapMark:
    values = {name: known(row[f"{name}_v_she"]) for name in ("e_red", "e_ox")}
    says = [str(row.get(f"{name}_verdict") or "") for name in ("e_red", "e_ox")]
    verdict = str(row["verdict"])
    placed = {name: None if v is None else from_she(v, scale) for name, v in values.items()}
    return MapMark(
        name=style.named(str(row["name"])),
        smiles=str(row.get("canonical_smiles") or row.get("smiles") or ""),
        verdict=verdict,
        e_red=placed["e_red"],
        e_ox=placed["e_ox"],
        e_red_sigma=known(row["e_red_sigma_v"]),
        e_ox_sigma=known(row["e_ox_sigma_v"]),
        e_red_bound=side(row, "e_red_v_she"),
        e_ox_bound=side(row, "e_ox_v_she"),
        by_couple=severest([verdict, *says]) == verdict
        and verdict not in says
        and str(row.get("couple_verdict") or "") == verdict,
        drive_ev=largest_drive(row),
        row=place,
    )


def _span(values: Sequence[float], edge_v: float, widest: tuple[float, float]) -> tuple[float, float]:
    """Ends of an axis, V vs SHE: nearly all of the values, and what lies around the edge."""
    low, high = edge_v - _AROUND_V, edge_v + _AROUND_V
    if values:
        tail = 0.5 * (1.0 - _SHARE)
        found = np.quantile(values, [tail, 1.0 - tail])
        low, high = min(low, float(found[0]) - _ROOM_V), max(high, float(found[1]) + _ROOM_V)
    return max(low, widest[0]), min(high, widest[1])


def _words(
    marks: Sequence[MapMark],
    usable: Sequence[Mapping[str, Any]],
    n_rows: int,
    ends: tuple[tuple[float, float], tuple[float, float]],
) -> str:
    words = f"{counted(len(marks), 'molecule')}, coloured by verdict."
    words += " Up: out of an electron's reach; right: out of a hole's."
    if any(mark.is_bound for mark in marks):
        words += " Open: a level is a one-sided bound; the true one lies further up or right."
    words += " Verdicts also count whether a carrier reaches the surface of the dot."
    if any(mark.by_couple for mark in marks):
        words += " Ringed: the verdict is its metal couple's."
    beyond = sum(_is_beyond(mark, ends) for mark in marks)
    if beyond:
        words += f" At the frame: {counted(beyond, 'molecule')} with a level beyond the axes, or unknown."
    left_out = len(usable) - len(marks)
    if left_out:
        words += f" Without any level: {left_out}."
    failed = n_rows - len(usable)
    if failed:
        words += f" {counted(failed, 'failed row')} {'is' if failed == 1 else 'are'} not drawn."
    return words


def _is_beyond(mark: MapMark, ends: tuple[tuple[float, float], tuple[float, float]]) -> bool:
    return any(
        value is None or not min(axis) <= value <= max(axis)
        for value, axis in zip((mark.e_ox, mark.e_red), ends, strict=True)
    )
