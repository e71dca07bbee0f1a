"""The wave of a bond that an electron breaks: hand-checked numbers, and the fits of its rows."""

import math

import pytest

from echemscreen.levels import bond_energies as bonds
from echemscreen.levels import cleavage
from echemscreen.levels.binding import leaving_couples


def cleaved(**changes):
    values = {
        "kind": "carbon_bromine",
        "pair": "C-Br",
        "n_heavy": (1, 0),
        "n_acyl": 0,
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
    assert cleavage.acetonitrile_shift_v() == pytest.approx(shift)
    value, sigma = cleavage.couple_in_acetonitrile("chloride")
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
    assert cleavage.cleavage_level(cleaved(kind="perester", pair="O-O", n_acyl=1, n_heavy=(1, 1))) is None
