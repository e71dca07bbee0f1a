"""What is said of a finished row, and in what form the parent of a screen gets it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, TypeVar

from echemscreen.ligands.reading.input_files import UnreadRow
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure, InputRow
from echemscreen.screening.plan import Plan

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Result = Assessment | Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDot:
    """What one dot makes of a row."""

    results: tuple[Result, ...]
    n_computed: int = 0
    """Pieces of ladders that were neither stored nor computed for a dot before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowResult:
    """Everything known about one input row."""

    row: InputRow
    on_dots: tuple[OnDot, ...]
    """In the order of the dots."""
    plan: Plan | None = None
    """Of a molecule that could be planned."""

    @property
    def results(self) -> tuple[Result, ...]:
        """Those on the first dot, which most runs have alone."""
        return self.on_dots[0].results

    @property
    def n_computed(self) -> int:
        """Ladder parts that were not found in the store."""
        return sum(item.n_computed for item in self.on_dots)


class Tell(Protocol[T_co]):
    """What is made of a finished row in its worker: all that the parent is told of it."""

    def __call__(self, row: InputRow, on_dots: tuple[OnDot, ...], plan: Plan | None) -> T_co:
        """Of a row, what each dot makes of it, and the plan of a molecule that could be planned."""
        ...


def everything(row: InputRow, on_dots: tuple[OnDot, ...], plan: Plan | None) -> RowResult:
    """Tell all of a row."""
    return RowResult(row=row, on_dots=on_dots, plan=plan)


class Kept(Protocol[T]):
    """How finished rows are kept in the store, so that the same run need not judge them again."""

    def key(self, row: UnreadRow) -> str:
        """Of everything that the row depends on."""
        ...

    def text(self, told: T) -> str:
        """What is kept of a row; blank of one that is to be tried again, or that tells where it stands."""
        ...

    def told(self, text: str) -> T:
        """The inverse of :meth:`text`."""
        ...
