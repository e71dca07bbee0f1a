"""Twenty thousand lines with typing errors: each is answered in its place, read as by RDKit, or refused.

Seeded, so that a failure comes again; ``FUZZ_SEED=7 pytest tests/ligands/test_reading_fuzz.py`` tries others.
"""

import os
import random
from collections import Counter

import pytest
from rdkit import Chem, rdBase
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from echemscreen.ligands.atoms import is_metal
from echemscreen.ligands.reading.input_files import read_input
from echemscreen.records.rows import Failure

SEED = int(os.environ.get("FUZZ_SEED", "17"))
SEEDS = (
    "CCCCCCCCN",
    "CC(=O)O[Cd]OC(C)=O",
    "[Cd+2].CC(=O)[O-].CC(=O)[O-]",
    "CCP(CC)(CC)[Cu]Cl",
    "CCN(CC)C1=S[Zn]2(S1)S=C(S2)N(CC)CC",
    "CCN(CC)C(=S)S[Zn]SC(=S)N(CC)CC",
    "c1ccc2c(c1)c1ccccn1[Ru]2(Cl)Cl",
    "c1ccn([Cd](Cl)(Cl)n2ccccc2)cc1",
    "[Fe+2].c1cc[cH-]c1.c1cc[cH-]c1",
    "C[Zn]C",
    "[NH3+][C@@H](CS)C(=O)[O-]",
    "C[N+](C)(C)CC(=O)[O-]",
    "O=C(c1ccccc1)c1ccc(cc1)N=[N+]=[N-]",
    "CC1(N=N1)c1ccc(cc1)C(F)(F)F",
    "CCCCCCCC/C=C\\CCCCCCCC(=O)O",
    "CCCCP(=O)(O)O",
    "CC[P+](CC)(CC)[Se-]",
    "[2H]C([2H])([2H])S(C)=O",
    "Cl[Sn](Cl)(Cl)Cl",
    "[K+].N#C[Fe-3](C#N)(C#N)(C#N)(C#N)C#N.[K+].[K+]",
    "CCO |$;;$|",
    "C[N+](C)(C)C.[Br-]",
    "CCO.CCN.[Zn+2].[Cl-].[Cl-]",
    "CS(=O)(=O)[O-].[Na+]",
    "c1ccsc1-c1cc[nH]c1",
)
LETTERS = 'CNOSPFclnosp[]()=#+-123456.:@/\\%H ,;"|>*$~\t' + "ZnCdCuäβ\0"
N_SMI, N_CSV, N_SDF = 12_000, 6_000, 2_000
#: Elements to whose plain lines to a metal RDKit adds hydrogens that nobody drew.
DONORS = {"P", "As", "Sb", "S", "Se", "Te"}


def mutated(text, rng, most=2):
    characters = list(text)
    for _ in range(rng.randint(1, most)):
        at = rng.randrange(len(characters) + 1)
        kind = rng.randrange(4)
        if kind == 0 or at == len(characters):
            characters.insert(at, rng.choice(LETTERS))
        elif kind == 1:
            del characters[at]
        elif kind == 2:
            characters[at] = rng.choice(LETTERS)
        else:
            other = rng.randrange(len(characters))
            characters[at], characters[other] = characters[other], characters[at]
        characters = characters or ["C"]
    return "".join(characters)


def states(mol):
    """Oxidation states of the metals: the charge, and one for each shared pair with a heteroatom."""
    found = Counter()
    for atom in filter(is_metal, mol.GetAtoms()):
        shared = sum(
            round(bond.GetBondTypeAsDouble())
            for bond in atom.GetBonds()
            if bond.GetBondType() != Chem.BondType.DATIVE
            and bond.GetOtherAtom(atom).GetAtomicNum() not in {1, 6}
            and not is_metal(bond.GetOtherAtom(atom))
        )
        found[atom.GetSymbol(), atom.GetFormalCharge() + shared] += 1
    return found


def drawn_otherwise(mol):
    """Whether RDKit reads into a drawing what nobody drew, or what has another meaning at a metal."""
    for metal in filter(is_metal, mol.GetAtoms()):
        near = list(metal.GetNeighbors())
        if any(a.GetSymbol() in DONORS and (a.GetTotalNumHs() or a.GetNumRadicalElectrons()) for a in near):
            return True
        # Aromatic nitrogen with a plain line, which RDKit always reads as a shared pair, and bridges.
        if any(a.GetSymbol() == "N" and a.IsInRing() for a in near):
            return True
        if any(sum(map(is_metal, a.GetNeighbors())) > 1 for a in near):
            return True
        # Rings held by their faces, and carbanions beside a metal ion.
        carbons = {a.GetIdx() for a in near if a.GetSymbol() == "C"}
        if any(n.GetIdx() in carbons for a in near if a.GetSymbol() == "C" for n in a.GetNeighbors()):
            return True
    return False


