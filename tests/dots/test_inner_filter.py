"""Absorption of films of dots."""

import math

import pytest

from echemscreen.dots.materials import compound_of, semiconductors
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.sizes.inner_filter import (
    ORGANIC_INDEX,
    RANDOM_PACKING,
    dot_in_film,
    film_absorption_per_nm,
    layer_volumes_nm3,
    optical_rows,
)


def test_volumes_of_a_core_with_shells_by_hand():
    core, shell = layer_volumes_nm3(quantum_dot("CdSe:3.0/CdS:1.0"))
    assert core == pytest.approx(math.pi / 6 * 27)
    assert shell == pytest.approx(math.pi / 6 * (125 - 27))
    assert layer_volumes_nm3(quantum_dot("CsPbBr3:8")) == (512.0,)


def test_mass_of_a_dot_is_the_density_of_its_material():
    """CdSe has 5.7 g/cm3 (zinc blende, 0.6052 nm): 4 x 191.4 Da in 0.2217 nm3."""
    film = dot_in_film(quantum_dot("CdSe:4.0"), gap_nm=2.0)
    assert film.mass_da == pytest.approx(4 * 191.37 / 0.6052**3 * math.pi / 6 * 64, rel=2e-3)
    assert film.volume_share == pytest.approx(RANDOM_PACKING * (4 / 6) ** 3)


def test_absorption_of_a_bare_core_by_hand():
    row = next(row for row in optical_rows() if (row.material, row.wavelength_nm) == ("CdSe", 365))
    permittivity = complex(row.refractive_index, row.extinction_index) ** 2
    medium = ORGANIC_INDEX**2
    field = abs(3 * medium / (permittivity + 2 * medium)) ** 2
    intrinsic = 2 * math.pi / (365 * ORGANIC_INDEX) * field * permittivity.imag
    dot = quantum_dot("CdSe:4.0")
    share = dot_in_film(dot, gap_nm=2.0).volume_share
    assert film_absorption_per_nm(dot, 365, gap_nm=2.0) == pytest.approx(share * intrinsic)
    # Some 1e5 1/cm in its own volume: what makes 1e6 L/mol/cm of a dot of 4 nm.
    assert 0.8e-2 < intrinsic < 2e-2


def test_the_deep_ultraviolet_is_taken_more():
    dot = quantum_dot("InP:3.2/ZnSe:1.5/ZnS:0.6")
    assert film_absorption_per_nm(dot, 254, gap_nm=2) > 2 * film_absorption_per_nm(dot, 365, gap_nm=2)


def test_an_unknown_material_is_no_clear_one():
    assert film_absorption_per_nm(quantum_dot("PbS:4.0"), 365, gap_nm=2.0) is None
    assert film_absorption_per_nm(quantum_dot("CdSe:4.0"), 650, gap_nm=2.0) is None
    assert dot_in_film(quantum_dot("CdSe"), gap_nm=2.0) is None


def test_rows_are_of_known_materials_in_order():
    known = {compound_of(name) for name in semiconductors()}
    rows = optical_rows()
    assert {row.material for row in rows} <= known
    for material in known:
        waves = [row.wavelength_nm for row in rows if row.material == material]
        assert waves == sorted(set(waves))
    assert all(row.refractive_index > 0 and row.extinction_index >= 0 for row in rows)
