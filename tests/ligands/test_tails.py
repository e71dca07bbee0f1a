"""Spectator tails: what is left out, what never is, and that homologues become one species."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.levels.fit.references import references
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.binding.sites import species_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.tails import KEPT_CARBONS, short_tailed, without_tails
from echemscreen.records.molecules import Species
from echemscreen.records.processes import Process

CHAIN = "C" * KEPT_CARBONS
LONG = "C" * (KEPT_CARBONS + 5)


def cut(smiles):
    return without_tails(species_of(Chem.MolFromSmiles(smiles))).smiles


def canonical(smiles):
    return Chem.MolToSmiles(Chem.MolFromSmiles(smiles))


def form(smiles):
    return forms_of(parse_smiles(smiles, "ligand"), site_metal="Zn", site_charge=2)[0]


@pytest.mark.parametrize(
    ("smiles", "expected"),
    [
        pytest.param(f"{LONG}N", f"{CHAIN}N", id="amine"),
        pytest.param(f"{LONG}C(=O)O", f"{CHAIN}C(=O)O", id="acid"),
        pytest.param(f"{LONG}P({LONG}){LONG}", f"{CHAIN}P({CHAIN}){CHAIN}", id="every arm"),
        pytest.param(f"{LONG}/C=C\\{LONG}N", f"{CHAIN}/C=C\\{LONG}N", id="a spacer stays, cis stays"),
        pytest.param(f"CC(C){LONG}S", f"{CHAIN}S", id="a branch beyond reach goes with its tail"),
        pytest.param(f"{LONG}[NH3+]", f"{CHAIN}[NH3+]", id="cation"),
    ],
)
def test_what_lies_beyond_reach_is_left_out(smiles, expected):
    assert cut(smiles) == canonical(expected)


@pytest.mark.parametrize(
    "smiles",
    [
        pytest.param(f"{CHAIN}N", id="within reach"),
        pytest.param(LONG + LONG, id="an alkane has no head"),
        pytest.param(f"N{LONG}{LONG}N", id="a spacer hangs on two heads"),
        pytest.param("NC1CCCCCCCCCCCCCCC1", id="a ring"),
        pytest.param("FC(F)(F)" + "C(F)(F)" * 10 + "C(=O)O", id="a perfluorinated chain is no spectator"),
        pytest.param("CC(=O)O[Zn]OC(C)=O", id="a metal is a head"),
    ],
)
def test_what_stays_whole(smiles):
    assert cut(smiles) == canonical(smiles)


def test_a_stereocentre_that_loses_its_difference_is_none():
    assert cut(f"{LONG}[C@H](N){LONG}C") == canonical(cut(f"{LONG}C(N){LONG}C"))


def test_free_and_bound_species_are_shortened_alike():
    found = short_tailed(form(f"{LONG}C(=O)O"))
    reference = form(f"{CHAIN}C(=O)O")
    assert (found.form.free, found.form.bound) == (reference.free, reference.bound)
    assert found.form.molecule.canonical_smiles == canonical(f"{LONG}C(=O)O")
    assert found.note == f"tail shortened to {reference.free.smiles}"


def test_no_oxidation_that_the_fit_knows_is_of_a_longer_tail():
    """GFN2-xTB spreads a hole along it: cut tails would be judged by what whole ones taught."""
    known = {row.smiles for row in references() if row.process is Process.OXIDATION}
    assert known
    assert [smiles for smiles in known if cut(smiles) != canonical(smiles)] == []


def test_a_short_ligand_is_left_alone():
    whole = form("CCN")
    found = short_tailed(whole)
    assert found.form == whole
    assert not found.note


HEADS = ("N", "S", "C(=O)O", "P(=O)(O)O", "O", "C#N", "c1ccccc1", "N=[N+]=[N-]", "C=C", "OC(=O)C=C")


def test_two_hundred_homologues_of_ten_heads_are_ten_calculations():
    species = {
        item
        for head in HEADS
        for length in range(KEPT_CARBONS, KEPT_CARBONS + 20)
        for found in (short_tailed(form("C" * length + head)).form,)
        for item in ((head, found.free), (head, found.bound))
    }
    assert len(species) == 2 * len(HEADS)


@settings(deadline=None, max_examples=40)
@given(
    head=st.sampled_from(HEADS),
    length=st.integers(1, 24),
    branch=st.integers(0, 8),
    kept=st.integers(1, 8),
    seed=st.integers(0, 1000),
)
def test_cutting_is_idempotent_and_blind_to_atom_order(head, length, branch, kept, seed):
    mol = Chem.MolFromSmiles("C" * length + ("C(" + "C" * branch + ")" if branch else "") + head)
    once = without_tails(species_of(mol), kept=kept)
    assert without_tails(once, kept=kept) == once
    assert once.smiles == canonical(once.smiles)
    order = sorted(range(mol.GetNumAtoms()), key=lambda index: (index * 7919 + seed) % 104729)
    shuffled = Chem.RenumberAtoms(mol, order)
    raw = Species(smiles=Chem.MolToSmiles(shuffled, canonical=False), charge=0)
    assert without_tails(raw, kept=kept).smiles in {once.smiles, raw.smiles}
    cut_mol = Chem.MolFromSmiles(once.smiles)
    assert cut_mol.GetNumAtoms() <= mol.GetNumAtoms()
    assert not any(atom.GetNumRadicalElectrons() for atom in cut_mol.GetAtoms())


def test_every_library_ligand_keeps_its_anchor():
    site = quantum_dot("pu2020-red")
    for smiles in ("CCCCCCCC/C=C\\CCCCCCCC(=O)O", "CCCCCCCCCCCCN", "CCCCCCCCP(CCCCCCCC)CCCCCCCC"):
        whole = forms_of(
            parse_smiles(smiles, "ligand"), site_metal=site.site_metal, site_charge=site.site_charge
        )[0]
        short = short_tailed(whole).form
        assert short.anchor == whole.anchor
        assert short.binding == whole.binding
        assert short.bound is not None
        assert short.bound.smiles != whole.bound.smiles
