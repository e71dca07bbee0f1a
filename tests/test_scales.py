"""Electrode scales: hand-checked conversions and round trips."""

from dataclasses import replace

import pytest
from hypothesis import given
from strategies import volts
from table_rows import row

from echemscreen import scales
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError
from echemscreen.scales import electrode, from_she, reference_electrodes, she_from
from echemscreen.views.alignment import interactive
from echemscreen.views.alignment.diagram import layout
from echemscreen.views.edges_figure import draw_edges
from echemscreen.views.report import document


@pytest.mark.parametrize(
    ("value", "scale", "v_she"),
    [
        (0.0, "she", 0.0),
        (-0.9, "sce", -0.659),
        (-2.22, "fc", -1.59),
        (-4.44, "vacuum", 0.0),
        (-5.54, "vacuum", 1.10),
    ],
)
def test_conversions_by_hand(value, scale, v_she):
    assert she_from(value, scale) == pytest.approx(v_she)


@given(value=volts)
def test_round_trip(value):
    for scale in reference_electrodes():
        assert she_from(from_she(value, scale), scale) == pytest.approx(value)


@given(a=volts, b=volts)
def test_vacuum_runs_the_other_way(a, b):
    assert (from_she(a, "vacuum") - from_she(b, "vacuum")) == pytest.approx(b - a)


def test_an_unknown_scale_names_the_known_ones():
    with pytest.raises(InputError, match=r"'nhe'.*she, vacuum, sce, fc"):
        she_from(0.0, "nhe")


def test_a_row_is_all_that_an_axis_needs(monkeypatch, tmp_path):
    rows = reference_electrodes().values()
    # No electrode of the table: a lower offset than zero, which no row has.
    made = replace(electrode("ag_agcl"), scale="made", label="V vs Made", offset_v_she=-0.25)
    monkeypatch.setattr(scales, "read_rows", lambda *_: (*rows, made))
    reference_electrodes.cache_clear()
    try:
        dot = describe(quantum_dot("CdSe:3.0"))
        assert she_from(0.0, "made") == pytest.approx(-0.25)
        drawing = layout([row("a", red=-1.25)], dot, scale="made")
        assert drawing.axis_label == "Potential / V vs Made"
        assert drawing.cbm == pytest.approx(dot["cbm_v_she"] + 0.25)
        assert 'value="made"' in interactive.page_of(layout([], dot), scale="made")
        draw_edges([dot], (), tmp_path / "edges.svg", scale="made")
        (reported,) = [item for item in document.facts()["scales"] if item["key"] == "made"]
        assert reported["offset"] == -0.25
    finally:
        reference_electrodes.cache_clear()


def test_every_scale_is_cited():
    for scale in reference_electrodes().values():
        assert scale.source.source == scale.citation
        assert scale.source.locator == scale.locator
        assert scale.citation
        assert scale.locator
