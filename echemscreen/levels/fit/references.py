"""What the calibration is fitted on: measured potentials, and calculated ones where none is measured.

Measured rows (``reference_potentials.csv``) carry their electrode and solvent. Those in acetonitrile are one
*series*. Those of another medium are moved into it by the molecules that were measured in both, by as much as
their charge asks (:mod:`~echemscreen.levels.fit.media`); where there are too few, they teach nothing.
Calculated rows (``reference_calculations.csv``) are one more series for each protocol: the molecules that
occur in both tie it to the measured scale, so that no shift is ever typed. What a calculation puts outside
the window in which voltammetry is possible counts with the window's edge: how far out such a level lies is
neither known nor asked.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Literal

from echemscreen.errors import InputError, TableError
from echemscreen.levels.bound_references import CalculatedLevel, read_bound_calculations
from echemscreen.levels.fit.media import media_terms, oxidised_charge
from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_file, read_rows
from echemscreen.scales import electrode, she_from

#: Standard deviation of a measured value by its grade, V: the scatter between laboratories is about
#: 0.06 V (H. Neugebauer et al., J. Phys. Chem. A 124, 7166 (2020)).
MEASURED_NOISE_V = {"A": 0.06, "B": 0.08}
#: What another reading of a wave than the half-wave potential adds, V: peaks of irreversible waves of one
#: compound scatter by about that between sweeps and laboratories.
KIND_NOISE_V = {"": 0.0, "E1/2": 0.0, "half_peak": 0.06, "peak": 0.08, "onset": 0.10}
#: The medium of the fit, and its series.
PREDICTION_SOLVENT = "acetonitrile"
PREDICTION_SERIES = PREDICTION_SOLVENT
#: Of a calculated value, V: the protocol's scatter on its anchors.
CALCULATED_NOISE_V = 0.10
#: The same for a value cut off at the edge of the window, V.
CUT_OFF_NOISE_V = 0.15
#: Potentials vs SHE outside which solvents and salts react first: values beyond are cut off here.
WINDOW_V_SHE = (-2.7, 3.0)
#: Rows outside these limits are typing errors, not potentials.
PHYSICAL_V_SHE = (-5.0, 5.0)
_FOLDER = "ligand_library"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePotential:
    """A measured potential (a row of ``reference_potentials.csv``)."""

    entry: str
    name: str
    """Blank where the source gives a structure only."""
    smiles: str
    process: Process
    value_v: float
    electrode: str
    solvent: str
    kind: Literal["", "E1/2", "half_peak", "peak", "onset"]
    """Blank where the source does not say."""
    salt: str
    grade: Literal["A", "B"]
    """How well laboratories agree on values of its kind (``MEASURED_NOISE_V``)."""
    citation: str
    locator: str
    note: str

    @property
    def noise_v(self) -> float:
        """Standard deviation of the value, V."""
        junction = electrode(self.electrode).junction_sigma_v
        return math.hypot(MEASURED_NOISE_V[self.grade], KIND_NOISE_V[self.kind], junction)

    @property
    def value_v_she(self) -> float:
        """The potential against SHE, by the offset of its nominal electrode."""
        return she_from(self.value_v, self.electrode)

    @property
    def group(self) -> str:
        """Electrode and solvent: within one, a molecule has one value."""
        return f"{self.electrode}/{self.solvent}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceCalculation(CalculatedLevel):
    """A row of ``reference_calculations.csv``: a level of a free molecule."""

    role: str
    entry: str

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What was asked: structure, process, protocol and its version."""
        return (self.smiles, self.process, self.protocol, self.protocol_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceDescriptors:
    """Descriptors computed for one reference molecule (a row of ``reference_descriptors.csv``)."""

    entry: str
    engine: str
    protocol: str
    scaffold: str
    """Murcko scaffold, or the molecule where it has none: what cross-validation keeps together."""
    groups: str
    gfn2_vertical_v_she: float
    gfn2_adiabatic_v_she: float | None
    ipea1_vertical_v_she: float | None
    ipea1_adiabatic_v_she: float | None
    homo_ev: float
    lumo_ev: float
    intact: bool

    @property
    def group_names(self) -> tuple[str, ...]:
        """Functional groups as a tuple."""
        return tuple(name for name in self.groups.split(";") if name)


@dataclass(frozen=True, slots=True, kw_only=True)
class PotentialBound:
    """A cited one-sided limit of a functional group (a row of ``potential_bounds.csv``).

    A molecule is bounded if every group in it is; the least extreme limit then holds.
    """

    group: str
    process: Process
    limit_v_she: float
    sigma_v: float
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One value that the calibration is fitted on, V vs SHE."""

    entry: str
    smiles: str
    process: Process
    value_v_she: float
    noise_v: float
    series: str
    """What shares an intercept: the measurements, or the protocol of a calculation."""
    chem_class: str


def reference_potentials() -> tuple[ReferencePotential, ...]:
    """The measured potentials, in file order.

    Raises
    ------
    TableError
        naming file and row, for an electrode outside ``scales``, an unphysical value, an unknown kind or
        grade, or a molecule whose values in one series contradict each other.
    """
    rows = read_rows(_FOLDER, "reference_potentials.csv", ReferencePotential)
    check_potentials(rows)
    return rows


def check_potentials(rows: Sequence[ReferencePotential], table: str = "reference_potentials.csv") -> None:
    """Refuse rows that cannot be fitted; see :func:`reference_potentials`."""
    seen: dict[tuple[str, str, str], ReferencePotential] = {}
    for line, row in enumerate(rows, start=2):
        where = f"{table}, line {line}, {row.entry}"
        try:
            value = row.value_v_she
        except InputError as error:
            raise TableError(f"{where}, column electrode: {error.message}", error.remedy) from error
        if not PHYSICAL_V_SHE[0] < value < PHYSICAL_V_SHE[1]:
            raise TableError(f"{where}, column value_v: {row.value_v} V is no potential.", "Correct it.")
        twin = seen.setdefault((row.smiles, row.process, row.group), row)
        if twin is not row and abs(twin.value_v - row.value_v) > 2 * MEASURED_NOISE_V["B"]:
            raise TableError(
                f"{where}, column value_v: {row.value_v} V contradicts {twin.value_v} V of {twin.entry}, the "
                "same molecule in the same series.",
                "Keep the better one.",
            )


def reference_calculations() -> tuple[ReferenceCalculation, ...]:
    """The calculated potentials, in file order."""
    return read_rows(_FOLDER, "reference_calculations.csv", ReferenceCalculation)


def free_calculations() -> tuple[ReferenceCalculation, ...]:
    """Every calculated potential of a free molecule: the list, then the parents of bound forms beside it.

    Both are of one protocol; a molecule and process of the list is not repeated.
    """
    listed = reference_calculations()
    known = {(row.smiles, row.process) for row in listed}
    shared = [item.name for item in fields(CalculatedLevel)]
    parents = (
        ReferenceCalculation(role="train", entry="", **{name: getattr(row, name) for name in shared})
        for row in read_bound_calculations()
        if not row.metal and (row.smiles, row.process) not in known
    )
    return (*listed, *parents)


def read_calculations(path: Path) -> tuple[ReferenceCalculation, ...]:
    """All rows of a file; none if it is not there yet."""
    return read_file(path, ReferenceCalculation) if path.is_file() else ()


def reference_descriptors() -> tuple[ReferenceDescriptors, ...]:
    """The shipped descriptors, in file order."""
    return read_rows(_FOLDER, "reference_descriptors.csv", ReferenceDescriptors)


def calculated_entry(row: ReferenceCalculation) -> str:
    """The name under which the descriptors of a calculated row are kept."""
    return f"{row.process} of {row.smiles}"


def references(
    measured: Sequence[ReferencePotential] | None = None,
    calculated: Sequence[ReferenceCalculation] | None = None,
) -> tuple[Reference, ...]:
    """Everything that is fitted: the measured rows, then the calculated ones.

    A calculated row counts with its adiabatic potential if the ion stayed intact, else with the
    vertical one, cut off at the edge of the window. Metal salts are left out: their ligand's level is
    what is calibrated.
    """
    measured = reference_potentials() if measured is None else measured
    calculated = free_calculations() if calculated is None else calculated
    terms = media_terms(measured, PREDICTION_SOLVENT)
    found = []
    for row in measured:
        shift_v, sigma_v = 0.0, 0.0
        if row.solvent != PREDICTION_SOLVENT:
            term, charge = terms.get(row.solvent), oxidised_charge(row.smiles, row.process)
            if term is None or not term.knows(charge):
                continue
            shift_v, sigma_v = term.shift_v(charge), term.sigma_v(charge)
        found.append(
            Reference(
                entry=row.entry,
                smiles=row.smiles,
                process=row.process,
                value_v_she=row.value_v_she + shift_v,
                noise_v=math.hypot(row.noise_v, sigma_v),
                series=PREDICTION_SERIES,
                chem_class="measured",
            )
        )
    for calculation in calculated:
        if "." in calculation.smiles:
            continue
        level = level_of(calculation)
        value = min(max(level, WINDOW_V_SHE[0]), WINDOW_V_SHE[1])
        found.append(
            Reference(
                entry=calculated_entry(calculation),
                smiles=calculation.smiles,
                process=calculation.process,
                value_v_she=value,
                noise_v=CALCULATED_NOISE_V if value == level else CUT_OFF_NOISE_V,
                series=calculation.protocol,
                chem_class="anchor" if calculation.role == "anchor" else calculation.chem_class,
            )
        )
    return tuple(found)


def level_of(row: CalculatedLevel) -> float:
    """The level that decides, V vs SHE: adiabatic if the ion stayed intact, else vertical.

    A relaxed ion is never less stable than the one at its parent's geometry: where the xTB geometry
    says so, the latter is the better estimate.
    """
    if row.adiabatic_v_she is None or row.intact is not True:
        return row.vertical_v_she
    return row.process.innermost(row.adiabatic_v_she, row.vertical_v_she)
