"""Candidate spaces: every ligand and crosslinker that the cited building blocks can make.

A molecule is a centre with equal arms; an arm is an end block, or a bridge and an end block. Of a ligand
the centre is the anchoring group and the ends are its tails; of a crosslinker the centre is the linker
or core and the ends are its reactive groups. The blocks are those of
:mod:`~echemscreen.ligands.building.blocks`; centres with a salt form are also built as homoleptic salts of
the metals of the table.
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
from typing import get_args

from rdkit import Chem
from rdkit.Chem.EnumerateStereoisomers import EnumerateStereoisomers, StereoEnumerationOptions

from echemscreen.errors import InputError
from echemscreen.ligands.building.blocks import Block, Kind, Space, points_of, read_space
from echemscreen.ligands.building.descriptors import MEASURES, BuildFilter, describe
from echemscreen.ligands.reading.smiles import MAX_HEAVY_ATOMS
from echemscreen.records.molecules import Descriptors

#: Stereoisomers written of one drawing at most; a branched six-armed crosslinker has thousands.
MAX_STEREOISOMERS = 32
#: Labels of the outer points start above those of the inner ones.
_OUTER = 100
#: RDKit types neither of the two.
_stereo_options: Callable[..., object] = StereoEnumerationOptions
_enumerate_stereo: Callable[..., Iterator[Chem.Mol]] = EnumerateStereoisomers


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
        n_points = len(points_of(centre))
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
