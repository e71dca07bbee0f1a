"""A ranking of crosslinkers described, validated and run."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from echemscreen.campaign.base import (
    REPORTED_ROWS,
    ListCampaign,
    write_run,
)
from echemscreen.campaign.outcomes.outcome import Outcome, count_results, unkept
from echemscreen.campaign.outcomes.reporting import report
from echemscreen.campaign.outcomes.results import Result, results_of
from echemscreen.campaign.weights import Weights
from echemscreen.crosslinkers import ranking_rows
from echemscreen.crosslinkers.candidates import RankSettings
from echemscreen.crosslinkers.crosslinker_ledger import Tools
from echemscreen.crosslinkers.rank import Ranking
from echemscreen.crosslinkers.rank import rank as rank_rows
from echemscreen.crosslinkers.ranking_views import groups_of, matrix_of
from echemscreen.dots.quantum_dot import describe
from echemscreen.evidence.own_evidence import described, own_words
from echemscreen.ligands.reading.input_files import read_row
from echemscreen.options.declared import with_options
from echemscreen.options.runs import RankOptions
from echemscreen.quantities import counted
from echemscreen.records.dots import QuantumDot
from echemscreen.records.rows import Failure
from echemscreen.screening.runs.run_folder import RunFolder, unwritable
from echemscreen.screening.runs.run_record import ListedRows
from echemscreen.screening.workers.progress import Progress, StageFile
from echemscreen.screening.workers.starting import workers_of
from echemscreen.screening.workers.telling import RowResult
from echemscreen.store import open_store
from echemscreen.views import notebook
from echemscreen.views.ranking import ledger_figure, matrix_record, ranking_figure
from echemscreen.views.report.content import read_cells
from echemscreen.views.tables import table

if TYPE_CHECKING:
    import pandas as pd


class RankCampaign(RankOptions, ListCampaign):
    """Rank the crosslinkers of a list on a dot under a lamp."""

    def run(
        self, *, quiet: bool = False, rows: ListedRows | None = None, folder: RunFolder | None = None
    ) -> RankOutcome:
        """Rank the input, or ``rows`` in its stead, and write the results.

        Parameters
        ----------
        folder
            The output folder, if it is to stay taken when the ranking has ended.

        Raises
        ------
        InputError
            if the call, the weights or the input file cannot be used, or the folder holds the results of
            another run.
        StoreError
            if the output folder or the store cannot be used; what was stored before is kept.
        """
        with ExitStack() as stack:
            folder = folder or stack.enter_context(RunFolder(self.out))
            return _run_rank(self, rows or self.listed(), folder, quiet=quiet)


@dataclass(frozen=True, slots=True, kw_only=True)
class RankOutcome(Outcome):
    """Where a ranking's results lie, and what they count."""

    n_ranked: int
    rows: tuple[dict[str, object], ...]
    """The rows of ``ranking.csv``."""

    def summary(self) -> str:
        """One line for the terminal."""
        failed = "".join(f", {count} failed ({kind})" for kind, count in sorted(self.failures.items()))
        return (
            f"{counted(self.n_ranked, 'crosslinker')} of {counted(self.n_rows, 'row')} ranked in "
            f"{self.wall_s:.0f} s{failed}; "
            f"{self.n_computed} ladder parts and spin states computed; {self.place()}"
            + "".join(f"\n{line}" for line in self.own)
        )

    def table(self) -> pd.DataFrame:
        """The rows of ``ranking.csv``."""
        return table.read_table(self.out / "ranking.csv")

    def comparisons(self) -> pd.DataFrame:
        """The rows of ``comparisons.csv``: how sure each of the best is to be better than another."""
        return table.read_table(self.out / "comparisons.csv")

    def ledger(self) -> pd.DataFrame:
        """The rows of ``ledger.csv``: every member of every ranked crosslinker."""
        return table.read_table(self.out / "ledger.csv")

    def results(self) -> Iterator[Result]:
        """The rows one by one, each with its molecule and the relaxed geometries of its members.

        Raises
        ------
        StoreError
            if the store of the run cannot be read.
        """
        cells, ledger = (read_cells(self.out / f"{name}.csv") for name in ("ranking", "ledger"))
        yield from results_of(self.out, table.records_of(self.table()), cells, ledger)

    def _repr_html_(self) -> str:
        return notebook.rank_html(self.out)


