"""What light does to molecules: spectra at their relaxed geometries, and their spin states.

The relaxed geometry is the expensive part: it is taken from the store or computed by the executor and
stored. A spectrum is derived from it in about a second, each time anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, WorkerDiedError
from echemscreen.levels.absorption import absorption_spectrum, half_conversion_dose_mj_cm2
from echemscreen.levels.redox import theory_of
from echemscreen.records import Form, Geometry, Ladder, Molecule, Species
from echemscreen.screening.assess import form_sets
from echemscreen.screening.crosslinker_ledger import Tools
from echemscreen.screening.executors import WorkerPool
from echemscreen.screening.spin_facts import (
    PROTOCOL,
    SpinTask,
    exciton_trap_probability,
    spin_facts,
    spin_task,
)
from echemscreen.screening.workbench import Settings, Workbench, ladder_key
from echemscreen.verdicts.ledger import LedgerMember
from echemscreen.verdicts.ranking import SHIFTS


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
    """The same with every band shifted by ``SHIFTS`` of its standard deviations."""
    epsilon_interval_per_m_cm: tuple[float, float] | None = None
    """Smallest and largest of a 90 % interval."""
    expected_dose_mj_cm2: float | None = None
    """Of half conversion at the lamp."""
    s1_ev: float | None = None
    method: str = ""
    p_exciton_trap: float | None = None
    triplet_ev: float | None = None
    triplet_sigma_ev: float | None = None
    spin_gap_kcal_mol: float | None = None
    n2_release_kcal_mol: float | None = None
    o2_reaction_kcal_mol: float | None = None
    failure: str = ""
    """Why something could not be computed."""


#: Numbers by name, and sentences about what failed.
SpinResult = tuple[dict[str, Any], tuple[str, ...]]
NO_FACTS: SpinResult = ({}, ())
ResultT = TypeVar("ResultT")


def photophysics(molecules: Sequence[Molecule], lamp_nm: float, tools: Tools) -> dict[str, Photophysics]:
    """Absorption of molecules by canonical SMILES; a failure is a sentence, never an exception."""
    return {smiles: _lit(ground, lamp_nm) for smiles, ground in _ground_states(molecules, tools).items()}


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
        found[smiles] = replace(
            light,
            p_exciton_trap=exciton_trap_probability(facts, tools.dot.exciton_ev),
            triplet_ev=facts.get("triplet_ev"),
            triplet_sigma_ev=facts.get("triplet_sigma_ev"),
            spin_gap_kcal_mol=facts.get("spin_gap_kcal_mol"),
            n2_release_kcal_mol=facts.get("n2_release_kcal_mol"),
            o2_reaction_kcal_mol=facts.get("o2_reaction_kcal_mol"),
            failure=" ".join(filter(None, (light.failure, *failures))),
        )
    return found


def _lit(ground: Ground | str, lamp_nm: float) -> Photophysics:
    if isinstance(ground, str):
        return Photophysics(failure=ground)
    try:
        spectrum = absorption_spectrum(ground.geometry)
    except EchemscreenError as error:
        return Photophysics(ground=ground, failure=f"No spectrum: {error.message}")
    epsilon = spectrum.epsilon_at(lamp_nm)
    return Photophysics(
        ground=ground,
        epsilon_at_lamp_per_m_cm=epsilon,
        expected_dose_mj_cm2=half_conversion_dose_mj_cm2(epsilon, lamp_nm) if epsilon else None,
        epsilon_spread_per_m_cm=tuple(spectrum.epsilon_at(lamp_nm, shift_sigmas=shift) for shift in SHIFTS),
        epsilon_interval_per_m_cm=spectrum.epsilon_interval(lamp_nm),
        s1_ev=spectrum.s1_ev,
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
    for smiles, made in _in_workers(
        {smiles: partial(spin_facts, task, tools.settings) for smiles, task in missing.items()}, tools
    ):
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
    flying = {executor.submit(call): smiles for smiles, call in calls.items()}
    left = set(flying)
    try:
        for future in as_completed(flying):
            left.discard(future)
            error = future.exception()
            if error is None:
                yield flying[future], future.result()
            elif isinstance(error, BrokenProcessPool):
                yield flying[future], WorkerDiedError().message
            else:
                yield flying[future], f"Internal error {type(error).__name__}: {error}."
    finally:
        if left and isinstance(executor, WorkerPool):
            # Interrupted: nobody waits for what is in flight.
            executor.stop()
        executor.shutdown(wait=False, cancel_futures=True)


# --- ground states ------------------------------------------------------------------------


def _ground_states(molecules: Sequence[Molecule], tools: Tools) -> dict[str, Ground | str]:
    """The relaxed geometry of each neutral molecule alone, or why there is none."""
    settings = replace(tools.settings, forms="free", level="fast", counter_ions=())
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
        stored = tools.store.get(ladder_key(form.free, engine, theory, settings, "vertical"))
        if stored is None:
            missing[smiles] = (molecule, form)
        else:
            found[smiles] = _ground(stored)
    calls = {smiles: partial(_relaxed, form, settings) for smiles, (_, form) in missing.items()}
    for smiles, made in _in_workers(calls, tools):
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
    return form_sets(molecule, tools.dot, settings)[0][0]


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
