"""Figures of a finished run, drawn from its folder."""

from __future__ import annotations

import json
from pathlib import Path

from echemscreen.dots.device_stack import describe_stack, device_stack
from echemscreen.errors import InputError
from echemscreen.views import diagram, table


def draw(
    folder: str | Path,
    path: str | Path,
    *,
    scale: str = "she",
    top: int | None = None,
    stack: str | None = None,
) -> Path:
    """Draw the alignment diagram of a finished screen.

    Parameters
    ----------
    folder
        The ``--out`` folder of a screen.
    path
        Figure to be written; the suffix decides (svg, png, pdf).
    scale
        Reference of the axis: ``she``, ``vacuum``, ``fc`` or ``sce``.
    top
        Draw only the rows with the largest drives.
    stack
        A device of ``device_stacks.csv``, such as ``pu2020``: the whole device is drawn.

    Raises
    ------
    InputError
        if the folder holds no screen, or the device is unknown.
    """
    folder = Path(folder)
    results, run = folder / "results.csv", folder / "run.json"
    if not results.is_file() or not run.is_file():
        raise InputError(
            f"{folder} holds no finished screen (results.csv and run.json).",
            "Run 'echemscreen screen' first.",
        )
    dot = json.loads(run.read_text(encoding="utf-8"))["qd"]
    device = None if stack is None else describe_stack(device_stack(stack), dot)
    # A long table is read row by row; no more than these can be drawn.
    rows = diagram.condensed(table.stream_results(results))
    diagram.draw(rows, dot, Path(path), scale=scale, top=top, stack=device)
    return Path(path)
