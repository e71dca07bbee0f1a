"""How well the density-functional protocol does on molecules with a measured potential."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from echemscreen.evidence.references.reference_calculations import PROTOCOLS
from echemscreen.levels.fit.references import ReferenceCalculation, references
from echemscreen.records.processes import Process

#: Fewest anchors on which a line can be fitted with one left out.
_FEWEST_ANCHORS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolError:
    """Adiabatic potentials of one process against the measured ones of the anchors, V."""

    process: Process
    n: int
    raw_mae_v: float
    mean_shift_v: float
    shifted_mae_v: float
    slope: float
    intercept_v: float
    line_mae_v: float
    """Leave-one-out after a linear fit."""


def protocol_errors(rows: Iterable[ReferenceCalculation]) -> tuple[ProtocolError, ...]:
    """Mean absolute errors of raw, shifted and linearly corrected anchors, for each process.

    Only anchors whose ion stayed intact are compared. The shift is the mean of all; the line is
    fitted without the molecule that it predicts.
    """
    measured = {reference.entry: reference.value_v_she for reference in references(calculated=())}
    results = []
    for process, protocol in PROTOCOLS.items():
        pairs = [
            (row.adiabatic_v_she, measured[row.entry])
            for row in rows
            if row.protocol == protocol and row.process == process and row.intact
            if row.adiabatic_v_she is not None and row.role == "anchor" and row.entry in measured
        ]
        if len(pairs) < _FEWEST_ANCHORS:
            continue
        x, y = np.array(pairs).T
        shift = float((y - x).mean())
        slope, intercept = np.polyfit(x, y, 1)
        left_out = []
        for index in range(len(x)):
            kept = np.arange(len(x)) != index
            left_out.append(float(np.polyval(np.polyfit(x[kept], y[kept], 1), x[index]) - y[index]))
        results.append(
            ProtocolError(
                process=process,
                n=len(x),
                raw_mae_v=float(np.abs(y - x).mean()),
                mean_shift_v=shift,
                shifted_mae_v=float(np.abs(y - x - shift).mean()),
                slope=float(slope),
                intercept_v=float(intercept),
                line_mae_v=float(np.abs(left_out).mean()),
            )
        )
    return tuple(results)


def protocol_text(rows: Sequence[ReferenceCalculation]) -> str:
    """The error table for a reader."""
    lines = ["process      n  raw MAE  mean shift  MAE after shift  measured = a x + b       LOO MAE (V)"]
    lines += [
        f"{e.process:10s} {e.n:3d} {e.raw_mae_v:8.3f} {e.mean_shift_v:11.3f} {e.shifted_mae_v:16.3f}  "
        f"a = {e.slope:5.3f}, b = {e.intercept_v:6.3f} {e.line_mae_v:13.3f}"
        for e in protocol_errors(rows)
    ]
    broken = [row for row in rows if row.role == "anchor" and not row.intact]
    lines += [f"left out, not intact: {row.name}, {row.process} ({row.changed_bonds})" for row in broken]
    return "\n".join(lines)
