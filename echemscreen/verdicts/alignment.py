"""Levels against band edges and couples: drives and their probabilities.

``reduction_drive = e (E_red - U_CBM)`` and ``oxidation_drive = e (U_VBM - E_ox)``, in eV; positive
means thermodynamically allowed. A one-electron potential in volt and a drive in eV have the same
number, so no constant enters. Only differences count: shifting every level, couple and edge by
the same potential changes nothing.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtri

from echemscreen.records.dots import BandEdges
from echemscreen.records.levels import EnergyLevel, Reach, RedoxCouple
from echemscreen.records.processes import Process
from echemscreen.records.results import Alignment
from echemscreen.verdicts.exposure import transfer_rate


def probability_positive(drive_ev: float, sigma_ev: float | None) -> float | None:
    """P(drive > 0) of a normally distributed drive; ``None`` if its sigma is unknown.

    Examples
    --------
    >>> probability_positive(0.0, 0.1)
    0.5
    >>> round(probability_positive(0.1645, 0.1), 3)
    0.95
    """
    if sigma_ev is None:
        return None
    if sigma_ev == 0:
        return 0.5 if drive_ev == 0 else float(drive_ev > 0)
    return 0.5 * (1.0 + math.erf(drive_ev / (sigma_ev * math.sqrt(2.0))))


def align_level(level: EnergyLevel, edges: BandEdges, reach: Reach | None = None) -> Alignment:
    """Compare a molecular level with the edge that can drive its process.

    ``reach`` says how much of the carriers is at the surface, for the rate; without it there is none.
    """
    edge = edges.of(level.process)
    drive_ev = level.process.sign * (level.value_v_she - edge.value_v_she)
    sigma_ev = None if level.sigma_v is None else math.hypot(level.sigma_v, edge.sigma_v)
    return Alignment(
        process=level.process,
        against=level.process.edge,
        source="molecule",
        level_v_she=level.value_v_she,
        edge_v_she=edge.value_v_she,
        drive_ev=drive_ev,
        sigma_ev=sigma_ev,
        probability=probability_positive(drive_ev, sigma_ev),
        one_sided=level.one_sided,
        rate=None
        if reach is None
        else transfer_rate(drive_ev, sigma_ev, reach.of(level.process), leaving=level.leaving),
    )


def align_couple(couple: RedoxCouple, edges: BandEdges) -> Alignment:
    """Compare the reduction of a metal ion to its metal with the conduction-band edge."""
    drive_ev = couple.e0_v_she - edges.cbm.value_v_she
    sigma_ev = math.hypot(couple.sigma_v, edges.cbm.sigma_v)
    return Alignment(
        process=Process.REDUCTION,
        against="cbm",
        source="couple",
        level_v_she=couple.e0_v_she,
        edge_v_she=edges.cbm.value_v_she,
        drive_ev=drive_ev,
        sigma_ev=sigma_ev,
        probability=probability_positive(drive_ev, sigma_ev),
        one_sided=couple.one_sided,
        couple=couple,
    )


#: Standard deviations beyond which a margin is not followed.
_FARTHEST = 8.0


def margin(item: Alignment) -> float | None:
    """How far a reaction is from being even, in standard deviations: positive if it is the likelier.

    Of a hole what counts is :attr:`Alignment.deciding`, the arrival with the drive.
    """
    if not item.sigma_ev or item.probability is None or item.deciding is None:
        return None
    if item.deciding == item.probability:
        return item.drive_ev / item.sigma_ev
    return float(np.clip(ndtri(item.deciding), -_FARTHEST, _FARTHEST))


def shows(item: Alignment, probability: float) -> bool:
    """Whether a reaction is at least so probable; what is only bounded can be excluded, never asserted."""
    return item.deciding is not None and not item.one_sided and item.deciding >= probability


def excludes(item: Alignment, probability: float) -> bool:
    """Whether a reaction is at most so probable."""
    return item.deciding is not None and item.deciding <= probability
