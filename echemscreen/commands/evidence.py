"""The commands that show what the numbers are worth: calibrate and validate."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.endings import EXIT_INTERNAL
from echemscreen.commands.options import asks
from echemscreen.errors import InputError
from echemscreen.options.pictures import FigureOptions
from echemscreen.options.runs import ListOptions
from echemscreen.screening.runs.run_folder import RunFolder


@asks
def calibrate(
    *,
    recompute: Annotated[
        bool,
        typer.Option(
            "--recompute", help="Compute the descriptors of the reference molecules again (minutes)."
        ),
    ] = False,
    missing: Annotated[
        bool, typer.Option("--missing", help="Compute the descriptors of reference molecules without any.")
    ] = False,
    engine: Annotated[str, typer.Option(help="Engine whose descriptors are recomputed.")] = "tblite",
    workers: Annotated[int | None, ListOptions] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the new tables; nothing is written by default.")
    ] = None,
    transfer: Annotated[
        bool, typer.Option("--transfer", help="Fit the rates of charge transfer instead (minutes).")
    ] = False,
    binding: Annotated[
        bool, typer.Option("--binding", help="Print the errors of bound forms instead.")
    ] = False,
    edges: Annotated[bool, typer.Option("--edges", help="Fit the axis of band edges instead.")] = False,
    absorption: Annotated[
        bool, typer.Option("--absorption", help="Print the errors of computed absorption spectra instead.")
    ] = False,
    advise: Annotated[
        str | None,
        typer.Option(
            "--advise",
            metavar="LIST",
            help="Name the molecules of a list whose reference value would decide the most verdicts.",
        ),
    ] = None,
    qd: Annotated[str, typer.Option(metavar="QD", help="The dot of --advise.")] = "pu2020-red",
    with_file: Annotated[
        Path | None,
        typer.Option(
            "--with",
            metavar="FILE.csv",
            help="Your own measured (or refined) potentials: what they do for each other, before and after.",
        ),
    ] = None,
    left_out: Annotated[
        list[str] | None,
        typer.Option(
            "--left-out",
            metavar="NAME|SMILES|all",
            help="What the fit says of a reference molecule without its rows, and what teaches it; "
            "or the errors of all by domain and class. Repeatable.",
        ),
    ] = None,
    replace: Annotated[bool, ListOptions] = False,
) -> None:
    """Refit the shipped calibration from the shipped rows, and compare."""
    with ExitStack() as stack:
        _only_one(
            {
                "--transfer": transfer,
                "--binding": binding,
                "--edges": edges,
                "--absorption": absorption,
                "--advise": advise is not None,
                "--with": with_file is not None,
                "--left-out": bool(left_out),
            }
        )
        folder = None if out is None else stack.enter_context(RunFolder(out))
        if advise is not None:
            from echemscreen.campaign.advising import advise as advised  # noqa: PLC0415

            report_line = partial(typer.echo, err=True)
            typer.echo(advised(advise, qd, engine=engine, workers=workers, report=report_line).text())
            return
        if with_file is not None:
            from echemscreen.evidence.own_errors import own_errors  # noqa: PLC0415

            typer.echo(own_errors(with_file, engine=engine).text())
            return
        if left_out:
            from echemscreen.evidence.left_out import left_out_text  # noqa: PLC0415

            typer.echo(left_out_text(left_out, engine))
            return
        if transfer:
            from echemscreen.evidence import transfer_fit  # noqa: PLC0415

            typer.echo(transfer_fit.transfer_table())
            return
        if binding:
            from echemscreen.evidence import bound_errors  # noqa: PLC0415

            typer.echo(bound_errors.binding_table())
            return
        if absorption:
            from echemscreen.evidence import absorption_errors  # noqa: PLC0415

            typer.echo(absorption_errors.absorption_table())
            return
        if edges:
            from echemscreen.evidence import edge_errors  # noqa: PLC0415

            _take(folder, edge_errors.MODEL_TABLE, replace=replace)
            text, agrees = edge_errors.calibrated_edges(out)
            typer.echo(text)
            raise typer.Exit(0 if agrees else EXIT_INTERNAL)
        from echemscreen.evidence.references import reference_runs  # noqa: PLC0415
        from echemscreen.levels.fit.calibration import FITS_TABLE  # noqa: PLC0415

        _take(folder, FITS_TABLE, replace=replace)
        report = reference_runs.calibrate(
            recompute=recompute, missing=missing, engine=engine, workers=workers, out=out
        )
        typer.echo(report.text())
        raise typer.Exit(0 if report.agrees else EXIT_INTERNAL)


@asks
def validate(
    look: FigureOptions,
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Vertical levels and the main facts only, under two minutes.")
    ] = False,
    workers: Annotated[int | None, ListOptions] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for calibration.svg and .png: predicted against reference.")
    ] = None,
) -> None:
    """Print the cross-validated errors, and the published facts as expected, got, ok."""
    with ExitStack() as stack:
        if out is not None:
            _take(stack.enter_context(RunFolder(out)))
        from echemscreen.campaign import validation  # noqa: PLC0415
        from echemscreen.campaign.outcomes.figure_style import style_of  # noqa: PLC0415

        report = validation.validate(quick=quick, workers=workers, out=out, style=style_of(look))
        typer.echo(report.text())
        raise typer.Exit(EXIT_INTERNAL if report.n_broken or report.n_wrong_observations else 0)


def _only_one(asked: Mapping[str, bool]) -> None:
    """Refuse two fits at once."""
    given = [option for option, is_asked in asked.items() if is_asked]
    if len(given) > 1:
        raise InputError(f"{' and '.join(given)} are fits of their own.", "Ask for one of them.")


def _take(folder: RunFolder | None, table: str = "", *, replace: bool = False) -> None:
    """Take the folder before the minutes of a fit, not after them; the table of another fit stays.

    Raises
    ------
    StoreError
        if another run is in the folder, or it cannot be written.
    InputError
        if the table is there and is not to be replaced.
    """
    if folder is None:
        return
    folder.take("calibrate or validate")
    if table and not replace and (folder.path / table).exists():
        raise InputError(
            f"The folder {folder.path} holds {table} of another fit.",
            "Name another --out, or overwrite it with --replace.",
        )
