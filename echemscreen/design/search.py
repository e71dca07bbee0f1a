"""A search of more candidates than can be computed: propose, compute, learn, until nothing better is likely.

Each round draws functions from the surrogates (the drives towards reduction and oxidation, and how easily a
candidate is made) and computes, for each draw, the candidate that survives best in it, of those alike in that
the easiest to make (Thompson sampling: W. R. Thompson, Biometrika 25, 285 (1933)). The same draws count how
many candidates beyond the computed ones would be better than what is asked for; the search ends when that is
less than one half, or when its budget is spent.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtr

from echemscreen.design.surrogate import IntArray, Surrogate, fitted
from echemscreen.errors import InputError
from echemscreen.ligands.building.build import Built
from echemscreen.ligands.building.candidate_space import CandidateSpace
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure

#: A candidate is better only if it survives with at least so much more probability, or as well and is easier
#: to make by so much of synthetic accessibility.
WORTH, EASIER = 0.02, 0.1
#: The search ends when fewer better candidates than this are expected among those not computed ...
LIKELY = 0.5
#: ... in so many rounds one after the other.
_ROUNDS = 2
#: Candidates that a draw may offer before one of them keeps to the limits.
_OFFERS = 200
#: Of a draw's best, so many are built, and the easiest to make of those that survive alike is computed.
_LOOKED_AT = 20
#: Built candidates that the surrogate of the effort is fitted to.
_EFFORTS = 400
#: Values that a surrogate needs.
MIN_COMPUTED = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is searched, and how long."""

    allowed: FloatArray
    """Whether each candidate may be proposed, by what the blocks alone tell; shape (candidates,), bool."""
    keeps: Callable[[Built], bool]
    """Whether a built molecule keeps to the limits that only a molecule tells."""
    wanted: int = 10
    batch: int = 16
    budget: int = 300
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """A candidate that was computed."""

    index: int
    """In the space."""
    built: Built
    result: Assessment | Failure

    def drive_ev(self, process: Process) -> float | None:
        """Of the molecule's own level; positive where the reaction is allowed."""
        if isinstance(self.result, Failure):
            return None
        found = [a for a in self.result.alignments if a.source == "molecule" and a.process == process]
        return found[0].drive_ev if found else None

    def sigma_ev(self, process: Process) -> float | None:
        """Standard deviation of the drive."""
        if isinstance(self.result, Failure):
            return None
        found = [a for a in self.result.alignments if a.source == "molecule" and a.process == process]
        return found[0].sigma_ev if found else None

    @property
    def survives(self) -> float | None:
        """Probability that neither carrier reacts; ``None`` where one is unknown."""
        if isinstance(self.result, Failure):
            return None
        worst = dict.fromkeys(PROCESSES, 0.0)
        for alignment in self.result.alignments:
            if alignment.deciding is None:
                return None
            worst[alignment.process] = max(worst[alignment.process], alignment.deciding)
        return math.prod(1.0 - p for p in worst.values())


@dataclass(slots=True)
class Search:
    """The state of a search; everything that was tried, in its order."""

    space: CandidateSpace
    goal: Goal
    tried: list[Tried] = field(default_factory=list)
    built: dict[int, Built] = field(default_factory=dict)
    """Candidates that were built and keep to the limits."""
    rejected: set[int] = field(default_factory=set)
    """Candidates that were built and do not keep to the limits."""
    surrogates: dict[Process, Surrogate] = field(default_factory=dict)
    """Of the drives."""
    effort: Surrogate | None = None
    """Of the synthetic accessibility."""
    better_left: float | None = None
    """Expected number of better candidates among those not computed; ``None`` before anything is learnt."""
    reason: str = ""
    """Why it ended."""

    def best(self) -> list[Tried]:
        """What survives best, the first first."""
        known = [item for item in self.tried if item.survives is not None]
        # What survives alike is ordered by how easily it is made.
        return sorted(known, key=lambda item: (-_rounded(item.survives or 0.0), accessibility(item.built)))


def _rounded(survives: float) -> float:
    return round(survives, 2)


def accessibility(built: Built) -> float:
    """Synthetic accessibility, 1 easy to 10 hard; infinite where it was not computed."""
    return math.inf if built.descriptors is None else built.descriptors.synthetic_accessibility


