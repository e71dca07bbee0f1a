"""Relaxation and the comparison of bonds, with the real default engine."""

import math

import numpy as np
import pytest
from ase import Atoms
from ase.build import molecule
from ase.calculators.lj import LennardJones
from rdkit import Chem
from rdkit.Chem import AllChem

from echemscreen.engines.base import get_engine
from echemscreen.engines.internal_coordinates import InternalCoordinates
from echemscreen.engines.relax import BONDED_FACTOR, bonds, changed_bonds, reduced_distances, relax
from echemscreen.errors import ConvergenceError, TimeLimitError
from echemscreen.records.molecules import Geometry


def geometry(name):
    atoms = molecule(name)
    return Geometry(symbols=tuple(atoms.get_chemical_symbols()), positions_ang=atoms.positions)


def embedded(smiles):
    hydrogenated = Chem.AddHs(Chem.MolFromSmiles(smiles))
    assert AllChem.EmbedMolecule(hydrogenated, randomSeed=7) == 0
    AllChem.MMFFOptimizeMolecule(hydrogenated)
    return Geometry(
        symbols=tuple(atom.GetSymbol() for atom in hydrogenated.GetAtoms()),
        positions_ang=hydrogenated.GetConformer().GetPositions(),
    )


@pytest.fixture(scope="module")
def engine():
    return get_engine("tblite")


def test_relaxation_lowers_the_energy_and_ends_without_forces(engine):
    start = geometry("H2CO")
    method = engine.method("GFN2-xTB", "acetonitrile")
    result = relax(engine, start, charge=0, n_unpaired=0, method=method)
    surface = engine.surface(start.symbols, charge=0, n_unpaired=0, method=method)
    before, _ = surface.energy_and_forces(np.array(start.positions_ang))
    after, forces = surface.energy_and_forces(np.array(result.geometry.positions_ang))
    assert after < before
    assert np.linalg.norm(forces, axis=1).max() < 0.05
    assert changed_bonds(start, result.geometry) == ()


def test_reduced_chloromethane_breaks_and_reduced_formaldehyde_does_not(engine):
    method = engine.method("GFN2-xTB", "acetonitrile")
    chloride = geometry("CH3Cl")
    reduced = relax(engine, chloride, charge=-1, n_unpaired=1, method=method)
    changes = changed_bonds(chloride, reduced.geometry)
    assert any("Cl" in change and change.endswith("broken") for change in changes)
    aldehyde = geometry("H2CO")
    reduced = relax(engine, aldehyde, charge=-1, n_unpaired=1, method=method)
    assert changed_bonds(aldehyde, reduced.geometry) == ()


@pytest.mark.parametrize(
    ("smiles", "charge", "changes"),
    [
        ("CCCCCCBr", -1, ("C6-Br7 broken",)),
        ("CCCCCCBr", 1, ()),
        ("[N-]=[N+]=Nc1ccccc1", -1, ()),
        ("[N-]=[N+]=Nc1ccccc1", 1, ()),
        ("O=C(c1ccccc1)c1ccccc1", -1, ()),
        ("O=C(c1ccccc1)c1ccccc1", 1, ()),
    ],
)
def test_which_ions_stay_whole(engine, smiles, charge, changes):
    method = engine.method("GFN2-xTB", "acetonitrile")
    start = embedded(smiles)
    parent = relax(engine, start, charge=0, n_unpaired=0, method=method).geometry
    ion = relax(engine, parent, charge=charge, n_unpaired=1, method=method).geometry
    assert changed_bonds(start, parent) == ()
    assert changed_bonds(parent, ion) == changes


def test_a_stretched_bond_is_no_broken_bond():
    near = Geometry(symbols=("C", "C"), positions_ang=np.array([[0.0, 0, 0], [0, 0, 1.54]]))
    stretched = Geometry(symbols=("C", "C"), positions_ang=np.array([[0.0, 0, 0], [0, 0, 2.0]]))
    apart = Geometry(symbols=("C", "C"), positions_ang=np.array([[0.0, 0, 0], [0, 0, 2.6]]))
    assert changed_bonds(near, stretched) == ()
    assert changed_bonds(near, apart) == ("C1-C2 broken",)
    assert changed_bonds(apart, near) == ("C1-C2 formed",)


def test_contacts_of_metals_are_not_judged():
    near = Geometry(symbols=("Zn", "O"), positions_ang=np.array([[0.0, 0, 0], [0, 0, 1.9]]))
    apart = Geometry(symbols=("Zn", "O"), positions_ang=np.array([[0.0, 0, 0], [0, 0, 4.0]]))
    assert changed_bonds(near, apart) == ()


