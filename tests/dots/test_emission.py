"""From a wavelength to a size, presets without sizes, graded layers and the order of the couples."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from echemscreen.campaign.base import Campaign
from echemscreen.cli import app
from echemscreen.dots.couples import free_couple
from echemscreen.dots.edges.band_edges import model_of
from echemscreen.dots.materials import alloys, presets, semiconductors
from echemscreen.dots.mixtures import material_of
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.sizes.emission import emission_nm, stokes
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.specification import parse
from echemscreen.errors import DotError


@settings(max_examples=15, deadline=None)
@given(core=st.floats(min_value=2.0, max_value=8.0), shell=st.floats(min_value=0.0, max_value=4.0))
def test_the_size_behind_an_emission_is_found_again(core, shell):
    known = parse(f"CdSe:{core:.3f}/CdS:{shell:.3f}")
    dot = quantum_dot(f"CdSe:?/CdS:{shell:.3f}", emission_nm=emission_nm(known))
    assert dot.layers[0].size_nm == pytest.approx(core, abs=0.01)
    assert EV_NM / (dot.exciton_ev - stokes(known).shift_ev) == pytest.approx(emission_nm(known), abs=0.2)


def test_a_core_with_a_size_is_rescaled_and_the_shell_stays():
    dots = [
        quantum_dot(spec, emission_nm=640) for spec in ("CdSe:3.0/CdS:3.5", "CdSe:?/CdS:3.5", "pu2020-red")
    ]
    assert len({dot.spec for dot in dots}) == 1
    assert dots[0].layers[1].size_nm == 3.5
    # The scatter of the Stokes shift is in the sigma.
    assert dots[0].edges.cbm.sigma_v > quantum_dot(dots[0].spec).edges.cbm.sigma_v
    assert any("below the first exciton" in caveat for caveat in dots[0].caveats)


@pytest.mark.parametrize(
    ("spec", "wavelength", "words"),
    [
        ("CdSe:?/CdS:3.5", 300.0, "No core size makes the dot 'CdSe:?/CdS:3.5' one that emits at 300 nm"),
        ("ZnS:?", 625.0, "reach"),
        ("CdSe:?", 0.0, "means nothing"),
        ("CdSe:?", -5.0, "means nothing"),
        ("CdSe:?", float("nan"), "means nothing"),
        ("CdSe", 600.0, "bulk material"),
    ],
)
def test_emissions_that_no_size_reaches_are_refused(spec, wavelength, words):
    with pytest.raises(DotError) as caught:
        quantum_dot(spec, emission_nm=wavelength)
    assert words in str(caught.value)


def test_presets_without_sizes_have_the_wavelength_that_is_published():
    assert EV_NM / quantum_dot("lu2022-red").exciton_ev == pytest.approx(625.0, abs=0.2)
    solved = [row for row in presets().values() if row.emission_nm is not None]
    assert len(solved) >= 14
    for row in solved:
        dot = quantum_dot(row.name)
        assert EV_NM / (dot.exciton_ev - stokes(parse(row.spec)).shift_ev) == pytest.approx(
            row.emission_nm, abs=0.5
        )


def test_assumed_sizes_widen_the_sigma_and_are_told():
    assumed = quantum_dot("pu2020-blue")
    typed = quantum_dot(presets()["pu2020-blue"].spec)
    assert assumed.edges.cbm.value_v_she == pytest.approx(typed.edges.cbm.value_v_she)
    assert assumed.edges.cbm.sigma_v > typed.edges.cbm.sigma_v
    assert any(caveat.startswith("Sizes assumed") for caveat in assumed.caveats)
    assert quantum_dot("pu2020-red").caveats == ()


def test_numbers_that_were_not_read_are_told():
    assert any("CsPbI3: not read in the source" in caveat for caveat in quantum_dot("CsPbI3:8").caveats)
    assert any("No published edge of AgInS2" in caveat for caveat in quantum_dot("AgInS2:4").caveats)
    assert not any("No published edge" in caveat for caveat in quantum_dot("PbS:4").caveats)
    for row in semiconductors().values():
        assert bool(row.not_read_again) == (row.quality != "verified")
        assert row.citation
        assert row.locator


def test_a_graded_shell_lies_between_the_sharp_ones():
    energies = [
        model_of(parse(spec)).exciton_ev
        for spec in ("CdSe:5.0/CdS:2.0", "CdSe:3.0/CdSe>CdS:1.0/CdS:2.0", "CdSe:3.0/CdS:3.0")
    ]
    assert energies == sorted(energies)
    dot = quantum_dot("CdSe:3.0/CdSe>ZnS:1.0")
    assert dot.site_metal == "Zn"
    assert dot.layers[1].material == "CdSe>ZnS"
    same = model_of(parse("CdSe:3.0/CdS>CdS:1.0")).exciton_ev
    assert same == pytest.approx(model_of(parse("CdSe:3.0/CdS:1.0")).exciton_ev, abs=1e-6)


def test_formulas():
    halves = {row.material: share for row, share in material_of("CsPbBr1.5I1.5", "").binaries}
    assert halves == {"CsPbBr3": pytest.approx(0.5), "CsPbI3": pytest.approx(0.5)}
    written = material_of("CsPb(Br0.5I0.5)3", "")
    assert written.gap_ev == pytest.approx(material_of("CsPbBr1.5I1.5", "").gap_ev)
    assert (written.site_metal, written.site_charge) == ("Pb", 2)
    assert material_of("FAPbI3", "").site_metal == "Pb"
    zaigs = {row.material: share for row, share in material_of("Zn0.5Ag0.25In0.25S1", "").binaries}
    assert zaigs == {"ZnS": pytest.approx(0.5), "AgInS2": pytest.approx(0.5)}


@pytest.mark.parametrize(
    "formula", ["Cd0Zn1S", "Cd0.0Zn1S", "Cd1Zn.0S", "CsPb(Br1I0)3", "CsPb(Br)3I0.", "ZnS0Se1"]
)
def test_a_share_of_zero_is_refused(formula):
    with pytest.raises(DotError, match="share of zero"):
        material_of(formula, formula)


def test_small_shares_are_no_shares_of_zero():
    shares = {row.material: x for row, x in material_of("Cd0.05Zn0.95S", "").binaries}
    assert shares == {"CdS": pytest.approx(0.05), "ZnS": pytest.approx(0.95)}
    tens = {row.material: x for row, x in material_of("Cd10Zn10S20", "").binaries}
    assert tens == {"CdS": pytest.approx(0.5), "ZnS": pytest.approx(0.5)}


def test_verified_bowing_is_applied_and_the_rest_enters_the_sigma():
    gallium = material_of("In0.5Ga0.5P", "")
    assert gallium.gap_ev == pytest.approx((1.353 + 2.27) / 2 - 0.65 / 4)
    assert gallium.bowing_sigma_ev == 0.0
    sulfide = material_of("CdS0.5Se0.5", "")
    # Dots of L. A. Swafford et al., J. Am. Chem. Soc. 128, 12299 (2006), abstract.
    assert sulfide.gap_ev == pytest.approx((1.74 + 2.48) / 2 - 0.29 / 4)
    assert sulfide.bowing_sigma_ev == 0.0
    cadmium = material_of("Cd0.5Zn0.5Se", "")
    assert cadmium.gap_ev == pytest.approx((1.74 + 2.71) / 2)
    assert cadmium.bowing_sigma_ev == pytest.approx(0.35 / 4)
    # A pair of which no bowing was read: a stated default, not zero.
    assert alloys()[frozenset(("PbS", "PbSe"))].bowing_ev is None
    assert material_of("PbS0.5Se0.5", "").bowing_sigma_ev == pytest.approx(0.5 / 4)


@pytest.mark.parametrize(
    "spec", ["CdSe:3", "CdSe:5", "CdS:4", "pu2020-red", "InP:3", "InP:3.2/ZnSe:1.5/ZnS:0.6"]
)
def test_cadmium_lies_inside_the_gap_zinc_a_third_of_a_volt_above_and_magnesium_far_out(spec):
    # C. Pu et al., Nat. Commun. 11, 937 (2020), Fig. S2.
    cbm = quantum_dot(spec).edges.cbm.value_v_she
    drives = [free_couple(metal, 2).e0_v_she - cbm for metal in ("Cd", "Zn", "Mg")]
    assert drives[0] > 0 > drives[2]
    assert drives[0] - drives[1] == pytest.approx(0.36, abs=0.005)
    assert drives[1] > -0.3
    assert drives[2] < -0.9


@pytest.mark.parametrize("spec", ["ZnSe:4", "ZnS:4"])
def test_dots_with_a_higher_edge_reduce_zinc_as_well(spec):
    cbm = quantum_dot(spec).edges.cbm.value_v_she
    assert free_couple("Zn", 2).e0_v_she - cbm > quantum_dot("CdSe:4").edges.cbm.value_v_she - cbm > 0
    assert free_couple("Mg", 2).e0_v_she < cbm


def test_the_command_line_solves_for_the_size():
    ran = CliRunner().invoke(app, ["qd", "CdSe:?/CdS:3.5", "--emission-nm", "640", "--json"])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["spec"] == quantum_dot("CdSe:?/CdS:3.5", emission_nm=640).spec
    shown = CliRunner().invoke(app, ["qd", "CsPbI3:8"])
    assert "note: CsPbI3: not read in the source" in shown.stdout
    refused = CliRunner().invoke(app, ["qd", "CdSe:?/CdS:3.5", "--emission-nm", "300"])
    assert refused.exit_code == 2
    assert "reach" in refused.stderr
    assert (
        Campaign.validated(qd="CdSe:?", emission_nm=600).dot().spec
        == quantum_dot("CdSe:?", emission_nm=600).spec
    )
