"""One suite for both real engines: what an engine promises, and that the two agree.

Measured agreement of xtb-python 22.1 with tblite 0.8.0 (GFN2-xTB): energies 1e-6 eV in vacuum and
with GBSA, orbital levels 1e-3 eV. The tolerances below are these figures.
"""

import platform
import sys
from importlib.metadata import version

import numpy as np
import pytest
from ase.build import molecule
from packaging.version import Version

from echemscreen.engines import tblite
from echemscreen.engines.base import Engine, check_parity, frontier_ev, get_engine
from echemscreen.errors import ConvergenceError, EngineError, InputError
from echemscreen.records.levels import Method
from echemscreen.records.molecules import Geometry

ENERGY_TOLERANCE_EV = 5e-6
ORBITAL_TOLERANCE_EV = 2e-3

#: Where xtb-python has a wheel (the marker in pyproject.toml).
HAS_XTB = sys.version_info < (3, 12) and (sys.platform, platform.machine()) == ("linux", "x86_64")
ENGINES = ["tblite", "xtb"] if HAS_XTB else ["tblite"]
GFN2 = Method(hamiltonian="GFN2-xTB")
GFN2_GBSA = Method(hamiltonian="GFN2-xTB", solvent="acetonitrile", solvation="gbsa")


def geometry(name):
    atoms = molecule(name)
    return Geometry(symbols=tuple(atoms.get_chemical_symbols()), positions_ang=atoms.positions)


@pytest.fixture(params=ENGINES)
def engine(request):
    return get_engine(request.param)


def test_it_is_an_engine(engine):
    assert isinstance(engine, Engine)
    assert engine.version
    assert "GFN2-xTB" in engine.hamiltonians


def test_charges_sum_to_the_charge_and_orbitals_are_ordered(engine):
    point = engine.single_point(geometry("CH3CONH2"), charge=1, n_unpaired=1, method=GFN2)
    assert sum(point.atomic_charges) == pytest.approx(1.0, abs=1e-6)
    assert point.homo_ev < point.somo_ev < point.lumo_ev
    assert point.retries == ()


def test_forces_are_the_slope_of_the_energy(engine):
    start = geometry("H2CO")
    method = engine.method("GFN2-xTB", "acetonitrile")
    surface = engine.surface(start.symbols, charge=0, n_unpaired=0, method=method)
    positions = np.array(start.positions_ang)
    _, forces = surface.energy_and_forces(positions)
    step = 1e-3
    for atom, axis in ((0, 2), (1, 2), (2, 1)):
        plus, minus = positions.copy(), positions.copy()
        plus[atom, axis] += step
        minus[atom, axis] -= step
        slope = (surface.energy_and_forces(plus)[0] - surface.energy_and_forces(minus)[0]) / (2 * step)
        assert forces[atom, axis] == pytest.approx(-slope, abs=2e-3)


def test_a_single_point_does_not_depend_on_what_ran_before(engine):
    method = engine.method("GFN2-xTB", "acetonitrile")
    first = engine.single_point(geometry("C6H6"), charge=0, n_unpaired=0, method=method)
    engine.single_point(geometry("CH3CONH2"), charge=-1, n_unpaired=1, method=method)
    again = engine.single_point(geometry("C6H6"), charge=0, n_unpaired=0, method=method)
    assert again.energy_ev == first.energy_ev
    assert again.atomic_charges == first.atomic_charges


def test_dioxygen_is_a_triplet(engine):
    triplet = engine.single_point(geometry("O2"), charge=0, n_unpaired=2, method=GFN2)
    singlet = engine.single_point(geometry("O2"), charge=0, n_unpaired=0, method=GFN2)
    assert triplet.somo_ev is not None
    # Without spin polarisation xTB places them within 0.3 eV of one another.
    assert abs(triplet.energy_ev - singlet.energy_ev) < 0.5


