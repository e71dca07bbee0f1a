"""Where the 1S levels of a dot lie on the electrode scale, and how certain that is.

One axis for every dot. Published edges of one material span more than an electronvolt, because a clean
crystal in vacuum, a film of covered dots and dots in an electrolyte are different things. A joint fit of
all of them (:mod:`~echemscreen.dots.edges.edge_fit`) gives the axis that matters here, dots under their
ligands in an electrolyte or a film, the place of every compound on it, and what each kind of measurement
adds. Confinement (:mod:`~echemscreen.dots.sizes.confinement`) does the rest; the valence edge lies a
quasiparticle gap below the conduction edge.

Uncertainty, in quadrature: axis and places with their covariance; ``CONFINEMENT_ERROR`` of the
confinement; the gap deviation that bowing of an alloy could cause; sizes that were assumed; for the
valence edge the disagreement of the sources of the gap, and what measured valence edges of one material
scatter by between samples, laboratories and readings (``edge_scatter.csv``, pooled over the samples).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from scipy import constants

from echemscreen.dots.edges.edge_axis import compounds, edge_axis
from echemscreen.dots.edges.edge_evidence import reference_dot
from echemscreen.dots.materials import Material, semiconductors
from echemscreen.dots.sizes.confinement import CUBE_TO_SPHERE, Confined, Shell, confine
from echemscreen.dots.sizes.sizing_curves import deciding_curves
from echemscreen.dots.specification import DotSpec, parse
from echemscreen.errors import DotError
from echemscreen.reference_tables import read_rows
from echemscreen.scales import she_from

#: Relative error of confinement energies: root mean square over the read sizing curves (printed and
#: checked by the tests, from :func:`echemscreen.dots.sizes.sizing.relative_error`).
CONFINEMENT_ERROR = 0.13
#: A layer must lie at least this far inside the barrier of the surroundings, eV.
_SHALLOWEST_BARRIER_EV = 0.3
_RYDBERG_EV = constants.Rydberg * constants.h * constants.c / constants.e

Carrier = Literal["electron", "hole"]
CARRIERS: tuple[Carrier, Carrier] = ("electron", "hole")
BandAlignment = Literal["type I", "quasi-type II", "type II", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class SurroundingsRow:
    """What encloses a dot (a row of ``surroundings.csv``)."""

    name: str
    conduction_ev_vacuum: float
    valence_ev_vacuum: float
    electron_mass: float
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeScatterRow:
    """What published values of one edge scatter by (a row of ``edge_scatter.csv``)."""

    edge: str
    kind: str
    what: str
    sigma_v: float
    n_samples: int
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def valence_scatter_v() -> float:
    """Standard deviation of a measured valence edge, V: the rows pooled by their numbers of samples."""
    rows = read_rows("band_data", "edge_scatter.csv", EdgeScatterRow)
    samples = sum(row.n_samples for row in rows)
    return math.sqrt(sum(row.n_samples * row.sigma_v**2 for row in rows) / samples)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A dot on the natural scale, before it is anchored; ``pieces`` are the steps of its layers."""

    spec: DotSpec
    pieces: tuple[Material, ...]
    confined: Confined | None
    residual_ev: float = 0.0
    """What a sizing curve adds to the gap of the bare core; either carrier takes half of it to the core."""

    @property
    def electron_ev(self) -> float:
        """The 1S electron, or the conduction edge of a bulk material."""
        if self.confined is None:
            return self.pieces[0].conduction_ev
        return self.confined.electron_ev + 0.5 * self.residual_ev * self._in_core("electron")

    @property
    def hole_ev(self) -> float:
        """The 1S hole as an electron energy, or the valence edge of a bulk material."""
        if self.confined is None:
            return self.pieces[0].valence_ev
        return self.confined.hole_ev - 0.5 * self.residual_ev * self._in_core("hole")

    def _in_core(self, carrier: Carrier) -> float:
        """The core's part of a carrier that is in the dot."""
        shares = self.shares(carrier)
        return shares[0] / sum(shares)

    @property
    def exciton_ev(self) -> float:
        """First exciton: the gap less the attraction.

        First-order attraction would let the exciton of a large dot climb back to the bulk gap. It is
        joined in quadrature with the binding energy of the free exciton, the limit of a large dot;
        with the same screening the exciton then falls at every size.
        """
        if self.confined is None:
            return self.electron_ev - self.hole_ev
        free_ev = self.confined.overlap * self.free_binding_ev
        attraction_ev = math.hypot(self.confined.coulomb_ev, free_ev)
        return self.electron_ev - self.hole_ev - attraction_ev

    @property
    def free_binding_ev(self) -> float:
        """Binding energy of the free exciton where the hole is, in the screening of the dot, eV."""
        weighted = 0.0
        for index, (material, share) in enumerate(zip(self.pieces, self.shares("hole"), strict=True)):
            hole_mass = material.mean("hole_mass") if index else material.core_hole_mass
            reduced = 1 / (1 / material.mean("electron_mass") + 1 / hole_mass)
            weighted += share * reduced / material.screening**2
        return _RYDBERG_EV * weighted

    def shares(self, carrier: Carrier) -> tuple[float, ...]:
        """Probability of a carrier in each piece; all of it in a bulk material."""
        if self.confined is None:
            return (1.0,)
        shares = self.confined.electron_share if carrier == "electron" else self.confined.hole_share
        return shares[:-1]

    def where(self, carrier: Carrier) -> dict[str, float]:
        """Probability of a carrier in each compound."""
        found: dict[str, float] = {}
        for material, share in zip(self.pieces, self.shares(carrier), strict=True):
            for row, x in material.binaries:
                found[row.material] = found.get(row.material, 0.0) + share * x
        return found

    def confinement_ev(self, carrier: Carrier) -> float:
        """How far a carrier lies above the lowest band edge of the dot."""
        if self.confined is None:
            return 0.0
        if carrier == "electron":
            return self.electron_ev - min(material.conduction_ev for material in self.pieces)
        return max(material.valence_ev for material in self.pieces) - self.hole_ev


