r"""Which molecule of a list is worth a measurement: the one whose value would decide the most verdicts.

A measured value decides its own row, and by the covariance of the calibration it moves the rows of its
relatives. Before it is known it is distributed as the level says; each value that it may take, weighted so,
gives every undetermined row a new level, and with it a verdict:

.. math:: \sigma_i'^2 = \sigma_i^2 - k_{ic}^2 / (\sigma_c^2 + \nu^2), \quad
          \mu_i' = \mu_i + (v - \mu_c) \, k_{ic} / (\sigma_c^2 + \nu^2)

with the covariance :math:`k_{ic}` of the Gaussian process and the noise :math:`\nu` of the measurement. A
class is covered when the value completes its members.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import ndtri

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError
from echemscreen.levels.fit.calibration import Fit, shipped_fit, vertical_set
from echemscreen.levels.fit.gaussian import MIN_GROUP_MEMBERS, DescriptorSet, classes_of
from echemscreen.levels.fit.references import MEASURED_NOISE_V
from echemscreen.levels.redox import raw_potentials, theory_of
from echemscreen.levels.refined import REFINED_HAMILTONIANS, anchoring
from echemscreen.records.dots import QuantumDot
from echemscreen.records.levels import EnergyLevel, RedoxCouple, RedoxLevels
from echemscreen.records.molecules import FloatArray, Molecule
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.records.results import Verdict
from echemscreen.screening.assess import couples_of
from echemscreen.screening.form_levels import LevelMaker
from echemscreen.screening.plan import planned_forms
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.screening.workers.executors import WorkerPool
from echemscreen.verdicts.alignment import align_couple, shows
from echemscreen.verdicts.rules import judge

#: Values that a measurement may give, equally likely, in standard deviations: a verdict is a step.
_NODES = ndtri((np.arange(25) + 0.5) / 25)
#: Correlation below which a value says nothing of another molecule.
_LEAST_CORRELATION = 0.05
#: Share of what a voltammogram would decide from which a calculation is enough.
_ENOUGH = 0.9
_HEADER = "decides relatives refined  V vs SHE  sigma  process    how                molecule"
#: Expected verdicts below which a molecule is not worth naming.
_LEAST = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedLevel:
    """A calibrated level and where its molecule lies in the calibration."""

    level: EnergyLevel
    engine: str
    features: FloatArray
    groups: tuple[str, ...]
    kind: DescriptorSet
    """Which of the fits made it."""

    @property
    def fit(self) -> Fit:
        """The fit itself."""
        return shipped_fit(self.level.process, self.engine, self.kind)

    @property
    def missing(self) -> dict[str, float]:
        """Members that its classes lack, by class."""
        counts = self.fit.model.group_counts
        lacking = {name: MIN_GROUP_MEMBERS - counts.get(name, 0) for name in self.groups}
        return {name: number for name, number in lacking.items() if number > 0}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdvisedRow:
    """A row of the list, judged, with the levels that a value could move."""

    name: str
    smiles: str
    levels: RedoxLevels
    couples: tuple[RedoxCouple, ...]
    verdict: Verdict
    fitted: dict[Process, FittedLevel] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What one reference value would be worth."""

    name: str
    smiles: str
    process: Process
    level_v_she: float
    sigma_v: float
    decides: float
    """Undetermined rows that it would decide, in expectation, when it is measured."""
    decides_refined: float
    """The same by a calculation of the refined tier."""
    relatives: float
    """Those among them that are other molecules."""

    @property
    def how(self) -> str:
        """The cheaper way that is good enough."""
        return "compute (refined)" if self.decides_refined >= _ENOUGH * self.decides else "measure (CV)"

    def __str__(self) -> str:
        """A row of the table."""
        return (
            f"{self.decides:7.2f} {self.relatives:9.2f} {self.decides_refined:7.2f} {self.level_v_she:+10.2f}"
            f" {self.sigma_v:6.2f}  {self.process:10s} {self.how:18s} {self.name}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceReport:
    """The list, and what to do next."""

    dot: str
    n_rows: int
    n_undetermined: int
    advice: tuple[Advice, ...]
    failures: tuple[str, ...]

    def text(self, limit: int = 15) -> str:
        """The table for a reader."""
        lines = [f"{self.n_rows} rows on {self.dot}, {self.n_undetermined} undetermined"]
        if self.advice:
            lines.append(_HEADER)
            lines += [str(item) for item in self.advice[:limit]]
        else:
            lines.append("no reference value would decide one of them")
        return "\n".join([*lines, *(f"not computed: {failure}" for failure in self.failures)])


def advise(
    molecules: Sequence[Molecule],
    dot: QuantumDot,
    settings: Settings,
    *,
    workers: int,
    report: Callable[[str], None] = lambda _: None,
) -> AdviceReport:
    """Judge a list on a dot and rank its molecules by what a reference value of each would decide.

    Parameters
    ----------
    report
        Told one line for each tenth of the list.
    """
    rows: dict[int, tuple[AdvisedRow, ...]] = {}
    failures: list[str] = []
    with WorkerPool(workers) as pool:
        futures = {
            pool.submit(described, molecule, dot, settings): index for index, molecule in enumerate(molecules)
        }
        for done, future in enumerate(as_completed(futures), start=1):
            index, error = futures[future], future.exception()
            if error is None:
                rows[index] = future.result()
            elif isinstance(error, EchemscreenError):
                failures.append(f"{molecules[index].name}: {error}")
            else:
                raise error
            if done % max(1, len(molecules) // 10) == 0:
                report(f"{done} of {len(molecules)} molecules")
    judged = [row for index in sorted(rows) for row in rows[index]]
    return AdviceReport(
        dot=dot.name or dot.spec,
        n_rows=len(judged),
        n_undetermined=sum(row.verdict == "undetermined" for row in judged),
        advice=ranked(judged, dot, settings),
        failures=tuple(failures),
    )


def described(molecule: Molecule, dot: QuantumDot, settings: Settings) -> tuple[AdvisedRow, ...]:
    """A molecule's rows, of which those made of several species have nothing that a value could move.

    Raises
    ------
    EchemscreenError
        if a calculation fails.
    """
    engine = get_engine(settings.engine)
    bench = Workbench(engine=engine, theory=theory_of(engine, settings.solvent), settings=settings, stored={})
    found = []
    for forms in planned_forms(molecule, dot, settings):
        if len(forms) != 1:
            continue
        form, limit = forms[0].whole, settings.thresholds.active
        couples = couples_of(form, settings)
        by_couple = any(shows(align_couple(couple, dot.edges), limit) for couple in couples)
        made = LevelMaker(forms[0], bench).on(dot, is_active=by_couple)
        fitted = {}
        for process, item in made.computed.items():
            level = item.level
            if level.basis != "calibrated" or level.channel == "breaks" or level.raw_v_she is None:
                continue
            raw = raw_potentials(item.ladder, process)
            kind = vertical_set(raw, engine.name) if level.vertical else "adiabatic"
            fit = shipped_fit(process, engine.name, kind)
            fitted[process] = FittedLevel(
                level=level,
                engine=engine.name,
                features=fit.features(raw, item.parts.groups),
                groups=classes_of(item.parts.groups, raw.intact),
                kind=kind,
            )
        judgement = judge(made.levels, dot.edges, couples, reach=dot.reach, thresholds=settings.thresholds)
        found.append(
            AdvisedRow(
                name=f"{molecule.name} ({form.role})" if settings.forms == "all" else molecule.name,
                smiles=form.free.smiles,
                levels=made.levels,
                couples=couples,
                verdict=judgement.verdict,
                fitted=fitted,
            )
        )
    return tuple(found)


# --- what a value would decide ------------------------------------------------------------------


def ranked(rows: Sequence[AdvisedRow], dot: QuantumDot, settings: Settings) -> tuple[Advice, ...]:
    """Every molecule and process whose value would decide something, the most useful first."""
    undetermined = [row for row in rows if row.verdict == "undetermined"]
    found: dict[tuple[str, Process], Advice] = {}
    for row in rows:
        for process, item in row.fitted.items():
            if (row.smiles, process) in found or item.level.sigma_v is None:
                continue
            measured, own = _expected(
                item, row, undetermined, MEASURED_NOISE_V["A"], dot=dot, settings=settings
            )
            if measured < _LEAST:
                continue
            calculated_v = anchoring(process, REFINED_HAMILTONIANS[process]).sigma_v
            refined, _ = _expected(item, row, undetermined, calculated_v, dot=dot, settings=settings)
            found[row.smiles, process] = Advice(
                name=row.name,
                smiles=row.smiles,
                process=process,
                level_v_she=item.level.value_v_she,
                sigma_v=item.level.sigma_v,
                decides=measured,
                decides_refined=refined,
                relatives=measured - own,
            )
    return tuple(sorted(found.values(), key=lambda item: (-item.decides, item.name)))


def _expected(
    value: FittedLevel,
    of: AdvisedRow,
    undetermined: Sequence[AdvisedRow],
    noise_v: float,
    *,
    dot: QuantumDot,
    settings: Settings,
) -> tuple[float, float]:
    """Rows that a value would decide, in expectation: all of them, and the molecule's own."""
    process = value.level.process
    total, own = 0.0, 0.0
    for row in undetermined:
        item = row.fitted.get(process)
        if item is None or item.level.sigma_v is None:
            continue
        is_own = row.smiles == of.smiles
        moved = _own(item, noise_v) if is_own else _moved(item, value, noise_v)
        if moved is None:
            continue
        spread, after = moved
        decided = 0.0
        for node in _NODES:
            level = replace(after, value_v_she=after.value_v_she + float(node) * spread)
            decided += _is_decided(row, level, dot, settings) / len(_NODES)
        total += decided
        own += decided if is_own else 0.0
    return total, own


def _own(item: FittedLevel, noise_v: float) -> tuple[float, EnergyLevel]:
    """Spread of what may be measured of the molecule itself, and its level then."""
    sigma = item.level.sigma_v or 0.0
    # What a site adds stays uncertain.
    site = math.sqrt(sum(term.sigma_v**2 for term in item.level.corrections))
    free = math.sqrt(max(sigma**2 - site**2, 0.0))
    return free, replace(item.level, sigma_v=math.hypot(noise_v, site), domain="measured")


def _moved(item: FittedLevel, value: FittedLevel, noise_v: float) -> tuple[float, EnergyLevel] | None:
    """Spread of where a relative's level may move, and its level then; ``None`` if it stays."""
    covariance, own, other = _covariance(item, value)
    if own <= 0.0 or covariance**2 < (_LEAST_CORRELATION**2) * own * other:
        return None
    gained = covariance**2 / (other + noise_v**2)
    completes = bool(item.missing) and all(
        number <= 1 and name in value.groups for name, number in item.missing.items()
    )
    sigma = item.level.sigma_v or 0.0
    if completes:
        site = sum(term.sigma_v**2 for term in item.level.corrections)
        fit = item.fit
        sigma = math.sqrt(own + (fit.noise_v * fit.factor(item.groups)) ** 2 + site)
    after = replace(
        item.level,
        sigma_v=math.sqrt(max(sigma**2 - gained, 0.0)),
        domain="calibrated" if completes else item.level.domain,
    )
    return math.sqrt(gained), after


def _covariance(item: FittedLevel, value: FittedLevel) -> tuple[float, float, float]:
    """Covariance of two molecules, and the variance of each, V2, with their conformal factors."""
    if item.kind != value.kind:
        return 0.0, 0.0, 0.0
    fit = item.fit
    both = np.vstack([item.features, value.features])
    _, matrix = fit.model.process.together(both)
    mine, theirs = fit.factor(item.groups), fit.factor(value.groups)
    return (
        float(matrix[0, 1]) * mine * theirs,
        float(matrix[0, 0]) * mine**2,
        float(matrix[1, 1]) * theirs**2,
    )


def _is_decided(row: AdvisedRow, level: EnergyLevel, dot: QuantumDot, settings: Settings) -> bool:
    """Whether the row has a verdict with a level in the place of its own."""
    levels = (
        replace(row.levels, reduction=level)
        if level.process == PROCESSES[0]
        else replace(row.levels, oxidation=level)
    )
    found = judge(levels, dot.edges, row.couples, reach=dot.reach, thresholds=settings.thresholds)
    return found.verdict != "undetermined"
