"""The table reader: typed rows, and errors that name file, line and column."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.main import get_command

from echemscreen import reference_tables
from echemscreen.cli import app
from echemscreen.errors import TableError
from echemscreen.records.processes import Process
from echemscreen.reference_tables import (
    FOLDERS,
    Work,
    cell_of,
    cited,
    read_file,
    read_rows,
    table_path,
    works,
)


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


@dataclass(frozen=True, kw_only=True)
class Half:
    process: Process


def test_a_word_of_a_fixed_list_is_read_as_that_word_or_refused(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("process\noxidation\n", encoding="utf-8")
    assert read_file(path, Half)[0].process is Process.OXIDATION
    path.write_text("process\noxidation\neating\n", encoding="utf-8")
    with pytest.raises(TableError, match="line 3, column process: 'eating' is none of its words") as caught:
        read_file(path, Half)
    assert caught.value.remedy == "Write reduction or oxidation."


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


# --- citations ----------------------------------------------------------------------------

KINDS = {"article", "book", "thesis", "patent", "database", "code", "page", "none"}
#: Articles whose DOI nobody has seen yet: look one up and lower it; a new row brings its own.
ARTICLES_WITHOUT_DOI = 225


def citations():
    """Every citation of the shipped tables, with its place."""
    for folder in FOLDERS:
        for path in sorted(
            table_path("ligand_library", "citations.csv").parents[1].joinpath(folder).glob("*.csv")
        ):
            with path.open(newline="", encoding="utf-8-sig") as handle:
                for line, record in enumerate(csv.DictReader(handle), start=2):
                    for name, cell in record.items():
                        if name.endswith("citation") and cell:
                            yield f"{path.name}, line {line}", cell


def test_every_key_exists_and_every_work_is_cited():
    unused = set(works())
    for where, cell in citations():
        try:
            assert cited(cell), where
        except KeyError as error:
            pytest.fail(f"{where}: {error}")
        if not cell.startswith(("computed by ", "fitted by ")):
            for part in cell.split("; "):
                found = reference_tables._CITED.fullmatch(part)
                unused -= {found["key"], found["seen"]}
    assert unused == set()


def test_what_was_computed_names_a_command_that_exists():
    root, commands = Path(__file__).parents[1], get_command(app).commands
    for where, cell in citations():
        if cell.startswith(("computed by ", "fitted by ")):
            words = cell.split()[2:]
            known = words[1] in commands if words[0] == "echemscreen" else (root / words[0]).is_file()
            assert known, f"{where}: {cell}"


def test_a_work_is_spelled_once():
    dois = [work.doi.lower() for work in works().values() if work.doi]
    assert len(dois) == len(set(dois))
    places = {}
    for work in works().values():
        words = re.sub(r"[^a-z0-9]+", " ", str(work).lower()).strip()
        assert places.setdefault(words, work.key) == work.key
        # Journal, volume and page, such as 'Nat. Commun. 11, 937': one work, however its authors are written.
        for place in re.findall(r"([A-Z][\w.]*(?: [A-Z][\w.]*)* \d+, [A-Z]?\d+) \(\d{4}\)", work.reference):
            # What stands in a database, a program or another paper is not that work.
            if work.kind == "article" and " after " not in work.reference:
                assert places.setdefault(place, work.key) == work.key, place


def test_a_doi_is_a_doi_and_stands_in_its_column():
    for work in works().values():
        assert re.fullmatch(r"10\.\d{4,9}/[^\s,;]+[^\s,;.:]", work.doi) or not work.doi, work.key
        assert "10.1" not in work.reference, work.key
        assert "doi" not in work.reference.lower(), work.key
        assert work.kind in KINDS, work.key
    without = [work.key for work in works().values() if work.kind == "article" and not work.doi]
    assert len(without) <= ARTICLES_WITHOUT_DOI


@pytest.fixture
def three_works(monkeypatch):
    made = [Work("a2020", "A. A, J. A 1, 2 (2020)", "10.1/a", "article"), Work("b-db", "B", "", "database")]
    monkeypatch.setattr(reference_tables, "works", lambda: {work.key: work for work in made})
    cited.cache_clear()
    yield
    cited.cache_clear()


@pytest.mark.usefixtures("three_works")
@pytest.mark.parametrize(
    ("cell", "full"),
    [
        ("a2020", "A. A, J. A 1, 2 (2020), 10.1/a"),
        ("b-db; yield: a2020", "B; yield: A. A, J. A 1, 2 (2020), 10.1/a"),
        ("a2020 in b-db, ref. 3", "A. A, J. A 1, 2 (2020), 10.1/a, as cited by B, ref. 3"),
        ("b-db, Table 2 (gap), checked", "B, Table 2 (gap), checked"),
        ("computed by workflows/x.py --describe", "computed by workflows/x.py --describe"),
    ],
)
def test_a_citation_in_full_and_back(cell, full):
    assert cited(cell) == full
    assert cell_of(full) == cell


@pytest.mark.usefixtures("three_works")
@pytest.mark.parametrize(
    "cell", ["c1999", "A. A, J. A 1, 2 (2020)", "a2020 in c1999", "a2020;b-db", "a2020; "]
)
def test_what_is_no_key_is_refused(cell):
    with pytest.raises(KeyError):
        cited(cell)


def test_a_shipped_table_with_a_citation_that_is_no_key_says_where(monkeypatch, tmp_path):
    (tmp_path / "rows.csv").write_text(HEADER + 'dot,3,,2,yes,"Somebody, 2020"\n', encoding="utf-8")
    monkeypatch.setattr(reference_tables, "_shipped_folders", lambda: {tmp_path})
    with pytest.raises(
        TableError, match=r"rows\.csv, line 2, column citation: 'Somebody, 2020' is no key of"
    ):
        read_file(tmp_path / "rows.csv", Row)


def test_a_quality_outside_the_vocabulary_is_refused(monkeypatch, tmp_path):
    @dataclass(frozen=True)
    class Read:
        value: float
        quality: str

    monkeypatch.setattr(reference_tables, "_shipped_folders", lambda: {tmp_path})
    (tmp_path / "rows.csv").write_text("value,quality\n1.0,verified\n2.0,good\n", encoding="utf-8")
    with pytest.raises(
        TableError, match=r"rows\.csv, line 3, column quality: 'good' is none\. Write one of verified"
    ):
        read_file(tmp_path / "rows.csv", Read)
