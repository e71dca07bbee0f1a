"""The one reader of YAML: plain values only, and an error that names the line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from echemscreen.errors import InputError


class _UniqueKeys(yaml.SafeLoader):
    """Plain values only; a key that stands twice is an error, not the last one's victory."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                problem=f"the key {twice} stands twice", problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """The keys of a file.

    Raises
    ------
    InputError
        naming the file and the line that cannot be read.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        problem = getattr(error, "problem", None) or "it is not UTF-8 YAML"
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise InputError(f"The file {path}{where} cannot be read: {problem}.", "Correct it.") from error
    except OSError as error:
        raise InputError(f"The file {path} cannot be read: {error.strerror}.", "Name another one.") from error
    if not isinstance(content, dict):
        raise InputError(
            f"The file {path} holds no keys.", "Write 'criteria:' and so on, as in the shipped file."
        )
    return content
