"""``design`` held against an exhaustive screen, and its pace over a million candidates.

    python tests/benchmarks/design.py              # found of the true best 50 of 3,000; then the pace
    python tests/benchmarks/design.py --compute D  # screens the 3,000 again (about 40 minutes of a core)

The 3,000 are the lightest crosslinkers that the building blocks span and the safety rules of azides allow,
each screened by xTB: ``echemscreen screen LIST --qd pu2020-blue --level fast --forms free``. What the table
keeps of a candidate is what the search reads of it.
"""

from __future__ import annotations

import argparse
import csv
import resource
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from echemscreen.design.search import Goal, accessibility, search
from echemscreen.ligands.building.candidate_space import CandidateSpace, candidate_space
from echemscreen.ligands.crosslinking.crosslinkers import is_nitrogen_rich
from echemscreen.records.processes import PROCESSES, Process
from echemscreen.records.results import Alignment

#: On a red dot nearly all survive, and no best fifty can be told: a blue one asks more.
DOT = "pu2020-blue"
TABLE = Path(__file__).with_name("design_3000.csv")
WANTED, BUDGET, N_CANDIDATES = 50, 300, 3000
SEEDS = range(5)
#: Drives that are looked up over a million candidates: what is timed is the search.
SIGMA_EV = 0.2


@dataclass
class Looked:
    """What the search reads of an assessment."""

    alignments: tuple[Alignment, ...]


def listed() -> list[tuple[str, str]]:
    """SMILES and names of the lightest candidates that keep to the safety rules."""
    space = candidate_space("crosslinkers")
    found: list[tuple[str, str]] = []
    for index in np.argsort(space.masses_da, kind="stable"):
        built = space.built(int(index))
        if built is not None and not is_nitrogen_rich(built.smiles):
            found.append((built.smiles, built.name))
        if len(found) == N_CANDIDATES:
            break
    return found


def compute(folder: Path) -> None:
    """Screen the list and write the table."""
    folder.mkdir(parents=True, exist_ok=True)
    source = folder / "candidates.csv"
    with source.open("w", encoding="utf-8", newline="") as handle:
        csv.writer(handle, lineterminator="\n").writerows([("smiles", "name"), *listed()])
    command = f"-m echemscreen screen {source} --qd {DOT} --level fast --forms free --no-figure"
    run = [
        sys.executable,
        *command.split(),
        "--out",
        str(folder / "screen"),
        "--store",
        str(folder / "store.db"),
    ]
    subprocess.run(run, check=True)
    with (folder / "screen" / "results.csv").open(encoding="utf-8-sig", newline="") as handle:
        rows = list(csv.DictReader(handle))
    with TABLE.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("name", "reduction_drive_ev", "oxidation_drive_ev", "p_reduction", "p_oxidation"))
        for row in rows:
            hole = row["p_hole_reacts"] or row["p_oxidation"]
            writer.writerow(
                (row["name"], *(row[f"{p}_drive_ev"] for p in PROCESSES), row["p_reduction"], hole)
            )


def alignments(row: dict[str, str]) -> tuple[Alignment, ...]:
    """Of a row of the table; none of what could not be computed."""
    found = []
    for process in PROCESSES:
        drive, p = row[f"{process}_drive_ev"], row[f"p_{process}"]
        if drive:
            found.append(looked_up(process, float(drive), float(p) if p else None))
    return tuple(found)


def looked_up(process: Process, drive_ev: float, p: float | None) -> Alignment:
    """A drive of the table, or one that is made up."""
    return Alignment(
        process=process,
        against="cbm" if process == Process.REDUCTION else "vbm",
        source="molecule",
        level_v_she=0.0,
        edge_v_she=0.0,
        drive_ev=drive_ev,
        sigma_ev=SIGMA_EV,
        probability=p,
    )


