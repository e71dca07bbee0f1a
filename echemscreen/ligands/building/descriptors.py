"""What the structure alone tells of a molecule: size, flexibility, polarity, ease of synthesis.

Molar mass, rotatable bonds and the octanol-water estimate of S. A. Wildman and G. M. Crippen, J. Chem.
Inf. Comput. Sci. 39, 868 (1999), are RDKit's; the synthetic accessibility is the score of P. Ertl and
A. Schuffenhauer, J. Cheminform. 1, 8 (2009), as contributed to RDKit. None of them enters a verdict.
"""

from __future__ import annotations

import importlib.util
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import TypeVar

from rdkit import Chem, RDConfig
from rdkit.Chem import rdMolDescriptors

from echemscreen.errors import InputError, MissingEngineError, StructureError
from echemscreen.ligands.groups import anchors_in
from echemscreen.ligands.reading.smiles import shorten
from echemscreen.records.molecules import Descriptors

NumberT = TypeVar("NumberT", int, float)

_NUMBER = r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_RANGE = re.compile(rf"(?P<low>{_NUMBER})?\s*-\s*(?P<high>{_NUMBER})?")
_EXACT = re.compile(_NUMBER.removeprefix("-?"))


def describe(molecule: str | Chem.Mol) -> Descriptors:
    """Describe a molecule or salt.

    Parameters
    ----------
    molecule
        A SMILES string or a sanitised RDKit molecule. All parts of a salt count together.

    Returns
    -------
    Descriptors
        Molar mass in dalton; the other values have no unit.

    Raises
    ------
    StructureError
        if the SMILES cannot be read.
    MissingEngineError
        if this build of RDKit lacks the synthetic accessibility score.

    Examples
    --------
    >>> describe("CCCCCCCCN").n_rotatable
    6
    """
    mol = Chem.MolFromSmiles(molecule) if isinstance(molecule, str) else molecule
    if mol is None or not mol.GetNumAtoms():
        raise StructureError(
            f"'{shorten(str(molecule))}' is not a SMILES that can be described.",
            "Check brackets, ring-closure digits and atom symbols.",
            "unparsable",
        )
    return Descriptors(
        molar_mass_da=molar_mass_da(mol),
        n_heavy=n_heavy(mol),
        n_rotatable=n_rotatable(mol),
        log_p=log_p(mol),
        n_anchors=n_anchors(mol),
        synthetic_accessibility=synthetic_accessibility(mol),
    )


def molar_mass_da(mol: Chem.Mol) -> float:
    """Mean molar mass, in dalton."""
    return float(rdMolDescriptors.Properties(["amw"]).ComputeProperties(mol)[0])


def n_heavy(mol: Chem.Mol) -> int:
    """Number of atoms that are not hydrogen."""
    return int(mol.GetNumHeavyAtoms())


def n_rotatable(mol: Chem.Mol) -> int:
    """Rotatable bonds: single, acyclic, between atoms with further neighbours, amide bonds left out."""
    return int(rdMolDescriptors.CalcNumRotatableBonds(mol))


def log_p(mol: Chem.Mol) -> float:
    """Crippen's estimate of the decadic logarithm of the octanol-water partition coefficient."""
    return float(rdMolDescriptors.CalcCrippenDescriptors(mol)[0])


def n_anchors(mol: Chem.Mol) -> int:
    """Donor atoms that match a row of ``anchors.csv``."""
    return len(anchors_in(mol))


def synthetic_accessibility(mol: Chem.Mol) -> float:
    """Ertl and Schuffenhauer's score, from 1 (easy) to 10 (hard).

    Raises
    ------
    MissingEngineError
        if this build of RDKit does not ship the score.
    """
    return float(_sascorer().calculateScore(mol))


