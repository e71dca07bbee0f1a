"""The text of a SMILES to a sanitised molecule, or in plain words what is wrong with it."""

from __future__ import annotations

import re

from rdkit import Chem

from echemscreen.errors import StructureError
from echemscreen.ligands.atoms import atoms_of
from echemscreen.ligands.metal_bonds import with_donor_bonds
from echemscreen.ligands.organometallics import without_ring_bonds

#: Larger molecules are refused: a charge-state ladder of 200 heavy atoms takes hours on one core.
MAX_HEAVY_ATOMS = 200
#: GFN1-xTB, GFN2-xTB and IPEA1-xTB are parametrised up to radon.
MAX_ATOMIC_NUMBER = 86
#: No SMILES of ``MAX_HEAVY_ATOMS`` atoms is longer; keeps a megabyte of text away from the parser.
_MAX_CHARACTERS = 25 * MAX_HEAVY_ATOMS
_SHOWN_CHARACTERS = 60
#: A CXSMILES block may be that much longer than its SMILES.
_BLOCK_FACTOR = 10
#: Kinds of brackets that make something else of what stands in them; a comment or an abbreviation does not.
_POLYMER_BRACKETS = frozenset(("SRU", "MON", "MER", "COP", "CRO", "MOD", "GRA", "ANY", "COM", "MIX", "FOR"))
_WITHOUT_DEUTERIUM = "Deuterium or tritium is computed as hydrogen."
_BONDS = (
    Chem.BondType.SINGLE,
    Chem.BondType.DOUBLE,
    Chem.BondType.TRIPLE,
    Chem.BondType.AROMATIC,
    Chem.BondType.DATIVE,
)


def shorten(text: str) -> str:
    """A SMILES short enough for a sentence."""
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 3] + "..."


def sanitised(text: str) -> tuple[Chem.Mol, list[str]]:
    """Parse and sanitise, or say in plain words what is wrong; with notes of what was changed."""
    shown = shorten(text)
    remedy = "Check brackets, ring-closure digits and atom symbols."
    written, _, block = text.partition(" ")
    # A CXSMILES block holds coordinates, which are long and mean nothing here.
    if len(written) > _MAX_CHARACTERS or len(block) > _BLOCK_FACTOR * _MAX_CHARACTERS:
        raise StructureError(
            f"The SMILES is {len(text)} characters long, more than any of {MAX_HEAVY_ATOMS} heavy atoms.",
            "Screen a shorter model of the molecule.",
            "too_large",
        )
    is_extended = bool(re.fullmatch(r"\s*\|.*\|\s*", block))
    if "~" in written:
        raise StructureError(
            f"'{shown}' holds a bond '~' of any kind.", "Write a molecule, not a pattern.", "unparsable"
        )
    if not written.isascii() or not text.isprintable() or (" " in text and not is_extended):
        raise StructureError(
            f"'{ascii(shown)[1:-1]}' holds a character that no SMILES has.", remedy, "unparsable"
        )
    settings = Chem.SmilesParserParams()
    for switch in ("sanitize", "removeHs", "allowCXSMILES", "strictCXSMILES", "parseName"):
        setattr(settings, switch, is_extended and "CXSMILES" in switch)
    mol = Chem.MolFromSmiles(text, settings)
    if mol is None and is_extended and _reads_without(block, text):
        raise StructureError(
            f"The block |...| behind '{shorten(written)}' is no CXSMILES that can be read.",
            "Correct it or delete it.",
            "unparsable",
        )
    if mol is None or mol.GetNumAtoms() == 0:
        raise StructureError(f"'{shown}' is not a SMILES that can be read.", remedy, "unparsable")
    refuse_polymer(mol, f"'{shown}'")
    _check_bonds(mol, shown)
    _check_atoms(mol, shown)
    notes = [_WITHOUT_DEUTERIUM] if _without_deuterium(mol) else []
    for atom in atoms_of(mol):
        atom.SetAtomMapNum(0)
    try:
        drawn = with_donor_bonds(without_ring_bonds(mol, shown), shown)
        Chem.SanitizeMol(drawn)
        return Chem.RemoveHs(drawn), notes
    except Chem.MolSanitizeException as error:
        raise StructureError(*plain_words(str(error), shown), "valence") from error


def _reads_without(block: str, text: str) -> bool:
    return Chem.MolFromSmiles(text.removesuffix(block).strip(), sanitize=False) is not None


def refuse_polymer(mol: Chem.Mol, what: str, *, is_bracketed: bool = False) -> None:
    """Refuse the brackets of a polymer, of which the repeat unit alone would be left.

    Raises
    ------
    StructureError
    """
    groups = Chem.GetMolSubstanceGroups(mol)
    # Brackets without a label are drawn around an ion, too.
    labelled = any(group.GetProp("TYPE") == "GEN" and group.HasProp("LABEL") for group in groups)
    if (
        is_bracketed
        or mol.HasProp("_molLinkNodes")
        or labelled
        or {group.GetProp("TYPE") for group in groups} & _POLYMER_BRACKETS
    ):
        raise StructureError(
            f"{what} has the brackets of a polymer or of a mixture.",
            "Screen the repeat unit with capped ends.",
            "polymer",
        )


def _without_deuterium(mol: Chem.Mol) -> bool:
    """Make deuterium and tritium hydrogen; whether there was any."""
    heavy = [atom for atom in atoms_of(mol) if atom.GetAtomicNum() == 1 and atom.GetIsotope()]
    for atom in heavy:
        atom.SetIsotope(0)
    return bool(heavy)


def _check_bonds(mol: Chem.Mol, shown: str) -> None:
    for bond in mol.GetBonds():
        is_aromatic = bond.GetBondType() == Chem.BondType.AROMATIC
        if is_aromatic and not (bond.GetBeginAtom().GetIsAromatic() and bond.GetEndAtom().GetIsAromatic()):
            raise StructureError(
                f"'{shown}' holds an aromatic bond ':' at an atom that is not aromatic.",
                "Write aromatic atoms in small letters, or single and double bonds.",
                "unparsable",
            )
        if bond.GetBondType() not in _BONDS or bond.HasQuery():
            raise StructureError(
                f"'{shown}' holds a bond that is neither single, double, triple nor aromatic.",
                "Write a molecule, not a pattern.",
                "unparsable",
            )


def _check_atoms(mol: Chem.Mol, shown: str) -> None:
    for atom in atoms_of(mol):
        if atom.GetAtomicNum() == 1 and atom.GetDegree() and atom.GetFormalCharge():
            # RDKit drops it with its charge where it leaves hydrogens out.
            raise StructureError(
                f"'{shown}' has a charge on a bound hydrogen.",
                "Write the charge on the atom that holds it.",
                "charge",
            )
        if atom.GetAtomicNum() == 0 or (atom.HasQuery() and not atom.GetSymbol().isalpha()):
            raise StructureError(
                f"'{shown}' has an open position '*' (a polymer or a pattern).",
                "Screen the repeat unit with capped ends.",
                "polymer",
            )
        if atom.GetIsotope() and atom.GetAtomicNum() > 1:
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


def plain_words(reason: str, shown: str) -> tuple[str, str]:
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
