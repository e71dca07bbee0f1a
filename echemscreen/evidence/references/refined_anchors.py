"""Cheaper protocols of the refined tier on the molecules that anchor it: what is lost, and what it costs.

``refined_anchors.csv`` holds the adiabatic potential of each anchor by each protocol, with the processor time
that it took; ``workflows/compare_refined_protocols.py`` computes what is missing and prints the trade.
Rows without an entry are larger molecules: they tell the time only.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, EngineError
from echemscreen.evidence.references.reference_calculations import SOLVENT, append_row
from echemscreen.levels.fit.references import reference_calculations, references
from echemscreen.levels.redox import ion_unpaired, relaxed_state, theory_of, vertical_ladder
from echemscreen.levels.refined import (
    RefinedAnchor,
    absolute_v_she,
    read_refined_anchors,
    refined_seconds,
)
from echemscreen.ligands.geometry import embed
from echemscreen.records.molecules import Geometry, Species
from echemscreen.records.processes import Process
from echemscreen.reference_tables import table_path

#: What is compared, the dearest first.
PROTOCOLS: dict[Process, tuple[str, ...]] = {
    Process.REDUCTION: (
        "PBE0/def2-SVPD",
        "PBE0/ma-def2-SVP",
        "PBE0/ma-def2-SVP/coarse",
        "PBE0/def2-SVP/coarse",
    ),
    Process.OXIDATION: ("PBE0/def2-SVP", "PBE0/def2-SVP/coarse"),
}
#: Molecules of the size of crosslinkers: their times carry the estimate.
LARGE: tuple[tuple[str, Process], ...] = (
    ("CC1CC(=Cc2ccc(N=[N+]=[N-])cc2)C(=O)C(=Cc2ccc(N=[N+]=[N-])cc2)C1", Process.REDUCTION),
    ("c1ccc(-c2c3ccccc3c(-c3ccccc3)c3ccccc23)cc1", Process.OXIDATION),
    ("CCCCCCCCOC(=O)c1ccc([N+](=O)[O-])cc1", Process.REDUCTION),
)
_TABLE = "refined_anchors.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorTask:
    """One molecule at one protocol."""

    entry: str
    smiles: str
    process: Process
    protocol: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What was asked."""
        return self.smiles, self.process, self.protocol


def tasks(protocols: Sequence[str] = ()) -> tuple[AnchorTask, ...]:
    """Every anchor at every protocol (or at those named), then the large molecules at the tier's own."""
    found = []
    for row in reference_calculations():
        if row.role != "anchor":
            continue
        process = row.process
        found += [
            AnchorTask(entry=row.entry, smiles=row.smiles, process=process, protocol=protocol)
            for protocol in PROTOCOLS[process]
        ]
    for (smiles, process), protocol in product(LARGE, sorted({p for ps in PROTOCOLS.values() for p in ps})):
        if protocol.endswith("coarse") and protocol in PROTOCOLS[process][-2:]:
            found.append(AnchorTask(entry="", smiles=smiles, process=process, protocol=protocol))
    return tuple(task for task in found if not protocols or task.protocol in protocols)


def computed(task: AnchorTask) -> RefinedAnchor:
    """Relax parent and ion with xTB, and compute both with the protocol; the processor time is that of both.

    Raises
    ------
    EchemscreenError
        if something does not converge.
    """
    from echemscreen.engines.pyscf import PyscfEngine  # noqa: PLC0415 - an extra

    xtb, dft = get_engine("tblite"), PyscfEngine()
    theory = theory_of(xtb, SOLVENT)
    species = Species(smiles=task.smiles, charge=0)
    ladder = vertical_ladder(xtb, species, embed(species), theory)
    parent, ion = ladder.state(0), relaxed_state(xtb, ladder, task.process, theory)
    if parent is None or parent.geometry is None or ion.geometry is None:
        raise EngineError(f"{task.smiles} has no relaxed ion.")
    method = dft.method(task.protocol, SOLVENT)
    charge = -task.process.electrons
    started = time.process_time()

    def energy_ev(geometry: Geometry, charge: int, spin: int) -> float:
        return dft.single_point(geometry, charge=charge, n_unpaired=spin, method=method).energy_ev

    both = (energy_ev(parent.geometry, 0, 0), energy_ev(ion.geometry, charge, ion_unpaired(0)))
    return RefinedAnchor(
        entry=task.entry,
        smiles=task.smiles,
        process=task.process,
        protocol=task.protocol,
        adiabatic_v_she=absolute_v_she(*both, task.process),
        n_atoms=len(parent.geometry.symbols),
        n_functions=dft.n_functions(parent.geometry.symbols, method),
        cpu_s=round(time.process_time() - started, 1),
        citation="computed by workflows/compare_refined_protocols.py",
    )


def compute_missing(
    path: Path, *, protocols: Sequence[str] = (), limit: int | None = None, report: Callable[[str], None]
) -> int:
    """Compute what has no row, one after the other, and append each row as soon as it is there.

    Returns
    -------
    int
        How many failed.
    """
    done = {(row.smiles, row.process, row.protocol) for row in read_refined_anchors(path)}
    wanted = [task for task in tasks(protocols) if task.key not in done][:limit]
    failed = 0
    for number, task in enumerate(wanted, start=1):
        words = f"{number}/{len(wanted)} {task.process} of {task.smiles} by {task.protocol}"
        try:
            row = computed(task)
        except EchemscreenError as error:
            failed += 1
            report(f"{words}: failed: {error}")
            continue
        append_row(row, path)
        report(f"{words}: {row.adiabatic_v_she:+.3f} V, {row.cpu_s:.0f} s of processor time")
    return failed


def anchors_path() -> Path:
    """Where the rows are kept."""
    return table_path("ligand_library", "reference_calculations.csv").with_name(_TABLE)


def trade_text(rows: Sequence[RefinedAnchor]) -> str:
    """The trade for a reader: errors left out in turn, V, and processor seconds."""
    lines = [
        "process    protocol                    n  shifted  line (MAE, left out, V)  median s  50 atoms, s"
    ]
    return "\n".join([*lines, *_trade(rows)])


def _trade(rows: Sequence[RefinedAnchor]) -> Iterator[str]:
    measured = {(row.entry, row.process): row.value_v_she for row in references(calculated=())}
    for process, protocols in PROTOCOLS.items():
        for protocol in protocols:
            own = [row for row in rows if (row.process, row.protocol) == (process, protocol)]
            pairs = [
                (row.adiabatic_v_she, measured[row.entry, process])
                for row in own
                if (row.entry, process) in measured
            ]
            if len(pairs) < 4:  # noqa: PLR2004 - a line with one left out
                continue
            x, y = np.array(pairs).T
            shifted, line = [], []
            for index in range(len(x)):
                kept = np.arange(len(x)) != index
                shifted.append(x[index] + float((y - x)[kept].mean()) - y[index])
                line.append(float(np.polyval(np.polyfit(x[kept], y[kept], 1), x[index]) - y[index]))
            seconds = float(np.median([row.cpu_s for row in own if row.entry]))
            per_atom = float(np.mean([row.n_functions / row.n_atoms for row in own]))
            large = refined_seconds(50 * per_atom, protocol, own)
            yield (
                f"{process:10s} {protocol:25s} {len(x):3d} {np.abs(shifted).mean():8.3f} "
                f"{np.abs(line).mean():6.3f} {seconds:28.0f} {'' if large is None else f'{large:12.0f}'}"
            )