def model_of(spec: DotSpec, outside_permittivity: float | None = None) -> Model:
    """The 1S states of a dot whose sizes are all given.

    Where a sizing curve decides about the core's material, what it differs by from the envelope of the bare
    core is added in the measure in which the carriers are in the core; of an alloy, by that compound's share.

    Parameters
    ----------
    outside_permittivity
        Of the surroundings, for the dielectric surface term; without it that is left out.

    Raises
    ------
    DotError
        if a layer lies too close to the edges of the surroundings to be confined by them.
    """
    model = _enveloped(spec, outside_permittivity)
    core = spec.layers[0]
    if core.size_nm is None:
        return model
    residual_ev = sum(
        share * _residual_ev(row.material, core.size_nm)
        for row, share in core.material.binaries
        if row.material in deciding_curves()
    )
    return replace(model, residual_ev=residual_ev) if residual_ev else model


@lru_cache(maxsize=4096)
def _residual_ev(material: str, size_nm: float) -> float:
    """First exciton of a bare dot by its deciding curve, less that of the envelope.

    Beyond either end of the curve the confinement stays in the ratio of that end.
    """
    curve, gap_ev = deciding_curves()[material], semiconductors()[material].gap_ev
    at_nm = min(max(size_nm, curve.low_nm), curve.high_nm)
    envelope_ev, at_ev = (_enveloped(parse(f"{material}:{nm}")).exciton_ev for nm in (size_nm, at_nm))
    ratio = (curve.exciton_ev(at_nm) - gap_ev) / (at_ev - gap_ev)
    return (ratio - 1.0) * (envelope_ev - gap_ev)


