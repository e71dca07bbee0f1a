"""The raw ionisation energies of ``reference_ionisation.csv``: computed as every screen computes them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields, replace
from pathlib import Path

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError
from echemscreen.levels.fit.references import PREDICTION_SOLVENT
from echemscreen.levels.redox import theory_of, vertical_ladder
from echemscreen.levels.vacuum import ReferenceIonisation, vacuum_energies
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Species
from echemscreen.reference_tables import cell_of
from echemscreen.screening.workers.executors import WorkerPool

_DECIMALS = 4


def compute_ionisations(
    rows: Sequence[ReferenceIonisation], engine: str, *, workers: int
) -> tuple[ReferenceIonisation, ...]:
    """The rows with the raw ionisation energies of an engine computed anew.

    Raises
    ------
    EchemscreenError
        if one of them cannot be computed: the line would be another one without it.
    """
    with WorkerPool(workers) as pool:
        found = list(pool.map(raw_ionisation_ev, [row.smiles for row in rows], [engine] * len(rows)))
    energies = [round(value, _DECIMALS) for value in found]
    if engine == "tblite":
        return tuple(replace(row, tblite_ev=value) for row, value in zip(rows, energies, strict=True))
    return tuple(replace(row, xtb_ev=value) for row, value in zip(rows, energies, strict=True))


def raw_ionisation_ev(smiles: str, engine_name: str) -> float:
    """The raw vertical ionisation energy of a molecule, eV.

    Raises
    ------
    EchemscreenError
        if it cannot be computed.
    """
    engine = get_engine(engine_name)
    molecule = parse_smiles(smiles, smiles)
    species = Species(smiles=molecule.canonical_smiles, charge=molecule.charge)
    theory = theory_of(engine, PREDICTION_SOLVENT)
    ladder = vertical_ladder(engine, species, embed(species), theory)
    ionization, _ = vacuum_energies(ladder, theory)
    if ionization is None:
        raise EchemscreenError(f"The ionisation energy of {smiles} cannot be computed.")
    return ionization


def write_ionisations(rows: Sequence[ReferenceIonisation], path: Path) -> None:
    """Write ``reference_ionisation.csv``."""
    names = [item.name for item in fields(ReferenceIonisation)]
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(names)
        for row in rows:
            cells = asdict(row) | {"citation": cell_of(row.citation)}
            writer.writerow([cells[name] for name in names])
