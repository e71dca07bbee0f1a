"""A search for better molecules described, validated and run: ``design``."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from echemscreen.campaign.base import ListCampaign, write_run
from echemscreen.campaign.building import limits_of
from echemscreen.campaign.outcomes.figure_style import style_of
from echemscreen.campaign.outcomes.outcome import Outcome, count_results
from echemscreen.campaign.ranking import RankCampaign
from echemscreen.campaign.yaml_file import read_yaml
from echemscreen.design.design_rows import design_rows, learnt_rows, stands_against
from echemscreen.design.search import Effect, Goal, Search, effects, first_to_make, search
from echemscreen.errors import InputError
from echemscreen.evidence.own_evidence import described
from echemscreen.files import written_whole
from echemscreen.ligands.building.build import Built
from echemscreen.ligands.building.candidate_space import CandidateSpace, candidate_space
from echemscreen.ligands.crosslinking.crosslinkers import is_nitrogen_rich, n_light_arms
from echemscreen.ligands.parse import read_smiles
from echemscreen.ligands.reading.given_rows import given_rows
from echemscreen.options.declared import with_options
from echemscreen.options.runs import DesignOptions, RankOptions
from echemscreen.quantities import quantity
from echemscreen.records.results import Assessment
from echemscreen.records.rows import Failure, InputRow
from echemscreen.screening.runs.run_folder import RunFolder, unwritable
from echemscreen.screening.runs.run_record import ListedRows
from echemscreen.screening.screen import screen as many
from echemscreen.screening.workers.progress import Progress
from echemscreen.screening.workers.starting import workers_of
from echemscreen.store import open_store
from echemscreen.views import design_figure
from echemscreen.views.report import design_page
from echemscreen.views.sheets import FigureStyle
from echemscreen.views.tables.table import write_table

#: Arms that light must activate, where a lamp is named.
_LINKING_ARMS = 2


class DesignCampaign(DesignOptions, ListCampaign):
    """The best candidates of everything that the building blocks span."""

    @classmethod
    def from_file(cls, path: Path, **options: Any) -> DesignCampaign:  # noqa: ANN401
        """The goal of a YAML file; an option outranks it.

        Raises
        ------
        InputError
            naming the file or the key that cannot be used.
        """
        try:
            return cls.validated(**{**read_yaml(path), **options})
        except InputError as error:
            message = error.message
            if str(path) not in message:
                message = f"The goal {path}: {message[:1].lower()}{message[1:]}"
            raise InputError(message, error.remedy) from error

    def run(self, *, quiet: bool = False) -> DesignOutcome:
        """Search, and write the results.

        Raises
        ------
        InputError
            if the goal cannot be used, or nothing keeps to its limits.
        StoreError
            if the output folder or the store cannot be used; what was stored before is kept.
        """
        # Before hours of computing: a style that cannot be read.
        style_of(self)
        with RunFolder(self.out) as folder:
            return _run_design(self, folder, quiet=quiet)

    def goal(self, space: CandidateSpace) -> Goal:
        """The search that is asked for."""
        limits = limits_of(self)
        low, high = limits.min_molar_mass_da, limits.max_molar_mass_da
        masses = space.masses_da
        allowed = np.ones(len(space), dtype=bool)
        if low is not None:
            allowed &= masses >= low
        if high is not None:
            allowed &= masses <= high
        bounds = limits.bounds()

        def keeps(built: Built) -> bool:
            assert built.descriptors is not None
            for name, (least, most) in bounds.items():
                value = getattr(built.descriptors, name)
                if (least is not None and value < least) or (most is not None and value > most):
                    return False
            if self.lamp_nm is not None and n_light_arms(built.smiles) < _LINKING_ARMS:
                return False
            if self.nitrogen_rich or self.what != "crosslinkers":
                return True
            return not is_nitrogen_rich(built.smiles)

        return Goal(
            allowed=allowed,
            keeps=keeps,
            wanted=self.wanted,
            batch=self.batch,
            budget=self.budget,
            seed=self.seed,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DesignOutcome(Outcome):
    """Where the results of a search lie, and what it says."""

    n_candidates: int
    """What the blocks span within the mass."""
    better_left: float | None
    ended: str
    """Why the search ended."""
    rows: tuple[dict[str, object], ...]
    """The rows of ``design.csv``."""
    learnt: tuple[Effect, ...]
    stands_against: str = ""
    """What keeps every candidate from surviving, where none does."""
    lamp_nm: float | None = None
    """Under which the first to make were ranked; the ranking lies in ``ranking/``."""

    def summary(self) -> str:
        """A few lines for the terminal."""
        computed = f"{self.n_rows} of {self.n_candidates} candidates computed in {self.wall_s:.0f} s"
        lines = [
            f"{computed}; {self.n_computed} ladder parts computed; {self.place()}",
            f"ended because {self.ended}",
        ]
        if self.stands_against:
            lines.append(self.stands_against)
        for row in self.rows:
            if row["make_first"]:
                survives = f"P(survives) {row['p_survives']:.2f}, {row['verdict']}"
                lines.append(f"  {row['rank']:>3} {row['name']}  {survives}: {row['smiles']}")
        resolved = (item for item in self.learnt if abs(item.effect_ev) >= item.sigma_ev)
        for item in islice(resolved, 6):
            does = "helps" if item.effect_ev < 0 else "hurts"
            effect = quantity(item.effect_ev, item.sigma_ev, "eV")
            lines.append(f"  {item.block} ({item.place}) {does}: drive to {item.process} {effect}")
        return "\n".join(lines)


@with_options(DesignOptions, leave=("input",))
def design(goal: str | Path, *, quiet: bool = True, **options: Any) -> DesignOutcome:  # noqa: ANN401
    """Search for the best candidates of a goal; see :class:`DesignCampaign` for its keys.

    Parameters
    ----------
    goal
        A YAML file.
    """
    return DesignCampaign.from_file(Path(goal), **options).run(quiet=quiet)


def _run_design(campaign: DesignCampaign, folder: RunFolder, *, quiet: bool) -> DesignOutcome:
    started, clock = datetime.now(UTC), time.perf_counter()
    prepared, workers = campaign.prepare(), workers_of(campaign)
    space = candidate_space(campaign.what, blocks=campaign.blocks, mutants=campaign.mutants)
    goal = campaign.goal(space)
    listed = ListedRows(iter(()), named=f"{campaign.what} of the building blocks")
    campaign.enter(folder, listed)
    out = folder.path
    verdicts: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    try:
        with (
            open_store(campaign.store or out / "calculations.db") as store,
            Progress(goal.budget, quiet=quiet) as progress,
        ):
            settings, _ = described(prepared.settings, store)

            def evaluate(batch: Sequence[Built]) -> list[Assessment | Failure]:
                found: list[Assessment | Failure] = []
                for item in many(
                    _rows(batch),
                    prepared.dot,
                    settings,
                    store=store,
                    make_executor=workers,
                    workers=workers.capacity,
                    limits=campaign.limits(),
                ):
                    count_results(item.results, verdicts, failures)
                    counts["computed"] += item.n_computed
                    counts["internal"] += sum(isinstance(r, Failure) and r.internal for r in item.results)
                    found.append(item.results[0])
                    progress.advance(verdicts, failures)
                return found

            state: Search | None = None
            for state in search(space, goal, evaluate):
                write_table(out / "design.csv", design_rows(state))
        assert state is not None
        learnt = effects(state)
        ranking = None if campaign.lamp_nm is None else _under_lamp(campaign, campaign.lamp_nm, state, out)
        rows = design_rows(state, ranking)
        write_table(out / "design.csv", rows)
        outcome = DesignOutcome(
            out=out,
            n_rows=len(state.tried),
            failures=dict(failures),
            n_computed=counts["computed"],
            internal_errors=counts["internal"],
            wall_s=time.perf_counter() - clock,
            n_candidates=int(goal.allowed.sum()),
            better_left=state.better_left,
            ended=state.reason,
            rows=tuple(rows),
            learnt=tuple(learnt),
            stands_against=stands_against(state, campaign.p_inert),
            lamp_nm=campaign.lamp_nm,
        )
        _write_learnt(outcome)
        if campaign.figure:
            title = f"{outcome.n_rows} of {outcome.n_candidates} {campaign.what} on {campaign.qd}"
            _draw(outcome, title, style_of(campaign))
        write_run(
            campaign,
            folder,
            listed,
            dot=prepared.dot,
            started=started,
            engine_version=prepared.engine.version,
            wall_s=round(outcome.wall_s, 3),
            rows=outcome.n_rows,
            verdicts=dict(verdicts),
            failures=outcome.failures,
            ladders_computed=outcome.n_computed,
            internal_errors=outcome.internal_errors,
        )
    except OSError as error:
        raise unwritable(out, error) from error
    return outcome


def _rows(batch: Sequence[Built]) -> Iterator[InputRow]:
    for index, built in enumerate(batch):
        entry = read_smiles(built.smiles, built.name)
        yield InputRow(index=index, location=f"candidate {built.name}", entry=entry)


def _under_lamp(
    campaign: DesignCampaign, lamp_nm: float, state: Search, out: Path
) -> dict[str, Mapping[str, object]]:
    """The first to make, ranked under a lamp into a folder of their own; rows by name."""
    first = [(item.built.smiles, item.built.name) for item in first_to_make(state)]
    if not first:
        return {}
    asked = campaign.part(RankOptions) | {
        "kind": "rank",
        "input": "the first to make",
        "lamp_nm": lamp_nm,
        "full_for": len(first),
        "shown_for": len(first),
        "store": campaign.store or str(out / "calculations.db"),
        "out": out / "ranking",
        # What was ranked here before were the first of an earlier look.
        "replace": True,
    }
    outcome = RankCampaign.validated(**asked).run(rows=ListedRows(given_rows(first)), quiet=True)
    return {str(row["name"]): row for row in outcome.rows}


def _write_learnt(outcome: DesignOutcome) -> None:
    content = {
        "ended": outcome.ended,
        "better_left": outcome.better_left,
        "computed": outcome.n_rows,
        "blocks": learnt_rows(outcome.learnt),
    }
    with written_whole(outcome.out / "learnt.json", "What was learnt") as place:
        place.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _draw(outcome: DesignOutcome, title: str, style: FigureStyle) -> None:
    learnt = learnt_rows(outcome.learnt)
    for suffix in ("svg", "png"):
        design_figure.draw(outcome.rows, learnt, title, outcome.out / f"design.{suffix}", style=style)
    figure = (outcome.out / "design.svg").read_text(encoding="utf-8")
    page = design_page.render(
        title,
        outcome.rows,
        learnt,
        figure=figure,
        ended=outcome.ended,
        stands_against=outcome.stands_against,
        lamp_nm=outcome.lamp_nm,
    )
    with written_whole(outcome.out / "design.html", "The page") as place:
        place.write_text(page, encoding="utf-8")
