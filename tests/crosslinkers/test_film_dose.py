"""The dose of a film, by hand and against what it must do."""

import math
from dataclasses import replace
from functools import lru_cache

import pytest

from echemscreen.crosslinkers.candidates import released
from echemscreen.crosslinkers.film_dose import (
    RETENTION,
    Film,
    bridges,
    damage_at,
    damage_rows,
    film_dose,
    quantum_yields,
)
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.dots.sizes.inner_filter import DotInFilm
from echemscreen.ligands.crosslinking.crosslinker_rows import photoactive_group_rows
from echemscreen.ligands.crosslinking.crosslinkers import crosslinker_profile
from echemscreen.verdicts.ledger import LedgerMember

#: A bis(perfluorophenyl azide) ester, in place of the crosslinkers of any paper.
BISAZIDE = "O=C(OCCCCOC(=O)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F)c1c(F)c(F)c(N=[N+]=[N-])c(F)c1F"
MASS_DA = 524.2


@lru_cache
def profile(smiles):
    return crosslinker_profile(smiles)


@lru_cache
def dot_of(spec):
    return quantum_dot(spec)


def dose(epsilon=5000.0, lamp_nm=365.0, **changes):
    asked = {"smiles": BISAZIDE, "dot": "CdSe:3.5/CdS:1.5", "thickness": 40.0, "loading": 5.0} | changes
    return film_dose(
        epsilon,
        (epsilon / 2, epsilon * 2),
        lamp_nm,
        profile=profile(asked["smiles"]),
        molar_mass_da=MASS_DA,
        dot=dot_of(asked["dot"]),
        film=Film(thickness_nm=asked["thickness"], loading_percent=asked["loading"]),
    )


def test_a_clear_film_by_hand(monkeypatch):
    """u = 1 - exp(-k D), with the conversion that the bridges ask for."""
    monkeypatch.setattr("echemscreen.crosslinkers.film_dose.film_absorption_per_nm", lambda *_, **__: 0.0)
    monkeypatch.setattr("echemscreen.crosslinkers.film_dose._own_absorption_per_nm", lambda *_: 0.0)
    one = DotInFilm(mass_da=20 * MASS_DA / 0.05, volume_nm3=1.0, volume_share=0.5)
    monkeypatch.setattr("echemscreen.crosslinkers.film_dose.dot_in_film", lambda *_, **__: one)
    found = dose()
    # 20 crosslinkers a dot, half of their pairs of arms on one dot: c = 20 (u y)^2, and S = 1 - exp(-c S).
    needed = math.sqrt(-math.log(1 - RETENTION) / RETENTION / 20)
    converted = needed / math.sqrt(0.45)
    # 365 nm is 327.7 kJ/mol; an arm has half of the molecule's coefficient.
    by_hand = -math.log(1 - converted) * 327.7e6 / (2302.6 * 2500 * math.sqrt(0.49 * 0.83))
    assert found.dose_mj_cm2 == pytest.approx(by_hand, rel=1e-3)
    spread = math.hypot(math.log10(2), math.log10(0.83 / 0.49) / 2)
    assert found.high_mj_cm2 / found.dose_mj_cm2 == pytest.approx(10**spread)


def test_bridges_of_two_and_four_arms_by_hand():
    assert bridges(2, 0.3) == pytest.approx(0.09)
    binomial = [math.comb(4, m) * 0.3**m * 0.7 ** (4 - m) for m in range(5)]
    assert bridges(4, 0.3) == pytest.approx(sum(share * max(m - 1, 0) for m, share in enumerate(binomial)))


@pytest.mark.parametrize(("epsilon", "factor"), [(50.0, 2.0), (5e3, 1.1), (5e4, 8.0)])
def test_more_absorption_more_crosslinker_and_a_thinner_film_need_less(epsilon, factor):
    middle = dose(epsilon).dose_mj_cm2
    assert dose(epsilon, thickness=40.0 * factor).dose_mj_cm2 > middle
    assert dose(epsilon, loading=5.0 * factor).dose_mj_cm2 < middle
    assert dose(epsilon / factor).dose_mj_cm2 > middle


def test_what_is_unknown_is_named_and_no_dose():
    assert dose(0.0).missing == "absorption at the lamp"
    assert dose(smiles="CC1(CCCCC2(C)N=N2)N=N1").missing == "yield of the insertion"
    assert dose(smiles="O=C(c1ccccc1)c1ccccc1").missing == "quantum yield of the group"
    assert dose(dot="CdSe").missing == "size and lattice of the dot"
    assert "too few" in dose(loading=0.01).missing


def test_a_dot_of_unknown_absorption_leaves_the_film_clear_and_says_so():
    found = dose(dot="PbS:5.0")
    assert found.transmitted is None
    assert found.dose_mj_cm2 > 0


def test_the_deep_ultraviolet_is_filtered_more():
    assert dose(lamp_nm=254).transmitted < dose(lamp_nm=365).transmitted < 1


def test_rows_name_known_groups_and_probabilities():
    known = {row.group for row in photoactive_group_rows()}
    assert all(row.group in known and 0 < row.low <= row.high <= 1 for row in quantum_yields())
    assert all(0 < row.kept <= 1 and row.dose_mj_cm2 > 0 for row in damage_rows())
    assert damage_at(254).kept < damage_at(365).kept
    assert damage_at(405) is None


def test_what_is_freed_is_compared_with_the_native_ligand_of_its_kind():
    """Acids take oleate's place and protonate amines; an amine meets an amine; a ketone does not bind."""

    def residue(name, smiles):
        return LedgerMember(role="residue", name=name, smiles=smiles, stays=True)

    members = [
        residue("hydrogen chloride", "Cl"),
        residue("free amine", "CCCCCCN"),
        residue("sulfonic acid", "O=S(=O)(O)C(F)(F)F"),
        replace(residue("hydrosulfide", "[SH-]"), charge=-1),
        residue("alkane", "CCCC"),
        replace(residue("acid", "CC(=O)O"), role="side_product"),
    ]
    found = released(members, dot_of("CdSe:3.5/ZnS:1.0"))
    assert [(item.name, item.outcome, item.native) for item in found] == [
        ("hydrogen chloride", "displaces", "oleate"),
        ("hydrogen chloride", "protonates", "oleylamine"),
        ("free amine", "about even", "oleylamine"),
        ("sulfonic acid", "displaces", "oleate"),
        ("sulfonic acid", "protonates", "oleylamine"),
        ("hydrosulfide", "unknown", "oleate"),
    ]
