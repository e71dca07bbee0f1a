"""Verdicts without a calculation: what the structure of a molecule says, where it says it clearly.

Level ``triage`` asks here first. A verdict is given only if it stays the same with every level
:data:`ESTIMATE_SIGMAS` of its estimate's conformal error nearer to its edge, or further away; wherever
on the molecule the carrier goes, for a ligand on a site; and if no bond may break with the electron. A class
that no reference molecule has is never called inert. Everything else is computed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from echemscreen.levels.binding import Site, bound_level
from echemscreen.levels.fit.prediction import estimated_level
from echemscreen.ligands.scissile import scissile_bonds
from echemscreen.records.dots import QuantumDot
from echemscreen.records.levels import EnergyLevel
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.screening.form_evidence.atom_evidence import parts_of
from echemscreen.screening.plan import PlannedForm
from echemscreen.screening.workbench import Settings
from echemscreen.verdicts.alignment import align_level, excludes, shows
from echemscreen.verdicts.rules import TRUSTED_DOMAINS, Thresholds

#: A computed level is known well enough if the verdict stays the same with the level that many of its
#: standard deviations nearer to the edge, and further away; an estimated one, whose errors have longer tails,
#: with that many of its error against the computed one. ``tests/benchmarks/cascade.py`` prints how many
#: verdicts are those of ``full``.
CLEARANCE_SIGMAS, ESTIMATE_SIGMAS = 1.4, 2.0
#: The charge that a carrier brings may sit anywhere: none of it near the donor, or all.
_EXTREMES: tuple[tuple[float, ...], ...] = ((), (1.0,))


def estimates(
    planned: PlannedForm,
    dot: QuantumDot,
    settings: Settings,
    *,
    measured: Mapping[Process, EnergyLevel],
    site: Site | None,
    is_active: bool,
) -> dict[Process, EnergyLevel] | None:
    """The levels of a form by its structure, if they decide its verdict on a dot; else ``None``.

    Parameters
    ----------
    measured
        Levels that need no estimate.
    is_active
        Whether something else than the molecule makes the form active already.
    """
    form, limits = planned.form, settings.thresholds
    if settings.own.rows or settings.film or form.free.charge < -1:
        return None
    found = dict(measured)
    shown, excluded = is_active, True
    for process in PROCESSES:
        if process in measured:
            levels: tuple[EnergyLevel, ...] = (measured[process],)
            by_v = ESTIMATE_SIGMAS * (measured[process].sigma_v or 0.0)
        else:
            parts = parts_of(planned.whole, process)
            free, error_v = estimated_level(
                process, form.free.smiles, parts.groups, unknown=parts.unknown, solvent=settings.solvent
            )
            by_v = ESTIMATE_SIGMAS * error_v
            levels = (free,) if site is None else tuple(bound_level(free, e, site) for e in _EXTREMES)
        aligned = [align_level(level, dot.edges, dot.reach) for level in levels]
        shown |= all(shows(item, limits.active) for item in aligned) and not any(
            is_doubtful(level, dot, limits, may_be_inert=True, by_v=by_v) for level in levels
        )
        excluded &= all(
            level.domain in TRUSTED_DOMAINS and excludes(item, limits.inert)
            for level, item in zip(levels, aligned, strict=True)
        )
        if process not in measured:
            excluded &= not any(
                is_doubtful(level, dot, limits, may_be_inert=True, by_v=by_v) for level in levels
            )
            excluded &= process is Process.OXIDATION or not scissile_bonds(form.free)
        found[process] = levels[max(range(len(levels)), key=lambda k: aligned[k].drive_ev)]
    return found if shown or excluded else None


def is_doubtful(
    level: EnergyLevel,
    dot: QuantumDot,
    limits: Thresholds,
    *,
    may_be_inert: bool,
    by_v: float | None = None,
) -> bool:
    """Whether a better known level may say something else of its process.

    Parameters
    ----------
    may_be_inert
        Whether the form may still be inert: else it only matters if this process is shown.
    by_v
        How far the level is moved to see; :data:`CLEARANCE_SIGMAS` of its standard deviation by default.
    """
    if level.domain == "extrapolated" or level.sigma_v is None:
        # Another fit may know what lies outside of this one.
        return True
    towards = level.process.sign * (CLEARANCE_SIGMAS * level.sigma_v if by_v is None else by_v)
    nearer, further = (
        align_level(replace(level, value_v_she=level.value_v_she + by), dot.edges, dot.reach)
        for by in (towards, -towards)
    )
    if shows(further, limits.active):
        return False
    return not excludes(nearer, limits.inert) if may_be_inert else shows(nearer, limits.active)
