"""The alignment diagram: the dot's band edges, the molecules' levels and the metal couples.

A drawing is made in two steps. :func:`layout` turns rows and a dot into a :class:`Drawing`, plain
numbers in the units of the chosen axis; :func:`draw` renders it with matplotlib (SVG with editable
text, PNG, PDF). Electrons rise upwards: potential axes run downwards. Colours are Okabe and Ito's,
and every verdict has a marker of its own, so the figure can be read in grey. Names and formulas are
data: they are drawn as they are, never parsed as mathematics.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from echemscreen.errors import InputError
from echemscreen.scales import electrode, from_she
from echemscreen.views.device_drawing import Device, place_device, render_device
from echemscreen.views.drawing import (
    Block,
    Column,
    Drawing,
    Guide,
    Level,
    axis_label,
    kind_words,
    signed,
    spread,
    text_width,
)
from echemscreen.views.rendering import save, write

SUFFIXES = (".svg", ".png", ".pdf")
MAX_SPECIES = 40
#: Species drawn inside a device without being asked for more: the figure still fits a page.
DEVICE_SPECIES = 12
#: How far levels are drawn beyond the conduction and the valence edge, V.
_ABOVE_V, _BELOW_V = 1.75, 1.15
#: Part of the axis at each end that is kept for the numbers of levels out of range.
_STRIP = 0.1
#: Width of a species' name, in narrow characters.
_LABEL_WIDTH = 26

#: Stand for rows of a long table that are counted, not drawn.
_UNDRAWN: Mapping[str, Any] = {
    "status": "ok",
    "reduction_drive_ev": -math.inf,
    "oxidation_drive_ev": -math.inf,
}
_FAILED: Mapping[str, Any] = {"status": "failed"}


def layout(
    rows: Sequence[Mapping[str, Any]],
    dot: Mapping[str, Any],
    *,
    scale: str = "she",
    top: int | None = None,
    window_v: tuple[float, float] | None = None,
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
    window_v
        Potentials, V vs SHE, that are drawn at least.

    Raises
    ------
    InputError
        if the scale is unknown or ``top`` is less than one.
    """
    if top is not None and top < 1:
        raise InputError(f"A diagram of {top} species cannot be drawn.", "Give --top a number of at least 1.")
    reference = electrode(scale)
    usable = [row for row in rows if row["status"] == "ok"]
    limit = min(top or MAX_SPECIES, MAX_SPECIES)
    shown = usable
    if len(usable) > limit:
        ranked = sorted(range(len(usable)), key=lambda index: -_largest_drive(usable[index]))
        shown = [usable[index] for index in sorted(ranked[:limit])]

    cbm_v, vbm_v = float(dot["cbm_v_she"]), float(dot["vbm_v_she"])
    top_v, bottom_v = cbm_v - _ABOVE_V, vbm_v + _BELOW_V
    if window_v is not None:
        top_v, bottom_v = min(top_v, window_v[0]), max(bottom_v, window_v[1])
    strip_v = (bottom_v - top_v) * _STRIP / (1.0 - 2.0 * _STRIP)

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
    couples: dict[str, float] = {}
    for item in dot["couples"]:
        # The free aqueous couple stands before its complexes.
        couples.setdefault(str(item["couple"]), float(item["e0_v_she"]))
    columns = tuple(
        _column(row, first_x + index + 0.5, couples=couples, window_v=(top_v, bottom_v), axis=axis)
        for index, row in enumerate(shown)
    )
    guides = [
        (label, value, "user edge" if dot[f"{label.lower()}_kind"] == "user" else "edge")
        for label, value in (("CBM", cbm_v), ("VBM", vbm_v))
    ]
    guides += [
        (name, couples[name], "couple")
        for name in dict.fromkeys(column.couple for column in columns)
        if name and top_v < couples[name] < bottom_v
    ]
    missing = len(usable) - len(shown)
    failed = len(rows) - len(usable)
    title = dot["spec"] if dot["name"] == dot["spec"] else f"{dot['name']}: {dot['spec']}"
    edges = ", ".join(
        f"{edge.upper()} {signed(value, 2)} ± {float(dot[f'{edge}_sigma_v']):.2f} "
        f"({kind_words(dot[f'{edge}_kind'])})"
        for edge, value in (("cbm", cbm_v), ("vbm", vbm_v))
    )
    caption = (
        f"{title}. {edges} V vs SHE; "
        f"absolute SHE {-electrode('vacuum').offset_v_she:.2f} eV. Bars and bands: one standard deviation."
    )
    if missing:
        caption += f" {missing} species with smaller drives are not drawn."
    if failed:
        caption += f" {failed} failed rows are not drawn."
    far = [
        f"{name} {signed(couples[name], 2)} V vs SHE"
        for name in dict.fromkeys(column.couple for column in columns if column.couple_value is None)
        if name
    ]
    if far:
        caption += f" Couples beyond the axis: {', '.join(far)}."
    beyond = any(level.clipped for column in columns for level in column.levels)
    if beyond:
        caption += " Arrows: levels beyond the axis, with their values."
    return Drawing(
        scale=scale,
        axis_label=axis_label(reference.label),
        top=axis(top_v - strip_v),
        bottom=axis(bottom_v + strip_v),
        cbm=axis(cbm_v),
        cbm_sigma=float(dot["cbm_sigma_v"]),
        vbm=axis(vbm_v),
        vbm_sigma=float(dot["vbm_sigma_v"]),
        blocks=blocks,
        columns=columns,
        guides=_spread(guides, top_v, bottom_v, axis, reference.label.partition(" ")[0]),
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
        levels.append(Level(kind, axis(value), _float(row[f"{name}_sigma_v"]), clipped))
    couple = str(row["limiting_couple"] or "")
    e0 = couples.get(couple)
    return Column(
        x=x,
        label=_shortened(str(row["name"])),
        verdict=str(row["verdict"]),
        levels=tuple(levels),
        couple=couple if e0 is not None else "",
        couple_value=axis(e0) if e0 is not None and top_v < e0 < bottom_v else None,
    )


def _shortened(name: str) -> str:
    """One line of printable characters: control characters would break an SVG."""
    clean = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if text_width(clean) <= _LABEL_WIDTH:
        return clean
    # Series differ at either end of their names: both are kept.
    head, tail = clean[: len(clean) // 2], clean[len(clean) // 2 :]
    while text_width(head) + text_width(tail) >= _LABEL_WIDTH:
        if text_width(head) > text_width(tail):
            head = head[:-1]
        else:
            tail = tail[1:]
    return f"{head}…{tail}"


def _spread(
    guides: Sequence[tuple[str, float, str]],
    top_v: float,
    bottom_v: float,
    axis: Callable[[float], float],
    unit: str,
) -> tuple[Guide, ...]:
    """Move labels apart until each has its line of space; the lines stay where they are."""
    ordered = sorted(guides, key=lambda item: item[1])
    places = spread([value for _, value, _ in ordered], 0.036 * (bottom_v - top_v), top_v, bottom_v)
    return tuple(
        Guide(
            f"{label} {signed(axis(value), 2)} {unit}"
            + (f", {kind_words('user')}" if kind == "user edge" else ""),
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
    stack: Mapping[str, Any] | None = None,
) -> Drawing:
    """Draw the diagram into a file; its suffix decides the format.

    Parameters
    ----------
    stack
        The JSON object of a device: the diagram is drawn inside it.

    Raises
    ------
    InputError
        if the suffix or the scale is unknown, or ``top`` is less than one.
    StoreError
        if the file cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"A diagram cannot be written as '{path.name}'.", f"Use {', '.join(SUFFIXES)}.")
    if stack is None:
        drawing = layout(rows, dot, scale=scale, top=top)
        save(drawing, path)
        return drawing
    drawing, device = layout_device(rows, dot, stack, scale=scale, top=top)
    write(lambda: render_device(drawing, device), path)
    return drawing


def condensed(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """A stream of rows with no more of it than a figure can show.

    Rows with the largest drives are kept; of the others only whether they were judged, which is counted.
    """
    judged: list[bool] = []

    def ranked() -> Iterator[tuple[float, int, Mapping[str, Any]]]:
        for index, row in enumerate(rows):
            judged.append(row["status"] == "ok")
            if judged[-1]:
                yield _largest_drive(row), -index, row

    kept = {
        -index: row
        for _, index, row in heapq.nlargest(MAX_SPECIES, ranked(), key=lambda item: (item[0], item[1]))
    }
    blank = {True: _UNDRAWN, False: _FAILED}
    return [kept.get(index, blank[ok]) for index, ok in enumerate(judged)]


def layout_device(
    rows: Sequence[Mapping[str, Any]],
    dot: Mapping[str, Any],
    stack: Mapping[str, Any],
    *,
    scale: str = "she",
    top: int | None = None,
) -> tuple[Drawing, Device]:
    """Place a device and, in its middle, the dot with the species; see :func:`layout`."""
    layers = list(dot["layers"])
    # A carrier comes through the shells to the core and leaves through them.
    whole = {**dot, "layers": [*layers[:0:-1], *layers]}
    device = place_device(stack, scale)
    drawing = layout(
        rows, whole, scale=scale, top=min(top or DEVICE_SPECIES, MAX_SPECIES), window_v=device.window_v
    )
    return drawing, device
