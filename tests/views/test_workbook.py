"""The table of results as a workbook: every cell as it is, a drawing where there is a molecule."""

import io

import openpyxl
import pytest
from PIL import Image

from echemscreen.views.tables import workbook
from echemscreen.views.tables.table import COLUMNS
from echemscreen.views.tables.workbook import WorkbookWriter

EMPTY = dict.fromkeys(COLUMNS)


def row(**cells):
    return EMPTY | {"name": "a", "status": "ok", "canonical_smiles": "CCO"} | cells


def read(folder):
    return openpyxl.load_workbook(folder / "results.xlsx")


def test_cells_and_drawings(tmp_path):
    with WorkbookWriter(tmp_path) as writer:
        writer.write(
            row(
                name="β-Öl",
                e_red_v_she=-3.0004,
                hole_transfer_per_s=3.21e-7,
                homo_ev=float("nan"),
                leaves=True,
            )
        )
        writer.write(row(name="bad", canonical_smiles="", smiles="X!", status="failed"))
        writer.write(row(name="zinc", canonical_smiles="[Cl-].[Cl-].[Zn+2]"))
    sheet = read(tmp_path)["results"]
    titles = [cell.value for cell in sheet[1]]
    assert titles == ["structure", *COLUMNS]
    first = dict(zip(titles, (cell.value for cell in sheet[2]), strict=True))
    assert (first["name"], first["e_red_v_she"], first["hole_transfer_per_s"]) == ("β-Öl", -3.0, 3.21e-7)
    assert first["homo_ev"] is None
    assert first["leaves"] == "yes"
    assert sheet.max_row == 4
    # Drawings stand in the rows of the molecules that could be read.
    assert [image.anchor._from.row for image in sheet._images] == [1, 3]
    drawing = Image.open(io.BytesIO(sheet._images[0]._data()))
    assert drawing.size == (400, 240)
    assert len(drawing.convert("L").getcolors()) > 10
    assert sheet.row_dimensions[2].height > 80
    assert sheet.row_dimensions[3].height is None


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@x", "'x", "007", "TRUE", "#N/A", "x" * 40_000, "1\x002"]
)
def test_text_is_text(tmp_path, text):
    with WorkbookWriter(tmp_path) as writer:
        writer.write(row(name=text, smiles="\ud800"))
    cell = read(tmp_path)["results"]["B2"]
    assert cell.data_type == "s"
    assert cell.value == text.replace("\x00", " ")[:32_767]


def test_many_rows_go_on_in_another_sheet(tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS", 2)
    monkeypatch.setattr(workbook, "PICTURED_ROWS", 3)
    with WorkbookWriter(tmp_path) as writer:
        for index in range(5):
            writer.write(row(name=str(index)))
    book = read(tmp_path)
    assert book.sheetnames == ["results", "results 2", "results 3"]
    assert [sheet["B2"].value for sheet in book] == ["0", "2", "4"]
    assert [len(sheet._images) for sheet in book] == [2, 1, 0]


def test_an_interrupted_run_leaves_no_workbook(tmp_path):
    def interrupted():
        with WorkbookWriter(tmp_path) as writer:
            writer.write(row())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert list(tmp_path.iterdir()) == []
