"""The options of what is drawn of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from echemscreen.options.declared import CheckedOptions, Option


def _as_text(value: object) -> object:
    """Millimetres are written as a number in Python, and in YAML."""
    return f"{value:g}" if isinstance(value, int | float) and not isinstance(value, bool) else value


class FigureOptions(CheckedOptions):
    """What a figure is printed on, and how it looks."""

    width: Annotated[str | None, BeforeValidator(_as_text), Option(metavar="WIDTH", changes_rows=False)] = (
        Field(default=None, description="A journal's column, single or double, or millimetres.")
    )
    journal: Annotated[Literal["acs", "rsc", "nature"] | None, Option(changes_rows=False)] = Field(
        default=None, description="Fonts, type, lines and columns as its authors are asked."
    )
    style: Annotated[Path | None, Option(metavar="FILE", is_input=True, changes_rows=False)] = Field(
        default=None, description="YAML: width, journal, caption, order, names, colours."
    )


class DiagramOptions(FigureOptions):
    """The levels of a screen, its map or the device around it; the ledgers or criteria of a ranking."""

    scale: str = Field(
        default="she",
        description="Reference of the axis, of band_data/reference_electrodes.csv: vacuum, sce, fc ...",
    )
    shows: Literal["levels", "map", "ledgers", "criteria"] | None = Field(
        default=None,
        description="Of a screen levels or map, by default by its length; of a ranking ledgers or criteria.",
    )
    top: int | None = Field(default=None, ge=1, description="Only the N largest drives.")
    page: int | None = Field(default=None, ge=1, description="The N-th page of a long table instead.")
    stack: Annotated[str | None, Option(metavar="PRESET")] = Field(
        default=None, description="Draw the whole device: pu2020, lu2022 ..."
    )
