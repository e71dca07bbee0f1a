"""Sweeps: ranges, points, and critical sizes against dots solved one by one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import echemscreen as es
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.dots.size_ranges import MAX_DOTS, parse_sweep
from echemscreen.errors import DotError, EchemscreenError, InputError
from echemscreen.screening.sweep import ROOT_NM, rejudged
from echemscreen.verdicts.rules import judge

BENZOPHENONE = "O=C(c1ccccc1)c1ccccc1"
BENZIL = "O=C(C(=O)c1ccccc1)c1ccccc1"
ZINC = "CC(=O)[O-].CC(=O)[O-].[Zn+2]"


@pytest.fixture(scope="module")
def benzophenone():
    return es.sweep("CdSe:1.25-4:0.5", BENZOPHENONE, ligand_name="benzophenone", level="fast")


@pytest.fixture(scope="module")
def grid():
    return es.sweep("CdSe:2-3/CdS:0-1", BENZIL, level="fast")


def test_ranges_are_read():
    core, shell = parse_sweep("CdSe:2-6/CdS:0-6:1.5")
    assert core.sizes_nm == (2.0, 2.5, 3.0, 3.5, 4.0, 4.5, 5.0, 5.5, 6.0)
    assert shell.sizes_nm == (0.0, 1.5, 3.0, 4.5, 6.0)
    assert (core.label, shell.label) == ("CdSe core diameter", "CdS shell thickness")
    assert parse_sweep("InP:3.2")[0].sizes_nm == (3.2,)
    assert not parse_sweep("InP:3.2")[0].swept
    # 0.1 is no binary fraction: the end of the range is there nevertheless.
    assert parse_sweep("CdSe:2-3:0.1")[0].sizes_nm[-1] == 3.0
    assert parse_sweep("CdSe:2-3@CdS:1") == parse_sweep("CdSe:2-3/CdS:1")


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("CdSe:6-2", "from the larger to the smaller"),
        ("CdSe:2-6:0", "step of zero"),
        ("CdSe:a-b", "neither a number nor a range"),
        ("CdSe", "has no size"),
        ("", "empty"),
        ("CdSe:2-6:0.0001", "steps"),
        ("CdSe:2-6:0.05/CdS:0-6:0.05", f"more than {MAX_DOTS}"),
        (f"CdSe:2-{'9' * 400}", "steps"),
        (f"CdSe:{'9' * 400}", "neither a number nor a range"),
    ],
)
def test_ranges_that_mean_nothing(spec, words):
    with pytest.raises(DotError, match=words):
        parse_sweep(spec)


NUMBERS = st.one_of(
    st.sampled_from(["0", "2", "0.5", ".5", "6.", "1e3", "-1", "", "nan"]), st.text(max_size=3)
)


@given(st.lists(st.tuples(st.sampled_from(["CdSe", "", "x"]), NUMBERS, NUMBERS, NUMBERS), max_size=3))
def test_any_text_is_a_sweep_or_one_clear_sentence(parts):
    text = "/".join(f"{name}:{low}-{high}:{step}" for name, low, high, step in parts)
    try:
        layers = parse_sweep(text)
    except DotError:
        return
    for layer in layers:
        assert layer.sizes_nm == tuple(sorted(set(layer.sizes_nm)))
        assert all(size >= 0 for size in layer.sizes_nm)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 20), st.sampled_from([1.0, 0.1, 0.25]))
def test_a_range_runs_from_min_in_steps_up_to_max(low, span, step, unit):
    (layer,) = parse_sweep(f"X:{low * unit:g}-{(low + span) * unit:g}:{step * unit:g}")
    assert layer.sizes_nm == pytest.approx([(low + k) * unit for k in range(0, span + 1, step)])


def test_every_point_is_the_dot_of_qd():
    found = es.sweep("CdSe:2-3/CdS:0-1")
    assert [point.sizes_nm for point in found.points][:4] == [(2.0, 0.0), (2.0, 0.5), (2.0, 1.0), (2.5, 0.0)]
    for point, content in zip(found.points, found.describe(), strict=True):
        alone = describe(quantum_dot(f"CdSe:{point.sizes_nm[0]}/CdS:{point.sizes_nm[1]}"))
        assert {key: content[key] for key in alone if key != "name"} == {
            key: value for key, value in alone.items() if key != "name"
        }
        assert "verdict" not in content
    assert found.notes() == []


def test_a_larger_core_lowers_the_drive_and_the_wavelength_grows(benzophenone):
    content = benzophenone.describe()
    drives = [item["reduction_drive_ev"] for item in content]
    waves = [item["exciton_nm"] for item in content]
    assert drives == sorted(drives, reverse=True)
    assert waves == sorted(waves)
    # The level does not depend on the size.
    assert len({item["e_red_v_she"] for item in content}) == 1
    json.dumps(content)


def test_the_verdict_turns_at_the_critical_sizes(benzophenone):
    turns = {item.turn: item for item in benzophenone.critical}
    assert set(turns) == {"inert", "active"}
    assert (turns["inert"].side, turns["active"].side) == ("above", "below")
    (assessment,) = benzophenone.assessments.values()
    for turn, threshold in (("inert", 0.10), ("active", 0.75)):
        size = turns[turn].size_nm
        judged = [
            rejudged(assessment, quantum_dot(f"CdSe:{value:.6f}"), benzophenone.thresholds)
            for value in (size - 2 * ROOT_NM, size, size + 2 * ROOT_NM)
        ]
        worst = [max(item.probability for item in one.alignments) for one in judged]
        assert worst[0] > threshold > worst[2]
        assert worst[1] == pytest.approx(threshold, abs=0.01)
        assert sum(one.verdict == turn for one in judged) in {1, 2}
    assert any("Inert above" in note and "CdSe core diameter" in note for note in benzophenone.notes())


def test_a_critical_size_does_not_depend_on_the_step(benzophenone):
    coarse = es.sweep("CdSe:1.25-4:2.75", BENZOPHENONE, level="fast")
    assert [(c.turn, c.side) for c in coarse.critical] == [(c.turn, c.side) for c in benzophenone.critical]
    for one, other in zip(coarse.critical, benzophenone.critical, strict=True):
        assert one.size_nm == pytest.approx(other.size_nm, abs=3 * ROOT_NM)


def test_critical_sizes_of_a_grid_lie_on_the_lines_of_its_points(grid):
    assert grid.dimensions == (0, 1)
    assert grid.critical
    for point in grid.points:
        for item in grid.critical_of(point):
            assert dict(item.fixed_nm) == {1 - item.layer: point.sizes_nm[1 - item.layer]}
    assert any("at CdSe core diameter" in grid.words(item) for item in grid.critical if item.layer == 1)


def test_the_judgement_on_a_dot_is_that_of_the_rules(grid):
    for point in grid.points:
        assessment = grid.assessments[point.dot.site_metal]
        expected = judge(
            assessment.levels, point.dot.edges, reach=point.dot.reach, thresholds=grid.thresholds
        )
        assert point.judgement == expected


def test_a_salt_is_judged_by_its_couple():
    found = es.sweep("CdSe:2-4:1", ZINC, level="fast")
    for item in found.describe():
        assert item["limiting_couple"] == "Zn2+/Zn"
        assert item["reduction_drive_ev"] == pytest.approx(
            item["couple_e0_v_she"] - item["cbm_v_she"], abs=2e-4
        )
        assert item["verdict"] == "active"
    assert "Active at every size of the sweep." in found.notes()


def test_a_bound_ligand_is_judged_on_the_metal_of_each_surface():
    found = es.sweep("CdSe:3/ZnS:0-1", "CCN", level="fast")
    assert set(found.assessments) == {"Cd", "Zn"}
    assert found.assessments["Cd"].form.site_metal == "Cd"


def test_bad_ligands_and_options_are_one_sentence():
    with pytest.raises(EchemscreenError, match="C1CC"):
        es.sweep("CdSe:2-3", "C1CC")
    with pytest.raises(InputError, match="cbm_v_she"):
        es.sweep("CdSe:2-3", cbm_v_she=-0.9)
    with pytest.raises(DotError, match="Kryptonite"):
        es.sweep("Kryptonite:2-3")
    # Edges of a size follow from a model only.
    with pytest.raises(DotError, match="without a model"):
        es.sweep("HfO2:2-3")
    with pytest.raises(DotError, match=r"0\.1 nm is outside"):
        es.sweep("CdSe:0.1-3")
