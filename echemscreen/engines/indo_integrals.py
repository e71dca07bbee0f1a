"""Basis and integrals of INDO/S; see :mod:`echemscreen.engines.indo`. Energies in eV, lengths in bohr."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import factorial

import numpy as np
from ase.units import Bohr, Hartree

from echemscreen.errors import EngineError
from echemscreen.records.molecules import FloatArray, Geometry
from echemscreen.reference_tables import read_rows

#: Factors of the sigma and pi overlap of two p functions, and of the repulsion of two centres.
SIGMA_FACTOR, PI_FACTOR, GAMMA_FACTOR = 1.267, 0.585, 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class IndoParameters:
    """A row of ``indo_parameters.csv``: one element."""

    element: str
    principal: int
    valence_electrons: int
    zeta: float
    i_s_ev: float
    i_p_ev: float | None
    beta_ev: float
    f0_ev: float
    g1_ev: float | None
    f2_ev: float | None
    citation: str
    locator: str


@lru_cache(maxsize=1)
def indo_parameters() -> dict[str, IndoParameters]:
    """The parameters of every element that there are some for."""
    rows = read_rows("ligand_library", "indo_parameters.csv", IndoParameters)
    return {row.element: row for row in rows}


@dataclass(frozen=True, slots=True, eq=False)
class Basis:
    """Everything about a geometry that the field and the excitations need."""

    parameters: tuple[IndoParameters, ...]
    positions_bohr: FloatArray
    atom: np.ndarray
    """Atom of each function; on each atom s first, then px, py, pz."""
    core_ev: FloatArray
    gamma_ev: FloatArray
    repulsion_ev: FloatArray
    """(mm|nn) of every two functions."""
    exchange_ev: FloatArray
    """(mn|mn) of two functions of one atom, zero else."""

    @classmethod
    def of(cls, geometry: Geometry, parameters: tuple[IndoParameters, ...]) -> Basis:
        """All integrals of a geometry."""
        positions = np.asarray(geometry.positions_ang) / Bohr
        atom = np.array([a for a, row in enumerate(parameters) for _ in range(1 if row.g1_ev is None else 4)])
        gamma = _gamma_ev(positions, np.array([row.f0_ev for row in parameters]))
        repulsion = gamma[np.ix_(atom, atom)]
        exchange = np.zeros_like(repulsion)
        levels = np.empty(len(atom))
        for a, row in enumerate(parameters):
            own = np.flatnonzero(atom == a)
            _one_centre(row, own, repulsion, exchange, levels)
        attraction = gamma @ np.array([row.valence_electrons for row in parameters], dtype=float)
        attraction -= np.diag(gamma) * [row.valence_electrons for row in parameters]
        core = _resonance_ev(positions, parameters, atom)
        core[np.diag_indices_from(core)] = levels - attraction[atom]
        return cls(parameters, positions, atom, core, gamma, repulsion, exchange)


#: Nuclei nearer than this, a third of a hydrogen molecule's bond, are one point by mistake.
_CLOSEST_BOHR = 0.5


def _gamma_ev(positions: FloatArray, f0_ev: FloatArray) -> FloatArray:
    distance = np.linalg.norm(positions[:, None] - positions[None], axis=-1)
    off = ~np.eye(len(positions), dtype=bool)
    if off.any() and distance[off].min() < _CLOSEST_BOHR:
        raise EngineError("Two atoms lie on top of each other.", "Check the geometry.")
    mean = 0.5 * (f0_ev[:, None] + f0_ev[None])
    gamma: FloatArray = GAMMA_FACTOR * Hartree / (distance + GAMMA_FACTOR * Hartree / mean)
    return gamma


def _one_centre(
    row: IndoParameters, own: np.ndarray, repulsion: FloatArray, exchange: FloatArray, levels: FloatArray
) -> None:
    """Fill the Slater-Condon integrals of one atom and its core levels.

    The levels follow from the ionisation energies of the configuration s2 p(z-2) (hydrogen: s1),
    whose mean energy is ``m Us + n Up + (m+n)(m+n-1)/2 F0 - m n G1/6 - n(n-1) F2/25``.
    """
    z = row.valence_electrons
    if row.i_p_ev is None or row.g1_ev is None or row.f2_ev is None:
        levels[own[0]] = -row.i_s_ev - (z - 1) * row.f0_ev
        return
    n_s, n_p = 2, z - 2
    levels[own[0]] = -row.i_s_ev - (z - 1) * row.f0_ev + n_p * row.g1_ev / 6
    levels[own[1:]] = -row.i_p_ev - (z - 1) * row.f0_ev + n_s * row.g1_ev / 6 + 2 * (n_p - 1) * row.f2_ev / 25
    p = own[1:]
    repulsion[np.ix_(p, p)] -= 2 * row.f2_ev / 25
    repulsion[p, p] += 6 * row.f2_ev / 25
    exchange[np.ix_(p, p)] = 3 * row.f2_ev / 25
    exchange[p, p] = 0.0
    exchange[own[0], p] = exchange[p, own[0]] = row.g1_ev / 3


def _resonance_ev(
    positions: FloatArray, parameters: tuple[IndoParameters, ...], atom: np.ndarray
) -> FloatArray:
    """-(beta_A + beta_B)/2 times the scaled overlap, zero on the diagonal blocks."""
    resonance = np.zeros((len(atom), len(atom)))
    for a in range(len(parameters)):
        of_a = np.flatnonzero(atom == a)
        for b in range(a):
            vector = positions[b] - positions[a]
            distance = float(np.linalg.norm(vector))
            of_b = np.flatnonzero(atom == b)
            beta = -0.5 * (parameters[a].beta_ev + parameters[b].beta_ev)
            overlap = _scaled_overlap(parameters[a], parameters[b], vector / distance, distance)
            block = beta * overlap[: len(of_a), : len(of_b)]
            resonance[np.ix_(of_a, of_b)] = block
            resonance[np.ix_(of_b, of_a)] = block.T
    return resonance


@lru_cache(maxsize=1)
def _quadrature() -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Laguerre (mu) and Gauss-Legendre (nu)."""
    mu, mu_weight = np.polynomial.laguerre.laggauss(16)
    nu, nu_weight = np.polynomial.legendre.leggauss(32)
    return mu, mu_weight, nu, nu_weight


