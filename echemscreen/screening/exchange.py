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
from dataclasses import dataclass
from typing import Any, Literal

from echemscreen.dots.couples import free_couple
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.errors import DotError, InputError, StructureError
from echemscreen.levels.binding import NERNST_V
from echemscreen.ligands.atoms import Mol
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.given_rows import given_structure
from echemscreen.records.dots import QuantumDot
from echemscreen.records.levels import SiteBinding
from echemscreen.records.molecules import Molecule
from echemscreen.records.results import Alignment
from echemscreen.screening.form_evidence.site_evidence import (
    acid_exchange,
    bond_constant,
    native_ligand,
    native_ligands,
)
from echemscreen.verdicts.alignment import align_couple, probability_positive

__all__ = ["BoundLigand", "ExchangeAnswer", "ReactionEnergy", "Release", "exchange"]

#: Probability of a gain from which a reaction is said to go, and up to which it is said not to.
GOES, STAYS = 0.75, 0.25
#: Names that are suggested for one that is unknown, and how alike they must be (1: the same).
_SUGGESTED, _ALIKE = 4, 0.7

Kind = Literal["L", "X"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundLigand:
    """One ligand of an exchange, and how firmly the metal holds it."""

    name: str
    smiles: str
    """The donor, or the acid of the anion."""
    binding: Kind
    bond_class: str
    """A name of ``bond_classes.csv``; blank if its bond has none."""
    held: SiteBinding | None
    """``None`` if no constant of it or of its class is known."""
    n_donors: int
    """Anchors that bind."""

    def describe(self) -> dict[str, Any]:
        """The JSON object of a ligand."""
        held = self.held
        return {
            "name": self.name,
            "smiles": self.smiles,
            "binding": self.binding,
            "bond_class": self.bond_class,
            "log_k1": None if held is None else round(-held.free_energy_ev / NERNST_V, 2),
            "log_k1_sigma": None if held is None else round(held.sigma_ev / NERNST_V, 2),
            "basis": None if held is None else held.basis,
            "source": None if held is None else str(held.citation),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionEnergy:
    """The Gibbs energy of a reaction at 298.15 K and 1 mol/L, eV; negative: it goes."""

    free_energy_ev: float
    sigma_ev: float

    @property
    def probability(self) -> float:
        """Probability that the reaction gains energy."""
        found = probability_positive(-self.free_energy_ev, self.sigma_ev)
        assert found is not None  # sigma is a number
        return found

    def word(self, goes: str, stays: str, even: str) -> str:
        """One of three words, by the probability of a gain."""
        return goes if self.probability >= GOES else stays if self.probability <= STAYS else even

    def describe(self) -> dict[str, Any]:
        """The JSON object of an energy."""
        return {
            "free_energy_ev": round(self.free_energy_ev, 4),
            "sigma_ev": round(self.sigma_ev, 4),
            "log_k": round(-self.free_energy_ev / NERNST_V, 2),
            "probability": round(self.probability, 4),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """How readily a donor pulls ``M(X)n`` off a dot, against another donor."""

    reference: BoundLigand
    reference_source: str
    """Publications in whose order of donors the reference stands."""
    salt: str
    """What is pulled off, such as ``Cd(X)2``."""
    energy: ReactionEnergy | None
    """Of the donor in the place of the reference on the free ion; ``None`` if a constant is missing."""
    reduction: Alignment | None
    """Of the free ion by the dot's electron; ``None`` if its couple has no row."""

    @property
    def outcome(self) -> str:
        """Whether it goes more or less readily than with the reference."""
        if self.energy is None:
            return "unknown"
        return self.energy.word("more readily", "less readily", "as readily")

    @property
    def consequence(self) -> str:
        """What the dot is left with."""
        left = f"Each {self.salt} that is pulled off leaves unsaturated anions behind, which trap holes"
        item = self.reduction
        if item is None or item.probability is None:
            return f"{left}; no couple of the free ion is known."
        p = item.probability
        is_reduced = "is" if p >= GOES else "is not" if p <= STAYS else "may be"
        return (
            f"{left}; the free {self.salt} {is_reduced} reduced by the electron of this dot "
            f"(drive {item.drive_ev:+.2f} eV, probability {p:.2f})."
        )

    def describe(self) -> dict[str, Any]:
        """The JSON object of a release."""
        return {
            "salt": self.salt,
            "outcome": self.outcome,
            **_energy_keys(self.energy),
            "reference": self.reference.describe(),
            "reference_source": self.reference_source,
            "consequence": self.consequence,
            "reduction_drive_ev": None if self.reduction is None else round(self.reduction.drive_ev, 4),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeAnswer:
    """What a ligand does to the native one on the metal of a dot."""

    new: BoundLigand
    native: BoundLigand
    dot: str
    """Its specification."""
    site_metal: str
    site_charge: int
    replacement: ReactionEnergy | None
    """Of the new ligand in the place of the native one; ``None`` if they differ in kind, or are unknown."""
    acids: ReactionEnergy | None
    """The same from the neutral acids, calculated: HX + M(A)n against that of the native acid."""
    acids_metal: str
    """Metal of the model site on which the acids were calculated."""
    release: Release | None
    """Of a donor only."""

    @property
    def outcome(self) -> str:
        """``displaces``, ``does not displace``, ``about even``, ``not one for one`` or ``unknown``."""
        if self.new.binding != self.native.binding:
            return "not one for one"
        if self.replacement is None:
            return "unknown"
        return self.replacement.word("displaces", "does not displace", "about even")

    @property
    def outcome_as_acid(self) -> str:
        """The same of the neutral acid, whose proton leaves with the native anion, if that is known."""
        if self.acids is None:
            return self.outcome
        return self.acids.word("displaces", "does not displace", "about even")

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know beside the numbers."""
        found = []
        if self.new.binding != self.native.binding:
            found.append(
                "A donor does not replace an anion one for one: the charge of the metal would stay open."
                if self.new.binding == "L"
                else "An anion does not replace a donor one for one: it would bring a charge; "
                "compare it with a native anion."
            )
        compared = [self.new] if self.release is None else [self.new, self.release.reference]
        if self.new.binding == self.native.binding:
            compared.append(self.native)
        found += [
            f"No constant is known of {item.name} or of its kind of bond "
            f"({item.bond_class.replace('_', ' ') or 'no known class'})."
            for item in dict.fromkeys(compared)
            if item.held is None
        ]
        if self.new.n_donors > 1 and self.new.held is not None and self.new.held.basis != "cited":
            found.append(f"{self.new.name} has {self.new.n_donors} donors; the constant is that of one bond.")
        return tuple(found)

    def describe(self) -> dict[str, Any]:
        """The JSON object of ``echemscreen exchange --json``; energies in eV."""
        return {
            "new": self.new.describe(),
            "native": self.native.describe(),
            "dot": self.dot,
            "site_metal": self.site_metal,
            "site_charge": self.site_charge,
            "outcome": self.outcome,
            **_energy_keys(self.replacement),
            "acids": None
            if self.acids is None
            else {
                "outcome": self.outcome_as_acid,
                **self.acids.describe(),
                "site_metal": self.acids_metal,
                "source": "density-functional energies of binding, binding_calculations.csv",
            },
            "release": None if self.release is None else self.release.describe(),
            "notes": list(self.notes),
        }


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
    acids, metal = _acid_for_acid(guest, host, dot.site_metal) if is_same_kind else (None, "")
    return ExchangeAnswer(
        new=guest,
        native=host,
        dot=dot.spec,
        site_metal=dot.site_metal,
        site_charge=dot.site_charge,
        replacement=_difference(guest, host) if is_same_kind else None,
        acids=acids,
        acids_metal=metal,
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


def _acid_for_acid(
    guest: BoundLigand, host: BoundLigand, site_metal: str
) -> tuple[ReactionEnergy | None, str]:
    """The calculated exchange of two neutral acids, and the metal of its model site."""
    if guest.binding != "X" or guest.bond_class == host.bond_class:
        return None, ""
    found = acid_exchange(guest.bond_class, host.bond_class, site_metal)
    if found is None:
        return None, ""
    metal, value_ev, sigma_ev = found
    return ReactionEnergy(free_energy_ev=value_ev, sigma_ev=sigma_ev), metal


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


def _energy_keys(energy: ReactionEnergy | None) -> dict[str, Any]:
    if energy is None:
        return dict.fromkeys(("free_energy_ev", "sigma_ev", "log_k", "probability"))
    return energy.describe()


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
