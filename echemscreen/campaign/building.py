"""What is built from the building blocks, as options say."""

from __future__ import annotations

from collections.abc import Iterator

from echemscreen.ligands.building import build
from echemscreen.ligands.building.descriptors import BuildFilter
from echemscreen.options.building import BuildOptions, LimitsOfMolecules


def limits_of(asked: LimitsOfMolecules) -> BuildFilter:
    """The limits that are told of a molecule.

    Raises
    ------
    InputError
        for a text that is no range.
    """
    counts = {}
    if isinstance(asked, BuildOptions):
        counts = {"n_heavy": asked.heavy_atoms, "n_anchors": asked.anchors}
    return BuildFilter.from_ranges(
        molar_mass_da=asked.mass,
        n_rotatable=asked.rotatable,
        log_p=asked.log_p,
        max_synthetic_accessibility=asked.max_sa,
        **counts,
    )


def built(asked: BuildOptions) -> Iterator[build.Built]:
    """The molecules that are asked for; a sample is taken evenly over all.

    Raises
    ------
    InputError
        for a limit or a building block that means nothing.
    """
    found = build.build(
        asked.what, limits=limits_of(asked), blocks=asked.blocks, limit=asked.limit, stereo=asked.stereo
    )
    if asked.sample is None:
        return found
    return _sampled(found, asked.sample)


def _sampled(found: Iterator[build.Built], count: int) -> Iterator[build.Built]:
    every = list(found)
    chosen = min(count, len(every))
    return (every[len(every) * index // chosen] for index in range(chosen))
