r"""The first exciton of an absorption spectrum, and an emission band.

The first exciton is the band of lowest energy. It is found as the first minimum of the second derivative over
the energy that stands out of the noise, and read by a fit around it: a Gaussian on the step that the further
transitions make, which begin near it. So a shoulder and a maximum of one series of dots are read alike; the
maximum itself lies nearer to the blue the less it stands out of what rises beneath it. Half of that
difference counts as uncertainty, because sizing curves were made with maxima.

The width holds the distribution of sizes and the homogeneous width of one dot together, so the distribution
of energies that follows is an upper limit.

Emission is turned from a density over wavelengths into one over energies (times :math:`\lambda^2`) before its
band is read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.signal import find_peaks, savgol_filter
from scipy.special import erf

from echemscreen.errors import InputError
from echemscreen.measurements.curve_files import EV_NM, MeasuredCurve
from echemscreen.records.molecules import FloatArray

#: Even grid of a spectrum, eV; the window of its smoothing, narrower than any band of dots at room
#: temperature; and that of the second derivative, about as wide as one.
_GRID_EV, _WINDOW_EV, _CURVED_EV = 0.002, 0.05, 0.11
#: A band stands out by this part of the strongest curvature, and by this many times its noise.
_LEAST_CURVATURE, _NOISES = 0.2, 6.0
#: A band has at least this part of the highest signal.
_LEAST_HEIGHT = 0.04
#: Half width at half maximum of a Gaussian, in standard deviations.
HALF_WIDTH = math.sqrt(2 * math.log(2))
#: How well a maximum can be told, eV, and a shoulder in parts of the width of the band.
_LEAST_SIGMA_EV, _SHOULDER = 0.003, 0.25
#: What is fitted: from here below the band to there above it, eV.
_BELOW_EV, _ABOVE_EV = 0.35, 0.16
#: Usual width of a band, and the limits of a fitted one, eV.
_USUAL_EV, _NARROW_EV, _WIDE_EV = 0.06, 0.015, 0.20
#: The step begins so many widths above the band, at least and at most, and is so many times as wide.
_STEP_AT, _STEP_WIDTH = (0.75, 4.0), 1.5
#: A signal that falls from the red end on by this part of the band's height belongs to a band beyond it.
_FALLS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A band of a spectrum, energies in eV."""

    energy_ev: float
    sigma_ev: float
    """Standard deviation of the position."""
    spread_ev: float
    """Standard deviation of its width: at most the distribution of energies."""
    is_shoulder: bool
    """Whether the spectrum has no maximum there."""
    fitted: FloatArray
    """Shape (2, points): energies and the signal of what was fitted, or of the band itself."""

    @property
    def wavelength_nm(self) -> float:
        """Position, nm."""
        return EV_NM / self.energy_ev

    @property
    def half_width_ev(self) -> float:
        """Half width at half maximum."""
        return HALF_WIDTH * self.spread_ev


