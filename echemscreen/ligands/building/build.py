"""Candidate spaces: every ligand and crosslinker that the cited building blocks can make.

A molecule is a centre with equal arms; an arm is an end block, or a bridge and an end block. Of a ligand
the centre is the anchoring group and the ends are its tails; of a crosslinker the centre is the linker
or core and the ends are its reactive groups. Blocks are rows of ``building_blocks.csv`` with attachment
points ``[*:1]`` (inwards; of a centre, all of them) and ``[*:2]`` (outwards, of a bridge); a row with
``{m}`` or ``{n}`` stands for a series of chain lengths. Two blocks are bonded only if
``building_joints.csv`` has a row for their joints, which is what keeps the space free of absurd bonds.
Centres with a salt form are also built as homoleptic salts of the metals of the table.
"""

from __future__ import annotations

import gzip
import hashlib
import math
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import reduce
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

from rdkit import Chem
from rdkit.Chem.EnumerateStereoisomers import EnumerateStereoisomers, StereoEnumerationOptions

from echemscreen.errors import InputError, TableError
from echemscreen.ligands.building.descriptors import MEASURES, BuildFilter, describe
from echemscreen.ligands.standardise import MAX_HEAVY_ATOMS
from echemscreen.records.molecules import Descriptors
from echemscreen.reference_tables import read_rows

__all__ = ["BlockRow", "BuildFilter", "Built", "JointRow", "Kind", "build", "write_smi"]

Kind = Literal["ligands", "crosslinkers"]
Role = Literal["centre", "bridge", "end", "metal"]

#: Stereoisomers written of one drawing at most; a branched six-armed crosslinker has thousands.
MAX_STEREOISOMERS = 32
#: Labels of the outer points start above those of the inner ones.
_OUTER = 100
#: RDKit types neither of the two.
_stereo_options: Callable[..., object] = StereoEnumerationOptions
_enumerate_stereo: Callable[..., Iterator[Chem.Mol]] = EnumerateStereoisomers


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRow:
    """A row of ``building_blocks.csv``: a block, or a series of blocks that differ in chain length."""

    kind: str
    role: str
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
class Built:
    """A built molecule."""

    smiles: str
    """Canonical and isomeric."""
    name: str
    """Of the codes of its blocks, such as ``pfpa-ester-C6-x2``."""
    blocks: tuple[str, ...]
    """Codes, from the centre outwards; of a salt the metal first."""
    descriptors: Descriptors | None = None


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


def build(
    kind: Kind,
    *,
    limits: BuildFilter | None = None,
    blocks: Collection[str] = (),
    limit: int | None = None,
    stereo: bool = False,
    described: bool = False,
) -> Iterator[Built]:
    """Stream the ligands or the crosslinkers that the building blocks can make.

    Parameters
    ----------
    kind
        ``ligands`` or ``crosslinkers``.
    limits
        Bounds on the descriptors; only the bounded ones are computed.
    blocks
        Codes of blocks of which every molecule holds at least one; without any, all are built.
    limit
        How many molecules at most.
    stereo
        Write each undefined stereocentre and double bond as its isomers (``MAX_STEREOISOMERS`` of a
        molecule at most). Double bonds drawn cis or trans in the tables are as drawn either way.
    described
        Give every molecule its descriptors.

    Yields
    ------
    Built
        Each molecule once, in an order that never changes: centre with ends, their salts, then all with
        bridges. Of a molecule yielded memory keeps a 64-bit hash, about a hundred bytes.

    Raises
    ------
    InputError
        at once, if the kind or a block is unknown, the limit negative, or a row of the tables breaks a rule.

    Examples
    --------
    >>> next(build("ligands")).name
    'carboxylic-acid-C1'
    """
    if kind not in get_args(Kind):
        raise InputError(f"'{kind}' is nothing that can be built.", f"Choose {' or '.join(get_args(Kind))}.")
    if limit is not None and limit < 0:
        raise InputError(f"{limit} molecules cannot be built.", "Give zero or more.")
    space = read_space(kind)
    known = {block.code for found in space.blocks.values() for block in found}
    for code in blocks:
        if code not in known:
            near = ", ".join(get_close_matches(code, known)) or "see building_blocks.csv"
            raise InputError(f"There is no block '{code}' of {kind}.", f"The nearest: {near}.")
    bounds = (limits or BuildFilter()).bounds()
    drawings = (
        item for item in _drawings(space, kind) if not blocks or not set(blocks).isdisjoint(item.blocks)
    )
    return islice(_distinct(drawings, bounds, stereo, described), limit)


def write_smi(built: Iterable[Built], output: Path | None) -> int:
    """Write a line ``SMILES name`` for each molecule, as it comes.

    Parameters
    ----------
    built
        Molecules, such as of ``build``.
    output
        A file, compressed if it ends in ``.gz``; ``None`` is standard output, whose reader may leave.

    Returns
    -------
    int
        How many lines were written.

    Raises
    ------
    InputError
        if the file cannot be written.
    """
    lines = (f"{item.smiles} {item.name}\n" for item in built)
    if output is None:
        return _print(lines)
    opener = gzip.open if output.suffix == ".gz" else open
    try:
        with opener(output, "wt", encoding="utf-8", newline="\n") as handle:
            return sum(1 for line in lines if handle.write(line))
    except OSError as error:
        raise InputError(f"{output} cannot be written: {error.strerror}.", "Give another path.") from error


def _print(lines: Iterable[str]) -> int:
    count = 0
    try:
        for line in lines:
            sys.stdout.write(line)
            count += 1
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as `head`, has left. What is still buffered must go somewhere at exit.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    return count


