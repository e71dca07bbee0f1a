"""The relaxed conformers of a molecule whose spectrum is averaged: computed once and stored.

How a chain or a vinyl group is turned moves and strengthens bands: the absorption of one conformer can be
three times that of another. The few lowest by the force field are relaxed by GFN2-xTB in the implicit solvent
and weighted by Boltzmann's factors of their electronic energies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from echemscreen.engines.base import get_engine
from echemscreen.engines.relax import changed_bonds, relax
from echemscreen.errors import EchemscreenError
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.geometry import embed
from echemscreen.records.molecules import FloatArray, Geometry, Species
from echemscreen.screening.workbench import Settings
from echemscreen.store import task_id

#: Conformers that are relaxed at most.
N_CONFORMERS = 4
#: Conformers whose energies and moments differ less than this are one, or mirror images: eV, and a share.
_SAME_EV, _SAME_MOMENTS = 1e-3, 0.01
#: Raised when stored conformers would come out differently.
CONFORMERS_PROTOCOL = "spectrum conformers v1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conformer:
    """A relaxed geometry and its energy in the solvent."""

    energy_ev: float
    geometry: Geometry


def conformers_key(species: Species, settings: Settings) -> str:
    """The ``task_id`` of the conformers of a species."""
    engine = get_engine(settings.engine)
    theory = theory_of(engine, settings.solvent)
    return task_id(
        species, engine=engine.name, protocol=f"{CONFORMERS_PROTOCOL}|{N_CONFORMERS}|{theory.protocol}"
    )


def relaxed_conformers(species: Species, settings: Settings) -> dict[str, Any] | str:
    """What a worker does: distinct relaxed conformers as plain values, or why there is none."""
    engine = get_engine(settings.engine)
    method = theory_of(engine, settings.solvent).geometry
    found: list[Conformer] = []
    message = ""
    try:
        starts = embed(species, n_conformers=N_CONFORMERS, time_limit_s=settings.time_limit_s)
    except EchemscreenError as error:
        return error.message
    relaxation = partial(relax, engine, charge=species.charge, n_unpaired=species.n_unpaired, method=method)
    point = partial(engine.single_point, charge=species.charge, n_unpaired=species.n_unpaired, method=method)
    for start in starts:
        try:
            geometry = relaxation(start, time_limit_s=settings.time_limit_s).geometry
            energy_ev = point(geometry).energy_ev
        except EchemscreenError as error:
            message = error.message
            continue
        if changed_bonds(start, geometry):
            message = "no conformer keeps its bonds when it is relaxed."
            continue
        new = Conformer(energy_ev=energy_ev, geometry=geometry)
        if not any(_is_same(new, other) for other in found):
            found.append(new)
    if not found:
        return message
    found.sort(key=lambda item: item.energy_ev)
    return {
        "symbols": list(found[0].geometry.symbols),
        "energies_ev": [item.energy_ev for item in found],
        "positions_ang": [item.geometry.positions_ang.tolist() for item in found],
    }


def conformers_of(document: dict[str, Any]) -> tuple[Conformer, ...]:
    """Stored conformers, the lowest first."""
    symbols = tuple(document["symbols"])
    return tuple(
        Conformer(
            energy_ev=energy_ev,
            geometry=Geometry(symbols=symbols, positions_ang=np.array(positions, dtype=np.float64)),
        )
        for energy_ev, positions in zip(document["energies_ev"], document["positions_ang"], strict=True)
    )


def _is_same(one: Conformer, other: Conformer) -> bool:
    if abs(one.energy_ev - other.energy_ev) > _SAME_EV:
        return False
    return bool(np.allclose(_moments(one.geometry), _moments(other.geometry), rtol=_SAME_MOMENTS))


def _moments(geometry: Geometry) -> FloatArray:
    """Eigenvalues of the second moments of the positions: equal for a conformer and its mirror image."""
    centred = geometry.positions_ang - geometry.positions_ang.mean(axis=0)
    return np.asarray(np.linalg.eigvalsh(centred.T @ centred))
