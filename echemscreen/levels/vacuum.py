"""Ionisation energies in vacuum: a line from the computed to the measured ones.

``reference_ionisation.csv`` holds measured ionisation energies (vertical where known, else adiabatic)
beside the raw vertical ones that this package computes for the same molecules. The line through them is
solved when it is asked for. Electron affinities have no reference rows: theirs stay raw.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from echemscreen.errors import InputError
from echemscreen.reference_tables import read_rows

#: Engines that ``reference_ionisation.csv`` has raw values of; with another one the energy stays unknown.
FITTED_ENGINES = frozenset({"tblite", "xtb"})


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
