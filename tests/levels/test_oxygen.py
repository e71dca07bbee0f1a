"""Oxygen against the link: published order, limits, spin equilibrium."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echemscreen.levels.light.oxygen import OxygenCompetition, oxygen_competition, triplet_share


def test_carbenes_lose_most_bridges_and_nitrenes_none():
    """Published: crosslinker 4 is less effective in air, 1 and 2 are not (Lu et al. 2022, text to Fig. 2)."""
    carbene, nitrene = oxygen_competition("arylcarbene", 2), oxygen_competition("arylnitrene", 2)
    assert nitrene.bridges_left() == 1.0
    assert carbene.bridges_left() < 0.5
    # Known to a decade only: neither nothing nor everything is excluded.
    assert carbene.bridges_left(1.645) < 0.05
    assert carbene.bridges_left(-1.645) > 0.9


def test_the_ratio_by_hand():
    found = oxygen_competition("arylcarbene", 2)
    lifetime_s = math.sqrt(4.5e-9 * 5e-7)
    assert found.ratio == pytest.approx(lifetime_s * 5e9 * 2.4e-3)
    assert found.bridges_left() == pytest.approx((1 / (1 + found.ratio)) ** 2)


def test_a_singlet_ground_state_hides_from_oxygen():
    """As Lu et al. propose, after Wulff: a carbene whose ground state is the singlet is spared."""
    hidden = oxygen_competition("arylcarbene", 2, spin_gap_kcal_mol=-5.0)
    assert hidden.bridges_left() > 0.99
    assert triplet_share(-5.0) == pytest.approx(3 * math.exp(-5.0 / 0.5925), rel=2e-2)


def test_a_class_without_rows_is_unknown():
    assert oxygen_competition("carbene", 2) is None


@given(st.floats(0, 1e6), st.floats(0, 3), st.integers(2, 6), st.floats(-3, 3))
def test_bridges_are_a_share_that_falls_with_oxygen_and_grows_with_arms(ratio, sigma, arms, shift):
    def left(ratio, arms, shift):
        return OxygenCompetition(ratio=ratio, sigma_decades=sigma, n_arms=arms, citations=()).bridges_left(
            shift
        )

    share = left(ratio, arms, shift)
    assert -1e-9 <= share <= 1.0 + 1e-9
    assert left(2 * ratio, arms, shift) <= share + 1e-9
    assert left(ratio, arms + 1, shift) >= share - 1e-9
    assert left(ratio, arms, shift + 1) <= share + 1e-9
