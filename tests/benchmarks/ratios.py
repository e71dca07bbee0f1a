"""How fast echemscreen is, as ratios in one run on one machine; the table of ``docs/benchmarks.md``.

Run from the root of the repository; an hour on two quiet cores, ``--quick`` ten minutes:

    python tests/benchmarks/ratios.py [--quick] [--rows N,...] [--docs] [--only SECTION,...]

Against the command line of xtb (Debian's package; left out if it is not installed) and plain ASE BFGS
with tblite on the molecules of ``sixty.smi``; against itself with two workers, with homologues, on twenty
dots, from a full store, with a recorded engine. CPU seconds are those of all processes of a run, the start of
Python included; on a shared machine they are what to compare. ``--docs`` writes table, plan and figure into
``docs``. Nothing is asserted.
"""

import argparse
import compileall
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import cluster
from rivals import by_bfgs, by_xtb, has_xtb

import echemscreen
from echemscreen.dots.catalogue import named_dots
from echemscreen.engines.base import get_engine
from echemscreen.levels.redox import potential_v_she, raw_potentials, theory_of, with_state
from echemscreen.ligands.binding.forms import forms_of
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.redox_centres import equal_centres
from echemscreen.ligands.tails import without_tails
from echemscreen.records.processes import PROCESSES
from echemscreen.screening.workbench import Settings, ladder_key
from echemscreen.store import open_store
from echemscreen.views.tables.table import read_table

HERE = Path(__file__).parent
DOCS = HERE.parent.parent / "docs"
SIXTY = HERE / "sixty.smi"
QD = "pu2020-red"
SECTIONS = ("rivals", "workers", "homologues", "dots", "coordinator", "derive", "cluster", "start")
#: Heads of homologues, the tail to be put in front; and lengths of the tail, carbons.
HEADS = ("N", "S", "O", "C(=O)O", "P(=O)(O)O", "N(C)C", "C(=O)N", "OC(C)=O", "NC(N)=O", "c1ccccc1")
LENGTHS = range(8, 28)
#: Of the plan: what an hour of one core costs, an assumption.
PRICE_EUR_PER_CORE_H = 0.03
_SCREEN = """
import json, sys
import echemscreen as es
if __name__ == "__main__":
    options = json.loads(sys.argv[2])
    run = es.screen if isinstance(options["qd"], str) else es.screen_dots
    run(sys.argv[1], options.pop("qd"), **options)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the table."""

    what: str
    figure: str
    asked: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of a finished screen."""

    cpu_s: float
    wall_s: float


def children_s():
    """CPU seconds of all finished children."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def screened(source, out, **options):
    """Screen a file in a process of its own."""
    options = {"qd": QD, "out": str(out), "figure": False, "workers": 1, "quiet": True} | options
    script = out.parent / "screen.py"
    script.write_text(_SCREEN, encoding="utf-8")
    before, started = children_s(), time.perf_counter()
    subprocess.run([sys.executable, str(script), str(source), json.dumps(options)], check=True)
    return Cost(cpu_s=children_s() - before, wall_s=time.perf_counter() - started)


def molecules(quick, source=SIXTY):
    """The molecules of a list, or every sixth of them."""
    lines = source.read_text(encoding="utf-8").splitlines()
    return lines[::6] if quick else lines


def gradients_in(folder):
    """Gradients of everything in a store."""
    with open_store(str(folder / "calculations.db")) as store:
        return sum(state.n_gradients for ladder in store for state in ladder.states)


def adiabatic_of(folder, species):
    """Raw adiabatic GFN2 potentials of a species in a store of ``full``; ``None`` where its ion broke."""
    engine = get_engine("tblite")
    theory, settings = theory_of(engine, "acetonitrile"), Settings(level="full")
    keys = {s: ladder_key(species, engine, theory, settings, s) for s in ("vertical", *PROCESSES)}
    with open_store(str(folder / "calculations.db")) as store:
        found = store.get_many(list(keys.values()))
    potentials = []
    for process in PROCESSES:
        ladder, rung = found.get(keys["vertical"]), found.get(keys[process])
        if ladder is None or rung is None:
            potentials.append(None)
            continue
        raw = raw_potentials(with_state(ladder, rung.states[0]), process)
        potentials.append(raw.gfn2_adiabatic_v_she if raw.intact else None)
    return potentials


