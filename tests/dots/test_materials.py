"""Dots: the anchor, the presets, the invariants, and specifications that mean nothing."""

import itertools
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pymatgen.core import Composition, Species

from echemscreen.dots.couples import RedoxCoupleRow, aqueous_couples, free_couple, lattice_couples
from echemscreen.dots.edges.band_edges import model_of
from echemscreen.dots.materials import presets, semiconductors
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.dots.specification import parse
from echemscreen.errors import DotError, InputError
from echemscreen.reference_tables import read_rows

#: Pieces of specifications, right and wrong ones.
TOKENS = (
    *"()[]-+:/.@٣>?",
    "FA",
    "Cs",
    "PbBr3",
    "CsPb",
    "Cd",
    "Zn",
    "Se",
    "S",
    "In",
    "P",
    "0",
    "0.5",
    "3.0",
    "1e400",
    "D",
    "nan",
    "ZnS:1",
    "In3+",
)


def test_a_dot_has_one_edge_however_it_is_written():
    specs = ("CdSe:3.0/CdS:3.5", "CdSe:3/CdS:3.50", "pu2020-red")
    found = {quantum_dot(spec).edges.cbm.value_v_she for spec in specs}
    assert len(found) == 1
    # SCIENCE: the valence edge lies a quasiparticle gap below, about +1.1 V; measured ones scatter by 0.2 V.
    vbm = quantum_dot("pu2020-red").edges.vbm
    assert vbm.value_v_she == pytest.approx(1.1, abs=vbm.sigma_v)


@pytest.mark.parametrize(("metal", "drive"), [("Cd", 0.49), ("Zn", 0.13), ("Mg", -1.48)])
def test_the_published_drives(metal, drive):
    """From the published edge of that dot; the joint fit keeps them within its sigma."""
    couple = free_couple(metal, 2)
    given = quantum_dot("pu2020-red", cbm_v_she=-0.89).edges.cbm.value_v_she
    assert couple.e0_v_she - given == pytest.approx(drive, abs=0.005)
    fitted = quantum_dot("pu2020-red").edges.cbm
    assert couple.e0_v_she - fitted.value_v_she == pytest.approx(drive, abs=fitted.sigma_v)


def test_every_preset_and_material_is_a_dot_with_sources():
    # A semimetal has edges only as a dot.
    semimetals = [name for name, row in semiconductors().items() if row.gap_ev <= 0]
    assert semimetals == ["HgTe"]
    for name in (*presets(), *(set(semiconductors()) - set(semimetals)), "HgTe:8"):
        content = describe(quantum_dot(name))
        assert json.loads(json.dumps(content)) == content
        assert content["cbm_v_she"] < content["vbm_v_she"]
        # No edge can be known better than a few voltammograms together.
        assert content["cbm_sigma_v"] > 0.05
        assert content["citations"]
        assert content["exciton_ev"] <= content["vbm_v_she"] - content["cbm_v_she"] + 1e-3


@pytest.mark.parametrize("name", ["pu2020-red", "pu2020-red-zns", "pu2020-red-cdzn", "pu2020-blue"])
def test_zinc_can_be_reduced_and_magnesium_cannot_on_the_dots_of_pu2020(name):
    cbm = quantum_dot(name).edges.cbm.value_v_she
    assert free_couple("Cd", 2).e0_v_she > free_couple("Zn", 2).e0_v_she > cbm > free_couple("Mg", 2).e0_v_she


def test_the_site_metal_is_that_of_the_outermost_shell():
    assert (quantum_dot("pu2020-red").site_metal, quantum_dot("pu2020-red").site_charge) == ("Cd", 2)
    assert quantum_dot("pu2020-red-zns").site_metal == "Zn"
    assert quantum_dot("InP").site_metal == "In"
    assert quantum_dot("InP").site_charge == 3
    assert quantum_dot("CdSe:3/Cd0.2Zn0.8S:1").site_metal == "Zn"


def test_a_shell_of_no_thickness_is_no_shell():
    bare, covered = quantum_dot("CdSe:3.0"), quantum_dot("CdSe:3.0/ZnS:0")
    assert covered.edges == bare.edges
    assert covered.spec == bare.spec


def test_a_wider_gap_shell_keeps_the_hole_and_a_thick_cds_shell_takes_the_electron():
    thin, thick = quantum_dot("CdSe:3.0/CdS:0.5"), quantum_dot("CdSe:3.0/CdS:3.5")
    assert thin.band_alignment == "type I"
    assert thick.band_alignment == "quasi-type II"
    # Of the electron in the shell, what is within 0.3 nm of the surface meets the ligand.
    assert 0.005 < thick.p_electron_surface < thin.p_electron_surface
    assert thick.p_hole_surface < 1e-4


