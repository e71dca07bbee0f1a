"""What a refined run writes for the calibration: rows of a measurement file."""

from dataclasses import replace

import pytest

import echemscreen as es
from echemscreen.campaign.outcomes.refined_rows import REFINED_TABLE, refined_rows, write_refined
from echemscreen.levels.refined import REFINED_SOURCE
from echemscreen.measurements.own_rows import read_own
from echemscreen.records.levels import Correction
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation


@pytest.fixture(scope="module")
def refined():
    """A row whose reduction counts as refined, with a term of a film."""
    found = es.assess("O=[N+]([O-])c1ccccc1", "CdSe:3.5", name="nitrobenzene", forms="free", level="fast")
    level = replace(
        found.levels.reduction,
        value_v_she=-0.70,
        sigma_v=0.13,
        vertical=False,
        corrections=(Correction(name="film", value_v=0.2, sigma_v=0.05),),
        citation=Citation(source=REFINED_SOURCE, locator="PBE0"),
    )
    return replace(found, levels=replace(found.levels, reduction=level))


def test_a_refined_level_is_a_row_without_what_was_added_to_it(refined, tmp_path):
    rows = refined_rows(refined)
    write_refined(tmp_path, [*rows, *rows])
    (row,) = read_own(tmp_path / REFINED_TABLE)
    assert (row.quantity, row.smiles, row.kind) == (Process.REDUCTION, "O=[N+]([O-])c1ccccc1", "calculated")
    assert row.value_v_she == pytest.approx(-0.90)
    assert row.sigma_v == pytest.approx(0.12)


def test_a_run_without_refined_levels_writes_no_file(tmp_path):
    plain = es.assess("CCO", "CdSe:3.5", name="ethanol", forms="free", level="fast")
    assert refined_rows(plain) == ()
    (tmp_path / REFINED_TABLE).write_text("old", encoding="utf-8")
    write_refined(tmp_path, ())
    assert not (tmp_path / REFINED_TABLE).exists()
