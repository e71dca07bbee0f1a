"""Matplotlib figures as files: the settings they share, and the writing."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Figure  # noqa: PLC0414 - what drawing returns

from echemscreen.files import written_whole
from echemscreen.views.sheets import FREE, Sheet
from echemscreen.views.typeset import wider_fonts

#: Settings of one figure; matplotlib's own are left alone.
RC: Any = {
    "font.family": "sans-serif",
    # matplotlib brings the first one along; the others are for viewers of the SVG that lack it.
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": 8.0,
    # Text stays text in an SVG, and fonts are embedded as TrueType in a PDF: both can be edited.
    "svg.fonttype": "none",
    "svg.hashsalt": "echemscreen",
    "pdf.fonttype": 42,
    "axes.linewidth": 0.8,
    # Names come from outside: neither mathematics nor TeX, whatever the user's own settings are.
    "text.parse_math": False,
    "text.usetex": False,
    # Symbols of ours are mathematics, in the letters of the other text.
    "mathtext.fontset": "dejavusans",
}


def settings_of(sheet: Sheet, *, is_svg: bool) -> Any:  # noqa: ANN401 - matplotlib names every key
    """Settings of a figure on a sheet.

    An SVG is shown with the fonts of whoever opens it; elsewhere letters that the font lacks are taken from
    installed ones.
    """
    found = {**RC, "axes.linewidth": sheet.axis_line_pt}
    if sheet.fonts:
        found["font.sans-serif"] = [*sheet.fonts, "Liberation Sans", *RC["font.sans-serif"]]
    if not is_svg:
        found["font.family"] = ["sans-serif", *wider_fonts()]
    return found


def write(make_figure: Callable[[], Figure], path: Path, sheet: Sheet = FREE) -> None:
    """Write a figure into a file, whole or not at all; the same figure gives the same bytes.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    suffix = path.suffix.lower()
    metadata: dict[str, Any] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix, {})
    with mpl.rc_context(settings_of(sheet, is_svg=suffix == ".svg")), warnings.catch_warnings():
        # A script the font lacks is drawn as boxes; in an SVG the viewer's own fonts show it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = make_figure()
        with written_whole(path, "The figure") as place:
            figure.savefig(place, dpi=sheet.dpi, metadata=metadata, format=suffix[1:])


def made(make_figure: Callable[[], Figure], sheet: Sheet = FREE) -> Figure:
    """A figure as it would be written, for a notebook or for more to be drawn into it."""
    with mpl.rc_context(settings_of(sheet, is_svg=False)):
        return make_figure()


def svg_text(make_figure: Callable[[], Figure], sheet: Sheet = FREE) -> str:
    """A figure as the text of an SVG; the same figure gives the same text."""
    target = io.StringIO()
    with mpl.rc_context(settings_of(sheet, is_svg=True)), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        make_figure().savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()
