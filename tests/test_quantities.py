"""How numbers are written: the same from a record and from a table, with their side."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from echemscreen.quantities import (
    MINUS,
    bound_of,
    counted,
    probability,
    quantity,
    stated_probability,
    tabled,
    written,
)

numbers = st.floats(-1e6, 1e6, allow_nan=False)


@given(numbers)
# What used to be shown as 0.26 in a sentence and as 0.27 in the report, -0.46 and -0.47.
@example(0.26496)
@example(-0.4649999)
@example(0.2650001)
@example(0.125)
@example(-1.0005)
def test_a_number_is_shown_alike_from_a_record_and_from_a_table(value):
    for decimals in (3, 4):
        table = tabled(value, decimals)
        assert written(value, sign=True) == written(table, sign=True)
        assert abs(table - value) < 10**-decimals + 2e-9
        # A table that is written again is the same.
        assert tabled(table, decimals) == table
    assert abs(float(written(value)) - value) <= 0.005 + 2e-9


@given(st.integers(-(10**6), 10**6))
def test_a_number_of_few_digits_stays_as_it_is(thousandths):
    assert tabled(thousandths / 1000) == thousandths / 1000


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.265, "+0.27"), (-0.465, "-0.47"), (0.1249, "+0.12"), (-0.0004, "+0.00"), (2.675, "+2.68")],
)
def test_halves_go_away_from_zero(value, text):
    assert written(value, sign=True) == text


def test_a_numpy_number_is_a_number():
    assert tabled(np.float64(8052.8756)) == 8052.876
    assert tabled(np.float64(-0.4649)) == -0.464


@pytest.mark.parametrize("noise", [1e-13, -1e-13])
def test_the_noise_of_a_sum_is_no_digit(noise):
    assert tabled(0.461 + noise) == 0.461
    assert tabled(-1.5 + noise) == -1.5
    assert written(0.265 + noise) == "0.27"


def test_a_side_stands_before_its_number():
    assert quantity(-2.3, 0.461, "V vs SHE", bound="at most") == "≤ -2.30 ± 0.46 V vs SHE"
    assert quantity(2.78, bound="at least", minus=MINUS) == "≥ +2.78"
    assert quantity(-1.0, None, "eV") == "-1.00 eV"


def test_a_bounded_probability_is_told_unless_it_is_at_an_end():
    assert [probability(p, "at most") for p in (0.692, 0.004, 1.0)] == ["≤ 0.69", "0.00", "≤ 1.00"]
    assert [probability(p, "at least") for p in (0.692, 0.0, 0.998)] == ["≥ 0.69", "≥ 0.00", "1.00"]
    assert stated_probability(0.692, "at most") == "P ≤ 0.69"
    assert stated_probability(0.692) == "P = 0.69"


def test_a_side_is_read_from_a_cell():
    assert [bound_of(cell) for cell in ("at most", "at least", "", None, float("nan"), "x")] == [
        "at most",
        "at least",
        "",
        "",
        "",
        "",
    ]


def test_one_of_a_kind_has_no_plural():
    assert [counted(n, "row") for n in (0, 1, 2, 1204)] == ["0 rows", "1 row", "2 rows", "1,204 rows"]
    assert counted(2, "species", "species") == "2 species"
