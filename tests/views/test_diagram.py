"""The diagram: positions of levels, clipping, scales, and text that neither overlaps nor runs."""

import itertools
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError
from echemscreen.views.diagram import MAX_SPECIES, draw, layout
from echemscreen.views.rendering import RC, STYLES, render


@pytest.fixture(scope="module")
def dot():
    return describe(quantum_dot("pu2020-red"))


def row(name, verdict="inert", red=-1.5, ox=1.6, couple="", status="ok", drive=-0.5):
    return {
        "name": name,
        "status": status,
        "verdict": verdict,
        "e_red_v_she": red,
        "e_red_sigma_v": 0.2,
        "e_ox_v_she": ox,
        "e_ox_sigma_v": None,
        "limiting_couple": couple,
        "reduction_drive_ev": drive,
        "oxidation_drive_ev": None,
    }


def test_levels_stand_where_they_belong(dot):
    drawing = layout([row("a", red=-1.25, ox=1.5, couple="Cd2+/Cd")], dot)
    (column,) = drawing.columns
    assert [level.value for level in column.levels] == [-1.25, 1.5]
    assert column.couple_value == -0.403
    assert drawing.cbm == -0.89
    assert drawing.top < drawing.cbm < drawing.vbm < drawing.bottom


def test_every_scale_is_a_shift_and_vacuum_runs_the_other_way(dot):
    rows = [row("a", red=-1.25)]
    she = layout(rows, dot)
    vacuum = layout(rows, dot, scale="vacuum")
    assert vacuum.cbm == pytest.approx(-3.55)
    assert vacuum.columns[0].levels[0].value == pytest.approx(1.25 - 4.44)
    assert vacuum.top > vacuum.bottom
    assert layout(rows, dot, scale="fc").cbm == pytest.approx(-0.89 - 0.63)
    assert "V vs SHE" in she.axis_label
    assert "eV vs vacuum" in vacuum.axis_label
    assert "4.44" in she.caption
    with pytest.raises(InputError, match="Unknown reference scale"):
        layout(rows, dot, scale="volts")


def test_far_levels_are_clipped_and_say_their_number(dot):
    (column,) = layout([row("a", red=-6.0, ox=4.0)], dot).columns
    assert [level.clipped for level in column.levels] == [-1, 1]


def test_failed_rows_and_surplus_rows_are_said(dot):
    rows = [row(str(i), drive=float(i)) for i in range(50)] + [row("bad", status="failed")]
    drawing = layout(rows, dot)
    assert len(drawing.columns) == MAX_SPECIES
    assert [c.label for c in drawing.columns] == [str(i) for i in range(10, 50)]
    assert "10 species with smaller drives are not drawn" in drawing.caption
    assert "1 failed rows are not drawn" in drawing.caption
    assert [c.label for c in layout(rows, dot, top=2).columns] == ["48", "49"]


COUPLES = ["Cd2+/Cd", "Zn2+/Zn", "Mg2+/Mg", "Pb2+/Pb", "In3+/In", "Sn2+/Sn", "", ""]


@pytest.mark.parametrize("count", [0, 1, 6, 20, 40])
def test_no_text_overlaps_and_none_is_clipped(dot, count):
    verdicts = itertools.cycle(STYLES)
    rows = [
        row(
            f"ligand number {i} with a long name",
            next(verdicts),
            -0.3 - 0.17 * i,
            0.6 + 0.13 * i,
            COUPLES[i % 8],
        )
        for i in range(count)
    ]
    with mpl.rc_context(RC):
        figure = render(layout(rows, dot))
        renderer = figure.canvas.get_renderer()
        figure.draw(renderer)
        texts = [t for t in figure.findobj(mpl.text.Text) if t.get_visible() and t.get_text().strip()]
        boxes = [(t, t.get_window_extent(renderer)) for t in texts]
        page = figure.bbox
        for text, box in boxes:
            assert page.x0 <= box.x0 < box.x1 <= page.x1, text.get_text()
            assert page.y0 <= box.y0 < box.y1 <= page.y1, text.get_text()
        # Boxes of slanted labels overlap although their text does not: those are compared by spacing.
        upright = [(t, b) for t, b in boxes if t.get_rotation() != 50]
        for (a, box_a), (b, box_b) in itertools.combinations(upright, 2):
            assert not box_a.shrunk(0.98, 0.9).overlaps(box_b.shrunk(0.98, 0.9)), (a.get_text(), b.get_text())
        slanted = sorted(t.get_window_extent(renderer).x1 for t in texts if t.get_rotation() == 50)
        line_px = 7 / 72 * figure.dpi
        assert all(right - left > line_px for left, right in itertools.pairwise(slanted))


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
def test_the_same_file_twice(dot, tmp_path, suffix):
    rows = [row("a", couple="Cd2+/Cd"), row("b", "active")]
    for name in ("one", "two"):
        draw(rows, dot, tmp_path / f"{name}.{suffix}")
    assert (tmp_path / f"one.{suffix}").read_bytes() == (tmp_path / f"two.{suffix}").read_bytes()


def test_hostile_names_are_text(dot, tmp_path):
    names = [
        "<script>alert(1)</script>",
        r"$\frac{1}{2}$",
        '"><img src=x onerror=alert(1)>',
        "a_b^c",
        "\x00\x07&amp;",
        "=1",
    ]
    draw([row(name) for name in names], dot, tmp_path / "a.svg")
    svg = (tmp_path / "a.svg").read_text(encoding="utf-8")
    root = ET.fromstring(svg)
    assert "<script" not in svg
    assert "<img" not in svg
    texts = {"".join(node.itertext()) for node in root.iter() if node.tag.endswith("text")}
    assert "<script>alert(1)</script>" in texts
    assert r"$\frac{1}{2}$" in texts


def test_an_unknown_suffix_names_the_known_ones(dot, tmp_path):
    with pytest.raises(InputError, match=r"a\.docx.*\.svg, \.png, \.pdf"):
        draw([], dot, tmp_path / "a.docx")
