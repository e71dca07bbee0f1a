"""Dots of many sizes: edges, exciton and, for a ligand, the size at which its verdict turns.

A sweep is written ``CORE:MIN-MAX[:STEP]/SHELL:MIN-MAX[:STEP]``; a layer may have one size instead of
a range. The levels of a ligand do not depend on the size of the dot, so they are computed once for
each metal that the ligand sits on; only the comparison with the edges is done for each dot.

Where the verdict turns. A reaction has the probability P = Phi(z) with z = drive / sigma. Between two
neighbouring sizes z runs almost straight, P does not: the root of P = threshold is interpolated in z.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from scipy.special import ndtri

from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import DotError, InputError
from echemscreen.records import Alignment, Assessment, Failure, Molecule, QuantumDot
from echemscreen.screening.assess import assess
from echemscreen.screening.workbench import Workbench
from echemscreen.verdicts.rules import TRUSTED_DOMAINS, Judgement, Thresholds, judge, severity

#: Step of a range without one, nm.
DEFAULT_STEP_NM = 0.5
#: Dots of one sweep; each costs some ten milliseconds.
MAX_DOTS = 2000
#: A range ends with MAX although its steps do not add up to the last digit.
_ROUNDING = 1e-6
_SIZE = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_RANGE = re.compile(rf"\s*({_SIZE})\s*-\s*({_SIZE})\s*(?::\s*({_SIZE})\s*)?")
_FIXED = re.compile(rf"\s*({_SIZE})\s*")
_HOW = "Write CORE:MIN-MAX[:STEP]/SHELL:MIN-MAX[:STEP] in nm, as CdSe:2-6/CdS:0-6:0.5."

Turn = Literal["inert", "active"]
TURNS: tuple[Turn, Turn] = ("inert", "active")


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptLayer:
    """A layer of the sweep and the sizes that it takes, nm."""

    material: str
    is_core: bool
    sizes_nm: tuple[float, ...]

    @property
    def swept(self) -> bool:
        """Whether the layer has more than one size."""
        return len(self.sizes_nm) > 1

    @property
    def label(self) -> str:
        """Such as ``CdSe core diameter``."""
        return f"{self.material} {'core diameter' if self.is_core else 'shell thickness'}"


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
        return max(found, key=lambda item: -math.inf if (z := _z(item)) is None else z, default=None)


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
    interpolated: bool = True
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
        side = "from" if not item.interpolated else item.side
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
        assessment = self.assessments[point.dot.site_metal]
        largest = {
            process: max(
                (item for item in point.judgement.alignments if item.process == process),
                key=lambda item: item.drive_ev,
                default=None,
            )
            for process in ("reduction", "oxidation")
        }
        levels = assessment.levels
        couple = point.judgement.limiting_couple
        return content | {
            "ligand": self.ligand,
            "form": assessment.form.role,
            "e_red_v_she": _rounded(levels.reduction.value_v_she if levels.reduction else None),
            "e_red_sigma_v": _rounded(levels.reduction.sigma_v if levels.reduction else None),
            "e_ox_v_she": _rounded(levels.oxidation.value_v_she if levels.oxidation else None),
            "e_ox_sigma_v": _rounded(levels.oxidation.sigma_v if levels.oxidation else None),
            "limits": "; ".join(
                words
                for level, words in (
                    (levels.reduction, "E_red at most"),
                    (levels.oxidation, "E_ox at least"),
                )
                if level is not None and level.one_sided
            ),
            "limiting_couple": couple.couple if couple else "",
            "couple_e0_v_she": couple.e0_v_she if couple else None,
            "couple_sigma_v": couple.sigma_v if couple else None,
            **{
                name: _rounded(None if (item := largest[process]) is None else item.drive_ev)
                for process, name in (
                    ("reduction", "reduction_drive_ev"),
                    ("oxidation", "oxidation_drive_ev"),
                )
            },
            "p_reduction": _rounded(_largest_probability(point.judgement, "reduction")),
            "p_oxidation": _rounded(_largest_probability(point.judgement, "oxidation")),
            "verdict": point.judgement.verdict,
            "flags": list(dict.fromkeys(flag.code for flag in point.judgement.flags)),
            "domain": point.judgement.domain,
            "reason": point.judgement.reason,
            "method": levels.method,
            "critical_sizes": [
                {
                    "verdict": item.turn,
                    "layer": self.layers[item.layer].label,
                    "size_nm": round(item.size_nm, 3),
                    "side": item.side,
                    "interpolated": item.interpolated,
                    "words": self.words(item),
                }
                for item in self.critical_of(point)
            ],
        }


def parse_sweep(spec: str) -> tuple[SweptLayer, ...]:
    """The layers of a sweep.

    Raises
    ------
    DotError
        for a range that is none, and for more dots than ``MAX_DOTS``.
    """
    if not spec.strip():
        raise DotError("The sweep is empty.", _HOW)
    layers = []
    for index, part in enumerate(spec.split("/")):
        material, colon, size = part.partition(":")
        if not colon or not material.strip():
            raise DotError(f"In the sweep '{spec}' the layer '{part}' has no size.", _HOW)
        sizes = _sizes(size, f"In the sweep '{spec}' the size '{size}' of {material.strip()}")
        layers.append(SweptLayer(material=material.strip(), is_core=index == 0, sizes_nm=sizes))
    count = math.prod(len(layer.sizes_nm) for layer in layers)
    if count > MAX_DOTS:
        raise DotError(
            f"The sweep '{spec}' has {count} dots, more than {MAX_DOTS}.",
            "Give longer steps (MIN-MAX:STEP) or shorter ranges.",
        )
    return tuple(layers)


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
    points = []
    for sizes in itertools.product(*(layer.sizes_nm for layer in layers)):
        text = "/".join(f"{layer.material}:{size:.6g}" for layer, size in zip(layers, sizes, strict=True))
        dot = quantum_dot(text)
        judgement = None
        if ligand is not None and bench is not None:
            if dot.site_metal not in assessments:
                assessments[dot.site_metal] = _assessed(ligand, dot, bench)
            judgement = rejudged(assessments[dot.site_metal], dot, thresholds)
        points.append(SweepPoint(sizes_nm=sizes, dot=dot, judgement=judgement))
    return Sweep(
        spec=spec,
        layers=layers,
        points=tuple(points),
        thresholds=thresholds,
        ligand="" if ligand is None else ligand.name,
        assessments=assessments,
        critical=tuple(_critical(layers, points, thresholds)),
    )


def rejudged(assessment: Assessment, dot: QuantumDot, thresholds: Thresholds) -> Judgement:
    """The judgement of known levels on another dot; of several members the worst one's."""
    judged = [
        judge(
            member.levels,
            dot.edges,
            [item.couple for item in member.alignments if item.couple is not None],
            thresholds=thresholds,
        )
        for member in assessment.members or (assessment,)
    ]
    return max(judged, key=lambda item: severity(item.verdict, item.alignments))


