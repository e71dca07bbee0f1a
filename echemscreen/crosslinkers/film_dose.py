r"""The dose at the lamp after which a film of dots stays, from absorption, quantum yield and loading.

Dots and crosslinkers are a random graph: a crosslinker bridges two dots if two of its arms have reacted,
inserted, and found different dots. Of a graph with :math:`c` bridges at each dot the share S hangs together,
:math:`S = 1 - e^{-cS}` (P. Erdos and A. Renyi, 1960), and that share stays when the film is developed. An
arm reacts with the light that reaches its depth:

.. math:: u = \langle 1 - e^{-k D \exp(-\mu z)} \rangle_z, \quad
          k = \frac{\ln 10\, \epsilon\, \phi}{n\, E_{\mathrm{photon}}}

with the molecule's :math:`\epsilon` shared by its n arms, the quantum yield :math:`\phi` of the group
(``quantum_yields.csv``), and :math:`\mu` of dots and crosslinkers. Nothing is fitted; ``validate`` compares
it with published doses. It knows no induction, no oxygen and no sensitising by the dots.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import constants
from scipy.optimize import brentq

from echemscreen.dots.sizes.inner_filter import dot_in_film, film_absorption_per_nm
from echemscreen.ligands.crosslinking.crosslinkers import CrosslinkerProfile
from echemscreen.records.dots import QuantumDot
from echemscreen.reference_tables import read_rows

#: Share of the film that is to stay: what Lu et al. (2022) call a good pattern.
RETENTION = 0.75
#: Of two arms in the gap between two dots, how often the second finds the other one.
_OTHER_DOT = 0.5
#: Depths over which the light is averaged.
_SLICES = 24
_LARGEST_EXPOSURE = 1e3
#: Lamps that do the same to a dot.
_SAME_LAMP_NM = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantumYieldRow:
    """A row of ``quantum_yields.csv``: how often an absorbed photon makes the reactive species."""

    group: str
    low: float
    high: float
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """A film that is to be patterned."""

    thickness_nm: float
    loading_percent: float
    """Of the mass of the dots without their ligands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FilmDose:
    """A dose with its 90 % interval, mJ/cm2, or why there is none."""

    dose_mj_cm2: float | None = None
    low_mj_cm2: float | None = None
    high_mj_cm2: float | None = None
    transmitted: float | None = None
    """Share of the light that the mean crosslinker gets; ``None`` if a material of the dot is unknown."""
    missing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DamageRow:
    """A row of ``lamp_damage.csv``: what light alone left of the luminescence of a film of dots."""

    lamp_nm: float
    dose_mj_cm2: float
    kept: float
    dots: str
    quality: str
    citation: str
    locator: str
    note: str


@lru_cache(maxsize=1)
def quantum_yields() -> tuple[QuantumYieldRow, ...]:
    """Every row of ``quantum_yields.csv``."""
    return read_rows("ligand_library", "quantum_yields.csv", QuantumYieldRow)


@lru_cache(maxsize=1)
def damage_rows() -> tuple[DamageRow, ...]:
    """Every row of ``lamp_damage.csv``."""
    return read_rows("ligand_library", "lamp_damage.csv", DamageRow)


def damage_at(lamp_nm: float) -> DamageRow | None:
    """What the lamp does to dots by itself; ``None`` where nobody published it."""
    near = [row for row in damage_rows() if abs(row.lamp_nm - lamp_nm) <= _SAME_LAMP_NM]
    return min(near, key=lambda row: abs(row.lamp_nm - lamp_nm), default=None)


