"""Flags, the three-valued verdict and the sentence that explains it.

A rule is a pure function from the :class:`Evidence` of one form to flags; ``judge`` takes any
tuple of rules. No rule names a metal, a family or a molecule: what is flagged follows from the
numbers of couples, levels and edges alone.

``active`` if some probability reaches ``Thresholds.active``; ``inert`` if all are at most
``Thresholds.inert`` and every level is calibrated, measured or bounded; ``undetermined``
otherwise. Of a hole it is the probability that it is allowed and arrives while a device runs
(:mod:`~echemscreen.verdicts.exposure`). Missing a reducible ligand costs a device, a false alarm costs a
second look: hence the asymmetry.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from echemscreen.errors import InputError
from echemscreen.quantities import TABLE_DECIMALS, quantity, stated_probability
from echemscreen.records.dots import BandEdges
from echemscreen.records.levels import Domain, EnergyLevel, Reach, RedoxCouple, RedoxLevels
from echemscreen.records.processes import Process
from echemscreen.records.results import Alignment, Flag, Verdict
from echemscreen.records.sources import Citation
from echemscreen.verdicts.alignment import align_couple, align_level, excludes, shows

#: Domains in which a level may contribute to ``inert``.
TRUSTED_DOMAINS: frozenset[Domain] = frozenset({"calibrated", "measured", "bounded"})
_VOLT = "V vs SHE"
#: Evidence of a tabulated couple.
_COUPLE_DOMAIN: Domain = "measured"
#: From the strongest evidence to none.
DOMAIN_ORDER: tuple[Domain, ...] = (
    "measured",
    "calibrated",
    "bounded",
    "extrapolated",
    "uncalibrated",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Probabilities at which a verdict is given."""

    active: float = 0.75
    inert: float = 0.10

    def __post_init__(self) -> None:
        if not 0.0 < self.inert < self.active < 1.0:
            raise InputError(
                f"The thresholds {self.inert} (inert) and {self.active} (active) make no sense.",
                "Choose 0 < inert < active < 1.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What is known about one form on one dot when it is judged."""

    edges: BandEdges
    levels: RedoxLevels
    couples: tuple[RedoxCouple, ...]
    alignments: tuple[Alignment, ...]
    thresholds: Thresholds

    def level(self, process: Process) -> EnergyLevel | None:
        """The molecular level of a process."""
        return self.levels.of(process)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The outcome for one form."""

    verdict: Verdict
    domain: Domain
    alignments: tuple[Alignment, ...]
    flags: tuple[Flag, ...]
    reason: str
    limiting_couple: RedoxCouple | None


Rule = Callable[[Evidence], tuple[Flag, ...]]

_TRAPS: dict[Process, tuple[str, str, str]] = {
    Process.REDUCTION: ("electron_trap", "reductive_cleavage", "electron at the CBM"),
    Process.OXIDATION: ("hole_trap", "oxidative_cleavage", "hole at the VBM"),
}


def _flag(item: Alignment, code: str, reason: str, citation: Citation | None = None) -> Flag:
    return Flag(
        code=code,
        drive_ev=item.drive_ev,
        sigma_ev=item.sigma_ev,
        probability=item.deciding,
        reason=reason,
        citation=citation,
    )


def metal_reduction(evidence: Evidence) -> tuple[Flag, ...]:
    """The injected electron reduces a free metal ion of the form to its metal."""
    flags = []
    for item in evidence.alignments:
        if item.couple is None or not shows(item, evidence.thresholds.active):
            continue
        couple = item.couple
        flags.append(
            _flag(
                item,
                "metal_reduction",
                (
                    f"an electron at the CBM ({_edge(evidence, item)}) reduces {_couple_words(couple)}: "
                    f"{_drive(item)}"
                ),
                couple.citation,
            )
        )
    return tuple(flags)


def carrier_trap(evidence: Evidence) -> tuple[Flag, ...]:
    """The molecule itself takes the electron of the CBM or the hole of the VBM."""
    flags = []
    for item in evidence.alignments:
        level = evidence.level(item.process)
        if item.source != "molecule" or level is None or not shows(item, evidence.thresholds.active):
            continue
        code, _, carrier = _TRAPS[item.process]
        flags.append(
            _flag(
                item,
                code,
                (
                    f"the {carrier} ({_edge(evidence, item)}) is taken by the molecule "
                    f"({_level_words(level)}): {_drive(item)}"
                ),
                level.citation,
            )
        )
    return tuple(flags)


def cleavage(evidence: Evidence) -> tuple[Flag, ...]:
    """The relaxed ion broke or formed bonds, and the carrier cannot be excluded from making it."""
    flags = []
    for item in evidence.alignments:
        level = evidence.level(item.process)
        if item.source != "molecule" or level is None or level.intact is not False:
            continue
        if excludes(item, evidence.thresholds.inert):
            continue
        process = item.process.participle
        flags.append(
            _flag(
                item,
                _TRAPS[item.process][1],
                f"the {process} molecule does not stay whole: {', '.join(level.changed_bonds)}",
            )
        )
    return tuple(flags)


def uncalibrated_class(evidence: Evidence) -> tuple[Flag, ...]:
    """A level of a class without evidence keeps the molecule from being called inert."""
    flags = []
    for item in evidence.alignments:
        level = evidence.level(item.process)
        if item.source != "molecule" or level is None or level.domain != "uncalibrated":
            continue
        flags.append(
            _flag(
                item,
                "uncalibrated_class",
                f"{item.process}: {level.note}",
            )
        )
    return tuple(flags)


DEFAULT_RULES: tuple[Rule, ...] = (metal_reduction, carrier_trap, cleavage, uncalibrated_class)


def judge(
    levels: RedoxLevels,
    edges: BandEdges,
    couples: Sequence[RedoxCouple] = (),
    *,
    reach: Reach | None = None,
    thresholds: Thresholds | None = None,
    rules: Sequence[Rule] = DEFAULT_RULES,
) -> Judgement:
    """Align every level and couple of a form with the edges, and give the verdict.

    Parameters
    ----------
    reach
        How much of the carriers is at the surface of the dot; without it every carrier arrives.
    couples
        Couples of the form's free metal ions; empty for what carries no free metal.
    rules
        Flag rules; add your own behind ``DEFAULT_RULES``.
    """
    thresholds = thresholds or Thresholds()
    known = [level for level in (levels.reduction, levels.oxidation) if level is not None]
    compared = [
        *((align_level(level, edges, reach), level.domain) for level in known),
        *((align_couple(couple, edges), _COUPLE_DOMAIN) for couple in couples),
    ]
    alignments = tuple(
        replace(item, verdict=_verdict_of(item, domain, thresholds)) for item, domain in compared
    )
    evidence = Evidence(
        edges=edges, levels=levels, couples=tuple(couples), alignments=alignments, thresholds=thresholds
    )
    flags = tuple(flag for rule in rules for flag in rule(evidence))
    domains = [level.domain for level in known] or ([_COUPLE_DOMAIN] if couples else [])
    domain = max(domains, key=DOMAIN_ORDER.index) if domains else "uncalibrated"
    verdict = _verdict(alignments, half_known=_half_known(levels))
    couple_alignments = [item for item in alignments if item.couple is not None]
    worst = max(couple_alignments, key=lambda item: item.drive_ev, default=None)
    return Judgement(
        verdict=verdict,
        domain=domain,
        alignments=alignments,
        flags=flags,
        reason=_reason(verdict, evidence, flags),
        limiting_couple=worst.couple if worst else None,
    )


def _half_known(levels: RedoxLevels) -> bool:
    return (levels.reduction is None) != (levels.oxidation is None)


def severity(judgement_verdict: Verdict, alignments: Sequence[Alignment]) -> tuple[int, float]:
    """Sort key: the larger, the worse. Verdict first, then the largest drive."""
    order: dict[Verdict, int] = {"inert": 0, "undetermined": 1, "active": 2}
    largest = max((item.drive_ev for item in alignments), default=float("-inf"))
    return order[judgement_verdict], largest


def _verdict_of(item: Alignment, domain: Domain, thresholds: Thresholds) -> Verdict:
    """What one comparison says by itself: the reaction is shown, excluded on evidence, or open."""
    if shows(item, thresholds.active):
        return "active"
    if excludes(item, thresholds.inert) and domain in TRUSTED_DOMAINS:
        return "inert"
    return "undetermined"


def _verdict(alignments: Sequence[Alignment], *, half_known: bool) -> Verdict:
    """The worst of all comparisons; a process of which nothing is known excludes nothing."""
    said = {item.verdict for item in alignments}
    if "active" in said:
        return "active"
    return "inert" if said == {"inert"} and not half_known else "undetermined"


def _edge(evidence: Evidence, item: Alignment) -> str:
    edge = evidence.edges.cbm if item.against == "cbm" else evidence.edges.vbm
    return quantity(item.edge_v_she, edge.sigma_v, _VOLT)


def _drive(item: Alignment) -> str:
    """Such as ``drive +0.49 ± 0.11 eV, P = 1.00``, or ``drive ≤ -1.44 ± 0.48 eV, P ≤ 0.00`` of a bound."""
    drive = f"drive {quantity(item.drive_ev, item.sigma_ev, 'eV', bound=item.bound)}"
    if item.probability is None:
        return f"{drive}{_exposure(item)}"
    return f"{drive}, {stated_probability(item.probability, item.bound)}{_exposure(item)}"


#: A hole's exposure is told where the drive alone would not exclude the reaction.
_WORTH_TELLING = 0.01


def _exposure(item: Alignment) -> str:
    """Such as ``; the hole arrives at 3e+07 (4e+05 to 2e+09) per second: competes with emission``."""
    rate = item.rate
    if item.process != Process.OXIDATION or rate is None or (item.probability or 0.0) < _WORTH_TELLING:
        return ""
    words = f"{rate.per_s:.0e} ({rate.low_per_s:.0e} to {rate.high_per_s:.0e}) per second"
    p_reacts = stated_probability(rate.p_reacts, item.bound)
    arrives = f", arrives and reacts with {p_reacts}" if item.probability else ""
    meaning = "" if rate.regime == "not driven" else f": {rate.regime}"
    return f"; the hole goes there at {words}{meaning}{arrives}"


def _couple_words(couple: RedoxCouple) -> str:
    """Such as ``free Cd2+ (Cd2+/Cd, aqueous, -0.40 ± 0.05 V vs SHE; Cd(acetate)2: -0.49 V vs SHE)``."""
    form = couple.form or f"free {couple.couple.partition('/')[0]}"
    potential = quantity(couple.e0_v_she, couple.sigma_v, _VOLT, bound=couple.bound)
    words = f"{couple.couple}, {couple.kind}, {potential}"
    if couple.other_e0_v_she is not None:
        words += f"; {couple.other_form}: {quantity(couple.other_e0_v_she, unit=_VOLT)}"
    return f"{form} ({words}{f'; {couple.note}' if couple.note else ''})"


def _level_words(level: EnergyLevel) -> str:
    """Such as ``E_red -1.59 ± 0.28 V vs SHE, calibrated, adiabatic``."""
    kind: str = "estimated from the structure" if level.estimated else level.found
    if level.basis == "measured" or level.channel == "breaks":
        kind = level.note
    moved = level.by_own
    own = "" if moved is None else f", moved by {quantity(moved.value_v, unit='V')} by {moved.name}"
    potential = quantity(level.value_v_she, level.sigma_v, _VOLT, bound=level.bound)
    return f"{level.symbol} {potential}, {level.domain}, {kind}{own}"


def _reason(verdict: Verdict, evidence: Evidence, flags: Sequence[Flag]) -> str:
    """One sentence with the numbers that decided."""
    if verdict == "active":
        decided = [
            f for f in flags if f.probability is not None and f.probability >= evidence.thresholds.active
        ]
        return "Active: " + "; ".join(dict.fromkeys(f.reason for f in decided)) + "."
    parts = []
    for item in evidence.alignments:
        level = evidence.level(item.process)
        if item.couple is not None:
            words = _couple_words(item.couple)
        elif level is not None:
            words = _level_words(level)
        else:
            continue
        parts.append(f"{words} against the {item.against.upper()} ({_edge(evidence, item)}): {_drive(item)}")
    text = f"{verdict.capitalize()}{_left_open(verdict, evidence)}: " + "; ".join(parts)
    doubts = [f.reason for f in flags if f.code not in {"metal_reduction", "electron_trap", "hole_trap"}]
    if _half_known(evidence.levels):
        unknown = Process.REDUCTION if evidence.levels.reduction is None else Process.OXIDATION
        doubts.append(f"its {unknown} is not known: nothing says inert")
    return text + ("; " + "; ".join(dict.fromkeys(doubts)) if doubts else "") + "."


def _left_open(verdict: Verdict, evidence: Evidence) -> str:
    """Which process keeps a row undetermined, and between which probabilities it lies."""
    limits = evidence.thresholds
    between = [
        f"{item.process}, {stated_probability(item.deciding, item.bound, TABLE_DECIMALS)}"
        for item in evidence.alignments
        if item.deciding is not None and limits.inert < item.deciding
    ]
    if verdict != "undetermined" or not between:
        return ""
    words = "; ".join(dict.fromkeys(between))
    return f" ({words}: neither excluded at {limits.inert:g} nor shown at {limits.active:g})"
