"""A user's list, whatever it is written in, as rows in its order.

A row that cannot be screened becomes a ``Failure`` in its place that says where it stands; only a file
that cannot be used at all raises. Nothing is held that grows with the file.
"""

from __future__ import annotations

import csv
import gzip
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from echemscreen.errors import InputError, StructureError
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.input_lines import SAMPLE_BYTES, Bytes, Lines, is_text
from echemscreen.ligands.reading.input_tables import (
    Entry,
    plain,
    skip_header,
    table_entries,
    table_header,
    workbook_entries,
)
from echemscreen.ligands.reading.structure_files import (
    MAX_DRAWING,
    cdxml_entries,
    inchi_entries,
    mol2_entries,
    sdf_entries,
    smiles_of_inchi,
)
from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import Failure, InputRow

#: Text that is read line by line.
TEXT_FORMATS = (".smi", ".smiles", ".csv", ".tsv", ".sdf", ".mol", ".mol2", ".cdxml", ".inchi")
FORMATS = (*TEXT_FORMATS, ".xlsx")
#: What people have instead, and what to do with it.
_INSTEAD = {
    ".xls": "Save it in Excel as .xlsx or .csv.",
    ".ods": "Save it as .xlsx or .csv.",
    ".cdx": "Save it in ChemDraw as .cdxml.",
    ".txt": "Name it .smi if it holds one SMILES on each line, or .csv if it has columns.",
}
#: A SMILES, in whose brackets a comma would be that of a pattern; then what separates it from a name.
_SMI_LINE = re.compile(r"\s*((?:\[[^\]\s]*\]|[^\s,;])+)(\s|,|;|$)(.*)", flags=re.DOTALL)
_UNSEPARATED = (
    "Write the SMILES first, then a blank and the name, or name the columns in a first line: smiles,name."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadRow:
    """A row of a list as it was found: what it holds may be read by a worker, with :func:`read_row`."""

    index: int
    entry: Entry

    @property
    def location(self) -> str:
        """Such as ``line 12`` of the file."""
        unit = self.entry.unit
        return f"{unit} {self.entry.number}" + (")" if "(" in unit else "")


#: A row of a list, its molecule read or not.
Row = InputRow | UnreadRow


def read_input(source: str) -> Iterator[InputRow]:
    """Read molecules row by row; see :func:`unread_rows`, of whose rows these are the molecules."""
    return map(read_row, unread_rows(source))


def unread_rows(source: str) -> Iterator[UnreadRow]:
    """The rows of a list, none of their molecules read; the file is never held as a whole.

    Parameters
    ----------
    source
        A ``.smi`` (SMILES, blank or comma, name), ``.csv`` or ``.tsv`` (a column ``smiles`` or ``inchi``,
        an optional name), ``.sdf``, ``.mol``, ``.mol2``, ``.cdxml`` or ``.inchi`` file, each also with
        ``.gz``, or an ``.xlsx``; ``-`` is standard input, read as .smi or, if its first line names a
        column ``smiles``, as CSV.

    Returns
    -------
    Iterator[UnreadRow]
        In input order. Rows of the same name stay both: a name is a label, not an identity. Several
        neutral molecules in one row are a system, judged by its worst member.

    Raises
    ------
    InputError
        at once, if the file is missing, a directory, binary, empty, of an unknown format, or a
        table without a column of molecules.
    """
    rows = (UnreadRow(index=at, entry=entry) for at, entry in enumerate(_in_place(_entries(source))))
    first = next(rows, None)
    if first is None:
        raise InputError(f"{_label(source)} holds no molecule.", "Give one SMILES on each line.")
    return chain([first], rows)


def count_rows(source: str) -> int:
    """How many rows a list has."""
    return sum(1 for _ in _in_place(_entries(source)))


def _label(source: str) -> str:
    return "Standard input" if source == "-" else f"'{source}'"


# --- which reader -------------------------------------------------------------------------


def _entries(source: str) -> Iterator[Entry]:
    if source == "-":
        # A test, or a notebook, may have put text in the place of the byte stream.
        buffer = getattr(sys.stdin, "buffer", None)
        yield from _text_entries(buffer or _Encoded(sys.stdin), source, "")
        return
    path = Path(source)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    zipped = bool(suffixes) and suffixes[-1] == ".gz"
    suffix = ((suffixes[:-1] if zipped else suffixes)[-1:] or [""])[0]
    try:
        if path.is_dir():
            raise InputError(f"'{source}' is a directory.", "Name a file of molecules in it.")
        if not path.is_file():
            raise InputError(f"There is no file '{source}'.", "Check the path.")
        if suffix not in FORMATS or (zipped and suffix not in TEXT_FORMATS):
            known = f"Known: {', '.join(TEXT_FORMATS)}, each also with .gz, and .xlsx."
            raise InputError(f"'{source}' has an unknown format.", _INSTEAD.get(suffix, known))
        if suffix == ".xlsx":
            yield from workbook_entries(path)
            return
        opener = gzip.open if zipped else open
        with opener(path, "rb") as probe:
            if not is_text(probe.read(SAMPLE_BYTES)):
                raise InputError(
                    f"'{source}' is not a text file.",
                    "Give a text in UTF-8 of the format that its name says.",
                )
        with opener(path, "rb") as handle:
            yield from _text_entries(handle, source, suffix)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        # A damaged gzip raises OSError, EOFError or zlib.error; a NUL in the path ValueError.
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"'{source}' cannot be read: {reason}.", "Check the file.") from error


