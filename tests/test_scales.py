"""Electrode scales: hand-checked conversions and round trips."""

import pytest
from hypothesis import given
from strategies import volts

from echemscreen.errors import InputError
from echemscreen.scales import from_she, reference_electrodes, she_from


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


def test_every_scale_is_cited():
    for row in reference_electrodes().values():
        assert row.citation
        assert row.locator
