"""Ionisation energies in vacuum: the line is solved from its rows, and they are what is computed."""

import numpy as np
import pytest

from echemscreen.engines.base import get_engine
from echemscreen.errors import InputError
from echemscreen.levels.redox import theory_of, vertical_ladder
from echemscreen.levels.vacuum import (
    born_energy_ev,
    calibrated_ionisation_ev,
    ionisation_fit,
    permittivities,
    reference_ionisations,
    vacuum_energies,
)
from echemscreen.ligands.geometry import embed
from echemscreen.records.molecules import Geometry, Species


@pytest.mark.parametrize("engine", ["tblite", "xtb"])
def test_the_line_is_the_least_squares_one(engine):
    fit = ionisation_fit(engine)
    rows = reference_ionisations()
    residuals = np.array([fit.predict(row.raw_ev(engine)) - row.value_ev for row in rows])
    assert residuals.mean() == pytest.approx(0.0, abs=1e-9)
    assert fit.n_molecules == len(rows)
    # Small inorganic molecules are the worst case of xTB: the line does not hide it.
    assert fit.cv_mae_ev < fit.cv_rmse_ev < 1.2


@pytest.mark.parametrize("smiles", ["c1ccccc1", "CO"])
@pytest.mark.parametrize("engine", ["tblite", "xtb"])
def test_shipped_raw_values_are_what_is_computed(smiles, engine):
    program = get_engine(engine)
    species = Species(smiles=smiles, charge=0)
    theory = theory_of(program, "acetonitrile")
    ladder = vertical_ladder(program, species, embed(species), theory)
    row = next(row for row in reference_ionisations() if row.smiles == smiles)
    assert vacuum_energies(ladder, theory)[0] == pytest.approx(row.raw_ev(engine), abs=0.01)


def test_rows_are_cited_and_an_unknown_engine_is_refused():
    assert all(row.citation and row.kind in {"vertical", "adiabatic"} for row in reference_ionisations())
    with pytest.raises(InputError, match="engine orca"):
        ionisation_fit("orca")


def test_with_an_engine_of_someone_else_the_ionisation_energy_is_unknown():
    assert calibrated_ionisation_ev(9.0, "orca") is None
    assert calibrated_ionisation_ev(None, "tblite") is None
    assert calibrated_ionisation_ev(9.0, "tblite") == ionisation_fit("tblite").predict(9.0)


def test_born_s_energy_of_a_ball():
    # One carbon (1.77 angstrom): 7.19982 eV angstrom / 1.77 angstrom (1 - 1/78.355) = 4.0158 eV.
    carbon = Geometry(symbols=("C",), positions_ang=np.zeros((1, 3)))
    assert born_energy_ev(carbon, "water") == pytest.approx(4.0158, abs=1e-4)
    # Eight of them make a ball of twice the radius.
    eight = Geometry(symbols=("C",) * 8, positions_ang=np.zeros((8, 3)))
    assert born_energy_ev(eight, "water") == pytest.approx(4.0158 / 2, abs=1e-4)
    assert born_energy_ev(carbon, "hexane") < born_energy_ev(carbon, "acetonitrile")
    assert born_energy_ev(carbon, "mercury") is None


def test_every_solvent_of_the_engines_has_a_permittivity():
    known = permittivities()
    for name in ("tblite", "xtb", "pyscf"):
        assert get_engine(name).solvents <= set(known)
    assert all(value > 1.0 for value in known.values())


@pytest.mark.parametrize("smiles", ["CCN", "O=C1C=CC(=O)C=C1", "C[N+](C)(C)C", "CC(=O)[O-]"])
def test_the_estimate_is_near_a_calculation_in_vacuum(smiles):
    """The ball stands for any molecule: within 0.7 eV of single points in vacuum, ions too."""
    engine = get_engine("tblite")
    charge = smiles.count("+]") - smiles.count("-]")
    species, theory = Species(smiles=smiles, charge=charge), theory_of(engine, "acetonitrile")
    ladder = vertical_ladder(engine, species, embed(species), theory)
    energies = {
        state.added_electrons: engine.single_point(
            ladder.state(0).geometry, charge=state.charge, n_unpaired=state.n_unpaired, method=theory.vacuum
        ).energy_ev
        for state in ladder.states
    }
    ionization, affinity = vacuum_energies(ladder, theory)
    shift = energies[-1] - energies[0] - ionization
    assert shift == pytest.approx(4.846, abs=0.7)
    assert energies[0] - energies[1] - affinity == pytest.approx(4.846, abs=0.7)
