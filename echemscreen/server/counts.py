"""How far a run is: its rows by verdict and the last of them, read from the files that it writes."""

from __future__ import annotations

import csv
import json
from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from echemscreen.screening.workers.progress import STAGES
from echemscreen.views.tables.table import TABLE_ENCODING

#: The table until the screen has come to its end.
PARTIAL = "results.csv.partial"
#: Finished molecules that are shown while a run goes on.
SHOWN_LAST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Rows so far, by verdict; ``failed`` are those that could not be screened."""

    n_rows: int = 0
    verdicts: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0
    last: tuple[Done, ...] = ()
    """The molecules that were finished last, while the run goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A molecule that is finished; ``verdict`` is blank of one that failed."""

    name: str
    smiles: str
    verdict: str


def counts_so_far(folder: Path, *, forms: str) -> Counts:
    """Count the rows of the table that is being written.

    Parameters
    ----------
    forms
        With ``all``, each molecule has several lines, which stand one after the other.
    """
    verdicts: Counter[str] = Counter()
    last: deque[Done] = deque(maxlen=SHOWN_LAST)
    n_rows = failed = 0
    before = None
    try:
        with (folder / PARTIAL).open(newline="", encoding=TABLE_ENCODING, errors="replace") as handle:
            rows = csv.DictReader(handle)
            for row in rows:
                # The last line may be half a row.
                if row[(rows.fieldnames or [""])[-1]] is None:
                    break
                if row["status"] == "ok":
                    verdicts[row["verdict"]] += 1
                else:
                    failed += 1
                molecule = (row["name"], row["smiles"])
                if forms != "all" or molecule != before:
                    n_rows += 1
                    smiles = row["canonical_smiles"] or ""
                    last.append(Done(name=row["name"], smiles=smiles, verdict=row["verdict"]))
                before = molecule
    except (FileNotFoundError, csv.Error):
        # Not begun, or replaced by the finished table; a cell beyond what csv reads ends the count.
        pass
    return Counts(n_rows=n_rows, verdicts=dict(verdicts), failed=failed, last=tuple(last))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far the stage of a run is that looks at its molecules several times."""

    name: str
    total: int
    n_done: int
    last: tuple[Done, ...]
    """Molecules that were finished last, of any stage."""


def stage_so_far(folder: Path) -> Stage | None:
    """The stage that goes on; ``None`` before the first."""
    last: deque[Done] = deque(maxlen=SHOWN_LAST)
    name, total, n_done = "", 0, 0
    try:
        lines = (folder / STAGES).read_text(encoding="utf-8", errors="replace").splitlines(keepends=True)
    except FileNotFoundError:
        return None
    for line in lines:
        # The last line may be half a line.
        if not line.endswith("\n"):
            break
        step = json.loads(line)
        if "stage" in step:
            name, total, n_done = step["stage"], step["total"], 0
            continue
        n_done += 1
        if step["name"] or step["smiles"]:
            last.append(Done(**step))
    return Stage(name=name, total=total, n_done=n_done, last=tuple(last)) if name else None


def final_counts(folder: Path, table: str) -> Counts | None:
    """What a run counted; ``None`` if it did not come to its end.

    Parameters
    ----------
    table
        The file that is there when it did.
    """
    if not (folder / table).is_file():
        return None
    try:
        if table == "answer.json":
            found = json.loads((folder / table).read_text(encoding="utf-8"))
            return Counts(n_rows=1, verdicts={found["result"]["verdict"]: 1})
        if table == "sweep.txt":
            return Counts(n_rows=1)
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        verdicts = run["verdicts"] if "verdicts" in run else _verdicts(folder / table)
        return Counts(n_rows=run["rows"], verdicts=verdicts, failed=sum(run["failures"].values()))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _verdicts(table: Path) -> dict[str, int]:
    """Of a ranking, whose record counts none."""
    with table.open(newline="", encoding=TABLE_ENCODING) as handle:
        return dict(Counter(row["verdict"] for row in csv.DictReader(handle) if row["verdict"]))
