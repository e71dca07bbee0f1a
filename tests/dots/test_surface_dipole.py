"""Dipoles at the surface: signs and sizes by hand, Topping's lattice sum, the edges of a dot."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.surface_dipole import (
    LigandLayerRow,
    covered,
    edge_shift_v,
    ligand_layer,
    radius_of,
)
from echemscreen.errors import InputError
from echemscreen.reference_tables import read_rows

dipoles = st.floats(-15.0, 15.0)
coverages = st.floats(0.1, 10.0)
permittivities = st.floats(1.0, 20.0)


def test_one_debye_by_hand():
    # 1e18 m-2 x 3.33564e-30 C m / 8.85419e-12 F/m = 0.37673 V.
    assert edge_shift_v(1.0, 1.0, 1.0) == pytest.approx(-0.37673, abs=1e-5)
    # 3 nm-2, permittivity 2.5, dipole of 2 D tilted by 60 degrees.
    by_hand = -3 * 2 * 0.5 * 0.37673 / 2.5
    assert edge_shift_v(2.0, 3.0, 2.5, cos_tilt=0.5) == pytest.approx(by_hand, abs=1e-4)
    # Half way out on a small dot: R / (R + d) = 1.5 / 2.
    curved = edge_shift_v(1.0, 1.0, 1.0, radius_nm=1.5, thickness_nm=0.5)
    assert curved == pytest.approx(-0.37673 * 0.75, abs=1e-4)


def test_a_double_layer_of_point_charges_gives_the_sign_and_the_size():
    """Charges on two spheres: the potential at the centre by Coulomb's law alone."""
    radius_nm, thickness_nm, n = 2.0, 0.5, 4.0
    charges = n * 4 * math.pi * radius_nm**2
    dipole_debye = thickness_nm * 1e-9 / 3.33564e-30 * 1.602177e-19
    # e / (4 pi eps0 nm) = 1.43996 V: negative ends on the dot, positive ends outside.
    centre_v = 1.43996 * charges * (1 / (radius_nm + thickness_nm) - 1 / radius_nm)
    shift = edge_shift_v(dipole_debye, n, 1.0, radius_nm=radius_nm, thickness_nm=thickness_nm)
    # The potential of an electron level against SHE moves as the electric potential at its place.
    assert shift == pytest.approx(centre_v, rel=1e-4)
    assert shift < 0


@given(dipole=dipoles, n=coverages, eps=permittivities, factor=st.floats(0.1, 3.0))
def test_the_shift_is_odd_and_linear_in_the_dipole_and_the_coverage(dipole, n, eps, factor):
    shift = edge_shift_v(dipole, n, eps)
    assert edge_shift_v(-dipole, n, eps) == pytest.approx(-shift)
    assert edge_shift_v(dipole * factor, n, eps) == pytest.approx(shift * factor)
    assert edge_shift_v(dipole, n * factor, eps) == pytest.approx(shift * factor)
    assert edge_shift_v(dipole, n, eps * 2) == pytest.approx(shift / 2)
    assert abs(edge_shift_v(dipole, n, eps, radius_nm=2.0, thickness_nm=1.0)) <= abs(shift)


def test_both_edges_move_together_and_know_less():
    dot = quantum_dot("CdSe:3.0/CdS:3.5")
    assert radius_of(dot) == pytest.approx(5.0)
    assert radius_of(quantum_dot("CdSe")) is None
    layer = ligand_layer("Cd")
    moved, shift = covered(dot, layer, 2.0, 0.5)
    assert shift.value_v < 0
    for edge, before in ((moved.edges.cbm, dot.edges.cbm), (moved.edges.vbm, dot.edges.vbm)):
        assert edge.value_v_she - before.value_v_she == pytest.approx(shift.value_v)
        assert edge.sigma_v == pytest.approx(math.hypot(before.sigma_v, shift.sigma_v))
    # 0.8 of 3.6, 0.38 of 2.67 and 0.56 of 1.23, independent.
    relative = math.hypot(0.8 / 3.6, 0.38 / 2.67, 0.56 / 1.23)
    assert shift.sigma_v / abs(shift.value_v) == pytest.approx(relative)
    still, none = covered(dot, layer, 0.0, 0.5)
    assert none.value_v == 0
    assert still.edges.cbm.value_v_she == dot.edges.cbm.value_v_she


def test_layers_are_cited_and_may_be_given():
    for row in read_rows("band_data", "ligand_layers.csv", LigandLayerRow):
        assert row.citation
        assert row.locator
        assert row.sigma > 0
        assert row.quality != "unverified"
    given_layer = ligand_layer("Pb", coverage_per_nm2=2.0, permittivity=4.0)
    assert (given_layer.coverage_per_nm2, given_layer.permittivity) == (2.0, 4.0)
    assert given_layer.coverage_sigma > 0
    assert ligand_layer("Pb").coverage_sigma > ligand_layer("Cd").coverage_sigma
    for options in ({"coverage_per_nm2": -1.0}, {"permittivity": 0.5}, {"coverage_per_nm2": float("nan")}):
        with pytest.raises(InputError, match="makes no sense"):
            ligand_layer("Cd", **options)
