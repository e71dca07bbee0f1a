"""Start geometries: right atoms, sane distances, the same each time."""

import time

import numpy as np
import pytest
from rdkit import Chem

from echemscreen.errors import EmbeddingError
from echemscreen.ligands.binding.forms import forms_of, judged_units
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Species


def form(smiles, metal="Cd", charge=2):
    unit = judged_units(parse_smiles(smiles, "x"))[0]
    return forms_of(unit, site_metal=metal, site_charge=charge)[0]


def distances(geometry):
    positions = geometry.positions_ang
    return np.linalg.norm(positions[:, None] - positions[None], axis=-1)


def test_atoms_follow_the_smiles_and_hydrogens_come_last():
    (geometry,) = embed(Species(smiles="CCCCCCCCN", charge=0))
    assert geometry.symbols == ("C",) * 8 + ("N",) + ("H",) * 19
    assert geometry.site_atoms == ()
    chain = [distances(geometry)[i, i + 1] for i in range(7)]
    assert chain == pytest.approx([1.53] * 7, abs=0.03)


def test_the_same_species_has_the_same_geometry():
    species = Species(smiles="CCCCCC(=O)O", charge=0)
    first, second = embed(species)[0], embed(species)[0]
    assert np.array_equal(first.positions_ang, second.positions_ang)


def test_conformers_differ_and_copies_are_dropped():
    conformers = embed(Species(smiles="CCCCCCO", charge=0), n_conformers=3)
    assert len(conformers) == 3
    assert not np.allclose(distances(conformers[0]), distances(conformers[1]), atol=0.1)
    assert len(embed(Species(smiles="c1ccccc1", charge=0), n_conformers=3)) == 1


@pytest.mark.parametrize(("smiles", "n_atoms"), [("[Cl-]", 1), ("O", 3), ("Cl", 2), ("[N-]=[N+]=[N-]", 3)])
def test_smallest_species(smiles, n_atoms):
    mol = Chem.MolFromSmiles(smiles)
    (geometry,) = embed(Species(smiles=smiles, charge=Chem.GetFormalCharge(mol)))
    assert len(geometry.symbols) == n_atoms


def test_a_very_long_molecule_embeds_from_random_coordinates():
    stearate = "OC(=O)" + "C" * 17
    tristearin = f"C({stearate})C({stearate})C{stearate}"
    (geometry,) = embed(Species(smiles=tristearin, charge=0))
    assert len(geometry.symbols) == 173


@pytest.mark.parametrize(
    ("smiles", "metal", "n_bonds", "expected_ang"),
    [
        ("[Zn+2].CC(=O)[O-].CC(=O)[O-]", "Zn", 2, 1.88),
        ("[Cd+2].CC(=O)[O-].CC(=O)[O-]", "Cd", 2, 2.10),
        ("[Mg+2].CC(=O)[O-].CC(=O)[O-]", "Mg", 2, 2.07),
        ("[Zn+2].CCCCCCCCCC(=O)[O-].CCCCCCCCCC(=O)[O-]", "Zn", 2, 1.88),
        ("[Cd+2].CCCCCCCCP(=O)([O-])[O-]", "Cd", 2, 2.10),
        ("[Cd+2].CCCCC(CC)C[S-].CCCCC(CC)C[S-]", "Cd", 2, 2.49),
        ("[In+3].[Cl-].[Cl-].[Cl-]", "In", 3, 2.44),
    ],
)
def test_metal_donor_distances_are_sums_of_covalent_radii(smiles, metal, n_bonds, expected_ang):
    salt = form(smiles)
    (geometry,) = embed(salt.bound, ligand=salt.free)
    centre = geometry.symbols.index(metal)
    around = np.sort(distances(geometry)[centre])[1:]
    assert around[:n_bonds] == pytest.approx(expected_ang, abs=0.12)
    assert around[n_bonds:].min(initial=9.0) > 2.3
    assert geometry.site_atoms == (centre,)


@pytest.mark.parametrize(
    ("smiles", "donor", "n_atoms", "n_site"),
    [
        ("CCCCCCCCN", "N", 43, 15),
        ("CCCCCCCCP(CCCCCCCC)CCCCCCCC", "P", 91, 15),
        ("CCCCCC(=O)O", "O", 27, 8),
        ("CCS", "S", 16, 8),
    ],
)
def test_bound_ligands_know_which_atoms_are_the_site(smiles, donor, n_atoms, n_site):
    bound = form(smiles)
    (geometry,) = embed(bound.bound, ligand=bound.free)
    assert len(geometry.symbols) == n_atoms
    assert len(geometry.site_atoms) == n_site
    centre = geometry.symbols.index("Cd")
    assert centre in geometry.site_atoms
    ligand = [i for i in range(n_atoms) if i not in geometry.site_atoms]
    nearest = min(ligand, key=lambda i: distances(geometry)[centre, i])
    assert geometry.symbols[nearest] == donor
    site = sorted(geometry.symbols[i] for i in geometry.site_atoms)
    n_acetates = (n_site - 1) // 7
    assert site == sorted(["Cd"] + ["C", "C", "O", "O", "H", "H", "H"] * n_acetates)
    assert embed(bound.bound)[0].site_atoms == ()


