r"""The joint fit of published band edges: ``echemscreen calibrate --edges``.

Each published edge is a sum,

.. math:: U_i = a - E_i - \sum_m w_{im} \delta_m + s_{surface(i)} + k_{kind(i), edge(i)} + \varepsilon_i

of the axis, the natural energy of that sample with its confinement, the correction of its compounds'
places, what the surface of the sample does (a clean crystal or a film against dots in an electrolyte, which
is the zero), what the kind of reading adds, and scatter. A step measured between two materials is the
difference of their natural energies and corrections. The corrections have the standard deviations of
``semiconductors.csv`` before the fit, surfaces ``SURFACE_SIGMA_V``, kinds those of ``edge_kinds.csv``.
Scatter is a row's own ``sigma_v`` where it is stated; else a part that the rows of one publication share and
a part of each row for each family of methods, and what a surface does to one compound more than to
others, which its rows on that surface share; all by maximum likelihood. Rows of one compound share the
relative error of its confinement and the doubt about its gap. Everything is Gaussian and linear, so the
estimate is a closed form (C. E. Rasmussen and C. K. I. Williams, Gaussian Processes for Machine
Learning, MIT Press (2006), section 2.7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from echemscreen.dots.edges.band_edges import CONFINEMENT_ERROR, Carrier, Model, model_of
from echemscreen.dots.edges.edge_axis import (
    AXIS,
    EdgeCovarianceRow,
    EdgeModelRow,
    compounds,
    place_of,
)
from echemscreen.dots.edges.edge_evidence import (
    BandEdgeRow,
    BandOffsetRow,
    EdgeKindRow,
    band_offsets,
    edge_kinds,
    published_edges,
)
from echemscreen.dots.materials import semiconductors
from echemscreen.dots.sizes.emission import core_for_absorption
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.specification import parse

#: Before the fit: nothing is known of the axis, little of what a surface does.
AXIS_SIGMA_V, SURFACE_SIGMA_V = 3.0, 1.0
_ON_THE_AXIS = "electrolyte"
_STEPS = "heterojunction"
_LEAST_SCATTER_V = 0.02
_SEARCH = {"xatol": 1e-3, "fatol": 1e-4, "maxiter": 4000, "maxfev": 4000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A published edge, or a step between two, as the fit reads it."""

    row: BandEdgeRow | BandOffsetRow
    coefficients: Mapping[str, float]
    """By parameter."""
    natural_v: float
    """What the parameters are added to: minus the natural energy, or the natural step."""
    observed_v: float
    sigma_v: float | None
    scatter: str
    surface: str
    compound: str
    """That of most of the carrier."""
    edge: str
    confinement_ev: float
    gap_sigma_ev: float

    @property
    def material(self) -> str:
        """As the row names it."""
        return (
            self.row.material if isinstance(self.row, BandEdgeRow) else f"{self.row.first}/{self.row.second}"
        )

    @property
    def on_dots(self) -> bool:
        """Whether it is an edge of dots."""
        return isinstance(self.row, BandEdgeRow) and self.row.on_dots


@lru_cache(maxsize=1)
def observations() -> tuple[Observation, ...]:
    """What the axis rests on: measured, of samples that can be modelled, in table order."""
    edges = (row for row in published_edges() if row.dot and edge_kinds()[row.kind].fitted)
    return (*map(edge_observation, edges), *map(step_observation, band_offsets()))


def edge_observation(row: BandEdgeRow) -> Observation:
    """A published edge with its sample solved for.

    Raises
    ------
    DotError
        if the model has no such sample.
    """
    kind = edge_kinds()[row.kind]
    model = _model(row.dot, row.exciton_ev)
    where, energy_ev, confinement_ev, gap_sigma_ev = _carrier(model, row.edge)
    coefficients = {AXIS: 1.0} | {place_of(name): -share for name, share in where.items()}
    coefficients |= dict.fromkeys((_surface(kind), _reading(kind, row.edge)), 1.0)
    return Observation(
        row=row,
        coefficients=coefficients,
        natural_v=-energy_ev,
        observed_v=row.value_v_she,
        sigma_v=row.sigma_v,
        scatter=kind.scatter,
        surface=kind.surface,
        compound=max(where, key=lambda name: where[name]),
        edge=row.edge,
        confinement_ev=confinement_ev,
        gap_sigma_ev=gap_sigma_ev,
    )


def step_observation(row: BandOffsetRow) -> Observation:
    """A measured step with both sides solved for, V: that of the first less that of the second."""
    here, energy_ev, confinement_ev, gap_sigma_ev = _side(row.first, row.first_exciton_ev, row.edge)
    there, other_ev, _, other_gap_ev = _side(row.second, None, row.edge)
    coefficients = {place_of(name): share for name, share in here.items()}
    for name, share in there.items():
        coefficients[place_of(name)] = coefficients.get(place_of(name), 0.0) - share
    return Observation(
        row=row,
        coefficients=coefficients,
        natural_v=energy_ev - other_ev,
        observed_v=row.offset_ev,
        sigma_v=None,
        scatter=_STEPS,
        surface=_ON_THE_AXIS,
        compound=row.first,
        edge=row.edge,
        confinement_ev=confinement_ev,
        gap_sigma_ev=float(np.hypot(gap_sigma_ev, other_gap_ev)),
    )


