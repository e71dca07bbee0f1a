"""The command line: argument parsing only; every command is one call of a public function."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(
    name="echemscreen",
    help="Which quantum-dot ligands and crosslinkers the injected charge reduces or oxidises.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
library_app = typer.Typer(help="The ligand library.", no_args_is_help=True)
app.add_typer(library_app, name="library")

EXIT_INTERNAL, EXIT_INPUT, EXIT_INTERRUPTED = 1, 2, 130


class Level(StrEnum):
    """How much is relaxed."""

    fast = "fast"
    standard = "standard"
    full = "full"
    refined = "refined"


class FormChoice(StrEnum):
    """Which forms of a molecule are judged."""

    bound = "bound"
    free = "free"
    all = "all"


class Scale(StrEnum):
    """Reference of the diagram's axis."""

    she = "she"
    vacuum = "vacuum"
    fc = "fc"
    sce = "sce"


class Atmosphere(StrEnum):
    """What a film is exposed in."""

    n2 = "n2"
    air = "air"


class BuildKind(StrEnum):
    """What the builders enumerate."""

    ligands = "ligands"
    crosslinkers = "crosslinkers"


RangeOption = Annotated[str, typer.Option(metavar="MIN-MAX", help="MIN-MAX, MIN- or -MAX; inclusive.")]
QdOption = Annotated[str, typer.Option("--qd", help="Preset, bulk material, or CORE:NM[/SHELL:NM...].")]
CbmOption = Annotated[
    float | None, typer.Option("--cbm-v-she", help="Your measured conduction-band edge, V vs SHE.")
]
CbmSigmaOption = Annotated[float | None, typer.Option("--cbm-sigma", help="Its standard deviation, V.")]
VbmOption = Annotated[
    float | None, typer.Option("--vbm-ev", help="Your measured valence-band edge, eV vs vacuum.")
]
VbmSigmaOption = Annotated[float | None, typer.Option("--vbm-sigma", help="Its standard deviation, eV.")]
EmissionOption = Annotated[
    float | None,
    typer.Option("--emission", help="Wavelength in nm at which the dot emits: solves for the core size."),
]
LibraryOption = Annotated[
    Path | None, typer.Option("--library", help="CSV file of your own ligands, for library:NAME.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@contextmanager
def _clear_errors() -> Iterator[None]:
    """One clear sentence and exit status 2 instead of a traceback."""
    from echemscreen.errors import EchemscreenError  # noqa: PLC0415 - nothing is loaded for --help

    try:
        yield
    except EchemscreenError as error:
        typer.echo(f"echemscreen: {error}", err=True)
        raise typer.Exit(EXIT_INPUT) from error
    except KeyboardInterrupt:
        typer.echo(
            "echemscreen: interrupted; what is finished is stored, the same command goes on from there.",
            err=True,
        )
        raise typer.Exit(EXIT_INTERRUPTED) from None


@app.command()
def screen(  # noqa: PLR0917 - typer reads the options from the signature
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help=".smi, .csv, .tsv, .sdf (.gz), '-' or library:NAME")
    ],
    qd: QdOption,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("results"),
    solvent: Annotated[str, typer.Option(help="Implicit solvent.")] = "acetonitrile",
    engine: Annotated[str, typer.Option(help="tblite or xtb.")] = "tblite",
    level: Annotated[Level, typer.Option(help="What is relaxed.")] = Level.standard,
    conformers: Annotated[int, typer.Option(help="Start geometries per species.")] = 1,
    forms: Annotated[FormChoice, typer.Option(help="As bound on the dot, free, or both.")] = FormChoice.bound,
    counter_ion: Annotated[
        str, typer.Option(help="Metals of extra salt forms, such as Cd,Zn (with --forms all).")
    ] = "",
    film: Annotated[bool, typer.Option("--film", help="Correct for a film of low permittivity.")] = False,
    medium: Annotated[
        str,
        typer.Option(
            metavar="FILE|NAME",
            help="What binds free metal ions: water-free, complexed (by their own anions), amine, "
            "ammonia, or a CSV file of stability constants.",
        ),
    ] = "water-free",
    temperature: Annotated[
        float, typer.Option(help="K; of the Nernst term of complexes (tabulated E0 stay those of 25 C).")
    ] = 298.15,
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
    library: LibraryOption = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; all cores by default.")] = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="PATH|postgresql://...",
            help="Database of computed levels; OUT/calculations.db by default.",
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Dask scheduler of the workers: tcp://HOST:8786"),
    ] = None,
    time_limit: Annotated[
        float, typer.Option(help="Seconds one molecule may take (ten times that under refined).")
    ] = 1800.0,
    memory_limit: Annotated[
        float | None, typer.Option(metavar="MIB", help="Memory that one molecule may take, MiB (Linux).")
    ] = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="Write results.parquet too.")] = False,
    p_active: Annotated[float, typer.Option(help="Probability from which a row is active.")] = 0.75,
    p_inert: Annotated[float, typer.Option(help="Probability up to which a row is inert.")] = 0.10,
    emission: EmissionOption = None,
    cbm_v_she: CbmOption = None,
    cbm_sigma: CbmSigmaOption = None,
    vbm_ev: VbmOption = None,
    vbm_sigma: VbmSigmaOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON lines.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no table.")] = False,
) -> None:
    """Screen a list of molecules against a dot; the table, the database and the diagram go to OUT."""
    with _clear_errors():
        from echemscreen import campaign  # noqa: PLC0415 - engines are loaded when they are needed
        from echemscreen.views import table  # noqa: PLC0415

        run = campaign.ScreenCampaign.validated(
            input=source,
            qd=qd,
            out=out,
            solvent=solvent,
            engine=engine,
            level=level.value,
            conformers=conformers,
            forms=forms.value,
            counter_ion=tuple(part.strip() for part in counter_ion.split(",") if part.strip()),
            film=film,
            medium=medium,
            temperature_k=temperature,
            ligand_dipole=ligand_dipole,
            coverage_per_nm2=coverage,
            layer_permittivity=layer_permittivity,
            library=library,
            workers=workers,
            store=store,
            dask=dask,
            time_limit_s=time_limit,
            memory_limit_mib=memory_limit,
            parquet=parquet,
            p_active=p_active,
            p_inert=p_inert,
            emission_nm=emission,
            cbm_v_she=cbm_v_she,
            cbm_sigma_v=cbm_sigma,
            vbm_ev=vbm_ev,
            vbm_sigma_ev=vbm_sigma,
        )
        outcome = run.run(quiet=quiet)
        if as_json:
            for row in table.stream_results(outcome.out / "results.csv"):
                sys.stdout.write(f"{table.json_line(row)}\n")
        elif not quiet:
            table.print_summary(table.stream_results(outcome.out / "results.csv"))
            typer.echo(outcome.summary())
        raise typer.Exit(outcome.exit_status)


