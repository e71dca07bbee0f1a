"""From raw xTB potentials to calibrated ones with an uncertainty and a domain.

A ridge regression maps the descriptors of :class:`~echemscreen.levels.redox.RawPotentials` on
measured potentials (``reference_potentials.csv``), with one intercept per electrode and solvent
group so that junctions and scale errors of a series do not leak into the slope. Predictions are
made with the intercept of the group ``PREDICTION_GROUP``. There is one fit per process, engine and
descriptor set: ``adiabatic`` where the ion was relaxed and stayed intact, ``vertical`` otherwise;
both predict the measured, i.e. adiabatic, potential.

Uncertainty. ``sigma_v`` of a class that the reference set covers is the root-mean-square residual
of cross-validation by molecule. Descriptors outside the fitted range get the root-mean-square error
of predicting whole functional classes that were left out, and a class without any evidence that
error and the mean absolute error before calibration, in quadrature.

Domain. ``calibrated``: every functional group of the molecule occurs in at least
``MIN_GROUP_MEMBERS`` fitted molecules and the leverage is within ``LEVERAGE_FACTOR`` times its
mean; ``extrapolated``: the groups are covered but the leverage is not; ``uncalibrated``: a group
has no evidence; ``bounded``: a cited one-sided limit (``potential_bounds.csv``) holds for every
group of a molecule that is not calibrated.

The fit, its rows and its cross-validated error are shipped (``reference_potentials.csv``,
``reference_descriptors.csv``, ``calibration.csv``) and made again by ``echemscreen calibrate``.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from echemscreen.errors import InputError
from echemscreen.levels.redox import RawPotentials
from echemscreen.records import Citation, Correction, Domain, EnergyLevel, FloatArray, Process
from echemscreen.reference_tables import read_file, read_rows
from echemscreen.scales import she_from

DescriptorSet = Literal["adiabatic", "vertical"]

#: Electrode and solvent of the intercept used for predictions.
PREDICTION_GROUP = "sce/acetonitrile"
#: Solvent that the calibration speaks about; levels in another one are extrapolated.
PREDICTION_SOLVENT = PREDICTION_GROUP.partition("/")[2]
#: Fitted molecules that must carry a functional group before it counts as covered.
MIN_GROUP_MEMBERS = 3
#: Named in place of the functional groups of a molecule in which none is known.
UNKNOWN_CLASS = "any class in the table of functional groups"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePotential:
    """A measured potential (a row of ``reference_potentials.csv``)."""

    entry: str
    smiles: str
    process: str
    value_v: float
    electrode: str
    solvent: str
    quality: str
    citation: str
    locator: str
    note: str

    @property
    def value_v_she(self) -> float:
        """The potential against SHE, by the offset of its nominal electrode."""
        return she_from(self.value_v, self.electrode)

    @property
    def group(self) -> str:
        """Electrode and solvent: what shares an intercept."""
        return f"{self.electrode}/{self.solvent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceDescriptors:
    """Descriptors computed for one reference molecule (a row of ``reference_descriptors.csv``)."""

    entry: str
    engine: str
    protocol: str
    groups: str
    gfn2_vertical_v_she: float
    gfn2_adiabatic_v_she: float | None
    ipea1_vertical_v_she: float | None
    ipea1_adiabatic_v_she: float | None
    homo_ev: float
    lumo_ev: float
    intact: bool

    @property
    def group_names(self) -> tuple[str, ...]:
        """Functional groups as a tuple."""
        return tuple(name for name in self.groups.split(";") if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PotentialBound:
    """A cited one-sided limit of a functional group (a row of ``potential_bounds.csv``).

    A molecule is bounded if every group in it is; the least extreme limit then holds.
    """

    group: str
    process: str
    limit_v_she: float
    sigma_v: float
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationRow:
    """One fit as shipped in ``calibration.csv``; vectors are ``;``-joined, groups as counts."""

    process: str
    engine: str
    descriptor_set: str
    descriptors: str
    means: str
    scales: str
    coefficients: str
    intercept_v_she: float
    ridge_strength: float
    n_molecules: int
    cv_mae_v: float
    cv_rmse_v: float
    class_rmse_v: float
    raw_mae_v: float
    leverage_limit: float
    precision: str
    group_counts: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A calibration ready to predict; see :class:`CalibrationRow` for the shipped form."""

    process: Process
    engine: str
    descriptor_set: DescriptorSet
    descriptors: tuple[str, ...]
    means: FloatArray
    scales: FloatArray
    coefficients: FloatArray
    intercept_v_she: float
    ridge_strength: float
    n_molecules: int
    cv_mae_v: float
    cv_rmse_v: float
    class_rmse_v: float
    raw_mae_v: float
    leverage_limit: float
    precision: FloatArray
    """Inverse of the regularised normal matrix, shape (n_descriptors, n_descriptors)."""
    group_counts: dict[str, int]

    def predict(self, raw: RawPotentials) -> tuple[float, bool]:
        """Calibrated potential in V vs SHE, and whether the descriptors lie in the fitted range."""
        x = (descriptor_vector(raw, self.descriptors) - self.means) / self.scales
        leverage = float(x @ self.precision @ x) + 1.0 / self.n_molecules
        return float(self.intercept_v_she + x @ self.coefficients), leverage <= self.leverage_limit

    def uncovered(self, groups: Sequence[str]) -> tuple[str, ...]:
        """Functional groups without enough members in the reference set.

        A molecule of no known class has no evidence either.
        """
        return tuple(g for g in groups or (UNKNOWN_CLASS,) if self.group_counts.get(g, 0) < MIN_GROUP_MEMBERS)


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


