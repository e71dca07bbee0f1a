"""The regression behind the calibration: a Gaussian process with an intercept for each series.

The kernel is a line through the standardised descriptors and the functional groups (a ridge
regression) plus a squared exponential that lets neighbours correct each other; see
:mod:`~echemscreen.levels.fit.calibration`. Its choices (variances, length, noise) are those of the largest
marginal likelihood on a small grid. Where nothing was computed, molecules are compared by their structure.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from echemscreen.errors import InputError
from echemscreen.levels.fit.process import Choice, GaussianProcess, StructureChoice
from echemscreen.levels.fit.references import (
    CUT_OFF_NOISE_V,
    PREDICTION_SERIES,
    Reference,
    ReferenceDescriptors,
)
from echemscreen.levels.fit.structures import environment_counts
from echemscreen.levels.redox import RawPotentials
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process

#: ``gfn2`` is ``vertical`` without the second opinion of IPEA1: what is known of a ladder at first;
#: ``structure`` needs no calculation.
DescriptorSet = Literal["adiabatic", "vertical", "gfn2", "structure"]

#: Rows below which nothing is fitted.
MIN_ROWS = 20
#: Fitted molecules that must carry a functional group before it counts as covered.
MIN_GROUP_MEMBERS = 3
#: The class of couples whose ion does not stay intact.
DISSOCIATIVE = "dissociative"
#: The grid: variances in V^2, length in standard deviations, factor on the noise of the rows.
_LINEAR, _AMPLITUDES, _LENGTHS, _NOISES = (0.1, 0.3, 1.0), (0.03, 0.1, 0.3), (1.0, 2.0), (1.0, 1.5, 2.5)
_LINEAR_STRUCTURE, _NOISES_STRUCTURE = (0.3, 1.0, 3.0), (1.0, 2.0)
GROUP_SCALE = 0.4
#: Ridge strength with which the intercepts of the series are found.
_INTERCEPT_RIDGE = 3.0


Pair = tuple[Reference, ReferenceDescriptors]


GRID = tuple(Choice(*values) for values in product(_LINEAR, _AMPLITUDES, _LENGTHS, _NOISES))
#: It has no length.
STRUCTURE_GRID = tuple(
    StructureChoice(*values) for values in product(_LINEAR_STRUCTURE, _AMPLITUDES, (0.0,), _NOISES_STRUCTURE)
)


@dataclass(frozen=True, slots=True)
class Rows:
    """The fitted rows as arrays."""

    pairs: tuple[Pair, ...]
    names: tuple[str, ...]
    descriptors: FloatArray
    y: FloatArray
    noise: FloatArray
    series: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]
    environments: FloatArray | None = None
    """Counts, shape (n, ``N_ENVIRONMENTS``), where molecules are compared by their structure."""

    def digest(self) -> str:
        """Of everything that is fitted: a fit of the same rows with the same choices is the same fit."""
        found = hashlib.sha256()
        for (reference, _), line, value, noise, label, names in zip(
            self.pairs, self.descriptors, self.y, self.noise, self.series, self.classes, strict=True
        ):
            if self.environments is None:
                known_by, given = reference.entry, (*line, value, noise)
            else:
                # A level of full follows from the descriptors; its last digit is each machine's own.
                known_by, given = f"{reference.entry}|{reference.smiles}", (*line, noise)
            # Tables hold six decimals.
            numbers = " ".join(f"{number:.6f}" for number in given)
            found.update(f"{known_by}|{label}|{' '.join(names)}|{numbers}\n".encode())
        return found.hexdigest()[:16]

    def part(self, mask: FloatArray) -> Rows:
        """The rows of a mask."""
        kept = np.flatnonzero(mask)
        return Rows(
            tuple(self.pairs[i] for i in kept),
            self.names,
            self.descriptors[kept],
            self.y[kept],
            self.noise[kept],
            tuple(self.series[i] for i in kept),
            tuple(self.classes[i] for i in kept),
            None if self.environments is None else self.environments[kept],
        )


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted process, and how molecules are put to it."""

    choice: Choice
    names: tuple[str, ...]
    """Of the descriptors."""
    lows: FloatArray
    highs: FloatArray
    """Range of the descriptors; what lies outside counts as its end."""
    means: FloatArray
    scales: FloatArray
    precision: FloatArray
    """Inverse of the regularised normal matrix of the standardised descriptors."""
    groups: tuple[str, ...]
    """Functional groups with a column of their own."""
    group_counts: dict[str, int]
    """Rows of each class."""
    intercepts: dict[str, float]
    """Of each series, V vs SHE."""
    process: GaussianProcess
    n_rows: int

    @property
    def intercept_v_she(self) -> float:
        """Of the series that predictions are made in."""
        return self.intercepts[prediction_series(self.intercepts)]

    def features(self, descriptors: FloatArray, classes: Sequence[Sequence[str]]) -> FloatArray:
        """What the process compares molecules by: descriptors in their range, and the groups; a row each."""
        within = (np.clip(descriptors, self.lows, self.highs) - self.means) / self.scales
        return _columns(within, classes, self.groups)

    def of_structure(self, environments: FloatArray, classes: Sequence[Sequence[str]]) -> FloatArray:
        """The same of molecules that are known by their structure."""
        return _columns(environments, classes, self.groups)

    def leverage(self, descriptors: FloatArray) -> float:
        """How far one molecule's descriptors lie from the fitted ones."""
        z = (descriptors - self.means) / self.scales
        return float(z @ self.precision @ z) + 1.0 / self.n_rows

    def predict(self, rows: Rows) -> tuple[FloatArray, FloatArray]:
        """Potentials of rows, each in its series, and their standard deviations."""
        base = np.array([self.intercepts.get(label, self.intercept_v_she) for label in rows.series])
        if rows.environments is None:
            features = self.features(rows.descriptors, rows.classes)
        else:
            features = self.of_structure(rows.environments, rows.classes)
        mean, spread = self.process.predict(features)
        return np.asarray(base + mean), np.asarray(np.hypot(spread, self.choice.noise * rows.noise))


