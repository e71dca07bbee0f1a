"""The ledger: which members decide, and what they say together."""

import pytest
from strategies import edges, level, levels

from echemscreen.records.molecules import Form, Molecule, Species
from echemscreen.records.processes import Process
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure
from echemscreen.verdicts.ledger import LedgerMember, decides, judge_ledger
from echemscreen.verdicts.rules import judge


def assessment(e_red, sigma=0.1):
    found = levels(level(Process.REDUCTION, e_red, sigma=sigma), level(Process.OXIDATION, 3.0))
    judged = judge(found, edges())
    molecule = Molecule(name="x", smiles="C", canonical_smiles="C", inchikey="", formula="CH4", charge=0)
    return Assessment(
        form=Form(molecule=molecule, role="as_given", free=Species(smiles="C", charge=0)),
        qd="dot",
        levels=found,
        alignments=judged.alignments,
        flags=judged.flags,
        verdict=judged.verdict,
        domain=judged.domain,
        reason=judged.reason,
        engine="test",
        solvent="acetonitrile",
    )


INERT, ACTIVE = assessment(-2.0), assessment(-0.2)
FAILED = Failure(name="x", smiles="C", stage="calculation", kind="engine", message="It broke.", remedy="")


def member(role, result, **more):
    return LedgerMember(name=f"a {role}", role=role, smiles=f"{role}", result=result, **more)


def test_what_a_patterning_ligand_leaves_decides_in_place_of_a_link():
    parts = (member("precursor", INERT), member("residue", ACTIVE, stays=True))
    assert judge_ledger(parts).verdict == "active"
    assert judge_ledger((parts[0], member("residue", INERT, stays=True))).verdict == "inert"
    shown_only = judge_ledger((parts[0], member("residue", ACTIVE)))
    assert shown_only.verdict == "undetermined"
    assert "no cited reaction gives the wanted link" in shown_only.reason


@pytest.mark.parametrize(
    ("role", "share", "expected"),
    [
        ("precursor", None, True),
        ("wanted_link", None, True),
        ("side_product", None, False),
        ("side_product", 0.09, False),
        ("side_product", 0.10, True),
        ("residue", 0.5, True),
        ("intermediate", 0.9, False),
    ],
)
def test_who_decides(role, share, expected):
    assert decides(role, share) is expected


def test_the_worst_deciding_member_gives_the_verdict_and_its_name():
    found = judge_ledger([member("precursor", INERT), member("wanted_link", ACTIVE)])
    assert (found.verdict, found.worst.role) == ("active", "wanted_link")
    assert found.flags[0].code == "electron_trap"
    assert "wanted link (a wanted_link)" in found.reason


def test_an_active_intermediate_or_rare_side_product_changes_nothing():
    quiet = [member("precursor", INERT), member("wanted_link", INERT)]
    loud = [member("intermediate", ACTIVE), member("side_product", ACTIVE, yield_fraction=0.05)]
    assert judge_ledger([*quiet, *loud]) == judge_ledger(quiet)
    often = member("side_product", ACTIVE, yield_fraction=0.2)
    assert judge_ledger([*quiet, often]).verdict == "active"


def test_a_link_that_no_reaction_gives_is_left_open():
    found = judge_ledger([member("precursor", INERT)])
    assert found.verdict == "undetermined"
    assert "no cited reaction gives the wanted link" in found.reason
    assert judge_ledger([member("precursor", ACTIVE)]).verdict == "active"


def test_a_failed_member_takes_inert_away_but_makes_nothing_active():
    found = judge_ledger([member("precursor", INERT), member("wanted_link", FAILED)])
    assert found.verdict == "undetermined"
    assert "wanted link (a wanted_link) failed: It broke." in found.reason
    assert judge_ledger([member("precursor", ACTIVE), member("wanted_link", FAILED)]).verdict == "active"


def test_nothing_known_is_undetermined_and_says_so():
    found = judge_ledger([member("precursor", FAILED)])
    assert (found.verdict, found.worst) == ("undetermined", None)
    assert "failed" in found.reason
