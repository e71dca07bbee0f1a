"""A quasi-Newton descent in redundant internal coordinates.

Broyden-Fletcher-Goldfarb-Shanno updates of limited memory (D. C. Liu and J. Nocedal, Math. Program.
45, 503 (1989)) start from the model Hessian of :mod:`~echemscreen.engines.internal_coordinates`;
steps are limited by a trust radius and carried back to Cartesian coordinates by iterated weighted
least squares (P. Pulay and G. Fogarasi, J. Chem. Phys. 96, 2856 (1992)). One Cholesky factor of the
size of the molecule is all the algebra of a step.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from echemscreen.engines.internal_coordinates import InternalCoordinates
from echemscreen.errors import ConvergenceError
from echemscreen.records.molecules import FloatArray

#: Energy in eV and forces in eV/angstrom of a geometry.
EnergyAndForces = Callable[[FloatArray], tuple[float, FloatArray]]

_MEMORY = 30
#: Longest step: root of the sum of squares in rad and angstrom at the start, and its limits.
_TRUST_START, _TRUST_LEAST, _TRUST_MOST = 0.6, 0.02, 2.0
#: Largest displacement of an atom in one step, angstrom.
_LONGEST_MOVE_ANG = 0.8
#: Stiffness of each Cartesian coordinate, eV/angstrom^2: holds what no internal coordinate moves.
_SPRING = 1e-4
#: A step that had to be shortened below this leads nowhere.
_SHORTEST_STEP = 1e-4
#: Fields that may fail within one step.
_MAX_FAILURES = 2
_BACK_ITERATIONS = 8
_BACK_TOLERANCE_ANG = 1e-5
#: A rise of the energy that is not taken back, eV: the noise of a self-consistent field.
_NOISE_EV = 1e-4
#: How often the coordinates may be chosen anew.
_MAX_CHOICES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Descent:
    """Where a descent ended."""

    positions_ang: FloatArray
    converged: bool


def descend(
    symbols: Sequence[str],
    positions_ang: FloatArray,
    energy_and_forces: EnergyAndForces,
    *,
    fmax_ev_per_ang: float,
    max_steps: int,
) -> Descent:
    """Follow the surface downhill until no atom's force exceeds ``fmax_ev_per_ang``.

    It gives up, unconverged, at the lowest geometry seen where its coordinates break down.
    """
    x = np.array(positions_ang)
    energy, forces = energy_and_forces(x)
    left = max_steps
    for _ in range(_MAX_CHOICES):
        if _largest(forces) < fmax_ev_per_ang:
            return Descent(positions_ang=x, converged=True)
        if left <= 0 or len(symbols) == 1:
            break
        try:
            run = _Run(symbols, x, energy, forces, energy_and_forces)
        except LinAlgError:
            break
        while left > 0 and _largest(run.forces) >= fmax_ev_per_ang and run.step():
            left -= 1
        x, energy, forces = run.x, run.energy, run.forces
    return Descent(positions_ang=x, converged=_largest(forces) < fmax_ev_per_ang)


def _largest(forces: FloatArray) -> float:
    return float(np.sqrt((forces**2).sum(axis=1).max()))


class _Run:
    """Steps with one choice of coordinates."""

    def __init__(
        self,
        symbols: Sequence[str],
        x: FloatArray,
        energy: float,
        forces: FloatArray,
        energy_and_forces: EnergyAndForces,
    ) -> None:
        self.x, self.energy, self.forces = x, energy, forces
        self._surface = energy_and_forces
        self._coordinates = InternalCoordinates(symbols, x)
        self._stiffness = self._coordinates.stiffness(x)
        self._memory: deque[tuple[FloatArray, FloatArray]] = deque(maxlen=_MEMORY)
        self._trust = _TRUST_START
        self._q = self._coordinates.values(x)
        self._gradient = self._internal_gradient(x, forces)

    def step(self) -> bool:
        """One step downhill; ``False`` where the coordinates must be chosen anew."""
        step = self._direction()
        length = float(np.linalg.norm(step))
        if length > self._trust:
            step *= self._trust / length
        failures = 0
        while True:
            moved = self._moved(self.x, self._q, step)
            if moved is None:
                return False
            try:
                energy, forces = self._surface(moved)
            except ConvergenceError:
                # A step too far may leave the engine's field without a solution.
                failures += 1
                if failures > _MAX_FAILURES:
                    raise
                energy, forces = np.inf, self.forces
            if energy <= self.energy + _NOISE_EV:
                break
            # Too far: back to the minimum of the parabola through both energies and the first slope.
            slope = float(self._gradient @ step)
            shorter = -slope / (2.0 * (energy - self.energy - slope)) if slope < 0.0 else 0.25
            step *= min(0.5, max(0.1, shorter))
            length = float(np.linalg.norm(step))
            self._trust = max(length, _TRUST_LEAST)
            if length < _SHORTEST_STEP:
                return False
        try:
            self._accept(moved, energy, forces)
        except LinAlgError:
            return False
        return not self._coordinates.degenerate(moved)

    def _accept(self, moved: FloatArray, energy: float, forces: FloatArray) -> None:
        q = self._coordinates.values(moved)
        gradient = self._internal_gradient(moved, forces)
        s, y = self._coordinates.difference(q, self._q), gradient - self._gradient
        if float(s @ y) > 1e-6 * float(np.linalg.norm(s) * np.linalg.norm(y)):
            self._memory.append((s, y))
        if float(gradient @ s) < 0.0:
            # Still downhill at its end: the step might have been longer.
            self._trust = min(max(self._trust, 1.5 * float(np.linalg.norm(s))), _TRUST_MOST)
        self.x, self.energy, self.forces, self._q, self._gradient = moved, energy, forces, q, gradient

    def _direction(self) -> FloatArray:
        """The quasi-Newton step: two loops over the memory about the model Hessian."""
        g = self._gradient.copy()
        weights = []
        for s, y in reversed(self._memory):
            weight = float(s @ g) / float(s @ y)
            weights.append(weight)
            g -= weight * y
        step: FloatArray = g / self._stiffness
        for (s, y), weight in zip(self._memory, reversed(weights), strict=True):
            step += (weight - float(y @ step) / float(s @ y)) * s
        if float(step @ self._gradient) <= 0.0:
            self._memory.clear()
            step = self._gradient / self._stiffness
        return -step

    def _factor(self, b: FloatArray) -> tuple[FloatArray, bool]:
        metric = (b.T * self._stiffness) @ b
        metric[np.diag_indices_from(metric)] += _SPRING
        factor: tuple[FloatArray, bool] = cho_factor(metric, overwrite_a=True, check_finite=False)
        return factor

    def _internal_gradient(self, x: FloatArray, forces: FloatArray) -> FloatArray:
        """The gradient in internal coordinates that agrees with the forces, the least in the model metric."""
        b = self._coordinates.derivatives(x)
        self._b, self._cholesky = b, self._factor(b)
        found: FloatArray = self._stiffness * (b @ cho_solve(self._cholesky, -forces.ravel()))
        return found

    def _moved(self, x: FloatArray, q: FloatArray, step: FloatArray) -> FloatArray | None:
        """Cartesian positions a step away in internal coordinates, as near as they can be met."""
        target, moved, b, factor = step.copy(), x, self._b, self._cholesky
        for iteration in range(_BACK_ITERATIONS):
            change = cho_solve(factor, b.T @ (self._stiffness * target)).reshape(x.shape)
            largest = float(np.sqrt((change**2).sum(axis=1).max()))
            if not np.isfinite(largest):
                return None
            if iteration == 0 and largest > _LONGEST_MOVE_ANG:
                shrink = _LONGEST_MOVE_ANG / largest
                step *= shrink
                change, target = change * shrink, target * shrink
            moved = moved + change
            if largest < _BACK_TOLERANCE_ANG:
                break
            reached = self._coordinates.difference(self._coordinates.values(moved), q)
            target = step - reached
        return moved
