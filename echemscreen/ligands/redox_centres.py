"""Equal redox centres of one molecule: the arms of a crosslinker, of which one takes the charge.

Centres that saturated carbon keeps apart take electrons independently: the first one arrives at the
potential of a single centre plus (RT/F) ln n, for it has n places to go (J. B. Flanagan, S. Margel,
A. J. Bard and F. C. Anson, J. Am. Chem. Soc. 100, 4248 (1978)). A tight-binding or density-functional
ion instead spreads its charge evenly over equal centres, however far apart, and the self-interaction
error makes that too favourable: of two phenyl(trifluoromethyl)diazirines on a CH2-CH2 link GFN2-xTB
says half a volt more than of one. Hence a molecule of equal centres is computed centre by centre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from rdkit import Chem, rdBase

from echemscreen.ligands.atoms import atoms_of
from echemscreen.ligands.binding.sites import species_of
from echemscreen.ligands.groups import groups_in
from echemscreen.records.molecules import Species

#: Saturated carbons kept between a centre and a cut; the third one out no longer counts.
KEPT_CARBONS = 2
_CARBON, _OXYGEN, _FLUORINE = 6, 8, 9
#: Fluorines from which a removed carbon leaves a fluorine behind and not a hydrogen.
_PERFLUORINATED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RedoxCentre:
    """A model of one centre, cut from the molecule and capped, and how often the molecule has it."""

    species: Species
    count: int
    groups: tuple[str, ...]
    """Functional groups of the model."""


def equal_centres(species: Species) -> tuple[RedoxCentre, ...]:
    """The different centres of a molecule that has at least two equal ones; else nothing.

    A centre is a connected set of unsaturated atoms, the rings that they are in and the heteroatoms
    between them; saturated carbon outside such rings separates centres. Cuts are capped with
    hydrogen, with fluorine where a perfluorinated carbon was removed, with methyl on a heteroatom.

    Parameters
    ----------
    species
        One molecule; a charged one has no equal centres here, because its charge sits somewhere, nor has
        a sandwich complex, whose rings are no molecules.

    Returns
    -------
    tuple of RedoxCentre
        In the order of their SMILES, so that atom order does not matter.
    """
    if species.charge != 0 or species.n_unpaired or "." in species.smiles:
        return ()
    with rdBase.BlockLogs():
        return _equal_centres(Chem.MolFromSmiles(species.smiles))


def _equal_centres(mol: Chem.Mol) -> tuple[RedoxCentre, ...]:
    centres = _centres(mol)
    if len(centres) < 2:  # noqa: PLR2004 - one centre has no equal
        return ()
    counts = Counter(_model(mol, centre, centres) for centre in centres)
    if None in counts or max(counts.values()) == 1:
        return ()
    return tuple(
        _centre_of(smiles, count)
        for smiles, count in sorted((str(smiles), count) for smiles, count in counts.items())
    )


def _centre_of(smiles: str, count: int) -> RedoxCentre:
    mol = Chem.MolFromSmiles(smiles)
    return RedoxCentre(species=species_of(mol), count=count, groups=groups_in(mol))


def _core_atoms(mol: Chem.Mol) -> frozenset[int]:
    """Atoms that belong to some centre, or join two parts of one.

    Unsaturated atoms, their rings, heteroatoms (but fluorine and the oxygen of alcohols and dialkyl
    ethers, which are substituents), and the saturated carbon between a heteroatom and another such
    atom: a benzylic chloride is one centre.
    """
    unsaturated = {atom.GetIdx() for atom in atoms_of(mol) if _is_unsaturated(atom)}
    rings = [ring for ring in mol.GetRingInfo().AtomRings() if unsaturated.intersection(ring)]
    heteroatoms = {atom.GetIdx() for atom in atoms_of(mol) if _is_heteroatom(atom)}
    core = unsaturated.union(heteroatoms, *rings)
    between = []
    for atom in atoms_of(mol):
        neighbours = {neighbour.GetIdx() for neighbour in atom.GetNeighbors()} & core
        if atom.GetIdx() not in core and len(neighbours) > 1 and neighbours & heteroatoms:
            between.append(atom.GetIdx())
    return frozenset(core.union(between))


def _is_unsaturated(atom: Chem.Atom) -> bool:
    return any(bond.GetBondType() != Chem.BondType.SINGLE for bond in atom.GetBonds())


def _is_heteroatom(atom: Chem.Atom) -> bool:
    if atom.GetAtomicNum() == _OXYGEN:
        # Of an ester, an aryl ether or a peroxide, not of an alcohol or a dialkyl ether.
        return atom.GetDegree() > 1 and any(
            _is_unsaturated(a) or a.GetAtomicNum() == _OXYGEN for a in atom.GetNeighbors()
        )
    return atom.GetAtomicNum() not in {_CARBON, _FLUORINE}


def _centres(mol: Chem.Mol) -> list[frozenset[int]]:
    """The sets of bonded core atoms; a lone ether is none."""
    left, found = set(_core_atoms(mol)), []
    core = frozenset(left)
    while left:
        member, border = set(), {min(left)}
        while border:
            member |= border
            border = (_neighbours(mol, border) & core) - member
        left -= member
        atoms = [mol.GetAtomWithIdx(index) for index in member]
        if any(_is_unsaturated(a) or a.GetAtomicNum() not in {_CARBON, _OXYGEN} for a in atoms):
            found.append(frozenset(member))
    return found


def _model(mol: Chem.Mol, centre: frozenset[int], centres: Iterable[frozenset[int]]) -> str | None:
    """The capped centre as SMILES; ``None`` if the cut leaves no molecule."""
    kept = _within_reach(mol, centre, frozenset().union(*centres) - centre)
    editable = Chem.RWMol(mol)
    for index in sorted(kept):
        for neighbour in mol.GetAtomWithIdx(index).GetNeighbors():
            if neighbour.GetIdx() not in kept:
                cap = editable.AddAtom(Chem.Atom(_cap(mol.GetAtomWithIdx(index), neighbour)))
                editable.AddBond(index, cap, Chem.BondType.SINGLE)
    for index in sorted(set(range(mol.GetNumAtoms())) - kept, reverse=True):
        editable.RemoveAtom(index)
    capped = editable.GetMol()
    if Chem.SanitizeMol(capped, catchErrors=True) != Chem.SanitizeFlags.SANITIZE_NONE:
        return None
    model = Chem.RemoveHs(capped)
    # A cut may take away what made an atom a stereocentre.
    Chem.AssignStereochemistry(model, cleanIt=True, force=True)
    return str(Chem.MolToSmiles(model))


def _within_reach(mol: Chem.Mol, centre: frozenset[int], others: frozenset[int]) -> set[int]:
    """The centre with ``KEPT_CARBONS`` shells of saturated carbon and the heteroatoms on them."""
    kept, shell = set(centre), set(centre)
    for _ in range(KEPT_CARBONS):
        shell = _neighbours(mol, shell) - kept - others
        carried = {
            index
            for index in _neighbours(mol, shell) - kept - others
            if mol.GetAtomWithIdx(index).GetAtomicNum() != _CARBON
        }
        kept |= shell | carried
    return kept


def _neighbours(mol: Chem.Mol, atoms: Iterable[int]) -> set[int]:
    return {a.GetIdx() for index in atoms for a in mol.GetAtomWithIdx(index).GetNeighbors()}


def _cap(kept: Chem.Atom, removed: Chem.Atom) -> int:
    """Atomic number of what replaces a removed atom: an ether stays an ether."""
    if kept.GetAtomicNum() != _CARBON:
        return _CARBON
    fluorines = sum(a.GetAtomicNum() == _FLUORINE for a in removed.GetNeighbors())
    return _FLUORINE if removed.GetAtomicNum() == _CARBON and fluorines >= _PERFLUORINATED else 1
