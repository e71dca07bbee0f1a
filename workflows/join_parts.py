"""Put the tables of a list's parts one after the other, if all of them are there and finished.

python workflows/join_parts.py library_parts library.csv
"""

import json
import sys
from pathlib import Path

import pandas as pd

from echemscreen.screening.runs.run_record import file_digest


def tables(folder: Path) -> list[Path]:
    """The table of every part, in the order of the list."""
    totals = {path.stem.rpartition("-of-")[2] for path in folder.glob("part-*-of-*.smi")}
    if len(totals) != 1:
        what = "of several arrays" if totals else "no parts"
        sys.exit(
            f"{folder} holds {what}. Name the folder that slurm_array.sh filled with one number of parts."
        )
    total = totals.pop()
    found = [folder / f"part-{number:04d}-of-{total}/results.csv" for number in range(int(total))]
    if missing := [path.parent.name for path in found if not is_finished(path)]:
        sys.exit(f"{folder}: not finished: {', '.join(missing)}. Run their tasks again.")
    return found


def is_finished(table: Path) -> bool:
    """Whether the run of a table came to its end and the table is what it wrote."""
    record = table.with_name("run.json")
    if not (table.is_file() and record.is_file()):
        return False
    finished = json.loads(record.read_text(encoding="utf-8"))["finished"]
    return bool(finished["results_sha256"] == file_digest(table))


if __name__ == "__main__":
    if len(sys.argv) != 3:  # noqa: PLR2004 - the folder and the table
        sys.exit("Usage: python workflows/join_parts.py FOLDER TABLE.csv")
    parts = [
        pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
        for path in tables(Path(sys.argv[1]))
    ]
    pd.concat(parts).to_csv(sys.argv[2], index=False, encoding="utf-8-sig", lineterminator="\n")
