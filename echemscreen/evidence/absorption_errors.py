"""How well computed spectra agree with whole measured ones, by wavelength: ``calibrate --absorption``.

The rows of ``absorption_curves.csv`` are spectra of neutral molecules of up to 18 heavy atoms, all of a
collection whose formula agrees with their structure. Two things are taken from each: the decadic logarithm
of the molar absorption coefficient at the lines of a mercury lamp, and the position of the longest-waved
strong maximum. Two numbers were chosen by them, the width of a band and the uncertainty of its height; the
correction of energies and intensities rests on ``published_spectra.csv``. No crosslinker is among either.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import cast

import numpy as np

from echemscreen.levels.light import spectra
from echemscreen.levels.light.absorption import Spectrum, corrected_spectrum
from echemscreen.levels.light.spectra import EV_NM, FWHM_EV, STRONG_F, Kind, absorption_errors
from echemscreen.records.molecules import FloatArray
from echemscreen.reference_tables import read_rows

#: A measured coefficient below this is a baseline, no band (log10 of L/mol/cm); a computed one is no less.
_LEAST_LOG = 1.5
#: Widths that were compared, eV.
WIDTHS_EV = tuple(round(0.45 + 0.05 * step, 2) for step in range(9))
#: Regions of band positions, eV, and their names.
_REGIONS = ((4.4, math.inf, "below 282 nm"), (3.6, 4.4, "282 to 344 nm"), (0.0, 3.6, "above 344 nm"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsorptionCurve:
    """A row of ``absorption_curves.csv``; a coefficient is ``None`` outside the measured range."""

    name: str
    smiles: str
    cas: str
    log_epsilon_254: float | None
    log_epsilon_265: float | None
    log_epsilon_280: float | None
    log_epsilon_302: float | None
    log_epsilon_313: float | None
    log_epsilon_334: float | None
    log_epsilon_365: float | None
    band_nm: float | None
    """Longest-waved maximum of at least 5000 L/mol/cm that stands 0.1 decades above its valleys."""
    quality: str
    citation: str
    locator: str
    states: str
    """Computed transitions up to 6.8 eV: energy in eV, oscillator strength and class, joined by ``;``."""

    @property
    def measured(self) -> dict[float, float]:
        """log10 epsilon of what is a band, by wavelength in nm."""
        found = {}
        for item in fields(self):
            wavelength = item.name.removeprefix("log_epsilon_")
            value = getattr(self, item.name)
            if wavelength != item.name and value is not None and value >= _LEAST_LOG:
                found[float(wavelength)] = float(value)
        return found

    @property
    def transitions(self) -> tuple[tuple[float, float, Kind], ...]:
        """What was computed: energy in eV, oscillator strength, class."""
        parts = (state.split() for state in self.states.split(";"))
        return tuple((float(energy), float(f), cast("Kind", kind)) for energy, f, kind in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveErrors:
    """Computed less measured log10 epsilon at one wavelength."""

    wavelength_nm: float
    n: int
    mean: float
    mean_absolute: float
    median_absolute: float
    within: float
    """Share of the measured values inside the computed 90 % intervals."""


@lru_cache(maxsize=1)
def absorption_curves() -> tuple[AbsorptionCurve, ...]:
    """Every row of ``absorption_curves.csv``."""
    return read_rows("ligand_library", "absorption_curves.csv", AbsorptionCurve)


def curve_errors() -> tuple[CurveErrors, ...]:
    """The errors at every wavelength."""
    found: dict[float, list[tuple[float, bool]]] = {}
    for curve in absorption_curves():
        spectrum = corrected_spectrum(curve.transitions)
        for wavelength, measured in curve.measured.items():
            low, high = (_log(value) for value in spectrum.epsilon_interval(wavelength))
            miss = _log(spectrum.epsilon_at(wavelength)) - measured
            found.setdefault(wavelength, []).append((miss, low <= measured <= high))
    return tuple(
        CurveErrors(
            wavelength_nm=wavelength,
            n=len(pairs),
            mean=float(np.mean([miss for miss, _ in pairs])),
            mean_absolute=float(np.mean([abs(miss) for miss, _ in pairs])),
            median_absolute=float(np.median([abs(miss) for miss, _ in pairs])),
            within=float(np.mean([inside for _, inside in pairs])),
        )
        for wavelength, pairs in sorted(found.items())
    )


def width_errors() -> dict[float, float]:
    """The mean absolute error of log10 epsilon over all wavelengths, by the width of a band in eV.

    The factor of intensities follows the width, as it is fitted to heights of bands.
    """
    pairs = [
        (corrected_spectrum(curve.transitions), wavelength, measured)
        for curve in absorption_curves()
        for wavelength, measured in curve.measured.items()
    ]
    return {
        width: float(
            np.mean([abs(_log(_epsilon(item, nm, width)) - measured) for item, nm, measured in pairs])
        )
        for width in WIDTHS_EV
    }


def position_errors() -> dict[str, FloatArray]:
    """Computed less measured position of the strong band, eV, by region of the measured one."""
    rule = spectra.corrections()["pi"]
    found: dict[str, list[float]] = {name: [] for *_, name in _REGIONS}
    for curve in absorption_curves():
        strong = [energy for energy, f, _ in curve.transitions if f >= STRONG_F]
        if curve.band_nm is None or not strong:
            continue
        measured_ev = EV_NM / curve.band_nm
        region = next(name for low, high, name in _REGIONS if low <= measured_ev < high)
        found[region].append(rule.intercept_ev + rule.slope * min(strong) - measured_ev)
    return {name: np.array(misses) for name, misses in found.items()}


def absorption_table() -> str:
    """The text of ``echemscreen calibrate --absorption``."""
    curves = absorption_curves()
    lines = [
        f"Fitted bands: {absorption_errors()}.",
        "",
        f"Whole spectra of {len(curves)} other molecules, computed less measured log10 epsilon:",
        f"{'nm':>6}{'n':>6}{'mean':>8}{'MAE':>8}{'median':>8}{'in 90 %':>9}",
        *(
            f"{row.wavelength_nm:6.0f}{row.n:6d}{row.mean:+8.2f}{row.mean_absolute:8.2f}"
            f"{row.median_absolute:8.2f}{row.within:9.0%}"
            for row in curve_errors()
        ),
        "",
        "Position of the longest-waved strong band (5000 L/mol/cm), computed less measured:",
        *(_position_line(name, misses) for name, misses in position_errors().items()),
        "",
        "Width of a band in eV, and the mean absolute error of log10 epsilon:",
        *(f"{width:6.2f}{miss:8.3f}{_used(width)}" for width, miss in width_errors().items()),
    ]
    return "\n".join(lines)


def _used(width_ev: float) -> str:
    return "  used" if width_ev == FWHM_EV else ""


def _position_line(name: str, misses: Sequence[float] | FloatArray) -> str:
    array = np.asarray(misses)
    return (
        f"{name:>16}{len(array):6d}  mean {array.mean():+.2f} eV, MAE {np.abs(array).mean():.2f} eV, "
        f"median {np.median(np.abs(array)):.2f} eV"
    )


def _epsilon(spectrum: Spectrum, wavelength_nm: float, width_ev: float) -> float:
    """With another width than ``FWHM_EV``, and strong bands as high as before."""
    scale = width_ev / FWHM_EV
    total = 0.0
    for band in spectrum.bands:
        height = spectra.peak_epsilon(band.oscillator_strength) / (
            1.0 if band.oscillator_strength >= STRONG_F * _factor() else scale
        )
        offset = (EV_NM / wavelength_nm - band.energy_ev) / width_ev
        total += height * math.exp(-4.0 * math.log(2.0) * offset * offset)
    return total


@lru_cache(maxsize=1)
def _factor() -> float:
    return spectra.intensity()[0]


def _log(epsilon: float) -> float:
    return math.log10(max(epsilon, 10.0**_LEAST_LOG))
