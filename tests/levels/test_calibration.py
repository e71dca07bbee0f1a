"""The calibration: honest errors, domains that follow the evidence, and a refit to the last digit."""

from dataclasses import replace

import numpy as np
import pytest

from echemscreen.errors import InputError
from echemscreen.levels import calibration as cal
from echemscreen.levels import fitting
from echemscreen.levels.redox import RawPotentials, method_constants
from echemscreen.records import Correction
from echemscreen.reference_tables import read_rows
from echemscreen.screening import reference_runs


@pytest.fixture(scope="module")
def references():
    return cal.reference_potentials()


@pytest.fixture(scope="module")
def descriptors():
    return read_rows("ligand_library", "reference_descriptors.csv", cal.ReferenceDescriptors)


def raw(process="reduction", shift=0.0, intact=True, **more):
    """Descriptors of 1,4-benzoquinone as shipped, moved by ``shift``."""
    rows = read_rows("ligand_library", "reference_descriptors.csv", cal.ReferenceDescriptors)
    row = next(row for row in rows if row.entry == "ward-1.1.1" and row.engine == "tblite")
    values = {
        "process": process,
        "gfn2_vertical_v_she": row.gfn2_vertical_v_she + shift,
        "gfn2_adiabatic_v_she": row.gfn2_adiabatic_v_she + shift,
        "ipea1_vertical_v_she": row.ipea1_vertical_v_she + shift,
        "ipea1_adiabatic_v_she": row.ipea1_adiabatic_v_she + shift,
        "homo_ev": row.homo_ev,
        "lumo_ev": row.lumo_ev,
        "intact": intact,
    }
    return RawPotentials(**(values | more))


def test_enough_cited_rows(references):
    for process in ("oxidation", "reduction"):
        assert sum(row.process == process for row in references) >= 59
    assert sum(row.process == "reduction" for row in references) >= 60
    for row in references:
        assert row.citation
        assert row.locator
        assert -4.0 < row.value_v_she < 4.0
        assert row.quality in {"A", "B"}
    assert len({row.entry for row in references}) == len(references)


def test_the_shipped_calibration_is_its_refit_to_the_last_digit():
    report = reference_runs.calibrate()
    assert report.agrees
    assert {fit.engine for fit in report.fits} == {"tblite", "xtb"}


def test_a_changed_row_changes_the_coefficients(references, descriptors):
    pairs = {row.entry: row for row in descriptors if row.engine == "tblite"}
    rows = [(ref, pairs[ref.entry]) for ref in references if ref.process == "oxidation"]
    before = fitting.fit("oxidation", "tblite", "adiabatic", rows)
    rows[0] = (replace(rows[0][0], value_v=rows[0][0].value_v + 0.3), rows[0][1])
    after = fitting.fit("oxidation", "tblite", "adiabatic", rows)
    assert not np.array_equal(before.coefficients, after.coefficients)


def test_calibration_beats_the_raw_values_in_cross_validation():
    for fit in cal.shipped_fits().values():
        assert fit.cv_mae_v < 0.85 * fit.raw_mae_v
        assert fit.cv_mae_v < fit.cv_rmse_v <= fit.class_rmse_v


def test_a_fit_recovers_a_known_line():
    rng = np.random.default_rng(1)
    rows = []
    for index in range(60):
        value = float(rng.uniform(-2.5, 0.0))
        group = ("sce", "acetonitrile") if index % 2 else ("she", "water")
        reference = cal.ReferencePotential(
            entry=str(index),
            smiles=f"m{index}",
            process="reduction",
            value_v=0.8 * value,
            electrode=group[0],
            solvent=group[1],
            quality="A",
            citation="x",
            locator="y",
            note="",
        )
        rows.append(
            (
                reference,
                cal.ReferenceDescriptors(
                    entry=str(index),
                    engine="e",
                    protocol="p",
                    groups="ketone",
                    gfn2_vertical_v_she=value,
                    gfn2_adiabatic_v_she=value,
                    ipea1_vertical_v_she=value,
                    ipea1_adiabatic_v_she=value,
                    homo_ev=-10.0 + value * 0.1,
                    lumo_ev=-8.0 + value * 0.1,
                    intact=True,
                ),
            )
        )
    fit = fitting.fit("reduction", "e", "adiabatic", rows)
    assert fit.cv_rmse_v < 0.01
    # The two electrodes differ by 0.241 V and share the slope: one intercept each.
    predicted, _ = fit.predict(
        raw(
            gfn2_vertical_v_she=-1.0,
            gfn2_adiabatic_v_she=-1.0,
            ipea1_vertical_v_she=-1.0,
            ipea1_adiabatic_v_she=-1.0,
            homo_ev=-10.1,
            lumo_ev=-8.1,
        )
    )
    assert predicted == pytest.approx(-0.8 + 0.241, abs=0.01)