@app.command()
def rank(  # noqa: PLR0917 - typer reads the options from the signature
    source: Annotated[
        str, typer.Argument(metavar="INPUT", help=".smi, .csv, .tsv, .sdf (.gz), '-' or library:NAME")
    ],
    qd: QdOption,
    lamp: Annotated[float, typer.Option(metavar="NM", help="Wavelength of the lamp.")] = 365.0,
    atmosphere: Annotated[Atmosphere, typer.Option(help="What the film is exposed in.")] = Atmosphere.n2,
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="YAML file with weights of your own.")
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("ranking"),
    full_for: Annotated[int, typer.Option(help="Candidates assessed in full.")] = 30,
    shown_for: Annotated[int, typer.Option(help="Candidates with spectra and the whole ledger.")] = 10,
    solvent: Annotated[str, typer.Option(help="Implicit solvent.")] = "acetonitrile",
    engine: Annotated[str, typer.Option(help="tblite or xtb.")] = "tblite",
    level: Annotated[Level, typer.Option(help="What is relaxed of the best.")] = Level.standard,
    conformers: Annotated[int, typer.Option(help="Start geometries per species.")] = 1,
    forms: Annotated[FormChoice, typer.Option(help="As bound on the dot, free, or both.")] = FormChoice.bound,
    film: Annotated[bool, typer.Option("--film", help="Correct for a film of low permittivity.")] = False,
    library: LibraryOption = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes; all cores by default.")] = None,
    store: Annotated[
        str | None, typer.Option(help="Database of computed levels; OUT/calculations.db by default.")
    ] = None,
    time_limit: Annotated[float, typer.Option(help="Seconds one relaxation may take.")] = 1800.0,
    p_active: Annotated[float, typer.Option(help="Probability from which a member is active.")] = 0.75,
    p_inert: Annotated[float, typer.Option(help="Probability up to which a member is inert.")] = 0.10,
    cbm_v_she: CbmOption = None,
    cbm_sigma: CbmSigmaOption = None,
    vbm_ev: VbmOption = None,
    vbm_sigma: VbmSigmaOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rows as JSON lines.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress and no table.")] = False,
) -> None:
    """Rank crosslinkers by what they do before, during and after the light; tables and figures go to OUT."""
    with _clear_errors():
        from echemscreen import rank_campaign  # noqa: PLC0415 - engines are loaded when they are needed
        from echemscreen.views import ranking_table  # noqa: PLC0415

        run = rank_campaign.RankCampaign.validated(
            input=source,
            qd=qd,
            lamp_nm=lamp,
            atmosphere=atmosphere.value,
            weights=weights,
            out=out,
            full_for=full_for,
            shown_for=shown_for,
            solvent=solvent,
            engine=engine,
            level=level.value,
            conformers=conformers,
            forms=forms.value,
            film=film,
            library=library,
            workers=workers,
            store=store,
            time_limit_s=time_limit,
            p_active=p_active,
            p_inert=p_inert,
            cbm_v_she=cbm_v_she,
            cbm_sigma_v=cbm_sigma,
            vbm_ev=vbm_ev,
            vbm_sigma_ev=vbm_sigma,
        )
        outcome = run.run(quiet=quiet)
        if as_json:
            sys.stdout.write(outcome.table().to_json(orient="records", lines=True))
        elif not quiet:
            ranking_table.print_summary(outcome.rows)
            typer.echo(outcome.summary())
        raise typer.Exit(outcome.exit_status)


