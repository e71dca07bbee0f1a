"""The calibration: honest errors, domains that follow the evidence, and a refit to the last digit."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import InputError, TableError
from echemscreen.evidence.references import reference_runs
from echemscreen.levels.fit import calibration as cal
from echemscreen.levels.fit import cross_validation, fitting, gaussian
from echemscreen.levels.fit import references as refs
from echemscreen.levels.fit.prediction import EDGES_V_SHE, calibrated_level
from echemscreen.levels.redox import RawPotentials, method_constants
from echemscreen.ligands.library import library
from echemscreen.records.levels import Correction
from echemscreen.records.processes import Process


@pytest.fixture(scope="module")
def measured():
    return refs.reference_potentials()


@pytest.fixture(scope="module")
def pairs():
    rows = [row for row in refs.reference_descriptors() if row.engine == "tblite"]
    return gaussian.paired(refs.references(), rows)


@pytest.fixture(scope="module")
def report():
    return reference_runs.calibrate()


def raw(process=Process.REDUCTION, shift=0.0, intact=True, **more):
    """Descriptors of 1,4-benzoquinone as shipped, moved by ``shift``."""
    row = next(
        row for row in refs.reference_descriptors() if row.entry == "ward-1.1.1" and row.engine == "tblite"
    )
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


def test_enough_cited_rows(measured):
    for process in (Process.OXIDATION, Process.REDUCTION):
        assert sum(row.process == process for row in measured) >= 59
    assert all(row.citation and row.locator for row in measured)
    assert len({row.entry for row in measured}) == len(measured)


def test_the_shipped_calibration_is_its_refit_to_the_last_digit(report):
    assert report.agrees
    assert {fit.engine for fit in report.fits} == {"tblite", "xtb"}


def test_calibration_beats_the_raw_values_and_its_intervals_hold(report):
    for fit in (item.shipped for item in report.fits):
        assert fit.cv_mae_v < 0.65 * fit.raw_mae_v
        assert fit.cv_mae_v < fit.cv_rmse_v <= fit.class_rmse_v
        assert 0.87 <= fit.cv_coverage <= 0.93


def test_a_changed_row_changes_the_weights(pairs):
    chosen = [pair for pair in pairs if pair[0].process == "oxidation"]
    before = fitting.fit(Process.OXIDATION, "tblite", "adiabatic", chosen)
    moved = replace(chosen[0][0], value_v_she=chosen[0][0].value_v_she + 0.3)
    after = fitting.fit(Process.OXIDATION, "tblite", "adiabatic", [(moved, chosen[0][1]), *chosen[1:]])
    assert not np.allclose(before.model.process.weights, after.model.process.weights)


def test_no_crosslinker_of_the_papers_is_fitted(pairs):
    # As graphs: neither the order of atoms nor the geometry of a double bond hides one.
    fitted = {graph(reference.smiles) for reference, _ in pairs}
    papers = [row.entry for row in library().rows("lu2022") if row.entry.name.startswith("crosslinker-")]
    crosslinkers = [graph(entry.smiles) for entry in papers]
    assert len(crosslinkers) == 4
    assert fitted.isdisjoint(crosslinkers)


def graph(smiles):
    return Chem.MolToSmiles(Chem.MolFromSmiles(smiles), isomericSmiles=False)


def made_up(index, value, series=refs.PREDICTION_SERIES, groups="ketone", target=None):
    """A reference whose potential is 0.8 times its descriptor, less the offset of its series."""
    reference = refs.Reference(
        entry=str(index),
        smiles=f"m{index}",
        process=Process.REDUCTION,
        value_v_she=0.8 * value if target is None else target,
        noise_v=0.05,
        series=series,
        chem_class="measured",
    )
    row = refs.ReferenceDescriptors(
        entry=str(index),
        engine="e",
        protocol="p",
        scaffold=f"m{index}",
        groups=groups,
        gfn2_vertical_v_she=value,
        gfn2_adiabatic_v_she=value,
        ipea1_vertical_v_she=value,
        ipea1_adiabatic_v_she=value,
        homo_ev=-10.0 + value * 0.1,
        lumo_ev=-8.0 + value * 0.1,
        intact=True,
    )
    return reference, row


def at(value):
    return made_up(0, value)[1]


def test_a_fit_recovers_a_known_line_and_the_offset_of_a_series():
    rng = np.random.default_rng(1)
    values = rng.uniform(-2.5, 0.0, 80)
    rows = [
        made_up(i, v) if i % 2 else made_up(i, v, series="protocol", target=0.8 * v + 0.3)
        for i, v in enumerate(values)
    ]
    fit = fitting.fit(Process.REDUCTION, "e", "adiabatic", rows)
    assert fit.shipped.cv_rmse_v < 0.02
    assert fit.predict(at(-1.0), ["ketone"]).value_v_she == pytest.approx(-0.8, abs=0.03)


def test_a_class_correction_moves_its_class_only():
    values = np.linspace(-2.4, -0.1, 60)
    rows = [made_up(i, v) for i, v in enumerate(values)]
    rows += [made_up(100 + i, v, groups="azide", target=0.8 * v - 0.4) for i, v in enumerate(values[::4])]
    fit = fitting.fit(Process.REDUCTION, "e", "adiabatic", rows)
    assert fit.predict(at(-1.0), ["azide"]).value_v_she == pytest.approx(-1.2, abs=0.08)
    assert fit.predict(at(-1.0), ["ketone"]).value_v_she == pytest.approx(-0.8, abs=0.08)


def test_sigma_grows_with_the_distance_from_the_fitted_molecules():
    rows = [made_up(i, v) for i, v in enumerate(np.linspace(-2.0, -0.5, 60))]
    fit = fitting.fit(Process.REDUCTION, "e", "adiabatic", rows)
    near, far = fit.predict(at(-1.0), ["ketone"]), fit.predict(at(-6.0), ["ketone"])
    assert near.in_range
    assert not far.in_range
    assert far.sigma_v > near.sigma_v


@settings(max_examples=10, deadline=None)
@given(shift=st.floats(-1.0, 1.0))
def test_shifting_every_reference_shifts_every_prediction(shift):
    values = np.linspace(-2.0, -0.2, 40)
    plain = fitting.fit(Process.REDUCTION, "e", "adiabatic", [made_up(i, v) for i, v in enumerate(values)])
    moved = fitting.fit(
        Process.REDUCTION,
        "e",
        "adiabatic",
        [made_up(i, v, target=0.8 * v + shift) for i, v in enumerate(values)],
    )
    before, after = (fit.predict(at(-1.1), ["ketone"]).value_v_she for fit in (plain, moved))
    assert after - before == pytest.approx(shift, abs=1e-6)


def test_a_scaffold_stays_in_one_fold(pairs):
    rows = gaussian.rows_of(Process.REDUCTION, "tblite", "adiabatic", pairs)
    folds = cross_validation.folds(rows)
    assert np.sum(folds, axis=0).tolist() == [1] * len(rows.y)
    limit = len(rows.y) // cross_validation.CROSS_VALIDATION_FOLDS
    scaffolds = [row.scaffold for _, row in rows.pairs]
    for name in set(scaffolds):
        members = np.array([scaffold == name for scaffold in scaffolds])
        if members.sum() <= limit:
            assert sum(bool((fold & members).any()) for fold in folds) == 1


# --- reference rows -----------------------------------------------------------------------


def wrong(measured, **changes):
    return [measured[0], replace(measured[1], **changes)]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"electrode": "spoon"}, "line 3, .*column electrode: .*spoon"),
        ({"value_v": 40.0}, "line 3, .*column value_v: 40.0 V is no potential"),
    ],
)
def test_rows_that_cannot_be_fitted_are_refused(measured, changes, message):
    with pytest.raises(TableError, match=message):
        refs.check_potentials(wrong(measured, **changes))


def test_a_molecule_that_contradicts_itself_is_refused(measured):
    twin = replace(measured[0], entry="twin", value_v=measured[0].value_v + 0.5)
    with pytest.raises(TableError, match=r"line 3, twin, column value_v: .*contradicts"):
        refs.check_potentials([measured[0], twin])


@pytest.mark.parametrize(("process", "level"), [(Process.REDUCTION, -1.5), (Process.OXIDATION, 1.2)])
def test_a_relaxed_ion_is_never_the_less_stable_one(process, level):
    row = replace(refs.reference_calculations()[0], intact=True, process=process)
    potentials = {-1.5: (-1.8, -1.5), 1.2: (1.6, 1.2)}[level]
    for vertical, adiabatic in (potentials, potentials[::-1]):
        found = refs.level_of(replace(row, vertical_v_she=vertical, adiabatic_v_she=adiabatic))
        assert found == level
    broken = replace(row, vertical_v_she=potentials[0], adiabatic_v_she=level, intact=False)
    assert refs.level_of(broken) == potentials[0]


def test_calculations_outside_the_window_count_with_its_edge():
    row = replace(refs.reference_calculations()[0], intact=True, process=Process.REDUCTION)
    low, high = refs.WINDOW_V_SHE
    for level, value, noise in (
        (low - 1.0, low, refs.CUT_OFF_NOISE_V),
        (-1.0, -1.0, refs.CALCULATED_NOISE_V),
        (high + 0.5, high, refs.CUT_OFF_NOISE_V),
    ):
        (reference,) = refs.references((), [replace(row, adiabatic_v_she=level, vertical_v_she=level)])
        assert (reference.value_v_she, reference.noise_v) == (value, noise)
    assert refs.references((), [replace(row, smiles="[Zn+2].[Cl-].[Cl-]")]) == ()


def test_a_broken_couple_counts_with_its_vertical_level():
    row = replace(refs.reference_calculations()[0], vertical_v_she=-2.0, adiabatic_v_she=-0.5)
    assert refs.level_of(replace(row, intact=True)) == -0.5
    assert refs.level_of(replace(row, intact=False)) == -2.0


# --- levels -------------------------------------------------------------------------------


def test_too_few_rows_are_refused():
    with pytest.raises(InputError, match="Only 0 reference rows"):
        fitting.fit(Process.REDUCTION, "tblite", "adiabatic", [])


def test_domain_follows_the_evidence():
    known = calibrated_level(raw(), ["quinone", "alkene"], engine="tblite", bounds=())
    assert known.domain == "calibrated"
    unknown = calibrated_level(raw(), ["quinone", "disulfide"], engine="tblite", bounds=())
    assert unknown.domain == "uncalibrated"
    assert "disulfide" in unknown.note
    assert unknown.sigma_v > known.sigma_v
    near = calibrated_level(raw(shift=5.0), ["quinone"], engine="tblite", bounds=())
    assert near.domain == "extrapolated"
    far = calibrated_level(raw(shift=-9.0), ["quinone"], engine="tblite", bounds=())
    assert (far.domain, far.one_sided) == ("bounded", True)
    assert far.value_v_she == EDGES_V_SHE[Process.REDUCTION]
    elsewhere = calibrated_level(raw(shift=-9.0), ["quinone"], engine="tblite", solvent="dmf", bounds=())
    assert elsewhere.domain == "extrapolated"


def test_a_molecule_of_no_known_class_is_uncalibrated():
    level = calibrated_level(raw(), (), engine="tblite", bounds=())
    assert level.domain == "uncalibrated"
    assert cal.UNKNOWN_CLASS in level.note


@pytest.mark.parametrize("shift", [0.0, 5.0, -9.0])
def test_an_atom_that_no_reference_molecule_has_is_beyond_every_bound(shift):
    bound = refs.PotentialBound(
        group="quinone",
        process=Process.REDUCTION,
        limit_v_she=-2.3,
        sigma_v=0.2,
        citation="x",
        locator="",
        note="",
    )
    known = calibrated_level(raw(shift=shift), ["quinone"], engine="tblite", bounds=(bound,))
    level = calibrated_level(
        raw(shift=shift),
        ["quinone"],
        engine="tblite",
        bounds=(bound,),
        unknown=("a Sn-C bond", "a Sn-H bond"),
    )
    assert level.domain == "uncalibrated"
    assert not level.one_sided
    assert level.note == "no reference molecule has a Sn-C bond or a Sn-H bond"
    assert level.sigma_v > known.sigma_v


def test_groups_that_the_species_leaves_out_need_evidence_and_change_no_number():
    plain = calibrated_level(raw(), ["quinone"], engine="tblite")
    known = calibrated_level(raw(), ["quinone"], engine="tblite", left_out=["alkene"])
    unknown = calibrated_level(raw(), ["quinone"], engine="tblite", left_out=["disulfide"])
    assert known == plain
    assert (unknown.domain, unknown.value_v_she) == ("uncalibrated", plain.value_v_she)
    assert "disulfide" in unknown.note


def test_removing_a_class_makes_its_members_uncalibrated(pairs):
    kept = [pair for pair in pairs if "nitro" not in pair[1].group_names]
    model = fitting.fit(Process.REDUCTION, "tblite", "adiabatic", kept)
    without = calibrated_level(raw(), ["nitro"], engine="tblite", model=model, bounds=())
    assert without.domain == "uncalibrated"
    assert calibrated_level(raw(), ["nitro"], engine="tblite", bounds=()).domain == "calibrated"


def test_bounds_hold_only_if_every_group_has_one():
    bounds = [
        refs.PotentialBound(
            group=g, process=Process.REDUCTION, limit_v_she=v, sigma_v=0.2, citation="x", locator="", note=""
        )
        for g, v in (("alkane_chain", -2.3), ("carboxylic_acid", -2.1))
    ]
    far = raw(shift=-9.0)
    both = calibrated_level(far, ["alkane_chain", "carboxylic_acid"], engine="tblite", bounds=bounds)
    assert (both.domain, both.value_v_she, both.one_sided) == ("bounded", -2.1, True)
    assert both.citation.source == "x"
    other = calibrated_level(far, ["alkane_chain", "disulfide"], engine="tblite", bounds=bounds)
    assert other.domain == "uncalibrated"
    oxidised = calibrated_level(raw(Process.OXIDATION), ["alkane_chain"], engine="tblite", bounds=bounds)
    assert oxidised.domain != "bounded"


@pytest.mark.parametrize(("limit", "domain"), [(-0.9, "calibrated"), (0.9, "bounded")])
def test_a_bounded_group_beside_a_covered_one(limit, domain):
    """Further out than the predicted level it decides nothing; nearer to the gap it is the limit."""
    bound = refs.PotentialBound(
        group="disulfide",
        process=Process.REDUCTION,
        limit_v_she=limit,
        sigma_v=0.2,
        citation="x",
        locator="",
        note="",
    )
    plain = calibrated_level(raw(), ["quinone"], engine="tblite", bounds=())
    level = calibrated_level(raw(), ["quinone", "disulfide"], engine="tblite", bounds=(bound,))
    assert level.domain == domain
    assert level.value_v_she == pytest.approx(plain.value_v_she if domain == "calibrated" else limit)


def test_a_broken_ion_leaves_the_vertical_value():
    level = calibrated_level(
        raw(intact=False, changed_bonds=("C1-Br2 broken",)), ["quinone"], engine="tblite"
    )
    assert level.vertical
    assert level.intact is False
    assert level.raw_v_she == raw().gfn2_vertical_v_she
    whole = calibrated_level(raw(), ["quinone"], engine="tblite")
    assert not whole.vertical
    assert whole.raw_v_she == raw().gfn2_adiabatic_v_she


def test_a_relaxed_ion_outside_the_fitted_range_leaves_the_vertical_value():
    astray = raw(gfn2_adiabatic_v_she=4.0, ipea1_adiabatic_v_she=-4.0)
    level = calibrated_level(astray, ["quinone"], engine="tblite")
    vertical = raw(gfn2_adiabatic_v_she=None, ipea1_adiabatic_v_she=None, intact=None)
    expected = calibrated_level(vertical, ["quinone"], engine="tblite")
    assert level.vertical
    assert level.value_v_she == expected.value_v_she
    assert (level.domain, expected.domain) == ("calibrated", "calibrated")
    assert "outside what the calibration knows" in level.note


def test_corrections_add_with_their_uncertainty():
    plain = calibrated_level(raw(), ["quinone"], engine="tblite")
    moved = calibrated_level(
        raw(),
        ["quinone"],
        engine="tblite",
        corrections=[Correction(name="binding", value_v=0.5, sigma_v=0.3)],
    )
    assert moved.value_v_she == pytest.approx(plain.value_v_she + 0.5)
    assert moved.sigma_v == pytest.approx(np.hypot(plain.sigma_v, 0.3))


def test_an_engine_without_calibration_is_refused():
    with pytest.raises(InputError, match="no reduction calibration for the engine orca"):
        calibrated_level(raw(), ["quinone"], engine="orca")


def test_the_self_interaction_shift_is_declared_once():
    row = method_constants()["self_interaction_shift"]
    assert row.value == pytest.approx(4.846, abs=1e-3)
    assert row.citation
