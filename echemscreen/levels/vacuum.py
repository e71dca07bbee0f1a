r"""Ionisation energies and electron affinities in vacuum, from what was computed in solution.

The energy of taking an electron out in solution lacks that of dissolving the ion, which is Born's

.. math:: G = \frac{e^2}{8 \pi \varepsilon_0 R} \left(1 - \frac{1}{\varepsilon}\right)

(M. Born, Z. Phys. 1, 45 (1920)) with the radius R of the ball that the van der Waals balls of all atoms
add up to (radii of S. Alvarez, Dalton Trans. 42, 8617 (2013), as in ASE). It costs nothing, and with it
the measured ionisation energies are met no worse than by calculations in vacuum (README.md).

``reference_ionisation.csv`` holds measured ionisation energies (vertical where known, else adiabatic)
beside the raw vertical ones that this package computes for the same molecules. The line through them is
solved when it is asked for. Electron affinities have no reference rows: theirs stay raw.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from ase.data import atomic_numbers
from ase.data.vdw_alvarez import vdw_radii
from scipy import constants

from echemscreen.engines.base import Engine
from echemscreen.errors import EngineError, InputError
from echemscreen.levels.redox import Theory, method_constants
from echemscreen.records.levels import ChargeState, Ladder
from echemscreen.records.molecules import Geometry
from echemscreen.reference_tables import read_rows

#: Engines that ``reference_ionisation.csv`` has raw values of; with another one the energy stays unknown.
FITTED_ENGINES = frozenset({"tblite", "xtb"})

#: e^2 / (8 pi epsilon_0), eV angstrom.
_BORN_EV_ANG = constants.e / (8.0 * constants.pi * constants.epsilon_0 * constants.angstrom)


@dataclass(frozen=True, slots=True, kw_only=True)
class SolventPermittivity:
    """A row of ``solvents.csv``."""

    solvent: str
    permittivity: float
    citation: str
    locator: str


@lru_cache(maxsize=1)
def permittivities() -> dict[str, float]:
    """Relative permittivity of each implicit solvent at room temperature."""
    rows = read_rows("ligand_library", "solvents.csv", SolventPermittivity)
    return {row.solvent: row.permittivity for row in rows}


def born_energy_ev(geometry: Geometry, solvent: str) -> float | None:
    """What dissolving a single charge on a molecule releases, eV; ``None`` for an unknown solvent."""
    permittivity = permittivities().get(solvent)
    if permittivity is None:
        return None
    radii = vdw_radii[[atomic_numbers[symbol] for symbol in geometry.symbols]]
    return float(_BORN_EV_ANG * (1.0 - 1.0 / permittivity) / np.cbrt((radii**3).sum()))


def vacuum_energies(ladder: Ladder, theory: Theory) -> tuple[float | None, float | None]:
    """Vertical ionisation energy and electron affinity in vacuum, raw, eV; both positive when bound.

    ``None`` where the ladder has no second opinion and its theory has one: the two have other errors.

    Raises
    ------
    EngineError
        if the ladder has no parent.
    """
    parent = ladder.state(0)
    if parent is None or parent.geometry is None:
        raise EngineError(f"The ladder of {ladder.species.smiles} has no parent.")
    hamiltonian = theory.solution[-1].hamiltonian
    neutral, oxidised, reduced = (_energy_ev(ladder.state(added), hamiltonian) for added in (0, -1, 1))
    solvent = next((point.method.solvent for point in parent.vertical if point.method.solvent), "")
    born = born_energy_ev(parent.geometry, solvent)
    if neutral is None or born is None:
        return None, None
    shift = method_constants()["self_interaction_shift"].value
    # Dissolving a charge q releases q^2 times what a single one does.
    charge = ladder.species.charge
    ionization = None if oxidised is None else oxidised - neutral - shift + (2 * charge + 1) * born
    affinity = None if reduced is None else neutral - reduced - shift + (2 * charge - 1) * born
    return ionization, affinity


def vacuum_parent(engine: Engine, ladder: Ladder, theory: Theory) -> Ladder:
    """The parent alone, at ``theory.vacuum`` on its geometry in solution.

    Raises
    ------
    EngineError
        if the ladder has no parent, or its field fails.
    """
    parent = ladder.state(0)
    if parent is None or parent.geometry is None:
        raise EngineError(f"The ladder of {ladder.species.smiles} has no parent.")
    point = engine.single_point(
        parent.geometry, charge=parent.charge, n_unpaired=parent.n_unpaired, method=theory.vacuum
    )
    return replace(ladder, states=(replace(parent, vertical=(point,), relaxed=(), n_gradients=0),))


def _energy_ev(state: ChargeState | None, hamiltonian: str) -> float | None:
    """The energy in solution."""
    points = () if state is None else state.vertical
    energies = (p.energy_ev for p in points if p.method.hamiltonian == hamiltonian and p.method.solvent)
    return next(energies, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceIonisation:
    """A row of ``reference_ionisation.csv``, eV; the raw columns are by engine."""

    entry: str
    smiles: str
    value_ev: float
    kind: str
    """``vertical`` or ``adiabatic``."""
    tblite_ev: float
    xtb_ev: float
    citation: str
    locator: str
    note: str

    def raw_ev(self, engine: str) -> float:
        """The raw value of an engine.

        Raises
        ------
        InputError
            if the engine has none.
        """
        values = {"tblite": self.tblite_ev, "xtb": self.xtb_ev}
        if engine not in values:
            raise InputError(f"There is no ionisation calibration for the engine {engine}.")
        return values[engine]


@dataclass(frozen=True, slots=True, kw_only=True)
class IonisationFit:
    """measured = slope x raw + intercept, with its leave-one-out errors in eV."""

    engine: str
    slope: float
    intercept_ev: float
    n_molecules: int
    raw_mae_ev: float
    cv_mae_ev: float
    cv_rmse_ev: float

    def predict(self, raw_ev: float) -> float:
        """The calibrated ionisation energy, eV."""
        return self.intercept_ev + self.slope * raw_ev


def reference_ionisations() -> tuple[ReferenceIonisation, ...]:
    """The measured ionisation energies, in file order."""
    return read_rows("ligand_library", "reference_ionisation.csv", ReferenceIonisation)


@lru_cache(maxsize=4)
def ionisation_fit(engine: str) -> IonisationFit:
    """The line of an engine.

    Raises
    ------
    InputError
        if the engine has no raw values.
    """
    rows = reference_ionisations()
    x = np.array([row.raw_ev(engine) for row in rows])
    y = np.array([row.value_ev for row in rows])
    slope, intercept = np.polyfit(x, y, 1)
    errors = []
    for index in range(len(x)):
        kept = np.arange(len(x)) != index
        errors.append(float(np.polyval(np.polyfit(x[kept], y[kept], 1), x[index]) - y[index]))
    return IonisationFit(
        engine=engine,
        slope=float(slope),
        intercept_ev=float(intercept),
        n_molecules=len(x),
        raw_mae_ev=float(np.abs(x - y).mean()),
        cv_mae_ev=float(np.abs(errors).mean()),
        cv_rmse_ev=float(np.sqrt(np.mean(np.square(errors)))),
    )


def calibrated_ionisation_ev(raw_ev: float | None, engine: str) -> float | None:
    """The calibrated ionisation energy, eV; ``None`` for ``None`` and for an engine without a line."""
    return None if raw_ev is None or engine not in FITTED_ENGINES else ionisation_fit(engine).predict(raw_ev)
