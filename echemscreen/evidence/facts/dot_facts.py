"""The observations of ``dot_facts.csv``: what a molecule was seen to do on a dot, and what is computed.

Each row names a molecule, a dot and the process that was looked for: luminescence that a ligand quenches or
leaves, a reduced or an oxidised acceptor that was seen. What was seen is no more than its row says:

* ``active``: right if it is called active, open if undetermined, wrong if inert.
* ``not inert``: wrong if it is called inert, right otherwise.
* ``not active``: wrong if it is called active, right otherwise.
* ``inert``: right if it is called inert, open if undetermined, wrong if active.

A fact of one process is judged by the probability of that process alone, against the thresholds of the
verdict: an acceptor of electrons that a hole would oxidise too must not come out for the wrong reason. Of a
hole it is the probability that it reacts, where there is one. As in a verdict, a level that is only bounded
asserts no reaction and one without evidence excludes none. A molecule that fails is not answered.

Rows of ``use`` ``check`` are evidence. The model was built with those of ``build``: they are told apart.
Rows of quality ``unverified`` are told and not counted.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.errors import DotError, TableError
from echemscreen.ligands.parse import read_smiles
from echemscreen.options.runs import Level
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.records.results import Assessment, Verdict
from echemscreen.records.rows import Failure, InputRow
from echemscreen.reference_tables import read_rows
from echemscreen.screening.screen import screen
from echemscreen.screening.workbench import Settings
from echemscreen.screening.workers.executors import Pools
from echemscreen.screening.workers.limits import Limits
from echemscreen.store import open_store
from echemscreen.verdicts.alignment import shows
from echemscreen.verdicts.rules import TRUSTED_DOMAINS, Thresholds
from echemscreen.views.tables.table import row_of

if TYPE_CHECKING:
    from echemscreen.store.database import Store

#: What the checked columns may hold.
CHOICES: Mapping[str, tuple[str, ...]] = {
    "process": ("reduction", "oxidation", "either"),
    "expected": ("active", "not inert", "not active", "inert"),
    "use": ("build", "check"),
    "quality": ("verified", "unverified"),
}

Outcome = Literal["right", "open", "wrong", "not answered"]
_MARKS: Mapping[Outcome, str] = {"right": "ok", "open": "open", "wrong": "WRONG", "not answered": "failed"}
#: Outcome by what is expected and called.
_RULE: Mapping[str, Mapping[Verdict, Outcome]] = {
    "active": {"active": "right", "undetermined": "open", "inert": "wrong"},
    "not inert": {"active": "right", "undetermined": "right", "inert": "wrong"},
    "not active": {"active": "wrong", "undetermined": "right", "inert": "right"},
    "inert": {"active": "wrong", "undetermined": "open", "inert": "right"},
}
#: Expected of what was seen to take a carrier.
_TRAPS = frozenset({"active", "not inert"})
_TITLES: Mapping[str, str] = {
    "check": "Observations on dots, kept for the check (use=check):",
    "build": "Observations on dots that the model was built with, no evidence (use=build):",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DotFact:
    """A row of ``dot_facts.csv``."""

    entry: str
    system: str
    smiles: str
    dot: str
    process: str
    """``reduction``, ``oxidation``, or ``either``: the whole verdict."""
    expected: str
    """``active``, ``not inert``, ``not active`` or ``inert``."""
    chem_class: str
    use: str
    """``check``: evidence; ``build``: the model was built with it."""
    quality: str
    """``verified``, or ``unverified``: told and not counted."""
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDotFact:
    """An observation and what came out."""

    fact: DotFact
    called: Verdict | None
    """What the molecule is called for the fact's process; ``None`` if it was not answered."""
    got: str
    """That with its probabilities, or why there is none."""

    @property
    def outcome(self) -> Outcome:
        """Whether it agrees."""
        return "not answered" if self.called is None else _RULE[self.fact.expected][self.called]

    @property
    def is_counted(self) -> bool:
        """Whether its row was verified."""
        return self.fact.quality == "verified"

    @property
    def is_missed_trap(self) -> bool:
        """Whether a molecule that was seen to take a carrier is called inert."""
        return self.called == "inert" and self.fact.expected in _TRAPS

    def text(self) -> str:
        """One line."""
        fact = self.fact
        aside = "" if self.is_counted else " (unverified, not counted)"
        return (
            f"{_MARKS[self.outcome]:8s}{fact.dot:24s} {fact.system} ({fact.entry}), {fact.process}: "
            f"expected {fact.expected}, got {self.got}{aside}"
        )


