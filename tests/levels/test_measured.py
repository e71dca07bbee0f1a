"""Measured couples: the table itself, the terms added on a dot, and what the verdicts make of them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from echemscreen.dots.couples import free_couple
from echemscreen.levels.measured import (
    MEDIUM_SIGMA_V,
    SITE_CORRECTION,
    UNKNOWN_SITE_SIGMA_V,
    measured_level,
    measured_potentials,
)
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.dots import BandEdge, BandEdges
from echemscreen.records.levels import RedoxLevels
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation
from echemscreen.verdicts.rules import judge

ROWS = tuple(measured_potentials().items())
AZIDE = "[N-]=[N+]=[N-]"


def test_azide_is_the_published_one_electron_couple():
    # DeFelippis, Faraggi and Klapper 1990: 1.33 +- 0.01 V vs NHE.
    level = measured_level(AZIDE, Process.OXIDATION, bound=False)
    assert level.value_v_she == pytest.approx(1.33)
    assert level.sigma_v == pytest.approx(math.hypot(0.02, MEDIUM_SIGMA_V))
    assert (level.basis, level.domain, level.one_sided) == ("measured", "measured", False)
    assert "DeFelippis" in level.citation.source


def test_halogen_atoms_follow_from_the_two_electron_couple_and_the_free_atom():
    # E(X./X-) = E0(1/2 X2/X-) + dG_f(X, g)/F, numbers of OpenStax, appendices G and L.
    for ion, e0, atom_kj in (("[F-]", 2.866, 62.3), ("[Cl-]", 1.35827, 105.70), ("[I-]", 0.5355, 70.2)):
        expected = e0 + atom_kj / 96.485
        row = measured_potentials()[ion, Process.OXIDATION]
        assert row.value_v_she == pytest.approx(expected, abs=0.03), ion


def test_halides_are_ordered_and_each_lies_above_its_two_electron_couple():
    values = [
        measured_potentials()[ion, Process.OXIDATION].value_v_she
        for ion in ("[F-]", "[Cl-]", "[Br-]", "[I-]")
    ]
    assert values == sorted(values, reverse=True)
    assert all(one > two for one, two in zip(values, (2.866, 1.358, 1.087, 0.536), strict=True))


def test_chalcogenides_get_easier_to_oxidise_down_the_group():
    values = [
        measured_potentials()[ion, Process.OXIDATION].value_v_she for ion in ("[S-2]", "[Se-2]", "[Te-2]")
    ]
    assert values == sorted(values, reverse=True)


def test_a_complexed_metal_is_harder_to_reduce_by_the_nernst_shift():
    # CdCl3-: log beta 2.4, two electrons: 0.05916 / 2 * 2.4 = 0.071 V below Cd2+/Cd.
    value = measured_level("[Cl][Cd-]([Cl])[Cl]", Process.REDUCTION, bound=False).value_v_she
    assert value == pytest.approx(free_couple("Cd", 2).e0_v_she - 0.071, abs=0.002)


def test_the_site_raises_an_oxidation_by_half_of_its_binding():
    # CdHS+: log K = 8.008, so 0.05916 * 8.008 / 2 = 0.237 V, and as much uncertainty.
    free = measured_level("[SH-]", Process.OXIDATION, bound=False)
    bound = measured_level("[SH-]", Process.OXIDATION, bound=True)
    assert bound.value_v_she - free.value_v_she == pytest.approx(0.237, abs=0.001)
    assert bound.sigma_v == pytest.approx(math.hypot(free.sigma_v, 0.237), abs=0.001)
    assert [item.name for item in bound.corrections] == [SITE_CORRECTION]


def test_an_unknown_binding_widens_and_does_not_shift():
    free, bound = (measured_level(AZIDE, Process.OXIDATION, bound=item) for item in (False, True))
    assert bound.value_v_she == free.value_v_she
    assert bound.sigma_v == pytest.approx(math.hypot(free.sigma_v, UNKNOWN_SITE_SIGMA_V))


def test_an_ion_without_a_row_has_no_level():
    assert measured_level("CC(=O)[O-]", Process.OXIDATION, bound=True) is None


@pytest.mark.parametrize(("key", "row"), ROWS, ids=[f"{row.name} {key[1]}" for key, row in ROWS])
def test_rows_are_canonical_cited_and_possible(key, row):
    assert parse_smiles(row.smiles, row.name).canonical_smiles == row.smiles == key[0]
    assert -3.1 <= row.value_v_she <= 3.7
    assert row.locator
    assert row.couple
    assert row.note
    assert row.log_k_site is None or row.process == "oxidation"
    # A ceiling excludes what lies above it only: it must not be a couple that is easy itself.
    if row.one_sided:
        assert row.value_v_she < 0.0 if row.process == "reduction" else row.value_v_she > 1.5


@given(st.sampled_from([key for key, _ in ROWS]), st.booleans())
def test_terms_add_up(key, bound):
    smiles, process = key
    level = measured_level(smiles, process, bound=bound)
    terms = sum(item.value_v for item in level.corrections)
    assert level.value_v_she == pytest.approx(level.raw_v_she + terms)
    assert level.sigma_v >= measured_potentials()[key].sigma_v
    assert (level.domain == "bounded") is level.one_sided
    assert not (level.one_sided and level.corrections)
    # Binding never makes an anion easier to oxidise.
    if process == "oxidation":
        assert terms >= 0
    assert (level.intact is False) is bool(level.changed_bonds)


def test_reduction_lies_below_oxidation():
    table = measured_potentials()
    for smiles, process in table:
        if process == "reduction" and (smiles, Process.OXIDATION) in table:
            assert (
                table[smiles, Process.REDUCTION].value_v_she < table[smiles, Process.OXIDATION].value_v_she
            ), smiles


def _judge(smiles: str):
    """The verdict of a bound ion on a dot with edges at -1.0 and +1.2 V vs SHE."""
    source = Citation(source="test")
    edges = BandEdges(
        cbm=BandEdge(value_v_she=-1.0, sigma_v=0.1, kind="user", citation=source),
        vbm=BandEdge(value_v_she=1.2, sigma_v=0.1, kind="user", citation=source),
    )
    molecule = parse_smiles(smiles, "")
    ion = molecule.members[0].canonical_smiles if molecule.members else molecule.canonical_smiles
    levels = RedoxLevels(
        reduction=measured_level(ion, Process.REDUCTION, bound=True),
        oxidation=measured_level(ion, Process.OXIDATION, bound=True),
        homo_ev=None,
        lumo_ev=None,
        electron_affinity_ev=None,
        ionization_energy_ev=None,
        method="measured couples",
    )
    return judge(levels, edges, [free_couple(metal.symbol, metal.charge) for metal in molecule.metals])


@pytest.mark.parametrize(
    ("smiles", "verdict", "codes"),
    [
        ("[Cu+2]", "active", {"metal_reduction"}),
        ("[K+]", "inert", set()),
        ("[Na+]", "inert", set()),
        ("[Mg+2]", "inert", set()),
        ("[Cl-]", "inert", set()),
        ("[K+].[Br-]", "inert", set()),
        ("[Cd+2].[Cl-].[Cl-]", "active", {"metal_reduction"}),
        ("F[B-](F)(F)F", "inert", set()),
        ("[O-]S(=O)(=O)[O-]", "inert", set()),
        # Review of Zhang et al.: chalcogenides leave traps, carry holes badly and oxidise.
        ("[S-2]", "active", {"hole_trap"}),
        ("[Se-2]", "active", {"hole_trap"}),
        ("N#C[Fe-4](C#N)(C#N)(C#N)(C#N)C#N", "active", {"hole_trap"}),
        ("[S-]C#N", "undetermined", set()),
    ],
)
def test_verdicts_need_no_calculation(smiles, verdict, codes):
    judgement = _judge(smiles)
    assert judgement.verdict == verdict
    assert {flag.code for flag in judgement.flags} == codes
    assert judgement.reason
    assert judgement.domain in {"measured", "bounded"}