def test_the_time_limit_is_kept(engine):
    method = engine.method("GFN2-xTB", "")
    with pytest.raises(TimeLimitError, match="time limit"):
        relax(engine, geometry("C6H6"), charge=0, n_unpaired=0, method=method, time_limit_s=0.0)


@pytest.mark.parametrize(
    "smiles",
    [
        pytest.param("CCCO", id="chain"),
        pytest.param("C=CC(=O)C", id="planar centres"),
        pytest.param("CC#CC#CC", id="a torsion across two triple bonds"),
        pytest.param("[N-]=[N+]=Nc1ccccc1", id="a linear azide"),
        pytest.param("O.O", id="two molecules"),
    ],
)
def test_derivatives_of_the_coordinates_are_those_of_finite_differences(smiles):
    start = embedded(smiles)
    # A little distorted: a symmetric geometry hides errors.
    noise = np.random.default_rng(5).normal(scale=0.02, size=(len(start.symbols), 3))
    x = np.array(start.positions_ang) + noise
    coordinates = InternalCoordinates(start.symbols, x)
    analytic = coordinates.derivatives(x)
    for column in range(x.size):
        step = np.zeros(x.size)
        step[column] = 1e-5
        up, down = (coordinates.values(x + sign * step.reshape(x.shape)) for sign in (1, -1))
        assert np.allclose(coordinates.difference(up, down) / 2e-5, analytic[:, column], atol=1e-6)


@pytest.mark.parametrize("smiles", ["CCCO", "C=CC(=O)C", "CC#CC#CC", "[N-]=[N+]=Nc1ccccc1", "C=O", "N#N"])
def test_the_coordinates_span_every_vibration(smiles):
    start = embedded(smiles)
    x = np.array(start.positions_ang)
    vibrations = x.size - (5 if smiles == "N#N" else 6)
    assert np.linalg.matrix_rank(InternalCoordinates(start.symbols, x).derivatives(x), tol=1e-6) >= vibrations


def test_the_model_hessian_is_stiff_for_bonds_and_soft_for_torsions():
    start = embedded("CCCO")
    coordinates = InternalCoordinates(start.symbols, start.positions_ang)
    stiffness = coordinates.stiffness(np.array(start.positions_ang))
    n_bonds = len(start.symbols) - 1
    # Stretches of C-H, C-C and O-H bonds measure 28 to 49 eV/angstrom^2; a single bond turns freely.
    assert stiffness[:n_bonds].min() > 15.0
    assert stiffness[:n_bonds].max() < 60.0
    assert 0.0 < stiffness[-1] < 1.0


@pytest.mark.parametrize("name", ["tblite", "xtb"])
def test_the_last_point_of_a_relaxation_is_the_single_point_of_its_geometry(name):
    engine = get_engine(name)
    method = engine.method("GFN2-xTB", "acetonitrile")
    found = relax(engine, embedded("CCS"), charge=1, n_unpaired=1, method=method)
    fresh = engine.single_point(found.geometry, charge=1, n_unpaired=1, method=method)
    assert found.point.energy_ev == pytest.approx(fresh.energy_ev, abs=1e-4)
    assert found.point.somo_ev == pytest.approx(fresh.somo_ev, abs=1e-2)
    assert found.point.atomic_charges == pytest.approx(fresh.atomic_charges, abs=1e-2)
    assert (found.point.charge, found.point.n_unpaired, found.point.method) == (1, 1, method)


class _Pair:
    """Two argon atoms in a well; their field fails below a distance, as one may after a long step."""

    def __init__(self, fails_below=0.0):
        self.fails_below, self.calls = fails_below, 0

    def surface(self, symbols, *, charge, n_unpaired, method):
        del symbols, charge, n_unpaired, method
        return self

    def energy_and_forces(self, positions_ang):
        self.calls += 1
        atoms = Atoms("Ar2", positions_ang, calculator=LennardJones(sigma=1.7, epsilon=1.0, rc=20.0))
        if atoms.get_distance(0, 1) < self.fails_below:
            message = "The field does not converge."
            raise ConvergenceError(message)
        return float(atoms.get_potential_energy()), atoms.get_forces()


