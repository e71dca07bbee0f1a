"""Which steps of a workflow are finished, and what each was asked.

So the same command does nothing again, and another one writes nothing over.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from echemscreen.errors import InputError
from echemscreen.files import written_whole
from echemscreen.screening.runs.run_record import file_digest, shown

_FILE = "workflow.json"


class WorkflowRecord:
    """The finished steps of an output folder; each stands there with the digests of what it wrote.

    Parameters
    ----------
    out
        The folder.
    workflow
        Name of the file whose steps they are.
    """

    def __init__(self, out: Path, workflow: str) -> None:
        self._out = out
        self._workflow = workflow
        self._steps: dict[str, Any] = {}
        self._asked: dict[str, Any] | None = {}
        """What each step was asked; ``None`` in a folder of a version that did not tell."""

    def begin(self, *, replace: bool) -> None:
        """Read what is finished, in a folder that is taken.

        Raises
        ------
        InputError
            if the folder is another workflow's, unless that is to be replaced.
        """
        before, steps = self._workflow, {}
        asked: dict[str, Any] | None = {}
        try:
            content = json.loads((self._out / _FILE).read_text(encoding="utf-8"))
            told = content.get("asked")
            before, steps = str(content["workflow"]), dict(content["steps"])
            asked = None if told is None else dict(told)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            # Nothing was run here, or nothing is known of it.
            pass
        if before == self._workflow:
            self._steps, self._asked = steps, asked
        elif not replace:
            raise InputError(
                f"The folder {self._out} holds the results of another workflow, {before}.",
                "Name another --out, or overwrite them with --replace.",
            )

    def admit(self, step: str, asked: Mapping[str, Any], files: Iterable[str], *, replace: bool) -> None:
        """Let a step write its files, unless others lie there in their stead.

        Parameters
        ----------
        asked
            On what its files depend, as JSON holds it.
        files
            Their names.

        Raises
        ------
        InputError
            naming what differs, and both ways out.
        """
        there = [name for name in files if (self._out / name).exists()]
        if self._asked is None or not there or replace or self._asked.get(step) == asked:
            return
        before = self._asked.get(step)
        words = f"{there[0]} is not of this workflow"
        if isinstance(before, dict):
            words = "; ".join(
                f"its {key} is {shown(before.get(key))}, not {shown(asked.get(key))}"
                for key in (*asked, *(before.keys() - asked.keys()))
                if before.get(key) != asked.get(key)
            )
        raise InputError(
            f"The folder {self._out} holds the results of another step '{step}' ({words}).",
            "Name another --out, or overwrite them with --replace.",
        )

    def ask(self, asked: Mapping[str, Mapping[str, Any]]) -> None:
        """Write down what the steps are asked that have been admitted."""
        self._asked = {**(self._asked or {}), **asked}
        self._write()

    def is_done(self, step: str, identity: str) -> bool:
        """Whether the step of this identity is finished and its files are as they were written."""
        try:
            noted = self._steps[step]
            return bool(
                noted["identity"] == identity
                and noted["files"]
                and all(file_digest(self._out / name) == sum_ for name, sum_ in noted["files"].items())
            )
        except (OSError, KeyError, TypeError, AttributeError):
            return False

    def note(self, step: str, identity: str, files: Iterable[Path]) -> None:
        """Write down that a step is finished."""
        digests = {str(path.relative_to(self._out)): file_digest(path) for path in files}
        self._steps[step] = {"identity": identity, "files": digests}
        self._write()

    def _write(self) -> None:
        content = {"workflow": self._workflow, "asked": self._asked, "steps": self._steps}
        with written_whole(self._out / _FILE, "The record") as place:
            place.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
