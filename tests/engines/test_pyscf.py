"""The engine pyscf: physics that can be checked by hand, and what an engine promises."""

import numpy as np
import pytest
from ase.build import molecule
from ase.units import Bohr, Hartree, _e, _eps0

pytest.importorskip("pyscf")

from pyscf.solvent import pcm
from pyscf.solvent.pcm import modified_Bondi

from echemscreen.engines import pyscf as engine_module
from echemscreen.engines.base import Engine, get_engine
from echemscreen.engines.relax import relax
from echemscreen.errors import ConvergenceError, EngineError, InputError
from echemscreen.records.levels import Method
from echemscreen.records.molecules import Geometry

VACUUM = Method(hamiltonian="PBE0/def2-SVP")


def geometry(name):
    atoms = molecule(name)
    return Geometry(symbols=tuple(atoms.get_chemical_symbols()), positions_ang=atoms.positions)


def atom(symbol):
    return Geometry(symbols=(symbol,), positions_ang=np.zeros((1, 3)))


@pytest.fixture(scope="module")
def engine():
    return get_engine("pyscf")


@pytest.fixture(scope="module")
def solvated(engine):
    return engine.method("PBE0/def2-SVP", "acetonitrile")


def test_it_is_an_engine(engine):
    assert isinstance(engine, Engine)
    assert engine.version
    assert {"PBE0/def2-SVP", "PBE0/def2-SVPD"} <= engine.hamiltonians
    assert "acetonitrile" in engine.solvents


def test_every_solvent_has_a_permittivity_in_the_library(engine, solvated):
    mol = engine_module._mole(("He",), np.zeros((1, 3)), 0, 0, solvated)
    epsilon = {
        name: engine_module._field(mol, engine.method("PBE0/def2-SVP", name), on_gpu=False).with_solvent.eps
        for name in engine.solvents
    }
    # CRC Handbook, 25 C, to the nearest integer
    assert round(epsilon["water"]) == 78
    assert round(epsilon["acetonitrile"]) == 36
    assert round(epsilon["dmf"]) == 37
    assert round(epsilon["toluene"]) == 2


def test_the_hydrogen_atom(engine):
    point = engine.single_point(atom("H"), charge=0, n_unpaired=1, method=VACUUM)
    # exact: -0.5 hartree
    assert point.energy_ev == pytest.approx(-0.5 * Hartree, abs=0.1)
    assert point.homo_ev is None
    assert point.somo_ev < point.lumo_ev


def test_an_ion_in_a_sphere_has_the_born_energy(engine, solvated):
    """A spherical charge inside a cavity of radius R gains (1 - 1/eps) q^2 / 2R from a conductor."""
    alone = engine.single_point(atom("Li"), charge=1, n_unpaired=0, method=VACUUM)
    inside = engine.single_point(atom("Li"), charge=1, n_unpaired=0, method=solvated)
    radius_ang = 1.2 * modified_Bondi[3] * Bohr
    coulomb_ev_ang = _e / (4 * np.pi * _eps0) * 1e10
    born_ev = -(1 - 1 / 35.688) * coulomb_ev_ang / (2 * radius_ang)
    assert inside.energy_ev - alone.energy_ev == pytest.approx(born_ev, rel=0.005)


def test_hydrogen_fluoride_has_its_bond_length_and_dipole(engine):
    start = Geometry(symbols=("H", "F"), positions_ang=np.array([[0.0, 0, 0], [0, 0, 1.0]]))
    found = relax(engine, start, charge=0, n_unpaired=0, method=VACUUM).geometry
    # measured: 0.917 angstrom, 1.83 D
    assert np.linalg.norm(found.positions_ang[1] - found.positions_ang[0]) == pytest.approx(0.917, abs=0.015)
    point = engine.single_point(found, charge=0, n_unpaired=0, method=VACUUM)
    assert np.linalg.norm(point.dipole_debye) == pytest.approx(1.83, abs=0.15)
    assert point.dipole_debye[2] < 0  # towards hydrogen, at the origin
    assert point.atomic_charges[0] > 0 > point.atomic_charges[1]


def test_forces_are_the_slope_of_the_energy_in_the_solvent(engine, solvated):
    surface = engine.surface(("H", "F"), charge=1, n_unpaired=1, method=solvated)
    positions = np.array([[0.0, 0.0, 0.0], [0.1, 0.2, 1.05]])
    _, forces = surface.energy_and_forces(positions)
    step = 2e-3
    for axis in range(3):
        plus, minus = positions.copy(), positions.copy()
        plus[1, axis] += step
        minus[1, axis] -= step
        slope = (surface.energy_and_forces(plus)[0] - surface.energy_and_forces(minus)[0]) / (2 * step)
        assert forces[1, axis] == pytest.approx(-slope, abs=0.01)
    assert forces.sum(axis=0) == pytest.approx(0.0, abs=1e-3)