def rows_of(process: Process, engine: str, descriptor_set: DescriptorSet, pairs: Iterable[Pair]) -> Rows:
    """The rows of one fit; the adiabatic one takes only ions that stayed intact.

    Raises
    ------
    InputError
        if fewer than ``MIN_ROWS`` are usable.
    """
    chosen = tuple(
        (reference, row)
        for reference, row in pairs
        if reference.process == process
        and row.engine == engine
        and (descriptor_set != "adiabatic" or (row.intact and row.gfn2_adiabatic_v_she is not None))
    )
    if len(chosen) < MIN_ROWS:
        raise InputError(
            f"Only {len(chosen)} reference rows can be used for {process} with {engine}.",
            f"At least {MIN_ROWS} are needed; run 'echemscreen calibrate --recompute'.",
        )
    by_structure = descriptor_set == "structure"
    has_second = all(row.ipea1_vertical_v_she is not None for _, row in chosen)
    names = descriptor_names(descriptor_set, ionisation=has_second and descriptor_set != "gfn2")
    return Rows(
        pairs=chosen,
        names=names,
        descriptors=np.array([descriptor_vector(row, names) for _, row in chosen]),
        y=np.array([reference.value_v_she for reference, _ in chosen]),
        noise=np.array([reference.noise_v for reference, _ in chosen]),
        series=tuple(reference.series for reference, _ in chosen),
        classes=tuple(
            row.group_names if by_structure else classes_of(row.group_names, row.intact) for _, row in chosen
        ),
        environments=np.array([environment_counts(item.smiles) for item, _ in chosen])
        if by_structure
        else None,
    )


def _columns(z: FloatArray, classes: Sequence[Sequence[str]], groups: Sequence[str]) -> FloatArray:
    carried = np.array([[name in names for name in groups] for names in classes], dtype=np.float64)
    return np.hstack([z, GROUP_SCALE * carried.reshape(len(z), len(groups))])


def fitted(rows: Rows) -> Model:
    """The model of the largest marginal likelihood."""
    models = (solved(rows, choice) for choice in (GRID if rows.environments is None else STRUCTURE_GRID))
    return max(models, key=lambda model: model.process.log_likelihood)


