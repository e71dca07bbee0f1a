"""One molecule from its SMILES to its verdict: the line of the package's picture, joined.

The expensive part, the charge-state ladders, is asked for by ``task_id`` and handed back so that
the caller may store it; everything after it is derived again on each run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from echemscreen.dots.couples import free_couple
from echemscreen.engines.base import Engine, get_engine
from echemscreen.errors import ConvergenceError, EchemscreenError, EngineError
from echemscreen.levels.binding import binding_shift
from echemscreen.levels.calibration import calibrated_level
from echemscreen.levels.film import film_correction, film_ladder
from echemscreen.levels.measured import measured_level
from echemscreen.levels.redox import (
    Theory,
    raw_potentials,
    relaxed_state,
    vacuum_energies,
    vertical_ladder,
    with_state,
)
from echemscreen.levels.refined import REFINED_ENGINE, REFINED_SOURCE, refined_ladder, refined_level
from echemscreen.levels.vacuum import calibrated_ionisation_ev
from echemscreen.ligands.forms import forms_of, judged_units
from echemscreen.ligands.geometry import embed
from echemscreen.records import (
    Assessment,
    Correction,
    EnergyLevel,
    Failure,
    Form,
    Ladder,
    Molecule,
    Process,
    QuantumDot,
    RedoxCouple,
    RedoxLevels,
    Role,
    Species,
)
from echemscreen.store import task_id
from echemscreen.verdicts.alignment import align_level
from echemscreen.verdicts.rules import Judgement, Thresholds, judge, severity

Level = Literal["fast", "standard", "full", "refined"]
Forms = Literal["bound", "free", "all"]

PROCESSES: tuple[Process, Process] = ("reduction", "oxidation")

FILM_STAGE, REFINED_STAGE = "film", "refined"
_STAGES = ("vertical", *PROCESSES, FILM_STAGE, *(f"{REFINED_STAGE} {process}" for process in PROCESSES))
#: Forms in which the ligand sits on a metal ion.
BOUND_ROLES: frozenset[Role] = frozenset({"bound_L", "bound_X", "salt_Z"})

#: ``standard`` relaxes an ion unless its vertical estimate is this many times clearer than the
#: verdict asks for.
CLEARANCE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How molecules are assessed; the same for every row of a run."""

    engine: str = "tblite"
    solvent: str = "acetonitrile"
    level: Level = "standard"
    forms: Forms = "bound"
    counter_ions: tuple[str, ...] = ()
    conformers: int = 1
    film: bool = False
    time_limit_s: float = 1800.0
    thresholds: Thresholds = field(default_factory=Thresholds)


@dataclass(slots=True)
class Workbench:
    """The ladders at hand while one row is assessed, and those that had to be computed."""

    engine: Engine
    theory: Theory
    settings: Settings
    stored: Mapping[str, Ladder]
    computed: dict[str, Ladder] = field(default_factory=dict)

    def ladder(self, species: Species, ligand: Species | None) -> Ladder:
        """The vertical ladder of a species, from the store or computed now.

        Raises
        ------
        EchemscreenError
            for a bare polyanion, which no continuum holds.
        """
        if species.charge < -1:
            raise EchemscreenError(
                f"An anion of charge {species.charge} cannot be computed: a continuum does not hold it.",
                "Add its couple to ligand_library/measured_potentials.csv, or draw where protons go.",
            )
        key = ladder_key(species, self.engine, self.theory, self.settings, "vertical")
        found = self._find(key)
        if found is not None:
            return found
        conformers = embed(
            species,
            n_conformers=self.settings.conformers,
            time_limit_s=self.settings.time_limit_s,
            ligand=ligand,
        )
        made = vertical_ladder(
            self.engine, species, conformers, self.theory, time_limit_s=self.settings.time_limit_s
        )
        self.computed[key] = made
        return made

    def relaxed(self, ladder: Ladder, process: Process) -> Ladder:
        """The ladder with one ion relaxed, from the store or computed now."""
        key = ladder_key(ladder.species, self.engine, self.theory, self.settings, process)
        rung = self._find(key)
        if rung is None:
            state = relaxed_state(
                self.engine, ladder, process, self.theory, time_limit_s=self.settings.time_limit_s
            )
            rung = replace(ladder, states=(state,))
            self.computed[key] = rung
        return with_state(ladder, rung.states[0])

    def refined(self, ladder: Ladder, process: Process) -> Ladder:
        """Parent and ion of a relaxed ladder by density-functional theory, from the store or computed."""
        key = ladder_key(
            ladder.species, self.engine, self.theory, self.settings, f"{REFINED_STAGE} {process}"
        )
        found = self._find(key)
        if found is None:
            found = self.computed[key] = refined_ladder(get_engine(REFINED_ENGINE), ladder, process)
        return found

    def film(self, ladder: Ladder) -> Ladder:
        """The single points of a ladder in a film, from the store or computed now."""
        key = ladder_key(ladder.species, self.engine, self.theory, self.settings, FILM_STAGE)
        found = self._find(key)
        if found is None:
            found = self.computed[key] = film_ladder(self.engine, ladder, self.theory)
        return found

    def _find(self, key: str) -> Ladder | None:
        return self.computed.get(key) or self.stored.get(key)