@app.command()
def diagram(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a finished screen.")],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="FILE.svg, .png or .pdf")] = None,
    scale: Annotated[Scale, typer.Option(help="Reference of the axis.")] = Scale.she,
    top: Annotated[int | None, typer.Option(help="Only the N largest drives.", min=1)] = None,
    stack: Annotated[
        str | None, typer.Option(metavar="PRESET", help="Draw the whole device: pu2020, lu2022 ...")
    ] = None,
) -> None:
    """Draw the alignment diagram of a screen, or the whole device around it."""
    with _clear_errors():
        from echemscreen import campaign  # noqa: PLC0415

        path = output or folder / ("alignment.svg" if stack is None else f"{stack}.svg")
        typer.echo(str(campaign.draw(folder, path, scale=scale.value, top=top, stack=stack)))


@app.command()
def qd(  # noqa: PLR0917 - typer reads the options from the signature
    spec: Annotated[
        str,
        typer.Argument(
            metavar="QD", help="Preset, bulk material, or CORE:NM[/SHELL:NM...]; CORE:? with --emission."
        ),
    ],
    as_json: JsonOption = False,
    emission: EmissionOption = None,
    cbm_v_she: CbmOption = None,
    cbm_sigma: CbmSigmaOption = None,
    vbm_ev: VbmOption = None,
    vbm_sigma: VbmSigmaOption = None,
) -> None:
    """Show a dot: band edges, exciton, carriers at the surface, metal couples."""
    with _clear_errors():
        from echemscreen.dots.quantum_dot import describe, quantum_dot  # noqa: PLC0415

        dot = quantum_dot(
            spec,
            emission_nm=emission,
            cbm_v_she=cbm_v_she,
            cbm_sigma_v=cbm_sigma,
            vbm_ev=vbm_ev,
            vbm_sigma_ev=vbm_sigma,
        )
        content = describe(dot)
        if as_json:
            typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
        else:
            _print_dot(content)


