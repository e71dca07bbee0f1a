"""What is told of an exchange of ligands: the bonds of both, what each reaction gains, and in which words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from echemscreen.levels.binding import NERNST_V
from echemscreen.records.levels import SiteBinding
from echemscreen.records.results import Alignment
from echemscreen.verdicts.alignment import probability_positive

#: Probability of a gain from which a reaction is said to go, and up to which it is said not to.
GOES, STAYS = 0.75, 0.25
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
class AcidExchange:
    """What a neutral acid does to a bound ligand by its proton."""

    energy: ReactionEnergy
    takes: Literal["place", "proton"]
    """``place``: its anion takes that of the native one, which leaves with the proton; ``proton``: the
    native donor leaves with the proton."""
    sources: tuple[str, ...]
    """What it rests on beside the bonds: two acidities, or a calculation."""

    @property
    def outcome(self) -> str:
        """``displaces``, ``does not displace``, or the same of ``protonates``; ``about even``."""
        verb = "displace" if self.takes == "place" else "protonate"
        return self.energy.word(f"{verb}s", f"does not {verb}", "about even")

    def describe(self) -> dict[str, Any]:
        """The JSON object of what an acid does."""
        return {
            "outcome": self.outcome,
            **self.energy.describe(),
            "takes": self.takes,
            "sources": list(self.sources),
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
    acids: AcidExchange | None
    """What its neutral acid does, whose proton the native ligand takes up; ``None`` if unknown."""
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
        """The same of the neutral acid, whose proton the native ligand takes up, if that is known."""
        return self.outcome if self.acids is None else self.acids.outcome

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
            "acids": None if self.acids is None else self.acids.describe(),
            "release": None if self.release is None else self.release.describe(),
            "notes": list(self.notes),
        }


def _energy_keys(energy: ReactionEnergy | None) -> dict[str, Any]:
    if energy is None:
        return dict.fromkeys(("free_energy_ev", "sigma_ev", "log_k", "probability"))
    return energy.describe()
