"""What a line to a metal means: a shared pair, a donor's pair, or a ring held by its face.

Drawing programs and databases write a donor bond as a plain line. RDKit reads it as a shared pair, gives
sulfur and phosphorus a hydrogen that nobody drew, and the metal one oxidation state too many. A line is a
donor's where the donor has no valence left for it: the pair is then its own (the covalent bond
classification of M. L. H. Green, J. Organomet. Chem. 500, 127 (1995)). Nitrogen, oxygen and halogens
outside of aromatic rings are read so by RDKit itself.

A metal between carbanions is one compound, however it is drawn: sigma bonds are drawn as bonds, and a
metal with cyclopentadienyl rings as ions that stay together
(:func:`~echemscreen.ligands.parse.parse_smiles` keeps them so).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from rdkit import Chem

from echemscreen.errors import StructureError
from echemscreen.ligands.atoms import atoms_of, is_metal, is_metal_ion, oxidation_states

#: Valences of neutral donors that RDKit fills up with hydrogen.
_VALENCES = {15: (3, 5), 33: (3, 5), 51: (3, 5), 16: (2, 4, 6), 34: (2, 4, 6), 52: (2, 4, 6)}
_NITROGEN, _CARBON = 7, 6
#: Aromatic nitrogens at metals whose choices are tried; a phthalocyanine has four.
_MOST_CHOICES = 8
_CYCLOPENTADIENYL, _ARENE = 5, 6
#: Carbon beside these takes its charge into them, and is an ion rather than a ligand of a metal.
_STABILISED = Chem.MolFromSmarts("[#6-][$(C=[O,S,N]),$(C#N),$([N+]),$(S=O),$(P=O),$([P+]),$([S+])]")
_RING_ANION = Chem.MolFromSmarts("[#6-;r5]1~[#6]~[#6]~[#6]~[#6]~1")
_ACETYLIDE = Chem.MolFromSmarts("[C-]#C")
_TRIPLE_ANION = Chem.MolFromSmarts("[C-]#[*]")


def _metal_bonds(atom: Chem.Atom) -> list[Chem.Bond]:
    """Plain bonds of a ligand's atom to metals."""
    return [
        bond
        for bond in atom.GetBonds()
        if bond.GetBondType() != Chem.BondType.DATIVE and is_metal(bond.GetOtherAtom(atom))
    ]


def _make_dative(editable: Chem.RWMol, donor: int, metal: int) -> None:
    editable.RemoveBond(donor, metal)
    editable.AddBond(donor, metal, Chem.BondType.DATIVE)


# --- donors drawn with plain lines --------------------------------------------------------


def with_donor_bonds(mol: Chem.Mol, shown: str) -> Chem.Mol:
    """An unsanitised molecule with the lines of donors to metals as donor bonds.

    Raises
    ------
    StructureError
        if a donor is drawn with a hydrogen that it cannot have beside its bonds.
    """
    if not any(is_metal(atom) for atom in atoms_of(mol)):
        return mol
    editable = Chem.RWMol(mol)
    for atom in atoms_of(mol):
        bonds = _metal_bonds(atom)
        if not bonds or atom.GetFormalCharge() or is_metal(atom):
            continue
        if atom.GetIsAromatic():
            # Thiophene and its like give a pair of the ring's face; nitrogen is decided below.
            if atom.GetAtomicNum() in _VALENCES:
                for bond in bonds:
                    _make_dative(editable, atom.GetIdx(), bond.GetOtherAtomIdx(atom.GetIdx()))
            continue
        if atom.GetAtomicNum() in _VALENCES:
            _give_pairs(editable, atom, bonds, shown)
    return _with_aromatic_donors(editable.GetMol())


