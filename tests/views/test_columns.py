"""One table of columns: whatever is written or shown is a row of it, and every way to a value exists."""

import csv
import typing
from dataclasses import is_dataclass

import pytest
from test_table import assessment, failure

from echemscreen.crosslinkers.rank import RankedRow
from echemscreen.errors import TableError
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure
from echemscreen.views.tables import columns
from echemscreen.views.tables.columns import AS_SCREENED, names_of, table_of, values_of
from echemscreen.views.tables.table import write_table


def hints(owner):
    """Name and type of every field and property."""
    found = typing.get_type_hints(owner)
    for name in dir(owner):
        item = getattr(owner, name)
        if isinstance(item, property):
            found[name] = typing.get_type_hints(item.fget)["return"]
    return found


def end_of(owner, path):
    """The type to which attributes lead, ``None`` left out of every step."""
    for name in path.split("."):
        kinds = hints(owner)[name]
        parts = [kind for kind in typing.get_args(kinds) if kind is not type(None)]
        # Of a molecule or its failure, either tells the same.
        is_record = all(map(is_dataclass, parts)) or len(parts) == 1
        owner = parts[0] if parts and is_record and typing.get_origin(kinds) is not tuple else kinds
    return owner


@pytest.mark.parametrize(
    ("file", "result"), [("results.csv", Assessment), ("sweep", Assessment), ("ranking.csv", RankedRow)]
)
def test_every_way_to_a_value_exists_and_ends_at_its_kind(file, result):
    seen = 0
    for row in table_of(file).values():
        for owner, path in ((result, row.value), (Failure, row.failed)):
            if path:
                seen += 1
                assert (end_of(owner, path) in {int, float, float | None}) == row.is_number, row
    assert seen > 20


def test_every_column_of_the_results_has_a_way():
    assert {name for name, row in table_of("results.csv").items() if not row.value} == {"error", "remedy"}


def test_a_column_is_one_row(tmp_path, monkeypatch):
    source = columns.Path(columns.__file__).with_name("columns.csv")
    text = source.read_text(encoding="utf-8")
    line = (
        "results.csv,n_heavy,number,,form.molecule.n_heavy,,list notebook,13,heavy,9,heavy atoms,Its size.\n"
    )
    more = tmp_path / "columns.csv"
    more.write_text(text + line, encoding="utf-8")
    monkeypatch.setattr(columns, "__file__", str(more.with_suffix(".py")))
    cached = (table_of, names_of, columns.numbers_of, columns._paths)
    for each in cached:
        each.cache_clear()
    try:
        assert values_of("results.csv", assessment())["n_heavy"] == 0
        assert values_of("results.csv", failure())["n_heavy"] is None
        assert names_of("results.csv")[-1] == "n_heavy"
        assert "n_heavy" in names_of("results.csv", "list")
        write_table(tmp_path / "results.csv", [values_of("results.csv", assessment())])
        with (tmp_path / "results.csv").open(encoding="utf-8-sig", newline="") as handle:
            assert next(csv.DictReader(handle))["n_heavy"] == "0"
    finally:
        monkeypatch.undo()
        for each in cached:
            each.cache_clear()


def test_what_a_ledger_takes_from_a_screen_is_there():
    taken = {name: row for name, row in table_of("ledger.csv").items() if row.value}
    assert {row.value for row in taken.values()} == {AS_SCREENED}
    for name, row in taken.items():
        assert (row.kind, row.unit) == (
            table_of("results.csv")[name].kind,
            table_of("results.csv")[name].unit,
        )


def test_a_value_without_a_column_is_an_error(tmp_path):
    row = values_of("results.csv", assessment())
    with pytest.raises(TableError, match="differ in new"):
        write_table(tmp_path / "results.csv", [row | {"new": 1}])
    assert not list(tmp_path.iterdir())
    with pytest.raises(TableError, match=r"no file 'other\.csv'"):
        table_of("other.csv")
