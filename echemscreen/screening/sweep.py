"""Dots of many sizes: edges, exciton and, for a ligand, the size at which its verdict turns.

A sweep is written ``CORE:MIN-MAX[:STEP]/SHELL:MIN-MAX[:STEP]``; a layer may have one size instead of
a range. The levels of a ligand do not depend on the size of the dot, so they are computed once for
each metal that the ligand sits on; only the comparison with the edges is done for each dot.

Where the verdict turns. A reaction has the probability P = Phi(z) with z = drive / sigma. Where P
passes a threshold between two neighbouring sizes, the dot is solved again in between until the size
at which it does is known to ``ROOT_NM``: a critical size does not depend on the step of the sweep.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from scipy.special import ndtri

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.dots.size_ranges import SweptLayer, parse_sweep
from echemscreen.errors import InputError
from echemscreen.quantities import quantity, tabled
from echemscreen.records.dots import QuantumDot
from echemscreen.records.molecules import Molecule
from echemscreen.records.results import Alignment, Assessment
from echemscreen.records.rows import Failure
from echemscreen.screening.assess import assess
from echemscreen.screening.workbench import Workbench
from echemscreen.verdicts.alignment import margin
from echemscreen.verdicts.rules import TRUSTED_DOMAINS, Judgement, Thresholds, judge, severity
from echemscreen.views.sweep.sweep_figure import svg_of_sweep
from echemscreen.views.tables.columns import values_of

#: Uncertainty of a critical size, nm, from the search alone.
ROOT_NM = 0.002
Turn = Literal["inert", "active"]
TURNS: tuple[Turn, Turn] = ("inert", "active")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepPoint:
    """One dot of a sweep, and the judgement of the ligand on it."""

    sizes_nm: tuple[float, ...]
    dot: QuantumDot
    judgement: Judgement | None = None

    def worst(self, turn: Turn) -> Alignment | None:
        """The comparison nearest to its reaction; a bound may exclude, but never assert."""
        if self.judgement is None:
            return None
        found = [item for item in self.judgement.alignments if turn == "inert" or not item.one_sided]
        return max(found, key=lambda item: -math.inf if (z := margin(item)) is None else z, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CriticalSize:
    """The size of one layer, the others being fixed, at which a verdict begins or ends."""

    turn: Turn
    layer: int
    """Index of the swept layer."""
    fixed_nm: tuple[tuple[int, float], ...]
    """Index and size of the other layers."""
    size_nm: float
    side: Literal["above", "below"]
    """On which side of ``size_nm`` the verdict holds."""
    is_root: bool = True
    """False where the ligand changes its metal between two sizes: the size is that of the first dot
    behind the change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The dots of a sweep in the order of their sizes, and what they do to a ligand."""

    spec: str
    layers: tuple[SweptLayer, ...]
    points: tuple[SweepPoint, ...]
    thresholds: Thresholds
    ligand: str = ""
    assessments: Mapping[str, Assessment]
    """The ligand's result for each metal that it sits on."""
    critical: tuple[CriticalSize, ...] = ()

    @property
    def dimensions(self) -> tuple[int, ...]:
        """Indices of the layers that have a range."""
        return tuple(index for index, layer in enumerate(self.layers) if layer.swept)

    def describe(self) -> list[dict[str, Any]]:
        """One object a dot: that of ``qd --json`` with its sizes and, for a ligand, its fields."""
        return [self._describe_point(point) for point in self.points]

    def _repr_svg_(self) -> str | None:
        """The figure in a notebook; ``None`` where a sheet of paper has too few dimensions."""
        return svg_of_sweep(self.describe(), inert=self.thresholds.inert, active=self.thresholds.active)

    def critical_of(self, point: SweepPoint) -> tuple[CriticalSize, ...]:
        """The critical sizes on the lines of the sweep that pass through a dot."""
        return tuple(
            item
            for item in self.critical
            if all(point.sizes_nm[index] == size for index, size in item.fixed_nm)
        )

    def words(self, item: CriticalSize) -> str:
        """A critical size as a sentence: ``inert above 3.42 nm CdSe core diameter``."""
        others = [
            f"{self.layers[index].label} {size:g} nm"
            for index, size in item.fixed_nm
            if index in self.dimensions
        ]
        side = "from" if not item.is_root else item.side
        text = f"{item.turn} {side} {item.size_nm:.2f} nm {self.layers[item.layer].label}"
        return f"{text} (at {', '.join(others)})" if others else text

    def notes(self) -> list[str]:
        """What a reader wants to know of the ligand: its levels, and where its verdict turns."""
        if not self.ligand:
            return []
        found = []
        for item in self.assessments.values():
            where = f" on {item.form.site_metal}" if item.form.site_metal else ""
            found.append(f"{self.ligand}, {item.form.role}{where}: {_levels_in_words(item)}.")
        verdicts = {point.judgement.verdict for point in self.points if point.judgement}
        if self.critical:
            found += [f"{words[0].upper()}{words[1:]}." for words in map(self.words, self.critical)]
        elif len(verdicts) == 1:
            found.append(f"{verdicts.pop().capitalize()} at every size of the sweep.")
        untrusted = {
            point.judgement.domain
            for point in self.points
            if point.judgement and point.judgement.domain not in TRUSTED_DOMAINS
        }
        found += [f"Inert at no size: a level is {domain}." for domain in sorted(untrusted)]
        return found

    def _describe_point(self, point: SweepPoint) -> dict[str, Any]:
        content: dict[str, Any] = describe(point.dot) | {
            "sizes_nm": {layer.label: size for layer, size in zip(self.layers, point.sizes_nm, strict=True)}
        }
        if point.judgement is None:
            return content
        judged = point.judgement
        on_dot = replace(
            self.assessments[point.dot.site_metal],
            alignments=judged.alignments,
            flags=judged.flags,
            verdict=judged.verdict,
            domain=judged.domain,
            reason=judged.reason,
            limiting_couple=judged.limiting_couple,
        )
        values = {
            name: _rounded(value) if isinstance(value, float) else value
            for name, value in values_of("sweep", on_dot).items()
            if name not in content
        }
        return (
            content
            | values
            | {
                "ligand": self.ligand,
                "ligand_smiles": on_dot.form.molecule.canonical_smiles,
                "flags": list(on_dot.flag_codes),
                "method": on_dot.levels.method,
                "critical_sizes": [
                    {
                        "verdict": item.turn,
                        "layer": self.layers[item.layer].label,
                        "size_nm": round(item.size_nm, 3),
                        "side": item.side,
                        "is_root": item.is_root,
                        "words": self.words(item),
                    }
                    for item in self.critical_of(point)
                ],
            }
        )


