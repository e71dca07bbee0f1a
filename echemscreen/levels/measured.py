"""Measured redox couples of ions: what stands in place of a calculation.

A bare anion has no meaning in xTB: in vacuum its last electron is often not bound, and a continuum
does not hold a charge of -2 or more. Its couple has been measured, though, and a measurement
outranks a calculation. ``measured_potentials.csv`` holds one row for each ion and process, as a
reduction potential against SHE.

Which couple. A hole or an electron is one charge carrier, so the one-electron couple decides
(``I./I-``, not ``I2/I-``). Where only a couple of several electrons is known, its row says so and
its sigma is wider. Through a dimer (``S2O8 2-/SO4 2-``) such a couple is a lower limit, because the
free radical lies above the dimer. A closed-shell ion in its lowest oxidation state has no reduced
form: its reduction is bounded by a medium in which it survives. A limit is ``one_sided``: the true
level lies at the value or further out, so that it may exclude a reaction and never assert one.

On the dot. Two things differ from the free ion in water.

* The medium. Leaving water costs an anion a part of its solvation, which the stay in a film of low
  permittivity does not give back. ``MEDIUM_SIGMA_V`` is added to every row in water, free or bound.
* The metal site. It holds the anion more strongly than the radical that a hole leaves behind. If it
  does not hold the radical at all, the oxidation rises by ``(RT/F) ln K``, with K the stability
  constant of the anion with the site metal; if it holds both alike, not at all. The truth lies
  between: half of it is added, and the other half is its sigma (correction ``SITE_CORRECTION``).
  ``log_k_site`` is the larger log10 K of Cd2+ and Zn2+ in water. A row without it, and a reduction,
  keep their value and get ``UNKNOWN_SITE_SIGMA_V``.

A one-sided row needs no term for the site: binding moves an oxidation further out, and the bounds of
reduction keep a margin of their own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from scipy import constants

from echemscreen.errors import TableError
from echemscreen.records.levels import Basis, Correction, Domain, EnergyLevel
from echemscreen.records.processes import Process
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows

#: Spread of an anion's potential between water and the film, in V; a choice, of the size of the shift of
#: a metal-free anion between water and an aprotic solvent.
MEDIUM_SIGMA_V = 0.15
#: Spread of a bound ion's potential without a stability constant, in V: half of the shift of log K = 7.
UNKNOWN_SITE_SIGMA_V = 0.20
#: Name of the correction for the metal site.
SITE_CORRECTION = "binding to the metal site"
_NERNST_V = constants.R * 298.15 * math.log(10) / constants.physical_constants["Faraday constant"][0]
_TABLE = "measured_potentials.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredPotential:
    """A row of ``measured_potentials.csv``: one couple of one ion, as a reduction potential."""

    name: str
    smiles: str
    """Canonical SMILES of the judged ion or molecule."""
    process: Process
    couple: str
    """Such as ``N3./N3-``."""
    value_v_she: float
    sigma_v: float
    """Of the measurement itself; wider where several electrons are exchanged."""
    one_sided: bool
    """The true level lies further out: above the value for oxidation, below it for reduction."""
    log_k_site: float | None
    """log10 of the stability constant with the site metal, in water at 25 C."""
    medium: str
    intact: bool | None
    """Whether the ion stays whole; ``None`` if not reported."""
    quality: str
    """``verified`` if the number was read in its source, else ``unverified``; a level says so."""
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def measured_potentials() -> dict[tuple[str, Process], MeasuredPotential]:
    """The measured couples by canonical SMILES and process.

    Raises
    ------
    TableError
        for a process that is neither, a sigma that is not positive, or an ion given twice.
    """
    found: dict[tuple[str, Process], MeasuredPotential] = {}
    for row in read_rows("ligand_library", _TABLE, MeasuredPotential):
        process = row.process
        if row.sigma_v <= 0.0 or row.quality not in {"verified", "unverified"}:
            raise TableError(
                f"{_TABLE}, {row.name}, {process}: the sigma or the quality is no possible one.",
                "Give a positive sigma in V, and verified or unverified.",
            )
        if (row.smiles, process) in found:
            raise TableError(
                f"{_TABLE} has two rows for the {process} of {row.smiles}.", "Keep the one that decides."
            )
        found[row.smiles, process] = row
    return found


def measured_level(smiles: str, process: Process, *, bound: bool) -> EnergyLevel | None:
    """The measured level of an ion, or ``None`` if no row has it.

    Parameters
    ----------
    smiles
        Canonical SMILES of the ion.
    process
        Which of its levels.
    bound
        Whether it sits on a metal ion.

    Returns
    -------
    EnergyLevel or None
        V vs SHE; basis and domain ``measured``, or ``bounded`` for a one-sided row.
    """
    row = measured_potentials().get((smiles, process))
    if row is None:
        return None
    variances = [row.sigma_v**2]
    if row.medium == "water":
        variances.append(MEDIUM_SIGMA_V**2)
    corrections: tuple[Correction, ...] = ()
    if bound and not row.one_sided:
        site = _site_correction(row, process)
        corrections = (site,)
        variances.append(site.sigma_v**2)
    doubt = "source not read" if row.quality == "unverified" else ""
    kind: Literal["measured", "bounded"] = "bounded" if row.one_sided else "measured"
    basis: Basis = kind
    domain: Domain = kind
    return EnergyLevel(
        process=process,
        value_v_she=row.value_v_she + sum(item.value_v for item in corrections),
        sigma_v=math.sqrt(sum(variances)),
        basis=basis,
        domain=domain,
        raw_v_she=row.value_v_she,
        corrections=corrections,
        intact=row.intact,
        changed_bonds=(row.couple,) if row.intact is False else (),
        one_sided=row.one_sided,
        citation=Citation(source=row.citation, locator=row.locator),
        note="; ".join(filter(None, (f"{row.couple} ({row.medium})", row.note, doubt))),
    )


def _site_correction(row: MeasuredPotential, process: Process) -> Correction:
    if process == Process.REDUCTION or row.log_k_site is None:
        return Correction(name=SITE_CORRECTION, value_v=0.0, sigma_v=UNKNOWN_SITE_SIGMA_V)
    half_v = 0.5 * _NERNST_V * row.log_k_site
    return Correction(name=SITE_CORRECTION, value_v=half_v, sigma_v=abs(half_v))
