"""Predicted against reference potentials, each with its 90 % interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from echemscreen.records.processes import Process
from echemscreen.views.figure_file import made, write
from echemscreen.views.sheets import PLAIN, FigureStyle, Sheet

#: Standard deviations of a 90 % interval.
_Z90 = 1.645
_STYLES = {"measured": ("#0072B2", "o"), "calculated": ("#D55E00", "^")}


def draw(points: Sequence[Mapping[str, Any]], path: Path, *, style: FigureStyle = PLAIN) -> None:
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
    write(lambda: _figure(points, style.sheet), path, style.sheet)


def figure(points: Sequence[Mapping[str, Any]], *, style: FigureStyle = PLAIN) -> Figure:
    """The same as a matplotlib figure, written nowhere; see :func:`draw`."""
    return made(lambda: _figure(points, style.sheet), style.sheet)


def _figure(points: Sequence[Mapping[str, Any]], sheet: Sheet) -> Figure:
    width = sheet.width_in or 7.2
    # In a narrow column one panel stands above the other.
    is_wide = sheet.has_other_axis
    found = Figure(figsize=(width, 0.53 * width if is_wide else 2.0 * width))
    FigureCanvasAgg(found)
    found.set_layout_engine("constrained", w_pad=0.06)
    panels = found.subplots(*((1, 2) if is_wide else (2, 1)))
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
        axes.set_xlabel("reference potential (V vs SHE)", fontsize=sheet.axis_pt)
        axes.set_ylabel("cross-validated prediction (V vs SHE)", fontsize=sheet.axis_pt)
        axes.tick_params(labelsize=sheet.axis_pt)
        axes.set_title(process, fontsize=1.2 * sheet.axis_pt)
        axes.legend(loc="upper left", frameon=False, fontsize=sheet.small_pt)
    return found
