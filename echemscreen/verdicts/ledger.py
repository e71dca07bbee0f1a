"""The ledger of a crosslinker: what stays in the film before, during and after the light.

The precursor that is not converted and the wanted link stay for good: they decide the verdict. Side
products and residues are shown, and decide only where a publication gives a yield of at least
``DECIDING_YIELD``; intermediates live too briefly to decide. The worst deciding member is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from echemscreen.records.molecules import ProductRole
from echemscreen.records.results import Assessment, Flag, Verdict
from echemscreen.records.rows import Failure
from echemscreen.records.sources import Citation
from echemscreen.verdicts.rules import severity

LedgerRole = Literal["precursor"] | ProductRole

#: Measured share of the converted parent from which a side product decides.
DECIDING_YIELD = 0.10

_ALWAYS: frozenset[LedgerRole] = frozenset({"precursor", "wanted_link"})
_BY_YIELD: frozenset[LedgerRole] = frozenset({"side_product", "residue"})
_WORDS = {"wanted_link": "wanted link", "side_product": "side product"}


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMember:
    """One species of a crosslinker's history, with its assessment once there is one."""

    name: str
    """Such as ``triplet nitrene``; of the precursor the crosslinker's own name."""
    role: LedgerRole
    smiles: str
    charge: int = 0
    n_unpaired: int = 0
    yield_fraction: float | None = None
    reaction: str = ""
    """Row of ``photoreactions.csv``; blank for the precursor."""
    citation: Citation | None = None
    result: Assessment | Failure | None = None
    """``None`` if it was not computed."""
    note: str = ""
    """Why it was not computed, or what limits its levels."""

    stays: bool = False
    """Of a patterning ligand: what its stimulus is meant to leave in the film, in place of a link."""

    @property
    def decides(self) -> bool:
        """Whether the verdict of the crosslinker depends on this member."""
        return self.stays or decides(self.role, self.yield_fraction)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerVerdict:
    """What the deciding members say together."""

    verdict: Verdict
    worst: LedgerMember | None
    """``None`` if no deciding member could be assessed."""
    flags: tuple[Flag, ...]
    """Of every deciding member, the worst member's first."""
    unknown: tuple[LedgerMember, ...]
    """Deciding members that failed or were not computed."""
    reason: str


def decides(role: LedgerRole, yield_fraction: float | None) -> bool:
    """Whether a member of this role and cited yield decides the verdict of its crosslinker."""
    if role in _BY_YIELD:
        return yield_fraction is not None and yield_fraction >= DECIDING_YIELD
    return role in _ALWAYS


def role_words(role: str) -> str:
    """A role for a reader: ``wanted link``."""
    return _WORDS.get(role, role)


def judge_ledger(members: Sequence[LedgerMember]) -> LedgerVerdict:
    """The verdict of a crosslinker: that of its worst deciding member.

    A deciding member that failed or was not computed, or a link that no cited reaction gives, keeps the
    crosslinker from being called inert; it never makes it active.
    """
    deciding = [item for item in members if item.decides]
    unknown = tuple(item for item in deciding if not isinstance(item.result, Assessment))
    assessed = [(item, item.result) for item in deciding if isinstance(item.result, Assessment)]
    assessed.sort(key=lambda pair: (severity(pair[1].verdict, pair[1].alignments), pair[0].smiles))
    assessed.reverse()
    linked = has_link(members)
    missing = _missing_words(unknown, linked=linked)
    if not assessed:
        return LedgerVerdict(
            verdict="undetermined", worst=None, flags=(), unknown=unknown, reason=f"Undetermined: {missing}"
        )
    worst, result = assessed[0]
    verdict: Verdict = "undetermined" if missing and result.verdict == "inert" else result.verdict
    reason = f"Worst member is the {role_words(worst.role)}{_named(worst)}: {result.reason}"
    return LedgerVerdict(
        verdict=verdict,
        worst=worst,
        flags=tuple({flag: None for _, item in assessed for flag in item.flags}),
        unknown=unknown,
        reason=f"{reason} Left open: {missing}" if missing else reason,
    )


def _named(member: LedgerMember) -> str:
    return "" if member.role == "precursor" else f" ({member.name})"


def has_link(members: Sequence[LedgerMember]) -> bool:
    """Whether a cited reaction gives the wanted link, or what a patterning ligand leaves in its place."""
    return any(member.role == "wanted_link" or member.stays for member in members)


def _missing_words(unknown: Sequence[LedgerMember], *, linked: bool) -> str:
    """One clause for each deciding member without an assessment."""
    clauses = [] if linked else ["no cited reaction gives the wanted link, or what is left in its place"]
    for item in unknown:
        who = f"{role_words(item.role)}{_named(item)}"
        if isinstance(item.result, Failure):
            clauses.append(f"{who} failed: {item.result.message.rstrip('.')}")
        else:
            clauses.append(f"{who} not computed{f': {item.note}' if item.note else ''}")
    return f"{'; '.join(clauses)}." if clauses else ""
