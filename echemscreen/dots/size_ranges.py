"""Ranges of sizes: ``CORE:MIN-MAX[:STEP]/SHELL:MIN-MAX[:STEP]`` read into the sizes of each layer."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from echemscreen.dots.specification import split_layers
from echemscreen.errors import DotError

#: Step of a range without one, nm.
DEFAULT_STEP_NM = 0.5
#: Dots of one sweep; each costs some ten milliseconds.
MAX_DOTS = 2000
#: A range ends with MAX although its steps do not add up to the last digit.
_ROUNDING = 1e-6
_SIZE = r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)"
_RANGE = re.compile(rf"\s*({_SIZE})\s*-\s*({_SIZE})\s*(?::\s*({_SIZE})\s*)?")
_FIXED = re.compile(rf"\s*({_SIZE})\s*")
_HOW = "Write CORE:MIN-MAX[:STEP]/SHELL:MIN-MAX[:STEP] in nm, as CdSe:2-6/CdS:0-6:0.5."


@dataclass(frozen=True, slots=True, kw_only=True)
class SweptLayer:
    """A layer of the sweep and the sizes that it takes, nm."""

    material: str
    is_core: bool
    sizes_nm: tuple[float, ...]

    @property
    def swept(self) -> bool:
        """Whether the layer has more than one size."""
        return len(self.sizes_nm) > 1

    @property
    def label(self) -> str:
        """Such as ``CdSe core diameter``."""
        return f"{self.material} {'core diameter' if self.is_core else 'shell thickness'}"


def parse_sweep(spec: str) -> tuple[SweptLayer, ...]:
    """The layers of a sweep.

    Raises
    ------
    DotError
        for a range that is none, and for more dots than ``MAX_DOTS``.
    """
    if not spec.strip():
        raise DotError("The sweep is empty.", _HOW)
    layers = []
    for index, part in enumerate(split_layers(spec)):
        material, colon, size = part.partition(":")
        if not colon or not material.strip():
            raise DotError(f"In the sweep '{spec}' the layer '{part}' has no size.", _HOW)
        sizes = _sizes(size, f"In the sweep '{spec}' the size '{size}' of {material.strip()}")
        layers.append(SweptLayer(material=material.strip(), is_core=index == 0, sizes_nm=sizes))
    count = math.prod(len(layer.sizes_nm) for layer in layers)
    if count > MAX_DOTS:
        raise DotError(
            f"The sweep '{spec}' has {count} dots, more than {MAX_DOTS}.",
            "Give longer steps (MIN-MAX:STEP) or shorter ranges.",
        )
    return tuple(layers)


def _sizes(text: str, where: str) -> tuple[float, ...]:
    fixed = _FIXED.fullmatch(text)
    if fixed and math.isfinite(float(fixed[1])):
        return (float(fixed[1]),)
    found = _RANGE.fullmatch(text)
    if not found:
        raise DotError(f"{where} is neither a number nor a range.", _HOW)
    low, high = float(found[1]), float(found[2])
    step = float(found[3]) if found[3] else DEFAULT_STEP_NM
    if low > high:
        raise DotError(f"{where} runs from the larger to the smaller.", "Write MIN-MAX.")
    if step <= 0:
        raise DotError(f"{where} has a step of zero.", "Give a step above 0 nm.")
    steps = (high - low) / step
    if not steps < MAX_DOTS:
        raise DotError(f"{where} has more than {MAX_DOTS} steps.", "Give a longer step.")
    count = math.floor(steps + _ROUNDING) + 1
    return tuple(round(low + index * step, 9) for index in range(count))
