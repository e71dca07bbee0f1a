"""From raw xTB potentials to calibrated ones with an uncertainty of their own and a domain.

A Gaussian process maps the descriptors of :class:`~echemscreen.levels.redox.RawPotentials` and the
functional groups on reference potentials (:mod:`~echemscreen.levels.references`). Its kernel is a
line through all of them, which is a ridge regression with a term for each functional group, plus a
squared exponential that lets neighbours correct each other. Each series (electrode and solvent, or
protocol of a calculation) has an intercept of its own, so that junctions and scale errors do not leak
into the slope; predictions are made with that of ``PREDICTION_SERIES``. There is one fit per process,
engine and descriptor set: ``adiabatic`` where the ion was relaxed and stayed intact, ``vertical``
otherwise. Both predict the adiabatic potential; that of a couple which does not stay intact is its own
class (``DISSOCIATIVE``), which stands for the vertical level.

Uncertainty. ``sigma_v`` is the standard deviation of the process at the molecule, which grows with its
distance from the fitted ones, times a conformal factor: the one with which 90 % of the residuals of
cross-validation lie within 1.645 sigma (crepes; V. Vovk, A. Gammerman and G. Shafer, Algorithmic
Learning in a Random World, Springer (2005)), for classes with members enough their own. A class
without evidence gets the error of predicting whole classes that were left out, and the mean absolute
error before calibration, in quadrature.

Domain. ``calibrated``: every functional group of the molecule occurs in at least
``MIN_GROUP_MEMBERS`` fitted molecules and the leverage of its descriptors is within the usual limit;
``extrapolated``: the groups are covered but the leverage is not; ``uncalibrated``: a group has no
evidence; ``bounded``: the groups are covered and the level lies at the edge of the window of voltammetry
or beyond; or a cited one-sided limit (``potential_bounds.csv``) holds for every group of a molecule that is
not calibrated, or for its groups without evidence while the others say that it lies further out still. A
group whose limit is further out than the predicted level does not take its evidence away: the covered
ones decide.

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
from typing import TYPE_CHECKING, Literal

import numpy as np

from echemscreen.errors import InputError
from echemscreen.levels.redox import RawPotentials
from echemscreen.levels.references import (
    MEASURED_NOISE_V,
    WINDOW_V_SHE,
    PotentialBound,
    ReferenceDescriptors,
)
from echemscreen.records import Citation, Correction, Domain, EnergyLevel, FloatArray, Process
from echemscreen.reference_tables import read_file, read_rows

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

DescriptorSet = Literal["adiabatic", "vertical"]

#: Electrode and solvent of the intercept used for predictions.
PREDICTION_SERIES = "sce/acetonitrile"
#: Solvent that the calibration speaks about; levels in another one are extrapolated.
PREDICTION_SOLVENT = PREDICTION_SERIES.partition("/")[2]
#: Fitted molecules that must carry a functional group before it counts as covered.
MIN_GROUP_MEMBERS = 3
#: Levels further out than this are only known to be so, V vs SHE: the window, less what a prediction of its
#: edge may err.
EDGES_V_SHE: dict[Process, float] = {"reduction": WINDOW_V_SHE[0] + 0.2, "oxidation": WINDOW_V_SHE[1] - 0.2}
#: The class of couples whose ion does not stay intact.
DISSOCIATIVE = "dissociative"
#: Named in place of the functional groups of a molecule in which none is known.
UNKNOWN_CLASS = "any class in the table of functional groups"
#: Standard deviations of a 90 % interval.
Z90 = 1.645


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """One fit as shipped in ``calibration.csv``; vectors are ``;``-joined, groups as name=number."""

    process: str
    engine: str
    descriptor_set: str
    descriptors: str
    groups: str
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
    group_counts: dict[str, int]
    sigma_factors: dict[str, float]
    """Conformal factors on the standard deviation, by group; that of measured values under ``""``."""
    process_model: GaussianProcessRegressor

    def predict(self, raw: RawPotentials | ReferenceDescriptors, groups: Sequence[str]) -> Prediction:
        """Calibrated potential in V vs SHE with one standard deviation."""
        x = (descriptor_vector(raw, self.descriptors) - self.means) / self.scales
        carried = classes_of(groups, raw.intact)
        features = np.concatenate([x, self.group_scale * np.array([g in carried for g in self.groups])])
        mean, spread = self.process_model.predict(features[None, :], return_std=True)
        leverage = float(x @ self.precision @ x) + 1.0 / self.n_molecules
        return Prediction(
            value_v_she=self.intercept_v_she + float(mean[0]),
            sigma_v=math.hypot(float(spread[0]), self.noise * MEASURED_NOISE_V["A"]) * self.factor(carried),
            in_range=leverage <= self.leverage_limit,
        )

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


#: Decimals of shipped numbers: beyond them, machines differ.
_DECIMALS = 6


def shipped_row(item: Fit) -> CalibrationRow:
    """A fit in its shipped form."""

    def joined(values: FloatArray) -> str:
        return ";".join(f"{float(v):.{_DECIMALS}f}" for v in values.ravel())

    def listed(values: dict[str, float] | dict[str, int]) -> str:
        return ";".join(f"{name}={value:g}" for name, value in sorted(values.items()))

    return CalibrationRow(
        process=item.process,
        engine=item.engine,
        descriptor_set=item.descriptor_set,
        descriptors=";".join(item.descriptors),
        groups=";".join(item.groups),
        means=joined(item.means),
        scales=joined(item.scales),
        intercept_v_she=round(item.intercept_v_she, _DECIMALS),
        linear=item.linear,
        amplitude=item.amplitude,
        length=item.length,
        group_scale=item.group_scale,
        noise=item.noise,
        weights=";".join(f"{float(v):.4f}" for v in item.weights),
        n_molecules=item.n_molecules,
        n_measured=item.n_measured,
        cv_mae_v=round(item.cv_mae_v, _DECIMALS),
        cv_rmse_v=round(item.cv_rmse_v, _DECIMALS),
        cv_coverage=round(item.cv_coverage, 4),
        class_rmse_v=round(item.class_rmse_v, _DECIMALS),
        raw_mae_v=round(item.raw_mae_v, _DECIMALS),
        leverage_limit=round(item.leverage_limit, _DECIMALS),
        precision=joined(item.precision),
        group_counts=listed(item.group_counts),
        sigma_factors=listed(item.sigma_factors),
        citation="fitted by echemscreen calibrate on the reference tables",
    )


def _fit_of(row: CalibrationRow) -> Fit:
    # scikit-learn costs a second to import: only where something is predicted.
    from echemscreen.levels.gaussian import rebuilt  # noqa: PLC0415

    def vector(text: str) -> FloatArray:
        return np.array([float(part) for part in text.split(";")], dtype=np.float64)

    def numbers(text: str) -> dict[str, float]:
        pairs = (part.rpartition("=") for part in text.split(";") if part)
        return {name: float(value) for name, _, value in pairs}

    names = tuple(row.descriptors.split(";"))
    return rebuilt(
        row,
        descriptors=names,
        groups=tuple(name for name in row.groups.split(";") if name),
        means=vector(row.means),
        scales=vector(row.scales),
        weights=vector(row.weights),
        precision=vector(row.precision).reshape(len(names), len(names)),
        group_counts={name: int(value) for name, value in numbers(row.group_counts).items()},
        sigma_factors=numbers(row.sigma_factors),
    )


# --- predicting ---------------------------------------------------------------------------


def calibrated_level(
    raw: RawPotentials,
    groups: Sequence[str],
    *,
    engine: str,
    solvent: str = PREDICTION_SOLVENT,
    corrections: Sequence[Correction] = (),
    model: Fit | None = None,
    bounds: Sequence[PotentialBound] | None = None,
) -> EnergyLevel:
    """The calibrated potential of one process with its uncertainty, domain and evidence.

    The relaxed ion decides where it was computed and is intact; otherwise the vertical
    descriptors do, and ``vertical`` says so.

    Parameters
    ----------
    groups
        Functional groups of the free molecule.
    solvent
        Solvent of the descriptors.
    corrections
        Named terms to be added, such as the binding shift.
    model, bounds
        A fit and limits to use instead of the shipped ones.

    Raises
    ------
    InputError
        if the engine has no calibration.
    """
    adiabatic = raw.gfn2_adiabatic_v_she is not None and raw.intact is True
    if model is None:
        model = shipped_fit(raw.process, engine, "adiabatic" if adiabatic else "vertical")
    bounds = shipped_bounds() if bounds is None else bounds
    predicted = model.predict(raw, groups)
    value, sigma = predicted.value_v_she, predicted.sigma_v
    uncovered = model.uncovered(classes_of(groups, raw.intact) if groups else ())
    limit = _least_extreme(bounds, raw.process, uncovered)
    decided_elsewhere = limit is not None and _is_nearer(value, limit)
    if decided_elsewhere:
        # The groups without evidence are known to react further out only: the others decide.
        uncovered = ()
    covered = predicted.in_range and solvent == PREDICTION_SOLVENT
    domain: Domain = "uncalibrated" if uncovered else "calibrated" if covered else "extrapolated"
    if domain == "extrapolated":
        sigma = max(sigma, model.class_rmse_v)
    elif domain == "uncalibrated":
        # Nothing shows that the calibration helps this class: the error before it counts too.
        sigma = max(sigma, math.hypot(model.class_rmse_v, model.raw_mae_v))
    note = f"no reference potential of: {', '.join(uncovered)}" if uncovered else ""
    basis: Literal["calibrated", "bounded"] = "calibrated"
    citation = None
    one_sided = False
    # What has evidence lies beyond the limit of what has none, or everything has a limit.
    bound = limit if uncovered and limit is not None else _least_extreme(bounds, raw.process, groups)
    if bound is not None and domain != "calibrated":
        value, sigma, domain, basis, one_sided = bound.limit_v_she, bound.sigma_v, "bounded", "bounded", True
        citation = Citation(source=bound.citation, locator=bound.locator)
        note = f"bound by its {bound.group.replace('_', ' ')}"
    elif domain != "uncalibrated" and solvent == PREDICTION_SOLVENT and _is_beyond(value, raw.process):
        value, domain, basis, one_sided = EDGES_V_SHE[raw.process], "bounded", "bounded", True
        note = "at the edge of the window of voltammetry or beyond"
    return EnergyLevel(
        process=raw.process,
        value_v_she=value + sum(c.value_v for c in corrections),
        sigma_v=math.sqrt(sigma**2 + sum(c.sigma_v**2 for c in corrections)),
        basis=basis,
        domain=domain,
        vertical=not adiabatic,
        raw_v_she=raw.gfn2_adiabatic_v_she if adiabatic else raw.gfn2_vertical_v_she,
        corrections=tuple(corrections),
        intact=raw.intact,
        changed_bonds=raw.changed_bonds,
        one_sided=one_sided,
        citation=citation,
        note=note,
    )


@lru_cache(maxsize=1)
def shipped_bounds() -> tuple[PotentialBound, ...]:
    """The cited one-sided limits."""
    return read_rows("ligand_library", "potential_bounds.csv", PotentialBound)


def _least_extreme(
    bounds: Sequence[PotentialBound], process: Process, groups: Sequence[str]
) -> PotentialBound | None:
    """The limit of the groups that is nearest to the gap, or ``None`` if one of them has no limit."""
    limits = {bound.group: bound for bound in bounds if bound.process == process}
    if not groups or not set(groups) <= set(limits):
        return None
    return max((limits[group] for group in groups), key=lambda item: _towards_gap(process) * item.limit_v_she)


def _is_nearer(value_v_she: float, bound: PotentialBound) -> bool:
    """Whether a level lies nearer to the gap than a limit."""
    sign = _towards_gap("reduction" if bound.process == "reduction" else "oxidation")
    return sign * value_v_she > sign * bound.limit_v_she


def _is_beyond(value_v_she: float, process: Process) -> bool:
    """Whether a level lies at the edge of the window of voltammetry or further out."""
    sign = _towards_gap(process)
    return sign * value_v_she <= sign * EDGES_V_SHE[process]


def _towards_gap(process: Process) -> float:
    """Sign of a potential that moves towards the gap: up for reductions, down for oxidations."""
    return 1.0 if process == "reduction" else -1.0
