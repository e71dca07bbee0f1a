"""Molecules like one, with its anchor and its function: entries of the library, and of the building blocks.

Likeness is the Tanimoto similarity of Morgan counts. Of molecules with the same functional groups only the
nearest is kept, so that a few candidates span different chemistries and not one chain in many lengths.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from rdkit import Chem, DataStructs
from rdkit.Chem import rdFingerprintGenerator

from echemscreen.ligands.building.candidate_space import candidate_space
from echemscreen.ligands.building.descriptors import MEASURES
from echemscreen.ligands.crosslinking.crosslinkers import photoactive_groups
from echemscreen.ligands.groups import groups_in
from echemscreen.ligands.library import ALL, library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.molecules import Molecule

#: Built molecules that are compared: those nearest in mass.
_BUILT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Analogue:
    """A molecule with the anchor and the function of another one."""

    molecule: Molecule
    origin: str
    """``library``, or which blocks it is built of."""
    similarity: float
    """Tanimoto similarity of Morgan counts, 0 to 1."""


def analogues(molecule: Molecule, *, limit: int) -> tuple[Analogue, ...]:
    """The nearest molecules, one of each set of functional groups.

    Parameters
    ----------
    molecule
        A molecule by itself, or a salt: of a salt the library's salts of the same anchor are compared.
    """
    own = _mol(molecule)
    best: dict[tuple[str, ...], Analogue] = {}
    for found, origin in _candidates(molecule, own):
        if found.canonical_smiles == molecule.canonical_smiles:
            continue
        mol = _mol(found)
        alike = float(DataStructs.TanimotoSimilarity(_counts(own), _counts(mol)))
        if not alike:
            # Another ion is no analogue of a bare one.
            continue
        kind = (*groups_in(mol), *(f"{ion.symbol}{ion.charge}" for ion in found.metals))
        if kind not in best or alike > best[kind].similarity:
            best[kind] = Analogue(molecule=found, origin=origin, similarity=alike)
    return tuple(sorted(best.values(), key=lambda item: -item.similarity)[:limit])


def _candidates(molecule: Molecule, own: Chem.Mol) -> Iterator[tuple[Molecule, str]]:
    anchor, is_linker = _anchor(molecule), bool(photoactive_groups(molecule))

    def fits(other: Molecule) -> bool:
        return (
            other.kind == molecule.kind
            and _anchor(other) == anchor
            and bool(photoactive_groups(other)) == is_linker
        )

    for row in library().rows(ALL):
        if isinstance(row.entry, Molecule) and fits(row.entry):
            yield row.entry, "library"
    if molecule.kind != "molecule":
        return
    space = candidate_space("crosslinkers" if is_linker else "ligands")
    off = np.abs(space.masses_da - MEASURES["molar_mass_da"](own))
    for index in np.argsort(off, kind="stable")[:_BUILT]:
        built = space.built(int(index))
        if built is None:
            continue
        found = parse_smiles(built.smiles, built.name)
        if fits(found):
            yield found, f"built of {', '.join(built.blocks)}"


def _anchor(molecule: Molecule) -> str:
    """The strongest anchor, that of its anion in a salt; blank without one."""
    parts = (molecule, *molecule.members)
    return next((anchor.code for part in parts for anchor in part.anchors), "")


def _mol(molecule: Molecule) -> Chem.Mol:
    return Chem.MolFromSmiles(molecule.canonical_smiles)


def _counts(mol: Chem.Mol) -> Any:  # noqa: ANN401 - RDKit types it not
    generator = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=2048)
    return generator.GetSparseCountFingerprint(mol)
