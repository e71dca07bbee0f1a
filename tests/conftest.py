"""Shared fixtures; they neither assert nor change anything."""

import os

# One thread a process, set before any engine is imported.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
