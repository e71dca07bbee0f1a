"""The levels of one form: measured where they can be, else calibrated, and by DFT where asked.

Spectator tails are left out (:mod:`~echemscreen.ligands.tails`). A form's free species is computed,
its ions are relaxed where that could change the verdict, and the shift of its binding is added. A
molecule of equal redox centres is computed centre by centre (:mod:`~echemscreen.ligands.redox_centres`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from echemscreen.errors import ConvergenceError
from echemscreen.levels.binding import Site, bound_level
from echemscreen.levels.film import film_correction
from echemscreen.levels.fit.own_measurements import OwnPotential, own_level
from echemscreen.levels.fit.prediction import calibrated_level
from echemscreen.levels.redox import raw_potentials, spins_of_ion, statistical_term
from echemscreen.levels.site_shift import charge_by_distance
from echemscreen.levels.vacuum import calibrated_ionisation_ev, vacuum_energies
from echemscreen.ligands.groups import carrier_density
from echemscreen.ligands.organometallics import bare_sandwich
from echemscreen.ligands.redox_centres import RedoxCentre
from echemscreen.records.dots import QuantumDot
from echemscreen.records.levels import Correction, EnergyLevel, Ladder, RedoxLevels
from echemscreen.records.molecules import Form, Role, Species
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.screening.cleavages import with_cleavage
from echemscreen.screening.estimates import estimates, is_doubtful
from echemscreen.screening.form_evidence.atom_evidence import Parts, parts_of
from echemscreen.screening.form_evidence.complexes import is_complex, measured_levels
from echemscreen.screening.form_evidence.site_evidence import exchange_of, site_of
from echemscreen.screening.plan import PlannedForm
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.verdicts.alignment import align_level, excludes, shows
from echemscreen.verdicts.rules import TRUSTED_DOMAINS

#: Forms in which the ligand sits on a metal ion.
BOUND_ROLES: frozenset[Role] = frozenset({"bound_L", "bound_X", "salt_Z"})

#: Levels that compute no more of a form than its verdict hangs on.
CASCADES = frozenset({"triage", "standard", "refined"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FormLevels:
    """The levels of a form, and what each computed one is made of."""

    levels: RedoxLevels
    computed: dict[Process, Computed]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Computed:
    """One calibrated level, its ladder, and what it was made with; equal to nothing but itself."""

    level: EnergyLevel
    ladder: Ladder
    parts: Parts
    """What it needs evidence of."""
    corrections: tuple[Correction, ...]
    note: str
    """What stands in for the molecule."""
    site: Site | None = None
    """The bond that holds it."""


class LevelMaker:
    """Makes both levels of a form, for one dot after the other; what no dot changes is made once.

    Raises
    ------
    EchemscreenError
        if a calculation fails, or the engine has no calibration; :meth:`on` does likewise.
    """

    def __init__(self, planned: PlannedForm, bench: Workbench) -> None:
        self._planned, self._form, self._bench = planned, planned.form, bench
        self._measured: dict[Process, EnergyLevel] = {}
        self._site: Site | None = None
        self._settled = self._without_calculation(planned)
        """The levels, if nothing of them is computed."""
        if self._settled is None:
            self._site = site_of(self._form)
            if bench.settings.level != "triage":
                self._vertical = dict(self._verticals(planned))  # what fails fails once for all dots
        self._second: dict[Computed, Computed] = {}
        self._relaxed: dict[Computed, Computed] = {}
        self._broken: dict[Computed, Computed] = {}
        self._joined: dict[tuple[Computed, ...], FormLevels] = {}

    def on(self, dot: QuantumDot, *, is_active: bool = False) -> FormLevels:
        """The levels on a dot, with the ions relaxed on which its verdict may hang.

        Parameters
        ----------
        is_active
            Whether something else than the molecule, such as a metal couple, makes the form active already.
        """
        if self._settled is not None:
            return self._settled
        if self._bench.settings.level == "triage":
            known, settings = self._measured, self._bench.settings
            estimated = estimates(
                self._planned, dot, settings, measured=known, site=self._site, is_active=is_active
            )
            if estimated is not None:
                return self._on_its_site(_without_ladders(estimated, "structure"))
        relaxed = self._cascade(dot, is_active=is_active)
        chosen = {
            process: max(
                (_once(self._broken, item, self._or_broken) for item in items),
                key=lambda item: _urgency(item.level, dot, self._bench.settings),
            )
            for process, items in relaxed.items()
        }
        key = tuple(chosen.values())
        if key not in self._joined:
            self._joined[key] = self._finished(chosen)
        return self._joined[key]

    def _without_calculation(self, planned: PlannedForm) -> FormLevels | None:
        form = self._form
        if form.molecule.kind == "salt" and not form.molecule.members:
            # A bare cation has no frontier of its own below its couple.
            return _without_ladders({}, "couple only")
        own = {process: _own(planned.whole, process, self._bench) for process in PROCESSES}
        self._measured = {
            process: level for process, level in _measured(form).items() if own[process] is None
        }
        if bare_sandwich(form.molecule.canonical_smiles) is not None:
            # Nothing of it is computed.
            self._measured |= {process: own_level(row) for process, row in own.items() if row is not None}
        if len(self._measured) == len(PROCESSES):
            return _without_ladders(self._measured, "measured couples")
        if self._measured and is_complex(form.molecule.canonical_smiles):
            # No SMILES draws its bonds: what was not measured stays unknown.
            return _without_ladders(self._measured, "measured couple")
        return None

    @cached_property
    def _vertical(self) -> dict[Process, tuple[Computed, ...]]:
        return dict(self._verticals(self._planned))

    def _verticals(self, planned: PlannedForm) -> Iterator[tuple[Process, tuple[Computed, ...]]]:
        """The levels of the processes that were not measured, their ions on the geometry of the parent."""
        bench, note, centres = self._bench, planned.short.note, planned.centres
        for process in PROCESSES:
            if process in self._measured:
                continue
            parts = parts_of(planned.whole, process, computed=tuple(centre.groups for centre in centres))
            parts = replace(parts, own=_own(planned.whole, process, bench))
            if centres and parts.own is None:
                yield (
                    process,
                    tuple(
                        _of_centre(centre, replace(parts, groups=centre.groups), process, bench, note)
                        for centre in centres
                    ),
                )
            else:
                ladder = _ladder(self._form.free, bench)
                yield process, (_vertical(ladder, parts, process, (), bench, note=note, site=self._site),)

    def _cascade(self, dot: QuantumDot, *, is_active: bool) -> dict[Process, tuple[Computed, ...]]:
        """The levels; a second opinion, then the relaxed ion, of those on which the verdict may still hang.

        The process that comes nearest to its edge goes first. Once something is shown to react, or something
        cannot be excluded any more, less is left to be decided by the other.
        """
        settings = self._bench.settings
        limits = settings.thresholds
        relaxed = dict(self._vertical)
        if settings.level == "fast":
            return relaxed
        if settings.level == "full":
            return {
                process: tuple(_once(self._relaxed, item, self._with_relaxed_ion) for item in items)
                for process, items in relaxed.items()
            }
        known = tuple(align_level(level, dot.edges, dot.reach) for level in self._measured.values())
        is_active |= any(shows(item, limits.active) for item in known)
        may_be_inert = all(excludes(item, limits.inert) for item in known)

        def nearest(process: Process) -> float:
            aligned = (align_level(item.level, dot.edges, dot.reach) for item in relaxed[process])
            return max(item.deciding or 0.0 for item in aligned)

        # Of equally near ones the reduction comes first.
        better = ((self._second, self._with_second_opinion), (self._relaxed, self._with_relaxed_ion))
        for process in sorted(relaxed, key=nearest, reverse=True):
            items = relaxed[process]
            for made, make in () if is_active else better:
                doubts = [is_doubtful(item.level, dot, limits, may_be_inert=may_be_inert) for item in items]
                items = tuple(
                    _once(made, item, make) if doubt else item
                    for item, doubt in zip(items, doubts, strict=True)
                )
            relaxed[process] = items
            after = [align_level(item.level, dot.edges, dot.reach) for item in items]
            is_active |= any(shows(item, limits.active) for item in after)
            trusted = all(item.level.domain in TRUSTED_DOMAINS for item in items)
            may_be_inert &= trusted and all(excludes(item, limits.inert) for item in after)
        return relaxed

    def _with_second_opinion(self, item: Computed) -> Computed:
        return self._by(self._bench.ladder(item.ladder.species, None), item)

    def _with_relaxed_ion(self, item: Computed) -> Computed:
        process = item.level.process
        try:
            return self._by(self._bench.relaxed(item.ladder, process), item)
        except ConvergenceError as error:
            # The vertical level stands; the row says that the ion did not relax.
            return replace(item, level=noted(item.level, f"{process}: {error.message}"))

    def _by(self, ladder: Ladder, item: Computed) -> Computed:
        """The same level by a ladder that has more of it."""
        process, parts, site = item.level.process, item.parts, item.site
        level = _calibrated(ladder, parts, process, item.corrections, self._bench, site=site)
        return replace(item, level=noted(level, item.note), ladder=ladder)

    def _or_broken(self, item: Computed) -> Computed:
        """The level, or that of a bond which the electron breaks more easily."""
        if item.parts.own is not None:
            # The wave that was measured is that of the easier way.
            return item
        return replace(item, level=with_cleavage(item.level, item.ladder, self._bench))

    def _finished(self, computed: dict[Process, Computed]) -> FormLevels:
        return self._on_its_site(_joined(self._measured, computed, self._bench))

    def _on_its_site(self, found: FormLevels) -> FormLevels:
        """The levels with what the metal of the form does beside moving them."""
        form, site, levels = self._form, self._site, found.levels
        if form.with_counter_ions and Process.REDUCTION not in self._measured:
            return replace(found, levels=replace(levels, reduction=_of_the_site(levels)))
        if site is None:
            return found
        exchange = exchange_of(site, form.site_charge)
        return replace(found, levels=replace(levels, binding=site.held, exchange=exchange))


def _ladder(species: Species, bench: Workbench) -> Ladder:
    """What is computed of a species at first; the cascade asks for a second opinion where it needs one."""
    return (bench.first if bench.settings.level in CASCADES else bench.ladder)(species, None)


def _once(made: dict[Computed, Computed], item: Computed, make: Callable[[Computed], Computed]) -> Computed:
    """What is made of a level, made now or for a dot before."""
    if item not in made:
        made[item] = make(item)
    return made[item]


def _of_the_site(levels: RedoxLevels) -> EnergyLevel | None:
    """The reduction of a polyanion with its metal ions: they take the electron before it does."""
    if levels.reduction is None:
        return None
    return replace(
        levels.reduction,
        one_sided=True,
        note="; ".join(filter(None, ("the metal ions take the electron", levels.reduction.note))),
    )


def _without_ladders(measured: dict[Process, EnergyLevel], method: str) -> FormLevels:
    levels = RedoxLevels(
        reduction=measured.get(Process.REDUCTION),
        oxidation=measured.get(Process.OXIDATION),
        homo_ev=None,
        lumo_ev=None,
        electron_affinity_ev=None,
        ionization_energy_ev=None,
        method=method,
    )
    return FormLevels(levels=levels, computed={})


def _joined(
    measured: dict[Process, EnergyLevel],
    computed: dict[Process, Computed],
    bench: Workbench,
) -> FormLevels:
    """Levels with the orbital and vacuum energies of the ladders that they are from."""
    levels = measured | {process: item.level for process, item in computed.items()}
    ladders = {process: item.ladder for process, item in computed.items()}
    shown = {process: ladders.get(process, next(iter(ladders.values()))) for process in PROCESSES}
    kinds = ", ".join(f"{level.symbol} {level.found}" for level in (levels[process] for process in PROCESSES))
    ionization, _ = vacuum_energies(shown[Process.OXIDATION], bench.theory)
    _, affinity = vacuum_energies(shown[Process.REDUCTION], bench.theory)
    density = {
        process: carrier_density(ladder.species.smiles, process, spins_of_ion(ladder, process))
        for process, ladder in ladders.items()
    }
    joined = RedoxLevels(
        reduction=levels[Process.REDUCTION],
        oxidation=levels[Process.OXIDATION],
        homo_ev=raw_potentials(shown[Process.OXIDATION], Process.OXIDATION).homo_ev,
        lumo_ev=raw_potentials(shown[Process.REDUCTION], Process.REDUCTION).lumo_ev,
        electron_affinity_ev=affinity,
        ionization_energy_ev=calibrated_ionisation_ev(ionization, bench.engine.name),
        method=f"{' + '.join(str(method) for method in bench.theory.solution)}; {kinds}",
        electron_density=density.get(Process.REDUCTION),
        hole_density=density.get(Process.OXIDATION),
    )
    return FormLevels(levels=joined, computed=computed)


def _vertical(
    ladder: Ladder,
    parts: Parts,
    process: Process,
    corrections: tuple[Correction, ...],
    bench: Workbench,
    *,
    note: str,
    site: Site | None = None,
) -> Computed:
    """The level of one species, its ion on the geometry of the parent."""
    if bench.settings.film:
        corrections = (*corrections, film_correction(ladder, bench.film(ladder), process))
    level = _calibrated(ladder, parts, process, corrections, bench, site=site)
    return Computed(
        level=noted(level, note),
        ladder=ladder,
        parts=parts,
        corrections=corrections,
        note=note,
        site=site,
    )


def _of_centre(
    centre: RedoxCentre, parts: Parts, process: Process, bench: Workbench, tail_note: str
) -> Computed:
    """The vertical level of one kind of centre."""
    ladder = _ladder(centre.species, bench)
    if centre.count == 1:
        return _vertical(ladder, parts, process, (), bench, note=tail_note)
    note = f"{process} of one of {centre.count} equal centres, computed as {centre.species.smiles}"
    terms = (statistical_term(centre.count, process),)
    return _vertical(ladder, parts, process, terms, bench, note="; ".join(filter(None, (note, tail_note))))


def _urgency(level: EnergyLevel, dot: QuantumDot, settings: Settings) -> tuple[bool, bool, float]:
    """What a level does to the verdict: it proves a reaction, lacks evidence, comes near the edge."""
    probability = align_level(level, dot.edges, dot.reach).deciding or 0.0
    return probability >= settings.thresholds.active, level.domain == "uncalibrated", probability


def noted(level: EnergyLevel, note: str) -> EnergyLevel:
    """The level with a note more."""
    return replace(level, note="; ".join(filter(None, (level.note, note))))


def _measured(form: Form) -> dict[Process, EnergyLevel]:
    """Levels of the form's ion that a cited measurement gives; xTB is not asked for bare anions."""
    ion = form.molecule.members[0] if form.molecule.kind == "salt" else form.molecule
    return measured_levels(ion.canonical_smiles, bound=form.role in BOUND_ROLES)


