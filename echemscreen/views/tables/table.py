"""The table of results: rows, the CSV file that they are streamed into, and a terminal summary.

Columns are those of the command line's contract, then what explains them. Potentials are in V vs
SHE, energies and drives in eV; unknown is blank. Text that a spreadsheet would take for a formula
carries a leading apostrophe in the file, which :func:`read_results` takes off again.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from rich.console import Console
from rich.text import Text

from echemscreen.quantities import TABLE_DECIMALS, counted, quantity, tabled
from echemscreen.records.levels import EnergyLevel
from echemscreen.records.processes import Process
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure, InputRow
from echemscreen.views.tables import cells
from echemscreen.views.tables.comparisons import drives_of, each_of
from echemscreen.views.tables.terminal import (
    STYLES,
    Column,
    console_for_table,
    names,
    print_sentence,
    print_table,
)

if TYPE_CHECKING:
    import pandas as pd

COLUMNS: tuple[str, ...] = (
    "name",
    "smiles",
    "canonical_smiles",
    "inchikey",
    "family",
    "anchor",
    "binding",
    "form",
    "status",
    "verdict",
    "flags",
    "e_red_v_she",
    "e_red_sigma_v",
    "e_ox_v_she",
    "e_ox_sigma_v",
    "homo_ev",
    "lumo_ev",
    "electron_affinity_ev",
    "ionization_energy_ev",
    "reduction_drive_ev",
    "oxidation_drive_ev",
    "p_reduction",
    "p_oxidation",
    "limiting_couple",
    "couple_drive_ev",
    "domain",
    "reason",
    "error",
    "engine",
    "method",
    "solvent",
    "qd",
    "site_metal",
    "worst_member",
    "e_red_raw_v_she",
    "e_ox_raw_v_she",
    "mode",
    "corrections",
    "remedy",
    "binding_free_energy_ev",
    "binding_sigma_ev",
    "leaves",
    "exchange_native",
    "exchange_free_energy_ev",
    "exchange_sigma_ev",
    "electron_transfer_per_s",
    "electron_transfer_low_per_s",
    "electron_transfer_high_per_s",
    "hole_transfer_per_s",
    "hole_transfer_low_per_s",
    "hole_transfer_high_per_s",
    "p_hole_reacts",
    "exposure",
    "e_red_bound",
    "e_ox_bound",
    "reduction_drive_bound",
    "oxidation_drive_bound",
    "couple_drive_bound",
    "p_reduction_bound",
    "p_oxidation_bound",
    "p_hole_reacts_bound",
    "e_red_verdict",
    "e_ox_verdict",
    "couple_verdict",
    "e_red_drive_ev",
    "e_red_drive_sigma_ev",
    "oxidation_drive_sigma_ev",
    "couple_e0_v_she",
    "couple_sigma_v",
    "couple_drive_sigma_ev",
)
#: Columns of rates, which span many powers of ten.
RATES: frozenset[str] = frozenset(name for name in COLUMNS if name.endswith("_per_s"))
NUMBERS: frozenset[str] = RATES | frozenset(
    name
    for name in COLUMNS
    if name.endswith(("_v_she", "_sigma_v", "_ev")) or (name.startswith("p_") and not name.endswith("_bound"))
)
#: UTF-8 with a byte order mark, without which Excel takes Greek letters and umlauts for something else.
#: Reading with it takes the mark off, where there is one.
TABLE_ENCODING = "utf-8-sig"

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_GUARD = "'"
#: Rows that a terminal summary shows.
_SUMMARY_ROWS = 60


def row_of(result: Assessment | Failure, *, row: InputRow | None = None) -> dict[str, object]:
    """A result as a flat row with every column; ``None`` where nothing is known.

    Parameters
    ----------
    row
        The input row: its position is put into the error of a failed row.
    """
    values: dict[str, object] = dict.fromkeys(COLUMNS)
    if isinstance(result, Failure):
        where = f"{row.location}: " if row is not None and row.location not in result.message else ""
        values |= {
            "name": result.name,
            "smiles": result.smiles,
            "canonical_smiles": result.canonical_smiles,
            "inchikey": result.inchikey,
            "family": result.family,
            "form": result.form,
            "status": "failed",
            "error": f"{where}{result.message} {result.remedy}".strip(),
            "remedy": result.remedy,
        }
        return values
    form, molecule, levels = result.form, result.form.molecule, result.levels
    values |= {
        "name": molecule.name,
        "smiles": molecule.smiles,
        "canonical_smiles": molecule.canonical_smiles,
        "inchikey": molecule.inchikey,
        "family": molecule.family,
        "anchor": form.anchor,
        "binding": form.binding,
        "form": form.role,
        "status": "ok",
        "verdict": result.verdict,
        "flags": ";".join(dict.fromkeys(flag.code for flag in result.flags)),
        "homo_ev": levels.homo_ev,
        "lumo_ev": levels.lumo_ev,
        "electron_affinity_ev": levels.electron_affinity_ev,
        "ionization_energy_ev": levels.ionization_energy_ev,
        **drives_of(result.alignments),
        **each_of(result.alignments),
        "limiting_couple": result.limiting_couple.couple if result.limiting_couple else "",
        # The contract knows four domains; a measured couple counts as calibrated evidence.
        "domain": "calibrated" if result.domain == "measured" else result.domain,
        "reason": result.reason,
        "engine": result.engine,
        "method": levels.method,
        "solvent": result.solvent,
        "qd": result.qd,
        "site_metal": form.site_metal,
        "worst_member": result.worst_member,
        "mode": form.mode,
        "corrections": "; ".join(
            _corrections(level) for level in (levels.reduction, levels.oxidation) if level
        ),
    }
    for prefix, level in (("e_red", levels.reduction), ("e_ox", levels.oxidation)):
        if level is not None:
            values |= {
                f"{prefix}_v_she": level.value_v_she,
                f"{prefix}_sigma_v": level.sigma_v,
                f"{prefix}_raw_v_she": level.raw_v_she,
                f"{prefix}_bound": level.bound,
            }
    values["corrections"] = str(values["corrections"]).strip("; ")
    return values | _on_the_dot(result)


def _on_the_dot(result: Assessment) -> dict[str, object]:
    """What the site and the carriers of the dot make of a form."""
    levels = result.levels
    values: dict[str, object] = {}
    if levels.binding is not None:
        values |= {
            "binding_free_energy_ev": levels.binding.free_energy_ev,
            "binding_sigma_ev": levels.binding.sigma_ev,
        }
    if levels.oxidation is not None and levels.oxidation.channel:
        values["leaves"] = "yes" if levels.oxidation.channel == "leaves" else "no"
    if levels.exchange is not None:
        values |= {
            "exchange_native": levels.exchange.native,
            "exchange_free_energy_ev": levels.exchange.free_energy_ev,
            "exchange_sigma_ev": levels.exchange.sigma_ev,
        }
    for item in result.alignments:
        if item.source != "molecule" or item.rate is None:
            continue
        carrier = item.process.carrier
        values |= {
            f"{carrier}_transfer_per_s": item.rate.per_s,
            f"{carrier}_transfer_low_per_s": item.rate.low_per_s,
            f"{carrier}_transfer_high_per_s": item.rate.high_per_s,
        }
        if item.process == Process.OXIDATION:
            values |= {
                "p_hole_reacts": item.rate.p_reacts,
                "p_hole_reacts_bound": item.bound,
                "exposure": item.rate.regime,
            }
    return values


def _corrections(level: EnergyLevel) -> str:
    return "; ".join(
        f"{level.symbol} {item.name} {quantity(item.value_v, item.sigma_v, 'V')}"
        for item in level.corrections
    )


class RowWriter(Protocol):
    """What takes rows: a context manager."""

    def __enter__(self) -> Self:
        """Open the file."""
        ...

    def write(self, row: Mapping[str, object]) -> None:
        """Take one row with every column."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        ...


