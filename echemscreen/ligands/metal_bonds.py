"""What a line from a donor to a metal means: a shared pair, or the donor's own.

Drawing programs and databases write a donor bond as a plain line. RDKit reads it as a shared pair, gives
sulfur and phosphorus a hydrogen that nobody drew, and the metal one oxidation state too many. A line is a
donor's where the donor has no valence left for it: the pair is then its own (the covalent bond
classification of M. L. H. Green, J. Organomet. Chem. 500, 127 (1995)). Carbon at metals is read by
:mod:`~echemscreen.ligands.organometallics`.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from pymatgen.core.periodic_table import Element
from rdkit import Chem

from echemscreen.errors import StructureError
from echemscreen.ligands.atoms import atoms_of, is_metal, oxidation_states

#: Valences of neutral donors. RDKit fills up the heavier ones with hydrogen, and reads the lighter ones as
#: donors at some metals only.
_HALOGEN = (1,)
_VALENCES = {7: (3, 5), 8: (2,), 9: _HALOGEN, 17: _HALOGEN, 35: _HALOGEN, 53: _HALOGEN}
_VALENCES |= {15: (3, 5), 33: (3, 5), 51: (3, 5), 16: (2, 4, 6), 34: (2, 4, 6), 52: (2, 4, 6)}
_CARBON, _NITROGEN, _OXYGEN = 6, 7, 8
_SINGLE = Chem.BondType.SINGLE
#: From iron to copper.
_LATE_GROUPS = range(8, 12)
#: Aromatic nitrogens at metals whose choices are tried; a phthalocyanine has four.
_MOST_CHOICES = 8


def _metal_bonds(atom: Chem.Atom) -> list[Chem.Bond]:
    """Plain bonds of a ligand's atom to metals."""
    return [
        bond
        for bond in atom.GetBonds()
        if bond.GetBondType() != Chem.BondType.DATIVE and is_metal(bond.GetOtherAtom(atom))
    ]


def _make_dative(editable: Chem.RWMol, donor: int, metal: int) -> None:
    """Draw a donor's bond: as an arrow, or by charges where RDKit counts the bonds of the metal."""
    editable.RemoveBond(donor, metal)
    if not _has_valence(editable.GetAtomWithIdx(metal)):
        editable.AddBond(donor, metal, Chem.BondType.DATIVE)
        return
    editable.AddBond(donor, metal, _SINGLE)
    _shift_charge(editable, donor, metal, 1)


def _has_valence(metal: Chem.Atom) -> bool:
    """Whether RDKit has a highest valence for a metal, which arrows would break: aluminium, tin, lead."""
    return -1 not in Chem.GetPeriodicTable().GetValenceList(metal.GetAtomicNum())


def _shift_charge(editable: Chem.RWMol, donor: int, metal: int, given: int) -> None:
    """Let a donor give electrons to a metal: one for a shared pair, the metal's back for an ion's."""
    for index, change in ((donor, given), (metal, -given)):
        atom = editable.GetAtomWithIdx(index)
        atom.SetFormalCharge(atom.GetFormalCharge() + change)
    editable.GetAtomWithIdx(metal).SetNoImplicit(True)


# --- donors drawn with plain lines --------------------------------------------------------