def ladder_key(species: Species, engine: Engine, theory: Theory, settings: Settings, stage: str) -> str:
    """The ``task_id`` of a piece of work: known before anything is embedded."""
    protocol = f"{theory.protocol}|conformers={settings.conformers}|{stage}"
    return task_id(species, engine=engine.name, protocol=protocol)


def assess(
    molecule: Molecule,
    dot: QuantumDot,
    bench: Workbench,
) -> tuple[Assessment | Failure, ...]:
    """Judge a molecule on a dot, one result for each form asked for.

    What is made of several species (ion pair, mixed salt, system) gets one result with its worst
    member's numbers; a member that fails fails the row, because the worst is then unknown.
    """
    settings = bench.settings
    results: list[Assessment | Failure] = []
    for forms in form_sets(molecule, dot, settings):
        judged = [_guarded(form, dot, bench) for form in forms]
        failed = next((item for item in judged if isinstance(item, Failure)), None)
        if failed is not None:
            results.append(_of(molecule, failed))
        else:
            members = tuple(item for item in judged if isinstance(item, Assessment))
            results.append(_worst(molecule, members))
    return tuple(results)


def form_sets(molecule: Molecule, dot: QuantumDot, settings: Settings) -> tuple[tuple[Form, ...], ...]:
    """The forms that share a result row: one each, or one per member of what has members."""

    def forms(unit: Molecule, which: Forms) -> tuple[Form, ...]:
        return forms_of(
            unit,
            site_metal=dot.site_metal,
            site_charge=dot.site_charge,
            which=which,
            counter_ions=settings.counter_ions,
        )

    units = judged_units(molecule)
    if len(units) == 1:
        return tuple((form,) for form in forms(units[0], settings.forms))
    passes: tuple[Forms, ...] = ("bound", "free") if settings.forms == "all" else (settings.forms,)
    return tuple(tuple(forms(unit, which)[0] for unit in units) for which in passes)


def keys_of(
    molecule: Molecule, dot: QuantumDot, engine: Engine, theory: Theory, settings: Settings
) -> Iterator[str]:
    """Every ``task_id`` that the molecule may need."""
    for forms in form_sets(molecule, dot, settings):
        for form in forms:
            for species in (form.free, form.bound):
                if species is not None:
                    for stage in _STAGES:
                        yield ladder_key(species, engine, theory, settings, stage)


def _guarded(form: Form, dot: QuantumDot, bench: Workbench) -> Assessment | Failure:
    try:
        return _assess_form(form, dot, bench)
    except EchemscreenError as error:
        return Failure(
            name=form.molecule.name,
            smiles=form.molecule.smiles,
            stage="calculation",
            kind=error.kind,
            message=f"{form.molecule.name}: {error.message}",
            remedy=error.remedy,
            form=form.role,
        )


