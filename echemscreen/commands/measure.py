"""The commands about a user's own measurements: measure cv, absorption, emission, ups and pesa."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from echemscreen.commands.options import JsonOption, clear_errors

if TYPE_CHECKING:
    from echemscreen.campaign.measuring.subject import Measurement

app = typer.Typer(
    help="Levels and edges from your own measurements.", no_args_is_help=True, rich_markup_mode=None
)

FilesArgument = Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files of one sample.")]
SmilesOption = Annotated[
    str | None, typer.Option("--smiles", metavar="SMILES", help="The ligand that was measured.")
]
DotOption = Annotated[
    str | None, typer.Option("--qd", metavar="QD", help="The dot that was measured: CORE:NM[/SHELL:NM...].")
]
NameOption = Annotated[str, typer.Option("--name", help="What the row is called; the file by default.")]
MeasuredOption = Annotated[
    Path | None,
    typer.Option("--measured", metavar="FILE.csv", help="Your measurement file, to which the row is added."),
]
FigureOption = Annotated[
    Path | None, typer.Option("-o", "--output", help="Figure of the construction: FILE.svg, .png or .pdf")
]


class ProcessChoice(StrEnum):
    """Which process is read."""

    reduction = "reduction"
    oxidation = "oxidation"


@app.command("cv")
def measure_cv(  # noqa: PLR0917 - typer reads the options from the signature
    files: FilesArgument,
    reference: Annotated[
        str | None, typer.Option(help="Reference electrode of the cell: sce, ag_agcl, fc, she ...")
    ] = None,
    ferrocene: Annotated[
        str | None,
        typer.Option(
            metavar="found|VOLT|FILE",
            help="Internal standard: found among the waves, its potential in this cell, or its voltammogram.",
        ),
    ] = None,
    solvent: Annotated[str, typer.Option(help="Solvent of the cell.")] = "acetonitrile",
    process: Annotated[ProcessChoice | None, typer.Option(help="Only this process.")] = None,
    smiles: SmilesOption = None,
    qd: DotOption = None,
    name: NameOption = "",
    measured: MeasuredOption = None,
    output: FigureOption = None,
    as_json: JsonOption = False,
) -> None:
    """Half-wave potentials, onsets and reversibility from voltammograms (several: one for each scan rate)."""
    with clear_errors():
        from echemscreen.campaign.measuring.voltammogram import CvMeasurement  # noqa: PLC0415

        asked = CvMeasurement.validated(
            files=files,
            reference=reference,
            ferrocene=ferrocene,
            solvent=solvent,
            process=None if process is None else process.value,
            smiles=smiles,
            qd=qd,
            name=name,
            measured=measured,
            figure=output,
        )
        _answer(asked, as_json=as_json)


def _answer(asked: Measurement, *, as_json: bool) -> None:
    found = asked.run()
    if as_json:
        typer.echo(json.dumps(found.describe(), indent=2, ensure_ascii=False))
        return
    typer.echo(str(found))
    for path, what in ((asked.figure, "figure"), (asked.measured, "rows added to")):
        if path is not None:
            typer.echo(f"{what} {path}")


ColumnOption = Annotated[
    str | None, typer.Option("--column", metavar="NAME", help="Column of the signal; the first by default.")
]
FileArgument = Annotated[Path, typer.Argument(metavar="FILE", help="CSV, JCAMP-DX or .spc")]


@app.command("absorption")
def measure_absorption(  # noqa: PLR0917 - typer reads the options from the signature
    file: FileArgument,
    qd: DotOption = None,
    column: ColumnOption = None,
    name: NameOption = "",
    output: FigureOption = None,
    as_json: JsonOption = False,
) -> None:
    """First exciton, its width, and the size of the dot (write the core as CORE:? with --qd)."""
    with clear_errors():
        from echemscreen.campaign.measuring.optical import AbsorptionMeasurement  # noqa: PLC0415

        asked = AbsorptionMeasurement.validated(files=[file], qd=qd, column=column, name=name, figure=output)
        _answer(asked, as_json=as_json)


@app.command("emission")
def measure_emission(  # noqa: PLR0917 - typer reads the options from the signature
    file: FileArgument,
    qd: DotOption = None,
    column: ColumnOption = None,
    name: NameOption = "",
    output: FigureOption = None,
    as_json: JsonOption = False,
) -> None:
    """Position and width of the emission, and the size of the dot that emits there."""
    with clear_errors():
        from echemscreen.campaign.measuring.optical import EmissionMeasurement  # noqa: PLC0415

        asked = EmissionMeasurement.validated(files=[file], qd=qd, column=column, name=name, figure=output)
        _answer(asked, as_json=as_json)


@app.command("ups")
def measure_ups(  # noqa: PLR0917 - typer reads the options from the signature
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...", help="One spectrum, or the file of the cut-off and of the valence."
        ),
    ],
    photon: Annotated[float, typer.Option("--photon", help="Photon energy, eV; He I by default.")] = 21.218,
    column: ColumnOption = None,
    smiles: SmilesOption = None,
    qd: DotOption = None,
    name: NameOption = "",
    measured: MeasuredOption = None,
    output: FigureOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ionisation energy and valence edge from ultraviolet photoelectron spectra."""
    with clear_errors():
        from echemscreen.campaign.measuring.photoelectrons import UpsMeasurement  # noqa: PLC0415

        asked = UpsMeasurement.validated(
            files=files,
            photon_ev=photon,
            column=column,
            smiles=smiles,
            qd=qd,
            name=name,
            measured=measured,
            figure=output,
        )
        _answer(asked, as_json=as_json)


@app.command("pesa")
def measure_pesa(  # noqa: PLR0917 - typer reads the options from the signature
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Yield against the photon energy, CSV.")],
    power: Annotated[
        float, typer.Option("--power", help="Of the threshold law: 2, or 3 of molecules.")
    ] = 2.0,
    column: ColumnOption = None,
    smiles: SmilesOption = None,
    qd: DotOption = None,
    name: NameOption = "",
    measured: MeasuredOption = None,
    output: FigureOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ionisation energy and valence edge from a photoelectron yield in air."""
    with clear_errors():
        from echemscreen.campaign.measuring.photoelectrons import PesaMeasurement  # noqa: PLC0415

        asked = PesaMeasurement.validated(
            files=[file],
            power=power,
            column=column,
            smiles=smiles,
            qd=qd,
            name=name,
            measured=measured,
            figure=output,
        )
        _answer(asked, as_json=as_json)
