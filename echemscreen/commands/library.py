"""The ligand library: its families, and what can be built from its blocks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from echemscreen.commands.options import JsonOption, asks
from echemscreen.options.building import BuildOptions
from echemscreen.options.runs import ListOptions

app = typer.Typer(help=__doc__, no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
@asks
def library_list(
    *,
    members: Annotated[bool, typer.Option("--members", help="Name every member.")] = False,
    library: Annotated[Path | None, ListOptions] = None,
    as_json: JsonOption = False,
) -> None:
    """List the families with their counts, binding, mechanism and stimulus."""
    from echemscreen.ligands.library import families  # noqa: PLC0415

    entries = families(library)
    if as_json:
        typer.echo(json.dumps(entries, indent=2, ensure_ascii=False))
        return
    for entry in entries:
        names = [str(name) for name in entry["members"]]
        count = f"{len(names)} member{'' if len(names) == 1 else 's'}"
        binding = f"binds as {', '.join(entry['binding'])}" if entry["binding"] else "does not bind"
        typer.echo(f"{entry['family']}: {count}, {entry['role']}, {binding}")
        stimulus = entry["stimulus"].replace(";", ", ") + (
            f" ({', '.join(entry['wavelength_nm'])} nm)" if entry["wavelength_nm"] else ""
        )
        for label, text in (
            ("mechanism", entry["mechanism"]),
            ("stimulus", stimulus),
            ("rule of use", entry["rule_of_use"]),
        ):
            if text:
                typer.echo(f"  {label}: {text}")
        if members:
            for name in names:
                typer.echo(f"  - {name}")


@app.command("show")
@asks
def library_show(
    name: Annotated[str, typer.Argument(help="Name of a member.")],
    library: Annotated[Path | None, ListOptions] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Draw the structure: FILE.svg or .png")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show one entry: structure, formula, mass, how it binds, what light makes of it, source."""
    from echemscreen.ligands.library import show  # noqa: PLC0415

    entry = show(name, library)
    if output is not None:
        from echemscreen.views.structure import draw_structure  # noqa: PLC0415

        draw_structure(entry["smiles"], output, legend=f"{entry['name']}  {entry['formula']}")
    if as_json:
        typer.echo(json.dumps(entry, indent=2, ensure_ascii=False))
        return
    _print_entry(entry)
    if output is not None:
        typer.echo(f"drawing: {output}")


@app.command("build")
@asks
def library_build(
    asked: BuildOptions,
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.smi (.gz); standard output by default.")
    ] = None,
) -> None:
    """Enumerate ligands or crosslinkers from the cited building blocks, one SMILES and name a line."""
    from echemscreen.campaign.building import built  # noqa: PLC0415
    from echemscreen.ligands.building.build import write_smi  # noqa: PLC0415

    count = write_smi(built(asked), output)
    if output is not None:
        typer.echo(f"{count} {asked.what} written to {output}")


def _print_entry(entry: dict[str, Any]) -> None:
    """An entry for a reader: a line a fact, a dash a product or a form; what is blank is left out."""
    for key, value in entry.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            typer.echo(f"{key}:")
            for item in value:
                typer.echo("  - " + "; ".join(f"{k}: {v}" for k, v in item.items() if v not in {"", None}))
        elif value not in ("", None, []):
            typer.echo(f"{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}")
