"""Geometries of ASE and pymatgen: the user's own, put into the order of the SMILES, and ours, handed out.

What has ``get_chemical_symbols`` and ``get_positions`` (``ase.Atoms``), or ``species`` and ``cart_coords``
(``pymatgen.core.Molecule``), is taken.
"""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from ase import Atoms
from pymatgen.core import Molecule
from rdkit import Chem, rdBase
from rdkit.Chem import rdDetermineBonds

from echemscreen.errors import InputError
from echemscreen.records.levels import ChargeState
from echemscreen.records.molecules import FloatArray, Geometry, Species


@runtime_checkable
class AseAtoms(Protocol):
    """What is used of ``ase.Atoms``; positions in angstrom."""

    def get_chemical_symbols(self) -> list[str]:
        """Element symbols."""
        ...

    def get_positions(self) -> FloatArray:
        """Shape (n_atoms, 3)."""
        ...


@runtime_checkable
class PymatgenMolecule(Protocol):
    """What is used of ``pymatgen.core.Molecule``; positions in angstrom."""

    species: Any
    cart_coords: FloatArray


OwnGeometry = AseAtoms | PymatgenMolecule
#: What ``to_pymatgen`` of a result gives.
PymatgenStructure: TypeAlias = Molecule
__all__ = ["Atoms", "OwnGeometry", "PymatgenMolecule", "ase_atoms", "geometry_of", "pymatgen_molecule"]


def geometry_of(atoms: OwnGeometry, species: Species) -> Geometry:
    """The atoms in the order of the SMILES, hydrogens last.

    Raises
    ------
    InputError
        if the object holds no atoms, or they are not the molecule of the SMILES: another formula, other
        bonds, or another configuration at a stereo centre or double bond.
    """
    symbols, positions = _read(atoms)
    with rdBase.BlockLogs():
        wanted = Chem.AddHs(Chem.MolFromSmiles(species.smiles))
        names = sorted(atom.GetSymbol() for atom in wanted.GetAtoms())
        if sorted(symbols) != names:
            raise InputError(
                f"The geometry has the atoms {_formula(symbols)}, the SMILES {_formula(names)}.",
                "Give the geometry of the whole molecule, hydrogens included.",
            )
        order = _bonded(symbols, positions).GetSubstructMatch(_skeleton(wanted))
        if not order:
            raise InputError(
                "The bonds of the geometry, from its distances, are not those of the SMILES.",
                "Check the geometry (angstrom), or leave it away: one is built from the SMILES.",
            )
        placed = Chem.Conformer(len(symbols))
        for index, place in enumerate(order):
            placed.SetAtomPosition(index, positions[place].tolist())
        found = Chem.Mol(wanted)
        found.AddConformer(placed)
        Chem.AssignStereochemistryFrom3D(found)
        template = Chem.MolFromSmiles(species.smiles)
        if not Chem.RemoveHs(found).HasSubstructMatch(template, useChirality=True):
            raise InputError(
                "The geometry has another configuration than the SMILES.",
                "Give the SMILES of the stereoisomer that the geometry shows.",
            )
    return Geometry(
        symbols=tuple(symbols[place] for place in order), positions_ang=positions[np.array(order)]
    )


def ase_atoms(geometry: Geometry, state: ChargeState, smiles: str) -> Atoms:
    """``ase.Atoms`` (angstrom); ``info`` has ``charge``, ``n_unpaired``, ``spin`` (2S + 1) and ``smiles``."""
    info = {
        "charge": state.charge,
        "n_unpaired": state.n_unpaired,
        "spin": state.n_unpaired + 1,
        "smiles": smiles,
    }
    return Atoms(geometry.symbols, positions=geometry.positions_ang, info=info)


def pymatgen_molecule(geometry: Geometry, state: ChargeState) -> PymatgenStructure:
    """``pymatgen.core.Molecule`` (angstrom) with its charge and spin multiplicity."""
    return Molecule(
        list(geometry.symbols),
        geometry.positions_ang,
        charge=state.charge,
        spin_multiplicity=state.n_unpaired + 1,
    )


def _read(atoms: OwnGeometry) -> tuple[list[str], FloatArray]:
    if isinstance(atoms, AseAtoms):
        symbols, positions = list(atoms.get_chemical_symbols()), atoms.get_positions()
    elif isinstance(atoms, PymatgenMolecule):
        symbols = [str(getattr(item, "symbol", item)) for item in atoms.species]
        positions = atoms.cart_coords
    else:
        raise InputError(
            f"A geometry cannot be read from a {type(atoms).__name__}.",
            "Give ase.Atoms or pymatgen.core.Molecule.",
        )
    array = np.array(positions, dtype=np.float64)
    if array.shape != (len(symbols), 3) or not np.isfinite(array).all():
        raise InputError(
            "The geometry has positions that are no numbers.", "Give three for each atom, angstrom."
        )
    return symbols, array


def _bonded(symbols: list[str], positions: FloatArray) -> Chem.Mol:
    """A molecule of single bonds, drawn where atoms are near enough."""
    block = "\n".join(
        f"{symbol} {x:.8f} {y:.8f} {z:.8f}" for symbol, (x, y, z) in zip(symbols, positions, strict=True)
    )
    mol = Chem.MolFromXYZBlock(f"{len(symbols)}\n\n{block}\n")
    rdDetermineBonds.DetermineConnectivity(mol)
    return mol


def _skeleton(mol: Chem.Mol) -> Chem.Mol:
    """The same atoms and bonds with nothing said of charge, bond order and aromaticity."""
    plain = Chem.RWMol()
    for atom in mol.GetAtoms():
        plain.AddAtom(Chem.Atom(atom.GetAtomicNum()))
    for bond in mol.GetBonds():
        plain.AddBond(bond.GetBeginAtomIdx(), bond.GetEndAtomIdx(), Chem.BondType.SINGLE)
    return plain.GetMol()


def _formula(symbols: list[str]) -> str:
    return " ".join(f"{symbol}{symbols.count(symbol)}" for symbol in sorted(set(symbols)))
