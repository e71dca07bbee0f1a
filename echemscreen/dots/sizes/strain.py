r"""Strain of core and shells: what the misfit of their lattices does to the band edges.

Concentric, coherent layers are one elastic sphere, linear and isotropic, as in arXiv:1408.4972 (giant
CdSe/CdS/ZnS dots) and A. M. Smith, A. M. Mohs and S. Nie, Nat. Nanotechnol. 4, 56 (2009) (CdTe/ZnSe). In each
layer the radial displacement is :math:`u = A r + B / r^2`; displacement and radial stress

.. math:: \sigma = 3 K (A - \eta) - 4 G B / r^3

are continuous at the interfaces, with the misfit :math:`\eta = a / a_{core} - 1`, and the outer surface is
free. A layer's relative change of volume, :math:`3 (A - \eta)`, is the same everywhere in it, and moves its
edges by the deformation potentials (``elasticity.csv``): the core is compressed and its gap widens, the
shell is stretched. The moduli are :math:`K = (c_{11} + 2 c_{12}) / 3` and :math:`G = (c_{11} - c_{12}) / 2`.

**A coherent layer is the upper bound.** Misfits of more than a few percent relax by dislocations after the
first monolayers, and how far is not predicted here. So strain is not in the edges of a dot unless it is asked
for by :func:`strained`; ``strain_shift_ev`` says what it would do to the first exciton at most. Left out:
the shear part of the shell's strain, which splits the holes there and leaves the mean edge where it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from echemscreen.dots.edges.band_edges import model_of
from echemscreen.dots.materials import Material
from echemscreen.dots.sizes.confinement import CUBE_TO_SPHERE
from echemscreen.dots.specification import DotSpec, LayerSpec
from echemscreen.errors import DotError
from echemscreen.reference_tables import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticityRow:
    """A row of ``elasticity.csv``; deformation potentials per relative change of volume."""

    material: str
    c11_gpa: float
    c12_gpa: float
    conduction_deformation_ev: float
    valence_deformation_ev: float
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticLayer:
    """A layer as elasticity sees it."""

    outer_nm: float
    bulk_gpa: float
    shear_gpa: float
    misfit: float
    """Lattice constant over that of the core, less one."""


@lru_cache(maxsize=1)
def elasticity() -> Mapping[str, ElasticityRow]:
    """The elastic constants by compound."""
    return {row.material: row for row in read_rows("band_data", "elasticity.csv", ElasticityRow)}


def volume_changes(layers: tuple[ElasticLayer, ...]) -> tuple[float, ...]:
    """Relative change of volume of each layer of a coherent sphere, from the core outwards."""
    count = len(layers)
    # Unknowns A_0 .. A_n, B_1 .. B_n: a solid core has no B, for its centre does not move.
    matrix, right = np.zeros((2 * count - 1, 2 * count - 1)), np.zeros(2 * count - 1)

    def stress(row: int, index: int, sign: float, radius_nm: float) -> None:
        layer = layers[index]
        matrix[row, index] += sign * 3 * layer.bulk_gpa
        right[row] += sign * 3 * layer.bulk_gpa * layer.misfit
        if index:
            matrix[row, count + index - 1] -= sign * 4 * layer.shear_gpa / radius_nm**3

    for index in range(count - 1):
        radius_nm = layers[index].outer_nm
        for which, sign in ((index, 1.0), (index + 1, -1.0)):
            matrix[2 * index, which] += sign * radius_nm
            if which:
                matrix[2 * index, count + which - 1] += sign / radius_nm**2
            stress(2 * index + 1, which, sign, radius_nm)
    stress(2 * count - 2, count - 1, 1.0, layers[-1].outer_nm)
    solved = np.linalg.solve(matrix, right)
    return tuple(
        float(3 * (stretch - layer.misfit)) for stretch, layer in zip(solved[:count], layers, strict=True)
    )


def strained(spec: DotSpec) -> DotSpec:
    """The dot with the band edges of its coherently strained layers.

    Raises
    ------
    DotError
        if a compound has no elastic constants, or the dot no sizes.
    """
    steps: list[tuple[Material, float]] = []
    for layer in spec.layers:
        if layer.size_nm is None:
            raise DotError(f"The dot '{spec.name}' has no sizes, and no strain.", "Give sizes, in nm.")
        # The core keeps its own material: its screening is added when it is solved.
        parts = ((layer.material, 1.0),) if layer.core else layer.steps()
        steps += [(material, layer.size_nm * part) for material, part in parts]
    for material, _ in steps:
        for row, _ in material.binaries:
            if row.material not in elasticity():
                raise DotError(
                    f"The strain of {row.material} is not known.",
                    f"band_data/elasticity.csv has {', '.join(elasticity())}.",
                )
    core_ang = steps[0][0].mean("lattice_ang")
    radius_nm, elastic = 0.0, []
    for index, (material, size_nm) in enumerate(steps):
        cube = CUBE_TO_SPHERE if material.row.shape == "cube" else 1.0
        radius_nm += size_nm if index else 0.5 * cube * size_nm
        c11, c12 = _mean(material, "c11_gpa"), _mean(material, "c12_gpa")
        elastic.append(
            ElasticLayer(
                outer_nm=radius_nm,
                bulk_gpa=(c11 + 2 * c12) / 3,
                shear_gpa=(c11 - c12) / 2,
                misfit=material.mean("lattice_ang") / core_ang - 1,
            )
        )
    changes = volume_changes(tuple(elastic))
    return replace(
        spec,
        layers=tuple(
            LayerSpec(material=_deformed(material, change), size_nm=round(size_nm, 6), core=index == 0)
            for index, ((material, size_nm), change) in enumerate(zip(steps, changes, strict=True))
        ),
    )


def strain_shift_ev(spec: DotSpec) -> float:
    """What coherent strain does to the first exciton of a dot, eV: the upper bound."""
    return model_of(strained(spec)).exciton_ev - model_of(spec).exciton_ev


def _mean(material: Material, field: str) -> float:
    return float(sum(getattr(elasticity()[row.material], field) * share for row, share in material.binaries))


def _deformed(material: Material, volume_change: float) -> Material:
    """The material with its edges moved by a relative change of volume."""
    conduction_ev = _mean(material, "conduction_deformation_ev") * volume_change
    valence_ev = _mean(material, "valence_deformation_ev") * volume_change
    return replace(
        material,
        binaries=tuple(
            (
                replace(
                    row,
                    gap_ev=row.gap_ev + conduction_ev - valence_ev,
                    natural_vbm_ev=row.natural_vbm_ev + valence_ev,
                ),
                share,
            )
            for row, share in material.binaries
        ),
    )
