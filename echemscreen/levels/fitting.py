"""Fitting the calibration: ridge regression, its cross-validation and its error on new classes.

One intercept per electrode and solvent group absorbs junctions and scale errors of a series; the
slopes are shared. The ridge strength is the one with the smallest error in cross-validation by
molecule. Only ``echemscreen calibrate`` fits; a screen reads the shipped coefficients.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from echemscreen.errors import InputError
from echemscreen.levels.calibration import (
    MIN_GROUP_MEMBERS,
    PREDICTION_GROUP,
    DescriptorSet,
    Fit,
    ReferenceDescriptors,
    ReferencePotential,
    descriptor_names,
    descriptor_vector,
)
from echemscreen.records import FloatArray, Process

#: Multiple of the mean leverage beyond which descriptors count as outside the fitted range
#: (the usual rule of Hoaglin and Welsch, Am. Stat. 32, 17 (1978), is 2 to 3).
LEVERAGE_FACTOR = 3.0
#: Ridge strengths tried, on standardised descriptors.
RIDGE_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
CROSS_VALIDATION_FOLDS = 10


def fit(
    process: Process,
    engine: str,
    descriptor_set: DescriptorSet,
    rows: Sequence[tuple[ReferencePotential, ReferenceDescriptors]],
) -> Fit:
    """Fit one calibration; the ridge strength is chosen by cross-validation.

    Parameters
    ----------
    rows
        Measured potentials of one process with the descriptors of one engine.

    Raises
    ------
    InputError
        if fewer than twenty usable rows remain.
    """
    rows = [
        (ref, row)
        for ref, row in rows
        if ref.process == process and row.engine == engine and (descriptor_set == "vertical" or row.intact)
    ]
    minimum = 2 * CROSS_VALIDATION_FOLDS
    if len(rows) < minimum:
        raise InputError(
            f"Only {len(rows)} reference rows can be used for {process} with {engine}.",
            f"At least {minimum} are needed; run 'echemscreen calibrate --recompute'.",
        )
    ionisation = all(row.ipea1_vertical_v_she is not None for _, row in rows)
    names = descriptor_names(descriptor_set, ionisation=ionisation)
    x = np.array([descriptor_vector(row, names) for _, row in rows])
    y = np.array([ref.value_v_she for ref, _ in rows])
    labels = [ref.group for ref, _ in rows]
    molecules = [ref.smiles for ref, _ in rows]

    scored = [
        (_rmse(_cross_validated(x, y, labels, _folds(molecules), alpha) - y), alpha)
        for alpha in RIDGE_STRENGTHS
    ]
    alpha = min(scored)[1]
    residuals = _cross_validated(x, y, labels, _folds(molecules), alpha) - y
    class_errors = _class_errors(x, y, labels, [row.group_names for _, row in rows], alpha)

    solution = _solve(x, y, labels, alpha)
    counts: dict[str, int] = {}
    for _, row in rows:
        for name in row.group_names:
            counts[name] = counts.get(name, 0) + 1
    raw = x[:, 0] - y
    return Fit(
        process=process,
        engine=engine,
        descriptor_set=descriptor_set,
        descriptors=names,
        means=solution.means,
        scales=solution.scales,
        coefficients=solution.coefficients,
        intercept_v_she=solution.intercepts[_prediction_group(solution)],
        ridge_strength=alpha,
        n_molecules=len(rows),
        cv_mae_v=float(np.mean(np.abs(residuals))),
        cv_rmse_v=_rmse(residuals),
        # Extrapolating is never more certain than interpolating.
        class_rmse_v=max(_rmse(errors) for errors in (residuals, class_errors) if errors.size),
        raw_mae_v=float(np.mean(np.abs(raw))),
        leverage_limit=LEVERAGE_FACTOR * (len(names) + 1) / len(rows),
        precision=solution.precision,
        group_counts=counts,
    )


@dataclass(frozen=True, slots=True)
class _Solution:
    means: FloatArray
    scales: FloatArray
    coefficients: FloatArray
    intercepts: dict[str, float]
    sizes: dict[str, int]
    precision: FloatArray

    def predict(self, x: FloatArray, labels: Sequence[str]) -> FloatArray:
        fallback = self.intercepts[_prediction_group(self)]
        base = np.array([self.intercepts.get(label, fallback) for label in labels])
        return np.asarray(base + (x - self.means) / self.scales @ self.coefficients)


def _prediction_group(solution: _Solution) -> str:
    """The declared group, or the largest where a fold has none of its rows."""
    if PREDICTION_GROUP in solution.intercepts:
        return PREDICTION_GROUP
    return max(solution.sizes, key=lambda label: solution.sizes[label])


def _solve(x: FloatArray, y: FloatArray, labels: Sequence[str], alpha: float) -> _Solution:
    """Ridge with a free intercept per group: groups are centred, slopes are shared."""
    scaler = StandardScaler().fit(x)
    z = np.asarray(scaler.transform(x))
    z_centred, y_centred = z.copy(), y.copy()
    sizes: dict[str, int] = {}
    for label in sorted(set(labels)):
        members = np.array([item == label for item in labels])
        sizes[label] = int(members.sum())
        z_centred[members] -= z[members].mean(axis=0)
        y_centred[members] -= y[members].mean()
    slopes = np.asarray(Ridge(alpha=alpha, fit_intercept=False).fit(z_centred, y_centred).coef_)
    intercepts = {
        label: float(np.mean((y - z @ slopes)[np.array([item == label for item in labels])]))
        for label in sizes
    }
    precision = np.linalg.inv(z.T @ z + alpha * np.eye(z.shape[1]))
    return _Solution(
        np.asarray(scaler.mean_), np.asarray(scaler.scale_), slopes, intercepts, sizes, precision
    )


def _folds(molecules: Sequence[str]) -> list[FloatArray]:
    """Test-set masks: molecules dealt in a fixed order, one molecule never in two folds."""
    order = {smiles: index for index, smiles in enumerate(sorted(set(molecules)))}
    fold = np.array([order[smiles] % CROSS_VALIDATION_FOLDS for smiles in molecules])
    return [np.asarray(fold == k) for k in range(CROSS_VALIDATION_FOLDS)]


def _cross_validated(
    x: FloatArray, y: FloatArray, labels: Sequence[str], folds: Sequence[FloatArray], alpha: float
) -> FloatArray:
    predicted = np.full_like(y, np.nan)
    for test in folds:
        mask = test.astype(bool)
        if not mask.any():
            continue
        kept = [label for label, out in zip(labels, mask, strict=True) if not out]
        left = [label for label, out in zip(labels, mask, strict=True) if out]
        predicted[mask] = _solve(x[~mask], y[~mask], kept, alpha).predict(x[mask], left)
    return predicted


def _class_errors(
    x: FloatArray,
    y: FloatArray,
    labels: Sequence[str],
    groups: Sequence[tuple[str, ...]],
    alpha: float,
) -> FloatArray:
    """Errors of molecules whose functional class was left out of the fit altogether."""
    errors: list[float] = []
    for name in sorted({group for names in groups for group in names}):
        out = np.array([name in names for names in groups])
        if out.sum() < MIN_GROUP_MEMBERS or (~out).sum() < len(y) / 2:
            continue
        kept = [label for label, hidden in zip(labels, out, strict=True) if not hidden]
        left = [label for label, hidden in zip(labels, out, strict=True) if hidden]
        errors.extend(_solve(x[~out], y[~out], kept, alpha).predict(x[out], left) - y[out])
    return np.array(errors)


def _rmse(residuals: FloatArray) -> float:
    return float(np.sqrt(np.mean(residuals**2)))


def fit_all(
    references: Sequence[ReferencePotential], descriptors: Sequence[ReferenceDescriptors]
) -> tuple[Fit, ...]:
    """Every fit that the rows allow: engine x process x descriptor set, in that order."""
    by_entry = {reference.entry: reference for reference in references}
    pairs = [(by_entry[row.entry], row) for row in descriptors if row.entry in by_entry]
    engines = sorted({row.engine for row in descriptors})
    return tuple(
        fit(process, engine, descriptor_set, pairs)
        for engine in engines
        for process in ("reduction", "oxidation")
        for descriptor_set in ("adiabatic", "vertical")
    )
