"""The user's own measurement file, a row a level or edge: ``measure`` writes it, ``--measured`` reads it."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from echemscreen.errors import InputError, TableError
from echemscreen.files import written_whole
from echemscreen.reference_tables import iterate_file
from echemscreen.scales import electrode, she_from

LIGAND_QUANTITIES = ("reduction", "oxidation")
DOT_QUANTITIES = ("cbm", "vbm")
#: Values outside these limits are typing errors, V vs SHE.
_PHYSICAL_V_SHE = (-5.0, 5.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnMeasurement:
    """A row of a user's measurement file: a potential of a ligand, or an edge of a dot."""

    name: str
    smiles: str = ""
    """Of a ligand; blank for a dot."""
    dot: str = ""
    """Specification of a dot; blank for a ligand."""
    quantity: str
    """``reduction`` or ``oxidation`` of a ligand, ``cbm`` or ``vbm`` of a dot."""
    value: float
    """V on ``scale``, on ``vacuum`` an electron energy in eV (negative)."""
    scale: str
    """A row of ``reference_electrodes.csv``."""
    sigma_v: float
    """Standard deviation, V."""
    kind: str = ""
    """How it was read. Of a ligand ``E1/2``, ``half_peak``, ``peak`` or ``onset``, of a dot a row of
    ``edge_kinds.csv``."""
    solvent: str = "acetonitrile"
    citation: str
    """The file of the instrument, or the page of the notebook."""
    note: str = ""

    @property
    def value_v_she(self) -> float:
        """The value in V vs SHE."""
        return she_from(self.value, self.scale)

    @property
    def subject(self) -> str:
        """What was measured."""
        return self.smiles or self.dot


def read_own(path: Path) -> tuple[OwnMeasurement, ...]:
    """The rows of a measurement file.

    Raises
    ------
    TableError
        naming file, line and column of what is wrong, also for two rows of one quantity.
    """
    seen: dict[tuple[str, str], int] = {}
    rows = []
    for line, row in iterate_file(path, OwnMeasurement):
        where = f"{path.name}, line {line}"
        _check(row, where)
        first = seen.setdefault((row.subject, row.quantity), line)
        if first != line:
            raise TableError(
                f"{where}: the {row.quantity} of {row.subject} stands in line {first} already.",
                "Keep one, or join the two into their mean.",
            )
        rows.append(row)
    if not rows:
        raise TableError(f"{path.name} has no rows.", "'echemscreen measure' writes them.")
    return tuple(rows)


def _check(row: OwnMeasurement, where: str) -> None:
    if bool(row.smiles) == bool(row.dot):
        raise TableError(
            f"{where}: a row is of a ligand or of a dot, and this one of {'both' if row.dot else 'neither'}.",
            "Fill in either smiles or dot.",
        )
    known = LIGAND_QUANTITIES if row.smiles else DOT_QUANTITIES
    if row.quantity not in known:
        raise TableError(
            f"{where}, column quantity: '{row.quantity}' is unknown.", f"Write {' or '.join(known)}."
        )
    try:
        electrode(row.scale)
    except InputError as error:
        raise TableError(f"{where}, column scale: {error.message}", error.remedy) from error
    low, high = _PHYSICAL_V_SHE
    if not low < row.value_v_she < high:
        hint = " An energy against vacuum is negative." if row.scale == "vacuum" and row.value > 0 else ""
        raise TableError(f"{where}, column value: {row.value:g} is no level.{hint}", "Correct it.")
    if not (0 < row.sigma_v < math.inf):
        raise TableError(
            f"{where}, column sigma_v: {row.sigma_v:g} is no uncertainty.", "Give a positive one."
        )


def append_own(path: Path, rows: Sequence[OwnMeasurement]) -> None:
    """Add rows to a measurement file, which is made if it is not there; all of them or none.

    Raises
    ------
    TableError
        if the file cannot be read, or holds one of these quantities already.
    StoreError
        if it cannot be written.
    """
    header = [field.name for field in fields(OwnMeasurement)]
    known = read_own(path) if path.exists() else ()
    there = {(row.subject, row.quantity) for row in known}
    for row in rows:
        if (row.subject, row.quantity) in there:
            raise TableError(
                f"{path.name} holds the {row.quantity} of {row.subject} already.",
                "Take that row out first, or name another file with --measured.",
            )
    with (
        written_whole(path, "The measurement file") as place,
        place.open("w", newline="", encoding="utf-8") as handle,
    ):
        writer = csv.DictWriter(handle, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in (*known, *rows))
