"""What a search of candidates found: survival against synthesis, and what blocks do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from echemscreen.views.figure_file import made, write
from echemscreen.views.palette import GREY, INK, STYLES
from echemscreen.views.sheets import PLAIN, FigureStyle, Sheet
from echemscreen.views.typeset import filled

_WIDTH_IN, _HEIGHT_IN = 7.2, 4.0
#: Blocks that are shown.
_BLOCKS = 12


def draw(
    rows: Sequence[Mapping[str, Any]],
    learnt: Sequence[Mapping[str, Any]],
    title: str,
    path: Path,
    *,
    style: FigureStyle = PLAIN,
) -> None:
    """Write the figure.

    Parameters
    ----------
    rows
        Computed candidates with ``p_survives``, ``synthetic_accessibility``, ``verdict`` and
        ``pareto_front``.
    learnt
        Effects of blocks with ``block``, ``process``, ``effect_ev`` and ``sigma_ev``, the surest first.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    write(lambda: _figure(rows, learnt, title, style.sheet), path, style.sheet)


def figure(
    rows: Sequence[Mapping[str, Any]],
    learnt: Sequence[Mapping[str, Any]],
    title: str,
    *,
    style: FigureStyle = PLAIN,
) -> Figure:
    """The same as a matplotlib figure, written nowhere; see :func:`draw`."""
    return made(lambda: _figure(rows, learnt, title, style.sheet), style.sheet)


def _figure(
    rows: Sequence[Mapping[str, Any]], learnt: Sequence[Mapping[str, Any]], title: str, sheet: Sheet
) -> Figure:
    width = sheet.width_in or _WIDTH_IN
    # In a narrow column one panel stands above the other.
    is_wide = sheet.has_other_axis
    found = Figure(figsize=(width, _HEIGHT_IN if is_wide else 1.5 * _HEIGHT_IN))
    FigureCanvasAgg(found)
    found.set_layout_engine("constrained", w_pad=0.06)
    first, second = found.subplots(*((1, 2) if is_wide else (2, 1)))
    _survival(first, rows, sheet)
    _effects(second, learnt[:_BLOCKS], sheet)
    if sheet.has_caption:
        text = filled(title, sheet.axis_pt, width - 0.4)
        found.suptitle(text, x=0.01, ha="left", color=INK, fontsize=sheet.axis_pt)
    return found


def _survival(axes: Axes, rows: Sequence[Mapping[str, Any]], sheet: Sheet) -> None:
    for verdict in STYLES:
        colour, marker = sheet.mark(verdict)
        chosen = [row for row in rows if row["verdict"] == verdict and row["p_survives"] is not None]
        if chosen:
            axes.plot(
                [row["synthetic_accessibility"] for row in chosen],
                [row["p_survives"] for row in chosen],
                marker,
                ms=3.5,
                color=colour,
                label=f"{verdict}, {len(chosen)}",
                alpha=0.7,
            )
    front = sorted(
        ((row["synthetic_accessibility"], row["p_survives"]) for row in rows if row["pareto_front"]),
    )
    if front:
        axes.step(
            [x for x, _ in front], [y for _, y in front], where="post", color=INK, lw=0.9, label="front"
        )
    axes.set_xlabel("synthetic accessibility (1 easy, 10 hard)", fontsize=sheet.axis_pt)
    axes.set_ylabel("P(neither carrier reacts)", fontsize=sheet.axis_pt)
    axes.tick_params(labelsize=sheet.axis_pt)
    axes.set_ylim(-0.03, 1.03)
    axes.legend(frameon=False, loc="best", fontsize=sheet.small_pt)


def _effects(axes: Axes, learnt: Sequence[Mapping[str, Any]], sheet: Sheet) -> None:
    shown = list(reversed(learnt))
    for at, item in enumerate(shown):
        colour = sheet.mark("active" if item["effect_ev"] > 0 else "inert")[0]
        axes.errorbar(
            item["effect_ev"], at, xerr=item["sigma_ev"], fmt="o", ms=3.5, color=colour, elinewidth=0.9
        )
    axes.axvline(0.0, color=GREY, lw=0.7)
    names = [f"{item['block']}, {item['process']}" for item in shown]
    axes.tick_params(labelsize=sheet.axis_pt)
    axes.set_yticks(range(len(shown)), names, fontsize=sheet.small_pt)
    axes.set_xlabel("effect of the block on the drive (eV)", fontsize=sheet.axis_pt)
