"""What a finished run was made of, so that the same command knows that nothing is left to do.

``run.json`` tells what a run was asked: its list and its settings. Where another run was asked something
else, its results are not written over. It also holds a digest of everything that a row depends on: the
list, settings, dot, the shipped tables and the program itself. Where that is the same and the table is as
it was written, the rows would come out again; only a run with nothing left to try again counts as finished.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

from echemscreen.errors import InputError
from echemscreen.ligands.reading.input_files import Row
from echemscreen.reference_tables import table_path
from echemscreen.screening.runs.run_folder import RunFolder

_PACKAGE = Path(__file__).parents[2]
#: A table of each folder: the others lie beside it.
_SHIPPED = (("band_data", "quantum_dots.csv"), ("ligand_library", "families.csv"))
#: Where results stand, and what is made of them: of another run nothing stays when it is replaced.
TABLES = ("results.csv", "ranking.csv", "design.csv")
_MADE_OF_THEM = (
    "run.json",
    "results.csv.partial",
    "results.parquet",
    "results.xlsx",
    "ledger.csv",
    "comparisons.csv",
    "report.html",
    *(f"{name}.{suffix}" for name in ("alignment", "ranking", "ledger") for suffix in ("svg", "png")),
)


class ListedRows:
    """The rows of a run, and by what the same list is known again.

    Parameters
    ----------
    rows
        Read once.
    sha256
        Of the file that they are read from; otherwise of the SMILES and names as they are read.
    named
        What a workflow calls the list, whatever its earlier steps put into it.
    is_shipped
        The list is a family of the library: its name tells it.
    """

    def __init__(
        self, rows: Iterator[Row], *, sha256: str = "", named: str = "", is_shipped: bool = False
    ) -> None:
        self._rows = rows
        self._sha256 = sha256
        self._read = hashlib.sha256()
        self._is_shipped = is_shipped
        self.named = named

    @property
    def sha256(self) -> str | None:
        """Of the list; ``None`` of a family, and as long as the rows are being read."""
        return self._sha256 or None

    def begin(self) -> None:
        """Read the first row: a list that cannot be used is known before anything is written."""
        head = list(islice(self._rows, 1))
        self._rows = chain(head, self._rows)

    def read_all(self) -> None:
        """Read the rows now if nothing else tells the list."""
        if not self._sha256 and not self._is_shipped:
            self._rows = iter(list(self))

    def __iter__(self) -> Iterator[Row]:
        return self

    def __next__(self) -> Row:
        try:
            row = next(self._rows)
        except StopIteration:
            if not self._is_shipped:
                self._sha256 = self._sha256 or self._read.hexdigest()
            raise
        self._read.update(f"{row.entry.smiles}\n{row.entry.name}\n".encode("utf-8", "replace"))
        return row


def admit(folder: RunFolder, asked: Mapping[str, Any], *, compared: Collection[str], replace: bool) -> None:
    """Let a run begin in a folder that it has taken, unless the results of another one lie there.

    Parameters
    ----------
    asked
        ``settings`` and ``input`` as ``run.json`` will tell them.
    compared
        Names of the settings on which rows depend.
    replace
        Remove the results of the other run; what was computed stays in its store.

    Raises
    ------
    InputError
        naming what differs, and both ways out.
    """
    try:
        found = json.loads((folder.path / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        # Cut short between its table and its record, or never begun.
        found = folder.asked
    words = "nothing tells of which"
    try:
        words = "; ".join(_differences(found, asked, compared))
        is_other = bool(words)
    except (KeyError, TypeError, AttributeError):
        is_other = True
    tables = [name for name in TABLES if (folder.path / name).is_file()]
    if is_other and tables and not replace:
        raise InputError(
            f"The folder {folder.path} holds the results of another run ({words}).",
            "Name another --out, or overwrite them with --replace.",
        )
    if is_other and tables:
        for name in (*tables, *_MADE_OF_THEM):
            (folder.path / name).unlink(missing_ok=True)
    folder.begin(asked)


def _differences(
    there: Mapping[str, Any], here: Mapping[str, Any], compared: Collection[str]
) -> Iterator[str]:
    """What one run was asked and another one was not, in words."""
    lists = there["input"], here["input"]
    key = next((key for key in ("named", "sha256") if all(item.get(key) for item in lists)), "source")
    if lists[0][key] != lists[1][key]:
        names = [item["source"] for item in lists]
        is_same = names[0] == names[1]
        yield f"the list has changed: {names[0]}" if is_same else f"its list is {names[0]}, not {names[1]}"
    for name in compared:
        if name not in there["settings"]:
            # Older than this option.
            continue
        files = [item.get("files", {}).get(name) for item in lists]
        values = [item["settings"][name] for item in (there, here)]
        if values[0] != values[1] if None in files else files[0] != files[1]:
            words = [shown(value) for value in values]
            is_same = words[0] == words[1]
            yield f"its {name} is {words[0]}, {'which has changed' if is_same else f'not {words[1]}'}"


def shown(value: object) -> str:
    """The value of a setting, for a reader."""
    if isinstance(value, list):
        return ",".join(map(str, value)) or "none"
    return "none" if value is None else str(value)


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
    return digest_of({**parts, "program": _program()}, files)


def digest_of(parts: Mapping[str, object], files: Iterable[Path]) -> str:
    """Digest of some parts, whose ``repr`` counts, and of files, whatever the version of the program."""
    digest = hashlib.sha256()
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
    for folder, name in _SHIPPED:
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
