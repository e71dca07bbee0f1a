"""Which species of a long table are drawn, and the words that say so.

Of more species than have room one of each metal couple is drawn, so that a salt that stays inert stands
beside those that do not, and then those with the largest drives; or one page of the table; or those named.
"""

from __future__ import annotations

import difflib
import heapq
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from echemscreen.errors import InputError
from echemscreen.quantities import counted
from echemscreen.views.tables.cells import known

#: Drawn unasked, and at most.
MAX_SPECIES, MOST_SPECIES = 40, 200
#: Names of the table that one message tells.
_NAMED = 6
#: Stand for rows of a long table that are counted, not drawn.
_UNDRAWN: Mapping[str, Any] = {
    "status": "ok",
    "name": "",
    "limiting_couple": "",
    "reduction_drive_ev": -math.inf,
    "oxidation_drive_ev": -math.inf,
}
_FAILED: Mapping[str, Any] = {"status": "failed"}
#: Index, couple and largest drive of a row.
_Ranked = tuple[int, str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows that are drawn, in the order of the figure, and what is said of the others."""

    rows: tuple[Mapping[str, Any], ...]
    words: str


def select(
    rows: Sequence[Mapping[str, Any]],
    *,
    size: int = MAX_SPECIES,
    page: int | None = None,
    order: Sequence[str] = (),
    room: str = "",
) -> Selection:
    """Choose the species of a figure.

    Parameters
    ----------
    rows
        Rows with the columns of ``results.csv``; failed rows are not drawn.
    size
        As many at most.
    page
        One page of the table, the first is 1.
    order
        Names of the species to be drawn, in this order.
    room
        What has no more room, for the caption: ``a column of 89 mm``.

    Raises
    ------
    InputError
        if the table has no such page or name.
    """
    usable = [row for row in rows if row["status"] == "ok"]
    failed = len(rows) - len(usable)
    failures = f" {counted(failed, 'failed row')} {_verb(failed)} not drawn." if failed else ""
    if order:
        shown = _in_order(usable, order)
        if len(shown) > size:
            raise InputError(
                f"{counted(len(shown), 'named species', 'named species')} have no room in "
                f"{room or 'a figure'}: {size} have.",
                "Name fewer of them, or take a wider figure.",
            )
        words = f" Drawn: {len(shown)} of {len(usable)} species, by name." if len(shown) < len(usable) else ""
        return Selection(rows=shown, words=words + failures)
    if page is not None:
        pages = max(math.ceil(len(usable) / size), 1)
        if not 1 <= page <= pages:
            raise InputError(
                f"There is no page {page}: {len(usable)} species make {pages} of {size} each.",
                f"Give --page a number from 1 to {pages}.",
            )
        first = (page - 1) * size
        paged = usable[first : first + size]
        words = failures
        if pages > 1:
            words = (
                f" Page {page} of {pages}: species {first + 1} to {first + len(paged)} of {len(usable)} "
                f"in the order of the table.{failures}"
            )
        return Selection(rows=tuple(paged), words=words)
    chosen = chosen_of([(index, *_facts(row)) for index, row in enumerate(usable)], size)
    if len(chosen) == len(usable):
        return Selection(rows=tuple(usable), words=failures)
    n_couples = len({couple for _, couple, _ in chosen} - {""})
    first_words = "one of each metal couple, then those" if n_couples > 1 else "those"
    limit = f"; {room} has no room for more" if room else ""
    return Selection(
        rows=tuple(usable[index] for index, _, _ in chosen),
        words=f" Drawn: {len(chosen)} of {len(usable)} species, {first_words} with the largest drives{limit}."
        + failures,
    )


def chosen_of(ranked: Iterable[_Ranked], size: int) -> list[_Ranked]:
    """The rows of which a figure has room for so many, in the order of the table.

    Of each metal couple the row with the largest drive, but no more of those than half of the room takes;
    then the largest drives. A stream is read once and no more than is chosen is kept of it.
    """
    best: dict[str, _Ranked] = {}

    def seen() -> Iterator[_Ranked]:
        for item in ranked:
            if item[1] and (item[1] not in best or _key(item) > _key(best[item[1]])):
                best[item[1]] = item
            yield item

    largest = heapq.nlargest(size, seen(), key=_key)
    couples = heapq.nlargest(max(size // 2, 1), best.values(), key=_key)
    chosen = {item[0]: item for item in couples}
    for item in largest:
        if len(chosen) >= size:
            break
        chosen.setdefault(item[0], item)
    return sorted(chosen.values())


def condensed(
    rows: Iterable[Mapping[str, Any]],
    *,
    page: int | None = None,
    size: int = MAX_SPECIES,
    order: Sequence[str] = (),
) -> list[Mapping[str, Any]]:
    """A stream of rows with no more of it than a figure can show.

    Rows that :func:`select` draws are kept; of the others only whether they were judged, which is counted.

    Parameters
    ----------
    size
        How many species are drawn.
    """
    judged: list[bool] = []
    # Rows that may still be chosen; the others are let go as soon as there are many of them.
    held: dict[int, Mapping[str, Any]] = {}
    facts: list[_Ranked] = []
    wanted = frozenset(order)
    n_usable = 0
    first = max(page - 1, 0) * size if page is not None else 0
    for index, row in enumerate(rows):
        judged.append(row["status"] == "ok")
        if not judged[-1]:
            continue
        if order:
            keeps = str(row["name"]) in wanted
        elif page is not None:
            keeps = first <= n_usable < first + size
        else:
            keeps = True
            facts.append((index, *_facts(row)))
        n_usable += 1
        if keeps:
            held[index] = row
        if facts and len(held) > max(4 * size, 64):
            facts = _still_possible(facts, size)
            held = {place: held[place] for place, _, _ in facts}
    if facts:
        held = {place: held[place] for place, _, _ in chosen_of(facts, size)}
    blank = {True: _UNDRAWN, False: _FAILED}
    return [held.get(index, blank[ok]) for index, ok in enumerate(judged)]


def largest_drive(row: Mapping[str, Any]) -> float:
    """The larger drive of a row, eV; minus infinity if neither is known."""
    drives = [known(row[name]) for name in ("reduction_drive_ev", "oxidation_drive_ev")]
    return max((drive for drive in drives if drive is not None), default=-math.inf)


def _still_possible(facts: list[_Ranked], size: int) -> list[_Ranked]:
    """The rows that are chosen whatever follows may be chosen among."""
    best: dict[str, _Ranked] = {}
    for item in facts:
        if item[1] and (item[1] not in best or _key(item) > _key(best[item[1]])):
            best[item[1]] = item
    kept = {item[0]: item for item in (*best.values(), *heapq.nlargest(size, facts, key=_key))}
    return sorted(kept.values())


def _key(item: _Ranked) -> tuple[float, int]:
    """Larger drives first, of equal ones the earlier row."""
    return item[2], -item[0]


def _facts(row: Mapping[str, Any]) -> tuple[str, float]:
    return str(row["limiting_couple"] or ""), largest_drive(row)


def _in_order(rows: Sequence[Mapping[str, Any]], order: Sequence[str]) -> tuple[Mapping[str, Any], ...]:
    """The rows of the names, every form of a molecule; in the order of the names."""
    by_name: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_name.setdefault(str(row["name"]), []).append(row)
    for name in order:
        if name not in by_name:
            # Rows of a long table that are not drawn have lost their names.
            near = difflib.get_close_matches(name, [known for known in by_name if known], n=_NAMED)
            raise InputError(
                f"The figure's order names '{name}', and no species of the table is called so.",
                f"Nearest: {', '.join(near)}." if near else "Names are those of the column 'name'.",
            )
    return tuple(row for name in dict.fromkeys(order) for row in by_name[name])


def _verb(number: int) -> str:
    return "is" if number == 1 else "are"
