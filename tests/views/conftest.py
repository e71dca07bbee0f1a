"""What every figure is checked for: no text leaves the page, and none covers another."""

import itertools

import matplotlib as mpl
import pytest

from echemscreen.views.figure_file import RC


def _texts(figure):
    for text in figure.findobj(mpl.text.Text):
        if text.get_visible() and text.get_text().strip():
            yield text


@pytest.fixture
def check_texts():
    """A function that renders a figure and compares the boxes of its texts."""

    def check(make_figure, slant=50.0):
        with mpl.rc_context(RC):
            figure = make_figure()
            renderer = figure.canvas.get_renderer()
            figure.draw(renderer)
            unseen = set()
            for axes in figure.axes:
                for axis, limits, index in (
                    (axes.yaxis, axes.get_ylim(), 1),
                    (axes.xaxis, axes.get_xlim(), 0),
                ):
                    # Ticks beyond the axis, or of a hidden twin, exist but are not drawn.
                    low, high = sorted(limits) if axis.get_visible() else (1, 0)
                    unseen |= {t for t in axis.get_ticklabels() if not low <= t.get_position()[index] <= high}
            boxes = [(t, t.get_window_extent(renderer)) for t in _texts(figure) if t not in unseen]
            page = figure.bbox
            for text, box in boxes:
                assert page.x0 <= box.x0 < box.x1 <= page.x1, text.get_text()
                assert page.y0 <= box.y0 < box.y1 <= page.y1, text.get_text()
            upright = [(t, b) for t, b in boxes if t.get_rotation() != slant]
            for (a, box_a), (b, box_b) in itertools.combinations(upright, 2):
                assert not box_a.shrunk(0.98, 0.9).overlaps(box_b.shrunk(0.98, 0.9)), (
                    a.get_text(),
                    b.get_text(),
                )
            return figure, {t.get_text() for t, _ in boxes}

    return check
