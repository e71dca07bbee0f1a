"""Programs that compute energies, one per file; see :mod:`echemscreen.engines.base`."""

import os

#: One thread a process, set before a native library is loaded: small molecules run several times slower with
#: more (xtb-python issue 115 reports a factor of ten), and workers share the cores.
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
for _variable in THREAD_VARIABLES:
    os.environ.setdefault(_variable, "1")
