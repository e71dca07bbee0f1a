"""Published band edges and what each kind of measurement means: the rows that the axis is fitted to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from echemscreen.errors import TableError
from echemscreen.reference_tables import read_rows
from echemscreen.scales import she_from


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeKindRow:
    """A row of ``edge_kinds.csv``: one way of measuring an edge."""

    kind: str
    surface: str
    """What the sample meets: ``electrolyte`` (the axis), ``film`` of covered dots or ``clean``."""
    fitted: bool
    """Whether the axis rests on it; estimates and one-sided observations are only compared."""
    scatter: str
    """The kinds that share their scatter between and within publications."""
    offset_sigma_cbm_v: float | None
    """What the reading may add to the surface's shift: standard deviation before the fit, V."""
    offset_sigma_vbm_v: float | None
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BandEdgeRow:
    """A published band edge (a row of ``band_edges.csv``).

    ``value`` is as printed, on ``scale``: a potential in V, or on ``vacuum`` an electron energy in eV.
    """

    material: str
    dot: str
    """What the model is asked for: a specification, or a bulk material; blank: it cannot be modelled."""
    exciton_ev: float | None
    """First exciton of the sample, where that gives the size that ``dot`` leaves open."""
    sample: str
    ligand: str
    edge: str
    value: float
    scale: str
    sigma_v: float | None
    """Standard deviation of the row as an edge of such samples, everything included; blank: fitted."""
    kind: str
    quality: str
    citation: str
    locator: str
    note: str

    @property
    def value_v_she(self) -> float:
        """The edge in V vs SHE."""
        return she_from(self.value, self.scale)

    @property
    def on_dots(self) -> bool:
        """Whether dots were measured, not a crystal or a film of bulk material."""
        return ":" in self.dot


@lru_cache(maxsize=1)
def published_edges() -> tuple[BandEdgeRow, ...]:
    """What the literature says about band edges, in table order.

    Raises
    ------
    TableError
        for an edge that is neither or a kind without a row of ``edge_kinds.csv``.
    """
    rows = read_rows("band_data", "band_edges.csv", BandEdgeRow)
    for line, row in enumerate(rows, start=2):
        for column, word, known in (("edge", row.edge, ("cbm", "vbm")), ("kind", row.kind, edge_kinds())):
            if word not in known:
                raise TableError(
                    f"band_edges.csv, line {line}, column {column}: '{word}' is unknown.",
                    f"Write one of {', '.join(known)}.",
                )
    return rows


@lru_cache(maxsize=1)
def edge_kinds() -> Mapping[str, EdgeKindRow]:
    """The kinds of measurement by name."""
    return {row.kind: row for row in read_rows("band_data", "edge_kinds.csv", EdgeKindRow)}


@dataclass(frozen=True, slots=True, kw_only=True)
class BandOffsetRow:
    """A measured step between two materials in contact (a row of ``band_offsets.csv``).

    ``offset_ev`` is the edge of the first less that of the second as electron energies: positive where the
    first lies higher.
    """

    first: str
    second: str
    edge: str
    offset_ev: float
    sigma_ev: float | None
    method: str
    first_exciton_ev: float | None
    """First exciton where the first is a film of dots."""
    quality: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def band_offsets() -> tuple[BandOffsetRow, ...]:
    """What was measured across heterojunctions, in table order."""
    return read_rows("band_data", "band_offsets.csv", BandOffsetRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrochemicalGapRow:
    """Both gaps of one sample of dots (a row of ``electrochemical_gaps.csv``), eV."""

    material: str
    dot: str
    """What the model is asked for; an open core is sized by the first exciton."""
    sample: str
    optical_gap_ev: float
    """As printed."""
    exciton_nm: float | None
    """First absorption peak; blank: it is the optical gap."""
    electrochemical_gap_ev: float
    """Oxidation less reduction, each as ``kind`` reads it."""
    kind: str
    quality: str
    citation: str
    locator: str
    note: str

    @property
    def excess_ev(self) -> float:
        """By how much the electrochemical gap exceeds the optical one."""
        return self.electrochemical_gap_ev - self.optical_gap_ev


@lru_cache(maxsize=1)
def electrochemical_gaps() -> tuple[ElectrochemicalGapRow, ...]:
    """What was read of both gaps, in table order."""
    return read_rows("band_data", "electrochemical_gaps.csv", ElectrochemicalGapRow)


def reference_dot() -> str:
    """The dot whose edge is known best on the axis itself."""
    rows = [
        row for row in published_edges() if row.on_dots and edge_kinds()[row.kind].offset_sigma_cbm_v == 0
    ]
    return min(rows, key=lambda row: math.inf if row.sigma_v is None else row.sigma_v).dot