def _assess_form(form: Form, dot: QuantumDot, bench: Workbench) -> Assessment:
    settings = bench.settings
    couples = _couples(form)
    levels = _levels(form, dot, bench)
    judgement = judge(levels, dot.edges, couples, thresholds=settings.thresholds)
    reason = judgement.reason
    if settings.level == "refined" and _left_open(judgement):
        levels = _refined(form, levels, dot, bench)
        judgement = judge(levels, dot.edges, couples, thresholds=settings.thresholds)
        reason = f"{judgement.reason} {_what_decided(levels)}".strip()
    return Assessment(
        form=form,
        qd=dot.name or dot.spec,
        levels=levels,
        alignments=judgement.alignments,
        flags=judgement.flags,
        verdict=judgement.verdict,
        domain=judgement.domain,
        reason=reason,
        engine=bench.engine.name,
        solvent=settings.solvent,
        limiting_couple=judgement.limiting_couple,
    )


def _couples(form: Form) -> tuple[RedoxCouple, ...]:
    """Couples of the form's free metals.

    Raises
    ------
    EchemscreenError
        if a metal has no row: its danger is unknown, which is not the same as none.
    """
    found = []
    for metal in form.couple_metals:
        couple = free_couple(metal.symbol, metal.charge)
        if couple is None:
            raise EchemscreenError(
                f"No couple of {metal.symbol}{metal.charge}+ is known.",
                "Add a cited row to band_data/redox_couples.csv.",
            )
        found.append(couple)
    return tuple(found)


def _levels(form: Form, dot: QuantumDot, bench: Workbench) -> RedoxLevels:
    if form.molecule.kind == "salt" and not form.molecule.members:
        # A bare cation has no frontier of its own below its couple.
        return RedoxLevels(
            reduction=None,
            oxidation=None,
            homo_ev=None,
            lumo_ev=None,
            electron_affinity_ev=None,
            ionization_energy_ev=None,
            method="couple only",
        )
    levels = _measured(form)
    if len(levels) == len(PROCESSES):
        return RedoxLevels(
            reduction=levels["reduction"],
            oxidation=levels["oxidation"],
            homo_ev=None,
            lumo_ev=None,
            electron_affinity_ev=None,
            ionization_energy_ev=None,
            method="measured couples",
        )
    free = bench.ladder(form.free, None)
    bound = bench.ladder(form.bound, form.free) if form.bound is not None else None
    for process in PROCESSES:
        if process in levels:
            continue
        corrections: tuple[Correction, ...] = ()
        if bound is not None:
            corrections = (binding_shift(free, bound, process),)
        if bench.settings.film:
            corrections = (*corrections, film_correction(free, bench.film(free), process))
        level = _calibrated(form, free, process, corrections, bench)
        if _worth_relaxing(level, dot, bench.settings):
            try:
                free = bench.relaxed(free, process)
            except ConvergenceError as error:
                # The vertical level stands; the row says that the ion did not relax.
                level = replace(
                    level, note="; ".join(filter(None, (level.note, f"{process}: {error.message}")))
                )
            else:
                level = _calibrated(form, free, process, corrections, bench)
        levels[process] = level
    shown = bound or free
    orbitals = raw_potentials(shown, "oxidation")
    ionization, affinity = vacuum_energies(shown)
    kinds = ", ".join(
        f"{name} {'measured' if level.basis == 'measured' else 'vertical' if level.vertical else 'adiabatic'}"
        for name, level in (("E_red", levels["reduction"]), ("E_ox", levels["oxidation"]))
    )
    return RedoxLevels(
        reduction=levels["reduction"],
        oxidation=levels["oxidation"],
        homo_ev=orbitals.homo_ev,
        lumo_ev=orbitals.lumo_ev,
        electron_affinity_ev=affinity,
        ionization_energy_ev=calibrated_ionisation_ev(ionization, bench.engine.name),
        method=f"{' + '.join(str(method) for method in bench.theory.solution)}; {kinds}",
    )


def _left_open(judgement: Judgement) -> bool:
    """Whether the density-functional tier is asked: the verdict or its evidence leaves something open."""
    return judgement.verdict == "undetermined" or judgement.domain == "uncalibrated"


