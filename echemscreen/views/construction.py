"""A measured curve with the lines, points and levels that a value was read by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from echemscreen.errors import InputError
from echemscreen.records.molecules import FloatArray
from echemscreen.views.figure_file import made, write
from echemscreen.views.palette import COUPLE_TEXT_COLOUR, GREY, INK, STYLES
from echemscreen.views.sheets import PLAIN, SUFFIXES, FigureStyle, Sheet
from echemscreen.views.typeset import filled

_CURVES, _PALE = ("#0072B2", "#009E73", "#CC79A7", "#E69F00"), "#BBBBBB"
_MARK = STYLES["active"][0]
_WIDTH_IN, _HEIGHT_IN = 5.2, 3.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Points joined by a line."""

    x: FloatArray
    y: FloatArray
    label: str = ""
    is_pale: bool = False
    """Whether nothing was read from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A straight piece of a construction: a baseline, a tangent."""

    x: tuple[float, float]
    y: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A value on the horizontal axis, with the point of the curve it was read from."""

    x: float
    y: float | None
    label: str
    sigma: float | None = None
    kind: Literal["value", "point"] = "value"
    """A value has a line down to the axis, a point only its symbol."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Construction:
    """What a figure of a measurement shows; axis labels carry unit and reference."""

    title: str
    x_label: str
    y_label: str
    curves: tuple[Curve, ...]
    strokes: tuple[Stroke, ...] = ()
    marks: tuple[Mark, ...] = ()
    caption: str = ""
    inverted_x: bool = False


def draw(shown: Sequence[Construction], path: Path, *, style: FigureStyle = PLAIN) -> None:
    """Write a figure with a panel for each construction; its title and caption are those of the first.

    Raises
    ------
    InputError
        if the suffix is unknown.
    StoreError
        if the file cannot be written.
    """
    check(path)
    write(lambda: _figure(shown, style.sheet), path, style.sheet)


def figure(shown: Sequence[Construction], *, style: FigureStyle = PLAIN) -> Figure:
    """The same as a matplotlib figure, written nowhere; see :func:`draw`."""
    return made(lambda: _figure(shown, style.sheet), style.sheet)


def check(path: Path) -> None:
    """Refuse a name that no figure can have, before anything is read."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"A figure cannot be written as '{path.name}'.", f"Use {', '.join(SUFFIXES)}.")


def _figure(shown: Sequence[Construction], sheet: Sheet) -> Figure:
    width = sheet.width_in or _WIDTH_IN
    # In a narrow column one panel stands above the other.
    is_wide = sheet.has_other_axis
    height = _HEIGHT_IN if is_wide else 0.75 * _HEIGHT_IN * len(shown)
    found = Figure(figsize=(width, height))
    FigureCanvasAgg(found)
    found.set_layout_engine("constrained", w_pad=0.06)
    grid = (1, len(shown)) if is_wide else (len(shown), 1)
    panels = list(found.subplots(*grid, squeeze=False).flat)
    for axes, panel in zip(panels, shown, strict=True):
        _panel(axes, panel, sheet)
    first = shown[0]
    title = filled(first.title, sheet.axis_pt, width - 0.8)
    panels[0].set_title(title, loc="left", color=INK, fontsize=1.2 * sheet.axis_pt)
    if first.caption and sheet.has_caption:
        text = filled(first.caption, sheet.name_pt, width - 0.3)
        found.supxlabel(text, x=0.02, ha="left", fontsize=sheet.name_pt, color=INK)
    return found


def _panel(axes: Axes, shown: Construction, sheet: Sheet) -> None:
    n_named = 0
    for curve in shown.curves:
        colour = _PALE if curve.is_pale else _CURVES[n_named % len(_CURVES)]
        n_named += bool(curve.label)
        axes.plot(
            curve.x,
            curve.y,
            color=colour,
            lw=0.7 if curve.is_pale else 1.2,
            zorder=1 if curve.is_pale else 2,
            label=curve.label or None,
        )
    low, high = axes.get_ylim()
    for stroke in shown.strokes:
        axes.plot(stroke.x, stroke.y, color=INK, lw=0.9, ls=(0, (4, 2)), zorder=3)
    for mark in shown.marks:
        _mark(axes, mark)
    axes.set_ylim(low, high + 0.12 * (high - low))
    _labels(axes, shown.marks, high, high - low, sheet)
    axes.axhline(0.0, color=GREY, lw=0.5, zorder=0)
    if shown.inverted_x:
        axes.invert_xaxis()
    axes.set_xlabel(shown.x_label, fontsize=sheet.axis_pt)
    axes.set_ylabel(shown.y_label, fontsize=sheet.axis_pt)
    axes.tick_params(labelsize=sheet.axis_pt)
    if any(curve.label for curve in shown.curves):
        axes.legend(frameon=False, loc="best", fontsize=sheet.axis_pt)


def _mark(axes: Axes, mark: Mark) -> None:
    colour = _MARK if mark.kind == "value" else COUPLE_TEXT_COLOUR
    if mark.kind == "value":
        axes.axvline(mark.x, color=colour, lw=0.9)
        if mark.sigma:
            axes.axvspan(mark.x - mark.sigma, mark.x + mark.sigma, color=colour, alpha=0.12, lw=0)
    if mark.y is not None and np.isfinite(mark.y):
        axes.plot([mark.x], [mark.y], "o", ms=3.5, color=colour)


def _labels(axes: Axes, marks: Sequence[Mark], high: float, height: float, sheet: Sheet) -> None:
    """Names of the values above the curve, each in a row of its own where they would touch."""
    left, right = axes.get_xlim()
    values = sorted((mark for mark in marks if mark.kind == "value"), key=lambda mark: mark.x)
    for index, mark in enumerate(values):
        is_right = mark.x > 0.5 * (left + right)
        axes.annotate(
            mark.label,
            (mark.x, high + (0.07 - 0.07 * (index % 3)) * height),
            xytext=(-3 if is_right else 3, 0),
            textcoords="offset points",
            ha="right" if is_right else "left",
            va="center",
            fontsize=sheet.small_pt,
            color=INK,
        )
    for mark in marks:
        if mark.kind == "point" and mark.y is not None:
            axes.annotate(
                mark.label,
                (mark.x, mark.y),
                xytext=(4, 3),
                textcoords="offset points",
                fontsize=sheet.small_pt,
                color=COUPLE_TEXT_COLOUR,
            )
