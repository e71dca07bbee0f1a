"""Rows of the library of ligands, and the rules of a row: what it states is what its SMILES has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rdkit import Chem, rdBase

from echemscreen.errors import StructureError
from echemscreen.ligands.groups import anchor_rows, anchors_in
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Anchor, Molecule

_KINDS: tuple[Literal["ligand", "system", "undrawn"], ...] = ("ligand", "system", "undrawn")
_BINDINGS = frozenset({"", "L", "X", "Z"})
_HARD_SOFT = frozenset({"", "hard", "borderline", "soft"})
_REGISTRY_NUMBER = re.compile(r"([1-9][0-9]{1,6})-([0-9]{2})-([0-9])", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LigandRow:
    """A row of ``ligands.csv``, or of a user's own library file.

    ``kind`` is ``ligand``, ``system`` (a named mixture) or ``undrawn``: a compound that its source names and
    that has no SMILES, for the reason in its note; it is answered by a failed row. Blank cells claim nothing;
    a blank mechanism, stimulus, wavelength or dot is its family's.
    """

    family: str
    name: str
    smiles: str
    collections: str = ""
    kind: str = "ligand"
    formula: str = ""
    charge: int | None = None
    anchor: str = ""
    binding: str = ""
    hard_soft: str = ""
    mechanism: str = ""
    stimulus: str = ""
    wavelength_nm: str = ""
    dots: str = ""
    cas: str = ""
    citation: str = ""
    locator: str = ""
    note: str = ""

    @property
    def groups(self) -> tuple[str, ...]:
        """Every family and collection that the row belongs to."""
        return self.family, *parts_of_cell(self.collections)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyRow:
    """A row of ``families.csv``; ``binding`` lists L, X and Z, ``stimulus`` what triggers it."""

    family: str
    role: str
    binding: str
    mechanism: str
    stimulus: str
    wavelength_nm: str
    dots: str
    rule_of_use: str
    """How and on which dots the family is used, as published."""
    citation: str
    locator: str
    note: str


def broken_rules(row: LigandRow) -> dict[str, str]:
    """The rules that a row breaks, by column; empty for a good one."""
    broken: dict[str, str] = {}
    for column in ("family", "name"):
        if not getattr(row, column):
            broken[column] = f"the row has no {column}"
    if row.kind not in _KINDS:
        broken["kind"] = f"'{row.kind}' is none of {', '.join(_KINDS)}"
    if row.hard_soft not in _HARD_SOFT:
        broken["hard_soft"] = f"'{row.hard_soft}' is none of hard, borderline, soft"
    broken |= _broken_wavelengths(row)
    if row.cas and not is_registry_number(row.cas):
        broken["cas"] = f"'{row.cas}' is no CAS number (its check digit is wrong, or it is not like 112-80-1)"
    return broken | (_broken_undrawn(row) if row.kind == "undrawn" else _broken_structure(row))


def _broken_undrawn(row: LigandRow) -> dict[str, str]:
    broken = {"smiles": "an undrawn row has none"} if row.smiles else {}
    return broken if row.note else broken | {"note": "it says why there is no structure"}


def _broken_structure(row: LigandRow) -> dict[str, str]:
    broken: dict[str, str] = {}
    try:
        molecule = parse_smiles(row.smiles, row.name, family=row.family, allow_system=row.kind == "system")
    except StructureError as error:
        return broken | {"smiles": f"{error.message.rstrip('.')} ({error.remedy.rstrip('.')})"}
    if row.formula and row.formula != molecule.formula:
        broken["formula"] = f"the SMILES has the formula {molecule.formula}, not {row.formula}"
    if row.charge is not None and row.charge != molecule.charge:
        broken["charge"] = f"the SMILES has the charge {molecule.charge:+d}, not {row.charge:+d}"
    return broken | _broken_anchor(row, molecule)


def is_registry_number(text: str) -> bool:
    """Whether a text is a CAS number: two to seven digits, two, and the check digit that they ask for."""
    parts = _REGISTRY_NUMBER.fullmatch(text)
    if parts is None:
        return False
    digits = f"{parts[1]}{parts[2]}"
    return sum(place * int(digit) for place, digit in enumerate(reversed(digits), 1)) % 10 == int(parts[3])


def _broken_anchor(row: LigandRow, molecule: Molecule) -> dict[str, str]:
    carried = sorted({anchor.code for anchor in carried_anchors(molecule)})
    known = anchor_rows()
    if row.anchor and row.anchor not in known:
        return {"anchor": f"'{row.anchor}' is no anchor; known are {', '.join(known)}"}
    if row.anchor and row.anchor not in carried:
        return {"anchor": f"the SMILES has no {row.anchor}; it has {', '.join(carried) or 'no anchor'}"}
    if row.binding not in _BINDINGS:
        return {"binding": f"'{row.binding}' is none of L, X, Z"}
    possible = possible_bindings(molecule)
    if row.binding and row.binding not in possible:
        return {
            "binding": f"the SMILES binds as {', '.join(sorted(possible)) or 'nothing'}, not {row.binding}"
        }
    return {}


def _broken_wavelengths(row: LigandRow) -> dict[str, str]:
    for text in parts_of_cell(row.wavelength_nm):
        if not text.isdecimal() or int(text) == 0:
            return {"wavelength_nm": f"'{text}' is no wavelength in nm (write 254;365)"}
    return {}


def carried_anchors(molecule: Molecule) -> tuple[Anchor, ...]:
    """Every donor of the molecule or its members, weak ones too, the strongest first."""
    with rdBase.BlockLogs():
        parts = (Chem.MolFromSmiles(part.canonical_smiles) for part in molecule.members or (molecule,))
        return tuple(anchor for part in parts for anchor in anchors_in(part, weak=True))


def possible_bindings(molecule: Molecule) -> set[str]:
    """As what it can bind: L, X or Z."""
    return {"Z"} if molecule.kind == "salt" else {anchor.binding for anchor in carried_anchors(molecule)}


def parts_of_cell(text: str) -> list[str]:
    """What semicolons divide in a cell."""
    return [part.strip() for part in text.split(";") if part.strip()]
