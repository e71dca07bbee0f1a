"""Couples of complexes: the Nernst shift by hand, which constant is taken, and files of the user."""

import csv
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.dots.complexation import (
    UNVERIFIED,
    Ion,
    StabilityConstantRow,
    complex_in,
    default_medium,
    media,
    medium_of,
    nernst_shift_v,
    stability_constants,
)
from echemscreen.dots.couples import aqueous_couples, complexed_couples, couple_in, free_couple
from echemscreen.errors import InputError, TableError
from echemscreen.reference_tables import read_rows, table_path

ACETATE = {"ligand_smiles": "CC(=O)O", "anchor": "carboxylic_acid"}
HEADER = (
    "metal,oxidation_state,ligand_class,ligand,ligand_smiles,ligand_charge,anchor,n,log_beta,"
    "sigma_log_beta,temperature_k,ionic_strength_m,medium,quality,citation,locator,note"
)
GOOD = "Cd,2,phosphine,trioctylphosphine,,0,,2,6.0,1.0,298.15,0,toluene,own,my notebook,p. 3,"


def ion(metal, charge=2, **more):
    return Ion(metal=metal, charge=charge, **more)


def written(folder, *lines):
    path = folder / "mine.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
    return path


def test_the_shift_by_hand():
    # 2.303 R T / F = 59.16 mV at 25 C: log beta 2.86 moves a two-electron couple by -84.6 mV.
    assert nernst_shift_v(2.86, 2) == pytest.approx(-0.0846, abs=1e-4)
    assert nernst_shift_v(2.86, 2, 373.15) == pytest.approx(-0.1059, abs=1e-4)
    couple = couple_in(ion("Cd", **ACETATE), medium_of("complexed"))
    assert (couple.couple, couple.kind, couple.form) == ("Cd(acetate)2/Cd", "complexed", "Cd(acetate)2")
    assert couple.e0_v_she == pytest.approx(-0.403 - 0.0846, abs=1e-4)
    assert (couple.other_form, couple.other_e0_v_she) == ("free Cd2+", -0.403)
    # 0.05 V of the couple and 0.5 of log beta (14.8 mV) in quadrature.
    assert couple.sigma_v == pytest.approx(math.hypot(0.05, 0.01479), abs=1e-5)


@given(log_beta=st.floats(0.0, 60.0), n=st.integers(1, 4), t=st.floats(200.0, 500.0))
def test_a_stable_complex_is_never_easier_to_reduce(log_beta, n, t):
    assert nernst_shift_v(log_beta, n, t) <= 0.0
    assert nernst_shift_v(log_beta, n, t) == pytest.approx(nernst_shift_v(log_beta, 1, t) / n)
    assert nernst_shift_v(-log_beta, n, t) == -nernst_shift_v(log_beta, n, t)


def test_the_free_couple_decides_unasked():
    for metal in ("Cd", "Zn", "Mg", "Pb"):
        couple = couple_in(ion(metal, **ACETATE), default_medium())
        free = free_couple(metal, 2)
        assert (couple.couple, couple.e0_v_she, couple.sigma_v) == (free.couple, free.e0_v_she, free.sigma_v)
        assert not couple.one_sided
        assert couple.other_e0_v_she < couple.e0_v_she
    assert couple_in(ion("Xe"), default_medium()) is None


def test_of_several_couples_of_an_ion_the_first_to_be_reduced_is_free():
    # Cu2+/Cu+ at 0.153 V is known too.
    assert (free_couple("Cu", 2).couple, free_couple("Cu", 2).e0_v_she) == ("Cu2+/Cu", pytest.approx(0.34))


