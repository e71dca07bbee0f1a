"""What to measure next: the molecule whose value would decide the most verdicts."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from typer.testing import CliRunner

from echemscreen.campaign.base import Campaign
from echemscreen.cli import app
from echemscreen.design import advice
from echemscreen.levels.fit.calibration import shipped_fit
from echemscreen.records.levels import EnergyLevel, RedoxLevels
from echemscreen.records.processes import Process
from echemscreen.verdicts.rules import judge

CAMPAIGN = Campaign.validated(qd="pu2020-red")
DOT, SETTINGS = CAMPAIGN.dot(), CAMPAIGN.settings()
GROUPS = ("nitro",)


def fitted(value, sigma, shift=0.0):
    """A level of nitro compounds, ``shift`` standard deviations away from another in every descriptor."""
    fit = shipped_fit(Process.REDUCTION, "tblite", "vertical")
    carried = np.array([0.4 * (name in GROUPS) for name in fit.model.groups])
    level = EnergyLevel(
        process=Process.REDUCTION,
        value_v_she=value,
        sigma_v=sigma,
        basis="calibrated",
        domain="calibrated",
        vertical=True,
        raw_v_she=value,
    )
    features = np.concatenate([np.full(len(fit.model.names), shift), carried])
    return advice.FittedLevel(level=level, engine="tblite", features=features, groups=GROUPS, kind="vertical")


def row(name, item):
    far = EnergyLevel(
        process=Process.OXIDATION, value_v_she=3.0, sigma_v=0.1, basis="calibrated", domain="calibrated"
    )
    levels = RedoxLevels(
        reduction=item.level,
        oxidation=far,
        homo_ev=None,
        lumo_ev=None,
        electron_affinity_ev=None,
        ionization_energy_ev=None,
        method="made for a test",
    )
    verdict = judge(levels, DOT.edges, (), reach=DOT.reach).verdict
    return advice.AdvisedRow(
        name=name, smiles=name, levels=levels, couples=(), verdict=verdict, fitted={"reduction": item}
    )


def test_a_value_decides_its_own_row_as_often_as_its_distribution_says():
    edge = DOT.edges.cbm
    (found,) = advice.ranked([row("one", fitted(edge.value_v_she, 0.3))], DOT, SETTINGS)
    # Decided where the drive is clear of the edge: above P = 0.75 or below 0.10.
    after = math.hypot(0.06, edge.sigma_v)
    expected = norm.sf(norm.ppf(0.75) * after / 0.3) + norm.cdf(norm.ppf(0.10) * after / 0.3)
    assert found.decides == pytest.approx(expected, abs=0.1)
    assert found.relatives == pytest.approx(0.0)


def test_a_relative_is_helped_and_a_stranger_is_not():
    edge = DOT.edges.cbm.value_v_she
    first = row("first", fitted(edge, 0.3))
    near = row("near", fitted(edge, 0.3, shift=0.05))
    far = row("far", fitted(edge, 0.3, shift=5.0))
    together = {item.name: item for item in advice.ranked([first, near], DOT, SETTINGS)}
    apart = {item.name: item for item in advice.ranked([first, far], DOT, SETTINGS)}
    assert together["first"].relatives >= apart["first"].relatives
    assert together["first"].decides <= 2.0


def test_what_is_decided_needs_no_value():
    clear = row("clear", fitted(DOT.edges.cbm.value_v_she + 1.0, 0.1))
    assert clear.verdict == "active"
    assert advice.ranked([clear], DOT, SETTINGS) == ()


def test_a_bound_level_keeps_the_doubt_of_its_site():
    item = fitted(DOT.edges.cbm.value_v_she, 0.3)
    spread, after = advice._own(item, 0.06)
    assert spread == pytest.approx(0.3)
    assert after.sigma_v == pytest.approx(0.06)
    assert after.domain == "measured"
    nearer = replace(item, level=replace(item.level, sigma_v=0.2))
    assert advice._own(nearer, 0.06)[0] == pytest.approx(0.2)


def test_the_command_names_molecules(tmp_path):
    path = tmp_path / "list.smi"
    path.write_text("O=[N+]([O-])c1ccc(C#N)cc1 four\nCCCCCCN amine\nnonsense bad\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["calibrate", "--advise", str(path), "--workers", "1"])
    assert result.exit_code == 0, result.output
    assert "2 rows on pu2020-red" in result.output
    assert "not computed: bad" in result.output


def test_a_list_that_cannot_be_read_is_one_sentence(tmp_path):
    path = tmp_path / "list.smi"
    path.write_text("nonsense bad\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["calibrate", "--advise", str(path)])
    assert result.exit_code == 2
    assert "No row of" in result.output
    both = CliRunner().invoke(app, ["calibrate", "--advise", str(path), "--edges"])
    assert both.exit_code == 2
