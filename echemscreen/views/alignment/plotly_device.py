"""The layers of a device for plotly: boxes, names and numbers left and right of the dot."""

from __future__ import annotations

from echemscreen.views.alignment.drawing import Drawing, signed
from echemscreen.views.alignment.plotly_traces import Trace, escaped
from echemscreen.views.device.device_layout import Device, Slot
from echemscreen.views.palette import EDGE_COLOUR, FILLS, PALE_FILLS

#: Widths in the units of a species: a layer, a gap, the names of edges and couples.
_SLOT, _GAP, _NAMES = 2.6, 0.4, 5.2
#: Depth of a metal's bar, a part of the axis.
_DEPTH = 0.05


def device_parts(
    drawing: Drawing, device: Device
) -> tuple[list[Trace], list[Trace], list[Trace], float, float]:
    """Traces, shapes, notes, and where the axis begins and ends."""
    traces: list[Trace] = []
    shapes: list[Trace] = []
    notes: list[Trace] = []
    first = -0.5 - _GAP - _SLOT * len(device.before)
    after = drawing.last_x + _NAMES
    for start, slots in ((first, device.before), (after, device.after)):
        for index, slot in enumerate(slots):
            middle = start + _SLOT * (index + 0.5)
            levels = [level for level in (slot.upper, slot.lower) if level is not None]
            if not levels:
                continue
            shapes.append(_box(drawing, slot, middle))
            for level, upper in ((slot.upper, True), (slot.lower, slot.upper is None)):
                if level is not None:
                    # The number of a metal stands below its bar.
                    below = 0.0 if slot.upper is not None else _DEPTH * drawing.upwards
                    notes.append(
                        {
                            "x": middle,
                            "y": level.drawn - below,
                            "text": signed(level.value, 2),
                            "showarrow": False,
                            "yanchor": "top" if upper else "bottom",
                            "font": {"size": 11},
                        }
                    )
            size = "" if slot.thickness_nm is None else f"{slot.thickness_nm:g} nm"
            notes.append(
                {
                    "x": middle,
                    "y": 1.0,
                    "yref": "paper",
                    "yanchor": "bottom",
                    "text": f"{escaped(slot.name)}<br>{size or '&nbsp;'}",
                    "showarrow": False,
                    "font": {"size": 11},
                }
            )
            traces.append(_points(drawing, slot, middle))
    return traces, shapes, notes, first - _GAP, after + _SLOT * len(device.after) + _GAP


def _box(drawing: Drawing, slot: Slot, middle: float) -> Trace:
    """A layer from HOMO to LUMO, or a metal below its work function."""
    lower, upper = slot.lower, slot.upper
    ends: tuple[float, float]
    if lower is not None and upper is not None:
        ends = (lower.drawn, upper.drawn)
    else:
        level = lower or upper
        assert level is not None
        ends = (level.drawn, level.drawn - _DEPTH * drawing.upwards)
    return {
        "type": "rect",
        "layer": "below",
        "x0": middle - 0.46 * _SLOT,
        "x1": middle + 0.46 * _SLOT,
        "y0": ends[0],
        "y1": ends[1],
        "fillcolor": FILLS[slot.role] if slot.verified else PALE_FILLS.get(slot.role, "white"),
        "line": {"color": EDGE_COLOUR, "width": 1, "dash": "solid" if slot.verified else "dash"},
    }


def _points(drawing: Drawing, slot: Slot, middle: float) -> Trace:
    """Invisible markers that tell the numbers of a layer."""
    against = drawing.axis_label.rpartition(" / ")[2]
    kinds = ("work function",) if slot.upper is None else ("LUMO", "HOMO")
    levels = [level for level in (slot.upper, slot.lower) if level is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [middle + 0.34 * _SLOT] * len(levels),
        "y": [level.drawn for level in levels],
        "marker": {"size": 22, "opacity": 0.0, "color": EDGE_COLOUR},
        "error_y": {
            "type": "data",
            "array": [None if level.drawn != level.value else level.sigma for level in levels],
            "color": EDGE_COLOUR,
            "thickness": 1,
            "width": 3,
        },
        "hoverinfo": "text",
        "hovertext": [
            escaped(
                f"{slot.name}, {kind} {signed(level.value, 2)}"
                + ("" if level.sigma is None else f" ± {level.sigma:.2f}")
                + f" {against}"
                + ("" if slot.verified else "; unverified: no source of the number was read")
            )
            for kind, level in zip(kinds, levels, strict=True)
        ],
        "showlegend": False,
    }
