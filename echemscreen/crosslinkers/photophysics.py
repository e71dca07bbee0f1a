"""What light does to molecules: spectra averaged over their conformers, and their spin states.

The relaxed geometries are the expensive part: they are taken from the store or computed by the executor
and stored. A spectrum is derived from one in about a second, each time anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future, as_completed
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from echemscreen.crosslinkers.crosslinker_ledger import Tools
from echemscreen.crosslinkers.spin_facts import (
    PROTOCOL,
    SpinTask,
    exciton_trap_probability,
    spin_facts,
    spin_task,
)
from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, WorkerDiedError
from echemscreen.levels.light.absorption import (
    absorption_spectrum,
    averaged_spectrum,
)
from echemscreen.levels.redox import theory_of
from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import Form, Geometry, Molecule, Species
from echemscreen.screening.conformers import (
    CONFORMERS_PROTOCOL,
    Conformer,
    conformers_key,
    conformers_of,
    relaxed_conformers,
)
from echemscreen.screening.plan import planned_forms
from echemscreen.screening.workbench import FIRST_STAGE, Settings, Workbench, ladder_key
from echemscreen.screening.workers.cluster import killed_workers
from echemscreen.verdicts.ledger import LedgerMember
from echemscreen.verdicts.posterior import SHIFTS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """A molecule alone in its relaxed ground state."""

    species: Species
    geometry: Geometry


@dataclass(frozen=True, slots=True, kw_only=True)
class Photophysics:
    """What light does to one candidate; ``None`` is not computed."""

    ground: Ground | None = None
    epsilon_at_lamp_per_m_cm: float | None = None
    epsilon_spread_per_m_cm: tuple[float, ...] = ()
    """Quantiles of its distribution at ``SHIFTS`` of a normal one's standard deviations."""
    epsilon_interval_per_m_cm: tuple[float, float] | None = None
    """Smallest and largest of a 90 % interval."""
    s1_ev: float | None = None
    """Of the lowest conformer."""
    method: str = ""
    p_exciton_trap: float | None = None
    triplet_ev: float | None = None
    triplet_sigma_ev: float | None = None
    intermediate_smiles: str = ""
    """Of the arm that stands for all in what follows."""
    spin_gap_kcal_mol: float | None = None
    spin_gap_sigma_kcal_mol: float | None = None
    n2_release_kcal_mol: float | None = None
    """To N2 and the ground state of the intermediate; positive is uphill."""
    n2_release_singlet_kcal_mol: float | None = None
    n2_release_triplet_kcal_mol: float | None = None
    n2_release_sigma_kcal_mol: float | None = None
    o2_reaction_kcal_mol: float | None = None
    o2_reaction_sigma_kcal_mol: float | None = None
    failure: str = ""
    """Why something could not be computed."""


#: Stored numbers that are told as they are.
_SPIN_NUMBERS = (
    "triplet_ev",
    "triplet_sigma_ev",
    "spin_gap_kcal_mol",
    "spin_gap_sigma_kcal_mol",
    "n2_release_kcal_mol",
    "n2_release_singlet_kcal_mol",
    "n2_release_triplet_kcal_mol",
    "n2_release_sigma_kcal_mol",
    "o2_reaction_kcal_mol",
    "o2_reaction_sigma_kcal_mol",
)
#: Numbers by name, and sentences about what failed.
SpinResult = tuple[dict[str, Any], tuple[str, ...]]
NO_FACTS: SpinResult = ({}, ())
ResultT = TypeVar("ResultT")


def photophysics(
    molecules: Sequence[Molecule], lamp_nm: float | None, tools: Tools
) -> dict[str, Photophysics]:
    """Absorption of molecules by canonical SMILES; a failure is a sentence, never an exception.

    Without a lamp only what spin states start from: the relaxed ground states.
    """
    grounds = _ground_states(molecules, tools)
    if lamp_nm is None:
        return {
            smiles: Photophysics(failure=item) if isinstance(item, str) else Photophysics(ground=item)
            for smiles, item in grounds.items()
        }
    species = {smiles: item.species for smiles, item in grounds.items() if isinstance(item, Ground)}
    conformers = _conformers(species, tools)
    return {smiles: _lit(ground, conformers.get(smiles, ()), lamp_nm) for smiles, ground in grounds.items()}


