"""The command line: argument parsing only; the commands stand in :mod:`~echemscreen.commands`."""

from __future__ import annotations

import gc

import typer

from echemscreen.commands import (
    design,
    dots,
    evidence,
    exchange,
    library,
    measure,
    pictures,
    screening,
    stores,
    workflow,
)
from echemscreen.commands.options import end_in_words
from echemscreen.commands.streams import heedless_progress

app = typer.Typer(
    name="echemscreen",
    help="Which quantum-dot ligands and crosslinkers the injected charge reduces or oxidises.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # CORE:NM[/SHELL:NM...] is no markup
)
for command in (
    screening.screen,
    screening.rank,
    pictures.diagram,
    pictures.report,
    dots.qd,
    dots.sweep,
    exchange.ask,
    exchange.exchange,
    design.design,
    evidence.calibrate,
    evidence.validate,
    workflow.run,
    pictures.serve,
):
    app.command()(command)
app.add_typer(library.app, name="library")
app.add_typer(stores.app, name="store")
app.add_typer(measure.app, name="measure")


def main() -> None:
    """Entry point of the ``echemscreen`` command."""
    heedless_progress()
    end_in_words()
    try:
        app()
    finally:
        # All of it goes with the process: to look for garbage in every library takes a quarter second.
        gc.freeze()
