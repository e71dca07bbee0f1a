"""How rows are assessed, and the ladders at hand while one is: stored ones, and those computed now."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from pydantic import ConfigDict, Field, model_validator

from echemscreen.dots.complexation import Medium, default_medium
from echemscreen.engines.base import CountsFunctions, Engine, get_engine
from echemscreen.errors import EchemscreenError
from echemscreen.levels.film import film_ladder
from echemscreen.levels.fit.own_measurements import OwnPotentials
from echemscreen.levels.redox import (
    Theory,
    first_opinion,
    relaxed_state,
    second_opinion,
    vertical_ladder,
    with_state,
)
from echemscreen.levels.refined import (
    REFINED_ENGINE,
    REFINED_HAMILTONIANS,
    refined_ladder,
    refined_seconds,
)
from echemscreen.levels.vacuum import vacuum_parent
from echemscreen.ligands.geometry import embed
from echemscreen.options.runs import Calculation
from echemscreen.records.levels import Ladder
from echemscreen.records.molecules import Geometry, Species
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.store import task_id
from echemscreen.verdicts.rules import Thresholds

#: The last one names its protocol: what was stored by an earlier one is not taken for it.
FILM_STAGE, VACUUM_STAGE, REFINED_STAGE = "film", "vacuum", "refined coarse"
#: A vertical ladder without its second opinion; one that has it stands for both.
FIRST_STAGE = "first"
#: Every piece of work that a species may need.
STAGES = (
    "vertical",
    FIRST_STAGE,
    *PROCESSES,
    FILM_STAGE,
    VACUUM_STAGE,
    *(f"{REFINED_STAGE} {process}" for process in PROCESSES),
)


class Settings(Calculation):
    """How molecules are assessed, the same for every row of a run: options, and the tables that they name."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    ions_in: Medium = Field(default_factory=default_medium)
    """What binds free metal ions; by default nothing."""
    announce: bool = False
    """Whether a calculation of minutes is told on standard error before it begins."""
    own: OwnPotentials = Field(default_factory=OwnPotentials)
    """The user's own measured potentials."""

    @model_validator(mode="after")
    def _judges(self) -> Self:
        # Refused before anything is computed.
        assert self.thresholds
        return self

    @property
    def thresholds(self) -> Thresholds:
        """Probabilities at which a verdict is given."""
        return Thresholds(active=self.p_active, inert=self.p_inert)