def spin_states(
    known: Mapping[str, tuple[Photophysics, Sequence[LedgerMember]]], tools: Tools
) -> dict[str, Photophysics]:
    """The same with triplet energies and what the intermediates of the ledgers do."""
    tasks = {
        smiles: spin_task(light.ground.species, light.ground.geometry, members)
        for smiles, (light, members) in known.items()
        if light.ground is not None
    }
    spins = _spin_facts(tasks, tools)
    found = {}
    for smiles, (light, _) in known.items():
        facts, failures = spins.get(smiles, NO_FACTS)
        numbers: dict[str, Any] = {name: facts.get(name) for name in _SPIN_NUMBERS}
        found[smiles] = replace(
            light,
            p_exciton_trap=exciton_trap_probability(facts, tools.dot.exciton_ev),
            intermediate_smiles=item.smiles if (item := _intermediate(tasks.get(smiles))) else "",
            **numbers,
            failure=" ".join(filter(None, (light.failure, *failures))),
        )
    return found


def _intermediate(task: SpinTask | None) -> Species | None:
    return task.intermediate if task is not None else None


def _lit(ground: Ground | str, conformers: Sequence[Conformer], lamp_nm: float) -> Photophysics:
    if isinstance(ground, str):
        return Photophysics(failure=ground)
    try:
        # A molecule none of whose conformers relaxed keeps the spectrum of its ladder's geometry.
        spectra = [absorption_spectrum(item.geometry) for item in conformers]
        spectra = spectra or [absorption_spectrum(ground.geometry)]
        spectrum = averaged_spectrum(spectra, [item.energy_ev for item in conformers] or [0.0])
    except EchemscreenError as error:
        return Photophysics(ground=ground, failure=f"No spectrum: {error.message}")
    epsilon = spectrum.epsilon_at(lamp_nm)
    return Photophysics(
        ground=ground,
        epsilon_at_lamp_per_m_cm=epsilon,
        epsilon_spread_per_m_cm=spectrum.epsilon_quantiles(lamp_nm, SHIFTS),
        epsilon_interval_per_m_cm=spectrum.epsilon_interval(lamp_nm),
        s1_ev=spectra[0].s1_ev,
        method=spectrum.method,
    )


def _spin_facts(tasks: Mapping[str, SpinTask], tools: Tools) -> dict[str, SpinResult]:
    """Stored numbers, and those computed now; the parent stores them one by one as they come."""
    found: dict[str, SpinResult] = {}
    missing = {}
    for smiles, task in tasks.items():
        stored = tools.store.get_document(task.key(tools.settings.engine))
        if stored is not None:
            found[smiles] = (stored, ())
        else:
            missing[smiles] = task
    tools.watch.begin("spin states of the best", len(tasks))
    for _ in found:
        tools.watch.step()
    for smiles, made in _in_workers(
        {smiles: partial(spin_facts, task, tools.settings) for smiles, task in missing.items()}, tools
    ):
        tools.watch.step(n_computed=0 if isinstance(made, str) else 1)
        if isinstance(made, str):
            found[smiles] = ({}, (made,))
            continue
        task = missing[smiles]
        found[smiles] = made
        if not made[1]:
            tools.store.put_document(
                task.key(tools.settings.engine),
                made[0],
                task.geometry,
                species=task.ground,
                protocol=PROTOCOL,
            )
    return found


def _in_workers(
    calls: Mapping[str, Callable[[], ResultT]], tools: Tools
) -> Iterator[tuple[str, ResultT | str]]:
    """Results as they come; a worker that dies costs what was in flight, and says so."""
    if not calls:
        return
    executor = tools.make_executor()
    flying: dict[Future[ResultT], str] = {}
    try:
        for smiles, call in calls.items():
            try:
                flying[executor.submit(call)] = smiles
            except BrokenExecutor:
                yield smiles, WorkerDiedError().message
        for future in as_completed(flying):
            error = future.exception()
            if error is None:
                yield flying[future], future.result()
            elif isinstance(error, BrokenExecutor) or killed_workers(error):
                yield flying[future], WorkerDiedError().message
            else:
                yield flying[future], f"Internal error {type(error).__name__}: {error}."
    finally:
        # Where this was interrupted nobody waits for what is in flight.
        executor.shutdown(wait=True, cancel_futures=True)


