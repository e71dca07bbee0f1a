"""The commands about one ligand: ask and exchange."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.options import JsonOption, asks
from echemscreen.options.runs import AskOptions, DotOptions


@asks
def ask(
    asked: AskOptions,
    *,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="FILE.svg, .png or .pdf with a small figure.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """One molecule in ten lines: verdict, why, how sure, what limits it, and inert analogues of it."""
    from echemscreen.campaign.asking import answered  # noqa: PLC0415 - nothing is loaded for --help
    from echemscreen.views.sheets import check_suffix  # noqa: PLC0415

    if out is not None:
        check_suffix(out)
    found = answered(asked)
    if out is not None:
        found.draw(out)
    if as_json:
        typer.echo(json.dumps(found.describe(), indent=2, ensure_ascii=False, default=str))
        return
    for line in found.lines():
        typer.echo(line)


@asks
def exchange(
    new: Annotated[str, typer.Argument(metavar="NEW", help="SMILES, or a name of the library.")],
    qd: Annotated[str, DotOptions],
    native: Annotated[
        str | None,
        typer.Option(
            "--native",
            metavar="NAME|SMILES",
            help="The ligand that is there; oleate for an anion and oleylamine for a donor by default.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Does a ligand displace the native one, does it pull off M(X)n: energies and their sigma."""
    from echemscreen.screening import exchange as exchanging  # noqa: PLC0415 - nothing is loaded for --help
    from echemscreen.views.exchange_words import lines_of_exchange  # noqa: PLC0415

    content = exchanging.exchange(new, native, qd).describe()
    if as_json:
        typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
        return
    for line in lines_of_exchange(content):
        typer.echo(line)
