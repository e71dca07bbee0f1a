"""The commands over a list of molecules: screen and rank."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import NoReturn

import typer

from echemscreen.commands.endings import for_a_reader
from echemscreen.commands.options import QuietOption, RowsAsJsonOption, asks
from echemscreen.options.runs import DOTS_SEPARATOR, RankOptions, ScreenOptions


@asks
def screen(asked: ScreenOptions, *, as_json: RowsAsJsonOption = False, quiet: QuietOption = False) -> None:
    """Screen a list of molecules against a dot; the table, the database and the diagram go to OUT.

    Of several dots (--qd A,B) each has its folder in OUT, and by_dot.csv has their verdicts side by side.
    """
    if DOTS_SEPARATOR in asked.qd:
        _screen_on_each(asked, as_json=as_json, quiet=quiet)
    with ExitStack() as stack:
        from echemscreen.screening.workers.executors import uncollected  # noqa: PLC0415
        from echemscreen.screening.workers.starting import start_ahead, workers_of  # noqa: PLC0415 - nothing for --help

        # The workers start first: they load the chemistry while this process does.
        workers = stack.enter_context(workers_of(asked))
        start_ahead(workers, asked.out)
        with uncollected():
            from echemscreen.campaign.screening import ScreenCampaign  # noqa: PLC0415
            from echemscreen.screening.runs.run_folder import RunFolder  # noqa: PLC0415
            from echemscreen.views.tables import table  # noqa: PLC0415

        # Taken until the rows are printed: they are those of this run.
        folder = stack.enter_context(RunFolder(asked.out))
        outcome = ScreenCampaign.made_of(asked).run(quiet=quiet, workers=workers, folder=folder)
        with for_a_reader():
            if as_json:
                for row in table.stream_results(outcome.out / "results.csv"):
                    sys.stdout.write(f"{table.json_line(row)}\n")
            elif not quiet:
                table.print_summary(table.stream_results(outcome.out / "results.csv"))
                typer.echo(outcome.summary())
        raise typer.Exit(outcome.exit_status)


def _screen_on_each(asked: ScreenOptions, *, as_json: bool, quiet: bool) -> NoReturn:
    from echemscreen.campaign.many_dots import screen_on_each  # noqa: PLC0415 - engines when needed

    outcome = screen_on_each(asked, asked.qd.split(DOTS_SEPARATOR), quiet=quiet)
    with for_a_reader():
        if as_json:
            sys.stdout.write(outcome.table().to_json(orient="records", lines=True))
        elif not quiet:
            typer.echo(outcome.summary())
    raise typer.Exit(outcome.exit_status)


@asks
def rank(asked: RankOptions, *, as_json: RowsAsJsonOption = False, quiet: QuietOption = False) -> None:
    """Rank crosslinkers by what they do before, during and after the light; tables and figures go to OUT."""
    with ExitStack() as stack:
        from echemscreen.campaign.ranking import RankCampaign  # noqa: PLC0415 - engines are loaded when they are needed
        from echemscreen.screening.runs.run_folder import RunFolder  # noqa: PLC0415
        from echemscreen.views.ranking import ranking_table  # noqa: PLC0415

        folder = stack.enter_context(RunFolder(asked.out))
        outcome = RankCampaign.made_of(asked).run(quiet=quiet, folder=folder)
        with for_a_reader():
            if as_json:
                sys.stdout.write(outcome.table().to_json(orient="records", lines=True))
            elif not quiet:
                ranking_table.print_summary(outcome.rows)
                typer.echo(outcome.summary())
        raise typer.Exit(outcome.exit_status)
