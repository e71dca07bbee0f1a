"""``echemscreen``, but every molecule takes a while longer, and what workers compute is written down.

A line of the log is ``{"pid", "name", "computed", "again"}`` in JSON: keys of the pieces that a worker
computed, and those of them that the store held before it began.
"""

import json
import os
import sqlite3
import sys
import tempfile
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import util
from pathlib import Path

from echemscreen.screening.workers.executors import Pools
from echemscreen.store.address import is_server
from echemscreen.store.pieces import FINISHED

#: Of the sessions that look into a store from outside: nobody kills them.
OBSERVER = "observer"


@dataclass(frozen=True)
class Slow:
    """How long a molecule sleeps, which store is asked, and where it is told."""

    seconds: float
    store: str
    log: str


def stored(where, keys=None):
    """The keys of calculations that a store holds, of these or of all; ``None`` if it cannot be asked now."""
    query, values = f"SELECT task_id FROM echemscreen_pieces WHERE kind <> '{FINISHED}'", ()
    is_postgresql = is_server(where)
    if keys is not None:
        marks = ",".join(["%s" if is_postgresql else "?"] * len(keys))
        query, values = f"{query} AND task_id IN ({marks})", tuple(keys)
    if not is_postgresql:
        try:
            with closing(sqlite3.connect(f"file:{where}?mode=ro", uri=True, timeout=20)) as connection:
                return {key for (key,) in connection.execute(query, values)}
        except sqlite3.Error:
            return None
    import psycopg2  # noqa: PLC0415 - of a server alone

    try:
        with closing(psycopg2.connect(where, application_name=OBSERVER)) as connection:
            cursor = connection.cursor()
            cursor.execute(query, values)
            return {key for (key,) in cursor}
    except psycopg2.Error:
        return None


def slow_work(slow, plan, *arguments):
    """What a worker does with a molecule, later."""
    from echemscreen.screening.workers import work  # noqa: PLC0415 - in the worker

    there = stored(slow.store, plan.keys) or set()
    time.sleep(slow.seconds)
    results, computed = work.work(plan, *arguments)
    line = {
        "pid": os.getpid(),
        "name": plan.molecule.name,
        "computed": sorted(computed),
        "again": sorted(there & set(computed)),
    }
    write_line(slow.log, line)
    return results, computed


def replay(seconds, log, ladder, result, plan, _dots, _settings, stored, _limits):
    """What a worker does that only sleeps: every molecule has the ladder and the result of one."""
    from echemscreen.screening.workers.telling import OnDot  # noqa: PLC0415 - in the worker

    begun = time.time()
    computed = {key: ladder for key in plan.keys[:1] if key not in stored}
    if computed:
        time.sleep(seconds)
    worker = f"{os.getpid()}-{threading.get_ident()}"
    write_line(log, {"worker": worker, "begun": begun, "ended": time.time()})
    found = replace(result, form=replace(result.form, molecule=plan.molecule))
    return (OnDot(results=(found,), n_computed=len(computed)),), computed


@cache
def _of_ethanol():
    """Ladder and result of the one molecule that was computed in this worker."""
    import scale  # noqa: PLC0415 - in the worker

    ladder, (result,) = scale.recorded()
    return ladder, result


def played_back(plan, _dots, _settings, stored, _limits):
    """What a worker does that computes nothing: every molecule has the ladder and the result of one."""
    from echemscreen.screening.workers.telling import OnDot  # noqa: PLC0415 - in the worker

    ladder, result = _of_ethanol()
    computed = {key: ladder for key in plan.keys[:1] if key not in stored}
    found = replace(result, form=replace(result.form, molecule=plan.molecule))
    return (OnDot(results=(found,), n_computed=len(computed)),), computed


def write_line(log, line):
    """Append to a log that others write too."""
    with open(log, "a", encoding="utf-8") as file:  # noqa: PTH123 - one write, whole
        file.write(json.dumps(line) + "\n")


class Threads(Pools):
    """Workers without processes."""

    def start(self):
        """Nothing."""

    def __call__(self):
        """As many threads."""
        return ThreadPoolExecutor(self.workers)


class Run:
    """A command line in a process and a session of its own, forked from this one.

    What it has to load is loaded once, here.

    Parameters
    ----------
    arguments
        Of ``echemscreen``.
    work
        What a worker does with a molecule.
    threads
        Workers are so many threads of it, and not processes.
    told
        File of what it says.
    scratch
        Folder of its temporary files.
    """

    def __init__(self, arguments, work, *, told, scratch, threads=0):
        # Not at the top: workers need less.
        from echemscreen import cli  # noqa: PLC0415
        from echemscreen.campaign import screening as _chemistry  # noqa: F401, PLC0415
        from echemscreen.screening import screen  # noqa: PLC0415
        from echemscreen.screening.workers import starting  # noqa: PLC0415
        from echemscreen.views.tables import table as _views  # noqa: F401, PLC0415

        self.status = None
        self.pid = os.fork()
        if self.pid == 0:
            status = 70
            try:
                os.setsid()
                for number in (1, 2):
                    os.dup2(os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
                os.environ["TMPDIR"], tempfile.tempdir = str(scratch), None
                sys.argv = ["echemscreen", *map(str, arguments)]
                screen.work = work
                if threads:
                    starting.workers_of = lambda asked: Threads(threads, asked.engine)
                cli.main()
            except SystemExit as end:
                status = end.code or 0
            except BaseException:  # noqa: BLE001 - told as Python does
                traceback.print_exc()
            finally:
                # What Python does at its end for the semaphores of pools.
                util._exit_function()
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(status)

    def poll(self):
        """The exit status, that of a signal below 0; ``None`` as long as it runs."""
        if self.status is None and (ended := os.waitpid(self.pid, os.WNOHANG))[0]:
            self.status = os.waitstatus_to_exitcode(ended[1])
        return self.status

    def wait(self, seconds):
        """The exit status; ``None`` of what has not ended by then."""
        deadline = time.monotonic() + seconds
        while self.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        return self.status

    def processes(self):
        """Numbers and command lines of everything that it has started and that still runs."""
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                state, _, _, session = (path / "stat").read_text().rpartition(")")[2].split()[:4]
                if int(session) == self.pid and state != "Z":
                    found[int(path.name)] = (path / "cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
        return found