def test_an_alloy_lies_between_its_ends():
    ends = [quantum_dot(f"{material}:4.0").edges.cbm.value_v_she for material in ("CdSe", "ZnSe")]
    middle = quantum_dot("Cd0.5Zn0.5Se:4.0")
    assert min(ends) < middle.edges.cbm.value_v_she < max(ends)


@given(cbm=st.floats(min_value=-2.0, max_value=0.0), sigma=st.floats(min_value=0.0, max_value=0.5))
@settings(max_examples=25, deadline=None)
def test_the_users_own_edge_replaces_the_table_and_the_gap_stays(cbm, sigma):
    tabulated = quantum_dot("CdSe:3.0")
    dot = quantum_dot("CdSe:3.0", cbm_v_she=cbm, cbm_sigma_v=sigma)
    assert (dot.edges.cbm.value_v_she, dot.edges.cbm.sigma_v, dot.edges.cbm.kind) == (cbm, sigma, "user")
    gap = tabulated.edges.vbm.value_v_she - tabulated.edges.cbm.value_v_she
    assert dot.edges.vbm.value_v_she - cbm == pytest.approx(gap)
    assert dot.edges.vbm.kind == "fitted"


def test_a_valence_edge_from_photoemission():
    dot = quantum_dot("CdSe:3.0", vbm_ev=-6.2, vbm_sigma_ev=0.1)
    assert dot.edges.vbm.value_v_she == pytest.approx(6.2 - 4.44)
    assert dot.edges.vbm.kind == "user"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("", "The dot is empty"),
        ("Kryptonite", "Unknown dot or material 'Kryptonite'"),
        ("CdSe:-3", "core diameter of -3 nm is outside"),
        ("CdSe:0.1", "outside the model's range"),
        ("CdSe:100", "It covers 1 to 30 nm"),
        ("CdSe:3/CdS", "the layer 'CdS' has no size"),
        ("CdSe:thick", "'thick' of CdSe is no number"),
        ("CdSe:nan", "'nan' of CdSe is no number"),
        ("CdSe:3_0", "'3_0' of CdSe is no number"),
        ("CdSe:3/CdS:-1", "shell thickness of -1 nm"),
        ("Cd0.5Zn0.4S:3", "not balanced: 0.9 cations to 1 anions"),
        ("Cd0Zn1S:3", "names an element with a share of zero"),
        ("HgTe", "lies above the conduction edge"),
        ("CdSe:3/CdS>:1", "Unknown dot or material ''"),
        ("CdSe:3/CdSe>CdS>ZnS:1", "cannot be graded"),
        ("CdSe>CdS:3", "cannot be graded"),
        ("CdSe:3/CdS:?", "the shell CdS has no thickness"),
        ("CdSe:?", "leaves the core open"),
        ("CsPbBr2", "Unknown dot or material"),
        ("<script>alert(1)</script>", "has no size"),
        ("../../etc/passwd", "has no size"),
    ],
)
def test_bad_specifications_say_what_is_wrong_and_what_is_known(spec, words):
    with pytest.raises(DotError) as caught:
        quantum_dot(spec)
    assert words in str(caught.value)


def test_sigmas_need_their_edge_and_a_sign():
    with pytest.raises(InputError, match="greater than or equal to 0"):
        quantum_dot("CdSe:3.0", cbm_v_she=-0.9, cbm_sigma_v=-0.1)
    with pytest.raises(DotError, match="--cbm-sigma-v is given without --cbm-v-she"):
        quantum_dot("CdSe:3.0", cbm_sigma_v=0.1)
    with pytest.raises(DotError, match="--vbm-sigma-ev is given without --vbm-v-she or --vbm-ev"):
        quantum_dot("CdSe:3.0", vbm_sigma_ev=0.1)


def test_what_is_less_like_the_measured_dot_is_less_certain():
    sigmas = [
        quantum_dot(s).edges.cbm.sigma_v for s in ("pu2020-red", "CdSe:3.0/CdS:1.0", "CdSe:3.0", "InP:3.0")
    ]
    assert sigmas == sorted(sigmas)


def test_the_site_of_a_half_and_half_alloy_does_not_depend_on_its_spelling():
    assert (
        quantum_dot("CdSe:3/Cd0.5Zn0.5S:1").site_metal
        == quantum_dot("CdSe:3/Zn0.5Cd0.5S:1").site_metal
        == "Zn"
    )


