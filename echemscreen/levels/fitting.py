"""Fitting the calibration: a Gaussian process, its cross-validation, and intervals that hold.

Only ``echemscreen calibrate`` chooses anything; a screen builds the process again from the shipped
rows with the shipped choices. The choices (variances, length, noise) are those of the largest marginal
likelihood on a small grid, made anew in each fold, so that the errors told are nested ones. Molecules
of one scaffold stay in one fold; a scaffold with more than a tenth of the rows (benzene, benzoquinone)
is dealt by molecule, or a fold would be predicted without its whole chemistry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from crepes import ConformalRegressor
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, Kernel
from sklearn.linear_model import Ridge

from echemscreen.errors import InputError, TableError
from echemscreen.levels.calibration import (
    MIN_GROUP_MEMBERS,
    PREDICTION_SERIES,
    Z90,
    CalibrationRow,
    DescriptorSet,
    Fit,
    classes_of,
    descriptor_names,
    descriptor_vector,
)
from echemscreen.levels.references import (
    Reference,
    ReferenceDescriptors,
    reference_descriptors,
    references,
)
from echemscreen.records import FloatArray, Process

#: Multiple of the mean leverage beyond which descriptors count as outside the fitted range
#: (the usual rule of Hoaglin and Welsch, Am. Stat. 32, 17 (1978), is 2 to 3).
LEVERAGE_FACTOR = 3.0
CROSS_VALIDATION_FOLDS = 10
#: Members from which a class has a conformal factor of its own.
MIN_CLASS_MEMBERS = 15
#: The grid: variances in V^2, length in standard deviations, factor on the noise of the rows.
_LINEAR, _AMPLITUDES, _LENGTHS, _NOISES = (0.1, 0.3, 1.0), (0.03, 0.1, 0.3), (1.0, 2.0), (1.0, 1.5, 2.5)
_GROUP_SCALE = 0.4
#: Ridge strength with which the intercepts of the series are found.
_INTERCEPT_RIDGE = 3.0

Pair = tuple[Reference, ReferenceDescriptors]


@dataclass(frozen=True, slots=True)
class _Choice:
    """A point of the grid."""

    linear: float
    amplitude: float
    length: float
    noise: float

    def kernel(self) -> Kernel:
        line = ConstantKernel(self.linear, "fixed") * DotProduct(0.3, "fixed")
        neighbours = ConstantKernel(self.amplitude, "fixed") * RBF(self.length, "fixed")
        return line + neighbours


_GRID = tuple(_Choice(*values) for values in product(_LINEAR, _AMPLITUDES, _LENGTHS, _NOISES))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The fitted rows as arrays."""

    pairs: tuple[Pair, ...]
    names: tuple[str, ...]
    descriptors: FloatArray
    y: FloatArray
    noise: FloatArray
    series: tuple[str, ...]
    classes: tuple[tuple[str, ...], ...]

    def part(self, mask: FloatArray) -> _Rows:
        """The rows of a mask."""
        kept = np.flatnonzero(mask)
        return _Rows(
            tuple(self.pairs[i] for i in kept),
            self.names,
            self.descriptors[kept],
            self.y[kept],
            self.noise[kept],
            tuple(self.series[i] for i in kept),
            tuple(self.classes[i] for i in kept),
        )


@dataclass(frozen=True, slots=True)
class _Model:
    """A fitted process and what is needed to use it."""

    choice: _Choice
    means: FloatArray
    scales: FloatArray
    groups: tuple[str, ...]
    intercepts: dict[str, float]
    process: GaussianProcessRegressor

    def predict(self, rows: _Rows) -> tuple[FloatArray, FloatArray]:
        """Potentials of rows, each in its series, and their standard deviations."""
        fallback = self.intercepts[_prediction_series(self.intercepts)]
        base = np.array([self.intercepts.get(label, fallback) for label in rows.series])
        mean, spread = self.process.predict(_features(rows, self), return_std=True)
        return np.asarray(base + mean), np.asarray(np.hypot(spread, self.choice.noise * rows.noise))