@app.command()
def sweep(
    spec: Annotated[
        str,
        typer.Argument(
            metavar="CORE:MIN-MAX[:STEP][/SHELL:...]",
            help="Ranges of the core diameter and of shell thicknesses in nm; a layer may have one size.",
        ),
    ],
    ligand: Annotated[
        str | None, typer.Option("--ligand", metavar="SMILES", help="Judge this ligand on every dot.")
    ] = None,
    as_json: JsonOption = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.csv, .svg, .png or .pdf")
    ] = None,
) -> None:
    """Sweep the sizes of a dot: edges, exciton, and where a ligand becomes inert or active."""
    with _clear_errors():
        from echemscreen import campaign  # noqa: PLC0415 - engines are loaded when they are needed
        from echemscreen.views import sweep_table  # noqa: PLC0415

        if output is not None:
            campaign.check_sweep_output(output, spec)
        found = campaign.sweep(spec, ligand)
        content = found.describe()
        if output is not None:
            campaign.write_sweep(found, output)
        if as_json:
            typer.echo(json.dumps(content, indent=2, ensure_ascii=False))
            return
        sweep_table.print_sweep(content, found.notes())
        if output is not None:
            typer.echo(f"written to {output}")


@library_app.command("list")
def library_list(
    members: Annotated[bool, typer.Option("--members", help="Name every member.")] = False,
    library: LibraryOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the families with their counts, binding, mechanism and stimulus."""
    with _clear_errors():
        from echemscreen.ligands.library import families  # noqa: PLC0415

        entries = families(library)
        if as_json:
            typer.echo(json.dumps(entries, indent=2, ensure_ascii=False))
            return
        for entry in entries:
            names = [str(name) for name in entry["members"]]
            count = f"{len(names)} member{'' if len(names) == 1 else 's'}"
            binding = f"binds as {', '.join(entry['binding'])}" if entry["binding"] else "does not bind"
            typer.echo(f"{entry['family']}: {count}, {entry['role']}, {binding}")
            stimulus = entry["stimulus"].replace(";", ", ") + (
                f" ({', '.join(entry['wavelength_nm'])} nm)" if entry["wavelength_nm"] else ""
            )
            for label, text in (
                ("mechanism", entry["mechanism"]),
                ("stimulus", stimulus),
                ("rule of use", entry["rule_of_use"]),
            ):
                if text:
                    typer.echo(f"  {label}: {text}")
            if members:
                for name in names:
                    typer.echo(f"  - {name}")


@library_app.command("show")
def library_show(
    name: Annotated[str, typer.Argument(help="Name of a member.")],
    library: LibraryOption = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Draw the structure: FILE.svg or .png")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show one entry: structure, formula, mass, how it binds, what light makes of it, source."""
    with _clear_errors():
        from echemscreen.ligands.library import show  # noqa: PLC0415

        entry = show(name, library)
        if output is not None:
            from echemscreen.views.structure import draw_structure  # noqa: PLC0415

            draw_structure(entry["smiles"], output, legend=f"{entry['name']}  {entry['formula']}")
        if as_json:
            typer.echo(json.dumps(entry, indent=2, ensure_ascii=False))
            return
        _print_entry(entry)
        if output is not None:
            typer.echo(f"drawing: {output}")


@library_app.command("build")
def library_build(  # noqa: PLR0917 - typer reads the options from the signature
    kind: Annotated[BuildKind, typer.Argument(help="What is enumerated.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="FILE.smi (.gz); standard output by default.")
    ] = None,
    limit: Annotated[int | None, typer.Option(help="Stop after this many.", min=1)] = None,
    mass: RangeOption = "",
    heavy_atoms: RangeOption = "",
    rotatable: RangeOption = "",
    log_p: RangeOption = "",
    anchors: RangeOption = "",
    max_sa: Annotated[
        float | None, typer.Option(help="Largest synthetic-accessibility score (1 easy, 10 hard).")
    ] = None,
    stereo: Annotated[bool, typer.Option("--stereo", help="Enumerate undefined stereocentres.")] = False,
) -> None:
    """Enumerate ligands or crosslinkers from the cited building blocks, one SMILES and name a line."""
    with _clear_errors():
        from echemscreen.ligands import build  # noqa: PLC0415

        limits = build.BuildFilter.from_ranges(
            molar_mass_da=mass,
            n_heavy=heavy_atoms,
            n_rotatable=rotatable,
            log_p=log_p,
            n_anchors=anchors,
            max_synthetic_accessibility=max_sa,
        )
        built = build.build(kind.value, limits=limits, limit=limit, stereo=stereo)
        count = build.write_smi(built, output)
        if output is not None:
            typer.echo(f"{count} {kind.value} written to {output}")


@app.command()
def calibrate(  # noqa: PLR0917 - typer reads the options from the signature
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
    workers: Annotated[int | None, typer.Option(help="Worker processes.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the new tables; nothing is written by default.")
    ] = None,
    binding: Annotated[bool, typer.Option("--binding", help="Compute the binding shifts instead.")] = False,
) -> None:
    """Refit the shipped calibration from the shipped rows, and compare."""
    with _clear_errors():
        from echemscreen.screening import reference_runs  # noqa: PLC0415

        if binding:
            typer.echo(reference_runs.binding_table(workers=workers))
            return
        report = reference_runs.calibrate(
            recompute=recompute, missing=missing, engine=engine, workers=workers, out=out
        )
        typer.echo(report.text())
        raise typer.Exit(0 if report.agrees else EXIT_INTERNAL)


@app.command()
def validate(
    quick: Annotated[
        bool, typer.Option("--quick", help="Vertical levels and the main facts only, under two minutes.")
    ] = False,
    workers: Annotated[int | None, typer.Option(help="Worker processes.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for calibration.svg and .png: predicted against reference.")
    ] = None,
) -> None:
    """Print the cross-validated errors, and the published facts as expected, got, ok."""
    with _clear_errors():
        from echemscreen import validation  # noqa: PLC0415

        report = validation.validate(quick=quick, workers=workers, out=out)
        typer.echo(report.text())
        raise typer.Exit(EXIT_INTERNAL if report.n_broken else 0)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Of this computer; 0 takes a free one.", min=0, max=65535)] = 8765,
    out: Annotated[Path, typer.Option(help="Folder of the screens.")] = Path("results/served"),
) -> None:
    """Serve the local page, to this computer only: paste molecules, pick a dot, watch, open the result."""
    with _clear_errors():
        from echemscreen import server  # noqa: PLC0415 - engines are loaded when they are needed

        server.serve(port, out, say=typer.echo)


def _print_entry(entry: dict[str, Any]) -> None:
    """An entry for a reader: a line a fact, a dash a product or a form; what is blank is left out."""
    for key, value in entry.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            typer.echo(f"{key}:")
            for item in value:
                typer.echo("  - " + "; ".join(f"{k}: {v}" for k, v in item.items() if v not in {"", None}))
        elif value not in ("", None, []):
            typer.echo(f"{key}: {', '.join(map(str, value)) if isinstance(value, list) else value}")


def _print_dot(content: dict[str, Any]) -> None:
    """The dot for a reader: every number with its unit and its source."""
    from echemscreen.views.drawing import kind_words  # noqa: PLC0415

    say: Callable[[str], None] = typer.echo
    say(f"{content['name']}  {content['spec']}")
    for edge in ("cbm", "vbm"):
        say(
            f"  {edge.upper()}  {content[f'{edge}_v_she']:+.2f} +- {content[f'{edge}_sigma_v']:.2f} V vs SHE"
            f"  ({kind_words(content[f'{edge}_kind'])})"
        )
    say(
        f"  exciton  {content['exciton_ev']:.2f} eV, {content['exciton_nm']:.0f} nm, "
        f"{content['band_alignment']}"
    )
    say(
        f"  at the surface  electron {content['p_electron_surface']:.2f}, "
        f"hole {content['p_hole_surface']:.2f}"
    )
    say("  couples inside the gap (an electron at the CBM reduces the free ion):")
    for couple in content["couples"]:
        if couple["reduction_drive_ev"] > 0 and couple["kind"] != "complexed":
            say(
                f"    {couple['couple']:10s} {couple['kind']:9s} E0 {couple['e0_v_she']:+.2f} V vs SHE, "
                f"drive {couple['reduction_drive_ev']:+.2f} eV"
            )
    for caveat in content["caveats"]:
        say(f"  note: {caveat}")
    for citation in content["citations"]:
        say(f"  source: {citation}")


def main() -> None:
    """Entry point of the ``echemscreen`` command."""
    app()