def test_the_very_anion_comes_before_its_kind():
    complexed = medium_of("complexed")
    acetate = complex_in(complexed, ion("Zn", **ACETATE))
    octanoate = complex_in(complexed, ion("Zn", ligand_smiles="CCCCCCCC(=O)O", anchor="carboxylic_acid"))
    assert acetate.formula == "Zn(acetate)2"
    assert octanoate.formula == "Zn(carboxylate)2"
    # Acetate 2.6434 and propionate 1.842: their mean, and their scatter in the uncertainty.
    assert octanoate.log_beta == pytest.approx(2.2427)
    assert octanoate.sigma_log_beta == pytest.approx(math.hypot(0.5, 0.4007))
    # Magnesium has no second constant: the charged complex that has one is named as such.
    assert complex_in(complexed, ion("Mg", **ACETATE)).formula == "[Mg(acetate)]+"


def test_the_order_of_the_salts_stays_and_the_published_size_of_the_shifts_comes_out():
    free = [free_couple(metal, 2).e0_v_she for metal in ("Cd", "Zn", "Mg")]
    held = [couple_in(ion(m, **ACETATE), medium_of("complexed")).e0_v_she for m in ("Cd", "Zn", "Mg")]
    assert free == sorted(free, reverse=True)
    assert held == sorted(held, reverse=True)
    # Acetate moves Cd and Zn by about -0.08 V, amines by -0.2 to -0.3 V.
    for metal in ("Cd", "Zn"):
        amine = couple_in(ion(metal), medium_of("amine")).e0_v_she - free_couple(metal, 2).e0_v_she
        assert -0.30 < amine < -0.18
    assert [h - f for h, f in zip(held[:2], free[:2], strict=True)] == pytest.approx([-0.08, -0.08], abs=0.01)


def test_what_has_no_constant_is_a_bound_and_not_a_free_ion():
    couple = couple_in(ion("Mg", ligand_smiles="CCS", anchor="thiol"), medium_of("complexed"))
    assert couple.one_sided
    assert couple.e0_v_she == free_couple("Mg", 2).e0_v_she
    assert "no cited stability constant" in couple.note
    bare = couple_in(ion("Cd"), medium_of("complexed"))
    assert bare.one_sided


def test_a_thiolate_is_told_to_be_judged_by_analogy():
    couple = couple_in(ion("Cd", ligand_smiles="CCS", anchor="thiol"), medium_of("complexed"))
    assert couple.couple == "Cd(thiolate)2/Cd"
    assert "analogy" in couple.note
    assert couple.sigma_v > 0.1


def test_both_ions_of_a_couple_are_bound():
    # Cu2+/Cu+ and Cu2+/Cu are both known; acetate is known for Cu2+ alone.
    couple = couple_in(ion("Cu", **ACETATE), medium_of("complexed"))
    assert couple.couple == "Cu(acetate)2/Cu"
    # log beta 3.40: -0.1006 V from +0.34 V.
    assert couple.e0_v_she == pytest.approx(0.2394, abs=1e-4)
    # Chloride binds both: 0.153 - 0.05916 (-0.26 - 3.10) = 0.352 V, above Cu2+/Cu at 0.348 V.
    chloride = couple_in(ion("Cu", ligand_smiles="Cl", anchor="halide"), medium_of("complexed"))
    assert chloride.couple == "Cu(chloride)2/Cu(chloride)"
    assert chloride.e0_v_she == pytest.approx(0.3518, abs=1e-3)


def test_every_row_has_its_source_and_a_ligand_in_canonical_form():
    free = {(couple.metal, couple.oxidation_state) for couple in aqueous_couples()}
    for row in stability_constants():
        assert row.citation
        assert row.locator
        assert Chem.CanonSmiles(row.ligand_smiles) == row.ligand_smiles
        assert row.sigma_log_beta > 0
        assert row.quality in {"critical", "secondary", "analogue"}
    assert {row.metal for row in stability_constants()} <= {metal for metal, _ in free}
    classes = {row.ligand_class for row in stability_constants()}
    assert classes >= {"carboxylate", "primary amine", "thiolate", "ammonia", "hydroxide", "chloride"}


def test_what_is_only_remembered_is_never_used():
    rows = read_rows("band_data", "stability_constants.csv", StabilityConstantRow)
    remembered = [row for row in rows if row.quality == UNVERIFIED]
    assert remembered
    assert not set(remembered) & {row for medium in media().values() for row in medium.rows}


