"""Figures of a finished run, drawn from its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from echemscreen.campaign.outcomes.outcome import Outcome, folder_of
from echemscreen.dots.device_stack import describe_stack, device_stack
from echemscreen.errors import InputError
from echemscreen.files import is_file
from echemscreen.options.declared import with_options
from echemscreen.options.pictures import DiagramOptions
from echemscreen.views.alignment import diagram
from echemscreen.views.alignment.placing import dot_of
from echemscreen.views.alignment.selection import condensed
from echemscreen.views.figure_file import Figure
from echemscreen.views.tables import table


@with_options(DiagramOptions)
def draw(
    folder: str | Path | Outcome,
    path: str | Path | None = None,
    **options: Any,  # noqa: ANN401
) -> Path | Figure:
    """Draw the alignment diagram of a finished screen, or the ledgers of a ranking.

    Parameters
    ----------
    folder
        The ``--out`` folder of a screen or of a ranking, or what :func:`echemscreen.screen` returned.
    path
        Figure to be written; the suffix decides (svg, png, pdf, html). Without it nothing is written and
        the matplotlib figure is returned.
    options
        Those of :class:`~echemscreen.options.pictures.DiagramOptions`.

    Raises
    ------
    InputError
        if the folder holds no screen, or the device is unknown.
    """
    return drawn(folder, path, DiagramOptions.validated(**options))


def drawn(folder: str | Path | Outcome, path: str | Path | None, asked: DiagramOptions) -> Path | Figure:
    """What :func:`draw` draws, of options that are checked."""
    scale, top, page, width, stack = asked.scale, asked.top, asked.page, asked.width, asked.stack
    folder = folder_of(folder)
    results, run = folder / "results.csv", folder / "run.json"
    if is_file(folder / "ledger.csv") and not is_file(results) and is_file(run):
        dot = dot_of(folder)
        if stack is not None or page is not None:
            raise InputError(
                "The ledgers of a ranking are drawn without a device and on one page.", "Use --top."
            )
        from echemscreen.views.ranking import ledger_figure  # noqa: PLC0415 - of a ranking only

        if path is None:
            return ledger_figure.folder_figure(folder, dot, scale=scale, top=top, width=width)
        ledger_figure.draw_folder(folder, dot, Path(path), scale=scale, top=top, width=width)
        return Path(path)
    if not is_file(results) or not is_file(run):
        raise InputError(
            f"{folder} holds no finished screen (results.csv and run.json).",
            "Run 'echemscreen screen' first.",
        )
    dot = dot_of(folder)
    device = None if stack is None else describe_stack(device_stack(stack), dot)
    # A long table is read row by row; no more than these can be drawn.
    size = diagram.species_drawn(dot, top=top, width=width, in_device=device is not None)
    rows = condensed(table.stream_results(results), page=page, size=size)
    if path is None:
        return diagram.figure(rows, dot, scale=scale, top=top, page=page, width=width, stack=device)
    diagram.draw(rows, dot, Path(path), scale=scale, top=top, page=page, width=width, stack=device)
    return Path(path)