def rivals(work, quick, points, *, listed):
    """Cost against the plain ways, and agreement with them."""
    lines = molecules(quick, listed)
    n = len(lines)
    source = work / "set.smi"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    costs = {
        name: screened(source, work / name, **options)
        for name, options in {
            "full": {"level": "full", "forms": "free"},
            "standard": {"level": "standard", "forms": "free"},
            "triage": {"level": "triage", "forms": "free"},
            "whole tails": {"level": "full", "forms": "free", "full_tails": True},
            "on the dot": {"level": "standard", "forms": "bound"},
        }.items()
    }
    points["screen"].append((n, costs["on the dot"].cpu_s))
    species = []
    for line in lines:
        smiles, _, name = line.partition(" ")
        molecule = parse_smiles(smiles, name)
        species.append(forms_of(molecule, site_metal="Cd", site_charge=2, which="free")[0].free)
    starts = [embed(item)[0] for item in species]
    ways = {"ASE BFGS + tblite": by_bfgs} | ({"xtb command line": by_xtb} if has_xtb() else {})
    found = [
        Line(
            what=f"molecules of `{listed.name}` computed, free on all sides, one conformer, on {QD}",
            figure=str(n),
        )
    ]
    if not has_xtb():
        found.append(Line(what="the command line of xtb", figure="not installed: left out"))
    for way, compute in ways.items():
        done = [compute(start) for start in starts]
        total_s, wall_s = sum(item.cpu_s for item in done), sum(item.wall_s for item in done)
        failed = sum(energy is None for item in done for energy in item.energies_ev)
        found.append(
            Line(
                what=f"{way}, N, N+1, N-1",
                figure=f"{total_s / n:.2f} CPU-s, {wall_s / n:.2f} s wall, "
                f"{sum(item.n_gradients for item in done) / n:.0f} gradients per ligand; "
                f"{failed} of {3 * n} states failed",
            )
        )
        xtb = way.startswith("xtb")
        for level, asked in (("full", "0.30"), ("standard", "0.12"), ("triage", "0.02"), ("whole tails", "")):
            name = f"`--level {level}`" if level != "whole tails" else "`--level full --full-tails`"
            found.append(
                Line(
                    what=f"CPU per ligand, {name}, against {way}",
                    figure=f"{costs[level].cpu_s / total_s:.2f}x",
                    asked=f"{asked}x" if xtb and asked else "",
                )
            )
        found.append(agreement(way, work, species, done))
    found += [
        Line(
            what=f"echemscreen, {level}",
            figure=f"{cost.cpu_s / n:.2f} CPU-s, {cost.wall_s / n:.2f} s wall, "
            f"{gradients_in(work / level) / n:.0f} gradients per verdict",
        )
        for level, cost in costs.items()
    ]
    return [*found, *(verdicts(work, level) for level in ("standard", "triage"))]


def agreement(way, work, species, done):
    """Raw adiabatic potentials of molecules that were computed whole, against a rival's."""
    gaps = []
    for item, rival in zip(species, done, strict=True):
        if without_tails(item) != item or equal_centres(item):
            continue
        for index, process in enumerate(PROCESSES):
            ours = adiabatic_of(work / "full", item)[index]
            parent, ion = rival.energies_ev[0], rival.energies_ev[index + 1]
            if None not in (ours, parent, ion):
                gaps.append(abs(1000 * (ours - potential_v_she(parent, ion, process))))
    gaps.sort()
    what = f"raw adiabatic GFN2 potentials of molecules computed whole, against {way}"
    if not gaps:
        return Line(what=what, figure="none in this list")
    return Line(
        what=what,
        figure=f"{len(gaps)} of intact ions: median difference {statistics.median(gaps):.0f} mV, "
        f"90 % within {gaps[int(0.9 * (len(gaps) - 1))]:.0f} mV",
    )


