"""Colour is what a level says by itself: beside a reaction that happens, what does not happen is no alarm."""

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex

import echemscreen as es
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.records.processes import Process
from echemscreen.views.alignment.diagram import layout
from echemscreen.views.alignment.interactive import as_json
from echemscreen.views.alignment.rendering import render
from echemscreen.views.figure_file import RC
from echemscreen.views.palette import STYLES, severest
from echemscreen.views.tables.table import row_of

#: Name, SMILES, and what E_red, E_ox and the couple say on the red dot of Pu 2020.
CASES = {
    "cadmium chloride": ("[Cd+2].[Cl-].[Cl-]", "inert", "inert", "active"),
    "zinc bromide": ("[Zn+2].[Br-].[Br-]", "inert", "inert", "active"),
    "lead chloride": ("[Pb+2].[Cl-].[Cl-]", "inert", "inert", "active"),
    "nitrate": ("[O-][N+](=O)[O-]", "undetermined", "inert", ""),
    "calcium chloride": ("[Ca+2].[Cl-].[Cl-]", "inert", "inert", "inert"),
    "dinitrobenzene": ("O=[N+]([O-])c1ccc([N+](=O)[O-])cc1", "active", "inert", ""),
    # Its oxidation is unlikely, but no reference molecule of its class says so.
    "benzoquinone": ("O=C1C=CC(=O)C=C1", "active", "undetermined", ""),
}


@pytest.fixture(scope="module")
def rows():
    return {
        name: row_of(es.assess(smiles, qd="pu2020-red", name=name, level="fast"))
        for name, (smiles, *_) in CASES.items()
    }


@pytest.fixture(scope="module")
def drawing(rows):
    return layout(list(rows.values()), describe(quantum_dot("pu2020-red")))


@pytest.mark.parametrize("name", CASES)
def test_each_level_and_couple_says_what_it_alone_does(rows, name):
    row = rows[name]
    said = tuple(row[key] or "" for key in ("e_red_verdict", "e_ox_verdict", "couple_verdict"))
    assert said == CASES[name][1:]
    assert row["verdict"] == severest(said)


def test_the_printed_figure_has_the_colour_of_each_level(drawing):
    with mpl.rc_context(RC):
        shown = render(drawing)
    drawn = {
        (
            round(float(line.get_xdata()[0]), 3),
            line.get_marker(),
            line.get_markerfacecolor() != "white",
        ): to_hex(line.get_color())
        for line in shown.axes[0].lines
        if line.get_marker() not in {"None", "", "_", "|"} and len(line.get_xdata()) == 1
    }
    seen = 0
    for column in drawing.columns:
        _, red, ox, couple = CASES[column.name]
        for level in column.levels:
            if level.clipped:
                continue
            colour, marker = STYLES[red if level.kind == "reduction" else ox]
            assert drawn[round(column.x, 3), marker, level.kind == "reduction"] == colour.lower(), column.name
            seen += 1
        if column.couple_value is not None:
            assert drawn[round(column.x, 3), "*", True] == STYLES[couple][0].lower()
            seen += 1
    assert seen >= len(CASES)


def test_the_page_is_told_what_each_level_says(drawing):
    # In which colour it is drawn is seen in a browser: tests/browser/test_diagram_page.py.
    for column in as_json(drawing)["columns"]:
        _, red, ox, couple = CASES[column["name"]]
        assert {level["kind"]: level["verdict"] for level in column["levels"]} == {
            Process.REDUCTION: red,
            Process.OXIDATION: ox,
        }
        assert column["couple_verdict"] == couple


def test_the_caption_says_what_colour_means(drawing):
    assert "Colour: what each level says by itself, not its molecule." in drawing.caption
