"""Published comparisons of two crosslinkers in films of dots, and published doses, beside a ranking.

A comparison is right, or reversed, where the ranking is sure of it: a divider stands between the two, or one
is better with a probability of at least ``RESOLVED``. Otherwise it is unresolved, which is no error and no
success. A published dose is one that was used, not the least that would do: the factor to it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from echemscreen.ligands.crosslinking.crosslinker_rows import DoseRow, dose_rows
from echemscreen.reference_tables import read_rows

#: From this probability on the order of two is resolved.
RESOLVED = 0.9
#: A computed dose this close to a published one counts as near it.
NEAR_FACTOR = 3.0

Outcome = Literal["right", "unresolved", "reversed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonRow:
    """A row of ``crosslinker_comparisons.csv``; both are entries of the library."""

    better: str
    worse: str
    qd: str
    lamp_nm: float
    atmosphere: str
    measure: str
    """What was measured, and how far the two were apart."""
    citation: str
    locator: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """What a ranking is made for: dot, lamp, atmosphere and loading."""

    qd: str
    lamp_nm: float
    atmosphere: str = "n2"
    loading_percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedComparison:
    """A comparison, and what the ranking says."""

    row: ComparisonRow
    outcome: Outcome
    got: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDose:
    """Published doses of one film, and the computed one, mJ/cm2."""

    compound: str
    exposure: Exposure
    published: tuple[float, float]
    computed: float | None
    interval: tuple[float | None, float | None]

    @property
    def factor(self) -> float | None:
        """Computed over the nearest end of what was published; 1 inside it."""
        if self.computed is None:
            return None
        low, high = self.published
        return self.computed / min(max(self.computed, low), high)


@lru_cache(maxsize=1)
def comparison_rows() -> tuple[ComparisonRow, ...]:
    """Every row of ``crosslinker_comparisons.csv``."""
    return read_rows("ligand_library", "crosslinker_comparisons.csv", ComparisonRow)


def exposures_of_comparisons() -> dict[Exposure, tuple[str, ...]]:
    """The rankings that the comparisons ask for, each with its entries."""
    found: dict[Exposure, dict[str, None]] = {}
    for row in comparison_rows():
        names = found.setdefault(_exposure(row), {})
        names |= dict.fromkeys((row.better, row.worse))
    return {exposure: tuple(names) for exposure, names in found.items()}


def exposures_of_doses() -> dict[Exposure, tuple[str, ...]]:
    """The same of the published doses whose dots and loading are known."""
    found: dict[Exposure, dict[str, None]] = {}
    for row in _known_doses():
        found.setdefault(_of_dose(row), {})[row.compound] = None
    return {exposure: tuple(names) for exposure, names in found.items()}


def checked_comparisons(
    exposure: Exposure, ranking: Sequence[Mapping[str, Any]], pairs: Sequence[Mapping[str, Any]]
) -> Iterator[CheckedComparison]:
    """Judge the comparisons of one exposure.

    Parameters
    ----------
    ranking, pairs
        Rows of ``ranking.csv`` and ``comparisons.csv``.
    """
    rows = {str(row["name"]): row for row in ranking}
    shares = {(str(row["better"]), str(row["worse"])): float(row["probability"]) for row in pairs}
    for row in comparison_rows():
        if _exposure(row) != exposure:
            continue
        first, second = rows[row.better], rows[row.worse]
        share = shares.get((row.better, row.worse))
        if share is None and (row.worse, row.better) in shares:
            share = 1.0 - shares[row.worse, row.better]
        if share is None:
            above = int(first["rank"]) < int(second["rank"])
            outcome: Outcome = "right" if above else "reversed"
            got = f"{row.worse if above else row.better} stands behind '{_group(second if above else first)}'"
        else:
            outcome = "right" if share >= RESOLVED else "reversed" if share <= 1 - RESOLVED else "unresolved"
            got = f"P = {share:.2f}"
        yield CheckedComparison(row=row, outcome=outcome, got=got)


def checked_doses(exposure: Exposure, ranking: Sequence[Mapping[str, Any]]) -> Iterator[CheckedDose]:
    """Put the published doses of one exposure beside the computed ones."""
    for row in ranking:
        published = [
            dose.dose_mj_cm2
            for dose in _known_doses()
            if dose.compound == row["name"] and _of_dose(dose) == exposure
        ]
        if published:
            yield CheckedDose(
                compound=str(row["name"]),
                exposure=exposure,
                published=(min(published), max(published)),
                computed=_number(row["expected_dose_mj_cm2"]),
                interval=(
                    _number(row["expected_dose_low_mj_cm2"]),
                    _number(row["expected_dose_high_mj_cm2"]),
                ),
            )


def patterning_lines(comparisons: Sequence[CheckedComparison], doses: Sequence[CheckedDose]) -> Iterator[str]:
    """What ``validate`` prints of both."""
    yield "Published comparisons of two crosslinkers in films of dots:"
    for item in comparisons:
        row = item.row
        yield (
            f"{item.outcome:11s}{row.qd:14s}{row.better} better than {row.worse} at {row.lamp_nm:g} nm in "
            f"{row.atmosphere}: {item.got}"
        )
    counts = {
        name: sum(item.outcome == name for item in comparisons)
        for name in ("right", "unresolved", "reversed")
    }
    yield ", ".join(f"{count} {name}" for name, count in counts.items())
    yield ""
    yield "Doses of films of dots, computed against used ones, mJ/cm2:"
    for dose in doses:
        yield _dose_line(dose)
    near = sum(dose.factor is not None and 1 / NEAR_FACTOR <= dose.factor <= NEAR_FACTOR for dose in doses)
    yield f"{near} of {len(doses)} within a factor of {NEAR_FACTOR:g}"


def _dose_line(dose: CheckedDose) -> str:
    low, high = dose.published
    used = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    film = dose.exposure
    what = f"{dose.compound} on {film.qd} at {film.lamp_nm:g} nm, {film.loading_percent:g} %"
    if dose.computed is None or dose.factor is None:
        return f"{what}: used {used}, not computed"
    least, most = dose.interval
    ends = f" ({least:.2g} to {most:.2g})" if least is not None and most is not None else ""
    return f"{what}: used {used}, computed {dose.computed:.3g}{ends}, factor {dose.factor:.2g}"


def _known_doses() -> Iterable[DoseRow]:
    return [row for row in dose_rows() if row.qd and row.loading_percent and row.wavelength_nm]


def _exposure(row: ComparisonRow) -> Exposure:
    return Exposure(qd=row.qd, lamp_nm=row.lamp_nm, atmosphere=row.atmosphere)


def _of_dose(row: DoseRow) -> Exposure:
    return Exposure(
        qd=row.qd,
        lamp_nm=float(row.wavelength_nm or 0),
        atmosphere=row.atmosphere,
        loading_percent=row.loading_percent,
    )


def _group(row: Mapping[str, Any]) -> str:
    return str(row["divider"]).partition(";")[0]


def _number(value: object) -> float | None:
    return None if value in {None, ""} else float(str(value))
