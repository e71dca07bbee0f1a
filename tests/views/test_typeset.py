"""Text in figures: charges, letters that no font has, lines that fit."""

import matplotlib as mpl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from echemscreen.views import typeset
from echemscreen.views.figure_file import settings_of
from echemscreen.views.sheets import FREE
from echemscreen.views.typeset import filled, in_lines, ions, legible, length_in


@pytest.mark.parametrize(
    ("given_", "set_"),
    [
        ("Zn2+/Zn", "Zn²⁺/Zn"),
        ("Fe3+/Fe2+", "Fe³⁺/Fe²⁺"),
        ("Li+/Li", "Li⁺/Li"),
        ("CBM -0.86", "CBM -0.86"),
        ("4-nitrophenol", "4-nitrophenol"),
    ],
)
def test_charges_are_set_high(given_, set_):
    assert ions(given_) == set_


def test_a_name_that_no_font_can_write_gives_way_to_its_smiles_and_the_figure_says_so(monkeypatch):
    monkeypatch.setattr(typeset, "_letters", lambda: frozenset(range(32, 127)))
    names, words = legible(["lead bromide", "臭化鉛"], ["CC", "[Br-].[Br-].[Pb+2]"])
    assert names == ["lead bromide", "[Br-].[Br-].[Pb+2]"]
    assert "letters of 1 of the names" in words
    assert legible(["plain"], ["CC"]) == (["plain"], "")
    # Nothing stands for a name without a SMILES.
    assert legible(["臭"], [""]) == (["臭"], "")


def test_a_font_with_the_letters_is_used_where_one_is_installed(monkeypatch):
    monkeypatch.setattr("echemscreen.views.figure_file.wider_fonts", lambda: ("Noto Sans CJK SC",))
    assert settings_of(FREE, is_svg=False)["font.family"] == ["sans-serif", "Noto Sans CJK SC"]
    # An SVG is shown with the fonts of whoever opens it, and is the same on every computer.
    assert settings_of(FREE, is_svg=True)["font.family"] == "sans-serif"


@settings(deadline=None, max_examples=40)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=80))
def test_lines_are_no_longer_than_their_room(text):
    for line in (*filled(text, 7.0, 1.5).split("\n"), *in_lines(text, 7.0, 0.9, 3)):
        assert len(line) <= 1 or length_in(line, 7.0) <= 1.5 + 1e-9


def test_a_length_is_that_of_the_drawn_text_at_every_resolution():
    text = "lu2022-red: Cd0.9Zn0.1Se:6.1357/Cd0.5Zn0.5S:1.5/ZnS:0.6. CBM \N{MINUS SIGN}0.89 ± 0.12 (fitted)"
    for dpi in (100.0, 200.0, 600.0):
        figure = mpl.figure.Figure(dpi=dpi)
        drawn = figure.text(0, 0, text, fontsize=6.0)
        mpl.backends.backend_agg.FigureCanvasAgg(figure).draw()
        assert drawn.get_window_extent().width / dpi <= length_in(text, 6.0)
