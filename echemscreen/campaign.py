"""The one door: a run described, validated and run.

The command line, a YAML file and Python all make a :class:`ScreenCampaign` and run it (a ranking is
one of :mod:`~echemscreen.rank_campaign`). The public functions of the package (``es.screen``,
``es.assess``, ``es.draw``) stand here too.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal, Self

import pandas as pd
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_serializer,
    field_validator,
    model_validator,
)

from echemscreen import records
from echemscreen.dots.complexation import medium_of
from echemscreen.dots.device_stack import describe_stack, device_stack
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.errors import InputError, StoreError, StructureError
from echemscreen.levels.redox import theory_of
from echemscreen.levels.refined import REFINED_ENGINE
from echemscreen.ligands.library import library
from echemscreen.ligands.own_geometry import OwnGeometry
from echemscreen.ligands.parse import parse_smiles, read_input
from echemscreen.records import Assessment, Failure, InputRow
from echemscreen.screening import assess as one
from echemscreen.screening import workbench
from echemscreen.screening.cluster import Cluster
from echemscreen.screening.executors import process_pool
from echemscreen.screening.limits import Limits
from echemscreen.screening.progress import Progress
from echemscreen.screening.run_record import file_digest, finished_run, identity_of
from echemscreen.screening.screen import RowResult
from echemscreen.screening.screen import screen as many
from echemscreen.screening.size_ranges import parse_sweep
from echemscreen.screening.sweep import Sweep
from echemscreen.screening.sweep import sweep as over_sizes
from echemscreen.store import is_server, open_store, shown_address
from echemscreen.verdicts.rules import Thresholds
from echemscreen.views import diagram, ledger_figure, notebook, sweep_figure, sweep_table, table
from echemscreen.views.drawing import kind_words
from echemscreen.views.figure_file import PageWidth
from echemscreen.views.selection import condensed

LIBRARY_PREFIX = "library:"
#: Packages whose versions can change a number: they stand in ``run.json``.
VERSIONED = ("echemscreen", "tblite", "rdkit", "ase", "numpy", "scipy", "pymatgen")
#: Stages whose failures may not come again: a run with one of them is not finished.
TRIED_AGAIN = ("calculation", "internal")
#: Density-functional calculations may take that much longer.
REFINED_TIME_FACTOR = 10.0
#: Species drawn without being asked for more.
DIAGRAM_SPECIES = 20


class QuantumDot(records.QuantumDot):
    """A dot; :meth:`from_spec` makes one from a preset, a material or layer sizes."""

    @classmethod
    def from_spec(cls, spec: str, **edges: float) -> records.QuantumDot:
        """The dot of a specification such as ``CdSe:3.0/CdS:3.5``.

        Parameters
        ----------
        edges
            ``cbm_v_she``, ``cbm_sigma_v``, ``vbm_ev``, ``vbm_sigma_ev``: measured edges that
            replace the tabulated ones; ``emission_nm``: the wavelength that sizes the core.

        Raises
        ------
        DotError
            if the specification means nothing.
        """
        return quantum_dot(spec, **edges)


class Campaign(BaseModel):
    """What every kind of run has: a dot and the settings of the calculations."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    qd: str = Field(description="preset, bulk material or CORE:NM/SHELL:NM")
    engine: str = "tblite"
    solvent: str = "acetonitrile"
    level: workbench.Level = "standard"
    conformers: int = Field(default=1, ge=1, le=100)
    forms: Literal["bound", "free", "all"] = "bound"
    counter_ion: tuple[str, ...] = ()
    film: bool = Field(default=False, description="correct for a film of low permittivity")
    medium: str = Field(default="water-free", description="what binds free metal ions: a name or a CSV file")
    temperature_k: float = Field(
        default=298.15, ge=200, le=500, description="of the Nernst term of complexes"
    )
    ligand_dipole: bool = Field(default=False, description="move the edges by the dipoles of bound ligands")
    coverage_per_nm2: float | None = Field(default=None, gt=0, le=20, description="ligands on the surface")
    layer_permittivity: float | None = Field(default=None, ge=1, le=100, description="of the ligand layer")
    time_limit_s: float = Field(default=1800.0, gt=0)
    p_active: float = 0.75
    p_inert: float = 0.10
    emission_nm: float | None = Field(default=None, description="the core is sized to emit here")
    cbm_v_she: float | None = None
    cbm_sigma_v: float | None = Field(default=None, ge=0)
    vbm_ev: float | None = None
    vbm_sigma_ev: float | None = Field(default=None, ge=0)

    @classmethod
    def validated(cls, **options: Any) -> Self:  # noqa: ANN401 - what pydantic validates
        """Make a campaign; a wrong option is one clear sentence.

        Raises
        ------
        InputError
            naming the option and what is wrong with it.
        """
        try:
            return cls(**options)
        except ValidationError as error:
            first = error.errors()[0]
            key = ".".join(str(part) for part in first["loc"]) or "options"
            raise InputError(f"The option {key} is wrong: {first['msg'].lower()}.", "Correct it.") from error

    def dot(self) -> records.QuantumDot:
        """The dot with the user's own edges where they are given."""
        return quantum_dot(
            self.qd,
            emission_nm=self.emission_nm,
            cbm_v_she=self.cbm_v_she,
            cbm_sigma_v=self.cbm_sigma_v,
            vbm_ev=self.vbm_ev,
            vbm_sigma_ev=self.vbm_sigma_ev,
        )

    def settings(self) -> workbench.Settings:
        """The settings as the screening room wants them."""
        return workbench.Settings(
            engine=self.engine,
            solvent=self.solvent.strip().lower(),
            level=self.level,
            forms=self.forms,
            counter_ions=self.counter_ion,
            conformers=self.conformers,
            film=self.film,
            medium=medium_of(self.medium),
            temperature_k=self.temperature_k,
            ligand_dipole=self.ligand_dipole,
            coverage_per_nm2=self.coverage_per_nm2,
            layer_permittivity=self.layer_permittivity,
            time_limit_s=self.time_limit_s,
            thresholds=Thresholds(active=self.p_active, inert=self.p_inert),
        )


