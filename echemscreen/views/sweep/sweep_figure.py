"""The figure of a sweep: edges against one size, or the drive over two sizes, with the critical sizes."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from echemscreen.errors import InputError
from echemscreen.views.figure_file import made, svg_text, write
from echemscreen.views.sheets import PLAIN, FigureStyle
from echemscreen.views.sweep.sweep_lines import line_figure
from echemscreen.views.sweep.sweep_map import map_figure
from echemscreen.views.sweep.sweep_words import Content, swept

#: As many as a sheet of paper has.
_MAX_DIMENSIONS = 2


def draw_sweep(
    content: Content, path: Path, *, inert: float = 0.10, active: float = 0.75, style: FigureStyle = PLAIN
) -> None:
    """Draw a sweep over one or two sizes into a file; its suffix decides the format.

    Parameters
    ----------
    content
        The objects of ``sweep --json``.
    inert, active
        Probabilities at which a verdict is given.

    Raises
    ------
    InputError
        if the sweep has no range, or more than two.
    StoreError
        if the file cannot be written.
    """
    check_dimensions(len(swept(content)))
    write(lambda: _figure(content, inert, active, style), path, style.sheet)


def figure_of_sweep(
    content: Content, *, inert: float = 0.10, active: float = 0.75, style: FigureStyle = PLAIN
) -> Figure:
    """The same as a matplotlib figure, written nowhere; see :func:`draw_sweep`."""
    check_dimensions(len(swept(content)))
    return made(lambda: _figure(content, inert, active, style), style.sheet)


def svg_of_sweep(content: Content, *, inert: float, active: float) -> str | None:
    """The same figure as the text of an SVG; ``None`` if the sweep has no range, or more than two."""
    count = len(swept(content))
    if not 1 <= count <= _MAX_DIMENSIONS:
        return None
    return svg_text(lambda: _figure(content, inert, active, PLAIN))


def _figure(content: Content, inert: float, active: float, style: FigureStyle) -> Figure:
    draw_figure = line_figure if len(swept(content)) == 1 else map_figure
    if "ligand" in content[0]:
        content = [{**item, "ligand": style.named(item["ligand"])} for item in content]
    return draw_figure(content, inert=inert, active=active, sheet=style.sheet)


def check_dimensions(count: int) -> None:
    """Refuse what a sheet of paper cannot show.

    Raises
    ------
    InputError
        for a sweep over no size, or over more than two.
    """
    if not 1 <= count <= _MAX_DIMENSIONS:
        raise InputError(
            f"A sweep over {count} sizes cannot be drawn.",
            "Give one or two layers a range, or write a .csv file.",
        )