@lru_cache(maxsize=1)
def _sascorer() -> ModuleType:
    """RDKit's contributed module, loaded from its file: it belongs to no package."""
    path = Path(RDConfig.RDContribDir) / "SA_Score" / "sascorer.py"
    spec = importlib.util.spec_from_file_location("rdkit_contrib_sascorer", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise MissingEngineError(
            f"This build of RDKit has no synthetic accessibility score ({path.name} is missing).",
            "Install RDKit from PyPI or conda-forge, or leave that filter out.",
        )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


#: Every field of ``Descriptors`` by name, the quick ones first, so that a filter pays only for what it asks.
MEASURES: Mapping[str, Callable[[Chem.Mol], float]] = MappingProxyType(
    {
        "n_heavy": n_heavy,
        "molar_mass_da": molar_mass_da,
        "n_rotatable": n_rotatable,
        "log_p": log_p,
        "n_anchors": n_anchors,
        "synthetic_accessibility": synthetic_accessibility,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildFilter:
    """Bounds that a built molecule keeps, ends included; ``None`` is no bound.

    Raises
    ------
    InputError
        if a bound is not a finite number, or a lower bound exceeds its upper bound.
    """

    min_molar_mass_da: float | None = None
    max_molar_mass_da: float | None = None
    min_n_heavy: int | None = None
    max_n_heavy: int | None = None
    min_n_rotatable: int | None = None
    max_n_rotatable: int | None = None
    min_log_p: float | None = None
    max_log_p: float | None = None
    min_n_anchors: int | None = None
    max_n_anchors: int | None = None
    max_synthetic_accessibility: float | None = None

    def __post_init__(self) -> None:
        for item in fields(self):
            bound = getattr(self, item.name)
            if bound is not None and not math.isfinite(bound):
                raise InputError(f"The bound {item.name} = {bound} is not finite.", "Leave it out.")
        for quantity, (low, high) in self.bounds().items():
            if low is not None and high is not None and low > high:
                raise InputError(
                    f"No molecule has a {quantity} of at least {low:g} and at most {high:g}.",
                    "Swap the bounds.",
                )

    @classmethod
    def from_ranges(
        cls,
        *,
        molar_mass_da: str | None = None,
        n_heavy: str | None = None,
        n_rotatable: str | None = None,
        log_p: str | None = None,
        n_anchors: str | None = None,
        max_synthetic_accessibility: float | None = None,
    ) -> BuildFilter:
        """Bounds from ranges as written on a command line.

        Parameters
        ----------
        molar_mass_da, n_heavy, n_rotatable, log_p, n_anchors
            ``MIN-MAX``, ``MIN-``, ``-MAX``, or one number for exactly that; a blank is no bound. A
            bound may be negative: ``-1-5`` is from -1 to 5, ``--1`` up to -1, ``-1`` up to 1.
        max_synthetic_accessibility
            The largest score.

        Raises
        ------
        InputError
            naming the text, if it is no range.
        """
        mass, partition = _range(molar_mass_da, float), _range(log_p, float)
        heavy, rotatable, anchors = (_range(text, int) for text in (n_heavy, n_rotatable, n_anchors))
        return cls(
            min_molar_mass_da=mass[0],
            max_molar_mass_da=mass[1],
            min_n_heavy=heavy[0],
            max_n_heavy=heavy[1],
            min_n_rotatable=rotatable[0],
            max_n_rotatable=rotatable[1],
            min_log_p=partition[0],
            max_log_p=partition[1],
            min_n_anchors=anchors[0],
            max_n_anchors=anchors[1],
            max_synthetic_accessibility=max_synthetic_accessibility,
        )

    def bounds(self) -> dict[str, tuple[float | None, float | None]]:
        """Lower and upper bound of each bounded field of ``Descriptors``, the quick ones first."""
        pairs = {
            name: (getattr(self, f"min_{name}", None), getattr(self, f"max_{name}", None))
            for name in MEASURES
        }
        return {name: pair for name, pair in pairs.items() if pair != (None, None)}


def _range(text: str | None, number: type[NumberT]) -> tuple[NumberT | None, NumberT | None]:
    """Lower and upper bound as written."""
    written = (text or "").strip()
    if not written:
        return None, None
    match = _RANGE.fullmatch(written)
    ends = match.group("low", "high") if match else (written, written)
    if (match and any(ends)) or _EXACT.fullmatch(written):
        try:
            low, high = (number(end) if end else None for end in ends)
        except ValueError:
            pass  # a fraction where only a whole number has a meaning
        else:
            if low is None or high is None or low <= high:
                return low, high
    what = "of whole numbers " if number is int else ""
    raise InputError(
        f"'{shorten(written)}' is no range {what}MIN-MAX.", "Write MIN-MAX, MIN-, -MAX or one number."
    )
