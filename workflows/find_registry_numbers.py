#!/usr/bin/env python
"""Write ligand_library/registry_numbers.csv: the CAS numbers and names of the library's structures.

They are those of the package chemicals (MIT), whose identifiers are from PubChem, found by InChIKey. Needs
'pip install chemicals', which echemscreen itself does not.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

from chemicals.identifiers import pubchem_db
from rdkit import Chem

from echemscreen.ligands.library import library
from echemscreen.ligands.reading.library_rows import is_registry_number

TABLE = Path(__file__).parents[1] / "ligand_library" / "registry_numbers.csv"
COLUMNS = ("smiles", "cas", "common_name", "systematic_name", "citation")


def main() -> None:
    """Look every entry of one structure up; mixtures have no number of their own."""
    rows = {}
    for _, molecule in library().entries():
        if molecule.kind == "system" or molecule.canonical_smiles in rows:
            continue
        key = Chem.MolToInchiKey(Chem.MolFromSmiles(molecule.canonical_smiles))
        found = pubchem_db.search_InChI_key(key) if key else None
        if found and is_registry_number(found.CASs):
            names = (found.common_name, found.iupac_name)
            rows[molecule.canonical_smiles] = (molecule.canonical_smiles, found.CASs, *names, "chemicals2026")
    with TABLE.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(rows.values()))
    sys.stdout.write(f"{len(rows)} structures of the library have a CAS number: {TABLE}\n")


if __name__ == "__main__":
    main()