def test_charges_sum_to_the_charge_and_levels_have_names(engine, solvated):
    point = engine.single_point(geometry("H2O"), charge=1, n_unpaired=1, method=solvated)
    assert sum(point.atomic_charges) == pytest.approx(1.0, abs=1e-6)
    assert max(point.homo_ev, point.somo_ev) < point.lumo_ev
    assert point.retries == ()


def test_diffuse_functions_lower_an_anion_more_than_its_parent(engine):
    gain = []
    for charge in (0, -1):
        small, diffuse = (
            engine.single_point(
                geometry("H2O"),
                charge=charge,
                n_unpaired=-charge,
                method=engine.method(f"PBE0/{basis}", "acetonitrile"),
            ).energy_ev
            for basis in ("def2-SVP", "def2-SVPD")
        )
        gain.append(small - diffuse)
    assert gain[1] > gain[0] + 1.0


def test_a_single_point_does_not_depend_on_what_ran_before(engine, solvated):
    first = engine.single_point(geometry("H2O"), charge=0, n_unpaired=0, method=solvated)
    engine.single_point(geometry("H2O"), charge=-1, n_unpaired=1, method=solvated)
    again = engine.single_point(geometry("H2O"), charge=0, n_unpaired=0, method=solvated)
    assert again.energy_ev == pytest.approx(first.energy_ev, abs=1e-9)


@pytest.mark.parametrize("charge", [0, 1])
def test_stored_potentials_change_nothing(solvated, charge):
    start = geometry("H2O")
    mol = engine_module._mole(start.symbols, start.positions_ang, charge, charge, solvated)
    ours = engine_module._field(mol, solvated, on_gpu=False)
    library = engine_module._field(mol, solvated, on_gpu=False)
    library.with_solvent = pcm.PCM(mol)
    for name in ("method", "eps", "lebedev_order"):
        setattr(library.with_solvent, name, getattr(ours.with_solvent, name))
    assert ours.kernel() == pytest.approx(library.kernel(), abs=1e-9)
    assert ours.with_solvent.stored is not None


def test_the_ladder_names_the_step_that_converged(solvated):
    start = geometry("H2O")
    mol = engine_module._mole(start.symbols, start.positions_ang, 1, 1, solvated)
    hopeless = engine_module._Attempt("one cycle", 1)
    energies = {}
    for attempt in engine_module.RETRIES:
        field, retries = engine_module._converge(mol, solvated, on_gpu=False, attempts=(hopeless, attempt))
        assert retries == (attempt.name,)
        energies[attempt.name] = field.e_tot
    assert max(energies.values()) - min(energies.values()) < 1e-5
    with pytest.raises(ConvergenceError, match="after 1 attempts"):
        engine_module._converge(mol, solvated, on_gpu=False, attempts=(hopeless,))


def test_a_heavy_element_has_an_effective_core(solvated):
    mol = engine_module._mole(("Cd",), np.zeros((1, 3)), 0, 0, solvated)
    assert mol.nelectron == 20


def test_unknown_solvent_hamiltonian_and_solvation_are_named_with_the_known_ones(engine):
    with pytest.raises(InputError, match=r"Unknown solvent 'treacle'.*acetonitrile"):
        engine.check(engine.method("PBE0/def2-SVP", "treacle"))
    with pytest.raises(InputError, match=r"no Hamiltonian 'GFN2-xTB'.*PBE0/def2-SVPD"):
        engine.check(Method(hamiltonian="GFN2-xTB"))
    with pytest.raises(InputError, match=r"solvation model 'alpb'.*cpcm"):
        engine.check(Method(hamiltonian="PBE0/def2-SVP", solvent="water", solvation="alpb"))


def test_what_cannot_be_computed_is_refused(engine):
    with pytest.raises(EngineError, match="10 electrons cannot have 1 unpaired"):
        engine.single_point(geometry("H2O"), charge=0, n_unpaired=1, method=VACUUM)
    same = Geometry(symbols=("C", "C"), positions_ang=np.zeros((2, 3)))
    with pytest.raises(EngineError, match="two atoms coincide"):
        engine.single_point(same, charge=0, n_unpaired=0, method=VACUUM)
    with pytest.raises(EngineError, match="pyscf refuses the calculation"):
        engine.single_point(atom("Fm"), charge=0, n_unpaired=0, method=VACUUM)


def test_nothing_is_printed(engine, solvated, capfd):
    engine.single_point(geometry("H2O"), charge=0, n_unpaired=0, method=solvated)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")
