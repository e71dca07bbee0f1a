"""Screening with the real engine on small molecules: order, workers, resume, bad rows, dead workers."""

import json
import os
import signal
import subprocess
import sys
from functools import partial as bind
from pathlib import Path

import pandas as pd
import pytest
from gated import HELD, command_behind_a_gate, lines_of, wait_for
from rdkit import Chem

import echemscreen as es
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import InputError, StoreError
from echemscreen.ligands.reading.input_files import read_input
from echemscreen.records.processes import Process
from echemscreen.screening.screen import screen
from echemscreen.screening.workbench import Settings
from echemscreen.screening.workers.executors import WorkerPool
from echemscreen.store import open_store
from echemscreen.views.tables.table import COLUMNS

LINES = [
    "CCN ethylamine",
    "CC(=O)O acetic acid",
    "O=[N+]([O-])c1ccccc1 nitrobenzene",
    "O=C1C=CC(=O)C=C1 benzoquinone",
    "CC(=O)[O-].CC(=O)[O-].[Zn+2] zinc acetate",
    "CS methanethiol",
    "CC(C)=O acetone",
]
BAD = [
    "C1CC not a ring",
    "",
    "[CH3] radical",
    "CN(C)(C)C wrong valence",
    "[Zn+2].[Cl-] a charge too many",
    "[13CH4] isotope",
    "[U] uranium",
    "C" * 300 + " very long",
    "*CC* polymer",
]


