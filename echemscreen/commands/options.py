"""Options that several commands share, exit statuses, and errors as one clear sentence."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from echemscreen.commands.streams import for_a_reader

EXIT_INTERNAL, EXIT_INPUT = 1, 2
#: A shell adds this to the number of the signal that ended a command.
_EXIT_SIGNAL = 128


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


QdOption = Annotated[str, typer.Option("--qd", help="Preset, bulk material, or CORE:NM[/SHELL:NM...].")]
CbmOption = Annotated[
    float | None, typer.Option("--cbm-v-she", help="Your measured conduction-band edge, V vs SHE.")
]
CbmEvOption = Annotated[
    float | None, typer.Option("--cbm-ev", help="The same in eV vs vacuum (negative); one of the two.")
]
CbmSigmaOption = Annotated[float | None, typer.Option("--cbm-sigma", help="Its standard deviation, V.")]
VbmSheOption = Annotated[
    float | None, typer.Option("--vbm-v-she", help="Your measured valence-band edge, V vs SHE.")
]
VbmOption = Annotated[
    float | None, typer.Option("--vbm-ev", help="The same in eV vs vacuum (negative); one of the two.")
]
VbmSigmaOption = Annotated[float | None, typer.Option("--vbm-sigma", help="Its standard deviation, eV.")]
GapOption = Annotated[
    float | None,
    typer.Option("--gap-ev", help="Optical gap, eV; 0 for a metal. For a material without a model."),
]
EmissionOption = Annotated[
    float | None,
    typer.Option("--emission", help="Wavelength in nm at which the dot emits: solves for the core size."),
]
AbsorptionOption = Annotated[
    Path | None,
    typer.Option(
        "--absorption", metavar="FILE", help="Absorption spectrum that sizes the core (CORE:? with --qd)."
    ),
]
OwnOption = Annotated[
    Path | None,
    typer.Option(
        "--measured", metavar="FILE.csv", help="Your own measurements ('echemscreen measure' writes them)."
    ),
]
LibraryOption = Annotated[
    Path | None, typer.Option("--library", help="CSV file of your own ligands, for library:NAME.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
InputArgument = Annotated[
    str,
    typer.Argument(
        metavar="INPUT",
        help=".smi .csv .tsv .xlsx .sdf .mol .mol2 .cdxml .inchi (.gz), '-' or library:NAME",
    ),
]
SolventOption = Annotated[str, typer.Option(help="Implicit solvent.")]
EngineOption = Annotated[str, typer.Option(help="tblite, xtb or pyscf.")]
ConformersOption = Annotated[int, typer.Option(help="Start geometries per species.")]
FormsOption = Annotated[FormChoice, typer.Option(help="As bound on the dot, free, or both.")]
FilmOption = Annotated[bool, typer.Option("--film", help="Correct for a film of low permittivity.")]
FullTailsOption = Annotated[bool, typer.Option("--full-tails", help="Compute alkyl tails whole.")]
CounterIonOption = Annotated[
    str, typer.Option(help="Metals of extra salt forms, such as Cd,Zn (with --forms all).")
]
MediumOption = Annotated[
    str,
    typer.Option(
        metavar="FILE|NAME",
        help="What binds free metal ions: water-free, complexed (by their own anions), amine, "
        "ammonia, or a CSV file of stability constants.",
    ),
]
TemperatureOption = Annotated[
    float, typer.Option(help="K; of the Nernst term of complexes (tabulated E0 stay those of 25 C).")
]
DaskOption = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Dask scheduler of the workers: tcp://HOST:8786"),
]
TimeLimitOption = Annotated[
    float, typer.Option(help="Seconds one molecule may take (ten times that under refined).")
]
MemoryLimitOption = Annotated[
    float | None, typer.Option(metavar="MIB", help="Memory that one molecule may take, MiB (Linux).")
]
WorkersOption = Annotated[int | None, typer.Option(help="Worker processes; all cores by default.")]
StoreOption = Annotated[
    str | None,
    typer.Option(
        metavar="PATH|postgresql://...", help="Database of computed levels; OUT/calculations.db by default."
    ),
]
ReplaceOption = Annotated[
    bool, typer.Option("--replace", help="Overwrite the results of another run in the folder.")
]
QuietOption = Annotated[bool, typer.Option("--quiet", help="No progress and no table.")]
RowsAsJsonOption = Annotated[bool, typer.Option("--json", help="Print the rows as JSON lines.")]


def metals_of(counter_ion: str) -> tuple[str, ...]:
    """The metals of ``--counter-ion Cd,Zn``."""
    return tuple(part.strip() for part in counter_ion.split(",") if part.strip())


@contextmanager
def clear_errors() -> Iterator[None]:
    """One clear sentence and exit status 2 instead of a traceback; nothing if the reader has left."""
    from echemscreen.errors import EchemscreenError  # noqa: PLC0415 - nothing is loaded for --help

    try:
        with for_a_reader():
            yield
    except EchemscreenError as error:
        typer.echo(f"echemscreen: {error}", err=True)
        raise typer.Exit(EXIT_INPUT) from error
    except OSError as error:
        if error.filename is None:
            raise
        path = os.fsdecode(error.filename)
        typer.echo(f"echemscreen: {path} cannot be used: {error.strerror}. Name another path.", err=True)
        raise typer.Exit(EXIT_INPUT) from error
    except KeyboardInterrupt as error:
        number = error.number if isinstance(error, Ended) else signal.SIGINT
        typer.echo(
            f"echemscreen: {'interrupted' if number == signal.SIGINT else f'ended by {number.name}'}; "
            "what is finished is stored, the same command goes on from there.",
            err=True,
        )
        raise typer.Exit(_EXIT_SIGNAL + number) from None


class Ended(KeyboardInterrupt):
    """The process was told to end: by a queue of jobs, ``timeout``, a service or a closed terminal."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(number)
        self.number = number


def end_in_words() -> None:
    """Let this process end as after Ctrl-C when it is told to, unless somebody has it ignore that."""
    told: list[int] = []

    def end(number: int, _frame: FrameType | None) -> None:
        # ``timeout`` tells twice: the process, and its group.
        if not told:
            told.append(number)
            raise Ended(signal.Signals(number))

    for name in ("SIGTERM", "SIGHUP"):
        if (number := getattr(signal, name, None)) and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, end)
