"""Finished rows in the store: found again as they were, and never where anything differs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

import echemscreen as es
from echemscreen.campaign import screening as campaigns
from echemscreen.campaign.outcomes.tabled import KeptRows, tabled
from echemscreen.ligands.reading.input_files import UnreadRow
from echemscreen.ligands.reading.input_tables import Entry
from echemscreen.records.rows import InputRow
from echemscreen.screening import screen as screening
from echemscreen.screening.workers.executors import Pools
from echemscreen.screening.workers.telling import OnDot
from echemscreen.store import open_store
from echemscreen.views.tables import table

ZINC_ACETATE = "CC(=O)[O-].CC(=O)[O-].[Zn+2]"
LINES = ["CCN amine", "C1CC ring", "O=C1C=CC(=O)C=C1 quinone", f"{ZINC_ACETATE} salt", "CCN amine"]
OPTIONS = {"qd": "pu2020-red", "level": "fast", "figure": False, "workers": 1}


def listed(path, lines):
    path.write_text("".join(f"{line}\n" for line in lines))
    return str(path)


def unread(smiles, name="", **other):
    return UnreadRow(index=0, entry=Entry(number=1, smiles=smiles, name=name, **other))


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    source = listed(folder / "in.smi", LINES)
    es.screen(source, out=folder / "out", parquet=True, **OPTIONS)
    return folder


class OneThread(Pools):
    """A worker whose calls are seen from here."""

    def start(self):
        """Nothing."""

    def __call__(self):
        return ThreadPoolExecutor(1)


def judged(monkeypatch):
    """Names of what a worker judges from now on."""
    names = []

    def note(plan, *arguments):
        names.append(plan.molecule.name)
        return work(plan, *arguments)

    work = screening.work
    monkeypatch.setattr(screening, "work", note)
    monkeypatch.setattr(campaigns, "workers_of", lambda asked: OneThread(1, asked.engine))
    return names


def test_lost_tables_come_back_as_they_were_and_nothing_is_judged(ran, tmp_path, monkeypatch):
    first = {name: (ran / "out" / name).read_bytes() for name in ("results.csv", "results.parquet")}
    names = judged(monkeypatch)
    options = {**OPTIONS, "store": str(ran / "out/calculations.db")}
    again = es.screen(str(ran / "in.smi"), out=tmp_path / "again", parquet=True, **options)
    assert names == []
    assert again.n_computed == 0
    assert again.failures == {"unparsable": 1}
    for name, content in first.items():
        assert (tmp_path / "again" / name).read_bytes() == content


@pytest.mark.parametrize(
    "change", [{"p_inert": 0.01}, {"qd": "CdSe:3.0/CdS:3.5"}, {"level": "standard"}, {"time_limit_s": 500.0}]
)
def test_what_depends_on_something_else_is_judged(change, ran, tmp_path, monkeypatch):
    names = judged(monkeypatch)
    options = {**OPTIONS, "store": str(ran / "out/calculations.db"), **change}
    es.screen(str(ran / "in.smi"), out=tmp_path / "other", **options)
    assert sorted(names) == ["amine", "amine", "quinone", "salt"]


def test_a_failed_row_is_read_again_and_tells_where_it_stands_now(ran, tmp_path):
    options = {**OPTIONS, "store": str(ran / "out/calculations.db")}
    moved = es.screen(listed(tmp_path / "in.smi", ["O water", *LINES]), out=tmp_path / "moved", **options)
    frame = moved.table()
    (error,) = frame[frame["name"] == "ring"]["error"]
    assert error.startswith("line 3:")
    assert moved.n_rows == len(LINES) + 1


def test_a_kept_row_is_no_calculation(ran):
    with open_store(ran / "out/calculations.db") as store:
        kinds = {row["kind"] for row in store.rows()}
        assert "ladder" in kinds
        assert "row" not in kinds
        assert len(store) == sum(1 for _ in store.rows())


def test_a_table_of_another_version_keeps_nothing(monkeypatch):
    kept = KeptRows([{"engine": "one"}]).key(unread("CCN"))
    assert kept == KeptRows([{"engine": "one"}]).key(unread("CCN"))
    assert kept != KeptRows([{"engine": "two"}]).key(unread("CCN"))
    assert kept != KeptRows([{"engine": "one"}, {"engine": "one"}]).key(unread("CCN"))
    monkeypatch.setattr("echemscreen.screening.runs.run_record._program", lambda: "other code")
    assert kept != KeptRows([{"engine": "one"}]).key(unread("CCN"))


texts = st.text(max_size=8)


@given(texts, texts, texts, texts)
def test_rows_share_a_key_only_if_they_are_written_alike(smiles, name, other, other_name):
    kept = KeptRows([{"dot": "none"}])
    keys = kept.key(unread(smiles, name)), kept.key(unread(other, other_name))
    assert (keys[0] == keys[1]) == ((smiles, name) == (other, other_name))


def test_what_cannot_be_read_and_another_notation_have_no_key_in_common():
    kept = KeptRows([{"dot": "none"}])
    assert kept.key(unread("CCN", problem="The line holds a NUL character.")) == ""
    assert kept.key(unread("CCN")) != kept.key(unread("CCN", notation="InChI"))


@pytest.mark.parametrize("smiles", ["CCN", "O=C1C=CC(=O)C=C1", ZINC_ACETATE, "SCC(=O)O"])
def test_kept_text_loses_nothing(smiles):
    result = es.assess(smiles, qd="pu2020-red", level="fast")
    row = InputRow(index=0, location="line 1", entry=result.form.molecule)
    told = tabled(row, (OnDot(results=(result,), n_computed=3), OnDot(results=(result,))), None)
    kept = KeptRows([{}])
    again = kept.told(kept.text(told))
    for old, new in zip(told, again, strict=True):
        assert new.n_computed == 0
        for one, two in zip(old.results, new.results, strict=True):
            assert (one.verdict, one.failure) == (two.verdict, two.failure)
            assert one.line == two.line == table.line_of(one.values)
            assert one.values == two.values == table.row_of(result)