def fit(process: Process, engine: str, descriptor_set: DescriptorSet, pairs: Iterable[Pair]) -> Fit:
    """Fit one calibration and cross-validate it.

    Parameters
    ----------
    pairs
        Reference values with the descriptors of one engine.

    Raises
    ------
    InputError
        if fewer than twenty usable rows remain.
    """
    rows = _rows(process, engine, descriptor_set, pairs)
    model = _fitted(rows)
    predicted, spread = _cross_validated(rows)
    residuals = predicted - rows.y
    factors = _sigma_factors(residuals, spread, rows.classes)
    z = (rows.descriptors - model.means) / model.scales
    class_errors = _class_errors(rows)
    return Fit(
        process=process,
        engine=engine,
        descriptor_set=descriptor_set,
        descriptors=rows.names,
        groups=model.groups,
        means=model.means,
        scales=model.scales,
        intercept_v_she=model.intercepts[_prediction_series(model.intercepts)],
        linear=model.choice.linear,
        amplitude=model.choice.amplitude,
        length=model.choice.length,
        group_scale=_GROUP_SCALE,
        noise=model.choice.noise,
        weights=np.asarray(model.process.alpha_).ravel(),
        n_molecules=len(rows.y),
        n_measured=sum(reference.chem_class == "measured" for reference, _ in rows.pairs),
        cv_mae_v=float(np.mean(np.abs(residuals))),
        cv_rmse_v=_rmse(residuals),
        cv_coverage=_coverage(residuals, spread, rows),
        # Extrapolating is never more certain than interpolating.
        class_rmse_v=max(_rmse(errors) for errors in (residuals, class_errors) if errors.size),
        raw_mae_v=float(np.mean(np.abs(rows.descriptors[:, 0] - rows.y))),
        leverage_limit=LEVERAGE_FACTOR * (len(rows.names) + 1) / len(rows.y),
        precision=np.asarray(np.linalg.inv(z.T @ z + np.eye(z.shape[1])), dtype=np.float64),
        group_counts=dict(sorted(Counter(name for names in rows.classes for name in names).items())),
        sigma_factors=factors,
        process_model=model.process,
    )


def fit_all(values: Sequence[Reference], descriptors: Sequence[ReferenceDescriptors]) -> tuple[Fit, ...]:
    """Every fit that the rows allow: engine x process x descriptor set, in that order."""
    pairs = paired(values, descriptors)
    engines = sorted({row.engine for row in descriptors})
    sets: tuple[DescriptorSet, DescriptorSet] = ("adiabatic", "vertical")
    processes: tuple[Process, Process] = ("reduction", "oxidation")
    return tuple(
        fit(process, engine, kind, pairs) for engine in engines for process in processes for kind in sets
    )


def paired(values: Sequence[Reference], descriptors: Sequence[ReferenceDescriptors]) -> tuple[Pair, ...]:
    """Each value with its descriptors, of every engine."""
    by_entry = {reference.entry: reference for reference in values}
    return tuple((by_entry[row.entry], row) for row in descriptors if row.entry in by_entry)


def rebuilt(
    row: CalibrationRow,
    *,
    descriptors: tuple[str, ...],
    groups: tuple[str, ...],
    means: FloatArray,
    scales: FloatArray,
    weights: FloatArray,
    precision: FloatArray,
    group_counts: dict[str, int],
    sigma_factors: dict[str, float],
) -> Fit:
    """A shipped fit, its process made again from the shipped rows.

    Raises
    ------
    TableError
        if the weights come out differently: the rows have changed since.
    """
    process: Process = "reduction" if row.process == "reduction" else "oxidation"
    kind: DescriptorSet = "adiabatic" if row.descriptor_set == "adiabatic" else "vertical"
    rows = _rows(process, row.engine, kind, paired(references(), reference_descriptors()))
    choice = _Choice(row.linear, row.amplitude, row.length, row.noise)
    model = _solved(rows, choice)
    found = np.asarray(model.process.alpha_).ravel()
    if found.shape != weights.shape or not np.allclose(found, weights, rtol=1e-3, atol=1e-3):
        raise TableError(
            f"calibration.csv, {row.process} with {row.engine}: it was fitted on other reference rows.",
            "Run 'echemscreen calibrate --out DIR' and use its tables.",
        )
    return Fit(
        process=process,
        engine=row.engine,
        descriptor_set=kind,
        descriptors=descriptors,
        groups=groups,
        means=means,
        scales=scales,
        intercept_v_she=row.intercept_v_she,
        linear=row.linear,
        amplitude=row.amplitude,
        length=row.length,
        group_scale=row.group_scale,
        noise=row.noise,
        weights=weights,
        n_molecules=row.n_molecules,
        n_measured=row.n_measured,
        cv_mae_v=row.cv_mae_v,
        cv_rmse_v=row.cv_rmse_v,
        cv_coverage=row.cv_coverage,
        class_rmse_v=row.class_rmse_v,
        raw_mae_v=row.raw_mae_v,
        leverage_limit=row.leverage_limit,
        precision=precision,
        group_counts=group_counts,
        sigma_factors=sigma_factors,
        process_model=model.process,
    )


