"""The command that runs workflow files: run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.endings import EXIT_INPUT
from echemscreen.commands.options import QuietOption, asks
from echemscreen.options.runs import ListOptions


@asks
def run(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.yaml...", help="Workflows, run in order.")],
    *,
    out: Annotated[
        Path | None, typer.Option(help="Folder of the results, in place of the one that the file names.")
    ] = None,
    workers: Annotated[int | None, ListOptions] = None,
    publish: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Copy the figures and tables under 'publish:' below this folder."),
    ] = None,
    replace: Annotated[bool, ListOptions] = False,
    quiet: QuietOption = False,
) -> None:
    """Run workflows: build, screen, rank, sweep, draw and report, as YAML files say."""
    from echemscreen.campaign.workflow import running  # noqa: PLC0415 - engines are loaded when they are needed

    if out is not None and len(files) > 1:
        typer.echo("echemscreen: --out is for one workflow. Run them one by one.", err=True)
        raise typer.Exit(EXIT_INPUT)
    status = 0
    for file in files:
        outcome = running.run(
            file,
            out=out,
            workers=workers,
            publish=publish,
            replace=replace,
            quiet=quiet,
            say=None if quiet else typer.echo,
        )
        if not quiet:
            for path in outcome.published:
                typer.echo(f"published {path}")
        status = max(status, outcome.exit_status)
    raise typer.Exit(status)