def sweep(
    spec: str,
    *,
    ligand: Molecule | None = None,
    bench: Workbench | None = None,
) -> Sweep:
    """Solve every dot of a sweep, and judge a ligand on each.

    Parameters
    ----------
    ligand, bench
        What is judged, and how; both or none.

    Raises
    ------
    DotError
        if the sweep or one of its dots means nothing.
    InputError
        if the ligand cannot be judged.
    """
    layers = parse_sweep(spec)
    thresholds = bench.settings.thresholds if bench else Thresholds()
    assessments: dict[str, Assessment] = {}

    def solved(sizes: tuple[float, ...]) -> SweepPoint:
        parts = zip(layers, sizes, strict=True)
        dot = quantum_dot("/".join(f"{layer.material}:{size:.6g}" for layer, size in parts))
        if ligand is None or bench is None:
            return SweepPoint(sizes_nm=sizes, dot=dot)
        if dot.site_metal not in assessments:
            assessments[dot.site_metal] = _assessed(ligand, dot, bench)
        judgement = rejudged(assessments[dot.site_metal], dot, thresholds)
        return SweepPoint(sizes_nm=sizes, dot=dot, judgement=judgement)

    points = [solved(sizes) for sizes in itertools.product(*(layer.sizes_nm for layer in layers))]
    return Sweep(
        spec=spec,
        layers=layers,
        points=tuple(points),
        thresholds=thresholds,
        ligand="" if ligand is None else ligand.name,
        assessments=assessments,
        critical=tuple(_critical(layers, points, thresholds, solved)),
    )


def rejudged(assessment: Assessment, dot: QuantumDot, thresholds: Thresholds) -> Judgement:
    """The judgement of known levels on another dot; of several members the worst one's."""
    judged = [
        judge(
            member.levels,
            dot.edges,
            [item.couple for item in member.alignments if item.couple is not None],
            reach=dot.reach,
            thresholds=thresholds,
        )
        for member in assessment.members or (assessment,)
    ]
    return max(judged, key=lambda item: severity(item.verdict, item.alignments))