def solved(rows: Rows, choice: Choice) -> Model:
    """The process of one choice."""
    lows, highs = _ranges(rows)
    within = np.clip(rows.descriptors, lows, highs)
    means, scales = within.mean(axis=0), within.std(axis=0)
    scales = np.where(scales > 0.0, scales, 1.0)
    z = (rows.descriptors - means) / scales
    counts = Counter(name for names in rows.classes for name in names)
    groups = tuple(sorted(name for name, count in counts.items() if count >= MIN_GROUP_MEMBERS))
    features = _columns((within - means) / scales, rows.classes, groups)
    if rows.environments is None:
        intercepts = _intercepts(features, rows)
    else:
        # Levels of full are one series. By column: few environments are in each molecule.
        features = np.asfortranarray(_columns(rows.environments, rows.classes, groups))
        intercepts = {PREDICTION_SERIES: float(rows.y.mean())}
    base = np.array([intercepts[label] for label in rows.series])
    process = GaussianProcess.of(choice, features, rows.y - base, np.square(choice.noise * rows.noise))
    return Model(
        choice=choice,
        names=rows.names,
        lows=lows,
        highs=highs,
        means=means,
        scales=scales,
        precision=np.asarray(np.linalg.inv(z.T @ z + np.eye(z.shape[1])), dtype=np.float64),
        groups=groups,
        group_counts=dict(sorted(counts.items())),
        intercepts=intercepts,
        process=process,
        n_rows=len(rows.y),
    )


def _ranges(rows: Rows) -> tuple[FloatArray, FloatArray]:
    """Lowest and highest descriptors of the rows whose value is not cut off.

    Of a value beyond the window only this is known, so how far beyond its descriptors lie must not
    tilt the line: methane's raw potential of -9 V stands for the same -2.7 V as another's -4 V.
    """
    known = np.array([reference.noise_v != CUT_OFF_NOISE_V for reference, _ in rows.pairs])
    inside = rows.descriptors[known] if known.any() else rows.descriptors
    return inside.min(axis=0), inside.max(axis=0)


def _intercepts(features: FloatArray, rows: Rows) -> dict[str, float]:
    """One for each series, by a ridge regression whose slopes all series share."""
    labels = np.array(rows.series)
    x, y = features.copy(), rows.y.copy()
    for label in sorted(set(rows.series)):
        members = labels == label
        x[members] -= features[members].mean(axis=0)
        y[members] -= rows.y[members].mean()
    slopes = np.linalg.solve(x.T @ x + _INTERCEPT_RIDGE * np.eye(x.shape[1]), x.T @ y)
    rest = rows.y - features @ slopes
    return {label: float(rest[labels == label].mean()) for label in sorted(set(rows.series))}


def prediction_series(intercepts: dict[str, float]) -> str:
    """The declared series, or the first where a fold has none of its rows."""
    return PREDICTION_SERIES if PREDICTION_SERIES in intercepts else min(intercepts)


def paired(values: Sequence[Reference], descriptors: Sequence[ReferenceDescriptors]) -> tuple[Pair, ...]:
    """Each value with its descriptors, of every engine."""
    by_entry = {reference.entry: reference for reference in values}
    return tuple((by_entry[row.entry], row) for row in descriptors if row.entry in by_entry)


def classes_of(groups: Sequence[str], intact: bool | None) -> tuple[str, ...]:
    """The functional groups, and the class of couples that do not stay intact."""
    return (*groups, DISSOCIATIVE) if intact is False else tuple(groups)


def descriptor_names(descriptor_set: DescriptorSet, *, ionisation: bool) -> tuple[str, ...]:
    """Descriptors of a fit; ``ionisation`` adds the IPEA1 values of engines that have them."""
    names = ["gfn2_adiabatic_v_she"] if descriptor_set == "adiabatic" else ["gfn2_vertical_v_she"]
    if ionisation:
        names.append("ipea1_vertical_v_she")
        if descriptor_set == "adiabatic":
            names.append("ipea1_adiabatic_v_she")
    elif descriptor_set == "adiabatic":
        names.append("gfn2_vertical_v_she")
    return (*names, "homo_ev", "lumo_ev")


def descriptor_vector(raw: RawPotentials | ReferenceDescriptors, names: Sequence[str]) -> FloatArray:
    """The named descriptors as an array.

    Raises
    ------
    InputError
        if one of them was not computed.
    """
    values = [getattr(raw, name) for name in names]
    if any(value is None for value in values):
        missing = [n for n, value in zip(names, values, strict=True) if value is None]
        raise InputError(f"The descriptors {', '.join(missing)} were not computed.")
    return np.array(values, dtype=np.float64)
