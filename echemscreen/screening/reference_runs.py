"""The reference molecules: their descriptors, and the refit of the calibration.

``reference_potentials.csv`` holds the measurements, ``reference_descriptors.csv`` what this module
computed for them, ``calibration.csv`` the fits. :func:`calibrate` makes the last from the first
two, or all of it anew.
"""

from __future__ import annotations

import csv
import math
import os
import statistics
from collections.abc import Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, fields
from pathlib import Path

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, TableError
from echemscreen.levels.binding import LIGAND_SHARE
from echemscreen.levels.calibration import PREDICTION_SOLVENT, Fit, read_shipped_rows, shipped_row, write_fits
from echemscreen.levels.fitting import fit_all
from echemscreen.levels.redox import (
    added_charge_on_ligand,
    raw_potentials,
    relaxed_state,
    theory_of,
    vertical_ladder,
    with_state,
)
from echemscreen.levels.references import (
    ReferenceDescriptors,
    calculated_entry,
    process_of,
    reference_calculations,
    reference_descriptors,
    reference_potentials,
    references,
)
from echemscreen.levels.vacuum import (
    FITTED_ENGINES,
    IonisationFit,
    ionisation_fit,
    reference_ionisations,
)
from echemscreen.ligands.forms import forms_of
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.groups import scaffold
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records import Process, Species
from echemscreen.reference_tables import read_rows, table_path
from echemscreen.screening.executors import process_pool
from echemscreen.screening.reference_ionisations import compute_ionisations, write_ionisations
from echemscreen.screening.workbench import PROCESSES


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
                for f in self.fits
            ),
            "",
            "ionisation energy in vacuum, leave-one-out",
            *(
                f"IP         {item.engine:7s} vertical   {item.n_molecules:4d} {item.n_molecules:9d} "
                f"{item.raw_mae_ev:8.3f} {item.cv_mae_ev:7.3f} {item.cv_rmse_ev:8.3f} eV"
                for item in self.ionisation
            ),
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
        Folder for ``reference_descriptors.csv``, ``reference_ionisation.csv`` and ``calibration.csv``;
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
    if recompute and engine in FITTED_ENGINES:
        ionisations = compute_ionisations(ionisations, engine, workers=workers or os.cpu_count() or 1)
    fits = fit_all(references(), descriptors)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_descriptors(descriptors, out / "reference_descriptors.csv")
        write_fits(fits, out / "calibration.csv")
        write_ionisations(ionisations, out / "reference_ionisation.csv")
    agrees = _exists("calibration.csv") and _same(fits)
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
    solvent: str


def described_molecules() -> tuple[DescribedMolecule, ...]:
    """Every reference molecule: the measured ones, then the calculated ones, metal salts left out.

    Measured couples are described in the solvent of their measurement, calculated ones in that of
    the protocol.
    """
    measured = (
        DescribedMolecule(
            entry=row.entry,
            smiles=row.smiles,
            process=process_of(row.process, row.entry),
            solvent=row.solvent,
        )
        for row in reference_potentials()
    )
    calculated = (
        DescribedMolecule(
            entry=calculated_entry(row),
            smiles=row.smiles,
            process=process_of(row.process, row.name),
            solvent=PREDICTION_SOLVENT,
        )
        for row in reference_calculations()
        if "." not in row.smiles
    )
    return (*measured, *calculated)


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingPair:
    """A ligand whose binding shift is computed (a row of ``binding_pairs.csv``)."""

    name: str
    smiles: str
    citation: str
    locator: str
    note: str


#: Sites on which the ligands of ``binding_pairs.csv`` are computed.
BINDING_SITES = (("Cd", 2), ("Zn", 2))


