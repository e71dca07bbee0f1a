"""The commands over a list of molecules: screen and rank."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from echemscreen.commands.options import (
    AbsorptionOption,
    CbmEvOption,
    CbmOption,
    CbmSigmaOption,
    ConformersOption,
    CounterIonOption,
    DaskOption,
    EmissionOption,
    EngineOption,
    FilmOption,
    FormChoice,
    FormsOption,
    FullTailsOption,
    GapOption,
    InputArgument,
    Level,
    LibraryOption,
    MediumOption,
    MemoryLimitOption,
    OwnOption,
    QdOption,
    QuietOption,
    ReplaceOption,
    RowsAsJsonOption,
    SolventOption,
    StoreOption,
    TemperatureOption,
    TimeLimitOption,
    VbmOption,
    VbmSheOption,
    VbmSigmaOption,
    WorkersOption,
    clear_errors,
    metals_of,
)
from echemscreen.commands.streams import for_a_reader


class Atmosphere(StrEnum):
    """What a film is exposed in."""

    n2 = "n2"
    air = "air"


def screen(  # noqa: PLR0917 - typer reads the options from the signature
    source: InputArgument,
    qd: QdOption,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("results"),
    replace: ReplaceOption = False,
    solvent: SolventOption = "acetonitrile",
    engine: EngineOption = "tblite",
    level: Annotated[Level, typer.Option(help="What is relaxed.")] = Level.standard,
    conformers: ConformersOption = 1,
    forms: FormsOption = FormChoice.bound,
    counter_ion: CounterIonOption = "",
    film: FilmOption = False,
    full_tails: FullTailsOption = False,
    medium: MediumOption = "water-free",
    temperature: TemperatureOption = 298.15,
    ligand_dipole: Annotated[
        bool,
        typer.Option("--ligand-dipole", help="Move the edges by the dipoles of a shell of each ligand."),
    ] = False,
    coverage: Annotated[
        float | None, typer.Option(help="Ligands per nm2, for --ligand-dipole; cited by default.")
    ] = None,
    layer_permittivity: Annotated[
        float | None,
        typer.Option(help="Relative permittivity of the layer, for --ligand-dipole; cited by default."),
    ] = None,
    absorption: AbsorptionOption = None,
    measured: OwnOption = None,
    library: LibraryOption = None,
    workers: WorkersOption = None,
    store: StoreOption = None,
    dask: DaskOption = None,
    time_limit: TimeLimitOption = 1800.0,
    memory_limit: MemoryLimitOption = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="Write results.parquet too.")] = False,
    xlsx: Annotated[
        bool, typer.Option("--xlsx", help="Write results.xlsx too, with drawings of the structures.")
    ] = False,
    p_active: Annotated[float, typer.Option(help="Probability from which a row is active.")] = 0.75,
    p_inert: Annotated[float, typer.Option(help="Probability up to which a row is inert.")] = 0.10,
    emission: EmissionOption = None,
    cbm_v_she: CbmOption = None,
    cbm_ev: CbmEvOption = None,
    cbm_sigma: CbmSigmaOption = None,
    vbm_v_she: VbmSheOption = None,
    vbm_ev: VbmOption = None,
    vbm_sigma: VbmSigmaOption = None,
    gap_ev: GapOption = None,
    as_json: RowsAsJsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Screen a list of molecules against a dot; the table, the database and the diagram go to OUT."""
    with clear_errors(), ExitStack() as stack:
        from echemscreen.campaign.starting import pools_for, start_ahead  # noqa: PLC0415 - nothing for --help
        from echemscreen.screening.workers.executors import uncollected  # noqa: PLC0415

        # The workers start first: they load the chemistry while this process does.
        pools = None if dask else pools_for(source, engine=engine, workers=workers)
        if pools is not None:
            start_ahead(stack.enter_context(pools), out)
        with uncollected():
            from echemscreen.campaign.screening import ScreenCampaign  # noqa: PLC0415
            from echemscreen.screening.runs.run_folder import RunFolder  # noqa: PLC0415
            from echemscreen.views.tables import table  # noqa: PLC0415

        # Taken until the rows are printed: they are those of this run.
        folder = stack.enter_context(RunFolder(out))
        run = ScreenCampaign.validated(
            input=source,
            qd=qd,
            out=out,
            replace=replace,
            solvent=solvent,
            engine=engine,
            level=level.value,
            conformers=conformers,
            forms=forms.value,
            counter_ion=metals_of(counter_ion),
            film=film,
            full_tails=full_tails,
            medium=medium,
            temperature_k=temperature,
            ligand_dipole=ligand_dipole,
            coverage_per_nm2=coverage,
            layer_permittivity=layer_permittivity,
            absorption=absorption,
            measured=measured,
            library=library,
            workers=workers,
            store=store,
            dask=dask,
            time_limit_s=time_limit,
            memory_limit_mib=memory_limit,
            parquet=parquet,
            xlsx=xlsx,
            p_active=p_active,
            p_inert=p_inert,
            emission_nm=emission,
            cbm_v_she=cbm_v_she,
            cbm_ev=cbm_ev,
            cbm_sigma_v=cbm_sigma,
            vbm_v_she=vbm_v_she,
            vbm_ev=vbm_ev,
            vbm_sigma_ev=vbm_sigma,
            gap_ev=gap_ev,
        )
        outcome = run.run(quiet=quiet, pools=pools, folder=folder)
        with for_a_reader():
            if as_json:
                for row in table.stream_results(outcome.out / "results.csv"):
                    sys.stdout.write(f"{table.json_line(row)}\n")
            elif not quiet:
                table.print_summary(table.stream_results(outcome.out / "results.csv"))
                typer.echo(outcome.summary())
        raise typer.Exit(outcome.exit_status)


