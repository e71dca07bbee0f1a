"""Every molecule that the building blocks span, as triples of blocks: counted and compared, but not built.

A candidate is a centre, a bridge or none, and an end. Masses follow from the blocks; how alike two blocks are
is the Tanimoto similarity of their Morgan counts, so that a molecule which was computed speaks for those with
like blocks in the same places. A molecule is built where it is looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from itertools import chain

import numpy as np
import numpy.typing as npt
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from echemscreen.errors import InputError
from echemscreen.ligands.building.blocks import Block, JointRow, Kind, read_space
from echemscreen.ligands.building.build import Arms, Built
from echemscreen.ligands.building.descriptors import MEASURES, describe
from echemscreen.ligands.building.mutations import substituents, with_mutants
from echemscreen.ligands.reading.smiles import MAX_HEAVY_ATOMS
from echemscreen.records.molecules import FloatArray
from echemscreen.reference_tables import read_rows

IntArray = npt.NDArray[np.intp]

#: Radius and length of the counts that blocks are compared by.
_RADIUS, _BITS = 2, 2048
#: Part of a block that is its own: what no like block shares.
_OWN = 0.1
#: Weight of the number of arms among the counts of a centre.
_ARMS_WEIGHT = 3.0


@dataclass(frozen=True, eq=False)
class CandidateSpace:
    """The triples of one kind; ``triples`` has shape (candidates, 3): centre, bridge (0 is none), end."""

    kind: Kind
    centres: tuple[Block, ...]
    bridges: tuple[Block | None, ...]
    ends: tuple[Block, ...]
    triples: IntArray

    def __len__(self) -> int:
        return len(self.triples)

    @cached_property
    def similarities(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """How alike the centres, the bridges and the ends are: between 0 and 1, positive definite."""
        return tuple(  # type: ignore[return-value]
            _similarity(blocks) for blocks in (self.centres, self.bridges, self.ends)
        )

    @cached_property
    def masses_da(self) -> FloatArray:
        """Molar mass of every candidate, from its blocks."""
        centre, bridge, end = (
            np.array([_mass_da(block) for block in blocks])
            for blocks in (self.centres, self.bridges, self.ends)
        )
        arms = np.array([block.n_points for block in self.centres])
        c, b, e = self.triples.T
        # Attachment points weigh nothing, and no hydrogen is lost where two of them meet.
        return np.asarray(centre[c] + arms[c] * (bridge[b] + end[e]))

    def codes(self, index: int) -> tuple[str, ...]:
        """The blocks of a candidate, from the centre outwards."""
        c, b, e = self.triples[index]
        bridge = self.bridges[b]
        return (self.centres[c].code, *([] if bridge is None else [bridge.code]), self.ends[e].code)

    def built(self, index: int) -> Built | None:
        """The molecule of a candidate with its descriptors; ``None`` if it is too large."""
        c, b, e = self.triples[index]
        centre, bridge, end = self.centres[c], self.bridges[b], self.ends[e]
        arms = Arms(end.mol) if bridge is None else Arms.through(bridge.mol, end.mol)
        mol = Chem.MolFromSmiles(Chem.MolToSmiles(arms.on(centre.mol)))
        if mol is None or mol.GetNumHeavyAtoms() > MAX_HEAVY_ATOMS:
            return None
        codes = self.codes(index)
        name = "-".join(codes if self.kind == "ligands" else (*reversed(codes), f"x{centre.n_points}"))
        return Built(smiles=Chem.MolToSmiles(mol), name=name, blocks=codes, descriptors=describe(mol))

    def route(self, index: int) -> str:
        """Which blocks are joined, at which joints, and where such a bond is from."""
        c, b, e = self.triples[index]
        centre, bridge, end = self.centres[c], self.bridges[b], self.ends[e]
        outer = end if bridge is None else bridge
        joints = _joints(self.kind)
        bonds = [joints[centre.joint, outer.joint]]
        if bridge is not None:
            bonds.append(joints[bridge.outer_joint, end.joint])
        arms = "an arm" if centre.n_points == 1 else f"{centre.n_points} arms"
        through = "" if bridge is None else f" through {bridge.code}"
        said = ", ".join(f"{row.inner} to {row.outer}" for row in dict.fromkeys(bonds))
        mutants = [block for block in (centre, bridge, end) if block is not None and block.parent]
        rings = "".join(f"; {_mutation(block)}" for block in mutants)
        cited = (
            (row.citation for row in bonds),
            (substituents()[item.substituent].citation for item in mutants),
        )
        sources = "; ".join(dict.fromkeys(chain(*cited)))
        return f"{centre.code} with {arms} of {end.code}{through}{rings}; bonds: {said} ({sources})"


def candidate_space(kind: Kind, *, blocks: Collection[str] = (), mutants: bool = False) -> CandidateSpace:
    """Every triple whose joints fit.

    Parameters
    ----------
    blocks
        Codes of which every candidate holds at least one, or a mutant of it; without any, all.
    mutants
        Take the blocks with a substituent more on a ring, too; see
        :mod:`~echemscreen.ligands.building.mutations`.

    Raises
    ------
    InputError
        for a block that is none.
    """
    space = read_space(kind)
    if mutants:
        grown = {role: with_mutants(found) for role, found in space.blocks.items() if role != "metal"}
        space = replace(space, blocks=space.blocks | grown)
    centres, ends = space.blocks["centre"], space.blocks["end"]
    bridges: tuple[Block | None, ...] = (None, *space.blocks["bridge"])
    known = {block.code for found in space.blocks.values() for block in found}
    for code in blocks:
        if code not in known:
            near = ", ".join(get_close_matches(code, known)) or "see building_blocks.csv"
            raise InputError(f"There is no block '{code}' of {kind}.", f"The nearest: {near}.")
    inner = {block.code: index for index, block in enumerate(centres)}
    outer = {block.code: index for index, block in enumerate(bridges) if block is not None}
    # By joint: a million triples are made of a few hundred fits.
    fits = {
        block.joint: [inner[centre.code] for centre in space.centres(block)]
        for block in (*ends, *space.blocks["bridge"])
    }
    bears = {end.joint: [(outer[bridge.code], bridge.joint) for bridge in space.bridges(end)] for end in ends}
    parts = [_crossed(fits[end.joint], 0, at) for at, end in enumerate(ends)]
    for at, end in enumerate(ends):
        parts += [_crossed(fits[joint], middle, at) for middle, joint in bears[end.joint]]
    found = np.concatenate(parts)
    if blocks:
        wanted = [
            np.array(
                [block is not None and not {block.code, block.parent}.isdisjoint(blocks) for block in row]
            )
            for row in (centres, bridges, ends)
        ]
        found = found[np.any([mask[found[:, k]] for k, mask in enumerate(wanted)], axis=0)]
    return CandidateSpace(kind=kind, centres=centres, bridges=bridges, ends=ends, triples=found)


def _crossed(centres: list[int], bridge: int, end: int) -> IntArray:
    found = np.empty((len(centres), 3), dtype=np.intp)
    found[:, 0], found[:, 1], found[:, 2] = centres, bridge, end
    return found


def _mutation(block: Block) -> str:
    return f"{block.code} is {block.parent} with {substituents()[block.substituent].name} on its ring"


def _joints(kind: Kind) -> dict[tuple[str, str], JointRow]:
    rows = read_rows("ligand_library", "building_joints.csv", JointRow)
    return {(row.inner, row.outer): row for row in rows if row.kind == kind}


def _mass_da(block: Block | None) -> float:
    return 0.0 if block is None else float(MEASURES["molar_mass_da"](block.mol))


def _similarity(blocks: Sequence[Block | None]) -> FloatArray:
    """Tanimoto similarity of counts, and each block's own part."""
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=_RADIUS, fpSize=_BITS)
    counts = np.zeros((len(blocks), _BITS + 1))
    for row, block in zip(counts, blocks, strict=True):
        if block is not None:
            row[:_BITS] = generator.GetCountFingerprintAsNumPy(block.mol)
            row[_BITS] = _ARMS_WEIGHT * block.n_points
    # What no block has costs no time.
    counts = counts[:, counts.any(axis=0)]
    common = np.array([np.minimum(row, counts).sum(axis=1) for row in counts])
    total = counts.sum(axis=1)
    union = total[:, None] + total[None, :] - common
    alike = np.divide(common, union, out=np.zeros_like(common), where=union > 0)
    # No bridge is like itself only.
    return np.asarray((1 - _OWN) * alike + np.diag(1 - (1 - _OWN) * np.diag(alike)))
