r"""First excitons held against published sizing curves (``sizing_curves.csv``).

A row names the form of a curve and its coefficients, which are numbers and nothing else:

- ``diameter_of_wavelength``: D = a + b L + c L^2 + ...
- ``hyperbola_of_wavelength``: D = a / (b - L) - c
- ``rational_energy``: E = a + 1 / (b + c D + d D^2)
- ``inverse_energy``: E = a + b / D + c / D^2
- ``power_energy``: E = a + b D^c

with D in nm, the wavelength L in nm and E in eV.

The edge L of a tetrahedron stands for the diameter. A sphere of equal volume would be the first choice:
:math:`D = (6 V / \pi)^{1/3}` with :math:`V = L^3 / (6 \sqrt 2)`, so :math:`D = 0.61 L`. But the only series
of tetrahedra (InP) has the first excitons of the older series of diameters where edge and diameter are
equal, not where the volumes are. An edge seen in a micrograph ends near the outermost atoms, and the edge
of a tetrahedron whose faces move out by t grows by 4.9 t: its volume is known much less well than that of
a sphere. Both readings are printed by the tests. Such a curve is told apart and enters no uncertainty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from echemscreen.dots.band_edges import model_of
from echemscreen.dots.emission import EV_NM
from echemscreen.dots.materials import semiconductors
from echemscreen.dots.specification import parse
from echemscreen.errors import TableError
from echemscreen.records import FloatArray
from echemscreen.reference_tables import read_rows

#: Sizes at which a curve is compared.
N_SIZES = 12


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
            raise TableError(f"{where}: unknown form '{self.kind}'.", "See the docstring of dots/sizing.py.")
        kept = (size >= self.low_nm) & (size <= self.high_nm)
        return np.asarray(size[kept]), np.asarray(energy[kept])


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A curve and the model along it."""

    curve: SizingCurveRow
    sizes_nm: tuple[float, ...]
    curve_ev: tuple[float, ...]
    model_ev: tuple[float, ...]

    @property
    def errors_ev(self) -> FloatArray:
        """Model less curve."""
        return np.subtract(self.model_ev, self.curve_ev)

    @property
    def mean_absolute_ev(self) -> float:
        """Mean absolute error."""
        return float(np.abs(self.errors_ev).mean())

    @property
    def relative(self) -> float:
        """Root mean square error over the root mean square confinement of the curve."""
        confinement = np.subtract(self.curve_ev, semiconductors()[self.curve.material].gap_ev)
        return float(np.sqrt(np.mean(self.errors_ev**2) / np.mean(confinement**2)))


@lru_cache(maxsize=1)
def sizing_curves() -> tuple[SizingCurveRow, ...]:
    """Every published curve, in table order."""
    return read_rows("band_data", "sizing_curves.csv", SizingCurveRow)


@lru_cache(maxsize=1)
def compare() -> tuple[Comparison, ...]:
    """The first excitons of bare dots against every curve in its range."""
    found = []
    for curve in sizing_curves():
        sizes, energies = curve.points()
        model = [model_of(parse(f"{curve.material}:{size:.4f}")).exciton_ev for size in sizes]
        found.append(
            Comparison(
                curve=curve,
                sizes_nm=tuple(map(float, sizes)),
                curve_ev=tuple(map(float, energies)),
                model_ev=tuple(model),
            )
        )
    return tuple(found)


def relative_error() -> float:
    """Relative error of confinement energies: root mean square over the curves read in their source.

    Tetrahedra are left out, as their edge is no diameter, and materials whose masses were not read.
    """
    relative = [
        item.relative
        for item in compare()
        if item.curve.quality == semiconductors()[item.curve.material].quality == "verified"
        and item.curve.size != "tetrahedron"
    ]
    return float(np.sqrt(np.mean(np.square(relative))))
