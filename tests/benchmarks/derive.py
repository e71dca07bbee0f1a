"""Rows per second of a screen whose calculations are all stored: figures to be read, never asserted.

``python tests/benchmarks/derive.py [--rows N] [--workers N] [--dots N] [--json]`` puts made-up ladders of N
ligands of the building blocks into a store, one for each species with the right atoms, and times the screen
that finds them there: CPU of all processes, and of the parent alone; and what a row costs, part by part.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from rdkit import Chem
from scale import used_s

import echemscreen as es
from echemscreen.dots.catalogue import named_dots
from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import Theory, ion_unpaired, theory_of
from echemscreen.ligands.building.candidate_space import candidate_space
from echemscreen.ligands.parse import parse_smiles
from echemscreen.records.levels import ChargeState, Ladder, SinglePoint
from echemscreen.records.molecules import Geometry, Species
from echemscreen.screening.assess import Judge
from echemscreen.screening.plan import plan_of
from echemscreen.screening.workbench import Settings, Workbench, ladder_key
from echemscreen.screening.workers.jobs import ROWS_PER_CALL
from echemscreen.store import Piece, open_store
from echemscreen.views.tables import table

QD = "pu2020-red"
#: Energies of the states of a molecule against its parent, eV, and their spread over molecules.
_STATES_EV = {0: 0.0, 1: -1.5, -1: 11.0}
_SPREAD_EV = 0.7
_PORTION = 500


def ligands() -> Iterator[tuple[str, str]]:
    """Ligands of the building blocks in random order, but always the same: SMILES and name."""
    space = candidate_space("ligands")
    order = np.random.default_rng(22).permutation(len(space))
    built = (space.built(int(index)) for index in order)
    yield from ((item.smiles, item.name) for item in built if item is not None)


def made_up(species: Species, theory: Theory, numbers: np.random.Generator) -> Ladder:
    """A ladder with the atoms of a species, and random numbers for what an engine computes."""
    mol = Chem.AddHs(Chem.MolFromSmiles(species.smiles))
    symbols = tuple(atom.GetSymbol() for atom in mol.GetAtoms())
    geometry = Geometry(symbols=symbols, positions_ang=numbers.normal(scale=3.0, size=(len(symbols), 3)))
    states = []
    for added, energy_ev in _STATES_EV.items():
        spin = ion_unpaired(species.n_unpaired) if added else species.n_unpaired
        points = tuple(
            SinglePoint(
                method=method,
                charge=species.charge - added,
                n_unpaired=spin,
                energy_ev=energy_ev + _SPREAD_EV * float(numbers.normal()) * bool(added),
                homo_ev=-10.5,
                lumo_ev=-6.5,
                atomic_charges=tuple(numbers.dirichlet(np.ones(len(symbols))).tolist()),
                atomic_spins=tuple(numbers.dirichlet(np.ones(len(symbols))).tolist()) if spin else (),
            )
            for method in theory.solution
        )
        states.append(
            ChargeState(
                added_electrons=added,
                charge=species.charge - added,
                n_unpaired=spin,
                vertical=points,
                relaxed=() if added else points,
                geometry=None if added else geometry,
                intact=None if added else True,
            )
        )
    return Ladder(
        species=species,
        engine="tblite",
        engine_version="none",
        protocol=theory.protocol,
        states=tuple(states),
    )


def filled(folder: Path, count: int) -> tuple[Path, Path]:
    """A list, and a store with a ladder for each of its species."""
    source, where = folder / "ligands.smi", folder / "ladders.db"
    settings, dot, engine = Settings(level="fast"), quantum_dot(QD), get_engine("tblite")
    theory, numbers = theory_of(engine, settings.solvent), np.random.default_rng(22)
    with source.open("w", encoding="utf-8") as lines, open_store(where) as store:
        pieces: dict[str, Piece] = {}
        written = 0
        for smiles, name in ligands():
            plan = plan_of(parse_smiles(smiles, name), [dot], engine, theory, settings)
            planned = [item for forms in plan.on(dot) for item in forms]
            species = {item.form.free for item in planned}
            species |= {centre.species for item in planned for centre in item.centres}
            keys = {ladder_key(item, engine, theory, settings, "vertical"): item for item in species}
            if not set(plan.claims) <= set(keys):
                # A bond that an electron breaks: its pieces would be computed.
                continue
            lines.write(f"{smiles} {name}\n")
            written += 1
            pieces |= {
                key: Piece(key=key, ladder=made_up(item, theory, numbers)) for key, item in keys.items()
            }
            if len(pieces) > _PORTION or written == count:
                store.put_many(list(pieces.values()))
                pieces = {}
            if written == count:
                break
    return source, where


def by_part(source: Path, where: Path, count: int) -> dict[str, float]:
    """CPU milliseconds of a row in one process, by what is done."""
    settings, dot, engine = Settings(level="fast"), quantum_dot(QD), get_engine("tblite")
    theory = theory_of(engine, settings.solvent)
    lines = [line.partition(" ") for line in source.read_text(encoding="utf-8").splitlines()[:count]]
    spent: dict[str, float] = {}
    columns = table.table_of("results.csv")

    @contextmanager
    def timed(part: str) -> Iterator[None]:
        before = time.process_time()
        yield
        spent[part] = spent.get(part, 0.0) + 1000.0 * (time.process_time() - before) / len(lines)

    with open_store(where) as store:
        # What is loaded once is not counted.
        for _ in range(2):
            spent.clear()
            for first in range(0, len(lines), ROWS_PER_CALL):
                portion = lines[first : first + ROWS_PER_CALL]
                with timed("read"):
                    molecules = [parse_smiles(smiles, name) for smiles, _, name in portion]
                with timed("plan"):
                    plans = [plan_of(item, [dot], engine, theory, settings) for item in molecules]
                with timed("ask the store"):
                    stored = store.get_many([key for plan in plans for key in plan.keys], fresh=True)
                for plan in plans:
                    bench = Workbench(engine, theory, settings, stored.part(plan.keys, {}))
                    with timed("ladders"):
                        bench.get_many(plan.keys)
                    with timed("judge"):
                        results = Judge(plan, bench).on(dot)
                    with timed("table"):
                        for row in map(table.row_of, results):
                            cells = [table.cell_of(column, row[name]) for name, column in columns.items()]
                    assert cells
                    assert not bench.computed
    return spent


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--dots", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one object")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, where = filled(folder, asked.rows)
        options = {"out": folder / "out", "store": str(where), "workers": asked.workers, "level": "fast"}
        options |= {"figure": False}
        before = used_s()
        started = time.perf_counter()
        if asked.dots == 1:
            done = es.screen(str(source), QD, **options)
        else:
            done = es.screen_dots(str(source), [dot.name for dot in named_dots()[: asked.dots]], **options)
        wall_s = time.perf_counter() - started
        parent_s, workers_s = (now - then for now, then in zip(used_s(), before, strict=True))
        found = {
            "rows": done.n_rows,
            "computed": done.n_computed,
            "wall_s": wall_s,
            "parent_cpu_s": parent_s,
            "workers_cpu_s": workers_s,
            "by_part_ms": by_part(source, where, min(asked.rows, 500)),
        }
    if asked.json:
        print(json.dumps(found))
        return
    cpu_s = parent_s + workers_s
    print(
        f"derived from a full store: {done.n_rows} rows on {asked.dots} dots in {wall_s:.1f} s, "
        f"{done.n_rows / cpu_s:.0f} rows per CPU-s; CPU {1000 * parent_s / done.n_rows:.2f} ms a row in the "
        f"parent, {1000 * workers_s / done.n_rows:.2f} ms in {asked.workers} workers, their start included; "
        f"{done.n_computed} ladders computed"
    )
    print("CPU ms a row: " + ", ".join(f"{part} {ms:.2f}" for part, ms in found["by_part_ms"].items()))


if __name__ == "__main__":
    main()
