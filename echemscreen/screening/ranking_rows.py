"""A ranking as flat rows: ``ranking.csv`` and ``ledger.csv``, with the sentence that tells why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from echemscreen.records import Assessment, Failure
from echemscreen.screening.rank import Examined, RankedRow, Ranking, RankSettings
from echemscreen.verdicts.ledger import LedgerMember, role_words
from echemscreen.verdicts.ranking import CRITERIA, INTERVAL
from echemscreen.views.table import row_of

#: The contract's columns first, then what explains them, then the criteria.
RANKING_COLUMNS: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            "rank",
            "name",
            "smiles",
            "status",
            "verdict",
            "worst_member",
            "worst_member_role",
            "score",
            "pareto_front",
            "lamp_nm",
            "absorbs_at_lamp",
            "reactive_group",
            "intermediate",
            "spin_gap_kcal_mol",
            "reason",
            "rank_low",
            "rank_high",
            "stage",
            "flags",
            "failed_members",
            "unknown_criteria",
            "same_as",
            "canonical_smiles",
            "inchikey",
            "family",
            *(criterion.name for criterion in CRITERIA),
            "reach_nm",
            "nitrogen_ratio",
            "thermal_temperature_c",
            "insertion",
            "thermal",
            "published_doses",
            "epsilon_low_per_m_cm",
            "epsilon_high_per_m_cm",
            "expected_dose_mj_cm2",
            "s1_ev",
            "absorption_method",
            "triplet_ev",
            "triplet_sigma_ev",
            "atmosphere",
            "qd",
            "error",
        )
    )
)
#: From the rows of a screen, one for each member.
_SCREENED = (
    "form",
    "verdict",
    "flags",
    "e_red_v_she",
    "e_red_sigma_v",
    "e_ox_v_she",
    "e_ox_sigma_v",
    "reduction_drive_ev",
    "oxidation_drive_ev",
    "p_reduction",
    "p_oxidation",
    "domain",
    "reason",
    "method",
    "limits",
    "error",
)
LEDGER_COLUMNS: tuple[str, ...] = (
    "rank",
    "crosslinker",
    "role",
    "member",
    "smiles",
    "n_unpaired",
    "decides",
    "yield_fraction",
    "status",
    *_SCREENED,
    "reaction",
    "citation",
)
#: Criteria named for and against a candidate in its reason.
_NAMED = 2
#: A weighted difference from the mean that is worth a word.
_NOTEWORTHY = 0.1


def ranking_rows(ranking: Ranking, settings: RankSettings, qd: str) -> list[dict[str, object]]:
    """One flat row for each row of the input, ranked ones first."""
    count = len(ranking.examined)
    means = _mean_desirabilities(ranking.examined)
    first: dict[str, str] = {}
    rows = []
    for item in ranking.rows:
        row: dict[str, object] = dict.fromkeys(RANKING_COLUMNS)
        entry = item.row.entry
        row |= {
            "name": entry.name,
            "smiles": entry.smiles,
            "canonical_smiles": entry.canonical_smiles,
            "inchikey": entry.inchikey,
            "family": entry.family,
            "status": "ok",
            "lamp_nm": settings.lamp_nm,
            "atmosphere": settings.atmosphere,
            "qd": qd,
        }
        if isinstance(entry, Failure):
            said = f"{entry.message} {entry.remedy}".strip()
            row |= {"status": "failed", "reason": said, "error": said}
        elif item.examined is None:
            row |= _unranked(item)
        else:
            row |= _ranked(item.examined, settings, count, means)
            same = first.setdefault(entry.canonical_smiles, entry.name)
            row["same_as"] = same if same != entry.name else ""
        rows.append(row)
    return rows


def ledger_rows(ranking: Ranking) -> list[dict[str, object]]:
    """One flat row for each member of each ranked crosslinker, best crosslinker first."""
    return [_ledger_row(examined, member) for examined in ranking.examined for member in examined.members]


# --- one row ------------------------------------------------------------------------------


def _unranked(item: RankedRow) -> dict[str, object]:
    profile = item.profile
    if profile is None:
        return {}
    groups = (*profile.arms, *profile.additives)
    reason = profile.reason
    if profile.function == "initiated crosslinker":
        reason += "; light alone forms no link: not ranked"
    return {
        "reason": reason,
        "reactive_group": "; ".join(name for name, _ in groups),
    }


def _ranked(
    item: Examined, settings: RankSettings, count: int, means: Mapping[str, float]
) -> dict[str, object]:
    profile, judged, ranked, light = item.profile, item.judged, item.ranked, item.photophysics
    failed = [member for member in judged.unknown if isinstance(member.result, Failure)]
    messages = [member.result.message for member in failed if isinstance(member.result, Failure)]
    worst = judged.worst
    interval = light.epsilon_interval_per_m_cm or (None, None)
    doses = (f"{dose.dose_mj_cm2:g} mJ/cm2 at {dose.wavelength_nm} nm" for dose in profile.doses)
    return {
        **item.values,
        "rank": ranked.rank,
        "status": item.status,
        "verdict": judged.verdict,
        "worst_member": worst.name if worst else "",
        "worst_member_role": worst.role if worst else "",
        "score": ranked.score,
        "pareto_front": ranked.pareto_front,
        "absorbs_at_lamp": item.absorbs,
        "reactive_group": "; ".join(name for name, _ in profile.arms),
        "intermediate": profile.intermediate,
        "reason": _reason(item, settings, count, means),
        "rank_low": ranked.rank_low,
        "rank_high": ranked.rank_high,
        "stage": item.stage,
        "flags": ";".join(dict.fromkeys(flag.code for flag in judged.flags)),
        "failed_members": "; ".join(_member_name(member) for member in failed),
        "unknown_criteria": "; ".join(ranked.missing),
        "reach_nm": profile.reach_nm,
        "nitrogen_ratio": profile.nitrogen_ratio,
        "thermal_temperature_c": profile.thermal_temperature_c,
        "insertion": profile.insertion_class,
        "thermal": profile.thermal_class,
        "published_doses": "; ".join(dict.fromkeys(doses)),
        "epsilon_low_per_m_cm": interval[0],
        "epsilon_high_per_m_cm": interval[1],
        "expected_dose_mj_cm2": light.expected_dose_mj_cm2,
        "s1_ev": light.s1_ev,
        "absorption_method": light.method,
        "triplet_ev": light.triplet_ev,
        "triplet_sigma_ev": light.triplet_sigma_ev,
        "error": " ".join(filter(None, (*messages, light.failure))),
    }


def _ledger_row(examined: Examined, member: LedgerMember) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(LEDGER_COLUMNS)
    result = member.result
    row |= {
        "rank": examined.ranked.rank,
        "crosslinker": examined.molecule.name,
        "role": member.role,
        "member": member.name,
        "smiles": member.smiles,
        "n_unpaired": member.n_unpaired,
        "decides": "yes" if member.decides else "no",
        "yield_fraction": member.yield_fraction,
        "status": "not computed",
        "reason": member.note,
        "reaction": member.reaction,
        "citation": str(member.citation) if member.citation else "",
    }
    if isinstance(result, Assessment | Failure):
        screened = row_of(result)
        row |= {name: screened[name] for name in _SCREENED} | {"status": screened["status"]}
    return row


def _member_name(member: LedgerMember) -> str:
    words = role_words(member.role)
    return words if member.role == "precursor" else f"{words} ({member.name})"


# --- why ----------------------------------------------------------------------------------


def _mean_desirabilities(examined: Sequence[Examined]) -> dict[str, float]:
    """Over the candidates for which a criterion entered."""
    found: dict[str, list[float]] = {}
    for item in examined:
        for name, value in item.ranked.desirabilities.items():
            found.setdefault(name, []).append(value)
    return {name: sum(values) / len(values) for name, values in found.items()}


def _reason(item: Examined, settings: RankSettings, count: int, means: Mapping[str, float]) -> str:
    ranked = item.ranked
    interval = f"{ranked.rank_low} to {ranked.rank_high} in {INTERVAL:.0%} of the samples"
    parts = [
        f"Rank {ranked.rank} of {count} ({interval}), score {ranked.score:.2f}.",
        item.judged.reason,
        _light(item, settings),
    ]
    if item.stage == "vertical":
        parts.append("Only its precursor was examined, at vertical levels.")
    titles = {criterion.name: criterion.title for criterion in CRITERIA}
    weighted = sorted(
        (
            (settings.preferences.criteria[name].weight * (value - means[name]), titles[name])
            for name, value in ranked.desirabilities.items()
            if name not in ranked.missing
        ),
    )
    against = [title for gain, title in weighted[:_NAMED] if gain < -_NOTEWORTHY]
    speaks_for = [title for gain, title in reversed(weighted[-_NAMED:]) if gain > _NOTEWORTHY]
    if speaks_for:
        parts.append(f"Better than the others by {' and '.join(speaks_for)}.")
    if against:
        parts.append(f"Worse by {' and '.join(against)}.")
    if ranked.missing:
        unknown = ", ".join(titles[name] for name in ranked.missing)
        parts.append(f"Unknown and counted half: {unknown}.")
    return " ".join(part for part in parts if part)


def _light(item: Examined, settings: RankSettings) -> str:
    epsilon = item.photophysics.epsilon_at_lamp_per_m_cm
    if epsilon is None:
        failure = item.photophysics.failure
        return failure or "Absorption at the lamp is not computed."
    word = {"yes": "absorbs", "weak": "absorbs weakly", "no": "does not absorb", "": ""}[item.absorbs]
    dark = ": no link forms there" if item.absorbs == "no" else ""
    return f"It {word} at {settings.lamp_nm:g} nm ({_significant(epsilon)} 1/(M cm)){dark}."


def _significant(value: float) -> str:
    """Two significant digits, written out."""
    return f"{float(f'{value:.2g}'):,.0f}".replace(",", "") if value >= 1.0 else "below 1"
