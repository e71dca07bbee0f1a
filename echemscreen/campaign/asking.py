"""One molecule, one dot, ten lines: the verdict, why, how sure, what limits it, and what to try instead."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from echemscreen.campaign.base import Campaign
from echemscreen.dots.quantum_dot import describe
from echemscreen.engines.base import get_engine
from echemscreen.errors import InputError
from echemscreen.evidence.own_evidence import described
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.atoms import Mol
from echemscreen.ligands.building.analogues import Analogue, analogues
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.given_rows import given_structure
from echemscreen.options.declared import with_options
from echemscreen.options.runs import AskOptions
from echemscreen.quantities import counted, stated_probability
from echemscreen.records.dots import DescribedDot
from echemscreen.records.levels import CarrierDensity
from echemscreen.records.processes import Process
from echemscreen.records.results import Alignment, Assessment
from echemscreen.records.rows import Failure
from echemscreen.screening import assess as one
from echemscreen.screening import workbench
from echemscreen.views.alignment import diagram
from echemscreen.views.figure_file import Figure
from echemscreen.views.sheets import FigureStyle
from echemscreen.views.tables.table import row_of

#: Analogues that are computed at most, and inert ones that are told.
TRIED, WANTED = 10, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """An analogue that was computed as the molecule was."""

    analogue: Analogue
    assessment: Assessment

    def __str__(self) -> str:
        p = _chance(self.assessment)
        name = self.analogue.molecule.name
        alike = f"similarity {self.analogue.similarity:.2f}"
        return f"{name}: {self.assessment.verdict}{f', {p}' if p else ''} ({self.analogue.origin}; {alike})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer for one molecule on one dot, and analogues that are inert there."""

    name: str
    smiles: str
    qd: DescribedDot
    assessment: Assessment
    limit: Alignment | None
    """The comparison that is nearest to a reaction."""
    alternatives: tuple[Alternative, ...]
    n_tried: int
    """Analogues that were computed."""
    level: str

    def lines(self) -> tuple[str, ...]:
        """At most ten lines for a reader."""
        found = self.assessment
        form = found.form.role.replace("_", " ")
        where = f" on {found.form.site_metal}" if found.form.site_metal else ""
        chance = _chance(found)
        lines = [
            f"{self.name} on {self.qd['name'] or self.qd['spec']}: {found.verdict}",
            f"  why       {found.reason}",
            f"  how sure  {found.domain}{f'; {chance}' if chance else ''}",
            f"  limit     {self.limit if self.limit is not None else 'no level to compare'}",
            f"  judged    {form}{where}, level {self.level}",
            *(f"  where     {density}" for density in self._densities()),
        ]
        if found.verdict == "inert":
            return tuple(lines)
        lines += [f"  instead   {item}" for item in self.alternatives]
        if not self.alternatives:
            lines.append(
                f"  instead   none of {counted(self.n_tried, 'analogue')} of its anchor and function is inert"
            )
        return tuple(lines)

    def _densities(self) -> tuple[CarrierDensity, ...]:
        """Where the carrier of the limiting reaction sits, if it is the molecule that it reacts with."""
        if self.limit is None or self.limit.couple is not None:
            return ()
        levels = self.assessment.levels
        is_red = self.limit.process == Process.REDUCTION
        found = levels.electron_density if is_red else levels.hole_density
        return () if found is None else (found,)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def describe(self) -> dict[str, Any]:
        """The JSON object of ``echemscreen ask --json``; potentials in V vs SHE, energies in eV."""
        return {
            "name": self.name,
            "smiles": self.smiles,
            "qd": self.qd["spec"],
            "level": self.level,
            "result": row_of(self.assessment),
            "n_tried": self.n_tried,
            "alternatives": [
                {
                    "origin": item.analogue.origin,
                    "similarity": round(item.analogue.similarity, 3),
                    **row_of(item.assessment),
                }
                for item in self.alternatives
            ],
        }

    def figure(self, *, style: FigureStyle | None = None) -> Figure:
        """Its levels and those of the alternatives beside the edges, a column of a journal wide."""
        return diagram.figure(self._rows(), self.qd, style=style or FigureStyle(width="single"))

    def draw(self, path: str | Path, *, style: FigureStyle | None = None) -> Path:
        """The same into a file; the suffix decides."""
        diagram.draw(self._rows(), self.qd, Path(path), style=style or FigureStyle(width="single"))
        return Path(path)

    def _rows(self) -> list[dict[str, object]]:
        return [
            row_of(item) for item in (self.assessment, *(other.assessment for other in self.alternatives))
        ]


@with_options(AskOptions)
def ask(molecule: str | Mol, qd: str, **options: Any) -> Answer:  # noqa: ANN401
    """Judge one molecule on a dot, and find inert analogues with its anchor and its function.

    Every analogue that is told was computed in the same way; the nearest of each kind of chemistry is tried
    first (:func:`~echemscreen.ligands.building.analogues.analogues`).

    Parameters
    ----------
    molecule
        SMILES or RDKit molecule.
    options
        Those of :class:`~echemscreen.options.runs.AskOptions`.

    Raises
    ------
    InputError
        if the molecule, the dot or an option cannot be used, or the molecule cannot be judged.
    """
    text, label = given_structure(molecule)
    if label and label != text:
        options.setdefault("name", label)
    return answered(AskOptions.validated(molecule=text, qd=qd, **options))


def answered(asked: AskOptions) -> Answer:
    """What :func:`ask` finds, of options that are checked."""
    campaign = Campaign.validated(**asked.part(Campaign))
    settings, _ = described(campaign.settings())
    engine, dot = get_engine(settings.engine), campaign.dot()
    read = parse_smiles(asked.molecule, asked.name)
    known = asked.name or library().name_of(read.canonical_smiles) or read.formula
    read = replace(read, name=known)
    bench = workbench.Workbench(engine, theory_of(engine, settings.solvent), settings, {})
    found = one.assess(read, dot, bench)[0]
    if isinstance(found, Failure):
        raise InputError(f"{known} cannot be judged: {found.message}", found.remedy)
    alternatives: list[Alternative] = []
    n_tried = 0
    if found.verdict != "inert":
        for candidate in analogues(read, limit=TRIED):
            judged = one.assess(candidate.molecule, dot, bench)[0]
            n_tried += 1
            if isinstance(judged, Assessment) and judged.verdict == "inert":
                alternatives.append(Alternative(analogue=candidate, assessment=judged))
            if len(alternatives) == WANTED:
                break
    compared = found.compared
    nearest = [
        item for item in (compared.likeliest_reduction, compared.deciding_oxidation) if item is not None
    ]
    return Answer(
        name=known,
        smiles=read.canonical_smiles,
        qd=describe(dot),
        assessment=found,
        limit=max(nearest, key=lambda item: item.deciding or 0.0, default=compared.reduction),
        alternatives=tuple(alternatives),
        n_tried=n_tried,
        level=settings.level,
    )


def _chance(found: Assessment) -> str:
    """The larger probability of a reaction, in words."""
    compared = found.compared
    items = [item for item in (compared.likeliest_reduction, compared.deciding_oxidation) if item is not None]
    item = max(items, key=lambda one: one.deciding or 0.0, default=None)
    if item is None or item.deciding is None:
        return ""
    return f"{stated_probability(item.deciding, item.bound)} of {item.process}"
