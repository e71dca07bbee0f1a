"""Dots: from a specification to band edges with uncertainty and source.

The reading of a specification is :mod:`echemscreen.dots.specification`, the states
:mod:`echemscreen.dots.sizes.confinement`, the place on the electrode scale with its uncertainty
:mod:`echemscreen.dots.edges.band_edges`, the way from a wavelength to a size
:mod:`echemscreen.dots.sizes.emission`. This module joins them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from echemscreen.dots.couples import aqueous_couples, complexed_couples, lattice_couples
from echemscreen.dots.edges.band_edges import (
    Model,
    band_alignment,
    layer_offset_v,
    model_of,
    placed_edges,
)
from echemscreen.dots.edges.edge_axis import compounds, edge_axis, place_of
from echemscreen.dots.edges.given_edges import (
    GivenEdges,
    far_from_model,
    own_dot,
    own_material,
    with_given,
)
from echemscreen.dots.formulas import amounts_of, chemical_formula
from echemscreen.dots.materials import Material
from echemscreen.dots.sizes.emission import sized, stokes
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.specification import DotSpec, LayerSpec, caveats, parse
from echemscreen.errors import DotError
from echemscreen.quantities import magnitude, tabled
from echemscreen.records.dots import BandEdge, BandEdges, DescribedDot, Layer, QuantumDot
from echemscreen.records.sources import Citation

_FIT = Citation(source="joint fit of published edges", locator="band_data/edge_model.csv")


def quantum_dot(
    spec: str,
    *,
    emission_nm: float | None = None,
    outside_permittivity: float | None = None,
    **edges: float | None,
) -> QuantumDot:
    """The dot of a preset name, a bulk material or ``CORE:NM[/SHELL:NM...]``.

    Parameters
    ----------
    spec
        Core diameter (edge length of a cube) and shell thicknesses in nm; alloys as
        ``Cd0.5Zn0.5S``, a graded shell as ``CdSe>CdS:1.0``, a core to be solved for as ``CdSe:?``.
    emission_nm
        The core is given the size that makes the dot emit there; sizes of shells stay as they are.
    edges
        What was measured, as in :class:`~echemscreen.dots.edges.given_edges.GivenEdges`: ``cbm_v_she`` (V vs
        SHE) or ``cbm_ev`` (eV vs vacuum, negative) with ``cbm_sigma_v``, ``vbm_v_she`` or ``vbm_ev`` with
        ``vbm_sigma_ev``, ``gap_ev`` (optical). An edge replaces the tabulated one, the other edge follows by
        the gap of the dot unless it is given too. Without a sigma ``MEASURED_SIGMA_V`` is taken of the
        conduction edge, that of the table of the valence edge. A material without a model takes both edges,
        or one and the gap.
    outside_permittivity
        Relative permittivity around the dot: with it the levels carry the dielectric surface term.

    Raises
    ------
    DotError
        if the specification means nothing or lies outside the model's range.
    """
    if outside_permittivity is not None and not 1 <= outside_permittivity < math.inf:
        raise DotError(
            f"The permittivity around the dot is {outside_permittivity:g}.", "It is a number from 1 upwards."
        )
    given = GivenEdges.validated(**edges)
    if given != GivenEdges() and (own := own_material(spec)) is not None:
        if emission_nm is not None:
            raise DotError(
                f"'{own.name}' has no model: no emission gives its size.", "Leave --emission-nm away."
            )
        return own_dot(spec, own, given)
    asked = parse(spec)
    solved = sized(asked, emission_nm)
    model = model_of(solved, outside_permittivity)
    placed = placed_edges(model, outside_permittivity)
    size_cbm, size_vbm = _size_sigmas(asked, solved, emission_nm)
    fitted = BandEdges(
        cbm=BandEdge(
            value_v_she=placed.cbm_v_she,
            sigma_v=math.hypot(placed.cbm_sigma_v, size_cbm),
            kind="fitted",
            citation=_FIT,
        ),
        vbm=BandEdge(
            value_v_she=placed.vbm_v_she,
            sigma_v=math.hypot(placed.vbm_sigma_v, size_vbm),
            kind="fitted",
            citation=_FIT,
        ),
        covariance_v2=placed.covariance_v2,
    )
    replaced = with_given(fitted, given, model.exciton_ev, asked.name)
    exciton_ev = model.exciton_ev if given.gap_ev is None else given.gap_ev
    if model.exciton_ev <= 0 and given.gap_ev is None:
        # A semimetal between edges of the user's.
        exciton_ev = replaced.vbm.value_v_she - replaced.cbm.value_v_she
    moved_v = replaced.cbm.value_v_she - fitted.cbm.value_v_she
    outer = solved.layers[-1].outer
    return QuantumDot(
        spec=solved.spec,
        name=asked.name,
        layers=tuple(_layer(layer, moved_v) for layer in solved.layers),
        edges=replaced,
        exciton_ev=exciton_ev,
        band_alignment=band_alignment(model),
        # A bulk material has no inside: its carriers meet whatever binds to it.
        p_electron_surface=model.confined.electron_surface if model.confined else 1.0,
        p_hole_surface=model.confined.hole_surface if model.confined else 1.0,
        site_metal=outer.site_metal,
        site_charge=outer.site_charge,
        lattice_couples=lattice_couples(
            chemical_formula(amounts_of(row.material))
            for layer in solved.layers
            for end in _ends(layer)
            for row, _ in end.binaries
        ),
        caveats=(*_caveats(asked, solved, model, emission_nm), *far_from_model(fitted, replaced)),
        citations=_citations(asked, solved, (replaced.cbm, replaced.vbm), emission_nm),
    )


def describe(dot: QuantumDot) -> DescribedDot:
    """The JSON object of ``echemscreen qd --json``; potentials in V vs SHE, energies in eV."""
    cbm, vbm = dot.edges.cbm, dot.edges.vbm
    return {
        "spec": dot.spec,
        "name": dot.name,
        "cbm_v_she": tabled(cbm.value_v_she, 4),
        "cbm_sigma_v": tabled(cbm.sigma_v, 4),
        "cbm_kind": cbm.kind,
        "vbm_v_she": tabled(vbm.value_v_she, 4),
        "vbm_sigma_v": tabled(vbm.sigma_v, 4),
        "vbm_kind": vbm.kind,
        "exciton_ev": tabled(dot.exciton_ev, 4),
        "exciton_nm": tabled(EV_NM / dot.exciton_ev, 1) if dot.exciton_ev > 0 else None,
        "band_alignment": dot.band_alignment,
        "p_electron_surface": tabled(dot.p_electron_surface, 4),
        "p_hole_surface": tabled(dot.p_hole_surface, 4),
        "site_metal": dot.site_metal,
        "layers": [
            {
                "material": layer.material,
                "size_nm": layer.size_nm,
                "cbm_v_she": tabled(layer.cbm_v_she, 4),
                "vbm_v_she": tabled(layer.vbm_v_she, 4),
                "composition": {compound: tabled(share, 4) for compound, share in layer.composition},
            }
            for layer in dot.layers
        ],
        "couples": [
            {
                "couple": couple.couple,
                "kind": couple.kind,
                "e0_v_she": couple.e0_v_she,
                "reduction_drive_ev": tabled(couple.e0_v_she - cbm.value_v_she, 4),
            }
            for couple in (*aqueous_couples(), *complexed_couples(), *dot.lattice_couples)
        ],
        "caveats": list(dot.caveats),
        "citations": [str(citation) for citation in dot.citations],
    }


# --- the pieces of a dot ------------------------------------------------------------------------


def _size_sigmas(asked: DotSpec, solved: DotSpec, emission_nm: float | None) -> tuple[float, float]:
    """What sizes that are assumed, or follow from an emission, add to the sigma of either edge, V."""
    variants = []
    relative = asked.preset.size_sigma if asked.preset else None
    by_wavelength = emission_nm is not None or asked.open_core
    if relative:
        for factor in (1 - relative, 1 + relative):
            changed = asked.scaled(factor, core=not by_wavelength)
            variants.append(sized(changed, emission_nm) if by_wavelength else changed)
    pairs = [tuple(variants)] if variants else []
    if emission_nm is not None or (asked.open_core and asked.preset and asked.preset.emission_nm):
        sigma_ev = stokes(asked).sigma_ev
        found = []
        for sign in (-1, 1):
            try:
                found.append(sized(asked, emission_nm, shift_by_ev=sign * sigma_ev))
            except DotError:
                found.append(solved)  # that end of the scatter cannot be reached: one side tells
        pairs.append(tuple(found))
    squares = [0.0, 0.0]
    for low, high in pairs:
        one, two = model_of(low), model_of(high)
        squares[0] += ((one.electron_ev - two.electron_ev) / 2) ** 2
        squares[1] += ((one.hole_ev - two.hole_ev) / 2) ** 2
    return math.sqrt(squares[0]), math.sqrt(squares[1])


def _ends(layer: LayerSpec) -> tuple[Material, ...]:
    return (layer.material, layer.end) if layer.end else (layer.material,)


def _layer(layer: LayerSpec, moved_v: float) -> Layer:
    """The record of a layer; the edges of a graded one are the mean of its ends."""
    ends = _ends(layer)
    return Layer(
        material=layer.name,
        size_nm=layer.size_nm,
        cbm_v_she=moved_v + sum(layer_offset_v(end) - end.conduction_ev for end in ends) / len(ends),
        vbm_v_she=moved_v + sum(layer_offset_v(end) - end.valence_ev for end in ends) / len(ends),
        composition=layer.composition,
    )


def _caveats(asked: DotSpec, solved: DotSpec, model: Model, emission_nm: float | None) -> tuple[str, ...]:
    """What a reader must know about where the numbers come from."""
    found = list(caveats(solved.layers))
    preset = asked.preset
    if preset is not None and preset.sizes != "measured":
        found.append(f"Sizes {preset.sizes}: {preset.note}.")
    if model.residual_ev:
        found.append("The gap of the core follows a sizing curve where the envelope of two bands fails.")
    unmeasured = sorted(
        compound
        for compound in compounds(model.where("electron") | model.where("hole"))
        if not edge_axis().rows[place_of(compound)].n_rows
    )
    if unmeasured:
        found.append(
            f"No published edge of {', '.join(unmeasured)} was read: its place among materials is assumed."
        )
    if emission_nm is not None or (preset is not None and preset.emission_nm is not None):
        row = stokes(solved)
        found.append(
            f"Emission {magnitude(row.shift_ev, row.sigma_ev, decimals=3)} eV below the first exciton "
            f"({row.note})."
        )
    if any(material.bowing_sigma_ev for material in model.pieces):
        found.append("Bowing of the alloy's gap was not read in its source and enters the sigma only.")
    return tuple(dict.fromkeys(found))


def _citations(
    asked: DotSpec, solved: DotSpec, edges: Sequence[BandEdge], emission_nm: float | None
) -> tuple[Citation, ...]:
    found = [edge.citation for edge in edges]
    if asked.preset is not None:
        found.append(Citation(source=asked.preset.citation, locator=asked.preset.locator))
    found += [
        Citation(source=row.citation, locator=row.locator)
        for layer in solved.layers
        for end in _ends(layer)
        for row, _ in end.binaries
    ]
    if emission_nm is not None:
        shift = stokes(solved)
        found.append(Citation(source=shift.citation, locator=shift.locator))
    return tuple(dict.fromkeys(found))