@dataclass(slots=True)
class _Counts:
    """What a ranking counts while it runs, and its progress."""

    progress: Progress
    stages: StageFile
    n_computed: int = 0
    internal: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    """Of the stage that runs, as the failures."""
    failures: Counter[str] = field(default_factory=Counter)
    all_failures: Counter[str] = field(default_factory=Counter)

    def begin(self, stage: str, total: int) -> None:
        """A stage of so many steps begins."""
        self.verdicts.clear()
        self.failures.clear()
        self.progress.begin(stage, total)
        self.stages.begin(stage, total)

    def row(self, item: RowResult) -> None:
        """A molecule is assessed: one step."""
        self.internal += sum(isinstance(r, Failure) and r.internal for r in item.results)
        self.all_failures.update(r.kind for r in item.results if isinstance(r, Failure))
        count_results(item.results, self.verdicts, self.failures)
        entry, result = item.row.entry, item.results[0]
        verdict = "" if isinstance(result, Failure) else result.verdict
        self.stages.step(name=entry.name, smiles=entry.canonical_smiles, verdict=verdict)
        self._advance(item.n_computed)

    def step(self, n_computed: int = 0) -> None:
        """Another step is done, for which so many pieces were computed."""
        self.stages.step()
        self._advance(n_computed)

    def _advance(self, n_computed: int) -> None:
        self.n_computed += n_computed
        self.progress.advance(self.verdicts, self.failures)


@with_options(RankOptions, leave=("input",))
def rank(
    source: object,
    qd: str | QuantumDot,
    *,
    quiet: bool = True,
    **options: Any,  # noqa: ANN401
) -> RankOutcome:
    """Rank crosslinkers on a dot; see :class:`RankCampaign` for the options.

    Parameters
    ----------
    source
        As of :func:`echemscreen.screen`; nothing is kept unless a folder is named as ``out``.
    qd
        Specification of the dot, or a dot made from one.
    """
    scratch, options = unkept(options)
    campaign, rows = RankCampaign.over(source, qd, **options)
    return replace(campaign.run(rows=rows, quiet=quiet), scratch=scratch)


def _run_rank(campaign: RankCampaign, rows: ListedRows, folder: RunFolder, *, quiet: bool) -> RankOutcome:
    started, clock = datetime.now(UTC), time.perf_counter()
    weights = Weights.from_file(campaign.weights)
    prepared, workers = campaign.prepare(), workers_of(campaign)
    dot, settings = prepared.dot, prepared.settings
    read = [read_row(row) for row in rows]
    campaign.enter(folder, rows)
    asked = RankSettings(
        options=campaign,
        preferences=weights.preferences(),
        weak_from_per_m_cm=weights.absorbs.weak_from,
        yes_from_per_m_cm=weights.absorbs.yes_from,
    )
    out = folder.path
    try:
        with (
            open_store(campaign.store or out / "calculations.db") as store,
            Progress(None, quiet=quiet) as progress,
            StageFile(out) as stages,
        ):
            settings, not_computed = described(settings.model_copy(update={"announce": not quiet}), store)
            counts = _Counts(progress, stages)
            tools = Tools(
                dot=dot,
                settings=settings,
                store=store,
                make_executor=workers,
                workers=workers.capacity,
                watch=counts,
                limits=campaign.limits(),
            )
            ranking = rank_rows(read, asked, tools)
        table_rows = ranking_rows.ranking_rows(ranking, asked, dot.name or dot.spec)
        ledger = ranking_rows.ledger_rows(ranking)
        table.write_table(out / "ranking.csv", table_rows)
        table.write_table(out / "ledger.csv", ledger)
        table.write_table(out / "comparisons.csv", ranking_rows.comparison_rows(ranking))
        if campaign.figure and ranking.examined:
            _draw(ranking, asked, dot, out)
        failures = counts.all_failures
        failures.update(row.entry.kind for row in read if isinstance(row.entry, Failure))
        outcome = RankOutcome(
            out=out,
            n_rows=len(read),
            n_ranked=sum(row["rank"] is not None for row in table_rows),
            failures=dict(failures),
            n_computed=counts.n_computed,
            internal_errors=counts.internal,
            wall_s=time.perf_counter() - clock,
            rows=tuple(table_rows),
            own=(*campaign.own_edges().words, *own_words(settings.own, not_computed)),
        )
        write_run(
            campaign,
            folder,
            rows,
            dot=dot,
            started=started,
            engine_version=prepared.engine.version,
            wall_s=round(outcome.wall_s, 3),
            rows=outcome.n_rows,
            ranked=outcome.n_ranked,
            failures=outcome.failures,
            ladders_computed=counts.n_computed,
            internal_errors=counts.internal,
            weights=weights.model_dump(mode="json"),
        )
        if campaign.figure and len(read) <= REPORTED_ROWS:
            report(out)
    except OSError as error:
        raise unwritable(out, error) from error
    return outcome


def _draw(ranking: Ranking, asked: RankSettings, dot: QuantumDot, out: Path) -> None:
    """The criteria matrix, and the ledgers of the best beside the dot."""
    matrix = matrix_of(ranking, asked, dot.name or dot.spec)
    groups = groups_of(ranking)
    matrix_record.write(matrix, out / matrix_record.RECORD)
    for suffix in ("svg", "png"):
        ranking_figure.draw(matrix, out / f"ranking.{suffix}")
        ledger_figure.draw(groups[: asked.options.shown_for], describe(dot), out / f"ledger.{suffix}")
