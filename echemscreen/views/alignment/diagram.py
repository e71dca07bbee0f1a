"""The alignment diagram: the dot's band edges, the molecules' levels and the metal couples.

A drawing is made in two steps. :func:`layout` turns rows and a dot into a :class:`Drawing`, plain
numbers in the units of the chosen axis; :func:`draw` renders it with matplotlib (SVG with editable
text, PNG, PDF), or puts it into a page whose script draws it (HTML). Electrons rise upwards: potential
axes run downwards. Names and formulas are data: they are drawn as they are, never parsed as mathematics
or markup.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from echemscreen.errors import InputError
from echemscreen.records.dots import DescribedDot
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment import interactive
from echemscreen.views.alignment.drawing import Column, Drawing, axis_label, labels_of, signed
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
from echemscreen.views.alignment.rendering import render, save
from echemscreen.views.alignment.selection import MAX_SPECIES, select
from echemscreen.views.device.device_drawing import render_device
from echemscreen.views.device.device_layout import Device, place_device
from echemscreen.views.figure_file import SUFFIXES, PageWidth, is_page_for_browser, made, sheet_of, write
from echemscreen.views.tables.cells import known

__all__ = ["SUFFIXES", "draw", "layout", "layout_device", "species_drawn"]

#: Species drawn inside a device without being asked for more: the figure still fits a page.
DEVICE_SPECIES = 12
#: What is drawn beyond the conduction and the valence edge at least, how far levels reach that are drawn
#: where they are, and the room around them, V.
_ABOVE_V, _BELOW_V, _REACH_V, _ROOM_V = 1.75, 1.15, 2.3, 0.15
#: Couples whose names find room beside the axis.
_MAX_COUPLES = 20
#: Width of a species' name, in narrow characters.
_LABEL_WIDTH = 26


def layout(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    *,
    scale: str = "she",
    top: int | None = None,
    page: int | None = None,
    width: PageWidth | None = None,
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
        Draw no more species than that: those with the largest drives.
    page
        Draw a page of the table instead, the first is 1.
    width
        Draw no more species than a column of a journal takes.
    window_v
        Potentials, V vs SHE, that are drawn at least.

    Raises
    ------
    InputError
        if the scale is unknown, ``top`` is less than one, or there is no such page.
    """
    reference = electrode(scale)
    sheet = sheet_of(width)
    chosen = select(rows, size=species_drawn(dot, top=top, width=width), page=page)
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
    labels = labels_of([str(row["name"]) for row in chosen.rows], _LABEL_WIDTH)
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
    caption = caption_of_dot(dot) + chosen.words + basis_words(columns)
    for words, named in (
        ("Couples beyond the axis", [couple for couple in used if couple not in inside]),
        ("Couples without a line", inside[_MAX_COUPLES:]),
    ):
        if named:
            values = ", ".join(f"{name} {signed(e0, 2)} V vs SHE" for name, e0 in named)
            caption += f" {words}: {values}."
    if any(level.clipped for column in columns for level in column.levels):
        caption += f" Arrows at the frame: levels beyond the axis{', reduction first' if crowded else ''}."
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
    )


def window_of(levels: Iterable[float | None], cbm_v: float, vbm_v: float) -> tuple[float, float]:
    """Potentials at the ends of the axis: every level within reach is drawn where it is. V vs SHE."""
    top_v, bottom_v = cbm_v - _ABOVE_V, vbm_v + _BELOW_V
    for value in levels:
        if value is not None and cbm_v - _REACH_V < value < vbm_v + _REACH_V:
            top_v, bottom_v = min(top_v, value - _ROOM_V), max(bottom_v, value + _ROOM_V)
    return top_v, bottom_v


def species_drawn(
    dot: DescribedDot, *, top: int | None = None, width: PageWidth | None = None, in_device: bool = False
) -> int:
    """How many species a diagram shows at most.

    Raises
    ------
    InputError
        if ``top`` is less than one.
    """
    if top is not None and top < 1:
        raise InputError(f"A diagram of {top} species cannot be drawn.", "Give --top a number of at least 1.")
    asked = top or (DEVICE_SPECIES if in_device else MAX_SPECIES)
    return max(min(asked, sheet_of(width).species(len(dot["layers"])) or MAX_SPECIES, MAX_SPECIES), 1)


def draw(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    path: Path,
    *,
    scale: str = "she",
    top: int | None = None,
    page: int | None = None,
    width: PageWidth | None = None,
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
    is_page = is_page_for_browser(path, width)
    placed_on = "she" if is_page else scale
    drawing, device = _placed(rows, dot, stack, scale=placed_on, top=top, page=page, width=width)
    if is_page:
        interactive.write_page(drawing, path, device=device, scale=scale)
    elif device is not None:
        write(lambda: render_device(drawing, device), path)
    else:
        save(drawing, path, width=width)
    return drawing


def figure(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    *,
    scale: str = "she",
    top: int | None = None,
    page: int | None = None,
    width: PageWidth | None = None,
    stack: Mapping[str, Any] | None = None,
) -> Figure:
    """The diagram as a matplotlib figure, written nowhere; see :func:`draw`."""
    drawing, device = _placed(rows, dot, stack, scale=scale, top=top, page=page, width=width)
    return made(
        lambda: render(drawing, sheet_of(width)) if device is None else render_device(drawing, device)
    )


def _placed(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    stack: Mapping[str, Any] | None,
    *,
    width: PageWidth | None,
    **options: Any,  # noqa: ANN401 - those of layout and layout_device
) -> tuple[Drawing, Device | None]:
    if stack is None:
        return layout(rows, dot, width=width, **options), None
    if width is not None:
        raise InputError("A whole device has no width of a journal's column.", "Leave --width away.")
    return layout_device(rows, dot, stack, **options)


def layout_device(
    rows: Sequence[Mapping[str, Any]],
    dot: DescribedDot,
    stack: Mapping[str, Any],
    *,
    scale: str = "she",
    top: int | None = None,
    page: int | None = None,
) -> tuple[Drawing, Device]:
    """Place a device and, in its middle, the dot with the species; see :func:`layout`."""
    device = place_device(stack, scale)
    drawing = layout(
        rows,
        _through(dot),
        scale=scale,
        top=species_drawn(dot, top=top, in_device=True),
        page=page,
        window_v=device.window_v,
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
    return Column(
        x=x,
        label=label,
        verdict=str(row["verdict"]),
        levels=placed(levels_of(row), window_v, scale),
        couple=name,
        couple_value=from_she(e0, scale) if e0 is not None and top_v < e0 < bottom_v else None,
        couple_verdict=str(row.get("couple_verdict") or ""),
        name=str(row["name"]),
        smiles=str(row.get("canonical_smiles") or row.get("smiles") or ""),
        facts=facts_of(row),
    )
