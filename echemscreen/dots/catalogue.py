"""What can be asked for by name: the presets with their sizes and emission, materials, and what mixes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache

from echemscreen.dots.materials import alloys, presets, semiconductors
from echemscreen.dots.sizes.emission import emission_nm, sized
from echemscreen.dots.specification import parse


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDot:
    """A preset, solved for its size."""

    name: str
    spec: str
    """Layers with their sizes in nm."""
    sizes: str
    """Where they are from: ``measured``, ``assumed``, ``from emission`` or ``from absorption``."""
    emission_nm: float
    """Where it emits: as published, or by the model."""
    citation: str


@lru_cache(maxsize=1)
def named_dots() -> tuple[NamedDot, ...]:
    """The presets, in table order."""
    return tuple(
        NamedDot(
            name=name,
            spec=spec.spec,
            sizes=row.sizes,
            emission_nm=emission_nm(spec),
            citation=row.citation,
        )
        for name, row in presets().items()
        for spec in (sized(parse(name)),)
    )


def materials_by_system() -> Mapping[str, tuple[str, ...]]:
    """The materials that have a model, by their family."""
    found: dict[str, list[str]] = {}
    for name, row in semiconductors().items():
        found.setdefault(row.system, []).append(name)
    return {system: tuple(names) for system, names in found.items()}


def mixing_pairs() -> tuple[tuple[str, ...], ...]:
    """The compounds between which alloys are known."""
    return tuple(tuple(sorted(pair)) for pair in alloys())


def describe_catalogue() -> dict[str, object]:
    """The JSON object of ``echemscreen qd --json`` without a dot."""
    return {
        "dots": [asdict(dot) | {"emission_nm": round(dot.emission_nm, 1)} for dot in named_dots()],
        "materials": {system: list(names) for system, names in materials_by_system().items()},
        "alloys": [list(pair) for pair in mixing_pairs()],
    }
