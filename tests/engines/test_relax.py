"""Relaxation and the comparison of bonds, with the real default engine."""

import numpy as np
import pytest
from ase.build import molecule
from rdkit import Chem
from rdkit.Chem import AllChem

from echemscreen.engines.base import get_engine
from echemscreen.engines.relax import changed_bonds, relax
from echemscreen.errors import TimeLimitError
from echemscreen.records import Geometry


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
