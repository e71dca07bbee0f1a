"""The table of results as a workbook: the columns of ``results.csv`` beside a drawing of each structure.

Numbers are numbers, rounded as in the CSV file; text is text, whatever it begins with, so that no cell
needs a guard.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from rdkit import rdBase
from rdkit.Chem.Draw import rdMolDraw2D

from echemscreen.files import written_whole
from echemscreen.quantities import tabled
from echemscreen.views.structure import drawable
from echemscreen.views.tables.columns import OutputColumn, table_of
from echemscreen.views.tables.table import text_of

#: Rows with a drawing: a workbook with more of them opens slowly, and each takes some ten kilobytes.
PICTURED_ROWS = 2_000
#: Rows of one sheet; Excel takes 1,048,576 with the header.
SHEET_ROWS = 1_000_000
#: What Excel takes in one cell.
_MOST_CHARACTERS = 32_767
#: A drawing in pixels, and the cell around it in Excel's units (points; characters).
_WIDTH, _HEIGHT = 200, 120
_ROW_POINTS, _PICTURE_CHARACTERS, _COLUMN_CHARACTERS = 92.0, 29.0, 16.0


class WorkbookWriter:
    """Collects rows into ``DIR/results.xlsx``; the file appears whole when the run has ended."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "results.xlsx"
        self._table = table_of("results.csv")
        self._n_rows = 0

    def __enter__(self) -> Self:
        # Rows go to a temporary file of the library at once; only the drawings are held.
        self._book = Workbook(write_only=True)
        self._new_sheet()
        return self

    def write(self, row: Mapping[str, object]) -> None:
        """Take one row, with its drawing if there is a molecule."""
        if self._n_rows and self._n_rows % SHEET_ROWS == 0:
            self._new_sheet()
        at = self._n_rows % SHEET_ROWS + 2
        picture = _drawing(str(row["canonical_smiles"] or "")) if self._n_rows < PICTURED_ROWS else None
        if picture is not None:
            # The height has to be known before the row is written.
            self._sheet.row_dimensions[at].height = _ROW_POINTS
            self._sheet.add_image(picture, f"A{at}")
        self._sheet.append([None, *(self._cell(column, row[name]) for name, column in self._table.items())])
        self._n_rows += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            with written_whole(self._file, "The workbook") as place:
                self._book.save(place)
            return
        for sheet in self._book.worksheets:
            # Ends its temporary file, which saving would have done.
            sheet.close()

    def _new_sheet(self) -> None:
        number = len(self._book.worksheets) + 1
        self._sheet: Any = self._book.create_sheet("results" if number == 1 else f"results {number}")
        self._sheet.freeze_panes = "C2"
        for at in range(len(self._table) + 1):
            letter = get_column_letter(at + 1)
            self._sheet.column_dimensions[letter].width = _COLUMN_CHARACTERS if at else _PICTURE_CHARACTERS
        header = [WriteOnlyCell(self._sheet, value=title) for title in ("structure", *self._table)]
        for cell in header:
            cell.font = Font(bold=True)
        self._sheet.append(header)

    def _cell(self, column: OutputColumn, value: object) -> Cell:
        cell = WriteOnlyCell(self._sheet)
        cell.alignment = Alignment(vertical="top")
        if value is None:
            return cell
        if column.is_number:
            number = float(str(value))
            if math.isfinite(number):
                cell.value = number if column.kind == "rate" else tabled(number)
            return cell
        # A lone surrogate, which no file can hold, becomes a question mark.
        text = text_of(value).encode("utf-8", "replace").decode()
        cell.value = ILLEGAL_CHARACTERS_RE.sub(" ", text)[:_MOST_CHARACTERS]
        # Text that begins with "=" is no formula.
        cell.data_type = "s"
        return cell


def _drawing(smiles: str) -> Image | None:
    """A drawing of a canonical SMILES; nothing where there is none."""
    mol = drawable(smiles)
    if mol is None:
        return None
    with rdBase.BlockLogs():
        drawer = rdMolDraw2D.MolDraw2DCairo(2 * _WIDTH, 2 * _HEIGHT)
        rdMolDraw2D.PrepareAndDrawMolecule(drawer, mol)
        drawer.FinishDrawing()
    image = Image(io.BytesIO(drawer.GetDrawingText()))
    # Drawn at twice its size, so that it stays sharp when printed.
    image.width, image.height = _WIDTH, _HEIGHT
    return image