def test_wrong_parity_is_refused_before_the_engine_sees_it(engine):
    with pytest.raises(EngineError, match="10 electrons cannot have 1 unpaired"):
        engine.single_point(geometry("H2O"), charge=0, n_unpaired=1, method=GFN2)


def test_unknown_solvent_and_hamiltonian_are_named_with_the_known_ones(engine):
    with pytest.raises(InputError, match=r"Unknown solvent 'treacle'.*acetonitrile"):
        engine.check(engine.method("GFN2-xTB", "treacle"))
    with pytest.raises(InputError, match="GFN9-xTB"):
        engine.check(Method(hamiltonian="GFN9-xTB"))


def test_nothing_is_printed(engine, capfd):
    engine.single_point(geometry("H2O"), charge=0, n_unpaired=0, method=GFN2)
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_an_element_without_parameters_is_refused_and_the_process_lives(engine):
    # xtb-python 22.1 ends the process for it.
    uranium = Geometry(symbols=("U",), positions_ang=np.zeros((1, 3)))
    with pytest.raises(EngineError, match=r"no parameters for U|No support for elements"):
        engine.single_point(uranium, charge=0, n_unpaired=0, method=GFN2)


def test_coinciding_atoms_are_no_matter_of_convergence(engine):
    same = Geometry(symbols=("C", "C"), positions_ang=np.zeros((2, 3)))
    with pytest.raises(EngineError, match="refuses the calculation") as caught:
        engine.single_point(same, charge=0, n_unpaired=0, method=GFN2)
    assert not isinstance(caught.value, ConvergenceError)


def test_fused_atoms_give_an_error_of_ours_or_a_finite_number(engine):
    fused = Geometry(symbols=("C", "C"), positions_ang=np.array([[0.0, 0, 0], [0, 0, 1e-3]]))
    outcome = None
    try:
        outcome = engine.single_point(fused, charge=0, n_unpaired=0, method=GFN2).energy_ev
    except EngineError as error:
        outcome = error
    assert isinstance(outcome, EngineError) or np.isfinite(outcome)


def test_metal_salt_ladder_points(engine):
    # Zinc formate, bidentate; built by hand.
    positions = np.array(
        [
            [0.0, 0.0, 0.0],
            [1.2, 1.1, 1.2],
            [1.2, -1.1, -1.2],
            [2.0, 0.0, 0.0],
            [3.1, 0.0, 0.0],
            [-1.2, 1.1, -1.2],
            [-1.2, -1.1, 1.2],
            [-2.0, 0.0, 0.0],
            [-3.1, 0.0, 0.0],
        ]
    )
    salt = Geometry(symbols=("Zn", "O", "O", "C", "H", "O", "O", "C", "H"), positions_ang=positions)
    method = engine.method("GFN2-xTB", "acetonitrile")
    energies = [
        engine.single_point(salt, charge=q, n_unpaired=abs(q), method=method).energy_ev for q in (-1, 0, 1)
    ]
    assert energies[0] < energies[1] < energies[2]


def test_unknown_engine_names_the_known_ones():
    with pytest.raises(InputError, match=r"Unknown engine 'orca'.*tblite, xtb"):
        get_engine("orca")


if HAS_XTB:

    @pytest.mark.parametrize("method", [GFN2, GFN2_GBSA], ids=str)
    @pytest.mark.parametrize(
        ("name", "charge"), [("CH3CONH2", 0), ("CH3CONH2", 1), ("C6H6", -1), ("CH3SH", 0), ("PH3", 0)]
    )
    def test_the_two_engines_agree(name, charge, method):
        points = [
            get_engine(engine).single_point(
                geometry(name), charge=charge, n_unpaired=abs(charge), method=method
            )
            for engine in ("tblite", "xtb")
        ]
        assert points[0].energy_ev == pytest.approx(points[1].energy_ev, abs=ENERGY_TOLERANCE_EV)
        for level in ("homo_ev", "lumo_ev"):
            ours, theirs = getattr(points[0], level), getattr(points[1], level)
            assert ours == pytest.approx(theirs, abs=ORBITAL_TOLERANCE_EV)

    def test_xtb_solvation_is_gbsa_and_not_alpb():
        formamide = geometry("CH3CONH2")
        xtb = get_engine("xtb").single_point(formamide, charge=0, n_unpaired=0, method=GFN2_GBSA)
        alpb = get_engine("tblite").single_point(
            formamide, charge=0, n_unpaired=0, method=get_engine("tblite").method("GFN2-xTB", "acetonitrile")
        )
        assert abs(xtb.energy_ev - alpb.energy_ev) > 100 * ENERGY_TOLERANCE_EV


