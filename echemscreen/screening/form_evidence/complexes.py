"""Levels of complexes, of which nothing is computed: measured couples, and those of the complex beside.

A sandwich complex without a row has the couple of the one without substituents, with
``SUBSTITUENT_SIGMA_V`` for each substituent and each alkyl group's share of what ten methyl groups do; a
polypyridyl complex that of its metal and chelates.
"""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from functools import lru_cache

from echemscreen.levels.measured import measured_level, measured_potentials
from echemscreen.ligands.organometallics import (
    bare_sandwich,
    polypyridyl_parts,
    ring_substituents,
    sandwich_with,
)
from echemscreen.records.levels import Correction, EnergyLevel
from echemscreen.records.processes import PROCESSES, Process

#: What one substituent other than an alkyl group moves the couple of a sandwich complex by, one standard
#: deviation, V: an acyl or amino group moves ferrocene's by some 0.25 V.
SUBSTITUENT_SIGMA_V = 0.15
#: Of each alkyl group, about the share of a methyl group in the couples of decamethylated complexes, V.
ALKYL_SIGMA_V = 0.015
_DECAMETHYL = "Cc1c(C)c(C)[c-](C)c1C"


def is_complex(smiles: str) -> bool:
    """Whether a molecule is a complex that is judged by measured couples alone."""
    return bare_sandwich(smiles) is not None or polypyridyl_parts(smiles) is not None


def measured_levels(smiles: str, *, bound: bool) -> dict[Process, EnergyLevel]:
    """Every measured level of an ion or complex, by process; see :func:`measured_level`."""
    found = {process: measured_level(smiles, process, bound=bound) for process in PROCESSES}
    if not any(found.values()):
        found = _of_sandwich(smiles)
    parts = None if any(found.values()) else polypyridyl_parts(smiles)
    if parts is not None:
        found = {process: measured_level(parts, process, bound=False) for process in PROCESSES}
    return {process: level for process, level in found.items() if level is not None}


def _of_sandwich(smiles: str) -> dict[Process, EnergyLevel | None]:
    """Levels of a sandwich complex: its own couple seen from the other side, or those of the bare one."""
    own = {process: _of_neighbour(smiles, process) for process in PROCESSES}
    core = None if any(own.values()) else bare_sandwich(smiles)
    if core is None:
        return own
    found = {process: measured_level(core, process, bound=False) for process in PROCESSES}
    if not any(found.values()):
        found = {process: _of_neighbour(core, process) for process in PROCESSES}
    return {process: level and _substituted(level, smiles) for process, level in found.items()}


def _of_neighbour(smiles: str, process: Process) -> EnergyLevel | None:
    """The level of a sandwich by the couple that leads back to it: ferrocenium is reduced to ferrocene."""
    back: Process = process.opposite
    neighbour = sandwich_with(smiles, process.electrons)
    level = None if neighbour is None else measured_level(neighbour, back, bound=False)
    return None if level is None or level.one_sided else replace(level, process=process)


def _substituted(level: EnergyLevel, smiles: str) -> EnergyLevel:
    """The couple of a bare sandwich for one with substituents, an alkyl group by its share of ten methyls."""
    carried = ring_substituents(smiles)
    terms = []
    if carried.n_alkyl:
        terms.append(
            Correction(
                name=f"{carried.n_alkyl} alkyl groups on the rings",
                value_v=carried.n_alkyl * _alkyl_shift_v(),
                sigma_v=carried.n_alkyl * ALKYL_SIGMA_V,
            )
        )
    if carried.n_other:
        sigma = SUBSTITUENT_SIGMA_V * math.sqrt(carried.n_other)
        terms.append(Correction(name="other substituents of the rings", value_v=0.0, sigma_v=sigma))
    sigma_v = None if level.sigma_v is None else math.hypot(level.sigma_v, *(t.sigma_v for t in terms))
    return replace(
        level,
        value_v_she=level.value_v_she + sum(term.value_v for term in terms),
        sigma_v=sigma_v,
        corrections=(*level.corrections, *terms),
    )


@lru_cache(maxsize=1)
def _alkyl_shift_v() -> float:
    """What a methyl group on a ring moves a couple by, V: a tenth of what ten do, by all such pairs."""
    rows = measured_potentials()
    shifts = []
    for (smiles, process), row in rows.items():
        bare = rows.get((bare_sandwich(smiles) or "", process))
        if smiles.count(_DECAMETHYL) > 1 and bare is not None:
            shifts.append((row.value_v_she - bare.value_v_she) / ring_substituents(smiles).n_alkyl)
    return statistics.fmean(shifts)
