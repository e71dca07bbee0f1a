r"""How the dipoles of bound ligands move the band edges of a dot (Helmholtz).

A layer of :math:`N` dipoles per area whose component along the outward normal is :math:`\mu_n` is a
double layer. Electrostatics gives the potential inside less that outside,

.. math:: \varphi_\mathrm{in} - \varphi_\mathrm{out} = - \frac{N \mu_n}{\varepsilon_0 \varepsilon_r}

with the physicist's dipole, from minus to plus. **Sign**: positive is a dipole that points away
from the dot, its positive end outside. Seen from outside, an electron in the dot then has the
energy :math:`+e N \mu_n / \varepsilon_0 \varepsilon_r` more: both edges come nearer to the vacuum
level (shallower) and both potentials vs SHE become more negative by ``edge_shift_v``. A ligand with
its negative end outside (cyano- or trifluoromethylbenzoate) makes both edges deeper, a donor at the
outer end (methoxy, dimethylamino) shallower; the gap stays. One debye at one ligand per nm2 and
permittivity one is 0.377 V.

On a sphere of radius R a layer of thickness d acts with the factor R / (R + d): the field of the
inner charges, counted per area of the dot, thins out on its way through the layer.

``permittivity`` is the electronic polarisation of the layer by itself. Topping's depolarisation
(J. Topping, Proc. R. Soc. A 114, 67 (1927)) is the same effect from polarisable point dipoles and is not
applied beside it.

What is left out: tilted ligands (``cos_tilt``), mixed shells, charge that flows between dot and
ligand, and that a ligand's own level lies within its layer and moves by part of the step. So the shift
of an ordered full shell is multiplied by the ``response`` of ``ligand_layers.csv``: what published shifts
under different ligands (``ligand_shifts.csv``) are of the calculated ones. Two series could be read and
they disagree by a factor of two, which its standard deviation says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from scipy import constants

from echemscreen.errors import InputError
from echemscreen.records.dots import BandEdge, BandEdges, QuantumDot
from echemscreen.reference_tables import read_rows

#: One debye, C m: 1e-18 esu cm.
DEBYE_C_M = 1e-21 / constants.c

_NM2 = constants.nano**2


@dataclass(frozen=True, slots=True, kw_only=True)
class LigandLayerRow:
    """A row of ``ligand_layers.csv``."""

    quantity: str
    """``coverage``, ``permittivity`` or ``response``."""
    site_metal: str
    """Blank for every surface without a row of its own."""
    value: float
    sigma: float
    unit: str
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LigandLayer:
    """A full shell of one ligand; uncertainties are one standard deviation."""

    coverage_per_nm2: float
    coverage_sigma: float
    permittivity: float
    permittivity_sigma: float
    response: float
    """Published shifts over those of an upright full shell."""
    response_sigma: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeShift:
    """How far both edges move."""

    value_v: float
    """V; negative makes the edges shallower."""
    sigma_v: float


@lru_cache(maxsize=1)
def _rows() -> tuple[LigandLayerRow, ...]:
    return read_rows("band_data", "ligand_layers.csv", LigandLayerRow)


def ligand_layer(
    site_metal: str, *, coverage_per_nm2: float | None = None, permittivity: float | None = None
) -> LigandLayer:
    """The layer on a surface; a number of the user keeps the relative uncertainty of the tabulated one.

    Raises
    ------
    InputError
        if a number cannot be meant.
    """
    if coverage_per_nm2 is not None and not (coverage_per_nm2 >= 0 and math.isfinite(coverage_per_nm2)):
        raise InputError(f"A coverage of {coverage_per_nm2:g} ligands per nm2 makes no sense.", "Correct it.")
    if permittivity is not None and not (permittivity >= 1 and math.isfinite(permittivity)):
        raise InputError(
            f"A relative permittivity of {permittivity:g} makes no sense.", "Give one of at least 1."
        )
    coverage, polarisation = _row("coverage", site_metal), _row("permittivity", site_metal)
    response = _row("response", site_metal)
    n = coverage.value if coverage_per_nm2 is None else coverage_per_nm2
    eps = polarisation.value if permittivity is None else permittivity
    return LigandLayer(
        coverage_per_nm2=n,
        coverage_sigma=n * coverage.sigma / coverage.value,
        permittivity=eps,
        permittivity_sigma=eps * polarisation.sigma / polarisation.value,
        response=response.value,
        response_sigma=response.sigma,
    )


def _row(quantity: str, site_metal: str) -> LigandLayerRow:
    found = {row.site_metal: row for row in _rows() if row.quantity == quantity}
    return found.get(site_metal, found[""])


def edge_shift_v(
    dipole_debye: float,
    coverage_per_nm2: float,
    permittivity: float,
    *,
    cos_tilt: float = 1.0,
    radius_nm: float | None = None,
    thickness_nm: float = 0.0,
) -> float:
    """Shift of both edges on the electrode scale, V; see the module for the sign.

    Parameters
    ----------
    dipole_debye
        Component along the ligand's axis; positive with the positive end outside.
    coverage_per_nm2
        Ligands per nm2 of the dot's surface.
    permittivity
        Relative permittivity of the layer.
    cos_tilt
        Cosine of the angle between the ligand's axis and the outward normal.
    radius_nm, thickness_nm
        Radius of the dot and thickness of the layer; no radius is a flat surface.

    Examples
    --------
    >>> round(edge_shift_v(1.0, 1.0, 1.0), 4)
    -0.3767
    """
    layer = coverage_per_nm2 / _NM2 * dipole_debye * DEBYE_C_M * cos_tilt
    curvature = 1.0 if radius_nm is None else radius_nm / (radius_nm + thickness_nm)
    return -layer * curvature / (constants.epsilon_0 * permittivity)


def radius_of(dot: QuantumDot) -> float | None:
    """Outer radius of a dot, nm; ``None`` for a bulk material."""
    sizes = [layer.size_nm for layer in dot.layers]
    if not sizes or any(size is None for size in sizes):
        return None
    core, *shells = (size for size in sizes if size is not None)
    return 0.5 * core + sum(shells)


def covered(
    dot: QuantumDot, layer: LigandLayer, dipole_debye: float, thickness_nm: float
) -> tuple[QuantumDot, EdgeShift]:
    """The dot under a layer of a ligand: both edges moved, their uncertainty widened.

    The uncertainties of coverage, permittivity and response count, independent of each other.
    """
    value_v = layer.response * edge_shift_v(
        dipole_debye,
        layer.coverage_per_nm2,
        layer.permittivity,
        radius_nm=radius_of(dot),
        thickness_nm=thickness_nm,
    )
    relative = 0.0
    if layer.coverage_per_nm2:
        relative = math.hypot(
            layer.coverage_sigma / layer.coverage_per_nm2,
            layer.permittivity_sigma / layer.permittivity,
            layer.response_sigma / layer.response,
        )
    shift = EdgeShift(value_v=value_v, sigma_v=abs(value_v) * relative)
    edges = BandEdges(cbm=_moved(dot.edges.cbm, shift), vbm=_moved(dot.edges.vbm, shift))
    return replace(dot, edges=edges), shift


def _moved(edge: BandEdge, shift: EdgeShift) -> BandEdge:
    return replace(
        edge,
        value_v_she=edge.value_v_she + shift.value_v,
        sigma_v=math.hypot(edge.sigma_v, shift.sigma_v),
    )
