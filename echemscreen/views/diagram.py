"""The alignment diagram: the dot's band edges, the molecules' levels and the metal couples.

A drawing is made in two steps. :func:`layout` turns rows and a dot into a :class:`Drawing`, plain
numbers in the units of the chosen axis; :func:`draw` renders it with matplotlib (SVG with editable
text, PNG, PDF). Electrons rise upwards: potential axes run downwards. Colours are Okabe and Ito's,
and every verdict has a marker of its own, so the figure can be read in grey. Names and formulas are
data: they are drawn as they are, never parsed as mathematics.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from echemscreen.errors import InputError
from echemscreen.scales import electrode, from_she

SUFFIXES = (".svg", ".png", ".pdf")
MAX_SPECIES = 40
#: How far the axis goes beyond the conduction and the valence edge, V.
_ABOVE_V, _BELOW_V = 1.75, 1.15
_LABEL_CHARACTERS = 26
#: Room for the labels of couples and edges, inches.
_GUIDE_LABEL_IN = 1.1
_RC: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 8.0,
    "svg.fonttype": "none",
    "svg.hashsalt": "echemscreen",
    "pdf.fonttype": 42,
    "axes.linewidth": 0.8,
    "text.parse_math": False,
}
#: Colour (M. Okabe and K. Ito, Color Universal Design, 2008) and marker of each verdict.
STYLES: dict[str, tuple[str, str]] = {
    "active": ("#D55E00", "v"),
    "undetermined": ("#E69F00", "D"),
    "inert": ("#0072B2", "o"),
}
_COUPLE_COLOUR, _EDGE_COLOUR, _GREY = "#CC79A7", "#333333", "#888888"


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
        axis_label=_axis_label(reference.label),
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


def _axis_label(label: str) -> str:
    unit, _, against = label.partition(" ")
    quantity = "Electron energy" if unit == "eV" else "Potential"
    return f"{quantity} / {unit} {against}"


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


# --- rendering ------------------------------------------------------------------------------


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
    with mpl.rc_context(_RC):
        figure = render(drawing)
        metadata: dict[str, Any] = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(
            path.suffix.lower()[1:], {}
        )
        figure.savefig(path, dpi=200, metadata=metadata)
    return drawing


def render(drawing: Drawing) -> Figure:
    """The drawing as a matplotlib figure."""
    count = len(drawing.columns)
    spacing_in = 0.36 if count <= 20 else 0.25  # noqa: PLR2004 - the narrow spacing still fits a line
    left_in, right_in, bottom_in, top_in, height_in = 0.75, 0.75, 1.85, 0.75, 3.6
    body_in = max((drawing.last_x + 0.8) * spacing_in + _GUIDE_LABEL_IN, 4.2)
    width_in = left_in + body_in + right_in
    figure = Figure(figsize=(width_in, bottom_in + height_in + top_in))
    FigureCanvasAgg(figure)
    axes = figure.add_axes(
        (
            left_in / width_in,
            bottom_in / (bottom_in + height_in + top_in),
            body_in / width_in,
            height_in / (bottom_in + height_in + top_in),
        )
    )
    axes.set_xlim(-0.6, body_in / spacing_in - 0.6)
    axes.set_ylim(drawing.bottom, drawing.top)
    axes.set_ylabel(drawing.axis_label)
    _right_axis(axes, drawing)
    _bands(axes, drawing)
    _species(axes, drawing)
    _guides(axes, drawing)
    _legend(figure, width_in)
    figure.text(
        0.12 / width_in,
        0.06 / (bottom_in + height_in + top_in),
        textwrap.fill(drawing.caption, int(width_in * 15.5)),
        fontsize=6.5,
        color=_EDGE_COLOUR,
        va="bottom",
    )
    return figure


def _right_axis(axes: Axes, drawing: Drawing) -> None:
    """The other reference at the right: vacuum, or SHE where the left axis is vacuum."""
    other = "she" if drawing.scale == "vacuum" else "vacuum"
    shift = electrode(drawing.scale).offset_v_she
    right = axes.twinx()

    def converted(value: float) -> float:
        v_she = -value + shift if drawing.scale == "vacuum" else value + shift
        return from_she(v_she, other)

    right.set_ylim(converted(drawing.bottom), converted(drawing.top))
    right.set_ylabel(_axis_label(electrode(other).label))


def _bands(axes: Axes, drawing: Drawing) -> None:
    for block in drawing.blocks:
        for edge, end in ((block.cbm, drawing.top), (block.vbm, drawing.bottom)):
            axes.add_patch(
                Rectangle(
                    (block.x - 0.5, edge),
                    1.0,
                    end - edge,
                    facecolor="#BFC9D1",
                    edgecolor=_EDGE_COLOUR,
                    lw=0.6,
                )
            )
        axes.text(
            block.x,
            0.5 * (block.cbm + block.vbm),
            block.label,
            rotation=90,
            ha="center",
            va="center",
            fontsize=7,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8},
        )
    end_x = drawing.last_x + 0.2
    for edge, sigma in ((drawing.cbm, drawing.cbm_sigma), (drawing.vbm, drawing.vbm_sigma)):
        axes.add_patch(
            Rectangle(
                (-0.5, edge - sigma),
                end_x + 0.5,
                2 * sigma,
                facecolor="#56B4E9",
                alpha=0.25,
                lw=0,
                zorder=1.5,
            )
        )
        axes.plot([-0.5, end_x], [edge, edge], color=_EDGE_COLOUR, lw=0.9, ls="--", zorder=2)


def _species(axes: Axes, drawing: Drawing) -> None:
    axes.set_xticks([column.x for column in drawing.columns])
    axes.set_xticklabels(
        [column.label for column in drawing.columns],
        rotation=50,
        ha="right",
        rotation_mode="anchor",
        fontsize=7,
    )
    axes.tick_params(axis="x", length=2)
    span = abs(drawing.top - drawing.bottom)
    sign = 1.0 if drawing.top > drawing.bottom else -1.0
    for column in drawing.columns:
        colour, marker = STYLES.get(column.verdict, (_GREY, "s"))
        for level in column.levels:
            x = column.x
            if level.clipped:
                end = drawing.top if level.clipped < 0 else drawing.bottom
                inward = -sign if level.clipped < 0 else sign
                axes.annotate(
                    "",
                    xy=(x, end),
                    xytext=(x, end + inward * 0.05 * span),
                    arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.0},
                )
                axes.text(
                    x,
                    end + inward * 0.06 * span,
                    f"{level.value:+.1f}",
                    rotation=90,
                    ha="center",
                    va="top" if level.clipped < 0 else "bottom",
                    fontsize=6,
                    color=colour,
                )
                continue
            style = "-" if level.kind == "reduction" else (0, (2, 1))
            axes.plot([x - 0.32, x + 0.32], [level.value] * 2, color=colour, lw=2.0, ls=style, zorder=4)
            axes.errorbar(
                x,
                level.value,
                yerr=level.sigma,
                color=colour,
                lw=0.8,
                capsize=2,
                marker=marker,
                ms=3.5,
                mfc="white" if level.kind == "oxidation" else colour,
                zorder=5,
            )
        if column.couple_value is not None:
            axes.plot(
                column.x,
                column.couple_value,
                marker="*",
                ms=8,
                color=_COUPLE_COLOUR,
                mec=_EDGE_COLOUR,
                mew=0.5,
                zorder=6,
                clip_on=False,
            )


def _guides(axes: Axes, drawing: Drawing) -> None:
    start, end = drawing.first_x, drawing.last_x + 0.2
    for guide in drawing.guides:
        colour = _COUPLE_COLOUR if guide.kind == "couple" else _EDGE_COLOUR
        if guide.kind == "couple":
            axes.plot([start, end], [guide.value] * 2, color=colour, lw=0.9, ls=":", zorder=2)
        axes.plot([end, end + 0.35], [guide.value, guide.label_value], color=colour, lw=0.5)
        axes.text(
            end + 0.42,
            guide.label_value,
            guide.label,
            color=colour if guide.kind == "edge" else "#8A3C6B",
            fontsize=6.5,
            va="center",
        )


def _legend(figure: Figure, width_in: float) -> None:
    handles: list[Any] = [
        Line2D([], [], color=_GREY, lw=2.0, marker="s", ms=3.5, label="reduction"),
        Line2D(
            [], [], color=_GREY, lw=2.0, ls=(0, (2, 1)), marker="s", mfc="white", ms=3.5, label="oxidation"
        ),
        Line2D(
            [],
            [],
            color=_COUPLE_COLOUR,
            lw=0,
            marker="*",
            ms=8,
            mec=_EDGE_COLOUR,
            mew=0.5,
            label="metal couple",
        ),
    ]
    handles += [
        Line2D([], [], color=colour, lw=0, marker=marker, ms=4.5, label=verdict)
        for verdict, (colour, marker) in STYLES.items()
    ]
    handles.append(Patch(facecolor="#56B4E9", alpha=0.25, label="1S edges ± one sd"))
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.5 / width_in, 0.995),
        ncols=4,
        frameon=False,
        fontsize=7,
        handlelength=2.2,
        columnspacing=1.4,
    )
