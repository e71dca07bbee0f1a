"""Ionisation energies in vacuum: the line is solved from its rows, and they are what is computed."""

import numpy as np
import pytest

from echemscreen.engines.base import get_engine
from echemscreen.errors import InputError
from echemscreen.levels.redox import theory_of, vacuum_energies, vertical_ladder
from echemscreen.levels.vacuum import calibrated_ionisation_ev, ionisation_fit, reference_ionisations
from echemscreen.ligands.geometry import embed
from echemscreen.records import Species


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
    ladder = vertical_ladder(program, species, embed(species), theory_of(program, "acetonitrile"))
    row = next(row for row in reference_ionisations() if row.smiles == smiles)
    assert vacuum_energies(ladder)[0] == pytest.approx(row.raw_ev(engine), abs=0.01)


def test_rows_are_cited_and_an_unknown_engine_is_refused():
    assert all(row.citation and row.kind in {"vertical", "adiabatic"} for row in reference_ionisations())
    with pytest.raises(InputError, match="engine orca"):
        ionisation_fit("orca")


def test_with_an_engine_of_someone_else_the_ionisation_energy_is_unknown():
    assert calibrated_ionisation_ev(9.0, "orca") is None
    assert calibrated_ionisation_ev(None, "tblite") is None
    assert calibrated_ionisation_ev(9.0, "tblite") == ionisation_fit("tblite").predict(9.0)
