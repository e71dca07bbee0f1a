"""What a user writes for a dot: a preset, a bulk material or layers with sizes.

``CdSe:3.0/CdS:3.5`` is a core of 3.0 nm diameter (edge length, if it is a cube: the halide
perovskites) and a shell of 3.5 nm thickness. ``CdSe:3.0/CdSe>CdS:1.0/CdS:2.0`` has a graded layer
whose composition runs linearly from one end to the other. ``CdSe:?/CdS:3.5`` leaves the core size to
be found from an emission wavelength.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from echemscreen.dots.dielectric import screened
from echemscreen.dots.formulas import blend, material_of
from echemscreen.dots.materials import Material, QuantumDotRow, known_names, presets
from echemscreen.errors import DotError

#: Range of the envelope model, nm.
CORE_RANGE_NM = (1.0, 30.0)
SHELL_MAX_NM = 20.0
#: Steps of equal thickness that a graded layer is made of.
GRADED_STEPS = 8
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_OPEN = "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSpec:
    """A core or shell: one material, or a gradient from ``material`` to ``end``."""

    material: Material
    end: Material | None = None
    size_nm: float | None = None
    """Diameter or edge length of the core, thickness of a shell; ``None`` in bulk or left open."""
    core: bool = False

    @property
    def name(self) -> str:
        """As it is written."""
        return f"{self.material.name}>{self.end.name}" if self.end else self.material.name

    @property
    def outer(self) -> Material:
        """What lies at its outer face."""
        return self.end or self.material

    def steps(self) -> tuple[tuple[Material, float], ...]:
        """Materials and the part of the thickness that each of them fills."""
        if self.core and self.size_nm is not None:
            # Only the core's screening follows the size: the hole of nearly every dot is there.
            return ((screened(self.material, self.size_nm), 1.0),)
        if self.end is None:
            return ((self.material, 1.0),)
        return tuple(
            (blend(self.material, self.end, (k + 0.5) / GRADED_STEPS, self.name), 1 / GRADED_STEPS)
            for k in range(GRADED_STEPS)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DotSpec:
    """A dot as it was asked for."""

    name: str
    layers: tuple[LayerSpec, ...]
    preset: QuantumDotRow | None = None
    open_core: bool = False
    """The core has no size yet: it follows from a wavelength."""

    @property
    def bulk(self) -> bool:
        """A bulk material: no sizes at all."""
        return self.layers[0].size_nm is None and not self.open_core

    @property
    def spec(self) -> str:
        """The layers with their sizes."""
        return "/".join(
            layer.name if layer.size_nm is None else f"{layer.name}:{layer.size_nm:g}"
            for layer in self.layers
        )

    def with_core(self, size_nm: float) -> DotSpec:
        """The same shells on a core of another size."""
        core = replace(self.layers[0], size_nm=round(size_nm, 4))
        return replace(self, layers=(core, *self.layers[1:]), open_core=False)

    def scaled(self, factor: float, *, core: bool) -> DotSpec:
        """The same dot with every assumed size changed by a factor, the core's only if it is assumed."""
        return replace(
            self,
            layers=tuple(
                layer
                if layer.size_nm is None or (index == 0 and not core)
                else replace(layer, size_nm=round(layer.size_nm * factor, 4))
                for index, layer in enumerate(self.layers)
            ),
        )


@lru_cache(maxsize=512)
def parse(text: str) -> DotSpec:
    """Read a preset name, a material or layers.

    Raises
    ------
    DotError
        saying which part means nothing or lies outside the model's range.
    """
    name = text.strip()
    preset = presets().get(name)
    spec = preset.spec if preset else name
    if not spec:
        raise DotError("The dot is empty.", known_names())
    if ":" not in spec and "/" not in spec:
        return DotSpec(name=name, layers=(LayerSpec(material=material_of(spec, spec)),), preset=preset)
    layers = []
    for index, part in enumerate(spec.split("/")):
        layer = _layer(part, index, spec)
        if layer.size_nm != 0:
            layers.append(layer)
    return DotSpec(name=name, layers=tuple(layers), preset=preset, open_core=layers[0].size_nm is None)


def _layer(part: str, index: int, spec: str) -> LayerSpec:
    name, colon, size = part.partition(":")
    size = size.strip()
    if not colon:
        raise DotError(
            f"In the dot '{spec}' the layer '{part}' has no size.",
            "Write CORE:NM/SHELL:NM, as CdSe:3.0/CdS:3.5.",
        )
    first, graded, last = (end.strip() for end in name.partition(">"))
    if ">" in last or (graded and index == 0):
        raise DotError(
            f"In the dot '{spec}' the layer '{part}' cannot be graded.",
            "Grade a shell between two materials, as CdSe:3.0/CdSe>CdS:1.0.",
        )
    material, end = material_of(first, spec), material_of(last, spec) if graded else None
    if size == _OPEN:
        if index:
            raise DotError(
                f"In the dot '{spec}' the shell {name} has no thickness.", "Only the core may be left open."
            )
        return LayerSpec(material=material, core=True)
    if not _NUMBER.fullmatch(size):
        raise DotError(
            f"In the dot '{spec}' the size '{size}' of {name} is no number.", "Give it in nm, as CdSe:3.0."
        )
    size_nm = float(size)
    low, high = (0.0, SHELL_MAX_NM) if index else CORE_RANGE_NM
    if not low <= size_nm <= high:
        what = "shell thickness" if index else "core diameter"
        raise DotError(
            f"In the dot '{spec}' the {what} of {size_nm:g} nm is outside the model's range.",
            f"It covers {low:g} to {high:g} nm.",
        )
    return LayerSpec(material=material, end=end, size_nm=size_nm, core=index == 0)


def caveats(layers: Sequence[LayerSpec]) -> tuple[str, ...]:
    """What of the numbers of a dot's materials was not read in its source."""
    materials = [material for layer in layers for material in (layer.material, layer.outer)]
    return tuple(dict.fromkeys(sentence for material in materials for sentence in material.caveats))
