"""The envelope solver against limits that are known exactly, and against measured dots."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants
from scipy.optimize import brentq

from echemscreen.dots.edges.band_edges import model_of
from echemscreen.dots.materials import semiconductors
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.sizes.confinement import CUBE_TO_SPHERE, Shell, confine
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.specification import parse
from echemscreen.errors import DotError

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
    energies = [confine(shells, **barrier, n_points=n).electron_ev for n in (800, 6000)]
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


def test_a_bare_core_of_3_nm_absorbs_where_it_was_measured():
    # C. Pu et al., Nat. Commun. 11, 937 (2020), Methods: 3 nm cores have their first exciton at 550 nm.
    assert EV_NM / quantum_dot("CdSe:3.0").exciton_ev == pytest.approx(550.0, abs=10.0)


def test_the_two_band_mass_is_solved_to_self_consistency():
    # By hand: k = pi / R in a deep well of mass m(E) = 1 / (1 + (1/m - 1) Eg / (Eg + E)).
    radius_nm, mass, gap = 2.0, 0.1, 1.0
    shell = Shell(
        outer_nm=radius_nm,
        electron_mass=mass,
        hole_mass=mass,
        conduction_ev=0.0,
        valence_ev=-gap,
        permittivity=10.0,
        electron_nonparabolic=True,
        hole_nonparabolic=True,
    )
    free = constants.hbar**2 * (np.pi / (radius_nm * constants.nano)) ** 2 / (2 * constants.m_e) / constants.e
    exact = brentq(lambda e: e - free * (1 + (1 / mass - 1) * gap / (gap + e)), 1e-3, 20.0)
    result = confine([shell], **WALL, n_points=8000)
    assert result.electron_ev == pytest.approx(exact, abs=1e-3)
    # Mirrored bands: the hole is as deep as the electron is high (the walls differ by a gap in 1e6).
    assert -result.hole_ev - gap == pytest.approx(result.electron_ev, abs=1e-3)
    assert exact < free / mass


def test_the_surface_term_raises_the_gap_more_than_the_exciton():
    bare = confine([sphere(2.0)], **WALL)
    coated = confine([sphere(2.0)], **WALL, outside_permittivity=2.0)
    same = confine([sphere(2.0)], **WALL, outside_permittivity=10.0)
    assert same.electron_ev == pytest.approx(bare.electron_ev, abs=1e-9)
    assert same.coulomb_ev == pytest.approx(bare.coulomb_ev, abs=1e-9)
    gaps = [item.electron_ev - item.hole_ev for item in (bare, coated)]
    excitons = [item.electron_ev - item.hole_ev - item.coulomb_ev for item in (bare, coated)]
    assert gaps[1] - gaps[0] > 3 * (excitons[1] - excitons[0]) > 0
    # The monopole by hand: e^2 / (2 R) (1/2 - 1/10) for either carrier, the whole of it for the pair.
    monopole = constants.e / (4 * np.pi * constants.epsilon_0) / (2.0 * constants.nano) * (1 / 2 - 1 / 10)
    assert coated.coulomb_ev - bare.coulomb_ev == pytest.approx(monopole, rel=1e-6)
    assert quantum_dot("CdSe:3", outside_permittivity=2.0).exciton_ev > quantum_dot("CdSe:3").exciton_ev


@pytest.mark.parametrize("thickness", [0.5, 1.0, 2.0])
def test_carriers_are_at_the_surface_less_the_thicker_the_shell(thickness):
    bare, covered = quantum_dot("CdSe:3.0"), quantum_dot(f"CdSe:3.0/ZnS:{thickness}")
    assert 0.0 < covered.p_electron_surface < bare.p_electron_surface < 0.6
    assert 0.0 <= covered.p_hole_surface < bare.p_hole_surface < 0.4


def test_a_cube_is_the_sphere_of_equal_confinement():
    # Deep wells: 3 pi^2 / L^2 = pi^2 / R^2.
    assert pytest.approx(3.0) == (2 / CUBE_TO_SPHERE) ** 2


@settings(max_examples=20, deadline=None)
@given(
    material=st.sampled_from(["ZnS", "ZnSe"]),
    diameter=st.floats(min_value=2.0, max_value=6.0),
    thickness=st.floats(min_value=0.1, max_value=3.0),
)
def test_a_wider_shell_takes_confinement_away_and_keeps_the_carriers_bound(material, diameter, thickness):
    bare = model_of(parse(f"CdSe:{diameter:.3f}"))
    covered = model_of(parse(f"CdSe:{diameter:.3f}/{material}:{thickness:.3f}"))
    # A wider-gap shell is a lower barrier than the surroundings: the levels sink towards the core's edges.
    assert covered.hole_ev >= bare.hole_ev - 1e-3
    assert covered.pieces[0].conduction_ev < covered.electron_ev
    assert covered.pieces[0].valence_ev > covered.hole_ev


@settings(max_examples=40, deadline=None)
@given(
    material=st.sampled_from([name for name, row in semiconductors().items() if row.default]),
    size=st.floats(min_value=1.5, max_value=15.0),
    growth=st.floats(min_value=1.02, max_value=2.0),
)
def test_a_larger_dot_of_any_material_has_a_smaller_gap(material, size, growth):
    small, large = (model_of(parse(f"{material}:{x:.4f}")) for x in (size, size * growth))
    assert large.exciton_ev < small.exciton_ev
    assert large.electron_ev < small.electron_ev
    assert large.hole_ev > small.hole_ev
    covered = quantum_dot(f"{material}:{size:.4f}/{material}:0")
    assert covered.edges == quantum_dot(f"{material}:{size:.4f}").edges


@pytest.mark.parametrize(("shell_nm", "limit_ev"), [(0.0, 0.065), (3.5, 0.005)])
def test_the_assumed_surroundings_hardly_matter(shell_nm, limit_ev):
    rows = [semiconductors()[name] for name in ("CdSe", "CdS")]
    shells = [
        Shell(
            outer_nm=outer_nm,
            electron_mass=row.electron_mass,
            hole_mass=row.hole_mass,
            conduction_ev=row.natural_vbm_ev + row.gap_ev,
            valence_ev=row.natural_vbm_ev,
            permittivity=row.screening,
            electron_nonparabolic=True,
        )
        for row, outer_nm in zip(rows, (1.5, 1.5 + shell_nm), strict=True)
    ]
    kept = shells if shell_nm else shells[:1]
    # 3.05 eV above the conduction and 3.71 eV below the valence edge of CdSe, and an eV either way.
    levels = [
        confine(
            kept, barrier_mass=1.0, barrier_conduction_ev=2.596 + up, barrier_valence_ev=0.856 - 3.71 - down
        )
        for up, down in ((3.05, 0.0), (4.05, 0.0), (2.05, 0.0), (3.05, 1.0), (3.05, -1.0))
    ]
    for level in levels[1:]:
        assert level.electron_ev == pytest.approx(levels[0].electron_ev, abs=limit_ev)
        assert level.hole_ev == pytest.approx(levels[0].hole_ev, abs=limit_ev)


def test_a_shell_whose_band_lies_beyond_the_surroundings_is_refused():
    spec = parse("CdSe:3.0/ZnS:1.0")
    row = semiconductors()["ZnS"]
    far = replace(row, gap_ev=row.gap_ev + 4.0)
    material = replace(spec.layers[1].material, binaries=((far, 1.0),))
    with pytest.raises(DotError, match="a band edge of ZnS lies beyond the surroundings"):
        model_of(replace(spec, layers=(spec.layers[0], replace(spec.layers[1], material=material))))


def test_a_shell_of_smaller_gap_is_an_inverted_dot():
    dot = quantum_dot("ZnSe:3.0/CdSe:1.5")
    model = model_of(parse("ZnSe:3.0/CdSe:1.5"))
    assert min(model.shares("electron")[1], model.shares("hole")[1]) > 0.5
    assert dot.exciton_ev < quantum_dot("ZnSe:3.0").exciton_ev


def test_inverted_bands_open_a_gap_in_a_dot():
    # By hand, in a deep well: (E - free) (E + |gap|) = (2/3) E_P free, with free = hbar^2 k^2 / 2 m0.
    radius_nm, splitting, mass = 4.0, 0.3, 0.02
    shell = Shell(
        outer_nm=radius_nm,
        electron_mass=mass,
        hole_mass=0.5,
        conduction_ev=-splitting,
        valence_ev=0.0,
        permittivity=15.0,
        electron_nonparabolic=True,
    )
    free = constants.hbar**2 * (np.pi / (radius_nm * constants.nano)) ** 2 / (2 * constants.m_e) / constants.e
    kane = (1 / mass - 1) * splitting
    exact = brentq(lambda e: (e - free) * (splitting + e) - kane * free, 1e-3, 20.0)
    result = confine([shell], **WALL, n_points=8000)
    assert result.electron_ev == pytest.approx(exact, abs=2e-3)
    assert result.hole_ev == pytest.approx(-free / 0.5, abs=1e-3)
    large = confine([replace(shell, outer_nm=40.0)], **WALL, n_points=8000)
    assert 0.0 < large.electron_ev - large.hole_ev < 0.02
