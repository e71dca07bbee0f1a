"""Ligand dipoles with the real engine: published orders on cadmium and lead sites, and the option."""

import pytest

import echemscreen as es
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.surface_dipole import edge_shift_v, ligand_layer
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.screening.ligand_dipole import calculated_spans, fitted_response, ligand_dipole
from echemscreen.screening.workbench import Settings, Workbench

BENZOIC = {
    "dimethylamino": "CN(C)c1ccc(C(=O)O)cc1",
    "methoxy": "COc1ccc(C(=O)O)cc1",
    "none": "O=C(O)c1ccccc1",
    "cyano": "N#Cc1ccc(C(=O)O)cc1",
}


@pytest.fixture(scope="module")
def bench():
    engine = get_engine("tblite")
    return Workbench(engine, theory_of(engine, "acetonitrile"), Settings(level="fast"), {})


def dipole(bench, smiles, metal):
    form = forms_of(parse_smiles(smiles, smiles), site_metal=metal, site_charge=2)[0]
    return ligand_dipole(bench.in_vacuum(bench.ladder(form.bound, form.free)), metal)


def shift_v(bench, smiles, metal):
    """Shift of both edges of a dot of 3.3 nm under a shell of a ligand, V vs SHE."""
    found, layer = dipole(bench, smiles, metal), ligand_layer(metal)
    return edge_shift_v(
        found.along_axis_debye,
        layer.coverage_per_nm2,
        layer.permittivity,
        radius_nm=1.65,
        thickness_nm=found.length_nm,
    )


def test_acetate_in_the_place_of_acetate_moves_nothing(bench):
    for metal in ("Cd", "Pb"):
        assert dipole(bench, "CC(=O)O", metal).along_axis_debye == pytest.approx(0.0, abs=0.3)


@pytest.mark.parametrize("metal", ["Cd", "Pb"])
def test_electron_rich_benzoates_point_outward_and_electron_poor_ones_inward(bench, metal):
    along = [dipole(bench, smiles, metal).along_axis_debye for smiles in BENZOIC.values()]
    # In the order of the substituent's electron donation, donors first.
    assert along[0] > along[2] > along[3]
    assert along[1] > along[2]
    assert along[0] > 0 > along[3]


def test_the_published_span_on_lead_sulfide_comes_out_in_sign_and_order_of_magnitude(bench):
    """Cinnamates move the edges of PbS by a span of 2 V (Kroupa et al. 2017), donors shallower."""
    rich = shift_v(bench, "CN(C)c1ccc(C=CC(=O)O)cc1", "Pb")
    poor = shift_v(bench, "N#Cc1ccc(C=CC(=O)O)cc1", "Pb")
    assert rich < 0 < poor
    # Within a factor of three.
    assert 2.0 / 3.0 < poor - rich < 2.0 * 3.0


def test_bromide_makes_lead_sulfide_deeper_than_benzenethiolate(bench):
    """Films of PbS shift by up to 0.9 eV (Brown et al. 2014): bromide deepest, benzenethiol shallow."""
    difference = shift_v(bench, "Br", "Pb") - shift_v(bench, "Sc1ccccc1", "Pb")
    assert 0.9 / 3.0 < difference < 0.9 * 3.0


def test_the_response_is_what_the_published_shifts_give(bench):
    value, sigma = fitted_response(calculated_spans(bench))
    layer = ligand_layer("Pb")
    assert (layer.response, layer.response_sigma) == (round(value, 2), round(sigma, 2))


def test_the_option_moves_the_edges_of_the_row_alone():
    options = {"qd": "pu2020-red", "level": "fast"}
    plain = es.assess(BENZOIC["cyano"], **options)
    moved = es.assess(BENZOIC["cyano"], **options, ligand_dipole=True)
    half = es.assess(BENZOIC["cyano"], **options, ligand_dipole=True, coverage_per_nm2=1.8)
    edges = [found.alignments[0].edge_v_she for found in (plain, half, moved)]
    assert edges[0] < edges[1] < edges[2]
    assert edges[2] - edges[0] == pytest.approx(2 * (edges[1] - edges[0]))
    assert moved.alignments[0].sigma_ev > plain.alignments[0].sigma_ev
    assert moved.levels == plain.levels
    assert "Ligand dipole: -" in moved.reason
    assert "Ligand dipole" not in plain.reason


def test_what_is_not_bound_moves_nothing():
    found = es.assess("CC(C)=O", qd="pu2020-red", level="fast", ligand_dipole=True)
    assert "nothing is bound to the surface" in found.reason
    salt = es.assess("[Cl-].[Cl-].[Cd+2]", qd="pu2020-red", level="fast", ligand_dipole=True)
    assert salt.alignments[0].edge_v_she == quantum_dot("pu2020-red").edges.cbm.value_v_she
