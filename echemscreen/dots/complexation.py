r"""Complexes of metal ions: how much harder a bound ion is to reduce than the free one.

A ligand X with the overall stability constant :math:`\beta_n` moves the couple of a metal ion by

.. math:: E = E^0 - \frac{RT}{n_e F} \ln(10) \, \log_{10} \beta_n

at unit activity of the free ligand and of the complex (Nernst). The constants are cited rows of
``stability_constants.csv``; most hold for water at 25 C and ionic strength zero, so in a film they
tell the size of the shift. Another temperature moves the factor RT/F alone: E0 and log beta stay
those of their own temperature, as neither table has their enthalpies.

``sigma_log_beta`` is what compilations disagree by: between this one and ThermoChimie (``sit.dat``)
75 common constants differ by 0.43 (root mean square), between this one and ``llnl.dat`` 60 by 0.72.
Rows of the quality ``unverified`` are shown to readers of the table and never used unasked.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pymatgen.core import Element
from scipy import constants

from echemscreen.errors import InputError, TableError
from echemscreen.files import is_file
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import iterate_file, read_rows

#: Temperature of the tabulated couples, K.
STANDARD_TEMPERATURE_K = 298.15
#: Rows of this quality are from memory.
UNVERIFIED = "unverified"

#: What a row of a user's file can mean: the highest charge of a cation, the most ligands around
#: it, and far beyond the strongest complexes known (log beta about 50).
MAX_OXIDATION_STATE, MAX_LIGANDS, MAX_LOG_BETA = 8, 12, 100.0

_NONE, _OWN_ANION, _EVERYTHING = "none", "anion", "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class StabilityConstantRow:
    """A row of ``stability_constants.csv``: M + n X = M(X)n."""

    metal: str
    oxidation_state: int
    ligand_class: str
    ligand: str
    ligand_smiles: str
    """Canonical SMILES of the ligand with its proton."""
    ligand_charge: int
    anchor: str
    """Row of ``anchors.csv`` for whose other ligands this one may stand; blank for itself alone."""
    n: int
    log_beta: float
    sigma_log_beta: float
    temperature_k: float
    ionic_strength_m: float
    medium: str
    quality: str
    """``critical``, ``tabulated``, ``analogue`` (another ligand of the kind) or ``unverified``."""
    citation: str
    locator: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediumRow:
    """A row of ``media.csv``."""

    name: str
    complexes: str
    """``none``, ``anion`` (of the salt itself) or a ligand class, at unit activity."""
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """What surrounds a free metal ion: a name, and the constants of the ligands that are there."""

    name: str
    complexes: str
    rows: tuple[StabilityConstantRow, ...] = ()

    @property
    def moves_couples(self) -> bool:
        """Whether couples of complexes decide instead of those of free ions."""
        return self.complexes != _NONE

    @property
    def is_complete(self) -> bool:
        """Whether what has no constant here is known to stay free (a user's own list)."""
        return self.complexes == _EVERYTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class Complex:
    """M(X)n with its overall stability constant."""

    formula: str
    """Such as ``Cd(acetate)2`` or ``[Mg(acetate)]+``."""
    ligand_class: str
    n: int
    log_beta: float
    sigma_log_beta: float
    is_analogue: bool
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Ion:
    """A metal ion, and the ligand that its salt has brought along (blank for none)."""

    metal: str
    charge: int
    ligand_smiles: str = ""
    """The anion with its proton, canonical SMILES."""
    anchor: str = ""


def nernst_shift_v(log_beta: float, n_electrons: int, temperature_k: float = STANDARD_TEMPERATURE_K) -> float:
    """Shift of a couple by complexation of its ion, V; negative for a stable complex.

    Examples
    --------
    >>> round(nernst_shift_v(2.0, 2), 4)
    -0.0592
    """
    factor_v = constants.k * temperature_k * math.log(10.0) / constants.e
    return -factor_v * log_beta / n_electrons


@lru_cache(maxsize=1)
def stability_constants() -> tuple[StabilityConstantRow, ...]:
    """Every shipped row but the unverified ones."""
    rows = read_rows("band_data", "stability_constants.csv", StabilityConstantRow)
    return tuple(row for row in rows if row.quality != UNVERIFIED)


@lru_cache(maxsize=1)
def media() -> dict[str, Medium]:
    """The named media."""
    return {
        row.name: Medium(
            name=row.name,
            complexes=row.complexes,
            rows=tuple(
                item for item in stability_constants() if row.complexes in {_OWN_ANION, item.ligand_class}
            ),
        )
        for row in read_rows("band_data", "media.csv", MediumRow)
    }


def default_medium() -> Medium:
    """Water without ligands: the free couple decides (the first row of ``media.csv``)."""
    return next(iter(media().values()))


def medium_of(text: str) -> Medium:
    """The medium of a name, or of a CSV file with the columns of ``stability_constants.csv``.

    Every ligand of a file is at unit activity: the most stable complex of a metal decides, and a
    metal without a row stays free.

    Raises
    ------
    InputError
        if the name is unknown.
    TableError
        naming file, line and column of what is wrong in a file.
    """
    text = text.strip()
    if text in media():
        return media()[text]
    path = Path(text)
    if not is_file(path):
        raise InputError(
            f"The medium '{text}' is neither a file nor known.",
            f"Known media: {', '.join(media())}; or name a CSV file with the columns of "
            "band_data/stability_constants.csv.",
        )
    where = f"{path.parent.name}/{path.name}"
    rows = tuple(
        _checked(row, f"{where}, line {line}") for line, row in iterate_file(path, StabilityConstantRow)
    )
    if not rows:
        raise TableError(f"{where} has no row.", "Give one stability constant at least.")
    return Medium(name=path.name, complexes=_EVERYTHING, rows=rows)


def _checked(row: StabilityConstantRow, where: str) -> StabilityConstantRow:
    """The row, if its numbers can be meant."""
    for column, right, message in (
        ("metal", Element.is_valid_symbol(row.metal), f"'{row.metal}' is no element"),
        (
            "oxidation_state",
            1 <= row.oxidation_state <= MAX_OXIDATION_STATE,
            f"{row.oxidation_state} is no charge of a cation",
        ),
        ("ligand", bool(row.ligand), "the ligand has no name"),
        ("n", 1 <= row.n <= MAX_LIGANDS, f"{row.n} ligands do not fit around an ion"),
        (
            "log_beta",
            abs(row.log_beta) <= MAX_LOG_BETA,
            f"{row.log_beta:g} is no log10 of a stability constant",
        ),
        ("sigma_log_beta", row.sigma_log_beta >= 0, "a standard deviation is not negative"),
        ("temperature_k", row.temperature_k > 0, "a temperature in kelvin is positive"),
        ("ionic_strength_m", row.ionic_strength_m >= 0, "an ionic strength is not negative"),
    ):
        if not right:
            raise TableError(f"{where}, column {column}: {message}.", "Correct the cell.")
    return row


def complex_in(medium: Medium, ion: Ion) -> Complex | None:
    """The complex that an ion forms in a medium; ``None`` if no constant of it is known.

    With its own anions an ion forms the salt M(X)n or, where that has no constant, the largest
    complex below it. Constants of the very anion come first, then the mean over the ligands of its
    kind with their scatter. In a medium of ligands the most stable complex is taken.
    """
    rows = [row for row in medium.rows if (row.metal, row.oxidation_state) == (ion.metal, ion.charge)]
    if medium.complexes == _OWN_ANION:
        own = [row for row in rows if row.ligand_smiles == ion.ligand_smiles]
        kin = [row for row in rows if row.anchor and row.anchor == ion.anchor]
        for found, by_class in ((own, False), (kin, True)):
            neutral = [row for row in found if row.n * -row.ligand_charge <= ion.charge]
            if neutral:
                return _mean(_largest(neutral), by_class=by_class)
        return None
    if medium.is_complete:
        means = [_mean([row], by_class=False) for row in rows]
    else:
        counts = sorted({row.n for row in rows})
        means = [_mean([row for row in rows if row.n == n], by_class=True) for n in counts]
    return max(means, key=lambda item: item.log_beta, default=None)


def mean_complexes(medium: Medium) -> tuple[tuple[Ion, Complex], ...]:
    """Of every ion and ligand class of a medium the complex with the most ligands, or the salt."""
    groups: dict[tuple[str, int, str], list[StabilityConstantRow]] = {}
    for row in medium.rows:
        if row.n * -row.ligand_charge <= row.oxidation_state:
            groups.setdefault((row.metal, row.oxidation_state, row.ligand_class), []).append(row)
    return tuple(
        (Ion(metal=metal, charge=charge), _mean(_largest(rows), by_class=True))
        for (metal, charge, _), rows in groups.items()
    )


def _largest(rows: Sequence[StabilityConstantRow]) -> list[StabilityConstantRow]:
    most = max(row.n for row in rows)
    return [row for row in rows if row.n == most]


def _mean(rows: Sequence[StabilityConstantRow], *, by_class: bool) -> Complex:
    """One complex of rows that differ in their ligand alone, named after it or after its class."""
    first = rows[0]
    values = [row.log_beta for row in rows]
    return Complex(
        formula=_formula(first, first.ligand_class if by_class else first.ligand),
        ligand_class=first.ligand_class,
        n=first.n,
        log_beta=statistics.fmean(values),
        sigma_log_beta=math.hypot(max(row.sigma_log_beta for row in rows), statistics.pstdev(values)),
        is_analogue=any(row.quality == "analogue" for row in rows),
        citation=Citation(source=first.citation, locator="; ".join(row.locator for row in rows)),
    )


def _formula(row: StabilityConstantRow, ligand: str) -> str:
    charge = row.oxidation_state + row.n * row.ligand_charge
    body = f"{row.metal}({ligand}){row.n if row.n > 1 else ''}"
    if charge == 0:
        return body
    return f"[{body}]{abs(charge) if abs(charge) > 1 else ''}{'+' if charge > 0 else '-'}"