@dataclass(slots=True)
class Workbench:
    """The ladders at hand while one row is assessed, and those that had to be computed."""

    engine: Engine
    theory: Theory
    settings: Settings
    stored: Mapping[str, Ladder]
    computed: dict[str, Ladder] = field(default_factory=dict)
    own: Mapping[Species, Geometry] = field(default_factory=dict)
    """Start geometries that the user gave; such a workbench has no store."""

    def get_many(self, keys: Sequence[str]) -> Mapping[str, Ladder]:
        """The pieces at hand, as a store gives them."""
        found = {key: self._find(key) for key in keys}
        return {key: ladder for key, ladder in found.items() if ladder is not None}

    def ladder(self, species: Species, ligand: Species | None) -> Ladder:
        """The vertical ladder of a species, from the store or computed now; see :meth:`first`."""
        key = self._key(species, "vertical")
        found = self._find(key)
        if found is not None:
            return found
        # The parent is not relaxed twice.
        known = self._find(self._key(species, FIRST_STAGE))
        if known is None:
            made = self._made(species, ligand, with_second=True)
        else:
            made = second_opinion(self.engine, known, self.theory)
            self.computed.pop(self._key(species, FIRST_STAGE), None)
        self.computed[key] = made
        return made

    def first(self, species: Species, ligand: Species | None) -> Ladder:
        """The vertical ladder of a species without its second opinion, whatever else is known of it.

        Raises
        ------
        EchemscreenError
            for a bare polyanion, which no continuum holds.
        """
        if self.theory.ionisation is None:
            return self.ladder(species, ligand)
        whole = self._find(self._key(species, "vertical"))
        if whole is not None:
            return first_opinion(whole)
        key = self._key(species, FIRST_STAGE)
        found = self._find(key)
        if found is None:
            found = self.computed[key] = self._made(species, ligand, with_second=False)
        return found

    def _key(self, species: Species, stage: str) -> str:
        return ladder_key(species, self.engine, self.theory, self.settings, stage)

    def _made(self, species: Species, ligand: Species | None, *, with_second: bool) -> Ladder:
        if species.charge < -1:
            raise EchemscreenError(
                f"An anion of charge {species.charge} cannot be computed: a continuum does not hold it.",
                "Add its couple to ligand_library/measured_potentials.csv, or draw where protons go.",
            )
        if species in self.own:
            conformers: tuple[Geometry, ...] = (self.own[species],)
        else:
            conformers = embed(
                species,
                n_conformers=self.settings.conformers,
                time_limit_s=self.settings.time_limit_s,
                ligand=ligand,
            )
        return vertical_ladder(
            self.engine,
            species,
            conformers,
            self.theory,
            with_second=with_second,
            time_limit_s=self.settings.time_limit_s,
        )

    def relaxed(self, ladder: Ladder, process: Process) -> Ladder:
        """The ladder with one ion relaxed, from the store or computed now."""
        key = self._key(ladder.species, process)
        rung = self._find(key)
        if rung is None:
            state = relaxed_state(
                self.engine, ladder, process, self.theory, time_limit_s=self.settings.time_limit_s
            )
            rung = replace(ladder, states=(state,))
            self.computed[key] = rung
        vertical = next(
            state.vertical for state in ladder.states if state.added_electrons == process.electrons
        )
        # The rung may be of a ladder with, or without, its second opinion.
        return with_state(ladder, replace(rung.states[0], vertical=vertical))

    def refined(self, ladder: Ladder, process: Process) -> Ladder:
        """Parent and ion of a relaxed ladder by density-functional theory, from the store or computed."""
        key = self._key(ladder.species, f"{REFINED_STAGE} {process}")
        found = self._find(key)
        if found is None:
            engine = get_engine(REFINED_ENGINE)
            if self.settings.announce:
                _announce(engine, ladder, process)
            found = self.computed[key] = refined_ladder(engine, ladder, process)
        return found

    def film(self, ladder: Ladder) -> Ladder:
        """The single points of a ladder in a film, from the store or computed now."""
        key = self._key(ladder.species, FILM_STAGE)
        found = self._find(key)
        if found is None:
            found = self.computed[key] = film_ladder(self.engine, ladder, self.theory)
        return found

    def in_vacuum(self, ladder: Ladder) -> Ladder:
        """The parent of a ladder in vacuum, on the same geometry, from the store or computed now."""
        key = self._key(ladder.species, VACUUM_STAGE)
        found = self._find(key)
        if found is None:
            found = self.computed[key] = vacuum_parent(self.engine, ladder, self.theory)
        return found

    def piece(self, key: str, make: Callable[[], Ladder]) -> Ladder:
        """What is left of a molecule by a broken bond, from the store or computed now."""
        found = self._find(key)
        if found is None:
            found = self.computed[key] = make()
        return found

    def _find(self, key: str) -> Ladder | None:
        return self.computed.get(key) or self.stored.get(key)


def _announce(engine: Engine, ladder: Ladder, process: Process) -> None:
    """One line with the size of a molecule and the time that it will take on one core."""
    parent = ladder.state(0)
    if parent is None or parent.geometry is None or not isinstance(engine, CountsFunctions):
        return
    symbols, protocol = parent.geometry.symbols, REFINED_HAMILTONIANS[process]
    n_functions = engine.n_functions(symbols, engine.method(protocol, "acetonitrile"))
    seconds = refined_seconds(n_functions, protocol)
    time = "" if seconds is None else f", about {max(seconds / 60.0, 0.1):.1f} min of a core"
    sys.stderr.write(
        f"refining {ladder.species.smiles}: {process}, {len(symbols)} atoms, {n_functions} basis functions"
        f"{time}\n"
    )
    sys.stderr.flush()


def ladder_key(species: Species, engine: Engine, theory: Theory, settings: Settings, stage: str) -> str:
    """The ``task_id`` of a piece of work: known before anything is embedded."""
    protocol = f"{theory.protocol}|conformers={settings.conformers}|{stage}"
    return task_id(species, engine=engine.name, protocol=protocol)
