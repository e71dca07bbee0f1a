"""Coordinator, store and memory on this machine: figures to be read, never asserted.

``python tests/benchmarks/scale.py [--rows N] [--lines N] [--store postgresql://...] [--json]`` prints
pieces per second into the store, rows per second of a screen whose calculations cost nothing (every
ladder is that of one molecule), the time of a second run, the peak memory of the parent, and two workers
against one on real calculations. The machine may be shared: compare figures of one run.
"""

from __future__ import annotations

import argparse
import filecmp
import gzip
import io
import itertools
import json
import resource
import tempfile
import time
from contextlib import redirect_stdout
from pathlib import Path

import slowed

import echemscreen as es
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import theory_of
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.levels import Ladder
from echemscreen.screening import screen as module
from echemscreen.screening.assess import assess
from echemscreen.screening.workbench import Settings, Workbench
from echemscreen.store import Piece, open_store

QD = "CdSe:3.0/CdS:3.5"
#: Of the coordinator.
WORKERS = 2
#: Of the timing of workers.
REAL = ["CCCCCCN", "CCCCCC(=O)O", "O=C(c1ccccc1)c1ccccc1", "CCCCCCCS"]


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


def used_s() -> tuple[float, float]:
    """CPU seconds of this process, and of those that it started and that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    parent, children = (own.ru_utime + own.ru_stime for own in used)
    return parent, children


def coordinator(folder: Path, count: int, where: str | None) -> dict:
    """What a coordinator does for a row: lines in, pieces and rows into the store, cells into the table.

    The workers are real ones, which read and plan; their calculations are played back.
    """
    source = folder / f"{count}.smi.gz"
    with gzip.open(source, "wt", compresslevel=1) as handle:
        handle.writelines(f"{line}\n" for line in alcohols(count))
    options = {
        "qd": QD,
        "out": folder / f"out{count}",
        "level": "fast",
        "figure": False,
        "workers": WORKERS,
        "store": where,
    }
    results = options["out"] / "results.csv"
    real, module.work = module.work, slowed.played_back
    try:
        before = used_s()
        first = es.screen(str(source), **options)
        parent_s, workers_s = (now - then for now, then in zip(used_s(), before, strict=True))
        print(
            f"coordinator: {count} lines in {first.wall_s:.1f} s with {WORKERS} workers; {parent_s:.1f} "
            f"CPU-s of it, {count / parent_s:.0f} rows per CPU-s; {workers_s:.1f} CPU-s of the workers; "
            f"peak memory {peak_mib():.0f} MiB"
        )
        database = options["out"] / "calculations.db"
        size = database.stat().st_size if database.exists() else 0
        kept = results.rename(folder / f"first{count}.csv")
        before = used_s()
        again = es.screen(str(source), **options)
        again_s, _ = (now - then for now, then in zip(used_s(), before, strict=True))
    finally:
        module.work = real
    if not filecmp.cmp(kept, results, shallow=False):
        raise SystemExit("The table that was lost and the one from the store differ.")
    print(
        f"  the lost results.csv again from the store: {again.wall_s:.1f} s, {again_s:.1f} CPU-s, "
        f"{count / again_s:.0f} rows per CPU-s, byte by byte the same; peak memory {peak_mib():.0f} MiB"
    )
    start = time.perf_counter()
    es.screen(str(source), **options)
    rerun_s = time.perf_counter() - start
    print(f"  rerun of the finished run: {rerun_s:.2f} s and the start of Python")
    return {
        "rows": count,
        "ladders": first.n_computed,
        "parent_cpu_s": parent_s,
        "workers_cpu_s": workers_s,
        "wall_s": first.wall_s,
        "peak_mib": peak_mib(),
        "again_cpu_s": again_s,
        "again_wall_s": again.wall_s,
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
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.json:
            with redirect_stdout(io.StringIO()):
                figures = coordinator(folder, chosen.rows, chosen.store)
            print(json.dumps(figures))
            return
        ladder, _ = recorded()
        store_speed(chosen.store or str(folder / "speed.db"), ladder, chosen.rows)
        coordinator(folder, chosen.rows, chosen.store)
        if chosen.lines:
            coordinator(folder, chosen.lines, chosen.store)
        if chosen.workers:
            workers(folder)


if __name__ == "__main__":
    main()
