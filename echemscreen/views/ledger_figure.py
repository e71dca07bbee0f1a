"""The ledgers of the best crosslinkers as small levels beside the dot.

One group for each crosslinker, one narrow step for each member of its ledger. Members that decide are
drawn strong, those that are only shown pale; the marker tells the role, the colour the verdict.
Electrons rise upwards: the potential axis runs downwards.
"""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle

from echemscreen.scales import electrode, from_she
from echemscreen.views.drawing import axis_label, signed
from echemscreen.views.ranking_figure import save, structure_image
from echemscreen.views.rendering import RC, STYLES

#: Groups drawn at most.
MAX_GROUPS = 10
#: Marker and words of each role, in the order in which members stand.
ROLES: dict[str, tuple[str, str]] = {
    "precursor": ("s", "precursor"),
    "wanted_link": ("o", "wanted link"),
    "side_product": ("^", "side product"),
    "residue": ("v", "residue"),
    "intermediate": ("x", "intermediate"),
}
#: Sizes, inches.
_STEP, _GAP, _BLOCK, _PLOT, _STRUCTURE, _LEFT, _RIGHT, _TOP = 0.19, 0.26, 0.5, 3.8, 0.85, 0.75, 0.75, 0.42
_LEAST_GROUP = 1.55
#: Room for the labels of the edges.
_EDGE_LABEL = 1.15
#: How far levels are drawn beyond the edges, V; what is further out gets an arrow.
_ABOVE_V, _BELOW_V, _MARGIN_V = 1.6, 2.2, 0.15
_GREY, _INK, _EDGE = "#888888", "#222222", "#333333"
_PALE = 0.45


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLevels:
    """A member of a ledger: potentials in V vs SHE with their standard deviations."""

    role: str
    verdict: str
    decides: bool
    e_red_v_she: float | None
    e_red_sigma_v: float | None
    e_ox_v_she: float | None
    e_ox_sigma_v: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerGroup:
    """One crosslinker."""

    name: str
    smiles: str
    rank: int
    verdict: str
    members: tuple[MemberLevels, ...]


def draw(groups: Sequence[LedgerGroup], dot: Mapping[str, Any], path: Path) -> None:
    """Draw the ledgers into a file (.svg, .png or .pdf), whole or not at all.

    Parameters
    ----------
    groups
        The best crosslinkers, best first.
    dot
        The JSON object of a dot.

    Raises
    ------
    StoreError
        if the file cannot be written.
    """
    with mpl.rc_context(RC), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        save(render(groups, dot), path)


def render(groups: Sequence[LedgerGroup], dot: Mapping[str, Any]) -> Figure:
    """The ledgers as a matplotlib figure; the unit of its x axis is an inch."""
    shown = [_ordered(group) for group in groups[:MAX_GROUPS]]
    widths = [max(_STEP * max(len(group.members), 1), _LEAST_GROUP) for group in shown]
    start = _BLOCK * len(dot["layers"]) + _GAP
    span = start + sum(width + _GAP for width in widths) + _EDGE_LABEL
    width = _LEFT + max(span, 3.0) + _RIGHT
    window_v = (float(dot["cbm_v_she"]) - _ABOVE_V, float(dot["vbm_v_she"]) + _BELOW_V)
    arrows = any(
        value is not None and not window_v[0] <= value <= window_v[1]
        for group in shown
        for member in group.members
        for value in (member.e_red_v_she, member.e_ox_v_she)
    )
    caption = textwrap.fill(_caption(dot, len(groups) - len(shown), arrows=arrows), int(width * 16))
    text_in = 0.12 + 0.135 * (caption.count("\n") + 1)
    bottom = text_in + _STRUCTURE + 0.42
    height = _TOP + _PLOT + bottom
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((_LEFT / width, bottom / height, max(span, 3.0) / width, _PLOT / height))
    axes.set_xlim(0, max(span, 3.0))
    axes.set_ylim(window_v[1] + _MARGIN_V, window_v[0] - _MARGIN_V)
    axes.set_ylabel(axis_label(electrode("she").label))
    axes.set_xticks([])
    _dot(axes, dot, max(span, 3.0))
    x = start
    for group, group_width in zip(shown, widths, strict=True):
        _group(axes, group, x, group_width, window_v)
        image = structure_image(group.smiles, group_width, _STRUCTURE)
        place = ((_LEFT + x) / width, (text_in + 0.06) / height, group_width / width, _STRUCTURE / height)
        inset = figure.add_axes(place)
        inset.imshow(image, aspect="auto", interpolation="lanczos")
        inset.axis("off")
        x += group_width + _GAP
    _vacuum_axis(axes)
    _legend(figure, shown, width)
    figure.text(0.12 / width, 0.06 / height, caption, fontsize=6.5, va="bottom", color=_INK)
    return figure