def rank(  # noqa: PLR0917 - typer reads the options from the signature
    source: InputArgument,
    qd: QdOption,
    lamp: Annotated[float, typer.Option(metavar="NM", help="Wavelength of the lamp.")] = 365.0,
    atmosphere: Annotated[Atmosphere, typer.Option(help="What the film is exposed in.")] = Atmosphere.n2,
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML file with weights of your own.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("ranking"),
    replace: ReplaceOption = False,
    full_for: Annotated[int, typer.Option(help="Candidates assessed in full.")] = 30,
    shown_for: Annotated[int, typer.Option(help="Candidates with spectra and the whole ledger.")] = 10,
    solvent: SolventOption = "acetonitrile",
    engine: EngineOption = "tblite",
    level: Annotated[Level, typer.Option(help="What is relaxed of the best.")] = Level.standard,
    conformers: ConformersOption = 1,
    forms: FormsOption = FormChoice.bound,
    counter_ion: CounterIonOption = "",
    film: FilmOption = False,
    full_tails: FullTailsOption = False,
    medium: MediumOption = "water-free",
    temperature: TemperatureOption = 298.15,
    absorption: AbsorptionOption = None,
    measured: OwnOption = None,
    library: LibraryOption = None,
    workers: WorkersOption = None,
    store: StoreOption = None,
    dask: DaskOption = None,
    time_limit: TimeLimitOption = 1800.0,
    memory_limit: MemoryLimitOption = None,
    p_active: Annotated[float, typer.Option(help="Probability from which a member is active.")] = 0.75,
    p_inert: Annotated[float, typer.Option(help="Probability up to which a member is inert.")] = 0.10,
    emission: EmissionOption = None,
    cbm_v_she: CbmOption = None,
    cbm_ev: CbmEvOption = None,
    cbm_sigma: CbmSigmaOption = None,
    vbm_v_she: VbmSheOption = None,
    vbm_ev: VbmOption = None,
    vbm_sigma: VbmSigmaOption = None,
    gap_ev: GapOption = None,
    as_json: RowsAsJsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Rank crosslinkers by what they do before, during and after the light; tables and figures go to OUT."""
    with clear_errors(), ExitStack() as stack:
        from echemscreen.campaign.ranking import RankCampaign  # noqa: PLC0415 - engines are loaded when they are needed
        from echemscreen.screening.runs.run_folder import RunFolder  # noqa: PLC0415
        from echemscreen.views.ranking import ranking_table  # noqa: PLC0415

        folder = stack.enter_context(RunFolder(out))
        run = RankCampaign.validated(
            input=source,
            qd=qd,
            lamp_nm=lamp,
            atmosphere=atmosphere.value,
            weights=weights,
            out=out,
            replace=replace,
            full_for=full_for,
            shown_for=shown_for,
            solvent=solvent,
            engine=engine,
            level=level.value,
            conformers=conformers,
            forms=forms.value,
            counter_ion=metals_of(counter_ion),
            film=film,
            full_tails=full_tails,
            medium=medium,
            temperature_k=temperature,
            absorption=absorption,
            measured=measured,
            library=library,
            workers=workers,
            store=store,
            dask=dask,
            time_limit_s=time_limit,
            memory_limit_mib=memory_limit,
            p_active=p_active,
            p_inert=p_inert,
            emission_nm=emission,
            cbm_v_she=cbm_v_she,
            cbm_ev=cbm_ev,
            cbm_sigma_v=cbm_sigma,
            vbm_v_she=vbm_v_she,
            vbm_ev=vbm_ev,
            vbm_sigma_ev=vbm_sigma,
            gap_ev=gap_ev,
        )
        outcome = run.run(quiet=quiet, folder=folder)
        with for_a_reader():
            if as_json:
                sys.stdout.write(outcome.table().to_json(orient="records", lines=True))
            elif not quiet:
                ranking_table.print_summary(outcome.rows)
                typer.echo(outcome.summary())
        raise typer.Exit(outcome.exit_status)
