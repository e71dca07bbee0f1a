"""The table reader: typed rows, and errors that name file, line and column."""

from dataclasses import dataclass

import pytest

from echemscreen.errors import TableError
from echemscreen.reference_tables import read_file, read_rows, table_path


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    size_nm: float
    sigma_nm: float | None
    count: int
    solid: bool
    citation: str


HEADER = "name,size_nm,sigma_nm,count,solid,citation\n"


def read(tmp_path, text):
    path = tmp_path / "rows.csv"
    path.write_text(text, encoding="utf-8")
    return read_file(path, Row)


def test_typed_rows(tmp_path):
    (row,) = read(tmp_path, HEADER + "dot,3.0,,2,yes,someone\n")
    assert row == Row(name="dot", size_nm=3.0, sigma_nm=None, count=2, solid=True, citation="someone")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name,size_nm\n", "line 1: missing column sigma_nm, count, solid, citation"),
        (HEADER.strip() + ",extra\n", "line 1: unknown column extra"),
        (HEADER + "dot,three,,2,yes,x\n", "line 2, column size_nm: 'three' is not a number"),
        (HEADER + "dot,inf,,2,yes,x\n", "line 2, column size_nm: 'inf' is not finite"),
        (HEADER + "dot,,,2,yes,x\n", "line 2, column size_nm: '' is not a number"),
        (HEADER + "dot,3,,2.5,yes,x\n", "line 2, column count: '2.5' is not a whole number"),
        (HEADER + "dot,3,,2,maybe,x\n", "line 2, column solid: 'maybe' is neither yes nor no"),
        (HEADER + "dot,3,,2,yes,\n", "line 2, column citation: the row has no source"),
        (HEADER + "dot,3,,2,yes,x\ndot,3\n", "line 3: the row has another number of cells"),
        (HEADER + "dot,3,,2,yes,x,y\n", "line 2: the row has another number of cells"),
    ],
)
def test_errors_name_the_place(tmp_path, text, words):
    with pytest.raises(TableError) as caught:
        read(tmp_path, text)
    assert words in str(caught.value)
    assert "rows.csv" in str(caught.value)


def test_not_text_and_not_there(tmp_path):
    (tmp_path / "rows.csv").write_bytes(HEADER.encode() + b"\xff\xfe,1,,1,yes,x\n")
    with pytest.raises(TableError, match="UTF-8"):
        read_file(tmp_path / "rows.csv", Row)
    with pytest.raises(TableError, match="cannot be read"):
        read_file(tmp_path / "none.csv", Row)
    with pytest.raises(TableError, match="not installed"):
        read_rows("band_data", "none.csv", Row)


def test_shipped_tables_are_found():
    assert table_path("band_data", "reference_electrodes.csv").is_file()
