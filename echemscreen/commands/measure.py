"""Levels and edges from your own measurements: voltammograms, spectra, photoemission."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer

from echemscreen.commands.options import JsonOption, asks
from echemscreen.options.measuring import CvOptions, PesaOptions, SpectrumOptions, UpsOptions

if TYPE_CHECKING:
    from echemscreen.campaign.measuring.subject import Measurement

app = typer.Typer(help=__doc__, no_args_is_help=True, rich_markup_mode=None)


@app.command("cv")
@asks
def measure_cv(asked: CvOptions, *, as_json: JsonOption = False) -> None:
    """Half-wave potentials, onsets and reversibility from voltammograms (several: one for each scan rate)."""
    from echemscreen.campaign.measuring.voltammogram import CvMeasurement  # noqa: PLC0415

    _answer(CvMeasurement.made_of(asked), as_json=as_json)


@app.command("absorption")
@asks
def measure_absorption(asked: SpectrumOptions, *, as_json: JsonOption = False) -> None:
    """First exciton, its width, and the size of the dot (write the core as CORE:? with --qd)."""
    from echemscreen.campaign.measuring.optical import AbsorptionMeasurement  # noqa: PLC0415

    _answer(AbsorptionMeasurement.made_of(asked), as_json=as_json)


@app.command("emission")
@asks
def measure_emission(asked: SpectrumOptions, *, as_json: JsonOption = False) -> None:
    """Position and width of the emission, and the size of the dot that emits there."""
    from echemscreen.campaign.measuring.optical import EmissionMeasurement  # noqa: PLC0415

    _answer(EmissionMeasurement.made_of(asked), as_json=as_json)


@app.command("ups")
@asks
def measure_ups(asked: UpsOptions, *, as_json: JsonOption = False) -> None:
    """Ionisation energy and valence edge from ultraviolet photoelectron spectra."""
    from echemscreen.campaign.measuring.photoelectrons import UpsMeasurement  # noqa: PLC0415

    _answer(UpsMeasurement.made_of(asked), as_json=as_json)


@app.command("pesa")
@asks
def measure_pesa(asked: PesaOptions, *, as_json: JsonOption = False) -> None:
    """Ionisation energy and valence edge from a photoelectron yield in air."""
    from echemscreen.campaign.measuring.photoelectrons import PesaMeasurement  # noqa: PLC0415

    _answer(PesaMeasurement.made_of(asked), as_json=as_json)


def _answer(asked: Measurement, *, as_json: bool) -> None:
    found = asked.run()
    if as_json:
        typer.echo(json.dumps(found.describe(), indent=2, ensure_ascii=False))
        return
    typer.echo(str(found))
    for path, what in ((asked.output, "figure"), (asked.kept_in(), "rows added to")):
        if path is not None:
            typer.echo(f"{what} {path}")
