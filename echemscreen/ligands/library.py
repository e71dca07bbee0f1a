"""The library of ligands: cited rows, read by family or by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from rdkit import Chem, rdBase

from echemscreen.errors import InputError, TableError
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records import InputRow, Molecule
from echemscreen.reference_tables import read_rows

#: The name that stands for every family.
ALL = "all"
_KINDS: tuple[Literal["ligand", "system"], ...] = ("ligand", "system")


@dataclass(frozen=True, slots=True, kw_only=True)
class LigandRow:
    """A row of ``ligands.csv``; ``kind`` is ``ligand`` or ``system`` (a named mixture)."""

    family: str
    name: str
    kind: str
    smiles: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRow:
    """A row of ``families.csv``; ``binding`` lists L, X and Z, ``stimulus`` what triggers it."""

    family: str
    role: str
    binding: str
    mechanism: str
    stimulus: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def _ligands() -> tuple[LigandRow, ...]:
    rows = read_rows("ligand_library", "ligands.csv", LigandRow)
    known = _families()
    for row in rows:
        if row.family not in known or row.kind not in _KINDS:
            raise TableError(
                f"ligand_library/ligands.csv, row '{row.name}': unknown family or kind "
                f"('{row.family}', '{row.kind}').",
                "Describe the family in families.csv; kinds are ligand and system.",
            )
    return rows


@lru_cache(maxsize=1)
def _families() -> dict[str, FamilyRow]:
    return {row.family: row for row in read_rows("ligand_library", "families.csv", FamilyRow)}


def library_rows(name: str) -> Iterator[InputRow]:
    """The molecules of a family, in the order of the table.

    Parameters
    ----------
    name
        A family, or ``all``.

    Raises
    ------
    InputError
        at once, if there is no such family.
    """
    known = _families()
    if name != ALL and name not in known:
        raise InputError(f"The library has no family '{name}'.", f"Known: {ALL}, {', '.join(known)}.")
    rows = [row for row in _ligands() if name in (ALL, row.family)]
    return (
        InputRow(index=index, location=f"library row {index + 1}", entry=_molecule(row))
        for index, row in enumerate(rows)
    )


def families() -> tuple[dict[str, Any], ...]:
    """The families with role, member names, binding, mechanism, stimulus and sources."""
    return tuple(
        {
            "family": row.family,
            "role": row.role,
            "members": [ligand.name for ligand in _ligands() if ligand.family == row.family],
            "binding": row.binding.split(";") if row.binding else [],
            "mechanism": row.mechanism,
            "stimulus": row.stimulus,
            "sources": [f"{row.citation}, {row.locator}" if row.locator else row.citation],
        }
        for row in _families().values()
    )


def show(name: str) -> dict[str, Any]:
    """One entry of the library by its name (letter case does not matter).

    Returns
    -------
    dict
        name, smiles, formula, mass_da (average molar mass, dalton), charge, anchors, binding,
        families (every family with the same structure) and source.

    Raises
    ------
    InputError
        if no entry has the name.
    """
    row = next((row for row in _ligands() if row.name.casefold() == name.strip().casefold()), None)
    if row is None:
        raise InputError(
            f"The library has no entry '{name}'.", "'echemscreen library list --members' shows the names."
        )
    molecule = _molecule(row)
    twins = [
        other.family for other in _ligands() if _molecule(other).canonical_smiles == molecule.canonical_smiles
    ]
    with rdBase.BlockLogs():
        atoms = Chem.AddHs(Chem.MolFromSmiles(molecule.canonical_smiles)).GetAtoms()
        mass_da = sum(atom.GetMass() for atom in atoms)
    bindings = {"Z"} if molecule.kind == "salt" else {anchor.binding for anchor in molecule.anchors}
    return {
        "name": row.name,
        "smiles": molecule.canonical_smiles,
        "formula": molecule.formula,
        "mass_da": round(mass_da, 3),
        "charge": molecule.charge,
        "anchors": sorted({anchor.code for anchor in molecule.anchors}),
        "binding": sorted(bindings),
        "families": sorted(set(twins)),
        "source": f"{row.citation}, {row.locator}" if row.locator else row.citation,
    }


def _molecule(row: LigandRow) -> Molecule:
    return parse_smiles(row.smiles, row.name, family=row.family, allow_system=row.kind == "system")
