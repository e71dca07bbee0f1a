r"""The charge-state ladder of a species, and the raw potentials that follow from it.

The parent is relaxed with GFN2-xTB in the implicit solvent; on its geometry the ions are computed
(vertical); each ion may then be relaxed itself (adiabatic). IPEA1-xTB single points on the same
geometries are a second opinion, where the engine has that Hamiltonian and the verdict needs one. An
absolute potential follows from a charge-state difference by

.. math:: U_\mathrm{abs} = E(N) - E(N+1) - \Delta_\\mathrm{si}

for reduction (and ``E(N-1) - E(N) - shift`` for oxidation) with the self-interaction shift of the
GFN family (``method_constants.csv``). Raw potentials are only the input of the calibration; they
are kept beside the calibrated value and decide nothing.

References: GFN2-xTB, C. Bannwarth et al., J. Chem. Theory Comput. 15, 1652 (2019); IPEA1-xTB,
V. Asgeirsson et al., Chem. Sci. 8, 4879 (2017); redox potentials from both, H. Neugebauer et al.,
J. Phys. Chem. A 124, 7166 (2020).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from ase.units import kB

from echemscreen.engines.base import Engine
from echemscreen.engines.relax import changed_bonds, relax
from echemscreen.errors import EngineError, InputError
from echemscreen.levels.ion_geometry import ion_start
from echemscreen.records.levels import ChargeState, Correction, Ladder, Method, SinglePoint
from echemscreen.records.molecules import Geometry, Species
from echemscreen.records.processes import Process
from echemscreen.reference_tables import read_rows
from echemscreen.scales import she_from

#: Raised whenever a change here would give a stored ladder other numbers.
PROTOCOL_VERSION = 3

#: Hamiltonian of geometries and of the primary charge-state differences.
GEOMETRY_HAMILTONIAN = "GFN2-xTB"
#: Second opinion for charge-state differences, where the engine has it.
IONISATION_HAMILTONIAN = "IPEA1-xTB"

TEMPERATURE_K = 298.15


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodConstant:
    """A row of ``method_constants.csv``."""

    name: str
    value: float
    unit: str
    sigma: float | None
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def method_constants() -> dict[str, MethodConstant]:
    """All declared constants of the protocol by name."""
    return {row.name: row for row in read_rows("ligand_library", "method_constants.csv", MethodConstant)}


def statistical_term(n_centres: int, process: Process) -> Correction:
    """(RT/F) ln n towards the gap: the charge has ``n_centres`` equal places to go.

    J. B. Flanagan, S. Margel, A. J. Bard and F. C. Anson, J. Am. Chem. Soc. 100, 4248 (1978).
    """
    shift = kB * TEMPERATURE_K * math.log(n_centres)
    return Correction(
        name=f"one of {n_centres} equal centres", value_v=process.electrons * shift, sigma_v=0.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Theory:
    """The levels of theory of one ladder on one engine.

    ``geometry`` relaxes and gives the primary potentials, ``ionisation`` the second opinion
    (``None`` where the engine lacks it), ``vacuum`` dipoles.
    """

    geometry: Method
    ionisation: Method | None
    vacuum: Method

    @property
    def solvent(self) -> str:
        """Name of the implicit solvent."""
        return self.geometry.solvent

    @property
    def protocol(self) -> str:
        """Name under which results are stored: what was asked, not what came out."""
        second = f"+{self.ionisation.hamiltonian}" if self.ionisation else ""
        return f"v{PROTOCOL_VERSION}:{self.geometry}{second}"

    @property
    def solution(self) -> tuple[Method, ...]:
        """The methods used for potentials, that of the relaxations first."""
        return (self.geometry, self.ionisation) if self.ionisation else (self.geometry,)


def theory_of(engine: Engine, solvent: str) -> Theory:
    """The best theory an engine offers in a solvent.

    Raises
    ------
    InputError
        if the engine does not know the solvent, or computes no levels.
    """
    if not solvent:
        raise InputError(
            "Potentials need a solvent.", f"Known solvents: {', '.join(sorted(engine.solvents))}."
        )
    if GEOMETRY_HAMILTONIAN not in engine.hamiltonians:
        raise InputError(
            f"The engine {engine.name} computes no levels: it has no Hamiltonian '{GEOMETRY_HAMILTONIAN}'.",
            "Leave --engine away; density-functional theory comes with --level refined.",
        )
    geometry = engine.method(GEOMETRY_HAMILTONIAN, solvent)
    engine.check(geometry)
    has_ipea = IONISATION_HAMILTONIAN in engine.hamiltonians
    second = IONISATION_HAMILTONIAN if has_ipea else GEOMETRY_HAMILTONIAN
    return Theory(
        geometry=geometry,
        ionisation=engine.method(IONISATION_HAMILTONIAN, solvent) if has_ipea else None,
        vacuum=Method(hamiltonian=second),
    )


def ion_unpaired(n_unpaired: int) -> int:
    """Unpaired electrons of the low-spin ion one electron away."""
    return n_unpaired - 1 if n_unpaired else 1


def vertical_ladder(
    engine: Engine,
    species: Species,
    conformers: Sequence[Geometry],
    theory: Theory,
    *,
    with_second: bool = True,
    time_limit_s: float | None = None,
) -> Ladder:
    """Relax the parent and compute its ions on the parent's geometry.

    Parameters
    ----------
    conformers
        Start geometries; the one of lowest energy at ``theory.geometry`` is relaxed.
    with_second
        Whether to add the second opinion at once; see :func:`second_opinion`.
    time_limit_s
        Wall seconds the relaxation may take.

    Returns
    -------
    Ladder
        Parent first, then the reduced and the oxidised state, both vertical only.

    Raises
    ------
    EngineError
        if a self-consistent field or the relaxation fails after its retries.
    """
    started = time.perf_counter()
    charge, spin = species.charge, species.n_unpaired
    if not conformers:
        raise InputError("A ladder needs at least one start geometry.")
    start = conformers[0]
    if len(conformers) > 1:
        energies = [
            engine.single_point(geometry, charge=charge, n_unpaired=spin, method=theory.geometry).energy_ev
            for geometry in conformers
        ]
        start = conformers[energies.index(min(energies))]
    parent = relax(
        engine,
        start,
        charge=charge,
        n_unpaired=spin,
        method=theory.geometry,
        time_limit_s=time_limit_s,
    )
    states = []
    for added in (0, 1, -1):
        spin_here = spin if added == 0 else ion_unpaired(spin)
        points = _points(
            engine,
            parent.geometry,
            charge - added,
            spin_here,
            theory.solution if with_second else (theory.geometry,),
            # The relaxation of the parent ended at its first point.
            first=parent.point if added == 0 else None,
        )
        broken = changed_bonds(start, parent.geometry) if added == 0 else ()
        states.append(
            ChargeState(
                added_electrons=added,
                charge=charge - added,
                n_unpaired=spin_here,
                vertical=points,
                relaxed=points if added == 0 else (),
                geometry=parent.geometry if added == 0 else None,
                intact=not broken if added == 0 else None,
                changed_bonds=broken,
                n_gradients=parent.n_gradients if added == 0 else 0,
            )
        )
    return Ladder(
        species=species,
        engine=engine.name,
        engine_version=engine.version,
        protocol=theory.protocol,
        states=tuple(states),
        wall_s=time.perf_counter() - started,
    )


def second_opinion(engine: Engine, ladder: Ladder, theory: Theory) -> Ladder:
    """A vertical ladder without one, with the single points of ``theory.ionisation`` on its geometry."""
    parent = ladder.states[0]
    if parent.geometry is None:
        raise EngineError(f"The ladder of {ladder.species.smiles} has no parent.")
    states = []
    for state in ladder.states:
        charge, spin, first = state.charge, state.n_unpaired, state.vertical[0]
        points = _points(engine, parent.geometry, charge, spin, theory.solution, first=first)
        states.append(replace(state, vertical=points, relaxed=points if state.relaxed else ()))
    return replace(ladder, states=tuple(states))


def first_opinion(ladder: Ladder) -> Ladder:
    """A vertical ladder without its second opinion."""
    states = (replace(s, vertical=s.vertical[:1], relaxed=s.relaxed[:1]) for s in ladder.states)
    return replace(ladder, states=tuple(states))


def relaxed_state(
    engine: Engine,
    ladder: Ladder,
    process: Process,
    theory: Theory,
    *,
    time_limit_s: float | None = None,
) -> ChargeState:
    """Relax one ion of a vertical ladder, and compare its bonds with the parent's.

    Raises
    ------
    EngineError
        if the relaxation fails; the vertical ladder stays usable.
    """
    added = process.electrons
    parent, vertical = ladder.state(0), ladder.state(added)
    if parent is None or parent.geometry is None or vertical is None:
        raise EngineError("An ion can only be relaxed from a vertical ladder.")
    result = relax(
        engine,
        ion_start(parent.geometry, process),
        charge=vertical.charge,
        n_unpaired=vertical.n_unpaired,
        method=theory.geometry,
        time_limit_s=time_limit_s,
    )
    points = _points(
        engine, result.geometry, vertical.charge, vertical.n_unpaired, theory.solution, first=result.point
    )
    broken = changed_bonds(parent.geometry, result.geometry)
    return replace(
        vertical,
        relaxed=points,
        geometry=result.geometry,
        intact=not broken,
        changed_bonds=broken,
        n_gradients=result.n_gradients,
    )


def _points(
    engine: Engine,
    geometry: Geometry,
    charge: int,
    n_unpaired: int,
    methods: Sequence[Method],
    *,
    first: SinglePoint | None,
) -> tuple[SinglePoint, ...]:
    """The single points by some methods; the first may be known from a relaxation."""
    known = () if first is None else (first,)
    return known + tuple(
        engine.single_point(geometry, charge=charge, n_unpaired=n_unpaired, method=method)
        for method in methods[len(known) :]
    )


def with_state(ladder: Ladder, state: ChargeState) -> Ladder:
    """The ladder with one rung replaced."""
    states = tuple(state if old.added_electrons == state.added_electrons else old for old in ladder.states)
    return replace(ladder, states=states)


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPotentials:
    """Uncalibrated potentials of one process, V vs SHE, and the frontier orbitals in eV.

    Adiabatic values are ``None`` where the ion was not relaxed or broke; IPEA1 values where the
    engine lacks that Hamiltonian.
    """

    process: Process
    gfn2_vertical_v_she: float
    gfn2_adiabatic_v_she: float | None
    ipea1_vertical_v_she: float | None
    ipea1_adiabatic_v_she: float | None
    homo_ev: float
    lumo_ev: float
    intact: bool | None
    changed_bonds: tuple[str, ...] = ()


def raw_potentials(ladder: Ladder, process: Process) -> RawPotentials:
    """Potentials of one process from the energies of a ladder.

    Raises
    ------
    EngineError
        if the ladder lacks the state or its frontier orbitals.
    """
    parent, ion = ladder.state(0), ladder.state(process.electrons)
    if parent is None or ion is None:
        raise EngineError(f"The ladder of {ladder.species.smiles} has no {process} state.")
    first = _solution_point(parent.relaxed, GEOMETRY_HAMILTONIAN)
    if first is None or first.homo_ev is None or first.lumo_ev is None:
        raise EngineError(f"The ladder of {ladder.species.smiles} has no frontier orbitals.")

    def potential(points: tuple[SinglePoint, ...], hamiltonian: str) -> float | None:
        neutral = _solution_point(parent.relaxed, hamiltonian)
        charged = _solution_point(points, hamiltonian)
        if neutral is None or charged is None:
            return None
        return potential_v_she(neutral.energy_ev, charged.energy_ev, process)

    vertical = potential(ion.vertical, GEOMETRY_HAMILTONIAN)
    if vertical is None:
        raise EngineError(f"The ladder of {ladder.species.smiles} has no vertical {process}.")
    return RawPotentials(
        process=process,
        gfn2_vertical_v_she=vertical,
        gfn2_adiabatic_v_she=potential(ion.relaxed, GEOMETRY_HAMILTONIAN),
        ipea1_vertical_v_she=potential(ion.vertical, IONISATION_HAMILTONIAN),
        ipea1_adiabatic_v_she=potential(ion.relaxed, IONISATION_HAMILTONIAN),
        homo_ev=first.homo_ev,
        lumo_ev=first.lumo_ev,
        intact=ion.intact,
        changed_bonds=ion.changed_bonds,
    )


def spins_of_ion(ladder: Ladder, process: Process) -> tuple[float, ...]:
    """Where the unpaired electron of a vertical ion is, by atom; blank where that is not known.

    Only of a closed-shell parent: the ion of a radical has no unpaired electron.
    """
    ion = ladder.state(process.electrons)
    if ion is None or ladder.species.n_unpaired:
        return ()
    point = _solution_point(ion.vertical, GEOMETRY_HAMILTONIAN)
    return () if point is None else point.atomic_spins


def _solution_point(points: tuple[SinglePoint, ...], hamiltonian: str) -> SinglePoint | None:
    for point in points:
        if point.method.hamiltonian == hamiltonian and point.method.solvent:
            return point
    return None


def potential_v_she(parent_ev: float, ion_ev: float, process: Process) -> float:
    """Absolute potential of a charge-state difference, V vs SHE; energies in eV."""
    shift = method_constants()["self_interaction_shift"].value
    released = process.sign * (parent_ev - ion_ev)
    return she_from(-(released - shift), "vacuum")
