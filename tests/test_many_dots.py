"""A list on several dots: every dot's screen as by itself, the chemistry computed once."""

import csv
import time

import pytest
from typer.testing import CliRunner

import echemscreen as es
from echemscreen.cli import app
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.errors import DotError, InputError, StructureError
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.screening import workbench
from echemscreen.screening.plan import plan_of
from echemscreen.screening.workbench import Settings
from echemscreen.screening.workers.limits import Limits
from echemscreen.screening.workers.work import work

LIST = [("CCCCCN", "amine"), ("O=[N+]([O-])c1ccccc1", "nitrobenzene"), ("CCCCCN", "amine"), ("C(", "bad")]
DOTS = ["lu2022-red", "CdSe:3.5"]


def read(path):
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def test_each_dot_has_the_screen_that_it_would_have_by_itself(tmp_path):
    options = {"level": "fast", "workers": 1, "store": str(tmp_path / "levels.db")}
    together = es.screen_dots(LIST, DOTS, out=tmp_path / "all", **options)
    assert list(together.by_dot) == DOTS
    # What is free is the same on each.
    assert together.by_dot["CdSe:3.5"].n_computed < together.by_dot["lu2022-red"].n_computed
    for dot in DOTS:
        alone = es.screen(LIST, dot, out=tmp_path / "alone", replace=True, **options)
        assert alone.n_computed == 0
        assert read(alone.out / "results.csv") == read(together.by_dot[dot].out / "results.csv")
        beside = [row[dot] for row in read(tmp_path / "all" / "by_dot.csv")]
        assert beside == [row["verdict"] or row["status"] for row in read(alone.out / "results.csv")]
    assert together.table()["name"].tolist() == ["amine", "nitrobenzene", "amine", "bad"]
    assert "4 rows on 2 dots" in together.summary()
    again = es.screen_dots(LIST, DOTS, out=tmp_path / "all", **options)
    assert again.n_computed == 0


def test_the_command_draws_them_side_by_side(tmp_path):
    source = tmp_path / "list.smi"
    source.write_text("CCCCN amine\nO=C1C=CC(=O)C=C1 quinone\n", encoding="utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(
        app,
        ["screen", str(source), "--qd", "CdSe:3.5, CdTe:3.5", "--level", "fast", "--out", str(out)],
    )
    assert done.exit_code == 0, done.output
    assert "2 rows on 2 dots" in done.output
    assert (out / "by_dot.png").stat().st_size > 1000
    assert "quinone" in (out / "by_dot.svg").read_text(encoding="utf-8")
    assert [row["CdTe:3.5"] for row in read(out / "by_dot.csv")][1] == "active"
    assert (out / "CdTe_3.5" / "report.html").exists()


@pytest.mark.parametrize(
    ("dots", "more", "sentence"),
    [
        (["CdSe:3.5", "CdSx:3"], {}, "Unknown dot or material 'CdSx'"),
        (["CdSe:3.5", "CdSe:3.5"], {}, "The dot CdSe:3.5 is named twice"),
        (["CdSe:3.5", "CdTe:3"], {"cbm_ev": -3.9}, "The option cbm_ev is true of one dot, and 2 are named"),
        ("CdSe:3.5", {}, "'CdSe:3.5' is no list of dots"),
        ([], {}, "is no list of dots"),
        (["CdSe:3.5", " "], {}, "A name between the commas of the dots is empty"),
    ],
)
def test_what_cannot_be_asked_is_told_before_anything_is_computed(tmp_path, dots, more, sentence):
    with pytest.raises(InputError, match=sentence):
        es.screen_dots(LIST, dots, out=tmp_path / "out", **more)
    assert not (tmp_path / "out").exists()


def test_where_one_dot_is_expected_several_are_refused():
    with pytest.raises(DotError, match=r"'CdSe:3\.5,CdTe:3' names several dots"):
        quantum_dot("CdSe:3.5,CdTe:3")
    with pytest.raises(DotError, match="has a comma"):
        quantum_dot("CdSe:3,5")


def test_what_fails_or_takes_too_long_does_so_on_every_dot(monkeypatch):
    asked = []

    def embed(species, **_):
        asked.append(species.smiles)
        raise StructureError("it cannot be embedded.", "Draw another one.", "embedding")

    monkeypatch.setattr(workbench, "embed", embed)
    # Of one site metal: they have their forms in common.
    dots = [quantum_dot(name) for name in ("CdSe:3.5", "CdTe:3.5")]
    molecule, settings = parse_smiles("CCO", "alcohol"), Settings(level="fast")
    engine = get_engine("tblite")
    plan = plan_of(molecule, dots, engine, theory_of(engine, settings.solvent), settings)
    found, computed = work(plan, dots, settings, {}, Limits())
    assert [item.results[0].kind for item in found] == ["embedding"] * 2
    assert len(asked) == 1
    assert not computed
    monkeypatch.setattr(workbench, "embed", lambda *_, **__: time.sleep(5))
    found, _ = work(plan, dots, settings, {}, Limits(time_s=0.05))
    assert [item.results[0].kind for item in found] == ["time_limit"] * 2
