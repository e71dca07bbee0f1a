"""Fitting the calibration: only ``echemscreen calibrate`` chooses anything.

A screen builds the Gaussian process again from the shipped rows with the shipped choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from echemscreen.levels.fit.calibration import SOURCE, CalibrationRow, Fit
from echemscreen.levels.fit.cross_validation import (
    class_errors,
    coverage,
    cross_validated,
    measured_rows,
    rmse,
    sigma_factors_of,
)
from echemscreen.levels.fit.gaussian import DescriptorSet, Pair, fitted, paired, rows_of
from echemscreen.levels.fit.references import Reference, ReferenceDescriptors
from echemscreen.levels.fit.surrogate import STRUCTURE_ENGINE, ComputedDescriptors, levels_of_full
from echemscreen.records.processes import PROCESSES, Process


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
    unseen = class_errors(rows)
    return Fit(
        process=process,
        engine=engine,
        descriptor_set=descriptor_set,
        model=model,
        sigma_factors=sigma_factors_of(residuals, spread, rows.classes, measured).shipped(),
        shipped=CalibrationRow(
            process=process,
            engine=engine,
            descriptor_set=descriptor_set,
            linear=model.choice.linear,
            amplitude=model.choice.amplitude,
            length=model.choice.length,
            noise=model.choice.noise,
            n_molecules=len(rows.y),
            n_measured=int(measured.sum()),
            cv_mae_v=_shown(np.mean(np.abs(residuals))),
            cv_rmse_v=_shown(rmse(residuals)),
            cv_coverage=_shown(coverage(residuals, spread, rows)),
            # Extrapolating is never more certain than interpolating.
            class_rmse_v=_shown(max(rmse(errors) for errors in (residuals, unseen) if errors.size)),
            raw_mae_v=_shown(
                np.mean(
                    np.abs(rows.y - (rows.descriptors[:, 0] if rows.environments is None else rows.y.mean()))
                )
            ),
            rows_sha256=rows.digest(),
            citation=SOURCE,
        ),
    )


def _shown(value: float | np.floating[Any]) -> float:
    """As it is shipped: beyond six decimals machines differ."""
    return round(float(value), 6)


def fit_all(
    values: Sequence[Reference],
    descriptors: Sequence[ReferenceDescriptors],
    computed: Sequence[ComputedDescriptors] | None = None,
) -> tuple[Fit, ...]:
    """Every fit that the rows allow: engine x process x descriptor set, in that order.

    An engine without IPEA1 has no ``gfn2`` beside ``vertical``: they would be the same. The fit of structures
    learns the levels of the default engine's; see :mod:`~echemscreen.levels.fit.surrogate`, also for
    ``computed``.
    """
    pairs = paired(values, descriptors)
    engines = sorted({row.engine for row in descriptors})
    second = {row.engine for row in descriptors if row.ipea1_vertical_v_she is not None}
    found: list[Fit] = []
    for engine in engines:
        for process in PROCESSES:
            adiabatic = fit(process, engine, "adiabatic", pairs)
            vertical = fit(process, engine, "vertical", pairs)
            found += [adiabatic, vertical]
            if engine in second:
                found.append(fit(process, engine, "gfn2", pairs))
            if engine == STRUCTURE_ENGINE:
                learnt, _ = levels_of_full(process, adiabatic, vertical, pairs, computed)
                found.append(fit(process, engine, "structure", learnt))
    return tuple(found)
