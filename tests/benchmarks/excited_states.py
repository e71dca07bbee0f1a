"""INDO/S and TDA against measured spectra of small chromophores.

Run from the root of the repository; a quarter of an hour on one core, more where it is shared:

    python tests/benchmarks/excited_states.py [FILE.jsonl]

The molecules are the smallest of ``absorption_curves.csv`` that have a strong band and no bromine. TDA is
PySCF's, with PBE0 and with CAM-B3LYP in def2-SVP, in the gas phase at the GFN2-xTB geometry, its bands as
wide as those of INDO/S. Printed for each method are the position of the strong band by the rule of the
package (the lowest state with an oscillator strength of at least 0.1), computed less measured, and log10
epsilon at the lines of a mercury lamp. INDO/S stands there raw and as corrected; the correction is fitted to
other molecules. Results are kept in FILE (``excited_states.jsonl`` in the working folder): started again it
goes on. Nothing is asserted.
"""

import json
import math
import os
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from pyscf import dft, gto, tdscf
from rdkit import Chem

from echemscreen.engines.base import get_engine
from echemscreen.engines.relax import relax
from echemscreen.evidence.absorption_errors import absorption_curves
from echemscreen.levels.light.absorption import absorption_spectrum, corrected_spectrum
from echemscreen.levels.light.spectra import EV_NM, FWHM_EV, STRONG_F, corrections, peak_epsilon
from echemscreen.ligands.geometry import embed
from echemscreen.records.molecules import Species

N_MOLECULES, N_STATES = 6, 6
FUNCTIONALS = {"TDA PBE0": "pbe0", "TDA CAM-B3LYP": "camb3lyp"}
HARTREE_EV = 27.211386
LEAST = 10**1.5
REGIONS = (("254 to 280 nm", 0.0, 281.0), ("302 to 365 nm", 281.0, 1e9))


def chosen():
    """The smallest molecules with a strong band."""

    def size(curve):
        return Chem.MolFromSmiles(curve.smiles).GetNumHeavyAtoms()

    whole = [c for c in absorption_curves() if c.band_nm is not None and "Br" not in c.smiles]
    return sorted(whole, key=lambda c: (size(c), c.name))[:N_MOLECULES]


def relaxed(smiles):
    """The GFN2-xTB geometry in the gas phase."""
    engine = get_engine("tblite")
    start = embed(Species(smiles=smiles, charge=0))[0]
    return relax(engine, start, charge=0, n_unpaired=0, method=engine.method("GFN2-xTB", "")).geometry


def tda(geometry, functional):
    """Energy in eV and oscillator strength of the lowest singlets."""
    atoms = list(zip(geometry.symbols, geometry.positions_ang.tolist(), strict=True))
    field = dft.RKS(gto.M(atom=atoms, basis="def2-svp", verbose=0), xc=functional).density_fit()
    field.grids.level = 1
    field.kernel()
    solver = tdscf.TDA(field)
    solver.nstates = N_STATES
    solver.kernel()
    return [
        (float(e) * HARTREE_EV, float(f)) for e, f in zip(solver.e, solver.oscillator_strength(), strict=True)
    ]


def compute(curve, method):
    """Transitions of a method, energy in eV and strength, and its CPU seconds."""
    geometry = relaxed(curve.smiles)
    clock = time.process_time()
    if method in FUNCTIONALS:
        states = tda(geometry, FUNCTIONALS[method])
    else:
        absorption_spectrum(geometry)
        states = [state[:2] for state in curve.transitions]
    return {"name": curve.name, "method": method, "states": states, "seconds": time.process_time() - clock}


def epsilon(states, wavelength_nm):
    """Molar absorption of Gaussian bands, L/mol/cm."""
    offsets = [((EV_NM / wavelength_nm - energy) / FWHM_EV, f) for energy, f in states]
    return sum(peak_epsilon(f) * 2.0 ** (-4.0 * x * x) for x, f in offsets)


def log(value):
    """Decadic logarithm of what is no baseline."""
    return math.log10(max(value, LEAST))


def main():
    """Compute what is missing, then print."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "excited_states.jsonl")
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    done = {(row["name"], row["method"]): row for row in map(json.loads, lines)}
    curves = chosen()
    for curve in curves:
        for method in ("INDO/S", *FUNCTIONALS):
            if (curve.name, method) not in done:
                row = compute(curve, method)
                done[curve.name, method] = row
                with path.open("a", encoding="utf-8") as handle:
                    handle.write(json.dumps(row) + "\n")
    rule = corrections()["pi"]
    methods = ["INDO/S", "INDO/S corrected", *FUNCTIONALS]
    shifts, heights = {m: [] for m in methods}, {(m, r[0]): [] for m in methods for r in REGIONS}
    print(f"{'strong band, computed - measured, eV':40s}" + "".join(f"{m:>18s}" for m in methods))
    for curve in curves:
        measured = EV_NM / curve.band_nm
        corrected = corrected_spectrum(curve.transitions)
        cells = []
        for method in methods:
            states = done[curve.name, method.removesuffix(" corrected")]["states"]
            strong = min((e for e, f in states if f >= STRONG_F), default=None)
            if strong is not None:
                value = rule.intercept_ev + rule.slope * strong if method.endswith("corrected") else strong
                shifts[method].append(value - measured)
            cells.append("none" if strong is None else f"{shifts[method][-1]:+.2f}")
            for wavelength, known in curve.measured.items():
                region = next(name for name, low, high in REGIONS if low <= wavelength < high)
                fits = method.endswith("corrected")
                here = corrected.epsilon_at(wavelength) if fits else epsilon(states, wavelength)
                heights[method, region].append(log(here) - known)
        print(f"{curve.name:28s}{curve.band_nm:9.1f} nm" + "".join(f"{c:>18s}" for c in cells))
    print(f"{'MAE of the band, eV':40s}" + "".join(f"{mae(shifts[m]):18.2f}" for m in methods))
    centred = {m: [x - statistics.fmean(shifts[m]) for x in shifts[m]] for m in methods}
    print(f"{'the same, less its own mean':40s}" + "".join(f"{mae(centred[m]):18.2f}" for m in methods))
    for name, *_ in REGIONS:
        label = f"MAE of log10 epsilon, {name} ({len(heights[methods[0], name])})"
        print(f"{label:40s}" + "".join(f"{mae(heights[m, name]):18.2f}" for m in methods))
    seconds = [
        statistics.median(done[c.name, m.removesuffix(" corrected")]["seconds"] for c in curves)
        for m in methods
    ]
    print(f"{'CPU seconds, median':40s}" + "".join(f"{s:18.2f}" for s in seconds))


def mae(values):
    """Mean absolute value."""
    return statistics.fmean(abs(value) for value in values)


if __name__ == "__main__":
    main()
