"""The density-functional tier: for what xTB and its calibration leave open.

Parent and ion on the same GFN2-xTB geometries are computed with PBE0 and C-PCM in a small basis, minimally
augmented and on coarse grids for reductions: what is lost against the protocol of
``reference_calculations.csv`` is taken back by the anchors (``workflows/compare_refined_protocols.py`` prints
errors and times of both). Values are put on the measured scale by the molecules that have both a calculated
and a measured potential: their mean difference is added, and the spread of the differences is the sigma.
Reductions of neutral molecules follow a line instead; a line does worse for oxidations and has nothing to
rest on for ions. The adiabatic value decides if the relaxed ion is intact, else the vertical one; only
that is computed.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from echemscreen.engines.base import Engine
from echemscreen.errors import EngineError, TableError
from echemscreen.levels.fit.references import reference_calculations, references
from echemscreen.records.levels import ChargeState, Correction, EnergyLevel, Ladder, SinglePoint
from echemscreen.records.molecules import Geometry
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_file, read_rows
from echemscreen.scales import she_from

#: The engine, and its Hamiltonian for each process.
REFINED_ENGINE = "pyscf"
#: What such a level is cited as.
REFINED_SOURCE = "density-functional theory, anchored on measured potentials"
REFINED_HAMILTONIANS: dict[Process, str] = {
    Process.REDUCTION: "PBE0/ma-def2-SVP/coarse",
    Process.OXIDATION: "PBE0/def2-SVP",
}
#: That of ``reference_calculations.csv`` and ``bound_calculations.csv``: dearer, and no better once anchored.
REFERENCE_HAMILTONIANS: dict[Process, str] = {
    Process.REDUCTION: "PBE0/def2-SVPD",
    Process.OXIDATION: "PBE0/def2-SVP",
}
#: Fewest molecules with both values from which the protocol may be anchored.
MIN_ANCHORS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchoring:
    """From the protocol to the measured scale: ``slope`` times a raw potential plus ``shift_v``."""

    shift_v: float
    sigma_v: float
    n_molecules: int
    slope: float = 1.0

    def measured_v_she(self, raw_v_she: float) -> float:
        """A raw potential on the measured scale."""
        return self.slope * raw_v_she + self.shift_v


@dataclass(frozen=True, slots=True, kw_only=True)
class RefinedAnchor:
    """A row of ``refined_anchors.csv``: an anchor by one protocol, and what it cost on one core."""

    entry: str
    """Of ``reference_potentials.csv``; blank for a molecule that tells the time only."""
    smiles: str
    process: Process
    protocol: str
    adiabatic_v_she: float
    """Not anchored."""
    n_atoms: int
    n_functions: int
    cpu_s: float
    """Processor time of parent and relaxed ion."""
    citation: str


def read_refined_anchors(path: Path | None = None) -> tuple[RefinedAnchor, ...]:
    """The rows of a file, or the shipped ones; none if it is not there yet."""
    if path is None:
        return read_rows("ligand_library", "refined_anchors.csv", RefinedAnchor)
    return read_file(path, RefinedAnchor) if path.is_file() else ()


def refined_seconds(
    n_functions: float, protocol: str, rows: Sequence[RefinedAnchor] | None = None
) -> float | None:
    """Processor time of parent and ion of a molecule of so many basis functions, s: a power of their number.

    ``None`` where too few were timed.

    Parameters
    ----------
    rows
        What was timed; the shipped rows if ``None``.
    """
    known = [row for row in read_refined_anchors() if row.protocol == protocol] if rows is None else rows
    known = [row for row in known if row.protocol == protocol]
    if len(known) < MIN_ANCHORS:
        return None
    sizes, seconds = np.log([[row.n_functions, row.cpu_s] for row in known]).T
    slope, intercept = np.polyfit(sizes, seconds, 1)
    return float(np.exp(intercept + slope * np.log(n_functions)))


def absolute_v_she(parent_ev: float, ion_ev: float, process: Process) -> float:
    """Potential of a charge-state difference of total energies in eV, V vs SHE, not anchored."""
    released = process.sign * (parent_ev - ion_ev)
    return she_from(-released, "vacuum")


@lru_cache(maxsize=4)
def anchoring(process: Process, protocol: str = "") -> Anchoring:
    """The mean difference of measured and calculated potentials, and its standard deviation.

    Parameters
    ----------
    protocol
        One of ``refined_anchors.csv``; blank for that of the reference calculations.

    Raises
    ------
    TableError
        if fewer than eight molecules have both.
    """
    differences = [measured - raw for raw, measured in anchors(process, protocol)]
    if len(differences) < MIN_ANCHORS:
        raise TableError(
            f"Only {len(differences)} calculated {process}s have a measured potential.",
            "Compute more anchors with workflows/compute_reference_calculations.py.",
        )
    return Anchoring(
        shift_v=statistics.mean(differences),
        sigma_v=statistics.stdev(differences),
        n_molecules=len(differences),
    )


@lru_cache(maxsize=2)
def anchoring_line(process: Process, protocol: str = "") -> Anchoring:
    """A line through the same molecules.

    They are few and alike: their own error about it would promise too much for others, so the sigma stays
    that about the mean difference, by the reference calculations.
    """
    pairs = anchors(process, protocol)
    raw, measured = np.array(pairs).T
    slope, intercept = np.polyfit(raw, measured, 1)
    return Anchoring(
        shift_v=float(intercept),
        sigma_v=anchoring(process).sigma_v,
        n_molecules=len(pairs),
        slope=float(slope),
    )


def anchors(process: Process, protocol: str = "") -> tuple[tuple[float, float], ...]:
    """Calculated and measured potentials of the molecules that have both, V vs SHE."""
    measured = {row.entry: row.value_v_she for row in references(calculated=()) if row.process == process}
    if protocol not in {"", REFERENCE_HAMILTONIANS[process]}:
        return tuple(
            (row.adiabatic_v_she, measured[row.entry])
            for row in read_refined_anchors()
            if row.protocol == protocol and row.process == process and row.entry in measured
        )
    return tuple(
        (row.adiabatic_v_she, measured[row.entry])
        for row in reference_calculations()
        if row.role == "anchor" and row.process == process and row.entry in measured
        if row.adiabatic_v_she is not None and row.intact is True
    )


def refined_ladder(engine: Engine, ladder: Ladder, process: Process) -> Ladder:
    """Parent and ion of a relaxed ladder at the protocol of the tier.

    Raises
    ------
    EngineError
        if the ladder lacks a state, or a self-consistent field fails.
    """
    parent, ion = ladder.state(0), ladder.state(process.electrons)
    if parent is None or parent.geometry is None or ion is None:
        raise EngineError(f"The ladder of {ladder.species.smiles} has no {process} state.")
    method = engine.method(REFINED_HAMILTONIANS[process], "acetonitrile")
    engine.check(method)

    def at(geometry: Geometry, state: ChargeState) -> tuple[SinglePoint, ...]:
        spin = state.n_unpaired
        return (engine.single_point(geometry, charge=state.charge, n_unpaired=spin, method=method),)

    neutral = at(parent.geometry, parent)
    relaxed = () if ion.geometry is None or ion.intact is not True else at(ion.geometry, ion)
    # Of an ion that stays whole the vertical level decides nothing: a third of the time.
    vertical = () if relaxed else at(parent.geometry, ion)
    states = (
        replace(parent, vertical=neutral, relaxed=neutral),
        replace(ion, vertical=vertical, relaxed=relaxed),
    )
    return replace(
        ladder, engine=engine.name, engine_version=engine.version, protocol=str(method), states=states
    )


def refined_level(
    ladder: Ladder,
    process: Process,
    corrections: Sequence[Correction] = (),
    *,
    elements: Sequence[str] = (),
) -> EnergyLevel:
    """The anchored level of a ladder made by :func:`refined_ladder`, V vs SHE.

    The calculation is evidence for the bonds of its molecule, as a reference calculation is, but not for
    ``elements`` that no reference molecule holds: with these the level is ``extrapolated``.

    Raises
    ------
    EngineError
        if a state is missing.
    TableError
        if the protocol cannot be anchored.
    """
    parent, ion = ladder.state(0), ladder.state(process.electrons)
    if parent is None or ion is None:
        raise EngineError(f"The ladder of {ladder.species.smiles} has no {process} state.")
    neutral = process == Process.REDUCTION and parent.charge == 0
    protocol = REFINED_HAMILTONIANS[process]
    anchored = anchoring_line(process, protocol) if neutral else anchoring(process, protocol)
    decides = bool(ion.relaxed) and ion.intact is True
    point = (ion.relaxed if decides else ion.vertical)[0]
    raw = absolute_v_she(parent.vertical[0].energy_ev, point.energy_ev, process)
    return EnergyLevel(
        process=process,
        value_v_she=anchored.measured_v_she(raw) + sum(item.value_v for item in corrections),
        sigma_v=math.sqrt(anchored.sigma_v**2 + sum(item.sigma_v**2 for item in corrections)),
        basis="calibrated",
        domain="extrapolated" if elements else "calibrated",
        vertical=not decides,
        raw_v_she=raw,
        corrections=tuple(corrections),
        intact=ion.intact,
        changed_bonds=ion.changed_bonds,
        citation=Citation(source=REFINED_SOURCE, locator=protocol),
        note=(
            f"{protocol}: {'adiabatic' if decides else 'vertical'} {anchored.measured_v_she(raw):+.2f} V, "
            f"anchored on {anchored.n_molecules} measured molecules"
            + (f"; no reference molecule holds {' or '.join(elements)}" if elements else "")
        ),
    )
