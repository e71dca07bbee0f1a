"""Density-functional reference calculations of ligands on model sites.

``bound_molecules.csv`` lists ligands, the site that each is put on and what is computed, in the order in
which it is; ``bound_calculations.csv`` holds the levels and ``binding_calculations.csv`` the energies of
binding. The protocol is that of
:mod:`~echemscreen.evidence.references.reference_calculations`, so that bound and free levels can be compared.

Energies. An L donor: ``M(X)n + L -> L-M(X)n`` with the superposition error of both parts, computed in
vacuum on the complex. An X ligand: ``M(OAc)n + HX -> M(OAc)(n-1)X + HOAc``, in which bonds of one kind
replace each other and the superposition error nearly vanishes. Thermal terms are those of GFN2-xTB.
"""

from __future__ import annotations

import time
import typing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal, cast

from echemscreen.engines.base import get_engine
from echemscreen.errors import EngineError, InputError, TableError
from echemscreen.evidence.references.reference_calculations import (
    PROTOCOL_VERSION,
    PROTOCOLS,
    SOLVENT,
    append_row,
    compute_each,
)
from echemscreen.levels.bound_references import (
    BindingCalculation,
    BoundCalculation,
    LeavingCalculation,
    read_binding_calculations,
    read_bound_calculations,
    read_leaving_calculations,
)
from echemscreen.levels.redox import ion_unpaired, relaxed_state, theory_of, vertical_ladder
from echemscreen.levels.refined import REFERENCE_HAMILTONIANS, absolute_v_she
from echemscreen.levels.thermal import free_energy_above_ev
from echemscreen.ligands.binding.reference_sites import (
    BRIDGE,
    FREE,
    HOMOLEPTIC,
    SPECTATORS,
    BoundMolecule,
    drawn,
    radical_of,
    spectator_acid,
)
from echemscreen.ligands.geometry import embed
from echemscreen.records.levels import SinglePoint
from echemscreen.records.molecules import Geometry, Species
from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_rows, table_path

#: Start geometries of each species beside the first, in which a chelating anion may hang on one of its atoms.
_CONFORMERS = 6
_FOLDER, _MOLECULES = "ligand_library", "bound_molecules.csv"
Calculation = BoundCalculation | BindingCalculation | LeavingCalculation
_TABLES: dict[type[Calculation], str] = {
    BoundCalculation: "bound_calculations.csv",
    BindingCalculation: "binding_calculations.csv",
    LeavingCalculation: "leaving_calculations.csv",
}