class _Encoded:
    """A text stream as bytes."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._rest = b""

    def read(self, size: int) -> bytes:
        if not self._rest:
            self._rest = self._stream.read(size).encode("utf-8", "replace")
        found, self._rest = self._rest[:size], self._rest[size:]
        return found


def _text_entries(handle: Bytes, source: str, suffix: str) -> Iterator[Entry]:
    lines = Lines(handle)
    stem = "" if source == "-" else Path(source).name.split(".")[0]
    if suffix in {".sdf", ".mol"}:
        return sdf_entries(lines, stem if suffix == ".mol" else "")
    if suffix == ".mol2":
        return mol2_entries(lines)
    if suffix == ".cdxml":
        return cdxml_entries(_whole_text(lines, source), stem, _label(source))
    if suffix == ".inchi":
        return inchi_entries(lines)
    return _list_entries(lines, source, is_table=suffix in {".csv", ".tsv"})


def _whole_text(lines: Lines, source: str) -> str:
    parts: list[str] = []
    size = 0
    for line in lines:
        size += len(line.text) + 1
        if line.problem or size > MAX_DRAWING:
            reason = line.problem or f"It is longer than {MAX_DRAWING // 10**6} MB."
            raise InputError(f"{_label(source)} cannot be read: {reason}", "Save it anew from its program.")
        parts.append(line.text)
    return "\n".join(parts)


def _list_entries(lines: Lines, source: str, *, is_table: bool) -> Iterator[Entry]:
    columns, delimiter, titles = table_header(lines, _label(source))
    if columns is None and is_table:
        if not titles:
            return
        raise InputError(
            f"{_label(source)} has no column 'smiles'; its columns are "
            f"{', '.join(title.strip().lower() for title in titles)}.",
            "Name the column of the SMILES 'smiles'.",
        )
    # A header of a .smi, SMILES and a name, may stand above lines that blanks separate.
    is_plain = columns is None or (
        not is_table and columns.molecule == 0 and delimiter == "\t" and columns.count <= 2  # noqa: PLR2004 - a SMILES and a name
    )
    if columns is None or is_plain:
        yield from _smi_entries(lines)
        return
    skip_header(lines)
    yield from table_entries(lines, columns, delimiter)


def _smi_entries(lines: Lines) -> Iterator[Entry]:
    first = lines.first()
    if first is not None and plain(first.text.split()[0] if first.text.split() else "") == "smiles":
        next(lines)
    for line in lines:
        found = _SMI_LINE.fullmatch(line.text)
        if line.problem:
            yield Entry(
                number=line.number,
                smiles=found.group(1) if found else "",
                problem=line.problem,
                remedy="Save the file as UTF-8 text.",
                kind="text",
            )
            continue
        if found is None:
            # Blank, or a separator without a SMILES before it.
            yield Entry(number=line.number, smiles=line.text.strip())
            continue
        smiles, mark, name = found.groups()
        name = name.strip()
        if mark.isspace() and name.startswith("|"):
            # A CXSMILES block belongs to the SMILES.
            block, bar, name = name[1:].partition("|")
            smiles, name = f"{smiles} |{block}{bar}", name.strip()
        elif mark in {",", ";"} and name.startswith('"'):
            name = next(csv.reader([name], delimiter=mark))[0]
        yield Entry(
            number=line.number, smiles=smiles, name=name, remedy=_UNSEPARATED if mark in {",", ";"} else ""
        )


# --- rows ---------------------------------------------------------------------------------


def _in_place(entries: Iterator[Entry]) -> Iterator[Entry]:
    """The entries, blank ones only where something follows them."""
    blank: Entry | None = None
    until = 0
    for entry in entries:
        if entry.is_blank:
            if blank is None or entry.unit != blank.unit:
                blank = entry
            until = entry.number
            continue
        if blank is not None:
            for number in range(blank.number, until + 1):
                yield Entry(number=number, unit=blank.unit)
            blank = None
        yield entry


def read_row(row: Row) -> InputRow:
    """The row with its molecule, or why it has none; a row that is read already stays as it is."""
    if isinstance(row, InputRow):
        return row
    index, location, entry = row.index, row.location, row.entry
    name = entry.name.strip()
    try:
        found = _molecule(entry, name)
    except StructureError as error:
        remedy = entry.remedy if entry.remedy and error.kind == "unparsable" else error.remedy
        failure = Failure(
            name=name or f"row {index + 1}",
            smiles=entry.smiles.strip(),
            stage="parse",
            kind=error.kind,
            message=f"{location}: {error.message}",
            remedy=remedy,
        )
        return InputRow(index=index, location=location, entry=failure)
    return InputRow(index=index, location=location, entry=found)


def _molecule(entry: Entry, name: str) -> Molecule:
    if entry.problem:
        raise StructureError(entry.problem, entry.remedy, entry.kind)
    smiles = smiles_of_inchi(entry.smiles) if entry.notation == "InChI" and entry.smiles else entry.smiles
    return parse_smiles(smiles, name, allow_system=True)
