"""A SMILES to connected, standardised fragments, without losing a metal.

Standardisation touches metal-free fragments only: ``FragmentParent`` and ``ChargeParent`` of RDKit
turn a zinc carboxylate into the free acid. A metal bound to hetero atoms is drawn as its ions, so
that the covalent and the ionic drawing of a salt are one canonical SMILES; a metal bound to carbon
and a complex anion stay whole. What a line to a metal means is settled before, by
:mod:`~echemscreen.ligands.metal_bonds` and :mod:`~echemscreen.ligands.organometallics`. A zwitterion whose
proton can go home is drawn as its neutral tautomer: solvent and surface decide which of them there is, not
the drawing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from rdkit import Chem
from rdkit.Chem.MolStandardize import rdMolStandardize

from echemscreen.errors import StructureError
from echemscreen.ligands.atoms import atoms_of, is_metal
from echemscreen.ligands.metal_bonds import at_one_charge
from echemscreen.ligands.organometallics import is_ring_anion, with_carbon_bonds
from echemscreen.ligands.reading.smiles import plain_words, sanitised, shorten

#: Hydrogen, boron, carbon, silicon and germanium share pairs with a metal; all others are ions at it.
_COVALENT_AT_METALS = frozenset((1, 5, 6, 14, 32))
_DONORS_APART = "The complex is judged as its donors and its salt, each by itself."
# Drawings of one and the same group. RDKit's own list writes sulfoxides charge-separated, which
# would hide them from the tables.
_NORMAL_FORMS = """
Azide\t[#6,#14,#16:1][N-:2][N+:3]#[N:4]>>[*:1][N+0:2]=[N+:3]=[N-:4]
Diazo\t[C-:1][N+:2]#[N;X1:3]>>[C+0:1]=[N+:2]=[N-:3]
Phosphorus chalcogenide\t[P+;X4:1][O-,S-,Se-,Te-;X1:2]>>[P+0:1]=[*+0:2]
Secondary phosphine oxide etc.\t[#6:3][P+0;X3;H0:1]([#6:4])[O,S,Se,Te;H1:2]>>[#6:3][P;H1:1]([#6:4])=[*;H0:2]
Its anion\t[#6:3][P-;X3;H0:1]([#6:4])=[O,S,Se,Te;X1:2]>>[#6:3][P+0:1]([#6:4])[*-:2]
Sulfoxide or selenoxide\t[S+,Se+;X3;!$([S+]=*):1][O-;X1:2]>>[*+0:1]=[O+0:2]
Sulfone\t[S+2;X4:1]([O-;X1:2])[O-;X1:3]>>[S+0:1](=[O+0:2])=[O+0:3]
"""


@lru_cache(maxsize=1)
def _normalizer() -> rdMolStandardize.Normalizer:
    return rdMolStandardize.NormalizerFromData(_NORMAL_FORMS.strip(), rdMolStandardize.CleanupParameters())


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The connected parts of a SMILES, and in what they differ from how it was drawn."""

    fragments: tuple[Chem.Mol, ...]
    note: str = ""
    """Sentences for the result; blank if nothing was changed that matters."""
    is_complex: bool = False
    """Whether bonds of neutral donors to metals were cut: its parts belong together."""


def read_fragments(text: str) -> Reading:
    """Connected parts of a SMILES, metals drawn as ions, each checked and standardised.

    Raises
    ------
    StructureError
        if the text is no closed-shell molecule of supported size and elements.
    """
    mol, notes = sanitised(text)
    try:
        fragments = _fragments(mol, text)
    except Chem.MolSanitizeException as error:
        # The ions of a drawing that is sound by itself may have no sound valences.
        raise StructureError(*plain_words(str(error), shorten(text)), "valence") from error
    if _formula(fragments) != _formula((mol,)):
        # A drawing that only a part of the chemistry here understands.
        raise StructureError(
            f"'{shorten(text)}' changes its formula when it is brought into standard form.",
            "Draw it with all its bonds and charges.",
            "valence",
        )
    drawn_apart = Chem.GetMolFrags(mol, asMols=True, sanitizeFrags=False)
    is_complex = _n_neutral(fragments) > _n_neutral(drawn_apart)
    if is_complex:
        notes.append(_DONORS_APART)
    return Reading(fragments=fragments, note=" ".join(notes), is_complex=is_complex)


def _formula(parts: Sequence[Chem.Mol]) -> tuple[Counter[int], int]:
    """Atoms by element, hydrogens among them, and the charge."""
    atoms: Counter[int] = Counter()
    for atom in (atom for part in parts for atom in atoms_of(part)):
        atoms[atom.GetAtomicNum()] += 1
        atoms[1] += atom.GetTotalNumHs()
    return +atoms, sum(int(Chem.GetFormalCharge(part)) for part in parts)


def _n_neutral(parts: Sequence[Chem.Mol]) -> int:
    """How many parts are neutral and hold no metal."""
    return sum(not Chem.GetFormalCharge(part) and not any(map(is_metal, atoms_of(part))) for part in parts)


def _fragments(mol: Chem.Mol, text: str) -> tuple[Chem.Mol, ...]:
    """Connected parts, metals drawn as ions, each standardised and checked for open shells."""
    parts = Chem.GetMolFrags(with_carbon_bonds(_ionic(mol), shorten(text)), asMols=True)
    fragments = tuple(_clean(part) for part in parts)
    for fragment in fragments:
        metals = [atom for atom in atoms_of(fragment) if is_metal(atom)]
        is_bare = len(metals) == fragment.GetNumAtoms() and not any(atom.GetTotalNumHs() for atom in metals)
        if is_bare and (len(metals) > 1 or metals[0].GetFormalCharge() <= 0):
            raise StructureError(
                f"'{joint_smiles((fragment,))}' is an elemental metal, not an ion.",
                "Write its charge, such as [Zn+2]; of complexes of neutral metals there is no model.",
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
    """Draw bonds of metals to donor atoms in neutral or cationic compounds as ions.

    A complex anion keeps its bonds: its metal is part of the anion.
    """
    if not any(map(is_metal, atoms_of(mol))):
        return mol
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
        if is_metal(other) or other.GetAtomicNum() in _COVALENT_AT_METALS:
            continue
        electrons = 0 if bond.GetBondType() == Chem.BondType.DATIVE else round(bond.GetBondTypeAsDouble())
        editable.RemoveBond(metal.GetIdx(), other.GetIdx())
        for index, change in ((metal.GetIdx(), electrons), (other.GetIdx(), -electrons)):
            atom = editable.GetAtomWithIdx(index)
            atom.SetFormalCharge(atom.GetFormalCharge() + change)
            atom.SetNumRadicalElectrons(0)
        editable.GetAtomWithIdx(metal.GetIdx()).SetNoImplicit(True)
    result = at_one_charge(mol, editable.GetMol())
    Chem.SanitizeMol(result)
    return result


def _clean(fragment: Chem.Mol) -> Chem.Mol:
    """Normalised drawing, stereo marks only where they mean something, canonical atom order."""
    if not any(is_metal(atom) for atom in atoms_of(fragment)):
        fragment = _uncharged(_normalizer().normalize(fragment))
        if is_ring_anion(fragment):
            fragment = _first_drawing(fragment)
    again = Chem.MolFromSmiles(Chem.MolToSmiles(fragment))
    return fragment if again is None else again


def _first_drawing(ring: Chem.Mol) -> Chem.Mol:
    """An aromatic ring of five with its charge on the atom that gives the first SMILES."""
    charged = [atom for atom in atoms_of(ring) if atom.GetFormalCharge() == -1 and atom.GetIsAromatic()]
    if len(charged) != 1:
        return ring
    found: dict[str, Chem.Mol] = {}
    for atoms in ring.GetRingInfo().AtomRings():
        if charged[0].GetIdx() not in atoms or len(atoms) != 5:  # noqa: PLR2004 - cyclopentadienyl
            continue
        for index in atoms:
            moved = Chem.RWMol(ring)
            moved.GetAtomWithIdx(charged[0].GetIdx()).SetFormalCharge(0)
            moved.GetAtomWithIdx(index).SetFormalCharge(-1)
            if Chem.SanitizeMol(moved, catchErrors=True) == Chem.SanitizeFlags.SANITIZE_NONE:
                found[str(Chem.MolToSmiles(moved))] = moved.GetMol()
    return found[min(found)] if found else ring


def _uncharged(fragment: Chem.Mol) -> Chem.Mol:
    """A zwitterion with each proton that it can move on its anion: the tautomer that is drawn neutral.

    The proton leaves the weakest base and goes to the strongest one, by rough classes; equal atoms are
    told apart by their canonical rank. Charges without a proton between them, as in a betaine, stay.
    """
    if not any(_gives_proton(atom) for atom in atoms_of(fragment)):
        return fragment
    editable = Chem.RWMol(fragment)
    moved = False
    while True:
        givers = [atom for atom in editable.GetAtoms() if _gives_proton(atom)]
        takers = [atom for atom in editable.GetAtoms() if _takes_it_back(atom)]
        if not givers or not takers:
            break
        ranks = list(Chem.CanonicalRankAtoms(editable, breakTies=True))
        giver = max(givers, key=lambda atom: (atom.GetIsAromatic(), ranks[atom.GetIdx()]))
        taker = max(takers, key=lambda atom: (_basicity(atom), ranks[atom.GetIdx()]))
        for atom, change in ((giver, -1), (taker, 1)):
            n_hydrogens = atom.GetTotalNumHs() + change
            atom.SetFormalCharge(atom.GetFormalCharge() + change)
            atom.SetNoImplicit(True)
            atom.SetNumExplicitHs(n_hydrogens)
        editable.UpdatePropertyCache(strict=False)
        moved = True
    if not moved:
        return fragment
    result = editable.GetMol()
    Chem.SanitizeMol(result)
    return result


def _beside(atom: Chem.Atom, sign: int) -> bool:
    return any(neighbour.GetFormalCharge() * sign > 0 for neighbour in atom.GetNeighbors())


def _gives_proton(atom: Chem.Atom) -> bool:
    # Charges beside each other belong to one bond: N-oxides, azides, ylides.
    return bool(atom.GetFormalCharge() == 1 and atom.GetTotalNumHs() and not _beside(atom, -1))


def _takes_it_back(atom: Chem.Atom) -> bool:
    symbols = {"N", "O", "S", "Se", "C", "P"}
    return bool(atom.GetFormalCharge() == -1 and atom.GetSymbol() in symbols and not _beside(atom, 1))


def _basicity(atom: Chem.Atom) -> int:
    """A rough order of bases: carbanions and amides, alkoxides, thiolates, acids of several oxygens."""
    order = {"C": 4, "P": 4, "N": 3, "O": 2, "S": 1, "Se": 1}[atom.GetSymbol()]
    centre = next(iter(atom.GetNeighbors()), None)
    shares = centre is not None and any(
        bond.GetBondType() == Chem.BondType.DOUBLE and bond.GetOtherAtom(centre).GetSymbol() in {"O", "S"}
        for bond in centre.GetBonds()
    )
    return 0 if shares else order


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
