"""What a user writes for a dot: a preset, a bulk material or layers with sizes.

``CdSe:3.0/CdS:3.5`` is a core of 3.0 nm diameter (edge length, if it is a cube: the halide
perovskites) and a shell of 3.5 nm thickness. ``CdSe:3.0/CdSe>CdS:1.0/CdS:2.0`` has a graded layer
whose composition runs linearly from one end to the other. ``CdSe:?/CdS:3.5`` leaves the core size to
be found from an emission wavelength. Layers may as well be written ``CdSe:3.0@CdS:3.5``, sizes
``CdSe 3.0 nm`` or ``CdSe(30 Å)``; what could mean several things is refused, with the right spelling.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from echemscreen.dots.materials import HOW_TO_LIST, Material, QuantumDotRow, presets, semiconductors
from echemscreen.dots.mixtures import blend, check_mix, material_of
from echemscreen.dots.sizes.dielectric import screened
from echemscreen.errors import DotError

#: Range of the envelope model, nm.
CORE_RANGE_NM = (1.0, 30.0)
SHELL_MAX_NM = 20.0
#: Steps of equal thickness that a graded layer is made of.
GRADED_STEPS = 8
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
#: Nanometres in a unit of length that a size may be written in.
_UNITS_NM = {"": 1.0, "nm": 1.0, "å": 0.1, "angstrom": 0.1}
_LENGTH = re.compile(rf"({_NUMBER})\s*(nm|[Åå]|angstrom|)", re.IGNORECASE)
_MONOLAYERS = re.compile(rf"({_NUMBER})\s*(?:ML|MLs|monolayers?)", re.IGNORECASE)
#: A comma before a letter stands between two dots, not in a number.
_SEVERAL = re.compile(r",\s*[A-Za-z]")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+\D*")
#: A size behind a blank or in parentheses; what is a share of a formula has neither.
_SIZE_BEHIND = re.compile(
    r"(?P<name>.*?)(?:\s+(?P<bare>[0-9.?]\S*(?:\s+\D+)?)|\s*\((?P<inside>[0-9.?][^()]*)\))"
)
#: Characters of a specification; nobody writes more.
_LONGEST = 1000
_OPEN = "?"
_ZINC_BLENDE = "zb"


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

    @property
    def composition(self) -> tuple[tuple[str, float], ...]:
        """Of an alloy: its compounds and their shares of the cations, the largest first."""
        shares = () if self.end else self.material.binaries
        ordered = sorted(((row.material, share) for row, share in shares), key=lambda item: -item[1])
        return tuple(ordered) if len(ordered) > 1 else ()

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
    if len(name) > _LONGEST:
        raise DotError(f"The dot is {len(name)} characters long.", HOW_TO_LIST)
    preset = presets().get(name)
    spec = preset.spec if preset else name
    if not spec:
        raise DotError("The dot is empty.", HOW_TO_LIST)
    if _SEVERAL.search(spec):
        raise DotError(
            f"'{spec}' names several dots, where one is expected.",
            "Name one; 'echemscreen screen' takes several.",
        )
    parts = [named_and_sized(part) for part in split_layers(spec)]
    if len(parts) == 1 and parts[0][1] is None:
        return DotSpec(name=name, layers=(LayerSpec(material=material_of(spec, spec)),), preset=preset)
    layers = []
    for index, (material, size) in enumerate(parts):
        if size is None:
            raise DotError(f"In the dot '{spec}' the layer '{material}' has no size.", _with_sizes(parts))
        layer = _layer(material, size, index, spec)
        if layer.size_nm != 0:
            layers.append(layer)
    return DotSpec(name=name, layers=tuple(layers), preset=preset, open_core=layers[0].size_nm is None)


def split_layers(spec: str) -> list[str]:
    """The layers of a specification as they are written, the core first: ``/`` or ``@`` between them."""
    return re.split("[/@]", spec.strip())


def named_and_sized(part: str) -> tuple[str, str | None]:
    """The material of a layer, and its size if there is one."""
    name, colon, size = part.strip().partition(":")
    if colon:
        return name.strip(), size.strip()
    found = _SIZE_BEHIND.fullmatch(name)
    return (found["name"], (found["bare"] or found["inside"]).strip()) if found else (name, None)


def _with_sizes(parts: Sequence[tuple[str, str | None]]) -> str:
    """How layers are written whose sizes are missing."""
    if any(name not in semiconductors() for name, _ in parts):
        return "Write CORE:NM/SHELL:NM, as CdSe:3.0/CdS:3.5."
    layers = "/".join(f"{name}:{size or 'NM'}" for name, size in parts)
    return f"Write {layers}: the diameter of the core and the thickness of each shell, in nm."


def _layer(name: str, size: str, index: int, spec: str) -> LayerSpec:
    first, graded, last = (end.strip() for end in name.partition(">"))
    if ">" in last or (graded and index == 0):
        raise DotError(
            f"In the dot '{spec}' the layer '{name}' cannot be graded.",
            "Grade a shell between two materials, as CdSe:3.0/CdSe>CdS:1.0.",
        )
    material, end = material_of(first, spec), material_of(last, spec) if graded else None
    if end is not None:
        check_mix(name, [row for row, _ in (*material.binaries, *end.binaries)], spec)
    if size == _OPEN:
        if index:
            raise DotError(
                f"In the dot '{spec}' the shell {name} has no thickness.", "Only the core may be left open."
            )
        return LayerSpec(material=material, core=True)
    size_nm = size_of(size, material.name, spec)
    low, high = (0.0, SHELL_MAX_NM) if index else CORE_RANGE_NM
    if not low <= size_nm <= high:
        what = "shell thickness" if index else "core diameter"
        raise DotError(
            f"In the dot '{spec}' the {what} of {size_nm:g} nm is outside the model's range.",
            f"It covers {low:g} to {high:g} nm.",
        )
    return LayerSpec(material=material, end=end, size_nm=size_nm, core=index == 0)


def size_of(size: str, name: str, spec: str) -> float:
    """A size of a material as it is written, in nm.

    Raises
    ------
    DotError
        if it is no length.
    """
    length = _LENGTH.fullmatch(size)
    if length and math.isfinite(float(length[1])):
        return float(length[1]) * _UNITS_NM[length[2].lower()]
    where = f"In the dot '{spec}' the size '{size}' of {name}"
    monolayers, row = _MONOLAYERS.fullmatch(size), semiconductors().get(name)
    if monolayers and row is not None and row.phase == _ZINC_BLENDE:
        # Cation planes along [111] of zinc blende.
        layer_nm = 0.1 * row.lattice_ang / math.sqrt(3)
        raise DotError(
            f"{where} is in monolayers.",
            f"Give it in nm: a monolayer is {layer_nm:.2f} nm thick, so "
            f"{name}:{float(monolayers[1]) * layer_nm:.2f}.",
        )
    if _DECIMAL_COMMA.fullmatch(size):
        raise DotError(f"{where} has a comma.", f"Write a point: {name}:{size.replace(',', '.')}.")
    raise DotError(f"{where} is no number.", "Give it in nm, as CdSe:3.0.")


def caveats(layers: Sequence[LayerSpec]) -> tuple[str, ...]:
    """What of the numbers of a dot's materials was not read in its source."""
    materials = [material for layer in layers for material in (layer.material, layer.outer)]
    return tuple(dict.fromkeys(sentence for material in materials for sentence in material.caveats))
