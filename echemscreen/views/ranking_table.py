"""The tables of a ranking: CSV files and a terminal summary."""

from __future__ import annotations

import csv
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from echemscreen.views.table import TABLE_ENCODING, guarded, unguarded

if TYPE_CHECKING:
    import pandas as pd

DECIMALS = 3
_SUMMARY_ROWS, _NAME_WIDTH, _SUMMARY_WIDTH = 40, 40, 150
_STYLES = {"active": "red", "undetermined": "yellow", "inert": "green", "failed": "dim"}


def write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows into a CSV file, whole or not at all; unknown is blank."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", newline="", encoding=TABLE_ENCODING, errors="replace") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    partial.replace(path)


def read(path: Path) -> pd.DataFrame:
    """The table again: columns of numbers as floats (NaN if blank), text as it was before guarding."""
    import pandas as pd  # noqa: PLC0415 - a ranking writes its tables without it

    frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, encoding=TABLE_ENCODING)
    for name in frame.columns:
        numbers = pd.to_numeric(frame[name].where(frame[name] != ""), errors="coerce")
        blank = frame[name] == ""
        if not blank.all() and bool((numbers.notna() | blank).all()) and name != "name":
            frame[name] = numbers
        else:
            frame[name] = frame[name].map(unguarded)
    return frame


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:z.{DECIMALS}f}" if math.isfinite(value) else ""
    return str(value) if isinstance(value, int) else guarded(str(value).replace("\r", "\n"))


def print_summary(rows: Sequence[Mapping[str, Any]], console: Console | None = None) -> None:
    """The ranking for the terminal; what is no crosslinker is told in a sentence below it."""
    if console is None:
        console = Console(file=sys.stdout)
        console.width = max(console.width, _SUMMARY_WIDTH)
    view = Table(box=None, pad_edge=False)
    for header in ("rank", "interval", "score"):
        view.add_column(header, justify="right", no_wrap=True)
    for header in ("name", "verdict", "flags", "worst member", "at lamp"):
        view.add_column(header, no_wrap=True)
    for header in ("P(electron)", "P(hole)", "front"):
        view.add_column(header, justify="right", no_wrap=True)
    ranked = [row for row in rows if row["rank"] is not None]
    group = ""
    for row in ranked[:_SUMMARY_ROWS]:
        if row["divider"] != group:
            group = str(row["divider"])
            view.add_section()
            light, _, stage = group.partition("; ")
            view.add_row("", "", "", Text(f"-- {light}", style="dim"), "", Text(stage, style="dim"))
        view.add_row(
            str(row["rank"]),
            f"{row['rank_low']} to {row['rank_high']}",
            f"{row['score']:.2f}",
            Text(_plain(row["name"])),
            Text(str(row["verdict"]), style=_STYLES.get(str(row["verdict"]), "")),
            Text(str(row["flags"] or "").replace(";", "\n")),
            Text(str(row["worst_member_role"]).replace("_", " ")),
            str(row["absorbs_at_lamp"] or "not computed"),
            _carrier(row, "p_reduction"),
            _carrier(row, "p_oxidation"),
            str(row["pareto_front"]),
        )
    console.print(view)
    if len(ranked) > _SUMMARY_ROWS:
        console.print(f"and {len(ranked) - _SUMMARY_ROWS} ranked crosslinkers more in ranking.csv")
    others = [row for row in rows if row["rank"] is None]
    for row in others[:_SUMMARY_ROWS]:
        console.print(Text(f"{_plain(row['name'])}: {row['reason']}"), soft_wrap=True)
    if len(others) > _SUMMARY_ROWS:
        console.print(f"and {len(others) - _SUMMARY_ROWS} rows more that are not ranked")


def _plain(name: object) -> str:
    text = "".join(c if c.isprintable() else " " for c in str(name))
    return text if len(text) <= _NAME_WIDTH else text[: _NAME_WIDTH - 1] + "…"


def _carrier(row: Mapping[str, Any], name: str) -> str:
    """Its probability; the least that it may be where something is unknown."""
    if row[name] is None:
        return "unknown"
    least = name in str(row["unknown_criteria"]).split("; ")
    return f"{'>= ' if least else ''}{float(str(row[name])):.2f}"
