"""A dot sized by its spectrum: the exciton is met, and the distribution widens the edges by what it moves."""

import json
import math
from pathlib import Path

import pytest
from typer.testing import CliRunner

import echemscreen as es
from echemscreen.campaign.base import Campaign
from echemscreen.cli import app
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.sizes.absorbing import absorbing_dot
from echemscreen.errors import DotError, InputError

SPECTRUM = Path(__file__).parents[1] / "data" / "measurements" / "cdse_absorption_run_3.csv"


@pytest.mark.parametrize("spec", ["CdSe:?", "CdSe:?/CdS:1.0", "CdSe:9"])
def test_the_exciton_is_that_of_the_spectrum(spec):
    dot = absorbing_dot(spec, 2.25, 0.05)
    assert dot.exciton_ev == pytest.approx(2.25, abs=0.001)
    assert dot.name == spec


def test_the_edges_are_widened_by_what_the_sizes_do():
    narrow, wide = absorbing_dot("CdSe:?", 2.25, 0.0), absorbing_dot("CdSe:?", 2.25, 0.08)
    ends = [quantum_dot(absorbing_dot("CdSe:?", energy, 0.0).spec) for energy in (2.17, 2.33)]
    for edge in ("cbm", "vbm"):
        moved = abs(getattr(ends[0].edges, edge).value_v_she - getattr(ends[1].edges, edge).value_v_she) / 2
        alone, together = getattr(narrow.edges, edge), getattr(wide.edges, edge)
        assert together.sigma_v == pytest.approx(math.hypot(alone.sigma_v, moved), abs=1e-6)
        assert together.value_v_she == alone.value_v_she
    assert any("sized by a first exciton of 2.250 ± 0.080 eV" in note for note in wide.caveats)


def test_a_measured_edge_is_not_widened():
    dot = absorbing_dot("CdSe:?", 2.25, 0.08, cbm_v_she=-1.0, cbm_sigma_v=0.05)
    assert (dot.edges.cbm.value_v_she, dot.edges.cbm.sigma_v) == (-1.0, 0.05)


def test_what_cannot_absorb_there_is_told():
    with pytest.raises(DotError, match="No core size makes"):
        absorbing_dot("ZnO:?", 2.25, 0.05)
    with pytest.raises(DotError, match="is a bulk material"):
        absorbing_dot("CdSe", 2.25, 0.05)


def test_a_campaign_takes_the_file_in_place_of_a_size(tmp_path):
    dot = Campaign.validated(qd="CdSe:?", absorption=SPECTRUM).dot()
    # The first column: 60 s, whose band the authors read at 504 nm.
    assert 1239.84 / dot.exciton_ev == pytest.approx(508.8, abs=0.5)
    with pytest.raises(InputError, match="by --absorption and by --emission-nm"):
        Campaign.validated(qd="CdSe:?", absorption=SPECTRUM, emission_nm=600).dot()
    done = es.screen(
        [("CCCCCC", "hexane")], "CdSe:?", absorption=SPECTRUM, level="fast", workers=1, out=tmp_path / "a",
        figure=False,
    )  # fmt: skip
    assert done.table()["qd"].tolist() == ["CdSe:?"]


def test_qd_shows_the_dot_of_a_spectrum_and_of_own_edges(tmp_path):
    def shown(*arguments):
        done = CliRunner().invoke(app, ["qd", *arguments])
        assert "Traceback" not in done.output
        return done

    dot = json.loads(shown("CdSe:?", "--absorption", str(SPECTRUM), "--json").output)
    assert dot["exciton_nm"] == pytest.approx(508.8, abs=0.5)
    own = tmp_path / "own.csv"
    own.write_text(
        "name,dot,quantity,value,scale,sigma_v,kind,citation\n"
        "my dots,CdSe:?,cbm,-1.05,she,0.04,cv,my notebook\n",
        encoding="utf-8",
    )
    done = shown("CdSe:?", "--absorption", str(SPECTRUM), "--measured", str(own))
    assert "CBM  -1.05 ± 0.04 V vs SHE" in done.output
    assert "yours: " in done.output
    refused = shown("--absorption", str(SPECTRUM))
    assert refused.exit_code == 2
    assert "What was measured needs its dot" in refused.output