# --- fitting ------------------------------------------------------------------------------


def _rows(process: Process, engine: str, descriptor_set: DescriptorSet, pairs: Iterable[Pair]) -> _Rows:
    chosen = tuple(
        (reference, row)
        for reference, row in pairs
        if reference.process == process
        and row.engine == engine
        and (descriptor_set == "vertical" or (row.intact and row.gfn2_adiabatic_v_she is not None))
    )
    minimum = 2 * CROSS_VALIDATION_FOLDS
    if len(chosen) < minimum:
        raise InputError(
            f"Only {len(chosen)} reference rows can be used for {process} with {engine}.",
            f"At least {minimum} are needed; run 'echemscreen calibrate --recompute'.",
        )
    ionisation = all(row.ipea1_vertical_v_she is not None for _, row in chosen)
    names = descriptor_names(descriptor_set, ionisation=ionisation)
    return _Rows(
        pairs=chosen,
        names=names,
        descriptors=np.array([descriptor_vector(row, names) for _, row in chosen]),
        y=np.array([reference.value_v_she for reference, _ in chosen]),
        noise=np.array([reference.noise_v for reference, _ in chosen]),
        series=tuple(reference.series for reference, _ in chosen),
        classes=tuple(classes_of(row.group_names, row.intact) for _, row in chosen),
    )


def _features(rows: _Rows, model: _Model) -> FloatArray:
    return _columns(rows, model.means, model.scales, model.groups)


def _columns(rows: _Rows, means: FloatArray, scales: FloatArray, groups: Sequence[str]) -> FloatArray:
    z = (rows.descriptors - means) / scales
    carried = np.array([[name in names for name in groups] for names in rows.classes], dtype=np.float64)
    return np.hstack([z, _GROUP_SCALE * carried.reshape(len(z), len(groups))])


def _fitted(rows: _Rows) -> _Model:
    """The model of the largest marginal likelihood."""
    models = (_solved(rows, choice) for choice in _GRID)
    return max(models, key=lambda model: float(model.process.log_marginal_likelihood_value_))


def _solved(rows: _Rows, choice: _Choice) -> _Model:
    means, scales = rows.descriptors.mean(axis=0), rows.descriptors.std(axis=0)
    scales = np.where(scales > 0.0, scales, 1.0)
    counts = Counter(name for names in rows.classes for name in names)
    groups = tuple(sorted(name for name, count in counts.items() if count >= MIN_GROUP_MEMBERS))
    features = _columns(rows, means, scales, groups)
    intercepts = _intercepts(features, rows)
    base = np.array([intercepts[label] for label in rows.series])
    process = GaussianProcessRegressor(
        choice.kernel(), alpha=np.square(choice.noise * rows.noise), optimizer=None
    ).fit(features, rows.y - base)
    return _Model(choice, means, scales, groups, intercepts, process)


def _intercepts(features: FloatArray, rows: _Rows) -> dict[str, float]:
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


def _prediction_series(intercepts: dict[str, float]) -> str:
    """The declared series, or the first where a fold has none of its rows."""
    return PREDICTION_SERIES if PREDICTION_SERIES in intercepts else min(intercepts)


# --- errors -------------------------------------------------------------------------------


