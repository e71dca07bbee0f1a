"""Ligands on the model sites of the reference calculations, as they are drawn.

A site is one metal ion of a dot's surface with anions that complete its valence: formate stands for the
carboxylates of a real surface at the least cost, chloride for a spectator whose own levels lie far out, the
ligand itself (``homoleptic``) leaves no spectator, and ``bridge`` puts it on two ions with formates at once.
Which of them is right for which ligand is a question that only the calculations answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rdkit import Chem

from echemscreen.errors import InputError
from echemscreen.ligands.binding.bonds import bond_class
from echemscreen.ligands.binding.sites import (
    Ligation,
    MetalBond,
    assembled,
    counter_ion,
    protonated,
    species_of,
)
from echemscreen.ligands.groups import anchor_rows
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Molecule, Species

#: Anions that complete the valence of a site; ``homoleptic`` repeats the ligand, ``bridge`` puts it on two
#: acetate sites at once.
SPECTATORS = {"acetate": "CC(=O)[O-]", "chloride": "[Cl-]", "formate": "C(=O)[O-]"}
#: Oxygen, sulphur, selenium.
_CHALCOGENS = (8, 16, 34)
HOMOLEPTIC, BRIDGE, FREE = "homoleptic", "bridge", "free"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundMolecule:
    """A row of ``bound_molecules.csv``: a neutral ligand HX or L and the site that it is put on."""

    name: str
    smiles: str
    chem_class: str
    anchor: str
    """Row of ``anchors.csv`` by which it binds; blank for the best of the molecule."""
    metal: str
    """Symbol of the site's ion; blank for the free ligand."""
    spectator: str
    """One of ``SPECTATORS``, ``homoleptic``, ``bridge``, or ``free``."""
    tasks: str
    """``oxidation``, ``reduction``, ``binding``, joined by ``;``."""
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSite:
    """A ligand on its site, and the parts that the complex is made of."""

    binding: Literal["L", "X", ""]
    anchor: str
    bond_class: str
    complex: Species
    ligand: Species
    site: Species | None
    """The site without the ligand; of an X ligand the site with acetate in its place."""


@lru_cache(maxsize=512)
def drawn(row: BoundMolecule) -> DrawnSite:
    """The species of a row.

    Raises
    ------
    EchemscreenError
        if the ligand cannot be read, has no such anchor, or the site too few valences.
    """
    molecule = parse_smiles(row.smiles, row.name)
    mol = Chem.MolFromSmiles(molecule.canonical_smiles)
    free = species_of(mol)
    if row.spectator == FREE:
        return DrawnSite(binding="", anchor="", bond_class="", complex=free, ligand=free, site=None)
    donor, wanted = _donor(mol, row, molecule)
    binding: Literal["L", "X"] = "L" if anchor_rows()[wanted].binding == "L" else "X"
    ion = counter_ion(row.metal)
    n_left = ion.charge - (binding == "X")
    ligand = Ligation(mol=mol, bonds=(MetalBond(donor=donor, binding=binding),))
    site: Species | None = None
    if row.spectator == HOMOLEPTIC:
        parts = [ligand] * ion.charge
    elif row.spectator == BRIDGE:
        bonds = (
            MetalBond(donor=donor, binding=binding),
            MetalBond(donor=_beside(mol, donor), binding="L", centre=1),
        )
        rest = [*_anions("formate", n_left), *_anions("formate", ion.charge, 1)]
        parts = [Ligation(mol=mol, bonds=bonds), *rest]
        if binding == "X":
            acid = protonated(Chem.MolFromSmiles(SPECTATORS["formate"])).mol
            oxygen = protonated(acid).donors[0]
            native = (
                MetalBond(donor=oxygen, binding="X"),
                MetalBond(donor=_beside(acid, oxygen), binding="L", centre=1),
            )
            site = species_of(assembled(ion.symbol, [Ligation(mol=acid, bonds=native), *rest]))
    else:
        parts = [ligand, *_anions(row.spectator, n_left)]
        site = species_of(assembled(ion.symbol, _anions(row.spectator, ion.charge)))
    return DrawnSite(
        binding=binding,
        anchor=wanted,
        bond_class=bond_class(mol, donor),
        complex=species_of(assembled(ion.symbol, parts)),
        ligand=free,
        site=site,
    )


def _beside(mol: Chem.Mol, donor: int) -> int:
    """What holds the second ion of a bridge: the atom doubly bonded beside the donor, else the donor."""
    for centre in mol.GetAtomWithIdx(donor).GetNeighbors():
        for bond in centre.GetBonds():
            other = bond.GetOtherAtom(centre)
            if bond.GetBondType() == Chem.BondType.DOUBLE and other.GetAtomicNum() in _CHALCOGENS:
                return int(other.GetIdx())
    return donor


def _anions(spectator: str, count: int, centre: int = 0) -> list[Ligation]:
    acid = protonated(Chem.MolFromSmiles(SPECTATORS[spectator]))
    bond = MetalBond(donor=acid.donors[0], binding="X", centre=centre)
    return [Ligation(mol=acid.mol, bonds=(bond,))] * count


def radical_of(row: BoundMolecule) -> Species:
    """The radical X of an acid HX at its donor.

    Raises
    ------
    EchemscreenError
        if the molecule has no such anchor.
    """
    molecule = parse_smiles(row.smiles, row.name)
    radical = Chem.RWMol(Chem.MolFromSmiles(molecule.canonical_smiles))
    atom = radical.GetAtomWithIdx(_donor(radical, row, molecule)[0])
    atom.SetNoImplicit(True)
    atom.SetNumExplicitHs(0)
    atom.SetNumRadicalElectrons(1)
    Chem.SanitizeMol(radical)
    return species_of(radical)


def _donor(mol: Chem.Mol, row: BoundMolecule, molecule: Molecule) -> tuple[int, str]:
    """The donor atom of a row, and the anchor that it belongs to."""
    wanted = row.anchor or (molecule.anchors[0].code if molecule.anchors else "")
    if wanted not in anchor_rows():
        raise InputError(f"{row.name} has no anchor '{wanted}'.", "Name a row of anchors.csv.")
    matches = mol.GetSubstructMatches(Chem.MolFromSmarts(anchor_rows()[wanted].smarts))
    if not matches:
        raise InputError(f"{row.name} has no {wanted}.", "Correct the anchor.")
    return int(matches[0][0]), wanted


def spectator_acid(spectator: str) -> Species:
    """The acid of a site's anion."""
    return species_of(protonated(Chem.MolFromSmiles(SPECTATORS[spectator])).mol)
