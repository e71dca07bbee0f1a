"""What the figures of a ranking show, from the ranking."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from echemscreen.crosslinkers.candidates import RankSettings, carrier
from echemscreen.crosslinkers.rank import Examined, Ranking
from echemscreen.quantities import probability, written
from echemscreen.records.processes import Process
from echemscreen.records.results import Assessment
from echemscreen.verdicts.criteria import CARRIER_CRITERIA, CRITERIA
from echemscreen.verdicts.ledger import LedgerMember, role_words
from echemscreen.verdicts.ranking import INTERVAL
from echemscreen.views.alignment.drawing import Level
from echemscreen.views.ranking.ledger_layout import LedgerGroup, MemberLevels
from echemscreen.views.ranking.ranking_figure import (
    CandidateRow,
    Cell,
    CriterionColumn,
    RankingMatrix,
)

#: How the numbers of a criterion are written; two decimals otherwise.
_WRITTEN: Mapping[str, Callable[[float], str]] = {
    "epsilon_at_lamp_per_m_cm": lambda value: f"{float(f'{value:.2g}'):.0f}",
    "n_arms": lambda value: f"{value:.0f}",
    "molar_mass_da": lambda value: f"{value:.0f}",
    "log_p": lambda value: f"{value:.1f}",
    "synthetic_accessibility": lambda value: f"{value:.1f}",
    "spin_gap_kcal_mol": lambda value: f"{value:z.0f}",
    "n2_release_kcal_mol": lambda value: f"{value:z.0f}",
    "o2_reaction_kcal_mol": lambda value: f"{value:z.0f}",
    "nitrogen_rich": lambda value: "yes" if value else "no",
    **dict.fromkeys(("dose_class", "insertion_class", "thermal_class"), lambda value: f"{value:.0f}"),
}
_CARRIERS = {name: process for process, name in CARRIER_CRITERIA.items()}


def matrix_of(ranking: Ranking, settings: RankSettings, qd: str) -> RankingMatrix:
    """The distinct candidates against every criterion of which something is known."""
    known = [
        criterion
        for criterion in CRITERIA
        if any(item.values.get(criterion.name) is not None for item in ranking.examined)
    ]
    criteria = settings.preferences.criteria
    columns = tuple(
        CriterionColumn(title=item.title, unit=item.unit, weight=criteria[item.name].weight) for item in known
    )
    rows = tuple(
        CandidateRow(
            name=item.molecule.name,
            smiles=item.molecule.canonical_smiles,
            rank=item.ranked.rank,
            rank_low=item.ranked.rank_low,
            rank_high=item.ranked.rank_high,
            score=item.ranked.score,
            verdict=item.judged.verdict,
            note=_note(item),
            group=item.divider.partition(";")[0],
            cells=tuple(_cell(item, criterion.name, settings) for criterion in known),
        )
        for item in ranking.examined
    )
    gas = {"n2": "nitrogen", "air": "air"}[settings.options.atmosphere]
    return RankingMatrix(
        columns=columns,
        rows=rows,
        n_ranked=len(rows),
        caption=(
            f"Crosslinkers on {qd}, lamp {settings.options.lamp_nm:g} nm, exposed in {gas}. Blue: desirable, "
            "orange: undesirable; hatched: unknown, or known on its good side. P: probability that the "
            "carrier drives a reaction of the worst deciding member (precursor, wanted link). Classes: 1 is "
            "best. Score: weighted mean of the desirabilities, what is unknown at its worst. Rank: "
            f"{INTERVAL:.0%} of samples of the levels within their uncertainty, and all that is unknown. "
            "Strong lines divide groups that are not compared."
        ),
    )


def groups_of(ranking: Ranking) -> list[LedgerGroup]:
    """The ledgers of the candidates, best first; members without levels are left out."""
    return [
        LedgerGroup(
            name=item.molecule.name,
            smiles=item.molecule.canonical_smiles,
            rank=item.ranked.rank,
            verdict=item.judged.verdict,
            members=tuple(
                _levels(member, member.result)
                for member in item.members
                if isinstance(member.result, Assessment)
            ),
            triplet_ev=item.photophysics.triplet_ev,
            triplet_sigma_ev=item.photophysics.triplet_sigma_ev,
        )
        for item in ranking.examined
    ]


def _cell(item: Examined, name: str, settings: RankSettings) -> Cell:
    value = item.values.get(name)
    if value is None:
        return Cell(text="unknown", desirability=None)
    least = name in item.ranked.missing
    if name in _CARRIERS:
        text = probability(value, carrier(item.members, _CARRIERS[name], is_open=least)[1])
    else:
        text = _WRITTEN.get(name, written)(value)
    if least:
        return Cell(text=text, desirability=None)
    return Cell(text=text, desirability=settings.preferences.criteria[name].desirability(value))


def _note(item: Examined) -> str:
    """The flags, or what the verdict hangs on."""
    flags = dict.fromkeys(flag.code.replace("_", " ") for flag in item.judged.flags)
    if flags:
        return ", ".join(flags)
    worst = item.judged.worst
    return f"worst: {role_words(worst.role)}" if worst else "no member assessed"


def _levels(member: LedgerMember, result: Assessment) -> MemberLevels:
    says = {Process.REDUCTION: result.compared.e_red, Process.OXIDATION: result.compared.e_ox}
    return MemberLevels(
        role=member.role,
        verdict=result.verdict,
        decides=member.decides,
        levels=tuple(
            Level(
                kind=level.process,
                value=level.value_v_she,
                sigma=level.sigma_v,
                basis=level.found,
                bound=level.bound,
                verdict=(own.verdict if (own := says[level.process]) else None) or "",
            )
            for level in (result.levels.reduction, result.levels.oxidation)
            if level is not None
        ),
        name=member.name,
        smiles=member.smiles,
        n_unpaired=member.n_unpaired,
    )
