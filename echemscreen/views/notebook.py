"""What a notebook shows of a result: a table and a figure, everything of the user's escaped."""

from __future__ import annotations

import html
import json
import math
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from echemscreen.quantities import MINUS, written
from echemscreen.views.alignment.diagram import layout
from echemscreen.views.alignment.rendering import render
from echemscreen.views.alignment.selection import condensed
from echemscreen.views.figure_file import svg_text
from echemscreen.views.ranking import ledger_layout, ranking_table
from echemscreen.views.ranking.ledger_figure import render as render_ledger
from echemscreen.views.tables import table
from echemscreen.views.tables.cells import known, shown

#: Rows and species that are shown; the files hold the others.
_ROWS, _SPECIES, _LEDGERS = 20, 20, 5
_SCREEN_COLUMNS = {
    "name": "name",
    "form": "form",
    "verdict": "verdict",
    "flags": "flags",
    "e_red_v_she": "E_red / V vs SHE",
    "e_ox_v_she": "E_ox / V vs SHE",
    "reduction_drive_ev": "drive to reduction / eV",
    "oxidation_drive_ev": "drive to oxidation / eV",
    "domain": "domain",
}
_RANK_COLUMNS = {
    "rank": "rank",
    "name": "name",
    "verdict": "verdict",
    "score": "score",
    "p_reduction": "P(electron)",
    "p_oxidation": "P(hole)",
    "absorbs_at_lamp": "absorbs at the lamp",
}
_QUANTITIES = frozenset(
    name
    for name in (*_SCREEN_COLUMNS, *_RANK_COLUMNS)
    if name.endswith(("_v_she", "_ev")) or name.startswith("p_")
)


def screen_html(folder: Path) -> str:
    """The first rows of a finished screen and its diagram."""
    results = folder / "results.csv"
    rows = list(islice(table.stream_results(results), _ROWS + 1))
    drawing = layout(condensed(table.stream_results(results)), _dot(folder), top=_SPECIES)
    return _table(rows, _SCREEN_COLUMNS) + picture(svg_text(lambda: render(drawing)), drawing.caption)


def rank_html(folder: Path) -> str:
    """The best of a finished ranking and their ledgers."""
    frame = ranking_table.read(folder / "ranking.csv")
    rows = [{str(key): value for key, value in row.items()} for row in frame.to_dict(orient="records")]
    drawing = ledger_layout.layout(ledger_layout.read_groups(folder), _dot(folder), top=_LEDGERS)
    text = _table([row for row in rows if known(row["rank"]) is not None], _RANK_COLUMNS)
    return text + picture(svg_text(lambda: render_ledger(drawing)), drawing.caption)


def picture(svg: str, words: str) -> str:
    """An SVG as an image of its own, so that nothing in it reaches the notebook."""
    source = f"data:image/svg+xml;charset=utf-8,{quote(svg)}"
    return f'<img alt="{html.escape(words)}" style="max-width:100%" src="{source}">'


def _dot(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))["qd"]
    return content


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> str:
    head = "".join(f"<th>{html.escape(title)}</th>" for title in columns.values())
    body = "".join(
        f"<tr>{''.join(f'<td>{html.escape(_cell(row, name))}</td>' for name in columns)}</tr>"
        for row in islice(rows, _ROWS)
    )
    more = "<p>The table goes on in the file.</p>" if len(rows) > _ROWS else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"


def _cell(row: Mapping[str, Any], name: str) -> str:
    if name == "verdict" and row.get("status") == "failed":
        return f"failed: {row['error']}"
    if name in _QUANTITIES:
        return shown(row, name, minus=MINUS)
    value = row.get(name)
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.0f}" if name == "rank" else written(value)
    return str(value or "").replace(";", ", ").replace("_", " ") if name == "flags" else str(value or "")
