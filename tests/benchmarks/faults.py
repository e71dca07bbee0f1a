"""Faults at random moments: what a screen has after each, beside a screen that nothing disturbed.

    python tests/benchmarks/faults.py [--seed N] [--moments N] [--kinds KIND,...] [--quick]

At a moment of a screen a worker, the parent, a Dask worker, the Dask scheduler, a backend of PostgreSQL or
its whole server is killed by SIGKILL; a server is started again. The screen goes on by itself, or the same
command is run again until it has come to its end. Then its table is compared with that of an undisturbed
run, what its workers wrote down is searched for a piece that was stored and computed again, and processes,
claims and files are searched for what was left behind. A moment is so many molecules computed and a pause,
both drawn from the seed; each moment has a screen of its own, of the same list.

Needs Linux; kinds whose servers are not installed are left out and said. The exit status counts nothing: 1
if anything was found, else 0.
"""

import argparse
import fcntl
import json
import os
import random
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import slowed

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent))

import postgres_server  # noqa: E402 - lies among the tests
from dask_cluster import Cluster, end  # noqa: E402

#: Small, and so cheap; some are one species under two names, or share a form.
MOLECULES = ["C", "O", "N", "CO", "CN", "C=O", "CC", "C#N", "CS", "CO", "OO", "[NH3+]C"]
#: That each of them takes beside its calculation.
SLEEP_S = 0.1
#: The pause of a moment, and how long a killed server is away, at most.
PAUSE_S, AWAY_S = 0.3, 12.0
#: Draws of a moment that came after the end of its run.
DRAWS = 5
#: A run that has not ended by then hangs.
RUN_S = 300.0
#: Processes and locks may take that long to go.
GONE_WITHIN_S = 10.0


def wait_until(condition, seconds):
    """Whether it came true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return bool(found)


def semaphores(pids):
    """Files of the semaphores that these processes hold."""
    found = set()
    for pid in pids:
        try:
            found |= set(re.findall(r"/dev/shm/sem\.\S+", Path(f"/proc/{pid}/maps").read_text()))
        except OSError:
            continue
    return found


class Surroundings:
    """Where the screens of some kinds of fault run, and what may be killed there."""

    def __init__(self, folder, kind):
        self.folder = folder
        # A worker that dies takes its pool with it; elsewhere one is enough, and quicker to start.
        self.options = ["--workers", "2" if kind == "worker" else "1"]
        self.store = str(folder / "out/calculations.db")

    def clear(self):
        """Make it as it was before the first screen."""

    def strike(self, kind, run):
        """Kill what the kind says, of a run or of its surroundings; whether there was such a process."""
        if kind.startswith("parent"):
            return self.kill(run.pid)
        workers = [pid for pid, command in run.processes().items() if "spawn_main" in command]
        return self.kill(self.rng.choice(workers or [None]))

    def kill(self, pid):
        """Whether there was such a process."""
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        return True

    def mend(self):
        """Start again what was killed and is not the run's."""

    def left_behind(self):
        """What a run that has ended holds here, in words."""
        claims = Path(f"{self.store}.claims")
        if not claims.exists():
            return []
        with claims.open("r+b") as handle:
            try:
                fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return ["a claim"]
        return []

    def close(self):
        """End what was started."""


class OnDask(Surroundings):
    """A scheduler and two workers, which other screens use too."""

    def __init__(self, folder, kind):
        super().__init__(folder, kind)
        self.cluster = Cluster(folder / "dask")
        self.options = ["--dask", self.cluster.address]
        self.mend()

    def strike(self, kind, run):
        victims = [self.cluster.scheduler] if kind == "scheduler" else self.cluster.workers
        end(self.rng.choice(victims))
        return run.poll() is None

    def mend(self):
        if self.cluster.scheduler.poll() is not None:
            time.sleep(self.rng.uniform(0.0, AWAY_S))
            # Without their scheduler workers end; what manages the machines starts them again.
            for worker in self.cluster.workers:
                end(worker)
            self.cluster.start_scheduler()
        self.cluster.workers = [worker for worker in self.cluster.workers if worker.poll() is None]
        while len(self.cluster.workers) < 2:
            self.cluster.start_worker()

    def left_behind(self):
        # In a process of its own: screens are forked from this one, and have not loaded Dask.
        pid = os.fork()
        if pid == 0:
            os._exit(0 if wait_until(lambda: not tasks_at(self.cluster.address), GONE_WITHIN_S) else 1)
        _, status = os.waitpid(pid, 0)
        return super().left_behind() + (["a task of the scheduler"] if status else [])

    def close(self):
        self.cluster.end()


def tasks_at(address):
    """How many calls a scheduler holds."""
    from distributed import Client  # noqa: PLC0415 - an extra

    with Client(address, timeout=60, set_as_default=False) as client:
        return client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks))


