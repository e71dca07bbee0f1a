"""The commands that show results: diagram and report of a finished run, and the local page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.options import asks
from echemscreen.options.pictures import DiagramOptions

FolderArgument = Annotated[
    Path, typer.Argument(metavar="DIR", help="Folder of a finished screen or ranking.")
]


@asks
def diagram(
    folder: FolderArgument,
    asked: DiagramOptions,
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.svg, .png, .pdf or .html")
    ] = None,
) -> None:
    """Draw the levels of a screen, its map, the whole device, or the ledgers or criteria of a ranking."""
    from echemscreen.campaign.outcomes.drawing import drawn  # noqa: PLC0415

    path = output or folder / f"{asked.stack or asked.shows or 'alignment'}.svg"
    typer.echo(str(drawn(folder, path, asked, say=lambda words: typer.echo(words, err=True))))


@asks
def report(
    folder: FolderArgument,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.html; DIR/report.html by default.")
    ] = None,
) -> None:
    """Write the report of a run: one HTML file that opens in any browser without a network."""
    from echemscreen.campaign.outcomes.reporting import report as write_report  # noqa: PLC0415

    typer.echo(str(write_report(folder, output)))


@asks
def serve(
    *,
    port: Annotated[int, typer.Option(help="Of this computer; 0 takes a free one.", min=0, max=65535)] = 8765,
    out: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("results/served"),
) -> None:
    """Serve the local page, to this computer only: paste molecules, pick a dot, watch, open the result."""
    from echemscreen import server  # noqa: PLC0415 - engines are loaded when they are needed

    server.serve(port, out, say=typer.echo)
