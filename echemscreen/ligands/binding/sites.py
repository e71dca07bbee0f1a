"""The metal site on which a ligand is judged, and how a ligand is put on it.

The site is one metal ion of the dot's outermost layer with the carboxylates that complete its
valence, M(OAc)n: what binds to a chalcogenide dot and leaves it again is this unit, L-M(O2CR)2
(N. C. Anderson, M. P. Hendricks, J. J. Choi and J. S. Owen, J. Am. Chem. Soc. 135, 18536 (2013)).
A larger model cut from the lattice would bring dangling bonds, whose levels lie in the gap, and
would make each ligand dearer than its verdict is worth; the dot's own levels come from its
measured edges, never from the site. Nor are lattice distances forced on it: a surface ion is
undercoordinated, a carboxylate's M-O is no M-S, and the relaxation finds both. The metal and its
oxidation state come from the layer's composition. A bridging ligand gets two such sites.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from pymatgen.core.periodic_table import Element
from rdkit import Chem

from echemscreen.errors import InputError
from echemscreen.ligands.atoms import atoms_of
from echemscreen.ligands.groups import anchors_in
from echemscreen.records.molecules import Anchor, MetalIon, Species
from echemscreen.reference_tables import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteModel:
    """A row of ``site_models.csv``: the anion that completes the valence of a metal site."""

    metal: str
    charge: int
    spectator_smiles: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def site_models() -> dict[MetalIon, SiteModel]:
    """The modelled sites by metal ion, in file order."""
    rows = read_rows("ligand_library", "site_models.csv", SiteModel)
    return {MetalIon(symbol=row.metal, charge=row.charge): row for row in rows}


def site_model(site: MetalIon) -> SiteModel:
    """The model of a site.

    Raises
    ------
    InputError
        if ``site_models.csv`` has no such row.
    """
    model = site_models().get(site)
    if model is None:
        raise InputError(
            f"There is no site model for {site.symbol}{site.charge}+.",
            "Add a row to ligand_library/site_models.csv or judge the free form.",
        )
    return model


def counter_ion(symbol: str) -> MetalIon:
    """The common ion of a metal, by its symbol.

    Raises
    ------
    InputError
        if ``site_models.csv`` does not have the metal.
    """
    known = [ion for ion in site_models() if ion.symbol == symbol.strip()]
    if not known:
        names = ", ".join(sorted({ion.symbol for ion in site_models()}))
        raise InputError(f"There is no counter-ion '{symbol}'.", f"Known: {names}.")
    common = Element(known[0].symbol).common_oxidation_states
    return next((ion for ion in known if ion.charge in common), known[0])


# --- the free acid ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HydrogenLigand:
    """A free ligand and the atoms by which it binds, the best first."""

    mol: Chem.Mol
    donors: tuple[int, ...]


def protonated(mol: Chem.Mol, anchors: Sequence[Anchor] | None = None) -> HydrogenLigand:
    """The acid HnX of an anion; a neutral acid and a weakly coordinating anion stay as they are.

    Protons go to the anchors' donor atoms first, the strongest anchor's before the others', then to
    the other charged atoms; charges that a neighbour's charge balances (nitro, azide) come last.
    Atoms keep their indices; ``anchors`` are those of the molecule where they are known already.
    """
    wanted = -Chem.GetFormalCharge(mol)
    known = anchors_in(mol) if anchors is None else anchors
    anchored = tuple(anchor.atoms[0] for anchor in known if anchor.binding == "X")
    if wanted <= 0:
        return HydrogenLigand(mol=mol, donors=anchored)
    editable = Chem.RWMol(mol)
    donors: list[int] = []
    for _ in range(wanted):
        candidates = [atom for atom in editable.GetAtoms() if _takes_proton(atom)]
        if not candidates:
            return HydrogenLigand(mol=mol, donors=())
        best = min(candidates, key=lambda atom: _proton_rank(atom, anchored))
        best.SetFormalCharge(best.GetFormalCharge() + 1)
        best.SetNoImplicit(True)
        best.SetNumExplicitHs(best.GetTotalNumHs() + 1)
        editable.UpdatePropertyCache()
        if best.GetIdx() not in donors:
            donors.append(best.GetIdx())
    acid = editable.GetMol()
    Chem.SanitizeMol(acid)
    return HydrogenLigand(mol=acid, donors=tuple(donors))


def _takes_proton(atom: Chem.Atom) -> bool:
    # A negative main-group atom with a lone pair; B in BF4- and P in PF6- have none.
    if atom.GetFormalCharge() >= 0 or Element.from_Z(atom.GetAtomicNum()).is_metal:
        return False
    outer = Chem.GetPeriodicTable().GetNOuterElecs(atom.GetAtomicNum()) - atom.GetFormalCharge()
    return bool(outer - atom.GetTotalValence() > 1)


def _proton_rank(atom: Chem.Atom, anchored: Sequence[int]) -> tuple[int, bool, int]:
    balanced = any(neighbour.GetFormalCharge() > 0 for neighbour in atom.GetNeighbors())
    index = atom.GetIdx()
    return anchored.index(index) if index in anchored else len(anchored), balanced, index


# --- the complex --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalBond:
    """A bond of a ligand's donor atom: ``X`` replaces a hydrogen, ``L`` is dative."""

    donor: int
    binding: Literal["L", "X"]
    centre: int = 0
    """Which of the sites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ligation:
    """A ligand and the bonds by which it sits on the metal."""

    mol: Chem.Mol
    bonds: tuple[MetalBond, ...]


def on_site(site: MetalIon, ligand: Ligation) -> Chem.Mol | None:
    """The ligand on as many M(OAc)n sites as it has centres; ``None`` if it needs more valences."""
    spectator = _spectator(site)
    ligations = [ligand]
    n_centres = 1 + max(bond.centre for bond in ligand.bonds)
    for centre in range(n_centres):
        taken = sum(bond.centre == centre and bond.binding == "X" for bond in ligand.bonds)
        if taken > site.charge:
            return None
        bond = MetalBond(donor=spectator.donors[0], binding="X", centre=centre)
        ligations += [Ligation(mol=spectator.mol, bonds=(bond,))] * (site.charge - taken)
    return assembled(site.symbol, ligations)


@lru_cache(maxsize=64)
def _spectator(site: MetalIon) -> HydrogenLigand:
    """The acid whose anions fill the other valences of a site."""
    return protonated(Chem.MolFromSmiles(site_model(site).spectator_smiles))


def assembled(symbol: str, ligations: Sequence[Ligation]) -> Chem.Mol:
    """Bind ligands to metal atoms, the X donors less their hydrogen.

    ``symbol`` may be ``*``, which draws the bonds without saying on what.
    """
    editable = Chem.RWMol()
    n_centres = 1 + max(bond.centre for ligation in ligations for bond in ligation.bonds)
    for centre in range(n_centres):
        editable.AddAtom(Chem.Atom(symbol))
        editable.GetAtomWithIdx(centre).SetNoImplicit(True)
    dative: list[tuple[int, int]] = []
    for ligation in ligations:
        offset = editable.GetNumAtoms()
        editable.InsertMol(ligation.mol)
        for bond in ligation.bonds:
            donor = offset + bond.donor
            if bond.binding == "L":
                dative.append((donor, bond.centre))
                continue
            atom = editable.GetAtomWithIdx(donor)
            n_hydrogens = ligation.mol.GetAtomWithIdx(bond.donor).GetTotalNumHs()
            atom.SetNoImplicit(True)
            atom.SetNumExplicitHs(max(0, n_hydrogens - 1))
            editable.AddBond(donor, bond.centre, Chem.BondType.SINGLE)
    for donor, centre in dative:
        _add_dative(editable, donor, centre)
    complex_ = editable.GetMol()
    Chem.SanitizeMol(complex_)
    return complex_


def _add_dative(editable: Chem.RWMol, donor: int, centre: int) -> None:
    editable.UpdatePropertyCache(strict=False)
    n_hydrogens = editable.GetAtomWithIdx(donor).GetTotalNumHs()
    editable.AddBond(donor, centre, Chem.BondType.DATIVE)
    if not Chem.DetectChemistryProblems(editable):
        return
    # RDKit counts a dative bond as a valence of a main-group metal: draw D(+)-M(-) instead.
    editable.RemoveBond(donor, centre)
    editable.AddBond(donor, centre, Chem.BondType.SINGLE)
    for index, change in ((donor, 1), (centre, -1)):
        atom = editable.GetAtomWithIdx(index)
        atom.SetFormalCharge(atom.GetFormalCharge() + change)
    atom = editable.GetAtomWithIdx(donor)
    atom.SetNoImplicit(True)
    atom.SetNumExplicitHs(n_hydrogens)


def species_of(mol: Chem.Mol) -> Species:
    """Canonical species of a molecule, in the lowest spin its electron count allows."""
    # Written twice: explicit hydrogens kept on a bound donor would else differ from a fresh reading.
    smiles = str(Chem.MolToSmiles(Chem.MolFromSmiles(Chem.MolToSmiles(mol))))
    charge = int(Chem.GetFormalCharge(mol))
    electrons = sum(atom.GetAtomicNum() + atom.GetTotalNumHs() for atom in atoms_of(mol)) - charge
    return Species(smiles=smiles, charge=charge, n_unpaired=electrons % 2)