def test_frontier_levels_come_from_occupations():
    levels = np.array([-20.0, -12.0, -10.0, -3.0, 1.0])
    # The occupations of H2O+ in tblite 0.8.0.
    assert frontier_ev(levels, np.array([2.0, 2.0, 1.0, 0.0, 0.0])) == (-12.0, -3.0, -10.0)
    assert frontier_ev(levels, np.array([2.0, 2.0, 2.0, 0.0, 0.0])) == (-10.0, -3.0, None)
    assert frontier_ev(levels, np.array([2.0, 2.0, 1.9, 0.1, 0.0])) == (-10.0, -3.0, None)
    channels = np.array([[1.0, 1.0, 1.0, 0.0, 0.0], [1.0, 1.0, 0.0, 0.0, 0.0]])
    assert frontier_ev(levels, channels) == (-12.0, -3.0, -10.0)


def test_parity():
    check_parity(("O", "H", "H"), 0, 0)
    check_parity(("O", "H", "H"), 1, 1)
    with pytest.raises(EngineError):
        check_parity(("H",), 2, 0)


def test_the_retry_ladder_names_the_step_that_helped():
    starved = tblite._Attempt("starved", (("max-iter", 1),))
    fed = tblite._Attempt("fed", (("max-iter", 250),))
    water = geometry("H2O")
    calculator = tblite._calculator(water.symbols, water.positions_ang, 0, 0, GFN2)
    result, retries = tblite._converge(calculator, None, (starved, fed))
    assert retries == ("fed",)
    assert np.isfinite(result.get("energy"))
    with pytest.raises(ConvergenceError, match="did not converge after 2 attempts"):
        tblite._converge(calculator, None, (starved, starved))


@pytest.mark.skipif(
    Version(version("tblite")) < Version("0.8"), reason="the mixer's memory is a setting of tblite 0.8"
)
def test_hard_fields_converge_without_a_hotter_electron_gas():
    # Atoms far apart: neither the default mixing nor a damped one with the library's memory converges. Where
    # such a field goes hangs on the last digit: with another linear algebra one or two may need more.
    found = []
    for positions in (
        [[-2.1, -4.2, 3.8], [-1.4, 5.7, 1.1], [1.3, 1.7, 2.1]],
        [[4.5, 1.9, -4.4], [4.1, 5.3, 4.8], [0.8, -4.3, -3.7]],
        [[5.1, 0.6, -3.8], [4.6, 1.7, 0.8], [-1.5, -1.1, -3.1]],
        [[-5.5, 4.5, -0.4], [0.6, -2.1, 3.0], [-5.7, -1.5, -5.6]],
        [[-4.5, 5.6, 1.9], [-0.9, 0.3, 4.5], [-1.9, 1.1, 2.2]],
        [[-1.1, 5.1, -5.2], [-0.8, 0.2, 5.4], [-3.0, 3.7, 2.1]],
    ):
        hard = Geometry(symbols=("O", "N", "Cl"), positions_ang=np.array(positions))
        found += get_engine("tblite").single_point(hard, charge=0, n_unpaired=0, method=GFN2).retries
    assert found.count("damped mixing, 1000 iterations") >= 4
