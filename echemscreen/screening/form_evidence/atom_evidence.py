"""Whether reference molecules speak for every atom and every bond of a molecule.

A class is known by the groups that it has in common with reference molecules. What belongs to no group is
known if some reference molecule of the same process has it: their atoms and bonds are read from the rows of
the calibration themselves, so that a new row makes known what it brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from echemscreen.levels.fit.calibration import shipped_pairs
from echemscreen.levels.fit.own_measurements import OwnPotential
from echemscreen.ligands.environments import Environments, environments, joined
from echemscreen.records.molecules import Form
from echemscreen.records.processes import Process


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What of a molecule a level needs evidence of."""

    groups: tuple[str, ...]
    """Functional groups of the species that is computed."""
    left_out: tuple[str, ...] = ()
    """Those that the molecule has beside them."""
    unknown: tuple[str, ...] = ()
    """Its atoms and bonds that no reference molecule of the process has, in words."""
    elements: tuple[str, ...] = ()
    """Its elements that none of them holds."""
    own: OwnPotential | None = None
    """The user's own measurement of the molecule, which needs no other evidence."""


def parts_of(form: Form, process: Process, computed: Sequence[tuple[str, ...]] = ()) -> Parts:
    """What a level of a form needs evidence of.

    Parameters
    ----------
    computed
        Functional groups of each of the species that stand for the form; blank if it stands for itself.
    """
    covered = {name for names in computed for name in names}
    left_out = tuple(name for name in form.groups if name not in covered) if computed else ()
    own, known = environments(form.free.smiles), reference_environments(process)
    return Parts(
        groups=form.groups,
        left_out=left_out,
        unknown=own.missing_from(known),
        elements=tuple(sorted(own.elements - _reference_elements(process))),
    )


@lru_cache(maxsize=2)
def reference_environments(process: Process) -> Environments:
    """The kinds of atoms and bonds of all reference molecules of a process that are fitted."""
    return joined(environments(row.smiles) for row, _ in shipped_pairs() if row.process == process)


@lru_cache(maxsize=2)
def _reference_elements(process: Process) -> frozenset[str]:
    return reference_environments(process).elements
