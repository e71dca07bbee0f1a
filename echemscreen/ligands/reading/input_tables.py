"""Delimited lists and workbooks: which columns hold the molecule and its name, and one entry a row.

A stray quote is the danger of CSV: it swallows the rows behind it, and nobody misses them. A quoted cell
may span lines only where the record that comes out has the columns of the header and no line in it is a
whole row by itself; else the line with the quote is refused, and reading goes on behind it. In
tab-separated text a quote is a character of the name, unless it is one of those that a spreadsheet puts
around a cell because of what the cell holds.
"""

from __future__ import annotations

import csv
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from echemscreen.errors import InputError
from echemscreen.ligands.reading.input_lines import Line, Lines

#: Columns of names, the better first; as :func:`plain` writes them.
NAME_COLUMNS = (
    "name",
    "compound name",
    "code name",
    "molecule name",
    "ligand name",
    "iupac name",
    "common name",
    "trivial name",
    "compound",
    "ligand",
    "molecule",
    "title",
    "label",
    "code",
    "id",
    "compound id",
    "molecule id",
    "cas",
    "cas number",
    "cas no",
    "cas rn",
)
#: Words beside "SMILES" or "InChI" that leave a title a column of molecules.
_QUALIFIERS = frozenset(
    ("canonical", "isomeric", "absolute", "standard", "string", "code", "structure", "molecule", "ligand")
)
_DELIMITERS = "\t,;"
#: Lines that a quoted cell may span.
_SPAN = 50
#: Rows of a sheet among which its header is looked for: titles stand above it.
_HEADER_ROWS = 20
#: What a workbook may unpack to.
MAX_WORKBOOK_BYTES = 200_000_000
_OPEN_QUOTE = "unexpected end of data"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row of a list as it was found, before its molecule is read."""

    number: int
    """Of the line, record or row, from 1."""
    unit: str = "line"
    smiles: str = ""
    name: str = ""
    notation: str = "SMILES"
    """``SMILES`` or ``InChI``."""
    problem: str = ""
    """Why there is nothing to read, as a sentence."""
    remedy: str = ""
    kind: str = "columns"

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written there."""
        return not (self.smiles.strip() or self.name or self.problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where a table keeps what is asked for."""

    count: int
    molecule: int
    name: int | None
    notation: str


def plain(header: str) -> str:
    """A column's title without case, line breaks and underscores."""
    return " ".join(re.sub(r"[_.\s]+", " ", header).split()).lower()


def name_column(titles: Sequence[str]) -> int | None:
    """Which of the titles is the name's; ``None`` if none is."""
    known = [plain(title) for title in titles]
    return next((known.index(name) for name in NAME_COLUMNS if name in known), None)


def columns_of(titles: Sequence[str], label: str) -> Columns | None:
    """The columns of a header, or ``None`` if it has none with molecules.

    Raises
    ------
    InputError
        if two columns could be meant.
    """
    titles = list(titles)
    while titles and not titles[-1].strip():
        titles.pop()
    known = [plain(title) for title in titles]
    for notation in ("smiles", "inchi"):
        found = [at for at, title in enumerate(known) if title == notation]
        found = found or [
            at for at, title in enumerate(known) if {*re.findall(r"\w+", title)} - _QUALIFIERS == {notation}
        ]
        if len(found) > 1:
            raise InputError(
                f"{label} has {len(found)} columns of {notation}: {', '.join(titles[at] for at in found)}.",
                f"Name the one that is to be read '{notation}', and the others differently.",
            )
        if found:
            return Columns(
                count=len(titles),
                molecule=found[0],
                name=name_column(titles),
                notation="SMILES" if notation == "smiles" else "InChI",
            )
    return None


# --- delimited text -----------------------------------------------------------------------


def table_header(lines: Lines, label: str) -> tuple[Columns | None, str, list[str]]:
    """The columns of a text that may be a table, its delimiter, and its titles; nothing is used up.

    A first line ``sep=;``, which spreadsheets write, names the delimiter and is left out.
    """
    first = lines.first()
    if first is None:
        return None, ",", []
    named = re.fullmatch(r'"?sep=(.)"?[,;\t]*\s*', first.text, flags=re.IGNORECASE)
    if named:
        next(lines)
        first = lines.first()
        if first is None:
            return None, ",", []
    taken, text = _whole_quotes(lines)
    lines.give_back(*taken)
    guess = next((mark for mark in _DELIMITERS if mark in text), ",")
    titles: list[str] = []
    for delimiter in (named.group(1),) if named else (guess, *_DELIMITERS):
        cells = _cells(text, delimiter)
        titles = titles or cells
        columns = columns_of(cells, label)
        # A text with blanks that a wrong delimiter leaves in one piece is no title.
        if columns is not None and (columns.count > 1 or plain(cells[0]) in {"smiles", "inchi"}):
            return columns, delimiter, cells
    return None, guess, titles


def skip_header(lines: Lines) -> None:
    """Leave out the lines of the header."""
    _whole_quotes(lines)


def _whole_quotes(lines: Lines) -> tuple[list[Line], str]:
    """Lines until every quote is closed, and their text; the first one alone if none closes it."""
    taken: list[Line] = []
    for line in lines:
        taken.append(line)
        text = "\n".join(part.text for part in taken)
        if text.count('"') % 2 == 0:
            return taken, text
        if len(taken) == _SPAN:
            break
    lines.give_back(*taken[1:])
    return taken[:1], taken[0].text if taken else ""


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return text.split(delimiter)


def table_entries(lines: Lines, columns: Columns, delimiter: str) -> Iterator[Entry]:
    """The rows behind the header."""
    for line in lines:
        cells: list[str] = []
        problem, remedy, kind = line.problem, "Save the file as UTF-8 text.", "text"
        if not problem:
            remedy, kind = "Double a quote that belongs to the text, or remove it.", "columns"
            cells, problem = _record(line, lines, columns, delimiter)
        if not problem:
            yield entry_of(cells, columns, line.number, "line")
            continue
        bare = line.text.split(delimiter)
        shown = bare[columns.molecule].strip() if len(bare) > columns.molecule else ""
        yield Entry(number=line.number, smiles=shown, problem=problem, remedy=remedy, kind=kind)


def entry_of(cells: Sequence[str], columns: Columns, number: int, unit: str) -> Entry:
    """One row of cells; more cells than columns are refused, unless they are blank."""
    cells = list(cells)
    while len(cells) > columns.count and not cells[-1].strip():
        cells.pop()
    if len(cells) > columns.count:
        return Entry(
            number=number,
            unit=unit,
            smiles=cells[columns.molecule],
            problem=f"The row has {len(cells)} cells under {columns.count} columns.",
            remedy="Correct the row; quote cells that hold the delimiter.",
        )
    cells += [""] * (columns.count - len(cells))
    return Entry(
        number=number,
        unit=unit,
        smiles=cells[columns.molecule],
        name=" ".join(cells[columns.name].split()) if columns.name is not None else "",
        notation=columns.notation,
        # A row with something in another column is no blank line.
        problem=""
        if cells[columns.molecule].strip() or not any(cell.strip() for cell in cells)
        else f"The {columns.notation} is empty.",
        remedy=f"Write its {columns.notation} or delete the row.",
        kind="empty",
    )


def _record(line: Line, lines: Lines, columns: Columns, delimiter: str) -> tuple[list[str], str]:
    """The cells of a record that begins with this line, or what is wrong with it."""
    text = line.text
    if '"' not in text:
        return text.split(delimiter), ""
    if delimiter == "\t" and len(bare := text.split(delimiter)) == columns.count:
        return [_unquoted(cell) for cell in bare], ""
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True)), ""
    except csv.Error as error:
        if str(error) != _OPEN_QUOTE:
            return [], f"The row is not CSV: {error}."
    return _joined_record(line, lines, columns, delimiter)


