"""The library of ligands: cited rows, read by family or by name, with a user's own rows added.

A row of ``ligands.csv`` belongs to one chemical ``family`` and to any number of ``collections`` (the
papers that it is from); both are described in ``families.csv``, and either name selects it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from rdkit import Chem, rdBase

from echemscreen.errors import InputError, TableError
from echemscreen.ligands.binding.forms import binding_modes
from echemscreen.ligands.crosslinking.photochemistry import photoproducts
from echemscreen.ligands.groups import anchor_rows
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.reading.library_rows import (
    FamilyRow,
    LigandRow,
    broken_rules,
    carried_anchors,
    parts_of_cell,
    possible_bindings,
)
from echemscreen.records.molecules import Molecule
from echemscreen.records.rows import Failure, InputRow
from echemscreen.reference_tables import iterate_file, table_path

#: The name that stands for every family.
ALL = "all"
#: Bad rows of a user's file that one message names.
_SHOWN_ERRORS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Placed:
    """A row and where it stands, for messages."""

    row: LigandRow
    where: str
    source: str

    @property
    def molecule(self) -> Molecule:
        row = self.row
        return parse_smiles(row.smiles, row.name, family=row.family, allow_system=row.kind == "system")

    @property
    def is_drawn(self) -> bool:
        """Whether it has a structure."""
        return self.row.kind != "undrawn"

    @property
    def entry(self) -> Molecule | Failure:
        """What a screen gets."""
        if self.is_drawn:
            return self.molecule
        return Failure(
            name=self.row.name,
            smiles="",
            stage="parse",
            kind="structure",
            message=f"{self.row.name} has no structure to compute: {self.row.note}.",
            remedy="Draw it as a .mol2 or .sdf file with its bonds, or judge it by a measured potential.",
            family=self.row.family,
        )


class LigandLibrary:
    """The shipped rows, and those of a user's file behind them.

    Parameters
    ----------
    own
        A CSV file with the columns of ``ligands.csv``; only family, name and smiles must be there.

    Raises
    ------
    TableError
        naming file, line, column and the rule broken, for each bad row of the user's file.
    """

    def __init__(self, own: Path | None = None) -> None:
        self._families = {row.family: row for row in _shipped_families()}
        self._rows = list(_shipped_rows())
        if own is not None:
            self._add(own)

    def rows(self, name: str) -> Iterator[InputRow]:
        """The molecules of a family or collection, in the order of the table.

        Parameters
        ----------
        name
            A family, a collection, or ``all``.

        Raises
        ------
        InputError
            at once, if there is no such family.
        """
        if name != ALL and name not in self._families:
            raise InputError(
                f"The library has no family '{name}'.", f"Known: {ALL}, {', '.join(self._families)}."
            )
        chosen = [placed for placed in self._rows if name == ALL or name in placed.row.groups]
        return (
            InputRow(index=index, location=placed.where, entry=placed.entry)
            for index, placed in enumerate(chosen)
        )

    def families(self) -> tuple[dict[str, Any], ...]:
        """Each family and collection with its members, what they do, and the published rule of use."""
        return tuple(
            {
                "family": family.family,
                "role": family.role,
                "members": [placed.row.name for placed in self._rows if family.family in placed.row.groups],
                "binding": parts_of_cell(family.binding),
                "mechanism": family.mechanism,
                "stimulus": family.stimulus,
                "wavelength_nm": parts_of_cell(family.wavelength_nm),
                "dots": parts_of_cell(family.dots),
                "rule_of_use": family.rule_of_use,
                "sources": [_source(family.citation, family.locator)],
            }
            for family in self._families.values()
        )

    def show(self, name: str) -> dict[str, Any]:
        """One entry by its name (letter case does not matter).

        Returns
        -------
        dict
            name, smiles, formula, mass_da (average molar mass, dalton), charge, anchors, binding,
            hard_soft, families (every family and collection with the same structure), mechanism,
            stimulus, wavelength_nm, dots, rule_of_use, binding_modes (every way to sit on a dot, the
            one that is judged unasked first), photoproducts (what its stimulus makes of it), source
            and note.

        Raises
        ------
        InputError
            if no entry has the name.
        """
        wanted = name.strip().casefold()
        placed = next((placed for placed in self._rows if placed.row.name.casefold() == wanted), None)
        if placed is None:
            raise InputError(
                f"The library has no entry '{name}'.",
                "'echemscreen library list --members' shows the names.",
            )
        if not placed.is_drawn:
            raise InputError(
                f"{placed.row.name} ({placed.source}) has no structure: {placed.row.note}.",
                "A screen of its family names it as a failed row.",
            )
        row, molecule, family = placed.row, placed.molecule, self._families[placed.row.family]
        twins = self._by_structure.get(molecule.canonical_smiles, [])
        return {
            "name": row.name,
            "smiles": molecule.canonical_smiles,
            "formula": molecule.formula,
            "mass_da": round(_mass_da(molecule), 3),
            "charge": molecule.charge,
            "anchors": sorted({anchor.code for anchor in carried_anchors(molecule)}),
            "binding": sorted(possible_bindings(molecule)),
            "hard_soft": row.hard_soft or _hard_soft(molecule),
            "families": sorted({group for twin in twins for group in twin.groups}),
            "role": family.role,
            "mechanism": row.mechanism or family.mechanism,
            "stimulus": row.stimulus or family.stimulus,
            "wavelength_nm": parts_of_cell(row.wavelength_nm or family.wavelength_nm),
            "dots": parts_of_cell(row.dots or family.dots),
            "rule_of_use": family.rule_of_use,
            "binding_modes": [
                {
                    "anchor": mode.anchor,
                    "binding": mode.binding,
                    "mode": mode.mode,
                    "weak": "" if mode.default else "not judged unasked",
                }
                for mode in binding_modes(molecule)
            ],
            "photoproducts": [
                {
                    "product": product.name,
                    "role": product.role.replace("_", " "),
                    "smiles": product.smiles,
                    "released": ", ".join(product.released),
                    "atmosphere": product.atmosphere,
                    "source": product.citation.source,
                }
                for product in photoproducts(molecule)
            ],
            "source": placed.source,
            "note": row.note,
        }

    def entries(self) -> Iterator[tuple[LigandRow, Molecule]]:
        """Every row that is drawn and its molecule, in the order of the table."""
        return ((placed.row, placed.molecule) for placed in self._rows if placed.is_drawn)

    def name_of(self, canonical_smiles: str) -> str:
        """The name of a structure, that of the first entry that has it; blank if none has."""
        return next((row.name for row in self._by_structure.get(canonical_smiles, ())), "")

    @cached_property
    def _by_structure(self) -> dict[str, list[LigandRow]]:
        found: dict[str, list[LigandRow]] = {}
        for row, molecule in self.entries():
            found.setdefault(molecule.canonical_smiles, []).append(row)
        return found

    def _add(self, path: Path) -> None:
        """Append a user's rows; every bad one is named."""
        names = {placed.row.name.casefold() for placed in self._rows}
        errors: list[str] = []
        added: list[_Placed] = []
        for line, row in iterate_file(path, LigandRow):
            where = f"{path.name}, line {line}"
            broken = broken_rules(row)
            if row.name.casefold() in names:
                broken["name"] = f"the library has an entry '{row.name}' already"
            errors += [f"{where}, column {column}: {rule}" for column, rule in broken.items()]
            names.add(row.name.casefold())
            source = _source(row.citation, row.locator) if row.citation else where
            added.append(_Placed(row=row, where=where, source=source))
        if errors:
            more = len(errors) - _SHOWN_ERRORS
            listed = "\n".join(errors[:_SHOWN_ERRORS]) + (f"\nand {more} more" if more > 0 else "")
            raise TableError(f"{listed}.", "Correct the rows; a blank cell claims nothing.")
        if not added:
            raise TableError(f"{path.name} has no row below its header.", "Add the ligands, one a line.")
        self._rows += added
        for placed in added:
            for group in placed.row.groups:
                self._families.setdefault(group, _own_family(group, placed.row, path))


