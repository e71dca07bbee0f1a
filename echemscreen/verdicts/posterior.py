"""Scores of candidates in samples of what is not known exactly, and the range of what is not known at all.

Levels, bands and band edges are drawn within one standard deviation. Band edges are drawn once for all
candidates, the levels of a species once wherever it occurs; every draw follows from the content (the
species and the process), so a rank does not depend on the order, the names or the repetition of the input.

An unknown cell has no distribution: it may be anything between its worst and its best. A score is
therefore a range in each sample, from :attr:`Scores.least` to :attr:`Scores.most`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process
from echemscreen.verdicts.criteria import CARRIER_CRITERIA, Preference

#: Scores closer than this are equal: rounding noise.
SCORE_DECIMALS = 9
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
    place: int = 0
    """Of its group, which a divider tells from the others; the smaller stands first, whatever the score."""
    depth: int
    """Of the examination: of two groups' candidates in one place, the larger stands first."""
    values: Mapping[str, float | None]
    """By criterion; ``None`` or absent if unknown."""
    open: frozenset[str] = frozenset()
    """Criteria whose value is the best that they can be: something unknown may make it worse."""
    spreads: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """Of criteria that are not carriers': the value with its origin shifted by ``SHIFTS``."""
    drives: tuple[UncertainDrive, ...] = ()
    inert: bool = False
    """Shown to be left alone by both carriers."""

    def is_unsure(self, name: str) -> bool:
        """Whether a criterion is unknown, or known only on its good side."""
        return self.values.get(name) is None or name in self.open

    @property
    def carriers_unknown(self) -> bool:
        """Whether it is not known what a carrier does to it."""
        return any(self.is_unsure(name) for name in CARRIER_CRITERIA.values())


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores of some candidates, one row each; shape (candidates, samples)."""

    least: FloatArray
    """With what is unknown at its worst."""
    most: FloatArray
    """With what is unknown at its best."""


def desirabilities(item: Candidate, entered: Mapping[str, Preference]) -> dict[str, tuple[float, float]]:
    """The least and the largest desirability of each criterion at its central value."""
    found = {}
    for name, preference in entered.items():
        value = item.values.get(name)
        most = 1.0 if value is None else preference.desirability(value)
        found[name] = (0.0 if item.is_unsure(name) else most, most)
    return found


def sampled_scores(
    members: Sequence[Candidate],
    entered: Mapping[str, Preference],
    samples: int,
    edge_sigmas_v: tuple[float, float],
) -> Scores:
    """Weighted means of the desirabilities in every sample.

    Parameters
    ----------
    entered
        Criteria that count, with their weights; without any, every score is one.
    edge_sigmas_v
        Standard deviations of the conduction- and the valence-band edge, V.
    """
    least, most = np.ones((len(members), samples)), np.ones((len(members), samples))
    total = sum(preference.weight for preference in entered.values())
    if not total:
        return Scores(least, most)
    # An edge that lies higher than thought drives its carrier more: both signs are symmetric.
    edges: dict[Process, FloatArray] = {
        Process.REDUCTION: edge_sigmas_v[0] * _normal("conduction-band edge", samples),
        Process.OXIDATION: edge_sigmas_v[1] * _normal("valence-band edge", samples),
    }
    for index, item in enumerate(members):
        low, high = np.zeros(samples), np.zeros(samples)
        for name, preference in entered.items():
            desired = _sampled(item, name, preference, edges, samples)
            high += preference.weight * desired
            if not item.is_unsure(name):
                low += preference.weight * desired
        least[index], most[index] = low / total, high / total
    return Scores(np.round(least, SCORE_DECIMALS), np.round(most, SCORE_DECIMALS))


def _sampled(
    item: Candidate,
    name: str,
    preference: Preference,
    edges: Mapping[Process, FloatArray],
    samples: int,
) -> FloatArray:
    """Desirability of one criterion, at its best where something is unknown."""
    value = item.values.get(name)
    if value is None:
        return np.ones(samples)
    process = next((key for key, carrier in CARRIER_CRITERIA.items() if carrier == name), None)
    if process is not None and item.drives:
        return _carrier(item, process, preference, edges, samples)
    if item.spreads.get(name):
        curve = [preference.desirability(shifted) for shifted in item.spreads[name]]
        return np.interp(_normal(f"{item.key} {name}", samples), SHIFTS, curve)
    return np.full(samples, preference.desirability(value))


def _carrier(
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


def _normal(content: str, samples: int) -> FloatArray:
    """Normal random numbers that follow from the content alone."""
    seed = int.from_bytes(hashlib.sha256(content.encode()).digest()[:16], "big")
    return np.random.default_rng(seed).standard_normal(samples)
