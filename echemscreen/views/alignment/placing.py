"""What every diagram is placed from: the dot's layers and edges, levels, and the words of the caption."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from echemscreen.errors import InputError
from echemscreen.quantities import MINUS, quantity, stated_probability
from echemscreen.records.dots import DescribedDot, DescribedLayer, described_edges
from echemscreen.records.levels import Found
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment.drawing import (
    Block,
    Column,
    Guide,
    Level,
    exciton_words,
    kind_words,
    spread,
    unit_of,
)
from echemscreen.views.sheets import Sheet
from echemscreen.views.tables.cells import known, shown, side

_ARROW, _NUMBER_IN, _NUMBERS_IN = 0.05, 0.22, 0.55
#: Height of a line of type in units of its size, and points of an inch.
_LINE, _POINTS_IN = 1.25, 72.0


def dot_of(folder: Path) -> DescribedDot:
    """The dot of a finished run, from its ``run.json``.

    Raises
    ------
    InputError
        if that file cannot be read, or is not of a finished run.
    """
    path = folder / "run.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))["qd"]
        missing = sorted(DescribedDot.__required_keys__ - set(content))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not of a finished run: {error}.", "Run it again.") from error
    if missing:
        raise InputError(f"{path} lacks of its dot: {', '.join(missing)}.", "Run it again.")
    found: DescribedDot = content
    return found


def blocks_of(dot: DescribedDot, axis: Callable[[float], float]) -> tuple[Block, ...]:
    """The layers of a dot, from the JSON object, on an axis."""
    return tuple(
        Block(
            x=float(index),
            label=_layer_label(layer),
            cbm=axis(layer["cbm_v_she"]),
            vbm=axis(layer["vbm_v_she"]),
        )
        for index, layer in enumerate(dot["layers"])
    )


def _layer_label(layer: DescribedLayer) -> str:
    size = layer["size_nm"]
    return str(layer["material"]) if size is None else f"{layer['material']} {float(size):.3g} nm"


def edge_guides(dot: DescribedDot) -> list[tuple[str, float, str]]:
    """Name, potential (V vs SHE) and kind of the lines of both edges."""
    return [
        (edge.upper(), value, "user edge" if kind == "user" else "edge")
        for edge, value, _, kind in described_edges(dot)
    ]


def spread_guides(
    guides: Sequence[tuple[str, float, str]],
    window_v: tuple[float, float],
    scale: str,
    *,
    strip_v: float,
    sheet: Sheet,
) -> tuple[Guide, ...]:
    """Move labels apart until each has its line of space; the lines stay where they are.

    Parameters
    ----------
    window_v
        Where labels may stand, V vs SHE.
    strip_v
        How far the axis goes on at each end.
    """
    top_v, bottom_v = window_v
    line_v = _LINE * sheet.small_pt / _POINTS_IN / sheet.height_in * (bottom_v - top_v + 2 * strip_v)
    ordered = sorted(guides, key=lambda item: item[1])
    places = spread([value for _, value, _ in ordered], line_v, top_v, bottom_v)
    unit = unit_of(electrode(scale).label)
    return tuple(
        Guide(
            name=name,
            value=from_she(value, scale),
            kind="couple" if kind == "couple" else "user edge" if kind == "user edge" else "edge",
            label_value=from_she(place, scale),
            unit=unit,
        )
        for (name, value, kind), place in zip(ordered, places, strict=True)
    )


def caption_of_dot(dot: DescribedDot, scale: str) -> str:
    """Edges on a scale with their uncertainties, its constant, and the exciton, in words."""
    edges = ", ".join(
        f"{edge.upper()} {quantity(from_she(value, scale), sigma, minus=MINUS)} ({kind_words(kind)})"
        for edge, value, sigma, kind in described_edges(dot)
    )
    return (
        f"{title_of_dot(dot)}. {edges} {electrode(scale).label}; {_constant(scale)}; exciton "
        f"{exciton_words(dot['exciton_ev'])}. Bars and bands: one standard deviation."
    )


def title_of_dot(dot: DescribedDot) -> str:
    """Its name and what it is made of."""
    return dot["spec"] if dot["name"] == dot["spec"] else f"{dot['name']}: {dot['spec']}"


def _constant(scale: str) -> str:
    """What an axis rests on; an axis against SHE has that of vacuum beside it."""
    if scale in {"she", "vacuum"}:
        return f"absolute SHE {-electrode('vacuum').offset_v_she:.2f} eV"
    row = electrode(scale)
    # As many digits as its standard deviation has.
    decimals = 2 if row.uncertainty_v >= 0.01 else 3  # noqa: PLR2004 - a hundredth
    value = quantity(row.offset_v_she, row.uncertainty_v, "V vs SHE", decimals=decimals, minus=MINUS)
    return f"{row.label.partition(' vs ')[2]} {value}"


def basis_words(columns: Sequence[Column]) -> str:
    """What the lines mean that are drawn."""
    levels = [level for column in columns for level in column.levels if not level.clipped]
    words = (
        " Colour: what each level says by itself, not its molecule."
        if any(level.verdict for column in columns for level in column.levels)
        else ""
    )
    words += (
        " Arrow at a level, ≤ or ≥: a one-sided bound; the true value lies further out."
        if any(level.bound for level in levels)
        else ""
    )
    if any(level.basis == "vertical" for level in levels):
        words += " Vertical: at the neutral molecule's geometry."
    if any(level.basis == "estimated" for level in levels):
        words += " Estimated: from the structure alone."
    return words


def strip_of(columns: Sequence[Column], height_in: float) -> float:
    """Kept at each end for levels out of range, as a part of what lies between the strips.

    The arrow takes a part of the axis; one number, or two where both levels of a species lie beyond
    the same end, take inches.
    """
    crowded = any(is_crowded(column) for column in columns)
    strip = _ARROW + (_NUMBERS_IN if crowded else _NUMBER_IN) / height_in
    return strip / (1.0 - 2.0 * strip)


def is_crowded(column: Column) -> bool:
    """Whether two levels, or a level and the couple, lie beyond the same end of the axis."""
    ends = [end for end in (*(level.clipped for level in column.levels), column.couple_clipped) if end]
    return len(set(ends)) < len(ends)


def levels_of(row: Mapping[str, Any]) -> tuple[Level, ...]:
    """The levels of a row of ``results.csv`` or ``ledger.csv``, V vs SHE."""
    found = []
    sides: tuple[tuple[Process, str], ...] = ((Process.REDUCTION, "e_red"), (Process.OXIDATION, "e_ox"))
    for kind, name in sides:
        value = known(row[f"{name}_v_she"])
        if value is not None:
            basis = row.get(f"{name}_basis")
            found.append(
                Level(
                    kind=kind,
                    value=value,
                    sigma=known(row[f"{name}_sigma_v"]),
                    basis=next((word for word in get_args(Found) if word == basis), ""),
                    bound=side(row, f"{name}_v_she"),
                    verdict=str(row.get(f"{name}_verdict") or ""),
                )
            )
    return tuple(found)


def placed(levels: Iterable[Level], window_v: tuple[float, float], scale: str) -> tuple[Level, ...]:
    """Levels in V vs SHE on an axis that shows a window, V vs SHE."""
    top_v, bottom_v = window_v
    return tuple(
        replace(
            level,
            value=from_she(level.value, scale),
            clipped=-1 if level.value < top_v else 1 if level.value > bottom_v else 0,
        )
        for level in levels
    )


def facts_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    """What a reader who points at a species wants to know beside its levels."""
    facts = []
    for process in PROCESSES:
        drive, name = shown(row, f"{process}_drive_ev", minus=MINUS), f"p_{process}"
        chance = known(row.get(name))
        if drive:
            said = "" if chance is None else f", {stated_probability(chance, side(row, name))}"
            facts.append(f"drive to {process} {drive} eV{said}")
    for name in ("form", "flags", "domain"):
        value = str(row.get(name) or "").replace(";", ", ").replace("_", " ")
        if value:
            facts.append(f"{name}: {value}")
    return (*facts, str(row["reason"])) if row.get("reason") else tuple(facts)
