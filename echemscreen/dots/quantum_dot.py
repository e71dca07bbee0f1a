"""Dots: from a specification to band edges with uncertainty and source.

The anchor rule. Published conduction-band edges of one material span more than an electronvolt, so
one measured dot sets the scale (``edge_anchors.csv``): CdSe:3.0/CdS:3.5 has its edge at -0.89 +-
0.10 V vs SHE (voltammetry, C. Pu et al., Nat. Commun. 11, 937 (2020)). Every other dot follows from
it by natural band offsets (``semiconductors.csv``) and confinement
(:mod:`echemscreen.dots.confinement`); the valence edge lies a quasiparticle gap below the
conduction edge.

Uncertainty, in quadrature: the anchor's; the natural offsets', weighted by how far the carrier's
place differs from that in the anchor; ``CONFINEMENT_ERROR`` of the difference in
confinement from the anchor; for an alloy the gap deviation that its bowing could cause.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from scipy import constants

from echemscreen.dots.confinement import Confined, Shell, confine
from echemscreen.dots.couples import aqueous_couples, lattice_couples
from echemscreen.dots.materials import (
    Material,
    QuantumDotRow,
    known_names,
    material_of,
    presets,
    semiconductors,
)
from echemscreen.errors import DotError
from echemscreen.records import BandEdge, BandEdges, Citation, Layer, QuantumDot
from echemscreen.reference_tables import read_rows
from echemscreen.scales import from_she, she_from

#: Relative error of confinement energies by parabolic masses (tests: 3.0 nm CdSe comes out at
#: about 516 nm where 550 nm is measured, 0.15 eV of 0.66 eV).
CONFINEMENT_ERROR = 0.25
#: Scatter of tabulated gaps of one material, eV, carried by the valence edge.
GAP_SIGMA_EV = 0.05
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")

Carrier = Literal["electron", "hole"]
CARRIERS: tuple[Carrier, Carrier] = ("electron", "hole")

#: Range of the envelope model, nm.
CORE_RANGE_NM = (1.0, 30.0)
SHELL_MAX_NM = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeAnchorRow:
    """A row of ``edge_anchors.csv``: a dot whose edge was measured."""

    system: str
    anchor_spec: str
    cbm_v_she: float
    sigma_v: float
    kind: str
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


@lru_cache(maxsize=1)
def _anchor_row() -> EdgeAnchorRow:
    return read_rows("band_data", "edge_anchors.csv", EdgeAnchorRow)[0]


@dataclass(frozen=True, slots=True)
class _Model:
    """A dot on the natural scale, before it is anchored."""

    layers: tuple[tuple[Material, float | None], ...]
    confined: Confined | None

    @property
    def electron_ev(self) -> float:
        return self.confined.electron_ev if self.confined else self.layers[0][0].conduction_ev

    @property
    def hole_ev(self) -> float:
        return self.confined.hole_ev if self.confined else self.layers[0][0].valence_ev


def quantum_dot(
    spec: str,
    *,
    cbm_v_she: float | None = None,
    cbm_sigma_v: float | None = None,
    vbm_ev: float | None = None,
    vbm_sigma_ev: float | None = None,
) -> QuantumDot:
    """The dot of a preset name, a bulk material or ``CORE:NM[/SHELL:NM...]``.

    Parameters
    ----------
    spec
        Core diameter and shell thicknesses in nm; alloys as ``Cd0.5Zn0.5S``.
    cbm_v_she, cbm_sigma_v
        A measured conduction edge, V vs SHE, and its standard deviation; replaces the tabulated one.
        Without a sigma the anchor's is taken.
    vbm_ev, vbm_sigma_ev
        A measured valence edge, eV vs vacuum (negative), and its standard deviation.

    Raises
    ------
    DotError
        if the specification means nothing or lies outside the model's range.
    """
    for option, value in (
        ("--cbm-v-she", cbm_v_she),
        ("--cbm-sigma", cbm_sigma_v),
        ("--vbm-ev", vbm_ev),
        ("--vbm-sigma", vbm_sigma_ev),
    ):
        if value is not None and not math.isfinite(value):
            raise DotError(f"The option {option} is {value}, not a finite number.", "Correct it.")
    for option, sigma_given, edge_option, edge_given in (
        ("--cbm-sigma", cbm_sigma_v, "--cbm-v-she", cbm_v_she),
        ("--vbm-sigma", vbm_sigma_ev, "--vbm-ev", vbm_ev),
    ):
        if sigma_given is not None and edge_given is None:
            raise DotError(f"{option} is given without {edge_option}.", "Give the edge that it belongs to.")
        if sigma_given is not None and sigma_given < 0:
            raise DotError(
                f"{option} is {sigma_given:g}: a standard deviation is not negative.", "Correct it."
            )
    spec = spec.strip()
    preset = presets().get(spec)
    layers = _parse(preset.spec if preset else spec)
    model = _solve(layers)
    anchor, anchored = _anchor_row(), _anchor_model()
    # On the natural scale energies rise, on the electrode scale potentials fall.
    offset_v = anchor.cbm_v_she + anchored.electron_ev
    sigma_cbm, sigma_vbm = _sigmas(model, anchored, anchor)
    is_anchor = _spec_of(layers) == _spec_of(anchored.layers)
    source = Citation(source=anchor.citation, locator=anchor.locator)
    cbm = BandEdge(
        value_v_she=offset_v - model.electron_ev,
        sigma_v=sigma_cbm,
        kind=anchor.kind if is_anchor else "anchored",
        citation=source,
    )
    vbm = BandEdge(value_v_she=offset_v - model.hole_ev, sigma_v=sigma_vbm, kind="anchored", citation=source)
    user = Citation(source="given by the user")
    if cbm_v_she is not None:
        sigma = anchor.sigma_v if cbm_sigma_v is None else cbm_sigma_v
        # The gap is the dot's own: the valence edge follows unless it is given too.
        vbm = replace(vbm, value_v_she=vbm.value_v_she + cbm_v_she - cbm.value_v_she)
        cbm = BandEdge(value_v_she=cbm_v_she, sigma_v=sigma, kind="user", citation=user)
    if vbm_ev is not None:
        sigma = vbm.sigma_v if vbm_sigma_ev is None else vbm_sigma_ev
        vbm = BandEdge(value_v_she=she_from(vbm_ev, "vacuum"), sigma_v=sigma, kind="user", citation=user)
    if vbm.value_v_she <= cbm.value_v_she:
        raise DotError(
            f"The valence edge ({vbm.value_v_she:+.2f} V vs SHE) lies above the conduction edge "
            f"({cbm.value_v_she:+.2f} V vs SHE).",
            "Check --cbm-v-she (V vs SHE) and --vbm-ev (eV vs vacuum, negative).",
        )
    outer = layers[-1][0]
    share = model.confined
    gap_ev = model.electron_ev - model.hole_ev
    return QuantumDot(
        spec=_spec_of(layers),
        name=spec,
        layers=tuple(
            Layer(
                material=material.name,
                size_nm=size,
                cbm_v_she=offset_v - material.conduction_ev,
                vbm_v_she=offset_v - material.valence_ev,
            )
            for material, size in layers
        ),
        edges=BandEdges(cbm=cbm, vbm=vbm),
        exciton_ev=gap_ev - (share.coulomb_ev if share else 0.0),
        band_alignment=_alignment(model),
        p_electron_surface=sum(share.electron_share[-2:]) if share else 1.0,
        p_hole_surface=sum(share.hole_share[-2:]) if share else 1.0,
        site_metal=outer.site_metal,
        site_charge=outer.site_charge,
        lattice_couples=lattice_couples(material.name for material, _ in layers),
        citations=_citations(layers, preset, (cbm, vbm)),
    )


def describe(dot: QuantumDot) -> dict[str, object]:
    """The JSON object of ``echemscreen qd --json``; potentials in V vs SHE, energies in eV."""
    cbm, vbm = dot.edges.cbm, dot.edges.vbm
    wavelength_nm = constants.h * constants.c / constants.e / constants.nano / dot.exciton_ev
    return {
        "spec": dot.spec,
        "name": dot.name,
        "cbm_v_she": round(cbm.value_v_she, 4),
        "cbm_sigma_v": round(cbm.sigma_v, 4),
        "cbm_kind": cbm.kind,
        "vbm_v_she": round(vbm.value_v_she, 4),
        "vbm_sigma_v": round(vbm.sigma_v, 4),
        "vbm_kind": vbm.kind,
        "exciton_ev": round(dot.exciton_ev, 4),
        "exciton_nm": round(wavelength_nm, 1),
        "band_alignment": dot.band_alignment,
        "p_electron_surface": round(dot.p_electron_surface, 4),
        "p_hole_surface": round(dot.p_hole_surface, 4),
        "site_metal": dot.site_metal,
        "layers": [
            {
                "material": layer.material,
                "size_nm": layer.size_nm,
                "cbm_v_she": round(layer.cbm_v_she, 4),
                "vbm_v_she": round(layer.vbm_v_she, 4),
            }
            for layer in dot.layers
        ],
        "couples": [
            {
                "couple": couple.couple,
                "kind": couple.kind,
                "e0_v_she": couple.e0_v_she,
                "reduction_drive_ev": round(couple.e0_v_she - cbm.value_v_she, 4),
            }
            for couple in (*aqueous_couples(), *dot.lattice_couples)
        ],
        "citations": [str(citation) for citation in dot.citations],
    }


# --- the specification ----------------------------------------------------------------------


def _parse(spec: str) -> tuple[tuple[Material, float | None], ...]:
    if not spec:
        raise DotError("The dot is empty.", known_names())
    if ":" not in spec and "/" not in spec:
        return ((material_of(spec, spec), None),)
    layers: list[tuple[Material, float | None]] = []
    for index, part in enumerate(spec.split("/")):
        name, colon, size = part.partition(":")
        if not colon:
            raise DotError(
                f"In the dot '{spec}' the layer '{part}' has no size.",
                "Write CORE:NM/SHELL:NM, as CdSe:3.0/CdS:3.5.",
            )
        material = material_of(name.strip(), spec)
        if not _NUMBER.fullmatch(size.strip()):
            raise DotError(
                f"In the dot '{spec}' the size '{size}' of {name} is no number.",
                "Give it in nm, as CdSe:3.0.",
            )
        size_nm = float(size)
        low, high = (0.0, SHELL_MAX_NM) if index else CORE_RANGE_NM
        if not low <= size_nm <= high:
            what = "shell thickness" if index else "core diameter"
            raise DotError(
                f"In the dot '{spec}' the {what} of {size_nm:g} nm is outside the model's range.",
                f"It covers {low:g} to {high:g} nm.",
            )
        if index and size_nm == 0:
            continue
        layers.append((material, size_nm))
    return tuple(layers)


def _spec_of(layers: Sequence[tuple[Material, float | None]]) -> str:
    return "/".join(m.name if size is None else f"{m.name}:{size:g}" for m, size in layers)


# --- the model ------------------------------------------------------------------------------


def _solve(layers: tuple[tuple[Material, float | None], ...]) -> _Model:
    core_nm = layers[0][1]
    if core_nm is None:
        return _Model(layers, None)
    outer_nm = 0.0
    shells = []
    for index, (material, size_nm) in enumerate(layers):
        outer_nm += (size_nm or 0.0) * (0.5 if index == 0 else 1.0)
        shells.append(
            Shell(
                outer_nm=outer_nm,
                electron_mass=material.mean("electron_mass"),
                hole_mass=material.mean("hole_mass"),
                conduction_ev=material.conduction_ev,
                valence_ev=material.valence_ev,
                permittivity=material.mean("permittivity"),
            )
        )
    surroundings = read_rows("band_data", "surroundings.csv", SurroundingsRow)[0]
    # The surroundings are given against vacuum; the anchor's bulk core ties the natural scale to it.
    anchor = _anchor_row()
    core = semiconductors()[_anchor_core()]
    natural_minus_vacuum = core.natural_vbm_ev + core.gap_ev - from_she(anchor.cbm_v_she, "vacuum")
    confined = confine(
        shells,
        barrier_mass=surroundings.electron_mass,
        barrier_conduction_ev=surroundings.conduction_ev_vacuum + natural_minus_vacuum,
        barrier_valence_ev=surroundings.valence_ev_vacuum + natural_minus_vacuum,
    )
    return _Model(layers, confined)


def _anchor_core() -> str:
    return _anchor_row().anchor_spec.partition(":")[0]


@lru_cache(maxsize=1)
def _anchor_model() -> _Model:
    return _solve(_parse(_anchor_row().anchor_spec))


def _sigmas(model: _Model, anchored: _Model, anchor: EdgeAnchorRow) -> tuple[float, float]:
    """Standard deviations of the conduction and valence edge, V; see the module docstring."""
    sigmas = []
    for carrier in CARRIERS:
        here, there = _where(model, carrier), _where(anchored, carrier)
        # An offset that the carrier shares with the anchor cancels; what differs counts.
        offset = math.hypot(
            *(
                (here.get(name, 0.0) - there.get(name, 0.0)) * semiconductors()[name].natural_vbm_sigma_ev
                for name in here | there
            )
        )
        bowing = sum(
            share * material.bowing_sigma_ev
            for (material, _), share in zip(model.layers, _shares(model, carrier), strict=True)
        )
        confinement = _confinement(model, anchored, carrier)
        sigmas.append(math.hypot(anchor.sigma_v, offset, bowing, CONFINEMENT_ERROR * confinement))
    return sigmas[0], math.hypot(sigmas[1], GAP_SIGMA_EV)


def _shares(model: _Model, carrier: Carrier) -> tuple[float, ...]:
    """Probability of a carrier in each layer; all of it in a bulk material."""
    if model.confined is None:
        return (1.0,)
    shares = model.confined.electron_share if carrier == "electron" else model.confined.hole_share
    return shares[:-1]


def _where(model: _Model, carrier: Carrier) -> dict[str, float]:
    """Probability of a carrier in each binary compound."""
    found: dict[str, float] = {}
    for (material, _), share in zip(model.layers, _shares(model, carrier), strict=True):
        for row, x in material.binaries:
            found[row.material] = found.get(row.material, 0.0) + share * x
    return found


def _confinement(model: _Model, anchored: _Model, carrier: Carrier) -> float:
    """How far the confinement of a carrier differs from the anchor's, eV."""

    def shift(item: _Model) -> float:
        if item.confined is None:
            return 0.0
        if carrier == "electron":
            return item.electron_ev - min(material.conduction_ev for material, _ in item.layers)
        return max(material.valence_ev for material, _ in item.layers) - item.hole_ev

    return abs(shift(model) - shift(anchored))


def _alignment(model: _Model) -> Literal["type I", "quasi-type II", "type II"]:
    """Where the carriers are.

    Type I: both mostly in one layer; type II: the band extrema lie in different layers; quasi-type
    II: the extrema share a layer but one carrier spreads into another.
    """
    if model.confined is None:
        return "type I"
    conduction = [material.conduction_ev for material, _ in model.layers]
    valence = [material.valence_ev for material, _ in model.layers]
    lowest, highest = conduction.index(min(conduction)), valence.index(max(valence))
    if lowest != highest:
        return "type II"
    electron, hole = model.confined.electron_share, model.confined.hole_share
    same = electron.index(max(electron)) == hole.index(max(hole))
    return "type I" if same else "quasi-type II"


def _citations(
    layers: Sequence[tuple[Material, float | None]],
    preset: QuantumDotRow | None,
    edges: Sequence[BandEdge],
) -> tuple[Citation, ...]:
    found = [edge.citation for edge in edges]
    if preset is not None:
        found.append(Citation(source=preset.citation, locator=preset.locator))
    found += [
        Citation(source=row.citation, locator=row.locator)
        for material, _ in layers
        for row, _ in material.binaries
    ]
    return tuple(dict.fromkeys(found))
