"""Where ions start: azides are bent for a reduction, nothing else moves."""

import numpy as np
import pytest
from ase import Atoms

from echemscreen.engines.base import get_engine
from echemscreen.engines.relax import relax
from echemscreen.levels.ion_geometry import ion_start
from echemscreen.levels.redox import relaxed_state, theory_of, vertical_ladder
from echemscreen.ligands.geometry import embed
from echemscreen.records.molecules import Species
from echemscreen.records.processes import Process


def parent(smiles):
    return embed(Species(smiles=smiles, charge=0))[0]


@pytest.mark.parametrize(
    ("smiles", "azides"),
    [("CN=[N+]=[N-]", 1), ("[N-]=[N+]=Nc1ccc(N=[N+]=[N-])cc1", 2), ("N=[N+]=[N-]", 1)],
)
def test_each_azide_is_bent_and_nothing_else_moves(smiles, azides):
    start = parent(smiles)
    bent = ion_start(start, Process.REDUCTION)
    moved = np.flatnonzero(np.abs(bent.positions_ang - start.positions_ang).max(axis=1) > 1e-9)
    assert len(moved) == azides
    for last in moved:
        atoms = Atoms(bent.symbols, bent.positions_ang)
        distances = atoms.get_distances(last, range(len(atoms)))
        middle = int(np.argsort(distances)[1])
        first = next(
            int(i)
            for i in np.argsort(atoms.get_distances(middle, range(len(atoms))))
            if i not in {middle, last}
        )
        assert bent.symbols[last] == bent.symbols[middle] == bent.symbols[first] == "N"
        assert atoms.get_angle(first, middle, last) == pytest.approx(130.0)
        assert distances[middle] == pytest.approx(1.20)


@pytest.mark.parametrize("smiles", ["C=[N+]=[N-]", "CC1(C)N=N1", "CC#N", "CN=NC", "N#N", "CCO"])
def test_what_is_no_azide_starts_from_its_parent(smiles):
    start = parent(smiles)
    assert ion_start(start, Process.REDUCTION) is start


def test_an_oxidised_azide_starts_from_its_parent():
    start = parent("CN=[N+]=[N-]")
    assert ion_start(start, Process.OXIDATION) is start


def test_the_bent_ion_of_a_fluorinated_azide_is_the_lower_one():
    engine = get_engine("tblite")
    species = Species(smiles="[N-]=[N+]=Nc1c(F)cccc1F", charge=0)
    theory = theory_of(engine, "acetonitrile")
    ladder = vertical_ladder(engine, species, embed(species), theory)
    straight = relax(engine, ladder.state(0).geometry, charge=-1, n_unpaired=1, method=theory.geometry)
    bent = relaxed_state(engine, ladder, Process.REDUCTION, theory)
    assert bent.intact
    assert bent.relaxed[0].energy_ev < straight.point.energy_ev - 0.1