def search(
    space: CandidateSpace, goal: Goal, evaluate: Callable[[Sequence[Built]], Sequence[Assessment | Failure]]
) -> Iterator[Search]:
    """Search a space; yields its state after every batch.

    Parameters
    ----------
    evaluate
        Computes molecules; the results in the same order.

    Raises
    ------
    InputError
        if no candidate can be proposed at all.
    """
    state = Search(space=space, goal=goal)
    generator = np.random.default_rng(goal.seed)
    if not goal.allowed.any():
        raise InputError(
            f"None of the {len(space)} candidates keeps to the limits.",
            "Widen the mass or name other blocks.",
        )
    quiet_rounds = 0
    while not state.reason:
        room = min(goal.batch, goal.budget - len(state.tried))
        batch = _batch(state, generator, room)
        if not batch:
            state.reason = "every candidate that keeps to the limits is computed"
            if not state.tried:
                raise InputError(
                    f"None of {int(goal.allowed.sum())} candidates of that mass keeps to the other limits.",
                    "Widen log P, rotatable bonds or accessibility, or allow what is nitrogen-rich.",
                )
            break
        results = evaluate([built for _, built in batch])
        for (index, built), result in zip(batch, results, strict=True):
            state.tried.append(Tried(index=index, built=built, result=result))
        _learn(state)
        quiet_rounds = quiet_rounds + 1 if _nothing_better(state, generator) else 0
        if quiet_rounds >= _ROUNDS:
            state.reason = f"{state.better_left:.1f} better ones are expected among those not computed"
        elif len(state.tried) >= goal.budget:
            state.reason = f"the budget of {goal.budget} is spent"
        yield state
    if state.reason.startswith("every"):
        state.better_left = 0.0
        yield state


