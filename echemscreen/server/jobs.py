"""The queue of runs: one goes on, the others wait; each is a process of its own in its own folder.

A run is a command of echemscreen, so that whatever ends it (Ctrl-C, cancelling, a crash) ends nothing
else, and running it again finishes what is missing. All lists of the page share one store: the same
ligands on another dot are computed once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from echemscreen.errors import InputError, StoreError
from echemscreen.quantities import counted
from echemscreen.screening.runs.run_folder import RunFolder, unwritable
from echemscreen.server.counts import PARTIAL, Counts, Stage, counts_so_far, final_counts, stage_so_far
from echemscreen.server.orders import Beside, Order

State = Literal["waiting", "running", "stopping", "done", "failed", "stopped"]

#: Runs that may wait at a time.
MAX_WAITING = 20
#: A run that was told to end gets this long to store what is finished.
GRACE_S = 20.0
#: Width of the tables that a command prints for the page.
PRINTED_COLUMNS = 160
PROGRAM = (sys.executable, "-m", "echemscreen")

_ORDER, _LOG = "order.json", "screen.log"
#: What the command printed, until it has come to its end.
_PRINTED = "printed.part"
_FOLDER = re.compile(r"[0-9]{4,9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run as it stands now."""

    number: int
    folder: Path
    order: Order
    state: State = "waiting"
    position: int = 0
    """Place in the queue, from 1, of a run that waits."""
    message: str = ""
    started: float | None = None
    """Monotonic seconds."""
    ended: Counts | None = None

    @property
    def is_open(self) -> bool:
        """Whether something is still to happen by itself."""
        return self.state in {"waiting", "running", "stopping"}

    def counts(self) -> Counts:
        """The rows: of a screen that has ended as counted then, else of the table being written."""
        forms = self.order.options.get("forms", "bound")
        return self.ended if self.ended is not None else counts_so_far(self.folder, forms=forms)

    def stage(self) -> Stage | None:
        """How far a run is that counts no rows as it goes."""
        return stage_so_far(self.folder) if self.state == "running" else None

    def left_s(self, counts: Counts) -> float | None:
        """Seconds left at the rate so far; ``None`` until there is one."""
        if self.state != "running" or self.started is None or not 0 < counts.n_rows < self.order.n_rows:
            return None
        return (time.monotonic() - self.started) * (self.order.n_rows - counts.n_rows) / counts.n_rows


