"""Voltammograms as potentiostats write them, read into one record.

BioLogic EC-Lab (``.mpt``, and ``.mpr`` by galvani), Gamry (``.DTA``), CH Instruments and Metrohm/Autolab
(text exports), PalmSens (``.csv``) and plain CSV. An instrument is known by what its files say, not by their
suffix. Potentials become volt, currents ampere; a column without its unit is an error, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from echemscreen.errors import InputError, MissingPackageError
from echemscreen.measurements.text_tables import (
    Column,
    Lines,
    Table,
    columns_of,
    factor_of,
    read_bytes,
    read_lines,
    read_table,
    separators_of,
    split,
)
from echemscreen.records.molecules import FloatArray

#: Points below which there is no voltammogram.
MIN_POINTS = 20
_MPR_MAGIC = b"BIO-LOGIC MODULAR FILE"
#: What galvani raises on a file that is cut off or newer than it.
_UNREADABLE = (OSError, ValueError, NotImplementedError, AssertionError, LookupError, EOFError, TypeError)
_POTENTIAL_NAMES = re.compile(
    r"<?ewe>?|we\(1\)\.potential|potential|voltage|applied potential|e|u|vf", re.IGNORECASE
)
#: A staircase that was only asked for: taken where nothing was measured.
_APPLIED_NAMES = re.compile(r"potential applied|control", re.IGNORECASE)
_CURRENT_NAMES = re.compile(
    r"<?i>?|im|i1|we\(1\)\.current|current|current density|j|measured current", re.IGNORECASE
)
_TIME_NAMES = re.compile(r"time|t|t\(s\)|corrected time", re.IGNORECASE)
_CURRENT_DENSITY = re.compile(r"\s*(?:/\s*|\*?\s*)c?m(?:\^?-?2|²|⁻²)$")
_VERSUS = re.compile(r"^(?P<unit>[mµu]?V)\s*(?:vs\.?|versus)\s*(?P<reference>.+)$", re.IGNORECASE)
_RATE = re.compile(
    r"scan\s*rate\s*[(\[/]?\s*(?P<unit>m?V/s)\s*[)\]]?\s*[=:;,\t ]\s*(?P<value>[\d.,eE+-]+)", re.IGNORECASE
)
_EC_LAB_RATE = re.compile(r"^dE/dt\s+(?P<value>[\d.,]+)\s*\n\s*dE/dt unit\s+(?P<unit>m?V/s)", re.MULTILINE)
_GAMRY_RATE = re.compile(r"^SCANRATE\tQUANT\t(?P<value>[^\t]+)\t", re.MULTILINE)
_EC_LAB_LINES = re.compile(r"^Nb header lines\s*:\s*(\d+)", re.MULTILINE)
_EC_LAB_REFERENCE = re.compile(r"^Reference electrode\s*:\s*(\S.*)$", re.MULTILINE)
_CHI_MODEL = re.compile(r"^Instrument Model:\s*(\S+)", re.MULTILINE)
_CHI_SEGMENTS = re.compile(r"^Segment\s*=\s*(\d+)\s*$", re.MULTILINE)
#: Cells longer than this are sentences, not names of columns.
_LONGEST_NAME = 25
_GAMRY_TABLE = re.compile(r"^CURVE\d*\tTABLE(?:\t(?P<rows>\d+))?\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voltammogram:
    """Current against potential, in the order of measurement.

    ``currents_a`` are ampere, or ampere per area where the file holds densities; their sign is the file's.
    """

    path: Path
    instrument: str
    potentials_v: FloatArray
    """Shape (points,), V against whatever the reference electrode was."""
    currents_a: FloatArray
    """Shape (points,)."""
    is_density: bool = False
    scan_rate_v_s: float | None = None
    announced_sweeps: int | None = None
    """Sweeps that the header promises."""
    reference: str = ""
    """The reference electrode as the file names it; blank where it does not."""
    notes: tuple[str, ...] = ()


def read_voltammogram(path: Path) -> Voltammogram:
    """The voltammogram of a file of any known instrument.

    Raises
    ------
    InputError
        if it is no file, no voltammogram, or breaks off before its table.
    MissingPackageError
        for a ``.mpr`` file without galvani.
    """
    if read_bytes(path).startswith(_MPR_MAGIC):
        return _checked(_from_mpr(path))
    text = read_lines(path)
    first = text[0].strip()
    if first.startswith(("EC-Lab ASCII FILE", "BT-Lab ASCII FILE")):
        found = _ec_lab(text)
    elif first == "EXPLAIN":
        found = _gamry(text)
    elif (units := _palmsens_units(text)) is not None:
        found = _palmsens(text, units)
    else:
        found = _named_columns(text)
    return _checked(found)


def _checked(found: Voltammogram) -> Voltammogram:
    if len(found.potentials_v) < MIN_POINTS:
        detail = f" ({'; '.join(found.notes)})" if found.notes else ""
        raise InputError(
            f"The file {found.path.name} has only {len(found.potentials_v)} points{detail}.",
            "It may be cut off: export it again.",
        )
    if np.ptp(found.potentials_v) == 0.0 or np.ptp(found.currents_a) == 0.0:
        raise InputError(
            f"In the file {found.path.name} the potential or the current does not change.",
            "Give a cyclic or linear sweep.",
        )
    return found


# --- columns --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Choice:
    """The columns of a line of names that make a voltammogram."""

    potential: Column
    current: Column
    time: Column | None
    volts: float
    amperes: float
    is_density: bool
    reference: str

    def columns(self) -> tuple[Column, ...]:
        return (
            (self.potential, self.current) if self.time is None else (self.potential, self.current, self.time)
        )


def _choice(columns: Sequence[Column], where: str) -> _Choice | None:
    """The columns of a voltammogram among named ones, or ``None``.

    Raises
    ------
    InputError
        for a potential or a current without its unit.
    """

    def first(names: re.Pattern[str]) -> Column | None:
        matches = [column for column in columns if names.fullmatch(column.name)]
        return next((column for column in matches if column.unit), matches[0] if matches else None)

    potential = first(_POTENTIAL_NAMES) or first(_APPLIED_NAMES)
    current = first(_CURRENT_NAMES)
    if potential is None or current is None:
        return None
    versus = _VERSUS.match(potential.unit)
    unit = versus["unit"] if versus else potential.unit
    volts = factor_of(unit, "V")
    plain, n_area = _CURRENT_DENSITY.subn("", current.unit)
    amperes = factor_of(plain, "A")
    for column, factor, example in ((potential, volts, "E (V)"), (current, amperes, "I (A)")):
        if factor is None:
            said = f"the unit '{column.unit}'" if column.unit else "no unit"
            raise InputError(
                f"{where}: the column {column.name} has {said}.", f"Name it with its unit, as {example}."
            )
    assert volts is not None
    assert amperes is not None
    seconds = [column for column in columns if _TIME_NAMES.fullmatch(column.name) and column.unit == "s"]
    reference = versus["reference"].strip() if versus else ""
    return _Choice(
        potential=potential,
        current=current,
        time=seconds[0] if seconds else None,
        volts=volts,
        amperes=amperes,
        is_density=bool(n_area),
        reference="" if reference.lower().rstrip(".") == "ref" else reference,
    )


def _joined(
    text: Lines, instrument: str, choice: _Choice, tables: Sequence[Table], rate: float | None
) -> Voltammogram:
    values = np.concatenate([table.values for table in tables]) if tables else np.empty((0, 2))
    notes = tuple(dict.fromkeys((*text.notes, *(table.cut_off for table in tables if table.cut_off))))
    if rate is None and choice.time is not None and len(values) > MIN_POINTS:
        rate = _rate_of(values[:, 0] * choice.volts, values[:, 2])
    return Voltammogram(
        path=text.path,
        instrument=instrument,
        potentials_v=values[:, 0] * choice.volts,
        currents_a=values[:, 1] * choice.amperes,
        is_density=choice.is_density,
        scan_rate_v_s=rate,
        reference=choice.reference,
        notes=notes,
    )


def _rate_of(potentials_v: FloatArray, seconds: FloatArray) -> float | None:
    """The usual rate of change of the potential, V/s."""
    steps = np.diff(seconds)
    moving = (steps > 0) & (np.abs(np.diff(potentials_v)) > 0)
    if moving.sum() < MIN_POINTS // 2:
        return None
    # Single steps of a staircase jitter; over ten of them they do not.
    span = 10
    change = np.abs(potentials_v[span:] - potentials_v[:-span]) / (seconds[span:] - seconds[:-span])
    change = change[np.isfinite(change) & (change > 0)]
    return float(np.median(change)) if len(change) else None


def _decimal(text: str) -> float | None:
    try:
        return float(text.strip().replace(",", "."))
    except ValueError:
        return None


# --- instruments ----------------------------------------------------------------------------


def _ec_lab(text: Lines) -> Voltammogram:
    """BioLogic's text: it counts its own header lines."""
    head = text.head()
    counted = _EC_LAB_LINES.search(head)
    if counted is None or int(counted[1]) >= len(text):
        raise InputError(
            f"The EC-Lab file {text.path.name} breaks off inside its header.", "Export it again from EC-Lab."
        )
    names = int(counted[1]) - 1
    columns = columns_of(text[names], "\t")
    choice = _choice(columns, f"{text.path.name}, line {names + 1}")
    if choice is None:
        raise _no_voltammogram(text, "EC-Lab", [column.name for column in columns])
    table = read_table(text, names + 1, "\t", choice.columns())
    found = _joined(text, "BioLogic EC-Lab", choice, [table], _scaled_rate(_EC_LAB_RATE.search(head)))
    electrode = _EC_LAB_REFERENCE.search(head)
    return replace(found, reference=electrode[1].strip() if electrode else found.reference)