def verdicts(work, level):
    """Whether a level says what ``full`` says."""
    full, cheaper = (read_table(work / name / "results.csv")["verdict"] for name in ("full", level))
    pairs = [pair for pair in zip(cheaper, full, strict=True) if pair[0] and pair[1]]
    equal = sum(a == b for a, b in pairs)
    missed = sum(a == "inert" and b == "active" for a, b in pairs)
    return Line(
        what=f"verdicts of `{level}` equal to those of `full`",
        figure=f"{equal} of {len(pairs)}; {missed} inert that full calls active",
        asked="99 %; 0",
    )


def workers(work, quick, points):
    """Two workers against one."""
    lines = molecules(quick=False)[:: 10 if quick else 1]
    source = work / "set.smi"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    load = os.getloadavg()[0]
    one = screened(source, work / "one", level="full", workers=1)
    two = screened(source, work / "two", level="full", workers=2)
    points["screen"].append((1, screened(one_ligand(work), work / "single").cpu_s))
    return [
        Line(
            what=f"2 workers against 1, {len(lines)} ligands, {os.cpu_count()} cores, load before {load:.1f}",
            figure=f"{one.wall_s / two.wall_s:.2f}x faster; CPU {two.cpu_s / one.cpu_s:.2f}x",
            asked="1.95x",
        )
    ]


def one_ligand(work):
    """A file with one ligand."""
    path = work / "one.smi"
    path.write_text("CCCCCCN hexylamine\n", encoding="utf-8")
    return path


def homologues(work, quick, points):
    """Two hundred homologues against their ten heads."""
    lengths = LENGTHS if not quick else LENGTHS[:5]
    costs = []
    for name, tails in (("heads", lengths[:1]), ("homologues", lengths)):
        source = work / f"{name}.smi"
        source.write_text("".join(f"{'C' * n}{h} C{n}-{h}\n" for n in tails for h in HEADS), encoding="utf-8")
        costs.append(screened(source, work / name))
    points["screen"].append((len(HEADS), costs[0].cpu_s))
    return [
        Line(
            what=f"{len(HEADS) * len(lengths)} homologues against the {len(HEADS)} shortest of them",
            figure=f"{costs[1].cpu_s / costs[0].cpu_s:.2f}x CPU",
            asked="1.3x",
        )
    ]


def dots(work, quick, points):  # noqa: ARG001 - as the other sections
    """Twenty dots instead of one, the chemistry from nothing and with every ladder stored."""
    source = work / "set.smi"
    source.write_text("\n".join(molecules(quick)) + "\n", encoding="utf-8")
    names = [dot.name for dot in named_dots()[:20]]
    found = []
    for what, level in (("every ion relaxed", "full"), ("ions as the verdicts need them", "standard")):
        one = screened(source, work / f"{level} one", level=level)
        many = screened(source, work / f"{level} many", level=level, qd=names)
        found.append(
            Line(
                what=f"{len(names)} dots instead of one, {len(molecules(quick))} molecules, {what}",
                figure=f"{many.cpu_s / one.cpu_s:.2f}x CPU ({one.cpu_s:.1f} s for one)",
                asked="1.1x",
            )
        )
    return found


def derive(work, quick, points):  # noqa: ARG001 - as the other sections
    """Rows from a store that has every ladder."""
    command = [sys.executable, str(HERE / "derive.py"), "--rows", "300" if quick else "5000", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=work)
    got = json.loads(done.stdout.splitlines()[-1])
    cpu_s = got["parent_cpu_s"] + got["workers_cpu_s"]
    parts = ", ".join(f"{part} {ms:.2f}" for part, ms in got["by_part_ms"].items())
    return [
        Line(
            what=f"{got['rows']:,} rows judged from stored ladders alone",
            figure=f"{got['rows'] / cpu_s:.0f} rows per CPU-s, the start of two processes included",
            asked="5,000/s",
        ),
        Line(
            what="the same, CPU ms of a row by part",
            figure=f"{parts}; together {sum(got['by_part_ms'].values()):.2f}",
        ),
    ]


