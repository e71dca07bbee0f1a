r"""A user's own measured potentials: they stand for what was measured, and move what is like it.

The molecule itself has its measured potential (domain ``measured``). Its relatives are moved by the
covariance of the calibration: the Gaussian process of the fit, conditioned on the shipped rows already, is
conditioned on the user's rows too,

.. math:: m' = m + k^T (K + D)^{-1} (y - m_y), \qquad s'^2 = s^2 - k^T (K + D)^{-1} k ,

with :math:`m`, :math:`s`, :math:`k`, :math:`K` mean, deviation and covariances after the shipped rows and
:math:`D` the variances of the user's rows, which count as those of the calibration do: with the scatter
between laboratories and the noise factor of the fit. Nothing is refitted; ``calibrate`` does that.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from echemscreen.levels.fit.calibration import Fit, Prediction
from echemscreen.levels.fit.references import MEASURED_NOISE_V, ReferenceDescriptors
from echemscreen.levels.redox import RawPotentials
from echemscreen.records.levels import Correction, EnergyLevel
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation

#: A move smaller than this is not worth a word, V.
_WORTH_SAYING_V = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPotential:
    """A measured potential of one of the user's molecules, V vs SHE in acetonitrile."""

    name: str
    smiles: str
    """Canonical."""
    process: Process
    value_v_she: float
    sigma_v: float
    """Of the value as a measurement of this molecule."""
    source: str
    note: str = ""
    descriptors: ReferenceDescriptors | None = None
    """Of its ladder; ``None`` where it is not computed: then it moves no relative."""


@dataclass(frozen=True, slots=True)
class OwnPotentials:
    """All measured potentials of a run."""

    rows: tuple[OwnPotential, ...] = ()

    def of(self, smiles: Collection[str], process: Process) -> OwnPotential | None:
        """The row of a molecule under any of its names."""
        return next((row for row in self.rows if row.smiles in smiles and row.process == process), None)


def own_level(
    row: OwnPotential, corrections: Sequence[Correction] = (), raw: RawPotentials | None = None
) -> EnergyLevel:
    """The level of the molecule that was measured; what a calculation says of its ion is kept.

    Parameters
    ----------
    corrections
        Named terms to be added, such as that of a film.
    """
    return EnergyLevel(
        process=row.process,
        value_v_she=row.value_v_she + sum(item.value_v for item in corrections),
        sigma_v=math.hypot(row.sigma_v, *(item.sigma_v for item in corrections)),
        basis="measured",
        domain="measured",
        raw_v_she=row.value_v_she,
        corrections=tuple(corrections),
        intact=None if raw is None else raw.intact,
        changed_bonds=() if raw is None else raw.changed_bonds,
        citation=Citation(source=row.source),
        note="; ".join(filter(None, ("your own measurement", row.note))),
    )


def moved(
    predicted: Prediction,
    raw: RawPotentials | ReferenceDescriptors,
    groups: Sequence[str],
    fit: Fit,
    own: OwnPotentials,
) -> tuple[Prediction, Correction | None]:
    """A prediction moved by the user's measurements of other molecules, and by how much they moved it.

    Parameters
    ----------
    predicted
        What the fit says without them.
    raw, groups
        Of the molecule that is predicted.
    """
    adiabatic = fit.descriptor_set == "adiabatic"
    rows = [
        (row, row.descriptors)
        for row in own.rows
        if row.process == fit.process
        and row.descriptors is not None
        and row.descriptors.engine == fit.engine
        and (not adiabatic or (row.descriptors.intact and row.descriptors.gfn2_adiabatic_v_she is not None))
    ]
    if not rows:
        return predicted, None
    features = np.array(
        [fit.features(raw, groups), *(fit.features(item, item.group_names) for _, item in rows)]
    )
    means, covariance = fit.model.process.together(features)
    scatter = fit.noise_v
    noise = np.array(
        [(fit.model.choice.noise * math.hypot(row.sigma_v, MEASURED_NOISE_V["A"])) ** 2 for row, _ in rows]
    )
    to_own = covariance[0, 1:]
    weights = np.linalg.solve(covariance[1:, 1:] + np.diag(noise), to_own)
    misses = np.array([row.value_v_she for row, _ in rows]) - fit.model.intercept_v_she - means[1:]
    shift = float(weights @ misses)
    variance = max(0.0, float(covariance[0, 0] - weights @ to_own))
    # The conformal factor of the molecule stays what it was.
    before = math.hypot(math.sqrt(max(0.0, float(covariance[0, 0]))), scatter)
    sigma = predicted.sigma_v * math.hypot(math.sqrt(variance), scatter) / before
    nearest = rows[int(np.argmax(np.abs(to_own)))][0]
    said = None
    if abs(shift) >= _WORTH_SAYING_V:
        said = Correction(name=f"your own measurements, above all {nearest.name}", value_v=shift, sigma_v=0.0)
    return replace(predicted, value_v_she=predicted.value_v_she + shift, sigma_v=sigma), said
