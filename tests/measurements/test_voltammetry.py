"""Waves held against theory (Nicholson and Shain), not against what the analysis printed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nicholson_shain import triangle, voltammogram

from echemscreen.errors import InputError
from echemscreen.measurements.instrument_files import Voltammogram
from echemscreen.measurements.referencing import (
    by_electrode,
    by_found_ferrocene,
    by_given_ferrocene,
    scale_of,
)
from echemscreen.measurements.scan_rates import series_of
from echemscreen.measurements.voltammetry import analysed
from echemscreen.records.processes import Process


def recorded(potentials, currents, rate=0.1, reference="", name="cv.csv"):
    return Voltammogram(
        path=Path(name),
        instrument="theory",
        potentials_v=np.asarray(potentials),
        currents_a=1e-5 * np.asarray(currents),
        scan_rate_v_s=rate,
        reference=reference,
    )


def reversible(e0=0.40, process=Process.OXIDATION, span=0.45, **options):
    sign = 1 if process == "oxidation" else -1
    sweep = triangle(e0 - sign * span, e0 + sign * span)
    return sweep, voltammogram(sweep, e0, process=process, **options)


@pytest.mark.parametrize("process", [Process.OXIDATION, Process.REDUCTION])
def test_a_reversible_wave_is_that_of_the_theory(process):
    (wave,) = analysed(recorded(*reversible(process=process))).waves
    sign = 1 if process == "oxidation" else -1
    assert wave.process == process
    assert wave.half_wave_v == pytest.approx(0.40, abs=0.001)
    assert sign * (wave.peak_v - 0.40) == pytest.approx(0.0285, abs=0.001)  # Nicholson and Shain, Table I
    assert sign * (wave.half_peak_v - 0.40) == pytest.approx(-0.0280, abs=0.0015)
    assert wave.height_a == pytest.approx(0.4463e-5, rel=0.01)
    assert wave.current_ratio == pytest.approx(1.0, abs=0.03)
    assert wave.separation_v == pytest.approx(0.0578, abs=0.002)
    assert wave.behaviour == "reversible"
    # The steepest tangent of a reversible wave: between the foot and the half-peak.
    assert 0.05 < sign * (0.40 - wave.onset_v) < 0.08


@pytest.mark.parametrize(("psi", "separation_v"), [(7.0, 0.063), (1.0, 0.084), (0.5, 0.105), (0.25, 0.141)])
def test_slow_electron_transfer_widens_the_peaks_as_nicholson_says(psi, separation_v):
    """R. S. Nicholson, Anal. Chem. 37, 1351 (1965), Table I."""
    (wave,) = analysed(recorded(*reversible(rate=psi * np.sqrt(np.pi), span=0.8))).waves
    assert wave.separation_v == pytest.approx(separation_v, abs=0.003)
    # The return of a slow couple still feels where the sweep turned.
    assert wave.half_wave_v == pytest.approx(0.40, abs=0.003)
    assert wave.behaviour == ("reversible" if psi > 2 else "quasi-reversible")


@pytest.mark.parametrize("transfer", [0.4, 0.6])
def test_an_unequal_transfer_coefficient_lies_within_sigma(transfer):
    (wave,) = analysed(recorded(*reversible(rate=0.2, transfer=transfer, span=0.6))).waves
    error = abs(wave.half_wave_v - 0.40)
    assert 0.001 < error < 2 * wave.sigma_v


def test_a_product_that_is_lost_shows_in_the_current_ratio():
    lost = [analysed(recorded(*reversible(decay=decay))).waves[0] for decay in (0.0, 0.03, 0.1)]
    ratios = [wave.current_ratio for wave in lost]
    assert ratios[0] > ratios[1] > ratios[2]
    assert lost[2].behaviour == "quasi-reversible"
    (gone,) = analysed(recorded(*reversible(decay=10.0))).waves
    assert gone.return_v is None
    assert gone.behaviour == "irreversible"
    assert gone.kind == "half_peak"
    # A fast reaction behind the transfer moves the wave towards the gap.
    assert gone.value_v < 0.40


def test_a_single_sweep_is_not_called_irreversible():
    sweep, current = reversible()
    half = len(sweep) // 2 + 1
    (wave,) = analysed(recorded(sweep[:half], current[:half])).waves
    assert wave.behaviour == "no return sweep"
    assert wave.value_v == wave.half_peak_v


def test_the_other_sign_convention_is_turned_round_and_said():
    sweep, current = reversible()
    found = analysed(recorded(sweep, -current))
    assert found.waves[0].half_wave_v == pytest.approx(0.40, abs=0.001)
    assert found.waves[0].process == "oxidation"
    assert "cathodic currents are positive" in found.notes[0]


def test_a_sloping_baseline_and_a_charging_current_do_not_move_the_potential():
    sweep, current = reversible()
    direction = np.sign(np.gradient(sweep))
    crooked = current + 0.15 * direction + 0.3 * (sweep - sweep[0])
    (wave,) = analysed(recorded(sweep, crooked)).waves
    assert wave.half_wave_v == pytest.approx(0.40, abs=0.005)
    assert wave.height_a == pytest.approx(0.4463e-5, rel=0.06)


def test_the_last_cycle_of_a_couple_that_lives_is_read_and_the_scatter_told():
    sweep, current = reversible()
    drift = 0.004
    cycles = np.concatenate([sweep, sweep + drift, sweep + 2 * drift])
    found = analysed(recorded(cycles, np.tile(current, 3)))
    (wave,) = found.waves
    assert wave.half_wave_v == pytest.approx(0.408, abs=0.002)
    assert found.scatter_v[0] == pytest.approx(0.004, abs=0.001)


def test_two_couples_are_two_waves_and_a_flat_line_is_none():
    sweep = triangle(-0.4, 1.0)
    found = analysed(recorded(sweep, voltammogram(sweep, 0.1) + voltammogram(sweep, 0.6)))
    assert [wave.half_wave_v for wave in found.waves] == pytest.approx([0.1, 0.6], abs=0.01)
    noise = np.random.default_rng(1).normal(0, 0.01, len(sweep))
    with pytest.raises(InputError, match="nothing stands out of the background"):
        analysed(recorded(sweep, 0.2 * np.sign(np.gradient(sweep)) + noise))


def test_a_rise_to_the_end_of_the_window_has_an_onset_only():
    sweep = triangle(0.0, 1.0)
    wall = np.exp((sweep - 1.0) / 0.05)
    found = analysed(recorded(sweep, wall + 0.02 * np.sign(np.gradient(sweep))))
    assert not found.waves
    rise = next(rise for rise in found.rises if rise.process == "oxidation")
    # Of exp((E - 1)/w) the tangent in E = 1 meets zero at 1 - w.
    assert rise.onset_v == pytest.approx(0.95, abs=0.02)


@given(
    e0=st.floats(-1.5, 1.5),
    slope=st.floats(-0.3, 0.3),
    charging=st.floats(0.0, 0.2),
    noise=st.floats(0.0, 0.01),
    step=st.sampled_from([0.001, 0.002, 0.005]),
)
@settings(max_examples=15, deadline=None)
def test_the_half_wave_holds_on_any_background(e0, slope, charging, noise, step):
    sweep = triangle(e0 - 0.4, e0 + 0.4, step)
    background = slope * (sweep - sweep[0]) + charging * np.sign(np.gradient(sweep))
    scatter = np.random.default_rng(2).normal(0, noise, len(sweep))
    found = analysed(recorded(sweep, voltammogram(sweep, e0) + background + scatter))
    best = min(found.waves, key=lambda wave: abs(wave.value_v - e0))
    assert best.half_wave_v == pytest.approx(e0, abs=0.010)


# --- scan rates -----------------------------------------------------------------------------


def test_a_series_tells_diffusion_from_an_adsorbed_layer():
    rates = (0.02, 0.1, 0.5)
    diffusing = []
    for rate in rates:
        sweep, current = reversible(scan_rate=rate)
        diffusing.append(analysed(recorded(sweep, current, rate)))
    series = series_of(diffusing, diffusing[0].waves[0])
    assert series.exponent == pytest.approx(0.5, abs=0.02)
    assert series.control == "diffusion"
    assert not series.is_slow
    assert series.value_v == pytest.approx(0.40, abs=0.001)

    adsorbed = []
    for rate in rates:
        sweep = triangle(0.0, 0.8)
        layer = 1 / np.cosh((sweep - 0.4) / 0.0514) ** 2
        adsorbed.append(analysed(recorded(sweep, rate * layer * np.sign(np.gradient(sweep)), rate)))
    assert series_of(adsorbed, adsorbed[0].waves[0]).control == "adsorption"


def test_a_slow_couple_is_read_from_the_slowest_scan():
    analyses = []
    for rate in (0.02, 0.2, 2.0):
        sweep, current = reversible(rate=0.3, transfer=0.42, scan_rate=rate, span=0.6)
        analyses.append(analysed(recorded(sweep, current, rate)))
    series = series_of(analyses, analyses[0].waves[0])
    assert series.is_slow
    assert series.value_v == analyses[0].waves[0].value_v


def test_too_few_rates_and_a_file_without_one_are_told():
    one = analysed(recorded(*reversible()))
    with pytest.raises(InputError, match="is seen at 1 scan rates"):
        series_of([one, one, one], one.waves[0])
    silent = analysed(recorded(*reversible(), rate=None))
    with pytest.raises(InputError, match="does not say its scan rate"):
        series_of([one, silent], one.waves[0])


# --- reference electrodes -------------------------------------------------------------------


def with_ferrocene(reference=""):
    sweep = triangle(-0.3, 1.2)
    current = voltammogram(sweep, 0.42) + voltammogram(sweep, 0.90, decay=10.0)
    return analysed(recorded(sweep, current, reference=reference))


def test_ferrocene_is_found_where_the_electrode_puts_it_and_outranks_it():
    found = with_ferrocene()
    known = by_found_ferrocene(found, "sce")
    assert known.offset_v == pytest.approx(0.42, abs=0.003)
    # 0.63 V vs SHE is the row of ferrocene: the electrode's own 0.241 V plays no part.
    assert known.she(known.offset_v) == pytest.approx(0.63)
    assert known.standard is found.waves[0]


def test_a_silver_wire_needs_a_single_reversible_wave():
    assert by_found_ferrocene(with_ferrocene(), None).offset_v == pytest.approx(0.42, abs=0.003)
    sweep = triangle(-0.4, 1.0)
    twins = analysed(recorded(sweep, voltammogram(sweep, 0.0) + voltammogram(sweep, 0.45)))
    with pytest.raises(InputError, match=r"Several waves of cv\.csv can be ferrocene"):
        by_found_ferrocene(twins, None)
    assert by_found_ferrocene(twins, "sce").standard is twins.waves[1]


def test_without_ferrocene_the_file_says_so():
    far = analysed(recorded(*reversible(e0=-1.2)))
    with pytest.raises(
        InputError, match=r"No reversible oxidation of cv\.csv can be ferrocene near \+0\.39 V"
    ):
        by_found_ferrocene(far, "sce")


def test_the_electrode_must_be_said_and_its_junction_counts():
    found = with_ferrocene(reference="SCE Saturated Calomel Electrode (0,241 V)")
    assert scale_of(found.source.reference) == "sce"
    with pytest.raises(InputError, match="give --reference sce"):
        by_electrode(found, None, solvent="acetonitrile")
    assert by_electrode(found, "sce", solvent="acetonitrile").she(0.0) == pytest.approx(0.241)
    organic = by_electrode(found, "ag_agcl", solvent="acetonitrile")
    assert organic.sigma_v > by_electrode(found, "ag_agcl", solvent="water").sigma_v
    assert by_given_ferrocene(0.5, found).she(0.5) == pytest.approx(0.63)
    assert by_given_ferrocene(0.5, found).standard is None
    assert by_given_ferrocene(0.43, found).standard is found.waves[0]
