"""How many rows of a screen are done, by verdict: read from the files that it writes as it goes."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from echemscreen.views.tables.table import TABLE_ENCODING

#: The table until the screen has come to its end.
PARTIAL = "results.csv.partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Rows so far, by verdict; ``failed`` are those that could not be screened."""

    n_rows: int = 0
    verdicts: Mapping[str, int] = field(default_factory=dict)
    failed: int = 0


def counts_so_far(folder: Path, *, forms: str) -> Counts:
    """Count the rows of the table that is being written.

    Parameters
    ----------
    forms
        With ``all``, each molecule has several lines, which stand one after the other.
    """
    verdicts: Counter[str] = Counter()
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
                n_rows += forms != "all" or molecule != before
                before = molecule
    except (FileNotFoundError, csv.Error):
        # Not begun, or replaced by the finished table; a cell beyond what csv reads ends the count.
        pass
    return Counts(n_rows=n_rows, verdicts=dict(verdicts), failed=failed)


def final_counts(folder: Path) -> Counts | None:
    """What the run says it counted; ``None`` if it did not come to its end."""
    if not (folder / "results.csv").is_file():
        return None
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        return Counts(n_rows=run["rows"], verdicts=run["verdicts"], failed=sum(run["failures"].values()))
    except (OSError, ValueError, KeyError):
        return None