def _hard_soft(molecule: Molecule) -> str:
    """Pearson's class of the strongest donor."""
    anchors = carried_anchors(molecule)
    return anchor_rows()[anchors[0].code].hard_soft if anchors else ""


def _mass_da(molecule: Molecule) -> float:
    with rdBase.BlockLogs():
        atoms = Chem.AddHs(Chem.MolFromSmiles(molecule.canonical_smiles)).GetAtoms()
        return float(sum(atom.GetMass() for atom in atoms))


def _source(citation: str, locator: str) -> str:
    return f"{citation}, {locator}" if locator else citation


def _own_family(name: str, row: LigandRow, path: Path) -> FamilyRow:
    return FamilyRow(
        family=name,
        role="your own",
        binding=row.binding,
        mechanism=row.mechanism,
        stimulus=row.stimulus,
        wavelength_nm=row.wavelength_nm,
        dots=row.dots,
        rule_of_use="",
        citation=path.name,
        locator="",
        note="",
    )


@lru_cache(maxsize=1)
def _shipped_families() -> tuple[FamilyRow, ...]:
    return tuple(row for _, row in iterate_file(table_path("ligand_library", "families.csv"), FamilyRow))


@lru_cache(maxsize=1)
def _shipped_rows() -> tuple[_Placed, ...]:
    known = {family.family for family in _shipped_families()}
    placed = []
    for line, row in iterate_file(table_path("ligand_library", "ligands.csv"), LigandRow):
        where = f"ligand_library/ligands.csv, line {line}"
        unknown = [group for group in row.groups if group not in known]
        if unknown or not row.citation:
            raise TableError(
                f"{where}: {f'unknown family {unknown[0]}' if unknown else 'no citation'}.",
                "Describe the family in families.csv; every row has a source.",
            )
        placed.append(_Placed(row=row, where=where, source=_source(row.citation, row.locator)))
    return tuple(placed)


@lru_cache(maxsize=1)
def _shipped_library() -> LigandLibrary:
    return LigandLibrary()


def library(own: Path | None = None) -> LigandLibrary:
    """The shipped library, with a user's own file added if one is named; see :class:`LigandLibrary`."""
    return _shipped_library() if own is None else LigandLibrary(own)


def families(own: Path | None = None) -> tuple[dict[str, Any], ...]:
    """The families; see :meth:`LigandLibrary.families`."""
    return library(own).families()


def show(name: str, own: Path | None = None) -> dict[str, Any]:
    """One entry; see :meth:`LigandLibrary.show`."""
    return library(own).show(name)
