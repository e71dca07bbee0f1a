"""The figures of a ranking: nothing overlaps, nothing is clipped, names are drawn as they are."""

import itertools
import xml.etree.ElementTree as ET

import matplotlib as mpl
import pytest

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import StoreError
from echemscreen.views.alignment.drawing import Level
from echemscreen.views.figure_file import RC
from echemscreen.views.ranking import ledger_figure, ranking_figure
from echemscreen.views.ranking.ledger_layout import LedgerGroup, MemberLevels, layout
from echemscreen.views.ranking.ranking_figure import (
    CandidateRow,
    Cell,
    CriterionColumn,
    RankingMatrix,
)

SMILES = "FC(F)(F)C1(c2ccc(C3(C(F)(F)F)N=N3)cc2)N=N1"
TITLES = ("P(electron)", "absorption / 1/(M cm)", "N2 release / kcal/mol", "synthesis", "mass / Da")
HOSTILE = r"$\frac{1}$ <script>alert(1)</script> a_b^c"


@pytest.fixture(scope="module")
def dot():
    return describe(quantum_dot("lu2022-red"))


def matrix(count, name="crosslinker number {} with a long name of its own"):
    cells = (Cell(text="0.00", desirability=0.0), Cell(text="5900", desirability=1.0))
    unknown = Cell(text="unknown", desirability=None)
    return RankingMatrix(
        columns=tuple(CriterionColumn(title=title, unit="", weight=1.0) for title in TITLES),
        rows=tuple(
            CandidateRow(
                name=name.replace("{}", str(index)),
                smiles=SMILES,
                rank=index + 1,
                rank_low=1,
                rank_high=count,
                score=index / max(count, 1),
                verdict=("active", "inert", "undetermined")[index % 3],
                note="electron trap, reductive cleavage, uncalibrated class",
                cells=(*cells, unknown, *cells),
            )
            for index in range(count)
        ),
        n_ranked=count,
        caption="A caption of some length. " * 12,
    )


def groups(count, name="a crosslinker with a long name {}"):
    roles = ("precursor", "wanted_link", "side_product", "side_product", "intermediate", "residue")
    return [
        LedgerGroup(
            name=name.replace("{}", str(index)),
            smiles=SMILES,
            rank=index + 1,
            verdict="active",
            members=tuple(
                MemberLevels(
                    role=role,
                    verdict="inert",
                    decides=place < 2,
                    levels=(
                        Level(kind="reduction", value=-4.0 + 0.8 * place, sigma=0.2),
                        Level(kind="oxidation", value=1.5 + place, sigma=None),
                    ),
                )
                for place, role in enumerate(roles)
            ),
        )
        for index in range(count)
    ]


def texts(figure):
    renderer = figure.canvas.get_renderer()
    figure.draw(renderer)
    found = [t for t in figure.findobj(mpl.text.Text) if t.get_visible() and t.get_text().strip()]
    for axes in figure.axes:
        # Ticks beyond an axis exist, but are not drawn.
        for place, labels, limits in (
            (0, axes.get_xticklabels(), axes.get_xlim()),
            (1, axes.get_yticklabels(), axes.get_ylim()),
        ):
            low, high = sorted(limits)
            unseen = {t for t in labels if not low <= t.get_position()[place] <= high}
            found = [t for t in found if t not in unseen]
    return [(t, t.get_window_extent(renderer)) for t in found]


def check(figure):
    boxes = texts(figure)
    width, height = figure.canvas.get_width_height()
    for text, box in boxes:
        assert box.x0 >= -1, text.get_text()
        assert box.x1 <= width + 1, text.get_text()
        assert box.y0 >= -1, text.get_text()
        assert box.y1 <= height + 1, text.get_text()
    # Slanted headings have overlapping boxes without overlapping text.
    upright = [(t, b) for t, b in boxes if t.get_rotation() % 90 == 0]
    for (a, box_a), (b, box_b) in itertools.combinations(upright, 2):
        assert not box_a.shrunk(0.97, 0.85).overlaps(box_b.shrunk(0.97, 0.85)), (a.get_text(), b.get_text())


@pytest.mark.parametrize("count", [0, 1, 4, 20, 23])
def test_the_matrix_has_no_overlap_and_nothing_is_clipped(count):
    with mpl.rc_context(RC):
        check(ranking_figure.render(matrix(count)))


@pytest.mark.parametrize("count", [0, 1, 4, 10, 12])
def test_the_ledgers_have_no_overlap_and_nothing_is_clipped(dot, count):
    with mpl.rc_context(RC):
        check(ledger_figure.render(layout(groups(count), dot)))


def test_names_are_drawn_as_they_are_and_bytes_repeat(dot, tmp_path):
    for name, draw in (
        ("matrix", lambda path: ranking_figure.draw(matrix(2, HOSTILE), path)),
        ("ledger", lambda path: ledger_figure.draw(groups(2, HOSTILE), dot, path)),
    ):
        one, two = tmp_path / f"{name}1.svg", tmp_path / f"{name}2.svg"
        draw(one)
        draw(two)
        assert one.read_bytes() == two.read_bytes()
        root = ET.parse(one).getroot()
        assert not root.findall(".//{http://www.w3.org/2000/svg}script")
        assert r"$\frac" in "".join(root.itertext()).replace("\n", "")


def test_left_out_candidates_are_said(dot):
    with mpl.rc_context(RC):
        figure = ledger_figure.render(layout(groups(12), dot))
    assert any(
        "Drawn: 10 of 12 ranked crosslinkers, the best." in t.get_text().replace("\n", " ")
        for t in figure.texts
    )


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(StoreError, match="cannot be written"):
        ranking_figure.draw(matrix(1), tmp_path / "none" / "figure.svg")
