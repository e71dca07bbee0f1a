"""Atoms of ASE and pymatgen as a geometry: any order of atoms, and only the molecule of the SMILES."""

import random

import numpy as np
import pytest
from ase import Atoms
from pymatgen.core import Molecule

import echemscreen as es
from echemscreen.errors import InputError
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.reading.own_geometry import geometry_of
from echemscreen.records.molecules import Species


def shuffled(smiles, kind, seed=1, charge=0):
    (built,) = embed(Species(smiles=smiles, charge=charge))
    order = list(range(len(built.symbols)))
    random.Random(seed).shuffle(order)
    symbols, positions = [built.symbols[i] for i in order], built.positions_ang[order]
    return built, Atoms(symbols, positions) if kind == "ase" else Molecule(symbols, positions)


@pytest.mark.parametrize("kind", ["ase", "pymatgen"])
@pytest.mark.parametrize(
    "smiles", ["CCO", "[N-]=[N+]=Nc1ccccc1", "C[C@H](N)C(=O)O", "F/C=C/Cl", "O=C(c1ccccc1)c1ccccc1"]
)
def test_atoms_come_back_in_the_order_of_the_smiles(smiles, kind):
    built, atoms = shuffled(smiles, kind)
    found = geometry_of(atoms, Species(smiles=smiles, charge=0))
    assert found.symbols == built.symbols

    def distances(geometry):
        away = geometry.positions_ang[:, None] - geometry.positions_ang[None]
        return np.sort(np.linalg.norm(away, axis=-1).ravel())

    assert distances(found) == pytest.approx(distances(built))
    # The bonds of the SMILES are short: every hydrogen has a heavy atom near it.
    heavy = [i for i, symbol in enumerate(found.symbols) if symbol != "H"]
    assert [s == "H" for s in found.symbols] == sorted(s == "H" for s in found.symbols)
    away = np.linalg.norm(found.positions_ang[:, None] - found.positions_ang[heavy][None], axis=-1)
    assert all(away[i].min() < 1.2 for i, symbol in enumerate(found.symbols) if symbol == "H")


def test_an_anion_has_the_atoms_of_its_smiles():
    _, atoms = shuffled("CC(=O)[O-]", "ase", charge=-1)
    assert len(geometry_of(atoms, Species(smiles="CC(=O)[O-]", charge=-1)).symbols) == 7


@pytest.mark.parametrize(
    ("given", "asked", "words"),
    [
        ("CCO", "CCN", "has the atoms C2 H6 O1"),
        ("CCO", "COC", "bonds of the geometry"),
        ("C[C@H](N)C(=O)O", "C[C@@H](N)C(=O)O", "another configuration"),
        ("F/C=C/Cl", "F/C=C\\Cl", "another configuration"),
    ],
)
def test_another_molecule_is_refused(given, asked, words):
    _, atoms = shuffled(given, "ase")
    with pytest.raises(InputError, match=words):
        geometry_of(atoms, Species(smiles=asked, charge=0))


def test_what_holds_no_atoms_is_refused():
    with pytest.raises(InputError, match="from a str"):
        geometry_of("CCO", Species(smiles="CCO", charge=0))
    with pytest.raises(InputError, match="no numbers"):
        geometry_of(Atoms("H2", [[0, 0, 0], [0, 0, np.nan]]), Species(smiles="[H][H]", charge=0))


def test_an_assessment_starts_from_it():
    _, atoms = shuffled("O=CC=O", "ase")
    options = {"qd": "pu2020-red", "level": "fast"}
    built = es.assess("O=CC=O", **options)
    given = es.assess("O=CC=O", geometry=atoms, **options)
    assert given.levels.reduction.value_v_she == pytest.approx(built.levels.reduction.value_v_she, abs=0.02)
    # Far from its own minimum the molecule relaxes into another one: the start was used.
    turned = atoms.copy()
    symbols = turned.get_chemical_symbols()
    first, second = (i for i, symbol in enumerate(symbols) if symbol == "C")
    movable = [second] + [
        i for i in range(len(turned)) if i not in {first, second} and turned.get_distance(i, second) < 1.6
    ]
    spare = next(i for i in range(len(turned)) if i not in movable and i != first and symbols[i] == "O")
    moved = next(i for i in movable if symbols[i] == "O")
    turned.set_dihedral(spare, first, second, moved, 0.0, indices=movable)
    cis = es.assess("O=CC=O", geometry=turned, **options)
    assert abs(cis.levels.reduction.value_v_she - given.levels.reduction.value_v_she) > 0.005


def test_a_molecule_on_a_site_takes_none():
    _, atoms = shuffled("CCN", "ase")
    with pytest.raises(InputError, match="one molecule by itself"):
        es.assess("CCN", qd="pu2020-red", geometry=atoms)
