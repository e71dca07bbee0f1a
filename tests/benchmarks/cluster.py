"""Many workers and many coordinators on one machine, whose calculations only sleep; and what a billion cost.

A section of ``ratios.py``. What is measured is what the coordinator, Dask and PostgreSQL add: eight workers
sleep on two cores as they would compute on eight. Begin and end of a list are no part of it.
"""

import json
import math
import os
import sys
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import scale
import slowed

sys.path.append(str(Path(__file__).parent.parent))

import postgres_server
from dask_cluster import Cluster

from echemscreen.quantities import counted
from echemscreen.store import Piece, open_store

WORKERS = 8
#: Of a molecule: about what a ligand on the dot takes.
SLEEP_S = 2.0
#: That each worker has.
MOLECULES = 15
COORDINATORS = (2, 4, 8)
#: Of the same list.
SHARING = (2, 4)
#: Molecules that a coordinator has in work at a time.
THREADS = 4
#: Longer than any of these runs.
LONG_S = 900
#: Pieces written into a server.
PIECES = 2000
PIECES_PER_LIGAND = 3


def listed(folder, count, part=0):
    """A list of so many molecules, none of which another part has."""
    path = folder / f"part{part}.smi"
    lines = list(scale.alcohols(count * (part + 1)))[count * part :]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def run(folder, source, recorded, *options, name, seconds=SLEEP_S, threads=0):
    """Start a screen whose molecules sleep, and tell where it writes when."""
    log = folder / f"{name}.log"
    ladder, results = recorded
    asked = ["screen", source, "--qd", scale.QD, "--level", "fast", "--no-figure", "--quiet"]
    work = partial(slowed.replay, seconds, str(log), ladder, results[0])
    started = slowed.Run(
        [*asked, "--out", folder / name, *options],
        work,
        told=folder / f"{name}.told",
        scratch=folder,
        threads=threads,
    )
    return started, log


