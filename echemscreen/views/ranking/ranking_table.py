"""A ranking on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.text import Text

from echemscreen.quantities import counted, written
from echemscreen.views.tables import cells
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
    left_out = print_table(_summary_columns(shown), console, sections=sections)
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


def _summary_columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    def column(header: str, texts: Iterable[object], *, right: bool = False, leaves: int = 0) -> Column:
        return Column(
            header=header, cells=tuple(Text(str(text)) for text in texts), right=right, leaves=leaves
        )

    verdicts = [str(row["verdict"]) for row in rows]
    flags = (str(row["flags"] or "").replace(";", "\n") for row in rows)
    return [
        column("rank", (row["rank"] for row in rows), right=True),
        column(
            "interval", (f"{row['rank_low']} to {row['rank_high']}" for row in rows), right=True, leaves=1
        ),
        column("score", (written(row["score"]) for row in rows), right=True),
        Column(header="name", cells=names(row["name"] for row in rows), is_name=True),
        Column(header="verdict", cells=tuple(Text(text, style=STYLES.get(text, "")) for text in verdicts)),
        Column(header="flags", cells=tuple(map(Text, flags)), folds=True),
        column(
            "worst member", (str(row["worst_member_role"] or "").replace("_", " ") for row in rows), leaves=2
        ),
        column("at lamp", (row["absorbs_at_lamp"] or "not computed" for row in rows)),
        column("P(electron)", (cells.shown(row, "p_reduction") or "unknown" for row in rows), right=True),
        column("P(hole)", (cells.shown(row, "p_oxidation") or "unknown" for row in rows), right=True),
        column("front", (row["pareto_front"] for row in rows), right=True, leaves=3),
    ]
