"""The one reader of YAML: plain values only, and an error that names the line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from echemscreen.errors import InputError

#: A description of a run is a page or two; a file that is larger was named by mistake.
MAX_BYTES = 262_144

#: Where a value stands: the keys and the positions in lists that lead to it.
Place = tuple[str | int, ...]


class _PlainValues(yaml.SafeLoader):
    """Plain values only; a key that stands twice is an error, not the last one's victory."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            # A few lines of aliases of aliases unfold into gigabytes.
            raise yaml.composer.ComposerError(
                problem="an alias (*) stands for what is written elsewhere; write it out",
                problem_mark=self.peek_event().start_mark,  # type: ignore[no-untyped-call]
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    problem="a key is a list or a mapping", problem_mark=key.start_mark
                )
        counts = Counter(key.value for key, _ in node.value)
        for key, _ in node.value:
            if counts[key.value] > 1:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key.value} stands twice", problem_mark=node.start_mark
                )
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """The keys of a file.

    Raises
    ------
    InputError
        naming the file and the line that cannot be read.
    """
    return read_yaml_with_lines(path)[0]


def read_yaml_with_lines(path: Path) -> tuple[dict[str, Any], Mapping[Place, int]]:
    """The keys of a file, and the line in which each value of it begins, counted from one.

    Raises
    ------
    InputError
        naming the file and the line that cannot be read.
    """
    node: yaml.Node | None = None
    content: object = None
    try:
        loader = _PlainValues(_text_of(path))
        node = loader.get_single_node()
        if node is not None:
            content = loader.construct_document(node)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        problem = getattr(error, "problem", None) or "it is not UTF-8 YAML"
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise InputError(f"The file {path}{where} cannot be read: {problem}.", "Correct it.") from error
    except OSError as error:
        raise InputError(f"The file {path} cannot be read: {error.strerror}.", "Name another one.") from error
    if not isinstance(content, dict) or node is None:
        raise InputError(
            f"The file {path} holds no keys.", "Write 'key: value' lines, as in the shipped files."
        )
    return content, dict(_lines(node, (), 1))


def _text_of(path: Path) -> str:
    # A pipe or a device may never end.
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no file.", "Name a YAML file.")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise InputError(
            f"The file {path} has {size} bytes; a description of a run has at most {MAX_BYTES}.",
            "Name another one.",
        )
    return path.read_text(encoding="utf-8")


def _lines(node: yaml.Node, place: Place, line: int) -> Iterator[tuple[Place, int]]:
    yield place, line
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*place, key.value), key.start_mark.line + 1)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*place, index), value.start_mark.line + 1)
