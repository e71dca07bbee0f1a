"""The ladder with the real engine: shift, potentials, binding shifts."""

import pytest
from ase.build import molecule

from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import (
    raw_potentials,
    relaxed_state,
    theory_of,
    vertical_ladder,
    with_state,
)
from echemscreen.levels.vacuum import vacuum_energies
from echemscreen.records.molecules import Geometry, Species
from echemscreen.records.processes import PROCESSES


@pytest.fixture(scope="module")
def ladder():
    engine = get_engine("tblite")
    atoms = molecule("C6H6")
    start = Geometry(symbols=tuple(atoms.get_chemical_symbols()), positions_ang=atoms.positions)
    theory = theory_of(engine, "acetonitrile")
    result = vertical_ladder(engine, Species(smiles="c1ccccc1", charge=0), [start], theory)
    for process in PROCESSES:
        result = with_state(result, relaxed_state(engine, result, process, theory))
    return result


def test_the_shift_gives_ionisation_energies_on_the_measured_scale(ladder):
    # Benzene: 9.24 eV (NIST Chemistry WebBook), no bound anion (-1.12 eV by electron transmission).
    ionization, affinity = vacuum_energies(ladder, theory_of(get_engine("tblite"), "acetonitrile"))
    assert ionization == pytest.approx(9.24, abs=0.5)
    assert -2.0 < affinity < 0.0


def test_relaxation_moves_potentials_towards_the_gap(ladder):
    reduction, oxidation = (raw_potentials(ladder, process) for process in PROCESSES)
    assert reduction.gfn2_adiabatic_v_she > reduction.gfn2_vertical_v_she
    assert oxidation.gfn2_adiabatic_v_she < oxidation.gfn2_vertical_v_she
    assert reduction.intact
    assert oxidation.intact
    assert reduction.homo_ev < reduction.lumo_ev


def test_the_parent_stands_first_and_its_ions_differ_by_one_electron(ladder):
    assert [state.added_electrons for state in ladder.states] == [0, 1, -1]
    assert [state.charge for state in ladder.states] == [0, -1, 1]
    assert [state.n_unpaired for state in ladder.states] == [0, 1, 1]


def test_the_ladder_does_not_depend_on_history(ladder):
    engine = get_engine("tblite")
    parent = ladder.state(0).geometry
    theory = theory_of(engine, "acetonitrile")
    again = vertical_ladder(engine, ladder.species, [parent], theory)
    first = [p.energy_ev for state in ladder.states for p in state.vertical]
    second = [p.energy_ev for state in again.states for p in state.vertical]
    assert first == pytest.approx(second, abs=1e-6)