def test_no_geometry_is_a_sentence_with_a_remedy():
    # Norbornane-like cage with one bridgehead turned inside out.
    impossible = Species(smiles="C1C[C@@H]2C[C@@H]1CC2", charge=0)
    with pytest.raises(EmbeddingError, match="No three-dimensional geometry") as caught:
        embed(impossible, time_limit_s=1.0)
    assert "raise the time limit" in caught.value.remedy


@pytest.mark.parametrize(("smiles", "n_atoms"), [("CN=S=NC", 11), ("CCN=S=O", 10)])
def test_cumulated_double_bonds_at_sulfur_are_built_without_what_is_known_of_torsions(smiles, n_atoms):
    (geometry,) = embed(Species(smiles=smiles, charge=0))
    assert len(geometry.symbols) == n_atoms


def test_running_out_of_time_is_no_conformer_and_no_crash():
    # RDKit reports conformer ids for this in-out cage that do not exist.
    with pytest.raises(EmbeddingError):
        embed(Species(smiles="C[C@]12CC[C@@](C)(CC1)CC2", charge=0), time_limit_s=1.0)


@pytest.mark.parametrize(
    "smiles", ["CCCCCCCCN", "CCCCCCCCCCCC(=O)O", "CCCCCCCCP(CCCCCCCC)CCCCCCCC", "CCCCCCCC/C=C\\CCCCCCCC(=O)O"]
)
def test_saturated_chains_are_stretched(smiles):
    (geometry,) = embed(Species(smiles=smiles, charge=0))
    # Six bonds of an anti chain of carbon, 1.53 angstrom and 112 degrees.
    assert distances(geometry)[0, 6] == pytest.approx(6 * 1.53 * np.sin(np.radians(56.0)), abs=0.15)


def test_a_chain_on_a_metal_site_is_stretched_too():
    whole = form("CCCCCCCCN")
    (geometry,) = embed(whole.bound, ligand=whole.free)
    chain = [i for i, s in enumerate(geometry.symbols) if s == "C" and i not in geometry.site_atoms]
    assert distances(geometry)[np.ix_(chain, chain)].max() > 8.0


C60 = (
    "c12c3c4c5c1c1c6c7c2c2c8c3c3c9c4c4c%10c5c5c1c1c6c6c%11c7c2c2c7c8c3c3c8c9c4c4c9c%10c5c5c1c1c6c6c%11c2c2c7c3"
    "c3c8c4c4c9c5c1c1c6c2c3c41"
)
CIRCUMCORONENE = (
    "c1cc2cc3ccc4cc5ccc6cc7ccc8cc9ccc%10cc%11ccc%12cc1c1c2c2c3c4c3c5c6c4c7c8c5c9c%10c6c%11c%12c1c1c2c3c4c5c61"
)


def test_a_fullerene_is_a_sphere_within_seconds():
    started = time.monotonic()
    (geometry,) = embed(Species(smiles=Chem.CanonSmiles(C60), charge=0))
    assert time.monotonic() - started < 5.0
    positions = geometry.positions_ang
    radii = np.linalg.norm(positions - positions.mean(axis=0), axis=1)
    # Measured: 3.55 angstrom, with bonds of 1.40 and 1.46.
    assert radii == pytest.approx(3.55, abs=0.15)
    near = np.sort(distances(geometry), axis=1)[:, 1:4]
    assert near.min() > 1.33
    assert near.max() < 1.53


@pytest.mark.parametrize("smiles", ["c1cc2ccc3ccc4ccc5ccc6ccc1c1c2c3c4c5c61", CIRCUMCORONENE])
def test_a_sheet_of_rings_stays_flat(smiles):
    (geometry,) = embed(Species(smiles=Chem.CanonSmiles(smiles), charge=0))
    centred = geometry.positions_ang - geometry.positions_ang.mean(axis=0)
    assert np.ptp(centred @ np.linalg.svd(centred)[2][2]) < 0.2


def test_an_ethylene_glycol_keeps_its_fold():
    """O-C-C-O is gauche by nature and is left to the force field."""
    (geometry,) = embed(Species(smiles="OCCO", charge=0))
    assert distances(geometry)[0, 3] < 3.2
