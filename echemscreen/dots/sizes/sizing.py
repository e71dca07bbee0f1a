r"""First excitons held against published sizing curves (:mod:`echemscreen.dots.sizes.sizing_curves`).

The size of a cube is its edge. That of a tetrahedron of InP is the edge of a micrograph, and it becomes the
diameter of the sphere that holds as many atoms (:func:`sphere_of_tetrahedron`). The cations of a
tetrahedral crystal lie in rows of spacing :math:`d = a / \sqrt 2`, and an edge of n of them belongs to
:math:`n (n + 1) (n + 2) / 6` cations, each with the volume :math:`a^3 / 4` of a pair. A cation at a vertex
would hold to the crystal by a single bond; none is there, and the edge that is seen ends at the atom before
it: :math:`n = L / d + 3`, less the four vertices. The geometric volume :math:`L^3 / (6 \sqrt 2)` that a
drawn edge encloses holds 0.1 to 0.4 of these atoms: it lacks the half layer outside the outermost atoms on
each of the four faces.

The mapping has no free number, but it was chosen among readings with the curve in view: the tests print what
each of them gives. Tetrahedra enter no uncertainty.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from echemscreen.dots.edges.band_edges import model_of
from echemscreen.dots.materials import semiconductors
from echemscreen.dots.sizes.sizing_curves import SizingCurveRow, sizing_curves
from echemscreen.dots.specification import parse
from echemscreen.records.molecules import FloatArray

_TETRAHEDRON = "tetrahedron"
#: Vertices of a tetrahedron; cations that an edge has beside those between its ends: one that counts the ends
#: of rows against their spacings, and the two vertices that are not there.
_VERTICES = 4
_ROW_ENDS = 1
_ABSENT = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A curve and the model along it."""

    curve: SizingCurveRow
    sizes_nm: tuple[float, ...]
    """As the curve means them."""
    diameters_nm: tuple[float, ...]
    """What is modelled: of the sphere that stands for a tetrahedron, else the size itself."""
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


def sphere_of_tetrahedron(edge_nm: float, lattice_ang: float, *, vertices: bool = False) -> float:
    """Diameter of the sphere with the atoms of a tetrahedral zinc-blende crystal, nm.

    Parameters
    ----------
    edge_nm
        Edge between the outermost cations that are seen.
    lattice_ang
        Lattice constant, angstrom.
    vertices
        Whether the cations at the vertices are there and the edge ends at them.
    """
    lattice_nm = 0.1 * lattice_ang
    along_edge = edge_nm / (lattice_nm / math.sqrt(2)) + _ROW_ENDS + (0 if vertices else _ABSENT)
    cations = along_edge * (along_edge + 1) * (along_edge + 2) / 6 - (0 if vertices else _VERTICES)
    return float((6 / math.pi * cations * lattice_nm**3 / 4) ** (1 / 3))


@lru_cache(maxsize=1)
def compare() -> tuple[Comparison, ...]:
    """The first excitons of bare dots against every curve in its range."""
    found = []
    for curve in sizing_curves():
        sizes, energies = curve.points()
        lattice_ang = semiconductors()[curve.material].lattice_ang
        modelled = [
            sphere_of_tetrahedron(size, lattice_ang) if curve.size == _TETRAHEDRON else size for size in sizes
        ]
        model = [model_of(parse(f"{curve.material}:{size:.4f}")).exciton_ev for size in modelled]
        found.append(
            Comparison(
                curve=curve,
                sizes_nm=tuple(map(float, sizes)),
                diameters_nm=tuple(map(float, modelled)),
                curve_ev=tuple(map(float, energies)),
                model_ev=tuple(model),
            )
        )
    return tuple(found)


def relative_error() -> float:
    """Relative error of confinement energies: root mean square over the curves read in their source.

    Tetrahedra are left out, as their diameter is counted and not measured, and so are materials whose
    masses were not read.
    """
    relative = [
        item.relative
        for item in compare()
        if item.curve.quality == semiconductors()[item.curve.material].quality == "verified"
        and item.curve.size != _TETRAHEDRON
    ]
    return float(np.sqrt(np.mean(np.square(relative))))
