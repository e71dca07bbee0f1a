"""A molecule by what people call it: a name or a CAS number of the library, or of the user's own list.

The numbers and the common names of shipped entries are rows of ``registry_numbers.csv``, found by structure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from echemscreen.errors import TableError
from echemscreen.ligands.library import library
from echemscreen.ligands.reading.library_rows import is_registry_number
from echemscreen.reference_tables import iterate_file, table_path

#: Entries that a search gives at most.
MAX_FOUND = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryRow:
    """A row of ``registry_numbers.csv``: what a structure is called in the registry of chemicals."""

    smiles: str
    """Canonical."""
    cas: str
    common_name: str
    systematic_name: str
    citation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMolecule:
    """An entry of the library as a list names it."""

    name: str
    smiles: str
    canonical_smiles: str
    formula: str
    family: str
    collections: tuple[str, ...]
    cas: str
    other_names: tuple[str, ...]
    is_own: bool
    """Whether it is from the user's own list."""

    @property
    def called(self) -> tuple[str, ...]:
        """All that it is called, its CAS number too."""
        return tuple(filter(None, (self.name, self.cas, *self.other_names)))


def named(text: str, own: Path | None = None) -> NamedMolecule | None:
    """The molecule that is called so; letter case does not matter, the user's own list comes first.

    Raises
    ------
    TableError
        naming what is wrong in the user's list.
    """
    return _by_name(*_state(own)).get(text.strip().casefold())


def found(text: str, own: Path | None = None, *, family: str = "") -> tuple[NamedMolecule, ...]:
    """Entries whose name, number, formula or family holds a text, those that begin with it first.

    Parameters
    ----------
    family
        Only those of this family or collection.

    Raises
    ------
    TableError
        naming what is wrong in the user's list.
    """
    wanted = text.strip().casefold()
    ranked: list[tuple[int, NamedMolecule]] = []
    for item in _known(*_state(own)):
        if family and family not in {item.family, *item.collections}:
            continue
        words = [word.casefold() for word in (*item.called, item.formula, item.family, *item.collections)]
        if any(word.startswith(wanted) for word in words[: len(item.called)]):
            ranked.append((0, item))
        elif any(wanted in word for word in words):
            ranked.append((1, item))
    # The order of the library within each.
    return tuple(item for _, item in sorted(ranked, key=lambda pair: pair[0]))[:MAX_FOUND]


@lru_cache(maxsize=1)
def registry() -> Mapping[str, RegistryRow]:
    """The shipped numbers by canonical SMILES.

    Raises
    ------
    TableError
        if a number's check digit is wrong.
    """
    rows = {}
    for line, row in iterate_file(table_path("ligand_library", "registry_numbers.csv"), RegistryRow):
        if not is_registry_number(row.cas):
            raise TableError(
                f"registry_numbers.csv, line {line}, column cas: '{row.cas}' is no CAS number.", "Correct it."
            )
        rows[row.smiles] = row
    return rows


def _state(own: Path | None) -> tuple[Path | None, int]:
    """The user's list as it stands: it may be written anew while we run."""
    if own is None or not own.is_file():
        return None, 0
    return own, own.stat().st_mtime_ns


@lru_cache(maxsize=8)
def _known(own: Path | None, _written_ns: int) -> tuple[NamedMolecule, ...]:
    shipped = {row.name for row, _ in library().entries()}
    return tuple(_named_molecules(own, shipped))


def _named_molecules(own: Path | None, shipped: set[str]) -> Iterable[NamedMolecule]:
    for row, molecule in library(own).entries():
        entry = registry().get(molecule.canonical_smiles)
        names = (entry.common_name, entry.systematic_name) if entry else ()
        yield NamedMolecule(
            name=row.name,
            smiles=row.smiles,
            canonical_smiles=molecule.canonical_smiles,
            formula=molecule.formula,
            family=row.family,
            collections=row.groups[1:],
            cas=row.cas or (entry.cas if entry else ""),
            other_names=tuple(name for name in names if name and name.casefold() != row.name.casefold()),
            is_own=row.name not in shipped,
        )


@lru_cache(maxsize=8)
def _by_name(own: Path | None, written_ns: int) -> Mapping[str, NamedMolecule]:
    names: dict[str, NamedMolecule] = {}
    # Of entries of one structure, that which goes by its usual name has fewer others.
    known = sorted(_known(own, written_ns), key=lambda item: (not item.is_own, len(item.other_names)))
    # What an entry is called by us outranks what others call another one.
    for item in known:
        names.setdefault(item.name.casefold(), item)
    for item in known:
        for name in item.called:
            names.setdefault(name.casefold(), item)
    return names
