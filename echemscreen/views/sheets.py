"""What a figure is printed on: the columns and the type of journals, and what a user wants otherwise.

A figure is as wide as it needs to be, or as a column of a journal; type and lines then are those that the
journal asks for. The numbers are from the guidelines for authors that each :class:`Journal` names.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from matplotlib.colors import is_color_like

from echemscreen.errors import InputError
from echemscreen.views.palette import STYLES, TEXT_COLOURS, UNJUDGED

MM_PER_IN = 25.4
#: A column of a journal, or millimetres.
Width = Literal["single", "double"] | float
#: Widths that a figure can have, mm: legible at the lower end, a poster at the upper.
NARROWEST_MM, WIDEST_MM = 60.0, 1200.0
#: Sheets up to this width have one axis only, and the names of lines beyond the frame, inches.
_ONE_AXIS_IN = 4.8
#: What matplotlib writes for us.
SUFFIXES = (".svg", ".png", ".pdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    """What the guidelines of a publisher ask of a figure; what they leave open is blank or our own choice."""

    single_mm: float
    double_mm: float
    tallest_mm: float
    fonts: tuple[str, ...] = ("Arial", "Helvetica")
    axis_pt: float = 7.0
    small_pt: float = 6.0
    axis_line_pt: float = 0.8
    source: str


#: The first is what ``single`` and ``double`` mean where no journal is named.
JOURNALS: Mapping[str, Journal] = {
    "nature": Journal(
        single_mm=89.0,
        double_mm=183.0,
        tallest_mm=170.0,
        source="Nature research figure guide, research-figure-guide.nature.com: 89 and 183 mm, at most "
        "170 mm tall, Arial or Helvetica of 5 to 7 points",
    ),
    "acs": Journal(
        single_mm=82.55,
        double_mm=177.8,
        tallest_mm=241.3,
        axis_line_pt=0.6,
        source="American Chemical Society, Preparing Manuscript Graphics, pubs.acs.org/paragonplus: 3.25 and "
        "7 inches, at most 9.5 inches tall, Arial or Helvetica; lines of 0.6 points as in its structures",
    ),
    "rsc": Journal(
        single_mm=83.0,
        double_mm=171.0,
        tallest_mm=233.0,
        small_pt=7.0,
        axis_line_pt=1.0,
        source="Royal Society of Chemistry, Guidelines for Preparation of Illustrations, rsc.org: 8.3 and "
        "17.1 cm, at most 23.3 cm tall, Arial of 7 points, lines of about 1 point",
    ),
}


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
    fonts: tuple[str, ...] = ()
    """Preferred ones; matplotlib's own without any."""
    axis_line_pt: float = 0.8
    longest_in: float = math.inf
    """Of a species' name."""
    has_caption: bool = True
    colours: Mapping[str, str] = field(default_factory=dict)
    """Of verdicts, where they are not those of the palette."""

    @property
    def has_other_axis(self) -> bool:
        """Whether the other reference stands at the right; if not, the names of lines do."""
        return self.width_in is None or self.width_in > _ONE_AXIS_IN

    def species(self, n_blocks: int) -> int | None:
        """How many species fit beside the layers of a dot; ``None``: any number."""
        if self.width_in is None:
            return None
        margins = 2 * self.margin_in if self.has_other_axis else self.margin_in
        units = (self.width_in - margins - self.guides_in) / self.least_in
        return math.floor(units - n_blocks - 2.5)

    def mark(self, verdict: str) -> tuple[str, str]:
        """Colour and marker of a verdict."""
        colour, marker = STYLES.get(verdict, UNJUDGED)
        return self.colours.get(verdict, colour), marker

    def text_colour(self, verdict: str) -> str:
        """The verdict's colour, for small type."""
        return self.colours.get(verdict) or TEXT_COLOURS.get(verdict, UNJUDGED[0])


