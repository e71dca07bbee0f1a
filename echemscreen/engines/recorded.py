"""An engine that replays stored single points: for offline tests of other rooms.

It computes nothing and stands in for no engine's own test. A key is the composition, the charge
and the method; what was not recorded is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from echemscreen.errors import EngineError
from echemscreen.records.levels import Ladder, Method, SinglePoint
from echemscreen.records.molecules import FloatArray, Geometry

_Key = tuple[tuple[str, ...], int, Method]


class RecordedEngine:
    """Replays the single points of ladders, whatever the geometry; every surface is flat."""

    name = "recorded"
    version = "1"

    def __init__(self, ladders: Iterable[Ladder], *, name: str = "recorded") -> None:
        self.name = name
        self._points: dict[_Key, SinglePoint] = {}
        for ladder in ladders:
            parent = ladder.state(0)
            if parent is None or parent.geometry is None:
                continue
            for state in ladder.states:
                for point in (*state.relaxed, *state.vertical):
                    self._points[parent.geometry.symbols, state.charge, point.method] = point

    @property
    def hamiltonians(self) -> frozenset[str]:
        """Hamiltonians of the recorded points."""
        return frozenset(method.hamiltonian for _, _, method in self._points)

    @property
    def solvents(self) -> frozenset[str]:
        """Solvents of the recorded points."""
        return frozenset(method.solvent for _, _, method in self._points if method.solvent)

    def method(self, hamiltonian: str, solvent: str) -> Method:
        """The recorded method of a Hamiltonian and solvent, or one that is not recorded."""
        for _, _, method in self._points:
            if (method.hamiltonian, method.solvent) == (hamiltonian, solvent):
                return method
        return Method(hamiltonian=hamiltonian, solvent=solvent)

    def check(self, method: Method) -> None:
        """Refuse what was not recorded."""
        if all(known != method for _, _, known in self._points):
            raise EngineError(f"Nothing was recorded at {method}.")

    def single_point(
        self, geometry: Geometry, *, charge: int, n_unpaired: int, method: Method
    ) -> SinglePoint:
        """The recorded point of this composition, charge and method."""
        point = self._points.get((geometry.symbols, charge, method))
        if point is None or point.n_unpaired != n_unpaired:
            raise EngineError(f"No single point at {method}, charge {charge}, was recorded.")
        return point

    def surface(
        self, symbols: Sequence[str], *, charge: int, n_unpaired: int, method: Method
    ) -> _FlatSurface:
        """A surface without forces: relaxations end where they start."""
        geometry = Geometry(symbols=tuple(symbols), positions_ang=np.zeros((len(symbols), 3)))
        point = self.single_point(geometry, charge=charge, n_unpaired=n_unpaired, method=method)
        return _FlatSurface(point.energy_ev)


class _FlatSurface:
    def __init__(self, energy_ev: float) -> None:
        self._energy_ev = energy_ev

    def energy_and_forces(self, positions_ang: FloatArray) -> tuple[float, FloatArray]:
        """The recorded energy and no force."""
        return self._energy_ev, np.zeros_like(positions_ang)
