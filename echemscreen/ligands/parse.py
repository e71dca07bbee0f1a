"""SMILES to molecules; lists of them are read by :mod:`~echemscreen.ligands.reading.input_files`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from pymatgen.core.periodic_table import Element
from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi, rdMolDescriptors

from echemscreen.errors import StructureError
from echemscreen.ligands.atoms import atoms_of, is_metal, is_metal_ion, oxidation_states
from echemscreen.ligands.groups import anchors_in, groups_in
from echemscreen.ligands.organometallics import is_chelate, is_ring_anion
from echemscreen.ligands.reading.smiles import shorten
from echemscreen.ligands.standardise import combined, joint_smiles, read_fragments
from echemscreen.records.molecules import MetalIon, Molecule
from echemscreen.records.rows import Failure

Kind = Literal["molecule", "salt", "ion_pair", "system"]


def parse_smiles(smiles: str, name: str, *, family: str = "", allow_system: bool = False) -> Molecule:
    """Read, check and standardise one molecule.

    Parameters
    ----------
    smiles
        A SMILES string, with or without a CXSMILES block: a molecule, an ion, a metal salt (drawn ionic
        or covalent), an ion pair.
    name
        A label; the canonical SMILES if blank.
    family
        The library family it belongs to.
    allow_system
        Accept several neutral molecules as a mixture (kind ``system``). A complex drawn with neutral donors
        is one in any case.

    Returns
    -------
    Molecule
        With canonical isomeric SMILES, anchors and functional groups.

    Raises
    ------
    StructureError
        whose ``kind`` is ``empty``, ``unparsable``, ``polymer``, ``isotope``, ``element``,
        ``too_large``, ``valence``, ``radical``, ``metal``, ``charge`` or ``mixture``.

    Examples
    --------
    >>> parse_smiles("CC(=O)O[Cd]OC(C)=O", "cadmium acetate").canonical_smiles
    'CC(=O)[O-].CC(=O)[O-].[Cd+2]'
    """
    text = smiles.strip()
    if not text:
        raise StructureError("The SMILES is empty.", "Write a SMILES or delete the line.", "empty")
    with rdBase.BlockLogs():
        reading = read_fragments(text)
        fragments = _with_complex(reading.fragments)
        members = _system_members(fragments) if allow_system or reading.is_complex else ()
        if members:
            parts = tuple(
                _molecule(part, text=joint_smiles(part), name="", family=family) for part in members
            )
            found = _record(combined(fragments), text, name, family, kind="system", members=parts)
        else:
            found = _molecule(fragments, text=text, name=name, family=family)
        return replace(found, note=reading.note)


def read_smiles(smiles: str, name: str, *, allow_system: bool = False) -> Molecule | Failure:
    """The molecule of a SMILES, or why there is none; see :func:`parse_smiles`."""
    try:
        return parse_smiles(smiles, name, allow_system=allow_system)
    except StructureError as error:
        return Failure(
            name=name,
            smiles=smiles,
            stage="parse",
            kind=error.kind,
            message=f"{name}: {error.message}",
            remedy=error.remedy,
        )


def molecule_of(mol: Chem.Mol, name: str, family: str = "") -> Molecule:
    """The record of one connected molecule or ion that is standardised already."""
    with rdBase.BlockLogs():
        return _record(mol, Chem.MolToSmiles(mol), name, family, kind="molecule")


# --- kinds --------------------------------------------------------------------------------


def _with_complex(fragments: Sequence[Chem.Mol]) -> tuple[Chem.Mol, ...]:
    """A metal with cyclopentadienyl anions or bipyridines as one complex; alkali salts stay ions.

    A cation of two charges and more is none by itself: its anions are ligands, as in titanocene dichloride.
    """
    chelates = [part for part in fragments if is_chelate(part)]
    ions = [part for part in fragments if is_metal_ion(part) and any(map(_holds_rings, atoms_of(part)))]
    if len(ions) == 1 and len(chelates) > 1:
        held = [ions[0], *chelates]
        return combined(held), *(part for part in fragments if not any(part is one for one in held))
    rings = [part for part in fragments if is_ring_anion(part)]
    metals = [part for part in fragments if any(_holds_rings(atom) for atom in atoms_of(part))]
    if not rings or not metals:
        return tuple(fragments)
    held = [*metals, *rings]
    if sum(Chem.GetFormalCharge(part) for part in held) > 1:
        held += [
            part
            for part in fragments
            if Chem.GetFormalCharge(part) < 0 and not any(part is one for one in held)
        ]
    others = [part for part in fragments if not any(part is one for one in held)]
    return combined(held), *others


def _is_chelated(mol: Chem.Mol) -> bool:
    if not any(map(is_metal, atoms_of(mol))):
        return False
    parts = Chem.GetMolFrags(mol, asMols=True)
    return any(map(is_metal_ion, parts)) and any(map(is_chelate, parts))


def _holds_rings(atom: Chem.Atom) -> bool:
    return is_metal(atom) and not Element(atom.GetSymbol()).is_alkali


def _system_members(fragments: Sequence[Chem.Mol]) -> tuple[tuple[Chem.Mol, ...], ...]:
    """Neutral molecules each by itself, all ions together; nothing if that is a single member."""
    neutral = {joint_smiles((part,)): (part,) for part in fragments if Chem.GetFormalCharge(part) == 0}
    ions = tuple(part for part in fragments if Chem.GetFormalCharge(part) != 0)
    members = (*neutral.values(), *((ions,) if ions else ()))
    return members if len(members) > 1 else ()


def _molecule(fragments: Sequence[Chem.Mol], *, text: str, name: str, family: str) -> Molecule:
    metals = [part for part in fragments if is_metal_ion(part)]
    others = [part for part in fragments if not any(part is metal for metal in metals)]
    cations = [part for part in others if Chem.GetFormalCharge(part) > 0]
    anions = [part for part in others if Chem.GetFormalCharge(part) < 0]
    neutrals = [part for part in others if Chem.GetFormalCharge(part) == 0]
    whole = combined(fragments)
    if len(fragments) == 1 and not metals:
        return _record(whole, text, name, family, kind="molecule")
    if neutrals or (metals and cations) or (len(metals) > 1 and not anions):
        names = ", ".join(sorted({joint_smiles((part,)) for part in fragments}))
        raise StructureError(
            f"'{shorten(text)}' is a mixture of {names}.",
            "Screen them one by one (leave out water and other solvates, draw ions with their charges) "
            "or add the mixture to the library as a named system.",
            "mixture",
        )
    ions = Counter(_ion(metal) for metal in metals)
    _check_charge(whole, ions, alone=len(fragments) == 1)
    members = tuple(
        molecule_of(part, smiles, family)
        for smiles, part in sorted({joint_smiles((part,)): part for part in (*cations, *anions)}.items())
    )
    kind: Kind = "salt" if metals else "ion_pair"
    return _record(whole, text, name, family, kind=kind, members=members, metals=tuple(ions))


def _ion(metal: Chem.Mol) -> MetalIon:
    atom = metal.GetAtomWithIdx(0)
    return MetalIon(symbol=atom.GetSymbol(), charge=atom.GetFormalCharge())


def _check_charge(whole: Chem.Mol, metals: Counter[MetalIon], *, alone: bool) -> None:
    for ion in metals:
        states = oxidation_states(ion.symbol)
        if ion.charge not in states:
            raise StructureError(
                f"{ion.symbol} has no oxidation state +{ion.charge}.",
                f"Known: {', '.join(f'{state:+d}' for state in states)}.",
                "charge",
            )
    total = Chem.GetFormalCharge(whole)
    if total and not alone:
        raise StructureError(
            f"The ions of '{Chem.MolToSmiles(whole)}' add up to the charge {total:+d}.",
            "Write as many counter-ions as make it neutral.",
            "charge",
        )


def _record(
    mol: Chem.Mol,
    text: str,
    name: str,
    family: str,
    *,
    kind: Kind,
    members: tuple[Molecule, ...] = (),
    metals: tuple[MetalIon, ...] = (),
) -> Molecule:
    canonical = str(Chem.MolToSmiles(mol))
    # Indices of the anchors are those of the molecule that the canonical SMILES reads as.
    mol = Chem.MolFromSmiles(canonical) or mol
    return Molecule(
        name=name.strip() or canonical,
        smiles=text,
        canonical_smiles=canonical,
        inchikey=str(rdinchi.MolToInchiKey(mol)),
        formula=str(rdMolDescriptors.CalcMolFormula(mol)),
        charge=int(Chem.GetFormalCharge(mol)),
        n_heavy=int(mol.GetNumHeavyAtoms()),
        kind=kind,
        family=family,
        # What holds a metal already holds no dot.
        anchors=() if _is_chelated(mol) else anchors_in(mol),
        groups=groups_in(mol),
        metals=metals,
        members=members,
    )