def test_a_thicker_shell_never_widens_the_gap():
    gaps = [quantum_dot(f"CdSe:3.0/CdS:{2.0 + 0.01 * step:.2f}").exciton_ev for step in range(60)]
    assert all(later <= earlier + 1e-5 for earlier, later in itertools.pairwise(gaps))


def test_edges_upside_down_are_refused():
    with pytest.raises(DotError, match="lies above the conduction edge"):
        quantum_dot("CdSe:3.0", vbm_ev=-2.0, cbm_v_she=-0.9)
    with pytest.raises(DotError, match=r"conduction edge would be at -4\.9"):
        quantum_dot("CdSe:3.0", vbm_ev=-2.0)
    with pytest.raises(InputError, match="a finite number"):
        quantum_dot("CdSe:3.0", cbm_v_she=float("nan"))


def test_couples_are_cited_and_balanced():
    for couple in (*aqueous_couples(), *lattice_couples(["CdSe", "ZnS", "PbS"])):
        assert couple.citation.source
        assert couple.sigma_v > 0
        assert couple.couple.startswith(couple.metal)
        ion = couple.couple.partition("/")[0]
        if couple.kind == "aqueous":
            charge = ion.removeprefix(couple.metal)
            assert charge == (f"{couple.oxidation_state}+" if couple.oxidation_state > 1 else "+")
    assert free_couple("Cd", 2).couple == "Cd2+/Cd"
    assert free_couple("Cd", 3) is None
    named = {"Cd", "Zn", "Mg", "In", "Pb", "Cu", "Ag", "Al", "Ca", "Mn", "Na", "K"}
    assert named <= {couple.metal for couple in aqueous_couples()}


def test_lattice_couples_belong_to_the_layers():
    assert {c.couple for c in lattice_couples(["CdSe", "Cd0.5Zn0.5S"])} == {"CdSe/Cd", "CdS/Cd", "ZnS/Zn"}
    assert all(
        c.e0_v_she < free_couple(c.metal, 2).e0_v_she for c in lattice_couples(["CdSe", "CdS", "ZnS", "ZnSe"])
    )
    (sulfide,) = lattice_couples(["CdS"])
    assert (sulfide.kind, sulfide.e0_v_she) == ("lattice", -1.17)
    assert lattice_couples(["InP"]) == ()


def test_electrons_balance_the_charge_of_every_couple():
    # From the rows themselves: n electrons take the ion (or the lattice's cation) to what is written.
    for row in read_rows("band_data", "redox_couples.csv", RedoxCoupleRow):
        before, after = row.couple.split("/")
        if row.kind == "lattice":
            states = Composition(row.lattice_formula).oxi_state_guesses()[0]
            assert (before, after) == (row.lattice_formula, row.metal)
            assert states[row.metal] == row.oxidation_state == row.n_electrons
        else:
            ion, product = (
                Species.from_str(part if "+" in part else f"{part}0+") for part in (before, after)
            )
            assert ion.symbol == product.symbol == row.metal
            assert ion.oxi_state == row.oxidation_state
            assert ion.oxi_state - product.oxi_state == row.n_electrons


def test_cdte_and_cdse_separate_the_carriers():
    # The textbook type II pair: the hole stays in CdTe, the electron goes to CdSe.
    dot = quantum_dot("CdTe:4.0/CdSe:2.0")
    assert dot.band_alignment == "type II"
    model = model_of(parse("CdTe:4.0/CdSe:2.0"))
    assert model.shares("electron")[1] > 0.5 > model.shares("hole")[1]
    assert dot.p_electron_surface > 2 * dot.p_hole_surface
    assert dot.exciton_ev < quantum_dot("CdTe:4.0").exciton_ev


@example("BPbS1e400")
@given(spec=st.text(max_size=12) | st.lists(st.sampled_from(TOKENS), max_size=8).map("".join))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_dot_or_a_clear_error(spec):
    try:
        dot = quantum_dot(spec)
    except DotError as refused:
        error: DotError | None = refused
    else:
        error = None
        assert dot.edges.cbm.value_v_she < dot.edges.vbm.value_v_she
    assert error is None or (error.message and error.remedy)


def test_where_no_model_holds_the_users_own_edges_do():
    # Bulk HgTe has no gap: both edges must be given, and then they stand.
    with pytest.raises(DotError, match="--cbm-v-she"):
        quantum_dot("HgTe")
    dot = quantum_dot("HgTe", cbm_v_she=-0.2, cbm_sigma_v=0.1, vbm_ev=-4.6, vbm_sigma_ev=0.1)
    assert (dot.edges.cbm.kind, dot.edges.vbm.kind) == ("user", "user")
    assert dot.edges.vbm.value_v_she > dot.edges.cbm.value_v_she
