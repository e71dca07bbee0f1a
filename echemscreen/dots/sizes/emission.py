"""From a wavelength to a size: the core that absorbs or emits there, the shells as they are.

Emission lies a Stokes shift below the first exciton (``stokes_shifts.csv``, one row for a material
system); its scatter enters the uncertainty of the size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from echemscreen.dots.edges.band_edges import model_of
from echemscreen.dots.sizes.sizing_curves import EV_NM
from echemscreen.dots.specification import CORE_RANGE_NM, DotSpec
from echemscreen.errors import DotError
from echemscreen.reference_tables import read_rows

#: The core is found to this, nm.
_SIZE_TOLERANCE_NM = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class StokesRow:
    """A row of ``stokes_shifts.csv``."""

    system: str
    shift_ev: float
    sigma_ev: float
    quality: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def _stokes_rows() -> dict[str, StokesRow]:
    return {row.system: row for row in read_rows("band_data", "stokes_shifts.csv", StokesRow)}


def stokes(spec: DotSpec) -> StokesRow:
    """The shift of the core's material system, eV."""
    return _stokes_rows()[spec.layers[0].material.row.system]


def emission_nm(spec: DotSpec) -> float:
    """Wavelength at which a dot emits: its first exciton less the Stokes shift."""
    return EV_NM / (model_of(spec).exciton_ev - stokes(spec).shift_ev)


def sized(asked: DotSpec, wavelength_nm: float | None = None, *, shift_by_ev: float = 0.0) -> DotSpec:
    """The dot with a core of a size: as written, or as an emission or the preset's wavelength makes it.

    Raises
    ------
    DotError
        if the core is open and no wavelength sizes it.
    """
    if wavelength_nm is not None:
        return core_for_emission(asked, wavelength_nm, shift_by_ev=shift_by_ev)
    if not asked.open_core:
        return asked
    preset = asked.preset
    if preset is not None and preset.emission_nm is not None:
        return core_for_emission(asked, preset.emission_nm, shift_by_ev=shift_by_ev)
    if preset is not None and preset.absorption_nm is not None:
        return core_for_absorption(asked, preset.absorption_nm)
    raise DotError(f"The dot '{asked.name}' leaves the core open.", "Give --emission-nm, in nm, or a size.")


def core_for_emission(spec: DotSpec, wavelength_nm: float, *, shift_by_ev: float = 0.0) -> DotSpec:
    """The dot whose core makes it emit at a wavelength; the shells stay.

    Parameters
    ----------
    shift_by_ev
        Added to the Stokes shift; to see how its uncertainty moves the size.

    Raises
    ------
    DotError
        if no core of the model's range emits there; the message says which range can be reached.
    """
    return _solve(spec, wavelength_nm, stokes(spec).shift_ev + shift_by_ev, "emits")


def core_for_absorption(spec: DotSpec, wavelength_nm: float) -> DotSpec:
    """The dot whose core puts the first exciton at a wavelength; the shells stay.

    Raises
    ------
    DotError
        if no core of the model's range absorbs there.
    """
    return _solve(spec, wavelength_nm, 0.0, "absorbs")


@lru_cache(maxsize=1024)
def _solve(spec: DotSpec, wavelength_nm: float, shift_ev: float, verb: str) -> DotSpec:
    if not math.isfinite(wavelength_nm) or wavelength_nm <= 0:
        raise DotError(f"The wavelength of {wavelength_nm:g} nm means nothing.", "Give it in nm, as 625.")
    if spec.bulk:
        raise DotError(
            f"'{spec.name}' is a bulk material: it has no size to solve for.",
            f"Write the core as {spec.layers[0].name}:?.",
        )

    from scipy.optimize import brentq  # noqa: PLC0415 - scipy.optimize loads for half a second

    def miss_ev(core_nm: float) -> float:
        return model_of(spec.with_core(core_nm)).exciton_ev - shift_ev - EV_NM / wavelength_nm

    smallest, largest = CORE_RANGE_NM
    at_smallest, at_largest = miss_ev(smallest), miss_ev(largest)
    if not at_smallest > 0 > at_largest:
        target = EV_NM / wavelength_nm
        blue, red = EV_NM / (at_smallest + target), EV_NM / (at_largest + target)
        raise DotError(
            f"No core size makes the dot '{spec.name}' one that {verb} at {wavelength_nm:g} nm.",
            f"Cores of {smallest:g} to {largest:g} nm reach {blue:.0f} to {red:.0f} nm.",
        )
    return spec.with_core(float(brentq(miss_ev, smallest, largest, xtol=_SIZE_TOLERANCE_NM)))
