"""A ranking as flat rows: ``ranking.csv`` and ``ledger.csv``, with the sentence that tells why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, pairwise

from echemscreen.crosslinkers.candidates import RankSettings, Released, carrier
from echemscreen.crosslinkers.film_dose import damage_at
from echemscreen.crosslinkers.rank import Examined, RankedRow, Ranking
from echemscreen.levels.fit.calibration import Z90
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure
from echemscreen.verdicts.criteria import CARRIER_CRITERIA, CRITERIA
from echemscreen.verdicts.ledger import LedgerMember, role_words
from echemscreen.verdicts.ranking import INTERVAL, Comparison
from echemscreen.views.tables.columns import AS_SCREENED, names_of, table_of, values_of

#: From the row of a screen that each member has.
_SCREENED = tuple(name for name, row in table_of("ledger.csv").items() if row.value == AS_SCREENED)
#: Candidates of which all pairs are compared, best first.
_COMPARED = 30
#: Criteria named for and against a candidate in its reason.
_NAMED = 2
#: A weighted difference from the mean that is worth a word.
_NOTEWORTHY = 0.1
#: Share of the luminescence that a harmless lamp leaves at the dose of its row.
_HARMLESS = 0.9


def ranking_rows(ranking: Ranking, settings: RankSettings, qd: str) -> list[dict[str, object]]:
    """One flat row for each row of the input, ranked ones first."""
    means = _mean_desirabilities(ranking.examined)
    below = _next_below(ranking)
    first: dict[str, str] = {}
    rows = []
    for item in ranking.rows:
        entry = item.row.entry
        row = values_of("ranking.csv", item) | {
            "status": "ok",
            "lamp_nm": settings.options.lamp_nm,
            "atmosphere": settings.options.atmosphere,
            "qd": qd,
        }
        if isinstance(entry, Failure):
            row |= {"status": "failed", "reason": entry.told, "error": entry.told}
        elif item.examined is None:
            row |= _unranked(item)
        else:
            row |= _ranked(item.examined, ranking, settings, below, means)
            same = first.setdefault(entry.canonical_smiles, entry.name)
            row["same_as"] = same if same != entry.name else ""
        rows.append(row)
    return rows


def ledger_rows(ranking: Ranking) -> list[dict[str, object]]:
    """One flat row for each member of each ranked crosslinker, best crosslinker first."""
    return [_ledger_row(examined, member) for examined in ranking.examined for member in examined.members]


def comparison_rows(ranking: Ranking) -> list[dict[str, object]]:
    """One flat row for each pair of the best candidates between which no divider stands."""
    rows: list[dict[str, object]] = []
    for first, second in combinations(ranking.examined[:_COMPARED], 2):
        found = ranking.compared(first, second)
        if found is not None:
            rows.append(
                {
                    "better": first.molecule.name,
                    "worse": second.molecule.name,
                    "probability": found.probability,
                    "probability_high": found.probability_high,
                    "resolved": _yes_or_no(said=found.resolved),
                }
            )
    return rows


def _next_below(ranking: Ranking) -> dict[str, tuple[Examined, Comparison]]:
    """By key, the candidate that follows in the same group, and how sure the order of the two is."""
    found = {}
    for first, second in pairwise(ranking.examined):
        compared = ranking.compared(first, second)
        if compared is not None:
            found[first.ranked.key] = (second, compared)
    return found


def _yes_or_no(*, said: bool) -> str:
    return "yes" if said else "no"


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
    item: Examined,
    ranking: Ranking,
    settings: RankSettings,
    below: Mapping[str, tuple[Examined, Comparison]],
    means: Mapping[str, float],
) -> dict[str, object]:
    profile, judged, ranked, light = item.profile, item.judged, item.ranked, item.photophysics
    following = below.get(ranked.key)
    failed = [member for member in judged.unknown if isinstance(member.result, Failure)]
    messages = [member.result.message for member in failed if isinstance(member.result, Failure)]
    interval = light.epsilon_interval_per_m_cm or (None, None)
    doses = (f"{dose.dose_mj_cm2:g} mJ/cm2 at {dose.wavelength_nm} nm" for dose in profile.doses)
    patterning = [row.group for row in profile.patterning] if profile.function != "crosslinker" else []
    return {
        **item.values,
        "status": item.status,
        **{
            f"{name}_bound": carrier(item.members, process, is_open=name in ranked.missing)[1]
            for process, name in CARRIER_CRITERIA.items()
        },
        "reactive_group": "; ".join(patterning or [name for name, _ in profile.arms]),
        "reason": _reason(item, settings, len(ranking.examined), means, following),
        "next_below": following[0].molecule.name if following else "",
        "p_better_than_next": following[1].probability if following else None,
        "resolved": _yes_or_no(said=following[1].resolved) if following else "",
        "flags": ";".join(dict.fromkeys(_flags(item, settings))),
        "failed_members": "; ".join(_member_name(member) for member in failed),
        "unknown_criteria": "; ".join(ranked.missing),
        "published_doses": "; ".join(dict.fromkeys(doses)),
        "epsilon_low_per_m_cm": interval[0],
        "epsilon_high_per_m_cm": interval[1],
        "error": " ".join(filter(None, (*messages, light.failure))),
    }


def _ledger_row(examined: Examined, member: LedgerMember) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(names_of("ledger.csv"))
    result = member.result
    row |= {
        "rank": examined.ranked.rank,
        "crosslinker": examined.molecule.name,
        "role": member.role,
        "member": member.name,
        "smiles": member.smiles,
        "n_unpaired": member.n_unpaired,
        "decides": _yes_or_no(said=member.decides),
        "yield_fraction": member.yield_fraction,
        "status": "not computed",
        "reason": member.note,
        "reaction": member.reaction,
        "citation": str(member.citation) if member.citation else "",
    }
    if isinstance(result, Assessment | Failure):
        screened = values_of("results.csv", result)
        row |= {name: screened[name] for name in _SCREENED} | {"status": screened["status"]}
    if member.role == "intermediate":
        light = examined.photophysics
        # Both spin states of one arm stand for all.
        release = {0: light.n2_release_singlet_kcal_mol, 2: light.n2_release_triplet_kcal_mol}
        if member.smiles == light.intermediate_smiles:
            row["n2_release_kcal_mol"] = release.get(member.n_unpaired)
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


def _reason(
    item: Examined,
    settings: RankSettings,
    count: int,
    means: Mapping[str, float],
    following: tuple[Examined, Comparison] | None,
) -> str:
    ranked = item.ranked
    interval = f"{ranked.rank_low} to {ranked.rank_high} in {INTERVAL:.0%} of the samples"
    parts = [
        f"Rank {ranked.rank} of {count} ({interval}), score {ranked.score:.2f}.",
        _against_next(*following) if following else "",
        item.judged.reason,
        "" if item.profile.function == "crosslinker" else f"A {item.profile.reason}.",
        _light(item, settings),
        _dose(item, settings),
        _air(item),
        *_released(item.released),
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
        parts.append(
            f"Unknown, or known on the good side only: {unknown}; once known, the score may be up to "
            f"{ranked.score_high:.2f}."
        )
    return " ".join(part for part in parts if part)


def _against_next(other: Examined, found: Comparison) -> str:
    """How sure it is that it stands above the next."""
    share = f"P = {found.probability:.2f}"
    if found.probability_high > found.probability:
        share = f"P between {found.probability:.2f} and {found.probability_high:.2f}"
    if found.resolved:
        return f"Better than {other.molecule.name} ({share})."
    return f"Not resolved from {other.molecule.name} ({share} that it is better)."


def _light(item: Examined, settings: RankSettings) -> str:
    epsilon = item.photophysics.epsilon_at_lamp_per_m_cm
    if epsilon is None:
        failure = item.photophysics.failure
        return failure or "Absorption at the lamp is not computed."
    word = {"yes": "absorbs", "weak": "absorbs weakly", "no": "does not absorb", "": ""}[item.absorbs]
    is_crosslinker = item.profile.function == "crosslinker"
    # What a dot absorbs may start the reaction of a ligand that sits on it.
    dark = "no link forms there" if is_crosslinker else "alone it does not react there"
    words = f"It {word} at {settings.options.lamp_nm:g} nm ({_significant(epsilon)} 1/(M cm))"
    return f"{words}: {dark}." if item.absorbs == "no" else f"{words}."


def _dose(item: Examined, settings: RankSettings) -> str:
    """The dose for a film, and what so much light does to the dots themselves."""
    dose, damage = item.dose, damage_at(settings.options.lamp_nm)
    if item.photophysics.epsilon_at_lamp_per_m_cm is None or item.profile.function != "crosslinker":
        return ""
    film = f"a film of {settings.film.thickness_nm:g} nm with {settings.film.loading_percent:g} % of it"
    if dose.dose_mj_cm2 is None or dose.low_mj_cm2 is None or dose.high_mj_cm2 is None:
        return f"No dose for {film}: {dose.missing}."
    ends = " to ".join(_significant(value) for value in (dose.low_mj_cm2, dose.high_mj_cm2))
    clear = "" if dose.transmitted is not None else " at least, as the absorption of the dot is unknown,"
    said = f"For {film}{clear} {_significant(dose.dose_mj_cm2)} mJ/cm2 ({ends})."
    if damage is None:
        return said
    kept = damage.kept ** (dose.dose_mj_cm2 / damage.dose_mj_cm2)
    return f"{said} So much light alone leaves {kept:.0%} of the dots' luminescence."


def _released(parts: Iterable[Released]) -> Iterator[str]:
    """What freed acids, bases and anions do to the native ligands, by the energies of exchange."""
    found: dict[str, list[str]] = {}
    for part in parts:
        verb = {
            "displaces": f"displaces {part.native}",
            "does not displace": f"does not displace {part.native}",
            "about even": f"is held about as firmly as {part.native}",
            "protonates": f"protonates {part.native}",
            "does not protonate": f"does not protonate {part.native}",
        }.get(part.outcome, f"is not known to displace {part.native}")
        found.setdefault(part.name, []).append(verb)
    for name, verbs in found.items():
        yield f"The {name} that it frees {' and '.join(verbs)}."


def _flags(item: Examined, settings: RankSettings) -> Iterator[str]:
    """Those of its members, and that its lamp damages dots."""
    yield from (flag.code for flag in item.judged.flags)
    damage = damage_at(settings.options.lamp_nm)
    is_lit = item.profile.function == "crosslinker" or any(
        "light" in row.stimulus for row in item.profile.patterning
    )
    if is_lit and damage is not None and damage.kept < _HARMLESS:
        yield "lamp_damages_dot"


def _air(item: Examined) -> str:
    """What oxygen leaves of the links."""
    if item.oxygen is None:
        return ""
    if not item.oxygen.ratio:
        return "In air its links remain: the singlet inserts before oxygen matters."
    low, high = (item.oxygen.bridges_left(sign * Z90) for sign in (1.0, -1.0))
    return (
        f"In air oxygen takes its triplets: {item.oxygen.bridges_left():.0%} ({low:.0%} to {high:.0%}) of "
        "the bridges remain, the rest become carbonyl compounds."
    )


def _significant(value: float) -> str:
    """Two significant digits, written out."""
    return f"{float(f'{value:.2g}'):,.0f}".replace(",", "") if value >= 1.0 else "below 1"