def _assessed(ligand: Molecule, dot: QuantumDot, bench: Workbench) -> Assessment:
    result = assess(ligand, dot, bench)[0]
    if isinstance(result, Failure):
        raise InputError(f"The ligand cannot be judged: {result.message}", result.remedy)
    return result


def _critical(
    layers: Sequence[SweptLayer],
    points: Sequence[SweepPoint],
    thresholds: Thresholds,
    solved: Callable[[tuple[float, ...]], SweepPoint],
) -> Iterator[CriticalSize]:
    by_sizes = {point.sizes_nm: point for point in points}
    for index, layer in enumerate(layers):
        if not layer.swept:
            continue
        others = [item.sizes_nm if k != index else (0.0,) for k, item in enumerate(layers)]
        for rest in itertools.product(*others):
            line = [by_sizes[*rest[:index], size, *rest[index + 1 :]] for size in layer.sizes_nm]
            fixed = tuple((k, size) for k, size in enumerate(rest) if k != index)
            for turn in TURNS:
                for size_nm, rises, is_root in _crossings(line, index, turn, thresholds, solved):
                    holds_above = rises == (turn == "active")
                    yield CriticalSize(
                        turn=turn,
                        layer=index,
                        fixed_nm=fixed,
                        size_nm=size_nm,
                        side="above" if holds_above else "below",
                        is_root=is_root,
                    )


def _crossings(
    line: Sequence[SweepPoint],
    layer: int,
    turn: Turn,
    thresholds: Thresholds,
    solved: Callable[[tuple[float, ...]], SweepPoint],
) -> Iterator[tuple[float, bool, bool]]:
    """Sizes at which P crosses the threshold of a verdict, whether it rises, whether it is a root."""
    from scipy.optimize import brentq  # noqa: PLC0415 - scipy.optimize loads for half a second

    limit = float(ndtri(thresholds.inert if turn == "inert" else thresholds.active))
    for left, right in itertools.pairwise(line):
        here, there = _margin(left, turn), _margin(right, turn)
        if here is None or there is None or (here > limit) == (there > limit):
            continue
        rest = left.sizes_nm

        def distance(size: float, rest: tuple[float, ...] = rest) -> float:
            point = solved((*rest[:layer], size, *rest[layer + 1 :]))
            return (_margin(point, turn) or 0.0) - limit

        a, b = left.sizes_nm[layer], right.sizes_nm[layer]
        if left.dot.site_metal != right.dot.site_metal or here == limit:
            # The ligand changes its metal: there is a step, not a root. Or the root is the first size.
            yield (a if here == limit else b), there > here, here == limit
        else:
            yield float(brentq(distance, a, b, xtol=ROOT_NM)), there > here, True


def _margin(point: SweepPoint, turn: Turn) -> float | None:
    """Drive over sigma of the worst comparison; ``None`` where the verdict cannot be given at any size."""
    judgement = point.judgement
    if judgement is None:
        return None
    if turn == "inert":
        unknown = any(item.probability is None for item in judgement.alignments)
        if unknown or judgement.domain not in TRUSTED_DOMAINS:
            return None
    worst = point.worst(turn)
    return None if worst is None else margin(worst)


def _levels_in_words(assessment: Assessment) -> str:
    words = []
    for member in assessment.members or (assessment,):
        for level in (member.levels.reduction, member.levels.oxidation):
            if level is None:
                continue
            known = level.domain if level.domain == level.found else f"{level.domain}, {level.found}"
            potential = quantity(level.value_v_she, level.sigma_v, "V vs SHE", bound=level.bound)
            words.append(f"{level.symbol} {potential} ({known})")
        for item in member.alignments:
            if item.couple is not None:
                couple = item.couple
                potential = quantity(couple.e0_v_she, couple.sigma_v, "V vs SHE", bound=couple.bound)
                words.append(f"{couple.couple} {potential} ({couple.kind})")
    return ", ".join(dict.fromkeys(words))


def _rounded(value: float | None) -> float | None:
    return None if value is None else tabled(value, 4)