def write(path, lines):
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows(outcome, *, drop=("name",)):
    table = outcome.table().drop(columns=list(drop))
    return sorted(map(tuple, table.astype(str).to_numpy().tolist()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("screen")


@pytest.fixture(scope="module")
def one_worker(folder):
    source = write(folder / "list.smi", LINES)
    return es.screen(str(source), qd="pu2020-red", out=folder / "one", workers=1)


def test_rows_come_in_input_order_with_the_contract_columns(one_worker):
    table = one_worker.table()
    assert list(table["name"]) == [line.split(maxsplit=1)[1] for line in LINES]
    assert list(table.columns) == list(COLUMNS)
    assert (table["status"] == "ok").all()
    assert table["reason"].str.len().gt(20).all()


def test_chemistry_that_everyone_knows(one_worker):
    table = one_worker.table().set_index("name")
    assert table.loc["benzoquinone", "verdict"] == "active"
    assert "electron_trap" in table.loc["benzoquinone", "flags"]
    assert table.loc["zinc acetate", "verdict"] == "active"
    assert table.loc["zinc acetate", "flags"].split(";")[0] == "metal_reduction"
    assert table.loc["zinc acetate", "limiting_couple"] == "Zn2+/Zn"
    for inert in ("ethylamine", "acetic acid", "acetone"):
        assert table.loc[inert, "verdict"] != "active"
    # Measured: -1.15 V vs SCE in acetonitrile for nitrobenzene, i.e. -0.91 V vs SHE.
    assert table.loc["nitrobenzene", "e_red_v_she"] == pytest.approx(-0.91, abs=0.25)


def test_the_files_of_a_run(one_worker):
    names = {path.name for path in one_worker.out.iterdir()}
    assert {"results.csv", "run.json", "alignment.svg", "alignment.png", "calculations.db"} <= names
    run = json.loads((one_worker.out / "run.json").read_text())
    assert run["rows"] == len(LINES)
    assert run["qd"]["cbm_v_she"] == describe(quantum_dot("pu2020-red"))["cbm_v_she"]
    assert run["input"]["sha256"]
    assert run["ladders_computed"] == one_worker.n_computed > 0


def test_two_workers_and_a_shuffled_list_give_the_same_rows(one_worker, folder):
    shuffled = write(folder / "shuffled.smi", LINES[::-1])
    two = es.screen(str(shuffled), qd="pu2020-red", out=folder / "two", workers=2)
    assert rows(two) == rows(one_worker)


def test_running_again_computes_nothing(one_worker, folder):
    again = es.screen(str(folder / "list.smi"), qd="pu2020-red", out=folder / "one", workers=1)
    assert again.n_computed == 0
    assert rows(again) == rows(one_worker)


def test_another_dot_reuses_the_ladders(one_worker, folder):
    other = es.screen(
        str(folder / "list.smi"),
        qd="CdSe:3.0/CdS:3.0",
        out=folder / "dot",
        store=str(folder / "one/calculations.db"),
    )
    assert other.n_computed <= 2
    assert len(other.table()) == len(one_worker.table())


def test_bad_rows_fail_alone_with_a_sentence(folder):
    source = write(folder / "bad.smi", [BAD[0], "O water", *BAD[1:], "N ammonia", "N ammonia"])
    outcome = es.screen(str(source), qd="pu2020-red", out=folder / "bad", workers=1, figure=False)
    table = outcome.table()
    failed = table[table["status"] == "failed"]
    assert len(failed) == len(BAD)
    assert list(table[table["status"] == "ok"]["name"]) == ["water", "ammonia", "ammonia"]
    for sentence in failed["error"]:
        assert sentence.strip().endswith(".")
        assert "Traceback" not in sentence
        assert "line " in sentence
    assert sum(outcome.failures.values()) == len(BAD)
    assert outcome.exit_status == 0


def test_smiles_given_in_python(folder):
    outcome = es.screen(["C", ("X!", "nonsense")], qd="CdSe", out=folder / "python", workers=1, figure=False)
    assert list(outcome.table()["status"]) == ["ok", "failed"]


def test_forms_and_counter_ions(folder):
    outcome = es.screen(
        ["CC(=O)O"],
        qd="pu2020-red",
        out=folder / "forms",
        forms="all",
        counter_ion=("Zn", "Mg"),
        workers=1,
        figure=False,
    )
    table = outcome.table()
    assert set(table["form"]) >= {"bound_X", "salt_Z"}
    verdicts = dict(zip(table["limiting_couple"], table["verdict"], strict=True))
    assert verdicts["Zn2+/Zn"] == "active"
    assert verdicts["Mg2+/Mg"] != "active"


def test_the_medium_of_a_salt_is_an_option(folder):
    salts = [f"CC(=O)[O-].CC(=O)[O-].[{metal}+2]" for metal in ("Cd", "Zn", "Mg")]
    found = {}
    for medium in ("water-free", "complexed"):
        outcome = es.screen(
            salts,
            qd="pu2020-red",
            out=folder / medium,
            level="fast",
            medium=medium,
            workers=1,
            figure=False,
            store=str(folder / "media.db"),
        )
        found[medium] = outcome.table()
    free, held = found["water-free"], found["complexed"]
    assert list(free["limiting_couple"]) == ["Cd2+/Cd", "Zn2+/Zn", "Mg2+/Mg"]
    assert list(free["verdict"])[:2] == ["active", "active"]
    assert list(held["limiting_couple"]) == ["Cd(acetate)2/Cd", "Zn(acetate)2/Zn", "[Mg(acetate)]+/Mg"]
    # log beta 2.86, 2.64 and 1.27 for two electrons each.
    shifts = held["couple_drive_ev"] - free["couple_drive_ev"]
    assert list(shifts) == pytest.approx([-0.0846, -0.0782, -0.0376], abs=2e-3)
    assert list(held["verdict"]) == ["active", "undetermined", "inert"]
    assert "free Cd2+: -0.40 V" in held["reason"][0]
    # Nothing but the couple depends on the medium.
    assert list(free["e_red_v_she"]) == list(held["e_red_v_she"])


def test_the_temperature_moves_the_shift_alone():
    drives = []
    for temperature_k in (298.15, 373.15):
        found = es.assess(
            "CC(=O)[O-].CC(=O)[O-].[Cd+2]",
            qd="pu2020-red",
            level="fast",
            medium="complexed",
            temperature_k=temperature_k,
        )
        drives.append(found.limiting_couple.e0_v_she + 0.403)
    assert drives[1] / drives[0] == pytest.approx(373.15 / 298.15)


def test_levels_of_effort_agree_on_the_clear_cases(folder):
    verdicts = []
    for level in ("fast", "standard", "full"):
        outcome = es.screen(
            ["O=C1C=CC(=O)C=C1", "CC(=O)[O-].CC(=O)[O-].[Zn+2]"],
            qd="pu2020-red",
            out=folder / level,
            level=level,
            workers=1,
            figure=False,
            store=str(folder / "levels.db"),
        )
        table = outcome.table()
        verdicts.append(list(table["verdict"]))
        assert ("adiabatic" in table["method"][0]) == (level == "full") or level == "standard"
    assert verdicts[0] == verdicts[1] == verdicts[2]


def test_assess_one_molecule():
    result = es.assess("CC(=O)[O-].CC(=O)[O-].[Cd+2]", qd="pu2020-red", level="fast")
    assert result.verdict == "active"
    assert result.limiting_couple.couple == "Cd2+/Cd"


def test_of_equal_arms_one_takes_the_charge(folder):
    # 4,4'-Dinitrobibenzyl and one of its halves: apart by the statistical term (RT/F) ln 2 alone.
    smiles = ["O=[N+]([O-])c1ccc(CCc2ccc([N+](=O)[O-])cc2)cc1", "CCc1ccc([N+](=O)[O-])cc1"]
    outcome = es.screen(smiles, qd="pu2020-red", level="full", out=folder / "arms", workers=1)
    both, one = outcome.table().to_dict("records")
    assert both["e_red_v_she"] - one["e_red_v_she"] == pytest.approx(0.0178, abs=1e-3)
    assert both["e_ox_v_she"] - one["e_ox_v_she"] == pytest.approx(-0.0178, abs=1e-3)
    assert "one of 2 equal centres" in both["corrections"]
    assert not one["corrections"]
    assert es.screen(smiles, qd="pu2020-red", level="full", out=folder / "arms", workers=1).n_computed == 0


def test_options_and_files_that_cannot_be_used(folder):
    for options, words in (
        ({"engine": "orca"}, "Unknown engine 'orca'"),
        ({"solvent": "treacle"}, "Unknown solvent 'treacle'"),
        ({"medium": "treacle"}, "The medium 'treacle' is neither a file nor known"),
        ({"temperature_k": -3}, "The option temperature_k is wrong"),
        ({"solvent": ""}, "Potentials need a solvent"),
        ({"counter_ion": ("Kryptonite",), "forms": "all"}, "Kryptonite"),
        ({"conformers": 0}, "option conformers is wrong"),
        ({"colour": "red"}, "option colour is wrong"),
        ({"p_active": 0.05}, "thresholds"),
    ):
        with pytest.raises(InputError, match=words):
            es.screen(["C"], qd="pu2020-red", out=folder / "never", **options)
    with pytest.raises(StoreError, match="cannot be written"):
        es.screen(["C"], qd="pu2020-red", out=folder / "list.smi" / "out")


SLOW = "CCCCCCCCCCCCCCCCCC(=O)O"


def test_a_killed_run_goes_on_and_gives_the_same_table(folder):
    lines = [*LINES, f"{SLOW} stearic acid", "CCCCCCCCCCCCN dodecylamine", "CCCCCCCCS octanethiol", HELD]
    source = write(folder / "kill.smi", lines)
    asked = ["screen", source, "--qd", "pu2020-red", "--workers", "1", "--quiet", "--out", folder / "killed"]
    gate = folder / "gate"
    process = subprocess.Popen(command_behind_a_gate(gate, *asked), start_new_session=True)
    partial = folder / "killed" / "results.csv.partial"
    wait_for(lambda: lines_of(partial) >= 4 and (gate / "holder").exists(), seconds=240)
    process.send_signal(signal.SIGKILL)
    process.wait()
    (gate / "open").touch()
    done = partial.read_text().count("\n") - 1
    assert 2 <= done < len(lines)
    assert not (folder / "killed" / "results.csv").exists()
    resumed = es.screen(str(source), qd="pu2020-red", out=folder / "killed", workers=1)
    whole = es.screen(str(source), qd="pu2020-red", out=folder / "whole", workers=2)
    assert rows(resumed) == rows(whole)
    assert resumed.n_computed < whole.n_computed
    # A killed parent leaves no worker behind.
    session = ["pgrep", "-s", str(process.pid)]
    wait_for(lambda: not subprocess.run(session, capture_output=True, check=False).stdout.strip())


def test_a_dead_worker_costs_no_row(folder):
    # Kill the first worker that appears; its row is tried again in a new one.
    killed = []

    def pool(workers):
        made = WorkerPool(workers)
        if not killed:
            made.submit(os.getpid).result()
            killed.append(next(iter(made._processes)))
            os.kill(killed[0], signal.SIGKILL)
        return made

    source = write(folder / "two.smi", LINES[:2])
    with open_store(folder / "dead.db") as store:
        found = list(
            screen(
                read_input(str(source)),
                quantum_dot("pu2020-red"),
                Settings(level="fast"),
                store=store,
                make_executor=bind(pool, 1),
                workers=1,
            )
        )
    assert killed
    assert [item.results[0].form.molecule.name for item in found] == ["ethylamine", "acetic acid"]


def test_another_solvent_is_extrapolated_and_never_inert():
    result = es.assess("C=Cc1ccccc1", qd="pu2020-red", level="fast")
    toluene = es.assess("C=Cc1ccccc1", qd="pu2020-red", level="fast", solvent="toluene")
    assert result.domain == "calibrated"
    assert toluene.domain == "extrapolated"
    assert toluene.verdict != "inert"


def test_a_dot_from_python():
    dot = es.QuantumDot.from_spec("CdSe:3.0/CdS:3.5", cbm_v_she=-1.0, cbm_sigma_v=0.05)
    assert dot.edges.cbm.value_v_she == -1.0


def test_a_film_makes_both_processes_harder_and_says_so():
    solution = es.assess("O=C1C=CC(=O)C=C1", qd="pu2020-red", level="fast")
    film = es.assess("O=C1C=CC(=O)C=C1", qd="pu2020-red", level="fast", film=True)
    for process, sign in ((Process.REDUCTION, -1), (Process.OXIDATION, 1)):
        before, after = getattr(solution.levels, process), getattr(film.levels, process)
        (correction,) = after.corrections
        assert "film" in correction.name
        assert sign * correction.value_v > 0.05
        assert after.value_v_she == pytest.approx(before.value_v_she + correction.value_v)
        assert after.sigma_v > before.sigma_v


def test_a_bare_polyanion_is_refused_or_measured_never_computed(folder):
    source = write(
        folder / "polyanions.smi",
        ["Cl[Pd-2](Cl)(Cl)Cl palladate", "N#C[Fe-4](C#N)(C#N)(C#N)(C#N)C#N ferrocyanide"],
    )
    table = es.screen(str(source), qd="CdSe", workers=1, out=folder / "polyanions").table()
    refused, measured = table.to_dict(orient="records")
    assert "charge -2 cannot be computed" in refused["error"]
    assert "measured_potentials.csv" in refused["remedy"]
    assert measured["method"] == "measured couples"
    assert (measured["e_red_bound"], measured["e_ox_bound"]) == ("at most", "")


def test_python_writes_nothing_unless_told_where(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    options = {"qd": "CdSe:3.5", "level": "fast", "forms": "free", "workers": 1}
    first = es.screen(pd.Series(["CCO", None]), **options)
    second = es.screen([("CCN", 1)], **options)
    assert list(tmp_path.iterdir()) == []
    assert list(first.table()["status"]) == ["ok", "failed"]
    assert list(second.table()["name"].astype(str)) == ["1"]
    assert es.draw(first).get_axes()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="cannot be read from the type int"):
        es.screen(42, **options)


def test_what_is_not_kept_goes_with_its_outcome(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcome = es.screen(["O"], **FAST)
    scratch = outcome.out
    assert scratch.is_dir()
    assert outcome.summary().endswith("nothing is kept (no folder was named)")
    with pytest.raises(InputError, match="Nothing of this run is kept"):
        es.report(outcome)
    assert es.report(outcome, "report.html").is_file()
    assert es.draw(outcome, "levels.svg").is_file()
    del outcome
    assert not scratch.exists()
    assert {path.name for path in tmp_path.iterdir()} == {"report.html", "levels.svg"}


FAST = {"qd": "CdSe:3.5", "level": "fast", "forms": "free", "workers": 1}


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("CCO", r"'CCO' is a SMILES, where a file is expected\. Write a list: \[\"CCO\"\]"),
        ("no such file", "There is no file"),
        (Path("missing.smi"), r"There is no file 'missing\.smi'"),
        (3.5, "cannot be read from the type float"),
    ],
)
def test_a_source_that_is_none_is_one_sentence(source, words):
    for call in (es.screen, es.rank):
        with pytest.raises(InputError, match=words):
            call(source, qd="CdSe")


def test_a_dot_made_from_a_specification_is_that_specification(tmp_path):
    (tmp_path / "in.smi").write_text("O water\n")
    for spec in ("pu2020-red", "CdSe:3/CdS:3.50"):
        outcome = es.screen(tmp_path / "in.smi", **(FAST | {"qd": es.QuantumDot.from_spec(spec)}))
        assert list(outcome.table()["qd"]) == [spec]
    dot = es.QuantumDot.from_spec("CdSe:3", cbm_v_she=-0.9)
    with pytest.raises(InputError, match=r"give the specification, 'CdSe:3', and your own edges as options"):
        es.screen(["O"], **(FAST | {"qd": dot}))


def test_a_script_needs_no_guard(tmp_path):
    script = (
        "import echemscreen as es\n"
        "print('once')\n"
        "print(*es.screen(['O'], qd='CdSe', level='fast', workers=2).table()['status'])\n"
    )
    (tmp_path / "mine.py").write_text(script)
    for command, text in ((["mine.py"], None), (["-"], script)):
        done = subprocess.run(
            [sys.executable, *command], input=text, capture_output=True, text=True, check=False, cwd=tmp_path
        )
        assert (done.stdout, done.stderr) == ("once\nok\n", "")


# --- structures of results --------------------------------------------------------------------


@pytest.fixture(scope="module")
def thiol():
    return es.assess((Chem.MolFromSmiles("CCS"), "ethanethiol"), qd="CdSe", level="full", forms="free")


def test_a_result_gives_its_molecule_and_geometries(thiol):
    assert isinstance(thiol, es.Assessment)
    assert thiol.form.molecule.name == "ethanethiol"
    assert Chem.MolToSmiles(thiol.mol) == "CCS"
    atoms = thiol.to_ase()
    assert atoms.get_chemical_formula() == "C2H6S"
    assert atoms.info == {"charge": 0, "n_unpaired": 0, "spin": 1, "smiles": "CCS"}
    # C-S of a thiol, electron diffraction: 1.82 angstrom.
    assert atoms.get_distance(1, 2) == pytest.approx(1.82, abs=0.03)
    anion = thiol.to_pymatgen(added_electrons=1)
    assert (anion.charge, anion.spin_multiplicity, len(anion)) == (-1, 2, 9)
    cation = thiol.to_ase(added_electrons=-1)
    assert (cation.info["charge"], cation.info["n_unpaired"]) == (1, 1)
    with pytest.raises(InputError, match=r'2 electrons added of CCS was relaxed.*level="full"'):
        thiol.to_ase(added_electrons=2)


def test_what_failed_or_was_not_computed_has_no_geometry_and_says_so():
    salt = es.assess("[Cd+2].[Cl-].[Cl-]", qd="CdSe", level="fast")
    assert salt.mol.GetNumAtoms() == 3
    with pytest.raises(InputError, match="No geometry of the neutral parent"):
        salt.to_ase()
    pair = es.assess("CC[NH3+].[O-]C(C)=O", qd="CdSe", level="fast")
    assert pair.to_ase().info["smiles"] in {"CC(=O)O", "CC[NH3+]"}
    assert pair.to_ase(species="CC[NH3+]").info["charge"] == 1


def test_the_rows_of_a_screen_give_theirs(tmp_path):
    stearic = "CCCCCCCCCCCCCCCCCC(=O)O"
    for out in (None, tmp_path / "o"):
        outcome = es.screen(["CCO", None, stearic, "CC[NH3+].[O-]C(C)=O"], **FAST, out=out)
        alcohol, missing, acid, pair = outcome.results()
        assert alcohol.row["verdict"] in {"inert", "undetermined"}
        assert alcohol.to_ase().get_chemical_formula() == "C2H6O"
        assert alcohol.to_pymatgen().composition.reduced_formula == "H6C2O"
        for ask in (missing.to_ase, missing.to_pymatgen, lambda row=missing: row.mol):
            with pytest.raises(InputError, match="There is no molecule here"):
                ask()
        # What was computed had a shorter tail, and says so.
        assert acid.mol.GetNumAtoms() == 20
        assert acid.to_ase().info["smiles"] == "CCCCCCC(=O)O"
        assert "its tail cut" in acid.geometries[0].title
        with pytest.raises(InputError, match=r"several members: .*Name one of them"):
            pair.to_ase()
        assert pair.to_ase(species="CC(=O)[O-]").get_chemical_formula() == "C2H3O2"


def test_molecules_go_wherever_a_smiles_does():
    acid = Chem.MolFromSmiles("CCCCS")
    assert es.exchange(acid, None, "CdSe:3.0").outcome == es.exchange("CCCCS", None, "CdSe:3.0").outcome
    for odd in (None, 5, float("nan"), Chem.MolFromSmarts("[#6]")):
        for call in (
            lambda what=odd: es.assess(what, qd="CdSe"),
            lambda what=odd: es.exchange(what, None, "CdSe:3.0"),
            lambda what=odd: es.sweep("CdSe:2-3", what or float("nan")),
        ):
            with pytest.raises(InputError):
                call()


def test_a_figure_is_handed_out_where_no_file_is_named(one_worker, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    figure = es.draw(one_worker, scale="fc")
    assert type(figure).__module__ == "matplotlib.figure"
    assert any("Fc" in axes.get_ylabel() for axes in figure.axes)
    assert es.draw(one_worker.out, stack="pu2020").axes
    assert not list(tmp_path.iterdir())
    with pytest.raises(InputError, match="no finished screen"):
        es.draw(tmp_path)
