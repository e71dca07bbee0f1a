"""A ranking of crosslinkers described, validated and run; its weights come from a YAML file."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Self

import pandas as pd
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from echemscreen.campaign import (
    ListCampaign,
    check_counter_ions,
    count_results,
    rows_of,
    rows_of_smiles,
    unwritable,
    write_run,
)
from echemscreen.dots.quantum_dot import describe
from echemscreen.engines.base import get_engine
from echemscreen.errors import InputError
from echemscreen.levels.redox import theory_of
from echemscreen.levels.refined import REFINED_ENGINE
from echemscreen.records import Failure, InputRow, QuantumDot
from echemscreen.reference_tables import table_path
from echemscreen.screening import ranking_rows
from echemscreen.screening.crosslinker_ledger import Tools
from echemscreen.screening.progress import Progress
from echemscreen.screening.rank import Ranking, RankSettings
from echemscreen.screening.rank import rank as rank_rows
from echemscreen.screening.ranking_views import groups_of, matrix_of
from echemscreen.screening.screen import RowResult
from echemscreen.store import open_store
from echemscreen.verdicts.ranking import CRITERIA, Preference, Preferences
from echemscreen.views import ledger_figure, notebook, ranking_figure, ranking_table


class RankCampaign(ListCampaign):
    """Rank the crosslinkers of a list on a dot under a lamp."""

    kind: Literal["rank"] = "rank"
    lamp_nm: float = Field(default=365.0, ge=150.0, le=1000.0)
    atmosphere: Literal["n2", "air"] = "n2"
    weights: Path | None = Field(default=None, description="a YAML file; the shipped one by default")
    full_for: int = Field(
        default=30, ge=1, description="candidates of which all deciding members are assessed"
    )
    shown_for: int = Field(default=10, ge=1, description="candidates with spectra and the whole ledger")

    def run(self, *, quiet: bool = False, rows: Iterator[InputRow] | None = None) -> RankOutcome:
        """Rank the input, or ``rows`` in its stead, and write the results.

        Raises
        ------
        InputError
            if the call, the weights or the input file cannot be used.
        StoreError
            if the output folder or the store cannot be used; what was stored before is kept.
        """
        if rows is None:
            rows = rows_of(self.input, self.library)
        return _run_rank(self, rows, quiet=quiet)


class WeightOfCriterion(BaseModel):
    """How much a criterion counts, and between which values."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weight: float = Field(ge=0, allow_inf_nan=False)
    worst: float = Field(allow_inf_nan=False)
    best: float = Field(allow_inf_nan=False)
    log: bool = False


class AbsorbsFrom(BaseModel):
    """Molar decadic absorption coefficients at the lamp, 1/(M cm)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    weak_from: float = Field(gt=0, allow_inf_nan=False)
    yes_from: float = Field(gt=0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.weak_from > self.yes_from:
            raise ValueError("weak_from is larger than yes_from")
        return self


class Weights(BaseModel):
    """The default score, or a user's own: a YAML file, safely loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    criteria: dict[str, WeightOfCriterion]
    pareto: tuple[str, ...] = Field(min_length=1)
    absorbs: AbsorbsFrom
    samples: int = Field(ge=100, le=100_000)

    @model_validator(mode="after")
    def _criteria_are_known(self) -> Self:
        known = {criterion.name: criterion for criterion in CRITERIA}
        for name, item in self.criteria.items():
            if name not in known:
                raise ValueError(f"criteria.{name} is no criterion; they are {', '.join(known)}")
            if item.worst == item.best or (item.best > item.worst) != (known[name].better == "higher"):
                raise ValueError(f"criteria.{name}: {known[name].better} is better, so 'best' must be too")
            if item.log and min(item.worst, item.best) <= 0:
                raise ValueError(f"criteria.{name}: a logarithm needs positive 'worst' and 'best'")
        for name in self.pareto:
            if name not in known:
                raise ValueError(f"pareto: {name} is no criterion; they are {', '.join(known)}")
        if not any(item.weight for item in self.criteria.values()):
            raise ValueError("criteria: every weight is zero")
        return self

    @classmethod
    def from_file(cls, path: Path | None = None) -> Self:
        """The shipped weights, with what a user's file says in their stead.

        Raises
        ------
        InputError
            naming the file and the key that is wrong.
        """
        content = _yaml(table_path("ligand_library", "ranking_weights.yaml"))
        own = {} if path is None else _yaml(path)
        for key, value in own.items():
            if key == "criteria" and isinstance(value, dict):
                for name, item in value.items():
                    shipped = content["criteria"].get(name, {})
                    content["criteria"][name] = shipped | item if isinstance(item, dict) else item
            else:
                content[key] = value
        try:
            return cls.model_validate(content)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"])
            words = first["msg"].removeprefix("Value error, ")
            raise InputError(
                f"The weights {path}: {f'{key}: ' if key else ''}{words}.", "Correct the file."
            ) from error

    def preferences(self) -> Preferences:
        """The weights as the ranking wants them."""
        criteria = {name: Preference(**item.model_dump()) for name, item in self.criteria.items()}
        return Preferences(criteria=criteria, pareto=self.pareto, samples=self.samples)


