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

Shipped are the rows (``reference_potentials.csv``, ``reference_calculations.csv``,
``reference_descriptors.csv``) and of each fit its choices, its errors and the digest of its rows
(``calibration.csv``) with its conformal factors (``calibration_factors.csv``); the process is made again from
them. ``echemscreen calibrate`` writes them all.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

import numpy as np

from echemscreen.errors import InputError, TableError
from echemscreen.levels.fit.gaussian import (
    MIN_GROUP_MEMBERS,
    DescriptorSet,
    Model,
    Pair,
    classes_of,
    descriptor_vector,
    paired,
    rows_of,
    solved,
)
from echemscreen.levels.fit.process import Choice, StructureChoice
from echemscreen.levels.fit.references import (
    MEASURED_NOISE_V,
    ReferenceDescriptors,
    reference_descriptors,
    references,
)
from echemscreen.levels.fit.structures import environment_counts
from echemscreen.levels.redox import RawPotentials
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_file, table_path

#: Named in place of the functional groups of a molecule in which none is known.
UNKNOWN_CLASS = "any class in the table of functional groups"
#: Standard deviations of a 90 % interval.
Z90 = 1.645
#: Multiple of the mean leverage beyond which descriptors count as outside the fitted range
#: (the usual rule of Hoaglin and Welsch, Am. Stat. 32, 17 (1978), is 2 to 3).
LEVERAGE_FACTOR = 3.0
FITS_TABLE, FACTORS_TABLE = "calibration.csv", "calibration_factors.csv"
_FOLDER = "ligand_library"
SOURCE = "fitted by echemscreen calibrate on the reference tables"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """One fit as shipped in ``calibration.csv``: what was chosen, how well it does, and on which rows."""

    process: Process
    engine: str
    descriptor_set: str
    linear: float
    """Variance of the slopes of standardised descriptors, V^2."""
    amplitude: float
    """Variance of the squared exponential, V^2."""
    length: float
    """Its length, in standard deviations of the descriptors; 0 of structures, which have none."""
    noise: float
    """Factor on the noise of the rows."""
    n_molecules: int
    n_measured: int
    cv_mae_v: float
    cv_rmse_v: float
    cv_coverage: float
    """Share of residuals inside 90 % intervals, cross-validated."""
    class_rmse_v: float
    """Error of predicting whole classes that were left out."""
    raw_mae_v: float
    """Before calibration."""
    rows_sha256: str
    """The first sixteen digits."""
    citation: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What a fit is known by."""
        return self.process, self.engine, self.descriptor_set

    @property
    def choice(self) -> Choice:
        """The point of the grid that was chosen."""
        kind = StructureChoice if self.descriptor_set == "structure" else Choice
        return kind(self.linear, self.amplitude, self.length, self.noise)


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorRow:
    """The conformal factor on the standard deviations of a class: a row of ``calibration_factors.csv``."""

    process: Process
    engine: str
    descriptor_set: str
    functional_group: str
    """Blank: measured values of any class."""
    sigma_factor: float
    citation: str

    @property
    def key(self) -> tuple[str, str, str]:
        """The fit that it belongs to."""
        return self.process, self.engine, self.descriptor_set


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A calibration ready to predict."""

    process: Process
    engine: str
    descriptor_set: DescriptorSet
    model: Model
    shipped: CalibrationRow
    """Its choices and errors."""
    sigma_factors: dict[str, float]
    """Conformal factors on the standard deviation, by group; that of measured values under ``""``."""

    @property
    def noise_v(self) -> float:
        """What a good measurement scatters by."""
        return self.model.choice.noise * MEASURED_NOISE_V["A"]

    @property
    def leverage_limit(self) -> float:
        """Beyond it descriptors lie outside the fitted range."""
        return LEVERAGE_FACTOR * (len(self.model.names) + 1) / self.model.n_rows

    def predict(self, raw: RawPotentials | ReferenceDescriptors, groups: Sequence[str]) -> Prediction:
        """Calibrated potential in V vs SHE with one standard deviation."""
        carried = classes_of(groups, raw.intact)
        mean, spread = self.model.process.predict(self.features(raw, groups)[None, :])
        return Prediction(
            value_v_she=self.model.intercept_v_she + float(mean[0]),
            sigma_v=math.hypot(float(spread[0]), self.noise_v) * self.factor(carried),
            in_range=self.model.leverage(descriptor_vector(raw, self.model.names)) <= self.leverage_limit,
        )

    def predict_structure(self, smiles: str, groups: Sequence[str]) -> Prediction:
        """The same from the structure of a molecule; only of the fit of structures."""
        features = self.model.of_structure(environment_counts(smiles)[None, :], [tuple(groups)])
        mean, spread = self.model.process.predict(features)
        return Prediction(
            value_v_she=self.model.intercept_v_she + float(mean[0]),
            sigma_v=math.hypot(float(spread[0]), self.noise_v) * self.factor(groups),
            in_range=True,
        )

    def features(self, raw: RawPotentials | ReferenceDescriptors, groups: Sequence[str]) -> FloatArray:
        """What the process compares molecules by."""
        given = descriptor_vector(raw, self.model.names)
        (row,) = self.model.features(given[None, :], [classes_of(groups, raw.intact)])
        return np.asarray(row)

    def factor(self, groups: Sequence[str]) -> float:
        """The conformal factor of a molecule: that of measured values or the widest of its classes'."""
        return max(self.sigma_factors[name] for name in ("", *groups) if name in self.sigma_factors)

    def uncovered(self, groups: Sequence[str]) -> tuple[str, ...]:
        """Functional groups without enough members in the reference set.

        A molecule of no known class has no evidence either.
        """
        counts = self.model.group_counts
        return tuple(g for g in groups or (UNKNOWN_CLASS,) if counts.get(g, 0) < MIN_GROUP_MEMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """What a fit says of one molecule."""

    value_v_she: float
    sigma_v: float
    in_range: bool
    """Whether the descriptors lie in the fitted range."""


# --- shipped fits -------------------------------------------------------------------------


@lru_cache(maxsize=1)
def shipped_pairs() -> tuple[Pair, ...]:
    """The reference values with their descriptors, of every engine; read once for all fits."""
    return paired(references(), reference_descriptors())


@lru_cache(maxsize=16)
def shipped_fit(process: Process, engine: str, descriptor_set: DescriptorSet) -> Fit:
    """A fit of ``calibration.csv``, its process made again from the shipped rows with the shipped choices.

    Raises
    ------
    InputError
        if the engine has none.
    TableError
        if the reference rows are not those of the fit.
    """
    row = shipped_row(process, engine, descriptor_set)
    rows = rows_of(process, engine, descriptor_set, shipped_pairs())
    if rows.digest() != row.rows_sha256:
        raise TableError(
            f"{FITS_TABLE}, {process} with {engine}: it was fitted on other reference rows.",
            "Run 'echemscreen calibrate --out DIR' and use its tables.",
        )
    return chosen_fit(process, engine, descriptor_set, solved(rows, row.choice))


def vertical_set(raw: RawPotentials, engine: str) -> DescriptorSet:
    """The set that a vertical level is predicted from: by the descriptors at hand."""
    if raw.ipea1_vertical_v_she is not None:
        return "vertical"
    fits = read_fits(table_path(_FOLDER, FITS_TABLE))
    return "gfn2" if any(row.key == (raw.process, engine, "gfn2") for row in fits) else "vertical"


def chosen_fit(process: Process, engine: str, descriptor_set: DescriptorSet, model: Model) -> Fit:
    """A model with the shipped errors and conformal factors: that of the shipped rows, or of some of them.

    Raises
    ------
    InputError
        if the engine has none.
    """
    row = shipped_row(process, engine, descriptor_set)
    return Fit(
        process=process,
        engine=engine,
        descriptor_set=descriptor_set,
        model=model,
        shipped=row,
        sigma_factors={
            item.functional_group: item.sigma_factor
            for item in read_factors(table_path(_FOLDER, FACTORS_TABLE))
            if item.key == row.key
        },
    )


def shipped_row(process: Process, engine: str, descriptor_set: DescriptorSet) -> CalibrationRow:
    """The row of ``calibration.csv``."""
    key = (process, engine, descriptor_set)
    row = next((row for row in read_fits(table_path(_FOLDER, FITS_TABLE)) if row.key == key), None)
    if row is None:
        raise InputError(
            f"There is no {process} calibration for the engine {engine}.",
            "Run 'echemscreen calibrate' for it.",
        )
    return row


@lru_cache(maxsize=2)
def read_fits(path: Path) -> tuple[CalibrationRow, ...]:
    """The rows of ``calibration.csv``."""
    return read_file(path, CalibrationRow)


@lru_cache(maxsize=2)
def read_factors(path: Path) -> tuple[FactorRow, ...]:
    """The rows of ``calibration_factors.csv``."""
    return read_file(path, FactorRow)


def factor_rows(fits: Iterable[Fit]) -> tuple[FactorRow, ...]:
    """The conformal factors of fits as they are shipped."""
    return tuple(
        FactorRow(
            process=fit.process,
            engine=fit.engine,
            descriptor_set=fit.descriptor_set,
            functional_group=name,
            sigma_factor=factor,
            citation=SOURCE,
        )
        for fit in fits
        for name, factor in sorted(fit.sigma_factors.items())
    )


def write_fits(fits: Sequence[Fit], folder: Path) -> None:
    """Write ``calibration.csv`` and ``calibration_factors.csv`` into a folder."""
    tables: tuple[tuple[str, type[CalibrationRow | FactorRow], Sequence[CalibrationRow | FactorRow]], ...] = (
        (FITS_TABLE, CalibrationRow, [fit.shipped for fit in fits]),
        (FACTORS_TABLE, FactorRow, factor_rows(fits)),
    )
    for name, row_type, rows in tables:
        columns = [item.name for item in fields(row_type)]
        with (folder / name).open("w", newline="", encoding="utf-8") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(columns)
            writer.writerows([getattr(row, column) for column in columns] for row in rows)
