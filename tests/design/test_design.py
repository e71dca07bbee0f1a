"""A search of many candidates: honest about what it does not know, and better than chance by far."""

import csv
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from rdkit import Chem
from scipy.special import ndtr
from typer.testing import CliRunner

from echemscreen.cli import app
from echemscreen.design.search import LIKELY, Goal, Tried, effects, first_to_make, pareto_front, search
from echemscreen.design.surrogate import fitted
from echemscreen.errors import InputError
from echemscreen.ligands.building.build import build
from echemscreen.ligands.building.candidate_space import candidate_space
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.records.results import Alignment
from echemscreen.views.report import design_page

SPACE = candidate_space("crosslinkers")
#: Of every drive that is looked up, eV.
SIGMA_EV = 0.2


# --- the space ------------------------------------------------------------------------------


def test_a_candidate_is_what_the_builder_builds():
    for built in islice(build("crosslinkers", described=True), 0, 6000, 500):
        found = [i for i in range(len(SPACE)) if SPACE.codes(i) == built.blocks]
        (mine,) = {SPACE.built(i).smiles for i in found}
        assert mine == built.smiles
        assert SPACE.built(found[0]).name == built.name
        assert SPACE.masses_da[found[0]] == pytest.approx(built.descriptors.molar_mass_da, abs=0.01)
        assert all(code in SPACE.route(found[0]) for code in built.blocks)


def test_similarities_are_those_of_a_kernel():
    for matrix in SPACE.similarities:
        assert np.allclose(matrix, matrix.T)
        assert np.allclose(np.diag(matrix), 1.0)
        assert np.linalg.eigvalsh(matrix).min() > 0


def test_an_unknown_block_is_told_with_the_nearest():
    with pytest.raises(InputError, match="There is no block 'benzophenon-p'"):
        candidate_space("crosslinkers", blocks=["benzophenon-p"])
    part = candidate_space("crosslinkers", blocks=["benzophenone-p"])
    assert 0 < len(part) < len(SPACE)
    assert "benzophenone-p" in part.codes(0)


