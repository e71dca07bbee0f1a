"""How a molecule is judged: by itself, or as it sits on a metal site of the dot.

The covalent bond classification (M. L. H. Green and G. Parkin, J. Chem. Educ. 91, 807 (2014))
names the forms: a neutral donor L on M(OAc)n, an anion X in M(OAc)(n-1)X, a metal salt M(X)n as
acceptor Z. The site model and its spectator are rows of ``site_models.csv``; which group binds is
the ``priority`` of ``anchors.csv``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from typing import Literal

from pymatgen.core.periodic_table import Element
from rdkit import Chem, rdBase

from echemscreen.errors import InputError
from echemscreen.ligands.groups import anchors_in, groups_in
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records import Form, MetalIon, Molecule, Role, Species
from echemscreen.reference_tables import read_rows

Which = Literal["bound", "free", "all"]


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


def judged_units(molecule: Molecule) -> tuple[Molecule, ...]:
    """What is judged separately, in a stable order.

    A molecule is judged as it is; a salt as one homoleptic salt for each metal and anion; an ion
    pair as its ions; a system as its members' units, each once.
    """
    if molecule.kind == "system":
        units = [unit for member in molecule.members for unit in judged_units(member)]
        return tuple({unit.canonical_smiles: unit for unit in units}.values())
    if molecule.kind == "ion_pair":
        return molecule.members
    if molecule.kind == "salt" and len(molecule.metals) * len(molecule.members) > 1:
        return tuple(
            _homoleptic(molecule, metal, anion) for metal in molecule.metals for anion in molecule.members
        )
    return (molecule,)


def forms_of(
    unit: Molecule,
    *,
    site_metal: str,
    site_charge: int,
    which: Which = "bound",
    counter_ions: Sequence[str] = (),
) -> tuple[Form, ...]:
    """The forms of one judged unit on a dot.

    Parameters
    ----------
    unit
        One element of :func:`judged_units`.
    site_metal, site_charge
        Metal of the outermost layer and its oxidation state; a blank metal leaves every molecule
        unbound.
    which
        ``bound`` the form on the dot (a molecule without an anchor as given), ``free`` the molecule
        alone, ``all`` both.
    counter_ions
        Metals of which an X-type ligand is also judged as the free salt.

    Returns
    -------
    tuple of Form
        The default form first. ``free`` of an X-type form and of a salt is the protonated ligand HX.

    Raises
    ------
    InputError
        if a site or counter-ion has no row in ``site_models.csv``.
    """
    with rdBase.BlockLogs():
        if unit.kind == "salt":
            return _salt_forms(unit, which)
        mol = Chem.MolFromSmiles(unit.canonical_smiles)
        site = MetalIon(symbol=site_metal, charge=site_charge) if site_metal else None
        bound = _bound_form(unit, mol, site)
        as_given = _unbound(unit, mol, "as_given" if bound is None else "free")
        forms = {
            "bound": [bound or as_given],
            "free": [as_given],
            "all": [bound, as_given] if bound else [as_given],
        }[which]
        if counter_ions and which != "free" and any(anchor.binding == "X" for anchor in unit.anchors):
            forms += [_salt_form(unit, mol, _counter_ion(symbol)) for symbol in counter_ions]
        return tuple(forms)


# --- forms --------------------------------------------------------------------------------


def _unbound(unit: Molecule, mol: Chem.Mol, role: Role) -> Form:
    return Form(molecule=unit, role=role, free=species_of(mol), groups=groups_in(mol))


def _bound_form(unit: Molecule, mol: Chem.Mol, site: MetalIon | None) -> Form | None:
    if site is None or not unit.anchors or unit.charge > 0:
        return None
    anchor = unit.anchors[0]
    # A zwitterion gives an electron pair and stays neutral: L, though its donor atom is an anion.
    charged = mol.GetAtomWithIdx(anchor.atoms[0]).GetFormalCharge() < 0
    binds_as_l = anchor.binding == "L" or (charged and unit.charge == 0)
    spectator = protonated(Chem.MolFromSmiles(_site_model(site).spectator_smiles))
    if binds_as_l:
        ligand = HydrogenLigand(mol=mol, donors=(anchor.atoms[0],))
        bound = _assembled(site, [spectator] * site.charge, dative=ligand)
    else:
        ligand = protonated(mol)
        bound = _assembled(site, [ligand, *[spectator] * (site.charge - 1)])
    return Form(
        molecule=unit,
        role="bound_L" if binds_as_l else "bound_X",
        free=species_of(ligand.mol),
        bound=species_of(bound),
        site_metal=site.symbol,
        anchor=anchor.code,
        binding="L" if binds_as_l else "X",
        groups=groups_in(ligand.mol),
    )


def _salt_forms(unit: Molecule, which: Which) -> tuple[Form, ...]:
    metal = unit.metals[0]
    if not unit.members:
        # A bare metal ion: its couple is all there is to judge.
        bare = Form(
            molecule=unit,
            role="salt_Z",
            free=species_of(Chem.MolFromSmiles(unit.canonical_smiles)),
            site_metal=metal.symbol,
            binding="Z",
            couple_metals=unit.metals,
        )
        return (bare,)
    anion = Chem.MolFromSmiles(unit.members[0].canonical_smiles)
    salt = _salt_form(unit, anion, metal)
    free = _unbound(unit, protonated(anion).mol, "free")
    return {"bound": (salt,), "free": (free,), "all": (salt, free)}[which]


def _salt_form(unit: Molecule, anion: Chem.Mol, metal: MetalIon) -> Form:
    """M(X)n. A polyanion of the metal's charge chelates it; any other is a monoanion."""
    ligand = protonated(anion)
    n_charges = -Chem.GetFormalCharge(anion)
    bound: Chem.Mol | None
    if not ligand.donors:
        # A weakly coordinating anion, such as BF4-, makes no complex.
        bound = None
    elif 1 < n_charges == metal.charge <= len(ligand.donors):
        chelate = HydrogenLigand(mol=ligand.mol, donors=ligand.donors[:n_charges])
        bound = _assembled(metal, [chelate], n_bonds=n_charges)
    else:
        bound = _assembled(metal, [ligand] * metal.charge)
    anchors = anchors_in(ligand.mol)
    return Form(
        molecule=unit,
        role="salt_Z",
        free=species_of(ligand.mol),
        bound=None if bound is None else species_of(bound),
        site_metal=metal.symbol,
        anchor=anchors[0].code if anchors else "",
        binding="Z",
        groups=groups_in(ligand.mol),
        couple_metals=(metal,),
    )