def found_of_the_best() -> None:
    """How many of the best of the table a search finds with a tenth of it computed."""
    with TABLE.open(encoding="utf-8", newline="") as handle:
        rows = {row["name"]: row for row in csv.DictReader(handle)}
    space = candidate_space("crosslinkers")
    names = {}
    for index in np.argsort(space.masses_da, kind="stable"):
        built = space.built(int(index))
        if built is not None and built.name in rows:
            names[built.name] = int(index)
        if len(names) == len(rows):
            break
    part = replace(space, triples=space.triples[list(names.values())])
    drawn = {name: at for at, name in enumerate(names)}
    survive = np.round([survives(rows[name]) for name in names], 2)
    effort = np.array([accessibility(space.built(index)) for index in names.values()])
    # As design.csv ranks them.
    order = np.lexsort((effort, -survive))
    best = set(order[:WANTED].tolist())
    last = order[WANTED - 1]
    print(
        f"{len(rows)} candidates; the fiftieth survives with {survive[last]:.2f} at accessibility "
        f"{effort[last]:.2f}; the medians are {np.median(survive):.2f} and {np.median(effort):.2f}"
    )
    shares = []
    for seed in SEEDS:
        goal = Goal(
            allowed=np.ones(len(part), dtype=bool),
            keeps=lambda _: True,
            wanted=WANTED,
            batch=25,
            budget=BUDGET,
            seed=seed,
        )
        *_, state = search(part, goal, lambda batch: [Looked(alignments(rows[b.name])) for b in batch])
        tried = {drawn[item.built.name] for item in state.tried}
        shares.append(len(best & tried) / WANTED)
        print(f"seed {seed}: {len(tried)} computed, {len(best & tried)} of the best {WANTED}; {state.reason}")
    print(f"mean share {np.mean(shares):.2f}; chance {BUDGET / len(rows):.2f}")


def survives(row: dict[str, str]) -> float:
    """Probability that neither carrier reacts; 0 where one is unknown."""
    known = [float(row[f"p_{process}"]) for process in PROCESSES if row[f"p_{process}"]]
    return float(np.prod([1.0 - p for p in known])) if len(known) == len(PROCESSES) else 0.0


def pace(n_candidates: int) -> None:
    """Wall time and memory of a search over so many candidates whose drives are looked up."""
    started = time.perf_counter()
    whole = candidate_space("crosslinkers", mutants=True)
    lightest = np.sort(np.argsort(whole.masses_da, kind="stable")[:n_candidates])
    space = replace(whole, triples=whole.triples[lightest])
    generator = np.random.default_rng(0)
    drives = {process: _made_up(space, generator) for process in PROCESSES}
    at = {space.codes(i): i for i in range(len(space))}
    built_s = time.perf_counter() - started

    def evaluate(batch):  # type: ignore[no-untyped-def]
        found = []
        for item in batch:
            index = at[item.blocks]
            known = [(p, float(drives[p][index])) for p in PROCESSES]
            found.append(Looked(tuple(looked_up(p, d, float(d > 0)) for p, d in known)))
        return found

    started = time.perf_counter()
    goal = Goal(
        allowed=np.ones(len(space), dtype=bool), keeps=lambda _: True, wanted=10, batch=25, budget=BUDGET
    )
    *_, state = search(space, goal, evaluate)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(space)} candidates: listed in {built_s:.0f} s; {len(state.tried)} proposed in "
        f"{time.perf_counter() - started:.0f} s; peak {peak:.0f} MiB"
    )


def _made_up(space: CandidateSpace, generator: np.random.Generator) -> np.ndarray:
    sizes = (len(space.centres), len(space.bridges), len(space.ends))
    parts = (generator.normal(0, s, n) for s, n in zip((0.3, 0.05, 0.5), sizes, strict=True))
    return 0.6 + sum(part[column] for part, column in zip(parts, space.triples.T, strict=True))


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--compute", type=Path, metavar="FOLDER")
    asked.add_argument("--pace", type=int, default=1_000_000)
    given = asked.parse_args()
    if given.compute:
        compute(given.compute)
    elif TABLE.exists():
        found_of_the_best()
    pace(given.pace)
