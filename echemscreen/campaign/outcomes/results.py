"""What has been judged, with its molecule and its relaxed geometries, for RDKit, ASE and pymatgen."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from echemscreen.campaign.base import Campaign
from echemscreen.engines.base import get_engine
from echemscreen.errors import InputError, StoreError
from echemscreen.evidence.own_evidence import described
from echemscreen.files import is_file
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.atoms import Mol, mol_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.given_rows import given_structure
from echemscreen.ligands.reading.own_geometry import (
    Atoms,
    OwnGeometry,
    PymatgenStructure,
    ase_atoms,
    pymatgen_molecule,
)
from echemscreen.ligands.tails import short_tailed
from echemscreen.options.declared import with_options
from echemscreen.options.runs import Calculation, DotOptions
from echemscreen.records import molecules, results, rows
from echemscreen.screening import assess as one
from echemscreen.screening import workbench
from echemscreen.screening.runs.shown_geometries import (
    ShownSpecies,
    StoredGeometry,
    species_of_rows,
    stored_geometries,
)
from echemscreen.store import is_server, open_store
from echemscreen.views.report.content import EMPTY, Cells

_STATES = {0: "neutral parent", 1: "reduced state", -1: "oxidised state"}


class WithStructure(ABC):
    """What has a molecule and the geometries that were relaxed for it."""

    __slots__ = ()

    geometries: tuple[StoredGeometry, ...]

    @property
    def mol(self) -> Mol:
        """The molecule as RDKit reads its canonical SMILES: hydrogens implicit, without coordinates.

        Raises
        ------
        InputError
            if the row has none: it could not be read.
        """
        smiles, why = self._drawn()
        if not smiles:
            raise InputError(f"There is no molecule: {why}")
        return mol_of(smiles)

    def to_ase(
        self,
        *,
        added_electrons: int = 0,
        free: bool = False,
        species: str | None = None,
        n_unpaired: int | None = None,
    ) -> Atoms:
        """The relaxed geometry as ``ase.Atoms``, angstrom.

        The atoms are those of ``info["smiles"]``: on a dot the model of its site with the ligand, whose long
        tail may have been cut. ``info`` also has ``charge``, ``n_unpaired`` and ``spin`` (2S + 1).

        Parameters
        ----------
        added_electrons
            0 for the neutral parent, 1 after reduction, -1 after oxidation.
        free
            The ligand by itself, where it is judged on a site.
        species
            SMILES of one of several members; by default the molecule itself where it is one of them.
        n_unpaired
            Unpaired electrons of the state, where a member has two spin states: 0 or 2 of a nitrene.

        Raises
        ------
        InputError
            if that was not relaxed (``level="full"`` relaxes every state), or several members were.
        """
        found = self._geometry(added_electrons, free=free, species=species, n_unpaired=n_unpaired)
        return ase_atoms(found.geometry, found.state, found.species.smiles)

    def to_pymatgen(
        self,
        *,
        added_electrons: int = 0,
        free: bool = False,
        species: str | None = None,
        n_unpaired: int | None = None,
    ) -> PymatgenStructure:
        """The relaxed geometry as ``pymatgen.core.Molecule``, angstrom; see :meth:`to_ase`."""
        found = self._geometry(added_electrons, free=free, species=species, n_unpaired=n_unpaired)
        return pymatgen_molecule(found.geometry, found.state)

    @abstractmethod
    def _drawn(self) -> tuple[str, str]:
        """The canonical SMILES, and why there is none."""

    def _judged(self) -> frozenset[str]:
        """SMILES of the species that decided, where they are known."""
        return frozenset()

    def _geometry(
        self, added_electrons: int, *, free: bool, species: str | None, n_unpaired: int | None
    ) -> StoredGeometry:
        smiles, why = self._drawn()
        if not smiles:
            raise InputError(f"There is no geometry: {why}")
        asked = [item for item in self.geometries if species in {None, item.species.smiles}]
        place = "site" if any(item.place == "site" for item in asked) and not free else "free"
        found = [
            item
            for item in asked
            if item.place == place
            and item.state.added_electrons == added_electrons
            and n_unpaired in {None, item.state.n_unpaired}
        ]
        if species is None and len(found) > 1:
            found = [item for item in found if item.species.smiles in self._judged()] or found
        if not found:
            state = _STATES.get(added_electrons, f"state with {added_electrons} electrons added")
            raise InputError(
                f"No geometry of the {state} of {species or smiles} was relaxed.",
                'Screen it with level="full", which relaxes every state, or see .geometries.',
            )
        if len(found) > 1:
            names = list(dict.fromkeys(item.species.smiles for item in found))
            if len(names) == 1:
                raise InputError(f"{names[0]} has several spin states.", "Name one of them as n_unpaired=.")
            raise InputError(
                f"{smiles} has several members: {', '.join(names)}.", "Name one of them as species=."
            )
        return found[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment(results.Assessment, WithStructure):
    """The answer for one molecule in one form on one dot, with what was relaxed for it."""

    geometries: tuple[StoredGeometry, ...] = ()
    """Every relaxed geometry, each with a title."""

    def _drawn(self) -> tuple[str, str]:
        return self.form.molecule.canonical_smiles, ""

    def _judged(self) -> frozenset[str]:
        forms = (self.form, short_tailed(self.form).form)
        return frozenset(
            species.smiles for form in forms for species in (form.bound, form.free) if species is not None
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure(rows.Failure, WithStructure):
    """A row that could not be answered: where it stopped, why, and what to do."""

    geometries: tuple[StoredGeometry, ...] = ()

    def _drawn(self) -> tuple[str, str]:
        return self.canonical_smiles, self.message


@dataclass(frozen=True, slots=True, kw_only=True)
class Result(WithStructure):
    """A row of a screen or of a ranking, with what was relaxed for it."""

    row: Mapping[str, Any]
    """The columns of ``results.csv`` or ``ranking.csv``; V vs SHE and eV, NaN where unknown."""
    geometries: tuple[StoredGeometry, ...] = ()
    """Every relaxed geometry, each with a title."""

    def _drawn(self) -> tuple[str, str]:
        return str(self.row["canonical_smiles"]), str(self.row["error"])

    def _judged(self) -> frozenset[str]:
        # Of the members of a crosslinker's ledger the molecule itself.
        return frozenset({str(self.row["canonical_smiles"])})


@with_options(DotOptions, Calculation)
def assess(
    smiles: str | Mol | tuple[str | Mol, str],
    qd: str,
    *,
    name: str = "",
    geometry: OwnGeometry | None = None,
    **options: Any,  # noqa: ANN401
) -> Assessment | Failure:
    """Assess one molecule in this process, without a store.

    Parameters
    ----------
    smiles
        A SMILES or an RDKit molecule, also as a pair with its name.
    geometry
        ``ase.Atoms`` or ``pymatgen.core.Molecule`` (angstrom) from which the relaxation starts, in any
        order of atoms; for a molecule by itself (``forms="free"``).

    Raises
    ------
    InputError
        if the molecule, the dot or an option cannot be used.
    """
    campaign = Campaign.validated(qd=qd, **options)
    settings, _ = described(campaign.settings())
    engine = get_engine(settings.engine)
    text, label = given_structure(smiles)
    molecule, dot = parse_smiles(text, str(name or label)), campaign.dot()
    own: Mapping[molecules.Species, molecules.Geometry] = {}
    if geometry is not None:
        # The whole molecule was given.
        settings = settings.model_copy(update={"full_tails": True})
        own = one.own_start(molecule, dot, settings, geometry)
    theory = theory_of(engine, settings.solvent)
    bench = workbench.Workbench(engine, theory, settings, {}, own=own)
    found = one.assess(molecule, dot, bench)[0]
    shown = ShownSpecies(title="", smiles=molecule.canonical_smiles, role=_role(found))
    (geometries,) = stored_geometries(
        [[shown]], dot=dot, engine=engine, theory=theory, settings=settings, store=bench
    )
    return with_structure(found, geometries)


def _role(found: results.Assessment | rows.Failure) -> str:
    return found.form if isinstance(found, rows.Failure) else found.form.role


def with_structure(
    found: results.Assessment | rows.Failure, geometries: tuple[StoredGeometry, ...]
) -> Assessment | Failure:
    """A result and the geometries of its species."""
    values = {field.name: getattr(found, field.name) for field in fields(found)}
    if isinstance(found, rows.Failure):
        return Failure(**values, geometries=geometries)
    return Assessment(**values, geometries=geometries)


def results_of(
    folder: Path, records: Iterable[Mapping[str, Any]], table: Cells, ledger: Cells = EMPTY
) -> Iterator[Result]:
    """The rows of a finished run one by one, each with what its store holds of it.

    Parameters
    ----------
    records
        The rows of the table.
    table, ledger
        Their cells; see :func:`~echemscreen.screening.runs.shown_geometries.species_of_rows`.
    """
    asked = species_of_rows(table, ledger, limit=len(table.rows))
    run = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    with geometries_of(folder, run, asked) as found:
        for record, geometries in zip(records, found, strict=True):
            yield Result(row=record, geometries=geometries)


@contextmanager
def geometries_of(
    folder: Path, run: Mapping[str, Any], asked: Sequence[Sequence[ShownSpecies]]
) -> Iterator[Iterator[tuple[StoredGeometry, ...]]]:
    """What the store of a finished run holds of some rows, one row after the other.

    Parameters
    ----------
    run
        Its ``run.json``.
    asked
        For each row what is looked up.

    Raises
    ------
    EchemscreenError
        if the store cannot be opened, or a file that the run read is gone.
    """
    settings = run["settings"]
    campaign = Campaign.validated(**{key: settings[key] for key in Campaign.model_fields if key in settings})
    where = settings.get("store") or folder / "calculations.db"
    if not is_server(where) and not is_file(where):
        raise StoreError(f"The store {where} is not there.")
    engine, asked_settings = get_engine(campaign.engine), campaign.settings()
    theory = theory_of(engine, asked_settings.solvent)
    with open_store(where) as store:
        yield stored_geometries(
            asked, dot=campaign.dot(), engine=engine, theory=theory, settings=asked_settings, store=store
        )
