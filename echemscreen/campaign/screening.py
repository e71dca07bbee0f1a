"""A screen described, validated and run: a list of molecules against a dot."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from echemscreen.campaign.base import (
    LIBRARY_PREFIX,
    REPORTED_ROWS,
    ListCampaign,
    versions,
    write_run,
)
from echemscreen.campaign.outcomes.outcome import Outcome, unkept
from echemscreen.campaign.outcomes.refined_rows import write_refined
from echemscreen.campaign.outcomes.results import Result, results_of
from echemscreen.campaign.outcomes.tabled import KeptRows, TabledRow, tabled
from echemscreen.evidence.own_evidence import described, own_words
from echemscreen.files import is_file
from echemscreen.measurements.own_rows import OwnMeasurement
from echemscreen.options.declared import with_options
from echemscreen.options.runs import ScreenOptions
from echemscreen.quantities import counted, quantity
from echemscreen.records import dots
from echemscreen.screening.runs.run_folder import RunFolder, unwritable
from echemscreen.screening.runs.run_record import ListedRows, file_digest, finished_run, identity_of
from echemscreen.screening.screen import stream
from echemscreen.screening.workers.executors import Workers
from echemscreen.screening.workers.progress import Progress
from echemscreen.screening.workers.starting import start_ahead, workers_of
from echemscreen.store import open_store
from echemscreen.views.alignment.drawing import kind_words
from echemscreen.views.report.content import read_cells
from echemscreen.views.tables import table

if TYPE_CHECKING:
    import pandas as pd

#: Species drawn without being asked for more.
DIAGRAM_SPECIES = 20


class ScreenCampaign(ScreenOptions, ListCampaign):
    """Screen a list of molecules against a dot."""

    def files(self) -> list[str]:
        """What lies beside the table when the run has ended."""
        figures = ["alignment.svg", "alignment.png"] if self.figure else []
        tables = {"results.parquet": self.parquet, "results.xlsx": self.xlsx}
        return [*figures, *(name for name, asked in tables.items() if asked)]

    def other_writers(self) -> list[table.RowWriter]:
        """What the rows are written into beside ``results.csv``."""
        found: list[table.RowWriter] = []
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
            listed = rows or self.listed()
            (outcome,) = run_screens([DotScreen(self, listed, folder)], listed, workers, quiet=quiet)
            return outcome


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


def _given_edges(dot: dots.QuantumDot) -> tuple[str, ...]:
    return tuple(
        f"{name} {quantity(edge.value_v_she, edge.sigma_v, 'V vs SHE')}: {kind_words(edge.kind)}"
        for name, edge in (("CBM", dot.edges.cbm), ("VBM", dot.edges.vbm))
        if edge.kind == "user"
    )


class DotScreen:
    """The screen on one dot while its rows come in: its folder, its tables, its counts."""

    def __init__(self, campaign: ScreenCampaign, listed: ListedRows, folder: RunFolder) -> None:
        self.campaign, self.folder = campaign, folder
        self.prepared = campaign.prepare()
        self._listed = listed
        self._started, self._clock = datetime.now(UTC), time.perf_counter()
        self._table = table.ResultsWriter(folder.path)
        self._others: list[table.RowWriter] = []
        self._calculated: list[OwnMeasurement] = []
        self._n_rows = self._n_computed = self._internal = self._again = 0
        self.verdicts: Counter[str] = Counter()
        self.failures: Counter[str] = Counter()

    @property
    def out(self) -> Path:
        """Its folder."""
        return self.folder.path

    def known(self) -> ScreenOutcome | None:
        """The outcome of the run that came to its end in the folder, if that is this one.

        Raises
        ------
        StoreError, InputError
            if the folder cannot be used; see :meth:`ListCampaign.enter`.
        """
        self.campaign.enter(self.folder, self._listed)
        run = finished_run(self.out, self._identity(), files=self.campaign.files())
        if run is None:
            return None
        self.folder.finish()
        return ScreenOutcome(
            out=self.campaign.out,
            n_rows=run["rows"],
            verdicts=run["verdicts"],
            failures=run["failures"],
            n_computed=0,
            internal_errors=run["internal_errors"],
            wall_s=time.perf_counter() - self._clock,
            given_edges=_given_edges(self.prepared.dot),
        )

    def open(self, stack: ExitStack) -> None:
        """Open the tables until the stack is left."""
        stack.enter_context(self._table)
        self._others = [stack.enter_context(writer) for writer in self.campaign.other_writers()]

    def take(self, row: TabledRow) -> None:
        """Write and count the results of a row."""
        self._n_rows += 1
        self._n_computed += row.n_computed
        for result in row.results:
            if result.failure:
                self.failures[result.failure] += 1
                self._internal += result.is_internal
                self._again += result.is_tried_again
            else:
                self.verdicts[result.verdict] += 1
                self._calculated += result.calculated
            self._table.write_line(result.line)
            for writer in self._others:
                writer.write(result.values)

    def all_taken(self) -> None:
        """Every row is read, which tells the list, and the table is about to appear."""
        self.folder.begin(self.campaign.asked(self._listed))

    def end(self, own: tuple[str, ...]) -> ScreenOutcome:
        """Write what tells of the run, and draw.

        Parameters
        ----------
        own
            What of the user's potentials was taken, in words.
        """
        campaign, dot, out = self.campaign, self.prepared.dot, self.out
        write_refined(out, self._calculated)
        outcome = ScreenOutcome(
            out=out,
            n_rows=self._n_rows,
            verdicts=dict(self.verdicts),
            failures=dict(self.failures),
            n_computed=self._n_computed,
            internal_errors=self._internal,
            wall_s=time.perf_counter() - self._clock,
            given_edges=_given_edges(dot),
            own=(*campaign.own_edges().words, *own),
        )
        write_run(
            campaign,
            self.folder,
            self._listed,
            dot=dot,
            started=self._started,
            engine_version=self.prepared.engine.version,
            wall_s=round(outcome.wall_s, 3),
            rows=outcome.n_rows,
            verdicts=outcome.verdicts,
            failures=outcome.failures,
            ladders_computed=outcome.n_computed,
            internal_errors=outcome.internal_errors,
            finished={
                "identity": self._identity(),
                "results_sha256": file_digest(out / "results.csv"),
                "rows_to_try_again": self._again,
            },
        )
        if campaign.figure:
            self._draw()
        return outcome

    def _draw(self) -> None:
        # A plain screen does not load matplotlib before its rows are written.
        from echemscreen.campaign.outcomes.drawing import draw_screen  # noqa: PLC0415
        from echemscreen.campaign.outcomes.reporting import report  # noqa: PLC0415

        draw_screen(self.out, top=DIAGRAM_SPECIES)
        if self._n_rows <= REPORTED_ROWS:
            report(self.out)

    def depends_on(self) -> dict[str, object]:
        """What every row depends on; where they are computed and stored is no part of it."""
        campaign, prepared = self.campaign, self.prepared
        parts: dict[str, object] = {"settings": prepared.settings, "limits": campaign.limits()}
        return parts | {"dot": prepared.dot, "engine": prepared.engine.version, "versions": versions()}

    def _identity(self) -> str:
        """Digest of what the rows depend on, and of their list."""
        campaign = self.campaign
        files = [path for path in (campaign.library,) if path is not None and is_file(path)]
        return identity_of({"input": self._listed.sha256 or campaign.input, **self.depends_on()}, files)


def run_screens(
    screens: Sequence[DotScreen], listed: ListedRows, workers: Workers, *, quiet: bool
) -> list[ScreenOutcome]:
    """Screen one list on the dots of some screens; they differ in nothing but dot and folder.

    A screen that came to its end before is not run again; what it found is found there.

    Raises
    ------
    InputError
        if the list cannot be used, or a folder holds the results of another run.
    StoreError
        if a folder or the store cannot be used; what was stored before is kept.
    """
    listed.begin()
    known = [item.known() for item in screens]
    waiting = [item for item, outcome in zip(screens, known, strict=True) if outcome is None]
    try:
        ended = iter(_run(waiting, listed, workers, quiet=quiet) if waiting else ())
    except OSError as error:
        # Those of several dots lie on one disk.
        raise unwritable(waiting[0].out, error) from error
    return [outcome or next(ended) for outcome in known]


def _run(
    screens: Sequence[DotScreen], listed: ListedRows, workers: Workers, *, quiet: bool
) -> list[ScreenOutcome]:
    workers.start()
    first = screens[0]
    campaign, settings = first.campaign, first.prepared.settings
    verdicts, failures = first.verdicts, first.failures
    with (
        open_store(campaign.store or first.out / "calculations.db") as store,
        ExitStack() as stack,
        Progress(_count(campaign.input) if is_file(campaign.input) else None, quiet=quiet) as progress,
    ):
        settings, not_computed = described(settings.model_copy(update={"announce": not quiet}), store)
        for item in screens:
            item.open(stack)
        # Closed before the store, which it may still have to write to.
        rows = stack.enter_context(
            closing(
                stream(
                    listed,
                    [item.prepared.dot for item in screens],
                    settings,
                    tell=tabled,
                    kept=KeptRows([item.depends_on() for item in screens]),
                    store=store,
                    make_executor=workers,
                    workers=workers.capacity,
                    limits=campaign.limits(),
                )
            )
        )
        for row in rows:
            for item, on_dot in zip(screens, row, strict=True):
                item.take(on_dot)
            progress.advance(verdicts, failures)
        for item in screens:
            item.all_taken()
    own = own_words(settings.own, not_computed)
    return [item.end(own) for item in screens]
