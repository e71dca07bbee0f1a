"""What a line to a metal means: oxidation states and formulas of complexes as people draw them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdkit import Chem

from echemscreen.errors import EmbeddingError, StructureError
from echemscreen.ligands.binding.forms import forms_of, judged_units
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.input_files import read_input
from echemscreen.ligands.redox_centres import equal_centres
from echemscreen.ligands.tails import short_tailed
from echemscreen.records.molecules import MetalIon

CP = "c1cc[cH-]c1"
#: Drawing of a complex -> its donors and anions, its metal, its formula.
COMPLEXES = {
    "CCP(CC)(CC)[Cu]Cl": (["CCP(CC)CC"], "Cu", 1, "C6H15ClCuP"),
    "c1ccc(P(c2ccccc2)(c2ccccc2)[Au]Cl)cc1": (["c1ccc(P(c2ccccc2)c2ccccc2)cc1"], "Au", 1, "C18H15AuClP"),
    "CCCCP(CCCC)(CCCC)[Cd](Cl)Cl": (["CCCCP(CCCC)CCCC"], "Cd", 2, "C12H27CdCl2P"),
    "CC[As](CC)(CC)[Cu]Cl": (["CC[As](CC)CC"], "Cu", 1, "C6H15AsClCu"),
    "CC[Sb](CC)(CC)[Cu]Cl": (["C[CH2][Sb]([CH2]C)[CH2]C"], "Cu", 1, "C6H15ClCuSb"),
    "C[Sb](C)(C)[Pd](Cl)(Cl)[Sb](C)(C)C": (["[CH3][Sb]([CH3])[CH3]"], "Pd", 2, "C6H18Cl2PdSb2"),
    "C[Te](C)[Hg](Cl)Cl": (["C[Te]C"], "Hg", 2, "C2H6Cl2HgTe"),
    "CCP([H])(CC)[Cu]Cl": (["CCPCC"], "Cu", 1, "C4H11ClCuP"),
    "CCS(CC)[Au]Cl": (["CCSCC"], "Au", 1, "C4H10AuClS"),
    "C[Se](C)[Ag]Br": (["C[Se]C"], "Ag", 1, "C2H6AgBrSe"),
    "NC(N)=S[Cd](Cl)(Cl)S=C(N)N": (["NC(N)=S"], "Cd", 2, "C2H8CdCl2N4S2"),
    "CCP(CC)(CC)=S[Zn](Cl)Cl": (["CCP(=S)(CC)CC"], "Zn", 2, "C6H15Cl2PSZn"),
    "CS(C)(=O)[Pd](Cl)Cl": (["CS(C)=O"], "Pd", 2, "C2H6Cl2OPdS"),
    "C[N]1(C)CC[N](C)(C)[Zn]1(Cl)Cl": (["CN(C)CCN(C)C"], "Zn", 2, "C6H16Cl2N2Zn"),
    # Aromatic nitrogens, with and without an arrow.
    "c1ccn2c(c1)c1ccccn1[Ru]2(Cl)Cl": (["c1ccc(-c2ccccn2)nc1"], "Ru", 2, "C10H8Cl2N2Ru"),
    "c1cc2ccc3cccn4[Zn](Cl)(Cl)n(c1)c2c34": (["c1cnc2c(c1)ccc1cccnc12"], "Zn", 2, "C12H8Cl2N2Zn"),
    "c1ccn([Cd](Cl)(Cl)n2ccccc2)cc1": (["c1ccncc1"], "Cd", 2, "C10H10CdCl2N2"),
    "c1ccn(->[Cd](Cl)(Cl)<-n2ccccc2)cc1": (["c1ccncc1"], "Cd", 2, "C10H10CdCl2N2"),
    "Cn1ccn([Zn](Cl)Cl)c1": (["Cn1ccnc1"], "Zn", 2, "C4H6Cl2N2Zn"),
    # Ammonia and water with all their hydrogens.
    "[NH3]->[Pt](<-[NH3])(Cl)Cl": (["N"], "Pt", 2, "H6Cl2N2Pt"),
    "[NH3][Pt]([NH3])(Cl)Cl": (["N"], "Pt", 2, "H6Cl2N2Pt"),
    "[OH2][Zn]([OH2])(Cl)Cl": (["O"], "Zn", 2, "H4Cl2O2Zn"),
    # Metals whose bonds RDKit counts.
    "C1CCO(C1)[Al](Cl)(Cl)Cl": (["C1CCOC1"], "Al", 3, "C4H8AlCl3O"),
    "c1ccn([Sn](Cl)(Cl)(Cl)(Cl)n2ccccc2)cc1": (["c1ccncc1"], "Sn", 4, "C10H10Cl4N2Sn"),
    "CCP(CC)(CC)[In](Cl)(Cl)Cl": (["CCP(CC)CC"], "In", 3, "C6H15Cl3InP"),
    "CCP(CC)(CC)->[In](Cl)(Cl)Cl": (["CCP(CC)CC"], "In", 3, "C6H15Cl3InP"),
}
SALTS = {
    "CCOC1=S[Sn]2(S1)S=C(OCC)S2": ("CCOC(=S)[S-].CCOC(=S)[S-].[Sn+2]", "Sn", 2),
    "CCOC(=S)S[Sn]SC(=S)OCC": ("CCOC(=S)[S-].CCOC(=S)[S-].[Sn+2]", "Sn", 2),
    "CCN(CC)C1=S[Zn]2(S1)S=C(S2)N(CC)CC": ("CCN(CC)C(=S)[S-].CCN(CC)C(=S)[S-].[Zn+2]", "Zn", 2),
    "CCOP1(OCC)=S[Zn]2(S1)S=P(OCC)(OCC)S2": ("CCOP(=S)([S-])OCC.CCOP(=S)([S-])OCC.[Zn+2]", "Zn", 2),
    "CC(=[Se])[Se][Ag]": ("CC(=[Se])[Se-].[Ag+]", "Ag", 1),
    # A bridge shares one pair and gives another.
    "CS1[Cd](Cl)S(C)[Cd]1Cl": ("C[S-].C[S-].[Cd+2].[Cd+2].[Cl-].[Cl-]", "Cd", 2),
    "Cl1[Zn](Cl)Cl[Zn]1Cl": ("[Cl-].[Cl-].[Cl-].[Cl-].[Zn+2].[Zn+2]", "Zn", 2),
    # Anions of rings: a pyrrole's or an imidazole's nitrogen has no pair to give.
    "c1cn([Zn]n2ccnc2)cn1": ("[Zn+2].c1c[n-]cn1.c1c[n-]cn1", "Zn", 2),
    "c1ccn([K])c1": ("[K+].c1cc[n-]c1", "K", 1),
    "CC1=CC(C)=[O][Al]23(O1)(OC(C)=CC(C)=[O]2)OC(C)=CC(C)=[O]3": (
        "CC(=O)C=C(C)[O-].CC(=O)C=C(C)[O-].CC(=O)C=C(C)[O-].[Al+3]",
        "Al",
        3,
    ),
    # Amides of metals that have them, and of acids.
    "CN[Zn]NC": ("C[NH-].C[NH-].[Zn+2]", "Zn", 2),
    "CC(=O)N[Pt]NC(C)=O": ("CC([NH-])=O.CC([NH-])=O.[Pt+2]", "Pt", 2),
    # What was read right before stays so.
    "CCS[Zn]SCC": ("CC[S-].CC[S-].[Zn+2]", "Zn", 2),
    "CS(=O)(=O)[Na]": ("C[S-](=O)=O.[Na+]", "Na", 1),
    "CP(C)[Li]": ("C[P-]C.[Li+]", "Li", 1),
}


@pytest.mark.parametrize(("drawing", "expected"), COMPLEXES.items())
def test_a_plain_line_of_a_donor_is_its_pair(drawing, expected):
    donors, symbol, charge, formula = expected
    complex_ = parse_smiles(drawing, "x")
    assert (complex_.kind, complex_.formula) == ("system", formula)
    assert "judged as its donors and its salt" in complex_.note
    salts = [member for member in complex_.members if member.kind == "salt"]
    assert [salt.metals for salt in salts] == [(MetalIon(symbol=symbol, charge=charge),)]
    assert [member.canonical_smiles for member in complex_.members if member.kind == "molecule"] == donors


@pytest.mark.parametrize(("drawing", "expected"), SALTS.items())
def test_the_metal_of_a_salt_has_the_charge_of_its_anions(drawing, expected):
    canonical, symbol, charge = expected
    salt = parse_smiles(drawing, "x")
    assert (salt.canonical_smiles, salt.metals) == (canonical, (MetalIon(symbol=symbol, charge=charge),))


def test_the_nitrogens_of_a_porphyrin_are_two_donors_and_two_anions():
    free = Chem.MolFromSmiles("C1=CC2=CC3=CC=C(N3)C=C4C=CC(=N4)C=C5C=CC(=CC1=N2)N5")
    aromatic = Chem.RWMol(free)
    zinc = aromatic.AddAtom(Chem.Atom("Zn"))
    for atom in list(aromatic.GetAtoms()):
        if atom.GetSymbol() == "N":
            atom.SetNumExplicitHs(0)
            aromatic.AddBond(atom.GetIdx(), zinc, Chem.BondType.SINGLE)
    salt = parse_smiles(Chem.MolToSmiles(aromatic), "x")
    assert (salt.formula, salt.metals) == ("C20H12N4Zn", (MetalIon(symbol="Zn", charge=2),))
    assert salt.members[0].charge == -2


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([*COMPLEXES, *SALTS]), st.randoms(use_true_random=False))
def test_the_order_of_atoms_changes_no_oxidation_state(drawing, randomness: random.Random):
    mol = Chem.MolFromSmiles(drawing, sanitize=False)
    for atom in mol.GetAtoms():
        # Else RDKit writes the hydrogens that it reads into a donor's plain line.
        atom.SetNoImplicit(atom.GetSymbol() in {"S", "Se", "P", "As"} or atom.GetNoImplicit())
    order = list(range(mol.GetNumAtoms()))
    randomness.shuffle(order)
    shuffled = Chem.MolToSmiles(Chem.RenumberAtoms(mol, order), canonical=False)
    assert parse_smiles(shuffled, "x").canonical_smiles == parse_smiles(drawing, "x").canonical_smiles


@pytest.mark.parametrize(
    ("drawing", "sentence"),
    [
        ("[Cl][Au][PH](CC)(CC)CC", "P in .* is drawn with a hydrogen"),
        ("CCN(CC)C1=[SH][Zn]2(S1)[SH]=C(S2)N(CC)CC", "S in .* is drawn with a hydrogen"),
        ("C[SH](C)[Au]Cl", "S in .* is drawn with a hydrogen"),
        # ... also where its hydrogens are atoms of their own, as programs write them into files.
        ("[H]P(C)(C)(C)[Cu]Cl", "P in .* is drawn with a hydrogen"),
        ("[H][Sb](C)(C)(C)[Cu]Cl", "Sb in .* is drawn with a hydrogen"),
        ("[H]N([H])[Pt](Cl)(Cl)N([H])[H]", "amide ions and Pt4"),
        ("CCOC1=S[Sn]S1", r"Sn has no oxidation state \+1"),
        ("c1ccccn1[Cu]", "elemental metal"),
        ("N[Pt](N)(Cl)Cl", r"N in 'N\[Pt\].*plain line, which makes amide ions and Pt4\+"),
        ("CCCN[Pd](Cl)(Cl)NCCC", "amide ions and Pd4"),
        ("C1CN[Pt](Cl)(Cl)N1", "amide ions and Pt4"),
        ("N[Co+3](N)(N)(N)(N)N.[Cl-].[Cl-].[Cl-]", "amide ions and Co9"),
        ("N[Zn](N)(Cl)Cl", "amide ions and Zn4"),
        ("O[Cu](O)(O)(O)(O)O", "hydroxide ions and Cu6"),
    ],
)
def test_what_no_metal_can_be_is_refused(drawing, sentence):
    with pytest.raises(StructureError, match=sentence):
        parse_smiles(drawing, "x")


def test_no_complex_has_a_hypervalent_anion():
    for drawing in (*COMPLEXES, *SALTS):
        assert "[SH-]" not in parse_smiles(drawing, "x").canonical_smiles
        assert "[PH-]" not in parse_smiles(drawing, "x").canonical_smiles


# --- carbon at metals ---------------------------------------------------------------------


def sandwich(metal, bond=Chem.BondType.SINGLE):
    """Two rings of five carbon atoms with ten lines to a metal."""
    mol = Chem.RWMol()
    mol.AddAtom(Chem.Atom(metal))
    for _ in range(2):
        ring = [mol.AddAtom(Chem.Atom("C")) for _ in range(5)]
        for at, index in enumerate(ring):
            mol.GetAtomWithIdx(index).SetNumExplicitHs(1)
            mol.GetAtomWithIdx(index).SetNoImplicit(True)
            mol.AddBond(index, ring[at - 1], Chem.BondType.SINGLE)
            mol.AddBond(index, 0, bond)
    return Chem.MolToSmiles(mol)


@pytest.mark.parametrize(
    ("drawing", "canonical"),
    [
        ("C1=CC=C[CH-]1.[CH-]1C=CC=C1.[Fe+2]", f"[Fe+2].{CP}.{CP}"),
        (f"{CP}.{CP}.[Fe+2]", f"[Fe+2].{CP}.{CP}"),
        (sandwich("Fe"), f"[Fe+2].{CP}.{CP}"),
        (f"{CP}.{CP}.[Ni+2]", f"[Ni+2].{CP}.{CP}"),
        (f"{CP}.{CP}.[Co+3]", f"[Co+3].{CP}.{CP}"),
        # One line to a ring, and a hydrogen in another place.
        ("C1=CC(C=C1)[Fe]C1C=CC=C1", f"[Fe+2].{CP}.{CP}"),
        ("C1C=CC=[C-]1.C1=C[C-]=CC1.[Fe+2]", f"[Fe+2].{CP}.{CP}"),
        ("CC1(C=CC=C1)[Fe]C1C=CC=C1", f"C[c-]1cccc1.[Fe+2].{CP}"),
        # Chlorides and methyl groups are ligands like the rings.
        (f"[Ti+4].[Cl-].[Cl-].{CP}.{CP}", f"[Cl-].[Cl-].[Ti+4].{CP}.{CP}"),
        ("[CH-]1C=CC=C1.[CH-]1C=CC=C1.Cl[Ti+2]Cl", f"[Cl-].[Cl-].[Ti+4].{CP}.{CP}"),
        ("Cl[Ti](Cl)(C1C=CC=C1)C1C=CC=C1", f"[Cl-].[Cl-].[Ti+4].{CP}.{CP}"),
        ("Cl[Ti]12345678(Cl)(C9C1C2C3C49)C0C5C6C7C80", f"[Cl-].[Cl-].[Ti+4].{CP}.{CP}"),
        ("C[Zr](C)(C1C=CC=C1)C1C=CC=C1", f"[CH3][Zr+2][CH3].{CP}.{CP}"),
        # Tin and zinc bind one carbon of the ring.
        ("C[Sn](C)(C)C1C=CC=C1", "[CH3][Sn]([CH3])([CH3])[CH]1C=CC=C1"),
        ("Cc1cc[cH-]c1.[Fe+2].c1cc[cH-]c1", f"C[c-]1cccc1.[Fe+2].{CP}"),
        ("C[c-]1cccc1.[Fe+2].c1cc[cH-]c1", f"C[c-]1cccc1.[Fe+2].{CP}"),
        ("[CH3-].[CH3-].[Cd+2]", "[CH3][Cd][CH3]"),
        ("C[Cd]C", "[CH3][Cd][CH3]"),
        ("CC[Zn]CC", "C[CH2][Zn][CH2]C"),
        ("[CH2-]C.[CH2-]C.[Zn+2]", "C[CH2][Zn][CH2]C"),
        ("[Li+].[CH2-]CCC", "[Li][CH2]CCC"),
        ("[c-]1ccccc1.[c-]1ccccc1.[Hg+2]", "c1cc[c]([Hg][c]2ccccc2)cc1"),
    ],
)
def test_an_organometallic_compound_is_one_complex(drawing, canonical):
    found = parse_smiles(drawing, "x")
    assert (found.kind, found.canonical_smiles) == ("molecule", canonical)
    assert parse_smiles(found.canonical_smiles, "x").canonical_smiles == found.canonical_smiles


def test_a_cobaltocenium_salt_is_a_pair_of_ions():
    pair = parse_smiles(f"[Co+3].{CP}.{CP}.F[P-](F)(F)(F)(F)F", "x")
    assert pair.kind == "ion_pair"
    assert [member.charge for member in pair.members] == [-1, 1]


@pytest.mark.parametrize(
    ("drawing", "canonical", "kind"),
    [
        (f"[Na+].{CP}", f"[Na+].{CP}", "salt"),
        ("[Na+].[CH-](C#N)C#N", "N#C[CH-]C#N.[Na+]", "salt"),
        ("[Cu+].[C-]#N", "[C-]#N.[Cu+]", "salt"),
        ("[Zn+2].[CH3-].[Cl-]", "[CH3][Zn+].[Cl-]", "ion_pair"),
        ("C1CCC[CH-]1.[Mg+2].[Br-]", "[Br-].[Mg+][CH]1CCCC1", "ion_pair"),
        ("[AlH4-].[Li+]", "[AlH4-].[Li+]", "salt"),
    ],
)
def test_ions_of_carbon_that_stay_ions(drawing, canonical, kind):
    found = parse_smiles(drawing, "x")
    assert (found.canonical_smiles, found.kind) == (canonical, kind)


def test_a_complex_of_several_metals_and_carbanions_is_refused():
    with pytest.raises(StructureError, match="whose bonds are not drawn"):
        parse_smiles("[Zn+2].[Cd+2].[CH3-].[CH3-].[CH3-].[CH3-]", "x")
    with pytest.raises(StructureError, match="lines to 2 carbon atoms in a row, a pi complex"):
        parse_smiles("C1C[Pt]1(Cl)Cl", "x")


def test_a_sandwich_without_a_couple_has_no_geometry_and_says_why():
    ferrocene = parse_smiles(f"[Fe+2].{CP}.{CP}", "x")
    (unit,) = judged_units(ferrocene)
    (form,) = forms_of(unit, site_metal="Cd", site_charge=2)
    assert (form.role, form.bound, form.couple_metals) == ("as_given", None, ())
    assert equal_centres(form.free) == ()
    with pytest.raises(EmbeddingError, match=r"one complex of Fe .* neither a measured couple") as caught:
        embed(short_tailed(form).form.free)
    assert "measured_potentials.csv" in caught.value.remedy


# --- drawings -----------------------------------------------------------------------------

V3000 = """
  drawn

  0  0  0     0  0            999 V3000
