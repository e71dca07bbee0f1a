"""The options of a user's own measurements."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from echemscreen.options.declared import CheckedOptions, Option
from echemscreen.options.pictures import FigureOptions

#: Energy of the photons of the He I line, eV.
HE_I_EV = 21.218


class MeasurementOptions(FigureOptions):
    """A measurement of one sample: its files, what it was, and where the answer goes."""

    files: Annotated[tuple[Path, ...], Option(metavar="FILE...", is_argument=True)] = Field(
        min_length=1, description="Files of one sample."
    )
    qd: Annotated[str | None, Option(metavar="QD")] = Field(
        default=None, description="The dot that was measured: CORE:NM[/SHELL:NM...]."
    )
    name: str = Field(default="", description="What the row is called; the file by default.")
    output: Annotated[Path | None, Option(short="-o")] = Field(
        default=None, description="Figure of the construction: FILE.svg, .png or .pdf"
    )


class LevelOptions(MeasurementOptions):
    """A measurement of a level or an edge, which can be kept as a row."""

    smiles: Annotated[str | None, Option(metavar="SMILES")] = Field(
        default=None, description="The ligand that was measured."
    )
    measured: Annotated[Path | None, Option(metavar="FILE.csv")] = Field(
        default=None, description="Your measurement file, to which the row is added."
    )

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if self.smiles is not None and self.qd is not None:
            raise ValueError("give the ligand (--smiles) or the dot (--qd), not both")
        if self.measured is not None and self.smiles is None and self.qd is None:
            raise ValueError("a row needs what was measured: --smiles or --qd")
        return self


class CvOptions(LevelOptions):
    """Voltammograms of one sample, of one or of several scan rates."""

    reference: str | None = Field(
        default=None, description="Reference electrode of the cell: sce, ag_agcl, fc, she ..."
    )
    ferrocene: Annotated[str | None, Option(metavar="found|VOLT|FILE")] = Field(
        default=None,
        description="Internal standard: found among the waves, its potential in this cell, "
        "or its voltammogram.",
    )
    solvent: str = Field(default="acetonitrile", description="Solvent of the cell.")
    process: Literal["reduction", "oxidation"] | None = Field(default=None, description="Only this process.")


class _Column(CheckedOptions):
    column: Annotated[str | None, Option(metavar="NAME")] = Field(
        default=None, description="Column of the signal; the first by default."
    )


class SpectrumOptions(_Column, MeasurementOptions):
    """An optical spectrum of dots."""

    files: Annotated[tuple[Path, ...], Option(metavar="FILE", is_argument=True)] = Field(
        min_length=1, max_length=1, description="CSV, JCAMP-DX or .spc"
    )


class UpsOptions(_Column, LevelOptions):
    """Ultraviolet photoelectron spectra: one file with both ends, or the cut-off and the valence region."""

    files: Annotated[tuple[Path, ...], Option(metavar="FILE...", is_argument=True)] = Field(
        min_length=1,
        max_length=2,
        description="One spectrum, or the file of the cut-off and of the valence.",
    )
    photon_ev: float = Field(default=HE_I_EV, gt=0, le=200, description="Photon energy, eV; He I by default.")


class PesaOptions(_Column, LevelOptions):
    """A photoelectron yield in air."""

    files: Annotated[tuple[Path, ...], Option(metavar="FILE", is_argument=True)] = Field(
        min_length=1, max_length=1, description="Yield against the photon energy, CSV."
    )
    power: float = Field(default=2.0, ge=1, le=3, description="Of the threshold law: 2, or 3 of molecules.")
