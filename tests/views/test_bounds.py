"""A one-sided bound is printed as one wherever its number is: of ions with measured couples, not computed."""

import io
import json
import re

import openpyxl
import pytest
from rich.console import Console

import echemscreen as es
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.views.alignment.diagram import layout
from echemscreen.views.alignment.interactive import as_json
from echemscreen.views.notebook import screen_html
from echemscreen.views.sweep.sweep_figure import svg_of_sweep
from echemscreen.views.sweep.sweep_table import print_sweep, write_sweep
from echemscreen.views.tables import cells, parquet
from echemscreen.views.tables.table import (
    ResultsWriter,
    json_line,
    print_summary,
    read_table,
    records_of,
    row_of,
    stream_results,
)
from echemscreen.views.tables.workbook import WorkbookWriter

#: SMILES, and the sides of E_red and E_ox.
IONS = {
    "chloride": ("[Cl-]", "at most", ""),
    "sulfide": ("[S-2]", "at most", ""),
    "nitrate": ("[O-][N+](=O)[O-]", "", "at least"),
    "phosphate": ("[O-]P(=O)([O-])[O-]", "at most", "at least"),
    "molybdate": ("[O-][Mo](=O)(=O)[O-]", "at most", "at least"),
    "tetrafluoroborate's neighbour, perchlorate": ("[O-]Cl(=O)(=O)=O", "at most", "at least"),
}