def _side(material: str, exciton_ev: float | None, edge: str) -> tuple[dict[str, float], float, float, float]:
    """One side of a step; a material without a model only links others, its place is all there is of it."""
    if material not in semiconductors():
        return {material: 1.0}, 0.0, 0.0, 0.0
    return _carrier(_model(f"{material}:?" if exciton_ev else material, exciton_ev), edge)


def _model(dot: str, exciton_ev: float | None) -> Model:
    spec = parse(dot)
    return model_of(spec if exciton_ev is None else core_for_absorption(spec, EV_NM / exciton_ev))


def _carrier(model: Model, edge: str) -> tuple[dict[str, float], float, float, float]:
    """Where a carrier is, its energy, its confinement and the doubt about the gap, eV."""
    carrier: Carrier = "electron" if edge == "cbm" else "hole"
    gap = sum(
        share * material.gap_sigma_ev
        for material, share in zip(model.pieces, model.shares("hole"), strict=True)
    )
    energy_ev = model.electron_ev if carrier == "electron" else model.hole_ev
    doubt_ev = 0.0 if carrier == "electron" else gap
    return compounds(model.where(carrier)), energy_ev, model.confinement_ev(carrier), doubt_ev


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """Standard deviations of one family of methods, V."""

    between_v: float
    """What the rows of one publication share."""
    within_v: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeScatter:
    """What the parameters leave open, V."""

    methods: Mapping[str, Scatter]
    surface_v: float
    """How differently a surface moves the compounds on it."""


@dataclass(frozen=True, kw_only=True)
class EdgeFit:
    """Posterior of the parameters."""

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    covariance: NDArray[np.float64]
    observations: tuple[Observation, ...]
    scatter: EdgeScatter

    def predicted(self, one: Observation) -> tuple[float, float]:
        """What should be observed, V vs SHE (or V of a step), and with which standard deviation."""
        design = _design([one], self.names)[0]
        noise = _Noise.of([one]).covariance(self.scatter)[0, 0]
        variance = float(design @ self.covariance @ design) + noise
        return one.natural_v + float(design @ self.mean), float(np.sqrt(variance))

    def rows(self) -> tuple[EdgeModelRow, ...]:
        """The parameters, as they are shipped."""
        counts = np.count_nonzero(_design(self.observations, self.names), axis=0)
        return tuple(
            EdgeModelRow(
                parameter=name,
                mean_v=round(float(self.mean[i]), 4),
                sigma_v=round(float(np.sqrt(self.covariance[i, i])), 4),
                n_rows=int(counts[i]),
            )
            for i, name in enumerate(self.names)
        )

    def covariances(self) -> tuple[EdgeCovarianceRow, ...]:
        """Axis and places with each other, as they are shipped."""
        modelled = {AXIS} | {place_of(*compounds({name: 1.0})) for name in semiconductors()}
        kept = [i for i, name in enumerate(self.names) if name in modelled]
        return tuple(
            EdgeCovarianceRow(
                first=self.names[i],
                second=self.names[j],
                covariance_v2=round(float(self.covariance[i, j]), 6),
            )
            for n, i in enumerate(kept)
            for j in kept[n:]
        )


def parameters() -> dict[str, float]:
    """Every parameter with its standard deviation before the fit, V."""
    found = {AXIS: AXIS_SIGMA_V}
    for name, semiconductor in semiconductors().items():
        found.setdefault(place_of(*compounds({name: 1.0})), semiconductor.natural_vbm_sigma_ev)
    for row in band_offsets():
        for material in (row.first, row.second):
            found.setdefault(place_of(material), AXIS_SIGMA_V)
    for kind in edge_kinds().values():
        if not kind.fitted:
            continue
        if kind.surface != _ON_THE_AXIS:
            found[_surface(kind)] = SURFACE_SIGMA_V
        for edge, sigma in (("cbm", kind.offset_sigma_cbm_v), ("vbm", kind.offset_sigma_vbm_v)):
            if sigma:
                found[_reading(kind, edge)] = sigma
    return found


def _surface(kind: EdgeKindRow) -> str:
    return f"surface {kind.surface}"


def _reading(kind: EdgeKindRow, edge: str) -> str:
    return f"{edge} by {kind.kind}"


def _design(rows: Sequence[Observation], names: Sequence[str]) -> NDArray[np.float64]:
    # A zero of the axis (its surface, its kind) is no parameter: such a coefficient is left out.
    return np.array([[one.coefficients.get(name, 0.0) for name in names] for one in rows])