def _homoleptic(salt: Molecule, metal: MetalIon, anion: Molecule) -> Molecule:
    """The neutral salt of one metal and one anion, in the smallest whole numbers."""
    divisor = gcd(metal.charge, -anion.charge)
    ions = [f"[{metal.symbol}+{metal.charge}]"] * (-anion.charge // divisor)
    ions += [anion.canonical_smiles] * (metal.charge // divisor)
    return parse_smiles(".".join(ions), salt.name, family=salt.family)


# --- chemistry ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HydrogenLigand:
    """A free ligand and the atoms by which it binds, the best first."""

    mol: Chem.Mol
    donors: tuple[int, ...]


def protonated(mol: Chem.Mol) -> HydrogenLigand:
    """The acid HnX of an anion; a neutral acid and a weakly coordinating anion stay as they are.

    Protons go to the anchor's donor atom first, then to the other charged atoms; charges that a
    neighbour's charge balances (nitro, azide) come last.
    """
    wanted = -Chem.GetFormalCharge(mol)
    anchored = tuple(anchor.atoms[0] for anchor in anchors_in(mol) if anchor.binding == "X")
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


def _proton_rank(atom: Chem.Atom, anchored: Sequence[int]) -> tuple[bool, bool, int]:
    balanced = any(neighbour.GetFormalCharge() > 0 for neighbour in atom.GetNeighbors())
    return atom.GetIdx() not in anchored, balanced, atom.GetIdx()


def _assembled(
    metal: MetalIon,
    ligands: Sequence[HydrogenLigand],
    *,
    dative: HydrogenLigand | None = None,
    n_bonds: int = 1,
) -> Chem.Mol:
    """Bind the first ``n_bonds`` donors of each ligand, less their hydrogen, to a metal atom."""
    editable = Chem.RWMol()
    centre = editable.AddAtom(Chem.Atom(metal.symbol))
    editable.GetAtomWithIdx(centre).SetNoImplicit(True)
    for ligand in ligands:
        offset = editable.GetNumAtoms()
        editable.InsertMol(ligand.mol)
        for donor in ligand.donors[:n_bonds]:
            atom = editable.GetAtomWithIdx(offset + donor)
            n_hydrogens = ligand.mol.GetAtomWithIdx(donor).GetTotalNumHs()
            atom.SetNoImplicit(True)
            atom.SetNumExplicitHs(max(0, n_hydrogens - 1))
            editable.AddBond(offset + donor, centre, Chem.BondType.SINGLE)
    if dative is not None:
        offset = editable.GetNumAtoms()
        editable.InsertMol(dative.mol)
        donor = offset + dative.donors[0]
        editable.AddBond(donor, centre, Chem.BondType.DATIVE)
        if Chem.DetectChemistryProblems(editable):
            # RDKit counts a dative bond as a valence of a main-group metal: draw D(+)-M(-) instead.
            editable.RemoveBond(donor, centre)
            editable.AddBond(donor, centre, Chem.BondType.SINGLE)
            for index, change in ((donor, 1), (centre, -1)):
                atom = editable.GetAtomWithIdx(index)
                atom.SetFormalCharge(atom.GetFormalCharge() + change)
            atom = editable.GetAtomWithIdx(donor)
            atom.SetNoImplicit(True)
            atom.SetNumExplicitHs(dative.mol.GetAtomWithIdx(dative.donors[0]).GetTotalNumHs())
    complex_ = editable.GetMol()
    Chem.SanitizeMol(complex_)
    return complex_


def species_of(mol: Chem.Mol) -> Species:
    """Canonical species of a molecule, in the lowest spin its electron count allows."""
    # Written twice: explicit hydrogens kept on a bound donor would else differ from a fresh reading.
    smiles = str(Chem.MolToSmiles(Chem.MolFromSmiles(Chem.MolToSmiles(mol))))
    charge = int(Chem.GetFormalCharge(mol))
    electrons = sum(atom.GetAtomicNum() + atom.GetTotalNumHs() for atom in mol.GetAtoms()) - charge
    return Species(smiles=smiles, charge=charge, n_unpaired=electrons % 2)


def _site_model(site: MetalIon) -> SiteModel:
    model = site_models().get(site)
    if model is None:
        raise InputError(
            f"There is no site model for {site.symbol}{site.charge}+.",
            "Add a row to ligand_library/site_models.csv or judge the free form.",
        )
    return model


def _counter_ion(symbol: str) -> MetalIon:
    known = [ion for ion in site_models() if ion.symbol == symbol.strip()]
    if not known:
        names = ", ".join(sorted({ion.symbol for ion in site_models()}))
        raise InputError(f"There is no counter-ion '{symbol}'.", f"Known: {names}.")
    common = Element(known[0].symbol).common_oxidation_states
    return next((ion for ion in known if ion.charge in common), known[0])