class ResultsWriter:
    """Streams rows into ``DIR/results.csv``; the file appears whole when the run has ended.

    Until then, and after an interruption, the rows so far stand in ``results.csv.partial``.
    """

    def __init__(self, folder: Path) -> None:
        self._final = folder / "results.csv"
        self._partial = folder / "results.csv.partial"

    def __enter__(self) -> Self:
        # A lone surrogate, which no file can hold, must not end a run: it becomes a question mark.
        self._handle = self._partial.open("w", newline="", encoding=TABLE_ENCODING, errors="replace")
        self._writer = csv.writer(self._handle, lineterminator="\n")
        self._writer.writerow(COLUMNS)
        return self

    def write(self, row: Mapping[str, object]) -> None:
        """Write one row; a column that the table does not have is an error of the program."""
        self._writer.writerow([_cell(name, row[name]) for name in COLUMNS])
        self._handle.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._handle.close()
        if kind is None:
            self._partial.replace(self._final)


def _cell(name: str, value: object) -> str:
    if value is None:
        return ""
    if name in NUMBERS:
        number = float(str(value))
        if name in RATES:
            return f"{number:.2e}" if math.isfinite(number) else ""
        return f"{tabled(number):.{TABLE_DECIMALS}f}" if math.isfinite(number) else ""
    # A bare carriage return would end the row for some readers.
    return guarded(str(value).replace("\r\n", "\n").replace("\r", "\n"))


