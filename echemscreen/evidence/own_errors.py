"""What a user's measured molecules do for each other: errors before and after, each left out in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from echemscreen.errors import InputError
from echemscreen.evidence.own_evidence import described, own_potentials
from echemscreen.levels.fit.calibration import Z90, Fit, shipped_fit
from echemscreen.levels.fit.gaussian import DescriptorSet
from echemscreen.levels.fit.own_measurements import OwnPotential, OwnPotentials, moved
from echemscreen.levels.fit.references import ReferenceDescriptors, references
from echemscreen.measurements.own_rows import read_own
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.screening.workbench import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnError:
    """One of the user's values, predicted without it: by the shipped rows, and by the user's others too."""

    row: OwnPotential
    before_v_she: float
    before_sigma_v: float
    after_v_she: float
    after_sigma_v: float
    is_fitted: bool
    """The shipped calibration holds this molecule: nothing is left out before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnErrors:
    """All of them, and what could not be compared."""

    errors: tuple[OwnError, ...]
    failures: tuple[str, ...]

    def text(self) -> str:
        """The table for a reader."""
        lines = ["measured  before  sigma   after  sigma  process    molecule"]
        lines += [
            f"{item.row.value_v_she:+8.2f} {item.before_v_she:+7.2f} {item.before_sigma_v:6.2f} "
            f"{item.after_v_she:+7.2f} {item.after_sigma_v:6.2f}  {item.row.process:10s} {item.row.name}"
            f"{' (in the calibration already: not counted)' if item.is_fitted else ''}"
            for item in self.errors
        ]
        for process in PROCESSES:
            own = [item for item in self.errors if item.row.process == process and not item.is_fitted]
            if own:
                lines.append(_summary(process, own))
        return "\n".join([*lines, *self.failures])


def _summary(process: Process, items: Sequence[OwnError]) -> str:
    """Mean absolute error and coverage, before and after."""
    words = []
    for name, found in (
        ("before", [(item.before_v_she, item.before_sigma_v) for item in items]),
        ("after", [(item.after_v_she, item.after_sigma_v) for item in items]),
    ):
        values, spread = np.array(found).T
        misses = values - np.array([item.row.value_v_she for item in items])
        sigmas = np.hypot(spread, [item.row.sigma_v for item in items])
        inside = int((np.abs(misses) <= Z90 * sigmas).sum())
        words.append(f"{name} MAE {np.abs(misses).mean():.3f} V, {inside} inside 90 % intervals")
    return f"{process}, {len(items)} left out in turn: {'; '.join(words)}"


def own_errors(path: Path, *, engine: str = "tblite") -> OwnErrors:
    """Each value of a measurement file predicted without it, before and after the others count too.

    Raises
    ------
    InputError
        if the file has no potential of a ligand.
    TableError
        for a row that cannot be read.
    """
    own = own_potentials(read_own(path))
    if not own.rows:
        raise InputError(
            f"{path.name} has no potential of a ligand.", "Rows of dots do not calibrate molecules."
        )
    settings, failures = described(Settings(engine=engine, own=own))
    fitted = {(row.smiles, row.process) for row in references()}
    errors = [
        _left_out(row, row.descriptors, settings.own, is_fitted=(row.smiles, row.process) in fitted)
        for row in settings.own.rows
        if row.descriptors is not None
    ]
    return OwnErrors(errors=tuple(errors), failures=failures)


def _left_out(
    row: OwnPotential, known: ReferenceDescriptors, own: OwnPotentials, *, is_fitted: bool
) -> OwnError:
    fit = _fit_of(row.process, known)
    before = fit.predict(known, known.group_names)
    others = OwnPotentials(tuple(other for other in own.rows if other.smiles != row.smiles))
    after, _ = moved(before, known, known.group_names, fit, others)
    return OwnError(
        row=row,
        before_v_she=before.value_v_she,
        before_sigma_v=before.sigma_v,
        after_v_she=after.value_v_she,
        after_sigma_v=after.sigma_v,
        is_fitted=is_fitted,
    )


def _fit_of(process: Process, known: ReferenceDescriptors) -> Fit:
    """The fit that a level of the molecule would be made with."""
    kind: DescriptorSet = (
        "adiabatic" if known.intact and known.gfn2_adiabatic_v_she is not None else "vertical"
    )
    fit = shipped_fit(process, known.engine, kind)
    if kind == "adiabatic" and not fit.predict(known, known.group_names).in_range:
        nearer = shipped_fit(process, known.engine, "vertical")
        return nearer if nearer.predict(known, known.group_names).in_range else fit
    return fit