def _give_pairs(editable: Chem.RWMol, atom: Chem.Atom, bonds: list[Chem.Bond], shown: str) -> None:
    """Make donor bonds of an atom's lines to metals for which it has no valence left."""
    own = sum(_order(bond) for bond in atom.GetBonds() if not is_metal(bond.GetOtherAtom(atom)))
    n_hydrogens = atom.GetNumExplicitHs()
    _refuse_hydrogen(atom, own, n_hydrogens, bonds, shown)
    valences = _VALENCES[atom.GetAtomicNum()]
    used = own + n_hydrogens
    left = next((valence for valence in valences if valence >= used), used) - used
    # Of several metals the last drawn get the donor's pairs; their charges are shared out later. A drawn
    # multiple bond is no donor's.
    for bond in reversed([bond for bond in bonds if bond.GetBondType() == Chem.BondType.SINGLE]):
        if sum(_order(other) for other in bonds) <= left:
            break
        bonds.remove(bond)
        _make_dative(editable, atom.GetIdx(), bond.GetOtherAtomIdx(atom.GetIdx()))


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
                    _shift_charge(editable, donor, metal)
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


def _shift_charge(editable: Chem.RWMol, donor: int, metal: int) -> None:
    for index, change in ((donor, -1), (metal, 1)):
        atom = editable.GetAtomWithIdx(index)
        atom.SetFormalCharge(atom.GetFormalCharge() + change)
    editable.GetAtomWithIdx(metal).SetNoImplicit(True)


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


# --- carbon at metals ---------------------------------------------------------------------


def without_ring_bonds(mol: Chem.Mol, shown: str) -> Chem.Mol:
    """An unsanitised molecule whose metal-bound rings are ions and molecules beside the metal.

    A metal with a line to every atom of a ring of five is bound to a cyclopentadienyl anion, with one to
    every atom of six to an arene.

    Raises
    ------
    StructureError
        if lines run to some atoms of a ring only.
    """
    if not any(is_metal(atom) for atom in atoms_of(mol)):
        return mol
    editable = Chem.RWMol(mol)
    for metal in filter(is_metal, atoms_of(mol)):
        carbons = {n.GetIdx() for n in metal.GetNeighbors() if n.GetAtomicNum() == _CARBON}
        for group in _joined(mol, carbons):
            if len(group) == 1:
                continue
            _free_ring(editable, mol, metal.GetIdx(), sorted(group), shown)
    return editable.GetMol()


def _joined(mol: Chem.Mol, atoms: set[int]) -> Iterator[set[int]]:
    """Groups of atoms that are bonded to each other."""
    left = set(atoms)
    while left:
        group, front = set(), {left.pop()}
        while front:
            index = front.pop()
            group.add(index)
            near = {n.GetIdx() for n in mol.GetAtomWithIdx(index).GetNeighbors()} & left
            left -= near
            front |= near
        yield group


def _free_ring(editable: Chem.RWMol, mol: Chem.Mol, metal: int, group: list[int], shown: str) -> None:
    bonds = [mol.GetBondBetweenAtoms(index, metal) for index in group]
    in_ring = [bond for a, b in combinations(group, 2) if (bond := mol.GetBondBetweenAtoms(a, b)) is not None]
    symbol = _symbol(mol, metal)
    if len(in_ring) != len(group) or len(group) not in {_CYCLOPENTADIENYL, _ARENE}:
        raise StructureError(
            f"{symbol} in '{shown}' has lines to {len(group)} carbon atoms in a row, a pi complex that no "
            "model here holds.",
            "Screen the ligand by itself.",
            "metal",
        )
    n_hydrogens = {index: _hydrogens(mol.GetAtomWithIdx(index)) for index in group}
    for index in group:
        editable.RemoveBond(index, metal)
    if all(bond.GetBondType() == Chem.BondType.DATIVE for bond in bonds):
        # The ring was drawn with its own charge and double bonds.
        return
    for bond in in_ring:
        joined = editable.GetBondBetweenAtoms(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx())
        joined.SetBondType(Chem.BondType.AROMATIC)
        joined.SetIsAromatic(True)
    charged = len(group) == _CYCLOPENTADIENYL
    for index in group:
        atom = editable.GetAtomWithIdx(index)
        atom.SetIsAromatic(True)
        atom.SetNoImplicit(True)
        atom.SetNumExplicitHs(n_hydrogens[index])
        atom.SetFormalCharge(0)
    if charged:
        drawn = sum(mol.GetAtomWithIdx(index).GetFormalCharge() for index in group)
        editable.GetAtomWithIdx(group[0]).SetFormalCharge(-1)
        centre = editable.GetAtomWithIdx(metal)
        centre.SetFormalCharge(centre.GetFormalCharge() + 1 + drawn)
        centre.SetNoImplicit(True)