def _folds(rows: _Rows) -> list[FloatArray]:
    """Test-set masks, dealt in a fixed order: a scaffold or a molecule is never in two folds."""
    scaffolds = [row.scaffold for _, row in rows.pairs]
    common = Counter(scaffolds)
    largest = max(1, len(rows.y) // CROSS_VALIDATION_FOLDS)
    keys = [
        reference.smiles if common[scaffold] > largest else scaffold
        for (reference, _), scaffold in zip(rows.pairs, scaffolds, strict=True)
    ]
    order = {key: index for index, key in enumerate(sorted(set(keys)))}
    fold = np.array([order[key] % CROSS_VALIDATION_FOLDS for key in keys])
    return [np.asarray(fold == k) for k in range(CROSS_VALIDATION_FOLDS) if (fold == k).any()]


def _cross_validated(rows: _Rows) -> tuple[FloatArray, FloatArray]:
    """Predictions and standard deviations of rows left out, the choices made without them."""
    predicted, spread = np.zeros_like(rows.y), np.zeros_like(rows.y)
    for mask in _folds(rows):
        out = mask.astype(bool)
        predicted[out], spread[out] = _fitted(rows.part(~out)).predict(rows.part(out))
    return predicted, spread


def _sigma_factors(
    residuals: FloatArray, spread: FloatArray, classes: Sequence[tuple[str, ...]]
) -> dict[str, float]:
    """Conformal factors on the standard deviation, by class; ``""`` for every other molecule."""

    def factor(members: FloatArray) -> float:
        regressor = ConformalRegressor().fit(residuals[members], sigmas=spread[members])
        interval = regressor.predict_int(np.zeros(1), sigmas=np.ones(1), confidence=0.90)
        return float(interval[0, 1]) / Z90

    everything = np.ones(len(residuals), dtype=bool)
    counts = Counter(name for names in classes for name in names)
    found = {"": factor(everything)}
    for name, count in sorted(counts.items()):
        if count >= MIN_CLASS_MEMBERS:
            found[name] = factor(np.array([name in names for names in classes]))
    return {name: round(value, 4) for name, value in found.items()}


def _factors_of_folds(
    rows: _Rows, residuals: FloatArray, spread: FloatArray
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Each fold's mask, and its rows' conformal factors found without them."""
    for mask in _folds(rows):
        out = mask.astype(bool)
        kept = [names for names, left in zip(rows.classes, out, strict=True) if not left]
        factors = _sigma_factors(residuals[~out], spread[~out], kept)
        own = [
            max((factors[name] for name in names if name in factors), default=factors[""])
            for names, left in zip(rows.classes, out, strict=True)
            if left
        ]
        yield out, np.array(own)


def _coverage(residuals: FloatArray, spread: FloatArray, rows: _Rows) -> float:
    """Share of residuals inside 90 % intervals whose factors were found without the row's fold."""
    inside = np.zeros(len(residuals), dtype=bool)
    for out, own in _factors_of_folds(rows, residuals, spread):
        inside[out] = np.abs(residuals[out]) <= Z90 * own * spread[out]
    return float(inside.mean())


def _class_errors(rows: _Rows) -> FloatArray:
    """Errors of molecules whose functional class was left out of the fit altogether."""
    errors: list[FloatArray] = []
    choice = _fitted(rows).choice
    for name in sorted({name for names in rows.classes for name in names}):
        out = np.array([name in names for names in rows.classes])
        if out.sum() >= MIN_GROUP_MEMBERS and (~out).sum() >= len(rows.y) / 2:
            predicted, _ = _solved(rows.part(~out), choice).predict(rows.part(out))
            errors.append(predicted - rows.y[out])
    return np.concatenate(errors) if errors else np.zeros(0)


def _rmse(residuals: FloatArray) -> float:
    return float(np.sqrt(np.mean(residuals**2)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A reference value and what a fit without it says, V vs SHE."""

    reference: Reference
    groups: tuple[str, ...]
    raw_v_she: float
    predicted_v_she: float
    sigma_v: float

    @property
    def error_v(self) -> float:
        """Predicted less reference value."""
        return self.predicted_v_she - self.reference.value_v_she

    @property
    def covered(self) -> bool:
        """Whether the 90 % interval holds the reference value."""
        return abs(self.error_v) <= Z90 * self.sigma_v


def left_out(
    process: Process, engine: str, descriptor_set: DescriptorSet, pairs: Iterable[Pair]
) -> tuple[LeftOut, ...]:
    """Every reference value predicted by the folds without it; sigmas from the other folds too.

    Raises
    ------
    InputError
        if there are too few rows.
    """
    rows = _rows(process, engine, descriptor_set, pairs)
    predicted, spread = _cross_validated(rows)
    sigmas = np.zeros_like(spread)
    for out, own in _factors_of_folds(rows, predicted - rows.y, spread):
        sigmas[out] = own * spread[out]
    return tuple(
        LeftOut(
            reference=reference,
            groups=names,
            raw_v_she=float(raw),
            predicted_v_she=float(value),
            sigma_v=float(sigma),
        )
        for (reference, _), names, raw, value, sigma in zip(
            rows.pairs, rows.classes, rows.descriptors[:, 0], predicted, sigmas, strict=True
        )
    )