def with_donor_bonds(mol: Chem.Mol, shown: str) -> Chem.Mol:
    """An unsanitised molecule with the lines of donors to metals as donor bonds.

    Raises
    ------
    StructureError
        if a donor is drawn with a hydrogen that it cannot have beside its bonds, or without one that it has.
    """
    if not any(is_metal(atom) for atom in atoms_of(mol)):
        return mol
    editable = Chem.RWMol(mol)
    for bond in mol.GetBonds():
        if bond.GetBondType() == Chem.BondType.DATIVE and _has_valence(bond.GetEndAtom()):
            _make_dative(editable, bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
    for atom in atoms_of(mol):
        bonds = _metal_bonds(atom)
        if not bonds or atom.GetFormalCharge() or is_metal(atom):
            continue
        if atom.GetIsAromatic():
            # Thiophene and its like give a pair of the ring's face; nitrogen is decided below.
            if atom.GetAtomicNum() in _VALENCES and atom.GetAtomicNum() != _NITROGEN:
                for bond in bonds:
                    _make_dative(editable, atom.GetIdx(), bond.GetOtherAtomIdx(atom.GetIdx()))
            continue
        if atom.GetAtomicNum() in _VALENCES:
            _give_pairs(editable, atom, bonds, shown)
    drawn = _with_aromatic_donors(editable.GetMol())
    _refuse_anions(drawn, shown)
    return drawn


def _give_pairs(editable: Chem.RWMol, atom: Chem.Atom, bonds: list[Chem.Bond], shown: str) -> None:
    """Make donor bonds of an atom's lines to metals for which it has no valence left."""
    n_hydrogens = _drawn_hydrogens(atom)
    lines = sum(_order(bond) for bond in atom.GetBonds() if not is_metal(bond.GetOtherAtom(atom)))
    own = lines + atom.GetNumExplicitHs() - n_hydrogens
    _refuse_hydrogen(atom, own, n_hydrogens, bonds, shown)
    valences = _VALENCES[atom.GetAtomicNum()]
    if own > valences[-1] or (own and valences == _HALOGEN):
        # No molecule, and a bound halogen is no donor that anybody draws.
        return
    used = own + n_hydrogens
    left = next((valence for valence in valences if valence >= used), used) - used
    # Of several metals the last drawn get the donor's pairs; their charges are shared out later. A drawn
    # multiple bond is no donor's.
    for bond in reversed([bond for bond in bonds if bond.GetBondType() == Chem.BondType.SINGLE]):
        if sum(_order(other) for other in bonds) <= left:
            break
        bonds.remove(bond)
        _make_dative(editable, atom.GetIdx(), bond.GetOtherAtomIdx(atom.GetIdx()))


def _drawn_hydrogens(atom: Chem.Atom) -> int:
    """Hydrogens written at an atom, in its bracket or as atoms of their own."""
    neighbours = [neighbour for neighbour in atom.GetNeighbors() if neighbour.GetAtomicNum() == 1]
    return int(atom.GetNumExplicitHs()) + len(neighbours)


def _order(bond: Chem.Bond) -> int:
    return 0 if bond.GetBondType() == Chem.BondType.DATIVE else round(bond.GetBondTypeAsDouble())


def _refuse_hydrogen(
    atom: Chem.Atom, own: int, n_hydrogens: int, bonds: Sequence[Chem.Bond], shown: str
) -> None:
    """A hydrogen on a saturated donor is what a program wrote who did not know the donor's bond."""
    lowest = _VALENCES[atom.GetAtomicNum()][0]
    is_oxide = any(
        bond.GetBondType() == Chem.BondType.DOUBLE and bond.GetOtherAtom(atom).GetAtomicNum() != _CARBON
        for bond in atom.GetBonds()
    )
    if not n_hydrogens or own + n_hydrogens <= lowest or own > lowest or is_oxide:
        return
    symbol, metal = atom.GetSymbol(), bonds[0].GetOtherAtom(atom).GetSymbol()
    raise StructureError(
        f"{symbol} in '{shown}' is drawn with a hydrogen beside {own} bonds of its own and one to {metal}, "
        "which no donor has.",
        f"Write the donor's bond as an arrow, without that hydrogen: {symbol}->[{metal}].",
        "valence",
    )


def _refuse_anions(mol: Chem.Mol, shown: str) -> None:
    """Amines and water whose plain lines make anions of them and of the metal what it cannot be.

    Late transition metals hold amines by the thousand and hardly an amide ion: there the drawing is doubted
    even where the oxidation state exists.
    """
    for metal in filter(is_metal, atoms_of(mol)):
        symbol, state = metal.GetSymbol(), _state(mol, metal.GetIdx())
        lines = [bond.GetOtherAtom(metal) for bond in metal.GetBonds() if bond.GetBondType() == _SINGLE]
        donors = [atom for atom in lines if _may_lack_hydrogen(atom)]
        if state in oxidation_states(symbol):
            is_late = Element(symbol).group in _LATE_GROUPS
            donors = [a for a in donors if a.GetAtomicNum() == _NITROGEN and is_late and not _is_acyl(a)]
        if not donors:
            continue
        is_amine = donors[0].GetAtomicNum() == _NITROGEN
        neutral, anion = ("an amine", "amide") if is_amine else ("water or an alcohol", "hydroxide")
        example = "[NH3]" if is_amine else "[OH2]"
        raise StructureError(
            f"{donors[0].GetSymbol()} in '{shown}' is drawn with a plain line, which makes {anion} ions and "
            f"{symbol}{state}+ of the complex.",
            f"Draw {neutral} with its hydrogens and an arrow, {example}->[{symbol}], or {anion} as an ion.",
            "metal",
        )


def _may_lack_hydrogen(atom: Chem.Atom) -> bool:
    """Whether an atom is a neutral nitrogen or oxygen with hydrogen, which one more makes a donor."""
    number = atom.GetAtomicNum()
    if number not in {_NITROGEN, _OXYGEN} or atom.GetFormalCharge() or atom.GetIsAromatic():
        return False
    if _drawn_hydrogens(atom):
        return True
    return not atom.GetNoImplicit() and sum(_order(bond) for bond in atom.GetBonds()) < _VALENCES[number][0]


def _is_acyl(atom: Chem.Atom) -> bool:
    """Whether an atom is beside a double bond to another element, as in an amidate: an anion indeed."""
    return any(
        bond.GetBondType() == Chem.BondType.DOUBLE and bond.GetOtherAtom(centre).GetAtomicNum() != _CARBON
        for centre in atom.GetNeighbors()
        if not is_metal(centre)
        for bond in centre.GetBonds()
    )


def _with_aromatic_donors(mol: Chem.Mol) -> Chem.Mol:
    """Aromatic nitrogens at metals as donors, or as anions where their ring or the metal asks for it.

    A pyridine nitrogen gives a pair; that of a pyrrole, an imidazolate or, twice, a porphyrin shares one.
    As many give as the rings allow and the metal's oxidation states admit.
    """
    lines = [
        (atom.GetIdx(), bond.GetOtherAtomIdx(atom.GetIdx()))
        for atom in atoms_of(mol)
        if atom.GetAtomicNum() == _NITROGEN and atom.GetIsAromatic() and not atom.GetFormalCharge()
        for bond in _metal_bonds(atom)
    ]
    if not lines or len(lines) > _MOST_CHOICES:
        return mol
    fallback: Chem.Mol | None = None
    for n_shared in range(len(lines) + 1):
        found: dict[str, Chem.Mol] = {}
        for shared in combinations(range(len(lines)), n_shared):
            editable = Chem.RWMol(mol)
            for at, (donor, metal) in enumerate(lines):
                if at in shared:
                    # Said at once that it is an anion: a ring's sharing of pairs depends on it.
                    editable.RemoveBond(donor, metal)
                    _shift_charge(editable, donor, metal, -1)
                else:
                    _make_dative(editable, donor, metal)
            candidate = editable.GetMol()
            trial = Chem.Mol(candidate)
            if Chem.SanitizeMol(trial, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
                continue
            fallback = candidate if fallback is None else fallback
            if all(_state(trial, metal) in oxidation_states(_symbol(trial, metal)) for _, metal in lines):
                found[str(Chem.MolToSmiles(trial))] = candidate
        if found:
            # Which of equal nitrogens are the anions is a matter of drawing: the first SMILES of them.
            return found[min(found)]
    return mol if fallback is None else fallback


def _symbol(mol: Chem.Mol, index: int) -> str:
    return str(mol.GetAtomWithIdx(index).GetSymbol())


def _state(mol: Chem.Mol, metal: int) -> int:
    """Oxidation state: the charge and the shared pairs, which the partner takes."""
    atom = mol.GetAtomWithIdx(metal)
    return int(atom.GetFormalCharge()) + sum(
        _order(bond) for bond in atom.GetBonds() if not is_metal(bond.GetOtherAtom(atom))
    )


def at_one_charge(drawn: Chem.Mol, ions: Chem.Mol) -> Chem.Mol:
    """Ions with the charges of metal atoms that a donor had bridged made equal.

    Which of two metals a bridge shares a pair with is a matter of drawing.
    """
    bridged = {
        neighbour.GetIdx()
        for atom in atoms_of(drawn)
        if not is_metal(atom) and sum(is_metal(neighbour) for neighbour in atom.GetNeighbors()) > 1
        for neighbour in atom.GetNeighbors()
        if is_metal(neighbour)
    }
    by_symbol: dict[str, list[Chem.Atom]] = {}
    for index in bridged:
        atom = ions.GetAtomWithIdx(index)
        if not atom.GetDegree():
            by_symbol.setdefault(atom.GetSymbol(), []).append(atom)
    for atoms in by_symbol.values():
        total = sum(atom.GetFormalCharge() for atom in atoms)
        if total % len(atoms) == 0:
            for atom in atoms:
                atom.SetFormalCharge(total // len(atoms))
    return ions
