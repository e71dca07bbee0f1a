"""Triplet energy, spin gap, nitrogen release and oxygen uptake of a crosslinker, computed once and stored.

One arm stands for all: the nitrene or carbene of the ledger, its triplet where that has a row of its own.
Each quantity fails by itself, with a sentence; what fails is not stored, so that the next run tries it again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from echemscreen.engines.base import Engine, get_engine
from echemscreen.errors import EchemscreenError
from echemscreen.levels.light.excited import TripletEnergy, exciton_trap, triplet_energy
from echemscreen.levels.light.nitrogen_release import has_reference, n2_release
from echemscreen.levels.light.spin import (
    EV_PER_KCAL_MOL,
    Intermediate,
    SpinGap,
    o2_uptake_ev,
    spin_gap_ev,
)
from echemscreen.levels.redox import theory_of
from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import Geometry, Species
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.store import task_id
from echemscreen.verdicts.ledger import LedgerMember

#: Raised when a stored number would come out differently.
PROTOCOL = "spin facts v4"


@dataclass(frozen=True, slots=True, kw_only=True)
class SpinTask:
    """What a worker is asked about one crosslinker."""

    ground: Species
    geometry: Geometry
    intermediate: Species | None
    kind: Intermediate | None
    oxide: Species | None
    """What the triplet becomes in air, where it is asked for."""

    def key(self, engine: str) -> str:
        """The ``task_id`` of the numbers."""
        parts = [PROTOCOL, str(self.kind)]
        parts += [item.smiles for item in (self.intermediate, self.oxide) if item is not None]
        return task_id(self.ground, engine=engine, protocol="|".join(parts))


def spin_task(ground: Species, geometry: Geometry, members: Sequence[LedgerMember]) -> SpinTask:
    """The task of a crosslinker, from its ledger."""
    found = intermediate_of(members)
    oxides = [m for m in members if m.role == "intermediate" and m.name.endswith("oxide")]
    return SpinTask(
        ground=ground,
        geometry=geometry,
        intermediate=_species(found[0]) if found else None,
        kind=found[1] if found else None,
        oxide=_species(oxides[0]) if found and oxides else None,
    )


def intermediate_of(members: Sequence[LedgerMember]) -> tuple[LedgerMember, Intermediate] | None:
    """The intermediate that stands for all, and its class; its triplet where that has a row of its own."""
    intermediates = sorted((m for m in members if m.role == "intermediate"), key=lambda m: -m.n_unpaired)
    return next(((m, kind) for m in intermediates if (kind := _kind(m)) is not None), None)


def spin_facts(task: SpinTask, settings: Settings) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What a worker does: numbers as plain values, and sentences about what failed."""
    engine = get_engine(settings.engine)
    bench = Workbench(engine, theory_of(engine, settings.solvent), settings, {})
    facts: dict[str, Any] = {}
    failures: list[str] = []

    def attempt(compute: Callable[[], dict[str, Any]]) -> None:
        try:
            facts.update(compute())
        except EchemscreenError as error:
            failures.append(error.message)

    attempt(lambda: _triplet(engine, task))
    if task.intermediate is not None and task.kind is not None:
        start, kind, charge = task.intermediate, task.kind, task.intermediate.charge
        try:
            geometry = _geometry(bench.ladder(start, None))
            gap = spin_gap_ev(engine, geometry, intermediate=kind, charge=charge)
        except EchemscreenError as error:
            return facts, (*failures, error.message)
        facts["spin_gap_kcal_mol"] = gap.value_kcal_mol
        facts["spin_gap_sigma_kcal_mol"] = gap.sigma_ev / EV_PER_KCAL_MOL
        attempt(lambda: _release(engine, task, gap))
        attempt(lambda: _oxygen(engine, task, gap, bench))
    return facts, tuple(failures)


def exciton_trap_probability(facts: dict[str, Any], exciton_ev: float) -> float | None:
    """P(exciton energy > T1), from stored numbers; ``None`` on a metal, which has no exciton."""
    if "triplet_ev" not in facts or exciton_ev <= 0:
        return None
    triplet = TripletEnergy(
        relaxed_ev=facts["triplet_ev"],
        vertical_ev=facts["triplet_vertical_ev"],
        sigma_ev=facts["triplet_sigma_ev"],
        raw_relaxed_ev=facts["triplet_raw_ev"],
        kind=facts["triplet_kind"],
    )
    return exciton_trap(exciton_ev, triplet).probability


def _triplet(engine: Engine, task: SpinTask) -> dict[str, Any]:
    found = triplet_energy(engine, task.geometry, charge=task.ground.charge)
    return {
        "triplet_ev": found.relaxed_ev,
        "triplet_vertical_ev": found.vertical_ev,
        "triplet_sigma_ev": found.sigma_ev,
        "triplet_raw_ev": found.raw_relaxed_ev,
        "triplet_kind": found.kind,
    }


def _release(engine: Engine, task: SpinTask, gap: SpinGap) -> dict[str, Any]:
    if not has_reference(gap.intermediate):
        # Unknown: a value that is 3 to 4 eV too high would be worse.
        return {}
    found = n2_release(engine, task.geometry, gap, charge=task.ground.charge)
    return {
        "n2_release_kcal_mol": found.lowest_ev / EV_PER_KCAL_MOL,
        "n2_release_singlet_kcal_mol": found.singlet_ev / EV_PER_KCAL_MOL,
        "n2_release_triplet_kcal_mol": found.triplet_ev / EV_PER_KCAL_MOL,
        "n2_release_sigma_kcal_mol": found.sigma_ev / EV_PER_KCAL_MOL,
    }


def _oxygen(engine: Engine, task: SpinTask, gap: SpinGap, bench: Workbench) -> dict[str, Any]:
    if task.oxide is None or task.kind is None:
        return {}
    oxide = _geometry(bench.ladder(task.oxide, None))
    uptake_ev, sigma_ev = o2_uptake_ev(
        engine, gap.triplet, oxide, intermediate=task.kind, charge=task.oxide.charge
    )
    return {
        "o2_reaction_kcal_mol": uptake_ev / EV_PER_KCAL_MOL,
        "o2_reaction_sigma_kcal_mol": sigma_ev / EV_PER_KCAL_MOL,
    }


def _geometry(ladder: Ladder) -> Geometry:
    parent = ladder.state(0)
    if parent is None or parent.geometry is None:
        raise EchemscreenError(f"The ladder of {ladder.species.smiles} has no geometry.")
    return parent.geometry


def _kind(member: LedgerMember) -> Intermediate | None:
    """The class of the spin gap's correction: that of the row and of the product's name."""
    word = member.name.rsplit(maxsplit=1)[-1]
    name = f"aryl{word}" if member.reaction.startswith("aryl_") else word
    kinds: tuple[Intermediate, ...] = get_args(Intermediate)
    return next((kind for kind in kinds if kind == name), None)


def _species(member: LedgerMember) -> Species:
    return Species(smiles=member.smiles, charge=member.charge, n_unpaired=member.n_unpaired)
