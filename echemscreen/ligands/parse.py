"""SMILES and files to molecules, without losing a metal.

Standardisation touches metal-free fragments only: ``FragmentParent`` and ``ChargeParent`` of RDKit
turn a zinc carboxylate into the free acid. A metal bound to hetero atoms is drawn as its ions, so
that the covalent and the ionic drawing of a salt are one canonical SMILES; a metal bound to carbon
and a complex anion stay whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from pymatgen.core.periodic_table import Element
from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors
from rdkit.Chem.MolStandardize import rdMolStandardize

from echemscreen.errors import StructureError
from echemscreen.ligands.rows import read_input
from echemscreen.records import Anchor, MetalIon, Molecule
from echemscreen.reference_tables import read_rows

__all__ = ["MAX_HEAVY_ATOMS", "is_metal", "molecule_of", "parse_smiles", "read_input"]

#: Larger molecules are refused: a charge-state ladder of 200 heavy atoms takes hours on one core.
MAX_HEAVY_ATOMS = 200
#: GFN1-xTB, GFN2-xTB and IPEA1-xTB are parametrised up to radon.
MAX_ATOMIC_NUMBER = 86
#: No SMILES of ``MAX_HEAVY_ATOMS`` atoms is longer; keeps a megabyte of text away from the parser.
_MAX_CHARACTERS = 25 * MAX_HEAVY_ATOMS
_BONDS = (
    Chem.BondType.SINGLE,
    Chem.BondType.DOUBLE,
    Chem.BondType.TRIPLE,
    Chem.BondType.AROMATIC,
    Chem.BondType.DATIVE,
)
# Drawings of one and the same group. RDKit's own list writes sulfoxides charge-separated, which
# would hide them from the tables.
_NORMAL_FORMS = """
Azide\t[#6,#14,#16:1][N-:2][N+:3]#[N:4]>>[*:1][N+0:2]=[N+:3]=[N-:4]
Diazo\t[C-:1][N+:2]#[N;X1:3]>>[C+0:1]=[N+:2]=[N-:3]
Phosphorus oxide or sulfide\t[P+;X4:1][O-,S-;X1:2]>>[P+0:1]=[*+0:2]
Sulfoxide\t[S+;X3;!$([S+]=*):1][O-;X1:2]>>[S+0:1]=[O+0:2]
Sulfone\t[S+2;X4:1]([O-;X1:2])[O-;X1:3]>>[S+0:1](=[O+0:2])=[O+0:3]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRow:
    """A row of ``anchors.csv``; the first atom of the pattern is the donor atom."""

    code: str
    name: str
    smarts: str
    binding: str
    priority: int
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A row of ``functional_groups.csv``."""

    name: str
    smarts: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def anchor_rows() -> dict[str, AnchorRow]:
    """The anchors by code, the strongest first."""
    rows = read_rows("ligand_library", "anchors.csv", AnchorRow)
    return {row.code: row for row in sorted(rows, key=lambda row: -row.priority)}


@lru_cache(maxsize=1)
def _patterns() -> tuple[dict[str, Chem.Mol], dict[str, Chem.Mol]]:
    groups = read_rows("ligand_library", "functional_groups.csv", GroupRow)
    anchors = {code: Chem.MolFromSmarts(row.smarts) for code, row in anchor_rows().items()}
    return anchors, {row.name: Chem.MolFromSmarts(row.smarts) for row in groups}


@lru_cache(maxsize=1)
def _normalizer() -> rdMolStandardize.Normalizer:
    return rdMolStandardize.NormalizerFromData(_NORMAL_FORMS.strip(), rdMolStandardize.CleanupParameters())


def is_metal(atom: Chem.Atom) -> bool:
    """Whether an atom is a metal (pymatgen's classification; metalloids are not)."""
    number = atom.GetAtomicNum()
    return number > 0 and bool(Element.from_Z(number).is_metal)


def parse_smiles(smiles: str, name: str, *, family: str = "", allow_system: bool = False) -> Molecule:
    """Read, check and standardise one molecule.

    Parameters
    ----------
    smiles
        A SMILES string: a molecule, an ion, a metal salt (drawn ionic or covalent), an ion pair.
    name
        A label; the canonical SMILES if blank.
    family
        The library family it belongs to.
    allow_system
        Accept several neutral molecules as a named mixture (kind ``system``).

    Returns
    -------
    Molecule
        With canonical isomeric SMILES, anchors and functional groups.

    Raises
    ------
    StructureError
        whose ``kind`` is ``empty``, ``unparsable``, ``polymer``, ``isotope``, ``element``,
        ``too_large``, ``valence``, ``radical``, ``metal``, ``charge`` or ``mixture``.

    Examples
    --------
    >>> parse_smiles("CC(=O)O[Cd]OC(C)=O", "cadmium acetate").canonical_smiles
    'CC(=O)[O-].CC(=O)[O-].[Cd+2]'
    """
    text = smiles.strip()
    if not text:
        raise StructureError("The SMILES is empty.", "Write a SMILES or delete the line.", "empty")
    with rdBase.BlockLogs():
        fragments = _fragments(_sanitised(text), text)
        members = _system_members(fragments) if allow_system else ()
        if members:
            parts = tuple(_molecule(part, text=_smiles(part), name="", family=family) for part in members)
            whole = _combined(fragments)
            return _record(whole, text, name, family, kind="system", members=parts)
        return _molecule(fragments, text=text, name=name, family=family)


def molecule_of(mol: Chem.Mol, name: str, family: str = "") -> Molecule:
    """The record of one connected molecule or ion that is standardised already."""
    with rdBase.BlockLogs():
        return _record(mol, Chem.MolToSmiles(mol), name, family, kind="molecule")


# --- checks -------------------------------------------------------------------------------


def _sanitised(text: str) -> Chem.Mol:
    """Parse and sanitise, or say in plain words what is wrong."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    remedy = "Check brackets, ring-closure digits and atom symbols."
    if len(text) > _MAX_CHARACTERS:
        raise StructureError(
            f"The SMILES is {len(text)} characters long, more than any of {MAX_HEAVY_ATOMS} heavy atoms.",
            "Screen a shorter model of the molecule.",
            "too_large",
        )
    if not text.isascii() or not text.isprintable() or " " in text:
        raise StructureError(
            f"'{ascii(shown)[1:-1]}' holds a character that no SMILES has.", remedy, "unparsable"
        )
    settings = Chem.SmilesParserParams()
    settings.sanitize = False
    settings.removeHs = False
    settings.allowCXSMILES = False
    settings.parseName = False
    mol = Chem.MolFromSmiles(text, settings)
    if mol is None or mol.GetNumAtoms() == 0:
        raise StructureError(f"'{shown}' is not a SMILES that can be read.", remedy, "unparsable")
    _check_atoms(mol, shown)
    for problem in Chem.DetectChemistryProblems(mol):
        raise StructureError(*_plain_words(problem, mol, shown), "valence")
    Chem.SanitizeMol(mol)
    for atom in mol.GetAtoms():
        atom.SetAtomMapNum(0)
    try:
        return Chem.RemoveHs(mol)
    except Chem.MolSanitizeException as error:
        raise StructureError(f"'{shown}' is no possible molecule: {error}.", remedy, "valence") from error


def _check_atoms(mol: Chem.Mol, shown: str) -> None:
    for bond in mol.GetBonds():
        if bond.GetBondType() not in _BONDS or bond.HasQuery():
            raise StructureError(
                f"'{shown}' holds a bond that is neither single, double, triple nor aromatic.",
                "Write a molecule, not a pattern.",
                "unparsable",
            )
    for atom in mol.GetAtoms():
        if atom.GetAtomicNum() == 0 or (atom.HasQuery() and not atom.GetSymbol().isalpha()):
            raise StructureError(
                f"'{shown}' has an open position '*' (a polymer or a pattern).",
                "Screen the repeat unit with capped ends.",
                "polymer",
            )
        if atom.GetIsotope():
            raise StructureError(
                f"'{shown}' has an isotope label on {atom.GetSymbol()}.",
                "Remove the label: potentials do not depend on it.",
                "isotope",
            )
        if atom.GetAtomicNum() > MAX_ATOMIC_NUMBER:
            raise StructureError(
                f"'{shown}' holds {atom.GetSymbol()}, for which xTB has no parameters.",
                "Elements up to Rn (Z = 86) can be screened.",
                "element",
            )
    n_heavy = sum(atom.GetAtomicNum() > 1 for atom in mol.GetAtoms())
    if n_heavy > MAX_HEAVY_ATOMS:
        raise StructureError(
            f"'{shown}' has {n_heavy} heavy atoms, more than {MAX_HEAVY_ATOMS}.",
            "Screen a shorter model of the molecule.",
            "too_large",
        )


def _plain_words(problem: Chem.MolSanitizeException, mol: Chem.Mol, shown: str) -> tuple[str, str]:
    if problem.GetType() == "AtomValenceException":
        atom = mol.GetAtomWithIdx(problem.GetAtomIdx())
        return (
            f"Atom {atom.GetIdx() + 1} ({atom.GetSymbol()}) of '{shown}' has more bonds than it can have.",
            "Correct its bonds or write its charge.",
        )
    if "ekulize" in problem.GetType():
        return (
            f"The aromatic ring of '{shown}' cannot be drawn with alternating double bonds.",
            "A ring nitrogen may lack its hydrogen ([nH]), or a charge is missing.",
        )
    return f"'{shown}' is no possible molecule: {problem.Message()}.", "Correct the SMILES."


def _fragments(mol: Chem.Mol, text: str) -> tuple[Chem.Mol, ...]:
    """Connected parts, metals drawn as ions, each standardised and checked for open shells."""
    parts = Chem.GetMolFrags(_ionic(mol), asMols=True)
    fragments = tuple(_clean(part) for part in parts)
    for fragment in fragments:
        metals = [atom for atom in fragment.GetAtoms() if is_metal(atom)]
        if len(metals) == fragment.GetNumAtoms() and (len(metals) > 1 or metals[0].GetFormalCharge() <= 0):
            raise StructureError(
                f"'{_smiles((fragment,))}' is an elemental metal, not an ion.",
                "Write its charge, such as [Zn+2].",
                "metal",
            )
        electrons = sum(atom.GetAtomicNum() + atom.GetTotalNumHs() for atom in fragment.GetAtoms())
        open_shell = sum(a.GetNumRadicalElectrons() for a in fragment.GetAtoms() if not is_metal(a))
        odd = (electrons - Chem.GetFormalCharge(fragment)) % 2 and not metals
        if open_shell or odd:
            raise StructureError(
                f"'{_smiles((fragment,))}' in '{text[:60]}' has unpaired electrons.",
                "Screen the closed-shell molecule: add the missing hydrogen, bond or charge.",
                "radical",
            )
    return fragments


# --- standardisation ----------------------------------------------------------------------


def _ionic(mol: Chem.Mol) -> Chem.Mol:
    """Draw metal-hetero atom bonds of neutral or cationic compounds as ions.

    A complex anion keeps its bonds: its metal is part of the anion.
    """
    anionic = {
        index
        for part in Chem.GetMolFrags(mol)
        if sum(mol.GetAtomWithIdx(index).GetFormalCharge() for index in part) < 0
        for index in part
    }
    editable = Chem.RWMol(mol)
    for bond in mol.GetBonds():
        ends = (bond.GetBeginAtom(), bond.GetEndAtom())
        metal = next((atom for atom in ends if is_metal(atom)), None)
        if metal is None or metal.GetIdx() in anionic:
            continue
        other = bond.GetOtherAtom(metal)
        if is_metal(other) or other.GetAtomicNum() in (1, 6):
            continue
        electrons = 0 if bond.GetBondType() == Chem.BondType.DATIVE else round(bond.GetBondTypeAsDouble())
        editable.RemoveBond(metal.GetIdx(), other.GetIdx())
        for index, change in ((metal.GetIdx(), electrons), (other.GetIdx(), -electrons)):
            atom = editable.GetAtomWithIdx(index)
            atom.SetFormalCharge(atom.GetFormalCharge() + change)
            atom.SetNumRadicalElectrons(0)
        editable.GetAtomWithIdx(metal.GetIdx()).SetNoImplicit(True)
    result = editable.GetMol()
    Chem.SanitizeMol(result)
    return result


def _clean(fragment: Chem.Mol) -> Chem.Mol:
    """Normalised drawing, stereo marks only where they mean something, canonical atom order."""
    if not any(is_metal(atom) for atom in fragment.GetAtoms()):
        fragment = _normalizer().normalize(fragment)
    again = Chem.MolFromSmiles(Chem.MolToSmiles(fragment))
    return fragment if again is None else again


def _combined(fragments: Sequence[Chem.Mol]) -> Chem.Mol:
    whole = fragments[0]
    for fragment in fragments[1:]:
        whole = Chem.CombineMols(whole, fragment)
    Chem.SanitizeMol(whole)
    return whole


def _smiles(fragments: Sequence[Chem.Mol]) -> str:
    return str(Chem.MolToSmiles(_combined(fragments)))


# --- kinds --------------------------------------------------------------------------------


def _system_members(fragments: Sequence[Chem.Mol]) -> tuple[tuple[Chem.Mol, ...], ...]:
    """Neutral molecules each by itself, all ions together; nothing if that is a single member."""
    neutral = {_smiles((part,)): (part,) for part in fragments if Chem.GetFormalCharge(part) == 0}
    ions = tuple(part for part in fragments if Chem.GetFormalCharge(part) != 0)
    members = (*neutral.values(), *((ions,) if ions else ()))
    return members if len(members) > 1 else ()


def _molecule(fragments: Sequence[Chem.Mol], *, text: str, name: str, family: str) -> Molecule:
    metals = [part for part in fragments if part.GetNumAtoms() == 1 and is_metal(part.GetAtomWithIdx(0))]
    others = [part for part in fragments if not any(part is metal for metal in metals)]
    cations = [part for part in others if Chem.GetFormalCharge(part) > 0]
    anions = [part for part in others if Chem.GetFormalCharge(part) < 0]
    neutrals = [part for part in others if Chem.GetFormalCharge(part) == 0]
    whole = _combined(fragments)
    if len(fragments) == 1 and not metals:
        return _record(whole, text, name, family, kind="molecule")
    if neutrals or (metals and cations) or (len(metals) > 1 and not anions):
        names = ", ".join(sorted({_smiles((part,)) for part in fragments}))
        raise StructureError(
            f"'{text[:60]}' is a mixture of {names}.",
            "Screen them one by one (leave out water and other solvates, draw ions with their charges) "
            "or add the mixture to the library as a named system.",
            "mixture",
        )
    ions = Counter(_ion(metal) for metal in metals)
    _check_charge(whole, ions, alone=len(fragments) == 1)
    members = tuple(
        molecule_of(part, smiles, family)
        for smiles, part in sorted({_smiles((part,)): part for part in (*cations, *anions)}.items())
    )
    kind = "salt" if metals else "ion_pair"
    return _record(whole, text, name, family, kind=kind, members=members, metals=tuple(ions))


def _ion(metal: Chem.Mol) -> MetalIon:
    atom = metal.GetAtomWithIdx(0)
    return MetalIon(symbol=atom.GetSymbol(), charge=atom.GetFormalCharge())


def _check_charge(whole: Chem.Mol, metals: Counter[MetalIon], *, alone: bool) -> None:
    for ion in metals:
        states = Element(ion.symbol).oxidation_states
        if ion.charge not in states:
            raise StructureError(
                f"{ion.symbol} has no oxidation state +{ion.charge}.",
                f"Known: {', '.join(f'{state:+d}' for state in states)}.",
                "charge",
            )
    total = Chem.GetFormalCharge(whole)
    if total and not alone:
        raise StructureError(
            f"The ions of '{Chem.MolToSmiles(whole)}' add up to the charge {total:+d}.",
            "Write as many counter-ions as make it neutral.",
            "charge",
        )


def _record(
    mol: Chem.Mol,
    text: str,
    name: str,
    family: str,
    *,
    kind: str,
    members: tuple[Molecule, ...] = (),
    metals: tuple[MetalIon, ...] = (),
) -> Molecule:
    canonical = str(Chem.MolToSmiles(mol))
    # Indices of the anchors are those of the molecule that the canonical SMILES reads as.
    mol = Chem.MolFromSmiles(canonical) or mol
    if kind not in ("molecule", "salt", "ion_pair", "system"):
        raise AssertionError(kind)
    return Molecule(
        name=name.strip() or canonical,
        smiles=text,
        canonical_smiles=canonical,
        inchikey=str(Chem.MolToInchiKey(mol)),
        formula=str(rdMolDescriptors.CalcMolFormula(mol)),
        charge=int(Chem.GetFormalCharge(mol)),
        n_heavy=int(mol.GetNumHeavyAtoms()),
        kind=kind,  # type: ignore[arg-type]  # checked above; mypy does not narrow str to Literal
        family=family,
        anchors=anchors_in(mol),
        groups=groups_in(mol),
        metals=metals,
        members=members,
    )


# --- what is in a molecule ----------------------------------------------------------------


def anchors_in(mol: Chem.Mol) -> tuple[Anchor, ...]:
    """Anchors of a molecule, the strongest first; a donor atom counts once."""
    patterns, _ = _patterns()
    donors: set[int] = set()
    found: list[Anchor] = []
    for code, row in anchor_rows().items():
        for match in mol.GetSubstructMatches(patterns[code]):
            if match[0] not in donors:
                donors.add(match[0])
                binding = "L" if row.binding == "L" else "X"
                found.append(Anchor(code=code, binding=binding, atoms=tuple(match)))
    return tuple(found)


def groups_in(mol: Chem.Mol) -> tuple[str, ...]:
    """Functional groups of a molecule, sorted by name."""
    _, patterns = _patterns()
    return tuple(sorted(name for name, pattern in patterns.items() if mol.HasSubstructMatch(pattern)))
