"""Anchors and functional groups of a molecule, the cited SMARTS rows of the library; which hold a charge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rdkit import Chem

from echemscreen.errors import TableError
from echemscreen.ligands.atoms import Pattern, atoms_of, elements_of
from echemscreen.records.levels import CarrierDensity
from echemscreen.records.molecules import Anchor, Binding
from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_rows

_CARBON = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRow:
    """A row of ``anchors.csv``; the first atom of the pattern is the donor atom."""

    code: str
    name: str
    smarts: str
    binding: str
    priority: int
    default: bool | None
    """Whether a molecule is judged as bound by it unasked; blank for a donor, whose strength tells it."""
    hard_soft: str
    """Pearson's class: ``hard``, ``borderline`` or ``soft``."""
    hard_soft_base: str
    """The base of Pearson's list that it is, or is judged by."""
    hard_soft_citation: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DonorRow:
    """A row of ``donor_strengths.csv``: how firmly a donor is held, and whether it sits on a dot."""

    anchor: str
    example: str
    example_smiles: str
    metal: str
    log_k1: float | None
    sigma_log_k: float | None
    pkah: float | None
    """Of the donor's conjugate acid, in water."""
    donor_number: float | None
    """V. Gutmann's, kcal/mol."""
    binds: bool
    """The row's conclusion about its anchor; the note says from what."""
    quality: str
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
def donor_strengths() -> dict[str, tuple[DonorRow, ...]]:
    """The rows of each donor anchor.

    Raises
    ------
    TableError
        if the rows of an anchor draw different conclusions, or an anchor does not exist.
    """
    found: dict[str, tuple[DonorRow, ...]] = {}
    for row in read_rows("ligand_library", "donor_strengths.csv", DonorRow):
        found[row.anchor] = (*found.get(row.anchor, ()), row)
    for code, rows in found.items():
        if code not in anchor_rows() or len({row.binds for row in rows}) > 1:
            raise TableError(
                f"donor_strengths.csv, {code}: it is no anchor, or its rows say both that it binds and not.",
                "Let every row of an anchor draw the conclusion that the anchor deserves.",
            )
    return found


def binds(code: str) -> bool:
    """Whether a molecule is judged as bound by an anchor unasked.

    An anion does as ``anchors.csv`` says, a donor if ``donor_strengths.csv`` shows that it is held.
    """
    row = anchor_rows()[code]
    if row.default is not None:
        return row.default
    return any(donor.binds for donor in donor_strengths().get(code, ()))


@lru_cache(maxsize=1)
def _group_patterns() -> dict[str, Pattern]:
    rows = read_rows("ligand_library", "functional_groups.csv", GroupRow)
    return {row.name: Pattern(row.smarts) for row in rows}


@lru_cache(maxsize=2)
def _anchor_patterns(*, weak: bool) -> dict[str, tuple[Binding, Pattern]]:
    """By code, the strongest first; ``weak`` has the donors too that do not bind unasked."""
    found: dict[str, tuple[Binding, Pattern]] = {}
    for code, row in anchor_rows().items():
        if weak or binds(code):
            found[code] = "L" if row.binding == "L" else "X", Pattern(row.smarts)
    return found


def anchors_in(mol: Chem.Mol, *, weak: bool = False) -> tuple[Anchor, ...]:
    """Anchors of a molecule, the strongest first; a donor atom counts once.

    ``weak`` adds the donors that do not bind unasked, such as ethers and nitriles.
    """
    elements = elements_of(mol)
    donors: set[int] = set()
    found: list[Anchor] = []
    for code, (binding, pattern) in _anchor_patterns(weak=weak).items():
        for match in pattern.matches(mol, elements):
            if match[0] not in donors:
                donors.add(match[0])
                found.append(Anchor(code=code, binding=binding, atoms=tuple(match)))
    return tuple(found)


def groups_in(mol: Chem.Mol) -> tuple[str, ...]:
    """Functional groups of a molecule, sorted by name."""
    elements = elements_of(mol)
    return tuple(sorted(name for name, pattern in _group_patterns().items() if pattern.is_in(mol, elements)))


#: Groups that name no part of a molecule: what they match is a ring or a chain, or another group's.
_NO_PARTS = frozenset(
    {"alkane_chain", "arene", "fused_arene", "heteroarene", "cation", "conjugated_alkene"}
    | {"nitroxide_precursor", "enol_or_enamine"}
)
#: A part that holds less is not named, and no more than these are.
_LEAST_NAMED, _MOST_NAMED = 0.1, 3
#: Atoms of a benzene ring.
_BENZENE = 6


def carrier_density(smiles: str, process: Process, spins: Sequence[float]) -> CarrierDensity | None:
    """Where a carrier sits, from the one unpaired electron that it brings or leaves.

    Parameters
    ----------
    spins
        Of the atoms in the order of a geometry: heavy atoms as in ``smiles``, hydrogens last.

    Returns
    -------
    CarrierDensity or None
        ``None`` if the shares are not those of this species.
    """
    bearers, parts = _bearers_and_parts(smiles)
    if not bearers or len(spins) != len(bearers):
        return None
    n_heavy = 1 + max(bearers)
    shares = [float(share) for share in spins[:n_heavy]]
    for bearer, spin in zip(bearers[n_heavy:], spins[n_heavy:], strict=True):
        shares[bearer] += float(spin)
    by_name: dict[str, list[float]] = {}
    for name, atoms in parts:
        by_name.setdefault(name, []).append(sum(shares[atom] for atom in atoms))
    ordered = sorted(
        ((f"{name}s" if len(held) > 1 else name, sum(held)) for name, held in by_name.items()),
        key=lambda item: (-item[1], item[0]),
    )
    named = [item for item in ordered if item[1] >= _LEAST_NAMED][:_MOST_NAMED] or ordered[:1]
    return CarrierDensity(
        process=process,
        smiles=smiles,
        shares=tuple(round(share, 3) for share in shares),
        parts=tuple((name, round(share, 3)) for name, share in named),
    )


