"""Errors of the calibration on what it has not seen, and intervals that hold.

Every choice is made anew in each fold, so that the errors are nested ones. Molecules of one scaffold
stay in one fold; a scaffold with more than a tenth of the rows (benzene, benzoquinone) is dealt by
molecule, or a fold would be predicted without its whole chemistry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from crepes import ConformalRegressor

from echemscreen.levels.fit.calibration import Z90
from echemscreen.levels.fit.gaussian import (
    MIN_GROUP_MEMBERS,
    DescriptorSet,
    Model,
    Pair,
    Rows,
    fitted,
    rows_of,
    solved,
)
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process

CROSS_VALIDATION_FOLDS = 10
#: Members from which a class has a conformal factor of its own.
MIN_CLASS_MEMBERS = 15


def folds(rows: Rows) -> list[FloatArray]:
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


def cross_validated_folds(rows: Rows) -> Iterator[tuple[FloatArray, Model]]:
    """Each fold's mask and the model of the other rows, its choices made without the fold."""
    for mask in folds(rows):
        out = mask.astype(bool)
        yield out, fitted(rows.part(~out))


def cross_validated(rows: Rows) -> tuple[FloatArray, FloatArray]:
    """Predictions and standard deviations of rows left out, the choices made without them."""
    predicted, spread = np.zeros_like(rows.y), np.zeros_like(rows.y)
    for out, model in cross_validated_folds(rows):
        predicted[out], spread[out] = model.predict(rows.part(out))
    return predicted, spread


@dataclass(frozen=True, slots=True, kw_only=True)
class SigmaFactors:
    """Conformal factors on a fit's standard deviations: of a value's source, times that of its class.

    Calculated reference values share the error of their protocol and agree with each other more or
    less well than measured ones do, so each source has its own.
    """

    measured: float
    calculated: float
    classes: dict[str, float]
    """Of classes with enough members, relative to the source."""
    mainly_calculated: frozenset[str]
    """Classes of which fewer than half the values were measured."""

    def of(self, names: Sequence[str], *, measured: bool) -> float:
        """The factor of a reference row."""
        widest = max((self.classes[name] for name in names if name in self.classes), default=1.0)
        return widest * (self.measured if measured else self.calculated)

    def shipped(self) -> dict[str, float]:
        """What predictions use, by class, ``""`` for the rest.

        A prediction is to hold against a measurement; of a class without them, against either.
        """
        cautious = max(self.measured, self.calculated)
        found = {"": self.measured}
        for name in sorted({*self.classes, *self.mainly_calculated}):
            source = cautious if name in self.mainly_calculated else self.measured
            found[name] = round(source * self.classes.get(name, 1.0), 4)
        return found


def sigma_factors_of(
    residuals: FloatArray, spread: FloatArray, classes: Sequence[tuple[str, ...]], measured: FloatArray
) -> SigmaFactors:
    """Factors that make 90 % intervals hold, for each source of values and each large class."""

    def factor(members: FloatArray, sigmas: FloatArray) -> float:
        regressor = ConformalRegressor().fit(residuals[members], sigmas=sigmas[members])
        interval = regressor.predict_int(np.zeros(1), sigmas=np.ones(1), confidence=0.90)
        return round(float(interval[0, 1]) / Z90, 4)

    is_measured = measured.astype(bool)
    everything = np.ones(len(residuals), dtype=bool)
    of_measured, of_calculated = (
        factor(members if members.sum() >= MIN_CLASS_MEMBERS else everything, spread)
        for members in (is_measured, ~is_measured)
    )
    scaled = spread * np.where(is_measured, of_measured, of_calculated)
    own: dict[str, float] = {}
    mainly_calculated = set()
    for name, count in sorted(Counter(name for names in classes for name in names).items()):
        members = np.array([name in names for names in classes])
        if is_measured[members].mean() < 0.5:  # noqa: PLR2004 - a majority
            mainly_calculated.add(name)
        if count >= MIN_CLASS_MEMBERS:
            own[name] = factor(members, scaled)
    return SigmaFactors(
        measured=of_measured,
        calculated=of_calculated,
        classes=own,
        mainly_calculated=frozenset(mainly_calculated),
    )


def measured_rows(rows: Rows) -> FloatArray:
    """Mask of the rows whose value was measured."""
    return np.array([reference.chem_class == "measured" for reference, _ in rows.pairs])


def factors_of_folds(
    rows: Rows, residuals: FloatArray, spread: FloatArray
) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Each fold's mask, and its rows' conformal factors found without them."""
    measured = measured_rows(rows)
    for mask in folds(rows):
        out = mask.astype(bool)
        kept = [names for names, left in zip(rows.classes, out, strict=True) if not left]
        factors = sigma_factors_of(residuals[~out], spread[~out], kept, measured[~out])
        own = [
            factors.of(rows.classes[index], measured=bool(measured[index])) for index in np.flatnonzero(out)
        ]
        yield out, np.array(own)


def coverage(residuals: FloatArray, spread: FloatArray, rows: Rows) -> float:
    """Share of residuals inside 90 % intervals whose factors were found without the row's fold."""
    inside = np.zeros(len(residuals), dtype=bool)
    for out, own in factors_of_folds(rows, residuals, spread):
        inside[out] = np.abs(residuals[out]) <= Z90 * own * spread[out]
    return float(inside.mean())


def class_errors(rows: Rows) -> FloatArray:
    """Errors of molecules whose functional class was left out of the fit altogether."""
    errors: list[FloatArray] = []
    choice = fitted(rows).choice
    for name in sorted({name for names in rows.classes for name in names}):
        out = np.array([name in names for names in rows.classes])
        if out.sum() >= MIN_GROUP_MEMBERS and (~out).sum() >= len(rows.y) / 2:
            predicted, _ = solved(rows.part(~out), choice).predict(rows.part(out))
            errors.append(predicted - rows.y[out])
    return np.concatenate(errors) if errors else np.zeros(0)


def rmse(residuals: FloatArray) -> float:
    """Root-mean-square."""
    return float(np.sqrt(np.mean(residuals**2)))


#: Shares of the rows with which the learning curve is drawn.
LEARNING_SHARES = (0.25, 0.5, 0.75, 1.0)


def learning_curve(
    process: Process, engine: str, descriptor_set: DescriptorSet, pairs: Iterable[Pair]
) -> dict[str, dict[float, float]]:
    """Cross-validated mean absolute error, V, with a share of the other rows fitted, by the share.

    Of all rows under ``""``, and of each class with members enough.
    """
    rows = rows_of(process, engine, descriptor_set, pairs)
    choice = fitted(rows).choice
    counts = Counter(name for names in rows.classes for name in names)
    members = {"": np.ones(len(rows.y), dtype=bool)} | {
        name: np.array([name in names for names in rows.classes])
        for name in sorted(counts)
        if counts[name] >= MIN_CLASS_MEMBERS
    }
    found: dict[str, dict[float, float]] = {name: {} for name in members}
    for share in LEARNING_SHARES:
        errors = np.zeros(len(rows.y))
        for mask in folds(rows):
            out = mask.astype(bool)
            kept = np.flatnonzero(~out)
            # Spread over the table: a share of every series.
            chosen = np.zeros(len(rows.y), dtype=bool)
            chosen[kept[np.unique(np.linspace(0, len(kept) - 1, round(share * len(kept))).astype(int))]] = (
                True
            )
            predicted, _ = solved(rows.part(chosen), choice).predict(rows.part(out))
            errors[out] = np.abs(predicted - rows.y[out])
        for name, own in members.items():
            found[name][share] = float(errors[own].mean())
    return found
