"""The command line: which commands there are; they stand in :mod:`~echemscreen.commands`.

A command is loaded when it is asked for, so that the list of them all appears at once.
"""

from __future__ import annotations

import ast
import gc
from collections.abc import Iterator, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from echemscreen.commands.endings import end_in_words, heedless_progress

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter

#: The commands in the order of the help, and the module of each; what is no function there is its ``app``.
_MODULES = {
    "screen": "screening",
    "rank": "screening",
    "diagram": "pictures",
    "report": "pictures",
    "qd": "dots",
    "sweep": "dots",
    "ask": "exchange",
    "exchange": "exchange",
    "design": "design",
    "calibrate": "evidence",
    "validate": "evidence",
    "run": "workflow",
    "serve": "pictures",
    "library": "library",
    "store": "stores",
    "measure": "measure",
}


class _Loaded(Mapping[str, Any]):
    """The commands by their names, each loaded when it is taken."""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - what typer makes
        module = import_module(f"echemscreen.commands.{_MODULES[name]}")
        if not hasattr(module, name):
            return get_command(module.app)
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
        app.command(name)(getattr(module, name))
        return get_command(app)

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


class _Commands(TyperGroup):
    """The commands, of which the list of them all loads none."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - of typer
        super().__init__(**options)
        # Nothing is added to it.
        self.commands = cast("MutableMapping[str, Any]", _Loaded())

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        listed = TyperGroup(commands=[TyperCommand(name, help=_said(name)) for name in _MODULES])
        listed.format_commands(ctx, formatter)


@cache
def _tree(module: str) -> ast.Module:
    return ast.parse(
        Path(__file__).with_name("commands").joinpath(f"{module}.py").read_text(encoding="utf-8")
    )


def _said(name: str) -> str:
    """What a command says of itself: its function, or the module of a group."""
    tree = _tree(_MODULES[name])
    found = (item for item in tree.body if isinstance(item, ast.FunctionDef) and item.name == name)
    return ast.get_docstring(next(found, tree)) or ""


app = typer.Typer(
    name="echemscreen",
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # CORE:NM[/SHELL:NM...] is no markup
)


@app.callback()
def echemscreen() -> None:
    """Which quantum-dot ligands and crosslinkers the injected charge reduces or oxidises."""


def main() -> None:
    """Entry point of the ``echemscreen`` command."""
    heedless_progress()
    end_in_words()
    try:
        app()
    finally:
        # All of it goes with the process: to look for garbage in every library takes a quarter second.
        gc.freeze()
