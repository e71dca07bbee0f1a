"""Computed spectra against whole measured ones."""

from functools import lru_cache

import pytest
from rdkit import Chem

from echemscreen.engines.base import get_engine
from echemscreen.engines.indo import excitations
from echemscreen.engines.relax import relax
from echemscreen.evidence import absorption_errors
from echemscreen.evidence.absorption_errors import (
    absorption_curves,
    absorption_table,
    curve_errors,
    position_errors,
    width_errors,
)
from echemscreen.levels.light.absorption import transition_kind
from echemscreen.levels.light.spectra import FWHM_EV
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.library import library
from echemscreen.records.molecules import Molecule, Species


@lru_cache(maxsize=1)
def curves():
    return absorption_curves()


def test_no_ranked_molecule_is_among_the_spectra():
    ranked = {
        row.entry.canonical_smiles
        for name in ("lu2022", "crosslinkers")
        for row in library().rows(name)
        if isinstance(row.entry, Molecule) and "=[N+]=" in row.entry.canonical_smiles
    }
    assert ranked
    assert not ranked & {Chem.CanonSmiles(curve.smiles) for curve in curves()}
    assert len(curves()) >= 80


def test_the_width_in_use_has_the_smallest_error():
    errors = width_errors()
    assert min(errors, key=errors.__getitem__) == FWHM_EV


def test_the_error_of_the_width_in_use_is_that_of_the_table():
    rows = curve_errors()
    mean = sum(row.n * row.mean_absolute for row in rows) / sum(row.n for row in rows)
    assert width_errors()[FWHM_EV] == pytest.approx(mean, abs=1e-9)


def test_intervals_hold_what_they_claim():
    rows = curve_errors()
    assert sum(row.n * row.within for row in rows) / sum(row.n for row in rows) == pytest.approx(
        0.90, abs=0.02
    )
    assert all(row.within > 0.8 for row in rows)


def test_reported_errors_do_not_grow_unnoticed():
    by_line = {row.wavelength_nm: row for row in curve_errors()}
    assert by_line[254].n > 150
    assert by_line[254].median_absolute < 0.35
    assert by_line[365].median_absolute < 0.60
    assert all(abs(misses.mean()) < 0.6 for misses in position_errors().values())


def test_the_table_says_every_wavelength_and_region():
    text = absorption_table()
    for part in ("254", "365", "below 282 nm", "above 344 nm", "used"):
        assert part in text


@pytest.mark.parametrize("cas", ["103-90-2", "108-94-1", "98-16-8"])
def test_stored_states_are_those_computed_today(cas):
    curve = next(item for item in curves() if item.cas == cas)
    engine = get_engine("tblite")
    start = embed(Species(smiles=curve.smiles, charge=0))[0]
    geometry = relax(engine, start, charge=0, n_unpaired=0, method=engine.method("GFN2-xTB", "")).geometry
    found = excitations(geometry, charge=0, n_states=len(curve.transitions))
    for state, (energy_ev, strength, kind) in zip(found, curve.transitions, strict=True):
        assert state.energy_ev == pytest.approx(energy_ev, abs=0.03)
        assert state.oscillator_strength == pytest.approx(strength, abs=0.03)
        if strength > 0.01:
            assert transition_kind(state, geometry) == kind


def test_a_curve_by_hand(monkeypatch):
    """Measured 100 L/mol/cm against nothing computed: half a decade, the least that is told apart."""
    row = absorption_errors.AbsorptionCurve(
        name="a",
        smiles="C",
        cas="",
        log_epsilon_254=2.0,
        log_epsilon_265=None,
        log_epsilon_280=1.0,
        log_epsilon_302=None,
        log_epsilon_313=None,
        log_epsilon_334=None,
        log_epsilon_365=None,
        band_nm=None,
        quality="verified",
        citation="",
        locator="",
        states="9.0 0.5 pi",
    )
    monkeypatch.setattr(absorption_errors, "absorption_curves", lambda: (row,))
    (found,) = curve_errors()
    assert (found.wavelength_nm, found.n) == (254.0, 1)
    assert found.mean == pytest.approx(1.5 - 2.0)
