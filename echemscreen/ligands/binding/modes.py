"""Every way in which a molecule can hold on to a metal: by which anchors, and on how many sites.

- *Monodentate*: one donor atom. Of an anchor that does not bind unasked (``default`` no) the first
  donor of its kind stands for the others.
- *Chelating*: two donors on one site that close a ring of five to seven atoms with the metal. Five
  and six are the stable sizes (R. D. Hancock, J. Chem. Educ. 69, 615 (1992)); seven still binds
  better than its parts do: tetramethylbutane-1,4-diamine stands above the monodentate
  tributylamine and dimethylbutylamine in displacing carboxylates from dots (N. C. Anderson et al.,
  J. Am. Chem. Soc. 135, 18536 (2013)). A path along two bonds of an aromatic ring, a triple bond or
  across an E double bond cannot close. A four-ring, as of a carboxylate by both oxygens, is not a
  mode of its own: the relaxation closes it from the monodentate drawing.
- *Bridging*: an X donor and the doubly bonded chalcogen beside it on two sites (the carboxylate's
  mu-1,3), or two anchors of one kind on a site each (a dithiol, a diacid, a diamine).

An ambidentate anion (thiocyanate, a tetrazolate) is taken in its other resonance structures too. Modes
that draw the same bonds are one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Literal

from pymatgen.core.periodic_table import Element
from rdkit import Chem, rdBase

from echemscreen.ligands.binding.sites import Ligation, MetalBond, assembled, protonated
from echemscreen.ligands.groups import anchor_rows, anchors_in, binds
from echemscreen.records.molecules import Molecule

Mode = Literal["monodentate", "chelating", "bridging"]

#: Atoms of a chelate ring, the metal counted.
CHELATE_RING_SIZES = range(5, 8)
#: Anchors of one kind closer than this (bonds) are one group, such as the oxygens of a phosphonate.
_APART = 3
_MAX_RESONANCE_STRUCTURES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingMode:
    """One way of binding: the anchors taking part, the class of the bound ligand, the drawing."""

    anchors: tuple[str, ...]
    """Codes of ``anchors.csv``, the strongest first."""
    binding: Literal["L", "X"]
    mode: Mode
    default: bool
    """Whether each anchor binds unasked."""

    @property
    def anchor(self) -> str:
        """The anchors in one word, such as ``thiol+carboxylic_acid``."""
        return "+".join(self.anchors)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnMode:
    """A mode and the ligand that it is drawn with."""

    mode: BindingMode
    ligand: Ligation


def binding_modes(molecule: Molecule) -> tuple[BindingMode, ...]:
    """How a molecule can bind, the default first; of a salt, how its anions can. No site is needed.

    A cation and a molecule without donors have none.
    """
    if molecule.members:
        found = [mode for member in molecule.members for mode in binding_modes(member)]
        return tuple(dict.fromkeys(found))
    if molecule.charge > 0 or molecule.kind != "molecule":
        return ()
    with rdBase.BlockLogs():
        drawn = drawn_modes(Chem.MolFromSmiles(molecule.canonical_smiles))
    return tuple(dict.fromkeys(item.mode for item in drawn))


def drawn_modes(mol: Chem.Mol) -> tuple[DrawnMode, ...]:
    """The modes of one molecule or anion, each drawn once, the default first."""
    found = {str(Chem.MolToSmiles(assembled("*", [item.ligand]))): item for item in _modes_of(mol)}
    drawn = list(found.values())
    seen = {_connectivity(item) for item in drawn}
    for item in _modes_of_resonance(mol):
        bound_by = _connectivity(item)
        if bound_by not in seen:
            seen.add(bound_by)
            drawn.append(item)
    order = {"monodentate": 0, "chelating": 1, "bridging": 2}
    return tuple(sorted(drawn, key=lambda item: order[item.mode.mode]))


def _modes_of_resonance(mol: Chem.Mol) -> Iterator[DrawnMode]:
    """X modes of an anion by the atoms on which its charge is not drawn."""
    if Chem.GetFormalCharge(mol) >= 0:
        return
    for structure in Chem.ResonanceMolSupplier(mol, 0, _MAX_RESONANCE_STRUCTURES):
        drawing = Chem.Mol(structure)
        Chem.SanitizeMol(drawing)
        for item in _modes_of(drawing):
            if all(anchor_rows()[code].binding == "X" for code in item.mode.anchors):
                yield item


def _connectivity(item: DrawnMode) -> tuple[str, str]:
    """Which atoms are bound, whatever the bond orders and charges of the drawing."""
    bare = Chem.RWMol()
    for atom in item.ligand.mol.GetAtoms():
        bare.AddAtom(Chem.Atom(atom.GetAtomicNum()))
    for bond in item.ligand.mol.GetBonds():
        bare.AddBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), Chem.BondType.SINGLE)
    for metal_bond in item.ligand.bonds:
        bare.GetAtomWithIdx(metal_bond.donor).SetAtomMapNum(1 + metal_bond.centre)
    for atom in bare.GetAtoms():
        atom.SetNoImplicit(True)
    return item.mode.binding, str(Chem.MolToSmiles(bare))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Donor:
    """An anchor's donor atom and what it does in this molecule."""

    atom: int
    code: str
    binding: Literal["L", "X"]
    default: bool


