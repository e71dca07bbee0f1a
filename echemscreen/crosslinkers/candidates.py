"""One candidate of a ranking: what is known of it, and what of that is compared.

Its criteria come from its structure and the cited rows of its groups, from the levels of the members of its
ledger, and from what light does to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Literal

from echemscreen.crosslinkers.film_dose import Film, FilmDose, film_dose
from echemscreen.crosslinkers.photophysics import Photophysics
from echemscreen.crosslinkers.spin_facts import intermediate_of
from echemscreen.errors import DotError, InputError, TableError
from echemscreen.levels.light.oxygen import OxygenCompetition, oxygen_competition
from echemscreen.ligands.building.descriptors import describe
from echemscreen.ligands.crosslinking.crosslinkers import CrosslinkerProfile
from echemscreen.options.runs import RankOptions
from echemscreen.quantities import Bound
from echemscreen.records.dots import QuantumDot
from echemscreen.records.molecules import Molecule
from echemscreen.records.processes import Process
from echemscreen.records.results import Alignment, Assessment
from echemscreen.records.rows import Failure
from echemscreen.screening.exchange import exchange
from echemscreen.screening.form_evidence.site_evidence import native_ligand
from echemscreen.verdicts.criteria import CARRIER_CRITERIA, CRITERIA, Preferences
from echemscreen.verdicts.ledger import LedgerMember, has_link, judge_ledger
from echemscreen.verdicts.posterior import SHIFTS, Candidate, UncertainDrive

Absorbs = Literal["yes", "weak", "no", ""]
Stage = Literal["vertical", "full", "spectrum", "spin states"]
STAGES: tuple[Stage, ...] = ("vertical", "full", "spectrum", "spin states")
#: Where the group of what absorbs so stands, and its divider.
_GROUPS: Mapping[Absorbs, tuple[int, str]] = {
    "yes": (0, "absorbs at the lamp"),
    "weak": (0, "absorbs at the lamp"),
    "": (1, "absorption not computed"),
    "no": (2, "does not absorb at the lamp"),
}
#: The same of what forms few links in air, whatever it absorbs: it is spent on oxygen.
_OXIDISED = (3, "loses most of its links to oxygen")
#: The same of what patterns without light of its own: by heat, or by the acid of a generator.
_BY_OTHER_STIMULUS = (_OXIDISED[0] + 1 + len(_GROUPS), "patterns without linking arms and without light")
#: Share of the links below which most are lost.
MOST = 0.5
#: Numbers of the classes of a profile, the best first; a class that is not here is unknown.
_INSERTION = {"fast": 1.0, "moderate": 2.0, "slow": 3.0, "rearranges": 4.0}
_DOSE = {"low": 1.0, "medium": 2.0, "high": 3.0}
_THERMAL = {"not energetic": 1.0, "robust": 1.0, "moderate": 2.0, "fragile": 3.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class RankSettings:
    """What is asked of a ranking."""

    options: RankOptions
    preferences: Preferences
    weak_from_per_m_cm: float
    yes_from_per_m_cm: float

    @property
    def film(self) -> Film:
        """What is exposed."""
        return Film(thickness_nm=self.options.film_nm, loading_percent=self.options.loading_percent)


@dataclass(slots=True)
class Work:
    """A candidate on its way through the funnel."""

    molecule: Molecule
    profile: CrosslinkerProfile
    structure: Mapping[str, float | None]
    members: tuple[LedgerMember, ...]
    stage: Stage = "vertical"
    light: Photophysics = field(default_factory=Photophysics)


def structure_criteria(molecule: Molecule, profile: CrosslinkerProfile) -> dict[str, float | None]:
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


def candidate_of(work: Work, settings: RankSettings) -> Candidate:
    """What the ranking compares of a candidate."""
    spreads = {}
    if work.light.epsilon_spread_per_m_cm:
        spreads["epsilon_at_lamp_per_m_cm"] = work.light.epsilon_spread_per_m_cm
    oxygen = oxygen_of(work, settings)
    if oxygen is not None:
        spreads["bridges_in_air"] = tuple(oxygen.bridges_left(shift) for shift in SHIFTS)
    return Candidate(
        key=work.molecule.canonical_smiles,
        place=_group(work, settings)[0],
        depth=STAGES.index(work.stage),
        values=values_of(work, settings),
        open=_open_carriers(work),
        inert=judge_ledger(work.members).verdict == "inert",
        spreads=spreads,
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
        level = result.levels.of(item.process)
        sigma = level.sigma_v if level is not None else None
    if sigma is None:
        return None
    return UncertainDrive(
        species=f"{member.smiles} {member.n_unpaired}",
        process=item.process,
        drive_ev=item.drive_ev,
        level_sigma_ev=sigma,
    )


def values_of(work: Work, settings: RankSettings) -> dict[str, float | None]:
    """Every criterion; ``None`` where it is unknown.

    Raises
    ------
    TableError
        if a criterion has no value here, or the reverse.
    """
    light, opened = work.light, _open_carriers(work)
    oxygen = oxygen_of(work, settings)
    values = {
        **{
            name: carrier(work.members, process, is_open=name in opened)[0]
            for process, name in CARRIER_CRITERIA.items()
        },
        "p_exciton_trap": light.p_exciton_trap,
        "epsilon_at_lamp_per_m_cm": light.epsilon_at_lamp_per_m_cm,
        "spin_gap_kcal_mol": light.spin_gap_kcal_mol,
        "n2_release_kcal_mol": light.n2_release_kcal_mol,
        "o2_reaction_kcal_mol": light.o2_reaction_kcal_mol,
        "bridges_in_air": None if oxygen is None else oxygen.bridges_left(),
        **work.structure,
    }
    unlike = values.keys() ^ {criterion.name for criterion in CRITERIA}
    if unlike:
        raise TableError(
            f"Criteria without a value, or values without a criterion: {', '.join(sorted(unlike))}.",
            "Name it in verdicts/criteria.py and give its value in values_of of crosslinkers/candidates.py.",
        )
    return values


def carrier(
    members: Sequence[LedgerMember], process: Process, *, is_open: bool
) -> tuple[float | None, Bound]:
    """Largest probability that a carrier drives a process on a deciding member, and its side.

    A link that is not computed yet is left out, as it is for every candidate of that depth.

    Parameters
    ----------
    is_open
        Whether more may be true than is known: then it is the least that holds, and what is only bounded
        from above says nothing. Without any it is ``None``.
    """
    known: list[tuple[float, Bound]] = [
        (item.deciding, "at least" if is_open else item.bound)
        for item in _carried(members, process)
        if item.deciding is not None and not (is_open and item.one_sided)
    ]
    return max(known, key=lambda pair: pair[0], default=(None, ""))


def _open_carriers(work: Work) -> frozenset[str]:
    """Carriers of which more may be true than is known.

    A deciding member failed, its uncertainty is unknown, or no cited reaction gives the wanted link.
    """
    failed = any(member.decides and isinstance(member.result, Failure) for member in work.members)
    all_open = failed or not has_link(work.members)
    found = {name: _carried(work.members, process) for process, name in CARRIER_CRITERIA.items()}
    return frozenset(
        name
        for name, items in found.items()
        if all_open or not items or any(item.deciding is None for item in items)
    )


def _carried(members: Sequence[LedgerMember], process: Process) -> list[Alignment]:
    """Every comparison of a process, on every deciding member that was assessed."""
    return [item for _, result in _deciding(members) for item in result.alignments if item.process == process]


def divider(work: Work, settings: RankSettings) -> str:
    """What the candidates between two dividers have in common."""
    return f"{_group(work, settings)[1]}; examined: {work.stage}"


def _group(work: Work, settings: RankSettings) -> tuple[int, str]:
    if work.profile.function == "patterning ligand":
        if not any("light" in row.stimulus for row in work.profile.patterning):
            return _BY_OTHER_STIMULUS
        place, words = _GROUPS[absorption_class(work.light, settings)]
        return _OXIDISED[0] + 1 + place, f"patterns without linking arms, {words}"
    oxygen = oxygen_of(work, settings)
    if oxygen is not None and oxygen.bridges_left() < MOST:
        return _OXIDISED
    return _GROUPS[absorption_class(work.light, settings)]


def oxygen_of(work: Work, settings: RankSettings) -> OxygenCompetition | None:
    """What oxygen does to its links; ``None`` in nitrogen, or if it is unknown."""
    found = intermediate_of(work.members) if settings.options.atmosphere == "air" else None
    if found is None:
        return None
    return oxygen_competition(found[1], work.profile.n_light_arms, work.light.spin_gap_kcal_mol)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What a stimulus frees, and whether it takes the native ligand off."""

    name: str
    outcome: str
    """As of :class:`~echemscreen.screening.exchange_answer.ExchangeAnswer`; of an acid with its proton."""
    native: str


