"""The alignment diagram: the dot's band edges, the molecules' levels and the metal couples.

A drawing is made in two steps. :func:`layout` turns rows and a dot into a :class:`Drawing`, plain
numbers in the units of the chosen axis; :func:`draw` renders it with matplotlib (SVG with editable
text, PNG, PDF). Electrons rise upwards: potential axes run downwards. Colours are Okabe and Ito's,
and every verdict has a marker of its own, so the figure can be read in grey. Names and formulas are
data: they are drawn as they are, never parsed as mathematics.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from echemscreen.errors import InputError
from echemscreen.scales import electrode, from_she
from echemscreen.views.drawing import Block, Column, Drawing, Guide, Level, axis_label
from echemscreen.views.rendering import save

SUFFIXES = (".svg", ".png", ".pdf")
MAX_SPECIES = 40
#: How far the axis goes beyond the conduction and the valence edge, V.
_ABOVE_V, _BELOW_V = 1.75, 1.15
_LABEL_CHARACTERS = 26


def layout(
    rows: Sequence[Mapping[str, Any]],
    dot: Mapping[str, Any],
    *,
    scale: str = "she",
    top: int | None = None,
) -> Drawing:
    """Place everything in the units of the axis.

    Parameters
    ----------
    rows
        Rows with the columns of ``results.csv``; failed rows are not drawn.
    dot
        The JSON object of a dot.
    scale
        ``she``, ``vacuum``, ``fc`` or ``sce``.
    top
        Draw only the rows with the largest drives.

    Raises
    ------
    InputError
        if the scale is unknown.
    """
    reference = electrode(scale)
    usable = [row for row in rows if row["status"] == "ok"]
    limit = min(top or MAX_SPECIES, MAX_SPECIES)
    shown = usable
    if len(usable) > limit:
        ranked = sorted(range(len(usable)), key=lambda index: -_largest_drive(usable[index]))
        shown = [usable[index] for index in sorted(ranked[:limit])]

    cbm_v, vbm_v = float(dot["cbm_v_she"]), float(dot["vbm_v_she"])
    top_v, bottom_v = cbm_v - _ABOVE_V, vbm_v + _BELOW_V

    def axis(value_v_she: float) -> float:
        return from_she(value_v_she, scale)

    blocks = tuple(
        Block(
            x=float(index),
            label=_layer_label(layer),
            cbm=axis(float(layer["cbm_v_she"])),
            vbm=axis(float(layer["vbm_v_she"])),
        )
        for index, layer in enumerate(dot["layers"])
    )
    first_x = len(blocks) + 0.9
    couples = {str(item["couple"]): float(item["e0_v_she"]) for item in dot["couples"]}
    columns = tuple(
        _column(row, first_x + index + 0.5, couples=couples, window_v=(top_v, bottom_v), axis=axis)
        for index, row in enumerate(shown)
    )
    guides = [("CBM", cbm_v, "edge"), ("VBM", vbm_v, "edge")]
    guides += [
        (name, couples[name], "couple")
        for name in dict.fromkeys(column.couple for column in columns)
        if name and top_v < couples[name] < bottom_v
    ]
    missing = len(usable) - len(shown)
    failed = len(rows) - len(usable)
    caption = (
        f"{dot['name']}: {dot['spec']}. CBM {cbm_v:+.2f} ± {float(dot['cbm_sigma_v']):.2f} "
        f"({dot['cbm_kind']}), VBM {vbm_v:+.2f} ± {float(dot['vbm_sigma_v']):.2f} ({dot['vbm_kind']}) "
        "V vs SHE; "
        f"absolute SHE {-electrode('vacuum').offset_v_she:.2f} eV. Bars and bands: one standard deviation."
    )
    if missing:
        caption += f" {missing} species with smaller drives are not drawn."
    if failed:
        caption += f" {failed} failed rows are not drawn."
    return Drawing(
        scale=scale,
        axis_label=axis_label(reference.label),
        top=axis(top_v),
        bottom=axis(bottom_v),
        cbm=axis(cbm_v),
        cbm_sigma=float(dot["cbm_sigma_v"]),
        vbm=axis(vbm_v),
        vbm_sigma=float(dot["vbm_sigma_v"]),
        blocks=blocks,
        columns=columns,
        guides=_spread(guides, top_v, bottom_v, axis),
        caption=caption,
    )


def _largest_drive(row: Mapping[str, Any]) -> float:
    drives = [_float(row[name]) for name in ("reduction_drive_ev", "oxidation_drive_ev")]
    return max((drive for drive in drives if drive is not None), default=-math.inf)


def _float(value: object) -> float | None:
    if value is None or value == "":
        return None
    number = float(str(value))
    return None if math.isnan(number) else number


def _layer_label(layer: Mapping[str, Any]) -> str:
    size = layer["size_nm"]
    return str(layer["material"]) if size is None else f"{layer['material']} {float(size):g} nm"


def _column(
    row: Mapping[str, Any],
    x: float,
    *,
    couples: Mapping[str, float],
    window_v: tuple[float, float],
    axis: Callable[[float], float],
) -> Column:
    top_v, bottom_v = window_v
    levels = []
    for kind, name in (("reduction", "e_red"), ("oxidation", "e_ox")):
        value = _float(row[f"{name}_v_she"])
        if value is None:
            continue
        clipped = -1 if value < top_v else 1 if value > bottom_v else 0
        levels.append(Level(kind, axis(value), _float(row[f"{name}_sigma_v"]) or 0.0, clipped))
    couple = str(row["limiting_couple"] or "")
    e0 = couples.get(couple)
    return Column(
        x=x,
        label=_shortened(str(row["name"])),
        verdict=str(row["verdict"]),
        levels=tuple(levels),
        couple=couple if e0 is not None else "",
        couple_value=None if e0 is None else axis(min(max(e0, top_v), bottom_v)),
    )


def _shortened(name: str) -> str:
    """One line of printable characters: control characters would break an SVG."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return clean if len(clean) <= _LABEL_CHARACTERS else clean[: _LABEL_CHARACTERS - 1] + "…"


def _spread(
    guides: Sequence[tuple[str, float, str]],
    top_v: float,
    bottom_v: float,
    axis: Callable[[float], float],
) -> tuple[Guide, ...]:
    """Move labels apart until each has its line of space; the lines stay where they are."""
    room = 0.036 * (bottom_v - top_v)
    ordered = sorted(guides, key=lambda item: item[1])
    places: list[float] = []
    for _, value, _ in ordered:
        places.append(max(value, places[-1] + room) if places else value)
    overshoot = places[-1] - (bottom_v - 0.5 * room)
    if overshoot > 0:
        limit = bottom_v - 0.5 * room
        for index in range(len(places) - 1, -1, -1):
            places[index] = min(places[index], limit)
            limit = places[index] - room
    return tuple(
        Guide(
            f"{label} {value:+.2f}",
            axis(value),
            kind,
            axis(place),
        )
        for (label, value, kind), place in zip(ordered, places, strict=True)
    )


def draw(
    rows: Sequence[Mapping[str, Any]],
    dot: Mapping[str, Any],
    path: Path,
    *,
    scale: str = "she",
    top: int | None = None,
) -> Drawing:
    """Draw the diagram into a file; its suffix decides the format.

    Raises
    ------
    InputError
        if the suffix or the scale is unknown.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"A diagram cannot be written as '{path.name}'.", f"Use {', '.join(SUFFIXES)}.")
    drawing = layout(rows, dot, scale=scale, top=top)
    save(drawing, path)
    return drawing