class ListCampaign(Campaign):
    """What every run over a list of molecules has: the list, and where the results go."""

    input: str = Field(description="file, '-' or library:NAME")
    library: Path | None = Field(default=None, description="a CSV file with ligands of your own")
    out: Path = Path("results")
    workers: int | None = Field(default=None, ge=1)
    store: str | None = None
    figure: bool = True

    dask: str | None = Field(default=None, description="address of a Dask scheduler, such as tcp://host:8786")
    memory_limit_mib: float | None = Field(default=None, gt=0, description="that one molecule may add")

    @field_serializer("store")
    def _without_password(self, store: str | None) -> str | None:
        # A campaign is written into run.json.
        return None if store is None else shown_address(store) if is_server(store) else store

    @field_validator("store")
    @classmethod
    def _known_kind_of_store(cls, store: str | None) -> str | None:
        if store is not None and "://" in store and not is_server(store):
            raise ValueError("a store is the path of an SQLite file or postgresql://user@host/name")
        return store

    @model_validator(mode="after")
    def _one_kind_of_worker(self) -> Self:
        if self.dask is not None and self.workers is not None:
            raise ValueError("--dask brings its own workers: leave --workers away")
        return self

    def limits(self) -> Limits:
        """Of one molecule; density-functional theory needs longer."""
        factor = REFINED_TIME_FACTOR if self.level == "refined" else 1.0
        return Limits(time_s=factor * self.time_limit_s, memory_mib=self.memory_limit_mib)

    def executors(self) -> Callable[[], Executor]:
        """What makes the workers."""
        if self.dask is not None:
            return Cluster(self.dask)
        return partial(process_pool, self.n_workers())

    def n_workers(self) -> int:
        """Worker processes of this machine."""
        return self.workers or os.cpu_count() or 1


