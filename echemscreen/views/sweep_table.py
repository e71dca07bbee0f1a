"""The table of a sweep: for the terminal and as a CSV file; every header has unit and reference."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from echemscreen.errors import StoreError
from echemscreen.views.table import guarded

#: Columns of a dot after its sizes, in the order of the file.
DOT_COLUMNS = (
    "cbm_v_she",
    "cbm_sigma_v",
    "cbm_kind",
    "vbm_v_she",
    "vbm_sigma_v",
    "vbm_kind",
    "exciton_ev",
    "exciton_nm",
    "band_alignment",
    "p_electron_surface",
    "p_hole_surface",
    "site_metal",
)
LIGAND_COLUMNS = (
    "ligand",
    "form",
    "e_red_v_she",
    "e_red_sigma_v",
    "e_ox_v_she",
    "e_ox_sigma_v",
    "limits",
    "limiting_couple",
    "couple_e0_v_she",
    "couple_sigma_v",
    "reduction_drive_ev",
    "oxidation_drive_ev",
    "p_reduction",
    "p_oxidation",
    "verdict",
    "flags",
    "domain",
    "critical_sizes",
    "reason",
)
#: Rows of the terminal's table; the file has them all.
MAX_ROWS = 150
_WIDTH = 165
_STYLES = {"active": "red", "undetermined": "yellow", "inert": "green"}


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
    if console is None:
        console = Console(file=sys.stdout)
        # A file or a narrow terminal still gets whole columns.
        console.width = max(console.width, _WIDTH)
    view = Table(box=None, pad_edge=False)
    sizes = list(content[0]["sizes_nm"])
    ligand = "verdict" in content[0]
    for label in sizes:
        material, _, what = label.partition(" ")
        view.add_column(f"{material}\n{what}\nnm", justify="right", no_wrap=True)
    for header in ("CBM\nV vs SHE", "VBM\nV vs SHE", "exciton\neV", "exciton\nnm"):
        view.add_column(header, justify="right", no_wrap=True)
    view.add_column("gap", no_wrap=True)
    for header in ("P(e)\nsurface", "P(h)\nsurface"):
        view.add_column(header, justify="right", no_wrap=True)
    if ligand:
        for header in ("drive red\neV", "drive ox\neV", "P red", "P ox"):
            view.add_column(header, justify="right", no_wrap=True)
        view.add_column("verdict", no_wrap=True)
    for item in content[:MAX_ROWS]:
        view.add_row(*_dot_cells(item), *(_ligand_cells(item) if ligand else ()))
    console.print(view)
    if len(content) > MAX_ROWS:
        console.print(f"and {len(content) - MAX_ROWS} dots more: write them all with -o FILE.csv")
    for note in notes:
        console.print(Text(note))


def _dot_cells(item: Mapping[str, Any]) -> tuple[str, ...]:
    return (
        *(f"{size:g}" for size in item["sizes_nm"].values()),
        f"{item['cbm_v_she']:+.2f} ± {item['cbm_sigma_v']:.2f}",
        f"{item['vbm_v_she']:+.2f} ± {item['vbm_sigma_v']:.2f}",
        f"{item['exciton_ev']:.3f}",
        f"{item['exciton_nm']:.0f}",
        str(item["band_alignment"]),
        f"{item['p_electron_surface']:.2f}",
        f"{item['p_hole_surface']:.2f}",
    )


def _ligand_cells(item: Mapping[str, Any]) -> tuple[str | Text, ...]:
    return (
        _number(item["reduction_drive_ev"], "+.2f"),
        _number(item["oxidation_drive_ev"], "+.2f"),
        _number(item["p_reduction"], ".2f"),
        _number(item["p_oxidation"], ".2f"),
        Text(item["verdict"], style=_STYLES.get(item["verdict"], "")),
    )


def write_sweep(content: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Write the dots of a sweep into a CSV file, one a row.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    sizes = list(content[0]["sizes_nm"])
    columns = (*DOT_COLUMNS, *(LIGAND_COLUMNS if "verdict" in content[0] else ()))
    partial = path.with_name(f"{path.name}.partial")
    try:
        with partial.open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(["spec", *(f"{label.replace(' ', '_')}_nm" for label in sizes), *columns])
            for item in content:
                writer.writerow(
                    [item["spec"], *item["sizes_nm"].values(), *(_cell(item[name]) for name in columns)]
                )
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StoreError(
            f"The table {path} cannot be written: {error.strerror or error}.",
            "Free some space or name another file.",
        ) from error


def _cell(value: object) -> object:
    if isinstance(value, list):
        return "; ".join(str(item["words"]) if isinstance(item, dict) else str(item) for item in value)
    if isinstance(value, str):
        return guarded(value)
    return "" if value is None else value


def _number(value: float | None, spec: str) -> str:
    return "" if value is None else format(value, spec)
