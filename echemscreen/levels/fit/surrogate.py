"""A surrogate of ``full``: what it would say of a molecule, by the molecule's structure alone.

``full`` is the judge of a verdict without a calculation, so its levels are what is learnt: those of the
reference molecules, and of molecules without a reference value that were only computed
(``computed_descriptors.csv``: heads, chains and crosslinkers of the building blocks, and ligands of the
library). They are made from the raw potentials by the calibration at hand: a refit of it needs no new
calculation. That a molecule was computed is no evidence of its class; that remains the reference molecules'.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from echemscreen.errors import TableError
from echemscreen.levels.fit.calibration import (
    FITS_TABLE,
    Fit,
    chosen_fit,
    shipped_fit,
    shipped_pairs,
    shipped_row,
)
from echemscreen.levels.fit.gaussian import Pair, classes_of, descriptor_vector, rows_of, solved
from echemscreen.levels.fit.references import PREDICTION_SERIES, Reference, ReferenceDescriptors
from echemscreen.records.molecules import FloatArray
from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_rows

#: Whose described molecules the fit of structures is made of.
STRUCTURE_ENGINE = "tblite"
#: Marks a value that is not a reference but a level of ``full``.
LEVEL_OF_FULL = "full"
#: What start conformers and the last steps of a relaxation scatter a level by, V.
_NOISE_V = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedDescriptors(ReferenceDescriptors):
    """Those of a molecule that was only computed (a row of ``computed_descriptors.csv``).

    Its ``entry`` is its SMILES.
    """

    process: Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What ``full`` would say of one molecule."""

    value_v_she: float
    error_v: float
    """Conformal standard deviation of the estimate against ``full``."""
    sigma_v: float
    """Against the truth: with what the levels of ``full`` are uncertain by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """A fit of structures, the evidence behind it, and how uncertain the levels are that it learnt."""

    fit: Fit
    evidence: Fit
    """Whose reference molecules speak for a class."""
    full_sigma_v: float
    """Root-mean-square of the standard deviations of the levels."""

    def estimate(self, smiles: str, groups: Sequence[str]) -> Estimate:
        """The level of a molecule by its structure and functional groups."""
        found = self.fit.predict_structure(smiles, groups)
        return Estimate(
            value_v_she=found.value_v_she,
            error_v=found.sigma_v,
            sigma_v=math.hypot(found.sigma_v, self.full_sigma_v),
        )


@lru_cache(maxsize=2)
def shipped_surrogate(process: Process) -> Surrogate:
    """The surrogate of the shipped tables.

    Raises
    ------
    TableError
        if the molecules are not those of the fit.
    """
    adiabatic = shipped_fit(process, STRUCTURE_ENGINE, "adiabatic")
    vertical = shipped_fit(process, STRUCTURE_ENGINE, "vertical")
    learnt, sigmas = levels_of_full(process, adiabatic, vertical, shipped_pairs())
    rows = rows_of(process, STRUCTURE_ENGINE, "structure", learnt)
    row = shipped_row(process, STRUCTURE_ENGINE, "structure")
    if rows.digest() != row.rows_sha256:
        raise TableError(
            f"{FITS_TABLE}, {process} by structure: it was fitted on other molecules.",
            "Run 'echemscreen calibrate --out DIR' and use its tables.",
        )
    return Surrogate(
        fit=chosen_fit(process, STRUCTURE_ENGINE, "structure", solved(rows, row.choice)),
        evidence=vertical,
        full_sigma_v=float(np.sqrt(np.mean(sigmas**2))),
    )


@lru_cache(maxsize=1)
def computed_descriptors() -> tuple[ComputedDescriptors, ...]:
    """The molecules that were only computed, in file order."""
    return read_rows("ligand_library", "computed_descriptors.csv", ComputedDescriptors)


def levels_of_full(
    process: Process,
    adiabatic: Fit,
    vertical: Fit,
    pairs: Iterable[Pair],
    computed: Sequence[ComputedDescriptors] | None = None,
) -> tuple[tuple[Pair, ...], FloatArray]:
    """What is learnt: each molecule once with its level, and the standard deviations of the levels.

    As :func:`~echemscreen.levels.fit.prediction.calibrated_level` has it, the relaxed ion decides where it is
    intact and the calibration knows its like.

    Parameters
    ----------
    adiabatic, vertical
        The fits that make levels.
    pairs
        Reference values with their descriptors, of every engine and process.
    computed
        Molecules that were only computed, instead of the shipped ones.
    """
    computed = computed_descriptors() if computed is None else computed
    molecules: dict[str, ReferenceDescriptors] = {}
    for reference, row in pairs:
        if reference.process == process and row.engine == STRUCTURE_ENGINE:
            molecules.setdefault(reference.smiles, row)
    for row in computed:
        if row.process == process:
            molecules.setdefault(row.entry, row)
    rows = tuple(molecules.values())
    values, sigmas, known = _predicted(vertical, rows)
    whole = np.flatnonzero([row.intact and row.gfn2_adiabatic_v_she is not None for row in rows])
    by_ion, of_ion, ion_known = _predicted(adiabatic, [rows[i] for i in whole])
    chosen = np.logical_or(ion_known, np.logical_not(known[whole]))
    values[whole[chosen]], sigmas[whole[chosen]] = by_ion[chosen], of_ion[chosen]
    return tuple(
        (
            Reference(
                entry=row.entry,
                smiles=smiles,
                process=process,
                value_v_she=float(value),
                noise_v=_NOISE_V,
                series=PREDICTION_SERIES,
                chem_class=LEVEL_OF_FULL,
            ),
            row,
        )
        for (smiles, row), value in zip(molecules.items(), values, strict=True)
    ), sigmas


def _predicted(fit: Fit, rows: Sequence[ReferenceDescriptors]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Of many molecules: values, standard deviations, and whether their descriptors lie in range."""
    model = fit.model
    given = np.array([descriptor_vector(row, model.names) for row in rows])
    carried = [classes_of(row.group_names, row.intact) for row in rows]
    mean, spread = model.process.predict(model.features(given, carried))
    sigmas = np.hypot(spread, fit.noise_v) * np.array([fit.factor(names) for names in carried])
    in_range = np.array([model.leverage(line) <= fit.leverage_limit for line in given])
    return model.intercept_v_she + mean, sigmas, in_range
