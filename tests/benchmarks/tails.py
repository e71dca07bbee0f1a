"""What leaving out spectator tails changes: calibrated potentials of library ligands, full and shortened.

Run from the root of the repository; some minutes on one core:

    python tests/benchmarks/tails.py bound|free [KEPT ...]

For each length in ``KEPT`` (default: the one that is shipped) every library molecule with a longer tail
is judged on ``pu2020-red``, as it sits on the dot or free, with every ion relaxed, whole and shortened;
the changes of E_red and E_ox are printed in mV, ``=`` where both levels are bounds, with the CPU seconds.
Quinones of the calibration with long tails follow, as free molecules. Nothing is
asserted.
"""

import os
import sys
import time

os.environ.setdefault("OMP_NUM_THREADS", "1")

from echemscreen.dots.quantum_dot import quantum_dot
from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError
from echemscreen.levels.redox import theory_of
from echemscreen.levels.references import reference_potentials
from echemscreen.ligands.forms import judged_units
from echemscreen.ligands.library import library
from echemscreen.ligands.parse import parse_smiles
from echemscreen.ligands.tails import KEPT_CARBONS, short_tailed
from echemscreen.records import Molecule
from echemscreen.screening.assess import form_sets
from echemscreen.screening.form_levels import levels_of
from echemscreen.screening.workbench import Settings, Workbench

#: Largest free species taken, characters of its SMILES: the whole tail must be computed too.
LARGEST = 60


def tailed_forms(dot, kept, which):
    """Forms of the library and of the calibration that the rule changes, each free species once."""
    found = {}
    settings = Settings(forms=which)
    for row in library().rows("all"):
        if isinstance(row.entry, Molecule):
            for unit in judged_units(row.entry):
                if unit.kind == "molecule" and len(unit.canonical_smiles) < LARGEST:
                    for (form,) in form_sets(unit, dot, settings):
                        found.setdefault(form.free.smiles, (unit.name, form))
    free = Settings(forms="free")
    for row in reference_potentials():
        unit = parse_smiles(row.smiles, row.entry)
        for (form,) in form_sets(unit, dot, free):
            found.setdefault(form.free.smiles, (row.entry, form))
    return [item for item in found.values() if any(short_tailed(item[1], kept=k).note for k in kept)]


def levels(form, dot, engine, theory):
    """Levels of a form as it is, and the CPU seconds they took."""
    bench = Workbench(engine, theory, Settings(level="full", full_tails=True), {})
    started = time.process_time()
    found = levels_of(form, dot, bench).levels
    return found, time.process_time() - started


def change(whole, short):
    """Change of a level in V, ``None`` where it is a bound on both sides."""
    if whole.basis == short.basis == "bounded" or whole.basis == "measured":
        return None
    return short.value_v_she - whole.value_v_she


def main(which="bound", *lengths):
    """Print the table and, per length, the largest and the mean change."""
    kept = tuple(int(item) for item in lengths) or (KEPT_CARBONS,)
    dot, engine = quantum_dot("pu2020-red"), get_engine("tblite")
    theory = theory_of(engine, "acetonitrile")
    changes = {k: [] for k in kept}
    seconds = dict.fromkeys(("whole", *kept), 0.0)
    for name, form in tailed_forms(dot, kept, which):
        try:
            whole, cpu = levels(form, dot, engine, theory)
            seconds["whole"] += cpu
            line = f"{name[:28]:28s} {form.role:8s}"
            for k in kept:
                model = short_tailed(form, kept=k)
                short, cpu = levels(model.form, dot, engine, theory) if model.note else (whole, cpu)
                seconds[k] += cpu
                both = (change(whole.reduction, short.reduction), change(whole.oxidation, short.oxidation))
                changes[k] += [item for item in both if item is not None and model.note]
                line += f" | {k}: " + " ".join("   =" if d is None else f"{1000 * d:+4.0f}" for d in both)
            print(line, flush=True)
        except EchemscreenError as error:
            print(f"{name[:28]:28s} {error.message[:70]}")
    for k in kept:
        sizes = [abs(item) for item in changes[k]]
        mean, largest = 1000 * sum(sizes) / max(1, len(sizes)), 1000 * max(sizes, default=0.0)
        print(f"kept {k}: {len(sizes)} levels, mean {mean:.1f} mV, largest {largest:.1f} mV")
        print(f"        CPU {seconds[k]:.1f} s of {seconds['whole']:.1f} s")


if __name__ == "__main__":
    main(*sys.argv[1:])
