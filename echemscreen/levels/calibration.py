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
#: Multiple of the mean leverage beyond which descriptors count as outside the fitted range
#: (the usual rule of Hoaglin and Welsch, Am. Stat. 32, 17 (1978), is 2 to 3).
LEVERAGE_FACTOR = 3.0
#: Ridge strengths tried, on standardised descriptors.
RIDGE_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
CROSS_VALIDATION_FOLDS = 10


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
        """Functional groups without enough members in the reference set."""
        return tuple(g for g in groups if self.group_counts.get(g, 0) < MIN_GROUP_MEMBERS)


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


# --- fitting ------------------------------------------------------------------------------


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
    # scikit-learn is imported here because predicting does not need it.
    from sklearn.linear_model import Ridge  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

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


# --- shipped rows -------------------------------------------------------------------------


def reference_potentials() -> tuple[ReferencePotential, ...]:
    """The measured potentials, in file order."""
    return read_rows("ligand_library", "reference_potentials.csv", ReferencePotential)


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
