"""The envelope solver against limits that are known exactly, and against measured dots."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants

from echemscreen.dots.confinement import Shell, confine
from echemscreen.dots.quantum_dot import quantum_dot

WALL = {"barrier_mass": 0.2, "barrier_conduction_ev": 1e6, "barrier_valence_ev": -1e6}


def sphere(radius_nm, mass=0.2, conduction=0.0, valence=-2.0, permittivity=10.0):
    return Shell(
        outer_nm=radius_nm,
        electron_mass=mass,
        hole_mass=mass,
        conduction_ev=conduction,
        valence_ev=valence,
        permittivity=permittivity,
    )


@pytest.mark.parametrize("radius_nm", [2.0, 4.0])
def test_infinite_well_is_exact(radius_nm):
    exact = (
        (constants.hbar * np.pi / (radius_nm * constants.nano)) ** 2 / (2 * 0.2 * constants.m_e) / constants.e
    )
    fine = confine([sphere(radius_nm)], **WALL, n_points=8000).electron_ev
    assert fine == pytest.approx(exact, abs=1e-3)


def test_bulk_limit():
    result = confine([sphere(60.0)], **WALL)
    assert result.electron_ev == pytest.approx(0.0, abs=1e-3)
    assert result.hole_ev == pytest.approx(-2.0, abs=1e-3)


def test_coulomb_energy_of_the_infinite_well():
    # 1.786 e^2 / (4 pi eps eps0 R): L. Brus, J. Chem. Phys. 80, 4403 (1984).
    result = confine([sphere(3.0)], **WALL)
    brus = 1.786 * constants.e / (4 * np.pi * constants.epsilon_0 * 10.0 * 3.0 * constants.nano)
    assert result.coulomb_ev == pytest.approx(brus, rel=5e-3)


def test_a_layer_of_the_same_material_is_no_layer():
    one = confine([sphere(3.0)], **WALL)
    two = confine([sphere(2.0), sphere(3.0)], **WALL)
    assert two.electron_ev == pytest.approx(one.electron_ev, abs=1e-9)
    assert sum(two.electron_share) == pytest.approx(1.0)


def test_grid_convergence():
    shells = [sphere(1.5, 0.12, 0.0, -1.74), sphere(5.0, 0.21, 0.065, -2.415)]
    barrier = {"barrier_mass": 1.0, "barrier_conduction_ev": 3.0, "barrier_valence_ev": -6.0}
    energies = [confine(shells, **barrier, n_points=n).electron_ev for n in (1500, 6000)]
    assert energies[0] == pytest.approx(energies[1], abs=2e-3)


@settings(max_examples=30, deadline=None)
@given(
    diameter=st.floats(min_value=1.5, max_value=12.0),
    growth=st.floats(min_value=1.05, max_value=2.0),
    thickness=st.floats(min_value=0.0, max_value=4.0),
)
def test_a_larger_dot_has_a_smaller_gap(diameter, growth, thickness):
    small = quantum_dot(f"CdSe:{diameter:.3f}/ZnS:{thickness:.3f}")
    large = quantum_dot(f"CdSe:{diameter * growth:.3f}/ZnS:{thickness:.3f}")
    assert large.exciton_ev < small.exciton_ev
    assert large.edges.cbm.value_v_she > small.edges.cbm.value_v_she


def test_measured_excitons_within_the_stated_error():
    # W. W. Yu et al., Chem. Mater. 15, 2854 (2003): 3.0 nm CdSe absorbs at 550 nm, 4.0 nm near 590 nm.
    for diameter, nm in ((3.0, 550.0), (4.0, 590.0)):
        measured = constants.h * constants.c / constants.e / constants.nano / nm
        model = quantum_dot(f"CdSe:{diameter}").exciton_ev
        # Parabolic masses: the model confines too much, by up to a quarter of the confinement.
        assert 0.0 < model - measured < 0.25 * (model - 1.74)
