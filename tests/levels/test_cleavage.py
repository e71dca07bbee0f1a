"""The wave of a bond that an electron breaks: hand-checked numbers, and the fits of its rows."""

import math

import pytest

from echemscreen.levels import bond_energies as bonds
from echemscreen.levels import cleavage
from echemscreen.levels.binding import acetonitrile_shift_v, couple_in_acetonitrile, leaving_couples
from echemscreen.ligands.scissile import scissile_kinds


def cleaved(**changes):
    values = {
        "kind": "carbon_bromine",
        "pair": "C-Br",
        "n_heavy": (1, 0),
        "n_acyl": 0,
        "n_acyl_leaving": 0,
        "n_oxo": 0,
        "bond_ev": 3.05,
        "attraction_ev": 0.0,
        "anion_radius_ang": 1.85,
        "molecule_radius_ang": 3.46,
        "couple_v_she": 1.56,
        "couple_sigma_v": 0.18,
    }
    return cleavage.Cleaved(**(values | changes))


def test_the_wave_by_hand():
    found = cleavage.wave(1.56, 3.0, 0.0, 2.0, 4.0)
    # Equivalent sphere 3.0 angstrom; 7.2 eV angstrom * 0.5254 / 6.0; a quarter of bond and solvent.
    solvent = 7.1998 * (1 / 1.3442**2 - 1 / 35.688) / 6.0
    assert found.barrier_ev == pytest.approx((3.0 + solvent) / 4.0, abs=1e-4)
    assert found.standard_v_she == pytest.approx(1.56 - 3.0 + cleavage.SPLITTING_EV)
    lost = 4.0 * found.barrier_ev * (1.0 - math.sqrt(cleavage.peak_barrier_ev() / found.barrier_ev))
    assert found.peak_v_she == pytest.approx(found.standard_v_she - lost)


def test_constants_of_the_wave():
    # 135 J/(mol K) at 298.15 K, less RT ln 24.8; a usual voltammogram peaks at a barrier of about 8 kcal/mol.
    splitting = cleavage.SPLITTING_EV
    assert splitting == pytest.approx(0.335, abs=0.001)
    assert cleavage.peak_barrier_ev() == pytest.approx(0.349, abs=0.002)


def test_butyl_bromide_peaks_far_beyond_its_standard_potential():
    found = cleavage.wave(1.56, 3.05, 0.0, 1.85, 3.46)
    assert -1.3 < found.standard_v_she < -1.1
    assert found.peak_v_she < found.standard_v_she - 1.2


@pytest.mark.parametrize("bond_ev", [1.5, 2.5, 3.5])
def test_a_stronger_bond_and_a_weaker_attraction_need_more(bond_ev):
    def peak(bond, attraction):
        return cleavage.wave(2.0, bond, attraction, 1.8, 3.5).peak_v_she

    assert peak(bond_ev + 0.1, 0.2) < peak(bond_ev, 0.2)
    assert peak(bond_ev, 0.1) < peak(bond_ev, 0.2)


def test_only_differences_of_potential_count():
    one, other = (cleavage.wave(value, 3.0, 0.1, 1.8, 3.5) for value in (1.0, 2.0))
    assert other.peak_v_she - one.peak_v_she == pytest.approx(1.0)


def test_acetonitrile_holds_anions_less_than_water():
    rows = {row.name: row for row in leaving_couples()}
    shift = rows["thiophenolate, in acetonitrile"].e0_v_she - rows["thiophenolate"].e0_v_she
    assert acetonitrile_shift_v() == pytest.approx(shift)
    value, sigma = couple_in_acetonitrile("chloride")
    assert value == pytest.approx(rows["chloride"].e0_v_she + shift)
    assert sigma > rows["chloride"].sigma_v


def test_bond_energies_of_what_was_left_out():
    left = bonds.left_out_bonds()
    errors = [abs(item.error_ev) for item in left]
    raw = [abs(item.row.error_ev) for item in left]
    assert sum(errors) / len(errors) < 0.12
    assert sum(raw) / len(raw) > 3.0 * sum(errors) / len(errors)
    widened = bonds.bond_energy_fit().widened
    inside = sum(abs(item.error_ev) <= 1.645 * widened * item.sigma_ev for item in left) / len(left)
    assert inside >= 0.90


def test_the_bond_of_n_bromosuccinimide_without_its_row():
    (found,) = (item for item in bonds.left_out_bonds() if item.row.smiles == "O=C1CCC(=O)N1Br")
    assert found.energy_ev == pytest.approx(2.92, abs=0.15)


def test_an_untested_term_widens_a_bond():
    fit = bonds.bond_energy_fit()
    known, strange = cleaved(), cleaved(n_acyl=1)
    assert fit.knows(known)
    assert not fit.knows(strange)
    assert fit.corrected(3.0, strange)[1] > fit.corrected(3.0, known)[1]