def binding_table(*, workers: int | None = None) -> str:
    """Compute the binding shifts of ``binding_pairs.csv``, and the constants that follow."""
    pairs = read_rows("ligand_library", "binding_pairs.csv", BindingPair)
    with process_pool(workers or os.cpu_count() or 1) as pool:
        futures = [pool.submit(binding_shifts, pair, site) for pair in pairs for site in BINDING_SITES]
        rows = [row for future in futures for row in future.result()]
    lines = ["ligand                        site process    share  GFN2 shift  IPEA1 shift (V)"]
    lines += [
        f"{name:29s} {site:4s} {process:10s} {share:5.2f} {first:11.2f} {second:12.2f}"
        for name, site, process, share, first, second in rows
    ]
    reductions = [row for row in rows if row[2] == "reduction" and row[3] >= LIGAND_SHARE]
    oxidations = [row for row in rows if row[2] == "oxidation"]
    shifts = [row[4] for row in reductions]
    between = [row[5] - row[4] for row in (*reductions, *oxidations)]
    mean, spread = statistics.mean(shifts), statistics.stdev(shifts)
    disagreement = math.sqrt(statistics.mean(d * d for d in between))
    half = statistics.median(abs(row[5] - row[4]) for row in oxidations) / 2
    lines.append(
        f"binding_shift_typical: {mean:.2f} V, standard deviation {spread:.2f} V "
        f"({len(shifts)} reductions with a share of at least {LIGAND_SHARE} on the ligand)"
    )
    lines.append(
        f"binding_shift_alone: {disagreement:.2f} V "
        "(root-mean-square of IPEA1 against GFN2, these reductions and all oxidations)"
    )
    lines.append(f"binding_shift_floor: {half:.2f} V (half the median disagreement of oxidations)")
    return "\n".join(lines)


def binding_shifts(
    pair: BindingPair, site: tuple[str, int]
) -> list[tuple[str, str, Process, float, float, float]]:
    """Name, site, process, share on the ligand, GFN2 and IPEA1 shift in V of one ligand on one site."""
    engine = get_engine("tblite")
    theory = theory_of(engine, "acetonitrile")
    molecule = parse_smiles(pair.smiles, pair.name)
    form = forms_of(molecule, site_metal=site[0], site_charge=site[1], which="bound")[0]
    if form.bound is None:
        raise EchemscreenError(f"{pair.name} has no bound form.", "Choose a ligand with an anchor.")
    free = vertical_ladder(engine, form.free, embed(form.free), theory)
    bound = vertical_ladder(engine, form.bound, embed(form.bound, ligand=form.free), theory)
    rows: list[tuple[str, str, Process, float, float, float]] = []
    for process in PROCESSES:
        before, after = raw_potentials(free, process), raw_potentials(bound, process)
        share = added_charge_on_ligand(bound, process)
        if share is None or before.ipea1_vertical_v_she is None or after.ipea1_vertical_v_she is None:
            continue
        rows.append(
            (
                pair.name,
                site[0],
                process,
                share,
                after.gfn2_vertical_v_she - before.gfn2_vertical_v_she,
                after.ipea1_vertical_v_she - before.ipea1_vertical_v_she,
            )
        )
    return rows


def compute_descriptors(
    tasks: Sequence[DescribedMolecule], engine: str, *, workers: int
) -> tuple[tuple[ReferenceDescriptors, ...], tuple[str, ...]]:
    """Descriptors of every reference molecule, in the solvent of its measurement.

    Returns
    -------
    tuple
        The rows in the order of ``tasks``, and a sentence for each molecule that failed.
    """
    rows: dict[str, ReferenceDescriptors] = {}
    failures: dict[str, str] = {}
    with process_pool(workers) as pool:
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


def describe_reference(task: DescribedMolecule, engine_name: str) -> ReferenceDescriptors:
    """Relax one reference molecule and its ion, and read off the descriptors.

    Raises
    ------
    EchemscreenError
        if the molecule cannot be read or computed.
    """
    engine = get_engine(engine_name)
    solvent = task.solvent if task.solvent in engine.solvents else PREDICTION_SOLVENT
    theory = theory_of(engine, solvent)
    molecule = parse_smiles(task.smiles, task.entry)
    species = Species(smiles=molecule.canonical_smiles, charge=molecule.charge)
    process = task.process
    ladder = vertical_ladder(engine, species, embed(species), theory)
    ladder = with_state(ladder, relaxed_state(engine, ladder, process, theory))
    raw = raw_potentials(ladder, process)
    return ReferenceDescriptors(
        entry=task.entry,
        engine=engine_name,
        protocol=theory.protocol,
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


def write_descriptors(rows: Sequence[ReferenceDescriptors], path: Path) -> None:
    """Write ``reference_descriptors.csv``, numbers to a microvolt."""
    names = [item.name for item in fields(ReferenceDescriptors)]
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
        shipped = read_shipped_rows(table_path("ligand_library", "calibration.csv"))
    except TableError:
        # Of another version: it differs, and the refit shows how.
        return False
    return shipped == tuple(shipped_row(item) for item in fits)
