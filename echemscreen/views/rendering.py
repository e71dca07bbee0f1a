"""The drawing rendered by matplotlib: SVG with editable text, PNG and PDF."""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from echemscreen.errors import StoreError
from echemscreen.scales import electrode, from_she
from echemscreen.views.drawing import Drawing, axis_label, signed

#: Room for the labels of couples and edges, inches.
_GUIDE_LABEL_IN = 1.2
#: Slope and size of the species' names.
SLANT_DEG, _NAME_PT = 50.0, 7.0
_GUIDE_PT = 6.5
#: Settings of one figure; matplotlib's own are left alone.
RC: Any = {
    "font.family": "sans-serif",
    # matplotlib brings the first one along; the others are for viewers of the SVG that lack it.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 8.0,
    "svg.fonttype": "none",
    "svg.hashsalt": "echemscreen",
    "pdf.fonttype": 42,
    "axes.linewidth": 0.8,
    # Names come from outside: neither mathematics nor TeX, whatever the user's own settings are.
    "text.parse_math": False,
    "text.usetex": False,
}
#: Colour (M. Okabe and K. Ito, Color Universal Design, 2008) and marker of each verdict.
STYLES: dict[str, tuple[str, str]] = {
    "active": ("#D55E00", "v"),
    "undetermined": ("#E69F00", "D"),
    "inert": ("#0072B2", "o"),
}
COUPLE_COLOUR, EDGE_COLOUR, _GREY = "#CC79A7", "#333333", "#888888"
#: The couples' colour, darker for small type.
COUPLE_TEXT_COLOUR = "#8A3C6B"


def save(drawing: Drawing, path: Path) -> None:
    """Render a drawing into a file; see :func:`write`."""
    write(lambda: render(drawing), path)


def write(make_figure: Callable[[], Figure], path: Path) -> None:
    """Write a figure into a file, whole or not at all; the same figure gives the same bytes.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    suffix = path.suffix.lower()
    metadata: dict[str, Any] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix, {})
    partial = path.with_name(f"{path.name}.partial")
    with mpl.rc_context(RC), warnings.catch_warnings():
        # A script the font lacks is drawn as boxes; in an SVG the viewer's own fonts show it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = make_figure()
        try:
            figure.savefig(partial, dpi=200, metadata=metadata, format=suffix[1:])
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise StoreError(
                f"The diagram {path} cannot be written: {error.strerror or error}.",
                "Free some space or name another file.",
            ) from error


def render(drawing: Drawing) -> Figure:
    """The drawing as a matplotlib figure."""
    count = len(drawing.columns)
    spacing_in = 0.36 if count <= 20 else 0.25  # noqa: PLR2004 - the narrow spacing still fits a line
    right_in, top_in, height_in = 0.75, 0.6, 4.2
    # The slanted names run down and to the left: make room for what they need.
    lengths_in = [name_length_in(column.label) for column in drawing.columns]
    bottom_in = 0.75 + max(lengths_in, default=0.0) * math.sin(math.radians(SLANT_DEG))
    left_in = 0.75
    for column, length_in in zip(drawing.columns, lengths_in, strict=True):
        reach_in = length_in * math.cos(math.radians(SLANT_DEG)) + 0.15
        left_in = max(left_in, reach_in - (column.x + 0.6) * spacing_in)
    body_in = max((drawing.last_x + 0.8) * spacing_in + _guide_label_in(drawing), 4.2)
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
    draw_right_axis(axes, drawing)
    _bands(axes, drawing)
    draw_species(axes, drawing)
    draw_guides(axes, drawing)
    _legend(figure, width_in)
    figure.text(
        0.12 / width_in,
        0.06 / (bottom_in + height_in + top_in),
        textwrap.fill(drawing.caption, int(width_in * 15.5)),
        fontsize=6.5,
        color=EDGE_COLOUR,
        va="bottom",
    )
    return figure


def _guide_label_in(drawing: Drawing) -> float:
    longest = max((name_length_in(guide.label, _GUIDE_PT) for guide in drawing.guides), default=0.0)
    return max(_GUIDE_LABEL_IN, longest + 0.35)


def name_length_in(name: str, size_pt: float = _NAME_PT) -> float:
    """Length of a species' name as it is drawn, inches."""
    scratch = Figure()
    return scratch.text(0, 0, name, fontsize=size_pt).get_window_extent().width / scratch.dpi


def draw_right_axis(axes: Axes, drawing: Drawing) -> None:
    """The other reference at the right: vacuum, or SHE where the left axis is vacuum."""
    other = "she" if drawing.scale == "vacuum" else "vacuum"
    shift = electrode(drawing.scale).offset_v_she
    right = axes.twinx()

    def converted(value: float) -> float:
        v_she = -value + shift if drawing.scale == "vacuum" else value + shift
        return from_she(v_she, other)

    right.set_ylim(converted(drawing.bottom), converted(drawing.top))
    right.set_ylabel(axis_label(electrode(other).label))