def dot_facts() -> tuple[DotFact, ...]:
    """The observations in file order.

    Raises
    ------
    TableError
        naming the row, if a cell is none of ``CHOICES`` or an entry comes twice.
    """
    facts = read_rows("ligand_library", "dot_facts.csv", DotFact)
    check_rows(facts)
    return facts


def check_rows(facts: Sequence[DotFact]) -> None:
    """Tell the first row that means nothing.

    Raises
    ------
    TableError
        naming it.
    """
    for fact in facts:
        for column, choices in CHOICES.items():
            value = getattr(fact, column)
            if value not in choices:
                raise TableError(
                    f"dot_facts.csv, {fact.entry}: '{value}' is no {column}.", f"Write {', '.join(choices)}."
                )
    twice = [entry for entry, count in Counter(fact.entry for fact in facts).items() if count > 1]
    if twice:
        raise TableError(f"dot_facts.csv: the entry '{twice[0]}' comes twice.", "Name each row once.")


# --- judging ------------------------------------------------------------------------------


def called(row: Mapping[str, Any], process: str, thresholds: Thresholds | None = None) -> Verdict:
    """What a result row calls its molecule for a process: by that probability, or by the whole verdict."""
    if process == "either":
        return cast("Verdict", row["verdict"])
    thresholds = thresholds or Thresholds()
    probability = _probability(row, process)
    if probability is None:
        return "undetermined"
    if probability >= thresholds.active:
        return "active"
    return "inert" if probability <= thresholds.inert else "undetermined"


def judged(fact: DotFact, result: Assessment | Failure) -> CheckedDotFact:
    """Compare an observation with the result of its molecule on its dot."""
    row = row_of(result)
    if isinstance(result, Failure):
        return CheckedDotFact(fact=fact, called=None, got=f"no answer: {row['error']}")
    what = called(row, fact.process)
    processes = [item for item in PROCESSES if fact.process in {item, "either"}]
    shares = ", ".join(_share(row, item) for item in processes)
    doubt = "" if fact.process == "either" else _doubt(result, what, processes[0])
    if doubt:
        # As in a verdict: what is only bounded asserts nothing, what has no evidence is never inert.
        what = "undetermined"
    return CheckedDotFact(fact=fact, called=what, got=f"{what} ({shares}{doubt})")


def _probability(row: Mapping[str, Any], process: str) -> float | None:
    """Of a hole that it reacts, where its rate is known."""
    if process == "oxidation" and row["p_hole_reacts"] is not None:
        return float(row["p_hole_reacts"])
    value = row[f"p_{process}"]
    return None if value is None else float(value)


def _share(row: Mapping[str, Any], process: Process) -> str:
    """Such as ``P(oxidation) 0.93, arrives and reacts 0.81``."""
    allowed, counts = (
        "unknown" if value is None else f"{value:.2f}"
        for value in (row[f"p_{process}"], _probability(row, process))
    )
    text = f"P({process}) {allowed}"
    return text if counts == allowed else f"{text}, arrives and reacts {counts}"