Task = Literal["reduction", "oxidation", "binding", "leaving"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundTask:
    """One thing to compute."""

    molecule: BoundMolecule
    task: Task

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What was asked: ligand, site, spectator and what is computed."""
        return (self.molecule.smiles, self.molecule.metal, self.molecule.spectator, self.task)

    @property
    def label(self) -> str:
        """For a reader."""
        site = f"{self.molecule.metal} {self.molecule.spectator}".strip()
        return f"{self.molecule.name} on {site}, {self.task}"


def bound_tasks() -> tuple[BoundTask, ...]:
    """Everything that is to be computed, in order.

    Raises
    ------
    TableError
        if a row names an unknown spectator or task, or a task is listed twice.
    """
    found: list[BoundTask] = []
    seen = set()
    known = {*SPECTATORS, HOMOLEPTIC, BRIDGE, FREE}
    for row in read_rows(_FOLDER, _MOLECULES, BoundMolecule):
        where = f"{_FOLDER}/{_MOLECULES}, {row.name}"
        if row.spectator not in known or (row.spectator == FREE) != (not row.metal):
            raise TableError(
                f"{where}: '{row.spectator}' on '{row.metal}' is no site.",
                f"Write a metal and one of {', '.join(sorted(known - {FREE}))}; or no metal and {FREE}.",
            )
        for task in row.tasks.split(";"):
            if task not in typing.get_args(Task):
                raise TableError(
                    f"{where}: '{task}' is no task.", f"Write {', '.join(typing.get_args(Task))}."
                )
            item = BoundTask(molecule=row, task=cast("Task", task))
            if item.key in seen:
                raise TableError(f"{where}: its {task} is listed twice.", "Remove one.")
            seen.add(item.key)
            found.append(item)
    return tuple(found)


def missing_tasks(tasks: Iterable[BoundTask]) -> tuple[BoundTask, ...]:
    """The tasks that have no row yet."""
    done = {
        row.key
        for rows in (read_bound_calculations(), read_binding_calculations(), read_leaving_calculations())
        for row in rows
    }
    return tuple(task for task in tasks if task.key not in done)


# --- what is computed -----------------------------------------------------------------------


def compute_bound(task: BoundTask) -> Calculation:
    """One row: the levels of a bound form, or the energy of binding.

    Raises
    ------
    EchemscreenError
        if the complex cannot be drawn, embedded or relaxed, or a field does not converge.
    """
    if task.task == "binding":
        return _binding(task.molecule)
    if task.task == "leaving":
        return _leaving(task.molecule)
    return _level(task.molecule, Process(task.task))


def _level(row: BoundMolecule, process: Process) -> BoundCalculation:
    started = time.perf_counter()
    site = drawn(row)
    relaxing, dft = get_engine("tblite"), get_engine("pyscf")
    theory = theory_of(relaxing, SOLVENT)
    ladder = vertical_ladder(
        relaxing,
        site.complex,
        _starts(site.complex, site.ligand if row.metal else None),
        theory,
    )
    parent = ladder.state(0)
    if parent is None or parent.geometry is None:
        raise EngineError(f"The ladder of {site.complex.smiles} has no parent.", "Report this molecule.")
    note, ion, intact = "", None, None
    changes: tuple[str, ...] = ()
    try:
        state = relaxed_state(relaxing, ladder, process, theory)
        ion, intact, changes = state.geometry, state.intact, state.changed_bonds
    except EngineError as error:
        note = f"the ion was not relaxed: {error.message}"
    method = dft.method(REFERENCE_HAMILTONIANS[process], SOLVENT)
    charge = site.complex.charge - process.electrons
    spin = ion_unpaired(site.complex.n_unpaired)
    neutral = dft.single_point(
        parent.geometry, charge=site.complex.charge, n_unpaired=site.complex.n_unpaired, method=method
    )
    points = [
        dft.single_point(geometry, charge=charge, n_unpaired=spin, method=method)
        for geometry in (parent.geometry, ion)
        if geometry is not None
    ]
    potentials = [absolute_v_she(neutral.energy_ev, point.energy_ev, process) for point in points]
    shares = [_share_on_ligand(point, parent.geometry) for point in points]
    return BoundCalculation(
        name=row.name,
        smiles=row.smiles,
        chem_class=row.chem_class,
        anchor=site.anchor,
        binding=site.binding,
        metal=row.metal,
        spectator=row.spectator,
        process=process,
        vertical_v_she=potentials[0],
        adiabatic_v_she=potentials[1] if ion is not None else None,
        intact=intact,
        changed_bonds=";".join(changes),
        parent_changed=";".join(parent.changed_bonds),
        spin_on_ligand=shares[0],
        spin_on_ligand_relaxed=shares[1] if ion is not None else None,
        homo_ev=neutral.homo_ev,
        lumo_ev=neutral.lumo_ev,
        n_atoms=len(parent.geometry.symbols),
        protocol=PROTOCOLS[process],
        protocol_version=PROTOCOL_VERSION,
        engine=f"{dft.name} {dft.version}",
        geometry_engine=f"{relaxing.name} {relaxing.version}",
        retries=";".join(step for point in (neutral, *points) for step in point.retries),
        seconds=round(time.perf_counter() - started, 1),
        citation="computed by workflows/compute_bound_calculations.py",
        note=note,
    )


def _starts(species: Species, ligand: Species | None) -> tuple[Geometry, ...]:
    """Start geometries; the lowest after relaxation counts."""
    return (*embed(species, ligand=ligand), *embed(species, ligand=ligand, n_conformers=_CONFORMERS))


def _share_on_ligand(ion: SinglePoint, geometry: Geometry) -> float | None:
    """Share of the ion's unpaired electron that sits on the ligand, 1 without a site."""
    if not ion.atomic_spins:
        return None
    site = set(geometry.site_atoms)
    on_ligand = sum(spin for index, spin in enumerate(ion.atomic_spins) if index not in site)
    return on_ligand / sum(ion.atomic_spins)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A relaxed closed-shell species: energies in eV, and its geometry."""

    dft_ev: float
    gfn2_ev: float
    thermal_ev: float
    geometry: Geometry


@lru_cache(maxsize=256)
def _part(species: Species, ligand: Species | None) -> _Part:
    relaxing, dft = get_engine("tblite"), get_engine("pyscf")
    theory = theory_of(relaxing, SOLVENT)
    ladder = vertical_ladder(relaxing, species, _starts(species, ligand), theory)
    parent = ladder.state(0)
    if parent is None or parent.geometry is None:
        raise EngineError(f"The ladder of {species.smiles} has no parent.", "Report this molecule.")
    point = dft.single_point(
        parent.geometry,
        charge=species.charge,
        n_unpaired=species.n_unpaired,
        method=dft.method(REFERENCE_HAMILTONIANS[Process.OXIDATION], SOLVENT),
    )
    return _Part(
        dft_ev=point.energy_ev,
        gfn2_ev=parent.relaxed[0].energy_ev,
        thermal_ev=free_energy_above_ev(
            relaxing,
            parent.geometry,
            charge=species.charge,
            n_unpaired=species.n_unpaired,
            method=theory.geometry,
        ),
        geometry=parent.geometry,
    )


def _binding(row: BoundMolecule) -> BindingCalculation:
    started = time.perf_counter()
    site = drawn(row)
    if site.site is None:
        raise InputError(f"{row.name} on {row.spectator} has no energy of binding.", "Leave it out.")
    whole = _part(site.complex, site.ligand)
    free, bare = _part(site.ligand, None), _part(site.site, None)
    formed, used = [whole], [free, bare]
    correction = 0.0
    if site.binding == "X":
        formed.append(_part(spectator_acid("formate" if row.spectator == BRIDGE else row.spectator), None))
    else:
        dft: Any = get_engine("pyscf")
        method = dft.method(REFERENCE_HAMILTONIANS[Process.OXIDATION], SOLVENT)
        atoms = range(len(whole.geometry.symbols))
        on_site = set(whole.geometry.site_atoms)
        for part in ([a for a in atoms if a in on_site], [a for a in atoms if a not in on_site]):
            alone, within = dft.part_energy_ev(whole.geometry, part, method)
            correction += alone - within

    def change(attribute: str) -> float:
        total: float = sum(getattr(p, attribute) for p in formed)
        total -= sum(getattr(p, attribute) for p in used)
        return total

    return BindingCalculation(
        name=row.name,
        smiles=row.smiles,
        chem_class=row.chem_class,
        anchor=site.anchor,
        binding=site.binding,
        metal=row.metal,
        spectator=row.spectator,
        electronic_ev=change("dft_ev"),
        counterpoise_ev=correction,
        thermal_ev=change("thermal_ev"),
        gfn2_electronic_ev=change("gfn2_ev"),
        n_atoms=len(whole.geometry.symbols),
        protocol=PROTOCOLS[Process.OXIDATION],
        protocol_version=PROTOCOL_VERSION,
        engine=f"{get_engine('pyscf').name} {get_engine('pyscf').version}",
        seconds=round(time.perf_counter() - started, 1),
        citation="computed by workflows/compute_bound_calculations.py",
    )


#: Whose bond the others are compared with.
_REFERENCE_LIGAND = "CS"


def _leaving(row: BoundMolecule) -> LeavingCalculation:
    started = time.perf_counter()
    site = drawn(row)
    reference = replace(row, name="methanethiol", smiles=_REFERENCE_LIGAND, anchor="thiol")
    their = drawn(reference)
    used = [_part(site.complex, site.ligand), _part(radical_of(reference), None)]
    formed = [_part(their.complex, their.ligand), _part(radical_of(row), None)]
    return LeavingCalculation(
        name=row.name,
        smiles=row.smiles,
        anchor=site.anchor,
        metal=row.metal,
        spectator=row.spectator,
        electronic_ev=sum(part.dft_ev for part in formed) - sum(part.dft_ev for part in used),
        thermal_ev=sum(part.thermal_ev for part in formed) - sum(part.thermal_ev for part in used),
        n_atoms=len(used[0].geometry.symbols),
        protocol=PROTOCOLS[Process.OXIDATION],
        protocol_version=PROTOCOL_VERSION,
        engine=f"{get_engine('pyscf').name} {get_engine('pyscf').version}",
        seconds=round(time.perf_counter() - started, 1),
        citation="computed by workflows/compute_bound_calculations.py",
    )


# --- the run --------------------------------------------------------------------------------


def compute_missing_bound(
    tasks: Sequence[BoundTask], *, executor: Executor, report: Callable[[str], None]
) -> int:
    """Compute every task without a row, and append each row as soon as it is there.

    Returns
    -------
    int
        How many failed; they do not stop the others.

    Raises
    ------
    EngineError
        if a worker process was killed; what was done is kept.
    """
    folder = table_path(_FOLDER, _MOLECULES).parent

    def save(row: Calculation) -> str:
        append_row(row, folder / _TABLES[type(row)])
        return row.summary

    return compute_each(missing_tasks(tasks), compute_bound, save, executor=executor, report=report)