def test_mutants_bear_a_substituent_more_and_join_as_their_parents_do():
    whole = candidate_space("crosslinkers", mutants=True)
    ends = {block.code: block for block in whole.ends}
    assert Chem.MolToSmiles(ends["azidophenyl-p+F1"].mol) != Chem.MolToSmiles(ends["azidophenyl-p+F2"].mol)
    drawings = [Chem.MolToSmiles(block.mol) for block in whole.ends]
    assert len(set(drawings)) == len(drawings)
    # Every hydrogen of the ring of a perfluoroazide is out already.
    assert not any(code.startswith("pfpa+") for code in ends)
    for block in whole.ends:
        if block.parent:
            assert block.joint == ends[block.parent].joint
            assert block.mol.GetNumHeavyAtoms() > ends[block.parent].mol.GetNumHeavyAtoms()
    assert [b.code for b in whole.centres[: len(SPACE.centres)]] == [b.code for b in SPACE.centres]
    assert len(whole) > 1_000_000
    part = candidate_space("crosslinkers", blocks=["vinylphenyl"], mutants=True)
    some = [part.codes(i) for i in range(0, len(part), len(part) // 50)]
    assert all(any(code.startswith("vinylphenyl") for code in codes) for codes in some)
    mutant = next(i for i in range(len(part)) if part.codes(i)[-1].startswith("vinylphenyl+CN"))
    assert "with cyano on its ring" in part.route(mutant)
    assert Chem.MolFromSmiles(part.built(mutant).smiles).HasSubstructMatch(Chem.MolFromSmarts("cC#N"))


# --- the surrogate --------------------------------------------------------------------------


def truth(seed, triples=SPACE.triples):
    """Drives of another make than the surrogate's: blocks, and pairs of blocks that know no fingerprint."""
    generator = np.random.default_rng(seed)
    sizes = (len(SPACE.centres), len(SPACE.bridges), len(SPACE.ends))
    centre, bridge, end = (generator.normal(0, s, n) for s, n in zip((0.3, 0.05, 0.5), sizes, strict=True))
    pair = generator.normal(0, 0.08, (sizes[0], sizes[2]))
    c, b, e = triples.T
    return -0.5 + centre[c] + bridge[b] + end[e] + pair[c, e]


def test_intervals_hold_and_draws_are_of_the_process():
    generator = np.random.default_rng(1)
    some = generator.choice(len(SPACE), 1500, replace=False)
    triples = SPACE.triples[some]
    values = truth(0, triples)
    model = fitted(SPACE.similarities, triples[:250], values[:250])
    means, sigmas = model.predict(triples[250:])
    inside = np.abs(means - values[250:]) < 1.645 * sigmas
    assert 0.80 < inside.mean() < 0.99
    assert np.corrcoef(means, values[250:])[0, 1] > 0.75
    draws = np.array([model.draw(triples[250:270], generator, with_own=True) for _ in range(400)])
    assert draws.mean(axis=0) == pytest.approx(means[:20], abs=0.25 * float(sigmas[:20].max()))
    assert draws.std(axis=0) == pytest.approx(sigmas[:20], rel=0.25)


def test_what_is_computed_is_known():
    triples = SPACE.triples[:: len(SPACE) // 60]
    values = truth(3, triples)
    model = fitted(SPACE.similarities, triples, values)
    means, sigmas = model.predict(triples)
    assert np.abs(means - values).max() < 0.5 * values.std()
    assert (sigmas < model.scale).all()


# --- the search -----------------------------------------------------------------------------


def evaluator(space, drives):
    """Computes a candidate by looking its drives up, and counts what it was asked."""
    known = {space.codes(i): i for i in range(len(space))}
    asked = []

    def evaluate(batch):
        asked.append(len(batch))
        return [assessed({p: float(values[known[b.blocks]]) for p, values in drives.items()}) for b in batch]

    evaluate.asked = asked
    return evaluate


class Assessed:
    """What the search reads of an assessment."""

    def __init__(self, alignments):
        self.alignments = alignments


def assessed(drives):
    return Assessed(
        tuple(
            Alignment(
                process=process,
                against="cbm" if process == "reduction" else "vbm",
                source="molecule",
                level_v_she=0.0,
                edge_v_she=0.0,
                drive_ev=drive,
                sigma_ev=SIGMA_EV,
                probability=float(ndtr(drive / SIGMA_EV)),
            )
            for process, drive in drives.items()
        )
    )


@pytest.fixture(scope="module")
def part():
    """3,000 candidates whose drives are looked up."""
    some = np.random.default_rng(7).choice(len(SPACE), 3000, replace=False)
    return replace(SPACE, triples=SPACE.triples[np.sort(some)])


def ended(space, asked, drives):
    """The state in which a search ends."""
    *_, state = search(space, asked, evaluator(space, drives))
    return state


def goal(space, **more):
    return Goal(allowed=np.ones(len(space), dtype=bool), keeps=lambda _: True, **more)


def test_most_of_the_best_fifty_of_three_thousand_are_found_with_three_hundred(part):
    # Few survive, so that a best fifty can be told.
    drives = {"reduction": 0.8 + truth(11, part.triples), "oxidation": 0.8 + truth(111, part.triples)}
    state = ended(part, goal(part, wanted=50, batch=25, budget=300, seed=1), drives)
    survives = ndtr(-drives[Process.REDUCTION] / SIGMA_EV) * ndtr(-drives[Process.OXIDATION] / SIGMA_EV)
    best = set(np.argsort(-survives)[:50].tolist())
    assert len(state.tried) <= 300
    # 90 % of fifty; chance would find five.
    assert len(best & {item.index for item in state.tried}) >= 45


def test_the_same_seed_is_the_same_search_and_a_batch_is_learnt_from(part):
    drives = {"reduction": truth(5, part.triples), "oxidation": truth(6, part.triples)}
    runs = []
    for _ in range(2):
        state = ended(part, goal(part, wanted=20, batch=20, budget=80), drives)
        runs.append([item.index for item in state.tried])
    assert runs[0] == runs[1]
    survives = [item.survives for item in state.tried]
    assert np.mean(survives[20:]) > np.mean(survives[:20])


def test_a_search_ends_when_nothing_better_is_likely(part):
    # All survive: after the first batches nobody can be better.
    drives = {p: truth(5, part.triples) - 6.0 for p in PROCESSES}
    state = ended(part, goal(part, wanted=5, batch=20, budget=400), drives)
    assert len(state.tried) < 100
    assert state.better_left < LIKELY
    assert "better ones are expected" in state.reason


def test_limits_are_kept_and_a_goal_that_cannot_be_met_is_told(part):
    drives = {p: truth(5, part.triples) for p in PROCESSES}
    light = part.masses_da < 450
    asked = replace(goal(part, batch=10, budget=40), allowed=light, keeps=lambda b: b.descriptors.log_p < 5)
    state = ended(part, asked, drives)
    assert all(item.built.descriptors.molar_mass_da < 450 for item in state.tried)
    assert all(item.built.descriptors.log_p < 5 for item in state.tried)
    with pytest.raises(InputError, match="None of the 3000 candidates keeps to the limits"):
        next(search(part, replace(asked, allowed=np.zeros(3000, dtype=bool)), evaluator(part, drives)))
    few = replace(asked, allowed=np.arange(3000) < 20, keeps=lambda _: False)
    with pytest.raises(InputError, match="None of 20 candidates of that mass keeps to the other limits"):
        next(search(part, few, evaluator(part, drives)))


def test_blocks_that_hurt_are_named(part):
    reduction = np.full(len(part), -1.0)
    worst = int(np.bincount(part.triples[:, 2]).argmax())
    reduction[part.triples[:, 2] == worst] = 0.5
    drives = {"reduction": reduction, "oxidation": truth(9, part.triples)}
    state = ended(part, goal(part, batch=40, budget=120), drives)
    learnt = [item for item in effects(state) if item.process == "reduction" and item.place == "end"]
    found = max(learnt, key=lambda item: item.effect_ev)
    assert found.block == part.ends[worst].code
    assert found.effect_ev > 2 * found.sigma_ev


def test_the_front_is_what_nothing_beats(part):
    drives = {"reduction": truth(5, part.triples), "oxidation": truth(6, part.triples)}
    state = ended(part, goal(part, batch=30, budget=60), drives)
    front = pareto_front(state)
    rows = {i.index: (i.survives, i.built.descriptors.synthetic_accessibility) for i in state.tried}
    for index in front:
        survives, effort = rows[index]
        assert not any(s >= survives and e < effort and s > survives - 1e-12 for s, e in rows.values())
    first = first_to_make(state)
    pairs = [tuple(part.triples[item.index][[0, 2]]) for item in first]
    assert len(set(pairs)) == len(pairs) == 10
    assert isinstance(first[0], Tried)


# --- the command ----------------------------------------------------------------------------


def written(tmp_path, **keys):
    lines = {"what": "crosslinkers", "qd": "lu2022-red", "blocks": "[vinylphenyl]", "mass": "-260"}
    lines |= {"wanted": 2, "batch": 3, "budget": 3, "figure": "false", "workers": 1, **keys}
    path = tmp_path / "goal.yaml"
    path.write_text("".join(f"{key}: {value}\n" for key, value in lines.items()), encoding="utf-8")
    return path


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_a_design_is_written_and_resumed_with_any_workers(tmp_path):
    path = written(tmp_path)
    done = CliRunner().invoke(app, ["design", str(path), "--out", str(tmp_path / "a")])
    assert done.exit_code == 0, done.output
    assert "3 of " in done.output
    assert "the budget of 3 is spent" in done.output
    rows = read(tmp_path / "a" / "design.csv")
    assert len(rows) == 3
    assert sum(row["make_first"] == "yes" for row in rows) == 2
    assert all("vinylphenyl" in row["route"] for row in rows)
    store = str(tmp_path / "a" / "calculations.db")
    again = CliRunner().invoke(
        app, ["design", str(path), "--out", str(tmp_path / "b"), "--workers", "2", "--store", store]
    )
    assert again.exit_code == 0, again.output
    assert "0 ladder parts computed" in again.output
    assert read(tmp_path / "b" / "design.csv") == rows


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"mass": "-20"}, "keeps to the limits"),
        ({"blocks": "[vinylfenyl]"}, "There is no block 'vinylfenyl'"),
        ({"what": "polymers"}, "goal.yaml: the option what is wrong"),
        ({"log_p": "high"}, "'high' is no range"),
        ({"colour": "red"}, "goal.yaml: the option colour is wrong"),
        ({"qd": "nonsense"}, "nonsense"),
    ],
)
def test_a_goal_that_cannot_be_used_is_one_sentence(tmp_path, keys, sentence):
    done = CliRunner().invoke(app, ["design", str(written(tmp_path, **keys)), "--out", str(tmp_path / "a")])
    assert done.exit_code == 2
    assert sentence in done.output
    assert "Traceback" not in done.output