#: As wide as it needs to be.
FREE = Sheet()
#: Columns of a journal: type is printed at 6 points or more.
_COLUMN = Sheet(
    axis_pt=7.0,
    name_pt=6.0,
    small_pt=6.0,
    slant_deg=60.0,
    least_in=0.115,
    margin_in=0.47,
    guides_in=0.95,
    height_in=3.5,
    half=0.46,
    line_pt=1.6,
    marker_pt=3.0,
    dpi=600,
    longest_in=1.9,
)
#: Upright names take the least room, and so do labels without a unit.
_NARROW: dict[str, Any] = {
    "slant_deg": 90.0,
    "least_in": 0.105,
    "guides_in": 0.72,
    "height_in": 2.9,
    "margin_in": 0.45,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureStyle:
    """How a figure is to look: what its reader decides, not its molecules."""

    width: Width | None = None
    """``single``, ``double``, millimetres, or ``None`` for as wide as it needs to be."""
    journal: str = ""
    """A key of :data:`JOURNALS`; blank for type of our own."""
    caption: bool = True
    order: tuple[str, ...] = ()
    """Names of the species that are drawn, in this order; without any the figure chooses."""
    names: Mapping[str, str] = field(default_factory=dict)
    """What is written in the place of a species' name."""
    colours: Mapping[str, str] = field(default_factory=dict)
    """Colours of the verdicts, as matplotlib knows them: ``#0072B2``, ``navy``."""

    def named(self, name: str) -> str:
        """A species' name as it is to be written."""
        return self.names.get(name, name)

    @property
    def sheet(self) -> Sheet:
        """What the figure is printed on."""
        sheet = replace(FREE, has_caption=self.caption, colours=self.colours)
        journal = JOURNALS[self.journal or next(iter(JOURNALS))]
        if self.journal:
            sheet = replace(sheet, fonts=journal.fonts, axis_line_pt=journal.axis_line_pt)
        if self.width is None:
            return sheet
        width_mm = {"single": journal.single_mm, "double": journal.double_mm}.get(str(self.width), self.width)
        width_in = float(width_mm) / MM_PER_IN
        column = replace(
            _COLUMN,
            width_in=width_in,
            **(_NARROW if width_in <= _ONE_AXIS_IN else {}),
            fonts=sheet.fonts,
            axis_line_pt=sheet.axis_line_pt,
            has_caption=sheet.has_caption,
            colours=sheet.colours,
        )
        if not self.journal:
            return column
        small = max(column.small_pt, journal.small_pt)
        return replace(
            column,
            axis_pt=journal.axis_pt,
            name_pt=small,
            small_pt=small,
            number_pt=small,
            # Names of larger type stand further apart.
            least_in=column.least_in * small / column.small_pt,
            guides_in=column.guides_in * small / column.small_pt,
        )

    @property
    def width_words(self) -> str:
        """The width for a sentence: ``a column of 89 mm``."""
        width_in = self.sheet.width_in
        return "" if width_in is None else f"a column of {width_in * MM_PER_IN:.4g} mm"


#: As wide as it needs to be, everything as it comes.
PLAIN = FigureStyle()


def width_of(text: str | float | None) -> Width | None:
    """A width as a user gives it.

    Raises
    ------
    InputError
        if it is neither a column nor millimetres that a figure can have.
    """
    if text is None:
        return None
    if text in {"single", "double"}:
        return "single" if text == "single" else "double"
    try:
        width_mm = float(text)
    except (TypeError, ValueError):
        width_mm = math.nan
    if not NARROWEST_MM <= width_mm <= WIDEST_MM:
        raise InputError(
            f"A figure cannot be '{text}' wide.",
            f"Give single, double, or millimetres from {NARROWEST_MM:g} to {WIDEST_MM:g}.",
        )
    return width_mm


def is_colour(text: str) -> bool:
    """Whether matplotlib knows a colour."""
    return is_color_like(text)


def check_suffix(path: Path) -> None:
    """Refuse a name that no printed figure can have, before anything is computed."""
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"A figure cannot be written as '{path.name}'.", f"Use {', '.join(SUFFIXES)}.")


def is_page_for_browser(path: Path, style: FigureStyle = PLAIN) -> bool:
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
    if suffix == ".html" and style.width is not None:
        raise InputError("A page for the browser has no width of a journal's column.", "Leave --width away.")
    return suffix == ".html"
