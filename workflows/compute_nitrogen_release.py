#!/usr/bin/env python
"""Compute the rows of ligand_library/nitrogen_release.csv again, and print them.

    python workflows/compute_nitrogen_release.py [--only NAME ...] [--out FILE]

Electronic energies of precursor -> triplet intermediate + N2 in vacuum at the geometries of spin-polarised
GFN2-xTB: by that method itself, and by PBE0 with the basis of the row (PySCF, density fitting). A row with a
published heat of reaction also gets its own at 298.15 K: harmonic frequencies of the functional at the
same geometries, ideal gas. All rows take about three minutes on one core. ``--out`` writes the table.
"""

import argparse
import csv
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pyscf import dft, gto
from pyscf.hessian import thermo
from scipy import constants

from echemscreen.engines.base import Engine, get_engine
from echemscreen.levels.light.nitrogen_release import NitrogenRelease, published_nitrogen_release
from echemscreen.levels.light.spin import (
    EV_PER_KCAL_MOL,
    SpinState,
    diatomic,
    relaxed_state,
    spin_gap_ev,
)
from echemscreen.ligands.geometry import embed
from echemscreen.records.molecules import Geometry, Species

KCAL_PER_HARTREE = constants.value("Hartree energy in eV") / EV_PER_KCAL_MOL


def molecule(geometry: Geometry, n_unpaired: int, basis: str) -> Any:  # noqa: ANN401 - PySCF has no types
    """A molecule as PySCF takes it."""
    atoms = list(zip(geometry.symbols, geometry.positions_ang, strict=True))
    return gto.M(atom=atoms, spin=n_unpaired, basis=basis, verbose=0)


def functional(state: SpinState, basis: str) -> Any:  # noqa: ANN401
    """A converged PBE0 field."""
    mol = molecule(state.geometry, state.n_unpaired, basis)
    field = (dft.UKS(mol) if state.n_unpaired else dft.RKS(mol)).density_fit()
    field.xc = "pbe0"
    field.kernel()
    if not field.converged:
        raise SystemExit("The field does not converge.")
    return field


def thermal(field: Any) -> float:  # noqa: ANN401
    """What enthalpy at 298.15 K has beyond the electronic energy, hartree."""
    modes = thermo.harmonic_analysis(field.mol, field.Hessian().kernel())
    found = thermo.thermo(field, modes["freq_au"], 298.15, constants.atm)
    return float(found["H_tot"][0] - field.e_tot)


def computed(row: NitrogenRelease, engine: Engine, nitrogen: SpinState) -> NitrogenRelease:
    """A row with its numbers computed again."""
    parent, child = (
        embed(Species(smiles=smiles, charge=0, n_unpaired=n))[0]
        for smiles, n in ((row.precursor_smiles, 0), (row.intermediate_smiles, 2))
    )
    triplet = spin_gap_ev(engine, child, intermediate=row.intermediate).triplet
    precursor = relaxed_state(engine, [parent], charge=0, n_unpaired=0)
    raw_ev = nitrogen.energy_ev + triplet.energy_ev - precursor.energy_ev
    basis = row.method.removeprefix("PBE0/").partition("//")[0].lower()
    fields = [
        (sign, functional(state, basis)) for sign, state in ((1, triplet), (1, nitrogen), (-1, precursor))
    ]
    energy = sum(sign * field.e_tot for sign, field in fields) * KCAL_PER_HARTREE
    enthalpy = None
    if row.published_heat_kcal_mol is not None:
        enthalpy = energy + sum(sign * thermal(field) for sign, field in fields) * KCAL_PER_HARTREE
    return replace(
        row,
        energy_kcal_mol=round(float(energy), 2),
        computed_kcal_mol=round(raw_ev / EV_PER_KCAL_MOL, 2),
        heat_kcal_mol=None if enthalpy is None else round(float(enthalpy), 2),
    )


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", metavar="NAME", nargs="+", help="of these rows")
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the table with the new numbers")
    asked = parser.parse_args()
    engine = get_engine("tblite")
    nitrogen = diatomic(engine, "N", 1.10, n_unpaired=0)
    rows = []
    for shipped in published_nitrogen_release():
        row = shipped
        if asked.only is None or row.name in asked.only:
            row = computed(row, engine, nitrogen)
            heat = "" if row.heat_kcal_mol is None else f", heat at 298 K {row.heat_kcal_mol:.2f}"
            sys.stdout.write(
                f"{row.name}: xTB {row.computed_kcal_mol:.2f}, {row.method} {row.energy_kcal_mol:.2f}{heat} "
                f"kcal/mol (shipped {shipped.computed_kcal_mol:.2f}, {shipped.energy_kcal_mol:.2f})\n"
            )
            sys.stdout.flush()
        rows.append(row)
    if asked.out is not None:
        with asked.out.open("w", newline="", encoding="utf-8") as handle:
            table = csv.DictWriter(handle, list(asdict(rows[0])), lineterminator="\n")
            table.writeheader()
            table.writerows(asdict(row) for row in rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
