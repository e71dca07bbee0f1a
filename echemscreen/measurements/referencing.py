"""From the electrode of a cell to the hydrogen scale: by its row, or by ferrocene in the same cell.

Ferrocene outranks the electrode: what shifts the one in an organic solvent shifts the other alike. Its
potential is given, read from a voltammogram of ferrocene, or found among the waves of the file as the
reversible one where the electrode of the file puts it. With an electrode of unknown potential (a silver wire)
it is found only if it is the only reversible wave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from echemscreen.errors import InputError
from echemscreen.measurements.voltammetry import Analysis, Wave
from echemscreen.records.processes import Process
from echemscreen.scales import electrode, from_she, reference_electrodes, she_from

#: The scale of the internal standard.
FERROCENE = "fc"
#: Ferrocene lies within this of where the electrode puts it, V: junctions and old electrodes.
_NEAR_V = 0.20
#: The sigma of a potential of ferrocene that is given, V.
_GIVEN_SIGMA_V = 0.005
#: A reversible wave this near to the given potential of ferrocene is ferrocene's, V.
_OWN_WAVE_V = 0.02
#: Solvents in which an aqueous electrode has its own potential.
_AQUEOUS = frozenset({"water"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What a potential of the file is counted from."""

    scale: str
    """A row of ``reference_electrodes.csv``."""
    offset_v: float
    """What is subtracted from a potential of the file to have it on that scale."""
    sigma_v: float
    """Of the way to the hydrogen scale, V."""
    words: str
    """How it is known, for a reader."""
    standard: Wave | None = None
    """The wave of ferrocene, if it is in the file."""

    def she(self, potential_v: float) -> float:
        """A potential of the file in V vs SHE."""
        return she_from(potential_v - self.offset_v, self.scale)


def scale_of(text: str) -> str | None:
    """The row that a file's words for its electrode name, as ``SCE Saturated Calomel Electrode``."""
    plain = text.strip().lower()
    for scale, row in reference_electrodes().items():
        names = (scale, row.label.lower().removeprefix("v vs ").strip())
        if plain in names or any(plain.startswith(f"{name} ") for name in names):
            return scale
    return None


def by_electrode(analysis: Analysis, scale: str | None, *, solvent: str) -> Reference:
    """The reference electrode that the user names, or else a column of the file.

    Raises
    ------
    InputError
        if nobody says what it was.
    """
    said = analysis.source.reference
    if scale is None:
        guess = scale_of(said)
        hint = f"The file says '{said}': if that is true, give --reference {guess}." if guess else ""
        known = ", ".join(name for name in reference_electrodes() if name != "vacuum")
        raise InputError(
            f"What the potentials of {analysis.source.path.name} are measured against is not said.",
            hint or f"Give --reference ({known}) or --ferrocene.",
        )
    row = electrode(scale)
    if scale == "vacuum":
        raise InputError("A voltammogram has no vacuum scale.", "Give the electrode, such as sce or fc.")
    junction = 0.0 if solvent in _AQUEOUS else electrode(scale).junction_sigma_v
    return Reference(
        scale=scale,
        offset_v=0.0,
        sigma_v=math.hypot(row.uncertainty_v, junction),
        words=f"measured against {row.label.removeprefix('V vs ')}",
    )


def by_given_ferrocene(potential_v: float, analysis: Analysis) -> Reference:
    """Ferrocene at a potential that the user read in the same cell, V on the scale of the file.

    A wave of the file at that potential is ferrocene's own.
    """
    own = [
        wave
        for wave in analysis.waves
        if wave.return_v is not None and abs(wave.value_v - potential_v) <= _OWN_WAVE_V
    ]
    return Reference(
        standard=min(own, key=lambda wave: abs(wave.value_v - potential_v)) if own else None,
        scale=FERROCENE,
        offset_v=potential_v,
        sigma_v=math.hypot(electrode(FERROCENE).uncertainty_v, _GIVEN_SIGMA_V),
        words=f"ferrocene given at {potential_v:+.3f} V",
    )


def by_found_ferrocene(analysis: Analysis, scale: str | None, *, in_words: str = "found") -> Reference:
    """Ferrocene among the waves of a voltammogram.

    Raises
    ------
    InputError
        if no wave, or more than one, can be it.
    """
    waves = [
        wave
        for wave in analysis.waves
        if wave.return_v is not None
        and wave.process == Process.OXIDATION
        and wave.behaviour != "irreversible"
    ]
    name = analysis.source.path.name
    expected: float | None = None
    if scale is not None:
        expected = from_she(she_from(0.0, FERROCENE), scale)
        waves = [wave for wave in waves if abs(wave.value_v - expected) <= _NEAR_V]
    where = "" if expected is None else f" near {expected:+.2f} V, where {scale} puts it"
    if not waves:
        raise InputError(
            f"No reversible oxidation of {name} can be ferrocene{where}.",
            "Give its half-wave potential: --ferrocene VOLT.",
        )
    if len(waves) > 1:
        if expected is None:
            found = ", ".join(f"{wave.value_v:+.3f} V" for wave in waves)
            raise InputError(
                f"Several waves of {name} can be ferrocene: {found}.",
                "Say which with --ferrocene VOLT, or give --reference.",
            )
        near = expected
        waves.sort(key=lambda wave: abs(wave.value_v - near))
    wave = waves[0]
    return Reference(
        scale=FERROCENE,
        offset_v=wave.value_v,
        sigma_v=math.hypot(electrode(FERROCENE).uncertainty_v, wave.sigma_v),
        words=f"ferrocene {in_words} at {wave.value_v:+.3f} V",
        standard=wave,
    )
