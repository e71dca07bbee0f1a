"""The steps over lists of molecules: build, screen and rank."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, get_args

from pydantic import Field, field_validator

from echemscreen.campaign.base import LIBRARY_PREFIX, ListCampaign, rows_of, versions
from echemscreen.campaign.building import built
from echemscreen.campaign.ranking import RankCampaign
from echemscreen.campaign.screening import ScreenCampaign
from echemscreen.campaign.workflow.step import StepOptions, StepOutcome, Surroundings, WrongValueError
from echemscreen.errors import EchemscreenError, InputError
from echemscreen.files import is_file
from echemscreen.ligands.building.build import write_smi
from echemscreen.ligands.reading.given_rows import given_rows
from echemscreen.ligands.reading.input_files import Row, read_row
from echemscreen.options.building import BuildOptions
from echemscreen.options.declared import CheckedOptions
from echemscreen.records.rows import InputRow
from echemscreen.screening.runs.run_record import ListedRows, digest_of, identity_of
from echemscreen.views.tables import table

#: Before the name of an earlier step, as ``library:`` before that of a family.
STEP_PREFIX = "step:"
Verdict = Literal["inert", "active", "undetermined"]


class BuildStep(BuildOptions, StepOptions):
    """Enumerate ligands or crosslinkers into ``NAME.smi``."""

    kind: ClassVar[str] = "build"

    def outputs(self, name: str) -> tuple[str, ...]:
        """Below the output folder."""
        return (f"{name}.smi",)

    def check(self, name: str, where: Surroundings) -> None:  # noqa: ARG002 - as every step
        """Refuse what cannot be used."""
        try:
            built(self)
        except InputError as error:
            raise WrongValueError("", error) from error

    def run(self, name: str, where: Surroundings) -> StepOutcome:
        """Build, unless the same list is there."""
        path = where.out / f"{name}.smi"
        identity = identity_of({"build": self, "versions": versions()}, ())
        if where.record.is_done(name, identity):
            return StepOutcome(summary=f"{path} is there")
        chosen = list(built(self))
        if not chosen:
            raise InputError(
                f"The step '{name}' builds no molecule.", "Widen its ranges, or see 'library build'."
            )
        count = write_smi(chosen, path)
        where.record.note(name, identity, [path])
        return StepOutcome(summary=f"{count} {self.what} in {path}")


# --- campaigns over a list --------------------------------------------------------------------


class _List(CheckedOptions):
    """Which molecules: files, families, earlier steps."""

    input: tuple[str, ...] = Field(min_length=1)
    keep: tuple[Verdict, ...] = Field(
        default=get_args(Verdict), min_length=1, description="verdicts of an earlier screen"
    )
    only: tuple[str, ...] = Field(default=(), description="names; without any, all")

    @field_validator("input", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @field_validator("input")
    @classmethod
    def _no_stream(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "-" in value:
            raise ValueError("a workflow does not read standard input: name a file")
        return value

    def steps(self) -> Iterator[str]:
        return (source.removeprefix(STEP_PREFIX) for source in self.input if _is_step(source))


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListStep:
    """A campaign over a list of molecules; its options are those of the campaign."""

    kind: ClassVar[str]
    campaign: ClassVar[type[ListCampaign]]

    molecules: _List
    options: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def keys(cls) -> Collection[str]:
        """The keys that it knows."""
        return {*cls.campaign.where(lambda option: not option.is_held), "keep", "only"} - {"kind"}

    @classmethod
    def read(cls, options: Mapping[str, Any], defaults: Mapping[str, Any]) -> Self:
        """The step of these keys."""
        own = {key: options[key] for key in ("input", "keep", "only") if key in options}
        molecules = _List.model_validate(own)
        rest = {**defaults, **{key: value for key, value in options.items() if key not in own}}
        cls.campaign.model_validate({**rest, "input": molecules.input[0]})
        return cls(molecules=molecules, options=rest)

    def references(self) -> Iterator[tuple[str, str, tuple[str, ...]]]:
        """Earlier steps that it reads."""
        for step in self.molecules.steps():
            yield "input", step, ("build", "screen")

    def outputs(self, name: str) -> tuple[str, ...]:
        """Below the output folder."""
        return (name,)

    def asked(self) -> Mapping[str, Any]:
        """Nothing: the folder of a run tells by itself what the run was asked."""
        return {}

    def _campaign(self, name: str, where: Surroundings) -> ListCampaign:
        options = where.found(self.options, self.campaign)
        sources = [self._source(text, where) for text in self.molecules.input]
        return self.campaign.model_validate({**options, "input": " + ".join(sources), **where.held(name)})

    @staticmethod
    def _source(text: str, where: Surroundings) -> str:
        if _is_step(text):
            step = text.removeprefix(STEP_PREFIX)
            is_built = where.kinds[step] == "build"
            return str(where.out / (f"{step}.smi" if is_built else f"{step}/results.csv"))
        return text if text.startswith(LIBRARY_PREFIX) else str(where.base / text)

    def _listed(self, campaign: ListCampaign, where: Surroundings) -> ListedRows:
        """The rows, known by what the file says of them: earlier steps may put others into them."""
        own = [Path(self._source(text, where)) for text in self.molecules.input if not _is_step(text)]
        named = digest_of({"molecules": self.molecules}, [path for path in own if is_file(path)])
        screens = {step for step in self.molecules.steps() if where.kinds[step] == "screen"}
        if len(self.molecules.input) == 1 and not screens and not self.molecules.only:
            return campaign.listed(named=named)
        return ListedRows(self._joined(campaign, where, screens), named=named)

    def _joined(
        self, campaign: ListCampaign, where: Surroundings, screens: Collection[str]
    ) -> Iterator[InputRow]:
        index = 0
        missing = set(self.molecules.only)
        for text in self.molecules.input:
            source, step = self._source(text, where), text.removeprefix(STEP_PREFIX)
            rows = (
                self._kept(Path(source))
                if text != step and step in screens
                else rows_of(source, campaign.library)
            )
            for row in map(read_row, rows):
                if not self.molecules.only or row.entry.name in self.molecules.only:
                    missing.discard(row.entry.name)
                    yield replace(row, index=index, location=f"{text}, {row.location}")
                    index += 1
        if missing:
            raise _nothing_called(min(missing), self.molecules.input)

    def _kept(self, results: Path) -> Iterator[Row]:
        found = {
            (row["smiles"], row["name"]): None
            for row in table.stream_results(results)
            if row["verdict"] in self.molecules.keep
        }
        return given_rows(list(found))

    def check(self, name: str, where: Surroundings) -> None:
        """Refuse what cannot be used."""
        campaign = self._campaign(name, where)
        for key, look in (("qd", campaign.dot), ("", campaign.prepare)):
            try:
                look()
            except EchemscreenError as error:
                raise WrongValueError(key, error) from error
        names: set[str] = set()
        for text in self.molecules.input:
            if _is_step(text):
                continue
            try:
                rows = rows_of(self._source(text, where), campaign.library)
                head = next(rows, None)
                if self.molecules.only and head is not None:
                    names.update(read_row(row).entry.name for row in (head, *rows))
            except EchemscreenError as error:
                raise WrongValueError("input", error) from error
        missing = sorted(set(self.molecules.only) - names)
        if missing and not any(self.molecules.steps()):
            raise WrongValueError("only", _nothing_called(missing[0], self.molecules.input))


def _is_step(text: str) -> bool:
    return text.startswith(STEP_PREFIX)


def _nothing_called(name: str, sources: Iterable[str]) -> InputError:
    return InputError(
        f"{' + '.join(sources)} holds nothing called '{name}'.", "See 'library list --members'."
    )


class ScreenStep(_ListStep):
    """Screen molecules against a dot, into the folder ``NAME``."""

    __slots__ = ()
    kind: ClassVar[str] = "screen"
    campaign: ClassVar[type[ListCampaign]] = ScreenCampaign

    def run(self, name: str, where: Surroundings) -> StepOutcome:
        """Screen, or what is missing of it."""
        campaign = self._campaign(name, where)
        assert isinstance(campaign, ScreenCampaign)
        outcome = campaign.run(quiet=where.quiet, rows=self._listed(campaign, where))
        return StepOutcome(summary=outcome.summary(), internal_errors=outcome.internal_errors)


class RankStep(_ListStep):
    """Rank crosslinkers on a dot, into the folder ``NAME``."""

    __slots__ = ()
    kind: ClassVar[str] = "rank"
    campaign: ClassVar[type[ListCampaign]] = RankCampaign

    def run(self, name: str, where: Surroundings) -> StepOutcome:
        """Rank, unless the same ranking is there."""
        campaign = self._campaign(name, where)
        assert isinstance(campaign, RankCampaign)
        paths = [Path(self._source(text, where)) for text in self.molecules.input]
        files = [path for path in (*paths, campaign.weights, campaign.library) if path and is_file(path)]
        asked = campaign.model_dump(exclude={"out", "replace", "workers", "store", "input"})
        prepared = campaign.prepare()
        identity = identity_of(
            {
                "rank": asked,
                "molecules": self.molecules,
                "dot": prepared.dot,
                "engine": prepared.engine.version,
                "versions": versions(),
            },
            files,
        )
        if where.record.is_done(name, identity):
            return StepOutcome(summary=f"ranked already; results in {campaign.out}")
        outcome = campaign.run(quiet=where.quiet, rows=self._listed(campaign, where))
        if not outcome.failures:
            made = [path for path in sorted(campaign.out.iterdir()) if path.is_file()]
            where.record.note(name, identity, made)
        return StepOutcome(summary=outcome.summary(), internal_errors=outcome.internal_errors)
