"""Programs that compute energies, one per file; see :mod:`echemscreen.engines.base`."""

import os

# One thread a process, set before a native library is loaded: small molecules run several times
# slower with more, and workers share the cores.
for _variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")
