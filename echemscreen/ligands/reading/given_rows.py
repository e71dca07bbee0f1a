"""Molecules given in Python: SMILES, RDKit molecules, pairs with a name, tables and series of pandas.

An item that is no molecule becomes a ``Failure`` in its place, as a row of a file does; only an object that
cannot hold molecules at all raises. Neither pandas nor numpy is asked for: what has ``columns`` is a table.
"""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import repeat
from typing import Any, Self

from rdkit import Chem, rdBase

from echemscreen.errors import InputError, StructureError
from echemscreen.ligands.reading.input_files import UnreadRow
from echemscreen.ligands.reading.input_tables import Entry, columns_of, name_column

_ACCEPTED = (
    "Give SMILES, RDKit molecules, pairs (SMILES, name), a pandas Series or a table with a column 'smiles'."
)
_PAIR = 2


def given_rows(source: object) -> Iterator[UnreadRow]:
    """The rows of what was given in Python, none of their SMILES read.

    Parameters
    ----------
    source
        Of each molecule its SMILES, an RDKit molecule (whose conformers are not used) or a pair
        ``(molecule, name)``: a list or any other iterable of them, a pandas Series (an index of texts names
        them), a mapping from names, or a table with the columns of a file (pandas, polars, Arrow, a mapping
        of columns, mappings of a row each).

    Raises
    ------
    InputError
        at once, if the object is none of these.
    """
    items = _items(source)
    return (UnreadRow(index=at, entry=_entry(at + 1, *item)) for at, item in enumerate(items))


def given_structure(item: object) -> tuple[str, str]:
    """SMILES and name of one molecule given in Python.

    Raises
    ------
    StructureError
        if it is none.
    """
    entry = _entry(1, *_pair(item))
    if entry.problem:
        raise StructureError(entry.problem, entry.remedy, entry.kind)
    return entry.smiles, entry.name


# --- what was given -----------------------------------------------------------------------


def _items(source: Any) -> Iterator[tuple[object, object]]:  # noqa: ANN401 - anything may be given
    """A structure and a name, or ``None``, of each molecule."""
    if isinstance(source, Chem.Mol):
        return iter([(source, None)])
    if hasattr(source, "columns"):
        # Of Arrow the columns themselves are called so.
        return _of_table(list(getattr(source, "column_names", source.columns)), source)
    if isinstance(source, Mapping):
        if columns_of([str(key) for key in source], "The mapping") is not None:
            return _of_table(list(source), source)
        return ((structure, name) for name, structure in source.items())
    if hasattr(source, "items") and hasattr(source, "index"):
        return ((value, label if isinstance(label, str) else None) for label, value in source.items())
    unreadable = InputError(f"Molecules cannot be read from the type {_type(source)}.", _ACCEPTED)
    if isinstance(source, bytes | bytearray):
        # Its items would be numbers.
        raise unreadable
    try:
        items = iter(source)
    except TypeError as error:
        raise unreadable from error
    return map(_pair, items)


def _of_table(titles: Sequence[object], table: Any) -> Iterator[tuple[object, object]]:  # noqa: ANN401
    names = [str(title) for title in titles]
    columns = columns_of(names, "The table")
    cells = [_column(table, at, title) for at, title in enumerate(titles)]
    if len({len(column) for column in cells}) > 1:
        raise InputError("The columns of the table are not of one length.", "Give each molecule its name.")
    if columns is not None:
        structures: Iterable[object] = cells[columns.molecule]
        if columns.notation == "InChI":
            structures = map(_InChI, structures)
        named = columns.name
    else:
        drawn = [at for at, column in enumerate(cells) if any(isinstance(item, Chem.Mol) for item in column)]
        if not drawn:
            raise InputError(
                f"The table has no column 'smiles'; its columns are {', '.join(names) or 'none'}.",
                "Name the column of the SMILES 'smiles'.",
            )
        structures, named = cells[drawn[0]], name_column(names)
    labels: Iterable[object] = repeat(None, len(cells[0]))
    if named is not None:
        labels = cells[named]
    elif hasattr(table, "iloc"):
        labels = map(_text_only, table.index)
    return zip(structures, labels, strict=True)


