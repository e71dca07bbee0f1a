"""What an edge of a user's own dot is, by how it was read (``edge_kinds.csv`` and the fit of the axis)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from echemscreen.dots.edges.edge_axis import edge_axis
from echemscreen.dots.edges.edge_evidence import edge_kinds
from echemscreen.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """By how much a kind of measurement reads an edge beside its place on the axis, V."""

    mean_v: float
    sigma_v: float


def reading_of(kind: str, edge: str) -> Reading:
    """What the fit of published edges says of one way of reading an edge; nothing for a blank kind.

    Raises
    ------
    InputError
        for a kind without a row of ``edge_kinds.csv``, or one that is not fitted.
    """
    if not kind:
        return Reading(mean_v=0.0, sigma_v=0.0)
    row = edge_kinds().get(kind)
    if row is None or not row.fitted:
        known = ", ".join(name for name, item in edge_kinds().items() if item.fitted)
        raise InputError(
            f"'{kind}' is no way of measuring an edge.", f"Write one of {known}, or leave it blank."
        )
    names = [f"{edge} by {kind}", *([f"surface {row.surface}"] if row.surface != "electrolyte" else [])]
    terms = [edge_axis().rows[name] for name in names if name in edge_axis().rows]
    return Reading(
        mean_v=sum(term.mean_v for term in terms), sigma_v=math.hypot(*(term.sigma_v for term in terms))
    )
