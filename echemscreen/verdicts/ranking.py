"""Candidates ranked by many criteria: a weighted score, its Pareto front, and how sure each rank is.

A criterion is turned into a desirability between 0 (at its ``worst`` value or beyond) and 1 (at its
``best`` or beyond); the score is the weighted mean (a linear additive value function, R. L. Keeney and
H. Raiffa, Decisions with Multiple Objectives, 1976). What was examined more deeply stands first, because
only scores of the same criteria can be compared; what lacks something necessary stands behind all others.

Unknown is not zero, and not last: a criterion that no candidate of a depth has is left out for all of it;
one that a single candidate lacks counts with half its weight, and in the samples with any desirability
at all, so that the rank's interval shows the doubt.

Intervals come from samples of the levels within one standard deviation. Band edges are drawn once for
all candidates, the levels of a species once wherever it occurs; every draw follows from the content (the
species and the process), so a rank does not depend on the order, the names or the repetition of the input.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from echemscreen.records import FloatArray, Process
from echemscreen.verdicts.criteria import CARRIER_CRITERIA, Preference, Preferences

#: Scores and desirabilities closer than these are equal: rounding noise, and a hundredth of the range.
SCORE_DECIMALS, PARETO_DECIMALS = 9, 2
#: Share of the samples inside a rank's interval.
INTERVAL = 0.90
#: What a criterion counts for a candidate that lacks it.
UNKNOWN_DESIRABILITY = 0.5
#: Standard deviations at which a spread is given.
SHIFTS: tuple[float, ...] = tuple(float(shift) for shift in np.linspace(-3.0, 3.0, 25))


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertainDrive:
    """The drive of one process on one deciding member, with the level's own uncertainty."""

    species: str
    """Canonical SMILES and spin of the member: the same species is drawn the same."""
    process: Process
    drive_ev: float
    level_sigma_ev: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is ranked."""

    key: str
    """Identity: the canonical SMILES."""
    depth: int
    """Of the examination; the larger stands first."""
    barred: bool = False
    """Something necessary is missing: it stands behind all others, whatever its score."""
    values: Mapping[str, float | None]
    """By criterion; ``None`` or absent if unknown."""
    spreads: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Of criteria that are not carriers': the value with its origin shifted by ``SHIFTS``."""
    drives: tuple[UncertainDrive, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """The place of one candidate."""

    key: str
    rank: int
    rank_low: int
    rank_high: int
    """Ends of the interval that holds ``INTERVAL`` of the samples, and the rank."""
    score: float
    pareto_front: int
    """1 on the front of its depth; 2 on the front once that is taken away, and so on."""
    desirabilities: Mapping[str, float]
    """Of the criteria that entered the score."""
    missing: tuple[str, ...]
    """Criteria that entered for others but are unknown for this one."""


def rank_candidates(
    candidates: Sequence[Candidate],
    preferences: Preferences,
    *,
    cbm_sigma_v: float,
    vbm_sigma_v: float,
) -> dict[str, Ranked]:
    """Rank distinct candidates; equal scores share a rank.

    Parameters
    ----------
    candidates
        In any order; one with a key that was there before is the same candidate and is left out.
    cbm_sigma_v, vbm_sigma_v
        Standard deviations of the band edges, common to all candidates, V.

    Returns
    -------
    dict
        By key, best first, then by key.
    """
    distinct = {item.key: item for item in sorted(candidates, key=lambda item: item.key)}
    depths = sorted({item.depth for item in distinct.values()}, reverse=True)
    peers = {depth: [item for item in distinct.values() if item.depth == depth] for depth in depths}
    ranked: list[Ranked] = []
    for barred in (False, True):
        for depth in depths:
            members = [item for item in peers[depth] if item.barred is barred]
            if members:
                known = _known(peers[depth], preferences)
                fronts = _fronts(peers[depth], preferences, known)
                tier = _Tier(members, known, fronts, offset=len(ranked))
                ranked += _rank_tier(tier, preferences, (cbm_sigma_v, vbm_sigma_v))
    return {item.key: item for item in sorted(ranked, key=lambda item: (item.rank, item.key))}


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
class _Tier:
    """Candidates whose scores are compared."""

    members: Sequence[Candidate]
    known: Sequence[str]
    """Criteria of which something is known at their depth."""
    fronts: Mapping[str, int]
    offset: int
    """Candidates that stand before them."""


def _known(peers: Sequence[Candidate], preferences: Preferences) -> list[str]:
    """Criteria of which something is known for one of the candidates."""
    return [name for name in preferences.criteria if any(item.values.get(name) is not None for item in peers)]


def _fronts(peers: Sequence[Candidate], preferences: Preferences, known: Sequence[str]) -> dict[str, int]:
    """The front of each candidate among all of its depth."""
    chosen = {name: preferences.criteria[name] for name in preferences.pareto if name in known}
    points = [
        [0.0, *(round(value, PARETO_DECIMALS) for value in _desirabilities(item, chosen).values())]
        for item in peers
    ]
    return dict(zip((item.key for item in peers), pareto_fronts(points), strict=True))


def _rank_tier(tier: _Tier, preferences: Preferences, edge_sigmas_v: tuple[float, float]) -> list[Ranked]:
    entered = {
        name: preference
        for name, preference in preferences.criteria.items()
        if preference.weight > 0 and name in tier.known
    }
    total = sum(preference.weight for preference in entered.values())
    points = [_desirabilities(item, entered) for item in tier.members]
    scores = np.array([_score(point, entered, total) for point in points])
    ranks = _ranks(scores[:, None])[:, 0]
    sampled = _ranks(_sampled_scores(tier.members, entered, total, preferences.samples, edge_sigmas_v))
    tail = 0.5 * (1.0 - INTERVAL)
    low = np.quantile(sampled, tail, axis=1, method="lower")
    high = np.quantile(sampled, 1.0 - tail, axis=1, method="higher")
    return [
        Ranked(
            key=item.key,
            rank=tier.offset + int(ranks[index]),
            rank_low=tier.offset + int(min(low[index], ranks[index])),
            rank_high=tier.offset + int(max(high[index], ranks[index])),
            score=float(scores[index]),
            pareto_front=tier.fronts[item.key],
            desirabilities=points[index],
            missing=tuple(name for name in entered if item.values.get(name) is None),
        )
        for index, item in enumerate(tier.members)
    ]


def _desirabilities(item: Candidate, entered: Mapping[str, Preference]) -> dict[str, float]:
    found = {}
    for name, preference in entered.items():
        value = item.values.get(name)
        found[name] = UNKNOWN_DESIRABILITY if value is None else preference.desirability(value)
    return found


def _score(point: Mapping[str, float], entered: Mapping[str, Preference], total: float) -> float:
    if not entered:
        return UNKNOWN_DESIRABILITY
    weighted = math.fsum(preference.weight * point[name] for name, preference in entered.items())
    return round(weighted / total, SCORE_DECIMALS)


def _ranks(scores: FloatArray) -> npt.NDArray[np.int64]:
    """Ranks in each column, from 1; equal scores share the better one."""
    rounded = np.round(scores, SCORE_DECIMALS)
    ordered = np.sort(rounded, axis=0)
    ranks = np.empty(rounded.shape, dtype=np.int64)
    for column in range(rounded.shape[1]):
        better = len(rounded) - np.searchsorted(ordered[:, column], rounded[:, column], side="right")
        ranks[:, column] = better + 1
    return ranks


# --- samples ------------------------------------------------------------------------------


def _sampled_scores(
    members: Sequence[Candidate],
    entered: Mapping[str, Preference],
    total: float,
    samples: int,
    edge_sigmas_v: tuple[float, float],
) -> FloatArray:
    """Scores, one row a candidate and one column a sample."""
    scores = np.full((len(members), samples), UNKNOWN_DESIRABILITY)
    if not entered:
        return scores
    # An edge that lies higher than thought drives its carrier more: both signs are symmetric.
    edges: dict[Process, FloatArray] = {
        "reduction": edge_sigmas_v[0] * _normal("conduction-band edge", samples),
        "oxidation": edge_sigmas_v[1] * _normal("valence-band edge", samples),
    }
    carriers = {name: process for process, name in CARRIER_CRITERIA.items()}
    for index, item in enumerate(members):
        row = np.zeros(samples)
        for name, preference in entered.items():
            value = item.values.get(name)
            if value is None:
                desired = _generator(f"{item.key} {name}").uniform(size=samples)
            elif name in carriers and item.drives:
                desired = _sampled_carrier(item, carriers[name], preference, edges, samples)
            elif item.spreads.get(name):
                desired = _sampled_value(item, name, preference, samples)
            else:
                desired = np.full(samples, preference.desirability(value))
            row += preference.weight * desired
        scores[index] = row / total
    return scores


def _sampled_carrier(
    item: Candidate,
    process: Process,
    preference: Preference,
    edges: Mapping[Process, FloatArray],
    samples: int,
) -> FloatArray:
    """In each sample the carrier is taken by some member, or by none."""
    taken = np.zeros(samples, dtype=bool)
    for drive in item.drives:
        if drive.process == process:
            noise = drive.level_sigma_ev * _normal(f"{drive.species} {process}", samples)
            taken |= drive.drive_ev + noise + edges[process] > 0.0
    return np.where(taken, preference.desirability(1.0), preference.desirability(0.0))


def _sampled_value(item: Candidate, name: str, preference: Preference, samples: int) -> FloatArray:
    curve = [preference.desirability(value) for value in item.spreads[name]]
    return np.interp(_normal(f"{item.key} {name}", samples), SHIFTS, curve)


def _generator(content: str) -> np.random.Generator:
    """Random numbers that follow from the content alone."""
    return np.random.default_rng(int.from_bytes(hashlib.sha256(content.encode()).digest()[:16], "big"))


def _normal(content: str, samples: int) -> FloatArray:
    return _generator(content).standard_normal(samples)
