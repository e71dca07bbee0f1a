"""What the edges of a dot rest on: the published rows, what each implies, and what would halve the doubt."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from echemscreen.dots.edges.band_edges import CARRIERS, Model, model_of
from echemscreen.dots.edges.edge_axis import compounds, edge_axis
from echemscreen.dots.edges.edge_evidence import (
    BandEdgeRow,
    band_offsets,
    edge_kinds,
    published_edges,
)
from echemscreen.dots.edges.edge_fit import edge_observation
from echemscreen.dots.specification import parse
from echemscreen.records.dots import QuantumDot

#: A row speaks of an edge if this much of the carrier is in the row's compound.
_LEAST_SHARE = 0.2
#: The variance of one more measurement that halves a standard deviation, as a part of the variance.
_TO_HALVE = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeSupport:
    """A published edge of a compound that the dot's carrier is in."""

    edge: str
    material: str
    sample: str
    kind: str
    published_v_she: float
    implied_v_she: float | None
    """The edge of the dot if this row alone were right; ``None`` for what the fit does not use."""
    citation: str


def support_of(model: Model) -> tuple[EdgeSupport, ...]:
    """The published edges that speak of a dot, in table order.

    A row implies an edge by its own value, less what its surface and its kind of reading add, moved by the
    difference of the natural energies of its sample and the dot.
    """
    means = {name: row.mean_v for name, row in edge_axis().rows.items()}
    found = []
    for row in published_edges():
        carrier = CARRIERS[row.edge == "vbm"]
        where = compounds(model.where(carrier))
        if not row.dot or max(where.get(name, 0.0) for name in _named(row)) < _LEAST_SHARE:
            continue
        one = edge_observation(row)
        # A shell that is named may hold none of the sample's carrier.
        if where.get(one.compound, 0.0) < _LEAST_SHARE:
            continue
        implied = None
        if edge_kinds()[row.kind].fitted:
            reading = sum(means.get(name, 0.0) for name in one.coefficients if not _places(name))
            energy_ev = model.electron_ev if row.edge == "cbm" else model.hole_ev
            implied = one.observed_v - one.natural_v - reading - energy_ev
        found.append(
            EdgeSupport(
                edge=row.edge,
                material=row.material,
                sample=row.sample,
                kind=row.kind,
                published_v_she=row.value_v_she,
                implied_v_she=implied,
                citation=row.citation,
            )
        )
    return tuple(found)


def _named(row: BandEdgeRow) -> Sequence[str]:
    return list(compounds(dict.fromkeys(row.material.split("/"), 1.0)))


def _places(name: str) -> bool:
    return name in edge_axis().names


def support_summary(support: Sequence[EdgeSupport], edge: str) -> str:
    """One line: how many rows of which kinds, and how far what they imply is spread."""
    used = [one for one in support if one.edge == edge and one.implied_v_she is not None]
    if not used:
        return "no published edge of its materials: natural offsets and the common axis"
    counts: Mapping[str, int] = {
        kind: sum(one.kind == kind for one in used) for kind in {one.kind for one in used}
    }
    kinds = ", ".join(
        f"{kind} {count}" for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
    implied = sorted(one.implied_v_she for one in used if one.implied_v_she is not None)
    if len(implied) == 1:
        return f"1 published edge ({kinds}), which implies {implied[0]:+.2f} V vs SHE"
    return (
        f"{len(used)} published edges ({kinds}), which imply {implied[0]:+.2f} to {implied[-1]:+.2f} V vs SHE"
    )


def evidence_of(dot: QuantumDot) -> dict[str, object]:
    """What the edges of a dot rest on, as a JSON object for run records, the report and ``qd --json``."""
    found: dict[str, object] = {}
    if dot.edges.cbm.kind == dot.edges.vbm.kind == "user":
        return found
    model = model_of(parse(dot.spec))
    support = support_of(model)
    for edge, value in (("cbm", dot.edges.cbm), ("vbm", dot.edges.vbm)):
        if value.kind == "user":
            continue
        found[edge] = {
            "summary": support_summary(support, edge) + _steps(model, edge),
            "halved_by_v": round(halved_by_v(value.sigma_v), 3),
            "rows": [
                {
                    "material": one.material,
                    "sample": one.sample,
                    "kind": one.kind,
                    "meaning": edge_kinds()[one.kind].meaning,
                    "published_v_she": round(one.published_v_she, 3),
                    "implied_v_she": None if one.implied_v_she is None else round(one.implied_v_she, 3),
                    "citation": one.citation,
                }
                for one in support
                if one.edge == edge
            ],
        }
    return found


def _steps(model: Model, edge: str) -> str:
    where = compounds(model.where(CARRIERS[edge == "vbm"]))
    n = sum(
        max(where.get(row.first, 0.0), where.get(row.second, 0.0)) >= _LEAST_SHARE for row in band_offsets()
    )
    return f"; {n} measured steps to other materials" if n else ""


def halved_by_v(sigma_v: float) -> float:
    """How good one more measurement of an edge must be to halve its standard deviation, V."""
    return sigma_v * math.sqrt(_TO_HALVE)
