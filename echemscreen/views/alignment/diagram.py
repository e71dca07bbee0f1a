"""The alignment diagram: the dot's band edges, the molecules' levels and the metal couples.

A drawing is made in two steps. :func:`layout` turns rows and a dot into a :class:`Drawing`, plain
numbers in the units of the chosen axis; :func:`draw` renders it with matplotlib (SVG with editable
text, PNG, PDF), or puts it into a page whose script draws it (HTML). Electrons rise upwards: potential
axes run downwards. Names and formulas are data: they are drawn as they are, never parsed as mathematics
or markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from echemscreen.errors import InputError
from echemscreen.records.dots import DescribedDot
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment import interactive
from echemscreen.views.alignment.drawing import (
    Column,
    Drawing,
    axis_label,
    labels_of,
    shortened,
    signed,
)
from echemscreen.views.alignment.placing import (
    basis_words,
    blocks_of,
    caption_of_dot,
    edge_guides,
    facts_of,
    is_crowded,
    levels_of,
    placed,
    spread_guides,
    strip_of,
)
from echemscreen.views.alignment.rendering import render
from echemscreen.views.alignment.selection import MAX_SPECIES, MOST_SPECIES, select
from echemscreen.views.device.device_drawing import render_device, species_in_device
from echemscreen.views.device.device_layout import Device, place_device
from echemscreen.views.figure_file import made, write
from echemscreen.views.sheets import PLAIN, SUFFIXES, FigureStyle, Sheet, is_page_for_browser
from echemscreen.views.tables.cells import known
from echemscreen.views.typeset import ions, legible

__all__ = ["SUFFIXES", "draw", "layout", "layout_device", "species_drawn"]

#: Species drawn inside a device without being asked for more: the figure still fits a page.
DEVICE_SPECIES = 12
#: What is drawn beyond the conduction and the valence edge at least, how far levels reach that are drawn
#: where they are, and the room around them, V.
_ABOVE_V, _BELOW_V, _REACH_V, _ROOM_V = 1.75, 1.15, 2.3, 0.15
#: Couples whose names find room beside the axis.
_MAX_COUPLES = 20
#: Width of a species' name, in narrow characters: on paper, and on a page for the browser.
_LABEL_WIDTH, _PAGE_LABEL_WIDTH = 60, 26


def layout(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    *,
    scale: str = "she",
    top: int | None = None,
    page: int | None = None,
    style: FigureStyle = PLAIN,
    window_v: tuple[float, float] | None = None,
    label_width: int = _LABEL_WIDTH,
    size: int | None = None,
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
        Draw no more species than that; which, tells :func:`~.selection.select`.
    page
        Draw a page of the table instead, the first is 1.
    style
        Its width takes so many species and no more; it may name and order them.
    window_v
        Potentials, V vs SHE, that are drawn at least.
    label_width
        Of a species' name, in narrow characters.
    size
        How many species are drawn, where that is known already.

    Raises
    ------
    InputError
        if the scale is unknown, ``top`` cannot be drawn, or there is no such page or species.
    """
    reference = electrode(scale)
    sheet = style.sheet
    chosen = select(
        rows,
        size=size or species_drawn(dot, top=top, style=style),
        page=page,
        order=style.order,
        room=style.width_words,
    )
    cbm_v, vbm_v = dot["cbm_v_she"], dot["vbm_v_she"]
    levels = (known(row[name]) for row in chosen.rows for name in ("e_red_v_she", "e_ox_v_she"))
    top_v, bottom_v = window_of(levels, cbm_v, vbm_v)
    if window_v is not None:
        top_v, bottom_v = min(top_v, window_v[0]), max(bottom_v, window_v[1])

    def axis(value_v_she: float) -> float:
        return from_she(value_v_she, scale)

    blocks = blocks_of(dot, axis)
    first_x = len(blocks) + 0.9
    couples = [_couple(row, dot) for row in chosen.rows]
    labels = labels_of([style.named(str(row["name"])) for row in chosen.rows], label_width)
    columns = tuple(
        _column(row, label, first_x + index + 0.5, couple=couple, window_v=(top_v, bottom_v), scale=scale)
        for index, (row, label, couple) in enumerate(zip(chosen.rows, labels, couples, strict=True))
    )
    used = [couple for couple in dict.fromkeys(couples) if couple is not None]
    inside = [(name, e0) for name, e0 in used if top_v < e0 < bottom_v]
    guides: list[tuple[str, float, str]] = [*edge_guides(dot)]
    guides += [(name, e0, "couple") for name, e0 in inside[:_MAX_COUPLES]]
    crowded = any(is_crowded(column) for column in columns)
    strip_v = strip_of(columns, sheet.height_in) * (bottom_v - top_v)
    caption = caption_of_dot(dot, scale) + chosen.words + basis_words(columns)
    if inside[_MAX_COUPLES:]:
        unit = electrode(scale).label
        values = ", ".join(
            f"{ions(name)} {signed(from_she(e0, scale), 2)} {unit}" for name, e0 in inside[_MAX_COUPLES:]
        )
        caption += f" Couples without a line: {values}."
    if any(level.clipped for column in columns for level in column.levels):
        caption += f" Arrows at the frame: levels beyond the axis{', reduction first' if crowded else ''}."
    beyond = dict.fromkeys(ions(name) for name, e0 in used if (name, e0) not in inside)
    if beyond:
        caption += f" A star at the frame: a couple beyond the axis ({', '.join(beyond)})."
    return Drawing(
        scale=scale,
        axis_label=axis_label(reference.label),
        top=axis(top_v - strip_v),
        bottom=axis(bottom_v + strip_v),
        cbm=axis(cbm_v),
        cbm_sigma=dot["cbm_sigma_v"],
        vbm=axis(vbm_v),
        vbm_sigma=dot["vbm_sigma_v"],
        exciton_ev=dot["exciton_ev"],
        blocks=blocks,
        columns=columns,
        guides=spread_guides(guides, (top_v, bottom_v), scale, strip_v=strip_v, sheet=sheet),
        caption=caption,
        selection=chosen.words.strip(),
    )