class _UniqueKeys(yaml.SafeLoader):
    """Plain values only; a key that stands twice is an error, not the last one's victory."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            raise yaml.constructor.ConstructorError(
                problem=f"the key {twice} stands twice", problem_mark=node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


def _yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as error:
        problem = getattr(error, "problem", None) or "it is not UTF-8 YAML"
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise InputError(f"The file {path}{where} cannot be read: {problem}.", "Correct it.") from error
    except OSError as error:
        raise InputError(f"The file {path} cannot be read: {error.strerror}.", "Name another one.") from error
    if not isinstance(content, dict):
        raise InputError(
            f"The file {path} holds no keys.", "Write 'criteria:' and so on, as in the shipped file."
        )
    return content


@dataclass(frozen=True, slots=True, kw_only=True)
class RankOutcome:
    """Where a ranking's results lie, and what they count."""

    out: Path
    n_rows: int
    n_ranked: int
    failures: Mapping[str, int]
    n_computed: int
    internal_errors: int
    wall_s: float
    rows: tuple[dict[str, object], ...]
    """The rows of ``ranking.csv``."""

    @property
    def exit_status(self) -> int:
        """0 all rows done, bad rows included; 1 an internal error was recorded."""
        return 1 if self.internal_errors else 0

    def summary(self) -> str:
        """One line for the terminal."""
        failed = "".join(f", {count} failed ({kind})" for kind, count in sorted(self.failures.items()))
        return (
            f"{self.n_ranked} crosslinkers of {self.n_rows} rows ranked in {self.wall_s:.0f} s{failed}; "
            f"{self.n_computed} ladder parts computed; results in {self.out}"
        )

    def table(self) -> pd.DataFrame:
        """The rows of ``ranking.csv``."""
        return ranking_table.read(self.out / "ranking.csv")

    def ledger(self) -> pd.DataFrame:
        """The rows of ``ledger.csv``: every member of every ranked crosslinker."""
        return ranking_table.read(self.out / "ledger.csv")

    def _repr_html_(self) -> str:
        return notebook.rank_html(self.out)


def rank(
    source: str | Iterable[str | tuple[str, str]],
    qd: str,
    *,
    quiet: bool = True,
    **options: Any,  # noqa: ANN401
) -> RankOutcome:
    """Rank crosslinkers on a dot; see :class:`RankCampaign` for the options.

    Parameters
    ----------
    source
        A file, ``library:NAME``, or an iterable of SMILES or of ``(SMILES, name)``.
    qd
        Specification of the dot.
    """
    if isinstance(source, str):
        return RankCampaign.validated(input=source, qd=qd, **options).run(quiet=quiet)
    campaign = RankCampaign.validated(input="SMILES given in Python", qd=qd, **options)
    return campaign.run(rows=rows_of_smiles(source), quiet=quiet)


def _run_rank(campaign: RankCampaign, rows: Iterator[InputRow], *, quiet: bool) -> RankOutcome:
    started, clock = datetime.now(UTC), time.perf_counter()
    weights = Weights.from_file(campaign.weights)
    dot, settings = campaign.dot(), campaign.settings()
    engine = get_engine(settings.engine)
    theory_of(engine, settings.solvent)
    if settings.level == "refined":
        get_engine(REFINED_ENGINE)
    check_counter_ions(settings, dot)
    read = list(rows)
    verdicts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    computed = internal = 0
    asked = RankSettings(
        preferences=weights.preferences(),
        lamp_nm=campaign.lamp_nm,
        atmosphere=campaign.atmosphere,
        weak_from_per_m_cm=weights.absorbs.weak_from,
        yes_from_per_m_cm=weights.absorbs.yes_from,
        full_for=campaign.full_for,
        shown_for=campaign.shown_for,
    )
    out = campaign.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        with (
            open_store(campaign.store or out / "calculations.db") as store,
            Progress(None, quiet=quiet) as progress,
        ):

            def advance(item: RowResult) -> None:
                nonlocal computed, internal
                computed += item.n_computed
                internal += sum(isinstance(r, Failure) and r.internal for r in item.results)
                count_results(item, verdicts, failures)
                progress.advance(verdicts, failures)

            tools = Tools(
                dot=dot,
                settings=settings,
                store=store,
                make_executor=campaign.executors(),
                workers=campaign.n_workers(),
                advance=advance,
            )
            ranking = rank_rows(read, asked, tools)
        table_rows = ranking_rows.ranking_rows(ranking, asked, dot.name or dot.spec)
        ledger = ranking_rows.ledger_rows(ranking)
        ranking_table.write(out / "ranking.csv", ranking_rows.RANKING_COLUMNS, table_rows)
        ranking_table.write(out / "ledger.csv", ranking_rows.LEDGER_COLUMNS, ledger)
        if campaign.figure and ranking.examined:
            _draw(ranking, asked, dot, out)
        failures.update(row.entry.kind for row in read if isinstance(row.entry, Failure))
        outcome = RankOutcome(
            out=out,
            n_rows=len(read),
            n_ranked=sum(row["rank"] is not None for row in table_rows),
            failures=dict(failures),
            n_computed=computed,
            internal_errors=internal,
            wall_s=time.perf_counter() - clock,
            rows=tuple(table_rows),
        )
        write_run(
            campaign,
            dot,
            started,
            engine.version,
            wall_s=round(outcome.wall_s, 3),
            rows=outcome.n_rows,
            ranked=outcome.n_ranked,
            failures=outcome.failures,
            ladders_computed=computed,
            internal_errors=internal,
            weights=weights.model_dump(mode="json"),
        )
    except OSError as error:
        raise unwritable(out, error) from error
    return outcome


def _draw(ranking: Ranking, asked: RankSettings, dot: QuantumDot, out: Path) -> None:
    """The criteria matrix, and the ledgers of the best beside the dot."""
    matrix = matrix_of(ranking, asked, dot.name or dot.spec)
    groups = groups_of(ranking)
    for suffix in ("svg", "png"):
        ranking_figure.draw(matrix, out / f"ranking.{suffix}")
        ledger_figure.draw(groups[: asked.shown_for], describe(dot), out / f"ledger.{suffix}")
