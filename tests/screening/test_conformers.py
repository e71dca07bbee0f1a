"""Conformers of a spectrum: relaxed, distinct, the lowest first; stored values give them back."""

import json

import numpy as np
import pytest

from echemscreen.records.molecules import Geometry, Species
from echemscreen.screening.conformers import (
    N_CONFORMERS,
    Conformer,
    _is_same,
    conformers_of,
    relaxed_conformers,
)
from echemscreen.screening.workbench import Settings

ETHANEDIOL = Species(smiles="OCCO", charge=0, n_unpaired=0)


@pytest.fixture(scope="module")
def document():
    return relaxed_conformers(ETHANEDIOL, Settings())


def test_conformers_are_distinct_and_the_lowest_is_first(document):
    energies = document["energies_ev"]
    assert 2 <= len(energies) <= N_CONFORMERS
    assert energies == sorted(energies)
    found = conformers_of(document)
    assert not any(_is_same(one, other) for i, one in enumerate(found) for other in found[:i])


def test_stored_conformers_come_back(document):
    again = conformers_of(json.loads(json.dumps(document)))
    for one, other in zip(conformers_of(document), again, strict=True):
        assert one.energy_ev == other.energy_ev
        assert np.array_equal(one.geometry.positions_ang, other.geometry.positions_ang)


def test_a_mirror_image_is_the_same_conformer_and_another_bond_length_is_not(document):
    one = conformers_of(document)[0]
    positions = one.geometry.positions_ang

    def moved(factors):
        geometry = Geometry(symbols=one.geometry.symbols, positions_ang=positions * np.array(factors))
        return Conformer(energy_ev=one.energy_ev, geometry=geometry)

    assert _is_same(one, moved([-1.0, 1.0, 1.0]))
    assert not _is_same(one, moved([1.1, 1.1, 1.1]))


def test_what_cannot_be_relaxed_is_a_sentence():
    found = relaxed_conformers(ETHANEDIOL, Settings(time_limit_s=1e-9))
    assert isinstance(found, str)
    assert "time limit" in found
