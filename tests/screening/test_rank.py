"""Ranking with the real engine on small crosslinkers: funnel, resume, sentences, failed members."""

import json

import pytest

import echemscreen as es
from echemscreen.campaign.weights import Weights
from echemscreen.errors import InputError
from echemscreen.screening.ranking_rows import LEDGER_COLUMNS, RANKING_COLUMNS

AZIDE = "[N-]=[N+]=Nc1ccc(N=[N+]=[N-])cc1"
DIAZIRINE = "FC(F)(F)C1(c2ccc(C3(C(F)(F)F)N=N3)cc2)N=N1"
LINES = [
    f"{AZIDE} diazidobenzene",
    f"{DIAZIRINE} bis-diazirine",
    "CCCCCCCC/C=C\\CCCCCCCC(=O)O oleic acid",
    "[N-]=[N+]=Nc1ccccc1 phenyl azide",
    "C1CC not a ring",
    "N(=[N+]=[N-])c1ccc(cc1)N=[N+]=[N-] the same again",
]
OPTIONS = {"qd": "lu2022-red", "level": "fast", "workers": 1, "full_for": 2, "shown_for": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("rank")


@pytest.fixture(scope="module")
def outcome(folder):
    source = folder / "in.smi"
    source.write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return es.rank(str(source), out=folder / "out", **OPTIONS)


def test_every_row_is_there_and_only_crosslinkers_are_ranked(outcome):
    table = outcome.table()
    assert tuple(table.columns) == RANKING_COLUMNS
    assert len(table) == len(LINES)
    by_name = table.set_index("name")
    assert sorted(by_name["rank"].dropna()) == [1, 2, 2] or sorted(by_name["rank"].dropna()) == [1, 1, 2]
    for name, words in {
        "oleic acid": "no photoactive group: not a crosslinker",
        "phenyl azide": "mono-functional",
        "not a ring": "line 5",
    }.items():
        assert words in by_name.loc[name, "reason"]
        assert by_name.loc[name, ["rank", "score"]].isna().all()
    assert by_name.loc["not a ring", "status"] == "failed"
    assert (table["status"] == "failed").sum() == 1
    assert outcome.exit_status == 0


def test_a_repeated_molecule_shares_its_place(outcome):
    by_name = outcome.table().set_index("name")
    first, again = by_name.loc["diazidobenzene"], by_name.loc["the same again"]
    assert (first["rank"], first["score"]) == (again["rank"], again["score"])
    assert again["same_as"] == "diazidobenzene"


def test_the_reason_tells_rank_member_and_light(outcome):
    best = outcome.table().iloc[0]
    assert best["reason"].startswith("Rank 1 of 2 (")
    assert "V vs SHE" in best["reason"]
    assert "365 nm" in best["reason"]
    assert best["absorbs_at_lamp"] in {"yes", "weak", "no"}
    assert best["worst_member_role"] in {"precursor", "wanted_link"}


def test_the_ledger_names_every_member_and_who_decides(outcome):
    ledger = outcome.ledger()
    assert tuple(ledger.columns) == LEDGER_COLUMNS
    best = ledger[ledger["rank"] == 1]
    assert set(best["role"]) >= {"precursor", "wanted_link", "intermediate"}
    assert set(best[best["decides"] == "yes"]["role"]) == {"precursor", "wanted_link"}
    assert (best["status"] == "ok").all()
    # Of what was not among the best only the deciding members are assessed.
    rest = ledger[ledger["rank"] > 1]
    assert set(rest[rest["decides"] == "no"]["status"]) <= {"not computed"}
    intermediates = best[best["role"] == "intermediate"]
    assert (intermediates["domain"] == "uncalibrated").all()
    assert {0, 2} <= set(intermediates["n_unpaired"].astype(int))


def test_running_again_computes_nothing(outcome, folder):
    source = folder / "in.smi"
    again = es.rank(str(source), out=folder / "out", **OPTIONS)
    assert again.n_computed == 0
    assert again.table().equals(outcome.table())


def test_order_names_and_atom_order_do_not_matter(outcome, folder):
    turned = [
        (DIAZIRINE, "beta"),
        ("c1c(N=[N+]=[N-])ccc(N=[N+]=[N-])c1", "alpha"),
    ]
    store = str(folder / "out" / "calculations.db")
    other = es.rank(turned, out=folder / "turned", store=store, **OPTIONS)
    old = outcome.table().drop_duplicates("canonical_smiles").set_index("canonical_smiles")
    new = other.table().set_index("canonical_smiles")
    for column in ("rank", "rank_low", "rank_high", "score", "pareto_front", "verdict"):
        assert list(new[column]) == list(old.loc[new.index, column])


def test_figures_and_settings_are_written(outcome):
    for name in ("ranking.svg", "ranking.png", "ledger.svg", "ledger.png"):
        assert (outcome.out / name).stat().st_size > 1000
    run = json.loads((outcome.out / "run.json").read_text(encoding="utf-8"))
    assert run["settings"]["lamp_nm"] == 365.0
    assert run["weights"]["criteria"]["p_reduction"]["weight"] == 6
    assert run["ranked"] == 3


def test_a_failed_member_is_said_and_the_candidate_still_ranked(folder):
    # A limit that no relaxation keeps: every member of the ledger fails.
    source = [(AZIDE, "diazidobenzene"), (DIAZIRINE, "bis-diazirine")]
    found = es.rank(source, out=folder / "late", time_limit_s=1e-6, **OPTIONS)
    table = found.table()
    assert list(table["status"]) == ["failed", "failed"]
    assert table["rank"].notna().all()
    assert table["score"].between(0, 1).all()
    assert table["failed_members"].str.contains("precursor").all()
    assert table["reason"].str.contains("failed").all()
    assert (table["verdict"] == "undetermined").all()
    assert found.exit_status == 0


# --- weights ------------------------------------------------------------------------------


def weights(tmp_path, text):
    path = tmp_path / "weights.yaml"
    path.write_text(text, encoding="utf-8")
    return Weights.from_file(path)


def test_own_weights_keep_the_shipped_rest(tmp_path):
    own = weights(tmp_path, "criteria:\n  n_arms: {weight: 9}\nsamples: 500\n")
    shipped = Weights.from_file()
    assert own.criteria["n_arms"].weight == 9
    assert own.criteria["n_arms"].best == shipped.criteria["n_arms"].best
    assert own.criteria["log_p"] == shipped.criteria["log_p"]
    assert own.samples == 500


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("criteria:\n  beauty: {weight: 1, worst: 0, best: 1}\n", "beauty"),
        ("criteria:\n  log_p: {weight: -1}\n", "criteria.log_p.weight"),
        ("criteria:\n  log_p: {weight: .nan}\n", "criteria.log_p.weight"),
        ("criteria:\n  log_p: {weight: heavy}\n", "criteria.log_p.weight"),
        ("criteria:\n  log_p: {heaviness: 1}\n", "criteria.log_p.heaviness"),
        ("criteria:\n  log_p: 3\n", "criteria.log_p"),
        ("criteria:\n  log_p: {worst: 6, best: 0}\n", "criteria.log_p"),
        ("criteria:\n  p_reduction: {log: true}\n", "criteria.p_reduction"),
        ("criteria:\n  log_p: {weight: 1}\n  log_p: {weight: 2}\n", "log_p stands twice"),
        ("pareto: [beauty]\n", "beauty"),
        ("samples: 3\n", "samples"),
        ("absorbs: {weak_from: 10, yes_from: 1}\n", "absorbs"),
        ("colour: red\n", "colour"),
        ("- a list\n", "no keys"),
        ("", "no keys"),
        ("criteria: [", "line"),
        ("x: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("\x00", "cannot be read"),
    ],
)
def test_bad_weights_are_one_sentence_that_names_the_key(tmp_path, text, words):
    with pytest.raises(InputError) as caught:
        weights(tmp_path, text)
    assert words in caught.value.message
    assert "\n" not in str(caught.value)


def test_weights_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml cannot be read"):
        Weights.from_file(tmp_path / "none.yaml")
