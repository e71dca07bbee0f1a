"""Figures of a finished run, drawn from its folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from echemscreen.campaign.outcomes.figure_style import figure_style, style_of
from echemscreen.campaign.outcomes.outcome import Outcome, folder_of
from echemscreen.dots.device_stack import describe_stack, device_stack
from echemscreen.errors import InputError
from echemscreen.files import is_file
from echemscreen.options.declared import with_options
from echemscreen.options.pictures import DiagramOptions
from echemscreen.records.dots import DescribedDot
from echemscreen.screening.sweep import Sweep
from echemscreen.views.alignment import diagram
from echemscreen.views.alignment.placing import dot_of
from echemscreen.views.alignment.selection import condensed
from echemscreen.views.figure_file import Figure
from echemscreen.views.map import map_figure
from echemscreen.views.map.map_layout import MANY_SPECIES
from echemscreen.views.ranking.matrix_record import RECORD
from echemscreen.views.sheets import FigureStyle
from echemscreen.views.sweep import sweep_figure
from echemscreen.views.tables import table

#: Of a screen the levels side by side, or the map; of a ranking the ledgers, or the matrix of criteria.
_OF_A_SCREEN, _OF_A_RANKING = ("levels", "map"), ("ledgers", "criteria")


@with_options(DiagramOptions)
def draw(
    of: str | Path | Outcome | Sweep,
    path: str | Path | None = None,
    **options: Any,  # noqa: ANN401
) -> Path | Figure:
    """Draw a finished screen, a ranking or a sweep.

    Parameters
    ----------
    of
        The ``--out`` folder of a screen or of a ranking, or what :func:`echemscreen.screen`,
        :func:`echemscreen.rank` or :func:`echemscreen.sweep` returned.
    path
        Figure to be written; the suffix decides (svg, png, pdf, html). Without it nothing is written and
        the matplotlib figure is returned.
    options
        Those of :class:`~echemscreen.options.pictures.DiagramOptions`; ``style`` may also be the keys of
        such a file.

    Raises
    ------
    InputError
        if there is no finished run, or an option cannot be used.

    Examples
    --------
    >>> es.draw("results", width="single", journal="acs").savefig("f.pdf")        # doctest: +SKIP
    """
    given = options.pop("style", None)
    asked = DiagramOptions.validated(**options)
    return drawn(of, path, asked, style=figure_style(given, width=asked.width, journal=asked.journal))


def drawn(
    of: str | Path | Outcome | Sweep,
    path: str | Path | None,
    asked: DiagramOptions,
    *,
    style: FigureStyle | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Path | Figure:
    """What :func:`draw` draws, of options that are checked.

    Parameters
    ----------
    say
        Told which of the species are drawn, where not all of them are.
    """
    look = style or style_of(asked)
    target = None if path is None else Path(path)
    if isinstance(of, Sweep):
        return _sweep(of, target, look)
    folder = folder_of(of)
    results, run = folder / "results.csv", folder / "run.json"
    if is_file(folder / "ledger.csv") and not is_file(results) and is_file(run):
        return _ranking(folder, target, asked, style=look, say=say)
    if not is_file(results) or not is_file(run):
        raise InputError(
            f"{folder} holds no finished screen (results.csv and run.json).",
            "Run 'echemscreen screen' first.",
        )
    if _is_map(asked, results, is_levels=bool(look.order)):
        return _map(results, dot_of(folder), target, scale=asked.scale, style=look)
    return _levels(results, dot_of(folder), target, asked, style=look, say=say)


def draw_screen(out: Path, *, top: int) -> None:
    """The figures of a screen that has ended: its levels, and of a long one its map too."""
    is_long = n_judged(out / "results.csv") > MANY_SPECIES
    for suffix in ("svg", "png"):
        draw(out, out / f"alignment.{suffix}", shows="levels", top=top)
        mapped = out / f"map.{suffix}"
        # That of an earlier, longer list tells nothing of this one.
        mapped.unlink(missing_ok=True)
        if is_long:
            draw(out, mapped, shows="map")


def _is_map(asked: DiagramOptions, results: Path, *, is_levels: bool) -> bool:
    """Whether the map is drawn of a screen: unasked, that of a long one."""
    _check_kind(asked.shows, _OF_A_SCREEN, "screen")
    chosen = {"top": asked.top, "page": asked.page, "stack": asked.stack}
    named = [f"--{name}" for name, value in chosen.items() if value is not None]
    if asked.shows == "map" and named:
        raise InputError(f"A map shows every molecule: it takes no {named[0]}.", "Leave it away.")
    if asked.shows is not None:
        return asked.shows == "map"
    return not is_levels and not named and n_judged(results) > MANY_SPECIES


def _map(
    results: Path, dot: DescribedDot, path: Path | None, *, scale: str, style: FigureStyle
) -> Path | Figure:
    rows = list(table.stream_results(results))
    if path is None:
        return map_figure.figure(rows, dot, scale=scale, style=style)
    map_figure.draw(rows, dot, path, scale=scale, style=style)
    return path


def _levels(
    results: Path,
    dot: DescribedDot,
    path: Path | None,
    asked: DiagramOptions,
    *,
    style: FigureStyle,
    say: Callable[[str], None],
) -> Path | Figure:
    device = None if asked.stack is None else describe_stack(device_stack(asked.stack), dot)
    # A long table is read row by row; no more than these can be drawn.
    size = diagram.species_drawn(dot, top=asked.top, style=style, in_device=device is not None)
    kept = condensed(table.stream_results(results), page=asked.page, size=size, order=style.order)
    shown: dict[str, Any] = {"scale": asked.scale, "top": asked.top, "page": asked.page}
    shown |= {"style": style, "stack": device}
    if path is None:
        return diagram.figure(kept, dot, **shown)
    placed = diagram.draw(kept, dot, path, **shown)
    if placed.selection:
        say(placed.selection)
    return path


def n_judged(results: Path) -> int:
    """Rows of a screen that were judged."""
    return sum(row["status"] == "ok" for row in table.stream_results(results))


def _check_kind(kind: str | None, known: tuple[str, ...], what: str) -> None:
    if kind is not None and kind not in known:
        raise InputError(f"A {what} has no figure '{kind}'.", f"It has {' and '.join(known)}.")


def _ranking(
    folder: Path,
    path: Path | None,
    asked: DiagramOptions,
    *,
    style: FigureStyle,
    say: Callable[[str], None],
) -> Path | Figure:
    from echemscreen.views.ranking import ledger_figure  # noqa: PLC0415 - of a ranking only

    _check_kind(asked.shows, _OF_A_RANKING, "ranking")
    if asked.stack is not None or asked.page is not None:
        raise InputError("A ranking is drawn without a device and on one page.", "Use --top.")
    if asked.shows == "criteria":
        return _criteria(folder, path, style)
    dot = dot_of(folder)
    shown: dict[str, Any] = {"scale": asked.scale, "top": asked.top, "style": style}
    if path is None:
        return ledger_figure.folder_figure(folder, dot, **shown)
    placed = ledger_figure.draw_folder(folder, dot, path, **shown)
    if placed.selection:
        say(placed.selection)
    return path


def _criteria(folder: Path, path: Path | None, style: FigureStyle) -> Path | Figure:
    from echemscreen.views.ranking import matrix_record, ranking_figure  # noqa: PLC0415 - of a ranking only

    matrix = matrix_record.read(folder / RECORD)
    if path is None:
        return ranking_figure.figure(matrix, style=style)
    ranking_figure.draw(matrix, path, style=style)
    return path


def _sweep(found: Sweep, path: Path | None, style: FigureStyle) -> Path | Figure:
    limits = {"inert": found.thresholds.inert, "active": found.thresholds.active}
    if path is None:
        return sweep_figure.figure_of_sweep(found.describe(), **limits, style=style)
    sweep_figure.draw_sweep(found.describe(), path, **limits, style=style)
    return path
