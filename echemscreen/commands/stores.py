"""The database of computed levels: export it, convert an old one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.options import asks
from echemscreen.files import is_file

app = typer.Typer(help=__doc__, no_args_is_help=True, rich_markup_mode=None)
StoreArgument = Annotated[str, typer.Argument(metavar="STORE", help="PATH or postgresql://...")]


@app.command("export")
@asks
def store_export(
    store: StoreArgument,
    ase: Annotated[Path, typer.Option("--ase", metavar="FILE", help="ASE database to write, such as a.db.")],
) -> None:
    """Write geometries and energies as a database that ASE reads."""
    from echemscreen.errors import StoreError  # noqa: PLC0415
    from echemscreen.store import is_server, open_store  # noqa: PLC0415
    from echemscreen.store.ase_database import export_to_ase  # noqa: PLC0415

    if not is_server(store) and not is_file(store):
        raise StoreError(f"There is no store {store}.", "Name the calculations.db of a run.")
    with open_store(store) as opened:
        typer.echo(f"{export_to_ase(opened, ase)} rows in {ase}")


@app.command("convert")
@asks
def store_convert(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Store that version 0.1 wrote.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Store to fill: PATH or postgresql://...")],
) -> None:
    """Copy what version 0.1 computed into a store of this version."""
    from echemscreen.store import open_store, shown_address  # noqa: PLC0415
    from echemscreen.store.ase_database import convert_from_ase, refuse_others  # noqa: PLC0415

    # Before a new store is made for nothing.
    refuse_others(old)
    with open_store(new) as opened:
        typer.echo(f"{convert_from_ase(old, opened)} pieces in {shown_address(new)}")
