"""Candidates ranked by many criteria: a weighted score, its Pareto front, and how sure each rank is.

A criterion is turned into a desirability between 0 (at its ``worst`` value or beyond) and 1 (at its
``best`` or beyond); the score is the weighted mean (a linear additive value function, R. L. Keeney and
H. Raiffa, Decisions with Multiple Objectives, 1976). Candidates stand in groups with dividers between
them: only scores of the same criteria can be compared.

Unknown is not half. A criterion that no candidate of a depth has is left out for all of it (carriers
never are); one that a single candidate lacks counts nothing in its score, and ``score_high`` tells what the
score could be. Ranks follow the score, with one exception: of two in a group, one whose carriers are
unknown never stands above one that is shown inert.

Intervals of ranks and the probability that one candidate is better than another come from samples of what
is uncertain (:mod:`~echemscreen.verdicts.posterior`); they span all that the unknown cells could be. Two
candidates are told apart if one is better in at least ``RESOLVED`` of the samples whatever these are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from echemscreen.verdicts.criteria import CARRIER_CRITERIA, Preference, Preferences
from echemscreen.verdicts.posterior import (
    SCORE_DECIMALS,
    Candidate,
    Scores,
    desirabilities,
    sampled_scores,
)

#: Desirabilities closer than this are equal on a Pareto front: a hundredth of the range.
PARETO_DECIMALS = 2
#: Share of the samples inside a rank's interval.
INTERVAL = 0.90
#: Least probability at which one candidate is called better than another.
RESOLVED = 0.90


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """The place of one candidate."""

    key: str
    rank: int
    rank_low: int
    rank_high: int
    """Ends of the interval in its group: ``INTERVAL`` of the samples, whatever is unknown, and the rank."""
    score: float
    """With what is unknown at its worst."""
    score_high: float
    """With what is unknown at its best."""
    pareto_front: int
    """1 on the front of its depth; 2 on the front once that is taken away, and so on."""
    desirabilities: Mapping[str, float]
    """Of the criteria that entered the score; of an unknown one zero."""
    missing: tuple[str, ...]
    """Criteria that entered but are unknown for this one, or known on their good side only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two candidates of one group, the better one first in the ranking."""

    better: str
    worse: str
    probability: float
    """That the first is better, with all unknown cells against it; a tie counts half."""
    probability_high: float
    """The same with all unknown cells for it."""

    @property
    def resolved(self) -> bool:
        """Whether they are told apart, whatever the unknown cells are."""
        return self.probability >= RESOLVED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Order:
    """Ranked candidates, and how sure each is to be better than another."""

    ranked: Mapping[str, Ranked]
    """By key, best first, then by key."""
    groups: tuple[tuple[str, ...], ...]
    """Keys of each group, best first; a divider stands between two groups."""
    scores: tuple[Scores, ...]
    """Of the groups, in their order."""

    def compare(self, first: str, second: str) -> Comparison | None:
        """How sure the first is better than the second; ``None`` if a divider stands between them."""
        for keys, scores in zip(self.groups, self.scores, strict=True):
            if first in keys and second in keys:
                a, b = keys.index(first), keys.index(second)
                return Comparison(
                    better=first,
                    worse=second,
                    probability=_share_above(scores.least[a], scores.most[b]),
                    probability_high=_share_above(scores.most[a], scores.least[b]),
                )
        return None


def rank_candidates(
    candidates: Sequence[Candidate],
    preferences: Preferences,
    *,
    cbm_sigma_v: float,
    vbm_sigma_v: float,
) -> Order:
    """Rank distinct candidates; equal ones share a rank.

    Parameters
    ----------
    candidates
        In any order; one with a key that was there before is the same candidate and is left out.
    cbm_sigma_v, vbm_sigma_v
        Standard deviations of the band edges, common to all candidates, V.
    """
    distinct = {item.key: item for item in sorted(candidates, key=lambda item: item.key)}
    peers: dict[int, list[Candidate]] = {}
    groups: dict[tuple[int, int], list[Candidate]] = {}
    for item in distinct.values():
        peers.setdefault(item.depth, []).append(item)
        groups.setdefault((item.place, -item.depth), []).append(item)
    known = {depth: _known(items, preferences) for depth, items in peers.items()}
    fronts = {depth: _fronts(items, preferences, known[depth]) for depth, items in peers.items()}
    ranked: list[Ranked] = []
    keys, scores = [], []
    for place, minus_depth in sorted(groups):
        members = groups[place, minus_depth]
        group = _Group(members, known[-minus_depth], fronts[-minus_depth], offset=len(ranked))
        found, sampled = _rank_group(group, preferences, (cbm_sigma_v, vbm_sigma_v))
        ranked += found
        keys.append(tuple(item.key for item in found))
        scores.append(sampled)
    return Order(ranked={item.key: item for item in ranked}, groups=tuple(keys), scores=tuple(scores))


def pareto_fronts(points: Sequence[Sequence[float]]) -> list[int]:
    """Number of the front on which each point lies, the larger in every coordinate the better.

    A point is on front 1 if no other is at least as good in all coordinates and better in one; on
    front 2 if that holds once front 1 is taken away, and so on (N. Srinivas and K. Deb, Evol. Comput.
    2, 221 (1994)).
    """
    if not points:
        return []
    array = np.asarray(points, dtype=np.float64)
    fronts = np.zeros(len(array), dtype=np.int64)
    front = 0
    while (left := np.flatnonzero(fronts == 0)).size:
        front += 1
        remaining = array[left]
        best = [
            not np.any(np.all(remaining >= point, axis=1) & np.any(remaining > point, axis=1))
            for point in remaining
        ]
        fronts[left[best]] = front
    return [int(item) for item in fronts]


@dataclass(frozen=True, slots=True)
class _Group:
    """Candidates whose scores are compared."""

    members: Sequence[Candidate]
    known: Sequence[str]
    """Criteria that count at their depth."""
    fronts: Mapping[str, int]
    offset: int
    """Candidates that stand before them."""


def _known(peers: Sequence[Candidate], preferences: Preferences) -> list[str]:
    """Criteria of which something is known for one of the candidates, and both carriers."""
    carriers = set(CARRIER_CRITERIA.values())
    return [
        name
        for name in preferences.criteria
        if name in carriers or any(item.values.get(name) is not None for item in peers)
    ]


def _fronts(peers: Sequence[Candidate], preferences: Preferences, known: Sequence[str]) -> dict[str, int]:
    """The front of each candidate among all of its depth, with what is unknown at its worst."""
    chosen = {name: preferences.criteria[name] for name in preferences.pareto if name in known}
    points = [
        [0.0, *(round(low, PARETO_DECIMALS) for low, _ in desirabilities(item, chosen).values())]
        for item in peers
    ]
    return dict(zip((item.key for item in peers), pareto_fronts(points), strict=True))


def _rank_group(
    group: _Group, preferences: Preferences, edge_sigmas_v: tuple[float, float]
) -> tuple[list[Ranked], Scores]:
    """The members best first, and their sampled scores in that order."""
    entered = {
        name: preference
        for name, preference in preferences.criteria.items()
        if preference.weight > 0 and name in group.known
    }
    points = {item.key: desirabilities(item, entered) for item in group.members}
    low = {key: _score([least for least, _ in point.values()], entered) for key, point in points.items()}
    high = {key: _score([most for _, most in point.values()], entered) for key, point in points.items()}
    floor = min((low[item.key] for item in group.members if item.inert), default=math.inf)

    def standing(item: Candidate) -> tuple[float, float, float]:
        """The larger stands above; what is not known cannot stand above what is shown inert."""
        score = low[item.key]
        if item.carriers_unknown and not item.inert and score >= floor:
            return floor, -1.0, score
        return score, 0.0, score

    members = sorted(group.members, key=lambda item: (*(-part for part in standing(item)), item.key))
    scores = sampled_scores(members, entered, preferences.samples, edge_sigmas_v)
    best, worst = _sampled_ranks(scores)
    first: dict[tuple[float, float, float], int] = {}
    ranked = []
    for index, item in enumerate(members):
        # Equals share the rank of the first of them.
        rank = first.setdefault(standing(item), index) + 1
        ranked.append(
            Ranked(
                key=item.key,
                rank=group.offset + rank,
                rank_low=group.offset + min(int(best[index]), rank),
                rank_high=group.offset + max(int(worst[index]), rank),
                score=low[item.key],
                score_high=high[item.key],
                pareto_front=group.fronts[item.key],
                desirabilities={name: least for name, (least, _) in points[item.key].items()},
                missing=tuple(name for name in entered if item.is_unsure(name)),
            )
        )
    return ranked, scores


def _score(values: Sequence[float], entered: Mapping[str, Preference]) -> float:
    """Weighted mean; one without a criterion that counts."""
    weights = [preference.weight for preference in entered.values()]
    if not weights:
        return 1.0
    weighted = math.fsum(weight * value for weight, value in zip(weights, values, strict=True))
    return round(weighted / sum(weights), SCORE_DECIMALS)


def _sampled_ranks(scores: Scores) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Ends of each rank's interval, from 1: with unknown cells for it, and against it."""
    n, samples = scores.least.shape
    best, worst = np.empty((n, samples), dtype=np.int64), np.empty((n, samples), dtype=np.int64)
    for column in range(samples):
        least, most = np.sort(scores.least[:, column]), np.sort(scores.most[:, column])
        best[:, column] = n - np.searchsorted(least, scores.most[:, column], side="right")
        above = n - np.searchsorted(most, scores.least[:, column], side="right")
        # What is unknown of a candidate puts it above itself.
        worst[:, column] = above - (scores.most[:, column] > scores.least[:, column])
    tail = 0.5 * (1.0 - INTERVAL)
    return (
        1 + np.quantile(best, tail, axis=1, method="lower").astype(np.int64),
        1 + np.quantile(worst, 1.0 - tail, axis=1, method="higher").astype(np.int64),
    )


def _share_above(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    return float(np.mean(first > second) + 0.5 * np.mean(first == second))