def _joined_record(line: Line, lines: Lines, columns: Columns, delimiter: str) -> tuple[list[str], str]:
    """The cells of a record whose quoted cell goes on in later lines; they are given back if none does."""
    text = line.text
    taken: list[Line] = []
    cells: list[str] = []
    for following in lines:
        taken.append(following)
        text += "\n" + following.text
        if following.problem or len(taken) == _SPAN:
            break
        if '"' not in following.text:
            continue
        try:
            cells = next(csv.reader([text], delimiter=delimiter, strict=True))
        except csv.Error as error:
            if str(error) == _OPEN_QUOTE:
                continue
        break
    if cells and len(cells) == columns.count and not _hides_rows(line, taken, columns, delimiter):
        return cells, ""
    lines.give_back(*taken)
    return [], "A quote opens a cell that no quote closes."


def _hides_rows(line: Line, others: Sequence[Line], columns: Columns, delimiter: str) -> bool:
    """Whether lines that a quote has joined are rows by themselves."""
    n_cells = [len(other.text.split(delimiter)) for other in (line, *others)]
    inner = n_cells[1:-1]
    return columns.count in inner or all(count >= columns.count for count in (n_cells[0], n_cells[-1]))


def _unquoted(cell: str) -> str:
    """A cell without the quotes that a spreadsheet puts around commas, semicolons and quotes."""
    inner = cell[1:-1]
    is_quoted = cell.startswith('"') and cell.endswith('"') and cell != '"'
    if not is_quoted or '"' in inner.replace('""', ""):
        return cell
    return inner.replace('""', '"') if '""' in inner or "," in inner or ";" in inner else cell


