"""The density-functional training set: what is computed, how, and how well it does.

``dft_molecules.csv`` lists small members of classes without measured potentials (role ``train``)
and molecules with one (role ``anchor``), in the order in which they are computed.
``reference_calculations.csv`` holds the results; :func:`compute_missing` appends a row as soon as it
is there and never computes one twice.

Protocol. Parent and ion are relaxed with GFN2-xTB/ALPB as in every ladder of this package; on these
geometries the parent, the ion at the parent's geometry (vertical) and the relaxed ion (adiabatic)
are computed with PBE0 and C-PCM. Both states of a couple have the same basis: with diffuse functions
for reductions, whose anions need them, without for oxidations. Potentials are raw, against the
absolute potential of SHE in ``scales``: the anchors say how far from experiment that is.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Protocol, TypeVar

from echemscreen.engines.base import Engine, get_engine
from echemscreen.errors import EchemscreenError, EngineError, TableError
from echemscreen.levels.fit.references import (
    ReferenceCalculation,
    read_calculations,
    reference_potentials,
)
from echemscreen.levels.redox import (
    ion_unpaired,
    relaxed_state,
    theory_of,
    vertical_ladder,
)
from echemscreen.levels.refined import REFERENCE_HAMILTONIANS, absolute_v_she
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Geometry, Species
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.reference_tables import read_rows, table_path

#: Raised whenever a change here or in the engine would give a row other numbers.
PROTOCOL_VERSION = 1

SOLVENT = "acetonitrile"
PROTOCOLS: dict[Process, str] = {
    process: f"{hamiltonian} C-PCM({SOLVENT})//GFN2-xTB(ALPB {SOLVENT})"
    for process, hamiltonian in REFERENCE_HAMILTONIANS.items()
}

_FOLDER, _MOLECULES, _RESULTS = "ligand_library", "dft_molecules.csv", "reference_calculations.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingMolecule:
    """A row of ``dft_molecules.csv``; ``entry`` names the measured potential of an anchor."""

    name: str
    smiles: str
    chem_class: str
    process: str
    role: str
    entry: str
    citation: str
    locator: str
    note: str

    @property
    def processes(self) -> tuple[Process, ...]:
        """What is computed for it."""
        both = PROCESSES
        return both if self.process == "both" else (Process(self.process),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Couple:
    """One thing to compute: a molecule and the process it undergoes."""

    molecule: TrainingMolecule
    process: Process

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What was asked: structure, process, protocol and its version."""
        return (self.molecule.smiles, self.process, PROTOCOLS[self.process], PROTOCOL_VERSION)

    @property
    def label(self) -> str:
        """Name and process, for a reader."""
        return f"{self.molecule.name}, {self.process}"


TaskT = TypeVar("TaskT", bound="Labelled")
RowT = TypeVar("RowT")


def training_couples() -> tuple[Couple, ...]:
    """Everything that is to be computed, in order.

    Raises
    ------
    TableError
        if a row has an unknown process or role, an anchor has no measured potential, or a couple
        is listed twice.
    """
    couples: list[Couple] = []
    seen: set[tuple[str, str]] = set()
    measured = {reference.entry: reference for reference in reference_potentials()}
    for row in read_rows(_FOLDER, _MOLECULES, TrainingMolecule):
        where = f"{_FOLDER}/{_MOLECULES}, {row.name}"
        if row.process not in {Process.REDUCTION, Process.OXIDATION, "both"} or row.role not in {
            "train",
            "anchor",
        }:
            raise TableError(
                f"{where}: '{row.process}' and '{row.role}' are no process and role.",
                "Write reduction, oxidation or both; train or anchor.",
            )
        reference = measured.get(row.entry)
        if row.role == "anchor" and (reference is None or reference.process != row.process):
            raise TableError(
                f"{where}: no measured {row.process} has the entry '{row.entry}'.",
                "Name a row of reference_potentials.csv.",
            )
        for process in row.processes:
            if (row.smiles, process) in seen:
                raise TableError(f"{where}: its {process} is listed twice.", "Remove one.")
            seen.add((row.smiles, process))
            couples.append(Couple(molecule=row, process=process))
    return tuple(couples)


def results_path() -> Path:
    """Where the results are kept: beside the list of molecules."""
    return table_path(_FOLDER, _MOLECULES).with_name(_RESULTS)


def read_results(path: Path) -> tuple[ReferenceCalculation, ...]:
    """All rows in file order; none if the file is not there yet."""
    return read_calculations(path)


def missing(couples: Iterable[Couple], path: Path) -> tuple[Couple, ...]:
    """The couples that have no row under the present protocol."""
    done = {row.key for row in read_results(path)}
    return tuple(couple for couple in couples if couple.key not in done)


def species_of_row(smiles: str, name: str) -> Species:
    """What is embedded for a row: a salt as its neutral complex M(X)n, anything else as written.

    Raises
    ------
    EchemscreenError
        if the SMILES cannot be read, or the salt makes no complex.
    """
    molecule = parse_smiles(smiles, name)
    if molecule.kind != "salt":
        return Species(
            smiles=molecule.canonical_smiles, charge=molecule.charge, n_unpaired=molecule.n_unpaired
        )
    complexed = forms_of(molecule, site_metal="", site_charge=0)[0].bound
    if complexed is None:
        raise EchemscreenError(f"{name} makes no neutral complex.", "List another salt.")
    return complexed


