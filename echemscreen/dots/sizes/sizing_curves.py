"""Published sizing curves: the first exciton of bare dots by their size (``sizing_curves.csv``).

A row names the form of a curve and its coefficients, which are numbers and nothing else:

- ``diameter_of_wavelength``: D = a + b L + c L^2 + ...
- ``hyperbola_of_wavelength``: D = a / (b - L) - c
- ``rational_energy``: E = a + 1 / (b + c D + d D^2)
- ``inverse_energy``: E = a + b / D + c / D^2
- ``power_energy``: E = a + b D^c

with D in nm, the wavelength L in nm and E in eV.

A curve that ``decides`` is one of a material where the envelope is known to fail: PbSe of two bands is too
blue in small dots, where the real bands bend over towards the edge of the zone. The gap of its cores is
that of the curve (:func:`echemscreen.dots.edges.band_edges.model_of`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import constants

from echemscreen.errors import TableError
from echemscreen.records.molecules import FloatArray
from echemscreen.reference_tables import read_rows

#: h c / e in eV nm.
EV_NM = constants.h * constants.c / constants.e / constants.nano
#: Sizes at which a curve is compared, and between which it is read.
N_SIZES = 12
N_READ = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class SizingCurveRow:
    """A row of ``sizing_curves.csv``; ``low`` and ``high`` bound what the formula is a function of."""

    name: str
    material: str
    kind: str
    size: str
    """What the size means: ``diameter``, ``edge`` of a cube or ``tetrahedron``."""
    coefficients: str
    low: float
    high: float
    low_nm: float
    high_nm: float
    """Sizes that the curve was made from."""
    decides: bool
    """Whether it gives the gap of a core in the model's stead."""
    quality: str
    citation: str
    locator: str
    note: str

    def points(self, n_sizes: int = N_SIZES) -> tuple[FloatArray, FloatArray]:
        """Sizes in nm and first-exciton energies in eV along the curve, within its range.

        Raises
        ------
        TableError
            if the form is unknown or a coefficient is no number.
        """
        where = f"band_data/sizing_curves.csv, row {self.name}"
        try:
            a, *rest = (float(text) for text in self.coefficients.split(";"))
        except ValueError:
            raise TableError(
                f"{where}: a coefficient is no number.", "Separate them by semicolons."
            ) from None
        x = np.linspace(self.low, self.high, n_sizes)
        if self.kind == "diameter_of_wavelength":
            size, energy = np.polyval([*rest[::-1], a], x), EV_NM / x
        elif self.kind == "hyperbola_of_wavelength":
            size, energy = a / (rest[0] - x) - rest[1], EV_NM / x
        elif self.kind == "rational_energy":
            size, energy = x, a + 1 / np.polyval(rest[::-1], x)
        elif self.kind == "inverse_energy":
            size, energy = x, a + rest[0] / x + rest[1] / x**2
        elif self.kind == "power_energy":
            size, energy = x, a + rest[0] * x ** rest[1]
        else:
            raise TableError(
                f"{where}: unknown form '{self.kind}'.",
                "The forms stand in the docstring of dots/sizes/sizing_curves.py.",
            )
        kept = (size >= self.low_nm) & (size <= self.high_nm)
        return np.asarray(size[kept]), np.asarray(energy[kept])

    def exciton_ev(self, size_nm: float) -> float:
        """First exciton of a size within the range, eV."""
        sizes, energies = self.points(N_READ)
        order = np.argsort(sizes)
        return float(np.interp(size_nm, sizes[order], energies[order]))


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeOnCurve:
    """What a curve makes of a first exciton."""

    curve: SizingCurveRow
    size_nm: float
    """As the curve means it: a diameter, or the edge of a cube or tetrahedron."""
    per_ev_nm: float
    """Change of the size with the energy, nm/eV; negative."""


def sizes_at(material: str, exciton_ev: float) -> tuple[SizeOnCurve, ...]:
    """The sizes that published curves give bare dots of a material with a first exciton.

    Curves that were read in their source come before others, which count only where there is none; beyond
    its range a curve says nothing.
    """
    curves = [curve for curve in sizing_curves() if curve.material == material]
    read = [curve for curve in curves if curve.quality == "verified"]
    found = []
    for curve in read or curves:
        sizes, energies = curve.points(N_READ)
        order = np.argsort(energies)
        if not energies[order[0]] <= exciton_ev <= energies[order[-1]]:
            continue
        slopes = np.gradient(sizes[order], energies[order])
        found.append(
            SizeOnCurve(
                curve=curve,
                size_nm=float(np.interp(exciton_ev, energies[order], sizes[order])),
                per_ev_nm=float(np.interp(exciton_ev, energies[order], slopes)),
            )
        )
    return tuple(found)


@lru_cache(maxsize=1)
def sizing_curves() -> tuple[SizingCurveRow, ...]:
    """Every published curve, in table order."""
    return read_rows("band_data", "sizing_curves.csv", SizingCurveRow)


@lru_cache(maxsize=1)
def deciding_curves() -> Mapping[str, SizingCurveRow]:
    """The curves that give the gap of a core, by their material."""
    return {row.material: row for row in sizing_curves() if row.decides}
