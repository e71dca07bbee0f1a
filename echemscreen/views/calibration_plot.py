"""Predicted against reference potentials, each with its 90 % interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from echemscreen.records.processes import Process
from echemscreen.views.figure_file import write

#: Standard deviations of a 90 % interval.
_Z90 = 1.645
_STYLES = {"measured": ("#0072B2", "o"), "calculated": ("#D55E00", "^")}


def draw(points: Sequence[Mapping[str, Any]], path: Path) -> None:
    """One panel for each process.

    Parameters
    ----------
    points
        With the keys process, source (measured or calculated), reference_v_she, predicted_v_she and
        sigma_v; potentials in V vs SHE.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    write(lambda: _figure(points), path)


def _figure(points: Sequence[Mapping[str, Any]]) -> Figure:
    figure = Figure(figsize=(7.2, 3.8), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 2)
    for axes, process in zip(panels, (Process.REDUCTION, Process.OXIDATION), strict=True):
        chosen = [point for point in points if point["process"] == process]
        for source, (colour, marker) in _STYLES.items():
            members = [point for point in chosen if point["source"] == source]
            if members:
                x, y, sigma = (
                    np.array([float(point[key]) for point in members])
                    for key in ("reference_v_she", "predicted_v_she", "sigma_v")
                )
                axes.errorbar(
                    x,
                    y,
                    yerr=_Z90 * sigma,
                    fmt=marker,
                    ms=3,
                    color=colour,
                    ecolor=colour,
                    elinewidth=0.4,
                    alpha=0.7,
                    label=f"{source}, {len(members)}",
                )
        values = [float(point[key]) for point in chosen for key in ("reference_v_she", "predicted_v_she")]
        low, high = min(values, default=0.0) - 0.3, max(values, default=1.0) + 0.3
        axes.plot([low, high], [low, high], color="#333333", lw=0.8)
        axes.set_xlim(low, high)
        axes.set_ylim(low, high)
        axes.set_aspect("equal")
        axes.set_xlabel("reference potential (V vs SHE)")
        axes.set_ylabel("cross-validated prediction (V vs SHE)")
        axes.set_title(process)
        axes.legend(loc="upper left", frameon=False)
    return figure
