"""Matplotlib figures as files: the settings they share, the widths of journals, and the writing."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure as Figure  # noqa: PLC0414 - what drawing returns
from matplotlib.font_manager import FontProperties

from echemscreen.errors import InputError
from echemscreen.files import written_whole
from echemscreen.views.alignment.drawing import shortened

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
}
#: What matplotlib writes for us.
SUFFIXES = (".svg", ".png", ".pdf")
_MM = 1.0 / 25.4
#: Letters are fitted to pixels: their widths depend a little on the resolution, most on a coarse one.
_SCRATCH_DPI, _SLACK = 100.0, 1.01
_POINTS_PER_INCH = 72.0
#: No letter that is seen is narrower, in sizes of its font.
_NARROWEST_EM = 0.2
PageWidth = Literal["single", "double"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a figure is printed on: its width, the sizes of type (points) and of what stands close."""

    width_in: float | None = None
    """``None``: as wide as the species need."""
    axis_pt: float = 8.0
    name_pt: float = 7.0
    small_pt: float = 6.5
    number_pt: float = 6.0
    slant_deg: float = 50.0
    """Of the species' names."""
    least_in: float = 0.25
    """Distance of species at which their names still do not touch."""
    margin_in: float = 0.75
    """Left and right of the axes, for their labels."""
    guides_in: float = 1.2
    """For the names of edges and couples."""
    height_in: float = 4.2
    half: float = 0.32
    """Half the length of a level, in units of the distance of species."""
    line_pt: float = 2.0
    marker_pt: float = 3.5
    dpi: int = 200

    def species(self, n_blocks: int) -> int | None:
        """How many species fit beside the layers of a dot; ``None``: any number."""
        if self.width_in is None:
            return None
        units = (self.width_in - 2 * self.margin_in - self.guides_in) / self.least_in
        return math.floor(units - n_blocks - 2.5)


#: A figure as wide as it needs to be, and the columns of a journal: type is printed at 6 points or more.
FREE = Sheet()
SHEETS: dict[str, Sheet] = {
    name: Sheet(
        width_in=width_mm * _MM,
        axis_pt=7.0,
        name_pt=6.0,
        small_pt=6.0,
        slant_deg=60.0,
        least_in=0.115,
        margin_in=0.47,
        guides_in=0.95,
        height_in=height_in,
        half=0.46,
        line_pt=1.6,
        marker_pt=3.0,
        dpi=600,
    )
    for name, width_mm, height_in in (("single", 89.0, 2.9), ("double", 183.0, 3.5))
}


def is_page_for_browser(path: Path, width: PageWidth | None) -> bool:
    """Whether a diagram is to become a page; the suffix decides.

    Raises
    ------
    InputError
        if the suffix is unknown, or a width is asked of a page.
    """
    suffix = path.suffix.lower()
    if suffix not in {*SUFFIXES, ".html"}:
        known = ", ".join((*SUFFIXES, ".html"))
        raise InputError(f"A diagram cannot be written as '{path.name}'.", f"Use {known}.")
    if suffix == ".html" and width is not None:
        raise InputError("A page for the browser has no width of a journal's column.", "Leave --width away.")
    return suffix == ".html"


def sheet_of(width: PageWidth | None) -> Sheet:
    """The sheet of a journal's column, or the one that is as wide as it needs to be."""
    return FREE if width is None else SHEETS[width]


def write(make_figure: Callable[[], Figure], path: Path, *, dpi: int = FREE.dpi) -> None:
    """Write a figure into a file, whole or not at all; the same figure gives the same bytes.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    suffix = path.suffix.lower()
    metadata: dict[str, Any] = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}.get(suffix, {})
    with mpl.rc_context(RC), warnings.catch_warnings():
        # A script the font lacks is drawn as boxes; in an SVG the viewer's own fonts show it.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure = make_figure()
        with written_whole(path, "The figure") as place:
            figure.savefig(place, dpi=dpi, metadata=metadata, format=suffix[1:])


def made(make_figure: Callable[[], Figure]) -> Figure:
    """A figure as it would be written, for a notebook or for more to be drawn into it."""
    with mpl.rc_context(RC):
        return make_figure()


def svg_text(make_figure: Callable[[], Figure]) -> str:
    """A figure as the text of an SVG; the same figure gives the same text."""
    target = io.StringIO()
    with mpl.rc_context(RC), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        make_figure().savefig(target, format="svg", metadata={"Date": None})
    return target.getvalue()


def length_in(text: str, size_pt: float) -> float:
    """Length of a line of text as it is drawn, inches."""
    renderer = _renderer()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        font = FontProperties(size=size_pt)
        width, _, _ = renderer.get_text_width_height_descent(text, font, ismath=False)  # type: ignore[no-untyped-call]
    return _SLACK * float(width) / _SCRATCH_DPI


@lru_cache(maxsize=1)
def _renderer() -> RendererAgg:
    """What measures text; it draws nothing."""
    return RendererAgg(1, 1, _SCRATCH_DPI)  # type: ignore[no-untyped-call]


def fitted(text: str, size_pt: float, room_in: float) -> str:
    """A line of text that takes no more than ``room_in``, shortened in its middle if need be."""
    # Only so many of the narrowest letters have room: what is longer is not worth measuring.
    width = int(min(len(text), room_in * _POINTS_PER_INCH / (_NARROWEST_EM * size_pt))) + 1
    found = shortened(text, width) if width <= len(text) else text
    while width > 1 and (length := length_in(found, size_pt)) > room_in:
        width = max(min(width - 1, int(width * room_in / length) + 1), 1)
        found = shortened(text, width)
    return found


def filled(text: str, size_pt: float, width_in: float) -> str:
    """A paragraph broken into lines no longer than ``width_in``."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and length_in(longer, size_pt) <= width_in:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)