# --- blocks -------------------------------------------------------------------------------


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
        if row.kind not in get_args(Kind) or row.role not in blocks:
            raise _broken(row, f"'{row.kind}, {row.role}' is no kind and role")
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
            points = _points(drawn)
            suits = {"metal": points == [], "bridge": sorted(points) == [1, 2], "end": points == [1]}
            if not suits.get(row.role, set(points) == {1}):
                raise _broken(row, f"the attachment points {points} do not suit a {row.role}")
            if salt is not None and _points(salt) != points:
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


def _points(mol: Chem.Mol) -> list[int]:
    return [atom.GetAtomMapNum() for atom in mol.GetAtoms() if atom.GetAtomicNum() == 0]


def _broken(row: BlockRow, what: str) -> TableError:
    return TableError(f"ligand_library/building_blocks.csv, block '{row.code}': {what}.", "Correct the row.")


# --- molecules ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """A joined molecule and what it was joined of."""

    mol: Chem.Mol
    name: str
    blocks: tuple[str, ...]


def _drawings(space: Space, kind: Kind) -> Iterator[_Drawing]:
    """Every fitting combination, repeats included."""
    for metal in (None, *space.blocks["metal"]):
        for end in space.blocks["end"]:
            arms = Arms(end.mol)
            for centre in space.centres(end):
                core = centre.salt if metal else centre.mol
                if core is not None:
                    mol = arms.on(core)
                    yield _drawing(kind, _salt(metal.mol, mol) if metal else mol, metal, centre, end)
    for end in space.blocks["end"]:
        for bridge in space.bridges(end):
            arms = Arms.through(bridge.mol, end.mol)
            for centre in space.centres(bridge):
                yield _drawing(kind, arms.on(centre.mol), centre, bridge, end)


def _drawing(kind: Kind, mol: Chem.Mol, *parts: Block | None) -> _Drawing:
    """Named after its parts, given from the centre outwards."""
    present = [part for part in parts if part is not None]
    codes = tuple(part.code for part in present)
    if kind == "ligands":
        return _Drawing(mol=mol, name="-".join(codes), blocks=codes)
    # A chemist names a crosslinker by its reactive group first and its arms last.
    name = "-".join((*reversed(codes), f"x{present[0].n_points}"))
    return _Drawing(mol=mol, name=name, blocks=codes)


class Arms:
    """Copies of one arm, its points numbered for those of any centre.

    The arm is an end, or a bridge and an end side by side whose points 2 are yet to be bonded.
    """

    def __init__(self, arm: Chem.Mol) -> None:
        self._arm = arm
        self._copies: list[Chem.Mol] = []

    @classmethod
    def through(cls, bridge: Chem.Mol, end: Chem.Mol) -> Arms:
        """Arms of a bridge and an end."""
        return cls(Chem.CombineMols(bridge, _relabelled(end, {1: 2})))

    def on(self, centre: Chem.Mol) -> Chem.Mol:
        """The centre with an arm at each of its points."""
        n_points = len(_points(centre))
        while len(self._copies) < n_points:
            number = len(self._copies) + 1
            self._copies.append(_relabelled(self._arm, {1: number, 2: _OUTER + number}))
        numbered = Chem.Mol(centre)
        dummies = (atom for atom in numbered.GetAtoms() if atom.GetAtomicNum() == 0)
        for number, atom in enumerate(dummies, start=1):
            atom.SetAtomMapNum(number)
        return Chem.molzip(reduce(Chem.CombineMols, self._copies[:n_points], numbered))


def _relabelled(mol: Chem.Mol, numbers: dict[int, int]) -> Chem.Mol:
    copy = Chem.Mol(mol)
    for atom in copy.GetAtoms():
        if atom.GetAtomicNum() == 0:
            atom.SetAtomMapNum(numbers[atom.GetAtomMapNum()])
    return copy


def _salt(metal: Chem.Mol, anion: Chem.Mol) -> Chem.Mol:
    """The neutral salt of one metal ion and one anion, with the fewest of each."""
    up, down = Chem.GetFormalCharge(metal), -Chem.GetFormalCharge(anion)
    common = math.lcm(up, down)
    return reduce(Chem.CombineMols, [metal] * (common // up) + [anion] * (common // down))


def _distinct(
    drawings: Iterator[_Drawing],
    bounds: dict[str, tuple[float | None, float | None]],
    stereo: bool,
    described: bool,
) -> Iterator[Built]:
    seen: set[bytes] = set()
    for drawing in drawings:
        if drawing.mol.GetNumHeavyAtoms() > MAX_HEAVY_ATOMS:
            continue
        isomers = _stereoisomers(drawing.mol) if stereo else (drawing.mol,)
        for number, isomer in enumerate(isomers, start=1):
            # Read again: the canonical order must not depend on how the molecule was joined.
            mol = Chem.MolFromSmiles(Chem.MolToSmiles(isomer))
            smiles = str(Chem.MolToSmiles(mol))
            digest = hashlib.blake2b(smiles.encode(), digest_size=8).digest()
            if digest in seen:
                continue
            seen.add(digest)
            if all(_within(MEASURES[name](mol), *pair) for name, pair in bounds.items()):
                yield Built(
                    smiles=smiles,
                    name=f"{drawing.name}-s{number}" if len(isomers) > 1 else drawing.name,
                    blocks=drawing.blocks,
                    descriptors=describe(mol) if described else None,
                )


def _stereoisomers(mol: Chem.Mol) -> tuple[Chem.Mol, ...]:
    options = _stereo_options(unique=True, onlyUnassigned=True, maxIsomers=MAX_STEREOISOMERS)
    return tuple(_enumerate_stereo(Chem.MolFromSmiles(Chem.MolToSmiles(mol)), options=options))


def _within(value: float, low: float | None, high: float | None) -> bool:
    return (low is None or value >= low) and (high is None or value <= high)
