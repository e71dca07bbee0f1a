"""The report of a finished run, made from its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from echemscreen.campaign.outcomes.outcome import Outcome, folder_of
from echemscreen.campaign.outcomes.results import geometries_of
from echemscreen.dots.couples import aqueous_couples, complexed_couples
from echemscreen.errors import EchemscreenError, InputError
from echemscreen.files import is_file, written_whole
from echemscreen.quantities import counted
from echemscreen.screening.runs.shown_geometries import StoredGeometry, species_of_rows
from echemscreen.views.report.content import EMPTY, Cells, ReportContent, read_cells
from echemscreen.views.report.page import render

#: Rows whose geometries are shown: the first of the table.
MAX_GEOMETRIES = 2_000
_FIGURES = {
    "map.svg": "Map",
    "alignment.svg": "Alignment",
    "ranking.svg": "Criteria",
    "ledger.svg": "Ledgers",
}


def report(folder: str | Path | Outcome, path: str | Path | None = None) -> Path:
    """Write the report of a finished screen or ranking: one HTML file that needs no network.

    Parameters
    ----------
    folder
        The ``--out`` folder of the run, or its outcome.
    path
        File to be written; ``report.html`` in the folder by default.

    Raises
    ------
    InputError
        if the folder holds no finished run.
    StoreError
        if the file cannot be written.
    """
    if path is None and isinstance(folder, Outcome) and folder.scratch is not None:
        raise InputError("Nothing of this run is kept.", "Name the file of the report.")
    folder = folder_of(folder)
    path = Path(path) if path is not None else folder / "report.html"
    if path.suffix.lower() not in {".html", ".htm"}:
        raise InputError(f"A report cannot be written as '{path.name}'.", "Name it FILE.html.")
    is_rank = is_file(folder / "ranking.csv") and not is_file(folder / "results.csv")
    results = folder / ("ranking.csv" if is_rank else "results.csv")
    if not is_file(results) or not is_file(folder / "run.json"):
        raise InputError(
            f"{folder} holds no finished run (run.json with results.csv or ranking.csv).",
            "Run 'echemscreen screen' or 'echemscreen rank' first.",
        )
    table = read_cells(results)
    ledger = read_cells(folder / "ledger.csv") if is_rank and (folder / "ledger.csv").is_file() else EMPTY
    couples = {couple.couple: couple for couple in (*complexed_couples(), *aqueous_couples())}
    named = {table.plain(index).get("limiting_couple", "") for index in range(len(table.rows))}
    try:
        run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        stored, notes = _stored(folder, run, table, ledger)
        content = ReportContent(
            kind="rank" if is_rank else "screen",
            run=run,
            table=table,
            ledger=ledger,
            geometries={
                row: [(item.title, item.geometry) for item in items] for row, items in stored.items()
            },
            densities={
                row: next(told for item in items if (told := item.densities))
                for row, items in stored.items()
                if any(item.densities for item in items)
            },
            figures={
                title: (folder / name).read_text(encoding="utf-8", errors="replace")
                for name, title in _FIGURES.items()
                if (folder / name).is_file()
            },
            couples={name: couples[name] for name in sorted(named & set(couples))},
            notes=notes,
        )
        page = render(content)
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{folder / 'run.json'} is not of a finished run: {error}.", "Run it again."
        ) from error
    with written_whole(path, "The report") as place:
        place.write_text(page, encoding="utf-8", errors="replace")
    return path


def _stored(
    folder: Path, run: Mapping[str, Any], table: Cells, ledger: Cells
) -> tuple[Mapping[int, tuple[StoredGeometry, ...]], tuple[str, ...]]:
    """By row what the store holds of it, and a note if it cannot be asked."""
    asked = species_of_rows(table, ledger, limit=MAX_GEOMETRIES)
    try:
        with geometries_of(folder, run, asked) as found:
            shown = {index: geometries for index, geometries in enumerate(found) if geometries}
    except EchemscreenError as error:
        return {}, (f"No geometries are shown: {error}",)
    rest = len(table.rows) - len(asked)
    return shown, (f"Geometries are shown of the first {counted(len(asked), 'row')}.",) if rest else ()
