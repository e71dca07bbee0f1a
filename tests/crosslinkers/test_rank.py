"""Ranking with the real engine on small crosslinkers: funnel, resume, sentences, failed members."""

import json
from concurrent.futures import Executor, Future
from dataclasses import replace

import pytest

import echemscreen as es
from echemscreen.campaign.ranking import RankCampaign
from echemscreen.campaign.weights import Weights
from echemscreen.crosslinkers.candidates import RankSettings, Work, structure_criteria, values_of
from echemscreen.crosslinkers.crosslinker_ledger import Tools
from echemscreen.crosslinkers.rank import rank
from echemscreen.crosslinkers.ranking_rows import ranking_rows
from echemscreen.errors import EngineError, InputError, TableError
from echemscreen.ligands.crosslinking.crosslinkers import crosslinker_profile
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.given_rows import given_rows
from echemscreen.ligands.reading.input_files import read_row
from echemscreen.screening import screen
from echemscreen.screening.workers.telling import OnDot
from echemscreen.screening.workers.work import failure_of
from echemscreen.store import open_store
from echemscreen.verdicts.criteria import CRITERIA
from echemscreen.views.tables.columns import names_of

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
    assert tuple(table.columns) == names_of("ranking.csv")
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
    assert tuple(ledger.columns) == names_of("ledger.csv")
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


def test_the_rows_of_a_ranking_give_their_structures(outcome):
    found = {result.row["name"]: result for result in outcome.results()}
    azide, diazirine = found["diazidobenzene"], found["bis-diazirine"]
    assert azide.mol.GetNumAtoms() == 12
    assert azide.row["rank"] in {1, 2}
    for twice in (azide, found["the same again"]):
        # Of the members of its ledger the molecule itself.
        assert twice.to_ase().get_chemical_formula() == "C6H4N6"
        assert twice.to_pymatgen().composition.formula == "H4 C6 N6"
    carbene = next(item.species.smiles for item in diazirine.geometries if "triplet" in item.title)
    assert diazirine.to_ase(species=carbene, n_unpaired=2).info["spin"] == 3
    assert diazirine.to_ase(species=carbene, n_unpaired=0).info["spin"] == 1
    with pytest.raises(InputError, match=r"several spin states.*n_unpaired"):
        diazirine.to_ase(species=carbene)
    assert diazirine.to_ase().get_chemical_formula() == "C10H4F6N4"
    for no_crosslinker in (found["oleic acid"], found["phenyl azide"]):
        assert no_crosslinker.mol.GetNumAtoms() > 8
        with pytest.raises(InputError, match="No geometry of the neutral parent"):
            no_crosslinker.to_ase()
    with pytest.raises(InputError, match=r"There is no molecule: .*C1CC"):
        found["not a ring"].mol  # noqa: B018 - it is asked


def test_pairs_are_compared_within_their_group_only(outcome):
    table, pairs = outcome.table(), outcome.comparisons()
    assert tuple(pairs.columns) == names_of("comparisons.csv")
    ranked = table[table["rank"].notna()].drop_duplicates("canonical_smiles")
    same = ranked["divider"].iloc[0] == ranked["divider"].iloc[1]
    assert len(pairs) == int(same)
    assert ranked["divider"].str.contains("; examined: ").all()


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
    found = es.rank(source, out=folder / "late", time_limit_s=0.05, **OPTIONS)
    table = found.table()
    assert list(table["status"]) == ["failed", "failed"]
    assert table["rank"].notna().all()
    assert table["score"].between(0, 1).all()
    assert table["failed_members"].str.contains("precursor").all()
    assert table["reason"].str.contains("failed").all()
    assert (table["verdict"] == "undetermined").all()
    assert found.exit_status == 0


class Inline(Executor):
    """Works in this process, at once: what is patched here is what works."""

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def asked_of_a_ranking(campaign):
    weights = Weights.from_file()
    return RankSettings(
        options=campaign,
        preferences=weights.preferences(),
        weak_from_per_m_cm=weights.absorbs.weak_from,
        yes_from_per_m_cm=weights.absorbs.yes_from,
    )


def ranked_here(folder, pairs, **changes):
    """The rows of a ranking whose calculations run in this process."""
    options = {**OPTIONS, "full_for": 9} | changes
    campaign = RankCampaign.validated(input="here", out=folder, **options)
    prepared, asked = campaign.prepare(), asked_of_a_ranking(campaign)
    watch = Watched()
    with open_store(folder / "calculations.db") as store:
        tools = Tools(
            dot=prepared.dot,
            settings=prepared.settings,
            store=store,
            make_executor=Inline,
            workers=1,
            watch=watch,
        )
        ranking = rank([read_row(row) for row in given_rows(pairs)], asked, tools)
    return {row["name"]: row for row in ranking_rows(ranking, asked, "dot")}, watch


class Watched:
    """Counts the steps of each stage, and what was computed."""

    def __init__(self):
        self.stages, self.n_computed = {}, 0

    def begin(self, stage, total):
        self.stage = stage
        self.stages.setdefault(stage, []).append([total, 0])

    def row(self, item):
        self.step(item.n_computed)

    def step(self, n_computed=0):
        self.n_computed += n_computed
        self.stages[self.stage][-1][1] += 1


SMALL = "[N-]=[N+]=Nc1ccc(Cc2ccc(N=[N+]=[N-])cc2)cc1"