class ScreenCampaign(ListCampaign):
    """Screen a list of molecules against a dot."""

    kind: Literal["screen"] = "screen"
    parquet: bool = False

    def files(self) -> list[str]:
        """What lies beside the table when the run has ended."""
        figures = ["alignment.svg", "alignment.png"] if self.figure else []
        return [*figures, *(["results.parquet"] if self.parquet else [])]

    def writers(self) -> list[table.RowWriter]:
        """What the rows are written into."""
        if not self.parquet:
            return [table.ResultsWriter(self.out)]
        from echemscreen.views.parquet import ParquetWriter  # noqa: PLC0415 - an extra

        return [table.ResultsWriter(self.out), ParquetWriter(self.out)]

    def run(self, *, quiet: bool = False, rows: Iterator[InputRow] | None = None) -> ScreenOutcome:
        """Screen the input, or ``rows`` in its stead, and write the results.

        Raises
        ------
        InputError
            if the call or the input file cannot be used.
        StoreError
            if the output folder or the store cannot be used; what was stored before is kept.
        """
        given = rows is not None
        if rows is None:
            rows = rows_of(self.input, self.library)
        return _run_screen(self, rows, quiet=quiet, is_repeatable=not given and self.input != "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenOutcome:
    """Where a screen's results lie, and what they count."""

    out: Path
    n_rows: int
    verdicts: Mapping[str, int]
    failures: Mapping[str, int]
    n_computed: int
    internal_errors: int
    wall_s: float
    given_edges: tuple[str, ...] = ()
    """Edges of the dot that the user gave, in words."""

    @property
    def exit_status(self) -> int:
        """0 all rows done, bad rows included; 1 an internal error was recorded."""
        return 1 if self.internal_errors else 0

    def summary(self) -> str:
        """One line for the terminal, and one for each edge that the user gave."""
        parts = [f"{count} {verdict}" for verdict, count in sorted(self.verdicts.items())]
        parts += [f"{count} failed ({kind})" for kind, count in sorted(self.failures.items())]
        return (
            f"{self.n_rows} rows in {self.wall_s:.0f} s: {', '.join(parts) or 'none'}; "
            f"{self.n_computed} ladder parts computed; results in {self.out}"
            + "".join(f"\n{edge}" for edge in self.given_edges)
        )

    def table(self) -> pd.DataFrame:
        """The rows of ``results.csv``; potentials in V vs SHE, energies in eV."""
        return table.read_results(self.out / "results.csv")

    def _repr_html_(self) -> str:
        return notebook.screen_html(self.out)


def screen(
    source: str | Iterable[str | tuple[str, str]],
    qd: str,
    *,
    quiet: bool = True,
    **options: Any,  # noqa: ANN401
) -> ScreenOutcome:
    """Screen molecules against a dot; see :class:`ScreenCampaign` for the options.

    Parameters
    ----------
    source
        A file, ``library:NAME``, or an iterable of SMILES or of ``(SMILES, name)``.
    qd
        Specification of the dot.
    """
    if isinstance(source, str):
        return ScreenCampaign.validated(input=source, qd=qd, **options).run(quiet=quiet)
    campaign = ScreenCampaign.validated(input="SMILES given in Python", qd=qd, **options)
    return campaign.run(rows=rows_of_smiles(source), quiet=quiet)


def assess(
    smiles: str,
    qd: str,
    *,
    name: str = "",
    geometry: OwnGeometry | None = None,
    **options: Any,  # noqa: ANN401
) -> Assessment | Failure:
    """Assess one molecule in this process, without a store.

    Parameters
    ----------
    geometry
        ``ase.Atoms`` or ``pymatgen.core.Molecule`` (angstrom) from which the relaxation starts, in any
        order of atoms; for a molecule by itself (``forms="free"``).

    Raises
    ------
    InputError
        if the SMILES, the dot or an option cannot be used.
    """
    campaign = Campaign.validated(qd=qd, **options)
    settings = campaign.settings()
    engine = get_engine(settings.engine)
    molecule, dot = parse_smiles(smiles, name or smiles), campaign.dot()
    own = {} if geometry is None else one.own_start(molecule, dot, settings, geometry)
    bench = workbench.Workbench(engine, theory_of(engine, settings.solvent), settings, {}, own=own)
    return one.assess(molecule, dot, bench)[0]


def sweep(spec: str, ligand: str | None = None, *, name: str = "", **options: Any) -> Sweep:  # noqa: ANN401
    """Dots of many sizes, and the size at which a ligand becomes inert or active.

    Parameters
    ----------
    spec
        ``CORE:MIN-MAX[:STEP]/SHELL:MIN-MAX[:STEP]`` in nm; a layer may have one size.
    ligand
        SMILES; its levels are computed once, with every ion relaxed, since at some size of the sweep
        the relaxed level may decide.
    options
        Those of :class:`Campaign` other than the dot and its edges.

    Raises
    ------
    InputError
        if the sweep, the SMILES or an option cannot be used, or the ligand cannot be judged.
    """
    edges = [key for key in ("cbm_v_she", "cbm_sigma_v", "vbm_ev", "vbm_sigma_ev") if key in options]
    if edges:
        raise InputError(
            f"A sweep takes no {edges[0]}: one measured edge does not belong to every size.",
            "Give it to 'qd' or 'screen'.",
        )
    settings = Campaign.validated(qd=spec, **{"level": "full", **options}).settings()
    if ligand is None:
        return over_sizes(spec)
    molecule = parse_smiles(ligand, name or ligand)
    engine = get_engine(settings.engine)
    bench = workbench.Workbench(engine, theory_of(engine, settings.solvent), settings, {})
    return over_sizes(spec, ligand=molecule, bench=bench)


def write_sweep(found: Sweep, path: str | Path) -> Path:
    """Write a sweep into a CSV file or a figure; the suffix decides.

    Raises
    ------
    InputError
        if the suffix is unknown, or the sweep has too many dimensions for a sheet of paper.
    StoreError
        if the file cannot be written.
    """
    path = Path(path)
    check_sweep_output(path, found.spec)
    if path.suffix.lower() == ".csv":
        sweep_table.write_sweep(found.describe(), path)
    else:
        sweep_figure.draw_sweep(
            found.describe(), path, inert=found.thresholds.inert, active=found.thresholds.active
        )
    return path


def check_sweep_output(path: str | Path, spec: str) -> None:
    """Refuse a file that a sweep cannot be written as, before anything is computed.

    Raises
    ------
    InputError
        naming the suffixes that are known, or for a figure of more than two dimensions.
    """
    suffix, known = Path(path).suffix.lower(), (".csv", *diagram.SUFFIXES)
    if suffix not in known:
        raise InputError(f"A sweep cannot be written as '{Path(path).name}'.", f"Use {', '.join(known)}.")
    if suffix != ".csv":
        sweep_figure.check_dimensions(sum(layer.swept for layer in parse_sweep(spec)))


def draw(
    folder: str | Path,
    path: str | Path,
    *,
    scale: str = "she",
    top: int | None = None,
    page: int | None = None,
    width: PageWidth | None = None,
    stack: str | None = None,
) -> Path:
    """Draw the alignment diagram of a finished screen, or the ledgers of a ranking.

    Parameters
    ----------
    folder
        The ``--out`` folder of a screen or of a ranking.
    path
        Figure to be written; the suffix decides (svg, png, pdf, html).
    scale
        Reference of the axis: ``she``, ``vacuum``, ``fc`` or ``sce``.
    top
        Draw only the rows with the largest drives, or the best crosslinkers.
    page
        Draw a page of a long table instead, the first is 1.
    width
        ``single`` or ``double``: the width of a journal's column, 89 or 183 mm.
    stack
        A device of ``device_stacks.csv``, such as ``pu2020``: the whole device is drawn.

    Raises
    ------
    InputError
        if the folder holds no screen, or the device is unknown.
    """
    folder = Path(folder)
    results, run = folder / "results.csv", folder / "run.json"
    if (folder / "ledger.csv").is_file() and not results.is_file() and run.is_file():
        dot = json.loads(run.read_text(encoding="utf-8"))["qd"]
        if stack is not None or page is not None:
            raise InputError(
                "The ledgers of a ranking are drawn without a device and on one page.", "Use --top."
            )
        ledger_figure.draw_folder(folder, dot, Path(path), scale=scale, top=top, width=width)
        return Path(path)
    if not results.is_file() or not run.is_file():
        raise InputError(
            f"{folder} holds no finished screen (results.csv and run.json).",
            "Run 'echemscreen screen' first.",
        )
    dot = json.loads(run.read_text(encoding="utf-8"))["qd"]
    device = None if stack is None else describe_stack(device_stack(stack), dot)
    # A long table is read row by row; no more than these can be drawn.
    size = diagram.species_drawn(dot, top=top, width=width, in_device=device is not None)
    rows = condensed(table.stream_results(results), page=page, size=size)
    diagram.draw(rows, dot, Path(path), scale=scale, top=top, page=page, width=width, stack=device)
    return Path(path)


# --- one screen -----------------------------------------------------------------------------


def rows_of(source: str, own_library: Path | None) -> Iterator[InputRow]:
    """The rows of a file, of standard input or of a library family."""
    # Read even if the input is a file: a bad row in it is told before anything is computed.
    known = library(own_library)
    if source.startswith(LIBRARY_PREFIX):
        return known.rows(source.removeprefix(LIBRARY_PREFIX))
    return read_input(source)


def rows_of_smiles(source: Iterable[str | tuple[str, str]]) -> Iterator[InputRow]:
    """The rows of SMILES, or of ``(SMILES, name)``, given in Python."""
    for index, item in enumerate(source):
        smiles, name = (item, item) if isinstance(item, str) else item
        entry: records.Molecule | Failure
        try:
            entry = parse_smiles(smiles, name)
        except StructureError as error:
            entry = Failure(
                name=name,
                smiles=smiles,
                stage="parse",
                kind=error.kind,
                message=error.message,
                remedy=error.remedy,
            )
        yield InputRow(index=index, location=f"item {index + 1}", entry=entry)


def _count(source: str) -> int | None:
    """Rows of a plain text file, for the time left; ``None`` where counting costs a full read."""
    path = Path(source)
    if source == "-" or source.startswith(LIBRARY_PREFIX) or path.suffix not in {".smi", ".csv", ".tsv"}:
        return None
    with path.open("rb") as handle:
        lines = sum(1 for line in handle if line.strip())
    return lines - (path.suffix != ".smi")


def _first(rows: Iterator[InputRow]) -> Iterator[InputRow]:
    """The rows again, after the first has been read: an unusable file is known before any output."""
    head = next(rows, None)

    def again() -> Iterator[InputRow]:
        if head is not None:
            yield head
        yield from rows

    return again()


def check_counter_ions(settings: workbench.Settings, dot: records.QuantumDot) -> None:
    """Refuse an unknown counter-ion or site before any row, on an acid that every one of them salts."""
    one.form_sets(parse_smiles("CC(=O)O", "acetic acid"), dot, settings)


def _identity(
    campaign: ScreenCampaign, settings: workbench.Settings, dot: records.QuantumDot, engine_version: str
) -> str:
    """Digest of what the rows depend on; where they are computed and stored is no part of it."""
    source = Path(campaign.input)
    files = [path for path in (source, campaign.library) if path is not None and path.is_file()]
    parts = {"input": campaign.input, "settings": settings, "limits": campaign.limits(), "dot": dot}
    return identity_of(parts | {"engine": engine_version, "versions": _versions()}, files)


def _outcome(
    campaign: ScreenCampaign, dot: records.QuantumDot, run: Mapping[str, Any], *, wall_s: float
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


def _given_edges(dot: records.QuantumDot) -> tuple[str, ...]:
    return tuple(
        f"{name} {edge.value_v_she:+.2f} +- {edge.sigma_v:.2f} V vs SHE: {kind_words(edge.kind)}"
        for name, edge in (("CBM", dot.edges.cbm), ("VBM", dot.edges.vbm))
        if edge.kind == "user"
    )


def _versions() -> dict[str, str]:
    return {name: version(name) for name in VERSIONED} | {"python": platform.python_version()}


def _run_screen(
    campaign: ScreenCampaign, rows: Iterator[InputRow], *, quiet: bool, is_repeatable: bool
) -> ScreenOutcome:
    started, clock = datetime.now(UTC), time.perf_counter()
    dot, settings = campaign.dot(), campaign.settings()
    engine = get_engine(settings.engine)
    theory_of(engine, settings.solvent)
    if settings.level == "refined":
        # A missing engine is told before anything is computed.
        get_engine(REFINED_ENGINE)
    check_counter_ions(settings, dot)
    rows = _first(rows)
    identity = _identity(campaign, settings, dot, engine.version) if is_repeatable else None
    finished = None if identity is None else finished_run(campaign.out, identity, files=campaign.files())
    if finished is not None:
        return _outcome(campaign, dot, finished, wall_s=time.perf_counter() - clock)
    verdicts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    n_rows = n_computed = internal = again = 0
    out = campaign.out
    try:
        out.mkdir(parents=True, exist_ok=True)
        with (
            open_store(campaign.store or out / "calculations.db") as store,
            ExitStack() as stack,
            Progress(
                _count(campaign.input) if Path(campaign.input).is_file() else None, quiet=quiet
            ) as progress,
        ):
            writers = [stack.enter_context(writer) for writer in campaign.writers()]
            # Closed before the store, which it may still have to write to.
            items = stack.enter_context(
                closing(
                    many(
                        rows,
                        dot,
                        settings,
                        store=store,
                        make_executor=campaign.executors(),
                        workers=campaign.n_workers(),
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
                    values = table.row_of(result, row=item.row)
                    for writer in writers:
                        writer.write(values)
                progress.advance(verdicts, failures)
        outcome = ScreenOutcome(
            out=out,
            n_rows=n_rows,
            verdicts=dict(verdicts),
            failures=dict(failures),
            n_computed=n_computed,
            internal_errors=internal,
            wall_s=time.perf_counter() - clock,
            given_edges=_given_edges(dot),
        )
        write_run(
            campaign,
            dot,
            started,
            engine.version,
            wall_s=round(outcome.wall_s, 3),
            rows=outcome.n_rows,
            verdicts=outcome.verdicts,
            failures=outcome.failures,
            ladders_computed=outcome.n_computed,
            internal_errors=outcome.internal_errors,
            finished={
                "identity": identity,
                "results_sha256": file_digest(out / "results.csv"),
                "rows_to_try_again": again,
            },
        )
        if campaign.figure:
            for suffix in ("svg", "png"):
                draw(out, out / f"alignment.{suffix}", top=DIAGRAM_SPECIES)
    except OSError as error:
        raise unwritable(out, error) from error
    return outcome


def unwritable(out: Path, error: OSError) -> StoreError:
    """What is raised when the output folder cannot be written."""
    return StoreError(
        f"The output folder {out} cannot be written: {error.strerror or error}.",
        "Free some space or name another --out; what is stored is kept.",
    )


def count_results(item: RowResult, verdicts: Counter[str], failures: Counter[str]) -> None:
    """Count the results of a row by verdict, or by cause of failure."""
    for result in item.results:
        if isinstance(result, Failure):
            failures[result.kind] += 1
        else:
            verdicts[result.verdict] += 1


def write_run(
    campaign: ListCampaign,
    dot: records.QuantumDot,
    started: datetime,
    engine_version: str,
    **counts: Any,  # noqa: ANN401 - whatever the run counts
) -> None:
    """Write ``run.json``: versions, settings, the input's hash, the dot, and what the run counts."""
    source = Path(campaign.input)
    digest = file_digest(source) if source.is_file() else None
    content = {
        "versions": _versions(),
        "engine": {"name": campaign.engine, "version": engine_version},
        "settings": campaign.model_dump(mode="json"),
        "input": {"source": campaign.input, "sha256": digest},
        "qd": describe(dot),
        "started": started.isoformat(timespec="seconds"),
        **counts,
    }
    path = campaign.out / "run.json"
    partial_path = path.with_suffix(".json.partial")
    partial_path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    partial_path.replace(path)
