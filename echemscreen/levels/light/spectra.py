"""The bands of ``published_spectra.csv`` and the correction of computed excitations fitted to them.

See :mod:`echemscreen.levels.light.absorption`, which uses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log, log10, sqrt
from typing import Literal

import numpy as np
from scipy import constants

from echemscreen.reference_tables import read_rows

Kind = Literal["pi", "n_carbonyl", "n_conjugated_ketone", "n_diazirine", "n_azide", "n_other"]

#: eV nm: photon energy times wavelength.
EV_NM = constants.h * constants.c / constants.e * 1e9

#: Full width at half maximum of a band in solution, eV: of the widths on a grid of 0.05 eV the one with the
#: smallest mean error of log10 epsilon over ``absorption_curves.csv`` (``calibrate --absorption``).
FWHM_EV = 0.55

#: From this oscillator strength on a transition counts as strong.
STRONG_F = 0.1
#: Up to this one the computed intensity is vibrational in truth.
_FORBIDDEN_F = 1e-3
_LEAST_SIGMA_EV = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSpectrum:
    """A row of ``published_spectra.csv``: one band, and the computed state assigned to it.

    ``band`` names the rule by which the state is found without looking at the measured position:
    ``pi_strong`` the lowest state with an oscillator strength of at least 0.1, ``pi_weak`` the lowest
    that is not n->pi*, ``n_pi`` the lowest that is.
    """

    name: str
    smiles: str
    solvent: str
    band: str
    maximum_nm: float
    epsilon: float | None
    quality: str
    citation: str
    locator: str
    note: str
    kind: str
    computed_ev: float
    computed_f: float

    @property
    def measured_ev(self) -> float:
        """Photon energy of the maximum."""
        return EV_NM / self.maximum_nm


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsorptionErrors:
    """How far the corrected bands lie from the measured ones, each molecule left out in turn."""

    n_bands: int
    n_molecules: int
    mae_ev: float
    rmse_ev: float
    raw_mae_ev: float
    log10_epsilon_mae: float
    mae_by_kind_ev: tuple[tuple[str, int, float], ...]
    unverified_kinds: tuple[str, ...]
    """Classes whose correction rests on recalled values, because nothing else was found."""

    def __str__(self) -> str:
        kinds = "; ".join(f"{kind} {mae:.2f} eV ({n})" for kind, n, mae in self.mae_by_kind_ev)
        recalled = ", ".join(self.unverified_kinds) or "none"
        return (
            f"{self.n_bands} bands of {self.n_molecules} molecules, leave-one-molecule-out: "
            f"MAE {self.mae_ev:.2f} eV, RMSE {self.rmse_ev:.2f} eV (raw MAE {self.raw_mae_ev:.2f} eV); "
            f"{kinds}; "
            f"log10 epsilon MAE {self.log10_epsilon_mae:.2f}; "
            f"classes that rest on recalled values: {recalled}"
        )


@dataclass(frozen=True, slots=True)
class Correction:
    """Measured = intercept + slope times computed, with the standard deviation about it, eV."""

    intercept_ev: float
    slope: float
    sigma_ev: float


@lru_cache(maxsize=1)
def published_spectra() -> tuple[PublishedSpectrum, ...]:
    """Every row of ``published_spectra.csv``."""
    return tuple(read_rows("ligand_library", "published_spectra.csv", PublishedSpectrum))


def fitted_rows() -> tuple[PublishedSpectrum, ...]:
    """The rows that correct: all that are verified, and the others where a class has no verified one."""
    rows = published_spectra()
    verified = {row.kind for row in rows if row.quality != "unverified"}
    return tuple(row for row in rows if row.quality != "unverified" or row.kind not in verified)


def absorption_errors() -> AbsorptionErrors:
    """The cross-validated error of band positions and intensities."""
    rows = fitted_rows()
    misses = []
    for row in rows:
        rest = [other for other in rows if other.smiles != row.smiles]
        rule = _fit(rest).get(row.kind)
        predicted = row.computed_ev if rule is None else rule.intercept_ev + rule.slope * row.computed_ev
        misses.append(predicted - row.measured_ev)
    miss = np.abs(misses)
    kinds = sorted({row.kind for row in rows})
    intensities = [
        abs(log10(_corrected_epsilon(row, [r for r in rows if r.smiles != row.smiles]) / row.epsilon))
        for row in rows
        if row.epsilon
    ]
    return AbsorptionErrors(
        n_bands=len(rows),
        n_molecules=len({row.smiles for row in rows}),
        mae_ev=float(miss.mean()),
        rmse_ev=float(np.sqrt((miss**2).mean())),
        raw_mae_ev=float(np.mean([abs(row.computed_ev - row.measured_ev) for row in rows])),
        log10_epsilon_mae=float(np.mean(intensities)),
        mae_by_kind_ev=tuple(
            (
                kind,
                sum(row.kind == kind for row in rows),
                float(np.mean([m for m, row in zip(miss, rows, strict=True) if row.kind == kind])),
            )
            for kind in kinds
        ),
        unverified_kinds=tuple(sorted({row.kind for row in rows if row.quality == "unverified"})),
    )


def peak_epsilon(strength: float) -> float:
    """Height of a Gaussian band in L/mol/cm: f = 4 ln(10) m c eps0 / (N e2) times its area."""
    width_hz = FWHM_EV / (2 * sqrt(2 * log(2))) * constants.e / constants.h
    area = (
        strength
        * constants.N_A
        * constants.e**2
        / (4 * log(10) * constants.m_e * constants.c * constants.epsilon_0)
    )
    # m2/mol to L/mol/cm: times 10.
    return 10.0 * area / (width_hz * sqrt(2 * np.pi))


@lru_cache(maxsize=1)
def corrections() -> dict[str, Correction]:
    """The correction of every class of transition; a class without rows keeps its computed energy."""
    rules = _fit(fitted_rows())
    spread = max(rule.sigma_ev for rule in rules.values())
    for kind in ("pi", "n_carbonyl", "n_conjugated_ketone", "n_diazirine", "n_azide", "n_other"):
        rules.setdefault(kind, Correction(0.0, 1.0, spread))
    return rules


def _fit(rows: Sequence[PublishedSpectrum]) -> dict[str, Correction]:
    """A straight line for ``pi``, a mean shift for the others; sigma from the residuals, at least 0.15 eV."""
    rules: dict[str, Correction] = {}
    for kind in {row.kind for row in rows}:
        x = np.array([row.computed_ev for row in rows if row.kind == kind])
        y = np.array([row.measured_ev for row in rows if row.kind == kind])
        if kind == "pi":
            slope, intercept = np.polyfit(x, y, 1)
            parameters = 2
        else:
            slope, intercept, parameters = 1.0, float(np.mean(y - x)), 1
        residual = y - (intercept + slope * x)
        freedom = len(x) - parameters
        spread = float(np.sqrt((residual**2).sum() / freedom)) if freedom > 0 else 2 * _LEAST_SIGMA_EV
        rules[kind] = Correction(float(intercept), float(slope), max(spread, _LEAST_SIGMA_EV))
    return rules


@lru_cache(maxsize=1)
def intensity() -> tuple[float, dict[str, float]]:
    """The factor of strong bands and the least oscillator strength of weak ones (``n``, ``pi``)."""
    return _fit_intensity(fitted_rows())


def _fit_intensity(rows: Sequence[PublishedSpectrum]) -> tuple[float, dict[str, float]]:
    """The factor of strong bands, and the least oscillator strength of weak ones: medians of the rows."""
    known = [(row, row.epsilon / peak_epsilon(1.0)) for row in rows if row.epsilon]
    factor = float(np.median([f / row.computed_f for row, f in known if row.computed_f >= STRONG_F]))
    least = {}
    for name in ("n", "pi"):
        weak = [
            f for row, f in known if row.computed_f < _FORBIDDEN_F and (row.kind == "pi") == (name == "pi")
        ]
        least[name] = float(np.median(weak)) if weak else 0.0
    return factor, least


def _corrected_epsilon(row: PublishedSpectrum, rows: Sequence[PublishedSpectrum]) -> float:
    factor, least = _fit_intensity(rows)
    floor = least["pi" if row.kind == "pi" else "n"]
    strength = row.computed_f * factor if row.computed_f >= STRONG_F else row.computed_f
    return peak_epsilon(max(strength, floor, 1e-6))
