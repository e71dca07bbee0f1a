"""``echemscreen validate``: how far the numbers can be trusted, and whether the published facts come out.

Three parts. The error table predicts every reference value by fits that never saw it (shipped rows, no
engine). The facts of ``published_facts.csv`` are judged by live calculations: each row names a dot, an
entry of the ligand library and what a paper found. The observations of ``dot_facts.csv`` are judged so too,
and counted: how many come out is told, and no single one must.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from echemscreen.campaign.ranking import RankCampaign
from echemscreen.campaign.screening import ScreenCampaign
from echemscreen.crosslinkers.photophysics import Photophysics
from echemscreen.errors import TableError
from echemscreen.evidence.facts.dot_facts import CheckedDotFact, checked_dot_facts, told
from echemscreen.evidence.facts.light_facts import light_facts
from echemscreen.evidence.facts.patterning_facts import (
    CheckedComparison,
    CheckedDose,
    checked_comparisons,
    checked_doses,
    exposures_of_comparisons,
    exposures_of_doses,
    patterning_lines,
)
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
from echemscreen.evidence.left_out import LeftOut, error_table, learning_lines, left_out, worst_table
from echemscreen.levels.fit.gaussian import paired
from echemscreen.levels.fit.references import reference_descriptors, references
from echemscreen.levels.light.nitrogen_release import REFERENCE_SIGMA_EV, published_nitrogen_release
from echemscreen.levels.light.spin import EV_PER_KCAL_MOL
from echemscreen.ligands.library import library
from echemscreen.records.molecules import Molecule
from echemscreen.records.processes import PROCESSES
from echemscreen.records.rows import Failure
from echemscreen.screening.runs.run_record import ListedRows
from echemscreen.screening.workers.starting import workers_of
from echemscreen.store import open_store
from echemscreen.views import calibration_plot
from echemscreen.views.sheets import PLAIN, FigureStyle
from echemscreen.views.tables.table import records_of

#: Engine and descriptors whose errors are told.
ENGINE = "tblite"


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationReport:
    """All parts."""

    values: tuple[LeftOut, ...]
    """Every reference value, predicted without it."""
    facts: tuple[CheckedFact, ...]
    learning: tuple[str, ...] = ()
    heats: tuple[str, ...] = ()
    observations: tuple[CheckedDotFact, ...] = ()
    """On dots; empty of a quick run."""
    comparisons: tuple[CheckedComparison, ...] = ()
    """Of two crosslinkers; empty of a quick run, as the doses."""
    doses: tuple[CheckedDose, ...] = ()

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
            *error_table(self.values),
            "",
            *self.learning,
            *worst_table(self.values),
            "",
            *self.heats,
            "Published facts:",
            *map(_fact_line, self.facts),
            f"{len(self.facts) - self.n_broken} of {len(self.facts)} facts come out"
            + (f", {self.n_revised} of them by a revised number" if self.n_revised else ""),
            *(("", *told(self.observations)) if self.observations else ()),
            *(("", *patterning_lines(self.comparisons, self.doses)) if self.comparisons else ()),
        ]
        return "\n".join(lines)


def validate(
    *,
    quick: bool = False,
    workers: int | None = None,
    out: Path | None = None,
    style: FigureStyle = PLAIN,
) -> ValidationReport:
    """Tell the errors and check the facts.

    Parameters
    ----------
    quick
        Vertical levels and the facts marked for it only, no observations on dots: under two minutes on two
        cores.
    out
        Folder for ``calibration.svg`` and ``.png``, predicted against reference values.
    style
        How the figure looks.

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
            calibration_plot.draw(
                [_point(item) for item in values], out / f"calibration.{suffix}", style=style
            )
    facts = [fact for fact in published_facts() if fact.quick or not quick]
    comparisons, doses = ((), ()) if quick else _patterned(workers)
    return ValidationReport(
        values=values,
        facts=tuple(_checked(facts, quick=quick, workers=workers)),
        learning=() if quick else tuple(learning_lines(pairs, ENGINE)),
        heats=tuple(_heats()),
        observations=() if quick else tuple(checked_dot_facts(workers=workers)),
        comparisons=comparisons,
        doses=doses,
    )


def _patterned(workers: int | None) -> tuple[tuple[CheckedComparison, ...], tuple[CheckedDose, ...]]:
    """Rankings of the published comparisons and doses, one for each exposure."""
    known = {row.entry.name: row for row in library().rows("all")}
    comparisons: list[CheckedComparison] = []
    doses: list[CheckedDose] = []
    with tempfile.TemporaryDirectory() as folder:
        for asked in (exposures_of_comparisons(), exposures_of_doses()):
            for exposure, names in asked.items():
                campaign = RankCampaign.validated(
                    input="published comparisons",
                    qd=exposure.qd,
                    lamp_nm=exposure.lamp_nm,
                    atmosphere=exposure.atmosphere,
                    out=Path(folder) / "ranking",
                    replace=True,
                    store=str(Path(folder) / "calculations.db"),
                    workers=workers,
                    figure=False,
                    **({"loading_percent": exposure.loading_percent} if exposure.loading_percent else {}),
                )
                outcome = campaign.run(rows=ListedRows(known[name] for name in names), quiet=True)
                if exposure.loading_percent is None:
                    comparisons += checked_comparisons(
                        exposure, outcome.rows, records_of(outcome.comparisons())
                    )
                else:
                    doses += checked_doses(exposure, outcome.rows)
    return tuple(comparisons), tuple(doses)


def _heats() -> Iterator[str]:
    yield "Loss of N2 to the triplet, heat at 298 K in kcal/mol, by the reference of the class correction:"
    for row in published_nitrogen_release():
        if row.heat_error_kcal_mol is not None:
            yield (
                f"{row.name}: {row.heat_kcal_mol:.1f} by {row.method}, "
                f"published {row.published_heat_kcal_mol:.1f}: {row.heat_error_kcal_mol:+.1f} "
                f"({row.published_by})"
            )
    yield f"stated error of that reference: ± {REFERENCE_SIGMA_EV / EV_PER_KCAL_MOL:.1f}"
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
