"""The page: traces that plotly accepts, text that is only text, and nothing that asks the network."""

import json
import re

import plotly.graph_objects as go
import pytest
from table_rows import row

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError, StoreError
from echemscreen.views.alignment import interactive
from echemscreen.views.alignment.diagram import draw, layout
from echemscreen.views.alignment.plotly_traces import escaped


@pytest.fixture(scope="module")
def dot():
    return describe(quantum_dot("pu2020-red"))


def spec_of(text):
    """The numbers inside a fragment."""
    found = re.search(r'<script type="application/json" id="[\w-]+-spec">(.*?)</script>', text, re.DOTALL)
    return json.loads(found[1])


def test_plotly_accepts_the_figure_on_every_scale(dot):
    rows = [
        row("a", couple="Cd2+/Cd"),
        row("b", "active", red=-9.0, e_red_basis="vertical", e_ox_bound="at least"),
    ]
    for spec in spec_of(interactive.fragment(layout(rows, dot)))["scales"].values():
        made = go.Figure(spec["figure"])
        assert len(made.data) == len(spec["figure"]["data"])


def test_both_renderers_show_the_same_numbers(dot):
    drawing = layout([row("a", red=-1.25, ox=1.5, couple="Cd2+/Cd")], dot)
    spec = spec_of(interactive.fragment(drawing))
    for scale, shift, sign in (
        ("she", 0.0, 1.0),
        ("sce", 0.241, 1.0),
        ("fc", 0.63, 1.0),
        ("vacuum", -4.44, -1.0),
    ):
        figure = spec["scales"][scale]["figure"]
        (levels,) = [trace for trace in figure["data"] if trace.get("meta") == "levels"]
        assert levels["y"] == pytest.approx([sign * (-1.25 - shift), sign * (1.5 - shift)])
        (stars,) = [trace for trace in figure["data"] if trace.get("meta") == "couples"]
        assert stars["y"] == pytest.approx([sign * (-0.403 - shift)])
        assert figure["layout"]["yaxis"]["title"]["text"].startswith(
            "Electron energy / eV" if scale == "vacuum" else "Potential / V vs"
        )


def test_an_unknown_sigma_has_no_bar_and_a_bound_only_the_inner_one(dot):
    rows = [row("a"), row("b", e_red_bound="at most", e_ox_bound="at least"), row("c", red=-9.0)]
    rows[1]["e_ox_sigma_v"] = 0.3
    figure = interactive.figure(layout(rows, dot))
    (bars,) = [trace for trace in figure["data"] if "error_y" in trace]
    assert bars["y"] == [-1.5, -1.5, 1.6]
    # Up is towards more negative potentials: the arm that a reduction's bound loses is the minus arm.
    assert bars["error_y"]["array"] == [0.2, 0.2, None]
    assert bars["error_y"]["arrayminus"] == [0.2, None, 0.3]


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "<a href=javascript:alert(1)>x</a>",
        "</script><script>alert(1)</script>",
        "<b>bold</b>",
        "&lt;b&gt;",
        "<!--",
    ],
)
def test_names_are_only_text(dot, name):
    text = interactive.fragment(layout([row(name) | {"reason": name, "flags": name}], dot))
    assert "<img" not in text
    assert "<a " not in text
    assert text.count("<script") == 2
    figure = spec_of(text)["scales"]["she"]["figure"]
    for markup in re.findall(r"<[^>]*>", json.dumps(figure, ensure_ascii=False)):
        assert markup in {"<br>", "<b>", "</b>"}
    (levels,) = [trace for trace in figure["data"] if trace.get("meta") == "levels"]
    assert levels["hovertext"][0].count("<b>") == 1
    assert escaped(name) in levels["hovertext"][0]
    assert spec_of(text)["species"][0]["name"] == name


def test_a_page_holds_its_library_and_asks_nobody(dot, tmp_path):
    path = tmp_path / "x.html"
    draw([row("a")], dot, path)
    text = path.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert not re.search(r"<(script|link|img)[^>]*(src|href)\s*=\s*[\"']?(https?:)?//", text)
    assert text.count("Plotly.react(") == 1
    again = tmp_path / "y.html"
    draw([row("a")], dot, again)
    assert again.read_bytes() == path.read_bytes()


def test_fragments_of_one_page_have_names_of_their_own(dot):
    drawing = layout([row("a")], dot)
    assert 'id="one-spec"' in interactive.fragment(drawing, element_id="one")
    assert len(interactive.fragment(drawing)) < 200_000
    with pytest.raises(ValueError, match="cannot be called"):
        interactive.fragment(drawing, element_id='x"><script>')


def test_what_cannot_be_is_one_sentence(dot, tmp_path):
    with pytest.raises(StoreError, match="cannot be written"):
        draw([], dot, tmp_path / "missing" / "x.html")
    with pytest.raises(InputError, match="no width"):
        draw([], dot, tmp_path / "x.html", width="single")
    assert not list(tmp_path.iterdir())
