"""The bonds of a molecule that an electron may break: their pieces computed, the easiest one as a level."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace

import numpy as np

from echemscreen.engines.base import get_engine
from echemscreen.engines.relax import relax
from echemscreen.engines.tblite import SPIN_POLARISED
from echemscreen.errors import ConvergenceError, EngineError
from echemscreen.levels.binding import couple_in_acetonitrile
from echemscreen.levels.cleavage import Cleaved, cleavage_level, radius_ang
from echemscreen.levels.fit.prediction import calibrated_level
from echemscreen.levels.redox import GEOMETRY_HAMILTONIAN, raw_potentials
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.scissile import ScissileBond, scissile_bonds
from echemscreen.records.levels import ChargeState, EnergyLevel, Ladder, Method, SinglePoint
from echemscreen.records.molecules import Geometry, Species
from echemscreen.records.processes import Process
from echemscreen.screening.workbench import Workbench
from echemscreen.store import task_id

#: The engine of the pieces: it alone has the spin-polarised Hamiltonian.
PIECE_ENGINE = "tblite"
#: Raised whenever a change here would give a stored piece other numbers.
_PROTOCOL = "piece v1"
_SEED, _DISPLACEMENT_ANG = 20260101, 0.1
#: Bond length of an ion over that of its parent from which the electron sits in the bond.
STRETCHED = 1.05
#: SMILES of an atom or its ion.
_ATOM = re.compile(r"\[([A-Z][a-z]?)[+-]?\]")


def piece_key(species: Species, solvent: str) -> str:
    """The ``task_id`` of a piece."""
    return task_id(species, engine=PIECE_ENGINE, protocol=f"{_PROTOCOL}|{solvent}")


def pieces_of(species: Species) -> tuple[Species, ...]:
    """Everything that is computed for the bonds of a species, itself included."""
    bonds = scissile_bonds(species)
    found = [piece for bond in bonds for piece in (bond.radical, bond.leaving, bond.left)]
    return tuple(dict.fromkeys([species, *found])) if bonds else ()


def piece(species: Species, solvent: str, known: Geometry | None = None) -> Ladder:
    """One state relaxed with GFN2-xTB in the solvent, and its energies there and, spin-polarised, in vacuum.

    Raises
    ------
    EchemscreenError
        if it cannot be embedded, or a field or the relaxation fails.
    """
    engine = get_engine(PIECE_ENGINE)
    method = engine.method(GEOMETRY_HAMILTONIAN, solvent)
    charge, spin = species.charge, species.n_unpaired
    if known is not None:
        geometry = known
    else:
        geometry = _start(species)
        if len(geometry.symbols) > 1:
            geometry = relax(engine, geometry, charge=charge, n_unpaired=spin, method=method).geometry
    methods = (method, Method(hamiltonian=SPIN_POLARISED), engine.method(SPIN_POLARISED, solvent))
    points = tuple(
        engine.single_point(geometry, charge=charge, n_unpaired=spin, method=item) for item in methods
    )
    state = ChargeState(
        added_electrons=0,
        charge=charge,
        n_unpaired=spin,
        vertical=points,
        relaxed=points,
        geometry=geometry,
        intact=True,
    )
    return Ladder(
        species=species,
        engine=engine.name,
        engine_version=engine.version,
        protocol=f"{_PROTOCOL}|{solvent}",
        states=(state,),
    )


def _start(species: Species) -> Geometry:
    """A start geometry; an atom needs none."""
    atom = _ATOM.fullmatch(species.smiles)
    if atom is not None:
        return Geometry(symbols=(atom[1],), positions_ang=np.zeros((1, 3)))
    found = embed(species)[0]
    if not species.n_unpaired:
        return found
    # Distance geometry draws acyl, vinyl and iminyl radicals straight: a saddle that holds a relaxation.
    moved = np.array(found.positions_ang)
    moved += np.random.default_rng(_SEED).normal(scale=_DISPLACEMENT_ANG, size=moved.shape)
    return Geometry(symbols=found.symbols, positions_ang=moved)


def with_cleavage(level: EnergyLevel, ladder: Ladder, bench: Workbench) -> EnergyLevel:
    """The easier of taking the electron and breaking a bond with it; the note names the other one.

    The ladder's relaxed ion tells how the pieces attract each other. A bond of which nothing is known leaves
    the level uncalibrated.
    """
    bonds = scissile_bonds(ladder.species) if level.process == Process.REDUCTION else ()
    if not bonds:
        return level
    if bench.settings.level != "fast":
        with suppress(ConvergenceError):
            ladder = bench.relaxed(ladder, Process.REDUCTION)
    found: list[EnergyLevel] = []
    unknown: list[str] = []
    for bond in bonds:
        broken = None
        with suppress(ConvergenceError, EngineError):
            broken = cleavage_level(cleaved(bond, ladder, bench))
        if broken is None:
            unknown.append(bond.ends.pair)
        else:
            found.append(broken)
    easiest = max(found, key=lambda item: item.value_v_she, default=None)
    if easiest is not None and easiest.value_v_she > level.value_v_she:
        other = f"attachment of the electron {level.value_v_she:+.2f} V vs SHE"
        # What else of the molecule lacks evidence may be easier still.
        domain = easiest.domain if level.domain != "uncalibrated" else level.domain
        note = "; ".join(filter(None, (easiest.note, other, level.note)))
        level = replace(easiest, domain=domain, note=note)
    if unknown:
        doubt = (
            f"its {', '.join(dict.fromkeys(unknown))} bond may break first: nothing is known of its energy"
        )
        level = replace(level, domain="uncalibrated", note="; ".join(filter(None, (level.note, doubt))))
    return level


def cleaved(bond: ScissileBond, ladder: Ladder, bench: Workbench) -> Cleaved:
    """What a bond's level is made of.

    Raises
    ------
    EchemscreenError
        if a piece cannot be computed.
    """
    solvent = bench.settings.solvent
    state = ladder.state(0)
    bond_ev = bond_energy_ev(bond, bench, None if state is None else state.geometry)
    radical, left = (_at(item, bench) for item in (bond.radical, bond.left))
    attraction = 0.0
    ion = ladder.state(1)
    if bond.attracted and ion is not None and not bond.parent.charge and is_stretched(bond, ladder):
        apart = _energy(radical, GEOMETRY_HAMILTONIAN, solvent) + _energy(left, GEOMETRY_HAMILTONIAN, solvent)
        together = next(p.energy_ev for p in ion.relaxed if p.method.hamiltonian == GEOMETRY_HAMILTONIAN)
        attraction = apart - together
    value, sigma = couple_in_acetonitrile(bond.couple) if bond.couple else _own_couple(bond, bench)
    return Cleaved(
        kind=bond.kind,
        pair=bond.ends.pair,
        n_heavy=bond.ends.n_heavy,
        n_acyl=bond.ends.n_acyl,
        n_acyl_leaving=bond.ends.n_acyl_leaving,
        n_oxo=bond.ends.n_oxo,
        bond_ev=bond_ev,
        attraction_ev=attraction,
        anion_radius_ang=radius_ang(_symbols(left)),
        molecule_radius_ang=radius_ang(_symbols(_at(bond.parent, bench))),
        couple_v_she=value,
        couple_sigma_v=sigma,
        slower_decades=bond.slower_decades,
    )


def bond_energy_ev(bond: ScissileBond, bench: Workbench, geometry: Geometry | None) -> float:
    """Energy of a bond by spin-polarised GFN2-xTB, uncorrected, eV; ``geometry`` is the molecule's, if known.

    A charged molecule falls into pieces that the solvent holds differently; a neutral one is compared with
    bonds in the gas.

    Raises
    ------
    EchemscreenError
        if a piece cannot be computed.
    """
    where = bench.settings.solvent if bond.parent.charge else ""
    parent = _at(bond.parent, bench, geometry)
    pieces = (_at(item, bench) for item in (bond.radical, bond.leaving))
    return sum(_energy(item, SPIN_POLARISED, where) for item in pieces) - _energy(
        parent, SPIN_POLARISED, where
    )


def _at(species: Species, bench: Workbench, known: Geometry | None = None) -> Ladder:
    """A piece, from the store or computed now."""
    solvent = bench.settings.solvent
    return bench.piece(piece_key(species, solvent), lambda: piece(species, solvent, known))


def is_stretched(bond: ScissileBond, ladder: Ladder) -> bool:
    """Whether the electron went into the bond: it is longer in the relaxed ion than a vibration makes it."""
    parent, ion = (ladder.state(added) for added in (0, 1))
    if parent is None or ion is None or parent.geometry is None or ion.geometry is None:
        return False
    before, after = np.array(parent.geometry.positions_ang), np.array(ion.geometry.positions_ang)
    return any(
        np.linalg.norm(after[first] - after[second])
        > STRETCHED * np.linalg.norm(before[first] - before[second])
        for first, second in bond.places
    )


def _own_couple(bond: ScissileBond, bench: Workbench) -> tuple[float, float]:
    """The oxidation of the molecule that an onium ion sets free, by the free fit, V vs SHE."""
    ladder = bench.ladder(bond.left, None)
    level = calibrated_level(
        raw_potentials(ladder, Process.OXIDATION),
        parse_smiles(bond.left.smiles, "").groups,
        engine=bench.engine.name,
        solvent=bench.settings.solvent,
    )
    return level.value_v_she, level.sigma_v or 0.0


def _energy(ladder: Ladder, hamiltonian: str, solvent: str) -> float:
    points: tuple[SinglePoint, ...] = ladder.states[0].relaxed
    return next(
        p.energy_ev for p in points if p.method.hamiltonian == hamiltonian and p.method.solvent == solvent
    )


def _symbols(ladder: Ladder) -> tuple[str, ...]:
    geometry = ladder.states[0].geometry
    return () if geometry is None else geometry.symbols
