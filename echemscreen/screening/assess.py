"""One molecule from its SMILES to its verdict: the line of the package's picture, joined.

The expensive part, the charge-state ladders, is asked for by ``task_id`` and handed back so that
the caller may store it; everything after it is derived again on each run.
"""

from __future__ import annotations

from dataclasses import replace

from echemscreen.dots.complexation import Ion
from echemscreen.dots.couples import couple_in
from echemscreen.dots.formulas import elements_of
from echemscreen.errors import ConvergenceError, EchemscreenError, EngineError, InputError
from echemscreen.levels.refined import REFINED_SOURCE, refined_level
from echemscreen.ligands.reading.own_geometry import OwnGeometry, geometry_of
from echemscreen.records.dots import QuantumDot
from echemscreen.records.levels import EnergyLevel, RedoxCouple, RedoxLevels
from echemscreen.records.molecules import Form, Geometry, Molecule, Species
from echemscreen.records.processes import Process
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure
from echemscreen.screening.cleavages import with_cleavage
from echemscreen.screening.form_levels import FormLevels, LevelMaker, noted, on_site
from echemscreen.screening.ligand_dipole import under_ligands
from echemscreen.screening.plan import Plan, PlannedForm, plan_of, planned_forms
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.verdicts.alignment import align_couple, align_level, shows
from echemscreen.verdicts.rules import Judgement, judge, severity
from echemscreen.verdicts.use import use_flags, use_words


def assess(molecule: Molecule, dot: QuantumDot, bench: Workbench) -> tuple[Assessment | Failure, ...]:
    """Judge a molecule on a dot, one result for each form asked for; see :class:`Judge`."""
    return Judge(plan_of(molecule, [dot], bench.engine, bench.theory, bench.settings), bench).on(dot)


class Judge:
    """Judges what is planned for a molecule, on one dot after the other; its levels are made once."""

    def __init__(self, plan: Plan, bench: Workbench) -> None:
        self._plan, self._bench = plan, bench
        self._makers: dict[PlannedForm, LevelMaker | EchemscreenError] = {}

    def on(self, dot: QuantumDot) -> tuple[Assessment | Failure, ...]:
        """One result for each form on a dot.

        What is made of several species (ion pair, mixed salt, system) gets one result with its worst
        member's numbers; a member that fails fails the row, because the worst is then unknown.
        """
        molecule = self._plan.molecule
        results: list[Assessment | Failure] = []
        for forms in self._plan.on(dot):
            found = [self._guarded(form, dot) for form in forms]
            failed = next((item for item in found if isinstance(item, Failure)), None)
            if failed is not None:
                results.append(_of(molecule, failed))
            else:
                members = tuple(item for item in found if isinstance(item, Assessment))
                worst = _worst(molecule, members)
                # What was changed in the drawing stands with the verdict.
                results.append(replace(worst, reason=f"{worst.reason} {molecule.note}".strip()))
        return tuple(results)

    def _guarded(self, planned: PlannedForm, dot: QuantumDot) -> Assessment | Failure:
        form = planned.whole
        try:
            return self._assess_form(planned, dot)
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

    def _assess_form(self, planned: PlannedForm, dot: QuantumDot) -> Assessment:
        form, bench, settings = planned.whole, self._bench, self._bench.settings
        couples = couples_of(form, settings)
        moved = ""
        if settings.ligand_dipole:
            dot, moved = under_ligands(form, dot, bench)
        limit = settings.thresholds.active
        by_couple = any(shows(align_couple(couple, dot.edges), limit) for couple in couples)
        computed = self._levels(planned).on(dot, is_active=by_couple)
        levels = computed.levels
        judgement = judge(levels, dot.edges, couples, reach=dot.reach, thresholds=settings.thresholds)
        reason = judgement.reason
        if settings.level == "refined" and _left_open(judgement):
            levels = refined(computed, dot, bench)
            judgement = judge(levels, dot.edges, couples, reach=dot.reach, thresholds=settings.thresholds)
            reason = f"{judgement.reason} {_what_decided(levels)}".strip()
        # Of a graded shell, what its outer face is made of.
        surface = dot.layers[-1].material.rpartition(">")[2]
        use = use_flags(form.anchor, form.molecule.formula, elements_of(surface))
        return Assessment(
            form=form,
            qd=dot.name or dot.spec,
            levels=levels,
            alignments=judgement.alignments,
            flags=(*judgement.flags, *use),
            verdict=judgement.verdict,
            domain=judgement.domain,
            reason=" ".join(filter(None, (reason, moved, use_words(use)))),
            engine=bench.engine.name,
            solvent=settings.solvent,
            limiting_couple=judgement.limiting_couple,
        )

    def _levels(self, planned: PlannedForm) -> LevelMaker:
        """What makes the levels of a form; what failed for one dot is not tried again for the next."""
        if planned not in self._makers:
            try:
                self._makers[planned] = LevelMaker(planned, self._bench)
            except EchemscreenError as error:
                self._makers[planned] = error
        found = self._makers[planned]
        if isinstance(found, EchemscreenError):
            raise found
        return found


