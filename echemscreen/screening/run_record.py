"""What a finished run was made of, so that the same command knows that nothing is left to do.

``run.json`` holds a digest of everything that a row depends on: input, settings, dot, the shipped
tables and the program itself. Where it is the same and the table is as it was written, the rows
would come out again; only a run with nothing left to try again counts as finished.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from echemscreen.reference_tables import table_path

_PACKAGE = Path(__file__).parents[1]
#: A table of each folder: the others lie beside it.
_TABLES = (("band_data", "quantum_dots.csv"), ("ligand_library", "families.csv"))


def file_digest(path: Path) -> str:
    """SHA-256 of a file, read in portions."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def identity_of(parts: Mapping[str, object], files: Iterable[Path]) -> str:
    """Digest of what the rows of a run depend on.

    Parameters
    ----------
    parts
        Settings, dot and versions; their ``repr`` counts.
    files
        Input and tables of the user.
    """
    digest = hashlib.sha256(_program().encode())
    for name, part in sorted(parts.items()):
        digest.update(f"{name}={part!r}\n".encode("utf-8", "replace"))
    for path in files:
        digest.update(file_digest(path).encode())
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _program() -> str:
    """Digest of the program and of its tables."""
    digest = hashlib.sha256()
    paths = list(_PACKAGE.rglob("*.py"))
    for folder, name in _TABLES:
        paths += (path for path in table_path(folder, name).parent.rglob("*") if path.is_file())
    for path in sorted(paths):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def finished_run(folder: Path, identity: str, *, files: Iterable[str] = ()) -> dict[str, Any] | None:
    """``run.json`` of a folder if the run of this identity is finished there, else ``None``.

    Parameters
    ----------
    files
        Names that must lie there besides the table.
    """
    try:
        content = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        finished: dict[str, Any] = content["finished"]
        same = (
            finished["identity"] == identity
            and not finished["rows_to_try_again"]
            and finished["results_sha256"] == file_digest(folder / "results.csv")
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return content if same and all((folder / name).is_file() for name in files) else None