@lru_cache(maxsize=4096)
def _enveloped(spec: DotSpec, outside_permittivity: float | None = None) -> Model:
    """Solve for the envelope states."""
    if spec.bulk:
        return Model(spec=spec, pieces=(spec.layers[0].material,), confined=None)
    shells, pieces, outer_nm = [], [], 0.0
    core = spec.layers[0]
    to_radius = 0.5 * (CUBE_TO_SPHERE if core.material.row.shape == "cube" else 1.0)
    for index, layer in enumerate(spec.layers):
        for material, part in layer.steps():
            outer_nm += (layer.size_nm or 0.0) * part * (1.0 if index else to_radius)
            pieces.append(material)
            shells.append(
                Shell(
                    outer_nm=outer_nm,
                    electron_mass=material.mean("electron_mass"),
                    hole_mass=material.mean("hole_mass") if index else material.core_hole_mass,
                    conduction_ev=material.conduction_ev,
                    valence_ev=material.valence_ev,
                    permittivity=material.screening,
                    electron_nonparabolic=True,
                    hole_nonparabolic=material.row.hole_nonparabolic,
                )
            )
    surroundings = read_rows("band_data", "surroundings.csv", SurroundingsRow)[0]
    # The surroundings are given against vacuum; the axis ties the natural scale to it.
    natural_minus_vacuum = edge_axis().offset_v({}) - she_from(0.0, "vacuum")
    conduction_ev = surroundings.conduction_ev_vacuum + natural_minus_vacuum
    valence_ev = surroundings.valence_ev_vacuum + natural_minus_vacuum
    for material in pieces:
        if (
            material.conduction_ev > conduction_ev - _SHALLOWEST_BARRIER_EV
            or material.valence_ev < valence_ev + _SHALLOWEST_BARRIER_EV
        ):
            raise DotError(
                f"In the dot '{spec.spec}' a band edge of {material.name} lies beyond the surroundings: "
                "nothing confines there.",
                "The model holds for semiconductors inside a ligand shell.",
            )
    confined = confine(
        shells,
        barrier_mass=surroundings.electron_mass,
        barrier_conduction_ev=conduction_ev,
        barrier_valence_ev=valence_ev,
        outside_permittivity=outside_permittivity,
    )
    return Model(spec=spec, pieces=tuple(pieces), confined=confined)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedEdges:
    """The edges of a dot on the axis, V vs SHE, with their covariance in V2."""

    cbm_v_she: float
    vbm_v_she: float
    cbm_sigma_v: float
    vbm_sigma_v: float
    covariance_v2: float


def placed_edges(model: Model, outside_permittivity: float | None = None) -> PlacedEdges:
    """Both edges of a dot; see the module docstring for what their uncertainty holds.

    The confinement of either carrier errs by itself, what the two share is the place of their compounds.
    """
    axis = edge_axis()
    electron, hole = (compounds(model.where(carrier)) for carrier in CARRIERS)
    own = []
    for carrier in CARRIERS:
        bowing = sum(
            share * material.bowing_sigma_ev
            for material, share in zip(model.pieces, model.shares(carrier), strict=True)
        )
        own.append(math.hypot(bowing, CONFINEMENT_ERROR * model.confinement_ev(carrier)))
    gap = sum(
        share * material.gap_sigma_ev
        for material, share in zip(model.pieces, model.shares("hole"), strict=True)
    )
    # The axis was fitted without the surface term: where it is asked for, it counts from the reference dot.
    surface_ev = 0.0
    if outside_permittivity is not None:
        reference = parse(reference_dot())
        surface_ev = model_of(reference, outside_permittivity).electron_ev - model_of(reference).electron_ev
    return PlacedEdges(
        cbm_v_she=axis.offset_v(electron) - model.electron_ev + surface_ev,
        vbm_v_she=axis.offset_v(hole) - model.hole_ev + surface_ev,
        cbm_sigma_v=math.hypot(math.sqrt(axis.covariance_v2(electron, electron)), own[0]),
        vbm_sigma_v=math.hypot(math.sqrt(axis.covariance_v2(hole, hole)), own[1], gap, valence_scatter_v()),
        covariance_v2=axis.covariance_v2(electron, hole),
    )


def layer_offset_v(material: Material) -> float:
    """What the natural energies of a layer's own material are subtracted from, V vs SHE."""
    return edge_axis().offset_v(compounds({row.material: x for row, x in material.binaries}))


def band_alignment(model: Model) -> BandAlignment:
    """Where the carriers are.

    Type I: both mostly in one layer; type II: the band extrema lie in different layers; quasi-type
    II: the extrema share a layer but one carrier spreads into another.
    """
    if model.confined is None:
        return "type I"
    conduction = [material.conduction_ev for material in model.pieces]
    valence = [material.valence_ev for material in model.pieces]
    lowest, highest = conduction.index(min(conduction)), valence.index(max(valence))
    if lowest != highest:
        return "type II"
    electron, hole = model.confined.electron_share, model.confined.hole_share
    same = electron.index(max(electron)) == hole.index(max(hole))
    return "type I" if same else "quasi-type II"
