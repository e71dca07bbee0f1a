"""What every measurement has: what was measured, the file it is kept in, the figure, the answer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from echemscreen.campaign.outcomes.figure_style import style_of
from echemscreen.dots.edges.given_edges import written_layers
from echemscreen.ligands.parse import parse_smiles
from echemscreen.measurements.own_rows import OwnMeasurement, append_own
from echemscreen.options.measuring import LevelOptions, MeasurementOptions
from echemscreen.views import construction
from echemscreen.views.construction import Construction


class Measurement(MeasurementOptions, ABC):
    """A measurement of one sample: its files, what it was, and where the answer goes."""

    def subject(self) -> dict[str, str]:
        """The columns that say what was measured; SMILES canonical, a dot by its layers.

        Raises
        ------
        InputError
            if the SMILES or the dot means nothing.
        """
        if self.output is not None:
            construction.check(self.output)
            style_of(self)
        if isinstance(self, LevelOptions) and self.smiles is not None:
            molecule = parse_smiles(self.smiles, self.name or self.smiles)
            return {"name": self.name or self.files[0].stem, "smiles": molecule.canonical_smiles}
        if self.qd is not None:
            return {"name": self.name or self.files[0].stem, "dot": written_layers(self.qd)}
        return {"name": self.name or self.files[0].stem}

    @abstractmethod
    def run(self) -> Measured:
        """Read, analyse and keep; each kind of measurement in its own way."""

    def keep(self, rows: tuple[OwnMeasurement, ...], shown: Sequence[Construction]) -> None:
        """Draw the figure, then add the rows to the measurement file.

        Raises
        ------
        InputError
            if the file holds one of the quantities already.
        StoreError
            if a file cannot be written.
        """
        if self.output is not None:
            construction.draw(shown, self.output, style=style_of(self))
        if (path := self.kept_in()) is not None:
            append_own(path, rows)

    def kept_in(self) -> Path | None:
        """The measurement file that the rows are added to."""
        return self.measured if isinstance(self, LevelOptions) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The answer of a measurement."""

    content: dict[str, Any]
    """Numbers with unit and reference in their names: what ``--json`` prints."""
    lines: tuple[str, ...]
    """The same for a reader."""
    rows: tuple[OwnMeasurement, ...]
    """Levels and edges as rows of the user's measurement file; none where nothing was named."""
    shown: tuple[Construction, ...]
    """The panels of the figure."""

    def describe(self) -> dict[str, Any]:
        """The numbers."""
        return self.content

    def __str__(self) -> str:
        return "\n".join(self.lines)
