"""Relaxation of one charge state, and what happened to its bonds.

A quasi-Newton descent in internal coordinates drives the engine's surface
(:mod:`~echemscreen.engines.descent`). Where its coordinates break down, ASE takes over from the lowest
geometry seen (:mod:`~echemscreen.engines.cartesian`).
Bonds are judged by covalent radii (B. Cordero et al., Dalton Trans. 2832 (2008), as in ASE) with a
hysteresis: a bond of the parent is broken beyond ``BROKEN_FACTOR`` times the sum of the radii, a
new one has formed below ``BONDED_FACTOR`` times it, so that a vibration or a stretched bond counts
as neither. Dative bonds to metals change their length by more than that without any reaction;
contacts of metals are therefore not judged.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np
from ase.data import atomic_numbers, covalent_radii

from echemscreen.engines.base import Engine, RememberingSurface, Surface
from echemscreen.engines.descent import descend
from echemscreen.errors import ConvergenceError, TimeLimitError
from echemscreen.records.levels import Method, SinglePoint
from echemscreen.records.molecules import FloatArray, Geometry

#: Largest force left on any atom, eV/angstrom (its norm: ASE's own default criterion).
FMAX_EV_PER_ANG = 0.05
MAX_STEPS = 400

#: Elements whose contacts are judged as covalent bonds.
NON_METALS = frozenset(
    "H He B C N O F Ne Si P S Cl Ar Ge As Se Br Kr Sb Te I Xe At Rn".split()  # noqa: SIM905
)

BONDED_FACTOR = 1.20
BROKEN_FACTOR = 1.45


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """A relaxed geometry, and the number of gradients that it took."""

    geometry: Geometry
    n_gradients: int
    point: SinglePoint | None = None
    """At the geometry, if the surface remembers its last one."""


class _CountedSurface:
    """An engine's surface that counts its gradients and keeps a deadline."""

    def __init__(self, surface: Surface, deadline: float | None) -> None:
        self._surface = surface
        self._deadline = deadline
        self._last_ang: FloatArray | None = None
        self.n_gradients = 0

    def energy_and_forces(self, positions_ang: FloatArray) -> tuple[float, FloatArray]:
        """One energy and gradient; the deadline is checked before each."""
        if self._deadline is not None and time.monotonic() > self._deadline:
            raise TimeLimitError(
                f"The relaxation reached its time limit after {self.n_gradients} gradients.",
                "Screen a shorter model of the molecule, or allow more time.",
            )
        self.n_gradients += 1
        self._last_ang = np.array(positions_ang)
        return self._surface.energy_and_forces(self._last_ang.copy())

    def point_at(self, positions_ang: FloatArray) -> SinglePoint | None:
        """The single point of a geometry, if the surface remembers such."""
        if not isinstance(self._surface, RememberingSurface):
            return None
        if self._last_ang is None or not np.array_equal(self._last_ang, positions_ang):
            # The last one was a step that was taken back.
            self.energy_and_forces(positions_ang)
        return self._surface.last_point()


def relax(
    engine: Engine,
    geometry: Geometry,
    *,
    charge: int,
    n_unpaired: int,
    method: Method,
    fmax_ev_per_ang: float = FMAX_EV_PER_ANG,
    max_steps: int = MAX_STEPS,
    time_limit_s: float | None = None,
) -> Relaxation:
    """Relax one charge state until no atom's force exceeds ``fmax_ev_per_ang``.

    Raises
    ------
    ConvergenceError
        if no optimiser converges within ``max_steps`` each.
    TimeLimitError
        if ``time_limit_s`` wall seconds have passed.
    """
    surface = _CountedSurface(
        engine.surface(geometry.symbols, charge=charge, n_unpaired=n_unpaired, method=method),
        None if time_limit_s is None else time.monotonic() + time_limit_s,
    )
    descent = descend(
        geometry.symbols,
        geometry.positions_ang,
        surface.energy_and_forces,
        fmax_ev_per_ang=fmax_ev_per_ang,
        max_steps=max_steps,
    )
    if not descent.converged:
        from echemscreen.engines.cartesian import descend_by_ase  # noqa: PLC0415 - rarely needed, slow to load

        descent = descend_by_ase(
            geometry.symbols,
            descent.positions_ang,
            surface.energy_and_forces,
            fmax_ev_per_ang=fmax_ev_per_ang,
            max_steps=max_steps,
        )
    if not descent.converged:
        raise ConvergenceError(
            f"The relaxation did not converge in {surface.n_gradients} gradients.",
            "Try several conformers (--conformers), or a shorter model of the molecule.",
        )
    positions_ang = descent.positions_ang
    relaxed = Geometry(symbols=geometry.symbols, positions_ang=positions_ang, site_atoms=geometry.site_atoms)
    point = surface.point_at(positions_ang)
    return Relaxation(geometry=relaxed, n_gradients=surface.n_gradients, point=point)


def changed_bonds(parent: Geometry, child: Geometry) -> tuple[str, ...]:
    """Bonds that differ between two geometries of the same atoms, such as ``C3-Br4 broken``.

    Atoms are numbered from 1. An empty result means that the structure stayed intact.
    """
    before, after = reduced_distances(parent), reduced_distances(child)
    metal = np.array([symbol not in NON_METALS for symbol in parent.symbols])
    judged = ~(metal[:, None] | metal[None, :])
    broken = judged & (before < BONDED_FACTOR) & (after > BROKEN_FACTOR)
    formed = judged & (before > BROKEN_FACTOR) & (after < BONDED_FACTOR)
    changes = []
    for name, found in (("broken", broken), ("formed", formed)):
        for i, j in np.argwhere(np.triu(found, k=1)):
            changes.append(f"{parent.symbols[i]}{i + 1}-{parent.symbols[j]}{j + 1} {name}")
    return tuple(changes)


def bonds(geometry: Geometry) -> tuple[tuple[int, int], ...]:
    """Pairs of atoms that a drawing joins, by their distance, each with its smaller index first.

    An atom that only stands behind a donor, such as the carbon of a carboxylate on its metal, is not joined
    to the metal: of a donor (not C, not H) and its neighbour the nearer one, in covalent radii, is bound.
    """
    reduced = reduced_distances(geometry)
    near = np.triu(reduced < BONDED_FACTOR, k=1)
    near |= near.T
    metal = [symbol not in NON_METALS for symbol in geometry.symbols]
    donor = np.array([symbol not in {"C", "H"} for symbol in geometry.symbols]) & ~np.array(metal)
    found = []
    for i, j in np.argwhere(np.triu(near, k=1)):
        if metal[i] != metal[j]:
            ion, atom = (i, j) if metal[i] else (j, i)
            behind = near[atom] & near[ion] & donor & (reduced[ion] < reduced[ion, atom])
            if behind.any():
                continue
        found.append((int(i), int(j)))
    return tuple(found)


def reduced_distances(geometry: Geometry) -> FloatArray:
    """Distances over the sum of covalent radii, shape (n_atoms, n_atoms)."""
    radii = covalent_radii[[atomic_numbers[symbol] for symbol in geometry.symbols]]
    positions = geometry.positions_ang
    distances = np.linalg.norm(positions[:, None, :] - positions[None, :, :], axis=-1)
    found: FloatArray = distances / (radii[:, None] + radii[None, :])
    return found