def test_a_lamp_is_for_crosslinkers(tmp_path):
    path = written(tmp_path, what="ligands", blocks="[thiol]", mass="-120", lamp_nm=365)
    done = CliRunner().invoke(app, ["design", str(path), "--out", str(tmp_path / "a")])
    assert done.exit_code == 2
    assert "a lamp ranks crosslinkers" in done.output


def test_a_search_that_is_killed_goes_on_to_the_same_end(tmp_path):
    path = written(tmp_path, budget=4, batch=2)
    whole = CliRunner().invoke(app, ["design", str(path), "--out", str(tmp_path / "whole")])
    assert whole.exit_code == 0, whole.output
    command = [sys.executable, "-m", "echemscreen", "design", str(path), "--out", str(tmp_path / "killed")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as running:
        deadline = time.monotonic() + 240
        while not (tmp_path / "killed" / "design.csv").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        running.kill()
    assert len(read(tmp_path / "killed" / "design.csv")) == 2
    again = CliRunner().invoke(
        app, ["design", str(path), "--out", str(tmp_path / "killed"), "--workers", "2"]
    )
    assert again.exit_code == 0, again.output
    assert read(tmp_path / "killed" / "design.csv") == read(tmp_path / "whole" / "design.csv")


# --- the page -------------------------------------------------------------------------------


def test_the_page_of_a_search_shows_what_to_make_and_escapes_names():
    row = {
        "name": "<script>alert(1)</script>",
        "smiles": "C=Cc1ccccc1",
        "verdict": "inert",
        "p_survives": 0.93,
        "synthetic_accessibility": 1.5,
        "molar_mass_da": 104.15,
        "log_p": 2.3,
        "reason": "E_red < CBM & E_ox",
        "route": "a with b",
        "pareto_front": True,
        "make_first": True,
        "lamp_rank": None,
        "absorbs_at_lamp": "",
    }
    learnt = [
        {
            "place": "end",
            "block": "vinylphenyl+F",
            "process": "reduction",
            "effect_ev": -0.2,
            "sigma_ev": 0.05,
        }
    ]
    page = design_page.render("6 of 9", [row], learnt, figure="<svg/>", ended="the budget of 6 is spent")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "-0.20 ± 0.05 eV" in page
    assert "helps" in page
    assert "default-src &#39;none&#39;" in page
    assert page.count("data:image/svg+xml;base64,") == 1
