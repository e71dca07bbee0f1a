"""Columns of numbers under a line of names: the text that instruments and spreadsheets write.

One reader for all of them. It finds the encoding (UTF-8, UTF-16 or Latin-1), the line of names, the separator
(tab, semicolon, comma or blanks) and the decimal mark, and reads numbers up to the end of the table. A cell
that is no number is an error that names file, line and column; only the last line may be cut off, and the
table says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from echemscreen.errors import InputError
from echemscreen.records.molecules import FloatArray

#: A measurement of one sample is far smaller.
MAX_BYTES = 256 * 1024**2
#: Lines in which the names must stand.
_HEAD_LINES = 2000
_DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_UNIT = re.compile(
    r"\s*(?:/\s*(?P<slash>[^/()\[\]]+(?:/[^/()\[\]]+)?)|[(\[](?P<bracket>[^()\[\]]*)[)\]])\s*$"
)
_BLANKS = " "
#: Prefixes of units that instruments use, and both signs for micro.
_PREFIXES = {"": 1.0, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "n": 1e-9, "p": 1e-12}


@dataclass(frozen=True, slots=True)
class Column:
    """A named column; ``unit`` as written, blank where none is."""

    index: int
    name: str
    unit: str


@dataclass(frozen=True, slots=True)
class Lines:
    """The text of a file, in lines, with its name for messages."""

    path: Path
    lines: tuple[str, ...]
    notes: tuple[str, ...] = ()
    """What was left out."""

    def __getitem__(self, index: int) -> str:
        return self.lines[index]

    def __len__(self) -> int:
        return len(self.lines)

    def head(self) -> str:
        """The lines among which a header is."""
        return "\n".join(self.lines[:_HEAD_LINES])


def read_lines(path: Path) -> Lines:
    """The lines of a text file.

    Raises
    ------
    InputError
        if the file cannot be read, is empty, too large or no text.
    """
    raw = read_bytes(path)
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
        # A file may be cut inside a letter.
        raw = raw[: len(raw) // 2 * 2]
    elif b"\0" in raw:
        raise InputError(
            f"The file {path} is binary and of no known instrument.",
            "Export it as text; .mpr, .spc and JCAMP-DX are read as they are.",
        )
    else:
        encoding = "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        # EC-Lab and many spectrometers write the code page of their machine.
        text = raw.decode("latin-1")
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise InputError(f"The file {path} is empty.", "Export the measurement again.")
    if text.endswith(("\n", "\r")) or len(lines) < 2:  # noqa: PLR2004 - something to compare with
        return Lines(path, tuple(lines))
    # A last line without its end may be cut inside a number, which still reads as one: a point less is safe.
    is_short = len(lines[-1]) < len(lines[-2]) - 1
    cut = (f"line {len(lines)} breaks off and is left out",) if is_short else ()
    return Lines(path, tuple(lines[:-1]), cut)


def read_bytes(path: Path) -> bytes:
    """The content of a file.

    Raises
    ------
    InputError
        if the file cannot be read, is empty or too large.
    """
    try:
        if not path.is_file():
            raise InputError(f"There is no file {path}.", "Check the path.")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError(f"The file {path} has {size} bytes.", f"At most {MAX_BYTES} are read.")
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"The file {path} cannot be read: {error.strerror}.", "Check the path.") from error
    if not raw.strip(b"\0 \r\n\t"):
        raise InputError(f"The file {path} is empty.", "Export the measurement again.")
    return raw


def split(line: str, separator: str) -> list[str]:
    """The cells of a line, unquoted; blanks separate by any number of them."""
    cells = line.split() if separator == _BLANKS else line.split(separator)
    return [cell.strip().strip('"').strip() for cell in cells]


def separators_of(line: str) -> Iterator[str]:
    """Separators that a line may have, the likeliest first."""
    yield from (mark for mark in ("\t", ";", ",") if mark in line)
    if " " in line.strip():
        yield _BLANKS


def column_of(index: int, cell: str) -> Column:
    """A column from its heading: ``Potential/V``, ``WE(1).Current (A)``, ``E [mV vs SCE]``, ``Vf``."""
    found = _UNIT.search(cell)
    if found is None:
        return Column(index, cell.strip(), "")
    unit = found["slash"] if found["slash"] is not None else found["bracket"]
    return Column(index, cell[: found.start()].strip(), unit.strip())


def columns_of(line: str, separator: str) -> list[Column]:
    """The columns that a line names."""
    return [column_of(index, cell) for index, cell in enumerate(split(line, separator))]


def factor_of(unit: str, base: str) -> float | None:
    """What turns a unit such as ``mA`` or ``µA`` into its base (``A``); ``None`` for another quantity."""
    if not unit.endswith(base):
        return None
    return _PREFIXES.get(unit.removesuffix(base))


@dataclass(frozen=True, slots=True)
class Table:
    """Chosen columns of a file as numbers."""

    columns: tuple[Column, ...]
    values: FloatArray
    """Shape (rows, chosen columns)."""
    cut_off: str = ""
    """What was left out of a last line that breaks off."""
    next_line: int = 0
    """Index of the line behind the table."""


def read_table(
    text: Lines, first: int, separator: str, columns: Sequence[Column], *, blank_ends: bool = True
) -> Table:
    """Numbers of chosen columns from a line on, to the end of the file or of the table.

    Parameters
    ----------
    first
        Index of the first line of numbers.
    blank_ends
        Whether a line without any number ends the table; blank lines before the first number never do.

    Raises
    ------
    InputError
        naming file, line and column of a cell that is no number.
    """
    rows: list[list[float]] = []
    cut_off = ""
    index = first
    for index in range(first, len(text)):
        line = text[index]
        if not line.strip():
            if rows and blank_ends:
                break
            continue
        cells = split(line, separator)
        wanted = [cells[column.index] if column.index < len(cells) else "" for column in columns]
        numbers = [number_of(cell) for cell in wanted]
        if not any(wanted) and rows:
            # A shorter scan beside longer ones.
            break
        if any(number is None for number in numbers):
            if not _has_more(text, index, separator, columns):
                if any(number_of(cell) is not None for cell in cells):
                    cut_off = f"line {index + 1} breaks off and is left out"
                break
            if rows and not blank_ends and number_of(cells[0]) is None:
                break
            at = next(i for i, number in enumerate(numbers) if number is None)
            raise InputError(
                f"{text.path.name}, line {index + 1}, column {columns[at].name or columns[at].index + 1}: "
                f"'{wanted[at]}' is no number.",
                "Export the file again, or correct that line.",
            )
        rows.append([number for number in numbers if number is not None])
    else:
        index = len(text)
    return Table(tuple(columns), np.array(rows, dtype=np.float64).reshape(-1, len(columns)), cut_off, index)


def number_of(cell: str) -> float | None:
    """The number in a cell with a decimal point or comma; ``None`` if it is none or not finite."""
    text = cell.strip()
    if _DECIMAL_COMMA.fullmatch(text):
        text = text.replace(",", ".")
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in text else None


def _has_more(text: Lines, index: int, separator: str, columns: Sequence[Column]) -> bool:
    """Whether a line of numbers follows somewhere behind."""
    for line in text.lines[index + 1 :]:
        cells = split(line, separator) if line.strip() else []
        if cells and all(
            column.index < len(cells) and number_of(cells[column.index]) is not None for column in columns
        ):
            return True
    return False
