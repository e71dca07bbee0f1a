"""How the lattice screens the pair of a dot: its two limits, and that nothing else of the dot is touched."""

import math

import numpy as np
import pytest
from scipy import constants

from echemscreen.dots.edges.band_edges import model_of
from echemscreen.dots.materials import semiconductors
from echemscreen.dots.sizes.confinement import CUBE_TO_SPHERE
from echemscreen.dots.sizes.dielectric import RADIUS_TO_DISTANCE, pair_permittivity, phonons
from echemscreen.dots.specification import parse


@pytest.mark.parametrize("name", sorted(phonons()))
def test_the_limits_are_the_optical_and_the_static_permittivity(name):
    row = semiconductors()[name]
    assert pair_permittivity(row, 0.0) == pytest.approx(row.optical_permittivity)
    assert pair_permittivity(row, 1e3) == pytest.approx(row.permittivity)
    along = [pair_permittivity(row, distance) for distance in np.linspace(0.1, 20, 40)]
    assert along == sorted(along)


def test_a_polaron_radius_by_hand():
    # CdSe: hbar^2 / (2 m E_LO) of the electron, 0.12 m0 and 26 meV, is (3.5 nm)^2.
    row = semiconductors()["CdSe"]
    radii = [
        math.sqrt(constants.hbar**2 / (2 * mass * constants.m_e * 0.026 * constants.e)) / constants.nano
        for mass in (row.electron_mass, row.hole_mass)
    ]
    assert radii[0] == pytest.approx(3.49, abs=0.02)
    clouds = sum(math.exp(-2.0 / radius) for radius in radii) / 2
    expected = 1 / (1 / 9.7 + (1 / 5.8 - 1 / 9.7) * clouds)
    assert pair_permittivity(row, 2.0) == pytest.approx(expected)


def test_only_the_attraction_is_screened_by_the_size_and_only_in_the_core():
    spec = parse("CdSe:4.0/CdS:1.0")
    model = model_of(spec)
    core, shell = model.pieces
    assert core.screening == pytest.approx(
        pair_permittivity(semiconductors()["CdSe"], 2.0 * RADIUS_TO_DISTANCE)
    )
    assert shell.screening == semiconductors()["CdS"].optical_permittivity
    assert (core.gap_ev, core.valence_ev) == (
        spec.layers[0].material.gap_ev,
        spec.layers[0].material.valence_ev,
    )


def test_what_has_no_phonon_keeps_its_permittivity():
    for name, cube in (("PbS", 1.0), ("CsPbBr3", CUBE_TO_SPHERE), ("ZnO", 1.0)):
        row = semiconductors()[name]
        assert pair_permittivity(row, 3.0 * cube) == row.screening
    assert all(row.citation and row.quality for row in phonons().values())
    assert set(phonons()) <= set(semiconductors())
