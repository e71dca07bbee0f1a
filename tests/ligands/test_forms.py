"""How molecules sit on a dot: electrons counted, charges balanced, metals kept."""

import pytest
from rdkit import Chem

from echemscreen.errors import InputError
from echemscreen.ligands.binding.forms import forms_of, judged_units, site_models
from echemscreen.ligands.parse import parse_smiles

CD = {"site_metal": "Cd", "site_charge": 2}


def default(smiles, **site):
    return forms_of(judged_units(parse_smiles(smiles, "x"))[0], **(site or CD))[0]


@pytest.mark.parametrize(
    ("smiles", "role", "binding", "free", "bound"),
    [
        ("CCCCN", "bound_L", "L", "CCCCN", "CCCCN->[Cd](OC(C)=O)OC(C)=O"),
        ("CP(C)C", "bound_L", "L", "CP(C)C", "CP(C)(C)->[Cd](OC(C)=O)OC(C)=O"),
        ("CP(C)(C)=O", "bound_L", "L", "CP(C)(C)=O", "CP(C)(C)=O->[Cd](OC(C)=O)OC(C)=O"),
        ("c1ccncc1", "bound_L", "L", "c1ccncc1", "c1cccc[n]1->[Cd](OC(C)=O)OC(C)=O"),
        ("CCC(=O)O", "bound_X", "X", "CCC(=O)O", "CCC(=O)O[Cd]OC(C)=O"),
        ("CCC(=O)[O-]", "bound_X", "X", "CCC(=O)O", "CCC(=O)O[Cd]OC(C)=O"),
        ("CCS", "bound_X", "X", "CCS", "CCS[Cd]OC(C)=O"),
        ("CCP(=O)(O)O", "bound_X", "X", "CCP(=O)(O)O", "CCP(=O)(O)O[Cd]OC(C)=O"),
        ("CCP(=O)([O-])[O-]", "bound_X", "X", "CCP(=O)(O)O", "CCP(=O)(O)O[Cd]OC(C)=O"),
        ("[Cl-]", "bound_X", "X", "Cl", "Cl[Cd]OC(C)=O"),
        ("[N-]=[N+]=[N-]", "bound_X", "X", "N=[N+]=[N-]", "[N-]=[N+]=N[Cd]OC(C)=O"),
        ("NCCS", "bound_X", "X", "NCCS", "NCCS[Cd]OC(C)=O"),
        ("C[N+](C)(C)CC(=O)[O-]", "bound_L", "L", "C[N+](C)(C)CC(=O)[O-]", None),
        ("[Cd+2].CCC(=O)[O-].CCC(=O)[O-]", "salt_Z", "Z", "CCC(=O)O", "CCC(=O)O[Cd]OC(=O)CC"),
        ("[Cd+2].CCP(=O)([O-])[O-]", "salt_Z", "Z", "CCP(=O)(O)O", "CCP1(=O)O[Cd]O1"),
        ("[S-2].[Na+].[Na+]", "salt_Z", "Z", "S", "[SH][Na]"),
        ("[Zn+2].[Cl-].[Cl-]", "salt_Z", "Z", "Cl", "Cl[Zn]Cl"),
    ],
)
def test_default_forms(smiles, role, binding, free, bound):
    form = default(smiles)
    assert (form.role, form.binding) == (role, binding)
    assert form.free.smiles == Chem.CanonSmiles(free)
    assert form.bound is not None
    if bound is not None:
        assert form.bound.smiles == Chem.CanonSmiles(bound)


@pytest.mark.parametrize("smiles", ["CCO", "CC1(c2ccccc2)N=N1", "C[N+](C)(C)C", "CC#N", "CCCCCCCC"])
def test_what_has_no_anchor_is_judged_as_given(smiles):
    form = default(smiles)
    assert (form.role, form.bound, form.anchor, form.binding) == ("as_given", None, "", "")
    assert form.free.smiles == Chem.CanonSmiles(smiles)


def test_a_complex_whose_charge_sits_on_its_metal_is_judged_free():
    unit = parse_smiles("[Se-][In]1[Se][Cu-][Se]1", "ring")
    assert unit.anchors
    assert forms_of(unit, site_metal="Cd", site_charge=2)[0].bound is None


def test_without_a_site_nothing_is_bound():
    assert default("CCN", site_metal="", site_charge=0).role == "as_given"


def test_couple_counts_for_salts_only():
    assert [ion.symbol for ion in default("[Zn+2].CC(=O)[O-].CC(=O)[O-]").couple_metals] == ["Zn"]
    assert default("CC(=O)O").couple_metals == ()


def test_a_bare_metal_ion_is_its_couple():
    form = default("[Cu+2]")
    assert (form.role, form.bound, form.free.charge) == ("salt_Z", None, 2)
    assert form.free.n_unpaired == 1
    assert form.couple_metals[0].symbol == "Cu"