@dataclass(frozen=True, kw_only=True)
class _Noise:
    """Covariance of what the parameters leave open, V2: a fixed part, and the parts of every scatter."""

    fixed: NDArray[np.float64]
    surface: NDArray[np.float64]
    between: Mapping[str, NDArray[np.float64]]
    within: Mapping[str, NDArray[np.float64]]

    @classmethod
    def of(cls, rows: Sequence[Observation]) -> _Noise:
        """The parts for these observations."""
        gap = np.array([one.gap_sigma_ev for one in rows])
        confinement = CONFINEMENT_ERROR * np.array([one.confinement_ev for one in rows])
        stated = np.array([0.0 if one.sigma_v is None else one.sigma_v for one in rows])
        free = np.array([float(one.sigma_v is None) for one in rows])
        shared = _equal([(one.edge, one.compound) for one in rows])
        published = _equal([(one.row.citation, one.scatter) for one in rows])
        masks = {
            family: free * np.array([float(one.scatter == family) for one in rows])
            for family in {one.scatter for one in rows}
        }
        covered = np.array([float(one.surface != _ON_THE_AXIS) for one in rows])
        beside = _equal([(one.surface, one.compound) for one in rows]) * np.outer(covered, covered)
        return cls(
            surface=beside,
            fixed=np.diag(stated**2) + shared * (np.outer(gap, gap) + np.outer(confinement, confinement)),
            between={family: published * np.outer(mask, mask) for family, mask in masks.items()},
            within={family: np.diag(mask) for family, mask in masks.items()},
        )

    def covariance(self, scatter: EdgeScatter) -> NDArray[np.float64]:
        """The sum for these scatters."""
        found = self.fixed + scatter.surface_v**2 * self.surface
        for family in self.between:
            found += scatter.methods[family].between_v ** 2 * self.between[family]
            found += scatter.methods[family].within_v ** 2 * self.within[family]
        return found


def _equal(keys: Sequence[object]) -> NDArray[np.float64]:
    return np.array([[float(one == other) for other in keys] for one in keys])


def fit_edges(rows: Iterable[Observation] | None = None, scatter: EdgeScatter | None = None) -> EdgeFit:
    """Fit the axis to what was published.

    Parameters
    ----------
    rows
        Instead of :func:`observations`.
    scatter
        By maximum likelihood if it is not given.
    """
    kept = tuple(observations() if rows is None else rows)
    prior = parameters()
    names, sigmas = tuple(prior), np.array(list(prior.values()))
    design = _design(kept, names)
    target = np.array([one.observed_v - one.natural_v for one in kept])
    explained, noise = design * sigmas**2 @ design.T, _Noise.of(kept)
    scatter = _likeliest(explained, noise, target) if scatter is None else scatter
    gain = np.linalg.solve(explained + noise.covariance(scatter), design * sigmas**2).T
    return EdgeFit(
        names=names,
        mean=gain @ target,
        covariance=np.diag(sigmas**2) - gain @ (design * sigmas**2),
        observations=kept,
        scatter=scatter,
    )


def _likeliest(explained: NDArray[np.float64], noise: _Noise, target: NDArray[np.float64]) -> EdgeScatter:
    families = sorted(noise.between)

    def scatter_of(logs: NDArray[np.float64]) -> EdgeScatter:
        surface, *values = np.maximum(np.exp(logs), _LEAST_SCATTER_V)
        pairs = np.array(values).reshape(-1, 2)
        return EdgeScatter(
            methods={
                family: Scatter(between_v=float(between), within_v=float(within))
                for family, (between, within) in zip(families, pairs, strict=True)
            },
            surface_v=float(surface),
        )

    from scipy.optimize import minimize  # noqa: PLC0415 - scipy.optimize loads for half a second

    def miss(logs: NDArray[np.float64], /) -> float:
        total = explained + noise.covariance(scatter_of(logs))
        _, log_determinant = np.linalg.slogdet(total)
        return float(log_determinant + target @ np.linalg.solve(total, target))

    start = np.log(np.full(2 * len(families) + 1, 0.15))
    found = minimize(cast("Any", miss), start, method="Nelder-Mead", options=cast("Any", _SEARCH))
    return scatter_of(found.x)


def left_out(
    fit: EdgeFit, key: Callable[[Observation], str | None]
) -> tuple[tuple[Observation, float, float], ...]:
    """Each observation that has a key, predicted by a fit without all that share it.

    The scatter is that of the whole fit: its share in one publication is small.

    Returns
    -------
    tuple
        Observation, prediction and its standard deviation, V.
    """
    found = []
    for group in sorted({name for one in fit.observations if (name := key(one)) is not None}):
        rest = fit_edges([one for one in fit.observations if key(one) != group], fit.scatter)
        found += [(one, *rest.predicted(one)) for one in fit.observations if key(one) == group]
    return tuple(found)
