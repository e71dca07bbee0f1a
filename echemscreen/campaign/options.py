"""What every description of work shares: options that are refused in one sentence."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from echemscreen.errors import InputError


class CheckedOptions(BaseModel):
    """Named options, each of its type and within its limits; no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def validated(cls, **options: Any) -> Self:  # noqa: ANN401 - what pydantic validates
        """Make it of options; a wrong one is one clear sentence.

        Raises
        ------
        InputError
            naming the option and what is wrong with it.
        """
        try:
            return cls(**options)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            what = first["msg"].removeprefix("Value error, ")
            where = f"The option {key} is wrong: " if key else "The options do not fit: "
            raise InputError(f"{where}{what[:1].lower()}{what[1:]}.", "Correct it.") from error