def _own(form: Form, process: Process, bench: Workbench) -> OwnPotential | None:
    """The user's own measurement of a form's molecule, or of the free species that it starts from."""
    ion = form.molecule.members[0] if form.molecule.kind == "salt" else form.molecule
    return bench.settings.own.of({ion.canonical_smiles, form.free.smiles}, process)


def _calibrated(
    ladder: Ladder,
    parts: Parts,
    process: Process,
    corrections: tuple[Correction, ...],
    bench: Workbench,
    *,
    site: Site | None,
) -> EnergyLevel:
    """The calibrated level of a species, and what its site makes of it."""
    raw = raw_potentials(ladder, process)
    if parts.own is not None:
        return on_site(own_level(parts.own, corrections, raw), ladder, site)
    level = calibrated_level(
        raw,
        parts.groups,
        left_out=parts.left_out,
        unknown=parts.unknown,
        engine=bench.engine.name,
        solvent=bench.settings.solvent,
        corrections=corrections,
        own=bench.settings.own,
    )
    return on_site(level, ladder, site)


def on_site(level: EnergyLevel, ladder: Ladder, site: Site | None) -> EnergyLevel:
    """A free level with what the form's site makes of it, if it sits on one."""
    if site is None:
        return level
    return bound_level(level, charge_by_distance(ladder, level.process, site.distances), site)
