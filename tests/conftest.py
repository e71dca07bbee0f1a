"""Shared fixtures; they neither assert nor change anything."""

import os
import signal

# One thread a process, set before any engine is imported.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")


def pytest_configure():
    # A shell starts a test runner in the background with an ignored Ctrl-C, which every process that a
    # test starts would inherit; a terminal does not.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
