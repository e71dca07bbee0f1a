"""SMILES and files to molecules.

A row that cannot be screened becomes a ``Failure`` in its place; only a file that cannot be used at
all raises.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Literal

from pymatgen.core.periodic_table import Element
from rdkit import Chem, rdBase
from rdkit.Chem import rdinchi, rdMolDescriptors

from echemscreen.errors import InputError, StructureError
from echemscreen.ligands.groups import anchors_in, groups_in
from echemscreen.ligands.standardise import combined, fragments_of, is_metal, joint_smiles, shorten
from echemscreen.records import Failure, InputRow, MetalIon, Molecule

Kind = Literal["molecule", "salt", "ion_pair", "system"]
FORMATS = (".smi", ".smiles", ".csv", ".tsv", ".sdf")


def parse_smiles(smiles: str, name: str, *, family: str = "", allow_system: bool = False) -> Molecule:
    """Read, check and standardise one molecule.

    Parameters
    ----------
    smiles
        A SMILES string: a molecule, an ion, a metal salt (drawn ionic or covalent), an ion pair.
    name
        A label; the canonical SMILES if blank.
    family
        The library family it belongs to.
    allow_system
        Accept several neutral molecules as a named mixture (kind ``system``).

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
        fragments = fragments_of(text)
        members = _system_members(fragments) if allow_system else ()
        if members:
            parts = tuple(
                _molecule(part, text=joint_smiles(part), name="", family=family) for part in members
            )
            whole = combined(fragments)
            return _record(whole, text, name, family, kind="system", members=parts)
        return _molecule(fragments, text=text, name=name, family=family)


def molecule_of(mol: Chem.Mol, name: str, family: str = "") -> Molecule:
    """The record of one connected molecule or ion that is standardised already."""
    with rdBase.BlockLogs():
        return _record(mol, Chem.MolToSmiles(mol), name, family, kind="molecule")


# --- kinds --------------------------------------------------------------------------------


def _system_members(fragments: Sequence[Chem.Mol]) -> tuple[tuple[Chem.Mol, ...], ...]:
    """Neutral molecules each by itself, all ions together; nothing if that is a single member."""
    neutral = {joint_smiles((part,)): (part,) for part in fragments if Chem.GetFormalCharge(part) == 0}
    ions = tuple(part for part in fragments if Chem.GetFormalCharge(part) != 0)
    members = (*neutral.values(), *((ions,) if ions else ()))
    return members if len(members) > 1 else ()


def _molecule(fragments: Sequence[Chem.Mol], *, text: str, name: str, family: str) -> Molecule:
    metals = [part for part in fragments if part.GetNumAtoms() == 1 and is_metal(part.GetAtomWithIdx(0))]
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
        states = Element(ion.symbol).oxidation_states
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
        anchors=anchors_in(mol),
        groups=groups_in(mol),
        metals=metals,
        members=members,
    )


# --- files --------------------------------------------------------------------------------


def read_input(source: str) -> Iterator[InputRow]:
    """Read molecules row by row; the file is never held as a whole.

    Parameters
    ----------
    source
        A ``.smi`` (SMILES, blank, name), ``.csv`` or ``.tsv`` (a ``smiles`` column, an optional
        ``name``) or ``.sdf`` file, each also with ``.gz``; ``-`` is standard input, read as .smi or,
        if its first line names a column ``smiles``, as CSV.

    Returns
    -------
    Iterator[InputRow]
        In input order. Rows of the same name stay both: a name is a label, not an identity.

    Raises
    ------
    InputError
        at once, if the file is missing, a directory, binary, empty, of an unknown format, or a
        table without a ``smiles`` column.
    """
    rows = _rows(source)
    first = next(rows, None)
    if first is None:
        raise InputError(f"{_label(source)} holds no molecule.", "Give one SMILES on each line.")
    return chain([first], rows)


def _label(source: str) -> str:
    return "Standard input" if source == "-" else f"'{source}'"


def _rows(source: str) -> Iterator[InputRow]:
    if source == "-":
        yield from _text_rows(sys.stdin, source, "")
        return
    path = Path(source)
    suffixes = [suffix.lower() for suffix in path.suffixes]
    zipped = bool(suffixes) and suffixes[-1] == ".gz"
    suffix = (suffixes[:-1] if zipped else suffixes)[-1:] or [""]
    try:
        if path.is_dir():
            raise InputError(f"'{source}' is a directory.", "Name a file of molecules in it.")
        if not path.is_file():
            raise InputError(f"There is no file '{source}'.", "Check the path.")
        if suffix[0] not in FORMATS:
            raise InputError(
                f"'{source}' has an unknown format.", f"Known: {', '.join(FORMATS)}, each also with .gz."
            )
        opener = gzip.open if zipped else open
        with opener(path, "rb") as probe:
            _check_text(probe.read(65536), source)
        # A byte that is no UTF-8 further down spoils its row, not the run.
        with opener(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as handle:
            yield from _text_rows(handle, source, suffix[0])
    except (OSError, EOFError, ValueError) as error:
        # A damaged gzip raises OSError or EOFError; a NUL in the path ValueError.
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"'{source}' cannot be read: {reason}.", "Check the file.") from error


