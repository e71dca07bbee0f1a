"""The exception tree, grouped by what the reader should do next.

::

    EchemscreenError
    +-- InputError           fix the input; running again does not help
    |   +-- TableError       a row of a data table: file, line, column
    |   +-- StructureError   a molecule that cannot be screened as written
    |   +-- DotError         a quantum-dot specification
    +-- EngineError          a calculation failed
    |   +-- ConvergenceError the SCF or the relaxation did not converge
    |   +-- EmbeddingError   no three-dimensional start geometry
    |   +-- TimeLimitError   the molecule took longer than it may
    |   +-- MemoryLimitError the molecule took more memory than it may
    |   +-- WorkerDiedError  its worker process was killed, twice
    +-- MissingEngineError   install something
    +-- MissingPackageError  install an extra of this package
    +-- ClusterError         the scheduler of workers cannot be used
    +-- StoreError           the result store or the output folder cannot be used

Every class survives pickling with its message, remedy and location, because the
exceptions cross process borders.
"""

from __future__ import annotations

from typing import Any


class EchemscreenError(Exception):
    """Base of all errors raised on purpose.

    Parameters
    ----------
    message
        One sentence: what is wrong, and where.
    remedy
        One sentence: what to do about it.
    """

    #: Short machine-readable name used to count failures by cause.
    kind: str = "error"

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message, remedy)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.remedy)


class InputError(EchemscreenError):
    """The input cannot be used as it is: fix it."""

    kind = "input"


class TableError(InputError):
    """A row of a data table breaks a rule; the message names file, line and column."""

    kind = "table"


class StructureError(InputError):
    """A molecule that cannot be screened as it is written."""

    kind = "structure"

    def __init__(self, message: str, remedy: str = "", kind: str = "structure") -> None:
        super().__init__(message, remedy)
        self.kind = kind

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.message, self.remedy, self.kind)


class DotError(InputError):
    """A quantum-dot specification that means nothing, or lies outside the model's range."""

    kind = "dot"


class EngineError(EchemscreenError):
    """A calculation failed for a reason that is the engine's."""

    kind = "engine"


class ConvergenceError(EngineError):
    """The self-consistent field or the relaxation did not converge after every retry."""

    kind = "convergence"


class EmbeddingError(EngineError):
    """No three-dimensional start geometry could be built."""

    kind = "embedding"


class TimeLimitError(EngineError):
    """A molecule exceeded its time limit."""

    kind = "time_limit"


class MemoryLimitError(EngineError):
    """A molecule exceeded its memory limit."""

    kind = "memory_limit"


class WorkerDiedError(EngineError):
    """A worker process died twice on the same molecule."""

    kind = "worker_died"

    def __init__(
        self,
        message: str = "the worker process died twice on this molecule.",
        remedy: str = "It may need more memory than there is: try it alone, or with another engine.",
    ) -> None:
        super().__init__(message, remedy)


class MissingEngineError(EchemscreenError):
    """An engine's library is not installed, or not for this Python."""

    kind = "missing_engine"


class MissingPackageError(EchemscreenError):
    """A package that an option needs is not installed."""

    kind = "missing_package"


class ClusterError(EchemscreenError):
    """The scheduler of a cluster cannot be reached, or its workers cannot be used."""

    kind = "cluster"


class StoreError(EchemscreenError):
    """The result store or the output folder cannot be read or written."""

    kind = "store"
