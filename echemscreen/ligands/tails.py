"""Spectator tails: the carbon of a long alkyl chain beyond the reach of the head group is left out.

A saturated chain screens within a few bonds: the inductive effect falls by a factor of two to three
with every carbon (R. W. Taft, in Steric Effects in Organic Chemistry, Wiley, New York 1956, chapter
13), which is why calculations take acetate for oleate. Hence the saturated carbon of every open end
that is more than ``KEPT_CARBONS`` bonds from the nearest heteroatom or unsaturated carbon is left
out; hydrogen takes its place. Spacers between two such atoms and rings stay whole. Homologues then
are one species and share one calculation.

Whole, a chain is not computed better. Where the head takes the hole, density-functional theory leaves it
there, and six carbons are within 0.03 V of ten; GFN2-xTB spreads it over as much chain as there is, and
lowers E_ox by 0.1 V and more. Where the chain is easier to oxidise than the head, as in an acid, the level
falls with its length, but beyond +2.5 V vs SHE, mostly where a bound is given.
``tests/benchmarks/tails.py`` prints both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from rdkit import Chem, rdBase

from echemscreen.ligands.atoms import atoms_of
from echemscreen.records.molecules import Form, Species

#: Bonds between the last carbon kept and the nearest atom that is no saturated carbon.
KEPT_CARBONS = 6
_CARBON = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortTailed:
    """A form whose species have short tails, and the words that tell what was done."""

    form: Form
    note: str = ""
    """``tail shortened to ...``; blank if nothing was left out."""


def short_tailed(form: Form, *, kept: int = KEPT_CARBONS) -> ShortTailed:
    """The form with the tails of its free and its bound species shortened alike.

    The molecule, its groups and its couples stay: they are what is judged.
    """
    free = without_tails(form.free, kept=kept)
    if free == form.free:
        # On a site every atom is as near to a heteroatom, or nearer.
        return ShortTailed(form=form)
    bound = None if form.bound is None else without_tails(form.bound, kept=kept)
    return ShortTailed(form=replace(form, free=free, bound=bound), note=f"tail shortened to {free.smiles}")


def without_tails(species: Species, *, kept: int = KEPT_CARBONS) -> Species:
    """The species with its tails cut to ``kept`` carbons; itself if it has none that long.

    A molecule without any heteroatom or unsaturated carbon has no head and stays whole. Charge
    and spin are those of the species: a cut takes whole CH2 units.
    """
    if sum(map(str.isalpha, species.smiles)) <= kept + 1:
        # Too few atoms for a head, the carbons kept and one more.
        return species
    with rdBase.BlockLogs():
        mol = Chem.MolFromSmiles(species.smiles)
        spare = spare_atoms(mol, kept)
        if not spare:
            return species
        editable = Chem.RWMol(mol)
        for index in spare:
            for neighbour in mol.GetAtomWithIdx(index).GetNeighbors():
                if neighbour.GetIdx() not in spare:
                    # Its hydrogens are counted anew; a stereocentre may have lost what made it one.
                    end = editable.GetAtomWithIdx(neighbour.GetIdx())
                    end.SetNoImplicit(False)
                    end.SetNumExplicitHs(0)
        for index in sorted(spare, reverse=True):
            editable.RemoveAtom(index)
        model = editable.GetMol()
        Chem.SanitizeMol(model)
        Chem.AssignStereochemistry(model, cleanIt=True, force=True)
        # Written twice, as ``species_of`` does, so that equal models have equal SMILES.
        return replace(species, smiles=str(Chem.MolToSmiles(Chem.MolFromSmiles(Chem.MolToSmiles(model)))))


def spare_atoms(mol: Chem.Mol, kept: int) -> frozenset[int]:
    """Indices of the saturated carbon beyond the reach of every head, hung on a single atom of the rest."""
    heads = [atom.GetIdx() for atom in atoms_of(mol) if not _is_saturated_carbon(atom)]
    if not heads:
        return frozenset()
    distances = Chem.GetDistanceMatrix(mol)[heads].min(axis=0)
    left = {
        atom.GetIdx()
        for atom in atoms_of(mol)
        if distances[atom.GetIdx()] > kept and not atom.IsInRing() and atom.GetIsotope() == 0
    }
    spare: set[int] = set()
    while left:
        part, border = set(), {min(left)}
        while border:
            part |= border
            border = (_neighbours(mol, border) & left) - part
        left -= part
        # A spacer hangs on two atoms, and a bridge must stay.
        if len(_neighbours(mol, part) - part) == 1:
            spare |= part
    return frozenset(spare)


def _neighbours(mol: Chem.Mol, atoms: Iterable[int]) -> set[int]:
    return {a.GetIdx() for index in atoms for a in mol.GetAtomWithIdx(index).GetNeighbors()}


def _is_saturated_carbon(atom: Chem.Atom) -> bool:
    return (
        atom.GetAtomicNum() == _CARBON
        and atom.GetFormalCharge() == 0
        and atom.GetNumRadicalElectrons() == 0
        and all(bond.GetBondType() == Chem.BondType.SINGLE for bond in atom.GetBonds())
    )