def coordinator(work, quick, points, *, sizes):  # noqa: ARG001 - as the other sections
    """The parent's own work, with a recorded engine."""
    found = []
    for rows in sizes:
        command = [sys.executable, str(HERE / "scale.py"), "--rows", str(rows), "--json"]
        done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=work)
        got = json.loads(done.stdout.splitlines()[-1])
        points["coordinator"].append((rows, got["parent_cpu_s"]))
        points["bytes"] = got["store_bytes"] / got["ladders"]
        again_s = got["again_cpu_s"]
        found += [
            Line(
                what=f"coordinator, {rows:,} rows with a recorded engine",
                figure=f"{rows / got['parent_cpu_s']:.0f} rows per CPU-s of it, {rows / got['wall_s']:.0f} "
                f"rows/s with 2 workers, which read and plan; peak memory {got['peak_mib']:.0f} MiB; rerun "
                f"when finished {got['rerun_s']:.2f} s",
                asked="3,000/s, 500 MB",
            ),
            Line(
                what=f"their lost `results.csv` again, from the {rows:,} rows that the store keeps",
                figure=f"{rows / got['again_wall_s']:.0f} rows/s, {rows / again_s:.0f} per CPU-s",
                asked="5,000/s",
            ),
        ]
    return found


def machines(work, quick, points):
    """Many workers, many coordinators, and the plan that follows."""
    if not points["screen"]:
        source = work / "ten.smi"
        lines = molecules(quick=True)
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        points["screen"].append((len(lines), screened(source, work / "ten").cpu_s))
    if not points["coordinator"]:
        coordinator(work, quick, points, sizes=[1000])
    for what, figure, asked in cluster.figures(work, points, PRICE_EUR_PER_CORE_H):
        yield Line(what=what, figure=figure, asked=asked)


