"""How a number is written for a reader: with its sign, side, uncertainty and unit, in one place.

Tables hold a number with few decimals, and what is shown of it has fewer. Rounding twice would show some
numbers otherwise than rounding once (0.2649 becomes 0.265 and then 0.27), so that a sentence and a table
would differ: the last digit of a table is chosen so that it may be rounded again (:func:`tabled`). The side
of a one-sided bound is a record's own (:data:`Bound`) and is printed as ``≤`` or ``≥`` before the number.
This module imports nothing of the package.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Literal

#: On which side of its value a one-sided bound lies; blank for a value.
Bound = Literal["", "at most", "at least"]
#: Decimals of the tables, and of what is shown of them.
TABLE_DECIMALS, SHOWN_DECIMALS = 3, 2
MINUS = "\N{MINUS SIGN}"
#: Digits enough for every double; and what is nothing but the noise of its last ones.
_EXACT, _NOISE = Context(prec=400), Decimal("1e-9")
#: Below the one, doubles are good to the other.
_PLAIN, _NEAR = 1e9, 1e-5
#: Last digits that decide how the digits before them are rounded.
_HALVES = (0, 5)
_SIGNS: dict[Bound, str] = {"": "", "at most": "≤ ", "at least": "≥ "}


def tabled(value: float, decimals: int = TABLE_DECIMALS) -> float:
    """A number for a table, which may be rounded again to fewer decimals.

    It is rounded to the nearest, but never up to a last digit of 0 or 5 and never down to a 5: where a number
    ends in 5 it is a half, whoever rounds it again. It differs by less than one unit of its last digit.

    Examples
    --------
    >>> tabled(0.2649), tabled(0.2651), tabled(0.265), tabled(0.2634), tabled(-3.0004)
    (0.264, 0.266, 0.265, 0.263, -3.0)
    """
    scale = 10**decimals
    # Of a numpy number, too.
    scaled = abs(float(value)) * scale
    nearest = round(scaled) if scaled < _PLAIN else 0
    if _NEAR < abs(scaled - nearest) < 0.5 - _NEAR:
        # Far enough from a half and from a whole, which is nearly always, doubles say what decimals do.
        is_up, last = nearest > scaled, nearest % 10
        nearest += (last == _HALVES[1] and not is_up) - (last in _HALVES and is_up)
        return math.copysign(nearest / scale, value) + 0.0
    exact = _decimal(abs(value))
    step = Decimal(1).scaleb(-decimals)
    found = exact.quantize(step, ROUND_HALF_UP, context=_EXACT)
    last = found.as_tuple().digits[-1]
    if found > exact and last in _HALVES:
        found -= step
    elif found < exact and last == _HALVES[1]:
        found += step
    # No minus before a nought.
    return math.copysign(float(found), value) + 0.0


def written(value: float, decimals: int = SHOWN_DECIMALS, *, sign: bool = False, minus: str = "-") -> str:
    """A number to so many decimals; no sign before a rounded zero other than its plus.

    Parameters
    ----------
    sign
        Whether a number that is not negative has a plus.
    minus
        What stands for the minus: :data:`MINUS` in figures, where it is as long as on an axis.

    Examples
    --------
    >>> written(0.2649, sign=True), written(0.265, sign=True), written(-0.0004)
    ('+0.26', '+0.27', '0.00')
    """
    shown = _decimal(value).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, context=_EXACT)
    text = f"{shown:{'+' if sign else ''}zf}"
    return text.replace("-", minus)


def quantity(
    value: float,
    sigma: float | None = None,
    unit: str = "",
    *,
    bound: Bound = "",
    decimals: int = SHOWN_DECIMALS,
    minus: str = "-",
) -> str:
    """A signed quantity with its side, standard deviation and unit.

    Parameters
    ----------
    sigma
        ``None`` if it is unknown.

    Examples
    --------
    >>> quantity(-2.3, 0.461, "V vs SHE", bound="at most")
    '≤ -2.30 ± 0.46 V vs SHE'
    """
    spread = "" if sigma is None else f" ± {written(sigma, decimals)}"
    return f"{_SIGNS[bound]}{written(value, decimals, sign=True, minus=minus)}{spread} {unit}".rstrip()


def magnitude(
    value: float, sigma: float | None = None, unit: str = "", decimals: int = SHOWN_DECIMALS
) -> str:
    """A quantity that is never negative, such as a length, with its standard deviation and unit.

    Examples
    --------
    >>> magnitude(5.2, 0.06, "eV")
    '5.20 ± 0.06 eV'
    """
    return quantity(value, sigma, unit, decimals=decimals).removeprefix("+")


def probability(value: float, bound: Bound = "") -> str:
    """A probability with its side: ``0.79`` or ``≤ 0.69``; what is at most 0.00 is 0.00."""
    text = written(value)
    return f"{_SIGNS[_worth(bound, text)]}{text}"


def stated_probability(value: float, bound: Bound = "", decimals: int = SHOWN_DECIMALS) -> str:
    """A probability in a sentence: ``P = 0.79``, or ``P ≤ 0.69`` of a bound."""
    text = written(value, decimals)
    return f"P {_SIGNS[_worth(bound, text)] or '= '}{text}"


def bound_of(text: object) -> Bound:
    """A side as a cell of a table holds it; whatever else stands there says nothing of a side."""
    return next((side for side in _SIGNS if side and side == text), "")


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 row``, ``1,204 rows``."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def _worth(bound: Bound, text: str) -> Bound:
    """The side of a probability, unless it is at most nought or at least one: then it is just that."""
    return "" if float(text) == {"at most": 0.0, "at least": 1.0}.get(bound) else bound


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_NOISE, context=_EXACT)
