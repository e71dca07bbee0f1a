"""A screen described, validated and run: a list of molecules against a dot."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from echemscreen.campaign.base import (
    LIBRARY_PREFIX,
    REPORTED_ROWS,
    ListCampaign,
    Prepared,
    versions,
    write_run,
)
from echemscreen.campaign.outcomes.outcome import Outcome, count_results, unkept
from echemscreen.campaign.outcomes.refined_rows import refined_rows, write_refined
from echemscreen.campaign.outcomes.results import Result, results_of
from echemscreen.evidence.own_evidence import described, own_words
from echemscreen.files import is_file
from echemscreen.measurements.own_rows import OwnMeasurement
from echemscreen.options.declared import with_options
from echemscreen.options.runs import ScreenOptions
from echemscreen.quantities import counted, quantity
from echemscreen.records import dots
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure
from echemscreen.screening.runs.run_folder import RunFolder, unwritable
from echemscreen.screening.runs.run_record import ListedRows, file_digest, finished_run, identity_of
from echemscreen.screening.screen import screen as many
from echemscreen.screening.workers.executors import Workers
from echemscreen.screening.workers.progress import Progress
from echemscreen.screening.workers.starting import start_ahead, workers_of
from echemscreen.store import open_store
from echemscreen.views.alignment.drawing import kind_words
from echemscreen.views.report.content import read_cells
from echemscreen.views.tables import table

if TYPE_CHECKING:
    import pandas as pd

#: Stages whose failures may not come again: a run with one of them is not finished.
TRIED_AGAIN = ("calculation", "internal")
#: Species drawn without being asked for more.
DIAGRAM_SPECIES = 20


class ScreenCampaign(ScreenOptions, ListCampaign):
    """Screen a list of molecules against a dot."""

    def files(self) -> list[str]:
        """What lies beside the table when the run has ended."""
        figures = ["alignment.svg", "alignment.png"] if self.figure else []
        tables = {"results.parquet": self.parquet, "results.xlsx": self.xlsx}
        return [*figures, *(name for name, asked in tables.items() if asked)]

    def writers(self) -> list[table.RowWriter]:
        """What the rows are written into."""
        found: list[table.RowWriter] = [table.ResultsWriter(self.out)]
        if self.parquet:
            from echemscreen.views.tables.parquet import ParquetWriter  # noqa: PLC0415 - an extra

            found.append(ParquetWriter(self.out))
        if self.xlsx:
            from echemscreen.views.tables.workbook import WorkbookWriter  # noqa: PLC0415 - a plain screen needs none

            found.append(WorkbookWriter(self.out))
        return found

    def run(
        self,
        *,
        quiet: bool = False,
        rows: ListedRows | None = None,
        workers: Workers | None = None,
        folder: RunFolder | None = None,
    ) -> ScreenOutcome:
        """Screen the input, or ``rows`` in its stead, and write the results.

        Parameters
        ----------
        workers
            Those that were started for this screen already.
        folder
            The output folder, if it is to stay taken when the screen has ended.

        Raises
        ------
        InputError
            if the call or the input file cannot be used, or the folder holds the results of another run.
        StoreError
            if the output folder or the store cannot be used; what was stored before is kept.
        """
        with ExitStack() as stack:
            workers = stack.enter_context(workers or workers_of(self))
            start_ahead(workers, self.out)
            folder = folder or stack.enter_context(RunFolder(self.out))
            return _run_screen(self, rows or self.listed(), workers, folder, quiet=quiet)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenOutcome(Outcome):
    """Where a screen's results lie, and what they count."""

    verdicts: Mapping[str, int]
    given_edges: tuple[str, ...] = ()
    """Edges of the dot that the user gave, in words."""

    def summary(self) -> str:
        """One line for the terminal, and one for each edge that the user gave."""
        parts = [f"{count} {verdict}" for verdict, count in sorted(self.verdicts.items())]
        parts += [f"{count} failed ({kind})" for kind, count in sorted(self.failures.items())]
        return (
            f"{counted(self.n_rows, 'row')} in {self.wall_s:.0f} s: {', '.join(parts) or 'none'}; "
            f"{counted(self.n_computed, 'ladder part')} computed; {self.place()}"
            + "".join(f"\n{line}" for line in (*self.given_edges, *self.own))
        )

    def table(self) -> pd.DataFrame:
        """The rows of ``results.csv``; potentials in V vs SHE, energies in eV."""
        return table.read_table(self.out / "results.csv")

    def results(self) -> Iterator[Result]:
        """The rows one by one, each with its molecule and its relaxed geometries.

        Raises
        ------
        StoreError
            if the store of the run cannot be read.
        """
        path = self.out / "results.csv"
        yield from results_of(self.out, table.stream_results(path), read_cells(path))

    def _repr_html_(self) -> str:
        from echemscreen.views import notebook  # noqa: PLC0415 - only a notebook draws

        return notebook.screen_html(self.out)


@with_options(ScreenOptions, leave=("input",))
def screen(
    source: object,
    qd: str | dots.QuantumDot,
    *,
    quiet: bool = True,
    **options: Any,  # noqa: ANN401
) -> ScreenOutcome:
    """Screen molecules against a dot; see :class:`ScreenCampaign` for the options.

    Nothing is kept unless a folder is named as ``out``: the outcome has its rows as long as it lives.

    Parameters
    ----------
    source
        A file, ``library:NAME``, or molecules: SMILES, RDKit molecules or ``(molecule, name)`` in any
        iterable, a pandas Series, or a table with the columns of a file; see
        :func:`~echemscreen.ligands.reading.given_rows.given_rows`. What is no molecule is a failed row.
    qd
        Specification of the dot, or a dot made from one.

    Raises
    ------
    InputError
        if an option, the dot or ``source`` as a whole cannot be used, or ``out`` holds another run.
    StoreError
        if ``out`` or the store cannot be used.
    """
    scratch, options = unkept(options)
    campaign, rows = ScreenCampaign.over(source, qd, **options)
    return replace(campaign.run(rows=rows, quiet=quiet), scratch=scratch)