def _gamry(text: Lines) -> Voltammogram:
    """Gamry's EXPLAIN text: tables ``CURVE``, with a line of names and a line of units."""
    tables: list[Table] = []
    choice: _Choice | None = None
    short = ""
    index = 0
    seen: list[str] = []
    while index < len(text):
        heading = _GAMRY_TABLE.match(text[index])
        if heading is None or index + 2 >= len(text):
            index += 1
            continue
        names, units = split(text[index + 1], "\t"), split(text[index + 2], "\t")
        seen = names
        columns = [Column(i, name, unit) for i, (name, unit) in enumerate(zip(names, units, strict=False))]
        choice = _choice(columns, f"{text.path.name}, line {index + 2}")
        if choice is None:
            break
        table = read_table(text, index + 3, "\t", choice.columns(), blank_ends=False)
        tables.append(table)
        if heading["rows"] is not None and len(table.values) < int(heading["rows"]):
            short = f"it announces {heading['rows']} points and has {len(table.values)}"
        index = max(table.next_line, index + 3)
    if choice is None:
        if not seen:
            raise InputError(
                f"The Gamry file {text.path.name} has no table of a curve: it breaks off in its header.",
                "Export it again.",
            )
        raise _no_voltammogram(text, "Gamry", [name for name in seen if name])
    rate = _GAMRY_RATE.search(text.head())
    value = None if rate is None else _decimal(rate["value"])
    found = _joined(text, "Gamry", choice, tables, None if value is None else 1e-3 * value)
    return replace(found, notes=(*found.notes, *filter(None, [short])))