def _scaled_overlap(a: IndoParameters, b: IndoParameters, unit: FloatArray, distance: float) -> FloatArray:
    """Overlap of s, px, py, pz of two atoms, the parts of p with p scaled; ``unit`` points from a to b.

    Integrated in prolate spheroidal coordinates, where the product of two Slater functions is a
    polynomial times an exponential: the quadrature is exact in mu.
    """
    mu, mu_weight, nu, nu_weight = _quadrature()
    decay = 0.5 * distance * (a.zeta + b.zeta)
    x = 1.0 + mu[:, None] / decay
    y = nu[None, :]
    weight = mu_weight[:, None] * nu_weight[None, :] * np.exp(-decay - 0.5 * distance * (a.zeta - b.zeta) * y)
    weight = weight / decay * (0.5 * distance) ** 3 * (x * x - y * y)
    r_a, r_b = 0.5 * distance * (x + y), 0.5 * distance * (x - y)
    z_a, z_b = 0.5 * distance * (1 + x * y), 0.5 * distance * (x * y - 1)
    radial_a = _norm(a) * r_a ** (a.principal - 1)
    radial_b = _norm(b) * r_b ** (b.principal - 1)
    weight = weight * radial_a * radial_b
    overlap = np.zeros((4, 4))
    overlap[0, 0] = 0.5 * weight.sum()
    if b.g1_ev is not None:
        overlap[0, 1:] = unit * (0.5 * np.sqrt(3) * (weight * z_b / r_b).sum())
    if a.g1_ev is not None:
        overlap[1:, 0] = unit * (0.5 * np.sqrt(3) * (weight * z_a / r_a).sum())
    if a.g1_ev is not None and b.g1_ev is not None:
        sigma = 1.5 * (weight * z_a * z_b / (r_a * r_b)).sum()
        rho_squared = r_a**2 - z_a**2
        pi = 0.75 * (weight * rho_squared / (r_a * r_b)).sum()
        along = np.outer(unit, unit)
        overlap[1:, 1:] = SIGMA_FACTOR * sigma * along + PI_FACTOR * pi * (np.eye(3) - along)
    return overlap


def _norm(row: IndoParameters) -> float:
    return float((2 * row.zeta) ** (row.principal + 0.5) / np.sqrt(factorial(2 * row.principal)))