def relaxed_distance(pair):
    start = Geometry(symbols=("Ar", "Ar"), positions_ang=np.array([[0.0, 0, 0], [0, 0, 2.4]]))
    positions = relax(pair, start, charge=0, n_unpaired=0, method=None).geometry.positions_ang
    return float(np.linalg.norm(positions[0] - positions[1]))


def test_a_pair_finds_the_minimum_of_its_well():
    assert relaxed_distance(_Pair()) == pytest.approx(2 ** (1 / 6) * 1.7, abs=2e-3)


def test_a_step_on_which_the_field_fails_is_shortened():
    assert relaxed_distance(_Pair(fails_below=1.87)) == pytest.approx(2 ** (1 / 6) * 1.7, abs=2e-3)


def test_a_field_that_never_converges_is_an_error_after_few_calls():
    pair = _Pair(fails_below=2.399999)
    with pytest.raises(ConvergenceError):
        relaxed_distance(pair)
    assert pair.calls <= 4


def test_a_relaxation_does_not_depend_on_where_the_molecule_stands(engine):
    method = engine.method("GFN2-xTB", "acetonitrile")
    start = embedded("CCCCN")
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    moved = Geometry(symbols=start.symbols, positions_ang=start.positions_ang @ turn + 3.0)
    energies = []
    for placed in (start, moved):
        found = relax(engine, placed, charge=0, n_unpaired=0, method=method).geometry
        energies.append(engine.single_point(found, charge=0, n_unpaired=0, method=method).energy_ev)
    assert energies[0] == pytest.approx(energies[1], abs=2e-4)


def test_a_floppy_amine_takes_few_gradients(engine):
    method = engine.method("GFN2-xTB", "acetonitrile")
    found = relax(engine, embedded("CCCCCCN"), charge=0, n_unpaired=0, method=method)
    assert found.n_gradients <= 10


def test_a_lone_atom_is_relaxed_already(engine):
    atom = Geometry(symbols=("Ar",), positions_ang=np.zeros((1, 3)))
    found = relax(engine, atom, charge=0, n_unpaired=0, method=engine.method("GFN2-xTB", ""))
    assert found.n_gradients == 1


def _placed(*atoms):
    symbols, positions = zip(*atoms, strict=True)
    return Geometry(symbols=symbols, positions_ang=np.array(positions))


def _names(geometry):
    return {"".join(sorted(geometry.symbols[index] for index in pair)) for pair in bonds(geometry)}


#: A carboxylate (or its sulphur or nitrogen kin) that chelates zinc: C at the apex of a four-membered ring.
CHELATES = {
    "formate": ("O", 1.26, 2.05),
    "dithioformate": ("S", 1.70, 2.35),
    "amidinate": ("N", 1.33, 2.02),
}


@pytest.mark.parametrize("name", CHELATES)
def test_the_carbon_behind_two_donors_is_not_joined_to_the_metal(name):
    donor, to_carbon, to_metal = CHELATES[name]
    half = {"O": 1.10, "N": 1.15, "S": 1.62}[donor]
    up, down = math.sqrt(to_carbon**2 - half**2), math.sqrt(to_metal**2 - half**2)
    found = _placed(
        ("Zn", (0.0, 0.0, 0.0)),
        (donor, (half, down, 0.0)),
        (donor, (-half, down, 0.0)),
        ("C", (0.0, down + up, 0.0)),
        ("H", (0.0, down + up + 1.09, 0.0)),
    )
    # Near enough to be joined by distance alone.
    assert reduced_distances(found)[0, 3] < BONDED_FACTOR
    assert _names(found) == {"".join(sorted(pair)) for pair in (("Zn", donor), ("C", donor), ("C", "H"))}


def test_a_carbon_that_is_the_donor_is_joined_to_the_metal():
    methyls = _placed(("Zn", (0, 0, 0)), ("C", (1.95, 0, 0)), ("C", (-1.95, 0, 0)))
    assert _names(methyls) == {"CZn"}
    cyanide = _placed(("Zn", (0, 0, 0)), ("C", (1.95, 0, 0)), ("N", (3.10, 0, 0)))
    assert bonds(cyanide) == ((0, 1), (1, 2))
    # All five carbons of a ring on its iron.
    ring = [
        (1.2 * math.cos(a), 1.2 * math.sin(a), 1.65) for a in np.linspace(0, 2 * math.pi, 5, endpoint=False)
    ]
    half_sandwich = _placed(("Fe", (0, 0, 0)), *(("C", place) for place in ring))
    assert sum(0 in pair for pair in bonds(half_sandwich)) == 5