class OnPostgresql(Surroundings):
    """A server of its own."""

    def __init__(self, folder, kind):
        super().__init__(folder, kind)
        self.server = postgres_server.Server()
        self.store = self.server.database("faults")
        self.options += ["--store", self.store]
        self.is_away = False

    def ask(self, query):
        """The answer, as soon as there is one."""
        import psycopg2  # noqa: PLC0415 - an extra

        deadline = time.monotonic() + 60
        while True:
            try:
                with closing(psycopg2.connect(self.store, application_name=slowed.OBSERVER)) as connection:
                    connection.autocommit = True
                    cursor = connection.cursor()
                    cursor.execute(query)
                    return cursor.fetchall() if cursor.description else []
            except psycopg2.Error:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def clear(self):
        self.ask("DROP TABLE IF EXISTS echemscreen_pieces")

    def strike(self, kind, run):
        if kind.startswith("parent"):
            return super().strike(kind, run)
        sessions = self.ask("SELECT pid FROM pg_stat_activity WHERE application_name = 'echemscreen'")
        if kind == "backend":
            return self.kill(self.rng.choice([pid for (pid,) in sessions] or [None]))
        self.server.kill()
        self.is_away = True
        return bool(sessions)

    def mend(self):
        if self.is_away:
            time.sleep(self.rng.uniform(0.0, AWAY_S))
            self.server.start()
            self.is_away = False

    def left_behind(self):
        query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
        return [] if wait_until(lambda: self.ask(query) == [(0,)], GONE_WITHIN_S) else ["a claim"]

    def close(self):
        self.server.end()


#: Kinds of fault, and where their screens run.
KINDS = {
    "worker": Surroundings,
    "parent": Surroundings,
    "dask-worker": OnDask,
    "scheduler": OnDask,
    "backend": OnPostgresql,
    "host": OnPostgresql,
    "parent-postgresql": OnPostgresql,
}


@dataclass
class Moment:
    """What one fault did."""

    told: list = field(default_factory=list)
    """What was found wrong, in words."""
    struck: bool = False
    restarts: list = field(default_factory=list)
    """What each run said that was not the last."""
    lost: int = 0
    """Pieces that were computed and never stored, and so computed once more."""


class Screens:
    """Screens of the list in one kind of surroundings."""

    def __init__(self, surroundings, folder):
        self.surroundings, self.folder = surroundings, folder
        self.out, self.log, self.scratch = folder / "out", folder / "log", folder / "scratch"
        self.source = folder / "in.smi"
        self.source.write_text("".join(f"{smiles} m{i}\n" for i, smiles in enumerate(MOLECULES)))
        self.slow = slowed.Slow(seconds=SLEEP_S, store=surroundings.store, log=str(self.log))
        self.start_s = 1.0
        """From the start to the first molecule that is computed."""
        self.files, self.table, self.keys = set(), b"", set()
        problems = self.moment("", random.Random(0)).told
        if problems:
            raise SystemExit(f"An undisturbed run: {problems}")

    def begin(self, number):
        """Start the command."""
        asked = ["screen", self.source, "--qd", "CdSe", "--level", "fast", "--no-figure", "--quiet"]
        where = [*self.surroundings.options, "--out", self.out]
        work = partial(slowed.slow_work, self.slow)
        return slowed.Run([*asked, *where], work, told=self.told(number), scratch=self.scratch)

    def told(self, number):
        """Where a run says what it has to say."""
        return self.folder / f"told{number}"

    def lines(self):
        """Molecules that workers have computed."""
        return self.log.read_text().count("\n") if self.log.exists() else 0

    def moment(self, kind, rng):
        """A screen with a fault, brought to its end; one without any is what others are compared with."""
        self.surroundings.rng = rng
        for _ in range(DRAWS):
            found = Moment()
            self.surroundings.clear()
            for path in (self.out, self.scratch):
                shutil.rmtree(path, ignore_errors=True)
            self.scratch.mkdir()
            self.log.unlink(missing_ok=True)
            runs = [self.begin(0)]
            held = self.strike(kind, rng, runs[0], found) if kind else self.time_start(runs[0])
            while (status := runs[-1].wait(RUN_S)) != 0 and not found.told:
                words = self.told(len(runs) - 1).read_text()
                if status is None:
                    found.told.append(f"hangs: {runs[-1].processes()}")
                    os.killpg(runs[-1].pid, signal.SIGKILL)
                elif "Traceback" in words or (status != -signal.SIGKILL and words.count("\n") != 1):
                    found.told.append(f"status {status}: {words}")
                found.restarts.append(words)
                runs.append(self.begin(len(runs)))
            if words := self.told(len(runs) - 1).read_text():
                found.told.append(f"says at its end: {words}")
            found.told += self.differences(found, runs, held, is_first=not kind)
            if found.struck or found.told or not kind:
                break
        return found

    def time_start(self, run):
        """See how long it takes to the first molecule."""
        started = time.monotonic()
        wait_until(lambda: self.lines() or run.poll() is not None, RUN_S)
        self.start_s = time.monotonic() - started
        return set()

    def strike(self, kind, rng, run, found):
        """Wait for the moment, and kill; the semaphores that the run had then."""
        computed, held = rng.randrange(len(MOLECULES) + 1), set()
        wait_until(lambda: self.lines() >= computed or run.poll() is not None, RUN_S)
        time.sleep(rng.uniform(0.0, PAUSE_S if computed else self.start_s))
        while not found.struck and run.poll() is None:
            held = semaphores(run.processes())
            found.struck = self.surroundings.strike(kind, run)
            self.surroundings.mend()
        return held

    def differences(self, found, runs, held, *, is_first):
        """What is not as after an undisturbed run, in words."""
        for run in runs:
            if not wait_until(lambda run=run: not run.processes(), GONE_WITHIN_S):
                yield f"left is a process: {run.processes()}"
        yield from (f"left is {what}" for what in self.surroundings.left_behind())
        yield from (f"left is {path}" for path in held if Path(path).exists())
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        times = Counter(key for line in lines for key in line["computed"])
        found.lost = times.total() - len(times)
        yield from (f"stored and computed again: {line}" for line in lines if line["again"])
        if not (self.out / "results.csv").exists():
            yield "no table"
            return
        table, keys = (self.out / "results.csv").read_bytes(), slowed.stored(self.surroundings.store)
        files = {path.relative_to(self.out) for path in self.out.rglob("*")}
        files |= {path.relative_to(self.folder) for path in self.scratch.rglob("*")}
        if is_first:
            self.table, self.files, self.keys = table, files, keys
        if table != self.table:
            yield "another table"
        if keys != self.keys:
            yield f"{len(keys - self.keys)} pieces more and {len(self.keys - keys)} fewer are stored"
        if files != self.files:
            yield f"other files: {', '.join(sorted(map(str, files ^ self.files)))}"