def test_waves_that_were_left_out():
    left = cleavage.left_out_waves()
    assert len(left) == len(cleavage.measured_waves()) >= 7
    assert sum(abs(item.error_v) for item in left) / len(left) < 0.40


def test_a_level_names_its_bond_and_its_evidence():
    level = cleavage.cleavage_level(cleaved())
    assert level.channel == "breaks"
    assert level.intact is False
    assert level.domain == "calibrated"
    assert "C-Br" in level.changed_bonds[0]
    assert "E0" in level.note
    other = cleavage.cleavage_level(cleaved(kind="nitrogen_bromine", pair="N-Br", n_heavy=(2, 0)))
    assert other.domain == "uncalibrated"
    assert "no measured wave" in other.note
    assert other.sigma_v > level.sigma_v


def test_nothing_is_said_of_a_bond_of_which_nothing_is_known():
    assert cleavage.cleavage_level(cleaved(kind="phosphonium", pair="C-P", n_heavy=(2, 3))) is None
    assert cleavage.cleavage_level(cleaved(kind="oxygen_chlorine", pair="O-Cl", n_oxo=1)) is None


def test_an_acyl_group_counts_on_either_end():
    # Diacetyl peroxide has one on each oxygen, a perester one on the oxygen that leaves.
    fit = bonds.bond_energy_fit()

    def energy(**ends):
        return fit.corrected(2.0, cleaved(pair="O-O", n_heavy=(1, 1), **ends))[0]

    plain, perester, diacyl = energy(), energy(n_acyl_leaving=1), energy(n_acyl=1, n_acyl_leaving=1)
    # xTB holds acyloxy radicals too well: the bond is stronger than it says.
    assert plain < perester < diacyl
    assert diacyl - perester == pytest.approx(perester - plain)
    assert energy(n_acyl=1) == pytest.approx(perester)


def test_the_heats_of_formation_behind_the_oxygen_bonds():
    rows = {row.smiles: row for row in bonds.bond_energies()}
    # CH2N + OH - CH2=NOH; twice CH3CO2 - (CH3CO2)2, with CH3CO2 from CH3COOH and the O-H bond of formic acid.
    assert rows["C=NO"].d298_kj_mol == pytest.approx(238.57 + 37.501 - 3522.5 * 8.314463e-3, abs=0.1)
    formic = -125.06 + 217.998 + 90.48 * 4.184
    acetyloxy = -432.25 + formic - 217.998
    peroxide = -60135.8 * 8.314463e-3
    assert rows["CC(=O)OOC(C)=O"].d298_kj_mol == pytest.approx(2.0 * acetyloxy - peroxide, abs=0.5)


def test_a_slow_transfer_peaks_further_out():
    # Four powers of ten at 298.15 K are 0.237 eV of barrier.
    at_once, slow = (
        cleavage.wave(0.56, 1.66, 0.0, 2.5, 3.5, slower_decades=decades) for decades in (0.0, 4.0)
    )
    assert slow.standard_v_she == at_once.standard_v_she
    barrier = at_once.barrier_ev
    left = cleavage.peak_barrier_ev() - 4.0 * math.log(10.0) * 8.617333e-5 * 298.15
    lost = 4.0 * barrier * (1.0 - math.sqrt(left / barrier))
    assert slow.peak_v_she == pytest.approx(slow.standard_v_she - lost)
    assert slow.peak_v_she < at_once.peak_v_she


def test_an_endoperoxide_peaks_where_it_was_measured():
    # Magri and Workentin 2008, 2014: E0 -0.55 V, O-O bond of 20 kcal/mol, peak of a close relative -1.4 V.
    row = next(item for item in scissile_kinds() if item.kind == "dialkyl_peroxide")
    slow = cleavage.wave(0.56, 0.867, 0.0, 3.5, 3.9, slower_decades=row.slower_decades)
    assert slow.peak_v_she - slow.standard_v_she == pytest.approx(-1.4 + 0.55, abs=0.30)
    fast = cleavage.wave(0.56, 0.867, 0.0, 3.5, 3.9)
    assert fast.peak_v_she - fast.standard_v_she > -0.1


def test_a_couple_of_another_aprotic_solvent_is_not_moved():
    rows = {row.name: row for row in leaving_couples()}
    assert couple_in_acetonitrile("tertiary alkoxide") == (rows["tertiary alkoxide"].e0_v_she, 0.25)
    assert rows["tertiary alkoxide"].e0_v_she == pytest.approx(-0.55 + 0.24 + 20.0 * 4.184 / 96.485, abs=0.01)