def film_dose(
    epsilon_per_m_cm: float | None,
    epsilon_interval_per_m_cm: tuple[float, float] | None,
    lamp_nm: float,
    *,
    profile: CrosslinkerProfile,
    molar_mass_da: float,
    dot: QuantumDot,
    film: Film,
) -> FilmDose:
    """The dose after which ``RETENTION`` of the film stays.

    Parameters
    ----------
    epsilon_per_m_cm, epsilon_interval_per_m_cm
        Molar absorption coefficient of the crosslinker at the lamp, and its 90 % interval.

    Returns
    -------
    FilmDose
        Without numbers if the absorption, a yield or the dot's size is unknown, or if at this loading even
        a complete reaction leaves too few bridges; it says which. Where only the dot's absorption is unknown
        the film counts as clear: the dose is then the least.
    """
    row = _yield_of(profile)
    inside = dot_in_film(dot, gap_nm=profile.ligand_length_nm)
    if not epsilon_per_m_cm or epsilon_interval_per_m_cm is None:
        return FilmDose(missing="absorption at the lamp")
    if row is None:
        return FilmDose(missing="quantum yield of the group")
    if profile.insertion_yield is None:
        return FilmDose(missing="yield of the insertion")
    if inside is None:
        return FilmDose(missing="size and lattice of the dot")
    per_dot = film.loading_percent / 100.0 * inside.mass_da / molar_mass_da
    reacted = _needed_conversion(per_dot, profile.n_light_arms, profile.insertion_yield)
    if reacted is None:
        return FilmDose(missing=f"bridges: {per_dot:.1f} crosslinkers a dot are too few")
    dots = film_absorption_per_nm(dot, lamp_nm, gap_nm=profile.ligand_length_nm)
    own = _own_absorption_per_nm(epsilon_per_m_cm, per_dot, inside.volume_nm3 / inside.volume_share)
    depths = (np.arange(_SLICES) + 0.5) / _SLICES * film.thickness_nm
    light = np.exp(-((dots or 0.0) + own) * depths)
    # An exposure of one: the mean number of reactions that an arm at the surface would have seen.
    exposure = float(brentq(lambda x: 1.0 - np.exp(-x * light).mean() - reacted, 0.0, _LARGEST_EXPOSURE))
    photon_j_mol = constants.h * constants.c * constants.N_A / (lamp_nm * 1e-9)
    quantum_yield = math.sqrt(row.low * row.high)
    per_arm = math.log(10.0) * 1e3 * epsilon_per_m_cm / profile.n_light_arms * quantum_yield
    dose = 1e3 * exposure * photon_j_mol / per_arm
    spread = math.hypot(
        math.log10(epsilon_interval_per_m_cm[1] / epsilon_interval_per_m_cm[0]) / 2.0,
        math.log10(row.high / row.low) / 2.0,
    )
    return FilmDose(
        dose_mj_cm2=dose,
        low_mj_cm2=dose / 10.0**spread,
        high_mj_cm2=dose * 10.0**spread,
        transmitted=None if dots is None else float(light.mean()),
    )


def bridges(arms: int, linked: float) -> float:
    """Mean number of bridges of one crosslinker, each of whose arms has linked with a probability.

    Of m linked arms the first makes none and every further one a bridge.

    Examples
    --------
    >>> bridges(2, 0.5)
    0.25
    """
    return arms * linked - 1.0 + (1.0 - linked) ** arms


def _needed_conversion(per_dot: float, arms: int, insertion: float) -> float | None:
    """Share of the arms that must react; ``None`` if all are too few."""
    needed = -math.log(1.0 - RETENTION) / RETENTION / (2.0 * per_dot * _OTHER_DOT)
    if arms < 2 or bridges(arms, insertion) <= needed:  # noqa: PLR2004 - two make a bridge
        return None
    return float(brentq(lambda linked: bridges(arms, linked) - needed, 0.0, insertion)) / insertion


def _own_absorption_per_nm(epsilon_per_m_cm: float, per_dot: float, volume_nm3: float) -> float:
    """Napierian absorption coefficient of the crosslinkers themselves, in one dot's part of the film."""
    mol_per_litre = per_dot / constants.N_A / (volume_nm3 * 1e-24)
    return math.log(10.0) * epsilon_per_m_cm * mol_per_litre * 1e-7


def _yield_of(profile: CrosslinkerProfile) -> QuantumYieldRow | None:
    names = {name for name, _ in profile.arms}
    return next((row for row in quantum_yields() if row.group in names), None)
