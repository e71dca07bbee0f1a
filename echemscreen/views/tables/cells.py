"""Numbers of a table as they are shown: value, side and standard deviation of one row together."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from echemscreen.quantities import Bound, bound_of, probability, quantity

_UNIT = re.compile(r"_(v_she|ev)$")


def known(value: object) -> float | None:
    """A number of a table, or ``None`` where it is blank."""
    if value is None or value == "":
        return None
    number = float(str(value))
    return None if math.isnan(number) else number


def side(row: Mapping[str, Any], column: str) -> Bound:
    """The side of a value that is a one-sided bound: ``e_red_v_she`` has it in ``e_red_bound``."""
    return bound_of(row.get(f"{_UNIT.sub('', column)}_bound"))


def shown(row: Mapping[str, Any], column: str, *, minus: str = "-") -> str:
    """A potential with its standard deviation, a drive or a probability; blank where it is unknown.

    Examples
    --------
    >>> shown({"e_ox_v_she": 2.78, "e_ox_sigma_v": 0.3, "e_ox_bound": "at least"}, "e_ox_v_she")
    '≥ +2.78 ± 0.30'
    """
    value = known(row.get(column))
    if value is None:
        return ""
    if column.startswith("p_"):
        return probability(value, side(row, column))
    sigma = known(row.get(column.replace("_v_she", "_sigma_v"))) if column.endswith("_v_she") else None
    return quantity(value, sigma, bound=side(row, column), minus=minus)
