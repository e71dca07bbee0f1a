r"""Envelope states of a concentric sphere: the confined electron and hole.

The radial equation of the lowest s state with position-dependent mass (D. J. BenDaniel and C. B. Duke,
Phys. Rev. 152, 683 (1966)),

.. math:: -\frac{\hbar^2}{2 r^2}\frac{d}{dr}\left(\frac{r^2}{m(r, E)}\frac{dR}{dr}\right) + V(r) R = E R,

is discretised in flux-conserving form, so that the current is continuous at every interface; the
surroundings are a finite barrier. The mass follows the energy as in the two-band model of E. O. Kane,
J. Phys. Chem. Solids 1, 249 (1957): with the energy :math:`\epsilon = E - V` above a band edge and the
gap :math:`E_g`, :math:`1/m = 1 + (1/m_0 - 1) E_g / (E_g + \epsilon)`, so that no number beside mass and
gap enters. It is solved to self-consistency. The conduction band is always so; the valence band where
it mirrors it (lead salts, halide perovskites); heavy holes are parabolic.

Inverted bands (HgTe: the s band lies *below* the p bands). The electron is then the light p band, which
starts at the valence edge and is pushed up by the s band beneath it: the same two-band mass, with the
distance of the two bands for the gap. A dot opens a gap although the crystal has none. So light a band
goes on in the surroundings as a band of the same momentum matrix element: their mass for it is the two-band
mass at the level, :math:`m = (E - V_h) / (E_g / m_0 - E_g)` with their valence edge :math:`V_h`.

The electron-hole attraction is the first-order Coulomb energy of the two densities. The dielectric
surface term (L. E. Brus, J. Chem. Phys. 80, 4403 (1984)) is optional. A cube of edge L is the sphere of
equal confinement, of diameter :math:`2 L / \sqrt 3`: both have the same ground state in a deep well.

Limits. One band each: no valence-band mixing beyond the effective hole mass. Strain is a change of the
band edges (:mod:`echemscreen.dots.sizes.strain`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import constants
from scipy.linalg import eigh_tridiagonal

from echemscreen.records.molecules import FloatArray

#: hbar^2 / (2 m_0) in eV nm^2.
KINETIC_EV_NM2 = constants.hbar**2 / (2 * constants.m_e) / constants.e / constants.nano**2
#: e^2 / (4 pi eps_0) in eV nm.
_COULOMB_EV_NM = constants.e / (4 * constants.pi * constants.epsilon_0) / constants.nano

#: Grid points; the energies of a 3 nm core change by less than 2 meV beyond (tested).
N_POINTS = 800
#: Thickness of the surroundings kept in the calculation; the wave has decayed to nothing there.
SURROUNDINGS_NM = 1.5
#: An anchoring monolayer: what lies within this of the surface, or outside, meets the ligand.
MONOLAYER_NM = 0.3
#: Diameter of the sphere that confines like a cube of unit edge.
CUBE_TO_SPHERE = 2 / math.sqrt(3)
#: Self-consistency of the energy, eV, and the steps that it may take.
_TOLERANCE_EV = 1e-5
_MAX_STEPS = 30
#: In a barrier the two-band mass falls towards the other band; it is followed to this part of the gap.
_DEEPEST = 0.75
#: Multipoles of the surface term; the sum has converged to a meV.
_MULTIPOLES = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """A spherical layer as the envelope sees it; ``outer_nm`` is its outer radius."""

    outer_nm: float
    electron_mass: float
    hole_mass: float
    conduction_ev: float
    """Conduction edge on any common scale; the s band below ``valence_ev`` where the bands are inverted."""
    valence_ev: float
    """Valence-band maximum on the same scale."""
    permittivity: float
    """Between electron and hole."""
    electron_nonparabolic: bool = False
    hole_nonparabolic: bool = False

    @property
    def electron_edge_ev(self) -> float:
        """Where the electron starts: the conduction edge, or the valence edge if the bands are inverted."""
        return max(self.conduction_ev, self.valence_ev)

    @property
    def splitting_ev(self) -> float:
        """Distance of the two bands that make the mass follow the energy."""
        return abs(self.conduction_ev - self.valence_ev)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confined:
    """The 1S states: energies on the scale of the potentials, and where the carriers are."""

    electron_ev: float
    hole_ev: float
    coulomb_ev: float
    """Electron-hole attraction, positive."""
    electron_share: tuple[float, ...]
    """Probability in each layer, the last entry in the surroundings."""
    hole_share: tuple[float, ...]
    electron_surface: float
    """Probability within ``MONOLAYER_NM`` of the surface and outside it."""
    hole_surface: float
    overlap: float
    """Overlap integral of the two envelopes, from 0 (apart) to 1."""


def confine(
    shells: Sequence[Shell],
    *,
    barrier_mass: float,
    barrier_conduction_ev: float,
    barrier_valence_ev: float,
    outside_permittivity: float | None = None,
    n_points: int = N_POINTS,
) -> Confined:
    """Solve for the lowest electron and hole of a layered sphere.

    Parameters
    ----------
    shells
        From the core outwards.
    barrier_mass, barrier_conduction_ev, barrier_valence_ev
        The surroundings: free-electron masses and band edges on the scale of the shells.
    outside_permittivity
        Of the surroundings: with it both levels and the attraction carry the dielectric surface
        term of a sphere of the mean permittivity.

    Returns
    -------
    Confined
        ``hole_ev`` is an electron energy, so the quasiparticle gap is ``electron_ev - hole_ev``.
    """
    radius_nm = shells[-1].outer_nm
    step = (radius_nm + SURROUNDINGS_NM) / n_points
    r = np.asarray((np.arange(n_points) + 0.5) * step, dtype=np.float64)
    inside = _inside([shell.outer_nm for shell in shells], step, n_points)
    gaps = np.array([shell.splitting_ev for shell in shells])
    electron_ev, electron = _carrier(
        r,
        step,
        inside,
        masses=np.array(
            [*(s.electron_mass for s in shells), _outside_mass(shells, barrier_mass, barrier_valence_ev)]
        ),
        edges=np.array([*(s.electron_edge_ev for s in shells), barrier_conduction_ev]),
        gaps=np.where([s.electron_nonparabolic for s in shells], gaps, np.inf),
    )
    hole_up_ev, hole = _carrier(
        r,
        step,
        inside,
        masses=np.array([*(s.hole_mass for s in shells), barrier_mass]),
        edges=np.array([*(-s.valence_ev for s in shells), -barrier_valence_ev]),
        gaps=np.where([s.hole_nonparabolic for s in shells], gaps, np.inf),
    )
    shares = [tuple(float(share) for share in density @ inside) for density in (electron, hole)]
    permittivity = float(np.dot(shares[1][:-1], [s.permittivity for s in shells]) / sum(shares[1][:-1]))
    coulomb_ev = _attraction_ev(r, electron, hole) / permittivity
    if outside_permittivity is not None:
        electron_ev += _self_energy_ev(r, electron, radius_nm, permittivity, outside_permittivity)
        hole_up_ev += _self_energy_ev(r, hole, radius_nm, permittivity, outside_permittivity)
        coulomb_ev += _COULOMB_EV_NM / radius_nm * (1 / outside_permittivity - 1 / permittivity)
    skin = _inside([radius_nm - MONOLAYER_NM], step, n_points)[:, 1]
    return Confined(
        electron_ev=electron_ev,
        hole_ev=-hole_up_ev,
        coulomb_ev=coulomb_ev,
        electron_share=shares[0],
        hole_share=shares[1],
        electron_surface=float(electron @ skin),
        hole_surface=float(hole @ skin),
        overlap=float(np.sqrt(electron * hole).sum()),
    )


def _outside_mass(shells: Sequence[Shell], barrier_mass: float, barrier_valence_ev: float) -> float:
    """Mass of the surroundings for an electron; see the module docstring for inverted bands."""
    inverted = [shell for shell in shells if shell.conduction_ev < shell.valence_ev]
    if not inverted:
        return barrier_mass
    kane_ev = (1 / inverted[0].electron_mass - 1) * inverted[0].splitting_ev
    return min(barrier_mass, (inverted[0].electron_edge_ev - barrier_valence_ev) / kane_ev)


def _inside(outer_nm: Sequence[float], step: float, n_points: int) -> FloatArray:
    """Fraction of each cell in each layer, the surroundings last, shape (n_points, n_layers + 1).

    Cells that an interface cuts are mixed, so that energies change smoothly with every thickness.
    """
    faces = np.arange(n_points + 1) * step
    bounds = np.array([0.0, *outer_nm, np.inf])
    lower = np.maximum(faces[:-1, None], bounds[None, :-1])
    upper = np.minimum(faces[1:, None], bounds[None, 1:])
    return np.asarray(np.clip(upper - lower, 0.0, None) / step, dtype=np.float64)


def _carrier(
    r: FloatArray, step: float, inside: FloatArray, *, masses: FloatArray, edges: FloatArray, gaps: FloatArray
) -> tuple[float, FloatArray]:
    """Energy (upwards from the band edge) and density of a carrier; an infinite gap is parabolic."""
    potential_ev = inside @ edges

    def solve(energy_ev: float) -> tuple[float, FloatArray]:
        above = np.maximum(energy_ev - edges[:-1], -_DEEPEST * np.where(np.isinf(gaps), 1.0, gaps))
        inverse = 1 + (1 / masses[:-1] - 1) / (1 + above / gaps)
        return _ground_state(r, step, inside @ np.append(1 / inverse, masses[-1]), potential_ev)

    if np.all(np.isinf(gaps)):
        return solve(float(edges.min()))
    # The mass grows with the energy, so the level falls with the energy put in: one root, by secants.
    before = float(edges.min())
    energy, density = solve(before)
    miss_before = energy - before
    for _ in range(_MAX_STEPS):
        level, density = solve(energy)
        miss = level - energy
        if abs(miss) < _TOLERANCE_EV or miss == miss_before:
            break
        before, energy, miss_before = energy, energy - miss * (energy - before) / (miss - miss_before), miss
    return level, density


def _ground_state(
    r: FloatArray, step: float, mass: FloatArray, potential_ev: FloatArray
) -> tuple[float, FloatArray]:
    """Energy and normalised radial probability (summing to 1) of the lowest s state."""
    faces = r[:-1] + 0.5 * step
    # The mass at a face is that of two half cells in series: the current stays continuous.
    flux = KINETIC_EV_NM2 * faces**2 / (0.5 * (mass[:-1] + mass[1:])) / step**2
    inner = np.concatenate(([0.0], flux))
    outer = np.concatenate((flux, [KINETIC_EV_NM2 * (r[-1] + 0.5 * step) ** 2 / mass[-1] / step**2]))
    diagonal = (inner + outer) / r**2 + potential_ev
    off = -flux / (r[:-1] * r[1:])
    energies, states = eigh_tridiagonal(diagonal, off, select="i", select_range=(0, 0))
    density = np.asarray(states[:, 0] ** 2)
    return float(energies[0]), density / density.sum()


def _attraction_ev(r: FloatArray, electron: FloatArray, hole: FloatArray) -> float:
    """Coulomb energy of two spherical densities in vacuum, eV."""
    enclosed = np.cumsum(hole)
    outside = np.concatenate((np.cumsum((hole / r)[::-1])[::-1][1:], [0.0]))
    return float(_COULOMB_EV_NM * np.sum(electron * (enclosed / r + outside)))


def _self_energy_ev(
    r: FloatArray, density: FloatArray, radius_nm: float, inner: float, outer: float
) -> float:
    """Energy of a charge with its own image in the surface of a dielectric sphere, eV."""
    x_squared = np.minimum(r / radius_nm, 1.0) ** 2
    orders = range(_MULTIPOLES)
    terms = (
        (n + 1) / (inner * (outer * (n + 1) + inner * n)) * float(density @ x_squared**n) for n in orders
    )
    return _COULOMB_EV_NM / (2 * radius_nm) * (inner - outer) * sum(terms)
