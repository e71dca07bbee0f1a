"""The command that searches for better molecules: design."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.options import (
    DaskOption,
    QuietOption,
    ReplaceOption,
    RowsAsJsonOption,
    StoreOption,
    WorkersOption,
    clear_errors,
)


def design(  # noqa: PLR0917 - typer reads the options from the signature
    goal: Annotated[Path, typer.Argument(metavar="GOAL.yaml", help="Dot, what is built, limits, budget.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the results, in place of the goal's.")] = None,
    replace: ReplaceOption = False,
    budget: Annotated[int | None, typer.Option(help="Candidates computed at most.")] = None,
    workers: WorkersOption = None,
    store: StoreOption = None,
    dask: DaskOption = None,
    as_json: RowsAsJsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the best candidates of all that the building blocks span, without computing them all."""
    with clear_errors():
        from echemscreen.campaign.designing import DesignCampaign  # noqa: PLC0415 - engines are loaded when needed
        from echemscreen.views.tables.table import json_line  # noqa: PLC0415

        campaign = DesignCampaign.from_file(
            goal,
            out=out,
            replace=replace or None,
            budget=budget,
            workers=workers,
            store=store,
            dask=dask,
        )
        outcome = campaign.run(quiet=quiet)
        if as_json:
            for row in outcome.rows:
                sys.stdout.write(f"{json_line(row)}\n")
        elif not quiet:
            typer.echo(outcome.summary())
        raise typer.Exit(outcome.exit_status)