# --- workbooks ----------------------------------------------------------------------------


def workbook_entries(path: Path) -> Iterator[Entry]:
    """The rows of every sheet that has a column of SMILES or InChI, sheet by sheet.

    Raises
    ------
    InputError
        if it is no workbook, unpacks to too much, or no sheet has such a column.
    """
    # Reading a workbook is a library of its own, which no other input needs.
    from openpyxl import load_workbook  # noqa: PLC0415

    label = f"'{path}'"
    unreadable = InputError(
        f"{label} cannot be read as an Excel workbook.", "Open it in Excel and save it as .xlsx or .csv."
    )
    try:
        with zipfile.ZipFile(path) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
        if unpacked > MAX_WORKBOOK_BYTES:
            raise InputError(
                f"{label} unpacks to more than {MAX_WORKBOOK_BYTES // 10**6} MB.", "Save the sheet as .csv."
            )
        with warnings.catch_warnings():
            # Of what a workbook may hold besides cells: validations, styles.
            warnings.simplefilter("ignore")
            with closing(load_workbook(path, read_only=True, data_only=True)) as book:
                found = False
                for sheet in book.worksheets:
                    columns, header = _sheet_columns(sheet.iter_rows(values_only=True), label)
                    if columns is None:
                        continue
                    found = True
                    unit = "row" if len(book.worksheets) == 1 else f"sheet '{sheet.title}', row"
                    rows = sheet.iter_rows(min_row=header + 1, values_only=True)
                    for number, row in enumerate(rows, start=header + 1):
                        yield entry_of([_shown(value) for value in row], columns, number, unit)
    except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError, EOFError) as error:
        # A file that is no workbook, or one with broken parts.
        raise unreadable from error
    if not found:
        raise InputError(
            f"{label} has no column 'smiles' in any sheet.", "Name the column of the SMILES 'smiles'."
        )


def _sheet_columns(rows: Iterator[tuple[Any, ...]], label: str) -> tuple[Columns | None, int]:
    """The columns of a sheet, and the number of the row that names them."""
    for number, row in enumerate(rows, start=1):
        columns = columns_of([_shown(value) for value in row], label)
        if columns is not None:
            return columns, number
        if number == _HEADER_ROWS:
            break
    return None, 0


def _shown(value: object) -> str:
    """A cell as the sheet shows it: a whole number without decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
