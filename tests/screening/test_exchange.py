"""Exchange of ligands: signs and orders of the published series, symmetry, and clear refusals."""

import json
import math

import pytest
from typer.testing import CliRunner

import echemscreen as es
from echemscreen import cli
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.errors import DotError, InputError
from echemscreen.levels.binding import NERNST_V
from echemscreen.reference_tables import table_path
from echemscreen.screening.exchange import exchange
from echemscreen.screening.exchange_answer import ReactionEnergy
from echemscreen.screening.form_evidence.site_evidence import bond_constant

CDSE, PBS, ZNS = "CdSe:3.0", "PbS:3", "pu2020-red-zns"
OLEIC, UNDECENOIC = "CCCCCCCC/C=C\\CCCCCCCC(=O)O", "C=CCCCCCCCCC(=O)O"
THIOL, PHOSPHONIC = "C=CCCCCCCCCCS", "C=CCCCCCCCCCP(=O)(O)O"
TMEDA, PYRIDINE, ETHYLPYRIDINE = "CN(C)CCN(C)C", "c1ccncc1", "CCc1ccncc1"
AMINE, PHOSPHINE, OXIDE = "CCCCN", "CCCCP(CCCC)CCCC", "CCCCCCCCP(=O)(CCCCCCCC)CCCCCCCC"
PAIRS = [(THIOL, OLEIC), (PHOSPHONIC, OLEIC), (PYRIDINE, AMINE), (PHOSPHINE, "TOPO"), ("NCCN", TMEDA)]


def energy(new, native, dot=CDSE):
    return exchange(new, native, dot).replacement


def released(new, dot=CDSE):
    return exchange(new, None, dot).release


# --- the verified rows of exchange_series.csv ---------------------------------------------------


@pytest.mark.parametrize(
    ("new", "dot"),
    [(THIOL, CDSE), ("CCCCCCCCCCCCS", CDSE), ("CCCCC(CC)CS", CDSE), ("OC(=O)CCS", PBS), ("CCCCCCCCS", ZNS)],
)
def test_thiols_displace_oleate(new, dot):
    """knauf2016-x, elimelech2020-x, elimelech2022-x, reinhart2017-x, inp-octanethiol-x."""
    answer = exchange(new, "oleate", dot)
    assert answer.outcome == "displaces"
    assert answer.acids.energy.free_energy_ev < 0


@pytest.mark.parametrize("dot", [CDSE, PBS, ZNS])
def test_a_phosphonate_gains_over_a_carboxylate(dot):
    """knauf2016-x, gomes2011-x, cdte-mixed-x, smock2018-x: it displaces, and not the other way round.

    The sign is that of the papers; the constants of one bond leave the probability near 0.75.
    """
    assert energy(PHOSPHONIC, "oleate", dot).free_energy_ev < -0.03
    assert energy(PHOSPHONIC, "oleate", dot).probability > 0.65
    assert exchange(OLEIC, "octylphosphonate", dot).outcome != "displaces"


@pytest.mark.parametrize(("dot", "log_k"), [(CDSE, -0.08), (PBS, 0.35), (PBS, 0.33), ("CsPbBr3", 0.29)])
def test_undecenoate_and_oleate_are_about_even(dot, log_k):
    """knauf2016-x, kessler2018-x, smock2018-x: the measured constants lie inside one sigma."""
    answer = exchange(UNDECENOIC, None, dot)
    assert answer.native.name == "oleate"
    assert answer.outcome == "about even"
    found = answer.replacement
    assert abs(-found.free_energy_ev / NERNST_V - log_k) < found.sigma_ev / NERNST_V


def test_amines_of_two_lengths_are_about_even():
    """smock2018-l: K = 2.52, on lead."""
    assert exchange("C=CCCCCCCCCCN", None, "CsPbBr3").outcome == "about even"


@pytest.mark.parametrize("new", [ETHYLPYRIDINE, OXIDE])
def test_neither_pyridine_nor_phosphine_oxide_displaces_an_amine(new):
    """chen2017-l."""
    assert exchange(new, AMINE, CDSE).outcome == "does not displace"


def test_a_phosphine_is_not_said_to_displace_an_amine():
    """chen2017-l: it does not; the calculated bonds of the two are equal, and the word says no more."""
    assert exchange(PHOSPHINE, AMINE, CDSE).outcome in {"does not displace", "about even"}
    assert released(PHOSPHINE).outcome in {"less readily", "as readily"}
    # pu2020-z, on zinc: octylamine takes all carboxylate off, neat phosphine leaves a quarter.
    assert released("TOP", ZNS).outcome in {"less readily", "as readily"}


def test_order_in_which_donors_pull_off_the_metal():
    """anderson2013-z, drijvers2018-z: TMEDA and the amines before pyridine."""
    values = [released(new).energy.free_energy_ev for new in (TMEDA, "CCCCCCCCN", PYRIDINE)]
    assert values == sorted(values)
    assert len(set(values)) == 3
    assert released(TMEDA).outcome == "more readily"
    assert released(PYRIDINE).outcome == "less readily"
    for amine in (AMINE, "CCCCCCN", "CCCCCCCCN", "NCc1ccccc1"):
        assert released(amine).outcome == "as readily"


