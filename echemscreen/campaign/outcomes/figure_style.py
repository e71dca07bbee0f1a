"""How figures are to look, from the keys of a small YAML file or of a call."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator

from echemscreen.campaign.yaml_file import read_yaml
from echemscreen.errors import InputError
from echemscreen.options.declared import CheckedOptions
from echemscreen.options.pictures import FigureOptions
from echemscreen.views import sheets
from echemscreen.views.palette import STYLES

#: What a call may give: a file, its keys, or a style.
GivenStyle = str | Path | Mapping[str, Any] | sheets.FigureStyle | None


class StyleFile(CheckedOptions):
    """The keys of a style; each may be left out."""

    width: str | float | None = Field(default=None, description="single, double or millimetres")
    journal: str = Field(default="", description="acs, rsc or nature: fonts, type, lines and columns")
    caption: bool = Field(default=True, description="whether a figure explains itself below")
    order: tuple[str, ...] = Field(default=(), description="names of the species that are drawn, in order")
    names: dict[str, str] = Field(default_factory=dict, description="what is written for a name")
    colours: dict[str, str] = Field(default_factory=dict, description="colour of a verdict")

    @field_validator("width")
    @classmethod
    def _known_width(cls, value: str | float | None) -> sheets.Width | None:
        try:
            return sheets.width_of(value)
        except InputError as error:
            raise ValueError(f"{error.message.rstrip('.')} ({error.remedy.rstrip('.')})") from error

    @field_validator("journal")
    @classmethod
    def _known_journal(cls, value: str) -> str:
        if value and value not in sheets.JOURNALS:
            raise ValueError(f"'{value}' is none of {', '.join(sheets.JOURNALS)}")
        return value

    @field_validator("colours")
    @classmethod
    def _known_colours(cls, value: dict[str, str]) -> dict[str, str]:
        for verdict, colour in value.items():
            if verdict not in STYLES:
                raise ValueError(f"'{verdict}' is none of {', '.join(STYLES)}")
            if not sheets.is_colour(colour):
                raise ValueError(f"'{colour}' is no colour (write '#0072B2' or navy)")
        return value


def figure_style(
    given: GivenStyle = None, *, width: str | float | None = None, journal: str | None = None
) -> sheets.FigureStyle:
    """The style of a file or of keys, with a width and a journal that outrank it.

    Raises
    ------
    InputError
        naming the file and the key that cannot be used.
    """
    if isinstance(given, sheets.FigureStyle):
        found = {name: getattr(given, name) for name in StyleFile.model_fields}
    elif isinstance(given, Mapping):
        found = {str(key): value for key, value in given.items()}
    else:
        found = {} if given is None else read_yaml(Path(given))
    found |= {key: value for key, value in (("width", width), ("journal", journal)) if value}
    try:
        checked = StyleFile.validated(**found)
    except InputError as error:
        if isinstance(given, str | Path):
            raise InputError(f"{given}: {error.message}", error.remedy) from error
        raise
    return sheets.FigureStyle(
        width=sheets.width_of(checked.width),
        journal=checked.journal,
        caption=checked.caption,
        order=checked.order,
        names=checked.names,
        colours=checked.colours,
    )


def style_of(asked: FigureOptions) -> sheets.FigureStyle:
    """The style that the options of a command ask for."""
    return figure_style(asked.style, width=asked.width, journal=asked.journal)
