"""The page of a diagram: the numbers of the printed figure, text that is only text, no network."""

import json
import re

import pytest
from table_rows import row

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError, StoreError
from echemscreen.scales import reference_electrodes
from echemscreen.views.alignment.diagram import dot_alone, draw, layout
from echemscreen.views.alignment.interactive import as_json, page_of
from echemscreen.views.palette import LOOK, STYLES
from echemscreen.views.sheets import FigureStyle


@pytest.fixture(scope="module")
def dot():
    return describe(quantum_dot("pu2020-red"))


def facts_of(text):
    """What the script of a page is given."""
    found = re.search(r'<script type="application/json" id="page">(.*?)</script>', text, re.DOTALL)
    return json.loads(found[1])


@pytest.mark.parametrize("scale", ["she", "sce", "fc", "vacuum"])
def test_a_page_has_the_numbers_of_the_table_whatever_its_first_axis(dot, scale):
    rows = [row("a", red=-1.25, ox=1.5, couple="Cd2+/Cd", e_red_basis="vertical", e_ox_bound="at least")]
    facts = facts_of(page_of(layout(rows, dot), scale=scale))
    assert facts["first"] == scale
    assert [item["key"] for item in facts["scales"]] == list(reference_electrodes())
    (column,) = facts["drawing"]["columns"]
    assert [level["value"] for level in column["levels"]] == pytest.approx([-1.25, 1.5])
    assert [level["basis"] for level in column["levels"]] == ["vertical", ""]
    assert [level["bound"] for level in column["levels"]] == ["", "at least"]
    assert column["couple_value"] == pytest.approx(-0.403)
    assert facts["drawing"]["cbm"] == pytest.approx(dot["cbm_v_she"])
    edges = {guide["name"]: guide["sigma"] for guide in facts["drawing"]["guides"]}
    assert edges["CBM"] == dot["cbm_sigma_v"]
    assert edges["Cd2+/Cd"] is None


def test_colours_and_signs_are_those_of_the_printed_figure(dot):
    look = facts_of(page_of(layout([row("a")], dot)))["look"]
    assert look == json.loads(json.dumps(LOOK))
    # From the worst on: of several levels beyond the axis the arrow has the colour of the worst.
    assert list(look["styles"]) == list(STYLES)
    assert {verdict: tuple(style) for verdict, style in look["styles"].items()} == STYLES


def test_a_dot_alone_is_seen_through_its_middle(dot):
    drawn = as_json(dot_alone(dot))
    assert [block["label"] for block in drawn["blocks"]] == ["CdS 3.5 nm", "CdSe 3 nm", "CdS 3.5 nm"]
    assert not drawn["columns"]


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "</script><script>alert(1)</script>",
        "<!--",
        "&lt;b&gt;",
    ],
)
def test_names_are_only_text(dot, name):
    text = page_of(layout([row(name) | {"reason": name, "flags": name}], dot | {"name": name}))
    assert "<img" not in text
    assert "<!--" not in text
    # The numbers, the structures and the script.
    assert text.count("<script") == text.count("</script>") == 3
    assert facts_of(text)["drawing"]["columns"][0]["name"] == name


def test_a_page_is_small_and_asks_nobody(dot, tmp_path):
    path = tmp_path / "x.html"
    draw([row(str(index)) for index in range(40)], dot, path)
    text = path.read_text(encoding="utf-8")
    assert "default-src &#39;none&#39;" in text
    assert not re.search(r"<(script|link|img)[^>]*(src|href)\s*=", text)
    assert len(text) < 120_000
    again = tmp_path / "y.html"
    draw([row(str(index)) for index in range(40)], dot, again)
    assert again.read_bytes() == path.read_bytes()


def test_what_cannot_be_is_one_sentence(dot, tmp_path):
    with pytest.raises(StoreError, match="cannot be written"):
        draw([], dot, tmp_path / "missing" / "x.html")
    with pytest.raises(InputError, match="nhe"):
        draw([], dot, tmp_path / "x.html", scale="nhe")
    with pytest.raises(InputError, match="no width"):
        draw([], dot, tmp_path / "x.html", style=FigureStyle(width="single"))
    assert not list(tmp_path.iterdir())
