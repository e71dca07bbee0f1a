"""The stored geometries of the rows of a table: what was relaxed, for a viewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from echemscreen.engines.base import Engine
from echemscreen.errors import InputError
from echemscreen.levels.redox import Theory, spins_of_ion
from echemscreen.ligands.groups import carrier_density
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.dots import QuantumDot
from echemscreen.records.levels import CarrierDensity, ChargeState, Ladder
from echemscreen.records.molecules import Form, Geometry, Molecule, Species
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.screening.plan import REACTIVE_INTERMEDIATE, Place, planned_forms
from echemscreen.screening.workbench import FIRST_STAGE, Settings, ladder_key
from echemscreen.views.report.content import Cells

#: Rows whose pieces are asked for in one query.
_PORTION = 100
_STATES: dict[Process, str] = {
    Process.REDUCTION: "one electron added",
    Process.OXIDATION: "one electron removed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSpecies:
    """A row of a table, as far as its geometries depend on it."""

    title: str
    """Put before each title; blank if the row is all there is."""
    smiles: str
    role: str
    """Role of its form; blank for any."""
    site_metal: str = ""
    mode: str = ""
    n_unpaired: int = 0
    is_intermediate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGeometry:
    """A relaxed structure, and what it is of."""

    title: str
    """For a reader."""
    species: Species
    """The parent; without the far end of a long tail, unless that was computed too."""
    place: Place
    state: ChargeState
    geometry: Geometry
    """That of the state."""
    densities: tuple[CarrierDensity, ...] = ()
    """Of the molecule by itself: where an added electron and a hole sit."""


class Pieces(Protocol):
    """Where ladders are found by their ``task_id``: a store, or what has just been computed."""

    def get_many(self, keys: Sequence[str]) -> Mapping[str, Ladder]:
        """Those that are there."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    title: str
    place: Place
    species: Species
    parents: tuple[str, str]
    """``task_id`` of the neutral species' pieces: with its second opinion, and without."""
    ions: tuple[str, str]
    """... and of its relaxed ions', in the order of ``PROCESSES``."""


def species_of_rows(table: Cells, ledger: Cells, *, limit: int) -> list[list[ShownSpecies]]:
    """The species of the first rows: of a screen each row's form, of a ranking its ledger.

    Parameters
    ----------
    table, ledger
        ``results.csv`` and an empty table, or ``ranking.csv`` and ``ledger.csv``.
    """
    members: dict[tuple[str, str], list[ShownSpecies]] = {}
    for index in range(len(ledger.rows)):
        row = ledger.plain(index)
        if row["status"] == "ok":
            spin = f" ({row['n_unpaired']} unpaired)" if row["n_unpaired"] not in {"", "0"} else ""
            members.setdefault((row["rank"], row["crosslinker"]), []).append(
                ShownSpecies(
                    title=f"{row['role'].replace('_', ' ')}, {row['member']}{spin}: ",
                    smiles=row["smiles"],
                    role=row["form"],
                    n_unpaired=int(row["n_unpaired"] or 0),
                    is_intermediate=row["role"] == "intermediate",
                )
            )
    asked = []
    for index in range(min(len(table.rows), limit)):
        row = table.plain(index)
        if "form" not in table.columns:
            # A ranking, whose ledger may be empty.
            asked.append(members.get((row["rank"], row.get("same_as") or row["name"]), []))
        elif row["status"] == "ok":
            asked.append(
                [
                    ShownSpecies(
                        title="",
                        smiles=row["canonical_smiles"],
                        role=row["form"],
                        site_metal=row.get("site_metal", ""),
                        mode=row.get("mode", ""),
                    )
                ]
            )
        else:
            asked.append([])
    return asked


def stored_geometries(
    asked: Sequence[Sequence[ShownSpecies]],
    *,
    dot: QuantumDot,
    engine: Engine,
    theory: Theory,
    settings: Settings,
    store: Pieces,
) -> Iterator[tuple[StoredGeometry, ...]]:
    """For each row the geometries that are stored of its species, the form that was judged first.

    Parameters
    ----------
    asked
        For each row one species, or the members of its ledger.
    settings
        Those of the run: they are part of a piece's ``task_id``.
    """

    def wanted(shown: ShownSpecies) -> Iterator[_Wanted]:
        for what, place, species in _species(shown, dot, settings):
            whole, first, *ions = (
                ladder_key(species, engine, theory, settings, stage)
                for stage in ("vertical", FIRST_STAGE, *PROCESSES)
            )
            yield _Wanted(f"{shown.title}{what}", place, species, (whole, first), (ions[0], ions[1]))

    for start in range(0, len(asked), _PORTION):
        portion = [
            [item for shown in row for item in wanted(shown)] for row in asked[start : start + _PORTION]
        ]
        found = store.get_many(
            [key for row in portion for item in row for key in (*item.parents, *item.ions)]
        )
        for row in portion:
            geometries: dict[str, StoredGeometry] = {}
            for item in row:
                keys, states = (*item.parents, *item.ions), ("", "", *_STATES.values())
                for key, state in zip(keys, states, strict=True):
                    if key not in found:
                        continue
                    rung = found[key].states[0]
                    if rung.geometry is not None:
                        changed = f" ({', '.join(rung.changed_bonds)})" if rung.changed_bonds else ""
                        title = ", ".join(filter(None, (item.title, state))) + changed
                        stored = StoredGeometry(
                            title=title,
                            species=item.species,
                            place=item.place,
                            state=rung,
                            geometry=rung.geometry,
                            densities=_densities(found[key], item.place) if not state else (),
                        )
                        geometries.setdefault(title, stored)
            yield tuple(geometries.values())


def _densities(ladder: Ladder, place: Place) -> tuple[CarrierDensity, ...]:
    if place == "site":
        return ()
    smiles = ladder.species.smiles
    told = (carrier_density(smiles, process, spins_of_ion(ladder, process)) for process in PROCESSES)
    return tuple(item for item in told if item is not None)


def _species(
    shown: ShownSpecies, dot: QuantumDot, settings: Settings
) -> Iterator[tuple[str, Place, Species]]:
    """What was computed for a row, and what each is."""
    molecule = _molecule(shown)
    if molecule is None:
        return
    for forms in planned_forms(molecule, dot, settings):
        if not any(_is_meant(item.whole, shown) for item in forms):
            continue
        for item in forms:
            name = f"{item.form.free.smiles}: " if len(forms) > 1 else ""
            yield from ((f"{name}{what}", place, species) for what, place, species in item.species())


def _is_meant(form: Form, shown: ShownSpecies) -> bool:
    return (
        shown.role in {"", form.role}
        and shown.site_metal in {"", form.site_metal}
        and shown.mode in {"", form.mode}
    )


def _molecule(shown: ShownSpecies) -> Molecule | None:
    if shown.is_intermediate:
        return Molecule(
            name=shown.smiles,
            smiles=shown.smiles,
            canonical_smiles=shown.smiles,
            inchikey="",
            formula="",
            charge=0,
            n_unpaired=shown.n_unpaired,
            family=REACTIVE_INTERMEDIATE,
        )
    try:
        return parse_smiles(shown.smiles, shown.smiles, allow_system=True)
    except InputError:
        return None
