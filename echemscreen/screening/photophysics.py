"""What light does to molecules: spectra at their relaxed geometries.

The relaxed geometry is the expensive part: it is taken from the store or computed by the executor and
stored. A spectrum is derived from it in about a second, each time anew.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, WorkerDiedError
from echemscreen.levels.absorption import absorption_spectrum
from echemscreen.levels.redox import theory_of
from echemscreen.records import Form, Geometry, Ladder, Molecule
from echemscreen.screening.assess import form_sets
from echemscreen.screening.crosslinker_ledger import Tools
from echemscreen.screening.executors import WorkerPool
from echemscreen.screening.workbench import Settings, Workbench, ladder_key
from echemscreen.verdicts.ranking import SHIFTS


@dataclass(frozen=True, slots=True, kw_only=True)
class Photophysics:
    """What light does to one candidate; ``None`` is not computed."""

    epsilon_at_lamp_per_m_cm: float | None = None
    epsilon_spread_per_m_cm: tuple[float, ...] = ()
    """The same with every band shifted by ``SHIFTS`` of its standard deviations."""
    epsilon_interval_per_m_cm: tuple[float, float] | None = None
    """Smallest and largest of a 90 % interval."""
    s1_ev: float | None = None
    method: str = ""
    triplet_ev: float | None = None
    triplet_sigma_ev: float | None = None
    spin_gap_kcal_mol: float | None = None
    n2_release_kcal_mol: float | None = None
    o2_reaction_kcal_mol: float | None = None
    failure: str = ""
    """Why something could not be computed."""


def photophysics(molecules: Sequence[Molecule], lamp_nm: float, tools: Tools) -> dict[str, Photophysics]:
    """The photophysics of molecules by canonical SMILES; a failure is a sentence, never an exception."""
    grounds = _ground_states(molecules, tools)
    return {smiles: _lit(ground, lamp_nm) for smiles, ground in grounds.items()}


def _lit(ground: Geometry | str, lamp_nm: float) -> Photophysics:
    if isinstance(ground, str):
        return Photophysics(failure=ground)
    try:
        spectrum = absorption_spectrum(ground)
    except EchemscreenError as error:
        return Photophysics(failure=f"No spectrum: {error.message}")
    return Photophysics(
        epsilon_at_lamp_per_m_cm=spectrum.epsilon_at(lamp_nm),
        epsilon_spread_per_m_cm=tuple(spectrum.epsilon_at(lamp_nm, shift_sigmas=shift) for shift in SHIFTS),
        epsilon_interval_per_m_cm=spectrum.epsilon_interval(lamp_nm),
        s1_ev=spectrum.s1_ev,
        method=spectrum.method,
    )


# --- ground states ------------------------------------------------------------------------


def _ground_states(molecules: Sequence[Molecule], tools: Tools) -> dict[str, Geometry | str]:
    """The relaxed geometry of each neutral molecule alone, or why there is none."""
    settings = replace(tools.settings, forms="free", level="fast", counter_ions=())
    engine = get_engine(settings.engine)
    theory = theory_of(engine, settings.solvent)
    found: dict[str, Geometry | str] = {}
    missing: dict[str, tuple[Molecule, str]] = {}
    for molecule in molecules:
        form = _alone(molecule, tools, settings)
        if form is None:
            found[molecule.canonical_smiles] = "No spectrum: it is charged or has several parts."
            continue
        key = ladder_key(form.free, engine, theory, settings, "vertical")
        stored = tools.store.get(key)
        if stored is None:
            missing[molecule.canonical_smiles] = (molecule, key)
        else:
            found[molecule.canonical_smiles] = _geometry(stored)
    for smiles, made in _computed(missing, tools, settings).items():
        if isinstance(made, str):
            found[smiles] = made
        else:
            molecule, key = missing[smiles]
            tools.store.put(key, made, inchikey=molecule.inchikey, name=molecule.name)
            found[smiles] = _geometry(made)
    return found


def _computed(
    missing: dict[str, tuple[Molecule, str]], tools: Tools, settings: Settings
) -> dict[str, Ladder | str]:
    if not missing:
        return {}
    found: dict[str, Ladder | str] = {}
    executor = tools.make_executor()
    flying: dict[str, Future[Ladder | str]] = {}
    try:
        for smiles, (molecule, _) in missing.items():
            flying[smiles] = executor.submit(_relaxed, _alone(molecule, tools, settings), settings)
        for smiles, future in flying.items():
            try:
                found[smiles] = future.result()
            except BrokenProcessPool:
                found[smiles] = f"No spectrum: {WorkerDiedError().message}"
    finally:
        if len(found) < len(flying) and isinstance(executor, WorkerPool):
            executor.stop()
        executor.shutdown(wait=False, cancel_futures=True)
    return found


def _alone(molecule: Molecule, tools: Tools, settings: Settings) -> Form | None:
    """The molecule by itself; ``None`` if it is more than one, or charged."""
    if molecule.kind != "molecule" or molecule.charge:
        return None
    return form_sets(molecule, tools.dot, settings)[0][0]


def _relaxed(form: Form | None, settings: Settings) -> Ladder | str:
    """What a worker does: the vertical ladder of a free species, or a sentence."""
    if form is None:
        return "No spectrum: it has several parts."
    engine = get_engine(settings.engine)
    bench = Workbench(engine, theory_of(engine, settings.solvent), settings, {})
    try:
        return bench.ladder(form.free, None)
    except EchemscreenError as error:
        return f"No spectrum: {error.message}"


def _geometry(ladder: Ladder) -> Geometry | str:
    parent = ladder.state(0)
    if parent is None or parent.geometry is None:
        return "No spectrum: the stored ladder has no geometry."
    return parent.geometry
