r"""The axis that every dot stands on: what the joint fit of published edges says (``edge_model.csv``).

A natural energy :math:`E` (``semiconductors.csv`` and confinement) becomes the potential

.. math:: U = a - E - \sum_m w_m \delta_m

with the axis :math:`a`, common to all materials, and the correction :math:`\delta_m` of each compound's
place, weighted by where the carrier is. Both are those of :mod:`echemscreen.dots.edges.edge_fit`, with their
covariance. The kinds of measurement stand beside them: by how much each of them reads an edge differently.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from echemscreen.dots.materials import compound_of
from echemscreen.errors import TableError
from echemscreen.reference_tables import read_rows

AXIS = "axis"
_PLACE = "place of "


def place_of(compound: str) -> str:
    """The name of the parameter that corrects a compound's place on the natural scale."""
    return f"{_PLACE}{compound}"


def compounds(where: Mapping[str, float]) -> dict[str, float]:
    """Shares by compound: its phases (``wz-CdSe``) have one place."""
    found: dict[str, float] = {}
    for name, share in where.items():
        compound = compound_of(name)
        found[compound] = found.get(compound, 0.0) + share
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeModelRow:
    """A parameter of the fit (a row of ``edge_model.csv``)."""

    parameter: str
    mean_v: float
    sigma_v: float
    n_rows: int
    """Published edges that speak of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeCovarianceRow:
    """A covariance of two parameters of dots (a row of ``edge_covariance.csv``)."""

    first: str
    second: str
    covariance_v2: float


@dataclass(frozen=True, kw_only=True)
class EdgeAxis:
    """The axis and the places, with their covariance."""

    rows: Mapping[str, EdgeModelRow]
    covariance: Mapping[tuple[str, str], float]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters that place a dot: those with a covariance."""
        return tuple(dict.fromkeys(first for first, _ in self.covariance))

    @cached_property
    def _matrix(self) -> NDArray[np.float64]:
        return np.array([[self.covariance[first, second] for second in self.names] for first in self.names])

    def _weights(self, where: Mapping[str, float]) -> NDArray[np.float64]:
        weights = {AXIS: 1.0} | {place_of(name): -share for name, share in where.items()}
        if unplaced := weights.keys() - set(self.names):
            raise TableError(
                f"band_data/edge_model.csv was fitted without the {min(unplaced)}.",
                "Fit it again: echemscreen calibrate --edges --out band_data --replace",
            )
        return np.array([weights.get(name, 0.0) for name in self.names])

    def offset_v(self, where: Mapping[str, float]) -> float:
        """What a natural energy is subtracted from, V vs SHE, for a carrier that sits in these compounds."""
        means = np.array([self.rows[name].mean_v for name in self.names])
        return float(self._weights(where) @ means)

    def covariance_v2(self, first: Mapping[str, float], second: Mapping[str, float]) -> float:
        """Covariance of two edges, V2: their axis and their compounds."""
        return float(self._weights(first) @ self._matrix @ self._weights(second))


@lru_cache(maxsize=1)
def edge_axis() -> EdgeAxis:
    """The shipped fit."""
    found = {}
    for row in read_rows("band_data", "edge_covariance.csv", EdgeCovarianceRow):
        found[row.first, row.second] = found[row.second, row.first] = row.covariance_v2
    rows = {row.parameter: row for row in read_rows("band_data", "edge_model.csv", EdgeModelRow)}
    return EdgeAxis(rows=rows, covariance=found)
