"""What density-functional theory gave for the molecules of a run, as rows of a measurement file.

``screen --level refined`` writes them as ``refined.csv``. Such a file is used as a measured one is: by
``--measured``, and by ``calibrate --with``.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from echemscreen.levels.refined import REFINED_SOURCE
from echemscreen.measurements.own_rows import OwnMeasurement, append_own
from echemscreen.records.results import Assessment

REFINED_TABLE = "refined.csv"


def refined_rows(found: Assessment) -> tuple[OwnMeasurement, ...]:
    """The refined potentials of a row's molecule by itself, without what a site or a film adds."""
    rows = []
    for level in (found.levels.reduction, found.levels.oxidation):
        if level is None or level.sigma_v is None or level.vertical or level.citation is None:
            continue
        if level.citation.source != REFINED_SOURCE:
            continue
        added = sum(term.value_v for term in level.corrections)
        variance = level.sigma_v**2 - sum(term.sigma_v**2 for term in level.corrections)
        rows.append(
            OwnMeasurement(
                name=found.form.molecule.name,
                smiles=found.form.free.smiles,
                quantity=level.process,
                value=round(level.value_v_she - added, 4),
                scale="she",
                sigma_v=round(max(variance, 0.0) ** 0.5, 4),
                kind="calculated",
                solvent="acetonitrile",
                citation=f"{level.citation}",
            )
        )
    return tuple(rows)


def write_refined(folder: Path, rows: Iterable[OwnMeasurement]) -> None:
    """Write the rows of a run, one for each molecule and process; no file without a row.

    Raises
    ------
    StoreError
        if it cannot be written.
    """
    path = folder / REFINED_TABLE
    path.unlink(missing_ok=True)
    chosen = {(row.smiles, row.quantity): row for row in rows}
    if chosen:
        append_own(path, tuple(chosen.values()))