def _bands(axes: Axes, drawing: Drawing) -> None:
    for block in drawing.blocks:
        for edge, end in ((block.cbm, drawing.top), (block.vbm, drawing.bottom)):
            axes.add_patch(
                Rectangle(
                    (block.x - 0.5, edge),
                    1.0,
                    end - edge,
                    facecolor="#BFC9D1",
                    edgecolor=EDGE_COLOUR,
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
    draw_edges(axes, drawing)


def draw_edges(axes: Axes, drawing: Drawing) -> None:
    """The gap between the confined edges, and each edge with its uncertainty."""
    end_x = drawing.last_x + 0.2
    axes.add_patch(
        Rectangle(
            (-0.5, drawing.cbm),
            end_x + 0.5,
            drawing.vbm - drawing.cbm,
            facecolor="#F5F5F5",
            lw=0,
            zorder=0.5,
        )
    )
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
        given = any(guide.kind == "user edge" and guide.value == edge for guide in drawing.guides)
        axes.plot([-0.5, end_x], [edge, edge], color=EDGE_COLOUR, lw=0.9, ls="-" if given else "--", zorder=2)


def draw_species(axes: Axes, drawing: Drawing) -> None:
    """Levels with error bars in the colour and with the marker of the verdict, and couples."""
    axes.set_xticks([column.x for column in drawing.columns])
    axes.set_xticklabels(
        [column.label for column in drawing.columns],
        rotation=SLANT_DEG,
        ha="right",
        rotation_mode="anchor",
        fontsize=_NAME_PT,
    )
    axes.tick_params(axis="x", length=2)
    span = abs(drawing.top - drawing.bottom)
    sign = 1.0 if drawing.top > drawing.bottom else -1.0
    for column in drawing.columns:
        colour, marker = STYLES.get(column.verdict, (_GREY, "s"))
        crowded = len({level.clipped for level in column.levels}) < len(column.levels)
        for level in column.levels:
            x = column.x
            if level.clipped:
                if crowded:
                    x += 0.25 if level.kind == "oxidation" else -0.25
                end = drawing.top if level.clipped < 0 else drawing.bottom
                inward = -sign if level.clipped < 0 else sign
                axes.annotate(
                    "",
                    xy=(x, end),
                    xytext=(x, end + inward * 0.04 * span),
                    arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.0},
                )
                axes.text(
                    x,
                    end + inward * 0.045 * span,
                    signed(level.value, 1),
                    rotation=90,
                    ha="center",
                    va="top" if level.clipped < 0 else "bottom",
                    fontsize=6,
                    color=colour,
                )
                continue
            style = "-" if level.kind == "reduction" else (0, (0.8, 0.5))
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
                color=COUPLE_COLOUR,
                mec=EDGE_COLOUR,
                mew=0.5,
                zorder=6,
                clip_on=False,
            )


def draw_guides(axes: Axes, drawing: Drawing) -> None:
    """Lines of the couples, and the names of couples and edges at their right."""
    start, end = drawing.first_x, drawing.last_x + 0.2
    for guide in drawing.guides:
        colour = COUPLE_COLOUR if guide.kind == "couple" else EDGE_COLOUR
        if guide.kind == "couple":
            axes.plot([start, end], [guide.value] * 2, color=colour, lw=0.9, ls=":", zorder=2)
        axes.plot([end, end + 0.35], [guide.value, guide.label_value], color=colour, lw=0.5)
        axes.text(
            end + 0.42,
            guide.label_value,
            guide.label,
            color=COUPLE_TEXT_COLOUR if guide.kind == "couple" else colour,
            fontsize=_GUIDE_PT,
            va="center",
        )


def legend_handles() -> list[Any]:
    """What the signs of the species mean."""
    handles: list[Any] = [
        Line2D([], [], color=_GREY, lw=2.0, marker="s", ms=3.5, label="reduction"),
        Line2D(
            [],
            [],
            color=_GREY,
            lw=2.0,
            ls=(0, (0.8, 0.5)),
            marker="s",
            mfc="white",
            ms=3.5,
            label="oxidation",
        ),
        Line2D(
            [],
            [],
            color=COUPLE_COLOUR,
            lw=0,
            marker="*",
            ms=8,
            mec=EDGE_COLOUR,
            mew=0.5,
            label="metal couple",
        ),
    ]
    handles += [
        Line2D([], [], color=colour, lw=0, marker=marker, ms=4.5, label=verdict)
        for verdict, (colour, marker) in STYLES.items()
    ]
    handles.append(Patch(facecolor="#56B4E9", alpha=0.25, label="1S edges ± one sd"))
    return handles


def _legend(figure: Figure, width_in: float) -> None:
    figure.legend(
        handles=legend_handles(),
        loc="upper left",
        bbox_to_anchor=(0.5 / width_in, 0.995),
        ncols=4,
        frameon=False,
        fontsize=7,
        handlelength=2.2,
        columnspacing=1.4,
    )