def test_a_weakly_coordinating_anion_makes_no_complex():
    form = default("[Li+].F[P-](F)(F)(F)(F)F")
    assert (form.bound, form.free.charge) == (None, -1)


def test_copper_acetate_is_a_doublet():
    assert default("CC(=O)[O-].CC(=O)[O-].[Cu+2]").bound.n_unpaired == 1


def electrons(smiles):
    mol = Chem.MolFromSmiles(smiles)
    return sum(a.GetAtomicNum() + a.GetTotalNumHs() for a in mol.GetAtoms()) - Chem.GetFormalCharge(mol)


@pytest.mark.parametrize("site", list(site_models()), ids=lambda ion: f"{ion.symbol}{ion.charge}")
@pytest.mark.parametrize(
    "smiles", ["CCN", "CCP(CC)CC", "CC(=O)O", "CCS", "CCP(=O)(O)O", "CP(C)(C)=O", "[Cl-]"]
)
def test_every_site_takes_every_kind_of_ligand_and_stays_neutral(site, smiles):
    form = default(smiles, site_metal=site.symbol, site_charge=site.charge)
    assert form.bound is not None
    mol = Chem.MolFromSmiles(form.bound.smiles)
    assert Chem.GetFormalCharge(mol) == form.bound.charge == 0
    assert Chem.MolToSmiles(mol) == form.bound.smiles
    assert electrons(form.bound.smiles) % 2 == form.bound.n_unpaired
    # One metal, its acetates, the ligand: no atom lost, no hydrogen gained.
    n_acetates = site.charge - (form.role == "bound_X")
    hydrogens = sum(atom.GetTotalNumHs() for atom in mol.GetAtoms())
    free = Chem.MolFromSmiles(form.free.smiles)
    n_lost = 1 if form.role == "bound_X" else 0
    assert mol.GetNumHeavyAtoms() == 1 + 4 * n_acetates + free.GetNumHeavyAtoms()
    assert hydrogens == 3 * n_acetates + sum(a.GetTotalNumHs() for a in free.GetAtoms()) - n_lost


def test_units_of_a_mixed_salt_are_homoleptic():
    salt = parse_smiles("[Cd+2].CC(=O)[O-].CCP(=O)([O-])[O-].[Zn+2].CC(=O)[O-]", "mixed")
    assert {unit.canonical_smiles for unit in judged_units(salt)} == {
        "CC(=O)[O-].CC(=O)[O-].[Cd+2]",
        "CC(=O)[O-].CC(=O)[O-].[Zn+2]",
        "CCP(=O)([O-])[O-].[Cd+2]",
        "CCP(=O)([O-])[O-].[Zn+2]",
    }
    assert {unit.name for unit in judged_units(salt)} == {"mixed"}


def test_units_of_other_kinds():
    pair = parse_smiles("C[N+](C)(C)C.[Br-]", "x")
    assert [unit.charge for unit in judged_units(pair)] == [1, -1]
    system = parse_smiles("CCN.CCS", "x", allow_system=True)
    assert [unit.canonical_smiles for unit in judged_units(system)] == ["CCN", "CCS"]
    single = parse_smiles("[Zn+2].[Cl-].[Cl-]", "x")
    assert judged_units(single) == (single,)


def test_free_and_all_forms():
    acid = parse_smiles("CC(=O)O", "x")
    assert [f.role for f in forms_of(acid, **CD, which="free")] == ["free"]
    forms = forms_of(acid, **CD, which="all", counter_ions=("Zn", "Mg", "In"))
    assert [f.role for f in forms] == ["bound_X", "bound_X", "free", "salt_Z", "salt_Z", "salt_Z"]
    assert [f.mode for f in forms] == ["monodentate", "bridging", "", *["monodentate"] * 3]
    assert forms[-1].bound.smiles == Chem.CanonSmiles("CC(=O)O[In](OC(C)=O)OC(C)=O")
    amine = forms_of(parse_smiles("CCN", "x"), **CD, which="all", counter_ions=("Zn",))
    assert [f.role for f in amine] == ["bound_L", "free"]
    inert = forms_of(parse_smiles("CCCCCC", "x"), **CD, which="all")
    assert [f.role for f in inert] == ["as_given"]


def test_unknown_sites_and_counter_ions_are_named():
    with pytest.raises(InputError, match=r"no site model for Xe2\+"):
        forms_of(parse_smiles("CCN", "x"), site_metal="Xe", site_charge=2)
    with pytest.raises(InputError, match="no counter-ion 'Qq'"):
        forms_of(parse_smiles("CC(=O)O", "x"), **CD, counter_ions=("Qq",))
