"""What a tail matters: levels of homologues by density-functional theory, and as they are screened.

Run from the root of the repository; needs PySCF; an hour and a half on one core:

    python tests/benchmarks/tails.py [--kept N ...] [--only HEAD ...] [--xtb]

A tail of ``LONG`` carbons stands for a whole one. Printed is, for every head and every length in
``--kept`` (default: the one that is shipped), by how many mV the level with the short tail lies above that
with the long one. ``DFT`` is PBE0/def2-SVP with C-PCM acetonitrile on the parent's geometry by GFN2-xTB:
vertical, as an ion's geometry by GFN2-xTB is in doubt too. ``screened`` is the calibrated level with its
ion relaxed, the long one as ``--full-tails`` gives it; it is blank if it is a bound. ``ion`` is how much of
the unpaired electron is on the long tail's carbons, by DFT and by GFN2-xTB. ``--xtb`` leaves DFT out.
Nothing is asserted.
"""

import argparse
import os
import statistics

os.environ.setdefault("OMP_NUM_THREADS", "1")

from dataclasses import dataclass

from rdkit import Chem

from echemscreen.engines.base import get_engine
from echemscreen.errors import EchemscreenError
from echemscreen.levels.fit.prediction import calibrated_level
from echemscreen.levels.redox import (
    raw_potentials,
    relaxed_state,
    spins_of_ion,
    theory_of,
    vertical_ladder,
    with_state,
)
from echemscreen.ligands.geometry import embed
from echemscreen.ligands.groups import groups_in
from echemscreen.ligands.tails import KEPT_CARBONS
from echemscreen.records.molecules import Species
from echemscreen.records.processes import Process

SOLVENT = "acetonitrile"
HAMILTONIAN = "PBE0/def2-SVP/coarse"
#: Carbons of the tail that stands for a whole one.
LONG = 10
#: A head with its tail in front, and the process in which it is the ligand's weak spot. The extra electron
#: of a head without an acceptor is bound by no theory: its level is a bound of the solvent.
HEADS = (
    ("phosphine oxide", "{}P(C)(C)=O", Process.OXIDATION),
    ("carboxylic acid", "{}C(=O)O", Process.REDUCTION),
    ("thiol", "{}S", Process.OXIDATION),
    ("pyridine", "{}c1ccncc1", Process.OXIDATION),
    ("primary amine", "{}N", Process.OXIDATION),
    ("azide", "{}N=[N+]=[N-]", Process.REDUCTION),
    ("carboxylic acid", "{}C(=O)O", Process.OXIDATION),
    ("thiol on zinc", "{}S[Zn]Cl", Process.OXIDATION),
    ("phosphine", "{}P(C)C", Process.OXIDATION),
    ("nitrile", "{}C#N", Process.REDUCTION),
    ("alkene", "{}/C=C\\C", Process.OXIDATION),
    ("imidazole", "{}n1ccnc1", Process.OXIDATION),
    ("phosphonic acid", "{}P(=O)(O)O", Process.OXIDATION),
    ("secondary amine", "{}NC", Process.OXIDATION),
    ("tertiary amine", "{}N(C)C", Process.OXIDATION),
    ("thioether", "{}SC", Process.OXIDATION),
    ("dithiocarbamic acid", "{}N(C)C(=S)S", Process.OXIDATION),
    ("xanthic acid", "{}OC(=S)S", Process.REDUCTION),
    ("silane", "{}[Si](OC)(OC)OC", Process.OXIDATION),
    ("alcohol", "{}O", Process.OXIDATION),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """Of one homologue, V; ``None`` where there is none. Those by DFT have no reference electrode."""

    dft_v: float | None
    screened_v: float | None
    on_tail: tuple[float | None, float]
    """Share of the unpaired electron on the carbons of the tail: by DFT, by GFN2-xTB."""


def levels(smiles, n_tail, process, *, xtb_only):
    """Levels of a ligand whose tail is its first ``n_tail`` atoms."""
    mol = Chem.MolFromSmiles(smiles)
    species = Species(smiles=smiles, charge=Chem.GetFormalCharge(mol))
    engine = get_engine("tblite")
    theory = theory_of(engine, SOLVENT)
    ladder = vertical_ladder(engine, species, embed(species)[:1], theory)
    ion = relaxed_state(engine, ladder, process, theory)
    raw = raw_potentials(with_state(ladder, ion), process)
    found = calibrated_level(raw, groups_in(mol), engine=engine.name, solvent=SOLVENT)
    screened = None if found.basis == "bounded" else found.value_v_she
    by_xtb = share(spins_of_ion(ladder, process), n_tail)
    if xtb_only:
        return Levels(dft_v=None, screened_v=screened, on_tail=(None, by_xtb))
    dft = get_engine("pyscf")
    method = dft.method(HAMILTONIAN, SOLVENT)

    def point(geometry, charge, n_unpaired):
        return dft.single_point(geometry, charge=charge, n_unpaired=n_unpaired, method=method)

    geometry = ladder.state(0).geometry
    parent = point(geometry, species.charge, 0)
    vertical = point(geometry, ion.charge, ion.n_unpaired)
    return Levels(
        dft_v=-process.electrons * (vertical.energy_ev - parent.energy_ev),
        screened_v=screened,
        on_tail=(share(vertical.atomic_spins, n_tail), by_xtb),
    )


def share(spins, n_tail):
    """Share of the unpaired electron on the first atoms."""
    return sum(spins[:n_tail]) / sum(spins)


def change(short, long):
    """In mV, where both levels are there."""
    return None if short is None or long is None else 1000 * (short - long)


def main():
    """Print a line for each head, process and length, and per length the mean and the largest change."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kept", type=int, nargs="+", default=[KEPT_CARBONS])
    parser.add_argument("--only", nargs="+", metavar="HEAD")
    parser.add_argument("--xtb", action="store_true")
    asked = parser.parse_args()
    seen = {}
    print(f"{f'mV, against a tail of {LONG}':42s}     DFT screened  ion: DFT xTB")
    for head, template, process in HEADS:
        if asked.only and head not in asked.only:
            continue
        try:
            long = levels(template.format("C" * LONG), LONG, process, xtb_only=asked.xtb)
            for kept in asked.kept:
                short = levels(template.format("C" * kept), kept, process, xtb_only=asked.xtb)
                found = [
                    change(short.dft_v, long.dft_v),
                    change(short.screened_v, long.screened_v),
                ]
                for name, value in zip(("DFT", "screened"), found, strict=True):
                    if value is not None:
                        seen.setdefault((kept, name), []).append(abs(value))
                shown = " ".join(f"{'' if v is None else f'{v:+.0f}':>8s}" for v in found)
                on_tail = " ".join(f"{'' if v is None else f'{v:.2f}':>6s}" for v in long.on_tail)
                print(f"{head:20s} {process:10s} {kept:2d} carbons {shown} {on_tail}", flush=True)
        except EchemscreenError as error:
            print(f"{head:20s} {process:10s} {error.message[:70]}", flush=True)
    for (kept, name), sizes in seen.items():
        print(
            f"{kept} carbons, {name}: {len(sizes)} levels, "
            f"mean {statistics.fmean(sizes):.0f}, largest {max(sizes):.0f} mV"
        )


if __name__ == "__main__":
    main()
