"""Coordinator, store and memory on this machine: figures to be read, never asserted.

``python tests/benchmarks/scale.py [--rows N] [--lines N] [--store postgresql://...] [--json]`` prints
pieces per second into the store, rows per second of a screen whose calculations cost nothing (every
ladder is replayed from one recorded molecule), the time of a second run, the peak memory of the parent,
and two workers against one on real calculations. The machine may be shared: compare figures of one run.
"""

from __future__ import annotations

import argparse
import gzip
import io
import itertools
import json
import resource
import tempfile
import time
from concurrent.futures import Executor, Future
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import echemscreen as es
from echemscreen.campaign import screening as campaigns
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.levels import Ladder
from echemscreen.screening import screen as module
from echemscreen.screening.assess import assess
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.screening.workers.executors import Workers
from echemscreen.screening.workers.work import OnDot
from echemscreen.store import Piece, open_store

QD = "CdSe:3.0/CdS:3.5"
#: Of the timing of workers.
REAL = ["CCCCCCN", "CCCCCC(=O)O", "O=C(c1ccccc1)c1ccccc1", "CCCCCCCS"]


class Inline(Executor):
    """Runs a call when it is submitted: nothing but the coordinator's own work is timed."""

    def submit(self, fn, /, *args, **kwargs):
        """Run it."""
        future = Future()
        future.set_result(fn(*args, **kwargs))
        return future


class InlineWorkers(Workers):
    """Makes executors that run a call when it is submitted."""

    def __call__(self):
        """One of them."""
        return Inline()

    def capacity(self):
        """One molecule at a time."""
        return 1


def alcohols(count: int):
    """That many different molecules of one length, a million at most: chains with a pattern of substituents.

    No carbon is far from a heteroatom, so that no tail is left out and no two rows share a ladder. Of a short
    list and of a long one a row costs the same.
    """
    patterns = itertools.product(("C(F)", "C(O)", "C(OC)", "C(C#N)"), repeat=10)
    for number, pattern in enumerate(itertools.islice(patterns, count)):
        yield f"C{''.join(pattern)}O m{number}"


def recorded() -> tuple[Ladder, tuple]:
    """The ladder and the results of ethanol: what every row gets."""
    settings = Settings(level="fast")
    engine = get_engine("tblite")
    bench = Workbench(engine, theory_of(engine, settings.solvent), settings, {})
    results = assess(parse_smiles("CCO", "ethanol"), quantum_dot(QD), bench)
    return next(iter(bench.computed.values())), results


def peak_mib() -> float:
    """Largest memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def store_speed(where: str, ladder: Ladder, count: int) -> None:
    """Pieces per second into the store and out of it."""
    with open_store(where) as store:
        start = time.perf_counter()
        for first in range(0, count, 100):
            store.put_many(
                [Piece(key=f"{number:032x}", ladder=ladder) for number in range(first, first + 100)]
            )
        written = time.perf_counter()
    opened_at = time.perf_counter()
    with open_store(where) as store:
        opened = time.perf_counter()
        for first in range(0, count, 100):
            store.get_many([f"{number:032x}" for number in range(first, first + 100)])
        read = time.perf_counter()
    print(
        f"store: {count} pieces, {count / (written - start):.0f}/s written, "
        f"{count / (read - opened):.0f}/s read, "
        f"keys loaded in {opened - opened_at:.2f} s"
    )


def coordinator(folder: Path, count: int, ladder: Ladder, results: tuple, where: str | None) -> dict:
    """Rows per second through reading, keys, store and table, with calculations that cost nothing."""
    source = folder / f"{count}.smi.gz"
    with gzip.open(source, "wt", compresslevel=1) as handle:
        handle.writelines(f"{line}\n" for line in alcohols(count))

    spent, spent_cpu = 0.0, 0.0

    def replay(plan, _dots, _settings, stored, _limits):
        nonlocal spent, spent_cpu
        start, cpu = time.perf_counter(), time.process_time()
        key = plan.keys[0]
        form = replace(results[0].form, molecule=plan.molecule)
        computed = {} if key in stored else {key: ladder}
        spent += time.perf_counter() - start
        spent_cpu += time.process_time() - cpu
        return (OnDot(results=(replace(results[0], form=form),), n_computed=len(computed)),), computed

    real, module.work = module.work, replay
    campaigns.workers_of, kept = (lambda _: InlineWorkers()), campaigns.workers_of
    options = {
        "qd": QD,
        "out": folder / f"out{count}",
        "level": "fast",
        "figure": False,
        "workers": 1,
        "store": where,
    }
    try:
        cpu = time.process_time()
        first = es.screen(str(source), **options)
        wall_s, cpu_s = first.wall_s - spent, time.process_time() - cpu - spent_cpu
        print(
            f"coordinator: {count} lines in {wall_s:.1f} s ({cpu_s:.1f} CPU-s), "
            f"{first.n_computed / wall_s:.0f} ladders/s into the store "
            f"({first.n_computed / cpu_s:.0f} per CPU-s); peak memory {peak_mib():.0f} MiB"
        )
        (options["out"] / "results.csv").unlink()
        database = options["out"] / "calculations.db"
        size = database.stat().st_size if database.exists() else 0
        again = es.screen(str(source), **options)
        print(
            f"  derived again without results.csv: {again.wall_s:.1f} s, {again.n_computed} computed; "
            f"peak memory {peak_mib():.0f} MiB"
        )
    finally:
        module.work, campaigns.workers_of = real, kept
    start = time.perf_counter()
    es.screen(str(source), **options)
    rerun_s = time.perf_counter() - start
    print(f"  rerun of the finished run: {rerun_s:.2f} s and the start of Python")
    return {
        "rows": count,
        "ladders": first.n_computed,
        "cpu_s": cpu_s,
        "wall_s": wall_s,
        "peak_mib": peak_mib(),
        "resume_s": again.wall_s,
        "rerun_s": rerun_s,
        "store_bytes": size,
    }


def workers(folder: Path) -> None:
    """Two workers against one, on real calculations."""
    walls = []
    for count in (1, 2):
        start = time.perf_counter()
        es.screen(REAL, qd=QD, out=folder / f"w{count}", workers=count, level="full", figure=False)
        walls.append(time.perf_counter() - start)
    print(f"workers: 1 in {walls[0]:.1f} s, 2 in {walls[1]:.1f} s, ratio {walls[0] / walls[1]:.2f}")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--lines", type=int, default=0, help="a second, longer list")
    parser.add_argument("--store", help="postgresql://...: an empty database")
    parser.add_argument("--workers", action="store_true", help="two workers against one")
    parser.add_argument("--json", action="store_true", help="print the coordinator's figures only, as JSON")
    chosen = parser.parse_args()
    ladder, results = recorded()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.json:
            with redirect_stdout(io.StringIO()):
                figures = coordinator(folder, chosen.rows, ladder, results, chosen.store)
            print(json.dumps(figures))
            return
        store_speed(chosen.store or str(folder / "speed.db"), ladder, chosen.rows)
        coordinator(folder, chosen.rows, ladder, results, chosen.store)
        if chosen.lines:
            coordinator(folder, chosen.lines, ladder, results, chosen.store)
        if chosen.workers:
            workers(folder)


if __name__ == "__main__":
    main()