def lines_of(runs):
    """What the workers of runs wrote down, when those have ended."""
    lines = []
    for started, log in runs:
        if started.wait(LONG_S) != 0:
            raise SystemExit(log.with_suffix(".told").read_text(encoding="utf-8"))
        lines += [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return lines


def busy(lines):
    """Workers in work on the average, from when the last has begun to when the first has nothing more."""
    workers = {line["worker"] for line in lines}
    own = [[line for line in lines if line["worker"] == worker] for worker in workers]
    begin = max(min(line["begun"] for line in some) for some in own)
    end = min(max(line["ended"] for line in some) for some in own)
    slept = sum(max(0.0, min(line["ended"], end) - max(line["begun"], begin)) for line in lines)
    return slept / (end - begin)


def on_dask(folder, recorded):
    """The share of their time that Dask's workers compute."""
    cluster = Cluster(folder)
    try:
        for _ in range(WORKERS):
            cluster.start_worker()
        options = ("--dask", cluster.address)
        # Until all have come and have loaded what a row needs.
        for number in range(1, LONG_S):
            source = listed(folder, 2 * WORKERS)
            warm = run(folder, source, recorded, *options, name=f"warm{number}", seconds=0.5)
            if len({line["worker"] for line in lines_of([warm])}) == WORKERS:
                break
        source = listed(folder, WORKERS * MOLECULES)
        lines = lines_of([run(folder, source, recorded, *options, name="measured")])
    finally:
        cluster.end()
    return busy(lines) / WORKERS


def on_postgresql(folder, recorded, server, count, *, is_shared=False):
    """Workers in work, of so many coordinators with one store and a list each, or with one list."""
    store = server.database(f"of{count}{is_shared}".lower())
    molecules = THREADS * MOLECULES
    lists = [listed(folder, molecules, part) for part in range(count)]
    if is_shared:
        lists = count * [listed(folder, count * molecules)]
    runs = [
        run(
            folder,
            source,
            recorded,
            "--store",
            store,
            name=f"c{count}-{is_shared}-{part}",
            threads=THREADS,
        )
        for part, source in enumerate(lists)
    ]
    # A row that another coordinator has computed takes no time.
    lines = [line for line in lines_of(runs) if line["ended"] - line["begun"] >= SLEEP_S]
    with open_store(store) as opened:
        if not len(opened) == len(lines) == count * molecules:
            raise SystemExit(f"{count * molecules} molecules, {len(lines)} computed, {len(opened)} stored")
    return busy(lines)


def cpu_s_of(server):
    """CPU seconds of all processes of a server that have run so far."""
    postmaster = (server.folder / "data/postmaster.pid").read_text().split()[0]
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    ticks = 0
    for pid in (postmaster, *children):
        used = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
        # Children that have ended count at their parent.
        ticks += sum(map(int, used if pid == postmaster else used[:2]))
    return ticks / os.sysconf("SC_CLK_TCK")


def writing(server, ladder):
    """Pieces per second that one process writes into a server, and the server's CPU seconds for one."""
    with open_store(server.database("speed")) as store:
        before, begun = cpu_s_of(server), time.perf_counter()
        for first in range(0, PIECES, 100):
            store.put_many([Piece(key=f"{n:032x}", ladder=ladder) for n in range(first, first + 100)])
        return PIECES / (time.perf_counter() - begun), (cpu_s_of(server) - before) / PIECES


def figures(folder, points, price_eur_per_core_h):
    """Lines of the table: what, measured, asked."""
    recorded = scale.recorded()
    efficiency = on_dask(folder, recorded)
    what = f"Dask, {WORKERS} workers that sleep {SLEEP_S:g} s a molecule: share of their time in it"
    yield what, f"{efficiency:.3f}", "0.95"
    if postgres_server.binaries() is None:
        yield "coordinators on one PostgreSQL", "not installed: left out", ""
        return
    with ExitStack() as stack:
        server = postgres_server.Server()
        stack.callback(server.end)
        one = on_postgresql(folder, recorded, server, 1)
        for count in COORDINATORS:
            workers = on_postgresql(folder, recorded, server, count)
            runs = counted(count, "coordinator")
            what = f"{runs} of {THREADS} molecules at a time, a list each, one PostgreSQL"
            figure = (
                f"{workers / SLEEP_S:.1f} molecules/s, {workers / (count * one):.2f} of {count} times one"
            )
            yield what, figure, "0.95"
        for count in SHARING:
            workers = on_postgresql(folder, recorded, server, count, is_shared=True)
            what = f"{count} coordinators of the same list, each molecule computed once"
            figure = (
                f"{workers / SLEEP_S:.1f} molecules/s, {workers / (count * one):.2f} of {count} times one"
            )
            yield what, figure, ""
        speed, cpu_s = writing(server, recorded[0])
    yield (
        "one process into PostgreSQL, a hundred pieces at a time",
        f"{speed:.0f} pieces/s; {1000 * cpu_s:.2f} CPU-ms of the server each",
        "",
    )
    yield from plan(points, efficiency, cpu_s, price_eur_per_core_h)


def plan(points, efficiency, server_s, price_eur_per_core_h):
    """What a million and a billion ligands need, from what was measured in this run.

    Parameters
    ----------
    efficiency
        The share of their time that workers compute.
    server_s
        CPU seconds of the database for a piece.
    """
    (ligands, cpu_s), (rows, parent_s) = max(points["screen"]), max(points["coordinator"])
    each, parent = cpu_s / ligands, parent_s / rows
    size, server = PIECES_PER_LIGAND * points["bytes"], PIECES_PER_LIGAND * server_s
    constants = (
        f"CPU for a ligand: {each:.2f} s of a worker (`standard`, on the dot, {ligands} ligands), "
        f"{1000 * parent:.1f} ms of a coordinator, {1000 * server:.1f} ms of PostgreSQL; {size / 1024:.1f} "
        f"KiB of store; {price_eur_per_core_h} EUR for an hour of one core, assumed"
    )
    yield "the plan's constants", constants, ""
    for number, cores in ((10**6, 256), (10**9, 10_000), (10**9, 100_000)):
        per_s = cores * efficiency / each
        hours = number / per_s / 3600
        coordinators, database = math.ceil(per_s * parent), math.ceil(per_s * server)
        price = (cores + coordinators + database) * hours * price_eur_per_core_h
        needs = (
            f"{hours:.1f} h at {per_s:,.0f} ligands/s; {counted(coordinators, 'coordinator')}, a core each; "
            f"{counted(database, 'core')} of PostgreSQL, {number * size / 1e12:.2g} TB; "
            f"{price:,.0f} EUR without disks"
        )
        yield f"plan: {number:,} ligands on {cores:,} cores", needs, ""
