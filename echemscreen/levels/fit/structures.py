"""Molecules as counts of their atoms' environments: what fits compare where nothing was computed."""

from __future__ import annotations

import numpy as np
from rdkit import Chem
from rdkit.Chem import rdFingerprintGenerator

from echemscreen.records.molecules import FloatArray

#: Hashed environments of a structure.
N_ENVIRONMENTS = 4096
_ENVIRONMENTS = rdFingerprintGenerator.GetMorganGenerator(radius=2, fpSize=N_ENVIRONMENTS)


def environment_counts(smiles: str) -> FloatArray:
    """How often a molecule has each environment of an atom up to two bonds away, by hash.

    D. Rogers and M. Hahn, J. Chem. Inf. Model. 50, 742 (2010).
    """
    return np.asarray(_ENVIRONMENTS.GetCountFingerprintAsNumPy(Chem.MolFromSmiles(smiles)), dtype=np.float64)