def guarded(text: str) -> str:
    """Text that no spreadsheet runs: a formula's start, or our own guard, gets an apostrophe."""
    return _GUARD + text if text.startswith((*_FORMULA_STARTS, _GUARD)) else text


def unguarded(text: str) -> str:
    """The inverse of :func:`guarded`."""
    return text.removeprefix(_GUARD)


def read_results(path: Path) -> pd.DataFrame:
    """Read ``results.csv``: numbers as floats (NaN if blank), text as it was before guarding."""
    import pandas as pd  # noqa: PLC0415 - a screen writes its table without it

    frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_filter=False, encoding=TABLE_ENCODING)
    for name in frame.columns:
        if name in NUMBERS:
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
        else:
            frame[name] = frame[name].map(unguarded)
    return frame


def stream_results(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of ``results.csv`` one by one, for tables that do not fit into memory."""
    with path.open(newline="", encoding=TABLE_ENCODING) as handle:
        for record in csv.DictReader(handle):
            yield {name: _value(name, text) for name, text in record.items()}


def json_line(row: Mapping[str, Any]) -> str:
    """A row as one line of JSON; unknown is null."""
    plain = {
        key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()
    }
    return json.dumps(plain, ensure_ascii=False)


def _value(name: str, text: str) -> str | float:
    if name not in NUMBERS:
        return unguarded(text)
    return float(text) if text else math.nan


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a data frame as dictionaries."""
    return [{str(key): value for key, value in record.items()} for record in frame.to_dict(orient="records")]


def print_summary(rows: Iterable[Mapping[str, Any]], console: Console | None = None) -> None:
    """A table that fits the terminal, what its signs mean, and why rows failed."""
    console = console or console_for_table()
    coming = iter(rows)
    shown = list(islice(coming, _SUMMARY_ROWS))
    hidden = sum(1 for _ in coming)
    left_out = print_table(_summary_columns(shown), console)
    if any(cells.side(row, column) for row in shown for column in ("e_red_v_she", "e_ox_v_she")):
        print_sentence("≤, ≥: a one-sided bound; the true value lies further out.", console)
    if left_out:
        print_sentence(f"Too wide for this terminal, in results.csv: {', '.join(left_out)}.", console)
    if hidden:
        print_sentence(f"and {counted(hidden, 'row')} more in results.csv", console)
    for row in shown:
        if row["status"] == "failed":
            print_sentence(f"failed: {row['name'] or row['smiles']}: {row['error']}", console)


def _summary_columns(rows: Sequence[Mapping[str, Any]]) -> list[Column]:
    def column(header: str, name: str, leaves: int = 0) -> Column:
        texts = tuple(Text(cells.shown(row, name)) for row in rows)
        return Column(header=header, cells=texts, right=True, leaves=leaves)

    verdicts = [str(row["verdict"] or row["status"]) for row in rows]
    flags = (str(row["flags"] or "").replace(";", "\n") for row in rows)
    return [
        Column(header="name", cells=names(row["name"] for row in rows), is_name=True),
        Column(header="form", cells=tuple(Text(_form(row)) for row in rows), leaves=5),
        Column(header="verdict", cells=tuple(Text(text, style=STYLES.get(text, "")) for text in verdicts)),
        Column(header="flags", cells=tuple(map(Text, flags)), folds=True),
        column("E_red\nV vs SHE", "e_red_v_she", leaves=1),
        column("E_ox\nV vs SHE", "e_ox_v_she", leaves=1),
        column("drive red\neV", "reduction_drive_ev", leaves=3),
        column("drive ox\neV", "oxidation_drive_ev", leaves=4),
        column("P red", "p_reduction"),
        column("P ox", "p_oxidation", leaves=6),
        column("P hole\nreacts", "p_hole_reacts"),
        Column(header="domain", cells=tuple(Text(str(row["domain"] or "")) for row in rows), leaves=2),
    ]


def _form(row: Mapping[str, Any]) -> str:
    """The form, with the way of binding where it is not by a single donor."""
    mode = str(row["mode"] or "")
    return f"{row['form'] or ''}{f' {mode}' if mode not in {'', 'monodentate'} else ''}"
