"""The page of a search: what to make first, the front, and what was learnt. It needs no script."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from echemscreen.quantities import quantity
from echemscreen.views.report import document
from echemscreen.views.report.drawings import inert, structure

Row = Mapping[str, Any]
#: Blocks that are told: the surest.
_BLOCKS = 24


def render(
    title: str,
    rows: Sequence[Row],
    learnt: Sequence[Row],
    *,
    figure: str,
    ended: str,
    stands_against: str = "",
    lamp_nm: float | None = None,
) -> str:
    """The whole page, one HTML file.

    Parameters
    ----------
    rows
        Those of ``design.csv``, what survives best first.
    learnt
        Effects of blocks on the drives, the surest first.
    figure
        The figure of the search as SVG.
    ended
        Why the search ended.
    stands_against
        What keeps every candidate from surviving, where none does.
    """
    first = [row for row in rows if row["make_first"]]
    if lamp_nm is not None:
        first.sort(key=lambda row: (row["lamp_rank"] is None, row["lamp_rank"] or 0))
    return document.made(
        "design.html.j2",
        "",
        title=title,
        ended=ended,
        stands_against=stands_against,
        lamp_nm=lamp_nm,
        figure=_image(inert(figure)),
        first=first,
        front=[row for row in rows if row["pareto_front"]],
        learnt=[
            {**row, "effect": quantity(row["effect_ev"], row["sigma_ev"], "eV")} for row in learnt[:_BLOCKS]
        ],
        drawn=lambda smiles: _image(structure(smiles)),
    )


def _image(svg: str) -> str:
    """An SVG as an image: a browser runs no script of one."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}" if svg else ""