def compute(
    couple: Couple, *, geometry_engine: str = "tblite", engine: str = "pyscf"
) -> ReferenceCalculation:
    """Relax parent and ion, compute three single points, and make the row.

    Raises
    ------
    EchemscreenError
        if the molecule cannot be read, embedded or relaxed, or a field does not converge. An ion
        that does not relax leaves the adiabatic value out.
    """
    started = time.perf_counter()
    molecule, process = couple.molecule, couple.process
    relaxing, dft = get_engine(geometry_engine), get_engine(engine)
    species = species_of_row(molecule.smiles, molecule.name)
    parent, ion, intact, changes, note = _relaxed_pair(relaxing, species, process)

    method = dft.method(REFERENCE_HAMILTONIANS[process], SOLVENT)
    charge, spin = species.charge - process.electrons, ion_unpaired(species.n_unpaired)
    neutral = dft.single_point(parent, charge=species.charge, n_unpaired=species.n_unpaired, method=method)
    ions = [
        dft.single_point(geometry, charge=charge, n_unpaired=spin, method=method)
        for geometry in (parent, ion)
        if geometry is not None
    ]
    potentials = [absolute_v_she(neutral.energy_ev, point.energy_ev, process) for point in ions]
    return ReferenceCalculation(
        smiles=molecule.smiles,
        name=molecule.name,
        chem_class=molecule.chem_class,
        process=process,
        role=molecule.role,
        entry=molecule.entry,
        vertical_v_she=potentials[0],
        adiabatic_v_she=potentials[1] if ion is not None else None,
        intact=intact,
        changed_bonds=";".join(changes),
        homo_ev=neutral.homo_ev,
        lumo_ev=neutral.lumo_ev,
        n_atoms=len(parent.symbols),
        protocol=PROTOCOLS[process],
        protocol_version=PROTOCOL_VERSION,
        engine=f"{dft.name} {dft.version}",
        geometry_engine=f"{relaxing.name} {relaxing.version}",
        retries=";".join(step for point in (neutral, *ions) for step in point.retries),
        seconds=round(time.perf_counter() - started, 1),
        citation="computed by workflows/compute_reference_calculations.py",
        note=note,
    )


def _relaxed_pair(
    engine: Engine, species: Species, process: Process
) -> tuple[Geometry, Geometry | None, bool | None, tuple[str, ...], str]:
    """Parent, ion, whether the ion kept its bonds, what changed, and why there is no ion."""
    theory = theory_of(engine, SOLVENT)
    ladder = vertical_ladder(engine, species, embed(species), theory)
    parent = ladder.state(0)
    if parent is None or parent.geometry is None:
        raise EngineError(f"The ladder of {species.smiles} has no parent.", "Report this molecule.")
    if not parent.intact:
        raise EngineError(
            f"The parent rearranges when relaxed ({', '.join(parent.changed_bonds)}).",
            "List another molecule.",
        )
    try:
        ion = relaxed_state(engine, ladder, process, theory)
    except EngineError as error:
        return parent.geometry, None, None, (), f"the ion was not relaxed: {error.message}"
    return parent.geometry, ion.geometry, ion.intact, ion.changed_bonds, ""


# --- the run ------------------------------------------------------------------------------


def compute_missing(
    couples: Sequence[Couple],
    path: Path,
    *,
    executor: Executor,
    report: Callable[[str], None],
    work: Callable[[Couple], ReferenceCalculation] = compute,
) -> int:
    """Compute every couple without a row, and append each row as soon as it is there.

    Parameters
    ----------
    path
        The table of results; made if it is not there.
    executor
        Where ``work`` runs; only this process writes.
    report
        Told one line for each couple done or failed.

    Returns
    -------
    int
        How many couples failed; they do not stop the others.

    Raises
    ------
    EngineError
        if a worker process was killed, which ends the run; what was done is kept.
    """

    def save(row: ReferenceCalculation) -> str:
        append_row(row, path)
        return row.summary

    return compute_each(missing(couples, path), work, save, executor=executor, report=report)


class Labelled(Protocol):
    """Something to compute."""

    @property
    def label(self) -> str:
        """For a reader."""
        ...


def compute_each(
    wanted: Sequence[TaskT],
    work: Callable[[TaskT], RowT],
    save: Callable[[RowT], str],
    *,
    executor: Executor,
    report: Callable[[str], None],
) -> int:
    """Compute tasks in any order, and save each result as soon as it is there.

    Parameters
    ----------
    save
        Keeps a result and gives it in words; only this process writes.

    Returns
    -------
    int
        How many failed; they do not stop the others.

    Raises
    ------
    EngineError
        if a worker process was killed, which ends the run; what was done is kept.
    """
    futures: dict[Future[RowT], TaskT] = {executor.submit(work, task): task for task in wanted}
    failed = 0
    for number, future in enumerate(as_completed(futures), start=1):
        task = futures[future]
        progress = f"{number}/{len(wanted)} {task.label}"
        error = future.exception()
        if error is None:
            report(f"{progress}: {save(future.result())}")
            continue
        if isinstance(error, BrokenProcessPool):
            raise EngineError(
                f"A worker process was killed, probably at {task.label}.",
                "Run again; with fewer workers if memory ran out.",
            ) from error
        failed += 1
        known = isinstance(error, EchemscreenError)
        report(f"{progress}: failed: {error if known else f'{type(error).__name__}: {error}'}")
    return failed


def append_row(row: Any, path: Path) -> None:  # noqa: ANN401 - any record of plain values
    """Append one record, with the header to a new file, else in the order of its header; to 10 microvolt."""
    is_new = not path.is_file()
    names = [item.name for item in fields(row)]
    if not is_new:
        with path.open(newline="", encoding="utf-8") as handle:
            names = next(csv.reader(handle))
    with path.open("a", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        if is_new:
            writer.writerow(names)
        writer.writerow([_cell(getattr(row, name)) for name in names])


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.5f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
