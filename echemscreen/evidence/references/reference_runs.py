"""The reference molecules: their descriptors, and the refit of the calibration.

``reference_potentials.csv`` holds the measurements, ``reference_descriptors.csv`` what this module
computed for them, ``calibration.csv`` the fits. :func:`calibrate` makes the last from the first
two, or all of it anew. ``computed_descriptors.csv`` are molecules without a measurement, for the fit of
structures.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, fields
from pathlib import Path

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, TableError
from echemscreen.evidence.references.cleavage_runs import cleavage_table
from echemscreen.evidence.references.cleavage_runs import recompute as recompute_bonds
from echemscreen.evidence.references.reference_ionisations import (
    compute_ionisations,
    write_ionisations,
)
from echemscreen.levels.fit.calibration import (
    FACTORS_TABLE,
    FITS_TABLE,
    Fit,
    factor_rows,
    read_factors,
    read_fits,
    write_fits,
)
from echemscreen.levels.fit.fitting import fit_all
from echemscreen.levels.fit.references import (
    PREDICTION_SOLVENT,
    ReferenceDescriptors,
    calculated_entry,
    free_calculations,
    reference_descriptors,
    reference_potentials,
    references,
)
from echemscreen.levels.fit.surrogate import STRUCTURE_ENGINE, ComputedDescriptors, computed_descriptors
from echemscreen.levels.redox import (
    raw_potentials,
    relaxed_state,
    theory_of,
    vertical_ladder,
    with_state,
)
from echemscreen.levels.vacuum import (
    FITTED_ENGINES,
    IonisationFit,
    ionisation_fit,
    reference_ionisations,
)
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.groups import scaffold
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import Molecule, Species
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.reference_tables import table_path
from echemscreen.screening.workers.executors import WorkerPool

COMPUTED_TABLE = "computed_descriptors.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """What a refit gave, and whether the shipped fits agree to the last digit."""

    fits: tuple[Fit, ...]
    agrees: bool
    failures: tuple[str, ...] = ()
    ionisation: tuple[IonisationFit, ...] = ()

    def text(self) -> str:
        """The error table for a reader."""
        lines = [
            "process    engine  descriptors    n  measured  raw MAE  CV MAE  CV RMSE  new class  coverage",
            *(
                f"{f.process:10s} {f.engine:7s} {f.descriptor_set:10s} {f.n_molecules:4d} {f.n_measured:9d} "
                f"{f.raw_mae_v:8.3f} {f.cv_mae_v:7.3f} {f.cv_rmse_v:8.3f} {f.class_rmse_v:10.3f} "
                f"{f.cv_coverage:9.3f}"
                for f in (fit.shipped for fit in self.fits)
            ),
            "",
            "ionisation energy in vacuum, leave-one-out",
            *(
                f"IP         {item.engine:7s} vertical   {item.n_molecules:4d} {item.n_molecules:9d} "
                f"{item.raw_mae_ev:8.3f} {item.cv_mae_ev:7.3f} {item.cv_rmse_ev:8.3f} eV"
                for item in self.ionisation
            ),
            "",
            cleavage_table(),
            *(f"not computed: {failure}" for failure in self.failures),
            "the shipped calibration is reproduced to the last digit"
            if self.agrees
            else "the shipped calibration differs from this refit",
        ]
        return "\n".join(lines)


def calibrate(
    *,
    recompute: bool = False,
    missing: bool = False,
    engine: str = "tblite",
    workers: int | None = None,
    out: Path | None = None,
) -> CalibrationReport:
    """Refit the calibration from the shipped rows.

    Parameters
    ----------
    recompute
        Compute the descriptors of every reference molecule with ``engine`` first, and the raw
        ionisation energies.
    missing
        Compute those of the reference molecules that have none.
    out
        Folder for ``reference_descriptors.csv``, ``reference_ionisation.csv`` and the tables of the fits;
        nothing is written if ``None``.

    Raises
    ------
    TableError
        if a shipped row breaks a rule.
    """
    failures: tuple[str, ...] = ()
    ionisations = reference_ionisations()
    descriptors: tuple[ReferenceDescriptors, ...] = ()
    if _exists("reference_descriptors.csv"):
        descriptors = reference_descriptors()
    if recompute or missing:
        kept = () if recompute else tuple(row for row in descriptors if row.engine == engine)
        done = {row.entry for row in kept}
        tasks = [task for task in described_molecules() if task.entry not in done]
        made, failures = compute_descriptors(tasks, engine, workers=workers or os.cpu_count() or 1)
        descriptors = (*(row for row in descriptors if row.engine != engine), *kept, *made)
    computed: tuple[ComputedDescriptors, ...] = ()
    if _exists(COMPUTED_TABLE):
        computed = computed_descriptors()
    if recompute and engine == STRUCTURE_ENGINE:
        tasks = [DescribedMolecule(entry=r.entry, smiles=r.entry, process=r.process) for r in computed]
        computed, failed = compute_molecules(tasks, workers=workers or os.cpu_count() or 1)
        failures = (*failures, *failed)
    if recompute and engine in FITTED_ENGINES:
        ionisations = compute_ionisations(ionisations, engine, workers=workers or os.cpu_count() or 1)
    fits = fit_all(references(), descriptors, computed)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_descriptors(descriptors, out / "reference_descriptors.csv")
        write_descriptors(computed, out / COMPUTED_TABLE, ComputedDescriptors)
        write_fits(fits, out)
        write_ionisations(ionisations, out / "reference_ionisation.csv")
        if recompute:
            failures = (*failures, *recompute_bonds(out))
    agrees = _exists(FITS_TABLE) and _same(fits)
    ionisation = tuple(
        ionisation_fit(name) for name in sorted({item.engine for item in fits} & FITTED_ENGINES)
    )
    return CalibrationReport(fits=fits, agrees=agrees, failures=failures, ionisation=ionisation)


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedMolecule:
    """A reference molecule and the ion whose descriptors are wanted."""

    entry: str
    smiles: str
    process: Process


def described_molecules() -> tuple[DescribedMolecule, ...]:
    """Every reference molecule: the measured ones, then the calculated ones, metal salts left out.

    All are described in the medium of the fit, into which measured values are moved.
    """
    measured = (
        DescribedMolecule(
            entry=row.entry,
            smiles=row.smiles,
            process=row.process,
        )
        for row in reference_potentials()
    )
    calculated = (
        DescribedMolecule(
            entry=calculated_entry(row),
            smiles=row.smiles,
            process=row.process,
        )
        for row in free_calculations()
        if "." not in row.smiles
    )
    return (*measured, *calculated)


def compute_descriptors(
    tasks: Sequence[DescribedMolecule], engine: str, *, workers: int
) -> tuple[tuple[ReferenceDescriptors, ...], tuple[str, ...]]:
    """Descriptors of every reference molecule.

    Returns
    -------
    tuple
        The rows in the order of ``tasks``, and a sentence for each molecule that failed.
    """
    rows: dict[str, ReferenceDescriptors] = {}
    failures: dict[str, str] = {}
    with WorkerPool(workers) as pool:
        futures = {pool.submit(describe_reference, task, engine): task for task in tasks}
        for future in as_completed(futures):
            entry = futures[future].entry
            error = future.exception()
            if error is None:
                rows[entry] = future.result()
            elif isinstance(error, EchemscreenError):
                failures[entry] = f"{entry}: {error}"
            else:
                raise error
    order = [task.entry for task in tasks]
    return tuple(rows[e] for e in order if e in rows), tuple(failures[e] for e in order if e in failures)


def compute_molecules(
    tasks: Sequence[DescribedMolecule], *, workers: int
) -> tuple[tuple[ComputedDescriptors, ...], tuple[str, ...]]:
    """The same of molecules that are only computed, for the fit of structures."""
    names = [item.name for item in fields(ReferenceDescriptors)]
    found: list[ComputedDescriptors] = []
    failures: tuple[str, ...] = ()
    for process in PROCESSES:
        rows, failed = compute_descriptors(
            [task for task in tasks if task.process == process], STRUCTURE_ENGINE, workers=workers
        )
        failures = (*failures, *failed)
        found += (
            ComputedDescriptors(process=process, **{name: getattr(row, name) for name in names})
            for row in rows
        )
    return tuple(found), failures


def describe_reference(task: DescribedMolecule, engine_name: str) -> ReferenceDescriptors:
    """Relax one reference molecule and its ion, and read off the descriptors.

    Raises
    ------
    EchemscreenError
        if the molecule cannot be read or computed.
    """
    engine = get_engine(engine_name)
    theory = theory_of(engine, PREDICTION_SOLVENT)
    molecule = parse_smiles(task.smiles, task.entry)
    species = Species(smiles=molecule.canonical_smiles, charge=molecule.charge)
    process = task.process
    ladder = vertical_ladder(engine, species, embed(species), theory)
    ladder = with_state(ladder, relaxed_state(engine, ladder, process, theory))
    return descriptors_of(ladder, process, molecule)


def descriptors_of(ladder: Ladder, process: Process, molecule: Molecule) -> ReferenceDescriptors:
    """The descriptors of a molecule whose ion was relaxed, under its name."""
    raw = raw_potentials(ladder, process)
    return ReferenceDescriptors(
        entry=molecule.name,
        engine=ladder.engine,
        protocol=ladder.protocol,
        scaffold=scaffold(molecule.canonical_smiles),
        groups=";".join(molecule.groups),
        gfn2_vertical_v_she=round(raw.gfn2_vertical_v_she, DECIMALS),
        gfn2_adiabatic_v_she=_rounded(raw.gfn2_adiabatic_v_she),
        ipea1_vertical_v_she=_rounded(raw.ipea1_vertical_v_she),
        ipea1_adiabatic_v_she=_rounded(raw.ipea1_adiabatic_v_she),
        homo_ev=round(raw.homo_ev, DECIMALS),
        lumo_ev=round(raw.lumo_ev, DECIMALS),
        intact=raw.intact is True,
    )


#: Of the shipped descriptors: what is fitted is what is written.
DECIMALS = 6


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)


def write_descriptors(
    rows: Sequence[ReferenceDescriptors],
    path: Path,
    row_type: type[ReferenceDescriptors] = ReferenceDescriptors,
) -> None:
    """Write ``reference_descriptors.csv`` or ``computed_descriptors.csv``, numbers to a microvolt."""
    names = [item.name for item in fields(row_type)]
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            writer.writerow([_cell(getattr(row, name)) for name in names])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.{DECIMALS}f}" if isinstance(value, float) else str(value)


def _exists(name: str) -> bool:
    try:
        table_path("ligand_library", name)
    except EchemscreenError:
        return False
    return True


def _same(fits: Sequence[Fit]) -> bool:
    """Whether the shipped rows are these fits, to the last shipped digit."""
    try:
        shipped, factors = (
            read_fits(table_path("ligand_library", FITS_TABLE)),
            read_factors(table_path("ligand_library", FACTORS_TABLE)),
        )
    except TableError:
        # Of another version: it differs, and the refit shows how.
        return False
    return shipped == tuple(item.shipped for item in fits) and factors == factor_rows(fits)
