"""Widths, journals and styles: what a figure is printed on."""

import pytest
from table_rows import row

from echemscreen.campaign.outcomes.figure_style import figure_style
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError
from echemscreen.views import calibration_plot, design_figure, edges_figure
from echemscreen.views.alignment import diagram
from echemscreen.views.sheets import JOURNALS, FigureStyle, width_of


@pytest.mark.parametrize(
    ("journal", "single_mm", "double_mm"), [("acs", 82.55, 177.8), ("rsc", 83, 171), ("nature", 89, 183)]
)
def test_columns_are_those_of_the_guidelines(journal, single_mm, double_mm):
    for width, expected in (("single", single_mm), ("double", double_mm), (120, 120)):
        style = FigureStyle(width=width, journal=journal)
        assert style.sheet.width_in * 25.4 == pytest.approx(expected)
        assert style.sheet.fonts[0] == "Arial"
    assert JOURNALS[journal].source


def test_type_is_what_each_journal_asks_for():
    sizes = {name: FigureStyle(width="single", journal=name).sheet for name in JOURNALS}
    for sheet in sizes.values():
        printed = (sheet.axis_pt, sheet.name_pt, sheet.small_pt, sheet.number_pt)
        assert 5.0 <= min(printed) <= max(printed) <= 7.0
    assert {sizes["rsc"].axis_pt, sizes["rsc"].name_pt, sizes["rsc"].number_pt} == {7.0}


def test_a_style_is_read_from_a_file(tmp_path):
    path = tmp_path / "style.yaml"
    path.write_text(
        "journal: acs\nwidth: double\ncaption: false\norder: [b, a]\n"
        "names: {a: first}\ncolours: {inert: navy}\n",
        encoding="utf-8",
    )
    style = figure_style(path)
    assert style == FigureStyle(
        width="double",
        journal="acs",
        caption=False,
        order=("b", "a"),
        names={"a": "first"},
        colours={"inert": "navy"},
    )
    assert figure_style(path, width=120).width == 120
    dot = describe(quantum_dot("pu2020-red"))
    drawing = diagram.layout([row("a"), row("b"), row("c")], dot, style=style)
    assert [column.label for column in drawing.columns] == ["b", "first"]
    assert "2 of 3 species, by name" in drawing.selection
    figure = diagram.figure([row("a"), row("b")], dot, style=style)
    # Without a caption no sentence stands in the figure.
    assert not any("absolute SHE" in text.get_text() for text in figure.texts)
    assert any(line.get_color() == "navy" for line in figure.axes[0].lines)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("with: 3", "with"),
        ("width: wide", "'wide' wide"),
        ("width: 3", "millimetres from 60"),
        ("journal: wiley", "none of nature, acs, rsc"),
        ("colours: {inert: blurple}", "'blurple' is no colour"),
        ("colours: {blue: navy}", "'blue' is none of active"),
        ("order: [missing]", "order names 'missing'"),
    ],
)
def test_a_wrong_style_is_one_sentence(tmp_path, text, said):
    path = tmp_path / "style.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said) as caught:
        diagram.layout([row("a")], describe(quantum_dot("pu2020-red")), style=figure_style(path))
    if "missing" not in text:
        assert "style.yaml" in str(caught.value)


def test_a_width_is_a_column_or_millimetres():
    assert width_of(None) is None
    assert width_of("120") == 120.0
    for wrong in ("nan", "inf", "-3", "1e9", ""):
        with pytest.raises(InputError, match="Give single, double, or millimetres"):
            width_of(wrong)


POINTS = [
    {"process": p, "source": s, "reference_v_she": x, "predicted_v_she": x + 0.1, "sigma_v": 0.2}
    for p in ("reduction", "oxidation")
    for s in ("measured", "calculated")
    for x in (-1.0, 0.5)
]
CANDIDATES = [
    {"verdict": v, "p_survives": p, "synthetic_accessibility": 2 + 3 * p, "pareto_front": p > 0.5}
    for v, p in (("inert", 0.9), ("active", 0.1), ("undetermined", 0.6))
]
EFFECTS = [{"block": "tetrafluorophenyl-azide", "process": "reduction", "effect_ev": 0.3, "sigma_ev": 0.1}]


@pytest.mark.parametrize("width", [None, "single", "double", 120.0])
def test_every_figure_has_the_width_that_is_asked_for_and_is_a_matplotlib_figure(width, check_texts):
    style = FigureStyle(width=width)
    dots = [describe(quantum_dot(name)) for name in ("pu2020-red", "CdSe:3.0", "InP:3.2/ZnS:1.0")]
    makers = {
        "calibration": lambda: calibration_plot.figure(POINTS, style=style),
        "design": lambda: design_figure.figure(CANDIDATES, EFFECTS, "three candidates", style=style),
        "edges": lambda: edges_figure.figure(dots, ("Cd2+/Cd", "Zn2+/Zn"), style=style),
    }
    for name, make in makers.items():
        figure, _ = check_texts(make)
        if width is not None:
            expected = style.sheet.width_in
            assert figure.get_size_inches()[0] == pytest.approx(expected), name


def test_too_many_dots_for_a_column_is_one_sentence():
    dots = [describe(quantum_dot("CdSe:3.0"))] * 20
    with pytest.raises(InputError, match=r"A column of 89 mm has no room for 20 dots; \d have"):
        edges_figure.figure(dots, (), style=FigureStyle(width="single"))
