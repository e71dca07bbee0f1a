"""A workflow run: the steps of a YAML file, one after the other, into one folder."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from echemscreen.campaign.workflow.file import WorkflowFile
from echemscreen.campaign.workflow.record import WorkflowRecord
from echemscreen.campaign.workflow.step import StepOutcome, Surroundings, WrongValueError
from echemscreen.errors import InputError
from echemscreen.screening.runs.run_folder import RunFolder, unwritable


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkflowOutcome:
    """Where a workflow's results lie, and what its steps did."""

    out: Path
    steps: tuple[tuple[str, StepOutcome], ...]
    published: tuple[Path, ...] = ()

    @property
    def exit_status(self) -> int:
        """0 all steps done, bad rows included; 1 an internal error was recorded."""
        return 1 if any(step.internal_errors for _, step in self.steps) else 0


def run(
    path: str | Path,
    *,
    out: str | Path | None = None,
    workers: int | None = None,
    publish: str | Path | None = None,
    replace: bool = False,
    quiet: bool = True,
    say: Callable[[str], None] | None = None,
) -> WorkflowOutcome:
    """Run a workflow file; run again, it finishes what is missing.

    Parameters
    ----------
    path
        The YAML file; inputs that it names are relative to it.
    out
        Folder of the results; by default the one that the file names below the current folder, or
        ``results/`` with the name of the file.
    workers
        Worker processes; all cores by default.
    publish
        Folder into which the figures and tables under ``publish:`` are copied.
    replace
        Overwrite the results of another workflow, or of another list or dot of this one.
    quiet
        No progress.
    say
        Called with a line for each step when it has ended.

    Raises
    ------
    InputError
        naming the file, the line and the key, before anything is computed; also if the folder holds the
        results of another run.
    StoreError
        if the output folder cannot be used, or another run is in it.
    """
    if workers is not None and workers < 1:
        raise InputError(f"{workers} workers do nothing.", "Give at least one.")
    file = WorkflowFile(Path(path))
    folder = Path(out) if out is not None else file.out
    where = Surroundings(
        base=file.path.parent,
        out=folder,
        workers=workers,
        replace=replace,
        quiet=quiet,
        record=WorkflowRecord(folder, file.path.name),
        kinds={name: step.kind for name, step in file.steps},
    )
    for index, (name, step) in enumerate(file.steps):
        try:
            step.check(name, where)
        except WrongValueError as wrong:
            raise file.refused(index, wrong.key, wrong.error) from wrong.error
    with RunFolder(folder) as taken:
        taken.take(f"the workflow {file.path.name}")
        try:
            _begin(file, where)
            done = list(_steps_done(file, where, say))
            published = () if publish is None else _publish(file, folder, Path(publish))
        except OSError as error:
            raise unwritable(folder, error) from error
    return WorkflowOutcome(out=folder, steps=tuple(done), published=published)


def _begin(file: WorkflowFile, where: Surroundings) -> None:
    """Let every step into the folder before the first is done."""
    where.record.begin(replace=where.replace)
    asked = {name: step.asked() for name, step in file.steps}
    for index, (name, step) in enumerate(file.steps):
        if asked[name]:
            try:
                where.record.admit(name, asked[name], step.outputs(name), replace=where.replace)
            except InputError as error:
                raise file.refused(index, "", error) from error
    where.record.ask(asked)


def _steps_done(
    file: WorkflowFile, where: Surroundings, say: Callable[[str], None] | None
) -> Iterator[tuple[str, StepOutcome]]:
    for index, (name, step) in enumerate(file.steps):
        if not where.quiet:
            sys.stderr.write(f"step {index + 1} of {len(file.steps)}, {name}: {step.kind}\n")
        try:
            outcome = step.run(name, where)
        except InputError as error:
            raise file.refused(index, "", error) from error
        if say is not None:
            say(f"{name}: {outcome.summary}")
        yield name, outcome


def _publish(file: WorkflowFile, folder: Path, target: Path) -> tuple[Path, ...]:
    """Copy what the file wants to be seen; no link leads out of either folder."""
    copied = []
    for to, source in file.publish.items():
        path = target / to
        if not (folder / source).resolve().is_relative_to(folder.resolve()) or not (
            path.resolve().is_relative_to(target.resolve())
        ):
            raise file.error(("publish", to), f"{source} leads out of the folder", "Remove the link.")
        if not (folder / source).is_file():
            raise file.error(("publish", to), f"no step made {source}", "Name a file that one makes.")
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / source, path)
        copied.append(path)
    return tuple(copied)
