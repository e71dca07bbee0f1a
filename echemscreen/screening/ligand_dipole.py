"""The dipole of a ligand on its site, and the dot under a shell of it.

The model of a bound ligand is the neutral complex M(OAc)X or M(OAc)2L. Its dipole in vacuum is
taken along the axis from the metal, which stands for the dot, to the middle of the ligand's heavy
atoms. The acetates of the model lie on the other side of the metal: for an X-type ligand their
dipole cancels that of an acetate in its place, so that the shift is the one **against a shell of
carboxylates**, on which the edges of dots are measured; acetate itself moves nothing. A donor L is
added to the carboxylates and bends them away from itself: its shift is against the surface without
it, and the largest possible, for donors rarely fill every site.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from echemscreen.dots.surface_dipole import covered, edge_shift_v, ligand_layer
from echemscreen.errors import InputError
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.quantities import magnitude, quantity
from echemscreen.records.dots import QuantumDot
from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import Form
from echemscreen.reference_tables import read_rows
from echemscreen.screening.workbench import Workbench

_ON_THE_DOT = frozenset({"bound_L", "bound_X"})
_NM_PER_ANG = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class LigandDipole:
    """What a ligand brings to a layer."""

    along_axis_debye: float
    """Positive with the positive end away from the metal."""
    length_nm: float
    """From the metal to the ligand's furthest atom, along the axis."""


def ligand_dipole(ladder: Ladder, site_metal: str) -> LigandDipole | None:
    """The dipole of a bound species in vacuum along its axis; ``None`` if the engine gave none."""
    parent = ladder.state(0)
    if parent is None or parent.geometry is None or parent.charge != 0:
        return None
    geometry = parent.geometry
    point = next(
        (item for item in parent.vertical if not item.method.solvent and item.dipole_debye is not None), None
    )
    site = set(geometry.site_atoms)
    metal = next((i for i in geometry.site_atoms if geometry.symbols[i] == site_metal), None)
    ligand = [index for index in range(len(geometry.symbols)) if index not in site]
    heavy = [index for index in ligand if geometry.symbols[index] != "H"] or ligand
    if point is None or metal is None or not heavy:
        return None
    from_metal = geometry.positions_ang - geometry.positions_ang[metal]
    axis = from_metal[heavy].mean(axis=0)
    axis /= np.linalg.norm(axis)
    return LigandDipole(
        along_axis_debye=float(np.dot(np.asarray(point.dipole_debye), axis)),
        length_nm=float((from_metal[ligand] @ axis).max()) * _NM_PER_ANG,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LigandShiftRow:
    """A row of ``ligand_shifts.csv``: by how much the edges of one dot differ under two ligands."""

    deeper: str
    shallower: str
    site_metal: str
    diameter_nm: float
    span_v: float
    quality: str
    citation: str
    locator: str
    note: str


def calculated_spans(bench: Workbench) -> tuple[tuple[LigandShiftRow, float], ...]:
    """Each published span with that of upright full shells, V."""
    found = []
    for row in read_rows("band_data", "ligand_shifts.csv", LigandShiftRow):
        layer, shifts = ligand_layer(row.site_metal), []
        for smiles in (row.deeper, row.shallower):
            form = forms_of(parse_smiles(smiles, smiles), site_metal=row.site_metal, site_charge=2)[0]
            if form.bound is None:
                raise InputError(
                    f"The ligand {smiles} does not bind.", "Correct band_data/ligand_shifts.csv."
                )
            one = ligand_dipole(bench.in_vacuum(bench.ladder(form.bound, form.free)), row.site_metal)
            if one is None:
                raise InputError(
                    f"The ligand {smiles} has no dipole.", "Correct band_data/ligand_shifts.csv."
                )
            shifts.append(
                edge_shift_v(
                    one.along_axis_debye,
                    layer.coverage_per_nm2,
                    layer.permittivity,
                    radius_nm=row.diameter_nm / 2,
                    thickness_nm=one.length_nm,
                )
            )
        found.append((row, shifts[0] - shifts[1]))
    return tuple(found)


def fitted_response(spans: Sequence[tuple[LigandShiftRow, float]]) -> tuple[float, float]:
    """The response of ``ligand_layers.csv``: geometric mean of published over calculated, and its sigma."""
    logs = [math.log(row.span_v / calculated_v) for row, calculated_v in spans]
    value = math.exp(statistics.mean(logs))
    return value, value * statistics.stdev(logs)


def under_ligands(form: Form, dot: QuantumDot, bench: Workbench) -> tuple[QuantumDot, str]:
    """The dot under a shell of a form's ligand, and the sentence that says by how much it moved."""
    if form.role not in _ON_THE_DOT or form.bound is None:
        return dot, "Ligand dipole: none, for nothing is bound to the surface."
    found = ligand_dipole(bench.in_vacuum(bench.ladder(form.bound, form.free)), form.site_metal)
    if found is None:
        return dot, "Ligand dipole: unknown, for the model of the bound ligand is charged."
    settings = bench.settings
    layer = ligand_layer(
        form.site_metal,
        coverage_per_nm2=settings.coverage_per_nm2,
        permittivity=settings.layer_permittivity,
    )
    reference = "a shell of carboxylates" if form.role == "bound_X" else "the surface without it"
    moved, shift = covered(dot, layer, found.along_axis_debye, found.length_nm)
    return moved, (
        f"Ligand dipole: {found.along_axis_debye:+.1f} D away from the dot at "
        f"{magnitude(layer.coverage_per_nm2, layer.coverage_sigma, decimals=1)} ligands per nm2 and "
        f"permittivity {magnitude(layer.permittivity, layer.permittivity_sigma, decimals=1)} move both edges "
        f"by {quantity(shift.value_v, shift.sigma_v)} V against {reference} "
        f"(CBM {dot.edges.cbm.value_v_she:+.2f} to {moved.edges.cbm.value_v_she:+.2f} V vs SHE): "
        f"{magnitude(layer.response, layer.response_sigma)} of a full shell of upright ligands."
    )