def _conformers(species: Mapping[str, Species], tools: Tools) -> dict[str, tuple[Conformer, ...]]:
    """Relaxed conformers by canonical SMILES; none of what failed."""
    keys = {smiles: conformers_key(item, tools.settings) for smiles, item in species.items()}
    stored = {smiles: tools.store.get_document(key) for smiles, key in keys.items()}
    found = {smiles: conformers_of(item) for smiles, item in stored.items() if item is not None}
    calls = {
        smiles: partial(relaxed_conformers, item, tools.settings)
        for smiles, item in species.items()
        if smiles not in found
    }
    tools.watch.begin("conformers for spectra", len(species))
    for _ in found:
        tools.watch.step()
    for smiles, made in _in_workers(calls, tools):
        tools.watch.step(n_computed=0 if isinstance(made, str) else 1)
        if isinstance(made, str):
            continue
        found[smiles] = conformers_of(made)
        tools.store.put_document(
            keys[smiles],
            made,
            found[smiles][0].geometry,
            species=species[smiles],
            protocol=CONFORMERS_PROTOCOL,
        )
    return found


# --- ground states ------------------------------------------------------------------------


def _ground_states(molecules: Sequence[Molecule], tools: Tools) -> dict[str, Ground | str]:
    """The relaxed geometry of each neutral molecule alone, or why there is none."""
    settings = tools.settings.model_copy(update={"forms": "free", "level": "fast", "counter_ion": ()})
    engine = get_engine(settings.engine)
    theory = theory_of(engine, settings.solvent)
    found: dict[str, Ground | str] = {}
    missing: dict[str, tuple[Molecule, Form]] = {}
    for molecule in molecules:
        smiles = molecule.canonical_smiles
        form = _alone(molecule, tools, settings)
        if form is None:
            found[smiles] = "No spectrum: it is charged or has several parts."
            continue
        keys = (ladder_key(form.free, engine, theory, settings, stage) for stage in ("vertical", FIRST_STAGE))
        stored = next(filter(None, map(tools.store.get, keys)), None)
        if stored is None:
            missing[smiles] = (molecule, form)
        else:
            found[smiles] = _ground(stored)
    calls = {smiles: partial(_relaxed, form, settings) for smiles, (_, form) in missing.items()}
    tools.watch.begin("geometries for spectra", len(molecules))
    for _ in found:
        tools.watch.step()
    for smiles, made in _in_workers(calls, tools):
        tools.watch.step(n_computed=0 if isinstance(made, str) else 1)
        if isinstance(made, str):
            found[smiles] = f"No spectrum: {made}"
            continue
        molecule, form = missing[smiles]
        key = ladder_key(form.free, engine, theory, settings, "vertical")
        tools.store.put(key, made, inchikey=molecule.inchikey, name=molecule.name)
        found[smiles] = _ground(made)
    return found


def _alone(molecule: Molecule, tools: Tools, settings: Settings) -> Form | None:
    """The molecule by itself; ``None`` if it is more than one, or charged."""
    if molecule.kind != "molecule" or molecule.charge:
        return None
    return planned_forms(molecule, tools.dot, settings)[0][0].whole


def _relaxed(form: Form, settings: Settings) -> Ladder | str:
    """What a worker does: the vertical ladder of a free species, or a sentence."""
    engine = get_engine(settings.engine)
    bench = Workbench(engine, theory_of(engine, settings.solvent), settings, {})
    try:
        return bench.ladder(form.free, None)
    except EchemscreenError as error:
        return error.message


def _ground(ladder: Ladder) -> Ground | str:
    parent = ladder.state(0)
    if parent is None or parent.geometry is None:
        return "No spectrum: the stored ladder has no geometry."
    return Ground(species=ladder.species, geometry=parent.geometry)
