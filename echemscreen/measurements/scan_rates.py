"""What several scan rates say of one couple: diffusion or adsorption, how fast, and its potential."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from echemscreen.errors import InputError
from echemscreen.measurements.voltammetry import Analysis, Wave
from echemscreen.records.processes import Process

#: Waves of two files are one couple within this, V.
_SAME_COUPLE_V = 0.10
#: Rates from which a trend is told, and by how much they must differ.
_LEAST_RATES, _LEAST_SPAN = 3, 2.0
#: Exponents of the height over the rate: 1/2 under diffusion (Randles-Sevcik), 1 of an adsorbed layer.
_DIFFUSION, _ADSORPTION = 0.5, 1.0
#: The separation of a slow couple grows at least so much for each decade of the rate, V.
_SLOW_V_PER_DECADE = 0.015


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One couple at several scan rates; potentials in V on the scale of the files."""

    process: Process
    rates_v_s: tuple[float, ...]
    waves: tuple[Wave, ...]
    exponent: float
    """Slope of the logarithm of the height over that of the rate."""
    exponent_sigma: float
    separation_v_per_decade: float | None
    """How the separation of the peaks grows; ``None`` where a wave has no return."""

    @property
    def control(self) -> Literal["diffusion", "adsorption", "mixed"]:
        """What limits the current, by the nearer exponent if the other one is excluded."""
        for name, exponent, other in (
            ("diffusion", _DIFFUSION, _ADSORPTION),
            ("adsorption", _ADSORPTION, _DIFFUSION),
        ):
            distance = abs(self.exponent - exponent)
            if distance <= max(0.15, 2 * self.exponent_sigma) and distance < abs(self.exponent - other):
                return "diffusion" if name == "diffusion" else "adsorption"
        return "mixed"

    @property
    def is_slow(self) -> bool:
        """Whether the separation grows with the rate: electron transfer, or resistance, lags behind."""
        return self.separation_v_per_decade is not None and self.separation_v_per_decade > _SLOW_V_PER_DECADE

    @property
    def value_v(self) -> float:
        """The couple's potential: the mean, of a slow couple that of the slowest scan."""
        if self.is_slow or self.waves[0].return_v is None:
            return self.waves[0].value_v
        return statistics.fmean(wave.value_v for wave in self.waves)

    @property
    def sigma_v(self) -> float:
        """Of ``value_v``: the reading of the slowest scan and the scatter of all."""
        scatter = statistics.stdev(wave.value_v for wave in self.waves)
        return math.hypot(self.waves[0].sigma_v, scatter / math.sqrt(len(self.waves)))


def series_of(analyses: Sequence[Analysis], wave: Wave) -> Series:
    """The wave of one file through the files of other rates, the slowest first.

    Raises
    ------
    InputError
        if a file does not say its rate, or there are too few rates to tell anything.
    """
    found: list[tuple[float, Wave]] = []
    for analysis in analyses:
        rate = analysis.source.scan_rate_v_s
        if rate is None or rate <= 0:
            raise InputError(
                f"The file {analysis.source.path.name} does not say its scan rate.",
                "Give the files of one rate only, or export it with its header or its time.",
            )
        same = [
            other
            for other in analysis.waves
            if other.process == wave.process and abs(other.value_v - wave.value_v) <= _SAME_COUPLE_V
        ]
        if same:
            found.append((rate, min(same, key=lambda other: abs(other.value_v - wave.value_v))))
    found.sort(key=lambda item: item[0])
    rates = [rate for rate, _ in found]
    if len(set(rates)) < _LEAST_RATES or rates[-1] < _LEAST_SPAN * rates[0]:
        raise InputError(
            f"The {wave.process} at {wave.value_v:+.3f} V is seen at {len(set(rates))} scan rates.",
            f"A series needs {_LEAST_RATES}, the fastest at least {_LEAST_SPAN:g} times the slowest.",
        )
    decades = np.log10(rates)
    heights = np.log10([item.height_a for _, item in found])
    (slope, _), residuals, *_ = np.polyfit(decades, heights, 1, full=True)
    spread = float(np.sum((decades - decades.mean()) ** 2))
    freedom = max(1, len(found) - 2)
    misfit = float(residuals[0]) if len(residuals) else 0.0
    separations = [item.separation_v for _, item in found]
    growth = None
    if all(value is not None for value in separations):
        growth = float(np.polyfit(decades, np.array(separations, dtype=np.float64), 1)[0])
    return Series(
        process=wave.process,
        rates_v_s=tuple(rates),
        waves=tuple(item for _, item in found),
        exponent=float(slope),
        exponent_sigma=math.sqrt(misfit / freedom / spread),
        separation_v_per_decade=growth,
    )
