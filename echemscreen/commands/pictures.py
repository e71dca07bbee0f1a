"""The commands that show a finished run: diagram and report."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.options import (
    clear_errors,
)


class Scale(StrEnum):
    """Reference of the diagram's axis."""

    she = "she"
    vacuum = "vacuum"
    fc = "fc"
    sce = "sce"


def diagram(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished screen.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="FILE.svg, .png or .pdf")] = None,
    scale: Annotated[Scale, typer.Option(help="Reference of the axis.")] = Scale.she,
    top: Annotated[int | None, typer.Option(help="Only the N largest drives.", min=1)] = None,
    stack: Annotated[
        str | None, typer.Option(metavar="PRESET", help="Draw the whole device: pu2020, lu2022 ...")
    ] = None,
) -> None:
    """Draw the alignment diagram of a screen, or the whole device around it."""
    with clear_errors():
        from echemscreen.campaign.drawing import draw  # noqa: PLC0415

        path = output or folder / ("alignment.svg" if stack is None else f"{stack}.svg")
        typer.echo(str(draw(folder, path, scale=scale.value, top=top, stack=stack)))


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished screen or ranking.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.html; DIR/report.html by default.")
    ] = None,
) -> None:
    """Write the report of a run: one HTML file that opens in any browser without a network."""
    with clear_errors():
        from echemscreen.campaign.reporting import report as write_report  # noqa: PLC0415

        typer.echo(str(write_report(folder, output)))
