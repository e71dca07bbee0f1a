"""The building blocks: cited rows, drawn, in series of chain lengths, and the joints that fit.

Blocks are rows of ``building_blocks.csv`` with attachment points ``[*:1]`` (inwards; of a centre, all of
them) and ``[*:2]`` (outwards, of a bridge); a row with ``{m}`` or ``{n}`` stands for a series of chain
lengths. Two blocks are bonded only if ``building_joints.csv`` has a row for their joints, which is what keeps
the space free of absurd bonds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from rdkit import Chem

from echemscreen.errors import TableError
from echemscreen.reference_tables import read_rows

Kind = Literal["ligands", "crosslinkers"]
Role = Literal["centre", "bridge", "end", "metal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRow:
    """A row of ``building_blocks.csv``: a block, or a series of blocks that differ in chain length."""

    kind: Kind
    role: Role
    code: str
    name: str
    smiles: str
    salt_smiles: str
    """Of a centre that binds as an anion: the same group without its acidic hydrogens."""
    joint: str
    """Class of the atom at ``[*:1]``."""
    outer_joint: str
    """Class of the atom at ``[*:2]``, bridges only."""
    unit_m: str
    m_min: int | None
    m_max: int | None
    unit_n: str
    n_min: int | None
    n_max: int | None
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JointRow:
    """A row of ``building_joints.csv``: an inner and an outer joint that make a sound bond."""

    kind: str
    inner: str
    outer: str
    citation: str
    locator: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One member of a row's series."""

    code: str
    joint: str
    outer_joint: str
    mol: Chem.Mol
    salt: Chem.Mol | None
    n_points: int
    """Attachment points ``[*:1]``."""
    parent: str = ""
    """Code of the block that this is a mutant of."""
    substituent: str = ""
    """Code of what a mutant bears more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The blocks of one kind by role, in file order, and the joints that fit."""

    blocks: dict[str, tuple[Block, ...]]
    joints: frozenset[tuple[str, str]]

    def bridges(self, end: Block) -> Iterator[Block]:
        """The bridges that may bear the end."""
        return (item for item in self.blocks["bridge"] if (item.outer_joint, end.joint) in self.joints)

    def centres(self, block: Block) -> Iterator[Block]:
        """The centres that may bear the block."""
        return (item for item in self.blocks["centre"] if (item.joint, block.joint) in self.joints)


def read_space(kind: Kind) -> Space:
    """The blocks and joints of one kind.

    Raises
    ------
    TableError
        if a row of the tables breaks a rule.
    """
    joints = frozenset(
        (row.inner, row.outer)
        for row in read_rows("ligand_library", "building_joints.csv", JointRow)
        if row.kind == kind
    )
    known = {joint for pair in joints for joint in pair}
    blocks: dict[str, list[Block]] = {role: [] for role in get_args(Role)}
    for row in read_rows("ligand_library", "building_blocks.csv", BlockRow):
        if row.kind == kind:
            for joint in (row.joint, row.outer_joint):
                if joint and joint not in known:
                    raise _broken(row, f"joint '{joint}' has no row in building_joints.csv")
            blocks[row.role].extend(_series(row))
    return Space(blocks={role: tuple(found) for role, found in blocks.items()}, joints=joints)


def _series(row: BlockRow) -> Iterator[Block]:
    """The members of a row, shortest chains first."""
    for m in _lengths(row.m_min, row.m_max):
        for n in _lengths(row.n_min, row.n_max):
            code = row.code.replace("{m}", str(m)).replace("{n}", str(n))
            drawn = _read(row.smiles, row, m, n)
            salt = _read(row.salt_smiles, row, m, n) if row.salt_smiles else None
            points = points_of(drawn)
            suits = {"metal": points == [], "bridge": sorted(points) == [1, 2], "end": points == [1]}
            if not suits.get(row.role, set(points) == {1}):
                raise _broken(row, f"the attachment points {points} do not suit a {row.role}")
            if salt is not None and points_of(salt) != points:
                raise _broken(row, "its salt form has other attachment points")
            yield Block(
                code=code,
                joint=row.joint,
                outer_joint=row.outer_joint,
                mol=drawn,
                salt=salt,
                n_points=points.count(1),
            )


def _lengths(low: int | None, high: int | None) -> range:
    return range(1) if low is None or high is None else range(low, high + 1)


def _read(text: str, row: BlockRow, m: int, n: int) -> Chem.Mol:
    smiles = text.replace("{m}", row.unit_m * m).replace("{n}", row.unit_n * n)
    mol = Chem.MolFromSmiles(smiles)
    if mol is None or not mol.GetNumAtoms():
        raise _broken(row, f"'{smiles}' is not a SMILES that can be read")
    return mol


def points_of(mol: Chem.Mol) -> list[int]:
    """The numbers of a molecule's attachment points."""
    return [atom.GetAtomMapNum() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]


def _broken(row: BlockRow, what: str) -> TableError:
    return TableError(f"ligand_library/building_blocks.csv, block '{row.code}': {what}.", "Correct the row.")
