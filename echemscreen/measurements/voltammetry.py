r"""From a voltammogram to its waves: peaks, half-wave potential, onset, reversibility.

A voltammogram is cut at its turning points into sweeps. A *wave* is a peak of one sweep; the opposite peak of
the next sweep, if there is one, is its return. What is taken from a wave:

half-wave
    the mean of both peaks, :math:`(E_{pa} + E_{pc}) / 2`; of a couple that is fast and stable it is the
    formal potential but for the ratio of the diffusion coefficients (A. J. Bard and L. R. Faulkner,
    Electrochemical Methods, 2nd ed., Wiley (2001), chapter 6).
half-peak
    where the wave has half of its height over the baseline: what stands for a wave without return.
onset
    where the tangent in the steepest point of the rising wave meets the baseline.
current ratio
    return over forward by R. S. Nicholson, Anal. Chem. 38, 1406 (1966), which needs no baseline under the
    return wave: :math:`i_r/i_f = i_{r,0}/i_f + 0.485\, i_{s,0}/i_f + 0.086`, with :math:`i_{r,0}` and the
    current :math:`i_{s,0}` at the switching potential counted from the forward baseline.

Signs: potentials in V on the scale of the file. Currents are anodic positive here whatever the file has: in
any cell the current of the upward sweep lies above that of the downward one, which tells the two
conventions apart.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.signal import find_peaks

from echemscreen.errors import InputError
from echemscreen.measurements.instrument_files import Voltammogram
from echemscreen.measurements.sweeps import Sweep, sweeps_of
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process

Behaviour = Literal["reversible", "quasi-reversible", "irreversible", "no return sweep"]

#: Widest separation of the peaks of a one-electron wave that is called reversible, V: 57 mV at 25 C, and what
#: the resistance of a cell and the step of a staircase usually add.
REVERSIBLE_SEPARATION_V = 0.075
#: Current ratios of a wave whose product lives.
STABLE_RATIO = (0.85, 1.15)
#: Separation of the peaks of a reversible wave of one electron at 25 C, V.
NERNSTIAN_SEPARATION_V = 0.057
#: A return peak lies no further than this behind its wave, and hardly before it, V.
_WIDEST_V, _BEFORE_V = 0.8, 0.02
#: Peaks of one couple agree within this from cycle to cycle, V.
_SAME_WAVE_V = 0.06
#: A peak stands out by this part of the loop's height, and by this many times the noise.
_PROMINENCE, _NOISES = 0.04, 8.0
#: How well a peak can be told in any cell, V.
_LEAST_SIGMA_V = 0.003
#: A rise to the end of a sweep is one from this part of the loop on.
_RISE = 0.25
#: A wave whose rise is steeper than that of four electrons at once is none, V.
_NARROWEST_V = 0.012
#: By how much of a separation beyond the Nernstian one the midpoint may miss the formal potential: transfer
#: coefficients of 0.4 to 0.6 put the two peaks at distances as 1/(1 - a) to 1/a from it.
_ASYMMETRY = 0.10
#: The same of a tangent's crossing, as a part of the distance from onset to peak.
_TANGENT_ERROR = 0.15


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line in the plane of the voltammogram."""

    slope_a_per_v: float
    intercept_a: float

    def at(self, potential_v: float) -> float:
        """Current, ampere."""
        return self.intercept_a + self.slope_a_per_v * potential_v

    def meets(self, other: Line) -> float | None:
        """The potential at which two lines cross, or ``None`` for parallel ones."""
        turn = self.slope_a_per_v - other.slope_a_per_v
        return None if turn == 0 else (other.intercept_a - self.intercept_a) / turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One wave of one cycle; potentials in V on the scale of the file, heights in ampere."""

    process: Process
    sweep: int
    """Index of its sweep."""
    peak_v: float
    height_a: float
    """Over the baseline."""
    peak_a: float
    baseline: Line
    tangent: Line
    half_peak_v: float
    onset_v: float
    step_v: float
    """Distance of two points."""
    has_return_sweep: bool = False
    return_v: float | None = None
    return_a: float | None = None
    current_ratio: float | None = None

    @property
    def half_wave_v(self) -> float | None:
        """Mean of both peaks, or ``None`` without a return."""
        return None if self.return_v is None else (self.peak_v + self.return_v) / 2

    @property
    def separation_v(self) -> float | None:
        """Distance of the peaks."""
        return None if self.return_v is None else abs(self.peak_v - self.return_v)

    @property
    def behaviour(self) -> Behaviour:
        """What the return says of the couple."""
        separation = self.separation_v
        if separation is None:
            return "irreversible" if self.has_return_sweep else "no return sweep"
        low, high = STABLE_RATIO
        lives = self.current_ratio is not None and low <= self.current_ratio <= high
        return "reversible" if separation <= REVERSIBLE_SEPARATION_V and lives else "quasi-reversible"

    @property
    def kind(self) -> Literal["E1/2", "half_peak"]:
        """Which reading stands for the couple (as ``reference_potentials.csv`` names them)."""
        return "half_peak" if self.return_v is None else "E1/2"

    @property
    def value_v(self) -> float:
        """The potential that stands for the couple: half-wave, or half-peak of a wave without return."""
        return self.half_peak_v if self.half_wave_v is None else self.half_wave_v

    @property
    def sigma_v(self) -> float:
        """Standard deviation of ``value_v`` as a reading of this curve."""
        reading = math.hypot(_LEAST_SIGMA_V, self.step_v / math.sqrt(12))
        if self.separation_v is None:
            return math.hypot(reading, self.onset_sigma_v / 2)
        return math.hypot(reading, _ASYMMETRY * max(0.0, self.separation_v - NERNSTIAN_SEPARATION_V))

    @property
    def onset_sigma_v(self) -> float:
        """Standard deviation of the onset as a reading of this curve."""
        return math.hypot(self.step_v, _TANGENT_ERROR * abs(self.peak_v - self.onset_v))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """A current that rises to the end of a sweep without a peak: only its onset is known."""

    process: Process
    sweep: int
    onset_v: float
    sigma_v: float
    baseline: Line
    tangent: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """The waves of a voltammogram, each once, in the order in which they appear."""

    source: Voltammogram
    sweeps: tuple[Sweep, ...]
    waves: tuple[Wave, ...]
    rises: tuple[Rise, ...]
    scatter_v: tuple[float, ...]
    """Of each wave: standard deviation of its value over the cycles, 0 for a single one."""
    notes: tuple[str, ...]


def analysed(voltammogram: Voltammogram) -> Analysis:
    """Find the waves of a voltammogram.

    A couple that every cycle shows is read from the last one; a wave without return, which may spoil the
    electrode, from the first. The process is that of the sweep in which a couple appears first.

    Raises
    ------
    InputError
        if no sweep can be told, or nothing but background is seen.
    """
    sweeps, notes = sweeps_of(voltammogram)
    announced = voltammogram.announced_sweeps
    if announced is not None and len(sweeps) < announced:
        notes = (*notes, f"the file announces {announced} sweeps and has {len(sweeps)}: it may be cut off")
    height = max(float(np.ptp(sweep.currents_a)) for sweep in sweeps)
    found: list[Wave] = []
    # Peaks that are no return of an earlier wave.
    free = [list(_peaks(sweep, height)) for sweep in sweeps]
    for index, sweep in enumerate(sweeps):
        for at in free[index]:
            wave = _wave(sweep, index, at)
            if wave is not None and index + 1 < len(sweeps):
                wave, taken = _with_return(wave, sweep, sweeps[index + 1], free[index + 1])
                free[index + 1] = [peak for peak in free[index + 1] if peak != taken]
            if wave is not None:
                found.append(wave)
    groups = _grouped(found)
    rises = (
        [] if groups else [rise for i, sweep in enumerate(sweeps) if (rise := _rise(sweep, i)) is not None]
    )
    if not groups and not rises:
        raise InputError(
            f"In the file {voltammogram.path.name} nothing stands out of the background: no wave and no rise"
            f"{''.join(f' ({note})' for note in (*voltammogram.notes, *notes))}.",
            "Check the range of the sweep and the current range.",
        )
    chosen = [group[-1] if group[-1].return_v is not None else group[0] for group in groups]
    return Analysis(
        source=voltammogram,
        sweeps=sweeps,
        waves=tuple(chosen),
        rises=tuple(_first_of_each(rises)),
        scatter_v=tuple(_scatter(group) for group in groups),
        notes=(*voltammogram.notes, *notes),
    )


# --- waves ----------------------------------------------------------------------------------


def _peaks(sweep: Sweep, height_a: float) -> Iterator[int]:
    """Indices of the peaks of a sweep in its own direction."""
    least = max(_PROMINENCE * height_a, _NOISES * sweep.noise_a)
    found, _ = find_peaks(sweep.direction * sweep.currents_a, prominence=least)
    yield from (int(index) for index in found)


def _wave(sweep: Sweep, index: int, at: int) -> Wave | None:
    """The wave of a peak: baseline, tangent, half-peak; ``None`` where nothing lies before the peak."""
    signal = sweep.direction * sweep.currents_a
    foot = _foot(signal, at, sweep.noise_a)
    if foot is None:
        return None
    x = sweep.potentials_v
    baseline = _fitted(x[foot], sweep.currents_a[foot])
    peak_v, peak_a = _vertex(sweep, at)
    height = sweep.direction * (peak_a - baseline.at(peak_v))
    rising = np.arange(foot.stop - 1, at + 1)
    over = sweep.direction * np.array(
        [sweep.currents_a[i] - baseline.at(float(x[i])) for i in rising], dtype=np.float64
    )
    if height <= 0 or len(rising) < 4:  # noqa: PLR2004 - a tangent and a half-peak
        return None
    below = np.flatnonzero(over < height / 2)
    if not len(below) or below[-1] + 1 >= len(over):
        return None
    i = int(below[-1])
    part = (height / 2 - over[i]) / (over[i + 1] - over[i])
    half_v = float(x[rising[i]] + part * (x[rising[i + 1]] - x[rising[i]]))
    tangent = _tangent(sweep, rising)
    onset = tangent.meets(baseline)
    if onset is None or abs(peak_v - half_v) < _NARROWEST_V:
        return None
    return Wave(
        process=Process.OXIDATION if sweep.direction > 0 else Process.REDUCTION,
        sweep=index,
        peak_v=peak_v,
        height_a=float(height),
        peak_a=peak_a,
        baseline=baseline,
        tangent=tangent,
        half_peak_v=half_v,
        onset_v=onset,
        step_v=sweep.step_v,
    )


def _foot(signal: FloatArray, at: int, noise_a: float) -> slice | None:
    """The flattest stretch before a peak, behind the peak before it: what the baseline goes through."""
    before = signal[: at + 1]
    start = 0
    if at > 4:  # noqa: PLR2004 - something lies before it
        lows = find_peaks(-before, prominence=0.02 * float(np.ptp(before)))[0]
        earlier = find_peaks(before, prominence=0.05 * float(np.ptp(before)))[0]
        if len(earlier) and len(lows) and lows[-1] > earlier[-1]:
            start = int(earlier[-1])
    length = at - start
    width = max(4, length // 8)
    if length < 2 * width:
        return None
    # The first points charge the double layer.
    skipped = start + min(max(1, length // 20), length - 2 * width)
    windows = range(skipped, at - width, max(1, width // 4))
    slopes = [(float(signal[k + width] - signal[k]), k) for k in windows]
    level = float(np.ptp(signal[start : at + 1]))
    # Of equally flat stretches the one next to the wave.
    flattest = min(abs(slope) for slope, _ in slopes)
    alike = max(0.002 * level, noise_a)
    k = max(k for slope, k in slopes if abs(slope) <= flattest + alike)
    return slice(k, k + width + 1)


def _fitted(x: FloatArray, y: FloatArray) -> Line:
    slope, intercept = np.polyfit(x, y, 1)
    return Line(float(slope), float(intercept))


def _vertex(sweep: Sweep, at: int) -> tuple[float, float]:
    """Top of the parabola through a peak and its neighbours."""
    x, y = sweep.potentials_v[at - 1 : at + 2], sweep.currents_a[at - 1 : at + 2]
    curvature = float(y[0] - 2 * y[1] + y[2])
    if len(x) < 3 or curvature == 0.0:  # noqa: PLR2004 - a parabola
        return float(sweep.potentials_v[at]), float(sweep.currents_a[at])
    shift = 0.5 * float(y[0] - y[2]) / curvature
    return float(x[1] + shift * (x[2] - x[1])), float(y[1] - 0.25 * (y[0] - y[2]) * shift)


def _tangent(sweep: Sweep, points: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Line:
    """The tangent in the steepest of some points."""
    slopes = np.gradient(sweep.currents_a, sweep.potentials_v)
    # Both grow in the direction of the sweep, so the steepest slope is the largest one.
    i = int(points[np.argmax(slopes[points])])
    slope = float(slopes[i])
    return Line(slope, float(sweep.currents_a[i]) - slope * float(sweep.potentials_v[i]))


def _with_return(wave: Wave, sweep: Sweep, back: Sweep, free: Sequence[int]) -> tuple[Wave, int | None]:
    """The wave with the peak of the next sweep that belongs to it, and which of the free peaks that is."""
    wave = replace(wave, has_return_sweep=True)
    distances = [(sweep.direction * (wave.peak_v - float(back.potentials_v[at])), at) for at in free]
    candidates = [item for item in distances if -_BEFORE_V <= item[0] <= _WIDEST_V]
    if not candidates:
        return wave, None
    _, at = min(candidates)
    return_v, return_a = _vertex(back, at)
    # Nicholson counts both from zero: here from the baseline of the forward wave where the sweep turns.
    turn_a = float(sweep.currents_a[-1])
    switching = sweep.direction * (turn_a - wave.baseline.at(float(sweep.potentials_v[-1])))
    back_0 = -sweep.direction * (return_a - wave.baseline.at(return_v))
    ratio = (back_0 + 0.485 * switching) / wave.height_a + 0.086
    return replace(wave, return_v=return_v, return_a=return_a, current_ratio=float(ratio)), at


def _rise(sweep: Sweep, index: int) -> Rise | None:
    """The onset of a current that rises to the end of a sweep."""
    signal = sweep.direction * sweep.currents_a
    last = len(signal) - 1
    foot = _foot(signal, last, sweep.noise_a)
    if foot is None:
        return None
    baseline = _fitted(sweep.potentials_v[foot], sweep.currents_a[foot])
    end_v = float(sweep.potentials_v[-1])
    height = sweep.direction * (float(sweep.currents_a[-1]) - baseline.at(end_v))
    if height < max(_RISE * float(np.ptp(signal)), _NOISES * sweep.noise_a):
        return None
    tangent = _tangent(sweep, np.arange(foot.stop - 1, last))
    onset = tangent.meets(baseline)
    if onset is None or not 0 <= sweep.direction * (end_v - onset) <= abs(end_v - sweep.potentials_v[0]):
        return None
    sigma = math.hypot(sweep.step_v, _TANGENT_ERROR * abs(end_v - onset))
    process: Process = Process.OXIDATION if sweep.direction > 0 else Process.REDUCTION
    return Rise(
        process=process, sweep=index, onset_v=onset, sigma_v=sigma, baseline=baseline, tangent=tangent
    )


def _first_of_each(rises: Sequence[Rise]) -> Iterator[Rise]:
    for process in (Process.OXIDATION, Process.REDUCTION):
        yield from [rise for rise in rises if rise.process == process][:1]


def _grouped(waves: Sequence[Wave]) -> list[list[Wave]]:
    """Waves of one couple over the cycles; a couple seen from both sides counts with its first side."""
    groups: list[list[Wave]] = []
    for wave in waves:
        near = [group for group in groups if abs(group[-1].value_v - wave.value_v) <= _SAME_WAVE_V]
        same = [group for group in near if group[0].process == wave.process]
        if same:
            same[0].append(wave)
        elif not (near and wave.return_v is not None):
            groups.append([wave])
    return groups


def _scatter(group: Sequence[Wave]) -> float:
    values = [wave.value_v for wave in group if wave.kind == group[-1].kind]
    return statistics.stdev(values) if len(values) > 1 else 0.0