def _ordered(group: LedgerGroup) -> LedgerGroup:
    order = list(ROLES)
    members = sorted(group.members, key=lambda item: order.index(item.role))
    return LedgerGroup(
        name=group.name, smiles=group.smiles, rank=group.rank, verdict=group.verdict, members=tuple(members)
    )


def _caption(dot: Mapping[str, Any], left_out: int, *, arrows: bool) -> str:
    title = dot["spec"] if dot["name"] == dot["spec"] else f"{dot['name']}: {dot['spec']}"
    more = f" {left_out} crosslinkers of lower rank are not drawn." if left_out > 0 else ""
    return (
        f"{title}. CBM {signed(float(dot['cbm_v_she']), 2)} ± {float(dot['cbm_sigma_v']):.2f}, VBM "
        f"{signed(float(dot['vbm_v_she']), 2)} ± {float(dot['vbm_sigma_v']):.2f} V vs SHE. Bars and bands: "
        "one standard deviation. Filled: reduction, open: oxidation; pale members are shown and do not "
        f"decide.{' Arrows: levels beyond the axis, with their values.' if arrows else ''}{more}"
    )


# --- parts --------------------------------------------------------------------------------


def _dot(axes: Axes, dot: Mapping[str, Any], end: float) -> None:
    cbm, vbm = float(dot["cbm_v_she"]), float(dot["vbm_v_she"])
    bottom, top = axes.get_ylim()
    for index, layer in enumerate(dot["layers"]):
        for edge, limit in ((float(layer["cbm_v_she"]), top), (float(layer["vbm_v_she"]), bottom)):
            axes.add_patch(
                Rectangle(
                    (index * _BLOCK, edge), _BLOCK, limit - edge, facecolor="#BFC9D1", edgecolor=_EDGE, lw=0.6
                )
            )
        size = layer["size_nm"]
        label = str(layer["material"]) if size is None else f"{layer['material']} {float(size):g} nm"
        axes.text(
            (index + 0.5) * _BLOCK,
            0.5 * (float(layer["cbm_v_she"]) + float(layer["vbm_v_she"])),
            label,
            rotation=90,
            ha="center",
            va="center",
            fontsize=6.5,
            zorder=6,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.8, "alpha": 0.9},
        )
    axes.add_patch(Rectangle((0, cbm), end, vbm - cbm, facecolor="#F5F5F5", lw=0, zorder=0.5))
    for label, name in (("CBM", "cbm"), ("VBM", "vbm")):
        edge, sigma = float(dot[f"{name}_v_she"]), float(dot[f"{name}_sigma_v"])
        axes.add_patch(
            Rectangle((0, edge - sigma), end, 2 * sigma, facecolor="#56B4E9", alpha=0.25, lw=0, zorder=0.8)
        )
        axes.plot([0, end], [edge, edge], color=_EDGE, lw=0.9, ls="--", zorder=2)
        above = name == "cbm"
        axes.text(
            end - 0.05,
            edge + (-sigma - 0.04 if above else sigma + 0.04),
            f"{label} {signed(edge, 2)} V vs SHE",
            fontsize=7,
            ha="right",
            va="bottom" if above else "top",
            color=_INK,
        )


