"""The command that serves the local page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.options import clear_errors


def serve(
    port: Annotated[int, typer.Option(help="Of this computer; 0 takes a free one.", min=0, max=65535)] = 8765,
    out: Annotated[Path, typer.Option(help="Folder of the screens.")] = Path("results/served"),
) -> None:
    """Serve the local page, to this computer only: paste molecules, pick a dot, watch, open the result."""
    with clear_errors():
        from echemscreen import server  # noqa: PLC0415 - engines are loaded when they are needed

        server.serve(port, out, say=typer.echo)
