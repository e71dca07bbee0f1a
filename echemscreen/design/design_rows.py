"""What a search found as rows and sentences: of ``design.csv``, of ``learnt.json`` and of the page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from echemscreen.design.search import Effect, Search, first_to_make, pareto_front
from echemscreen.ligands.building.descriptors import MEASURES
from echemscreen.records.processes import Process
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure


def design_rows(
    state: Search, under_lamp: Mapping[str, Mapping[str, object]] | None = None
) -> list[dict[str, object]]:
    """The rows of ``design.csv``: every computed candidate, what survives best first.

    Parameters
    ----------
    under_lamp
        Rows of ``ranking.csv`` by name, of those that were ranked under a lamp.
    """
    front = pareto_front(state)
    first = {item.index for item in first_to_make(state)}
    best = state.best()
    ranked = {item.index: rank for rank, item in enumerate(best, start=1)}
    rows = []
    for item in (*best, *(other for other in state.tried if other.survives is None)):
        descriptors, result = item.built.descriptors, item.result
        assert descriptors is not None
        ranking = (under_lamp or {}).get(item.built.name, {})
        rows.append(
            {
                "rank": ranked.get(item.index),
                "name": item.built.name,
                "smiles": item.built.smiles,
                "blocks": ";".join(item.built.blocks),
                "p_survives": None if item.survives is None else round(item.survives, 4),
                "verdict": "" if isinstance(result, Failure) else result.verdict,
                "reduction_drive_ev": _rounded(item.drive_ev(Process.REDUCTION)),
                "oxidation_drive_ev": _rounded(item.drive_ev(Process.OXIDATION)),
                "pareto_front": item.index in front,
                "make_first": item.index in first,
                "lamp_rank": ranking.get("rank"),
                "absorbs_at_lamp": ranking.get("absorbs_at_lamp", ""),
                "dose_class": ranking.get("dose_class", ""),
                **{
                    name: round(getattr(descriptors, name), 3)
                    for name in ("molar_mass_da", "log_p", "synthetic_accessibility")
                    if name in MEASURES
                },
                "route": state.space.route(item.index),
                "reason": result.message if isinstance(result, Failure) else result.reason,
            }
        )
    return rows


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def learnt_rows(learnt: Sequence[Effect]) -> list[dict[str, object]]:
    """What blocks do to the drives, the surest first."""
    return [
        {**asdict(item), "effect_ev": round(item.effect_ev, 4), "sigma_ev": round(item.sigma_ev, 4)}
        for item in learnt
    ]


def stands_against(state: Search, p_inert: float) -> str:
    """Where nothing survives: which carrier attacks the best of what was tried."""
    best = state.best()
    if not best or (best[0].survives or 0.0) >= 1.0 - p_inert:
        return ""
    counts: Counter[str] = Counter()
    for item in best[: state.goal.wanted]:
        assert isinstance(item.result, Assessment)
        worst = max(item.result.alignments, key=lambda a: a.deciding or 0.0)
        counts[f"the {worst.process.carrier}"] += 1
    carrier, n = counts.most_common(1)[0]
    return (
        f"no candidate survives both carriers at {1 - p_inert:.2f}: the best reaches "
        f"{best[0].survives:.2f}, and {carrier} attacks {n} of the {sum(counts.values())} best; "
        "choose other blocks, a shell or another dot"
    )
