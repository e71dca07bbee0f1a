"""Samples of scores: shares that follow from normal distributions by hand, and what is drawn alike."""

import numpy as np
import pytest

from echemscreen.records.processes import Process
from echemscreen.verdicts.criteria import Preference
from echemscreen.verdicts.posterior import SHIFTS, Candidate, UncertainDrive, desirabilities, sampled_scores

RED, OX = Process.REDUCTION, Process.OXIDATION
ELECTRON = {"p_reduction": Preference(weight=2, worst=1, best=0)}
BOTH = {**ELECTRON, "log_p": Preference(weight=6, worst=0, best=4)}
#: Samples; four standard errors of a share are 0.02.
N = 10_000


def drive(value, sigma=0.0, species="A", process=RED):
    return UncertainDrive(species=species, process=process, drive_ev=value, level_sigma_ev=sigma)


def candidate(*drives, key="A", **values):
    return Candidate(
        key=key, depth=1, values={"p_reduction": 0.5, "p_oxidation": 0.5, **values}, drives=drives
    )


def taken(*drives, edges=(0.0, 0.0), name="p_reduction"):
    """Share of the samples in which the carrier is taken."""
    asked = {name: Preference(weight=2, worst=1, best=0)}
    scores = sampled_scores([candidate(*drives)], asked, N, edges)
    assert set(np.unique(scores.most)) <= {0.0, 1.0}
    assert np.array_equal(scores.most, scores.least)
    return 1.0 - float(scores.most.mean())


def test_the_shifts_span_three_standard_deviations():
    assert (SHIFTS[0], SHIFTS[12], SHIFTS[-1], len(SHIFTS)) == (-3.0, 0.0, 3.0, 25)
    assert SHIFTS[13] == 0.25


def test_what_is_unsure():
    item = Candidate(
        key="A", depth=1, values={"p_reduction": 0.1, "log_p": None}, open=frozenset({"p_reduction"})
    )
    assert [item.is_unsure(name) for name in ("p_reduction", "log_p", "n_arms")] == [True] * 3
    assert item.carriers_unknown
    assert not candidate().is_unsure("p_reduction")
    assert not candidate().carriers_unknown
    assert candidate(p_oxidation=None).carriers_unknown
    assert (item.place, item.inert, item.spreads, item.drives) == (0, False, {}, ())


def test_least_and_most_desirability():
    asked = BOTH
    assert desirabilities(candidate(log_p=1.0), asked) == {"p_reduction": (0.5, 0.5), "log_p": (0.25, 0.25)}
    unknown = Candidate(key="A", depth=1, values={"p_reduction": 0.2}, open=frozenset({"p_reduction"}))
    found = desirabilities(unknown, asked)
    assert found == {"p_reduction": (0.0, pytest.approx(0.8)), "log_p": (0.0, 1.0)}


def test_weighted_means_with_the_unknown_at_either_end():
    items = [
        candidate(log_p=1.0),
        candidate(key="B"),
        Candidate(key="C", depth=1, values={"p_reduction": 0.5, "log_p": 1.0}, open=frozenset({"log_p"})),
    ]
    scores = sampled_scores(items, BOTH, 3, (0.0, 0.0))
    assert scores.least.shape == scores.most.shape == (3, 3)
    # (2 0.5 + 6 0.25) / 8; the second without and with 6; the third without and with 6 0.25
    for row, (low, high) in enumerate(((0.3125, 0.3125), (0.125, 0.875), (0.125, 0.3125))):
        assert scores.least[row].tolist() == [low] * 3
        assert scores.most[row].tolist() == [high] * 3


def test_without_criteria_that_count_every_score_is_one():
    weightless = {"p_reduction": Preference(weight=0, worst=1, best=0)}
    for asked in ({}, weightless):
        scores = sampled_scores([candidate(), candidate(key="B")], asked, 4, (0.1, 0.1))
        assert scores.least.tolist() == scores.most.tolist() == [[1.0] * 4] * 2


def test_scores_within_rounding_noise_are_equal():
    third = {"log_p": Preference(weight=1, worst=0, best=3)}
    scores = sampled_scores([candidate(log_p=1.0)], third, 1, (0.0, 0.0))
    assert scores.least[0, 0] == 0.333333333


@pytest.mark.parametrize(
    ("drives", "edges", "share"),
    [
        ((drive(0.1),), (0.0, 0.0), 1.0),
        ((drive(-0.1),), (0.0, 0.0), 0.0),
        ((drive(0.0),), (0.0, 0.0), 0.0),
        ((drive(0.5, 0.5),), (0.0, 9.0), 0.8413),
        ((drive(-0.5, 0.0),), (0.5, 9.0), 0.1587),
        # 0.3 and 0.4 in quadrature
        ((drive(0.5, 0.3),), (0.4, 9.0), 0.8413),
        # neither of two species in a quarter of the samples; the same species twice in half of them
        ((drive(0.0, 0.5), drive(0.0, 0.5, "B")), (0.0, 0.0), 0.75),
        ((drive(0.0, 0.5), drive(0.0, 0.5)), (0.0, 0.0), 0.5),
        # the other carrier's drive counts nothing
        ((drive(0.9, process=OX), drive(-0.1)), (0.0, 0.0), 0.0),
    ],
)
def test_a_carrier_is_taken_as_often_as_its_drives_say(drives, edges, share):
    assert taken(*drives, edges=edges) == pytest.approx(share, abs=0.02)


def test_each_process_has_its_own_edge():
    hole = drive(-0.5, process=OX)
    assert taken(hole, edges=(9.0, 0.5), name="p_oxidation") == pytest.approx(0.1587, abs=0.02)
    assert taken(hole, edges=(9.0, 0.0), name="p_oxidation") == 0.0


def test_without_drives_a_carrier_has_its_probability():
    scores = sampled_scores([candidate(p_reduction=0.3)], ELECTRON, 3, (0.5, 0.5))
    assert scores.least.tolist() == [[pytest.approx(0.7)] * 3]


def test_a_spread_is_drawn_along_its_shifts():
    # The value is its own shift: the desirability has the deviation of the normal distribution over six.
    asked = {"log_p": Preference(weight=1, worst=-3, best=3)}
    spread = {"log_p": SHIFTS}
    one, two = (Candidate(key=key, depth=1, values={"log_p": 0.0}, spreads=spread) for key in "AB")
    scores = sampled_scores([one, two, one], asked, N, (0.0, 0.0)).least
    assert scores[0].mean() == pytest.approx(0.5, abs=0.01)
    assert scores[0].std() == pytest.approx(1 / 6, abs=0.005)
    assert np.array_equal(scores[0], scores[2])
    assert abs(np.corrcoef(scores[0], scores[1])[0, 1]) < 0.05


def test_what_is_unknown_is_not_drawn():
    item = Candidate(key="A", depth=1, values={"p_reduction": None}, drives=(drive(0.5, 0.5),))
    scores = sampled_scores([item], ELECTRON, 3, (0.5, 0.5))
    assert (scores.least.tolist(), scores.most.tolist()) == ([[0.0] * 3], [[1.0] * 3])
