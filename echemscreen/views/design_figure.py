"""What a search of candidates found: survival against synthesis, and what blocks do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from echemscreen.views.figure_file import filled, write
from echemscreen.views.palette import GREY, INK, STYLES

_WIDTH_IN, _HEIGHT_IN = 7.2, 4.0
#: Blocks that are shown.
_BLOCKS = 12


def draw(
    rows: Sequence[Mapping[str, Any]], learnt: Sequence[Mapping[str, Any]], title: str, path: Path
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
    write(lambda: _figure(rows, learnt, title), path)


def _figure(rows: Sequence[Mapping[str, Any]], learnt: Sequence[Mapping[str, Any]], title: str) -> Figure:
    figure = Figure(figsize=(_WIDTH_IN, _HEIGHT_IN), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    _survival(left, rows)
    _effects(right, learnt[:_BLOCKS])
    figure.suptitle(filled(title, 8.0, _WIDTH_IN - 0.4), x=0.01, ha="left", color=INK, fontsize=8)
    return figure


def _survival(axes: Axes, rows: Sequence[Mapping[str, Any]]) -> None:
    for verdict, (colour, marker) in STYLES.items():
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
    axes.set_xlabel("synthetic accessibility (1 easy, 10 hard)")
    axes.set_ylabel("P(neither carrier reacts)")
    axes.set_ylim(-0.03, 1.03)
    axes.legend(frameon=False, loc="best", fontsize=6.5)


def _effects(axes: Axes, learnt: Sequence[Mapping[str, Any]]) -> None:
    shown = list(reversed(learnt))
    for at, item in enumerate(shown):
        colour = STYLES["active" if item["effect_ev"] > 0 else "inert"][0]
        axes.errorbar(
            item["effect_ev"], at, xerr=item["sigma_ev"], fmt="o", ms=3.5, color=colour, elinewidth=0.9
        )
    axes.axvline(0.0, color=GREY, lw=0.7)
    axes.set_yticks(
        range(len(shown)), [f"{item['block']}, {item['process']}" for item in shown], fontsize=6.5
    )
    axes.set_xlabel("effect of the block on the drive (eV)")
