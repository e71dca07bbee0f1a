"""The steps that show something: dots, sweeps, diagrams, tables and reports."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Self

from pydantic import Field, field_validator

from echemscreen.campaign.base import versions
from echemscreen.campaign.outcomes.drawing import drawn
from echemscreen.campaign.outcomes.figure_style import style_of
from echemscreen.campaign.outcomes.reporting import report
from echemscreen.campaign.sweeping import check_sweep_output, swept, write_sweep
from echemscreen.campaign.workflow.step import StepOptions, StepOutcome, Surroundings, WrongValueError
from echemscreen.dots.device_stack import device_stack
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.errors import EchemscreenError, InputError
from echemscreen.ligands.parse import parse_smiles
from echemscreen.options.pictures import DiagramOptions, FigureOptions
from echemscreen.options.runs import SweepOptions
from echemscreen.quantities import counted
from echemscreen.scales import electrode
from echemscreen.screening.runs.run_record import identity_of
from echemscreen.views import edges_figure
from echemscreen.views.tables.table import TABLE_ENCODING

#: Columns of a table that names none: what a reader of a paper wants to see.
TABLE_COLUMNS = (
    "name",
    "form",
    "mode",
    "status",
    "verdict",
    "flags",
    "e_red_v_she",
    "e_red_sigma_v",
    "e_red_bound",
    "e_ox_v_she",
    "e_ox_sigma_v",
    "e_ox_bound",
    "reduction_drive_ev",
    "reduction_drive_bound",
    "oxidation_drive_ev",
    "oxidation_drive_bound",
    "p_reduction",
    "p_reduction_bound",
    "p_oxidation",
    "p_oxidation_bound",
    "p_hole_reacts",
    "p_hole_reacts_bound",
    "limiting_couple",
    "domain",
)


class SweepStep(SweepOptions, StepOptions):
    """Sweep the sizes of a dot, into ``NAME.csv``, ``NAME.svg`` and ``NAME.png``."""

    kind: ClassVar[str] = "sweep"
    shown_by: ClassVar[frozenset[str]] = frozenset({"figure"})

    figure: bool = True

    @classmethod
    def read(cls, options: Mapping[str, Any], defaults: Mapping[str, Any]) -> Self:
        """The step of these keys."""
        shared = {key: value for key, value in defaults.items() if key in cls.model_fields}
        return cls.model_validate({**shared, **options})

    def outputs(self, name: str) -> tuple[str, ...]:
        """Below the output folder."""
        return tuple(f"{name}{suffix}" for suffix in self._suffixes())

    def _suffixes(self) -> tuple[str, ...]:
        return (".csv", ".svg", ".png") if self.figure else (".csv",)

    def check(self, name: str, where: Surroundings) -> None:
        """Refuse what cannot be used."""
        try:
            for suffix in self._suffixes():
                check_sweep_output(where.out / f"{name}{suffix}", self.sizes)
        except EchemscreenError as error:
            raise WrongValueError("sizes", error) from error
        try:
            if self.ligand is not None:
                parse_smiles(self.ligand, self.ligand_name or self.ligand)
        except EchemscreenError as error:
            raise WrongValueError("ligand", error) from error

    def run(self, name: str, where: Surroundings) -> StepOutcome:
        """Sweep, unless the same sweep is there."""
        identity = identity_of({"sweep": self, "versions": versions()}, ())
        if where.record.is_done(name, identity):
            return StepOutcome(summary=f"swept already; {where.out / name}.csv")
        found = swept(SweepOptions(**where.found(self.part(SweepOptions), SweepOptions)))
        paths = [write_sweep(found, where.out / f"{name}{suffix}") for suffix in self._suffixes()]
        where.record.note(name, identity, paths)
        return StepOutcome(summary=f"{counted(len(found.points), 'dot')} in {paths[0]}")


def _check_scale(scale: str) -> None:
    try:
        electrode(scale)
    except EchemscreenError as error:
        raise WrongValueError("scale", error) from error


def _check_style(asked: FigureOptions) -> None:
    try:
        style_of(asked)
    except EchemscreenError as error:
        raise WrongValueError("width", error) from error


class DotsStep(FigureOptions, StepOptions):
    """Compare the band edges of dots and materials with metal couples: ``NAME.csv`` and ``NAME.svg``."""

    kind: ClassVar[str] = "dots"
    shown_by: ClassVar[frozenset[str]] = frozenset({"scale", "width", "journal"})

    specs: tuple[str, ...] = Field(min_length=1, max_length=30)
    couples: tuple[str, ...] = Field(default=(), description="such as Cd2+/Cd")
    scale: str = "she"

    def outputs(self, name: str) -> tuple[str, ...]:
        """Below the output folder."""
        return (f"{name}.csv", f"{name}.svg", f"{name}.png")

    def check(self, name: str, where: Surroundings) -> None:  # noqa: ARG002 - as every step
        """Refuse what cannot be used."""
        try:
            dots = self._described()
        except EchemscreenError as error:
            raise WrongValueError("specs", error) from error
        try:
            edges_figure.potentials_of(dots, self.couples)
        except EchemscreenError as error:
            raise WrongValueError("couples", error) from error
        _check_scale(self.scale)
        _check_style(self)

    def _described(self) -> list[dict[str, Any]]:
        return [dict(describe(quantum_dot(spec))) for spec in self.specs]

    def run(self, name: str, where: Surroundings) -> StepOutcome:
        """Write and draw."""
        dots = self._described()
        path = where.out / f"{name}.csv"
        edges_figure.write_edges(dots, self.couples, path)
        for suffix in (".svg", ".png"):
            edges_figure.draw_edges(
                dots, self.couples, path.with_suffix(suffix), scale=self.scale, style=style_of(self)
            )
        return StepOutcome(summary=f"{counted(len(dots), 'dot')} in {path}")


class DiagramStep(DiagramOptions, StepOptions):
    """Draw the alignment diagram of a screen, or the device around it: ``NAME.svg`` and ``NAME.png``."""

    kind: ClassVar[str] = "diagram"
    shown_by: ClassVar[frozenset[str]] = frozenset({"scale", "top", "stack", "shows", "width", "journal"})

    of: str = Field(description="name of a screen")

    def references(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Earlier steps that it reads."""
        yield "of", self.of, ("screen",)

    def outputs(self, name: str) -> tuple[str, ...]:
        """Below the output folder."""
        return (f"{name}.svg", f"{name}.png")

    def check(self, name: str, where: Surroundings) -> None:  # noqa: ARG002 - as every step
        """Refuse what cannot be used."""
        _check_scale(self.scale)
        _check_style(self)
        try:
            if self.stack is not None:
                device_stack(self.stack)
        except EchemscreenError as error:
            raise WrongValueError("stack", error) from error

    def run(self, name: str, where: Surroundings) -> StepOutcome:
        """Draw."""
        for file in self.outputs(name):
            drawn(where.out / self.of, where.out / file, self)
        return StepOutcome(summary=f"{where.out / name}.svg")


