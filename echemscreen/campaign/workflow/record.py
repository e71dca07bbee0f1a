"""Which steps of a workflow are finished, so that the same command does not do them again."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from echemscreen.screening.run_record import file_digest

_FILE = "workflow.json"


class WorkflowRecord:
    """The finished steps of an output folder; each stands there with the digests of what it wrote."""

    def __init__(self, out: Path) -> None:
        self._out = out
        try:
            content = json.loads((out / _FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            content = {}
        self._steps: dict[str, Any] = content if isinstance(content, dict) else {}

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
        partial = self._out / f"{_FILE}.partial"
        partial.write_text(json.dumps(self._steps, indent=2) + "\n", encoding="utf-8")
        partial.replace(self._out / _FILE)
