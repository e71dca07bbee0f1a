"""Where the charge of an ion sits, seen from the donor of its ligand: ``bound_descriptors.csv``."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

from echemscreen.engines.base import get_engine
from echemscreen.evidence.references.bound_calculations import bound_tasks
from echemscreen.evidence.references.reference_calculations import SOLVENT, append_row
from echemscreen.levels.redox import theory_of, vertical_ladder
from echemscreen.levels.site_shift import BoundDescriptors, charge_by_distance
from echemscreen.ligands.binding.bonds import donor_distances
from echemscreen.ligands.binding.reference_sites import BoundMolecule, drawn
from echemscreen.ligands.geometry import embed
from echemscreen.records.processes import PROCESSES
from echemscreen.reference_tables import table_path


def describe_bound(row: BoundMolecule) -> tuple[BoundDescriptors, ...]:
    """Where the charge of either ion of a free parent sits, seen from the donor by which it binds.

    Raises
    ------
    EchemscreenError
        if the ligand cannot be drawn or computed.
    """
    site = drawn(row)
    engine = get_engine("tblite")
    ladder = vertical_ladder(engine, site.ligand, embed(site.ligand), theory_of(engine, SOLVENT))
    distances = donor_distances(site.ligand, (site.bond_class,))
    return tuple(
        BoundDescriptors(
            smiles=row.smiles,
            process=process,
            bond_class=site.bond_class,
            charge_by_distance=";".join(
                f"{share:.4f}" for share in charge_by_distance(ladder, process, distances)
            ),
            citation="computed by workflows/compute_bound_calculations.py --describe",
        )
        for process in PROCESSES
    )


def describe_all(*, executor: Executor) -> tuple[BoundDescriptors, ...]:
    """The descriptors of every ligand that is listed on a site, in the order of the list."""
    ligands = {task.molecule.smiles: task.molecule for task in bound_tasks() if task.molecule.metal}
    futures = [executor.submit(describe_bound, row) for row in ligands.values()]
    return tuple(row for future in futures for row in future.result())


def write_bound_descriptors(rows: Sequence[BoundDescriptors]) -> None:
    """Write ``bound_descriptors.csv`` beside the list of ligands."""
    path = table_path("ligand_library", "bound_molecules.csv").with_name("bound_descriptors.csv")
    path.unlink(missing_ok=True)
    for row in rows:
        append_row(row, path)
