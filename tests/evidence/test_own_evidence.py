"""A user's measurement file in a run: it outranks what is computed, and says what it did."""

import csv

import pytest

import echemscreen as es
from echemscreen.campaign.base import Campaign
from echemscreen.dots.edges.edge_axis import edge_axis
from echemscreen.errors import InputError, StoreError, TableError
from echemscreen.evidence.own_evidence import described, own_edges, own_potentials
from echemscreen.levels.fit.media import media_terms
from echemscreen.levels.fit.references import PREDICTION_SOLVENT, reference_potentials
from echemscreen.measurements.own_rows import OwnMeasurement, append_own
from echemscreen.records.processes import Process

DOT = "CdSe:3.0/CdS:3.5"
TOLUIDINE, ETHYLANILINE = "Cc1ccc(N)cc1", "CCc1ccc(N)cc1"


def row(**cells):
    known = {
        "name": "toluidine",
        "smiles": TOLUIDINE,
        "quantity": Process.OXIDATION,
        "value": 0.90,
        "scale": "she",
    }
    return OwnMeasurement(**(known | {"sigma_v": 0.03, "kind": "E1/2", "citation": "page 1"} | cells))


def edge(**cells):
    return row(**({"name": "film", "smiles": "", "dot": DOT, "quantity": "cbm", "kind": ""} | cells))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "own.csv"
    append_own(path, [row(), edge(value=-0.95, sigma_v=0.04)])
    return path


def test_any_way_of_writing_a_molecule_is_that_molecule():
    (found,) = own_potentials([row(smiles="c1(N)ccc(C)cc1")]).rows
    assert found.smiles == TOLUIDINE
    assert own_potentials([row()]).of({TOLUIDINE}, Process.OXIDATION) is not None
    assert own_potentials([row()]).of({TOLUIDINE}, Process.REDUCTION) is None


def test_another_solvent_is_moved_by_what_is_known_in_both_or_widened():
    water = media_terms(reference_potentials(), PREDICTION_SOLVENT)["water"]
    (found,) = own_potentials([row(solvent="water")]).rows
    assert found.value_v_she == pytest.approx(0.90 + water.shift_v(1))
    assert found.sigma_v > 0.03
    (foreign,) = own_potentials([row(solvent="liquid ammonia")]).rows
    assert foreign.value_v_she == pytest.approx(0.90)
    assert foreign.sigma_v > 0.15


def test_what_cannot_be_read_names_the_row():
    with pytest.raises(TableError, match="The measured row 'toluidine'"):
        own_potentials([row(smiles="c1ccc")])
    with pytest.raises(TableError, match="is measured twice"):
        own_potentials([row(), row(smiles="c1(N)ccc(C)cc1")])
    with pytest.raises(TableError, match="The measured row 'film': 'guess' is no way of measuring an edge"):
        own_edges([edge(kind="guess")], DOT)


def test_an_edge_is_what_was_read_less_what_its_kind_adds():
    assert own_edges([edge(value=-0.95)], DOT).options == pytest.approx(
        {"cbm_v_she": -0.95, "cbm_sigma_v": 0.03}
    )
    assert own_edges([edge()], "InP:3.2/ZnS:0.6").options == {}
    onset = edge_axis().rows["cbm by cv_onset"]
    found = own_edges([edge(value=-1.40, kind="cv_onset")], DOT)
    assert found.options["cbm_v_she"] == pytest.approx(-1.40 - onset.mean_v)
    assert found.options["cbm_sigma_v"] > onset.sigma_v
    assert "that cv_onset reads" in found.words[0]
    valence = own_edges([edge(quantity="vbm", value=-5.5, scale="vacuum", kind="")], DOT)
    assert valence.options["vbm_ev"] == pytest.approx(-5.5)


def test_the_dot_of_a_campaign_has_the_measured_edge_and_an_option_outranks_it(file):
    assert Campaign.validated(qd=DOT, measured=file).dot().edges.cbm.value_v_she == pytest.approx(-0.95)
    given = Campaign.validated(qd=DOT, measured=file, cbm_v_she=-0.70).dot()
    assert given.edges.cbm.value_v_she == pytest.approx(-0.70)
    other = Campaign.validated(qd="CdSe:3.0", measured=file).dot()
    assert other.edges.cbm.kind != "user"


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        Campaign.validated(qd=DOT, measured=tmp_path / "nothing.csv").settings()


