"""Molecules whose bond an added electron breaks, from SMILES to verdict."""

import pytest

import echemscreen as es
from echemscreen.evidence.references.cleavage_runs import computed_bond, described_wave
from echemscreen.levels.bond_energies import bond_energies
from echemscreen.levels.cleavage import measured_waves

RED = "pu2020-red"


def reduction(smiles, **options):
    return es.assess(smiles, RED, name="probe", forms="free", **options)


def test_a_chloro_imide_is_easier_to_reduce_than_its_attachment_says():
    found = reduction("O=C1CCC(=O)N1Cl")
    level = found.levels.reduction
    assert level.channel == "breaks"
    assert level.value_v_she > -1.6
    # Measured near 0 V: inside the interval, and never called inert.
    assert level.value_v_she + 2.0 * level.sigma_v > -0.1
    assert found.verdict != "inert"
    assert "N-Cl" in found.reason
    assert "attachment of the electron" in level.note


def test_a_trichloromethyl_triazine_loses_chloride():
    found = reduction("COc1ccc(-c2nc(C(Cl)(Cl)Cl)nc(C(Cl)(Cl)Cl)n2)cc1")
    assert found.verdict == "active"
    assert "reductive_cleavage" in {flag.code for flag in found.flags}


def test_what_has_no_such_bond_is_untouched():
    level = reduction("CCCCCCN").levels.reduction
    assert level.channel == ""


def test_a_bond_of_unknown_energy_leaves_no_evidence():
    found = reduction("O=C(OOC(=O)c1ccccc1)c1ccccc1")
    assert found.levels.reduction.domain == "uncalibrated"
    assert "may break first" in found.levels.reduction.note


@pytest.mark.parametrize("smiles", ["CCBr", "CN(C)Cl"])
def test_shipped_bonds_are_what_is_computed(smiles):
    (row,) = (item for item in bond_energies() if item.smiles == smiles)
    assert computed_bond(row) == row


def test_a_shipped_wave_is_what_is_computed():
    (item,) = (wave for wave in measured_waves() if wave.row.entry == "orop-105")
    found = described_wave(item.row).cleaved
    assert found.kind == item.cleaved.kind
    assert found.bond_ev == pytest.approx(item.cleaved.bond_ev, abs=2e-3)
