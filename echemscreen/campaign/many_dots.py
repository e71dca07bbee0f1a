"""One list on several dots: the levels are computed once, the verdicts follow for each dot.

Every dot has an ordinary screen in a folder of its own; a molecule goes once through the workers, which judge
it on one dot after the other. Beside the folders, ``by_dot.csv`` has a row for each molecule and form and a
column for each dot.
"""

from __future__ import annotations

import csv
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from echemscreen.campaign.outcomes.outcome import Outcome, unkept
from echemscreen.campaign.screening import DotScreen, ScreenCampaign, ScreenOutcome, run_screens
from echemscreen.errors import InputError
from echemscreen.files import written_whole
from echemscreen.options.declared import with_options
from echemscreen.options.runs import MeasuredDotOptions, ScreenOptions
from echemscreen.quantities import counted
from echemscreen.screening.runs.run_folder import RunFolder
from echemscreen.screening.runs.run_record import ListedRows
from echemscreen.screening.workers.starting import workers_of
from echemscreen.views.tables import table

if TYPE_CHECKING:
    import pandas as pd

SUMMARY = "by_dot.csv"
#: What a row is known by, whatever the dot.
_KEYS = ("name", "smiles", "form")
#: Options that are true of one dot only.
_OF_ONE_DOT = tuple(name for name in MeasuredDotOptions.model_fields if name != "measured")


@dataclass(frozen=True, slots=True, kw_only=True)
class DotsOutcome(Outcome):
    """Where the screens of a list on several dots lie, and what they count."""

    by_dot: dict[str, ScreenOutcome]
    """By the specification of the dot, in the order asked."""

    def summary(self) -> str:
        """A line for the whole, and one for each dot."""
        width = max(map(len, self.by_dot))
        size = f"{counted(self.n_rows, 'row')} on {counted(len(self.by_dot), 'dot')} in {self.wall_s:.0f} s"
        lines = [f"{size}; {counted(self.n_computed, 'ladder part')} computed; {self.place()}"]
        for dot, outcome in self.by_dot.items():
            counts = [f"{count} {verdict}" for verdict, count in sorted(outcome.verdicts.items())]
            counts += [f"{count} failed ({kind})" for kind, count in sorted(outcome.failures.items())]
            lines.append(f"  {dot:{width}}  {', '.join(counts) or 'none'}")
        return "\n".join(lines)

    def table(self) -> pd.DataFrame:
        """The rows of ``by_dot.csv``: verdicts, a column for each dot."""
        import pandas as pd  # noqa: PLC0415 - a screen needs none

        return pd.read_csv(self.out / SUMMARY, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def screen_on_each(
    campaign: ScreenOptions, dots: Sequence[str], *, rows: ListedRows | None = None, quiet: bool = False
) -> DotsOutcome:
    """Screen the input on every dot.

    Raises
    ------
    InputError
        if a dot is unknown or named twice, or an option is true of one dot only: before anything is computed.
    StoreError
        if a folder or the store cannot be used; what was stored before is kept.
    """
    dots = [dot.strip() for dot in dots]
    if "" in dots:
        raise InputError("A name between the commas of the dots is empty.", "Name every dot.")
    twice = next((dot for at, dot in enumerate(dots) if dot in dots[:at]), None)
    if twice is not None:
        raise InputError(f"The dot {twice} is named twice.", "Name every dot once.")
    given = next((name for name in _OF_ONE_DOT if getattr(campaign, name) is not None), None)
    if given is not None:
        raise InputError(
            f"The option {given} is true of one dot, and {len(dots)} are named.",
            "Screen that dot by itself, or write its edges into a file for --measured.",
        )
    store = campaign.store or str(campaign.out / "calculations.db")
    each = {
        dot: ScreenCampaign.validated(
            **dict(campaign) | {"qd": dot, "out": campaign.out / folder, "store": store}
        )
        for dot, folder in zip(dots, _folders(dots), strict=True)
    }
    listed = rows or next(iter(each.values())).listed()
    clock = time.perf_counter()
    with ExitStack() as stack:
        workers = stack.enter_context(workers_of(campaign))
        # Whatever is wrong with a dot is told here, before any folder is made.
        folders = [stack.enter_context(RunFolder(screen.out)) for screen in each.values()]
        screens = [
            DotScreen(screen, listed, folder) for screen, folder in zip(each.values(), folders, strict=True)
        ]
        outcomes = run_screens(screens, listed, workers, quiet=quiet)
    found = dict(zip(each, outcomes, strict=True))
    _write(campaign, found)
    return DotsOutcome(
        out=campaign.out,
        n_rows=outcomes[0].n_rows,
        failures={},
        n_computed=sum(outcome.n_computed for outcome in outcomes),
        internal_errors=sum(outcome.internal_errors for outcome in outcomes),
        wall_s=time.perf_counter() - clock,
        by_dot=found,
    )


@with_options(ScreenOptions, leave=("input", "qd"))
def screen_dots(
    source: object,
    qds: Sequence[str],
    *,
    quiet: bool = True,
    **options: Any,  # noqa: ANN401
) -> DotsOutcome:
    """Screen molecules on several dots; see :func:`echemscreen.screen` for ``source`` and the options.

    Parameters
    ----------
    qds
        Specifications of the dots.

    Raises
    ------
    InputError
        if an option, a dot or ``source`` as a whole cannot be used, or a folder holds another run.
    StoreError
        if ``out`` or the store cannot be used.
    """
    if isinstance(qds, str) or not qds:
        raise InputError(f"{qds!r} is no list of dots.", "Write ['lu2022-red', 'CdSe:3.5'].")
    scratch, options = unkept(options)
    campaign, rows = ScreenCampaign.over(source, qds[0], **options)
    return replace(screen_on_each(campaign, list(qds), rows=rows, quiet=quiet), scratch=scratch)


def _folders(dots: Sequence[str]) -> Iterator[str]:
    """A name for the folder of each dot: its specification without what a file system minds."""
    taken: set[str] = set()
    for dot in dots:
        plain = re.sub(r"[^A-Za-z0-9.+-]+", "_", dot).strip("._") or "dot"
        name, number = plain, 2
        while name.lower() in taken:
            name, number = f"{plain}-{number}", number + 1
        taken.add(name.lower())
        yield name


def _write(campaign: ScreenOptions, found: dict[str, ScreenOutcome]) -> None:
    """The verdicts side by side: ``failed`` of a row that failed, blank of a form that a dot lacks."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for dot, outcome in found.items():
        seen: Counter[tuple[str, ...]] = Counter()
        for row in table.stream_results(outcome.out / "results.csv"):
            known_by = tuple(str(row[key]) for key in _KEYS)
            # What is twice in the list is twice here.
            seen[known_by] += 1
            said = rows.setdefault((*known_by, str(seen[known_by])), {})
            said[dot] = str(row["verdict"] or row["status"])
    with (
        written_whole(campaign.out / SUMMARY, "The table") as place,
        place.open("w", encoding="utf-8-sig", newline="") as handle,
    ):
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow((*_KEYS, *found))
        for known_by, said in rows.items():
            writer.writerow((*known_by[: len(_KEYS)], *(said.get(dot, "") for dot in found)))
    if campaign.figure and rows:
        from echemscreen.views import by_dot_figure  # noqa: PLC0415 - nothing else here draws

        names = [known_by[0] for known_by in rows]
        verdicts = {dot: [said.get(dot, "") for said in rows.values()] for dot in found}
        for suffix in ("svg", "png"):
            by_dot_figure.draw(names, verdicts, campaign.out / f"by_dot.{suffix}")
