"""The map: where marks stand, what they say, and text that neither overlaps nor leaves the page."""

import numpy as np
import pytest
from table_rows import row

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError
from echemscreen.views.map.map_figure import draw, render
from echemscreen.views.map.map_layout import layout
from echemscreen.views.sheets import FigureStyle


@pytest.fixture(scope="module")
def dot():
    return describe(quantum_dot("pu2020-red")) | {"cbm_v_she": -0.89, "vbm_v_she": 1.18}


def many(count, seed=1):
    """Rows around the edges; every verdict, bounds, a blank level and a far one."""
    generator = np.random.default_rng(seed)
    verdicts = ("active", "undetermined", "inert")
    rows = [
        row(
            f"molecule number {index} with a name",
            verdicts[index % 3],
            red=float(generator.normal(-1.5, 0.9)),
            ox=float(generator.normal(1.9, 0.8)),
            drive=float(generator.normal(-0.3, 0.5)),
            e_ox_bound="at least" if index % 7 == 0 else "",
        )
        for index in range(count)
    ]
    rows[0] |= {"e_red_v_she": -7.0}
    rows[1] |= {"e_ox_v_she": None}
    return [*rows, row("bad", status="failed")]


def test_marks_stand_at_their_levels_and_electrons_rise(dot):
    drawing = layout([row("a", red=-1.3, ox=1.6), row("b", "active", red=-0.5, ox=2.0)], dot)
    assert [(mark.e_ox, mark.e_red) for mark in drawing.marks] == [(1.6, -1.3), (2.0, -0.5)]
    assert drawing.y[0] > drawing.cbm > drawing.y[1]
    assert drawing.x[0] < drawing.vbm < drawing.x[1]
    vacuum = layout([row("a", red=-1.3, ox=1.6)], dot, scale="vacuum")
    assert vacuum.marks[0].e_red == pytest.approx(1.3 - 4.44)
    # On the vacuum scale energies rise upwards, and the harder oxidation still stands at the right.
    assert vacuum.y[0] < vacuum.cbm < vacuum.y[1]
    assert vacuum.x[0] > vacuum.vbm > vacuum.x[1]


def test_a_salt_whose_couple_decides_is_ringed(dot):
    salt = row(
        "salt", "active", red=-2.8, ox=2.5, couple="Cd2+/Cd", e_red_verdict="inert", e_ox_verdict="inert"
    )
    plain = row("plain", "active", red=-0.5, ox=2.5, e_ox_verdict="inert")
    marks = layout([salt, plain], dot).marks
    assert [mark.by_couple for mark in marks] == [True, False]
    assert "Ringed" in layout([salt], dot).caption
    assert "Ringed" not in layout([plain], dot).caption


def test_every_row_is_drawn_or_counted(dot):
    rows = [*many(60), row("blank", red=None, ox=None)]
    drawing = layout(rows, dot)
    assert len(drawing.marks) == 60
    for words in ("60 molecules", "Without any level: 1.", "1 failed row is not drawn.", "At the frame: "):
        assert words in drawing.caption
    with pytest.raises(InputError, match="No row has a level"):
        layout([row("blank", red=None, ox=None)], dot)


@pytest.mark.parametrize("count", [1, 45, 300])
@pytest.mark.parametrize(
    "style",
    [FigureStyle(), FigureStyle(width="single", journal="rsc"), FigureStyle(width="double", journal="acs")],
)
def test_no_text_overlaps_and_none_leaves_the_page(dot, count, style, check_texts):
    rows = many(max(count, 2))[: max(count, 2)]
    drawing = layout(rows[:count], dot, style=style)
    figure, texts = check_texts(lambda: render(drawing, style.sheet))
    assert {"neither can", "both can", "CBM", "VBM"} <= texts
    if style.width is not None:
        assert figure.get_size_inches()[0] == pytest.approx(style.sheet.width_in)


def test_no_name_is_written_over_the_words_or_lines_of_the_edges(dot, check_texts):
    near = [
        row("beside the word of the valence edge", "active", red=9.0, ox=1.2, drive=3.0),
        row("beside the word of the conduction edge", "active", red=-0.87, ox=-9.0, drive=2.0),
        row("beside the cross", "active", red=-0.3, ox=0.5, drive=1.0),
    ]
    check_texts(lambda: render(layout([*near, *many(45)], dot)))


def test_names_that_are_asked_for_are_written_first_and_as_they_are_renamed(dot, check_texts):
    rows = many(200)
    wanted = "molecule number 170 with a name"
    style = FigureStyle(order=(wanted,), names={wanted: "mine"})
    _, texts = check_texts(lambda: render(layout(rows, dot, style=style)))
    assert "mine" in texts


def test_the_same_file_twice(dot, tmp_path):
    for suffix in ("svg", "png", "pdf", "html"):
        for name in ("one", "two"):
            draw(many(50), dot, tmp_path / f"{name}.{suffix}")
        assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()
    with pytest.raises(InputError, match=r"cannot be written as 'x.gif'"):
        draw(many(50), dot, tmp_path / "x.gif")


def test_a_page_is_in_volts_against_she_whatever_axes_it_begins_with(dot, tmp_path):
    drawing = draw(many(50), dot, tmp_path / "x.html", scale="vacuum")
    assert drawing.cbm == dot["cbm_v_she"]
    assert '"first": "vacuum"' in (tmp_path / "x.html").read_text()
    with pytest.raises(InputError, match="no width"):
        draw(many(50), dot, tmp_path / "x.html", style=FigureStyle(width="single"))
    with pytest.raises(InputError):
        draw(many(50), dot, tmp_path / "x.html", scale="nhe")