def test_a_chelate_without_a_constant_is_said_to_be_counted_as_one_bond():
    # anderson2013-z-pb: displaces; lead has no constant of it.
    answer = exchange(TMEDA, None, PBS)
    assert answer.new.held.basis == "class"
    assert any("2 donors" in note for note in answer.notes)
    assert exchange(TMEDA, None, CDSE).new.held.basis == "cited"


@pytest.mark.parametrize(
    "acid", ["OS(=O)(=O)C(F)(F)F", "Cl", "Cc1ccc(S(=O)(=O)O)cc1", "CS(=O)(=O)O", "OC(=O)C(F)(F)F"]
)
@pytest.mark.parametrize("dot", [CDSE, PBS, ZNS])
def test_strong_acids_displace_what_their_anions_do_not(acid, dot):
    """pan2023, Ligand Exchange: hydrochloric and triflic acid replace oleate, oleylamine, methacrylate."""
    answer = exchange(acid, "oleate", dot)
    assert answer.outcome != "displaces"
    assert answer.outcome_as_acid == "displaces"
    assert exchange(acid, "CC(=C)C(=O)O", dot).outcome_as_acid == "displaces"
    assert exchange(acid, "oleylamine", dot).outcome_as_acid == "protonates"
    assert exchange(OLEIC, acid, dot).outcome_as_acid == "does not displace"


def test_the_proton_of_triflic_acid_by_hand():
    # 0.05916 V times (-14.7 - 4.816), the mean of acetic, propanoic and butanoic acid.
    answer = exchange("OS(=O)(=O)C(F)(F)F", "oleate", CDSE)
    proton = answer.acids.energy.free_energy_ev - answer.replacement.free_energy_ev
    assert proton == pytest.approx(0.05916 * (-14.7 - 4.816), abs=1e-3)


@pytest.mark.parametrize("dot", [CDSE, PBS])
def test_a_phosphonic_acid_displaces_oleate_and_not_the_other_way_round(dot):
    """knauf2016-x, gomes2011-x, cdte-mixed-x, smock2018-x: with its proton the word is clear."""
    assert exchange(PHOSPHONIC, "oleate", dot).outcome_as_acid == "displaces"
    assert exchange(OLEIC, "octylphosphonate", dot).outcome_as_acid == "does not displace"


def test_a_carboxylic_acid_protonates_an_amine():
    """chen2017-l, abstract: bound amine and oleic acid form an alkylammonium oleate on the dot."""
    assert exchange(OLEIC, AMINE, CDSE).outcome_as_acid == "protonates"
    assert exchange(OLEIC, "TOPO", CDSE).acids is None


# --- what must hold whatever the rows say ---------------------------------------------------------


@pytest.mark.parametrize(("one", "other"), PAIRS)
@pytest.mark.parametrize("dot", [CDSE, ZNS, "InP:3"])
def test_there_and_back_is_nothing(one, other, dot):
    there, back = exchange(one, other, dot), exchange(other, one, dot)
    assert there.replacement.free_energy_ev == pytest.approx(-back.replacement.free_energy_ev)
    assert there.replacement.sigma_ev == pytest.approx(back.replacement.sigma_ev)
    assert there.replacement.probability == pytest.approx(1 - back.replacement.probability)
    assert (there.acids is None) == (back.acids is None)
    if there.acids is not None:
        assert there.acids.energy.free_energy_ev == pytest.approx(-back.acids.energy.free_energy_ev)
        assert there.acids.energy.sigma_ev == pytest.approx(back.acids.energy.sigma_ev)


def test_exchanges_add_up():
    steps = energy(THIOL, PHOSPHONIC).free_energy_ev + energy(PHOSPHONIC, OLEIC).free_energy_ev
    assert steps == pytest.approx(energy(THIOL, OLEIC).free_energy_ev)


def test_the_energy_is_the_difference_of_the_bonds():
    found = energy(PYRIDINE, None)
    new, native = bond_constant("pyridine", PYRIDINE, "Cd", 2), bond_constant("amine", "", "Cd", 2)
    assert found.free_energy_ev == pytest.approx(new.free_energy_ev - native.free_energy_ev)
    assert found.sigma_ev == pytest.approx(math.hypot(new.sigma_ev, native.sigma_ev))


def test_a_ligand_against_itself_changes_nothing():
    for name in ("oleate", OLEIC, "OLEIC ACID", OLEIC.replace("(=O)O", "(=O)[O-]")):
        answer = exchange(name, "oleate", CDSE)
        assert (answer.replacement.free_energy_ev, answer.replacement.sigma_ev) == (0, 0)
        assert answer.outcome == "about even"
    assert released("CCCCN").energy.free_energy_ev == 0