def test_a_measured_molecule_is_measured_and_its_relative_moved(file):
    options = {"forms": "free", "level": "fast"}
    own = es.assess(TOLUIDINE, DOT, measured=file, **options)
    assert own.levels.oxidation.domain == "measured"
    assert own.levels.oxidation.value_v_she == pytest.approx(0.90)
    assert own.levels.reduction.domain != "measured"
    assert "your own measurement" in own.reason
    plain = es.assess(ETHYLANILINE, DOT, **options).levels.oxidation
    moved = es.assess(ETHYLANILINE, DOT, measured=file, **options)
    shift = moved.levels.oxidation.value_v_she - plain.value_v_she
    assert shift < -0.01
    assert moved.levels.oxidation.by_own.value_v == pytest.approx(shift)
    assert moved.levels.oxidation.sigma_v < plain.sigma_v
    assert "by your own measurements, above all toluidine" in moved.reason


def test_a_bound_ligand_keeps_what_its_site_does(tmp_path):
    plain = es.assess("CCCCN", DOT, level="fast").levels.oxidation
    path = tmp_path / "amine.csv"
    append_own(path, [row(name="butylamine", smiles="CCCCN", value=1.20)])
    own = es.assess("CCCCN", DOT, level="fast", measured=path).levels.oxidation
    assert own.channel == plain.channel
    assert [item.name for item in own.corrections] == [item.name for item in plain.corrections]
    assert own.value_v_she == pytest.approx(1.20 + sum(item.value_v for item in own.corrections))


def test_a_molecule_that_cannot_be_computed_moves_no_other_and_is_told():
    settings = Campaign.validated(qd=DOT, level="fast").settings()
    bare = own_potentials([row(name="sulphide", smiles="[S-2]")])
    ready, failures = described(settings.model_copy(update={"own": bare}))
    assert ready.own.rows[0].descriptors is None
    assert failures[0].startswith("sulphide moves no other molecule")


def test_a_screen_says_what_it_took_and_keeps_the_ladders(file, tmp_path):
    options = {"measured": file, "forms": "free", "level": "fast", "workers": 1, "figure": False}
    rows = [(ETHYLANILINE, "ethylaniline")]
    first = es.screen(rows, DOT, out=tmp_path / "a", **options)
    assert "measured by you: toluidine (oxidation)" in first.summary()
    assert "CBM of CdSe:3/CdS:3.5" in first.summary()
    with (tmp_path / "a" / "results.csv").open(encoding="utf-8-sig", newline="") as handle:
        (found,) = csv.DictReader(handle)
    assert "your own measurements" in found["reason"]
    # The ladder of the measured molecule is in the store: nothing is computed again.
    again = es.screen(rows, DOT, out=tmp_path / "b", store=str(tmp_path / "a" / "calculations.db"), **options)
    assert again.n_computed == 0


def test_a_sweep_takes_measured_ligands(file):
    found = es.sweep("CdSe:3-4:1", TOLUIDINE, measured=file, level="fast", forms="free")
    assert [item["e_ox_v_she"] for item in found.describe()] == pytest.approx([0.90, 0.90])


def test_a_measured_sandwich_needs_no_calculation(tmp_path):
    ferrocene = "[Fe+2].c1cc[cH-]c1.c1cc[cH-]c1"
    path = tmp_path / "own.csv"
    append_own(path, [row(name="ferrocene", smiles=ferrocene, value=0.66, sigma_v=0.01)])
    level = es.assess(ferrocene, DOT, measured=path, forms="free").levels.oxidation
    assert (level.value_v_she, level.sigma_v, level.domain) == (0.66, 0.01, "measured")


def test_another_measurement_is_another_run(file, tmp_path):
    options = {"forms": "free", "level": "fast", "workers": 1, "figure": False, "out": tmp_path / "a"}
    es.screen([("CCCCCC", "hexane")], DOT, **options)
    with pytest.raises((StoreError, InputError), match="measured"):
        es.screen([("CCCCCC", "hexane")], DOT, measured=file, **options)
