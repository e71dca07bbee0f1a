"""``echemscreen validate``: how far the numbers can be trusted, and whether the published facts come out.

Three parts. The error table predicts every reference value by fits that never saw it (shipped rows, no
engine). The facts of ``published_facts.csv`` are judged by live calculations: each row names a dot, an
entry of the ligand library and what a paper found. The observations of ``dot_facts.csv`` are judged so too,
and counted: how many come out is told, and no single one must.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from echemscreen.campaign.screening import ScreenCampaign
from echemscreen.campaign.starting import workers_of
from echemscreen.crosslinkers.photophysics import Photophysics
from echemscreen.errors import TableError
from echemscreen.evidence.facts.dot_facts import CheckedDotFact, checked_dot_facts, told
from echemscreen.evidence.facts.light_facts import light_facts
from echemscreen.evidence.facts.published_facts import (
    ABSORPTION,
    LIGHT,
    CheckedFact,
    PublishedFact,
    expected_numbers,
    judged,
    judged_light,
    published_facts,
)
from echemscreen.levels.fit.calibration import UNKNOWN_CLASS
from echemscreen.levels.fit.cross_validation import LeftOut, learning_curve, left_out
from echemscreen.levels.fit.gaussian import Pair, paired
from echemscreen.levels.fit.references import reference_descriptors, references
from echemscreen.levels.light.nitrogen_release import REFERENCE_SIGMA_EV, published_nitrogen_release
from echemscreen.levels.light.spin import EV_PER_KCAL_MOL
from echemscreen.ligands.library import library
from echemscreen.records.molecules import Molecule
from echemscreen.records.processes import PROCESSES
from echemscreen.records.rows import Failure
from echemscreen.screening.runs.run_record import ListedRows
from echemscreen.store import open_store
from echemscreen.views import calibration_plot
from echemscreen.views.tables.table import records_of

#: Members from which a class has a line in the error table.
MIN_MEMBERS = 5
#: Engine and descriptors whose errors are told.
ENGINE = "tblite"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorLine:
    """Errors of one quantity in one class, V."""

    quantity: str
    chem_class: str
    n: int
    raw_mae_v: float
    mae_v: float
    rmse_v: float
    max_v: float
    coverage: float

    def text(self) -> str:
        """One line of the table."""
        return (
            f"{self.quantity:9s} {self.chem_class:32s} {self.n:4d} {self.raw_mae_v:8.3f} {self.mae_v:6.3f} "
            f"{self.rmse_v:6.3f} {self.max_v:6.2f} {self.coverage:14.2f}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """All parts."""

    errors: tuple[ErrorLine, ...]
    facts: tuple[CheckedFact, ...]
    worst: tuple[str, ...] = ()
    learning: tuple[str, ...] = ()
    heats: tuple[str, ...] = ()
    observations: tuple[CheckedDotFact, ...] = ()
    """On dots; empty of a quick run."""

    @property
    def n_broken(self) -> int:
        """Facts that did not come out; observations on dots are counted apart."""
        return sum(not item.ok for item in self.facts)

    @property
    def n_wrong_observations(self) -> int:
        """Verified observations of the check that did not come out."""
        return sum(
            item.outcome == "wrong"
            for item in self.observations
            if item.is_counted and item.fact.use == "check"
        )

    @property
    def n_revised(self) -> int:
        """Facts that agree with a later number and not with that of the paper."""
        return sum(item.by_revision for item in self.facts)

    def text(self) -> str:
        """For a reader."""
        lines = [
            "Cross-validated errors, V (a value is predicted by fits that never saw it or its scaffold):",
            "quantity  class                               n  raw MAE    MAE   RMSE    max  90 % coverage",
            *(item.text() for item in self.errors),
            "",
            *self.learning,
            "The worst predicted, and the rarest class of each:",
            *self.worst,
            "",
            *self.heats,
            "Published facts:",
            *map(_fact_line, self.facts),
            f"{len(self.facts) - self.n_broken} of {len(self.facts)} facts come out"
            + (f", {self.n_revised} of them by a revised number" if self.n_revised else ""),
            *(("", *told(self.observations)) if self.observations else ()),
        ]
        return "\n".join(lines)


def validate(*, quick: bool = False, workers: int | None = None, out: Path | None = None) -> ValidationReport:
    """Tell the errors and check the facts.

    Parameters
    ----------
    quick
        Vertical levels and the facts marked for it only, no observations on dots: under two minutes on two
        cores.
    out
        Folder for ``calibration.svg`` and ``.png``, predicted against reference values.

    Raises
    ------
    TableError
        if a fact names no entry of the library.
    """
    pairs = paired(references(), reference_descriptors())
    values = tuple(item for process in PROCESSES for item in left_out(process, ENGINE, "adiabatic", pairs))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        for suffix in ("svg", "png"):
            calibration_plot.draw([_point(item) for item in values], out / f"calibration.{suffix}")
    facts = [fact for fact in published_facts() if fact.quick or not quick]
    return ValidationReport(
        errors=tuple(error_lines(values)),
        facts=tuple(_checked(facts, quick=quick, workers=workers)),
        worst=tuple(worst(values)),
        learning=() if quick else tuple(_learning(pairs)),
        heats=tuple(_heats()),
        observations=() if quick else tuple(checked_dot_facts(workers=workers)),
    )


def error_lines(values: Sequence[LeftOut]) -> Iterator[ErrorLine]:
    """All values of a process, then those of each source, then those of each functional class."""
    for process, symbol in zip(PROCESSES, ("E_red", "E_ox"), strict=True):
        chosen = [item for item in values if item.reference.process == process]
        for name, members in _groupings(chosen):
            if len(members) >= MIN_MEMBERS:
                yield _line(symbol, name, members)


def _groupings(values: Sequence[LeftOut]) -> Iterator[tuple[str, list[LeftOut]]]:
    measured = [item for item in values if item.reference.chem_class == "measured"]
    yield "all", list(values)
    yield "measured", measured
    for series in sorted({item.reference.series for item in values}):
        yield f"in {series}"[:32], [item for item in values if item.reference.series == series]
    for name in sorted({_compilation(item) for item in measured}):
        yield f"measured, {name}", [item for item in measured if _compilation(item) == name]
    for name in sorted({item.reference.chem_class for item in values} - {"measured"}):
        yield (
            f"calculated {name.replace('_', ' ')}",
            [item for item in values if item.reference.chem_class == name],
        )
    for name in sorted({group for item in values for group in item.groups}):
        yield f"with {name.replace('_', ' ')}", [item for item in values if name in item.groups]


def _compilation(item: LeftOut) -> str:
    """The first word of an entry is the compilation that it is from."""
    return item.reference.entry.partition("-")[0]


def _line(quantity: str, chem_class: str, members: Sequence[LeftOut]) -> ErrorLine:
    errors = np.array([item.error_v for item in members])
    raw = np.array([item.raw_v_she - item.reference.value_v_she for item in members])
    return ErrorLine(
        quantity=quantity,
        chem_class=chem_class,
        n=len(members),
        raw_mae_v=float(np.abs(raw).mean()),
        mae_v=float(np.abs(errors).mean()),
        rmse_v=float(np.sqrt((errors**2).mean())),
        max_v=float(np.abs(errors).max()),
        coverage=float(np.mean([item.covered for item in members])),
    )


def worst(values: Sequence[LeftOut], count: int = 10) -> Iterator[str]:
    """The largest errors, each with the class of which the fewest members are fitted."""
    members = Counter(
        (item.reference.process, name) for item in values for name in item.groups or (UNKNOWN_CLASS,)
    )
    for item in sorted(values, key=lambda item: -abs(item.error_v))[:count]:
        process = item.reference.process
        rarest = min(item.groups or (UNKNOWN_CLASS,), key=lambda name: (members[process, name], name))
        yield (
            f"{item.error_v:+.2f} V  {process:9s} {item.reference.entry}: "
            f"{item.reference.value_v_she:+.2f} V, "
            f"predicted {item.predicted_v_she:+.2f} +- {item.sigma_v:.2f} V; "
            f"{rarest.replace('_', ' ')} ({members[process, rarest]} fitted)"
        )


def _learning(pairs: Sequence[Pair]) -> Iterator[str]:
    yield "Learning curve, cross-validated MAE in V by the share of rows fitted:"
    for process, symbol in zip(PROCESSES, ("E_red", "E_ox"), strict=True):
        for name, curve in learning_curve(process, ENGINE, "adiabatic", pairs).items():
            points = ", ".join(f"{share:.0%} {error:.3f}" for share, error in curve.items())
            yield f"{symbol:9s} {name.replace('_', ' ') or 'all':28s} {points}"
    yield ""


def _heats() -> Iterator[str]:
    yield "Loss of N2 to the triplet, heat at 298 K in kcal/mol, by the reference of the class correction:"
    for row in published_nitrogen_release():
        if row.heat_error_kcal_mol is not None:
            yield (
                f"{row.name}: {row.heat_kcal_mol:.1f} by {row.method}, "
                f"published {row.published_heat_kcal_mol:.1f}: {row.heat_error_kcal_mol:+.1f} "
                f"({row.published_by})"
            )
    yield f"stated error of that reference: +- {REFERENCE_SIGMA_EV / EV_PER_KCAL_MOL:.1f}"
    yield ""


def _point(item: LeftOut) -> dict[str, Any]:
    return {
        "process": item.reference.process,
        "source": "measured" if item.reference.chem_class == "measured" else "calculated",
        "reference_v_she": item.reference.value_v_she,
        "predicted_v_she": item.predicted_v_she,
        "sigma_v": item.sigma_v,
    }


def _fact_line(item: CheckedFact) -> str:
    fact = item.fact
    what = fact.system if fact.quantity in {"verdict", "flag"} else f"{fact.system}, {fact.quantity}"
    mark = "revised" if item.by_revision else "ok" if item.ok else "BROKEN"
    line = f"{mark:8s}{fact.dot:16s} {what}: expected {fact.expected}"
    if not fact.revised:
        return f"{line}, got {item.got}"
    verdict = ": agrees with the revised number only" if item.by_revision else ""
    return f"{line} by the paper, {fact.revised} as revised, got {item.got}{verdict} ({fact.revised_by})"


# --- facts --------------------------------------------------------------------------------


def _checked(facts: Sequence[PublishedFact], *, quick: bool, workers: int | None) -> Iterator[CheckedFact]:
    known = {row.entry.name: row for row in library().rows("all")}
    for fact in facts:
        for name in fact.systems:
            if name not in known:
                raise TableError(f"published_facts.csv: the library has no entry '{name}'.", "Correct it.")
    dark = [fact for fact in facts if fact.quantity not in LIGHT]
    with tempfile.TemporaryDirectory() as folder:
        for dot in dict.fromkeys(fact.dot for fact in dark):
            names = dict.fromkeys(name for fact in dark if fact.dot == dot for name in fact.systems)
            campaign = ScreenCampaign.validated(
                input="published facts",
                qd=dot,
                out=Path(folder) / dot,
                store=str(Path(folder) / "calculations.db"),
                level="fast" if quick else "standard",
                workers=workers,
                figure=False,
            )
            rows = ListedRows(known[name] for name in names)
            table = campaign.run(rows=rows, quiet=True).table()
            results = {str(row["name"]): row for row in records_of(table)}
            for fact in dark:
                if fact.dot == dot:
                    yield judged(fact, results)
        for fact in facts:
            if fact.quantity in LIGHT:
                entries = [known[name].entry for name in fact.systems]
                yield judged_light(fact, _lit(fact, entries, Path(folder), workers))


def _lit(
    fact: PublishedFact, entries: Sequence[Molecule | Failure], folder: Path, workers: int | None
) -> Mapping[str, Photophysics]:
    """What light does to the systems of a fact, by name."""
    campaign = ScreenCampaign.validated(input="published facts", qd=fact.dot, out=folder, workers=workers)
    prepared = campaign.prepare()
    with open_store(str(folder / "calculations.db")) as store:
        return light_facts(
            [item for item in entries if isinstance(item, Molecule)],
            dot=prepared.dot,
            settings=prepared.settings,
            store=store,
            make_executor=workers_of(campaign),
            lamp_nm=expected_numbers(fact)[0] if fact.quantity == ABSORPTION else None,
            atmosphere=None if fact.quantity == ABSORPTION else "air",
        )
