"""What a notebook shows of a result: a table and a figure, everything of the user's escaped."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from echemscreen.quantities import MINUS, written
from echemscreen.views.alignment.diagram import layout
from echemscreen.views.alignment.placing import dot_of
from echemscreen.views.alignment.rendering import render
from echemscreen.views.alignment.selection import condensed
from echemscreen.views.figure_file import svg_text
from echemscreen.views.ranking import ledger_layout
from echemscreen.views.ranking.ledger_figure import render as render_ledger
from echemscreen.views.tables import table
from echemscreen.views.tables.cells import known, shown
from echemscreen.views.tables.columns import OutputColumn, names_of, table_of

#: Rows and species that are shown; the files hold the others.
_ROWS, _SPECIES, _LEDGERS = 20, 20, 5


def screen_html(folder: Path) -> str:
    """The first rows of a finished screen and its diagram."""
    results = folder / "results.csv"
    rows = list(islice(table.stream_results(results), _ROWS + 1))
    drawing = layout(condensed(table.stream_results(results)), dot_of(folder), top=_SPECIES)
    return _table(rows, "results.csv") + picture(svg_text(lambda: render(drawing)), drawing.caption)


def rank_html(folder: Path) -> str:
    """The best of a finished ranking and their ledgers."""
    rows = table.records_of(table.read_table(folder / "ranking.csv"))
    drawing = ledger_layout.layout(ledger_layout.read_groups(folder), dot_of(folder), top=_LEDGERS)
    text = _table([row for row in rows if known(row["rank"]) is not None], "ranking.csv")
    return text + picture(svg_text(lambda: render_ledger(drawing)), drawing.caption)


def picture(svg: str, words: str) -> str:
    """An SVG as an image of its own, so that nothing in it reaches the notebook."""
    source = f"data:image/svg+xml;charset=utf-8,{quote(svg)}"
    return f'<img alt="{html.escape(words)}" style="max-width:100%" src="{source}">'


def _table(rows: Sequence[Mapping[str, Any]], file: str) -> str:
    columns = [table_of(file)[name] for name in names_of(file, "notebook")]
    head = "".join(f"<th>{html.escape(column.title)}</th>" for column in columns)
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(_cell(row, column))}</td>' for column in columns)}</tr>"
        for row in islice(rows, _ROWS)
    )
    more = "<p>The table goes on in the file.</p>" if len(rows) > _ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(row: Mapping[str, Any], column: OutputColumn) -> str:
    name, value = column.column, row.get(column.column)
    if name == "verdict" and row.get("status") == "failed":
        return f"failed: {row['error']}"
    if column.unit and name != "score":
        return shown(row, name, minus=MINUS)
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.0f}" if name == "rank" else written(value)
    return str(value or "").replace(";", ", ").replace("_", " ") if name == "flags" else str(value or "")
