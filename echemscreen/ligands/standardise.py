"""A SMILES to connected, standardised fragments, without losing a metal.

Standardisation touches metal-free fragments only: ``FragmentParent`` and ``ChargeParent`` of RDKit
turn a zinc carboxylate into the free acid. A metal bound to hetero atoms is drawn as its ions, so
that the covalent and the ionic drawing of a salt are one canonical SMILES; a metal bound to carbon
and a complex anion stay whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from pymatgen.core.periodic_table import Element
from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

from echemscreen.errors import StructureError
from echemscreen.ligands.atoms import atoms_of

#: Larger molecules are refused: a charge-state ladder of 200 heavy atoms takes hours on one core.
MAX_HEAVY_ATOMS = 200
#: GFN1-xTB, GFN2-xTB and IPEA1-xTB are parametrised up to radon.
MAX_ATOMIC_NUMBER = 86
#: No SMILES of ``MAX_HEAVY_ATOMS`` atoms is longer; keeps a megabyte of text away from the parser.
_MAX_CHARACTERS = 25 * MAX_HEAVY_ATOMS
_SHOWN_CHARACTERS = 60
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


@lru_cache(maxsize=1)
def _normalizer() -> rdMolStandardize.Normalizer:
    return rdMolStandardize.NormalizerFromData(_NORMAL_FORMS.strip(), rdMolStandardize.CleanupParameters())


def is_metal(atom: Chem.Atom) -> bool:
    """Whether an atom is a metal (pymatgen's classification; metalloids are not)."""
    return _is_metal(atom.GetAtomicNum())


@cache
def _is_metal(number: int) -> bool:
    return number > 0 and bool(Element.from_Z(number).is_metal)


def shorten(text: str) -> str:
    """A SMILES short enough for a sentence."""
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def fragments_of(text: str) -> tuple[Chem.Mol, ...]:
    """Connected parts of a SMILES, metals drawn as ions, each checked and standardised.

    Raises
    ------
    StructureError
        if the text is no closed-shell molecule of supported size and elements.
    """
    return _fragments(_sanitised(text), text)


# --- checks -------------------------------------------------------------------------------


def _sanitised(text: str) -> Chem.Mol:
    """Parse and sanitise, or say in plain words what is wrong."""
    shown = shorten(text)
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
    for switch in ("sanitize", "removeHs", "allowCXSMILES", "parseName"):
        setattr(settings, switch, False)
    mol = Chem.MolFromSmiles(text, settings)
    if mol is None or mol.GetNumAtoms() == 0:
        raise StructureError(f"'{shown}' is not a SMILES that can be read.", remedy, "unparsable")
    _check_atoms(mol, shown)
    try:
        Chem.SanitizeMol(mol)
        for atom in atoms_of(mol):
            atom.SetAtomMapNum(0)
        return Chem.RemoveHs(mol)
    except Chem.MolSanitizeException as error:
        raise StructureError(*_plain_words(str(error), shown), "valence") from error


def _check_atoms(mol: Chem.Mol, shown: str) -> None:
    for bond in mol.GetBonds():
        if bond.GetBondType() not in _BONDS or bond.HasQuery():
            raise StructureError(
                f"'{shown}' holds a bond that is neither single, double, triple nor aromatic.",
                "Write a molecule, not a pattern.",
                "unparsable",
            )
    for atom in atoms_of(mol):
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
    n_heavy = sum(atom.GetAtomicNum() > 1 for atom in atoms_of(mol))
    if n_heavy > MAX_HEAVY_ATOMS:
        raise StructureError(
            f"'{shown}' has {n_heavy} heavy atoms, more than {MAX_HEAVY_ATOMS}.",
            "Screen a shorter model of the molecule.",
            "too_large",
        )


def _plain_words(reason: str, shown: str) -> tuple[str, str]:
    """RDKit's reason as a sentence, and what to do."""
    valence = re.search(r"atom # (\d+) (\w+), (\d+),", reason)
    if valence:
        atom, symbol, bonds = valence.groups()
        return (
            f"Atom {int(atom) + 1} ({symbol}) of '{shown}' has {bonds} bonds, more than it can have.",
            "Correct its bonds or write its charge.",
        )
    if "kekulize" in reason:
        return (
            f"The aromatic ring of '{shown}' cannot be drawn with alternating double bonds.",
            "A ring nitrogen may lack its hydrogen ([nH]), or a charge is missing.",
        )
    return f"'{shown}' is no possible molecule: {reason}.", "Correct the SMILES."


def _fragments(mol: Chem.Mol, text: str) -> tuple[Chem.Mol, ...]:
    """Connected parts, metals drawn as ions, each standardised and checked for open shells."""
    parts = Chem.GetMolFrags(_ionic(mol), asMols=True)
    fragments = tuple(_clean(part) for part in parts)
    for fragment in fragments:
        metals = [atom for atom in atoms_of(fragment) if is_metal(atom)]
        if len(metals) == fragment.GetNumAtoms() and (len(metals) > 1 or metals[0].GetFormalCharge() <= 0):
            raise StructureError(
                f"'{joint_smiles((fragment,))}' is an elemental metal, not an ion.",
                "Write its charge, such as [Zn+2].",
                "metal",
            )
        if not fragment.GetNumHeavyAtoms() and Chem.GetFormalCharge(fragment) > 0:
            raise StructureError(
                f"'{joint_smiles((fragment,))}' is a bare proton.",
                "Screen the protonated molecule.",
                "charge",
            )
        electrons = sum(atom.GetAtomicNum() + atom.GetTotalNumHs() for atom in atoms_of(fragment))
        open_shell = sum(a.GetNumRadicalElectrons() for a in atoms_of(fragment) if not is_metal(a))
        odd = (electrons - Chem.GetFormalCharge(fragment)) % 2 and not metals
        if open_shell or odd:
            raise StructureError(
                f"'{joint_smiles((fragment,))}' in '{shorten(text)}' has unpaired electrons.",
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
    if not any(is_metal(atom) for atom in atoms_of(fragment)):
        fragment = _normalizer().normalize(fragment)
    again = Chem.MolFromSmiles(Chem.MolToSmiles(fragment))
    return fragment if again is None else again


def combined(fragments: Sequence[Chem.Mol]) -> Chem.Mol:
    """One molecule object of several parts."""
    whole = fragments[0]
    for fragment in fragments[1:]:
        whole = Chem.CombineMols(whole, fragment)
    Chem.SanitizeMol(whole)
    return whole


def joint_smiles(fragments: Sequence[Chem.Mol]) -> str:
    """Canonical SMILES of several parts together."""
    return str(Chem.MolToSmiles(combined(fragments)))
