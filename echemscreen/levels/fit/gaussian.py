"""The regression behind the calibration: a Gaussian process with an intercept for each series.

The kernel is a line through the standardised descriptors and the functional groups (a ridge
regression) plus a squared exponential that lets neighbours correct each other; see
:mod:`~echemscreen.levels.fit.calibration`. Its choices (variances, length, noise) are those of the largest
marginal likelihood on a small grid. The process is written out here (C. E. Rasmussen and C. K. I. Williams,
Gaussian Processes for Machine Learning, MIT Press (2006), algorithm 2.1): a library of them takes longer to
load than a ligand takes to compute.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from scipy.linalg import cho_solve, cholesky, solve_triangular

from echemscreen.errors import InputError
from echemscreen.levels.fit.references import (
    CUT_OFF_NOISE_V,
    PREDICTION_SERIES,
    Reference,
    ReferenceDescriptors,
)
from echemscreen.levels.redox import RawPotentials
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process

DescriptorSet = Literal["adiabatic", "vertical"]

#: Rows below which nothing is fitted.
MIN_ROWS = 20
#: Fitted molecules that must carry a functional group before it counts as covered.
MIN_GROUP_MEMBERS = 3
#: The class of couples whose ion does not stay intact.
DISSOCIATIVE = "dissociative"
#: The grid: variances in V^2, length in standard deviations, factor on the noise of the rows.
_LINEAR, _AMPLITUDES, _LENGTHS, _NOISES = (0.1, 0.3, 1.0), (0.03, 0.1, 0.3), (1.0, 2.0), (1.0, 1.5, 2.5)
GROUP_SCALE = 0.4
#: Standard deviation of the line where every feature is zero, in those of the slopes.
_OFFSET = 0.3
#: Ridge strength with which the intercepts of the series are found.
_INTERCEPT_RIDGE = 3.0


Pair = tuple[Reference, ReferenceDescriptors]


@dataclass(frozen=True, slots=True)
class Choice:
    """A point of the grid."""

    linear: float
    amplitude: float
    length: float
    noise: float

    def covariance(self, first: FloatArray, second: FloatArray) -> FloatArray:
        """The covariance of molecules by their features, V^2, shape (len(first), len(second))."""
        products = first @ second.T
        apart = (first**2).sum(axis=1)[:, None] + (second**2).sum(axis=1) - 2.0 * products
        line = self.linear * (_OFFSET**2 + products)
        neighbours = self.amplitude * np.exp(-0.5 * np.maximum(apart, 0.0) / self.length**2)
        return np.asarray(line + neighbours)


@dataclass(frozen=True, slots=True, eq=False)
class GaussianProcess:
    """The process of a choice, conditioned on values: ``x`` has shape (n, features), the rest (n,)."""

    choice: Choice
    x: FloatArray
    y: FloatArray
    variances: FloatArray
    """Noise of the values, V^2."""
    factor: FloatArray
    """Lower Cholesky factor of their covariance."""
    weights: FloatArray
    log_likelihood: float
    """Marginal, of the values."""

    @classmethod
    def of(cls, choice: Choice, x: FloatArray, y: FloatArray, variances: FloatArray) -> GaussianProcess:
        """Condition on the values ``y``."""
        factor = cholesky(choice.covariance(x, x) + np.diag(variances), lower=True)
        weights = cho_solve((factor, True), y)
        likelihood = -0.5 * y @ weights - np.log(np.diag(factor)).sum() - 0.5 * len(y) * np.log(2.0 * np.pi)
        return cls(choice, x, y, variances, factor, weights, float(likelihood))

    def predict(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Means and standard deviations."""
        near = self.choice.covariance(at, self.x)
        solved = solve_triangular(self.factor, near.T, lower=True)
        prior = self.choice.linear * (_OFFSET**2 + (at**2).sum(axis=1)) + self.choice.amplitude
        variance = prior - (solved**2).sum(axis=0)
        return near @ self.weights, np.sqrt(np.maximum(variance, 0.0))

    def together(self, at: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Means, and their covariances with each other."""
        near = self.choice.covariance(at, self.x)
        solved = solve_triangular(self.factor, near.T, lower=True)
        return near @ self.weights, self.choice.covariance(at, at) - solved.T @ solved

    def shares(self, at: FloatArray) -> FloatArray:
        """How much each value counts in the mean at some features: a row each."""
        return np.asarray(cho_solve((self.factor, True), self.choice.covariance(at, self.x).T).T)


GRID = tuple(Choice(*values) for values in product(_LINEAR, _AMPLITUDES, _LENGTHS, _NOISES))


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

    def digest(self) -> str:
        """Of everything that is fitted: a fit of the same rows with the same choices is the same fit."""
        found = hashlib.sha256()
        for (reference, _), line, value, noise, label, names in zip(
            self.pairs, self.descriptors, self.y, self.noise, self.series, self.classes, strict=True
        ):
            # Tables hold six decimals.
            numbers = " ".join(f"{number:.6f}" for number in (*line, value, noise))
            found.update(f"{reference.entry}|{label}|{' '.join(names)}|{numbers}\n".encode())
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

    def leverage(self, descriptors: FloatArray) -> float:
        """How far one molecule's descriptors lie from the fitted ones."""
        z = (descriptors - self.means) / self.scales
        return float(z @ self.precision @ z) + 1.0 / self.n_rows

    def predict(self, rows: Rows) -> tuple[FloatArray, FloatArray]:
        """Potentials of rows, each in its series, and their standard deviations."""
        base = np.array([self.intercepts.get(label, self.intercept_v_she) for label in rows.series])
        mean, spread = self.process.predict(self.features(rows.descriptors, rows.classes))
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
        and (descriptor_set == "vertical" or (row.intact and row.gfn2_adiabatic_v_she is not None))
    )
    if len(chosen) < MIN_ROWS:
        raise InputError(
            f"Only {len(chosen)} reference rows can be used for {process} with {engine}.",
            f"At least {MIN_ROWS} are needed; run 'echemscreen calibrate --recompute'.",
        )
    ionisation = all(row.ipea1_vertical_v_she is not None for _, row in chosen)
    names = descriptor_names(descriptor_set, ionisation=ionisation)
    return Rows(
        pairs=chosen,
        names=names,
        descriptors=np.array([descriptor_vector(row, names) for _, row in chosen]),
        y=np.array([reference.value_v_she for reference, _ in chosen]),
        noise=np.array([reference.noise_v for reference, _ in chosen]),
        series=tuple(reference.series for reference, _ in chosen),
        classes=tuple(classes_of(row.group_names, row.intact) for _, row in chosen),
    )


def _columns(z: FloatArray, classes: Sequence[Sequence[str]], groups: Sequence[str]) -> FloatArray:
    carried = np.array([[name in names for name in groups] for names in classes], dtype=np.float64)
    return np.hstack([z, GROUP_SCALE * carried.reshape(len(z), len(groups))])


def fitted(rows: Rows) -> Model:
    """The model of the largest marginal likelihood."""
    models = (solved(rows, choice) for choice in GRID)
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
    intercepts = _intercepts(features, rows)
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
    names = ["gfn2_vertical_v_she"] if descriptor_set == "vertical" else ["gfn2_adiabatic_v_she"]
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