def window_of(levels: Iterable[float | None], cbm_v: float, vbm_v: float) -> tuple[float, float]:
    """Potentials at the ends of the axis: every level within reach is drawn where it is. V vs SHE."""
    top_v, bottom_v = cbm_v - _ABOVE_V, vbm_v + _BELOW_V
    for value in levels:
        if value is not None and cbm_v - _REACH_V < value < vbm_v + _REACH_V:
            top_v, bottom_v = min(top_v, value - _ROOM_V), max(bottom_v, value + _ROOM_V)
    return top_v, bottom_v


def species_drawn(
    dot: DescribedDot, *, top: int | None = None, style: FigureStyle = PLAIN, in_device: bool = False
) -> int:
    """How many species a diagram shows at most.

    Raises
    ------
    InputError
        if ``top`` is less than one, or more than is legible.
    """
    if top is not None and not 1 <= top <= MOST_SPECIES:
        raise InputError(
            f"A diagram of {top} species cannot be drawn.",
            f"Give --top a number from 1 to {MOST_SPECIES}, or draw the map of all of them.",
        )
    asked = top or len(style.order) or (DEVICE_SPECIES if in_device else MAX_SPECIES)
    room = style.sheet.species(len(dot["layers"]))
    return min(asked, MOST_SPECIES if room is None else max(room, 1))