class JobQueue:
    """Takes orders and runs them one after the other; a context manager.

    Parameters
    ----------
    out
        Folder of the runs. Those of earlier sessions are found again.
    program
        The command that ``screen ...`` and its like are appended to.
    """

    def __init__(self, out: Path, *, program: Sequence[str] = PROGRAM) -> None:
        self._out = out
        self._program = tuple(program)
        self._jobs: dict[int, Job] = {}
        self._waiting: list[int] = []
        self._process: subprocess.Popen[bytes] | None = None
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="runs")
        self._folder = RunFolder(out)

    def __enter__(self) -> Self:
        self._folder.take("a local page")
        try:
            self._jobs = {job.number: job for job in _earlier(self._out)}
        except OSError as error:
            self._folder.release()
            raise unwritable(self._out, error) from error
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closing = True
            if self._process is not None:
                self._end(self._process)
            self._changed.notify_all()
        self._thread.join()
        self._folder.release()

    @property
    def out(self) -> Path:
        """Folder of the runs."""
        return self._out

    def jobs(self) -> list[Job]:
        """All runs, the newest first."""
        with self._changed:
            return [self._placed(job) for job in sorted(self._jobs.values(), key=lambda job: -job.number)]

    def job(self, number: int) -> Job | None:
        """The run of that number."""
        with self._changed:
            found = self._jobs.get(number)
            return None if found is None else self._placed(found)

    def submit(self, orders: Sequence[Order], text: bytes, files: Iterable[Beside] = ()) -> list[Job]:
        """Put runs over one list at the end of the queue.

        Raises
        ------
        InputError
            if too many wait.
        StoreError
            if a folder cannot be written.
        """
        files = tuple(files)
        with self._changed:
            self._check_room(len(orders))
            jobs = []
            for order in orders:
                try:
                    folder = self._new_folder()
                    (folder / f"input{order.suffix}").write_bytes(text)
                    for file in files:
                        (folder / file.name).write_bytes(file.content)
                    (folder / _ORDER).write_text(
                        json.dumps(order.to_json(), indent=2) + "\n", encoding="utf-8"
                    )
                except OSError as error:
                    raise unwritable(self._out, error) from error
                job = Job(number=int(folder.name), folder=folder, order=order)
                self._jobs[job.number] = job
                self._waiting.append(job.number)
                jobs.append(job)
            self._changed.notify_all()
            return [self._placed(job) for job in jobs]

    def delete(self, number: int) -> None:
        """Take a run that has ended off the list, and its folder off the disk; nothing for any other.

        Raises
        ------
        StoreError
            if the folder is in use or cannot be removed.
        """
        with self._changed:
            job = self._jobs[number]
            if job.is_open:
                return
            with RunFolder(job.folder) as folder:
                folder.take("a local page")
            try:
                shutil.rmtree(job.folder)
            except OSError as error:
                raise unwritable(job.folder, error) from error
            del self._jobs[number]

    def stop(self, number: int) -> None:
        """End a run that goes on, or take a waiting one out of the queue; nothing for any other."""
        with self._changed:
            job = self._jobs[number]
            if job.state == "waiting":
                self._waiting.remove(number)
                self._jobs[number] = replace(job, state="stopped", message="Taken out of the queue.")
            elif job.state == "running" and self._process is not None:
                self._jobs[number] = replace(job, state="stopping")
                self._end(self._process)

    def resume(self, number: int) -> None:
        """Queue a stopped or failed run again: it finishes what is missing.

        Raises
        ------
        InputError
            if too many wait.
        """
        with self._changed:
            job = self._jobs[number]
            if job.state in {"stopped", "failed"}:
                self._check_room()
                self._jobs[number] = replace(job, state="waiting", message="", started=None, ended=None)
                self._waiting.append(number)
                self._changed.notify_all()

    # --- under the lock -------------------------------------------------------------------

    def _check_room(self, wanted: int = 1) -> None:
        if len(self._waiting) + wanted > MAX_WAITING:
            raise InputError(
                f"{len(self._waiting)} runs wait already, and {MAX_WAITING} may.",
                "Wait until one is done, or stop one of them.",
            )

    def _new_folder(self) -> Path:
        number = max(self._jobs, default=0)
        while True:
            number += 1
            folder = self._out / f"{number:04d}"
            try:
                folder.mkdir()
            except FileExistsError:
                continue
            return folder

    def _placed(self, job: Job) -> Job:
        return (
            replace(job, position=self._waiting.index(job.number) + 1) if job.number in self._waiting else job
        )

    def _start(self, job: Job) -> subprocess.Popen[bytes]:
        order = job.order
        with RunFolder(job.folder) as folder:
            # A page that was killed has left its screens running.
            folder.take("a local page")
            # Rows of an interrupted run are not those of this one; what they cost is in the store.
            (job.folder / PARTIAL).unlink(missing_ok=True)
        # In full: the report looks it up from wherever it is made.
        command = [*self._program, *order.arguments(self._out.resolve() / "calculations.db")]
        # The folder holds nothing that could be imported; what can be is what this process can import.
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
        environment["COLUMNS"] = str(PRINTED_COLUMNS)
        with (job.folder / _LOG).open("wb") as log, (job.folder / _PRINTED).open("wb") as printed:
            return subprocess.Popen(  # noqa: S603 - our own program; choices are checked, names are ours
                command,
                cwd=job.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=log,
                # Ctrl-C on the page's terminal reaches it through the queue, once.
                start_new_session=True,
            )

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        # Not as Ctrl-C does, which a page that a script has started in the background hands down ignored.
        process.terminate()
        # Its workers end by themselves when it is gone.
        timer = threading.Timer(GRACE_S, process.kill)
        timer.daemon = True
        timer.start()

    # --- the thread -----------------------------------------------------------------------

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                if self._closing:
                    return
                number = self._waiting.pop(0)
                job = replace(self._jobs[number], state="running", started=time.monotonic())
                try:
                    process = self._start(job)
                except (OSError, StoreError) as error:
                    message = str(error)
                    if isinstance(error, OSError):
                        message = f"The run cannot be started: {error.strerror or error}."
                    self._jobs[number] = replace(job, state="failed", message=message)
                    continue
                self._jobs[number], self._process = job, process
            status = process.wait()
            with self._changed:
                self._process = None
                told = self._closing or self._jobs[number].state == "stopping"
                self._jobs[number] = _ended(self._jobs[number], status, told=told)


def _ended(job: Job, status: int, *, told: bool) -> Job:
    """The job after its process has ended with that exit status; ``told`` to end or by itself."""
    if status == 0 and not job.order.of.is_list:
        (job.folder / _PRINTED).replace(job.folder / job.order.of.table)
    counts = final_counts(job.folder, job.order.of.table) if status in {0, 1} else None
    if counts is not None:
        note = "An internal error was recorded for at least one row." if status else ""
        return replace(job, state="done", message=note, ended=counts)
    counts = job.counts()
    if told:
        of = counted(job.order.n_rows, "row")
        note = f"Stopped after {counts.n_rows:,} of {of}; what is finished is stored."
        return replace(job, state="stopped", message=note, ended=counts)
    log = (job.folder / _LOG).read_text(encoding="utf-8", errors="replace")
    said = [line for line in log.splitlines() if line.startswith("echemscreen: ")]
    note = said[-1].removeprefix("echemscreen: ") if said else f"It ended with exit status {status}."
    return replace(job, state="failed", message=note, ended=counts)


def _earlier(out: Path) -> Iterator[Job]:
    """The runs that earlier sessions left in the folder."""
    for folder in sorted(out.iterdir()):
        if not _FOLDER.fullmatch(folder.name) or not (folder / _ORDER).is_file():
            continue
        try:
            order = Order.from_json(json.loads((folder / _ORDER).read_text(encoding="utf-8")))
        except (ValueError, TypeError):
            # Not written by us, or cut off: it is left alone.
            continue
        job = Job(number=int(folder.name), folder=folder, order=order)
        counts = final_counts(folder, order.of.table)
        if counts is not None:
            yield replace(job, state="done", ended=counts)
        else:
            note = "Not finished when the page was last ended."
            yield replace(job, state="stopped", message=note, ended=job.counts())