def test_too_few_rows_are_refused():
    with pytest.raises(InputError, match="Only 0 reference rows"):
        fitting.fit("reduction", "tblite", "adiabatic", [])


def test_domain_follows_the_evidence():
    known = cal.calibrated_level(raw(), ["quinone", "alkene"], engine="tblite", bounds=())
    assert known.domain == "calibrated"
    unknown = cal.calibrated_level(raw(), ["quinone", "diazirine"], engine="tblite", bounds=())
    assert unknown.domain == "uncalibrated"
    assert "diazirine" in unknown.note
    assert unknown.sigma_v > known.sigma_v
    far = cal.calibrated_level(raw(shift=-9.0), ["quinone"], engine="tblite", bounds=())
    assert far.domain == "extrapolated"
    assert known.value_v_she == unknown.value_v_she


def test_a_molecule_of_no_known_class_is_uncalibrated():
    level = cal.calibrated_level(raw(), (), engine="tblite", bounds=())
    assert level.domain == "uncalibrated"
    assert cal.UNKNOWN_CLASS in level.note


def test_removing_a_class_makes_its_members_uncalibrated(references, descriptors):
    pairs = {row.entry: row for row in descriptors if row.engine == "tblite"}
    rows = [(ref, pairs[ref.entry]) for ref in references if ref.process == "reduction"]
    kept = [(ref, row) for ref, row in rows if "nitro" not in row.group_names]
    fits = {("reduction", "tblite", "adiabatic"): fitting.fit("reduction", "tblite", "adiabatic", kept)}
    assert (
        cal.calibrated_level(raw(), ["nitro"], engine="tblite", fits=fits, bounds=()).domain == "uncalibrated"
    )
    assert cal.calibrated_level(raw(), ["nitro"], engine="tblite", bounds=()).domain == "calibrated"


def test_bounds_hold_only_if_every_group_has_one():
    bounds = [
        cal.PotentialBound(
            group=g, process="reduction", limit_v_she=v, sigma_v=0.2, citation="x", locator="", note=""
        )
        for g, v in (("alkane_chain", -2.3), ("carboxylic_acid", -2.1))
    ]
    far = raw(shift=-9.0)
    both = cal.calibrated_level(far, ["alkane_chain", "carboxylic_acid"], engine="tblite", bounds=bounds)
    assert (both.domain, both.value_v_she, both.one_sided) == ("bounded", -2.1, True)
    assert both.citation.source == "x"
    other = cal.calibrated_level(far, ["alkane_chain", "azide"], engine="tblite", bounds=bounds)
    assert other.domain == "uncalibrated"
    oxidised = cal.calibrated_level(raw("oxidation"), ["alkane_chain"], engine="tblite", bounds=bounds)
    assert oxidised.domain != "bounded"


def test_a_broken_ion_leaves_the_vertical_value():
    level = cal.calibrated_level(
        raw(intact=False, changed_bonds=("C1-Br2 broken",)), ["quinone"], engine="tblite"
    )
    assert level.vertical
    assert level.intact is False
    assert level.raw_v_she == raw().gfn2_vertical_v_she
    whole = cal.calibrated_level(raw(), ["quinone"], engine="tblite")
    assert not whole.vertical
    assert whole.raw_v_she == raw().gfn2_adiabatic_v_she


def test_corrections_add_with_their_uncertainty():
    plain = cal.calibrated_level(raw(), ["quinone"], engine="tblite")
    moved = cal.calibrated_level(
        raw(),
        ["quinone"],
        engine="tblite",
        corrections=[Correction(name="binding", value_v=0.5, sigma_v=0.3)],
    )
    assert moved.value_v_she == pytest.approx(plain.value_v_she + 0.5)
    assert moved.sigma_v == pytest.approx(np.hypot(plain.sigma_v, 0.3))


def test_an_engine_without_calibration_is_refused():
    with pytest.raises(InputError, match="no reduction calibration for the engine orca"):
        cal.calibrated_level(raw(), ["quinone"], engine="orca")


def test_the_self_interaction_shift_is_declared_once():
    row = method_constants()["self_interaction_shift"]
    assert row.value == pytest.approx(4.846, abs=1e-3)
    assert row.citation
