"""The options of what is built from the building blocks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from echemscreen.options.declared import CheckedOptions, Option

_RANGE = "MIN-MAX, MIN- or -MAX; inclusive."


class LimitsOfMolecules(CheckedOptions):
    """What is built, and within which limits."""

    what: Annotated[Literal["ligands", "crosslinkers"], Option(is_argument=True)] = Field(
        description="What is built."
    )
    blocks: tuple[str, ...] = Field(default=(), description="Codes of which each molecule holds one.")
    mass: Annotated[str, Option(metavar="MIN-MAX")] = Field(default="", description=_RANGE)
    rotatable: Annotated[str, Option(metavar="MIN-MAX")] = Field(default="", description=_RANGE)
    log_p: Annotated[str, Option(metavar="MIN-MAX")] = Field(default="", description=_RANGE)
    max_sa: float | None = Field(
        default=None, description="Largest synthetic-accessibility score (1 easy, 10 hard)."
    )

    @field_validator(
        "mass", "heavy_atoms", "rotatable", "log_p", "anchors", mode="before", check_fields=False
    )
    @classmethod
    def _range_as_written(cls, value: object) -> object:
        # -700 (at most 700) is a number for YAML.
        return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class BuildOptions(LimitsOfMolecules):
    """Enumerate ligands or crosslinkers."""

    heavy_atoms: Annotated[str, Option(metavar="MIN-MAX")] = Field(default="", description=_RANGE)
    anchors: Annotated[str, Option(metavar="MIN-MAX")] = Field(default="", description=_RANGE)
    limit: int | None = Field(default=None, ge=1, description="Stop after this many.")
    sample: int | None = Field(default=None, ge=1, description="Keep so many, evenly over all.")
    stereo: bool = Field(default=False, description="Enumerate undefined stereocentres.")