def _check_text(sample: bytes, source: str) -> None:
    try:
        text = sample.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The sample may end inside a character; anything earlier is no text.
        text = "" if error.start >= len(sample) - 3 else "\0"
    if "\0" in text:
        raise InputError(f"'{source}' is not a text file.", "Give a .smi, .csv, .tsv or .sdf file in UTF-8.")


def _text_rows(handle: IO[str], source: str, suffix: str) -> Iterator[InputRow]:
    if suffix == ".sdf":
        yield from _sdf_rows(handle)
        return
    if suffix in (".csv", ".tsv"):
        yield from _table_rows(handle, source)
        return
    first = next((line for line in handle if line.strip()), "") if source == "-" else ""
    lines: Iterable[str] = chain([first], handle) if source == "-" else handle
    cells = {cell.strip().lower() for cell in first.replace("\t", ",").split(",")}
    yield from _table_rows(lines, source) if "smiles" in cells else _smi_rows(lines)


def _smi_rows(lines: Iterable[str]) -> Iterator[InputRow]:
    index = 0
    blank: list[int] = []
    for number, line in enumerate(lines, start=1):
        parts = line.split(maxsplit=1)
        if not parts:
            blank.append(number)
            continue
        if index == 0 and not blank and parts[0].lower() == "smiles":
            continue
        # Blank lines count only when something follows them.
        for empty in blank:
            yield _row(index, f"line {empty}", "", "")
            index += 1
        blank.clear()
        yield _row(index, f"line {number}", parts[0], parts[1].strip() if len(parts) > 1 else "")
        index += 1


def _table_rows(lines: Iterable[str], source: str) -> Iterator[InputRow]:
    stream = iter(lines)
    first = next((line for line in stream if line.strip()), None)
    if first is None:
        return
    delimiter = next((mark for mark in "\t,;" if mark in first), ",")
    header = [cell.strip().lower() for cell in next(csv.reader([first], delimiter=delimiter))]
    if "smiles" not in header:
        raise InputError(
            f"{_label(source)} has no column 'smiles'; its columns are {', '.join(header)}.",
            "Name the column of the SMILES 'smiles'.",
        )
    at_smiles = header.index("smiles")
    at_name = header.index("name") if "name" in header else None
    reader = csv.reader(stream, delimiter=delimiter)
    index = 0
    blank: list[int] = []
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield _failed(
                index, f"line {reader.line_num + 1}", "", f"The row is not CSV: {error}.", "columns"
            )
            index += 1
            continue
        if cells is None:
            return
        number = reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            blank.append(number)
            continue
        for empty in blank:
            yield _row(index, f"line {empty}", "", "")
            index += 1
        blank.clear()
        if len(cells) > len(header):
            message = f"The row has {len(cells)} cells under {len(header)} columns."
            yield _failed(index, f"line {number}", cells[at_smiles], message, "columns")
        else:
            cells += [""] * (len(header) - len(cells))
            name = cells[at_name].strip() if at_name is not None else ""
            yield _row(index, f"line {number}", cells[at_smiles], name)
        index += 1


def _sdf_rows(lines: Iterable[str]) -> Iterator[InputRow]:
    block: list[str] = []
    index = 0
    start = 1
    for number, line in enumerate(chain(lines, ["$$$$"]), start=1):
        if line.strip() != "$$$$":
            block.append(line.rstrip("\r\n"))
            continue
        if any(text.strip() for text in block):
            yield _sdf_row(index, f"record {index + 1} (line {start})", block)
            index += 1
        block = []
        start = number + 1


def _sdf_row(index: int, location: str, block: list[str]) -> InputRow:
    name = block[0].strip()
    text = "\n".join(block)
    with rdBase.BlockLogs():
        # An impossible molecule is written as it stands, so that parse_smiles can say what is wrong.
        mol = Chem.MolFromMolBlock(text) or Chem.MolFromMolBlock(text, sanitize=False, strictParsing=False)
        smiles = Chem.MolToSmiles(mol) if mol is not None else ""
    if mol is None:
        return _failed(index, location, "", "The record is not a mol block.", "unparsable", name=name)
    return _row(index, location, smiles, name)


def _row(index: int, location: str, smiles: str, name: str) -> InputRow:
    try:
        entry = parse_smiles(smiles, name)
    except StructureError as error:
        return _failed(
            index, location, smiles.strip(), error.message, error.kind, name=name, remedy=error.remedy
        )
    return InputRow(index=index, location=location, entry=entry)


def _failed(
    index: int, location: str, smiles: str, message: str, kind: str, *, name: str = "", remedy: str = ""
) -> InputRow:
    return InputRow(
        index=index,
        location=location,
        entry=Failure(
            name=name or f"row {index + 1}",
            smiles=smiles,
            stage="parse",
            kind=kind,
            message=f"{location}: {message}",
            remedy=remedy or "Correct the row; quote cells that hold the delimiter.",
        ),
    )
