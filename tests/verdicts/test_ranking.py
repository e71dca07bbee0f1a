"""Ranking: invariants, Pareto fronts against brute force, unknown values, intervals."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from echemscreen.records.processes import Process
from echemscreen.verdicts.criteria import Preference, Preferences
from echemscreen.verdicts.posterior import SHIFTS, Candidate, Scores, UncertainDrive
from echemscreen.verdicts.ranking import RESOLVED, pareto_fronts, rank_candidates

PREFERENCES = Preferences(
    criteria={
        "p_reduction": Preference(weight=3, worst=1, best=0),
        "log_p": Preference(weight=1, worst=0, best=6),
        "epsilon_at_lamp_per_m_cm": Preference(weight=2, worst=10, best=10000, log=True),
    },
    pareto=("p_reduction", "log_p"),
    samples=200,
)


def drive(species, value, sigma=0.2, process=Process.REDUCTION):
    return UncertainDrive(species=species, process=process, drive_ev=value, level_sigma_ev=sigma)


def candidate(key, p_reduction=0.5, log_p=3.0, epsilon=1000.0, depth=1, **more):
    values = {
        "p_reduction": p_reduction,
        "p_oxidation": 0.0,
        "log_p": log_p,
        "epsilon_at_lamp_per_m_cm": epsilon,
    }
    return Candidate(key=key, depth=depth, values=values, **more)


def order_of(*candidates, preferences=PREFERENCES):
    return rank_candidates(candidates, preferences, cbm_sigma_v=0.1, vbm_sigma_v=0.1)


def ranked(*candidates, preferences=PREFERENCES):
    return order_of(*candidates, preferences=preferences).ranked


candidates = st.lists(
    st.builds(
        candidate,
        key=st.text(alphabet="CNOF", min_size=1, max_size=6),
        p_reduction=st.none() | st.floats(0, 1),
        log_p=st.none() | st.floats(-10, 10),
        epsilon=st.none() | st.floats(0, 1e6),
        depth=st.integers(0, 2),
        place=st.integers(0, 2),
        open=st.sets(st.sampled_from(["p_reduction", "log_p"])).map(frozenset),
        inert=st.booleans(),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda item: item.key,
)


@given(candidates, st.randoms())
def test_neither_order_nor_repetition_of_the_input_matters(items, random):
    shuffled = [*items, *items[:2]]
    random.shuffle(shuffled)
    assert ranked(*shuffled) == ranked(*items)


@given(candidates)
def test_every_candidate_has_one_place_inside_its_interval(items):
    found = ranked(*items)
    assert set(found) == {item.key for item in items}
    for item in found.values():
        assert 1 <= item.rank_low <= item.rank <= item.rank_high <= len(items)
        assert 0.0 <= item.score <= 1.0
    # Competition ranks: as many candidates are better as the rank says.
    for item in found.values():
        assert sum(other.rank < item.rank for other in found.values()) == item.rank - 1


@given(candidates)
def test_groups_stand_in_order_and_no_interval_crosses_a_divider(items):
    groups = {item.key: (item.place, -item.depth) for item in items}
    order = order_of(*items)
    assert [groups[key] for key in order.ranked] == sorted(groups.values())
    assert [key for keys in order.groups for key in keys] == list(order.ranked)
    start = 0
    for keys in order.groups:
        for key in keys:
            item = order.ranked[key]
            assert start < item.rank_low <= item.rank_high <= start + len(keys)
        start += len(keys)


@given(candidates)
def test_another_place_moves_a_candidate_without_changing_its_score_or_front(items):
    before, after = ranked(*items), ranked(replace(items[0], place=9), *items[1:])
    key = items[0].key
    assert after[key].rank >= before[key].rank
    assert {name: (item.score, item.pareto_front) for name, item in before.items()} == {
        name: (item.score, item.pareto_front) for name, item in after.items()
    }


@given(candidates)
def test_unknown_carriers_never_stand_above_what_is_shown_inert_in_their_group(items):
    by_key = {item.key: item for item in items}
    for keys in order_of(*items).groups:
        unknown = [i for i, key in enumerate(keys) if by_key[key].carriers_unknown and not by_key[key].inert]
        inert = [i for i, key in enumerate(keys) if by_key[key].inert]
        assert not unknown or not inert or min(unknown) > max(inert)


@given(candidates)
def test_what_is_unknown_spans_the_score_and_the_interval(items):
    known = {item.key: item for item in items}
    for key, item in ranked(*items).items():
        assert item.score <= item.score_high
        assert (item.score < item.score_high) <= bool(item.missing)
        assert all(known[key].is_unsure(name) for name in item.missing)


@given(candidates)
def test_probabilities_of_a_pair_are_complementary_and_resolved_only_when_sure(items):
    order = order_of(*items)
    for keys in order.groups:
        for first in keys:
            for second in keys:
                found, turned = order.compare(first, second), order.compare(second, first)
                if first == second:
                    continue
                assert found.probability <= found.probability_high
                assert found.probability + turned.probability_high == pytest.approx(1.0)
                assert found.resolved == (found.probability >= RESOLVED)
    if len(order.groups) > 1:
        assert order.compare(order.groups[0][0], order.groups[1][0]) is None


def test_the_score_is_the_weighted_mean_by_hand():
    # (3 * 0.5 + 1 * 0.5 + 2 * 2/3) / 6
    assert ranked(candidate("A"))["A"].score == pytest.approx((1.5 + 0.5 + 4 / 3) / 6)


def test_a_candidate_that_is_better_in_one_thing_ranks_before_its_equal():
    found = ranked(candidate("A"), candidate("B", p_reduction=0.4))
    assert (found["B"].rank, found["A"].rank) == (1, 2)


def test_equal_candidates_share_a_rank():
    found = ranked(candidate("A"), candidate("B"), candidate("C", log_p=0.0))
    assert [item.rank for item in found.values()] == [1, 1, 3]


def test_unknown_is_not_half_and_its_interval_spans_what_it_could_be():
    good, bad = candidate("good", p_reduction=0.2), candidate("bad", p_reduction=0.8)
    unknown = candidate("unknown", p_reduction=None)
    order = order_of(good, unknown, bad)
    # It could be worse than both: it is not shown to be better than either.
    assert list(order.ranked) == ["good", "bad", "unknown"]
    found = order.ranked["unknown"]
    assert found.missing == ("p_reduction",)
    assert (found.rank_low, found.rank_high) == (1, 3)
    # 1 * 0.5 + 2 * 2/3 of 6 without it, 3 of 6 more with it.
    assert (found.score, found.score_high) == pytest.approx(((0.5 + 4 / 3) / 6, (3.5 + 4 / 3) / 6))
    # All others could stand below it.
    assert {order.ranked[key].rank_high for key in ("good", "bad")} == {2, 3}
    pair = order.compare("good", "unknown")
    assert (pair.probability, pair.probability_high, pair.resolved) == (0.0, 1.0, False)


def test_unknown_carriers_stand_below_a_worse_candidate_that_is_shown_inert():
    inert = candidate("inert", p_reduction=0.05, log_p=0.0, epsilon=10.0, inert=True)
    unknown = candidate("unknown", p_reduction=0.0, log_p=6.0, open=frozenset({"p_reduction"}))
    rich = replace(unknown, values={**unknown.values, "log_p": 6.0, "epsilon_at_lamp_per_m_cm": 1e6})
    weights = replace(
        PREFERENCES, criteria={**PREFERENCES.criteria, "log_p": Preference(weight=9, worst=0, best=6)}
    )
    order = order_of(inert, rich, preferences=weights)
    # Its score is the better one; that it is not known to be inert decides.
    assert order.ranked["unknown"].score > order.ranked["inert"].score
    assert list(order.ranked) == ["inert", "unknown"]
    assert order.ranked["unknown"].rank_low == 1


def test_carriers_are_never_left_out():
    found = ranked(candidate("A", p_reduction=None), candidate("B", p_reduction=None))
    assert all(item.missing == ("p_reduction",) for item in found.values())


def test_what_nobody_has_is_left_out_for_all():
    known = ranked(candidate("A", epsilon=None), candidate("B", epsilon=None, log_p=1.0))
    assert all("epsilon_at_lamp_per_m_cm" not in item.desirabilities for item in known.values())
    assert known["A"].missing == ()
    assert known["A"].score == pytest.approx((1.5 + 0.5) / 4)


def test_what_one_of_them_has_counts_for_all():
    found = ranked(candidate("A", epsilon=1000.0), candidate("B", epsilon=None))
    assert (found["A"].missing, found["B"].missing) == ((), ("epsilon_at_lamp_per_m_cm",))
    # (3 * 0.5 + 1 * 0.5) / 6, and 2 more of 6 at best.
    assert (found["B"].score, found["B"].score_high) == pytest.approx((2.0 / 6, 4.0 / 6))


def test_sure_levels_give_narrow_intervals_and_unsure_ones_wide():
    sure = [candidate("A", p_reduction=0.0, drives=(drive("A", -2.0, 0.1),)), candidate("B", p_reduction=1.0)]
    found = ranked(*sure, candidate("C", p_reduction=0.5, drives=(drive("C", 0.0, 0.5),)))
    assert (found["A"].rank_low, found["A"].rank_high) == (1, 1) or found["C"].rank_low == 1
    assert found["C"].rank_high - found["C"].rank_low >= 1
    # A drive of -2 eV with a sigma of 0.1 eV is never taken.
    assert found["A"].rank_high == 1


def test_the_edge_is_drawn_once_for_all():
    # Two equal drives of different species with levels known exactly: only the common edge is unsure.
    pair = [candidate(key, p_reduction=0.5, drives=(drive(key, 0.05, 0.0),)) for key in "AB"]
    found = ranked(*pair)
    assert {(item.rank_low, item.rank_high) for item in found.values()} == {(1, 1)}


def test_the_same_species_is_drawn_the_same_in_two_candidates():
    pair = [candidate(key, p_reduction=0.5, drives=(drive("shared", 0.0, 0.5),)) for key in "AB"]
    assert {(item.rank_low, item.rank_high) for item in ranked(*pair).values()} == {(1, 1)}


def test_a_spread_widens_the_interval():
    narrow = [candidate("A", epsilon=1000.0), candidate("B", epsilon=500.0)]
    spread = {"epsilon_at_lamp_per_m_cm": tuple(500.0 * 10**shift for shift in SHIFTS)}
    wide = [narrow[0], replace(narrow[1], spreads=spread)]
    assert ranked(*narrow)["B"].rank_low == 2
    assert (ranked(*wide)["B"].rank_low, ranked(*wide)["B"].rank_high) == (1, 2)


points = st.lists(st.tuples(*[st.integers(0, 4).map(float)] * 3), max_size=12)


@given(points)
def test_the_first_front_is_what_brute_force_finds(items):
    def dominated(one):
        return any(all(a >= b for a, b in zip(other, one, strict=True)) and other != one for other in items)

    fronts = pareto_fronts(items)
    assert [front == 1 for front in fronts] == [not dominated(one) for one in items]


@given(points)
def test_later_fronts_are_fronts_of_what_is_left(items):
    fronts = pareto_fronts(items)
    left = [index for index, front in enumerate(fronts) if front > 1]
    assert [fronts[index] - 1 for index in left] == pareto_fronts([items[index] for index in left])


@pytest.fixture
def won(monkeypatch):
    """Two candidates with the samples of which the first wins so many of a hundred, and ties some."""

    def order(wins, ties=0, *others):
        def sampled(members, *_):
            if len(members) == 1:
                return Scores(np.ones((1, 100)), np.ones((1, 100)))
            second = np.array([0.5] * wins + [1.0] * ties + [1.5] * (100 - wins - ties))
            scores = np.array([np.ones(100), second])
            return Scores(scores, scores)

        monkeypatch.setattr("echemscreen.verdicts.ranking.sampled_scores", sampled)
        return order_of(candidate("A", p_reduction=0.4), candidate("B"), *others)

    return order


def test_intervals_hold_nine_of_ten_samples(won):
    # Five samples in a hundred lie beyond either end: 95 of 100 won leave the second rank inside.
    for wins, ends in ((96, [(1, 1), (2, 2)]), (95, [(1, 2), (1, 2)]), (5, [(1, 2), (1, 2)])):
        found = won(wins).ranked
        assert [(found[key].rank_low, found[key].rank_high) for key in "AB"] == ends
    # The rank by the score is inside in any case.
    found = won(0).ranked
    assert [(found[key].rank, found[key].rank_low, found[key].rank_high) for key in "AB"] == [
        (1, 1, 2),
        (2, 1, 2),
    ]


def test_ranks_and_intervals_begin_behind_the_divider(won):
    order = won(96, 0, candidate("first", p_reduction=0.9, depth=2))
    assert order.groups == (("first",), ("A", "B"))
    found = order.ranked
    assert [(found[key].rank, found[key].rank_low, found[key].rank_high) for key in found] == [
        (1, 1, 1),
        (2, 2, 2),
        (3, 3, 3),
    ]


def test_a_pair_is_told_apart_from_nine_samples_in_ten(won):
    for wins, ties, probability, resolved in (
        (90, 0, 0.90, True),
        (89, 0, 0.89, False),
        (89, 2, 0.90, True),
        (0, 100, 0.5, False),
    ):
        pair = won(wins, ties).compare("A", "B")
        assert (pair.better, pair.worse, pair.resolved) == ("A", "B", resolved)
        assert (pair.probability, pair.probability_high) == pytest.approx((probability, probability))
    turned = won(90).compare("B", "A")
    assert (turned.better, turned.worse, turned.probability) == ("B", "A", pytest.approx(0.1))
    assert (RESOLVED, won(90).compare("A", "C")) == (0.9, None)


def test_a_criterion_without_weight_does_not_enter():
    weightless = replace(
        PREFERENCES, criteria={**PREFERENCES.criteria, "log_p": Preference(weight=0, worst=0, best=6)}
    )
    item = ranked(candidate("A", log_p=None), preferences=weightless)["A"]
    # (3 * 0.5 + 2 * 2/3) / 5
    assert item.score == pytest.approx((1.5 + 4 / 3) / 5)
    assert set(item.desirabilities) == {"p_reduction", "epsilon_at_lamp_per_m_cm"}
    assert item.missing == ()
    nothing = replace(PREFERENCES, criteria={"p_reduction": Preference(weight=0, worst=1, best=0)}, pareto=())
    found = ranked(candidate("A"), candidate("B"), preferences=nothing)
    assert [(one.rank, one.score, one.score_high, one.pareto_front) for one in found.values()] == [
        (1, 1.0, 1.0, 1)
    ] * 2


def test_unknown_carriers_stand_behind_every_candidate_shown_inert_and_keep_their_order():
    good = candidate("D good", p_reduction=0.0, inert=True)
    poor = candidate("C poor", p_reduction=0.0, log_p=0.0, epsilon=10.0, inert=True)
    open_ = frozenset({"p_oxidation"})
    first = candidate("B", p_reduction=0.0, log_p=3.0, open=open_)
    second = candidate("A", p_reduction=0.0, log_p=1.5, open=open_)
    even = candidate("0", p_reduction=0.0, log_p=0.0, epsilon=10.0, open=open_)
    worse = candidate("1", p_reduction=0.1, log_p=0.0, epsilon=10.0, open=open_)
    order = order_of(good, poor, first, second, even, worse)
    assert list(order.ranked) == ["D good", "C poor", "B", "A", "0", "1"]
    assert [item.rank for item in order.ranked.values()] == [1, 2, 3, 4, 5, 6]
    # One that is shown inert is not moved, whatever of it is open.
    sure = replace(first, inert=True)
    found = ranked(good, poor, sure)
    assert {key: item.rank for key, item in found.items()} == {"B": 1, "D good": 1, "C poor": 3}
    # Without one that is shown inert the score alone decides.
    assert list(ranked(replace(good, inert=False), first)) == ["B", "D good"]


def test_fronts_by_hand():
    items = (
        candidate("best in one", p_reduction=0.0, log_p=1.0),
        candidate("best in the other", p_reduction=0.5, log_p=6.0),
        candidate("behind", p_reduction=0.5, log_p=1.0),
        candidate("last", p_reduction=0.6, log_p=0.5),
        # 0.001 of the range is not told apart.
        candidate("the same", p_reduction=0.001, log_p=1.0),
        candidate("elsewhere", p_reduction=0.9, log_p=0.0, depth=2),
        candidate("unknown", p_reduction=None, log_p=0.5),
    )
    assert {key: item.pareto_front for key, item in ranked(*items).items()} == {
        "best in one": 1,
        "best in the other": 1,
        "the same": 1,
        "behind": 2,
        "last": 3,
        "elsewhere": 1,
        "unknown": 4,
    }
    assert pareto_fronts([]) == []
    assert pareto_fronts([(1.0, 0.0), (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)]) == [1, 1, 1, 2]