def _group(axes: Axes, group: LedgerGroup, start: float, width: float, window_v: tuple[float, float]) -> None:
    axes.axvspan(start - 0.07, start + width + 0.07, facecolor="white", alpha=0.55, lw=0, zorder=0.6)
    count = max(len(group.members), 1)
    step = width / count
    for index, member in enumerate(group.members):
        x = start + (index + 0.5) * step
        for value, sigma, reduction in (
            (member.e_red_v_she, member.e_red_sigma_v, True),
            (member.e_ox_v_she, member.e_ox_sigma_v, False),
        ):
            if value is not None:
                _level(
                    axes, member, (x, value), sigma, reduction=reduction, half=0.4 * step, window_v=window_v
                )
    colour, _ = STYLES.get(group.verdict, (_GREY, "s"))
    centre = start + 0.5 * width
    label = f"{group.rank}   {_shortened(group.name, int(width * 13.5) - 3)}"
    axes.annotate(
        label,
        xy=(centre, 0),
        xycoords=("data", "axes fraction"),
        xytext=(0, -6),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=7.5,
        weight="bold",
        color=_INK,
    )
    axes.annotate(
        group.verdict,
        xy=(centre, 0),
        xycoords=("data", "axes fraction"),
        xytext=(0, -17),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=7,
        color=colour,
    )


def _level(
    axes: Axes,
    member: MemberLevels,
    place: tuple[float, float],
    sigma: float | None,
    *,
    reduction: bool,
    half: float,
    window_v: tuple[float, float],
) -> None:
    colour, _ = STYLES.get(member.verdict, (_GREY, "s"))
    marker, _ = ROLES[member.role]
    alpha = 1.0 if member.decides else _PALE
    x, value = place
    top_v, bottom_v = window_v
    if not top_v <= value <= bottom_v:
        inwards = 0.28 if value < top_v else -0.28
        end = top_v if value < top_v else bottom_v
        arrow = {"arrowstyle": "->", "color": colour, "lw": 0.8, "alpha": alpha}
        axes.annotate("", xy=(x, end), xytext=(x, end + inwards), arrowprops=arrow)
        axes.text(
            x,
            end + 1.15 * inwards,
            signed(value, 1),
            rotation=90,
            ha="center",
            va="top" if value < top_v else "bottom",
            fontsize=5.5,
            color=colour,
            alpha=alpha,
        )
        return
    width = 1.8 if member.decides else 1.1
    style: Any = "-" if reduction else (0, (1.6, 0.9))
    axes.plot([x - half, x + half], [value, value], color=colour, lw=width, ls=style, alpha=alpha, zorder=4)
    axes.errorbar(
        x,
        value,
        yerr=sigma,
        color=colour,
        lw=0.7,
        alpha=alpha,
        marker=marker,
        ms=3.8,
        mew=0.9,
        mfc=colour if reduction else "white",
        zorder=5,
    )


def _vacuum_axis(axes: Axes) -> None:
    right = axes.twinx()
    bottom, top = axes.get_ylim()
    right.set_ylim(from_she(bottom, "vacuum"), from_she(top, "vacuum"))
    right.set_ylabel(axis_label(electrode("vacuum").label))


def _legend(figure: Figure, groups: Sequence[LedgerGroup], width: float) -> None:
    roles = {member.role for group in groups for member in group.members}
    handles: list[Any] = [
        Line2D([], [], color=_GREY, lw=0, marker=marker, ms=4.5, label=words)
        for role, (marker, words) in ROLES.items()
        if role in roles
    ]
    handles += [Patch(facecolor=colour, label=verdict) for verdict, (colour, _) in STYLES.items()]
    handles.append(Patch(facecolor="#56B4E9", alpha=0.25, label="1S edges ± one sd"))
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0.5 / width, 0.995),
        ncols=min(len(handles), max(int(width / 1.15), 3)),
        frameon=False,
        fontsize=7,
        handlelength=1.4,
        columnspacing=1.3,
    )


def _shortened(name: str, width: int) -> str:
    clean = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    if len(clean) <= width:
        return clean
    half = (width - 1) // 2
    return f"{clean[:half]}…{clean[-half:]}"
