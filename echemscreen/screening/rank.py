"""Crosslinkers ranked: a funnel from every candidate's vertical levels to the spectra of the best.

1. Every candidate's precursor at its vertical levels.
2. The deciding members of the best ``full_for`` as asked (``--level``).
3. Spectra of the best of these, until ``shown_for`` are found that absorb at the lamp.
4. For these the rest of the ledger, and their triplets and spin gaps.

Candidates that were examined further stand before those that were not: scores are compared only among
candidates of which the same is known. What does not absorb at the lamp forms no link there, and stands
behind all others. Everything expensive is stored by key, so the same call goes on where it was stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import BrokenExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal

from echemscreen.ligands.crosslinkers import CrosslinkerProfile, crosslinker_profile
from echemscreen.ligands.descriptors import describe
from echemscreen.ligands.photochemistry import Gas
from echemscreen.records import Alignment, Assessment, Failure, InputRow, Molecule, Process
from echemscreen.screening.crosslinker_ledger import Tools, assess_members, ledger_of
from echemscreen.screening.photophysics import Photophysics, photophysics, spin_states
from echemscreen.verdicts.criteria import CARRIER_CRITERIA, Preferences
from echemscreen.verdicts.ledger import LedgerMember, LedgerVerdict, has_link, judge_ledger
from echemscreen.verdicts.ranking import (
    UNKNOWN_DESIRABILITY,
    Candidate,
    Ranked,
    UncertainDrive,
    rank_candidates,
)

Absorbs = Literal["yes", "weak", "no", ""]
Stage = Literal["vertical", "full", "spectrum", "spin states"]
_STAGES: tuple[Stage, ...] = ("vertical", "full", "spectrum", "spin states")

#: Rows from which the profiles are worth a pool of workers.
_MANY = 20
#: Numbers of the classes of a profile, the best first; a class that is not here is unknown.
_INSERTION = {"fast": 1.0, "moderate": 2.0, "slow": 3.0, "rearranges": 4.0}
_DOSE = {"low": 1.0, "medium": 2.0, "high": 3.0}
_THERMAL = {"not energetic": 1.0, "robust": 1.0, "moderate": 2.0, "fragile": 3.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSettings:
    """What is asked of a ranking."""

    preferences: Preferences
    lamp_nm: float
    atmosphere: Gas
    weak_from_per_m_cm: float
    yes_from_per_m_cm: float
    full_for: int
    shown_for: int


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


@dataclass(slots=True)
class _Work:
    """A candidate on its way through the funnel."""

    molecule: Molecule
    profile: CrosslinkerProfile
    structure: Mapping[str, float | None]
    members: tuple[LedgerMember, ...]
    stage: Stage = "vertical"
    light: Photophysics = field(default_factory=Photophysics)


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
    works = _candidates(rows, profiles, settings.atmosphere)
    vertical = replace(tools, settings=replace(tools.settings, level="fast"))
    _assess(
        works.values(), lambda member: member.role == "precursor", vertical, "precursors at vertical levels"
    )

    best = _best(works, settings, tools, settings.full_for)
    _assess(best, lambda member: member.decides, tools, "deciding members of the best")
    for work in best:
        work.stage = "full"
    _light(works, settings, tools)
    best = [work for work in _best(works, settings, tools, settings.shown_for) if work.stage == "spectrum"]
    _assess(best, lambda member: not member.decides, vertical, "the rest of the ledgers")
    spins = spin_states({work.molecule.canonical_smiles: (work.light, work.members) for work in best}, tools)
    for work in best:
        work.light = spins[work.molecule.canonical_smiles]
        work.stage = "spin states"
    examined = _examined(works, settings, tools)
    places = {item.molecule.canonical_smiles: index for index, item in enumerate(examined)}
    by_key = {item.molecule.canonical_smiles: item for item in examined}
    made = [_row(row, profiles.get(row.index), by_key) for row in rows]
    made.sort(
        key=lambda item: (
            places[item.examined.molecule.canonical_smiles] if item.examined else len(places),
            item.row.index,
        )
    )
    return Ranking(rows=tuple(made), examined=tuple(examined))


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
    if tools.workers > 1 and len(found) >= _MANY:
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
) -> dict[str, _Work]:
    """Distinct photo-crosslinkers by canonical SMILES."""
    works: dict[str, _Work] = {}
    for row in rows:
        if not isinstance(row.entry, Molecule) or row.entry.canonical_smiles in works:
            continue
        profile = profiles[row.index]
        if profile.function == "crosslinker":
            works[row.entry.canonical_smiles] = _Work(
                molecule=row.entry,
                profile=profile,
                structure=_structure(row.entry, profile),
                members=ledger_of(row.entry, atmosphere),
            )
    return works


def _structure(molecule: Molecule, profile: CrosslinkerProfile) -> dict[str, float | None]:
    """Criteria that the structure and the cited rows of its groups give."""
    described = describe(molecule.canonical_smiles)
    return {
        "dose_class": _DOSE.get(profile.dose_class),
        "insertion_class": _INSERTION.get(profile.insertion_class),
        "reach_ratio": profile.reach_ratio,
        "n_arms": float(profile.n_light_arms),
        "thermal_class": _THERMAL.get(profile.thermal_class),
        "nitrogen_rich": float(profile.nitrogen_rich),
        "molar_mass_da": described.molar_mass_da,
        "log_p": described.log_p,
        "synthetic_accessibility": described.synthetic_accessibility,
    }


def _assess(works: Iterable[_Work], wanted: Callable[[LedgerMember], bool], tools: Tools, stage: str) -> None:
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


def _light(works: Mapping[str, _Work], settings: RankSettings, tools: Tools) -> None:
    """Spectra of the best, until as many as are shown absorb, or all that were examined in full have one."""
    while True:
        best = _best(works, settings, tools, settings.shown_for)
        dark = [work for work in best if work.stage == "full"]
        if not dark:
            return
        spectra = photophysics([work.molecule for work in dark], settings.lamp_nm, tools)
        for work in dark:
            work.light = spectra[work.molecule.canonical_smiles]
            work.stage = "spectrum"


def _best(works: Mapping[str, _Work], settings: RankSettings, tools: Tools, count: int) -> list[_Work]:
    ranked = _ranked(works, settings, tools)
    return [works[key] for key in list(ranked)[:count]]


def _ranked(works: Mapping[str, _Work], settings: RankSettings, tools: Tools) -> dict[str, Ranked]:
    edges = tools.dot.edges
    return rank_candidates(
        [_candidate(work, settings) for work in works.values()],
        _asked(settings),
        cbm_sigma_v=edges.cbm.sigma_v,
        vbm_sigma_v=edges.vbm.sigma_v,
    )


def _asked(settings: RankSettings) -> Preferences:
    """The preferences; what oxygen does counts only where there is some."""
    criteria = dict(settings.preferences.criteria)
    if settings.atmosphere != "air":
        criteria["o2_reaction_kcal_mol"] = replace(criteria["o2_reaction_kcal_mol"], weight=0.0)
    return replace(settings.preferences, criteria=criteria)


def _examined(works: Mapping[str, _Work], settings: RankSettings, tools: Tools) -> list[Examined]:
    return [
        Examined(
            molecule=work.molecule,
            profile=work.profile,
            stage=work.stage,
            members=work.members,
            judged=judge_ledger(work.members),
            values=_values(work),
            photophysics=work.light,
            absorbs=_absorbs(work.light, settings),
            ranked=ranked,
        )
        for key, ranked in _ranked(works, settings, tools).items()
        for work in [works[key]]
    ]


# --- one candidate ------------------------------------------------------------------------


def _candidate(work: _Work, settings: RankSettings) -> Candidate:
    spread = work.light.epsilon_spread_per_m_cm
    return Candidate(
        key=work.molecule.canonical_smiles,
        depth=_STAGES.index(work.stage),
        barred=_absorbs(work.light, settings) == "no",
        values=_values(work),
        spreads={"epsilon_at_lamp_per_m_cm": spread} if spread else {},
        drives=tuple(
            drive
            for member, result in _deciding(work.members)
            for item in result.alignments
            if (drive := _drive(member, result, item)) is not None
        ),
    )


def _deciding(members: Sequence[LedgerMember]) -> list[tuple[LedgerMember, Assessment]]:
    return [
        (member, member.result)
        for member in members
        if member.decides and isinstance(member.result, Assessment)
    ]


def _drive(member: LedgerMember, result: Assessment, item: Alignment) -> UncertainDrive | None:
    """The drive with the level's own uncertainty; ``None`` if that is unknown."""
    if item.couple is not None:
        sigma: float | None = item.couple.sigma_v
    else:
        level = result.levels.reduction if item.process == "reduction" else result.levels.oxidation
        sigma = level.sigma_v if level is not None else None
    if sigma is None:
        return None
    return UncertainDrive(
        species=f"{member.smiles} {member.n_unpaired}",
        process=item.process,
        drive_ev=item.drive_ev,
        level_sigma_ev=sigma,
    )


