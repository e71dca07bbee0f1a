"""A device as numbers: the layers around the dot, their levels on an axis, and the words about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from echemscreen.scales import from_she, she_from
from echemscreen.views.alignment.drawing import signed

#: Energies against vacuum, eV, between which layers are drawn; an insulator reaches beyond.
_HIGHEST_EV, _LOWEST_EV = -1.3, -8.9


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLevel:
    """A level of a layer in axis units; ``drawn`` ends at the axis where ``value`` lies beyond."""

    value: float
    drawn: float
    sigma: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A layer of the device. An electrode has only its ``lower`` level, the work function."""

    name: str
    role: str
    thickness_nm: float | None
    upper: DeviceLevel | None
    lower: DeviceLevel | None
    verified: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device as numbers on the chosen axis."""

    before: tuple[Slot, ...]
    after: tuple[Slot, ...]
    dots_nm: float | None
    window_v: tuple[float, float]
    """Potentials, V vs SHE, that its layers need."""
    caption: str


def place_device(stack: Mapping[str, Any], scale: str) -> Device:
    """Put the layers of a device on an axis.

    Parameters
    ----------
    stack
        The JSON object of a device: energies in eV against vacuum.
    scale
        ``she``, ``vacuum``, ``fc`` or ``sce``.
    """
    layers = [*stack["before"], *stack["after"]]
    # Error bars are drawn whole, too.
    energies = [
        min(max(level["energy_ev"] + sign * (level["sigma_ev"] or 0.0), _LOWEST_EV - 1.0), _HIGHEST_EV)
        for layer in layers
        for level in layer["levels"].values()
        for sign in (-1.0, 1.0)
    ]

    def slot(layer: Mapping[str, Any]) -> Slot:
        levels = layer["levels"]
        return Slot(
            name=str(layer["name"]),
            role=str(layer["role"]),
            thickness_nm=layer["thickness_nm"],
            upper=_level(levels.get("lumo"), scale),
            lower=_level(levels.get("work_function") or levels.get("homo"), scale),
            verified=all(level["verified"] for level in levels.values()),
        )

    return Device(
        before=tuple(slot(layer) for layer in stack["before"]),
        after=tuple(slot(layer) for layer in stack["after"]),
        dots_nm=stack["dots_nm"],
        window_v=(she_from(max(energies), "vacuum"), she_from(min(energies), "vacuum")),
        caption=_caption(stack),
    )


def _level(level: Mapping[str, Any] | None, scale: str) -> DeviceLevel | None:
    if level is None:
        return None

    def axis(energy_ev: float) -> float:
        return from_she(she_from(energy_ev, "vacuum"), scale)

    energy_ev = float(level["energy_ev"])
    return DeviceLevel(
        value=axis(energy_ev),
        drawn=axis(min(max(energy_ev, _LOWEST_EV), _HIGHEST_EV)),
        sigma=level["sigma_ev"],
    )


def _caption(stack: Mapping[str, Any]) -> str:
    """Barriers and sources in words."""
    words = []
    for carrier in ("hole", "electron"):
        steps = [
            f"{item['source']} to {item['target']} {signed(item['barrier_ev'], 2)}"
            + ("" if item["sigma_ev"] is None else f" ± {item['sigma_ev']:.2f}")
            + ("" if item["verified"] else " (unverified)")
            for item in stack["barriers"]
            if item["carrier"] == carrier
        ]
        if steps:
            words.append(f"{carrier}s {', '.join(steps)}")
    text = (
        f"Device {stack['name']}: {stack['label']} ({stack['citation']}). "
        f"Barriers between flat levels, eV, positive is uphill: {'; '.join(words)}."
    )
    layers = [*stack["before"], *stack["after"]]
    if not all(level["verified"] for layer in layers for level in layer["levels"].values()):
        text += " Unverified: no source of the layer's numbers was read."
    return text
