"""Bound levels: the shift follows the charge, leaving against staying, no evidence no verdict."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SOURCE, level

from echemscreen.levels.binding import NERNST_V, Leaving, Site, bound_level
from echemscreen.levels.bound_references import (
    read_binding_calculations,
    read_bound_calculations,
    read_leaving_calculations,
)
from echemscreen.levels.site_shift import (
    CENTRED,
    BoundRow,
    bound_fit,
    left_out,
    near_share,
    site_weight,
    solve,
)
from echemscreen.records.levels import SiteBinding
from echemscreen.records.processes import Process

AT_DONOR = (1.0,)
#: Everything eleven bonds from the donor.
FAR = (*[0.0] * 11, 1.0)


def held(log_k, sigma=0.0):
    return SiteBinding(free_energy_ev=-NERNST_V * log_k, sigma_ev=sigma, basis="cited", citation=SOURCE)


def site(bond_class="alkanethiolate", binding="X", log_k=None, leaves_at=None):
    leaving = None
    if leaves_at is not None:
        leaving = Leaving(value_v_she=leaves_at, sigma_v=0.1, note="by hand", citation=SOURCE)
    return Site(
        bond_class=bond_class,
        binding=binding,
        metal="Cd",
        distances=(0,),
        held=None if log_k is None else held(log_k),
        leaving=leaving,
    )


def test_the_weight_of_a_site_by_hand():
    assert near_share((1.0,)) == 1.0
    assert near_share((0.0, 1.0)) == 1.0
    assert near_share((0.5, 0.0, 0.0, 0.5)) == pytest.approx(0.5 + 0.5 * math.exp(-2.0))
    assert near_share(()) == 0.0


@given(st.integers(0, 20), st.integers(1, 5))
def test_the_weight_falls_with_every_bond(bonds, further):
    here = near_share((*[0.0] * bonds, 1.0))
    there = near_share((*[0.0] * (bonds + further), 1.0))
    assert there <= here
    assert 0.0 < there <= 1.0


@pytest.mark.parametrize("process", [Process.REDUCTION, Process.OXIDATION])
@pytest.mark.parametrize("bond_class", ["alkanethiolate", "carboxylate", "dithiocarbamate"])
@pytest.mark.parametrize("bonds", [8, 9, 11, 14])
def test_nothing_reaches_across_eight_bonds(process, bond_class, bonds):
    fit = bound_fit(process, "X")
    near = near_share((*[0.0] * bonds, 1.0))
    shift, _ = fit.shift(bond_class, fit.metal, near, -0.8 if process == "reduction" else 1.2)
    assert abs(shift) < 0.03


def test_the_shift_of_a_thiolate_is_what_was_calculated():
    # PBE0, this package: CH3S-Cd(OAc) lies 0.66 V below CH3SH, adiabatically.
    fit = bound_fit(Process.OXIDATION, "X")
    shift, sigma = fit.shift("alkanethiolate", fit.metal, 0.88, 2.45)
    assert shift == pytest.approx(-0.62, abs=0.12)
    assert 0.03 < sigma < 0.3


def test_the_easier_channel_is_the_level():
    free = level(Process.OXIDATION, 2.45)
    stays = bound_level(free, AT_DONOR, site())
    assert stays.channel == "stays"
    easy = bound_level(free, AT_DONOR, site(leaves_at=1.05))
    assert (easy.channel, easy.value_v_she, easy.sigma_v) == ("leaves", 1.05, 0.1)
    hard = bound_level(free, AT_DONOR, site(leaves_at=3.5))
    assert (hard.channel, hard.value_v_she) == ("stays", stays.value_v_she)


def test_what_leaves_tells_how_far_its_ion_relaxes():
    free = level(Process.OXIDATION, 1.60, sigma=0.3)
    weak = bound_level(free, AT_DONOR, site("amine", "L", log_k=2.55))
    stays = bound_level(free, AT_DONOR, site("amine", "L"))
    assert weak.leaving.value_ev == pytest.approx(stays.value_v_she - weak.value_v_she)
    # Both levels are moved from the free one: its own error is in neither.
    assert weak.leaving.sigma_ev == pytest.approx(stays.corrections[-1].sigma_v)
    easy = bound_level(level(Process.OXIDATION, 2.45, sigma=0.3), AT_DONOR, site(leaves_at=1.05))
    assert easy.leaving.sigma_ev > math.hypot(0.3, 0.1)
    assert stays.leaving is None
    assert bound_level(free, AT_DONOR, site("no such bond", "L", log_k=0.1)).leaving is None


def test_a_hole_on_the_bond_is_moved_in_full_and_an_electron_by_its_share():
    assert site_weight(Process.OXIDATION, CENTRED) == site_weight(Process.OXIDATION, 0.9) == 1.0
    assert site_weight(Process.OXIDATION, CENTRED / 4) == 0.25
    assert site_weight(Process.REDUCTION, 0.3) == 0.3


def test_a_metal_has_a_term_of_its_own():
    zinc = [replace(row, metal="Zn", shift_v=-0.3) for row in made_up(-0.6, n=4)]
    fit = solve(Process.OXIDATION, "X", [*made_up(-0.6), *zinc], {"a": 6})
    assert fit.shift("a", "Zn", 1.0, 2.25)[0] == pytest.approx(-0.3, abs=0.06)
    assert fit.shift("a", "Pb", 1.0, 2.25)[0] == fit.shift("a", "Cd", 1.0, 2.25)[0]
    assert fit.shift("a", "Pb", 1.0, 2.25)[1] > fit.shift("a", "Zn", 1.0, 2.25)[1]


def test_a_donor_that_leaves_is_protected_by_its_bond():
    free = level(Process.OXIDATION, 1.60)
    bound = bound_level(free, AT_DONOR, site("amine", "L", log_k=2.55))
    assert bound.channel == "leaves"
    assert bound.value_v_she == pytest.approx(1.60 + 2.55 * 0.05916, abs=1e-4)
    assert bound.domain == "calibrated"


@given(st.floats(-1.0, 3.0), st.floats(0.0, 12.0), st.floats(0.0, 3.0))
def test_a_firmer_bond_never_eases_an_oxidation(free, log_k, more):
    weak = bound_level(level(Process.OXIDATION, free), AT_DONOR, site("amine", "L", log_k=log_k))
    firm = bound_level(level(Process.OXIDATION, free), AT_DONOR, site("amine", "L", log_k=log_k + more))
    assert firm.value_v_she >= weak.value_v_she - 1e-9


def test_leaving_never_helps_a_reduction():
    free = level(Process.REDUCTION, -1.5)
    with_bond = bound_level(free, FAR, site("carboxylate", log_k=2.0, leaves_at=1.0))
    assert with_bond.channel == "stays"
    assert with_bond.value_v_she == pytest.approx(-1.5, abs=0.03)


@pytest.mark.parametrize("process", [Process.REDUCTION, Process.OXIDATION])
def test_a_class_without_a_calculation_has_no_evidence(process):
    free = level(process, -3.0 if process == "reduction" else 3.0, sigma=0.01)
    bound = bound_level(free, AT_DONOR, site("no such bond", leaves_at=2.9))
    assert bound.domain == "uncalibrated"
    assert "no reference calculation" in bound.note


def test_a_hole_elsewhere_leaves_the_bond_as_a_second_centre():
    far_and_hard = bound_level(level(Process.OXIDATION, 2.6), FAR, site())
    assert far_and_hard.value_v_she < 2.2
    assert "bond itself" in far_and_hard.note
    far_and_easy = bound_level(level(Process.OXIDATION, 0.7), FAR, site())
    assert far_and_easy.value_v_she == pytest.approx(0.7, abs=0.03)


def made_up(shift, near=1.0, n=6, bond_class="a"):
    return [
        BoundRow(
            smiles=f"{bond_class}{i}",
            bond_class=bond_class,
            metal="Cd",
            spectator="formate",
            near=near,
            parent_v_she=2.0 + 0.1 * i,
            shift_v=shift,
        )
        for i in range(n)
    ]


def test_a_fit_finds_what_it_was_made_of():
    rows = [*made_up(-0.6), *made_up(0.2, bond_class="b")]
    fit = solve(Process.OXIDATION, "X", rows, {"a": 6, "b": 6})
    assert fit.shift("a", "Cd", 1.0, 2.25)[0] == pytest.approx(-0.6, abs=0.03)
    assert fit.shift("b", "Cd", 1.0, 2.25)[0] == pytest.approx(0.2, abs=0.03)
    assert fit.shift("a", "Cd", 0.0, 2.25)[0] == 0.0
    assert fit.shift("c", "Cd", 1.0, 2.25)[1] > 2 * fit.shift("a", "Cd", 1.0, 2.25)[1]


@given(st.permutations(range(12)))
def test_a_fit_does_not_depend_on_the_order_of_its_rows(order):
    rows = [*made_up(-0.6), *made_up(0.2, bond_class="b")]
    first = solve(Process.OXIDATION, "X", rows, {}).shift("a", "Cd", 0.7, 2.1)
    second = solve(Process.OXIDATION, "X", [rows[i] for i in order], {}).shift("a", "Cd", 0.7, 2.1)
    assert first == pytest.approx(second, abs=1e-9)


def test_intervals_of_ligands_left_out_hold():
    fit = bound_fit(Process.OXIDATION, "X")
    values = left_out(Process.OXIDATION, "X")
    assert len(values) >= 8
    inside = [abs(item.shift_v - item.row.shift_v) <= 1.645 * fit.widened * item.sigma_v for item in values]
    assert sum(inside) / len(inside) >= 0.8
    errors = [abs(item.shift_v - item.row.shift_v) for item in values]
    assert sum(errors) / len(errors) <= 0.15


def test_calculated_rows_are_unique_and_possible():
    for rows in (read_bound_calculations(), read_binding_calculations(), read_leaving_calculations()):
        assert len({row.key for row in rows}) == len(rows) > 0
    for row in read_bound_calculations():
        assert -5.0 < row.vertical_v_she < 6.0
        assert row.spin_on_ligand is None or -0.1 <= row.spin_on_ligand <= 1.1
    for row in read_binding_calculations():
        assert row.counterpoise_ev >= 0.0
        assert (row.counterpoise_ev == 0.0) == (row.binding == "X")
