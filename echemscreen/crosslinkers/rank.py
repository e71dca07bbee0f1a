"""Crosslinkers ranked: a funnel from every candidate's vertical levels to the spectra of the best.

1. Every candidate's precursor at its vertical levels.
2. The deciding members of the best ``full_for`` as asked (``--level``).
3. Spectra of the best of these, until ``shown_for`` are found that absorb at the lamp.
4. For these the rest of the ledger, and their triplets and spin gaps.

Dividers stand between what absorbs at the lamp, what has no spectrum, what does not absorb and so forms no
link there, what loses most of its links to oxygen, and ligands that pattern by another mechanism than links
(decomposition, exchange, desorption ...); and between what was examined further and what not:
scores are compared only among candidates of which the same is known. Everything expensive is stored by key,
so the same call goes on where it was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from echemscreen.crosslinkers.candidates import (
    Absorbs,
    RankSettings,
    Released,
    Stage,
    Work,
    absorption_class,
    candidate_of,
    divider,
    dose_of,
    oxygen_of,
    released,
    structure_criteria,
    values_of,
)
from echemscreen.crosslinkers.crosslinker_ledger import Tools, assess_members, ledger_of
from echemscreen.crosslinkers.film_dose import FilmDose
from echemscreen.crosslinkers.photophysics import Photophysics, photophysics, spin_states
from echemscreen.levels.light.oxygen import OxygenCompetition
from echemscreen.ligands.crosslinking.crosslinkers import CrosslinkerProfile, crosslinker_profile
from echemscreen.ligands.crosslinking.photochemistry import Gas
from echemscreen.records.dots import QuantumDot
from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import InputRow
from echemscreen.verdicts.criteria import Preferences
from echemscreen.verdicts.ledger import LedgerMember, LedgerVerdict, judge_ledger
from echemscreen.verdicts.ranking import Comparison, Order, Ranked, rank_candidates

#: Rows from which the profiles are worth a pool of workers.
_MANY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """One distinct crosslinker, and all that is known of it."""

    molecule: Molecule
    profile: CrosslinkerProfile
    stage: Stage
    members: tuple[LedgerMember, ...]
    judged: LedgerVerdict
    values: Mapping[str, float | None]
    photophysics: Photophysics
    absorbs: Absorbs
    oxygen: OxygenCompetition | None
    """What it does to the links; ``None`` in nitrogen, or if it is unknown."""
    dose: FilmDose
    """At the lamp, for a film that stays."""
    released: tuple[Released, ...]
    """Of a patterning ligand: what its stimulus frees and what that displaces."""
    divider: str
    """What the candidates of its group have in common."""
    ranked: Ranked

    @property
    def status(self) -> Literal["ok", "failed"]:
        """``failed`` if no deciding member could be assessed; such a candidate is still ranked."""
        return "ok" if self.judged.worst is not None else "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedRow:
    """One row of the input: a place in the ranking, or why it has none."""

    row: InputRow
    examined: Examined | None = None
    profile: CrosslinkerProfile | None = None
    """``None`` if the row could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Every row of the input, the ranked ones first and best first."""

    rows: tuple[RankedRow, ...]
    examined: tuple[Examined, ...]
    """Distinct crosslinkers, best first."""
    order: Order
    """How sure each is to be better than another."""

    def compared(self, first: Examined, second: Examined) -> Comparison | None:
        """How sure the first is better; ``None`` if a divider stands between them."""
        return self.order.compare(first.ranked.key, second.ranked.key)


def rank(
    rows: Sequence[InputRow],
    settings: RankSettings,
    tools: Tools,
) -> Ranking:
    """Rank the crosslinkers among the rows.

    Raises
    ------
    StoreError
        if a result cannot be stored; what was stored before stays.
    """
    profiles = _profiles(rows, tools)
    works = _candidates(rows, profiles, settings.options.atmosphere)
    vertical = replace(tools, settings=tools.settings.model_copy(update={"level": "fast"}))
    _assess(
        works.values(), lambda member: member.role == "precursor", vertical, "precursors at vertical levels"
    )

    best = _best(works, settings, tools, settings.options.full_for)
    _assess(best, lambda member: member.decides, tools, "deciding members of the best")
    for work in best:
        work.stage = "full"
    _light(works, settings, tools)
    best = [
        work for work in _best(works, settings, tools, settings.options.shown_for) if work.stage == "spectrum"
    ]
    _assess(best, lambda member: not member.decides, vertical, "the rest of the ledgers")
    spins = spin_states({work.molecule.canonical_smiles: (work.light, work.members) for work in best}, tools)
    for work in best:
        work.light = spins[work.molecule.canonical_smiles]
        work.stage = "spin states"
    order = _ranked(works, settings, tools)
    examined = _examined(works, order, settings, tools.dot)
    places = {item.molecule.canonical_smiles: index for index, item in enumerate(examined)}
    by_key = {item.molecule.canonical_smiles: item for item in examined}
    made = [_row(row, profiles.get(row.index), by_key) for row in rows]
    made.sort(
        key=lambda item: (
            places[item.examined.molecule.canonical_smiles] if item.examined else len(places),
            item.row.index,
        )
    )
    return Ranking(rows=tuple(made), examined=tuple(examined), order=order)


def _row(row: InputRow, profile: CrosslinkerProfile | None, examined: Mapping[str, Examined]) -> RankedRow:
    key = row.entry.canonical_smiles
    found = examined.get(key) if isinstance(row.entry, Molecule) else None
    return RankedRow(row=row, examined=found, profile=profile)


# --- the funnel ---------------------------------------------------------------------------


def _profiles(rows: Sequence[InputRow], tools: Tools) -> dict[int, CrosslinkerProfile]:
    """What the structure of each row says; stretching a long molecule takes a second."""
    found = {row.index: row.entry for row in rows if isinstance(row.entry, Molecule)}
    tools.watch.begin("structures", len(found))
    made: dict[int, CrosslinkerProfile] = {}
    workers = tools.workers() if callable(tools.workers) else tools.workers
    if workers > 1 and len(found) >= _MANY:
        executor = tools.make_executor()
        # What a broken executor leaves is made here.
        with suppress(BrokenExecutor):
            for index, profile in zip(found, executor.map(crosslinker_profile, found.values()), strict=True):
                made[index] = profile
                tools.watch.step()
        executor.shutdown(wait=True, cancel_futures=True)
    for index, molecule in found.items():
        if index not in made:
            made[index] = crosslinker_profile(molecule)
            tools.watch.step()
    return made


def _candidates(
    rows: Sequence[InputRow], profiles: Mapping[int, CrosslinkerProfile], atmosphere: Gas
) -> dict[str, Work]:
    """Distinct photo-crosslinkers and patterning ligands by canonical SMILES."""
    works: dict[str, Work] = {}
    for row in rows:
        if not isinstance(row.entry, Molecule) or row.entry.canonical_smiles in works:
            continue
        profile = profiles[row.index]
        if profile.function in {"crosslinker", "patterning ligand"}:
            works[row.entry.canonical_smiles] = Work(
                molecule=row.entry,
                profile=profile,
                structure=structure_criteria(row.entry, profile),
                members=ledger_of(
                    row.entry,
                    atmosphere,
                    patterning=profile.patterning if profile.function == "patterning ligand" else (),
                ),
            )
    return works


def _assess(works: Iterable[Work], wanted: Callable[[LedgerMember], bool], tools: Tools, stage: str) -> None:
    by_key = {work.molecule.canonical_smiles: work for work in works}
    ledgers = assess_members(
        {key: work.members for key, work in by_key.items()},
        {key: work.molecule for key, work in by_key.items()},
        wanted,
        tools,
        stage=stage,
    )
    for key, members in ledgers.items():
        by_key[key].members = members


def _light(works: Mapping[str, Work], settings: RankSettings, tools: Tools) -> None:
    """Spectra of the best, until as many as are shown absorb, or all that were examined in full have one."""
    while True:
        best = _best(works, settings, tools, settings.options.shown_for)
        dark = [work for work in best if work.stage == "full"]
        if not dark:
            return
        spectra = photophysics([work.molecule for work in dark], settings.options.lamp_nm, tools)
        for work in dark:
            work.light = spectra[work.molecule.canonical_smiles]
            work.stage = "spectrum"


def _best(works: Mapping[str, Work], settings: RankSettings, tools: Tools, count: int) -> list[Work]:
    order = _ranked(works, settings, tools)
    return [works[key] for key in list(order.ranked)[:count]]


def _ranked(works: Mapping[str, Work], settings: RankSettings, tools: Tools) -> Order:
    edges = tools.dot.edges
    return rank_candidates(
        [candidate_of(work, settings) for work in works.values()],
        _asked(settings),
        cbm_sigma_v=edges.cbm.sigma_v,
        vbm_sigma_v=edges.vbm.sigma_v,
    )


def _asked(settings: RankSettings) -> Preferences:
    """The preferences; what oxygen does counts only where there is some."""
    criteria = dict(settings.preferences.criteria)
    if settings.options.atmosphere != "air":
        for name in ("o2_reaction_kcal_mol", "bridges_in_air"):
            criteria[name] = replace(criteria[name], weight=0.0)
    return replace(settings.preferences, criteria=criteria)


def _examined(
    works: Mapping[str, Work], order: Order, settings: RankSettings, dot: QuantumDot
) -> list[Examined]:
    return [
        Examined(
            molecule=work.molecule,
            profile=work.profile,
            stage=work.stage,
            members=work.members,
            judged=judge_ledger(work.members),
            values=values_of(work, settings),
            photophysics=work.light,
            absorbs=absorption_class(work.light, settings),
            oxygen=oxygen_of(work, settings),
            dose=dose_of(work, settings, dot),
            released=released(work.members, dot) if work.profile.patterning else (),
            divider=divider(work, settings),
            ranked=ranked,
        )
        for key, ranked in order.ranked.items()
        for work in [works[key]]
    ]