def start(work, quick, points):  # noqa: ARG001 - as the other sections
    """Cold starts of the command line."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path[1:]))}
    program = [sys.executable, "-m", "echemscreen"]
    # As pip leaves an installed package.
    compileall.compile_dir(Path(echemscreen.__file__).parent, quiet=1)
    helped = []
    for _ in range(5):
        before, started = children_s(), time.perf_counter()
        subprocess.run([*program, "--help"], check=True, capture_output=True, env=environment)
        helped.append((time.perf_counter() - started, children_s() - before))
    out = work / "first"
    command = [*program, "screen", str(one_ligand(work)), "--qd", QD, "--out", str(out), "--quiet"]
    before, started = children_s(), time.perf_counter()
    with subprocess.Popen(command, env=environment) as running:
        results = out / "results.csv"
        while running.poll() is None:
            if results.exists() and len(results.read_text(encoding="utf-8").splitlines()) > 1:
                break
            time.sleep(0.01)
        first_s = time.perf_counter() - started
    return [
        Line(
            what="`echemscreen --help`, best of 5",
            figure=f"{min(helped)[0]:.2f} s ({min(helped)[1]:.2f} CPU-s)",
            asked="0.10 s",
        ),
        Line(
            what="first row of a screen (hexylamine on the dot)",
            figure=f"{first_s:.1f} s ({children_s() - before:.1f} CPU-s of the whole run)",
            asked="1.5 s",
        ),
    ]


def table(lines):
    """The table in Markdown."""
    rows = [f"| {line.what} | {line.figure} | {line.asked} |" for line in lines]
    return "\n".join(["| what | measured | asked |", "|---|---|---|", *rows])


def plan(points):
    """What a million and a billion ligands cost, from the points of this run."""
    (ligands, cpu_s), (rows, parent_s) = max(points["screen"]), max(points["coordinator"])
    each, parent = cpu_s / ligands, parent_s / rows
    basis = (
        f"From {each:.2f} CPU-s per ligand (`standard`, on the dot, {ligands} ligands), {parent * 1000:.1f} "
        f"CPU-ms of the coordinator per row, {points['bytes'] / 1024:.1f} KiB per piece and 3 pieces per "
        f"ligand; {PRICE_EUR_PER_CORE_H} EUR for an hour of one core is assumed."
    )
    lines = [
        basis,
        "",
        "| ligands | core-hours | on | one coordinator | store | price |",
        "|---|---|---|---|---|---|",
    ]
    for number, cores in ((10**6, 256), (10**9, 100_000)):
        hours = number * each / 3600
        lines.append(
            f"| {number:,} | {hours:,.0f} | {cores:,} cores: {hours / cores:.1f} h | "
            f"{number * parent / 3600:,.1f} h | {number * 3 * points['bytes'] / 1e12:.2g} TB | "
            f"{hours * PRICE_EUR_PER_CORE_H:,.0f} EUR |"
        )
    return "\n".join(lines)


def figure(points, path):
    """Cost against the size of the library, both axes logarithmic."""
    import matplotlib as mpl  # noqa: PLC0415 - of this figure alone

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    fig, ax = plt.subplots(figsize=(5.6, 3.8), layout="constrained")
    for kind, words, colour, marker in (
        ("screen", "screen, standard, on the dot", "#0072b2", "o"),
        ("coordinator", "coordinator, recorded engine", "#d55e00", "s"),
    ):
        known = sorted(points[kind])
        ax.plot(*zip(*known, strict=True), marker, color=colour, label=f"{words}: measured")
        size, cost = known[-1]
        sizes = [size, 1e9]
        ax.plot(
            sizes, [cost * n / size for n in sizes], "--", color=colour, linewidth=1, label="in proportion"
        )
    ax.set(xscale="log", yscale="log", xlabel="ligands in the library", ylabel="CPU seconds")
    ax.grid(visible=True, which="major", linewidth=0.4, alpha=0.6)
    for seconds, words in ((3600.0, "1 core-hour"), (3.15576e7, "1 core-year")):
        ax.axhline(seconds, color="0.5", linewidth=0.6)
        ax.text(1, 1.15 * seconds, words, fontsize=8, color="0.3")
    fig.legend(fontsize=8, loc="outside upper center", ncols=2)
    fig.savefig(path, dpi=110)


def write_docs(lines, points):
    """Put table and plan between the marks of ``docs/benchmarks.md``, and draw the figure."""
    page = DOCS / "benchmarks.md"
    text = page.read_text(encoding="utf-8")
    stamp = f"Printed on {datetime.now(UTC):%Y-%m-%d} by one run on {os.cpu_count()} cores.\n\n"
    picture = "![CPU seconds against the number of ligands, both axes logarithmic](benchmarks.png)\n\n"
    for mark, content in (("figures", stamp + table(lines)), ("plan", picture + plan(points))):
        head, rest = text.split(f"<!-- {mark} -->\n", 1)
        tail = rest.split(f"<!-- end of {mark} -->", 1)[1]
        text = f"{head}<!-- {mark} -->\n{content}\n<!-- end of {mark} -->{tail}"
    page.write_text(text, encoding="utf-8")
    figure(points, DOCS / "benchmarks.png")


def main():
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="ten molecules and short lists")
    parser.add_argument(
        "--rows", default="1000,10000,20000,100000", help="lists of the coordinator; a million takes hours"
    )
    parser.add_argument(
        "--list", type=Path, default=SIXTY, metavar="FILE", help="of the section rivals: SMILES and name"
    )
    parser.add_argument("--docs", action="store_true", help="write docs/benchmarks.md and its figure")
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"of {', '.join(SECTIONS)}")
    chosen = parser.parse_args()
    sizes = [500, 2000] if chosen.quick else [int(number) for number in chosen.rows.split(",")]
    points, lines = {"screen": [], "coordinator": [], "bytes": 0.0}, []
    sections = {
        "rivals": lambda *arguments: rivals(*arguments, listed=chosen.list),
        "workers": workers,
        "homologues": homologues,
        "dots": dots,
        "derive": derive,
        "coordinator": lambda *arguments: coordinator(*arguments, sizes=sizes),
        "cluster": machines,
        "start": start,
    }
    asked = chosen.only.split(",")
    if unknown := [name for name in asked if name not in sections]:
        parser.error(f"there is no section {', '.join(unknown)}; there are {', '.join(sections)}")
    for name in asked:
        with tempfile.TemporaryDirectory() as folder:
            for line in sections[name](Path(folder), chosen.quick, points):
                lines.append(line)
                print(
                    f"{line.what}: {line.figure}{f' (asked {line.asked})' if line.asked else ''}", flush=True
                )
    print("\n" + table(lines))
    if points["screen"] and points["coordinator"]:
        print("\n" + plan(points))
        if chosen.docs:
            write_docs(lines, points)


if __name__ == "__main__":
    main()
