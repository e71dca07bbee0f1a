"""For any list of species, on every sheet: no two texts touch, and none leaves the page."""

import itertools
import math

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from table_rows import row

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.views.alignment.diagram import layout
from echemscreen.views.alignment.rendering import render
from echemscreen.views.figure_file import RC
from echemscreen.views.sheets import FigureStyle

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    r"$\frac{1}{2}$",
    "W" * 60,
    "a_b^c{d}",
    "\x00\x07\n\t",
    "",
    "i" * 200,
    "=1+1",
    "4-azido-2,3,5,6-tetrafluorobenzoic acid 2-(2-hydroxyethoxy)ethyl ester",
)
COUPLES = [
    "",
    "Cd2+/Cd",
    "Zn2+/Zn",
    "Mg2+/Mg",
    "Pb2+/Pb",
    "Fe3+/Fe2+",
    "Sn2+/Sn",
    "Li+/Li",
    "Ag+/Ag",
    "In3+/In",
]
potential = st.none() | st.floats(-12, 12)
names = st.sampled_from(HOSTILE) | st.text(
    st.characters(codec="ascii") | st.sampled_from("µåéß…∞Ωж"), max_size=80
)
species = st.builds(
    row,
    names,
    st.sampled_from(["active", "inert", "undetermined"]),
    potential,
    potential,
    st.sampled_from(COUPLES),
    method=st.sampled_from(["", "measured couples", "E_red vertical, E_ox adiabatic"]),
    e_red_bound=st.sampled_from(["", "at most"]),
    e_ox_bound=st.sampled_from(["", "at least"]),
)


@pytest.fixture(scope="module")
def dots():
    own = {"cbm_v_she": -1.05, "cbm_sigma_v": 0.05}
    return [
        describe(quantum_dot("pu2020-red")),
        describe(quantum_dot("lu2022-red")),
        describe(quantum_dot("CdSe", **own)),
    ]


def outline(text, renderer):
    """The four corners of a text as it is turned, in pixels."""
    angle = text.get_rotation()
    if angle % 90 == 0:
        box = text.get_window_extent(renderer)
        return np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)])
    text.set_rotation(0)
    box = text.get_window_extent(renderer)
    text.set_rotation(angle)
    corners = np.array([(box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)])
    # These names turn about their anchor.
    anchor = text.get_transform().transform(text.get_position())
    turn = np.array([[math.cos(a := math.radians(angle)), -math.sin(a)], [math.sin(a), math.cos(a)]])
    return (corners - anchor) @ turn.T + anchor


def touch(one, two):
    """Whether two convex outlines overlap: no side of either separates them."""
    for corners in (one, two):
        for start, end in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            normal = np.array([start[1] - end[1], end[0] - start[0]])
            if not normal.any():
                continue
            a, b = one @ normal, two @ normal
            if a.max() <= b.min() or b.max() <= a.min():
                return False
    return True


def drawn_texts(figure):
    unseen = set()
    for axes in figure.axes:
        low, high = sorted(axes.get_ylim())
        unseen |= {t for t in axes.get_yticklabels() if not low <= t.get_position()[1] <= high}
        if not axes.xaxis.get_visible():
            unseen |= set(axes.get_xticklabels())
    return [
        text
        for text in figure.findobj(mpl.text.Text)
        if text.get_visible() and text.get_text().strip() and text not in unseen
    ]


@pytest.mark.parametrize("width", [None, "single", "double"])
@given(data=st.data())
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_text_touches_another_and_none_leaves_the_page(dots, width, data):
    rows = data.draw(st.lists(species, min_size=1, max_size=40), label="rows")
    dot = data.draw(st.sampled_from(dots), label="dot")
    scale = data.draw(st.sampled_from(["she", "vacuum", "fc", "sce"]), label="scale")
    with mpl.rc_context(RC):
        style = FigureStyle(width=width)
        sheet = style.sheet
        figure = render(layout(rows, dot, scale=scale, style=style), sheet)
        renderer = figure.canvas.get_renderer()
        figure.draw(renderer)
        texts = drawn_texts(figure)
        outlines = [outline(text, renderer) for text in texts]
        page = figure.bbox
        for text, corners in zip(texts, outlines, strict=True):
            (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
            assert page.x0 <= x0, text.get_text()
            assert x1 <= page.x1, text.get_text()
            assert page.y0 <= y0, text.get_text()
            assert y1 <= page.y1, text.get_text()
        for (a, one), (b, two) in itertools.combinations(zip(texts, outlines, strict=True), 2):
            assert not touch(one, two), (a.get_text(), b.get_text())
        if width is not None:
            assert figure.get_size_inches()[0] == pytest.approx({"single": 89, "double": 183}[width] / 25.4)
            assert min(text.get_fontsize() for text in texts) >= 6.0


def test_the_check_itself_sees_an_overlap():
    square = np.array([(0, 0), (10, 0), (10, 10), (0, 10)], dtype=float)
    turned = np.array([(12, 5), (17, 10), (12, 15), (7, 10)], dtype=float)
    assert touch(square, square + 9)
    assert touch(square, turned - 1)
    assert not touch(square, square + np.array([11, 0]))
    assert not touch(square, turned + 1.6)
