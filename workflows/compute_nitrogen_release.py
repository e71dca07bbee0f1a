#!/usr/bin/env python
"""Compute the rows of ligand_library/nitrogen_release.csv again, and print them.

    python workflows/compute_nitrogen_release.py [--only NAME]

Electronic energies of precursor -> triplet intermediate + N2 in vacuum at the geometries of spin-polarised
GFN2-xTB: by that method itself, and by PBE0 with the basis of the row (PySCF, density fitting).
"""

import argparse
import sys
from typing import Any

from pyscf import dft, gto
from scipy import constants

from echemscreen.engines.base import get_engine
from echemscreen.levels.nitrogen_release import published_nitrogen_release
from echemscreen.levels.spin import EV_PER_KCAL_MOL, diatomic, relaxed_state, spin_gap_ev
from echemscreen.ligands.geometry import embed
from echemscreen.records import Geometry, Species

KCAL_PER_HARTREE = constants.value("Hartree energy in eV") / EV_PER_KCAL_MOL


def molecule(geometry: Geometry, n_unpaired: int, basis: str) -> Any:  # noqa: ANN401 - PySCF has no types
    """A molecule as PySCF takes it."""
    atoms = list(zip(geometry.symbols, geometry.positions_ang, strict=True))
    return gto.M(atom=atoms, spin=n_unpaired, basis=basis, verbose=0)


def functional(geometry: Geometry, n_unpaired: int, basis: str) -> float:
    """PBE0, hartree."""
    mol = molecule(geometry, n_unpaired, basis)
    field = (dft.UKS(mol) if n_unpaired else dft.RKS(mol)).density_fit()
    field.xc = "pbe0"
    return converged(field)


def converged(field: Any) -> float:  # noqa: ANN401
    """The energy of a field, hartree."""
    energy = float(field.kernel())
    if not field.converged:
        raise SystemExit("The field does not converge.")
    return energy


def main() -> int:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", metavar="NAME", help="of one row")
    asked = parser.parse_args()
    engine = get_engine("tblite")
    nitrogen = diatomic(engine, "N", 1.10, n_unpaired=0)
    for row in published_nitrogen_release():
        if asked.only not in {None, row.name}:
            continue
        parent, child = (
            embed(Species(smiles=smiles, charge=0, n_unpaired=n))[0]
            for smiles, n in ((row.precursor_smiles, 0), (row.intermediate_smiles, 2))
        )
        triplet = spin_gap_ev(engine, child, intermediate=row.intermediate).triplet
        precursor = relaxed_state(engine, [parent], charge=0, n_unpaired=0)
        raw = nitrogen.energy_ev + triplet.energy_ev - precursor.energy_ev
        basis = row.method.removeprefix("PBE0/").partition("//")[0].lower()
        difference = (
            functional(triplet.geometry, 2, basis)
            + functional(nitrogen.geometry, 0, basis)
            - functional(precursor.geometry, 0, basis)
        )
        sys.stdout.write(
            f"{row.name}: xTB {raw / EV_PER_KCAL_MOL:.2f}, "
            f"{row.method} {difference * KCAL_PER_HARTREE:.2f} kcal/mol\n"
        )
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
