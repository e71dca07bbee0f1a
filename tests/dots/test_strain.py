"""Coherent strain of core and shells: exact limits, a published conversion, what it would do (pytest -s)."""

import sys

import pytest

from echemscreen.dots.edges.band_edges import band_alignment, model_of
from echemscreen.dots.materials import semiconductors
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.sizes.strain import (
    ElasticLayer,
    elasticity,
    strain_shift_ev,
    strained,
    volume_changes,
)
from echemscreen.dots.specification import parse
from echemscreen.errors import DotError


def layer(outer_nm, misfit, bulk=55.0, shear=15.0):
    return ElasticLayer(outer_nm=outer_nm, bulk_gpa=bulk, shear_gpa=shear, misfit=misfit)


def test_equal_moduli_have_the_inclusion_of_eshelby():
    misfit, inner, outer, bulk, shear = -0.04, 1.5, 5.0, 55.0, 15.0
    poisson = (3 * bulk - 2 * shear) / (2 * (3 * bulk + shear))
    core, shell = volume_changes((layer(inner, 0.0), layer(outer, misfit)))
    share = (inner / outer) ** 3
    constrained = 2 * (1 - 2 * poisson) / (3 * (1 - poisson))
    assert core == pytest.approx(3 * misfit * constrained * (1 - share))
    assert shell == pytest.approx(-3 * misfit * constrained * share)


def test_layers_of_one_material_are_unstrained_and_parts_of_a_layer_are_one_layer():
    assert volume_changes((layer(1.5, 0.0), layer(3.0, 0.0))) == pytest.approx((0.0, 0.0))
    whole = volume_changes((layer(1.5, 0.0), layer(4.0, -0.04)))
    parts = volume_changes((layer(1.5, 0.0), layer(2.5, -0.04), layer(4.0, -0.04)))
    assert parts == pytest.approx((whole[0], whole[1], whole[1]))
    assert model_of(strained(parse("CdSe:3.0"))).exciton_ev == pytest.approx(
        model_of(parse("CdSe:3.0")).exciton_ev, abs=1e-6
    )


@pytest.mark.parametrize(
    "spec",
    ["InP:3.0/ZnS:0.6", "InP:3.0/ZnSe:0.6", "CdSe:3.0/ZnS:0.6", "CdSe:3.0/CdS:1.75", "CdSe:3.0/CdS:3.5"],
)
def test_a_smaller_lattice_compresses_the_core_and_its_effect_is_printed(spec):
    dot = parse(spec)
    model, bent = model_of(dot), model_of(strained(dot))
    widened = bent.pieces[0].gap_ev - model.pieces[0].gap_ev
    sys.stdout.write(
        f"{spec}: gap of the core {widened:+.3f} eV, first exciton {strain_shift_ev(dot):+.3f} eV, "
        f"{EV_NM / model.exciton_ev:.0f} -> {EV_NM / bent.exciton_ev:.0f} nm if coherent\n"
    )
    assert widened > 0.02
    assert bent.pieces[-1].gap_ev < model.pieces[-1].gap_ev


def test_the_misfit_of_zns_does_more_than_that_of_znse():
    # J. Chem. Phys. 151, 154704 (2019), abstract: both compress InP, the more the larger the volume of the
    # shell; ZnS is stiffer and needs less of it.
    thin, thick = (strain_shift_ev(parse(f"InP:3.0/ZnSe:{nm}")) for nm in (0.3, 1.5))
    assert 0 < thin < thick
    assert strain_shift_ev(parse("InP:3.0/ZnS:0.3")) > thin


@pytest.mark.parametrize("shell_nm", [0.9, 1.8, 3.0])
def test_strain_turns_cdte_in_znse_to_type_ii(shell_nm):
    # A. M. Smith, A. M. Mohs and S. Nie, Nat. Nanotechnol. 4, 56 (2009), abstract: a compressive shell of
    # ZnSe converts dots of the standard type I to type II.
    dot = parse(f"CdTe:1.8/ZnSe:{shell_nm}")
    assert band_alignment(model_of(dot)) != "type II"
    assert band_alignment(model_of(strained(dot))) == "type II"


def test_what_has_no_elastic_constants_or_no_size_is_refused():
    with pytest.raises(DotError, match="strain of PbS is not known"):
        strained(parse("PbS:4.0/CdS:1.0"))
    with pytest.raises(DotError, match="no sizes"):
        strained(parse("CdSe"))
    assert set(elasticity()) <= set(semiconductors())
    assert all(row.citation and row.quality == "verified" for row in elasticity().values())


def test_a_graded_shell_is_strained_step_by_step():
    dot = parse("CdSe:3.0/CdSe>CdS:1.0/CdS:1.0")
    bent = strained(dot)
    assert len(bent.layers) == 10
    assert sum(item.size_nm for item in bent.layers[1:]) == pytest.approx(2.0, abs=1e-5)
    assert strain_shift_ev(dot) == pytest.approx(strain_shift_ev(parse("CdSe:3.0/CdS:2.0")), abs=0.03)