def _palmsens_units(text: Lines) -> int | None:
    """The line of a PalmSens export that names units only, ``V,µA,V,µA``."""
    for index, line in enumerate(text.lines[:20]):
        cells = [cell for cell in split(line, ",") if cell]
        if len(cells) >= 2 and all(  # noqa: PLR2004 - a pair
            factor_of(cell, "V" if at % 2 == 0 else "A") is not None for at, cell in enumerate(cells)
        ):
            return index
    return None


def _palmsens(text: Lines, units: int) -> Voltammogram:
    """PalmSens: two columns for each scan, side by side."""
    cells = [cell for cell in split(text[units], ",") if cell]
    tables, choice = [], None
    for at in range(0, len(cells) - 1, 2):
        potential = Column(at, "potential", cells[at])
        current = Column(at + 1, "current", cells[at + 1])
        choice = _choice((potential, current), f"{text.path.name}, line {units + 1}")
        assert choice is not None
        tables.append(read_table(text, units + 1, ",", choice.columns()))
    assert choice is not None
    return _joined(text, "PalmSens", choice, tables, _scaled_rate(_RATE.search(text.head())))


def _named_columns(text: Lines) -> Voltammogram:
    """CH Instruments, Autolab and plain tables: a line of names somewhere above the numbers."""
    nameless: list[str] = []
    for index, line in enumerate(text.lines):
        for separator in separators_of(line):
            columns = columns_of(line, separator)
            choice = _choice(columns, f"{text.path.name}, line {index + 1}")
            if choice is None:
                continue
            table = read_table(text, index + 1, separator, choice.columns())
            found = _joined(
                text, _instrument_of(text, columns), choice, [table], _scaled_rate(_RATE.search(text.head()))
            )
            segments = _CHI_SEGMENTS.search(text.head())
            return replace(found, announced_sweeps=None if segments is None else int(segments[1]))
        cells = [cell for cell in split(line, ",") if cell]
        if not nameless and len(cells) > 1 and max(map(len, cells)) <= _LONGEST_NAME:
            nameless = cells
    if _CHI_MODEL.search(text.head()):
        raise InputError(
            f"The file {text.path.name} breaks off in its header, before its numbers.", "Export it again."
        )
    raise _no_voltammogram(text, "", nameless)