def _values(work: _Work) -> dict[str, float | None]:
    """Every criterion; ``None`` where it is unknown."""
    light = work.light
    return {
        **{name: _carrier(work, process) for process, name in CARRIER_CRITERIA.items()},
        "p_exciton_trap": light.p_exciton_trap,
        "epsilon_at_lamp_per_m_cm": light.epsilon_at_lamp_per_m_cm,
        "spin_gap_kcal_mol": light.spin_gap_kcal_mol,
        "n2_release_kcal_mol": light.n2_release_kcal_mol,
        "o2_reaction_kcal_mol": light.o2_reaction_kcal_mol,
        **work.structure,
    }


def _carrier(work: _Work, process: Process) -> float | None:
    """Largest probability that a carrier drives a process on a deciding member.

    Unknown if a deciding member failed, its uncertainty is unknown, or no cited reaction gives the wanted
    link, unless another member is trouble enough: then its probability is the least that holds. A link
    that is not computed yet is left out, as it is for every candidate of that depth.
    """
    members = work.members
    found = [
        item.deciding
        for _, result in _deciding(members)
        for item in result.alignments
        if item.process == process
    ]
    known = max((value for value in found if value is not None), default=0.0)
    failed = any(member.decides and isinstance(member.result, Failure) for member in members)
    doubtful = failed or not has_link(members) or not found or None in found
    return None if doubtful and known < UNKNOWN_DESIRABILITY else known


def _absorbs(light: Photophysics, settings: RankSettings) -> Absorbs:
    if light.epsilon_at_lamp_per_m_cm is None:
        return ""
    if light.epsilon_at_lamp_per_m_cm >= settings.yes_from_per_m_cm:
        return "yes"
    return "weak" if light.epsilon_at_lamp_per_m_cm >= settings.weak_from_per_m_cm else "no"