def _sizes(text: str, where: str) -> tuple[float, ...]:
    fixed = _FIXED.fullmatch(text)
    if fixed:
        return (float(fixed[1]),)
    found = _RANGE.fullmatch(text)
    if not found:
        raise DotError(f"{where} is neither a number nor a range.", _HOW)
    low, high = float(found[1]), float(found[2])
    step = float(found[3]) if found[3] else DEFAULT_STEP_NM
    if low > high:
        raise DotError(f"{where} runs from the larger to the smaller.", "Write MIN-MAX.")
    if step <= 0:
        raise DotError(f"{where} has a step of zero.", "Give a step above 0 nm.")
    count = math.floor((high - low) / step + _ROUNDING) + 1
    if count > MAX_DOTS:
        raise DotError(f"{where} has {count} steps, more than {MAX_DOTS}.", "Give a longer step.")
    return tuple(round(low + index * step, 9) for index in range(count))


def _assessed(ligand: Molecule, dot: QuantumDot, bench: Workbench) -> Assessment:
    result = assess(ligand, dot, bench)[0]
    if isinstance(result, Failure):
        raise InputError(f"The ligand cannot be judged: {result.message}", result.remedy)
    return result


def _critical(
    layers: Sequence[SweptLayer], points: Sequence[SweepPoint], thresholds: Thresholds
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
                for size_nm, rises, interpolated in _crossings(line, index, turn, thresholds):
                    holds_above = rises == (turn == "active")
                    yield CriticalSize(
                        turn=turn,
                        layer=index,
                        fixed_nm=fixed,
                        size_nm=size_nm,
                        side="above" if holds_above else "below",
                        interpolated=interpolated,
                    )


def _crossings(
    line: Sequence[SweepPoint], layer: int, turn: Turn, thresholds: Thresholds
) -> Iterator[tuple[float, bool, bool]]:
    """Sizes at which P crosses the threshold of a verdict, whether it rises, whether it is a root."""
    limit = float(ndtri(thresholds.inert if turn == "inert" else thresholds.active))
    for left, right in itertools.pairwise(line):
        here, there = _margin(left, turn), _margin(right, turn)
        if here is None or there is None or (here > limit) == (there > limit):
            continue
        a, b = left.sizes_nm[layer], right.sizes_nm[layer]
        if left.dot.site_metal != right.dot.site_metal:
            yield b, there > here, False
        else:
            yield a + (b - a) * (limit - here) / (there - here), there > here, True


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
    return None if worst is None else _z(worst)


def _levels_in_words(assessment: Assessment) -> str:
    words = []
    for member in assessment.members or (assessment,):
        for level in (member.levels.reduction, member.levels.oxidation):
            if level is None:
                continue
            symbol = "E_red" if level.process == "reduction" else "E_ox"
            side = ("at most " if level.process == "reduction" else "at least ") if level.one_sided else ""
            sigma = "" if level.sigma_v is None else f" +- {level.sigma_v:.2f}"
            words.append(f"{symbol} {side}{level.value_v_she:+.2f}{sigma} V vs SHE ({level.domain})")
        for item in member.alignments:
            if item.couple is not None:
                couple = item.couple
                words.append(
                    f"{couple.couple} {couple.e0_v_she:+.2f} +- {couple.sigma_v:.2f} V vs SHE ({couple.kind})"
                )
    return ", ".join(dict.fromkeys(words))


def _z(item: Alignment) -> float | None:
    # No edge has a sigma of zero, so none of a drive is zero.
    return item.drive_ev / item.sigma_ev if item.sigma_ev else None


def _largest_probability(judgement: Judgement, process: str) -> float | None:
    found = [item.probability for item in judgement.alignments if item.process == process]
    return max((value for value in found if value is not None), default=None)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