def released(members: Sequence[LedgerMember], dot: QuantumDot) -> tuple[Released, ...]:
    """Acids, bases and anions among the residues, against the native ligand of their kind.

    An acid is compared with the native donor as well, which it may protonate. A residue that does not bind
    is left out.
    """
    found: dict[tuple[str, str], Released] = {}
    for member in members:
        if member.role != "residue":
            continue
        with suppress(InputError, DotError):
            answers = [exchange(member.smiles, None, dot)]
            if answers[0].new.binding == "X" and member.charge == 0:
                answers.append(exchange(member.smiles, native_ligand("L").name, dot))
            for answer in answers:
                outcome = answer.outcome if member.charge else answer.outcome_as_acid
                if outcome != "not one for one":
                    found.setdefault(
                        (member.smiles, answer.native.name),
                        Released(name=member.name, outcome=outcome, native=answer.native.name),
                    )
    return tuple(found.values())


def dose_of(work: Work, settings: RankSettings, dot: QuantumDot) -> FilmDose:
    """The dose that makes a film of it stay."""
    return film_dose(
        work.light.epsilon_at_lamp_per_m_cm,
        work.light.epsilon_interval_per_m_cm,
        settings.options.lamp_nm,
        profile=work.profile,
        molar_mass_da=work.structure["molar_mass_da"] or math.inf,
        dot=dot,
        film=settings.film,
    )


def absorption_class(light: Photophysics, settings: RankSettings) -> Absorbs:
    """How it absorbs at the lamp; blank if that is not computed."""
    if light.epsilon_at_lamp_per_m_cm is None:
        return ""
    if light.epsilon_at_lamp_per_m_cm >= settings.yes_from_per_m_cm:
        return "yes"
    return "weak" if light.epsilon_at_lamp_per_m_cm >= settings.weak_from_per_m_cm else "no"