def test_complexed_couples_lie_below_the_free_ones_where_the_complex_is_stable():
    listed = complexed_couples()
    names = [couple.couple for couple in listed]
    assert len(names) == len(set(names))
    assert {"Cd(carboxylate)2/Cd", "Zn(carboxylate)2/Zn", "[Cd(primary amine)4]2+/Cd"} <= set(names)
    for couple in listed:
        assert couple.kind == "complexed"
        # The free ion that goes to the metal: Cr3+/Cr, not Cr3+/Cr2+.
        (free,) = (
            item
            for item in aqueous_couples()
            if (item.metal, item.oxidation_state) == (couple.metal, couple.oxidation_state)
            and item.couple.endswith(f"/{item.metal}")
        )
        assert couple.other_form == f"free {free.couple.split('/')[0]}"
        assert couple.other_e0_v_she == free.e0_v_she
        assert abs(couple.e0_v_she - couple.other_e0_v_she) < 1.5
        assert couple.sigma_v >= 0.05


def test_a_medium_of_ones_own(tmp_path):
    medium = medium_of(str(written(tmp_path, GOOD, GOOD.replace(",2,6.0", ",4,10.0"))))
    couple = couple_in(ion("Cd", **ACETATE), medium)
    assert couple.form == "[Cd(trioctylphosphine)4]2+"
    assert couple.e0_v_she == pytest.approx(-0.403 - 0.2958, abs=1e-4)
    zinc = couple_in(ion("Zn", **ACETATE), medium)
    assert (zinc.couple, zinc.one_sided) == ("Zn2+/Zn", False)
    assert "mine.csv has no constant" in zinc.note


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (GOOD.replace("6.0", "six"), "line 3, column log_beta: 'six' is not a number"),
        (GOOD.replace("Cd", "Qq"), "line 3, column metal: 'Qq' is no element"),
        (GOOD.replace(",2,6.0", ",0,6.0"), "line 3, column n: 0 ligands"),
        (GOOD.replace("6.0", "1e6"), "line 3, column log_beta: 1e+06"),
        (GOOD.replace("6.0,1.0", "6.0,-1"), "line 3, column sigma_log_beta"),
        (GOOD.replace("298.15", "-3"), "line 3, column temperature_k"),
        (GOOD.replace("298.15,0", "298.15,-1"), "line 3, column ionic_strength_m"),
        (GOOD.replace("Cd,2", "Cd,-2"), "line 3, column oxidation_state"),
        (GOOD.replace("trioctylphosphine", ""), "line 3, column ligand"),
        (GOOD.replace("my notebook", ""), "line 3, column citation: the row has no source"),
        (GOOD + ",more", "line 3: the row has another number of cells"),
    ],
)
def test_a_wrong_cell_is_named(tmp_path, line, words):
    with pytest.raises(TableError) as caught:
        medium_of(str(written(tmp_path, GOOD, line)))
    assert words in str(caught.value)
    assert "mine.csv" in str(caught.value)


def test_a_wrong_file_or_name_is_told(tmp_path):
    with pytest.raises(InputError, match="'treacle' is neither a file nor known"):
        medium_of("treacle")
    with pytest.raises(TableError, match=r"mine\.csv has no row"):
        medium_of(str(written(tmp_path)))
    (tmp_path / "short.csv").write_text("metal,n\nCd,2\n", encoding="utf-8")
    with pytest.raises(TableError, match=r"short\.csv, line 1: missing column oxidation_state"):
        medium_of(str(tmp_path / "short.csv"))
    with pytest.raises(InputError, match="neither a file nor known"):
        medium_of(str(tmp_path))


def test_the_shipped_table_is_a_medium_file_itself():
    path = table_path("band_data", "stability_constants.csv")
    with path.open(encoding="utf-8", newline="") as handle:
        assert ",".join(next(csv.reader(handle))) == HEADER
    assert medium_of(str(path)).is_complete