def _modes_of(mol: Chem.Mol) -> Iterator[DrawnMode]:
    acid = protonated(mol).mol
    donors = _donors(mol, acid)
    for index, donor in enumerate(donors):
        if donor.default or donor.code not in {other.code for other in donors[:index]}:
            yield _drawn(acid, "monodentate", (donor, 0))
    for first, second in combinations(donors, 2):
        # Two weak donors hold on together only as a dianion, such as that of catechol.
        strong = first.default or second.default or first.binding == second.binding == "X"
        if strong and _closes_ring(acid, first.atom, second.atom):
            yield _drawn(acid, "chelating", (first, 0), (second, 0))
    for donor in donors:
        beside = _doubly_bonded_beside(acid, donor.atom)
        if donor.default and donor.binding == "X" and beside is not None:
            bridge = MetalBond(donor=beside, binding="L", centre=1)
            yield _drawn(acid, "bridging", (donor, 0), bridge=bridge)
    for first, second in combinations(donors, 2):
        alike = first.code == second.code and first.default
        if alike and len(_path(acid, first.atom, second.atom)) > _APART:
            yield _drawn(acid, "bridging", (first, 0), (second, 1))


def _donors(mol: Chem.Mol, acid: Chem.Mol) -> list[_Donor]:
    """The donors of a molecule that can bind, the strongest first."""
    betaine = Chem.GetFormalCharge(mol) == 0
    found = []
    for anchor in anchors_in(mol, weak=True):
        atom = anchor.atoms[0]
        # A betaine gives an electron pair and stays neutral: L, though its donor is an anion.
        as_l = anchor.binding == "L" or (betaine and mol.GetAtomWithIdx(atom).GetFormalCharge() < 0)
        # An X donor without a proton to give up belongs to a weakly coordinating anion.
        if as_l or acid.GetAtomWithIdx(atom).GetTotalNumHs() > 0:
            default = binds(anchor.code)
            found.append(_Donor(atom=atom, code=anchor.code, binding="L" if as_l else "X", default=default))
    return found


def _drawn(
    acid: Chem.Mol, mode: Mode, *placed: tuple[_Donor, int], bridge: MetalBond | None = None
) -> DrawnMode:
    """A mode of donors on their sites; ``bridge`` is a further bond of the first donor's group."""
    bonds = tuple(MetalBond(donor=donor.atom, binding=donor.binding, centre=at) for donor, at in placed)
    return DrawnMode(
        mode=BindingMode(
            anchors=tuple(donor.code for donor, _ in placed),
            binding="X" if any(donor.binding == "X" for donor, _ in placed) else "L",
            mode=mode,
            default=all(donor.default for donor, _ in placed),
        ),
        ligand=Ligation(mol=acid, bonds=bonds if bridge is None else (*bonds, bridge)),
    )


# --- geometry of the drawing --------------------------------------------------------------


def _path(mol: Chem.Mol, first: int, second: int) -> tuple[int, ...]:
    return tuple(Chem.GetShortestPath(mol, first, second))


def _closes_ring(mol: Chem.Mol, first: int, second: int) -> bool:
    """Whether two donors can reach one metal atom."""
    path = _path(mol, first, second)
    if len(path) + 1 not in CHELATE_RING_SIZES:
        return False
    bonds = [mol.GetBondBetweenAtoms(*ends).GetIdx() for ends in pairwise(path)]
    if any(mol.GetBondWithIdx(bond).GetBondType() == Chem.BondType.TRIPLE for bond in bonds):
        return False
    rings = [
        set(ring)
        for ring in mol.GetRingInfo().BondRings()
        if all(mol.GetBondWithIdx(bond).GetIsAromatic() for bond in ring)
    ]
    # Beyond ortho, the two sides of an aromatic ring point apart.
    if any(len(ring.intersection(bonds)) > 1 for ring in rings):
        return False
    return not any(_across_e(mol.GetBondWithIdx(bond), path) for bond in bonds)


def _across_e(bond: Chem.Bond, path: tuple[int, ...]) -> bool:
    """Whether the path leaves a double bond on the side opposite to where it came from."""
    stereo = bond.GetStereo()
    if stereo not in (
        Chem.BondStereo.STEREOE,
        Chem.BondStereo.STEREOZ,
        Chem.BondStereo.STEREOCIS,
        Chem.BondStereo.STEREOTRANS,
    ):
        return False
    on_path = sum(atom in path for atom in bond.GetStereoAtoms())
    apart = stereo in (Chem.BondStereo.STEREOE, Chem.BondStereo.STEREOTRANS)
    # One reference atom off the path turns the descriptor round.
    return apart if on_path != 1 else not apart


def _doubly_bonded_beside(mol: Chem.Mol, donor: int) -> int | None:
    """The terminal chalcogen doubly bonded to the atom that carries the donor."""
    for centre in mol.GetAtomWithIdx(donor).GetNeighbors():
        for bond in centre.GetBonds():
            other = bond.GetOtherAtom(centre)
            double = bond.GetBondType() == Chem.BondType.DOUBLE
            chalcogen = Element.from_Z(other.GetAtomicNum()).is_chalcogen
            if double and chalcogen and other.GetDegree() == 1:
                return int(other.GetIdx())
    return None
