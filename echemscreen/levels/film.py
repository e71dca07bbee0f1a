"""From solution to film: the shift of a potential in a surrounding of low permittivity.

A ligand in a device sits among ligands and dots, not in acetonitrile: its ions are stabilised less,
so reduction becomes harder and oxidation harder too. The correction is computed, molecule by
molecule, as the vertical GFN2-xTB potential in ``FILM_SOLVENT`` minus that in the solvent of the
run, on the same geometry. How far an ion in a film of dots (permittivity between that of a ligand
shell and that of the semiconductor) goes this way is not known: half the shift is its sigma.
"""

from __future__ import annotations

from dataclasses import replace

from echemscreen.engines.base import Engine
from echemscreen.errors import EngineError
from echemscreen.levels.redox import (
    GEOMETRY_HAMILTONIAN,
    Theory,
    potential_v_she,
    raw_potentials,
)
from echemscreen.records.levels import Correction, Ladder
from echemscreen.records.processes import Process

#: An implicit solvent with the permittivity of an organic film (toluene, 2.4).
FILM_SOLVENT = "toluene"


def film_ladder(engine: Engine, ladder: Ladder, theory: Theory) -> Ladder:
    """Single points of the parent and its ions in the film, on the parent's geometry.

    Raises
    ------
    EngineError
        if a self-consistent field fails.
    """
    parent = ladder.state(0)
    if parent is None or parent.geometry is None:
        raise EngineError("A film correction needs a relaxed parent.")
    method = engine.method(GEOMETRY_HAMILTONIAN, FILM_SOLVENT)
    engine.check(method)
    geometry = parent.geometry
    states = tuple(
        replace(
            state,
            vertical=(
                engine.single_point(
                    geometry, charge=state.charge, n_unpaired=state.n_unpaired, method=method
                ),
            ),
            relaxed=(),
            geometry=geometry if state.added_electrons == 0 else None,
            intact=None,
            changed_bonds=(),
            n_gradients=0,
        )
        for state in ladder.states
    )
    return replace(ladder, states=states, protocol=f"{theory.protocol}|film {method}")


def film_correction(ladder: Ladder, film: Ladder, process: Process) -> Correction:
    """The shift of a potential from the solvent of ``ladder`` to the film, V.

    Raises
    ------
    EngineError
        if a state is missing.
    """
    parent, ion = film.state(0), film.state(process.electrons)
    if parent is None or ion is None:
        raise EngineError(f"The film ladder of {film.species.smiles} has no {process} state.")
    in_film = potential_v_she(parent.vertical[0].energy_ev, ion.vertical[0].energy_ev, process)
    shift = in_film - raw_potentials(ladder, process).gfn2_vertical_v_she
    return Correction(name=f"film ({FILM_SOLVENT})", value_v=shift, sigma_v=0.5 * abs(shift))
