"""The commands that show results: diagram and report of a finished run, and the local page."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.options import (
    clear_errors,
)


class ColumnWidth(StrEnum):
    """Width of a column of a journal."""

    single = "single"
    double = "double"


def diagram(  # noqa: PLR0917 - typer reads the options from the signature
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished screen or ranking.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.svg, .png, .pdf or .html")
    ] = None,
    scale: Annotated[
        str,
        typer.Option(
            help="Reference of the axis, of band_data/reference_electrodes.csv: vacuum, sce, fc ..."
        ),
    ] = "she",
    top: Annotated[int | None, typer.Option(help="Only the N largest drives.", min=1)] = None,
    page: Annotated[int | None, typer.Option(help="The N-th page of a long table instead.", min=1)] = None,
    width: Annotated[ColumnWidth | None, typer.Option(help="A journal's column: 89 or 183 mm.")] = None,
    stack: Annotated[
        str | None, typer.Option(metavar="PRESET", help="Draw the whole device: pu2020, lu2022 ...")
    ] = None,
) -> None:
    """Draw the alignment diagram of a screen, the whole device around it, or the ledgers of a ranking."""
    with clear_errors():
        from echemscreen.campaign.outcomes.drawing import draw  # noqa: PLC0415

        path = output or folder / ("alignment.svg" if stack is None else f"{stack}.svg")
        drawn = draw(
            folder,
            path,
            scale=scale,
            top=top,
            page=page,
            width=None if width is None else width.value,
            stack=stack,
        )
        typer.echo(str(drawn))


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished screen or ranking.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.html; DIR/report.html by default.")
    ] = None,
) -> None:
    """Write the report of a run: one HTML file that opens in any browser without a network."""
    with clear_errors():
        from echemscreen.campaign.outcomes.reporting import report as write_report  # noqa: PLC0415

        typer.echo(str(write_report(folder, output)))


def serve(
    port: Annotated[int, typer.Option(help="Of this computer; 0 takes a free one.", min=0, max=65535)] = 8765,
    out: Annotated[Path, typer.Option(help="Folder of the screens.")] = Path("results/served"),
) -> None:
    """Serve the local page, to this computer only: paste molecules, pick a dot, watch, open the result."""
    with clear_errors():
        from echemscreen import server  # noqa: PLC0415 - engines are loaded when they are needed

        server.serve(port, out, say=typer.echo)