def _count(source: str) -> int | None:
    """Rows of a plain text file, for the time left; ``None`` where counting costs a full read."""
    path = Path(source)
    if source == "-" or source.startswith(LIBRARY_PREFIX) or path.suffix not in {".smi", ".csv", ".tsv"}:
        return None
    with path.open("rb") as handle:
        lines = sum(1 for line in handle if line.strip())
    return lines - (path.suffix != ".smi")


def _identity(campaign: ScreenCampaign, prepared: Prepared, listed: ListedRows) -> str:
    """Digest of what the rows depend on; where they are computed and stored is no part of it."""
    files = [path for path in (campaign.library,) if path is not None and is_file(path)]
    parts: dict[str, object] = {"input": listed.sha256 or campaign.input}
    parts |= {"settings": prepared.settings, "limits": campaign.limits()}
    parts |= {"dot": prepared.dot, "engine": prepared.engine.version, "versions": versions()}
    return identity_of(parts, files)


def _outcome(
    campaign: ScreenCampaign, dot: dots.QuantumDot, run: Mapping[str, Any], *, wall_s: float
) -> ScreenOutcome:
    """The outcome that a ``run.json`` tells, with nothing computed."""
    return ScreenOutcome(
        out=campaign.out,
        n_rows=run["rows"],
        verdicts=run["verdicts"],
        failures=run["failures"],
        n_computed=0,
        internal_errors=run["internal_errors"],
        wall_s=wall_s,
        given_edges=_given_edges(dot),
    )


def _given_edges(dot: dots.QuantumDot) -> tuple[str, ...]:
    return tuple(
        f"{name} {quantity(edge.value_v_she, edge.sigma_v, 'V vs SHE')}: {kind_words(edge.kind)}"
        for name, edge in (("CBM", dot.edges.cbm), ("VBM", dot.edges.vbm))
        if edge.kind == "user"
    )


def _run_screen(
    campaign: ScreenCampaign,
    listed: ListedRows,
    workers: Workers,
    folder: RunFolder,
    *,
    quiet: bool,
) -> ScreenOutcome:
    started, clock = datetime.now(UTC), time.perf_counter()
    prepared = campaign.prepare()
    dot, settings = prepared.dot, prepared.settings
    listed.begin()
    campaign.enter(folder, listed)
    finished = finished_run(folder.path, _identity(campaign, prepared, listed), files=campaign.files())
    if finished is not None:
        folder.finish()
        return _outcome(campaign, dot, finished, wall_s=time.perf_counter() - clock)
    workers.start()
    verdicts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    n_rows = n_computed = internal = again = 0
    calculated: list[OwnMeasurement] = []
    out = folder.path
    try:
        with (
            open_store(campaign.store or out / "calculations.db") as store,
            ExitStack() as stack,
            Progress(_count(campaign.input) if is_file(campaign.input) else None, quiet=quiet) as progress,
        ):
            settings, not_computed = described(settings.model_copy(update={"announce": not quiet}), store)
            writers = [stack.enter_context(writer) for writer in campaign.writers()]
            # Closed before the store, which it may still have to write to.
            items = stack.enter_context(
                closing(
                    many(
                        listed,
                        dot,
                        settings,
                        store=store,
                        make_executor=workers,
                        workers=workers.capacity,
                        limits=campaign.limits(),
                    )
                )
            )
            for item in items:
                n_rows += 1
                n_computed += item.n_computed
                count_results(item, verdicts, failures)
                internal += sum(isinstance(r, Failure) and r.internal for r in item.results)
                for result in item.results:
                    again += isinstance(result, Failure) and result.stage in TRIED_AGAIN
                    calculated += refined_rows(result) if isinstance(result, Assessment) else ()
                    values = table.row_of(result, row=item.row)
                    for writer in writers:
                        writer.write(values)
                progress.advance(verdicts, failures)
            # Every row is read, which tells the list, and the table is about to appear.
            folder.begin(campaign.asked(listed))
        write_refined(out, calculated)
        outcome = ScreenOutcome(
            out=out,
            n_rows=n_rows,
            verdicts=dict(verdicts),
            failures=dict(failures),
            n_computed=n_computed,
            internal_errors=internal,
            wall_s=time.perf_counter() - clock,
            given_edges=_given_edges(dot),
            own=(*campaign.own_edges().words, *own_words(settings.own, not_computed)),
        )
        write_run(
            campaign,
            folder,
            listed,
            dot=dot,
            started=started,
            engine_version=prepared.engine.version,
            wall_s=round(outcome.wall_s, 3),
            rows=outcome.n_rows,
            verdicts=outcome.verdicts,
            failures=outcome.failures,
            ladders_computed=outcome.n_computed,
            internal_errors=outcome.internal_errors,
            finished={
                "identity": _identity(campaign, prepared, listed),
                "results_sha256": file_digest(out / "results.csv"),
                "rows_to_try_again": again,
            },
        )
        if campaign.figure:
            # A plain screen does not load matplotlib before its rows are written.
            from echemscreen.campaign.outcomes.drawing import draw_screen  # noqa: PLC0415
            from echemscreen.campaign.outcomes.reporting import report  # noqa: PLC0415

            draw_screen(out, top=DIAGRAM_SPECIES)
            if n_rows <= REPORTED_ROWS:
                report(out)
    except OSError as error:
        raise unwritable(out, error) from error
    return outcome
