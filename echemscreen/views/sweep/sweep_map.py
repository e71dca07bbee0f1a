"""The map of a sweep over two sizes: the largest drive with the critical contours."""

from __future__ import annotations

import textwrap

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import TwoSlopeNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator
from scipy.special import ndtri

from echemscreen.records.molecules import FloatArray
from echemscreen.views.palette import EDGE_COLOUR, STYLES
from echemscreen.views.sweep.sweep_words import Content, caption_of, column_of, swept, title_of

#: Place of a map on its sheet.
_MAP_BOTTOM, _MAP_HEIGHT = 0.2, 0.66
_LEGEND_PT = 7.0


def map_figure(content: Content, *, inert: float, active: float) -> Figure:
    """The largest drive over two sizes with the critical contours; without a ligand the edges."""
    figure = Figure(figsize=(5.6, 4.6) if "verdict" in content[0] else (7.2, 3.4))
    FigureCanvasAgg(figure)
    figure.text(0.02, 0.975, title_of(content), fontsize=8.5, va="top", fontweight="bold")
    if "verdict" in content[0]:
        axes = figure.add_axes((0.115, _MAP_BOTTOM, 0.7, _MAP_HEIGHT))
        _drive_map(figure, axes, content, inert=inert, active=active)
        width = 104
    else:
        for left, name, label, colours in (
            (0.07, "cbm_v_she", "CBM / V vs SHE", "viridis"),
            (0.585, "exciton_nm", "Exciton / nm", "plasma"),
        ):
            axes = figure.add_axes((left, 0.2, 0.31, 0.69))
            _plain_map(axes, content, column_of(content, name), label, colours)
        width = 138
    figure.text(
        0.02, 0.015, textwrap.fill(caption_of(content), width), fontsize=6.5, color=EDGE_COLOUR, va="bottom"
    )
    return figure


def _grid(content: Content, values: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Sizes along both axes and the values as ``[y, x]``."""
    first, second = swept(content)
    x = np.unique([item["sizes_nm"][first] for item in content])
    y = np.unique([item["sizes_nm"][second] for item in content])
    # The sweep runs fastest over the last layer.
    return x, y, values.reshape(len(x), len(y)).T


def _drive_map(figure: Figure, axes: Axes, content: Content, *, inert: float, active: float) -> None:
    drives = np.fmax(column_of(content, "reduction_drive_ev"), column_of(content, "oxidation_drive_ev"))
    x, y, grid = _grid(content, drives)
    low, high = float(np.nanmin(drives)), float(np.nanmax(drives))
    reach = max(abs(low), abs(high), 0.05)
    ticks = MaxNLocator(nbins=24, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    # White is a drive of zero wherever the range of drives lies; the ends stay light enough for marks.
    norm = TwoSlopeNorm(0.0, -1.25 * reach, 1.25 * reach)
    filled = axes.contourf(x, y, grid, levels=ticks, cmap="RdBu_r", norm=norm)
    filled.set_edgecolor("face")
    bar = figure.colorbar(filled, cax=figure.add_axes((0.83, _MAP_BOTTOM, 0.025, _MAP_HEIGHT)))
    bar.set_label("Largest drive / eV (positive: allowed)")
    bar.locator = MaxNLocator(nbins=8, steps=[1, 2, 5, 10])
    bar.update_ticks()
    p = np.fmax(column_of(content, "p_reduction"), column_of(content, "p_oxidation"))
    # Probabilities are rounded to four digits: their ends are no infinities.
    _, _, z = _grid(content, np.asarray(ndtri(np.clip(p, 1e-4, 1 - 1e-4)), dtype=np.float64))
    handles: list[Line2D] = []
    for verdict, value, word in (("inert", inert, "inert up to"), ("active", active, "active from")):
        limit = float(ndtri(value))
        if not np.nanmin(z) < limit < np.nanmax(z) or verdict not in {item["verdict"] for item in content}:
            continue
        axes.contour(
            x,
            y,
            z,
            levels=[limit],
            colors=[EDGE_COLOUR],
            linewidths=1.6,
            linestyles="-" if verdict == "inert" else "--",
        )
        handles.append(
            Line2D(
                [],
                [],
                color=EDGE_COLOUR,
                lw=1.6,
                ls="-" if verdict == "inert" else "--",
                label=f"critical: {word} P = {value:g}",
            )
        )
    first, second = swept(content)
    for verdict, (colour, marker) in STYLES.items():
        shown = [item["sizes_nm"] for item in content if item["verdict"] == verdict]
        if shown:
            axes.plot(
                [size[first] for size in shown],
                [size[second] for size in shown],
                ls="",
                marker=marker,
                ms=3.2,
                color=colour,
                mec="white",
                mew=0.4,
                clip_on=False,
                zorder=4,
            )
            handles.append(Line2D([], [], ls="", marker=marker, ms=4.5, color=colour, label=verdict))
    axes.set_xlabel(f"{first} / nm")
    axes.set_ylabel(f"{second} / nm")
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0.0, 1.005),
        ncols=3,
        frameon=False,
        fontsize=_LEGEND_PT,
        borderaxespad=0.1,
        columnspacing=1.4,
    )


def _plain_map(axes: Axes, content: Content, values: FloatArray, label: str, colours: str) -> None:
    x, y, grid = _grid(content, values)
    filled = axes.contourf(x, y, grid, levels=20, cmap=colours)
    filled.set_edgecolor("face")
    figure = axes.get_figure(root=True)
    if figure is not None:
        box = axes.get_position()
        bar = figure.colorbar(filled, cax=figure.add_axes((box.x1 + 0.012, box.y0, 0.016, box.height)))
        bar.set_label(label)
    first, second = swept(content)
    axes.set_xlabel(f"{first} / nm")
    axes.set_ylabel(f"{second} / nm")