def _column(table: Any, at: int, title: object) -> Sequence[object]:  # noqa: ANN401
    # Two columns of a frame may have the same title.
    column = table.iloc[:, at] if hasattr(table, "iloc") else table[title]
    if hasattr(column, "to_pylist"):
        column = column.to_pylist()
    return [column] if isinstance(column, str) or not isinstance(column, Iterable) else list(column)


class _InChI(str):
    """Text in that notation."""

    __slots__ = ()

    def __new__(cls, text: object) -> Self:
        return super().__new__(cls, "" if _is_missing(text) else str(text))


def _text_only(label: object) -> str | None:
    return label if isinstance(label, str) else None


def _pair(item: Any) -> tuple[object, object]:  # noqa: ANN401
    """The structure of an item and its name."""
    if isinstance(item, str | bytes | Chem.Mol):
        return item, None
    if isinstance(item, Mapping):
        keys = list(item)
        columns = columns_of([str(key) for key in keys], "The mapping")
        if columns is None:
            return item, None
        structure = item[keys[columns.molecule]]
        name = None if columns.name is None else item[keys[columns.name]]
        return _InChI(structure) if columns.notation == "InChI" else structure, name
    try:
        parts = list(item)
    except TypeError:
        return item, None
    if len(parts) == 1:
        return parts[0], None
    return (parts[0], parts[1]) if len(parts) == _PAIR else (item, None)


# --- one molecule -------------------------------------------------------------------------


def _entry(number: int, structure: object, name: object) -> Entry:
    label = "" if name is None or _is_missing(name) else _written(name)
    if isinstance(structure, _InChI):
        return Entry(number=number, unit="item", smiles=str(structure), name=label, notation="InChI")
    if isinstance(structure, str):
        return Entry(number=number, unit="item", smiles=str(structure), name=label or str(structure))
    if isinstance(structure, Chem.Mol):
        return _drawn(number, structure, label)
    if _is_missing(structure):
        problem, remedy, kind = f"There is no molecule here ({structure}).", "Leave the row away.", "empty"
    else:
        problem = f"It is of the type {_type(structure)}: neither a SMILES nor an RDKit molecule."
        remedy, kind = _ACCEPTED, "unparsable"
    return Entry(number=number, unit="item", name=label, problem=problem, remedy=remedy, kind=kind)


def _drawn(number: int, mol: Chem.Mol, label: str) -> Entry:
    """An RDKit molecule as the SMILES that it writes."""
    label = label or (mol.GetProp("_Name").strip() if mol.HasProp("_Name") else "")
    problem = smiles = ""
    if any(atom.HasQuery() for atom in mol.GetAtoms()):
        problem = "It is a pattern (SMARTS), not a molecule."
    else:
        try:
            with rdBase.BlockLogs():
                smiles = Chem.MolToSmiles(mol)
        except (RuntimeError, ValueError) as error:
            problem = f"RDKit cannot write it as a SMILES: {str(error).splitlines()[0]}."
    return Entry(
        number=number,
        unit="item",
        smiles=smiles,
        name=label or smiles,
        problem=problem,
        remedy="Give a molecule that RDKit has sanitised." if problem else "",
        kind="unparsable",
    )


def _is_missing(value: Any) -> bool:  # noqa: ANN401
    """Whether it stands for nothing: ``None``, a NaN of any kind, ``pandas.NA`` and ``pandas.NaT``."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, numbers.Number) and bool(value != value)  # noqa: PLR0124 - so is a NaN


def _written(name: Any) -> str:  # noqa: ANN401
    """A name as text; a number that pandas made a float of as the whole number that it was."""
    if isinstance(name, bytes):
        return name.decode("utf-8", "replace")
    return str(int(name)) if isinstance(name, float) and name.is_integer() else str(name)


def _type(value: object) -> str:
    return type(value).__name__