def draw(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    path: Path,
    *,
    scale: str = "she",
    top: int | None = None,
    page: int | None = None,
    style: FigureStyle = PLAIN,
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
        if the suffix or the scale is unknown, or ``top`` or ``page`` cannot be used.
    StoreError
        if the file cannot be written.
    """
    is_page = is_page_for_browser(path, style)
    label_width = _PAGE_LABEL_WIDTH if is_page else _LABEL_WIDTH
    drawing, device = _placed(
        rows,
        dot,
        stack,
        scale="she" if is_page else scale,
        top=top,
        page=page,
        style=style,
        label_width=label_width,
    )
    if is_page:
        interactive.write_page(drawing, path, device=device, scale=scale)
        return drawing
    if path.suffix.lower() != ".svg":
        drawing = with_legible_names(drawing)
    write(lambda: _rendered(drawing, device, style.sheet), path, style.sheet)
    return drawing


def figure(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    *,
    scale: str = "she",
    top: int | None = None,
    page: int | None = None,
    style: FigureStyle = PLAIN,
    stack: Mapping[str, Any] | None = None,
) -> Figure:
    """The diagram as a matplotlib figure, written nowhere; see :func:`draw`."""
    drawing, device = _placed(rows, dot, stack, scale=scale, top=top, page=page, style=style)
    return made(lambda: _rendered(with_legible_names(drawing), device, style.sheet), style.sheet)


def with_legible_names(drawing: Drawing) -> Drawing:
    """The drawing with a SMILES where no installed font has the letters of a name."""
    labels, words = legible(
        [column.label for column in drawing.columns], [column.smiles for column in drawing.columns]
    )
    columns = tuple(
        replace(column, label=shortened(label, _LABEL_WIDTH))
        for column, label in zip(drawing.columns, labels, strict=True)
    )
    return replace(drawing, columns=columns, caption=drawing.caption + words)


def _rendered(drawing: Drawing, device: Device | None, sheet: Sheet) -> Figure:
    return render(drawing, sheet) if device is None else render_device(drawing, device, sheet)


def _placed(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    stack: Mapping[str, Any] | None,
    **options: Any,  # noqa: ANN401 - those of layout and layout_device
) -> tuple[Drawing, Device | None]:
    if stack is None:
        return layout(rows, dot, **options), None
    return layout_device(rows, dot, stack, **options)


def layout_device(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    stack: Mapping[str, Any],
    *,
    scale: str = "she",
    top: int | None = None,
    page: int | None = None,
    style: FigureStyle = PLAIN,
    label_width: int = _LABEL_WIDTH,
) -> tuple[Drawing, Device]:
    """Place a device and, in its middle, the dot with the species; see :func:`layout`."""
    device = place_device(stack, scale)
    named = [str(layer["name"]) for layer in (*stack["before"], *stack["after"])]
    whole = _through(dot)
    room = species_in_device(len(whole["layers"]), named, style.sheet)
    asked = species_drawn(dot, top=top, style=replace(style, width=None), in_device=True)
    drawing = layout(
        rows,
        whole,
        scale=scale,
        size=asked if room is None else min(asked, room),
        page=page,
        style=style,
        window_v=device.window_v,
        label_width=label_width,
    )
    return drawing, device


def dot_alone(dot: DescribedDot) -> Drawing:
    """A dot through its middle, nothing beside it."""
    return layout([], _through(dot))


def _through(dot: DescribedDot) -> DescribedDot:
    """A carrier comes through the shells to the core and leaves through them."""
    layers = list(dot["layers"])
    return {**dot, "layers": [*layers[:0:-1], *layers]}


def _couple(row: Mapping[str, Any], dot: DescribedDot) -> tuple[str, float] | None:
    """Name and potential (V vs SHE) of the couple that limits a row."""
    name, e0 = str(row["limiting_couple"] or ""), known(row.get("couple_e0_v_she"))
    if e0 is None:
        # Of a table of an earlier version; the free aqueous couple stands before its complexes.
        e0 = next((float(item["e0_v_she"]) for item in dot["couples"] if item["couple"] == name), None)
    return None if not name or e0 is None else (name, e0)


def _column(
    row: Mapping[str, Any],
    label: str,
    x: float,
    *,
    couple: tuple[str, float] | None,
    window_v: tuple[float, float],
    scale: str,
) -> Column:
    top_v, bottom_v = window_v
    name, e0 = couple or ("", None)
    clipped = 0 if e0 is None or top_v < e0 < bottom_v else -1 if e0 <= top_v else 1
    return Column(
        x=x,
        label=label,
        verdict=str(row["verdict"]),
        levels=placed(levels_of(row), window_v, scale),
        couple=name,
        couple_value=from_she(e0, scale) if e0 is not None and not clipped else None,
        couple_clipped=clipped,
        couple_beyond=from_she(e0, scale) if e0 is not None and clipped else None,
        couple_verdict=str(row.get("couple_verdict") or ""),
        name=str(row["name"]),
        smiles=str(row.get("canonical_smiles") or row.get("smiles") or ""),
        facts=facts_of(row),
    )