class TableStep(StepOptions):
    """Join screens, or rankings, into one small table: ``NAME.csv``."""

    kind: ClassVar[str] = "table"
    shown_by: ClassVar[frozenset[str]] = frozenset({"columns"})

    of: tuple[str, ...] = Field(min_length=1)
    columns: tuple[str, ...] = TABLE_COLUMNS

    @field_validator("of", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    def references(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Earlier steps that it reads."""
        for step in self.of:
            yield "of", step, ("screen", "rank")

    def outputs(self, name: str) -> tuple[str, ...]:
        """Below the output folder."""
        return (f"{name}.csv",)

    def run(self, name: str, where: Surroundings) -> StepOutcome:
        """Join the tables."""
        path = where.out / f"{name}.csv"
        count = 0
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, lineterminator="\n")
            writer.writerow(["step", *self.columns])
            for step in self.of:
                file = "results.csv" if where.kinds[step] == "screen" else "ranking.csv"
                with (where.out / step / file).open(encoding=TABLE_ENCODING, newline="") as results:
                    reader = csv.DictReader(results)
                    missing = [key for key in self.columns if key not in (reader.fieldnames or ())]
                    if missing:
                        raise InputError(
                            f"The step '{name}': {step}/{file} has no column '{missing[0]}'.",
                            f"It has {', '.join(reader.fieldnames or ())}.",
                        )
                    for row in reader:
                        # The cells are written as they were read, guards against formulas included.
                        writer.writerow([step, *(row[key] for key in self.columns)])
                        count += 1
        return StepOutcome(summary=f"{counted(count, 'row')} in {path}")


class ReportStep(StepOptions):
    """Write the report of a screen or of a ranking: ``NAME.html``."""

    kind: ClassVar[str] = "report"

    of: str = Field(description="name of a screen or of a ranking")

    def references(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Earlier steps that it reads."""
        yield "of", self.of, ("screen", "rank")

    def outputs(self, name: str) -> tuple[str, ...]:
        """Below the output folder."""
        return (f"{name}.html",)

    def run(self, name: str, where: Surroundings) -> StepOutcome:
        """Write the page."""
        path = where.out / f"{name}.html"
        report(where.out / self.of, path)
        return StepOutcome(summary=str(path))
