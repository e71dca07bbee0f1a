"""Whether a ligand takes the place of the native one, and whether it pulls off the metal with its anions.

An anion replaces an anion and a donor a donor on the same metal; what that gains is the difference of
their bonds to the ion (:func:`~echemscreen.screening.form_evidence.site_evidence.bond_constant`). A donor
does not replace an anion one for one, but it may take ``M(X)n`` off the dot as ``L-M(X)n``. What this costs
the dot is the same for every donor, so only the order of donors is told, against the one that the published
orders have in common (``native_ligands.csv``).
"""

from __future__ import annotations

import difflib
import math

from echemscreen.dots.couples import free_couple
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.errors import DotError, InputError, StructureError
from echemscreen.ligands.atoms import Mol
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.given_rows import given_structure
from echemscreen.records.dots import QuantumDot
from echemscreen.records.molecules import Molecule
from echemscreen.screening.exchange_answer import (
    AcidExchange,
    BoundLigand,
    ExchangeAnswer,
    ReactionEnergy,
    Release,
)
from echemscreen.screening.form_evidence.acid_evidence import (
    acidity,
    base_strength,
    calculated_exchange,
    proton_energy,
)
from echemscreen.screening.form_evidence.site_evidence import (
    bond_constant,
    native_ligand,
    native_ligands,
)
from echemscreen.verdicts.alignment import align_couple

__all__ = ["BoundLigand", "ExchangeAnswer", "ReactionEnergy", "Release", "exchange"]

#: Names that are suggested for one that is unknown, and how alike they must be (1: the same).
_SUGGESTED, _ALIKE = 4, 0.7


def exchange(new: str | Mol, native: str | Mol | None, dot: QuantumDot | str) -> ExchangeAnswer:
    """Whether a ligand displaces the native one of a dot, and whether it pulls off ``M(X)n``.

    Parameters
    ----------
    new
        SMILES, an RDKit molecule, or a name of the library.
    native
        The ligand that is there: a name of ``native_ligands.csv`` or of the library, or as ``new``. ``None``
        takes the native ligand of the new one's kind, an anion for an anion and a donor for a donor.
    dot
        A dot or its specification; its outermost layer gives the metal.

    Returns
    -------
    ExchangeAnswer
        Energies with their standard deviations; what is unknown is ``None``, never zero.

    Raises
    ------
    InputError
        if a name or SMILES cannot be read, or is a salt, a cation or a molecule without an anchor that
        binds.
    DotError
        if the dot means nothing or has no metal at its surface.

    Examples
    --------
    >>> exchange("CCCCCCCCS", None, "CdSe:3.0").outcome
    'displaces'
    """
    if isinstance(dot, str):
        dot = quantum_dot(dot)
    if not dot.site_metal:
        raise DotError(
            f"The dot '{dot.name}' has no metal at its surface that a ligand could sit on.",
            "Choose a dot whose outermost layer has one.",
        )
    guest = _bound_ligand(new, dot)
    host = _bound_ligand(native_ligand(guest.binding).name if native is None else native, dot)
    is_same_kind = guest.binding == host.binding
    replacement = _difference(guest, host) if is_same_kind else None
    return ExchangeAnswer(
        new=guest,
        native=host,
        dot=dot.spec,
        site_metal=dot.site_metal,
        site_charge=dot.site_charge,
        replacement=replacement,
        acids=_as_acid(guest, host, replacement, dot.site_metal),
        release=_release(guest, dot) if guest.binding == "L" else None,
    )


# --- energies -------------------------------------------------------------------------------


def _difference(guest: BoundLigand, host: BoundLigand) -> ReactionEnergy | None:
    """The guest in the place of the host on the ion; both are anions or both donors, so no proton moves."""
    if guest.smiles == host.smiles:
        return ReactionEnergy(free_energy_ev=0.0, sigma_ev=0.0)
    if guest.held is None or host.held is None:
        return None
    return ReactionEnergy(
        free_energy_ev=guest.held.free_energy_ev - host.held.free_energy_ev,
        sigma_ev=math.hypot(guest.held.sigma_ev, host.held.sigma_ev),
    )


