"""A user's measurement file in a run: potentials of ligands, edges of the dot, and what they move."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from echemscreen.dots.edges.given_edges import written_layers
from echemscreen.dots.edges.own_edges import reading_of
from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError, TableError
from echemscreen.levels.fit.media import media_terms, oxidised_charge
from echemscreen.levels.fit.own_measurements import OwnPotential, OwnPotentials
from echemscreen.levels.fit.references import PREDICTION_SOLVENT, reference_potentials
from echemscreen.levels.measured import MEDIUM_SIGMA_V
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.measurements.own_rows import OwnMeasurement
from echemscreen.records.molecules import Species
from echemscreen.records.processes import Process
from echemscreen.scales import from_she
from echemscreen.screening.workbench import STAGES, Settings, Workbench, ladder_key
from echemscreen.store import Piece

if TYPE_CHECKING:
    from echemscreen.store.database import Store


def own_potentials(rows: Sequence[OwnMeasurement]) -> OwnPotentials:
    """The potentials of ligands in a measurement file, in acetonitrile.

    What was measured in another solvent is moved by the molecules that are known in both; where there are
    too few it is kept, and its sigma holds what such a move may be.

    Raises
    ------
    TableError
        naming a row whose SMILES cannot be read, or a molecule that stands there twice.
    """
    measured = [row for row in rows if row.smiles]
    if not measured:
        return OwnPotentials()
    terms = media_terms(reference_potentials(), PREDICTION_SOLVENT)
    found: list[OwnPotential] = []
    for row in measured:
        try:
            smiles = parse_smiles(row.smiles, row.name).canonical_smiles
        except EchemscreenError as error:
            raise TableError(f"The measured row '{row.name}': {error.message}", error.remedy) from error
        term, charge = terms.get(row.solvent), oxidised_charge(smiles, row.quantity)
        shift, sigma = 0.0, 0.0 if row.solvent == PREDICTION_SOLVENT else MEDIUM_SIGMA_V
        if term is not None and term.knows(charge):
            shift, sigma = term.shift_v(charge), term.sigma_v(charge)
        process = Process(row.quantity)
        if OwnPotentials(tuple(found)).of({smiles}, process) is not None:
            raise TableError(f"The {process} of {smiles} is measured twice.", "Keep one row, or their mean.")
        moved = f" ({row.solvent}, moved by {shift:+.2f} V)" if shift else ""
        found.append(
            OwnPotential(
                name=row.name,
                smiles=smiles,
                process=process,
                value_v_she=row.value_v_she + shift,
                sigma_v=math.hypot(row.sigma_v, sigma),
                source=row.citation,
                note=f"{row.kind}{moved}".strip(),
            )
        )
    return OwnPotentials(tuple(found))


def described(settings: Settings, store: Store | None = None) -> tuple[Settings, tuple[str, ...]]:
    """The settings with the descriptors of the measured molecules, which their relatives need.

    Their ladders are computed or taken from the store. A molecule that cannot be computed moves no other.

    Returns
    -------
    tuple
        The settings, and a sentence for each molecule that could not be computed.
    """
    if not settings.own.rows:
        return settings, ()
    from echemscreen.evidence.references.reference_runs import descriptors_of  # noqa: PLC0415 - loads what fits

    rows, failures = [], []
    engine = get_engine(settings.engine)
    theory = theory_of(engine, settings.solvent)
    for row in settings.own.rows:
        molecule = parse_smiles(row.smiles, row.name)
        species = Species(smiles=molecule.canonical_smiles, charge=molecule.charge)
        keys = [ladder_key(species, engine, theory, settings, stage) for stage in STAGES]
        bench = Workbench(engine, theory, settings, {} if store is None else store.get_many(keys))
        try:
            ladder = bench.relaxed(bench.ladder(species, None), row.process)
            rows.append(replace(row, descriptors=descriptors_of(ladder, row.process, molecule)))
        except EchemscreenError as error:
            rows.append(row)
            failures.append(f"{row.name} moves no other molecule: {error.message}")
        if store is not None and bench.computed:
            store.put_many(
                [
                    Piece(key=key, ladder=made, inchikey=molecule.inchikey, name=row.name)
                    for key, made in bench.computed.items()
                ]
            )
    return settings.model_copy(update={"own": OwnPotentials(tuple(rows))}), tuple(failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnEdges:
    """The user's edges of a dot as the options of a dot, and in words."""

    options: Mapping[str, float]
    words: tuple[str, ...]


def own_edges(rows: Sequence[OwnMeasurement], spec: str) -> OwnEdges:
    """The edges of one dot in a measurement file, each less what its kind of reading adds.

    Raises
    ------
    TableError
        for a dot or a kind of reading that means nothing.
    """
    layers = written_layers(spec)
    options: dict[str, float] = {}
    words = []
    for row in rows:
        if not row.dot:
            continue
        try:
            if written_layers(row.dot) != layers:
                continue
            reading = reading_of(row.kind, row.quantity)
        except EchemscreenError as error:
            raise TableError(f"The measured row '{row.name}': {error.message}", error.remedy) from error
        value, sigma = row.value_v_she - reading.mean_v, math.hypot(row.sigma_v, reading.sigma_v)
        if row.quantity == "cbm":
            options |= {"cbm_v_she": value, "cbm_sigma_v": sigma}
        else:
            options |= {"vbm_ev": from_she(value, "vacuum"), "vbm_sigma_ev": sigma}
        less = f", less {reading.mean_v:+.2f} V that {row.kind} reads" if reading.mean_v else ""
        words.append(
            f"{row.quantity.upper()} of {layers}: {row.value_v_she:+.2f} V vs SHE by {row.name}{less}"
        )
    return OwnEdges(options=options, words=tuple(words))


def own_words(own: OwnPotentials, failures: Sequence[str]) -> tuple[str, ...]:
    """What a run takes from the user's file, a line each; nothing without one."""
    names = ", ".join(f"{row.name} ({row.process})" for row in own.rows)
    return (f"measured by you: {names}", *failures) if own.rows else ()