@pytest.fixture(scope="module")
def assessed():
    return {name: es.assess(smiles, qd="pu2020-red", name=name) for name, (smiles, _, _) in IONS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, assessed):
    folder = tmp_path_factory.mktemp("bounds")
    writers = (ResultsWriter(folder), WorkbookWriter(folder), parquet.ParquetWriter(folder))
    for writer in writers:
        with writer as opened:
            for result in assessed.values():
                opened.write(row_of(result))
    content = {"qd": describe(quantum_dot("pu2020-red"))}
    (folder / "run.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def sides(name):
    _, red, ox = IONS[name]
    return {
        "e_red_bound": red,
        "e_ox_bound": ox,
        "oxidation_drive_bound": "at most" if ox else "",
        "reduction_drive_bound": red,
        "p_reduction_bound": red,
        "p_oxidation_bound": "at most" if ox else "",
    }


def test_every_table_has_the_side_in_a_column_of_its_own(folder):
    tables = {
        "csv": records_of(read_table(folder / "results.csv")),
        "json": [json.loads(json_line(row)) for row in stream_results(folder / "results.csv")],
        "parquet": parquet.parquet.read_table(folder / "results.parquet").to_pylist(),
    }
    sheet = openpyxl.load_workbook(folder / "results.xlsx")["results"]
    titles, *rows = ([cell.value for cell in line] for line in sheet.iter_rows())
    tables["xlsx"] = [dict(zip(titles, row, strict=True)) for row in rows]
    for kind, rows in tables.items():
        for row in rows:
            wanted = sides(row["name"])
            assert {name: row[name] or "" for name in wanted} == wanted, (kind, row["name"])
            # The number itself is a number.
            assert isinstance(row["e_red_v_she"], float), kind


@pytest.mark.parametrize("name", IONS)
def test_sentences_and_str_have_the_side(assessed, name):
    _, red, ox = IONS[name]
    for text in (assessed[name].reason, str(assessed[name])):
        assert bool(re.search(r"E_red ≤ [-+]\d\.\d\d", text)) == bool(red), text
        assert bool(re.search(r"E_ox ≥ [-+]\d\.\d\d", text)) == bool(ox), text
        assert not re.search(r"\b(below|above) [-+]\d", text)
    if red:
        assert re.search(r"CBM.{1,40}drive( to reduction)? ≤ ", str(assessed[name]))


def test_the_terminal_and_the_notebook_show_the_side(folder):
    out = io.StringIO()
    print_summary(stream_results(folder / "results.csv"), Console(file=out, width=200))
    lines = {line[:12].strip(): line for line in out.getvalue().splitlines()}
    notebook = screen_html(folder)
    for name, (_, red, ox) in IONS.items():
        line = lines[name[:12].strip()]
        assert line.count("≥") == bool(ox), line
        # E_red, its drive, and its P unless that is 0.00; the drive and P of a bounded E_ox.
        assert ("≤" in line) == bool(red or ox), line
        row = re.search(rf"<tr><td>{re.escape(name.replace(chr(39), '&#x27;'))}.*?</tr>", notebook)[0]
        assert len(re.findall("≥", row)) == bool(ox), row
        assert len(re.findall("≤", row)) == (2 if red else 0) + (1 if ox else 0), row
    assert "a one-sided bound; the true value lies further out" in out.getvalue()


def test_a_table_without_bounds_explains_none(assessed):
    out = io.StringIO()
    row = row_of(assessed["chloride"])
    print_summary(
        [row | dict.fromkeys((name for name in row if name.endswith("_bound")), "")], Console(file=out)
    )
    assert "≤" not in out.getvalue()


def test_figures_point_with_the_bound(folder):
    # How it turns with the axis is seen in a browser: tests/browser/test_diagram_page.py.
    dot = describe(quantum_dot("pu2020-red"))
    rows = [row for row in stream_results(folder / "results.csv") if row["name"] == "phosphate"]
    (column,) = as_json(layout(rows, dot))["columns"]
    assert [level["bound"] for level in column["levels"]] == ["at most", "at least"]
    assert any("drive to reduction ≤ " in fact for fact in column["facts"])


def test_a_sweep_shows_the_side(tmp_path):
    found = es.sweep("CdSe:2-4:1/CdS:2", "[O-]P(=O)([O-])[O-]")
    content = found.describe()
    assert {(item["e_red_bound"], item["e_ox_bound"]) for item in content} == {("at most", "at least")}
    out = io.StringIO()
    print_sweep(content, found.notes(), Console(file=out, width=250))
    assert "E_red ≤ -2.50" in out.getvalue()
    assert "E_ox ≥ +1.61" in out.getvalue()
    svg = svg_of_sweep(content, inert=0.1, active=0.75)
    # Typeset: the letters of a symbol stand in spans of their own.
    texts = [
        "".join(re.findall(r">([^<\n]+)", text)) for text in re.findall(r"<text.*?</text>", svg, re.DOTALL)
    ]
    texts = [text.replace("\xa0", " ") for text in texts]
    assert any(text.startswith("Ered ≤ −2.50") for text in texts)  # noqa: RUF001 - the figure's minus
    assert any(text.startswith("Eox ≥ +1.61") for text in texts)
    write_sweep(content, tmp_path / "sweep.csv")
    header, first, *_ = (tmp_path / "sweep.csv").read_text(encoding="utf-8").splitlines()
    assert "at most" in first.split(",")[header.split(",").index("e_red_bound")]


@pytest.mark.parametrize(
    ("smiles", "couple", "bound"),
    [
        ("[Zn+2].[O-]Cl(=O)(=O)=O.[O-]Cl(=O)(=O)=O", "Zn2+/Zn", "at most"),
        ("[Zn+2].[N-]=[N+]=[N-].[N-]=[N+]=[N-]", "Zn2+/Zn", "at most"),
        ("[Cd+2].[O-][N+](=O)[O-].[O-][N+](=O)[O-]", "Cd2+/Cd", "at most"),
        ("[Zn+2].[Cl-].[Cl-]", "Zn(chloride)2/Zn", ""),
    ],
)
def test_a_couple_whose_complex_nobody_measured_is_at_most(smiles, couple, bound):
    result = es.assess(smiles, qd="pu2020-red", medium="complexed")
    row = row_of(result)
    assert (row["limiting_couple"], row["couple_drive_bound"]) == (couple, bound)
    # It is the largest drive of these rows.
    assert row["reduction_drive_ev"] == row["couple_drive_ev"]
    assert row["reduction_drive_bound"] == row["p_reduction_bound"] == bound
    assert cells.shown(row, "couple_drive_ev").startswith("≤ +" if bound else "+")
    assert f"{couple} {'≤ ' if bound else ''}-" in str(result)
