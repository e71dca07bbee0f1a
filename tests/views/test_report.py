"""The report as a file: nothing of a user's text acts, nothing leaves the page, nothing is lost."""

import base64
import gzip
import hashlib
import json
import re

import pytest
from report_folder import HOSTILE, rank_folder, result, screen_folder

import echemscreen as es
from echemscreen.errors import InputError
from echemscreen.views.report.content import read_cells
from echemscreen.views.report.drawings import inert, structure

FAILED = {"status": "failed", "verdict": None, "error": "line 3: no. Do that.", "remedy": "Do that."}


@pytest.fixture
def folder(tmp_path):
    rows = [result(name) for name in HOSTILE]
    rows += [
        result("cadmium", limiting_couple="Cd2+/Cd", couple_drive_ev=0.487),
        result("bad", "C(", **FAILED),
    ]
    return screen_folder(tmp_path / "run", rows)


def block(page, key):
    text = re.search(rf'<script type="application/octet-stream" id="{key}">([^<]*)</script>', page)[1]
    return gzip.decompress(base64.b64decode(text)).decode()


def facts(page):
    return json.loads(
        re.search(r'<script type="application/json" id="page">(.*?)</script>', page, re.DOTALL)[1]
    )


def test_every_cell_of_the_table_lies_in_the_page(folder):
    page = es.report(folder).read_text()
    cells = read_cells(folder / "results.csv")
    listed = facts(page)["listed"]
    others = [name for name in cells.columns if name not in listed]
    rows, details = json.loads(block(page, "rows"))["cells"], json.loads(block(page, "details-0"))
    for index, row in enumerate(cells.rows):
        found = dict(zip(listed, rows[index], strict=True)) | dict(zip(others, details[index], strict=True))
        assert [found[name] for name in cells.columns] == list(row)
    assert [cells.plain(index)["name"] for index in range(len(HOSTILE))] == list(HOSTILE)


def test_text_of_a_user_is_never_markup(folder):
    page = es.report(folder).read_text()
    for name in HOSTILE[:2]:
        assert name not in page
    assert "<b>ligands</b>" not in page
    assert "&lt;b&gt;ligands&lt;/b&gt;" in page
    # The page's own scripts and blocks, and no more than them.
    own = r'<script(?: type="application/[a-z-]+" id="[a-z]+(?:-\d+)?")?>'
    assert page.count("<script") == len(re.findall(own, page))


def test_the_policy_allows_the_two_scripts_and_no_host(folder):
    page = es.report(folder).read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    script = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)[1]
    for text in (script, style):
        assert base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() in policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert not re.search(r'(?:src|href)="(?!#)', page)


def test_the_same_folder_gives_the_same_file(folder, tmp_path):
    first = es.report(folder).read_bytes()
    assert es.report(str(folder), tmp_path / "again.html").read_bytes() == first


def test_a_figure_keeps_its_drawing_and_loses_what_acts(folder):
    assert "alert" not in block(es.report(folder).read_text(), "figure-0")
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="a()">'
        '<defs><path id="a" d="M0 0"/></defs><use xlink:href="#a"/><use xlink:href="http://x.org/#a"/>'
        '<style>@import url(http://x.org/a.css);</style><rect fill="url(#g)" style="fill: url(http://x.org)"/>'
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"/></foreignObject>'
        '<a href="javascript:alert(1)"><text>x</text></a><image href="data:text/html,x"/>'
        "<text>kept &lt;b&gt;</text></svg>"
    )
    cleaned = inert(svg)
    assert 'href="#a"' in cleaned
    assert 'fill="url(#g)"' in cleaned
    assert "kept &lt;b&gt;" in cleaned
    for gone in ("onload", "x.org", "foreignObject", "javascript", "image", "<a ", "@import"):
        assert gone not in cleaned, gone
    assert inert("<html/>") == inert("no svg <") == ""


def test_structures_are_drawn_and_what_is_none_is_blank():
    drawn = structure("CCCCCCCC/C=C\\CCCCCCCC(=O)O")
    assert drawn.startswith("<svg")
    # A path for each colour and kind, not for each of the 20 bonds and 3 labels.
    assert drawn.count("<path") < 8
    assert structure("") == structure("C(") == ""


def test_cells_that_a_spreadsheet_would_run_are_guarded_whoever_wrote_the_file(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text("name,e_red_v_she\n=1+1,-1.5\n'=2,+3\n-x,nan\n", encoding="utf-8")
    assert read_cells(path).rows == (("'=1+1", "-1.5"), ("'=2", "+3"), ("'-x", "nan"))


def test_of_a_long_table_the_largest_drives_are_kept_in_order(tmp_path):
    rows = [result(str(i), reduction_drive_ev=float(i % 7)) for i in range(50)]
    cells = read_cells(screen_folder(tmp_path / "run", rows) / "results.csv", limit=7)
    assert [cells.plain(i)["name"] for i in range(7)] == ["6", "13", "20", "27", "34", "41", "48"]
    assert cells.n_in_file == 50


def test_a_ranking_shows_its_ledgers(tmp_path):
    page = es.report(rank_folder(tmp_path / "rank")).read_text()
    ledger = json.loads(block(page, "ledger"))
    members = [row[ledger["columns"].index("member")] for row in ledger["cells"]]
    assert members == ["first", HOSTILE[1], HOSTILE[0], HOSTILE[1]]
    assert "No geometries are shown" in page


def test_couples_carry_uncertainty_and_source(folder):
    couple = facts(es.report(folder).read_text())["couples"]["Cd2+/Cd"]
    assert couple["value"] == -0.403
    assert couple["sigma"] == 0.05
    assert couple["source"]


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (lambda f: (f / "run.json").unlink(), "no finished run"),
        (lambda f: (f / "results.csv").unlink(), "no finished run"),
        (lambda f: (f / "run.json").write_text("{"), "not of a finished run"),
        (lambda f: (f / "run.json").write_text('{"qd": {"cbm_v_she": "x"}}'), "run.json"),
        (lambda f: (f / "results.csv").write_text("a,b\n1,2\n"), "not a table"),
        (lambda f: (f / "results.csv").write_text("name,b\n1\n"), "line 2: 1 cells under 2 columns"),
        (lambda f: (f / "results.csv").write_bytes(b"name,b\n\xff\xfe,2\n"), "line"),
    ],
)
def test_a_folder_that_is_no_run_is_one_clear_sentence(folder, break_it, said):
    break_it(folder)
    with pytest.raises(InputError, match=said):
        es.report(folder)
    assert not (folder / "report.html").exists()


def test_a_report_is_html(folder):
    with pytest.raises(InputError, match="cannot be written as"):
        es.report(folder, folder / "report.pdf")