def test_words_turn_at_a_quarter_and_three_quarters():
    words = [
        ReactionEnergy(free_energy_ev=value, sigma_ev=0.1).word("goes", "stays", "even")
        for value in (-0.0675, -0.0674, 0.0, 0.0674, 0.0675)
    ]
    assert words == ["goes", "even", "even", "even", "stays"]


def test_a_donor_does_not_replace_an_anion_one_for_one():
    answer = exchange(AMINE, "stearate", CDSE)
    assert answer.outcome == "not one for one"
    assert answer.replacement is None
    assert "one for one" in answer.notes[0]
    assert answer.release.outcome == "as readily"
    opposite = exchange("CCCCCCS", "TOP", CDSE)
    assert (opposite.outcome, opposite.replacement, opposite.release) == ("not one for one", None, None)


def test_the_consequence_follows_from_the_dot():
    assert "Cd(X)2 is reduced" in released(AMINE, "pu2020-red").consequence
    # A free ion below the conduction edge stays as it is.
    bulk = quantum_dot("CdSe:3.0", cbm_v_she=0.5, cbm_sigma_v=0.05)
    assert "Cd(X)2 is not reduced" in released(AMINE, bulk).consequence
    assert "holes" in released(AMINE, bulk).consequence
    assert released(AMINE, "InP:3").salt == "In(X)3"


def test_an_unknown_constant_is_unknown_and_not_zero():
    answer = exchange("[O-]C#N", None, CDSE)
    assert answer.outcome == "unknown"
    assert answer.replacement is None
    assert any("No constant is known" in note for note in answer.notes)


def test_names_are_those_of_the_tables():
    for name in ("oleate", "oleylamine", "stearate", "TOP", "topo", "TMEDA", "octylphosphonate"):
        assert exchange(AMINE, name, CDSE).native.name.casefold() == name.casefold()
    assert table_path("ligand_library", "native_ligands.csv").is_file()
    assert exchange(PYRIDINE, None, CDSE).native.name == "oleylamine"
    assert es.exchange is exchange


# --- the command -----------------------------------------------------------------------------------


def call(*arguments):
    return CliRunner().invoke(cli.app, ["exchange", *arguments])


@pytest.mark.parametrize(
    "arguments",
    [
        (THIOL, "--qd", CDSE),
        (TMEDA, "--native", "oleate", "--qd", PBS),
        (PYRIDINE, "--qd", ZNS),
        ("NCCCN", "--native", "TOPO", "--qd", "InP:3"),
        ("[O-]C#N", "--qd", CDSE),
    ],
)
def test_the_answer_is_at_most_eight_lines(arguments):
    done = call(*arguments)
    assert done.exit_code == 0, done.output
    assert 2 <= len(done.stdout.splitlines()) <= 8
    content = json.loads(call(*arguments, "--json").stdout)
    assert content["outcome"] in done.stdout.splitlines()[0]
    assert {"new", "native", "free_energy_ev", "sigma_ev", "probability", "acids", "release"} <= set(content)


def test_numbers_and_sources_stand_in_the_text():
    text = call(PYRIDINE, "--qd", CDSE).stdout
    assert "does not displace" in text
    assert "less readily than n-butylamine" in text
    assert " ± " in text
    assert "NIST SRD 46" in text
    assert "Anderson" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("CCCCCC", "--qd", CDSE), ("CCCCCC", "no anchor")),
        ((AMINE, "--native", "CCCCCC", "--qd", CDSE), ("CCCCCC", "no anchor")),
        ((AMINE, "--native", "olaete", "--qd", CDSE), ("olaete", "Nearest names: oleate")),
        ((AMINE, "--native", "unobtainium", "--qd", CDSE), ("unobtainium", "oleylamine")),
        (("C1CC", "--qd", CDSE), ("C1CC", "ring-closure")),
        (("", "--qd", CDSE), ("empty",)),
        (("CC(=O)[O-].[Na+]", "--qd", CDSE), ("metal salt",)),
        (("[Cd+2]", "--qd", CDSE), ("metal salt",)),
        (("CC[NH3+].[Cl-]", "--qd", CDSE), ("pair of ions",)),
        (("CC[NH3+]", "--qd", CDSE), ("cation",)),
        (("CCN.CCS", "--qd", CDSE), ("mixture",)),
        ((AMINE, "--qd", "Kryptonite:3"), ("Kryptonite",)),
        ((AMINE, "--qd", "CdSe:0.1"), ("0.1 nm",)),
    ],
)
def test_what_cannot_be_used_is_told_in_one_sentence(arguments, words):
    done = call(*arguments)
    assert done.exit_code == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    for word in words:
        assert word in done.stderr


def test_errors_are_those_of_the_house():
    with pytest.raises(InputError, match="cation"):
        exchange("C[N+](C)(C)C", None, CDSE)
    with pytest.raises(DotError):
        exchange(AMINE, None, "nothing")
