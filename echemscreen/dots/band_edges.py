"""Where the 1S levels of a dot lie on the electrode scale, and how certain that is.

The anchor rule. Published conduction-band edges of one material span more than an electronvolt, so
one measured edge sets the scale of each material system (``edge_anchors.csv``): for II-VI dots
CdSe:3.0/CdS:3.5 at -0.89 +- 0.10 V vs SHE (voltammetry, C. Pu et al., Nat. Commun. 11, 937 (2020)). The
system of the core decides. A system without an electrochemical or photoemission series on dots
that was read has the collated bulk edge, with a sigma of 0.35 V or more. Everything else follows by
natural band offsets (``semiconductors.csv``) and confinement (:mod:`echemscreen.dots.confinement`);
the valence edge lies a quasiparticle gap below the conduction edge.

Uncertainty, in quadrature: the anchor's; the natural offsets', weighted by how far the carrier's
place differs from that in the anchor; ``CONFINEMENT_ERROR`` of the difference in confinement from
the anchor; the gap deviation that bowing of an alloy could cause; sizes that were assumed; for the
valence edge the disagreement of the sources of the gap, and what measured valence edges of one material
scatter by between samples, laboratories and readings (``edge_scatter.csv``, pooled over the samples).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from scipy import constants

from echemscreen.dots.confinement import CUBE_TO_SPHERE, Confined, Shell, confine
from echemscreen.dots.materials import Material, semiconductors
from echemscreen.dots.specification import DotSpec, parse
from echemscreen.errors import DotError
from echemscreen.reference_tables import read_rows
from echemscreen.scales import from_she

#: Relative error of confinement energies: root mean square over the read sizing curves (printed and
#: checked by the tests, from :func:`echemscreen.dots.sizing.relative_error`).
CONFINEMENT_ERROR = 0.13
#: A layer must lie at least this far inside the barrier of the surroundings, eV.
_SHALLOWEST_BARRIER_EV = 0.3
_RYDBERG_EV = constants.Rydberg * constants.h * constants.c / constants.e

Carrier = Literal["electron", "hole"]
CARRIERS: tuple[Carrier, Carrier] = ("electron", "hole")
BandAlignment = Literal["type I", "quasi-type II", "type II"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeAnchorRow:
    """A row of ``edge_anchors.csv``: the edge that sets the scale of a material system."""

    system: str
    anchor_spec: str
    cbm_v_she: float
    sigma_v: float
    kind: str
    quality: str
    citation: str
    locator: str
    note: str


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

    @property
    def electron_ev(self) -> float:
        """The 1S electron, or the conduction edge of a bulk material."""
        return self.confined.electron_ev if self.confined else self.pieces[0].conduction_ev

    @property
    def hole_ev(self) -> float:
        """The 1S hole as an electron energy, or the valence edge of a bulk material."""
        return self.confined.hole_ev if self.confined else self.pieces[0].valence_ev

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


@lru_cache(maxsize=1)
def anchors() -> dict[str, EdgeAnchorRow]:
    """The anchor of each material system."""
    return {row.system: row for row in read_rows("band_data", "edge_anchors.csv", EdgeAnchorRow)}


def anchor_of(spec: DotSpec) -> EdgeAnchorRow:
    """The anchor that the core's system has."""
    return anchors()[spec.layers[0].material.row.system]


@lru_cache(maxsize=4096)
def model_of(spec: DotSpec, outside_permittivity: float | None = None) -> Model:
    """Solve for the 1S states of a dot whose sizes are all given.

    Parameters
    ----------
    outside_permittivity
        Of the surroundings, for the dielectric surface term; without it that is left out.

    Raises
    ------
    DotError
        if a layer lies too close to the edges of the surroundings to be confined by them.
    """
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
    # The surroundings are given against vacuum; the bulk core of the anchor ties the natural scale to it.
    anchor = anchor_of(spec)
    row = semiconductors()[anchor.anchor_spec.partition(":")[0]]
    natural_minus_vacuum = row.natural_vbm_ev + row.gap_ev - from_she(anchor.cbm_v_she, "vacuum")
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


def offset_v(spec: DotSpec, outside_permittivity: float | None = None) -> float:
    """What a natural energy is subtracted from to give a potential in V vs SHE."""
    # On the natural scale energies rise, on the electrode scale potentials fall.
    anchor = anchor_of(spec)
    return anchor.cbm_v_she + model_of(parse(anchor.anchor_spec), outside_permittivity).electron_ev


def is_anchor(spec: DotSpec) -> bool:
    """Whether a dot is the anchor of its system itself."""
    return spec.spec == parse(anchor_of(spec).anchor_spec).spec


def sigmas(model: Model) -> tuple[float, float]:
    """Standard deviations of the conduction and valence edge, V; see the module docstring."""
    anchor = anchor_of(model.spec)
    anchored = model_of(parse(anchor.anchor_spec))
    found = []
    for carrier in CARRIERS:
        here, there = model.where(carrier), anchored.where(carrier)
        # An offset that the carrier shares with the anchor cancels; what differs counts.
        offset = math.hypot(
            *(
                (here.get(name, 0.0) - there.get(name, 0.0)) * semiconductors()[name].natural_vbm_sigma_ev
                for name in here | there
            )
        )
        bowing = sum(
            share * material.bowing_sigma_ev
            for material, share in zip(model.pieces, model.shares(carrier), strict=True)
        )
        confinement = abs(model.confinement_ev(carrier) - anchored.confinement_ev(carrier))
        found.append(math.hypot(anchor.sigma_v, offset, bowing, CONFINEMENT_ERROR * confinement))
    gap = sum(
        share * material.gap_sigma_ev
        for material, share in zip(model.pieces, model.shares("hole"), strict=True)
    )
    return found[0], math.hypot(found[1], gap, valence_scatter_v())


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
