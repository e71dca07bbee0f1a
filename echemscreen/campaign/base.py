"""What every campaign has: the dot, the settings, the list, the checks before a run, and ``run.json``."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Self

from pydantic import field_validator

from echemscreen.dots.complexation import medium_of
from echemscreen.dots.edges.edge_support import evidence_of
from echemscreen.dots.edges.given_edges import EDGE_OPTIONS
from echemscreen.dots.quantum_dot import describe, quantum_dot
from echemscreen.dots.sizes.absorbing import absorbing_dot
from echemscreen.engines.base import Engine, get_engine
from echemscreen.errors import DotError, InputError, StructureError
from echemscreen.evidence.own_evidence import OwnEdges, own_edges, own_potentials
from echemscreen.files import is_file, written_whole
from echemscreen.levels.redox import theory_of
from echemscreen.levels.refined import REFINED_ENGINE
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.given_rows import given_rows
from echemscreen.ligands.reading.input_files import Row, unread_rows
from echemscreen.measurements.curve_files import OPTICAL_AXES, read_curve
from echemscreen.measurements.own_rows import OwnMeasurement, read_own
from echemscreen.options.runs import Calculation, DotOptions, ListOptions
from echemscreen.records import dots
from echemscreen.screening.plan import planned_forms
from echemscreen.screening.runs.run_folder import RunFolder
from echemscreen.screening.runs.run_record import TABLES, ListedRows, admit, file_digest
from echemscreen.screening.workbench import Settings
from echemscreen.screening.workers.limits import Limits

LIBRARY_PREFIX = "library:"
#: Packages whose versions can change a number: they stand in ``run.json``.
VERSIONED = ("echemscreen", "tblite", "rdkit", "ase", "numpy", "scipy", "pymatgen")
#: A run writes its report by itself up to this many rows; 'echemscreen report' writes any.
REPORTED_ROWS = 5_000
#: Density-functional calculations may take that much longer.
REFINED_TIME_FACTOR = 10.0


class QuantumDot(dots.QuantumDot):
    """A dot; :meth:`from_spec` makes one from a preset, a material or layer sizes."""

    @classmethod
    def from_spec(cls, spec: str, **edges: float) -> dots.QuantumDot:
        """The dot of a specification such as ``CdSe:3.0/CdS:3.5``.

        Parameters
        ----------
        edges
            ``cbm_v_she`` or ``cbm_ev``, ``cbm_sigma_v``, ``vbm_v_she`` or ``vbm_ev``, ``vbm_sigma_ev``,
            ``gap_ev``: measured edges that replace the tabulated ones; ``emission_nm``: the wavelength
            that sizes the core.

        Raises
        ------
        DotError
            if the specification means nothing.
        """
        return quantum_dot(spec, **edges)


class NamedDot(DotOptions):
    """A dot, with what its user measured of it."""

    @field_validator("qd", mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        """The specification of a dot that was made from one; its own edges are options of the run."""
        if not isinstance(value, dots.QuantumDot):
            return value
        for text in (value.name, value.spec):
            with suppress(DotError):
                if quantum_dot(text) == value:
                    return text
        raise ValueError(f"give the specification, '{value.spec}', and your own edges as options beside it")

    def dot(self) -> dots.QuantumDot:
        """The dot with the user's own edges where they are given."""
        given = {name: value for name in EDGE_OPTIONS if (value := getattr(self, name)) is not None}
        edges = {**self.own_edges().options, **given}
        if self.absorption is None:
            return quantum_dot(self.qd, emission_nm=self.emission_nm, **edges)
        if self.emission_nm is not None:
            raise InputError("The core is sized by --absorption and by --emission-nm.", "Give one of them.")
        from echemscreen.measurements.spectra import first_exciton  # noqa: PLC0415 - nothing else needs it

        band = first_exciton(read_curve(self.absorption, OPTICAL_AXES))
        return absorbing_dot(self.qd, band.energy_ev, math.hypot(band.sigma_ev, band.spread_ev), **edges)

    def own_rows(self) -> tuple[OwnMeasurement, ...]:
        """The rows of the user's measurement file."""
        return () if self.measured is None else read_own(self.measured)

    def own_edges(self) -> OwnEdges:
        """Those of them that are edges of this dot; an edge given as an option outranks the file's."""
        given = {name.partition("_")[0] for name in EDGE_OPTIONS if getattr(self, name) is not None}
        return own_edges([row for row in self.own_rows() if row.quantity not in given], self.qd)


class Campaign(NamedDot, Calculation):
    """What every kind of run has: a dot and the settings of the calculations."""

    def settings(self) -> Settings:
        """The settings as the screening room wants them."""
        return settings_of(self)


