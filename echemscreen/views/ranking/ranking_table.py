"""A ranking on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from echemscreen.quantities import counted, written
from echemscreen.views.tables import cells
from echemscreen.views.tables.columns import OutputColumn, on_terminal
from echemscreen.views.tables.terminal import (
    STYLES,
    Column,
    console_for_table,
    names,
    print_sentence,
    print_table,
)

#: Rows that a terminal summary shows.
_SUMMARY_ROWS = 40


def print_summary(rows: Sequence[Mapping[str, Any]], console: Console | None = None) -> None:
    """The ranking for the terminal; what is no crosslinker is told in a sentence below it."""
    console = console or console_for_table()
    ranked = [row for row in rows if row["rank"] is not None]
    shown = ranked[:_SUMMARY_ROWS]
    dividers = [str(row["divider"]) for row in shown]
    sections = {
        index: group for index, group in enumerate(dividers) if not index or group != dividers[index - 1]
    }
    columns = [_summary_column(item, shown) for item in on_terminal("ranking.csv")]
    left_out = print_table(columns, console, sections=sections)
    if left_out:
        print_sentence(f"Too wide for this terminal, in ranking.csv: {', '.join(left_out)}.", console)
    if len(ranked) > _SUMMARY_ROWS:
        more = counted(len(ranked) - _SUMMARY_ROWS, "ranked crosslinker")
        print_sentence(f"and {more} more in ranking.csv", console)
    others = [row for row in rows if row["rank"] is None]
    for row in others[:_SUMMARY_ROWS]:
        print_sentence(f"{row['name']}: {row['reason']}", console)
    if len(others) > _SUMMARY_ROWS:
        print_sentence(f"and {counted(len(others) - _SUMMARY_ROWS, 'row')} more without a rank", console)


def _summary_column(column: OutputColumn, rows: Sequence[Mapping[str, Any]]) -> Column:
    name = column.column
    if name == "name":
        return Column(header=column.lines, cells=names(row[name] for row in rows), is_name=True)
    texts = [_text(name, row) for row in rows]
    return Column(
        header=column.lines,
        cells=tuple(Text(text, style=STYLES.get(text, "") if name == "verdict" else "") for text in texts),
        right=column.is_number,
        leaves=column.leaves,
        folds=name == "flags",
    )


def _text(name: str, row: Mapping[str, Any]) -> str:
    match name:
        case "rank_low":
            return f"{row['rank_low']} to {row['rank_high']}"
        case "score":
            return written(row["score"])
        case "worst_member_role":
            return str(row[name] or "").replace("_", " ")
        case "absorbs_at_lamp":
            return str(row[name] or "not computed")
        case "p_reduction" | "p_oxidation":
            return cells.shown(row, name) or "unknown"
        case _:
            return str(row[name] or "").replace(";", "\n")
