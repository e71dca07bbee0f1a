"""A ranking on a terminal."""

import io

from rich.console import Console

from echemscreen.views.ranking.ranking_table import print_summary
from echemscreen.views.tables.columns import names_of

ROW = {
    **dict.fromkeys(names_of("ranking.csv")),
    "rank": 1,
    "rank_low": 1,
    "rank_high": 3,
    "score": 0.7,
    "name": "benzophenone",
    "verdict": "undetermined",
    "flags": "electron_trap;uncalibrated_class",
    "worst_member_role": "side_product",
    "p_reduction": 0.25,
    "p_reduction_bound": "",
    "p_oxidation_bound": "",
    "pareto_front": 2,
    "divider": "absorbs, examined up to full",
}


def printed(rows, width):
    out = io.StringIO()
    print_summary(rows, Console(file=out, width=width))
    return out.getvalue()


def test_a_ranking_shows_its_columns_in_their_order():
    text = printed([ROW], 160)
    header, divider, first, second = text.splitlines()
    assert [part.strip() for part in header.split("  ") if part.strip()] == [
        "rank",
        "interval",
        "score",
        "name",
        "verdict",
        "flags",
        "worst member",
        "at lamp",
        "P(electron)",
        "P(hole)",
        "front",
    ]
    assert divider.strip() == "-- absorbs, examined up to full"
    assert [part.strip() for part in first.split("  ") if part.strip()] == [
        "1",
        "1 to 3",
        "0.70",
        "benzophenone",
        "undetermined",
        "electron_trap",
        "side product",
        "not computed",
        "0.25",
        "unknown",
        "2",
    ]
    assert second.strip() == "uncalibrated_class"


def test_a_narrow_terminal_is_told_what_it_lacks():
    text = printed([ROW], 90)
    assert "Too wide for this terminal, in ranking.csv:" in text
    assert "front" in text.split("in ranking.csv:")[1]


def test_what_has_no_rank_is_a_sentence():
    other = {**ROW, "rank": None, "name": "oleic acid", "reason": "No crosslinker."}
    assert "oleic acid: No crosslinker." in printed([ROW, other], 160)