@lru_cache(maxsize=16)
def _bearers_and_parts(smiles: str) -> tuple[tuple[int, ...], list[tuple[str, list[int]]]]:
    """For each atom the heavy atom that it is or sits on, and the named parts; nothing of no molecule.

    The electron and the hole of a molecule ask for both.
    """
    mol = Chem.MolFromSmiles(smiles)
    if mol is None:
        return (), []
    n_heavy = mol.GetNumAtoms()
    hydrogens = atoms_of(Chem.AddHs(mol))[n_heavy:]
    return (*range(n_heavy), *(atom.GetNeighbors()[0].GetIdx() for atom in hydrogens)), _parts(mol)


class _Parts:
    """The heavy atoms of a molecule, each in one named part at most."""

    def __init__(self) -> None:
        self.items: list[tuple[str, list[int]]] = []
        self._owner: dict[int, int] = {}

    def claim(self, name: str, atoms: Iterable[int]) -> None:
        """Make a part of those that are in none."""
        free = [atom for atom in atoms if atom not in self._owner]
        if free:
            self._owner.update(dict.fromkeys(free, len(self.items)))
            self.items.append((name, free))

    def holds(self, *atoms: int) -> bool:
        """Whether one of them is in a part."""
        return any(atom in self._owner for atom in atoms)

    def join(self, atom: int, neighbour: int) -> None:
        """Put an atom into the part of its neighbour."""
        self._owner[atom] = self._owner[neighbour]
        self.items[self._owner[atom]][1].append(atom)


def _parts(mol: Chem.Mol) -> list[tuple[str, list[int]]]:
    """The heavy atoms of a molecule, each in one part: functional groups, then rings, then chains."""
    found = _Parts()
    for name, atoms in _groups(mol):
        if not found.holds(*atoms):
            found.claim(f"{name.replace('_', ' ')} group", atoms)
    # A terminal atom belongs to the group of its neighbour, as the oxygen of a nitro group does.
    for atom in mol.GetAtoms():
        near = [other.GetIdx() for other in atom.GetNeighbors()]
        is_end = atom.GetAtomicNum() != _CARBON and len(near) == 1
        if is_end and not found.holds(atom.GetIdx()) and found.holds(near[0]):
            found.join(atom.GetIdx(), near[0])
    for ring in _ring_systems(mol):
        found.claim(_ring_name(mol, ring), sorted(ring))
    symbols = [atom.GetSymbol() for atom in mol.GetAtoms()]
    found.claim("carbon skeleton", [index for index, symbol in enumerate(symbols) if symbol == "C"])
    for index, symbol in enumerate(symbols):
        found.claim(f"{symbol} atom", [index])
    return found.items


def _groups(mol: Chem.Mol) -> list[tuple[str, list[int]]]:
    """Functional groups with their atoms, quinones and then the largest first."""
    elements = elements_of(mol)
    found = []
    for name, pattern in _group_patterns().items():
        for match in () if name in _NO_PARTS else pattern.matches(mol, elements):
            # The pattern of a quinone is a carbonyl; what takes the electron is its ring.
            rings = mol.GetRingInfo().AtomRings() if name == "quinone" else ()
            ring = [index for ring in rings if match[0] in ring for index in ring]
            found.append((name, ring or _core(mol, match)))
    return sorted(found, key=lambda item: (item[0] != "quinone", -len(item[1])))


def _core(mol: Chem.Mol, match: Sequence[int]) -> list[int]:
    """The atoms of a group itself: without the ring or the saturated carbon that it sits on."""
    atoms = [mol.GetAtomWithIdx(index) for index in match]
    return [
        atom.GetIdx()
        for atom in atoms
        if not atom.GetIsAromatic()
        and not (atom.GetAtomicNum() == _CARBON and atom.GetHybridization() == Chem.HybridizationType.SP3)
    ]


def _ring_systems(mol: Chem.Mol) -> list[set[int]]:
    """Rings, those joined that share an atom."""
    found: list[set[int]] = []
    for ring in mol.GetRingInfo().AtomRings():
        joined, apart = set(ring), []
        for other in found:
            if other & joined:
                joined |= other
            else:
                apart.append(other)
        found = [*apart, joined]
    return found


def _ring_name(mol: Chem.Mol, atoms: set[int]) -> str:
    held = [mol.GetAtomWithIdx(index) for index in atoms]
    if not all(atom.GetIsAromatic() for atom in held):
        return "ring system" if any(atom.GetIsAromatic() for atom in held) else "ring"
    if any(atom.GetAtomicNum() != _CARBON for atom in held):
        return "heteroarene ring"
    return "benzene ring" if len(held) == _BENZENE else "fused arene"


def scaffold(smiles: str) -> str:
    """The Murcko scaffold of a molecule; the molecule itself if it has no ring.

    G. W. Bemis and M. A. Murcko, J. Med. Chem. 39, 2887 (1996), as implemented in RDKit.
    """
    mol = Chem.MolFromSmiles(smiles)
    return str(Chem.MolToSmiles(Chem.MurckoDecompose(mol))) or str(Chem.MolToSmiles(mol))
