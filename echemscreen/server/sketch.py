"""The small picture of a dot beside the form: its layers' bulk edges and its confined edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT = 240.0, 150.0
#: Volts drawn beyond the outermost edge, above and below.
_MARGIN_V = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in the units of the picture."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """Numbers for the template; electrons lie higher the more negative their potential is."""

    bands: tuple[Box, ...]
    """Conduction band (from above) and valence band (from below) of every layer, through the centre."""
    edges: tuple[tuple[str, float, Box], ...]
    """``cbm`` and ``vbm`` of the dot: height, and the box of one standard deviation to each side."""
    width: float = WIDTH
    height: float = HEIGHT


def sketch(dot: Mapping[str, Any]) -> Sketch:
    """The picture of a dot as :func:`echemscreen.dots.quantum_dot.describe` tells it."""
    layers = dot["layers"]
    # A material without a size fills the picture; the core's size is a diameter.
    sizes = [layer["size_nm"] or 1.0 for layer in layers]
    through = [*reversed(list(zip(layers, sizes, strict=True))[1:]), *zip(layers, sizes, strict=True)]
    ends = [dot["cbm_v_she"] - dot["cbm_sigma_v"], dot["vbm_v_she"] + dot["vbm_sigma_v"]]
    top = min(ends[0], *(layer["cbm_v_she"] for layer in layers)) - _MARGIN_V
    bottom = max(ends[1], *(layer["vbm_v_she"] for layer in layers)) + _MARGIN_V

    def y(potential_v_she: float) -> float:
        return round(HEIGHT * float((potential_v_she - top) / (bottom - top)), 1)

    bands: list[Box] = []
    x, whole = 0.0, sum(size for _, size in through)
    for layer, size in through:
        width = WIDTH * size / whole
        cbm, vbm = y(layer["cbm_v_she"]), y(layer["vbm_v_she"])
        bands.append(Box(x=round(x, 1), y=0.0, width=round(width, 1), height=cbm))
        bands.append(Box(x=round(x, 1), y=vbm, width=round(width, 1), height=round(HEIGHT - vbm, 1)))
        x += width
    edges = []
    for name in ("cbm", "vbm"):
        value, sigma = dot[f"{name}_v_she"], dot[f"{name}_sigma_v"]
        low, high = y(value - sigma), y(value + sigma)
        edges.append((name, y(value), Box(x=0.0, y=low, width=WIDTH, height=round(high - low, 1))))
    return Sketch(bands=tuple(bands), edges=tuple(edges))
