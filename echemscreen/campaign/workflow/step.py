"""What every step of a workflow has: its keys, its references, its files, its check and its run."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from echemscreen.campaign.workflow.record import WorkflowRecord
from echemscreen.errors import EchemscreenError
from echemscreen.files import is_file
from echemscreen.options.declared import CheckedOptions


class WrongValueError(Exception):
    """What is wrong with the value of a key, before anything has been computed."""

    def __init__(self, key: str, error: EchemscreenError) -> None:
        super().__init__(key, error)
        self.key = key
        self.error = error


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where a workflow runs."""

    base: Path
    """The folder of the file: inputs are relative to it."""
    out: Path
    workers: int | None
    replace: bool
    quiet: bool
    record: WorkflowRecord
    kinds: Mapping[str, str]
    """What each step does, by its name."""

    def found(self, options: Mapping[str, Any], model: type[CheckedOptions]) -> dict[str, Any]:
        """The options with the files that they name where the workflow file says; a name stays a name."""
        paths = {}
        for key in model.where(lambda option: option.is_input and not option.is_argument):
            path = self.base / str(options.get(key))
            if options.get(key) is not None and (is_file(path) or not model.takes_text(key)):
                paths[key] = str(path)
        return {**options, **paths}

    def held(self, name: str) -> dict[str, Any]:
        """The options that a workflow gives to a campaign; one store serves all its steps."""
        return {
            "out": self.out / name,
            "replace": self.replace,
            "workers": self.workers,
            "store": str(self.out / "calculations.db"),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class StepOutcome:
    """What a step did."""

    summary: str
    internal_errors: int = 0


class Step(Protocol):
    """A step that can be read, checked and run."""

    kind: ClassVar[str]

    @classmethod
    def keys(cls) -> Collection[str]:
        """The keys that it knows."""

    @classmethod
    def read(cls, options: Mapping[str, Any], defaults: Mapping[str, Any]) -> Self:
        """The step of these keys; pydantic's ``ValidationError`` says what is wrong."""

    def references(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """The key, the earlier step that it names, and what that step may be."""

    def outputs(self, name: str) -> tuple[str, ...]:
        """Files or folders below the output folder that it makes."""

    def asked(self) -> Mapping[str, Any]:
        """On what its outputs depend beside the program; empty where they tell it themselves."""

    def check(self, name: str, where: Surroundings) -> None:
        """Raise :class:`WrongValueError` for what cannot be used."""

    def run(self, name: str, where: Surroundings) -> StepOutcome:
        """Do it, or what is missing of it."""


class StepOptions(CheckedOptions):
    """A step whose keys are the fields of this model."""

    kind: ClassVar[str]
    #: How it is shown: the data are the same.
    shown_by: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def keys(cls) -> Collection[str]:
        """The keys that it knows."""
        return tuple(cls.model_fields)

    @classmethod
    def read(cls, options: Mapping[str, Any], defaults: Mapping[str, Any]) -> Self:  # noqa: ARG003
        """The step of these keys."""
        return cls.model_validate(dict(options))

    def references(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Earlier steps that it reads."""
        yield from ()

    def asked(self) -> Mapping[str, Any]:
        """Its kind and its keys, without those that only say how it is shown."""
        return {"kind": self.kind, **self.model_dump(mode="json", exclude=set(self.shown_by))}

    def check(self, name: str, where: Surroundings) -> None:
        """Refuse what cannot be used."""
