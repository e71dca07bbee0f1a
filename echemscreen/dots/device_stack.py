"""The device around the dots: electrodes and transport layers, and the barriers between neighbours.

Layers are rows of ``device_layers.csv``, several for one layer where sources disagree; stacks are
rows of ``device_stacks.csv``. Work functions are positive, HOMO and LUMO negative, all in eV against
vacuum.

The rule of choice, for each quantity of a layer by itself: a row that was read (``verified``) goes
before one that is only remembered (``unverified``); then the better method, in the order of
``METHODS``; then the first in the table. What other rows say becomes uncertainty: the standard
deviation is the chosen row's own, in quadrature with the root mean square distance of the others
from it. A measurement is widened by other measurements only. A value without a second opinion has
no uncertainty: unknown, not zero.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from echemscreen.errors import InputError, TableError
from echemscreen.records.dots import DescribedDot, described_edges
from echemscreen.records.sources import Citation
from echemscreen.reference_tables import read_rows
from echemscreen.scales import from_she

Quantity = Literal["work_function", "homo", "lumo"]
QUANTITIES: tuple[Quantity, ...] = ("work_function", "homo", "lumo")
ROLES = (
    "electrode",
    "conductor",
    "hole_injection",
    "hole_transport",
    "electron_transport",
    "insulator",
)
#: From a measurement on the layer itself to a number without an origin.
METHODS = (
    "ups",
    "ups_ipes",
    "photoelectric",
    "vendor",
    "publication",
    "collated",
    "model_input",
    "exercise",
    "recalled",
)
_MEASURED = frozenset({"ups", "ups_ipes", "photoelectric"})
#: The name by which a stack calls the layer of dots.
DOT_LAYER = "QD"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLayerRow:
    """A row of ``device_layers.csv``."""

    layer: str
    sample: str
    role: str
    work_function_ev: float | None
    homo_ev: float | None
    lumo_ev: float | None
    sigma_ev: float | None
    method: str
    quality: str
    citation: str
    locator: str
    note: str

    def value(self, quantity: Quantity) -> float | None:
        """Energy of a carrier at this level against vacuum, eV: negative, a work function too."""
        if quantity == "work_function":
            return None if self.work_function_ev is None else -self.work_function_ev
        return self.homo_ev if quantity == "homo" else self.lumo_ev


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStackRow:
    """A row of ``device_stacks.csv``: one layer of a device, counted from the anode."""

    stack: str
    position: int
    layer: str
    thickness_nm: float | None
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerLevel:
    """A level of a layer: the chosen row's value, and what the other rows make of it."""

    energy_ev: float
    """Against vacuum, negative."""
    sigma_ev: float | None
    method: str
    verified: bool
    n_rows: int
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceLayer:
    """A layer of a device; an electrode or conductor has a work function, another layer a gap."""

    name: str
    role: str
    thickness_nm: float | None
    work_function: LayerLevel | None
    homo: LayerLevel | None
    lumo: LayerLevel | None

    @property
    def metallic(self) -> bool:
        """Whether both carriers pass at the work function."""
        return self.role in {"electrode", "conductor"} and self.work_function is not None

    def level_of(self, carrier: Literal["electron", "hole"]) -> LayerLevel | None:
        """The level on which a carrier passes the layer."""
        if self.metallic:
            return self.work_function
        return self.lumo if carrier == "electron" else self.homo


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceStack:
    """A device from anode to cathode; the dots lie between ``before`` and ``after``."""

    name: str
    before: tuple[DeviceLayer, ...]
    dots_nm: float | None
    after: tuple[DeviceLayer, ...]
    citation: Citation

    @property
    def label(self) -> str:
        """Such as ``ITO/TFB/QD/ZnO/Al``."""
        names = [layer.name for layer in self.before], [layer.name for layer in self.after]
        return "/".join((*names[0], DOT_LAYER, *names[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Barrier:
    """What a carrier climbs from one layer into the next; negative means that it falls."""

    carrier: Literal["electron", "hole"]
    source: str
    target: str
    barrier_ev: float
    sigma_ev: float | None
    verified: bool


@lru_cache(maxsize=1)
def device_layer_rows() -> tuple[DeviceLayerRow, ...]:
    """Every row of ``device_layers.csv``.

    Raises
    ------
    TableError
        if a row has an unknown role or method, or a value of the wrong sign.
    """
    rows = read_rows("band_data", "device_layers.csv", DeviceLayerRow)
    for number, row in enumerate(rows, start=2):
        where = f"band_data/device_layers.csv, line {number}"
        for column, value, known in (("role", row.role, ROLES), ("method", row.method, METHODS)):
            if value not in known:
                raise TableError(f"{where}, column {column}: '{value}' is unknown.", f"Known: {known}.")
        wrong = [q for q in QUANTITIES if (energy := row.value(q)) is not None and energy >= 0]
        if wrong:
            raise TableError(
                f"{where}: {wrong[0]} has the wrong sign.",
                "Work functions are positive, HOMO and LUMO negative.",
            )
    return rows


@lru_cache(maxsize=1)
def _stack_rows() -> tuple[DeviceStackRow, ...]:
    return read_rows("band_data", "device_stacks.csv", DeviceStackRow)


def stack_names() -> tuple[str, ...]:
    """The stacks that are known, in table order."""
    return tuple(dict.fromkeys(row.stack for row in _stack_rows()))


def device_layer(name: str, thickness_nm: float | None = None) -> DeviceLayer:
    """A layer with its levels chosen by the rule of this module.

    Raises
    ------
    InputError
        if no row has the layer.
    """
    rows = [row for row in device_layer_rows() if row.layer == name]
    if not rows:
        known = dict.fromkeys(row.layer for row in device_layer_rows())
        raise InputError(f"No device layer is called '{name}'.", f"Known: {', '.join(known)}.")
    levels = {quantity: _chosen(rows, quantity) for quantity in QUANTITIES}
    return DeviceLayer(
        name=name,
        role=rows[0].role,
        thickness_nm=thickness_nm,
        work_function=levels["work_function"],
        homo=levels["homo"],
        lumo=levels["lumo"],
    )


def device_stack(name: str) -> DeviceStack:
    """A device of ``device_stacks.csv``.

    Raises
    ------
    InputError
        if the stack is unknown.
    """
    rows = sorted((row for row in _stack_rows() if row.stack == name), key=lambda row: row.position)
    if not rows:
        raise InputError(f"No device stack is called '{name}'.", f"Known: {', '.join(stack_names())}.")
    place = [row.layer for row in rows].index(DOT_LAYER)
    layers = [None if row.layer == DOT_LAYER else device_layer(row.layer, row.thickness_nm) for row in rows]
    return DeviceStack(
        name=name,
        before=tuple(layer for layer in layers[:place] if layer),
        dots_nm=rows[place].thickness_nm,
        after=tuple(layer for layer in layers[place + 1 :] if layer),
        citation=Citation(source=rows[place].citation, locator=rows[place].locator),
    )


def barriers(stack: DeviceStack, dot: DescribedDot) -> tuple[Barrier, ...]:
    """Barriers between neighbours: holes from the anode to the dot, electrons from the cathode.

    Flat levels against vacuum, no interface dipoles and no band bending: a first look, not a
    simulation.

    Parameters
    ----------
    dot
        The JSON object of a dot: its edges close both rows.
    """
    edges = {
        "electron" if edge == "cbm" else "hole": LayerLevel(
            energy_ev=from_she(value_v_she, "vacuum"),
            sigma_ev=sigma_v,
            method=kind,
            verified=True,
            n_rows=1,
            citation=Citation(source=dot["spec"]),
        )
        for edge, value_v_she, sigma_v, kind in described_edges(dot)
    }
    found: list[Barrier] = []
    rows: tuple[tuple[Literal["electron", "hole"], Sequence[DeviceLayer]], ...] = (
        ("hole", stack.before),
        ("electron", stack.after[::-1]),
    )
    for carrier, layers in rows:
        # A hole climbs where the next level lies deeper, an electron where it lies higher.
        sign = -1.0 if carrier == "hole" else 1.0
        steps = [(layer.name, layer.level_of(carrier)) for layer in layers]
        steps.append((DOT_LAYER, edges[carrier]))
        for (source, here), (target, there) in itertools.pairwise(steps):
            if here is None or there is None:
                continue
            sigmas = (here.sigma_ev, there.sigma_ev)
            known = [sigma for sigma in sigmas if sigma is not None]
            found.append(
                Barrier(
                    carrier=carrier,
                    source=source,
                    target=target,
                    barrier_ev=sign * (there.energy_ev - here.energy_ev),
                    sigma_ev=math.hypot(*known) if len(known) == len(sigmas) else None,
                    verified=here.verified and there.verified,
                )
            )
    return tuple(found)


def describe_stack(stack: DeviceStack, dot: DescribedDot) -> dict[str, Any]:
    """A stack around a dot as a JSON object; energies in eV against vacuum."""

    def layer_of(layer: DeviceLayer) -> dict[str, Any]:
        levels = {"work_function": layer.work_function} if layer.metallic else {}
        if not layer.metallic:
            levels = {"homo": layer.homo, "lumo": layer.lumo}
        return {
            "name": layer.name,
            "role": layer.role,
            "thickness_nm": layer.thickness_nm,
            "levels": {
                name: {
                    "energy_ev": round(level.energy_ev, 4),
                    "sigma_ev": None if level.sigma_ev is None else round(level.sigma_ev, 4),
                    "method": level.method,
                    "verified": level.verified,
                    "rows": level.n_rows,
                    "citation": str(level.citation),
                }
                for name, level in levels.items()
                if level is not None
            },
        }

    return {
        "name": stack.name,
        "label": stack.label,
        "before": [layer_of(layer) for layer in stack.before],
        "dots_nm": stack.dots_nm,
        "after": [layer_of(layer) for layer in stack.after],
        "barriers": [
            {
                "carrier": item.carrier,
                "source": item.source,
                "target": item.target,
                "barrier_ev": round(item.barrier_ev, 4),
                "sigma_ev": None if item.sigma_ev is None else round(item.sigma_ev, 4),
                "verified": item.verified,
            }
            for item in barriers(stack, dot)
        ],
        "citation": str(stack.citation),
    }


def _chosen(rows: Sequence[DeviceLayerRow], quantity: Quantity) -> LayerLevel | None:
    """The default of a quantity and its uncertainty, by the rule of the module's docstring."""
    having = [(row, value) for row in rows if (value := row.value(quantity)) is not None]
    if not having:
        return None

    def order(item: tuple[DeviceLayerRow, float]) -> tuple[bool, int]:
        return item[0].quality != "verified", METHODS.index(item[0].method)

    # min keeps the first of equals.
    chosen, energy_ev = min(having, key=order)
    others = [value for row, value in having if row is not chosen]
    if chosen.method in _MEASURED:
        others = [value for row, value in having if row is not chosen and row.method in _MEASURED]
    parts = [] if chosen.sigma_ev is None else [chosen.sigma_ev]
    if others:
        parts.append(math.sqrt(sum((value - energy_ev) ** 2 for value in others) / len(others)))
    return LayerLevel(
        energy_ev=energy_ev,
        # Sources that copy one another to the last digit are no proof of certainty.
        sigma_ev=math.hypot(*parts) or None,
        method=chosen.method,
        verified=chosen.quality == "verified",
        n_rows=len(having),
        citation=Citation(source=chosen.citation, locator=chosen.locator),
    )
