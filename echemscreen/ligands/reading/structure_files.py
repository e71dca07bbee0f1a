"""Drawings to entries: mol blocks of .sdf and .mol, .mol2, ChemDraw's .cdxml, and InChI.

What a drawing says beyond a molecule is refused instead of being cut off: the brackets of a polymer,
an open attachment point, a bond from a metal to a whole ring of which no ligand can be told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from rdkit import Chem, rdBase

from echemscreen.errors import InputError, StructureError
from echemscreen.ligands.atoms import atoms_of, is_metal
from echemscreen.ligands.metal_bonds import with_donor_bonds
from echemscreen.ligands.reading.input_lines import Line, Lines
from echemscreen.ligands.reading.input_tables import Entry, name_column
from echemscreen.ligands.reading.smiles import refuse_polymer, shorten
from echemscreen.ligands.standardise import read_fragments

#: Lines of one record; 200 heavy atoms with their hydrogens, bonds and data are a tenth of it.
MAX_RECORD_LINES = 20_000
#: Characters of a whole drawing that is read at once.
MAX_DRAWING = 20_000_000
_MOL2 = "@<TRIPOS>MOLECULE"
_TAG = re.compile(r">.*<([^<>]+)>")
#: Property of a drawing that RDKit could not make a molecule of.
_UNSOUND = "unsound"
_DRAW_CHARGES = "Draw the ions with their charges, or the bonds to single atoms."


@dataclass(slots=True)
class _Record:
    """The lines of one molecule, as far as they are kept."""

    start: int
    lines: list[str]
    problem: str = ""

    def add(self, line: Line) -> None:
        self.problem = self.problem or line.problem
        if len(self.lines) < MAX_RECORD_LINES:
            self.lines.append(line.text)
        else:
            self.problem = self.problem or f"The record is longer than {MAX_RECORD_LINES:,} lines."

    @property
    def is_blank(self) -> bool:
        return not self.problem and not any(line.strip() for line in self.lines)


def sdf_entries(lines: Lines, name: str = "") -> Iterator[Entry]:
    """The records of an .sdf, or the single one of a .mol; ``name`` is that of a nameless one."""
    records = _records(lines, ends=lambda text: text.strip() == "$$$$")
    for index, record in enumerate(records, start=1):
        title = record.lines[0].strip() if record.lines else ""
        yield _entry(record, index, title or _tagged_name(record.lines) or name, _of_mol_block, "mol block")


def mol2_entries(lines: Lines) -> Iterator[Entry]:
    """The records of a .mol2."""
    index = 0
    for record in _records(lines, starts=lambda text: text.strip() == _MOL2):
        if record.lines[0].strip() != _MOL2 and not record.problem:
            # Comments before the first record.
            continue
        index += 1
        title = record.lines[1].strip() if len(record.lines) > 1 else ""
        title = "" if title == "*****" else title
        yield _entry(record, index, title, _of_mol2, "mol2 record with all its hydrogens")


def cdxml_entries(text: str, name: str, label: str) -> Iterator[Entry]:
    """The molecules of a ChemDraw document in its order; what is grouped in it, such as ions, is one row.

    Raises
    ------
    InputError
        if it is no such document.
    """
    try:
        # Expat bounds what entities may grow to, and resolves none from outside.
        root = ET.fromstring(text)  # noqa: S314
        with rdBase.BlockLogs():
            # Unsanitised: what cannot exist is written as it stands, and told by its row.
            drawn = list(Chem.MolsFromCDXML(text, False, False))
    except (ET.ParseError, ValueError, RuntimeError) as error:
        raise InputError(
            f"{label} cannot be read as a ChemDraw document.", "Save it in ChemDraw as .cdxml or .sdf."
        ) from error
    group_of = {
        fragment.get("id"): number
        for number, group in enumerate(root.iter("group"))
        for fragment in group.iter("fragment")
    }
    bracketed = _bracketed(root)
    rows: dict[object, list[Chem.Mol]] = {}
    for index, mol in enumerate(drawn):
        fragment = str(mol.GetIntProp("CDX_FRAG_ID")) if mol.HasProp("CDX_FRAG_ID") else ""
        if fragment in bracketed:
            mol.SetProp("bracketed", "yes")
        rows.setdefault(("group", group_of[fragment]) if fragment in group_of else index, []).append(mol)
    for number, mols in enumerate(rows.values(), start=1):
        title = name if len(rows) == 1 else f"{name} {number}"
        yield _as_entry(mols, number, "structure", title)


def _bracketed(root: ET.Element) -> set[str | None]:
    """Identifiers of the fragments of which brackets with a meaning hold a part; RDKit leaves them out."""
    inside = {
        member
        for group in root.iter("bracketedgroup")
        if group.get("BracketUsage", "Unspecified") != "Unspecified"
        for member in group.get("BracketedObjectIDs", "").split()
    }
    return {
        fragment.get("id")
        for fragment in root.iter("fragment")
        if inside & {part.get("id") for part in fragment.iter()}
    }


def inchi_entries(lines: Iterable[Line]) -> Iterator[Entry]:
    """Lines of an InChI, blank or tab, and a name; the lines of ``AuxInfo=`` belong to those above them."""
    for line in lines:
        parts = line.text.split(maxsplit=1)
        if parts and parts[0].startswith(("AuxInfo=", "#")):
            continue
        yield Entry(
            number=line.number,
            smiles=parts[0] if parts else "",
            name=parts[1].strip() if len(parts) > 1 else "",
            notation="InChI",
            problem=line.problem,
            remedy="Save the file as UTF-8 text.",
            kind="text",
        )


def smiles_of_inchi(text: str) -> str:
    """The SMILES of an InChI.

    Raises
    ------
    StructureError
    """
    text = text.strip()
    with rdBase.BlockLogs():
        # RDKit's wrapper has no annotations.
        mol = Chem.MolFromInchi(text) if text.startswith("InChI=") else None  # type: ignore[no-untyped-call]
    if mol is None:
        is_key = re.fullmatch(r"[A-Z]{14}-[A-Z]{10}-[A-Z]", text)
        raise StructureError(
            f"'{text[:60]}' is {'an InChIKey, from which no structure follows' if is_key else 'no InChI'}.",
            "Give the whole InChI, which begins with InChI=1S/, or a SMILES.",
            "unparsable",
        )
    return _smiles_of(mol)


# --- records ------------------------------------------------------------------------------


def _records(
    lines: Lines,
    *,
    ends: Callable[[str], bool] = lambda _: False,
    starts: Callable[[str], bool] = lambda _: False,
) -> Iterator[_Record]:
    record = _Record(start=1, lines=[])
    for line in lines:
        if starts(line.text):
            if not record.is_blank:
                yield record
            record = _Record(start=line.number, lines=[])
        if ends(line.text):
            if not record.is_blank:
                yield record
            record = _Record(start=line.number + 1, lines=[])
            continue
        record.add(line)
    if not record.is_blank:
        yield record


def _tagged_name(lines: list[str]) -> str:
    """The name among the data of an .sdf record, such as that under ``> <Name>``."""
    tags = {found.group(1): at for at, line in enumerate(lines) if (found := _TAG.match(line))}
    titles = list(tags)
    best = name_column(titles)
    at = tags[titles[best]] + 1 if best is not None else len(lines)
    return " ".join(lines[at].split()) if at < len(lines) else ""


def _of_mol2(text: str) -> Chem.Mol | None:
    """A record of .mol2, which has every hydrogen: RDKit makes ions and radicals of what lacks them."""
    mol = Chem.MolFromMol2Block(text, removeHs=False)
    if mol is None:
        return None
    atoms = atoms_of(mol)
    lacking = any(atom.GetNumRadicalElectrons() or atom.GetFormalCharge() < 0 for atom in atoms)
    if len(atoms) > 1 and lacking and not any(atom.GetAtomicNum() == 1 for atom in atoms):
        return None
    return Chem.RemoveHs(mol)


def _of_mol_block(text: str) -> Chem.Mol | None:
    mol = Chem.MolFromMolBlock(text) or Chem.MolFromMolBlock(text, strictParsing=False)
    if mol is None:
        # An impossible molecule is looked at as it stands, so that its row can say what is wrong.
        mol = Chem.MolFromMolBlock(text, sanitize=False, strictParsing=False)
        if mol is not None:
            mol.SetProp(_UNSOUND, "yes")
        return mol
    if _multicentre_bonds(mol) or not any(map(is_metal, atoms_of(mol))):
        return mol
    # RDKit has given hydrogens that nobody drew to the donors of the metal: their lines are read first.
    drawn = Chem.MolFromMolBlock(text, sanitize=False, removeHs=False, strictParsing=False)
    drawn = with_donor_bonds(drawn, "The drawing")
    try:
        Chem.SanitizeMol(drawn)
        if drawn.GetNumConformers() and drawn.GetConformer().Is3D():
            Chem.AssignStereochemistryFrom3D(drawn)
        else:
            Chem.AssignChiralTypesFromBondDirs(drawn)
            Chem.DetectBondStereochemistry(drawn)
            Chem.AssignStereochemistry(drawn, cleanIt=True, force=True)
        return Chem.RemoveHs(drawn)
    except Chem.MolSanitizeException:
        return mol


def _entry(
    record: _Record, index: int, name: str, read: Callable[[str], Chem.Mol | None], what: str
) -> Entry:
    unit = f"record {index} (line"
    mol = None
    if not record.problem:
        with rdBase.BlockLogs():
            mol = read("\n".join(record.lines) + "\n")
    if mol is not None:
        return _as_entry([mol], record.start, unit, name)
    return Entry(
        number=record.start,
        unit=unit,
        name=name,
        problem=record.problem or f"The record is not a {what}.",
        remedy="Save the molecule anew from the program that drew it.",
        kind="unparsable",
    )


def _as_entry(mols: Sequence[Chem.Mol], number: int, unit: str, name: str) -> Entry:
    try:
        with rdBase.BlockLogs():
            smiles = ".".join(_smiles_of(mol) for mol in mols)
    except StructureError as error:
        return Entry(
            number=number,
            unit=unit,
            smiles=".".join(str(Chem.MolToSmiles(mol)) for mol in mols),
            name=name,
            problem=error.message,
            remedy=error.remedy,
            kind=error.kind,
        )
    return Entry(number=number, unit=unit, smiles=smiles, name=name)


# --- what a drawing says ------------------------------------------------------------------


def _smiles_of(mol: Chem.Mol) -> str:
    """The SMILES of a drawing.

    Raises
    ------
    StructureError
        if it says something that no SMILES keeps.
    """
    refuse_polymer(mol, "The drawing", is_bracketed=bool(mol.HasProp("bracketed")))
    if any(atom.HasProp("molAttchpt") for atom in atoms_of(mol)):
        raise StructureError(
            "The drawing has an open attachment point.", "Draw the whole molecule.", "polymer"
        )
    smiles = str(Chem.MolToSmiles(_without_multicentre_bonds(mol)))
    if mol.HasProp(_UNSOUND):
        # What is wrong with it is said as of its SMILES; that of a drawing may keep less than is drawn.
        read_fragments(smiles)
        raise StructureError(
            f"'{shorten(smiles)}' is drawn as no possible molecule.", "Draw it anew.", "valence"
        )
    return smiles


def _without_multicentre_bonds(mol: Chem.Mol) -> Chem.Mol:
    """A sandwich drawn by bonds to whole rings as its ions: an odd ring is an anion of the metal.

    Such a bond runs from the metal to an atom ``*`` that stands for its end points. Drawn without
    charges, the ring lacks a hydrogen that RDKit has filled in.
    """
    bonds = _multicentre_bonds(mol)
    if not bonds:
        return mol
    editable = Chem.RWMol(mol)
    stars: list[int] = []
    for bond in bonds:
        star, metal = bond.GetBeginAtom(), bond.GetEndAtom()
        if is_metal(star):
            star, metal = metal, star
        points = [int(word) - 1 for word in bond.GetProp("_MolFileBondEndPts").strip("()").split()[1:]]
        ends = [editable.GetAtomWithIdx(point) for point in points]
        stars.append(star.GetIdx())
        charge = sum(atom.GetFormalCharge() for atom in ends)
        if not is_metal(metal) or charge > 0 or (charge == 0 and len(ends) % 2 == 0):
            raise StructureError(
                f"The drawing bonds {metal.GetSymbol()} to {len(ends)} atoms at once, a neutral pi ligand "
                "that no SMILES and no model here holds.",
                "Screen the ligand by itself.",
                "metal",
            )
        if charge:
            continue
        single = [atom for atom in ends if not _in_double_bond(atom)]
        if len(single) != 1:
            raise StructureError(
                f"The drawing bonds {metal.GetSymbol()} to {len(ends)} atoms at once, and their double bonds "
                "leave open which of them is the anion.",
                _DRAW_CHARGES,
                "metal",
            )
        n_hydrogens = single[0].GetTotalNumHs()
        single[0].SetFormalCharge(-1)
        single[0].SetNoImplicit(True)
        single[0].SetNumExplicitHs(max(0, n_hydrogens - 1))
        centre = editable.GetAtomWithIdx(metal.GetIdx())
        centre.SetFormalCharge(centre.GetFormalCharge() + 1)
        centre.SetNoImplicit(True)
    for index in sorted(set(stars), reverse=True):
        editable.RemoveAtom(index)
    return editable.GetMol()


def _multicentre_bonds(mol: Chem.Mol) -> list[Chem.Bond]:
    return [bond for bond in mol.GetBonds() if bond.HasProp("_MolFileBondEndPts")]


def _in_double_bond(atom: Chem.Atom) -> bool:
    return any(bond.GetBondType() == Chem.BondType.DOUBLE or bond.GetIsAromatic() for bond in atom.GetBonds())
