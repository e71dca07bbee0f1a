"""Which steps of a workflow are finished, so that the same command does not do them again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from echemscreen.errors import InputError
from echemscreen.files import written_whole
from echemscreen.screening.runs.run_record import file_digest

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

    def begin(self, *, replace: bool) -> None:
        """Read what is finished, in a folder that is taken.

        Raises
        ------
        InputError
            if the folder is another workflow's, unless that is to be replaced.
        """
        before, steps = self._workflow, {}
        try:
            content = json.loads((self._out / _FILE).read_text(encoding="utf-8"))
            before, steps = str(content["workflow"]), dict(content["steps"])
        except (OSError, ValueError, TypeError, KeyError):
            # Nothing was run here, or nothing is known of it.
            pass
        if before == self._workflow:
            self._steps = steps
        elif not replace:
            raise InputError(
                f"The folder {self._out} holds the results of another workflow, {before}.",
                "Name another --out, or overwrite them with --replace.",
            )
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
        content = {"workflow": self._workflow, "steps": self._steps}
        with written_whole(self._out / _FILE, "The record") as place:
            place.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
