"""A row of a list: as it was read, and why one could not be answered."""

from __future__ import annotations

from dataclasses import dataclass

from echemscreen.records.molecules import Molecule
from echemscreen.records.sources import as_html, printable


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A row that could not be answered: where it stopped, why, and what to do."""

    name: str
    smiles: str
    stage: str
    kind: str
    message: str
    remedy: str
    internal: bool = False
    """A bug of ours, not the input's fault: counted, and the exit status is 1."""
    canonical_smiles: str = ""
    inchikey: str = ""
    family: str = ""
    form: str = ""

    @property
    def status(self) -> str:
        """``failed``: it was not answered."""
        return "failed"

    @property
    def told(self) -> str:
        """What went wrong and what to do."""
        return f"{self.message} {self.remedy}".strip()

    def __str__(self) -> str:
        return f"{printable(self.name or self.smiles)} failed ({self.stage}): {printable(self.told)}"

    def _repr_html_(self) -> str:
        return as_html(str(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class InputRow:
    """One line of the input: its position, and what was read from it."""

    index: int
    location: str
    """Such as ``line 12`` of the file."""
    entry: Molecule | Failure