def _refined(form: Form, levels: RedoxLevels, dot: QuantumDot, bench: Workbench) -> RedoxLevels:
    """The levels that decide or lack evidence, by density-functional theory; a failure keeps the old one."""
    found = {"reduction": levels.reduction, "oxidation": levels.oxidation}
    for process in PROCESSES:
        level = found[process]
        if level is None or not _worth_refining(level, dot, bench.settings):
            continue
        try:
            free = bench.relaxed(bench.ladder(form.free, None), process)
            found[process] = refined_level(bench.refined(free, process), process, level.corrections)
        except (ConvergenceError, EngineError) as error:
            found[process] = replace(
                level, note="; ".join(filter(None, (level.note, f"not refined: {error.message}")))
            )
    return replace(levels, reduction=found["reduction"], oxidation=found["oxidation"])


def _worth_refining(level: EnergyLevel, dot: QuantumDot, settings: Settings) -> bool:
    """A level without evidence, or one that neither excludes nor proves its reaction."""
    if level.basis == "measured" or level.domain == "bounded":
        return False
    probability = align_level(level, dot.edges).probability
    undecided = probability is None or settings.thresholds.inert < probability < settings.thresholds.active
    return level.domain != "calibrated" or undecided


def _what_decided(levels: RedoxLevels) -> str:
    refined = [
        level
        for level in (levels.reduction, levels.oxidation)
        if level is not None and level.citation is not None and level.citation.source == REFINED_SOURCE
    ]
    return "" if not refined else f"Refined: {'; '.join(level.note for level in refined)}."


def _measured(form: Form) -> dict[Process, EnergyLevel]:
    """Levels of the form's ion that a cited measurement gives; xTB is not asked for bare anions."""
    ion = form.molecule.members[0] if form.molecule.kind == "salt" else form.molecule
    found = {
        process: measured_level(ion.canonical_smiles, process, bound=form.role in BOUND_ROLES)
        for process in PROCESSES
    }
    return {process: level for process, level in found.items() if level is not None}


def _calibrated(
    form: Form,
    free: Ladder,
    process: Process,
    corrections: tuple[Correction, ...],
    bench: Workbench,
) -> EnergyLevel:
    return calibrated_level(
        raw_potentials(free, process),
        form.groups,
        engine=bench.engine.name,
        solvent=bench.settings.solvent,
        corrections=corrections,
    )


def _worth_relaxing(level: EnergyLevel, dot: QuantumDot, settings: Settings) -> bool:
    """Whether relaxing the ion could still change the verdict."""
    if settings.level in {"fast", "full"}:
        return settings.level == "full"
    probability = align_level(level, dot.edges).probability
    if probability is None:
        return True
    low = settings.thresholds.inert / CLEARANCE
    high = 1.0 - (1.0 - settings.thresholds.active) / CLEARANCE
    return low < probability < high


def _worst(molecule: Molecule, members: tuple[Assessment, ...]) -> Assessment:
    """The result of the row: its only member's, or the worst one's with the others kept."""
    if len(members) == 1 and members[0].form.molecule == molecule:
        return members[0]
    worst = max(members, key=lambda item: severity(item.verdict, item.alignments))
    member = worst.form.molecule.name
    if member == molecule.name:
        # The salts of a mixed salt share its name: their formulas tell them apart.
        member = worst.form.molecule.canonical_smiles
    form = replace(worst.form, molecule=molecule)
    if len(members) == 1:
        return replace(worst, form=form)
    return replace(
        worst,
        form=form,
        worst_member=member,
        members=members,
        reason=f"Worst of {len(members)} members, {member}: {worst.reason}",
    )


def _of(molecule: Molecule, failure: Failure) -> Failure:
    """A member's failure as that of its whole molecule."""
    return replace(
        failure,
        name=molecule.name,
        smiles=molecule.smiles,
        canonical_smiles=molecule.canonical_smiles,
        inchikey=molecule.inchikey,
        family=molecule.family,
    )
