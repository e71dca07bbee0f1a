"""The regression behind the calibration: a Gaussian process with an intercept for each series.

The kernel is a line through the standardised descriptors and the functional groups (a ridge
regression) plus a squared exponential that lets neighbours correct each other; see
:mod:`~echemscreen.levels.fit.calibration`. Its choices (variances, length, noise) are those of the largest
marginal likelihood on a small grid.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, Kernel
from sklearn.linear_model import Ridge

from echemscreen.errors import InputError, TableError
from echemscreen.levels.fit.calibration import (
    MIN_GROUP_MEMBERS,
    CalibrationRow,
    DescriptorSet,
    classes_of,
    descriptor_names,
    descriptor_vector,
)
from echemscreen.levels.fit.references import (
    CUT_OFF_NOISE_V,
    PREDICTION_SERIES,
    Reference,
    ReferenceDescriptors,
    reference_descriptors,
    references,
)
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process

#: Rows below which nothing is fitted.
MIN_ROWS = 20
#: The grid: variances in V^2, length in standard deviations, factor on the noise of the rows.
_LINEAR, _AMPLITUDES, _LENGTHS, _NOISES = (0.1, 0.3, 1.0), (0.03, 0.1, 0.3), (1.0, 2.0), (1.0, 1.5, 2.5)
GROUP_SCALE = 0.4
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

    def kernel(self) -> Kernel:
        """The covariance of two molecules, V^2."""
        line = ConstantKernel(self.linear, "fixed") * DotProduct(0.3, "fixed")
        neighbours = ConstantKernel(self.amplitude, "fixed") * RBF(self.length, "fixed")
        return line + neighbours


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
    """A fitted process and what is needed to use it."""

    choice: Choice
    lows: FloatArray
    highs: FloatArray
    means: FloatArray
    scales: FloatArray
    groups: tuple[str, ...]
    intercepts: dict[str, float]
    process: GaussianProcessRegressor

    def predict(self, rows: Rows) -> tuple[FloatArray, FloatArray]:
        """Potentials of rows, each in its series, and their standard deviations."""
        fallback = self.intercepts[prediction_series(self.intercepts)]
        base = np.array([self.intercepts.get(label, fallback) for label in rows.series])
        mean, spread = self.process.predict(_features(rows, self), return_std=True)
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


def _features(rows: Rows, model: Model) -> FloatArray:
    within = np.clip(rows.descriptors, model.lows, model.highs)
    return _columns(rows, (within - model.means) / model.scales, model.groups)


def _columns(rows: Rows, z: FloatArray, groups: Sequence[str]) -> FloatArray:
    carried = np.array([[name in names for name in groups] for names in rows.classes], dtype=np.float64)
    return np.hstack([z, GROUP_SCALE * carried.reshape(len(z), len(groups))])


def fitted(rows: Rows) -> Model:
    """The model of the largest marginal likelihood."""
    models = (solved(rows, choice) for choice in GRID)
    return max(models, key=lambda model: float(model.process.log_marginal_likelihood_value_))


def solved(rows: Rows, choice: Choice) -> Model:
    """The process of one choice."""
    lows, highs = _ranges(rows)
    within = np.clip(rows.descriptors, lows, highs)
    means, scales = within.mean(axis=0), within.std(axis=0)
    scales = np.where(scales > 0.0, scales, 1.0)
    counts = Counter(name for names in rows.classes for name in names)
    groups = tuple(sorted(name for name, count in counts.items() if count >= MIN_GROUP_MEMBERS))
    features = _columns(rows, (within - means) / scales, groups)
    intercepts = _intercepts(features, rows)
    base = np.array([intercepts[label] for label in rows.series])
    process = GaussianProcessRegressor(
        choice.kernel(), alpha=np.square(choice.noise * rows.noise), optimizer=None
    ).fit(features, rows.y - base)
    return Model(choice, lows, highs, means, scales, groups, intercepts, process)


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
    slopes = np.asarray(Ridge(alpha=_INTERCEPT_RIDGE, fit_intercept=False).fit(x, y).coef_)
    rest = rows.y - features @ slopes
    return {label: float(rest[labels == label].mean()) for label in sorted(set(rows.series))}


def prediction_series(intercepts: dict[str, float]) -> str:
    """The declared series, or the first where a fold has none of its rows."""
    return PREDICTION_SERIES if PREDICTION_SERIES in intercepts else min(intercepts)


# --- shipped fits ---------------------------------------------------------------------------


def paired(values: Sequence[Reference], descriptors: Sequence[ReferenceDescriptors]) -> tuple[Pair, ...]:
    """Each value with its descriptors, of every engine."""
    by_entry = {reference.entry: reference for reference in values}
    return tuple((by_entry[row.entry], row) for row in descriptors if row.entry in by_entry)


def rebuilt(row: CalibrationRow, weights: FloatArray) -> GaussianProcessRegressor:
    """The process of a shipped fit, made again from the shipped rows with the shipped choices.

    Raises
    ------
    TableError
        if the weights come out differently: the rows have changed since.
    """
    process = row.process
    kind: DescriptorSet = "adiabatic" if row.descriptor_set == "adiabatic" else "vertical"
    rows = rows_of(process, row.engine, kind, paired(references(), reference_descriptors()))
    model = solved(rows, Choice(row.linear, row.amplitude, row.length, row.noise))
    found = np.asarray(model.process.alpha_).ravel()
    if found.shape != weights.shape or not np.allclose(found, weights, rtol=1e-3, atol=1e-3):
        raise TableError(
            f"calibration.csv, {row.process} with {row.engine}: it was fitted on other reference rows.",
            "Run 'echemscreen calibrate --out DIR' and use its tables.",
        )
    return model.process
