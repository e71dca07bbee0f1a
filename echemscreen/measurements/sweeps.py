"""The sweeps of a voltammogram: cut at the turns of the potential, evened out, anodic currents positive."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.signal import savgol_filter

from echemscreen.errors import InputError
from echemscreen.measurements.instrument_files import Voltammogram
from echemscreen.records.molecules import FloatArray

#: A turn of the potential is one from this part of its range on.
_TURN = 0.08
#: Smoothing, V: far narrower than a wave, whose half-width is 0.1 V.
_SMOOTHING_V = 0.012


@dataclass(frozen=True, slots=True)
class Sweep:
    """Points between two turns of the potential, on an even grid in the order of measurement."""

    direction: int
    """+1 towards oxidation, -1 towards reduction."""
    potentials_v: FloatArray
    currents_a: FloatArray
    """Smoothed, anodic positive."""
    noise_a: float

    @property
    def step_v(self) -> float:
        """Distance of two points, V."""
        return abs(float(self.potentials_v[1] - self.potentials_v[0]))


def sweeps_of(voltammogram: Voltammogram) -> tuple[tuple[Sweep, ...], tuple[str, ...]]:
    """The sweeps of a voltammogram, currents anodic positive, and what was changed.

    Raises
    ------
    InputError
        if no sweep has points enough.
    """
    potentials, currents = voltammogram.potentials_v, voltammogram.currents_a
    pieces = [
        (potentials[first : last + 1], currents[first : last + 1]) for first, last in _turns(potentials)
    ]
    range_v = float(np.ptp(potentials))
    cut = [
        sweep for x, y in pieces if abs(x[-1] - x[0]) > _TURN * range_v and (sweep := _even(x, y)) is not None
    ]
    if not cut:
        raise InputError(
            f"In the file {voltammogram.path.name} no sweep of the potential can be told.",
            "Give a cyclic or linear sweep.",
        )
    if _is_turned_round(cut):
        turned = tuple(replace(sweep, currents_a=-sweep.currents_a) for sweep in cut)
        return turned, ("cathodic currents are positive in the file; they are shown negative",)
    return tuple(cut), ()


def _turns(potentials: FloatArray) -> Iterator[tuple[int, int]]:
    """First and last index of each monotonic stretch, small steps back left aside."""
    least = max(_TURN * float(np.ptp(potentials)), 1e-3)
    start = extreme = 0
    direction = 0
    for index, value in enumerate(potentials):
        if direction == 0:
            if abs(value - potentials[start]) >= least:
                direction, extreme = (1 if value > potentials[start] else -1), index
        elif direction * (value - potentials[extreme]) >= 0:
            extreme = index
        elif direction * (potentials[extreme] - value) >= least:
            yield start, extreme
            start, extreme, direction = extreme, index, -direction
    yield start, extreme if direction else len(potentials) - 1


def _even(x: FloatArray, y: FloatArray) -> Sweep | None:
    """A stretch on an even grid, smoothed; ``None`` if it has too few points."""
    direction = 1 if x[-1] > x[0] else -1
    order = np.argsort(direction * x, kind="stable")
    along, indices = np.unique(direction * x[order], return_index=True)
    values = y[order][indices]
    if len(along) < 8:  # noqa: PLR2004 - three parameters of a parabola and some more
        return None
    step = max(float(np.median(np.diff(along))), float(along[-1] - along[0]) / 4000)
    grid = np.arange(along[0], along[-1] + step / 2, step)
    even = np.interp(grid, along, values)
    width = 2 * max(1, round(_SMOOTHING_V / step / 2)) + 3
    smooth = savgol_filter(even, width, 2) if len(even) > width else even
    noise = float(np.median(np.abs(even - smooth))) / 0.6745
    return Sweep(direction, direction * grid, smooth, noise)


def _is_turned_round(sweeps: Sequence[Sweep]) -> bool:
    """Whether cathodic currents are positive: the upward sweep then lies below the downward one."""
    ups = [sweep for sweep in sweeps if sweep.direction > 0]
    downs = [sweep for sweep in sweeps if sweep.direction < 0]
    if ups and downs:
        up, down = ups[-1], downs[-1]
        low = max(up.potentials_v.min(), down.potentials_v.min())
        high = min(up.potentials_v.max(), down.potentials_v.max())
        grid = np.linspace(low, high, 200)
        above = np.interp(grid, up.potentials_v, up.currents_a) - np.interp(
            grid, down.potentials_v[::-1], down.currents_a[::-1]
        )
        return bool(above.mean() < 0)
    # A single sweep: its current grows in its own direction.
    only = sweeps[0]
    return bool(only.direction * (only.currents_a[-1] - only.currents_a[0]) < 0)
