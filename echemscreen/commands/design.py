"""The command that searches for better molecules: design."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from echemscreen.commands.options import QuietOption, RowsAsJsonOption, asks
from echemscreen.options.runs import DesignOptions


@asks
def design(
    goal: Annotated[Path, typer.Argument(metavar="GOAL.yaml", help="Dot, what is built, limits, budget.")],
    asked: Annotated[dict[str, Any], DesignOptions],
    *,
    as_json: RowsAsJsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Find the best candidates of all that the building blocks span; an option outranks the goal's."""
    from echemscreen.campaign.designing import DesignCampaign  # noqa: PLC0415 - engines are loaded when needed
    from echemscreen.views.tables.table import json_line  # noqa: PLC0415

    outcome = DesignCampaign.from_file(goal, **asked).run(quiet=quiet)
    if as_json:
        for row in outcome.rows:
            sys.stdout.write(f"{json_line(row)}\n")
    elif not quiet:
        typer.echo(outcome.summary())
    raise typer.Exit(outcome.exit_status)