def _learn(state: Search) -> None:
    """Fit the surrogates to what was computed."""
    for process in PROCESSES:
        known = [(item.index, drive) for item in state.tried if (drive := item.drive_ev(process)) is not None]
        if len(known) >= MIN_COMPUTED:
            indices = np.array([index for index, _ in known], dtype=np.intp)
            values = np.array([drive for _, drive in known])
            state.surrogates[process] = fitted(state.space.similarities, state.space.triples[indices], values)
    # How easily a candidate is made is known of whatever was built, computed or not; of many, a sample.
    built = [
        (index, value) for index, item in state.built.items() if math.isfinite(value := accessibility(item))
    ]
    built = built[:: len(built) // _EFFORTS + 1]
    if len(built) >= MIN_COMPUTED:
        triples = state.space.triples[[index for index, _ in built]]
        state.effort = fitted(state.space.similarities, triples, np.array([value for _, value in built]))


def usual_sigma_ev(state: Search, process: Process) -> float:
    """Median standard deviation of the drives of a process."""
    return float(np.median([s for item in state.tried if (s := item.sigma_ev(process)) is not None]))


def survival(state: Search, drives: dict[Process, FloatArray]) -> FloatArray:
    """Probability that no carrier reacts, of candidates with these drives and the usual sigma."""
    found = np.ones(1)
    for process, drive in drives.items():
        found = found * ndtr(-drive / usual_sigma_ev(state, process))
    return found


def _open(state: Search) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Candidates that may still be proposed."""
    free = np.array(state.goal.allowed, dtype=bool)
    free[[item.index for item in state.tried]] = False
    free[list(state.rejected)] = False
    return np.flatnonzero(free)


def _batch(state: Search, generator: np.random.Generator, room: int) -> list[tuple[int, Built]]:
    """The next candidates: at random before anything is learnt, later the best of a draw each."""
    left = _open(state)
    chosen: list[tuple[int, Built]] = []
    taken: set[int] = set()
    if len(state.surrogates) < len(PROCESSES):
        order = generator.permutation(left)
        for index in order:
            if len(chosen) == room:
                break
            if (built := _kept(state, int(index))) is not None:
                chosen.append((int(index), built))
        return chosen
    triples = state.space.triples[left]
    for _ in range(room):
        survives, effort = _drawn(state, triples, generator)
        looked_at: list[tuple[float, float, int]] = []
        for at in np.lexsort((effort, -survives))[:_OFFERS]:
            index = int(left[at])
            if index not in taken and (built := _kept(state, index)) is not None:
                looked_at.append((-float(survives[at]), accessibility(built), index))
            if len(looked_at) == _LOOKED_AT:
                break
        if looked_at:
            _, _, index = min(looked_at)
            chosen.append((index, state.built[index]))
            taken.add(index)
    return chosen


def _drawn(
    state: Search, triples: IntArray, generator: np.random.Generator, *, with_own: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Survival, to the two decimals that count, and effort of candidates in one draw of everything."""
    drives = {
        process: model.draw(triples, generator, with_own=with_own)
        for process, model in state.surrogates.items()
    }
    effort = np.zeros(len(triples))
    if state.effort is not None:
        effort = state.effort.draw(triples, generator, with_own=with_own)
    return np.round(survival(state, drives), 2), effort


def _kept(state: Search, index: int) -> Built | None:
    """The molecule of a candidate, if it keeps to the limits."""
    if index in state.rejected:
        return None
    if index not in state.built:
        built = state.space.built(index)
        if built is None or not state.goal.keeps(built):
            state.rejected.add(index)
            return None
        state.built[index] = built
    return state.built[index]


def _nothing_better(state: Search, generator: np.random.Generator) -> bool:
    """Whether fewer than ``LIKELY`` candidates are expected to be better than what is asked for."""
    best = state.best()
    if len(state.surrogates) < len(PROCESSES) or len(best) < state.goal.wanted:
        return False
    left = _open(state)
    if not len(left):
        state.better_left = 0.0
        return True
    last = best[state.goal.wanted - 1]
    survives_last, effort_last = _rounded(last.survives or 0.0), accessibility(last.built)
    triples = state.space.triples[left]
    counts = []
    for _ in range(_DRAWS):
        survives, effort = _drawn(state, triples, generator, with_own=True)
        better = survives > survives_last + WORTH
        easier = (survives >= survives_last) & (effort < effort_last - EASIER)
        counts.append(int((better | easier).sum()))
    state.better_left = float(np.mean(counts))
    return state.better_left < LIKELY


#: Draws from which better candidates are counted.
_DRAWS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a block does to a drive wherever it stands, eV; negative helps."""

    place: str
    block: str
    process: Process
    effect_ev: float
    sigma_ev: float


def effects(state: Search) -> list[Effect]:
    """Effects of the blocks that occur among the computed candidates, the surest first."""
    places = (("centre", state.space.centres), ("bridge", state.space.bridges), ("end", state.space.ends))
    found = []
    for process, model in state.surrogates.items():
        for place, (name, blocks) in enumerate(places):
            means, sigmas = model.effects(place)
            for at in sorted(set(model.computed[:, place].tolist())):
                block = blocks[at]
                if block is not None:
                    found.append(
                        Effect(
                            place=name,
                            block=block.code,
                            process=process,
                            effect_ev=float(means[at]),
                            sigma_ev=float(sigmas[at]),
                        )
                    )
    return sorted(found, key=lambda item: -abs(item.effect_ev) / max(item.sigma_ev, 1e-9))


def first_to_make(state: Search) -> list[Tried]:
    """The wanted number of candidates, the best first, no two of them alike in centre and end."""
    chosen: list[Tried] = []
    seen: set[tuple[int, int]] = set()
    for item in state.best():
        centre, _, end = (int(k) for k in state.space.triples[item.index])
        if (centre, end) not in seen:
            seen.add((centre, end))
            chosen.append(item)
        if len(chosen) == state.goal.wanted:
            break
    return chosen


def pareto_front(state: Search) -> set[int]:
    """Candidates that none beats in survival and synthetic accessibility at once."""
    known = [
        (item.survives, item.built.descriptors.synthetic_accessibility, item.index)
        for item in state.best()
        if item.survives is not None and item.built.descriptors is not None
    ]
    front: set[int] = set()
    easiest = math.inf
    for _, accessibility, index in sorted(known, key=lambda row: (-row[0], row[1])):
        if accessibility < easiest:
            front.add(index)
            easiest = accessibility
    return front