def _hydrogens(atom: Chem.Atom) -> int:
    """Hydrogens of a carbon of an unsanitised drawing, its line to the metal counted."""
    if atom.GetNoImplicit():
        return int(atom.GetNumExplicitHs())
    explicit = sum(n.GetAtomicNum() == 1 for n in atom.GetNeighbors())
    # A ring carbon has two neighbours in the ring; whatever else it has leaves no room for a hydrogen.
    return int(atom.GetDegree() - explicit == _RING_DEGREE and not explicit)


_RING_DEGREE = 3


def is_ring_anion(fragment: Chem.Mol) -> bool:
    """Whether a fragment is a cyclopentadienyl anion, which a metal holds by its face."""
    return bool(fragment.HasSubstructMatch(_RING_ANION)) and Chem.GetFormalCharge(fragment) < 0


def with_carbon_bonds(ions: Chem.Mol, shown: str) -> Chem.Mol:
    """Ions with the carbanions of alkyl, aryl and alkynyl groups bound to their metal.

    Raises
    ------
    StructureError
        if it is left open which of several metal atoms binds them.
    """
    metals = [atom.GetIdx() for atom in atoms_of(ions) if is_metal(atom) and not atom.GetDegree()]
    carbanions = [
        atom.GetIdx()
        for atom in atoms_of(ions)
        if atom.GetAtomicNum() == _CARBON and atom.GetFormalCharge() == -1
    ]
    if not metals or not carbanions:
        return ions
    kept: set[int] = set()
    for pattern in (_STABILISED, _RING_ANION):
        kept |= {match[0] for match in ions.GetSubstructMatches(pattern, uniquify=False)}
    acetylides = {match[0] for match in ions.GetSubstructMatches(_ACETYLIDE)}
    kept |= {match[0] for match in ions.GetSubstructMatches(_TRIPLE_ANION)} - acetylides
    carbanions = [index for index in carbanions if index not in kept]
    if not carbanions:
        return ions
    charge = ions.GetAtomWithIdx(metals[0]).GetFormalCharge()
    if len(metals) > 1 or len(carbanions) > charge:
        raise StructureError(
            f"'{shown}' holds carbanions beside {len(metals)} metal ions, an organometallic compound whose "
            "bonds are not drawn.",
            "Draw the bonds between metal and carbon, and one formula unit.",
            "metal",
        )
    editable = Chem.RWMol(ions)
    for index in carbanions:
        editable.AddBond(index, metals[0], Chem.BondType.SINGLE)
        atom = editable.GetAtomWithIdx(index)
        n_hydrogens = atom.GetTotalNumHs()
        atom.SetFormalCharge(0)
        atom.SetNoImplicit(True)
        atom.SetNumExplicitHs(n_hydrogens)
    editable.GetAtomWithIdx(metals[0]).SetFormalCharge(charge - len(carbanions))
    result = editable.GetMol()
    Chem.SanitizeMol(result)
    return result


_RING, _BARE_RING = Chem.MolFromSmarts("[c-]1cccc1"), "c1cc[cH-]c1"


@lru_cache(maxsize=256)
def bare_sandwich(smiles: str) -> str | None:
    """The sandwich complex of cyclopentadienides without its substituents, as canonical SMILES.

    ``None`` for anything else: each part must be a metal ion or hold one ring.
    """
    parts = [Chem.MolFromSmiles(part) for part in smiles.split(".")]
    bare = []
    for part in parts:
        if part is None:
            return None
        if is_metal_ion(part):
            bare.append(Chem.MolToSmiles(part))
        elif len(part.GetSubstructMatches(_RING)) == 1:
            bare.append(_BARE_RING)
        else:
            return None
    if bare.count(_BARE_RING) == len(bare) or _BARE_RING not in bare:
        return None
    return str(Chem.MolToSmiles(Chem.MolFromSmiles(".".join(bare))))
