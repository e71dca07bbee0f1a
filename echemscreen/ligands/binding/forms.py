"""How a molecule is judged: by itself, or as it sits on a metal site of the dot.

The covalent bond classification (M. L. H. Green and G. Parkin, J. Chem. Educ. 91, 807 (2014))
names the forms: a neutral donor L on M(OAc)n, an anion X in M(OAc)(n-1)X, a metal salt M(X)n as
acceptor Z. The default is the monodentate form of the anchor with the highest ``priority`` of
``anchors.csv``; the other forms are those of :mod:`~echemscreen.ligands.binding.modes` on the site of
:mod:`~echemscreen.ligands.binding.sites`.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd
from typing import Literal

from rdkit import Chem, rdBase

from echemscreen.ligands.atoms import atoms_of
from echemscreen.ligands.binding.bonds import bond_class
from echemscreen.ligands.binding.modes import BindingMode, DrawnMode, binding_modes, drawn_modes
from echemscreen.ligands.binding.sites import (
    HydrogenLigand,
    Ligation,
    MetalBond,
    SiteModel,
    assembled,
    counter_ion,
    on_site,
    protonated,
    site_models,
    species_of,
)
from echemscreen.ligands.groups import anchors_in, groups_in
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Form, MetalIon, Molecule, Role

__all__ = [
    "BindingMode",
    "HydrogenLigand",
    "SiteModel",
    "Which",
    "binding_modes",
    "forms_of",
    "judged_units",
    "protonated",
    "site_models",
    "species_of",
]

_CARBON = 6

Which = Literal["bound", "free", "all"]


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
        alone, ``all`` both and every other way of binding: each anchor, weak ones too, chelating
        and bridging.
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
        if bound is not None and which == "bound":
            forms = [bound]
        else:
            as_given = _unbound(unit, mol, "as_given" if bound is None else "free", unit.groups)
            forms = [as_given] if bound is None or which == "free" else [bound]
        if which == "all":
            # What does not bind unasked stays as given first; what does is also judged free, last.
            whole = bound is not None and bound.with_counter_ions
            others = () if whole else _other_forms(unit, mol, site, bound)
            forms = [as_given, *others] if bound is None else [bound, *others, as_given]
        if counter_ions and which != "free" and any(anchor.binding == "X" for anchor in unit.anchors):
            forms += [_salt_form(unit, mol, counter_ion(symbol)) for symbol in counter_ions]
        return tuple(forms)


# --- forms --------------------------------------------------------------------------------


def _unbound(unit: Molecule, mol: Chem.Mol, role: Role, groups: tuple[str, ...]) -> Form:
    return Form(molecule=unit, role=role, free=species_of(mol), groups=groups)


def _bound_form(unit: Molecule, mol: Chem.Mol, site: MetalIon | None) -> Form | None:
    if site is None or not unit.anchors or unit.charge > 0:
        return None
    balanced = _balanced(mol, site)
    if balanced is not None:
        return Form(
            molecule=unit,
            role="bound_X",
            free=species_of(balanced),
            site_metal=site.symbol,
            site_charge=site.charge,
            anchor=unit.anchors[0].code,
            binding="X",
            groups=groups_in(balanced),
            with_counter_ions=True,
        )
    anchor = unit.anchors[0]
    # A betaine gives an electron pair and stays neutral: L, though its donor atom is an anion.
    charged = mol.GetAtomWithIdx(anchor.atoms[0]).GetFormalCharge() < 0
    ligand = HydrogenLigand(mol=mol, donors=(anchor.atoms[0],))
    binding: Literal["L", "X"] = "L"
    if anchor.binding == "X" and not (charged and unit.charge == 0):
        ligand, binding = protonated(mol, unit.anchors), "X"
    if not ligand.donors:
        # Its charge sits on a metal: no proton finds a place, and no other metal either.
        return None
    mode = BindingMode(anchors=(anchor.code,), binding=binding, mode="monodentate", default=True)
    bonds = (MetalBond(donor=ligand.donors[0], binding=binding),)
    return _form_on(site, unit, mol, DrawnMode(mode=mode, ligand=Ligation(mol=ligand.mol, bonds=bonds)))


def _balanced(anion: Chem.Mol, metal: MetalIon) -> Chem.Mol | None:
    """An inorganic polyanion with as many metal ions as balance its charge; ``None`` for any other.

    Nobody has a thiometalate or an oxometalate as an acid: a proton on each charge would be another
    compound. A phosphate, whose acid exists, binds as its bond class does.
    """
    charges = -Chem.GetFormalCharge(anion)
    has_carbon = any(atom.GetAtomicNum() == _CARBON for atom in atoms_of(anion))
    if charges <= 1 or has_carbon or metal not in site_models():
        return None
    acid = protonated(anion)
    if len(acid.donors) < charges or any(bond_class(acid.mol, donor) for donor in acid.donors):
        return None
    bonds = tuple(
        MetalBond(donor=donor, binding="X", centre=index // metal.charge)
        for index, donor in enumerate(acid.donors)
    )
    return on_site(metal, Ligation(mol=acid.mol, bonds=bonds))


def _other_forms(
    unit: Molecule, mol: Chem.Mol, site: MetalIon | None, default: Form | None
) -> tuple[Form, ...]:
    """Every bound form but the default, each complex once."""
    if site is None or unit.charge > 0:
        return ()
    found: dict[str, Form] = {}
    for drawn in drawn_modes(mol):
        form = _form_on(site, unit, mol, drawn)
        if form is not None and form.bound is not None:
            found.setdefault(form.bound.smiles, form)
    if default is not None and default.bound is not None:
        found.pop(default.bound.smiles, None)
    return tuple(found.values())


def _form_on(site: MetalIon, unit: Molecule, unbound: Chem.Mol, drawn: DrawnMode) -> Form | None:
    """The form with its complex; ``None`` if the site has too few valences.

    ``unbound`` is the unit as it was read, which most ligands stay.
    """
    bound = on_site(site, drawn.ligand)
    if bound is None:
        return None
    free, mode = drawn.ligand.mol, drawn.mode
    return Form(
        molecule=unit,
        role="bound_L" if mode.binding == "L" else "bound_X",
        free=species_of(free),
        bound=species_of(bound),
        site_metal=site.symbol,
        site_charge=site.charge,
        bond_classes=tuple(dict.fromkeys(bond_class(free, bond.donor) for bond in drawn.ligand.bonds)),
        anchor=mode.anchor,
        binding=mode.binding,
        mode=mode.mode,
        groups=unit.groups if free is unbound else groups_in(free),
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
            site_charge=metal.charge,
            binding="Z",
            couple_metals=unit.metals,
        )
        return (bare,)
    anion = Chem.MolFromSmiles(unit.members[0].canonical_smiles)
    balanced = _balanced(anion, metal)
    if balanced is not None:
        whole = Form(
            molecule=unit,
            role="salt_Z",
            free=species_of(balanced),
            site_metal=metal.symbol,
            site_charge=metal.charge,
            binding="Z",
            groups=groups_in(balanced),
            couple_metals=(metal,),
            with_counter_ions=True,
        )
        return (whole,)
    salt = _salt_form(unit, anion, metal)
    ligand = protonated(anion).mol
    free = _unbound(unit, ligand, "free", groups_in(ligand))
    return {"bound": (salt,), "free": (free,), "all": (salt, free)}[which]


def _salt_form(unit: Molecule, anion: Chem.Mol, metal: MetalIon) -> Form:
    """M(X)n. A polyanion of the metal's charge chelates it; any other is a monoanion."""
    ligand = protonated(anion)
    n_charges = -Chem.GetFormalCharge(anion)
    chelates = 1 < n_charges == metal.charge <= len(ligand.donors)
    # A weakly coordinating anion, such as BF4-, makes no complex.
    bound: Chem.Mol | None = None
    if ligand.donors:
        donors = ligand.donors[: n_charges if chelates else 1]
        bonds = tuple(MetalBond(donor=donor, binding="X") for donor in donors)
        ligation = Ligation(mol=ligand.mol, bonds=bonds)
        bound = assembled(metal.symbol, [ligation] * (1 if chelates else metal.charge))
    anchors = anchors_in(ligand.mol)
    return Form(
        molecule=unit,
        role="salt_Z",
        free=species_of(ligand.mol),
        bound=None if bound is None else species_of(bound),
        site_metal=metal.symbol,
        site_charge=metal.charge,
        bond_classes=tuple(bond_class(ligand.mol, donor) for donor in ligand.donors[:1]),
        anchor=anchors[0].code if anchors else "",
        binding="Z",
        mode="" if bound is None else "chelating" if chelates else "monodentate",
        groups=groups_in(ligand.mol),
        couple_metals=(metal,),
    )


def _homoleptic(salt: Molecule, metal: MetalIon, anion: Molecule) -> Molecule:
    """The neutral salt of one metal and one anion, in the smallest whole numbers."""
    divisor = gcd(metal.charge, -anion.charge)
    ions = [f"[{metal.symbol}+{metal.charge}]"] * (-anion.charge // divisor)
    ions += [anion.canonical_smiles] * (metal.charge // divisor)
    return parse_smiles(".".join(ions), salt.name, family=salt.family)