def own_start(
    molecule: Molecule, dot: QuantumDot, settings: Settings, geometry: OwnGeometry
) -> dict[Species, Geometry]:
    """The user's own geometry as the start of the molecule that is judged by itself.

    Raises
    ------
    InputError
        if the molecule is judged on a site or has several members, or the geometry is another molecule's.
    """
    forms = [item.whole for members in planned_forms(molecule, dot, settings) for item in members]
    if len(forms) != 1 or forms[0].bound is not None or forms[0].couple_metals:
        raise InputError(
            "A geometry of your own is taken for one molecule by itself, not for one on a site or in a salt.",
            "Give forms='free' and the SMILES of that molecule.",
        )
    return {forms[0].free: geometry_of(geometry, forms[0].free)}


def couples_of(form: Form, settings: Settings) -> tuple[RedoxCouple, ...]:
    """Couples of the form's free metals in the medium, V vs SHE.

    Raises
    ------
    EchemscreenError
        if a metal has no row: its danger is unknown, which is not the same as none.
    """
    found = []
    for metal in form.couple_metals:
        ion = Ion(
            metal=metal.symbol,
            charge=metal.charge,
            # A bare ion has brought no anion: its own SMILES is not one.
            ligand_smiles=form.free.smiles if form.anchor else "",
            anchor=form.anchor,
        )
        couple = couple_in(ion, settings.ions_in, temperature_k=settings.temperature_k)
        if couple is None:
            raise EchemscreenError(
                f"No couple of {metal.symbol}{metal.charge}+ is known.",
                "Add a cited row to band_data/redox_couples.csv.",
            )
        found.append(couple)
    return tuple(found)


def refined(known: FormLevels, dot: QuantumDot, bench: Workbench) -> RedoxLevels:
    """The levels that decide or lack evidence, by density-functional theory; a failure keeps the old one."""
    levels = known.levels
    found = {Process.REDUCTION: levels.reduction, Process.OXIDATION: levels.oxidation}
    for process, item in known.computed.items():
        level = found[process]
        if level is None or not _worth_refining(level, dot, bench.settings):
            continue
        try:
            relaxed = bench.relaxed(item.ladder, process)
            free = refined_level(
                bench.refined(relaxed, process), process, item.corrections, elements=item.parts.elements
            )
            found[process] = with_cleavage(on_site(free, item.ladder, item.site), relaxed, bench)
        except (ConvergenceError, EngineError) as error:
            found[process] = noted(level, f"not refined: {error.message}")
    return replace(levels, reduction=found[Process.REDUCTION], oxidation=found[Process.OXIDATION])


def _worth_refining(level: EnergyLevel, dot: QuantumDot, settings: Settings) -> bool:
    """A level without evidence, or one that neither excludes nor proves its reaction."""
    if level.basis == "measured" or level.domain == "bounded":
        return False
    probability = align_level(level, dot.edges, dot.reach).deciding
    undecided = probability is None or settings.thresholds.inert < probability < settings.thresholds.active
    return level.domain != "calibrated" or undecided


def _left_open(judgement: Judgement) -> bool:
    """Whether the density-functional tier is asked: the verdict or its evidence leaves something open."""
    return judgement.verdict == "undetermined" or judgement.domain == "uncalibrated"


def _what_decided(levels: RedoxLevels) -> str:
    refined = [
        level
        for level in (levels.reduction, levels.oxidation)
        if level is not None and level.citation is not None and level.citation.source == REFINED_SOURCE
    ]
    return "" if not refined else f"Refined: {'; '.join(level.note for level in refined)}."


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
    # A rule of use holds for the whole shell, whoever is its worst member.
    use = tuple(flag for item in members for flag in item.flags if flag.drive_ev is None)
    others = tuple(flag for flag in dict.fromkeys(use) if flag not in worst.flags)
    return replace(
        worst,
        form=form,
        worst_member=member,
        members=members,
        flags=(*worst.flags, *others),
        reason=f"Worst of {len(members)} members, {member}: {worst.reason} {use_words(others)}".strip(),
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
