"""What every declaration of options shares: a wrong value is one sentence, what is said once holds for all.

An option is a field of a model. Nothing here loads chemistry: ``--help`` reads the models too.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from echemscreen.errors import InputError

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What the name, type, default and description of a field do not say of an option."""

    metavar: str = ""
    short: str = ""
    """A second name on the command line, such as ``-o`` or ``--lamp`` for ``--lamp-nm``."""
    is_argument: bool = False
    """Whether the command line knows it by its place."""
    is_input: bool = False
    """Whether it names a file that is read, or may."""
    changes_rows: bool = True
    """Whether the rows of a run depend on it."""
    is_held: bool = False
    """Whether a workflow sets it for all its steps."""
    words: Mapping[str, str] = field(default_factory=dict)
    """What each choice means. An option that has them stands in the form of the local page."""


class CheckedOptions(BaseModel):
    """Named options, each of its type and within its limits; no others.

    A field that overrides another one's default keeps its help and what else is said of it.
    """

    # Built where it is first used: --help needs no validators.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:  # noqa: ANN401 - as pydantic has it
        for name, info in cls.model_fields.items():
            if info.description is None and (said := _said_before(cls, name)) is not None:
                info.description = said.description
                info.metadata += [item for item in said.metadata if isinstance(item, Option)]

    @classmethod
    def option(cls, name: str) -> Option:
        """What is said of an option beside its field."""
        found = (item for item in cls.model_fields[name].metadata if isinstance(item, Option))
        return next(found, Option())

    @classmethod
    def where(cls, wanted: Callable[[Option], bool]) -> tuple[str, ...]:
        """Names of the options of a kind."""
        return tuple(name for name in cls.model_fields if wanted(cls.option(name)))

    @classmethod
    def choices(cls, name: str) -> tuple[str, ...]:
        """The values that an option can have; none of one that is free."""
        return tuple(value for value in get_args(cls.model_fields[name].annotation) if isinstance(value, str))

    @classmethod
    def takes_text(cls, name: str) -> bool:
        """Whether any text can be the value of an option, not only the path of a file."""
        hint = cls.model_fields[name].annotation
        return str in (hint, *get_args(hint))

    @classmethod
    def made_of(cls, asked: CheckedOptions) -> Self:
        """The same options, with what this class can do with them."""
        return cls.validated(**dict(asked))

    def part(self, model: type[CheckedOptions]) -> dict[str, Any]:
        """Those of the options that another model has too."""
        return {name: value for name, value in self if name in model.model_fields}

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
            key, what = wrong(error)
            where = f"The option {key} is wrong: " if key else "The options do not fit: "
            raise InputError(f"{where}{what[:1].lower()}{what[1:]}.", "Correct it.") from error


def wrong(error: ValidationError) -> tuple[str, str]:
    """The first option that is wrong, and what is wrong with it."""
    first = error.errors()[0]
    return ".".join(str(part) for part in first["loc"]), first["msg"].removeprefix("Value error, ")


def with_options(*models: type[CheckedOptions], leave: tuple[str, ...] = ()) -> Callable[[F], F]:
    """Put the options of models in the place of ``**options``, where ``help()`` and notebooks look.

    Parameters
    ----------
    leave
        Names that the function has no use for.
    """

    def decorate(function: F) -> F:
        signature = inspect.signature(function)
        own = [item for item in signature.parameters.values() if item.kind is not item.VAR_KEYWORD]
        fields = {name: info for model in models for name, info in model.model_fields.items()}
        known = {*leave, "kind", *(item.name for item in own)}
        options = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if info.is_required() else info.default,
                annotation=info.annotation,
            )
            for name, info in fields.items()
            if name not in known
        ]
        function.__signature__ = signature.replace(parameters=[*own, *options])  # type: ignore[attr-defined]
        return function

    return decorate


def _said_before(model: type[CheckedOptions], name: str) -> FieldInfo | None:
    bases = (base.model_fields for base in model.__mro__[1:] if issubclass(base, CheckedOptions))
    return next((base[name] for base in bases if name in base and base[name].description), None)
