"""A workflow as it is written: the keys of the YAML file, and errors that name file, line and key."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError

from echemscreen.campaign.workflow.lists import BuildStep, RankStep, ScreenStep
from echemscreen.campaign.workflow.pictures import DiagramStep, DotsStep, ReportStep, SweepStep, TableStep
from echemscreen.campaign.workflow.step import Step
from echemscreen.campaign.yaml_file import Place, read_yaml_with_lines
from echemscreen.errors import EchemscreenError, InputError
from echemscreen.options.declared import CheckedOptions
from echemscreen.options.runs import Calculation, DotOptions, EdgeOptions

#: The steps by the key that says what they do.
KINDS: dict[str, type[Step]] = {
    step.kind: step
    for step in (
        BuildStep,
        ScreenStep,
        RankStep,
        SweepStep,
        DotsStep,
        DiagramStep,
        TableStep,
        ReportStep,
    )
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
#: What the dot is, each step says itself.
_DEFAULTS = {*Calculation.model_fields, *DotOptions.model_fields} - {"qd", *EdgeOptions.model_fields}


def _inside(text: str) -> str:
    """A path below a folder, whatever the folder is: no way out of it, and no way to an absolute place."""
    path = PurePosixPath(text)
    if not text.strip() or path.is_absolute() or ".." in path.parts or re.search(r"[\\:\x00-\x1f]", text):
        raise ValueError(f"'{text}' is no path below the output folder")
    return text


Inside = Annotated[str, AfterValidator(_inside)]


class _Workflow(CheckedOptions):
    """The keys of the file; those of the steps are read step by step."""

    title: str = ""
    out: Inside | None = None
    defaults: dict[str, Any] = Field(default_factory=dict)
    steps: list[dict[str, Any]] = Field(min_length=1, max_length=100)
    publish: dict[Inside, Inside] = Field(default_factory=dict)


class WorkflowFile:
    """A workflow file that has been read: every key is known and every value of the right kind.

    Parameters
    ----------
    path
        The YAML file.

    Raises
    ------
    InputError
        naming the file, the line and the key, such as ``steps.2.screen.qd``; steps count from one.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        content, self._lines = read_yaml_with_lines(path)
        self._content = content
        try:
            read = _Workflow.model_validate(content)
        except ValidationError as error:
            raise self._refused(error, (), _Workflow.model_fields) from error
        self.title = read.title
        self.out = Path(read.out) if read.out is not None else Path("results") / path.stem
        self.publish = read.publish
        for key in read.defaults:
            if key not in _DEFAULTS:
                raise self.error(("defaults", key), _unknown(key, _DEFAULTS))
        self.steps: list[tuple[str, Step]] = []
        for index, item in enumerate(read.steps):
            self.steps.append(self._step(index, item, read.defaults))
        self._check_names()

    def error(self, place: Place, what: str, remedy: str = "Correct it.") -> InputError:
        """An error that names the file, the line and the key."""
        line = next(
            (self._lines[place[:n]] for n in range(len(place), -1, -1) if place[:n] in self._lines), 1
        )
        key = ".".join(str(part + 1) if isinstance(part, int) else part for part in place)
        return InputError(f"The workflow {self.path}, line {line}, {key or 'file'}: {what}.", remedy)

    def refused(self, index: int, key: str, error: EchemscreenError) -> InputError:
        """What a step found wrong with one of its values."""
        kind = self.steps[index][1].kind
        place: Place = ("steps", index, kind, *([key] if key else []))
        return self.error(place, error.message.rstrip("."), error.remedy)

    def _step(self, index: int, item: Mapping[str, Any], defaults: Mapping[str, Any]) -> tuple[str, Step]:
        place: Place = ("steps", index)
        kinds = [key for key in item if key in KINDS]
        for key in item:
            if key != "name" and key not in KINDS:
                raise self.error((*place, str(key)), _unknown(key, ["name", *KINDS]))
        if len(kinds) != 1:
            found = " and ".join(kinds) if kinds else "nothing"
            raise self.error(place, f"a step does one thing, and this one does {found}", _choose(KINDS))
        kind = kinds[0]
        name = item.get("name", kind)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self.error(
                (*place, "name"),
                f"'{name}' cannot name a folder",
                "Use letters, digits, '-' and '_', at most 64.",
            )
        options = item[kind]
        if not isinstance(options, dict):
            raise self.error((*place, kind), "it has no keys of its own", "Indent them below it.")
        made, keys = KINDS[kind], KINDS[kind].keys()
        for key in options:
            if key not in keys:
                raise self.error((*place, kind, str(key)), _unknown(key, keys))
        try:
            step = made.read(options, defaults)
        except ValidationError as error:
            raise self._refused(error, (*place, kind), keys) from error
        return name, step

    def _check_names(self) -> None:
        """Every reference is to an earlier step of the right kind, and no file is made twice."""
        known: dict[str, str] = {}
        made: dict[str, str] = {}
        for index, (name, step) in enumerate(self.steps):
            if name in known:
                raise self.error(("steps", index, "name"), f"there is another step '{name}'", "Rename one.")
            for key, wanted, kinds in step.references():
                place: Place = ("steps", index, step.kind, key)
                if wanted not in known:
                    earlier = ", ".join(known) or "there is none"
                    raise self.error(place, f"no earlier step is called '{wanted}'", f"Earlier: {earlier}.")
                if known[wanted] not in kinds:
                    raise self.error(
                        place,
                        f"the step '{wanted}' is a {known[wanted]}, which cannot be used here",
                        f"Name a {' or '.join(kinds)}.",
                    )
            known[name] = step.kind
            for file in step.outputs(name):
                if file in made:
                    raise self.error(
                        ("steps", index, step.kind),
                        f"the step '{made[file]}' makes {file} too",
                        "Rename one.",
                    )
                made[file] = name
        for target, source in self.publish.items():
            first = PurePosixPath(source).parts[0]
            if first not in made:
                raise self.error(
                    ("publish", target), f"no step makes {source}", f"The steps make {', '.join(made)}."
                )

    def _refused(self, error: ValidationError, place: Place, keys: Iterable[str]) -> InputError:
        first = error.errors()[0]
        place = (*place, *first["loc"])
        if first["type"] == "extra_forbidden":
            return self.error(place, _unknown(first["loc"][-1], keys))
        if first["type"] == "missing":
            return self.error(place, "it is missing", "Write it.")
        return self.error(place, first["msg"].removeprefix("Value error, ").rstrip("."))


def _unknown(key: object, known: Iterable[str]) -> str:
    names = sorted(known)
    near = difflib.get_close_matches(str(key), names, n=1)
    return (
        f"there is no such key; did you mean {near[0]}"
        if near
        else (f"there is no such key; the keys are {', '.join(names)}")
    )


def _choose(kinds: Iterable[str]) -> str:
    return f"Write one of {', '.join(kinds)}."