M  V30 BEGIN CTAB
M  V30 COUNTS {n_atoms} {n_bonds} 0 0 0
M  V30 BEGIN ATOM
{atoms}
M  V30 END ATOM
M  V30 BEGIN BOND
{bonds}
M  V30 END BOND
M  V30 END CTAB
M  END
"""


def haptic(metal, size, charged):
    """Two rings bound to a metal by one multicentre bond each."""
    atoms, bonds = [], []
    for ring in (0, 1):
        first = ring * size + 1
        for at in range(size):
            charge = " CHG=-1" if charged and at == 0 else ""
            atoms.append(f"C {at}.0 {ring * 4}.0 0.0 0{charge}")
            # The bond between the last two atoms and every second one after the first are double.
            order = 2 if (at % 2 == 1 and at < size - 1) or (size % 2 == 0 and at % 2 == 1) else 1
            bonds.append(f"{order} {first + at} {first + (at + 1) % size}")
    atoms.append(f"{metal} 0.0 2.0 0.0 0{' CHG=2' if charged else ''}")
    for ring in (0, 1):
        atoms.append(f"* 0.0 {1 + 2 * ring}.0 0.0 0")
        ends = " ".join(str(ring * size + at) for at in range(1, size + 1))
        star, centre = len(atoms), 2 * size + 1
        bonds.append(f"9 {star} {centre} ENDPTS=({size} {ends}) ATTACH=ALL")
    return V3000.format(
        n_atoms=len(atoms),
        n_bonds=len(bonds),
        atoms="\n".join(f"M  V30 {at} {text}" for at, text in enumerate(atoms, start=1)),
        bonds="\n".join(
            f"M  V30 {at} {text.split(maxsplit=1)[0]} {text.split(maxsplit=1)[1]}"
            for at, text in enumerate(bonds, start=1)
        ),
    )


def drawn(tmp_path, block):
    path = tmp_path / "a.mol"
    path.write_text(block)
    return next(read_input(str(path))).entry


@pytest.mark.parametrize("metal", ["Fe", "Ni"])
@pytest.mark.parametrize("charged", [True, False])
def test_multicentre_bonds_of_a_sandwich(tmp_path, metal, charged):
    assert drawn(tmp_path, haptic(metal, 5, charged)).canonical_smiles == f"[{metal}+2].{CP}.{CP}"


def test_multicentre_bonds_to_neutral_rings_are_refused(tmp_path):
    refused = drawn(tmp_path, haptic("Cr", 6, charged=False))
    assert refused.kind == "metal"
    assert "bonds Cr to 6 atoms at once, a neutral pi ligand" in refused.message


@pytest.mark.parametrize("drawing", ["CCP(CC)(CC)[Cu]Cl", "CCN(CC)C1=S[Zn]2(S1)S=C(S2)N(CC)CC"])
def test_donors_in_a_mol_block(tmp_path, drawing):
    # Drawn as the lines of the SMILES, without the hydrogens that RDKit reads into them.
    mol = Chem.MolFromSmiles(drawing, sanitize=False)
    block = Chem.MolToMolBlock(mol, kekulize=False)
    assert drawn(tmp_path, block).canonical_smiles == parse_smiles(drawing, "x").canonical_smiles