def first_exciton(curve: MeasuredCurve) -> Band:
    """The absorption band of lowest energy.

    Raises
    ------
    InputError
        if nothing stands out, or the spectrum begins inside the band.
    """
    energies, signal, noise = _evened(curve)
    base = float(np.percentile(signal[: max(5, len(signal) // 20)], 50))
    over = signal - base
    curvature = savgol_filter(signal, _window(_CURVED_EV), 3, deriv=2, delta=_GRID_EV)
    scatter = noise / _GRID_EV**2 * (2 * _GRID_EV / _CURVED_EV) ** 2.5
    # At the ends nothing is smoothed.
    ends = _window(_CURVED_EV) // 2
    inner = slice(ends, len(signal) - ends)
    least = max(_LEAST_CURVATURE * float((-curvature[inner]).max()), _NOISES * scatter)
    minima = find_peaks(-curvature[inner], height=least)[0] + ends
    tops = [int(i) for i in minima if over[i] >= _LEAST_HEIGHT * float(over.max())]
    name = curve.path.name
    if not tops:
        raise InputError(
            f"No band stands out of the spectrum {name}.", "Give the range of the first exciton."
        )
    at = tops[0]
    near = slice(*np.searchsorted(energies, (energies[at] - _BELOW_EV, energies[at] + _ABOVE_EV)))
    x, y = energies[near], signal[near]
    scale = float(np.ptp(y))

    def shape(p: FloatArray) -> FloatArray:
        background, height, position, width, step, at_widths = p
        rise = 0.5 * (1 + erf((x - position - at_widths * width) / (math.sqrt(2) * _STEP_WIDTH * width)))
        return np.asarray(background + height * np.exp(-0.5 * ((x - position) / width) ** 2) + step * rise)

    start = np.array([float(y[0]), 0.6 * scale, float(energies[at]), _USUAL_EV, 0.5 * scale, 1.0])
    limits = (
        [-np.inf, 0.0, start[2] - 2 * _USUAL_EV, _NARROW_EV, 0.0, _STEP_AT[0]],
        [np.inf, np.inf, start[2] + 2 * _USUAL_EV, _WIDE_EV, np.inf, _STEP_AT[1]],
    )

    def misfit(p: FloatArray) -> FloatArray:
        return shape(p) - y

    fit = least_squares(misfit, start, bounds=limits, x_scale=[scale, scale, 0.05, 0.05, scale, 1.0])
    position, width = float(fit.x[2]), float(fit.x[3])
    if width < 2 * _NARROW_EV:
        raise InputError(
            f"The first band of {name}, at {EV_NM / position:.0f} nm, is narrower than any of dots.",
            "Give an absorption spectrum of dots.",
        )
    falls = float(signal[0] - signal[energies < position].min()) if position > energies[0] else 0.0
    if position - width < energies[0] or falls > _FALLS * float(fit.x[1]):
        raise InputError(
            f"The spectrum {name} begins inside its first band, at {EV_NM / energies[0]:.0f} nm.",
            "Measure further to the red.",
        )
    maxima, _ = find_peaks(signal, prominence=max(3 * noise, 1e-3 * float(np.ptp(signal))))
    tops = [int(i) for i in maxima if abs(energies[i] - position) <= width]
    if tops:
        nearest = min(tops, key=lambda i: abs(energies[i] - position))
        doubt = abs(_vertex(energies, signal, nearest) - position) / 2
    else:
        doubt = _SHOULDER * width
    reading = math.hypot(_LEAST_SIGMA_EV, _step(curve, position) / math.sqrt(12))
    return Band(
        energy_ev=position,
        sigma_ev=math.hypot(reading, doubt),
        spread_ev=width,
        is_shoulder=not tops,
        fitted=np.array([x, shape(fit.x)]),
    )


def emission_band(curve: MeasuredCurve) -> Band:
    """The strongest emission band, as a density over energies.

    Raises
    ------
    InputError
        if nothing stands out, or the band lies at an end of the spectrum.
    """
    scaled = curve.signal / curve.energies_ev**2 if curve.axis == "wavelength" else curve.signal
    energies, signal, noise = _evened(curve, scaled)
    over = signal - float(np.percentile(signal, 2))
    at = int(np.argmax(over))
    name = curve.path.name
    if over[at] < _NOISES * noise:
        raise InputError(f"No band stands out of the spectrum {name}.", "Measure longer.")
    below = np.flatnonzero(over < 0.5 * over[at])
    left, right = below[below < at], below[below > at]
    if not len(left) or not len(right):
        raise InputError(f"The band of {name} is not whole: the spectrum ends inside it.", "Widen the range.")
    low, high = (
        float(energies[i] + (0.5 * over[at] - over[i]) / (over[j] - over[i]) * (energies[j] - energies[i]))
        for i, j in ((int(left[-1]), int(left[-1]) + 1), (int(right[0]), int(right[0]) - 1))
    )
    position = _vertex(energies, signal, at)
    return Band(
        energy_ev=position,
        sigma_ev=math.hypot(_LEAST_SIGMA_EV, _step(curve, position) / math.sqrt(12)),
        spread_ev=(high - low) / 2 / HALF_WIDTH,
        is_shoulder=False,
        fitted=np.array([energies, signal]),
    )


def _evened(curve: MeasuredCurve, signal: FloatArray | None = None) -> tuple[FloatArray, FloatArray, float]:
    """A spectrum on an even grid of energies, smoothed, and the noise that was taken out.

    Raises
    ------
    InputError
        if it is narrower than a band.
    """
    given = curve.signal if signal is None else signal
    low, high = float(curve.energies_ev[0]), float(curve.energies_ev[-1])
    energies = np.arange(low, high, _GRID_EV)
    if len(energies) < 2 * _window(_CURVED_EV):
        raise InputError(
            f"The spectrum {curve.path.name} spans {high - low:.2f} eV: less than two bands.",
            "Widen its range.",
        )
    even = np.interp(energies, curve.energies_ev, given)
    smooth = np.asarray(savgol_filter(even, _window(_WINDOW_EV), 3))
    noise = float(np.median(np.abs(even - smooth))) / 0.6745
    return energies, smooth, noise


def _window(width_ev: float) -> int:
    return 2 * round(width_ev / _GRID_EV / 2) + 1


def _vertex(x: FloatArray, y: FloatArray, at: int) -> float:
    """Top of the parabola through a maximum and its neighbours."""
    if not 0 < at < len(y) - 1:
        return float(x[at])
    curvature = float(y[at - 1] - 2 * y[at] + y[at + 1])
    shift = 0.0 if curvature == 0 else 0.5 * float(y[at - 1] - y[at + 1]) / curvature
    return float(x[at] + shift * (x[1] - x[0]))


def _step(curve: MeasuredCurve, energy_ev: float) -> float:
    """Distance of the points of the file at an energy, eV."""
    i = min(int(np.searchsorted(curve.energies_ev, energy_ev)), len(curve.energies_ev) - 1)
    return float(curve.energies_ev[max(i, 1)] - curve.energies_ev[max(i, 1) - 1])