def _as_acid(
    guest: BoundLigand, host: BoundLigand, anions: ReactionEnergy | None, site_metal: str
) -> AcidExchange | None:
    """What the neutral acid of an anion does: by cited acidities, else as calculated for two acids."""
    if guest.binding != "X":
        return None
    mine, bonds = acidity(guest.smiles, guest.bond_class), anions
    if host.binding == "X":
        theirs = acidity(host.smiles, host.bond_class)
    else:
        theirs = base_strength(host.bond_class)
        if host.held is not None:
            bonds = ReactionEnergy(free_energy_ev=-host.held.free_energy_ev, sigma_ev=host.held.sigma_ev)
    if bonds is not None and mine is not None and theirs is not None and mine != theirs:
        value_ev, sigma_ev = proton_energy(mine, theirs)
        return AcidExchange(
            energy=ReactionEnergy(
                free_energy_ev=bonds.free_energy_ev + value_ev,
                sigma_ev=math.hypot(bonds.sigma_ev, sigma_ev),
            ),
            takes="proton" if host.binding == "L" else "place",
            sources=(str(mine), str(theirs)),
        )
    if host.binding == "L" or guest.bond_class == host.bond_class:
        return None
    found = calculated_exchange(guest.bond_class, host.bond_class, site_metal)
    if found is None:
        return None
    metal, value_ev, sigma_ev = found
    return AcidExchange(
        energy=ReactionEnergy(free_energy_ev=value_ev, sigma_ev=sigma_ev),
        takes="place",
        sources=(f"calculated on a model site of {metal}: binding_calculations.csv",),
    )


def _release(guest: BoundLigand, dot: QuantumDot) -> Release:
    row = native_ligand("Z reference")
    reference = _bound_ligand(row.name, dot)
    couple = free_couple(dot.site_metal, dot.site_charge)
    return Release(
        reference=reference,
        reference_source=row.citation,
        salt=f"{dot.site_metal}(X){dot.site_charge if dot.site_charge > 1 else ''}",
        energy=_difference(guest, reference),
        reduction=None if couple is None else align_couple(couple, dot.edges),
    )


# --- ligands --------------------------------------------------------------------------------


def _bound_ligand(item: str | Mol, dot: QuantumDot) -> BoundLigand:
    """A ligand on the metal of a dot, by its strongest anchor.

    Raises
    ------
    InputError
        if it cannot be read, or does not bind.
    """
    molecule = _molecule(given_structure(item)[0])
    remedy = "Give one neutral ligand, or the anion by which it binds."
    if molecule.kind != "molecule":
        kind = {"salt": "a metal salt", "ion_pair": "a pair of ions"}.get(molecule.kind, "a mixture")
        raise InputError(f"'{molecule.name}' is {kind}, not a ligand.", remedy)
    if molecule.charge > 0:
        raise InputError(f"'{molecule.name}' is a cation and does not bind to a metal.", remedy)
    form = forms_of(molecule, site_metal=dot.site_metal, site_charge=dot.site_charge)[0]
    if form.role not in {"bound_L", "bound_X"}:
        raise InputError(
            f"'{molecule.name}' has no anchor that is known to bind to {dot.site_metal}.",
            "Give a ligand with an acid, thiol, amine, phosphine or another anchor of "
            "ligand_library/anchors.csv.",
        )
    name = form.bond_classes[0] if form.bond_classes else ""
    held = bond_constant(name, form.free.smiles, dot.site_metal, dot.site_charge)
    return BoundLigand(
        name=molecule.name,
        smiles=form.free.smiles,
        binding="L" if form.role == "bound_L" else "X",
        bond_class=name,
        # Bonds without a class are of many kinds: only a constant of the very ligand tells.
        held=held if name or (held is not None and held.basis == "cited") else None,
        n_donors=len({anchor.atoms[0] for anchor in molecule.anchors}),
    )


def _molecule(text: str) -> Molecule:
    """The molecule of a name, or else of a SMILES."""
    wanted = text.strip().casefold()
    for row in native_ligands():
        if row.name.casefold() == wanted:
            return parse_smiles(row.smiles, row.name)
    names = {str(name): str(item["family"]) for item in library().families() for name in item["members"]}
    found = next((name for name in names if name.casefold() == wanted), None)
    if found is not None:
        entry = next(item.entry for item in library().rows(names[found]) if item.entry.name == found)
        if isinstance(entry, Molecule):
            return entry
        raise InputError(entry.message, entry.remedy)
    try:
        return parse_smiles(text, "")
    except StructureError as error:
        if error.kind != "unparsable":
            raise
        known = {name.casefold(): name for name in (*(row.name for row in native_ligands()), *names)}
        near = [known[key] for key in difflib.get_close_matches(wanted, known, n=_SUGGESTED, cutoff=_ALIKE)]
        usual = ", ".join(row.name for row in native_ligands())
        raise InputError(
            f"'{text.strip()[:60]}' is neither a name of the library nor a SMILES that can be read.",
            f"Nearest names: {', '.join(near)}."
            if near
            else f"{error.remedy} Names of native ligands: {usual}.",
        ) from error