def reference_potentials() -> tuple[ReferencePotential, ...]:
    """The measured potentials, in file order."""
    return read_rows("ligand_library", "reference_potentials.csv", ReferencePotential)


@lru_cache(maxsize=1)
def shipped_fits() -> dict[tuple[str, str, str], Fit]:
    """Fits of ``calibration.csv`` by (process, engine, descriptor set)."""
    rows = read_rows("ligand_library", "calibration.csv", CalibrationRow)
    return {(row.process, row.engine, row.descriptor_set): _fit_of(row) for row in rows}


def write_fits(fits: Sequence[Fit], path: Path) -> None:
    """Write ``calibration.csv``; numbers keep every digit, so a refit can be compared exactly."""
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow([item.name for item in fields(CalibrationRow)])
        for item in fits:
            writer.writerow(_cells(item))


def read_fits(path: Path) -> tuple[Fit, ...]:
    """Read a table written by :func:`write_fits`."""
    return tuple(_fit_of(row) for row in read_file(path, CalibrationRow))


def _cells(item: Fit) -> list[str]:
    def joined(values: FloatArray) -> str:
        return ";".join(repr(float(v)) for v in values.ravel())

    return [
        item.process,
        item.engine,
        item.descriptor_set,
        ";".join(item.descriptors),
        joined(item.means),
        joined(item.scales),
        joined(item.coefficients),
        repr(item.intercept_v_she),
        repr(item.ridge_strength),
        str(item.n_molecules),
        repr(item.cv_mae_v),
        repr(item.cv_rmse_v),
        repr(item.class_rmse_v),
        repr(item.raw_mae_v),
        repr(item.leverage_limit),
        joined(item.precision),
        ";".join(f"{name}={count}" for name, count in sorted(item.group_counts.items())),
        "fitted by echemscreen calibrate on reference_potentials.csv and reference_descriptors.csv",
    ]


def _fit_of(row: CalibrationRow) -> Fit:
    def vector(text: str) -> FloatArray:
        return np.array([float(part) for part in text.split(";")], dtype=np.float64)

    names = tuple(row.descriptors.split(";"))
    counts = (part.split("=") for part in row.group_counts.split(";") if part)
    return Fit(
        process="reduction" if row.process == "reduction" else "oxidation",
        engine=row.engine,
        descriptor_set="adiabatic" if row.descriptor_set == "adiabatic" else "vertical",
        descriptors=names,
        means=vector(row.means),
        scales=vector(row.scales),
        coefficients=vector(row.coefficients),
        intercept_v_she=row.intercept_v_she,
        ridge_strength=row.ridge_strength,
        n_molecules=row.n_molecules,
        cv_mae_v=row.cv_mae_v,
        cv_rmse_v=row.cv_rmse_v,
        class_rmse_v=row.class_rmse_v,
        raw_mae_v=row.raw_mae_v,
        leverage_limit=row.leverage_limit,
        precision=vector(row.precision).reshape(len(names), len(names)),
        group_counts={name: int(count) for name, count in counts},
    )


# --- predicting ---------------------------------------------------------------------------


def calibrated_level(
    raw: RawPotentials,
    groups: Sequence[str],
    *,
    engine: str,
    solvent: str = PREDICTION_SOLVENT,
    corrections: Sequence[Correction] = (),
    fits: dict[tuple[str, str, str], Fit] | None = None,
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
    fits, bounds
        Tables to use instead of the shipped ones.

    Raises
    ------
    InputError
        if the engine has no calibration.
    """
    fits = shipped_fits() if fits is None else fits
    bounds = shipped_bounds() if bounds is None else bounds
    adiabatic = raw.gfn2_adiabatic_v_she is not None and raw.intact is True
    chosen: DescriptorSet = "adiabatic" if adiabatic else "vertical"
    key = (raw.process, engine, chosen)
    if key not in fits:
        raise InputError(
            f"There is no {raw.process} calibration for the engine {engine}.",
            "Run 'echemscreen calibrate' for it.",
        )
    model = fits[key]
    value, in_range = model.predict(raw)
    uncovered = model.uncovered(groups)
    covered = in_range and solvent == PREDICTION_SOLVENT
    domain: Domain = "uncalibrated" if uncovered else "calibrated" if covered else "extrapolated"
    sigma = {
        "calibrated": model.cv_rmse_v,
        "extrapolated": model.class_rmse_v,
        # Nothing shows that the calibration helps this class: the error before it counts too.
        "uncalibrated": math.hypot(model.class_rmse_v, model.raw_mae_v),
    }[domain]
    note = f"no reference potential of: {', '.join(uncovered)}" if uncovered else ""
    basis: Literal["calibrated", "bounded"] = "calibrated"
    citation = None
    one_sided = False
    bound = _bound(bounds, raw.process, groups)
    if bound is not None and domain != "calibrated":
        value, sigma, domain, basis, one_sided = bound.limit_v_she, bound.sigma_v, "bounded", "bounded", True
        citation = Citation(source=bound.citation, locator=bound.locator)
        note = f"bound by its {bound.group.replace('_', ' ')}"
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


def _bound(
    bounds: Sequence[PotentialBound], process: Process, groups: Sequence[str]
) -> PotentialBound | None:
    """The least extreme limit of the groups, or ``None`` if one of them has no limit."""
    limits = {bound.group: bound for bound in bounds if bound.process == process}
    if not groups or not set(groups) <= set(limits):
        return None
    towards_the_gap = 1.0 if process == "reduction" else -1.0
    return max((limits[group] for group in groups), key=lambda item: towards_the_gap * item.limit_v_she)
