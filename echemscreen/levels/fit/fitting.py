"""Fitting the calibration: only ``echemscreen calibrate`` chooses anything.

A screen builds the Gaussian process again from the shipped rows with the shipped choices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from echemscreen.levels.fit.calibration import DescriptorSet, Fit
from echemscreen.levels.fit.cross_validation import (
    class_errors,
    coverage,
    cross_validated,
    measured_rows,
    rmse,
    sigma_factors_of,
)
from echemscreen.levels.fit.gaussian import (
    GROUP_SCALE,
    Pair,
    fitted,
    paired,
    prediction_series,
    rows_of,
)
from echemscreen.levels.fit.references import Reference, ReferenceDescriptors
from echemscreen.records.processes import PROCESSES, Process

#: Multiple of the mean leverage beyond which descriptors count as outside the fitted range
#: (the usual rule of Hoaglin and Welsch, Am. Stat. 32, 17 (1978), is 2 to 3).
LEVERAGE_FACTOR = 3.0


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
    rows = rows_of(process, engine, descriptor_set, pairs)
    model = fitted(rows)
    predicted, spread = cross_validated(rows)
    residuals = predicted - rows.y
    measured = measured_rows(rows)
    factors = sigma_factors_of(residuals, spread, rows.classes, measured)
    z = (rows.descriptors - model.means) / model.scales
    unseen = class_errors(rows)
    return Fit(
        process=process,
        engine=engine,
        descriptor_set=descriptor_set,
        descriptors=rows.names,
        groups=model.groups,
        lows=model.lows,
        highs=model.highs,
        means=model.means,
        scales=model.scales,
        intercept_v_she=model.intercepts[prediction_series(model.intercepts)],
        linear=model.choice.linear,
        amplitude=model.choice.amplitude,
        length=model.choice.length,
        group_scale=GROUP_SCALE,
        noise=model.choice.noise,
        weights=np.asarray(model.process.alpha_).ravel(),
        n_molecules=len(rows.y),
        n_measured=int(measured.sum()),
        cv_mae_v=float(np.mean(np.abs(residuals))),
        cv_rmse_v=rmse(residuals),
        cv_coverage=coverage(residuals, spread, rows),
        # Extrapolating is never more certain than interpolating.
        class_rmse_v=max(rmse(errors) for errors in (residuals, unseen) if errors.size),
        raw_mae_v=float(np.mean(np.abs(rows.descriptors[:, 0] - rows.y))),
        leverage_limit=LEVERAGE_FACTOR * (len(rows.names) + 1) / len(rows.y),
        precision=np.asarray(np.linalg.inv(z.T @ z + np.eye(z.shape[1])), dtype=np.float64),
        group_counts=dict(sorted(Counter(name for names in rows.classes for name in names).items())),
        sigma_factors=factors.shipped(),
        process_model=model.process,
    )


def fit_all(values: Sequence[Reference], descriptors: Sequence[ReferenceDescriptors]) -> tuple[Fit, ...]:
    """Every fit that the rows allow: engine x process x descriptor set, in that order."""
    pairs = paired(values, descriptors)
    engines = sorted({row.engine for row in descriptors})
    sets: tuple[DescriptorSet, DescriptorSet] = ("adiabatic", "vertical")
    processes = PROCESSES
    return tuple(
        fit(process, engine, kind, pairs) for engine in engines for process in processes for kind in sets
    )
