"""Share of the organic rows of the library on which a verdict is reached.

Run ``echemscreen screen library:all --qd pu2020-red --out DIR``, then this with DIR.
"""

import argparse
from collections import Counter
from pathlib import Path

from rdkit import Chem

from echemscreen.views.tables.table import read_table


def is_organic(smiles):
    """Whether a carbon carries hydrogen or another carbon."""
    molecule = Chem.MolFromSmiles(smiles)
    carbons = [atom for atom in molecule.GetAtoms() if atom.GetSymbol() == "C"]
    return any(
        atom.GetTotalNumHs() or any(near.GetSymbol() == "C" for near in atom.GetNeighbors())
        for atom in carbons
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="a finished screen")
    rows = read_table(parser.parse_args().folder / "results.csv")
    organic = rows[(rows["status"] == "ok") & rows["canonical_smiles"].map(is_organic)]
    verdicts = Counter(organic["verdict"])
    decided = verdicts["inert"] + verdicts["active"]
    print(f"{len(organic)} organic rows: {dict(verdicts)}; {decided} decided, {decided / len(organic):.1%}")
    for row in organic[organic["verdict"] == "undetermined"].to_dict("records"):
        print(f"  {row['name'][:40]:40s} {row['domain']:12s} {row['reason'][:120]}")


if __name__ == "__main__":
    main()
