"""The options of what is drawn of a run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from echemscreen.options.declared import CheckedOptions, Option

PageWidth = Literal["single", "double"]


class DiagramOptions(CheckedOptions):
    """The alignment diagram of a screen, the device around it, or the ledgers of a ranking."""

    scale: str = Field(
        default="she",
        description="Reference of the axis, of band_data/reference_electrodes.csv: vacuum, sce, fc ...",
    )
    top: int | None = Field(default=None, ge=1, description="Only the N largest drives.")
    page: int | None = Field(default=None, ge=1, description="The N-th page of a long table instead.")
    width: PageWidth | None = Field(default=None, description="A journal's column: 89 or 183 mm.")
    stack: Annotated[str | None, Option(metavar="PRESET")] = Field(
        default=None, description="Draw the whole device: pu2020, lu2022 ..."
    )
