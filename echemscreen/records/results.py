"""What is said of a molecule on a dot: drives, flags, verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from echemscreen.quantities import Bound, quantity, stated_probability
from echemscreen.records.levels import Domain, RedoxCouple, RedoxLevels
from echemscreen.records.molecules import Form
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation, as_html, printable

Verdict = Literal["inert", "active", "undetermined"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRate:
    """How fast a carrier of the dot goes to a level, 1/s, with its 90 % range.

    ``p_quenches`` is the probability that the reaction is allowed *and* competes with emission,
    ``p_reacts`` that it is allowed *and* costs a device a visible share of its ligands while it runs.
    """

    per_s: float
    low_per_s: float
    high_per_s: float
    p_quenches: float
    p_reacts: float
    regime: Literal["not driven", "competes with emission", "reacts slowly", "cannot reach the carrier"]
    """What the likeliest drive and rate mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """One comparison of a level or couple with a band edge; positive drive = allowed."""

    process: Process
    against: Literal["cbm", "vbm"]
    source: Literal["molecule", "couple"]
    level_v_she: float
    edge_v_she: float
    drive_ev: float
    sigma_ev: float | None
    probability: float | None
    """P(drive > 0); ``None`` if the uncertainty is unknown."""
    one_sided: bool = False
    """The level is a bound: drive and probability are the largest possible, never the likely ones."""
    couple: RedoxCouple | None = None
    rate: TransferRate | None = None
    """Of a molecular level on a dot whose carriers are placed."""
    verdict: Verdict | None = None
    """What this comparison says by itself; ``None`` before it is judged."""

    @property
    def deciding(self) -> float | None:
        """What the verdict goes by: P(drive > 0), of a hole that it also arrives in a device's life."""
        if self.process == Process.OXIDATION and self.rate is not None and self.probability is not None:
            return self.rate.p_reacts
        return self.probability

    @property
    def bound(self) -> Bound:
        """The side of drive and probability where the level is a bound."""
        return "at most" if self.one_sided else ""

    @property
    def bound_of_rate(self) -> Bound:
        """The side of what the rate makes of it; blank without a rate."""
        return self.bound if self.rate is not None else ""

    def __str__(self) -> str:
        if self.couple is None:
            name, sigma, side = self.process.symbol, None, self.process.outwards if self.one_sided else ""
        else:
            name, sigma, side = self.couple.couple, self.couple.sigma_v, self.couple.bound
        level = quantity(self.level_v_she, sigma, "V vs SHE", bound=side)
        edge = f"{self.against.upper()} {quantity(self.edge_v_she, None, 'V vs SHE')}"
        drive = quantity(self.drive_ev, self.sigma_ev, "eV", bound=self.bound)
        text = f"{name} {level} against the {edge}: drive to {self.process} {drive}"
        if self.probability is None:
            return text
        return f"{text}, {stated_probability(self.probability, self.bound)}"


@dataclass(frozen=True, slots=True)
class Comparisons:
    """The comparisons of one result with a dot, by what is asked of them; ``None`` where there is none."""

    items: tuple[Alignment, ...]

    @property
    def reduction(self) -> Alignment | None:
        """The largest drive to reduction, a couple's included."""
        return _largest(self._of(Process.REDUCTION))

    @property
    def oxidation(self) -> Alignment | None:
        """The largest drive to oxidation."""
        return _largest(self._of(Process.OXIDATION))

    @property
    def couple(self) -> Alignment | None:
        """The couple with the largest drive."""
        return _largest(item for item in self.items if item.couple is not None)

    @property
    def e_red(self) -> Alignment | None:
        """The molecule's own reduction potential."""
        return next((item for item in self._of(Process.REDUCTION) if item.couple is None), None)

    @property
    def e_ox(self) -> Alignment | None:
        """The molecule's own oxidation potential."""
        return next((item for item in self._of(Process.OXIDATION) if item.couple is None), None)

    @property
    def likeliest_reduction(self) -> Alignment | None:
        """The largest probability that the drive to reduction is positive."""
        return _likeliest((item.probability, item) for item in self._of(Process.REDUCTION))

    @property
    def likeliest_oxidation(self) -> Alignment | None:
        """The largest probability that the drive to oxidation is positive."""
        return _likeliest((item.probability, item) for item in self._of(Process.OXIDATION))

    @property
    def deciding_oxidation(self) -> Alignment | None:
        """The oxidation by which the verdict goes."""
        return _likeliest((item.deciding, item) for item in self._of(Process.OXIDATION))

    def _of(self, process: Process) -> list[Alignment]:
        return [item for item in self.items if item.process == process]


def _likeliest(items: Iterable[tuple[float | None, Alignment]]) -> Alignment | None:
    known = [(chance, item) for chance, item in items if chance is not None]
    return max(known, key=lambda pair: pair[0], default=(None, None))[1]


def _largest(items: Iterable[Alignment]) -> Alignment | None:
    return max(items, key=lambda item: item.drive_ev, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A named danger with its evidence; a published rule of use has a source, and no drive."""

    code: str
    reason: str
    drive_ev: float | None = None
    sigma_ev: float | None = None
    probability: float | None = None
    citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """The answer for one molecule in one form on one dot."""

    form: Form
    qd: str
    levels: RedoxLevels
    alignments: tuple[Alignment, ...]
    flags: tuple[Flag, ...]
    verdict: Verdict
    domain: Domain
    reason: str
    engine: str
    solvent: str
    limiting_couple: RedoxCouple | None = None
    worst_member: str = ""
    members: tuple[Assessment, ...] = ()
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """``ok``: it was answered."""
        return "ok"

    @property
    def compared(self) -> Comparisons:
        """The comparisons with the dot."""
        return Comparisons(self.alignments)

    @property
    def flag_codes(self) -> tuple[str, ...]:
        """Each flag once."""
        return tuple(dict.fromkeys(flag.code for flag in self.flags))

    @property
    def evidence(self) -> Domain:
        """The domain as tables have it: a measured couple counts as calibrated evidence."""
        return "calibrated" if self.domain == "measured" else self.domain

    def __str__(self) -> str:
        """A few lines: the verdict, the reason, and every comparison with the dot."""
        flags = ", ".join(self.flag_codes).replace("_", " ")
        verdict = f"{self.verdict}{f' ({flags})' if flags else ''}, {self.domain}"
        head = f"{printable(self.form.molecule.name)} ({self.form.role}) on {self.qd}: {verdict}"
        lines = [head, *(f"  {item}" for item in self.alignments), f"  {printable(self.reason)}"]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return as_html(str(self))