def check(entry, mol, counts):
    """A molecule that was read is the one of RDKit: formula, charge and oxidation states."""
    counts["read"] += 1
    if mol is None:
        # RDKit takes an aromatic nitrogen at a metal for a pyrrole's, and gives up on pyridine.
        drawn = Chem.MolFromSmiles(entry.smiles, sanitize=False)
        assert drawn is not None, f"read, but not by RDKit: {entry.smiles!r}"
        assert any(
            atom.GetIsAromatic() and any(map(is_metal, atom.GetNeighbors())) for atom in drawn.GetAtoms()
        ), f"read, but not by RDKit: {entry.smiles!r}"
        counts["otherwise"] += 1
        return
    if drawn_otherwise(mol):
        counts["otherwise"] += 1
        return
    mol = Chem.RemoveHs(mol)
    for atom in mol.GetAtoms():
        atom.SetIsotope(0)
    assert entry.formula == CalcMolFormula(mol), entry.smiles
    assert entry.charge == Chem.GetFormalCharge(mol), entry.smiles
    ours = Chem.MolFromSmiles(entry.canonical_smiles)
    metals = any(atom.GetSymbol() == "C" and atom.GetFormalCharge() < 0 for atom in mol.GetAtoms())
    if not metals:
        # A carbanion beside a metal ion becomes a bond, which takes the metal's charge with it.
        assert states(ours) == states(mol), (entry.smiles, entry.canonical_smiles)


@pytest.fixture(autouse=True)
def quiet():
    with rdBase.BlockLogs():
        yield


def own_reading(smiles):
    settings = Chem.SmilesParserParams()
    settings.allowCXSMILES = settings.strictCXSMILES = "|" in smiles
    settings.parseName = False
    return Chem.MolFromSmiles(smiles, settings)


def test_lines_of_smiles(tmp_path, capfd):
    rng = random.Random(SEED)
    lines = [f"{mutated(rng.choice(SEEDS), rng)} n{index}" for index in range(N_SMI)]
    path = tmp_path / "a.smi"
    path.write_text("\n".join(["CCO first", *lines]) + "\n", encoding="utf-8")
    rows = list(read_input(str(path)))[1:]
    assert [row.location for row in rows] == [f"line {number}" for number in range(2, N_SMI + 2)]
    counts = Counter()
    for row, line in zip(rows, lines, strict=True):
        entry = row.entry
        if isinstance(entry, Failure):
            counts[entry.kind] += 1
            assert entry.message.startswith(row.location)
            assert entry.remedy
            continue
        assert line.lstrip().startswith(entry.smiles) or "|" in line
        check(entry, own_reading(entry.smiles), counts)
    assert counts["read"] > N_SMI / 10
    assert counts["otherwise"] < counts["read"] / 4
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_lines_of_tables(tmp_path, mark, capfd):
    rng = random.Random(f"{SEED}{mark}")
    lines, whole = [], {}
    for index in range(N_CSV // 3):
        smiles = rng.choice([seed for seed in SEEDS if mark not in seed])
        cells = [f"n{index}", smiles, rng.choice(["x", f'"2{mark}3"', '"he said ""yes"""', ""])]
        line = mark.join(cells)
        if rng.random() < 0.6:
            line = mutated(line, rng)
        else:
            whole[index + 2] = (f"n{index}", smiles)
        lines.append(line)
    path = tmp_path / ("a.tsv" if mark == "\t" else "a.csv")
    path.write_text(
        "\n".join([mark.join(["name", "smiles", "note"]), *lines, f"last{mark}C"]), encoding="utf-8"
    )
    rows = list(read_input(str(path)))
    assert [row.index for row in rows] == list(range(len(rows)))
    at = [int(row.location.removeprefix("line ")) for row in rows]
    # A row may be joined with the line behind it only where neither of them is a row by itself.
    assert at == sorted(set(at))
    assert whole.keys() <= set(at)
    assert at[-1] == len(lines) + 2
    counts = Counter()
    for number, row in zip(at, rows, strict=True):
        entry = row.entry
        if number in whole:
            assert not isinstance(entry, Failure), entry
            assert (entry.name, entry.smiles) == whole[number]
        elif isinstance(entry, Failure):
            assert entry.message.startswith(row.location)
        else:
            assert number > len(lines) + 1 or entry.smiles in lines[number - 2].replace('""', '"')
        if not isinstance(entry, Failure):
            check(entry, own_reading(entry.smiles), counts)
    assert counts["read"] > N_CSV / 10
    assert capfd.readouterr().err == ""


def test_records_of_drawings(tmp_path, capfd):
    rng = random.Random(SEED)
    blocks = []
    for smiles in SEEDS:
        mol = Chem.MolFromSmiles(smiles)
        if mol is not None and not drawn_otherwise(mol):
            blocks.append(Chem.MolToMolBlock(mol))
    records = [mutated(f"n{index}{rng.choice(blocks)}".rstrip(), rng) + "\n" for index in range(N_SDF)]
    records = [record.replace("$$$$", "$$") for record in records]
    path = tmp_path / "a.sdf"
    path.write_text("$$$$\n".join([*records, f"last{blocks[0]}"]), encoding="utf-8")
    rows = list(read_input(str(path)))
    assert len(rows) == N_SDF + 1
    assert [row.location.split(" (")[0] for row in rows] == [f"record {at}" for at in range(1, N_SDF + 2)]
    counts = Counter()
    for row, record in zip(rows, records, strict=False):
        if isinstance(row.entry, Failure):
            assert row.entry.message.startswith(row.location)
            continue
        mol = Chem.MolFromMolBlock(record) or Chem.MolFromMolBlock(record, strictParsing=False)
        check(row.entry, mol, counts)
    assert counts["read"] > N_SDF / 4
    assert capfd.readouterr().err == ""
