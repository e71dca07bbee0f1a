"""The options of what is run over molecules: a dot, a calculation, a list; screen, rank, design, sweep."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_serializer, field_validator, model_validator

from echemscreen.options.building import LimitsOfMolecules
from echemscreen.options.declared import CheckedOptions, Option
from echemscreen.options.pictures import FigureOptions

Level = Literal["triage", "fast", "standard", "full", "refined"]
Forms = Literal["bound", "free", "all"]

#: Between the dots of a screen.
DOTS_SEPARATOR = ","
#: Where a run works and what it draws: no row depends on it.
_Elsewhere = Option(changes_rows=False)


class MeasuredEdges(CheckedOptions):
    """What was measured of the edges of a dot."""

    cbm_v_she: float | None = Field(
        default=None, allow_inf_nan=False, description="Your measured conduction-band edge, V vs SHE."
    )
    cbm_ev: float | None = Field(
        default=None, allow_inf_nan=False, description="The same in eV vs vacuum (negative); one of the two."
    )
    cbm_sigma_v: Annotated[float | None, Option(short="--cbm-sigma")] = Field(
        default=None, ge=0, allow_inf_nan=False, description="Its standard deviation, V."
    )
    vbm_v_she: float | None = Field(
        default=None, allow_inf_nan=False, description="Your measured valence-band edge, V vs SHE."
    )
    vbm_ev: float | None = Field(
        default=None, allow_inf_nan=False, description="The same in eV vs vacuum (negative); one of the two."
    )
    vbm_sigma_ev: Annotated[float | None, Option(short="--vbm-sigma")] = Field(
        default=None, ge=0, allow_inf_nan=False, description="Its standard deviation, eV."
    )
    gap_ev: float | None = Field(
        default=None,
        ge=0,
        allow_inf_nan=False,
        description="Optical gap, eV; 0 for a metal. For a material without a model.",
    )


class EdgeOptions(MeasuredEdges):
    """What was measured of a dot itself."""

    emission_nm: Annotated[float | None, Option(short="--emission")] = Field(
        default=None, description="Wavelength in nm at which the dot emits: solves for the core size."
    )


class OwnMeasurements(CheckedOptions):
    """What the user measured, of dots and of molecules."""

    measured: Annotated[Path | None, Option(metavar="FILE.csv", is_input=True)] = Field(
        default=None, description="Your own measurements ('echemscreen measure' writes them)."
    )


class MeasuredDotOptions(EdgeOptions, OwnMeasurements):
    """What is known of a dot beside its name."""

    absorption: Annotated[Path | None, Option(metavar="FILE", is_input=True)] = Field(
        default=None, description="Absorption spectrum that sizes the core (CORE:? as QD)."
    )


class DotOptions(MeasuredDotOptions):
    """A dot."""

    qd: str = Field(description="Preset, bulk material, or CORE:NM[/SHELL:NM...].")


class Calculation(OwnMeasurements):
    """How molecules are computed and judged."""

    solvent: str = Field(default="acetonitrile", description="Implicit solvent.")
    engine: str = Field(default="tblite", description="tblite, xtb, or one that was plugged in.")
    level: Annotated[
        Level,
        Option(
            words={
                "triage": "by its structure alone where that is clear, else standard",
                "fast": "vertical levels only; seconds a molecule",
                "standard": "relaxes only where a verdict could still change",
                "full": "relaxes every charge state",
                "refined": "standard, then density-functional theory where it stayed open; "
                "minutes to hours a molecule",
            }
        ),
    ] = Field(default="standard", description="What is relaxed.")
    conformers: int = Field(default=1, ge=1, le=100, description="Start geometries per species.")
    forms: Annotated[
        Forms,
        Option(
            words={
                "bound": "as it sits on the dot",
                "free": "alone in the solvent",
                "all": "every form, a row each",
            }
        ),
    ] = Field(default="bound", description="As bound on the dot, free, or both.")
    counter_ion: tuple[str, ...] = Field(
        default=(), description="Metals of extra salt forms, such as Cd,Zn (with --forms all)."
    )
    film: bool = Field(default=False, description="Correct for a film of low permittivity.")
    full_tails: bool = Field(default=False, description="Compute alkyl tails whole.")
    medium: Annotated[str, Option(metavar="FILE|NAME", is_input=True)] = Field(
        default="water-free",
        description="What binds free metal ions: water-free, complexed (by their own anions), amine, "
        "ammonia, or a CSV file of stability constants.",
    )
    temperature_k: float = Field(
        default=298.15,
        ge=200,
        le=500,
        description="K; of the Nernst term of complexes (tabulated E0 stay those of 25 C).",
    )
    ligand_dipole: bool = Field(
        default=False, description="Move the edges by the dipoles of a shell of each ligand."
    )
    coverage_per_nm2: float | None = Field(
        default=None, gt=0, le=20, description="Ligands per nm2, for --ligand-dipole; cited by default."
    )
    layer_permittivity: float | None = Field(
        default=None,
        ge=1,
        le=100,
        description="Relative permittivity of the layer, for --ligand-dipole; cited by default.",
    )
    time_limit_s: Annotated[float, _Elsewhere] = Field(
        default=1800.0,
        gt=0,
        description="Seconds one molecule may take (ten times that under refined).",
    )
    p_active: float = Field(default=0.75, description="Probability from which a row or a member is active.")
    p_inert: float = Field(default=0.10, description="Probability up to which a row or a member is inert.")

    @field_validator("solvent")
    @classmethod
    def _as_tabulated(cls, value: str) -> str:
        return value.strip().lower()


class ListOptions(DotOptions, Calculation):
    """A list of molecules, and where the results go."""

    kind: str
    input: Annotated[str, Option(metavar="INPUT", is_argument=True, changes_rows=False)] = Field(
        description=".smi .csv .tsv .xlsx .sdf .mol .mol2 .cdxml .inchi (.gz), '-' or library:NAME"
    )
    library: Annotated[Path | None, Option(is_input=True)] = Field(
        default=None, description="CSV file of your own ligands, for library:NAME."
    )
    out: Annotated[Path, Option(changes_rows=False, is_held=True)] = Field(
        default=Path("results"), description="Folder of the results."
    )
    replace: Annotated[bool, Option(changes_rows=False, is_held=True)] = Field(
        default=False, description="Overwrite the results of another run in the folder."
    )
    figure: Annotated[bool, _Elsewhere] = Field(
        default=True, description="Figures, and a report of up to 5,000 rows."
    )
    workers: Annotated[int | None, Option(changes_rows=False, is_held=True)] = Field(
        default=None, ge=1, description="Worker processes; all cores by default."
    )
    store: Annotated[
        str | None, Option(metavar="PATH|postgresql://...", changes_rows=False, is_held=True)
    ] = Field(default=None, description="Database of computed levels; OUT/calculations.db by default.")
    dask: Annotated[str | None, Option(metavar="ADDRESS", changes_rows=False, is_held=True)] = Field(
        default=None, description="Dask scheduler of the workers: tcp://HOST:8786"
    )
    memory_limit_mib: Annotated[float | None, Option(metavar="MIB", changes_rows=False)] = Field(
        default=None, gt=0, description="Memory that one molecule may take, MiB (Linux)."
    )

    @field_serializer("store")
    def _without_password(self, store: str | None) -> str | None:
        from echemscreen.store import is_server, shown_address  # noqa: PLC0415 - nothing for --help

        # A campaign is written into run.json.
        return None if store is None else shown_address(store) if is_server(store) else store

    @field_validator("store")
    @classmethod
    def _known_kind_of_store(cls, store: str | None) -> str | None:
        from echemscreen.store import is_server  # noqa: PLC0415 - nothing for --help

        if store is not None and "://" in store and not is_server(store):
            raise ValueError("a store is the path of an SQLite file or postgresql://user@host/name")
        return store

    @model_validator(mode="after")
    def _one_kind_of_worker(self) -> Self:
        if self.dask is not None and self.workers is not None:
            raise ValueError("--dask brings its own workers: leave --workers away")
        return self


class ScreenOptions(ListOptions):
    """Screen a list of molecules against a dot."""

    kind: Literal["screen"] = "screen"
    qd: str = Field(
        description="Preset, bulk material, or CORE:NM[/SHELL:NM...]; several with commas, each in a folder."
    )
    parquet: Annotated[bool, _Elsewhere] = Field(default=False, description="Write results.parquet too.")
    xlsx: Annotated[bool, _Elsewhere] = Field(
        default=False, description="Write results.xlsx too, with drawings of the structures."
    )


class RankOptions(ListOptions):
    """Rank the crosslinkers of a list on a dot under a lamp."""

    kind: Literal["rank"] = "rank"
    lamp_nm: Annotated[float, Option(metavar="NM", short="--lamp")] = Field(
        default=365.0, ge=150.0, le=1000.0, description="Wavelength of the lamp."
    )
    atmosphere: Literal["n2", "air"] = Field(default="n2", description="What the film is exposed in.")
    film_nm: float = Field(default=40.0, gt=0, le=1e5, description="Thickness of the film, for the dose.")
    loading_percent: float = Field(
        default=5.0,
        gt=0,
        le=100,
        description="Crosslinker, % of the mass of the dots without ligands.",
    )
    weights: Annotated[Path | None, Option(metavar="FILE", is_input=True)] = Field(
        default=None, description="YAML file with weights of your own."
    )
    out: Path = Path("ranking")
    full_for: int = Field(default=30, ge=1, description="Candidates assessed in full.")
    shown_for: int = Field(default=10, ge=1, description="Candidates with spectra and the whole ledger.")


class DesignOptions(FigureOptions, LimitsOfMolecules, ListOptions):
    """The best candidates of everything that the building blocks span."""

    kind: Literal["design"] = "design"
    input: Literal["building blocks"] = "building blocks"
    nitrogen_rich: bool = Field(default=False, description="Allow what breaks the safety rules of azides.")
    mutants: bool = Field(
        default=False, description="Take every block with a substituent more on a ring, too."
    )
    lamp_nm: Annotated[float | None, Option(metavar="NM", short="--lamp")] = Field(
        default=None,
        ge=150.0,
        le=1000.0,
        description="Only what its light activates, and the first to make ranked under it.",
    )
    wanted: int = Field(default=10, ge=1, le=1000, description="Candidates to make first.")
    batch: int = Field(default=16, ge=1, le=1000, description="Candidates computed before each look.")
    budget: int = Field(default=300, ge=1, description="Candidates computed at most.")
    seed: int = Field(default=0, description="Of what is drawn at random.")
    level: Level = "fast"
    forms: Literal["bound", "free"] = "free"
    out: Path = Path("design")

    @model_validator(mode="after")
    def _light_on_crosslinkers(self) -> Self:
        if self.lamp_nm is not None and self.what != "crosslinkers":
            raise ValueError("a lamp ranks crosslinkers: leave it away for ligands")
        return self


class AskOptions(DotOptions, Calculation):
    """One molecule on one dot, and what to try in its place."""

    molecule: Annotated[str, Option(metavar="SMILES", is_argument=True)] = Field(
        description="The molecule that is asked about."
    )
    name: str = Field(default="", description="What it is called.")
    level: Level = "fast"


class SweepOptions(Calculation):
    """Dots of many sizes, and what they do to a ligand."""

    sizes: Annotated[str, Option(metavar="CORE:MIN-MAX[:STEP][/SHELL:...]", is_argument=True)] = Field(
        description="Ranges of the core diameter and of shell thicknesses in nm; a layer may have one size."
    )
    ligand: Annotated[str | None, Option(metavar="SMILES")] = Field(
        default=None, description="Judge this ligand on every dot."
    )
    ligand_name: str = Field(default="", description="What the ligand is called.")
    level: Level = "full"
