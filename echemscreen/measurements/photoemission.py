r"""Valence edges from photoemission: ultraviolet photoelectron spectra (UPS) and yields in air (PESA).

UPS. The ionisation energy is the photon energy less the width of the spectrum,
:math:`I = h\nu - (E_\mathrm{k,onset} - E_\mathrm{k,cut-off})`: both ends on one energy scale, so that neither
the Fermi level nor a bias enters. Both are read where the tangent in the steepest point meets the baseline.
On a scale of binding energies the cut-off gives the work function too, :math:`\Phi = h\nu -
E_\mathrm{b,cut-off}`.

PESA. The yield grows with the photon energy above a threshold as a power (2 for most semiconductors, 3 for
molecules: E. O. Kane, Phys. Rev. 127, 131 (1962)), so its root is a straight line that leaves the background
at the ionisation energy; line and background are fitted together up to ``PESA_RANGE_EV`` above the threshold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares
from scipy.signal import savgol_filter

from echemscreen.errors import InputError
from echemscreen.measurements.curve_files import MeasuredCurve
from echemscreen.measurements.voltammetry import Line
from echemscreen.records.molecules import FloatArray

#: The root of a yield is straight for about this far above its threshold, eV.
PESA_RANGE_EV = 0.8
#: Window of the smoothing of a photoelectron spectrum, eV: about what an analyser resolves.
_WINDOW_EV = 0.15
#: Part of the spectrum, from its end, that is background.
_BACKGROUND = 0.08
#: The leading edge is within this of where the signal leaves the background, eV.
_EDGE_RANGE_EV = 2.0
_NOISES = 6.0
#: What a tangent in another point would give, as a part of the distance from there to the onset; resolution.
_TANGENT_ERROR, _RESOLUTION_EV = 0.15, 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """An end of a photoelectron spectrum, eV on the scale of kinetic energies."""

    kinetic_ev: float
    sigma_ev: float
    baseline: Line
    """Over the kinetic energy."""
    tangent: Line
    steepest_ev: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoelectronLevels:
    """What UPS says, eV; ``work_function_ev`` only where energies are counted from the Fermi level."""

    cut_off: Edge
    onset: Edge
    ionisation_ev: float
    sigma_ev: float
    work_function_ev: float | None


def ups_levels(cut_off: MeasuredCurve, onset: MeasuredCurve, *, photon_ev: float) -> PhotoelectronLevels:
    """The ionisation energy from a spectrum, or from one of each end.

    Parameters
    ----------
    cut_off, onset
        Spectra that hold the two ends on one energy scale; the same one if it holds both.
    photon_ev
        Of the light.

    Raises
    ------
    InputError
        if an end cannot be told, or both together are impossible.
    """
    first = secondary_edge(*_kinetic(cut_off, photon_ev), cut_off.path.name)
    last = leading_edge(*_kinetic(onset, photon_ev), onset.path.name)
    ionisation = photon_ev - (last.kinetic_ev - first.kinetic_ev)
    if not 0 < ionisation < photon_ev:
        raise InputError(
            f"The ends of {onset.path.name} give an ionisation energy of {ionisation:.2f} eV.",
            "Check the photon energy, the bias and which column is which.",
        )
    # Kinetic energies are counted from a binding energy of zero: the cut-off's is the work function.
    work = first.kinetic_ev if cut_off.axis == "binding" else None
    return PhotoelectronLevels(
        cut_off=first,
        onset=last,
        ionisation_ev=ionisation,
        sigma_ev=math.hypot(first.sigma_ev, last.sigma_ev),
        work_function_ev=work,
    )


def _kinetic(curve: MeasuredCurve, photon_ev: float) -> tuple[FloatArray, FloatArray]:
    """Energies as kinetic ones counted so that the Fermi edge lies at the photon energy, ascending."""
    if curve.axis == "kinetic":
        return curve.energies_ev, curve.signal
    binding = curve.energies_ev
    if binding.mean() < 0:
        # Some programs count energies below the Fermi level as negative.
        binding = -binding
    order = np.argsort(photon_ev - binding)
    return (photon_ev - binding)[order], curve.signal[order]


def secondary_edge(kinetic: FloatArray, signal: FloatArray, name: str) -> Edge:
    """The cut-off of the slow secondary electrons: the first steep rise of the spectrum.

    Raises
    ------
    InputError
        if the spectrum does not rise from a background.
    """
    smooth, noise = _smoothed(kinetic, signal)
    top = int(np.argmax(smooth))
    if top < 5 or smooth[top] < smooth[0] + _NOISES * noise:  # noqa: PLR2004 - something lies before it
        raise InputError(
            f"The spectrum {name} shows no secondary cut-off: it begins at its maximum.",
            "Measure further down, with a bias, or give the file of the cut-off first.",
        )
    slopes = np.gradient(smooth, kinetic)
    steepest = int(np.argmax(slopes[: top + 1]))
    rest = _before(smooth, steepest)
    return _edge(kinetic, smooth, steepest, rest)


def leading_edge(kinetic: FloatArray, signal: FloatArray, name: str) -> Edge:
    """The onset of the valence states: where the signal leaves the background at the fast end.

    Raises
    ------
    InputError
        if nothing leaves it.
    """
    smooth, noise = _smoothed(kinetic, signal)
    n = len(smooth)
    rest = slice(n - max(5, round(_BACKGROUND * n)), n)
    background = np.polyfit(kinetic[rest], smooth[rest], 1)
    over = smooth - np.polyval(background, kinetic)
    scatter = max(noise, float(np.std(over[rest])))
    left = np.flatnonzero(over[: rest.start] > _NOISES * scatter)
    if not len(left):
        raise InputError(
            f"The spectrum {name} has no valence edge: nothing leaves the background at its fast end.",
            "Measure past the Fermi level.",
        )
    start = int(left[-1])
    # From there down: the first steep stretch, not the secondaries far below.
    window = np.flatnonzero(kinetic >= kinetic[start] - _EDGE_RANGE_EV)
    falls = -np.gradient(smooth, kinetic)
    inside = window[window <= start + 1]
    tops = [
        int(i)
        for i in inside[1:-1]
        if falls[i] >= falls[i - 1] and falls[i] >= falls[i + 1] and falls[i] > 0.3 * falls[inside].max()
    ]
    steepest = tops[-1] if tops else int(inside[np.argmax(falls[inside])])
    return _edge(kinetic, smooth, steepest, rest)


def _edge(kinetic: FloatArray, smooth: FloatArray, steepest: int, rest: slice) -> Edge:
    slope, intercept = np.polyfit(kinetic[rest], smooth[rest], 1)
    baseline = Line(float(slope), float(intercept))
    steep = float(np.gradient(smooth, kinetic)[steepest])
    at = float(kinetic[steepest])
    tangent = Line(steep, float(smooth[steepest]) - steep * at)
    meets = tangent.meets(baseline)
    crossing = at if meets is None else meets
    step = float(np.median(np.diff(kinetic)))
    sigma = math.hypot(step, _TANGENT_ERROR * abs(at - crossing), _RESOLUTION_EV)
    return Edge(kinetic_ev=crossing, sigma_ev=sigma, baseline=baseline, tangent=tangent, steepest_ev=at)


def _before(smooth: FloatArray, steepest: int) -> slice:
    """The background in front of a rise."""
    low = smooth[steepest] * 0.1 + 0.9 * float(smooth[:steepest].min()) if steepest else 0.0
    flat = np.flatnonzero(smooth[:steepest] <= low)
    last = int(flat[-1]) + 1 if len(flat) else 3
    return slice(max(0, last - max(3, last)), max(last, 3))


def _smoothed(x: FloatArray, y: FloatArray) -> tuple[FloatArray, float]:
    step = float(np.median(np.diff(x)))
    width = 2 * max(1, round(_WINDOW_EV / step / 2)) + 3
    if len(y) <= width:
        return y, 0.0
    smooth = np.asarray(savgol_filter(y, width, 2))
    return smooth, float(np.median(np.abs(y - smooth))) / 0.6745


# --- photoelectron yield in air ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldThreshold:
    """The threshold of a photoelectron yield, eV."""

    ionisation_ev: float
    sigma_ev: float
    background: float
    """Of the root of the yield."""
    slope: float
    power: float
    last_ev: float
    """End of the fitted range."""


def pesa_threshold(curve: MeasuredCurve, *, power: float = 2.0) -> YieldThreshold:
    """The photon energy from which on electrons leave: hinge of the root of the yield.

    Raises
    ------
    InputError
        if the yield does not rise from a background inside the curve.
    """
    x = curve.energies_ev
    root = np.power(np.clip(curve.signal, 0.0, None), 1.0 / power)
    name = curve.path.name
    scale = float(np.ptp(root))
    start = float(x[np.argmax(root > root.min() + 0.2 * scale)])
    found = np.array([float(np.median(root[: max(3, len(root) // 10)])), start, scale / float(np.ptp(x))])
    last = float(x[-1])
    fit = None
    for _ in range(8):
        last = min(float(x[-1]), float(found[1]) + PESA_RANGE_EV)
        inside = x <= last
        if inside.sum() < 8:  # noqa: PLR2004 - three parameters and some points
            break
        at, wanted = x[inside], root[inside]

        def misfit(p: FloatArray, at: FloatArray = at, wanted: FloatArray = wanted) -> FloatArray:
            return np.asarray(p[0] + p[2] * np.clip(at - p[1], 0.0, None) - wanted)

        fit = least_squares(misfit, found, x_scale=[max(scale, 1e-12), 0.1, max(scale, 1e-12)])
        if abs(fit.x[1] - found[1]) < 1e-4:  # noqa: PLR2004 - the range does not change any more
            break
        found = fit.x
    rises = fit is not None and fit.x[2] * (last - fit.x[1]) > _NOISES * float(np.std(fit.fun))
    if fit is None or not rises or not x[2] < fit.x[1] < x[-3]:
        raise InputError(
            f"The yield of {name} does not rise from a background: its threshold lies outside.",
            "Widen the range of photon energies.",
        )
    inside = x <= last
    residuals, jacobian = np.asarray(fit.fun), np.asarray(fit.jac, dtype=np.float64)
    freedom = max(1, int(inside.sum()) - 3)
    covariance = np.linalg.pinv(jacobian.T @ jacobian) * float(residuals @ residuals) / freedom
    step = float(np.median(np.diff(x)))
    return YieldThreshold(
        ionisation_ev=float(fit.x[1]),
        sigma_ev=math.hypot(math.sqrt(max(0.0, float(covariance[1, 1]))), step / 2, _RESOLUTION_EV),
        background=float(fit.x[0]),
        slope=float(fit.x[2]),
        power=power,
        last_ev=last,
    )
