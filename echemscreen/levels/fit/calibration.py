"""From raw xTB potentials to calibrated ones with an uncertainty of their own and a domain.

A Gaussian process maps the descriptors of :class:`~echemscreen.levels.redox.RawPotentials` and the
functional groups on reference potentials (:mod:`~echemscreen.levels.fit.references`). Its kernel is a
line through all of them, which is a ridge regression with a term for each functional group, plus a
squared exponential that lets neighbours correct each other. Each series (the measurements, or the
protocol of a calculation) has an intercept of its own, so that scale errors do not leak into the
slope; predictions are made with that of ``PREDICTION_SERIES``. There is one fit per process,
engine and descriptor set: ``adiabatic`` where the ion was relaxed and stayed intact, ``vertical``
otherwise. Both predict the adiabatic potential; that of a couple which does not stay intact is its own
class (``DISSOCIATIVE``), which stands for the vertical level.

Uncertainty. ``sigma_v`` is the standard deviation of the process at the molecule, which grows with its
distance from the fitted ones, times a conformal factor: the one with which 90 % of the residuals of
cross-validation lie within 1.645 sigma (crepes; V. Vovk, A. Gammerman and G. Shafer, Algorithmic
Learning in a Random World, Springer (2005)), for classes with members enough their own. A class
without evidence gets the error of predicting whole classes that were left out, and the mean absolute
error before calibration, in quadrature.

The fit, its rows and its cross-validated error are shipped (``reference_potentials.csv``,
``reference_calculations.csv``, ``reference_descriptors.csv``, ``calibration.csv``) and made again by
``echemscreen calibrate``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from echemscreen.errors import InputError
from echemscreen.levels.fit.references import MEASURED_NOISE_V, ReferenceDescriptors
from echemscreen.levels.redox import RawPotentials
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_file, read_rows

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

DescriptorSet = Literal["adiabatic", "vertical"]

#: Fitted molecules that must carry a functional group before it counts as covered.
MIN_GROUP_MEMBERS = 3
#: The class of couples whose ion does not stay intact.
DISSOCIATIVE = "dissociative"
#: Named in place of the functional groups of a molecule in which none is known.
UNKNOWN_CLASS = "any class in the table of functional groups"
#: Standard deviations of a 90 % interval.
Z90 = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """One fit as shipped in ``calibration.csv``; vectors are ``;``-joined, groups as name=number."""

    process: Process
    engine: str
    descriptor_set: str
    descriptors: str
    groups: str
    lows: str
    highs: str
    means: str
    scales: str
    intercept_v_she: float
    linear: float
    amplitude: float
    length: float
    group_scale: float
    noise: float
    weights: str
    n_molecules: int
    n_measured: int
    cv_mae_v: float
    cv_rmse_v: float
    cv_coverage: float
    class_rmse_v: float
    raw_mae_v: float
    leverage_limit: float
    precision: str
    group_counts: str
    sigma_factors: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A calibration ready to predict; see :class:`CalibrationRow` for the shipped form."""

    process: Process
    engine: str
    descriptor_set: DescriptorSet
    descriptors: tuple[str, ...]
    groups: tuple[str, ...]
    """Functional groups with a column of their own."""
    lows: FloatArray
    highs: FloatArray
    """Range of the descriptors; what lies outside counts as its end."""
    means: FloatArray
    scales: FloatArray
    intercept_v_she: float
    linear: float
    """Variance of the slopes of standardised descriptors, V^2."""
    amplitude: float
    """Variance of the squared exponential, V^2."""
    length: float
    """Its length, in standard deviations of the descriptors."""
    group_scale: float
    """Value of a group's column where the group is present."""
    noise: float
    """Factor on the noise of the rows."""
    weights: FloatArray
    """One for each fitted row."""
    n_molecules: int
    n_measured: int
    cv_mae_v: float
    cv_rmse_v: float
    cv_coverage: float
    """Share of residuals inside 90 % intervals, cross-validated."""
    class_rmse_v: float
    raw_mae_v: float
    leverage_limit: float
    precision: FloatArray
    """Inverse of the regularised normal matrix of the descriptors."""
    group_counts: dict[str, float]
    sigma_factors: dict[str, float]
    """Conformal factors on the standard deviation, by group; that of measured values under ``""``."""
    process_model: GaussianProcessRegressor

    def predict(self, raw: RawPotentials | ReferenceDescriptors, groups: Sequence[str]) -> Prediction:
        """Calibrated potential in V vs SHE with one standard deviation."""
        given = descriptor_vector(raw, self.descriptors)
        carried = classes_of(groups, raw.intact)
        mean, spread = self.process_model.predict(self.features(raw, groups)[None, :], return_std=True)
        x = (given - self.means) / self.scales
        leverage = float(x @ self.precision @ x) + 1.0 / self.n_molecules
        return Prediction(
            value_v_she=self.intercept_v_she + float(mean[0]),
            sigma_v=math.hypot(float(spread[0]), self.noise * MEASURED_NOISE_V["A"]) * self.factor(carried),
            in_range=leverage <= self.leverage_limit,
        )

    def features(self, raw: RawPotentials | ReferenceDescriptors, groups: Sequence[str]) -> FloatArray:
        """What the process compares molecules by: descriptors in their range, and the groups."""
        given = descriptor_vector(raw, self.descriptors)
        within = (np.clip(given, self.lows, self.highs) - self.means) / self.scales
        carried = classes_of(groups, raw.intact)
        return np.concatenate([within, self.group_scale * np.array([g in carried for g in self.groups])])

    def factor(self, groups: Sequence[str]) -> float:
        """The conformal factor of a molecule: that of measured values or the widest of its classes'."""
        return max(self.sigma_factors[name] for name in ("", *groups) if name in self.sigma_factors)

    def uncovered(self, groups: Sequence[str]) -> tuple[str, ...]:
        """Functional groups without enough members in the reference set.

        A molecule of no known class has no evidence either.
        """
        return tuple(g for g in groups or (UNKNOWN_CLASS,) if self.group_counts.get(g, 0) < MIN_GROUP_MEMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a fit says of one molecule."""

    value_v_she: float
    sigma_v: float
    in_range: bool
    """Whether the descriptors lie in the fitted range."""


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


# --- shipped rows -------------------------------------------------------------------------


@lru_cache(maxsize=16)
def shipped_fit(process: Process, engine: str, descriptor_set: DescriptorSet) -> Fit:
    """A fit of ``calibration.csv``.

    Raises
    ------
    InputError
        if the engine has none.
    TableError
        if the reference rows are not those of the fit.
    """
    for row in read_rows("ligand_library", "calibration.csv", CalibrationRow):
        if (row.process, row.engine, row.descriptor_set) == (process, engine, descriptor_set):
            return _fit_of(row)
    raise InputError(
        f"There is no {process} calibration for the engine {engine}.", "Run 'echemscreen calibrate' for it."
    )


def read_shipped_rows(path: Path) -> tuple[CalibrationRow, ...]:
    """The rows of a table written by :func:`write_fits`."""
    return read_file(path, CalibrationRow)


def write_fits(fits: Sequence[Fit], path: Path) -> None:
    """Write ``calibration.csv``."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([item.name for item in fields(CalibrationRow)])
        for item in fits:
            row = shipped_row(item)
            writer.writerow([getattr(row, column.name) for column in fields(CalibrationRow)])


#: Decimals of shipped numbers: beyond them, machines differ. Weights are large.
_DECIMALS, _WEIGHT_DECIMALS = 6, 4
_NAME_TUPLES, _VECTORS, _NUMBERS_BY_NAME = (
    ("descriptors", "groups"),
    ("lows", "highs", "means", "scales", "weights", "precision"),
    ("group_counts", "sigma_factors"),
)


def shipped_row(item: Fit) -> CalibrationRow:
    """A fit in its shipped form."""
    cells: dict[str, Any] = {
        column.name: getattr(item, column.name, None) for column in fields(CalibrationRow)
    }
    for name, value in cells.items():
        if name in _NAME_TUPLES:
            cells[name] = ";".join(value)
        elif name in _VECTORS:
            decimals = _WEIGHT_DECIMALS if name == "weights" else _DECIMALS
            cells[name] = ";".join(f"{float(number):.{decimals}f}" for number in value.ravel())
        elif name in _NUMBERS_BY_NAME:
            cells[name] = ";".join(f"{key}={number:g}" for key, number in sorted(value.items()))
        elif isinstance(value, float):
            cells[name] = round(value, _DECIMALS)
    cells["citation"] = "fitted by echemscreen calibrate on the reference tables"
    return CalibrationRow(**cells)


def _fit_of(row: CalibrationRow) -> Fit:
    # scikit-learn costs a second to import: only where something is predicted.
    from echemscreen.levels.fit.gaussian import rebuilt  # noqa: PLC0415

    cells: dict[str, Any] = {column.name: getattr(row, column.name) for column in fields(CalibrationRow)}
    del cells["citation"]
    for name in _NAME_TUPLES:
        cells[name] = tuple(part for part in cells[name].split(";") if part)
    for name in _VECTORS:
        cells[name] = np.array([float(part) for part in cells[name].split(";")], dtype=np.float64)
    for name in _NUMBERS_BY_NAME:
        pairs = (part.rpartition("=") for part in cells[name].split(";") if part)
        cells[name] = {key: float(number) for key, _, number in pairs}
    size = len(cells["descriptors"])
    cells["precision"] = cells["precision"].reshape(size, size)
    return Fit(**cells, process_model=rebuilt(row, cells["weights"]))