def _instrument_of(text: Lines, columns: Sequence[Column]) -> str:
    head = text.head()
    if any(column.name.lower().startswith("we(1).") for column in columns):
        return "Metrohm Autolab"
    model = _CHI_MODEL.search(head)
    if model is not None:
        return f"CH Instruments {model[1]}" if model[1].startswith("CHI") else model[1]
    return "table of columns"


def _scaled_rate(found: re.Match[str] | None) -> float | None:
    if found is None:
        return None
    value = _decimal(found["value"])
    return None if value is None else value * (1e-3 if found["unit"].startswith("m") else 1.0)


def _no_voltammogram(text: Lines, instrument: str, names: Sequence[str]) -> InputError:
    what = f"The {instrument} file" if instrument else "The file"
    seen = f": its columns are {', '.join(names[:8])}" if names else ""
    return InputError(
        f"{what} {text.path.name} is no voltammogram{seen}.",
        "A line must name a potential and a current with their units, as 'E (V), I (A)'.",
    )


def _from_mpr(path: Path) -> Voltammogram:
    """BioLogic's binary file, by galvani."""
    try:
        from galvani.BioLogic import MPRfile  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingPackageError(
            f"The file {path.name} is binary; galvani reads it.",
            "pip install 'echemscreen[measurements]', or export it as .mpt from EC-Lab.",
        ) from error
    try:
        with path.open("rb") as handle:
            data = MPRfile(handle).data
    except _UNREADABLE as error:
        raise InputError(
            f"The BioLogic file {path.name} cannot be read: it is cut off or of an unknown version.",
            "Export it as .mpt from EC-Lab.",
        ) from error
    columns = [_named(index, name) for index, name in enumerate(data.dtype.names)]
    choice = _choice(columns, path.name)
    text = Lines(path, ())
    if choice is None:
        raise _no_voltammogram(text, "EC-Lab", list(data.dtype.names))
    values = np.array([data[data.dtype.names[c.index]] for c in choice.columns()], dtype=np.float64).T
    return _joined(text, "BioLogic EC-Lab (binary)", choice, [Table((), values)], None)


def _named(index: int, name: str) -> Column:
    """A column as EC-Lab names it, ``Ewe/V``."""
    return columns_of(name, "\t")[0] if not index else replace(columns_of(name, "\t")[0], index=index)
