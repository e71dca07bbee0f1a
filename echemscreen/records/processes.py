"""What a carrier does to a molecule: it is reduced by an electron, or oxidised by a hole."""

from __future__ import annotations

from typing import Literal

from echemscreen.quantities import Bound

Process = Literal["reduction", "oxidation"]


def symbol_of(process: Process) -> str:
    """The potential of a process: ``E_red`` or ``E_ox``."""
    return "E_red" if process == "reduction" else "E_ox"


def side_of(process: Process, one_sided: bool) -> Bound:
    """A one-sided level lies further out: a reduction at most at its value, an oxidation at least."""
    if not one_sided:
        return ""
    return "at most" if process == "reduction" else "at least"
