"""A command made of the options that a model declares."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeGuard, get_args, get_origin

import typer

from echemscreen.commands.endings import clear_errors
from echemscreen.options.declared import CheckedOptions

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
RowsAsJsonOption = Annotated[bool, typer.Option("--json", help="Print the rows as JSON lines.")]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress and no table.")]


def asks(function: Callable[..., None]) -> Callable[..., None]:
    """A command made of a function and of the options that models declare; what goes wrong is one sentence.

    A parameter that is annotated with a model is handed what the options of the model say, and
    ``Annotated[dict[str, Any], model]`` those of them that were given; ``Annotated[T, model]`` is the option
    of that name alone.
    """
    own = inspect.signature(function, eval_str=True).parameters
    models: dict[str, tuple[type[CheckedOptions], bool]] = {}
    asked = []
    for name, item in own.items():
        hint, *said = get_args(item.annotation) or (item.annotation,)
        model = next((part for part in (hint, *said) if _is_model(part)), None)
        if model is None:
            asked.append(item.replace(kind=item.KEYWORD_ONLY))
        elif hint is not model and get_origin(hint) is not dict:
            asked.append(_parameter(model, name, default=item.default))
        else:
            models[name] = model, hint is not model
            asked += [
                _parameter(model, key, is_partial=hint is not model)
                for key, field in model.model_fields.items()
                if key not in own and not _is_constant(field.annotation)
            ]

    def command(**given: Any) -> None:  # noqa: ANN401 - what the command line read
        with clear_errors():
            rest = {name: given.pop(name) for name in own if name in given}
            for name, (model, is_partial) in models.items():
                known = {key: value for key, value in given.items() if key in model.model_fields}
                options = {key: _value(model, key, value) for key, value in known.items()}
                if is_partial:
                    rest[name] = {key: value for key, value in options.items() if value is not None}
                else:
                    rest[name] = model.validated(**options)
            function(**rest)

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    # Arguments in the order of the declaration; what must be given stands first.
    asked.sort(key=lambda item: item.default is not item.empty)
    command.__signature__ = inspect.Signature(asked)  # type: ignore[attr-defined]
    command.__annotations__ = {item.name: item.annotation for item in asked}
    return command


def _is_model(hint: object) -> TypeGuard[type[CheckedOptions]]:
    return isinstance(hint, type) and issubclass(hint, CheckedOptions)


def _is_constant(annotation: object) -> bool:
    """Whether an option has one value only: it is no choice."""
    return get_origin(annotation) is Literal and len(get_args(annotation)) == 1


def _parameter(
    model: type[CheckedOptions],
    name: str,
    *,
    default: Any = inspect.Parameter.empty,  # noqa: ANN401
    is_partial: bool = False,
) -> inspect.Parameter:
    """An option of a model as typer reads it."""
    field, said = model.model_fields[name], model.option(name)
    hint: Any = field.annotation
    if default is inspect.Parameter.empty and not field.is_required():
        default = field.default
    if get_origin(hint) is tuple and said.is_argument:
        hint = list[get_args(hint)[0]]  # type: ignore[misc]
    elif get_origin(hint) is tuple:
        hint, default = str, ",".join(default)
    if is_partial:
        hint, default = hint | None, None
    shown: dict[str, Any] = {"help": field.description, "metavar": said.metavar or None}
    if said.is_argument and not is_partial:
        asked = typer.Argument(**shown)
    else:
        flag = f"--{name.replace('_', '-')}"
        names = [f"{flag}/--no-{flag[2:]}"] if default is True else [flag]
        asked = typer.Option(*filter(None, (said.short,)), *names, **shown)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[hint, asked], default=default
    )


def _value(model: type[CheckedOptions], name: str, value: Any) -> Any:  # noqa: ANN401
    """What was read as the model wants it: ``Cd,Zn`` are two."""
    if isinstance(value, str) and get_origin(model.model_fields[name].annotation) is tuple:
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value
