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
from typing import Literal

from pymatgen.core.periodic_table import Element
from rdkit import Chem, rdBase

from echemscreen.errors import InputError
from echemscreen.ligands.groups import anchors_in, groups_in
from echemscreen.ligands.standardise import is_metal
from echemscreen.records import Anchor, Form, MetalIon, Molecule, Role, Species
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
        ions = [_counter_ion(symbol) for symbol in counter_ions]
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
        anchor = next((anchor for anchor in unit.anchors if anchor.binding == "X"), None)
        if anchor is not None and unit.charge <= 0 and which != "free":
            acid = protonated(mol)
            forms += [_salt_form(unit, acid, ion) for ion in ions]
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
    model = _site_model(site)
    spectator = protonated(Chem.MolFromSmiles(model.spectator_smiles))
    free = mol if binds_as_l else protonated(mol)
    donor = _donor_after(free, mol, anchor, binds_as_l=binds_as_l)
    if binds_as_l:
        bound = assemble(site, [(spectator, donor_of(spectator))] * site.charge, dative=(free, donor))
    else:
        others = [(spectator, donor_of(spectator))] * (site.charge - 1)
        bound = assemble(site, [(free, donor), *others])
    return Form(
        molecule=unit,
        role="bound_L" if binds_as_l else "bound_X",
        free=species_of(free),
        bound=species_of(bound),
        site_metal=site.symbol,
        anchor=anchor.code,
        binding="L" if binds_as_l else "X",
        groups=groups_in(free),
    )


def _salt_forms(unit: Molecule, which: Which) -> tuple[Form, ...]:
    metal = unit.metals[0]
    if not unit.members:
        # A bare metal ion: its couple is all there is to judge.
        ion = Species(smiles=unit.canonical_smiles, charge=unit.charge, n_unpaired=unpaired_of_ion(metal))
        return (
            Form(
                molecule=unit,
                role="salt_Z",
                free=ion,
                site_metal=metal.symbol,
                binding="Z",
                couple_metals=unit.metals,
            ),
        )
    acid = protonated(Chem.MolFromSmiles(unit.members[0].canonical_smiles))
    salt = _salt_form(unit, acid, metal, anion=Chem.MolFromSmiles(unit.members[0].canonical_smiles))
    free = _unbound(unit, acid, "free")
    return {"bound": (salt,), "free": (free,), "all": (salt, free)}[which]


def _salt_form(unit: Molecule, acid: Chem.Mol, metal: MetalIon, anion: Chem.Mol | None = None) -> Form:
    """M(X)n; ``anion`` tells the charge that X carries, minus one if it is not given."""
    free = acid
    bound: Chem.Mol | None
    donors = _acid_donors(acid)
    wanted = -Chem.GetFormalCharge(anion) if anion is not None else 1
    if not donors:
        # A weakly coordinating anion without a proton to give, such as BF4-: ions, no complex.
        bound = None
        free = anion if anion is not None else acid
    elif 1 < wanted <= len(donors) and wanted == metal.charge:
        bound = assemble(metal, [], chelate=(acid, donors[:wanted]))
    else:
        bound = assemble(metal, [(acid, donors[0])] * metal.charge)
    anchors = anchors_in(acid)
    return Form(
        molecule=unit,
        role="salt_Z",
        free=species_of(free),
        bound=None if bound is None else species_of(bound),
        site_metal=metal.symbol,
        anchor=anchors[0].code if anchors else "",
        binding="Z",
        groups=groups_in(free),
        couple_metals=(metal,),
    )


def _homoleptic(salt: Molecule, metal: MetalIon, anion: Molecule) -> Molecule:
    mol = Chem.MolFromSmiles(anion.canonical_smiles)
    # As many of each ion as make the smallest neutral formula unit.
    n_metal, n_anion = -anion.charge, metal.charge
    while n_metal % 2 == 0 and n_anion % 2 == 0:
        n_metal, n_anion = n_metal // 2, n_anion // 2
    if n_metal == n_anion:
        n_metal = n_anion = 1
    ion = f"[{metal.symbol}+{metal.charge}]" if metal.charge > 1 else f"[{metal.symbol}+]"
    from echemscreen.ligands.parse import parse_smiles

    return parse_smiles(
        ".".join([ion] * n_metal + [Chem.MolToSmiles(mol)] * n_anion), salt.name, family=salt.family
    )
