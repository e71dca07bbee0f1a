"""Drives, their probabilities and margins by hand."""

import math
from dataclasses import replace

import pytest
from strategies import couple, edges, level

from echemscreen.records.levels import Reach, Reorganisation
from echemscreen.records.processes import Process
from echemscreen.verdicts.alignment import (
    align_couple,
    align_level,
    excludes,
    margin,
    probability_positive,
    shows,
)
from echemscreen.verdicts.exposure import transfer_rate

RED, OX = Process.REDUCTION, Process.OXIDATION


@pytest.mark.parametrize(
    ("drive", "sigma", "expected"),
    [
        (0.1645, 0.1, 0.95),
        (-0.1645, 0.1, 0.05),
        (0.2, 0.2, 0.8413),
        (0.0, 0.0, 0.5),
        (1e-9, 0.0, 1.0),
        (-1e-9, 0.0, 0.0),
    ],
)
def test_probabilities_of_a_normal_distribution(drive, sigma, expected):
    assert probability_positive(drive, sigma) == pytest.approx(expected, abs=1e-4)


def test_an_unknown_sigma_gives_no_probability():
    assert probability_positive(1.0, None) is None


@pytest.mark.parametrize(
    ("process", "value", "against", "edge", "drive"),
    [(RED, -0.6, "cbm", -0.9, 0.3), (OX, 1.4, "vbm", 1.1, -0.3)],
)
def test_a_level_meets_the_edge_of_its_carrier(process, value, against, edge, drive):
    item = align_level(level(process, value, sigma=0.3, one_sided=True), edges(-0.9, 1.1, sigma=0.4))
    assert (item.process, item.against, item.source) == (process, against, "molecule")
    assert (item.level_v_she, item.edge_v_she, item.one_sided) == (value, edge, True)
    assert item.drive_ev == pytest.approx(drive)
    assert item.sigma_ev == pytest.approx(0.5)
    assert item.probability == pytest.approx(probability_positive(drive, 0.5))
    assert item.rate is None


def test_an_unknown_level_sigma_stays_unknown():
    item = align_level(level(RED, -0.6, sigma=None), edges(), Reach(electron=0.1, hole=0.1))
    assert (item.sigma_ev, item.probability, item.rate) == (None, None, None)


def test_the_rate_is_that_of_the_own_carrier_and_of_what_leaves():
    bond = Reorganisation(value_ev=0.3, sigma_ev=0.1)
    reach = Reach(electron=0.2, hole=1e-4)
    for process, value, share in ((RED, -0.6, 0.2), (OX, 0.9, 1e-4)):
        item = align_level(level(process, value, leaving=bond), edges(), reach)
        assert item.rate == transfer_rate(item.drive_ev, item.sigma_ev, share, leaving=bond)


def test_a_couple_meets_the_conduction_edge():
    ion = replace(couple(-0.5, sigma=0.3), one_sided=True)
    item = align_couple(ion, edges(-0.9, 1.1, sigma=0.4))
    assert (item.process, item.against, item.source) == (RED, "cbm", "couple")
    assert (item.level_v_she, item.edge_v_she, item.one_sided, item.couple) == (-0.5, -0.9, True, ion)
    assert item.drive_ev == pytest.approx(0.4)
    assert item.sigma_ev == pytest.approx(0.5)
    assert item.probability == pytest.approx(0.7881, abs=1e-4)  # Phi(0.8)


def test_a_margin_counts_standard_deviations():
    band = edges(-0.9, 1.1, sigma=0.4)
    assert margin(align_level(level(RED, -0.4, sigma=0.3), band)) == pytest.approx(1.0)
    assert margin(align_level(level(RED, -1.9, sigma=0.3), band)) == pytest.approx(-2.0)
    assert margin(align_level(level(RED, -0.6, sigma=None), band)) is None
    assert margin(align_level(level(RED, -0.6, sigma=0.0), edges(sigma=0.0))) is None


@pytest.mark.parametrize(("share", "expected"), [(0.8413, 1.0), (0.0228, -2.0), (0.0, -8.0), (1.0, 8.0)])
def test_the_margin_of_a_hole_is_that_of_its_arrival(share, expected):
    item = align_level(level(OX, 0.5), edges(), Reach(electron=0.1, hole=0.1))
    arrives = replace(item, rate=replace(item.rate, p_reacts=share))
    assert margin(arrives) == pytest.approx(expected, abs=1e-2)


def test_thresholds_count_as_reached():
    item = replace(align_level(level(RED, -0.4), edges()), probability=0.75)
    assert shows(item, 0.75)
    assert not shows(item, 0.76)
    assert not shows(replace(item, one_sided=True), 0.75)
    assert excludes(item, 0.75)
    assert not excludes(item, 0.74)
    assert excludes(replace(item, one_sided=True), 0.75)
    unknown = replace(item, probability=None)
    assert not shows(unknown, 0.0)
    assert not excludes(unknown, 1.0)


def test_the_drive_in_ev_has_the_number_of_the_potential_in_volt():
    item = align_level(level(OX, 0.6, sigma=0.2), edges(vbm=1.1, sigma=0.1))
    assert item.drive_ev == pytest.approx(0.5)
    assert item.sigma_ev == pytest.approx(math.sqrt(0.05))
