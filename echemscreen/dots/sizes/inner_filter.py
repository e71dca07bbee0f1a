r"""How much of the light a film of dots takes, from bulk optical constants and the volumes of the layers.

Far above its first exciton a dot absorbs as the bulk does, lessened by the local field (Z. Hens and
I. Moreels, J. Mater. Chem. 22, 10406 (2012)): of a small sphere of permittivity :math:`\epsilon` in a medium
of index n

.. math:: \mu = \frac{2\pi}{\lambda n}
          \left|\frac{3 n^2}{\epsilon + 2 n^2}\right|^2 \mathrm{Im}\,\epsilon

in 1/m of its own volume. The layers of a dot are mixed by volume, alloys by the shares of their compounds.
Optical constants are rows of ``band_data/optical_constants.csv``; between two wavelengths they are
interpolated. A material without a row is unknown, never transparent.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from pymatgen.core import Composition

from echemscreen.dots.materials import SemiconductorRow, compound_of, semiconductors
from echemscreen.records.dots import Layer, QuantumDot
from echemscreen.reference_tables import read_rows

#: Index of alkyl ligands and organic additives in the ultraviolet, to 0.1.
ORGANIC_INDEX = 1.5
#: Share of a volume that spheres fill at random close packing.
RANDOM_PACKING = 0.64
#: Formula units in a cube of the lattice constant; of a hexagonal cell with an ideal ratio of its axes, of
#: rutile and of chalcopyrite the same by their volumes.
_FORMULA_UNITS = {
    "zb": 4.0,
    "rs": 4.0,
    "cubic": 1.0,
    "wz": math.sqrt(2.0),
    "chalcopyrite": 2.0,
    "rutile": 3.1,
}
#: Cations that pymatgen does not know by their letters.
_ORGANIC_CATIONS = {"MA": "CNH6", "FA": "CN2H5"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpticalRow:
    """A row of ``optical_constants.csv``: complex index of a bulk material at 300 K."""

    material: str
    wavelength_nm: float
    refractive_index: float
    extinction_index: float
    quality: str
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DotInFilm:
    """One dot with its share of a close-packed film."""

    volume_nm3: float
    """Of core and shells."""
    mass_da: float
    volume_share: float
    """Of core and shells in the film, ligands between them."""


@lru_cache(maxsize=1)
def optical_rows() -> tuple[OpticalRow, ...]:
    """Every row of ``optical_constants.csv``."""
    return read_rows("band_data", "optical_constants.csv", OpticalRow)


def film_absorption_per_nm(dot: QuantumDot, wavelength_nm: float, *, gap_nm: float) -> float | None:
    """Napierian absorption coefficient of a close-packed film, 1/nm; ``None`` if a material is unknown.

    Parameters
    ----------
    gap_nm
        Between the surfaces of neighbours: the ligands.
    """
    film = dot_in_film(dot, gap_nm=gap_nm)
    volumes = layer_volumes_nm3(dot)
    if film is None:
        return None
    permittivity = 0j
    for layer, volume in zip(dot.layers, volumes, strict=True):
        own = _permittivity(layer, wavelength_nm)
        if own is None:
            return None
        permittivity += own * volume / film.volume_nm3
    medium = ORGANIC_INDEX**2
    field = abs(3.0 * medium / (permittivity + 2.0 * medium)) ** 2
    return film.volume_share * 2.0 * math.pi / (wavelength_nm * ORGANIC_INDEX) * field * permittivity.imag


def dot_in_film(dot: QuantumDot, *, gap_nm: float) -> DotInFilm | None:
    """Volume, mass and share of a dot in a film; ``None`` for a bulk material, or an unknown lattice."""
    if any(layer.size_nm is None for layer in dot.layers):
        return None
    volumes = layer_volumes_nm3(dot)
    masses = [_density_da_nm3(layer) for layer in dot.layers]
    if any(mass is None for mass in masses):
        return None
    volume = sum(volumes)
    diameter = 2.0 * (3.0 * volume / (4.0 * math.pi)) ** (1.0 / 3.0)
    return DotInFilm(
        volume_nm3=volume,
        mass_da=sum(mass * part for mass, part in zip(masses, volumes, strict=True) if mass is not None),
        volume_share=RANDOM_PACKING * (diameter / (diameter + gap_nm)) ** 3,
    )


def layer_volumes_nm3(dot: QuantumDot) -> tuple[float, ...]:
    """Volume of core and shells, in order; a cube where the core is one."""
    core = semiconductors().get(_compounds(dot.layers[0])[0][0])
    factor = 1.0 if core is not None and core.shape == "cube" else math.pi / 6.0
    found, inside, width = [], 0.0, 0.0
    for index, layer in enumerate(dot.layers):
        width += (layer.size_nm or 0.0) * (1.0 if index == 0 else 2.0)
        found.append(factor * width**3 - inside)
        inside = factor * width**3
    return tuple(found)


def _compounds(layer: Layer) -> tuple[tuple[str, float], ...]:
    return layer.composition or ((layer.material, 1.0),)


def _permittivity(layer: Layer, wavelength_nm: float) -> complex | None:
    """Of a layer: its compounds' permittivities, mixed by their shares."""
    total = 0j
    for material, share in _compounds(layer):
        rows = [row for row in optical_rows() if row.material == compound_of(material)]
        waves = [row.wavelength_nm for row in rows]
        if not rows or not min(waves) <= wavelength_nm <= max(waves):
            return None
        index = complex(
            np.interp(wavelength_nm, waves, [row.refractive_index for row in rows]),
            np.interp(wavelength_nm, waves, [row.extinction_index for row in rows]),
        )
        total += share * index**2
    return total


def _density_da_nm3(layer: Layer) -> float | None:
    """Mass of a layer's material, Da/nm3, from its lattice; ``None`` of an unknown one."""
    total = 0.0
    for material, share in _compounds(layer):
        row = semiconductors().get(material)
        units = _FORMULA_UNITS.get(row.phase) if row is not None else None
        if row is None or units is None:
            return None
        total += share * _formula_mass_da(row) * units / (row.lattice_ang / 10.0) ** 3
    return total


def _formula_mass_da(row: SemiconductorRow) -> float:
    formula = compound_of(row.material)
    for letters, written in _ORGANIC_CATIONS.items():
        if formula.startswith(letters):
            formula = written + formula.removeprefix(letters)
    return float(Composition(formula).weight)
