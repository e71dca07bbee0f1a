"""The ledgers of crosslinkers as a drawing: one group for each, one step for each member.

Members come from a ranking as it ends, or are read again from its folder.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from echemscreen.errors import InputError
from echemscreen.quantities import counted
from echemscreen.records.dots import DescribedDot
from echemscreen.scales import electrode, from_she
from echemscreen.views.alignment.drawing import Column, Drawing, Group, Level, axis_label, shortened
from echemscreen.views.alignment.placing import (
    basis_words,
    blocks_of,
    caption_of_dot,
    edge_guides,
    facts_of,
    levels_of,
    placed,
    spread_guides,
    strip_of,
)
from echemscreen.views.palette import ROLES
from echemscreen.views.sheets import PLAIN, FigureStyle, Sheet
from echemscreen.views.tables.cells import known
from echemscreen.views.tables.table import read_table

#: Groups drawn unasked.
MAX_GROUPS = 10
#: A member, the least width of a group and the gap behind it, in units of the axis.
STEP, LEAST_GROUP, GAP = 0.76, 6.2, 1.04
#: One unit of the axis, inches: as wide as needed, and the least in a journal's column.
UNIT_IN, LEAST_UNIT_IN = 0.25, 0.16
#: How far levels are drawn beyond the edges, V; what is further out gets an arrow.
_ABOVE_V, _BELOW_V = 1.6, 2.2
_NAME_WIDTH = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberLevels:
    """A member of a ledger and its levels, V vs SHE."""

    role: str
    verdict: str
    decides: bool
    levels: tuple[Level, ...]
    name: str = ""
    smiles: str = ""
    n_unpaired: int | None = None
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerGroup:
    """One crosslinker."""

    name: str
    smiles: str
    rank: int
    verdict: str
    members: tuple[MemberLevels, ...]
    triplet_ev: float | None = None
    triplet_sigma_ev: float | None = None


def layout(
    groups: Sequence[LedgerGroup],
    dot: DescribedDot,
    *,
    scale: str = "she",
    top: int | None = None,
    style: FigureStyle = PLAIN,
) -> Drawing:
    """Place the ledgers of the best beside the dot.

    Parameters
    ----------
    groups
        The crosslinkers, best first.
    dot
        The JSON object of a dot.
    top
        Draw no more of them.
    style
        Its width takes so many ledgers and no more; it may name and order them.

    Raises
    ------
    InputError
        if the scale is unknown.
    """
    reference, sheet = electrode(scale), style.sheet
    cbm_v, vbm_v = dot["cbm_v_she"], dot["vbm_v_she"]
    window_v = (cbm_v - _ABOVE_V, vbm_v + _BELOW_V)

    def axis(value_v_she: float) -> float:
        return from_she(value_v_she, scale)

    blocks = blocks_of(dot, axis)
    ordered = _ordered_groups(groups, style.order)
    shown = _fitting(ordered[: top or MAX_GROUPS], len(blocks), sheet)
    columns: list[Column] = []
    ledgers: list[Group] = []
    x = len(blocks) + 0.9
    for group in shown:
        span = _span(group)
        step = span / max(len(group.members), 1)
        for index, member in enumerate(_ordered(group)):
            columns.append(
                Column(
                    x=x + (index + 0.5) * step,
                    label="",
                    verdict=member.verdict,
                    levels=placed(member.levels, window_v, scale),
                    name=member.name or group.name,
                    smiles=member.smiles,
                    n_unpaired=member.n_unpaired,
                    facts=(f"ledger of {group.name}", *member.facts),
                    role=member.role,
                    decides=member.decides,
                )
            )
        ledgers.append(
            Group(
                start=x,
                end=x + span,
                label=f"{group.rank}   {shortened(style.named(group.name), _NAME_WIDTH)}",
                verdict=group.verdict,
                smiles=group.smiles,
                note=_triplet(group),
            )
        )
        x += span + GAP
    strip_v = strip_of(columns, sheet.height_in) * (window_v[1] - window_v[0])
    left_out = len(groups) - len(shown)
    caption = caption_of_dot(dot, scale) + basis_words(columns) + " Pale members are shown and do not decide."
    if any(level.clipped for column in columns for level in column.levels):
        caption += " Arrows at the frame: levels beyond the axis."
    selection = ""
    if left_out:
        selection = (
            f"Drawn: {len(shown)} of {counted(len(groups), 'ranked crosslinker')}, "
            f"{'by name' if style.order else 'the best'}."
        )
        caption += f" {selection}"
    return Drawing(
        scale=scale,
        axis_label=axis_label(reference.label),
        top=axis(window_v[0] - strip_v),
        bottom=axis(window_v[1] + strip_v),
        cbm=axis(cbm_v),
        cbm_sigma=dot["cbm_sigma_v"],
        vbm=axis(vbm_v),
        vbm_sigma=dot["vbm_sigma_v"],
        exciton_ev=dot["exciton_ev"],
        blocks=blocks,
        columns=tuple(columns),
        guides=spread_guides(edge_guides(dot), window_v, scale, strip_v=strip_v, sheet=sheet),
        caption=caption,
        selection=selection,
        groups=tuple(ledgers),
    )


def read_groups(folder: Path) -> list[LedgerGroup]:
    """The ledgers of a finished ranking, best first; members without levels are left out.

    Raises
    ------
    InputError
        if the tables cannot be read or lack a column.
    """
    try:
        ledger = read_table(folder / "ledger.csv").to_dict(orient="records")
        ranking = read_table(folder / "ranking.csv").to_dict(orient="records")
        # A repeated molecule shares the rank and the ledger of the first.
        best = [row for row in ranking if known(row["rank"]) is not None and row.get("same_as") in {None, ""}]
        return [_group(row, ledger) for row in sorted(best, key=lambda row: float(row["rank"]))]
    except (OSError, KeyError, ValueError) as error:
        raise InputError(
            f"The ranking in {folder} cannot be read: {error}.", "Run 'echemscreen rank' again."
        ) from error


def _group(row: Mapping[Any, Any], ledger: Sequence[Mapping[Any, Any]]) -> LedgerGroup:
    members = [
        member
        for member in ledger
        if known(member["rank"]) == known(row["rank"]) and member["status"] == "ok"
    ]
    return LedgerGroup(
        name=str(row["name"]),
        smiles=str(row["canonical_smiles"]),
        rank=int(float(row["rank"])),
        verdict=str(row["verdict"]),
        members=tuple(
            MemberLevels(
                role=str(member["role"]),
                verdict=str(member["verdict"]),
                decides=member["decides"] == "yes",
                levels=levels_of(member),
                name=str(member["member"]),
                smiles=str(member["smiles"]),
                n_unpaired=_count(member.get("n_unpaired")),
                facts=facts_of({str(key): value for key, value in member.items()}),
            )
            for member in members
        ),
        triplet_ev=known(row.get("triplet_ev")),
        triplet_sigma_ev=known(row.get("triplet_sigma_ev")),
    )


def _count(cell: object) -> int | None:
    number = known(cell)
    return None if number is None else int(number)


def _span(group: LedgerGroup) -> float:
    return max(STEP * len(group.members), LEAST_GROUP)


def _fitting(groups: Sequence[LedgerGroup], n_blocks: int, sheet: Sheet) -> Sequence[LedgerGroup]:
    """Those that a sheet takes, one at least."""
    if sheet.width_in is None:
        return groups
    margins = 2 * sheet.margin_in if sheet.has_other_axis else sheet.margin_in
    units = (sheet.width_in - margins - sheet.guides_in) / LEAST_UNIT_IN - n_blocks - 1.7
    count = 0
    for group in groups:
        units -= _span(group) + GAP
        if units < 0 and count:
            break
        count += 1
    return groups[:count]


def _ordered_groups(groups: Sequence[LedgerGroup], order: Sequence[str]) -> Sequence[LedgerGroup]:
    """The crosslinkers of some names, in their order; without any, all.

    Raises
    ------
    InputError
        if none has a name.
    """
    by_name = {group.name: group for group in groups}
    for name in order:
        if name not in by_name:
            raise InputError(
                f"The figure's order names '{name}', and no ranked crosslinker is called so.",
                f"Names: {', '.join(by_name)}.",
            )
    return [by_name[name] for name in order] if order else groups


def _ordered(group: LedgerGroup) -> list[MemberLevels]:
    order = list(ROLES)
    return sorted(group.members, key=lambda item: order.index(item.role))


def _triplet(group: LedgerGroup) -> str:
    if group.triplet_ev is None:
        return ""
    sigma = "" if group.triplet_sigma_ev is None else f" ± {group.triplet_sigma_ev:.2f}"
    return f"T1 {group.triplet_ev:.2f}{sigma} eV"