def _doubt(result: Assessment, what: Verdict, process: Process) -> str:
    """Why the verdict itself would not go by a probability: a mere bound, or a level without evidence."""
    level = result.levels.reduction if process == "reduction" else result.levels.oxidation
    found = [item for item in result.alignments if item.process == process]
    if what == "active" and not any(shows(item, Thresholds().active) for item in found):
        return "; a bound only, which a verdict does not assert"
    if what == "inert" and level is not None and level.domain not in TRUSTED_DOMAINS:
        return f"; {level.domain}, from which no verdict says inert"
    return ""


# --- computing ----------------------------------------------------------------------------


def checked_dot_facts(
    facts: Sequence[DotFact] | None = None,
    *,
    level: Level = "standard",
    workers: int | None = None,
    store: Path | None = None,
) -> Iterator[CheckedDotFact]:
    """Screen every molecule on its dot, in the form in which it sits there, and compare; dot by dot.

    Parameters
    ----------
    facts
        All of :func:`dot_facts` if not given.
    workers
        Worker processes; one for each core if not given.
    store
        Where calculations are kept; nowhere by default.

    Raises
    ------
    TableError
        naming a row that means nothing.
    """
    facts = dot_facts() if facts is None else facts
    check_rows(facts)
    settings = Settings(level=level)
    with tempfile.TemporaryDirectory() as folder, open_store(store or Path(folder) / "dots.db") as opened:
        for dot in dict.fromkeys(fact.dot for fact in facts):
            here = [fact for fact in facts if fact.dot == dot]
            yield from _on_one_dot(here, settings, store=opened, workers=workers or os.cpu_count() or 1)


def _on_one_dot(
    facts: Sequence[DotFact], settings: Settings, *, store: Store, workers: int
) -> Iterator[CheckedDotFact]:
    try:
        dot = quantum_dot(facts[0].dot)
    except DotError as error:
        for fact in facts:
            yield CheckedDotFact(fact=fact, called=None, got=f"no answer: {error}")
        return
    found = screen(
        (_row(index, fact) for index, fact in enumerate(facts)),
        dot,
        settings,
        store=store,
        make_executor=Pools(workers, settings.engine),
        workers=workers,
        limits=Limits(time_s=settings.time_limit_s),
    )
    for fact, item in zip(facts, found, strict=True):
        # The form on the dot is the first of them.
        yield judged(fact, item.results[0])


def _row(index: int, fact: DotFact) -> InputRow:
    return InputRow(index=index, location=fact.entry, entry=read_smiles(fact.smiles, fact.system))


# --- telling ------------------------------------------------------------------------------


def told(checked: Iterable[CheckedDotFact]) -> Iterator[str]:
    """The lines of every observation, what counts as evidence first, and a summary of either half."""
    checked = sorted(checked, key=lambda item: item.fact.entry)
    halves = {use: [item for item in checked if item.fact.use == use] for use in _TITLES}
    for use, members in halves.items():
        if members:
            yield _TITLES[use]
            yield from (item.text() for item in members)
    for use, members in halves.items():
        if members:
            yield summary(use, members)


def summary(use: str, checked: Iterable[CheckedDotFact]) -> str:
    """One line on the verified ones: how many are right, open and wrong, and how many traps are missed.

    What says only that a molecule is not inert, or not active, is right of an undetermined one too: these are
    told, because who calls nothing has all of them right.
    """
    counted = [item for item in checked if item.is_counted]
    outcomes = Counter(item.outcome for item in counted)
    answered = len(counted) - outcomes["not answered"]
    uncalled = sum(item.outcome == "right" and item.called == "undetermined" for item in counted)
    share = f" ({outcomes['right'] / answered:.0%} right)" if answered else ""
    return (
        f"use={use}: {outcomes['right']} right ({uncalled} of them undetermined), "
        f"{outcomes['open']} open, {outcomes['wrong']} wrong of {answered} answered{share}, "
        f"{outcomes['not answered']} not answered; "
        f"traps called inert: {sum(item.is_missed_trap for item in counted)}"
    )