def settings_of(asked: Calculation) -> Settings:
    """How molecules are computed and judged, with the tables that options name.

    Raises
    ------
    InputError
        if such a table cannot be used.
    """
    own = () if asked.measured is None else read_own(asked.measured)
    return Settings(**asked.part(Settings), ions_in=medium_of(asked.medium), own=own_potentials(own))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a run needs, checked: whatever is wrong with it is told before anything is computed."""

    dot: dots.QuantumDot
    settings: Settings
    engine: Engine


class ListCampaign(ListOptions, Campaign):
    """What every run over a list of molecules has: the list, and where the results go."""

    def limits(self) -> Limits:
        """Of one molecule; density-functional theory needs longer."""
        factor = REFINED_TIME_FACTOR if self.level == "refined" else 1.0
        return Limits(time_s=factor * self.time_limit_s, memory_mib=self.memory_limit_mib)

    def prepare(self) -> Prepared:
        """The dot, the settings and the engine.

        Raises
        ------
        InputError
            if the dot, a setting or a counter-ion cannot be used, or an engine is missing.
        """
        dot, settings = self.dot(), self.settings()
        engine = get_engine(settings.engine)
        theory_of(engine, settings.solvent)
        if settings.level == "refined":
            get_engine(REFINED_ENGINE)
        # Counter-ions and the site, on an acid that every one of them salts.
        planned_forms(parse_smiles("CC(=O)O", "acetic acid"), dot, settings)
        return Prepared(dot=dot, settings=settings, engine=engine)

    def listed(self, *, named: str = "") -> ListedRows:
        """The rows of the input, named as a workflow knows them."""
        source = Path(self.input)
        rows = rows_of(self.input, self.library)
        # Of standard input, or of a pipe, the rows themselves tell.
        return ListedRows(
            rows,
            sha256=file_digest(source) if is_file(source) else "",
            named=named,
            is_shipped=self.input.startswith(LIBRARY_PREFIX),
        )

    def enter(self, folder: RunFolder, listed: ListedRows) -> None:
        """Take the output folder and begin there.

        Raises
        ------
        StoreError
            if another run is in it, or it cannot be written.
        InputError
            if it holds the results of another list, dot or setting, and ``replace`` is not asked for.
        """
        folder.take(f"a {self.kind} of {self.input} on {self.qd}")
        if any((folder.path / name).exists() for name in TABLES):
            listed.read_all()
        compared = self.where(lambda option: option.changes_rows)
        admit(folder, self.asked(listed), compared=compared, replace=self.replace)

    def asked(self, listed: ListedRows) -> dict[str, Any]:
        """The settings and the list, as ``run.json`` tells them."""
        named = {name: getattr(self, name) for name in self.where(lambda option: option.is_input)}
        paths = {name: Path(value) for name, value in named.items() if value is not None}
        return {
            "settings": self.model_dump(mode="json"),
            "input": {
                "source": self.input,
                "sha256": listed.sha256,
                "named": listed.named,
                "files": {name: file_digest(path) for name, path in paths.items() if is_file(path)},
            },
        }

    @classmethod
    def over(
        cls,
        source: object,
        qd: str | dots.QuantumDot,
        **options: Any,  # noqa: ANN401
    ) -> tuple[Self, ListedRows | None]:
        """A campaign over a file or a family, or over molecules given in Python and their rows.

        Raises
        ------
        InputError
            naming the option and what is wrong with it.
        """
        if isinstance(source, str | os.PathLike):
            source = os.fspath(source)
            _no_smiles(source)
            return cls.validated(input=source, qd=qd, **options), None
        rows = ListedRows(given_rows(source))
        return cls.validated(input="molecules given in Python", qd=qd, **options), rows


def rows_of(source: str, own_library: Path | None) -> Iterator[Row]:
    """The rows of a file or of standard input, none of them read, or of a library family."""
    # Read even if the input is a file: a bad row in it is told before anything is computed.
    known = library(own_library)
    if source.startswith(LIBRARY_PREFIX):
        return known.rows(source.removeprefix(LIBRARY_PREFIX))
    return unread_rows(source)


def _no_smiles(source: str) -> None:
    """Refuse a SMILES in the place of a file."""
    if source == "-" or source.startswith(LIBRARY_PREFIX) or Path(source).suffix or is_file(source):
        return
    try:
        parse_smiles(source, source, allow_system=True)
    except StructureError:
        # Told as a file.
        return
    raise InputError(f"'{source}' is a SMILES, where a file is expected.", f'Write a list: ["{source}"].')


def versions() -> dict[str, str]:
    """Of the packages that are installed and of Python."""
    found = {}
    for name in VERSIONED:
        # Another engine than tblite is enough, and on some machines all there is.
        with suppress(PackageNotFoundError):
            found[name] = _installed(name)
    return found | {"python": platform.python_version()}


@cache
def _installed(name: str) -> str:
    """The version of a package; reading it costs milliseconds."""
    return version(name)


def write_run(
    campaign: ListCampaign,
    folder: RunFolder,
    listed: ListedRows,
    *,
    dot: dots.QuantumDot,
    started: datetime,
    engine_version: str,
    **counts: Any,  # noqa: ANN401 - whatever the run counts
) -> None:
    """Write ``run.json``: versions, settings, the input's hash, the dot, and what the run counts."""
    content = {
        "versions": versions(),
        "engine": {"name": campaign.engine, "version": engine_version},
        **campaign.asked(listed),
        "qd": describe(dot) | {"evidence": evidence_of(dot)},
        "started": started.isoformat(timespec="seconds"),
        **counts,
    }
    path = folder.path / "run.json"
    with written_whole(path, "The record") as place:
        place.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    folder.finish()