def test_one_failed_candidate_among_others_is_said_and_stays_open(tmp_path, monkeypatch):
    """Of three candidates one precursor fails, and one link: what the carriers do to them stays open."""
    tmp_path.joinpath("db").mkdir()
    real = screen.work

    def work(plan, *rest):
        molecule = plan.molecule
        broken = molecule.canonical_smiles == parse_smiles(SMALL, "").canonical_smiles or (
            molecule.name == "C-H insertion product" and "F" in molecule.smiles
        )
        if broken:
            error = EngineError("the field does not converge.", "Try again.")
            return (OnDot(results=(failure_of(molecule, "calculation", error),)),), {}
        return real(plan, *rest)

    monkeypatch.setattr(screen, "work", work)
    pairs = [(AZIDE, "sound"), (SMALL, "no precursor"), (DIAZIRINE, "no link")]
    rows, watch = ranked_here(tmp_path / "db", pairs)
    assert sorted(row["rank"] for row in rows.values()) == [1, 2, 3]
    assert rows["sound"]["failed_members"] == ""
    assert rows["no precursor"]["failed_members"] == "precursor"
    assert rows["no link"]["failed_members"] == "wanted link (C-H insertion product)"
    for name in ("no precursor", "no link"):
        assert "the field does not converge" in rows[name]["reason"]
        assert rows[name]["verdict"] != "inert"
        # What is known of the other member is the least that the carriers do.
        assert "P(electron)" in rows[name]["reason"].split("Unknown")[-1]
        assert {"p_reduction", "p_oxidation"} <= set(rows[name]["unknown_criteria"].split("; "))
        assert rows[name]["score"] < rows[name]["score_high"]
    # Every stage was told how many steps it has, and made each of them.
    assert {"structures", "precursors at vertical levels", "deciding members of the best"} <= set(
        watch.stages
    )
    assert "spin states of the best" in watch.stages
    assert all(done == total for steps in watch.stages.values() for total, done in steps)
    assert watch.stages["structures"] == [[3, 3]]


def test_air_gives_other_products_and_an_energy_of_the_reaction_with_oxygen(outcome, folder):
    store = str(folder / "out" / "calculations.db")
    options = {"store": store, "figure": False, **OPTIONS} | {"shown_for": 2}
    air = es.rank(
        [(DIAZIRINE, "bis-diazirine"), (AZIDE, "diazidobenzene")],
        atmosphere="air",
        out=folder / "air",
        **options,
    )
    in_air, in_nitrogen = air.ledger(), outcome.ledger()
    added = set(in_air["reaction"].dropna()) - set(in_nitrogen["reaction"].dropna())
    assert added == {"aryl_carbonyl_oxide", "aryl_carbene_ketone", "aryl_nitroso_oxide"}
    ketone = in_air[in_air["member"] == "ketone"].iloc[0]
    assert (ketone["role"], ketone["status"], ketone["decides"]) == ("side_product", "ok", "no")
    by_name = air.table().set_index("name")
    assert (by_name["atmosphere"] == "air").all()
    oxygen = by_name["o2_reaction_kcal_mol"]
    assert oxygen["bis-diazirine"] < oxygen["diazidobenzene"] < 10
    assert outcome.table()["o2_reaction_kcal_mol"].isna().all()
    # To the ground state of the intermediate, and to both spin states in the ledger.
    row = by_name.loc["diazidobenzene"]
    assert row["n2_release_kcal_mol"] == row["n2_release_triplet_kcal_mol"]
    assert row["n2_release_sigma_kcal_mol"] > 0
    members = in_air[(in_air["crosslinker"] == "diazidobenzene") & (in_air["role"] == "intermediate")]
    released = members.set_index("member")["n2_release_kcal_mol"]
    assert released["triplet nitrene"] == pytest.approx(row["n2_release_triplet_kcal_mol"])
    assert released["singlet nitrene"] == pytest.approx(row["n2_release_singlet_kcal_mol"])
    assert released.isna().sum() == len(released) - 2


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


def test_a_forgotten_weight_of_a_new_criterion_is_an_error(monkeypatch):
    made = replace(CRITERIA[0], name="colour")
    monkeypatch.setattr("echemscreen.campaign.weights.CRITERIA", (*CRITERIA, made))
    with pytest.raises(InputError, match=r"ranking_weights\.yaml: criteria\.colour is .* without a weight"):
        Weights.from_file()


def test_a_forgotten_value_of_a_new_criterion_is_an_error(monkeypatch):
    molecule = parse_smiles(AZIDE, "diazidobenzene")
    found = crosslinker_profile(molecule)
    work = Work(molecule=molecule, profile=found, structure=structure_criteria(molecule, found), members=())
    asked = asked_of_a_ranking(RankCampaign.validated(input="here", **OPTIONS))
    assert values_of(work, asked).keys() == {item.name for item in CRITERIA}
    made = replace(CRITERIA[0], name="colour")
    monkeypatch.setattr("echemscreen.crosslinkers.candidates.CRITERIA", (*CRITERIA, made))
    with pytest.raises(TableError, match=r"without a value, .*: colour\..*values_of"):
        values_of(work, asked)


def test_weights_that_are_not_there(tmp_path):
    with pytest.raises(InputError, match=r"none\.yaml cannot be read"):
        Weights.from_file(tmp_path / "none.yaml")
