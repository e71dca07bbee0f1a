"""The table of a sweep: for the terminal and as a CSV file; every header has unit and reference."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from echemscreen.files import written_whole
from echemscreen.quantities import counted, quantity, written
from echemscreen.views.tables.cells import shown
from echemscreen.views.tables.columns import names_of
from echemscreen.views.tables.table import guarded
from echemscreen.views.tables.terminal import (
    STYLES,
    Column,
    console_for_table,
    print_sentence,
    print_table,
)

#: Where the columns of the layers stand, as many as the dots have.
_LAYERS = names_of("sweep").index("<layer>_nm")
#: Rows of the terminal's table; the file has them all.
MAX_ROWS = 150


def print_sweep(
    content: Sequence[Mapping[str, Any]], notes: Sequence[str], console: Console | None = None
) -> None:
    """The dots of a sweep as a table, then its critical sizes.

    Parameters
    ----------
    content
        The objects of ``sweep --json``.
    notes
        Sentences under the table.
    """
    console = console or console_for_table()
    left_out = print_table(_columns(content[:MAX_ROWS]), console)
    if left_out:
        print_sentence(f"Too wide for this terminal, in -o FILE.csv: {', '.join(left_out)}.", console)
    if len(content) > MAX_ROWS:
        more = counted(len(content) - MAX_ROWS, "dot")
        print_sentence(f"and {more} more: write them all with -o FILE.csv", console)
    for note in notes:
        print_sentence(note, console)


def _columns(content: Sequence[Mapping[str, Any]]) -> list[Column]:
    def column(header: str, texts: Iterable[object], *, right: bool = True, leaves: int = 0) -> Column:
        cells = tuple(Text(str(text)) for text in texts)
        return Column(header=header, cells=cells, right=right, leaves=leaves)

    def edge(name: str) -> Iterable[str]:
        return (quantity(item[f"{name}_v_she"], item[f"{name}_sigma_v"]) for item in content)

    def numbers(name: str) -> Iterable[str]:
        return (shown(item, name) for item in content)

    sizes = [
        column("\n".join((*label.split(" ", 1), "nm")), (f"{item['sizes_nm'][label]:g}" for item in content))
        for label in content[0]["sizes_nm"]
    ]
    found = [
        *sizes,
        column("CBM\nV vs SHE", edge("cbm")),
        column("VBM\nV vs SHE", edge("vbm")),
        column("exciton\neV", (written(item["exciton_ev"], 3) for item in content), leaves=6),
        column("exciton\nnm", (f"{item['exciton_nm']:.0f}" for item in content), leaves=3),
        column("gap", (item["band_alignment"] for item in content), right=False, leaves=5),
        column("P(e)\nsurface", (written(item["p_electron_surface"]) for item in content), leaves=4),
        column("P(h)\nsurface", (written(item["p_hole_surface"]) for item in content), leaves=4),
    ]
    if "verdict" not in content[0]:
        return found
    return [
        *found,
        column("drive red\neV", numbers("reduction_drive_ev"), leaves=1),
        column("drive ox\neV", numbers("oxidation_drive_ev"), leaves=1),
        column("P red", numbers("p_reduction")),
        column("P ox", numbers("p_oxidation")),
        Column(
            header="verdict",
            cells=tuple(Text(item["verdict"], style=STYLES.get(item["verdict"], "")) for item in content),
        ),
    ]


def write_sweep(content: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the dots of a sweep into a CSV file, one a row.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    sizes = list(content[0]["sizes_nm"])
    columns = [name for name in names_of("sweep")[_LAYERS + 1 :] if name in content[0]]
    with (
        written_whole(path, "The table") as place,
        place.open("w", newline="", encoding="utf-8") as handle,
    ):
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(["spec", *(f"{label.replace(' ', '_')}_nm" for label in sizes), *columns])
        for item in content:
            writer.writerow(
                [item["spec"], *item["sizes_nm"].values(), *(_cell(item[name]) for name in columns)]
            )


def _cell(value: object) -> object:
    if isinstance(value, list):
        return "; ".join(str(item["words"]) if isinstance(item, dict) else str(item) for item in value)
    if isinstance(value, str):
        return guarded(value)
    return "" if value is None else value
