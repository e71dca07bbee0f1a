"""Rows given in Python: SMILES, pairs, RDKit molecules, pandas series and frames."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rdkit import Chem

from echemscreen.errors import InputError, StructureError
from echemscreen.ligands.input_tables import columns_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records import Failure, InputRow

_WHAT = "Give SMILES, (SMILES, name), RDKit molecules, or a data frame with a column 'smiles'."
_PAIR = 2


def given_rows(source: Any) -> Iterator[InputRow]:  # noqa: ANN401 - whatever was given
    """The rows of what was given, in order; an item that is no molecule is a failed row.

    Parameters
    ----------
    source
        An iterable of SMILES, of ``(SMILES, name)`` or of RDKit molecules, one RDKit molecule, a pandas
        Series of SMILES (its index names them where that holds text) or a DataFrame with a column of SMILES
        and perhaps one of names.

    Raises
    ------
    InputError
        if it is nothing of the kind.
    """
    items = _items(source)
    return (
        InputRow(index=index, location=f"item {index + 1}", entry=_entry(item, index + 1))
        for index, item in enumerate(items)
    )


def _items(source: Any) -> Iterable[Any]:  # noqa: ANN401
    if isinstance(source, Chem.Mol):
        return [source]
    if hasattr(source, "itertuples") and hasattr(source, "columns"):
        titles = [str(title) for title in source.columns]
        columns = columns_of(titles, "The data frame")
        if columns is None or columns.notation != "SMILES":
            raise InputError(f"The data frame has no column 'smiles' among {', '.join(titles)}.", _WHAT)
        names = columns.molecule if columns.name is None else columns.name
        return [(row[columns.molecule], row[names]) for row in source.itertuples(index=False, name=None)]
    if hasattr(source, "items") and hasattr(source, "index"):
        return [(value, label if isinstance(label, str) else None) for label, value in source.items()]
    if isinstance(source, str | bytes | Mapping) or not isinstance(source, Iterable):
        raise InputError(f"What was given, a {type(source).__name__}, is no list of molecules.", _WHAT)
    return source


def _entry(item: Any, number: int) -> Any:  # noqa: ANN401
    """The molecule of an item, or why there is none."""
    is_pair = isinstance(item, tuple | list) and len(item) == _PAIR
    what, name = item if is_pair else (item, None)
    title = "" if _is_missing(name) else str(name)
    if isinstance(what, Chem.Mol):
        drawn = what.GetProp("_Name") if what.HasProp("_Name") else ""
        what, title = Chem.MolToSmiles(what), title or drawn
    if not isinstance(what, str):
        missing = _is_missing(what)
        error = StructureError(
            f"Item {number} has no SMILES."
            if missing
            else f"Item {number} is of type {type(what).__name__}, no SMILES.",
            _WHAT,
        )
        return _failure(error, title or f"item {number}", "" if missing else str(what))
    try:
        return parse_smiles(what, title or what, allow_system=True)
    except StructureError as error:
        return _failure(error, title or what, what)


def _is_missing(value: object) -> bool:
    """Whether it is ``None``, not a number, or pandas' mark for nothing."""
    return (
        value is None
        or type(value).__name__ in {"NAType", "NaTType"}
        or (isinstance(value, float) and math.isnan(value))
    )


def _failure(error: StructureError, name: str, smiles: str) -> Failure:
    return Failure(
        name=name,
        smiles=smiles,
        stage="parse",
        kind=error.kind,
        message=error.message,
        remedy=error.remedy,
    )
