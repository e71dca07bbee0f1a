"""Published comparisons of crosslinkers and doses beside a ranking: judged by hand."""

import pytest

from echemscreen.evidence.facts.patterning_facts import (
    CheckedDose,
    Exposure,
    checked_comparisons,
    checked_doses,
    comparison_rows,
    exposures_of_comparisons,
    exposures_of_doses,
    patterning_lines,
)
from echemscreen.ligands.library import library

AT_365 = Exposure(qd="lu2022-red", lamp_nm=365.0, atmosphere="n2")
NAMES = ("crosslinker-4", "crosslinker-1", "crosslinker-3", "crosslinker-2")


def ranking(order=NAMES, dark=("crosslinker-2",)):
    rows = []
    for place, name in enumerate(order, start=1):
        words = "does not absorb at the lamp" if name in dark else "absorbs at the lamp"
        rows.append({"name": name, "rank": str(place), "divider": f"{words}; examined: spin states"})
    return rows


def pairs(share):
    lit = [name for name in NAMES if name != "crosslinker-2"]
    return [
        {"better": first, "worse": second, "probability": share}
        for index, first in enumerate(lit)
        for second in lit[index + 1 :]
    ]


def outcomes(share, order=NAMES):
    return {
        (item.row.better[-1], item.row.worse[-1]): item.outcome
        for item in checked_comparisons(AT_365, ranking(order), pairs(share))
    }


def test_what_is_sure_is_right_and_what_is_not_is_unresolved():
    assert outcomes(0.95)["4", "1"] == "right"
    assert outcomes(0.80)["4", "1"] == "unresolved"
    assert outcomes(0.05)["4", "1"] == "reversed"


def test_a_divider_resolves():
    assert outcomes(0.5)["1", "2"] == "right"
    behind = ("crosslinker-2", "crosslinker-4", "crosslinker-1", "crosslinker-3")
    assert outcomes(0.5, behind)["1", "2"] == "reversed"


def test_the_pair_may_stand_the_other_way_round():
    turned = [{"better": "crosslinker-1", "worse": "crosslinker-4", "probability": 0.97}, *pairs(0.95)[1:]]
    found = checked_comparisons(AT_365, ranking(), turned)
    assert next(item for item in found if item.row.better[-1] == "4").outcome == "reversed"


def test_rows_name_entries_of_the_library_and_each_pair_once():
    known = {row.entry.name for row in library().rows("all")}
    rows = comparison_rows()
    assert all({row.better, row.worse} <= known for row in rows)
    keys = [(frozenset((row.better, row.worse)), row.qd, row.lamp_nm, row.atmosphere) for row in rows]
    assert len(set(keys)) == len(keys)
    assert {name for names in exposures_of_comparisons().values() for name in names} <= known
    assert all(exposure.loading_percent for exposure in exposures_of_doses())


@pytest.mark.parametrize(("computed", "factor"), [(100.0, 0.5), (250.0, 1.0), (900.0, 3.0), (None, None)])
def test_the_factor_to_a_range_by_hand(computed, factor):
    dose = CheckedDose(
        compound="a", exposure=AT_365, published=(200.0, 300.0), computed=computed, interval=(None, None)
    )
    assert dose.factor == (None if factor is None else pytest.approx(factor))


def test_doses_are_those_of_the_dots_and_the_loading():
    exposure = Exposure(qd="lu2022-red", lamp_nm=365.0, atmosphere="n2", loading_percent=6.0)
    cells = {"expected_dose_mj_cm2": "500", "expected_dose_low_mj_cm2": "", "expected_dose_high_mj_cm2": ""}
    (dose,) = checked_doses(exposure, [{"name": "crosslinker-4"} | cells])
    assert dose.published == (200.0, 300.0)
    assert dose.factor == pytest.approx(500 / 300)
    assert not list(checked_doses(AT_365, [{"name": "crosslinker-4"} | cells]))
    text = "\n".join(patterning_lines(tuple(checked_comparisons(AT_365, ranking(), pairs(0.95))), (dose,)))
    assert "1 of 1 within a factor of 3" in text
    assert "0 reversed" in text
