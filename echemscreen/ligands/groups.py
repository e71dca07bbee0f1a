"""Anchors and functional groups of a molecule: the cited SMARTS rows of the library."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rdkit import Chem

from echemscreen.errors import TableError
from echemscreen.records.molecules import Anchor, Binding
from echemscreen.reference_tables import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorRow:
    """A row of ``anchors.csv``; the first atom of the pattern is the donor atom."""

    code: str
    name: str
    smarts: str
    binding: str
    priority: int
    default: bool | None
    """Whether a molecule is judged as bound by it unasked; blank for a donor, whose strength tells it."""
    hard_soft: str
    """Pearson's class: ``hard``, ``borderline`` or ``soft``."""
    hard_soft_base: str
    """The base of Pearson's list that it is, or is judged by."""
    hard_soft_citation: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DonorRow:
    """A row of ``donor_strengths.csv``: how firmly a donor is held, and whether it sits on a dot."""

    anchor: str
    example: str
    example_smiles: str
    metal: str
    log_k1: float | None
    sigma_log_k: float | None
    pkah: float | None
    """Of the donor's conjugate acid, in water."""
    donor_number: float | None
    """V. Gutmann's, kcal/mol."""
    binds: bool
    """The row's conclusion about its anchor; the note says from what."""
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """A row of ``functional_groups.csv``."""

    name: str
    smarts: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def anchor_rows() -> dict[str, AnchorRow]:
    """The anchors by code, the strongest first."""
    rows = read_rows("ligand_library", "anchors.csv", AnchorRow)
    return {row.code: row for row in sorted(rows, key=lambda row: -row.priority)}


@lru_cache(maxsize=1)
def donor_strengths() -> dict[str, tuple[DonorRow, ...]]:
    """The rows of each donor anchor.

    Raises
    ------
    TableError
        if the rows of an anchor draw different conclusions, or an anchor does not exist.
    """
    found: dict[str, tuple[DonorRow, ...]] = {}
    for row in read_rows("ligand_library", "donor_strengths.csv", DonorRow):
        found[row.anchor] = (*found.get(row.anchor, ()), row)
    for code, rows in found.items():
        if code not in anchor_rows() or len({row.binds for row in rows}) > 1:
            raise TableError(
                f"donor_strengths.csv, {code}: it is no anchor, or its rows say both that it binds and not.",
                "Let every row of an anchor draw the conclusion that the anchor deserves.",
            )
    return found


def binds(code: str) -> bool:
    """Whether a molecule is judged as bound by an anchor unasked.

    An anion does as ``anchors.csv`` says, a donor if ``donor_strengths.csv`` shows that it is held.
    """
    row = anchor_rows()[code]
    if row.default is not None:
        return row.default
    return any(donor.binds for donor in donor_strengths().get(code, ()))


@lru_cache(maxsize=1)
def _patterns() -> tuple[dict[str, Chem.Mol], dict[str, Chem.Mol]]:
    groups = read_rows("ligand_library", "functional_groups.csv", GroupRow)
    anchors = {code: Chem.MolFromSmarts(row.smarts) for code, row in anchor_rows().items()}
    return anchors, {row.name: Chem.MolFromSmarts(row.smarts) for row in groups}


def anchors_in(mol: Chem.Mol, *, weak: bool = False) -> tuple[Anchor, ...]:
    """Anchors of a molecule, the strongest first; a donor atom counts once.

    ``weak`` adds the donors that do not bind unasked, such as ethers and nitriles.
    """
    patterns, _ = _patterns()
    donors: set[int] = set()
    found: list[Anchor] = []
    for code, row in anchor_rows().items():
        if not (weak or binds(code)):
            continue
        for match in mol.GetSubstructMatches(patterns[code]):
            if match[0] not in donors:
                donors.add(match[0])
                binding: Binding = "L" if row.binding == "L" else "X"
                found.append(Anchor(code=code, binding=binding, atoms=tuple(match)))
    return tuple(found)


def groups_in(mol: Chem.Mol) -> tuple[str, ...]:
    """Functional groups of a molecule, sorted by name."""
    _, patterns = _patterns()
    return tuple(sorted(name for name, pattern in patterns.items() if mol.HasSubstructMatch(pattern)))


def scaffold(smiles: str) -> str:
    """The Murcko scaffold of a molecule; the molecule itself if it has no ring.

    G. W. Bemis and M. A. Murcko, J. Med. Chem. 39, 2887 (1996), as implemented in RDKit.
    """
    mol = Chem.MolFromSmiles(smiles)
    return str(Chem.MolToSmiles(Chem.MurckoDecompose(mol))) or str(Chem.MolToSmiles(mol))
