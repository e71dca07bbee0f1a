"""Published rules of use: what they flag, and what they leave alone."""

from dataclasses import replace

import pytest

from echemscreen.ligands.groups import anchor_rows
from echemscreen.records.results import Flag
from echemscreen.verdicts.use import use_flags, use_rules, use_words

PEROVSKITE, OXIDE, SULFIDE = {"Cs", "Pb", "Br"}, {"Zn", "O"}, {"Zn", "S"}


@pytest.mark.parametrize(
    ("anchor", "formula", "elements", "codes"),
    [
        ("thiol", "C8H18S", PEROVSKITE, ["decomposes_dot"]),
        ("thiol", "C8H18S", OXIDE, ["does_not_bind"]),
        ("thiol", "C8H18S", SULFIDE, []),
        ("thiol", "C8H18S", {"Pb", "S"}, []),
        ("sulfide_ion", "S-2", {"Pb", "Se"}, ["does_not_bind"]),
        ("sulfide_ion", "S-2", {"Cd", "Se"}, []),
        ("primary_amine", "C8H19N", SULFIDE, ["strips_metal_salts"]),
        ("primary_amine", "C8H19N", {"Cd", "Zn", "S"}, ["strips_metal_salts"]),
        ("primary_amine", "C8H19N", OXIDE, []),
        ("primary_amine", "C8H19N", PEROVSKITE, []),
        ("halide", "Br-", PEROVSKITE, ["lattice_ion"]),
        ("halide", "I-", PEROVSKITE, []),
        ("halide", "Br-", SULFIDE, []),
        ("", "C8H18S", PEROVSKITE, []),
    ],
)
def test_the_rules_that_hold(anchor, formula, elements, codes):
    assert [flag.code for flag in use_flags(anchor, formula, elements)] == codes


def test_every_rule_names_anchors_that_exist_and_its_source():
    for rule in use_rules():
        assert set(rule.anchors.split(";")) <= set(anchor_rows())
        assert rule.citation
        assert rule.locator


def test_the_sentence_names_the_source_once():
    flags = use_flags("thiol", "C8H18S", PEROVSKITE)
    pan = flags[0].citation.source
    assert use_words((*flags, *flags)).count(pan) == 1
    assert use_words(()) == ""
    # A flag of a drive is no rule of use, whatever its source.
    trap = Flag(code="hole_trap", reason="taken", drive_ev=0.2, citation=flags[0].citation)
    assert use_words((trap,)) == ""


def test_a_rule_may_ask_for_all_that_a_layer_is_made_of():
    rule = replace(use_rules()[0], anchors="thiol;amine", all_of="Zn;S", any_of="", of_the_lattice=False)
    assert rule.holds("amine", "", SULFIDE)
    assert not rule.holds("amine", "", {"Zn", "Se"})
    assert not rule.holds("halide", "", SULFIDE)
