"""Criteria: what is declared of them fits together, and desirabilities by hand."""

import pytest

from echemscreen.campaign.weights import Weights
from echemscreen.records.processes import Process
from echemscreen.verdicts.criteria import CARRIER_CRITERIA, CRITERIA, Preference, Preferences
from echemscreen.views.tables.columns import table_of


@pytest.mark.parametrize(
    ("preference", "expected"),
    [
        # worst, best; then value: desirability
        ((10.0, 1000.0, True), {0.0: 0, -5.0: 0, 1.0: 0, 10.0: 0, 100.0: 0.5, 1000.0: 1, 1e9: 1}),
        ((1.0, 0.0, False), {-1.0: 1, 0.0: 1, 0.25: 0.75, 1.0: 0, 2.0: 0}),
        ((2.0, 6.0, False), {1.0: 0, 2.0: 0, 3.0: 0.25, 6.0: 1, 7.0: 1}),
    ],
)
def test_desirability_by_hand(preference, expected):
    worst, best, log = preference
    asked = Preference(weight=1, worst=worst, best=best, log=log)
    assert {value: asked.desirability(value) for value in expected} == pytest.approx(expected)


def test_nothing_at_all_is_as_bad_as_the_worst_on_a_logarithmic_scale():
    # Below one the logarithm is negative: it is not the sign that decides.
    assert Preference(weight=1, worst=1e-4, best=1e-2, log=True).desirability(0.0) == 0.0
    assert Preference(weight=1, worst=1e-4, best=1e-2, log=True).desirability(-1.0) == 0.0


def test_a_scale_is_linear_and_a_ranking_drawn_a_thousand_times_unasked():
    assert Preference(weight=1, worst=0, best=10).desirability(1.0) == pytest.approx(0.1)
    assert Preferences(criteria={}, pareto=()).samples == 1000


def test_every_criterion_has_its_column_its_unit_and_a_preference_that_agrees():
    columns = table_of("ranking.csv")
    preferences = Weights.from_file(None).preferences().criteria
    assert sorted(item.name for item in CRITERIA) == sorted(preferences)
    for item in CRITERIA:
        unit = columns[item.name].unit
        assert item.unit == ("" if unit == "0 to 1" else unit)
        asked = preferences[item.name]
        assert (asked.best > asked.worst) == (item.better == "higher")
        assert item.better in {"higher", "lower"}
        assert item.title
        assert item.source
    assert len({item.title for item in CRITERIA}) == len(CRITERIA)


def test_each_carrier_has_a_criterion_that_is_better_small():
    assert CARRIER_CRITERIA == {Process.REDUCTION: "p_reduction", Process.OXIDATION: "p_oxidation"}
    by_name = {item.name: item for item in CRITERIA}
    assert {by_name[name].better for name in CARRIER_CRITERIA.values()} == {"lower"}