def missing(kind):
    """What a kind needs and is not there, in words."""
    where = KINDS[kind]
    if where is OnDask and find_spec("distributed") is None:
        return "distributed is not installed"
    if where is OnPostgresql and (find_spec("psycopg2") is None or postgres_server.binaries() is None):
        return "PostgreSQL or psycopg2 is not installed"
    return ""


def row(*cells):
    """Print one of the table."""
    widths = (18, 8, 10, 10, 8, 8, 8, 12, 8)
    print(" ".join(f"{cell!s:>{width}}" for cell, width in zip(cells, widths, strict=True)), flush=True)


def main():
    """Print the table; the exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=22)
    parser.add_argument("--moments", type=int, default=20, help="of each kind")
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"of {', '.join(KINDS)}")
    parser.add_argument("--only", type=int, help="the one moment of this number")
    parser.add_argument("--quick", action="store_true", help="two moments of each kind")
    chosen = parser.parse_args()
    numbers = range(2 if chosen.quick else chosen.moments) if chosen.only is None else [chosen.only]
    words, said, wrong = [], set(), 0
    row("killed", "moments", "before end", "went on", "rerun", "table", "left", "computed", "lost")
    row("", "", "", "by itself", "", "differs", "behind", "though stored", "pieces")
    asked = chosen.kinds.split(",")
    if unknown := [kind for kind in asked if kind not in KINDS]:
        parser.error(f"there is no kind {', '.join(unknown)}; there are {', '.join(KINDS)}")
    for kind in asked:
        if lacking := missing(kind):
            print(f"{kind:>18} left out: {lacking}")
            continue
        found = []
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            surroundings = KINDS[kind](folder, kind)
            try:
                screens = Screens(surroundings, folder)
                for number in numbers:
                    mark = f"{chosen.seed}-{kind}-{number}"
                    found.append(screens.moment(kind, random.Random(mark)))
                    words += [f"{mark}: {told}" for told in found[-1].told]
                    said.update(text.strip() for text in found[-1].restarts if text)
            finally:
                surroundings.close()
        told = [text for moment in found for text in moment.told]
        wrong += len(told)
        row(
            kind,
            len(found),
            sum(moment.struck for moment in found),
            sum(moment.struck and not moment.restarts for moment in found),
            sum(len(moment.restarts) for moment in found),
            sum("table" in text or "pieces" in text for text in told),
            sum("left" in text or "other files" in text for text in told),
            sum("computed again" in text for text in told),
            sum(moment.lost for moment in found),
        )
    print("\n".join(words))
    if said:
        print("what was said by runs that were run again:", *sorted(said), sep="\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
